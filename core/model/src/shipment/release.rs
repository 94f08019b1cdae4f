//! The decision about stock: who may take it, and what has to be settled before.

use super::hand::Hand;
use super::story::{SignedEntry, Story, placed};
use crate::api::Stock;
use crate::assess::{Excursion, Reason, Verdict};
use crate::authority::Refusal;
use crate::record::{
    AssessmentRecord, Closed, Closing, Decision, Disposition, EntryReference, SinglePersonRelease,
};
use crate::time::UtcMillis;
use std::collections::BTreeSet;

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
    /// Every excursion of its series, whatever judges them.
    pub excursions: Vec<Excursion>,
}

impl SignedVerdict {
    pub(super) fn new(entry: &SignedEntry, says: &AssessmentRecord) -> Self {
        Self {
            reference: entry.reference,
            sequence: entry.sequence,
            at: entry.at,
            verdict: says.verdict,
            reasons: says.reasons.clone(),
            excursions: excursions(says),
        }
    }
}

fn excursions(says: &AssessmentRecord) -> Vec<Excursion> {
    let own = says.lines.iter().flatten().flat_map(|line| line.assessments.iter().flatten());
    let all = says.series.iter().map(|series| &series.assessment).chain(own);
    all.flat_map(|assessment| assessment.excursions.iter().copied()).collect()
}

impl Story {
    /// How the stock stands, with `verdict` as all the evidence gives it now.
    ///
    /// A receipt with a verdict other than `ok`, or that found something wanting, is quarantine by itself;
    /// so is a hold by anybody, until a decision after it.
    pub fn stock_state(&self, verdict: Verdict) -> Option<Stock> {
        if self.closing == Some(Closing::Cancelled) {
            return None;
        }
        if self.stock.held {
            return Some(Stock::Quarantine);
        }
        if let Some(disposition) = &self.disposition {
            return Some(match disposition.says.decision {
                Decision::Release => Stock::Released,
                Decision::ReleaseInPart => Stock::ReleasedInPart,
                Decision::Reject => Stock::Rejected,
            });
        }
        self.received.as_ref()?;
        let clean = verdict == Verdict::Ok && !self.found_wanting();
        Some(if clean { Stock::Received } else { Stock::Quarantine })
    }

    /// Whether a decision stands that nothing has put in question since.
    pub fn decided(&self) -> bool {
        self.disposition.is_some() && !self.stock.held
    }

    /// The lines that the decision in force, or the one before a hold, released, from 0.
    pub fn released_lines(&self) -> Vec<u32> {
        let Some(disposition) = &self.disposition else { return Vec::new() };
        match (disposition.says.decision, &disposition.says.lines) {
            (Decision::Release, _) => self.all_lines(),
            (Decision::ReleaseInPart, lines) => lines.clone().unwrap_or_default(),
            (Decision::Reject, _) => Vec::new(),
        }
    }

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

    /// The reasons of a verdict that nobody has explained.
    pub fn unexplained(&self, reasons: &[Reason]) -> Vec<Reason> {
        let explained: BTreeSet<Reason> = self
            .stock
            .acknowledged
            .iter()
            .flat_map(|one| &one.says.reasons)
            .map(|explained| explained.reason)
            .collect();
        reasons.iter().copied().filter(|reason| !explained.contains(reason)).collect()
    }

    /// The lines that may not be released, from 0: found expired, or of a lot that the manufacturer was asked
    /// about and has not answered, or bars.
    pub fn barred_lines(&self) -> Vec<u32> {
        let expired = self.checklist().map(|checklist| checklist.expired.as_slice()).unwrap_or_default();
        let items = self.created.as_ref().map(|created| created.says.items.as_slice()).unwrap_or_default();
        let barred = |line: &u32| {
            let item = usize::try_from(*line).ok().and_then(|line| items.get(line));
            let lot = item.and_then(|item| item.lot.as_deref());
            expired.contains(line) || lot.is_some_and(|lot| self.stock.bars(lot))
        };
        self.all_lines().into_iter().filter(barred).collect()
    }

    fn all_lines(&self) -> Vec<u32> {
        let count = self.created.as_ref().map_or(0, |created| created.says.items.len());
        (0..u32::try_from(count).unwrap_or(u32::MAX)).collect()
    }

    pub(super) fn follow_disposition(
        &mut self,
        entry: &SignedEntry,
        says: &Disposition,
    ) -> Result<(), Refusal> {
        if self.received.is_none() || self.closing == Some(Closing::Cancelled) {
            return Err(Refusal::OutOfOrder);
        }
        if self.decided() {
            return Err(Refusal::Repeated);
        }
        let lines = self.decided_lines(says)?;
        if says.decision != Decision::Reject {
            self.may_release(entry, says, &lines)?;
        }
        self.stock.held = false;
        self.stock.decisions.push(entry.reference);
        self.disposition = Some(placed(entry, says.clone()));
        Ok(())
    }

    /// The lines of a decision: named, in order, with a release in part and with nothing else.
    fn decided_lines(&self, says: &Disposition) -> Result<Vec<u32>, Refusal> {
        let all = self.all_lines();
        match (says.decision, &says.lines) {
            _ if says.reason.trim().is_empty() => Err(Refusal::MalformedBody),
            (Decision::ReleaseInPart, Some(lines))
                if !lines.is_empty() && lines.is_sorted_by(|a, b| a < b) =>
            {
                let known = lines.iter().all(|line| all.contains(line));
                if known { Ok(lines.clone()) } else { Err(Refusal::UnknownName) }
            }
            (Decision::Release | Decision::Reject, None) => Ok(all),
            _ => Err(Refusal::MalformedBody),
        }
    }

    fn may_release(&self, entry: &SignedEntry, says: &Disposition, lines: &[u32]) -> Result<(), Refusal> {
        if self.started.is_none() {
            return Err(Refusal::OutOfOrder);
        }
        let verdict = self.rests_on(entry, says)?;
        let open = !self.unread(entry.at).is_empty() || !self.unexplained(&verdict.reasons).is_empty();
        let out = verdict.verdict == Verdict::Excursion;
        if open || (out && self.stock.reviews.is_empty()) {
            return Err(Refusal::NotSettled);
        }
        let barred = self.barred_lines();
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
        let held = |one: &&SignedVerdict| {
            let log = one.reference.log;
            log == entry.reference.log
                || entry.heads.iter().any(|head| head.log == log && one.sequence < head.size)
        };
        let newest = self.verdicts.iter().rev().find(held);
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
            Closing::Ended if !self.decided() => Err(Refusal::OutOfOrder),
            Closing::Cancelled if !untouched => Err(Refusal::OutOfOrder),
            closing => {
                self.closing = Some(closing);
                Ok(())
            }
        }
    }
}
