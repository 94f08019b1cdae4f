//! People who sign: two homes and four persons, through the real command (21 CFR 11.50 to 11.300).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, refusal, repository};
use firn_tests::peering::{self, sync};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A courier's phone that has joined, or another role's.
fn joined(home: &TestHome, role: &str) -> TestHome {
    peering::joined(home, role, "Van phone")
}

fn pin(home: &TestHome, name: &str) -> PathBuf {
    home.file(name, format!("{name} has a long secret\n"))
}

/// Enrols a person with a key on this device.
fn person(home: &TestHome, name: &str, role: &str, more: &[&str]) -> Value {
    let pin = pin(home, name);
    let mut arguments = vec!["person", "add", name, "--role", role, "--accept-accountability", "--pin-file"];
    arguments.push(pin.to_str().unwrap());
    arguments.extend(more);
    home.answer(&arguments)
}

const TRAINED: [&str; 2] = ["--trained", "2026-01-15"];

/// The arguments with who signs them.
fn by<'a>(arguments: &[&'a str], person: &'a str, pin: &'a Path) -> Vec<&'a str> {
    [arguments, &["--as", person, "--pin-file", pin.to_str().unwrap()]].concat()
}

fn history(home: &TestHome, shipment: &str) -> Vec<Value> {
    home.answer(&["shipment", "show", shipment])["history"].as_array().unwrap().clone()
}

fn kinds(home: &TestHome, kind: u64) -> usize {
    let entries = home.answer(&["log", "show"]);
    entries.as_array().unwrap().iter().filter(|entry| entry["kind"] == kind).count()
}

/// The code that an answer tells, in a file as a person would have it.
fn code(home: &TestHome, answer: &Value) -> PathBuf {
    home.file(&format!("code-{}", answer["name"]), answer["code"].as_str().unwrap())
}

#[test]
fn four_people_in_two_homes_sign_what_their_roles_allow_and_the_evidence_shows_who_and_what_it_means() {
    let pharmacy = TestHome::found();
    let van = joined(&pharmacy, "courier");
    let ana = person(
        &pharmacy,
        "Ana Lima",
        "pharmacist",
        &[&TRAINED[..], &["--title", "Head pharmacist"]].concat(),
    );
    assert_eq!((&ana["key"], &ana["standing"]), (&Value::from(true), &Value::from("active")));
    let carl = person(&pharmacy, "Carl Berg", "courier", &TRAINED);
    person(&pharmacy, "Una Novak", "quality", &[]);
    person(&pharmacy, "Adam Roy", "admin", &TRAINED);
    sync(&van, &pharmacy);
    let (at_home, in_van) = (pin(&pharmacy, "Ana Lima"), pin(&van, "Carl Berg"));
    let carl_at_home = pin(&pharmacy, "Carl Berg");

    // Enrolling people is an admin's device's to do; a key is its person's on each device.
    assert_eq!(van.refusal(&["person", "add", "Eve", "--role", "admin"]), "app/role-may-not");
    let id = carl["id"].as_str().unwrap();
    let key = |home: &TestHome, more: &[&str]| home.run(&[&["person", "key", id][..], more].concat());
    assert_eq!(refusal(&key(&van, &[])), "cli/not-accepted");
    let with = |pin: &Path, code: &Path| {
        let (pin, code) = (pin.to_str().unwrap(), code.to_str().unwrap());
        key(&van, &["--accept-accountability", "--pin-file", pin, "--code-file", code])
    };
    // Whoever has not got Carl's code makes no key in his name, not even with that of another.
    assert_eq!(refusal(&with(&in_van, &code(&van, &ana))), "app/enrolment-code");
    assert_eq!(refusal(&with(&in_van, &van.file("none", "lost"))), "app/enrolment-code");
    let no_code = key(&van, &["--accept-accountability", "--pin-file", in_van.to_str().unwrap()]);
    assert_eq!(refusal(&no_code), "cli/code-needed");
    assert_eq!(kinds(&van, 36), 4, "those that were made at home");
    assert!(with(&in_van, &code(&van, &carl)).status.success());
    assert_eq!(refusal(&with(&in_van, &code(&van, &carl))), "app/person-key-exists");

    let shipment = pharmacy.shipment("DN-1", "cdc-refrigerator");
    let start = ["shipment", "start", &shipment];
    assert_eq!(pharmacy.refusal(&start), "app/person-needed");
    let una = pin(&pharmacy, "Una Novak");
    assert_eq!(pharmacy.refusal(&by(&start, "Una Novak", &una)), "authority/person-not-trained");
    pharmacy.answer(&by(&start, "Ana Lima", &at_home));
    let (give, take) = (["shipment", "handover", &shipment], ["shipment", "handover", &shipment]);
    pharmacy.answer(&by(&give, "Ana Lima", &at_home));
    sync(&van, &pharmacy);
    van.answer(&by(&take, id, &in_van));
    sync(&van, &pharmacy);
    pharmacy.answer(&by(&give, "Ana Lima", &at_home));
    let receive = ["shipment", "receive", &shipment];
    pharmacy.answer(&by(&receive, "Ana Lima", &at_home));

    // The device is an admin's; the person is a courier.
    let dispose = ["shipment", "dispose", &shipment, "--decision", "reject", "--reason", "no readings"];
    assert_eq!(pharmacy.refusal(&by(&dispose, "Carl Berg", &carl_at_home)), "app/role-may-not");
    pharmacy.answer(&by(&dispose, "Ana Lima", &at_home));
    sync(&van, &pharmacy);

    for home in [&pharmacy, &van] {
        let signed: Vec<(String, String)> = history(home, &shipment)
            .iter()
            .inspect(|event| assert_eq!(event["refused"], Value::Null, "{event}"))
            .filter(|event| event["person"].is_object())
            .map(|event| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                (text(&event["person"]["name"]), text(&event["meaning"]))
            })
            .collect();
        let expected = [
            ("Ana Lima", "picked-up"),
            ("Ana Lima", "offered-custody"),
            ("Carl Berg", "accepted-custody"),
            ("Ana Lima", "confirmed-custody"),
            ("Ana Lima", "received"),
            ("Ana Lima", "rejected"),
        ];
        assert_eq!(signed, expected.map(|(name, meaning)| (name.to_owned(), meaning.to_owned())));
        assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
    }

    // The file tells of the signers and verifies alone; of those who signed nothing it tells nothing.
    let file = pharmacy.file("dn-1.firn", "");
    pharmacy.answer(&["export", &shipment, "--evidence", file.to_str().unwrap()]);
    let verified = json(&pharmacy.run(&["verify", file.to_str().unwrap()]));
    assert_eq!(verified["ok"], true, "{verified}");
    let checks = verified["checks"].as_array().unwrap();
    let people = checks.iter().find(|check| check["id"] == "people").unwrap();
    assert_eq!(people["status"], "proved");
    assert!(people["why"].as_str().unwrap().starts_with("6 signatures of 2 persons"), "{people}");
    let bytes = std::fs::read(&file).unwrap();
    let told = |name: &str| bytes.windows(name.len()).any(|window| window == name.as_bytes());
    assert!(told("Ana Lima") && told("Carl Berg") && !told("Una Novak") && !told("Adam Roy"));

    // An end is for good, and nobody gets the id again.
    pharmacy.answer(&["person", "end", "Ana Lima", "--reason", "moved away"]);
    let next = pharmacy.shipment("DN-2", "cdc-refrigerator");
    let start = ["shipment", "start", &next];
    assert_eq!(pharmacy.refusal(&by(&start, "Ana Lima", &at_home)), "authority/person-ended");
    let again = ["person", "add", "Ana Two", "--role", "admin", "--id", ana["id"].as_str().unwrap()];
    assert_eq!(pharmacy.refusal(&again), "app/person-id-taken");
    assert_eq!(
        pharmacy.refusal(&["person", "train", "Ana Lima", "--trained", "2026-02-01"]),
        "app/out-of-order"
    );
    assert!(history(&pharmacy, &shipment).iter().all(|event| event["refused"] == Value::Null));
}

#[test]
fn five_wrong_pins_in_a_row_lock_the_person_also_after_a_restart_and_are_signed_into_the_log() {
    let home = TestHome::found();
    person(&home, "Ana Lima", "pharmacist", &TRAINED);
    let (right, wrong) = (pin(&home, "Ana Lima"), home.file("wrong", "somebody else's secret\n"));
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    let start = ["shipment", "start", &shipment];
    for _ in 0..4 {
        assert_eq!(home.refusal(&by(&start, "Ana Lima", &wrong)), "app/pin-wrong");
    }
    // Every command is a process of its own: the count outlives it.
    assert_eq!(kinds(&home, 37), 0);
    assert_eq!(home.refusal(&by(&start, "Ana Lima", &wrong)), "app/signing-locked");
    assert_eq!(kinds(&home, 37), 1);
    assert_eq!(home.refusal(&by(&start, "Ana Lima", &right)), "app/signing-locked");
    assert_eq!(kinds(&home, 37), 1);
    assert!(home.answer(&["person", "show", "Ana Lima"])["locked_until"].is_string());
    assert_eq!(history(&home, &shipment).len(), 1);
}

#[test]
fn the_right_pin_clears_what_was_counted_and_a_short_one_protects_no_key() {
    let home = TestHome::found();
    person(&home, "Ana Lima", "pharmacist", &TRAINED);
    let (right, wrong) = (pin(&home, "Ana Lima"), home.file("wrong", "somebody else's secret\n"));
    for reference in ["DN-1", "DN-2"] {
        let new = ["shipment", "new", reference];
        for _ in 0..4 {
            assert_eq!(home.refusal(&by(&new, "Ana Lima", &wrong)), "app/pin-wrong");
        }
        home.answer(&by(&new, "Ana Lima", &right));
    }
    let short = home.file("short", "eleven char\n");
    let add = ["person", "add", "Eve", "--role", "courier", "--accept-accountability", "--pin-file"];
    assert_eq!(home.refusal(&[&add[..], &[short.to_str().unwrap()]].concat()), "app/pin-too-short");
    assert_eq!(home.answer(&["person", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(home.refusal(&["shipment", "new", "DN-3", "--as", "Ana Lima"]), "cli/pin-needed");
}

#[test]
fn a_pin_is_changed_by_who_knows_it_and_a_lost_one_costs_the_key_but_none_of_its_signatures() {
    let pharmacy = TestHome::found();
    let van = joined(&pharmacy, "courier");
    person(&pharmacy, "Adam Roy", "admin", &TRAINED);
    let adam = pin(&pharmacy, "Adam Roy");
    let as_adam = |arguments: &[&str]| pharmacy.run(&by(arguments, "Adam Roy", &adam));
    // The log names the admin who enrols; a person without the right is refused.
    let add = ["person", "add", "Carl Berg", "--role", "courier", TRAINED[0], TRAINED[1]];
    let carl = json(&as_adam(&add));
    let codes = [code(&pharmacy, &carl), code(&van, &carl)];
    let [code_at_home, code_in_van] = codes.each_ref().map(|path| path.to_str().unwrap());
    let entries = pharmacy.answer(&["log", "show"]);
    let enrolled: Vec<&Value> =
        entries.as_array().unwrap().iter().filter(|entry| entry["kind"] == 35).collect();
    assert_eq!([&enrolled[0]["person"], &enrolled[1]["person"]], [&Value::Null, &Value::from("Adam Roy")]);
    let own = pharmacy.file("carl.new", "carl has yet another secret\n");
    let key = ["person", "key", "Carl Berg", "--accept-accountability", "--pin-file", own.to_str().unwrap()];
    pharmacy.answer(&[&key[..], &["--code-file", code_at_home]].concat());
    let ended = by(&["person", "end", "Adam Roy", "--reason", "a jest"], "Carl Berg", &own);
    assert_eq!(pharmacy.refusal(&ended), "app/role-may-not");
    sync(&van, &pharmacy);

    let (first, next) = (pin(&van, "Carl Berg"), van.file("next", "carl has a better secret\n"));
    let accept =
        ["person", "key", "Carl Berg", "--accept-accountability", "--code-file", code_in_van, "--pin-file"];
    van.answer(&[&accept[..], &[first.to_str().unwrap()]].concat());
    let shipment = van.shipment("DN-1", "cdc-refrigerator");
    van.answer(&by(&["shipment", "start", &shipment], "Carl Berg", &first));
    let change = |old: &Path, new: &Path| {
        let (old, new) = (old.to_str().unwrap().to_owned(), new.to_str().unwrap().to_owned());
        van.run(&["person", "pin", "Carl Berg", "--pin-file", &old, "--new-pin-file", &new])
    };
    assert_eq!(refusal(&change(&next, &next)), "app/pin-wrong");
    let short = van.file("short", "eleven char\n");
    assert_eq!(refusal(&change(&first, &short)), "app/pin-too-short");
    assert!(change(&first, &next).status.success());
    let hold = ["shipment", "quarantine", &shipment, "--reason", "carton wet"];
    assert_eq!(van.refusal(&by(&hold, "Carl Berg", &first)), "app/pin-wrong");
    van.answer(&by(&hold, "Carl Berg", &next));
    assert_eq!(van.refusal(&[&accept[..], &[first.to_str().unwrap()]].concat()), "app/person-key-exists");
    sync(&van, &pharmacy);

    // The van's admin is at the pharmacy; the key there stays.
    let withdraw = ["person", "key", "Carl Berg", "--withdraw", "PIN lost", "--device", "Van phone"];
    assert_eq!(refusal(&van.run(&withdraw)), "app/role-may-not");
    let answer = json(&as_adam(&withdraw));
    assert_eq!(answer["withdrawn"][0]["reason"], "PIN lost");
    assert_eq!(answer["key"], true);
    sync(&van, &pharmacy);
    assert_eq!(van.refusal(&by(&hold, "Carl Berg", &next)), "app/no-person-key");
    van.answer(&[&accept[..], &[first.to_str().unwrap()]].concat());
    van.answer(&by(&hold, "Carl Berg", &first));
    sync(&van, &pharmacy);
    for home in [&van, &pharmacy] {
        let signed: Vec<Value> = history(home, &shipment)
            .into_iter()
            .inspect(|event| assert_eq!(event["refused"], Value::Null, "{event}"))
            .filter(|event| event["person"]["name"] == "Carl Berg")
            .collect();
        assert_eq!(signed.len(), 3, "picked up, and held with either key");
        assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
    }

    // Both at one device: withdrawn and made anew.
    let newest = pharmacy.file("newest", "carl has a secret at home\n");
    let replace = ["person", "key", "Carl Berg", "--replace", "PIN seen", "--accept-accountability"];
    let made = as_adam(&[&replace[..], &["--new-pin-file", newest.to_str().unwrap()]].concat());
    assert_eq!(json(&made)["withdrawn"].as_array().unwrap().len(), 2);
    pharmacy.answer(&by(&["shipment", "new", "DN-2"], "Carl Berg", &newest));
    assert_eq!(pharmacy.refusal(&by(&["shipment", "new", "DN-3"], "Carl Berg", &own)), "app/pin-wrong");

    // Two keys in one log: the file tells of both, and verifies.
    let file = van.file("dn-1.firn", "");
    van.answer(&["export", &shipment, "--evidence", file.to_str().unwrap()]);
    let verified = json(&van.run(&["verify", file.to_str().unwrap()]));
    assert_eq!(verified["ok"], true, "{verified}");
}

#[test]
fn a_courier_who_signs_as_quality_needs_her_code_and_a_new_code_voids_the_one_that_was_seen() {
    let pharmacy = TestHome::found();
    let van = joined(&pharmacy, "courier");
    let una = pharmacy.answer(&["person", "add", "Una Novak", "--role", "quality", TRAINED[0], TRAINED[1]]);
    let seen = code(&van, &una);
    let renewed = pharmacy.answer(&["person", "code", "Una Novak"]);
    assert_ne!(renewed["code"], una["code"]);
    assert_eq!(van.refusal(&["person", "code", "Una Novak"]), "app/not-found", "it has not heard of her");
    sync(&van, &pharmacy);
    assert_eq!(van.refusal(&["person", "code", "Una Novak"]), "app/role-may-not");
    let pin = pin(&van, "Una Novak");
    let make = |code: &Path| {
        let (pin, code) = (pin.to_str().unwrap(), code.to_str().unwrap());
        let key = ["person", "key", "Una Novak", "--accept-accountability", "--pin-file", pin];
        van.run(&[&key[..], &["--code-file", code]].concat())
    };
    assert_eq!(refusal(&make(&seen)), "app/enrolment-code");
    assert_eq!(json(&make(&code(&van, &renewed)))["key"], true);
    sync(&van, &pharmacy);
    assert_eq!(pharmacy.answer(&["log", "verify", "--deep"])["ok"], true);
}

#[test]
fn the_accountability_text_is_printed_before_a_key_is_made_and_without_acceptance_there_is_none() {
    let home = TestHome::found();
    let added = home.answer(&["person", "add", "Ana Lima", "--role", "admin", "--trained", "2026-01-15"]);
    assert_eq!(added["key"], false);
    let output = home.run(&["person", "key", "Ana Lima"]);
    assert_eq!(refusal(&output), "cli/not-accepted");
    assert!(String::from_utf8_lossy(&output.stderr).contains("legally binding equivalent"));
    assert_eq!(kinds(&home, 36), 0);
    assert!(repository("docs/permissions.md").is_file());
}

#[test]
fn of_two_people_of_one_name_the_one_who_still_signs_is_meant_and_who_enrols_the_second_is_told() {
    let home = TestHome::found();
    let first = person(&home, "Ana Lima", "pharmacist", &TRAINED);
    let add = ["person", "add", "Ana Lima", "--role", "quality", TRAINED[0], TRAINED[1]];
    let output = home.run(&add);
    let (second, told) = (json(&output), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(told.contains(first["id"].as_str().unwrap()) && told.contains("name each by the id"), "{told}");
    assert_eq!(home.refusal(&["person", "show", "Ana Lima"]), "app/ambiguous");
    home.answer(&["person", "end", second["id"].as_str().unwrap(), "--reason", "enrolled twice"]);
    assert_eq!(home.answer(&["person", "show", "Ana Lima"])["id"], first["id"]);
    let later = ["person", "train", "Ana Lima", "--trained", "2099-01-01"];
    assert_eq!(home.refusal(&later), "app/time-impossible");
}
