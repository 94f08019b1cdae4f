//! How long and how much: the bounds of every exchange.

use std::time::Duration;

/// Bytes that arrive within [`Limits::pace`] at least: 34 a second; GPRS has 2,000.
pub const SLOWEST: u64 = 4096;

/// Bounds for connecting, joining, syncing and serving. Every wait of this crate has one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For reaching a peer and the handshake, on either side.
    pub connect: Duration,
    /// For a whole join, the home's transaction included.
    pub join: Duration,
    /// For the request of who joins, of whom nothing is known before it.
    pub request: Duration,
    /// For the person who compares digits at a join.
    pub compare: Duration,
    /// Without a byte or an answer of the store, while syncing.
    pub idle: Duration,
    /// In so long at least [`SLOWEST`] bytes arrive while one waits for them.
    pub pace: Duration,
    /// For a whole sync.
    pub sync: Duration,
    /// For what runs on when the service ends.
    pub grace: Duration,
    /// Connections at once of which it is not known yet whether they are a member's.
    pub arrivals: usize,
    /// Members served at once.
    pub connections: usize,
    /// Who joins by an invitation, at once.
    pub joins: usize,
    /// Of these, from one endpoint.
    pub connections_per_peer: usize,
    /// Connections that one endpoint may begin within a minute.
    pub attempts_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            join: Duration::from_secs(30),
            request: Duration::from_secs(10),
            compare: Duration::from_secs(600),
            idle: Duration::from_secs(30),
            pace: Duration::from_secs(120),
            sync: Duration::from_secs(3600),
            grace: Duration::from_secs(5),
            arrivals: 256,
            connections: 16,
            joins: 128,
            connections_per_peer: 2,
            attempts_per_minute: 60,
        }
    }
}
