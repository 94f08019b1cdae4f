//! How many entries a log has about each subject, by the store's own tables: for index entries and their proofs.

use crate::bytes::{Hash, Id, LogId};
use crate::entry::Record;
use crate::error::LedgerError;
use crate::index::{Index, IndexEntry, IndexLeaf};
use crate::statement::INDEX;
use crate::tree;

use super::View;
use super::failure::corrupt;
use super::read::OWN_KINDS;
use super::rows::{SubjectHead, blob, fixed, int, subject_entry_digest, uint};

impl View<'_> {
    /// The subjects of a log's first `size` entries.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn index(&mut self, log: &LogId, size: u64) -> Result<Index, LedgerError> {
        self.cache.subjects(self.conn)?;
        let mut index = Index::default();
        let Some(number) = self.cache.logs.get(log).map(|row| row.number) else { return Ok(index) };
        for (subject, head) in self.subjects_of(number)? {
            let held = self.count_below(&subject, number, head.count, size)?;
            let last = match held.last {
                None => continue,
                Some(_) if held.count == head.count => head.last,
                Some(sequence) => tree::leaf(&self.row(number, sequence)?.bytes),
            };
            index.set(IndexLeaf { subject, count: held.count, last });
        }
        Ok(index)
    }

    /// The newest index entry among a log's first `size` entries.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn newest_index(&mut self, log: &LogId, size: u64) -> Result<Option<Record>, LedgerError> {
        let Some(number) = self.cache.logs.get(log).map(|row| row.number) else { return Ok(None) };
        let Some(head) = self.subject_head(OWN_KINDS, number)? else { return Ok(None) };
        match self.noted(log)?.newest_index {
            None => return Ok(None),
            Some(newest) if newest < size => return self.entry(log, newest),
            Some(_) => {}
        }
        for place in (0..head.count).rev() {
            let sequence = self.place(OWN_KINDS, number, place)?;
            if sequence < size {
                let record = self.entry(log, sequence)?.ok_or_else(|| corrupt("an index"))?;
                if record.entry.payload().kind == INDEX {
                    return Ok(Some(record));
                }
            }
        }
        Ok(None)
    }

    /// The newest index entry among a log's first `size` entries and the subjects that it counts, if it says of them
    /// what the log says.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn true_index(&mut self, log: &LogId, size: u64) -> Result<Option<(Record, Index)>, LedgerError> {
        let Some(record) = self.newest_index(log, size)? else { return Ok(None) };
        let sequence = record.entry.payload().sequence;
        let index = self.index(log, sequence)?;
        let is_true = IndexEntry::decode(&record.body).is_ok_and(|says| says == index.entry(sequence));
        Ok(is_true.then_some((record, index)))
    }

    pub(super) fn subjects_of(&self, log: u64) -> Result<Vec<(Id, SubjectHead)>, LedgerError> {
        let sql = "SELECT subject, count, last, digest FROM subjects WHERE log = ?1 AND subject <> ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query((int(log)?, OWN_KINDS))?;
        let mut subjects = Vec::new();
        while let Some(row) = rows.next()? {
            let (subject, head) = (blob(row, 0)?, SubjectHead { count: uint(row, 1)?, last: fixed(row, 2)? });
            if head.digest(subject, log) != fixed(row, 3)? {
                return Err(corrupt("a subject"));
            }
            subjects.push((Id::try_from(subject).map_err(|_| corrupt("a subject"))?, head));
        }
        Ok(subjects)
    }

    /// Of the entries about a subject, `count` of them, those below `size`.
    fn count_below(&self, subject: &Id, log: u64, count: u64, size: u64) -> Result<Below, LedgerError> {
        for place in (0..count).rev() {
            let sequence = self.place(subject.as_bytes(), log, place)?;
            if sequence < size {
                return Ok(Below { count: place.saturating_add(1), last: Some(sequence) });
            }
        }
        Ok(Below { count: 0, last: None })
    }

    /// Where the entry about a subject with this number stands in its log.
    pub(super) fn place(&self, subject: &[u8], log: u64, number: u64) -> Result<u64, LedgerError> {
        let sql =
            "SELECT sequence, digest FROM subject_entries WHERE subject = ?1 AND log = ?2 AND number = ?3";
        let mut statement = self.conn.prepare_cached(sql)?;
        let read = |row: &rusqlite::Row<'_>| Ok((uint(row, 0)?, fixed::<Hash>(row, 1)?));
        let (sequence, digest) = statement.query_row((subject, int(log)?, int(number)?), read)?;
        if subject_entry_digest(subject, log, number, sequence) == digest {
            Ok(sequence)
        } else {
            Err(corrupt("an index"))
        }
    }
}

struct Below {
    count: u64,
    /// The place of the last of them.
    last: Option<u64>,
}
