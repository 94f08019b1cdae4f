//! How old a value is, in the unit that people say it in, and whether it is stale.

use firn_model::time::UtcMillis;

/// An age in one unit, cut down: 119 seconds are one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// Also what lies ahead by less than a minute: two clocks are never equal.
    Seconds(i64),
    Minutes(i64),
    Hours(i64),
    Days(i64),
    /// The instant lies a minute or more ahead of this device's clock.
    Ahead,
}

/// The age of what happened `then`.
pub(crate) fn age(now: UtcMillis, then: UtcMillis) -> Age {
    let seconds = now.0.saturating_sub(then.0) / 1000;
    match seconds {
        ..=-60 => Age::Ahead,
        -59..60 => Age::Seconds(seconds.max(0)),
        60..3600 => Age::Minutes(seconds / 60),
        3600..172_800 => Age::Hours(seconds / 3600),
        _ => Age::Days(seconds / 86_400),
    }
}

/// Whether a value that grows stale at `stale_from` is so by now.
pub(crate) fn is_stale(now: UtcMillis, stale_from: UtcMillis) -> bool {
    now >= stale_from
}

/// A length of time as days, hours, minutes and seconds, of which at most two neighbours are told.
pub(crate) fn parts(milliseconds: u64) -> Vec<(u64, DurationUnit)> {
    let seconds = milliseconds / 1000;
    let split = [
        (seconds / 86_400, DurationUnit::Day),
        (seconds / 3600 % 24, DurationUnit::Hour),
        (seconds / 60 % 60, DurationUnit::Minute),
        (seconds % 60, DurationUnit::Second),
    ];
    let Some(first) = split.iter().position(|(count, _)| *count > 0) else {
        return vec![(0, DurationUnit::Second)];
    };
    split.into_iter().skip(first).take(2).filter(|(count, _)| *count > 0).collect()
}

/// A unit as `Intl.NumberFormat` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DurationUnit {
    Day,
    Hour,
    Minute,
    Second,
}

impl DurationUnit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: i64) -> Age {
        age(UtcMillis(seconds * 1000), UtcMillis(0))
    }

    #[test]
    fn an_age_is_cut_down_and_never_rounded_up() {
        assert_eq!(after(59), Age::Seconds(59));
        assert_eq!(after(119), Age::Minutes(1));
        assert_eq!(after(3599), Age::Minutes(59));
        assert_eq!(after(47 * 3600), Age::Hours(47));
        assert_eq!(after(48 * 3600), Age::Days(2));
    }

    #[test]
    fn a_reading_from_the_future_is_said_to_be_ahead() {
        assert_eq!(after(-59), Age::Seconds(0));
        assert_eq!(after(-60), Age::Ahead);
    }

    #[test]
    fn a_value_is_stale_from_the_very_instant_on() {
        assert!(!is_stale(UtcMillis(999), UtcMillis(1000)));
        assert!(is_stale(UtcMillis(1000), UtcMillis(1000)));
    }

    #[test]
    fn a_duration_is_told_in_two_neighbouring_units() {
        assert_eq!(parts(0), [(0, DurationUnit::Second)]);
        assert_eq!(parts(90_061_000), [(1, DurationUnit::Day), (1, DurationUnit::Hour)]);
        assert_eq!(parts(3_600_000), [(1, DurationUnit::Hour)]);
        assert_eq!(parts(86_460_000), [(1, DurationUnit::Day)]);
        assert_eq!(parts(125_000), [(2, DurationUnit::Minute), (5, DurationUnit::Second)]);
    }
}
