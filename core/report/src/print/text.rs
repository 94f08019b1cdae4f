//! Numbers, instants and durations as the report prints them.

use firn_model::profile::Scale;
use firn_model::time::{UtcMillis, UtcOffset};
use firn_model::units::{Decimal, MilliCelsius};

/// One thing or several: `1 batch`, `2 batches`.
pub fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// A sentence of words that begin small.
pub fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A local date and time with its offset: `2026-11-22 09:30:00 +01:00`, or `… UTC` for none.
pub fn instant(at: UtcMillis, offset: UtcOffset) -> String {
    let text = at.to_rfc3339_at(offset).replacen('T', " ", 1);
    match (text.strip_suffix('Z'), text.len().checked_sub(6).and_then(|cut| text.split_at_checked(cut))) {
        (Some(utc), _) => format!("{utc} UTC"),
        (None, Some((local, offset))) => format!("{local} {offset}"),
        (None, None) => text,
    }
}

/// A local date and time without its offset, for columns whose head names it: `2026-11-22 09:30:00`.
pub fn local(at: UtcMillis, offset: UtcOffset) -> String {
    let text = instant(at, offset);
    match text.rsplit_once(' ') {
        Some((local, _)) => local.to_owned(),
        None => text,
    }
}

/// The offset alone: `UTC+01:00`, or `UTC`.
pub fn offset(offset: UtcOffset) -> String {
    if offset.0 == 0 {
        return "UTC".into();
    }
    let sign = if offset.0 < 0 { '-' } else { '+' };
    let minutes = offset.0.unsigned_abs() / 60;
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A duration in milliseconds: `2 h 25 min`, `1 d 3 h`, `45.5 s`, `0 s`.
pub fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    let parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "min")];
    let mut shown: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    let rest = i64::try_from(milliseconds % 60_000).unwrap_or_default();
    if rest > 0 || shown.is_empty() {
        shown.push(format!("{} s", Decimal { mantissa: rest, scale: 3 }));
    }
    shown.join(" ")
}

/// A temperature with the digits that decide, at least one behind the point: `8.0 °C`, `8.005 °C`.
pub fn celsius(value: MilliCelsius) -> String {
    format!("{} °C", degrees(value))
}

/// A temperature in the scale that a profile compares in, in °F beside °C: `46.0 °F (7.78 °C)`.
pub fn at_scale(value: MilliCelsius, scale: Scale) -> String {
    match scale.fahrenheit(value) {
        Some(fahrenheit) => format!("{fahrenheit} °F ({})", celsius(value)),
        None => celsius(value),
    }
}

/// As [`celsius`], without the unit.
pub fn degrees(value: MilliCelsius) -> String {
    one_digit(value.to_string())
}

/// A temperature in micro-degrees, rounded half away from zero to hundredths: `5.30 °C`.
pub fn celsius_of_micro(micro: i64) -> String {
    let hundredths = micro.unsigned_abs().saturating_add(5_000) / 10_000;
    let sign = if micro < 0 && hundredths > 0 { "-" } else { "" };
    format!("{sign}{}.{:02} °C", hundredths / 100, hundredths % 100)
}

/// How many digits behind the point show all of `values` exactly: 1 to 3.
pub fn digits(values: impl Iterator<Item = MilliCelsius>) -> usize {
    let needed = |value: MilliCelsius| match value.0 {
        tenths if tenths % 100 == 0 => 1,
        hundredths if hundredths % 10 == 0 => 2,
        _ => 3,
    };
    values.map(needed).max().unwrap_or(1)
}

/// A temperature with at least so many digits behind the point, for columns that align.
pub fn degrees_to(value: MilliCelsius, digits: usize) -> String {
    let text = degrees(value);
    let behind = text.rsplit_once('.').map_or(0, |(_, behind)| behind.len());
    text + &"0".repeat(digits.saturating_sub(behind))
}

fn one_digit(text: String) -> String {
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// Lower-case hexadecimal in groups of eight digits, so that two people can compare it aloud.
pub fn grouped_hex(bytes: &[u8]) -> String {
    bytes.chunks(4).map(hex).collect::<Vec<_>>().join(" ")
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temperature_shows_the_digits_that_decided() {
        assert_eq!(celsius(MilliCelsius(8000)), "8.0 °C");
        assert_eq!(celsius(MilliCelsius(8005)), "8.005 °C");
        assert_eq!(celsius(MilliCelsius(-500)), "-0.5 °C");
    }

    #[test]
    fn a_mean_is_rounded_to_hundredths() {
        assert_eq!(celsius_of_micro(5_123_456), "5.12 °C");
        assert_eq!(celsius_of_micro(5_125_000), "5.13 °C");
        assert_eq!(celsius_of_micro(-1_005_000), "-1.01 °C");
        assert_eq!(celsius_of_micro(5_300_000), "5.30 °C");
        assert_eq!(celsius_of_micro(-4_999), "0.00 °C");
    }

    #[test]
    fn a_column_of_temperatures_aligns_and_loses_no_digit() {
        let values = [8000, 8005, -500].map(MilliCelsius);
        let digits = digits(values.into_iter());
        assert_eq!(values.map(|value| degrees_to(value, digits)), ["8.000", "8.005", "-0.500"]);
    }

    #[test]
    fn a_time_is_local_and_names_its_offset() {
        let at = UtcMillis(1_795_341_000_500);
        assert_eq!(instant(at, UtcOffset(0)), "2026-11-22 09:50:00.500 UTC");
        assert_eq!(instant(at, UtcOffset(-12_600)), "2026-11-22 06:20:00.500 -03:30");
        assert_eq!(local(at, UtcOffset(3600)), "2026-11-22 10:50:00.500");
        assert_eq!(offset(UtcOffset(-12_600)), "UTC-03:30");
    }

    #[test]
    fn a_duration_names_its_units() {
        assert_eq!(duration(8_700_000), "2 h 25 min");
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(90_061_500), "1 d 1 h 1 min 1.5 s");
    }
}
