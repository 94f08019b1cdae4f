//! Who wrote a carried file: the first frame in it, signed by the key of the writer's log.

use firn_ledger::bytes::{Hash, LogId, PublicKey, Signature};
use firn_ledger::canonical::{Problem, Reader, Writer as Canonical};
use firn_ledger::error::{Fault, LedgerError};
use firn_ledger::key::Signer;

use super::CarryError;

/// What the signature is over begins with.
const DOMAIN: &str = "firn carried v1";

/// The device that wrote a file, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer {
    /// Its log.
    pub log: LogId,
    /// By its own clock, in milliseconds of UTC.
    pub written_ms: i64,
    /// Over header, log and time.
    signature: Signature,
}

impl Writer {
    /// Signs for what stands before the chunks.
    pub(super) fn sign(
        log: LogId,
        written_ms: i64,
        header: &[u8],
        signer: &dyn Signer,
    ) -> Result<Self, LedgerError> {
        let signature = signer.sign(&said(&log, written_ms, header))?;
        Ok(Self { log, written_ms, signature })
    }

    /// Whether the key of the writer's log signed this, in this file.
    pub(super) fn verify(&self, header: &[u8], device: &PublicKey) -> Result<(), Fault> {
        device.verify(&said(&self.log, self.written_ms, header), &self.signature)
    }

    /// Its deterministic CBOR (docs/firn.cddl, `carried-writer`).
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Canonical::new();
        writer.array(3).bytes(self.log.as_bytes()).int(self.written_ms).bytes(&self.signature.0);
        writer.into_bytes()
    }

    /// Reads what [`Writer::encode`] wrote; nothing is verified yet.
    ///
    /// # Errors
    /// [`CarryError::Damaged`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CarryError> {
        let mut reader = Reader::new(bytes);
        let read = |reader: &mut Reader<'_>| -> Result<Self, Problem> {
            reader.array_of(3)?;
            let (log, written_ms) = (LogId(reader.fixed()?), reader.int()?);
            let signature = Signature(reader.fixed()?);
            reader.end().map(|()| Self { log, written_ms, signature })
        };
        read(&mut reader).map_err(|_| CarryError::Damaged)
    }
}

fn said(log: &LogId, written_ms: i64, header: &[u8]) -> Vec<u8> {
    let mut writer = Canonical::new();
    writer.array(4).text(DOMAIN).bytes(Hash::of(&[header]).as_bytes()).bytes(log.as_bytes()).int(written_ms);
    writer.into_bytes()
}
