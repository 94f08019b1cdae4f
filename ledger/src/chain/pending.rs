//! The device's signatures that a walk along its whole log has met and has yet to verify, many at a time.

use crate::bytes::{LogId, PublicKey};
use crate::entry::Entry;
use crate::error::{BadEntry, Fault};
use crate::key::{KeyTable, Signed};

/// How many are verified at once. A table is made for the first such number; fewer are verified one by one.
pub(super) const AT_ONCE: usize = 256;

/// Signatures that wait, with the place of the first in the log and the key of its device.
#[derive(Debug, Default)]
pub(super) struct Pending {
    from: Option<(u64, PublicKey)>,
    waiting: Vec<Signed>,
    table: Option<KeyTable>,
}

impl Pending {
    /// Keeps the signature of an entry that follows those that wait.
    pub fn push(&mut self, entry: &Entry, device: PublicKey) {
        self.from.get_or_insert((entry.payload().sequence, device));
        self.waiting.push(entry.signed());
    }

    /// Whether as many wait as are verified at once.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= AT_ONCE
    }

    /// Verifies all that wait.
    ///
    /// # Errors
    /// The first that is bad.
    pub fn verify(&mut self, log: LogId) -> Result<(), BadEntry> {
        let Some((first, device)) = self.from.take() else { return Ok(()) };
        let waiting = std::mem::take(&mut self.waiting);
        let bad = |sequence, fault| BadEntry { log, sequence, fault };
        if self.table.is_none() && waiting.len() >= AT_ONCE {
            self.table = Some(KeyTable::new(device).map_err(|fault| bad(first, fault))?);
        }
        let verdicts: Vec<Result<(), Fault>> = match &self.table {
            Some(table) => table.verify(&waiting),
            None => waiting.iter().map(|one| device.verify(&one.message, &one.signature)).collect(),
        };
        for (sequence, verdict) in (first..).zip(verdicts) {
            verdict.map_err(|fault| bad(sequence, fault))?;
        }
        Ok(())
    }
}
