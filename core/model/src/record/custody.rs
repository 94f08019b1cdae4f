//! Bodies about custody: offered, accepted, confirmed, received.

use super::EntryReference;
use crate::assess::Verdict;
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use minicbor::{Decode, Encode};

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
}
