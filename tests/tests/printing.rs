//! What `firn` prints and refuses to be misled by: certificates, ended loggers, damage, texts of others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ledger::store::{OpenOptions, Store};
use firn_tests::command::{TestHome, json, program, refusal};
use serde_json::{Value, json};
use std::process::Command;

const START: &str = "2026-03-01T08:00:00Z";
const ARRIVAL: &str = "2026-03-01T09:00:00Z";
const LATE: &str = "written down from the paper list";

/// What `firn` says to a person, with its exit status.
fn said(home: &TestHome, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(program()).env("FIRN_HOME", home.path()).args(arguments).output().unwrap();
    let both = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(both).unwrap())
}

fn words(home: &TestHome, arguments: &[&str]) -> String {
    let (status, words) = said(home, arguments);
    assert_eq!(status, Some(0), "{words}");
    words
}

fn home() -> TestHome {
    let home = TestHome::found();
    home.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    home
}

/// A shipment with Box 7, an hour at this temperature.
fn hour(home: &TestHome, reference: &str, value: &str) -> String {
    let shipment = home.shipment(reference, "cdc-refrigerator");
    let start = ["shipment", "start", &shipment, "--logger", "Box 7", "--at", START, "--reason", LATE];
    home.answer(&start);
    let mut text = "time,temperature_c\n".to_owned();
    for index in 0..7 {
        text.push_str(&format!("2026-03-01T{:02}:{:02}:00Z,{value}\n", 8 + index / 6, index % 6 * 10));
    }
    let file = home.file("readings.csv", text);
    home.answer(&["ingest", &shipment, file.to_str().unwrap(), "--logger", "Box 7"]);
    home.answer(&["shipment", "receive", &shipment, "--at", ARRIVAL, "--reason", LATE]);
    shipment
}

#[test]
fn a_text_of_somebody_else_writes_no_line_and_no_escape_to_the_terminal() {
    let home = home();
    let shipment = home.shipment("DN\n31\u{1b}[31m", "cdc-refrigerator");
    for arguments in [&["shipment", "list"][..], &["shipment", "show", &shipment]] {
        let words = words(&home, arguments);
        assert!(words.contains("DN[U+000A]31[U+001B][31m"), "{words:?}");
        assert!(!words.contains('\u{1b}'), "{words:?}");
    }
    let (_, refused) = said(&home, &["shipment", "show", "no\u{1b}[2Jsuch"]);
    assert!(refused.contains("no[U+001B][2Jsuch") && !refused.contains('\u{1b}'), "{refused:?}");
}

#[test]
fn a_logger_that_ended_is_told_in_the_list_in_the_shipment_and_in_its_csv() {
    let home = home();
    let shipment = hour(&home, "DN-1", "5");
    home.answer(&["logger", "end", "Box 7", "--ended", "lost", "--reason", "left in the van"]);
    let listed = home.answer(&["logger", "list"]);
    assert_eq!(
        (&listed[0]["ended"]["ending"], &listed[0]["ended"]["reason"]),
        (&json!("lost"), &json!("left in the van"))
    );
    assert!(words(&home, &["logger", "list"]).contains("ended as lost at"));
    assert!(words(&home, &["shipment", "show", &shipment]).contains("Box 7: ended as lost at"));
    let csv = home.path().with_file_name("out.csv");
    home.answer(&["export", &shipment, "--csv", csv.to_str().unwrap()]);
    let csv = std::fs::read_to_string(csv).unwrap();
    assert!(csv.contains("logger-ended,Box 7 ended as lost: left in the van"), "{csv}");
}

#[test]
fn each_ending_of_a_logger_stays_and_says_who_signed_it() {
    let home = home();
    let shipment = hour(&home, "DN-1", "5");
    let pin = home.file("pin", "a long secret of hers\n");
    let pin = pin.to_str().unwrap();
    let person = ["person", "add", "Ana Lima", "--role", "quality", "--trained", "2026-01-15"];
    home.answer(&[&person[..], &["--accept-accountability", "--pin-file", pin]].concat());
    let lost = ["logger", "end", "Box 7", "--ended", "lost", "--reason", "left in the van"];
    home.answer(&[&lost[..], &["--as", "Ana Lima", "--pin-file", pin]].concat());
    home.answer(&["logger", "end", "Box 7", "--ended", "faulty", "--reason", "found broken"]);
    let ended = home.answer(&["logger", "show", "Box 7"])["ended"].clone();
    let before = &ended["before"][0];
    assert_eq!((&ended["ending"], &ended["person"]), (&json!("faulty"), &Value::Null));
    assert_eq!((&before["ending"], &before["person"]["name"]), (&json!("lost"), &json!("Ana Lima")));
    assert_eq!(home.answer(&["logger", "list"])[0]["ended"], ended);
    let shown = words(&home, &["shipment", "show", &shipment]);
    assert!(shown.contains(" by Ana Lima on Dock phone: left in the van"), "{shown}");
    assert!(shown.contains(" by Dock phone: found broken"), "{shown}");
    let csv = home.path().with_file_name("out.csv");
    home.answer(&["export", &shipment, "--csv", csv.to_str().unwrap()]);
    let csv = std::fs::read_to_string(csv).unwrap();
    let signed =
        "logger-ended,Box 7 ended as lost: left in the van,Ana Lima,,quality,ended the logger,Dock phone";
    let alone = "logger-ended,Box 7 ended as faulty: found broken,,,,,Dock phone";
    assert!(csv.contains(signed) && csv.contains(alone), "{csv}");
}

#[test]
fn a_reason_for_a_logger_whose_certificate_holds_is_refused() {
    let home = home();
    let recorded = ["logger", "calibrated", "Box 7", "--certificate", "C-1", "--laboratory", "Metrolab"];
    home.answer(&[&recorded[..], &["--date", "2025-01-10", "--due", "2036-01-10"]].concat());
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    let start = ["shipment", "start", &shipment, "--logger", "Box 7"];
    assert_eq!(home.refusal(&[&start[..], &["--override", "Box 7=y"]].concat()), "app/contradiction");
    home.answer(&start);
}

#[test]
fn what_a_person_writes_of_an_excursion_stands_beside_what_the_readings_tell() {
    let home = home();
    let shipment = hour(&home, "DN-1", "9.5");
    let record = |more: &[&'static str]| [&["shipment", "excursion-record", &shipment][..], more].concat();
    assert_eq!(home.refusal(&record(&["--lowest-c", "5", "--highest-c", "1"])), "app/contradiction");
    assert_eq!(home.refusal(&record(&["--at", "2096-12-01T00:00:00Z"])), "app/time-impossible");
    home.answer(&record(&["--minutes", "0"]));
    let words = words(&home, &["shipment", "show", &shipment]);
    assert!(words.contains("out of range for: 0 min, by the readings 60 min"), "{words}");
    assert!(words.contains("missing: room") && !words.contains("duration_s"), "{words}");
}

#[test]
fn an_observation_names_a_package_that_is_there_and_a_photo_that_holds_something() {
    let home = home();
    let shipment = home.answer(&["shipment", "new", "DN-1", "--item", "MMR,package=Crate 9"]);
    let shipment = shipment["shipment"].as_str().unwrap();
    let observe =
        |more: &[&'static str]| [&["observe", shipment, "other", "--note", "wet"][..], more].concat();
    let unknown = home.run(&observe(&["--package", "box"]));
    assert_eq!(refusal(&unknown), "app/unknown-name");
    assert_eq!(json(&unknown)["why"], "the shipment has no package called `box`");
    let silent = home.run(&["observe", shipment, "other"]);
    assert_eq!(refusal(&silent), "app/incomplete");
    assert_eq!(json(&silent)["why"], "something else was seen, and no note says what: `--note`");
    home.answer(&observe(&["--package", "Crate 9"]));
    let empty = home.file("photo.jpg", "");
    let with_photo = [&observe(&[])[..], &["--photo", empty.to_str().unwrap()]].concat();
    assert_eq!(home.refusal(&with_photo), "cli/photo-empty");
}

#[test]
fn a_store_with_a_changed_byte_in_a_list_fails_its_verification_by_the_lists_name() {
    let home = home();
    home.shipment("DN-DAMAGED-HERE", "cdc-refrigerator");
    let path = home.path().join("firn.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let wanted = br#""reference":"DN-DAMAGED-HERE""#;
    let place = bytes.windows(wanted.len()).position(|window| window == wanted).unwrap();
    bytes[place + 16] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let output = home.run(&["log", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    let verified: Value = json(&output);
    assert_eq!((&verified["ok"], &verified["damaged"]["code"]), (&json!(false), &json!("store/corrupt")));
    let what = verified["damaged"]["what"].as_str().unwrap();
    assert!(what.contains("of the collection "), "{what}");
    let next = verified["damaged"]["next_step"].as_str().unwrap();
    assert!(!next.contains("log verify"), "{next}");
}

#[test]
fn a_list_that_was_edited_with_its_sums_made_to_fit_is_named_by_a_deep_verification_and_made_anew() {
    let home = home();
    home.shipment("DN-EDITED", "cdc-refrigerator");
    let listed = || home.answer(&["shipment", "list"])[0]["reference"].clone();
    assert_eq!(home.answer(&["log", "verify", "--deep"])["lists"], Value::Null);
    // What edits the file writes the sums as the store does.
    let mut store = Store::open(&home.path().join("firn.db"), &OpenOptions::default()).unwrap();
    let documents = store.documents("shipments").unwrap();
    let edited = String::from_utf8(documents[0].value.clone()).unwrap().replace("DN-EDITED", "DN-OTHERS");
    store.write(|to| to.put_document("shipments", &documents[0].key, edited.as_bytes())).unwrap();
    drop(store);
    assert_eq!(listed(), "DN-OTHERS");
    let output = home.run(&["log", "verify", "--deep"]);
    assert_eq!(output.status.code(), Some(1));
    let lists = json(&output)["lists"].clone();
    assert_eq!((&lists["code"], &lists["differ"][0]["list"]), (&json!("store/list"), &json!("shipments")));
    assert_eq!(lists["differ"].as_array().unwrap().len(), 1, "{lists}");
    let key = data_encoding::HEXLOWER.encode(&documents[0].key);
    assert_eq!(lists["differ"][0]["key"], key);
    assert!(said(&home, &["log", "verify", "--deep"]).1.contains("next: run `firn log rebuild`"));
    assert_eq!(listed(), "DN-OTHERS", "a verification changes nothing");
    home.answer(&["log", "rebuild"]);
    assert_eq!(listed(), "DN-EDITED");
    assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
}

#[test]
fn a_report_of_a_cancelled_shipment_says_so_and_why() {
    let home = home();
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    home.answer(&["shipment", "cancel", &shipment, "--reason", "mistyped"]);
    let shown = home.answer(&["shipment", "show", &shipment]);
    let cancelled = json!({ "what": "cancelled", "reason": "mistyped" });
    let mut history = shown["history"].as_array().unwrap().iter();
    assert!(history.any(|event| event["occurrence"] == cancelled), "{shown}");
    let (file, table) = (home.path().with_file_name("out.pdf"), home.path().with_file_name("out.csv"));
    home.answer(&["export", &shipment, "--pdf", file.to_str().unwrap(), "--csv", table.to_str().unwrap()]);
    assert_eq!(home.answer(&["verify", file.to_str().unwrap()])["ok"], true);
    assert!(std::fs::read_to_string(table).unwrap().contains("mistyped"));
}
