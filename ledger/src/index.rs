//! How many entries a log has about each subject, in one root, so that a withheld tail shows
//! (docs/format.md §8).

use std::collections::BTreeMap;

use crate::bytes::{Hash, Id};
use crate::canonical::{Key, Problem, Reader, Writer};
use crate::error::LedgerError;
use crate::tree::{self, Tree};

/// The body of kind 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexEntry {
    /// The entries of the log before this one.
    pub size: u64,
    /// The root over [`IndexLeaf`]s, ascending by subject.
    pub root: Hash,
    /// How many subjects.
    pub subjects: u64,
}

/// What an index holds of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexLeaf {
    /// The shipment, unit or session.
    pub subject: Id,
    /// How many entries of the log are about it; at least one.
    pub count: u64,
    /// The leaf of the last of them.
    pub last: Hash,
}

/// The subjects of a log at one size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    subjects: BTreeMap<Id, (u64, Hash)>,
}

/// A leaf with its place and its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What is held of the subject.
    pub leaf: IndexLeaf,
    /// Its place among the subjects, from 0.
    pub place: u64,
    /// From the leaf towards the root.
    pub path: Vec<Hash>,
}

/// What an index shows of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexProof {
    /// So many entries are about it.
    Present(Placed),
    /// None is: these are its neighbours, absent where there are none.
    Absent {
        /// The next smaller subject.
        before: Option<Placed>,
        /// The next larger one.
        after: Option<Placed>,
    },
}

impl IndexLeaf {
    fn hash(&self) -> Hash {
        let mut writer = Writer::new();
        writer.array(3).bytes(self.subject.as_bytes()).uint(self.count).bytes(self.last.as_bytes());
        tree::leaf(&writer.into_bytes())
    }
}

impl Index {
    /// Notes the next entry about a subject.
    pub fn note(&mut self, subject: Id, leaf: Hash) {
        let (count, last) = self.subjects.entry(subject).or_insert((0, leaf));
        (*count, *last) = (count.saturating_add(1), leaf);
    }

    /// Sets what is held of a subject.
    pub fn set(&mut self, leaf: IndexLeaf) {
        self.subjects.insert(leaf.subject, (leaf.count, leaf.last));
    }

    /// Notes all that an index of the entries after these has.
    pub fn follow(&mut self, later: Self) {
        for (subject, (count, last)) in later.subjects {
            let held = self.subjects.entry(subject).or_insert((0, last));
            *held = (held.0.saturating_add(count), last);
        }
    }

    /// The body of the entry that comes after `size` others.
    pub fn entry(&self, size: u64) -> IndexEntry {
        IndexEntry { size, root: Tree::over(&self.hashes()).root(), subjects: self.subjects.len() as u64 }
    }

    /// What the index shows of a subject.
    pub fn prove(&self, subject: &Id) -> IndexProof {
        let place = self.subjects.range(..subject).count();
        if self.subjects.contains_key(subject)
            && let Some(placed) = self.placed(place)
        {
            return IndexProof::Present(placed);
        }
        let before = place.checked_sub(1).and_then(|place| self.placed(place));
        IndexProof::Absent { before, after: self.placed(place) }
    }

    fn leaves(&self) -> impl Iterator<Item = IndexLeaf> {
        self.subjects.iter().map(|(subject, (count, last))| IndexLeaf {
            subject: *subject,
            count: *count,
            last: *last,
        })
    }

    fn hashes(&self) -> Vec<Hash> {
        self.leaves().map(|leaf| leaf.hash()).collect()
    }

    fn placed(&self, place: usize) -> Option<Placed> {
        let leaf = self.leaves().nth(place)?;
        let path = tree::inclusion_proof(&self.hashes(), place)?;
        Some(Placed { leaf, place: place as u64, path })
    }
}

impl IndexEntry {
    /// Its deterministic CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(3).uint(1).uint(self.size).uint(2).bytes(self.root.as_bytes());
        writer.uint(3).uint(self.subjects);
        writer.into_bytes()
    }

    /// Reads a body of kind 4.
    ///
    /// # Errors
    /// [`LedgerError::Format`].
    pub fn decode(body: &[u8]) -> Result<Self, LedgerError> {
        Self::read(&mut Reader::new(body)).map_err(LedgerError::format("index"))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut size, mut root, mut subjects) = (None, None, None);
        let mut map = reader.map()?;
        while let Some(key) = reader.key(&mut map)? {
            match key {
                Key::Uint(1) => size = Some(reader.uint()?),
                Key::Uint(2) => root = Some(Hash(reader.fixed()?)),
                Key::Uint(3) => subjects = Some(reader.uint()?),
                _ => drop(reader.skip()?),
            }
        }
        reader.end()?;
        match (size, root, subjects) {
            (Some(size), Some(root), Some(subjects)) => Ok(Self { size, root, subjects }),
            _ => Err(reader.refuse("an index with a field missing")),
        }
    }

    /// How many entries are about `subject`, if the proof shows it.
    pub fn count(&self, subject: &Id, proof: &IndexProof) -> Option<u64> {
        match proof {
            IndexProof::Present(placed) => {
                (placed.leaf.subject == *subject && self.holds(placed)).then_some(placed.leaf.count)
            }
            IndexProof::Absent { before, after } => {
                let smaller =
                    before.as_ref().is_none_or(|one| one.leaf.subject < *subject && self.holds(one));
                let larger = after.as_ref().is_none_or(|one| one.leaf.subject > *subject && self.holds(one));
                let next = before.as_ref().map_or(Some(0), |one| one.place.checked_add(1))?;
                // Nothing stands between them, nor beyond the end.
                let adjacent = after.as_ref().map_or(self.subjects, |one| one.place) == next;
                (smaller && larger && adjacent).then_some(0)
            }
        }
    }

    fn holds(&self, placed: &Placed) -> bool {
        tree::verify_inclusion(&placed.leaf.hash(), placed.place, self.subjects, &placed.path, &self.root)
    }
}

impl IndexProof {
    /// Its deterministic CBOR (docs/firn.cddl, `index-proof`).
    pub fn write(&self, writer: &mut Writer) {
        match self {
            Self::Present(placed) => placed.write(writer),
            Self::Absent { before, after } => {
                writer.array(2);
                for neighbour in [before, after] {
                    writer.array(neighbour.iter().len());
                    neighbour.iter().for_each(|placed| placed.write(writer));
                }
            }
        }
    }

    /// Reads what [`IndexProof::write`] wrote.
    ///
    /// # Errors
    /// For other bytes.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        match reader.array()? {
            PLACED => Placed::read(reader).map(Self::Present),
            2 => Ok(Self::Absent { before: read_neighbour(reader)?, after: read_neighbour(reader)? }),
            _ => Err(reader.refuse("a proof of an index in no known form")),
        }
    }

    /// The leaf of the last entry about the subject, where there is any.
    pub fn last(&self) -> Option<Hash> {
        match self {
            Self::Present(placed) => Some(placed.leaf.last),
            Self::Absent { .. } => None,
        }
    }
}

/// The items of a placed leaf.
const PLACED: u64 = 5;

fn read_neighbour(reader: &mut Reader<'_>) -> Result<Option<Placed>, Problem> {
    match reader.array()? {
        0 => Ok(None),
        1 => {
            reader.array_of(PLACED)?;
            Placed::read(reader).map(Some)
        }
        _ => Err(reader.refuse("more than one neighbour on a side")),
    }
}

impl Placed {
    fn write(&self, writer: &mut Writer) {
        let IndexLeaf { subject, count, last } = &self.leaf;
        writer.array(5).bytes(subject.as_bytes()).uint(*count).bytes(last.as_bytes()).uint(self.place);
        writer.bytes(&tree::joined(&self.path));
    }

    /// Reads it behind the head of its array.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (subject, count) = (Id(reader.fixed()?), reader.uint()?);
        let (last, place) = (Hash(reader.fixed()?), reader.uint()?);
        let path = tree::split(reader.bytes()?).ok_or_else(|| reader.refuse("hashes that are not whole"))?;
        Ok(Self { leaf: IndexLeaf { subject, count, last }, place, path })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(subjects: &[(u8, u64)]) -> Index {
        let mut index = Index::default();
        for (subject, count) in subjects {
            (0..*count).for_each(|n| index.note(Id([*subject; 16]), Hash([n as u8; 32])));
        }
        index
    }

    #[test]
    fn an_index_entry_has_these_bytes_for_ever() {
        let entry = index(&[(1, 2), (7, 1), (9, 300)]).entry(1000);
        insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&entry.encode()));
        assert_eq!(IndexEntry::decode(&entry.encode()), Ok(entry));
    }

    #[test]
    fn what_an_index_shows_has_these_bytes_for_ever() {
        let index = index(&[(1, 2), (7, 1), (9, 300)]);
        for asked in [7, 8, 0] {
            let proof = index.prove(&Id([asked; 16]));
            let mut writer = Writer::new();
            proof.write(&mut writer);
            let bytes = writer.into_bytes();
            insta::assert_snapshot!(
                format!("what_an_index_shows_of_{asked}"),
                data_encoding::HEXLOWER.encode(&bytes)
            );
            assert_eq!(IndexProof::read(&mut Reader::new(&bytes)), Ok(proof));
        }
    }

    #[test]
    fn an_empty_log_has_nothing_about_anything() {
        let index = index(&[]);
        assert_eq!(index.entry(1).count(&Id([1; 16]), &index.prove(&Id([1; 16]))), Some(0));
    }

    proptest! {
        #[test]
        fn every_count_is_proved_and_a_withheld_tail_is_not(subjects in prop::collection::btree_map(any::<u8>(), 1u64..5, 0..40), asked in any::<u8>()) {
            let list: Vec<_> = subjects.iter().map(|(subject, count)| (*subject, *count)).collect();
            let index = index(&list);
            let (entry, subject) = (index.entry(500), Id([asked; 16]));
            let proof = index.prove(&subject);
            prop_assert_eq!(entry.count(&subject, &proof), Some(subjects.get(&asked).copied().unwrap_or(0)));
            // One entry fewer, and none at all, are not shown by anything made of the same leaves.
            if let IndexProof::Present(mut placed) = proof {
                placed.leaf.count -= 1;
                prop_assert_eq!(entry.count(&subject, &IndexProof::Present(placed)), None);
                let before = list.iter().rposition(|(other, _)| *other < asked).and_then(|place| index.placed(place));
                let after = list.iter().position(|(other, _)| *other > asked).and_then(|place| index.placed(place));
                prop_assert_eq!(entry.count(&subject, &IndexProof::Absent { before, after }), None);
            }
        }
    }
}
