//! How the times of the pick-up and the arrival were corrected, with the assessments of before and after.

use super::section::{column, fact, wide};
use super::{Fact, Listing, Matter, words};
use firn_model::shipment::{Correction, Placed, SignedVerdict};
use firn_model::time::UtcMillis;

/// The corrections of one time.
pub(super) struct Corrected {
    /// Each with who signed it, and why.
    pub facts: Vec<Fact>,
    /// Over its assessments.
    pub heading: &'static str,
    /// The signed verdicts of before the first and after each.
    pub assessments: Listing,
}

/// A time that is corrected, as the report names it.
struct Time {
    fact: &'static str,
    heading: &'static str,
    first: &'static str,
    then: &'static str,
}

const PICK_UP: Time = Time {
    fact: "Pick-up corrected",
    heading: "Assessments of each pick-up",
    first: "From the pick-up first signed",
    then: "From the pick-up corrected to",
};

const ARRIVAL: Time = Time {
    fact: "Arrival corrected",
    heading: "Assessments of each arrival",
    first: "Up to the arrival first signed",
    then: "Up to the arrival corrected to",
};

/// A correction of the pick-up or the arrival, or an arrival that was recorded late and leaves out what was known, that
/// nobody has approved: it does not count.
pub(super) fn waiting(matter: &Matter<'_>) -> Vec<Fact> {
    let story = &matter.assessed.story;
    let pick_up = story
        .unapproved_pick_up()
        .map(|moved| unapproved(matter, "Pick-up not approved", moved, (moved.says.at, &moved.says.reason)));
    let arrival = story
        .unapproved()
        .map(|moved| unapproved(matter, "Arrival not approved", moved, (moved.says.at, &moved.says.reason)));
    pick_up.into_iter().chain(arrival).collect()
}

fn unapproved<T>(
    matter: &Matter<'_>,
    name: &'static str,
    moved: &Placed<T>,
    (at, reason): (UtcMillis, &str),
) -> Fact {
    let (to, by) = (matter.instant(at), words::hand(moved.person.as_ref(), &moved.device));
    fact(name, format!("{to}, given by {by}, waits for a second person and does not count: {reason}"))
}

/// The times that were corrected.
pub(super) fn corrected(matter: &Matter<'_>) -> Vec<Corrected> {
    let story = &matter.assessed.story;
    let pick_up = of_time(matter, &PICK_UP, story.first_pick_up(), &story.pick_up_corrections());
    let arrival = of_time(matter, &ARRIVAL, story.first_arrival(), &story.arrival_corrections());
    pick_up.into_iter().chain(arrival).collect()
}

fn of_time(
    matter: &Matter<'_>,
    time: &Time,
    first: Option<UtcMillis>,
    corrections: &[Correction],
) -> Option<Corrected> {
    let story = &matter.assessed.story;
    let place = |reference| story.told.iter().position(|told| told.entry.reference == reference);
    let begin = place(corrections.first()?.since);
    let before = story.verdicts.iter().rev().find(|one| place(one.reference) < begin);
    let mut from = first?;
    let (mut facts, mut rows) = (Vec::new(), vec![row(matter, time.first.into(), before)]);
    let until = corrections.iter().skip(1).map(|one| place(one.since));
    for (one, until) in corrections.iter().zip(until.chain([None])) {
        facts.push(fact(time.fact, told(matter, from, one)));
        let follows = |verdict: &&SignedVerdict| {
            let signed = place(verdict.reference);
            signed > place(one.since) && until.is_none_or(|until| signed < Some(until))
        };
        let name = format!("{} {}", time.then, matter.local(one.at));
        rows.push(row(matter, name, story.verdicts.iter().find(follows)));
        from = one.at;
    }
    let columns = vec![wide("Assessment", 3), wide("Verdict", 2), wide("Reasons", 4), column("Signed")];
    let assessments = Listing { columns, rows, none: "–" };
    Some(Corrected { facts, heading: time.heading, assessments })
}

fn told(matter: &Matter<'_>, from: UtcMillis, one: &Correction) -> String {
    let by = words::hand(one.by.person.as_ref(), &one.by.device);
    let approved = one.approved_by.as_ref().map(|by| words::hand(by.person.as_ref(), &by.device));
    let approved = approved.map(|by| format!(", approved by {by}")).unwrap_or_default();
    format!("From {} to {} by {by}{approved}: {}", matter.instant(from), matter.instant(one.at), one.reason)
}

fn row(matter: &Matter<'_>, name: String, verdict: Option<&SignedVerdict>) -> Vec<String> {
    match verdict {
        Some(one) => {
            vec![name, words::verdict(one.verdict).to_owned(), codes(one), matter.local(one.at)]
        }
        None => vec![name, "not signed".into(), "–".into(), "–".into()],
    }
}

fn codes(verdict: &SignedVerdict) -> String {
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code()).collect();
    if codes.is_empty() { "–".into() } else { codes.join(", ") }
}
