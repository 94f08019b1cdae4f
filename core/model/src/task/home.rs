//! The tasks that are about no shipment: calibration of loggers, training of people, profiles published twice.

use super::{Subject, Task, TaskKind, TaskSeverity};
use crate::people::People;
use crate::record::PersonStanding;
use crate::shipment::{Fleet, OrganisationStory, OwnProfiles, SetAside};
use crate::time::UtcMillis;
use std::collections::BTreeSet;

/// The loggers whose certificate runs out, or that have none where the organisation keeps certificates. One
/// that has ended needs none.
pub fn of_loggers(fleet: &Fleet, organisation: &OrganisationStory) -> Vec<Task> {
    let ever = UtcMillis(i64::MAX);
    let in_use = fleet.now().into_values().filter(|logger| organisation.ending(logger.id, ever).is_none());
    let task = |logger: crate::record::Logger| {
        let due = fleet.certificates(logger.id).last().map(|newest| newest.due);
        let about = Subject::Logger { logger: logger.id, label: logger.label };
        let asked_for = due.is_some() || fleet.keeps_certificates();
        let task = Task::new(TaskKind::CalibrateLogger, TaskSeverity::Normal, about, "");
        asked_for.then_some(Task { due, ..task })
    };
    in_use.filter_map(task).collect()
}

/// The people who may not sign for want of a date of training.
pub fn of_people(people: &People) -> Vec<Task> {
    let untrained = people
        .all()
        .into_iter()
        .filter(|one| one.standing == PersonStanding::Active && one.trained.is_none());
    let task = |person: crate::record::Person| {
        let about = Subject::Person { person: person.id, name: person.name };
        Task::new(TaskKind::TrainPerson, TaskSeverity::Normal, about, "")
    };
    untrained.map(task).collect()
}

/// The versions of one's own profiles that were set aside, until somebody who knows both goes on.
pub fn of_profiles(own: &OwnProfiles) -> Vec<Task> {
    let says = |one: &SetAside| (one.published.says.name.clone(), one.published.says.version);
    let twice: BTreeSet<(String, u32)> = own.unsettled().map(says).collect();
    let task = |(name, version)| {
        Task::new(TaskKind::SettleProfile, TaskSeverity::High, Subject::Profile { name, version }, "")
    };
    twice.into_iter().map(task).collect()
}
