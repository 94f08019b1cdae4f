//! Grundfos ALPHA Reader MI401 at a pump (company 0xF214).
//!
//! Source: the layout in custom-components/ble_monitor (`grundfos.py`). The temperature is that of the
//! pumped water.

use super::fields::exactly;
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Grundfos' reader of pumps.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Grundfos ALPHA Reader (pumped water)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0xF214, decode)],
};

const DEVICE: &str = "grundfos";
const FORMAT: &str = "grundfos-mi401";

/// Decodes manufacturer data of company 0xF214; whole degrees without a sign.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [_, _, counter, _, _, _, _, _, _, _, _, _mode, degrees, ..] = *exactly::<19>(FORMAT, frame.payload)?;
    let measurement = Measurement {
        temperature: Some(celsius(FORMAT, degrees, 1000)?),
        sequence: Some(u32::from(counter)),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
