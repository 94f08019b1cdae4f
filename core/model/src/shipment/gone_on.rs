//! What had happened on a leg when goods went on from it, as far as anybody can tell: by what the signers of the next
//! pick-ups held, else by every clock that tells of both.

use super::clocks::{has_clock, shows_clock};
use super::judgement::gives_cause;
use super::late::{CLOCK_TOLERANCE_MS, is_late};
use super::paths::Path;
use super::story::{SignedEntry, Story};
use crate::record::{EntryReference, Statement};
use crate::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// What may have happened on a leg before goods went on from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Happened {
    /// Whether it may have been received.
    pub was_received: bool,
    /// What somebody may have seen that gives cause to look.
    pub seen: BTreeSet<EntryReference>,
    /// Until when the goods may have been there, at the latest, by the clocks of who took in its readings.
    pub until: Option<UtcMillis>,
}

/// Who tells a time: the clock of who signed it, or a person, which rests on no clock.
#[derive(Clone, Copy, PartialEq)]
enum ToldBy {
    Clock,
    Person,
}

/// When something happened, with the entry and the story that tell of it.
#[derive(Clone, Copy)]
struct Moment<'a> {
    story: &'a Story,
    entry: &'a SignedEntry,
    at: UtcMillis,
    told_by: ToldBy,
}

type PickUp<'a> = Moment<'a>;

/// When something happened, at the earliest or at the latest, as the clock of each log told the time.
type ByClock = BTreeMap<[u8; 32], UtcMillis>;

/// Of each leg, by its place in `stories`, what may have happened there when somebody picked up what goes on from it.
/// Of one that was never picked up itself it is asked of whoever picked up what goes on from there.
pub(super) fn happened_before(
    stories: &[&Story],
    paths: &[Path],
    (ends, last): (&[usize], &Story),
) -> Vec<Happened> {
    let mut next: Vec<Vec<PickUp<'_>>> = vec![Vec::new(); stories.len()];
    note(&mut next, ends, &pick_ups(last));
    for path in paths.iter().rev() {
        let Some((story, after)) = stories.get(path.node).zip(next.get(path.node)) else { continue };
        let own = pick_ups(story);
        let by = if own.is_empty() { after.clone() } else { own };
        note(&mut next, &path.after, &by);
    }
    stories.iter().zip(&next).map(|(story, next)| story.happened_before(next)).collect()
}

fn note<'a>(next: &mut [Vec<PickUp<'a>>], legs: &[usize], pick_ups: &[PickUp<'a>]) {
    for leg in legs {
        if let Some(known) = next.get_mut(*leg) {
            known.extend_from_slice(pick_ups);
        }
    }
}

fn pick_ups(story: &Story) -> Vec<PickUp<'_>> {
    story.pick_ups().map(|(entry, says)| Moment::signed(story, entry, says.at)).collect()
}

impl<'a> Moment<'a> {
    fn signed(story: &'a Story, entry: &'a SignedEntry, at: UtcMillis) -> Self {
        let told_by = if is_late(at, entry.at) { ToldBy::Person } else { ToldBy::Clock };
        Self { story, entry, at, told_by }
    }

    /// Whether it may have been before a pick-up: by the times as they were signed, or by any one clock that both can
    /// be told by, where a time of which that clock says nothing stands as it was signed.
    fn may_be_before(&self, pick_up: &PickUp<'_>) -> bool {
        if pick_up.may_be_after(self.at, pick_up.at) {
            return true;
        }
        let (earliest, latest) = (self.at_the_earliest(pick_up), pick_up.at_the_latest(self.story));
        earliest.keys().chain(latest.keys()).any(|clock| {
            let at = earliest.get(clock).copied().unwrap_or(self.at);
            pick_up.may_be_after(at, latest.get(clock).copied().unwrap_or(pick_up.at))
        })
    }

    /// Whether a pick-up `by` some clock was after an instant, as far as two signatures of one hand-over may differ.
    fn may_be_after(&self, at: UtcMillis, by: UtcMillis) -> bool {
        at.0 <= self.corrected(by).0.saturating_add(CLOCK_TOLERANCE_MS)
    }

    /// The latest that a pick-up can have been that was at `by` otherwise.
    fn corrected(&self, by: UtcMillis) -> UtcMillis {
        self.story.pick_up_at_the_latest(self.entry.reference, by)
    }

    /// By each clock, from whoever signed something earlier by it and held this already.
    fn at_the_earliest(&self, pick_up: &PickUp<'_>) -> ByClock {
        let told = self.story.told.iter().chain(&pick_up.story.told);
        let holders =
            told.filter(|one| one.entry.at < self.at && shows_clock(one) && one.entry.holds(self.entry));
        self.by_clocks(holders.map(|one| &one.entry), UtcMillis::min)
    }

    /// By each clock, from what its signer held that is dated later.
    fn at_the_latest(&self, of: &Story) -> ByClock {
        let told = self.story.told.iter().chain(&of.told);
        let held =
            told.filter(|one| one.entry.at > self.at && has_clock(one) && self.entry.holds(&one.entry));
        self.by_clocks(held.map(|one| &one.entry), UtcMillis::max)
    }

    fn by_clocks<'e>(
        &self,
        shown: impl Iterator<Item = &'e SignedEntry>,
        further: fn(UtcMillis, UtcMillis) -> UtcMillis,
    ) -> ByClock {
        let mut by = ByClock::new();
        if self.told_by == ToldBy::Person {
            return by;
        }
        let compared = self.story.ahead_of_each(self.entry).into_iter();
        let compared = compared.map(|(log, ahead)| (log, UtcMillis(self.at.0.saturating_sub(ahead))));
        for (log, at) in compared.chain(shown.map(|entry| (entry.reference.log, entry.at))) {
            by.entry(log).and_modify(|known| *known = further(*known, at)).or_insert(at);
        }
        by
    }
}

impl Story {
    fn happened_before(&self, next: &[PickUp<'_>]) -> Happened {
        let counts = self.told.iter().filter(|told| told.refused.is_none());
        let causes = counts.filter_map(|told| match &told.statement {
            Some(Statement::Observation(says)) => {
                gives_cause(says.observed).then_some((&told.entry, says.at))
            }
            _ => None,
        });
        let seen = causes.filter(|(entry, at)| {
            let moment = Moment::signed(self, entry, *at);
            next.iter().any(|pick_up| moment.may_be_before(pick_up))
        });
        Happened {
            was_received: next.iter().any(|pick_up| self.was_received_for(pick_up)),
            seen: seen.map(|(entry, _)| entry.reference).collect(),
            until: next.iter().map(|pick_up| self.left_at_the_latest(pick_up)).max(),
        }
    }

    /// When goods may have been picked up at the latest, as the devices told the time that took in readings.
    fn left_at_the_latest(&self, pick_up: &PickUp<'_>) -> UtcMillis {
        let latest = pick_up.at_the_latest(self);
        let as_told_by = |entry: &SignedEntry| {
            let own = std::iter::once((entry.reference.log, 0));
            let ahead: BTreeMap<[u8; 32], i64> = self.ahead_of_each(entry).into_iter().chain(own).collect();
            let clocks: BTreeSet<&[u8; 32]> = latest.keys().chain(ahead.keys()).collect();
            let by = |clock: &&[u8; 32]| {
                let ahead = ahead.get(*clock).copied().unwrap_or_default();
                UtcMillis(latest.get(*clock).unwrap_or(&pick_up.at).0.saturating_add(ahead))
            };
            clocks.iter().map(by).max()
        };
        let readings = self.last_readings_of_each();
        pick_up.corrected(
            readings.values().filter_map(|entry| as_told_by(entry)).fold(pick_up.at, UtcMillis::max),
        )
    }

    /// The last entry of each device that sealed readings.
    fn last_readings_of_each(&self) -> BTreeMap<[u8; 32], &SignedEntry> {
        let counts = self.told.iter().filter(|told| told.refused.is_none());
        let readings = counts.filter(|told| matches!(told.statement, Some(Statement::Readings(_))));
        readings.map(|told| (told.entry.reference.log, &told.entry)).collect()
    }

    /// Whether it may have been received before goods were picked up that go on from it: the signer of that pick-up
    /// held a receipt, whatever arrival counts, or a receipt can have been before it. One that was recorded afterwards
    /// may hold what came after it, so that of it the times alone are asked.
    fn was_received_for(&self, pick_up: &PickUp<'_>) -> bool {
        let corrected = self.corrected_arrival().map(|moved| moved.says.at);
        self.receipts().any(|receipt| {
            let Some(told) = self.told_as(receipt.reference) else { return false };
            let signed = Moment::signed(self, &told.entry, receipt.says.at);
            match (pick_up.entry.holds(&told.entry), corrected) {
                (true, _) => pick_up.told_by == ToldBy::Clock || signed.may_be_before(pick_up),
                (false, Some(at)) => Moment { at, told_by: ToldBy::Person, ..signed }.may_be_before(pick_up),
                (false, None) => signed.may_be_before(pick_up),
            }
        })
    }
}
