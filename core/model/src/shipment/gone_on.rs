//! What had happened on a leg when goods went on from it, as far as anybody can tell: by what the signers of the next
//! pick-ups held, else by every clock that tells of both.

use super::clocks::{has_clock, known_at, shows_clock};
use super::judgement::gives_cause;
use super::late::{CLOCK_TOLERANCE_MS, is_late};
use super::paths::Path;
use super::story::{SignedEntry, Story, Told};
use super::taken::{ForeignLeg, Taking};
use crate::reading::Source;
use crate::record::{EntryReference, Readings, Statement};
use crate::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// A leg's story, and what else is known of it where another organisation told it.
pub(super) type LegStory<'a> = (&'a Story, Option<&'a ForeignLeg>);

/// What may have happened on a leg before goods went on from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Happened {
    /// Whether it may have been received.
    pub was_received: bool,
    /// What somebody may have seen that gives cause to look.
    pub seen: BTreeSet<EntryReference>,
    /// Until when the goods may have been there, at the latest, by the clocks that dated its readings.
    pub until: Option<UtcMillis>,
}

type Log = [u8; 32];

/// When something happened, at the earliest or at the latest, as the clock of each log told the time.
type ByClock = BTreeMap<Log, UtcMillis>;

/// Who tells a time: the clock of who signed it, or a person, which rests on no clock.
#[derive(Clone, Copy, PartialEq)]
enum ToldBy {
    Clock,
    Person,
}

/// When something happened, with the entry and the story that tell of it.
#[derive(Clone, Copy)]
struct Moment<'a> {
    of: LegStory<'a>,
    entry: &'a SignedEntry,
    at: UtcMillis,
    told_by: ToldBy,
}

type PickUp<'a> = Moment<'a>;

/// What is known of the legs, and of what goes on from them.
struct Known<'a> {
    /// Every entry, with those by which evidence of other organisations was taken.
    told: Vec<&'a Told>,
    /// By which evidence was taken that tells of legs.
    takings: Vec<&'a Taking>,
}

/// Of each leg, by its place in `legs`, what may have happened there when somebody picked up what goes on from it.
/// Of one that was never picked up itself it is asked of whoever picked up what goes on from there.
pub(super) fn happened_before(
    legs: &[LegStory<'_>],
    paths: &[Path],
    (ends, last): (&[usize], &Story),
) -> Vec<Happened> {
    let mut next: Vec<Vec<PickUp<'_>>> = vec![Vec::new(); legs.len()];
    note(&mut next, ends, &pick_ups((last, None)));
    for path in paths.iter().rev() {
        let Some((leg, after)) = legs.get(path.node).zip(next.get(path.node)) else { continue };
        let own = pick_ups(*leg);
        let by = if own.is_empty() { after.clone() } else { own };
        note(&mut next, &path.after, &by);
    }
    let known = Known::of(legs, last);
    legs.iter().zip(&next).map(|(leg, next)| known.happened_before(*leg, next)).collect()
}

fn note<'a>(next: &mut [Vec<PickUp<'a>>], legs: &[usize], pick_ups: &[PickUp<'a>]) {
    for leg in legs {
        if let Some(known) = next.get_mut(*leg) {
            known.extend_from_slice(pick_ups);
        }
    }
}

fn pick_ups(of: LegStory<'_>) -> Vec<PickUp<'_>> {
    of.0.pick_ups().map(|(entry, says)| Moment::signed(of, entry, says.at)).collect()
}

impl<'a> Moment<'a> {
    fn signed(of: LegStory<'a>, entry: &'a SignedEntry, at: UtcMillis) -> Self {
        let told_by = if is_late(at, entry.at) { ToldBy::Person } else { ToldBy::Clock };
        Self { of, entry, at, told_by }
    }

    /// The latest that a pick-up can have been that was at `by` otherwise.
    fn corrected(&self, by: UtcMillis) -> UtcMillis {
        self.of.0.pick_up_at_the_latest(self.entry.reference, by)
    }

    /// As each other clock told the time that its own was compared with, and as those entries show it that were `shown`.
    fn by_clocks<'e>(
        &self,
        shown: impl Iterator<Item = &'e Told>,
        further: fn(UtcMillis, UtcMillis) -> UtcMillis,
    ) -> ByClock {
        let mut by = ByClock::new();
        if self.told_by == ToldBy::Person {
            return by;
        }
        let (story, foreign) = self.of;
        let ahead = foreign.and_then(ForeignLeg::ahead_of_taker);
        let compared = story.ahead_of_each(self.entry).into_iter().chain(ahead);
        let compared = compared.map(|(log, ahead)| (log, UtcMillis(self.at.0.saturating_sub(ahead))));
        for (log, at) in compared.chain(shown.map(|told| (told.entry.reference.log, known_at(told)))) {
            by.entry(log).and_modify(|known| *known = further(*known, at)).or_insert(at);
        }
        by
    }
}

impl<'a> Known<'a> {
    fn of(legs: &[LegStory<'a>], last: &'a Story) -> Self {
        let foreign = legs.iter().filter_map(|(_, foreign)| *foreign);
        let takings: Vec<&Taking> = foreign.flat_map(|foreign| &foreign.takings).collect();
        let stories = legs.iter().map(|(story, _)| *story).chain([last]);
        let told = stories.flat_map(|story| &story.told).chain(takings.iter().map(|taking| &taking.told));
        Self { told: told.collect(), takings }
    }

    /// Whether the signer of an entry held another one: itself, or evidence that tells of it.
    fn is_held(&self, entry: &SignedEntry, signed: &SignedEntry) -> bool {
        signed.holds(entry) || self.takings.iter().any(|taking| taking.lets_hold(signed, entry))
    }

    /// Whether its signer held an entry when goods were picked up, rather than when it was recorded.
    fn was_held_at(&self, pick_up: &PickUp<'_>, entry: &SignedEntry) -> bool {
        pick_up.told_by == ToldBy::Clock && self.is_held(entry, pick_up.entry)
    }

    fn happened_before(&self, leg: LegStory<'a>, next: &[PickUp<'_>]) -> Happened {
        let counts = leg.0.told.iter().filter(|told| told.refused.is_none());
        let causes = counts.filter_map(|told| match &told.statement {
            Some(Statement::Observation(says)) => {
                gives_cause(says.observed).then_some((&told.entry, says.at))
            }
            _ => None,
        });
        let seen = causes.filter(|(entry, at)| {
            let moment = Moment::signed(leg, entry, *at);
            next.iter().any(|pick_up| self.may_be_before(&moment, pick_up))
        });
        Happened {
            was_received: next.iter().any(|pick_up| self.was_received(leg, pick_up)),
            seen: seen.map(|(entry, _)| entry.reference).collect(),
            until: next.iter().map(|pick_up| self.left_at_the_latest(leg, pick_up)).max(),
        }
    }

    /// Whether something may have been before a pick-up: by the times as they were signed, or by any one clock that both
    /// can be told by, where a time of which that clock says nothing stands as it was signed. Two signatures of one
    /// hand-over may differ as clocks do.
    fn may_be_before(&self, moment: &Moment<'_>, pick_up: &PickUp<'_>) -> bool {
        let is_before =
            |at: UtcMillis, by: UtcMillis| at.0 <= pick_up.corrected(by).0.saturating_add(CLOCK_TOLERANCE_MS);
        if is_before(moment.at, pick_up.at) {
            return true;
        }
        let (earliest, latest) = (self.earliest(moment), self.latest(pick_up));
        earliest.keys().chain(latest.keys()).any(|clock| {
            let at = earliest.get(clock).copied().unwrap_or(moment.at);
            is_before(at, latest.get(clock).copied().unwrap_or(pick_up.at))
        })
    }

    /// By each clock, from whoever signed something earlier by it and held this already.
    fn earliest(&self, moment: &Moment<'_>) -> ByClock {
        let holders = self.told.iter().filter(|told| {
            known_at(told) < moment.at && shows_clock(told) && self.is_held(moment.entry, &told.entry)
        });
        moment.by_clocks(holders.copied(), UtcMillis::min)
    }

    /// By each clock, from what its signer held that is dated later.
    fn latest(&self, moment: &Moment<'_>) -> ByClock {
        let held = self.told.iter().filter(|told| {
            known_at(told) > moment.at && has_clock(told) && self.is_held(&told.entry, moment.entry)
        });
        moment.by_clocks(held.copied(), UtcMillis::max)
    }

    /// Whether a leg may have been received before goods were picked up that go on from it: the signer of that pick-up
    /// held a receipt, whatever arrival counts, or a receipt can have been before it. One that was recorded afterwards
    /// may hold what came after it, so that of it the times alone are asked.
    fn was_received(&self, leg: LegStory<'a>, pick_up: &PickUp<'_>) -> bool {
        let corrected = leg.0.corrected_arrival().map(|moved| moved.says.at);
        leg.0.receipts().any(|receipt| {
            let Some(told) = leg.0.told_as(receipt.reference) else { return false };
            let signed = Moment::signed(leg, &told.entry, receipt.says.at);
            let moment = match corrected.filter(|_| !pick_up.entry.holds(&told.entry)) {
                Some(at) => Moment { at, told_by: ToldBy::Person, ..signed },
                None => signed,
            };
            self.was_held_at(pick_up, &told.entry) || self.may_be_before(&moment, pick_up)
        })
    }

    /// Until when goods may have been in a leg, as its readings are dated that lie after a pick-up as that was signed:
    /// those that its signer held were measured before it, unless people agreed on another time.
    fn left_at_the_latest(&self, leg: LegStory<'a>, pick_up: &PickUp<'_>) -> UtcMillis {
        let signed = pick_up.corrected(pick_up.at);
        let latest = self.latest(pick_up);
        let is_agreed = pick_up.of.0.is_pick_up_agreed(pick_up.entry.reference);
        let until = |(entry, says): (&SignedEntry, &Readings)| {
            if !is_agreed && self.was_held_at(pick_up, entry) {
                return Some(says.last);
            }
            // A file is dated by no device.
            let told_by = if says.source == Source::Import { ToldBy::Person } else { ToldBy::Clock };
            let moment = Moment { of: leg, entry, at: entry.at, told_by };
            self.as_dated_by(&moment, (pick_up, &latest)).filter(|until| says.first <= *until)
        };
        let counts = leg.0.told.iter().filter(|told| told.refused.is_none());
        let later = counts.filter_map(|told| match &told.statement {
            Some(Statement::Readings(says)) if says.last > signed => Some((&told.entry, says)),
            _ => None,
        });
        later.filter_map(until).fold(signed, UtcMillis::max)
    }

    /// When a pick-up was at the latest, by the clock that dated something else.
    fn as_dated_by(
        &self,
        moment: &Moment<'_>,
        (pick_up, latest): (&PickUp<'_>, &ByClock),
    ) -> Option<UtcMillis> {
        let earliest = self.earliest(moment);
        let own = std::iter::once(&moment.entry.reference.log);
        let clocks = latest.keys().chain(earliest.keys()).chain(own);
        let by = clocks.map(|clock| {
            let ahead = earliest.get(clock).map_or(0, |at| moment.at.0.saturating_sub(at.0));
            let by = pick_up.corrected(latest.get(clock).copied().unwrap_or(pick_up.at));
            UtcMillis(by.0.saturating_add(ahead))
        });
        by.max()
    }
}
