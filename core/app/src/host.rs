//! The ports through which the use cases reach the world.

use crate::{AppError, Pin, Vault};
use firn_ble::keys::BindKey;
use firn_ledger::bytes::{LogId, OrganisationId};
use firn_ledger::key::Signer;
use firn_ledger::store::Store;
use firn_model::api::LogBarred;
use firn_model::id::Id;
use firn_model::time::UtcMillis;
use std::future::Future;
use std::sync::Arc;

/// The clocks at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock.
    pub utc: UtcMillis,
    /// Milliseconds since that boot; never runs backwards within it.
    pub monotonic_ms: u64,
    /// Which boot.
    pub boot: Id,
}

/// Who this device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The organisation's id.
    pub organisation: OrganisationId,
    /// This device's log.
    pub log: LogId,
}

/// The device's key; it may live in a place that only signs.
pub type DeviceKey = Arc<dyn Signer + Send + Sync>;

/// Which of a person's keys on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonKeyFile {
    /// Whose.
    pub person: Id,
    /// How many keys this device's log had bound to the person before it, each withdrawn since.
    pub before: usize,
}

/// What a composition root gives the use cases.
pub trait Host: Send + Sync + 'static {
    /// Reads the clocks.
    fn now(&self) -> Moment;

    /// Fills `bytes` with random numbers.
    fn random(&self, bytes: &mut [u8]) -> Result<(), AppError>;

    /// Who this device is.
    fn identity(&self) -> Identity;

    /// Why the own log may not go on, by what is remembered outside the store, where the home was opened to read alone:
    /// whoever opens it to write bars the log by the same.
    fn set_back(&self) -> Option<LogBarred> {
        None
    }

    /// The device's key; refused where the home was opened for reading or without its passphrase.
    fn signer(&self) -> Result<DeviceKey, AppError>;

    /// The organisation's root, which names and revokes admins.
    ///
    /// # Errors
    /// `app/root-needed` where its key is not open.
    fn root(&self) -> Result<DeviceKey, AppError>;

    /// The key that opens this logger's adverts, where one was entered on this device; none where the home
    /// was opened without its passphrase.
    fn logger_key(&self, logger: &Id) -> Option<BindKey>;

    /// Makes a key for a person on this device, wrapped by the device's key store and the PIN, and keeps it;
    /// refused where there is one in its place. Keys made for the person before are destroyed.
    fn make_person_key(
        &self,
        file: PersonKeyFile,
        pin: Pin,
    ) -> impl Future<Output = Result<DeviceKey, AppError>> + Send;

    /// Opens a person's key; none where the PIN is wrong.
    ///
    /// # Errors
    /// `app/no-person-key` where this device holds none.
    fn open_person_key(
        &self,
        file: PersonKeyFile,
        pin: Pin,
    ) -> impl Future<Output = Result<Option<DeviceKey>, AppError>> + Send;

    /// Wraps a person's key under another PIN; false, and nothing is changed, where the old one is wrong.
    ///
    /// # Errors
    /// `app/no-person-key` where this device holds none.
    fn rewrap_person_key(
        &self,
        file: PersonKeyFile,
        old: Pin,
        new: Pin,
    ) -> impl Future<Output = Result<bool, AppError>> + Send;

    /// Names this opening of the home: what an earlier one journalled and did not seal was cut off.
    fn session(&self) -> Id;

    /// Runs `work` with the store, on the store's own thread, after all that was asked before.
    fn with_store<T, W>(&self, work: W) -> impl Future<Output = Result<T, AppError>> + Send
    where
        T: Send + 'static,
        W: FnOnce(&mut Store) -> Result<T, AppError> + Send + 'static;

    /// Remembers outside the store how far this device's own log goes, so that no sequence number is used again of which
    /// others may hold the entry; called before anything of it leaves.
    fn remember_own_head(&self) -> impl Future<Output = Result<(), AppError>> + Send;

    /// Runs `work` with the vault, while nobody else uses it.
    fn with_vault<T, W>(&self, work: W) -> impl Future<Output = Result<T, AppError>> + Send
    where
        T: Send + 'static,
        W: FnOnce(&mut dyn Vault) -> Result<T, AppError> + Send + 'static;
}

/// Random bytes of a fixed number from a host.
pub(crate) fn random_array<const N: usize>(host: &impl Host) -> Result<[u8; N], AppError> {
    let mut bytes = [0; N];
    host.random(&mut bytes)?;
    Ok(bytes)
}
