//! Acconeer XM122 and XM126 radar modules (company 0xACC0).
//!
//! Source: the layouts in custom-components/ble_monitor (`acconeer.py`). Little-endian, whole degrees.

use super::value::{celsius, percent};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Acconeer's modules.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Acconeer (XM122, XM126)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0xACC0, decode)],
};

const DEVICE: &str = "acconeer";
const FORMAT: &str = "acconeer-xm";

/// Decodes manufacturer data of company 0xACC0: presence (0x80, 0x91) or distance (0x90).
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0x80 | 0x90 | 0x91, b0, b1, t0, t1, ..] = *frame.payload else {
        return Err(DecodeError::UnknownFormat);
    };
    if frame.payload.len() != 15 {
        return Err(DecodeError::Truncated { format: FORMAT, have: frame.payload.len() });
    }
    let charge = u8::try_from(u16::from_le_bytes([b0, b1])).ok();
    let measurement = Measurement {
        temperature: Some(celsius(FORMAT, i16::from_le_bytes([t0, t1]), 1000)?),
        battery_pct: charge.and_then(percent),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
