//! The same by other signed logs: p2panda-core (which has no store of its own: SQLite keeps its operations by their
//! hashes, as p2panda-store does), and hypercore on disk.

use super::append::{append, insert, raw};
use super::log::{Device, received};
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
const VERIFIED: u64 = 5_000;
/// The order of the four kinds, round by round: each comes equally often at each place and after each other, for a disk
/// remembers who came before (Williams, 1949: a square balanced for what is carried over).
const IN_TURN: [[u8; 4]; 4] = [[0, 1, 3, 2], [1, 2, 0, 3], [2, 3, 1, 0], [3, 0, 2, 1]];
/// What each entry says.
const NOTE: [u8; 64] = [b'n'; 64];
/// The columns in which p2panda-store keeps an operation, keys, hashes and signatures in hexadecimal.
const OPERATIONS: &str = "CREATE TABLE operations (hash TEXT NOT NULL PRIMARY KEY, log_id BLOB NOT NULL,
    version INTEGER NOT NULL, verifying_key TEXT NOT NULL, signature TEXT NOT NULL, payload_size INTEGER NOT NULL,
    payload_hash TEXT, timestamp TEXT NOT NULL, seq_num INTEGER NOT NULL, header BLOB NOT NULL,
    header_size INTEGER NOT NULL, body BLOB)";

pub fn measure(table: &mut Table) {
    let runtime = Runtime::new().expect("a runtime");
    let appended = appended(&runtime);
    let verified = [firn_verify(), panda_verify(), runtime.block_on(core_verify())];
    let rate = |time: Duration| 1.0 / time.as_secs_f64();
    let bare = "an operation of p2panda-core as bytes in a row, found by its number alone";
    table.beside("append one entry durably", "entries", rate(appended[0]), bare, rate(appended[3]));
    for (n, peer) in [(1, "p2panda-core 0.7 in SQLite"), (2, "hypercore 0.17 on disk")] {
        table.against("append one entry durably", "entries", rate(appended[0]), peer, rate(appended[n]));
        table.against(
            "verify every signature of a log",
            "entries",
            rate(verified[0]),
            peer,
            rate(verified[n]),
        );
    }
}

/// Medians of single durable appends: Firn's, p2panda-core's, hypercore's, and p2panda-core's without an index; in turn,
/// so that the disk's moods meet all.
fn appended(runtime: &Runtime) -> [Duration; 4] {
    let folder = tempfile::tempdir().expect("a folder");
    let device = Device::first();
    let mut store = Store::create(&folder.path().join("firn.db"), &OpenOptions::default()).expect("a store");
    append(&mut store, &device, 0..1);
    let [operations, bare] = ["panda.db", "bare.db"].map(|name| raw(&folder.path().join(name)));
    operations.execute_batch(OPERATIONS).expect("a table");
    let core = runtime.block_on(hypercore_at(&folder.path().join("core")));
    let (key, mut last) = (SigningKey::from_bytes(&[7; 32]), None);
    let mut times = [(); 4].map(|()| Vec::new());
    for n in 1..=APPENDED {
        let next = || panda_header(&key, last.as_ref());
        for kind in IN_TURN[n as usize % IN_TURN.len()] {
            match kind {
                0 => times[0].push(once(|| append(&mut store, &device, n..n + 1))),
                1 => times[1].push(once(|| keep(&operations, &next()))),
                2 => times[2].push(once(|| drop(runtime.block_on(core.append(&NOTE)).expect("an entry")))),
                _ => times[3].push(once(|| insert(&bare, n, &[next().encode().as_slice(), &NOTE].concat()))),
            }
        }
        last = Some(next());
    }
    times.map(median_of)
}

/// Keeps an operation as p2panda-store does; its own head was at hand, which that looks up.
fn keep(conn: &Connection, header: &Header<()>) {
    let sql = "INSERT INTO operations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let bytes = header.encode();
    let row = params![
        header.hash().to_string(),
        [1_u8; 32].as_slice(),
        header.version,
        header.verifying_key.to_string(),
        header.signature.to_string(),
        header.payload_size,
        header.payload_hash.map(|hash| hash.to_string()),
        "1794000000000",
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
