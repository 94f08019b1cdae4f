//! Appending: one durable entry against a raw commit of the same bytes, and many in one transaction.

use super::log::Device;
use crate::table::{Table, cpu_time, median_of};
use firn_ledger::store::{OpenOptions, Store};
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// Single commits of each kind, one after another in turn, so that the disk's moods meet both.
const SINGLE: u64 = 2_000;
/// Entries in one transaction.
const BATCHED: u64 = 10_000;
/// For each of those.
const LIMIT: Duration = Duration::from_micros(25);

pub fn measure(table: &mut Table) {
    let folder = tempfile::tempdir().expect("a folder");
    let device = Device::first();
    let mut store = Store::create(&folder.path().join("firn.db"), &OpenOptions::default()).expect("a store");
    append(&mut store, &device, 0..1);
    let sample = device.write(2).remove(1);
    let row = [sample.entry.bytes(), &sample.body, sample.salt.as_bytes()].concat();
    let raw = raw(&folder.path().join("raw.db"));
    let (mut signed, mut plain) = (Vec::new(), Vec::new());
    for n in 1..=SINGLE {
        signed.push(crate::table::once(|| append(&mut store, &device, n..n + 1)));
        plain.push(crate::table::once(|| insert(&raw, n, &row)));
    }
    let (signed, plain) = (median_of(signed), median_of(plain));
    table.at_most_times("append one entry durably, median", signed, "a raw commit of its bytes", plain, 1.5);
    let begin = cpu_time();
    append(&mut store, &device, SINGLE + 1..SINGLE + 1 + BATCHED);
    let each = (cpu_time() - begin) / u32::try_from(BATCHED).expect("a number");
    table.at_most_us("append in a batch, processor time of an entry", each, LIMIT);
}

pub fn append(store: &mut Store, device: &Device, places: std::ops::Range<u64>) {
    store
        .write(|transaction| {
            for n in places {
                transaction.append(device.log, device.draft(n), device.signers())?;
            }
            Ok::<_, firn_ledger::error::LedgerError>(())
        })
        .expect("an entry");
}

/// SQLite as durable as the store has it: a write-ahead log, synchronised at each commit.
pub fn raw(path: &Path) -> Connection {
    let conn = Connection::open(path).expect("a database");
    conn.pragma_update(None, "journal_mode", "WAL").expect("a journal");
    conn.pragma_update(None, "synchronous", "FULL").expect("durability");
    conn.execute_batch("CREATE TABLE entries (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT")
        .expect("a table");
    conn
}

pub fn insert(conn: &Connection, n: u64, row: &[u8]) {
    let id = i64::try_from(n).expect("a place");
    let mut statement = conn.prepare_cached("INSERT INTO entries (id, bytes) VALUES (?1, ?2)").expect("SQL");
    statement.execute((id, row)).expect("a row");
}
