//! A radio without Bluetooth: it hears and connects virtual loggers.

use super::logger::{Notification, VirtualLogger};
use crate::address::BluetoothUuid;
use crate::radio::{
    Access, Characteristic, Clock, DeviceId, Heard, Hearing, Link, LinkEvent, Radio, RadioError, RadioState,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc::error::TrySendError;

/// Milliseconds between two adverts of one tag (Ruuvi firmware, default).
const ADVERT_MS: u64 = 1285;
/// The strength at which virtual loggers are heard, in dBm.
const RSSI_DBM: i16 = -58;

/// A radio that hears a fixed set of virtual loggers.
#[derive(Clone, Debug)]
pub struct VirtualRadio<C> {
    loggers: Vec<Arc<dyn VirtualLogger>>,
    clock: C,
    /// After how many notifications the next connections break off; an empty queue means never.
    breaks: Arc<Breaks>,
}

/// Planned losses of the connection.
#[derive(Debug, Default)]
struct Breaks {
    after: Vec<usize>,
    used: AtomicUsize,
}

impl<C: Clock> VirtualRadio<C> {
    /// A radio in whose reach these loggers are.
    pub fn new<L: VirtualLogger + 'static>(loggers: impl IntoIterator<Item = L>, clock: C) -> Self {
        Self::of(loggers.into_iter().map(|logger| Arc::new(logger) as Arc<dyn VirtualLogger>), clock)
    }

    /// A radio in whose reach these loggers are, of whatever kinds.
    pub fn of(loggers: impl IntoIterator<Item = Arc<dyn VirtualLogger>>, clock: C) -> Self {
        Self { loggers: loggers.into_iter().collect(), clock, breaks: Arc::default() }
    }

    /// The same radio, whose first connections break off after so many notifications each.
    pub fn breaking_off_after(self, notifications: impl IntoIterator<Item = usize>) -> Self {
        let after = notifications.into_iter().collect();
        Self { breaks: Arc::new(Breaks { after, used: AtomicUsize::new(0) }), ..self }
    }

    /// The name under which this radio hears `logger`.
    pub fn device(logger: &dyn VirtualLogger) -> DeviceId {
        logger.device()
    }
}

impl<C: Clock> Radio for VirtualRadio<C> {
    type Link = VirtualLink<C>;

    async fn state(&self) -> Result<RadioState, RadioError> {
        Ok(RadioState::On)
    }

    /// Every logger is heard once at once, and then every 1.285 s. Must be called within a tokio runtime.
    async fn scan(&self) -> Result<Hearing, RadioError> {
        let (sender, hearing) = Hearing::channel();
        let (loggers, clock) = (self.loggers.clone(), self.clock.clone());
        tokio::spawn(async move {
            while !sender.is_closed() {
                let now = clock.now();
                for logger in &loggers {
                    let device = logger.device();
                    let heard = Heard { device, rssi_dbm: Some(RSSI_DBM), advert: logger.advert(now) };
                    if let Err(TrySendError::Closed(_)) = sender.try_send(Ok(heard)) {
                        return;
                    }
                }
                tokio::select! {
                    () = clock.sleep(ADVERT_MS) => {}
                    () = sender.closed() => return,
                }
            }
        });
        Ok(hearing)
    }

    async fn connect(&self, device: &DeviceId) -> Result<VirtualLink<C>, RadioError> {
        let logger = self.loggers.iter().find(|logger| logger.device() == *device);
        let logger = logger.ok_or_else(|| RadioError::UnknownDevice(device.clone()))?;
        let connection = self.breaks.used.fetch_add(1, Ordering::Relaxed);
        Ok(VirtualLink {
            logger: Arc::clone(logger),
            clock: self.clock.clone(),
            subscribed: Vec::new(),
            waiting: VecDeque::new(),
            left: self.breaks.after.get(connection).copied(),
        })
    }
}

/// A connection to a virtual logger; its answers wait until they are taken.
#[derive(Debug)]
pub struct VirtualLink<C> {
    logger: Arc<dyn VirtualLogger>,
    clock: C,
    subscribed: Vec<BluetoothUuid>,
    waiting: VecDeque<Notification>,
    /// Notifications until the connection breaks off, if it does.
    left: Option<usize>,
}

impl<C> VirtualLink<C> {
    /// Refuses what the logger does not offer.
    fn offering(
        &self,
        characteristic: BluetoothUuid,
        usable: impl Fn(&Characteristic) -> bool,
    ) -> Result<(), RadioError> {
        let offered = self.logger.characteristics();
        let found = offered.iter().any(|offered| offered.uuid == characteristic && usable(offered));
        if found { Ok(()) } else { Err(RadioError::NoCharacteristic(characteristic)) }
    }
}

impl<C: Clock> Link for VirtualLink<C> {
    fn characteristics(&self) -> Vec<Characteristic> {
        self.logger.characteristics()
    }

    async fn read(
        &mut self,
        _service: BluetoothUuid,
        characteristic: BluetoothUuid,
    ) -> Result<Vec<u8>, RadioError> {
        self.offering(characteristic, |offered| offered.allows(Access::Read))?;
        let value = self.logger.on_read(characteristic, self.clock.now());
        value.ok_or(RadioError::NoCharacteristic(characteristic))
    }

    async fn subscribe(
        &mut self,
        _service: BluetoothUuid,
        characteristic: BluetoothUuid,
    ) -> Result<(), RadioError> {
        self.offering(characteristic, Characteristic::tells)?;
        self.subscribed.push(characteristic);
        self.waiting.extend(self.logger.on_subscribe(characteristic, self.clock.now()));
        Ok(())
    }

    async fn write(
        &mut self,
        _service: BluetoothUuid,
        characteristic: BluetoothUuid,
        bytes: &[u8],
        with_response: bool,
    ) -> Result<(), RadioError> {
        self.offering(characteristic, |offered| offered.takes(with_response))?;
        if self.left == Some(0) {
            return Err(RadioError::Disconnected);
        }
        let answer = self.logger.on_write(characteristic, bytes, self.clock.now());
        let subscribed = &self.subscribed;
        self.waiting.extend(answer.into_iter().filter(|(from, _)| subscribed.contains(from)));
        Ok(())
    }

    async fn next(&mut self) -> LinkEvent {
        if self.left == Some(0) {
            return LinkEvent::Lost(RadioError::Disconnected);
        }
        while self.waiting.is_empty() {
            self.clock.sleep(ADVERT_MS).await;
            self.waiting.extend(self.logger.heartbeat(self.clock.now()));
        }
        self.left = self.left.map(|left| left.saturating_sub(1));
        match self.waiting.pop_front() {
            Some((characteristic, bytes)) => LinkEvent::Notification { characteristic, bytes },
            None => LinkEvent::Lost(RadioError::Disconnected),
        }
    }

    async fn disconnect(self) -> Result<(), RadioError> {
        Ok(())
    }
}
