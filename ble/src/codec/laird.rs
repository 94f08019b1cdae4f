//! Laird Connectivity BT510 and BT6xx (company 0x0077).
//!
//! Source: the layout in reelyactive/advlib-ble-manufacturers (`lairdconnectivity`). Little-endian; one record
//! an advert: the BT510's temperature in hundredths, a BT6xx's thermistors as IEEE 754 numbers.

use super::fields::{exactly, sent_by};
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, float, heard};
use crate::address::Address;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// The Sentrius sensors.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Laird Connectivity (BT510, BT6xx)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x0077, decode)],
};

const DEVICE: &str = "laird";
const FORMAT: &str = "laird-record";

/// Decodes manufacturer data of company 0x0077, protocol 1.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0x01, 0x00, ..] = frame.payload else { return Err(DecodeError::UnknownFormat) };
    let [_, _, _, _, _, _, a, b, c, d, e, g, record, n0, n1, _, _, _, _, v0, v1, v2, v3, _] =
        *exactly::<24>(FORMAT, frame.payload)?;
    let address = Address::from_reversed([a, b, c, d, e, g]);
    sent_by(frame, address)?;
    let raw = u32::from_le_bytes([v0, v1, v2, v3]);
    let mut read = Measurement::default();
    match record {
        // The temperature itself, and the alarms that repeat it.
        1 | 4..=10 => read.temperature = Some(celsius(FORMAT, raw.cast_signed(), 10)?),
        18..=21 => {
            let out_of_range = DecodeError::OutOfRange { format: FORMAT, quantity: "temperature" };
            read.probe = record.saturating_sub(18);
            read.temperature = Some(celsius(FORMAT, float::scaled(raw, 1000).ok_or(out_of_range)?, 1)?);
        }
        12 | 13 | 16 => read.battery_mv = Some(raw),
        _ => return Err(DecodeError::NoMeasurement { format: FORMAT }),
    }
    read.sequence = Some(u32::from(u16::from_le_bytes([n0, n1])));
    heard(DEVICE, FORMAT, Some(address), [read])
}
