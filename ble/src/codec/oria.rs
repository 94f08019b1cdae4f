//! Oria T201 and T301 (company 0xAA55).
//!
//! Source: the layouts in theengs/decoder (`T201`, `T301`). Big-endian; the address is in printed order.

use super::fields::{exactly, humidity_hundredths, hundredths, sent_by};
use super::value::percent;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::Address;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Oria's thermometers.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Oria (T201, T301)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0xAA55, decode)],
};

const DEVICE: &str = "oria";
const FORMAT: &str = "oria-t";

/// Decodes manufacturer data of company 0xAA55.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, _, a, b, c, d, e, g, v0, v1, t0, t1, h0, h1, charge, _, _] =
        *exactly::<17>(FORMAT, frame.payload)?;
    let address = Address([a, b, c, d, e, g]);
    sent_by(frame, address)?;
    let measurement = Measurement {
        temperature: hundredths(FORMAT, i16::from_be_bytes([t0, t1]))?,
        humidity: humidity_hundredths(u16::from_be_bytes([h0, h1])),
        battery_mv: Some(u32::from(u16::from_be_bytes([v0, v1])).saturating_mul(10)),
        battery_pct: percent(charge),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, Some(address), [measurement])
}
