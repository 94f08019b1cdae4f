//! Moat S2 thermometers (company 0x1000).
//!
//! Source: the layout in custom-components/ble_monitor (`moat.py`). Little-endian, in the formulas of the
//! sensor (an SHT2x).

use super::fields::{exactly, humidity_fraction};
use super::value::celsius_fraction;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Moat.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Moat (S2)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x1000, decode)],
};

const DEVICE: &str = "moat";
const FORMAT: &str = "moat-s2";

/// Decodes manufacturer data of company 0x1000.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, _, _, _, _, _, _, _, _, _, t0, t1, h0, h1, v0, v1, _, _] = *exactly::<18>(FORMAT, frame.payload)?;
    let (temperature, humidity) = (u16::from_le_bytes([t0, t1]), u16::from_le_bytes([h0, h1]));
    // −46.85 °C and 175.72 °C, −6 % and 125 % times the raw value of 16 bits.
    let numerator = i64::from(temperature).saturating_mul(17_572).saturating_sub(4685 * 65_536);
    let moisture = i64::from(humidity).saturating_mul(125).saturating_sub(6 * 65_536);
    let measurement = Measurement {
        temperature: Some(celsius_fraction(FORMAT, numerator, 6_553_600)?),
        humidity: humidity_fraction(moisture.clamp(0, 100 * 65_536), 65_536),
        battery_mv: Some(u32::from(u16::from_le_bytes([v0, v1]))),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
