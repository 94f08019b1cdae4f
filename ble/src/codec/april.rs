//! April Brother N03 (service data 0x0000) and ABTemp (an iBeacon).
//!
//! Source: the layouts in theengs/decoder (`ABN03`, `ABTemp`). The N03 is little-endian, in eighths of a
//! degree and half percents, with the address in printed order.

use super::fields::{exactly, humidity_fraction, sent_by};
use super::value::{celsius, percent};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::{Address, BluetoothUuid};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// April Brother's sensors that send formats of their own.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "April Brother (N03, ABTemp)",
    formats: &[N03, ABTEMP],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Service(BluetoothUuid::Short(0x0000), decode_n03),
        Carrier::Company(0x004C, decode_abtemp),
    ],
};

const DEVICE: &str = "april-brother";
const N03: &str = "april-n03";
const ABTEMP: &str = "april-abtemp";
/// The UUID of an ABTemp's iBeacon.
const BEACON: [u8; 16] =
    [0xB5, 0xB1, 0x82, 0xC7, 0xEA, 0xB1, 0x49, 0x88, 0xAA, 0x99, 0xB5, 0xC1, 0x51, 0x70, 0x08, 0xD9];

/// Decodes service data of 0x0000, which many use: the first two bytes are the model.
fn decode_n03(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [0xAB, 0x03, ..] = frame.payload else { return Err(DecodeError::UnknownFormat) };
    let [_, _, a, b, c, d, e, g, charge, t0, t1, h0, h1, _, _] = *exactly::<15>(N03, frame.payload)?;
    let address = Address([a, b, c, d, e, g]);
    sent_by(frame, address)?;
    let measurement = Measurement {
        temperature: Some(celsius(N03, i16::from_le_bytes([t0, t1]), 125)?),
        humidity: humidity_fraction(i64::from(u16::from_le_bytes([h0, h1])), 2),
        battery_pct: percent(charge),
        ..Measurement::default()
    };
    heard(DEVICE, N03, Some(address), [measurement])
}

/// Decodes an iBeacon whose minor is the charge and the temperature in whole degrees.
fn decode_abtemp(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let Some(([0x02, 0x15], rest)) = frame.payload.split_first_chunk::<2>() else {
        return Err(DecodeError::UnknownFormat);
    };
    let Some((&BEACON, values)) = rest.split_first_chunk::<16>() else {
        return Err(DecodeError::UnknownFormat);
    };
    let [_, _, charge, degrees, _power] = *exactly::<5>(ABTEMP, values)?;
    let measurement = Measurement {
        temperature: Some(celsius(ABTEMP, i8::from_le_bytes([degrees]), 1000)?),
        battery_pct: percent(charge),
        ..Measurement::default()
    };
    heard(DEVICE, ABTEMP, None, [measurement])
}
