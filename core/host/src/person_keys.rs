//! People's keys on this device, each sealed under the person's PIN and the device's key store.

use crate::HomeError;
use crate::device_keys::DeviceKeys;
use crate::home::Home;
use crate::sealed::{Passphrase, new_seed, open_with, seal_anew_with, seal_with};
use firn_app::{AppError, DeviceKey, PersonKeyFile, Pin};
use firn_ledger::key::SecretKey;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What a person's key file says it is for, before its own name.
const PURPOSE: &str = "person";

/// The file of a person's key: the first by the person's id, a later one by its number too.
pub(crate) fn path(home: &Home, PersonKeyFile { person, before }: PersonKeyFile) -> PathBuf {
    match before {
        0 => home.key_file(&format!("{PURPOSE}-{person}")),
        earlier => home.key_file(&format!("{PURPOSE}-{person}-{}", earlier.saturating_add(1))),
    }
}

/// The files of all keys of a person up to this one, which is the last.
pub(crate) fn paths(home: &Home, file: PersonKeyFile) -> Vec<PathBuf> {
    (0..=file.before).map(|before| path(home, PersonKeyFile { before, ..file })).collect()
}

/// The purpose names the file, so that no key can be put in another's place.
fn purpose(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Makes a key and seals it in the last of these files, which must not exist yet; the others go.
///
/// A file of a key that no entry binds was left by a power cut: it is taken up where the PIN opens it, so
/// that the person is not locked out of an id of their own.
pub(crate) fn make(paths: &[PathBuf], keys: &DeviceKeys, pin: &Pin) -> Result<DeviceKey, HomeError> {
    let Some((path, earlier)) = paths.split_last() else { return Err(HomeError::App(AppError::NoPersonKey)) };
    let key = match path.exists() {
        true => open(path, keys, pin)?.ok_or(HomeError::App(AppError::PersonKeyExists))?,
        false => sealed(path, keys, pin)?,
    };
    for withdrawn in earlier {
        match std::fs::remove_file(withdrawn) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(HomeError::io(withdrawn, error));
            }
            _ => {}
        }
    }
    Ok(key)
}

fn sealed(path: &Path, keys: &DeviceKeys, pin: &Pin) -> Result<DeviceKey, HomeError> {
    let pin = Passphrase::new(pin.text()).ok_or(HomeError::App(AppError::PinTooShort))?;
    let seed = new_seed()?;
    seal_with(path, &purpose(path), seed.as_ref(), (&pin, Some(&keys.store)), keys.cost)?;
    Ok(Arc::new(SecretKey::from_seed(&seed)))
}

/// Seals a key under another PIN, in place of the file that stands whole, old or new, at any moment; false
/// where the old PIN is wrong.
pub(crate) fn rewrap(path: &Path, keys: &DeviceKeys, old: &Pin, new: &Pin) -> Result<bool, HomeError> {
    let new = Passphrase::new(new.text()).ok_or(HomeError::App(AppError::PinTooShort))?;
    match seed(path, keys, old)? {
        None => Ok(false),
        Some(seed) => {
            let both = (&new, Some(&keys.store));
            seal_anew_with(path, &purpose(path), seed.as_ref(), both, keys.cost)?;
            Ok(true)
        }
    }
}

/// Opens a key; none where the PIN is wrong.
pub(crate) fn open(path: &Path, keys: &DeviceKeys, pin: &Pin) -> Result<Option<DeviceKey>, HomeError> {
    let key = |seed: Zeroizing<[u8; 32]>| -> DeviceKey { Arc::new(SecretKey::from_seed(&seed)) };
    Ok(seed(path, keys, pin)?.map(key))
}

/// The seed of a key; none where the PIN is wrong.
fn seed(path: &Path, keys: &DeviceKeys, pin: &Pin) -> Result<Option<Zeroizing<[u8; 32]>>, HomeError> {
    if !path.exists() {
        return Err(HomeError::App(AppError::NoPersonKey));
    }
    let Some(pin) = Passphrase::new(pin.text()) else { return Ok(None) };
    match open_with(path, &purpose(path), (&pin, Some(&keys.store))) {
        Err(HomeError::WrongPassphrase(_)) => Ok(None),
        Err(error) => Err(error),
        Ok(seed) => match <[u8; 32]>::try_from(seed.as_slice()) {
            Ok(seed) => Ok(Some(Zeroizing::new(seed))),
            Err(_) => Err(HomeError::Corrupt { path: path.into(), cause: "not a key".into() }),
        },
    }
}
