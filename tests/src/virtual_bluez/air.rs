//! What the stand-in's objects share: who listens, and the loggers in reach with what befalls them.

use super::Faults;
use firn_ble::radio::Characteristic;
use firn_ble::virtual_logger::{Truth, VirtualLogger};
use firn_ble::{Address, Advert, BluetoothUuid};
use firn_model::time::UtcMillis;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use zbus::zvariant::{ObjectPath, OwnedObjectPath};

/// Between two adverts of a logger; real ones take a second and more.
const ADVERT_INTERVAL: Duration = Duration::from_millis(50);

/// The machine's clock: the rig and the program under test share it.
#[allow(clippy::disallowed_methods, reason = "the rig is where this test reads the clock")]
pub fn now() -> UtcMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    UtcMillis(i64::try_from(since.as_millis()).expect("a clock before the year 292 million"))
}

/// A logger to be put into the air.
#[derive(Clone, Debug)]
pub struct InAir {
    /// The logger.
    pub logger: Arc<dyn VirtualLogger>,
    /// What befalls it.
    pub faults: Faults,
    /// Between two of its adverts.
    pub advert_interval: Duration,
}

impl InAir {
    /// A logger that nothing befalls, and that advertises twenty times a second.
    pub fn new(logger: impl VirtualLogger + 'static) -> Self {
        Self::of(Arc::new(logger))
    }

    /// The same, of a logger whose kind is not known here.
    pub fn of(logger: Arc<dyn VirtualLogger>) -> Self {
        Self { logger, faults: Faults::default(), advert_interval: ADVERT_INTERVAL }
    }

    /// The same logger with these faults.
    pub fn with(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }
}

/// Whether a device is in the air, or BlueZ merely remembers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// It advertises.
    #[default]
    InTheAir,
    /// It is remembered from an earlier scan, without signal strength.
    Remembered,
    /// It was heard earlier in a scan of another program that still runs: the strength of then is shown.
    RememberedWithStrength,
}

/// What BlueZ remembers of a device's services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cached {
    /// What the device has.
    #[default]
    Truly,
    /// The services of a firmware that had not this characteristic yet.
    Without(BluetoothUuid),
    /// The services of a firmware whose handles were others.
    OtherHandles,
}

/// What becomes of one notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Arrives,
    GetsLost,
    BreaksTheLink,
    EndsAllAdverts,
}

/// One logger in reach, and how it stands with the adapter.
pub struct Peripheral {
    pub(super) logger: Arc<dyn VirtualLogger>,
    pub(super) faults: Faults,
    pub(super) advert_interval: Duration,
    pub(super) path: OwnedObjectPath,
    /// The advert as it was heard last.
    advert: Mutex<Advert>,
    subscribed: Mutex<BTreeSet<BluetoothUuid>>,
    /// It has left the air for good.
    pub(super) gone: AtomicBool,
    /// The device stands on the bus.
    pub(super) appeared: AtomicBool,
    connected: AtomicBool,
    pub(super) resolved: AtomicBool,
    connections: AtomicUsize,
    /// Notifications sent over the connection under way.
    notified: AtomicUsize,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Peripheral {
    fn new(placed: InAir) -> Self {
        let InAir { logger, faults, advert_interval } = placed;
        let name = logger.address().to_string().replace(':', "_");
        let path = format!("{}/dev_{name}", super::adapter::ADAPTER);
        Self {
            advert: Mutex::new(logger.advert(now())),
            subscribed: Mutex::default(),
            gone: AtomicBool::new(faults.presence != Presence::InTheAir),
            path: ObjectPath::try_from(path).expect("a valid path").into(),
            logger,
            faults,
            advert_interval,
            appeared: AtomicBool::new(false),
            connected: AtomicBool::new(false),
            resolved: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            notified: AtomicUsize::new(0),
        }
    }

    /// All that its memory holds now.
    pub fn memory(&self) -> Vec<Truth> {
        self.logger.memory(now())
    }

    /// How often it was connected.
    pub fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    /// Whether it is connected now, and so silent for all others.
    pub fn is_connected(&self) -> bool {
        self.connected.load(SeqCst)
    }

    pub(super) fn advert(&self) -> Advert {
        locked(&self.advert).clone()
    }

    /// The advert sent now, which is then the one heard last.
    pub(super) fn advertised(&self) -> Advert {
        let advert = self.logger.advert(now());
        locked(&self.advert).clone_from(&advert);
        advert
    }

    /// What BlueZ shows of its services.
    pub(super) fn characteristics(&self) -> Vec<Characteristic> {
        let mut shown = self.logger.characteristics();
        if let Cached::Without(missing) = self.faults.cached {
            shown.retain(|characteristic| characteristic.uuid != missing);
        }
        shown
    }

    pub(super) fn link_up(&self) {
        self.connections.fetch_add(1, SeqCst);
        self.notified.store(0, SeqCst);
        self.connected.store(true, SeqCst);
    }

    pub(super) fn link_down(&self) {
        self.connected.store(false, SeqCst);
        self.resolved.store(false, SeqCst);
        locked(&self.subscribed).clear();
    }

    /// Whether this is a subscription more.
    pub(super) fn subscribe(&self, characteristic: BluetoothUuid) -> bool {
        locked(&self.subscribed).insert(characteristic)
    }

    pub(super) fn unsubscribe(&self, characteristic: BluetoothUuid) -> bool {
        locked(&self.subscribed).remove(&characteristic)
    }

    pub(super) fn is_subscribed(&self, characteristic: BluetoothUuid) -> bool {
        locked(&self.subscribed).contains(&characteristic)
    }

    /// What the scenario does with the next notification.
    pub(super) fn next_fate(&self) -> Fate {
        let number = self.notified.fetch_add(1, SeqCst);
        let connection = self.connections().saturating_sub(1);
        let faults = &self.faults;
        if faults.gone_after.is_some_and(|after| number >= after) {
            Fate::EndsAllAdverts
        } else if faults.break_off_after.get(connection).is_some_and(|after| number >= *after) {
            Fate::BreaksTheLink
        } else if faults.silent_after.is_some_and(|after| number >= after)
            || (connection == 0 && faults.lost.contains(&number))
        {
            Fate::GetsLost
        } else {
            Fate::Arrives
        }
    }
}

/// The state of the air.
pub(super) struct Air {
    pub(super) loggers: Vec<Arc<Peripheral>>,
    pub(super) powered: AtomicBool,
    /// The programs that listen, by their names on the bus.
    listeners: Mutex<BTreeSet<String>>,
}

impl Air {
    pub(super) fn new(loggers: impl IntoIterator<Item = InAir>, powered: bool) -> Self {
        Self {
            loggers: loggers.into_iter().map(|placed| Arc::new(Peripheral::new(placed))).collect(),
            powered: AtomicBool::new(powered),
            listeners: Mutex::default(),
        }
    }

    pub(super) fn at(&self, address: Address) -> Option<&Arc<Peripheral>> {
        self.loggers.iter().find(|peripheral| peripheral.logger.address() == address)
    }

    pub(super) fn is_on(&self) -> bool {
        self.powered.load(SeqCst)
    }

    pub(super) fn is_listened_to(&self) -> bool {
        !locked(&self.listeners).is_empty()
    }

    /// Whether this is a listener more.
    pub(super) fn listen(&self, who: &str) -> bool {
        locked(&self.listeners).insert(who.to_owned())
    }

    pub(super) fn stop_listening(&self, who: &str) -> bool {
        locked(&self.listeners).remove(who)
    }

    pub(super) fn stop_all_listening(&self) {
        locked(&self.listeners).clear();
    }

    /// Whether the adverts of `peripheral` reach the adapter now.
    pub(super) fn hears(&self, peripheral: &Peripheral) -> bool {
        self.is_listened_to() && !peripheral.gone.load(SeqCst) && !peripheral.is_connected()
    }

    /// Whether BlueZ shows a signal strength: from hearing the device to the end of all listening.
    pub(super) fn shows_strength(&self, peripheral: &Peripheral) -> bool {
        peripheral.faults.presence == Presence::RememberedWithStrength || self.hears(peripheral)
    }
}
