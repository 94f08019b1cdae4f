//! Almendo bluSensor (company 0x06E8).
//!
//! Source: the layout in custom-components/ble_monitor (`almendo.py`). Little-endian.

use super::fields::{humidity_hundredths, hundredths};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// bluSensor AIQ, sold as "Mini".
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "bluSensor (Almendo)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x06E8, decode)],
};

const DEVICE: &str = "blusensor";
const FORMAT: &str = "blusensor-v1";

/// Decodes manufacturer data of company 0x06E8: version 1, model 0x0A.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [1, _, 0x0A, _, _, _, _, t0, t1, h0, h1, c0, c1, _, _, _, ..] = *frame.payload else {
        return Err(match frame.payload {
            [1, _, 0x0A, ..] | [1, _] | [1] => {
                DecodeError::Truncated { format: FORMAT, have: frame.payload.len() }
            }
            _ => DecodeError::UnknownFormat,
        });
    };
    let measurement = Measurement {
        temperature: hundredths(FORMAT, i16::from_le_bytes([t0, t1]))?,
        humidity: humidity_hundredths(u16::from_le_bytes([h0, h1])),
        co2_ppm: Some(u32::from(u16::from_le_bytes([c0, c1]))),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
