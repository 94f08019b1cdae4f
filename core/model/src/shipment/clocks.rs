//! What a shipment's entries show of the clocks of the devices that signed them, and what counts by it.
//!
//! Whoever holds an entry signed after it was signed. So an entry that holds one dated later than itself shows that
//! one of the two clocks is wrong, and by how much at least; which of them is, nothing here can say, and what counts
//! is the stricter of both.

mod asked;
mod taken_over;

pub use self::asked::Looking;
use self::taken_over::TakenOver;
use super::late::{CLOCK_TOLERANCE_MS, is_late};
use super::story::{Placed, SignedEntry, Story, Told};
use crate::api::{ClockDifference, Device};
use crate::authority::Refusal;
use crate::record::{Kind, Received, Started, Statement};
use crate::time::UtcMillis;
use std::collections::BTreeMap;

/// An entry and one that its signer held, which is dated later by more than clocks may differ.
#[derive(Clone, Copy, Debug)]
pub(super) struct Skew<'a> {
    behind: &'a SignedEntry,
    ahead: &'a SignedEntry,
    /// The receipt of another organisation that is behind, where that one is told by `behind`.
    taken_over: Option<TakenOver<'a>>,
}

impl<'a> Skew<'a> {
    pub(super) fn of(behind: &'a SignedEntry, ahead: &'a SignedEntry) -> Self {
        Self { behind, ahead, taken_over: None }
    }

    fn behind_at(&self) -> UtcMillis {
        self.taken_over.map_or(self.behind.at, |taken| taken.at)
    }

    fn behind_log(&self) -> [u8; 32] {
        self.taken_over.map_or(self.behind.reference.log, |taken| taken.log)
    }

    fn behind_device(&self) -> Device {
        self.taken_over.map_or_else(|| self.behind.device.clone(), |taken| taken.device())
    }

    /// By how much the clocks differ at least, in milliseconds.
    fn difference_ms(&self) -> i64 {
        self.ahead.at.0.saturating_sub(self.behind_at().0)
    }

    /// Whether this one was to be expected by another: of the clock that was behind there, or of the one that was
    /// ahead, and by no more than clocks may differ further.
    fn follows_from(&self, known: &Self) -> bool {
        (self.behind_log() == known.behind_log() || self.ahead.reference.log == known.ahead.reference.log)
            && self.difference_ms() <= known.difference_ms().saturating_add(CLOCK_TOLERANCE_MS)
    }
}

/// The clocks that differ by these, for each two logs where they differ most, in the order of the logs.
pub(super) fn most<'a>(skews: impl Iterator<Item = Skew<'a>>) -> Vec<ClockDifference> {
    let mut most: BTreeMap<([u8; 32], [u8; 32]), Skew<'_>> = BTreeMap::new();
    for skew in skews {
        let of = (skew.behind_log(), skew.ahead.reference.log);
        let known = most.entry(of).or_insert(skew);
        if skew.difference_ms() > known.difference_ms() {
            *known = skew;
        }
    }
    let told = |skew: Skew<'_>| ClockDifference {
        behind: skew.behind_device(),
        behind_at: skew.behind_at(),
        ahead: skew.ahead.device.clone(),
        ahead_at: skew.ahead.at,
        difference_s: skew.difference_ms() / 1000,
    };
    most.into_values().map(told).collect()
}

/// Adds a difference to those of other logs; of the same two logs the one where they differ most stays.
pub(super) fn add_further(differences: &mut Vec<ClockDifference>, other: ClockDifference) {
    let same = |one: &&mut ClockDifference| {
        (&one.behind.log, &one.ahead.log) == (&other.behind.log, &other.ahead.log)
    };
    match differences.iter_mut().find(same) {
        Some(one) if one.difference_s < other.difference_s => *one = other,
        Some(_) => {}
        None => differences.push(other),
    }
}

/// Somebody who signs, or would sign now: by which log, when, and what they hold.
pub(super) struct Signing<'a> {
    by: Looking,
    holds: &'a dyn Fn(&SignedEntry) -> bool,
}

/// One time by the clock that told it and by those that it was compared with.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByClocks {
    pub earliest: UtcMillis,
    pub latest: UtcMillis,
}

/// Whether an instant lies after another one by more than clocks may differ.
pub(super) fn is_ahead_of(later: UtcMillis, earlier: UtcMillis) -> bool {
    later.0 > earlier.0.saturating_add(CLOCK_TOLERANCE_MS)
}

impl Story {
    /// Whether entries, or what devices compared, show that two clocks differ.
    pub(super) fn has_differing_clocks(&self) -> bool {
        self.has_compared_clocks() || !self.skews().is_empty()
    }

    /// The clocks that differ, for each two logs where they differ most, in the order of the story.
    pub fn clock_differences(&self) -> Vec<ClockDifference> {
        let mut differences = most(self.skews().into_iter());
        for compared in self.compared_clocks() {
            add_further(&mut differences, compared);
        }
        differences.sort_by_key(|one| (one.behind_at, one.ahead_at));
        differences
    }

    /// Whether an entry shows a difference of clocks that who signed another one could not expect by what they held.
    pub(super) fn shows_clocks_anew(&self, told: &Told, signed: &SignedEntry) -> bool {
        let Some(place) = self.told.iter().position(|one| one.entry.reference == told.entry.reference) else {
            return false;
        };
        let mut anew = self.skews_of(place, told).chain(self.skews_of_taken_over(told)).peekable();
        if anew.peek().is_none() {
            return false;
        }
        let is_known = |one: &SignedEntry| one.reference == signed.reference || signed.holds(one);
        let known: Vec<Skew<'_>> = self.skews().into_iter().filter(|one| is_known(one.behind)).collect();
        anew.any(|skew| !known.iter().any(|one| skew.follows_from(one)))
    }

    /// Every pair of entries that shows it. What somebody held is told before what they sign.
    fn skews(&self) -> Vec<Skew<'_>> {
        let mut skews = Vec::new();
        let mut latest = UtcMillis(i64::MIN);
        for (place, told) in self.told.iter().enumerate() {
            // With right clocks nothing told before is dated later, and nothing is compared one by one.
            if is_ahead_of(latest, told.entry.at) {
                skews.extend(self.skews_of(place, told));
            }
            if has_clock(told) {
                latest = latest.max(told.entry.at);
            }
            skews.extend(self.skews_of_taken_over(told));
        }
        skews
    }

    fn skews_of<'a>(&'a self, place: usize, told: &'a Told) -> impl Iterator<Item = Skew<'a>> {
        let behind = &told.entry;
        let before = if shows_clock(told) { self.told.get(..place) } else { None };
        let ahead = before.unwrap_or_default().iter().filter(move |one| {
            has_clock(one) && is_ahead_of(one.entry.at, behind.at) && behind.holds(&one.entry)
        });
        ahead.map(move |one| Skew::of(behind, &one.entry))
    }

    /// Whether an entry is shown to be dated too late, by one that counts and holds it.
    pub(super) fn is_ahead(&self, entry: &SignedEntry) -> bool {
        self.is_ahead_of_taken_over(entry)
            || self.told.iter().any(|other| {
                shows_clock(other) && is_ahead_of(entry.at, other.entry.at) && other.entry.holds(entry)
            })
    }

    /// The latest instant that somebody held who signs at an earlier one by their own clock, which is behind then:
    /// when an entry was signed, or a reading was taken.
    fn known_after(&self, signing: &Signing<'_>) -> Option<UtcMillis> {
        let held = self.told.iter().filter(|told| told.refused.is_none() && (signing.holds)(&told.entry));
        let latest = held.map(known_at).max();
        latest.filter(|latest| is_ahead_of(*latest, signing.by.at))
    }

    /// When a receipt was by the stricter clock, whose time is no person's: `told` as its device's clock told it, or the
    /// latest that its signer held, for what was known then was measured before the goods were received; or, where it
    /// was behind a clock that it was compared with, as that one told the time.
    pub(super) fn received_by_clocks(
        &self,
        receipt: &Placed<Received>,
        told: UtcMillis,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> UtcMillis {
        let Some(entry) = self.told_as(receipt.reference).map(|told| &told.entry) else { return told };
        self.by_compared(entry, told, known, None).latest.max(self.known_to_signer(entry).unwrap_or(told))
    }

    /// A time that an entry's clock told, as it was by the clocks that this one was compared with.
    pub(super) fn by_compared(
        &self,
        entry: &SignedEntry,
        told: UtcMillis,
        known: &dyn Fn(&SignedEntry) -> bool,
        signing: Option<[u8; 32]>,
    ) -> ByClocks {
        let ahead = self.compared_ahead_ms(entry, known, signing);
        let by = |ahead: i64| UtcMillis(told.0.saturating_sub(ahead));
        let all = || ahead.iter().copied().map(by);
        ByClocks { earliest: all().fold(told, UtcMillis::min), latest: all().fold(told, UtcMillis::max) }
    }

    /// The latest instant that the signer of an entry held, where their clock was behind it.
    pub(super) fn known_to_signer(&self, entry: &SignedEntry) -> Option<UtcMillis> {
        self.known_after(&Signing { by: Looking::of(entry), holds: &|other| entry.holds(other) })
    }

    /// From when on readings count: the pick-up, as its corrections give it; where its clock is shown to have been
    /// ahead, the latest that its signer held of other devices, or the first reading, so that nothing is left out; and
    /// where it was ahead of a clock that it was compared with, as that one told the time.
    pub fn picked_up(&self) -> Option<UtcMillis> {
        let signed = self.started.as_ref().map(|started| started.says.at);
        self.picked_up_known(&|_| true, None).or(signed)
    }

    /// The pick-up as it was signed, where readings count from another time on.
    pub fn pick_up_otherwise_signed(&self) -> Option<UtcMillis> {
        let signed = self.started.as_ref()?.says.at;
        (self.picked_up() != Some(signed)).then_some(signed)
    }

    /// The arrival as it was signed, where its clock was behind what its signer held, or another one.
    pub fn receipt_otherwise_signed(&self) -> Option<UtcMillis> {
        let behind = |receipt: &&Placed<Received>| {
            let signed = receipt.says.at;
            !is_late(signed, receipt.at) && self.received_by_clocks(receipt, signed, &|_| true) != signed
        };
        self.receipts().find(behind).map(|receipt| receipt.says.at)
    }

    /// The same by the pick-ups and corrections that are known, and to somebody who signs.
    pub(super) fn picked_up_known(
        &self,
        known: &dyn Fn(&SignedEntry) -> bool,
        signing: Option<&Signing<'_>>,
    ) -> Option<UtcMillis> {
        let pick_ups = self.pick_ups().filter(|(entry, _)| known(entry));
        let counted = pick_ups.map(|(entry, started)| {
            let first = self.by_clock(entry, started, known, signing);
            self.corrected_pick_up_known(entry.reference, first, known)
        });
        counted.min()
    }

    /// The pick-up that counts without any correction.
    pub fn first_pick_up(&self) -> Option<UtcMillis> {
        self.pick_ups().map(|(entry, started)| self.by_clock(entry, started, &|_| true, None)).min()
    }

    /// When a pick-up was by its device's clock, or by what its signer held where that was ahead, or by a clock that
    /// it was compared with, of the comparisons that are known.
    pub(super) fn by_clock(
        &self,
        entry: &SignedEntry,
        says: &Started,
        known: &dyn Fn(&SignedEntry) -> bool,
        signing: Option<&Signing<'_>>,
    ) -> UtcMillis {
        let unaware = self.receipt_unknown_to(entry, says);
        let ahead = unaware.is_some() || self.is_pick_up_ahead(entry, says, signing);
        let earliest = ahead.then(|| self.earliest(entry)).flatten();
        let by_log = signing.map(|signing| signing.by.log);
        let compared =
            (!is_late(says.at, entry.at)).then(|| self.by_compared(entry, says.at, known, by_log).earliest);
        [earliest, unaware, compared].into_iter().flatten().fold(says.at, UtcMillis::min)
    }

    /// A pick-up whose time a person gave rests on no clock.
    pub(super) fn is_pick_up_ahead(
        &self,
        entry: &SignedEntry,
        says: &Started,
        signing: Option<&Signing<'_>>,
    ) -> bool {
        let shown = |signing: &Signing<'_>| is_ahead_of(entry.at, signing.by.at) && (signing.holds)(entry);
        !is_late(says.at, entry.at) && (self.is_ahead(entry) || signing.is_some_and(shown))
    }

    /// The first arrival before the time that a pick-up gives, of which its signer did not know: goods were picked up
    /// before they were received, whatever it says, so that its time is no better than a clock that was ahead.
    fn receipt_unknown_to(&self, entry: &SignedEntry, says: &Started) -> Option<UtcMillis> {
        let before = self.receipts().filter(|receipt| receipt.says.at < says.at);
        let unknown = before.filter(|receipt| !self.held_by(entry, receipt.reference));
        unknown.map(|receipt| receipt.says.at).min()
    }

    /// When something may have been signed at the earliest, whose own clock says nothing.
    fn earliest(&self, entry: &SignedEntry) -> Option<UtcMillis> {
        let held = self.told.iter().filter(|told| {
            let other = &told.entry;
            told.refused.is_none() && other.reference.log != entry.reference.log && entry.holds(other)
        });
        let held = held.filter(|told| !self.is_ahead(&told.entry)).map(|told| told.entry.at).max();
        held.or_else(|| self.sealed.iter().map(|sealed| sealed.readings.first).min())
    }

    /// Whether a receipt tells of an arrival before the pick-up, and no wrong clock explains it.
    pub(super) fn arrives_too_early(&self, entry: &SignedEntry, arrival: UtcMillis) -> bool {
        self.is_too_early(arrival, &Signing { by: Looking::of(entry), holds: &|other| entry.holds(other) })
    }

    /// The same of a receipt that would be signed now, by somebody who holds all of the story.
    pub fn would_arrive_too_early(&self, arrival: UtcMillis, looking: Looking) -> bool {
        self.is_too_early(arrival, &Signing { by: looking, holds: &|_| true })
    }

    fn is_too_early(&self, arrival: UtcMillis, signing: &Signing<'_>) -> bool {
        let before = self.picked_up_known(signing.holds, Some(signing)).is_some_and(|from| arrival < from);
        let behind = || !is_late(arrival, signing.by.at) && self.known_after(signing).is_some();
        before && !behind()
    }
}

/// When somebody knew of an entry at the earliest, as it tells the time: it was signed, and its readings were taken.
pub(super) fn known_at(told: &Told) -> UtcMillis {
    match &told.statement {
        Some(Statement::Readings(readings)) => told.entry.at.max(readings.last),
        _ => told.entry.at,
    }
}

/// Whether an entry compares its device's clock with what it holds. An assessment and a finding do not: they would
/// put in question what they say themselves.
pub(super) fn shows_clock(told: &Told) -> bool {
    let by_itself = [Kind::Assessment, Kind::Finding].map(|kind| u64::from(kind.number()));
    has_clock(told) && !by_itself.contains(&told.entry.kind)
}

/// Whether an entry was dated by somebody who may sign it: it counts, or what was told before it keeps it from that.
pub(super) fn has_clock(told: &Told) -> bool {
    use Refusal::{
        Expired, LateWithoutReason, LinesBarred, NotAReason, NotSettled, NotTheCustodian, OutOfOrder,
        Repeated, SecondPersonNeeded, StillToCome, UnknownName,
    };
    matches!(
        told.refused,
        None | Some(
            Expired
                | LateWithoutReason
                | LinesBarred
                | NotAReason
                | NotSettled
                | NotTheCustodian
                | OutOfOrder
                | Repeated
                | SecondPersonNeeded
                | StillToCome
                | UnknownName
        )
    )
}
