//! Verifying: a large log by its chain, its tree and its last signature; and every signature by itself.

use super::log::{Device, received};
use crate::memory;
use crate::table::{Table, in_turn, median_of, worked};
use ed25519_dalek::VerifyingKey;
use firn_ledger::chain::{Depth, Growing, Received, Walk, verify_bare};
use firn_ledger::entry::Record;
use firn_ledger::store::{OpenOptions, Store};
use sha2::{Digest, Sha256};
use std::hint::black_box;
use std::time::Duration;

/// Signatures that a loop verifies one by one.
const AUDITED: usize = 20_000;
/// What a verification that streams may hold at once.
const STREAMING: usize = 64 * 1024 * 1024;

pub fn measure(table: &mut Table) {
    let many = super::many();
    let device = Device::first();
    let records = device.write(many);
    bare(table, &device, &records);
    whole(table, &device, &records);
    audit(table, &device, &records);
    super::disclose::measure(table, &device, &records);
    streaming(table, &device, &records);
}

/// The entries by themselves, one behind the other as in a file: the very bytes that are hashed flat.
fn bare(table: &mut Table, device: &Device, records: &[Record]) {
    let bytes: Vec<u8> = records.iter().flat_map(|record| record.entry.bytes()).copied().collect();
    let mut rest = bytes.as_slice();
    let cut = |record: &Record| {
        let (entry, after) = rest.split_at(record.entry.bytes().len());
        rest = after;
        entry
    };
    let entries: Vec<&[u8]> = records.iter().map(cut).collect();
    let verify = |growing| {
        let entries = entries.iter().copied();
        let head = verify_bare(device.log, &device.public_key(), black_box(entries), growing);
        assert_eq!(black_box(head).expect("a whole log").size, records.len() as u64);
    };
    let [flat, chain, root] = in_turn([
        &|| assert_ne!(black_box(Sha256::digest(black_box(&bytes)))[..], [0; 32]),
        &|| verify(Growing::Nothing),
        &|| verify(Growing::Tree),
    ]);
    table.at_most_times("verify a log by chain and head", chain, "SHA-256 of its bytes", flat, 1.8);
    table.at_most_times("the same with the Merkle root", root, "SHA-256 of its bytes", flat, 2.2);
}

/// With bodies, salts and the tree.
fn whole(table: &mut Table, device: &Device, records: &[Record]) {
    let bytes: Vec<u8> = records
        .iter()
        .flat_map(|record| [record.entry.bytes(), record.salt.as_bytes(), &record.body].concat())
        .collect();
    let flat = worked(|| {
        black_box(Sha256::digest(black_box(&bytes)));
    });
    drop(bytes);
    let entries: Vec<Received> = records.iter().map(received).collect();
    let walked = worked(move || walk(device, entries, Depth::Head));
    let times = walked.as_secs_f64() / flat.as_secs_f64();
    table.told(
        "the same with bodies and places, kept apart",
        &format!("{times:.2} times SHA-256 of all bytes"),
    );
}

fn walk(device: &Device, entries: Vec<Received>, depth: Depth) {
    let mut walk = Walk::from_genesis(device.log, depth);
    for received in entries {
        black_box(walk.push(received)).expect("a good entry");
    }
    black_box(walk.finish()).expect("a whole log");
}

fn audit(table: &mut Table, device: &Device, records: &[Record]) {
    let records = &records[..AUDITED.min(records.len())];
    let key = VerifyingKey::from_bytes(&device.public_key().0).expect("a key");
    let signed: Vec<_> = records.iter().map(|record| record.entry.signed()).collect();
    let strict = || {
        for one in &signed {
            let signature = ed25519_dalek::Signature::from_bytes(&one.signature.0);
            key.verify_strict(&one.message, &signature).expect("a good signature");
        }
    };
    let (mut stricts, mut audits) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        stricts.push(worked(strict));
        // The copies that a walk takes over are made outside of what is measured.
        let entries: Vec<Received> = records.iter().map(received).collect();
        audits.push(worked(|| walk(device, entries, Depth::Every)));
    }
    let (strict, audited) = (median_of(stricts), median_of(audits));
    let rate = |time: Duration| records.len() as f64 / time.as_secs_f64();
    table.at_least_times(
        "deep audit of a log",
        "entries",
        rate(audited),
        "a loop of verify_strict",
        rate(strict),
        2.0,
    );
}

fn streaming(table: &mut Table, device: &Device, records: &[Record]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("firn.db");
    let mut store = Store::create(&path, &OpenOptions::default()).expect("a store");
    super::sync::fill(&mut store, device, records);
    drop(store);
    let bytes: usize = records.iter().map(|r| r.entry.bytes().len() + r.body.len() + 32).sum();
    let mut store = Store::open(&path, &OpenOptions::default()).expect("a store");
    let mut time = Duration::ZERO;
    let peak = memory::peak(|| {
        time = worked(|| assert!(store.verify(Depth::Head).expect("a store").ok()));
    });
    table.at_most_bytes("memory, verifying a log from the store", peak, "limit", STREAMING);
    let rate = bytes as f64 / time.as_secs_f64();
    table.told(
        "verify a log from the store, streaming",
        &format!("{:.2} s, {:.0} MB/s", time.as_secs_f64(), rate / 1e6),
    );
}
