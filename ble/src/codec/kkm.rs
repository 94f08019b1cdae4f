//! KKM K6, K9 and KSensor beacons (service data 0xFEAA, frame 0x21).
//!
//! Source: the layouts in theengs/decoder (`KKM_K6P`, `KKM_K9`). Big-endian; a byte of flags says which
//! values follow. Temperature and humidity are signed 8.8 fixed point, not a whole and hundredths.

use super::fields::{fixed_point, humidity_fraction};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::BluetoothUuid;
use crate::bytes::Bytes;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// KKM's sensor beacons.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "KKM (K6, K9, KSensor)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Service(BluetoothUuid::Short(0xFEAA), decode)],
};

const DEVICE: &str = "kkm";
const FORMAT: &str = "kkm-sensor";

/// Decodes Eddystone's UUID with KKM's own frame.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0x21, 0x01, flags, rest @ ..] = frame.payload else { return Err(DecodeError::UnknownFormat) };
    let truncated = DecodeError::Truncated { format: FORMAT, have: frame.payload.len() };
    let has = |bit: u8| flags >> bit & 1 == 1;
    let mut bytes = Bytes(rest);
    let mut read = Measurement::default();
    if has(0) {
        let raw = bytes.array().map(u16::from_be_bytes).ok_or(truncated.clone())?;
        read.battery_mv = Some(u32::from(raw));
    }
    if has(1) {
        let raw = bytes.array().map(i16::from_be_bytes).ok_or(truncated.clone())?;
        read.temperature = fixed_point(FORMAT, raw)?;
    }
    if has(2) {
        let raw = bytes.array().map(i16::from_be_bytes).ok_or(truncated.clone())?;
        read.humidity = humidity_fraction(i64::from(raw), 256);
    }
    if has(3) {
        let [x0, x1, y0, y1, z0, z1] = bytes.array().ok_or(truncated)?;
        let axis = |high, low| i16::from_be_bytes([high, low]);
        read.acceleration_mg = Some([axis(x0, x1), axis(y0, y1), axis(z0, z1)]);
    }
    heard(DEVICE, FORMAT, None, [read])
}
