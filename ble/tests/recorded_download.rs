//! The recorded download of a real RuuviTag, through the real dialog.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ble::replay;
use firn_ble::replay::DeviceName;
use firn_model::reading::{ClockQuality, Source};
use firn_model::units::{MilliCelsius, RelativeHumidity};

const RECORDING: &str = include_str!("../fixtures/ruuvitag-download.jsonl");

#[test]
fn a_real_download_gives_its_1023_samples_each_with_all_three_values() {
    let readings = replay(DeviceName::RuuviTag, RECORDING.lines()).unwrap();
    assert_eq!(readings.len(), 1023);
    for reading in &readings {
        let values = &reading.measurement;
        assert!(values.temperature.is_some() && values.humidity.is_some() && values.pressure_pa.is_some());
        assert_eq!((reading.raw.len(), reading.source), (33, Source::Log));
        assert_eq!(reading.clock, ClockQuality::ComputedFromPhone);
        assert_eq!(reading.logger_time_ms, Some(reading.time.0));
    }
    assert!(readings.is_sorted_by(|a, b| a.time < b.time));
    let first = &readings[0];
    assert_eq!(first.time.to_string(), "2019-11-05T08:35:46Z");
    assert_eq!(first.measurement.temperature, Some(MilliCelsius(21_390)));
    assert_eq!(first.measurement.humidity, Some(RelativeHumidity(425_900)));
    assert_eq!(first.measurement.pressure_pa, Some(99_465));
    assert_eq!(first.received.to_string(), "2019-11-05T10:17:59.942Z");
    assert_eq!(data_encoding::HEXLOWER.encode(&first.raw[..11]), "3a30105dc134620000085b");
}

#[test]
fn the_order_of_the_notifications_does_not_change_the_readings() {
    let straight = replay(DeviceName::RuuviTag, RECORDING.lines()).unwrap();
    let is_value =
        |line: &&str| line.contains("\"3a3") && line.contains("notify") && !line.contains("3a3a10");
    let mut values: Vec<&str> = RECORDING.lines().filter(is_value).collect();
    values.reverse();
    values.rotate_left(1000);
    let mut lines: Vec<&str> = RECORDING.lines().filter(|line| !is_value(line)).collect();
    let request = lines.iter().position(|line| line.contains("write")).unwrap();
    lines.splice(request + 1..request + 1, values);
    let shuffled = replay(DeviceName::RuuviTag, lines.into_iter()).unwrap();
    let values = |readings: &[firn_model::reading::Reading]| -> Vec<_> {
        readings.iter().map(|r| (r.time, r.measurement.clone(), r.raw.clone())).collect()
    };
    assert_eq!(values(&straight), values(&shuffled));
}

#[test]
fn notifications_that_come_twice_change_nothing() {
    let doubled = RECORDING.lines().flat_map(|line| [line; 2]);
    let once_requested = doubled.scan(false, |asked, line| {
        let repeat = *asked && line.contains("write");
        *asked |= line.contains("write");
        Some((repeat, line))
    });
    let lines = once_requested.filter(|(repeat, _)| !repeat).map(|(_, line)| line);
    assert_eq!(replay(DeviceName::RuuviTag, lines).unwrap().len(), 1023);
}
