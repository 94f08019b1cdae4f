//! Writes: entries of one's own, entries of others, and what comes with them.

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

use crate::bytes::{Hash, LogId};
use crate::chain::{LogState, Run};
use crate::entry::{Batch, EntryDraft, InSubject, Position, Record, Signers, sign};
use crate::error::{BadEntry, Fault, LedgerError};
use crate::statement::{FIRST_OPAQUE_KIND, GENESIS, Genesis};
use crate::tree::{self, Tree};

use super::View;
use super::failure::corrupt;
use super::read::OWN_KINDS;
use super::rows::{EntryRow, LogRow, SubjectHead, batch_digest, entry_id, int, subject_entry_digest};

/// The store while it is being changed; reads see the changes.
#[derive(Debug)]
pub struct Transaction<'a> {
    view: View<'a>,
    /// Logs with new entries, whose rows are written at the end.
    pub(super) grown: BTreeSet<LogId>,
    pub(super) changed: bool,
}

impl<'a> Deref for Transaction<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &Self::Target {
        &self.view
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.view
    }
}

impl<'a> Transaction<'a> {
    pub(super) fn new(view: View<'a>) -> Self {
        Self { view, grown: BTreeSet::new(), changed: false }
    }

    /// Writes what only the end of the transaction knows.
    pub(super) fn flush(mut self) -> Result<(), LedgerError> {
        if self.changed {
            self.note_statements()?;
        }
        let grown = std::mem::take(&mut self.grown);
        for log in grown {
            if let Some(row) = self.view.cache.logs.get(&log) {
                let digest = row.save(self.view.conn)?;
                self.view.cache.state.logs.add(&digest);
            }
        }
        if self.changed {
            self.view.cache.save(self.view.conn)?;
        }
        self.view.cache.heads.clear();
        Ok(())
    }

    /// Signs a draft as the next entry of `log` and stores it with its body and batches. The first entry
    /// of a new log is its genesis.
    ///
    /// # Errors
    /// As [`sign`]; [`Fault::NoLog`], [`Fault::Genesis`]; [`Fault::Key`] when the device's key is not the
    /// log's; `store/corrupt` when the log's end is not where its row says.
    pub fn append(
        &mut self,
        log: LogId,
        draft: EntryDraft,
        signers: Signers<'_>,
    ) -> Result<Record, LedgerError> {
        let state = self.state_before(log, &draft)?;
        if signers.device.public_key() != state.device {
            return Err(Fault::Key.into());
        }
        let in_subject = match draft.subject {
            None => None,
            Some(subject) => {
                let number = self.number(&log);
                let head = self.view.cache.head(self.view.conn, subject.as_bytes(), number)?;
                let sequence = head.map_or(0, |head| head.count);
                Some(InSubject { subject, sequence, previous: head.map(|head| head.last) })
            }
        };
        let position = Position { log, sequence: state.size(), previous: state.last, in_subject };
        let (record, batches) = sign(draft, &position, signers)?;
        batches.iter().try_for_each(|batch| self.insert_batch(batch))?;
        self.insert(state, &record)?;
        Ok(record)
    }

    /// Stores entries that came from elsewhere. What is here already is compared and passed over.
    ///
    /// # Errors
    /// [`Fault::Fork`] when they are not the same or do not follow, [`Fault::Sequence`] for a hole,
    /// [`Fault::Subject`], [`Fault::BatchMissing`]; `store/full`, `store/corrupt`, `store/io`.
    pub fn append_foreign(&mut self, run: Run) -> Result<(), LedgerError> {
        let (log, start, end) = (run.log(), run.start(), run.end().clone());
        if let Some(day) = run.day() {
            self.count_used(&log, day, run.bytes())?;
        }
        let (records, batches) = run.into_parts();
        batches.iter().try_for_each(|batch| self.insert_batch(batch))?;
        let founded = || LogState { last: Hash(log.0), tree: Tree::default(), ..end.clone() };
        let mut state = self.log(&log).unwrap_or_else(founded);
        self.check_end(&state)?;
        let bad = |sequence, fault| LedgerError::from(BadEntry { log, sequence, fault });
        if start > state.size() {
            return Err(bad(start, Fault::Sequence));
        }
        for record in &records {
            let payload = record.entry.payload();
            if let Some(held) = self.entry(&log, payload.sequence)? {
                if held.entry.leaf() != record.entry.leaf() {
                    return Err(bad(payload.sequence, Fault::Fork));
                }
                continue;
            }
            if payload.previous != state.last {
                return Err(bad(payload.sequence, Fault::Fork));
            }
            self.check_attachments(&log, record)?;
            state = self.insert(state, record)?;
        }
        Ok(())
    }

    /// A foreign entry's place within its subject, and its batches.
    pub(super) fn check_attachments(&mut self, log: &LogId, record: &Record) -> Result<(), LedgerError> {
        let payload = record.entry.payload();
        let bad = |fault| LedgerError::from(BadEntry { log: *log, sequence: payload.sequence, fault });
        if let Some(place) = &payload.in_subject {
            let number = self.number(log);
            let head = self.view.cache.head(self.view.conn, place.subject.as_bytes(), number)?;
            let expected = head.map_or((0, None), |head| (head.count, Some(head.last)));
            if (place.sequence, place.previous) != expected {
                return Err(bad(Fault::Subject));
            }
        }
        for address in &payload.batches {
            if self.stored_batch(address)?.is_none() {
                return Err(bad(Fault::BatchMissing));
            }
        }
        Ok(())
    }

    fn state_before(&mut self, log: LogId, draft: &EntryDraft) -> Result<LogState, LedgerError> {
        match (self.log(&log), draft.kind == GENESIS) {
            (Some(state), false) => {
                self.check_end(&state)?;
                Ok(state)
            }
            (None, false) => Err(Fault::NoLog.into()),
            (Some(_), true) => Err(Fault::Genesis.into()),
            (None, true) => {
                let genesis = Genesis::decode(&draft.body)?;
                genesis.check()?;
                if genesis.log() != log {
                    return Err(Fault::Genesis.into());
                }
                let (organisation, device) = (genesis.organisation.id, genesis.device);
                Ok(LogState { log, organisation, device, last: Hash(log.0), tree: Tree::default() })
            }
        }
    }

    /// Nothing is added to a log whose row and last entry disagree: a number must not be used twice.
    fn check_end(&mut self, state: &LogState) -> Result<(), LedgerError> {
        if self.grown.contains(&state.log) {
            return Ok(());
        }
        let Some(last) = state.size().checked_sub(1) else { return Ok(()) };
        let number = self.number(&state.log);
        if tree::leaf(&self.row(number, last)?.bytes) != state.last {
            return Err(corrupt("a log's end"));
        }
        let beyond: i64 = self
            .conn
            .prepare_cached("SELECT count(*) FROM entries WHERE id = ?1")?
            .query_row([entry_id(number, state.size())?], |row| row.get(0))?;
        if beyond == 0 { Ok(()) } else { Err(corrupt("a log's end")) }
    }

    /// The store's own number of a log: that of its row, or the next.
    fn number(&self, log: &LogId) -> u64 {
        match self.cache.logs.get(log) {
            Some(row) => row.number,
            None => self.cache.logs.len() as u64 + 1,
        }
    }

    pub(super) fn insert(&mut self, mut state: LogState, record: &Record) -> Result<LogState, LedgerError> {
        let (log, entry) = (state.log, &record.entry);
        let (number, sequence) = (self.number(&log), state.size());
        state.tree.push(entry.leaf());
        state.last = entry.leaf();
        self.insert_row(entry_id(number, sequence)?, record, &state.tree.root())?;
        if let Some(place) = &entry.payload().in_subject {
            self.index(place.subject.as_bytes(), number, sequence, entry.leaf())?;
        }
        if entry.payload().kind < FIRST_OPAQUE_KIND {
            self.index(OWN_KINDS, number, sequence, entry.leaf())?;
        }
        let row = LogRow { number, state: state.clone() };
        let before = self.cache.logs.insert(log, row);
        if self.grown.insert(log)
            && let Some(before) = before
        {
            self.cache.state.logs.remove(&before.digest());
        }
        self.changed = true;
        Ok(state)
    }

    fn insert_row(&mut self, id: i64, record: &Record, root: &Hash) -> Result<(), LedgerError> {
        let (bytes, body, salt) = (record.entry.bytes(), &record.body, record.salt.as_bytes());
        let digest = EntryRow::digest(id, bytes, body, salt, root);
        let sql = "INSERT INTO entries (id, bytes, body, salt, root, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut statement = self.conn.prepare_cached(sql)?;
        statement.execute((id, bytes, body, salt, root.as_bytes(), digest.as_bytes()))?;
        Ok(())
    }

    fn index(&mut self, subject: &[u8], log: u64, sequence: u64, last: Hash) -> Result<(), LedgerError> {
        let before = self.view.cache.head(self.view.conn, subject, log)?;
        let number = before.map_or(0, |head| head.count);
        self.view.cache.heads.set(subject, log, SubjectHead { count: number + 1, last });
        let sql = "INSERT INTO subject_entries (subject, log, number, sequence, digest)
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        let digest = subject_entry_digest(subject, log, number, sequence);
        let mut statement = self.conn.prepare_cached(sql)?;
        statement.execute((subject, int(log)?, int(number)?, int(sequence)?, digest.as_bytes()))?;
        Ok(())
    }

    pub(super) fn insert_batch(&mut self, batch: &Batch) -> Result<(), LedgerError> {
        if self.batch(&batch.address())?.is_some() {
            return Ok(());
        }
        let sql = "INSERT INTO batches (address, bytes) VALUES (?1, ?2)";
        self.conn.prepare_cached(sql)?.execute((batch.address().as_bytes(), batch.bytes()))?;
        self.view.cache.state.batches.add(&batch_digest(&batch.address()));
        self.changed = true;
        Ok(())
    }
}
