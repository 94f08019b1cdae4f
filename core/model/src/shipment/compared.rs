//! Clocks that devices compared when they synced, and the times of a shipment that they bear on.

use super::clocks::shows_clock;
use super::late::CLOCK_TOLERANCE_MS;
use super::organisation::Compared;
use super::story::{SignedEntry, Story, Told};
use crate::api::{ClockDifference, Device};
use crate::reading::Source;
use crate::record::Statement;
use crate::time::UtcMillis;
use std::collections::BTreeMap;

/// From here on a difference of clocks is shown, in milliseconds: 60 s (DESIGN §3.1).
const SHOWN_MS: u64 = 60_000;
/// How long before two devices meet, and after it, what their clocks show bears on the times that either signs, in
/// milliseconds: 24 h.
const BEARS_MS: i64 = 86_400_000;
/// How old the last comparison is before the same difference is signed again, in milliseconds: 12 h. For so long
/// devices may have met without leaving an entry, so that one bears that much longer on what is signed after it.
const REPEATED_MS: i64 = 43_200_000;

/// A difference of clocks as it is shown, in seconds; `None` up to 60 s.
pub fn shown_clock_difference_s(difference_ms: i64) -> Option<i64> {
    (difference_ms.unsigned_abs() > SHOWN_MS).then_some(difference_ms / 1000)
}

/// Whether a comparison is to be signed: a difference of more than 5 min that was not signed before, or is another
/// one by more than 60 s; and once that it is so no longer. `last` is the one signed last, with its time.
pub fn is_comparison_due(last: Option<(i64, UtcMillis)>, difference_ms: i64, now: UtcMillis) -> bool {
    let differs = is_wrong(difference_ms);
    let Some((before, at)) = last.filter(|(before, _)| is_wrong(*before)) else { return differs };
    !differs || before.abs_diff(difference_ms) > SHOWN_MS || now.0.abs_diff(at.0) > REPEATED_MS.unsigned_abs()
}

fn is_wrong(difference_ms: i64) -> bool {
    difference_ms.unsigned_abs() > CLOCK_TOLERANCE_MS.unsigned_abs()
}

/// A comparison, of the two devices of which one signed a time of the shipment.
#[derive(Clone, Copy)]
struct Bearing<'a> {
    on: &'a SignedEntry,
    comparison: &'a Compared,
    /// The comparison before it, where both together bear on what was signed between them.
    since: Option<&'a Compared>,
}

/// Who held a comparison first, by their place in the story, in the order in which comparisons count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum HeldFirstBy {
    Receipt(usize),
    Entry(usize),
    Nobody,
}

/// A difference of two clocks in milliseconds, and who held it first.
type Measured = (HeldFirstBy, i64);

impl Bearing<'_> {
    /// How far the peer's clock was ahead, in milliseconds. An entry was dated back by no more than the time between its
    /// date and that of what says so.
    fn difference_ms(&self) -> i64 {
        let says = self.comparison;
        match says.dated_back {
            Some(_) => says.difference_ms.max(self.on.at.0.saturating_sub(says.entry.at.0)),
            None => says.difference_ms,
        }
    }

    /// By how much the clock of the device that signed the entry was ahead of the other's, in milliseconds; negative
    /// where it was behind.
    fn ahead_ms(&self) -> i64 {
        let ahead = self.difference_ms();
        if self.comparison.peer == self.on.reference.log { ahead } else { ahead.saturating_neg() }
    }

    /// Whether all of this is known.
    fn is_known(&self, known: &dyn Fn(&SignedEntry) -> bool) -> bool {
        known(self.on) && self.is_told_to(known)
    }

    /// Whether what was compared is known.
    fn is_told_to(&self, known: &dyn Fn(&SignedEntry) -> bool) -> bool {
        self.since.is_none_or(|since| known(&since.entry)) && known(&self.comparison.entry)
    }

    /// Whether who signed `signed` held all of this, or it is that entry itself.
    fn is_known_to(&self, signed: &SignedEntry) -> bool {
        self.is_known(&|one| one.reference == signed.reference || signed.holds(one))
    }

    /// Whether it was to be expected by another: of the same clock behind or ahead, by no more than clocks may differ
    /// further.
    fn follows_from(&self, known: &Self) -> bool {
        let most = known.difference_ms().unsigned_abs();
        self.comparison.is_of_same_clock(known.comparison)
            && self.difference_ms().unsigned_abs() <= most.saturating_add(CLOCK_TOLERANCE_MS.unsigned_abs())
    }
}

impl Compared {
    fn is_of(&self, log: &[u8; 32]) -> bool {
        self.entry.reference.log == *log || self.peer == *log
    }

    fn is_of_same_devices(&self, other: &Self) -> bool {
        self.is_of(&other.peer) && self.is_of(&other.entry.reference.log)
    }

    /// Whether it tells of the clock that was behind in another one, or of the one that was ahead there, on that side.
    fn is_of_same_clock(&self, other: &Self) -> bool {
        let [behind, ahead] = self.behind_and_ahead();
        let known = other.behind_and_ahead();
        behind == known[0] || ahead == known[1]
    }

    fn behind_and_ahead(&self) -> [[u8; 32]; 2] {
        let (own, peer) = (self.entry.reference.log, self.peer);
        if self.difference_ms > 0 { [own, peer] } else { [peer, own] }
    }

    /// Whether it tells that the difference of another one is over.
    fn ends(&self, other: &Self) -> bool {
        self.is_of_same_devices(other) && !is_wrong(self.difference_ms) && self.is_after(other)
    }

    /// Whether another one of the same devices was signed before. Who met before holds what the other signed then, so
    /// that heads tell; of two that did not know of each other both clocks have to.
    fn is_after(&self, other: &Self) -> bool {
        let (one, before) = (&self.entry, &other.entry);
        if one.reference.log == before.reference.log || one.holds(before) || before.holds(one) {
            return one.holds(before);
        }
        let by = |log: &[u8; 32]| self.at_by(log) >= other.at_by(log);
        by(&one.reference.log) && by(&before.reference.log)
    }

    /// When it was signed, by the clock of either device, in milliseconds.
    fn at_by(&self, log: &[u8; 32]) -> i64 {
        let ahead = if self.entry.reference.log == *log { 0 } else { self.difference_ms };
        self.entry.at.0.saturating_add(ahead)
    }

    /// The other one of the two devices.
    fn other_than(&self, log: &[u8; 32]) -> [u8; 32] {
        if self.peer == *log { self.entry.reference.log } else { self.peer }
    }

    /// How long after it one of both devices signed, by that device's clock, in milliseconds; negative before it.
    fn elapsed_ms(&self, on: &SignedEntry) -> i64 {
        let elapsed = on.at.0.saturating_sub(self.at_by(&on.reference.log));
        if on.holds(&self.entry) {
            elapsed.max(0)
        } else if self.entry.holds(on) {
            elapsed.min(-1)
        } else {
            elapsed
        }
    }

    /// Whether it says of an entry that it was dated back, and the entry's own date does not contradict that: it lies
    /// before this by more than clocks may differ.
    fn is_shown_by(&self, on: &SignedEntry) -> bool {
        let is_before = self.entry.at.0.saturating_sub(on.at.0) > CLOCK_TOLERANCE_MS;
        let names = self.dated_back.is_some_and(|entries| entries.contain(on.sequence));
        on.reference.log == self.peer && names && is_before
    }

    /// Whether it bears by itself on what one of both devices signed.
    fn is_near(&self, on: &SignedEntry) -> bool {
        (-BEARS_MS..=BEARS_MS.saturating_add(REPEATED_MS)).contains(&self.elapsed_ms(on))
    }
}

impl Story {
    /// Whether a device signed a time of the shipment near to a comparison of its clock that showed a difference.
    pub(super) fn has_compared_clocks(&self) -> bool {
        self.bearings().next().is_some()
    }

    /// The same as a front end shows it, each two devices once, where they differ most.
    pub(super) fn compared_clocks(&self) -> Vec<ClockDifference> {
        let mut most: Vec<Bearing<'_>> = Vec::new();
        for next in self.bearings() {
            match most.iter_mut().find(|one| one.comparison.is_of_same_devices(next.comparison)) {
                Some(one) if one.difference_ms().unsigned_abs() < next.difference_ms().unsigned_abs() => {
                    *one = next;
                }
                Some(_) => {}
                None => most.push(next),
            }
        }
        most.iter().map(|one| self.shown(one)).collect()
    }

    fn shown(&self, bearing: &Bearing<'_>) -> ClockDifference {
        let (one, difference_ms) = (bearing.comparison, bearing.difference_ms());
        let own = (one.entry.device.clone(), one.entry.at);
        let peer_at = UtcMillis(one.entry.at.0.saturating_add(difference_ms));
        let peer = (self.device_of(&one.peer), peer_at);
        let (behind, ahead) = if difference_ms > 0 { (own, peer) } else { (peer, own) };
        ClockDifference {
            behind: behind.0,
            behind_at: behind.1,
            ahead: ahead.0,
            ahead_at: ahead.1,
            difference_s: difference_ms.saturating_abs() / 1000,
        }
    }

    fn device_of(&self, log: &[u8; 32]) -> Device {
        let mut told = self.told.iter().map(|told| &told.entry);
        let speaks = told.find(|entry| entry.reference.log == *log).map(|entry| &entry.device);
        speaks.or_else(|| self.organisation.compared.device(log)).cloned().unwrap_or_else(|| {
            let hex: String = log.iter().map(|byte| format!("{byte:02x}")).collect();
            Device { label: hex.chars().take(12).collect(), log: hex, ..Device::default() }
        })
    }

    /// Whether, of what is known, a comparison bears on the shipment that who signed an entry could not expect by
    /// what they held.
    pub(super) fn clocks_compared_anew(
        &self,
        signed: &SignedEntry,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> bool {
        let expected: Vec<Bearing<'_>> = self.bearings().filter(|one| one.is_known_to(signed)).collect();
        let mut all = self.bearings().filter(|one| one.is_known(known));
        all.any(|one| !expected.iter().any(|before| one.follows_from(before)))
    }

    /// By how much the clock that dated an entry was ahead of those by which others gave the shipment a time or its
    /// readings, in milliseconds: one for each other device of which a comparison tells that is known, negative where
    /// it was behind; and one for each that says that the entry was dated back, whoever it is. `signing` is the log
    /// of somebody who gives it a time now.
    pub(super) fn compared_ahead_ms(
        &self,
        on: &SignedEntry,
        known: &dyn Fn(&SignedEntry) -> bool,
        signing: Option<[u8; 32]>,
    ) -> Vec<i64> {
        let mut told = self.measured_of(on, known);
        told.retain(|(other, dated_back), _| {
            *dated_back || signing == Some(*other) || self.dates(other, known)
        });
        told.into_values().filter_map(steady).collect()
    }

    /// By how much the clock that dated an entry was ahead of each that it was compared with, whoever's that is, and
    /// of each that says that the entry was dated back.
    pub(super) fn ahead_of_each(&self, on: &SignedEntry) -> Vec<([u8; 32], i64)> {
        let told = self.measured_of(on, &|_| true).into_iter();
        told.filter_map(|((log, _), measured)| Some((log, steady(measured)?))).collect()
    }

    /// What was measured of the clock that dated an entry, as far as it is known: by the other device, and whether that
    /// says that the entry was dated back.
    fn measured_of(
        &self,
        on: &SignedEntry,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> BTreeMap<([u8; 32], bool), Vec<Measured>> {
        let log = on.reference.log;
        let mut told: BTreeMap<([u8; 32], bool), Vec<Measured>> = BTreeMap::new();
        for bearing in self.bearings_on(on).into_iter().filter(|one| one.is_told_to(known)) {
            let one = bearing.comparison;
            let held = self.held_first(&one.entry, known);
            let by = (one.other_than(&log), one.dated_back.is_some());
            told.entry(by).or_default().push((held, bearing.ahead_ms()));
        }
        told
    }

    /// Where a comparison comes by who held it first: by the first receipt, on which decisions rest, lest what another
    /// device signed before it and is heard of later move a time that was decided by; else by the first entry at all.
    fn held_first(&self, comparison: &SignedEntry, known: &dyn Fn(&SignedEntry) -> bool) -> HeldFirstBy {
        let holds = |told: &Told| known(&told.entry) && told.entry.holds(comparison);
        let is_receipt = |told: &&Told| matches!(told.statement, Some(Statement::Received(_)));
        if let Some(place) = self.told.iter().filter(is_receipt).position(holds) {
            return HeldFirstBy::Receipt(place);
        }
        self.told.iter().position(holds).map_or(HeldFirstBy::Nobody, HeldFirstBy::Entry)
    }

    /// Whether a device gave the shipment a time by its clock, or readings, of what is known.
    fn dates(&self, log: &[u8; 32], known: &dyn Fn(&SignedEntry) -> bool) -> bool {
        self.told.iter().any(|told| {
            let dates = signs_a_time(told) || (told.refused.is_none() && dates_readings(told));
            dates && told.entry.reference.log == *log && known(&told.entry)
        })
    }

    fn bearings(&self) -> impl Iterator<Item = Bearing<'_>> {
        let none = self.organisation.compared.is_empty();
        let bears = |told: &Told| signs_a_time(told) || self.is_dated_back(told);
        let acts = self.told.iter().filter(move |told| !none && bears(told));
        acts.flat_map(|told| self.bearings_on(&told.entry))
    }

    /// Whether somebody signed of an entry that counts that it was dated back. Not of what a device says by itself: it
    /// would be put in question by what it tells of.
    fn is_dated_back(&self, told: &Told) -> bool {
        let shown = || {
            let mut naming = self.organisation.compared.naming(&told.entry).into_iter();
            naming.any(|one| one.is_shown_by(&told.entry))
        };
        told.refused.is_none() && shows_clock(told) && shown()
    }

    /// How the comparisons that count for an entry bear on it: one says that it was dated back; or it is near, or the one
    /// before it tells of a difference as well, so that the clock was wrong before and after, however long between. One
    /// that the signer knew to be over bears no more.
    fn bearings_on<'a>(&'a self, on: &'a SignedEntry) -> Vec<Bearing<'a>> {
        let compared = &self.organisation.compared;
        let mut bearings = Vec::new();
        for both in compared.about(on, &self.speaking) {
            let is_over =
                |one: &Compared| both.iter().flatten().any(|other| on.holds(&other.entry) && other.ends(one));
            let stands = |one: &Compared| is_wrong(one.difference_ms) && !is_over(one);
            let all = both.iter().flat_map(|run| bearing_on(on, run));
            bearings.extend(all.filter(|one| stands(one.comparison) && one.since.is_none_or(stands)));
        }
        let shown = compared.naming(on).into_iter().filter(|one| one.is_shown_by(on));
        bearings.extend(shown.map(|comparison| Bearing { on, comparison, since: None }));
        bearings
    }
}

/// Those of one device about another, in its log's order, that are near to an entry, or bear on it with the one before.
fn bearing_on<'a>(on: &'a SignedEntry, run: &[&'a Compared]) -> impl Iterator<Item = Bearing<'a>> + use<'a> {
    let before = std::iter::once(None).chain(run.iter().copied().map(Some));
    let in_turn: Vec<(Option<&'a Compared>, &'a Compared)> = before.zip(run.iter().copied()).collect();
    in_turn.into_iter().filter_map(move |(before, comparison)| {
        let since = match comparison.is_near(on) {
            true => None,
            false if comparison.elapsed_ms(on) > 0 => return None,
            false => Some(before.filter(|one| one.elapsed_ms(on) >= 0)?),
        };
        Some(Bearing { on, comparison, since })
    })
}

/// Whether an entry that counts gives the shipment a time by its device's clock.
fn signs_a_time(told: &Told) -> bool {
    let gives = matches!(
        told.statement,
        Some(
            Statement::Started(_)
                | Statement::Offered(_)
                | Statement::Accepted(_)
                | Statement::Confirmed(_)
                | Statement::Received(_)
                | Statement::ArrivalMoved(_)
                | Statement::PickUpMoved(_)
        )
    );
    gives && told.refused.is_none()
}

/// Whether an entry seals readings that its device's clock dates; those of a file are dated by who made it.
fn dates_readings(told: &Told) -> bool {
    matches!(&told.statement, Some(Statement::Readings(readings)) if readings.source != Source::Import)
}

/// Of the differences of two devices the one that was held first; another one only where it is further off by more than
/// clocks may differ, lest the same difference, measured again, move a time that was decided by.
fn steady(mut differences: Vec<Measured>) -> Option<i64> {
    differences.sort_by_key(|(held, _)| *held);
    let further = |counts: i64, next: i64| {
        let is_further = next.abs_diff(counts) > CLOCK_TOLERANCE_MS.unsigned_abs();
        if is_further && (next.abs() > counts.abs() || next.signum() != counts.signum()) {
            next
        } else {
            counts
        }
    };
    differences.into_iter().map(|(_, difference)| difference).reduce(further)
}
