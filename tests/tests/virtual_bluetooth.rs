//! The real btleplug against a stand-in of BlueZ: found, connected, downloaded, interrupted, resumed.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ble::Address;
use firn_ble::virtual_logger::{Climate, Truth, VirtualRuuviTag};
use firn_model::reading::Measurement;
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use firn_tests::virtual_bluez::{AdapterState, Faults, InAir, Peripheral, Presence, Rig, now};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::Arc;

const CLIENT: &str = env!("CARGO_BIN_EXE_radio-client");
const ADDRESS: &str = "CB:B8:33:4C:88:4F";

/// A tag that has recorded so many samples, at a temperature that falls below zero on the way.
fn tag(samples: i64) -> VirtualRuuviTag {
    let booted = now().plus_seconds(-samples * 300 - 17);
    VirtualRuuviTag {
        name: "Ruuvi 884F".into(),
        address: Address::parse(ADDRESS).unwrap(),
        booted,
        interval_s: 300,
        climate: Arc::new(move |at: UtcMillis| Climate {
            temperature: MilliCelsius(6000 - i32::try_from((at.0 - booted.0) / 40_000).unwrap()),
            humidity: RelativeHumidity(453_400),
            pressure_pa: 100_044,
        }),
        seed: 42,
        battery_mv: 2977,
    }
}

fn lines(output: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The readings printed by a download, and its last line.
fn download(rig: &Rig) -> (Vec<Value>, Value) {
    let mut command = rig.command(CLIENT);
    let output = command.args(["download", ADDRESS]).output().unwrap();
    let mut lines = lines(&output.stdout);
    let summary = lines.pop().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    lines.sort_by_key(|line| line["time_ms"].as_i64());
    (lines, summary)
}

/// Every reading is the tag's memory: the same values, the same times but for the whole second of the clock.
fn assert_memory(rig: &Rig, readings: &[Value]) {
    assert_is(&of(rig).memory(), readings, 2000);
}

/// Every reading is a record: the same values, and the same times within so many milliseconds.
fn assert_is(memory: &[Truth], readings: &[Value], tolerance_ms: i64) {
    assert_eq!(readings.len(), memory.len());
    for (reading, record) in readings.iter().zip(memory) {
        let time = reading["time_ms"].as_i64().unwrap();
        assert!((time - record.time.0).abs() <= tolerance_ms, "{reading} for {record:?}");
        let mut measurement: Measurement = serde_json::from_value(reading["measurement"].clone()).unwrap();
        measurement.interval_s = None;
        assert_eq!(measurement, record.measurement, "{reading}");
    }
}

/// The tag of a rig with one.
fn of(rig: &Rig) -> &Peripheral {
    rig.logger(Address::parse(ADDRESS).unwrap())
}

/// A client that waits for the system no longer than a second.
fn client(rig: &Rig, arguments: &[&str]) -> Child {
    let mut command = rig.command(CLIENT);
    command.args(arguments).env("FIRN_PATIENCE_MS", "1000");
    // bluez-async panics in a task of its own when its bus dies; that noise says nothing.
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// The last line of a client that is to end by itself.
fn last_line(child: Child) -> Value {
    lines(&child.wait_with_output().unwrap().stdout).pop().unwrap()
}

#[test]
fn a_tag_in_the_air_is_heard_with_its_strength_and_its_values() {
    let rig = Rig::start(tag(10), Faults::default());
    let mut child = client(&rig, &["listen", "10000"]);
    let mut heard = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut heard).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let heard: Value = serde_json::from_str(&heard).unwrap();
    assert_eq!((&heard["address"], &heard["name"]), (&ADDRESS.into(), &"Ruuvi 884F".into()));
    assert_eq!(heard["rssi_dbm"], -57);
    assert_eq!(heard["readings"][0]["battery_mv"], 2977);
    assert!(heard["readings"][0]["temperature_mc"].is_i64(), "{heard}");
}

#[test]
fn a_tag_is_found_connected_and_its_1200_records_are_downloaded() {
    let rig = Rig::start(tag(1200), Faults::default());
    let (readings, summary) = download(&rig);
    assert_eq!((&summary["readings"], &summary["whole"]), (&1200.into(), &true.into()), "{summary}");
    assert_memory(&rig, &readings);
    assert!(readings.iter().any(|reading| reading["measurement"]["temperature_mc"].as_i64() < Some(-2000)));
    assert_eq!((of(&rig).connections(), of(&rig).is_connected()), (1, false));
}

#[test]
fn a_full_memory_that_has_wrapped_round_is_downloaded_in_order_of_time() {
    let rig = Rig::start(tag(4000), Faults::default());
    let (readings, summary) = download(&rig);
    assert_memory(&rig, &readings);
    assert_eq!((&summary["incomplete"], &summary["whole"]), (&0.into(), &true.into()), "{summary}");
}

#[test]
fn a_connection_lost_in_mid_transfer_is_resumed_and_gives_the_same_series() {
    let faults = Faults { break_off_after: vec![1000, 400], ..Faults::default() };
    let rig = Rig::start(tag(1200), faults);
    let (readings, summary) = download(&rig);
    assert_memory(&rig, &readings);
    assert_eq!((&summary["interruptions"], &summary["whole"]), (&2.into(), &true.into()), "{summary}");
    assert_eq!((of(&rig).connections(), of(&rig).is_connected()), (3, false));
}

#[test]
fn notifications_that_get_lost_without_a_sign_are_asked_for_again() {
    // One value, one whole sample, and a run of them.
    let lost = [100, 300, 301, 302].into_iter().chain(600..660).collect();
    let rig = Rig::start(tag(400), Faults { lost, ..Faults::default() });
    let (readings, summary) = download(&rig);
    assert_memory(&rig, &readings);
    assert_eq!((&summary["requests"], &summary["incomplete"]), (&2.into(), &0.into()), "{summary}");
}

#[test]
fn a_tag_that_bluez_only_remembers_is_not_heard() {
    let rig = Rig::start(tag(10), Faults { presence: Presence::Remembered, ..Faults::default() });
    let mut command = rig.command(CLIENT);
    let output = command.args(["listen", "1000"]).output().unwrap();
    assert_eq!((lines(&output.stdout), output.status.code()), (vec![], Some(0)));
}

#[test]
fn a_bus_that_dies_while_listening_is_noticed() {
    let mut rig = Rig::start(tag(10), Faults::default());
    let mut child = client(&rig, &["listen", "60000"]);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert!(line.contains(ADDRESS), "{line}");
    rig.kill_bus();
    let last = output.lines().map(|line| line.unwrap()).last().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&last).unwrap()["error"], "ble/adapter-silent");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_bus_that_dies_in_mid_transfer_is_noticed_and_what_came_is_kept() {
    let mut rig = Rig::start(tag(400), Faults { silent_after: Some(600), ..Faults::default() });
    let mut child = client(&rig, &["download", ADDRESS]);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    output.read_line(&mut first).unwrap();
    rig.kill_bus();
    let rest: Vec<String> = output.lines().map(|line| line.unwrap()).collect();
    let last: Value = serde_json::from_str(rest.last().unwrap()).unwrap();
    assert_eq!(last["error"], "ble/adapter-silent");
    assert!(last["next_step"].as_str().unwrap().contains("Bluetooth service"), "{last}");
    assert!(rest.len() >= 64, "{} lines", rest.len());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn an_adapter_switched_off_in_mid_transfer_is_said_to_be_off() {
    let rig = Rig::start(tag(400), Faults { silent_after: Some(600), ..Faults::default() });
    let mut child = client(&rig, &["download", ADDRESS]);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    output.read_line(&mut first).unwrap();
    rig.switch_off();
    let last = output.lines().map(|line| line.unwrap()).last().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&last).unwrap()["error"], "ble/adapter-off");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn each_state_of_the_adapter_has_its_own_answer() {
    let off = Rig::of([InAir::new(tag(1))], AdapterState::Off);
    assert_eq!(last_line(client(&off, &["listen", "1000"]))["error"], "ble/adapter-off");
    let none = Rig::of([InAir::new(tag(1))], AdapterState::Absent);
    assert_eq!(last_line(client(&none, &["listen", "1000"]))["error"], "ble/no-adapter");
    let mut gone = Rig::start(tag(1), Faults::default());
    gone.kill_bus();
    assert_eq!(last_line(client(&gone, &["listen", "1000"]))["error"], "ble/no-service");
}
