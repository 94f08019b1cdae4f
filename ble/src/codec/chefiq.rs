//! Chef iQ CQ60 thermometers of food (company 0x05CD).
//!
//! Source: the layout in custom-components/ble_monitor (`chefiq.py`). Little-endian tenths of a degree. A
//! probe in its charger sends 0x7FFB for every sensor, or 0xFE for the one of whole degrees.

use super::fields::exactly;
use super::value::{celsius, percent};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::MilliCelsius;

/// Chef iQ.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Chef iQ (CQ60, food)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x05CD, decode)],
};

const DEVICE: &str = "chefiq";
const FORMAT: &str = "chefiq-cq60";

/// Decodes manufacturer data of company 0x05CD: the three sensors along the probe, then its tip, the meat
/// as the maker works it out of them, and the oven.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, _, charge, whole, _, _, m0, m1, t0, t1, a0, a1, b0, b1, o0, o1, _, _] =
        *exactly::<18>(FORMAT, frame.payload)?;
    let third = match i8::from_le_bytes([whole]) {
        -2 | -1 => None,
        _ => Some(celsius(FORMAT, whole, 1000)?),
    };
    let (first, second) = (tenths([a0, a1])?, tenths([b0, b1])?);
    let probes = [first, second, third, tenths([t0, t1])?, tenths([m0, m1])?, tenths([o0, o1])?];
    let mut readings: Vec<Measurement> = (0_u8..)
        .zip(probes)
        .map(|(probe, temperature)| Measurement { probe, temperature, ..Measurement::default() })
        .collect();
    if let Some(first) = readings.first_mut() {
        first.battery_pct = percent(charge);
    }
    heard(DEVICE, FORMAT, None, readings)
}

fn tenths(raw: [u8; 2]) -> Result<Option<MilliCelsius>, DecodeError> {
    match i16::from_le_bytes(raw) {
        0x7FF0..=i16::MAX => Ok(None),
        raw => celsius(FORMAT, raw, 100).map(Some),
    }
}
