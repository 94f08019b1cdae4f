//! What is found after a release: evidence that came later, and whether it is signed for.

use super::evidence::Evidence;
use super::judgement::Judgement;
use super::release::SignedVerdict;
use super::story::{Placed, Story, Told};
use crate::api::AssessedSeries;
use crate::assess::Reason;
use crate::record::{Disposition, EntryReference, Statement};

/// A finding that is to be signed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FindingDue<'a> {
    /// The decision that it is about.
    pub decision: &'a Placed<Disposition>,
    /// The newest signed assessment.
    pub assessed: &'a SignedVerdict,
    /// What came after the decision.
    pub by: FoundBy,
}

/// What put a decision in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// Readings were taken in.
    Readings,
    /// A correction of the arrival was approved.
    Arrival,
    /// An earlier leg was judged anew.
    Leg,
}

impl FoundBy {
    /// What a finding says that a device signs by itself.
    pub fn words(self) -> &'static str {
        match self {
            Self::Readings => "Readings were taken in after this stock had been released.",
            Self::Arrival => "The arrival was corrected after this stock had been released.",
            Self::Leg => "An earlier leg of these goods was judged anew after this stock had been released.",
        }
    }
}

impl Story {
    /// The decision in force and the newest signed assessment, where readings came, the arrival was corrected or an
    /// earlier leg was judged anew after the decision, or after what was found last: a finding is due, whatever the
    /// verdict.
    pub fn finding_due(&self) -> Option<FindingDue<'_>> {
        let decision = self.newest_release()?;
        let assessed = self.verdicts.last()?;
        let found = self.stock.findings.iter().rev().find(|one| one.says.disposition == decision.reference);
        let since = found.map_or(decision.reference, |found| found.says.assessment);
        let by = self.told_between(since, assessed.reference);
        let by = by.or_else(|| self.leg_judged_anew(since, assessed).then_some(FoundBy::Leg))?;
        Some(FindingDue { decision, assessed, by })
    }

    /// Whether readings or an approved correction came after a release, from another device say, and change what
    /// is signed: the assessment and its finding are still to be signed.
    pub fn evidence_unsigned(&self, judgement: &Judgement) -> bool {
        let (Some(decision), Some(assessed), Some(last)) =
            (self.newest_release(), &self.assessed, self.told.last())
        else {
            return false;
        };
        let series: Vec<_> = judgement.series.iter().map(AssessedSeries::to_record).collect();
        let differs = assessed.says.series != series || assessed.says.reasons != judgement.reasons;
        let since = self.told_between(decision.reference, last.entry.reference);
        let by_leg = self.verdicts.last().is_some_and(|signed| {
            self.has_legs() && rests_otherwise(signed, &judgement.reasons, &Evidence::of_judgement(judgement))
        });
        by_leg || (differs && (since.is_some() || last.is_evidence().is_some()))
    }

    /// Whether a newer assessment than the one that counted with `since` tells otherwise of what earlier legs used,
    /// or that one of them is not released.
    fn leg_judged_anew(&self, since: EntryReference, assessed: &SignedVerdict) -> bool {
        let place = |reference| self.told.iter().position(|told| told.entry.reference == reference);
        let then = self.verdicts.iter().rev().find(|one| place(one.reference) <= place(since));
        self.has_legs()
            && place(since) < place(assessed.reference)
            && then.is_some_and(|then| rests_otherwise(then, &assessed.reasons, &assessed.evidence))
    }

    fn has_legs(&self) -> bool {
        self.created.iter().flat_map(|created| &created.says.items).any(|item| item.legs.is_some())
    }

    /// The newest decision by which a line is released still.
    fn newest_release(&self) -> Option<&Placed<Disposition>> {
        let released = *self.releases().last()?;
        self.stock.decisions.iter().find(|one| one.reference == released)
    }

    /// What was told between two entries that can put a decision in question.
    fn told_between(&self, first: EntryReference, last: EntryReference) -> Option<FoundBy> {
        let place = |reference| self.told.iter().position(|told| told.entry.reference == reference);
        let between = self.told.get(place(first)?..place(last)?).unwrap_or_default();
        let counting = between.iter().filter(|told| told.refused.is_none());
        counting.filter_map(Told::is_evidence).next_back()
    }
}

/// Whether a signed verdict told otherwise of budgets, or did not tell that an earlier leg is not released.
fn rests_otherwise(then: &SignedVerdict, reasons: &[Reason], evidence: &Evidence) -> bool {
    let barred = |reasons: &[Reason]| reasons.contains(&Reason::LegNotReleased);
    evidence.uses_otherwise(&then.evidence) || (barred(reasons) && !barred(&then.reasons))
}

impl Told {
    /// What it can put a decision in question by, whether it counts or not.
    fn is_evidence(&self) -> Option<FoundBy> {
        match &self.statement {
            Some(Statement::Readings(_)) => Some(FoundBy::Readings),
            Some(Statement::Approved(_)) => Some(FoundBy::Arrival),
            _ => None,
        }
    }
}
