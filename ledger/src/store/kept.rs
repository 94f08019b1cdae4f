//! Entries that are kept beside their log, as documents that are read in pages: staged, or set aside.

use crate::bytes::{LogId, Salt};
use crate::canonical::{Problem, Reader, Writer};
use crate::entry::{Entry, Record};
use crate::error::LedgerError;

use super::failure::corrupt;
use super::{Document, Transaction, View};

/// Entries of histories that hold, until all of one is here: by log id and sequence.
const STAGED: &str = "ledger.staged";
/// Entries of histories that do not hold: by log id, the first eight bytes of the head that they lead to, and sequence.
const ASIDE: &str = "ledger.aside";
/// How many bytes of entries are read at once, and the one that goes beyond.
pub(super) const PAGE_BYTES: usize = 1024 * 1024;

/// The first eight bytes of the head that a history leads to.
pub(super) type Tip = [u8; 8];

/// Where the entries of one history are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    collection: &'static str,
    /// What their keys begin with, before the sequence.
    prefix: Vec<u8>,
}

impl Place {
    /// Of the history that holds, until all of it is here.
    pub fn staged(log: &LogId) -> Self {
        Self { collection: STAGED, prefix: log.0.to_vec() }
    }

    /// Of a history that does not hold.
    pub fn aside(log: &LogId, tip: &Tip) -> Self {
        Self { collection: ASIDE, prefix: [&log.0[..], tip].concat() }
    }

    fn key(&self, sequence: u64) -> Vec<u8> {
        [&self.prefix[..], &sequence.to_be_bytes()].concat()
    }

    fn sequence(&self, key: &[u8]) -> Option<u64> {
        Some(u64::from_be_bytes(key.strip_prefix(&self.prefix[..])?.try_into().ok()?))
    }
}

impl View<'_> {
    /// The tips of the histories of a log that were set aside.
    pub(super) fn tips(&mut self, log: &LogId) -> Result<Vec<Tip>, LedgerError> {
        let mut tips: Vec<Tip> = Vec::new();
        let mut from = log.0.to_vec();
        while let Some(key) = self.key_from(ASIDE, &from)? {
            let tip = key.strip_prefix(&log.0[..]).and_then(<[u8]>::first_chunk::<8>).copied();
            let Some(tip) = tip else { break };
            from = [&log.0[..], &tip, &[0xff; 9]].concat();
            tips.push(tip);
        }
        Ok(tips)
    }

    /// The first and the last sequence at a place.
    pub(super) fn span(&mut self, place: &Place) -> Result<Option<(u64, u64)>, LedgerError> {
        let first = self.key_from(place.collection, &place.key(0))?;
        let last = self.key_to(place.collection, &place.key(u64::MAX))?;
        let sequence = |key: Option<Vec<u8>>| key.and_then(|key| place.sequence(&key));
        Ok(sequence(first).zip(sequence(last)))
    }

    /// An entry that is kept at a place.
    pub(super) fn kept(&mut self, place: &Place, sequence: u64) -> Result<Option<Record>, LedgerError> {
        self.document(place.collection, &place.key(sequence))?.map(|bytes| record(&bytes)).transpose()
    }

    /// The entries at a place from `from` on, as many as come to [`PAGE_BYTES`] and at least one.
    pub(super) fn page(&mut self, place: &Place, from: u64) -> Result<Vec<Record>, LedgerError> {
        let between = place.key(from)..=place.key(u64::MAX);
        let documents = self.documents_between(place.collection, between, PAGE_BYTES)?;
        documents.iter().map(|Document { value, .. }| record(value)).collect()
    }

    /// Gives the entries at a place from `from` on, until `each` says no.
    pub(super) fn each_kept(
        &mut self,
        place: &Place,
        from: u64,
        mut each: impl FnMut(&mut Self, Record) -> Result<bool, LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut next = Some(from);
        while let Some(from) = next {
            let page = self.page(place, from)?;
            next = page.last().and_then(|last| last.entry.payload().sequence.checked_add(1));
            for record in page {
                if !each(self, record)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

impl Transaction<'_> {
    /// Keeps an entry at a place.
    pub(super) fn keep(&mut self, place: &Place, record: &Record) -> Result<(), LedgerError> {
        let mut writer = Writer::new();
        writer.array(3).bytes(record.entry.bytes()).bytes(&record.body).bytes(record.salt.as_bytes());
        self.put_document(place.collection, &place.key(record.entry.payload().sequence), &writer.into_bytes())
    }

    /// Keeps all that is kept at a place at another one as well.
    pub(super) fn copy_kept(&mut self, from: &Place, to: &Place) -> Result<(), LedgerError> {
        let mut next = Some(0);
        while let Some(sequence) = next {
            let page = self.page(from, sequence)?;
            page.iter().try_for_each(|record| self.keep(to, record))?;
            next = page.last().and_then(|last| last.entry.payload().sequence.checked_add(1));
        }
        Ok(())
    }

    /// Forgets what is kept at a place from `from` on.
    pub(super) fn remove_kept(&mut self, place: &Place, from: u64) -> Result<(), LedgerError> {
        loop {
            let between = place.key(from)..=place.key(u64::MAX);
            let documents = self.documents_between(place.collection, between, PAGE_BYTES)?;
            if documents.is_empty() {
                return Ok(());
            }
            for document in documents {
                self.remove_document(place.collection, &document.key)?;
            }
        }
    }
}

fn record(bytes: &[u8]) -> Result<Record, LedgerError> {
    let read = |reader: &mut Reader<'_>| {
        reader.array_of(3)?;
        let (bytes, body) = (reader.bytes()?.to_vec(), reader.bytes()?.to_vec());
        let salt = Salt(reader.fixed()?);
        reader.end()?;
        Ok::<_, Problem>((bytes, body, salt))
    };
    let (bytes, body, salt) =
        read(&mut Reader::new(bytes)).map_err(|_| corrupt("an entry that is kept beside its log"))?;
    let entry = Entry::parse(bytes).map_err(|_| corrupt("an entry that is kept beside its log"))?;
    Ok(Record { entry, body, salt })
}
