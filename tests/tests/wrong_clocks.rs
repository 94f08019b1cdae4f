//! Devices whose clocks are wrong, by the real command under a clock of its own: what the entries show of it, who is
//! asked, and what counts.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken rig must stop its test"
)]

use firn_model::time::UtcMillis;
use firn_tests::command::{TestHome, clocks_can_be_wrong};
use firn_tests::peering::{courier_of, invited, sync};
use serde_json::{Value, json};

const RELEASE: [&str; 4] = ["--decision", "release", "--reason", "reviewed and in order"];

/// So many minutes after now.
fn in_minutes(minutes: i64) -> UtcMillis {
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    UtcMillis(now / 60_000 * 60_000).plus_seconds(minutes * 60)
}

/// Readings every ten minutes from an instant on, as a logger's file has them.
fn readings(home: &TestHome, from: i64, values: &[&str]) -> String {
    let ten = |(index, value): (usize, &&str)| {
        format!("{},{value}\n", in_minutes(from + 10 * i64::try_from(index).unwrap()))
    };
    let rows: String = values.iter().enumerate().map(ten).collect();
    let name = format!("readings{from}.csv");
    home.file(&name, format!("time,temperature_c\n{rows}")).to_str().unwrap().to_owned()
}

fn place(home: &TestHome, name: &str) -> String {
    home.path().with_file_name(name).to_str().unwrap().to_owned()
}

fn show(home: &TestHome) -> Value {
    home.answer(&["shipment", "show", "DN-1"])
}

fn stock(home: &TestHome) -> Value {
    show(home)["summary"]["stock"].clone()
}

fn asks_of_clocks(home: &TestHome) -> bool {
    show(home)["summary"]["reasons"].as_array().unwrap().contains(&json!("clock"))
}

/// The clocks that differ: whose is behind whose, and by about how many minutes.
fn clocks(home: &TestHome) -> Vec<(String, String, i64)> {
    let shown = show(home)["clock_differences"].clone();
    let label = |device: &Value| device["label"].as_str().unwrap().to_owned();
    let told = |one: &Value| {
        let minutes = (one["difference_s"].as_i64().unwrap() + 30) / 60;
        (label(&one["behind"]), label(&one["ahead"]), minutes)
    };
    shown.as_array().into_iter().flatten().map(told).collect()
}

/// Explains all that asks for it.
fn acknowledge(home: &TestHome) {
    let next = show(home)["next"].clone();
    let steps = next.as_array().unwrap();
    let open = steps.iter().find(|step| step["step"] == "acknowledge").unwrap_or_else(|| panic!("{next:#}"));
    let reasons: Vec<String> = open["reasons"].as_array().unwrap().iter().map(explained).collect();
    let mut arguments = vec!["shipment", "acknowledge", "DN-1"];
    reasons.iter().for_each(|reason| arguments.extend(["--reason", reason.as_str()]));
    home.answer(&arguments);
}

fn explained(reason: &Value) -> String {
    format!("{}=looked into", reason.as_str().unwrap())
}

fn release(home: &TestHome) {
    home.answer(&[&["shipment", "dispose", "DN-1"][..], &RELEASE].concat());
}

/// What a home exports is evidence, and every assessment in it comes out again.
fn proved(home: &TestHome) {
    let file = place(home, "DN-1.firn");
    std::fs::remove_file(&file).unwrap_or_default();
    home.answer(&["export", "DN-1", "--evidence", &file]);
    let told = home.answer(&["verify", &file]);
    let checks = told["checks"].as_array().unwrap();
    let assessed = checks.iter().find(|check| check["id"] == "assessment").unwrap();
    assert!(told["ok"] == true && assessed["status"] == "proved", "{told:#}");
}

/// A pharmacy with a logger and a shipment, and a courier's phone that knows of both.
fn pharmacy_and_van() -> (TestHome, TestHome) {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    pharmacy.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    pharmacy.answer(&["shipment", "new", "DN-1", "--item", "MMR,lot=A1"]);
    sync(&van, &pharmacy);
    (pharmacy, van)
}

const PICK_UP: [&str; 5] = ["shipment", "start", "DN-1", "--logger", "Box 7"];
const NO_CERTIFICATE: [&str; 2] = ["--override", "Box 7=its certificate is in the office"];

/// An hour on the road that ends now, received by the pharmacy.
fn driven(pharmacy: &TestHome, van: &TestHome, start: &[&str]) {
    van.answer(&[&PICK_UP[..], &NO_CERTIFICATE, start].concat());
    let file = readings(van, -60, &["5", "5.1", "5.2", "5.1", "5", "5", "5"]);
    van.answer(&["ingest", "DN-1", &file, "--logger", "Box 7"]);
    sync(van, pharmacy);
    pharmacy.answer(&["shipment", "receive", "DN-1"]);
}

fn is_possible() -> bool {
    let possible = clocks_can_be_wrong();
    if !possible {
        println!("skipped: `faketime` is not installed");
    }
    possible
}

#[test]
fn a_phone_that_is_fifty_minutes_behind_is_named_with_the_pharmacys_and_somebody_explains_before_the_release()
{
    if !is_possible() {
        return;
    }
    let (pharmacy, mut van) = pharmacy_and_van();
    van.set_clock_wrong("-50m");
    driven(&pharmacy, &van, &[]);
    assert_eq!(clocks(&pharmacy), [("Van phone".into(), "Dock phone".into(), 50)]);
    assert!(asks_of_clocks(&pharmacy));
    let early = [&["shipment", "dispose", "DN-1"][..], &RELEASE].concat();
    assert_eq!(pharmacy.refusal(&early), "app/not-settled");
    acknowledge(&pharmacy);
    release(&pharmacy);
    assert_eq!(stock(&pharmacy), "released");
    proved(&pharmacy);
    sync(&van, &pharmacy);
    assert_eq!((stock(&van), clocks(&van)), (stock(&pharmacy), clocks(&pharmacy)), "the same on both");
    proved(&van);
}

#[test]
fn a_clock_that_turns_out_to_be_wrong_after_the_release_holds_the_stock_until_somebody_decides_anew() {
    if !is_possible() {
        return;
    }
    let (pharmacy, mut van) = pharmacy_and_van();
    let late = in_minutes(-60).to_string();
    driven(&pharmacy, &van, &["--at", &late, "--reason", "recorded afterwards"]);
    acknowledge(&pharmacy);
    release(&pharmacy);
    assert_eq!((stock(&pharmacy), asks_of_clocks(&pharmacy)), (json!("released"), false));
    van.set_clock_wrong("+3h");
    sync(&van, &pharmacy);
    assert_eq!((stock(&pharmacy), asks_of_clocks(&pharmacy)), (json!("quarantine"), true));
    assert_eq!(clocks(&pharmacy), [("Dock phone".into(), "Van phone".into(), 180)]);
    acknowledge(&pharmacy);
    release(&pharmacy);
    assert_eq!(stock(&pharmacy), "released");
    proved(&pharmacy);
    // The same clock, no further off, is not asked about again.
    van.set_clock_right();
    sync(&van, &pharmacy);
    assert_eq!(stock(&pharmacy), "released");
    proved(&van);
}

#[test]
fn a_phone_joins_whose_clock_says_that_the_invitation_has_expired_and_is_told_of_its_clock() {
    if !is_possible() {
        return;
    }
    for by in ["+2d", "-2d"] {
        let pharmacy = TestHome::found();
        let mut van = TestHome::unmade();
        van.set_clock_wrong(by);
        let (inviting, text) = invited(&pharmacy, "courier");
        van.answer(&["join", &text, "--device", "Van phone"]);
        assert_eq!(inviting.finish().1["joined"], "Van phone", "{by}");
        let difference = sync(&van, &pharmacy)["clock_difference_s"].as_i64().unwrap();
        assert!((difference.abs() - 2 * 24 * 3600).abs() < 60, "{by}: {difference}");
    }
    let pharmacy = TestHome::found();
    let (inviting, text) = invited(&pharmacy, "courier");
    drop(inviting);
    let mut van = TestHome::unmade();
    assert_eq!(van.refusal(&["join", &text, "--device", "Van phone"]), "peer/unreachable");
    van.set_clock_wrong("+2d");
    assert_eq!(van.refusal(&["join", &text, "--device", "Van phone"]), "peer/invitation-expired");
}

/// Another organisation, which both sides have pinned.
fn partner_of(north: &TestHome) -> TestHome {
    let south = TestHome::unmade();
    south.answer(&["init", "--organisation", "South Clinic", "--device", "Ward tablet"]);
    for (at, of) in [(north, &south), (&south, north)] {
        let card = of.answer(&["partner", "card", "--gln", "4012345000009"])["card"].clone();
        let fingerprint = of.answer(&["id"])["fingerprint"].clone();
        let (card, fingerprint) = (card.as_str().unwrap(), fingerprint.as_str().unwrap());
        at.answer(&["partner", "accept", card, "--fingerprint", fingerprint]);
    }
    south
}

#[test]
fn a_partners_clock_is_asked_about_that_took_goods_before_the_readings_it_was_shown_were_sealed() {
    if !is_possible() {
        return;
    }
    for (slow, asked) in [(None, false), (Some("-25m"), true)] {
        let mut north = TestHome::found();
        let mut south = partner_of(&north);
        north.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
        // Offered half an hour ago; the readings since then are in the file that is written again now.
        north.set_clock_wrong("-30m");
        let late = in_minutes(-90).to_string();
        north.answer(&["shipment", "new", "DN-1", "--item", "MMR,lot=A1"]);
        let start = ["--at", &late, "--reason", "recorded afterwards"];
        north.answer(&[&PICK_UP[..], &NO_CERTIFICATE, &start].concat());
        let first = readings(&north, -90, &["5"; 6]);
        north.answer(&["ingest", "DN-1", &first, "--logger", "Box 7"]);
        let file = place(&north, "for-south.firn");
        let hand_over = ["shipment", "handover", "DN-1", "--partner", "South Clinic", "--bundle", &file];
        north.answer(&hand_over);
        north.set_clock_right();
        let warm = readings(&north, -40, &["5", "5", "5", "12"]);
        north.answer(&["ingest", "DN-1", &warm, "--logger", "Box 7"]);
        std::fs::remove_file(&file).unwrap();
        north.answer(&["export", "DN-1", "--evidence", &file]);
        if let Some(by) = slow {
            south.set_clock_wrong(by);
        }
        let receipt = place(&south, "receipt.firn");
        assert_eq!(south.answer(&["partner", "take", &file, "--receipt", &receipt])["custody"], "taken");
        north.answer(&["partner", "take", &receipt]);
        assert_eq!(asks_of_clocks(&north), asked, "{slow:?}: {:?}", clocks(&north));
        assert_eq!(show(&north)["summary"]["verdict"], "excursion", "{slow:?}: warm until it left");
        proved(&north);
    }
}
