//! Multiproofs and histories, each as it is and wrong in one way.

use super::suite::{Suite, flipped, hex};
use firn_ledger::bytes::{Hash, Id, LogId, PublicKey, Salt};
use firn_ledger::canonical::{Reader, Writer};
use firn_ledger::checkpoint::{Checkpoint, Cosignature};
use firn_ledger::disclosure::{History, ShownIndex};
use firn_ledger::entry::{Clocks, EntryDraft, Head, InSubject, Position, Record, Signers, sign};
use firn_ledger::index::Index;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::multiproof;
use firn_ledger::seen::{Cosigned, Seen};
use firn_ledger::statement::INDEX;
use firn_ledger::tree::Tree;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const LOG: LogId = LogId([0x31; 32]);
const WITNESS: LogId = LogId([0x13; 32]);
const SHIPMENT: Id = Id([0x80; 16]);

fn device(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn told(leaves: &BTreeMap<u64, Hash>) -> Value {
    leaves.iter().map(|(place, leaf)| json!([place, hex(leaf.as_bytes())])).collect()
}

/// Several leaves in trees of several sizes.
pub fn multiproofs() -> Suite {
    let mut suite = Suite::new("multiproofs", "multiproof");
    let cases: [(&[u64], &[u64]); 9] = [
        (&[0], &[1]),
        (&[0], &[2]),
        (&[1, 2], &[3]),
        (&[0, 6], &[4, 7]),
        (&[5], &[6, 7, 8]),
        (&[], &[5, 9]),
        (&[3, 4, 11], &[12, 13]),
        (&[0, 1, 2, 3, 4], &[5]),
        (&[7, 16, 29], &[8, 16, 17, 33]),
    ];
    for (places, sizes) in cases {
        let all: Vec<Hash> =
            (0..sizes[sizes.len() - 1]).map(|n| Hash::of(&[b"leaf", &n.to_be_bytes()])).collect();
        let nodes = multiproof::prove(&all, places, sizes).unwrap();
        let at = |place: &u64| (*place, all[usize::try_from(*place).unwrap()]);
        let leaves: BTreeMap<u64, Hash> = places.iter().map(at).collect();
        let mut ask = |what: &str, leaves: &BTreeMap<u64, Hash>, sizes: &[u64], nodes: &[Hash]| {
            let roots = multiproof::roots(leaves, sizes, nodes);
            let hexes = |hashes: &[Hash]| hashes.iter().map(|one| hex(one.as_bytes())).collect::<Vec<_>>();
            let says = roots.map_or(json!(false), |roots| json!(hexes(&roots)));
            let name = format!("{places:?} of {sizes:?}, {what}");
            suite
                .cases
                .push(json!({"name": name, "leaves": told(leaves), "sizes": sizes, "nodes": hexes(nodes),
                "says": says}));
        };
        ask("as it is", &leaves, sizes, &nodes);
        ask("with a node more", &leaves, sizes, &[&nodes[..], &[Hash([1; 32])]].concat());
        ask("with the last node gone", &leaves, sizes, &nodes[..nodes.len().saturating_sub(1)]);
        ask("beyond the end", &[(sizes[sizes.len() - 1], Hash([2; 32]))].into(), sizes, &nodes);
        ask("of no size", &leaves, &[], &nodes);
        if let Some((place, leaf)) = leaves.first_key_value() {
            let mut moved = leaves.clone();
            moved.remove(place);
            ask("without the first leaf", &moved, sizes, &nodes);
            moved.insert(place ^ 1, *leaf);
            ask("with the first leaf elsewhere", &moved, sizes, &nodes);
        }
    }
    suite
}

/// A log in memory.
#[derive(Default)]
struct Log {
    records: Vec<Record>,
    places: BTreeMap<Id, (u64, Hash)>,
    index: Index,
}

impl Log {
    fn append(&mut self, kind: u64, subject: Option<Id>, body: Vec<u8>) -> Record {
        let sequence = self.records.len() as u64;
        let draft = EntryDraft {
            kind,
            subject,
            clocks: Clocks { wall_ms: 1_793_491_200_000, monotonic_ms: sequence, boot: Id([3; 16]) },
            heads: Vec::new(),
            body,
            salt: Salt([u8::try_from(sequence).unwrap(); 32]),
            person: None,
            batches: Vec::new(),
        };
        let place = subject.and_then(|subject| self.places.get(&subject).copied());
        let in_subject = subject.map(|subject| InSubject {
            subject,
            sequence: place.map_or(0, |place| place.0),
            previous: place.map(|place| place.1),
        });
        let previous = self.records.last().map_or(Hash(LOG.0), |record| record.entry.leaf());
        let position = Position { log: LOG, sequence, previous, in_subject };
        let record = sign(draft, &position, Signers { device: &device(1), person: None }).unwrap().0;
        if let Some(subject) = subject {
            self.index.note(subject, record.entry.leaf());
            self.places.insert(subject, (place.map_or(0, |place| place.0) + 1, record.entry.leaf()));
        }
        self.records.push(record.clone());
        record
    }

    fn leaves(&self) -> Vec<Hash> {
        self.records.iter().map(|record| record.entry.leaf()).collect()
    }

    fn head(&self, size: usize) -> Head {
        Head { log: LOG, size: size as u64, root: Tree::over(&self.leaves()[..size]).root() }
    }

    /// The log's own head and what a witness had seen of it.
    fn seen(&self, cosigned: usize) -> Seen {
        let head = self.head(cosigned);
        let cosignature = Cosignature::sign(&head, WITNESS, 1_793_491_260, &device(2)).unwrap();
        Seen {
            checkpoint: Some(Checkpoint::sign(self.head(self.records.len()), &device(1)).unwrap()),
            cosigned: [(WITNESS, Cosigned { head, cosignature })].into(),
            ..Seen::nothing(LOG)
        }
    }
}

fn bytes(history: &History) -> Vec<u8> {
    let mut writer = Writer::new();
    history.write(&mut writer);
    writer.into_bytes()
}

/// Histories of logs in which the shipment is, is alone, and is not.
pub fn histories() -> Suite {
    let mut suite = Suite::new("histories", "history");
    let keys: BTreeMap<LogId, PublicKey> =
        [(LOG, device(1).public_key()), (WITNESS, device(2).public_key())].into();
    let listed: Value =
        keys.iter().map(|(log, key)| json!([hex(log.as_bytes()), hex(key.as_bytes())])).collect();
    suite.shared = vec![
        ("log", json!(hex(LOG.as_bytes()))),
        ("subject", json!(hex(SHIPMENT.as_bytes()))),
        ("keys", listed),
    ];
    let subjects: [&[u8]; 4] = [&[0x80], &[0x10, 0x80, 0xf0], &[0x10, 0xf0], &[]];
    for (turn, ids) in subjects.into_iter().enumerate() {
        let mut log = Log::default();
        log.append(33, None, vec![0xa0]);
        for n in 0..9 {
            let id = ids.get(n % ids.len().max(1)).map(|id| Id([*id; 16]));
            log.append(33, id, vec![0xa0]);
        }
        let about =
            |one: &&Record| one.entry.payload().in_subject.is_some_and(|place| place.subject == SHIPMENT);
        let places: BTreeSet<u64> =
            log.records.iter().filter(about).map(|one| one.entry.payload().sequence).chain([0]).collect();
        let proof = log.index.prove(&SHIPMENT);
        let record = log.append(INDEX, None, log.index.entry(log.records.len() as u64).encode());
        log.append(33, None, vec![0xa0]);
        let (all, index) = (log.leaves(), ShownIndex { record, proof });
        let leaves: BTreeMap<u64, Hash> =
            places.iter().map(|place| (*place, all[usize::try_from(*place).unwrap()])).collect();
        let history = History::prove(log.seen(7), &places, Some(index), &all).unwrap();
        ask(&mut suite, &keys, format!("log {turn}"), &bytes(&history), &leaves);
        ask(&mut suite, &keys, format!("log {turn} without entries"), &bytes(&history), &BTreeMap::new());
        let less = History { index: None, ..history.clone() };
        ask(&mut suite, &keys, format!("log {turn} without its index"), &bytes(&less), &leaves);
        let blind = History { seen: Seen::nothing(LOG), ..history.clone() };
        ask(&mut suite, &keys, format!("log {turn} without heads"), &bytes(&blind), &leaves);
        let whole = bytes(&history);
        for (bit, place) in (0..whole.len()).step_by(61).enumerate() {
            let changed = flipped(&whole, isize::try_from(place).unwrap(), u8::try_from(bit % 8).unwrap());
            ask(&mut suite, &keys, format!("log {turn}, byte {place} changed"), &changed, &leaves);
        }
    }
    suite
}

fn ask(
    suite: &mut Suite,
    keys: &BTreeMap<LogId, PublicKey>,
    name: String,
    bytes: &[u8],
    leaves: &BTreeMap<u64, Hash>,
) {
    let read = |reader: &mut Reader<'_>| {
        let history = History::read(reader).ok()?;
        reader.end().ok().map(|()| history)
    };
    let canonical = firn_ledger::canonical::check(bytes).is_ok();
    let says = read(&mut Reader::new(bytes)).filter(|_| canonical).map_or(json!(false), |history| {
        let count = history.index.as_ref().and_then(|index| index.shows(&SHIPMENT)).map(|shown| shown.count);
        json!({
            "signed": history.verify(&keys[&LOG], |log| keys.get(log)).is_ok(),
            "holds": history.holds(leaves),
            "count": count,
        })
    });
    suite.cases.push(json!({"name": name, "bytes": hex(bytes), "leaves": told(leaves), "says": says}));
}
