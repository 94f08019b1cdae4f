//! In which order day, month and year stand in a file's dates: told by the rows, never guessed.

use super::FileError;
use super::written::{Parts, by_format};
use super::zone::LocalTime;
use firn_model::time::UtcMillis;

/// In which order the numbers of a date with slashes or dots stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateOrder {
    DayMonthYear,
    MonthDayYear,
    YearMonthDay,
}

/// The times of all rows by one order; absent for a day that does not exist.
type Ordered = (DateOrder, Vec<Option<LocalTime>>);

const DAY_MS: i64 = 86_400_000;
/// How far before the reader's clock every row has to lie for it to decide, in ms.
const BEFORE_MS: i64 = 366 * DAY_MS;
/// How far after the reader's clock a row lies that no logger can have measured, in ms: further than any two clocks of
/// one year differ by a mistake in the hour or the zone.
const FUTURE_MS: i64 = 183 * DAY_MS;

impl DateOrder {
    const ALL: [Self; 3] = [Self::DayMonthYear, Self::MonthDayYear, Self::YearMonthDay];
}

/// The order of the dates whose numbers stand between a separator and that do not begin with a year of four digits:
/// the one in which every number can be what it stands for, else of several that one in which the rows run through
/// time, else the only one by which they can have been measured yet. A year of two digits may be the first number or
/// the last.
///
/// # Errors
/// `file/date-order`, with the formats by which the rows can be read.
pub(super) fn date_order(
    rows: &[(u32, String)],
    parts: &[Parts],
    separator: char,
    now: Option<UtcMillis>,
) -> Result<DateOrder, FileError> {
    let is_open =
        |parts: &Parts| parts.separator == separator && parts.date.first().is_some_and(|n| *n < 100);
    let open: Vec<(usize, &Parts)> = parts.iter().enumerate().filter(|(_, parts)| is_open(parts)).collect();
    let Some((first, _)) = open.first() else { return Ok(DateOrder::DayMonthYear) };
    let fits = |order: &DateOrder| open.iter().all(|(_, parts)| parts.fits(*order));
    let times = |order: DateOrder| {
        let times: Vec<Option<LocalTime>> =
            open.iter().map(|(_, parts)| parts.written(order).map(|written| written.local)).collect();
        (order, times)
    };
    let fitting: Vec<Ordered> = DateOrder::ALL.into_iter().filter(fits).map(times).collect();
    if fitting.is_empty() {
        // A row of them is refused by its line.
        let days = open.iter().any(|(_, parts)| parts.date.first().is_some_and(|number| *number > 12));
        return Ok(if days || separator == '.' { DateOrder::DayMonthYear } else { DateOrder::MonthDayYear });
    }
    let running: Vec<Ordered> = fitting.iter().filter(|(_, times)| runs(times)).cloned().collect();
    let likely = if running.is_empty() { &fitting } else { &running };
    let measured = || now.and_then(|now| only_measured_yet(likely, now));
    let (line, text) = rows.get(*first).cloned().unwrap_or_default();
    let unclear = || FileError::DateOrder {
        line,
        text: text.chars().take(64).collect(),
        next_step: say_which(rows, likely),
    };
    only(&fitting).or_else(|| only(&running)).or_else(measured).ok_or_else(unclear)
}

/// Whether days follow each other.
fn runs(times: &[Option<LocalTime>]) -> bool {
    let days: Vec<_> = times.iter().flatten().map(|time| time.0.date()).collect();
    let close = days.windows(2).all(|pair| match pair {
        [a, b] => (*b - *a).get_days().abs() <= 1,
        _ => true,
    });
    close && days.len() > 1
}

/// The one order there is; the first of several that read every row alike.
fn only(orders: &[Ordered]) -> Option<DateOrder> {
    let (first, times) = orders.first()?;
    orders.iter().all(|(_, others)| others == times).then_some(*first)
}

/// The one order by which every row lies within the year before the reader's clock, where by each other some lie far
/// in its future.
fn only_measured_yet(orders: &[Ordered], now: UtcMillis) -> Option<DateOrder> {
    let ahead = |time: &LocalTime| time.wall_ms().saturating_sub(now.0);
    let is_near = |(_, times): &&Ordered| {
        let is_near = |ahead: i64| (-BEFORE_MS..=DAY_MS).contains(&ahead);
        times.iter().all(|time| time.as_ref().is_some_and(|time| is_near(ahead(time))))
    };
    let is_future = |(_, times): &&Ordered| times.iter().flatten().any(|time| ahead(time) > FUTURE_MS);
    let (near, _) = orders.iter().find(is_near)?;
    let others = orders.iter().filter(|(order, _)| order != near).count();
    (orders.iter().filter(is_future).count() == others).then_some(*near)
}

/// What a person can do: say one of the orders, each by a format that reads every row.
fn say_which(rows: &[(u32, String)], orders: &[Ordered]) -> String {
    let texts: Vec<&str> = rows.iter().map(|(_, text)| text.as_str()).collect();
    let way = |(order, _): &Ordered| {
        let first = texts.first()?;
        let format = forms(first, *order).into_iter().find(|format| {
            let reads = |text: &&str| by_format(0, text, format).is_ok();
            texts.iter().all(reads)
        })?;
        let day = by_format(0, first, &format).ok()?.local.0.date();
        Some(format!("--time-format \"{format}\" if the first one is {day}"))
    };
    let ways: Vec<String> = orders.iter().filter_map(way).collect();
    match ways.len() > 1 {
        true => format!("say how the times are written: {}", ways.join(", ")),
        false => "write the times alike in a copy of the file, the year with four digits and first, as in 2026-12-31 \
                  08:05"
            .into(),
    }
}

/// The formats that a text may be written in, in an order.
fn forms(text: &str, order: DateOrder) -> Vec<String> {
    let text = text.trim();
    let Some((date, rest)) = text.split_once([' ', 'T', '\u{202f}', '\u{a0}']) else { return Vec::new() };
    let Some(separator) = date.chars().find(|one| !one.is_ascii_digit()) else { return Vec::new() };
    let (date, comma) = date.strip_suffix(',').map_or((date, ""), |date| (date, ","));
    let between = if text.contains('T') { 'T' } else { ' ' };
    let last = date.rsplit(separator).next().unwrap_or_default();
    let year = if last.len() > 2 { "%Y" } else { "%y" };
    let directives = match order {
        DateOrder::DayMonthYear => ["%d", "%m", year],
        DateOrder::MonthDayYear => ["%m", "%d", year],
        DateOrder::YearMonthDay => ["%y", "%m", "%d"],
    };
    let date = directives.join(&separator.to_string());
    let of_clock = |one: &char| one.is_ascii_digit() || matches!(one, ':' | '.');
    let shown: String = rest.trim().chars().take_while(of_clock).collect();
    let clock = |hour: &str| match (shown.matches(':').count(), shown.contains('.')) {
        (1, _) => vec![format!("{hour}:%M")],
        (_, true) => vec![format!("{hour}:%M:%S%.f"), format!("{hour}:%M:%S")],
        _ => vec![format!("{hour}:%M:%S")],
    };
    let twelve = ["%p", " %p"]
        .into_iter()
        .flat_map(|half| clock("%I").into_iter().map(move |clock| format!("{clock}{half}")));
    // `Z` is read by `%Q` alone.
    let offset = ["%z", " %z", "%:z", " %:z", "%Q", " %Q"]
        .into_iter()
        .flat_map(|offset| clock("%H").into_iter().map(move |clock| format!("{clock}{offset}")));
    let times = clock("%H").into_iter().chain(twelve).chain(offset);
    times.map(|time| format!("{date}{comma}{between}{time}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::written::times;
    use super::*;

    fn rows(texts: &[&str]) -> Vec<(u32, String)> {
        (2_u32..).zip(texts.iter().map(|text| (*text).to_owned())).collect()
    }

    fn read_at(now: &str, texts: &[&str]) -> Result<String, &'static str> {
        let read = times(&rows(texts), None, Some(firn_model::time::LocalInstant::parse(now).unwrap().at));
        read.map(|times| times[0].local.to_string()).map_err(|error| error.code())
    }

    /// The formats that a next step names, each with the day that it is said to give.
    fn told(next_step: &str) -> Vec<(String, String)> {
        let ways = next_step.split("--time-format \"").skip(1);
        let way = |way: &str| {
            let (format, rest) = way.split_once("\" if the first one is ").unwrap();
            (format.to_owned(), rest.chars().take(10).collect())
        };
        ways.map(way).collect()
    }

    #[test]
    fn a_day_of_one_log_is_read_by_the_one_order_that_can_have_been_measured_yet() {
        let unclear = Err("file/date-order");
        for (text, now, read) in [
            ("31/12/26 08:05", "2027-01-05T00:00:00Z", Ok("2026-12-31 08:05:00")),
            ("31.12.26 08:05", "2026-12-31T08:00:00Z", Ok("2026-12-31 08:05:00")),
            ("27/12/26 08:05", "2027-01-05T00:00:00Z", Ok("2026-12-27 08:05:00")),
            ("01/12/2026 08:05", "2026-01-13T00:00:00Z", Ok("2026-01-12 08:05:00")),
            ("13/12/26 08:05", "2026-12-14T00:00:00Z", unclear),
            ("03/04/2026 08:05", "2026-03-05T00:00:00Z", unclear),
            ("31/12/26 08:05", "2026-11-30T00:00:00Z", unclear),
            ("31/12/26 08:05", "2028-06-01T00:00:00Z", unclear),
            ("13/12/26 08:05", "2020-01-01T00:00:00Z", unclear),
        ] {
            assert_eq!(read_at(now, &[text]), read.map(str::to_owned), "{text} at {now}");
        }
        assert_eq!(times(&rows(&["31/12/26 08:05"]), None, None).unwrap_err().code(), "file/date-order");
    }

    #[test]
    fn each_format_that_the_next_step_names_reads_every_row_as_it_says() {
        for (texts, days) in [
            (&["13/12/26 08:05", "13/12/26 8:15"][..], ["2026-12-13", "2013-12-26"]),
            (&["10.12.26 08:05:30"], ["2026-12-10", "2010-12-26"]),
            (&["3/4/2026 8:05:00 PM", "3/4/2026 12:15:00 AM"], ["2026-04-03", "2026-03-04"]),
            (&["13/12/26 3:04:05\u{202f}p.m."], ["2026-12-13", "2013-12-26"]),
            (&["13/12/26T08:05:06.250"], ["2026-12-13", "2013-12-26"]),
            (&["13/12/26 08:05+0100"], ["2026-12-13", "2013-12-26"]),
            (&["13/12/26 08:05 +01:00"], ["2026-12-13", "2013-12-26"]),
            (&["12/11/2026 08:05Z", "12/11/2026 08:15Z"], ["2026-11-12", "2026-12-11"]),
            (&["12/11/2026 08:05:30 z"], ["2026-11-12", "2026-12-11"]),
            (&["12/11/2026, 8:05 PM"], ["2026-11-12", "2026-12-11"]),
            (&["12/11/2026, 20:05:30"], ["2026-11-12", "2026-12-11"]),
            (&["13.12.26, 08:05"], ["2026-12-13", "2013-12-26"]),
        ] {
            let error = times(&rows(texts), None, None).unwrap_err();
            assert_eq!(error.code(), "file/date-order");
            let told = told(error.next_step());
            assert_eq!(told.iter().map(|(_, day)| day.as_str()).collect::<Vec<_>>(), days, "{error:?}");
            for (format, day) in told {
                let read = times(&rows(texts), Some(&format), None).unwrap();
                assert!(read.iter().all(|one| one.local.to_string().starts_with(&day)), "{format}: {read:?}");
                let clock = Parts::read(texts[0]).unwrap().written(DateOrder::DayMonthYear).unwrap();
                assert_eq!((read[0].local.0.time(), &read[0].zone), (clock.local.0.time(), &clock.zone));
            }
        }
    }

    #[test]
    fn times_that_no_single_format_reads_are_asked_for_in_a_copy() {
        let error = times(&rows(&["13/12/26 08:05", "13/12/26 08:05:30"]), None, None).unwrap_err();
        assert!(error.next_step().contains("in a copy of the file"), "{error:?}");
    }
}
