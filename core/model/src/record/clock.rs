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
}
