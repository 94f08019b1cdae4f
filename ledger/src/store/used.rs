//! How much of each log came in on the day when something last did: what a member may cost is counted here.

use crate::bytes::LogId;
use crate::canonical::{Problem, Reader, Writer};
use crate::error::LedgerError;
use crate::sync::limits::Used;

use super::failure::corrupt;
use super::{Transaction, View};

/// The collection of documents, by log id.
const USED: &str = "ledger.used";

impl View<'_> {
    /// How much of a log was taken in on the day when it last was.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn used(&mut self, log: &LogId) -> Result<Used, LedgerError> {
        match self.document(USED, log.as_bytes())? {
            Some(bytes) => decode(&bytes).map_err(|_| corrupt("how much came in")),
            None => Ok(Used::default()),
        }
    }
}

impl Transaction<'_> {
    /// Adds to what was taken in on that day.
    pub(super) fn count_used(&mut self, log: &LogId, day: u64, bytes: u64) -> Result<(), LedgerError> {
        let before = self.used(log)?;
        let bytes = if before.day == day { before.bytes.saturating_add(bytes) } else { bytes };
        let mut writer = Writer::new();
        writer.array(2).uint(day).uint(bytes);
        self.put_document(USED, log.as_bytes(), &writer.into_bytes())
    }
}

fn decode(bytes: &[u8]) -> Result<Used, Problem> {
    let mut reader = Reader::new(bytes);
    reader.array_of(2)?;
    let used = Used { day: reader.uint()?, bytes: reader.uint()? };
    reader.end().map(|()| used)
}
