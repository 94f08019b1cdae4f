//! Oras Hydractiva Digital hand showers, made by Amphiro (company 0xFAEE).
//!
//! Source: the layout in theengs/decoder (`Amphiro`). The temperature is that of the water.

use super::fields::exactly;
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// The shower.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Oras Hydractiva Digital (shower water)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0xFAEE, decode)],
};

const DEVICE: &str = "amphiro";
const FORMAT: &str = "amphiro-shower";

/// Decodes manufacturer data of company 0xFAEE; whole degrees without a sign.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, _, _, _, _, _, _, _, _, _, _, degrees, ..] = *exactly::<19>(FORMAT, frame.payload)?;
    let temperature = Some(celsius(FORMAT, degrees, 1000)?);
    heard(DEVICE, FORMAT, None, [Measurement { temperature, ..Measurement::default() }])
}
