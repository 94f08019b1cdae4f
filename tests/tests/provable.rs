//! What honest devices export stays evidence, whatever was revoked and whichever of two stories holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::TestHome;
use firn_tests::peering::{LOOPBACK, Serving, courier_of, joined, sync};
use serde_json::Value;

/// What `firn verify` says of the evidence that a home exports of DN-1; nothing in it fails.
fn proved(home: &TestHome, when: &str) -> Value {
    let file = home.file("DN-1.firn", "");
    std::fs::remove_file(&file).unwrap();
    let file = file.to_str().unwrap();
    home.answer(&["export", "DN-1", "--evidence", file]);
    let output = home.run(&["verify", file]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["ok"], true, "{when}: {told:#}");
    told
}

fn check<'a>(told: &'a Value, id: &str) -> (&'a str, &'a str) {
    let checks = told["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["id"] == id).unwrap();
    (found["status"].as_str().unwrap(), found["why"].as_str().unwrap())
}

/// One conversation, however it ends.
fn meet(one: &TestHome, other: &TestHome) {
    let (_serving, node) = Serving::start(other, &["node", LOOPBACK[0], LOOPBACK[1]]);
    one.run(&["sync", node["address"].as_str().unwrap()]);
}

#[test]
fn evidence_holds_on_every_device_though_an_assessment_names_what_was_set_aside_with_a_lost_story() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    let dock = joined(&pharmacy, "pharmacist", "Second dock");
    pharmacy.shipment("DN-1", "cdc-refrigerator");
    pharmacy.answer(&["logger", "add", "--label", "Box", "--family", "file", "--interval", "600"]);
    for home in [&van, &dock] {
        sync(home, &pharmacy);
    }
    let clone = van.copied();
    van.answer(&["observe", "DN-1", "other", "--note", "nothing to tell"]);
    clone.answer(&["observe", "DN-1", "other", "--note", "a scratch"]);
    clone.answer(&["export", "DN-1", "--evidence", clone.file("own.firn", "").to_str().unwrap()]);
    sync(&van, &pharmacy);
    sync(&clone, &dock);
    dock.answer(&["shipment", "start", "DN-1", "--logger", "Box"]);
    proved(&dock, "nobody knows of the fork");
    meet(&dock, &pharmacy);
    for home in [&pharmacy, &dock] {
        let told = proved(home, "the fork is known");
        let (status, why) = check(&told, "membership");
        assert!(status == "cannot" && why.contains("nobody has decided"), "{why}");
    }
    pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "forked"]);
    meet(&dock, &pharmacy);
    meet(&dock, &pharmacy);
    for home in [&pharmacy, &dock] {
        let told = proved(home, "the fork is decided");
        let (status, why) = check(&told, "membership");
        assert!(status == "proved" && why.contains("it was decided which holds"), "{why}");
        let (status, why) = check(&told, "chain");
        assert!(status == "cannot" && why.contains("has two histories"), "{status}: {why}");
    }
}

#[test]
fn revoking_an_admin_at_an_earlier_size_leaves_evidence_that_holds_and_shows_what_counts_no_more() {
    let pharmacy = TestHome::found();
    let office = joined(&pharmacy, "admin", "Office");
    let dock = joined(&pharmacy, "pharmacist", "Second dock");
    pharmacy.shipment("DN-1", "cdc-refrigerator");
    let van = joined(&office, "courier", "Van phone");
    for (one, other) in [(&office, &pharmacy), (&van, &office)] {
        sync(one, other);
    }
    van.answer(&["observe", "DN-1", "other", "--note", "a dent"]);
    for (one, other) in [(&van, &office), (&office, &pharmacy), (&dock, &pharmacy)] {
        sync(one, other);
    }
    let before = proved(&dock, "the van's device belongs");
    assert_eq!(before["refused"], serde_json::json!([]));
    pharmacy.answer(&["device", "revoke", "Office", "--reason", "stolen", "--size", "1"]);
    let own = proved(&pharmacy, "its admission counts no more");
    sync(&dock, &pharmacy);
    let other = proved(&dock, "so it does elsewhere");
    for told in [own, other] {
        let (status, why) = check(&told, "membership");
        assert!(status == "proved" && why.contains("counts no more since a revocation"), "{status}: {why}");
        let refused = told["refused"].as_array().unwrap();
        assert!(!refused.is_empty(), "{told:#}");
        assert!(refused.iter().all(|one| one["code"] == "authority/device-not-enrolled"), "{refused:?}");
        assert_eq!(check(&told, "history").0, "proved");
    }
}
