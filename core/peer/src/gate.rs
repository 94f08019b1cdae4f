//! How many connections, and how often: at once, from one endpoint, within a minute.

use std::collections::BTreeMap;
use std::time::Duration;

use iroh::EndpointId;

use crate::limits::Limits;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
/// Endpoints that are remembered; beyond it the one with the oldest minute is forgotten.
const MAX_ENDPOINTS: usize = 1024;

/// The connections of each endpoint; a pure table, to which the time is told.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    seen: BTreeMap<EndpointId, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    open: usize,
    attempts: u32,
    since: Duration,
}

/// Why an endpoint is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// It has all its places.
    Full,
    /// It came too often, and is let in again after this time.
    For(Duration),
}

impl Gate {
    /// Lets an endpoint in at `now`, a monotonic time; every entry must be followed by a [`Gate::leave`].
    pub fn enter(&mut self, endpoint: EndpointId, now: Duration, limits: &Limits) -> Result<(), Closed> {
        self.forget(now);
        let seen = self.seen.entry(endpoint).or_insert(Seen { since: now, ..Seen::default() });
        if now.saturating_sub(seen.since) >= MINUTE {
            (seen.attempts, seen.since) = (0, now);
        }
        seen.attempts = seen.attempts.saturating_add(1);
        if seen.attempts > limits.attempts_per_minute {
            return Err(Closed::For(MINUTE.saturating_sub(now.saturating_sub(seen.since))));
        }
        if seen.open >= limits.connections_per_peer {
            return Err(Closed::Full);
        }
        seen.open += 1;
        Ok(())
    }

    /// Counts a connection out.
    pub fn leave(&mut self, endpoint: &EndpointId) {
        if let Some(seen) = self.seen.get_mut(endpoint) {
            seen.open = seen.open.saturating_sub(1);
        }
    }

    fn forget(&mut self, now: Duration) {
        self.seen.retain(|_, seen| seen.open > 0 || now.saturating_sub(seen.since) < MINUTE);
        if self.seen.len() < MAX_ENDPOINTS {
            return;
        }
        let idle = self.seen.iter().filter(|(_, seen)| seen.open == 0);
        if let Some(oldest) = idle.min_by_key(|(_, seen)| seen.since).map(|(endpoint, _)| *endpoint) {
            self.seen.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        connect: MINUTE,
        join: MINUTE,
        request: MINUTE,
        compare: MINUTE,
        idle: MINUTE,
        pace: MINUTE,
        sync: MINUTE,
        grace: MINUTE,
        arrivals: 256,
        connections: 16,
        joins: 4,
        connections_per_peer: 2,
        attempts_per_minute: 3,
    };

    fn endpoint(number: u16) -> EndpointId {
        let mut seed = [0; 32];
        seed[..2].copy_from_slice(&number.to_be_bytes());
        iroh::SecretKey::from_bytes(&seed).public()
    }

    #[test]
    fn an_endpoint_holds_only_its_share_of_the_connections() {
        let mut gate = Gate::default();
        let entered = [1, 1, 1, 2].map(|number| gate.enter(endpoint(number), Duration::ZERO, &LIMITS));
        assert_eq!(entered, [Ok(()), Ok(()), Err(Closed::Full), Ok(())]);
    }

    #[test]
    fn an_endpoint_that_knocks_too_often_is_told_how_long_it_waits_for_the_next_minute() {
        let mut gate = Gate::default();
        let mut knock = |second| {
            let entered = gate.enter(endpoint(1), Duration::from_secs(second), &LIMITS);
            if entered.is_ok() {
                gate.leave(&endpoint(1));
            }
            entered
        };
        let wait = |seconds| Err(Closed::For(Duration::from_secs(seconds)));
        assert_eq!([0, 1, 2, 3, 59].map(&mut knock), [Ok(()), Ok(()), Ok(()), wait(57), wait(1)]);
        assert_eq!([60, 61].map(&mut knock), [Ok(()), Ok(())]);
    }

    #[test]
    fn strangers_cannot_fill_the_memory() {
        let mut gate = Gate::default();
        for number in 0..=u16::try_from(MAX_ENDPOINTS).unwrap() + 10 {
            assert_eq!(gate.enter(endpoint(number), Duration::ZERO, &LIMITS), Ok(()));
            gate.leave(&endpoint(number));
        }
        assert!(gate.seen.len() <= MAX_ENDPOINTS);
    }
}
