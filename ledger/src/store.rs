//! The store: every log, body and batch of a home, and the app's read models, in one SQLite file.
//!
//! WAL, synchronous=FULL, STRICT tables. Each row carries a SHA-256 over its own fields; one checked row,
//! `state`, holds a count and an order-free sum of those digests for every table whose rows can be
//! missed. So a byte that changes without the store's doing is noticed when its row, or its absence, is
//! used: never another answer. An entry, body, salt or batch that changed is named by [`Store::verify`].

mod append;
mod branches;
mod check;
mod documents;
mod failure;
mod file;
mod heads;
mod index;
mod kept;
mod place;
mod read;
mod rehearse;
mod rows;
mod schema;
mod seen;
mod source;
mod state;
mod statements;
mod used;
mod verify;

use std::path::Path;

use rusqlite::Connection;

use crate::bytes::{Hash, Id, LogId};
use crate::entry::{Head, Record};
use crate::error::LedgerError;

pub use append::Transaction;
pub use branches::Aside;
pub use read::View;
pub use verify::{Ahead, LogSize, Report};

use check::Cache;
use place::Place;

/// Whether a store is opened to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// For reading only: any number of processes at a time.
    ReadOnly,
    /// For reading and writing: one process at a time; the others get `store/busy`.
    ReadWrite,
}

/// How a store is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// Reading or writing.
    pub access: Access,
    /// How long to wait for another writer before `store/busy`, in milliseconds.
    pub busy_ms: u32,
    /// The most pages that the file may have, as a full disk in miniature; none: no limit.
    pub max_pages: Option<u32>,
    /// Bytes of a page of a new file: a power of two from 512 to 65536.
    pub page_size: u32,
}

impl Default for OpenOptions {
    /// For writing, waiting one second for others, without a limit, pages of 4096 bytes.
    fn default() -> Self {
        Self { access: Access::ReadWrite, busy_ms: 1000, max_pages: None, page_size: 4096 }
    }
}

/// An open store. Synchronous: a caller with an event loop gives it a thread of its own.
#[derive(Debug)]
pub struct Store {
    conn: Connection,
    access: Access,
    /// What the last transaction saw, as long as nobody has changed the file since.
    cache: Option<Cache>,
    /// Where its file lies, where it is written.
    place: Option<Place>,
}

impl Store {
    /// Makes a new store at `path`, where nothing may be yet.
    ///
    /// # Errors
    /// `store/exists`, `store/io`, `store/full`.
    pub fn create(path: &Path, options: &OpenOptions) -> Result<Self, LedgerError> {
        let conn = file::create(path, options)?;
        Ok(Self { conn, access: Access::ReadWrite, cache: None, place: Some(Place::of(path)?) })
    }

    /// Opens the store at `path`.
    ///
    /// # Errors
    /// `store/missing`, `store/not-a-store`, `store/newer-version`, `store/corrupt`, `store/busy`,
    /// `store/io`. Whatever is there stays as it was.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, LedgerError> {
        let conn = file::open(path, options)?;
        let place = match options.access {
            Access::ReadOnly => None,
            Access::ReadWrite => Some(Place::of(path)?),
        };
        let mut store = Self { conn, access: options.access, cache: None, place };
        let revision = store.read(|view| Ok::<_, LedgerError>(view.revision()))?;
        store.place.as_mut().into_iter().for_each(|place| place.note(revision));
        Ok(store)
    }

    /// Reads a consistent picture: everything that `body` asks sees the store at one moment.
    ///
    /// # Errors
    /// What `body` returns; `store/corrupt`, `store/busy`, `store/io`.
    pub fn read<T, E: From<LedgerError>>(
        &mut self,
        body: impl FnOnce(&mut View<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        failure::run(&self.conn, "BEGIN DEFERRED")?;
        let result = Cache::current(&self.conn, self.cache.take()).map_err(E::from).and_then(|mut cache| {
            let result = body(&mut View::new(&self.conn, &mut cache));
            self.cache = Some(cache);
            result
        });
        let ended = failure::run(&self.conn, "COMMIT");
        let value = result?;
        ended?;
        Ok(value)
    }

    /// Changes the store in one transaction: all that `body` does is there afterwards, or nothing of it.
    ///
    /// # Errors
    /// What `body` returns; `store/read-only`, `store/busy`, `store/full`, `store/corrupt`, `store/io`.
    pub fn write<T, E: From<LedgerError>>(
        &mut self,
        body: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.access == Access::ReadOnly {
            return Err(LedgerError::from(crate::error::StoreError::ReadOnly).into());
        }
        failure::run(&self.conn, "BEGIN IMMEDIATE")?;
        match self.change(body) {
            Ok((value, cache)) => {
                self.place.as_mut().into_iter().for_each(|place| place.note(cache.state.revision));
                self.cache = Some(cache);
                Ok(value)
            }
            Err(error) => {
                // SQLite may have rolled back by itself; the first error is the one to tell.
                if !self.conn.is_autocommit() {
                    failure::run(&self.conn, "ROLLBACK").map_err(|_| ()).unwrap_or_default();
                }
                Err(error)
            }
        }
    }

    fn change<T, E: From<LedgerError>>(
        &mut self,
        body: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<(T, Cache), E> {
        let mut cache = Cache::current(&self.conn, self.cache.take())?;
        let mut transaction = Transaction::new(View::new(&self.conn, &mut cache));
        let value = body(&mut transaction)?;
        transaction.flush()?;
        failure::run(&self.conn, "COMMIT")?;
        Ok((value, cache))
    }

    /// Refuses where the file is no longer what was opened: deleted, replaced, emptied or overwritten under an open
    /// store, which goes on reading what it has in memory. A store that is open to be read is not asked.
    ///
    /// # Errors
    /// `store/missing`, `store/not-a-store`, `store/corrupt`, `store/busy`, `store/io`.
    pub fn check_place(&mut self) -> Result<(), LedgerError> {
        self.read(|_| Ok::<_, LedgerError>(()))?;
        self.place.as_mut().map_or(Ok(()), Place::check)
    }

    /// Brings all that was written into the file itself, so that its bytes are all there is.
    ///
    /// # Errors
    /// `store/busy` while another process reads; `store/io`, `store/full`.
    pub fn settle(&mut self) -> Result<(), LedgerError> {
        let busy: i64 = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 { Ok(()) } else { Err(crate::error::StoreError::Busy.into()) }
    }

    /// See [`View::heads`].
    ///
    /// # Errors
    /// `store/corrupt`, `store/busy`, `store/io`.
    pub fn heads(&mut self) -> Result<Vec<Head>, LedgerError> {
        self.read(|view| Ok(view.heads()))
    }

    /// See [`View::entry`].
    ///
    /// # Errors
    /// `store/corrupt`, `store/busy`, `store/io`.
    pub fn entry(&mut self, log: &LogId, sequence: u64) -> Result<Option<Record>, LedgerError> {
        self.read(|view| view.entry(log, sequence))
    }

    /// See [`View::entries`].
    ///
    /// # Errors
    /// `store/corrupt`, `store/busy`, `store/io`.
    pub fn entries(&mut self, log: &LogId, from: u64) -> Result<Vec<Record>, LedgerError> {
        self.read(|view| view.entries(log, from, usize::MAX))
    }

    /// See [`View::by_subject`].
    ///
    /// # Errors
    /// `store/corrupt`, `store/busy`, `store/io`.
    pub fn by_subject(&mut self, subject: &Id) -> Result<Vec<(LogId, u64)>, LedgerError> {
        self.read(|view| view.by_subject(subject))
    }

    /// See [`View::batch`].
    ///
    /// # Errors
    /// `store/corrupt`, `store/busy`, `store/io`.
    pub fn batch(&mut self, address: &Hash) -> Result<Option<Vec<u8>>, LedgerError> {
        self.read(|view| view.batch(address))
    }

    /// See [`View::document`].
    ///
    /// # Errors
    /// `store/corrupt`, `store/busy`, `store/io`.
    pub fn document(&mut self, collection: &str, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        self.read(|view| view.document(collection, key))
    }

    /// See [`View::documents`].
    ///
    /// # Errors
    /// `store/corrupt`, `store/busy`, `store/io`.
    pub fn documents(&mut self, collection: &str) -> Result<Vec<Document>, LedgerError> {
        self.read(|view| view.documents(collection))
    }

    /// See [`View::verify`].
    ///
    /// # Errors
    /// `store/corrupt`, `store/busy`, `store/io`.
    pub fn verify(&mut self, depth: crate::chain::Depth) -> Result<Report, LedgerError> {
        self.read(|view| view.verify(depth))
    }
}

/// A read model's row: its key and its value, whose meaning is the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Unique in its collection; collections are read in the order of their keys' bytes.
    pub key: Vec<u8>,
    /// The content.
    pub value: Vec<u8>,
}
