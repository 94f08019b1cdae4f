//! What another organisation's receipt shows of its clock: whoever took an offer up held it, all that it held, and what
//! the evidence told by which they did.

use super::{Looking, Signing, Skew, has_clock, is_ahead_of};
use crate::api::{Device, LogStanding};
use crate::record::{EntryReference, Statement, Taken, TakenUp};
use crate::shipment::story::{SignedEntry, Story, Told};
use crate::time::UtcMillis;
use data_encoding::HEXLOWER;

/// A receipt that is told by an entry of one's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct TakenOver<'a> {
    /// What one's own entry says of it.
    says: &'a Taken,
    /// The log of the device that signed it.
    pub log: [u8; 32],
    /// When it took the offer up, by that device's clock.
    pub at: UtcMillis,
    /// The offer.
    offered: EntryReference,
}

impl<'a> TakenOver<'a> {
    fn of(taken: &'a Taken) -> Option<Self> {
        let (TakenUp { offered, at, .. }, acceptance) = taken.taken_up.zip(taken.acceptance)?;
        Some(Self { says: taken, log: acceptance.log, at, offered })
    }

    fn told_by(told: &'a Told) -> Option<Self> {
        match &told.statement {
            Some(Statement::Taken(taken)) if has_clock(told) => Self::of(taken),
            _ => None,
        }
    }

    /// Its device, called by the first digits of its organisation's fingerprint: of the device only its log is known.
    pub fn device(&self) -> Device {
        Device {
            log: HEXLOWER.encode(&self.log),
            label: self.says.organisation.to_string().chars().take(8).collect(),
            role: None,
            first_log: None,
            standing: LogStanding::Enrolled,
        }
    }
}

impl Story {
    /// When the goods went to another organisation: as its receipt says, or the latest that its signer held, where that
    /// one's clock was behind it.
    pub(in crate::shipment) fn left_by_clocks(&self, taken: &Taken) -> Option<UtcMillis> {
        let taken = TakenOver::of(taken)?;
        let by = Looking { log: taken.log, at: taken.at };
        let latest = self.known_after(&Signing { by, holds: &|other| self.was_held(&taken, other) });
        Some(latest.unwrap_or(taken.at))
    }

    /// What is dated after a receipt that an entry tells, though its signer held it.
    pub(super) fn skews_of_taken_over<'a>(&'a self, told: &'a Told) -> impl Iterator<Item = Skew<'a>> {
        let taken = TakenOver::told_by(told);
        taken.into_iter().flat_map(move |taken| {
            let ahead = self.told.iter().filter(move |one| {
                has_clock(one) && is_ahead_of(one.entry.at, taken.at) && self.was_held(&taken, &one.entry)
            });
            let behind = &told.entry;
            ahead.map(move |one| Skew { behind, ahead: &one.entry, taken_over: Some(taken) })
        })
    }

    /// Whether a receipt of another organisation shows an entry to be dated too late.
    pub(super) fn is_ahead_of_taken_over(&self, entry: &SignedEntry) -> bool {
        let taken = self.told.iter().filter(|told| told.refused.is_none()).filter_map(TakenOver::told_by);
        taken.into_iter().any(|taken| is_ahead_of(entry.at, taken.at) && self.was_held(&taken, entry))
    }

    /// Whether an entry is the offer that was taken up, was held by who made it, or told by the evidence.
    fn was_held(&self, taken: &TakenOver<'_>, entry: &SignedEntry) -> bool {
        let mut told = taken.says.told.iter().flatten();
        entry.reference == taken.offered
            || told.any(|one| one.log == entry.reference.log && entry.sequence < one.size)
            || self.told_as(taken.offered).is_some_and(|offered| offered.entry.holds(entry))
    }
}
