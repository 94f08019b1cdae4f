//! Two homes that meet no more after the invitation: what each lacks goes on a stick, sealed, and comes off it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, refusal, repository};
use firn_tests::peering::{courier_of, joined};
use serde_json::{Value, json};
use std::path::Path;

fn sizes(home: &TestHome) -> Value {
    let verified = home.answer(&["log", "verify", "--deep"]);
    assert_eq!(verified["ok"], true);
    verified["logs"].clone()
}

fn out(home: &TestHome, to: &Path) -> Value {
    let answer = home.answer(&["sync", "--out", to.to_str().unwrap()]);
    assert_eq!(answer["ok"], true);
    answer["out"].clone()
}

fn take(home: &TestHome, from: &Path) -> Value {
    let answer = home.answer(&["sync", "--in", from.to_str().unwrap()]);
    assert_eq!((&answer["ok"], answer.get("out")), (&json!(true), None));
    answer["in"][0].clone()
}

/// The answer of a `sync` that was checked and found wanting.
fn wanting(home: &TestHome, arguments: &[&str]) -> Value {
    let output = home.run(arguments);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let answer = json(&output);
    assert_eq!(answer["ok"], false);
    answer
}

#[test]
fn two_homes_agree_after_a_file_went_each_way_and_an_answer_is_small() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    let stick = tempfile::tempdir().unwrap();
    let shipment = pharmacy.shipment("DN-7", "cdc-refrigerator");
    for number in 0..30 {
        pharmacy.shipment(&format!("DN-7-{number}"), "cdc-refrigerator");
    }
    let (there, back) = (stick.path().join("there"), stick.path().join("back"));
    let written = out(&pharmacy, &there);
    assert_eq!((&written["to"], &written["entries"]), (&json!(["Van phone"]), &json!(31)));
    assert_eq!(written["bytes"], there.metadata().unwrap().len());
    let taken = take(&courier, &there);
    assert_eq!((&taken["from"], &taken["received"]), (&json!("Dock phone"), &json!(31)));
    assert!(taken["written"].is_string() && taken["agreed"].is_boolean(), "{taken}");
    assert_eq!(courier.answer(&["shipment", "show", &shipment])["summary"]["reference"], "DN-7");
    courier.shipment("DN-8", "cdc-refrigerator");
    assert!(out(&courier, &back)["bytes"].as_u64().unwrap() < 20_000);
    let taken = take(&pharmacy, &back);
    assert_eq!((&taken["agreed"], &taken["received"]), (&json!(true), &json!(1)));
    assert_eq!(sizes(&pharmacy), sizes(&courier));
    let devices = pharmacy.answer(&["device", "list"]);
    assert!(devices[0]["synced"]["at"].is_string(), "{devices}");
}

#[test]
fn a_stick_as_a_folder_holds_one_file_of_each_device_and_three_homes_come_to_agree() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    let clinic = joined(&pharmacy, "pharmacist", "Clinic desk");
    let stick = tempfile::tempdir().unwrap();
    let at = stick.path().to_str().unwrap();
    let homes = [&pharmacy, &courier, &clinic];
    for (number, home) in homes.iter().enumerate() {
        home.shipment(&format!("DN-{number}"), "cdc-refrigerator");
    }
    for _ in 0..2 {
        for home in homes {
            home.answer(&["sync", "--in", at, "--out", at]);
        }
    }
    assert_eq!(std::fs::read_dir(stick.path()).unwrap().count(), 3);
    assert_eq!(sizes(&pharmacy), sizes(&courier));
    assert_eq!(sizes(&pharmacy), sizes(&clinic));
    assert_eq!(sizes(&pharmacy).as_array().unwrap().len(), 3);
    // For one device alone, by its label; and nothing is left for it to be told.
    let file = stick.path().join("for-the-clinic");
    let told = pharmacy.answer(&["sync", "--out", file.to_str().unwrap(), "--to", "Clinic desk"]);
    assert_eq!((&told["out"]["to"], &told["out"]["entries"]), (&json!(["Clinic desk"]), &json!(0)));
    let answer = wanting(&courier, &["sync", "--in", file.to_str().unwrap()]);
    assert_eq!(answer["in"][0]["error"], "peer/file-not-for-this-device");
}

#[test]
fn an_outsider_learns_nothing_from_the_stick() {
    let pharmacy = TestHome::found();
    courier_of(&pharmacy);
    pharmacy.shipment("DN-SECRET", "cdc-refrigerator");
    let stick = tempfile::tempdir().unwrap();
    let file = stick.path().join("file");
    out(&pharmacy, &file);
    let bytes = std::fs::read(&file).unwrap();
    for text in ["DN-SECRET", "Nordvik", "Van phone", "Dock phone"] {
        assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
    let outsider = TestHome::found();
    let before = sizes(&outsider);
    let answer = wanting(&outsider, &["sync", "--in", file.to_str().unwrap()]);
    let refused = &answer["in"][0];
    assert_eq!(
        (&refused["error"], &refused["received"]),
        (&json!("peer/file-not-for-this-device"), &json!(0))
    );
    assert!(refused.get("from").is_none());
    assert_eq!(sizes(&outsider), before);
}

#[test]
fn a_torn_or_changed_file_is_told_by_its_code_and_what_was_whole_is_kept() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    pharmacy.answer(&["logger", "add", "--label", "Box 7", "--interval", "6"]);
    let shipment = pharmacy.shipment("DN-1", "cdc-refrigerator");
    let times = ["--at", "2019-11-05T08:35:00Z", "--reason", "recorded afterwards"];
    pharmacy.answer(&[&["shipment", "start", &shipment, "--logger", "Box 7"][..], &times].concat());
    let recording = repository("ble/fixtures/ruuvitag-download.jsonl");
    pharmacy.answer(&["ingest", &shipment, recording.to_str().unwrap(), "--logger", "Box 7"]);
    let stick = tempfile::tempdir().unwrap();
    let file = stick.path().join("file");
    let at = file.to_str().unwrap();
    out(&pharmacy, &file);
    let whole = std::fs::read(&file).unwrap();
    assert!(whole.len() > 70_000, "{}: more than a chunk", whole.len());
    let before = sizes(&courier);
    let mut changed = whole.clone();
    changed[2000] ^= 1;
    std::fs::write(&file, &changed).unwrap();
    assert_eq!(wanting(&courier, &["sync", "--in", at])["in"][0]["error"], "peer/file-damaged");
    assert_eq!(sizes(&courier), before);
    std::fs::write(&file, &whole[..whole.len() - 10]).unwrap();
    let torn = &wanting(&courier, &["sync", "--in", at])["in"][0];
    assert_eq!((&torn["error"], &torn["from"]), (&json!("peer/file-truncated"), &json!("Dock phone")));
    std::fs::write(&file, &whole).unwrap();
    take(&courier, &file);
    assert_eq!(sizes(&courier).as_array().unwrap().len(), 2);
    assert_eq!(wanting(&pharmacy, &["sync", "--in", at])["in"][0]["error"], "peer/file-not-for-this-device");
}

#[test]
fn nothing_but_a_carried_file_is_written_over_and_what_makes_no_sense_is_refused() {
    let pharmacy = TestHome::found();
    let stick = tempfile::tempdir().unwrap();
    let letter = stick.path().join("letter.txt");
    let at = letter.to_str().unwrap();
    assert_eq!(pharmacy.refusal(&["sync", "--out", at]), "peer/file-nobody");
    let courier = courier_of(&pharmacy);
    std::fs::write(&letter, "a letter").unwrap();
    assert_eq!(pharmacy.refusal(&["sync", "--out", at]), "peer/file-exists");
    assert_eq!(std::fs::read_to_string(&letter).unwrap(), "a letter");
    assert_eq!(wanting(&courier, &["sync", "--in", at])["in"][0]["error"], "peer/file-not-one");
    let new = stick.path().join("new");
    let to_nobody = ["sync", "--out", new.to_str().unwrap(), "--to", "Nobody's phone"];
    assert_eq!(pharmacy.refusal(&to_nobody), "app/not-found");
    assert!(!new.exists());
    let missing = stick.path().join("missing");
    assert_eq!(pharmacy.refusal(&["sync", "--in", missing.to_str().unwrap()]), "peer/file-io");
    for nonsense in [&["sync"][..], &["sync", "ID", "--out", at], &["sync", "--in", at, "--whole"]] {
        assert_eq!(pharmacy.run(nonsense).status.code(), Some(2), "{nonsense:?}");
    }
    assert_eq!(refusal(&pharmacy.run(&["sync", "nonsense"])), "peer/address-malformed");
}

#[test]
fn a_revoked_device_gets_no_file_and_its_own_is_refused() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    joined(&pharmacy, "pharmacist", "Clinic desk");
    let stick = tempfile::tempdir().unwrap();
    let (theirs, ours) = (stick.path().join("theirs"), stick.path().join("ours"));
    out(&courier, &theirs);
    pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "lost"]);
    let answer = wanting(&pharmacy, &["sync", "--in", theirs.to_str().unwrap()]);
    assert_eq!(answer["in"][0]["error"], "peer/revoked");
    assert_eq!(out(&pharmacy, &ours)["to"], json!(["Clinic desk"]));
    let answer = wanting(&courier, &["sync", "--in", ours.to_str().unwrap()]);
    assert_eq!(answer["in"][0]["error"], "peer/file-not-for-this-device");
    let ours = ours.to_str().unwrap();
    let refused = pharmacy.refusal(&["sync", "--out", ours, "--to", "Van phone"]);
    assert_eq!(refused, "peer/revoked");
}
