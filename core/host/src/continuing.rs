//! Going on in a new log under a new key: when a device's key is changed, and when a home must not go on in its
//! old log. A power cut at any moment leaves the old log or the new one, whole.

use crate::clock::SystemClock;
use crate::device_keys::{DeviceKeys, Sealing};
use crate::home::{Access, Home};
use crate::sealed::Passphrase;
use crate::{HomeError, identity, random_array};
use firn_app::{AppError, Continuing, Identity};
use firn_ledger::bytes::{LogId, PublicKey};
use firn_ledger::error::LedgerError;
use firn_ledger::statement::Genesis;
use firn_ledger::store::{OpenOptions, Store};
use std::path::Path;

/// Gives the home at `path` a new key and a log that goes on from its old one; the old key is gone then. Until
/// an admin enrols the log, people's signatures in it do not count.
///
/// # Errors
/// Those of opening a home to write, `home/full`, `home/no-randomness`, `app/device-revoked`, `app/join-unfinished`, and the
/// store's;
/// then the home is as it was.
pub fn continue_home(path: &Path, sealing: &Sealing) -> Result<Identity, HomeError> {
    let home = Home::open(path, Access::Write)?;
    finish(&home, &sealing.passphrase)?;
    let (old, identity) = (DeviceKeys::open(&home, &sealing.passphrase)?, identity::read(&home)?);
    let mut store = Store::open(&home.database(), &OpenOptions::default())?;
    if let Some(join) = store.read(|view| firn_app::unfinished(view, &identity))? {
        return Err(AppError::from(join).into());
    }
    let clock = SystemClock::new(random_array()?);
    let new = old.renew(&home, sealing)?;
    let keys = Continuing { old: old.signing.clone(), new: new.signing.clone(), log_random: random_array()? };
    match firn_app::continue_log(&mut store, &identity, &keys, clock.now(), &random_array()?) {
        Ok(identity) => {
            take(&home, &identity)?;
            Ok(identity)
        }
        Err(error) => {
            DeviceKeys::drop_next(&home)?;
            Err(error.into())
        }
    }
}

/// Lets the vault of the restored home at `path` open again, whose log has ended.
///
/// # Errors
/// Those of opening a home to write, `app/out-of-order` where its log goes on, and the store's.
pub fn open_restored(path: &Path) -> Result<(), HomeError> {
    let home = Home::open(path, Access::Write)?;
    let identity = identity::read(&home)?;
    let mut store = Store::open(&home.database(), &OpenOptions::default())?;
    Ok(firn_app::open_restored(&mut store, &identity)?)
}

/// Ends what a power cut has left half done: where the new log is founded the home goes on in it, else in the
/// old one.
pub(crate) fn finish(home: &Home, passphrase: &Passphrase) -> Result<(), HomeError> {
    let Some(next) = DeviceKeys::open_next(home, passphrase)? else { return Ok(()) };
    let mut store = Store::open(&home.database(), &OpenOptions::default())?;
    match founded_by(&mut store, &next.signing_key())? {
        Some(log) => take(home, &Identity { log, ..identity::read(home)? }),
        None => DeviceKeys::drop_next(home),
    }
}

fn take(home: &Home, identity: &Identity) -> Result<(), HomeError> {
    identity::write(home, identity)?;
    DeviceKeys::take_next(home)
}

/// The log that this key has founded.
fn founded_by(store: &mut Store, key: &PublicKey) -> Result<Option<LogId>, LedgerError> {
    store.read(|view| {
        for head in view.heads() {
            if let Some(first) = view.entry(&head.log, 0)?
                && Genesis::decode(&first.body)?.device == *key
            {
                return Ok(Some(head.log));
            }
        }
        Ok(None)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KdfCost, LocalHost};
    use firn_app::Founding;

    fn founded() -> (tempfile::TempDir, Sealing) {
        let folder = tempfile::tempdir().unwrap();
        let sealing = Sealing { passphrase: Passphrase::new("correct horse").unwrap(), cost: KdfCost::Low };
        let founding = Founding { organisation: "Nordvik".into(), device: "Dock".into() };
        drop(LocalHost::found(&folder.path().join("home"), &founding, &sealing).unwrap());
        (folder, sealing)
    }

    fn identity(path: &Path) -> Identity {
        identity::read(&Home::open(path, Access::Read).unwrap()).unwrap()
    }

    #[test]
    fn a_power_cut_before_the_new_log_is_founded_leaves_the_old_one() {
        let (folder, sealing) = founded();
        let path = folder.path().join("home");
        let before = identity(&path);
        {
            let home = Home::open(&path, Access::Write).unwrap();
            DeviceKeys::open(&home, &sealing.passphrase).unwrap().renew(&home, &sealing).unwrap();
        }
        let host = LocalHost::open(&path, &sealing.passphrase).unwrap();
        assert_eq!(identity(&path), before);
        assert!(host.keys().is_some() && !path.join("keys/device-next").exists());
    }

    #[test]
    fn a_power_cut_after_the_new_log_is_founded_leaves_the_new_one_whole() {
        let (folder, sealing) = founded();
        let path = folder.path().join("home");
        let keys = path.join("keys");
        let kept = ["device", "identity"].map(|name| (name, std::fs::read(keys.join(name)).unwrap()));
        let after = continue_home(&path, &sealing).unwrap();
        assert_ne!(identity(&path).log, before_of(&kept));
        // Back to where the new keys were sealed and the new log founded, and nothing else.
        std::fs::rename(keys.join("device"), keys.join("device-next")).unwrap();
        for (name, bytes) in &kept {
            std::fs::write(keys.join(name), bytes).unwrap();
        }
        let host = LocalHost::open(&path, &sealing.passphrase).unwrap();
        assert_eq!(identity(&path), after);
        assert!(!keys.join("device-next").exists());
        let genesis = host.keys().map(DeviceKeys::signing_key);
        let mut store = Store::open(&path.join(crate::DATABASE), &OpenOptions::default()).unwrap();
        assert_eq!(founded_by(&mut store, &genesis.unwrap()).unwrap(), Some(after.log));
    }

    /// The log in a kept identity file.
    fn before_of(kept: &[(&str, Vec<u8>)]) -> LogId {
        let text: serde_json::Value = serde_json::from_slice(&kept[1].1).unwrap();
        let bytes = data_encoding::HEXLOWER.decode(text["log"].as_str().unwrap().as_bytes()).unwrap();
        LogId(bytes.try_into().unwrap())
    }

    #[test]
    fn what_the_key_store_wrapped_before_a_key_was_changed_opens_afterwards() {
        let (folder, sealing) = founded();
        let path = folder.path().join("home");
        let open =
            || DeviceKeys::open(&Home::open(&path, Access::Read).unwrap(), &sealing.passphrase).unwrap();
        let before = open();
        continue_home(&path, &sealing).unwrap();
        continue_home(&path, &sealing).unwrap();
        let after = open();
        assert_eq!(before.store.bytes(), after.store.bytes());
        assert_eq!(before.endpoint, after.endpoint);
        assert_ne!(before.signing_key(), after.signing_key());
    }
}
