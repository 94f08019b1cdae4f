//! Personal data that can be erased, through the real command: positions of steps, names of signers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, refusal};
use firn_tests::peering::{courier_of, sync};
use serde_json::Value;
use std::path::{Path, PathBuf};

const HERE: &str = "48856613,-2352222,12";

/// Creates a shipment and picks it up at `HERE`.
fn picked_up_here(home: &TestHome, reference: &str) -> String {
    let shipment = home.shipment(reference, "cdc-refrigerator");
    let taken = home.answer(&["shipment", "start", &shipment, "--position", HERE]);
    assert_eq!(
        taken["entries"].as_array().unwrap().len(),
        3,
        "the step, its position and the verdict: {taken}"
    );
    shipment
}

fn positions(home: &TestHome, shipment: &str) -> Vec<Value> {
    let detail = home.answer(&["shipment", "show", shipment]);
    let history = detail["history"].as_array().unwrap();
    let told = history.iter().map(|event| &event["occurrence"]);
    told.filter(|told| told["what"] == "position").map(|told| told["known"].clone()).collect()
}

fn standing(home: &TestHome, shipment: &str) -> Vec<String> {
    let positions = positions(home, shipment);
    positions.iter().map(|known| known["standing"].as_str().unwrap().to_owned()).collect()
}

/// Every byte of every file in a home.
fn every_byte(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        bytes.extend(if path.is_dir() { every_byte(&path) } else { std::fs::read(&path).unwrap() });
    }
    bytes
}

fn export(home: &TestHome, shipment: &str, name: &str, more: &[&str]) -> PathBuf {
    let file = home.file(name, "");
    home.answer(&[&["export", shipment, "--evidence", file.to_str().unwrap()][..], more].concat());
    file
}

fn check(home: &TestHome, file: &Path) -> (bool, Option<String>) {
    let verified = json(&home.run(&["verify", file.to_str().unwrap()]));
    let checks = verified["checks"].as_array().unwrap();
    let positions = checks.iter().find(|check| check["id"] == "positions");
    (verified["ok"] == true, positions.map(|check| check["status"].as_str().unwrap().to_owned()))
}

#[test]
fn positions_are_off_until_they_are_turned_on_and_then_stand_beside_the_step_on_this_device_alone() {
    let pharmacy = TestHome::found();
    let shipment = pharmacy.shipment("DN-1", "cdc-refrigerator");
    let start = ["shipment", "start", &shipment, "--position", HERE];
    assert_eq!(pharmacy.refusal(&start), "app/position-off");
    assert!(!pharmacy.path().join("vault.db").exists());
    assert_eq!(pharmacy.answer(&["position", "show"])["position"], "off");
    pharmacy.answer(&["position", "on"]);
    pharmacy.answer(&start);
    pharmacy.answer(&["shipment", "quarantine", &shipment, "--reason", "seal broken"]);
    let place =
        serde_json::json!({"latitude-udeg": 48_856_613, "longitude-udeg": -2_352_222, "accuracy-m": 12});
    assert_eq!(
        positions(&pharmacy, &shipment),
        [serde_json::json!({"standing": "opened", "position": place})]
    );
    assert_eq!(positions(&pharmacy, &shipment).len(), 1, "a step without a position has none");

    let van = courier_of(&pharmacy);
    assert_eq!(standing(&van, &shipment), ["held-elsewhere"]);
    let mut unopened = pharmacy.command(&["shipment", "show", &shipment]);
    let detail = json(&unopened.env_remove("FIRN_PASSPHRASE_FILE").output().unwrap());
    assert!(detail.to_string().contains(r#""known":{"standing":"sealed"}"#), "{detail}");
    let listed = pharmacy.answer(&["vault", "list"]);
    assert_eq!(
        (&listed[0]["name"], &listed[0]["kept"], &listed[0]["recorded"]),
        (&"Dock phone".into(), &1.into(), &1.into())
    );
    pharmacy.answer(&["position", "off"]);
    let again = ["shipment", "quarantine", &shipment, "--reason", "again", "--position", HERE];
    assert_eq!(pharmacy.refusal(&again), "app/position-off");
    assert_eq!(standing(&pharmacy, &shipment), ["opened"], "what was recorded stays until it is erased");
}

#[test]
fn a_position_that_is_none_is_refused_as_usage() {
    let home = TestHome::found();
    for bad in ["48.85,2.35,12", "90000001,0,1", "1,2"] {
        let output = home.run(&["shipment", "quarantine", "aaaaaa", "--reason", "x", "--position", bad]);
        assert_eq!(output.status.code(), Some(2), "{bad}");
    }
}

#[test]
fn the_evidence_commits_to_positions_and_shows_them_only_where_that_was_asked_for() {
    let home = TestHome::found();
    home.answer(&["position", "on"]);
    let shipment = picked_up_here(&home, "DN-1");
    let without = export(&home, &shipment, "without", &[]);
    assert_eq!(check(&home, &without), (true, Some("cannot".into())));
    let with = export(&home, &shipment, "with", &["--with-positions"]);
    assert_eq!(check(&home, &with), (true, Some("proved".into())));
    // The latitude as CBOR writes it stands in the one and not in the other.
    let latitude = 48_856_613_u32.to_be_bytes();
    let holds = |file: &Path| std::fs::read(file).unwrap().windows(4).any(|window| window == latitude);
    assert_eq!((holds(&without), holds(&with)), (false, true));
    // A place that was changed is another document, to which no entry commits.
    let mut forged = std::fs::read(&with).unwrap();
    let at = forged.windows(4).position(|window| window == latitude).unwrap();
    forged[at + 3] ^= 1;
    let forged = home.file("forged", forged);
    assert_eq!(check(&home, &forged), (false, Some("failed".into())));

    let report = home.file("report.pdf", "");
    home.answer(&["export", &shipment, "--pdf", report.to_str().unwrap(), "--with-positions"]);
    assert_eq!(check(&home, &report), (true, Some("proved".into())));
}

#[test]
fn an_erased_position_is_in_no_byte_of_the_home_and_every_proof_still_holds() {
    let home = TestHome::found();
    home.answer(&["position", "on"]);
    let shipment = picked_up_here(&home, "DN-1");
    let before = export(&home, &shipment, "before", &[]);
    let sealed = std::fs::read(home.path().join("vault.db")).unwrap();
    assert!(sealed.len() > 4096);
    let erased = home.answer(&["vault", "erase", "Dock phone", "--ground", "objected"]);
    assert_eq!((&erased["documents"], &erased["ground"]), (&1.into(), &"objected".into()));
    assert_eq!(standing(&home, &shipment), ["erased"]);
    assert_eq!(positions(&home, &shipment)[0]["ground"], "objected");
    let bytes = every_byte(&home.path());
    let latitude = 48_856_613_u32.to_be_bytes();
    assert!(!bytes.windows(4).any(|window| window == latitude));

    let verified = home.answer(&["log", "verify", "--deep"]);
    assert_eq!((&verified["ok"], &verified["first_bad"]), (&true.into(), &Value::Null));
    assert_eq!(check(&home, &before), (true, Some("cannot".into())));
    let after = export(&home, &shipment, "after", &["--with-positions"]);
    assert_eq!(check(&home, &after), (true, Some("cannot".into())));
    let list = home.answer(&["vault", "list"]);
    assert_eq!((&list[0]["kept"], &list[0]["erased"]), (&0.into(), &1.into()));

    // The subject goes on under a new key.
    home.answer(&["shipment", "quarantine", &shipment, "--reason", "seal", "--position", HERE]);
    assert_eq!(standing(&home, &shipment), ["erased", "opened"]);
    assert_eq!(home.refusal(&["vault", "erase", "nobody"]), "app/not-found");
}

#[test]
fn an_admin_erases_what_a_couriers_phone_keeps_when_the_two_sync_and_a_vault_put_back_loses_it_again() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    let other = courier_of(&pharmacy);
    van.answer(&["position", "on"]);
    let shipment = picked_up_here(&van, "DN-1");
    sync(&van, &pharmacy);
    sync(&other, &pharmacy);
    assert_eq!(standing(&pharmacy, &shipment), ["held-elsewhere"]);
    let subject = pharmacy.answer(&["vault", "list"])[0]["subject"].as_str().unwrap().to_owned();
    assert_eq!(other.refusal(&["vault", "erase", &subject]), "app/role-may-not");

    let vault = van.path().join("vault.db");
    let older = std::fs::read(&vault).unwrap();
    pharmacy.answer(&["vault", "erase", &subject]);
    assert_eq!(standing(&pharmacy, &shipment), ["erased"]);
    assert_eq!(standing(&van, &shipment), ["opened"], "the courier's phone has not heard of it yet");
    // The erasure does not name what the phone records meanwhile; the subject's key takes it along.
    let meanwhile = picked_up_here(&van, "DN-2");
    sync(&van, &pharmacy);
    assert_eq!(standing(&van, &shipment), ["erased"]);
    assert_eq!(standing(&van, &meanwhile), ["erased"], "held nowhere, and told so where it was recorded");
    assert_eq!(van.answer(&["vault", "list"])[0]["kept"], 0);

    // An older backup of the file comes back: the erasure is carried out again before it opens.
    std::fs::write(&vault, &older).unwrap();
    assert_eq!(standing(&van, &shipment), ["erased"], "a reader is not shown it either");
    van.answer(&["position", "off"]);
    assert_eq!(van.answer(&["vault", "list"])[0]["kept"], 0);
}

#[test]
fn of_two_logs_of_one_device_the_vaults_list_tells_which_ended_and_each_is_erased_by_itself() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    van.answer(&["position", "on"]);
    let before = picked_up_here(&van, "DN-1");
    let rotated = van.answer(&["device", "rotate"])["log"].as_str().unwrap().to_owned();
    sync(&van, &pharmacy);
    pharmacy.answer(&["device", "enrol", &rotated]);
    sync(&van, &pharmacy);
    let after = picked_up_here(&van, "DN-2");
    let listed = van.answer(&["vault", "list"]);
    let (ended, now): (Vec<_>, Vec<_>) =
        listed.as_array().unwrap().iter().partition(|one| one["continued_by"].is_string());
    let ([ended], [now]) = (&ended[..], &now[..]) else { panic!("{listed}") };
    assert_eq!((&ended["name"], &ended["continued_by"]), (&now["name"], &now["subject"]));
    let name = ended["name"].as_str().unwrap();
    assert_eq!(van.refusal(&["vault", "erase", name]), "app/ambiguous");
    van.answer(&["vault", "erase", ended["subject"].as_str().unwrap()]);
    assert_eq!(
        (standing(&van, &before), standing(&van, &after)),
        (vec!["erased".into()], vec!["opened".into()])
    );
}

#[test]
fn a_signers_printed_name_stays_until_the_record_need_no_longer_be_kept_and_the_rest_goes_at_once() {
    let home = TestHome::found();
    home.answer(&["position", "on"]);
    let pin = home.file("pin", "a long secret of hers\n");
    let pin = pin.to_str().unwrap();
    let mut enrol = vec!["person", "add", "Ana Lima", "--role", "pharmacist", "--trained", "2026-01-15"];
    enrol.extend(["--accept-accountability", "--pin-file", pin]);
    home.answer(&enrol);
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    let by = ["--as", "Ana Lima", "--pin-file", pin, "--position", HERE];
    home.answer(&[&["shipment", "start", &shipment][..], &by].concat());
    let listed = home.answer(&["vault", "list"]);
    assert_eq!(listed[0]["name"], "Ana Lima");

    let refused = home.run(&["vault", "erase", "Ana Lima", "--name"]);
    assert_eq!(refusal(&refused), "app/name-kept");
    let why = json(&refused)["why"].as_str().unwrap().to_owned();
    assert!(why.contains("until 20") && why.contains("EU GDP") && why.contains("5 years"), "{why}");
    assert_eq!(standing(&home, &shipment), ["opened"], "nothing was erased");
    let wrong = home.file("wrong", "not her secret at all\n");
    let as_ana = |pin: &str| home.run(&["vault", "erase", "Ana Lima", "--as", "Ana Lima", "--pin-file", pin]);
    assert_eq!(refusal(&as_ana(wrong.to_str().unwrap())), "app/pin-wrong");
    assert_eq!(standing(&home, &shipment), ["opened"], "nor by somebody who is not who they say");
    let erased = json(&as_ana(pin));
    let entries = home.answer(&["log", "show"]);
    let last = entries.as_array().unwrap().last().unwrap();
    assert_eq!((&last["kind"], &last["person"]), (&6.into(), &"Ana Lima".into()));
    assert_eq!((&erased["documents"], &erased["kept"]["what"]), (&1.into(), &"printed-name".into()));
    assert!(erased["kept"]["until"].is_string());
    assert_eq!(standing(&home, &shipment), ["erased"]);
    let detail = home.answer(&["shipment", "show", &shipment]);
    assert!(detail.to_string().contains("Ana Lima"), "the signature still shows its printed name");
}

#[test]
fn a_printed_name_stays_by_the_rule_of_the_programme_that_its_record_belongs_to() {
    let home = TestHome::found();
    let pin = home.file("pin", "a long secret of hers\n");
    let pin = pin.to_str().unwrap();
    let enrol = ["person", "add", "Ana Lima", "--role", "pharmacist", "--trained", "2026-01-15"];
    home.answer(&[&enrol[..], &["--accept-accountability", "--pin-file", pin]].concat());
    let shipment = home.shipment("DN-1", "maryland-vfc");
    home.answer(&["shipment", "start", &shipment, "--as", "Ana Lima", "--pin-file", pin]);
    let refused = home.run(&["vault", "erase", "Ana Lima", "--name"]);
    let why = json(&refused)["why"].as_str().unwrap().to_owned();
    assert!(why.contains("US VFC") && why.contains("3 years"), "{why}");
}

#[test]
fn a_damaged_vault_hinders_no_record_and_says_so_where_a_position_would_stand() {
    let home = TestHome::found();
    home.answer(&["position", "on"]);
    let shipment = picked_up_here(&home, "DN-1");
    let vault = home.path().join("vault.db");
    let mut bytes = std::fs::read(&vault).unwrap();
    bytes[..16].fill(0);
    std::fs::write(&vault, bytes).unwrap();
    assert_eq!(positions(&home, &shipment)[0]["code"], "vault/damaged");
    home.answer(&["shipment", "quarantine", &shipment, "--reason", "seal"]);
    let again = ["shipment", "quarantine", &shipment, "--reason", "again", "--position", HERE];
    assert_eq!(home.refusal(&again), "vault/damaged");
    assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
}
