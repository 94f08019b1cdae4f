//! Whether the store's file still lies where it was opened, with what was in it: an open file is read from memory,
//! and under a name that is gone.

use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::error::{LedgerError, StoreError};

use super::failure::corrupt;
use super::file::{HEADER, io, recognise};
use super::state::State;

/// How long the second look waits for a checkpoint, in milliseconds.
const BUSY_MS: u64 = 1000;

/// The file of a store that is open to be written.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// Held for as long as the store is open: who closes a file lets go of the locks that SQLite has on it.
    file: File,
    /// Its bytes when it was looked at last; a store's file never shrinks.
    bytes: u64,
}

impl Place {
    pub fn of(path: &Path) -> Result<Self, LedgerError> {
        let file = File::open(path).map_err(|error| io(&error))?;
        let bytes = file.metadata().map_err(|error| io(&error))?.len();
        Ok(Self { path: path.into(), file, bytes })
    }

    /// Looks at the name, at the file's first bytes, and at one row through SQLite, by a connection that has nothing
    /// in memory. A file that is too short is not opened anew: SQLite would take its log for a leftover.
    pub fn check(&mut self) -> Result<(), LedgerError> {
        let there = std::fs::metadata(&self.path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => StoreError::Missing.into(),
            _ => io(&error),
        })?;
        if !is_same(&there, &self.file.metadata().map_err(|error| io(&error))?) {
            return Err(corrupt("another file lies in its place"));
        }
        if there.len() < self.bytes {
            return Err(corrupt("the file is shorter than it was"));
        }
        self.bytes = there.len();
        let mut header = [0; HEADER];
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.read_exact(&mut header))
            .map_err(|error| io(&error))?;
        if recognise(&header)? {
            return Err(StoreError::NotAStore.into());
        }
        self.read_anew()
    }

    fn read_anew(&self) -> Result<(), LedgerError> {
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        if !Path::new(&log).exists() {
            return Err(corrupt("its write-ahead log is gone"));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&self.path, flags)?;
        conn.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
        State::load(&conn).map(drop)
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// A file that is open can be neither deleted nor replaced there.
#[cfg(not(unix))]
fn is_same(one: &Metadata, _: &Metadata) -> bool {
    one.is_file()
}
