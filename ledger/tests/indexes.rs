//! Index entries in the store: counted by its tables at any size, and held against the log when it is verified.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::Device;
use firn_ledger::bytes::Id;
use firn_ledger::chain::{Depth, Received, Run};
use firn_ledger::index::{Index, IndexEntry};
use firn_ledger::statement::INDEX;
use firn_ledger::store::{OpenOptions, Store};

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("firn.db"), &OpenOptions::default()).unwrap();
    (folder, store)
}

fn subject(number: u8) -> Id {
    Id([number.wrapping_mul(91); 16])
}

fn note(device: &Device, store: &mut Store, number: u8) {
    let about = (!number.is_multiple_of(5)).then(|| subject(number % 7));
    device.note(store, about, &number.to_string(), vec![]);
}

/// Appends what an index says, or something else.
fn index(device: &Device, store: &mut Store, change: impl FnOnce(&mut IndexEntry)) -> u64 {
    let size = store.heads().unwrap().iter().find(|head| head.log == device.log).unwrap().size;
    let mut says = store.read(|view| view.index(&device.log, size)).unwrap().entry(size);
    change(&mut says);
    let draft = device.draft(INDEX, says.encode());
    store.write(|t| device.append(t, draft)).unwrap();
    size
}

#[test]
fn the_subjects_at_every_size_are_those_that_the_entries_name() {
    let (_folder, mut store) = store();
    let device = Device::new(1);
    device.found_first(&mut store);
    (0..40).for_each(|n| note(&device, &mut store, n));
    let records = store.entries(&device.log, 0).unwrap();
    let mut noted = Index::default();
    for (size, record) in (0..).zip(&records) {
        assert_eq!(store.read(|view| view.index(&device.log, size)).unwrap(), noted, "at {size}");
        if let Some(place) = &record.entry.payload().in_subject {
            noted.note(place.subject, record.entry.leaf());
        }
    }
    assert_eq!(store.read(|view| view.index(&device.log, u64::MAX)).unwrap(), noted);
    assert_eq!(store.read(|view| view.index(&Device::new(9).log, 9)).unwrap(), Index::default());
}

#[test]
fn a_transaction_finds_what_it_brought_by_subject_and_leaves_it_to_the_next() {
    let (_folder, mut store) = store();
    let device = Device::new(1);
    device.found_first(&mut store);
    let about = subject(3);
    for (round, before) in [(0, 0), (1, 4)] {
        let found = store.write(|t| {
            for n in 0..4 {
                let mut draft = device.draft(33, vec![0xa1, 0x01, round * 4 + n]);
                draft.subject = Some(about);
                device.append(t, draft)?;
                let places: Vec<u64> = t.by_subject(&about)?.into_iter().map(|(_, place)| place).collect();
                assert_eq!(places, (1..=before + u64::from(n) + 1).collect::<Vec<u64>>());
            }
            let size = t.log(&device.log).unwrap().size();
            t.index(&device.log, size)
        });
        let size = store.heads().unwrap()[0].size;
        assert_eq!(store.read(|view| view.index(&device.log, size)).unwrap(), found.unwrap());
        assert!(store.verify(Depth::Every).unwrap().ok());
    }
}

#[test]
fn the_newest_true_index_is_found_below_any_size() {
    let (_folder, mut store) = store();
    let device = Device::new(1);
    device.found_first(&mut store);
    let newest = |store: &mut Store, size| {
        let found = store.read(|view| view.true_index(&device.log, size)).unwrap();
        found.map(|(record, _)| record.entry.payload().sequence)
    };
    assert_eq!(newest(&mut store, u64::MAX), None);
    (0..9).for_each(|n| note(&device, &mut store, n));
    let first = index(&device, &mut store, |_| ());
    (9..20).for_each(|n| note(&device, &mut store, n));
    let second = index(&device, &mut store, |_| ());
    note(&device, &mut store, 21);
    assert_eq!(newest(&mut store, u64::MAX), Some(second));
    assert_eq!(newest(&mut store, second), Some(first));
    assert_eq!(newest(&mut store, first), None);
    let lie = index(&device, &mut store, |says| says.subjects += 1);
    assert_eq!(newest(&mut store, u64::MAX), None, "what lies is shown to nobody");
    assert_eq!(newest(&mut store, lie), Some(second));
}

#[test]
fn an_index_that_says_something_else_than_its_log_is_taken_in_and_named_when_the_log_is_verified() {
    type Lie = fn(&mut IndexEntry);
    let lies: [Lie; 3] = [|says| says.root.0[0] ^= 1, |says| says.subjects += 1, |says| says.size -= 1];
    for lie in lies {
        let ((_one, mut store), (_other, mut peer)) = (store(), self::store());
        let device = Device::new(1);
        device.found_first(&mut store);
        (0..9).for_each(|n| note(&device, &mut store, n));
        index(&device, &mut store, |_| ());
        assert!(store.verify(Depth::Every).unwrap().ok());
        let at = index(&device, &mut store, lie);
        // It comes to a peer as any entry does.
        let records = store.entries(&device.log, 0).unwrap();
        let received = records.iter().map(|one| Received {
            bytes: one.entry.bytes().to_vec(),
            body: one.body.clone(),
            salt: one.salt,
        });
        let run = Run::verify(device.log, None, received.collect()).unwrap();
        peer.write(|t| t.append_foreign(run)).unwrap();
        for store in [&mut store, &mut peer] {
            for depth in [Depth::Head, Depth::Received, Depth::Every] {
                let bad = *store.verify(depth).unwrap().first_bad().unwrap();
                assert_eq!((bad.sequence, bad.fault.code()), (at, "ledger/index"));
            }
        }
        // A true one after it is the newest; the lie is found by looking at every one.
        index(&device, &mut store, |_| ());
        assert!(store.verify(Depth::Received).unwrap().ok());
        assert_eq!(store.verify(Depth::Every).unwrap().first_bad().unwrap().sequence, at);
    }
}

#[test]
fn a_body_of_kind_4_that_is_no_index_is_a_lie_as_well() {
    let (_folder, mut store) = store();
    let device = Device::new(1);
    device.found_first(&mut store);
    let draft = device.draft(INDEX, vec![0xa0]);
    store.write(|t| device.append(t, draft)).unwrap();
    assert!(store.verify(Depth::Every).unwrap().as_signed());
    assert_eq!(store.verify(Depth::Received).unwrap().first_bad().unwrap().fault.code(), "ledger/index");
}
