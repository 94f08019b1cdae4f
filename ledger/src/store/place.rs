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
    /// What it showed when it was looked at last.
    seen: Seen,
    /// How many transactions there were at least, which never sinks: this store alone writes.
    revision: u64,
}

/// What a look at the file itself shows.
#[derive(Debug, Clone, Copy)]
struct Seen {
    bytes: u64,
    /// What SQLite's header says of it (file format §1.3), which never sinks: how often its first page was written, and
    /// its schema; VACUUM, by which alone a store's file shrinks, counts that up.
    changes: u32,
    schema: u32,
    /// The bytes of all pages by the header.
    whole: u64,
}

impl Seen {
    fn of(bytes: u64, header: &[u8; HEADER]) -> Self {
        let number = |at: usize| {
            let four = header.get(at..at + 4).and_then(|four| <[u8; 4]>::try_from(four).ok());
            u32::from_be_bytes(four.unwrap_or_default())
        };
        // The page's size stands in two bytes; 1 means 65536.
        let page = match number(16) >> 16 {
            1 => 65_536,
            size => u64::from(size),
        };
        Self {
            bytes,
            changes: number(24),
            schema: number(40),
            whole: u64::from(number(28)).saturating_mul(page),
        }
    }

    /// Why what is there now cannot have become of this.
    fn has_become(&self, now: &Self) -> Result<(), LedgerError> {
        if now.changes < self.changes || now.schema < self.schema {
            return Err(corrupt("an older file was written over it"));
        }
        let vacuumed = now.schema > self.schema && now.bytes >= now.whole;
        if now.bytes < self.bytes && !vacuumed {
            return Err(corrupt("the file is shorter than it was"));
        }
        Ok(())
    }
}

impl Place {
    pub fn of(path: &Path) -> Result<Self, LedgerError> {
        let mut file = File::open(path).map_err(|error| io(&error))?;
        let bytes = file.metadata().map_err(|error| io(&error))?.len();
        let seen = Seen::of(bytes, &header(&mut file)?);
        Ok(Self { path: path.into(), file, seen, revision: 0 })
    }

    /// Remembers how many transactions this store has seen or made.
    pub fn note(&mut self, revision: u64) {
        self.revision = self.revision.max(revision);
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
        if there.len() < HEADER as u64 {
            return Err(corrupt("the file is shorter than it was"));
        }
        let header = header(&mut self.file)?;
        if recognise(&header)? {
            return Err(StoreError::NotAStore.into());
        }
        let now = Seen::of(there.len(), &header);
        self.seen.has_become(&now)?;
        self.seen = now;
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
        match State::load(&conn)?.0.revision {
            revision if revision < self.revision => Err(corrupt("an older file was written over it")),
            _ => Ok(()),
        }
    }
}

fn header(file: &mut File) -> Result<[u8; HEADER], LedgerError> {
    let mut header = [0; HEADER];
    file.seek(SeekFrom::Start(0)).and_then(|_| file.read_exact(&mut header)).map_err(|error| io(&error))?;
    Ok(header)
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
