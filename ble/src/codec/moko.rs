//! MOKO BeaconX Pro (service data 0xFEAB).
//!
//! Source: the layout in theengs/decoder (`MBXPRO`). Big-endian tenths in frame 0x70; the other frames
//! measure no temperature.

use super::fields::humidity_tenths;
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::BluetoothUuid;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// MOKO's beacons with sensors.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "MOKO (BeaconX Pro)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Service(BluetoothUuid::Short(0xFEAB), decode)],
};

const DEVICE: &str = "moko";
const FORMAT: &str = "moko-beaconx";

/// Decodes service data of 0xFEAB.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    match *frame.payload {
        [0x70, _, _, t0, t1, h0, h1, v0, v1, ..] => {
            let measurement = Measurement {
                temperature: Some(celsius(FORMAT, i16::from_be_bytes([t0, t1]), 100)?),
                humidity: humidity_tenths(u16::from_be_bytes([h0, h1])),
                battery_mv: Some(u32::from(u16::from_be_bytes([v0, v1]))),
                ..Measurement::default()
            };
            heard(DEVICE, FORMAT, None, [measurement])
        }
        [0x70, ..] => Err(DecodeError::Truncated { format: FORMAT, have: frame.payload.len() }),
        [0x40 | 0x60, ..] => Err(DecodeError::NoMeasurement { format: FORMAT }),
        _ => Err(DecodeError::UnknownFormat),
    }
}
