//! The same by other signed logs: p2panda-core with p2panda-store, for it keeps nothing itself, and hypercore on disk.

use super::append::{append, raw};
use super::log::{Device, received};
use super::panda::{Head, Panda};
use crate::table::{Table, cpu_time, median_of, once, worked};
use firn_ledger::chain::{Depth, Received, Walk};
use firn_ledger::store::{OpenOptions, Store};
use hypercore::{Hypercore, HypercoreBuilder, PartialKeypair, Storage};
use hypercore_schema::{RequestBlock, RequestUpgrade};
use p2panda_core::{Body, Header, Operation, SigningKey, validate_backlink, validate_operation};
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;

const APPENDED: u64 = 1_000;
/// Appends of each kind before those that count. Until a write-ahead log has been full once, each commit makes the file
/// longer, which costs more than the row.
const WARMED: u64 = 1_200;
const VERIFIED: u64 = 5_000;
/// The order of the five kinds, round by round: each comes equally often at each place and after each other, for a disk
/// remembers who came before (Williams, 1949: two squares balanced for what is carried over).
const IN_TURN: [[Kind; 5]; 10] = {
    use Kind::{Columns, Firn, Hypercore, Kept, Store};
    [
        [Firn, Store, Columns, Hypercore, Kept],
        [Store, Hypercore, Firn, Kept, Columns],
        [Hypercore, Kept, Store, Columns, Firn],
        [Kept, Columns, Hypercore, Firn, Store],
        [Columns, Firn, Kept, Store, Hypercore],
        [Kept, Hypercore, Columns, Store, Firn],
        [Columns, Kept, Firn, Hypercore, Store],
        [Firn, Columns, Store, Kept, Hypercore],
        [Store, Firn, Hypercore, Columns, Kept],
        [Hypercore, Store, Kept, Firn, Columns],
    ]
};
const HYPERCORE: &str = "hypercore 0.17 on disk";
/// What each entry says.
const NOTE: [u8; 64] = [b'n'; 64];
/// The columns in which p2panda-store keeps an operation, keys, hashes and signatures in hexadecimal.
const OPERATIONS: &str = "CREATE TABLE operations (hash TEXT NOT NULL PRIMARY KEY, log_id BLOB NOT NULL,
    version INTEGER NOT NULL, verifying_key TEXT NOT NULL, signature TEXT NOT NULL, payload_size INTEGER NOT NULL,
    payload_hash TEXT, seq_num INTEGER NOT NULL, header BLOB NOT NULL, header_size INTEGER NOT NULL, body BLOB)";

/// Who appends.
#[derive(Clone, Copy)]
enum Kind {
    Firn,
    /// p2panda-store, as its documentation appends.
    Store,
    Hypercore,
    /// p2panda-store, its caller having kept the head of the log.
    Kept,
    /// p2panda-core's operations in rusqlite, in the columns of p2panda-store.
    Columns,
}

pub fn measure(table: &mut Table) {
    let runtime = Runtime::new().expect("a runtime");
    compare_appends(table, appended(&runtime));
    let verified = [firn_verify(), panda_verify(), runtime.block_on(core_verify())].map(rate);
    for (n, peer) in [(1, "p2panda-core 0.7"), (2, HYPERCORE)] {
        table.against("verify every signature of a log", "entries", verified[0], peer, verified[n]);
    }
}

/// What looks the log's head up takes longer the longer the log is, for the store has no index of it; so the append that
/// looks nothing up is held against Firn's too, which finds its head itself.
fn compare_appends(table: &mut Table, times: [Vec<Duration>; 5]) {
    const WHAT: &str = "append one entry durably";
    let [firn, store, hypercore, kept, columns] =
        times.map(|times| (!times.is_empty()).then(|| rate(median_of(times))));
    let firn = firn.expect("Firn is always measured");
    for (peer, of_peer) in [
        ("p2panda-core 0.7 with p2panda-store 0.7", store),
        ("p2panda-store 0.7, its caller keeping the log's head", kept),
        (HYPERCORE, hypercore),
    ] {
        match of_peer {
            Some(of_peer) => table.against(WHAT, "entries", firn, peer, of_peer),
            None => table.not_measured(&format!("{WHAT}, against {peer}"), "run by `cargo xtask bench`"),
        }
    }
    let bare = "p2panda-core 0.7 in the columns of its store, without the store";
    columns.into_iter().for_each(|columns| table.beside(WHAT, "entries", firn, bare, columns));
}

/// Times of single durable appends by each kind, by its place in [`Kind`]: in turn, so that the disk's moods meet all.
/// None of p2panda-store where its program was not built.
fn appended(runtime: &Runtime) -> [Vec<Duration>; 5] {
    let folder = tempfile::tempdir().expect("a folder");
    let device = Device::first();
    let mut store = Store::create(&folder.path().join("firn.db"), &OpenOptions::default()).expect("a store");
    append(&mut store, &device, 0..1);
    let operations = raw(&folder.path().join("columns.db"));
    operations.execute_batch(OPERATIONS).expect("a table");
    let core = runtime.block_on(hypercore_at(&folder.path().join("core")));
    let mut panda = Panda::start(&folder.path().join("panda"));
    let (key, mut last) = (SigningKey::from_bytes(&[7; 32]), None);
    let mut times = [(); 5].map(|()| Vec::new());
    for (n, order) in (1..=WARMED + APPENDED).zip(IN_TURN.iter().cycle()) {
        let next = || panda_header(&key, last.as_ref());
        for kind in *order {
            let took = match kind {
                Kind::Firn => Some(once(|| append(&mut store, &device, n..n + 1))),
                Kind::Store => panda.as_mut().map(|panda| panda.append(Head::LookedUp)),
                Kind::Hypercore => Some(once(|| {
                    runtime.block_on(core.append(&NOTE)).expect("an entry");
                })),
                Kind::Kept => panda.as_mut().map(|panda| panda.append(Head::AtHand)),
                Kind::Columns => Some(once(|| keep(&operations, &next()))),
            };
            times[kind as usize].extend(took.filter(|_| n > WARMED));
        }
        last = Some(next());
    }
    panda.into_iter().for_each(Panda::finish);
    times
}

fn rate(time: Duration) -> f64 {
    1.0 / time.as_secs_f64()
}

/// Keeps an operation in a row as p2panda-store does; its head was at hand, which that looks up.
fn keep(conn: &Connection, header: &Header<()>) {
    let sql = "INSERT INTO operations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let bytes = header.encode();
    let row = params![
        header.hash().to_string(),
        [1_u8].as_slice(),
        header.version,
        header.verifying_key.to_string(),
        header.signature.to_string(),
        header.payload_size,
        header.payload_hash.map(|hash| hash.to_string()),
        header.seq_num,
        bytes,
        i64::try_from(bytes.len()).expect("a number of SQLite"),
        NOTE.as_slice(),
    ];
    conn.prepare_cached(sql).and_then(|mut statement| statement.execute(row)).expect("a row");
}

fn firn_verify() -> Duration {
    let device = Device::first();
    let entries: Vec<Received> = device.write(VERIFIED).iter().map(received).collect();
    let whole = worked(|| {
        let mut walk = Walk::from_genesis(device.log, Depth::Every);
        for received in entries {
            walk.push(received).expect("a good entry");
        }
        walk.finish().expect("a whole log");
    });
    whole / u32::try_from(VERIFIED).expect("a number")
}

/// The next header of a log.
fn panda_header(key: &SigningKey, last: Option<&Header<()>>) -> Header<()> {
    let builder = Header::<()>::builder().body(NOTE);
    match last {
        Some(last) => builder.chain(last.seq_num + 1, last.hash()).build(key, ()),
        None => builder.build(key, ()),
    }
}

fn panda_verify() -> Duration {
    let (key, mut log, mut last) = (SigningKey::from_bytes(&[7; 32]), Vec::<Vec<u8>>::new(), None);
    for _ in 0..VERIFIED {
        let header = panda_header(&key, last.as_ref());
        log.push(header.encode());
        last = Some(header);
    }
    let whole = worked(|| {
        let mut before: Option<Operation<()>> = None;
        for bytes in &log {
            let header = Header::<()>::decode(bytes).expect("a header");
            let operation = Operation::from_parts(header, Some(Body::from_bytes(NOTE)));
            validate_operation(&operation).expect("a good operation");
            if let Some(before) = &before {
                validate_backlink(before, &operation).expect("a link");
            }
            before = Some(operation);
        }
    });
    whole / u32::try_from(VERIFIED).expect("a number")
}

async fn hypercore_at(folder: &Path) -> Hypercore {
    std::fs::create_dir_all(folder).expect("a folder");
    let storage = Storage::new_disk(&folder.to_path_buf(), true).await.expect("storage");
    HypercoreBuilder::new(storage).build().await.expect("a hypercore")
}

/// Block by block, as its protocol has it.
async fn core_verify() -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let origin = hypercore_at(folder.path()).await;
    origin.append_batch(vec![NOTE; APPENDED as usize]).await.expect("entries");
    let public = origin.key_pair().public;
    let replica = HypercoreBuilder::new(Storage::new_memory().await.expect("memory"))
        .key_pair(PartialKeypair { public, secret: None })
        .build()
        .await
        .expect("a hypercore");
    let mut verifying = Duration::ZERO;
    for index in 0..APPENDED {
        let nodes = replica.missing_nodes(index).await.expect("nodes");
        let start = replica.info().length;
        let length = origin.info().length - start;
        let upgrade = (length > 0).then_some(RequestUpgrade { start, length });
        let block = Some(RequestBlock { index, nodes });
        let proof = origin.create_proof(block, None, None, upgrade).await.expect("a proof").expect("a proof");
        let begin = cpu_time();
        assert!(replica.verify_and_apply_proof(proof).await.expect("a good proof"));
        verifying += cpu_time() - begin;
    }
    verifying / u32::try_from(APPENDED).expect("a number")
}
