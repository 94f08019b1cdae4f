//! Whether somebody who explains or decides was asked about their own clock, where it differs from what they hold.

use super::{Skew, is_ahead_of};
use crate::api::Device;
use crate::assess::Reason;
use crate::record::{Decision, Disposition, EntryReference, Kind};
use crate::shipment::judgement::Judgement;
use crate::shipment::story::{Held, SignedEntry, Story};
use crate::time::UtcMillis;

/// Somebody who looks at a shipment and may sign: by which log, and what its clock says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looking {
    /// The id of the device's log.
    pub log: [u8; 32],
    /// Its wall clock.
    pub at: UtcMillis,
}

impl Looking {
    /// Who signed an entry.
    pub(in crate::shipment) fn of(entry: &SignedEntry) -> Self {
        Self { log: entry.reference.log, at: entry.at }
    }
}

impl Story {
    /// Whether an entry, told or to be signed, is dated before one that counts and that its signer held, by more than
    /// clocks may differ.
    pub(in crate::shipment) fn has_own_skew(&self, entry: &SignedEntry) -> bool {
        !self.own_skews(entry).is_empty()
    }

    /// Whether whoever signs an entry was asked about all that it shows of their own clock: somebody explained `clock`
    /// as they hold it, knowing as much.
    pub(in crate::shipment) fn was_asked_about_own_clock(&self, entry: &SignedEntry) -> bool {
        let own = self.own_skews(entry);
        if own.is_empty() {
            return true;
        }
        let skews = self.skews();
        let explained = |by: &SignedEntry| {
            let is_known = |one: &SignedEntry| one.reference == by.reference || by.holds(one);
            let known: Vec<&Skew<'_>> = skews.iter().filter(|one| is_known(one.behind)).collect();
            own.iter().all(|skew| known.iter().any(|one| skew.follows_from(one)))
        };
        let of_clock = self.stock.acknowledged.iter().filter(|one| {
            let mut reasons = one.says.reasons.iter();
            reasons.any(|explained| explained.reason == Reason::Clock)
        });
        let held = of_clock.filter_map(|one| self.told_as(one.reference)).map(|told| &told.entry);
        held.filter(|by| entry.holds(by)).any(explained)
    }

    /// Whether a decision to be signed now may be, by its signer's own clock: a rejection always.
    pub(in crate::shipment) fn decides_by_asked_clock(
        &self,
        entry: &SignedEntry,
        says: &Disposition,
    ) -> bool {
        says.decision == Decision::Reject || self.was_asked_about_own_clock(entry)
    }

    /// The reasons that somebody has to explain before they decide now: those that are open, and `clock` where their
    /// own differs from what is held, of which nobody was asked yet.
    pub fn unexplained_before_deciding(&self, judgement: &Judgement, looking: Looking) -> Vec<Reason> {
        let open = self.unexplained(judgement);
        let asked = self.was_asked_about_own_clock(&self.would_sign(looking));
        let own = (!asked).then_some(Reason::Clock);
        if own.is_none() { open } else { Reason::in_order(open.into_iter().chain(own)) }
    }

    /// An entry, a decision say, as somebody would sign it who holds all of the story.
    pub(in crate::shipment) fn would_sign(&self, looking: Looking) -> SignedEntry {
        let logs = self.told.iter().map(|told| told.entry.reference.log);
        SignedEntry {
            reference: EntryReference { log: looking.log, leaf: [0; 32] },
            sequence: u64::MAX,
            at: looking.at,
            kind: u64::from(Kind::Disposition.number()),
            body: Vec::new(),
            batches: Vec::new(),
            heads: logs.map(|log| Held { log, size: u64::MAX }).collect(),
            device: Device::default(),
            beyond: None,
            person: None,
            person_refused: None,
        }
    }

    fn own_skews<'a>(&'a self, behind: &'a SignedEntry) -> Vec<Skew<'a>> {
        let held = self.told.iter().filter(|told| told.refused.is_none());
        let ahead = held.map(|told| &told.entry).filter(|one| {
            one.reference != behind.reference && is_ahead_of(one.at, behind.at) && behind.holds(one)
        });
        ahead.map(|ahead| Skew::of(behind, ahead)).collect()
    }
}
