//! ELA Innovation Blue PUCK and COIN, also sold by Teltonika and Sensor Easy.
//!
//! Source: docs.elainnovation.com, "Frame specifications" (company 0x0757), and the older frames in
//! service data 0x2A6E and 0x2A6F. Little-endian. A frame of company 0x0757 is a sequence of values: in
//! the byte before each, the high half says what it is and the low half how many bytes it has.

use super::fields::{humidity_percent, hundredths, is_named};
use super::value::percent;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::BluetoothUuid;
use crate::bytes::{Bytes, unsigned_le};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::MilliCelsius;

/// Blue PUCK T, T EN12830, T PROBE and RHT, Blue COIN T; ELA certifies the T EN12830 to EN 12830.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "ELA Innovation (Blue PUCK T, T EN12830, T PROBE, RHT; Blue COIN T)",
    formats: &[VALUES, SERVICE],
    standing: Standing::Qualified,
    carriers: &[
        Carrier::Service(TEMPERATURE, decode_service),
        Carrier::Service(HUMIDITY, decode_service),
        Carrier::Company(COMPANY, decode_values),
    ],
};

const DEVICE: &str = "ela";
/// Frames of company 0x0757.
const VALUES: &str = "ela-values";
/// Service data of older firmware.
const SERVICE: &str = "ela-service-data";
const COMPANY: u16 = 0x0757;
const TEMPERATURE: BluetoothUuid = BluetoothUuid::Short(0x2A6E);
const HUMIDITY: BluetoothUuid = BluetoothUuid::Short(0x2A6F);

/// Decodes a frame of company 0x0757.
fn decode_values(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    heard(DEVICE, VALUES, None, values(VALUES, frame.payload)?)
}

/// Walks the values; one of an unknown kind is skipped by its length.
fn values(format: &'static str, payload: &[u8]) -> Result<Vec<Measurement>, DecodeError> {
    let mut bytes = Bytes(payload);
    let mut first = Measurement::default();
    let mut further: Vec<Measurement> = Vec::new();
    while let Some(kind) = bytes.u8() {
        let truncated = DecodeError::Truncated { format, have: payload.len() };
        let value = bytes.slice(usize::from(kind & 0x0F)).ok_or(truncated)?;
        match (kind, value) {
            (0x12, _) if first.temperature.is_none() => first.temperature = temperature(format, value)?,
            (0x12, _) => further.push(Measurement {
                probe: u8::try_from(further.len().saturating_add(1)).unwrap_or(u8::MAX),
                temperature: temperature(format, value)?,
                ..Measurement::default()
            }),
            (0x21, [raw]) => first.humidity = humidity_percent(*raw),
            // The lowest bit is the state of the moment, the rest counts the events.
            (0x42, _) => first.movement = Some(unsigned_le(value) >> 1),
            (0x56, [x0, x1, y0, y1, z0, z1]) => {
                let axis = |low: &u8, high: &u8| i16::from_le_bytes([*low, *high]);
                first.acceleration_mg = Some([axis(x0, x1), axis(y0, y1), axis(z0, z1)]);
            }
            (0xF1, [raw]) => first.battery_pct = percent(*raw),
            (0xF2, _) => first.battery_mv = Some(unsigned_le(value)),
            _ => {}
        }
    }
    further.insert(0, first);
    Ok(further)
}

fn temperature(format: &'static str, value: &[u8]) -> Result<Option<MilliCelsius>, DecodeError> {
    match value.try_into() {
        Ok(raw) => hundredths(format, i16::from_le_bytes(raw)),
        Err(_) => Err(DecodeError::Truncated { format, have: value.len() }),
    }
}

/// Whether service data of 0x2A6E or 0x2A6F are ELA's, whose humidity has one byte.
///
/// The UUIDs are the Bluetooth SIG's: without a name or a frame of ELA, and with a humidity of two bytes,
/// they are another maker's.
pub(super) fn sends(frame: &Frame<'_>) -> bool {
    ["P ", "C ", "PUCK_", "COIN_"].iter().any(|prefix| is_named(frame, prefix))
        || frame.advert.manufacturer_data.contains_key(&COMPANY)
        || frame.advert.service_data.get(&HUMIDITY).is_some_and(|bytes| bytes.len() == 1)
}

/// Decodes temperature and humidity that stand in service data, and the battery beside them.
fn decode_service(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    if !sends(frame) {
        return Err(DecodeError::UnknownFormat);
    }
    let of = |uuid| frame.advert.service_data.get(&uuid).map(Vec::as_slice);
    let moisture = of(HUMIDITY).and_then(|bytes| <[u8; 1]>::try_from(bytes).ok());
    let mut measurement = Measurement::default();
    if let Some(payload) = frame.advert.manufacturer_data.get(&COMPANY) {
        measurement = values(SERVICE, payload)?.into_iter().next().unwrap_or_default();
    }
    if let Some(bytes) = of(TEMPERATURE) {
        measurement.temperature = temperature(SERVICE, bytes)?;
    }
    if let Some([raw]) = moisture {
        measurement.humidity = humidity_percent(raw);
    }
    heard(DEVICE, SERVICE, None, [measurement])
}
