//! Whoever changes people, rules, profiles or loggers says why, and what stood before stays readable.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json};
use serde_json::{Value, json};

fn words(home: &TestHome, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(firn_tests::command::program());
    let output = command.env("FIRN_HOME", home.path()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// When, by whom, why, and what stood before and after, of the last change.
fn last(changes: &Value, field: &str) -> (bool, Value, Value, Value, Value) {
    let change = changes.as_array().unwrap().last().unwrap();
    let (before, after) = (change["before"][field].clone(), change["after"][field].clone());
    (change["at"].is_string(), change["device"]["label"].clone(), change["reason"].clone(), before, after)
}

#[test]
fn whoever_changes_or_ends_a_person_says_why_and_what_the_person_was_stays_readable() {
    let home = TestHome::found();
    let pin = home.file("adam", "adam has a long secret\n");
    let pin = pin.to_str().unwrap();
    let adam = ["person", "add", "Adam Roy", "--role", "admin", "--trained", "2026-01-15"];
    home.answer(&[&adam[..], &["--accept-accountability", "--pin-file", pin]].concat());
    home.answer(&["person", "add", "Ana Lima", "--role", "pharmacist", "--trained", "2026-01-15"]);
    let change = ["person", "change", "Ana Lima", "--role", "courier"];
    assert_eq!(home.refusal(&change), "app/reason-needed");
    assert_eq!(home.refusal(&[&change[..], &["--reason", " "]].concat()), "app/reason-needed");
    assert_eq!(home.refusal(&["person", "end", "Ana Lima"]), "app/reason-needed");
    assert_eq!(home.answer(&["person", "show", "Ana Lima"])["changes"].as_array().unwrap().len(), 1);
    let signed = ["--reason", "asked for it", "--as", "Adam Roy", "--pin-file", pin];
    home.answer(&[&change[..], &signed[..]].concat());
    let shown = home.answer(&["person", "show", "Ana Lima"]);
    let (at, _, reason, before, after) = last(&shown["changes"], "role");
    assert_eq!(
        (at, reason, before, after),
        (true, json!("asked for it"), json!("pharmacist"), json!("courier"))
    );
    assert_eq!(shown["changes"][1]["person"]["name"], "Adam Roy");
    assert_eq!((&shown["changes"][0]["before"], &shown["role"]), (&Value::Null, &json!("courier")));
    home.answer(&["person", "train", "Ana Lima", "--trained", "2026-02-01"]);
    home.answer(&["person", "end", "Ana Lima", "--reason", "moved away"]);
    let shown = home.answer(&["person", "show", "Ana Lima"]);
    assert_eq!(shown["changes"].as_array().unwrap().len(), 4);
    assert_eq!(shown["changes"][2]["reason"], Value::Null, "a reason ends with its change");
    assert_eq!(last(&shown["changes"], "standing").2, "moved away");
    let told = words(&home, &["person", "show", "Ana Lima"]);
    assert!(told.contains("by Adam Roy on ") && told.contains("role courier (before: pharmacist)"), "{told}");
    assert!(
        told.contains("because “asked for it”") && told.contains("standing ended (before: signs)"),
        "{told}"
    );
    assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
}

#[test]
fn whoever_changes_a_rule_in_force_says_why_and_the_rule_before_stays_readable() {
    let home = TestHome::found();
    let set = |rule: &'static str| ["policy", "set", "single-person-release", rule];
    home.answer(&set("allowed"));
    home.answer(&set("allowed"));
    assert_eq!(home.refusal(&set("refused")), "app/reason-needed");
    assert_eq!(home.answer(&["policy", "show"])["single_person_release"], "allowed");
    home.answer(&[&set("refused")[..], &["--reason", "a second pharmacist"]].concat());
    let shown = home.answer(&["policy", "show"]);
    let (at, _, reason, before, after) = last(&shown["changes"], "single_person_release");
    assert_eq!(
        (at, reason, before, after),
        (true, json!("a second pharmacist"), json!("allowed"), json!("refused"))
    );
    let told = words(&home, &["policy", "show"]);
    assert!(told.contains("refused (before: allowed), because “a second pharmacist”"), "{told}");
}

#[test]
fn whoever_publishes_a_next_version_says_why_and_each_version_tells_who_when_and_why() {
    let home = TestHome::found();
    let add = |version: u32, more: &[&str]| {
        let limits = r#""limits":{"min_c":2.0,"max_c":8.0},"interval_s":600"#;
        let text = format!(r#"{{"name":"Own","version":{version},{limits}}}"#);
        let file = home.file("own.json", text);
        home.run(&[&["profile", "add", file.to_str().unwrap()][..], more].concat())
    };
    assert_eq!(json(&add(1, &[]))["ok"], true);
    assert_eq!(json(&add(2, &[]))["error"], "app/reason-needed");
    assert_eq!(json(&add(2, &["--reason", "the maker's new label"]))["ok"], true);
    let history = home.answer(&["profile", "show", "Own"])["history"].clone();
    assert_eq!((&history[0]["version"], &history[0]["reason"]), (&json!(1), &Value::Null));
    assert_eq!((&history[1]["version"], &history[1]["reason"]), (&json!(2), &json!("the maker's new label")));
    assert!(history[1]["at"].is_string() && history[1]["device"]["label"].is_string(), "{history}");
}

#[test]
fn whoever_changes_what_is_added_to_a_loggers_temperatures_says_why_and_the_offset_before_stays_readable() {
    let home = TestHome::found();
    home.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    let recorded = |number: &'static str, more: &[&'static str]| {
        let start = ["logger", "calibrated", "Box 7", "--certificate", number, "--laboratory", "Metrolab"];
        [&start[..], &["--date", "2026-01-05", "--due", "2036-01-05"], more].concat()
    };
    home.answer(&recorded("C-1", &[]));
    assert_eq!(home.refusal(&recorded("C-2", &["--offset", "-0.3"])), "app/reason-needed");
    home.answer(&recorded("C-2", &["--offset", "-0.3", "--reason", "adjusted"]));
    home.answer(&recorded("C-3", &["--offset", "-0.3"]));
    let changes = home.answer(&["logger", "show", "Box 7"])["changes"].clone();
    assert_eq!(changes.as_array().unwrap().len(), 4);
    let change = &changes[2];
    assert_eq!((&change["before"]["offset_mc"], &change["after"]["offset_mc"]), (&Value::Null, &json!(-300)));
    assert_eq!((&change["reason"], &changes[3]["reason"]), (&json!("adjusted"), &Value::Null));
}
