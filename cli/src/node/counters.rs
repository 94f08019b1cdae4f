//! What has happened between this node and its peers, counted for whoever watches it.

use super::health::Health;
use super::refusing::Reason;
use firn_model::time::UtcMillis;
use firn_peer::event::PeerEvent;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::sync::atomic::{AtomicBool, Ordering};

/// The code of what is not in the store as it was written.
pub const DAMAGED: &str = "store/corrupt";

/// The numbers, in the names of the OpenMetrics specification 1.0: totals since the start, and what holds now.
pub struct Counters {
    registry: Registry,
    exchanges: Family<Exchange, Counter>,
    entries: Family<Moved, Counter>,
    refused: Family<Refused, Counter>,
    joined: Counter,
    last_sync: Gauge,
    logs: Gauge,
    held: Gauge,
    forked: Gauge,
    store_bytes: Gauge,
    healthy: Gauge,
    damaged: AtomicBool,
}

/// An exchange with a peer, by how it ended.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Exchange {
    outcome: Outcome,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
enum Outcome {
    /// Both hold the same.
    Agreed,
    /// They still differ, or one refused a log of the other.
    Differ,
    /// It ended in a refusal or an error.
    Ended,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refused {
    reason: Reason,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Moved {
    direction: Direction,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
enum Direction {
    Received,
    Sent,
}

impl Counters {
    /// All at nothing, for a service that began `now`.
    pub fn new(now: UtcMillis) -> Self {
        let counters = Self {
            registry: Registry::with_prefix("firn"),
            exchanges: Family::default(),
            entries: Family::default(),
            refused: Family::default(),
            joined: Counter::default(),
            last_sync: Gauge::default(),
            logs: Gauge::default(),
            held: Gauge::default(),
            forked: Gauge::default(),
            store_bytes: Gauge::default(),
            healthy: Gauge::default(),
            damaged: AtomicBool::default(),
        };
        counters.registered(now)
    }

    fn registered(mut self, now: UtcMillis) -> Self {
        let began: Gauge = Gauge::default();
        began.set(seconds(now));
        // A series that is there from the start shows its first event as one.
        for outcome in [Outcome::Agreed, Outcome::Differ, Outcome::Ended] {
            drop(self.exchanges.get_or_create(&Exchange { outcome }));
        }
        self.moved(Direction::Received, 0);
        self.moved(Direction::Sent, 0);
        for reason in Reason::ALL {
            drop(self.refused.get_or_create(&Refused { reason }));
        }
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        let registry = &mut self.registry;
        registry.register("build", "The release", build);
        registry.register("start_time_seconds", "When the node began, Unix time", began);
        registry.register("exchanges", "Exchanges with peers by their outcome", self.exchanges.clone());
        registry.register("entries", "Entries that crossed by their direction", self.entries.clone());
        let refused = self.refused.clone();
        registry.register("refused_connections", "Connections that were refused by the reason", refused);
        registry.register("joined_devices", "Devices that joined here", self.joined.clone());
        registry.register("last_sync_time_seconds", "The last sync, Unix time", self.last_sync.clone());
        registry.register("logs", "Logs in the store", self.logs.clone());
        registry.register("held_entries", "Entries in the store", self.held.clone());
        registry.register("forked_logs", "Logs with a proven fork", self.forked.clone());
        registry.register("store_bytes", "The store's files", self.store_bytes.clone());
        registry.register("healthy", "1 where /health says so", self.healthy.clone());
        self
    }

    /// Counts what has happened `now`.
    pub fn count(&self, event: &PeerEvent, now: UtcMillis) {
        let outcome = match event {
            PeerEvent::Met { .. } | PeerEvent::Comparing { .. } => return,
            PeerEvent::Joined { .. } => {
                self.joined.inc();
                return;
            }
            PeerEvent::Ended { error, .. } => {
                if error.code() == DAMAGED {
                    self.damaged.store(true, Ordering::Relaxed);
                }
                if let Some(reason) = Reason::of(event) {
                    self.refused.get_or_create(&Refused { reason }).inc();
                }
                Outcome::Ended
            }
            PeerEvent::Synced { report, .. } => {
                let summary = &report.summary;
                self.moved(Direction::Received, summary.stored.values().sum());
                self.moved(Direction::Sent, summary.sent.values().sum());
                self.last_sync.set(seconds(now));
                if summary.agreed { Outcome::Agreed } else { Outcome::Differ }
            }
        };
        self.exchanges.get_or_create(&Exchange { outcome }).inc();
    }

    /// Whether an exchange met damage in this node's own store; it stays true until the node begins anew.
    pub fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    fn moved(&self, direction: Direction, entries: u64) {
        self.entries.get_or_create(&Moved { direction }).inc_by(entries);
    }

    /// The numbers as OpenMetrics text, with what holds now; none where they cannot be written.
    pub fn text(&self, health: &Health) -> Option<String> {
        if let Some(ledger) = &health.ledger {
            let gauges =
                [(&self.logs, ledger.logs), (&self.held, ledger.entries), (&self.forked, ledger.forked)];
            for (gauge, value) in gauges {
                gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
            }
        }
        self.store_bytes.set(i64::try_from(health.store_bytes).unwrap_or(i64::MAX));
        self.healthy.set(i64::from(health.ok));
        let mut text = String::new();
        encode(&mut text, &self.registry).ok()?;
        Some(text)
    }
}

fn seconds(at: UtcMillis) -> i64 {
    at.0.div_euclid(1000)
}
