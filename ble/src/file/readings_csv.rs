//! Readings as CSV with the columns `time` (RFC 3339 with offset) and `temperature_c`, perhaps `humidity_pct`.

use super::table::is_no_reading;
use super::text::ends_in_cr;
use firn_model::time::LocalInstant;
use firn_model::units::{MilliCelsius, RelativeHumidity, is_finer_than_a_thousandth, parse_scaled};
use std::borrow::Cow;

/// The column of the relative humidity in percent, which a table may have.
pub(super) const HUMIDITY: &str = "humidity_pct";

/// One row: when, in the offset it was written with, how warm and how humid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its line, counted from one with the header.
    pub line: u64,
    /// When it was measured.
    pub time: LocalInstant,
    /// How warm it was.
    pub temperature: MilliCelsius,
    /// How humid, where there is a column for it and something stands there.
    pub humidity: Option<RelativeHumidity>,
    /// Its temperature was written finer than a thousandth of a degree ([`MilliCelsius::measured`]).
    pub is_finer: bool,
}

/// What the cells beyond a table's header look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// Numbers whose decimals stand behind a comma, in a table whose cells end with one.
    DecimalCommas,
    /// Anything else.
    Other,
}

/// Why a text is not such a table; lines count from 1 with the header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadingsCsvError {
    /// The header lacks a column or names it twice.
    #[error("the header must name the column `{column}` once; it names: {found}")]
    Column {
        /// The column that is needed.
        column: &'static str,
        /// What the header names.
        found: String,
    },
    /// A row has more or fewer cells than the header, or is no UTF-8.
    #[error("line {line}: {cause}")]
    Row {
        /// Where.
        line: u64,
        /// What is wrong.
        cause: String,
    },
    /// A row has more cells than the header, empty ones at its end left out, so that no cell is certain to be that of
    /// its column.
    #[error("line {line}: {cells} cells where the header has {header}")]
    Excess {
        /// Where.
        line: u64,
        /// How many cells it has.
        cells: usize,
        /// How many columns the header names.
        header: usize,
        /// What the row looks like.
        excess: Excess,
    },
    /// A time is not RFC 3339 with an offset.
    #[error("line {line}, column `time`: `{text}` is not a time such as 2026-11-22T09:30:00+01:00")]
    Time {
        /// Where.
        line: u64,
        /// What stands there.
        text: String,
    },
    /// A temperature is not a decimal number of degrees Celsius.
    #[error(
        "line {line}, column `temperature_c`: `{text}` is not a temperature such as 4.5 (a point, no unit, -273.15 to 1000)"
    )]
    Temperature {
        /// Where.
        line: u64,
        /// What stands there.
        text: String,
    },
    /// A relative humidity is no number of percent.
    #[error(
        "line {line}, column `humidity_pct`: `{text}` is not a relative humidity such as 45.5 (a point, no sign of percent)"
    )]
    Humidity {
        /// Where.
        line: u64,
        /// What stands there.
        text: String,
    },
}

impl ReadingsCsvError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ReadingsCsvError::Column { .. } => "ble/csv-missing-column",
            ReadingsCsvError::Row { .. } | ReadingsCsvError::Excess { .. } => "ble/csv-malformed-row",
            ReadingsCsvError::Time { .. } => "ble/csv-bad-time",
            ReadingsCsvError::Temperature { .. } => "ble/csv-bad-temperature",
            ReadingsCsvError::Humidity { .. } => "ble/csv-bad-humidity",
        }
    }

    /// What a person can do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            ReadingsCsvError::Column { .. } => {
                "name the columns `time` and `temperature_c` in the first line, or give `firn import` and `firn ingest` \
                 their names with --time-column and --temperature-column, and --unit f where they are in °F and no \
                 column says so"
            }
            ReadingsCsvError::Excess { excess: Excess::DecimalCommas, .. } => {
                "its decimals look to stand behind commas, as its cells do: save the file with another delimiter, such \
                 as a semicolon, or with decimal points; nothing of this file was taken"
            }
            _ => "put the line right; nothing of this file was taken",
        }
    }
}

/// Reads the whole table, or none of it.
///
/// Other columns are allowed and left alone; a byte order mark is skipped; rows may be in any order.
pub fn parse(text: &[u8]) -> Result<Vec<Row>, ReadingsCsvError> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let text = with_line_feeds(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(&*text);
    let header = reader.headers().map_err(|error| malformed(&error))?.clone();
    let column = |column: &'static str| match optional_column(&header, column)? {
        Some(place) => Ok(place),
        None => Err(not_once(&header, column)),
    };
    let (time, temperature) = (column("time")?, column("temperature_c")?);
    let humidity = optional_column(&header, HUMIDITY)?;
    reader
        .records()
        .map(|record| {
            let record = record.map_err(|error| malformed(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            counted(line, &record, header.len(), temperature)?;
            let cell = |place: usize| record.get(place).unwrap_or_default().to_owned();
            let (time, temperature) = (cell(time), cell(temperature));
            Ok(Row {
                line,
                time: LocalInstant::parse(&time).map_err(|_| ReadingsCsvError::Time { line, text: time })?,
                is_finer: is_finer_than_a_thousandth(&temperature),
                temperature: MilliCelsius::measured(&temperature)
                    .map_err(|_| ReadingsCsvError::Temperature { line, text: temperature })?,
                humidity: humidity
                    .and_then(|place| percent(line, record.get(place)?).transpose())
                    .transpose()?,
            })
        })
        .collect()
}

/// The place of a column that the header names once; none where it does not name it.
fn optional_column(
    header: &csv::StringRecord,
    column: &'static str,
) -> Result<Option<usize>, ReadingsCsvError> {
    let mut places = header.iter().enumerate().filter(|(_, name)| *name == column).map(|(place, _)| place);
    match (places.next(), places.next()) {
        (_, Some(_)) => Err(not_once(header, column)),
        (place, None) => Ok(place),
    }
}

fn not_once(header: &csv::StringRecord, column: &'static str) -> ReadingsCsvError {
    ReadingsCsvError::Column { column, found: header.iter().collect::<Vec<_>>().join(", ") }
}

/// A relative humidity; none where nothing was read.
fn percent(line: u64, text: &str) -> Result<Option<RelativeHumidity>, ReadingsCsvError> {
    if is_no_reading(text) {
        return Ok(None);
    }
    let scaled = parse_scaled(text, 4).ok().and_then(|scaled| u32::try_from(scaled).ok());
    let refused = || ReadingsCsvError::Humidity { line, text: text.to_owned() };
    scaled.map(RelativeHumidity).map(Some).ok_or_else(refused)
}

/// The lines of a text that ends them with CR alone end with LF.
fn with_line_feeds(text: &[u8]) -> Cow<'_, [u8]> {
    if !ends_in_cr(&String::from_utf8_lossy(text)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect())
}

/// That a row has as many cells as the header.
fn counted(
    line: u64,
    record: &csv::StringRecord,
    header: usize,
    temperature: usize,
) -> Result<(), ReadingsCsvError> {
    let cells = record.len();
    if cells < header {
        return Err(ReadingsCsvError::Row {
            line,
            cause: format!("{cells} cells where the header has {header}"),
        });
    }
    let excess = Excess::of(',', record.get(temperature), record.get(temperature.saturating_add(1)));
    if cells > header { Err(ReadingsCsvError::Excess { line, cells, header, excess }) } else { Ok(()) }
}

/// How many decimals a temperature may be written with at most: sixteenths of a degree, as the commonest probes measure.
const DECIMALS: usize = 4;

/// The digits of a cell that may be the decimals of the number in the cell before it, a unit behind them left out.
pub(super) fn decimals(cell: &str) -> Option<&str> {
    let digits =
        cell.trim_end_matches(|one: char| one.is_whitespace() || one == '°' || one.is_ascii_alphabetic());
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let unit = cell.get(digits.len()..).unwrap_or_default().trim();
    let is_unit = ["", "°C", "C", "°F", "F", "K"].contains(&unit);
    (is_number && is_unit && digits.len() <= DECIMALS).then_some(digits)
}

impl Excess {
    /// What a row with too many cells looks like: by its delimiter, the temperature's cell and the one behind it.
    pub(super) fn of(delimiter: char, temperature: Option<&str>, behind: Option<&str>) -> Self {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_whole = temperature.is_some_and(|text| digits(text.trim_start_matches(['-', '+', '−'])));
        let is_split = is_whole && behind.and_then(decimals).is_some();
        if delimiter == ',' && is_split { Self::DecimalCommas } else { Self::Other }
    }
}

/// The columns that nothing is taken from.
pub(super) fn others(text: &[u8]) -> Vec<String> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let names = reader.headers().cloned().unwrap_or_default();
    let other = |name: &&str| !name.is_empty() && !["time", "temperature_c", HUMIDITY].contains(name);
    names.iter().filter(other).map(str::to_owned).collect()
}

fn malformed(error: &csv::Error) -> ReadingsCsvError {
    let line = error.position().map_or(1, csv::Position::line);
    let cause = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".into(),
        _ => error.to_string(),
    };
    ReadingsCsvError::Row { line, cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_column_of_humidity_is_read_beside_and_an_empty_cell_is_none() {
        let at = "2026-11-22T09:30:00Z";
        let humidity = |cell: &str| {
            let text = format!("time,humidity_pct,temperature_c\n{at},{cell},5\n");
            parse(text.as_bytes()).map(|rows| rows[0].humidity).map_err(|error| error.code())
        };
        assert_eq!(humidity("45.34"), Ok(Some(RelativeHumidity(453_400))));
        assert_eq!((humidity(""), humidity("--.-"), humidity("NaN")), (Ok(None), Ok(None), Ok(None)));
        for bad in ["-1", "45 %", "wet", "\"45,3\"", "1e2"] {
            assert_eq!(humidity(bad), Err("ble/csv-bad-humidity"), "{bad}");
        }
        assert_eq!(code("time,temperature_c,humidity_pct,humidity_pct\n"), "ble/csv-missing-column");
    }

    fn code(text: &str) -> &'static str {
        parse(text.as_bytes()).unwrap_err().code()
    }

    #[test]
    fn a_table_gives_its_rows_exactly() {
        let rows =
            parse(b"\xEF\xBB\xBFid,time,temperature_c\r\n1,2026-11-22T09:30:00+01:00,8.005\r\n").unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].temperature, MilliCelsius(8005));
        assert_eq!(rows[0].time.at.to_rfc3339(), "2026-11-22T08:30:00Z");
        assert_eq!(rows[0].time.offset.0, 3600);
    }

    #[test]
    fn a_reading_finer_than_a_thousandth_is_told_and_never_taken_for_in_range() {
        let text = "time,temperature_c\n2026-11-22T09:30:00Z,8.0004\n2026-11-22T09:40:00Z,8.0000\n";
        let rows = parse(text.as_bytes()).unwrap();
        assert_eq!((rows[0].temperature, rows[0].is_finer), (MilliCelsius(8001), true));
        assert_eq!((rows[1].temperature, rows[1].is_finer), (MilliCelsius(8000), false));
    }

    #[test]
    fn a_wrong_column_is_named() {
        assert_eq!(code("time,temp\n2026-11-22T09:30:00Z,5\n"), "ble/csv-missing-column");
        assert_eq!(code("time,temperature_c,time\n"), "ble/csv-missing-column");
        assert_eq!(code(""), "ble/csv-missing-column");
        assert_eq!(code("time;temperature_c\n2026-11-22T09:30:00Z;5\n"), "ble/csv-missing-column");
    }

    #[test]
    fn a_bad_cell_names_its_line_and_column_and_nothing_is_dropped() {
        let head = "time,temperature_c\n2026-11-22T09:30:00Z,5\n";
        for (row, expected) in [
            ("2026-11-22T09:40:00,5", "ble/csv-bad-time"),
            ("2026-11-22T09:40:00Z,--.-", "ble/csv-bad-temperature"),
            ("2026-11-22T09:40:00Z,NaN", "ble/csv-bad-temperature"),
            ("2026-11-22T09:40:00Z,-inf", "ble/csv-bad-temperature"),
            ("2026-11-22T09:40:00Z,1e400", "ble/csv-bad-temperature"),
            (",5", "ble/csv-bad-time"),
            ("2026-11-22T09:40:00Z,", "ble/csv-bad-temperature"),
            ("2026-11-22T09:40:00Z,\"5,2\"", "ble/csv-bad-temperature"),
            ("2026-11-22T09:40:00Z,5,6", "ble/csv-malformed-row"),
        ] {
            let error = parse(format!("{head}{row}\n").as_bytes()).unwrap_err();
            assert_eq!(error.code(), expected, "{row}");
            assert!(error.to_string().contains("line 3"), "{error}");
            let column = match expected {
                "ble/csv-bad-time" => "column `time`",
                "ble/csv-bad-temperature" => "column `temperature_c`",
                _ => "cells",
            };
            assert!(error.to_string().contains(column), "{error}");
        }
    }

    #[test]
    fn decimals_behind_a_comma_between_commas_are_refused_and_the_next_step_names_them() {
        let row = |row: &str| parse(format!("time,temperature_c\n{row}\n").as_bytes()).unwrap_err();
        for cells in ["8,9", "-0,4", "5,0,"] {
            let error = row(&format!("2026-11-22T09:40:00Z,{cells}"));
            assert_eq!(error.code(), "ble/csv-malformed-row", "{cells}");
            assert!(error.next_step().contains("decimal points"), "{cells}");
        }
        assert!(row("2026-11-22T09:40:00Z,5.0,door open").next_step().starts_with("put the line right"));
        assert!(row("2026-11-22T09:40:00Z").to_string().contains("1 cells where the header has 2"));
    }

    #[test]
    fn a_text_whose_lines_end_in_cr_alone_is_read_and_its_lines_counted() {
        let rows = parse(b"time,temperature_c\r2026-11-22T09:30:00Z,5\r2026-11-22T09:40:00Z,6\r").unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut text = b"time,temperature_c\n".to_vec();
            text.extend(&bytes);
            let parsed = parse(&text);
            prop_assert!(parsed.is_err() || parsed.unwrap().len() <= bytes.len());
        }
    }
}
