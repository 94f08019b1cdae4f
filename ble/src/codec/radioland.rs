//! RadioLand RDL52832 (service data 0x0318 or 0x1803 beside an iBeacon).
//!
//! Source: the layout in theengs/decoder (`RDL52832`). Big-endian, signed 8.8 fixed point.

use super::fields::{exactly, fixed_point, humidity_fraction, is_named};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::BluetoothUuid;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// RadioLand's beacon with sensors.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "RadioLand (RDL52832)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Service(BluetoothUuid::Short(0x0318), decode),
        Carrier::Service(BluetoothUuid::Short(0x1803), decode),
    ],
};

const DEVICE: &str = "radioland";
const FORMAT: &str = "rdl52832";
/// How its iBeacon begins.
const BEACON: [u8; 6] = [0x02, 0x15, 0xFD, 0xA5, 0x06, 0x93];

/// Decodes service data that stand beside RadioLand's name or iBeacon: 0x1803 is the Link Loss service.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let beacon = frame.advert.manufacturer_data.get(&0x004C);
    if !is_named(frame, "RDL52832") && !beacon.is_some_and(|payload| payload.starts_with(&BEACON)) {
        return Err(DecodeError::UnknownFormat);
    }
    let [t0, t1, h0, h1, ..] = *exactly::<16>(FORMAT, frame.payload)?;
    let measurement = Measurement {
        temperature: fixed_point(FORMAT, i16::from_be_bytes([t0, t1]))?,
        humidity: humidity_fraction(i64::from(i16::from_be_bytes([h0, h1])), 256),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
