//! Air Mentor Pro 2 and 2S, which put the kind of frame into the company identifier.
//!
//! Source: the layouts in custom-components/ble_monitor (`airmentor.py`). Big-endian. The humidity of the
//! Pro 2 needs a correction by exponentials and is left out; that of the 2S is taken as sent.

use super::fields::{exactly, humidity_percent};
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::MilliCelsius;

/// Air Mentor.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Air Mentor (Pro 2, 2S)",
    formats: &[PRO_2, S2],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Company(0x2112, decode_pro_2),
        Carrier::Company(0x2122, decode_pro_2),
        Carrier::Company(0x2111, decode_pro_2_co2),
        Carrier::Company(0x2121, decode_pro_2_co2),
        Carrier::Company(0x5112, decode_2s),
        Carrier::Company(0x5122, decode_2s),
        Carrier::Company(0x6111, decode_2s_co2),
        Carrier::Company(0x6121, decode_2s_co2),
    ],
};

const DEVICE: &str = "air-mentor";
const PRO_2: &str = "air-mentor-pro-2";
const S2: &str = "air-mentor-2s";

fn decode_pro_2(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, _, t0, t1, _, _, _, _] = *exactly::<8>(PRO_2, frame.payload)?;
    let measurement =
        Measurement { temperature: Some(temperature(PRO_2, [t0, t1])?), ..Measurement::default() };
    heard(DEVICE, PRO_2, None, [measurement])
}

fn decode_pro_2_co2(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [c0, c1, ..] = *exactly::<8>(PRO_2, frame.payload)?;
    heard(DEVICE, PRO_2, None, [co2([c0, c1])])
}

fn decode_2s(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, _, t0, t1, _, moisture, ..] = *exactly::<12>(S2, frame.payload)?;
    let measurement = Measurement {
        temperature: Some(temperature(S2, [t0, t1])?),
        humidity: humidity_percent(moisture),
        ..Measurement::default()
    };
    heard(DEVICE, S2, None, [measurement])
}

fn decode_2s_co2(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [c0, c1, ..] = *exactly::<12>(S2, frame.payload)?;
    heard(DEVICE, S2, None, [co2([c0, c1])])
}

/// Hundredths above −40 °C. The identifiers are no maker's own: what is hotter than 85 °C is another's.
fn temperature(format: &'static str, raw: [u8; 2]) -> Result<MilliCelsius, DecodeError> {
    match u16::from_be_bytes(raw) {
        raw @ ..=12_500 => celsius(format, i32::from(raw).saturating_sub(4000), 10),
        _ => Err(DecodeError::UnknownFormat),
    }
}

fn co2(raw: [u8; 2]) -> Measurement {
    Measurement { co2_ppm: Some(u32::from(u16::from_be_bytes(raw))), ..Measurement::default() }
}
