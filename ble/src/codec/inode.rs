//! iNode Care Sensors, whose kind is the high byte of the company identifier.
//!
//! Source: the layout in custom-components/ble_monitor (`inode.py`), which follows the maker's document of
//! its advertisements. Little-endian.

use super::fields::humidity_fraction;
use super::value::{celsius, celsius_fraction};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::MilliCelsius;

/// iNode Care Sensor 1 to 6, T, HT, PT and PHT.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "iNode Care Sensor (1 to 6, T, HT, PT, PHT)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::CompanyLike(is_care_sensor, decode)],
};

const DEVICE: &str = "inode";
const FORMAT: &str = "inode-care";

/// The low byte is 0x90 or 0xA0 and four bits of state.
fn is_care_sensor(company: u16) -> bool {
    let [low, high] = company.to_le_bytes();
    matches!(low >> 4, 0x9 | 0xA) && matches!(high, 0x91..=0x96 | 0x9A..=0x9D)
}

/// Decodes manufacturer data with the identifier in front.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, kind, _, battery, _, _, p0, p1, t0, t1, h0, h1, ..] = *frame.payload else {
        return Err(DecodeError::UnknownFormat);
    };
    if frame.payload.len() != 24 {
        return Err(DecodeError::UnknownFormat);
    }
    let (pressure, humidity) = (u16::from_le_bytes([p0, p1]), u16::from_le_bytes([h0, h1]));
    let mut read = Measurement { temperature: Some(temperature(kind, [t0, t1])?), ..Measurement::default() };
    if matches!(kind, 0x93 | 0x9B | 0x9D) {
        // −6 % and 125 % times the raw value of 14 bits.
        let numerator = i64::from(humidity).saturating_mul(500).saturating_sub(6 * 65_536);
        read.humidity = humidity_fraction(numerator.clamp(0, 100 * 65_536), 65_536);
    }
    if matches!(kind, 0x9C | 0x9D) {
        // Sixteenths of a hectopascal.
        read.pressure_pa = Some(u32::from(pressure).saturating_mul(100) / 16);
    }
    if let Some(percent) = charge(battery >> 4) {
        read.battery_pct = Some(percent);
        // The maker defines the step of the charge by the voltage: 12 mV a percent above 1.8 V at 10 %.
        read.battery_mv = Some(u32::from(percent).saturating_mul(12).saturating_add(1680));
    }
    heard(DEVICE, FORMAT, None, [read])
}

fn temperature(kind: u8, raw: [u8; 2]) -> Result<MilliCelsius, DecodeError> {
    let value = i64::from(u16::from_le_bytes(raw));
    match kind {
        // Whole degrees; below zero as 13 bits.
        0x91 | 0x94..=0x96 => {
            let degrees = if value > 127 { value.saturating_sub(8192) } else { value };
            celsius(FORMAT, degrees, 1000)
        }
        // Sixteenths in 13 bits of two's complement.
        0x92 | 0x9A => {
            let sixteenths = value & 0x1FFF;
            let signed = if sixteenths >= 0x1000 { sixteenths.saturating_sub(0x2000) } else { sixteenths };
            celsius_fraction(FORMAT, signed, 16)
        }
        0x9C => {
            let steps = i64::from(i16::from_le_bytes(raw));
            celsius_fraction(FORMAT, steps.saturating_add(42 * 480 + 240), 480)
        }
        // −46.85 °C and 175.72 °C times the raw value of 14 bits.
        _ => {
            let numerator = value.saturating_mul(4 * 17_572).saturating_sub(4685 * 65_536);
            celsius_fraction(FORMAT, numerator, 6_553_600)
        }
    }
}

/// Tenths of the full charge: 1 is full, 2 to 11 are 10 % to 100 %.
fn charge(step: u8) -> Option<u8> {
    match step {
        0 => None,
        1 => Some(100),
        _ => Some(step.min(11).saturating_sub(1).saturating_mul(10)),
    }
}
