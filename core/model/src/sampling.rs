//! Which of the values heard are worth a record: loggers advertise every second, and profiles ask for one
//! reading in minutes.

use crate::profile::Limits;
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use std::collections::BTreeMap;

/// Why a value is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// It is the first of its interval.
    FirstOfInterval,
    /// It lies on another side of a limit than the one before, or is the first and out of range.
    ChangedSide,
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Below,
    Inside,
    Above,
}

/// What the series are sampled by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// One value in so many seconds.
    pub interval_s: u32,
    /// And each that changes side of these.
    pub limits: Limits,
}

/// The last value heard of each series, as far as the next decision needs it.
#[derive(Clone, Debug)]
pub struct Sampler<K> {
    last: BTreeMap<K, (i64, Side)>,
}

impl<K> Default for Sampler<K> {
    fn default() -> Self {
        Self { last: BTreeMap::new() }
    }
}

impl<K: Ord> Sampler<K> {
    /// Whether this value of the series `key` is to be recorded, and why.
    ///
    /// Intervals are counted from the epoch, not from the last record: so a late one moves none of those
    /// that follow, and steady hearing leaves no gap.
    pub fn take(&mut self, key: K, time: UtcMillis, value: MilliCelsius, pace: Pace) -> Option<Worth> {
        let interval_ms = i64::from(pace.interval_s.max(1)).saturating_mul(1000);
        let (slot, side) = (time.0.div_euclid(interval_ms), side(value, pace.limits));
        let before = self.last.insert(key, (slot, side));
        let changed = before.map_or(Side::Inside, |(_, side)| side) != side;
        match before {
            _ if changed => Some(Worth::ChangedSide),
            Some((same, _)) if same == slot => None,
            _ => Some(Worth::FirstOfInterval),
        }
    }
}

/// The furthest beyond a limit that was heard of each series in its interval: so a shock between two samples is
/// recorded, and a box that is shaken for hours fills no log.
#[derive(Clone, Debug)]
pub struct Peaks<K> {
    reached: BTreeMap<K, (i64, u64)>,
}

impl<K> Default for Peaks<K> {
    fn default() -> Self {
        Self { reached: BTreeMap::new() }
    }
}

impl<K: Ord> Peaks<K> {
    /// Whether a value that lies so far `beyond` its limit (absent: within) is further out than any before it in
    /// this interval; intervals are counted from the epoch.
    pub fn take(&mut self, key: K, time: UtcMillis, beyond: Option<u64>, interval_s: u32) -> bool {
        let Some(beyond) = beyond else { return false };
        let slot = time.0.div_euclid(i64::from(interval_s.max(1)).saturating_mul(1000));
        let further = self.reached.get(&key).is_none_or(|(same, most)| *same != slot || beyond > *most);
        if further {
            self.reached.insert(key, (slot, beyond));
        }
        further
    }
}

fn side(value: MilliCelsius, limits: Limits) -> Side {
    if value > limits.max {
        Side::Above
    } else if value < limits.min {
        Side::Below
    } else {
        Side::Inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace =
        Pace { interval_s: 600, limits: Limits { min: MilliCelsius(2000), max: MilliCelsius(8000) } };

    /// What is recorded of values heard so many seconds after the epoch.
    fn recorded(heard: &[(i64, i32)]) -> Vec<(i64, Worth)> {
        let mut sampler = Sampler::default();
        let mut take = |(seconds, value): &(i64, i32)| {
            let worth = sampler.take("T", UtcMillis(seconds * 1000), MilliCelsius(*value), PACE)?;
            Some((*seconds, worth))
        };
        heard.iter().filter_map(&mut take).collect()
    }

    #[test]
    fn of_an_advert_each_second_the_first_of_each_interval_is_recorded() {
        let heard: Vec<(i64, i32)> = (0..2000).map(|second| (second, 5000)).collect();
        let expected = [0, 600, 1200, 1800].map(|second| (second, Worth::FirstOfInterval));
        assert_eq!(recorded(&heard), expected);
    }

    #[test]
    fn a_late_first_advert_does_not_put_the_next_interval_off() {
        let expected = [(599, Worth::FirstOfInterval), (600, Worth::FirstOfInterval)];
        assert_eq!(recorded(&[(599, 5000), (600, 5000), (601, 5000)]), expected);
    }

    #[test]
    fn every_advert_that_changes_side_of_a_limit_is_recorded_at_once() {
        let heard = [(0, 8000), (10, 8005), (11, 8100), (20, 8000), (30, 1995), (40, 8001), (41, 5000)];
        let told: Vec<i64> = recorded(&heard).iter().map(|(second, _)| *second).collect();
        assert_eq!(told, [0, 10, 20, 30, 40, 41]);
        assert_eq!(recorded(&[(0, -500)]), [(0, Worth::ChangedSide)], "out of range from the first on");
    }

    #[test]
    fn of_what_lies_beyond_a_condition_limit_each_new_peak_of_an_interval_is_recorded() {
        let mut peaks = Peaks::default();
        let mut take = |second: i64, beyond| peaks.take("S", UtcMillis(second * 1000), beyond, 600);
        let heard = [(0, None), (5, Some(10)), (6, Some(9)), (7, Some(30)), (8, Some(30)), (601, Some(1))];
        let told: Vec<i64> = heard
            .iter()
            .filter(|(second, beyond)| take(*second, *beyond))
            .map(|(second, _)| *second)
            .collect();
        assert_eq!(told, [5, 7, 601]);
    }

    #[test]
    fn each_series_is_sampled_by_itself() {
        let mut sampler = Sampler::default();
        for series in ["A", "B"] {
            assert!(sampler.take(series, UtcMillis(0), MilliCelsius(5000), PACE).is_some());
        }
    }
}
