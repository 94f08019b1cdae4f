//! The store in its life: made, written, read, refused.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Device, batch, body};
use firn_ledger::bytes::{Hash, Id};
use firn_ledger::chain::Depth;
use firn_ledger::entry::{EntryDraft, Head};
use firn_ledger::error::LedgerError;
use firn_ledger::key::SecretKey;
use firn_ledger::statement::Role;
use firn_ledger::store::{Access, Document, OpenOptions, Store};

fn options() -> OpenOptions {
    OpenOptions { busy_ms: 0, ..OpenOptions::default() }
}

fn reading() -> OpenOptions {
    OpenOptions { access: Access::ReadOnly, ..options() }
}

fn home() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("firn.db");
    (folder, path)
}

#[test]
fn what_is_appended_is_there_after_reopening_and_verifies() {
    let (_folder, path) = home();
    let (admin, courier) = (Device::new(1), Device::new(2));
    let shipment = Id([9; 16]);
    let readings = batch(1, 300);
    {
        let mut store = Store::create(&path, &options()).unwrap();
        admin.found_first(&mut store);
        let by = admin.enrol(&mut store, &courier, Role::Courier);
        courier.found_by(&mut store, &by);
        courier.note(&mut store, Some(shipment), "picked up", vec![readings.clone()]);
        courier.note(&mut store, Some(shipment), "handed over", vec![]);
        admin.note(&mut store, Some(shipment), "received", vec![]);
    }
    let mut store = Store::open(&path, &reading()).unwrap();
    let report = store.verify(Depth::Every).unwrap();
    assert!(report.ok());
    assert_eq!(report.logs.iter().map(|log| log.size).sum::<u64>(), 6);
    let mut expected = vec![(courier.log, 1), (courier.log, 2), (admin.log, 2)];
    expected.sort();
    assert_eq!(store.by_subject(&shipment).unwrap(), expected);
    assert_eq!(store.by_subject(&Id([8; 16])).unwrap(), []);
    let handed_over = store.entry(&courier.log, 2).unwrap().unwrap();
    assert_eq!(handed_over.body, body("handed over"));
    assert_eq!(handed_over.entry.payload().in_subject.unwrap().sequence, 1);
    assert_eq!(store.entry(&courier.log, 3).unwrap(), None);
    assert_eq!(store.entries(&courier.log, 1).unwrap().len(), 2);
    assert_eq!(store.batch(&Hash::of(&[&readings])).unwrap(), Some(readings));
    assert_eq!(store.batch(&Hash([0; 32])).unwrap(), None);
}

#[test]
fn tree_heads_of_every_size_are_those_of_the_leaves() {
    let (_folder, path) = home();
    let device = Device::new(1);
    let mut store = Store::create(&path, &options()).unwrap();
    device.found_first(&mut store);
    for n in 0..9 {
        device.note(&mut store, None, &n.to_string(), vec![]);
    }
    let leaves: Vec<Hash> =
        store.entries(&device.log, 0).unwrap().iter().map(|record| record.entry.leaf()).collect();
    for size in 0..=10usize {
        let root = store.read(|view| view.root_at(&device.log, size as u64)).unwrap();
        assert_eq!(root, Some(firn_ledger::tree::Tree::over(&leaves[..size]).root()));
    }
    assert_eq!(store.read(|view| view.root_at(&device.log, 11)).unwrap(), None);
    assert_eq!(store.heads().unwrap()[0].root, firn_ledger::tree::Tree::over(&leaves).root());
}

#[test]
fn documents_are_ordered_by_key_and_belong_to_their_transaction() {
    let (_folder, path) = home();
    let mut store = Store::create(&path, &options()).unwrap();
    store
        .write(|t| {
            t.put_document("shipments", b"b", b"2")?;
            t.put_document("shipments", b"a", b"1")?;
            t.put_document("shipments", b"c", b"3")?;
            t.remove_document("shipments", b"c")?;
            t.put_document("other", b"z", b"")?;
            t.put_document("shipments", b"b", b"two")
        })
        .unwrap();
    let failed: Result<(), LedgerError> = store.write(|t| {
        t.put_document("shipments", b"d", b"4")?;
        Err(firn_ledger::error::Fault::NoLog.into())
    });
    assert_eq!(failed.unwrap_err().code(), "ledger/no-log");
    let document = |key: &[u8], value: &[u8]| Document { key: key.to_vec(), value: value.to_vec() };
    let expected = vec![document(b"a", b"1"), document(b"b", b"two")];
    assert_eq!(store.documents("shipments").unwrap(), expected);
    assert_eq!(store.document("shipments", b"d").unwrap(), None);
    assert_eq!(store.document("nothing", b"d").unwrap(), None);
    store.write(|t| t.replace_documents("shipments", [document(b"x", b"9")])).unwrap();
    assert_eq!(store.documents("shipments").unwrap(), vec![document(b"x", b"9")]);
    assert_eq!(store.read(|view| Ok::<_, LedgerError>(view.collections())).unwrap(), ["other", "shipments"]);
    assert!(store.verify(Depth::Head).unwrap().ok());
}

#[test]
fn a_reader_sees_what_a_writer_committed_and_cannot_write() {
    let (_folder, path) = home();
    let device = Device::new(1);
    let mut writer = Store::create(&path, &options()).unwrap();
    let mut reader = Store::open(&path, &reading()).unwrap();
    assert_eq!(reader.heads().unwrap(), []);
    device.found_first(&mut writer);
    writer.write(|t| t.put_document("a", b"k", b"v")).unwrap();
    assert_eq!(reader.heads().unwrap().len(), 1);
    assert_eq!(reader.document("a", b"k").unwrap(), Some(b"v".to_vec()));
    let refused = reader.write(|t| t.put_document("a", b"k", b"w")).unwrap_err();
    assert_eq!(refused.code(), "store/read-only");
}

#[test]
fn a_second_writer_is_told_that_the_store_is_busy() {
    let (_folder, path) = home();
    let mut first = Store::create(&path, &options()).unwrap();
    let mut second = Store::open(&path, &options()).unwrap();
    let refused = first.write(|t| {
        t.put_document("a", b"k", b"first")?;
        let refused = second.write(|t| t.put_document("a", b"k", b"second")).unwrap_err();
        Ok::<_, LedgerError>(refused.code())
    });
    assert_eq!(refused.unwrap(), "store/busy");
    second.write(|t| t.put_document("a", b"k", b"second")).unwrap();
    assert_eq!(first.document("a", b"k").unwrap(), Some(b"second".to_vec()));
}

#[test]
fn a_store_is_not_made_over_anything() {
    let (_folder, path) = home();
    drop(Store::create(&path, &options()).unwrap());
    assert_eq!(Store::create(&path, &options()).unwrap_err().code(), "store/exists");
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    let (folder, path) = home();
    assert_eq!(Store::open(&path, &options()).unwrap_err().code(), "store/missing");
    assert_eq!(Store::open(folder.path(), &options()).unwrap_err().code(), "store/not-a-store");
    for content in [&b""[..], b"hello", &[0u8; 8192]] {
        std::fs::write(&path, content).unwrap();
        assert_eq!(Store::open(&path, &options()).unwrap_err().code(), "store/not-a-store");
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
    std::fs::remove_file(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").unwrap();
    drop(other);
    let before = std::fs::read(&path).unwrap();
    assert_eq!(Store::open(&path, &options()).unwrap_err().code(), "store/not-a-store");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_store_of_a_later_version_is_refused_and_left_alone() {
    let (_folder, path) = home();
    drop(Store::create(&path, &options()).unwrap());
    // As a later version would write it: the header and the checked state agree.
    let other = rusqlite::Connection::open(&path).unwrap();
    let value: Vec<u8> = other.query_row("SELECT value FROM state", [], |row| row.get(0)).unwrap();
    let mut later = value.clone();
    assert_eq!(later[1..3], [1, 1]);
    later[2] = 7;
    let length = |bytes: &[u8]| (bytes.len() as u64).to_be_bytes();
    let digest = Hash::of(&[b"firn row v1\0", b"state", b"\0", &length(&later), &later]);
    other.execute("UPDATE state SET value = ?1, digest = ?2", (&later, &digest.0)).unwrap();
    other.execute_batch("PRAGMA user_version = 7").unwrap();
    drop(other);
    let before = std::fs::read(&path).unwrap();
    for options in [options(), reading()] {
        let error = Store::open(&path, &options).unwrap_err();
        assert_eq!(error.code(), "store/newer-version");
        assert_eq!(error.to_string(), "the store has version 7; this program reads up to 1");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_full_store_says_so_and_stays_as_it_was() {
    let (_folder, path) = home();
    let device = Device::new(1);
    let mut store = Store::create(&path, &options()).unwrap();
    device.found_first(&mut store);
    drop(store);
    let small = OpenOptions { max_pages: Some(20), ..options() };
    let mut store = Store::open(&path, &small).unwrap();
    let mut written = 0u64;
    let error = loop {
        let draft = device.draft(33, body(&"x".repeat(3000)));
        match store.write(|t| device.append(t, draft)) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 100);
    };
    assert_eq!(error.code(), "store/full");
    assert!(error.next_step().contains("free some space"));
    assert_eq!(store.heads().unwrap()[0].size, written + 1);
    assert!(store.verify(Depth::Every).unwrap().ok());
    drop(store);
    let mut store = Store::open(&path, &options()).unwrap();
    device.note(&mut store, None, "room again", vec![]);
    assert_eq!(store.heads().unwrap()[0].size, written + 2);
    assert!(store.verify(Depth::Every).unwrap().ok());
}

#[test]
fn only_the_logs_own_device_appends_to_it() {
    let (_folder, path) = home();
    let device = Device::new(1);
    let mut store = Store::create(&path, &options()).unwrap();
    let note = || device.draft(33, body("note"));
    let missing = store.write(|t| device.append(t, note())).unwrap_err();
    assert_eq!(missing.code(), "ledger/no-log");
    device.found_first(&mut store);
    let other = SecretKey::from_seed(&[3; 32]);
    let signers = firn_ledger::entry::Signers { device: &other, person: None };
    let refused = store.write(|t| t.append(device.log, note(), signers)).unwrap_err();
    assert_eq!(refused.code(), "ledger/key");
    assert_eq!(store.heads().unwrap()[0].size, 1);
}

#[test]
fn nothing_is_appended_to_a_log_whose_end_has_been_cut_off() {
    let (_folder, path) = home();
    let device = Device::new(1);
    let mut store = Store::create(&path, &options()).unwrap();
    device.found_first(&mut store);
    device.note(&mut store, None, "one", vec![]);
    drop(store);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute("DELETE FROM entries WHERE id = (SELECT max(id) FROM entries)", []).unwrap();
    drop(other);
    let mut store = Store::open(&path, &options()).unwrap();
    let draft = device.draft(33, body("again"));
    assert_eq!(store.write(|t| device.append(t, draft)).unwrap_err().code(), "store/corrupt");
    assert_eq!(store.verify(Depth::Head).unwrap_err().code(), "store/corrupt");
}

#[test]
fn an_entry_that_names_heads_which_never_were_is_found_and_one_that_names_more_than_is_held_is_told() {
    let (_folder, path) = home();
    let mut store = Store::create(&path, &options()).unwrap();
    let (admin, courier) = (Device::new(1), Device::new(2));
    admin.found_first(&mut store);
    let by = admin.enrol(&mut store, &courier, Role::Courier);
    courier.found_by(&mut store, &by);
    let true_head = store.heads().unwrap().into_iter().find(|head| head.log == admin.log).unwrap();
    let mut name = |head: Head| {
        let draft = EntryDraft { heads: vec![head], ..courier.draft(33, body("part")) };
        store.write(|t| courier.append(t, draft)).unwrap();
        store.verify(Depth::Every).unwrap()
    };
    let report = name(true_head);
    assert!(report.ok() && report.ahead.is_empty(), "{report:?}");
    let report = name(Head { size: 1_000_000, root: Hash([7; 32]), ..true_head });
    assert!(report.ok());
    let told: Vec<_> =
        report.ahead.iter().map(|one| (one.log, one.sequence, one.names.size, one.held)).collect();
    assert_eq!(told, [(courier.log, 2, 1_000_000, 2)]);
    let report = name(Head { root: Hash([7; 32]), ..true_head });
    let bad = report.first_bad().unwrap();
    assert_eq!((bad.log, bad.sequence, bad.fault.code()), (courier.log, 3, "ledger/false-head"));
    assert!(report.as_signed() && !report.ok(), "a lie of one device is no damage of the store");
}
