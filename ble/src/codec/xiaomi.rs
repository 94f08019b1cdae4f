//! Xiaomi's MiBeacon (service data 0xFE95), plain and encrypted, and the HHCCJCY10 (0xFD50).
//!
//! Source: Xiaomi's description of MiBeacon for developers, and the public decoders xiaomi-ble,
//! ble_monitor and Theengs. A head whose control bits say what follows, then objects of an identifier, a
//! length and a value, least significant byte first. What one advert leaves out the next one may hold.

use super::float::scaled;
use super::sealed::Sealed;
use super::value::{celsius, humidity, percent};
use super::{Carrier, Family, Frame, Standing, heard, xiaomi_body};
use crate::address::{Address, BluetoothUuid};
use crate::bytes::Bytes;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// The thermometers of Xiaomi's system, of many makers.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "Xiaomi MiBeacon (LYWSDCGQ, LYWSD02, LYWSD03MMC, MJWSD05MMC, CGG1, CGDK2, MHO-C401 and others)",
    formats: &[FORMAT, HHCC],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Service(BluetoothUuid::Short(0xFE95), decode),
        Carrier::Service(BluetoothUuid::Short(0xFD50), decode_hhcc),
        // Some receivers lose the UUID; the head is then asked for more.
        Carrier::Service(BluetoothUuid::Short(0x0000), decode_without_uuid),
    ],
};

const DEVICE: &str = "xiaomi";
const FORMAT: &str = "mibeacon";
const HHCC: &str = "hhcc-jcy10";

const ENCRYPTED: u16 = 1 << 3;
const WITH_ADDRESS: u16 = 1 << 4;
const WITH_CAPABILITY: u16 = 1 << 5;
const WITH_OBJECT: u16 = 1 << 6;
const MESH: u16 = 1 << 7;
/// A bit of the capability: a byte about the device's pins follows it.
const WITH_IO: u8 = 1 << 5;

/// What stands before the objects.
struct Head {
    version: u8,
    encrypted: bool,
    with_object: bool,
    product: [u8; 2],
    counter: u8,
    address: Option<Address>,
}

impl Head {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, DecodeError> {
        let truncated = DecodeError::Truncated { format: FORMAT, have: bytes.0.len() };
        let [c0, c1, p0, p1, counter] = bytes.array().ok_or(truncated.clone())?;
        let control = u16::from_le_bytes([c0, c1]);
        let version = c1 >> 4;
        if control & MESH != 0 || version < 2 {
            return Err(DecodeError::UnknownFormat);
        }
        let address = match control & WITH_ADDRESS {
            0 => None,
            _ => Some(Address::from_reversed(bytes.array().ok_or(truncated.clone())?)),
        };
        if control & WITH_CAPABILITY != 0 && bytes.u8().ok_or(truncated.clone())? & WITH_IO != 0 {
            bytes.u8().ok_or(truncated)?;
        }
        Ok(Self {
            version,
            encrypted: control & ENCRYPTED != 0,
            with_object: control & WITH_OBJECT != 0,
            product: [p0, p1],
            counter,
            address,
        })
    }
}

/// Decodes service data that came without their UUID: only plain ones with an address and an object.
fn decode_without_uuid(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let head = Head::read(&mut Bytes(frame.payload)).map_err(|_| DecodeError::UnknownFormat)?;
    if head.encrypted || !head.with_object || head.address.is_none() {
        return Err(DecodeError::UnknownFormat);
    }
    decode(frame)
}

/// Decodes service data of 0xFE95.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let mut bytes = Bytes(frame.payload);
    let head = Head::read(&mut bytes)?;
    if !head.with_object {
        return Err(DecodeError::NoMeasurement { format: FORMAT });
    }
    let sender = head.address.or(frame.advert.address);
    if !head.encrypted {
        frame.keys.allow_plain(FORMAT, sender)?;
        return read(&head, bytes);
    }
    // Versions 2 and 3 encrypt without a code that would show a wrong key; no thermometer does so.
    if head.version < 4 {
        return Err(DecodeError::UnknownVersion { format: FORMAT, version: head.version });
    }
    let sealed = split(&head, bytes.0)?;
    let sender = sender.ok_or(DecodeError::AddressMissing { format: FORMAT })?;
    let key = frame.keys.get(sender).ok_or(DecodeError::KeyMissing { format: FORMAT, address: sender })?;
    // Nonce: address backwards, product, counter.
    let ([a, b, c, d, e, g], [p0, p1], [n0, n1, n2, n3]) = (sender.0, head.product, sealed.counter);
    let plain = sealed.open_12(&key, [g, e, d, c, b, a, p0, p1, n0, n1, n2, n3])?;
    Ok(sealed.mark(read(&head, Bytes(&plain))?))
}

/// The last seven bytes are the upper three of the counter, whose lowest stands in the head, and the code.
fn split<'a>(head: &Head, bytes: &'a [u8]) -> Result<Sealed<'a>, DecodeError> {
    let truncated = DecodeError::Truncated { format: FORMAT, have: bytes.len() };
    let (rest, code) = bytes.split_last_chunk::<4>().ok_or(truncated.clone())?;
    let (ciphertext, &[n1, n2, n3]) = rest.split_last_chunk::<3>().ok_or(truncated)?;
    Ok(Sealed { format: FORMAT, ciphertext, counter: [head.counter, n1, n2, n3], code: *code })
}

/// Reads objects up to the end or one that is cut; what stands before it counts.
fn read(head: &Head, mut bytes: Bytes<'_>) -> Result<Decoded, DecodeError> {
    let mut measurement = Measurement::default();
    while let Some([i0, i1, length]) = bytes.array() {
        let Some(value) = bytes.slice(usize::from(length)) else { break };
        take(&mut measurement, u16::from_le_bytes([i0, i1]), value)?;
    }
    // A counter alone is no reading.
    if measurement != Measurement::default() {
        measurement.sequence = Some(u32::from(head.counter));
    }
    heard(DEVICE, FORMAT, head.address, [measurement])
}

/// Takes the value of object `id` if it is one that is recorded and of its length.
fn take(measurement: &mut Measurement, id: u16, value: &[u8]) -> Result<(), DecodeError> {
    let signed = |bytes| i16::from_le_bytes(bytes);
    match (id, value) {
        // A thermometer for the body: hundredths, zero without a value; and one that sends two of its own.
        (0x000A, &[0, 0]) => {}
        (0x000A, &[t0, t1]) => measurement.temperature = Some(celsius(FORMAT, signed([t0, t1]), 10)?),
        (0x2000, &[s0, s1, d0, d1, charge]) => {
            measurement.battery_pct = percent(charge);
            measurement.temperature =
                Some(xiaomi_body::estimate(FORMAT, signed([s0, s1]), signed([d0, d1]))?);
        }
        (0x1004, &[t0, t1]) => measurement.temperature = Some(celsius(FORMAT, signed([t0, t1]), 100)?),
        // A kettle: whether it is on, then whole degrees.
        (0x1005, &[_, degrees]) => measurement.temperature = Some(celsius(FORMAT, degrees, 1000)?),
        (0x1006, &[h0, h1]) => {
            measurement.humidity = Some(humidity(FORMAT, u16::from_le_bytes([h0, h1]), 1000)?);
        }
        (0x100D, &[t0, t1, h0, h1]) => {
            measurement.temperature = Some(celsius(FORMAT, signed([t0, t1]), 100)?);
            measurement.humidity = Some(humidity(FORMAT, u16::from_le_bytes([h0, h1]), 1000)?);
        }
        (0x4801 | 0x4C01, &[a, b, c, d]) => {
            let milli = float([a, b, c, d]);
            measurement.temperature = milli.map(|milli| celsius(FORMAT, milli, 1)).transpose()?;
        }
        (0x4802 | 0x4C02, &[percent]) => measurement.humidity = Some(humidity(FORMAT, percent, 10_000)?),
        (0x4808 | 0x4C08, &[a, b, c, d]) => {
            let milli = float([a, b, c, d]).and_then(|milli| u32::try_from(milli).ok());
            measurement.humidity = milli.map(|milli| humidity(FORMAT, milli, 10)).transpose()?;
        }
        (0x100A | 0x4803 | 0x4C03 | 0x5003, &[charge]) => measurement.battery_pct = percent(charge),
        _ => {}
    }
    Ok(())
}

/// The number in thousandths; none where the bytes look like a small integer, as another maker's
/// object of the same identifier may hold, and would be a float of almost zero.
fn float([a, b, c, d]: [u8; 4]) -> Option<i64> {
    let integer = d & 0x7F == 0 && c & 0x80 == 0 && [a, b, c] != [0; 3];
    if integer { None } else { scaled(u32::from_le_bytes([a, b, c, d]), 1000) }
}

/// Decodes the nine bytes of a HHCCJCY10 ("pink"), most significant byte first: moisture of the soil,
/// tenths of a degree, light, charge, conductivity. Makers of other things use the UUID as well.
fn decode_hhcc(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let &[0..=100, t0, t1, _, _, _, charge @ 0..=100, _, _] = frame.payload else {
        return Err(DecodeError::UnknownFormat);
    };
    let temperature = celsius(HHCC, i16::from_be_bytes([t0, t1]), 100)?;
    if !(-40_000..=80_000).contains(&temperature.0) {
        return Err(DecodeError::OutOfRange { format: HHCC, quantity: "temperature" });
    }
    let measurement =
        Measurement { temperature: Some(temperature), battery_pct: Some(charge), ..Measurement::default() };
    heard(DEVICE, HHCC, None, [measurement])
}
