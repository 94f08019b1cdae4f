//! Who has seen how much of a log: its newest checkpoint, and each witness' newest cosignature
//! (docs/format.md §5).

use std::collections::BTreeMap;

use crate::bytes::{Hash, LogId, PublicKey};
use crate::canonical::{Key, Problem, Reader, Writer};
use crate::checkpoint::{Checkpoint, Cosignature};
use crate::entry::Head;
use crate::error::{Fault, LedgerError};
use crate::membership::Membership;

/// What is known of a log's witnesses. It grows only: [`Seen::take`] keeps the larger head of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The log.
    pub log: LogId,
    /// The largest head that its own device signed.
    pub checkpoint: Option<Checkpoint>,
    /// The largest head that each witness cosigned, by the witness' log.
    pub cosigned: BTreeMap<LogId, Cosigned>,
}

/// A head with the word of one witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosigned {
    /// The log at the size that the witness held.
    pub head: Head,
    /// Its word.
    pub cosignature: Cosignature,
}

/// What tells two states of [`Seen`] apart: the first 8 bytes of the SHA-256 of its bytes.
pub type Mark = [u8; 8];

impl Seen {
    /// Nothing is known yet.
    pub fn nothing(log: LogId) -> Self {
        Self { log, checkpoint: None, cosigned: BTreeMap::new() }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.checkpoint.is_none() && self.cosigned.is_empty()
    }

    /// Its mark; zero where nothing is known.
    pub fn mark(&self) -> Mark {
        if self.is_empty() {
            return Mark::default();
        }
        let hash = Hash::of(&[&self.encode()]);
        hash.0.first_chunk::<8>().copied().unwrap_or_default()
    }

    /// Takes in what another knows of the same log; whether anything was new.
    pub fn take(&mut self, other: &Self) -> bool {
        let before = self.clone();
        if other.checkpoint.map(of_checkpoint) > self.checkpoint.map(of_checkpoint) {
            self.checkpoint = other.checkpoint;
        }
        for (witness, one) in &other.cosigned {
            let held = self.cosigned.entry(*witness).or_insert(*one);
            if rank(one) > rank(held) {
                *held = *one;
            }
        }
        *self != before
    }

    /// Verifies every signature strictly: the checkpoint's under the key of the log's device, a cosignature's
    /// under the key of the member who is its witness.
    ///
    /// # Errors
    /// [`Fault::Signature`]; [`Fault::NotEnrolled`] for a witness who is no member.
    pub fn verify(&self, device: &PublicKey, membership: &Membership) -> Result<(), Fault> {
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.verify(device)?;
        }
        self.cosigned.values().try_for_each(|one| {
            let witness = membership.member(&one.cosignature.witness).ok_or(Fault::NotEnrolled)?;
            one.cosignature.verify(&one.head, &witness.enrolment.device)
        })
    }

    /// Every head that somebody signed.
    pub fn heads(&self) -> impl Iterator<Item = Head> {
        let own = self.checkpoint.iter().map(|checkpoint| checkpoint.head);
        own.chain(self.cosigned.values().map(|one| one.head))
    }

    /// Keeps only the heads that `fits` accepts.
    pub fn retain(&mut self, fits: impl Fn(&Head) -> bool) {
        self.checkpoint = self.checkpoint.filter(|checkpoint| fits(&checkpoint.head));
        self.cosigned.retain(|_, one| fits(&one.head));
    }

    /// Its deterministic CBOR (docs/firn.cddl, `seen`).
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// Writes it.
    pub fn write(&self, writer: &mut Writer) {
        writer.map(if self.checkpoint.is_some() { 3 } else { 2 }).uint(1).bytes(self.log.as_bytes());
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.write(writer.uint(2));
        }
        writer.uint(3).array(self.cosigned.len());
        for one in self.cosigned.values() {
            writer.array(3).uint(one.head.size).bytes(one.head.root.as_bytes());
            one.cosignature.write(writer);
        }
    }

    /// Reads what [`Seen::encode`] wrote; nothing is verified yet.
    ///
    /// # Errors
    /// [`LedgerError::Format`].
    pub fn decode(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut reader = Reader::new(bytes);
        let read = |reader: &mut Reader<'_>| {
            let seen = Self::read(reader)?;
            reader.end().map(|()| seen)
        };
        read(&mut reader).map_err(LedgerError::format("witnesses of a log"))
    }

    /// Reads it from within something larger.
    ///
    /// # Errors
    /// For other bytes; for a checkpoint of another log; for witnesses that do not ascend.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut log, mut checkpoint, mut cosigned) = (None, None, None);
        let mut map = reader.map()?;
        while let Some(key) = reader.key(&mut map)? {
            match key {
                Key::Uint(1) => log = Some(LogId(reader.fixed()?)),
                Key::Uint(2) => checkpoint = Some(Checkpoint::read(reader)?),
                Key::Uint(3) => cosigned = Some(read_cosigned(reader, log)?),
                _ => return Err(reader.refuse("a field that is not known here")),
            }
        }
        let (Some(log), Some(cosigned)) = (log, cosigned) else {
            return Err(reader.refuse("witnesses with a field missing"));
        };
        if checkpoint.is_some_and(|checkpoint| checkpoint.head.log != log) {
            return Err(reader.refuse("a checkpoint of another log"));
        }
        Ok(Self { log, checkpoint, cosigned })
    }
}

/// The larger head; of equal sizes the same one on every device.
fn of_checkpoint(checkpoint: Checkpoint) -> (u64, Hash) {
    (checkpoint.head.size, checkpoint.head.root)
}

/// The larger head; of equal sizes the earlier word, which says more of when the log was so large.
fn rank(one: &Cosigned) -> (u64, std::cmp::Reverse<(u64, Hash, [u8; 64])>) {
    let cosignature = &one.cosignature;
    (one.head.size, std::cmp::Reverse((cosignature.time_s, one.head.root, cosignature.signature.0)))
}

fn read_cosigned(reader: &mut Reader<'_>, log: Option<LogId>) -> Result<BTreeMap<LogId, Cosigned>, Problem> {
    let log = log.ok_or_else(|| reader.refuse("cosignatures of no log"))?;
    let mut cosigned: BTreeMap<LogId, Cosigned> = BTreeMap::new();
    for _ in 0..reader.array()? {
        reader.array_of(3)?;
        let head = Head { log, size: reader.uint()?, root: Hash(reader.fixed()?) };
        let cosignature = Cosignature::read(reader)?;
        if cosigned.last_key_value().is_some_and(|(last, _)| *last >= cosignature.witness) {
            return Err(reader.refuse("witnesses that do not ascend"));
        }
        cosigned.insert(cosignature.witness, Cosigned { head, cosignature });
    }
    Ok(cosigned)
}

#[cfg(test)]
mod tests;
