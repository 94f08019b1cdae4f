//! The documents of the vault, which hold personal data, and the commitments that stand for them in entries.

use crate::record::{Position, RecordError, decode, encode};
use crate::time::UtcMillis;
use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a commitment's SHA-256 begins with, before the salt and the document.
const DOMAIN: &[u8] = b"firn vault document v1\0";

/// Stands for a document without telling it: SHA-256 over a domain, a salt of 32 random bytes and the document.
///
/// In JSON lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Commitment(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

/// A document with the salt that its commitment needs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OpenedDocument {
    /// 32 random bytes, of this document alone.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub salt: [u8; 32],
    /// The document's bytes.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub document: Vec<u8>,
}

/// Where a step was signed, as the vault keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionDocument {
    /// The place.
    pub position: Position,
    /// When the step was signed.
    pub at: UtcMillis,
}

/// The grounds on which personal data is erased: Regulation (EU) 2016/679 Article 17(1)(a) to (e).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// It is no longer needed for what it was collected for.
    NotNeeded,
    /// The person withdrew the consent.
    ConsentWithdrawn,
    /// The person objected.
    Objected,
    /// It was processed unlawfully.
    Unlawful,
    /// A law asks for its erasure.
    Obligation,
}

/// Whether the place is recorded with each step that is signed on this device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PositionSetting {
    /// It is not; a step that comes with a position is refused.
    #[default]
    Off,
    /// It is, in the vault.
    On,
}

/// What is known of a recorded position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum PositionKnown {
    /// The device that recorded it keeps it.
    HeldElsewhere,
    /// This device keeps it, and was opened without the passphrase that opens it.
    Sealed,
    /// Here it is.
    Opened {
        /// The place.
        position: Position,
    },
    /// It was erased.
    Erased {
        /// When.
        at: UtcMillis,
        /// On which ground.
        ground: Ground,
    },
    /// This device keeps it and cannot read it.
    Unreadable {
        /// The code of the reason.
        code: String,
    },
}

/// A position document's map.
#[derive(Encode, Decode)]
#[cbor(map)]
struct PositionMap {
    #[n(1)]
    kind: DocumentKind,
    #[n(2)]
    latitude_udeg: i32,
    #[n(3)]
    longitude_udeg: i32,
    #[n(4)]
    accuracy_m: u32,
    #[n(5)]
    at: UtcMillis,
}

/// The kinds of documents.
#[derive(Encode, Decode)]
#[cbor(index_only)]
enum DocumentKind {
    #[n(1)]
    Position,
}

impl OpenedDocument {
    /// What stands for it in an entry.
    pub fn commitment(&self) -> Commitment {
        let mut hasher = Sha256::new();
        for part in [DOMAIN, &self.salt, &self.document] {
            hasher.update(part);
        }
        Commitment(hasher.finalize().into())
    }

    /// Its deterministic CBOR.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads one, with nothing behind it.
    ///
    /// # Errors
    /// `model/malformed-record`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        decode(bytes)
    }
}

impl PositionDocument {
    /// Its deterministic CBOR.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(&PositionMap {
            kind: DocumentKind::Position,
            latitude_udeg: self.position.latitude_udeg(),
            longitude_udeg: self.position.longitude_udeg(),
            accuracy_m: self.position.accuracy_m(),
            at: self.at,
        })
    }

    /// Reads a document that is a position.
    ///
    /// # Errors
    /// `model/malformed-record`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let map: PositionMap = decode(bytes)?;
        let position = Position::new(map.latitude_udeg, map.longitude_udeg, map.accuracy_m);
        Ok(Self { position: position.map_err(|error| RecordError(error.to_string()))?, at: map.at })
    }
}

impl Ground {
    /// Every ground, in the order of the article.
    pub const ALL: [Ground; 5] =
        [Self::NotNeeded, Self::ConsentWithdrawn, Self::Objected, Self::Unlawful, Self::Obligation];

    /// The number in docs/firn.cddl.
    pub fn number(self) -> u64 {
        match self {
            Self::NotNeeded => 1,
            Self::ConsentWithdrawn => 2,
            Self::Objected => 3,
            Self::Unlawful => 4,
            Self::Obligation => 5,
        }
    }

    /// The ground of a number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.number() == number)
    }

    /// In English.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotNeeded => "no longer needed",
            Self::ConsentWithdrawn => "consent withdrawn",
            Self::Objected => "the person objected",
            Self::Unlawful => "processed unlawfully",
            Self::Obligation => "a law asks for it",
        }
    }
}

impl Serialize for Commitment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Commitment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("not 64 hexadecimal digits in lower case"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paris() -> PositionDocument {
        let position = Position::new(48_856_613, -2_352_222, 12).unwrap();
        PositionDocument { position, at: UtcMillis(1_790_000_000_000) }
    }

    #[test]
    fn the_bytes_of_a_position_and_its_commitment_are_frozen() {
        let document = paris().to_bytes();
        assert_eq!(HEXLOWER.encode(&document), "a50101021a02e97e25033a0023e45d040c051b000001a0c4506c00");
        assert_eq!(PositionDocument::from_bytes(&document).unwrap(), paris());
        let opened = OpenedDocument { salt: [7; 32], document };
        assert_eq!(
            HEXLOWER.encode(&opened.to_bytes()),
            format!("825820{}581b{}", "07".repeat(32), HEXLOWER.encode(&opened.document))
        );
        assert_eq!(OpenedDocument::from_bytes(&opened.to_bytes()).unwrap(), opened);
        assert_eq!(
            serde_json::to_value(opened.commitment()).unwrap(),
            "598e497efcdae53efc103381d13941c37b013d6b417b8a7ee3b9da7c5bab7f89"
        );
    }

    #[test]
    fn the_commitment_hides_the_place_behind_its_salt() {
        let document = paris().to_bytes();
        let one = OpenedDocument { salt: [1; 32], document: document.clone() };
        let other = OpenedDocument { salt: [2; 32], document };
        assert_ne!(one.commitment(), other.commitment());
    }

    #[test]
    fn every_ground_is_a_letter_of_the_article_with_a_number_of_its_own() {
        for ground in Ground::ALL {
            assert_eq!(Ground::from_number(ground.number()), Some(ground));
        }
        assert_eq!((Ground::from_number(0), Ground::from_number(6)), (None, None));
    }

    proptest! {
        #[test]
        fn every_position_comes_back_as_it_was_kept(
            latitude in -90_000_000..=90_000_000,
            longitude in -180_000_000..=180_000_000,
            accuracy: u32,
            at: i64,
        ) {
            let position = Position::new(latitude, longitude, accuracy).unwrap();
            let document = PositionDocument { position, at: UtcMillis(at) };
            prop_assert_eq!(PositionDocument::from_bytes(&document.to_bytes()).unwrap(), document);
        }

        #[test]
        fn hostile_bytes_are_refused_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let refused = PositionDocument::from_bytes(&bytes).is_err();
            prop_assert!(refused || bytes.first() == Some(&0xa5));
            drop(OpenedDocument::from_bytes(&bytes));
        }
    }
}
