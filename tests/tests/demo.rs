//! `firn demo`: the whole story, repeatable, and its files verified by another process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{json, program};
use serde_json::{Value, json};
use std::process::{Command, Output};

fn firn(arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).env_remove("FIRN_HOME").output().unwrap()
}

fn demo(extra: &[&str]) -> Value {
    let arguments = ["demo", "--json", "--seed", "7", "--start", "2026-03-01T08:00:00+01:00"];
    let output = firn(&[&arguments, extra].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    json(&output)
}

#[test]
fn the_same_seed_and_start_tell_the_same_numbers_though_every_key_is_new() {
    let (first, second) = (demo(&[]), demo(&[]));
    assert_eq!(first, second);
    assert_eq!(
        (&first["ok"], &first["verdict"], &first["stock"]),
        (&json!(true), &json!("excursion"), &json!("quarantine"))
    );
    assert_eq!(first["assessment"]["alarms"][0]["id"], "hot");
}

#[test]
fn what_the_demo_leaves_verifies_without_its_homes_and_a_changed_byte_does_not() {
    let folder = tempfile::tempdir().unwrap();
    demo(&["--home", folder.path().to_str().unwrap()]);
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let id = json(&firn(&["--json", "--home", &file("pharmacy"), "id"]));
    let fingerprint = id["fingerprint"].as_str().unwrap();
    for name in ["DN-4711.firn", "DN-4711.pdf"] {
        let pinned = json(&firn(&["verify", "--json", &file(name), "--organisation", fingerprint]));
        assert_eq!((&pinned["ok"], &pinned["issuer"]), (&json!(true), &json!("pinned")), "{pinned}");
        let unknown = json(&firn(&["verify", "--json", &file(name)]));
        assert_eq!((&unknown["ok"], &unknown["issuer"]), (&json!(true), &json!("unconfirmed")));
        assert_eq!(unknown["fingerprint"], fingerprint);
        let mut bytes = std::fs::read(file(name)).unwrap();
        let middle = bytes.len() / 3;
        bytes[middle] ^= 4;
        std::fs::write(file("changed"), &bytes).unwrap();
        let output = firn(&["verify", "--json", &file("changed")]);
        assert_eq!((output.status.code(), &json(&output)["ok"]), (Some(1), &json!(false)), "{name}");
    }
    let stranger = firn(&["verify", "--json", &file("DN-4711.firn"), "--organisation", &"0".repeat(64)]);
    assert_eq!((stranger.status.code(), &json(&stranger)["issuer"]), (Some(1), &json!("unconfirmed")));
    let csv = std::fs::read_to_string(file("DN-4711.csv")).unwrap();
    let readings = |quantity: &str| csv.lines().filter(|line| line.contains(quantity)).count();
    assert_eq!((readings(",reading,"), readings(",humidity 0,") > 0), (108, true));
    for home in ["pharmacy", "courier"] {
        assert_eq!(json(&firn(&["--json", "--home", &file(home), "log", "verify", "--deep"]))["ok"], true);
    }
}
