//! What has been compared with the state row, so that each set is walked once and then trusted.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::bytes::{Hash, LogId};
use crate::error::LedgerError;

use super::failure::corrupt;
use super::rows::{LogRow, SubjectHead, batch_digest, blob, document_digest, fixed, uint};
use super::state::{State, Sum};

/// The state at one moment, the logs, and which sets have been found whole.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    digest: Hash,
    pub state: State,
    pub logs: BTreeMap<LogId, LogRow>,
    subjects_whole: bool,
    batches_whole: bool,
    collections_whole: BTreeSet<String>,
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
        let mut statement = conn.prepare_cached(
            "SELECT number, log, organisation, device, size, last, peaks, digest FROM logs",
        )?;
        let mut rows = statement.query([])?;
        let (mut sum, mut logs) = (Sum::default(), BTreeMap::new());
        while let Some(row) = rows.next()? {
            let (log, digest) = LogRow::read(row)?;
            sum.add(&digest);
            logs.insert(log.state.log, log);
        }
        if sum != state.logs || logs.len() as u64 != sum.count {
            return Err(corrupt("the table of logs"));
        }
        Ok(Self {
            digest,
            state,
            logs,
            subjects_whole: false,
            batches_whole: false,
            collections_whole: BTreeSet::new(),
        })
    }

    /// Writes the state of this transaction.
    pub fn save(&mut self, conn: &Connection) -> Result<(), LedgerError> {
        self.state.revision = self.state.revision.saturating_add(1);
        self.digest = self.state.save(conn)?;
        Ok(())
    }

    /// Makes sure that a subject that is not found is not there.
    pub fn subjects(&mut self, conn: &Connection) -> Result<(), LedgerError> {
        if self.subjects_whole {
            return Ok(());
        }
        let sql = "SELECT subject, log, count, last, digest FROM subjects";
        let sum = sum(conn, sql, [], |row| {
            let head = SubjectHead { count: uint(row, 2)?, last: fixed(row, 3)? };
            Ok((head.digest(blob(row, 0)?, uint(row, 1)?), fixed(row, 4)?))
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
        let sum = sum(conn, "SELECT address FROM batches", [], |row| {
            let digest = batch_digest(&fixed(row, 0)?);
            Ok((digest, digest))
        })?;
        if sum != self.state.batches {
            return Err(corrupt("the table of batches"));
        }
        self.batches_whole = true;
        Ok(())
    }

    /// Makes sure that a collection's documents are all there and as they were written.
    pub fn collection(&mut self, conn: &Connection, collection: &str) -> Result<(), LedgerError> {
        if self.collections_whole.contains(collection) {
            return Ok(());
        }
        let sql = "SELECT key, value, digest FROM documents WHERE collection = ?1";
        let sum = sum(conn, sql, [collection.as_bytes()], |row| {
            Ok((document_digest(collection, blob(row, 0)?, blob(row, 1)?), fixed(row, 2)?))
        })?;
        if sum != self.state.collections.get(collection).copied().unwrap_or_default() {
            return Err(corrupt(format!("the collection {collection}")));
        }
        self.collections_whole.insert(collection.to_owned());
        Ok(())
    }

    /// A collection that has just been emptied.
    pub fn emptied(&mut self, collection: &str) {
        self.state.collections.remove(collection);
        self.collections_whole.insert(collection.to_owned());
    }
}

/// Walks rows, compares the computed digest of each with the stored one, and sums them.
fn sum(
    conn: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    digests: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<(Hash, Hash)>,
) -> Result<Sum, LedgerError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut sum = Sum::default();
    while let Some(row) = rows.next()? {
        let (computed, stored) = digests(row)?;
        if computed != stored {
            return Err(corrupt("a row"));
        }
        sum.add(&computed);
    }
    Ok(sum)
}
