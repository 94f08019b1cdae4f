//! Dates of two-digit years and times of day, as element strings carry them.

use super::error::Fault;
use serde::{Serialize, Serializer};
use std::fmt;

/// A calendar date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarDate {
    /// The year, four digits.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day, 1 to 31.
    pub day: u8,
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// In JSON a date is its text, `2027-11-30`.
impl Serialize for CalendarDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The full year of a two-digit one, as seen in `this_year` (GS1 General Specifications, 7.12): the one of that
/// ending that lies 49 years back to 50 years ahead.
pub fn century(two_digits: u8, this_year: u16) -> u16 {
    let (now, ending) = (this_year % 100, u16::from(two_digits) % 100);
    let same = this_year - now + ending;
    match (ending, now) {
        (ending, now) if ending >= now + 51 => same.saturating_sub(100),
        (ending, now) if ending + 50 <= now => same.saturating_add(100),
        _ => same,
    }
}

/// How many days a month has; none for a month that does not exist.
pub(super) fn days(year: u16, month: u8) -> Option<u8> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

/// `YYMMDD` as `20YY-MM-DD`; day 00 names the month alone (GS1 General Specifications, 3.4.2). What is no such text
/// stays as it is.
pub fn expiry_date(yymmdd: &str) -> String {
    match (yymmdd.get(..2), yymmdd.get(2..4), yymmdd.get(4..6), yymmdd.len()) {
        (Some(year), Some(month), Some("00"), 6) => format!("20{year}-{month}"),
        (Some(year), Some(month), Some(day), 6) => format!("20{year}-{month}-{day}"),
        _ => yymmdd.to_owned(),
    }
}

/// Year, month and day of `YYMMDD`, the year of two digits and the day perhaps 0.
pub(super) fn split(text: &str) -> Option<(u8, u8, u8)> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let (year, rest) = text.split_at_checked(2).filter(|_| digits && text.len() == 6)?;
    let (month, day) = rest.split_at_checked(2)?;
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

/// Checks that a month and a day follow a year of `year_digits` digits; years of two digits are of this century.
pub(super) fn is_day(year_digits: usize, text: &str) -> Result<(), (Fault, &'static str)> {
    let short = text.split_at_checked(year_digits).and_then(|(year, rest)| {
        let (month, day) = rest.split_at_checked(2)?;
        Some((year.parse::<u16>().ok()?, month.parse().ok()?, day.parse::<u8>().ok()?))
    });
    let Some((year, month, day)) = short else { return Err((Fault::Date, "it is no date")) };
    let year = if year_digits == 2 { year + 2000 } else { year };
    match days(year, month) {
        None => Err((Fault::Date, "it has a month that does not exist")),
        Some(last) if day == 0 || day > last => Err((Fault::Date, "it has a day that does not exist")),
        Some(_) => Ok(()),
    }
}

/// Like [`is_day`] for `YYMMDD`; a day of 00 leaves it at the month.
pub(super) fn is_month_or_day(text: &str) -> Result<(), (Fault, &'static str)> {
    match text.strip_suffix("00").filter(|month| month.len() == 4) {
        Some(month) => is_day(2, &format!("{month}01")),
        None => is_day(2, text),
    }
}

/// Whether `HH` or `HHMM` is a time of day.
pub(super) fn is_time(text: &str) -> bool {
    let below = |digits: &str, bound: u8| digits.parse::<u8>().is_ok_and(|value| value < bound);
    text.split_at_checked(2)
        .is_some_and(|(hour, minute)| below(hour, 24) && (minute.is_empty() || below(minute, 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_without_a_day_names_the_month() {
        assert_eq!(expiry_date("270331"), "2027-03-31");
        assert_eq!(expiry_date("270300"), "2027-03");
        for text in ["soon", "2703311", "", "ñandú1"] {
            assert_eq!(expiry_date(text), text);
        }
    }

    #[test]
    fn a_year_of_two_digits_lies_at_most_forty_nine_back_and_fifty_ahead() {
        for this_year in 1990..=2110 {
            for ending in 0..100 {
                let year = i32::from(century(ending, this_year));
                let distance = year - i32::from(this_year);
                assert_eq!(year % 100, i32::from(ending));
                assert!((-49..=50).contains(&distance), "{ending} in {this_year} is {year}");
            }
        }
        assert_eq!([century(0, 2026), century(76, 2026), century(77, 2026)], [2000, 2076, 1977]);
    }

    #[test]
    fn february_has_a_leap_day_every_fourth_year_but_not_every_century() {
        let februaries = [2023, 2024, 2000, 2100].map(|year| days(year, 2));
        assert_eq!(februaries, [Some(28), Some(29), Some(29), Some(28)]);
        assert_eq!((days(2026, 0), days(2026, 13)), (None, None));
    }
}
