//! Every log dialog against a virtual logger of its kind: the whole memory, and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{BOOT, body, logger, options, quiet, run};
use firn_ble::dialog::{Coverage, DeviceName, DialogError, DialogOptions};
use firn_ble::virtual_logger::VirtualLogger;
use firn_model::reading::ClockQuality;
use firn_model::time::UtcMillis;

/// Dialogs whose logger numbers nothing, so that completeness is never proven.
const UNPROVEN: [DeviceName; 3] = [DeviceName::ElaEn12830, DeviceName::BlueMaestro, DeviceName::ThermoPro];

#[test]
fn every_dialog_reads_the_whole_memory_of_its_logger() {
    for device in DeviceName::ALL {
        let now = BOOT.plus_seconds(1000 * 60 + 17);
        let faulty = quiet(logger(device, body(7, BOOT, 5000), 0));
        let outcome = run(device, &options(), &faulty, None, now);
        let truth = faulty.memory(now);
        let summary = outcome.ended.unwrap_or_else(|error| panic!("{device}: {error}"));
        assert_eq!(
            (outcome.given.len(), summary.readings),
            (truth.len(), truth.len()),
            "{device}: {summary:?}"
        );
        for (reading, truth) in outcome.given.iter().zip(&truth) {
            let mut measurement = reading.measurement.clone();
            measurement.interval_s = None;
            assert_eq!(measurement, truth.measurement, "{device}");
            let off = reading.time.0 - truth.time.0;
            assert!((-60_000..=60_000).contains(&off), "{device}: {off} ms off");
            assert!(!reading.raw.is_empty(), "{device}");
        }
        assert!(outcome.given.is_sorted_by(|a, b| a.time < b.time), "{device}");
        let expected = if UNPROVEN.contains(&device) { Coverage::Unproven } else { Coverage::Whole };
        assert_eq!(summary.coverage, expected, "{device}: {summary:?}");
        assert_eq!((summary.conflicts, summary.resets, summary.clock_jumps), (0, 0, 0), "{device}");
        assert_eq!(summary.interval_s, Some(60), "{device}");
    }
}

#[test]
fn an_empty_logger_gives_nothing_and_ends() {
    for device in DeviceName::ALL {
        let faulty = quiet(logger(device, body(7, BOOT, 5000), 0));
        let outcome = run(device, &options(), &faulty, None, BOOT.plus_seconds(20));
        assert_eq!(outcome.given, [], "{device}");
        assert!(outcome.ended.is_ok(), "{device}: {:?}", outcome.ended);
    }
}

#[test]
fn a_download_from_the_last_stored_reading_leaves_out_nothing_newer() {
    for device in DeviceName::ALL {
        let now = BOOT.plus_seconds(1000 * 60 + 17);
        let from = BOOT.plus_seconds(900 * 60);
        let faulty = quiet(logger(device, body(7, BOOT, 5000), 0));
        let outcome = run(device, &options(), &faulty, Some(from), now);
        let newer = outcome.given.iter().filter(|reading| reading.time > from.plus_seconds(60)).count();
        assert!((98..=100).contains(&newer), "{device}: {newer}");
    }
}

#[test]
fn nothing_that_erases_or_reconfigures_is_ever_sent() {
    for device in DeviceName::ALL {
        let faulty = quiet(logger(device, body(7, BOOT, 5000), 0));
        run(device, &options(), &faulty, None, BOOT.plus_seconds(9000));
        for bytes in faulty.written() {
            let allowed = match device {
                DeviceName::RuuviTag => bytes.starts_with(&[0x3A, 0x3A, 0x11]),
                DeviceName::RuuviAir => bytes.starts_with(&[0x3B, 0x3B, 0x21]),
                DeviceName::Pvvx => bytes == [0x23] || bytes[0] == 0x35,
                DeviceName::Ela => bytes == b"LOG_DL secret12",
                DeviceName::ElaEn12830 => bytes == b"READ_DATA secret12",
                DeviceName::BlueMaestro => bytes == b"*logall",
                DeviceName::Sensirion => false,
                DeviceName::GoveeH5075 => bytes.starts_with(&[0x33, 0x01]),
                DeviceName::GoveeH5179 => bytes.starts_with(&[0, 0]) && bytes.len() == 10,
                DeviceName::ThermoPro => bytes[0] == 0xA5 || bytes.starts_with(&[0xCC, 0xCC]),
            };
            assert!(allowed, "{device}: {bytes:02x?}");
        }
    }
}

#[test]
fn without_leave_to_set_its_clock_a_thermopro_is_sent_nothing_at_all() {
    let device = DeviceName::ThermoPro;
    let faulty = quiet(logger(device, body(7, BOOT, 5000), 0));
    let outcome = run(device, &DialogOptions::default(), &faulty, None, BOOT.plus_seconds(9000));
    let error = outcome.ended.unwrap_err();
    assert_eq!((error, error.code()), (DialogError::ClockConsentNeeded, "ble/clock-consent-needed"));
    assert!(error.next_step().contains("firn logger clock"));
    assert!(faulty.written().is_empty() && outcome.given.is_empty());
}

#[test]
fn a_clock_that_was_set_is_told() {
    let device = DeviceName::ThermoPro;
    let faulty = quiet(logger(device, body(7, BOOT, 5000), 0));
    let now = BOOT.plus_seconds(9000);
    let set = run(device, &options(), &faulty, None, now).ended.unwrap().clock_set.unwrap();
    assert_eq!((set.at, set.to, set.offset.0, set.before), (now, now, 3600, None));
}

#[test]
fn a_pvvx_clock_that_is_wrong_is_corrected_by_its_offset_and_its_own_time_is_kept() {
    let device = DeviceName::Pvvx;
    let faulty = quiet(logger(device, body(7, BOOT, 5000), -7200));
    let now = BOOT.plus_seconds(9000);
    let outcome = run(device, &options(), &faulty, None, now);
    let summary = outcome.ended.unwrap();
    assert!((summary.clock_offset_ms.unwrap() - 7_200_000).abs() < 2000);
    for (reading, truth) in outcome.given.iter().zip(faulty.memory(now)) {
        assert!((reading.time.0 - truth.time.0).abs() < 2000);
        assert_eq!(reading.clock, ClockQuality::ComputedFromPhone);
        assert_eq!(reading.logger_time_ms, Some(truth.time.0 - 7_200_000));
    }
}

#[test]
fn the_offset_of_an_h5179_clock_is_told_and_its_times_are_its_own() {
    let device = DeviceName::GoveeH5179;
    let faulty = quiet(logger(device, body(7, BOOT, 5000), 2661 * 60));
    let now = BOOT.plus_seconds(9000);
    let outcome = run(device, &options(), &faulty, None, now);
    let offset = outcome.ended.unwrap().clock_offset_ms.unwrap();
    assert!((offset + 2661 * 60_000).abs() < 70_000, "{offset}");
    assert!(outcome.given.iter().all(|reading| reading.clock == ClockQuality::LoggerOwn));
}

#[test]
fn an_en12830_session_is_kept_as_it_came_and_not_called_checked() {
    let device = DeviceName::ElaEn12830;
    let faulty = quiet(logger(device, body(7, BOOT, 5000), 0));
    let outcome = run(device, &options(), &faulty, None, BOOT.plus_seconds(9000));
    let text = String::from_utf8(outcome.raw).unwrap();
    assert!(text.starts_with("---DOWNLOAD_START---") && text.contains("CRC16: 0000"));
    assert!(outcome.ended.unwrap().not_checked);
    assert_eq!(outcome.given[0].clock, ClockQuality::LoggerOwn);
}

#[test]
fn a_wrong_password_is_answered_by_silence_and_told_as_such() {
    for device in [DeviceName::Ela, DeviceName::ElaEn12830] {
        let faulty = quiet(logger(device, body(7, BOOT, 5000), 0));
        let outcome = run(device, &DialogOptions::default(), &faulty, None, BOOT.plus_seconds(9000));
        assert_eq!(outcome.ended.unwrap_err().code(), "ble/stalled", "{device}");
        assert!(!format!("{:?}", options()).contains("secret12"));
    }
}

#[test]
fn twenty_thousand_records_come_whole() {
    for device in [DeviceName::Pvvx, DeviceName::GoveeH5075, DeviceName::GoveeH5179, DeviceName::Ela] {
        let now = UtcMillis(BOOT.0 + 20_000 * 60_000 + 5);
        let faulty = quiet(logger(device, body(7, BOOT, 20_000), 0));
        let outcome = run(device, &options(), &faulty, None, now);
        assert_eq!(outcome.given.len(), 20_000, "{device}");
    }
}

/// A recording of the whole conversation with a virtual logger, as `firn replay` reads it.
fn recording(device: DeviceName, now: UtcMillis) -> Vec<String> {
    let virtual_logger = logger(device, body(7, BOOT, 5000), 0);
    let mut dialog = device.dialog_with(&options());
    let mut lines = Vec::new();
    let mut line = |dir: &str, uuid: firn_ble::BluetoothUuid, bytes: &[u8]| {
        let hex = data_encoding::HEXLOWER.encode(bytes);
        lines.push(format!(r#"{{"t":"{now}","dir":"{dir}","char":"{uuid}","hex":"{hex}"}}"#));
    };
    let mut at = now;
    let mut actions = dialog.start(now, None);
    for _ in 0..6 {
        let mut arrived = Vec::new();
        for action in std::mem::take(&mut actions) {
            match action {
                firn_ble::dialog::Action::Subscribe { characteristic, .. } => {
                    arrived.extend(virtual_logger.on_subscribe(characteristic, now));
                }
                firn_ble::dialog::Action::Write { characteristic, bytes, .. } => {
                    line("write", characteristic, &bytes);
                    arrived.extend(virtual_logger.on_write(characteristic, &bytes, now));
                }
                _ => {}
            }
        }
        for (characteristic, bytes) in arrived {
            line("notify", characteristic, &bytes);
            actions.extend(dialog.on_notification(characteristic, &bytes, at));
        }
        if actions.is_empty() {
            at = dialog.wake_at().unwrap_or(at);
            actions = dialog.on_tick(at);
        }
    }
    lines
}

#[test]
fn a_recording_of_every_kind_is_replayed_to_the_readings_of_the_download() {
    for device in DeviceName::ALL {
        let now = BOOT.plus_seconds(300 * 60 + 17);
        let lines = recording(device, now);
        let replayed = firn_ble::replay::replay_with(device, &options(), lines.iter().map(String::as_str));
        let replayed = replayed.unwrap_or_else(|error| panic!("{device}: {error}"));
        let readings = replayed.readings;
        assert_eq!(replayed.session.is_some(), device == DeviceName::ElaEn12830, "{device}");
        let set_to = (device == DeviceName::ThermoPro).then_some(now.0 + 3_600_000);
        assert_eq!(replayed.clock_set_to, set_to, "{device}");
        assert_eq!(readings.len(), 300, "{device}");
        let truth = logger(device, body(7, BOOT, 5000), 0).memory(now);
        for (reading, truth) in readings.iter().zip(truth) {
            assert_eq!(reading.measurement.temperature, truth.measurement.temperature, "{device}");
            assert!((reading.time.0 - truth.time.0).abs() <= 60_000, "{device}: {}", reading.time);
        }
    }
}

const H5075: &str = include_str!("../fixtures/govee-h5075-download.jsonl");

#[test]
fn the_published_h5075_download_gives_its_21_readings_and_no_sentinel() {
    let readings = firn_ble::replay(DeviceName::GoveeH5075, H5075.lines()).unwrap();
    let milli: Vec<i32> = readings.iter().map(|r| r.measurement.temperature.unwrap().0).collect();
    assert_eq!(milli.len(), 21);
    assert_eq!(milli[..6], [22_500, 22_600, 22_500, 22_600, 22_500, 22_600]);
    let at = |text: &str| firn_model::time::LocalInstant::parse(text).unwrap().at;
    // Without a time in the recording nobody knows when; with one, times count back from its request.
    assert!(readings.iter().all(|reading| reading.clock == ClockQuality::NeverSet));
    let dated = H5075.lines().map(|line| line.replacen('{', r#"{"t":"2026-11-22T09:30:00Z","#, 1));
    let dated: Vec<String> = dated.collect();
    let readings = firn_ble::replay(DeviceName::GoveeH5075, dated.iter().map(String::as_str)).unwrap();
    assert_eq!(readings[0].time, at("2026-11-22T09:09:00Z"));
    assert_eq!(
        (readings[20].time, readings[0].clock),
        (at("2026-11-22T09:29:00Z"), ClockQuality::ComputedFromPhone)
    );
    assert_eq!(readings[0].logger_time_ms, Some(-21 * 60_000));
}

#[test]
fn the_bytes_of_every_first_request_are_these() {
    let now = firn_model::time::LocalInstant::parse("2026-07-17T19:15:42Z").unwrap().at;
    let expected: [(DeviceName, &[&str]); 10] = [
        (DeviceName::RuuviTag, &["3a3a116a5a7f5e00000000"]),
        (DeviceName::RuuviAir, &["3b3b216a5a7f5e00000000"]),
        (DeviceName::Pvvx, &["23", "35ffff0000"]),
        (DeviceName::Ela, &["4c4f475f444c2073656372657431 32"]),
        (DeviceName::ElaEn12830, &["524541445f444154412073656372657431 32"]),
        (DeviceName::BlueMaestro, &["2a6c6f67616c6c"]),
        (DeviceName::Sensirion, &[]),
        (DeviceName::GoveeH5075, &["33017080000000000000000000000000000000c2"]),
        (DeviceName::GoveeH5179, &["000000000000ffffffff"]),
        (
            DeviceName::ThermoPro,
            &[
                "a51a0711140f2a0529",
                "cccc0201000001046666",
                "cccc04000000046666",
                "cccc01090000001a0711140f2affff876666",
            ],
        ),
    ];
    for (device, requests) in expected {
        let faulty = quiet(logger(device, body(7, now, 5000), 0));
        run(device, &options(), &faulty, None, now);
        let written: Vec<String> = faulty
            .written()
            .iter()
            .take(requests.len())
            .map(|bytes| data_encoding::HEXLOWER.encode(bytes))
            .collect();
        let requests: Vec<String> = requests.iter().map(|hex| hex.replace(' ', "")).collect();
        assert_eq!(written, requests, "{device}");
    }
}
