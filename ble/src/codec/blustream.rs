//! Blustream sensors of instruments and cases (company 0x0194).
//!
//! Source: the layout in custom-components/ble_monitor (`blustream.py`). Big-endian; the end of the address
//! stands reversed before the values.

use super::fields::{exactly, humidity_hundredths, hundredths, may_end_in};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Blustream, also sold as TaylorSense.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Blustream",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x0194, decode)],
};

const DEVICE: &str = "blustream";
const FORMAT: &str = "blustream";

/// Decodes manufacturer data of company 0x0194.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, a, b, c, _, h0, h1, t0, t1] = *exactly::<9>(FORMAT, frame.payload)?;
    if !may_end_in(frame, &[c, b, a]) {
        return Err(DecodeError::UnknownFormat);
    }
    let measurement = Measurement {
        temperature: hundredths(FORMAT, i16::from_be_bytes([t0, t1]))?,
        humidity: humidity_hundredths(u16::from_be_bytes([h0, h1])),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
