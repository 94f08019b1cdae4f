//! A home: one data folder with its layout file, its lock and its store.

use crate::HomeError;
use crate::sealed::write_new;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The name of the store's file within a home.
pub const DATABASE: &str = "firn.db";
/// The name of the vault's file within a home; there from the first document on.
pub const VAULT: &str = "vault.db";
/// The name of the folder of sealed keys within a home.
pub const KEYS: &str = "keys";
const FORMAT: &str = "format";
const LOCK: &str = "lock";
/// What stands in a folder while a device joins: which invitation it answers, until the home is complete.
const JOINING: &str = "joining";
/// The files of the store and of the vault.
const DATABASES: [&str; 6] = [DATABASE, "firn.db-wal", "firn.db-shm", VAULT, "vault.db-wal", "vault.db-shm"];
/// What stands before the number in the layout file.
const FORMAT_WORD: &str = "firn-home";
/// The newest layout that this version knows.
const NEWEST_FORMAT: u32 = 1;
/// The layout of the preview, which was never frozen.
const PREVIEW_FORMAT: u32 = 0;

/// What a process wants of a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads only; any number of processes may.
    Read,
    /// Reads and writes; one process at a time.
    Write,
}

/// An opened data folder; for writing it holds the lock until dropped.
#[derive(Debug)]
pub struct Home {
    /// The folder.
    pub path: PathBuf,
    lock: Option<File>,
    /// Whether the folder was there before the home.
    folder: Folder,
}

/// Whether a home's folder was there before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Folder {
    Found,
    Made,
}

/// The same in the file of a join.
const FOUND: &str = "found";
const MADE: &str = "made";

impl Home {
    /// Makes a home in a folder that is new or empty, and opens it for writing. A join that was begun there is given up.
    pub fn create(path: &Path) -> Result<Self, HomeError> {
        let home = Self::begin(path)?;
        create_private_folder(&path.join(KEYS))?;
        Ok(home)
    }

    /// The same for a device that joins, and whether it was begun before by the same `invitation`: then it is as far as
    /// it had come.
    pub fn create_to_join(path: &Path, invitation: &str) -> Result<(Self, bool), HomeError> {
        let begun = Self::begun(path)?.filter(|(_, begun)| begun == invitation);
        let (home, is_begun) = match begun {
            Some((home, _)) => (home, true),
            None => (Self::begin(path)?, false),
        };
        if !is_begun {
            let folder = if home.folder == Folder::Made { MADE } else { FOUND };
            write_new(&path.join(JOINING), format!("{folder} {invitation}\n").as_bytes())?;
        }
        create_private_folder(&path.join(KEYS))?;
        Ok((home, is_begun))
    }

    /// Whether a whole home is here.
    pub fn is_at(path: &Path) -> bool {
        path.join(FORMAT).exists()
    }

    fn begin(path: &Path) -> Result<Self, HomeError> {
        if Self::is_at(path) {
            return Err(HomeError::Exists(path.into()));
        }
        if let Some((home, _)) = Self::begun(path)? {
            home.abandon()?;
        }
        let folder = if path.exists() { Folder::Found } else { Folder::Made };
        create_private_folder(path)?;
        for present in std::fs::read_dir(path).map_err(|error| HomeError::io(path, error))? {
            // A lock alone was left by a power cut.
            if present.map_err(|error| HomeError::io(path, error))?.file_name() != LOCK {
                return Err(HomeError::NotEmpty(path.into()));
            }
        }
        Ok(Self { path: path.into(), lock: Some(take_lock(path)?), folder })
    }

    /// What a join has left that was cut before the home was complete, and which invitation it answers.
    fn begun(path: &Path) -> Result<Option<(Self, String)>, HomeError> {
        let file = path.join(JOINING);
        if Self::is_at(path) || !file.exists() {
            return Ok(None);
        }
        let lock = Some(take_lock(path)?);
        let text = std::fs::read_to_string(&file).map_err(|error| HomeError::io(&file, error))?;
        // Half a line was written before there was anything else.
        let (folder, invitation) = text.trim_end().split_once(' ').unwrap_or_default();
        let folder = if folder == MADE { Folder::Made } else { Folder::Found };
        Ok(Some((Self { path: path.into(), lock, folder }, invitation.to_owned())))
    }

    /// Marks a created home as complete; without this mark it is no home.
    pub fn complete(&self) -> Result<(), HomeError> {
        let path = self.path.join(FORMAT);
        let write = || -> std::io::Result<()> {
            let mut file = File::create_new(&path)?;
            file.write_all(format!("{FORMAT_WORD} {NEWEST_FORMAT}\n").as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| HomeError::io(&path, error))?;
        remove(&self.path.join(JOINING))
    }

    /// Gives a created home up that never was completed: what was made of it goes, and the place is as it was.
    pub fn abandon(self) -> Result<(), HomeError> {
        let keys = self.path.join(KEYS);
        gone(&keys, std::fs::remove_dir_all(&keys))?;
        self.remove_database()?;
        // What says that it may all go, goes last.
        [FORMAT, LOCK, JOINING].iter().try_for_each(|name| remove(&self.path.join(name)))?;
        match self.folder {
            Folder::Made => gone(&self.path, std::fs::remove_dir(&self.path)),
            Folder::Found => Ok(()),
        }
    }

    /// Removes the store of a home that never was completed.
    pub fn remove_database(&self) -> Result<(), HomeError> {
        DATABASES.iter().try_for_each(|name| remove(&self.path.join(name)))
    }

    /// Opens an existing home.
    pub fn open(path: &Path, access: Access) -> Result<Self, HomeError> {
        check_format(path)?;
        let lock = match access {
            Access::Read => None,
            Access::Write => Some(take_lock(path)?),
        };
        Ok(Self { path: path.into(), lock, folder: Folder::Found })
    }

    /// Whether this process may write.
    pub fn access(&self) -> Access {
        if self.lock.is_some() { Access::Write } else { Access::Read }
    }

    /// The store's file.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The vault's file.
    pub fn vault(&self) -> PathBuf {
        self.path.join(VAULT)
    }

    /// The file of the key of this name.
    pub fn key_file(&self, name: &str) -> PathBuf {
        self.path.join(KEYS).join(name)
    }
}

fn remove(path: &Path) -> Result<(), HomeError> {
    gone(path, std::fs::remove_file(path))
}

fn gone(path: &Path, removed: std::io::Result<()>) -> Result<(), HomeError> {
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(HomeError::io(path, error)),
        _ => Ok(()),
    }
}

pub(crate) fn create_private_folder(path: &Path) -> Result<(), HomeError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| HomeError::io(path, error))
}

fn check_format(home: &Path) -> Result<(), HomeError> {
    let path = home.join(FORMAT);
    let mut text = String::new();
    let opened = File::open(&path).and_then(|file| file.take(64).read_to_string(&mut text));
    match opened {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(match home.join(JOINING).exists() {
                true => HomeError::JoinBegun(home.into()),
                false => HomeError::Missing(home.into()),
            });
        }
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            return Err(HomeError::Corrupt { path, cause: "not text".into() });
        }
        Err(error) => return Err(HomeError::io(path, error)),
        Ok(_) => {}
    }
    let number = text.strip_suffix('\n').and_then(|line| line.strip_prefix(FORMAT_WORD)?.strip_prefix(' '));
    match number.and_then(|number| number.parse::<u32>().ok()) {
        None => Err(HomeError::Corrupt { path, cause: "it does not name a layout".into() }),
        Some(found) if found > NEWEST_FORMAT => {
            Err(HomeError::NewerVersion { path: home.into(), found, known: NEWEST_FORMAT })
        }
        Some(PREVIEW_FORMAT) => Err(HomeError::Preview(home.into())),
        Some(_) => Ok(()),
    }
}

fn take_lock(home: &Path) -> Result<File, HomeError> {
    let path = home.join(LOCK);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| HomeError::io(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(HomeError::InUse(home.into())),
        Err(TryLockError::Error(error)) => Err(HomeError::io(&path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("home");
        Home::create(&path).unwrap().complete().unwrap();
        (folder, path)
    }

    #[test]
    fn a_second_writer_is_told_that_the_home_is_in_use_while_readers_may_come() {
        let (_folder, path) = made();
        let writer = Home::open(&path, Access::Write).unwrap();
        assert_eq!(Home::open(&path, Access::Write).unwrap_err().code(), "home/in-use");
        assert!(Home::open(&path, Access::Read).is_ok());
        drop(writer);
        assert!(Home::open(&path, Access::Write).is_ok());
    }

    #[test]
    fn a_home_of_a_newer_version_is_left_as_it_is() {
        let (_folder, path) = made();
        std::fs::write(path.join(FORMAT), "firn-home 7\n").unwrap();
        assert_eq!(Home::open(&path, Access::Write).unwrap_err().code(), "home/newer-version");
        assert_eq!(std::fs::read_to_string(path.join(FORMAT)).unwrap(), "firn-home 7\n");
    }

    #[test]
    fn the_layout_file_of_a_home_is_frozen() {
        let (_folder, path) = made();
        let hex = data_encoding::HEXLOWER.encode(&std::fs::read(path.join(FORMAT)).unwrap());
        assert_eq!(hex, "6669726e2d686f6d6520310a");
    }

    #[test]
    fn a_home_of_the_preview_is_told_as_one_and_left_as_it_is() {
        let (_folder, path) = made();
        std::fs::write(path.join(FORMAT), "firn-home 0\n").unwrap();
        for access in [Access::Read, Access::Write] {
            assert_eq!(Home::open(&path, access).unwrap_err().code(), "home/preview");
        }
        assert_eq!(Home::create(&path).unwrap_err().code(), "home/exists");
        assert_eq!(std::fs::read_to_string(path.join(FORMAT)).unwrap(), "firn-home 0\n");
    }

    #[test]
    fn a_home_is_made_in_an_empty_folder_only_and_never_twice() {
        let (folder, path) = made();
        assert_eq!(Home::create(&path).unwrap_err().code(), "home/exists");
        let other = folder.path().join("other");
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join("letter.txt"), "kept").unwrap();
        assert_eq!(Home::create(&other).unwrap_err().code(), "home/not-empty");
        assert_eq!(Home::open(&other, Access::Read).unwrap_err().code(), "home/missing");
    }

    #[test]
    fn a_damaged_layout_file_is_reported_and_not_guessed_at() {
        let (_folder, path) = made();
        for text in ["", "firn-home", "firn-home x\n", "other 1\n", "firn-home 1"] {
            std::fs::write(path.join(FORMAT), text).unwrap();
            assert_eq!(Home::open(&path, Access::Read).unwrap_err().code(), "home/corrupt", "{text:?}");
        }
    }
}
