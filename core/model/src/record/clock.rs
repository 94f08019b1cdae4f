//! What two devices' clocks showed when they met.

use crate::shipment::CLOCK_TOLERANCE_MS;
use minicbor::{Decode, Encode};

/// The clocks of the signing device and of a peer, compared while both synced (kind 47): the entry's own time says
/// when. It is about no shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ClockCompared {
    /// The peer's log.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub peer: [u8; 32],
    /// How far the peer's clock was ahead, in milliseconds; negative where it was behind.
    #[n(2)]
    pub difference_ms: i64,
    /// The peer's entries that show it, where no meeting did: each was signed after the signer had held the peer's
    /// log whole, and is dated before that by more than clocks may differ.
    #[n(3)]
    pub dated_back: Option<Entries>,
}

impl ClockCompared {
    /// Whether it can count as signed by the device of this log, who held so many of the peer's entries by the heads that
    /// its entry names. Nobody meets themselves; and what was dated back had been held, and its clock was behind.
    pub fn may_count(&self, signer: &[u8; 32], held: Option<u64>) -> bool {
        let shows = |entries: Entries| {
            let is_held = held.is_some_and(|held| entries.last < held);
            is_held && entries.first <= entries.last && self.difference_ms < -CLOCK_TOLERANCE_MS
        };
        self.peer != *signer && self.dated_back.is_none_or(shows)
    }
}

/// Some entries of one log, by their sequence numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Entries {
    /// The first.
    #[n(0)]
    pub first: u64,
    /// The last.
    #[n(1)]
    pub last: u64,
}

impl Entries {
    /// Whether the entry of this number is one of them.
    pub fn contain(&self, sequence: u64) -> bool {
        (self.first..=self.last).contains(&sequence)
    }
}
