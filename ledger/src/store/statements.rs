//! Which of a log's statements can count, noted as they come, so that no command reads what is nobody's word.
//!
//! A note is a document by log id and says how far it goes: what came later, or of an earlier build, is read on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::bytes::{Hash, LogId, OrganisationId};
use crate::canonical::{Problem, Reader, Writer};
use crate::entry::Record;
use crate::error::LedgerError;
use crate::membership::{MAX_REPEATED, Membership, Statements};
use crate::statement::{Genesis, INDEX, ROOT, RootStatement};

use super::failure::corrupt;
use super::read::OWN_KINDS;
use super::rows::SubjectHead;
use super::{Transaction, View};

/// The collection of documents, by log id.
const NOTED: &str = "ledger.noted";

/// The notes by log, as they were found or made.
pub(super) type Notes = BTreeMap<LogId, Noted>;

/// What is known of a log's entries of the ledger's own kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted {
    /// How many of them were looked at, and the last one's leaf.
    upto: SubjectHead,
    /// The kinds of all but the first entry: a bit for each.
    kinds: u64,
    /// The sequence of the newest index entry.
    pub newest_index: Option<u64>,
    /// The root's own statements that verify: their sequences, and the hashes of their bodies.
    roots: Vec<(u64, Hash)>,
}

/// What can count of all logs, as far as these were looked at.
#[derive(Debug)]
pub(super) struct Known {
    upto: BTreeMap<LogId, SubjectHead>,
    admins: BTreeSet<LogId>,
    statements: Statements,
    memberships: BTreeMap<OrganisationId, Membership>,
}

impl Default for Noted {
    fn default() -> Self {
        let upto = SubjectHead { count: 0, last: Hash([0; 32]) };
        Self { upto, kinds: 0, newest_index: None, roots: Vec::new() }
    }
}

impl Noted {
    fn take(&mut self, record: &Record, genesis: Option<&Genesis>) {
        let payload = record.entry.payload();
        if payload.sequence > 0 {
            self.kinds |= bit(payload.kind);
        }
        if payload.kind == INDEX {
            self.newest_index = Some(payload.sequence);
        }
        if payload.kind == ROOT {
            let body = Hash::of(&[&record.body]);
            let repeated = self.roots.iter().filter(|(_, one)| *one == body).count();
            let verifies = || {
                let said = RootStatement::decode(&record.body).ok();
                said.zip(genesis)
                    .is_some_and(|(said, genesis)| said.verify(&genesis.organisation.root).is_ok())
            };
            if repeated < MAX_REPEATED && verifies() {
                self.roots.push((payload.sequence, body));
            }
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(5).uint(self.upto.count).bytes(self.upto.last.as_bytes()).uint(self.kinds);
        writer.uint(self.newest_index.map_or(0, |sequence| sequence.saturating_add(1)));
        writer.array(self.roots.len());
        for (sequence, body) in &self.roots {
            writer.array(2).uint(*sequence).bytes(body.as_bytes());
        }
        writer.into_bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Problem> {
        let mut reader = Reader::new(bytes);
        reader.array_of(5)?;
        let upto = SubjectHead { count: reader.uint()?, last: Hash(reader.fixed()?) };
        let (kinds, newest_index) = (reader.uint()?, reader.uint()?.checked_sub(1));
        let mut roots = Vec::new();
        for _ in 0..reader.array()? {
            reader.array_of(2)?;
            roots.push((reader.uint()?, Hash(reader.fixed()?)));
        }
        reader.end()?;
        Ok(Self { upto, kinds, newest_index, roots })
    }
}

fn bit(kind: u64) -> u64 {
    u32::try_from(kind).ok().and_then(|kind| 1_u64.checked_shl(kind)).unwrap_or_default()
}

impl View<'_> {
    /// What the logs state about membership as far as it can count, to be folded.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn statements(&mut self) -> Result<Statements, LedgerError> {
        Ok(self.known()?.statements.clone())
    }

    /// Who belongs to `organisation`, by all that is held: found once for each state of the store.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn membership(&mut self, organisation: &OrganisationId) -> Result<Membership, LedgerError> {
        Ok(self.known()?.memberships.get(organisation).cloned().unwrap_or_default())
    }

    /// The logs that hold, after their first entry, an entry of one of these of the ledger's own kinds.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn logs_with(&mut self, wanted: impl Fn(u64) -> bool) -> Result<BTreeSet<LogId>, LedgerError> {
        let mask = (0..crate::statement::FIRST_OPAQUE_KIND)
            .filter(|kind| wanted(*kind))
            .fold(0, |mask, kind| mask | bit(kind));
        let mut logs = BTreeSet::new();
        for log in self.log_ids() {
            if self.noted(&log)?.kinds & mask != 0 {
                logs.insert(log);
            }
        }
        Ok(logs)
    }

    /// The entries of the ledger's own kinds of one log.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn own_kinds_of(&mut self, log: &LogId) -> Result<Vec<Record>, LedgerError> {
        let Some(number) = self.cache.logs.get(log).map(|row| row.number) else { return Ok(Vec::new()) };
        let Some(head) = self.subject_head(OWN_KINDS, number)? else { return Ok(Vec::new()) };
        let sequences = super::read::subject_entries(self.conn, OWN_KINDS, number, head.count)?;
        let record = |sequence| self.entry(log, sequence)?.ok_or_else(|| corrupt("an index"));
        sequences.into_iter().map(record).collect()
    }

    /// The entries that [`View::statements`] are made of, and what else of the ledger's own kinds admins' logs hold:
    /// by log id, in each log's order.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn counting_records(&mut self) -> Result<Vec<Record>, LedgerError> {
        let known = self.known()?;
        let mut records = Vec::new();
        for log in self.log_ids() {
            let roots: BTreeSet<u64> =
                self.noted(&log)?.roots.into_iter().map(|(sequence, _)| sequence).collect();
            let counts = |record: &Record| {
                let payload = record.entry.payload();
                payload.kind != ROOT || roots.contains(&payload.sequence)
            };
            if known.admins.contains(&log) {
                records.extend(self.own_kinds_of(&log)?.into_iter().filter(counts));
                continue;
            }
            for sequence in std::iter::once(0).chain(roots.iter().copied()) {
                records.push(self.entry(&log, sequence)?.ok_or_else(|| corrupt("an index"))?);
            }
        }
        Ok(records)
    }

    fn log_ids(&self) -> Vec<LogId> {
        self.cache.logs.keys().copied().collect()
    }

    fn known(&mut self) -> Result<Arc<Known>, LedgerError> {
        let mut upto = BTreeMap::new();
        for log in self.log_ids() {
            upto.insert(log, self.noted(&log)?.upto);
        }
        if let Some(known) = self.cache.known.as_ref().filter(|known| known.upto == upto) {
            return Ok(Arc::clone(known));
        }
        let statements = self.counting()?;
        let organisations: BTreeSet<OrganisationId> =
            self.cache.logs.values().map(|row| row.state.organisation).collect();
        let memberships = organisations.iter().map(|one| (*one, statements.fold(one))).collect();
        let admins = statements.admins();
        let known = Arc::new(Known { upto, admins, statements, memberships });
        self.cache.known = Some(Arc::clone(&known));
        Ok(known)
    }

    /// First what the root says, by which it is known who is an admin; then what the admins say.
    fn counting(&mut self) -> Result<Statements, LedgerError> {
        let mut statements = Statements::default();
        for log in self.log_ids() {
            let roots = self.noted(&log)?.roots;
            for sequence in std::iter::once(0).chain(roots.into_iter().map(|(sequence, _)| sequence)) {
                let record = self.entry(&log, sequence)?.ok_or_else(|| corrupt("an index"))?;
                statements.add(&record)?;
            }
        }
        for log in statements.admins() {
            let of_root = |one: &Record| one.entry.payload().kind == ROOT;
            for record in self.own_kinds_of(&log)?.iter().filter(|one| !of_root(one)) {
                statements.add(record)?;
            }
        }
        Ok(statements)
    }

    /// What is known of a log's statements, up to now.
    pub(super) fn noted(&mut self, log: &LogId) -> Result<Noted, LedgerError> {
        let Some(number) = self.cache.logs.get(log).map(|row| row.number) else {
            return Ok(Noted::default());
        };
        let Some(head) = self.subject_head(OWN_KINDS, number)? else { return Ok(Noted::default()) };
        let before = self.notes()?.get(log).cloned().unwrap_or_default();
        if before.upto == head {
            return Ok(before);
        }
        let begins = self.begins_with(number, &before.upto, &head)?;
        let noted = self.note(log, number, if begins { before } else { Noted::default() }, head)?;
        self.notes()?.insert(*log, noted.clone());
        Ok(noted)
    }

    fn note(
        &self,
        log: &LogId,
        number: u64,
        mut noted: Noted,
        head: SubjectHead,
    ) -> Result<Noted, LedgerError> {
        let genesis = self.entry(log, 0)?.and_then(|first| Genesis::decode(&first.body).ok());
        for place in noted.upto.count..head.count {
            let sequence = self.place(OWN_KINDS, number, place)?;
            let record = self.entry(log, sequence)?.ok_or_else(|| corrupt("an index"))?;
            noted.take(&record, genesis.as_ref());
        }
        Ok(Noted { upto: head, ..noted })
    }

    /// Whether a log's own kinds still begin with what was noted: another history may have taken its place.
    fn begins_with(&self, number: u64, noted: &SubjectHead, head: &SubjectHead) -> Result<bool, LedgerError> {
        let Some(last) = noted.count.checked_sub(1).filter(|last| *last < head.count) else {
            return Ok(false);
        };
        let sequence = self.place(OWN_KINDS, number, last)?;
        Ok(crate::tree::leaf(&self.row(number, sequence)?.bytes) == noted.last)
    }

    fn notes(&mut self) -> Result<&mut Notes, LedgerError> {
        if self.cache.notes.is_none() {
            let stored = self.stored_notes()?;
            self.cache.notes = Some(stored);
        }
        self.cache.notes.as_mut().ok_or_else(|| corrupt("a note"))
    }

    fn stored_notes(&mut self) -> Result<Notes, LedgerError> {
        let mut notes = Notes::new();
        for document in self.documents(NOTED)? {
            let log = LogId::try_from(document.key.as_slice()).map_err(|_| corrupt("a note"))?;
            notes.insert(log, Noted::decode(&document.value).map_err(|_| corrupt("a note"))?);
        }
        Ok(notes)
    }

    /// What is noted is what the entries say.
    pub(super) fn verify_notes(&mut self) -> Result<(), LedgerError> {
        for (log, stored) in self.stored_notes()? {
            let Some(number) = self.cache.logs.get(&log).map(|row| row.number) else { continue };
            let Some(head) = self.subject_head(OWN_KINDS, number)? else { continue };
            if stored.upto == head && self.note(&log, number, Noted::default(), head)? != stored {
                return Err(corrupt("a note of what a log states"));
            }
        }
        Ok(())
    }
}

impl Transaction<'_> {
    /// Writes what was noted of the logs' statements: of all logs the first time, which an earlier build may have
    /// left without.
    pub(super) fn note_statements(&mut self) -> Result<(), LedgerError> {
        let logs: Vec<LogId> = match std::mem::replace(&mut self.cache.notes_written, true) {
            false => self.cache.logs.keys().copied().collect(),
            true => self.grown.iter().copied().collect(),
        };
        for log in logs {
            let noted = self.noted(&log)?.encode();
            if self.document(NOTED, log.as_bytes())?.is_none_or(|stored| stored != noted) {
                self.put_document(NOTED, log.as_bytes(), &noted)?;
            }
        }
        Ok(())
    }
}
