//! Local time to instants: a fixed offset, or a named zone whose clocks are put forward and back.
//!
//! A local time that did not exist, or that came twice, is never guessed at. Rules come from the IANA
//! database that is compiled in, so that the same file gives the same instants on every device.

use super::FileError;
use firn_model::time::{LocalInstant, UtcMillis, UtcOffset};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

/// The offsets that clocks on Earth have been set to, in seconds.
const LARGEST_OFFSET: i32 = 14 * 3600;
/// Local times further apart than this belong to different changes of the clocks.
const ONE_CHANGE: SignedDuration = SignedDuration::from_hours(12);

/// Where a logger's clock stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Always so far from UTC.
    Fixed(UtcOffset),
    /// By the rules of a place.
    Named(TimeZone),
}

/// A time that a clock on the wall shows; a calendar day that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime(pub(super) DateTime);

/// Hour, minute, second and nanosecond.
pub(super) type TimeOfDay = (i8, i8, i8, i32);

/// What a local time is in a zone.
enum Placed {
    Once(Offset),
    Never,
    Twice { first: Offset, second: Offset },
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self::Fixed(UtcOffset(0));

    /// Reads `Z`, `+01:00`, `-0530`, `+1`, or a name of the IANA database such as `Europe/Paris`.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let unknown = || FileError::ZoneUnknown { name: text.chars().take(64).collect() };
        if text.starts_with(['+', '-']) || text.eq_ignore_ascii_case("z") {
            return fixed_offset(text).map(Self::Fixed).ok_or_else(unknown);
        }
        let zone = TimeZoneDatabase::bundled().get(text).map_err(|_| unknown())?;
        Ok(Self::Named(zone))
    }

    /// Its name: as the IANA database writes it, or the offset.
    pub fn name(&self) -> String {
        match self {
            Self::Fixed(UtcOffset(0)) => "Z".to_owned(),
            Self::Fixed(UtcOffset(seconds)) => {
                let (sign, size) = (if *seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
                format!("{sign}{:02}:{:02}", size / 3600, size / 60 % 60)
            }
            Self::Named(zone) => zone.iana_name().unwrap_or("a zone without a name").to_owned(),
        }
    }

    /// The offset in force at an instant.
    pub fn offset_at(&self, at: UtcMillis) -> UtcOffset {
        match (self, Timestamp::from_millisecond(at.0)) {
            (Self::Fixed(offset), _) => *offset,
            (Self::Named(zone), Ok(at)) => UtcOffset(zone.to_offset(at).seconds()),
            (Self::Named(_), Err(_)) => UtcOffset(0),
        }
    }

    /// The instants of local times in the order of their rows, each with its line.
    ///
    /// # Errors
    /// For the first time that did not exist, and for the first that came twice where the order of the
    /// rows does not decide which of the two it was.
    pub(super) fn place(&self, rows: &[(u32, LocalTime)]) -> Result<Vec<LocalInstant>, FileError> {
        let placed: Vec<Placed> = rows.iter().map(|(_, local)| self.placed(*local)).collect();
        let order = Order::of(rows, &placed);
        let mut instants = Vec::with_capacity(rows.len());
        let mut index = 0;
        while let (Some((line, local)), Some(at)) = (rows.get(index), placed.get(index)) {
            match at {
                Placed::Once(offset) => instants.push(local.at(*offset).ok_or_else(|| local.bad(*line))?),
                Placed::Never => {
                    let (line, text, zone) = (*line, local.to_string(), self.name());
                    return Err(FileError::TimeInGap { line, text, zone });
                }
                Placed::Twice { first, second } => {
                    let run = run_of(
                        rows.get(index..).unwrap_or_default(),
                        placed.get(index..).unwrap_or_default(),
                    );
                    let turn = order.turn(run).ok_or_else(|| FileError::TimeAmbiguous {
                        line: *line,
                        text: local.to_string(),
                        zone: self.name(),
                    })?;
                    for (place, (line, local)) in run.iter().enumerate() {
                        let earlier = (place < turn) == (order == Order::Ascending);
                        let offset = if earlier { *first } else { *second };
                        instants.push(local.at(offset).ok_or_else(|| local.bad(*line))?);
                    }
                    index = index.saturating_add(run.len().saturating_sub(1));
                }
            }
            index = index.saturating_add(1);
        }
        Ok(instants)
    }

    /// The instant of a time that stands alone, as in a header.
    pub(super) fn place_one(&self, line: u32, local: LocalTime) -> Result<LocalInstant, FileError> {
        self.place(&[(line, local)])?.first().copied().ok_or_else(|| local.bad(line))
    }

    fn placed(&self, local: LocalTime) -> Placed {
        match self {
            Self::Fixed(UtcOffset(seconds)) => {
                Offset::from_seconds(*seconds).map_or(Placed::Never, Placed::Once)
            }
            Self::Named(zone) => match zone.to_ambiguous_timestamp(local.0).offset() {
                AmbiguousOffset::Unambiguous { offset } => Placed::Once(offset),
                AmbiguousOffset::Gap { .. } => Placed::Never,
                AmbiguousOffset::Fold { before, after } => Placed::Twice { first: before, second: after },
            },
        }
    }
}

impl LocalTime {
    /// A calendar day and a time of day that exist.
    pub(super) fn new(year: i16, month: i8, day: i8, time: TimeOfDay) -> Option<Self> {
        let (hour, minute, second, nanosecond) = time;
        DateTime::new(year, month, day, hour, minute, second, nanosecond).ok().map(Self)
    }

    /// Milliseconds of the clock on the wall since 1970-01-01 00:00 there.
    pub(super) fn wall_ms(self) -> i64 {
        Offset::UTC.to_timestamp(self.0).map_or(0, Timestamp::as_millisecond)
    }

    fn at(self, offset: Offset) -> Option<LocalInstant> {
        let at = offset.to_timestamp(self.0).ok()?;
        Some(LocalInstant { at: UtcMillis(at.as_millisecond()), offset: UtcOffset(offset.seconds()) })
    }

    fn bad(self, line: u32) -> FileError {
        FileError::Time { line, text: self.to_string() }
    }
}

impl std::fmt::Display for LocalTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%d %H:%M:%S"))
    }
}

/// Which way the rows of a file run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Ascending,
    Descending,
    /// Neither, or too few rows to tell.
    Unknown,
}

impl Order {
    /// From the rows whose time came once: one out of order, and the order decides nothing.
    fn of(rows: &[(u32, LocalTime)], placed: &[Placed]) -> Self {
        let sure: Vec<LocalTime> = rows
            .iter()
            .zip(placed)
            .filter(|(_, placed)| matches!(placed, Placed::Once(_)))
            .map(|((_, local), _)| *local)
            .collect();
        match (sure.first(), sure.last()) {
            (Some(first), Some(last)) if first < last && sure.is_sorted() => Self::Ascending,
            (Some(first), Some(last)) if first > last && sure.is_sorted_by(|a, b| a >= b) => Self::Descending,
            _ => Self::Unknown,
        }
    }

    /// The first row of a run of twofold times that is on the other side of the change: where the clock
    /// on the wall steps against the order, once.
    fn turn(self, run: &[(u32, LocalTime)]) -> Option<usize> {
        let against = |pair: &[(u32, LocalTime)]| match (self, pair) {
            (Self::Ascending, [(_, a), (_, b)]) => b < a,
            (Self::Descending, [(_, a), (_, b)]) => b > a,
            _ => false,
        };
        let mut steps = run.windows(2).enumerate().filter(|(_, pair)| against(pair));
        match (steps.next(), steps.next()) {
            (Some((place, _)), None) => place.checked_add(1),
            _ => None,
        }
    }
}

/// The rows from the first on that came twice by the same change of the clocks.
fn run_of<'r>(rows: &'r [(u32, LocalTime)], placed: &[Placed]) -> &'r [(u32, LocalTime)] {
    let Some((_, begin)) = rows.first() else { return rows };
    let length = rows
        .iter()
        .zip(placed)
        .take_while(|((_, local), placed)| {
            matches!(placed, Placed::Twice { .. }) && local.0.duration_since(begin.0).abs() <= ONE_CHANGE
        })
        .count();
    rows.get(..length).unwrap_or(rows)
}

/// `Z`, or a sign and hours with or without minutes.
pub(super) fn fixed_offset(text: &str) -> Option<UtcOffset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(UtcOffset(0));
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.strip_prefix(['+', '-'])?.replace(':', "");
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    let (hours, minutes) = if digits.len() > 2 { (number / 100, number % 100) } else { (number, 0) };
    let seconds = hours * 3600 + minutes * 60;
    (minutes < 60 && seconds <= LARGEST_OFFSET).then_some(UtcOffset(sign * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn local(text: &str) -> LocalTime {
        LocalTime(text.parse().unwrap())
    }

    fn place(zone: &str, times: &[&str]) -> Result<Vec<String>, FileError> {
        let rows: Vec<_> = (2_u32..).zip(times.iter().map(|text| local(text))).collect();
        let placed = Zone::parse(zone)?.place(&rows)?;
        Ok(placed.iter().map(|time| time.at.to_rfc3339_at(time.offset)).collect())
    }

    #[test]
    fn a_local_time_that_the_clocks_skipped_is_refused_by_its_line() {
        let error = place("Europe/Paris", &["2026-03-29T01:50", "2026-03-29T02:30"]).unwrap_err();
        assert_eq!(error.code(), "file/time-in-gap");
        assert!(error.to_string().starts_with("line 3: 2026-03-29 02:30:00"), "{error}");
        assert!(error.next_step().contains("fixed offset"));
        let fixed = place("+01:00", &["2026-03-29T02:30"]).unwrap();
        assert_eq!(fixed, ["2026-03-29T02:30:00+01:00"]);
    }

    #[test]
    fn a_local_time_that_came_twice_asks_for_the_offset() {
        for times in [
            &["2026-10-25T02:30"][..],
            &["2026-10-25T01:30", "2026-10-25T02:30", "2026-10-25T03:30"],
            &["2026-10-25T01:30", "2026-10-25T02:30", "2026-10-25T02:30", "2026-10-25T03:30"],
        ] {
            let error = place("Europe/Paris", times).unwrap_err();
            assert_eq!(error.code(), "file/time-ambiguous", "{times:?}");
            assert!(error.to_string().contains("2026-10-25 02:30:00"), "{error}");
        }
        assert_eq!(place("+02:00", &["2026-10-25T02:30"]).unwrap(), ["2026-10-25T02:30:00+02:00"]);
    }

    #[test]
    fn rows_in_order_decide_which_of_two_equal_hours_is_meant() {
        let mut times = [
            "2026-10-25T01:40",
            "2026-10-25T02:10",
            "2026-10-25T02:40",
            "2026-10-25T02:10",
            "2026-10-25T02:40",
        ]
        .map(str::to_owned)
        .to_vec();
        times.push("2026-10-25T03:10".into());
        let expected = [
            "2026-10-25T01:40:00+02:00",
            "2026-10-25T02:10:00+02:00",
            "2026-10-25T02:40:00+02:00",
            "2026-10-25T02:10:00+01:00",
            "2026-10-25T02:40:00+01:00",
            "2026-10-25T03:10:00+01:00",
        ];
        let up: Vec<&str> = times.iter().map(String::as_str).collect();
        assert_eq!(place("Europe/Paris", &up).unwrap(), expected);
        let down: Vec<&str> = up.iter().rev().copied().collect();
        let reversed: Vec<&str> = expected.iter().rev().copied().collect();
        assert_eq!(place("europe/paris", &down).unwrap(), reversed);
        let shuffled = [up[5], up[0], up[1], up[2], up[3], up[4]];
        assert_eq!(place("Europe/Paris", &shuffled).unwrap_err().code(), "file/time-ambiguous");
    }

    #[test]
    fn an_offset_or_a_place_is_a_zone_and_nothing_else() {
        for (text, name) in [
            ("Z", "Z"),
            ("+1", "+01:00"),
            ("-0330", "-03:30"),
            ("+05:45", "+05:45"),
            ("Asia/Kolkata", "Asia/Kolkata"),
            ("UTC", "UTC"),
        ] {
            assert_eq!(Zone::parse(text).unwrap().name(), name);
        }
        for text in ["", "+", "+15", "+01:75", "Mars/Olympus", "+1:2:3:4:5", "../etc", "CET+1"] {
            assert_eq!(Zone::parse(text).unwrap_err().code(), "file/zone-unknown", "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_instant_printed_in_a_zone_is_placed_where_it_was(
            seconds in 0_i64..4_000_000_000, zone in "(Europe/Paris|America/St_Johns|Asia/Kathmandu|-03:30|Z)"
        ) {
            let zone = Zone::parse(&zone).unwrap();
            let at = UtcMillis(seconds * 1000);
            let offset = zone.offset_at(at);
            let wall = Timestamp::from_second(seconds + i64::from(offset.0)).unwrap();
            let local = LocalTime(Offset::UTC.to_datetime(wall));
            match zone.place_one(1, local) {
                Ok(placed) => prop_assert_eq!(placed, LocalInstant { at, offset }),
                Err(error) => prop_assert_eq!(error.code(), "file/time-ambiguous"),
            }
        }
    }
}
