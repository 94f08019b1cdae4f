//! Ed25519 (RFC 8032): keys that are admitted, signatures that are verified strictly, and who signs.

mod table;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use crate::bytes::{PublicKey, Signature};
use crate::error::{Fault, LedgerError};

pub use table::{KeyTable, Signed};

/// Signs with a key that it keeps to itself: a platform's key store, or a [`SecretKey`].
pub trait Signer {
    /// The key that verifies what this signs.
    fn public_key(&self) -> PublicKey;

    /// An ed25519 signature over `message`.
    ///
    /// # Errors
    /// [`LedgerError::Signer`] when the key store refuses.
    fn sign(&self, message: &[u8]) -> Result<Signature, LedgerError>;

    /// Whether the key is in this process' memory, so that its signatures are right; those of another's hands
    /// are verified before they are kept.
    fn is_in_memory(&self) -> bool {
        false
    }
}

/// A signing key held in memory; wiped when dropped.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of a 32-byte seed (RFC 8032 §5.1.5), which the caller draws at random and keeps.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }
}

impl Signer for SecretKey {
    fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, LedgerError> {
        Ok(Signature(self.0.sign(message).to_bytes()))
    }

    fn is_in_memory(&self) -> bool {
        true
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey(of {})", self.public_key())
    }
}

impl PublicKey {
    /// Whether the key may be enrolled: a point in its one canonical encoding, and not of small order.
    ///
    /// # Errors
    /// [`Fault::Key`].
    pub fn check(&self) -> Result<(), Fault> {
        self.point().map(|_| ())
    }

    fn point(&self) -> Result<VerifyingKey, Fault> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| Fault::Key)?;
        let canonical = key.to_edwards().compress().to_bytes() == self.0;
        if canonical && !key.is_weak() { Ok(key) } else { Err(Fault::Key) }
    }

    /// Verifies strictly: canonical S, R and key of large order (dalek's `verify_strict`).
    ///
    /// # Errors
    /// [`Fault::Signature`], or [`Fault::Key`] for a key that could not have been enrolled.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), Fault> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.point()?.verify_strict(message, &signature).map_err(|_| Fault::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap().try_into().unwrap()
    }

    #[test]
    fn the_first_test_of_rfc_8032_signs_and_verifies() {
        let key =
            SecretKey::from_seed(&hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        let public = PublicKey(hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
        assert_eq!(key.public_key(), public);
        let signature = key.sign(b"").unwrap();
        assert_eq!(
            signature.to_string(),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        );
        assert_eq!(public.verify(b"", &signature), Ok(()));
        assert_eq!(public.verify(b"x", &signature), Err(Fault::Signature));
    }

    #[test]
    fn a_small_order_or_non_canonical_key_is_not_enrolled() {
        let mut identity = [0u8; 32];
        identity[0] = 1;
        assert_eq!(PublicKey(identity).check(), Err(Fault::Key));
        assert_eq!(PublicKey([0; 32]).check(), Err(Fault::Key));
        // y = p + 3 is another encoding of y = 3 (RFC 8032 §5.1.3 refuses it).
        let mut non_canonical = [0xff; 32];
        non_canonical[0] = 0xf0;
        non_canonical[31] = 0x7f;
        assert_eq!(PublicKey(non_canonical).check(), Err(Fault::Key));
    }

    #[test]
    fn a_secret_key_does_not_print_itself() {
        let seed = [7u8; 32];
        let shown = format!("{:?}", SecretKey::from_seed(&seed));
        assert!(!shown.contains("0707"), "{shown}");
    }
}
