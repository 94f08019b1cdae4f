//! What an organisation says apart from any shipment and bears on each: its rules, and ended loggers.

use super::order::in_order;
use super::story::{Placed, SignedEntry, judged, placed};
use crate::api::PolicyShown;
use crate::id::Id;
use crate::record::{Ending, LoggerEnded, Policy, SinglePersonRelease, Statement};
use crate::time::UtcMillis;
use std::collections::BTreeMap;

/// The organisation's statements that count, each list in the order of the story.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrganisationStory {
    /// Its rules.
    pub policies: Vec<Placed<Policy>>,
    /// The loggers that ended.
    pub ended: Vec<Placed<LoggerEnded>>,
}

/// Tells what entries about no shipment say of rules and ended loggers; others among them are passed by.
pub fn tell_organisation(entries: Vec<SignedEntry>) -> OrganisationStory {
    let mut story = OrganisationStory::default();
    for told in in_order(entries).into_iter().map(judged).filter(|told| told.refused.is_none()) {
        match told.statement {
            Some(Statement::Policy(policy)) => story.policies.push(placed(&told.entry, policy)),
            Some(Statement::LoggerEnded(ended)) => story.ended.push(placed(&told.entry, ended)),
            _ => {}
        }
    }
    story
}

impl OrganisationStory {
    /// The rule on releasing alone as it stood at an instant; a later one changes no earlier decision.
    pub fn single_person_release(&self, at: UtcMillis) -> SinglePersonRelease {
        self.policy(at).map_or(SinglePersonRelease::Refused, |policy| policy.says.single_person_release)
    }

    /// The rule that held at an instant; absent where no admin had signed one.
    pub fn policy(&self, at: UtcMillis) -> Option<&Placed<Policy>> {
        self.policies
            .iter()
            .filter(|policy| policy.at <= at)
            .max_by_key(|policy| (policy.at, policy.reference))
    }

    /// The same as a front end shows it.
    pub fn policy_shown(&self, at: UtcMillis) -> Option<PolicyShown> {
        let policy = self.policy(at)?;
        Some(PolicyShown {
            single_person_release: policy.says.single_person_release,
            since: policy.at,
            person: policy.person.clone(),
            device: Some(policy.device.clone()),
        })
    }

    /// The loggers that had ended by an instant, each as what.
    pub fn endings(&self, at: UtcMillis) -> BTreeMap<Id, Ending> {
        let ended = |logger| Some((logger, self.ending(logger, at)?.says.ending));
        self.ended.iter().filter_map(|one| ended(one.says.logger)).collect()
    }

    /// How a logger had ended by an instant.
    pub fn ending(&self, logger: Id, at: UtcMillis) -> Option<&Placed<LoggerEnded>> {
        let of_it = self.ended.iter().filter(|ended| ended.says.logger == logger && ended.at <= at);
        of_it.max_by_key(|ended| (ended.at, ended.reference))
    }
}
