//! The text files of Berlinger's loggers: Q-tag CLm doc, Fridge-tag 2 and Fridge-tag 2 L.
//!
//! The layout is that of files that the loggers wrote and of public programs that read them. A file is a
//! head of `key: value` lines, nested by leading spaces, perhaps a table of samples (`Data:`), and a
//! signature. Times are local; `Zone` is what the device was set to, which may say little: the real files
//! at hand all say 0.00.

mod fridge_tag;
mod head;
mod q_tag;

use super::logger_file::{DeviceFacts, FileFormat, LoggerFile, Reported, Row, Signature, Skipped};
use super::table::{TemperatureUnit, celsius, is_no_reading};
use super::text::{Line, MOST_READINGS};
use super::zone::{LocalTime, Zone};
use super::{FileError, units, written};
use firn_model::reading::Measurement;
use firn_model::time::{LocalInstant, UtcOffset};
use firn_model::units::MilliCelsius;
use head::{Entry, Head};

/// Both loggers measure every minute, whatever they log: their alarms are told to the minute.
const MEASURES_EVERY_S: u32 = 60;

/// A file whose first line names the device.
pub(super) fn recognises(lines: &[Line<'_>]) -> bool {
    let first = lines.iter().find(|line| !line.text.trim().is_empty());
    first.is_some_and(|line| line.text.starts_with("Device:"))
}

/// Reads the whole file, or none of it; `zone` stands in for the device's own, and `unit` is what a person says.
pub(super) fn read(
    lines: &[Line<'_>],
    zone: Option<&Zone>,
    unit: Option<TemperatureUnit>,
) -> Result<LoggerFile, FileError> {
    let head = Head::read(lines)?;
    let clock = Clock::of(&head, zone)?;
    let named = head.find("Conf/Temp unit").map_or(1, |entry| entry.line);
    units::not_contradicted(unit, clock.unit, (named, "Temp unit"))?;
    let (rows, skipped) = samples(lines, &head, &clock)?;
    let signed = head.entries.iter().any(|entry| entry.path == "Sig" && !entry.value.is_empty());
    let mut file = LoggerFile {
        format: FileFormat::QTag,
        device: device(&head, &clock)?,
        zone: Some(clock.zone.clone()),
        rows,
        interval_s: minutes(head.find("Conf/Logging Interval"))?.filter(|seconds| *seconds > 0),
        measures_every_s: Some(MEASURES_EVERY_S),
        alarms: Vec::new(),
        delta_h: None,
        reported: Reported::default(),
        days: Vec::new(),
        skipped,
        finer: 0,
        maybe_split: 0,
        not_taken: Vec::new(),
        signature: if signed { Signature::PresentNotVerified } else { Signature::Absent },
    };
    if head.entries.iter().any(|entry| entry.path.starts_with("Hist/")) {
        fridge_tag::fill(&mut file, &head, &clock)?;
    } else {
        q_tag::fill(&mut file, &head, &clock)?;
    }
    Ok(file)
}

/// How the file's times and temperatures are written.
struct Clock {
    zone: Zone,
    unit: TemperatureUnit,
}

impl Clock {
    fn of(head: &Head, given: Option<&Zone>) -> Result<Self, FileError> {
        let own = || head.find("Conf/Zone").and_then(|entry| device_zone(&entry.value));
        let zone = given.cloned().or_else(own).ok_or(FileError::ZoneNeeded { line: 1 })?;
        let unit = head.find("Conf/Temp unit");
        let unit = match unit.map(|entry| (entry.value.as_str(), entry.line)) {
            None | Some(("C", _)) => TemperatureUnit::Celsius,
            Some(("F", _)) => TemperatureUnit::Fahrenheit,
            Some((_, line)) => return Err(FileError::UnitUnknown { line, column: "Temp unit".into() }),
        };
        Ok(Self { zone, unit })
    }

    /// A temperature, where there is one.
    fn temperature(&self, entry: &Entry) -> Result<Option<MilliCelsius>, FileError> {
        if is_no_reading(&entry.value) {
            return Ok(None);
        }
        let bad = || FileError::Value {
            line: entry.line,
            text: entry.value.chars().take(64).collect(),
            quantity: "temperature",
        };
        celsius(&entry.value, self.unit, false).map(Some).ok_or_else(bad)
    }

    /// A date and time, where there is one.
    fn instant(&self, entry: &Entry) -> Result<Option<LocalInstant>, FileError> {
        if entry.value.is_empty() {
            return Ok(None);
        }
        let local = local(entry.line, &entry.value)?;
        self.zone.place_one(entry.line, local).map(Some)
    }
}

fn local(line: u32, text: &str) -> Result<LocalTime, FileError> {
    written::plain(text).ok_or_else(|| FileError::Time { line, text: text.chars().take(64).collect() })
}

/// A whole number of minutes, in seconds.
fn minutes(entry: Option<&Entry>) -> Result<Option<u32>, FileError> {
    let Some(entry) = entry.filter(|entry| !entry.value.is_empty()) else { return Ok(None) };
    let seconds = entry.value.parse::<u32>().ok().and_then(|minutes| minutes.checked_mul(60));
    seconds.map(Some).ok_or_else(|| entry.malformed("is no number of minutes"))
}

/// The device's `Zone`, hours with the minutes as such or as a part of the hour: 5.30 and 5.50 are one.
fn device_zone(text: &str) -> Option<Zone> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let hours: i32 = hours.parse().ok().filter(|hours| (0..=14).contains(hours))?;
    let minutes = match part {
        "0" | "00" => 0,
        "25" | "15" => 15,
        "3" | "30" | "5" | "50" => 30,
        "45" | "75" => 45,
        _ => return None,
    };
    Some(Zone::Fixed(UtcOffset(sign * (hours * 3600 + minutes * 60))))
}

fn device(head: &Head, clock: &Clock) -> Result<DeviceFacts, FileError> {
    let text = |path: &str| head.find(path).map(|entry| entry.value.clone()).filter(|text| !text.is_empty());
    // An offset is a difference: in °F it has no zero point to move.
    let offset = head.find("Conf/Temp Offset").or_else(|| head.find("Conf/Int Sensor/Offset"));
    let offset = offset.filter(|_| clock.unit == TemperatureUnit::Celsius);
    Ok(DeviceFacts {
        maker: Some("Berlinger".to_owned()),
        model: text("Device"),
        serial: text("Conf/Serial"),
        firmware: text("Fw Vers"),
        temperature_offset: offset.map(|entry| clock.temperature(entry)).transpose()?.flatten(),
        settings: head.settings(),
    })
}

/// The rows of `Data:`: date and time, temperature, and `x` where it is out of the limits.
fn samples(lines: &[Line<'_>], head: &Head, clock: &Clock) -> Result<(Vec<Row>, Vec<Skipped>), FileError> {
    let (mut times, mut rows, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    for (section, index) in &head.tables {
        let Some(line) = lines.get(*index) else { continue };
        if line.text.contains("yyyy-MM-dd") {
            continue;
        }
        if section != "Data" {
            skipped.push(Skipped::new(line, "a mark of the logger, no sample"));
            continue;
        }
        let mut cells = line.text.trim_start_matches('\t').split('\t').map(str::trim);
        let (time, value) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let flag = cells.next().unwrap_or_default();
        if is_no_reading(value) {
            skipped.push(Skipped::new(line, "no reading"));
            continue;
        }
        if rows.len() >= MOST_READINGS {
            return Err(FileError::TooManyReadings { line: line.number });
        }
        let bad = || FileError::Value { line: line.number, text: value.to_owned(), quantity: "temperature" };
        times.push((line.number, local(line.number, time)?));
        rows.push((line, celsius(value, clock.unit, false).ok_or_else(bad)?, flag == "x"));
    }
    let placed = clock.zone.place(&times)?;
    let rows = rows.into_iter().zip(times.iter().zip(placed));
    let row = |((line, temperature, flagged), ((number, local), time)): (
        (&Line<'_>, _, _),
        (&(u32, LocalTime), _),
    )| Row {
        line: *number,
        time,
        wall_ms: local.wall_ms(),
        temperature,
        humidity: None,
        beside: Measurement::default(),
        flagged: Some(flagged),
        raw: line.raw.to_vec(),
    };
    Ok((rows.map(row).collect(), skipped))
}

#[cfg(test)]
mod tests;
