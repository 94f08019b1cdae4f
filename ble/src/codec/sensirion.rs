//! Sensirion SHT3x, SHT4x, MyCO2 and other gadgets (company 0x06D5).
//!
//! Source: Sensirion/ble-services, `ble-ad-sample-types.yml`. Little-endian; the second byte is the type of
//! the sample, which fixes its fields. The humidity of an SHT4x has a formula of its own.

use super::fields::{humidity_fraction, sht_humidity, sht_temperature};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// Sensirion's gadgets and boards, and what others build by its specification.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Sensirion (SHT40 and SHT43 gadgets, MyCO2, SEN5x, SEN6x)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x06D5, decode)],
};

const DEVICE: &str = "sensirion";
const FORMAT: &str = "sensirion-sample";

/// The two bytes from `offset` on.
fn field(payload: &[u8], offset: usize) -> Result<u16, DecodeError> {
    let bytes = payload.get(offset..).and_then(<[u8]>::first_chunk);
    let truncated = DecodeError::Truncated { format: FORMAT, have: payload.len() };
    bytes.copied().map(u16::from_le_bytes).ok_or(truncated)
}

/// Decodes manufacturer data of company 0x06D5.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let payload = frame.payload;
    let [kind, sample, ..] = *payload else {
        return Err(DecodeError::Truncated { format: FORMAT, have: payload.len() });
    };
    if kind != 0 {
        // 0xFF: an SHT43 whose samples are switched off.
        return Err(DecodeError::NoMeasurement { format: FORMAT });
    }
    let mut read = Measurement::default();
    match sample {
        0x06 => {
            read.temperature = temperature(field(payload, 4)?)?;
            read.humidity = sht4x_humidity(field(payload, 6)?);
        }
        0x03 | 0x04 | 0x0E | 0x10 | 0x16 | 0x18 | 0x1E => {
            read.temperature = temperature(field(payload, 4)?)?;
            read.humidity = humidity(field(payload, 6)?);
        }
        0x08 | 0x0A | 0x0C | 0x14 | 0x1A | 0x1C | 0x20 => {
            read.temperature = temperature(field(payload, 4)?)?;
            read.humidity = humidity(field(payload, 6)?);
            read.co2_ppm = co2(field(payload, 8)?);
        }
        0x22 => return Err(DecodeError::NoMeasurement { format: FORMAT }),
        0x24 => read.co2_ppm = co2(field(payload, 4)?),
        // The air's velocity comes first.
        0x26 => read.temperature = temperature(field(payload, 6)?)?,
        version => return Err(DecodeError::UnknownVersion { format: FORMAT, version }),
    }
    heard(DEVICE, FORMAT, None, [read])
}

/// All ones are a sensor that did not answer.
fn temperature(raw: u16) -> Result<Option<MilliCelsius>, DecodeError> {
    if raw == u16::MAX { Ok(None) } else { sht_temperature(FORMAT, raw).map(Some) }
}

fn humidity(raw: u16) -> Option<RelativeHumidity> {
    if raw == u16::MAX { None } else { sht_humidity(raw) }
}

/// −6 % and 125 % times the raw value of 16 bits, held within 0 and 100 % as the sensor's data sheet says.
fn sht4x_humidity(raw: u16) -> Option<RelativeHumidity> {
    if raw == u16::MAX {
        return None;
    }
    let numerator = 125_i64.saturating_mul(i64::from(raw)).saturating_sub(6 * 65_535);
    humidity_fraction(numerator.clamp(0, 100 * 65_535), 65_535)
}

fn co2(raw: u16) -> Option<u32> {
    (raw != u16::MAX).then_some(u32::from(raw))
}
