//! Readings that come as files: a logger's own text file, an app's export, any CSV.
//!
//! [`read`] picks the format by what stands in the first lines. Everything is bounded; a line that cannot
//! be read refuses the file with its number, and a row without a reading is counted and named.

mod apps;
mod berlinger;
mod beside;
mod date_order;
mod elsewhere;
mod error;
mod logger_file;
pub mod readings_csv;
mod table;
mod text;
mod units;
mod written;
mod zone;

pub use beside::Beside;
pub use error::FileError;
pub use logger_file::{
    AlarmEvent, Day, DayAlarm, DeviceFacts, FileFormat, LoggerFile, Offsets, Reported, Row, Signature,
    Skipped,
};
pub use table::{Mapping, TemperatureUnit};
pub use zone::Zone;

use elsewhere::Elsewhere;
use firn_model::reading::Measurement;
use firn_model::time::UtcMillis;
use table::Clocks;
use text::Text;
use units::Said;

/// What a person knows of a file that the file does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where the logger's clock stood.
    pub zone: Option<Zone>,
    /// The columns of a CSV that is no known export.
    pub mapping: Option<Mapping>,
    /// The unit of its temperatures; a file that is known and has another is refused.
    pub unit: Option<TemperatureUnit>,
    /// How the times are written, as for `strptime`, where the mapping does not say it; absent: by their own form.
    pub time_format: Option<String>,
    /// What the reader's clock shows: of dates that can be read in two orders, one may not have come yet.
    pub now: Option<UtcMillis>,
}

impl Options {
    fn clocks(&self) -> Clocks<'_> {
        Clocks { zone: self.zone.as_ref(), now: self.now }
    }

    /// What they say of a file's columns, beside what is known of them.
    fn mapped(&self, mapping: &Mapping) -> Mapping {
        Mapping {
            unit: mapping.unit.or(self.unit),
            time_format: mapping.time_format.clone().or_else(|| self.time_format.clone()),
            ..mapping.clone()
        }
    }
}

/// Reads a logger's file, whole or not at all.
///
/// # Errors
/// For anything that cannot be read without guessing; see [`FileError`].
pub fn read(bytes: &[u8], options: &Options) -> Result<LoggerFile, FileError> {
    let text = Text::new(bytes)?;
    let lines = text.lines()?;
    if let Some(mapping) = &options.mapping {
        let table = table::read(&lines, &options.mapped(mapping), options.clocks())?;
        return Ok(apps::logger_file(FileFormat::MappedCsv, table, options.zone.as_ref()));
    }
    if berlinger::recognises(&lines) {
        if options.time_format.is_some() {
            return Err(FileError::OwnForm);
        }
        return berlinger::read(&lines, options.zone.as_ref(), options.unit);
    }
    if let Some(export) = apps::recognise(&lines)? {
        let column = (export.line, export.mapping.temperature.as_str());
        units::not_contradicted(options.unit, export.unit, column)?;
        let table = table::read(&lines, &options.mapped(&export.mapping), options.clocks())?;
        let mut file = apps::logger_file(export.format, table, options.zone.as_ref());
        file.interval_s = export.interval_s;
        return Ok(file);
    }
    if (options.zone.is_some() || options.time_format.is_some())
        && let Some(mapping) = named_plainly(&lines)
    {
        let table = table::read(&lines, &options.mapped(&mapping), options.clocks())?;
        return Ok(apps::logger_file(FileFormat::FirnCsv, table, options.zone.as_ref()));
    }
    plain_csv(&text, &lines, options.unit)
}

/// The columns `time` and `temperature_c`, perhaps `humidity_pct`, where the first line names them: local times of a zone.
fn named_plainly(lines: &[text::Line<'_>]) -> Option<Mapping> {
    let first = lines.first()?;
    let named = |delimiter| {
        let names = table::cells(first, delimiter).unwrap_or_default();
        let has = |name: &str| names.iter().any(|one| one == name);
        let humidity = has(readings_csv::HUMIDITY).then(|| readings_csv::HUMIDITY.to_owned());
        (has("time") && has("temperature_c")).then(|| Mapping {
            time: vec!["time".into()],
            temperature: "temperature_c".into(),
            humidity,
            ..Mapping::default()
        })
    };
    [',', ';', '\t'].into_iter().find_map(named)
}

/// A table with `time` and `temperature_c`: the one form in which every row names its offset.
fn plain_csv(
    text: &Text<'_>,
    lines: &[text::Line<'_>],
    unit: Option<TemperatureUnit>,
) -> Result<LoggerFile, FileError> {
    let rows = readings_csv::parse(text.content().as_bytes())?;
    let names = lines.first().and_then(|line| table::cells(line, ',').ok()).unwrap_or_default();
    let beside = Elsewhere::of(lines, 0, (&names, ','), "temperature_c");
    let of_units: Vec<String> =
        beside.columns.iter().filter_map(|place| names.get(*place).cloned()).collect();
    units::agreed(&Said { column: (1, "temperature_c"), beside }, unit)?;
    let row = |row: readings_csv::Row| {
        let line = u32::try_from(row.line).unwrap_or(u32::MAX);
        let raw = usize::try_from(row.line).ok().and_then(|line| lines.get(line.checked_sub(1)?));
        Row {
            line,
            time: row.time,
            wall_ms: row.time.at.0.saturating_add(i64::from(row.time.offset.0).saturating_mul(1000)),
            temperature: row.temperature,
            humidity: row.humidity,
            beside: Measurement::default(),
            flagged: None,
            raw: raw.map(|line| line.raw.to_vec()).unwrap_or_default(),
        }
    };
    let not_taken = readings_csv::others(text.content().as_bytes()).into_iter();
    let table = table::Table {
        finer: rows.iter().filter(|row| row.is_finer).count(),
        not_taken: not_taken.filter(|name| !of_units.contains(name)).collect(),
        rows: rows.into_iter().map(row).collect(),
        ..table::Table::default()
    };
    Ok(apps::logger_file(FileFormat::FirnCsv, table, None))
}

#[cfg(test)]
mod tests;
