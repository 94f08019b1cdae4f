//! Michelin TMS tyre sensors (company 0x0828).
//!
//! Source: the layout in custom-components/ble_monitor (`michelin.py`). Little-endian; the temperature is
//! in whole degrees above −60 °C, the pressure in hectopascals and absolute.

use super::fields::exactly;
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Michelin's tyre sensors.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Michelin TMS (tyres)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x0828, decode)],
};

const DEVICE: &str = "michelin";
const FORMAT: &str = "michelin-tms";

/// Decodes manufacturer data of company 0x0828: frames 3 and 4.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, 0x03 | 0x04, ..] = frame.payload else { return Err(DecodeError::UnknownFormat) };
    let [_, _, degrees, voltage, p0, p1, _, _, _, _, n0, n1, n2, n3] = *exactly::<14>(FORMAT, frame.payload)?;
    let measurement = Measurement {
        temperature: Some(celsius(FORMAT, i16::from(degrees).saturating_sub(60), 1000)?),
        pressure_pa: Some(u32::from(u16::from_le_bytes([p0, p1])).saturating_mul(100)),
        battery_mv: Some(u32::from(voltage).saturating_mul(10).saturating_add(1000)),
        sequence: Some(u32::from_le_bytes([n0, n1, n2, n3])),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
