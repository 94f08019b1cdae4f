//! Words for tasks: what is to be done, how grave it is, and whose rule it is.

use crate::i18n::{Texts, fill};
use crate::show::isolated;
use firn_model::task::{Source, TaskKind, TaskSeverity};

pub(crate) fn task_words(kind: TaskKind, texts: &Texts) -> &'static str {
    let texts = &texts.task;
    match kind {
        TaskKind::RecordFinding => texts.record_finding,
        TaskKind::ResolveConflict => texts.resolve_conflict,
        TaskKind::AskManufacturer => texts.ask_manufacturer,
        TaskKind::ShakeTest => texts.shake_test,
        TaskKind::ReviewExcursion => texts.review_excursion,
        TaskKind::FollowUpManufacturer => texts.follow_up,
        TaskKind::RecordAnswer => texts.record_answer,
        TaskKind::ReadLoggers => texts.read_loggers,
        TaskKind::ExplainReasons => texts.explain_reasons,
        TaskKind::SecondPersonRelease => texts.second_person,
        TaskKind::Decide => texts.decide,
        TaskKind::ApproveArrival => texts.approve_arrival,
        TaskKind::ApprovePickUp => texts.approve_pick_up,
        TaskKind::CompleteExcursionRecord => texts.complete_record,
        TaskKind::ConfirmCustody => texts.confirm_custody,
        TaskKind::SettleProfile => texts.settle_profile,
        TaskKind::CalibrateLogger => texts.calibrate,
        TaskKind::TrainPerson => texts.train,
        TaskKind::EndRetention => texts.end_retention,
    }
}

pub(crate) fn severity_words(severity: TaskSeverity, texts: &Texts) -> &'static str {
    match severity {
        TaskSeverity::Critical => texts.task.critical,
        TaskSeverity::High => texts.task.high,
        TaskSeverity::Normal => texts.task.normal,
    }
}

/// Whose rule it is; the names of programmes and laws are the same in every language.
pub(crate) fn source_words(source: Source, texts: &Texts) -> String {
    let rule = |name: &str| fill(texts.task.source, &[("source", &isolated(name))]);
    match source {
        Source::Cdc => rule("CDC"),
        Source::MarylandVfc => rule("Maryland VFC"),
        Source::EuGdp => rule("EU GDP"),
        Source::Who => rule("WHO"),
        Source::UsFda => rule("21 CFR 11"),
        Source::Certificate => texts.task.certificate.to_owned(),
        Source::Question => texts.task.question.to_owned(),
        Source::Own => texts.task.own.to_owned(),
    }
}
