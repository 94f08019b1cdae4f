//! Instants as UTC milliseconds, and their reading and printing with an offset (RFC 3339).

use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// An instant: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct UtcMillis(#[n(0)] pub i64);

/// The difference between local time and UTC in whole seconds, east positive; in JSON the number of them.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    minicbor::Encode,
    minicbor::Decode,
    Serialize,
    Deserialize,
)]
#[cbor(transparent)]
pub struct UtcOffset(#[n(0)] pub i32);

/// An instant together with the offset it was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalInstant {
    /// The instant itself.
    pub at: UtcMillis,
    /// The offset of the text it came from.
    pub offset: UtcOffset,
}

/// The text is no RFC 3339 date-time with an offset, or lies outside the years 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date and time with an offset, such as 2026-11-22T09:30:00+01:00")]
pub struct TimeError;

impl LocalInstant {
    /// Reads RFC 3339 with an offset; digits behind the millisecond are cut off.
    ///
    /// A text without an offset is refused: its instant is unknown.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| TimeError)?;
        Ok(Self {
            at: UtcMillis(parsed.timestamp_millis()),
            offset: UtcOffset(parsed.offset().local_minus_utc()),
        })
    }

    /// Reads back what [`UtcMillis::to_rfc3339_at`] printed, also outside the years 0 to 9999: what ends an interval
    /// after the last reading of 9999 is stored and shown like any other instant.
    pub fn parse_printed(text: &str) -> Result<Self, TimeError> {
        Self::parse(text).or_else(|refused| {
            let millis = text.strip_suffix(" ms").and_then(|millis| millis.parse().ok());
            let read = match (millis, text.parse::<DateTime<FixedOffset>>()) {
                (Some(millis), _) => Self { at: UtcMillis(millis), offset: UtcOffset(0) },
                (None, Ok(parsed)) => Self {
                    at: UtcMillis(parsed.timestamp_millis()),
                    offset: UtcOffset(parsed.offset().local_minus_utc()),
                },
                (None, Err(_)) => return Err(refused),
            };
            if read.at.to_rfc3339_at(read.offset) == text { Ok(read) } else { Err(refused) }
        })
    }
}

impl UtcMillis {
    /// The instant `seconds` later; saturates at the ends of the range.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// RFC 3339 in UTC with `Z`; milliseconds only where there are any.
    pub fn to_rfc3339(self) -> String {
        self.to_rfc3339_at(UtcOffset(0))
    }

    /// RFC 3339 in local time with `offset`, `Z` for zero; milliseconds only where there are any.
    ///
    /// An instant outside chrono's range (about ± 262,000 years) prints as its milliseconds.
    pub fn to_rfc3339_at(self, offset: UtcOffset) -> String {
        self.in_calendar(offset).unwrap_or_else(|| format!("{} ms", self.0))
    }

    /// RFC 3339 in UTC for a reader; `None` for an instant that no calendar has (about ± 262,000 years).
    pub fn to_rfc3339_if_any(self) -> Option<String> {
        self.in_calendar(UtcOffset(0))
    }

    fn in_calendar(self, offset: UtcOffset) -> Option<String> {
        let precision = if self.0 % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
        let (utc, east) = DateTime::from_timestamp_millis(self.0).zip(FixedOffset::east_opt(offset.0))?;
        Some(utc.with_timezone(&east).to_rfc3339_opts(precision, offset.0 == 0))
    }
}

impl fmt::Display for UtcMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// In JSON an instant is its RFC 3339 text in UTC.
impl Serialize for UtcMillis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcMillis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        LocalInstant::parse_printed(&text).map(|instant| instant.at).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_time_without_an_offset_is_refused() {
        for text in ["2026-11-22T09:30:00", "2026-11-22 09:30", "09:30", "", "2026-02-30T00:00:00Z"] {
            assert_eq!(LocalInstant::parse(text), Err(TimeError), "{text:?}");
        }
    }

    #[test]
    fn a_time_prints_in_the_offset_it_was_read_with() {
        let read = LocalInstant::parse("2026-07-01T09:30:00+02:00").unwrap();
        assert_eq!(read.at.to_rfc3339(), "2026-07-01T07:30:00Z");
        assert_eq!(read.at.to_rfc3339_at(read.offset), "2026-07-01T09:30:00+02:00");
    }

    #[test]
    fn an_instant_of_any_year_comes_back_from_its_json_and_no_sloppy_text_with_it() {
        let last = LocalInstant::parse("9999-12-31T23:59:59.999Z").unwrap().at;
        for at in [
            last,
            last.plus_seconds(600),
            UtcMillis(-62_167_219_200_001),
            UtcMillis(i64::MIN),
            UtcMillis(i64::MAX),
        ] {
            let json = serde_json::to_string(&at).unwrap();
            assert_eq!(serde_json::from_str::<UtcMillis>(&json).unwrap(), at, "{json}");
        }
        assert_eq!(last.plus_seconds(1).to_rfc3339(), "+10000-01-01T00:00:00.999Z");
        for text in ["+2026-11-22T09:30:00Z", "2026-11-22 09:30:00 Z", "+10000-1-1T00:00:00Z", "5 ms", "ms"] {
            assert_eq!(LocalInstant::parse_printed(text), Err(TimeError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_an_instant_agree(
            at in -62_135_596_800_000_i64..253_402_300_799_000, offset in -14..=14
        ) {
            let offset = UtcOffset(offset * 3600);
            let text = UtcMillis(at).to_rfc3339_at(offset);
            prop_assert_eq!(LocalInstant::parse_printed(&text), Ok(LocalInstant { at: UtcMillis(at), offset }));
            if let Ok(read) = LocalInstant::parse(&text) {
                prop_assert_eq!(read, LocalInstant { at: UtcMillis(at), offset });
            } else {
                // Only a local year outside 0 to 9999 may fail to come back.
                prop_assert!(text.starts_with('-') || text.starts_with('+'));
            }
        }
    }
}
