//! The last entries of the subjects that a transaction adds to: each is asked for once and written once.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::error::LedgerError;

use super::rows::{SubjectHead, int};
use super::state::Sum;

/// By log's number and subject. Empty outside of a transaction that writes.
#[derive(Debug, Clone, Default)]
pub(super) struct Heads(BTreeMap<u64, BTreeMap<Vec<u8>, Known>>);

#[derive(Debug, Clone, Copy)]
struct Known {
    /// What the table has.
    written: Option<SubjectHead>,
    /// What it is to have.
    now: Option<SubjectHead>,
}

impl Heads {
    /// The last entry about a subject in a log, or that there is none; `None` where nobody has asked yet.
    pub fn get(&self, subject: &[u8], log: u64) -> Option<Option<SubjectHead>> {
        self.0.get(&log)?.get(subject).map(|known| known.now)
    }

    /// Keeps what the table has.
    pub fn learn(&mut self, subject: &[u8], log: u64, written: Option<SubjectHead>) {
        self.0.entry(log).or_default().insert(subject.to_vec(), Known { written, now: written });
    }

    /// Puts another entry in the place of the last one that was learnt.
    pub fn set(&mut self, subject: &[u8], log: u64, head: SubjectHead) {
        if let Some(known) = self.0.get_mut(&log).and_then(|subjects| subjects.get_mut(subject)) {
            known.now = Some(head);
        }
    }

    /// Writes what has changed, and into the sum of the table's digests.
    pub fn write(&mut self, conn: &Connection, sum: &mut Sum) -> Result<(), LedgerError> {
        for (log, subjects) in &mut self.0 {
            for (subject, known) in subjects.iter_mut().filter(|(_, known)| known.written != known.now) {
                let Some(head) = known.now else { continue };
                let digest = head.digest(subject, *log);
                let sql =
                    "INSERT INTO subjects (subject, log, count, last, digest) VALUES (?1, ?2, ?3, ?4, ?5)
                           ON CONFLICT (subject, log) DO UPDATE SET count = ?3, last = ?4, digest = ?5";
                let row = (subject, int(*log)?, int(head.count)?, head.last.as_bytes(), digest.as_bytes());
                conn.prepare_cached(sql)?.execute(row)?;
                if let Some(before) = known.written.replace(head) {
                    sum.remove(&before.digest(subject, *log));
                }
                sum.add(&digest);
            }
        }
        Ok(())
    }

    /// Forgets all: the transaction is at its end.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
