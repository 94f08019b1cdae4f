//! What the evidence told by which another organisation took an offer up.

use crate::bundle::Bundle;
use crate::evidence;
use crate::foreign::{joined_parts, taken};
use firn_ledger::bytes::OrganisationId;
use firn_ledger::entry::Record;
use firn_model::record::{EntryReference, LogTold};
use std::collections::BTreeMap;

impl Bundle {
    /// How much of `giver`'s logs the evidence told by which an entry of this one took its offer up, by log; nothing where
    /// it is not in the file or cannot be read.
    pub fn told_to(&self, acceptance: EntryReference, giver: &OrganisationId) -> Vec<LogTold> {
        let is_it = |record: &&Record| {
            (record.entry.log().0, record.entry.leaf().0) == (acceptance.log, acceptance.leaf)
        };
        let taken = self.records.iter().find(is_it).and_then(taken);
        let bytes = taken.and_then(|(says, parts)| joined_parts(&self.batches, &says, &parts).ok());
        let file = bytes.and_then(|bytes| evidence::read(&bytes).ok());
        let Some(file) = file.filter(|file| file.organisation == *giver) else { return Vec::new() };
        let mut sizes: BTreeMap<[u8; 32], u64> = BTreeMap::new();
        for record in file.disclosed() {
            let size = sizes.entry(record.entry.log().0).or_default();
            *size = record.entry.payload().sequence.saturating_add(1).max(*size);
        }
        sizes.into_iter().map(|(log, size)| LogTold { log, size }).collect()
    }
}
