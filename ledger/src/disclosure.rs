//! What shows somebody who does not hold a log that disclosed entries stand in its history, and how many of them there
//! are (docs/format.md §8, §9).

use std::collections::{BTreeMap, BTreeSet};

use crate::bytes::{Hash, Id, LogId, PublicKey, Salt};
use crate::canonical::{self, Key, Problem, Reader, Writer};
use crate::checkpoint::Cosignature;
use crate::entry::{Entry, Head, Record};
use crate::error::Fault;
use crate::index::{IndexEntry, IndexProof};
use crate::multiproof;
use crate::seen::Seen;
use crate::statement::INDEX;
use crate::tree;

/// Heads of a log that somebody signed, and the proof that what is disclosed of it stands below them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The heads: at least one.
    pub seen: Seen,
    /// What [`multiproof::prove`] gives for the disclosed entries, the index among them, and the sizes of the heads.
    pub nodes: Vec<Hash>,
    /// An index entry of the log, and what it shows of the subject.
    pub index: Option<ShownIndex>,
}

/// An index entry with what it shows of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownIndex {
    /// The entry of kind 4.
    pub record: Record,
    /// What it shows.
    pub proof: IndexProof,
}

/// What an index shows of a subject's entries below its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indexed {
    /// How many there are.
    pub count: u64,
    /// The leaf of the last of them.
    pub last: Option<Hash>,
}

impl History {
    /// The proof for the entries at `places` of a log with these leaves, under heads of it; `None` where an entry lies
    /// beyond the largest of the heads, or a head beyond the leaves.
    pub fn prove(
        seen: Seen,
        places: &BTreeSet<u64>,
        index: Option<ShownIndex>,
        leaves: &[Hash],
    ) -> Option<Self> {
        let sizes: Vec<u64> = roots(&seen)?.into_keys().collect();
        let shown = index.iter().map(|index| index.record.entry.payload().sequence);
        let places: BTreeSet<u64> = places.iter().copied().chain(shown).collect();
        let places: Vec<u64> = places.into_iter().collect();
        Some(Self { nodes: multiproof::prove(leaves, &places, &sizes)?, seen, index })
    }

    /// Which log's.
    pub fn log(&self) -> LogId {
        self.seen.log
    }

    /// Whether the entries, leaves by place, and the index stand below the heads.
    pub fn holds(&self, entries: &BTreeMap<u64, Hash>) -> bool {
        self.leaves(entries).is_some()
    }

    /// The leaves that it shows where the entries, leaves by place, and the index stand below the heads: theirs, and
    /// those of other entries that the proof is made with.
    pub fn leaves(&self, entries: &BTreeMap<u64, Hash>) -> Option<BTreeMap<u64, Hash>> {
        let mut leaves = entries.clone();
        if let Some(ShownIndex { record, .. }) = &self.index {
            let (place, leaf) = (record.entry.payload().sequence, record.entry.leaf());
            if leaves.insert(place, leaf).is_some_and(|other| other != leaf) {
                return None;
            }
        }
        let heads = roots(&self.seen).filter(|_| !leaves.is_empty())?;
        let (sizes, signed): (Vec<u64>, Vec<Hash>) = heads.into_iter().unzip();
        let (computed, beside) = multiproof::walked(&leaves, &sizes, &self.nodes)?;
        leaves.extend(beside);
        (computed == signed).then_some(leaves)
    }

    /// Verifies every signature strictly: under the key of the log's device the checkpoint's and the index entry's,
    /// whose body must be the one that was signed; a cosignature's under the key of its witness.
    ///
    /// # Errors
    /// [`Fault::Signature`], [`Fault::BodyMismatch`], [`Fault::NotCanonical`]; [`Fault::NotEnrolled`] for a witness
    /// without a key, and [`Fault::WrongLog`] for the log as its own witness (docs/format.md §5).
    pub fn verify<'a>(
        &self,
        device: &PublicKey,
        witness: impl Fn(&LogId) -> Option<&'a PublicKey>,
    ) -> Result<(), Fault> {
        if let Some(checkpoint) = &self.seen.checkpoint {
            checkpoint.verify(device)?;
        }
        for one in self.seen.cosigned.values() {
            if one.cosignature.witness == self.log() {
                return Err(Fault::WrongLog);
            }
            let key = witness(&one.cosignature.witness).ok_or(Fault::NotEnrolled)?;
            one.cosignature.verify(&one.head, key)?;
        }
        let Some(ShownIndex { record, .. }) = &self.index else { return Ok(()) };
        record.entry.verify_signature(device)?;
        record.entry.check_body(&record.body, &record.salt)?;
        Ok(canonical::check(&record.body)?)
    }

    /// The earliest word of a witness that had seen the entry at a place, by its own clock: of those that `counts`
    /// lets speak. Another log of the same device is no witness, and a time that cannot be none of when.
    pub fn seen_by(&self, place: u64, counts: impl Fn(&Cosignature) -> bool) -> Option<Cosignature> {
        let covering = self.seen.cosigned.values().filter(|one| place < one.head.size);
        let words = covering.map(|one| one.cosignature).filter(counts);
        words.min_by_key(|word| (word.time_s, word.witness))
    }

    /// Its deterministic CBOR (docs/firn.cddl, `history`).
    pub fn write(&self, writer: &mut Writer) {
        writer.map(2 + self.index.iter().len()).uint(1);
        self.seen.write(writer);
        writer.uint(2).bytes(&tree::joined(&self.nodes));
        if let Some(ShownIndex { record, proof }) = &self.index {
            writer.uint(3).array(4).bytes(record.entry.bytes());
            writer.bytes(record.salt.as_bytes()).bytes(&record.body);
            proof.write(writer);
        }
    }

    /// Reads what [`History::write`] wrote; nothing is verified yet.
    ///
    /// # Errors
    /// For other bytes; for no head; for two heads of one size; for an entry that is no index of this log.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut seen, mut nodes, mut index) = (None, None, None);
        let mut map = reader.map()?;
        while let Some(key) = reader.key(&mut map)? {
            match key {
                Key::Uint(1) => seen = Some(Seen::read(reader)?),
                Key::Uint(2) => nodes = tree::split(reader.bytes()?),
                Key::Uint(3) => index = Some(ShownIndex::read(reader)?),
                _ => return Err(reader.refuse("a field that is not known here")),
            }
        }
        let (Some(seen), Some(nodes)) = (seen, nodes) else {
            return Err(reader.refuse("a history with a field missing, or with a hash that is not whole"));
        };
        if roots(&seen).is_none_or(|heads| heads.is_empty()) {
            return Err(reader.refuse("a history without a head, or with two of one size"));
        }
        let is_of_log = |index: &ShownIndex| index.record.entry.log() == seen.log;
        if !index.as_ref().is_none_or(is_of_log) {
            return Err(reader.refuse("an index of another log"));
        }
        Ok(Self { seen, nodes, index })
    }
}

/// The heads' roots by their sizes; `None` where two of one size differ.
fn roots(seen: &Seen) -> Option<BTreeMap<u64, Hash>> {
    let mut roots = BTreeMap::new();
    for Head { size, root, .. } in seen.heads() {
        if roots.insert(size, root).is_some_and(|other| other != root) {
            return None;
        }
    }
    Some(roots)
}

impl ShownIndex {
    /// What it shows of a subject; `None` where it does not say what its place says, or proves nothing.
    pub fn shows(&self, subject: &Id) -> Option<Indexed> {
        let says = IndexEntry::decode(&self.record.body).ok()?;
        if says.size != self.record.entry.payload().sequence {
            return None;
        }
        Some(Indexed { count: says.count(subject, &self.proof)?, last: self.proof.last() })
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        reader.array_of(4)?;
        let problem = reader.refuse("no index entry");
        let entry = Entry::parse(reader.bytes()?.to_vec()).map_err(|_| problem)?;
        if entry.payload().kind != INDEX {
            return Err(problem);
        }
        let (salt, body) = (Salt(reader.fixed()?), reader.bytes()?.to_vec());
        Ok(Self { record: Record { entry, body, salt }, proof: IndexProof::read(reader)? })
    }
}

#[cfg(test)]
mod tests;
