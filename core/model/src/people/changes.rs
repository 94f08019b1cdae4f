//! What was changed about a person over time: by whom, when, why, and what stood before.

use super::{People, Version};
use crate::api::{Changed, ChangedBy};
use crate::id::Id;
use crate::record::{Person, PersonStanding, WithdrawnKey};

impl People {
    /// Every version of a person that was signed, ascending by clock, log and place, each with the one before it.
    /// What was signed of somebody who had ended is told, and does not count.
    pub fn changes(&self, id: &Id) -> Vec<Changed<Person>> {
        let mut changes: Vec<Changed<Person>> = Vec::new();
        let mut stands: Option<Person> = None;
        for version in self.versions.get(id).into_iter().flatten() {
            let before = stands.clone();
            let had_ended = before.as_ref().is_some_and(|before| before.standing == PersonStanding::Ended);
            let by = self.changed_by(version, before.as_ref());
            let after = version.person.clone();
            if !had_ended {
                stands = Some(after.clone());
            }
            changes.push(Changed { by, counts: had_ended.then_some(false), before, after });
        }
        changes
    }

    fn changed_by(&self, version: &Version, before: Option<&Person>) -> ChangedBy {
        let Version { at, device, person, reason, claim, .. } = version;
        let had = |one: &WithdrawnKey| before.is_some_and(|before| before.has_withdrawn(&one.key));
        let withdrawn = person.withdrawn.iter().flatten().find(|one| !had(one));
        let reason = reason.clone().or_else(|| withdrawn.map(|one| one.reason.clone()));
        ChangedBy { at: *at, device: device.clone(), person: self.signer(claim).0, reason }
    }
}
