//! The decision about stock: who may take it, and what has to be settled before.

use super::answers::Barred;
use super::evidence::Evidence;
use super::hand::Hand;
use super::standing::Said;
use super::story::{Placed, SignedEntry, Story, Told, placed};
use crate::assess::{Reason, Verdict};
use crate::authority::Refusal;
use crate::record::{
    AssessmentRecord, Closed, Closing, Decision, Disposition, EntryReference, Review, SinglePersonRelease,
    Statement,
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

/// A line that may not be released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineBar {
    /// The line, from 0.
    pub line: u32,
    /// Why.
    pub cause: BarCause,
}

/// Why a line may not be released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BarCause {
    /// It is past its date, or the receiver found it so.
    Expired,
    /// This manufacturer was asked about its lot and has not answered.
    Unanswered(String),
    /// This manufacturer says that its lot is to be discarded.
    Discard(String),
}

fn manufacturer(question: Option<&Placed<Review>>) -> String {
    let asked = question.and_then(|question| question.says.asked.as_ref());
    asked.map(|asked| asked.manufacturer.clone()).unwrap_or_default()
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
    /// Who may not decide alone after an excursion: who carried, received, or looked into it, by any entry that
    /// says so, those that came too late to count included.
    pub fn involved(&self) -> Vec<Hand> {
        let mut once: Vec<Hand> = Vec::new();
        for hand in self.parts_taken.iter().map(Hand::signing) {
            if !once.contains(&hand) {
                once.push(hand);
            }
        }
        once
    }

    /// Whether who signs an entry had a part in the shipment's way, told before or not; what somebody does who
    /// knows of the entry comes after it.
    fn had_a_part(&self, entry: &SignedEntry) -> bool {
        let signing = Hand::signing(entry);
        let before = self.parts_taken.iter().filter(|part| !part.holds(entry));
        before.into_iter().any(|part| Hand::signing(part).may_be(&signing))
    }

    /// The lines that may not be released at an instant as things stand, with every cause.
    pub(super) fn bars(&self, at: UtcMillis) -> Vec<LineBar> {
        self.bars_by(at, &|_| true)
    }

    /// The same as the signer of an entry knew it, at its time: a date that had passed at the arrival has passed.
    fn bars_to(&self, entry: &SignedEntry) -> Vec<LineBar> {
        self.bars_by(entry.at, &|reference| self.held_by(entry, reference))
    }

    fn bars_by(&self, at: UtcMillis, known: &dyn Fn(EntryReference) -> bool) -> Vec<LineBar> {
        let expired = self.expired_lines(at, known);
        let items = self.created.iter().flat_map(|created| &created.says.items);
        let mut bars = Vec::new();
        for (line, item) in (0_u32..).zip(items) {
            let past = expired.contains(&line).then_some(BarCause::Expired);
            let asked = item.lot.as_deref().and_then(|lot| self.barred(lot, known));
            let asked = asked.map(|barred| match barred {
                Barred::Unanswered(review) => BarCause::Unanswered(manufacturer(Some(review))),
                Barred::Discard(reply) => BarCause::Discard(manufacturer(self.question_of(reply))),
            });
            bars.extend(past.into_iter().chain(asked).map(|cause| LineBar { line, cause }));
        }
        bars
    }

    pub(super) fn follow_disposition(
        &mut self,
        entry: &SignedEntry,
        says: &Disposition,
    ) -> Result<(), Refusal> {
        let arrived = self.received.is_some() && self.closing != Some(Closing::Cancelled);
        let rejects_held = says.decision == Decision::Reject
            && (self.was_cancelled_to(entry) || self.was_received_to(entry));
        if !arrived && !rejects_held {
            return Err(Refusal::OutOfOrder);
        }
        let lines = self.decided_lines(entry, says)?;
        if says.decision != Decision::Reject {
            let released = lines.iter().filter(|(_, said)| *said == Said::Released);
            self.may_release(entry, says, &released.map(|(line, _)| *line).collect::<Vec<_>>())?;
        }
        self.note_decision(entry, says, lines);
        self.disposition = Some(placed(entry, says.clone()));
        self.stock.decisions.push(placed(entry, says.clone()));
        Ok(())
    }

    /// Judged by what its signer held, so that no clock decides; what it did not know of holds the lines instead.
    fn may_release(&self, entry: &SignedEntry, says: &Disposition, lines: &[u32]) -> Result<(), Refusal> {
        if !self.pick_ups().any(|(known, _)| entry.holds(known)) {
            return Err(Refusal::OutOfOrder);
        }
        let verdicts = self.rests_on(entry, says)?;
        let is_out = |verdict: &&SignedVerdict| verdict.verdict == Verdict::Excursion;
        let open = |verdict: &&SignedVerdict| {
            let reviewed = || self.reviewed(&verdict.evidence, &|review| self.held_by(entry, review));
            !self.unexplained_to(entry, verdict).is_empty() || (is_out(verdict) && !reviewed())
        };
        if !self.unread_to(entry).is_empty() || verdicts.iter().any(open) {
            return Err(Refusal::NotSettled);
        }
        let out = verdicts.iter().any(is_out);
        if self.bars_to(entry).iter().any(|bar| lines.contains(&bar.line)) {
            return Err(Refusal::LinesBarred);
        }
        let alone = self.organisation.single_person_release_to(entry) == SinglePersonRelease::Allowed;
        if out && !alone && self.had_a_part(entry) {
            return Err(Refusal::SecondPersonNeeded);
        }
        Ok(())
    }

    /// The signed assessments that a decision rests on: the newest that its signer held, one of which it may name.
    fn rests_on(&self, entry: &SignedEntry, says: &Disposition) -> Result<Vec<&SignedVerdict>, Refusal> {
        let newest = self.decided_by(entry);
        let known = newest.iter().any(|one| says.assessment.is_none_or(|named| one.reference == named));
        if known { Ok(newest) } else { Err(Refusal::OutOfOrder) }
    }

    /// The newest signed verdicts that the signer of a decision held: several, where they did not know of each other.
    pub(super) fn decided_by(&self, entry: &SignedEntry) -> Vec<&SignedVerdict> {
        self.newest_verdicts(entry)
    }

    /// The end of the record: of a shipment decided about, or as cancelled, with the reason, of one that was never
    /// picked up; by what its signer held.
    pub(super) fn follow_closing(&mut self, entry: &SignedEntry, closed: &Closed) -> Result<(), Refusal> {
        let untouched = self.started.is_none() && self.received.is_none();
        let says_why = closed.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
        match closed.closing {
            _ if self.closing.is_some() => Err(Refusal::Repeated),
            Closing::Ended
                if !self.has_left_to(entry) && (self.received.is_none() || !self.is_decided_to(entry)) =>
            {
                Err(Refusal::OutOfOrder)
            }
            Closing::Cancelled if !untouched => Err(Refusal::OutOfOrder),
            Closing::Cancelled if !says_why => Err(Refusal::MalformedBody),
            closing => {
                self.closing = Some(closing);
                Ok(())
            }
        }
    }

    /// Whether the signer of an entry held that the record had ended, or was cancelled.
    pub(super) fn is_over_to(&self, entry: &SignedEntry) -> bool {
        let closes =
            |told: &&Told| told.refused.is_none() && matches!(told.statement, Some(Statement::Closed(_)));
        self.told.iter().filter(closes).any(|told| entry.holds(&told.entry))
    }

    /// Whether the signer of an entry held that the shipment was cancelled, void since or not: what was held of it
    /// may be rejected, and stays so.
    fn was_cancelled_to(&self, entry: &SignedEntry) -> bool {
        let cancels = |told: &&Told| {
            let valid = matches!(told.refused, None | Some(Refusal::OutOfOrder));
            let says = told.statement.as_ref();
            valid
                && says.is_some_and(
                    |says| matches!(says, Statement::Closed(one) if one.closing == Closing::Cancelled),
                )
        };
        self.told.iter().filter(cancels).any(|told| entry.holds(&told.entry))
    }

    /// Whether the signer of an entry held that the shipment was received, void since or not.
    fn was_received_to(&self, entry: &SignedEntry) -> bool {
        let receives =
            |told: &&Told| told.may_have_counted() && matches!(told.statement, Some(Statement::Received(_)));
        self.told.iter().filter(receives).any(|told| entry.holds(&told.entry))
    }

    /// A shipment that took place was not cancelled, whoever signed that without knowing.
    pub(super) fn void_cancellation(&mut self) {
        if self.closing != Some(Closing::Cancelled) {
            return;
        }
        self.closing = None;
        for told in &mut self.told {
            if told.refused.is_none() && matches!(told.statement, Some(Statement::Closed(_))) {
                told.refused = Some(Refusal::OutOfOrder);
            }
        }
    }
}
