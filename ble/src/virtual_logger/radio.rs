//! A radio without Bluetooth: it hears and connects virtual loggers.

use super::VirtualRuuviTag;
use crate::address::BluetoothUuid;
use crate::dialog::ruuvi::{NOTIFY, WRITE};
use crate::radio::{Clock, DeviceId, Heard, Hearing, Link, LinkEvent, Radio, RadioError, RadioState};
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
    loggers: Vec<Arc<VirtualRuuviTag>>,
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
    pub fn new(loggers: impl IntoIterator<Item = VirtualRuuviTag>, clock: C) -> Self {
        Self { loggers: loggers.into_iter().map(Arc::new).collect(), clock, breaks: Arc::default() }
    }

    /// The same radio, whose first connections break off after so many notifications each.
    pub fn breaking_off_after(self, notifications: impl IntoIterator<Item = usize>) -> Self {
        let after = notifications.into_iter().collect();
        Self { breaks: Arc::new(Breaks { after, used: AtomicUsize::new(0) }), ..self }
    }

    /// The name under which this radio hears `logger`.
    pub fn device(logger: &VirtualRuuviTag) -> DeviceId {
        DeviceId(format!("virtual/{}", logger.address))
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
                    let device = Self::device(logger);
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
        let logger = self.loggers.iter().find(|logger| Self::device(logger) == *device);
        let logger = logger.ok_or_else(|| RadioError::UnknownDevice(device.clone()))?;
        let connection = self.breaks.used.fetch_add(1, Ordering::Relaxed);
        Ok(VirtualLink {
            logger: Arc::clone(logger),
            clock: self.clock.clone(),
            subscribed: false,
            waiting: VecDeque::new(),
            left: self.breaks.after.get(connection).copied(),
        })
    }
}

/// A connection to a virtual logger; its answers wait until they are taken.
#[derive(Debug)]
pub struct VirtualLink<C> {
    logger: Arc<VirtualRuuviTag>,
    clock: C,
    subscribed: bool,
    waiting: VecDeque<Vec<u8>>,
    /// Notifications until the connection breaks off, if it does.
    left: Option<usize>,
}

impl<C: Clock> Link for VirtualLink<C> {
    async fn subscribe(
        &mut self,
        _service: BluetoothUuid,
        characteristic: BluetoothUuid,
    ) -> Result<(), RadioError> {
        if characteristic != NOTIFY {
            return Err(RadioError::NoCharacteristic(characteristic));
        }
        self.subscribed = true;
        self.waiting.push_back(self.logger.heartbeat(self.clock.now()).to_vec());
        Ok(())
    }

    async fn write(
        &mut self,
        _service: BluetoothUuid,
        characteristic: BluetoothUuid,
        bytes: &[u8],
        _with_response: bool,
    ) -> Result<(), RadioError> {
        if characteristic != WRITE {
            return Err(RadioError::NoCharacteristic(characteristic));
        }
        if self.left == Some(0) {
            return Err(RadioError::Disconnected);
        }
        if self.subscribed {
            self.waiting.extend(self.logger.answer(bytes, self.clock.now()));
        }
        Ok(())
    }

    async fn next(&mut self) -> LinkEvent {
        if self.left == Some(0) {
            return LinkEvent::Lost(RadioError::Disconnected);
        }
        while self.waiting.is_empty() {
            self.clock.sleep(ADVERT_MS).await;
            self.waiting.push_back(self.logger.heartbeat(self.clock.now()).to_vec());
        }
        self.left = self.left.map(|left| left.saturating_sub(1));
        let bytes = self.waiting.pop_front().unwrap_or_default();
        LinkEvent::Notification { characteristic: NOTIFY, bytes }
    }

    async fn disconnect(self) -> Result<(), RadioError> {
        Ok(())
    }
}
