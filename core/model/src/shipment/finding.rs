//! What is found after a release: evidence that came later, and whether it is signed for.

use super::evidence::Evidence;
use super::judgement::Judgement;
use super::release::SignedVerdict;
use super::story::{Placed, SignedEntry, Story, Told};
use crate::api::AssessedSeries;
use crate::assess::Verdict;
use crate::record::{Disposition, EntryReference, Statement};
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
}

impl FoundBy {
    /// What a finding says that a device signs by itself.
    pub fn words(self) -> &'static str {
        match self {
            Self::Readings => "Readings were taken in after this stock had been released.",
            Self::Arrival => "The arrival was corrected after this stock had been released.",
            Self::Receipt => "Another receipt came to be known after this stock had been released.",
        }
    }
}

impl Story {
    /// The decision in force and the newest signed assessment, where that rests on readings, a correction of the
    /// arrival or a receipt that who decided did not hold, and no finding tells of it: one is due, whatever the
    /// verdict. What was held decides, and no clock.
    pub fn finding_due(&self) -> Option<FindingDue<'_>> {
        let assessed = self.verdicts.last()?;
        let signed = &self.told_as(assessed.reference)?.entry;
        let mut due = None;
        let mut lines = BTreeSet::new();
        for reference in self.releases().into_iter().rev() {
            let released = self.parts_released_by(reference);
            let new = self.unknown_to(reference).filter(|told| signed.holds(&told.entry));
            let new = new.filter(|told| !self.is_found(&released, &told.entry));
            let Some(by) = new.filter_map(Told::is_evidence).next_back() else { continue };
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
        if !self.releases().into_iter().any(|decision| self.unknown_to(decision).next().is_some()) {
            return false;
        }
        let series: Vec<_> = judgement.series.iter().map(AssessedSeries::to_record).collect();
        assessed.says.series != series || assessed.says.reasons != judgement.reasons
    }

    /// The parts whose release the evidence as it stands now puts in question: who released them did not hold all
    /// of it, and it gives a worse verdict than theirs, or another excursion.
    pub(super) fn parts_in_question(&self, judgement: &Judgement) -> Vec<u32> {
        let unaware = |decision: &EntryReference| self.unknown_to(*decision).next().is_some();
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
        self.stock.findings.iter().any(|finding| {
            let lines = &finding.says.lines;
            let about = lines.is_empty() || parts.iter().all(|part| lines.contains(part));
            let assessed = self.told_as(finding.says.assessment);
            about && assessed.is_some_and(|assessed| assessed.entry.holds(evidence))
        })
    }
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
