//! Every byte of a store's file is changed, one at a time, and every answer compared.
//!
//! Allowed: the same answer, `store/corrupt`, or a verification that names a bad entry. A changed byte of
//! an entry, body, salt or batch must be found by the verification, which must name that entry.
//! Each byte has one bit flipped, another bit from byte to byte; `FIRN_FLIPS` (comma-separated hexadecimal
//! masks, such as `01,80`) tries each of its masks on every byte instead.
#![cfg(all(unix, feature = "sqlite"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::LazyLock;

use common::{Device, batch};
use firn_ledger::bytes::{Hash, Id, LogId};
use firn_ledger::chain::Depth;
use firn_ledger::entry::{Head, Record};
use firn_ledger::error::LedgerError;
use firn_ledger::index::Index;
use firn_ledger::membership::Statements;
use firn_ledger::statement::{INDEX, Role};
use firn_ledger::store::{Access, Document, OpenOptions, Report, Store};

const SHIPMENT: Id = Id([0x51; 16]);
const UNIT: Id = Id([0x52; 16]);

/// The place of a byte in the store's content: whose it is, and which of its bytes.
type Owner = (LogId, u64);

fn readings(n: u8) -> Vec<u8> {
    batch(n, 300 + 150 * usize::from(n))
}

/// Three logs, eighteen entries, an index among them, three batches, three collections; closed, the write-ahead log in the file.
fn build(path: &Path) {
    let options = OpenOptions { page_size: 1024, ..OpenOptions::default() };
    let mut store = Store::create(path, &options).unwrap();
    let (admin, courier, pharmacy) = (Device::new(1), Device::new(2), Device::new(3));
    admin.found_first(&mut store);
    let by = admin.enrol(&mut store, &courier, Role::Courier);
    courier.found_by(&mut store, &by);
    let by = admin.enrol(&mut store, &pharmacy, Role::Pharmacist);
    pharmacy.found_by(&mut store, &by);
    for n in 0..4u8 {
        let batches = if n < 3 { vec![readings(n)] } else { vec![] };
        courier.note(&mut store, Some(SHIPMENT), &format!("a note of the courier's, number {n}"), batches);
    }
    for n in 0..4u8 {
        let subject = if n % 2 == 0 { SHIPMENT } else { UNIT };
        pharmacy.note(&mut store, Some(subject), &format!("a note of the pharmacy's, number {n}"), vec![]);
    }
    let says = store.read(|view| view.index(&pharmacy.log, 5)).unwrap().entry(5);
    let draft = pharmacy.draft(INDEX, says.encode());
    store.write(|t| pharmacy.append(t, draft)).unwrap();
    pharmacy.note(&mut store, Some(UNIT), "a note of the pharmacy's after its index", vec![]);
    for n in 0..3u8 {
        admin.note(&mut store, None, &format!("a note of the admin's, number {n}"), vec![]);
        store
            .write(|t| {
                t.put_document("shipments", &[n], format!("shipment {n} at first").as_bytes())?;
                t.put_document("shipments", &[n], format!("shipment {n} as it is now").as_bytes())?;
                t.put_document("units", &[7, n], &[n; 40])?;
                t.put_document("removed", &[n], &[n; 200])
            })
            .unwrap();
    }
    store
        .write(|t| {
            for n in 3..14u8 {
                t.put_document("shipments", &[n], format!("shipment {n}, one of many").as_bytes())?;
            }
            t.remove_document("removed", &[1])
        })
        .unwrap();
}

/// What a store may be asked for.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Bytes(Option<Vec<u8>>),
    Documents(Vec<Document>),
    Places(Vec<(LogId, u64)>),
    Statements(Statements),
    Heads(Vec<Head>),
    Records(Vec<Record>),
    Root(Option<Hash>),
    Leaves(Vec<Hash>),
    Index(Index),
}

type Answer = Result<Value, &'static str>;

fn answer<T>(result: Result<T, LedgerError>, value: impl Fn(T) -> Value) -> Answer {
    result.map(value).map_err(|error| error.code())
}

fn batches() -> &'static [Hash; 3] {
    static BATCHES: LazyLock<[Hash; 3]> = LazyLock::new(|| [0u8, 1, 2].map(|n| Hash::of(&[&readings(n)])));
    &BATCHES
}

fn logs() -> &'static [LogId; 3] {
    static LOGS: LazyLock<[LogId; 3]> = LazyLock::new(|| [1, 2, 3].map(|n| Device::new(n).log));
    &LOGS
}

/// The verification's report and the other answers, or the code with which opening was refused.
type Asked = Result<(Result<Report, &'static str>, Vec<Answer>), &'static str>;

/// All that can be asked. The verification's report comes first and by itself.
fn ask(path: &Path) -> Asked {
    let options = OpenOptions { access: Access::ReadOnly, ..OpenOptions::default() };
    let mut answers = Vec::new();
    let mut store = Store::open(path, &options).map_err(|error| error.code())?;
    for key in [&[0u8][..], &[5], &[13], &[99]] {
        answers.push(answer(store.document("shipments", key), Value::Bytes));
    }
    for collection in ["shipments", "units", "removed", "nothing"] {
        answers.push(answer(store.documents(collection), Value::Documents));
    }
    answers.push(answer(store.batch(&Hash([1; 32])), Value::Bytes));
    for n in 0..3u8 {
        answers.push(answer(store.batch(&batches()[usize::from(n)]), Value::Bytes));
    }
    for subject in [SHIPMENT, UNIT, Id([0; 16])] {
        answers.push(answer(store.by_subject(&subject), Value::Places));
    }
    answers.push(answer(store.read(|view| view.statements()), Value::Statements));
    answers.push(answer(store.heads(), Value::Heads));
    for n in 0..3 {
        let log = logs()[n];
        let records = |record: Option<Record>| Value::Records(record.into_iter().collect());
        answers.push(answer(store.entries(&log, 0), Value::Records));
        answers.push(answer(store.entry(&log, 2), records));
        answers.push(answer(store.entry(&log, 99), records));
        answers.push(answer(store.read(|view| view.root_at(&log, 2)), Value::Root));
        answers.push(answer(store.read(|view| view.leaves(&log, 3)), Value::Leaves));
        answers.push(answer(store.read(|view| view.index(&log, 3)), Value::Index));
        answers.push(answer(store.read(|view| view.newest_index(&log, 6)), records));
    }
    Ok((store.verify(Depth::Head).map_err(|error| error.code()), answers))
}

/// Where in the file a content stands, byte by byte; several places when SQLite left an old copy behind.
fn places(file: &[u8], content: &[u8]) -> Vec<Vec<usize>> {
    let mut places = vec![Vec::new(); content.len()];
    let mut from = 0;
    while from < content.len() {
        let rest = &content[from..];
        let longest = (1..=rest.len())
            .rev()
            .find(|length| file.windows(*length).any(|window| window == &rest[..*length]))
            .unwrap();
        assert!(longest >= 12 || longest == content.len(), "too short to be found: {longest}");
        for (at, window) in file.windows(longest).enumerate() {
            if window == &rest[..longest] {
                (0..longest).for_each(|n| places[from + n].push(at + n));
            }
        }
        from += longest;
    }
    places
}

/// Every content of the store, with the entry that must be named when it changes.
fn contents(path: &Path) -> Vec<(Owner, &'static str, Vec<u8>)> {
    let mut store = Store::open(path, &OpenOptions::default()).unwrap();
    let mut contents = Vec::new();
    for log in *logs() {
        for record in store.entries(&log, 0).unwrap() {
            let owner = (log, record.entry.payload().sequence);
            contents.push((owner, "entry", record.entry.bytes().to_vec()));
            contents.push((owner, "body", record.body.clone()));
            contents.push((owner, "salt", record.salt.0.to_vec()));
            for address in &record.entry.payload().batches {
                contents.push((owner, "batch", store.batch(address).unwrap().unwrap()));
            }
        }
    }
    contents
}

/// What became of one changed byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Same,
    Corrupt,
    Named(Owner),
}

fn judge(asked: Asked, right: &(Report, Vec<Answer>), at: usize) -> Outcome {
    let (verified, answers) = match asked {
        Ok(asked) => asked,
        Err(code) => {
            assert_eq!(code, "store/corrupt", "opening, byte {at}");
            return Outcome::Corrupt;
        }
    };
    for (number, (answer, right)) in answers.iter().zip(&right.1).enumerate() {
        assert!(
            answer == right || *answer == Err("store/corrupt"),
            "byte {at}, question {number}: {answer:?}"
        );
    }
    match verified {
        Err(code) => {
            assert_eq!(code, "store/corrupt", "verifying, byte {at}");
            Outcome::Corrupt
        }
        Ok(report) => match report.first_bad() {
            Some(bad) => Outcome::Named((bad.log, bad.sequence)),
            None => {
                assert_eq!(report, right.0, "byte {at}");
                assert_eq!(answers, right.1, "byte {at}: the verification noticed nothing");
                Outcome::Same
            }
        },
    }
}

fn flip_all(file: &[u8], range: std::ops::Range<usize>, mask: Option<u8>) -> Vec<(usize, Outcome)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("firn.db");
    std::fs::write(&path, file).unwrap();
    let (report, answers) = ask(&path).unwrap();
    let right = (report.unwrap(), answers);
    assert!(right.0.ok() && right.1.iter().all(Result::is_ok));
    let handle = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    range
        .map(|at| {
            let mask = mask.unwrap_or(1 << (at * 5 % 8));
            handle.write_all_at(&[file[at] ^ mask], at as u64).unwrap();
            let outcome = judge(ask(&path), &right, at);
            handle.write_all_at(&[file[at]], at as u64).unwrap();
            (at, outcome)
        })
        .collect()
}

#[test]
fn no_changed_byte_gives_another_answer_and_a_changed_entry_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("firn.db");
    build(&path);
    assert!(!path.with_extension("db-wal").exists(), "the write-ahead log is in the file");
    let contents = contents(&path);
    let file = std::fs::read(&path).unwrap();
    let masks: Vec<Option<u8>> = match std::env::var("FIRN_FLIPS") {
        Ok(masks) => masks.split(',').map(|mask| Some(u8::from_str_radix(mask, 16).unwrap())).collect(),
        Err(_) => vec![None],
    };
    for mask in masks {
        let half = file.len() / 2;
        let mut outcomes = BTreeMap::new();
        std::thread::scope(|scope| {
            let first = scope.spawn(|| flip_all(&file, 0..half, mask));
            outcomes.extend(flip_all(&file, half..file.len(), mask));
            outcomes.extend(first.join().unwrap());
        });
        for (owner, what, content) in &contents {
            for (number, offsets) in places(&file, content).iter().enumerate() {
                let found: Vec<Outcome> = offsets.iter().map(|at| outcomes[at]).collect();
                let named = found.contains(&Outcome::Named(*owner));
                assert!(named, "mask {mask:02x?}, byte {number} of the {what} of {owner:?}: {found:?}");
                let others = found.iter().filter(|outcome| **outcome != Outcome::Named(*owner));
                others.for_each(|outcome| assert_eq!(*outcome, Outcome::Same, "an old copy has no effect"));
            }
        }
        let count = |wanted: fn(&Outcome) -> bool| outcomes.values().filter(|one| wanted(one)).count();
        println!(
            "mask {mask:02x?}: {} bytes, {} named, {} corrupt, {} without effect",
            file.len(),
            count(|one| matches!(one, Outcome::Named(_))),
            count(|one| *one == Outcome::Corrupt),
            count(|one| *one == Outcome::Same),
        );
    }
}
