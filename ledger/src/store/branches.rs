//! The histories of a log that has two: the one that holds is put in the other's place, which is set aside and kept
//! (docs/format.md §7).

use std::collections::BTreeSet;
use std::ops::Range;

use crate::bytes::{Hash, LogId};
use crate::chain::{LogState, Run};
use crate::entry::{Head, Record};
use crate::error::LedgerError;
use crate::fork::Histories;
use crate::tree::{self, Tree};

use super::failure::corrupt;
use super::kept::{self, Place, Tip};
use super::read::{subject_entries, subject_head};
use super::rows::{LogRow, SubjectHead, blob, entry_id, int};
use super::seen::SEEN;
use super::{Transaction, View};

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

    /// The leaf of an entry of the history that holds, of a log of which another is held: as it was staged, or before
    /// what is staged as it is held.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn branch_leaf(&mut self, log: &LogId, sequence: u64) -> Result<Option<Hash>, LedgerError> {
        let staged = Place::staged(log);
        match self.span(&staged)? {
            Some((first, _)) if first <= sequence => {
                Ok(self.kept(&staged, sequence)?.map(|record| record.entry.leaf()))
            }
            _ => self.leaf(log, sequence),
        }
    }

    /// What was set aside of a log and is not held, by the heads that it led to.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn aside(&mut self, log: &LogId) -> Result<Vec<Aside>, LedgerError> {
        let mut found = Vec::new();
        for tip in self.tips(log)? {
            let (mut records, place) = (Vec::new(), Place::aside(log, &tip));
            let from = self.apart(log, &place)?;
            self.each_kept(&place, from, |_, record| {
                records.push(record);
                Ok(true)
            })?;
            if !records.is_empty() {
                found.push(Aside { tip, records });
            }
        }
        Ok(found)
    }

    /// The heads of a log's tree at a size by what was set aside of it and goes on from what is held.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn roots_aside(&mut self, log: &LogId, size: u64) -> Result<BTreeSet<Hash>, LedgerError> {
        let mut roots = BTreeSet::new();
        for tip in self.tips(log)? {
            roots.extend(self.root_with(log, &Place::aside(log, &tip), size)?);
        }
        Ok(roots)
    }

    fn leaf(&self, log: &LogId, sequence: u64) -> Result<Option<Hash>, LedgerError> {
        match self.cache.logs.get(log).filter(|row| sequence < row.state.size()) {
            Some(row) => Ok(Some(tree::leaf(&self.row(row.number, sequence)?.bytes))),
            None => Ok(None),
        }
    }

    /// The first entry that lies at a place and is not held.
    fn apart(&mut self, log: &LogId, place: &Place) -> Result<u64, LedgerError> {
        let mut apart = u64::MAX;
        self.each_kept(place, 0, |view, record| {
            let sequence = record.entry.payload().sequence;
            let same = view.leaf(log, sequence)? == Some(record.entry.leaf());
            if !same {
                apart = sequence;
            }
            Ok(same)
        })?;
        Ok(apart)
    }

    /// The head at `size` of what is held and, in the place of its end, of what lies at `place`; `None` where that does
    /// not follow or does not reach so far.
    fn root_with(&mut self, log: &LogId, place: &Place, size: u64) -> Result<Option<Hash>, LedgerError> {
        let Some((first, last)) =
            self.span(place)?.filter(|(first, last)| *first < size && size <= last.saturating_add(1))
        else {
            return Ok(None);
        };
        let leaves = self.leaves(log, first)?;
        let mut before = leaves.last().copied().unwrap_or(Hash(log.0));
        let (mut tree, mut follows) = (Tree::over(&leaves), leaves.len() as u64 == first);
        drop(leaves);
        self.each_kept(place, first, |_, record| {
            follows &= record.entry.payload().previous == before;
            before = record.entry.leaf();
            tree.push(before);
            Ok(follows && tree.size() < size.min(last.saturating_add(1)))
        })?;
        Ok((follows && tree.size() == size).then(|| tree.root()))
    }

    /// Whether what lies at a place from its first entry on follows what is held.
    fn follows(&mut self, log: &LogId, place: &Place) -> Result<Option<u64>, LedgerError> {
        let Some((first, _)) = self.span(place)? else { return Ok(None) };
        let Some(previous) = self.kept(place, first)?.map(|record| record.entry.payload().previous) else {
            return Ok(None);
        };
        let before = first.checked_sub(1).map(|last| self.leaf(log, last)).transpose()?.flatten();
        Ok((before == Some(previous)).then_some(first))
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
        let staged = Place::staged(&log);
        self.remove_kept(&staged, start)?;
        let (records, batches) = run.into_parts();
        batches.iter().try_for_each(|batch| self.insert_batch(batch))?;
        records.iter().try_for_each(|record| self.keep(&staged, record))
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

    /// Looks for the history that leads to `holds` among what was staged and set aside, and takes it. What lies beyond
    /// that head stays aside, with all that leads to it.
    fn adopt(&mut self, holds: &Head) -> Result<bool, LedgerError> {
        let log = &holds.log;
        let staged = Place::staged(log);
        if self.root_with(log, &staged, holds.size)? == Some(holds.root) {
            self.set_staged_aside(holds)?;
            self.replace(holds, &staged)?;
            self.remove_kept(&staged, 0)?;
            return Ok(true);
        }
        for tip in self.tips(log)? {
            let aside = Place::aside(log, &tip);
            if self.root_with(log, &aside, holds.size)? == Some(holds.root) {
                self.replace(holds, &aside)?;
                if self.span(&aside)?.is_some_and(|(_, last)| last < holds.size) {
                    self.remove_kept(&aside, 0)?;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps a staged history aside that goes on beyond the head that holds.
    fn set_staged_aside(&mut self, holds: &Head) -> Result<(), LedgerError> {
        let (log, staged) = (&holds.log, Place::staged(&holds.log));
        let Some((_, last)) = self.span(&staged)?.filter(|(_, last)| *last >= holds.size) else {
            return Ok(());
        };
        let Some(root) = self.root_with(log, &staged, last.saturating_add(1))? else { return Ok(()) };
        let aside = Place::aside(log, &tip(&root));
        self.copy_kept(&staged, &aside)
    }

    /// Puts what lies at a place into the log up to the head that holds, where the log holds anything else.
    fn replace(&mut self, holds: &Head, place: &Place) -> Result<(), LedgerError> {
        let log = holds.log;
        let apart = self.apart(&log, place)?;
        self.set_aside(&log, apart.min(holds.size))?;
        let mut from = apart;
        while from < holds.size {
            let page = self.page(place, from)?;
            for record in page.iter().filter(|one| one.entry.payload().sequence < holds.size) {
                self.check_attachments(&log, record)?;
                let state = self.log(&log).ok_or_else(|| corrupt("a log"))?;
                self.insert(state, record)?;
            }
            let last = page.last().ok_or_else(|| corrupt("an entry that was set aside"))?;
            from = last.entry.payload().sequence.saturating_add(1);
        }
        Ok(())
    }

    /// Takes a log's entries from `size` on out of it and keeps them aside, with what was set aside before and goes on
    /// from one of them. Whether there were any.
    fn set_aside(&mut self, log: &LogId, size: u64) -> Result<bool, LedgerError> {
        let Some(head) = self.log(log).map(|state| state.head()).filter(|head| head.size > size) else {
            return Ok(false);
        };
        let (mut places, mut is_kept) = (Vec::new(), false);
        let last = head.size.saturating_sub(1);
        let end = self.leaf(log, last)?;
        for tip in self.tips(log)? {
            let aside = Place::aside(log, &tip);
            let goes_on_from = self.follows(log, &aside)?.filter(|first| *first > size);
            let same = self.kept(&aside, last)?.is_some_and(|record| Some(record.entry.leaf()) == end);
            is_kept |= same || goes_on_from == Some(head.size);
            places.extend(goes_on_from.map(|first| (aside, first)));
        }
        if !is_kept {
            places.push((Place::aside(log, &tip(&head.root)), head.size));
        }
        for (place, end) in places {
            self.keep_held(log, &place, size..end)?;
        }
        self.truncate(log, size)?;
        self.forget_other_heads(log)?;
        Ok(true)
    }

    /// Keeps entries that a log holds at a place as well.
    fn keep_held(&mut self, log: &LogId, place: &Place, sequences: Range<u64>) -> Result<(), LedgerError> {
        let mut from = sequences.start;
        while from < sequences.end {
            let records = self.entries(log, from, kept::PAGE_BYTES)?;
            for record in records.iter().filter(|one| one.entry.payload().sequence < sequences.end) {
                self.keep(place, record)?;
            }
            let last = records.last().ok_or_else(|| corrupt("an entry"))?;
            from = last.entry.payload().sequence.saturating_add(1);
        }
        Ok(())
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

/// What tells the history that leads to a head from others of its log.
fn tip(root: &Hash) -> Tip {
    root.0.first_chunk::<8>().copied().unwrap_or_default()
}
