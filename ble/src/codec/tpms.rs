//! Tyre pressure sensors of several brands (company 0x0100).
//!
//! Source: the layout in theengs/decoder (`TPMS`). Little-endian; the address is in printed order, and its
//! first byte counts the wheels from 0x80 on.

use super::fields::{exactly, is_named, sent_by};
use super::value::{celsius, percent};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::Address;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// The valve caps.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Tyre pressure sensors (TPMS, several brands)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x0100, decode)],
};

const DEVICE: &str = "tpms";
const FORMAT: &str = "tpms";

/// Decodes manufacturer data of company 0x0100. The pressure is the tyre's above that of the air.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [a @ 0x80..=0x8F, b, c, ..] = *frame.payload else { return Err(DecodeError::UnknownFormat) };
    if [b, c] != [0xEA, 0xCA] && !is_named(frame, "TPMS") {
        return Err(DecodeError::UnknownFormat);
    }
    let [_, _, _, d, e, g, p0, p1, p2, p3, t0, t1, t2, t3, charge, _alarm] =
        *exactly::<16>(FORMAT, frame.payload)?;
    let address = Address([a, b, c, d, e, g]);
    sent_by(frame, address)?;
    let measurement = Measurement {
        temperature: Some(celsius(FORMAT, i32::from_le_bytes([t0, t1, t2, t3]), 10)?),
        pressure_pa: u32::try_from(i32::from_le_bytes([p0, p1, p2, p3])).ok(),
        battery_pct: percent(charge),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, Some(address), [measurement])
}
