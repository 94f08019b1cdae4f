//! A home in one file, and a home from it: nothing erased comes back, nothing half is left.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken rig must stop its test")]

use firn_tests::command::{TestHome, program, refusal};
use firn_tests::peering::{LOOPBACK, Serving, courier_of, sync};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const HERE: &str = "48856613,-2352222,12";

/// A backup of the home, beside it.
fn backup(home: &TestHome, name: &str) -> PathBuf {
    let file = home.path().with_file_name(name);
    let made = home.answer(&["backup", file.to_str().unwrap()]);
    assert!(made["size"].as_u64().unwrap() > 0, "{made}");
    file
}

/// The place for a home, and the answer of restoring a backup there.
fn restored(file: &Path) -> TestHome {
    let home = TestHome::unmade();
    let answer = home.answer(&["restore", file.to_str().unwrap()]);
    assert_eq!(answer["barred"], "restored");
    home
}

fn positions(home: &TestHome, shipment: &str) -> Vec<Value> {
    let detail = home.answer(&["shipment", "show", shipment]);
    let told = detail["history"].as_array().unwrap().iter().map(|event| event["occurrence"].clone());
    told.filter(|told| told["what"] == "position").map(|told| told["known"].clone()).collect()
}

/// What is left in a folder, by name.
fn left(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// A home whose backup takes several chunks.
fn full_home() -> TestHome {
    let home = TestHome::found();
    for _ in 0..3 {
        home.shipment(&"DN-7 ".repeat(4000), "cdc-refrigerator");
    }
    home
}

#[test]
fn what_was_erased_after_a_backup_does_not_come_back_with_it() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    courier.answer(&["position", "on"]);
    let shipment = courier.shipment("DN-7", "cdc-refrigerator");
    courier.answer(&["shipment", "start", &shipment, "--position", HERE]);
    let file = backup(&courier, "before-the-erasure");
    assert_eq!(positions(&courier, &shipment)[0]["standing"], "opened");
    courier.answer(&["vault", "erase", "Van phone"]);
    sync(&courier, &pharmacy);
    let again = restored(&file);
    // Until it has heard what was erased since, its vault stays shut.
    let position = &positions(&again, &shipment)[0];
    assert_eq!((&position["standing"], &position["code"]), (&"unreadable".into(), &"vault/restored".into()));
    sync(&again, &pharmacy);
    again.answer(&["home", "continue"]);
    assert_eq!(positions(&again, &shipment)[0]["standing"], "erased");
    let subjects = again.answer(&["vault", "list"]);
    assert!(subjects.as_array().unwrap().iter().all(|one| one["kept"] == 0), "{subjects}");
}

#[test]
fn a_restored_home_holds_what_was_backed_up_and_goes_on_under_a_new_key() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    let shipment = courier.shipment("DN-7", "cdc-refrigerator");
    let own = courier.file("backup-passphrase", "seven other herons\n");
    let own = own.to_str().unwrap();
    let file = courier.path().with_file_name("backup");
    courier.answer(&["backup", file.to_str().unwrap(), "--backup-passphrase-file", own]);
    sync(&courier, &pharmacy);
    let later = courier.shipment("DN-8", "cdc-refrigerator");
    sync(&courier, &pharmacy);
    // The phone is gone; its home comes back on another one.
    let again = TestHome::unmade();
    let restore = ["restore", file.to_str().unwrap()];
    assert_eq!(again.refusal(&restore), "home/backup-passphrase");
    assert_eq!(left(&again.path()), [""; 0]);
    again.answer(&[&restore[..], &["--backup-passphrase-file", own]].concat());
    assert_eq!(again.refusal(&["shipment", "start", &shipment]), "app/log-restored");
    assert_eq!(again.answer(&["log", "verify", "--deep"])["ok"], true);
    // What the peer holds of its log comes back, too.
    sync(&again, &pharmacy);
    assert_eq!(again.answer(&["shipment", "show", &later])["summary"]["reference"], "DN-8");
    assert_eq!(again.refusal(&["shipment", "start", &shipment]), "app/log-restored");
    let went_on = again.answer(&["home", "continue"]);
    sync(&again, &pharmacy);
    let enrolled = pharmacy.answer(&["device", "enrol", went_on["log"].as_str().unwrap()]);
    assert_eq!(enrolled["device"], "Van phone");
    sync(&again, &pharmacy);
    again.answer(&["shipment", "start", &shipment]);
    sync(&again, &pharmacy);
    assert_eq!(pharmacy.answer(&["shipment", "show", &shipment])["summary"]["phase"], "in-transit");
    // The lost phone turns up: its log has ended, and it is not let in.
    let (_serving, node) = Serving::start(&pharmacy, &["node", LOOPBACK[0], LOOPBACK[1]]);
    courier.run(&["sync", node["address"].as_str().unwrap()]);
    drop(_serving);
    let old = courier.answer(&["id"])["log"].clone();
    assert_eq!(enrolled["ended"][0]["log"], old);
}

#[test]
fn damaged_truncated_and_foreign_backups_are_refused_and_leave_nothing() {
    let home = full_home();
    let file = backup(&home, "backup");
    let whole = std::fs::read(&file).unwrap();
    let place = TestHome::unmade();
    let mut flipped = whole.clone();
    flipped[50_000] ^= 1;
    for (bytes, code) in [
        (&flipped[..], "home/backup-damaged"),
        (&whole[..whole.len() - 1], "home/backup-truncated"),
        (&whole[..59 + 65_552], "home/backup-truncated"),
        (&whole[..30], "home/backup-truncated"),
        (&b"PK\x03\x04 a letter that lay beside it, and is long enough"[..], "home/backup-not-one"),
        (
            &b"firn backup v7\n of a later year, which this release cannot read"[..],
            "home/backup-newer-version",
        ),
        (&b"firn backup v0\n of the preview, which only that restores"[..], "home/backup-preview"),
        (&b""[..], "home/backup-not-one"),
    ] {
        let bad = place.file("bad", bytes);
        assert_eq!(place.refusal(&["restore", bad.to_str().unwrap()]), code);
        assert_eq!(left(&place.path()), [""; 0], "{code}");
    }
    // A home that is there is never touched, and neither is a file.
    let before = home.answer(&["log", "verify", "--deep"]);
    assert_eq!(home.refusal(&["restore", file.to_str().unwrap()]), "home/exists");
    assert_eq!(home.refusal(&["backup", file.to_str().unwrap()]), "home/backup-exists");
    assert_eq!(std::fs::read(&file).unwrap(), whole);
    std::fs::create_dir_all(place.path()).unwrap();
    std::fs::write(place.path().join("letter.txt"), "kept").unwrap();
    assert_eq!(place.refusal(&["restore", file.to_str().unwrap()]), "home/not-empty");
    assert_eq!(left(&place.path()), ["letter.txt"]);
    assert_eq!(home.answer(&["log", "verify", "--deep"]), before);
}

#[test]
fn a_full_disk_leaves_neither_half_a_home_nor_half_a_backup() {
    let home = full_home();
    let file = backup(&home, "backup");
    let full = |output| assert!(["home/full", "store/full"].contains(&refusal(output).as_str()));
    let limited = |home: &TestHome, blocks: &str, arguments: &[&str]| {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -f \"$1\"; shift; exec \"$@\"", "sh", blocks]).arg(program());
        home.prepare(&mut shell);
        shell.args(arguments).output().unwrap()
    };
    let place = TestHome::unmade();
    let output = limited(&place, "40", &["restore", file.to_str().unwrap()]);
    full(&output);
    assert_eq!(left(&place.path()), [""; 0]);
    place.answer(&["restore", file.to_str().unwrap()]);
    let second = home.path().with_file_name("second");
    // The home's own files still fit; the backup, which is all of them, does not.
    let output = limited(&home, "160", &["backup", second.to_str().unwrap()]);
    full(&output);
    let beside = left(home.path().parent().unwrap());
    assert!(!beside.iter().any(|name| name == "second" || name.starts_with(".tmp")), "{beside:?}");
    assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
}

#[test]
fn a_home_that_something_writes_to_is_not_backed_up_half_way() {
    let home = TestHome::found();
    let (_serving, _) = Serving::start(&home, &["node", LOOPBACK[0], LOOPBACK[1]]);
    let file = home.path().with_file_name("backup");
    assert_eq!(home.refusal(&["backup", file.to_str().unwrap()]), "home/in-use");
    assert!(!file.exists());
}
