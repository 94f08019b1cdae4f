//! Words about tasks, and about CDC's record of an excursion.

use super::{life, role};
use firn_model::api::ExcursionShown;
use firn_model::id::Id;
use firn_model::record::{ExcursionField, ExcursionRecord};
use firn_model::task::{QueuedTask, Source, Subject, TaskKind, TaskSeverity, Urgency};
use firn_model::units::MilliCelsius;

/// One task on a line, with what it is about on a second one.
pub fn task(queued: &QueuedTask, named: &dyn Fn(Id) -> String) -> String {
    let queued = &super::seen(queued);
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
        Subject::Profile { name, version } => format!("profile {name} version {version}"),
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
    let loggers = task.loggers.iter().map(|logger| format!("logger {}", named(*logger)));
    let missing = task.missing.iter().map(|field| field.words().to_owned());
    let decisions = task
        .decisions
        .iter()
        .map(|one| format!("{} by {} at {} ({})", super::name(&one.decision), one.by, one.at, one.reason));
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
        TaskKind::ApprovePickUp => "approve the later pick-up, as a second person",
        TaskKind::CompleteExcursionRecord => "complete the excursion record",
        TaskKind::ConfirmCustody => "confirm that custody passed",
        TaskKind::SettleProfile => {
            "published by two unaware of each other: publish the next version, knowing both"
        }
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
    let differs = ExcursionField::ALL.into_iter().filter(|field| field.is_measured());
    let differs = differs.filter_map(|field| {
        let (given, told) = (value(&shown.record, field)?, value(&shown.readings_tell, field)?);
        (given != told).then(|| format!("; {}: {given}, by the readings {told}", field.words()))
    });
    let differs: String = differs.collect();
    if shown.complete {
        return format!("excursion record complete{differs}");
    }
    let missing: Vec<&str> = shown.missing.iter().map(|field| field.words()).collect();
    format!("excursion record INCOMPLETE, missing: {}{differs}", missing.join(", "))
}

/// What an entry filled in.
pub fn recorded(record: &ExcursionRecord) -> String {
    let filled: Vec<String> = ExcursionField::ALL
        .into_iter()
        .filter_map(|field| Some(format!("{}: {}", field.words(), value(record, field)?)))
        .collect();
    format!("recorded of the excursion: {}", filled.join("; "))
}

fn value(record: &ExcursionRecord, field: ExcursionField) -> Option<String> {
    let degrees = |value: MilliCelsius| format!("{value} °C");
    match field {
        ExcursionField::At => record.at.map(|at| at.to_string()),
        ExcursionField::UnitMinC => record.unit_min_c.map(degrees),
        ExcursionField::UnitMaxC => record.unit_max_c.map(degrees),
        ExcursionField::RoomC => record.room_c.map(degrees),
        ExcursionField::DurationS => record.duration_s.map(|time| format!("{} min", life::minutes(time))),
        ExcursionField::Reporter => record.reporter.clone(),
        ExcursionField::Description => record.description.clone(),
        ExcursionField::Inventory => record.inventory.clone(),
        ExcursionField::OtherItems => record.other_items.clone(),
        ExcursionField::PriorProblems => record.prior_problems.clone(),
    }
}
