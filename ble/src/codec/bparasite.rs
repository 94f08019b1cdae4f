//! b-parasite soil sensors with the firmware before BTHome (service data 0x181A).
//!
//! Source: rbaron/b-parasite, the encoding of versions 1 and 2. All numbers are big-endian; the high half
//! of the first byte is the version, its lowest bit tells whether the light follows the address.

use super::fields::{humidity_fraction, sent_by};
use super::value::celsius;
use super::{Carrier, Family, Frame, Standing, heard};
use crate::address::{Address, BluetoothUuid};
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// b-parasite.
pub(super) const FAMILY: Family = Family {
    name: DEVICE,
    title: "b-parasite (soil; firmware before BTHome)",
    formats: &[VERSION_1, VERSION_2],
    standing: Standing::Supplementary,
    carriers: &[Carrier::Service(BluetoothUuid::Short(0x181A), decode)],
};

const DEVICE: &str = "b-parasite";
const VERSION_1: &str = "b-parasite-v1";
const VERSION_2: &str = "b-parasite-v2";

/// Decodes service data of 0x181A; the soil's moisture is no humidity of the air and is left out.
fn decode(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let Some(([first, counter, v0, v1, t0, t1, h0, h1, _, _], rest)) = frame.payload.split_first_chunk()
    else {
        return Err(DecodeError::UnknownFormat);
    };
    let (format, step) = match first {
        0x10 | 0x11 => (VERSION_1, 1),
        0x20 | 0x21 => (VERSION_2, 10),
        _ => return Err(DecodeError::UnknownFormat),
    };
    let address = match (first & 1, rest) {
        (0, [a, b, c, d, e, g]) | (1, [a, b, c, d, e, g, _, _]) => Address([*a, *b, *c, *d, *e, *g]),
        _ => return Err(DecodeError::UnknownFormat),
    };
    sent_by(frame, address)?;
    let moisture_of_air = i64::from(u16::from_be_bytes([*h0, *h1]));
    let measurement = Measurement {
        temperature: Some(celsius(format, i16::from_be_bytes([*t0, *t1]), step)?),
        humidity: humidity_fraction(moisture_of_air.saturating_mul(100), 65_536),
        battery_mv: Some(u32::from(u16::from_be_bytes([*v0, *v1]))),
        sequence: Some(u32::from(*counter)),
        ..Measurement::default()
    };
    heard(DEVICE, format, Some(address), [measurement])
}
