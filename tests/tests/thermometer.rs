//! Thermometers without a log, what devices tell of themselves, and what BlueZ merely remembers.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ble::dialog::ruuvi;
use firn_ble::virtual_logger::thermometer::{Ambient, Telling, Unit, VirtualThermometer};
use firn_ble::virtual_logger::{Body, Climate, VirtualRuuviTag};
use firn_ble::{Address, DeviceInformation};
use firn_model::units::{MilliCelsius, RelativeHumidity};
use firn_tests::command::{TestHome, program};
use firn_tests::virtual_bluez::{AdapterState, Cached, Faults, InAir, Presence, Rig, now};
use serde_json::Value;
use std::process::Output;
use std::sync::Arc;

fn address(number: u8) -> Address {
    Address([0xC4, 0x7C, 0x8D, 0x6A, 0x01, number])
}

/// At three degrees and a half below zero, but for the noise of two hundredths.
fn climate() -> Climate {
    Climate { temperature: MilliCelsius(-3500), humidity: RelativeHumidity(453_400), pressure_pa: 100_044 }
}

fn thermometer(number: u8, ambient: Ambient, health: Option<Unit>) -> Telling {
    let body = Body {
        name: "Thermometer".into(),
        address: address(number),
        booted: now(),
        interval_s: 60,
        capacity: 0,
        climate: Arc::new(|_| climate()),
        seed: 7,
    };
    let information = DeviceInformation {
        manufacturer: Some("Firn".into()),
        model: Some("SIG-1".into()),
        serial: Some(format!("SN-{number:04}")),
        firmware: Some("2.1.0".into()),
        hardware: Some("B".into()),
        software: None,
        battery_pct: Some(87),
    };
    Telling { logger: Arc::new(VirtualThermometer { body, ambient, health }), information }
}

fn tag(number: u8, samples: i64) -> VirtualRuuviTag {
    VirtualRuuviTag {
        name: "Ruuvi 884F".into(),
        address: address(number),
        booted: now().plus_seconds(-samples * 300 - 17),
        interval_s: 300,
        climate: Arc::new(|_| climate()),
        seed: 42,
        battery_mv: 2977,
    }
}

fn run(rig: &Rig, home: &TestHome, arguments: &[&str]) -> Output {
    let mut command = rig.command(program().to_str().unwrap());
    home.prepare(&mut command);
    command.args(arguments).output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// −3.5 °C, with 0.02 °C of noise and the rounding of a value sent in hundredths of a degree Fahrenheit.
fn is_cold(line: &Value) -> bool {
    (-3523..=-3477).contains(&line["temperature_mc"].as_i64().unwrap())
}

const BY_ADDRESS: [&str; 2] = ["--device", "environmental-sensing"];

#[test]
fn a_thermometer_without_a_log_is_connected_and_shows_what_it_measures_now() {
    let shown = thermometer(1, Ambient::Shown, Some(Unit::Celsius));
    let indicated = thermometer(2, Ambient::NotKnown, Some(Unit::Celsius));
    let fahrenheit = thermometer(3, Ambient::Absent, Some(Unit::Fahrenheit));
    let rig = Rig::of([shown, indicated, fahrenheit].map(InAir::new), AdapterState::On);
    let home = TestHome::unmade();
    let before = now();
    for number in 1..=3 {
        let at = address(number).to_string();
        let output = run(&rig, &home, &[&["download", &at], &BY_ADDRESS[..]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let [line] = &lines(&output)[..] else { panic!("{number}: {said}") };
        assert!(is_cold(line), "{number}: {line}");
        assert_eq!(
            (&line["source"], &line["provenance"], &line["clock"]),
            (&"advert".into(), &"P0".into(), &"phone".into())
        );
        let humidity = line["humidity_pct"].as_f64();
        assert_eq!(humidity, (number == 1).then_some(45.34), "what is marked as not known is absent");
        assert_eq!(line["battery_pct"], 87);
        let time = firn_model::time::LocalInstant::parse(line["time"].as_str().unwrap()).unwrap().at;
        assert!((before..=now()).contains(&time), "{line}");
        let told = format!("Firn, SIG-1, serial SN-000{number}, firmware 2.1.0, hardware B, battery 87 %");
        assert!(said.contains(&told), "{said}");
        assert!(!rig.logger(address(number)).is_connected());
    }
}

#[test]
fn a_thermometer_that_knows_no_temperature_gives_none() {
    let unknown = thermometer(1, Ambient::NotKnown, None);
    let rig = Rig::of([InAir::new(unknown), InAir::new(tag(2, 3))], AdapterState::On);
    let home = TestHome::unmade();
    for number in [1, 2] {
        let at = address(number).to_string();
        let output = run(&rig, &home, &[&["download", &at], &BY_ADDRESS[..]].concat());
        assert_eq!(firn_tests::command::refusal(&output), "ble/no-present-value");
    }
    let at = address(1).to_string();
    let unheard_of = run(&rig, &home, &["download", &at, "--device", "nonesuch"]);
    assert_eq!(firn_tests::command::refusal(&unheard_of), "ble/unknown-device");
}

#[test]
fn a_present_value_is_sealed_into_a_shipment_as_told_live_and_never_as_a_log() {
    let rig = Rig::of([InAir::new(thermometer(1, Ambient::Shown, None))], AdapterState::On);
    let home = TestHome::found();
    let shipment = home.shipment("DN-20", "cdc-refrigerator");
    let at = address(1).to_string();
    let add = ["logger", "add", "--label", "Bag 1", "--family", "environmental-sensing"];
    home.answer(&[&add[..], &["--address", &at, "--serial", "SN-0009"]].concat());
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Bag 1",
        "--at",
        "2020-01-01T00:00:00Z",
        "--reason",
        "recorded afterwards",
    ]);
    let told = lines(&run(&rig, &home, &["download", "Bag 1", "--shipment", &shipment])).remove(0);
    assert_eq!(
        (&told["ok"], &told["readings"], &told["sealed"]),
        (&true.into(), &1.into(), &4.into()),
        "{told}"
    );
    assert_eq!((&told["present"], &told["serial_differs"]), (&true.into(), &true.into()));
    let device = serde_json::json!({
        "manufacturer": "Firn", "model": "SIG-1", "serial": "SN-0001", "firmware": "2.1.0", "hardware": "B",
        "battery_pct": 87
    });
    assert_eq!(told["device"], device);
    let shown = home.answer(&["shipment", "show", &shipment]);
    let series = &shown["series"][0];
    assert_eq!(series["points"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&series["provenance"][0]["source"], &series["provenance"][0]["grade"]),
        (&"advert".into(), &"P0".into())
    );
    assert_eq!(shown["summary"]["verdict"], "excursion");
    assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
}

#[test]
fn a_download_of_a_log_also_tells_what_the_logger_says_of_itself() {
    let information = DeviceInformation {
        serial: Some("SN-0001".into()),
        firmware: Some("3.31.1".into()),
        ..DeviceInformation::default()
    };
    let telling = Telling { logger: Arc::new(tag(1, 20)), information };
    let rig = Rig::of([InAir::new(telling)], AdapterState::On);
    let home = TestHome::found();
    let shipment = home.shipment("DN-21", "cdc-refrigerator");
    let at = address(1).to_string();
    home.answer(&["logger", "add", "--label", "Box 1", "--address", &at, "--serial", "sn 0001"]);
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 1",
        "--at",
        "2020-01-01T00:00:00Z",
        "--reason",
        "recorded afterwards",
    ]);
    let told = lines(&run(&rig, &home, &["download", "--all", "--shipment", &shipment])).remove(0);
    assert_eq!((&told["readings"], &told["present"]), (&20.into(), &false.into()), "{told}");
    assert_eq!((&told["device"]["firmware"], &told["serial_differs"]), (&"3.31.1".into(), &Value::Null));
}

#[test]
fn a_logger_known_by_name_alone_is_never_taken_for_another_of_that_name() {
    let one = || InAir::new(thermometer(1, Ambient::Shown, None));
    let two = InAir::new(thermometer(2, Ambient::Shown, None));
    let home = TestHome::found();
    let add = ["logger", "add", "--label", "Thermometer", "--family", "environmental-sensing"];
    home.answer(&[&add[..], &["--serial", "SN-0002"]].concat());
    let both = Rig::of([one(), two.clone()], AdapterState::On);
    assert_eq!(
        firn_tests::command::refusal(&run(&both, &home, &["download", "Thermometer"])),
        "ble/same-name"
    );
    let wrong = Rig::of([one()], AdapterState::On);
    let refused = firn_tests::command::refusal(&run(&wrong, &home, &["download", "Thermometer"]));
    assert_eq!(refused, "ble/another-logger");
    let right = Rig::of([two], AdapterState::On);
    let read = lines(&run(&right, &home, &["download", "Thermometer"]));
    assert_eq!(read.len(), 1, "{read:?}");
}

/// What `firn` says of a tag that it is to read.
fn refused(presence: Presence, cached: Cached) -> (String, usize) {
    let faults = Faults { presence, cached, ..Faults::default() };
    let rig = Rig::of([InAir::new(tag(1, 10)).with(faults)], AdapterState::On);
    let home = TestHome::unmade();
    let at = address(1).to_string();
    let code = firn_tests::command::refusal(&run(&rig, &home, &["download", &at, "--patience", "2"]));
    let heard = lines(&run(&rig, &home, &["listen", "--seconds", "1"]));
    assert_eq!(heard.is_empty(), presence != Presence::InTheAir, "{presence:?}: {heard:?}");
    (code, rig.logger(address(1)).connections())
}

#[test]
fn a_logger_that_bluez_remembers_is_not_taken_for_one_in_the_air() {
    for presence in [Presence::Remembered, Presence::RememberedWithStrength] {
        assert_eq!(refused(presence, Cached::Truly), ("ble/not-heard".to_owned(), 0), "{presence:?}");
    }
}

#[test]
fn services_remembered_of_another_firmware_are_told_as_such_at_once() {
    for (cached, code) in [
        (Cached::Without(ruuvi::NOTIFY), "ble/no-characteristic"),
        (Cached::Without(ruuvi::WRITE), "ble/no-characteristic"),
        (Cached::OtherHandles, "ble/stale-services"),
    ] {
        assert_eq!(refused(Presence::InTheAir, cached), (code.to_owned(), 1), "{cached:?}");
    }
}

#[test]
fn a_logger_that_bluez_remembers_and_that_is_in_the_air_is_heard() {
    // The second program finds every device remembered by the first.
    let rig =
        Rig::of([InAir::new(tag(1, 10)), InAir::new(thermometer(2, Ambient::Shown, None))], AdapterState::On);
    let home = TestHome::unmade();
    for _ in 0..2 {
        assert!(!lines(&run(&rig, &home, &["listen", "--seconds", "1"])).is_empty());
        let at = address(2).to_string();
        let read = lines(&run(&rig, &home, &[&["download", &at], &BY_ADDRESS[..]].concat()));
        assert_eq!(read.len(), 1, "{read:?}");
    }
}
