//! What another organisation hands over: its evidence as an earlier leg, or its receipt of what was offered to it.

use super::clocks::has_clock;
use super::compared::shown_clock_difference_s;
use super::custody::HandOver;
use super::fleet::Fleet;
use super::late;
use super::story::{Held, Placed, SignedEntry, Story, Told, placed};
use crate::api::{ClockDifference, Device};
use crate::authority::Refusal;
use crate::record::{Address, EntryReference, Fingerprint, Recognition, Statement, Taken, TakenUp};
use crate::time::UtcMillis;
use data_encoding::HEXLOWER;

/// Evidence of another organisation that was taken in, with the batches that hold its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenIn {
    /// What was signed of it.
    pub placed: Placed<Taken>,
    /// Its parts.
    pub parts: Vec<Address>,
}

/// What an earlier shipment of another organisation is judged by, beside its story.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignLeg {
    /// Whose it is.
    pub organisation: Fingerprint,
    /// That organisation's loggers.
    pub fleet: Fleet,
    /// Whether it, and whoever it had the goods from, was known when the evidence was taken.
    pub recognition: Recognition,
    /// By how much what it signed was dated after the evidence was taken, where that is more than 60 s.
    pub clock_difference: Option<ClockDifference>,
    /// How many histories its evidence tells that contradict each other; absent where all of it is one.
    pub histories: Option<u32>,
    /// The entries by which the evidence was taken that tells of it.
    pub takings: Vec<Taking>,
}

/// An entry by which evidence was taken in, and what that tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct Taking {
    /// The entry.
    pub told: Told,
    /// How many entries of each log were signed before it, as the evidence tells.
    pub tells: Vec<Held>,
}

impl Taking {
    /// Whether an entry was signed before the evidence was taken: that tells of it, or of a later one of its log.
    fn tells_of(&self, entry: &SignedEntry) -> bool {
        self.tells.iter().any(|held| held.log == entry.reference.log && entry.sequence < held.size)
    }

    /// Whether the signer of an entry held what the evidence tells of another one: they took it, or held that it was.
    pub(super) fn lets_hold(&self, signed: &SignedEntry, entry: &SignedEntry) -> bool {
        let taken = &self.told.entry;
        (signed.reference == taken.reference || signed.holds(taken)) && self.tells_of(entry)
    }
}

impl ForeignLeg {
    /// Whether its clock was ahead of the taker's by more than clocks may differ.
    pub(super) fn is_ahead(&self) -> bool {
        self.clock_difference.as_ref().is_some_and(|one| late::is_still_to_come(one.ahead_at, one.behind_at))
    }

    /// The log of who took its evidence, and by how much its clock was ahead of that one's at least, in milliseconds.
    pub(super) fn ahead_of_taker(&self) -> Option<([u8; 32], i64)> {
        let one = self.clock_difference.as_ref().filter(|_| self.is_ahead())?;
        let taker = HEXLOWER.decode(one.behind.log.as_bytes()).ok()?;
        Some((taker.try_into().ok()?, one.ahead_at.0.saturating_sub(one.behind_at.0)))
    }
}

/// By how much another organisation's entries are dated after its evidence was taken by a device, at `taken` by that
/// one's clock; `None` up to 60 s. A file tells no clock of now, so that one that is behind shows in nothing.
pub fn dated_ahead<'a>(
    stories: impl Iterator<Item = &'a Story>,
    (taker, taken): (&Device, UtcMillis),
) -> Option<ClockDifference> {
    let dated = stories.flat_map(|story| &story.told).filter(|told| has_clock(told)).map(|told| &told.entry);
    let latest = dated.max_by_key(|entry| (entry.at, entry.reference.log))?;
    let ahead_ms = latest.at.0.saturating_sub(taken.0);
    let difference_s = shown_clock_difference_s(ahead_ms).filter(|seconds| *seconds > 0)?;
    let (behind, behind_at) = (taker.clone(), taken);
    Some(ClockDifference {
        behind,
        behind_at,
        ahead: latest.device.clone(),
        ahead_at: latest.at,
        difference_s,
    })
}

impl Story {
    /// Evidence of another organisation: a receipt of what was offered to it, or what it knows of a shipment of
    /// its own. Of one shipment a single organisation is heard, the first; what any of its evidence holds counts.
    pub(super) fn follow_taken(&mut self, entry: &SignedEntry, taken: &Taken) -> Result<(), Refusal> {
        if entry.batches.is_empty() {
            return Err(Refusal::MalformedBody);
        }
        let taken_in = TakenIn { placed: placed(entry, taken.clone()), parts: entry.batches.clone() };
        match (taken.acceptance, taken.taken_up) {
            (Some(_), Some(taken_up)) => self.follow_receipt_of_partner(entry, taken, taken_up)?,
            _ if self.created.is_some() => return Err(Refusal::OutOfOrder),
            _ if self.taken.iter().any(|one| one.placed.says.organisation != taken.organisation) => {
                return Err(Refusal::Repeated);
            }
            _ => {}
        }
        self.taken.push(taken_in);
        Ok(())
    }

    /// A receipt: of the newest offer as its taker knew, by the organisation that it was made to, while it stood.
    fn follow_receipt_of_partner(
        &mut self,
        entry: &SignedEntry,
        taken: &Taken,
        taken_up: TakenUp,
    ) -> Result<(), Refusal> {
        let is_it = |one: &HandOver| one.offered.reference == taken_up.offered;
        let place = self.custody.hand_overs.iter().position(is_it).ok_or(Refusal::OutOfOrder)?;
        let one = self.custody.hand_overs.get(place).ok_or(Refusal::OutOfOrder)?;
        let fits = one.offered.says.partner == Some(taken.organisation)
            && one.offered.says.nonce == taken_up.nonce
            && !self.is_superseded_to(taken_up.offered, entry);
        if !fits {
            return Err(Refusal::OutOfOrder);
        }
        if late::is_still_to_come(taken_up.at, entry.at) {
            return Err(Refusal::StillToCome);
        }
        if taken_up.at > one.offered.says.expires {
            return Err(Refusal::Expired);
        }
        if one.taken.is_some() {
            return self.join_receipt_of_partner(entry, taken, taken_up);
        }
        if let Some(one) = self.custody.hand_overs.get_mut(place) {
            one.taken = Some(placed(entry, taken.clone()));
        }
        Ok(())
    }

    /// A receipt of what was taken over already: who took it in without knowing of another did as well. Of two the
    /// later time holds, as of two receipts of one's own.
    fn join_receipt_of_partner(
        &mut self,
        entry: &SignedEntry,
        taken: &Taken,
        taken_up: TakenUp,
    ) -> Result<(), Refusal> {
        if self.takes_of(taken_up.offered).any(|told| entry.holds(&told.entry)) {
            return Err(Refusal::Repeated);
        }
        let of_offer = |one: &&mut HandOver| one.offered.reference == taken_up.offered;
        let first = self.custody.hand_overs.iter_mut().find(of_offer).and_then(|one| one.taken.as_mut());
        let earlier = |first: &Placed<Taken>| first.says.taken_up.is_some_and(|other| other.at < taken_up.at);
        if let Some(first) = first.filter(|first| earlier(first)) {
            *first = placed(entry, taken.clone());
        }
        Ok(())
    }

    /// The other organisation's receipts of one offer that count, in the order of the story.
    fn takes_of(&self, offered: EntryReference) -> impl Iterator<Item = &Told> {
        let counting = self.told.iter().filter(|told| told.refused.is_none());
        counting.filter(move |told| told.taken_over().is_some_and(|taken_up| taken_up.offered == offered))
    }

    /// Whether two have the goods by what was signed: two took them over who knew nothing of each other, or another
    /// organisation did and somebody received them here who did not know of that.
    pub(super) fn has_two_custodians(&self) -> bool {
        self.custody.is_taken_up_twice() || self.is_received_unaware()
    }

    fn is_received_unaware(&self) -> bool {
        let counting = || self.told.iter().filter(|told| told.refused.is_none());
        let is_receipt = |told: &&Told| matches!(told.statement, Some(Statement::Received(_)));
        let offers = counting().filter_map(|told| told.taken_over().map(|taken_up| taken_up.offered));
        offers.into_iter().any(|offered| {
            let takes = || self.takes_of(offered);
            // Who knew of one of two takes of an offer knew that the goods had gone.
            let unaware = |receipt: &Told| !takes().any(|taken| receipt.entry.holds(&taken.entry));
            counting().filter(is_receipt).any(unaware)
        })
    }

    /// Whether the signer of an entry held that another organisation took the shipment over, and no receipt here.
    pub(super) fn has_left_to(&self, entry: &SignedEntry) -> bool {
        let held = || self.told.iter().filter(|told| told.refused.is_none() && entry.holds(&told.entry));
        let received = held().any(|told| matches!(told.statement, Some(Statement::Received(_))));
        !received && held().any(Told::is_taken_over)
    }

    /// The evidence of another organisation that was taken last for a shipment of which no creation is here: whether
    /// that organisation was known is told with it. Of several whose takers did not know of each other it is the one
    /// with the most bytes.
    pub fn foreign(&self) -> Option<&TakenIn> {
        let entry = |one: &TakenIn| self.told_as(one.placed.reference).map(|told| &told.entry);
        let knows = |other: &TakenIn, one: &TakenIn| {
            entry(other).is_some_and(|other| self.held_by(other, one.placed.reference))
        };
        let replaced = |one: &TakenIn| self.taken.iter().any(|other| knows(other, one));
        let newest = self.taken.iter().filter(|one| self.created.is_none() && !replaced(one));
        newest.max_by_key(|one| (one.placed.says.bytes, one.placed.says.evidence, one.placed.reference.log))
    }

    /// All evidence of that organisation that counts, in the order of the story. Of two files of which one holds all
    /// entries of the other the larger holds, whoever took which first, and of others what both hold counts: so they
    /// are told together, each entry once, by the rules for entries whose signers did not know of each other; those that
    /// contradict each other are told each by itself.
    pub fn told_by_partner(&self) -> Vec<&TakenIn> {
        if self.foreign().is_some() { self.taken.iter().collect() } else { Vec::new() }
    }

    /// Those of the same by which a leg is told, with what each of them tells.
    pub fn takings(&self, tells: impl Fn(Address) -> Option<Vec<Held>>) -> Vec<Taking> {
        let taking = |one: &TakenIn| {
            let told = self.told_as(one.placed.reference)?.clone();
            Some(Taking { told, tells: tells(one.placed.says.evidence)? })
        };
        self.told_by_partner().into_iter().filter_map(taking).collect()
    }

    /// Whether the shipment went to another organisation, or is offered to one: the giver's evidence, which the
    /// receiver holds, ends with the offer.
    pub(super) fn is_given_away(&self) -> bool {
        let offered = self.custody.open_offer().is_some_and(|offer| offer.says.partner.is_some());
        self.left().is_some() || (self.received.is_none() && offered)
    }

    /// When the shipment went to another organisation, which has it since.
    pub fn left(&self) -> Option<UtcMillis> {
        self.custody.partner?;
        let mut taken = self.custody.hand_overs.iter().filter_map(|one| one.taken.as_ref());
        taken.next_back().and_then(|taken| self.left_by_clocks(&taken.says))
    }
}

impl Told {
    /// Whether it is another organisation's receipt of what was offered to it.
    pub(super) fn is_taken_over(&self) -> bool {
        self.taken_over().is_some()
    }

    fn taken_over(&self) -> Option<TakenUp> {
        match &self.statement {
            Some(Statement::Taken(taken)) => taken.taken_up.filter(|_| taken.acceptance.is_some()),
            _ => None,
        }
    }
}
