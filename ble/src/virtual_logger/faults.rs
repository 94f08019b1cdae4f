//! Seeded faults around any virtual logger: what radio, firmware and people do to a download.

use super::logger::{Characteristic, Notification, Truth, VirtualLogger};
use super::mixed;
use crate::address::{Address, BluetoothUuid};
use crate::advert::Advert;
use firn_model::time::UtcMillis;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How often each fault strikes, of a thousand notifications, and the ones that strike once.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Makes all chances.
    pub seed: u64,
    /// Notifications that are lost.
    pub lost: u64,
    /// Notifications that come twice.
    pub doubled: u64,
    /// Notifications that change places with the next.
    pub swapped: u64,
    /// After how many notifications each of the first connections breaks off.
    pub breaks: Vec<usize>,
    /// By how many milliseconds the logger's own time jumps from the second connection on.
    pub jump_ms: i64,
    /// From the second connection on this logger stands there instead: reset, purged or with another clock.
    pub replaced_by: Option<Arc<dyn VirtualLogger>>,
}

/// A logger with faults.
#[derive(Debug)]
pub struct Faulty {
    logger: Arc<dyn VirtualLogger>,
    faults: Faults,
    chance: AtomicU64,
    connections: AtomicUsize,
    written: Mutex<Vec<Vec<u8>>>,
}

impl Faulty {
    /// A logger that these faults befall.
    pub fn new(logger: Arc<dyn VirtualLogger>, faults: Faults) -> Self {
        Self {
            logger,
            faults,
            chance: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            written: Mutex::new(Vec::new()),
        }
    }

    /// A further connection is made; the number of notifications after which it breaks off, if it does.
    pub fn connect(&self) -> Option<usize> {
        let connection = self.connections.fetch_add(1, Ordering::Relaxed);
        self.faults.breaks.get(connection).copied()
    }

    /// Everything that was ever written to the logger.
    pub fn written(&self) -> Vec<Vec<u8>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn later(&self) -> bool {
        self.connections.load(Ordering::Relaxed) > 1
    }

    /// The logger that stands there now.
    fn now(&self) -> &dyn VirtualLogger {
        match &self.faults.replaced_by {
            Some(other) if self.later() => other.as_ref(),
            _ => self.logger.as_ref(),
        }
    }

    /// The time as the logger sees it.
    fn at(&self, at: UtcMillis) -> UtcMillis {
        if self.later() { UtcMillis(at.0.saturating_add(self.faults.jump_ms)) } else { at }
    }

    /// Whether a fault that strikes so many of a thousand strikes now.
    fn strikes(&self, of_a_thousand: u64) -> bool {
        let count = self.chance.fetch_add(1, Ordering::Relaxed);
        mixed(self.faults.seed ^ count.rotate_left(32)) % 1000 < of_a_thousand
    }

    fn mangled(&self, sent: Vec<Notification>) -> Vec<Notification> {
        let mut arrives: Vec<Notification> = Vec::with_capacity(sent.len());
        for notification in sent {
            if self.strikes(self.faults.lost) {
                continue;
            }
            if self.strikes(self.faults.doubled) {
                arrives.push(notification.clone());
            }
            arrives.push(notification);
            if self.strikes(self.faults.swapped) {
                let last = arrives.len().saturating_sub(1);
                if let Some((before, [newest])) = arrives.split_at_mut_checked(last)
                    && let Some(before) = before.last_mut()
                {
                    std::mem::swap(before, newest);
                }
            }
        }
        arrives
    }
}

impl VirtualLogger for Faulty {
    fn address(&self) -> Address {
        self.logger.address()
    }

    fn advert(&self, at: UtcMillis) -> Advert {
        self.now().advert(self.at(at))
    }

    fn characteristics(&self) -> Vec<Characteristic> {
        self.now().characteristics()
    }

    fn on_read(&self, characteristic: BluetoothUuid, at: UtcMillis) -> Option<Vec<u8>> {
        self.now().on_read(characteristic, self.at(at))
    }

    fn on_subscribe(&self, characteristic: BluetoothUuid, at: UtcMillis) -> Vec<Notification> {
        self.mangled(self.now().on_subscribe(characteristic, self.at(at)))
    }

    fn on_write(&self, characteristic: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Notification> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).push(bytes.to_vec());
        self.mangled(self.now().on_write(characteristic, bytes, self.at(at)))
    }

    fn heartbeat(&self, at: UtcMillis) -> Option<Notification> {
        self.now().heartbeat(self.at(at))
    }

    fn memory(&self, at: UtcMillis) -> Vec<Truth> {
        self.now().memory(self.at(at))
    }
}
