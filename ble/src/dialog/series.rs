//! The records of a log over all answers: each kept once, at its place, whatever the order and the faults.
//!
//! An answer gives its records places that ascend with time: an index, a minute, a second. Between two
//! answers these places shift, for the logger goes on recording and counts from its newest record, or
//! computes times from whole seconds. The shift is found by comparing what both answers hold; until it is
//! known the records of the later answer wait, so that none is given twice or at another's place.

use super::record::{agree, median};
use firn_model::reading::{ClockQuality, Measurement, Reading};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

pub use super::record::{Grid, Record};

/// How many records one log may have; the largest known logger holds 100,000.
const MOST_RECORDS: usize = 200_000;
/// How many records must be compared before a shift is believed while the answer still runs.
const ENOUGH: usize = 16;
/// How many records are compared at most.
const COMPARED: usize = 512;
/// How many places beside a hole are asked for with it, so that the shift can be found.
pub const OVERLAP: i64 = 16;

/// What stands at one place of the log.
#[derive(Clone, Debug)]
enum Held {
    Reading(Box<Reading>),
    /// The logger says that it has nothing there.
    Nothing,
}

/// A log's records over all answers.
#[derive(Debug, Default)]
pub struct Series {
    held: BTreeMap<i64, Held>,
    /// Logs that turned out to be other ones: purged or begun anew since.
    closed: Vec<BTreeMap<i64, Held>>,
    grid: Option<Grid>,
    /// The grid of the answer under way, where it differs.
    round_grid: Option<Grid>,
    /// How many bytes at the front of a record may differ between two answers: a computed time.
    loose: usize,
    /// The shift of the answer under way, once it is known.
    shift: Option<i64>,
    /// The shifts that are possible.
    shifts: Option<RangeInclusive<i64>>,
    waiting: BTreeMap<i64, Option<Record>>,
    try_at: usize,
    /// Readings that have not been given.
    fresh: Vec<Reading>,
    given: usize,
    pub repeated: usize,
    pub conflicts: usize,
    pub resets: usize,
    pub jumps: usize,
    /// Records could stand at several places, or could not be put in any.
    pub guessed: bool,
    pub overflow: usize,
}

impl Series {
    /// No records yet; `loose` bytes at the front of each are a computed time.
    pub fn new(loose: usize) -> Self {
        Self { loose, ..Self::default() }
    }

    /// A new answer begins; its places may be off by one of `shifts`.
    pub fn begin(&mut self, shifts: RangeInclusive<i64>) {
        self.settle();
        self.shift = (self.held.is_empty() || shifts == (0..=0)).then_some(0);
        self.shifts = Some(shifts);
        self.try_at = OVERLAP.unsigned_abs() as usize * 2;
    }

    /// A new answer begins whose times follow from its places.
    ///
    /// The logger's own step lies anywhere within the phone's, hence one place more or less.
    pub fn begin_on(&mut self, grid: Grid) {
        self.settle();
        let Some(first) = self.grid.filter(|_| !self.held.is_empty()) else {
            self.grid = Some(grid);
            self.round_grid = None;
            return self.begin(0..=0);
        };
        let ahead = first.ahead(grid);
        self.begin(ahead.saturating_sub(1)..=ahead.saturating_add(1));
        self.shift = None;
        self.round_grid = Some(grid);
    }

    /// A new answer begins whose places stay as they are, and whose log may be another.
    pub fn begin_at(&mut self, grid: Grid) {
        self.begin(0..=0);
        if self.held.is_empty() {
            self.grid = Some(grid);
        } else {
            self.shift = None;
            self.round_grid = Some(grid);
        }
    }

    /// Takes one record; true if it was not known, as far as can be told.
    pub fn take(&mut self, record: Record) -> bool {
        self.put(record.place, Some(record))
    }

    /// Whether this record is known at its place; counts it as repeated if so. Spares building it anew.
    pub fn repeats(&mut self, place: i64, raw: &[u8]) -> bool {
        let known = self.shift.and_then(|shift| self.held.get(&place.saturating_add(shift)));
        let same = matches!(known, Some(Held::Reading(known)) if agree(&known.raw, raw, self.loose));
        self.repeated = self.repeated.saturating_add(usize::from(same));
        same
    }

    /// Notes that the logger has nothing at a place.
    pub fn take_nothing(&mut self, place: i64) {
        self.put(place, None);
    }

    fn put(&mut self, place: i64, record: Option<Record>) -> bool {
        if self.held.len().saturating_add(self.waiting.len()) >= MOST_RECORDS {
            self.overflow = self.overflow.saturating_add(1);
            return false;
        }
        if let Some(shift) = self.shift {
            return self.keep(place.saturating_add(shift), record);
        }
        if let Some(before) = self.waiting.get(&place) {
            let same = before.as_ref().map(|before| &before.raw) == record.as_ref().map(|now| &now.raw);
            self.repeated = self.repeated.saturating_add(usize::from(same));
            self.conflicts = self.conflicts.saturating_add(usize::from(!same));
            return false;
        }
        self.waiting.insert(place, record);
        if self.waiting.len() >= self.try_at {
            self.try_at = self.try_at.saturating_mul(2);
            self.settle_early();
        }
        true
    }

    /// Keeps a record at its place; true if that was empty.
    fn keep(&mut self, place: i64, record: Option<Record>) -> bool {
        match (self.held.get(&place), record) {
            (Some(Held::Nothing), None) => false,
            (None, None) => {
                self.held.insert(place, Held::Nothing);
                false
            }
            (Some(Held::Reading(known)), again) => {
                let same = again.is_some_and(|again| agree(&known.raw, &again.raw, self.loose));
                self.repeated = self.repeated.saturating_add(usize::from(same));
                self.conflicts = self.conflicts.saturating_add(usize::from(!same));
                false
            }
            (None | Some(Held::Nothing), Some(record)) => {
                let time = self.grid.map_or(record.time, |grid| grid.time(place));
                let reading = record.into_reading(time);
                self.fresh.push(reading.clone());
                self.held.insert(place, Held::Reading(Box::new(reading)));
                true
            }
        }
    }

    /// How many places agree under a shift; none if any place does not.
    fn agreeing(&self, shift: i64) -> Option<usize> {
        let mut agreeing = 0_usize;
        for (place, record) in &self.waiting {
            let known = self.held.get(&place.saturating_add(shift));
            let (Some(Held::Reading(known)), Some(record)) = (known, record) else { continue };
            if !agree(&known.raw, &record.raw, self.loose) {
                return None;
            }
            agreeing = agreeing.saturating_add(1);
            if agreeing >= COMPARED {
                break;
            }
        }
        Some(agreeing)
    }

    /// The shift under which most places agree and none does not, and whether it is the only one.
    fn best(&self) -> Option<(i64, usize, bool)> {
        let shifts = self.shifts.clone().unwrap_or(0..=0);
        let middle = shifts.start().midpoint(*shifts.end());
        let agreeing = shifts.filter_map(|shift| Some((shift, self.agreeing(shift)?)));
        let mut ranked: Vec<(i64, usize)> = agreeing.collect();
        ranked.sort_by_key(|(shift, count)| (std::cmp::Reverse(*count), shift.abs_diff(middle)));
        let (shift, count) = *ranked.first()?;
        // Another shift that compares nearly as much and fits as well: a stretch of equal values.
        let rival = ranked.get(1).is_some_and(|(_, second)| second.saturating_add(2) >= count);
        Some((shift, count, !rival))
    }

    fn settle_early(&mut self) {
        if let Some((shift, count, true)) = self.best()
            && count >= ENOUGH
        {
            self.release(shift);
        }
    }

    /// The answer broke off: what cannot be put in place for certain comes again with the next one.
    pub fn settle(&mut self) {
        self.settle_as(false);
    }

    /// The answer came to its end: what still waits is put in place as well as can be.
    pub fn finish(&mut self) {
        self.settle_as(true);
    }

    fn settle_as(&mut self, over: bool) {
        if self.shift.is_none() && !self.waiting.is_empty() {
            self.settle_waiting(over);
        }
        self.waiting.clear();
        self.round_grid = None;
    }

    fn settle_waiting(&mut self, over: bool) {
        let best = self.best();
        if let Some((shift, 1.., only)) = best {
            if only || over {
                self.guessed |= !only;
                self.release(shift);
            }
            return;
        }
        if let Some(shift) = self.far_shift() {
            self.jumps = self.jumps.saturating_add(1);
            return self.release(shift);
        }
        match best {
            // Nothing to compare with: where it belongs is a guess, and a guess may give a record twice.
            Some(_) => self.guessed |= over,
            None => self.start_anew(),
        }
    }

    /// A shift outside what is expected under which much agrees: a clock has jumped.
    fn far_shift(&self) -> Option<i64> {
        let mut tried = BTreeSet::new();
        let mut by_raw: BTreeMap<&[u8], Vec<i64>> = BTreeMap::new();
        for (place, held) in &self.held {
            if let Held::Reading(known) = held {
                by_raw.entry(known.raw.get(self.loose..).unwrap_or_default()).or_default().push(*place);
            }
        }
        for (place, record) in self.waiting.iter().take(8) {
            let Some(record) = record else { continue };
            let key = record.raw.get(self.loose..).unwrap_or_default();
            for known in by_raw.get(key).into_iter().flatten().take(64) {
                let shift = known.saturating_sub(*place);
                if tried.insert(shift) && self.agreeing(shift).is_some_and(|count| count >= ENOUGH / 2) {
                    return Some(shift);
                }
            }
        }
        None
    }

    /// Nothing agrees: this is another log than the one before.
    fn start_anew(&mut self) {
        self.close();
        self.grid = self.round_grid.or(self.grid);
        self.release(0);
    }

    /// The logger has begun a log anew: what is known stays, and what comes has nothing to do with it.
    pub fn close(&mut self) {
        self.resets = self.resets.saturating_add(1);
        self.closed.push(std::mem::take(&mut self.held));
    }

    fn release(&mut self, shift: i64) {
        self.shift = Some(shift);
        for (place, record) in std::mem::take(&mut self.waiting) {
            self.keep(place.saturating_add(shift), record);
        }
    }

    /// How many readings wait to be given.
    pub fn ready(&self) -> usize {
        self.fresh.len()
    }

    /// Gives the readings that have not been given, ascending by time.
    pub fn give(&mut self) -> Vec<Reading> {
        let mut batch = std::mem::take(&mut self.fresh);
        batch.sort_by_key(|reading| reading.time);
        self.given = self.given.saturating_add(batch.len());
        batch
    }

    /// How many readings have been given.
    pub fn given(&self) -> usize {
        self.given
    }

    /// How many readings are known.
    pub fn known(&self) -> usize {
        self.all().count()
    }

    /// Whether nothing has come yet.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty() && self.waiting.is_empty()
    }

    fn all(&self) -> impl Iterator<Item = &Reading> {
        self.closed.iter().chain([&self.held]).flat_map(BTreeMap::values).filter_map(|held| match held {
            Held::Reading(reading) => Some(reading.as_ref()),
            Held::Nothing => None,
        })
    }

    /// All readings by time.
    pub fn readings(&self) -> Vec<Reading> {
        let mut readings: Vec<Reading> = self.all().cloned().collect();
        readings.sort_by_key(|reading| reading.time);
        readings
    }

    /// Readings that nobody can tell the time of.
    pub fn untimed(&self) -> usize {
        self.all().filter(|reading| reading.clock == ClockQuality::NeverSet).count()
    }

    /// Readings without any value.
    pub fn empty_readings(&self) -> usize {
        self.all().filter(|reading| reading.measurement == Measurement::default()).count()
    }

    /// The lowest and the highest place at which something is known.
    pub fn ends(&self) -> Option<(i64, i64)> {
        Some((*self.held.first_key_value()?.0, *self.held.last_key_value()?.0))
    }

    /// The runs of places at which nothing is known, within the ends and wherever `wanted` reaches
    /// beyond them; places count in steps of `step`.
    pub fn holes(&self, step: i64, wanted: Option<(i64, i64)>) -> Vec<(i64, i64)> {
        let step = step.max(1);
        let Some((lowest, highest)) = self.ends() else { return wanted.into_iter().collect() };
        let (first, last) = wanted.unwrap_or((lowest, highest));
        let mut holes = Vec::new();
        let mut before = first.min(lowest).saturating_sub(step);
        for place in self.held.keys().copied().chain([last.max(highest).saturating_add(step)]) {
            // Within half a step a record still stands where the one before leads to.
            if place.saturating_sub(before) > step.saturating_add(step / 2) {
                holes.push((before.saturating_add(step), place.saturating_sub(step)));
            }
            before = place;
        }
        holes
    }

    /// How many places the holes have.
    pub fn missing(&self, step: i64, wanted: Option<(i64, i64)>) -> usize {
        let step = step.max(1);
        let places = |(low, high): &(i64, i64)| high.saturating_sub(*low).max(0) / step + 1;
        let missing: i64 = self.holes(step, wanted).iter().map(places).fold(0, i64::saturating_add);
        usize::try_from(missing).unwrap_or(usize::MAX)
    }

    /// The median spacing of the places.
    pub fn spacing(&self) -> Option<i64> {
        let readings = self.held.iter().filter(|(_, held)| matches!(held, Held::Reading(_)));
        median(readings.map(|(place, _)| *place))
    }

    /// The median spacing of the readings' times in seconds.
    pub fn interval_s(&self) -> Option<u32> {
        let times = self.held.values().filter_map(|held| match held {
            Held::Reading(reading) if reading.clock != ClockQuality::NeverSet => Some(reading.time.0 / 1000),
            _ => None,
        });
        median(times).and_then(|seconds| u32::try_from(seconds).ok())
    }

    /// The shift of the answer under way, once it is known.
    pub fn shift(&self) -> Option<i64> {
        self.shift
    }
}

#[cfg(test)]
mod tests;
