//! `firn listen` and `firn download` over the real btleplug and a stand-in of BlueZ.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ble::Address;
use firn_ble::virtual_logger::{Climate, VirtualRuuviTag};
use firn_model::units::{MilliCelsius, RelativeHumidity};
use firn_tests::command::{TestHome, program};
use firn_tests::virtual_bluez::{AdapterState, Faults, InAir, Rig, now};
use serde_json::Value;
use std::sync::Arc;

const ADDRESS: &str = "CB:B8:33:4C:88:4F";

/// A tag that has recorded so many samples five minutes apart, at five degrees below zero.
fn tag(samples: i64) -> VirtualRuuviTag {
    VirtualRuuviTag {
        name: "Ruuvi 884F".into(),
        address: Address::parse(ADDRESS).unwrap(),
        booted: now().plus_seconds(-samples * 300 - 17),
        interval_s: 300,
        climate: Arc::new(|_| Climate {
            temperature: MilliCelsius(-5000),
            humidity: RelativeHumidity(453_400),
            pressure_pa: 100_044,
        }),
        seed: 42,
        battery_mv: 2977,
    }
}

fn lines(output: &std::process::Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_logger_is_heard_and_its_memory_read_from_the_terminal() {
    let rig = Rig::start(tag(400), Faults::default());
    let firn = |arguments: &[&str]| {
        let home = tempfile::tempdir().unwrap();
        let mut command = rig.command(program().to_str().unwrap());
        lines(&command.env("FIRN_HOME", home.path()).arg("--json").args(arguments).output().unwrap())
    };
    let heard = firn(&["listen", "--seconds", "4"]);
    assert_eq!(heard[0]["family"], "ruuvitag");
    let temperature = heard[0]["measurement"]["temperature_mc"].as_i64().unwrap();
    assert!((-5020..=-4980).contains(&temperature), "{temperature}");
    let readings = firn(&["download", ADDRESS]);
    assert_eq!(readings.len(), rig.logger(Address::parse(ADDRESS).unwrap()).memory().len());
    assert!(readings.iter().all(|reading| reading["temperature_mc"].as_i64().unwrap() < -4900));
}

#[test]
fn a_logger_is_downloaded_into_a_shipment_once() {
    let rig = Rig::start(tag(300), Faults::default());
    let home = TestHome::found();
    let shipment = home.shipment("DN-9", "cdc-refrigerator");
    home.answer(&["logger", "add", "--label", "Box 7", "--interval", "300", "--address", ADDRESS]);
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 7",
        "--at",
        "2020-01-01T00:00:00Z",
        "--reason",
        "recorded afterwards",
    ]);
    let download = || {
        let mut command = rig.command(program().to_str().unwrap());
        home.prepare(&mut command);
        lines(&command.args(["download", "Box 7", "--shipment", &shipment]).output().unwrap()).remove(0)
    };
    assert_eq!(download()["sealed"], 900);
    assert_eq!(download()["sealed"], 0);
    let shown = home.answer(&["shipment", "show", &shipment]);
    assert_eq!(shown["series"][0]["points"].as_array().unwrap().len(), 300);
    assert_eq!(shown["summary"]["verdict"], "excursion");
    assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
}

#[test]
fn the_doctor_tells_what_works_and_what_to_do_about_the_rest() {
    let doctor = |rig: &Rig| {
        let home = TestHome::found();
        let mut command = rig.command(program().to_str().unwrap());
        home.prepare(&mut command);
        let output = command.args(["doctor", "--seconds", "3"]).output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let status = |id: &str| {
            let checks = answer["checks"].as_array().unwrap();
            checks.iter().find(|check| check["id"] == id).map_or(Value::Null, |check| check["status"].clone())
        };
        let ids = ["adapter", "loggers", "clock", "home", "keys", "peers"].map(status);
        (output.status.code(), ids, answer)
    };
    let (code, ids, answer) = doctor(&Rig::start(tag(10), Faults::default()));
    assert_eq!(ids, ["works", "works", "works", "works", "works", "unknown"], "{answer}");
    assert_eq!(code, Some(0));
    let (code, ids, answer) = doctor(&Rig::of([InAir::new(tag(10))], AdapterState::Off));
    assert_eq!((code, &ids[0]), (Some(1), &Value::from("fails")));
    assert_eq!(answer["checks"][0]["code"], "ble/adapter-off");
    assert!(answer["checks"][0]["next_step"].as_str().unwrap().contains("on"));
}

#[test]
fn adverts_heard_of_a_shipment_under_way_are_sealed_as_merely_heard() {
    let rig = Rig::start(tag(3), Faults::default());
    let home = TestHome::found();
    let shipment = home.shipment("DN-10", "cdc-refrigerator");
    home.answer(&["logger", "add", "--label", "Box 7", "--address", ADDRESS]);
    home.answer(&["shipment", "start", &shipment, "--logger", "Box 7"]);
    let mut command = rig.command(program().to_str().unwrap());
    home.prepare(&mut command);
    let heard = lines(&command.args(["listen", "--record", "--seconds", "4"]).output().unwrap());
    assert!(heard.iter().all(|line| line["provenance"] == "P0" && line["refused"].is_null()), "{}", heard[0]);
    let shown = home.answer(&["shipment", "show", &shipment]);
    let series = &shown["series"][0];
    let points = series["points"].as_array().unwrap();
    assert!((1..heard.len()).contains(&points.len()), "{} of {}", points.len(), heard.len());
    let graded = &series["provenance"][0];
    assert_eq!((&graded["source"], &graded["grade"]), (&"advert".into(), &"P0".into()));
    assert!(graded["proves"].as_str().unwrap().contains("received these bytes"));
    assert!(!shown["summary"]["reasons"].as_array().unwrap().contains(&"late-entry".into()));
    assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
}

/// A tag that stores a sample each two seconds, at five degrees.
fn cool_tag() -> VirtualRuuviTag {
    let cool = Climate { temperature: MilliCelsius(5000), ..(tag(0).climate)(now()) };
    VirtualRuuviTag {
        booted: now().plus_seconds(-21),
        interval_s: 2,
        climate: Arc::new(move |_| cool),
        ..tag(0)
    }
}

#[test]
fn what_was_heard_on_the_way_and_read_at_the_dock_is_in_range_and_who_received_it_releases_alone() {
    let rig = Rig::start(cool_tag(), Faults::default());
    let home = TestHome::found();
    let pin =
        |name: &str| home.file(name, format!("{name} has a long secret\n")).to_str().unwrap().to_owned();
    for (name, role) in [("Ana Lima", "pharmacist"), ("Carl Berg", "courier")] {
        let add = ["person", "add", name, "--role", role, "--trained", "2026-01-15"];
        home.answer(&[&add[..], &["--accept-accountability", "--pin-file", &pin(name)]].concat());
    }
    let signs = |name: &str, arguments: &[&str]| {
        home.answer(&[&["shipment"], arguments, &["--as", name, "--pin-file", &pin(name)]].concat())
    };
    let by_radio = |arguments: &[&str]| {
        let mut command = rig.command(program().to_str().unwrap());
        home.prepare(&mut command);
        lines(&command.args(arguments).output().unwrap())
    };
    let new = ["new", "DN-14", "--profile", "cdc-refrigerator", "--item", "MMR,lot=A1,quantity=40"];
    let shipment = signs("Ana Lima", &new)["shipment"].as_str().unwrap().to_owned();
    home.answer(&["logger", "add", "--label", "Box 7", "--interval", "2", "--address", ADDRESS]);
    signs("Carl Berg", &["start", &shipment, "--logger", "Box 7"]);
    by_radio(&["listen", "--record", "--seconds", "5"]);
    std::thread::sleep(std::time::Duration::from_secs(3));
    by_radio(&["download", "Box 7", "--shipment", &shipment]);
    signs("Ana Lima", &["receive", &shipment, "--seal", "intact", "--count", "40"]);
    let shown = home.answer(&["shipment", "show", &shipment]);
    let (summary, graded) = (&shown["summary"], shown["series"][0]["provenance"].to_string());
    assert_eq!(
        (&summary["verdict"], &summary["reasons"]),
        (&"ok".into(), &Value::Array(vec![])),
        "{shown:#}"
    );
    assert!(graded.contains("\"P1\""), "{graded}");
    assert_ne!(summary["stock"], "quarantined");
    signs("Ana Lima", &["dispose", &shipment, "--decision", "release", "--reason", "in range"]);
    let released = &home.answer(&["shipment", "show", &shipment])["summary"]["stock"];
    assert_eq!(released, "released");
}

#[test]
fn a_plain_advert_of_a_logger_with_a_key_is_told_as_refused_and_never_recorded() {
    let rig = Rig::start(tag(3), Faults::default());
    let home = TestHome::found();
    let shipment = home.shipment("DN-11", "cdc-refrigerator");
    let key = home.file("key", "231d39c1d7cc1ab1aee224cd096db932\n");
    let key = key.to_str().unwrap();
    let add = ["logger", "add", "--label", "Box 7", "--bind-key-file", key];
    assert_eq!(home.run(&add).status.code(), Some(2), "adverts are told by the address");
    home.answer(&[&add[..], &["--address", ADDRESS]].concat());
    home.answer(&["shipment", "start", &shipment, "--logger", "Box 7"]);
    let listen = |more: &[&str]| {
        let mut command = rig.command(program().to_str().unwrap());
        home.prepare(&mut command);
        lines(&command.args(["listen", "--seconds", "3"]).args(more).output().unwrap())
    };
    for heard in [listen(&[]), listen(&["--record"])] {
        assert!(!heard.is_empty());
        assert!(heard.iter().all(|line| line["refused"]["code"] == "ble/not-encrypted"), "{}", heard[0]);
    }
    assert_eq!(home.answer(&["shipment", "show", &shipment])["series"].as_array().unwrap().len(), 0);
    assert_eq!(home.answer(&["logger", "key", "Box 7", "--forget"])["key"], false);
    assert!(listen(&[]).iter().all(|line| line["refused"].is_null()));
}

#[test]
fn of_several_loggers_the_one_that_is_not_heard_is_told_and_the_other_is_read() {
    let rig = Rig::start(tag(50), Faults::default());
    let home = TestHome::found();
    let shipment = home.shipment("DN-12", "cdc-refrigerator");
    home.answer(&["logger", "add", "--label", "Box 7", "--interval", "300", "--address", ADDRESS]);
    home.answer(&["logger", "add", "--label", "Box 8", "--address", "CB:B8:33:4C:88:50"]);
    home.answer(&["shipment", "start", &shipment, "--logger", "Box 7", "--logger", "Box 8"]);
    let mut command = rig.command(program().to_str().unwrap());
    home.prepare(&mut command);
    let download = ["download", "--all", "--shipment", &shipment, "--patience", "4"];
    let output = command.args(download).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let mut told: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    told.sort_by_key(|line| line["ok"].as_bool());
    assert_eq!((told.len(), &told[0]["error"]), (2, &"ble/not-heard".into()));
    assert_eq!((&told[1]["ok"], &told[1]["sealed"]), (&true.into(), &150.into()));
}
