//! Words about tasks, and about CDC's record of an excursion.

use super::{life, name, role};
use firn_model::api::ExcursionShown;
use firn_model::record::{ExcursionField, ExcursionRecord};
use firn_model::task::{QueuedTask, Source, Subject, TaskKind, TaskSeverity, Urgency};

/// One task on a line, with what it is about on a second one.
pub fn task(queued: &QueuedTask) -> String {
    let task = &queued.task;
    let severity = match task.severity {
        TaskSeverity::Critical => "CRITICAL",
        TaskSeverity::High => "high",
        TaskSeverity::Normal => "normal",
    };
    let due = match (task.due, queued.urgency) {
        (Some(due), Urgency::Overdue) => format!("OVERDUE since {due}"),
        (Some(due), _) => format!("due {due}"),
        (None, _) => "no time given".into(),
    };
    let about = match &task.about {
        Subject::Shipment { shipment, reference } => format!("shipment {reference} ({shipment})"),
        Subject::Logger { label, .. } => format!("logger {label}"),
        Subject::Person { name, .. } => format!("person {name}"),
    };
    let roles: Vec<&str> = task.roles.iter().map(|one| role(*one)).collect();
    let mut told = format!("{severity:<8}  {}: {about}\n          {due}", what(task.kind));
    if !roles.is_empty() {
        told.push_str(&format!("; by {}", roles.join(", ")));
    }
    if let Some(device) = &task.device {
        told.push_str(&format!(" at {device}"));
    }
    if !task.except.is_empty() {
        told.push_str(&format!(", not by {}", task.except.join(", ")));
    }
    let manufacturer = task.manufacturer.iter().map(|manufacturer| format!("of {manufacturer}"));
    let lots = task.lots.iter().map(|lot| format!("lot {lot}"));
    let lines = (!task.lines.is_empty()).then(|| life::lines(&task.lines));
    let reasons = task.reasons.iter().map(|reason| reason.code().to_owned());
    let loggers = task.loggers.iter().map(|logger| format!("logger {logger}"));
    let missing = task.missing.iter().map(|field| field.name().to_owned());
    let decisions = task
        .decisions
        .iter()
        .map(|one| format!("{} by {} at {} ({})", name(&one.decision), one.by, one.at, one.reason));
    let missing = missing.chain(decisions);
    let details: Vec<String> =
        manufacturer.chain(lots).chain(lines).chain(reasons).chain(loggers).chain(missing).collect();
    if !details.is_empty() {
        told.push_str(&format!("; {}", details.join(", ")));
    }
    told.push_str(&format!("; by the rule of {}\n", source(task.source)));
    told
}

fn what(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::RecordFinding => "record what was found after the release",
        TaskKind::ResolveConflict => "conflicting decisions: decide as somebody who knows both",
        TaskKind::AskManufacturer => "ask the manufacturer: may have frozen; no shake test clears it",
        TaskKind::ShakeTest => "shake test beside a frozen control; a person releases, not the test",
        TaskKind::ReviewExcursion => "look into the excursion",
        TaskKind::FollowUpManufacturer => "ask again: the manufacturer's answer is overdue",
        TaskKind::RecordAnswer => "record the manufacturer's answer",
        TaskKind::ReadLoggers => "read the loggers",
        TaskKind::ExplainReasons => "explain the reasons",
        TaskKind::SecondPersonRelease => "decide about the stock, as a second person",
        TaskKind::Decide => "decide about the stock",
        TaskKind::ApproveArrival => "approve the corrected arrival, as a second person",
        TaskKind::CompleteExcursionRecord => "complete the excursion record",
        TaskKind::ConfirmCustody => "confirm that custody passed",
        TaskKind::CalibrateLogger => "calibrate, or record the certificate",
        TaskKind::TrainPerson => "train, and record when",
        TaskKind::EndRetention => "the record need no longer be kept",
    }
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Cdc => "CDC",
        Source::MarylandVfc => "Maryland VFC",
        Source::EuGdp => "EU GDP",
        Source::Who => "WHO",
        Source::UsFda => "21 CFR part 11",
        Source::Certificate => "its certificate",
        Source::Question => "the question",
        Source::Own => "Firn",
    }
}

/// Whether the record is complete, and what it lacks.
pub fn excursion_record(shown: &ExcursionShown) -> String {
    if shown.complete {
        return "excursion record complete".into();
    }
    let missing: Vec<&str> = shown.missing.iter().map(|field| field.name()).collect();
    format!("excursion record INCOMPLETE, missing: {}", missing.join(", "))
}

/// What an entry filled in.
pub fn recorded(record: &ExcursionRecord) -> String {
    let filled: Vec<String> = ExcursionField::ALL
        .into_iter()
        .filter(|field| record.holds(*field))
        .map(|field| format!("{}: {}", field.name(), value(record, field)))
        .collect();
    format!("recorded of the excursion: {}", filled.join("; "))
}

fn value(record: &ExcursionRecord, field: ExcursionField) -> String {
    let json = serde_json::to_value(record).unwrap_or_default();
    json.get(field.name()).map(name).unwrap_or_default()
}
