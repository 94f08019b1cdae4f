//! A disk that is full, by the limit that the system sets on a process's files (RLIMIT_FSIZE).
#![cfg(all(unix, feature = "sqlite"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::path::PathBuf;
use std::process::Command;

use common::{Device, body};
use firn_ledger::chain::Depth;
use firn_ledger::store::{OpenOptions, Store};

/// Set for the process that works under the limit: the store's path.
const UNDER_LIMIT: &str = "FIRN_TEST_STORE_UNDER_LIMIT";

/// Appends until the limit stops it.
fn fill(path: &str) {
    let device = Device::new(1);
    let mut store = Store::open(&PathBuf::from(path), &OpenOptions::default()).unwrap();
    let mut written = 0u64;
    let error = loop {
        let draft = device.draft(33, body(&"x".repeat(3000)));
        match store.write(|t| device.append(t, draft)) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1000, "the limit was not felt");
    };
    assert_eq!(error.code(), "store/full", "{error}");
    assert_eq!(store.heads().unwrap()[0].size, written + 1);
    assert!(store.verify(Depth::Head).unwrap().ok());
}

#[test]
fn a_file_size_limit_gives_store_full_and_changes_nothing() {
    if let Ok(path) = std::env::var(UNDER_LIMIT) {
        return fill(&path);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("firn.db");
    let device = Device::new(1);
    let mut store = Store::create(&path, &OpenOptions::default()).unwrap();
    device.found_first(&mut store);
    drop(store);
    // The signal of the limit is ignored, as a program must that wants to report it; `ulimit -f` counts in
    // blocks of 512 or 1024 bytes, as the shell likes.
    let script = r#"trap "" XFSZ; ulimit -f 256; exec "$0" --exact a_file_size_limit_gives_store_full_and_changes_nothing"#;
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(UNDER_LIMIT, &path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let mut store = Store::open(&path, &OpenOptions::default()).unwrap();
    let before = store.heads().unwrap()[0].size;
    assert!(before > 1);
    device.note(&mut store, None, "room again", vec![]);
    assert_eq!(store.heads().unwrap()[0].size, before + 1);
    assert!(store.verify(Depth::Every).unwrap().ok());
}
