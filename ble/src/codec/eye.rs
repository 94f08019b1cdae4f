//! Teltonika EYE Sensor (company 0x089A).
//!
//! Source: wiki.teltonika-gps.com, "EYE SENSOR / BTSMP1", sensor advertising. All numbers are big-endian;
//! a byte of flags says which values follow, in the order of its bits. It comes in the scan response.

use super::fields::{humidity_percent, hundredths};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::bytes::Bytes;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// EYE Sensor BTSMP1 and its relatives.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Teltonika EYE Sensor",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Company(0x089A, decode)],
};

const DEVICE: &str = "teltonika-eye";
const FORMAT: &str = "teltonika-eye-v1";

/// Decodes manufacturer data of company 0x089A.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let mut bytes = Bytes(frame.payload);
    let truncated = DecodeError::Truncated { format: FORMAT, have: frame.payload.len() };
    match bytes.u8() {
        Some(1) => {}
        Some(version) => return Err(DecodeError::UnknownVersion { format: FORMAT, version }),
        None => return Err(truncated),
    }
    let measurement = measurement(&mut bytes).ok_or(truncated)??;
    heard(DEVICE, FORMAT, None, [measurement])
}

/// `None` if the bytes end before the values that the flags announce.
fn measurement(bytes: &mut Bytes<'_>) -> Option<Result<Measurement, DecodeError>> {
    let flags = bytes.u8()?;
    let has = |bit: u8| flags >> bit & 1 == 1;
    let mut read = Measurement::default();
    if has(0) {
        match hundredths(FORMAT, i16::from_be_bytes(bytes.array()?)) {
            Ok(temperature) => read.temperature = temperature,
            Err(error) => return Some(Err(error)),
        }
    }
    if has(1) {
        read.humidity = humidity_percent(bytes.u8()?);
    }
    if has(4) {
        // The highest bit says that it moves now, the rest counts how often it began to.
        read.movement = Some(u32::from(u16::from_be_bytes(bytes.array()?) & 0x7FFF));
    }
    if has(5) {
        let _pitch_and_roll = bytes.array::<3>()?;
    }
    if has(7) {
        read.battery_mv = Some(u32::from(bytes.u8()?).saturating_mul(10).saturating_add(2000));
    }
    Some(Ok(read))
}
