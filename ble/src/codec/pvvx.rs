//! Thermometers with the firmware of pvvx or ATC (service data 0x181A): four formats.
//!
//! Source: pvvx/ATC_MiThermometer, `src/custom_beacon.h` and `custom_beacon.c`. The custom format is
//! little-endian; the one of atc1441 is big-endian and has the address in printed order. An encrypted
//! advert carries a counter of eight bits only, which cannot show that it is no replay: its readings are
//! marked as encrypted, and of no better provenance than merely heard.

use super::fields::{humidity_hundredths, hundredths, sent_by};
use super::value::{celsius, humidity, percent};
use super::{Carrier, Family, Frame, Standing, heard, sealed};
use crate::address::{Address, BluetoothUuid};
use crate::decode::{DecodeError, Decoded};
use ccm::consts::U11;
use firn_model::reading::Measurement;
use firn_model::units::RelativeHumidity;

/// Xiaomi, Qingping and other thermometers with open firmware.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "pvvx and ATC firmware (Xiaomi, Qingping and other thermometers)",
    formats: &[CUSTOM, ATC, CUSTOM_ENCRYPTED, ATC_ENCRYPTED],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Service(BluetoothUuid::Short(0x181A), decode)],
};

const DEVICE: &str = "pvvx";
const CUSTOM: &str = "pvvx-custom";
const ATC: &str = "pvvx-atc1441";
const CUSTOM_ENCRYPTED: &str = "pvvx-custom-encrypted";
const ATC_ENCRYPTED: &str = "pvvx-atc1441-encrypted";

/// Decodes service data of 0x181A by its length, which each of the formats has to itself.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    match frame.payload {
        [body @ .., _flags] if body.len() == 14 => custom(frame, body),
        body if body.len() == 14 => custom(frame, body),
        body if body.len() == 13 => atc(frame, body),
        [counter, sealed @ .., a, b, c, d] if sealed.len() == 6 => {
            let plain = open(CUSTOM_ENCRYPTED, frame, *counter, sealed, [*a, *b, *c, *d])?;
            encrypted_custom(&plain, *counter)
        }
        [counter, sealed @ .., a, b, c, d] if sealed.len() == 3 => {
            let plain = open(ATC_ENCRYPTED, frame, *counter, sealed, [*a, *b, *c, *d])?;
            encrypted_atc(&plain, *counter)
        }
        _ => Err(DecodeError::UnknownFormat),
    }
}

/// Models without a trigger leave out the flags, which are the fifteenth byte.
fn custom(frame: &Frame<'_>, body: &[u8]) -> Result<Decoded, DecodeError> {
    let [a, b, c, d, e, g, t0, t1, h0, h1, v0, v1, charge, counter] = *body else {
        return Err(DecodeError::UnknownFormat);
    };
    let sender = Address::from_reversed([a, b, c, d, e, g]);
    let battery_mv = u16::from_le_bytes([v0, v1]);
    is_from(frame, sender, u16::from_le_bytes([h0, h1]), charge, battery_mv)?;
    frame.keys.allow_plain(CUSTOM, Some(sender))?;
    let measurement = Measurement {
        temperature: hundredths(CUSTOM, i16::from_le_bytes([t0, t1]))?,
        humidity: humidity_hundredths(u16::from_le_bytes([h0, h1])),
        battery_mv: Some(u32::from(battery_mv)),
        battery_pct: percent(charge),
        sequence: Some(u32::from(counter)),
        ..Measurement::default()
    };
    heard(DEVICE, CUSTOM, Some(sender), [measurement])
}

fn atc(frame: &Frame<'_>, body: &[u8]) -> Result<Decoded, DecodeError> {
    let [a, b, c, d, e, g, t0, t1, moisture, charge, v0, v1, counter] = *body else {
        return Err(DecodeError::UnknownFormat);
    };
    let sender = Address([a, b, c, d, e, g]);
    let battery_mv = u16::from_be_bytes([v0, v1]);
    is_from(frame, sender, u16::from(moisture).saturating_mul(100), charge, battery_mv)?;
    frame.keys.allow_plain(ATC, Some(sender))?;
    let measurement = Measurement {
        temperature: Some(celsius(ATC, i16::from_be_bytes([t0, t1]), 100)?),
        humidity: Some(humidity(ATC, moisture, 10_000)?),
        battery_mv: Some(u32::from(battery_mv)),
        battery_pct: percent(charge),
        sequence: Some(u32::from(counter)),
        ..Measurement::default()
    };
    heard(DEVICE, ATC, Some(sender), [measurement])
}

/// Accepts the sender that the bytes name. Formats of this service that are cut short have the lengths of
/// others: where no address is shown, only the values tell.
fn is_from(
    frame: &Frame<'_>,
    sender: Address,
    hundredths_of_humidity: u16,
    charge: u8,
    battery_mv: u16,
) -> Result<(), DecodeError> {
    let likely = hundredths_of_humidity <= 10_000 && charge <= 100 && (1000..=5000).contains(&battery_mv);
    if frame.advert.address.is_none() && !likely {
        return Err(DecodeError::UnknownFormat);
    }
    sent_by(frame, sender)
}

/// The nonce is the address in reversed order and the header of the advert's structure: its length, its
/// kind (0x16), the UUID and the counter. The associated data are 0x11.
fn open(
    format: &'static str,
    frame: &Frame<'_>,
    counter: u8,
    ciphertext: &[u8],
    code: [u8; 4],
) -> Result<Vec<u8>, DecodeError> {
    let address = frame.advert.address.ok_or(DecodeError::AddressMissing { format })?;
    let key = frame.keys.get(address).ok_or(DecodeError::KeyMissing { format, address })?;
    let [a, b, c, d, e, g] = address.0;
    let length = u8::try_from(frame.payload.len().saturating_add(3)).unwrap_or(u8::MAX);
    let nonce: [u8; 11] = [g, e, d, c, b, a, length, 0x16, 0x1A, 0x18, counter];
    sealed::open::<U11>(format, &key, nonce.into(), &[0x11], ciphertext, code)
}

fn encrypted_custom(plain: &[u8], counter: u8) -> Result<Decoded, DecodeError> {
    let [t0, t1, h0, h1, charge, _trigger] = *plain else { return Err(DecodeError::UnknownFormat) };
    let measurement = Measurement {
        temperature: hundredths(CUSTOM_ENCRYPTED, i16::from_le_bytes([t0, t1]))?,
        humidity: humidity_hundredths(u16::from_le_bytes([h0, h1])),
        battery_pct: percent(charge),
        sequence: Some(u32::from(counter)),
        ..Measurement::default()
    };
    let decoded = heard(DEVICE, CUSTOM_ENCRYPTED, None, [measurement])?;
    Ok(Decoded { encrypted: true, ..decoded })
}

/// Half degrees above −40 °C and half percents; the highest bit of the charge is a trigger.
fn encrypted_atc(plain: &[u8], counter: u8) -> Result<Decoded, DecodeError> {
    let [degrees, moisture, charge] = *plain else { return Err(DecodeError::UnknownFormat) };
    let half_degrees = i16::from(degrees).saturating_sub(80);
    let half_percents = u32::from(moisture).saturating_mul(5000);
    let measurement = Measurement {
        temperature: Some(celsius(ATC_ENCRYPTED, half_degrees, 500)?),
        humidity: (moisture <= 200).then_some(RelativeHumidity(half_percents)),
        battery_pct: percent(charge & 0x7F),
        sequence: Some(u32::from(counter)),
        ..Measurement::default()
    };
    let decoded = heard(DEVICE, ATC_ENCRYPTED, None, [measurement])?;
    Ok(Decoded { encrypted: true, ..decoded })
}
