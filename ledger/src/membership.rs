//! Who belongs to an organisation: a fold over genesis and enrolment entries in any order.
//!
//! The root admits the first device; an admin's device admits others. A log's role is the one in the
//! very entry that its genesis names, so nothing that arrives later can change it, and the fixpoint does
//! not depend on the order of arrival.

use std::collections::BTreeMap;

use crate::bytes::{LogId, OrganisationId, PublicKey};
use crate::entry::Record;
use crate::error::LedgerError;
use crate::statement::{Admission, ENROL, Enrolment, EntryReference, GENESIS, Genesis, Role};

/// The statements known so far. Only those of verified entries may be added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statements {
    geneses: BTreeMap<LogId, Genesis>,
    enrolments: BTreeMap<EntryReference, Enrolment>,
}

/// A device that belongs to the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its log, key, endpoint, role, label and not-before.
    pub enrolment: Enrolment,
    /// The entry that enrolled it; none for a device that the root admitted.
    pub by: Option<EntryReference>,
}

/// The members of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Membership {
    members: BTreeMap<LogId, Member>,
}

impl Statements {
    /// Adds what a verified entry states about membership; other kinds add nothing.
    ///
    /// # Errors
    /// [`LedgerError::Format`] for a genesis or an enrolment that cannot be read.
    pub fn add(&mut self, record: &Record) -> Result<(), LedgerError> {
        let entry = &record.entry;
        match entry.payload().kind {
            GENESIS => {
                self.geneses.insert(entry.log(), Genesis::decode(&record.body)?);
            }
            ENROL => {
                let reference = EntryReference { log: entry.log(), leaf: entry.leaf() };
                self.enrolments.insert(reference, Enrolment::decode(&record.body)?);
            }
            _ => {}
        }
        Ok(())
    }

    /// The genesis of a log, if its first entry is known.
    pub fn genesis(&self, log: &LogId) -> Option<&Genesis> {
        self.geneses.get(log)
    }

    /// Who belongs to `organisation`, by these statements.
    pub fn fold(&self, organisation: &OrganisationId) -> Membership {
        let mut membership = Membership::default();
        let ours = |genesis: &&Genesis| genesis.organisation.id == *organisation && genesis.check().is_ok();
        let geneses: Vec<&Genesis> = self.geneses.values().filter(ours).collect();
        loop {
            let before = membership.members.len();
            for genesis in &geneses {
                if let Some(member) = self.admitted(genesis, &membership) {
                    membership.members.insert(genesis.log(), member);
                }
            }
            if membership.members.len() == before {
                break;
            }
        }
        self.add_those_yet_to_come(&mut membership);
        membership
    }

    fn admitted(&self, genesis: &Genesis, membership: &Membership) -> Option<Member> {
        match &genesis.admission {
            Admission::Root { enrolment, .. } => Some(Member { enrolment: enrolment.clone(), by: None }),
            Admission::Enrolled(by) => {
                let enrolment = self.enrolments.get(by).filter(|_| membership.is_admin(&by.log))?;
                let fits = enrolment.log == genesis.log() && enrolment.device == genesis.device;
                fits.then(|| Member { enrolment: enrolment.clone(), by: Some(*by) })
            }
        }
    }

    /// Devices that are enrolled but whose logs have not arrived; of several enrolments the one with the
    /// smallest reference stands in until the genesis says which.
    fn add_those_yet_to_come(&self, membership: &mut Membership) {
        let coming: Vec<Member> = self
            .enrolments
            .iter()
            .filter(|(by, enrolment)| {
                membership.is_admin(&by.log) && !self.geneses.contains_key(&enrolment.log)
            })
            .map(|(by, enrolment)| Member { enrolment: enrolment.clone(), by: Some(*by) })
            .collect();
        for member in coming {
            membership.members.entry(member.enrolment.log).or_insert(member);
        }
    }
}

impl Membership {
    /// The device that writes `log`.
    pub fn member(&self, log: &LogId) -> Option<&Member> {
        self.members.get(log)
    }

    /// The device behind a network endpoint; the first by log id, should two share one.
    pub fn by_endpoint(&self, endpoint: &PublicKey) -> Option<&Member> {
        self.members.values().find(|member| member.enrolment.endpoint == *endpoint)
    }

    /// All, by log id.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    fn is_admin(&self, log: &LogId) -> bool {
        self.member(log).is_some_and(|member| member.enrolment.role == Role::Admin)
    }

    /// Log ids with every admitting log before those that it admits: the order in which to send them.
    pub fn in_order_of_admission(&self) -> Vec<LogId> {
        let mut order: Vec<LogId> = Vec::new();
        let mut waiting: Vec<&Member> = self.members().collect();
        while !waiting.is_empty() {
            let ready = |member: &&Member| member.by.is_none_or(|by| order.contains(&by.log));
            let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(ready);
            if now.is_empty() {
                break;
            }
            order.extend(now.iter().map(|member| member.enrolment.log));
            waiting = later;
        }
        order
    }
}

#[cfg(test)]
mod tests;
