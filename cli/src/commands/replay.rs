//! `firn replay`: a recorded log download through the logger's own dialog.

use crate::failure::{Exit, Failure};
use crate::output::Output;
use data_encoding::HEXLOWER;
use firn_ble::dialog::DialogOptions;
use firn_ble::replay::{DeviceName, Replayed};
use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
use firn_model::record::{Address, Session, SessionCheck};
use firn_model::time::UtcMillis;
use serde::Serialize;
use std::io::Read;

/// One reading as a line of JSON.
#[derive(Serialize)]
pub struct ReadingLine<'a> {
    time: UtcMillis,
    clock: ClockQuality,
    #[serde(skip_serializing_if = "Option::is_none")]
    logger_time_ms: Option<i64>,
    received: UtcMillis,
    source: Source,
    provenance: Provenance,
    #[serde(flatten)]
    measurement: &'a Measurement,
    raw: String,
}

impl<'a> From<&'a Reading> for ReadingLine<'a> {
    fn from(reading: &'a Reading) -> Self {
        Self {
            time: reading.time,
            clock: reading.clock,
            logger_time_ms: reading.logger_time_ms,
            received: reading.received,
            source: reading.source,
            provenance: reading.provenance,
            measurement: &reading.measurement,
            raw: HEXLOWER.encode(&reading.raw),
        }
    }
}

/// The last line, where the recording holds more than readings.
#[derive(Serialize)]
struct Beside {
    /// The local time that the logger's clock was set to.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_set_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionLine>,
}

/// A raw session, and that nothing checks it.
#[derive(Serialize)]
struct SessionLine {
    bytes: u64,
    sha256: Address,
    check: SessionCheck,
}

impl SessionLine {
    fn of(bytes: &[u8]) -> Self {
        let Session { bytes, digest, check, .. } = Session::of(UtcMillis::default(), bytes);
        Self { bytes, sha256: digest, check }
    }
}

/// Prints the readings of the recording on stdin, ascending by time, one JSON object a line.
///
/// Of a recording that breaks off the readings until then are printed before the failure.
pub fn run(output: &mut Output, device: &str) -> Result<Exit, Failure> {
    let device: DeviceName = device.parse()?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| Failure::stream(&error))?;
    let replayed = firn_ble::replay::replay_with(device, &DialogOptions::default(), text.lines());
    let readings = match &replayed {
        Ok(replayed) => &replayed.readings,
        Err(error) => error.kept(),
    };
    for reading in readings {
        output.json(&ReadingLine::from(reading))?;
    }
    let Replayed { session, clock_set_to, .. } = replayed?;
    if session.is_some() || clock_set_to.is_some() {
        output.json(&Beside {
            // Without the Z: which offset it has, a recording does not tell.
            clock_set_to: clock_set_to.map(|to| UtcMillis(to).to_rfc3339().trim_end_matches('Z').to_owned()),
            session: session.as_deref().map(SessionLine::of),
        })?;
    }
    Ok(Exit::Success)
}
