//! Calibrations through the real command: recorded, asked for at the pick-up, applied, and put in question.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_model::time::LocalInstant;
use firn_tests::command::{TestHome, json, refusal};
use serde_json::{Value, json};

const START: &str = "2026-03-01T08:00:00Z";
const ARRIVAL: &str = "2026-03-01T09:00:00Z";

/// A home with one logger that measures every ten minutes.
fn home() -> TestHome {
    let home = TestHome::found();
    home.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    home
}

/// Seven readings of this value from eight to nine.
fn csv(home: &TestHome, value: &str) -> String {
    let mut text = "time,temperature_c\n".to_owned();
    for index in 0..7 {
        text.push_str(&format!("2026-03-01T{:02}:{:02}:00Z,{value}\n", 8 + index / 6, index % 6 * 10));
    }
    home.file("readings.csv", text).to_str().unwrap().to_owned()
}

fn calibrated<'a>(number: &'a str, date: &'a str, due: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let start = ["logger", "calibrated", "Box 7", "--certificate", number, "--laboratory", "Metrolab"];
    [&start[..], &["--date", date, "--due", due], more].concat()
}

fn created(home: &TestHome, reference: &str) -> String {
    home.shipment(reference, "cdc-refrigerator")
}

fn picked_up(home: &TestHome, reference: &str, at: &str) -> String {
    let shipment = created(home, reference);
    home.answer(&[
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
    shipment
}

fn show(home: &TestHome, shipment: &str) -> Value {
    home.answer(&["shipment", "show", shipment])
}

/// What `firn` says to a person.
fn words(home: &TestHome, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(firn_tests::command::program());
    let output = command.env("FIRN_HOME", home.path()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn verified(home: &TestHome, shipment: &str) {
    let file = home.path().with_file_name("evidence.firn");
    home.answer(&["export", shipment, "--evidence", file.to_str().unwrap()]);
    let verified = home.answer(&["verify", file.to_str().unwrap()]);
    assert_eq!(verified["ok"], true, "{verified}");
}

#[test]
fn a_certificate_is_recorded_shown_and_kept_beside_the_one_before() {
    let home = home();
    let points = ["--uncertainty", "0.1", "--point", "5.0,-0.1", "--point", "-20,0.12", "--accuracy", "0.5"];
    let recorded = home.answer(&calibrated("C-1", "2025-01-10", "2026-01-10", &points));
    let certificate = &recorded["certificate"];
    assert_eq!((&certificate["number"], &certificate["uncertainty_mc"]), (&json!("C-1"), &json!(100)));
    let expected = json!([
        { "reference_c": 5.0, "correction_mc": -100 },
        { "reference_c": -20.0, "correction_mc": 120 }
    ]);
    assert_eq!(certificate["points"], expected);
    assert_eq!((&recorded["accuracy_mc"], &recorded["in_question"]), (&json!(500), &json!([])));
    home.answer(&calibrated(
        "C-2",
        "2026-01-05",
        "2036-01-05",
        &["--offset", "-0.1", "--reason", "adjusted"],
    ));
    let shown = home.answer(&["logger", "show", "Box 7"]);
    let numbers: Vec<&str> =
        shown["certificates"].as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["C-1", "C-2"]);
    assert_eq!((&shown["offset_mc"], &shown["accuracy_mc"]), (&json!(-100), &json!(500)), "as before");
    assert_eq!((&shown["calibration"], &shown["label"]), (&json!("valid"), &json!("Box 7")));
    let told = words(&home, &["logger", "show", "Box 7"]);
    assert!(told.contains("certificate C-1 by Metrolab") && told.contains("-0.1 °C at 5 °C"), "{told}");
}

#[test]
fn a_certificate_that_cannot_be_is_refused() {
    let home = home();
    let refused = |arguments: &[&str]| home.refusal(arguments);
    assert_eq!(refused(&calibrated("C-1", "2026-01-10", "2026-01-10", &[])), "app/time-impossible");
    assert_eq!(refused(&calibrated("C-1", "2096-01-10", "2097-01-10", &[])), "app/time-impossible");
    assert_eq!(refused(&calibrated(" ", "2025-01-10", "2026-01-10", &[])), "app/incomplete");
    assert_eq!(refused(&calibrated("C-1", "January", "2026-01-10", &[])), "cli/time");
    assert_eq!(refused(&calibrated("C-1", "2025-01-10", "2026-01-10", &["--point", "5"])), "cli/point");
    assert_eq!(refused(&calibrated("C-1", "2025-01-10", "2026-01-10", &["--offset", "11"])), "cli/degrees");
    home.answer(&calibrated("C-1", "2025-01-10", "2026-01-10", &[]));
    assert_eq!(refused(&calibrated("C-1", "2025-01-10", "2026-01-10", &[])), "app/out-of-order");
    assert_eq!(home.refusal(&["logger", "show", "Box 8"]), "app/not-found");
}

#[test]
fn an_expired_certificate_keeps_a_logger_back_unless_a_reason_is_signed_which_is_printed() {
    let home = home();
    home.answer(&calibrated("C-1", "2025-01-10", "2026-01-10", &[]));
    let shipment = created(&home, "DN-1");
    let start = [
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 7",
        "--at",
        START,
        "--reason",
        "recorded afterwards",
    ];
    let refused = home.run(&start);
    assert_eq!(refusal(&refused), "app/certificate-expired");
    let why = "the certificate C-1 of logger `Box 7` held until 2026-01-10T00:00:00Z and has expired at the pick-up";
    assert_eq!(json(&refused)["why"], why);
    assert!(json(&refused)["next_step"].as_str().unwrap().contains("--override LOGGER=REASON"));
    let with = |reason: &'static str| [&start[..], &["--override", reason]].concat();
    assert_eq!(home.refusal(&with("Box 7= ")), "cli/pair");
    home.answer(&with("Box 7=the new one is under way"));
    let shown = show(&home, &shipment);
    let started =
        shown["history"].as_array().unwrap().iter().find(|one| one["occurrence"]["what"] == "started");
    let overrides = &started.unwrap()["occurrence"]["overrides"];
    assert_eq!(overrides[0]["reason"], "the new one is under way");
    let id = shown["loggers"][0]["id"].as_str().unwrap();
    assert_eq!(overrides[0]["logger"], id);
    assert_eq!(shown["calibration"][id], "expired");
    assert!(shown["summary"]["reasons"].as_array().unwrap().contains(&json!("calibration")));
    let told = words(&home, &["shipment", "show", &shipment]);
    assert!(told.contains("without a certificate that holds: the new one is under way"), "{told}");
    home.answer(&["ingest", &shipment, &csv(&home, "5"), "--logger", "Box 7"]);
    verified(&home, &shipment);
}

#[test]
fn where_certificates_are_kept_a_logger_without_one_is_kept_back_too() {
    let home = home();
    let free = picked_up(&home, "DN-0", START);
    assert!(!show(&home, &free)["summary"]["reasons"].as_array().unwrap().contains(&json!("calibration")));
    home.answer(&["logger", "add", "--label", "Box 8", "--family", "file"]);
    home.answer(&calibrated("C-1", "2025-01-10", "2036-01-10", &[]));
    let shipment = created(&home, "DN-1");
    let start = ["shipment", "start", &shipment, "--logger", "Box 8"];
    let refused = home.run(&start);
    assert_eq!(refusal(&refused), "app/certificate-expired");
    let why = "logger `Box 8` has no certificate that was in force at the pick-up";
    assert_eq!(json(&refused)["why"], why);
    home.answer(&[&start[..], &["--override", "Box 8=spare, the other one broke"]].concat());
    let second = created(&home, "DN-2");
    home.answer(&["shipment", "start", &second, "--logger", "Box 7"]);
}

#[test]
fn eight_point_two_as_measured_with_an_offset_of_minus_three_tenths_is_in_range_and_both_are_shown() {
    let home = home();
    let plain = picked_up(&home, "DN-1", START);
    home.answer(&["ingest", &plain, &csv(&home, "8.2"), "--logger", "Box 7"]);
    home.answer(&["shipment", "receive", &plain, "--at", ARRIVAL, "--reason", "recorded afterwards"]);
    assert_eq!(show(&home, &plain)["summary"]["verdict"], "excursion");

    home.answer(&calibrated(
        "C-1",
        "2026-01-05",
        "2036-01-05",
        &["--offset", "-0.3", "--accuracy", "0.5", "--reason", "adjusted"],
    ));
    // The offset holds for pick-ups from now on: what was judged before stays as it was judged.
    assert_eq!(show(&home, &plain)["summary"]["verdict"], "excursion");
    let now = home.answer(&["shipment", "new", "DN-2", "--profile", "cdc-refrigerator"]);
    let shipment = now["shipment"].as_str().unwrap();
    home.answer(&["shipment", "start", shipment, "--logger", "Box 7"]);
    let started = show(&home, shipment)["summary"]["started"].as_str().unwrap().to_owned();
    let text = format!("time,temperature_c\n{started},8.2\n");
    let file = home.file("now.csv", text);
    home.answer(&["ingest", shipment, file.to_str().unwrap(), "--logger", "Box 7"]);
    let shown = show(&home, shipment);
    let series = &shown["series"][0];
    assert_eq!((&series["offset_mc"], &series["points"][0][1]), (&json!(-300), &json!(7900)));
    assert_eq!(series["assessment"]["verdict"], "ok");
    let csv = home.path().with_file_name("out.csv");
    home.answer(&["export", shipment, "--csv", csv.to_str().unwrap()]);
    let csv = std::fs::read_to_string(csv).unwrap();
    let cells: Vec<&str> = csv.lines().nth(1).unwrap().split(',').collect();
    assert!(cells.contains(&"7.9") && cells.contains(&"8.2"), "{csv}");
    let told = words(&home, &["shipment", "show", shipment]);
    assert!(told.contains("measured 8.2 to 8.2 °C, judged by 7.9 to 7.9 °C"), "{told}");
    verified(&home, shipment);
}

#[test]
fn a_certificate_recorded_before_the_pick_up_was_signed_judges_a_pick_up_of_an_earlier_hour() {
    let home = home();
    home.answer(&calibrated(
        "C-1",
        "2026-01-05",
        "2036-01-05",
        &["--offset", "-0.3", "--accuracy", "0.5", "--reason", "adjusted"],
    ));
    let shipment = picked_up(&home, "DN-1", START);
    home.answer(&["ingest", &shipment, &csv(&home, "8.2"), "--logger", "Box 7"]);
    home.answer(&["shipment", "receive", &shipment, "--at", ARRIVAL, "--reason", "recorded afterwards"]);
    let shown = show(&home, &shipment);
    let series = &shown["series"][0];
    assert_eq!((&series["offset_mc"], &series["assessment"]["verdict"]), (&json!(-300), &json!("ok")));
    assert_eq!(series["near_limits_s"], 3600);
    assert_eq!(shown["loggers"][0]["certificate"]["number"], "C-1");
    let told = words(&home, &["shipment", "show", &shipment]);
    assert!(told.contains("certificate C-1 by Metrolab") && told.contains("valid throughout"), "{told}");
    verified(&home, &shipment);
}

#[test]
fn the_minutes_within_the_loggers_accuracy_of_a_limit_are_printed() {
    let home = home();
    home.answer(&calibrated("C-1", "2025-01-10", "2036-01-10", &["--accuracy", "0.5"]));
    let shipment = created(&home, "DN-1");
    home.answer(&["shipment", "start", &shipment, "--logger", "Box 7"]);
    let started = show(&home, &shipment)["summary"]["started"].as_str().unwrap().to_owned();
    let start = LocalInstant::parse(&started).unwrap().at;
    let mut text = "time,temperature_c\n".to_owned();
    for (minute, value) in [(0, "7.6"), (10, "7.6"), (20, "5"), (30, "5")] {
        text.push_str(&format!("{},{value}\n", start.plus_seconds(minute * 60)));
    }
    let file = home.file("near.csv", text);
    home.answer(&["ingest", &shipment, file.to_str().unwrap(), "--logger", "Box 7"]);
    let shown = show(&home, &shipment);
    assert_eq!(shown["series"][0]["near_limits_s"], 1200);
    assert_eq!(shown["series"][0]["assessment"]["verdict"], "ok", "information alone");
    let told = words(&home, &["shipment", "show", &shipment]);
    assert!(told.contains("20 min within ±0.5 °C, the logger's accuracy, of a limit"), "{told}");
}

#[test]
fn a_logger_found_out_of_tolerance_lists_what_was_judged_by_it_since_the_calibration_before() {
    let home = home();
    let before = picked_up(&home, "DN-1", "2024-12-01T08:00:00Z");
    home.answer(&[
        "shipment",
        "receive",
        &before,
        "--at",
        "2024-12-01T09:00:00Z",
        "--reason",
        "recorded afterwards",
    ]);
    home.answer(&calibrated("C-1", "2025-01-10", "2036-01-10", &[]));
    let shipment = picked_up(&home, "DN-2", START);
    home.answer(&["ingest", &shipment, &csv(&home, "5"), "--logger", "Box 7"]);
    home.answer(&["shipment", "receive", &shipment, "--at", ARRIVAL, "--reason", "recorded afterwards"]);
    assert_eq!(home.answer(&["logger", "show", "Box 7"])["in_question"], json!([]));
    let clean = show(&home, &shipment)["summary"]["reasons"].clone();
    assert_eq!(clean, json!(["provenance", "late-entry"]));

    let found = home.answer(&calibrated("C-2", "2026-04-01", "2036-04-01", &["--found", "out"]));
    let questioned = found["in_question"].as_array().unwrap();
    assert_eq!(questioned.len(), 1, "{found}");
    let one = &questioned[0];
    assert_eq!((&one["shipment"], &one["certificate"]), (&json!(shipment), &json!("C-2")));
    assert_eq!((&one["from"], &one["to"]), (&json!(START), &json!(ARRIVAL)));
    assert_eq!(one["stock"], "quarantine");
    let assessments = one["assessments"].as_array().unwrap();
    let entries = home.answer(&["log", "show"]);
    let signed = entries.as_array().unwrap().iter().filter(|entry| entry["kind"] == 23);
    let of_shipment = |entry: &&Value| entry["shipment"] == json!(shipment);
    assert_eq!(assessments.len(), signed.filter(of_shipment).count());
    assert!(assessments.iter().all(|signed| signed["sequence"].is_u64() && signed["verdict"].is_string()));
    assert_eq!(home.answer(&["logger", "show", "Box 7"])["in_question"], found["in_question"]);
    let shown = show(&home, &shipment);
    assert_eq!(shown["summary"]["reasons"], json!(["provenance", "calibration", "late-entry"]));
    assert_eq!(shown["calibration"][shown["loggers"][0]["id"].as_str().unwrap()], "found-out");
    let told = words(&home, &["logger", "show", "Box 7"]);
    assert!(told.contains("in question") && told.contains("DN-2") && !told.contains("DN-1"), "{told}");
}

#[test]
fn a_logger_found_out_of_tolerance_after_a_release_holds_the_stock_until_somebody_explains_it_and_decides() {
    let home = home();
    home.answer(&calibrated("C-1", "2025-12-01", "2036-01-05", &[]));
    let shipment = picked_up(&home, "DN-1", START);
    home.answer(&["ingest", &shipment, &csv(&home, "5"), "--logger", "Box 7"]);
    let arrived = ["shipment", "receive", &shipment, "--at", ARRIVAL, "--reason", "recorded afterwards"];
    home.answer(&arrived);
    let release = || {
        let reasons = show(&home, &shipment)["next"][0]["reasons"].clone();
        let reasons: Vec<String> = reasons
            .as_array()
            .unwrap()
            .iter()
            .map(|reason| format!("{}=looked into", reason.as_str().unwrap()))
            .collect();
        let mut explain = vec!["shipment", "acknowledge", &shipment];
        reasons.iter().for_each(|reason| explain.extend(["--reason", reason]));
        home.answer(&explain);
        home.answer(&["shipment", "dispose", &shipment, "--decision", "release", "--reason", "stable"]);
        let summary = show(&home, &shipment)["summary"].clone();
        assert_eq!((&summary["stock"], &summary["do_not_use"]), (&json!("released"), &Value::Null));
    };
    release();
    home.answer(&calibrated("C-2", "2026-06-01", "2036-01-05", &["--found", "out"]));
    let shown = show(&home, &shipment);
    assert_eq!(shown["summary"]["do_not_use"], true, "{}", shown["summary"]);
    let steps: Vec<&Value> = shown["next"].as_array().unwrap().iter().map(|one| &one["step"]).collect();
    assert_eq!((steps[0], &shown["next"][0]["reasons"]), (&json!("acknowledge"), &json!(["calibration"])));
    assert!(steps.contains(&&json!("find")), "{steps:?}");
    release();
    let history = show(&home, &shipment)["history"].clone();
    assert!(history.as_array().unwrap().iter().any(|event| event["occurrence"]["what"] == "found"));
    home.answer(&["shipment", "close", &shipment]);
    verified(&home, &shipment);
}
