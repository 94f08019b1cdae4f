//! The high-water mark: the largest head of the own log that this home remembers outside its store, so that a
//! store that was set back never uses a sequence number twice.
//!
//! It stands in a file beside the device's key, under a code that the key store alone can make. It is written at
//! each sync, before a file with entries of it is written, and at most once a minute otherwise, never per entry: what was
//! signed since and seen by nobody can be lost with the store, unnoticed.

use crate::HomeError;
use crate::device_keys::DeviceKeys;
use crate::home::Home;
use crate::sealed::{KeyStoreSecret, write_anew};
use data_encoding::HEXLOWER;
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::entry::Head;
use firn_ledger::error::LedgerError;
use firn_ledger::store::{Store, View};
use firn_model::api::LogBarred;
use firn_model::time::UtcMillis;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The file.
const HIGH_WATER: &str = "high-water";
/// What its code is for.
const DOMAIN: &[u8] = b"firn high-water v1";
/// The shortest time between two writes that nothing asks for, in milliseconds.
const BETWEEN_MS: u64 = 60_000;

/// The mark of one home's log.
#[derive(Debug)]
pub(crate) struct HighWater {
    path: PathBuf,
    store: Secret,
    log: LogId,
    /// The mark as it stands in the file.
    mark: Option<Mark>,
    /// When the head was last compared with it.
    looked: Option<UtcMillis>,
}

struct Secret(KeyStoreSecret);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// What the file holds, with ids in lower-case hexadecimal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    /// The layout.
    firn_high_water: u32,
    log: String,
    size: u64,
    root: String,
    /// When it was written, in milliseconds since 1970-01-01T00:00:00Z.
    at: i64,
    mac: String,
}

impl Mark {
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n{}\n{}", self.firn_high_water, self.log, self.size, self.root, self.at)
    }

    /// What stands in the file, whoever wrote it.
    fn read(path: &Path) -> Result<Option<Self>, HomeError> {
        let corrupt = |cause: String| HomeError::Corrupt { path: path.into(), cause };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                return Err(corrupt("not text".into()));
            }
            Err(error) => return Err(HomeError::io(path, error)),
        };
        serde_json::from_str(&text).map(Some).map_err(|error| corrupt(error.to_string()))
    }

    /// Why a log must not go on by this mark: the store holds less of it, or another history.
    fn bars(&self, view: &mut View<'_>, log: &LogId) -> Result<Option<LogBarred>, LedgerError> {
        let size = own_head(view, log).map_or(0, |head| head.size);
        if size < self.size {
            return Ok(Some(LogBarred::Behind));
        }
        let beside = self.size > 0 && view.root_at(log, self.size)? != self.root();
        Ok(beside.then_some(LogBarred::Forked))
    }

    fn root(&self) -> Option<Hash> {
        HEXLOWER.decode(self.root.as_bytes()).ok()?.try_into().ok().map(Hash)
    }
}

/// What the mark tells of a log to whoever opens the home without its keys. Its code is not checked, so that this is
/// told and bars nothing; a mark that cannot be read hinders no reader.
///
/// It is read before the store, of which it then says nothing that a writer has added meanwhile.
pub(crate) fn told(home: &Home, store: &mut Store, log: &LogId) -> Result<Option<LogBarred>, LedgerError> {
    let mark = Mark::read(&home.key_file(HIGH_WATER)).ok().flatten();
    match mark.filter(|mark| mark.log == log.to_string()) {
        Some(mark) => store.read(|view| mark.bars(view, log)),
        None => Ok(None),
    }
}

impl HighWater {
    /// Reads the mark of the home's log; that of an earlier log of this device says nothing.
    pub(crate) fn open(home: &Home, keys: &DeviceKeys, log: LogId) -> Result<Self, HomeError> {
        let path = home.key_file(HIGH_WATER);
        let mut high_water = Self { path, store: Secret(keys.store.clone()), log, mark: None, looked: None };
        high_water.mark = high_water.read()?.filter(|mark| mark.log == log.to_string());
        high_water.looked = high_water.mark.as_ref().map(|mark| UtcMillis(mark.at));
        Ok(high_water)
    }

    fn read(&self) -> Result<Option<Mark>, HomeError> {
        let corrupt = |cause: String| HomeError::Corrupt { path: self.path.clone(), cause };
        let Some(mark) = Mark::read(&self.path)? else { return Ok(None) };
        let mac = HEXLOWER.encode(&self.store.0.mac(DOMAIN, &mark.text())?);
        match mark.firn_high_water == 1 && mark.mac == mac {
            true => Ok(Some(mark)),
            false => Err(corrupt("another key store wrote it, or it was changed".into())),
        }
    }

    /// Why the log that the store holds must not go on: it lies below the mark, or beside it.
    pub(crate) fn check(&self, view: &mut View<'_>) -> Result<Option<LogBarred>, LedgerError> {
        self.mark.as_ref().map_or(Ok(None), |mark| mark.bars(view, &self.log))
    }

    /// Writes the mark where a minute has passed since the head was last looked at.
    pub(crate) fn keep_up(&mut self, store: &mut Store, now: UtcMillis) -> Result<(), HomeError> {
        let waits = |looked: UtcMillis| now.0.abs_diff(looked.0) < BETWEEN_MS;
        if self.looked.is_some_and(waits) { Ok(()) } else { self.write(store, now) }
    }

    /// Writes the mark, unless it stands there already; it never sinks.
    pub(crate) fn write(&mut self, store: &mut Store, now: UtcMillis) -> Result<(), HomeError> {
        self.looked = Some(now);
        let head = store.read(|view| Ok::<_, LedgerError>(own_head(view, &self.log)))?;
        let Some(head) = head.filter(|head| self.mark.as_ref().is_none_or(|mark| mark.size < head.size))
        else {
            return Ok(());
        };
        let (log, root) = (self.log.to_string(), HEXLOWER.encode(head.root.as_bytes()));
        let mut mark = Mark { firn_high_water: 1, log, size: head.size, root, at: now.0, mac: String::new() };
        mark.mac = HEXLOWER.encode(&self.store.0.mac(DOMAIN, &mark.text())?);
        let text = serde_json::to_string_pretty(&mark)
            .map_err(|error| HomeError::Corrupt { path: self.path.clone(), cause: error.to_string() })?;
        write_anew(&self.path, text.as_bytes())?;
        self.mark = Some(mark);
        Ok(())
    }
}

fn own_head(view: &mut View<'_>, log: &LogId) -> Option<Head> {
    view.heads().into_iter().find(|head| head.log == *log)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, KdfCost, LocalHost, Passphrase, Sealing, identity};
    use firn_app::Founding;
    use firn_ledger::store::OpenOptions;

    const MINUTE: i64 = 60_000;

    #[test]
    fn the_code_of_a_mark_is_frozen() {
        let (log, root) = ("0a".repeat(32), "0b".repeat(32));
        let mark = Mark { firn_high_water: 1, log, size: 3, root, at: 9, mac: String::new() };
        let store = KeyStoreSecret::from_bytes(zeroize::Zeroizing::new([1; 32]));
        let mac = HEXLOWER.encode(&store.mac(DOMAIN, &mark.text()).unwrap());
        assert_eq!(mac, "86346b26e0b963349aff33e0fac46e60125252e09dc963edd74b8f3481d735cc");
    }

    #[test]
    fn the_mark_is_written_once_a_minute_at_most_and_at_once_where_a_sync_asks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("home");
        let sealing = Sealing { passphrase: Passphrase::new("correct horse").unwrap(), cost: KdfCost::Low };
        let founding = Founding { organisation: "Nordvik".into(), device: "Dock".into() };
        drop(LocalHost::found(&path, &founding, &sealing).unwrap());
        let home = Home::open(&path, Access::Read).unwrap();
        let keys = DeviceKeys::open(&home, &sealing.passphrase).unwrap();
        let log = identity::read(&home).unwrap().log;
        let mut store = Store::open(&home.database(), &OpenOptions::default()).unwrap();
        let file = home.key_file(HIGH_WATER);
        std::fs::remove_file(&file).unwrap();
        let mut high_water = HighWater::open(&home, &keys, log).unwrap();
        high_water.keep_up(&mut store, UtcMillis(0)).unwrap();
        let first = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        high_water.mark = None;
        high_water.keep_up(&mut store, UtcMillis(MINUTE - 1)).unwrap();
        assert!(!file.exists());
        high_water.keep_up(&mut store, UtcMillis(MINUTE)).unwrap();
        assert_ne!(std::fs::read(&file).unwrap(), first, "it says when it was written");
        // Nothing was signed since: nothing is written.
        std::fs::remove_file(&file).unwrap();
        high_water.write(&mut store, UtcMillis(MINUTE + 1)).unwrap();
        assert!(!file.exists());
    }
}
