//! The machine's own Bluetooth, by btleplug.
//!
//! Three habits of the systems below are made good here. Notification streams do not end with the
//! connection, and a dead Bluetooth service sends no event at all: every connection and every scan asks
//! the adapter for a sign of life. After a reconnect BlueZ shows cached adverts without signal strength:
//! those count as not heard. bluez-async panics in a task of its own when a stream is dropped while
//! signals arrive: harmless as long as panics unwind, so no build of the native side may abort on them.

mod link;
mod scan;

use super::{Clock, DeviceId, Hearing, Radio, RadioError, RadioState};
use ::btleplug::Error;
use ::btleplug::api::{Central, CentralState, Manager as _, Peripheral as _};
use ::btleplug::platform::{Adapter, Manager, Peripheral};
use std::future::Future;
use std::time::Duration;

pub use link::BluetoothLink;

/// How long the system is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For any short question to the adapter.
    pub answer: Duration,
    /// For a connection with the discovery of its services.
    pub connection: Duration,
    /// Between two signs of life asked of the adapter.
    pub between_signs: Duration,
}

impl Default for Patience {
    /// Five seconds for an answer, thirty for a connection, a sign of life every five.
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(5),
            connection: Duration::from_secs(30),
            between_signs: Duration::from_secs(5),
        }
    }
}

/// The first Bluetooth adapter of this machine.
#[derive(Clone, Debug)]
pub struct Bluetooth<C> {
    adapter: Adapter,
    clock: C,
    patience: Patience,
}

impl<C: Clock> Bluetooth<C> {
    /// Opens the first adapter. Must be called within a tokio runtime, which must outlive it.
    pub async fn open(clock: C, patience: Patience) -> Result<Self, RadioError> {
        let manager = match tokio::time::timeout(patience.answer, Manager::new()).await {
            Ok(manager) => manager.map_err(|error| RadioError::NoService(error.to_string()))?,
            Err(_) => return Err(RadioError::AdapterSilent),
        };
        let adapters = match tokio::time::timeout(patience.answer, manager.adapters()).await {
            Ok(adapters) => adapters.map_err(|error| match error {
                Error::NoAdapterAvailable => RadioError::NoAdapter,
                Error::PermissionDenied => RadioError::Forbidden,
                error => RadioError::NoService(error.to_string()),
            })?,
            Err(_) => return Err(RadioError::AdapterSilent),
        };
        let adapter = adapters.into_iter().next().ok_or(RadioError::NoAdapter)?;
        Ok(Self { adapter, clock, patience })
    }

    /// The system's description of the adapter.
    pub async fn describe(&self) -> Result<String, RadioError> {
        within(self.patience.answer, self.adapter.adapter_info()).await
    }

    /// The device of this name among those the system knows.
    async fn peripheral(&self, device: &DeviceId) -> Result<Peripheral, RadioError> {
        let known = within(self.patience.answer, self.adapter.peripherals()).await?;
        let found = known.into_iter().find(|peripheral| peripheral.id().to_string() == device.0);
        found.ok_or_else(|| RadioError::UnknownDevice(device.clone()))
    }
}

impl<C: Clock> Radio for Bluetooth<C> {
    type Link = BluetoothLink;

    async fn state(&self) -> Result<RadioState, RadioError> {
        // The adapter's description fails where the adapter has gone; its state would merely say "off".
        match self.describe().await {
            Err(RadioError::AdapterSilent) => return Err(RadioError::AdapterSilent),
            Err(_) => return Ok(RadioState::Absent),
            Ok(_) => {}
        }
        Ok(match within(self.patience.answer, self.adapter.adapter_state()).await? {
            CentralState::PoweredOff => RadioState::Off,
            CentralState::PoweredOn | CentralState::Unknown => RadioState::On,
        })
    }

    async fn scan(&self) -> Result<Hearing, RadioError> {
        match self.state().await? {
            RadioState::On => scan::start(self.adapter.clone(), self.clock.clone(), self.patience).await,
            RadioState::Off => Err(RadioError::AdapterOff),
            RadioState::Absent => Err(RadioError::NoAdapter),
        }
    }

    async fn connect(&self, device: &DeviceId) -> Result<BluetoothLink, RadioError> {
        let peripheral = self.peripheral(device).await?;
        BluetoothLink::open(self.adapter.clone(), peripheral, self.patience).await
    }
}

/// Waits for an answer of the system; none within `limit` means that it no longer answers.
async fn within<T>(limit: Duration, answer: impl Future<Output = Result<T, Error>>) -> Result<T, RadioError> {
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => answer.map_err(translated),
        Err(_) => Err(RadioError::AdapterSilent),
    }
}

fn translated(error: Error) -> RadioError {
    match error {
        Error::PermissionDenied => RadioError::Forbidden,
        Error::NotConnected => RadioError::Disconnected,
        Error::NoAdapterAvailable => RadioError::NoAdapter,
        error => of_words(error.to_string()),
    }
}

/// What only the words of the system's error tell: btleplug passes BlueZ's on as a text.
///
/// A handle that the device does not know is one of services remembered from another firmware. The numbers
/// are ATT error codes (Core Specification 5.4, vol 3, part F, §3.4.1.1); BlueZ says some of them in words
/// (`create_gatt_dbus_error` in its src/gatt-client.c).
fn of_words(words: String) -> RadioError {
    const INVALID_HANDLE: &str = "ATT error: 0x01";
    const NOT_FOUND: &str = "ATT error: 0x0a";
    const UNPAIRED: [&str; 4] = ["Not paired", "Not Authorized", "ATT error: 0x05", "ATT error: 0x0f"];
    const GONE: &str = "Not connected";
    let said = |what: &str| words.contains(what);
    if said(GONE) {
        return RadioError::Disconnected;
    }
    if said(INVALID_HANDLE) || said(NOT_FOUND) {
        RadioError::StaleServices(words)
    } else if UNPAIRED.into_iter().any(said) {
        RadioError::NotPaired(words)
    } else {
        RadioError::Other(words)
    }
}

/// One sign of life: whether the adapter answers and is on.
async fn sign_of(adapter: &Adapter, patience: Patience) -> Result<(), RadioError> {
    let signs = async { Ok((adapter.adapter_info().await?, adapter.adapter_state().await?)) };
    match within(patience.answer, signs).await {
        Ok((_, CentralState::PoweredOff)) => Err(RadioError::AdapterOff),
        Ok(_) => Ok(()),
        Err(_) => Err(RadioError::AdapterSilent),
    }
}

/// Waits until the adapter no longer answers or is switched off, and says which.
async fn failure_of(adapter: &Adapter, patience: Patience) -> RadioError {
    loop {
        tokio::time::sleep(patience.between_signs).await;
        if let Err(failure) = sign_of(adapter, patience).await {
            return failure;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bluez_says_in_words_has_a_code_and_a_next_step() {
        for (words, code) in [
            ("Operation failed with ATT error: 0x01", "ble/stale-services"),
            ("Operation failed with ATT error: 0x0a", "ble/stale-services"),
            ("Operation failed with ATT error: 0x0f", "ble/not-paired"),
            ("Not paired", "ble/not-paired"),
            ("Not connected", "ble/disconnected"),
            ("Operation failed with ATT error: 0x80", "ble/radio-failed"),
        ] {
            let error = of_words(words.into());
            assert_eq!(error.code(), code, "{words}");
            assert!(!error.next_step().is_empty());
        }
        assert!(!of_words("Not paired".into()).is_passing(), "trying again at once helps nobody");
    }
}
