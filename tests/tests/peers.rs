//! Two homes on one machine: invited, joined, synced over loopback, handed over; no internet, no server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, refusal, repository};
use firn_tests::peering::{LOOPBACK, Serving, courier_of, invited, sync};
use serde_json::Value;

fn sizes(home: &TestHome) -> Value {
    let verified = home.answer(&["log", "verify", "--deep"]);
    assert_eq!(verified["ok"], true);
    verified["logs"].clone()
}

#[test]
fn a_second_device_joins_by_invitation_and_both_hold_the_same_logs() {
    let pharmacy = TestHome::found();
    pharmacy.shipment("DN-1", "cdc-refrigerator");
    let courier = courier_of(&pharmacy);
    assert_eq!(courier.answer(&["shipment", "list"])[0]["reference"], "DN-1");
    let devices = pharmacy.answer(&["device", "list"]);
    assert_eq!(devices[0]["label"], "Van phone");
    assert!(devices[0]["synced"]["entries"].as_u64().unwrap() >= 1);
    assert_eq!(sizes(&courier), sizes(&pharmacy));
    assert_eq!(sizes(&pharmacy).as_array().unwrap().len(), 2);
}

#[test]
fn an_invitation_works_once_and_a_refused_join_leaves_no_home() {
    let pharmacy = TestHome::found();
    let (serving, text) = invited(&pharmacy, "courier");
    TestHome::unmade().answer(&["join", &text]);
    assert!(serving.finish().0.success());
    // Nobody serves it any more; neither does a new invitation's process know it.
    let (_other, _) = invited(&pharmacy, "courier");
    let late = TestHome::unmade();
    let code = late.refusal(&["join", &text]);
    assert!(code.starts_with("peer/"), "{code}");
    assert_eq!(late.refusal(&["id"]), "home/missing");
    assert_eq!(late.refusal(&["join", "firn-invite:nonsense"]), "peer/invitation-malformed");
}

#[test]
fn readings_and_custody_cross_between_two_devices_and_both_come_to_the_same_verdict() {
    let pharmacy = TestHome::found();
    pharmacy.answer(&["logger", "add", "--label", "Box 7", "--interval", "6"]);
    let courier = courier_of(&pharmacy);
    let shipment = pharmacy.shipment("DN-2", "cdc-refrigerator");
    let at = "2019-11-05T08:35:00Z";
    pharmacy.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 7",
        "--at",
        at,
        "--reason",
        "recorded afterwards",
    ]);
    pharmacy.answer(&["shipment", "handover", &shipment]);
    let again = pharmacy.answer(&["shipment", "handover", &shipment]);
    assert_eq!(again["entries"].as_array().unwrap().len(), 0, "it is offered already");
    let report = sync(&courier, &pharmacy);
    assert_eq!(report["agreed"], true);
    courier.answer(&["shipment", "handover", &shipment]);
    let recording = repository("ble/fixtures/ruuvitag-download.jsonl");
    let taken = courier.answer(&["ingest", &shipment, recording.to_str().unwrap(), "--logger", "Box 7"]);
    assert_eq!(taken["sealed"], 3069);
    sync(&courier, &pharmacy);
    pharmacy.answer(&["shipment", "handover", &shipment]);
    sync(&courier, &pharmacy);
    let show = |home: &TestHome| home.answer(&["shipment", "show", &shipment]);
    assert_eq!(show(&pharmacy), show(&courier));
    let shown = show(&courier);
    assert_eq!(shown["custodian"]["label"], "Van phone");
    assert_eq!(shown["summary"]["verdict"], "excursion");
    assert!(shown["history"].as_array().unwrap().iter().all(|event| event["refused"].is_null()), "{shown}");
    assert_eq!(sizes(&pharmacy), sizes(&courier));
}

#[test]
fn a_stranger_learns_nothing_and_gets_a_code() {
    let pharmacy = TestHome::found();
    let stranger = TestHome::found();
    let (_serving, node) = Serving::start(&pharmacy, &["node", LOOPBACK[0], LOOPBACK[1]]);
    let output = stranger.run(&["sync", node["address"].as_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(&output)["error"], "peer/not-a-member");
    assert_eq!(sizes(&stranger).as_array().unwrap().len(), 1);
    let id = node["id"].as_str().unwrap();
    assert!(refusal(&stranger.run(&["sync", "nonsense"])).starts_with("peer/address"), "{id}");
}

#[test]
fn a_courier_may_measure_and_hand_over_and_may_not_enrol_or_decide() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    assert_eq!(courier.refusal(&["logger", "add", "--label", "Box 9"]), "app/role-may-not");
    assert_eq!(courier.refusal(&["invite", LOOPBACK[0], LOOPBACK[1]]), "app/role-may-not");
    let shipment = courier.shipment("DN-3", "cdc-refrigerator");
    courier.answer(&["shipment", "start", &shipment]);
    courier.answer(&["shipment", "receive", &shipment]);
    let release = ["shipment", "dispose", &shipment, "--decision", "release", "--reason", "fine"];
    assert_eq!(courier.refusal(&release), "app/role-may-not");
}
