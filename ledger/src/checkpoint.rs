//! Signed heads of logs as C2SP checkpoints, and witnesses' cosignatures over them (docs/format.md §5).

use data_encoding::BASE64;

use crate::bytes::{Hash, LogId, PublicKey, Signature};
use crate::canonical::{Problem, Reader, Writer};
use crate::entry::Head;
use crate::error::{Fault, LedgerError};
use crate::key::Signer;

/// The type of an ed25519 signature in a signed note (c2sp.org/signed-note).
const SIGNED: u8 = 1;
/// The type of a timestamped cosignature in a signed note (c2sp.org/tlog-cosignature).
const COSIGNED: u8 = 4;

/// The head of a log, signed by its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checkpoint {
    /// The log at one size.
    pub head: Head,
    /// Over [`text`].
    pub signature: Signature,
}

/// A witness' word that a head continues all that it had seen of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cosignature {
    /// The witness' own log.
    pub witness: LogId,
    /// The witness' clock, in seconds since 1970-01-01T00:00:00Z.
    pub time_s: u64,
    /// Over the time and [`text`].
    pub signature: Signature,
}

/// The name of a log in notes.
pub fn origin(log: &LogId) -> String {
    format!("firn/log/{log}")
}

/// The three lines of a checkpoint (c2sp.org/tlog-checkpoint).
pub fn text(head: &Head) -> String {
    format!("{}\n{}\n{}\n", origin(&head.log), head.size, BASE64.encode(head.root.as_bytes()))
}

fn cosigned_text(head: &Head, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{}", text(head))
}

impl Checkpoint {
    /// Signs the head of a device's own log.
    ///
    /// # Errors
    /// [`LedgerError::Signer`].
    pub fn sign(head: Head, device: &dyn Signer) -> Result<Self, LedgerError> {
        Ok(Self { head, signature: device.sign(text(&head).as_bytes())? })
    }

    /// Verifies it strictly under the log's device key.
    ///
    /// # Errors
    /// [`Fault::Signature`], [`Fault::Key`].
    pub fn verify(&self, device: &PublicKey) -> Result<(), Fault> {
        device.verify(text(&self.head).as_bytes(), &self.signature)
    }

    /// Its deterministic CBOR (docs/firn.cddl, `checkpoint`).
    pub fn write(&self, writer: &mut Writer) {
        writer.array(4).bytes(self.head.log.as_bytes()).uint(self.head.size);
        writer.bytes(self.head.root.as_bytes()).bytes(self.signature.as_bytes());
    }

    /// Reads what [`Checkpoint::write`] wrote.
    ///
    /// # Errors
    /// For other bytes.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        reader.array_of(4)?;
        let (log, size, root) = (LogId(reader.fixed()?), reader.uint()?, Hash(reader.fixed()?));
        Ok(Self { head: Head { log, size, root }, signature: Signature(reader.fixed()?) })
    }

    /// The signed note, with a line for the log's signature and one for each cosignature, each with the key
    /// that verifies it.
    pub fn note(&self, device: &PublicKey, cosignatures: &[(Cosignature, PublicKey)]) -> String {
        let own = line(&origin(&self.head.log), SIGNED, device, self.signature.as_bytes());
        let others = cosignatures.iter().map(|(one, key)| {
            let signed = [&one.time_s.to_be_bytes(), one.signature.as_bytes()].concat();
            line(&origin(&one.witness), COSIGNED, key, &signed)
        });
        let lines: String = std::iter::once(own).chain(others).collect();
        format!("{}\n{lines}", text(&self.head))
    }
}

impl Cosignature {
    /// Cosigns a head, which the witness holds and has found to continue what it cosigned before.
    ///
    /// # Errors
    /// [`LedgerError::Signer`].
    pub fn sign(head: &Head, witness: LogId, time_s: u64, device: &dyn Signer) -> Result<Self, LedgerError> {
        let signature = device.sign(cosigned_text(head, time_s).as_bytes())?;
        Ok(Self { witness, time_s, signature })
    }

    /// Verifies it strictly under the key of the witness' device.
    ///
    /// # Errors
    /// [`Fault::Signature`], [`Fault::Key`].
    pub fn verify(&self, head: &Head, witness: &PublicKey) -> Result<(), Fault> {
        witness.verify(cosigned_text(head, self.time_s).as_bytes(), &self.signature)
    }

    /// Its deterministic CBOR (docs/firn.cddl, `cosignature`).
    pub fn write(&self, writer: &mut Writer) {
        writer.array(3).bytes(self.witness.as_bytes()).uint(self.time_s).bytes(self.signature.as_bytes());
    }

    /// Reads what [`Cosignature::write`] wrote.
    ///
    /// # Errors
    /// For other bytes.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        reader.array_of(3)?;
        Ok(Self {
            witness: LogId(reader.fixed()?),
            time_s: reader.uint()?,
            signature: Signature(reader.fixed()?),
        })
    }
}

/// A signature line: "— name base64(key id ‖ signature)" (c2sp.org/signed-note).
fn line(name: &str, kind: u8, key: &PublicKey, signature: &[u8]) -> String {
    let id = Hash::of(&[name.as_bytes(), b"\n", &[kind], key.as_bytes()]);
    let id = id.as_bytes().get(..4).unwrap_or_default();
    format!("\u{2014} {name} {}\n", BASE64.encode(&[id, signature].concat()))
}

#[cfg(test)]
mod tests;
