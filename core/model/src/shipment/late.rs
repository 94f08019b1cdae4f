//! When a fact happened and when it was recorded: in time, late, or still to come.

use super::story::{SignedEntry, Story};
use crate::authority::Refusal;
use crate::record::{EntryReference, Received, Statement};
use crate::time::UtcMillis;

/// How far two clocks may differ before a person is asked, in milliseconds: 5 min (DESIGN §3.1). A fact that
/// lies further back than that was recorded late; one that lies further ahead has not happened.
pub const CLOCK_TOLERANCE_MS: i64 = 300_000;

/// A time at which stories of the tests begin: 2026-11-29T00:00:00Z.
#[cfg(test)]
pub(super) const STORIES_BEGIN: UtcMillis = UtcMillis(1_795_910_400_000);

/// Whether a fact happened longer ago than clocks differ.
pub fn is_late(happened: UtcMillis, recorded: UtcMillis) -> bool {
    happened.0.saturating_add(CLOCK_TOLERANCE_MS) < recorded.0
}

/// Whether a fact lies further in the future than clocks differ.
pub fn is_still_to_come(happened: UtcMillis, recorded: UtcMillis) -> bool {
    happened.0 > recorded.0.saturating_add(CLOCK_TOLERANCE_MS)
}

/// A fact is recorded in time, or late with a reason (ALCOA+: late entries are flagged), and never before it
/// has happened.
///
/// # Errors
/// [`Refusal::StillToCome`], [`Refusal::LateWithoutReason`].
pub fn recorded(happened: UtcMillis, recorded: UtcMillis, reason: Option<&str>) -> Result<(), Refusal> {
    let says_why = reason.is_some_and(|reason| !reason.trim().is_empty());
    if is_still_to_come(happened, recorded) {
        Err(Refusal::StillToCome)
    } else if is_late(happened, recorded) && !says_why {
        Err(Refusal::LateWithoutReason)
    } else {
        Ok(())
    }
}

impl Story {
    /// Whether a pick-up, a receipt or something that a person saw was recorded late, by who says why.
    pub fn has_late_facts(&self) -> bool {
        let started = self.pick_ups().map(|(entry, says)| (says.at, entry.at, &says.reason));
        let received = self.receipts().map(|one| (one.says.at, one.at, &one.says.reason));
        let seen = self.observations.iter().map(|one| (one.says.at, one.at, &one.says.reason));
        let mut all = started.chain(received).chain(seen);
        all.any(|(happened, recorded, reason)| reason.is_some() && is_late(happened, recorded))
    }

    /// Whether readings that count were sealed before the time that they name: a clock is wrong.
    pub(super) fn has_readings_to_come(&self) -> bool {
        self.told.iter().filter(|told| told.refused.is_none()).any(|told| match &told.statement {
            Some(Statement::Readings(readings)) => is_still_to_come(readings.last, told.entry.at),
            _ => false,
        })
    }

    /// Whether a receipt that is recorded late leaves out what its signer knew of: readings from after the
    /// arrival that it gives, or a hand-over after it.
    ///
    /// Where the pick-up, too, was signed after that arrival, the whole journey is recorded afterwards, and
    /// its hand-overs tell when they were signed rather than when they happened.
    pub(super) fn leaves_out(&self, entry: &SignedEntry, received: &Received) -> bool {
        let (held, by) = (|other: &SignedEntry| entry.holds(other), Some(entry.reference.log));
        let signed = self
            .known_to_signer(entry)
            .unwrap_or(entry.at)
            .max(self.by_compared(entry, entry.at, &held, None).latest);
        let mut pick_ups = self.pick_ups().filter(|(started, _)| entry.holds(started)).peekable();
        // A pick-up whose clock was ahead was not signed afterwards.
        let afterwards = pick_ups.peek().is_some()
            && pick_ups.all(|(started, _)| {
                self.by_compared(started, started.at, &held, by).earliest > received.at
                    && !self.is_ahead(started)
            });
        let known = self.told.iter().filter(|told| told.refused.is_none() && entry.holds(&told.entry));
        received.reason.is_some()
            && is_late(received.at, entry.at)
            && known.into_iter().any(|told| match &told.statement {
                Some(Statement::Readings(readings)) => {
                    readings.last > received.at && readings.first <= signed
                }
                Some(Statement::Offered(_) | Statement::Accepted(_)) => {
                    !afterwards
                        && is_late(
                            received.at,
                            self.by_compared(&told.entry, told.entry.at, &held, by).latest,
                        )
                }
                _ => false,
            })
    }

    /// Whether an entry is one of those that are known: all but those that were told and are not.
    pub(super) fn is_known(&self, entry: EntryReference, known: &dyn Fn(&SignedEntry) -> bool) -> bool {
        self.told_as(entry).is_none_or(|told| known(&told.entry))
    }

    /// Whether the signer of an entry held one that was told before.
    pub(super) fn held_by(&self, entry: &SignedEntry, reference: EntryReference) -> bool {
        let told = self.told.iter().find(|told| told.entry.reference == reference);
        told.is_some_and(|told| entry.holds(&told.entry))
    }
}

impl SignedEntry {
    /// Whether its signer held another entry: one of its own log before it, or one below the heads it names.
    pub fn holds(&self, other: &SignedEntry) -> bool {
        self.knew(other.reference, other.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMillis = UtcMillis(1_000_000_000);

    fn told(minutes: i64, reason: Option<&str>) -> Result<(), Refusal> {
        let seconds = minutes * 60;
        recorded(NOW.plus_seconds(seconds), NOW, reason)
    }

    #[test]
    fn within_five_minutes_either_way_nothing_is_asked() {
        for minutes in [-5, -1, 0, 1, 5] {
            assert_eq!(told(minutes, None), Ok(()), "{minutes}");
        }
    }

    #[test]
    fn what_lies_further_back_takes_a_reason_in_words() {
        assert_eq!(told(-6, None), Err(Refusal::LateWithoutReason));
        assert_eq!(told(-6, Some(" ")), Err(Refusal::LateWithoutReason));
        assert_eq!(told(-6, Some("the phone was flat")), Ok(()));
    }

    #[test]
    fn what_is_still_to_come_is_no_fact_whatever_the_reason() {
        assert_eq!(told(6, Some("it will arrive")), Err(Refusal::StillToCome));
        assert_eq!(recorded(UtcMillis(i64::MAX), UtcMillis(i64::MIN), None), Err(Refusal::StillToCome));
        assert_eq!(recorded(UtcMillis(i64::MIN), UtcMillis(i64::MAX), None), Err(Refusal::LateWithoutReason));
    }
}
