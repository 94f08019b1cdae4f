//! Bodies about custody: offered, accepted, confirmed, received.

use super::{EntryReference, Fingerprint, LoggerReason};
use crate::assess::Verdict;
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The giver offers custody (kind 24).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Offered {
    /// Names this offer; the acceptance repeats it.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    /// After this instant the offer is void.
    #[n(2)]
    pub expires: UtcMillis,
    /// The last reading that the giver holds.
    #[n(3)]
    pub last_reading: Option<LastReading>,
    /// How the shipment stood for the giver.
    #[n(4)]
    pub verdict: Verdict,
    /// The other organisation that it is offered to; absent: another device of one's own.
    #[n(5)]
    pub partner: Option<Fingerprint>,
}

/// A reading as both parties can see it on their screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LastReading {
    /// When.
    #[n(0)]
    pub time: UtcMillis,
    /// How warm.
    #[n(1)]
    pub value: MilliCelsius,
}

/// The receiver takes custody (kind 25); it passes here.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Accepted {
    /// The offer's entry.
    #[n(1)]
    pub offered: EntryReference,
    /// The offer's nonce.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    /// When, by the receiver's clock.
    #[n(3)]
    pub at: UtcMillis,
}

/// The giver confirms that custody passed (kind 26).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Confirmed {
    /// The acceptance's entry.
    #[n(1)]
    pub accepted: EntryReference,
}

/// The receipt signature (kind 27): from here on readings no longer count.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Received {
    /// When the shipment arrived.
    #[n(1)]
    pub at: UtcMillis,
    /// What the receiver noted.
    #[n(2)]
    pub note: Option<String>,
    /// What the receiver checked.
    #[n(3)]
    pub checklist: Option<Checklist>,
    /// Why it is recorded late, where it is.
    #[n(4)]
    pub reason: Option<String>,
}

/// What is checked when a shipment is received.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Checklist {
    /// The seal.
    #[n(1)]
    pub seal: SealFound,
    /// How many of each line arrived, in the order of the lines.
    #[n(2)]
    pub counts: Vec<u32>,
    /// The lines that are expired or too near to it, from 0.
    #[n(3)]
    pub expired: Vec<u32>,
    /// The loggers that could not be read, each with the reason.
    #[n(4)]
    pub unread: Vec<LoggerReason>,
}

/// How the seal was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum SealFound {
    /// Whole.
    #[n(1)]
    Intact,
    /// Broken.
    #[n(2)]
    Broken,
    /// There was none.
    #[n(3)]
    None,
}
