//! How long a series lay so near a limit that its logger cannot tell on which side.

use super::{Milliseconds, Sample, Span, known_interval, sorted};
use crate::profile::{Limits, Profile};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;

/// The proven time at which the temperature lay within the logger's accuracy of a limit.
///
/// Information beside a verdict, which compares what was read: a reading of 8.2 °C by a logger of ±0.5 °C
/// is out of range, and may have been 7.7 °C. `accuracy` is the logger's maximum permissible error; the
/// limits are those of the profile, without its guard band. At one time with several values the nearest
/// to a limit counts. Both sides of a limit count, its own value and the ends included.
pub fn near_limits(
    profile: &Profile,
    samples: &[Sample],
    interval_s: Option<u32>,
    span: Span,
    accuracy: MilliCelsius,
) -> Milliseconds {
    let interval_s = known_interval(interval_s).unwrap_or(profile.interval_s);
    let longest = u64::from(interval_s).saturating_mul(1500);
    let (mut near, mut before) = (0_u64, None);
    let mut pass = |from: Option<(UtcMillis, bool)>, to: UtcMillis| {
        let length = from.filter(|(_, near)| *near).map(|(from, _)| to.0.abs_diff(from.0));
        near = near.saturating_add(length.filter(|length| *length <= longest).unwrap_or_default());
    };
    for sample in sorted(samples).iter().filter(|sample| span.contains(sample.time)) {
        let is_near = is_near(&profile.limits, sample.value, accuracy);
        before = match before {
            Some((time, near)) if time == sample.time => Some((time, near || is_near)),
            _ => {
                pass(before, sample.time);
                Some((sample.time, is_near))
            }
        };
    }
    if let Some(to) = span.to {
        pass(before, to);
    }
    Milliseconds(near)
}

fn is_near(limits: &Limits, value: MilliCelsius, accuracy: MilliCelsius) -> bool {
    [limits.min, limits.max].iter().any(|limit| value.0.abs_diff(limit.0) <= accuracy.0.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::preset;

    fn near(readings: &[(i64, i32)], span: Span) -> u64 {
        let profile = &preset("cdc-refrigerator").unwrap().profile;
        let sample = |(minute, value): &(i64, i32)| Sample {
            time: UtcMillis(minute * 60_000),
            value: MilliCelsius(*value),
        };
        let samples: Vec<Sample> = readings.iter().map(sample).collect();
        near_limits(profile, &samples, Some(600), span, MilliCelsius(500)).0 / 60_000
    }

    #[test]
    fn the_time_within_half_a_degree_of_a_limit_is_told_on_both_sides_of_it() {
        // 7.5 to 8.5 and 1.5 to 2.5 are near, 7.499 and 8.501 are not.
        let readings =
            [(0, 7499), (10, 7500), (20, 8500), (30, 8501), (40, 1499), (50, 1500), (60, 2500), (70, 2501)];
        assert_eq!(near(&readings, Span::WHOLE), 40);
    }

    #[test]
    fn time_without_data_is_no_time_near_a_limit() {
        assert_eq!(near(&[(0, 8000), (10, 8000), (100, 8000)], Span::WHOLE), 10);
        let to = |minute: i64| Span { from: None, to: Some(UtcMillis(minute * 60_000)) };
        assert_eq!(near(&[(0, 8000), (10, 8000)], to(25)), 25);
        assert_eq!(near(&[(0, 8000), (10, 8000)], to(26)), 10);
        assert_eq!(near(&[], Span::WHOLE), 0);
    }

    #[test]
    fn of_several_values_at_one_time_one_near_a_limit_is_enough() {
        assert_eq!(near(&[(0, 5000), (0, 8100), (10, 5000)], Span::WHOLE), 10);
    }
}
