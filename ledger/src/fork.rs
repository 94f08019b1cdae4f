//! The portable proof that a device signed two histories of one log (docs/format.md §7).

use crate::bytes::{Hash, LogId, PublicKey, Signature};
use crate::canonical::{Key, Problem, Reader, Writer};
use crate::checkpoint::Checkpoint;
use crate::entry::Head;
use crate::error::{Fault, LedgerError};
use crate::tree::{self, Tree, TreeHead};

/// The most bytes of a proof.
pub const MAX_PROOF: usize = 1024;

/// What is known of a log's histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Histories {
    /// One, as far as is known here.
    One,
    /// Two, and no revocation says which holds.
    Two,
    /// Two, and the one that holds, up to this head, is not the one here.
    Elsewhere(Head),
    /// Two, and the one that holds, up to this head, is here.
    Here(Head),
}

/// Two checkpoints of one log that cannot both be heads of one history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForkProof {
    /// The smaller; of equal sizes the one with the smaller root.
    first: Checkpoint,
    /// The other.
    second: Checkpoint,
    /// Where the sizes differ.
    apart: Option<Apart>,
}

/// What the larger history was at the smaller size.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Apart {
    root: Hash,
    consistency: Vec<Hash>,
}

impl ForkProof {
    /// Proves that two checkpoints of one log are a fork. `leaves` are those of the larger one's history, as
    /// many as its size; for equal sizes they are not looked at.
    ///
    /// `None` when the checkpoints are of two logs or of one history, or the leaves are not the larger one's.
    pub fn between(one: Checkpoint, other: Checkpoint, leaves: &[Hash]) -> Option<Self> {
        let (first, second) = if order(&one) <= order(&other) { (one, other) } else { (other, one) };
        let mut apart = None;
        if first.head.size != second.head.size {
            let size = usize::try_from(first.head.size).ok()?;
            let root = Tree::over(leaves.get(..size)?).root();
            apart = Some(Apart { root, consistency: tree::consistency_proof(leaves, size)? });
        }
        let proof = Self { first, second, apart };
        proof.conflict().then_some(proof)
    }

    /// The log that has two histories.
    pub fn log(&self) -> LogId {
        self.first.head.log
    }

    /// The two heads, the smaller first.
    pub fn heads(&self) -> [Head; 2] {
        [self.first.head, self.second.head]
    }

    /// Checks the proof under the key of the log's device (§7, 1 to 3).
    ///
    /// # Errors
    /// [`Fault::Signature`] for a head that the device did not sign, [`Fault::Malformed`] for heads of one
    /// history.
    pub fn check(&self, device: &PublicKey) -> Result<(), Fault> {
        self.first.verify(device)?;
        self.second.verify(device)?;
        if self.conflict() { Ok(()) } else { Err(Fault::Malformed) }
    }

    fn conflict(&self) -> bool {
        let (first, second) = (&self.first.head, &self.second.head);
        if first.log != second.log || order(&self.first) >= order(&self.second) {
            return false;
        }
        match &self.apart {
            None => first.size == second.size,
            Some(apart) => {
                let prefix = TreeHead { size: first.size, root: apart.root };
                let whole = TreeHead { size: second.size, root: second.root };
                first.size < second.size
                    && apart.root != first.root
                    && tree::verify_consistency(&prefix, &whole, &apart.consistency)
            }
        }
    }

    /// Its deterministic CBOR: the body of kind 5.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(if self.apart.is_some() { 5 } else { 3 });
        writer.uint(1).bytes(self.log().as_bytes());
        for (key, one) in [(2, &self.first), (3, &self.second)] {
            writer.uint(key).array(3).uint(one.head.size).bytes(one.head.root.as_bytes());
            writer.bytes(one.signature.as_bytes());
        }
        if let Some(apart) = &self.apart {
            writer.uint(4).bytes(apart.root.as_bytes()).uint(5).array(apart.consistency.len());
            for hash in &apart.consistency {
                writer.bytes(hash.as_bytes());
            }
        }
        writer.into_bytes()
    }

    /// Reads a proof; it is not checked yet.
    ///
    /// # Errors
    /// [`Fault::TooLarge`], and [`LedgerError::Format`].
    pub fn decode(body: &[u8]) -> Result<Self, LedgerError> {
        if body.len() > MAX_PROOF {
            return Err(Fault::TooLarge.into());
        }
        Self::read(&mut Reader::new(body)).map_err(LedgerError::format("proof of a fork"))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut log, mut first, mut second, mut root, mut hashes) = (None, None, None, None, None);
        let mut map = reader.map()?;
        while let Some(key) = reader.key(&mut map)? {
            match key {
                Key::Uint(1) => log = Some(LogId(reader.fixed()?)),
                Key::Uint(2) => first = Some(read_head(reader)?),
                Key::Uint(3) => second = Some(read_head(reader)?),
                Key::Uint(4) => root = Some(Hash(reader.fixed()?)),
                Key::Uint(5) => hashes = Some(read_hashes(reader)?),
                _ => drop(reader.skip()?),
            }
        }
        reader.end()?;
        let apart = match (root, hashes) {
            (None, None) => None,
            (Some(root), Some(consistency)) => Some(Apart { root, consistency }),
            _ => return Err(reader.refuse("a root without its proof, or a proof without its root")),
        };
        let (Some(log), Some(first), Some(second)) = (log, first, second) else {
            return Err(reader.refuse("a proof of a fork with a field missing"));
        };
        let of = |(size, root, signature)| Checkpoint { head: Head { log, size, root }, signature };
        Ok(Self { first: of(first), second: of(second), apart })
    }
}

fn order(checkpoint: &Checkpoint) -> (u64, Hash) {
    (checkpoint.head.size, checkpoint.head.root)
}

fn read_head(reader: &mut Reader<'_>) -> Result<(u64, Hash, Signature), Problem> {
    reader.array_of(3)?;
    Ok((reader.uint()?, Hash(reader.fixed()?), Signature(reader.fixed()?)))
}

fn read_hashes(reader: &mut Reader<'_>) -> Result<Vec<Hash>, Problem> {
    let count = reader.array()?;
    (0..count).map(|_| reader.fixed().map(Hash)).collect()
}

#[cfg(test)]
mod tests;
