//! Devices that are lost, and admins whom the root alone names and revokes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken rig must stop its test")]

use firn_tests::command::{TestHome, json};
use firn_tests::peering::{LOOPBACK, Serving, courier_of, joined, sync};
use serde_json::Value;
use std::process::Output;

/// What the history of a shipment says of each entry: what it was, and why it does not count.
fn told(home: &TestHome, shipment: &str) -> Vec<(String, Option<String>)> {
    let shown = home.answer(&["shipment", "show", shipment]);
    let told = |event: &Value| {
        let what = event["occurrence"]["what"].as_str().unwrap().to_owned();
        (what, event["refused"].as_str().map(str::to_owned))
    };
    shown["history"].as_array().unwrap().iter().map(told).collect()
}

fn of<'a>(told: &'a [(String, Option<String>)], what: &str) -> &'a Option<String> {
    &told.iter().find(|(one, _)| one == what).unwrap().1
}

/// What of a device's log is marked as in dispute.
fn disputed(home: &TestHome, log: &Value) -> Vec<String> {
    let told = home.answer(&["log", "show", log.as_str().unwrap()]);
    let disputed = told.as_array().unwrap().iter().filter(|entry| entry["disputed"].is_string());
    disputed.map(|entry| entry["what"].as_str().unwrap().to_owned()).collect()
}

/// The code with which a peer turned a sync away.
fn turned_away(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    json(output)["error"].as_str().unwrap().to_owned()
}

#[test]
fn who_tells_a_loss_late_is_told_what_was_signed_since_then_and_ends_the_log_before_it() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    let shipment = courier.shipment("DN-7", "cdc-refrigerator");
    courier.answer(&["shipment", "start", &shipment]);
    let log = courier.answer(&["id"])["log"].clone();
    let entries = courier.answer(&["log", "show", log.as_str().unwrap()]);
    let before = entries.as_array().unwrap().len();
    let lost = entries[before - 1]["at"].as_str().unwrap().to_owned();
    courier.answer(&["shipment", "receive", &shipment]);
    sync(&courier, &pharmacy);
    let revoke = ["device", "revoke", "Van phone", "--reason", "stolen", "--lost", &lost];
    let first = pharmacy.answer(&revoke)["dated_after"]["first"].as_u64().unwrap();
    assert_eq!(first, u64::try_from(before).unwrap());
    assert_eq!(*of(&told(&pharmacy, &shipment), "received"), None, "all that was held counts");
    let size = first.to_string();
    let again = pharmacy.answer(&[&revoke[..], &["--size", &size]].concat());
    assert_eq!(again["dated_after"], Value::Null);
    let told = told(&pharmacy, &shipment);
    assert_eq!(of(&told, "received").as_deref(), Some("authority/disputed"), "{told:?}");
    assert_eq!(*of(&told, "started"), None, "{told:?}");
}

#[test]
fn what_a_stolen_phone_signs_later_is_disputed_and_what_was_seen_before_the_loss_counts() {
    let pharmacy = TestHome::found();
    let (courier, dock) = (courier_of(&pharmacy), joined(&pharmacy, "pharmacist", "Second dock"));
    let shipment = courier.shipment("DN-7", "cdc-refrigerator");
    courier.answer(&["shipment", "start", &shipment]);
    sync(&courier, &pharmacy);
    // Until here the pharmacy has seen the phone. Then it is stolen, and whoever has it goes on.
    courier.answer(&["shipment", "receive", &shipment]);
    sync(&dock, &courier);
    let revoked = pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "stolen"]);
    assert!(revoked["root"].is_string(), "{revoked}");
    // The second dock brings what it got from the phone; the phone itself is not let in.
    sync(&dock, &pharmacy);
    for home in [&pharmacy, &dock] {
        let told = told(home, &shipment);
        assert_eq!(*of(&told, "created"), None, "{told:?}");
        assert_eq!(*of(&told, "started"), None, "{told:?}");
        assert_eq!(of(&told, "received").as_deref(), Some("authority/disputed"), "{told:?}");
        let disputed = disputed(home, &revoked["log"]);
        assert!(disputed.contains(&"received".into()), "{disputed:?}");
        assert!(!disputed.contains(&"started".into()), "{disputed:?}");
        assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
    }
    let (_serving, node) = Serving::start(&pharmacy, &["node", LOOPBACK[0], LOOPBACK[1]]);
    let output = courier.run(&["sync", node["address"].as_str().unwrap()]);
    assert_eq!(turned_away(&output), "peer/revoked", "the device is told why nobody talks to it");
    let devices = pharmacy.answer(&["device", "list"]);
    let revoked = |device: &&Value| device["revoked"].is_string();
    let revoked: Vec<&Value> = devices.as_array().unwrap().iter().filter(revoked).collect();
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0]["label"], "Van phone");
}

#[test]
fn a_revoked_device_is_told_so_by_whoever_knows_and_keeps_what_it_holds() {
    let pharmacy = TestHome::found();
    let (courier, dock) = (courier_of(&pharmacy), joined(&pharmacy, "pharmacist", "Second dock"));
    let shipment = courier.shipment("DN-8", "cdc-refrigerator");
    sync(&courier, &pharmacy);
    sync(&dock, &pharmacy);
    sync(&courier, &pharmacy);
    pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "left"]);
    sync(&dock, &pharmacy);
    // The courier serves; the dock tells it.
    let (serving, node) = Serving::start(&courier, &["node", LOOPBACK[0], LOOPBACK[1]]);
    let output = dock.run(&["sync", node["address"].as_str().unwrap()]);
    drop(serving);
    assert_eq!(turned_away(&output), "peer/revoked", "a revoked device is not synced with");
    let (serving, node) = Serving::start(&dock, &["node", LOOPBACK[0], LOOPBACK[1]]);
    let output = courier.run(&["sync", node["address"].as_str().unwrap()]);
    drop(serving);
    assert_eq!(turned_away(&output), "peer/revoked");
    assert_eq!(courier.answer(&["shipment", "list"])[0]["reference"], "DN-8");
    assert_eq!(courier.answer(&["shipment", "show", &shipment])["summary"]["reference"], "DN-8");
}

#[test]
fn the_root_names_a_second_admin_who_enrols_others_but_no_admin() {
    let pharmacy = TestHome::found();
    let second = joined(&pharmacy, "admin", "Office");
    let courier = joined(&second, "courier", "Van 2");
    sync(&second, &pharmacy);
    assert_eq!(pharmacy.answer(&["device", "list"]).as_array().unwrap().len(), 2);
    assert_eq!(courier.answer(&["id"])["role"], "courier");
    let invite = ["invite", "--role", "admin", LOOPBACK[0], LOOPBACK[1]];
    assert_eq!(second.refusal(&invite), "home/root-away");
    assert_eq!(second.refusal(&["device", "revoke", "Dock phone", "--reason", "left"]), "home/root-away");
    assert_eq!(courier.refusal(&["device", "revoke", "Office", "--reason", "left"]), "app/role-may-not");
    let revoked = pharmacy.answer(&["device", "revoke", "Office", "--reason", "left"]);
    assert_eq!(revoked["ok"], true);
    let itself = pharmacy.refusal(&["device", "revoke", "Dock phone", "--reason", "left"]);
    assert_eq!(itself, "app/out-of-order");
}

#[test]
fn a_root_under_its_own_passphrase_opens_with_that_alone() {
    let home = TestHome::unmade();
    let root = home.file("root-passphrase", "another battery staple\n");
    let root = root.to_str().unwrap();
    home.answer(&["init", "--organisation", "Nordvik", "--device", "Safe", "--root-passphrase-file", root]);
    let invite = ["invite", "--role", "admin", LOOPBACK[0], LOOPBACK[1]];
    assert_eq!(home.refusal(&invite), "home/wrong-passphrase");
    let with_root = [&invite[..], &["--root-passphrase-file", root]].concat();
    let (serving, first) = Serving::start(&home, &with_root);
    drop(serving);
    assert!(first["invitation"].as_str().unwrap().starts_with("firn-invite:"), "{first}");
    let missing = [&invite[..], &["--root-passphrase-file", "nowhere"]].concat();
    assert_eq!(home.refusal(&missing), "cli/unreadable-file");
}

#[test]
fn what_a_person_vouches_for_of_a_revoked_phone_counts_again_on_every_device_up_to_there() {
    let pharmacy = TestHome::found();
    let (courier, dock) = (courier_of(&pharmacy), joined(&pharmacy, "pharmacist", "Second dock"));
    let shipment = courier.shipment("DN-9", "cdc-refrigerator");
    courier.answer(&["shipment", "start", &shipment]);
    sync(&courier, &pharmacy);
    courier.answer(&["shipment", "receive", &shipment]);
    courier.answer(&["shipment", "quarantine", &shipment, "--reason", "the seal looked odd"]);
    sync(&dock, &courier);
    let uphold = ["device", "uphold", "Van phone"];
    assert_eq!(pharmacy.refusal(&uphold), "app/out-of-order", "it is not revoked");
    let revoked = pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "lost"]);
    assert_eq!(pharmacy.refusal(&uphold), "app/out-of-order", "nothing beyond its end is held");
    sync(&dock, &pharmacy);
    assert_eq!(of(&told(&pharmacy, &shipment), "received").as_deref(), Some("authority/disputed"));
    assert_eq!(dock.refusal(&uphold), "app/role-may-not");

    let size = revoked["size"].as_u64().unwrap() + 1;
    assert_eq!(pharmacy.refusal(&["device", "uphold", "Van phone", "--size", "999"]), "app/out-of-order");
    let upheld = pharmacy.answer(&["device", "uphold", "Van phone", "--size", &size.to_string()]);
    assert_eq!((&upheld["log"], &upheld["size"]), (&revoked["log"], &Value::from(size)));
    sync(&dock, &pharmacy);
    for home in [&pharmacy, &dock] {
        let told = told(home, &shipment);
        assert_eq!(*of(&told, "received"), None, "{told:?}");
        assert_eq!(of(&told, "quarantined").as_deref(), Some("authority/disputed"), "{told:?}");
    }
    assert_eq!(pharmacy.answer(&uphold)["ok"], true);
    assert_eq!(*of(&told(&pharmacy, &shipment), "quarantined"), None);
    let (_serving, node) = Serving::start(&pharmacy, &["node", LOOPBACK[0], LOOPBACK[1]]);
    let output = courier.run(&["sync", node["address"].as_str().unwrap()]);
    assert_eq!(turned_away(&output), "peer/revoked", "the phone itself stays out");
}

#[test]
fn the_log_marks_what_is_in_dispute_and_nothing_that_another_device_had_seen_before_the_loss() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    let (seen, unseen) =
        (courier.shipment("DN-1", "cdc-refrigerator"), courier.shipment("DN-2", "cdc-refrigerator"));
    sync(&courier, &pharmacy);
    pharmacy.answer(&["observe", &seen, "other", "--note", "its papers came"]);
    let revoked = pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "stolen", "--size", "1"]);
    assert_eq!(*of(&told(&pharmacy, &seen), "created"), None);
    assert_eq!(of(&told(&pharmacy, &unseen), "created").as_deref(), Some("authority/disputed"));
    let log = pharmacy.answer(&["log", "show", revoked["log"].as_str().unwrap()]);
    let marked = |shipment: &str| {
        let of = log.as_array().unwrap().iter().filter(|entry| entry["shipment"] == shipment);
        of.map(|entry| entry["disputed"].is_string()).collect::<Vec<_>>()
    };
    assert!(marked(&seen).iter().all(|disputed| !disputed) && !marked(&seen).is_empty(), "{log}");
    assert!(marked(&unseen).iter().all(|disputed| *disputed) && !marked(&unseen).is_empty(), "{log}");
}

/// What a refused command says to do next.
fn next_step(home: &TestHome, arguments: &[&str]) -> String {
    json(&home.run(arguments))["next_step"].as_str().unwrap().to_owned()
}

#[test]
fn who_revokes_a_device_is_told_how_it_comes_back_and_what_is_refused_is_about_devices() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    sync(&courier, &pharmacy);
    let revoke = |name: &str, more: &[&str]| {
        let words = [&["device", "revoke", name, "--reason", "left"][..], more].concat();
        next_step(&pharmacy, &words)
    };
    for said in [
        revoke("Dock phone", &[]),
        revoke("Van phone", &["--size", "99"]),
        next_step(&pharmacy, &["device", "uphold", "Van phone"]),
    ] {
        assert!(!said.contains("shipment"), "{said}");
    }
    assert!(revoke("Van phone", &[]).contains("firn invite"));
    courier.answer(&["device", "rotate"]);
    let (_serving, node) = Serving::start(&pharmacy, &["node", LOOPBACK[0], LOOPBACK[1]]);
    let output = courier.run(&["sync", node["address"].as_str().unwrap()]);
    assert_eq!(turned_away(&output), "peer/revoked", "in that home it never comes back");
}
