//! CSV with any names, units and delimiters: the columns are told, each row is one line.

mod doubt;
mod instants;

use super::beside::{Beside, Value};
use super::elsewhere::Elsewhere;
use super::readings_csv::{Excess, ReadingsCsvError, decimals};
use super::text::{Line, MOST_READINGS};
use super::units::Said;
use super::{FileError, Row, Skipped, Zone, units};
use doubt::{Doubt, split_by_decimal_commas};
use firn_model::reading::Measurement;
use firn_model::time::{LocalInstant, UtcMillis};
use firn_model::units::{MilliCelsius, RelativeHumidity, is_finer_than_a_thousandth, parse_scaled};

/// How far down the header may stand.
const DEEPEST_HEADER: usize = 50;
/// What exports write where there is no reading.
const NO_READING: [&str; 9] = ["na", "n/a", "null", "nan", "none", "error", "err", "fail", "fault"];

/// The unit that temperatures are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemperatureUnit {
    /// Degrees Celsius.
    Celsius,
    /// Degrees Fahrenheit.
    Fahrenheit,
    /// Kelvin.
    Kelvin,
}

/// Which columns hold what, and how it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The column of the time, or those of date and time of day, by the names in the header.
    pub time: Vec<String>,
    /// How times are written, as for `strptime`; absent: by their own form.
    pub time_format: Option<String>,
    /// The column of the temperature.
    pub temperature: String,
    /// The column of the relative humidity in percent.
    pub humidity: Option<String>,
    /// The columns of what else was measured.
    pub beside: Beside,
    /// The unit of the temperature; absent: the one that its column names, or degrees Celsius where it names none.
    pub unit: Option<TemperatureUnit>,
    /// What stands between two cells; absent: the one that makes the header fit.
    pub delimiter: Option<char>,
    /// Decimals stand behind a comma.
    pub decimal_comma: bool,
}

/// The two clocks of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clocks<'a> {
    /// Where the logger's stood, for local times.
    pub zone: Option<&'a Zone>,
    /// What the reader's shows.
    pub now: Option<UtcMillis>,
}

/// What a table holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub rows: Vec<Row>,
    pub skipped: Vec<Skipped>,
    /// Its times had to be read in a zone.
    pub is_local: bool,
    /// How many temperatures are written finer than a thousandth of a degree.
    pub finer: usize,
    /// How many temperatures are whole with digits in the cell behind, where decimals were said to stand behind commas
    /// and the cells do as well.
    pub maybe_split: usize,
    /// The columns that nothing is taken from.
    pub not_taken: Vec<String>,
}

/// Where the columns stand.
struct Columns {
    header: usize,
    /// How many columns the header has, with those that it calls nothing.
    width: usize,
    /// How many it has up to the last one with a name.
    named: usize,
    delimiter: char,
    time: Vec<usize>,
    temperature: usize,
    unit: TemperatureUnit,
    humidity: Option<usize>,
    beside: Vec<(usize, Value)>,
    not_taken: Vec<String>,
    /// The lines above the header that say the unit.
    lines_of_unit: Vec<usize>,
}

impl Columns {
    /// Whether something is taken from the column of that place.
    fn takes(&self, place: usize) -> bool {
        self.humidity == Some(place)
            || self.time.contains(&place)
            || self.beside.iter().any(|(beside, _)| *beside == place)
    }
}

/// An instant, and what the clock on the wall showed in milliseconds.
type Placed = (LocalInstant, i64);

/// A row before its time is placed.
struct Cells<'t> {
    line: Line<'t>,
    temperature: MilliCelsius,
    is_finer: bool,
    humidity: Option<RelativeHumidity>,
    beside: Measurement,
    /// How many cells its line has.
    count: usize,
    /// Whether its temperature and the cell behind it may be one number.
    maybe_split: bool,
    in_doubt: Option<Doubt>,
}

/// Reads the whole table, or none of it.
pub(super) fn read(lines: &[Line<'_>], mapping: &Mapping, clocks: Clocks<'_>) -> Result<Table, FileError> {
    let columns = columns(lines, mapping)?;
    let mut skipped: Vec<Skipped> = lines
        .iter()
        .take(columns.header)
        .enumerate()
        .filter(|(place, line)| !columns.lines_of_unit.contains(place) && !line.text.trim().is_empty())
        .map(|(_, line)| Skipped::new(line, "before the header"))
        .collect();
    let mut times = Vec::new();
    let mut rows = Vec::new();
    for line in lines.iter().skip(columns.header.saturating_add(1)) {
        if line.text.trim().is_empty() {
            continue;
        }
        if rows.len() >= MOST_READINGS {
            return Err(FileError::TooManyReadings { line: line.number });
        }
        match row(line, &columns, mapping)? {
            Some((time, cells)) => {
                times.push((line.number, time));
                rows.push(cells);
            }
            None => skipped.push(Skipped::new(line, "no reading")),
        }
    }
    if let Some(doubt) = split_by_decimal_commas(&rows, mapping) {
        return Err(doubt.into());
    }
    let comma = mapping.decimal_comma && columns.delimiter == ',';
    let maybe_split = rows.iter().filter(|cells: &&Cells<'_>| comma && cells.maybe_split).count();
    let finer = rows.iter().filter(|cells: &&Cells<'_>| cells.is_finer).count();
    let (times, is_local) = instants::instants(&times, mapping.time_format.as_deref(), clocks)?;
    let rows = rows.into_iter().zip(times).map(|(cells, time)| cells.at(time)).collect();
    Ok(Table { rows, skipped, is_local, finer, maybe_split, not_taken: columns.not_taken })
}

/// The cells of a line; a cell in quotes may hold the delimiter, and a doubled quote is one.
pub(super) fn cells(line: &Line<'_>, delimiter: char) -> Result<Vec<String>, FileError> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.text.chars().peekable();
    while let Some(character) = characters.next() {
        let Some(cell) = cells.last_mut() else { break };
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            other if other == delimiter && !quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    if quoted {
        return Err(FileError::Line { line: line.number, cause: "a quote is not closed".into() });
    }
    cells.iter_mut().for_each(|cell| *cell = cell.trim().to_owned());
    Ok(cells)
}

/// The header line and the delimiter by which it names every column that is asked for.
fn columns(lines: &[Line<'_>], mapping: &Mapping) -> Result<Columns, FileError> {
    let delimiters: &[char] = match &mapping.delimiter {
        Some(delimiter) => std::slice::from_ref(delimiter),
        None => &[',', ';', '\t'],
    };
    for (header, line) in lines.iter().enumerate().take(DEEPEST_HEADER) {
        for delimiter in delimiters {
            let names = cells(line, *delimiter).unwrap_or_default();
            let place = |column: &String| names.iter().position(|name| name == column);
            let time: Option<Vec<usize>> = mapping.time.iter().map(place).collect();
            let humidity = mapping.humidity.as_ref().map(place);
            let (Some(time), Some(temperature)) = (time, place(&mapping.temperature)) else { continue };
            if humidity != Some(None) && !time.is_empty() {
                each_once(line.number, &names, mapping)?;
                let (delimiter, humidity) = (*delimiter, humidity.flatten());
                let beside = mapping.beside.places(&names);
                let beside_it = Elsewhere::of(lines, header, (&names, delimiter), &mapping.temperature);
                let taken = |place: &usize| {
                    time.contains(place)
                        || [Some(temperature), humidity].contains(&Some(*place))
                        || beside.iter().any(|(beside, _)| beside == place)
                        || beside_it.columns.contains(place)
                };
                let rest = names.iter().enumerate().filter(|(place, name)| !taken(place) && !name.is_empty());
                let not_taken = rest.map(|(_, name)| name.clone()).collect();
                let lines_of_unit = beside_it.lines.clone();
                let column = (line.number, mapping.temperature.as_str());
                let unit = units::agreed(&Said { column, beside: beside_it }, mapping.unit)?;
                let named = names.iter().rposition(|name| !name.is_empty());
                return Ok(Columns {
                    header,
                    width: names.len(),
                    named: named.map_or(0, |last| last.saturating_add(1)),
                    delimiter,
                    time,
                    temperature,
                    unit,
                    humidity,
                    beside,
                    not_taken,
                    lines_of_unit,
                });
            }
        }
    }
    let found = lines.first().map_or("nothing", |line| line.text).chars().take(200).collect();
    let mut wanted = mapping.time.clone();
    wanted.push(mapping.temperature.clone());
    wanted.extend(mapping.humidity.clone());
    Err(FileError::Column { column: wanted.join("`, `"), found })
}

/// That no two columns have a name that is asked for.
fn each_once(line: u32, names: &[String], mapping: &Mapping) -> Result<(), FileError> {
    let mut asked = mapping.time.iter().chain([&mapping.temperature]).chain(&mapping.humidity);
    let twice = asked.find(|column| names.iter().filter(|name| name == column).count() > 1);
    twice.map_or(Ok(()), |column| Err(FileError::ColumnTwice { line, column: column.clone() }))
}

/// That a row has no more cells than the header, empty ones at its end left out, for of those that it has too many
/// nobody knows which; whether its temperature may be split, and a doubt that holds where all rows are alike.
///
/// A comma for the decimals splits cells of a table whose delimiter is a comma too. There a column that is called
/// nothing takes words, such as a unit, and no number.
fn counted(
    line: u32,
    cells: &[String],
    columns: &Columns,
) -> Result<(bool, Option<Doubt>), ReadingsCsvError> {
    let says = |cell: &String| cell.chars().any(char::is_alphabetic) && !is_no_reading(cell);
    let beyond = |place: usize| place >= columns.width || columns.delimiter == ',';
    let is_excess = |(place, cell): &(usize, &String)| {
        !cell.is_empty() && beyond(*place) && (*place >= columns.width || !says(cell))
    };
    let place = columns.temperature.saturating_add(1);
    let behind = cells.get(place).map(String::as_str);
    let temperature = cells.get(columns.temperature).map(String::as_str);
    let excess = Excess::of(columns.delimiter, temperature, behind);
    let error =
        |cells: usize, header: usize| ReadingsCsvError::Excess { line: line.into(), cells, header, excess };
    let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last.saturating_add(1));
    if cells.iter().enumerate().skip(columns.named).any(|cell| is_excess(&cell)) {
        return Err(error(filled, columns.named));
    }
    let is_split = excess == Excess::DecimalCommas;
    let digits = behind.and_then(decimals).filter(|_| is_split && cells.len() > columns.width);
    let doubt = digits.map(|digits| Doubt {
        error: error(cells.len(), columns.width),
        digits: digits.to_owned(),
        is_taken: columns.takes(place),
    });
    Ok((is_split, doubt))
}

fn row<'t>(
    line: &Line<'t>,
    columns: &Columns,
    mapping: &Mapping,
) -> Result<Option<(String, Cells<'t>)>, FileError> {
    let mut cells = cells(line, columns.delimiter)?;
    let count = cells.len();
    let (maybe_split, in_doubt) = counted(line.number, &cells, columns)?;
    let needed = columns.time.iter().chain([&columns.temperature]).chain(&columns.humidity).max();
    if needed.is_some_and(|needed| *needed >= cells.len()) {
        let cause = format!("{} cells, and a column that is needed lies beyond them", cells.len());
        return Err(FileError::Line { line: line.number, cause });
    }
    let cell = |place: usize| cells.get(place).map_or("", String::as_str);
    let time: Vec<&str> = columns.time.iter().map(|place| cell(*place)).collect();
    let time = time.join(" ");
    let comma = mapping.decimal_comma || columns.delimiter != ',';
    let humidity = columns.humidity.map(|place| humidity(line.number, cell(place), comma)).transpose()?;
    let mut beside = Measurement::default();
    for (place, value) in &columns.beside {
        // A row may end before its last columns.
        let text = cell(*place);
        if !is_no_reading(text) {
            let number = with_point(text, comma);
            let taken = number.and_then(|number| value.take(&number, &mut beside));
            taken.ok_or_else(|| value.refused(line.number, text))?;
        }
    }
    let temperature = std::mem::take(cells.get_mut(columns.temperature).unwrap_or(&mut String::new()));
    if is_no_reading(&temperature) {
        return Ok(None);
    }
    let is_finer = is_finer_than_a_thousandth(&with_point(&temperature, comma).unwrap_or_default());
    let temperature = celsius(&temperature, columns.unit, comma).ok_or(FileError::Value {
        line: line.number,
        text: temperature,
        quantity: "temperature",
    })?;
    let humidity = humidity.flatten();
    let cells = Cells { line: *line, temperature, is_finer, humidity, beside, count, maybe_split, in_doubt };
    Ok(Some((time, cells)))
}

impl Cells<'_> {
    fn at(self, (time, wall_ms): Placed) -> Row {
        Row {
            line: self.line.number,
            time,
            wall_ms,
            temperature: self.temperature,
            humidity: self.humidity,
            beside: self.beside,
            flagged: None,
            raw: self.line.raw.to_vec(),
        }
    }
}

pub(super) fn is_no_reading(text: &str) -> bool {
    let text = text.trim();
    // Dashes stand in the places of the digits: `--.-`, `---`.
    text.chars().all(|one| matches!(one, '-' | '.' | ',' | '–' | '—'))
        || NO_READING.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A temperature of the unit in milli-degrees Celsius ([`MilliCelsius::measured`]).
pub(super) fn celsius(text: &str, unit: TemperatureUnit, comma: bool) -> Option<MilliCelsius> {
    let text = with_point(text, comma)?;
    let measured = match unit {
        TemperatureUnit::Celsius => MilliCelsius::measured(&text),
        TemperatureUnit::Fahrenheit => MilliCelsius::measured_in_fahrenheit(&text),
        TemperatureUnit::Kelvin => MilliCelsius::measured_in_kelvin(&text),
    };
    measured.ok()
}

fn humidity(line: u32, text: &str, comma: bool) -> Result<Option<RelativeHumidity>, FileError> {
    if is_no_reading(text) {
        return Ok(None);
    }
    let scaled = with_point(text, comma).and_then(|text| parse_scaled(&text, 4).ok());
    let humidity = scaled.and_then(|scaled| u32::try_from(scaled).ok()).map(RelativeHumidity);
    let text = text.chars().take(64).collect();
    humidity.map(Some).ok_or(FileError::Value { line, text, quantity: "relative humidity" })
}

fn with_point(text: &str, comma: bool) -> Option<String> {
    match (text.matches(',').count(), comma) {
        (0, _) => Some(text.trim().to_owned()),
        (1, true) if !text.contains('.') => Some(text.trim().replace(',', ".")),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
