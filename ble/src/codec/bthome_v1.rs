//! BTHome version 1 (service data 0x181C plain, 0x181E encrypted), which older firmware still sends.
//!
//! Source: bthome.io, "Format (v1)". Each object is a byte of kind (3 bits) and length (5 bits), an
//! identifier and a little-endian value; the length makes every object skippable.

use super::bthome::{DEVICE, Values};
use super::sealed::Sealed;
use super::{Frame, heard};
use crate::bytes::Bytes;
use crate::decode::{DecodeError, Decoded};
use firn_model::reading::Measurement;

/// The stable name of the format.
pub(super) const FORMAT: &str = "bthome-v1";
/// The kind of object that is a device address.
const KIND_ADDRESS: u8 = 4;

/// Decodes service data of 0x181C.
pub(super) fn decode_plain(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    frame.keys.allow_plain(FORMAT, frame.advert.address)?;
    heard(DEVICE, FORMAT, None, objects(frame.payload)?)
}

/// Decodes service data of 0x181E.
pub(super) fn decode_encrypted(frame: &Frame<'_>) -> Result<Decoded, DecodeError> {
    let sealed = Sealed::split(FORMAT, frame.payload)?;
    let sender = frame.advert.address.ok_or(DecodeError::AddressMissing { format: FORMAT })?;
    let key = frame.keys.get(sender).ok_or(DecodeError::KeyMissing { format: FORMAT, address: sender })?;
    // Nonce: address, UUID, counter.
    let ([a, b, c, d, e, g], [n0, n1, n2, n3]) = (sender.0, sealed.counter);
    let plain = sealed.open_12(&key, [a, b, c, d, e, g, 0x1E, 0x18, n0, n1, n2, n3])?;
    Ok(sealed.mark(heard(DEVICE, FORMAT, None, objects(&plain)?)?))
}

fn objects(payload: &[u8]) -> Result<Vec<Measurement>, DecodeError> {
    let mut bytes = Bytes(payload);
    let mut values = Values::new(FORMAT);
    while let Some(control) = bytes.u8() {
        let truncated = DecodeError::Truncated { format: FORMAT, have: payload.len() };
        let object = bytes.slice(usize::from(control & 0x1F)).ok_or(truncated)?;
        if let (true, Some((id, value))) = (control >> 5 != KIND_ADDRESS, object.split_first()) {
            values.take(*id, value)?;
        }
    }
    Ok(values.into_measurements())
}
