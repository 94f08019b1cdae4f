use proptest::prelude::*;

use super::*;
use crate::checkpoint::{Checkpoint, Cosignature};
use crate::entry::{Clocks, EntryDraft, InSubject, Position, Signers, sign};
use crate::index::Index;
use crate::key::{SecretKey, Signer};
use crate::seen::Cosigned;
use crate::tree::Tree;

const LOG: LogId = LogId([9; 32]);
const WITNESS: LogId = LogId([7; 32]);

fn device() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn witness() -> SecretKey {
    SecretKey::from_seed(&[2; 32])
}

fn shipment(number: u64) -> Id {
    let mut id = [0x5a; 16];
    id[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    Id(id)
}

fn body(size: usize) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.map(1).uint(1).bytes(&vec![0x33; size]);
    writer.into_bytes()
}

/// A log of real entries in memory.
struct Log {
    records: BTreeMap<u64, Record>,
    leaves: Vec<Hash>,
    index: Index,
    places: BTreeMap<Id, (u64, Hash)>,
}

impl Log {
    fn new() -> Self {
        Self {
            records: BTreeMap::new(),
            leaves: Vec::new(),
            index: Index::default(),
            places: BTreeMap::new(),
        }
    }

    fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// An entry whose place and backlink are right.
    fn sign(&self, kind: u64, subject: Option<Id>, body: Vec<u8>) -> Record {
        let sequence = self.size();
        let draft = EntryDraft {
            kind,
            subject,
            clocks: Clocks { wall_ms: 1_793_491_200_000, monotonic_ms: sequence, boot: Id([3; 16]) },
            heads: Vec::new(),
            body,
            salt: Salt([sequence as u8; 32]),
            person: None,
            batches: Vec::new(),
        };
        let in_subject = subject.map(|subject| {
            let place = self.places.get(&subject);
            let (next, previous) = (place.map_or(0, |place| place.0), place.map(|place| place.1));
            InSubject { subject, sequence: next, previous }
        });
        let previous = self.leaves.last().copied().unwrap_or(Hash(LOG.0));
        let position = Position { log: LOG, sequence, previous, in_subject };
        sign(draft, &position, Signers { device: &device(), person: None }).unwrap().0
    }

    fn note(&mut self, subject: Option<Id>, leaf: Hash) {
        self.leaves.push(leaf);
        if let Some(subject) = subject {
            self.index.note(subject, leaf);
            let next = self.places.get(&subject).map_or(0, |place| place.0);
            self.places.insert(subject, (next + 1, leaf));
        }
    }

    fn append(&mut self, kind: u64, subject: Option<Id>, body: Vec<u8>) -> u64 {
        let record = self.sign(kind, subject, body);
        self.note(subject, record.entry.leaf());
        self.records.insert(self.size() - 1, record);
        self.size() - 1
    }

    fn head(&self, size: u64) -> Head {
        Head { log: LOG, size, root: Tree::over(&self.leaves[..size as usize]).root() }
    }

    /// Its own checkpoint and a witness' word on an earlier size.
    fn seen(&self, own: u64, cosigned: u64) -> Seen {
        let head = self.head(cosigned);
        let cosignature = Cosignature::sign(&head, WITNESS, 1_793_491_260, &witness()).unwrap();
        Seen {
            checkpoint: Some(Checkpoint::sign(self.head(own), &device()).unwrap()),
            cosigned: [(WITNESS, Cosigned { head, cosignature })].into(),
            ..Seen::nothing(LOG)
        }
    }

    /// An index as the next entry, which is signed and appended.
    fn indexed(&mut self, subject: Id) -> ShownIndex {
        let (says, proof) = (self.index.entry(self.size()), self.index.prove(&subject));
        let place = self.append(INDEX, None, says.encode());
        ShownIndex { record: self.records[&place].clone(), proof }
    }

    fn entries(&self, places: impl IntoIterator<Item = u64>) -> BTreeMap<u64, Hash> {
        places.into_iter().map(|place| (place, self.leaves[place as usize])).collect()
    }
}

/// A log with a few shipments in turn, its index, and the places of the entries about the first.
fn small() -> (Log, History, BTreeSet<u64>) {
    let mut log = Log::new();
    for n in 0..23 {
        log.append(33, (n % 5 != 4).then(|| shipment(n % 4)), body(20));
    }
    let places: BTreeSet<u64> =
        log.records.iter().filter(|(_, one)| about(one, shipment(0))).map(|(place, _)| *place).collect();
    let index = log.indexed(shipment(0));
    log.append(33, None, body(5));
    let seen = log.seen(log.size(), 17);
    let history = History::prove(seen, &places, Some(index), &log.leaves).unwrap();
    (log, history, places)
}

fn about(record: &Record, subject: Id) -> bool {
    record.entry.payload().in_subject.is_some_and(|place| place.subject == subject)
}

fn verified(history: &History) -> Result<(), Fault> {
    let key = witness().public_key();
    history.verify(&device().public_key(), |log| (*log == WITNESS).then_some(&key))
}

fn bytes(history: &History) -> Vec<u8> {
    let mut writer = Writer::new();
    history.write(&mut writer);
    writer.into_bytes()
}

#[test]
fn a_history_has_these_bytes_for_ever() {
    let (_, history, _) = small();
    insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&bytes(&history)));
    assert_eq!(History::read(&mut Reader::new(&bytes(&history))), Ok(history));
}

#[test]
fn disclosed_entries_stand_below_the_signed_heads_and_the_index_counts_them() {
    let (log, history, places) = small();
    assert_eq!(verified(&history), Ok(()));
    assert!(history.holds(&log.entries(places.iter().copied())));
    let shown = history.index.as_ref().unwrap().shows(&shipment(0)).unwrap();
    let last = places.last().map(|place| log.leaves[*place as usize]);
    assert_eq!(shown, Indexed { count: places.len() as u64, last });
    assert_eq!(history.index.as_ref().unwrap().shows(&shipment(1)), None, "another subject is not shown");
    let seen = history.seen_by(16, |_| true).map(|word| (word.time_s, word.witness));
    assert_eq!(seen, Some((1_793_491_260, WITNESS)));
    assert_eq!(history.seen_by(16, |word| word.witness != WITNESS), None, "its own device is no witness");
    assert_eq!(history.seen_by(17, |_| true), None, "the witness had not seen it");
}

#[test]
fn what_is_left_out_added_moved_or_of_another_log_does_not_stand_in_the_history() {
    let (log, history, places) = small();
    let honest = log.entries(places.iter().copied());
    for place in &places {
        let mut without = honest.clone();
        without.remove(place);
        assert!(!history.holds(&without), "{place} left out");
        let mut other = honest.clone();
        other.insert(*place, Hash([4; 32]));
        assert!(!history.holds(&other), "another entry at {place}");
    }
    let free = (0..log.size()).find(|place| !places.contains(place)).unwrap();
    assert!(!history.holds(&log.entries(places.iter().copied().chain([free]))), "one more");
    assert!(!history.holds(&BTreeMap::new()));
    let index = history.index.as_ref().unwrap().record.entry.payload().sequence;
    let mut conflicting = honest.clone();
    conflicting.insert(index, Hash([4; 32]));
    assert!(!history.holds(&conflicting), "two entries in one place");
}

#[test]
fn an_omitted_entry_is_found_by_the_index_though_the_proof_was_made_without_it() {
    let (log, history, places) = small();
    let fewer: BTreeSet<u64> = places.iter().copied().take(places.len() - 1).collect();
    let again = History::prove(history.seen, &fewer, history.index, &log.leaves).unwrap();
    assert!(again.holds(&log.entries(fewer.iter().copied())), "the tree hides nothing and shows no lack");
    let shown = again.index.unwrap().shows(&shipment(0)).unwrap();
    assert!(shown.count > fewer.len() as u64);
    assert_ne!(shown.last, fewer.last().map(|place| log.leaves[*place as usize]));
}

#[test]
fn an_index_that_lies_about_its_own_place_shows_nothing() {
    let mut log = Log::new();
    log.append(33, Some(shipment(0)), body(9));
    let (says, proof) = (log.index.entry(7), log.index.prove(&shipment(0)));
    let record = log.sign(INDEX, None, says.encode());
    assert_eq!(ShownIndex { record, proof }.shows(&shipment(0)), None);
}

#[test]
fn no_head_two_heads_of_one_size_and_an_index_of_another_kind_are_no_history() {
    let (log, history, places) = small();
    let refused = |history: &History| History::read(&mut Reader::new(&bytes(history))).is_err();
    assert!(!refused(&history));
    assert!(refused(&History { seen: Seen::nothing(LOG), ..history.clone() }));
    let mut two = history.clone();
    if let Some(one) = two.seen.cosigned.get_mut(&WITNESS) {
        one.head = Head { size: log.size(), root: Hash([1; 32]), ..one.head };
    }
    assert!(refused(&two));
    let mut other = history.clone();
    other.index.as_mut().unwrap().record = log.records[places.first().unwrap()].clone();
    assert!(refused(&other));
}

proptest! {
    #[test]
    fn one_bit_more_or_less_in_a_history_is_no_proof(place in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (log, history, places) = small();
        let mut changed = bytes(&history);
        let at = place.index(changed.len());
        changed[at] ^= 1 << bit;
        let whole = |reader: &mut Reader<'_>| History::read(reader).and_then(|read| reader.end().map(|()| read));
        let proves = whole(&mut Reader::new(&changed)).is_ok_and(|read| {
            verified(&read).is_ok()
                && read.holds(&log.entries(places.iter().copied()))
                && read.index.is_some_and(|index| index.shows(&shipment(0)).is_some())
        });
        // The word of another witness, of whom no key is known, is refused by its signature as well.
        prop_assert!(!proves, "bit {bit} of byte {at}");
    }
}

/// What 40 entries of one shipment come to that stand anywhere in a log of so many, with all that proves them.
fn size_of_forty(size: u64) -> (usize, u64) {
    let (mut log, asked) = (Log::new(), shipment(u64::MAX));
    // Spread as widely as forty can be: whatever else is disclosed shares more of the tree.
    let places: BTreeSet<u64> = (0..40).map(|n| n * (size / 40) + n * 7919 % (size / 40)).collect();
    for n in 0..size {
        if places.contains(&n) {
            log.append(22, Some(asked), body(60));
        } else {
            // Nobody asks for the bytes of the others: 36 entries to a shipment.
            log.note(Some(shipment(n / 36)), Hash::of(&[&n.to_be_bytes()]));
        }
    }
    let index = log.indexed(asked);
    let history =
        History::prove(log.seen(log.size(), size - 100), &places, Some(index), &log.leaves).unwrap();
    assert_eq!(verified(&history), Ok(()));
    assert!(history.holds(&log.entries(places.iter().copied())));
    assert_eq!(history.index.as_ref().unwrap().shows(&asked).unwrap().count, 40);
    let disclosed = places.iter().map(|place| &log.records[place]);
    let entries: usize = disclosed.map(|one| one.entry.bytes().len() + one.body.len() + 32 + 10).sum();
    (entries + bytes(&history).len(), history.nodes.len() as u64)
}

/// The most hashes that `count` leaves in a tree of `size` take: each its path from below the level at which there is
/// a subtree for every one, and as many for each further head.
fn most_nodes(size: u64, count: u64, heads: u64) -> u64 {
    let (levels, shared) = (u64::from(size.ilog2()) + 1, u64::from(count.ilog2()));
    count * (levels - shared) + heads * levels
}

#[test]
fn forty_entries_of_a_hundred_thousand_and_of_a_million_come_in_under_40_kb() {
    for size in [100_000, 1_000_000] {
        let (bytes, nodes) = size_of_forty(size);
        assert!(nodes <= most_nodes(size, 41, 2), "{nodes}");
        assert!(bytes <= 40_000, "{bytes} bytes with {nodes} hashes");
    }
}
