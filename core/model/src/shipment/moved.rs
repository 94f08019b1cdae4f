//! How the times of the pick-up and of the arrival are corrected: by one person, and by a second one who agrees
//! where fewer readings would count.

use super::hand::Hand;
use super::late;
use super::story::{Placed, SignedEntry, Story, Told, placed};
use crate::authority::Refusal;
use crate::record::{Approved, ArrivalMoved, EntryReference, Kind, PickUpMoved};
use crate::time::UtcMillis;

/// A correction that counted from an entry on.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// The time that it gives.
    pub at: UtcMillis,
    /// Why another one was signed.
    pub reason: String,
    /// Who corrected.
    pub by: Hand,
    /// Who agreed, where it took a second person.
    pub approved_by: Option<Hand>,
    /// The entry that made it count: its approval, or itself.
    pub since: EntryReference,
}

/// What is proposed, as who approves it sees it.
struct Proposal {
    /// Who may not approve it.
    not_by: Vec<Hand>,
    /// All corrections of the same time.
    of_same: Vec<EntryReference>,
}

impl Story {
    pub(super) fn follow_move(&mut self, entry: &SignedEntry, moved: &ArrivalMoved) -> Result<(), Refusal> {
        let received = self.receipts().any(|received| received.reference == moved.received);
        let known = |other: &SignedEntry| entry.holds(other);
        let before = self.picked_up_known(&known, None).is_some_and(|from| moved.at < from);
        if !received || before {
            return Err(Refusal::OutOfOrder);
        }
        corrects(entry, moved.at, &moved.reason)?;
        self.stock.arrivals.push(placed(entry, moved.clone()));
        Ok(())
    }

    /// A correction of one pick-up, to a time that is not after the arrival as its signer knew it.
    pub(super) fn follow_pick_up_move(
        &mut self,
        entry: &SignedEntry,
        moved: &PickUpMoved,
    ) -> Result<(), Refusal> {
        let started = self.pick_ups().any(|(known, _)| known.reference == moved.started);
        let known = |other: &SignedEntry| entry.holds(other);
        let after = self.arrival_known(&known).is_some_and(|arrival| moved.at > arrival);
        if !started || after {
            return Err(Refusal::OutOfOrder);
        }
        corrects(entry, moved.at, &moved.reason)?;
        self.stock.pick_ups.push(placed(entry, moved.clone()));
        Ok(())
    }

    /// Whether the signer of a correction knew of another one.
    fn supersedes(&self, one: EntryReference, other: EntryReference) -> bool {
        let signed = self.told_as(one).map(|told| &told.entry);
        signed.is_some_and(|signed| self.held_by(signed, other))
    }

    /// An approval: of a correction that none which its signer held supersedes, by another than who proposed it, and
    /// once as far as its signer knew. Who approves without knowing of another approval does so as well: whoever
    /// goes on from the one may not have known of the other.
    pub(super) fn follow_approval(
        &mut self,
        entry: &SignedEntry,
        approved: &Approved,
    ) -> Result<(), Refusal> {
        let proposed = self.proposal(entry, approved.approves).ok_or(Refusal::OutOfOrder)?;
        let mut before = self.stock.approvals.iter().filter(|one| one.says.approves == approved.approves);
        if before.any(|one| self.held_by(entry, one.reference)) {
            return Err(Refusal::Repeated);
        }
        let mut known = proposed.of_same.iter().filter(|moved| self.held_by(entry, **moved));
        if known.any(|moved| self.supersedes(*moved, approved.approves)) {
            return Err(Refusal::OutOfOrder);
        }
        if proposed.not_by.iter().any(|hand| hand.may_be(&Hand::signing(entry))) {
            return Err(Refusal::SecondPersonNeeded);
        }
        self.stock.approvals.push(placed(entry, *approved));
        Ok(())
    }

    fn proposal(&self, entry: &SignedEntry, approves: EntryReference) -> Option<Proposal> {
        if let Some(moved) = self.stock.arrivals.iter().find(|moved| moved.reference == approves) {
            let of_same = self.stock.arrivals.iter().map(|moved| moved.reference).collect();
            return Some(Proposal { not_by: vec![Hand::of(moved)], of_same });
        }
        let moved = self.stock.pick_ups.iter().find(|moved| moved.reference == approves)?;
        let of_same = self.moves_of(moved.says.started).map(|moved| moved.reference).collect();
        // What somebody does who knows of the approval comes after it.
        let carried = self.carriers().filter(|part| !part.holds(entry)).map(Hand::signing);
        Some(Proposal { not_by: [Hand::of(moved)].into_iter().chain(carried).collect(), of_same })
    }

    /// The entries of who picked the shipment up or had it on its way.
    fn carriers(&self) -> impl Iterator<Item = &SignedEntry> {
        let kinds = [Kind::Started, Kind::Offered, Kind::Accepted].map(|kind| u64::from(kind.number()));
        self.parts_taken.iter().filter(move |part| kinds.contains(&part.kind))
    }

    /// Who may not approve a correction of the pick-up: who proposed it, picked up or carried, each once.
    pub fn not_to_approve_pick_up(&self, moved: &Placed<PickUpMoved>) -> Vec<Hand> {
        let mut hands = vec![Hand::of(moved)];
        for hand in self.carriers().map(Hand::signing) {
            if !hands.contains(&hand) {
                hands.push(hand);
            }
        }
        hands
    }
}

/// A correction gives its reason, and a time that has come.
fn corrects(entry: &SignedEntry, at: UtcMillis, reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::MalformedBody);
    }
    if late::is_still_to_come(at, entry.at) { Err(Refusal::StillToCome) } else { Ok(()) }
}

/// The arrival.
impl Story {
    /// The correction of the arrival that counts: the one approved last; of several whose approvals did not know of
    /// each other the latest arrival, which leaves out least.
    pub fn corrected_arrival(&self) -> Option<&Placed<ArrivalMoved>> {
        self.corrected_arrival_known(&|_| true)
    }

    /// The same by the corrections whose approvals are known. One to a time before the pick-up, by somebody who did not
    /// know of a correction of that, leaves the time as it was, and so does the other: neither leaves anything out.
    pub(super) fn corrected_arrival_known(
        &self,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> Option<&Placed<ArrivalMoved>> {
        let from = self.pick_up_agreed(known);
        self.newest_arrival(known).filter(|moved| from.is_none_or(|from| from <= moved.says.at))
    }

    fn newest_arrival(&self, known: &dyn Fn(&SignedEntry) -> bool) -> Option<&Placed<ArrivalMoved>> {
        let approved =
            || self.approved_arrivals().filter(|(_, approval)| self.is_known(approval.reference, known));
        let of_story = |approval: &Placed<Approved>| self.told_as(approval.reference).map(|told| &told.entry);
        let approvals: Vec<&SignedEntry> =
            approved().filter_map(|(_, approval)| of_story(approval)).collect();
        let is_newest = |approval: &Placed<Approved>| {
            let superseded = |one| approvals.iter().any(|other| other.holds(one));
            !of_story(approval).is_some_and(superseded)
        };
        let newest = approved().filter(|(_, approval)| is_newest(approval));
        newest.map(|(moved, _)| moved).max_by_key(|moved| moved.says.at)
    }

    /// Every correction of the arrival that was approved, with its approval, in the order of the approvals.
    fn approved_arrivals(&self) -> impl Iterator<Item = (&Placed<ArrivalMoved>, &Placed<Approved>)> {
        self.stock.approvals.iter().filter_map(|approval| {
            let mut arrivals = self.stock.arrivals.iter();
            Some((arrivals.find(|moved| moved.reference == approval.says.approves)?, approval))
        })
    }

    /// Every correction of the arrival that was approved, in the order of the approvals.
    pub fn arrival_corrections(&self) -> Vec<Correction> {
        let told = |(moved, approval): (&Placed<ArrivalMoved>, &Placed<Approved>)| Correction {
            at: moved.says.at,
            reason: moved.says.reason.clone(),
            by: Hand::of(moved),
            approved_by: Some(Hand::of(approval)),
            since: approval.reference,
        };
        self.approved_arrivals().map(told).collect()
    }

    /// The correction of the arrival that waits for a second person: the newest, unless it was approved. Those that
    /// its signer knew of are superseded; of several that did not know of each other it is the one with the latest
    /// arrival, which leaves out least.
    pub fn unapproved(&self) -> Option<&Placed<ArrivalMoved>> {
        let arrivals = &self.stock.arrivals;
        let superseded = |one: &Placed<ArrivalMoved>| {
            arrivals.iter().any(|other| self.supersedes(other.reference, one.reference))
        };
        let newest = arrivals.iter().filter(|one| !superseded(one));
        let newest = newest.max_by_key(|one| (one.says.at, one.reference.log, one.reference.leaf))?;
        (!self.is_approved(newest.reference)).then_some(newest)
    }

    fn is_approved(&self, moved: EntryReference) -> bool {
        self.is_approved_known(moved, &|_| true)
    }

    fn is_approved_known(&self, moved: EntryReference, known: &dyn Fn(&SignedEntry) -> bool) -> bool {
        let mut approvals = self.stock.approvals.iter().filter(|one| one.says.approves == moved);
        approvals.any(|approval| self.is_known(approval.reference, known))
    }
}

/// The pick-up.
impl Story {
    /// The pick-up that the device with this label, or a log whose id begins so, signed; without one the only one.
    ///
    /// # Errors
    /// The labels of the devices of all that could be meant: none, or several.
    pub fn pick_up_named(&self, device: Option<&str>) -> Result<EntryReference, Vec<String>> {
        let is_it = |entry: &&SignedEntry| {
            device.is_none_or(|name| entry.device.label == name || entry.device.log.starts_with(name))
        };
        let named: Vec<&SignedEntry> = self.pick_ups().map(|(entry, _)| entry).filter(is_it).collect();
        match named[..] {
            [one] => Ok(one.reference),
            _ => Err(named.iter().map(|entry| entry.device.label.clone()).collect()),
        }
    }

    fn moves_of(&self, started: EntryReference) -> impl Iterator<Item = &Placed<PickUpMoved>> {
        self.stock.pick_ups.iter().filter(move |moved| moved.says.started == started)
    }

    /// When a pick-up was that was otherwise at `first`: the earliest of all that its corrections give, for that
    /// leaves out least. One that was approved stands in place of the signed time and of the corrections that its
    /// signer knew, so that it alone can be later.
    pub(super) fn corrected_pick_up(&self, started: EntryReference, first: UtcMillis) -> UtcMillis {
        self.corrected_pick_up_known(started, first, &|_| true)
    }

    /// The same by the corrections and approvals that are known.
    pub(super) fn corrected_pick_up_known(
        &self,
        started: EntryReference,
        first: UtcMillis,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> UtcMillis {
        let moved = self.moves_known(started, known);
        self.earliest_of(&moved, first, self.arrival_given(known), &|moved| {
            self.is_approved_known(moved, known)
        })
    }

    /// The latest that a pick-up can have been that was otherwise at `by`: a correction that nobody approved takes
    /// nothing away.
    pub(super) fn pick_up_at_the_latest(&self, started: EntryReference, by: UtcMillis) -> UtcMillis {
        let corrected = self.corrected_pick_up(started, by);
        if self.is_pick_up_agreed(started) { corrected } else { by.max(corrected) }
    }

    /// Whether a correction of a pick-up was approved.
    pub(super) fn is_pick_up_agreed(&self, started: EntryReference) -> bool {
        self.moves_of(started).any(|moved| self.is_approved(moved.reference))
    }

    fn moves_known(
        &self,
        started: EntryReference,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> Vec<&Placed<PickUpMoved>> {
        self.moves_of(started).filter(|moved| self.is_known(moved.reference, known)).collect()
    }

    /// From when on readings count by what was agreed, whatever the arrival.
    fn pick_up_agreed(&self, known: &dyn Fn(&SignedEntry) -> bool) -> Option<UtcMillis> {
        let approved = |moved| self.is_approved_known(moved, known);
        if !self.stock.pick_ups.iter().any(|moved| approved(moved.reference)) {
            return None;
        }
        let pick_ups = self.pick_ups().filter(|(entry, _)| known(entry));
        let counted = pick_ups.map(|(entry, says)| {
            let moved = self.moves_known(entry.reference, known);
            self.earliest_of(&moved, self.by_clock(entry, says, known, None), None, &approved)
        });
        counted.min()
    }

    /// The arrival as people gave it, whatever the pick-up.
    fn arrival_given(&self, known: &dyn Fn(&SignedEntry) -> bool) -> Option<UtcMillis> {
        let corrected = self.newest_arrival(known).map(|moved| moved.says.at);
        corrected.or_else(|| self.first_arrival_known(known))
    }

    fn earliest_of(
        &self,
        moved: &[&Placed<PickUpMoved>],
        first: UtcMillis,
        arrival: Option<UtcMillis>,
        approved: &dyn Fn(EntryReference) -> bool,
    ) -> UtcMillis {
        if moved.is_empty() {
            return first;
        }
        // Nobody picks up what has arrived: whoever approved did not know of the receipt.
        let possible = |one: &Placed<PickUpMoved>| arrival.is_none_or(|arrival| one.says.at <= arrival);
        let agreed: Vec<_> = moved.iter().filter(|one| approved(one.reference) && possible(one)).collect();
        let replaced = |one: &Placed<PickUpMoved>| {
            agreed.iter().any(|other| self.supersedes(other.reference, one.reference))
        };
        let standing = moved.iter().filter(|one| !replaced(one)).map(|one| one.says.at);
        standing.chain(agreed.is_empty().then_some(first)).min().unwrap_or(first)
    }

    /// The pick-up as people gave it, whatever its clock: as it was signed, or as it is corrected.
    pub(super) fn pick_up_given(&self) -> Option<UtcMillis> {
        let given = self.pick_ups().map(|(entry, says)| self.corrected_pick_up(entry.reference, says.at));
        given.min().or(self.started.as_ref().map(|started| started.says.at))
    }

    /// Whether an entry corrects a pick-up, and counts.
    pub(super) fn is_move_of_pick_up(&self, entry: EntryReference) -> bool {
        self.stock.pick_ups.iter().any(|moved| moved.reference == entry)
    }

    /// Whether readings count from the time that a correction gives, or would, but for an earlier pick-up.
    pub(super) fn counts_for_pick_up(&self, says: &PickUpMoved) -> bool {
        let first = self.first_of(says.started);
        first.is_some_and(|first| says.at <= self.corrected_pick_up(says.started, first))
    }

    /// When a pick-up counts without its corrections.
    fn first_of(&self, started: EntryReference) -> Option<UtcMillis> {
        let (entry, says) = self.pick_ups().find(|(entry, _)| entry.reference == started)?;
        Some(self.by_clock(entry, says, &|_| true, None))
    }

    /// The correction of a pick-up that waits for a second person, for it is later than what counts: none that is
    /// superseded, and of several that did not know of each other the earliest.
    pub fn unapproved_pick_up(&self) -> Option<&Placed<PickUpMoved>> {
        let waits = |one: &&Placed<PickUpMoved>| {
            let moved: Vec<_> = self.moves_of(one.says.started).collect();
            let superseded = moved.iter().any(|other| self.supersedes(other.reference, one.reference));
            let Some(first) = self.first_of(one.says.started) else { return false };
            let arrival = self.arrival_given(&|_| true);
            let counted = |also: Option<EntryReference>| {
                let approved = |moved| self.is_approved(moved) || Some(moved) == also;
                self.earliest_of(&moved, first, arrival, &approved)
            };
            !superseded && !self.is_approved(one.reference) && counted(Some(one.reference)) > counted(None)
        };
        let waiting = self.stock.pick_ups.iter().filter(waits);
        waiting.min_by_key(|one| (one.says.at, one.reference.log, one.reference.leaf))
    }

    /// Every correction that moved the pick-up from which readings count, in the order of the story.
    pub fn pick_up_corrections(&self) -> Vec<Correction> {
        let mut corrections = Vec::new();
        let mut from = self.first_pick_up();
        for (place, told) in self.told.iter().enumerate() {
            let Some((moved, approval)) = self.moves_pick_up(told.entry.reference) else { continue };
            let then = self.pick_up_by(self.told.get(..=place).unwrap_or_default());
            if then != from {
                corrections.push(Correction {
                    at: then.unwrap_or(moved.says.at),
                    reason: moved.says.reason.clone(),
                    by: Hand::of(moved),
                    approved_by: approval.map(Hand::of),
                    since: told.entry.reference,
                });
            }
            from = then;
        }
        corrections
    }

    /// The correction of a pick-up that an entry makes or approves.
    fn moves_pick_up(
        &self,
        entry: EntryReference,
    ) -> Option<(&Placed<PickUpMoved>, Option<&Placed<Approved>>)> {
        let approval = self.stock.approvals.iter().find(|one| one.reference == entry);
        let of = approval.map_or(entry, |approval| approval.says.approves);
        let moved = self.stock.pick_ups.iter().find(|one| one.reference == of)?;
        Some((moved, approval))
    }

    /// From when on readings counted by the corrections and approvals among some of the entries.
    fn pick_up_by(&self, told: &[Told]) -> Option<UtcMillis> {
        let is_told = |entry| told.iter().any(|one| one.entry.reference == entry);
        let approved = |moved| {
            let mut told = self.stock.approvals.iter().filter(|one| is_told(one.reference));
            told.any(|one| one.says.approves == moved)
        };
        let then = self.pick_ups().map(|(entry, says)| {
            let moved: Vec<_> = self.moves_of(entry.reference).filter(|one| is_told(one.reference)).collect();
            self.earliest_of(
                &moved,
                self.by_clock(entry, says, &|_| true, None),
                self.arrival_given(&|_| true),
                &approved,
            )
        });
        then.min()
    }
}
