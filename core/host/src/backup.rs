//! A home as one sealed file, and a home made from it: store, vault and keys, consistent with each other
//! (docs/format.md §13).

mod stream;

use crate::device_keys::{DeviceKeys, Sealing};
use crate::high_water::HighWater;
use crate::home::{Access, DATABASE, Home, KEYS, VAULT};
use crate::sealed::Passphrase;
use crate::vault::LocalVault;
use crate::{HomeError, SystemClock, continuing, identity, random_array};
use firn_app::Identity;
use firn_ledger::chain::Depth;
use firn_ledger::entry::Head;
use firn_ledger::store::{OpenOptions, Store};
use firn_ledger::vault::VaultStore;
use firn_model::api::LogBarred;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use stream::{CHUNK, Opener, Sealer};
use zeroize::Zeroizing;

/// The longest name of a part.
const LONGEST_NAME: u16 = 200;

/// Why a backup cannot be made or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    /// A file stands where the backup would.
    #[error("there is a file of that name already")]
    Exists,
    /// It is something else.
    #[error("the file is no backup of a Firn home")]
    NotOne,
    /// A preview wrote it, whose format was never frozen.
    #[error("a preview of Firn wrote the backup, in format v0")]
    Preview,
    /// A newer release wrote it.
    #[error("a newer release of Firn wrote the backup")]
    NewerVersion,
    /// The passphrase does not open it.
    #[error("the passphrase does not open the backup, or its beginning is damaged")]
    Passphrase,
    /// Bytes have changed.
    #[error("the backup is damaged")]
    Damaged,
    /// Its end is missing.
    #[error("the end of the backup is missing or damaged")]
    Truncated,
    /// What it holds is no whole home.
    #[error("what the backup holds is no whole home")]
    NoHome,
}

impl BackupError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            BackupError::Exists => "home/backup-exists",
            BackupError::NotOne => "home/backup-not-one",
            BackupError::Preview => "home/backup-preview",
            BackupError::NewerVersion => "home/backup-newer-version",
            BackupError::Passphrase => "home/backup-passphrase",
            BackupError::Damaged => "home/backup-damaged",
            BackupError::Truncated => "home/backup-truncated",
            BackupError::NoHome => "home/backup-no-home",
        }
    }

    /// What a person can do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            BackupError::Exists => "name another file; a backup overwrites nothing",
            BackupError::NotOne => "check that it is the right file",
            BackupError::Preview => {
                "keep it; only the preview that wrote it restores it, and nothing was changed"
            }
            BackupError::NewerVersion => "update Firn on this device",
            BackupError::Passphrase => "check the passphrase and try again; nothing was changed",
            BackupError::Damaged | BackupError::Truncated | BackupError::NoHome => {
                "take another copy of it, or an earlier backup; nothing was changed"
            }
        }
    }
}

impl From<BackupError> for HomeError {
    fn from(error: BackupError) -> Self {
        HomeError::Backup(error)
    }
}

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// Whose home.
    pub identity: Identity,
    /// How many entries its own log has.
    pub size: u64,
}

/// Writes a backup of the home at `path` into the new file `to`, sealed as `sealing` says; `passphrase` is the
/// home's.
///
/// # Errors
/// `home/in-use` while something writes to the home, `store/busy` while something reads it,
/// `home/wrong-passphrase`, `home/corrupt` for a store that does not verify, `home/backup-exists`, `home/full`,
/// `home/io`; then there is no file.
pub fn backup(
    path: &Path,
    passphrase: &Passphrase,
    sealing: &Sealing,
    to: &Path,
) -> Result<BackedUp, HomeError> {
    let home = Home::open(path, Access::Write)?;
    let backed_up = at_rest(&home, passphrase)?;
    if to.exists() {
        return Err(BackupError::Exists.into());
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| HomeError::io(folder, error))?;
    let mut sealer = Sealer::begin(file.as_file_mut(), to, &sealing.passphrase, sealing.cost)?;
    for (name, from) in parts(&home)? {
        write_part(&mut sealer, &name, &from)?;
    }
    sealer.write(&0_u16.to_be_bytes())?;
    sealer.end()?.sync_all().map_err(|error| HomeError::io(to, error))?;
    file.persist_noclobber(to).map_err(|error| match error.error.kind() {
        std::io::ErrorKind::AlreadyExists => BackupError::Exists.into(),
        _ => HomeError::io(to, error.error),
    })?;
    Ok(backed_up)
}

/// Brings all that is stored into the files themselves, erasures carried out; the lock keeps it so.
fn at_rest(home: &Home, passphrase: &Passphrase) -> Result<BackedUp, HomeError> {
    continuing::finish(home, passphrase)?;
    let (keys, identity) = (DeviceKeys::open(home, passphrase)?, identity::read(home)?);
    let mut store = Store::open(&home.database(), &OpenOptions::default())?;
    let head = whole(home, &mut store, &identity, Depth::Head)?;
    HighWater::open(home, &keys, identity.log)?
        .write(&mut store, SystemClock::new(random_array()?).now().utc)?;
    drop(LocalVault::open(home, Some(&keys), &mut store, &identity)?);
    store.settle()?;
    if home.vault().exists() {
        VaultStore::open(&home.vault(), firn_ledger::store::Access::ReadWrite, 1000)?.settle()?;
    }
    Ok(BackedUp { identity, size: head.size })
}

/// The head of the own log in a store that verifies.
fn whole(home: &Home, store: &mut Store, identity: &Identity, depth: Depth) -> Result<Head, HomeError> {
    let corrupt = |cause: &str| HomeError::Corrupt { path: home.database(), cause: cause.into() };
    // What another device says falsely is no damage of this home.
    if !store.verify(depth)?.as_signed() {
        return Err(corrupt("an entry is not as it was signed; `firn log verify` names it"));
    }
    let head = store.heads()?.into_iter().find(|head| head.log == identity.log);
    head.ok_or_else(|| corrupt("this device's own log is missing"))
}

/// The files of a home with their names in a backup.
fn parts(home: &Home) -> Result<Vec<(String, PathBuf)>, HomeError> {
    let keys = home.path.join(KEYS);
    let mut parts = Vec::new();
    for entry in std::fs::read_dir(&keys).map_err(|error| HomeError::io(&keys, error))? {
        let path = entry.map_err(|error| HomeError::io(&keys, error))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).filter(|name| is_key_name(name));
        if let Some(name) = name.filter(|name| !name.ends_with(".new")) {
            parts.push((format!("{KEYS}/{name}"), path.clone()));
        }
    }
    parts.sort();
    parts.push((DATABASE.into(), home.database()));
    if home.vault().exists() {
        parts.push((VAULT.into(), home.vault()));
    }
    Ok(parts)
}

/// Names that stay within the folder of keys.
fn is_key_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain)
}

fn write_part<W: std::io::Write>(sealer: &mut Sealer<W>, name: &str, from: &Path) -> Result<(), HomeError> {
    let io = |error| HomeError::io(from, error);
    let mut file = File::open(from).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let name_length = u16::try_from(name.len()).unwrap_or(u16::MAX);
    sealer.write(&name_length.to_be_bytes())?;
    sealer.write(name.as_bytes())?;
    sealer.write(&length.to_be_bytes())?;
    let (mut left, mut buffer) = (length, Zeroizing::new(vec![0; CHUNK]));
    while left > 0 {
        let some = buffer.get_mut(..usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)).unwrap_or_default();
        file.read_exact(some).map_err(io)?;
        sealer.write(some)?;
        left = left.saturating_sub(some.len() as u64);
    }
    Ok(())
}

/// Makes a new home at `path` from a backup, which `backup` opens and whose keys `passphrase` does. Its own log is
/// barred and its vault shut until it goes on in a new log.
///
/// # Errors
/// `home/exists`, `home/not-empty`, `home/backup-…`, `home/wrong-passphrase`, `home/corrupt`, `home/full`,
/// `home/io`; then nothing of it is left.
pub fn restore(
    from: &Path,
    backup: &Passphrase,
    path: &Path,
    passphrase: &Passphrase,
) -> Result<BackedUp, HomeError> {
    let file = File::open(from).map_err(|error| HomeError::io(from, error))?;
    let opener = Opener::begin(std::io::BufReader::new(file), from, backup)?;
    let home = Home::create(path)?;
    match filled(&home, opener, passphrase) {
        Ok(backed_up) => Ok(backed_up),
        Err(error) => {
            home.abandon()?;
            Err(error)
        }
    }
}

fn filled<R: Read>(
    home: &Home,
    mut opener: Opener<R>,
    passphrase: &Passphrase,
) -> Result<BackedUp, HomeError> {
    while let Some(to) = next_part(home, &mut opener)? {
        read_part(&mut opener, &to)?;
    }
    opener.end()?;
    for needed in [home.database(), home.key_file("device"), home.key_file("identity")] {
        if !needed.exists() {
            return Err(BackupError::NoHome.into());
        }
    }
    let (keys, identity) = (DeviceKeys::open(home, passphrase)?, identity::read(home)?);
    let mut store = Store::open(&home.database(), &OpenOptions::default())?;
    let head = whole(home, &mut store, &identity, Depth::Every)?;
    store.write(|transaction| firn_app::bar(transaction, &identity.log, LogBarred::Restored))?;
    // What its own logs say is erased goes before anything can be read.
    drop(LocalVault::open(home, Some(&keys), &mut store, &identity)?);
    home.complete()?;
    Ok(BackedUp { identity, size: head.size })
}

/// Where the next part goes; none at the end.
fn next_part<R: Read>(home: &Home, opener: &mut Opener<R>) -> Result<Option<PathBuf>, HomeError> {
    let mut length = [0; 2];
    opener.read(&mut length)?;
    let length = u16::from_be_bytes(length);
    if length == 0 {
        return Ok(None);
    }
    if length > LONGEST_NAME {
        return Err(BackupError::NoHome.into());
    }
    let mut name = vec![0; usize::from(length)];
    opener.read(&mut name)?;
    let name = String::from_utf8(name).map_err(|_| BackupError::NoHome)?;
    match (name.as_str(), name.split_once('/')) {
        (DATABASE, None) => Ok(Some(home.database())),
        (VAULT, None) => Ok(Some(home.vault())),
        (_, Some((KEYS, key))) if is_key_name(key) => Ok(Some(home.key_file(key))),
        _ => Err(BackupError::NoHome.into()),
    }
}

fn read_part<R: Read>(opener: &mut Opener<R>, to: &Path) -> Result<(), HomeError> {
    let mut length = [0; 8];
    opener.read(&mut length)?;
    let mut left = u64::from_be_bytes(length);
    let mut file = crate::sealed::create_private_file(to)?;
    let mut buffer = Zeroizing::new(vec![0; CHUNK]);
    while left > 0 {
        let some = buffer.get_mut(..usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)).unwrap_or_default();
        opener.read(some)?;
        std::io::Write::write_all(&mut file, some).map_err(|error| HomeError::io(to, error))?;
        left = left.saturating_sub(some.len() as u64);
    }
    file.sync_all().map_err(|error| HomeError::io(to, error))
}
