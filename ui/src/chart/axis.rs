//! Where the lines of a scale stand: at round numbers of degrees and at round local times.

use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The spacings of time that people read without reckoning.
const SPACINGS: [i64; 16] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    28 * DAY,
    364 * DAY,
];

/// An instant on the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeTick {
    pub at: UtcMillis,
    /// Local midnight: the date is what matters.
    pub is_midnight: bool,
}

/// At most `most` round instants between two, in local time `offset_ms` east of UTC.
pub(crate) fn time_ticks(from: UtcMillis, to: UtcMillis, most: usize, offset_ms: i64) -> Vec<TimeTick> {
    let span = to.0.saturating_sub(from.0).max(1);
    let most_wide = i64::try_from(most.max(1)).unwrap_or(i64::MAX);
    let fits = |spacing: &i64| span / spacing <= most_wide;
    let spacing = SPACINGS.into_iter().find(fits).unwrap_or(364 * DAY);
    let local = |at: i64| at.saturating_add(offset_ms);
    let first = local(from.0).div_euclid(spacing).saturating_mul(spacing).saturating_sub(offset_ms);
    (0..=most_wide.saturating_add(1))
        .map(|step| first.saturating_add(step.saturating_mul(spacing)))
        .filter(|at| (from.0..=to.0).contains(at))
        .map(|at| TimeTick { at: UtcMillis(at), is_midnight: local(at).rem_euclid(DAY) == 0 })
        .take(most.max(1))
        .collect()
}

/// About `wanted` round temperatures between two.
pub(crate) fn value_ticks(low: MilliCelsius, high: MilliCelsius, wanted: i32) -> Vec<MilliCelsius> {
    let span = high.0.saturating_sub(low.0).max(1);
    let rough = (span / wanted.max(1)).max(1);
    let mut spacing = 1;
    for factor in [2, 5, 10].into_iter().cycle() {
        let decade: i32 = largest_decade(spacing);
        if spacing >= rough || spacing > 100_000 {
            break;
        }
        spacing = decade.saturating_mul(factor);
    }
    let first = low.0.div_euclid(spacing).saturating_mul(spacing);
    (0..)
        .map(|step: i32| first.saturating_add(step.saturating_mul(spacing)))
        .take_while(|value| *value <= high.0)
        .take(100)
        .filter(|value| *value >= low.0)
        .map(MilliCelsius)
        .collect()
}

/// The largest power of ten that is not above `value`.
fn largest_decade(value: i32) -> i32 {
    let mut decade = 1_i32;
    while decade.saturating_mul(10) <= value && decade < 1_000_000 {
        decade = decade.saturating_mul(10);
    }
    decade
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_a_day_stand_at_round_local_hours() {
        let offset = 5 * HOUR + 30 * MINUTE;
        let ticks = time_ticks(UtcMillis(0), UtcMillis(DAY), 6, offset);
        assert!(ticks.iter().all(|tick| (tick.at.0 + offset) % (6 * HOUR) == 0));
        assert_eq!(ticks.iter().filter(|tick| tick.is_midnight).count(), 1);
        assert_eq!(ticks.len(), 4);
    }

    #[test]
    fn there_are_never_more_ticks_than_fit() {
        for minutes in [1_i64, 7, 59, 600, 1440, 10_000, 100_000] {
            let ticks = time_ticks(UtcMillis(12_345), UtcMillis(12_345 + minutes * MINUTE), 5, 0);
            assert!(ticks.len() <= 5, "{minutes} min: {}", ticks.len());
        }
    }

    #[test]
    fn degrees_stand_at_one_two_or_five() {
        let ticks = value_ticks(MilliCelsius(1000), MilliCelsius(9000), 5);
        assert_eq!(ticks, [2000, 4000, 6000, 8000].map(MilliCelsius));
        let ticks = value_ticks(MilliCelsius(-21_000), MilliCelsius(-14_000), 5);
        assert_eq!(ticks, [-20_000, -18_000, -16_000, -14_000].map(MilliCelsius));
        let ticks = value_ticks(MilliCelsius(4_990), MilliCelsius(5_010), 4);
        assert_eq!(ticks.len(), 5);
    }
}
