//! Adverts sealed with AES-128-CCM and a four-byte code: opening them, and marking what was inside.
//!
//! BTHome, MiBeacon and pvvx seal alike; they differ in the nonce, which each builds from its own header.

use crate::decode::{DecodeError, Decoded};
use crate::keys::BindKey;
use aes::Aes128;
use ccm::aead::AeadInOut;
use ccm::aead::array::{Array, ArraySize};
use ccm::consts::{U4, U12, U13};
use ccm::{Ccm, KeyInit, NonceSize};
use firn_model::reading::Provenance;

/// Ciphertext, replay counter and authentication code of an encrypted advert.
pub(super) struct Sealed<'a> {
    pub(super) format: &'static str,
    pub(super) ciphertext: &'a [u8],
    /// Least significant byte first, as it was sent.
    pub(super) counter: [u8; 4],
    pub(super) code: [u8; 4],
}

impl<'a> Sealed<'a> {
    /// The counter and the code are the last eight bytes.
    pub(super) fn split(format: &'static str, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let truncated = DecodeError::Truncated { format, have: bytes.len() };
        let (rest, code) = bytes.split_last_chunk::<4>().ok_or(truncated.clone())?;
        let (ciphertext, counter) = rest.split_last_chunk::<4>().ok_or(truncated)?;
        Ok(Self { format, ciphertext, counter: *counter, code: *code })
    }

    /// Opens with a nonce of 13 bytes and no associated data (BTHome version 2).
    pub(super) fn open_13(&self, key: &BindKey, nonce: [u8; 13]) -> Result<Vec<u8>, DecodeError> {
        open::<U13>(self.format, key, nonce.into(), &[], self.ciphertext, self.code)
    }

    /// Opens with a nonce of 12 bytes and 0x11 as associated data (BTHome version 1, MiBeacon 4 and 5).
    pub(super) fn open_12(&self, key: &BindKey, nonce: [u8; 12]) -> Result<Vec<u8>, DecodeError> {
        open::<U12>(self.format, key, nonce.into(), &[0x11], self.ciphertext, self.code)
    }

    /// Marks the readings of an opened advert as keyed.
    pub(super) fn mark(&self, decoded: Decoded) -> Decoded {
        Decoded {
            encrypted: true,
            counter: Some(u32::from_le_bytes(self.counter)),
            provenance: Provenance::P2,
            ..decoded
        }
    }
}

/// Decrypts `ciphertext`, or refuses it if `code` does not match.
///
/// # Errors
/// [`DecodeError::AuthenticationFailed`].
pub(super) fn open<N: ArraySize + NonceSize>(
    format: &'static str,
    key: &BindKey,
    nonce: Array<u8, N>,
    associated: &[u8],
    ciphertext: &[u8],
    code: [u8; 4],
) -> Result<Vec<u8>, DecodeError> {
    let mut plain = ciphertext.to_vec();
    Ccm::<Aes128, U4, N>::new(&key.0.into())
        .decrypt_inout_detached(&nonce, associated, plain.as_mut_slice().into(), &code.into())
        .map_err(|_| DecodeError::AuthenticationFailed { format })?;
    Ok(plain)
}
