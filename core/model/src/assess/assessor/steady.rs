//! Stretches of a series in which nothing happens, taken at once: the same sums, of which each is looked at once.

use super::{Assessor, Point, Sample};
use crate::assess::kinetic::Pairs;

/// So many quiet samples go before a stretch that is taken at once: where much happens, looking for one does not pay.
pub(super) const QUIET: u32 = 8;

impl Assessor {
    /// [`Self::take`] of each of some samples that are sorted.
    pub(in crate::assess) fn take_all(&mut self, samples: &[Sample]) {
        let (mut left, mut quiet) = (samples, 0_u32);
        while let Some((first, rest)) = left.split_first() {
            let steady = if quiet < QUIET { None } else { self.take_steady(left) };
            if let Some(taken) = steady.filter(|taken| *taken > 0) {
                left = left.get(taken..).unwrap_or_default();
                continue;
            }
            if quiet < QUIET {
                let (taken, quiet_now) = self.take_single(left, quiet);
                quiet = quiet_now;
                if taken > 0 {
                    left = left.get(taken..).unwrap_or_default();
                    continue;
                }
            }
            quiet = if self.is_quiet(first.value, first.value) { quiet.saturating_add(1) } else { 0 };
            self.take(*first);
            left = rest;
        }
    }

    /// Takes as many samples as go on in the rhythm of the two times before, about all of which there is nothing to
    /// note and whose rates are known and lie in one bucket; how many they are.
    #[inline]
    fn take_steady(&mut self, samples: &[Sample]) -> Option<usize> {
        let ((last, heat), pending) = (self.last?, self.pending?);
        let length = pending.time.0.abs_diff(last.time.0);
        let quiet = self.is_quiet(last.low, last.high) && self.is_quiet(pending.low, pending.high);
        if !quiet || length > self.longest || self.shared.is_some() || !self.kinetic.has_intervals() {
            return None;
        }
        let step = i64::try_from(length).ok()?;
        let mut pairs = Pairs::of(heat, self.kinetic.known(pending.deciding.0)?)?;
        let (mut before, mut latest) = (last, pending);
        for sample in samples {
            let value = sample.value;
            let goes_on = latest.time.0.checked_add(step) == Some(sample.time.0);
            if !goes_on || !self.is_quiet(value, value) || !self.span.contains(sample.time) {
                break;
            }
            let Some(()) = self.kinetic.known(value.0).and_then(|heat| pairs.go_on(heat)) else { break };
            self.low = self.low.min(value);
            self.high = self.high.max(value);
            before = latest;
            latest = Point::of(*sample);
        }
        let count = pairs.count();
        let taken = usize::try_from(count).ok()?;
        self.count += count;
        self.time.in_range += count * length;
        self.kinetic.intervals(length, &pairs);
        (self.last, self.pending) = (Some((before, pairs.before())), Some(latest));
        Some(taken)
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
            at_once.take_all(&series);
            prop_assert_eq!(at_once.finish(), one_by_one.finish());
        }
    }
}
