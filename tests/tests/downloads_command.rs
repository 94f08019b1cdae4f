//! What downloads leave beside readings, from the terminal: leave to set a clock, and raw sessions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use data_encoding::HEXLOWER;
use firn_tests::command::{TestHome, json, program};
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// A session of an EN 12830 logger as its maker documents it; the last line is in a form that is not public.
const SESSION: &str = "---DOWNLOAD_START---\r\nFirmware version: 1.0.0\r\nMacAddress: CB:B8:33:4C:88:4F\r\nName: P T EN \
     80906F\r\nUnit: C\r\nStart date: 22/11/2026 09:30:00 +01:00\r\n<DATA_START>\r\n0d0h0m30s:512\r\n\
     0d0h1m0s:498\r\nA7;0041;F3\r\n<DATA_END>\r\nCRC16: 5A3C\r\n---DOWNLOAD_END---\r\n";

/// The session as a recorded download, in notifications of 20 bytes.
fn recording() -> String {
    let line = |direction: &str, bytes: &[u8]| {
        let hex = HEXLOWER.encode(bytes);
        format!("{{\"dir\":\"{direction}\",\"hex\":\"{hex}\",\"t\":\"2026-11-22T10:00:00Z\"}}\n")
    };
    let notified = SESSION.as_bytes().chunks(20).map(|piece| line("notify", piece));
    std::iter::once(line("write", b"READ_DATA")).chain(notified).collect()
}

fn replay(device: &str, recording: &str) -> Vec<Value> {
    let mut firn = Command::new(program())
        .args(["replay", "--device", device])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    firn.stdin.take().unwrap().write_all(recording.as_bytes()).unwrap();
    let output = firn.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_replayed_session_ends_with_its_length_its_hash_and_that_nothing_is_checked() {
    let lines = replay("ela-en12830", &recording());
    let [unread, first, second, beside] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&first["temperature_mc"], &second["temperature_mc"]), (&5120.into(), &4980.into()));
    assert!(unread["temperature_mc"].is_null());
    assert_eq!(beside["session"]["bytes"], SESSION.len());
    assert_eq!(beside["session"]["check"], "not-checked");
    assert_eq!(beside["session"]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_recorded_download_that_set_a_clock_tells_the_local_time_and_no_offset() {
    let set = [0xA5, 26, 11, 22, 10, 30, 0, 7];
    let sum = set.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let write = |bytes: &[u8]| format!("{{\"dir\":\"write\",\"hex\":\"{}\"}}\n", HEXLOWER.encode(bytes));
    let mut text = write(&[&set[..], &[sum]].concat());
    text.push_str(&write(&[0xCC, 0xCC, 0x01, 0x09, 0, 0, 0, 26, 11, 22, 10, 30, 0, 1, 0, 0, 0x66, 0x66]));
    let record = [0x01, 0x04, 0, 0, 0, 0x32, 0x00, 0x2D];
    let check = record.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let whole = [&[0xCC, 0xCC][..], &record, &[check, 0x66, 0x66]].concat();
    text.push_str(&format!("{{\"dir\":\"notify\",\"hex\":\"{}\"}}\n", HEXLOWER.encode(&whole)));
    let lines = replay("thermopro-tp357s", &text);
    let [reading, beside] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(reading["temperature_mc"], 5000);
    assert_eq!(beside["clock_set_to"], "2026-11-22T10:30:00");
}

#[test]
fn a_raw_session_is_kept_once_shown_as_not_checked_exported_and_verified() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-21", "cdc-refrigerator");
    home.answer(&["logger", "add", "--label", "Box 7", "--family", "ela-en12830"]);
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 7",
        "--at",
        "2026-11-22T09:30:00+01:00",
        "--reason",
        "recorded afterwards",
    ]);
    let file = home.file("box.jsonl", recording());
    let ingest =
        ["ingest", &shipment, file.to_str().unwrap(), "--device", "ela-en12830", "--logger", "Box 7"];
    let first = home.answer(&ingest);
    assert_eq!((&first["sealed"], &first["session"]["bytes"]), (&2.into(), &SESSION.len().into()));
    let again = home.answer(&ingest);
    assert_eq!((&again["sealed"], &again["session"]), (&0.into(), &Value::Null));

    let shown = home.answer(&["shipment", "show", &shipment]);
    let kept: Vec<&Value> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["occurrence"]["what"] == "session")
        .collect();
    assert_eq!(kept.len(), 1, "{shown}");
    assert_eq!(kept[0]["occurrence"]["session"], first["session"]);
    assert_eq!(shown["series"][0]["provenance"][0]["grade"], "P0");
    let words = words(&home, &["shipment", "show", &shipment]);
    assert!(words.contains("kept the raw session") && words.contains("not checked"), "{words}");

    let evidence = home.file("shipment.firn", "");
    let evidence = evidence.to_str().unwrap();
    home.answer(&["export", &shipment, "--evidence", evidence]);
    assert!(std::fs::read(evidence).unwrap().windows(10).any(|window| window == b"A7;0041;F3"));
    let verified = home.answer(&["verify", evidence]);
    let checks = verified["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["id"] == "downloads").unwrap();
    assert_eq!(check["status"], "proved", "{check}");
    assert_eq!(home.answer(&["log", "verify", "--deep"])["ok"], true);
}

/// What a person reads.
fn words(home: &TestHome, arguments: &[&str]) -> String {
    let output: Output = Command::new(program())
        .env("FIRN_HOME", home.path())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn leave_to_set_a_clock_is_asked_for_before_anything_is_sent_and_can_be_given_and_forgotten() {
    let home = TestHome::found();
    let shipment = home.shipment("DN-22", "cdc-refrigerator");
    home.answer(&["logger", "add", "--label", "Box 9", "--family", "thermopro", "--interval", "60"]);
    home.answer(&["shipment", "start", &shipment, "--logger", "Box 9"]);
    // No Bluetooth is there: who is asked for leave is asked before it is looked for.
    let download = || {
        let mut command = home.command(&["download", "Box 9", "--shipment", &shipment]);
        let nowhere = home.path().join("no-bus");
        command.env("DBUS_SYSTEM_BUS_ADDRESS", format!("unix:path={}", nowhere.display()));
        json(&command.output().unwrap())
    };
    let refused = download();
    assert_eq!(refused["error"], "ble/clock-consent-needed");
    let (why, next) = (refused["why"].as_str().unwrap(), refused["next_step"].as_str().unwrap());
    assert!(why.contains("Box 9") && why.contains("would be set to this device's time"), "{why}");
    assert!(next.contains("firn logger clock 'Box 9' --zone"), "{next}");

    assert_eq!(home.answer(&["logger", "clock", "Box 9"])["clock_leave"], Value::Null);
    assert_eq!(home.refusal(&["logger", "clock", "Box 9", "--zone", "Mars/Olympus"]), "file/zone-unknown");
    let given = home.answer(&["logger", "clock", "Box 9", "--zone", "Europe/Paris"]);
    assert_eq!(given["clock_leave"]["zone"], "Europe/Paris");
    assert_eq!(home.answer(&["logger", "clock", "Box 9"]), given);
    assert!(download()["error"].as_str().unwrap().starts_with("ble/no-"), "{}", download());
    home.answer(&["logger", "clock", "Box 9", "--forget"]);
    assert_eq!(download()["error"], "ble/clock-consent-needed");
}
