//! Firn over the real Bluetooth of Linux, in a guest: kernel, bluetoothd and btleplug, and virtual loggers.
//!
//! Without the rig that `cargo xtask rig` prepares there is nothing to run on, and each test says so.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use data_encoding::HEXLOWER;
use firn_ble::Address;
use firn_model::time::UtcMillis;
use firn_tests::command;
use firn_tests::kernel_bluetooth::{Fault, Rig, Scenario, Told, fleet, program};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const ADDRESS: &str = "CB:B8:33:4C:88:00";

/// The scenario on the rig, with a line that tells how it went; without a rig, one that says so.
fn on_the_rig(title: &str, scenario: impl FnOnce() -> Scenario) -> Option<Told> {
    let Some(rig) = Rig::find() else {
        println!("\nrig: {title}: skipped, none is prepared here (`cargo xtask rig`)");
        return None;
    };
    let told = rig.run(&scenario());
    let (guest, host) = (told.guest.as_secs_f64(), told.host.as_secs_f64());
    println!("\nrig: {title}: {}; {guest:.1} s in the guest, {host:.1} s here", outcome(&told));
    Some(told)
}

/// What the client came to, in a few words.
fn outcome(told: &Told) -> String {
    let (count, last) = (told.lines.len(), told.lines.last().unwrap_or(&Value::Null));
    if let Some(error) = last["error"].as_str() {
        return format!("{} readings, then {error}", count - 1);
    }
    if last["requests"].is_null() {
        return format!("{count} lines");
    }
    let number = |name: &str| last[name].as_u64().unwrap();
    let (readings, requests) = (number("readings"), number("requests"));
    let (connections, whole) = (connections(told), &last["whole"]);
    format!("{readings} readings, requests: {requests}, connections: {connections}, whole: {whole}")
}

fn radio_client(samples: u32, arguments: &[&str]) -> Scenario {
    let client = program("radio-client");
    Scenario::of(samples, &[&[client.to_str().unwrap()], arguments].concat())
}

fn download(samples: u32) -> Scenario {
    radio_client(samples, &["download", ADDRESS])
}

/// The readings that a download printed in order of time, and its last line.
fn split(told: &Told) -> (Vec<Value>, Value) {
    let mut lines = told.lines.clone();
    let summary = lines.pop().unwrap_or_else(|| panic!("nothing was printed: {}", told.errors));
    lines.sort_by_key(|line| line["time_ms"].as_i64());
    (lines, summary)
}

/// Every record of the tag's memory is among the readings exactly once, with the tag's own values.
fn assert_memory(samples: u32, readings: &[Value], told: &Told) {
    let tag = fleet::tag(0, samples);
    let first = told.asked.first().expect("a request");
    let memory = tag.memory(UtcMillis(first.at));
    assert_eq!(readings.len(), memory.len(), "{}", told.errors);
    for (reading, record) in readings.iter().zip(&memory) {
        let expected = tag.booted.plus_seconds(i64::from(record.uptime_s)).0;
        let time = reading["time_ms"].as_i64().unwrap();
        assert!((time - expected).abs() <= 2000, "{reading} for {record:?}");
        let values = &reading["measurement"];
        assert_eq!(values["temperature_mc"], record.climate.temperature.0, "{reading}");
        assert_eq!(values["pressure_pa"], record.climate.pressure_pa, "{reading}");
    }
}

/// Every packet that the readings rest on is one that the tag sent, byte for byte, and none is missing.
fn assert_packets(samples: u32, readings: &[Value], told: &Told) {
    let tag = fleet::tag(0, samples);
    let asked = &told.asked[0];
    let mut sent = tag.answer(&asked.bytes, UtcMillis(asked.at));
    let end = sent.pop().unwrap();
    assert_eq!(end, [&[0x3A, 0x3A, 0x10][..], &[0xFF; 8]].concat());
    let mut received = Vec::new();
    for reading in readings {
        let raw = HEXLOWER.decode(reading["raw"].as_str().unwrap().as_bytes()).unwrap();
        received.extend(raw.chunks(11).map(<[u8]>::to_vec));
    }
    sent.sort();
    received.sort();
    assert_eq!(received, sent);
}

/// Whether a test of this size came to a whole log over so many connections.
fn assert_whole(samples: u32, told: &Told) -> Value {
    let (readings, summary) = split(told);
    assert_eq!(told.code, 0, "{summary} {}", told.errors);
    assert_memory(samples, &readings, told);
    assert_eq!((&summary["whole"], &summary["incomplete"]), (&true.into(), &0.into()), "{summary}");
    summary
}

fn connections(told: &Told) -> usize {
    told.radio.lines().filter(|line| line.contains(" connected ")).count()
}

#[test]
fn a_log_is_downloaded_over_the_real_kernel_and_the_real_bluetooth_service() {
    let Some(told) = on_the_rig("300 records", || download(300)) else { return };
    assert_whole(300, &told);
    assert_packets(300, &split(&told).0, &told);
}

#[test]
#[ignore = "long: a guest with the real Bluetooth stack"]
fn a_log_of_3000_records_arrives_byte_for_byte() {
    let Some(told) = on_the_rig("3,000 records", || download(3000)) else { return };
    let summary = assert_whole(3000, &told);
    assert_packets(3000, &split(&told).0, &told);
    assert_eq!((&summary["requests"], connections(&told)), (&1.into(), 1), "{summary}");
}

#[test]
#[ignore = "long: a guest with the real Bluetooth stack"]
fn a_hundred_loggers_in_the_air_are_all_heard() {
    let scenario = || Scenario { loggers: 100, ..radio_client(10, &["listen", "20000"]) };
    let Some(told) = on_the_rig("100 loggers in the air for 20 s", scenario) else { return };
    let heard: BTreeSet<&str> = told.lines.iter().filter_map(|line| line["address"].as_str()).collect();
    assert_eq!((heard.len(), told.code), (100, 0));
    for line in &told.lines {
        let [.., number] = Address::parse(line["address"].as_str().unwrap()).unwrap().0;
        let heard = UtcMillis(line["time_ms"].as_i64().unwrap());
        let truth = fleet::tag(number, 10).measure(heard).temperature.0;
        let read = line["readings"][0]["temperature_mc"].as_i64().unwrap_or_else(|| panic!("{line}"));
        assert!((read - i64::from(truth)).abs() <= 50, "{line}: {truth}");
        assert_eq!(line["rssi_dbm"], -57);
    }
}

#[test]
#[ignore = "long: a guest with the real Bluetooth stack"]
fn a_logger_that_goes_out_of_reach_in_mid_transfer_gives_every_record_once_when_it_is_back() {
    let scenario = || Scenario { vanish_after: Some(4000), ..download(3000) };
    let Some(told) = on_the_rig("out of reach and back, 3,000 records", scenario) else { return };
    let summary = assert_whole(3000, &told);
    assert!(connections(&told) >= 2, "{}", told.radio);
    assert!(summary["interruptions"].as_u64() >= Some(1), "{summary}");
}

#[test]
#[ignore = "long: a guest with the real Bluetooth stack"]
fn an_adapter_switched_off_in_mid_transfer_is_said_to_be_off_and_what_came_is_kept() {
    let scenario = || Scenario { fault: Some((300, Fault::AdapterOff)), ..download(3000) };
    let Some(told) = on_the_rig("adapter switched off in mid-transfer", scenario) else { return };
    let (readings, error) = split(&told);
    assert_eq!((&error["error"], told.code), (&"ble/adapter-off".into(), 1), "{error}");
    assert!((300..3000).contains(&readings.len()));
}

#[test]
#[ignore = "long: a guest with the real Bluetooth stack"]
fn a_bluetooth_service_that_dies_in_mid_transfer_is_noticed_and_what_came_is_kept() {
    let scenario = || Scenario { fault: Some((300, Fault::ServiceKilled)), ..download(3000) };
    let Some(told) = on_the_rig("bluetoothd killed in mid-transfer", scenario) else { return };
    let (readings, error) = split(&told);
    assert_eq!((&error["error"], told.code), (&"ble/adapter-silent".into(), 1), "{error}");
    assert!((300..3000).contains(&readings.len()));
}

#[test]
#[ignore = "long: a guest with the real Bluetooth stack"]
fn records_that_linux_drops_in_a_flood_are_noticed_and_asked_for_again() {
    let scenario = || Scenario { burst: 300, ..download(3000) };
    let Some(told) = on_the_rig("3,000 records in floods of a hundred", scenario) else { return };
    let summary = assert_whole(3000, &told);
    assert!(summary["requests"].as_u64() >= Some(2), "nothing was lost: {summary}");
}

#[test]
#[ignore = "long: a guest with the real Bluetooth stack"]
fn a_flood_that_never_lets_up_ends_with_true_readings_and_is_not_called_whole() {
    let scenario = || Scenario { burst: u32::MAX, ..download(3000) };
    let Some(told) = on_the_rig("3,000 records as one flood", scenario) else { return };
    let (readings, summary) = split(&told);
    assert_eq!(told.code, 0, "{summary} {}", told.errors);
    assert!(summary["requests"].as_u64() >= Some(2), "nothing was lost: {summary}");
    assert_eq!((readings.len() < 3000, &summary["whole"]), (true, &false.into()), "{summary}");
    let tag = fleet::tag(0, 3000);
    let truth: BTreeMap<i64, i32> = tag
        .memory(UtcMillis(told.asked[0].at))
        .iter()
        .map(|record| (i64::from(record.uptime_s), record.climate.temperature.0))
        .collect();
    let uptime = |line: &Value| (line["time_ms"].as_i64().unwrap() - tag.booted.0 + 2000) / 300_000 * 300;
    let told: Vec<i64> = readings.iter().map(uptime).collect();
    assert!(told.is_sorted_by(|before, after| before < after), "told twice");
    for (uptime, line) in told.iter().zip(&readings) {
        // Of the last record before a hole some values may be lost.
        let temperature = &line["measurement"]["temperature_mc"];
        assert!(temperature.is_null() || *temperature == truth[uptime], "{line}");
    }
}

#[test]
#[ignore = "long: a guest with the real Bluetooth stack"]
fn the_command_reads_a_loggers_memory_over_the_real_stack() {
    let firn = command::program();
    let scenario = || Scenario::of(1000, &[firn.to_str().unwrap(), "--json", "download", ADDRESS]);
    let Some(told) = on_the_rig("`firn download`, 1,000 records", scenario) else { return };
    let memory = fleet::tag(0, 1000).memory(UtcMillis(told.asked[0].at));
    let read: Vec<_> = told.lines.iter().map(|line| line["temperature_mc"].as_i64().unwrap()).collect();
    let truth: Vec<_> = memory.iter().map(|record| i64::from(record.climate.temperature.0)).collect();
    assert_eq!((read, told.code), (truth, 0), "{}", told.errors);
}
