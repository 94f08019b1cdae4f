//! What has been compared with the state row, so that each set is walked once and then trusted.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::bytes::{Hash, LogId};
use crate::error::LedgerError;

use super::documents::document_named;
use super::failure::corrupt;
use super::heads::Heads;
use super::read::subject_head;
use super::rows::{LogRow, SubjectHead, batch_digest, blob, document_digest, fixed, uint};
use super::state::{State, Sum};
use super::statements::{Known, Notes};

/// The state at one moment, the logs, and which sets have been found whole.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    digest: Hash,
    pub state: State,
    pub logs: BTreeMap<LogId, LogRow>,
    pub heads: Heads,
    /// What is noted of the logs' statements, once anybody asked.
    pub notes: Option<Notes>,
    /// Whether the notes of all logs are written.
    pub notes_written: bool,
    /// The statements that can count, and who belongs by them.
    pub known: Option<std::sync::Arc<Known>>,
    /// How many entries were read.
    pub entries_read: std::cell::Cell<u64>,
    subjects_whole: bool,
    batches_whole: bool,
    documents_whole: bool,
}

impl Cache {
    /// What `known` still says, or a fresh look when anyone has written since. Inside a transaction.
    pub fn current(conn: &Connection, known: Option<Self>) -> Result<Self, LedgerError> {
        match known {
            Some(known) if known.digest == State::digest(conn)? => Ok(known),
            _ => Self::load(conn),
        }
    }

    fn load(conn: &Connection) -> Result<Self, LedgerError> {
        let (state, digest) = State::load(conn)?;
        let sql = "SELECT number, log, organisation, device, size, last, peaks, digest FROM logs";
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let (mut sum, mut order, mut logs) = (Sum::default(), Ascending::default(), BTreeMap::new());
        while let Some(row) = rows.next()? {
            let (log, digest) = LogRow::read(row)?;
            if !order.follows(&[log.state.log.as_bytes()]) {
                return Err(corrupt("the order of logs"));
            }
            sum.add(&digest);
            logs.insert(log.state.log, log);
        }
        if sum != state.logs {
            return Err(corrupt("the table of logs"));
        }
        let (heads, whole) = (Heads::default(), false);
        let (subjects_whole, batches_whole, documents_whole) = (whole, whole, whole);
        let (notes, notes_written, known) = (None, whole, None);
        Ok(Self {
            digest,
            entries_read: std::cell::Cell::default(),
            state,
            logs,
            heads,
            notes,
            notes_written,
            known,
            subjects_whole,
            batches_whole,
            documents_whole,
        })
    }

    /// Writes the state of this transaction.
    pub fn save(&mut self, conn: &Connection) -> Result<(), LedgerError> {
        self.heads.write(conn, &mut self.state.subjects)?;
        self.state.revision = self.state.revision.saturating_add(1);
        self.digest = self.state.save(conn)?;
        Ok(())
    }

    /// Makes sure that the table of subjects has all that this transaction brought, and that a subject that is not
    /// found is not there.
    pub fn subjects(&mut self, conn: &Connection) -> Result<(), LedgerError> {
        self.heads.write(conn, &mut self.state.subjects)?;
        self.written_subjects(conn)
    }

    /// The last entry about a subject in a log, for a transaction that writes.
    pub fn head(
        &mut self,
        conn: &Connection,
        subject: &[u8],
        log: u64,
    ) -> Result<Option<SubjectHead>, LedgerError> {
        if let Some(known) = self.heads.get(subject, log) {
            return Ok(known);
        }
        self.written_subjects(conn)?;
        let head = subject_head(conn, subject, log)?;
        self.heads.learn(subject, log, head);
        Ok(head)
    }

    /// Makes sure that a subject that is not found was not written.
    fn written_subjects(&mut self, conn: &Connection) -> Result<(), LedgerError> {
        if self.subjects_whole {
            return Ok(());
        }
        let (mut sum, mut order) = (Sum::default(), Ascending::default());
        walk(conn, "SELECT subject, log, count, last, digest FROM subjects", |row| {
            let (subject, log) = (blob(row, 0)?, uint(row, 1)?);
            let head = SubjectHead { count: uint(row, 2)?, last: fixed(row, 3)? };
            let digest = head.digest(subject, log);
            sum.add(&digest);
            Ok(digest == fixed(row, 4)? && order.follows(&[subject, &log.to_be_bytes()]))
        })?;
        if sum != self.state.subjects {
            return Err(corrupt("the table of subjects"));
        }
        self.subjects_whole = true;
        Ok(())
    }

    /// Makes sure that a batch that is not found is not there.
    pub fn batches(&mut self, conn: &Connection) -> Result<(), LedgerError> {
        if self.batches_whole {
            return Ok(());
        }
        let (mut sum, mut order) = (Sum::default(), Ascending::default());
        walk(conn, "SELECT address FROM batches", |row| {
            let address: Hash = fixed(row, 0)?;
            sum.add(&batch_digest(&address));
            Ok(order.follows(&[address.as_bytes()]))
        })?;
        if sum != self.state.batches {
            return Err(corrupt("the table of batches"));
        }
        self.batches_whole = true;
        Ok(())
    }

    /// Makes sure that a document that is not found is not there, and that each is as it was written.
    pub fn documents(&mut self, conn: &Connection) -> Result<(), LedgerError> {
        if self.documents_whole {
            return Ok(());
        }
        let mut sums: BTreeMap<Vec<u8>, Sum> = BTreeMap::new();
        let (mut order, mut damaged) = (Ascending::default(), None);
        let walked = walk(conn, "SELECT collection, key, value, digest FROM documents", |row| {
            let (collection, key) = (blob(row, 0)?, blob(row, 1)?);
            let digest = document_digest(collection, key, blob(row, 2)?);
            match sums.get_mut(collection) {
                Some(sum) => sum.add(&digest),
                None => sums.entry(collection.to_vec()).or_default().add(&digest),
            }
            let intact = digest == fixed(row, 3)? && order.follows(&[collection, key]);
            damaged = (!intact).then(|| document_named(collection, key));
            Ok(intact)
        });
        damaged.map_or(walked, |document| Err(corrupt(document)))?;
        let expected = self.state.collections.iter().map(|(name, sum)| (name.as_bytes(), sum));
        if !expected.eq(sums.iter().map(|(name, sum)| (name.as_slice(), sum))) {
            return Err(corrupt("the table of documents"));
        }
        self.documents_whole = true;
        Ok(())
    }
}

/// Tells whether rows come in the order of their keys: only then is a key that a search misses not there.
#[derive(Default)]
struct Ascending {
    last: Vec<Vec<u8>>,
}

impl Ascending {
    fn follows(&mut self, key: &[&[u8]]) -> bool {
        let follows = self.last.iter().map(Vec::as_slice).lt(key.iter().copied());
        self.last = key.iter().map(|part| part.to_vec()).collect();
        follows
    }
}

/// Walks a table in the order in which it is kept; every row must be intact.
fn walk(
    conn: &Connection,
    sql: &str,
    mut intact: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<bool>,
) -> Result<(), LedgerError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !intact(row)? {
            return Err(corrupt("a row"));
        }
    }
    Ok(())
}
