//! What any of a partner's files tells of a leg further back bears on what went through it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_model::time::UtcMillis;
use firn_tests::command::TestHome;
use serde_json::{Value, json};

const MINUTE_MS: i64 = 60_000;
const LATE: [&str; 2] = ["--reason", "recorded afterwards"];

fn organisation(name: &str, device: &str) -> TestHome {
    let home = TestHome::unmade();
    home.answer(&["init", "--organisation", name, "--device", device]);
    home
}

fn partners() -> (TestHome, TestHome) {
    let (north, south) = (organisation("Nordvik", "Dock phone"), organisation("South", "Ward tablet"));
    let card = north.answer(&["partner", "card"])["card"].as_str().unwrap().to_owned();
    let fingerprint = north.answer(&["id"])["fingerprint"].as_str().unwrap().to_owned();
    south.answer(&["partner", "accept", &card, "--fingerprint", &fingerprint]);
    (north, south)
}

fn ago(minutes: i64) -> UtcMillis {
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    UtcMillis(now - minutes * MINUTE_MS)
}

fn created(home: &TestHome, before: Option<&str>) -> String {
    let leg = before.map(|before| format!(",leg={before}/1")).unwrap_or_default();
    let item = format!("MMR,lot=A1,quantity=10{leg}");
    let new = ["shipment", "new", "DN-1", "--profile", "cdc-refrigerator", "--item", &item];
    home.answer(&new)["shipment"].as_str().unwrap().to_owned()
}

/// A shipment of the partner's, picked up so many minutes ago and read every ten minutes for as long as is told.
fn under_way(home: &TestHome, before: Option<&str>, (from, to): (i64, i64)) -> String {
    let shipment = created(home, before);
    home.run(&["logger", "add", "--label", "Box", "--family", "file", "--interval", "600"]);
    let at = ago(from).to_string();
    let start = ["shipment", "start", &shipment, "--logger", "Box", "--at", &at];
    home.answer(&[&start[..], &LATE].concat());
    let mut text = "time,temperature_c\n".to_owned();
    for minute in (to..=from).rev().step_by(10) {
        text.push_str(&format!("{},5\n", ago(minute)));
    }
    let file = home.file("readings.csv", text);
    home.answer(&["ingest", &shipment, file.to_str().unwrap(), "--logger", "Box"]);
    shipment
}

/// The shipment's evidence as it is now.
fn told(home: &TestHome, shipment: &str, name: &str) -> String {
    let file = home.path().with_file_name(name).to_str().unwrap().to_owned();
    home.answer(&["export", shipment, "--evidence", &file]);
    file
}

fn take(home: &TestHome, file: &str) {
    let took = home.answer(&["partner", "take", file]);
    assert_eq!(took["ok"], true, "{took}");
}

/// Whether the leg puts the shipment in question, by the app as by the verifier.
fn is_barred(home: &TestHome, shipment: &str) -> bool {
    let shown = home.answer(&["shipment", "show", shipment]);
    let verified = home.answer(&["verify", &told(home, shipment, "evidence.firn")]);
    assert_eq!((&verified["ok"], &verified["verdict"]), (&json!(true), &shown["summary"]["verdict"]));
    let checks = verified["checks"].as_array().unwrap();
    let proved = |id: &str| checks.iter().any(|check| check["id"] == id && check["status"] == "proved");
    assert!(proved("partners"), "{verified}");
    let reasons = shown["lines"][0]["reasons"].as_array().unwrap();
    assert!(!reasons.contains(&Value::from("leg-missing")), "{shown}");
    reasons.contains(&Value::from("leg-not-released"))
}

fn broken(home: &TestHome, shipment: &str, minutes: i64) {
    let at = ago(minutes).to_string();
    home.answer(&[&["observe", shipment, "seal", "broken", "--at", &at][..], &LATE].concat());
}

#[test]
fn what_a_file_tells_of_a_leg_further_back_bears_on_what_went_through_it_whichever_file_came_first() {
    let (north, south) = partners();
    let first = under_way(&north, None, (300, 200));
    let older = told(&north, &first, "first-older.firn");
    let second = under_way(&north, Some(&first), (200, 100));
    let through = told(&north, &second, "second-older.firn");
    broken(&north, &first, 250);
    let newer = told(&north, &first, "first-newer.firn");
    let through_newer = told(&north, &second, "second-newer.firn");
    for (files, barred) in [
        (vec![&through], false),
        (vec![&older, &through], false),
        (vec![&through, &newer], true),
        (vec![&newer, &through], true),
        (vec![&older, &through_newer], true),
        (vec![&through_newer, &older], true),
        (vec![&through, &older, &newer], true),
    ] {
        let south = south.copied();
        take(&south, files[0]);
        let next = created(&south, Some(&second));
        let at = ago(100).to_string();
        south.answer(&[&["shipment", "start", &next, "--at", &at][..], &LATE].concat());
        files[1..].iter().for_each(|file| take(&south, file));
        assert_eq!(is_barred(&south, &next), barred, "{files:?}");
        let shown = south.answer(&["shipment", "show", &next]);
        south.answer(&["log", "rebuild"]);
        assert_eq!(south.answer(&["shipment", "show", &next]), shown, "made anew from the entries alone");
    }
}
