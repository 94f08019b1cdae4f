//! What else loggers measure and what people see, through the real command: beside the temperatures, never in
//! their verdict.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ble::Address;
use firn_ble::virtual_logger::{Climate, VirtualRuuviTag};
use firn_model::units::{MilliCelsius, RelativeHumidity};
use firn_tests::command::{TestHome, program};
use firn_tests::virtual_bluez::{Faults, Rig, now};
use serde_json::{Value, json};
use std::sync::Arc;

const ADDRESS: &str = "CB:B8:33:4C:88:4F";

/// A tag at five degrees in a wet box: 71 % where 60 % is the limit.
fn wet_tag() -> VirtualRuuviTag {
    VirtualRuuviTag {
        name: "Ruuvi 884F".into(),
        address: Address::parse(ADDRESS).unwrap(),
        booted: now().plus_seconds(-20 * 300 - 17),
        interval_s: 300,
        climate: Arc::new(|_| Climate {
            temperature: MilliCelsius(5000),
            humidity: RelativeHumidity(710_000),
            pressure_pa: 100_044,
        }),
        seed: 42,
        battery_mv: 2350,
    }
}

const PROFILE: &str = r#"{
    "name": "Box 2-8", "limits": {"min_c": 2.0, "max_c": 8.0}, "interval_s": 600,
    "alarms": [{"id": "hot", "bound": "above", "limit_c": 8.0, "mode": "single", "allowance_s": 0}],
    "conditions": [
        {"quantity": "humidity", "max_pct": 60, "allowance_s": 600},
        {"quantity": "movement", "max_count": 3},
        {"quantity": "acceleration", "max_mg": 2000},
        {"quantity": "battery-voltage", "min_mv": 2400}
    ]
}"#;

fn condition<'a>(shown: &'a Value, quantity: &str) -> &'a Value {
    let conditions = shown["conditions"].as_array().unwrap();
    let of = |one: &&Value| one["assessment"]["channel"]["quantity"] == quantity;
    conditions.iter().find(of).unwrap_or_else(|| panic!("no {quantity} in {shown}"))
}

fn check<'a>(verified: &'a Value, id: &str) -> &'a Value {
    let checks = verified["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id} in {verified}"))
}

#[test]
fn humidity_out_of_its_limit_is_signed_and_exported_beside_a_temperature_that_stayed_in_range() {
    let rig = Rig::start(wet_tag(), Faults::default());
    let home = TestHome::found();
    let profile = home.file("profile.json", PROFILE);
    let shipment = home.shipment("DN-20", profile.to_str().unwrap());
    home.answer(&["logger", "add", "--label", "Box 7", "--interval", "300", "--address", ADDRESS]);
    let begin = now().plus_seconds(-90 * 60).to_rfc3339();
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 7",
        "--at",
        &begin,
        "--reason",
        "recorded afterwards",
    ]);
    let run = |arguments: &[&str]| {
        let mut command = rig.command(program().to_str().unwrap());
        home.prepare(&mut command);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["download", "Box 7", "--shipment", &shipment]);
    run(&["listen", "--record", "--seconds", "4"]);
    home.answer(&["shipment", "receive", &shipment]);

    let shown = home.answer(&["shipment", "show", &shipment]);
    let excursions = shown["series"][0]["assessment"]["excursions"].as_array().unwrap();
    assert!(excursions.is_empty() && shown["series"][0]["assessment"]["verdict"] == "ok", "{shown}");
    assert_ne!(shown["summary"]["verdict"], "excursion", "{}", shown["summary"]);
    let humidity = condition(&shown, "humidity");
    assert_eq!(humidity["assessment"]["outcome"], "out");
    assert!(humidity["assessment"]["highest"].as_i64().unwrap() > 700_000);
    assert!(humidity["points"].as_array().unwrap().len() > 15);
    assert_eq!(condition(&shown, "pressure")["assessment"]["outcome"], "not-judged");
    assert_eq!(condition(&shown, "movement")["assessment"]["movements"], 0);
    assert_eq!(condition(&shown, "movement")["points"].as_array().unwrap().len(), 1, "only what changes");
    let battery = &condition(&shown, "battery-voltage")["assessment"];
    assert_eq!((&battery["outcome"], &battery["lowest"]), (&json!("out"), &json!(2350)));
    let shock = &condition(&shown, "acceleration")["assessment"];
    assert_eq!((&shock["outcome"], &shock["highest"]), (&json!("within"), &json!(1000)));

    let (evidence, csv) = (home.file("e.firn", ""), home.file("r.csv", ""));
    let (evidence, csv) = (evidence.to_str().unwrap(), csv.to_str().unwrap());
    home.answer(&["export", &shipment, "--evidence", evidence, "--csv", csv]);
    let verified = home.answer(&["verify", evidence]);
    assert_eq!(
        (&verified["ok"], &check(&verified, "conditions")["status"]),
        (&json!(true), &json!("proved"))
    );
    assert_eq!(check(&verified, "assessment")["status"], "proved");
    let table = std::fs::read_to_string(csv).unwrap();
    let of = |channel: &str| table.lines().filter(|line| line.contains(channel)).count();
    assert!(of(",temperature 0,") > 15 && of(",humidity 0,") > 15, "{table}");
    let wet = table.lines().find(|line| line.contains(",humidity 0,")).unwrap();
    assert!(wet.contains(",above") && wet.contains(",%"), "{wet}");
    assert!(table.lines().any(|line| line.contains(",2.35,V")), "{table}");
}

/// A clean journey of two hours, read from a file, with these observations; the reasons of its verdict.
fn reasons_after(home: &TestHome, observations: &[&[&str]]) -> (String, Vec<Value>) {
    let shipment = home.shipment("DN-21", "cdc-refrigerator");
    home.answer(&["logger", "add", "--label", "Box 8", "--family", "file", "--interval", "600"]);
    let begin = "2026-03-01T08:00:00Z";
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 8",
        "--at",
        begin,
        "--reason",
        "recorded afterwards",
    ]);
    let mut text = "time,temperature_c\n".to_owned();
    (0..=6).for_each(|index| {
        text.push_str(&format!("2026-03-01T{:02}:{:02}:00Z,5\n", 8 + index / 6, index % 6 * 10))
    });
    let file = home.file("clean.csv", text);
    home.answer(&["ingest", &shipment, file.to_str().unwrap(), "--logger", "Box 8"]);
    home.answer(&[
        "shipment",
        "receive",
        &shipment,
        "--at",
        "2026-03-01T09:00:00Z",
        "--reason",
        "recorded afterwards",
    ]);
    for observation in observations {
        home.answer(&[&["observe", &shipment], *observation].concat());
    }
    let shown = home.answer(&["shipment", "show", &shipment]);
    let reasons = shown["summary"]["reasons"].as_array().unwrap().clone();
    (shipment, reasons)
}

#[test]
fn an_activated_freeze_indicator_seen_at_the_dock_is_a_reason_for_review_with_its_photo() {
    let home = TestHome::found();
    let photo = home.file("photo.jpg", b"not really a photo");
    let photo = photo.to_str().unwrap();
    let seen_at = "2026-03-01T09:05:00Z";
    let (shipment, reasons) = reasons_after(
        &home,
        &[
            &["vvm", "2", "--note", "all vials"],
            &[
                "freeze-indicator",
                "activated",
                "--photo",
                photo,
                "--at",
                seen_at,
                "--reason",
                "recorded afterwards",
            ],
        ],
    );
    assert!(reasons.contains(&json!("observation")), "{reasons:?}");
    let shown = home.answer(&["shipment", "show", &shipment]);
    let history = shown["history"].as_array().unwrap();
    let seen: Vec<&Value> =
        history.iter().filter(|event| event["occurrence"]["what"] == "observed").collect();
    assert_eq!(seen.len(), 2);
    let last = &seen[1]["occurrence"];
    assert_eq!((&last["gives-cause"], &last["observation"]["at"]), (&json!(true), &json!(seen_at)));
    assert_eq!(seen[0]["occurrence"]["gives-cause"], false, "a vial monitor before its discard point");

    let evidence = home.file("e.firn", "");
    let evidence = evidence.to_str().unwrap();
    home.answer(&["export", &shipment, "--evidence", evidence]);
    let verified = home.answer(&["verify", evidence, "--photo", photo]);
    assert_eq!((&verified["ok"], &check(&verified, "photos")["status"]), (&json!(true), &json!("proved")));
    let other = home.file("other.jpg", b"another");
    let output = home.run(&["verify", evidence, "--photo", other.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_was_seen_without_cause_changes_nothing_and_what_cannot_be_is_refused() {
    let home = TestHome::found();
    let (shipment, reasons) = reasons_after(&home, &[&["coolant", "partly-melted"], &["seal", "intact"]]);
    assert!(!reasons.contains(&json!("observation")), "{reasons:?}");
    for (arguments, code) in [
        (&["vvm", "5"][..], "cli/observed"),
        (&["seal", "melted"], "cli/observed"),
        (&["other"], "app/incomplete"),
        (&["coolant", "melted", "--at", "2099-01-01T00:00:00Z"], "app/still-to-come"),
        (&["coolant", "melted", "--at", "2026-03-01T09:00:00Z"], "app/late-reason-needed"),
        (&["seal", "broken", "--photo", "/no/such/photo"], "cli/unreadable-file"),
    ] {
        assert_eq!(home.refusal(&[&["observe", &shipment], arguments].concat()), code, "{arguments:?}");
    }
}
