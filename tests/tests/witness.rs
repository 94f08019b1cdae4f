//! Who has seen how much of a log, and a log with two histories, through the real command.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use data_encoding::HEXLOWER;
use firn_ledger::bytes::LogId;
use firn_ledger::store::{Access, OpenOptions, Store};
use firn_tests::command::TestHome;
use firn_tests::peering::{LOOPBACK, Serving, courier_of, joined, sync};
use serde_json::{Value, json};

fn log_of(home: &TestHome) -> String {
    home.answer(&["id"])["log"].as_str().unwrap().to_owned()
}

fn entries(home: &TestHome, log: &str) -> Vec<Value> {
    home.answer(&["log", "show", log]).as_array().unwrap().clone()
}

/// Which devices have seen an entry.
fn seen_by(entry: &Value) -> Vec<&str> {
    let seen = entry["seen"].as_array().into_iter().flatten();
    let mut seen: Vec<&str> = seen.map(|seen| seen["device"].as_str().unwrap()).collect();
    seen.sort_unstable();
    seen
}

#[test]
fn each_entry_tells_which_devices_have_seen_it_and_what_nobody_has_seen_tells_nothing() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    let (dock, own) = (joined(&pharmacy, "pharmacist", "Second dock"), log_of(&van));
    van.shipment("DN-1", "cdc-refrigerator");
    sync(&van, &pharmacy);
    sync(&dock, &pharmacy);
    van.shipment("DN-2", "cdc-refrigerator");
    let told = entries(&van, &own);
    let both = ["Dock phone", "Second dock"];
    // The second dock saw the van's first entry when it joined.
    assert_eq!(told.iter().map(seen_by).collect::<Vec<_>>(), [&both[..], &both[..1], &[]]);
    assert_eq!((&told[1]["seen"][0]["size"], &told[2]["seen"]), (&json!(2), &Value::Null));
    assert!(told[0]["seen"][0]["at"].is_string());
    // The van hears at its next sync that the second dock has seen the next one, too.
    sync(&van, &pharmacy);
    let told = entries(&van, &own);
    assert_eq!(told.iter().map(seen_by).collect::<Vec<_>>(), [&both[..], &both[..], &both[..1]]);
    assert_eq!(entries(&pharmacy, &own), told);

    let note = van.answer(&["log", "show", &own, "--note"])["note"].as_str().unwrap().to_owned();
    let lines: Vec<&str> = note.lines().collect();
    assert_eq!(lines[..2], [format!("firn/log/{own}"), "3".into()]);
    let signatures: Vec<&&str> = lines.iter().filter(|line| line.starts_with("\u{2014} firn/log/")).collect();
    assert_eq!(signatures.len(), 2, "the van's own and the pharmacy's: {note}");
    assert_eq!(van.refusal(&["log", "show", "--note", "ffffffff"]), "app/not-found");
    for home in [&pharmacy, &van, &dock] {
        assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
    }
}

#[test]
fn a_cloned_phone_that_tells_two_stories_is_proven_to_everybody_and_its_log_goes_no_further() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    let dock = joined(&pharmacy, "pharmacist", "Second dock");
    sync(&van, &pharmacy);
    let (clone, own) = (van.copied(), log_of(&van));
    van.shipment("DN-1", "cdc-refrigerator");
    clone.shipment("DN-2", "cdc-refrigerator");
    sync(&van, &pharmacy);

    let (serving, node) = Serving::start(&pharmacy, &["node", LOOPBACK[0], LOOPBACK[1]]);
    clone.run(&["sync", node["address"].as_str().unwrap()]);
    drop(serving);
    let (serving, node) = Serving::start(&pharmacy, &["node", LOOPBACK[0], LOOPBACK[1]]);
    let output = dock.run(&["sync", node["address"].as_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "the news of a fork is no agreement");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["undecided"], json!([own]), "it waits for a person: {answer}");
    let again = dock.answer(&["sync", node["address"].as_str().unwrap()]);
    assert_eq!((&again["agreed"], &again["undecided"]), (&json!(true), &json!([own])), "and goes on waiting");
    drop(serving);
    let stick = dock.path().join("stick.firn-sync");
    pharmacy.answer(&["sync", "--out", stick.to_str().unwrap()]);
    let carried = dock.answer(&["sync", "--in", stick.to_str().unwrap()]);
    assert_eq!(carried["in"][0]["undecided"], json!([own]), "{carried}");
    for home in [&pharmacy, &dock] {
        let told = entries(home, &own);
        assert!(told.iter().all(|entry| entry["forked"] == json!([2, 2])), "{told:?}");
        assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
    }
    assert!(pharmacy.answer(&["shipment", "list"]).to_string().contains("DN-1"), "what was there stays");
    assert!(!pharmacy.answer(&["shipment", "list"]).to_string().contains("DN-2"));
}

#[test]
fn a_phone_that_goes_on_in_a_new_log_is_no_other_device_that_has_seen_its_old_one() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    let shipment = van.shipment("DN-1", "cdc-refrigerator");
    let old = log_of(&van);
    // Restored, it goes on in a log of its own making, which cosigns all that it holds at each sync.
    van.answer(&["device", "rotate"]);
    assert_ne!(log_of(&van), old);
    let file = van.file("told.firn", "");
    let exported = |home: &TestHome| {
        home.answer(&["export", &shipment, "--evidence", file.to_str().unwrap()]);
        home.answer(&["verify", file.to_str().unwrap()])["checks"].to_string()
    };
    assert!(exported(&van).contains("No other device has seen"), "{}", exported(&van));
    sync(&van, &pharmacy);
    for (home, witnesses) in [(&van, vec!["Dock phone"]), (&pharmacy, vec!["Dock phone"])] {
        let told = entries(home, &old);
        assert_eq!(told.iter().map(seen_by).collect::<Vec<_>>(), vec![witnesses; told.len()]);
        let note = home.answer(&["log", "show", &old, "--note"])["note"].as_str().unwrap().to_owned();
        let signed = note.lines().filter(|line| line.starts_with("\u{2014} firn/log/")).count();
        assert!(signed <= 2, "its device and the pharmacy: {note}");
        assert!(exported(home).contains("by the clock of Dock phone"), "{}", exported(home));
    }
    // Its own word on the old log went to nobody.
    let options = OpenOptions { access: Access::ReadOnly, ..OpenOptions::default() };
    let mut store = Store::open(&pharmacy.path().join("firn.db"), &options).unwrap();
    let log = |hex: &str| LogId(HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap());
    let words = store.read(|view| view.seen(&log(&old))).unwrap().cosigned;
    assert!(!words.contains_key(&log(&log_of(&van))) && words.len() == 1);
}

/// Everything of a shipment that two devices must say alike.
fn told(home: &TestHome, shipment: &str) -> Value {
    let shown = home.answer(&["shipment", "show", shipment]);
    let listed = home.answer(&["shipment", "list"]);
    let listed = listed.as_array().unwrap().iter().find(|one| one["reference"] == shipment).cloned();
    json!([shown["summary"], shown["lines"], shown["history"], listed])
}

#[test]
fn once_an_admin_says_which_history_of_a_cloned_phone_holds_all_devices_say_the_same_of_a_shipment() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    let dock = joined(&pharmacy, "pharmacist", "Second dock");
    pharmacy.shipment("DN-1", "cdc-refrigerator");
    for home in [&van, &dock] {
        sync(home, &pharmacy);
    }
    let (clone, own) = (van.copied(), log_of(&van));
    van.answer(&["observe", "DN-1", "freeze-indicator", "activated", "--note", "seen on the road"]);
    clone.answer(&["observe", "DN-1", "other", "--note", "nothing to tell"]);
    clone.answer(&["observe", "DN-1", "other", "--note", "still nothing"]);
    sync(&van, &pharmacy);
    sync(&clone, &dock);
    let meet = || {
        let (_serving, node) = Serving::start(&pharmacy, &["node", LOOPBACK[0], LOOPBACK[1]]);
        dock.run(&["sync", node["address"].as_str().unwrap()]).status.code()
    };
    assert_eq!(meet(), Some(1), "the news of a fork is no agreement");
    assert_ne!(told(&pharmacy, "DN-1"), told(&dock, "DN-1"), "each keeps the branch that it holds");

    pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "forked"]);
    assert!(entries(&pharmacy, &own).iter().all(|entry| entry["history"] == "holds"));
    assert_eq!(meet(), Some(0));
    assert_eq!(told(&pharmacy, "DN-1"), told(&dock, "DN-1"));
    let shown = entries(&dock, &own);
    let of = |history: &str| shown.iter().filter(|entry| entry["history"] == history).count();
    assert_eq!((of("holds"), of("aside")), (entries(&pharmacy, &own).len(), 3), "{shown:?}");
    let newcomer = joined(&pharmacy, "pharmacist", "Office");
    sync(&newcomer, &pharmacy);
    assert_eq!(told(&newcomer, "DN-1"), told(&dock, "DN-1"));

    // The other was right, of which the admin's device holds nothing.
    let aside: Vec<&Value> = shown.iter().filter(|entry| entry["history"] == "aside").collect();
    let (shared, all) =
        (aside[0]["sequence"].to_string(), (aside[2]["sequence"].as_u64().unwrap() + 1).to_string());
    let head = aside[2]["leads_to"].as_str().unwrap();
    pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "forked", "--size", &shared]);
    let uphold = ["device", "uphold", "Van phone", "--size", &all, "--root"];
    assert_eq!(pharmacy.refusal(&[&uphold[..], &["0000"]].concat()), "app/out-of-order");
    pharmacy.answer(&[&uphold[..], &[head]].concat());
    for _ in 0..2 {
        meet();
        let (_serving, node) = Serving::start(&pharmacy, &["node", LOOPBACK[0], LOOPBACK[1]]);
        newcomer.run(&["sync", node["address"].as_str().unwrap()]);
    }
    assert_eq!(told(&pharmacy, "DN-1"), told(&dock, "DN-1"));
    assert_eq!(told(&newcomer, "DN-1"), told(&dock, "DN-1"));
    assert_eq!(
        entries(&pharmacy, &own).iter().filter(|entry| entry["history"] == "holds").count().to_string(),
        all
    );
    for home in [&pharmacy, &dock, &newcomer] {
        assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
    }
}
