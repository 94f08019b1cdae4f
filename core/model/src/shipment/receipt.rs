//! The receipt: when the shipment arrived, what was checked, and how its time is corrected.

use super::hand::Hand;
use super::late;
use super::story::{Placed, SignedEntry, Story, once, placed};
use crate::authority::Refusal;
use crate::id::Id;
use crate::record::{Approved, ArrivalMoved, Checklist, Received, SealFound};
use crate::time::UtcMillis;

impl Story {
    /// When the shipment arrived: as it was received, or as a correction that was approved says.
    pub fn arrival(&self) -> Option<UtcMillis> {
        self.corrected_arrival().map(|moved| moved.says.at).or_else(|| self.first_arrival())
    }

    /// The arrival that counted first: the one that the receipt gives, or the moment of its signature where
    /// what it gives takes a second person.
    pub fn first_arrival(&self) -> Option<UtcMillis> {
        let received = self.received.as_ref()?;
        let proposed = self.stock.arrivals.iter().any(|moved| moved.reference == received.reference);
        Some(if proposed { received.at } else { received.says.at })
    }

    /// The correction of the arrival that counts: the one approved last.
    pub fn corrected_arrival(&self) -> Option<&Placed<ArrivalMoved>> {
        self.corrections().last().map(|(moved, _)| moved)
    }

    /// Every correction of the arrival that was approved, with its approval, in the order of the approvals.
    pub fn corrections(&self) -> impl Iterator<Item = (&Placed<ArrivalMoved>, &Placed<Approved>)> {
        self.stock.approvals.iter().filter_map(|approval| {
            let mut arrivals = self.stock.arrivals.iter();
            Some((arrivals.find(|moved| moved.reference == approval.says.approves)?, approval))
        })
    }

    /// The placed loggers of which nothing was sealed, that the receipt does not tell as unreadable, and
    /// that had not ended by `at`.
    pub fn unread(&self, at: UtcMillis) -> Vec<Id> {
        let placements = self.started.iter().flat_map(|started| &started.says.placements);
        let told = self.checklist().map(|checklist| checklist.unread.as_slice()).unwrap_or_default();
        let open = |logger: &Id| {
            !self.sealed.iter().any(|sealed| sealed.readings.logger == *logger)
                && !told.iter().any(|one| one.logger == *logger)
                && self.organisation.ending(*logger, at).is_none()
        };
        placements.map(|placement| placement.logger).filter(open).collect()
    }

    /// What the receiver checked.
    pub fn checklist(&self) -> Option<&Checklist> {
        self.received.as_ref()?.says.checklist.as_ref()
    }

    /// Whether the receiver found the seal broken, another count, or an expired line.
    pub fn found_wanting(&self) -> bool {
        let Some(checklist) = self.checklist() else { return false };
        let lines = self.created.iter().flat_map(|created| &created.says.items);
        let expected: Vec<u32> = lines.map(|line| line.quantity).collect();
        let counted = checklist.counts.is_empty() || checklist.counts == expected;
        checklist.seal == SealFound::Broken || !counted || !checklist.expired.is_empty()
    }

    /// The receipt. One that is recorded late counts with its reason; where the arrival that it gives leaves
    /// out what its signer knew of, readings count up to the signature until a second person approves.
    pub(super) fn follow_receipt(&mut self, entry: &SignedEntry, received: &Received) -> Result<(), Refusal> {
        if self.closing.is_some()
            || self.started.as_ref().is_some_and(|started| received.at < started.says.at)
        {
            return Err(Refusal::OutOfOrder);
        }
        self.recorded(received.at, entry, received.reason.as_deref())?;
        if let Some(checklist) = &received.checklist {
            self.check_list(checklist)?;
        }
        once(&mut self.received, entry, received.clone())?;
        if self.leaves_out(entry, received) {
            let reason = received.reason.clone().unwrap_or_default();
            let proposed = ArrivalMoved { received: entry.reference, at: received.at, reason };
            self.stock.arrivals.push(placed(entry, proposed));
        }
        self.custody.receive(&entry.device);
        Ok(())
    }

    /// A checklist speaks of lines and loggers of this shipment, and gives its reasons.
    fn check_list(&self, checklist: &Checklist) -> Result<(), Refusal> {
        let lines = self.created.as_ref().map_or(0, |created| created.says.items.len());
        let counts_lines = checklist.counts.is_empty() || checklist.counts.len() == lines;
        let has_lines =
            checklist.expired.iter().all(|line| usize::try_from(*line).is_ok_and(|line| line < lines));
        let loggers = self.loggers();
        if !counts_lines || !has_lines || !checklist.unread.iter().all(|one| loggers.contains(&one.logger)) {
            return Err(Refusal::UnknownName);
        }
        if checklist.unread.iter().any(|one| one.reason.trim().is_empty()) {
            return Err(Refusal::MalformedBody);
        }
        Ok(())
    }

    pub(super) fn follow_move(&mut self, entry: &SignedEntry, moved: &ArrivalMoved) -> Result<(), Refusal> {
        let received = self.received.as_ref().ok_or(Refusal::OutOfOrder)?;
        let before = self.started.as_ref().is_some_and(|started| moved.at < started.says.at);
        if received.reference != moved.received || before {
            return Err(Refusal::OutOfOrder);
        }
        if moved.reason.trim().is_empty() {
            return Err(Refusal::MalformedBody);
        }
        if late::is_still_to_come(moved.at, entry.at) {
            return Err(Refusal::StillToCome);
        }
        self.stock.arrivals.push(placed(entry, moved.clone()));
        Ok(())
    }

    /// An approval: of the newest correction that its signer held, once, by another than who proposed it. One
    /// that is older than an approved one is superseded.
    pub(super) fn follow_approval(
        &mut self,
        entry: &SignedEntry,
        approved: &Approved,
    ) -> Result<(), Refusal> {
        let proposed = self.stock.arrivals.iter().find(|moved| moved.reference == approved.approves);
        let proposed = proposed.ok_or(Refusal::OutOfOrder)?;
        if self.stock.approvals.iter().any(|one| one.says.approves == approved.approves) {
            return Err(Refusal::Repeated);
        }
        let after =
            self.stock.arrivals.iter().skip_while(|moved| moved.reference != approved.approves).skip(1);
        let is_approved = |moved: &Placed<ArrivalMoved>| {
            self.stock.approvals.iter().any(|one| one.says.approves == moved.reference)
        };
        let supersedes =
            |moved: &Placed<ArrivalMoved>| is_approved(moved) || self.held_by(entry, moved.reference);
        if after.into_iter().any(supersedes) {
            return Err(Refusal::OutOfOrder);
        }
        if Hand::of(proposed).may_be(&Hand::signing(entry)) {
            return Err(Refusal::SecondPersonNeeded);
        }
        self.stock.approvals.push(placed(entry, *approved));
        Ok(())
    }
}
