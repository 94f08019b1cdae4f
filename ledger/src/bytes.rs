//! Fixed-length byte strings with names: hashes, identifiers, keys, signatures, salts.

use sha2::{Digest, Sha256};

macro_rules! byte_string {
    ($(#[$meta:meta])* $name:ident, $length:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl $name {
            /// Length in bytes.
            pub const LENGTH: usize = $length;

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = std::array::TryFromSliceError;

            fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
                bytes.try_into().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            /// Lower-case hexadecimal.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

byte_string!(
    /// A SHA-256 digest (FIPS 180-4): a leaf, a tree head, a body commitment or a batch's address.
    Hash,
    32
);
byte_string!(
    /// The name of a log: SHA-256("firn log v1" ‖ organisation id ‖ device key ‖ 16 random bytes).
    LogId,
    32
);
byte_string!(
    /// The name of an organisation: SHA-256("firn organisation v1" ‖ root key).
    OrganisationId,
    32
);
byte_string!(
    /// 16 random bytes that name a shipment, a unit, a person or a boot.
    Id,
    16
);
byte_string!(
    /// 32 random bytes that keep a body from being guessed from its commitment.
    Salt,
    32
);
byte_string!(
    /// An ed25519 public key (RFC 8032 §5.1.5).
    PublicKey,
    32
);
byte_string!(
    /// An ed25519 signature (RFC 8032 §5.1.6).
    Signature,
    64
);

impl Hash {
    /// SHA-256 over the parts, one after the other, with nothing between them.
    #[inline]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

impl OrganisationId {
    /// The id of the organisation that `root` speaks for.
    pub fn of(root: &PublicKey) -> Self {
        Self(Hash::of(&[b"firn organisation v1", root.as_bytes()]).0)
    }
}

impl LogId {
    /// The id of the log that `device` writes for `organisation`; `random` keeps two logs of one key apart.
    pub fn of(organisation: &OrganisationId, device: &PublicKey, random: &[u8; 16]) -> Self {
        Self(Hash::of(&[b"firn log v1", organisation.as_bytes(), device.as_bytes(), random]).0)
    }
}
