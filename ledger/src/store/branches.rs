//! The histories of a log that has two: the one that holds is put in the other's place, which is set aside and kept
//! (docs/format.md §7).

use std::collections::BTreeMap;

use crate::bytes::{Hash, LogId, Salt};
use crate::canonical::{Problem, Reader, Writer};
use crate::chain::{LogState, Run};
use crate::entry::{Entry, Head, Record};
use crate::error::LedgerError;
use crate::fork::Histories;
use crate::tree::{self, Tree};

use super::failure::corrupt;
use super::read::{subject_entries, subject_head};
use super::rows::{LogRow, SubjectHead, blob, entry_id, int};
use super::seen::SEEN;
use super::{Document, Transaction, View};

/// Entries of histories that hold, until all of one is here: by log id and sequence.
const STAGED: &str = "ledger.staged";
/// Entries of histories that do not hold: by log id, the first eight bytes of the head that they led to, and sequence.
const ASIDE: &str = "ledger.aside";

/// The end of a history that does not hold: what its log had beyond the one that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// The first eight bytes of the head that it led to, which tell it from others.
    pub tip: [u8; 8],
    /// Its entries, consecutive.
    pub records: Vec<Record>,
}

impl View<'_> {
    /// What is known of a log's histories: whether there are two, and by whose revocation which of them holds.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn histories(&mut self, log: &LogId) -> Result<Histories, LedgerError> {
        if self.fork(log)?.is_none() {
            return Ok(Histories::One);
        }
        let Some(state) = self.log(log) else { return Ok(Histories::Two) };
        let membership = self.statements()?.fold(&state.organisation);
        let Some(cut) = membership.member(log).and_then(|member| member.cut) else {
            return Ok(Histories::Two);
        };
        let holds = Head { log: *log, size: cut.upheld, root: cut.root };
        let here = self.root_at(log, holds.size)? == Some(holds.root);
        Ok(if here { Histories::Here(holds) } else { Histories::Elsewhere(holds) })
    }

    /// What has come of the history that holds: the sequence of its first entry and the leaves.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn staged(&mut self, log: &LogId) -> Result<Option<(u64, Vec<Hash>)>, LedgerError> {
        let records = self.staged_records(log)?;
        let start = records.first().map(|record| record.entry.payload().sequence);
        Ok(start.map(|start| (start, records.iter().map(|record| record.entry.leaf()).collect())))
    }

    /// What was set aside of a log, by the heads that it led to.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn aside(&mut self, log: &LogId) -> Result<Vec<Aside>, LedgerError> {
        let mut tips: BTreeMap<[u8; 8], Vec<Record>> = BTreeMap::new();
        for document in self.documents(ASIDE)? {
            let key = document.key.strip_prefix(log.as_bytes()).and_then(<[u8]>::first_chunk::<8>);
            if let Some(tip) = key {
                tips.entry(*tip).or_default().push(record(&document)?);
            }
        }
        Ok(tips.into_iter().map(|(tip, records)| Aside { tip, records }).collect())
    }

    /// The heads of a log's tree at a size by what was set aside of it and goes on from what is held.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn roots_aside(&mut self, log: &LogId, size: u64) -> Result<Vec<Hash>, LedgerError> {
        let mut roots = Vec::new();
        for aside in self.aside(log)? {
            roots.extend(self.root_with(log, &aside.records, size)?);
        }
        Ok(roots)
    }

    fn staged_records(&mut self, log: &LogId) -> Result<Vec<Record>, LedgerError> {
        let documents = self.documents(STAGED)?;
        documents.iter().filter(|one| one.key.starts_with(log.as_bytes())).map(record).collect()
    }

    /// The head at `size` of what is held and, in the place of its end, `tail`; `None` where it does not follow or
    /// does not reach so far.
    fn root_with(&self, log: &LogId, tail: &[Record], size: u64) -> Result<Option<Hash>, LedgerError> {
        let Some(first) = tail.first().map(|record| record.entry.payload()) else { return Ok(None) };
        let mut leaves = self.leaves(log, first.sequence)?;
        let before = leaves.last().copied().unwrap_or(Hash(log.0));
        if leaves.len() as u64 != first.sequence || before != first.previous {
            return Ok(None);
        }
        leaves.extend(tail.iter().map(|record| record.entry.leaf()));
        let most = usize::try_from(size).ok();
        let beyond = size > first.sequence;
        Ok(most
            .filter(|_| beyond)
            .and_then(|most| leaves.get(..most))
            .map(|leaves| Tree::over(leaves).root()))
    }
}

impl Transaction<'_> {
    /// Keeps verified entries of the history that holds beside their log, after those that were staged before them;
    /// what was staged in their places goes.
    ///
    /// # Errors
    /// `store/full`, `store/corrupt`, `store/io`.
    pub fn stage(&mut self, run: Run) -> Result<(), LedgerError> {
        let (log, start) = (run.log(), run.start());
        if let Some(day) = run.day() {
            self.count_used(&log, day, run.bytes())?;
        }
        self.unstage(&log, start)?;
        let (records, batches) = run.into_parts();
        batches.iter().try_for_each(|batch| self.insert_batch(batch))?;
        for record in &records {
            let key = [log.as_bytes(), &record.entry.payload().sequence.to_be_bytes()[..]].concat();
            self.put_document(STAGED, &key, &written(record))?;
        }
        Ok(())
    }

    /// Of every log with two histories of which a revocation says which holds: puts that one in the other's place, if
    /// all of it is here, and sets aside what lies beyond it. Never of `own`, to which its home appends. Whether
    /// anything changed.
    ///
    /// # Errors
    /// `store/full`, `store/corrupt`, `store/io`.
    pub fn settle(&mut self, own: &LogId) -> Result<bool, LedgerError> {
        let mut changed = false;
        let logs: Vec<LogId> = self.forks()?.iter().map(crate::fork::ForkProof::log).collect();
        for log in logs.iter().filter(|log| *log != own) {
            changed |= match self.histories(log)? {
                Histories::One | Histories::Two => false,
                // The first entry stays, which says whose log it is.
                Histories::Here(holds) => self.set_aside(log, holds.size.max(1))?,
                Histories::Elsewhere(holds) => self.adopt(&holds)?,
            };
        }
        Ok(changed)
    }

    /// Looks for the history that leads to `holds` among what was staged and set aside, and takes it.
    fn adopt(&mut self, holds: &Head) -> Result<bool, LedgerError> {
        let log = &holds.log;
        let staged = self.staged_records(log)?;
        if self.root_with(log, &staged, holds.size)? == Some(holds.root) {
            self.unstage(log, 0)?;
            return self.replace(holds, staged);
        }
        for Aside { tip, records } in self.aside(log)? {
            if self.root_with(log, &records, holds.size)? == Some(holds.root) {
                for record in &records {
                    self.remove_document(ASIDE, &aside_key(log, &tip, record))?;
                }
                return self.replace(holds, records);
            }
        }
        Ok(false)
    }

    /// Puts `records` in the place of what the log holds from the first of them on, up to the head that holds.
    fn replace(&mut self, holds: &Head, records: Vec<Record>) -> Result<bool, LedgerError> {
        let Some(start) = records.first().map(|record| record.entry.payload().sequence) else {
            return Ok(false);
        };
        self.set_aside(&holds.log, start)?;
        for record in records.iter().filter(|one| one.entry.payload().sequence < holds.size) {
            self.check_attachments(&holds.log, record)?;
            let state = self.log(&holds.log).ok_or_else(|| corrupt("a log"))?;
            self.insert(state, record)?;
        }
        Ok(true)
    }

    /// Takes a log's entries from `size` on out of it and keeps them aside. Whether there were any.
    fn set_aside(&mut self, log: &LogId, size: u64) -> Result<bool, LedgerError> {
        let records = self.entries(log, size, usize::MAX)?;
        let Some(head) = self.log(log).map(|state| state.head()).filter(|_| !records.is_empty()) else {
            return Ok(false);
        };
        let tip = head.root.0.first_chunk::<8>().copied().unwrap_or_default();
        for record in &records {
            self.put_document(ASIDE, &aside_key(log, &tip, record), &written(record))?;
        }
        self.truncate(log, size)?;
        self.forget_other_heads(log)?;
        Ok(true)
    }

    /// Takes a log's entries from `size` on out of every table.
    fn truncate(&mut self, log: &LogId, size: u64) -> Result<(), LedgerError> {
        let conn = self.conn;
        self.cache.subjects(conn)?;
        self.cache.heads.clear();
        let row = self.cache.logs.get(log).cloned().ok_or_else(|| corrupt("a log"))?;
        let (from, to) = (entry_id(row.number, size)?, entry_id(row.number, row.state.size())?);
        let leaves = self.leaves(log, size)?;
        let last = leaves.last().copied().unwrap_or(Hash(log.0));
        let state = LogState { last, tree: Tree::over(&leaves), ..row.state.clone() };
        for subject in self.subjects_from(row.number, size)? {
            self.shorten_subject(&subject, row.number, size)?;
        }
        self.conn.prepare_cached("DELETE FROM entries WHERE id >= ?1 AND id < ?2")?.execute((from, to))?;
        if self.grown.insert(*log) {
            self.cache.state.logs.remove(&row.digest());
        }
        self.cache.logs.insert(*log, LogRow { number: row.number, state });
        self.changed = true;
        Ok(())
    }

    /// The subjects, and the index of the ledger's own kinds, of a log's entries from `sequence` on.
    fn subjects_from(&self, log: u64, sequence: u64) -> Result<Vec<Vec<u8>>, LedgerError> {
        let sql = "SELECT DISTINCT subject FROM subject_entries WHERE log = ?1 AND sequence >= ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query((int(log)?, int(sequence)?))?;
        let mut subjects = Vec::new();
        while let Some(row) = rows.next()? {
            subjects.push(blob(row, 0)?.to_vec());
        }
        Ok(subjects)
    }

    /// Forgets the places of a subject in a log from `size` on.
    pub(super) fn shorten_subject(&mut self, subject: &[u8], log: u64, size: u64) -> Result<(), LedgerError> {
        let head = subject_head(self.conn, subject, log)?.ok_or_else(|| corrupt("a subject"))?;
        let sequences = subject_entries(self.conn, subject, log, head.count)?;
        let kept: Vec<u64> = sequences.into_iter().filter(|sequence| *sequence < size).collect();
        let number = int(log)?;
        let sql = "DELETE FROM subject_entries WHERE subject = ?1 AND log = ?2 AND number >= ?3";
        self.conn.prepare_cached(sql)?.execute((subject, number, int(kept.len() as u64)?))?;
        self.cache.state.subjects.remove(&head.digest(subject, log));
        let Some(last) = kept.last() else {
            let sql = "DELETE FROM subjects WHERE subject = ?1 AND log = ?2";
            self.conn.prepare_cached(sql)?.execute((subject, number))?;
            return Ok(());
        };
        let head = SubjectHead { count: kept.len() as u64, last: tree::leaf(&self.row(log, *last)?.bytes) };
        let digest = head.digest(subject, log);
        let sql = "UPDATE subjects SET count = ?3, last = ?4, digest = ?5 WHERE subject = ?1 AND log = ?2";
        let row = (subject, number, int(head.count)?, head.last.as_bytes(), digest.as_bytes());
        self.conn.prepare_cached(sql)?.execute(row)?;
        self.cache.state.subjects.add(&digest);
        Ok(())
    }

    /// Forgets what was staged of a log from `start` on.
    fn unstage(&mut self, log: &LogId, start: u64) -> Result<(), LedgerError> {
        for document in self.documents(STAGED)? {
            let sequence = document.key.strip_prefix(log.as_bytes()).and_then(|key| key.try_into().ok());
            if sequence.is_some_and(|sequence| u64::from_be_bytes(sequence) >= start) {
                self.remove_document(STAGED, &document.key)?;
            }
        }
        Ok(())
    }

    /// Forgets witnesses' words on heads that are no longer heads of what is held; the proof keeps both that made it.
    fn forget_other_heads(&mut self, log: &LogId) -> Result<(), LedgerError> {
        let mut seen = self.seen(log)?;
        let mut fits = Vec::new();
        for head in seen.heads() {
            if self.root_at(log, head.size)? == Some(head.root) {
                fits.push(head);
            }
        }
        seen.retain(|head| fits.contains(head));
        match seen.is_empty() {
            true => self.remove_document(SEEN, log.as_bytes()),
            false => self.put_document(SEEN, log.as_bytes(), &seen.encode()),
        }
    }
}

fn aside_key(log: &LogId, tip: &[u8; 8], record: &Record) -> Vec<u8> {
    [log.as_bytes(), &tip[..], &record.entry.payload().sequence.to_be_bytes()[..]].concat()
}

/// An entry, its body and its salt.
fn written(record: &Record) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(3).bytes(record.entry.bytes()).bytes(&record.body).bytes(record.salt.as_bytes());
    writer.into_bytes()
}

fn record(document: &Document) -> Result<Record, LedgerError> {
    let read = |reader: &mut Reader<'_>| {
        reader.array_of(3)?;
        let (bytes, body) = (reader.bytes()?.to_vec(), reader.bytes()?.to_vec());
        let salt = Salt(reader.fixed()?);
        reader.end()?;
        Ok::<_, Problem>((bytes, body, salt))
    };
    let (bytes, body, salt) =
        read(&mut Reader::new(&document.value)).map_err(|_| corrupt("an entry that was set aside"))?;
    let entry = Entry::parse(bytes).map_err(|_| corrupt("an entry that was set aside"))?;
    Ok(Record { entry, body, salt })
}
