//! Efento loggers (company 0x026C).
//!
//! Source: docs.efento.io, "Bluetooth advertisement decoding". Big-endian. Version 2 has everything in one
//! frame; since version 3 the advert names the logger and the scan response (version 4) has the values.

use super::fields::{exactly, humidity_fraction};
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::Address;
use crate::bytes::Bytes;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Efento's Bluetooth and NB-IoT loggers.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Efento loggers",
    formats: &[VERSION_2, VERSION_3, VERSION_4],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x026C, decode)],
};

const DEVICE: &str = "efento";
const VERSION_2: &str = "efento-v2";
const VERSION_3: &str = "efento-v3";
const VERSION_4: &str = "efento-v4";

/// Decodes manufacturer data of company 0x026C.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    match frame.payload.first() {
        Some(2) => version_2(frame.payload),
        Some(3) => version_3(frame.payload),
        Some(4) => version_4(frame.payload),
        Some(version) => Err(DecodeError::UnknownVersion { format: VERSION_2, version: *version }),
        None => Err(DecodeError::Truncated { format: VERSION_2, have: 0 }),
    }
}

fn version_2(payload: &[u8]) -> Result<Decoded, DecodeError> {
    let [
        _,
        _,
        _,
        flags,
        c0,
        c1,
        c2,
        c3,
        p0,
        p1,
        _,
        kind_1,
        kind_2,
        kind_3,
        a0,
        a1,
        b0,
        b1,
        d0,
        d1,
        _,
        _,
        _,
        _,
    ] = *exactly::<24>(VERSION_2, payload)?;
    let slots = [(kind_1, [a0, a1]), (kind_2, [b0, b1]), (kind_3, [d0, d1])];
    let mut readings = measurements(VERSION_2, slots)?;
    if let Some(first) = readings.first_mut() {
        first.battery_pct = charge(flags);
        first.sequence = Some(u32::from_be_bytes([c0, c1, c2, c3]));
        first.interval_s = Some(period(u16::from_be_bytes([p0, p1])));
    }
    heard(DEVICE, VERSION_2, None, readings)
}

/// Holds no measurement itself.
fn version_3(payload: &[u8]) -> Result<Decoded, DecodeError> {
    let [_, a, b, c, d, e, g, _, _, flags, ..] = *exactly::<24>(VERSION_3, payload)?;
    let measurement = Measurement { battery_pct: charge(flags), ..Measurement::default() };
    heard(DEVICE, VERSION_3, Some(Address([a, b, c, d, e, g])), [measurement])
}

/// A kind and a value for each sensor; two bytes of check sum at the end.
fn version_4(payload: &[u8]) -> Result<Decoded, DecodeError> {
    let truncated = DecodeError::Truncated { format: VERSION_4, have: payload.len() };
    let body = payload.split_last_chunk::<2>().and_then(|(body, _check_sum)| body.get(1..));
    let mut bytes = Bytes(body.ok_or(truncated.clone())?);
    let mut slots = Vec::new();
    while let Some(kind) = bytes.u8() {
        slots.push((kind, bytes.array().ok_or(truncated.clone())?));
    }
    heard(DEVICE, VERSION_4, None, measurements(VERSION_4, slots)?)
}

/// One measurement a probe: a quantity's second slot is the second probe's. Never empty.
fn measurements(
    format: &'static str,
    slots: impl IntoIterator<Item = (u8, [u8; 2])>,
) -> Result<Vec<Measurement>, DecodeError> {
    let (mut temperatures, mut humidities, mut pressures) = (Vec::new(), Vec::new(), Vec::new());
    for (kind, value) in slots {
        let raw = u16::from_be_bytes(value);
        match kind {
            // Hundredths above −150 °C; more than 150 °C marks a sensor that gave no value.
            1 if raw > 30_000 => temperatures.push(None),
            1 => temperatures.push(Some(celsius(format, i32::from(raw).saturating_sub(15_000), 10)?)),
            2 => humidities.push(humidity_fraction(i64::from(raw), 1)),
            3 => pressures.push((raw <= 65_279).then(|| u32::from(raw).saturating_mul(10))),
            _ => {}
        }
    }
    let probes = temperatures.len().max(humidities.len()).max(pressures.len()).max(1);
    let measurement = |index: usize| Measurement {
        probe: u8::try_from(index).unwrap_or(u8::MAX),
        temperature: temperatures.get(index).copied().flatten(),
        humidity: humidities.get(index).copied().flatten(),
        pressure_pa: pressures.get(index).copied().flatten(),
        ..Measurement::default()
    };
    Ok((0..probes).map(measurement).collect())
}

/// The flags say only that the battery is in order, which published readings of these frames give as 100 %.
fn charge(flags: u8) -> Option<u8> {
    (flags & 1 == 1).then_some(100)
}

/// Minutes, or seconds where the highest bit is set.
fn period(raw: u16) -> u32 {
    let length = u32::from(raw & 0x7FFF);
    if raw & 0x8000 == 0 { length.saturating_mul(60) } else { length }
}
