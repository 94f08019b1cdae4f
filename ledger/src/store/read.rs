//! Reads: every answer is checked before it is given.

use rusqlite::{Connection, OptionalExtension};

use crate::bytes::{Hash, Id, LogId, Salt};
use crate::chain::{LogState, Received};
use crate::entry::{Entry, Head, Record, named_batches};
use crate::error::LedgerError;
use crate::sync::Stored;
use crate::tree;

use super::check::Cache;
use super::failure::corrupt;
use super::rows::{EntryRow, SubjectHead, blob, entry_id, fixed, int, subject_entry_digest, uint};

/// The index under which the ledger's own kinds are found: no subject has this length.
pub(super) const OWN_KINDS: &[u8] = b"";

/// The store at one moment.
pub struct View<'a> {
    pub(super) conn: &'a Connection,
    pub(super) cache: &'a mut Cache,
}

impl std::fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("revision", &self.cache.state.revision).finish_non_exhaustive()
    }
}

impl<'a> View<'a> {
    pub(super) fn new(conn: &'a Connection, cache: &'a mut Cache) -> Self {
        Self { conn, cache }
    }

    /// A number that is another after every change of the store: for read models and subscriptions.
    pub fn revision(&self) -> u64 {
        self.cache.state.revision
    }

    /// How many entries were read since this store was opened or changed by others: what reading costs, whatever machine
    /// does it.
    pub fn entries_read(&self) -> u64 {
        self.cache.entries_read.get()
    }

    fn count_read(&self) {
        self.cache.entries_read.set(self.entries_read().saturating_add(1));
    }

    /// Every log's size and tree head, by log id.
    pub fn heads(&self) -> Vec<Head> {
        self.cache.logs.values().map(|log| log.state.head()).collect()
    }

    /// A log's state: key, size, tree. `None` when the log is not here.
    pub fn log(&self, log: &LogId) -> Option<LogState> {
        self.cache.logs.get(log).map(|log| log.state.clone())
    }

    /// A log's tree head at an earlier size; `None` beyond its end.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn root_at(&self, log: &LogId, size: u64) -> Result<Option<Hash>, LedgerError> {
        let Some(row) = self.cache.logs.get(log).filter(|row| size <= row.state.size()) else {
            return Ok(None);
        };
        match size.checked_sub(1) {
            None => Ok(Some(tree::Tree::default().root())),
            Some(last) => Ok(Some(self.row(row.number, last)?.root)),
        }
    }

    /// The leaves of a log's first `size` entries, or of all where there are fewer.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn leaves(&self, log: &LogId, size: u64) -> Result<Vec<Hash>, LedgerError> {
        let Some(row) = self.cache.logs.get(log) else { return Ok(Vec::new()) };
        let size = size.min(row.state.size());
        let sql = "SELECT bytes FROM entries WHERE id >= ?1 AND id < ?2 ORDER BY id";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query((entry_id(row.number, 0)?, entry_id(row.number, size)?))?;
        let mut leaves = Vec::new();
        while let Some(row) = rows.next()? {
            leaves.push(tree::leaf(blob(row, 0)?));
        }
        // The root that the last of them was stored with vouches for all.
        match self.root_at(log, size)? {
            Some(root) if tree::Tree::over(&leaves).root() == root => Ok(leaves),
            _ => Err(corrupt("an entry")),
        }
    }

    /// One entry with its body; `None` beyond the log's end.
    ///
    /// # Errors
    /// `store/corrupt` when it is not as it was stored: [`View::verify`] says more. `store/io`.
    pub fn entry(&self, log: &LogId, sequence: u64) -> Result<Option<Record>, LedgerError> {
        let Some(row) = self.cache.logs.get(log).filter(|row| sequence < row.state.size()) else {
            return Ok(None);
        };
        record(self.row(row.number, sequence)?).map(Some)
    }

    /// A log's entries from `from` on: all, or as many as come to `most` bytes and at least one.
    ///
    /// # Errors
    /// As [`View::entry`].
    pub fn entries(&self, log: &LogId, from: u64, most: usize) -> Result<Vec<Record>, LedgerError> {
        self.some(log, from, most, record)
    }

    /// The same, to be sent: neither hashed as leaves nor read beyond the batches that they name.
    pub(super) fn stored(&self, log: &LogId, from: u64, most: usize) -> Result<Vec<Stored>, LedgerError> {
        self.some(log, from, most, |row| {
            let salt = row.salt.ok_or_else(|| corrupt("a salt"))?;
            let batches = named_batches(&row.bytes).map_err(|_| corrupt("an entry"))?;
            Ok(Stored { received: Received { bytes: row.bytes, body: row.body, salt }, batches })
        })
    }

    fn some<T>(
        &self,
        log: &LogId,
        from: u64,
        most: usize,
        mut read: impl FnMut(EntryRow) -> Result<T, LedgerError>,
    ) -> Result<Vec<T>, LedgerError> {
        let Some(log) = self.cache.logs.get(log).filter(|log| from < log.state.size()) else {
            return Ok(Vec::new());
        };
        let (mut found, mut bytes) = (Vec::new(), 0usize);
        self.rows(log.number, from, log.state.size(), |row| {
            if !row.intact {
                return Err(corrupt("an entry"));
            }
            bytes = bytes.saturating_add(row.bytes.len() + row.body.len() + size_of::<Salt>());
            if bytes > most && !found.is_empty() {
                return Ok(false);
            }
            found.push(read(row)?);
            Ok(true)
        })?;
        Ok(found)
    }

    /// Gives the rows of entries `from..to` of a log in order, none missing, until `each` says no.
    pub(super) fn rows(
        &self,
        log: u64,
        from: u64,
        to: u64,
        mut each: impl FnMut(EntryRow) -> Result<bool, LedgerError>,
    ) -> Result<(), LedgerError> {
        let sql = "SELECT id, bytes, body, salt, root, digest FROM entries
                   WHERE id >= ?1 AND id < ?2 ORDER BY id";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query((entry_id(log, from)?, entry_id(log, to)?))?;
        let mut expected = entry_id(log, from)?;
        while let Some(row) = rows.next()? {
            let (id, row) = EntryRow::read(row)?;
            if id != expected {
                return Err(corrupt("a row of entries"));
            }
            expected += 1;
            self.count_read();
            if !each(row)? {
                return Ok(());
            }
        }
        if expected == entry_id(log, to)? { Ok(()) } else { Err(corrupt("a row of entries is missing")) }
    }

    /// One entry's row, which must be there and intact.
    pub(super) fn row(&self, log: u64, sequence: u64) -> Result<EntryRow, LedgerError> {
        let sql = "SELECT id, bytes, body, salt, root, digest FROM entries WHERE id = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        self.count_read();
        let (_, row) = statement.query_row([entry_id(log, sequence)?], EntryRow::read)?;
        if row.intact { Ok(row) } else { Err(corrupt("an entry")) }
    }

    /// Where the entries about a subject stand: log and sequence, by log id, then in the log's order.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn by_subject(&mut self, subject: &Id) -> Result<Vec<(LogId, u64)>, LedgerError> {
        self.indexed(subject.as_bytes())
    }

    /// Where the entries of the ledger's own kinds stand: log and sequence, as [`View::by_subject`].
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn own_kinds(&mut self) -> Result<Vec<(LogId, u64)>, LedgerError> {
        self.indexed(OWN_KINDS)
    }

    fn indexed(&mut self, subject: &[u8]) -> Result<Vec<(LogId, u64)>, LedgerError> {
        self.cache.subjects(self.conn)?;
        let mut places = Vec::new();
        for (id, log) in &self.cache.logs {
            if let Some(head) = subject_head(self.conn, subject, log.number)? {
                let sequences = subject_entries(self.conn, subject, log.number, head.count)?;
                places.extend(sequences.into_iter().map(|sequence| (*id, sequence)));
            }
        }
        Ok(places)
    }

    /// The last entry about a subject in a log.
    pub(super) fn subject_head(
        &mut self,
        subject: &[u8],
        log: u64,
    ) -> Result<Option<SubjectHead>, LedgerError> {
        self.cache.subjects(self.conn)?;
        subject_head(self.conn, subject, log)
    }

    /// A batch's bytes; `None` when it is not here.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn batch(&mut self, address: &Hash) -> Result<Option<Vec<u8>>, LedgerError> {
        match self.stored_batch(address)? {
            Some(bytes) if Hash::of(&[&bytes]) == *address => Ok(Some(bytes)),
            Some(_) => Err(corrupt("a batch")),
            None => Ok(None),
        }
    }

    /// What stands under an address, whatever it is.
    pub(super) fn stored_batch(&mut self, address: &Hash) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut statement = self.conn.prepare_cached("SELECT bytes FROM batches WHERE address = ?1")?;
        let found = statement.query_row([address.as_bytes()], |row| Ok(blob(row, 0)?.to_vec())).optional()?;
        if found.is_none() {
            self.cache.batches(self.conn)?;
        }
        Ok(found)
    }
}

fn record(row: EntryRow) -> Result<Record, LedgerError> {
    let salt = row.salt.ok_or_else(|| corrupt("a salt"))?;
    let entry = Entry::parse(row.bytes).map_err(|_| corrupt("an entry"))?;
    Ok(Record { entry, body: row.body, salt })
}

pub(super) fn subject_head(
    conn: &Connection,
    subject: &[u8],
    log: u64,
) -> Result<Option<SubjectHead>, LedgerError> {
    let sql = "SELECT count, last, digest FROM subjects WHERE subject = ?1 AND log = ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let found = statement
        .query_row((subject, int(log)?), |row| {
            Ok((SubjectHead { count: uint(row, 0)?, last: fixed(row, 1)? }, fixed::<Hash>(row, 2)?))
        })
        .optional()?;
    match found {
        Some((head, digest)) if head.digest(subject, log) != digest => Err(corrupt("a subject")),
        found => Ok(found.map(|(head, _)| head)),
    }
}

/// The sequences of the first `count` entries about a subject; every one of them must be there.
pub(super) fn subject_entries(
    conn: &Connection,
    subject: &[u8],
    log: u64,
    count: u64,
) -> Result<Vec<u64>, LedgerError> {
    let sql = "SELECT number, sequence, digest FROM subject_entries
               WHERE subject = ?1 AND log = ?2 ORDER BY number";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query((subject, int(log)?))?;
    let mut sequences = Vec::new();
    while let Some(row) = rows.next()? {
        let (number, sequence) = (uint(row, 0)?, uint(row, 1)?);
        let intact = subject_entry_digest(subject, log, number, sequence) == fixed(row, 2)?;
        if !intact || number != sequences.len() as u64 {
            return Err(corrupt("an index"));
        }
        sequences.push(sequence);
    }
    if sequences.len() as u64 == count { Ok(sequences) } else { Err(corrupt("an index")) }
}
