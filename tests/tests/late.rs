//! What is recorded late, what is still to come, and evidence that comes after a decision, by the real command.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::TestHome;
use firn_tests::peering::{courier_of, joined, sync};
use serde_json::{Value, json};

const START: &str = "2026-03-01T08:00:00Z";
const ARRIVAL: &str = "2026-03-01T09:00:00Z";
const AFTERWARDS: [&str; 2] = ["--reason", "the dock was busy"];
const RELEASE: [&str; 4] = ["--decision", "release", "--reason", "looked at"];

/// One shipment of one home.
struct Dock<'a> {
    home: &'a TestHome,
    shipment: String,
}

impl<'a> Dock<'a> {
    /// Picked up at eight with one logger.
    fn under_way(home: &'a TestHome) -> Self {
        home.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
        let created = home.answer(&["shipment", "new", "DN-1", "--item", "MMR,lot=A1"]);
        let dock = Self { home, shipment: created["shipment"].as_str().unwrap().to_owned() };
        dock.step("start", &[&["--logger", "Box 7", "--at", START], &AFTERWARDS[..]].concat());
        dock
    }

    /// The same, read too warm, received at its last reading, and released by one person as the rule allows.
    fn released(home: &'a TestHome) -> Self {
        let dock = Self::under_way(home);
        home.answer(&["policy", "set", "single-person-release", "allowed"]);
        dock.ingest(&["5", "9", "9", "9", "9", "5", "5"]);
        dock.step("receive", &[&["--at", ARRIVAL], &AFTERWARDS[..]].concat());
        dock.settle();
        dock.step("dispose", &RELEASE);
        dock
    }

    fn on<'b>(&self, home: &'b TestHome) -> Dock<'b> {
        Dock { home, shipment: self.shipment.clone() }
    }

    fn step(&self, what: &str, arguments: &[&str]) -> Value {
        self.home.answer(&[&["shipment", what, &self.shipment], arguments].concat())
    }

    fn refused(&self, what: &str, arguments: &[&str]) -> String {
        self.home.refusal(&[&["shipment", what, &self.shipment], arguments].concat())
    }

    /// Readings every ten minutes from eight on.
    fn ingest(&self, values: &[&str]) -> Value {
        let mut text = "time,temperature_c\n".to_owned();
        for (index, value) in values.iter().enumerate() {
            text.push_str(&format!("2026-03-01T{:02}:{:02}:00Z,{value}\n", 8 + index / 6, index % 6 * 10));
        }
        let file = self.home.file("readings.csv", text);
        self.home.answer(&["ingest", &self.shipment, file.to_str().unwrap(), "--logger", "Box 7"])
    }

    fn show(&self) -> Value {
        self.step("show", &[])
    }

    fn summary(&self, field: &str) -> Value {
        self.show()["summary"][field].clone()
    }

    fn next(&self) -> Vec<String> {
        let shown = self.show();
        let next = shown["next"].as_array().cloned().unwrap_or_default();
        next.iter().map(|step| step["step"].as_str().unwrap().to_owned()).collect()
    }

    /// How often something happened.
    fn count(&self, what: &str) -> usize {
        let shown = self.show();
        let history = shown["history"].as_array().unwrap();
        history.iter().filter(|event| event["occurrence"]["what"] == what).count()
    }

    /// Every reason explained, and the excursion looked into.
    fn settle(&self) {
        for reason in self.summary("reasons").as_array().unwrap() {
            let text = format!("{}=seen and understood", reason.as_str().unwrap());
            self.step("acknowledge", &["--reason", &text]);
        }
        self.step("review", &["--cause", "door left open"]);
    }

    fn exported(&self, kind: &str, name: &str) -> String {
        let file = self.home.file(name, "");
        let file = file.to_str().unwrap();
        self.home.answer(&["export", &self.shipment, kind, file]);
        file.to_owned()
    }

    fn verified(&self) -> Value {
        let file = self.exported("--evidence", "evidence.firn");
        self.home.answer(&["verify", &file])
    }
}

#[test]
fn no_step_is_taken_from_the_future() {
    let home = TestHome::found();
    let _van = courier_of(&home);
    let ahead = "2999-01-01T00:00:00Z";
    let shipment = home.shipment("DN-2", "cdc-refrigerator");
    assert_eq!(home.refusal(&["shipment", "start", &shipment, "--at", ahead]), "app/still-to-come");
    let dock = Dock::under_way(&home);
    let told = [&["--at", ahead], &AFTERWARDS[..]].concat();
    assert_eq!(dock.refused("receive", &told), "app/still-to-come");
    assert_eq!(
        home.refusal(&["observe", &dock.shipment, "seal", "intact", "--at", ahead]),
        "app/still-to-come"
    );
    dock.step("receive", &[]);
    assert_eq!(dock.refused("move-arrival", &told), "app/still-to-come");
    let too_early = ["--at", "2000-01-01T00:00:00Z", "--reason", "before the pick-up"];
    assert_eq!(dock.refused("move-arrival", &too_early), "app/time-impossible");
    let lost = ["device", "revoke", "Van phone", "--reason", "stolen", "--lost", ahead];
    assert_eq!(home.refusal(&lost), "app/still-to-come");
}

#[test]
fn a_first_arrival_in_the_past_erases_no_excursion_until_a_second_person_approves_it() {
    let pharmacy = TestHome::found();
    let quality = joined(&pharmacy, "quality", "Quality desk");
    let dock = Dock::under_way(&pharmacy);
    // In range until nine, and warm after it.
    dock.ingest(&["5", "5", "5", "5", "5", "5", "5", "12.5", "12.5", "12.5", "12.5", "12.5", "12.5"]);
    assert_eq!(dock.summary("verdict"), "excursion");
    assert_eq!(dock.refused("receive", &["--at", ARRIVAL]), "app/late-reason-needed");
    dock.step("receive", &[&["--at", ARRIVAL], &AFTERWARDS[..]].concat());
    assert_eq!((dock.summary("verdict"), dock.summary("stock")), (json!("excursion"), json!("quarantine")));
    assert_ne!(dock.summary("received"), ARRIVAL);
    assert!(dock.next().contains(&"approve".to_owned()), "{:?}", dock.next());
    assert_eq!(dock.refused("approve", &[]), "app/second-person-needed");
    assert_eq!(dock.refused("dispose", &RELEASE), "app/not-settled");

    sync(&quality, &pharmacy);
    let desk = dock.on(&quality);
    desk.step("approve", &[]);
    assert_eq!((desk.summary("verdict"), desk.summary("received")), (json!("review"), json!(ARRIVAL)));
    assert!(desk.summary("reasons").as_array().unwrap().contains(&json!("late-entry")));
    let received = |event: &&Value| event["occurrence"]["what"] == "received";
    let shown = desk.show();
    let receipt = shown["history"].as_array().unwrap().iter().find(received).unwrap();
    let said = &receipt["occurrence"];
    assert_eq!((&said["at"], &said["reason"]), (&json!(ARRIVAL), &json!("the dock was busy")));
    assert_ne!(receipt["at"], ARRIVAL, "when it was recorded stands beside it");
    let table = std::fs::read_to_string(desk.exported("--csv", "readings.csv")).unwrap();
    let told = "Received at 2026-03-01 09:00:00";
    assert!(table.contains(told) && table.contains("recorded late: the dock was busy"), "{table}");
    assert_eq!(desk.verified()["ok"], true);
}

#[test]
fn a_receipt_now_or_a_few_minutes_ago_asks_for_no_reason_and_waits_for_nobody() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-3", "cdc-refrigerator");
    home.answer(&["shipment", "start", &shipment]);
    let started = home.answer(&["shipment", "show", &shipment])["summary"]["started"].clone();
    home.answer(&["shipment", "receive", &shipment, "--at", started.as_str().unwrap()]);
    let shown = home.answer(&["shipment", "show", &shipment]);
    assert_eq!(shown["summary"]["received"], started);
    assert!(!shown["summary"]["reasons"].as_array().unwrap().contains(&json!("late-entry")), "{shown}");
}

#[test]
fn worse_readings_after_a_release_and_after_the_close_give_a_new_assessment_and_a_finding_each_time() {
    let home = TestHome::found();
    let dock = Dock::released(&home);
    let (reasons, assessed) = (dock.summary("reasons"), dock.count("assessed"));
    dock.ingest(&["5", "9", "39", "9", "9", "5", "5"]);
    assert_eq!((dock.summary("verdict"), dock.summary("reasons")), (json!("excursion"), reasons));
    assert_eq!((dock.count("assessed"), dock.count("found")), (assessed + 1, 1));
    assert_eq!(dock.summary("stock"), "quarantine");
    dock.settle();
    dock.step("dispose", &RELEASE);
    dock.step("close", &[]);
    dock.ingest(&["5", "9", "41", "9", "9", "5", "5"]);
    assert_eq!((dock.summary("phase"), dock.count("found")), (json!("closed"), 2));
    assert_eq!(dock.summary("stock"), "quarantine");
    assert_eq!(dock.verified()["ok"], true);
}

#[test]
fn a_corrected_arrival_that_is_approved_after_the_release_gives_a_finding() {
    let pharmacy = TestHome::found();
    let quality = joined(&pharmacy, "quality", "Quality desk");
    let dock = Dock::under_way(&pharmacy);
    dock.ingest(&["5", "5", "5", "5", "5", "5", "5"]);
    dock.step("receive", &[&["--at", "2026-03-01T08:40:00Z"], &AFTERWARDS[..]].concat());
    // It was asked for too early a time, and what was read until nine made it wait; a second person approves.
    sync(&quality, &pharmacy);
    let desk = dock.on(&quality);
    desk.step("approve", &[]);
    sync(&quality, &pharmacy);
    for reason in dock.summary("reasons").as_array().unwrap() {
        let text = format!("{}=seen and understood", reason.as_str().unwrap());
        dock.step("acknowledge", &["--reason", &text]);
    }
    dock.step("dispose", &RELEASE);
    assert_eq!(dock.summary("stock"), "released");
    dock.step("move-arrival", &["--at", "2026-03-01T09:30:00Z", "--reason", "the driver's note says so"]);
    assert_eq!(dock.count("found"), 0, "one person alone changes nothing");
    sync(&quality, &pharmacy);
    desk.step("approve", &[]);
    assert_eq!((desk.count("found"), desk.summary("received")), (1, json!("2026-03-01T09:30:00Z")));
    // Half an hour without a reading is a gap, which the release did not rest on.
    assert!(desk.summary("reasons").as_array().unwrap().contains(&json!("gap")), "{}", desk.show());
    assert_eq!(desk.verified()["ok"], true);
}

#[test]
fn a_repeated_offer_acceptance_or_confirmation_signs_nothing_and_an_onward_offer_is_asked_for_by_name() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    let dock = Dock::under_way(&pharmacy);
    dock.step("handover", &[]);
    assert_eq!(dock.step("handover", &[])["entries"], json!([]), "it is offered already");
    sync(&van, &pharmacy);
    let on_road = dock.on(&van);
    on_road.step("handover", &[]);
    let again = on_road.step("handover", &[]);
    assert_eq!((&again["ok"], &again["entries"]), (&json!(true), &json!([])));
    sync(&van, &pharmacy);
    dock.step("handover", &[]);
    assert_eq!(dock.step("handover", &[])["entries"], json!([]));
    let shown = dock.show();
    let has_it = |shown: &Value| shown["custodian"]["label"] == "Van phone";
    assert!(has_it(&shown) && dock.count("custody") == 3, "{shown}");

    let other = Dock::under_way_again(&pharmacy);
    other.step("handover", &[]);
    sync(&van, &pharmacy);
    let unconfirmed = other.on(&van);
    unconfirmed.step("handover", &[]);
    let onward = unconfirmed.step("handover", &["--offer"]);
    assert_eq!(onward["entries"].as_array().unwrap().len(), 1, "one-sided custody goes on where it must");
}

impl<'a> Dock<'a> {
    fn under_way_again(home: &'a TestHome) -> Self {
        let shipment = home.shipment("DN-9", "cdc-refrigerator");
        let dock = Self { home, shipment };
        dock.step("start", &[]);
        dock
    }
}

#[test]
fn a_shipment_without_a_reference_is_not_created() {
    let home = TestHome::found();
    for empty in ["", "  "] {
        assert_eq!(home.refusal(&["shipment", "new", empty]), "app/reference-missing");
    }
}

#[test]
fn evidence_from_before_a_device_was_revoked_verifies_after_it() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    let dock = Dock::under_way(&pharmacy);
    sync(&van, &pharmacy);
    let on_road = dock.on(&van);
    on_road.ingest(&["5", "5", "5", "5", "5", "5", "5"]);
    sync(&van, &pharmacy);
    dock.step("receive", &[&["--at", ARRIVAL], &AFTERWARDS[..]].concat());
    assert_eq!(dock.verified()["ok"], true);
    let lost = ["device", "revoke", "Van phone", "--reason", "lost", "--size", "1", "--lost", START];
    pharmacy.answer(&lost);
    let verified = dock.verified();
    assert_eq!(verified["ok"], true, "{verified}");
    let refused = verified["refused"].as_array().unwrap();
    assert!(refused.iter().any(|one| one["code"] == "authority/disputed"), "{verified}");
}

#[test]
fn what_another_device_assessed_before_it_heard_of_a_revocation_verifies_too() {
    let admin = TestHome::found();
    let (van, second) = (courier_of(&admin), joined(&admin, "pharmacist", "Second dock"));
    let dock = Dock::under_way(&admin);
    sync(&van, &admin);
    dock.on(&van).ingest(&["5", "5", "5", "5", "5", "5", "5"]);
    sync(&second, &admin);
    sync(&second, &van);
    let desk = dock.on(&second);
    desk.step("receive", &[&["--at", ARRIVAL], &AFTERWARDS[..]].concat());
    admin.answer(&["device", "revoke", "Van phone", "--reason", "lost", "--size", "1", "--lost", START]);
    sync(&second, &admin);
    let reasons = desk.summary("reasons");
    assert!(reasons.as_array().unwrap().contains(&json!("no-readings")), "they are disputed: {reasons}");
    let verified = desk.verified();
    assert_eq!(verified["ok"], true, "{verified}");
}
