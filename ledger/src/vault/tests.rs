use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::error::StoreError;

const FILES: [&str; 3] = ["vault.db", "vault.db-wal", "vault.db-shm"];

fn key(subject: u8) -> WrappedKey {
    WrappedKey {
        subject: Id([subject; 16]),
        bytes: format!("wrapped key of subject {subject:03} {}", "k".repeat(46)).into(),
    }
}

fn document(subject: u8, number: u16, size: usize) -> SealedDocument {
    let text = format!("sealed document {number:05} of {subject:03} ");
    SealedDocument {
        commitment: Hash::of(&[&[subject], &number.to_be_bytes()]),
        subject: Id([subject; 16]),
        bytes: text.repeat(size).into(),
    }
}

fn opened(path: &Path) -> VaultStore {
    VaultStore::open(path, Access::ReadWrite, 200).unwrap()
}

/// A vault with this many documents of each of three subjects, kept in turn.
fn filled(folder: &Path, each: u16) -> PathBuf {
    let path = folder.join("vault.db");
    let mut vault = opened(&path);
    for number in 0..each {
        for subject in [1, 2, 3] {
            vault.keep(&key(subject), &document(subject, number, 1 + usize::from(number % 7))).unwrap();
        }
    }
    path
}

fn every_byte(folder: &Path) -> Vec<u8> {
    FILES.iter().flat_map(|name| fs::read(folder.join(name)).unwrap_or_default()).collect()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// What the home's folder would be after a power cut now.
fn copied(from: &Path, wal: Option<usize>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(from.join("vault.db"), folder.path().join("vault.db")).unwrap();
    let log = fs::read(from.join("vault.db-wal")).unwrap_or_default();
    let length = wal.unwrap_or(log.len()).min(log.len());
    fs::write(folder.path().join("vault.db-wal"), &log[..length]).unwrap();
    folder
}

fn kept(vault: &mut VaultStore, subject: u8) -> usize {
    let listed = vault.listed().unwrap();
    listed.iter().find(|one| one.subject == Id([subject; 16])).map_or(0, |one| one.commitments.len())
}

#[test]
fn a_kept_document_is_found_with_its_subjects_key_and_another_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), 3);
    let mut vault = VaultStore::open(&path, Access::ReadOnly, 200).unwrap();
    assert_eq!(vault.document(&document(2, 1, 2).commitment).unwrap(), Some(document(2, 1, 2)));
    assert_eq!(vault.key(&Id([2; 16])).unwrap(), Some(key(2)));
    assert_eq!((vault.key(&Id([9; 16])).unwrap(), vault.document(&Hash([9; 32])).unwrap()), (None, None));
    let refused = vault.keep(&key(1), &document(1, 9, 1)).unwrap_err();
    assert_eq!(refused, StoreError::ReadOnly.into());
}

#[test]
fn a_reader_makes_no_vault_and_a_file_of_something_else_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let missing = VaultStore::open(&path, Access::ReadOnly, 0).unwrap_err();
    assert_eq!((missing.code(), path.exists()), ("store/missing", false));
    fs::write(&path, "a letter").unwrap();
    assert_eq!(VaultStore::open(&path, Access::ReadWrite, 0).unwrap_err().code(), "vault/damaged");
    assert_eq!(fs::read_to_string(&path).unwrap(), "a letter");
    let newer = opened(&folder.path().join("newer.db"));
    newer.conn.execute_batch("PRAGMA user_version = 2").unwrap();
    drop(newer);
    let refused = VaultStore::open(&folder.path().join("newer.db"), Access::ReadOnly, 0).unwrap_err();
    assert_eq!(refused.code(), "store/newer-version");
}

#[test]
fn nothing_of_an_erased_subject_is_left_in_any_byte_of_the_files_and_the_others_still_open() {
    let folder = tempfile::tempdir().unwrap();
    // Enough that pages split and rows move between them.
    let path = filled(folder.path(), 120);
    let mut vault = opened(&path);
    assert!(
        holds(&every_byte(folder.path()), b" of 002 ") && holds(&every_byte(folder.path()), b"subject 002")
    );
    vault.erase(&Id([2; 16]), &Hash([7; 32])).unwrap();
    let bytes = every_byte(folder.path());
    assert!(!holds(&bytes, b" of 002 ") && !holds(&bytes, b"subject 002"));
    assert!(!holds(&bytes, document(2, 5, 1).commitment.as_bytes()));
    assert_eq!([1, 2, 3].map(|subject| kept(&mut vault, subject)), [120, 0, 120]);
    assert_eq!(vault.document(&document(3, 7, 1).commitment).unwrap(), Some(document(3, 7, 1)));
    assert!(vault.is_erased(&Hash([7; 32])).unwrap());
}

#[test]
fn an_erasure_carried_out_once_does_not_touch_what_is_kept_of_the_subject_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = opened(&filled(folder.path(), 2));
    vault.erase(&Id([2; 16]), &Hash([7; 32])).unwrap();
    vault.keep(&key(2), &document(2, 50, 1)).unwrap();
    vault.erase(&Id([2; 16]), &Hash([7; 32])).unwrap();
    assert_eq!(kept(&mut vault, 2), 1);
    vault.erase(&Id([2; 16]), &Hash([8; 32])).unwrap();
    assert_eq!(kept(&mut vault, 2), 0);
}

#[test]
fn a_vault_that_somebody_reads_says_that_bytes_may_be_left_and_the_next_writer_removes_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), 20);
    let reader = VaultStore::open(&path, Access::ReadOnly, 0).unwrap();
    reader.conn.execute_batch("BEGIN").unwrap();
    let seen: i64 = reader.conn.query_row("SELECT count(*) FROM documents", [], |row| row.get(0)).unwrap();
    let mut vault = opened(&path);
    let busy = vault.erase(&Id([1; 16]), &Hash([7; 32])).unwrap_err();
    assert_eq!((busy.code(), seen), ("vault/busy", 60));
    assert!(!busy.next_step().is_empty());
    assert_eq!(kept(&mut vault, 1), 0, "whoever asks now gets nothing");
    assert!(holds(&every_byte(folder.path()), b" of 001 "), "this is why it is an error");
    drop(reader);
    vault.finish().unwrap();
    assert!(!holds(&every_byte(folder.path()), b" of 001 "));
}

#[test]
fn a_document_that_no_entry_names_is_forgotten_with_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = opened(&filled(folder.path(), 1));
    vault.keep(&key(3), &document(3, 9, 1)).unwrap();
    vault.forget(&document(3, 9, 1).commitment).unwrap();
    assert_eq!(vault.key(&Id([3; 16])).unwrap(), Some(key(3)));
    vault.forget(&document(3, 0, 1).commitment).unwrap();
    assert_eq!(vault.key(&Id([3; 16])).unwrap(), None);
    let bytes = every_byte(folder.path());
    assert!(!holds(&bytes, b" of 003 ") && !holds(&bytes, b"subject 003"));
}

#[test]
fn a_power_cut_while_a_document_is_kept_leaves_it_there_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), 2);
    let mut vault = opened(&path);
    vault.keep(&key(4), &document(4, 0, 40)).unwrap();
    let length = usize::try_from(fs::metadata(folder.path().join("vault.db-wal")).unwrap().len()).unwrap();
    let mut seen = [false; 2];
    for cut in (0..=length).step_by(37).chain([length]) {
        let copy = copied(folder.path(), Some(cut));
        let mut after = opened(&copy.path().join("vault.db"));
        let there = after.document(&document(4, 0, 40).commitment).unwrap().is_some();
        assert_eq!(after.key(&Id([4; 16])).unwrap().is_some(), there, "cut at {cut}");
        seen[usize::from(there)] = true;
    }
    assert_eq!(seen, [true; 2]);
}

#[test]
fn a_power_cut_in_the_middle_of_an_erasure_leaves_all_of_the_subject_or_an_erasure_that_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), 4);
    let mut vault = opened(&path);
    vault.strike(&Id([2; 16]), &Hash([7; 32])).unwrap();
    let length = usize::try_from(fs::metadata(folder.path().join("vault.db-wal")).unwrap().len()).unwrap();
    let mut seen = [false; 2];
    for cut in (0..=length).step_by(61).chain([length]) {
        let copy = copied(folder.path(), Some(cut));
        let mut after = opened(&copy.path().join("vault.db"));
        let struck = after.is_erased(&Hash([7; 32])).unwrap();
        seen[usize::from(struck)] = true;
        assert_eq!(kept(&mut after, 2), if struck { 0 } else { 4 }, "cut at {cut}");
        assert_eq!(kept(&mut after, 1), 4);
        after.erase(&Id([2; 16]), &Hash([7; 32])).unwrap();
        assert!(!holds(&every_byte(copy.path()), b" of 002 "), "cut at {cut}");
    }
    assert_eq!(seen, [true; 2]);
}

#[test]
fn a_changed_byte_of_the_file_is_told_and_never_gives_another_document() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), 4);
    opened(&path).empty_log().unwrap();
    let good = fs::read(&path).unwrap();
    let all: Vec<SealedDocument> = [1, 2, 3]
        .into_iter()
        .flat_map(|subject| (0..4).map(move |n| document(subject, n, 1 + usize::from(n))))
        .collect();
    let (mut told, mut others_opened) = (0, 0);
    for position in (0..good.len()).step_by(23) {
        let copy = tempfile::tempdir().unwrap();
        let mut bad = good.clone();
        bad[position] ^= 0x41;
        fs::write(copy.path().join("vault.db"), &bad).unwrap();
        let mut vault = match VaultStore::open(&copy.path().join("vault.db"), Access::ReadWrite, 0) {
            Ok(vault) => vault,
            Err(error) => {
                told += 1;
                assert!(
                    ["vault/damaged", "store/newer-version"].contains(&error.code()),
                    "byte {position}: {error}"
                );
                continue;
            }
        };
        let found: Vec<_> = all.iter().map(|one| vault.document(&one.commitment)).collect();
        for (one, found) in all.iter().zip(&found) {
            match found {
                Ok(found) => assert_eq!(found.as_ref(), Some(one), "byte {position}"),
                Err(error) => assert!(["vault/damaged"].contains(&error.code()), "byte {position}: {error}"),
            }
        }
        let failed = found.iter().filter(|found| found.is_err()).count();
        told += usize::from(failed > 0);
        others_opened += usize::from(failed == 1);
    }
    assert!(told > 20 && others_opened > 10, "{told} told, {others_opened} of one document alone");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_is_kept_and_erased_in_turn_only_the_living_subjects_are_in_the_files(
        steps in prop::collection::vec((1u8..6, 0u16..40, 1usize..30, prop::bool::weighted(0.12)), 1..120)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut vault = opened(&folder.path().join("vault.db"));
        let mut living = std::collections::BTreeSet::new();
        for (index, (subject, number, size, erases)) in steps.into_iter().enumerate() {
            if erases {
                vault.erase(&Id([subject; 16]), &Hash([u8::try_from(index).unwrap(); 32])).unwrap();
                living.remove(&subject);
            } else {
                vault.keep(&key(subject), &document(subject, number, size)).unwrap();
                living.insert(subject);
            }
        }
        vault.erase(&Id([5; 16]), &Hash([255; 32])).unwrap();
        living.remove(&5);
        let bytes = every_byte(folder.path());
        for subject in 1..6 {
            let text = format!(" of {subject:03} ");
            prop_assert_eq!(holds(&bytes, text.as_bytes()), living.contains(&subject), "{}", subject);
        }
    }
}
