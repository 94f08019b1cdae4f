//! A log that takes another's place by the old key's word: in a genesis, where an admission stands else.

use crate::bytes::{LogId, PublicKey, Signature};
use crate::canonical::{Problem, Reader, Writer};
use crate::entry::Head;
use crate::error::{Fault, LedgerError};
use crate::key::Signer;

/// The old log's last head, and its key's word that this log goes on from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Continuation {
    /// The old log where it ends, as far as its device knew.
    pub head: Head,
    /// Over "firn continuation v1" ‖ the new log's id ‖ the head.
    pub signature: Signature,
}

impl Continuation {
    /// Signs with the old log's key.
    ///
    /// # Errors
    /// [`LedgerError::Signer`].
    pub fn sign(log: &LogId, head: Head, old: &dyn Signer) -> Result<Self, LedgerError> {
        Ok(Self { head, signature: old.sign(&message(log, &head))? })
    }

    /// Verifies it strictly as the beginning of `log`, under the old log's key.
    ///
    /// # Errors
    /// [`Fault::Signature`], [`Fault::Key`].
    pub fn verify(&self, log: &LogId, old: &PublicKey) -> Result<(), Fault> {
        old.verify(&message(log, &self.head), &self.signature)
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        write_head(writer.map(2).uint(1), &self.head);
        writer.uint(2).bytes(self.signature.as_bytes());
    }
}

/// Reads a head (docs/firn.cddl, `head`).
pub(super) fn read_head(reader: &mut Reader<'_>) -> Result<Head, Problem> {
    reader.array_of(3)?;
    let (log, size) = (LogId(reader.fixed()?), reader.uint()?);
    Ok(Head { log, size, root: crate::bytes::Hash(reader.fixed()?) })
}

fn write_head(writer: &mut Writer, head: &Head) {
    writer.array(3).bytes(head.log.as_bytes()).uint(head.size).bytes(head.root.as_bytes());
}

/// What the old key signs.
fn message(log: &LogId, head: &Head) -> Vec<u8> {
    let mut writer = Writer::new();
    write_head(&mut writer, head);
    [b"firn continuation v1".as_slice(), log.as_bytes(), &writer.into_bytes()].concat()
}
