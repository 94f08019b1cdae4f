//! What a report says of a shipment's stock and custody: checked, held, looked into, decided, corrected.

use super::{Fact, Listing, Matter, Section, column, fact, wide, words};
use firn_model::api::{HandOverShown, Occurrence, PolicyShown};
use firn_model::id::Id;
use firn_model::record::{Advice, Checklist, SealFound, SinglePersonRelease};
use firn_model::shipment::SignedVerdict;
use firn_model::time::UtcMillis;

/// Hand-overs that one side alone signed, the rule on releasing alone, and a corrected arrival with the
/// assessments before and after it; nothing where none of these is there.
pub(super) fn section(matter: &Matter<'_>) -> Option<Section> {
    let detail = matter.detail;
    let one_sided = detail.hand_overs.iter().filter(|one| one.one_sided).map(|one| hand_over(matter, one));
    let mut facts: Vec<Fact> = one_sided.collect();
    if detail.received_one_sided {
        facts.push(fact(
            "One-sided",
            "The receipt was signed by a device that nobody had handed the shipment to.",
        ));
    }
    facts.extend(detail.policy.as_ref().map(|one| policy(matter, one)));
    let arrival = arrival(matter);
    facts.extend(arrival.iter().flat_map(|(facts, _)| facts.clone()));
    let listing = arrival.map(|(_, listing)| listing);
    (!facts.is_empty()).then_some(Section { heading: "Custody and decisions", facts, listing })
}

fn hand_over(matter: &Matter<'_>, one: &HandOverShown) -> Fact {
    let (from, offered) = (words::device(&one.from), matter.instant(one.offered));
    let told = match &one.to {
        Some(to) => format!(
            "{from} offered custody at {offered}, {} took it; {from} has not confirmed.",
            words::device(to)
        ),
        None => format!("{from} offered custody at {offered}; nobody took it."),
    };
    fact("One-sided", told)
}

fn policy(matter: &Matter<'_>, policy: &PolicyShown) -> Fact {
    let rule = match policy.single_person_release {
        SinglePersonRelease::Allowed => "Allowed: one person alone may release after an excursion",
        SinglePersonRelease::Refused => "Refused: after an excursion a second person releases",
    };
    fact("Single-person release", format!("{rule}; signed by an admin at {}.", matter.instant(policy.since)))
}

/// The correction that counts, and the signed verdicts of before and after it.
fn arrival(matter: &Matter<'_>) -> Option<(Vec<Fact>, Listing)> {
    let story = &matter.assessed.story;
    let moved = story.corrected_arrival()?;
    let approval = story.stock.approvals.iter().rev().find(|one| one.says.approves == moved.reference)?;
    let received = story.received.as_ref()?;
    let (to, by) = (matter.instant(moved.says.at), words::device(&moved.device));
    let correction = format!(
        "From {} to {to} by {by}, approved by {}: {}",
        matter.instant(received.says.at),
        words::device(&approval.device),
        moved.says.reason
    );
    let place = |reference| story.told.iter().position(|told| told.entry.reference == reference);
    let approved = place(approval.reference);
    let before = story.verdicts.iter().rev().find(|one| place(one.reference) < approved);
    let after = story.verdicts.iter().find(|one| place(one.reference) > approved);
    let row = |name: &str, verdict: Option<&SignedVerdict>| match verdict {
        Some(one) => {
            vec![name.to_owned(), words::verdict(one.verdict).to_owned(), codes(one), matter.local(one.at)]
        }
        None => vec![name.to_owned(), "not signed".into(), "–".into(), "–".into()],
    };
    let columns = vec![wide("Assessment", 3), wide("Verdict", 2), wide("Reasons", 4), column("Signed")];
    let rows = vec![row("Up to the arrival first signed", before), row("Up to the corrected arrival", after)];
    Some((vec![fact("Arrival corrected", correction)], Listing { columns, rows, none: "–" }))
}

fn codes(verdict: &SignedVerdict) -> String {
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code()).collect();
    if codes.is_empty() { "–".into() } else { codes.join(", ") }
}

/// What was checked at the receipt, behind the word for it.
pub(super) fn checklist(checklist: &Checklist, logger: &dyn Fn(Id) -> String) -> String {
    let seal = match checklist.seal {
        SealFound::Intact => "intact",
        SealFound::Broken => "broken",
        SealFound::None => "none",
    };
    let mut told = format!("; seal: {seal}");
    if !checklist.counts.is_empty() {
        let counts: Vec<String> = checklist.counts.iter().map(u32::to_string).collect();
        told.push_str(&format!("; counted: {}", counts.join(", ")));
    }
    if !checklist.expired.is_empty() {
        told.push_str(&format!("; expired or too near to it: {}", lines(&checklist.expired)));
    }
    for one in &checklist.unread {
        told.push_str(&format!("; {} not read: {}", logger(one.logger), one.reason));
    }
    told
}

/// Lines as people count them, from 1.
pub(super) fn lines(lines: &[u32]) -> String {
    let counted: Vec<String> = lines.iter().map(|line| line.saturating_add(1).to_string()).collect();
    let word = if counted.len() == 1 { "line" } else { "lines" };
    if counted.is_empty() { "no lines".into() } else { format!("{word} {}", counted.join(", ")) }
}

/// What an entry about the stock says.
pub(super) fn occurrence(occurrence: &Occurrence, time: &dyn Fn(UtcMillis) -> String) -> String {
    match occurrence {
        Occurrence::Quarantined { reason } => format!("Held the stock, DO NOT USE: {reason}"),
        Occurrence::Reviewed { review } => {
            let mut told = format!("Looked into the excursion. Cause: {}", review.cause);
            if let Some(action) = &review.action {
                told.push_str(&format!(". Corrective and preventive action: {action}"));
            }
            if let Some(asked) = &review.asked {
                let case =
                    asked.case_number.as_ref().map(|case| format!(", case {case}")).unwrap_or_default();
                told.push_str(&format!(
                    ". Asked {}{case} at {} about lots {}; answer due {}",
                    asked.manufacturer,
                    time(asked.asked),
                    asked.lots.join(", "),
                    time(asked.due)
                ));
            }
            told
        }
        Occurrence::Acknowledged { reasons } => {
            let told: Vec<String> =
                reasons.iter().map(|one| format!("{}: {}", one.reason.code(), one.explanation)).collect();
            format!("Explained {}", told.join("; "))
        }
        Occurrence::Replied { lots, advice, words } => {
            let advice = match advice {
                Advice::MayBeUsed => "may be used",
                Advice::Discard => "discard",
            };
            format!("Manufacturer's answer for lots {} alone: {advice}. {words}", lots.join(", "))
        }
        Occurrence::ArrivalMoved { at, reason } => {
            format!("Corrected the arrival to {}, once approved: {reason}", time(*at))
        }
        Occurrence::Observed { observation, .. } => {
            let place = observation.place.as_ref().map(|place| format!(" on {place}")).unwrap_or_default();
            let note = observation.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
            format!("Saw {}{place} at {}{note}", observation.observed.words(), time(observation.at))
        }
        Occurrence::Approved => "Approved the correction of the arrival".into(),
        Occurrence::Found { lines: released, words } => {
            format!("Finding after the release of {}: {words}", lines(released))
        }
        _ => "–".into(),
    }
}
