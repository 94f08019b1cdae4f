//! `firn replay`: a recorded log download through the logger's own dialog.

use crate::failure::{Exit, Failure};
use crate::output::Output;
use data_encoding::HEXLOWER;
use firn_ble::replay::DeviceName;
use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
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

/// Prints the readings of the recording on stdin, ascending by time, one JSON object a line.
///
/// Of a recording that breaks off the readings until then are printed before the failure.
pub fn run(output: &mut Output, device: &str) -> Result<Exit, Failure> {
    let device: DeviceName = device.parse()?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| Failure::stream(&error))?;
    let replayed = firn_ble::replay(device, text.lines());
    let readings = match &replayed {
        Ok(readings) => readings,
        Err(error) => error.kept(),
    };
    for reading in readings {
        output.json(&ReadingLine::from(reading))?;
    }
    replayed.map(|_| Exit::Success).map_err(Failure::from)
}
