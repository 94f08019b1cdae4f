//! What happened to a shipment's stock: held, looked into, answered, found out later.

use super::release::SignedVerdict;
use super::standing::Act;
use super::story::{Placed, SignedEntry, Story, placed};
use crate::assess::Verdict;
use crate::authority::Refusal;
use crate::record::{
    Acknowledged, Advice, Approved, ArrivalMoved, Closing, Disposition, EntryReference, ExcursionRecord,
    Finding, Quarantined, Reply, Review,
};
use std::collections::BTreeSet;

/// The statements about stock that count, each list in the order of the story.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StockStory {
    /// Every decision that counted.
    pub decisions: Vec<Placed<Disposition>>,
    /// What was done about its lines, from which their standing follows.
    pub(super) acts: Vec<Act>,
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
    /// Agreements of second persons.
    pub approvals: Vec<Placed<Approved>>,
    /// What was found after a release.
    pub findings: Vec<Placed<Finding>>,
    /// What CDC asks to be written down, entry by entry; later ones add to earlier ones.
    pub excursion_records: Vec<Placed<ExcursionRecord>>,
}

impl StockStory {
    /// Whether a lot is not to be released: its newest question is unanswered, or the answer bars it.
    ///
    /// An answer holds for the lots that it names and for no other.
    pub fn bars(&self, lot: &str) -> bool {
        let asks = |review: &&Placed<Review>| {
            let asked = review.says.asked.as_ref();
            asked.is_some_and(|asked| asked.lots.iter().any(|one| one == lot))
        };
        let answer = self.replies.iter().rev().find(|reply| reply.says.lots.iter().any(|one| one == lot));
        match (self.reviews.iter().rev().find(asks), answer) {
            (_, Some(answer)) if answer.says.advice == Advice::Discard => true,
            (Some(asked), Some(answer)) => answer.says.review != asked.reference,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

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

    fn follow_reply(&mut self, entry: &SignedEntry, reply: &Reply) -> Result<(), Refusal> {
        let asked = self.reviews.iter().find(|review| review.reference == reply.review);
        let asked = asked.and_then(|review| review.says.asked.as_ref()).ok_or(Refusal::OutOfOrder)?;
        if reply.lots.is_empty() || reply.words.trim().is_empty() {
            return Err(Refusal::MalformedBody);
        }
        if !reply.lots.iter().all(|lot| asked.lots.contains(lot)) {
            return Err(Refusal::UnknownName);
        }
        self.replies.push(placed(entry, reply.clone()));
        Ok(())
    }
}

impl Story {
    /// A hold, by anybody and at any time before the record is cancelled.
    pub(super) fn follow_hold(&mut self, entry: &SignedEntry, says: &Quarantined) -> Result<(), Refusal> {
        self.not_cancelled()?;
        written(&says.reason)?;
        self.note_hold(entry);
        self.stock.quarantined.push(placed(entry, says.clone()));
        Ok(())
    }

    /// A look into an excursion, once the shipment is under way; who asks a manufacturer names its lots.
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
        }
        self.stock.reviews.push(placed(entry, review.clone()));
        Ok(())
    }

    /// Explanations: each reason once, each in words, of the signed verdict that their signer held.
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
        let given = self.newest_verdict(entry).map(|verdict| verdict.reasons.as_slice()).unwrap_or_default();
        if !named.iter().all(|reason| given.contains(reason)) {
            return Err(Refusal::NotAReason);
        }
        self.stock.acknowledged.push(placed(entry, says.clone()));
        Ok(())
    }

    pub(super) fn follow_answer(&mut self, entry: &SignedEntry, reply: &Reply) -> Result<(), Refusal> {
        self.not_cancelled()?;
        self.stock.follow_reply(entry, reply)
    }

    /// What was found after a release; a verdict worse than the one before holds the stock again, and so does
    /// one that was out of range before and is so otherwise now.
    pub(super) fn follow_finding(&mut self, entry: &SignedEntry, says: &Finding) -> Result<(), Refusal> {
        let known = self.releases().contains(&says.disposition);
        let decision = self.stock.decisions.iter().find(|one| known && one.reference == says.disposition);
        let decision = decision.ok_or(Refusal::OutOfOrder)?;
        let place = |reference| self.told.iter().position(|told| told.entry.reference == reference);
        let assessed = self.verdicts.iter().find(|one| one.reference == says.assessment);
        let assessed = assessed.ok_or(Refusal::OutOfOrder)?;
        if place(assessed.reference) < place(decision.reference) {
            return Err(Refusal::OutOfOrder);
        }
        if says.lines != self.released_lines() {
            return Err(Refusal::UnknownName);
        }
        written(&says.words)?;
        let before = self.verdict_decided_on(decision.reference);
        let worse = before.is_none_or(|before| {
            assessed.verdict > before.verdict
                || (assessed.verdict == Verdict::Excursion
                    && !assessed.evidence.same_excursions(&before.evidence))
        });
        if worse {
            self.note_found(entry, says.lines.clone());
        }
        self.stock.findings.push(placed(entry, says.clone()));
        Ok(())
    }

    /// The newest verdict that was told before a decision.
    fn verdict_decided_on(&self, decision: EntryReference) -> Option<&SignedVerdict> {
        let before = self.told.iter().take_while(|told| told.entry.reference != decision);
        let before: BTreeSet<EntryReference> = before.map(|told| told.entry.reference).collect();
        self.verdicts.iter().rev().find(|one| before.contains(&one.reference))
    }

    fn not_cancelled(&self) -> Result<(), Refusal> {
        if self.closing == Some(Closing::Cancelled) { Err(Refusal::OutOfOrder) } else { Ok(()) }
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
