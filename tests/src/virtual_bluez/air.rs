//! What the stand-in's objects share: the tag, who listens and who is connected.

use super::Faults;
use firn_ble::virtual_logger::VirtualRuuviTag;
use firn_model::time::UtcMillis;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock: the rig and the program under test share it.
#[allow(clippy::disallowed_methods, reason = "the rig is where this test reads the clock")]
pub fn now() -> UtcMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    UtcMillis(i64::try_from(since.as_millis()).expect("a clock before the year 292 million"))
}

/// The state of the air.
pub(super) struct Air {
    pub(super) tag: VirtualRuuviTag,
    pub(super) faults: Faults,
    pub(super) discovering: AtomicBool,
    /// The device stands on the bus.
    pub(super) appeared: AtomicBool,
    pub(super) connected: AtomicBool,
    pub(super) resolved: AtomicBool,
    pub(super) notifying: AtomicBool,
    connections: AtomicUsize,
    /// Notifications sent over the connection under way.
    notified: AtomicUsize,
}

/// What becomes of one notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Arrives,
    GetsLost,
    BreaksTheLink,
}

impl Air {
    pub(super) fn new(tag: VirtualRuuviTag, faults: Faults) -> Self {
        Self {
            tag,
            faults,
            discovering: AtomicBool::new(false),
            appeared: AtomicBool::new(false),
            connected: AtomicBool::new(false),
            resolved: AtomicBool::new(false),
            notifying: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            notified: AtomicUsize::new(0),
        }
    }

    /// Whether the tag's adverts reach the adapter now.
    pub(super) fn is_heard(&self) -> bool {
        self.discovering.load(SeqCst) && !self.faults.only_remembered && !self.is_connected()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(SeqCst)
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    pub(super) fn link_up(&self) {
        self.connections.fetch_add(1, SeqCst);
        self.notified.store(0, SeqCst);
        self.connected.store(true, SeqCst);
    }

    pub(super) fn link_down(&self) {
        self.connected.store(false, SeqCst);
        self.resolved.store(false, SeqCst);
        self.notifying.store(false, SeqCst);
    }

    /// What the scenario does with the next notification.
    pub(super) fn next_fate(&self) -> Fate {
        let number = self.notified.fetch_add(1, SeqCst);
        let connection = self.connections().saturating_sub(1);
        if self.faults.break_off_after.get(connection).is_some_and(|after| number >= *after) {
            Fate::BreaksTheLink
        } else if self.faults.silent_after.is_some_and(|after| number >= after)
            || (connection == 0 && self.faults.lost.contains(&number))
        {
            Fate::GetsLost
        } else {
            Fate::Arrives
        }
    }
}
