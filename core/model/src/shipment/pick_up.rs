//! The pick-up of a shipment: one, or several whose signers did not know of each other.

use super::chain::Holding;
use super::late::recorded;
use super::packages;
use super::placing;
use super::story::{Placed, SignedEntry, Story, once};
use crate::authority::Refusal;
use crate::record::{Received, Started, Statement};

impl Story {
    /// Every pick-up that counts, with its entry, in the order of the story. What they were told with counts for
    /// each: no clock chooses one of them.
    pub(super) fn pick_ups(&self) -> impl Iterator<Item = (&SignedEntry, &Started)> {
        let counting = self.told.iter().filter(|told| told.refused.is_none());
        counting.filter_map(|told| match &told.statement {
            Some(Statement::Started(started)) => Some((&told.entry, started)),
            _ => None,
        })
    }

    /// The pick-up: of a shipment that, as far as its signer knew, neither was cancelled nor received before the time
    /// that it gives. A receipt that they did not hold refuses none, whatever the clocks say. The goods are under way:
    /// a cancellation that it did not know of is void.
    ///
    /// No device signs a second one while it counts the first ([`Self::starts_open`]). So whoever signed one in the
    /// knowledge of another saw that in dispute, and both count as two that did not know of each other do.
    pub(super) fn follow_start(&mut self, entry: &SignedEntry, started: &Started) -> Result<(), Refusal> {
        // Of what was received, a pick-up that counts was wanting to its signer even after the close.
        let arrived_before = |one: &Placed<Received>| one.says.at < started.at;
        let received = self.received.as_ref().filter(|one| arrived_before(one));
        if received.is_some_and(|one| self.held_by(entry, one.reference))
            || (self.is_over_to(entry) && self.received.is_none())
        {
            return Err(Refusal::OutOfOrder);
        }
        recorded(started.at, entry.at, started.reason.as_deref())?;
        if placing::in_two_places(&started.placements) {
            return Err(Refusal::MalformedBody);
        }
        let packages = started.placements.iter().filter_map(|placement| placement.package.as_deref());
        if let Some(created) = &self.created {
            packages.into_iter().try_for_each(|name| packages::has(&created.says, name))?;
        }
        // What a device signed itself counts wherever that which it signed afterwards does.
        let is_own = |known: &SignedEntry| known.reference.log == entry.reference.log && entry.holds(known);
        let knew = self.pick_ups().any(|(known, _)| is_own(known));
        match &mut self.started {
            Some(first) if !knew => join(&mut first.says, started),
            slot => once(slot, entry, started.clone())?,
        }
        self.void_cancellation();
        self.custody.holdings.push(Holding::new(entry, None));
        Ok(())
    }
}

impl Story {
    /// Whether a pick-up to be signed now is wanting: none counts that its signer knows.
    ///
    /// # Errors
    /// [`Refusal::OutOfOrder`] of what is over, and [`Refusal::Repeated`].
    pub(super) fn starts_open(&self, entry: &SignedEntry) -> Result<(), Refusal> {
        match self.pick_ups().any(|(known, _)| entry.holds(known)) {
            true if self.is_over_to(entry) => Err(Refusal::OutOfOrder),
            true => Err(Refusal::Repeated),
            false => Ok(()),
        }
    }
}

/// Two pick-ups that did not count for each other's signers are one, from the earlier on, with the loggers of both: neither
/// takes readings away that the other counts.
fn join(first: &mut Started, other: &Started) {
    first.at = first.at.min(other.at);
    for placement in &other.placements {
        if !first.placements.contains(placement) {
            first.placements.push(placement.clone());
        }
    }
    if let Some(more) = &other.overrides {
        first.overrides.get_or_insert_default().extend(more.iter().cloned());
    }
}
