//! What is found after a release: evidence that came later, and whether it is signed for.

use super::evidence::Evidence;
use super::judgement::Judgement;
use super::release::SignedVerdict;
use super::standing::LineStanding;
use super::story::{Placed, SignedEntry, Story, Told};
use crate::api::AssessedSeries;
use crate::assess::{Reason, Verdict};
use crate::record::{Disposition, EntryReference, Finding, Statement};
use std::collections::BTreeSet;

/// A finding that is to be signed.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingDue<'a> {
    /// The newest decision that it is about.
    pub decision: &'a Placed<Disposition>,
    /// The newest signed assessment.
    pub assessed: &'a SignedVerdict,
    /// What the decision did not know of.
    pub by: FoundBy,
    /// The lines that such decisions released, from 0; none for a shipment without lines.
    pub lines: Vec<u32>,
}

/// What put a decision in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// Readings were taken in.
    Readings,
    /// A correction of the arrival was approved.
    Arrival,
    /// The pick-up was corrected.
    PickUpMoved,
    /// Another receipt came to be known.
    Receipt,
    /// An earlier leg was judged anew.
    Leg,
    /// Another pick-up came to be known.
    PickUp,
    /// Whatever else gives a reason: a calibration, say, that found a logger out of tolerance.
    Reason,
}

/// A verdict, signed or as of now, that is held against the one that somebody decided by.
pub(super) struct Against<'a> {
    pub verdict: Verdict,
    pub reasons: &'a [Reason],
    pub evidence: &'a Evidence,
    /// Whether whoever gives it holds an entry.
    pub held: &'a dyn Fn(&SignedEntry) -> bool,
}

impl FoundBy {
    /// What a finding says that a device signs by itself.
    pub fn words(self) -> &'static str {
        match self {
            Self::Readings => "Readings were taken in after this stock had been released.",
            Self::Arrival => "The arrival was corrected after this stock had been released.",
            Self::PickUpMoved => "The pick-up was corrected after this stock had been released.",
            Self::Receipt => "Another receipt came to be known after this stock had been released.",
            Self::Leg => "An earlier leg of these goods was judged anew after this stock had been released.",
            Self::PickUp => "Another pick-up came to be known after this stock had been released.",
            Self::Reason => "A reason to look came to be known after this stock had been released.",
        }
    }
}

impl Story {
    /// The decision in force and the newest signed assessment, where that rests on readings, a correction of the
    /// pick-up or the arrival, a receipt or an earlier leg that who decided did not hold so, and no finding tells of it: one is due,
    /// whatever the verdict. So it is where that assessment asks for more, whatever does, and nothing holds the stock
    /// yet. What was held decides, and no clock.
    pub fn finding_due(&self) -> Option<FindingDue<'_>> {
        let assessed = self.verdicts.last()?;
        let signed = &self.told_as(assessed.reference)?.entry;
        let mut due = None;
        let mut lines = BTreeSet::new();
        for reference in self.releases().into_iter().rev() {
            let released = self.parts_released_by(reference);
            let new = self.unknown_to(reference).filter(|told| signed.holds(&told.entry));
            let new = new.filter(|told| !self.is_found(&released, &told.entry));
            let by = new.filter_map(|told| self.evidence(told)).next_back();
            let by =
                by.or_else(|| self.leg_judged_anew(reference, &released, assessed).then_some(FoundBy::Leg));
            let by = by.or_else(|| {
                let free = released.iter().any(|line| self.standing_by_acts(*line) == LineStanding::Released);
                let asks = free && self.asks_for_more(reference, signed, assessed);
                asks.then_some(FoundBy::Reason)
            });
            let Some(by) = by else { continue };
            let decision = self.stock.decisions.iter().find(|one| one.reference == reference)?;
            due.get_or_insert((decision, by));
            lines.extend(released.into_iter().filter(|line| self.all_lines().contains(line)));
        }
        let (decision, by) = due?;
        Some(FindingDue { decision, assessed, by, lines: lines.into_iter().collect() })
    }

    /// Whether something that a release did not know of, from another device say, changes what is signed: the
    /// assessment and its finding are still to be signed.
    pub fn evidence_unsigned(&self, judgement: &Judgement) -> bool {
        let Some(assessed) = &self.assessed else { return false };
        let releases = self.releases();
        if releases.is_empty() {
            return false;
        }
        let series: Vec<_> = judgement.series.iter().map(AssessedSeries::to_record).collect();
        let differs = assessed.says.series != series || assessed.says.reasons != judgement.reasons;
        let evidence = Evidence::of_judgement(judgement);
        let by_leg = self.has_legs()
            && self
                .verdicts
                .last()
                .is_some_and(|signed| rests_otherwise(signed, &judgement.reasons, &evidence));
        let anew = || !self.parts_in_question(judgement).is_empty();
        let unknown = || releases.iter().any(|decision| self.unknown_to(*decision).next().is_some());
        by_leg || (differs && (unknown() || anew())) || (self.tells_more_unsigned() && anew())
    }

    /// Whether a logger was found out of tolerance, clocks differ, or more is unread, by an entry that the newest signed
    /// assessment did not know of: it may tell the same reason of another certificate, clock, logger or time.
    fn tells_more_unsigned(&self) -> bool {
        let assessed = self.assessed.as_ref().and_then(|assessed| self.told_as(assessed.reference));
        assessed.is_some_and(|Told { entry, .. }| {
            self.is_found_out_since(entry, &|_| true)
                || self.clocks_compared_anew(entry, &|_| true)
                || [Reason::LoggerMissing, Reason::NoReadings]
                    .into_iter()
                    .any(|reason| self.more_is_unread(reason, entry, &|_| true))
                || self
                    .told
                    .iter()
                    .any(|told| !entry.holds(&told.entry) && self.shows_clocks_anew(told, entry))
        })
    }

    /// Whether a signed assessment is worse than what a release rests on.
    fn asks_for_more(&self, release: EntryReference, signed: &SignedEntry, assessed: &SignedVerdict) -> bool {
        let held = |other: &SignedEntry| signed.holds(other);
        let decided = self.told_as(release).map(|told| &told.entry);
        decided
            .filter(|decided| !decided.holds(signed))
            .is_some_and(|decided| self.is_worse_than_decided(decided, &assessed.against(&held)))
    }

    /// Whether an assessment tells otherwise of what earlier legs used, or that one of them is not released, than
    /// the one that a release rests on, and than those of the findings about the same parts.
    fn leg_judged_anew(&self, release: EntryReference, parts: &[u32], assessed: &SignedVerdict) -> bool {
        let otherwise = |then: &SignedVerdict| rests_otherwise(then, &assessed.reasons, &assessed.evidence);
        let decided = self.told_as(release).map(|told| self.decided_by(&told.entry)).unwrap_or_default();
        let mut found = self
            .findings_about(parts)
            .filter_map(|finding| self.verdicts.iter().find(|one| one.reference == finding.says.assessment));
        self.has_legs() && !decided.is_empty() && decided.into_iter().all(otherwise) && found.all(otherwise)
    }

    fn has_legs(&self) -> bool {
        self.created.iter().flat_map(|created| &created.says.items).any(|item| item.legs.is_some())
    }

    /// The parts whose release the evidence as it stands now puts in question: it gives a worse verdict than the one
    /// that was decided by, another excursion, or a reason that it did not have so. By the same rule a device signs a
    /// finding, so that what is signed changes nothing of how the stock stands.
    pub(super) fn parts_in_question(&self, judgement: &Judgement) -> Vec<u32> {
        let releases = self.releases();
        if releases.is_empty() {
            return Vec::new();
        }
        let evidence = Evidence::of_judgement(judgement);
        let (verdict, reasons) = (judgement.verdict, judgement.reasons.as_slice());
        let now = Against { verdict, reasons, evidence: &evidence, held: &|_| true };
        let worse = |decision: &EntryReference| {
            let decided = self.told_as(*decision);
            decided.is_some_and(|told| self.is_worse_than_decided(&told.entry, &now))
        };
        let in_question = releases.iter().copied().filter(worse);
        let mut parts: Vec<u32> = in_question.flat_map(|one| self.parts_released_by(one)).collect();
        for decision in &releases {
            let expired = self.released_expired(*decision, judgement);
            parts.extend(expired.into_iter().filter(|line| !parts.contains(line)).collect::<Vec<_>>());
        }
        parts
    }

    /// The lines that a decision released once the last day that they have from their legs had ended: who signed it
    /// did not hold those legs.
    fn released_expired(&self, decision: EntryReference, judgement: &Judgement) -> Vec<u32> {
        let decided = self.told_as(decision).map(|told| told.entry.at);
        let Some(at) = self.arrival().zip(decided).map(|(arrival, at)| arrival.max(at)) else {
            return Vec::new();
        };
        let has_expired = |line: &u32| {
            let place = usize::try_from(*line).ok();
            let judged = place.and_then(|place| judgement.lines.get(place));
            judged.is_some_and(|judged| judged.has_expired_by_legs(at))
        };
        self.parts_released_by(decision).into_iter().filter(has_expired).collect()
    }

    /// Whether a verdict is worse than what a decision rests on, out of range otherwise, or asks somebody to explain
    /// what its signer was not asked.
    pub(super) fn is_worse_than_decided(&self, decision: &SignedEntry, now: &Against<'_>) -> bool {
        self.decided_by(decision).into_iter().all(|before| {
            let out = now.verdict == Verdict::Excursion;
            let otherwise = out && !now.evidence.same_excursions(&before.evidence);
            now.verdict > before.verdict
                || otherwise
                || now.reasons.iter().any(|reason| self.is_more(*reason, decision, before, now))
        })
    }

    /// Whether a reason is none of a decision's, or more of it than there: numbers are compared as intervals, and
    /// what lies in no number by the entries that raise it.
    fn is_more(
        &self,
        reason: Reason,
        decision: &SignedEntry,
        before: &SignedVerdict,
        now: &Against<'_>,
    ) -> bool {
        let anew = |told: &Told| {
            (now.held)(&told.entry)
                && !decision.holds(&told.entry)
                && self.raises(told, reason, decision, now.held)
        };
        !before.reasons.contains(&reason)
            || !now.evidence.within(&before.evidence, reason)
            || self.told.iter().any(anew)
            || (reason == Reason::Calibration && self.is_found_out_since(decision, now.held))
            || (reason == Reason::Clock && self.clocks_compared_anew(decision, now.held))
            || (reason == Reason::Clock && !self.was_asked_about_own_clock(decision))
            || self.more_is_unread(reason, decision, now.held)
    }

    /// What can put a decision in question and was not held by who signed it.
    fn unknown_to(&self, decision: EntryReference) -> impl DoubleEndedIterator<Item = &Told> {
        let decided = self.told_as(decision).map(|told| &told.entry);
        let counting =
            self.told.iter().filter(|told| told.refused.is_none() && self.evidence(told).is_some());
        counting.filter(move |told| {
            decided.is_some_and(|decided| !decided.holds(&told.entry) && !self.adds_nothing(told, decided))
        })
    }

    /// What an entry can put a decision in question by.
    fn evidence(&self, told: &Told) -> Option<FoundBy> {
        match &told.statement {
            Some(Statement::Readings(_)) => Some(FoundBy::Readings),
            Some(Statement::Approved(says)) => Some(if self.is_move_of_pick_up(says.approves) {
                FoundBy::PickUpMoved
            } else {
                FoundBy::Arrival
            }),
            Some(Statement::PickUpMoved(says)) => {
                self.counts_for_pick_up(says).then_some(FoundBy::PickUpMoved)
            }
            Some(Statement::Received(_)) => Some(FoundBy::Receipt),
            Some(Statement::Started(_)) => Some(FoundBy::PickUp),
            Some(Statement::Taken(_)) => told.is_taken_over().then_some(FoundBy::Receipt),
            _ => None,
        }
    }

    /// Whether a finding about these parts rests on an entry.
    fn is_found(&self, parts: &[u32], evidence: &SignedEntry) -> bool {
        let holds = |assessed: &Told| assessed.entry.holds(evidence);
        self.findings_about(parts).any(|finding| self.told_as(finding.says.assessment).is_some_and(holds))
    }

    /// The findings that speak of all of these parts.
    fn findings_about(&self, parts: &[u32]) -> impl Iterator<Item = &Placed<Finding>> {
        self.stock.findings.iter().filter(move |finding| {
            let lines = &finding.says.lines;
            lines.is_empty() || parts.iter().all(|part| lines.contains(part))
        })
    }
}

/// Whether a signed verdict told otherwise of budgets, or did not tell of a line that an earlier leg is not released,
/// that so much of its legs is wanting or that clocks differ so by its legs.
fn rests_otherwise(then: &SignedVerdict, reasons: &[Reason], evidence: &Evidence) -> bool {
    let more = |reason: &Reason| !then.reasons.contains(reason) || !evidence.within(&then.evidence, *reason);
    let by_legs = [Reason::LegNotReleased, Reason::LegMissing, Reason::Clock];
    let mut by_legs = by_legs.iter().filter(|reason| reasons.contains(reason));
    evidence.uses_otherwise(&then.evidence) || by_legs.any(more)
}

impl SignedVerdict {
    /// The same, to be held against what somebody decided by, who holds what `held` says.
    pub(super) fn against<'a>(&'a self, held: &'a dyn Fn(&SignedEntry) -> bool) -> Against<'a> {
        Against { verdict: self.verdict, reasons: &self.reasons, evidence: &self.evidence, held }
    }
}
