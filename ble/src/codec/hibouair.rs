//! Smart Sensor Devices HibouAir (company 0x075B).
//!
//! Source: the layout in reelyactive/advlib-ble-manufacturers (`smartsensordevices`). Little-endian tenths,
//! but the carbon dioxide, which is big-endian.

use super::fields::{exactly, humidity_tenths};
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// HibouAir PM, CO2 and NO2 boards.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "HibouAir (Smart Sensor Devices)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x075B, decode)],
};

const DEVICE: &str = "hibouair";
const FORMAT: &str = "hibouair";

/// Decodes manufacturer data of company 0x075B.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0x05, board, _, _, _, _, _, p0, p1, t0, t1, h0, h1, .., c0, c1, _] =
        *exactly::<24>(FORMAT, frame.payload)?
    else {
        return Err(DecodeError::UnknownFormat);
    };
    let measurement = Measurement {
        temperature: Some(celsius(FORMAT, i16::from_le_bytes([t0, t1]), 100)?),
        humidity: humidity_tenths(u16::from_le_bytes([h0, h1])),
        pressure_pa: Some(u32::from(u16::from_le_bytes([p0, p1])).saturating_mul(10)),
        co2_ppm: matches!(board, 0x04 | 0x09).then_some(u32::from(u16::from_be_bytes([c0, c1]))),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
