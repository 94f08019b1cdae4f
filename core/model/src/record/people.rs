//! Bodies about people: who they are, their keys, and signing that failed.

use crate::id::Id;
use crate::role::Role;
use crate::time::UtcMillis;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A person as an admin enrolled them (kind 35); the newest of an id counts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Person {
    /// The id, never given to anybody else (21 CFR 11.100(a)).
    #[n(1)]
    pub id: Id,
    /// The name as it is printed with a signature (21 CFR 11.50(a)).
    #[n(2)]
    pub name: String,
    /// The title, such as "head pharmacist".
    #[n(3)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the person may do.
    #[n(4)]
    pub role: Role,
    /// When the person was trained; nobody signs without it (21 CFR 11.10(i)).
    #[n(5)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained: Option<UtcMillis>,
    /// Whether the person still signs.
    #[n(6)]
    pub standing: PersonStanding,
    /// The keys of theirs that no longer count, each for good (21 CFR 11.300(c)).
    #[n(7)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Vec<WithdrawnKey>>,
    /// The Ed25519 key that a code stands for, which an admin gives to the person alone: with it, and only
    /// with it, a device binds a key to them (21 CFR 11.100(b)). In JSON lower-case hexadecimal.
    #[n(8)]
    #[cbor(with = "minicbor::bytes")]
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hexadecimal::optional")]
    pub enrolment_key: Option<[u8; 32]>,
}

impl Person {
    /// Whether this key of theirs no longer counts.
    pub fn has_withdrawn(&self, key: &[u8; 32]) -> bool {
        self.withdrawn.iter().flatten().any(|withdrawn| withdrawn.key == *key)
    }
}

/// A key that no longer counts: its PIN was lost, or somebody else may know it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct WithdrawnKey {
    /// The Ed25519 key; in JSON lower-case hexadecimal.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    #[serde(with = "hexadecimal")]
    pub key: [u8; 32],
    /// Why.
    #[n(2)]
    pub reason: String,
}

/// A key in JSON.
mod hexadecimal {
    use data_encoding::HEXLOWER;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(key: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(key))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| serde::de::Error::custom("not 64 hexadecimal digits in lower case"))
    }

    pub(super) mod optional {
        use super::*;

        pub(in super::super) fn serialize<S: Serializer>(
            key: &Option<[u8; 32]>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match key {
                Some(key) => super::serialize(key, serializer),
                None => serializer.serialize_none(),
            }
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<[u8; 32]>, D::Error> {
            super::deserialize(deserializer).map(Some)
        }
    }
}

/// Whether a person still signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum PersonStanding {
    /// Signs.
    #[n(1)]
    Active,
    /// Has left: what was signed stays.
    #[n(2)]
    Ended,
}

/// A person's key on one device (kind 36), in that device's log. The entry's second signature is by the
/// person's enrolment key; without it the key does not count.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PersonKey {
    /// Whose.
    #[n(1)]
    pub person: Id,
    /// The Ed25519 key.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// The SHA-256 of the accountability text that the person accepted (21 CFR 11.10(j)).
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub accountability: [u8; 32],
}

/// A person's secret was given wrongly (kind 37; 21 CFR 11.300(d)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct SigningFailed {
    /// Whose.
    #[n(1)]
    pub person: Id,
    /// How often in a row.
    #[n(2)]
    pub failures: u32,
    /// Until when nobody signs as this person here.
    #[n(3)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<UtcMillis>,
}
