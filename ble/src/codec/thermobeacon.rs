//! ThermoBeacon hygrometers: WS02, WS08 and others, sold under many names.
//!
//! Source: the public decoders thermobeacon-ble, ble_monitor and Theengs. The identifiers belong to
//! other companies, so that a device must show its address or its name. An advert of twenty bytes holds
//! the highest and lowest values since the last reset, which are no reading.

use super::value::{celsius_fraction, humidity};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::Address;
use crate::bytes::Bytes;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// ThermoBeacon's hygrometers.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "ThermoBeacon (WS02, WS08 and others)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Company(0x0010, decode),
        Carrier::Company(0x0011, decode),
        Carrier::Company(0x0014, decode),
        Carrier::Company(0x0015, decode),
        Carrier::Company(0x0018, decode),
        Carrier::Company(0x001B, decode),
        Carrier::Company(0x0020, decode),
        Carrier::Company(0x0030, decode),
    ],
};

const DEVICE: &str = "thermobeacon";
const FORMAT: &str = "thermobeacon";

fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let mut bytes = Bytes(frame.payload);
    let (Some([0, _button]), Some(address), Some([v0, v1, t0, t1, h0, h1]), Some(uptime), []) =
        (bytes.array(), bytes.array(), bytes.array(), bytes.array(), bytes.0)
    else {
        return Err(DecodeError::UnknownFormat);
    };
    let address = Address::from_reversed(address);
    if !is_own(frame, address) {
        return Err(DecodeError::UnknownFormat);
    }
    let battery_mv = u32::from(u16::from_le_bytes([v0, v1]));
    // No cell that fits gives another voltage: the bytes are another's.
    if !(1500..=4500).contains(&battery_mv) {
        return Err(DecodeError::UnknownFormat);
    }
    let temperature = celsius_fraction(FORMAT, i64::from(i16::from_le_bytes([t0, t1])), 16)?;
    if !(-100_000..=100_000).contains(&temperature.0) {
        return Err(DecodeError::OutOfRange { format: FORMAT, quantity: "temperature" });
    }
    let measurement = Measurement {
        temperature: Some(temperature),
        humidity: Some(humidity(FORMAT, u16::from_le_bytes([h0, h1]), 625)?),
        battery_mv: Some(battery_mv),
        uptime_s: Some(u32::from_le_bytes(uptime)),
        ..Measurement::default()
    };
    heard(DEVICE, FORMAT, Some(address), [measurement])
}

/// Whether the advert names the device or comes from the address that it states; all published
/// addresses also have two zeros in their middle.
fn is_own(frame: &Frame<'_>, address: Address) -> bool {
    let named = frame.advert.name.as_deref().is_some_and(|name| name.starts_with("ThermoBeacon"));
    let [_, _, zero, nought, _, _] = address.0;
    named || frame.advert.address == Some(address) || [zero, nought] == [0, 0]
}
