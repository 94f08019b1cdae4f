//! The one table of tasks: who may do each, when it is due, and which source says so.

use super::TaskKind;
use crate::record::Kind;
use crate::role::Role;
use serde::{Deserialize, Serialize};

/// Who gives a task its time; where nobody does, who asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// CDC, Vaccine Storage and Handling Toolkit.
    Cdc,
    /// Maryland Vaccines for Children programme, temperature excursions.
    MarylandVfc,
    /// EU guidelines on good distribution practice (2013/C 343/01), as widely quoted.
    EuGdp,
    /// WHO, the shake test and its protocol.
    Who,
    /// 21 CFR part 11.
    UsFda,
    /// The certificate of calibration.
    Certificate,
    /// The question to the manufacturer: who asked named the time.
    Question,
    /// Firn's own rules of a shipment's life.
    Own,
}

/// What holds for every task of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskRule {
    /// The kind.
    pub kind: TaskKind,
    /// Its name in ids.
    pub id: &'static str,
    /// The record that does it; the roles that may sign it may do the task.
    pub done_by: Kind,
    /// For how long before its time it counts as due, in seconds. Firn's own: no source gives a notice.
    pub notice_s: u32,
    /// It is no task before its notice.
    pub only_near: bool,
    /// Who gives its time, or asks for it.
    pub source: Source,
    /// What the source says.
    pub says: &'static str,
}

impl TaskRule {
    /// The roles that may do it, ascending; none of what is mere information.
    pub fn roles(&self) -> Vec<Role> {
        if self.kind == TaskKind::EndRetention {
            return Vec::new();
        }
        Role::ALL.into_iter().filter(|role| role.may_sign(self.done_by)).collect()
    }
}

/// In seconds.
const DAY: u32 = 86_400;

const fn rule(
    kind: TaskKind,
    id: &'static str,
    done_by: Kind,
    source: Source,
    says: &'static str,
) -> TaskRule {
    TaskRule { kind, id, done_by, notice_s: 0, only_near: false, source, says }
}

/// Every kind, in order.
///
/// A manufacturer's answer is due when its question says, a calibration when its certificate says, and a
/// record may go when its programme says ([`crate::retention`]); for all others the sources say what is to be done
/// and not by when, so that they have no time.
pub const RULES: [TaskRule; TaskKind::ALL.len()] = [
    rule(
        TaskKind::RecordFinding,
        "record-finding",
        Kind::Finding,
        Source::Own,
        "readings found after a release are recorded with the lines that had been released",
    ),
    rule(
        TaskKind::ResolveConflict,
        "resolve-conflict",
        Kind::Disposition,
        Source::Own,
        "of two decisions that did not know of each other the stricter stands until somebody who knows both decides",
    ),
    rule(
        TaskKind::AskManufacturer,
        "ask-manufacturer",
        Kind::Review,
        Source::Cdc,
        "goods that freezing harms and that may have frozen: the manufacturer is asked; a shake test clears \
         nothing",
    ),
    rule(
        TaskKind::ShakeTest,
        "shake-test",
        Kind::Acknowledged,
        Source::Who,
        "aluminium-adsorbed vaccines that may have frozen: a shake test beside a control that was frozen",
    ),
    rule(
        TaskKind::ReviewExcursion,
        "review-excursion",
        Kind::Review,
        Source::Cdc,
        "the stock is marked DO NOT USE, not discarded, until the excursion was looked into",
    ),
    rule(
        TaskKind::FollowUpManufacturer,
        "record-answer",
        Kind::Reply,
        Source::Question,
        "the answer is awaited until the time that the question names",
    ),
    TaskRule {
        notice_s: DAY,
        ..rule(
            TaskKind::RecordAnswer,
            "record-answer",
            Kind::Reply,
            Source::Question,
            "the answer is awaited until the time that the question names",
        )
    },
    rule(
        TaskKind::ReadLoggers,
        "read-loggers",
        Kind::Readings,
        Source::UsFda,
        "11.10(f): no release before every logger is read",
    ),
    rule(
        TaskKind::ExplainReasons,
        "explain-reasons",
        Kind::Acknowledged,
        Source::UsFda,
        "11.10(f): no release before every reason is explained",
    ),
    rule(
        TaskKind::SecondPersonRelease,
        "release",
        Kind::Disposition,
        Source::Own,
        "after an excursion somebody decides who neither carried, received nor looked into it",
    ),
    rule(
        TaskKind::Decide,
        "release",
        Kind::Disposition,
        Source::Own,
        "a person decides about received stock",
    ),
    rule(
        TaskKind::ApproveArrival,
        "approve-arrival",
        Kind::Approved,
        Source::Own,
        "a corrected arrival counts once a second person agrees",
    ),
    rule(
        TaskKind::ApprovePickUp,
        "approve-pick-up",
        Kind::Approved,
        Source::Own,
        "a later pick-up counts once somebody agrees who neither proposed it, picked up nor carried",
    ),
    rule(
        TaskKind::CompleteExcursionRecord,
        "complete-excursion-record",
        Kind::ExcursionRecord,
        Source::Cdc,
        "the record of an excursion is complete only with every field of the form",
    ),
    rule(
        TaskKind::ConfirmCustody,
        "confirm-custody",
        Kind::Confirmed,
        Source::Own,
        "a hand-over that the giver has not confirmed is one-sided",
    ),
    rule(
        TaskKind::SettleProfile,
        "settle-profile",
        Kind::Profile,
        Source::Own,
        "of two profiles of one name, published under one version or as first versions by people who did not know of \
         each other, one is set aside; the next version, by somebody who knows both, says what holds",
    ),
    TaskRule {
        notice_s: 30 * DAY,
        only_near: true,
        ..rule(
            TaskKind::CalibrateLogger,
            "calibrate-logger",
            Kind::Logger,
            Source::Certificate,
            "the certificate names the instant from which it no longer holds",
        )
    },
    rule(
        TaskKind::TrainPerson,
        "train-person",
        Kind::Person,
        Source::UsFda,
        "11.10(i): nobody signs without a date of training",
    ),
    TaskRule {
        notice_s: 30 * DAY,
        only_near: true,
        ..rule(
            TaskKind::EndRetention,
            "end-retention",
            Kind::Closed,
            Source::Own,
            "the programme says for how long a record is kept",
        )
    },
];

/// The rule of a kind.
pub fn rule_of(kind: TaskKind) -> &'static TaskRule {
    // The table holds every kind, as a test says; the last row stands in for none.
    let [.., last] = &RULES;
    RULES.iter().find(|rule| rule.kind == kind).unwrap_or(last)
}
