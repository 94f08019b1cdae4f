//! Opens a home and implements the ports of the app once, for every composition root.
//!
//! A home is one data folder: `format` (which layout), `lock` (one writer), `firn.db` (the ledger's
//! store), `vault.db` (personal data, sealed) and `keys/` (sealed). This is one of the few rooms that read the clock, random numbers and
//! files; everything it hands on is plain data.
#![forbid(unsafe_code)]

mod backup;
mod carrying;
mod clock;
mod continuing;
pub mod demo;
mod desktop;
mod device_keys;
mod error;
mod high_water;
mod home;
mod identity;
mod inviting;
mod joining;
mod local;
mod logger_keys;
mod network;
mod person_keys;
mod recovery;
mod root;
mod sealed;
mod store_thread;
mod vault;

pub use backup::{BackedUp, BackupError, backup, restore};
pub use carrying::{Incoming, Outgoing};
pub use clock::SystemClock;
pub use continuing::{continue_home, open_restored};
pub use desktop::{Desktop, Station};
pub use device_keys::{DeviceKeys, Sealing};
pub use error::HomeError;
pub use home::{Access, DATABASE, Home, KEYS, VAULT};
pub use inviting::{Compared, Comparison, invitation_for};
pub use local::LocalHost;
pub use network::{Network, PeerReport};
pub use recovery::{RecoverySheet, Share, ShareError, Typed};
pub use root::{recovery_sheet, restore_root};
pub use sealed::{KdfCost, Passphrase};
pub use store_thread::StoreThread;

/// Fills `bytes` from the system's source of random numbers.
pub fn random(bytes: &mut [u8]) -> Result<(), HomeError> {
    getrandom::fill(bytes).map_err(|error| HomeError::NoRandomness(error.to_string()))
}

/// `N` random bytes.
pub fn random_array<const N: usize>() -> Result<[u8; N], HomeError> {
    let mut bytes = [0; N];
    random(&mut bytes)?;
    Ok(bytes)
}
