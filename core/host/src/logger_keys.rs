//! The keys of loggers that encrypt their adverts: one sealed file, by logger id.
//!
//! They stay on the device where they were entered: no entry carries them, and no sync.

use crate::home::Home;
use crate::sealed::{open_sealed, seal_anew};
use crate::{HomeError, Passphrase, Sealing};
use firn_ble::keys::BindKey;
use firn_model::id::Id;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The sealed file: for each logger 16 bytes of its id, then 16 of its key.
const LOGGER_KEYS: &str = "loggers";
/// One logger in it.
const ONE: usize = 32;

/// Keys by logger id.
pub(crate) type LoggerKeys = BTreeMap<Id, BindKey>;

/// Whether keys of loggers were entered in this home.
pub(crate) fn are_there(home: &Home) -> bool {
    home.key_file(LOGGER_KEYS).exists()
}

/// Opens the sealed file; without one there are no keys.
pub(crate) fn open(home: &Home, passphrase: &Passphrase) -> Result<LoggerKeys, HomeError> {
    if !are_there(home) {
        return Ok(LoggerKeys::new());
    }
    let path = home.key_file(LOGGER_KEYS);
    let secret = open_sealed(&path, LOGGER_KEYS, passphrase)?;
    let one = |bytes: &[u8]| {
        let (id, key) = bytes.split_first_chunk::<16>()?;
        Some((Id(*id), BindKey(key.try_into().ok()?)))
    };
    let keys: Option<LoggerKeys> = secret.chunks(ONE).map(one).collect();
    keys.ok_or_else(|| HomeError::Corrupt { path, cause: "not a list of keys".into() })
}

/// Seals these keys in place of those that were sealed before.
pub(crate) fn keep(home: &Home, keys: &LoggerKeys, sealing: &Sealing) -> Result<(), HomeError> {
    let mut secret = Zeroizing::new(Vec::with_capacity(keys.len().saturating_mul(ONE)));
    for (id, key) in keys {
        secret.extend_from_slice(&id.0);
        secret.extend_from_slice(&key.0);
    }
    let path = home.key_file(LOGGER_KEYS);
    seal_anew(&path, LOGGER_KEYS, &secret, &sealing.passphrase, sealing.cost)
}
