//! Verifies everything in the store, and names the first entry that is not as it was signed.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::bytes::{Hash, LogId, Salt};
use crate::chain::{Depth, Received, Walk};
use crate::entry::{Head, Record};
use crate::error::{BadEntry, Fault, LedgerError};
use crate::index::{Index, IndexEntry, IndexLeaf};
use crate::statement::{FIRST_OPAQUE_KIND, INDEX};

use super::View;
use super::failure::corrupt;
use super::read::{OWN_KINDS, subject_entries};
use super::rows::{EntryRow, LogRow, blob, fixed};

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Every log, by log id.
    pub logs: Vec<LogSize>,
    /// The first bad entry of each log that has one, by log id.
    pub bad: Vec<BadEntry>,
    /// The first entry of each log that is as its device signed it and says what the logs here show to be false
    /// ([`Fault::Index`], [`Fault::FalseHead`]), by log id.
    pub lies: Vec<BadEntry>,
    /// Of each log the first entry that names more entries of another log than are held, by log id: they are still
    /// to come, or never were. Looked for at [`Depth::Every`].
    pub ahead: Vec<Ahead>,
}

/// An entry that names more of another log than is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// The log that it stands in.
    pub log: LogId,
    /// Its place there.
    pub sequence: u64,
    /// The head that it names.
    pub names: Head,
    /// How many entries of that log are held.
    pub held: u64,
}

/// A log and how many entries it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSize {
    /// The log.
    pub log: LogId,
    /// Number of its entries.
    pub size: u64,
}

impl Report {
    /// Whether every entry is as it was signed, and none says what the logs show to be false.
    pub fn ok(&self) -> bool {
        self.as_signed() && self.lies.is_empty()
    }

    /// Whether every entry is as it was signed: what is stored is whole, whatever its writers say in it.
    pub fn as_signed(&self) -> bool {
        self.bad.is_empty()
    }

    /// The first entry that is not as it was signed, of the first log, by log id, that has one; else the first lie.
    pub fn first_bad(&self) -> Option<&BadEntry> {
        self.bad.first().or(self.lies.first())
    }
}

impl View<'_> {
    /// Verifies every log from its first entry to its last signature, every body and batch, every index
    /// and document, and SQLite's own structures.
    ///
    /// # Errors
    /// `store/corrupt` when anything but an entry, a body, a salt or a batch is not as it was stored.
    pub fn verify(&mut self, depth: Depth) -> Result<Report, LedgerError> {
        let logs: Vec<LogRow> = self.cache.logs.values().cloned().collect();
        let mut report = Report { logs: Vec::new(), bad: Vec::new(), lies: Vec::new(), ahead: Vec::new() };
        for log in &logs {
            report.logs.push(LogSize { log: log.state.log, size: log.state.size() });
            self.verify_log(log, depth, &mut report)?;
        }
        if report.as_signed() {
            self.verify_rest(&logs)?;
        }
        Ok(report)
    }

    fn verify_log(&mut self, log: &LogRow, depth: Depth, report: &mut Report) -> Result<(), LedgerError> {
        let mut walk = Walk::from_genesis(log.state.log, depth);
        let (mut bad, mut damaged) = (None, false);
        let mut brought: Vec<(u64, Vec<Hash>)> = Vec::new();
        let (mut indexed, mut named) = (Indexed::new(depth), Named::default());
        self.rows(log.number, 0, log.state.size(), |row| {
            damaged |= !row.intact;
            let root = row.root;
            match step(&mut walk, row) {
                Ok(record) => {
                    let payload = record.entry.payload();
                    if !payload.batches.is_empty() {
                        brought.push((payload.sequence, payload.batches.clone()));
                    }
                    indexed.follow(record);
                    if depth == Depth::Every {
                        named.follow(record);
                    }
                }
                Err(found) => bad = Some(found),
            }
            damaged |= bad.is_none() && walk.root() != Some(root);
            Ok(bad.is_none())
        })?;
        if bad.is_none() {
            match walk.finish() {
                Ok(end) => damaged |= end.as_ref() != Some(&log.state),
                Err(found) => bad = Some(found),
            }
        }
        let until = bad.map_or(u64::MAX, |bad| bad.sequence);
        let batch = self.verify_batches(log.state.log, &brought, until)?;
        if bad.is_none() {
            self.verify_subjects(log.number, &indexed)?;
        }
        let lie =
            indexed.lie().map(|sequence| BadEntry { log: log.state.log, sequence, fault: Fault::Index });
        let (denied, ahead) = self.verify_named(log.state.log, &named, until)?;
        let first = |of: [Option<BadEntry>; 2]| of.into_iter().flatten().min_by_key(|bad| bad.sequence);
        let bad = first([batch, bad]);
        if bad.is_none() && damaged {
            return Err(corrupt("a row of entries"));
        }
        report.bad.extend(bad);
        report.lies.extend(first([lie, denied]));
        report.ahead.extend(ahead);
        Ok(())
    }

    /// The table of subjects has all that the log's entries are about, and nothing else.
    fn verify_subjects(&mut self, log: u64, indexed: &Indexed) -> Result<(), LedgerError> {
        let own = self.subject_head(OWN_KINDS, log)?.map(|head| (head.count, head.last));
        let mut held = Index::default();
        for (subject, head) in self.subjects_of(log)? {
            held.set(IndexLeaf { subject, count: head.count, last: head.last });
        }
        if held == indexed.all() && own == indexed.own { Ok(()) } else { Err(corrupt("an index")) }
    }

    /// The first entry before `until` that names a head which the named log never had, and the first that names more
    /// than is held of it. A log with two histories had both.
    fn verify_named(
        &mut self,
        log: LogId,
        named: &Named,
        until: u64,
    ) -> Result<(Option<BadEntry>, Option<Ahead>), LedgerError> {
        let (mut denied, mut ahead): (Option<BadEntry>, Option<Ahead>) = (None, None);
        for (names, &sequence) in named.heads.iter().filter(|(_, sequence)| **sequence < until) {
            let other = LogId(names.0);
            let head = Head { log: other, size: names.1, root: names.2 };
            if self.fork(&other)?.is_some() {
                continue;
            }
            let held = self.cache.logs.get(&other).map_or(0, |row| row.state.size());
            match self.root_at(&other, head.size)? {
                Some(root) if root == head.root => {}
                Some(_) if denied.is_none_or(|first| sequence < first.sequence) => {
                    denied = Some(BadEntry { log, sequence, fault: Fault::FalseHead });
                }
                None if ahead.is_none_or(|first| sequence < first.sequence) => {
                    ahead = Some(Ahead { log, sequence, names: head, held });
                }
                _ => {}
            }
        }
        Ok((denied, ahead))
    }

    /// The first entry before `until` whose batches are not those that it names.
    fn verify_batches(
        &mut self,
        log: LogId,
        brought: &[(u64, Vec<Hash>)],
        until: u64,
    ) -> Result<Option<BadEntry>, LedgerError> {
        for (sequence, addresses) in brought.iter().filter(|(sequence, _)| *sequence < until) {
            for address in addresses {
                let fault = match self.stored_batch(address)? {
                    Some(bytes) if Hash::of(&[&bytes]) == *address => continue,
                    Some(_) => Fault::BatchMismatch,
                    None => Fault::BatchMissing,
                };
                return Ok(Some(BadEntry { log, sequence: *sequence, fault }));
            }
        }
        Ok(None)
    }

    /// What hangs on no entry: indexes, batches that nothing names, documents, the file's structure.
    fn verify_rest(&mut self, logs: &[LogRow]) -> Result<(), LedgerError> {
        self.cache.subjects(self.conn)?;
        self.cache.batches(self.conn)?;
        self.verify_index(logs)?;
        self.cache.documents(self.conn)?;
        self.verify_notes()?;
        let entries = logs.iter().map(|log| log.state.size()).sum();
        self.count("SELECT count(*) FROM entries", entries)?;
        self.count("SELECT count(*) FROM state", 1)?;
        self.every_batch()?;
        integrity(self.conn)
    }

    fn every_batch(&self) -> Result<(), LedgerError> {
        let mut statement = self.conn.prepare_cached("SELECT address, bytes FROM batches")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if fixed::<Hash>(row, 0)? != Hash::of(&[blob(row, 1)?]) {
                return Err(corrupt("a batch"));
            }
        }
        Ok(())
    }

    /// Every subject's entries are those that name it, and every entry of the ledger's kinds is found.
    fn verify_index(&self, logs: &[LogRow]) -> Result<(), LedgerError> {
        let mut statement = self.conn.prepare_cached("SELECT subject, log, count FROM subjects")?;
        let mut rows = statement.query([])?;
        let mut indexed = 0u64;
        while let Some(row) = rows.next()? {
            let (subject, number) = (blob(row, 0)?.to_vec(), super::rows::uint(row, 1)?);
            let count = super::rows::uint(row, 2)?;
            let log = logs.iter().find(|log| log.number == number).ok_or_else(|| corrupt("an index"))?;
            for sequence in subject_entries(self.conn, &subject, number, count)? {
                let record = self.entry(&log.state.log, sequence)?.ok_or_else(|| corrupt("an index"))?;
                if !names(&record, &subject) {
                    return Err(corrupt("an index"));
                }
                indexed = indexed.saturating_add(1);
            }
        }
        self.count("SELECT count(*) FROM subject_entries", indexed)
    }

    fn count(&self, sql: &str, expected: u64) -> Result<(), LedgerError> {
        let found = self.conn.prepare_cached(sql)?.query_row([], |row| super::rows::uint(row, 0))?;
        if found == expected { Ok(()) } else { Err(corrupt("the number of rows")) }
    }
}

/// The heads of other logs that a log's entries name, each with the first entry that does.
#[derive(Default)]
struct Named {
    heads: BTreeMap<([u8; 32], u64, Hash), u64>,
}

impl Named {
    fn follow(&mut self, record: &Record) {
        let payload = record.entry.payload();
        for head in &payload.heads {
            self.heads.entry((head.log.0, head.size, head.root)).or_insert(payload.sequence);
        }
    }
}

/// Holds a log's index entries against its subjects: each at [`Depth::Every`], else the newest. Each takes as long as
/// the log has subjects.
struct Indexed {
    every: bool,
    /// The subjects before the newest index entry.
    subjects: Index,
    /// What came about subjects since.
    since: Index,
    newest: Option<(u64, Vec<u8>)>,
    lie: Option<u64>,
    /// How many entries of the ledger's own kinds there are, and the last one.
    own: Option<(u64, Hash)>,
}

impl Indexed {
    fn new(depth: Depth) -> Self {
        let every = depth == Depth::Every;
        Self {
            every,
            subjects: Index::default(),
            since: Index::default(),
            newest: None,
            lie: None,
            own: None,
        }
    }

    fn follow(&mut self, record: &Record) {
        let payload = record.entry.payload();
        if payload.kind == INDEX {
            self.subjects.follow(std::mem::take(&mut self.since));
            self.newest = Some((payload.sequence, record.body.clone()));
            if self.every {
                self.compare();
            }
        }
        if let Some(place) = payload.in_subject {
            self.since.note(place.subject, record.entry.leaf());
        }
        if payload.kind < FIRST_OPAQUE_KIND {
            let before = self.own.map_or(0, |(count, _)| count);
            self.own = Some((before.saturating_add(1), record.entry.leaf()));
        }
    }

    /// All that the log's entries are about.
    fn all(&self) -> Index {
        let mut all = self.subjects.clone();
        all.follow(self.since.clone());
        all
    }

    fn compare(&mut self) {
        if let Some((sequence, body)) = &self.newest
            && !IndexEntry::decode(body).is_ok_and(|says| says == self.subjects.entry(*sequence))
        {
            self.lie.get_or_insert(*sequence);
        }
    }

    /// The first index entry that does not say what the log says.
    fn lie(mut self) -> Option<u64> {
        self.compare();
        self.lie
    }
}

fn step(walk: &mut Walk, row: EntryRow) -> Result<&Record, BadEntry> {
    // A salt of another length matches no commitment, as a salt of zeros matches none.
    let salt = row.salt.unwrap_or(Salt([0; 32]));
    walk.push(Received { bytes: row.bytes, body: row.body, salt })
}

/// Whether an entry belongs under an index.
fn names(record: &Record, subject: &[u8]) -> bool {
    let payload = record.entry.payload();
    if subject == OWN_KINDS {
        return payload.kind < FIRST_OPAQUE_KIND;
    }
    payload.in_subject.is_some_and(|place| place.subject.as_bytes() == subject)
}

/// SQLite's own check of the file's structure.
pub(super) fn integrity(conn: &Connection) -> Result<(), LedgerError> {
    let found: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(corrupt(found)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Id;
    use crate::entry::{Clocks, EntryDraft, Signers};
    use crate::key::{SecretKey, Signer};
    use crate::statement::{Enrolment, GENESIS, Genesis, Organisation, Role};
    use crate::store::{OpenOptions, Store};

    fn draft(kind: u64, body: Vec<u8>, subject: Option<Id>) -> EntryDraft {
        let clocks = Clocks { wall_ms: 0, monotonic_ms: 0, boot: Id([1; 16]) };
        let (heads, batches, salt) = (Vec::new(), Vec::new(), Salt([7; 32]));
        EntryDraft { kind, subject, clocks, heads, body, salt, person: None, batches }
    }

    #[test]
    fn entries_that_are_cut_out_of_an_index_are_missed_though_every_sum_was_made_to_fit()
    -> Result<(), LedgerError> {
        let folder = tempfile::tempdir().map_err(|error| corrupt(error.to_string()))?;
        let mut store = Store::create(&folder.path().join("firn.db"), &OpenOptions::default())?;
        let (key, root) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let organisation = Organisation::new(root.public_key(), "City Pharmacy".to_owned());
        let log = LogId::of(&organisation.id, &key.public_key(), &[1; 16]);
        let (device, endpoint, label) = (key.public_key(), root.public_key(), "Dock".to_owned());
        let role = Role::Admin;
        let enrolment = Enrolment { log, device, endpoint, role, label, not_before_ms: 0, replaces: None };
        let genesis = Genesis::of_first_device(organisation.name, &root, [1; 16], enrolment)?;
        let subject = Id([9; 16]);
        let signers = || Signers { device: &key, person: None };
        store.write(|t| {
            t.append(log, draft(GENESIS, genesis.encode(), None), signers())?;
            for _ in 0..3 {
                t.append(log, draft(33, vec![0xa0], Some(subject)), signers())?;
            }
            Ok::<_, LedgerError>(())
        })?;
        assert!(store.verify(Depth::Head)?.ok());
        let about: &[u8] = subject.as_bytes();
        for cut in [about, OWN_KINDS] {
            store.write(|t| {
                t.changed = true;
                t.shorten_subject(cut, 1, if cut == OWN_KINDS { 0 } else { 2 })
            })?;
            assert_eq!(store.verify(Depth::Head).map_err(|error| error.code()), Err("store/corrupt"));
        }
        Ok(())
    }
}
