//! Blue Maestro Tempo Disc and Pebble (company 0x0133).
//!
//! Source: bluemaestro.com, developer documentation of the Tempo Disc, and the values that its app shows for
//! given adverts (Bluetooth-Devices/bluemaestro-ble, test fixtures). The first byte is the version of the
//! layout: up to 0x1B big-endian in tenths, from 0x29 little-endian in hundredths.

use super::fields::{humidity_hundredths, humidity_percent, humidity_tenths, hundredths};
use super::value::{celsius, percent};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::bytes::Bytes;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Tempo Disc T, THD and THPD of both generations, and the Pebble before them.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Blue Maestro (Tempo Disc, Tempo Disc Maxi, Pebble)",
    formats: &[DISC, MAXI, PEBBLE],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x0133, decode)],
};

const DEVICE: &str = "blue-maestro";
const DISC: &str = "blue-maestro-disc";
const MAXI: &str = "blue-maestro-maxi";
const PEBBLE: &str = "blue-maestro-pebble";

/// Decodes manufacturer data of company 0x0133; statistics behind the current values are left out.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let Some((version, body)) = frame.payload.split_first() else {
        return Err(DecodeError::Truncated { format: DISC, have: 0 });
    };
    let (format, read) = match version {
        0x01 if frame.payload.len() == 18 => (PEBBLE, pebble(body)),
        0x08 | 0x0D | 0x16 | 0x17 | 0x1B => (DISC, disc(*version, Bytes(body))),
        0x29..=0x2B => (MAXI, maxi(*version, body)),
        _ => return Err(DecodeError::UnknownVersion { format: DISC, version: *version }),
    };
    let measurement = read.ok_or(DecodeError::Truncated { format, have: frame.payload.len() })??;
    heard(DEVICE, format, None, [measurement])
}

/// Charge, interval, number of records, temperature; then, by version, humidity and dew point or pressure.
fn disc(version: u8, mut bytes: Bytes<'_>) -> Option<Result<Measurement, DecodeError>> {
    let [charge, i0, i1, l0, l1, t0, t1] = bytes.array()?;
    let mut read = Measurement {
        battery_pct: percent(charge),
        interval_s: Some(u32::from(u16::from_be_bytes([i0, i1]))),
        log_count: Some(u32::from(u16::from_be_bytes([l0, l1]))),
        ..Measurement::default()
    };
    match celsius(DISC, i16::from_be_bytes([t0, t1]), 100) {
        Ok(temperature) => read.temperature = Some(temperature),
        Err(error) => return Some(Err(error)),
    }
    if version >= 0x16 {
        read.humidity = humidity_tenths(u16::from_be_bytes(bytes.array()?));
    }
    match (version, bytes.array()) {
        (0x16 | 0x17, Some(raw)) => read.dew_point = celsius(DISC, i16::from_be_bytes(raw), 100).ok(),
        (0x1B, Some(raw)) => read.pressure_pa = Some(u32::from(u16::from_be_bytes(raw)).saturating_mul(10)),
        (0x1B, None) => return None,
        _ => {}
    }
    Some(Ok(read))
}

/// Charge; from the fifteenth byte on temperature and, by version, humidity and pressure.
fn maxi(version: u8, body: &[u8]) -> Option<Result<Measurement, DecodeError>> {
    let mut bytes = Bytes(body);
    let mut read = Measurement { battery_pct: percent(bytes.u8()?), ..Measurement::default() };
    bytes.slice(13)?;
    match hundredths(MAXI, i16::from_le_bytes(bytes.array()?)) {
        Ok(temperature) => read.temperature = temperature,
        Err(error) => return Some(Err(error)),
    }
    if version >= 0x2A {
        read.humidity = humidity_hundredths(u16::from_le_bytes(bytes.array()?));
    }
    if version == 0x2B {
        // Hundredths of a hectopascal are pascals.
        read.pressure_pa = u32::try_from(i32::from_le_bytes(bytes.array()?)).ok();
    }
    Some(Ok(read))
}

/// Least, current and greatest temperature in tenths; humidity in percent, pressure in hectopascals.
fn pebble(body: &[u8]) -> Option<Result<Measurement, DecodeError>> {
    let [_, _, t0, t1, _, _, moisture, p0, p1] = *body.first_chunk()?;
    let temperature = match celsius(PEBBLE, i16::from_le_bytes([t0, t1]), 100) {
        Ok(temperature) => temperature,
        Err(error) => return Some(Err(error)),
    };
    Some(Ok(Measurement {
        temperature: Some(temperature),
        humidity: humidity_percent(moisture),
        pressure_pa: Some(u32::from(u16::from_le_bytes([p0, p1])).saturating_mul(100)),
        ..Measurement::default()
    }))
}
