//! What happened to a shipment's stock: held, looked into, answered, found out later.

use super::standing::Act;
use super::story::{Placed, SignedEntry, Story, placed};
use crate::assess::Reason;
use crate::authority::Refusal;
use crate::record::{
    Acknowledged, Approved, ArrivalMoved, Closing, Disposition, ExcursionRecord, Finding, PickUpMoved,
    Quarantined, Reply, Review,
};
use std::collections::BTreeSet;

/// The statements about stock that count, each list in the order of the story.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StockStory {
    /// Every decision that counted.
    pub decisions: Vec<Placed<Disposition>>,
    /// What was done about its lines, from which their standing follows.
    pub(super) acts: Vec<Act>,
    /// The same with the holds that no longer count, as those who decided may have seen them.
    pub(super) shown: Vec<Act>,
    /// Holds.
    pub quarantined: Vec<Placed<Quarantined>>,
    /// Excursions looked into.
    pub reviews: Vec<Placed<Review>>,
    /// Reasons explained.
    pub acknowledged: Vec<Placed<Acknowledged>>,
    /// Manufacturers' answers.
    pub replies: Vec<Placed<Reply>>,
    /// Corrections of the arrival, approved or not.
    pub arrivals: Vec<Placed<ArrivalMoved>>,
    /// Corrections of the pick-up, approved or not.
    pub pick_ups: Vec<Placed<PickUpMoved>>,
    /// Agreements of second persons.
    pub approvals: Vec<Placed<Approved>>,
    /// What was found after a release.
    pub findings: Vec<Placed<Finding>>,
    /// What CDC asks to be written down, entry by entry; later ones add to earlier ones.
    pub excursion_records: Vec<Placed<ExcursionRecord>>,
}

impl StockStory {
    /// The lots that a manufacturer was asked about and has not answered, each with the question.
    pub fn unanswered(&self) -> Vec<(&Placed<Review>, Vec<&str>)> {
        let open = |review: &'_ Placed<Review>| -> Vec<String> {
            let lots = review.says.asked.iter().flat_map(|asked| &asked.lots);
            let answered = |lot: &str| {
                let mut replies = self.replies.iter().filter(|reply| reply.says.review == review.reference);
                replies.any(|reply| reply.says.lots.iter().any(|one| one == lot))
            };
            lots.filter(|lot| !answered(lot)).cloned().collect()
        };
        let mut questions = Vec::new();
        for review in &self.reviews {
            let open = open(review);
            let lots = review.says.asked.iter().flat_map(|asked| &asked.lots).map(String::as_str);
            let lots: Vec<&str> = lots.filter(|lot| open.iter().any(|one| one == lot)).collect();
            if !lots.is_empty() {
                questions.push((review, lots));
            }
        }
        questions
    }
}

impl Story {
    /// A hold, by anybody and at any time.
    pub(super) fn follow_hold(&mut self, entry: &SignedEntry, says: &Quarantined) -> Result<(), Refusal> {
        written(&says.reason)?;
        self.note_hold(entry);
        self.stock.quarantined.push(placed(entry, says.clone()));
        Ok(())
    }

    /// A look into an excursion, once the shipment is under way; who asks a manufacturer names its lots, and puts
    /// a release of theirs in question that did not know of it.
    pub(super) fn follow_review(&mut self, entry: &SignedEntry, review: &Review) -> Result<(), Refusal> {
        self.under_way()?;
        written(&review.cause)?;
        if let Some(asked) = &review.asked {
            written(&asked.manufacturer)?;
            if asked.lots.is_empty() || asked.due < asked.asked {
                return Err(Refusal::MalformedBody);
            }
            let items = self.created.iter().flat_map(|created| &created.says.items);
            let lots: BTreeSet<&str> = items.filter_map(|item| item.lot.as_deref()).collect();
            if !asked.lots.iter().all(|lot| lots.contains(lot.as_str())) {
                return Err(Refusal::UnknownName);
            }
            self.note_doubted(entry, self.lines_of(&asked.lots));
        }
        self.stock.reviews.push(placed(entry, review.clone()));
        Ok(())
    }

    /// Explanations: each reason once, each in words, of the signed verdict that their signer held, or `clock` of what
    /// the explanation itself shows of their own.
    pub(super) fn follow_explanation(
        &mut self,
        entry: &SignedEntry,
        says: &Acknowledged,
    ) -> Result<(), Refusal> {
        self.under_way()?;
        let named: BTreeSet<_> = says.reasons.iter().map(|one| one.reason).collect();
        if says.reasons.is_empty() || named.len() != says.reasons.len() {
            return Err(Refusal::MalformedBody);
        }
        says.reasons.iter().try_for_each(|one| written(&one.explanation))?;
        let given: Vec<Reason> =
            self.newest_verdicts(entry).iter().flat_map(|verdict| &verdict.reasons).copied().collect();
        let own_clock = |reason: Reason| reason == Reason::Clock && self.has_own_skew(entry);
        if !named.iter().all(|reason| given.contains(reason) || own_clock(*reason)) {
            return Err(Refusal::NotAReason);
        }
        self.stock.acknowledged.push(placed(entry, says.clone()));
        Ok(())
    }

    /// What was found after a release, of lines that its signer knew to be released; a verdict worse than the one
    /// before holds the stock again, and so does one that is out of range otherwise or gives a reason that it did not
    /// have so.
    pub(super) fn follow_finding(&mut self, entry: &SignedEntry, says: &Finding) -> Result<(), Refusal> {
        let known = self.releases_to(entry).contains(&says.disposition);
        let decision = self.told_as(says.disposition).filter(|_| known).ok_or(Refusal::OutOfOrder)?;
        let assessed = self.verdicts.iter().find(|one| one.reference == says.assessment);
        let assessed = assessed.ok_or(Refusal::OutOfOrder)?.clone();
        if self.held_by(&decision.entry, assessed.reference) {
            return Err(Refusal::OutOfOrder);
        }
        let released = self.released_to(entry);
        if says.lines.is_empty() != released.is_empty()
            || !says.lines.iter().all(|line| released.contains(line))
        {
            return Err(Refusal::UnknownName);
        }
        written(&says.words)?;
        let signed = self.told_as(assessed.reference).map(|told| &told.entry);
        let held = |other: &SignedEntry| signed.is_some_and(|signed| signed.holds(other));
        if self.is_worse_than_decided(&decision.entry, &assessed.against(&held)) {
            self.note_found(entry, says.lines.clone(), &assessed);
        }
        self.stock.findings.push(placed(entry, says.clone()));
        Ok(())
    }

    pub(super) fn not_cancelled(&self) -> Result<(), Refusal> {
        if self.closing == Some(Closing::Cancelled) { Err(Refusal::OutOfOrder) } else { Ok(()) }
    }

    /// Whether it was picked up or received, and not cancelled.
    pub fn is_under_way(&self) -> bool {
        self.under_way().is_ok()
    }

    pub(crate) fn under_way(&self) -> Result<(), Refusal> {
        self.not_cancelled()?;
        if self.started.is_some() || self.received.is_some() { Ok(()) } else { Err(Refusal::OutOfOrder) }
    }
}

/// Words that say something.
fn written(words: &str) -> Result<(), Refusal> {
    if words.trim().is_empty() { Err(Refusal::MalformedBody) } else { Ok(()) }
}
