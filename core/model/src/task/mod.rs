//! What people have to do, by whom and by when: computed from what was signed, never signed itself.
//!
//! [`of_shipment`], [`of_loggers`], [`of_people`] and [`of_profiles`] give the tasks; [`queue`] gives them their urgency at an
//! instant and puts them into one order. No time here is an invention: each comes from a record or from the
//! table in `rule`, and where no source gives a time there is none.

mod freeze;
mod home;
mod rule;
mod shipment;

pub use freeze::{FreezeCheck, lots_to_ask};
pub use home::{of_loggers, of_people, of_profiles};
pub use rule::{RULES, Source, TaskRule, rule_of};
pub use shipment::of_shipment;

use crate::api::HandShown;
use crate::assess::Reason;
use crate::id::Id;
use crate::record::{Decision, ExcursionField};
use crate::role::Role;
use crate::time::UtcMillis;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Something that somebody has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Names the task; the same as long as it is open.
    pub id: String,
    /// What.
    pub kind: TaskKind,
    /// How grave it is.
    pub severity: TaskSeverity,
    /// About what.
    #[serde(flatten)]
    pub about: Subject,
    /// The roles that may do it.
    pub roles: Vec<Role>,
    /// Who may not, by printed name or device: it takes a second person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// The same by their ids: two people may have one name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except_hands: Vec<HandShown>,
    /// The device on which alone it can be done, by its label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// By when; none where no source gives a time.
    pub due: Option<UtcMillis>,
    /// Where the time comes from, or who asks for the task where there is none.
    pub source: Source,
    /// The manufacturer whose answer is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// The lots.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<String>,
    /// The item lines, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u32>,
    /// The loggers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loggers: Vec<Id>,
    /// The reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The fields of the excursion record that are not filled in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ExcursionField>,
    /// The decisions that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<DecisionTaken>,
}

/// A decision that a task names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionTaken {
    /// Which.
    pub decision: Decision,
    /// Who signed it, by printed name or device.
    pub by: String,
    /// When, by the signing device's clock.
    pub at: UtcMillis,
    /// Why.
    pub reason: String,
}

/// The kinds of task, in the order in which equals are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// Record what readings found after a release say of the stock.
    RecordFinding,
    /// Decide as somebody who knows of two decisions that did not know of each other and differ.
    ResolveConflict,
    /// Ask the manufacturer about goods that may have frozen. No test clears them; a person releases.
    AskManufacturer,
    /// Shake the goods beside a control that was frozen (WHO), and explain the reason by what it shows. The
    /// test releases nothing; a person does.
    ShakeTest,
    /// Look into the excursion: its cause, and what is done about it.
    ReviewExcursion,
    /// Ask again: the manufacturer's answer is overdue.
    FollowUpManufacturer,
    /// Record the manufacturer's answer.
    RecordAnswer,
    /// Read the loggers that were placed.
    ReadLoggers,
    /// Explain every reason of the verdict.
    ExplainReasons,
    /// Decide about the stock as somebody who was not part of what happened.
    SecondPersonRelease,
    /// Decide about the stock.
    Decide,
    /// Agree, as a second person, to a corrected arrival.
    ApproveArrival,
    /// Agree, as a second person, to a later pick-up.
    ApprovePickUp,
    /// Fill in what CDC's record of the excursion lacks.
    CompleteExcursionRecord,
    /// Confirm that custody passed.
    ConfirmCustody,
    /// Publish the next version of a profile as somebody who knows both of two that were published unaware of each other.
    SettleProfile,
    /// Have a logger calibrated, or record its certificate.
    CalibrateLogger,
    /// Train a person, and record when.
    TrainPerson,
    /// The time for which the record had to be kept ends: information, for nothing has to be done.
    EndRetention,
}

impl TaskKind {
    /// Every kind, in order.
    pub const ALL: [Self; 19] = [
        Self::RecordFinding,
        Self::ResolveConflict,
        Self::AskManufacturer,
        Self::ShakeTest,
        Self::ReviewExcursion,
        Self::FollowUpManufacturer,
        Self::RecordAnswer,
        Self::ReadLoggers,
        Self::ExplainReasons,
        Self::SecondPersonRelease,
        Self::Decide,
        Self::ApproveArrival,
        Self::ApprovePickUp,
        Self::CompleteExcursionRecord,
        Self::ConfirmCustody,
        Self::SettleProfile,
        Self::CalibrateLogger,
        Self::TrainPerson,
        Self::EndRetention,
    ];
}

/// How grave a task is, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskSeverity {
    /// Goods may have been harmed, or harmed goods may be in use.
    Critical,
    /// Goods wait in quarantine, or something that was due did not happen.
    High,
    /// Work in its course.
    Normal,
}

/// What a task is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "kebab-case")]
pub enum Subject {
    /// A shipment.
    Shipment {
        /// Its id.
        shipment: Id,
        /// Delivery note, GSIN or free text.
        reference: String,
    },
    /// A logger.
    Logger {
        /// Its id.
        logger: Id,
        /// What is written on its case.
        label: String,
    },
    /// A person.
    Person {
        /// Their id.
        person: Id,
        /// Their printed name.
        name: String,
    },
    /// A profile of one's own.
    Profile {
        /// Its name.
        name: String,
        /// The version that was published twice.
        version: u32,
    },
}

/// How urgent a task is at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Its time has passed.
    Overdue,
    /// Its time is near: within the notice of its kind.
    Due,
    /// Its time is further off, or there is none.
    Open,
}

/// A task in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedTask {
    /// The task.
    #[serde(flatten)]
    pub task: Task,
    /// How urgent it is.
    pub urgency: Urgency,
}

/// The tasks as they stand at `now`: the gravest first, of equals the one that is due first, then by kind and
/// id. What is due is due from that instant on. A task that only its time makes one is left out before its
/// notice.
pub fn queue(tasks: Vec<Task>, now: UtcMillis) -> Vec<QueuedTask> {
    let mut queued: Vec<QueuedTask> = tasks.into_iter().filter_map(|task| task.at(now)).collect();
    queued.sort_by(|one, other| {
        let key = |queued: &QueuedTask| {
            let Task { severity, due, kind, .. } = queued.task;
            // Among equals a task without a time comes after all that have one.
            (severity, Reverse(due.is_some()), due, kind)
        };
        key(one).cmp(&key(other)).then_with(|| one.task.id.cmp(&other.task.id))
    });
    queued
}

impl Task {
    /// A task with what its kind alone tells; `detail` tells tasks of one kind about one thing apart.
    fn new(kind: TaskKind, severity: TaskSeverity, about: Subject, detail: &str) -> Self {
        let id = match &about {
            Subject::Shipment { shipment, .. } => shipment.to_string(),
            Subject::Logger { logger, .. } => logger.to_string(),
            Subject::Person { person, .. } => person.to_string(),
            Subject::Profile { name, version } => format!("{name} v{version}"),
        };
        let rule = rule_of(kind);
        let separator = if detail.is_empty() { "" } else { "/" };
        Self {
            id: format!("{id}/{}{separator}{detail}", rule.id),
            kind,
            severity,
            about,
            roles: rule.roles(),
            except: Vec::new(),
            except_hands: Vec::new(),
            device: None,
            due: None,
            source: rule.source,
            manufacturer: None,
            lots: Vec::new(),
            lines: Vec::new(),
            loggers: Vec::new(),
            reasons: Vec::new(),
            missing: Vec::new(),
            decisions: Vec::new(),
        }
    }

    /// The task with its urgency at an instant; nothing where it is none yet.
    fn at(self, now: UtcMillis) -> Option<QueuedTask> {
        let rule = rule_of(self.kind);
        let urgency = match self.due {
            Some(due) if due <= now => Urgency::Overdue,
            Some(due) if due <= now.plus_seconds(i64::from(rule.notice_s)) => Urgency::Due,
            _ => Urgency::Open,
        };
        if rule.only_near && self.due.is_some() && urgency == Urgency::Open {
            return None;
        }
        if self.kind == TaskKind::EndRetention {
            return self.information(now);
        }
        let task = match (self.kind, urgency) {
            (TaskKind::RecordAnswer, Urgency::Overdue) => {
                Self { kind: TaskKind::FollowUpManufacturer, severity: TaskSeverity::Critical, ..self }
            }
            (TaskKind::CalibrateLogger, Urgency::Overdue) => Self { severity: TaskSeverity::High, ..self },
            _ => self,
        };
        Some(QueuedTask { task, urgency })
    }

    /// What nobody has to do: told for as long after its time as before it, and never overdue.
    fn information(self, now: UtcMillis) -> Option<QueuedTask> {
        let notice = i64::from(rule_of(self.kind).notice_s);
        let told = self.due.is_none_or(|due| now <= due.plus_seconds(notice));
        told.then_some(QueuedTask { task: self, urgency: Urgency::Due })
    }
}

#[cfg(test)]
mod tests;
