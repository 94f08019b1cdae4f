//! AES-128-CCM with an authentication code of four bytes, as several formats encrypt their adverts.

use crate::decode::DecodeError;
use crate::keys::BindKey;
use aes::Aes128;
use ccm::aead::AeadInOut;
use ccm::aead::array::{Array, ArraySize};
use ccm::consts::U4;
use ccm::{Ccm, KeyInit, NonceSize};

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
