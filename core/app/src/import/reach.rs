//! How far the measurements between logged samples can lead away from what the samples give.
//!
//! A device that measures every minute and logs every ten knows more than its file. That explains a difference only as
//! far as those measurements can make one: a mean within the means of the warmer and of the cooler neighbours, an
//! extreme no further out than the temperature ever moved from one sample to the next, and at each crossing of a
//! limit one logging interval.

use super::Judged;
use firn_model::assess::{MicroCelsius, Sample, Span, Statistics, assess_series};
use firn_model::profile::{AlarmMode, AlarmRule, Bound, Profile};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;

/// A tenth of a degree in thousandths: what the devices show.
const TENTH: i32 = 100;
const MINUTE_MS: i64 = 60_000;

/// Which extreme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The lowest temperature.
    Lowest,
    /// The highest.
    Highest,
}

impl End {
    /// The one that lies beyond a limit.
    pub(super) fn beyond(bound: Bound) -> Self {
        match bound {
            Bound::Above => Self::Highest,
            Bound::Below => Self::Lowest,
        }
    }
}

/// The least and the greatest that a mean can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Means {
    low: Statistics,
    high: Statistics,
}

/// Whether an extreme that the device tells, and where it says so the time of, can lie between two samples, or before
/// the first or after the last. Of a minute that is logged the sample is what the device measured.
pub(super) fn of_extreme(
    samples: &[Sample],
    end: End,
    (told, at): (MilliCelsius, Option<UtcMillis>),
    logged: MilliCelsius,
) -> bool {
    let outward = |from: MilliCelsius| match end {
        End::Lowest => from.0.saturating_sub(told.0),
        End::Highest => told.0.saturating_sub(from.0),
    };
    let is_logged = |at: UtcMillis| {
        samples.iter().any(|sample| (0..MINUTE_MS).contains(&sample.time.0.saturating_sub(at.0)))
    };
    let is_minute_logged = at.is_some_and(is_logged) && outward(logged) > TENTH;
    if outward(logged) <= 0 || is_minute_logged {
        return false;
    }
    let beside = at.map_or(logged, |at| {
        let next = samples.partition_point(|sample| sample.time < at);
        let near =
            [next.checked_sub(1), Some(next)].into_iter().flatten().filter_map(|place| samples.get(place));
        let outermost = near.map(|sample| sample.value).min_by_key(|value| outward(*value));
        outermost.unwrap_or(logged)
    });
    let steps = samples.windows(2).filter_map(|pair| match pair {
        [a, b] => i32::try_from(b.value.0.abs_diff(a.value.0)).ok(),
        _ => None,
    });
    outward(beside) <= steps.max().unwrap_or(0).max(TENTH)
}

impl Means {
    /// Of these samples; `told` are the device's own extremes of the same time.
    pub(super) fn of(judged: &Judged<'_>, samples: &[Sample], told: [Option<MilliCelsius>; 2]) -> Self {
        let [lowest, highest] = told;
        let values = || samples.iter().map(|sample| sample.value);
        // As far as the device's extremes lie beyond the logged ones, so far may any measurement lie beyond the two
        // samples beside it.
        let beyond = |told: Option<MilliCelsius>, logged: Option<MilliCelsius>| {
            told.zip(logged).map_or(0, |(told, logged)| told.0.saturating_sub(logged.0))
        };
        let (down, up) = (beyond(lowest, values().min()).min(0), beyond(highest, values().max()).max(0));
        let bounds =
            |outermost: Option<MilliCelsius>, outer: fn(MilliCelsius, MilliCelsius) -> MilliCelsius, by| {
                let moved: Vec<Sample> = between(samples, outermost, outer)
                    .map(|sample| Sample { value: MilliCelsius(sample.value.0.saturating_add(by)), ..sample })
                    .collect();
                let profile = Profile { alarms: Vec::new(), budgets: Vec::new(), ..judged.profile.clone() };
                let interval_s = Some(judged.assessment.statistics.interval_s);
                assess_series(&profile, &moved, interval_s, Span::WHOLE).statistics
            };
        Self { low: bounds(values().min(), Ord::min, down), high: bounds(values().max(), Ord::max, up) }
    }

    /// Whether the device's mean, told in tenths, can come from them.
    pub(super) fn explain(&self, told: MicroCelsius, which: fn(&Statistics) -> Option<MicroCelsius>) -> bool {
        let tenth = i64::from(TENTH) * 1000;
        let (low, high) = (which(&self.low), which(&self.high));
        low.zip(high).is_some_and(|(low, high)| {
            (low.0.saturating_sub(tenth)..=high.0.saturating_add(tenth)).contains(&told.0)
        })
    }
}

/// For each stretch between two samples the outer of both, and for those before the first and behind the last the
/// outermost of all.
fn between(
    samples: &[Sample],
    outermost: Option<MilliCelsius>,
    outer: fn(MilliCelsius, MilliCelsius) -> MilliCelsius,
) -> impl Iterator<Item = Sample> {
    let at = |sample: Option<&Sample>| sample.map_or(UtcMillis(0), |sample| sample.time);
    let (first, last) = (at(samples.first()), at(samples.last()));
    let spacing = samples.windows(2).next().map_or(0, |pair| match pair {
        [a, b] => b.time.0.saturating_sub(a.time.0),
        _ => 0,
    });
    let inner = samples.windows(2).filter_map(move |pair| match pair {
        [a, b] => Some(Sample { time: a.time, value: outer(a.value, b.value) }),
        _ => None,
    });
    let edge = move |time, value| Sample { time, value };
    let before = outermost.map(|value| edge(UtcMillis(first.0.saturating_sub(spacing)), value));
    before.into_iter().chain(inner).chain(outermost.map(|value| edge(last, value)))
}

/// Whether two lengths of time beyond a limit, in seconds, differ by no more than one logging interval for each time
/// that the samples cross it; of one stretch, from its begin to its end.
pub(super) fn of_time(judged: &Judged<'_>, rule: &AlarmRule, told_s: u64, logged_s: u64) -> bool {
    let is_beyond = |sample: &Sample| match (rule.bound, rule.inclusive) {
        (Bound::Above, false) => sample.value > rule.limit,
        (Bound::Above, true) => sample.value >= rule.limit,
        (Bound::Below, false) => sample.value < rule.limit,
        (Bound::Below, true) => sample.value <= rule.limit,
    };
    let ends = [judged.samples.first(), judged.samples.last()];
    let at_ends = ends.into_iter().flatten().filter(|sample| is_beyond(sample)).count();
    let inside = judged.samples.windows(2).filter(|pair| match pair {
        [a, b] => is_beyond(a) != is_beyond(b),
        _ => false,
    });
    let crossings = match rule.mode {
        AlarmMode::Single => 2,
        AlarmMode::Cumulative => inside.count().saturating_add(at_ends).max(2),
    };
    let interval = u64::from(judged.assessment.statistics.interval_s);
    told_s.abs_diff(logged_s) <= interval.saturating_mul(u64::try_from(crossings).unwrap_or(u64::MAX))
}
