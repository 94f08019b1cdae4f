//! Which of those who took a shipment over has it: the chain that givers confirmed stands, whatever any clock says.
//!
//! Whoever picks a shipment up or accepts it holds it, until what they offered was taken up. Whether an act counts
//! is read from what its signer held. So two may take it over who knew nothing of each other: both acts stay, the
//! one that was confirmed, or that confirmed hand-overs go on from, stands, and that there are two is told.

use super::custody::{Custody, HandOver};
use super::story::{SignedEntry, Story};
use crate::api::Device;
use crate::record::{EntryReference, Fingerprint};
use crate::time::UtcMillis;
use std::cmp::Reverse;

/// A pick-up or an acceptance: from then on a device has the shipment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Holding {
    /// The entry.
    reference: EntryReference,
    sequence: u64,
    at: UtcMillis,
    device: Device,
    /// The place of the hand-over that it accepts; none for a pick-up.
    accepts: Option<usize>,
}

impl Holding {
    pub(super) fn new(entry: &SignedEntry, accepts: Option<usize>) -> Self {
        let SignedEntry { reference, sequence, at, .. } = *entry;
        Self { reference, sequence, at, device: entry.device.clone(), accepts }
    }
}

/// How sure it is that goods went a way: not at all, taken up by one side, or confirmed somewhere along it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    #[default]
    Untouched,
    OneSided,
    Confirmed,
}

/// Where a hand-over went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Went {
    /// To a device, by the place of its holding.
    Here(usize),
    /// To another organisation.
    Away(Fingerprint),
}

impl Custody {
    /// The acceptances of a hand-over, by their places.
    fn acceptances(&self, hand_over: usize) -> impl Iterator<Item = (usize, &Holding)> {
        self.holdings.iter().enumerate().filter(move |(_, one)| one.accepts == Some(hand_over))
    }

    /// The hand-overs that were offered by whoever had the goods by a holding.
    fn given_from(&self, holding: usize) -> impl Iterator<Item = (usize, &HandOver)> {
        self.hand_overs.iter().enumerate().filter(move |(_, one)| one.from == holding)
    }

    /// Where the goods of a holding went, each way with when that was signed and the log that says so.
    fn ways(&self, holding: usize) -> Vec<(Went, UtcMillis, [u8; 32])> {
        let mut ways = Vec::new();
        for (place, one) in self.given_from(holding) {
            let here = self.acceptances(place);
            ways.extend(here.map(|(place, by)| (Went::Here(place), by.at, by.reference.log)));
            let away = one.taken.as_ref();
            ways.extend(away.map(|by| (Went::Away(by.says.organisation), by.at, by.reference.log)));
        }
        ways
    }

    /// Whether the giver confirmed this acceptance.
    fn is_confirmed(&self, holding: &Holding) -> bool {
        let hand_over = holding.accepts.and_then(|place| self.hand_overs.get(place));
        let confirmed = hand_over.and_then(|one| one.confirmed.as_ref());
        confirmed.is_some_and(|confirmed| confirmed.says.accepted == holding.reference)
    }

    /// Whether the giver confirmed that another had accepted instead.
    fn is_ruled_out(&self, holding: &Holding, known: &dyn Fn(EntryReference) -> bool) -> bool {
        let hand_over = holding.accepts.and_then(|place| self.hand_overs.get(place));
        let confirmed = hand_over.and_then(|one| one.confirmed.as_ref());
        confirmed.is_some_and(|one| one.says.accepted != holding.reference && known(one.reference))
    }

    /// How sure the way on from each holding is; a holding is told after the one that it came from.
    fn sureness(&self) -> Vec<Sure> {
        let mut sure = vec![Sure::default(); self.holdings.len()];
        for place in (0..self.holdings.len()).rev() {
            let onward = self.ways(place).into_iter().map(|(went, _, _)| self.sure(went, &sure)).max();
            if let Some(own) = sure.get_mut(place) {
                *own = onward.unwrap_or_default();
            }
        }
        sure
    }

    fn sure(&self, went: Went, onward: &[Sure]) -> Sure {
        let Went::Here(place) = went else { return Sure::Confirmed };
        let confirmed = self.holdings.get(place).is_some_and(|one| self.is_confirmed(one));
        let onward = onward.get(place).copied().unwrap_or_default();
        if confirmed { Sure::Confirmed } else { onward.max(Sure::OneSided) }
    }

    /// Of two ways that are equally sure no clock chooses: the log's id does.
    fn surest(&self, ways: Vec<(Went, UtcMillis, [u8; 32])>, sure: &[Sure]) -> Option<Went> {
        let said = |went: Went| match went {
            Went::Here(place) => self.holdings.get(place).is_some_and(|one| self.is_confirmed(one)),
            Went::Away(_) => true,
        };
        let best = |(went, _, log): &(Went, UtcMillis, [u8; 32])| {
            let goes_on = match went {
                Went::Here(place) => sure.get(*place).copied().unwrap_or_default(),
                Went::Away(_) => Sure::Confirmed,
            };
            (said(*went), goes_on, Reverse(*log))
        };
        ways.into_iter().max_by_key(best).map(|(went, _, _)| went)
    }

    /// Follows the chain that stands to its end, and notes who has the shipment and which acceptances stand.
    pub(super) fn settle(&mut self) {
        let sure = self.sureness();
        let roots = self.holdings.iter().enumerate().filter(|(_, one)| one.accepts.is_none());
        let roots = roots.map(|(place, one)| (Went::Here(place), one.at, one.reference.log)).collect();
        let mut end = self.surest(roots, &sure);
        while let Some(Went::Here(place)) = end {
            self.holder = Some(place);
            match self.surest(self.ways(place), &sure) {
                Some(next) => end = Some(next),
                None => break,
            }
        }
        (self.custodian, self.partner) = match end {
            Some(Went::Here(place)) => (self.holdings.get(place).map(|one| one.device.clone()), None),
            Some(Went::Away(partner)) => (None, Some(partner)),
            None => (None, None),
        };
        self.tell_standing(&sure);
        if let Some((receiver, handed)) = self.receiver.clone() {
            self.received_one_sided = !handed || self.hand_overs.iter().any(|one| one.taken.is_some());
            (self.custodian, self.partner) = (Some(receiver), None);
        }
    }

    /// Each hand-over tells the acceptance of it that stands.
    fn tell_standing(&mut self, sure: &[Sure]) {
        let standing = |place: usize| {
            let ways = self.acceptances(place);
            let ways = ways.map(|(place, one)| (Went::Here(place), one.at, one.reference.log)).collect();
            match self.surest(ways, sure) {
                Some(Went::Here(place)) => self.holdings.get(place).map(|one| one.reference),
                _ => None,
            }
        };
        let standing: Vec<_> = (0..self.hand_overs.len()).map(standing).collect();
        for (one, stands) in self.hand_overs.iter_mut().zip(standing) {
            one.accepted = one.acceptances.iter().find(|by| Some(by.reference) == stands).cloned();
        }
    }

    /// Whether two took over the same goods who knew nothing of each other.
    pub(super) fn is_taken_up_twice(&self) -> bool {
        (0..self.holdings.len()).any(|place| self.ways(place).len() > 1)
    }

    /// Whether an acceptance is one of two such.
    pub(super) fn is_contested(&self, acceptance: EntryReference) -> bool {
        let is_it = |went: Went| match went {
            Went::Here(place) => self.holdings.get(place).is_some_and(|one| one.reference == acceptance),
            Went::Away(_) => false,
        };
        let ways = (0..self.holdings.len()).map(|place| self.ways(place));
        ways.into_iter().any(|ways| ways.len() > 1 && ways.iter().any(|(went, _, _)| is_it(*went)))
    }
}

impl Story {
    /// The holding by which the device of an entry has the shipment, as far as its signer knew.
    pub(super) fn holding_of(&self, entry: &SignedEntry) -> Option<usize> {
        let holdings = self.custody.holdings.iter().enumerate();
        let mut own = holdings.filter(|(_, one)| one.device.is(&entry.device)).map(|(place, _)| place);
        own.rfind(|place| self.holds_still(*place, entry))
    }

    /// Whether the goods of a holding are still where it says, as far as the signer of an entry knew.
    pub(super) fn holds_still(&self, holding: usize, entry: &SignedEntry) -> bool {
        let known = |reference| self.held_by(entry, reference);
        let Some(one) = self.custody.holdings.get(holding) else { return false };
        let mut given = self.custody.given_from(holding);
        let gone = given.any(|(place, one)| {
            let of_partner = one.taken.as_ref().is_some_and(|taken| known(taken.reference));
            of_partner
                || one.confirmed.as_ref().is_some_and(|confirmed| known(confirmed.reference))
                || self.is_accepted_to(place, entry)
        });
        !gone && !self.custody.is_ruled_out(one, &known)
    }

    /// Whether the signer of an entry held an acceptance of a hand-over.
    pub(super) fn is_accepted_to(&self, hand_over: usize, entry: &SignedEntry) -> bool {
        let mut accepted = self.custody.acceptances(hand_over);
        accepted.any(|(_, one)| entry.knew(one.reference, one.sequence) || one.device.is(&entry.device))
    }

    /// Whether the signer of an entry held a later offer by somebody who knew of this one.
    pub(super) fn is_superseded_to(&self, offer: EntryReference, entry: &SignedEntry) -> bool {
        let held =
            |reference| self.told_as(reference).map(|told| &told.entry).filter(|told| entry.holds(told));
        let Some(offer) = self.told_as(offer).map(|told| &told.entry) else { return false };
        let mut offers = self.custody.hand_overs.iter().filter_map(|one| held(one.offered.reference));
        offers.any(|later| later.holds(offer))
    }
}
