//! Two organisations that share no key: cards, pins, a hand-over with one shipment's evidence, and its receipt.
#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use firn_tests::command::{TestHome, json, program};
use firn_tests::peering::{courier_of, sync};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const NORTH: &str = "Nordvik Pharmacy";
const SOUTH: &str = "South Clinic";
const GLN: &str = "4012345000009";

fn organisation(name: &str, device: &str) -> TestHome {
    let home = TestHome::unmade();
    home.answer(&["init", "--organisation", name, "--device", device]);
    home
}

fn fingerprint(home: &TestHome) -> String {
    home.answer(&["id"])["fingerprint"].as_str().unwrap().to_owned()
}

fn card(of: &TestHome) -> String {
    of.answer(&["partner", "card", "--gln", GLN])["card"].as_str().unwrap().to_owned()
}

fn pin(at: &TestHome, of: &TestHome) -> Value {
    at.answer(&["partner", "accept", &card(of), "--fingerprint", &fingerprint(of)])
}

/// Two organisations that have pinned each other.
fn partners() -> (TestHome, TestHome) {
    let (north, south) = (organisation(NORTH, "Dock phone"), organisation(SOUTH, "Ward tablet"));
    pin(&north, &south);
    pin(&south, &north);
    (north, south)
}

fn place(home: &TestHome, name: &str) -> String {
    home.path().with_file_name(name).to_str().unwrap().to_owned()
}

/// The code of a command that ends with exit status 1, and what it printed.
fn wanting(home: &TestHome, arguments: &[&str]) -> String {
    let output = home.run(arguments);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    json(&output)["error"].as_str().unwrap_or_else(|| panic!("{}", json(&output))).to_owned()
}

/// How many entries the home's own log has.
fn entries(home: &TestHome) -> usize {
    home.answer(&["log", "show"]).as_array().unwrap().len()
}

/// 2 to 8 °C, and an hour from 8 to 25 °C in all.
fn profile(home: &TestHome) -> String {
    let profile = json!({
        "name": "Two to eight, an hour of room", "version": 1, "limits": { "min_c": 2.0, "max_c": 8.0 },
        "interval_s": 600, "alarms": [],
        "budgets": [{ "id": "room", "from_c": 8.0, "to_c": 25.0, "allowance_s": 3600 }],
        "mkt": { "delta_h_kj_mol": 83.14472 }, "guard_band_c": 0
    });
    home.file("profile.json", profile.to_string()).to_str().unwrap().to_owned()
}

/// A shipment of one line, under way since `hour`, with readings every ten minutes.
fn under_way(home: &TestHome, item: &str, hour: usize, values: &[&str]) -> String {
    let shipment = ["shipment", "new", "DN-1", "--profile", &profile(home), "--item", item];
    let shipment = home.answer(&shipment)["shipment"].as_str().unwrap().to_owned();
    // The second shipment finds the logger there.
    home.run(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    let at = format!("2026-03-01T{hour:02}:00:00Z");
    let started = ["--logger", "Box 7", "--at", &at, "--reason", "recorded afterwards"];
    home.answer(&[&["shipment", "start", &shipment][..], &started[..]].concat());
    let mut text = "time,temperature_c\n".to_owned();
    for (index, value) in values.iter().enumerate() {
        text.push_str(&format!("2026-03-01T{:02}:{:02}:00Z,{value}\n", hour + index / 6, index % 6 * 10));
    }
    let file = home.file("readings.csv", text);
    home.answer(&["ingest", &shipment, file.to_str().unwrap(), "--logger", "Box 7"]);
    shipment
}

/// 40 minutes above 8 °C, within the budget.
const WARM: [&str; 7] = ["5", "9", "9", "9", "9", "5", "5"];
/// 10 minutes above 8 °C.
const BRIEF: [&str; 7] = ["5", "9", "5", "5", "5", "5", "5"];
const ITEM: &str = "MMR,lot=A1,quantity=10";

/// North hands a shipment to South: its id and the file that South is given.
fn handed_over(north: &TestHome) -> (String, String) {
    let shipment = under_way(north, ITEM, 8, &WARM);
    let file = place(north, "for-south.firn");
    let arguments = ["shipment", "handover", &shipment, "--partner", SOUTH, "--bundle", &file];
    let answer = north.answer(&arguments);
    assert_eq!(answer["partner"]["name"], SOUTH);
    (shipment, file)
}

fn show(home: &TestHome, shipment: &str) -> Value {
    home.answer(&["shipment", "show", shipment])
}

/// The shipment that South makes of what it took over, after a leg in another organisation.
fn gone_on(south: &TestHome, before: &str) -> String {
    under_way(south, &format!("{ITEM},leg={before}/1"), 9, &BRIEF)
}

/// The evidence of a shipment, and the outcome of each check of it.
fn exported(home: &TestHome, shipment: &str) -> (PathBuf, Value) {
    let file = place(home, "evidence.firn");
    home.answer(&["export", shipment, "--evidence", &file]);
    let verified = home.answer(&["verify", &file]);
    (file.into(), verified)
}

fn check<'a>(verified: &'a Value, id: &str) -> &'a Value {
    let checks = verified["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no check {id}: {verified}"))
}

#[test]
fn a_card_is_pinned_by_its_fingerprint_once_and_the_second_one_renames() {
    let (north, south) = (organisation(NORTH, "Dock phone"), organisation(SOUTH, "Ward tablet"));
    let text = card(&south);
    let seen = north.answer(&["partner", "accept", &text]);
    assert_eq!(seen["signed"], false);
    assert_eq!(seen["organisation"]["name"], SOUTH);
    assert_eq!(seen["organisation"]["gln"], GLN);
    assert_eq!(seen["organisation"]["fingerprint"], json!(fingerprint(&south)));
    assert_eq!(north.answer(&["partner", "list"]), json!([]));
    let other = ["partner", "accept", &text, "--fingerprint", &fingerprint(&north)];
    assert_eq!(wanting(&north, &other), "app/partner-fingerprint");
    assert_eq!(north.answer(&["partner", "list"]), json!([]));

    assert_eq!(pin(&north, &south)["signed"], true);
    assert_eq!(pin(&north, &south)["signed"], false, "the same again signs nothing");
    let bare = south.answer(&["partner", "card"])["card"].as_str().unwrap().to_owned();
    let again = ["partner", "accept", &bare.to_lowercase(), "--fingerprint", &fingerprint(&south)];
    assert_eq!(north.answer(&again)["signed"], true, "a card without the number takes its place");
    let listed = north.answer(&["partner", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((&listed[0]["name"], &listed[0]["gln"]), (&json!(SOUTH), &Value::Null));
    assert_eq!(listed[0]["standing"], "pinned");

    assert_eq!(north.answer(&["partner", "revoke", SOUTH])["signed"], true);
    assert_eq!(north.answer(&["partner", "revoke", &fingerprint(&south)[..6]])["signed"], false);
    assert_eq!(north.answer(&["partner", "list"])[0]["standing"], "revoked");
    assert_eq!(north.refusal(&["partner", "revoke", "Nobody"]), "app/not-found");
    assert_eq!(pin(&north, &south)["signed"], true, "it may be pinned again");
    assert_eq!(north.answer(&["log", "verify", "--deep"])["ok"], true);
}

#[test]
fn a_hostile_card_is_refused_and_nothing_of_it_is_printed_as_it_came() {
    let north = organisation(NORTH, "Dock phone");
    let hostile = organisation("No\u{1b}[2Jrth\u{202e}", "Dock phone");
    assert_eq!(hostile.refusal(&["partner", "card"]), "app/partner-card");
    for text in ["", "firn-partner:", "firn-invite:AAAA", "firn-partner:AAAA\u{1b}[2J"] {
        let output = north.run(&["partner", "accept", text]);
        assert_eq!(json(&output)["error"], "app/partner-card", "{text:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains('\u{1b}'));
    }
    let own = card(&north);
    assert_eq!(north.refusal(&["partner", "accept", &own]), "app/partner-own");
    let mistyped = own.replacen(&own[40..44], "AAAA", 1);
    assert_eq!(north.refusal(&["partner", "accept", &mistyped]), "app/partner-card");
    let answer = north.run(&["partner", "card", "--gln", "4012345000008"]);
    assert!(json(&answer)["error"].as_str().unwrap().starts_with("gs1/"), "a check digit that does not fit");
}

#[test]
fn what_a_partner_hands_over_is_verified_taken_and_counted_on_and_its_receipt_comes_back() {
    let (north, south) = partners();
    let (shipment, file) = handed_over(&north);
    let given = show(&north, &shipment);
    assert_eq!(given["hand_overs"][0]["to_partner"]["name"], SOUTH);
    assert_eq!(given["hand_overs"][0]["one_sided"], true);
    // Offered again, the same offer stands.
    let before = entries(&north);
    handover_again(&north, &shipment, &file);
    assert_eq!(entries(&north), before);

    let verified = south.answer(&["verify", &file]);
    assert_eq!((&verified["ok"], &verified["issuer"]), (&json!(true), &json!("pinned")));
    assert_eq!(verified["issuer_name"], NORTH);
    let receipt = place(&south, "receipt.firn");
    let took = south.answer(&["partner", "take", &file, "--receipt", &receipt]);
    assert_eq!((&took["custody"], &took["issuer"]), (&json!("taken"), &json!("pinned")));
    assert_eq!(took["partner"]["name"], NORTH);
    assert_eq!(took["items"][0]["lot"], "A1");
    let signed = entries(&south);
    let again = south.answer(&["partner", "take", &file, "--receipt", &receipt]);
    assert_eq!((&again["custody"], entries(&south)), (&json!("taken"), signed), "once is enough");
    assert_eq!(south.answer(&["shipment", "list"]), json!([]), "theirs is in no list of ours");

    let next = gone_on(&south, &shipment);
    let shown = show(&south, &next);
    let line = &shown["lines"][0];
    assert_eq!(line["foreign_legs"][0]["partner"]["name"], NORTH);
    assert_eq!(
        (&line["budgets"][0]["used_s"], &line["budgets"][0]["used_before_s"]),
        (&json!(3000), &json!(2400))
    );
    assert_eq!(line["budgets"][0]["known"], "complete");
    assert_eq!(shown["summary"]["reasons"], json!(["budget-used", "provenance", "late-entry"]));
    let (_, verified) = exported(&south, &next);
    assert_eq!(verified["ok"], true, "{verified}");
    for id in ["partners", "legs", "assessment", "batches"] {
        assert_eq!(check(&verified, id)["status"], "proved", "{verified}");
    }

    let given = north.answer(&["partner", "take", &receipt]);
    assert_eq!((&given["custody"], &given["issuer"]), (&json!("given"), &json!("pinned")));
    let shown = show(&north, &shipment);
    assert_eq!(shown["with_partner"]["name"], SOUTH);
    assert_eq!((&shown["custodian"], &shown["hand_overs"][0]["one_sided"]), (&Value::Null, &json!(false)));
    let again = ["shipment", "handover", &shipment];
    assert_eq!(north.refusal(&again), "app/out-of-order");
    let signed = entries(&north);
    north.answer(&["partner", "take", &receipt]);
    assert_eq!(entries(&north), signed);
    north.answer(&["shipment", "close", &shipment]);
    let (_, verified) = exported(&north, &shipment);
    assert_eq!(check(&verified, "partners")["status"], "proved", "{verified}");
    assert_eq!(north.answer(&["log", "verify", "--deep"])["ok"], true);
    assert_eq!(south.answer(&["log", "verify", "--deep"])["ok"], true);
}

#[test]
fn an_older_file_of_a_partner_taken_after_a_newer_one_signs_nothing_and_takes_nothing_away() {
    let (north, south) = partners();
    let (shipment, older) = handed_over(&north);
    let newer = place(&north, "newer.firn");
    let more = "time,temperature_c\n2026-03-01T09:10:00Z,9\n2026-03-01T09:20:00Z,9\n2026-03-01T09:30:00Z,5\n";
    let more = north.file("more.csv", more);
    north.answer(&["ingest", &shipment, more.to_str().unwrap(), "--logger", "Box 7"]);
    handover_again(&north, &shipment, &newer);
    // Whichever comes first: what the newer one tells counts.
    let other = organisation("East Depot", "Ramp");
    for (home, files) in [(&south, [&newer, &older]), (&other, [&older, &newer])] {
        for file in files {
            home.answer(&["partner", "take", file]);
        }
        let signed = entries(home);
        let again = home.answer(&["partner", "take", &older]);
        assert_eq!((&again["older"], &again["entries"]), (&json!(true), &json!([])), "{again}");
        let again = home.answer(&["partner", "take", &newer]);
        assert_eq!((&again["older"], entries(home)), (&json!(false), signed), "{again}");
        let next = gone_on_later(home, &shipment);
        let line = &show(home, &next)["lines"][0];
        assert_eq!(line["budgets"][0]["used_before_s"], 3600, "{line}");
        let (_, verified) = exported(home, &next);
        assert_eq!(check(&verified, "partners")["status"], "proved", "{verified}");
        assert_eq!(check(&verified, "assessment")["status"], "proved", "{verified}");
    }
}

fn gone_on_later(home: &TestHome, before: &str) -> String {
    under_way(home, &format!("{ITEM},leg={before}/1"), 10, &BRIEF)
}

fn handover_again(north: &TestHome, shipment: &str, file: &str) {
    north.answer(&["shipment", "handover", shipment, "--partner", SOUTH, "--bundle", file]);
}

#[test]
fn a_budget_goes_on_through_three_organisations_and_the_last_ones_file_proves_it() {
    let (north, south) = partners();
    let east = organisation("East Depot", "Ramp");
    let (first, file) = handed_over(&north);
    south.answer(&["partner", "take", &file]);
    let second = gone_on(&south, &first);
    pin(&south, &east);
    let onward = place(&south, "for-east.firn");
    let hand_over = ["shipment", "handover", &second, "--partner", "East Depot", "--bundle", &onward];
    south.answer(&hand_over);
    pin(&east, &south);
    assert_eq!(east.answer(&["partner", "take", &onward])["custody"], "taken");
    let third = under_way(&east, &format!("{ITEM},leg={second}/1"), 10, &BRIEF);
    let line = show(&east, &third)["lines"][0].clone();
    // 40 minutes with North, 10 with South, 10 here: the hour is used up.
    assert_eq!(
        (&line["budgets"][0]["used_before_s"], &line["budgets"][0]["used_s"]),
        (&json!(3000), &json!(3600))
    );
    assert_eq!(line["budgets"][0]["known"], "complete");
    let (file, verified) = exported(&east, &third);
    assert_eq!((&verified["ok"], &verified["verdict"]), (&json!(true), &line["verdict"]), "{verified}");
    assert_eq!(check(&verified, "partners")["status"], "proved");
    assert_eq!(check(&verified, "legs")["status"], "proved");
    // A byte of North's evidence, two files deep, is not changed without a trace.
    let bytes = std::fs::read(&file).unwrap();
    let north_name = bytes.windows(NORTH.len()).position(|window| window == NORTH.as_bytes()).unwrap();
    let mut changed = bytes.clone();
    changed[north_name] ^= 1;
    let changed = east.file("changed.firn", changed);
    assert_eq!(east.run(&["verify", changed.to_str().unwrap()]).status.code(), Some(1));
}

#[test]
fn a_hand_over_carries_that_shipments_bundle_and_nothing_of_another() {
    let (north, south) = partners();
    let other = under_way(&north, "Rotarix,lot=SECRET", 5, &BRIEF);
    let (_, file) = handed_over(&north);
    let bytes = std::fs::read(&file).unwrap();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"MMR") && !holds(b"Rotarix") && !holds(b"SECRET"));
    assert!(!holds(SOUTH.as_bytes()), "whom the organisation knows is no business of who gets evidence");
    // What was not offered is known, and changes no custody.
    let (evidence, _) = exported(&north, &other);
    let took = south.answer(&["partner", "take", evidence.to_str().unwrap()]);
    assert_eq!((&took["custody"], &took["receipt"]), (&json!("none"), &Value::Null));
}

#[test]
fn evidence_of_an_organisation_that_nobody_pinned_is_intact_and_unknown() {
    let (north, south) = (organisation(NORTH, "Dock phone"), organisation(SOUTH, "Ward tablet"));
    pin(&north, &south);
    let (shipment, file) = handed_over(&north);
    let verified = south.answer(&["verify", &file]);
    assert_eq!((&verified["ok"], &verified["issuer"]), (&json!(true), &json!("unconfirmed")));
    assert!(words(&south, &["verify", &file]).contains("intact, organisation unknown"));
    let took = south.answer(&["partner", "take", &file]);
    assert_eq!((&took["custody"], &took["issuer"]), (&json!("taken"), &json!("unconfirmed")));
    let next = gone_on(&south, &shipment);
    let shown = show(&south, &next);
    assert!(shown["lines"][0]["reasons"].as_array().unwrap().contains(&json!("partner-unknown")), "{shown}");
    assert_eq!(shown["lines"][0]["budgets"][0]["used_before_s"], 2400);
    assert_eq!(shown["lines"][0]["foreign_legs"][0]["recognition"], "unknown");
    // Pinned later, the same evidence is taken in again as a known one's.
    pin(&south, &north);
    assert_eq!(south.answer(&["partner", "take", &file])["issuer"], "pinned");
    let shown = show(&south, &next);
    assert!(!shown["lines"][0]["reasons"].as_array().unwrap().contains(&json!("partner-unknown")), "{shown}");
    let (_, verified) = exported(&south, &next);
    assert_eq!(verified["ok"], true, "{verified}");
}

/// What a command says to a person.
fn words(home: &TestHome, arguments: &[&str]) -> String {
    let output = Command::new(program())
        .env("FIRN_HOME", home.path())
        .env("FIRN_PASSPHRASE_FILE", home.path().with_file_name("passphrase"))
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_revoked_partners_evidence_is_unconfirmed_and_nothing_is_handed_to_it() {
    let (north, south) = partners();
    let (_, file) = handed_over(&north);
    south.answer(&["partner", "revoke", NORTH]);
    let verified = south.answer(&["verify", &file]);
    assert_eq!((&verified["ok"], &verified["issuer"]), (&json!(true), &json!("unconfirmed")));
    assert_eq!(verified["issuer_name"], Value::Null);
    let shipment = south.shipment("DN-9", "cdc-refrigerator");
    let to = ["shipment", "handover", &shipment, "--partner", NORTH, "--bundle", &place(&south, "x.firn")];
    assert_eq!(south.refusal(&to), "app/partner-revoked");
}

#[test]
fn verifying_needs_no_home_and_an_asked_fingerprint_goes_before_what_is_known() {
    let (north, south) = partners();
    let (_, file) = handed_over(&north);
    let alone = |arguments: &[&str]| {
        let nowhere = tempfile::tempdir().unwrap();
        let output = Command::new(program())
            .env_remove("FIRN_HOME")
            .env("XDG_DATA_HOME", nowhere.path())
            .env("HOME", nowhere.path())
            .env("APPDATA", nowhere.path())
            .args(["--json", "verify", &file])
            .args(arguments)
            .output()
            .unwrap();
        json(&output)
    };
    assert_eq!((&alone(&[])["ok"], &alone(&[])["issuer"]), (&json!(true), &json!("unconfirmed")));
    assert_eq!(alone(&["--organisation", &fingerprint(&north)])["issuer"], "pinned");
    let asked = south.run(&["verify", &file, "--organisation", &fingerprint(&south)]);
    assert_eq!((asked.status.code(), &json(&asked)["issuer"]), (Some(1), &json!("unconfirmed")));
    assert_eq!(north.answer(&["verify", &file])["issuer_name"], NORTH, "one's own is known");
}

#[test]
fn a_tampered_bundle_is_refused_and_signs_nothing() {
    let (north, south) = partners();
    let (shipment, file) = handed_over(&north);
    let bytes = std::fs::read(&file).unwrap();
    let before = entries(&south);
    for at in [bytes.len() / 3, bytes.len() / 2, bytes.len() - 20] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let changed = south.file("changed.firn", changed);
        assert_eq!(wanting(&south, &["partner", "take", changed.to_str().unwrap()]), "app/partner-evidence");
    }
    let cut = south.file("cut.firn", &bytes[..bytes.len() - 7]);
    assert_eq!(wanting(&south, &["partner", "take", cut.to_str().unwrap()]), "app/partner-evidence");
    let preview = firn_tests::command::repository("core/report/fixtures/preview/evidence.firn");
    let preview = preview.to_str().unwrap();
    assert_eq!(south.refusal(&["partner", "take", preview]), "report/preview");
    let told = json(&south.run(&["verify", preview]));
    assert_eq!((&told["ok"], &told["unreadable"]["code"]), (&json!(false), &json!("report/preview")));
    let large = south.file("large.firn", vec![0; 16_000_001]);
    assert_eq!(south.refusal(&["partner", "take", large.to_str().unwrap()]), "app/partner-too-large");
    assert_eq!(entries(&south), before);
    // The leg that nobody took in is missing, and at most so much is left.
    let next = gone_on(&south, &shipment);
    let shown = show(&south, &next);
    assert_eq!(shown["lines"][0]["budgets"][0]["known"], "leg-missing");
}

#[test]
fn a_receipt_is_of_its_own_shipment_and_of_who_was_offered_it() {
    let (north, south) = partners();
    let east = organisation("East Depot", "Ramp");
    pin(&north, &east);
    pin(&east, &north);
    let (shipment, file) = handed_over(&north);
    // East was offered nothing: it may keep the evidence, and has no receipt to give.
    let took = east.answer(&["partner", "take", &file, "--receipt", &place(&east, "receipt.firn")]);
    assert_eq!((&took["custody"], &took["receipt"]), (&json!("none"), &Value::Null));
    assert!(!Path::new(&place(&east, "receipt.firn")).exists());
    // North gets its own evidence back, or South's of another shipment: neither is the receipt.
    assert_eq!(north.refusal(&["partner", "take", &file]), "app/partner-own");
    let own = under_way(&south, ITEM, 6, &BRIEF);
    let (other, _) = exported(&south, &own);
    assert_eq!(north.answer(&["partner", "take", other.to_str().unwrap()])["custody"], "none");
    assert_eq!(show(&north, &shipment)["hand_overs"][0]["one_sided"], true);
    // No device of North's own takes what was offered to South.
    assert_eq!(north.refusal(&["shipment", "handover", &shipment]), "app/out-of-order");
}

#[test]
fn every_device_of_an_organisation_knows_its_partners_and_an_admin_alone_pins_them() {
    let north = organisation(NORTH, "Dock phone");
    let south = organisation(SOUTH, "Ward tablet");
    let courier = courier_of(&north);
    let text = card(&south);
    let pins = ["partner", "accept", &text, "--fingerprint", &fingerprint(&south)];
    assert_eq!(courier.refusal(&pins), "app/role-may-not");
    pin(&north, &south);
    sync(&courier, &north);
    assert_eq!(courier.answer(&["partner", "list"])[0]["name"], SOUTH);
    assert_eq!(courier.refusal(&["partner", "revoke", SOUTH]), "app/role-may-not");
    // What a courier took in at the ramp, the dock goes on from.
    pin(&south, &north);
    let shipment = under_way(&south, ITEM, 8, &WARM);
    let file = place(&south, "for-north.firn");
    south.answer(&["shipment", "handover", &shipment, "--partner", NORTH, "--bundle", &file]);
    assert_eq!(courier.answer(&["partner", "take", &file])["issuer"], "pinned");
    sync(&courier, &north);
    let next = gone_on(&north, &shipment);
    assert_eq!(show(&north, &next)["lines"][0]["budgets"][0]["used_before_s"], 2400);
}

#[test]
fn where_people_sign_a_person_answers_for_a_hand_over_on_both_sides() {
    let (north, south) = (organisation(NORTH, "Dock phone"), organisation(SOUTH, "Ward tablet"));
    let (shipment, file) = (under_way(&north, ITEM, 8, &WARM), place(&north, "for-south.firn"));
    let [ana, ben] = [(&north, "Ana Lima"), (&south, "Ben Roth")].map(|(home, name)| {
        let pin = home.file("pin", format!("{name} has a long secret\n")).to_str().unwrap().to_owned();
        let add = ["person", "add", name, "--role", "admin", "--trained", "2026-01-15"];
        home.answer(&[&add[..], &["--accept-accountability", "--pin-file", &pin]].concat());
        ["--as".to_owned(), name.to_owned(), "--pin-file".to_owned(), pin]
    });
    let by = |home: &TestHome, who: &[String; 4], arguments: &[&str]| {
        let who: Vec<&str> = who.iter().map(String::as_str).collect();
        home.answer(&[arguments, &who[..]].concat())
    };
    let pins = |at: &TestHome, who, of: &TestHome| {
        let pinned = ["partner", "accept", &card(of), "--fingerprint", &fingerprint(of)];
        by(at, who, &pinned);
        let own = at.answer(&["log", "show"]);
        own.as_array().unwrap().iter().filter(|entry| entry["what"] == "partner").count()
    };
    assert_eq!((pins(&north, &ana, &south), pins(&south, &ben, &north)), (1, 1));
    let hand_over = ["shipment", "handover", &shipment, "--partner", SOUTH, "--bundle", &file];
    assert_eq!(north.refusal(&hand_over), "app/person-needed");
    by(&north, &ana, &hand_over);
    let receipt = place(&south, "receipt.firn");
    let take = ["partner", "take", &file, "--receipt", &receipt];
    assert_eq!(south.refusal(&take), "app/person-needed");
    assert_eq!(by(&south, &ben, &take)["custody"], "taken");
    let verified = north.answer(&["verify", &receipt]);
    assert_eq!(check(&verified, "people")["status"], "proved", "{verified}");
    by(&north, &ana, &["partner", "take", &receipt]);
    let shown = show(&north, &shipment);
    let last = shown["history"].as_array().unwrap().iter().rfind(|one| one["occurrence"]["what"] == "taken");
    assert_eq!(last.unwrap()["meaning"], "took-evidence");
    assert_eq!(last.unwrap()["person"]["name"], "Ana Lima");
    assert_eq!(shown["with_partner"]["name"], SOUTH);
}

#[test]
fn one_device_serves_two_organisations_each_in_its_own_home_and_nothing_crosses() {
    let (north, south) = (organisation(NORTH, "Shared tablet"), organisation(SOUTH, "Shared tablet"));
    let (one, other) = (north.answer(&["id"]), south.answer(&["id"]));
    for field in ["fingerprint", "log"] {
        assert_ne!(one[field], other[field], "{field}");
    }
    let shipment = under_way(&north, ITEM, 8, &WARM);
    let person = ["person", "add", "Ada North", "--role", "admin", "--trained", "2026-01-01"];
    let person = north.answer(&person);
    assert_eq!(south.answer(&["person", "list"]), json!([]), "{person}");
    assert_eq!(south.refusal(&["shipment", "show", &shipment]), "app/not-found");
    assert_eq!(south.answer(&["shipment", "list"]), json!([]));
    pin(&north, &south);
    assert_eq!(south.answer(&["partner", "list"]), json!([]), "a pin is one side's");
    let keys = |home: &TestHome| -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(home.path().join("keys")).unwrap();
        files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    };
    assert!(keys(&north).iter().all(|key| !keys(&south).contains(key)));
    let logs = |home: &TestHome| home.answer(&["log", "verify", "--deep"])["logs"].clone();
    assert_eq!((logs(&north).as_array().unwrap().len(), logs(&south).as_array().unwrap().len()), (1, 1));
    assert_ne!(logs(&north)[0]["log"], logs(&south)[0]["log"]);
}

#[test]
fn held_goods_are_handed_over_as_do_not_use_and_who_receives_them_sees_the_hold_and_decides() {
    let (north, south) = partners();
    let shipment = under_way(&north, ITEM, 8, &WARM);
    north.answer(&["shipment", "quarantine", &shipment, "--reason", "wet carton"]);
    let file = place(&north, "for-south.firn");
    let hand_over = ["shipment", "handover", &shipment, "--partner", SOUTH, "--bundle", &file];
    let answer = north.answer(&hand_over);
    assert_eq!(answer["do_not_use"], true, "{answer}");
    assert!(words(&north, &hand_over).contains("DO NOT USE"));
    let receipt = place(&south, "receipt.firn");
    let took = south.answer(&["partner", "take", &file, "--receipt", &receipt]);
    assert_eq!((&took["custody"], &took["do_not_use"]), (&json!("taken"), &json!(true)));
    let next = gone_on(&south, &shipment);
    let line = show(&south, &next)["lines"][0].clone();
    assert!(line["reasons"].as_array().unwrap().contains(&json!("leg-not-released")), "{line}");
    assert!(line["leg_warnings"][0]["differs"].as_array().unwrap().contains(&json!("stock")), "{line}");
    // At home nobody is asked to decide about what the partner has.
    north.answer(&["partner", "take", &receipt]);
    let shown = words(&north, &["shipment", "show", &shipment]);
    assert!(shown.contains("who decides about the held stock"), "{shown}");
    let decides = |kind: &Value| ["release", "release-in-part", "reject"].iter().any(|one| kind == one);
    let steps = show(&north, &shipment)["next"].clone();
    assert!(!steps.as_array().unwrap().iter().any(|one| decides(&one["step"])), "{steps}");
    let tasks = north.answer(&["tasks"]);
    let kinds: Vec<&Value> = tasks.as_array().unwrap().iter().map(|task| &task["kind"]).collect();
    assert!(!kinds.iter().any(|kind| **kind == "decide" || **kind == "second-person-release"), "{tasks}");
}

#[test]
fn between_ones_own_devices_held_goods_change_hands_as_do_not_use_too() {
    let north = organisation(NORTH, "Dock phone");
    let shipment = under_way(&north, ITEM, 8, &BRIEF);
    let free = north.answer(&["shipment", "handover", &shipment]);
    assert_eq!((&free["do_not_use"], &free["do_not_use_lines"]), (&json!(false), &Value::Null));
    north.answer(&["shipment", "quarantine", &shipment, "--reason", "wet carton"]);
    let held = north.answer(&["shipment", "handover", &shipment]);
    assert_eq!((&held["do_not_use"], held["entries"].as_array().unwrap().len()), (&json!(true), 0));
}
