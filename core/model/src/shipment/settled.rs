//! What people have explained and looked into, as far as it still speaks of what is known.
//!
//! An explanation or a review speaks of the signed verdict that its signer held, and of nothing that came
//! to light later: evidence that raises the reason again, or adds to the excursion, asks for a new one.

use super::evidence::Evidence;
use super::judgement::{Judgement, gives_cause};
use super::late::is_late;
use super::release::SignedVerdict;
use super::story::{Placed, SignedEntry, Story, Told};
use crate::assess::{Reason, Verdict};
use crate::id::Id;
use crate::reading::Quantity;
use crate::record::{EntryReference, Readings, Statement};
use crate::time::UtcMillis;
use std::collections::BTreeMap;

/// Whether an entry is known.
pub(super) type Known<'a> = &'a dyn Fn(&SignedEntry) -> bool;

impl Story {
    /// The reasons of the verdict as of now that nobody has explained as they stand now.
    pub fn unexplained(&self, judgement: &Judgement) -> Vec<Reason> {
        self.open(&judgement.reasons, &Evidence::of_judgement(judgement), &|_| true)
    }

    /// The reasons of a signed verdict that nobody has explained by what the signer of `entry` held.
    pub(super) fn unexplained_to(&self, entry: &SignedEntry, verdict: &SignedVerdict) -> Vec<Reason> {
        self.open(&verdict.reasons, &verdict.evidence, &|told| entry.knew(told.reference, told.sequence))
    }

    /// Whether somebody has looked into the excursion as it stands now.
    pub fn looked_into(&self, judgement: &Judgement) -> bool {
        self.reviewed(&Evidence::of_judgement(judgement), &|_| true)
    }

    /// Whether somebody has looked into the excursion that a verdict rests on, by the reviews that are known.
    pub(super) fn reviewed(&self, evidence: &Evidence, known: &dyn Fn(EntryReference) -> bool) -> bool {
        self.stock.reviews.iter().filter(|review| known(review.reference)).any(|review| {
            let basis = self.entry_of(review).map(|entry| self.newest_verdicts(entry)).unwrap_or_default();
            basis.into_iter().any(|verdict| {
                verdict.verdict == Verdict::Excursion && evidence.excursions_within(&verdict.evidence)
            })
        })
    }

    /// The newest signed verdicts that the signer of an entry held: those that no other's signer held. They are
    /// several where devices judged without knowing of each other, and no clock chooses between them.
    pub(super) fn newest_verdicts(&self, entry: &SignedEntry) -> Vec<&SignedVerdict> {
        self.newest_of(self.verdicts.iter().filter(|one| entry.knew(one.reference, one.sequence)))
    }

    /// Whether the newest signed verdicts are several that do not say the same.
    pub fn verdicts_differ(&self) -> bool {
        let newest = self.newest_of(self.verdicts.iter());
        let says = |one: &SignedVerdict| (one.verdict, one.reasons.clone(), one.evidence.clone());
        newest.windows(2).any(|pair| matches!(pair, [one, other] if says(one) != says(other)))
    }

    fn newest_of<'a>(&'a self, verdicts: impl Iterator<Item = &'a SignedVerdict>) -> Vec<&'a SignedVerdict> {
        let mut last_of: BTreeMap<[u8; 32], &SignedVerdict> = BTreeMap::new();
        last_of.extend(verdicts.map(|one| (one.reference.log, one)));
        let is_held = |one: &SignedVerdict| {
            let others = last_of.values().filter(|other| other.reference != one.reference);
            others
                .filter_map(|other| self.told_as(other.reference))
                .any(|other| other.entry.knew(one.reference, one.sequence))
        };
        last_of.values().copied().filter(|one| !is_held(one)).collect()
    }

    fn open(
        &self,
        reasons: &[Reason],
        evidence: &Evidence,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> Vec<Reason> {
        let is_open = |reason: &Reason| !self.is_explained(*reason, evidence, known);
        reasons.iter().copied().filter(is_open).collect()
    }

    fn is_explained(
        &self,
        reason: Reason,
        evidence: &Evidence,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> bool {
        self.stock.acknowledged.iter().any(|explanation| {
            let Some(entry) = self.entry_of(explanation) else { return false };
            let speaks = explanation.says.reasons.iter().any(|one| one.reason == reason);
            let raised = |told: &Told| {
                known(&told.entry)
                    && !entry.knew(told.entry.reference, told.entry.sequence)
                    && self.raises(told, reason, entry, known)
            };
            speaks
                && known(entry)
                && self.speaks_of(entry, reason, evidence)
                && !self.told.iter().any(raised)
                && !(reason == Reason::Calibration && self.is_found_out_since(entry, known))
                && !(reason == Reason::Clock && self.clocks_compared_anew(entry, known))
                && !self.more_is_unread(reason, entry, known)
        })
    }

    /// Whether an explanation speaks of a reason as it stands: of a signed verdict that its signer held and that had it
    /// so, or of what the explanation itself shows of their own clock. That speaks of no clock that the legs show and
    /// no such verdict told.
    fn speaks_of(&self, explanation: &SignedEntry, reason: Reason, evidence: &Evidence) -> bool {
        let basis = self.newest_verdicts(explanation);
        let within = |verdict: &SignedVerdict| evidence.within(&verdict.evidence, reason);
        let own_clock = || reason == Reason::Clock && self.has_own_skew(explanation);
        let no_other =
            || basis.iter().any(|one| within(one)) || evidence.within(&Evidence::default(), reason);
        basis.iter().any(|one| one.reasons.contains(&reason) && within(one)) || (own_clock() && no_other())
    }

    /// Whether an entry, not known to who explained a reason, raises it again, by what else is known; the reasons that
    /// lie in the numbers are compared by [`Evidence`].
    pub(super) fn raises(
        &self,
        told: &Told,
        reason: Reason,
        explained: &SignedEntry,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> bool {
        if reason == Reason::Clock && self.shows_clocks_anew(told, explained) {
            return true;
        }
        if told.refused.is_some() {
            return false;
        }
        if reason == Reason::LateEntry && late(told) {
            return true;
        }
        if reason == Reason::CustodyConflict {
            return told.is_taken_over()
                || matches!(told.statement, Some(Statement::Received(_)))
                || self.custody.is_contested(told.entry.reference);
        }
        match &told.statement {
            Some(Statement::Readings(readings)) => match reason {
                _ if readings.channel.quantity != Quantity::Temperature => false,
                _ if self.adds_nothing(told, explained) => false,
                Reason::LateEntry => readings.lateness.is_some(),
                Reason::Provenance | Reason::Clock => self.counts_in_span(readings, known),
                Reason::Calibration => !self.travelled_before(readings.logger, explained),
                _ => false,
            },
            Some(Statement::Observation(says)) => reason == Reason::Observation && gives_cause(says.observed),
            Some(Statement::Received(received)) => self.found_by(received).contains(&reason),
            // Another pick-up knew other certificates, and placed other loggers.
            Some(Statement::Started(_)) => reason == Reason::Calibration,
            _ => false,
        }
    }

    /// Whether an entry that is known, and was not to who signed another, found one of the shipment's loggers out of
    /// tolerance: what was said of another certificate says nothing of that.
    pub(super) fn is_found_out_since(
        &self,
        signed: &SignedEntry,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> bool {
        let Some(from) = self.started.as_ref().map(|started| started.says.at) else { return false };
        let found = |logger: &Id| self.found_out(*logger, from, known);
        self.loggers().iter().flat_map(found).any(|found| !signed.holds(found))
    }

    /// The entries, of those that are known, by which the calibration after an instant found a logger out of
    /// tolerance. What the signer of a pick-up held, who signed as it happened, was before.
    pub(super) fn found_out(
        &self,
        logger: Id,
        from: UtcMillis,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> Vec<&SignedEntry> {
        let begun = self.started.as_ref().map(|started| started.says.at);
        let in_time = |entry: &SignedEntry| begun.is_some_and(|begun| !is_late(begun, entry.at));
        let before =
            |found: &SignedEntry| self.pick_ups().any(|(entry, _)| in_time(entry) && entry.holds(found));
        self.organisation.found_out(logger, from, known, &before)
    }

    /// Whether readings reach into the time from the pick-up to the arrival, by what is known of both.
    fn counts_in_span(&self, readings: &Readings, known: &dyn Fn(&SignedEntry) -> bool) -> bool {
        let begun = self.picked_up_known(known, None).is_none_or(|from| from <= readings.last);
        begun && self.arrival_known(known).is_none_or(|arrival| readings.first <= arrival)
    }

    /// Whether a logger was placed, or its readings were there, when something was signed.
    fn travelled_before(&self, logger: Id, entry: &SignedEntry) -> bool {
        let placed = self.started.iter().flat_map(|started| &started.says.placements);
        let read = |told: &Told| match &told.statement {
            Some(Statement::Readings(readings)) => {
                readings.logger == logger && entry.knew(told.entry.reference, told.entry.sequence)
            }
            _ => false,
        };
        placed.into_iter().any(|placement| placement.logger == logger) || self.told.iter().any(read)
    }

    fn entry_of<T>(&self, placed: &Placed<T>) -> Option<&SignedEntry> {
        self.told_as(placed.reference).map(|told| &told.entry)
    }

    pub(super) fn told_as(&self, reference: EntryReference) -> Option<&Told> {
        self.told.iter().find(|told| told.entry.reference == reference)
    }
}

/// Whether a fact was recorded late, by who says why.
fn late(told: &Told) -> bool {
    let (happened, reason) = match &told.statement {
        Some(Statement::Started(says)) => (says.at, &says.reason),
        Some(Statement::Received(says)) => (says.at, &says.reason),
        Some(Statement::Observation(says)) => (says.at, &says.reason),
        _ => return false,
    };
    reason.is_some() && is_late(happened, told.entry.at)
}
