//! A partner's log has two histories: what either told of a shipment counts, whatever its organisation decided since.
#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use firn_tests::command::{TestHome, json};
use firn_tests::peering::{LOOPBACK, Serving, courier_of, joined, sync};
use serde_json::{Value, json};

const NORTH: &str = "Nordvik Pharmacy";
const SOUTH: &str = "South Clinic";
const ITEM: &str = "MMR,lot=A1,quantity=10";
/// In range all the time.
const FINE: [(&str, &str); 7] =
    [("00", "5"), ("10", "5"), ("20", "5"), ("30", "5"), ("40", "5"), ("50", "5"), ("59", "5")];
/// Ten minutes far out of range.
const HOT: [(&str, &str); 2] = [("25", "31"), ("35", "31")];

fn organisation(name: &str, device: &str) -> TestHome {
    let home = TestHome::unmade();
    home.answer(&["init", "--organisation", name, "--device", device]);
    home
}

fn pin(at: &TestHome, of: &TestHome) {
    let card = of.answer(&["partner", "card"])["card"].as_str().unwrap().to_owned();
    let fingerprint = of.answer(&["id"])["fingerprint"].as_str().unwrap().to_owned();
    at.answer(&["partner", "accept", &card, "--fingerprint", &fingerprint]);
}

fn place(home: &TestHome, name: &str) -> String {
    home.path().with_file_name(name).to_str().unwrap().to_owned()
}

fn read(home: &TestHome, shipment: &str, hour: &str, values: &[(&str, &str)]) {
    let rows = values.iter().map(|(minute, value)| format!("2026-03-01T{hour}:{minute}:00Z,{value}\n"));
    let file = home.file("readings.csv", format!("time,temperature_c\n{}", rows.collect::<String>()));
    home.answer(&["ingest", shipment, file.to_str().unwrap(), "--logger", "Box 7"]);
}

/// A shipment of one line, under way since `hour`, with readings of an hour.
fn under_way(home: &TestHome, item: &str, hour: &str) -> String {
    let shipment = ["shipment", "new", "DN-1", "--profile", "who-30-day", "--item", item];
    let shipment = home.answer(&shipment)["shipment"].as_str().unwrap().to_owned();
    home.run(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    let at = format!("2026-03-01T{hour}:00:00Z");
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 7",
        "--at",
        &at,
        "--reason",
        "recorded afterwards",
    ]);
    read(home, &shipment, hour, &FINE);
    shipment
}

/// Two devices of which each holds another history of one log meet: they do not agree.
fn find_out(home: &TestHome, peer: &TestHome) {
    let (_serving, node) = Serving::start(peer, &["node", LOOPBACK[0], LOOPBACK[1]]);
    let met = home.run(&["sync", node["address"].as_str().unwrap()]);
    assert_eq!(json(&met)["agreed"], false);
}

/// North's van was cloned: a file with the one history, which South is given, and one with what the admin who met the
/// other history decided.
struct Forked {
    shipment: String,
    told: String,
    decided: String,
    /// Their folders hold the files.
    _homes: [TestHome; 3],
}

/// `lost` and `kept` are what the van records on either history.
fn forked(north: &TestHome, lost: impl Fn(&TestHome, &str), kept: impl Fn(&TestHome, &str)) -> Forked {
    let (van, ward) = (courier_of(north), joined(north, "admin", "Ward phone"));
    let shipment = under_way(north, ITEM, "08");
    sync(&van, north);
    sync(&ward, north);
    let clone = van.copied();
    lost(&van, &shipment);
    sync(&van, north);
    let told = place(north, "told.firn");
    north.answer(&["shipment", "handover", &shipment, "--partner", SOUTH, "--bundle", &told]);
    kept(&clone, &shipment);
    sync(&clone, &ward);
    find_out(&ward, north);
    ward.answer(&["device", "revoke", "Van phone", "--reason", "forked"]);
    let decided = place(&ward, "decided.firn");
    ward.answer(&["export", &shipment, "--evidence", &decided]);
    let verified = ward.answer(&["verify", &decided]);
    assert_eq!(verified["ok"], true, "{verified}");
    Forked { shipment, told, decided, _homes: [van, clone, ward] }
}

fn vial(home: &TestHome, shipment: &str) {
    home.answer(&[
        "observe",
        shipment,
        "vvm",
        "3",
        "--at",
        "2026-03-01T08:30:00Z",
        "--reason",
        "recorded afterwards",
    ]);
}

fn intact(home: &TestHome, shipment: &str) {
    home.answer(&[
        "observe",
        shipment,
        "vvm",
        "1",
        "--at",
        "2026-03-01T08:30:00Z",
        "--reason",
        "recorded afterwards",
    ]);
}

fn hot(home: &TestHome, shipment: &str) {
    read(home, shipment, "08", &HOT);
}

fn partners() -> (TestHome, TestHome) {
    let (north, south) = (organisation(NORTH, "Dock phone"), organisation(SOUTH, "Ward tablet"));
    pin(&north, &south);
    pin(&south, &north);
    (north, south)
}

fn take(home: &TestHome, file: &str) -> Value {
    let took = home.answer(&["partner", "take", file]);
    assert_eq!(took["ok"], true, "{took}");
    took
}

fn show(home: &TestHome, shipment: &str) -> Value {
    home.answer(&["shipment", "show", shipment])
}

/// What South makes of the goods after that leg.
fn gone_on(south: &TestHome, before: &str) -> String {
    under_way(south, &format!("{ITEM},leg={before}/1"), "09")
}

fn reasons(shown: &Value) -> Vec<&str> {
    shown["lines"][0]["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap()).collect()
}

/// The leg is asked about, and everything that tells the shipment tells the same.
fn is_held_everywhere(south: &TestHome, next: &str) -> Value {
    let file = place(south, "evidence.firn");
    south.answer(&["export", next, "--evidence", &file]);
    let shown = show(south, next);
    assert!(reasons(&shown).contains(&"leg-not-released"), "{:?}", reasons(&shown));
    let verified = south.answer(&["verify", &file]);
    assert_eq!((&verified["ok"], &verified["verdict"]), (&json!(true), &shown["summary"]["verdict"]));
    assert_eq!(south.answer(&["log", "verify", "--deep"])["ok"], true);
    south.answer(&["log", "rebuild"]);
    let again = show(south, next);
    for (key, value) in shown.as_object().unwrap() {
        assert_eq!(&again[key], value, "{key}, made anew from the entries alone");
    }
    shown
}

#[test]
fn a_vial_monitor_that_was_handed_over_stays_known_when_the_partner_decides_for_the_other_history() {
    let (north, south) = partners();
    let Forked { shipment, told, decided, _homes } = forked(&north, vial, intact);
    take(&south, &told);
    let next = gone_on(&south, &shipment);
    assert!(is_held_everywhere(&south, &next)["lines"][0]["foreign_legs"][0].get("histories").is_none());
    let took = take(&south, &decided);
    assert_eq!((&took["histories"], took["entries"] == json!([])), (&json!(2), false));
    let shown = is_held_everywhere(&south, &next);
    assert_eq!(shown["lines"][0]["foreign_legs"][0]["histories"], 2);
    // Neither signs anything a second time.
    for file in [&told, &decided] {
        assert_eq!(take(&south, file)["entries"], json!([]));
    }
    let report = place(&south, "report.pdf");
    south.answer(&["export", &next, "--pdf", &report]);
    assert_eq!(south.answer(&["verify", &report])["verdict"], shown["summary"]["verdict"]);
}

#[test]
fn what_the_partner_decided_for_is_taken_in_and_its_excursion_known_in_whatever_order_files_come() {
    let (north, south) = partners();
    let Forked { shipment, told, decided, _homes } = forked(&north, intact, hot);
    let (second, third) = (courier_of(&south), courier_of(&south));
    take(&south, &told);
    let next = gone_on(&south, &shipment);
    assert!(!reasons(&show(&south, &next)).contains(&"leg-not-released"), "nobody knows of it yet");
    // Another device takes the files the other way round, without knowing of the first.
    take(&second, &decided);
    take(&second, &told);
    sync(&second, &south);
    let shown = is_held_everywhere(&south, &next);
    take(&south, &decided);
    for home in [&second, &third, &second] {
        sync(home, &south);
    }
    let line = |home: &TestHome| is_held_everywhere(home, &next)["lines"][0].clone();
    assert_eq!(line(&south), shown["lines"][0]);
    for home in [&second, &third] {
        assert_eq!(line(home), shown["lines"][0]);
    }
}

#[test]
fn an_excursion_on_the_history_that_was_lost_stays_known() {
    let (north, south) = partners();
    let Forked { shipment, told, decided, _homes } = forked(&north, hot, intact);
    let both = [[&told, &decided], [&decided, &told]];
    for files in both {
        let south = south.copied();
        files.into_iter().for_each(|file| drop(take(&south, file)));
        is_held_everywhere(&south, &gone_on(&south, &shipment));
    }
}

#[test]
fn four_histories_of_a_shipment_are_taken_and_the_fifth_is_refused() {
    let (north, south) = partners();
    let (van, second) = (courier_of(&north), courier_of(&south));
    let shipment = under_way(&north, ITEM, "08");
    sync(&van, &north);
    let clones: Vec<TestHome> = (0..5).map(|_| van.copied()).collect();
    let files: Vec<String> = clones
        .iter()
        .map(|clone| {
            vial(clone, &shipment);
            let file = place(clone, "history.firn");
            clone.answer(&["export", &shipment, "--evidence", &file]);
            file
        })
        .collect();
    for (count, file) in (1_u64..).zip(&files[..4]) {
        assert_eq!(take(&south, file)["histories"].as_u64().unwrap_or(1), count);
    }
    let entries = || south.answer(&["log", "show"]).as_array().unwrap().len();
    let before = entries();
    let refused = south.run(&["partner", "take", &files[4]]);
    assert_eq!(
        (refused.status.code(), json(&refused)["error"].as_str()),
        (Some(2), Some("app/partner-shipment"))
    );
    assert_eq!(entries(), before, "nothing was signed");
    let next = gone_on(&south, &shipment);
    assert!(!reasons(&is_held_everywhere(&south, &next)).contains(&"leg-missing"));
    // Another device took that one without knowing of the others: four count, and that there are more is asked about.
    take(&second, &files[4]);
    sync(&second, &south);
    let shown = is_held_everywhere(&south, &next);
    assert!(reasons(&shown).contains(&"leg-missing"), "{shown}");
    let line = |home: &TestHome| show(home, &next)["lines"][0].clone();
    assert_eq!(line(&second), line(&south));
}
