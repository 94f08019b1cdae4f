//! EnOcean STM 550B and other sensor modules (company 0x03DA).
//!
//! Source: EnOcean, "BLE Sensor Protocol Specification", as reelyactive/advlib-ble-manufacturers reads it
//! (`enocean`). Little-endian: a counter, values that each begin with their size and kind, and a signature,
//! which is not verified here.

use super::fields::humidity_fraction;
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::bytes::{Bytes, signed_le, unsigned_le};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// EnOcean's sensors of 2.4 GHz.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "EnOcean (STM 550B and other sensor modules)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x03DA, decode)],
};

const DEVICE: &str = "enocean";
const FORMAT: &str = "enocean-sensor";
/// Kinds from here on are commands and settings.
const COMMANDS: u8 = 0x30;

/// Decodes manufacturer data of company 0x03DA; the values must end where the signature begins.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let truncated = DecodeError::Truncated { format: FORMAT, have: frame.payload.len() };
    let (body, _signature) = frame.payload.split_last_chunk::<4>().ok_or(truncated.clone())?;
    let mut bytes = Bytes(body);
    let counter = bytes.array().map(u32::from_le_bytes).ok_or(truncated.clone())?;
    if bytes.0.len() < 2 {
        // A switch sends one byte of its buttons in another layout.
        return Err(DecodeError::UnknownFormat);
    }
    let mut read = Measurement::default();
    while let Some(descriptor) = bytes.u8() {
        if descriptor & 0x3F >= COMMANDS {
            return Err(DecodeError::NoMeasurement { format: FORMAT });
        }
        let length = match descriptor >> 6 {
            3 => usize::from(bytes.u8().ok_or(truncated.clone())?),
            size => 1 << size,
        };
        take(&mut read, descriptor & 0x3F, bytes.slice(length).ok_or(truncated.clone())?)?;
    }
    if read == Measurement::default() {
        return Err(DecodeError::NoMeasurement { format: FORMAT });
    }
    read.sequence = Some(counter);
    heard(DEVICE, FORMAT, None, [read])
}

/// The two highest values of each kind are "out of bounds" and "invalid".
fn take(read: &mut Measurement, kind: u8, value: &[u8]) -> Result<(), DecodeError> {
    let (signed, unsigned) = (signed_le(value), unsigned_le(value));
    let known = !matches!(signed, 0x7FFF | -0x8000);
    match (kind, value.len()) {
        (0x00, 2) if known => read.temperature = Some(celsius(FORMAT, signed, 10)?),
        // Half millivolts.
        (0x01, 2) if known => read.battery_mv = u32::try_from(signed).ok().map(|half| half / 2),
        (0x02, 1) if unsigned <= 200 => read.battery_pct = u8::try_from(unsigned / 2).ok(),
        (0x06, 1) if unsigned <= 200 => read.humidity = humidity_fraction(i64::from(unsigned), 2),
        (0x07, 2) if known => {
            read.pressure_pa = u32::try_from(signed).ok().and_then(|hpa| hpa.checked_mul(100))
        }
        _ => {}
    }
    Ok(())
}
