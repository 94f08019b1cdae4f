//! Whole lives of shipments through the real command, alone and between two homes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, refusal};
use firn_tests::peering::{courier_of, joined, sync};
use serde_json::{Value, json};

/// An hour's readings every ten minutes from 08:00 UTC on.
fn csv(home: &TestHome, name: &str, values: &[&str]) -> String {
    let mut text = "time,temperature_c\n".to_owned();
    for (index, value) in values.iter().enumerate() {
        text.push_str(&format!("2026-03-01T{:02}:{:02}:00Z,{value}\n", 8 + index / 6, index % 6 * 10));
    }
    home.file(name, text).to_str().unwrap().to_owned()
}

const START: &str = "2026-03-01T08:00:00Z";
const ARRIVAL: &str = "2026-03-01T09:00:00Z";
const IN_RANGE: [&str; 7] = ["5", "5.1", "5.2", "5.1", "5", "5", "5"];
/// 40 minutes above 8.0 °C.
const WARM: [&str; 7] = ["5", "9", "9.5", "9", "8.5", "5", "5"];
/// 40 minutes below 0.0 °C.
const FROZEN: [&str; 7] = ["5", "-1", "-2", "-2", "-1", "5", "5"];

/// What is done to one shipment.
struct Story<'a> {
    home: &'a TestHome,
    shipment: String,
}

impl<'a> Story<'a> {
    /// Created with these arguments and one enrolled logger, picked up at eight.
    fn started(home: &'a TestHome, arguments: &[&str]) -> Self {
        home.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
        let created = home.answer(&[&["shipment", "new", "DN-1"], arguments].concat());
        let story = Self { home, shipment: created["shipment"].as_str().unwrap().to_owned() };
        story.step("start", &["--logger", "Box 7", "--at", START, "--reason", "recorded afterwards"]);
        story
    }

    fn at<'b>(&self, home: &'b TestHome) -> Story<'b> {
        Story { home, shipment: self.shipment.clone() }
    }

    fn step(&self, what: &str, arguments: &[&str]) -> Value {
        self.home.answer(&[&["shipment", what, &self.shipment], arguments].concat())
    }

    fn refused(&self, what: &str, arguments: &[&str]) -> String {
        self.home.refusal(&[&["shipment", what, &self.shipment], arguments].concat())
    }

    fn ingest(&self, file: &str) -> Value {
        self.home.answer(&["ingest", &self.shipment, file, "--logger", "Box 7"])
    }

    fn show(&self) -> Value {
        self.home.answer(&["shipment", "show", &self.shipment])
    }

    fn stock(&self) -> Value {
        self.show()["summary"]["stock"].clone()
    }

    fn next(&self) -> Vec<String> {
        let shown = self.show();
        let next = shown["next"].as_array().cloned().unwrap_or_default();
        next.iter().map(|step| step["step"].as_str().unwrap().to_owned()).collect()
    }

    /// Explains every reason that is open.
    fn explain(&self) {
        let shown = self.show();
        let reasons = shown["summary"]["reasons"].as_array().unwrap().clone();
        for reason in &reasons {
            let text = format!("{}=seen and understood", reason.as_str().unwrap());
            self.step("acknowledge", &["--reason", &text]);
        }
    }

    /// Every assessment comes out again from the evidence, and nothing in it fails.
    fn verify(&self) -> Value {
        let file = self.home.path().with_file_name("evidence.firn");
        let file = file.to_str().unwrap();
        self.home.answer(&["export", &self.shipment, "--evidence", file]);
        let verified = self.home.answer(&["verify", file]);
        assert_eq!(verified["ok"], true, "{verified}");
        verified
    }
}

const RELEASE: [&str; 4] = ["--decision", "release", "--reason", "looked at"];

#[test]
fn a_clean_dock_receives_with_a_checklist_and_one_person_releases_and_closes() {
    let home = TestHome::found();
    let story =
        Story::started(&home, &["--item", "MMR,lot=A1,quantity=40", "--item", "HepB,lot=B7,quantity=20"]);
    assert_eq!(story.refused("dispose", &RELEASE), "app/out-of-order");
    assert_eq!(story.refused("cancel", &["--reason", "mistyped"]), "app/out-of-order");
    story.ingest(&csv(&home, "clean.csv", &IN_RANGE));
    assert_eq!(
        story.refused(
            "receive",
            &["--at", ARRIVAL, "--reason", "recorded afterwards", "--seal", "intact", "--count", "40"]
        ),
        "app/incomplete"
    );
    story.step(
        "receive",
        &[
            "--at",
            ARRIVAL,
            "--reason",
            "recorded afterwards",
            "--seal",
            "intact",
            "--count",
            "40",
            "--count",
            "20",
        ],
    );
    // An unsigned file is a reason to look at.
    assert_eq!(story.stock(), "quarantine");
    assert_eq!(story.next(), ["acknowledge", "reject", "move-arrival", "move-pick-up"]);
    assert_eq!(story.refused("dispose", &RELEASE), "app/not-settled");
    story.explain();
    assert_eq!(story.next(), ["release", "reject", "move-arrival", "move-pick-up"]);
    assert_eq!(story.refused("close", &[]), "app/out-of-order");
    story.step("dispose", &RELEASE);
    assert_eq!(story.stock(), "released");
    assert_eq!(story.refused("dispose", &RELEASE), "app/out-of-order");
    story.step("close", &[]);
    assert_eq!(story.show()["summary"]["phase"], "closed");
    story.verify();
}

#[test]
fn an_alarm_is_looked_into_and_released_by_somebody_who_neither_carried_nor_received() {
    let pharmacy = TestHome::found();
    let quality = joined(&pharmacy, "quality", "Quality desk");
    let dock =
        Story::started(&pharmacy, &["--item", "MMR,lot=A1,quantity=40", "--item", "HepB,lot=B7,quantity=20"]);
    dock.ingest(&csv(&pharmacy, "warm.csv", &WARM));
    dock.step("receive", &["--at", ARRIVAL, "--reason", "recorded afterwards"]);
    assert_eq!(
        (dock.stock(), &dock.next()[..2]),
        (json!("quarantine"), &["acknowledge".to_owned(), "review".into()][..])
    );
    dock.explain();
    assert_eq!(dock.refused("dispose", &RELEASE), "app/not-settled");
    let due = "2036-03-02T12:00:00Z";
    let unknown = ["--cause", "door", "--asked", "Acme", "--case", "Q-1", "--lot", "C9", "--due", due];
    assert_eq!(dock.refused("review", &unknown), "app/unknown-name");
    let past = ["--cause", "door", "--asked", "Acme", "--case", "Q-1", "--lot", "A1", "--due", ARRIVAL];
    assert_eq!(dock.refused("review", &past), "app/time-impossible");
    dock.step(
        "review",
        &[
            "--cause",
            "door left open",
            "--action",
            "door alarm",
            "--asked",
            "Acme",
            "--case",
            "77",
            "--lot",
            "A1",
            "--due",
            due,
        ],
    );
    let packs = dock.step("query-pack", &[]);
    assert_eq!(packs.as_array().unwrap().len(), 1, "{packs}");
    assert_eq!((&packs[0]["lot"], &packs[0]["case_number"]), (&json!("A1"), &json!("77")));
    let series = &packs[0]["lines"][0]["series"][0];
    assert_eq!((&series["max_c"], &series["bands"][0]["id"]), (&json!(9.5), &json!("above")));
    assert_eq!(series["bands"][0]["proven_s"], 2400);
    assert!(!packs.to_string().contains("HepB") && !packs.to_string().contains("Dock"), "{packs}");
    let nobody = dock.home.run(&["shipment", "query-pack", &dock.shipment, "--manufacturer", "Nobody"]);
    assert_eq!(refusal(&nobody), "app/not-found");
    assert_eq!(json(&nobody)["why"], "no manufacturer is called `Nobody`");
    let told = std::process::Command::new(firn_tests::command::program())
        .env("FIRN_HOME", dock.home.path())
        .args(["shipment", "query-pack", &dock.shipment])
        .output()
        .unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    for part in [", lot A1, case 77, answer due ", "one reading every ", "      out of range from "] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(dock.refused("dispose", &RELEASE), "app/lines-barred");
    let other = ["--lot", "B7", "--advice", "may-be-used", "--words", "stable for 72 h"];
    assert_eq!(dock.refused("reply", &other), "app/out-of-order");
    dock.step("reply", &["--lot", "A1", "--advice", "may-be-used", "--words", "stable for 72 h"]);
    assert_eq!(dock.refused("dispose", &RELEASE), "app/second-person-needed");
    sync(&quality, &pharmacy);
    let desk = dock.at(&quality);
    desk.step("dispose", &RELEASE);
    sync(&quality, &pharmacy);
    assert_eq!((desk.stock(), dock.stock()), (json!("released"), json!("released")));
    assert_eq!(dock.show(), desk.show());
    desk.verify();
}

#[test]
fn an_admins_rule_lets_one_person_release_and_stands_on_every_record_from_then_on() {
    let home = TestHome::found();
    let story = Story::started(&home, &["--item", "MMR,lot=A1"]);
    story.ingest(&csv(&home, "warm.csv", &WARM));
    story.step("receive", &["--at", ARRIVAL, "--reason", "recorded afterwards"]);
    story.explain();
    story.step("review", &["--cause", "door left open"]);
    assert_eq!(story.refused("dispose", &RELEASE), "app/second-person-needed");
    assert_eq!(home.answer(&["policy", "show"])["single_person_release"], "refused");
    home.answer(&["policy", "set", "single-person-release", "allowed"]);
    assert_eq!(story.show()["policy"]["single_person_release"], "allowed");
    story.step("dispose", &RELEASE);
    let refuse = ["policy", "set", "single-person-release", "refused"];
    home.answer(&[&refuse[..], &["--reason", "a second pharmacist is there now"]].concat());
    // What was decided under the rule stays decided, and its record says under which.
    assert_eq!(
        (story.stock(), &story.show()["policy"]["single_person_release"]),
        (json!("released"), &json!("allowed"))
    );
    story.verify();
}

#[test]
fn a_lost_logger_found_after_the_close_gives_a_second_assessment_and_a_finding() {
    let home = TestHome::found();
    let story = Story::started(&home, &["--item", "MMR,lot=A1", "--item", "HepB,lot=B7"]);
    let other = csv(&home, "other.csv", &IN_RANGE);
    home.answer(&["ingest", &story.shipment, &other]);
    story.step(
        "receive",
        &[
            "--at",
            ARRIVAL,
            "--reason",
            "recorded afterwards",
            "--seal",
            "intact",
            "--unread",
            "Box 7=not in the box",
        ],
    );
    home.answer(&["logger", "end", "Box 7", "--ended", "lost", "--reason", "not in the box"]);
    story.explain();
    story.step("dispose", &RELEASE);
    story.step("close", &[]);
    let first = story.show();
    story.ingest(&csv(&home, "found.csv", &WARM));
    let shown = story.show();
    assert_eq!(
        (&first["summary"]["verdict"], &shown["summary"]["verdict"]),
        (&json!("review"), &json!("excursion"))
    );
    let history = shown["history"].as_array().unwrap();
    let found = history.iter().find(|event| event["occurrence"]["what"] == "found").unwrap();
    assert_eq!(found["occurrence"]["lines"], json!([0, 1]));
    assert_eq!(shown["summary"]["stock"], "quarantine");
    let start = home.shipment("DN-2", "cdc-refrigerator");
    assert_eq!(home.refusal(&["shipment", "start", &start, "--logger", "Box 7"]), "app/out-of-order");
    story.verify();
}

#[test]
fn of_a_mixed_box_that_froze_the_line_that_is_stored_frozen_is_released_in_part() {
    let pharmacy = TestHome::found();
    let quality = joined(&pharmacy, "quality", "Quality desk");
    let items = [
        "--package",
        "Pallet",
        "--package",
        "Box,inside=Pallet",
        "--item",
        "HepB,lot=B7,quantity=20,package=Box",
        "--item",
        "MMRV,lot=P2,quantity=5,package=Box,profile=varicella-mmrv-frozen",
    ];
    let bad = ["shipment", "new", "DN-0", "--package", "Box,inside=Pallet", "--package", "Pallet"];
    let bad = pharmacy.run(&bad);
    assert_eq!(refusal(&bad), "app/unknown-name");
    assert_eq!(json(&bad)["why"], "the shipment has no package called `Pallet`");
    let dock = Story::started(&pharmacy, &items);
    dock.ingest(&csv(&pharmacy, "frozen.csv", &FROZEN));
    dock.step(
        "receive",
        &[
            "--at",
            ARRIVAL,
            "--reason",
            "recorded afterwards",
            "--seal",
            "intact",
            "--count",
            "20",
            "--count",
            "5",
            "--expired",
            "1",
        ],
    );
    dock.explain();
    dock.step("review", &["--cause", "ice packs not conditioned"]);
    sync(&quality, &pharmacy);
    let desk = dock.at(&quality);
    assert_eq!(desk.refused("dispose", &RELEASE), "app/lines-barred");
    let part = ["--decision", "release-in-part", "--reason", "stored frozen"];
    assert_eq!(desk.refused("dispose", &part), "app/incomplete");
    assert_eq!(desk.refused("dispose", &[&part[..], &["--line", "3"]].concat()), "app/unknown-name");
    desk.step("dispose", &[&part[..], &["--line", "2"]].concat());
    let shown = desk.show();
    assert_eq!(shown["summary"]["stock"], "released-in-part");
    let last = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .find(|event| event["occurrence"]["what"] == "disposition")
        .unwrap();
    assert_eq!(last["occurrence"]["lines"], json!([1]));
    assert_eq!(shown["packages"][1]["inside"], "Pallet");
    desk.verify();
}

#[test]
fn a_couriers_device_takes_custody_is_marked_until_confirmed_and_may_quarantine() {
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    let dock = Story::started(&pharmacy, &["--item", "MMR,lot=A1"]);
    dock.step("handover", &[]);
    sync(&courier, &pharmacy);
    let van = dock.at(&courier);
    van.step("handover", &[]);
    assert_eq!(van.show()["hand_overs"][0]["one_sided"], true);
    van.step("quarantine", &["--reason", "the box fell"]);
    sync(&courier, &pharmacy);
    assert_eq!(dock.stock(), "quarantine");
    dock.ingest(&csv(&pharmacy, "clean.csv", &IN_RANGE));
    dock.step("receive", &["--at", ARRIVAL, "--reason", "recorded afterwards"]);
    assert_eq!(dock.show()["received_one_sided"], true);
    // The giver countersigns later; nothing else of the hand-over is left to do.
    dock.step("handover", &[]);
    assert_eq!(dock.show()["hand_overs"][0]["one_sided"], false);
    assert_eq!(dock.refused("handover", &[]), "app/out-of-order");
    dock.explain();
    dock.step("dispose", &RELEASE);
    assert_eq!(dock.stock(), "released");
    dock.step("quarantine", &["--reason", "a second look"]);
    assert_eq!(dock.stock(), "quarantine");
    dock.verify();
}

#[test]
fn an_arrival_signed_by_a_wrong_clock_is_corrected_with_a_second_person_and_both_assessments_stay() {
    let pharmacy = TestHome::found();
    let quality = joined(&pharmacy, "quality", "Quality desk");
    let dock = Story::started(&pharmacy, &["--item", "MMR,lot=A1"]);
    // The clock at the ramp ran an hour ahead: warm readings in the store count as the journey's.
    let mut values = vec!["5"; 7];
    values.extend(["9", "9", "9", "9", "9", "9"]);
    dock.ingest(&csv(&pharmacy, "long.csv", &values));
    dock.step("receive", &["--at", "2026-03-01T10:00:00Z", "--reason", "recorded afterwards"]);
    let before = dock.show()["summary"].clone();
    assert_eq!(before["verdict"], "excursion");
    assert_eq!(dock.refused("approve", &[]), "app/out-of-order");
    dock.step("move-arrival", &["--at", ARRIVAL, "--reason", "the ramp's clock was an hour ahead"]);
    assert_eq!(dock.show()["summary"], before);
    assert_eq!(dock.refused("approve", &[]), "app/second-person-needed");
    sync(&quality, &pharmacy);
    let desk = dock.at(&quality);
    desk.step("approve", &[]);
    sync(&quality, &pharmacy);
    let shown = dock.show();
    assert_eq!(
        (&shown["summary"]["verdict"], &shown["summary"]["received"]),
        (&json!("review"), &json!("2026-03-01T09:00:00Z"))
    );
    let signed: Vec<&str> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["occurrence"]["what"] == "assessed")
        .map(|event| event["occurrence"]["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(&signed[signed.len() - 2..], ["excursion", "review"]);
    dock.verify();
}
