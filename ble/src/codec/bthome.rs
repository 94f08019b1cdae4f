//! BTHome version 2 (service data 0xFCD2), plain and encrypted.
//!
//! Source: bthome.io, "Format" and "Encryption". All numbers are little-endian. Objects are an
//! identifier and a value whose length the identifier fixes, so that an unknown identifier ends the
//! parsing: what stands before it counts, what stands behind it cannot be found.

use super::sealed::Sealed;
use super::{Carrier, Family, Frame, Standing, bthome_v1, heard};
use crate::address::{Address, BluetoothUuid};
use crate::bytes::{Bytes, signed_le, unsigned_le};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// BTHome, which loggers of many makers send.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "BTHome (Shelly BLU H&T, pvvx firmware 6, b-parasite and others)",
    formats: &[FORMAT, bthome_v1::FORMAT],
    standing: Standing::Supplementary,
    carriers: &[
        Carrier::Service(BluetoothUuid::Short(0xFCD2), decode),
        Carrier::Service(BluetoothUuid::Short(0x181C), bthome_v1::decode_plain),
        Carrier::Service(BluetoothUuid::Short(0x181E), bthome_v1::decode_encrypted),
    ],
};

/// The stable name of the family.
pub(super) const DEVICE: &str = "bthome";
/// The stable name of the format.
const FORMAT: &str = "bthome-v2";

/// Device information byte: the objects are encrypted.
const ENCRYPTED: u8 = 0x01;
/// Device information byte: the address follows.
const WITH_ADDRESS: u8 = 0x02;

/// Decodes service data of 0xFCD2.
pub(super) fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let truncated = DecodeError::Truncated { format: FORMAT, have: frame.payload.len() };
    let mut bytes = Bytes(frame.payload);
    let information = bytes.u8().ok_or(truncated.clone())?;
    let version = information >> 5;
    if version != 2 {
        return Err(DecodeError::UnknownVersion { format: FORMAT, version });
    }
    let address = match information & WITH_ADDRESS {
        0 => None,
        _ => Some(Address::from_reversed(bytes.array().ok_or(truncated)?)),
    };
    if information & ENCRYPTED == 0 {
        frame.keys.allow_plain(FORMAT, address.or(frame.advert.address))?;
        return heard(DEVICE, FORMAT, address, objects(bytes)?);
    }
    let sealed = Sealed::split(FORMAT, bytes.0)?;
    let sender = address.or(frame.advert.address).ok_or(DecodeError::AddressMissing { format: FORMAT })?;
    let key = frame.keys.get(sender).ok_or(DecodeError::KeyMissing { format: FORMAT, address: sender })?;
    // Nonce: address, UUID, device information, counter.
    let ([a, b, c, d, e, g], [n0, n1, n2, n3]) = (sender.0, sealed.counter);
    let plain = sealed.open_13(&key, [a, b, c, d, e, g, 0xD2, 0xFC, information, n0, n1, n2, n3])?;
    let decoded = heard(DEVICE, FORMAT, address, objects(Bytes(&plain))?)?;
    Ok(sealed.mark(decoded))
}

/// Reads objects up to the end or the first unknown identifier; an object cut short refuses the advert.
fn objects(mut bytes: Bytes<'_>) -> Result<Vec<Measurement>, DecodeError> {
    let have = bytes.0.len();
    let truncated = DecodeError::Truncated { format: FORMAT, have };
    let mut values = Values::new(FORMAT);
    while let Some(id) = bytes.u8() {
        let length = match (length_of(id), id) {
            (Some(length), _) => length,
            (None, TEXT | RAW) => usize::from(bytes.u8().ok_or(truncated.clone())?),
            (None, _) => break,
        };
        values.take(id, bytes.slice(length).ok_or(truncated.clone())?)?;
    }
    Ok(values.into_measurements())
}

/// A text; its first byte is its length.
const TEXT: u8 = 0x53;
/// Raw bytes; the first is their number.
const RAW: u8 = 0x54;

/// How many bytes the value of object `id` has, where the identifier fixes it (bthome.io, "Format").
pub(super) fn length_of(id: u8) -> Option<usize> {
    Some(match id {
        0x00 | 0x01 | 0x09 | 0x0F..=0x11 | 0x15..=0x2F | 0x3A | 0x46 | 0x57..=0x59 | 0x60 => 1,
        0x02 | 0x03 | 0x06..=0x08 | 0x0C..=0x0E | 0x12..=0x14 | 0x3C | 0x3D | 0x3F..=0x41 => 2,
        0x43..=0x45 | 0x47..=0x4A | 0x51 | 0x52 | 0x56 | 0x5A | 0x5D..=0x5F | 0x61 | 0xF0 => 2,
        0x04 | 0x05 | 0x0A | 0x0B | 0x42 | 0x4B | 0xF2 => 3,
        0x3E | 0x4C..=0x50 | 0x55 | 0x5B | 0x5C | 0x62 | 0x63 | 0xF1 => 4,
        _ => return None,
    })
}

/// Gathers the values of one advert; a quantity's second occurrence is the second probe's.
pub(super) struct Values {
    format: &'static str,
    /// The first probe's measurement, which also holds what belongs to the whole logger.
    first: Measurement,
    /// Those of further probes.
    further: Vec<Measurement>,
}

impl Values {
    pub(super) fn new(format: &'static str) -> Self {
        Self { format, first: Measurement::default(), further: Vec::new() }
    }

    /// Takes the value of object `id` if it is one that is recorded.
    pub(super) fn take(&mut self, id: u8, value: &[u8]) -> Result<(), DecodeError> {
        let (unsigned, signed) = (unsigned_le(value), signed_le(value));
        match id {
            0x00 => self.first.sequence = Some(unsigned),
            0x01 => self.first.battery_pct = u8::try_from(unsigned).ok().filter(|percent| *percent <= 100),
            0x02 => self.temperature(signed, 10)?,
            0x03 => self.humidity(unsigned, 100),
            0x04 => self.put(|m| &mut m.pressure_pa, unsigned),
            0x08 => {
                let dew_point = self.celsius("dew point", signed, 10)?;
                self.put(|m| &mut m.dew_point, dew_point);
            }
            0x0C => self.first.battery_mv = Some(unsigned),
            0x2E => self.humidity(unsigned, 10_000),
            0x45 => self.temperature(signed, 100)?,
            0x57 => self.temperature(signed, 1000)?,
            0x58 => self.temperature(signed, 350)?,
            _ => {}
        }
        Ok(())
    }

    /// A temperature in units of `step` thousandths of a degree.
    fn temperature(&mut self, raw: i32, step: i64) -> Result<(), DecodeError> {
        let value = self.celsius("temperature", raw, step)?;
        self.put(|m| &mut m.temperature, value);
        Ok(())
    }

    fn celsius(&self, quantity: &'static str, raw: i32, step: i64) -> Result<MilliCelsius, DecodeError> {
        MilliCelsius::from_wide(i64::from(raw).saturating_mul(step))
            .map_err(|_| DecodeError::OutOfRange { format: self.format, quantity })
    }

    /// A humidity in units of `step` ten-thousandths of a percent.
    fn humidity(&mut self, raw: u32, step: u32) {
        self.put(|m| &mut m.humidity, RelativeHumidity(raw.saturating_mul(step)));
    }

    /// Gives `value` to the first probe that has none of its quantity yet.
    fn put<T: Copy>(&mut self, field: impl Fn(&mut Measurement) -> &mut Option<T>, value: T) {
        for measurement in std::iter::once(&mut self.first).chain(&mut self.further) {
            let slot = field(measurement);
            if slot.is_none() {
                *slot = Some(value);
                return;
            }
        }
        let probe = u8::try_from(self.further.len().saturating_add(1)).unwrap_or(u8::MAX);
        let mut measurement = Measurement { probe, ..Measurement::default() };
        *field(&mut measurement) = Some(value);
        self.further.push(measurement);
    }

    /// The measurements, one per probe.
    pub(super) fn into_measurements(self) -> Vec<Measurement> {
        let mut measurements = Vec::with_capacity(self.further.len().saturating_add(1));
        measurements.push(self.first);
        measurements.extend(self.further);
        measurements
    }
}
