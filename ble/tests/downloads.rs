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
        assert_eq!((outcome.given.len(), summary.readings), (truth.len(), truth.len()), "{device}: {summary:?}");
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
    assert!(error.next_step().contains("--allow-clock-write"));
    assert!(faulty.written().is_empty() && outcome.given.is_empty());
}

#[test]
fn a_clock_that_was_set_is_told() {
    let device = DeviceName::ThermoPro;
    let faulty = quiet(logger(device, body(7, BOOT, 5000), 0));
    let now = BOOT.plus_seconds(9000);
    let set = run(device, &options(), &faulty, None, now).ended.unwrap().clock_set.unwrap();
    assert_eq!((set.to, set.offset.0), (now, 3600));
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
