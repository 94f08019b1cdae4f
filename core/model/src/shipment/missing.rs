//! What more of a shipment is unread than somebody knew who explained that some of it is, or decided by it.

use super::settled::Known;
use super::story::{SignedEntry, Story};
use crate::assess::Reason;
use crate::id::Id;

impl Story {
    /// Whether, by what is known, a reason that speaks of what was not read speaks of more than the signer of an entry
    /// knew: of a logger of whose placement they had not heard, or of a longer time between pick-up and arrival.
    pub(super) fn more_is_unread(&self, reason: Reason, signed: &SignedEntry, known: Known<'_>) -> bool {
        match reason {
            Reason::LoggerMissing => self.places_unread(signed, known),
            Reason::NoReadings => self.is_longer(signed, known),
            _ => false,
        }
    }

    fn places_unread(&self, signed: &SignedEntry, known: Known<'_>) -> bool {
        let placed_then = |logger: &Id| {
            let held = self.pick_ups().filter(|(entry, _)| is_held(signed, entry));
            held.flat_map(|(_, started)| &started.placements).any(|placement| placement.logger == *logger)
        };
        self.unread_known(known).iter().any(|logger| !placed_then(logger))
    }

    fn is_longer(&self, signed: &SignedEntry, known: Known<'_>) -> bool {
        let then = |entry: &SignedEntry| is_held(signed, entry);
        let earlier = || self.picked_up_known(known, None) < self.picked_up_known(&then, None);
        let later = || self.arrival_known(known) > self.arrival_known(&then);
        self.picked_up_known(known, None).is_some() && (earlier() || later())
    }
}

fn is_held(signed: &SignedEntry, entry: &SignedEntry) -> bool {
    entry.reference == signed.reference || signed.holds(entry)
}
