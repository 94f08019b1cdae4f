//! The radio as a port: hear adverts, connect, exchange bytes. What runs above it does not know which.
//!
//! [`btleplug`] implements it with the machine's own Bluetooth (feature `radio`),
//! [`crate::virtual_logger::radio`] with loggers that exist only in memory.

#[cfg(feature = "radio")]
pub mod btleplug;
pub mod characteristic;
pub mod clock;
pub mod download;

use crate::address::BluetoothUuid;
use crate::advert::Advert;
use std::fmt;
use std::future::Future;
use tokio::sync::mpsc;

pub use characteristic::{Access, Characteristic};
pub use clock::{Clock, TokioClock};
pub use download::{DownloadError, DownloadEvent, DownloadOptions, download};

/// What a radio calls a device: stable while the radio is open, and no more than that.
///
/// On Linux, Windows and Android it contains the address, on macOS and iOS a number of the system's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(pub String);

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One advert as it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Who sent it, by the radio's own naming.
    pub device: DeviceId,
    /// The strength at which it was received, in dBm.
    pub rssi_dbm: Option<i16>,
    /// The advert, with the time of hearing.
    pub advert: Advert,
}

/// Whether adverts can be heard now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RadioState {
    /// The adapter is on.
    On,
    /// The adapter is there and switched off.
    Off,
    /// There is no adapter.
    Absent,
}

impl RadioState {
    /// What to do about it; empty if there is nothing to do.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::On => "",
            Self::Off => "Switch Bluetooth on in the system's settings.",
            Self::Absent => "Plug in a Bluetooth adapter, or receive with another device.",
        }
    }
}

/// What arrives over a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEvent {
    /// A notification of a characteristic that was subscribed to.
    Notification {
        /// The characteristic.
        characteristic: BluetoothUuid,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The connection is gone; nothing follows.
    Lost(RadioError),
}

/// Why the radio did not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RadioError {
    /// The system's Bluetooth service cannot be reached.
    #[error("the system's Bluetooth service cannot be reached: {0}")]
    NoService(String),
    /// There is no adapter.
    #[error("there is no Bluetooth adapter")]
    NoAdapter,
    /// The adapter is switched off.
    #[error("Bluetooth is switched off")]
    AdapterOff,
    /// The adapter or the system's Bluetooth service no longer answers.
    #[error("the Bluetooth adapter does not answer")]
    AdapterSilent,
    /// The system does not allow this program to use Bluetooth.
    #[error("the system does not allow the use of Bluetooth")]
    Forbidden,
    /// The device has not been heard.
    #[error("the logger {0} has not been heard")]
    UnknownDevice(DeviceId),
    /// The connection could not be made.
    #[error("the logger could not be connected: {0}")]
    NotConnected(String),
    /// The connected device lacks a characteristic its kind has.
    #[error("the device has no characteristic {0}")]
    NoCharacteristic(BluetoothUuid),
    /// The device does not know a characteristic that the system remembers of it.
    #[error("the system remembers services that the logger no longer has: {0}")]
    StaleServices(String),
    /// The device answers only over a paired link.
    #[error("the logger wants to be paired first: {0}")]
    NotPaired(String),
    /// Several devices advertise the name by which a logger is enrolled.
    #[error("several devices in the air are called {0}")]
    SameName(String),
    /// The connection was lost.
    #[error("the connection to the logger was lost")]
    Disconnected,
    /// Anything else the system reports.
    #[error("Bluetooth: {0}")]
    Other(String),
}

impl RadioError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoService(_) => "ble/no-service",
            Self::NoAdapter => "ble/no-adapter",
            Self::AdapterOff => "ble/adapter-off",
            Self::AdapterSilent => "ble/adapter-silent",
            Self::Forbidden => "ble/forbidden",
            Self::UnknownDevice(_) => "ble/not-heard",
            Self::NotConnected(_) => "ble/not-connected",
            Self::NoCharacteristic(_) => "ble/no-characteristic",
            Self::StaleServices(_) => "ble/stale-services",
            Self::NotPaired(_) => "ble/not-paired",
            Self::SameName(_) => "ble/same-name",
            Self::Disconnected => "ble/disconnected",
            Self::Other(_) => "ble/radio-failed",
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::NoService(_) => "Install and start the system's Bluetooth service (on Linux: bluetooth).",
            Self::NoAdapter => RadioState::Absent.next_step(),
            Self::AdapterOff => RadioState::Off.next_step(),
            Self::AdapterSilent => {
                "Restart the system's Bluetooth service, or unplug the adapter and plug it in again."
            }
            Self::Forbidden => "Allow this program to use Bluetooth in the system's settings.",
            Self::UnknownDevice(_) => "Hold the logger nearer and listen until it appears.",
            Self::NotConnected(_) | Self::Disconnected => "Hold the logger nearer and try again.",
            Self::NoCharacteristic(_) => {
                "Remove the logger in the system's Bluetooth settings (on Linux: `bluetoothctl remove ADDRESS`), \
                 so that its services are read anew; if it stays, its firmware has no log over Bluetooth."
            }
            Self::StaleServices(_) => {
                "Remove the logger in the system's Bluetooth settings (on Linux: `bluetoothctl remove ADDRESS`) \
                 and download again: its firmware has changed since they were read."
            }
            Self::NotPaired(_) => "Pair the logger in the system's Bluetooth settings, then download again.",
            Self::SameName(_) => "Enrol the logger with its Bluetooth address, or take the others away.",
            Self::Other(_) => "Try again; if it stays, switch Bluetooth off and on.",
        }
    }

    /// Whether trying again at once may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::NotConnected(_) | Self::Disconnected | Self::Other(_) | Self::UnknownDevice(_))
    }
}

/// Adverts as they are heard; dropping it ends the scan.
#[derive(Debug)]
pub struct Hearing {
    receiver: mpsc::Receiver<Result<Heard, RadioError>>,
}

/// How many adverts wait for a slow listener before new ones are dropped.
const HEARING_CAPACITY: usize = 1024;

impl Hearing {
    /// The sending end for a radio, and the listener's end.
    pub fn channel() -> (mpsc::Sender<Result<Heard, RadioError>>, Self) {
        let (sender, receiver) = mpsc::channel(HEARING_CAPACITY);
        (sender, Self { receiver })
    }

    /// The next advert; after an error, or once the radio has closed, there is no more.
    pub async fn next(&mut self) -> Option<Result<Heard, RadioError>> {
        self.receiver.recv().await
    }
}

/// A radio that hears adverts and connects to loggers.
pub trait Radio: Send + Sync {
    /// A connection to one logger.
    type Link: Link;

    /// Whether adverts can be heard now.
    fn state(&self) -> impl Future<Output = Result<RadioState, RadioError>> + Send;

    /// Starts to listen. An adapter that is off stays off: the error says so.
    fn scan(&self) -> impl Future<Output = Result<Hearing, RadioError>> + Send;

    /// Connects to a device that has been heard.
    fn connect(&self, device: &DeviceId) -> impl Future<Output = Result<Self::Link, RadioError>> + Send;
}

/// A connection to one logger; dropping it disconnects without waiting.
pub trait Link: Send {
    /// The characteristics that the device offers, or offered when the system last asked it.
    fn characteristics(&self) -> Vec<Characteristic>;

    /// Reads a characteristic.
    fn read(
        &mut self,
        service: BluetoothUuid,
        characteristic: BluetoothUuid,
    ) -> impl Future<Output = Result<Vec<u8>, RadioError>> + Send;

    /// Subscribes to the notifications of a characteristic.
    fn subscribe(
        &mut self,
        service: BluetoothUuid,
        characteristic: BluetoothUuid,
    ) -> impl Future<Output = Result<(), RadioError>> + Send;

    /// Writes to a characteristic.
    fn write(
        &mut self,
        service: BluetoothUuid,
        characteristic: BluetoothUuid,
        bytes: &[u8],
        with_response: bool,
    ) -> impl Future<Output = Result<(), RadioError>> + Send;

    /// The next event; may be cancelled without losing one. After `Lost` it is always `Lost`.
    fn next(&mut self) -> impl Future<Output = LinkEvent> + Send;

    /// Disconnects and waits until the logger is free again.
    fn disconnect(self) -> impl Future<Output = Result<(), RadioError>> + Send;
}
