//! Eddystone-TLM, the telemetry of beacons of any maker (service data 0xFEAA, frame 0x20).
//!
//! Source: google/eddystone, "Eddystone-TLM", unencrypted. Big-endian; the temperature is signed 8.8 fixed
//! point and often that of the chip.

use super::fields::{exactly, fixed_point};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::BluetoothUuid;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Beacons that send telemetry.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Eddystone-TLM (beacons of any maker)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Service(BluetoothUuid::Short(0xFEAA), decode)],
};

const DEVICE: &str = "eddystone";
const FORMAT: &str = "eddystone-tlm";

/// Decodes a plain telemetry frame; a voltage of zero is none.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0x20, 0x00, ..] = frame.payload else { return Err(DecodeError::UnknownFormat) };
    let [_, _, v0, v1, t0, t1, n0, n1, n2, n3, s0, s1, s2, s3] = *exactly::<14>(FORMAT, frame.payload)?;
    let battery_mv = u32::from(u16::from_be_bytes([v0, v1]));
    let measurement = Measurement {
        temperature: fixed_point(FORMAT, i16::from_be_bytes([t0, t1]))?,
        battery_mv: (battery_mv != 0).then_some(battery_mv),
        sequence: Some(u32::from_be_bytes([n0, n1, n2, n3])),
        uptime_s: Some(u32::from_be_bytes([s0, s1, s2, s3]) / 10),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, None, [measurement])
}
