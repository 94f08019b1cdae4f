//! How slowly a peer may send: one that lets its bytes drip would hold a place among the connections for an hour.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::PeerError;
use crate::limits::SLOWEST;

/// What has arrived since this side began to wait, or since enough had.
#[derive(Debug)]
pub(super) struct Pace {
    within: Duration,
    waited: Duration,
    since: Instant,
    bytes: u64,
}

impl Pace {
    pub fn new(within: Duration) -> Self {
        Self { within, waited: Duration::ZERO, since: Instant::now(), bytes: 0 }
    }

    /// From now on bytes are waited for; time in which this side was at work does not count.
    pub fn waits(&mut self) {
        self.since = Instant::now();
    }

    /// Some have arrived.
    pub fn arrived(&mut self, bytes: usize) -> Result<(), PeerError> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.waited = self.waited.saturating_add(self.since.elapsed());
        if self.bytes >= SLOWEST {
            (self.bytes, self.waited) = (0, Duration::ZERO);
        }
        match self.waited > self.within {
            true => Err(PeerError::Timeout { during: "the other device sent a few bytes at a time" }),
            false => Ok(()),
        }
    }
}
