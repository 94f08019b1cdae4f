//! SwitchBot meters, outdoor meters, Meter Pro, and the hubs and stations with a thermometer.
//!
//! Source: the public decoders pySwitchbot, Theengs and ble_monitor. Service data (0xFD3D, older 0x0D00)
//! begin with the kind of device; those of the first meters hold the values as well, which the later
//! ones send in the manufacturer data of company 0x0969, behind their address.

use super::value::{humidity, percent};
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::{Address, BluetoothUuid};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::MilliCelsius;

/// SwitchBot's thermometers.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "SwitchBot (Meter, Meter Plus, Meter Pro, Outdoor Meter, Hub 2, Hub 3)",
    formats: &[FORMAT],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Service(BluetoothUuid::Short(0xFD3D), decode_service),
        Carrier::Service(BluetoothUuid::Short(0x0D00), decode_service),
        Carrier::Company(COMPANY, decode_named),
    ],
};

const DEVICE: &str = "switchbot";
const FORMAT: &str = "switchbot-meter";
const COMPANY: u16 = 0x0969;

/// How the names of the meters begin whose manufacturer data are known without the kind.
const NAMES: [&str; 3] = ["WoSensorTH", "WoIOSensor", "Outdoor Meter"];

/// The last bytes of longer service data, which name the kind of the newest devices.
const HUB_3: [u8; 3] = [0x10, 0xB9, 0x40];
const WEATHER_STATION: [u8; 3] = [0x10, 0x53, 0xB0];

/// Decodes service data, with the manufacturer data beside them.
fn decode_service(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let beside = frame.advert.manufacturer_data.get(&COMPANY).map_or(&[][..], Vec::as_slice);
    let battery = frame.payload.get(2).and_then(|charge| percent(charge & 0x7F));
    let (values, battery_pct, co2_ppm) = match *frame.payload {
        [b'T' | b't' | b'I' | b'i', _, _, a, b, c] => (Some([a, b, c]), battery, None),
        [b'W' | b'w' | b'4' | 0x14, _, _, ..] => (values_at(beside, 8), battery, None),
        [b'5' | 0x15, _, _, ..] => (values_at(beside, 8), battery, carbon_dioxide(beside)),
        [b'V' | b'v' | b'%' | 0x05, ..] => (values_at(beside, 13), None, None),
        [_, _, .., 0 | 1, a, b, c] | [_, .., 0 | 1, a, b, c, _] if [a, b, c] == HUB_3 => {
            (values_at(beside, 13), None, None)
        }
        [_, _, .., 0 | 1, a, b, c] | [_, .., 0 | 1, a, b, c, _] if [a, b, c] == WEATHER_STATION => {
            let battery = beside.get(7).and_then(|charge| percent(charge & 0x7F));
            (values_at(beside, 8), battery, None)
        }
        _ => return Err(DecodeError::UnknownFormat),
    };
    let measurement = Measurement { battery_pct, co2_ppm, ..measured(values)? };
    heard(DEVICE, FORMAT, address(beside), [measurement])
}

/// Decodes manufacturer data of meters whose service data, with the kind, were not received.
fn decode_named(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let named = |name: &str| name.starts_with("WoMeter") || NAMES.iter().any(|known| name.starts_with(known));
    if !frame.advert.name.as_deref().is_some_and(named) || !(11..=12).contains(&frame.payload.len()) {
        return Err(DecodeError::UnknownFormat);
    }
    heard(DEVICE, FORMAT, address(frame.payload), [measured(values_at(frame.payload, 8))?])
}

/// Tenths in four bits; a sign, set above zero, and whole degrees; a unit for the screen, and percent.
fn measured(values: Option<[u8; 3]>) -> Result<Measurement, DecodeError> {
    let Some([tenths, degrees, moisture]) = values else { return Ok(Measurement::default()) };
    // All zeros is what a meter sends before it has measured.
    if [tenths & 0x0F, degrees & 0x7F, moisture & 0x7F] == [0; 3] {
        return Ok(Measurement::default());
    }
    if tenths & 0x0F > 9 {
        return Err(DecodeError::OutOfRange { format: FORMAT, quantity: "temperature" });
    }
    let magnitude = i32::from(degrees & 0x7F)
        .saturating_mul(1000)
        .saturating_add(i32::from(tenths & 0x0F).saturating_mul(100));
    Ok(Measurement {
        temperature: Some(MilliCelsius(if degrees & 0x80 == 0 {
            magnitude.saturating_neg()
        } else {
            magnitude
        })),
        humidity: Some(humidity(FORMAT, moisture & 0x7F, 10_000)?),
        ..Measurement::default()
    })
}

fn values_at(manufacturer: &[u8], at: usize) -> Option<[u8; 3]> {
    manufacturer.get(at..).and_then(|rest| rest.first_chunk()).copied()
}

/// What a Meter Pro CO2 measures lies below 10,000 ppm.
fn carbon_dioxide(manufacturer: &[u8]) -> Option<u32> {
    let bytes = manufacturer.get(13..).and_then(|rest| rest.first_chunk::<2>())?;
    Some(u32::from(u16::from_be_bytes(*bytes))).filter(|co2| *co2 < 10_000)
}

fn address(manufacturer: &[u8]) -> Option<Address> {
    manufacturer.first_chunk().copied().map(Address)
}
