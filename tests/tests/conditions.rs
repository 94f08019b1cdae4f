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

/// A table as the Ruuvi app writes it, every ten minutes from 07:50, with these counts of movements and 2.3 V.
fn table(movements: &[u32], humidity: u32) -> String {
    let mut text =
        "Date,Temperature (°C),Relative humidity (%),Voltage (V),Movement counter,RSSI (dBm)\n".to_owned();
    for (tens, count) in (47..).zip(movements) {
        let time = format!("2026-03-01 {:02}:{}0:00", tens / 6, tens % 6);
        text.push_str(&format!("{time},5.00,{humidity},2.3,{count},-70\n"));
    }
    text
}

/// What comes out of an hour from 08:00 of these lines: each quantity, its outcome, and the lines it is for.
fn outcomes(home: &TestHome, profile: &str, lines: &[&str], movements: &[u32]) -> (String, Vec<Value>) {
    let mut create = vec!["shipment", "new", "DN-23", "--profile", profile];
    lines.iter().for_each(|line| create.extend(["--item", line]));
    let shipment = home.answer(&create)["shipment"].as_str().unwrap().to_owned();
    let logger = format!("L{shipment}");
    home.answer(&["logger", "add", "--label", &logger, "--family", "ruuvitag", "--interval", "600"]);
    let late = ["--reason", "recorded afterwards"];
    let (begin, end) = ("2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z");
    home.answer(&[&["shipment", "start", &shipment, "--logger", &logger, "--at", begin], &late[..]].concat());
    let file = home.file(&format!("{shipment}.csv"), table(movements, 80));
    home.answer(&["ingest", &shipment, file.to_str().unwrap(), "--zone", "Z", "--logger", &logger]);
    home.answer(&[&["shipment", "receive", &shipment, "--at", end], &late[..]].concat());
    let shown = home.answer(&["shipment", "show", &shipment]);
    let told = |shown: &Value| {
        let judged = &shown["assessment"];
        json!([judged["channel"]["quantity"], judged["outcome"], judged.get("lines")])
    };
    (shipment, shown["conditions"].as_array().unwrap().iter().map(told).collect())
}

#[test]
fn a_logger_that_ran_before_the_pick_up_is_judged_by_what_it_had_told_there() {
    let home = TestHome::found();
    let profile = home.file("profile.json", PROFILE);
    let (shipment, told) = outcomes(&home, profile.to_str().unwrap(), &["X,quantity=1"], &[0, 0, 30, 30, 30]);
    assert!(told.contains(&json!(["movement", "out", null])), "{told:?}");
    assert!(told.contains(&json!(["battery-voltage", "out", null])), "{told:?}");
    let shown = home.answer(&["shipment", "show", &shipment]);
    assert_eq!(condition(&shown, "movement")["assessment"]["movements"], 30);
    assert_eq!(condition(&shown, "battery-voltage")["assessment"]["out_since"], "2026-03-01T08:00:00Z");
}

/// How the battery stands over an hour from 08:00 of a logger that told these volts every ten minutes until 09:00,
/// where these rows of it were read one after another.
fn battery(home: &TestHome, profile: &str, volts: &[&str], reads: &[(usize, usize)]) -> Value {
    let created = home.answer(&["shipment", "new", "DN-24", "--profile", profile, "--item", "X,quantity=1"]);
    let shipment = created["shipment"].as_str().unwrap();
    let logger = format!("L{shipment}");
    home.answer(&["logger", "add", "--label", &logger, "--family", "ruuvitag", "--interval", "600"]);
    let late = ["--reason", "recorded afterwards"];
    let (begin, end) = ("2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z");
    home.answer(&[&["shipment", "start", shipment, "--logger", &logger, "--at", begin], &late[..]].concat());
    for (from, to) in reads {
        let mut text = "Date,Temperature (°C),Voltage (V),RSSI (dBm)\n".to_owned();
        for row in *from..*to {
            let tens = 54 + 1 + row - volts.len();
            text.push_str(&format!("2026-03-01 {:02}:{}0:00,5.00,{},-70\n", tens / 6, tens % 6, volts[row]));
        }
        let file = home.file("part.csv", text);
        home.answer(&["ingest", shipment, file.to_str().unwrap(), "--zone", "Z", "--logger", &logger]);
    }
    home.answer(&[&["shipment", "receive", shipment, "--at", end], &late[..]].concat());
    let shown = home.answer(&["shipment", "show", shipment]);
    let told = &condition(&shown, "battery-voltage")["assessment"];
    json!([told["outcome"], told["lowest"]])
}

#[test]
fn a_battery_is_judged_by_what_it_last_told_at_the_pick_up_whichever_part_of_its_file_was_read_first() {
    let home = TestHome::found();
    let profile = home.file("profile.json", PROFILE);
    let profile = profile.to_str().unwrap();
    let recovered = ["2.30", "2.45", "2.45", "2.45", "2.45", "2.45", "2.45", "2.45", "2.45"];
    assert_eq!(battery(&home, profile, &recovered, &[(0, 9)]), json!(["within", 2450]));
    let hardly = ["2.39", "2.40", "2.41", "2.40", "2.41", "2.42", "2.41", "2.41", "2.41"];
    for reads in [vec![(0, 9)], vec![(2, 9), (0, 9)], vec![(6, 9), (0, 4), (3, 7)]] {
        assert_eq!(battery(&home, profile, &hardly, &reads)[0], "within", "{reads:?}");
    }
    let drops = ["2.45", "2.45", "2.45", "2.45", "2.41", "2.39", "2.41", "2.41", "2.41"];
    for reads in [vec![(0, 9)], vec![(6, 9), (0, 9)], vec![(7, 9), (0, 3), (2, 8)]] {
        assert_eq!(battery(&home, profile, &drops, &reads), json!(["out", 2390]), "{reads:?}");
    }
}

#[test]
fn a_line_has_its_own_limit_on_humidity_beside_a_neighbour_that_has_another_or_none() {
    let home = TestHome::found();
    for (name, limit) in [("dry", 60), ("moist", 90)] {
        let profile = json!({
            "name": name, "version": 1, "limits": {"min_c": 2.0, "max_c": 8.0}, "interval_s": 600, "alarms": [],
            "conditions": [{"quantity": "humidity", "max_pct": limit}]
        });
        let file = home.file(&format!("{name}.json"), profile.to_string());
        home.answer(&["profile", "add", file.to_str().unwrap()]);
    }
    let (x, y) = ("X,quantity=1,profile=dry", "Y,quantity=1,profile=moist");
    let humidity = |lines: &[&str]| -> (String, Vec<Value>) {
        let (shipment, told) = outcomes(&home, "cdc-refrigerator", lines, &[0; 8]);
        (shipment, told.into_iter().filter(|one| one[0] == "humidity").collect())
    };
    let (shipment, told) = humidity(&[y, x]);
    assert_eq!(told, [json!(["humidity", "within", [0]]), json!(["humidity", "out", [1]])]);
    let (_, alone) = humidity(&[x, "Y,quantity=1"]);
    assert_eq!(alone, [json!(["humidity", "out", [0]]), json!(["humidity", "not-judged", [1]])]);
    let evidence = home.file("lines.firn", "");
    home.answer(&["export", &shipment, "--evidence", evidence.to_str().unwrap()]);
    let verified = home.answer(&["verify", evidence.to_str().unwrap()]);
    assert_eq!(check(&verified, "conditions")["status"], "proved", "{verified}");
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
