//! The list of codes that a front end can be told, held against the sources that tell them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_model::api::CODES;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The rooms behind the window.
const ROOMS: [&str; 7] = ["ble", "core/app", "core/host", "core/model", "core/peer", "core/report", "ledger"];
/// The first parts of their codes. Those of assessments, profiles and of standing (`authority/`, worded by
/// the history) are no refusals of the app.
const FIRST_PARTS: [&str; 13] = [
    "app", "ble", "file", "gs1", "home", "host", "ledger", "model", "peer", "report", "store", "sync",
    "vault",
];
/// What only a command is told: of recordings, keys, backups, shares, cards, fingerprints and carried files that a
/// person gives it,
/// and of what other organisations hand over.
const OF_COMMANDS: [&str; 17] = [
    "app/partner-",
    "ble/bad-field",
    "ble/bad-key",
    "ble/bad-key-file",
    "ble/bad-recording",
    "ble/no-request",
    "ble/not-json",
    "ble/unfinished",
    // These two warn of a scan and refuse none.
    "gs1/mutex",
    "gs1/requisite",
    "home/backup-",
    "home/logger-without-address",
    "home/share-",
    "peer/file-",
    "peer/no-local-network",
    "report/malformed-fingerprint",
    "sync/hole",
];
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The texts in quotes that have the form of a code.
fn codes(source: &str) -> impl Iterator<Item = &str> {
    let of_program = source.split("#[cfg(test)]").next().unwrap_or_default();
    of_program.split('"').filter(|text| {
        let Some((first, rest)) = text.split_once('/') else { return false };
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        FIRST_PARTS.contains(&first) && !rest.is_empty() && rest.chars().all(is_word)
    })
}

#[test]
fn every_code_of_the_rooms_behind_the_window_is_in_the_list_that_the_window_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for room in ROOMS {
        sources(&root.join(room).join("src"), &mut files);
    }
    let texts: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let told: BTreeSet<&str> = texts
        .iter()
        .filter(|text| !text.contains("pub const CODES"))
        .flat_map(|text| codes(text))
        .filter(|code| !OF_COMMANDS.iter().any(|start| code.starts_with(start)))
        .collect();
    assert!(told.len() > 100, "the sources were not found: {told:?}");
    let listed: BTreeSet<&str> = CODES.iter().copied().collect();
    assert_eq!(told.difference(&listed).collect::<Vec<_>>(), [] as [&&str; 0], "told, and not in the list");
    assert_eq!(
        listed.difference(&told).collect::<Vec<_>>(),
        [] as [&&str; 0],
        "in the list, and told by nobody"
    );
}
