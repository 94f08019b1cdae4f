//! The organisation's root key, restored from two shares of its recovery sheet.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken rig must stop its test")]

use firn_tests::command::{TestHome, json, refusal};
use firn_tests::peering::{LOOPBACK, joined, sync};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

/// The shares of a new sheet, each as somebody would type it.
fn shares(home: &TestHome) -> (Value, Vec<String>) {
    let sheet = home.answer(&["root", "shares"]);
    let rows = |share: &Value| {
        let rows = share["rows"].as_array().unwrap().iter().map(|row| row.as_str().unwrap());
        rows.collect::<Vec<_>>().join(" ")
    };
    let shares = sheet["shares"].as_array().unwrap().iter().map(rows).collect();
    (sheet, shares)
}

#[test]
fn two_shares_give_the_root_back_to_an_organisation_that_lost_it() {
    let pharmacy = TestHome::found();
    let office = joined(&pharmacy, "admin", "Office");
    let (sheet, shares) = shares(&pharmacy);
    assert_eq!(sheet["fingerprint"], pharmacy.answer(&["id"])["fingerprint"]);
    // The founding device is gone. Its root comes back on another admin's, from any two of the three.
    let revoke = ["device", "revoke", "Dock phone", "--reason", "lost"];
    assert_eq!(office.refusal(&revoke), "home/root-away");
    let new = office.file("new-root-passphrase", "eleven herons\n");
    let new = new.to_str().unwrap();
    for pair in [[0, 1], [2, 0], [1, 2]] {
        let [first, second] = pair.map(|number| shares[number].as_str());
        let restored = office.answer(&["root", "restore", first, second, "--root-passphrase-file", new]);
        assert_eq!(restored["fingerprint"], sheet["fingerprint"]);
    }
    assert_eq!(office.refusal(&revoke), "home/wrong-passphrase");
    let revoked = office.answer(&[&revoke[..], &["--root-passphrase-file", new]].concat());
    assert_eq!(revoked["ok"], true);
}

#[test]
fn where_the_only_admins_device_is_lost_two_shares_let_any_other_one_revoke_it_and_invite_an_admin() {
    for role in ["courier", "pharmacist"] {
        let dock = TestHome::found();
        let desk = joined(&dock, role, "Desk");
        let (_, shares) = shares(&dock);
        drop(dock);
        let revoke = ["device", "revoke", "Dock phone", "--reason", "stolen"];
        assert_eq!(desk.refusal(&revoke), "app/role-may-not");
        desk.answer(&["root", "restore", &shares[0], &shares[2]]);
        assert_eq!(desk.answer(&revoke)["ok"], true);
        let courier = ["invite", "--role", "courier", LOOPBACK[0], LOOPBACK[1]];
        assert_eq!(
            desk.refusal(&courier),
            "app/role-may-not",
            "the root admits admins, and these all others"
        );
        let office = joined(&desk, "admin", "Office");
        assert_eq!(office.answer(&["id"])["role"], "admin");
        let van = joined(&office, "courier", "Van phone");
        sync(&desk, &office);
        let listed = desk.answer(&["device", "list"]);
        let stands = |label: &str| {
            let mut listed = listed.as_array().unwrap().iter();
            listed.find(|one| one["label"] == label).map(|one| one["revoked"].is_string())
        };
        let stood = ["Dock phone", "Office", "Van phone"].map(stands);
        assert_eq!(stood, [Some(true), Some(false), Some(false)], "{listed}");
        assert_eq!(van.answer(&["id"])["role"], "courier");
    }
}

#[test]
fn wrong_mixed_damaged_and_equal_shares_are_refused_and_change_nothing() {
    let (home, stranger) = (TestHome::found(), TestHome::found());
    let (_, one) = shares(&home);
    let (_, later) = shares(&home);
    let (_, foreign) = shares(&stranger);
    let file = home.path().join("keys").join("organisation-root");
    let before = std::fs::read(&file).unwrap();
    let mistyped = one[1].replacen(|letter| letter != 'A', "A", 1);
    for (first, second, code) in [
        (&one[0], &one[0], "home/share-equal"),
        (&one[0], &later[1], "home/share-mixed"),
        (&one[0], &foreign[1], "home/share-foreign"),
        (&one[0], &mistyped, "home/share-damaged"),
        (&one[0], &"ABCD".to_owned(), "home/share-malformed"),
    ] {
        let output = home.run(&["root", "restore", first, second]);
        assert_eq!(refusal(&output), code);
        if code != "home/share-equal" && code != "home/share-mixed" {
            assert!(json(&output)["why"].as_str().unwrap().contains("second share"));
        }
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert_eq!(home.answer(&["root", "shares"])["ok"], true);
}

#[test]
fn shares_are_typed_row_by_row_where_they_should_not_stand_in_a_shells_history() {
    let home = TestHome::found();
    let (_, shares) = shares(&home);
    std::fs::remove_file(home.path().join("keys").join("organisation-root")).unwrap();
    let mut typing =
        home.command(&["root", "restore"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let rows = |share: &str| {
        share
            .to_lowercase()
            .split(' ')
            .collect::<Vec<_>>()
            .chunks(4)
            .map(|row| row.join(" ") + "\n")
            .collect::<String>()
    };
    let text = format!("{}\n{}\n", rows(&shares[2]), rows(&shares[1]));
    typing.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = typing.wait_with_output().unwrap();
    assert_eq!(json(&output)["ok"], true);
    assert!(home.path().join("keys").join("organisation-root").exists());
}
