//! Forty entries of a large log for somebody who does not hold it: how long they take to verify, and how large they are.

use super::log::{Device, shipment};
use crate::table::{Table, median_of, worked};
use firn_ledger::bytes::{Hash, Id, LogId, PublicKey};
use firn_ledger::canonical::{Reader, Writer};
use firn_ledger::checkpoint::{Checkpoint, Cosignature};
use firn_ledger::disclosure::{History, ShownIndex};
use firn_ledger::entry::{Entry, EntryDraft, Head, Position, Record, sign};
use firn_ledger::index::Index;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::seen::{Cosigned, Seen};
use firn_ledger::statement::INDEX;
use firn_ledger::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::time::Duration;

/// How many are disclosed, the index beside them.
const DISCLOSED: usize = 40;
const MOST_TIME: Duration = Duration::from_millis(2);
const MOST_BYTES: usize = 40_000;
const WITNESS: LogId = LogId([7; 32]);
const ROUNDS: usize = 31;

pub fn measure(table: &mut Table, device: &Device, records: &[Record]) {
    // Far from each other, so that they share as little of their paths as they can.
    let apart = records.len() / DISCLOSED;
    let disclosed: Vec<&Record> = records.iter().skip(apart / 2).step_by(apart).take(DISCLOSED).collect();
    let about = shipment(1);
    let history = written(&history(device, records, &disclosed));
    let key = device.public_key();
    let times = (0..ROUNDS).map(|_| {
        worked(|| {
            let (count, whole) = verified(black_box(&history), black_box(&disclosed), &key, &about);
            assert!(whole && count == Some(40), "a disclosure that holds");
        })
    });
    let of = records.len() + 1;
    table.at_most(
        &format!("verify {DISCLOSED} disclosed entries of {of}, from their bytes"),
        median_of(times.collect()),
        MOST_TIME,
    );
    let entries: usize = disclosed.iter().map(|one| one.entry.bytes().len() + one.body.len() + 32).sum();
    table.at_most_bytes("the same, bytes of entries and proof", entries + history.len(), "limit", MOST_BYTES);
}

/// What a verifier does: reads all, verifies what is signed, and computes the roots; how many entries the index shows of
/// a subject, and whether all holds.
fn verified(history: &[u8], disclosed: &[&Record], key: &PublicKey, subject: &Id) -> (Option<u64>, bool) {
    let history = History::read(&mut Reader::new(history)).expect("a history");
    let mut leaves = BTreeMap::new();
    for Record { entry, body, salt } in disclosed {
        let entry = Entry::parse(entry.bytes().to_vec()).expect("an entry");
        entry.check_body(body, salt).expect("its body");
        leaves.insert(entry.payload().sequence, entry.leaf());
    }
    let witness = witness().public_key();
    let signed = history.verify(key, |log| (*log == WITNESS).then_some(&witness)).is_ok();
    let shown = history.index.as_ref().and_then(|index| index.shows(subject));
    (shown.map(|shown| shown.count), signed && history.holds(&leaves))
}

/// With the head that the device signed last, and an earlier one that a witness signed.
fn history(device: &Device, records: &[Record], disclosed: &[&Record]) -> History {
    let index = indexed(device, records);
    let mut leaves: Vec<Hash> = records.iter().map(|record| record.entry.leaf()).collect();
    leaves.push(index.record.entry.leaf());
    let root = |size: usize| Tree::over(&leaves[..size]).root();
    let head = |size: usize| Head { log: device.log, size: size as u64, root: root(size) };
    let (own, seen) = (head(leaves.len()), head(leaves.len() - 1000));
    let cosignature = Cosignature::sign(&seen, WITNESS, 1_793_491_260, &witness()).expect("a word");
    let seen = Seen {
        checkpoint: Some(Checkpoint::sign(own, &device.key).expect("a checkpoint")),
        cosigned: [(WITNESS, Cosigned { head: seen, cosignature })].into(),
        ..Seen::nothing(device.log)
    };
    let places: BTreeSet<u64> = disclosed.iter().map(|one| one.entry.payload().sequence).collect();
    History::prove(seen, &places, Some(index), &leaves).expect("a proof")
}

/// An index as the log's next entry, and what it shows of a shipment.
fn indexed(device: &Device, records: &[Record]) -> ShownIndex {
    let mut index = Index::default();
    for record in records {
        if let Some(place) = record.entry.payload().in_subject {
            index.note(place.subject, record.entry.leaf());
        }
    }
    let size = records.len() as u64;
    let body = index.entry(size).encode();
    let draft = EntryDraft { kind: INDEX, subject: None, body, ..device.draft(size) };
    let previous = records.last().expect("an entry").entry.leaf();
    let position = Position { log: device.log, sequence: size, previous, in_subject: None };
    let (record, _) = sign(draft, &position, device.signers()).expect("an index");
    ShownIndex { record, proof: index.prove(&shipment(1)) }
}

fn written(history: &History) -> Vec<u8> {
    let mut writer = Writer::new();
    history.write(&mut writer);
    writer.into_bytes()
}

fn witness() -> SecretKey {
    SecretKey::from_seed(&[9; 32])
}
