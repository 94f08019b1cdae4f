//! Aranet4 (company 0x0702).
//!
//! Source: the layout in theengs/decoder (`ARANET4`) and, for what marks a value as invalid,
//! Anrijs/Aranet4-Python. Little-endian; the values begin behind the firmware's version.

use super::fields::{exactly, humidity_percent};
use super::value::{celsius, percent};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Aranet4 with "Smart Home integration" switched on.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Aranet4",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x0702, decode)],
};

const DEVICE: &str = "aranet";
const FORMAT: &str = "aranet4";

/// Decodes manufacturer data of company 0x0702.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, _, _, _, _, _, _, _, c0, c1, t0, t1, p0, p1, moisture, charge, _status, i0, i1, _, _, _] =
        *exactly::<22>(FORMAT, frame.payload)?;
    let raw = i16::from_le_bytes([t0, t1]);
    // While it calibrates itself it sends values above the highest: bit 14 of a temperature, bit 15 else.
    let temperature = match raw {
        -1 | 0x4000.. => None,
        raw => Some(celsius(FORMAT, raw, 50)?),
    };
    let below_bit_15 = |bytes: [u8; 2]| Some(u16::from_le_bytes(bytes)).filter(|raw| raw & 0x8000 == 0);
    let measurement = Measurement {
        temperature,
        humidity: humidity_percent(moisture),
        pressure_pa: below_bit_15([p0, p1]).map(|raw| u32::from(raw).saturating_mul(10)),
        battery_pct: percent(charge),
        interval_s: Some(u32::from(u16::from_le_bytes([i0, i1]))),
        co2_ppm: below_bit_15([c0, c1]).map(u32::from),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
