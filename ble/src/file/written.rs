//! Dates and times as people and programs write them, without guessing day from month.

use super::FileError;
use super::date_order::{DateOrder, date_order};
use super::zone::{LocalTime, TimeOfDay, Zone, fixed_offset};
use firn_model::time::{UtcMillis, UtcOffset};
use jiff::fmt::strtime::BrokenDownTime;

/// The first year that has four digits: `%Y` takes 26 and 0202 too.
const FIRST_YEAR: i16 = 1000;

/// A time of one row: on the wall, and the offset or zone where the row itself names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub local: LocalTime,
    pub zone: Option<Zone>,
}

/// The numbers of a date in the order in which they stand, and the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub date: [i16; 3],
    pub separator: char,
    time: TimeOfDay,
    offset: Option<UtcOffset>,
}

/// Reads the times of all rows, each with its line, by a `strptime` format or by their own form; `now` is what the
/// reader's clock shows, for dates of which only one order can have been measured yet.
///
/// # Errors
/// For the first row that cannot be read, and where no row decides whether the day or the month is first.
pub(super) fn times(
    rows: &[(u32, String)],
    format: Option<&str>,
    now: Option<UtcMillis>,
) -> Result<Vec<Written>, FileError> {
    if let Some(format) = format {
        if !names_half_of_day(format) {
            return Err(FileError::HalfOfDay { format: format.chars().take(64).collect() });
        }
        return rows.iter().map(|(line, text)| by_format(*line, text, format)).collect();
    }
    let parts: Vec<Parts> = rows
        .iter()
        .map(|(line, text)| Parts::read(text).ok_or_else(|| bad(*line, text)))
        .collect::<Result<_, _>>()?;
    let (slashes, dots) = (date_order(rows, &parts, '/', now)?, date_order(rows, &parts, '.', now)?);
    let order = |parts: &Parts| if parts.separator == '.' { dots } else { slashes };
    let zipped = rows.iter().zip(&parts);
    zipped.map(|((line, text), parts)| parts.written(order(parts)).ok_or_else(|| bad(*line, text))).collect()
}

/// `yyyy-MM-dd hh:mm`, as the Berlinger files write every time.
pub(super) fn plain(text: &str) -> Option<LocalTime> {
    let parts = Parts::read(text)?;
    (parts.separator == '-' && parts.offset.is_none()).then_some(())?;
    parts.written(DateOrder::DayMonthYear).map(|written| written.local)
}

fn bad(line: u32, text: &str) -> FileError {
    FileError::Time { line, text: text.chars().take(64).collect() }
}

/// A time by a `strptime` format; a space that does not break a line is one, and p.m. is PM.
///
/// # Errors
/// `file/bad-time`, and those of a zone that the text names.
pub(super) fn by_format(line: u32, text: &str, format: &str) -> Result<Written, FileError> {
    let plain = |text: &str| text.replace(['\u{202f}', '\u{a0}'], " ");
    let (trimmed, format) = (plain(text.trim()), plain(format));
    let halves = [("a.m.", "am"), ("p.m.", "pm"), ("A.M.", "AM"), ("P.M.", "PM")];
    let trimmed = halves.iter().fold(trimmed, |text, (dotted, half)| text.replace(dotted, half));
    let read = BrokenDownTime::parse(&format, &trimmed).map_err(|_| bad(line, text))?;
    let local = read.to_datetime().ok().filter(|local| local.year() >= FIRST_YEAR).map(LocalTime);
    let local = local.ok_or_else(|| bad(line, text))?;
    let zone = own_zone(line, local, &read)?;
    Ok(Written { local, zone })
}

/// Where a row itself says that its clock stood: by its offset, which its zone must have then, else by its zone.
fn own_zone(line: u32, local: LocalTime, read: &BrokenDownTime) -> Result<Option<Zone>, FileError> {
    let offset = read.offset().map(|offset| UtcOffset(offset.seconds()));
    let Some(name) = read.iana_time_zone() else { return Ok(offset.map(Zone::Fixed)) };
    let unknown = |_| FileError::ZoneOfRow { line, name: name.chars().take(64).collect() };
    let zone = Zone::parse(name).map_err(unknown)?;
    let Some(offset) = offset else { return Ok(Some(zone)) };
    let at = local.wall_ms().saturating_sub(i64::from(offset.0).saturating_mul(1000));
    match zone.offset_at(UtcMillis(at)) == offset {
        true => Ok(Some(Zone::Fixed(offset))),
        false => {
            let cause = format!("{local} has another offset in {} than the one beside it", zone.name());
            Err(FileError::Line { line, cause })
        }
    }
}

/// Whether a format that reads a 12-hour clock reads am or pm, too.
fn names_half_of_day(format: &str) -> bool {
    let mut rest = format.chars();
    let mut directives = Vec::new();
    while rest.any(|one| one == '%') {
        // Flags, a width and colons may stand between.
        directives.extend(rest.by_ref().find(|one| *one == '%' || one.is_ascii_alphabetic()));
    }
    let any = |of: [char; 2]| directives.iter().any(|one| of.contains(one));
    !any(['I', 'l']) || any(['p', 'P'])
}

impl Parts {
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, rest) = text.split_once([' ', 'T', '\u{202f}', '\u{a0}'])?;
        // As browsers write a date and a time.
        let date = date.strip_suffix(',').unwrap_or(date);
        let separator = date.chars().find(|character| !character.is_ascii_digit())?;
        if !['-', '/', '.'].contains(&separator) {
            return None;
        }
        let mut numbers = date.split(separator).map(|part| whole(part, 4));
        let date = [numbers.next()??, numbers.next()??, numbers.next()??];
        if numbers.next().is_some() {
            return None;
        }
        let (time, offset) = time_of_day(rest.trim())?;
        Some(Self { date, separator, time, offset })
    }

    /// Whether each number can be what it stands for in that order; a month with dots is never the first.
    pub fn fits(&self, order: DateOrder) -> bool {
        let [a, b, c] = self.date;
        let (year, month, day) = match order {
            DateOrder::DayMonthYear => (c, b, a),
            DateOrder::MonthDayYear if self.separator == '.' => return false,
            DateOrder::MonthDayYear => (c, a, b),
            DateOrder::YearMonthDay => (a, b, c),
        };
        (1..=12).contains(&month) && (1..=31).contains(&day) && year >= 0
    }

    /// The date in that order; one that begins with four digits of a year needs none, one with hyphens has its year
    /// first.
    pub fn written(&self, order: DateOrder) -> Option<Written> {
        let [a, b, c] = self.date;
        let (year, month, day) = match (self.separator, order) {
            _ if a > 99 => (a, b, c),
            ('-', _) if a > 31 => (a, b, c),
            ('-', _) => return None,
            (_, DateOrder::DayMonthYear) => (c, b, a),
            (_, DateOrder::MonthDayYear) => (c, a, b),
            (_, DateOrder::YearMonthDay) => (a, b, c),
        };
        let year = if year < 100 { year.checked_add(2000)? } else { year };
        (year >= FIRST_YEAR).then_some(())?;
        let local = LocalTime::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?, self.time)?;
        Some(Written { local, zone: self.offset.map(Zone::Fixed) })
    }
}

/// `hh:mm[:ss[.fff]]`, with `AM` or `PM`, with an offset.
fn time_of_day(text: &str) -> Option<(TimeOfDay, Option<UtcOffset>)> {
    let length = text.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')).count();
    let (clock, rest) = text.split_at_checked(length)?;
    let rest = rest.trim_matches([' ', '\u{202f}', '\u{a0}']);
    let mut parts = clock.split(':');
    let (hour, minute) = (small(parts.next()?)?, small(parts.next()?)?);
    let (second, nanosecond) = match parts.next() {
        None => (0, 0),
        Some(second) => match second.split_once('.') {
            None => (small(second)?, 0),
            Some((second, fraction)) => {
                let milli = firn_model::units::parse_scaled(&format!("0.{fraction}"), 3).ok()?.min(999);
                (small(second)?, i32::try_from(milli).ok()?.checked_mul(1_000_000)?)
            }
        },
    };
    if parts.next().is_some() {
        return None;
    }
    let half = rest.replace('.', "").to_ascii_lowercase();
    let (hour, offset) = match half.as_str() {
        "" => (hour, None),
        "am" | "pm" if !(1..=12).contains(&hour) => return None,
        "am" => (hour % 12, None),
        "pm" => (hour % 12 + 12, None),
        _ => (hour, Some(fixed_offset(rest)?)),
    };
    Some(((hour, minute, second, nanosecond), offset))
}

fn small(text: &str) -> Option<i8> {
    whole(text, 2).and_then(|number| i8::try_from(number).ok())
}

fn whole(text: &str, longest: usize) -> Option<i16> {
    let digits = !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(texts: &[&str]) -> Result<Vec<String>, FileError> {
        let rows: Vec<_> = (2_u32..).zip(texts.iter().map(|text| (*text).to_owned())).collect();
        Ok(times(&rows, None, None)?.iter().map(|written| written.local.to_string()).collect())
    }

    #[test]
    fn a_time_is_read_in_the_forms_that_exports_use() {
        for text in [
            "2026-11-22 15:04:05",
            "2026-11-22T15:04:05",
            "2026/11/22 15:04:05",
            "2026-11-22T15:04:05+0100",
            "22.11.2026 15:04:05",
            "22/11/2026 15:04:05",
            "11/22/2026 3:04:05 PM",
            "11/22/26 3:04:05\u{202f}p.m.",
            "11/22/2026, 3:04:05\u{202f}PM",
            "22.11.2026, 15:04:05",
        ] {
            assert_eq!(read(&[text]).unwrap(), ["2026-11-22 15:04:05"], "{text}");
        }
        assert_eq!(read(&["11/22/2026 12:00 AM"]).unwrap(), ["2026-11-22 00:00:00"]);
        let with_offset = times(&[(1, "2026-11-22T15:04:05.250+05:30".into())], None, None).unwrap();
        assert_eq!(with_offset[0].zone, Some(Zone::Fixed(UtcOffset(19_800))));
        assert_eq!(with_offset[0].local.wall_ms() % 1000, 250);
    }

    #[test]
    fn day_and_month_are_told_by_any_row_or_by_the_run_of_the_rows_and_never_guessed() {
        assert_eq!(read(&["03/04/2026 10:00", "13/04/2026 10:00"]).unwrap()[0], "2026-04-03 10:00:00");
        assert_eq!(read(&["03/04/2026 10:00", "03/14/2026 10:00"]).unwrap()[0], "2026-03-04 10:00:00");
        assert_eq!(read(&["03/04/2026 10:00", "04/04/2026 10:00"]).unwrap()[0], "2026-04-03 10:00:00");
        assert_eq!(read(&["03/04/2026 10:00", "03/05/2026 10:00"]).unwrap()[0], "2026-03-04 10:00:00");
        assert_eq!(read(&["04/04/2026 10:00"]).unwrap(), ["2026-04-04 10:00:00"]);
        assert_eq!(read(&["03/04/2026 10:00"]).unwrap_err().code(), "file/date-order");
        assert_eq!(read(&["13/04/2026 10:00", "04/13/2026 10:00"]).unwrap_err().code(), "file/bad-time");
    }

    #[test]
    fn a_format_of_four_digits_reads_no_year_of_fewer() {
        let read = |year: &str, format: &str| {
            let read = times(&[(2, format!("13/12/{year} 08:05"))], format.into(), None);
            read.map(|read| read[0].local.to_string()).map_err(|error| error.code())
        };
        for year in ["26", "202", "0202", "026"] {
            assert_eq!(read(year, "%d/%m/%Y %H:%M"), Err("file/bad-time"), "{year}");
        }
        assert_eq!(read("26", "%d/%m/%y %H:%M"), Ok("2026-12-13 08:05:00".into()));
        assert_eq!(read("2026", "%d/%m/%Y %H:%M"), Ok("2026-12-13 08:05:00".into()));
        for text in ["13/12/202 08:05", "202/12/13 08:05", "0202-12-13 08:05"] {
            let error = times(&[(2, text.into())], None, None).unwrap_err();
            assert_eq!(error.code(), "file/bad-time", "{text}");
        }
    }

    #[test]
    fn a_zone_that_a_row_names_is_its_own_and_contradicts_no_offset_beside_it() {
        let zone = |text: &str, format: &str| {
            let read = times(&[(2, format!("2026-07-01 {text}"))], Some(&format!("%Y-%m-%d {format}")), None);
            read.map(|read| read[0].zone.as_ref().unwrap().name()).map_err(|error| error.code())
        };
        assert_eq!(zone("08:05 Europe/Paris", "%H:%M %Q"), Ok("Europe/Paris".into()));
        assert_eq!(zone("08:05 -0400", "%H:%M %Q"), Ok("-04:00".into()));
        assert_eq!(zone("08:05Z", "%H:%M%Q"), Ok("Z".into()));
        assert_eq!(zone("08:05 +0200 Europe/Paris", "%H:%M %z %Q"), Ok("+02:00".into()));
        assert_eq!(zone("08:05 +0100 Europe/Paris", "%H:%M %z %Q"), Err("file/malformed-line"));
        let unknown = times(&[(2, "2026-07-01 08:05 CEST".into())], Some("%Y-%m-%d %H:%M %Q"), None);
        let unknown = unknown.unwrap_err();
        assert_eq!((unknown.code(), unknown.to_string().contains("line 2")), ("file/zone-unknown", true));
        assert!(times(&[(2, "2026-07-01 08:05 CEST".into())], Some("%Y-%m-%d %H:%M CEST"), None).is_ok());
    }

    #[test]
    fn a_year_of_two_digits_may_stand_first_or_last_and_is_never_guessed() {
        for separator in ["/", "."] {
            let order = |texts: &[&str]| {
                let texts: Vec<String> =
                    texts.iter().map(|text| format!("{} 10:00", text.replace('/', separator))).collect();
                let read = read(&texts.iter().map(String::as_str).collect::<Vec<_>>());
                read.map(|times| times[0].chars().take(10).collect::<String>()).map_err(|error| error.code())
            };
            let unclear = Err("file/date-order");
            assert_eq!(order(&["26/02/13"]), unclear, "13 February 2026 or 26 February 2013");
            assert_eq!(order(&["26/02/13", "26/02/14", "26/03/01"]), unclear);
            assert_eq!(order(&["26/02/13", "26/02/14"]), Ok("2026-02-13".into()));
            assert_eq!(order(&["13/02/26", "14/02/26"]), Ok("2026-02-13".into()));
            assert_eq!(order(&["28/02/26", "29/02/26", "01/03/26"]), Err("file/bad-time"));
            assert_eq!(order(&["13/02/98"]), Ok("2098-02-13".into()), "no other order fits");
            assert_eq!(order(&["98/02/13", "26/02/13"]), Ok("2098-02-13".into()), "one row decides");
            assert_eq!(order(&["13/02/2026"]), Ok("2026-02-13".into()));
        }
        assert_eq!(read(&["02/13/26 10:00"]).unwrap(), ["2026-02-13 10:00:00"], "there is no month 13");
        assert_eq!(read(&["05/05/05 10:00"]).unwrap(), ["2005-05-05 10:00:00"]);
    }

    #[test]
    fn a_format_with_a_12_hour_clock_needs_am_or_pm() {
        let rows = [(2, "11/22/2026 01:00".to_owned())];
        for format in ["%m/%d/%Y %I:%M", "%m/%d/%Y %l:%M", "%m/%d/%Y %-I:%M%%p", "%%p %_2I"] {
            let error = times(&rows, Some(format), None).unwrap_err();
            assert_eq!((error.code(), error.next_step().contains("%p")), ("file/am-pm", true), "{format}");
        }
        let rows = [(2, "11/22/2026 01:00 PM".to_owned())];
        assert_eq!(
            times(&rows, Some("%m/%d/%Y %I:%M %p"), None).unwrap()[0].local.to_string(),
            "2026-11-22 13:00:00"
        );
    }

    #[test]
    fn a_format_that_is_given_decides() {
        let rows = [(2, "04-03-26 10h05".to_owned())];
        let read = times(&rows, Some("%d-%m-%y %Hh%M"), None).unwrap();
        assert_eq!(read[0].local.to_string(), "2026-03-04 10:05:00");
        assert_eq!(times(&rows, Some("%Y"), None).unwrap_err().code(), "file/bad-time");
        assert_eq!(times(&rows, Some("%Q%%%"), None).unwrap_err().code(), "file/bad-time");
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused_by_its_line() {
        for text in ["2026-02-30 10:00", "2026-01-01 24:00", "2026-01-01", "", "10:00", "2026-1-1 10", "x y"]
        {
            let error = read(&["2026-01-01 10:00", text]).unwrap_err();
            assert!(error.code() == "file/bad-time" && error.to_string().contains("line 3"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", format in "(%[A-Za-z]|\\PC){0,8}") {
            drop(times(&[(1, text.clone())], None, None));
            drop(times(&[(1, text.clone())], Some(&format), None));
            prop_assert!(plain(&text).is_none_or(|time| time.wall_ms() != i64::MIN));
        }
    }
}
