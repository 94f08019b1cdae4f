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

/// A person's key on one device (kind 36), in that device's log.
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
