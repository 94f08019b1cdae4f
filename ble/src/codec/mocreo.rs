//! MOCREO ST, MS and SD sensors, which put their model into the company identifier.
//!
//! Source: the layouts in custom-components/ble_monitor (`mocreo.py`). Little-endian. The second byte of
//! the identifier is the model; the ST7 has another layout with the model further back.

use super::fields::{humidity_hundredths, humidity_tenths, hundredths};
use super::value::percent;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// MOCREO's sensors.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "MOCREO (ST5 to ST10, MS1 to MS3, SD1)",
    formats: &[FORMAT, ST7],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Name(|name| name.starts_with("MOCREO"), decode)],
};

const DEVICE: &str = "mocreo";
const FORMAT: &str = "mocreo";
const ST7: &str = "mocreo-st7";

/// Decodes the newest manufacturer data, the identifier in front.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    match *frame.payload {
        [0x4A, _, _, _, _, _, _, _, 0x10, _, _, charge, t0, t1, _, _] => {
            let mut read = Measurement { battery_pct: percent(charge & 0x7F), ..Measurement::default() };
            read.temperature = hundredths(ST7, i16::from_le_bytes([t0, t1]))?;
            heard(DEVICE, ST7, None, [read])
        }
        [_, model, _, _, charge, _, a0, a1, b0, b1, h0, h1, _, _, _, _, _, _] => {
            let mut read = Measurement { battery_pct: percent(charge & 0x7F), ..Measurement::default() };
            let first = i16::from_le_bytes([a0, a1]);
            let mut readings = Vec::new();
            match model {
                0x81 | 0x84 | 0x87 | 0x8B | 0x94 | 0x96 => read.temperature = hundredths(FORMAT, first)?,
                0x83 | 0x86 | 0x8D => {
                    read.temperature = hundredths(FORMAT, first)?;
                    read.humidity = humidity_hundredths(u16::from_le_bytes([b0, b1]));
                }
                0x95 => {
                    read.temperature = hundredths(FORMAT, first)?;
                    // Four bits of the byte before are its highest.
                    read.humidity = humidity_tenths(u16::from_be_bytes([h0 >> 4, h1]));
                    let second = hundredths(FORMAT, i16::from_le_bytes([b0, b1]))?;
                    readings.push(Measurement { probe: 1, temperature: second, ..Measurement::default() });
                }
                // The SW2 tells water, not temperature.
                0x82 => {}
                _ => return Err(DecodeError::UnknownFormat),
            }
            readings.insert(0, read);
            heard(DEVICE, FORMAT, None, readings)
        }
        [_, 0x81..=0x96, ..] => Err(DecodeError::Truncated { format: FORMAT, have: frame.payload.len() }),
        _ => Err(DecodeError::UnknownFormat),
    }
}
