//! What manufacturers were asked about lots and answered, and what that keeps from being released.

use super::story::{Placed, SignedEntry, Story, placed};
use crate::authority::Refusal;
use crate::record::{Advice, Asked, EntryReference, Reply, Review};

/// Why a lot is not to be released.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Barred<'a> {
    /// Somebody asked this, and the answer has not come.
    Unanswered(&'a Placed<Review>),
    /// The manufacturer answered this: to be discarded.
    Discard(&'a Placed<Reply>),
}

/// A question as somebody names it; what is left out fits any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuestionNamed {
    /// Whom it was put to.
    pub manufacturer: Option<String>,
    /// The manufacturer's case number.
    pub case_number: Option<String>,
}

impl QuestionNamed {
    fn fits(&self, asked: &Asked) -> bool {
        self.manufacturer.as_ref().is_none_or(|named| *named == asked.manufacturer)
            && self.case_number.as_ref().is_none_or(|named| Some(named) == asked.case_number.as_ref())
    }
}

impl Story {
    /// The question about all of these lots that an answer is to: of those that fit its name the one that waits,
    /// or the newest where all were answered.
    ///
    /// # Errors
    /// The questions that may be meant, in words, where they are several; none where nobody asked.
    pub fn question_for(
        &self,
        lots: &[String],
        named: &QuestionNamed,
    ) -> Result<EntryReference, Vec<String>> {
        let fits = |review: &&Placed<Review>| {
            let asked = review.says.asked.as_ref().filter(|asked| named.fits(asked));
            asked.is_some_and(|asked| lots.iter().all(|lot| asked.lots.contains(lot)))
        };
        let all: Vec<&Placed<Review>> = self.stock.reviews.iter().filter(fits).collect();
        let unanswered = self.stock.unanswered();
        let waits = |review: &&&Placed<Review>| {
            let mut open = unanswered.iter().filter(|(one, _)| one.reference == review.reference);
            open.any(|(_, open)| lots.iter().any(|lot| open.contains(&lot.as_str())))
        };
        let waiting: Vec<&Placed<Review>> = all.iter().filter(waits).copied().collect();
        let meant = if waiting.is_empty() { all } else { waiting };
        let mut names: Vec<String> =
            meant.iter().filter_map(|review| review.says.asked.as_ref()).map(worded).collect();
        names.dedup();
        match (&meant[..], &names[..]) {
            ([.., newest], [_]) => Ok(newest.reference),
            _ => Err(names),
        }
    }

    /// Why a lot may not be released as far as somebody knows: of all that was asked about it, a question that has
    /// no answer, or an answer that bars it.
    ///
    /// Of answers that did not know of each other the strictest holds. What bars is lifted by an answer whose
    /// signer held it, to the same question or to one that was asked in its knowledge.
    pub(super) fn barred(&self, lot: &str, known: &dyn Fn(EntryReference) -> bool) -> Option<Barred<'_>> {
        self.all_barred(lot, known).into_iter().next()
    }

    /// Everything for which it may not, answers first.
    pub(super) fn all_barred(&self, lot: &str, known: &dyn Fn(EntryReference) -> bool) -> Vec<Barred<'_>> {
        let replies = || {
            let of_lot = |reply: &&Placed<Reply>| reply.says.lots.iter().any(|one| one == lot);
            self.stock.replies.iter().filter(of_lot).filter(|reply| known(reply.reference))
        };
        let lifted = |discard: &Placed<Reply>| {
            replies().any(|other| other.says.advice == Advice::MayBeUsed && self.lifts(other, discard))
        };
        let discards = replies().filter(|reply| reply.says.advice == Advice::Discard);
        let discards = discards.filter(|discard| !lifted(discard)).map(Barred::Discard);
        let answered = |review: &Placed<Review>| replies().any(|one| one.says.review == review.reference);
        let asked = self.stock.reviews.iter().filter(|review| asks(review, lot) && known(review.reference));
        let asked = asked.filter(|review| !answered(review)).map(Barred::Unanswered);
        discards.chain(asked).collect()
    }

    fn lifts(&self, answer: &Placed<Reply>, discard: &Placed<Reply>) -> bool {
        let knew = |reference| {
            self.told_as(reference).is_some_and(|told| self.held_by(&told.entry, discard.reference))
        };
        knew(answer.reference) && (answer.says.review == discard.says.review || knew(answer.says.review))
    }

    /// The question that an answer was given to.
    pub(super) fn question_of(&self, reply: &Placed<Reply>) -> Option<&Placed<Review>> {
        self.stock.reviews.iter().find(|review| review.reference == reply.says.review)
    }

    /// An answer, to a question about all of its lots; that they are to be discarded holds their lines, released
    /// or not.
    pub(super) fn follow_answer(&mut self, entry: &SignedEntry, reply: &Reply) -> Result<(), Refusal> {
        self.not_cancelled()?;
        let asked = self.stock.reviews.iter().find(|review| review.reference == reply.review);
        let asked = asked.and_then(|review| review.says.asked.as_ref()).ok_or(Refusal::OutOfOrder)?;
        if reply.lots.is_empty() || reply.words.trim().is_empty() {
            return Err(Refusal::MalformedBody);
        }
        if !reply.lots.iter().all(|lot| asked.lots.contains(lot)) {
            return Err(Refusal::UnknownName);
        }
        if reply.advice == Advice::Discard {
            self.note_discarded(entry, self.lines_of(&reply.lots));
        }
        self.stock.replies.push(placed(entry, reply.clone()));
        Ok(())
    }

    /// The lines of these lots, from 0.
    pub(super) fn lines_of(&self, lots: &[String]) -> Vec<u32> {
        let items = self.created.iter().flat_map(|created| &created.says.items);
        let of_them =
            (0_u32..).zip(items).filter(|(_, item)| item.lot.as_ref().is_some_and(|lot| lots.contains(lot)));
        of_them.map(|(line, _)| line).collect()
    }
}

/// `Acme (case 7)`.
fn worded(asked: &Asked) -> String {
    let case = asked.case_number.as_ref().map(|number| format!(" (case {number})")).unwrap_or_default();
    format!("{}{case}", asked.manufacturer)
}

fn asks(review: &Placed<Review>, lot: &str) -> bool {
    review.says.asked.as_ref().is_some_and(|asked| asked.lots.iter().any(|one| one == lot))
}
