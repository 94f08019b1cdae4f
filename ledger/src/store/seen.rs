//! Witnesses in the store: what is known of each log's, and this device's own word on what it holds.

use crate::bytes::LogId;
use crate::checkpoint::{Checkpoint, Cosignature};
use crate::entry::Head;
use crate::error::LedgerError;
use crate::fork::ForkProof;
use crate::key::Signer;
use crate::seen::{Cosigned, Seen};

use super::failure::corrupt;
use super::{Transaction, View};

/// The collections of documents that the ledger keeps for itself, by log id.
pub(super) const SEEN: &str = "ledger.seen";
const FORKS: &str = "ledger.forks";

impl View<'_> {
    /// What is known of a log's witnesses.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn seen(&mut self, log: &LogId) -> Result<Seen, LedgerError> {
        match self.document(SEEN, log.as_bytes())? {
            Some(bytes) => Seen::decode(&bytes).map_err(|_| corrupt("witnesses of a log")),
            None => Ok(Seen::nothing(*log)),
        }
    }

    /// The proof that a log has two histories, where one was found: such a log takes no more entries but those of
    /// the history that a revocation says holds.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn fork(&mut self, log: &LogId) -> Result<Option<ForkProof>, LedgerError> {
        let bytes = self.document(FORKS, log.as_bytes())?;
        bytes.map(|bytes| ForkProof::decode(&bytes).map_err(|_| corrupt("a proof of a fork"))).transpose()
    }

    /// Every log that is known to have two histories, with the proof, by log id.
    ///
    /// # Errors
    /// `store/corrupt`, `store/io`.
    pub fn forks(&mut self) -> Result<Vec<ForkProof>, LedgerError> {
        let kept = self.documents(FORKS)?;
        let proof = |bytes: &[u8]| ForkProof::decode(bytes).map_err(|_| corrupt("a proof of a fork"));
        kept.iter().map(|document| proof(&document.value)).collect()
    }
}

impl Transaction<'_> {
    /// Keeps what is known of a log's witnesses, beside what was known before; whether anything was new. Only
    /// verified words may be given.
    ///
    /// # Errors
    /// `store/full`, `store/corrupt`, `store/io`.
    pub fn take_seen(&mut self, more: &Seen) -> Result<bool, LedgerError> {
        let mut known = self.seen(&more.log)?;
        let new = known.take(more);
        if new {
            self.put_document(SEEN, more.log.as_bytes(), &known.encode())?;
        }
        Ok(new)
    }

    /// Keeps a checked proof that a log has two histories; the first that was found stays.
    ///
    /// # Errors
    /// `store/full`, `store/corrupt`, `store/io`.
    pub fn take_fork(&mut self, proof: &ForkProof) -> Result<(), LedgerError> {
        let log = proof.log();
        match self.fork(&log)? {
            Some(_) => Ok(()),
            None => self.put_document(FORKS, log.as_bytes(), &proof.encode()),
        }
    }

    /// Signs the head of this device's own log, and cosigns that of every other, wherever it has grown since:
    /// all of its entries are here and were verified, and what is stored only grows. A log with two histories
    /// is cosigned no more.
    ///
    /// # Errors
    /// [`LedgerError::Signer`]; `store/full`, `store/corrupt`, `store/io`.
    pub fn witness(&mut self, own: &LogId, device: &dyn Signer, time_s: u64) -> Result<(), LedgerError> {
        for head in self.heads() {
            if self.fork(&head.log)?.is_some() {
                continue;
            }
            let known = self.seen(&head.log)?;
            let more = match head.log == *own {
                true => signed(&known, head, device)?,
                false => cosigned(&known, head, own, device, time_s)?,
            };
            if let Some(more) = more {
                self.take_seen(&more)?;
            }
        }
        Ok(())
    }
}

fn signed(known: &Seen, head: Head, device: &dyn Signer) -> Result<Option<Seen>, LedgerError> {
    if known.checkpoint.is_some_and(|checkpoint| checkpoint.head.size >= head.size) {
        return Ok(None);
    }
    let checkpoint = Some(Checkpoint::sign(head, device)?);
    Ok(Some(Seen { checkpoint, ..Seen::nothing(head.log) }))
}

fn cosigned(
    known: &Seen,
    head: Head,
    own: &LogId,
    device: &dyn Signer,
    time_s: u64,
) -> Result<Option<Seen>, LedgerError> {
    if known.cosigned.get(own).is_some_and(|one| one.head.size >= head.size) {
        return Ok(None);
    }
    let cosignature = Cosignature::sign(&head, *own, time_s, device)?;
    let cosigned = [(*own, Cosigned { head, cosignature })].into();
    Ok(Some(Seen { cosigned, ..Seen::nothing(head.log) }))
}
