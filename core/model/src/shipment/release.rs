//! The decision about stock: who may take it, and what has to be settled before.

use super::evidence::Evidence;
use super::hand::Hand;
use super::story::{SignedEntry, Story, placed};
use crate::assess::{Reason, Verdict};
use crate::authority::Refusal;
use crate::record::{
    AssessmentRecord, Closed, Closing, Decision, Disposition, EntryReference, SinglePersonRelease,
};
use crate::time::UtcMillis;

/// What a signed assessment says, without its series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedVerdict {
    /// Its entry.
    pub reference: EntryReference,
    /// Its place in its log.
    pub sequence: u64,
    /// When it was signed.
    pub at: UtcMillis,
    /// The verdict.
    pub verdict: Verdict,
    /// Its reasons.
    pub reasons: Vec<Reason>,
    /// What it rests on.
    pub evidence: Evidence,
}

impl SignedVerdict {
    pub(super) fn new(entry: &SignedEntry, says: &AssessmentRecord) -> Self {
        Self {
            reference: entry.reference,
            sequence: entry.sequence,
            at: entry.at,
            verdict: says.verdict,
            reasons: says.reasons.clone(),
            evidence: Evidence::of_record(says),
        }
    }
}

impl Story {
    /// Who may not decide alone after an excursion: who carried, received, or looked into it.
    pub fn involved(&self) -> Vec<Hand> {
        let mut hands: Vec<Hand> = self.started.iter().map(Hand::of).collect();
        for one in &self.custody.hand_overs {
            hands.push(Hand::of(&one.offered));
            hands.extend(one.accepted.iter().map(Hand::of));
        }
        hands.extend(self.received.iter().map(Hand::of));
        hands.extend(self.stock.reviews.iter().map(Hand::of));
        let mut once: Vec<Hand> = Vec::new();
        for hand in hands {
            if !once.contains(&hand) {
                once.push(hand);
            }
        }
        once
    }

    /// The lines that may not be released, from 0, as things stand: of those that wait for a decision the ones
    /// that are expired, or of a lot that the manufacturer was asked about and has not answered, or bars.
    pub fn barred_lines(&self) -> Vec<u32> {
        let open = self.open_lines();
        self.barred_at(UtcMillis(i64::MIN)).into_iter().filter(|line| open.contains(line)).collect()
    }

    /// The lines that may not be released at an instant: a date that had passed at the arrival has passed.
    fn barred_at(&self, at: UtcMillis) -> Vec<u32> {
        let expired = self.expired_lines(at);
        let items = self.created.as_ref().map(|created| created.says.items.as_slice()).unwrap_or_default();
        let barred = |line: &u32| {
            let item = usize::try_from(*line).ok().and_then(|line| items.get(line));
            let lot = item.and_then(|item| item.lot.as_deref());
            expired.contains(line) || lot.is_some_and(|lot| self.stock.bars(lot))
        };
        self.all_lines().into_iter().filter(barred).collect()
    }

    pub(super) fn follow_disposition(
        &mut self,
        entry: &SignedEntry,
        says: &Disposition,
    ) -> Result<(), Refusal> {
        if self.received.is_none() || self.closing == Some(Closing::Cancelled) {
            return Err(Refusal::OutOfOrder);
        }
        let lines = self.decided_lines(entry, says)?;
        if says.decision != Decision::Reject {
            self.may_release(entry, says, &lines)?;
        }
        self.note_decision(entry, says, &lines);
        self.disposition = Some(placed(entry, says.clone()));
        self.stock.decisions.push(placed(entry, says.clone()));
        Ok(())
    }

    fn may_release(&self, entry: &SignedEntry, says: &Disposition, lines: &[u32]) -> Result<(), Refusal> {
        if self.started.is_none() {
            return Err(Refusal::OutOfOrder);
        }
        let verdict = self.rests_on(entry, says)?;
        let open = !self.unread(entry.at).is_empty() || !self.unexplained_to(entry, verdict).is_empty();
        let out = verdict.verdict == Verdict::Excursion;
        if open || (out && !self.reviewed(&verdict.evidence)) {
            return Err(Refusal::NotSettled);
        }
        let barred = self.barred_at(entry.at);
        if lines.iter().any(|line| barred.contains(line)) {
            return Err(Refusal::LinesBarred);
        }
        let alone = self.organisation.single_person_release(entry.at) == SinglePersonRelease::Allowed;
        let signing = Hand::signing(entry);
        if out && !alone && self.involved().iter().any(|hand| hand.may_be(&signing)) {
            return Err(Refusal::SecondPersonNeeded);
        }
        Ok(())
    }

    /// The signed assessment that a decision rests on: the newest that its signer held, named or not.
    fn rests_on(&self, entry: &SignedEntry, says: &Disposition) -> Result<&SignedVerdict, Refusal> {
        let newest = self.newest_verdict(entry);
        match says.assessment {
            Some(named) => newest.filter(|one| one.reference == named),
            None => newest,
        }
        .ok_or(Refusal::OutOfOrder)
    }

    /// The end of the record: of a shipment decided about, or as cancelled of one that was never picked up.
    pub(super) fn follow_closing(&mut self, closed: &Closed) -> Result<(), Refusal> {
        let untouched = self.started.is_none() && self.received.is_none();
        match closed.closing {
            _ if self.closing.is_some() => Err(Refusal::Repeated),
            Closing::Ended if !self.decided() && self.left().is_none() => Err(Refusal::OutOfOrder),
            Closing::Cancelled if !untouched => Err(Refusal::OutOfOrder),
            closing => {
                self.closing = Some(closing);
                Ok(())
            }
        }
    }
}
