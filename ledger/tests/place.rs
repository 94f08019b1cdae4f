//! What an open store tells of the file that it was opened from.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ledger::error::LedgerError;
use firn_ledger::store::{OpenOptions, Store};
use rusqlite::Connection;
use std::io::Write;
use std::path::{Path, PathBuf};

fn made(folder: &Path) -> (Store, PathBuf) {
    let path = folder.join("firn.db");
    (Store::create(&path, &OpenOptions::default()).unwrap(), path)
}

fn put(store: &mut Store, key: u32, length: usize) {
    let value = vec![7; length];
    store.write(|t| t.put_document("notes", &key.to_be_bytes(), &value)).unwrap();
}

fn code(checked: Result<(), LedgerError>) -> &'static str {
    checked.map_or_else(|error| error.code(), |()| "")
}

/// As `cp` does it, which keeps the file and changes its bytes.
fn write_over(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
    file.set_len(bytes.len().try_into().unwrap()).unwrap();
}

#[test]
fn an_older_file_of_the_same_length_that_is_written_over_an_open_store_is_noticed() {
    for opened_anew in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, path) = made(folder.path());
        put(&mut store, 1, 10);
        store.settle().unwrap();
        let older = std::fs::read(&path).unwrap();
        put(&mut store, 1, 11);
        store.settle().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), older.len() as u64);
        if opened_anew {
            drop(store);
            store = Store::open(&path, &OpenOptions::default()).unwrap();
        }
        assert_eq!(code(store.check_place()), "");
        write_over(&path, &older);
        assert_eq!(code(store.check_place()), "store/corrupt");
        assert_eq!(code(store.check_place()), "store/corrupt", "asked again");
    }
}

#[test]
fn a_store_that_another_program_vacuumed_is_as_it_was_and_one_that_was_cut_short_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, path) = made(folder.path());
    for key in 0..200 {
        put(&mut store, key, 4000);
    }
    for key in 0..200_u32 {
        store.write(|t| t.remove_document("notes", &key.to_be_bytes())).unwrap();
    }
    store.settle().unwrap();
    let before = std::fs::read(&path).unwrap();
    assert_eq!(code(store.check_place()), "");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    drop(other);
    assert!(std::fs::metadata(&path).unwrap().len() < before.len() as u64);
    for key in 0..3 {
        assert_eq!(code(store.check_place()), "", "{key}");
        put(&mut store, key, 100);
    }
    store.settle().unwrap();
    let whole = std::fs::read(&path).unwrap();
    for short in [whole.len() / 2, 4096, 100, 99, 0] {
        write_over(&path, &whole[..short]);
        assert_eq!(code(store.check_place()), "store/corrupt", "{short}");
    }
    write_over(&path, &before);
    assert_eq!(code(store.check_place()), "store/corrupt", "as it was before");
}
