//! What was noted, explained and decided about the stock, and under which rule.

use super::section::{column, fact, heading, wide};
use super::{Block, Fact, Listing, Matter, Section, corrected, entries, text, words};
use firn_model::api::{ConflictShown, Occurrence};
use firn_model::id::Id;
use firn_model::record::{
    Advice, Checklist, Explained, Observation, Observed, Policy, SealFound, SinglePersonRelease, Statement,
};
use firn_model::shipment::{Placed, Told};
use firn_model::task::DecisionTaken;
use firn_model::time::UtcMillis;

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let mut facts = vec![policy(matter)];
    facts.extend(matter.detail.conflicts.iter().map(|one| conflict(matter, one)));
    facts.extend(corrected::waiting(matter));
    let corrected = corrected::corrected(matter);
    facts.extend(corrected.iter().flat_map(|one| one.facts.clone()));
    let mut blocks = vec![Block::Facts { rows: facts }, Block::Table(notes(matter))];
    for one in corrected {
        blocks.extend([heading(one.heading), Block::Table(one.assessments)]);
    }
    vec![Section::new("Notes, explanations and decisions", blocks)]
}

/// Every note, explanation and decision that counts, in people's own words, and the decisions that do not with
/// the reason; what people saw has a table of its own.
fn notes(matter: &Matter<'_>) -> Listing {
    let columns = vec![column("Time"), wide("By", 3), wide("What was written", 8)];
    let written = entries::told(matter).filter(|(told, _)| is_written(told));
    let rows = written.map(|(told, event)| {
        let by = words::hand(event.person.as_ref(), &event.device);
        let mut what = said(matter, told).unwrap_or_else(|| entries::words(matter, event));
        if let Some(refusal) = told.refused {
            what = format!("Does not count ({}: {}): {what}", refusal.code(), refusal.words());
        }
        vec![matter.local(event.at), by, what]
    });
    Listing { columns, rows: rows.collect(), none: "Nothing was noted, explained or decided." }
}

fn is_written(told: &Told) -> bool {
    let Some(statement) = &told.statement else { return false };
    let written = match statement {
        Statement::Started(started) => started.overrides.is_some() || started.reason.is_some(),
        Statement::Received(received) => {
            received.note.is_some() || received.checklist.is_some() || received.reason.is_some()
        }
        Statement::Quarantined(_)
        | Statement::Review(_)
        | Statement::Acknowledged(_)
        | Statement::Reply(_)
        | Statement::ArrivalMoved(_)
        | Statement::PickUpMoved(_)
        | Statement::Approved(_)
        | Statement::Disposition(_)
        | Statement::Finding(_)
        | Statement::ExcursionRecord(_) => true,
        _ => false,
    };
    written && (told.refused.is_none() || matches!(statement, Statement::Disposition(_)))
}

/// What the list of entries does not tell in full.
fn said(matter: &Matter<'_>, told: &Told) -> Option<String> {
    let Some(Statement::Started(started)) = &told.statement else { return None };
    started.overrides.as_ref()?;
    let one =
        |one: &firn_model::record::LoggerReason| format!("{}: {}", matter.logger(one.logger), one.reason);
    let overrides: Vec<String> = started.overrides.iter().flatten().map(one).collect();
    let late = words::late(started.reason.as_ref());
    Some(format!("Picked up without a certificate in force. {}{late}", overrides.join("; ")))
}

/// The rule on releasing alone, as it stood at the decision; it stands on every record.
fn policy(matter: &Matter<'_>) -> Fact {
    let told = match matter.assessed.story.policy() {
        None => "Refused, for no admin has signed another rule: after an excursion a second person releases."
            .into(),
        Some(policy) => signed(matter, policy),
    };
    fact("Single-person release", told)
}

/// Decisions of people who did not know of each other: the stricter stands until one who knows them decides.
fn conflict(matter: &Matter<'_>, one: &ConflictShown) -> Fact {
    let about = if one.lines.is_empty() { String::new() } else { format!("About {}. ", lines(&one.lines)) };
    let taken = |taken: &DecisionTaken| {
        let decision = words::decision(taken.decision);
        format!("{decision}, by {} at {}: {}", taken.by, matter.instant(taken.at), taken.reason)
    };
    let decisions: Vec<String> = one.decisions.iter().map(taken).collect();
    let decided = decisions.join("; ");
    let rule = "None of them was known to who signed another: whoever knows them all decides.";
    fact("Decisions that differ", format!("{about}{decided}. {rule}"))
}

fn signed(matter: &Matter<'_>, policy: &Placed<Policy>) -> String {
    let rule = match policy.says.single_person_release {
        SinglePersonRelease::Allowed => "Allowed: one person alone may release after an excursion",
        SinglePersonRelease::Refused => "Refused: after an excursion a second person releases",
    };
    let by = words::hand(policy.person.as_ref(), &policy.device);
    format!("{rule}; signed by {by} at {}.", matter.instant(policy.at))
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
                    ". Asked {}{case} at {} about {}; answer due {}",
                    asked.manufacturer,
                    time(asked.asked),
                    lots_named(&asked.lots),
                    time(asked.due)
                ));
            }
            told
        }
        Occurrence::Acknowledged { reasons } => {
            let told: Vec<String> = reasons.iter().map(explained).collect();
            format!("Explained {}", told.join("; "))
        }
        Occurrence::Replied { lots, advice, words } => {
            let advice = match advice {
                Advice::MayBeUsed => "may be used",
                Advice::Discard => "discard",
            };
            format!("Manufacturer's answer for {} alone: {advice}. {words}", lots_named(lots))
        }
        Occurrence::ArrivalMoved { at, reason } => {
            format!("Corrected the arrival to {}, once approved: {reason}", time(*at))
        }
        Occurrence::PickUpMoved { at, reason } => {
            format!("Corrected the pick-up to {}; a later time counts once approved: {reason}", time(*at))
        }
        Occurrence::Observed { observation: seen, .. } => observation(seen, time),
        Occurrence::Approved => "Approved the correction of the arrival".into(),
        Occurrence::PickUpApproved => "Approved the correction of the pick-up".into(),
        Occurrence::Found { lines: released, words } => {
            format!("Finding after the release of {}: {words}", lines(released))
        }
        Occurrence::ExcursionRecorded { record } => super::excursion::occurrence(record),
        _ => "–".into(),
    }
}

/// A reason in words and by its code, with what was said of it.
fn explained(one: &Explained) -> String {
    let reason = words::reason(one.reason).trim_end_matches('.');
    format!("“{reason}” ({}): {}", one.reason.code(), one.explanation)
}

/// `lot A1`, `lots A1, B2`.
fn lots_named(lots: &[String]) -> String {
    format!("{} {}", if lots.len() == 1 { "lot" } else { "lots" }, lots.join(", "))
}

/// What a person saw: `Coolant melted, on Box 7; seen at …; photo SHA-256 …; note: …`.
///
/// Our own words stand between theirs: two texts from right to left side by side would run into each other.
fn observation(seen: &Observation, time: &dyn Fn(UtcMillis) -> String) -> String {
    let mut told = observed(seen.observed);
    if let Some(place) = &seen.place {
        told.push_str(&format!(", on {place}"));
    }
    told.push_str(&format!("; seen at {}", time(seen.at)));
    if let Some(photo) = &seen.photo {
        told.push_str(&format!("; photo SHA-256 {}", text::grouped_hex(&photo.0)));
    }
    if let Some(note) = &seen.note {
        told.push_str(&format!("; note: {note}"));
    }
    told.push_str(&words::late(seen.reason.as_ref()));
    told
}

/// What was seen, without where and when.
pub(super) fn observed(observed: Observed) -> String {
    text::capitalised(observed.words())
}
