//! Syncing on an open connection: bytes of equal peers, of one new entry, and of a first sync.

use super::append::append;
use super::log::{Device, organisation, received};
use crate::table::{Table, worked};
use firn_ledger::chain::Run;
use firn_ledger::entry::Record;
use firn_ledger::store::{OpenOptions, Store};
use firn_ledger::sync::{Action, Machine, Side};
use std::time::Duration;
use tempfile::TempDir;

/// Entries that one transaction of the store takes in; a chunk of a sync has about 630 of them.
const RUN: usize = 1_000;
/// How many bytes end a turn of the store, as in `firn_peer::sync`.
const TURN: usize = 512 * 1024;
/// For each log, and there is one.
const EQUAL: usize = 100;
const ONE_ENTRY: usize = 2_048;
/// At least so much of the store's own rate.
const OF_THE_STORE: f64 = 0.8;
/// At most so many bytes for each of the entries'.
const OVERHEAD: f64 = 1.05;

struct Home {
    _folder: TempDir,
    store: Store,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::create(&folder.path().join("firn.db"), &OpenOptions::default()).expect("a store");
        Self { _folder: folder, store }
    }
}

/// What a conversation cost.
#[derive(Default)]
struct Cost {
    bytes: usize,
    /// How often either end had something to say.
    turns: usize,
}

pub fn measure(table: &mut Table) {
    let many = super::many();
    let device = Device::first();
    let records = device.write(many);
    let payload: usize = records.iter().map(|r| r.entry.bytes().len() + r.body.len() + 32).sum();
    let mut inserted = Home::new();
    let insert = worked(|| fill(&mut inserted.store, &device, &records));
    drop(inserted);
    let (mut a, mut b) = (Home::new(), Home::new());
    fill(&mut a.store, &device, &records);
    drop(records);
    let mut cost = Cost::default();
    let first = worked(|| cost = converse(&mut a, &mut b));
    let rate = |time: Duration| many as f64 / time.as_secs_f64();
    table.at_least_times(
        "first sync",
        "entries",
        rate(first),
        "verifying and inserting them",
        rate(insert),
        OF_THE_STORE,
    );
    let limit = (payload as f64 * OVERHEAD) as usize;
    table.at_most_bytes("first sync, bytes of the stream", cost.bytes, "1.05 of the entries'", limit);
    let equal = converse(&mut a, &mut b);
    table.at_most_bytes("sync of equal peers, one log or many", equal.bytes, "limit for one", EQUAL);
    table.told("sync of equal peers, turns", &format!("{} (one round trip is 2)", equal.turns));
    append(&mut a.store, &device, many..many + 1);
    let one = converse(&mut a, &mut b);
    table.at_most_bytes("sync of one new entry", one.bytes, "limit", ONE_ENTRY);
}

/// Takes the log in as it comes from a peer, in transactions.
pub fn fill(store: &mut Store, device: &Device, records: &[Record]) {
    let mut state = None;
    for records in records.chunks(RUN) {
        let run = Run::verify(device.log, state, records.iter().map(received).collect()).expect("a good run");
        state = Some(run.end().clone());
        store.write(|transaction| transaction.append_foreign(run)).expect("a run");
    }
}

fn converse(a: &mut Home, b: &mut Home) -> Cost {
    let mut ends = [
        (Machine::new(Side::Initiator, organisation()), a),
        (Machine::new(Side::Responder, organisation()), b),
    ];
    let (mut cost, mut done) = (Cost::default(), 0);
    while done < 2 {
        let mut moved = false;
        for turn in 0..2 {
            let (machine, home) = &mut ends[turn];
            let (bytes, ended) = run(machine, &mut home.store);
            done += ended;
            moved |= !bytes.is_empty();
            cost.turns += usize::from(!bytes.is_empty());
            cost.bytes += bytes.len();
            ends[1 - turn].0.receive(&bytes);
        }
        assert!(moved || done == 2, "a conversation that stands still");
    }
    cost
}

/// Does what there is to do in a turn; the bytes for the other end, and whether this one is done.
fn run(machine: &mut Machine, store: &mut Store) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let mut ended = 0;
    while out.len() < TURN
        && let Some(action) = machine.poll(store).expect("a conversation")
    {
        match action {
            Action::Send(bytes) => out.extend(bytes),
            Action::Store(run) => store.write(|t| t.append_foreign(*run)).expect("a run"),
            Action::Stage(run) => store.write(|t| t.stage(*run)).expect("a run"),
            Action::StoreSeen(seen) => drop(store.write(|t| t.take_seen(&seen)).expect("words")),
            Action::StoreFork(proof) => store.write(|t| t.take_fork(&proof)).expect("a proof"),
            Action::Witness => {}
            Action::Done(_) => ended = 1,
        }
    }
    (out, ended)
}
