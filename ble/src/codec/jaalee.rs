//! Jaalee JHT and its relatives (service data 0xF525 or 0xF51C, or in an iBeacon).
//!
//! Source: the layouts in custom-components/ble_monitor (`jaalee.py`). Big-endian, in the formulas of the
//! sensor; the address is reversed. The iBeacon has major and minor for the values, and the charge behind
//! the power.

use super::fields::{exactly, sent_by, sht_humidity, sht_temperature};
use super::value::percent;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::{Address, BluetoothUuid};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// Jaalee's thermometers.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Jaalee (JHT)",
    formats: &[SERVICE, BEACON],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Service(BluetoothUuid::Short(0xF525), decode_service),
        Carrier::Service(BluetoothUuid::Short(0xF51C), decode_service),
        Carrier::Company(0x004C, decode_beacon),
    ],
};

const DEVICE: &str = "jaalee";
const SERVICE: &str = "jaalee-service-data";
const BEACON: &str = "jaalee-ibeacon";
/// The first 14 bytes of the beacons' UUIDs; the last two are those of the service.
const BEACONS: [u8; 14] =
    [0xEB, 0xEF, 0xD0, 0x83, 0x70, 0xA2, 0x47, 0xC8, 0x98, 0x37, 0xE7, 0xB5, 0x63, 0x4D];

/// Decodes service data.
fn decode_service(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let [charge, a, b, c, d, e, g, t0, t1, h0, h1] = *exactly::<11>(SERVICE, frame.payload)?;
    let address = Address::from_reversed([a, b, c, d, e, g]);
    sent_by(frame, address)?;
    heard(DEVICE, SERVICE, Some(address), [measurement(SERVICE, [t0, t1], [h0, h1], charge)?])
}

/// Decodes an iBeacon with one of Jaalee's UUIDs.
fn decode_beacon(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let Some(([0x02, 0x15], rest)) = frame.payload.split_first_chunk::<2>() else {
        return Err(DecodeError::UnknownFormat);
    };
    match rest.split_first_chunk::<14>() {
        Some((&BEACONS, &[0xF5, 0x25 | 0x1C, t0, t1, h0, h1, _power, charge])) => {
            heard(DEVICE, BEACON, None, [measurement(BEACON, [t0, t1], [h0, h1], charge)?])
        }
        Some((&BEACONS, rest)) => Err(DecodeError::Truncated { format: BEACON, have: rest.len() }),
        _ => Err(DecodeError::UnknownFormat),
    }
}

fn measurement(
    format: &'static str,
    temperature: [u8; 2],
    humidity: [u8; 2],
    charge: u8,
) -> Result<Measurement, DecodeError> {
    Ok(Measurement {
        temperature: Some(sht_temperature(format, u16::from_be_bytes(temperature))?),
        humidity: sht_humidity(u16::from_be_bytes(humidity)),
        battery_pct: percent(charge),
        ..Measurement::default()
    })
}
