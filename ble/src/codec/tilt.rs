//! Tilt hydrometers in fermenting beer (an iBeacon with one of eight UUIDs, one for each colour).
//!
//! Source: kvurd.com, "Tilt Hydrometer iBeacon data format", and custom-components/ble_monitor
//! (`tilt.py`). Major is the temperature in degrees Fahrenheit, minor the gravity in thousandths; the Tilt
//! Pro sends ten times both.

use super::fields::exactly;
use super::value::celsius_fraction;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Tilt and Tilt Pro.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Tilt hydrometer (beer)",
    formats: &[TILT, PRO],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x004C, decode)],
};

const DEVICE: &str = "tilt";
const TILT: &str = "tilt";
const PRO: &str = "tilt-pro";
/// What follows the colour in the UUID.
const REST: [u8; 12] = [0xC5, 0xB1, 0x4B, 0x44, 0xB5, 0x12, 0x13, 0x70, 0xF0, 0x2D, 0x74, 0xDE];

/// Decodes an iBeacon with a Tilt's UUID.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let Some(([0x02, 0x15, 0xA4, 0x95, 0xBB, 0x10 | 0x20 | 0x30 | 0x40 | 0x50 | 0x60 | 0x70 | 0x80], rest)) =
        frame.payload.split_first_chunk::<6>()
    else {
        return Err(DecodeError::UnknownFormat);
    };
    let Some((&REST, values)) = rest.split_first_chunk::<12>() else {
        return Err(DecodeError::UnknownFormat);
    };
    let [f0, f1, g0, g1, _power] = *exactly::<5>(TILT, values)?;
    let (fahrenheit, gravity) = (i16::from_be_bytes([f0, f1]), u16::from_be_bytes([g0, g1]));
    if fahrenheit == 999 {
        // At its start it sends its version in the place of the gravity.
        return Err(DecodeError::NoMeasurement { format: TILT });
    }
    let (format, tenths) = if gravity >= 5000 {
        (PRO, i64::from(fahrenheit))
    } else {
        (TILT, i64::from(fahrenheit).saturating_mul(10))
    };
    let temperature = celsius_fraction(format, tenths.saturating_sub(320).saturating_mul(5), 90)?;
    let measurement = Measurement { temperature: Some(temperature), ..Measurement::default() };
    heard(DEVICE, format, None, [measurement])
}
