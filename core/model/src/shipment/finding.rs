//! What is found after a release: evidence that came later, and whether it is signed for.

use super::evidence::Evidence;
use super::judgement::Judgement;
use super::release::SignedVerdict;
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
    /// Another receipt came to be known.
    Receipt,
    /// An earlier leg was judged anew.
    Leg,
}

impl FoundBy {
    /// What a finding says that a device signs by itself.
    pub fn words(self) -> &'static str {
        match self {
            Self::Readings => "Readings were taken in after this stock had been released.",
            Self::Arrival => "The arrival was corrected after this stock had been released.",
            Self::Receipt => "Another receipt came to be known after this stock had been released.",
            Self::Leg => "An earlier leg of these goods was judged anew after this stock had been released.",
        }
    }
}

impl Story {
    /// The decision in force and the newest signed assessment, where that rests on readings, a correction of the
    /// arrival, a receipt or an earlier leg that who decided did not hold so, and no finding tells of it: one is due,
    /// whatever the verdict. What was held decides, and no clock.
    pub fn finding_due(&self) -> Option<FindingDue<'_>> {
        let assessed = self.verdicts.last()?;
        let signed = &self.told_as(assessed.reference)?.entry;
        let mut due = None;
        let mut lines = BTreeSet::new();
        for reference in self.releases().into_iter().rev() {
            let released = self.parts_released_by(reference);
            let new = self.unknown_to(reference).filter(|told| signed.holds(&told.entry));
            let new = new.filter(|told| !self.is_found(&released, &told.entry));
            let by = new.filter_map(Told::is_evidence).next_back();
            let by =
                by.or_else(|| self.leg_judged_anew(reference, &released, assessed).then_some(FoundBy::Leg));
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
        by_leg || (differs && releases.into_iter().any(|decision| self.unknown_to(decision).next().is_some()))
    }

    /// Whether an assessment tells otherwise of what earlier legs used, or that one of them is not released, than
    /// the one that a release rests on, and than those of the findings about the same parts.
    fn leg_judged_anew(&self, release: EntryReference, parts: &[u32], assessed: &SignedVerdict) -> bool {
        let otherwise = |then: &SignedVerdict| rests_otherwise(then, &assessed.reasons, &assessed.evidence);
        let decided = self.told_as(release).and_then(|told| self.newest_verdict(&told.entry));
        let mut found = self
            .findings_about(parts)
            .filter_map(|finding| self.verdicts.iter().find(|one| one.reference == finding.says.assessment));
        self.has_legs() && decided.is_some_and(otherwise) && found.all(otherwise)
    }

    fn has_legs(&self) -> bool {
        self.created.iter().flat_map(|created| &created.says.items).any(|item| item.legs.is_some())
    }

    /// The parts whose release the evidence as it stands now puts in question: who released them did not hold all
    /// of it, and it gives a worse verdict than theirs, or another excursion.
    pub(super) fn parts_in_question(&self, judgement: &Judgement) -> Vec<u32> {
        let legs = self.has_legs();
        let unaware = |decision: &EntryReference| legs || self.unknown_to(*decision).next().is_some();
        let unaware: Vec<EntryReference> = self.releases().into_iter().filter(unaware).collect();
        if unaware.is_empty() {
            return Vec::new();
        }
        let evidence = Evidence::of_judgement(judgement);
        let worse = |decision: &EntryReference| {
            let decided = self.told_as(*decision);
            decided.is_some_and(|told| self.is_worse_than_decided(&told.entry, judgement.verdict, &evidence))
        };
        let in_question = unaware.into_iter().filter(worse);
        in_question.flat_map(|decision| self.parts_released_by(decision)).collect()
    }

    /// Whether evidence is worse than what a decision rests on, or out of range otherwise.
    pub(super) fn is_worse_than_decided(
        &self,
        decision: &SignedEntry,
        verdict: Verdict,
        evidence: &Evidence,
    ) -> bool {
        self.newest_verdict(decision).is_none_or(|before| {
            let otherwise = verdict == Verdict::Excursion && !evidence.same_excursions(&before.evidence);
            verdict > before.verdict || otherwise
        })
    }

    /// What can put a decision in question and was not held by who signed it.
    fn unknown_to(&self, decision: EntryReference) -> impl DoubleEndedIterator<Item = &Told> {
        let decided = self.told_as(decision).map(|told| &told.entry);
        let counting = self.told.iter().filter(|told| told.refused.is_none() && told.is_evidence().is_some());
        counting.filter(move |told| decided.is_some_and(|decided| !decided.holds(&told.entry)))
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

/// Whether a signed verdict told otherwise of budgets, or did not tell that an earlier leg is not released.
fn rests_otherwise(then: &SignedVerdict, reasons: &[Reason], evidence: &Evidence) -> bool {
    let barred = |reasons: &[Reason]| reasons.contains(&Reason::LegNotReleased);
    evidence.uses_otherwise(&then.evidence) || (barred(reasons) && !barred(&then.reasons))
}

impl Told {
    /// What it can put a decision in question by.
    fn is_evidence(&self) -> Option<FoundBy> {
        match &self.statement {
            Some(Statement::Readings(_)) => Some(FoundBy::Readings),
            Some(Statement::Approved(_)) => Some(FoundBy::Arrival),
            Some(Statement::Received(_)) => Some(FoundBy::Receipt),
            _ => None,
        }
    }
}
