//! Stretches of a series about which no alarm asks, taken at once: the same sums, of which each is looked at once.
//!
//! Nothing happens in most of them. In those that go in and out of range, limits and budgets are asked by themselves.

use super::{Assessor, Point, Sample};
use crate::assess::excursion::side;
use crate::profile::Bound;
use crate::units::MilliCelsius;

/// So many calm samples go before a stretch that is taken at once: where alarms ask much, looking for one does not pay.
pub(super) const CALM: u32 = 8;
/// So many samples of it are taken at once, lest they be far when they are asked for again.
const AT_ONCE: usize = 1024;

/// Times with one value each, at equal intervals.
struct Stretch<'a> {
    /// The last two times before the samples.
    before: [Sample; 2],
    samples: &'a [Sample],
    /// The interval in milliseconds.
    length: u64,
    low: MilliCelsius,
    high: MilliCelsius,
}

impl Stretch<'_> {
    /// The times that an interval begins or ends at; the last sample's own is still to come.
    fn times(&self) -> impl Iterator<Item = Sample> {
        self.first(self.samples.len().saturating_add(1))
    }

    /// The times that an interval begins at.
    fn begins(&self) -> impl Iterator<Item = Sample> {
        self.first(self.samples.len())
    }

    /// So many times, from the first on; cut before they are chained, which leaves nothing to count on the way.
    fn first(&self, count: usize) -> impl Iterator<Item = Sample> {
        let before = self.before.get(..count).unwrap_or(&self.before);
        let samples = self.samples.get(..count.saturating_sub(before.len())).unwrap_or_default();
        before.iter().chain(samples).copied()
    }
}

impl Assessor {
    /// [`Self::push`] of each of some samples, up to the first that is older than one before it; those that are left.
    pub(in crate::assess) fn take_all<'s>(&mut self, samples: &'s [Sample]) -> &'s [Sample] {
        let (mut left, mut calm) = (samples, 0_u32);
        while let Some((first, rest)) = left.split_first() {
            let steady = if calm < CALM { None } else { self.take_steady(left) };
            if let Some(taken) = steady.filter(|taken| *taken > 0) {
                left = left.get(taken..).unwrap_or_default();
                continue;
            }
            if calm < CALM {
                let (taken, calm_now) = self.take_single(left, calm);
                calm = calm_now;
                if taken > 0 {
                    left = left.get(taken..).unwrap_or_default();
                    continue;
                }
            }
            calm = if self.is_calm(first.value) { calm.saturating_add(1) } else { 0 };
            if self.push(*first).is_err() {
                break;
            }
            left = rest;
        }
        left
    }

    /// Takes as many samples as go on in the rhythm of the two times before, about all of which no alarm asks; how many
    /// they are.
    #[inline]
    fn take_steady(&mut self, samples: &[Sample]) -> Option<usize> {
        let ((last, heat), pending) = (self.last?, self.pending?);
        let (first, second) = (last.single()?, pending.single()?);
        let length = second.time.0.abs_diff(first.time.0);
        let calm = self.is_calm(first.value) && self.is_calm(second.value);
        if !calm || length > self.longest || self.shared.is_some() || !self.kinetic.has_intervals() {
            return None;
        }
        let step = i64::try_from(length).ok()?;
        let mut latest = second.time;
        let goes_on = |sample: &&Sample| {
            let before = std::mem::replace(&mut latest, sample.time);
            let in_rhythm = before.0.checked_add(step) == Some(sample.time.0);
            in_rhythm && self.is_calm(sample.value) && self.span.contains(sample.time)
        };
        let taken = samples.iter().take(AT_ONCE).take_while(goes_on).count();
        let samples = samples.get(..taken)?;
        let pending = *samples.last()?;
        let values = || [first, second].into_iter().chain(samples.iter().copied()).map(|sample| sample.value);
        let (low, high) = (values().min()?, values().max()?);
        let stretch = Stretch { before: [first, second], samples, length, low, high };
        let last = stretch.times().last()?;
        let values = stretch.times().skip(1).map(|sample| sample.value.0);
        let heat = self.kinetic.intervals(length, heat, values);
        (self.last, self.pending) = (Some((Point::of(last), heat)), Some(Point::of(pending)));
        self.judge_stretch(&stretch);
        Some(taken)
    }

    fn judge_stretch(&mut self, stretch: &Stretch<'_>) {
        let &Stretch { samples, length, low, high, .. } = stretch;
        let count = samples.len() as u64;
        self.count += count;
        (self.low, self.high) = (self.low.min(low), self.high.max(high));
        if self.is_quiet(low, high) {
            self.time.in_range += count * length;
        } else {
            self.note_stretch(stretch);
            self.step_through(stretch);
        }
    }

    /// [`Self::note`] of each of the samples.
    fn note_stretch(&mut self, &Stretch { samples, low, high, .. }: &Stretch<'_>) {
        let above = self.limits.max.0.saturating_add(1)..=high.0;
        let below = low.0..=self.limits.min.0.saturating_sub(1);
        let is_covered = |values: &std::ops::RangeInclusive<i32>| {
            let ends = [values.start(), values.end()].map(|value| MilliCelsius(*value));
            values.is_empty() || self.budgets.iter().any(|one| ends.iter().all(|end| one.covers(*end)))
        };
        // A budget that covers two values on one side covers those between; mostly one covers all of them.
        if !samples.is_empty() && self.noted.budget && is_covered(&above) && is_covered(&below) {
            return;
        }
        for sample in samples {
            if !self.is_quiet(sample.value, sample.value) {
                self.note(*sample);
            }
        }
    }

    /// [`Self::pass`] of each interval, which is data and about which no alarm asks.
    fn step_through(&mut self, stretch: &Stretch<'_>) {
        let length = stretch.length;
        let on = |bound: Bound| {
            let limits = &self.limits;
            stretch.begins().filter(|sample| side(limits, sample.value) == Some(bound)).count() as u64
        };
        let (above, below) = (on(Bound::Above), on(Bound::Below));
        self.time.above += above * length;
        self.time.below += below * length;
        self.time.in_range += (stretch.samples.len() as u64 - above - below) * length;
        self.excursions.step_evenly(&self.limits, stretch.times(), length);
        self.budgets.iter_mut().for_each(|budget| budget.step_evenly(|| stretch.begins(), length));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::Span;
    use crate::profile::preset;
    use crate::time::UtcMillis;
    use crate::units::MilliCelsius;
    use proptest::prelude::*;

    /// Mostly a minute after the one before and in range; from -272 °C to 60 °C there are many buckets of rates.
    fn series() -> impl Strategy<Value = Vec<Sample>> {
        let step = prop_oneof![20 => Just(60_000), 1 => Just(0), 1 => 1_i64..200_000];
        let value = prop_oneof![
            20 => prop::sample::select(vec![2000, 3000, 5000, 5001, 7999, 8000, 3000 + 2048]),
            1 => -272_000..60_000
        ];
        prop::collection::vec((step, value), 0..200).prop_map(|steps| {
            let mut time = 1_760_000_000_000;
            let at = |(step, value): (i64, i32)| {
                time += step;
                Sample { time: UtcMillis(time), value: MilliCelsius(value) }
            };
            steps.into_iter().map(at).collect()
        })
    }

    proptest! {
        #[test]
        fn a_series_taken_at_once_is_judged_as_one_taken_reading_by_reading(
            series in series(),
            name in prop::sample::select(vec!["cdc-refrigerator", "usp-controlled-cold"]),
            (from, to) in (0_usize..20, 100_usize..200),
            interval_s in prop::sample::select(vec![30, 60, 600]),
        ) {
            let profile = &preset(name).unwrap().profile;
            let at = |place: usize| series.get(place).map(|sample| sample.time);
            let span = Span { from: at(from), to: at(to) };
            let mut one_by_one = Assessor::new(profile, Some(interval_s), span);
            series.iter().for_each(|sample| one_by_one.take(*sample));
            let mut at_once = Assessor::new(profile, Some(interval_s), span);
            prop_assert!(at_once.take_all(&series).is_empty());
            prop_assert_eq!(at_once.finish(), one_by_one.finish());
        }
    }
}
