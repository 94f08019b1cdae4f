//! What two devices' clocks showed when they met.

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
