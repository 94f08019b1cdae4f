//! Whole logs: honest ones, ones that somebody changed on the way, and ones that their own device wrote wrongly.

use super::forged;
use super::suite::{Suite, flipped, hex};
use super::world::{Device, pharmacy};
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::chain::{Depth, Received, Walk};
use firn_ledger::error::{BadEntry, Fault};
use firn_ledger::tree::Tree;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The rules of docs/format.md §3 by the ledger's codes.
fn rule(code: &str) -> &'static str {
    match code {
        "ledger/not-canonical"
        | "ledger/malformed"
        | "ledger/preview"
        | "ledger/newer-version"
        | "ledger/too-large" => "form",
        "ledger/wrong-log" => "log",
        "ledger/sequence" => "sequence",
        "ledger/backlink" => "back",
        "ledger/genesis" | "ledger/organisation" | "ledger/key" => "genesis",
        "ledger/subject" => "subject",
        "ledger/body-mismatch" => "body",
        "ledger/batch-missing" => "batch",
        "ledger/signature" => "signature",
        "ledger/person-signature" => "person",
        other => panic!("{other} is no answer to a log"),
    }
}

/// What the ledger's code says of a log: the first entry that is not the next and why, or size and root.
fn judged(log: LogId, entries: &[Received], batches: &BTreeSet<Hash>) -> Value {
    let mut walk = Walk::from_genesis(log, Depth::Every);
    let mut leaves = Vec::new();
    let bad = |bad: BadEntry| json!({"bad": bad.sequence, "rule": rule(bad.fault.code())});
    for (place, received) in entries.iter().enumerate() {
        let record = match walk.push(received.clone()) {
            Ok(record) => record,
            Err(found) => return bad(found),
        };
        if !record.entry.payload().batches.iter().all(|address| batches.contains(address)) {
            let missing = BadEntry { log, sequence: place as u64, fault: Fault::BatchMissing };
            return bad(walk.finish().err().unwrap_or(missing));
        }
        leaves.push(record.entry.leaf());
    }
    if let Err(found) = walk.finish() {
        return bad(found);
    }
    json!({"size": leaves.len(), "root": hex(Tree::over(&leaves).root().as_bytes())})
}

struct Logs {
    suite: Suite,
    log: LogId,
    batches: BTreeSet<Hash>,
}

impl Logs {
    fn case(&mut self, name: impl Into<String>, entries: &[Received]) {
        let places: Vec<usize> = entries.iter().map(|one| self.suite.record(one)).collect();
        let says = judged(self.log, entries, &self.batches);
        let batches: Vec<String> = self.batches.iter().map(|one| hex(one.as_bytes())).collect();
        let (name, log) = (name.into(), hex(self.log.as_bytes()));
        let case = json!({"name": name, "log": log, "entries": places, "batches": batches, "says": says});
        self.suite.cases.push(case);
    }
}

/// An admin's log as it is, and changed in every way that needs no key.
pub fn changed() -> Suite {
    let (admin, courier) = pharmacy();
    let (whole, other) = (admin.received(), courier.received());
    let batches = admin.batches.keys().copied().collect();
    let mut logs = Logs { suite: Suite::new("logs-changed", "log"), log: admin.log, batches };
    logs.case("as it is", &whole);
    logs.case("no entry", &[]);
    for size in 1..whole.len() {
        logs.case(format!("cut at {size}"), &whole[..size]);
    }
    for place in 0..whole.len() {
        for (name, entries) in at(&whole, &other, place) {
            logs.case(format!("entry {place} {name}"), &entries);
        }
        for (name, one) in flips(&whole[place]) {
            let mut entries = whole.clone();
            entries[place] = one;
            logs.case(format!("entry {place}, {name}"), &entries);
        }
    }
    logs.case("the courier's entries under the admin's log", &other);
    for address in admin.batches.keys() {
        logs.batches.remove(address);
        logs.case(format!("batch {} gone", hex(&address.as_bytes()[..4])), &whole);
        logs.batches.insert(*address);
    }
    logs.log = courier.log;
    logs.case("the courier's log", &other);
    logs.suite
}

/// Entries dropped, repeated, moved, spliced in, and with each other's parts.
fn at(whole: &[Received], other: &[Received], place: usize) -> Vec<(&'static str, Vec<Received>)> {
    let with = |change: &dyn Fn(&mut Vec<Received>)| {
        let mut entries = whole.to_vec();
        change(&mut entries);
        entries
    };
    let mut cases = vec![
        ("gone", with(&|entries| drop(entries.remove(place)))),
        ("twice", with(&|entries| entries.insert(place, whole[place].clone()))),
        ("of another log", with(&|entries| entries[place] = other[place.min(other.len() - 1)].clone())),
        ("after one of another log", with(&|entries| entries.insert(place, other[1].clone()))),
    ];
    if place + 1 < whole.len() {
        cases.push(("after the next", with(&|entries| entries.swap(place, place + 1))));
        cases.push((
            "and the next with each other's salts",
            with(&|entries| {
                (entries[place].salt, entries[place + 1].salt) = (whole[place + 1].salt, whole[place].salt);
            }),
        ));
        cases.push((
            "and the next with each other's bodies",
            with(&|entries| {
                entries[place].body = whole[place + 1].body.clone();
                entries[place + 1].body = whole[place].body.clone();
            }),
        ));
        cases.push((
            "and the next with each other's signatures",
            with(&|entries| {
                let tail = |one: &Received| one.bytes[one.bytes.len() - 64..].to_vec();
                let (one, next) = (tail(&whole[place]), tail(&whole[place + 1]));
                let put = |one: &mut Received, tail: &[u8]| {
                    let length = one.bytes.len();
                    one.bytes[length - 64..].copy_from_slice(tail);
                };
                put(&mut entries[place], &next);
                put(&mut entries[place + 1], &one);
            }),
        ));
    }
    cases
}

/// One bit in each class of bytes: tag, headers, every part of the payload, R, S, salt and body.
fn flips(one: &Received) -> Vec<(String, Received)> {
    let length = isize::try_from(one.bytes.len()).unwrap();
    let mut places: Vec<isize> = vec![0, 1, 2, 3, 5, 12, 45, 60, -66, -64, -40, -32, -1];
    places.extend((84..length - 66).step_by(23));
    let mut flips: Vec<(String, Received)> = (0_u8..)
        .zip(places)
        .map(|(turn, place)| {
            let bytes = flipped(&one.bytes, place, turn % 8);
            (format!("byte {place}"), Received { bytes, ..one.clone() })
        })
        .collect();
    let mut salted = one.clone();
    salted.salt.0[31] ^= 1;
    flips.push(("salt".to_owned(), salted));
    flips.push(("body".to_owned(), Received { body: flipped(&one.body, -1, 0), ..one.clone() }));
    flips.push(("longer".to_owned(), Received { bytes: [&one.bytes[..], &[0]].concat(), ..one.clone() }));
    flips.push((
        "shorter".to_owned(),
        Received { bytes: one.bytes[..one.bytes.len() - 1].to_vec(), ..one.clone() },
    ));
    flips
}

/// What the device itself signed against the rules.
pub fn forged() -> Suite {
    let (admin, _) = pharmacy();
    let batches = admin.batches.keys().copied().collect();
    let mut logs = Logs { suite: Suite::new("logs-forged", "log"), log: admin.log, batches };
    let whole = admin.received();
    for (name, next) in forged::next_entries(&admin) {
        logs.case(format!("next: {name}"), &[&whole[..], &[next]].concat());
    }
    for (name, device, genesis) in forged::geneses() {
        logs.log = device.log;
        logs.case(format!("genesis: {name}"), &[genesis]);
    }
    logs.suite
}

/// A log of many entries about a few subjects: the tree grows through every shape.
pub fn long() -> Suite {
    let mut device = Device::new(3, 3);
    device.write(1, device.first_genesis().encode(), super::world::Note::default());
    for n in 0..33_u8 {
        let subject = (n % 4 < 3).then_some(firn_ledger::bytes::Id([n % 4; 16]));
        let note = super::world::Note { subject, at: i64::from(n), ..Default::default() };
        device.write(u64::from(n) + 16, super::world::body(&n.to_string()), note);
    }
    let mut logs = Logs { suite: Suite::new("logs-long", "log"), log: device.log, batches: BTreeSet::new() };
    let whole = device.received();
    for size in [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 34] {
        logs.case(format!("{size} entries"), &whole[..size]);
    }
    logs.suite
}
