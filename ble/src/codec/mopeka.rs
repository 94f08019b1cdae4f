//! Mopeka Pro tank sensors (company 0x0059).
//!
//! Source: the layout in theengs/decoder (`Mopeka`). The identifier is that of a maker of chips, so that
//! length, hardware and the end of the address must agree.

use super::fields::may_end_in;
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Mopeka's sensors measure the tank's wall.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Mopeka Pro (tanks)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x0059, decode)],
};

const DEVICE: &str = "mopeka";
const FORMAT: &str = "mopeka-pro";

/// Decodes manufacturer data of company 0x0059.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0x03..=0x06 | 0x08..=0x0C, battery, degrees, _, _, a, b, c, _, _] = *frame.payload else {
        return Err(DecodeError::UnknownFormat);
    };
    if !may_end_in(frame, &[a, b, c]) {
        return Err(DecodeError::UnknownFormat);
    }
    // Steps of 1/32 V; the maker's app calls 2.2 V empty and 2.85 V full.
    let battery_mv = u32::from(battery & 0x7F).saturating_mul(1000) / 32;
    let charge = battery_mv.saturating_sub(2200).saturating_mul(100) / 650;
    let measurement = Measurement {
        temperature: Some(celsius(FORMAT, i16::from(degrees & 0x7F).saturating_sub(40), 1000)?),
        battery_mv: Some(battery_mv),
        battery_pct: u8::try_from(charge.min(100)).ok(),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
