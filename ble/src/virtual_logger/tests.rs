//! Virtual loggers against the real codecs, dialogs and download.

use super::thermometer::{Ambient, Telling, Unit, VirtualThermometer};
use super::*;
use crate::dialog::ruuvi::RuuviTag;
use crate::dialog::{Coverage, Dialog};
use crate::information::DeviceInformation;
use crate::keys::Keys;
use crate::radio::{Clock, DownloadEvent, DownloadOptions, Radio, download};
use firn_model::reading::Reading;
use std::sync::atomic::{AtomicI64, Ordering};

const BOOT: UtcMillis = UtcMillis(1_760_000_000_000);

/// A clock that jumps instead of waiting.
#[derive(Clone, Debug)]
struct Jumping(Arc<AtomicI64>);

impl Clock for Jumping {
    fn now(&self) -> UtcMillis {
        UtcMillis(self.0.load(Ordering::SeqCst))
    }
    async fn sleep(&self, milliseconds: u64) {
        // Events that are ready come before time passes.
        tokio::task::yield_now().await;
        self.0.fetch_add(i64::try_from(milliseconds.min(1 << 40)).unwrap(), Ordering::SeqCst);
    }
}

fn tag() -> VirtualRuuviTag {
    VirtualRuuviTag {
        name: "Ruuvi 884F".into(),
        address: Address([0xCB, 0xB8, 0x33, 0x4C, 0x88, 0x4F]),
        booted: BOOT,
        interval_s: 300,
        climate: Arc::new(|at| Climate {
            temperature: MilliCelsius(5000 - i32::try_from((at.0 - BOOT.0) / 40_000).unwrap()),
            humidity: RelativeHumidity(453_400),
            pressure_pa: 100_044,
        }),
        seed: 7,
        battery_mv: 2977,
    }
}

fn after(samples: i64) -> Jumping {
    Jumping(Arc::new(AtomicI64::new(BOOT.plus_seconds(samples * 300 + 17).0)))
}

fn downloaded(
    clock: &Jumping,
    breaks: &[usize],
    options: DownloadOptions,
) -> (Vec<Reading>, Coverage, usize) {
    let radio = VirtualRadio::new([tag()], clock.clone()).breaking_off_after(breaks.iter().copied());
    let device = VirtualRadio::<Jumping>::device(&tag());
    let (mut dialog, mut told, mut interruptions) = (RuuviTag::new(), Vec::new(), 0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let download = download(&radio, clock, &device, &mut dialog, options, |event| match event {
        DownloadEvent::Readings(batch) => told.extend(batch),
        DownloadEvent::Interrupted(_) => interruptions += 1,
        _ => {}
    });
    let summary = runtime.block_on(download).unwrap();
    told.sort_by_key(|reading| reading.time);
    assert_eq!(told, dialog.readings());
    assert_eq!(summary.readings, told.len());
    (told, summary.coverage, interruptions)
}

fn expected(at: UtcMillis) -> Vec<(i64, Climate)> {
    let memory = tag().memory(at).into_iter();
    memory.map(|record| (BOOT.plus_seconds(i64::from(record.uptime_s)).0, record.climate)).collect()
}

fn values(readings: &[Reading]) -> Vec<(i64, Climate)> {
    let value = |reading: &Reading| Climate {
        temperature: reading.measurement.temperature.unwrap(),
        humidity: reading.measurement.humidity.unwrap(),
        pressure_pa: reading.measurement.pressure_pa.unwrap(),
    };
    readings.iter().map(|reading| (reading.time.0, value(reading))).collect()
}

#[test]
fn what_a_virtual_tag_advertises_is_what_it_measures() {
    let at = BOOT.plus_seconds(80_000);
    let decoded = crate::decode(&tag().advert(at), &Keys::default()).unwrap();
    let measured = tag().measure(at);
    let shown = &decoded.readings[0];
    assert!((shown.temperature.unwrap().0 - measured.temperature.0).abs() <= 3);
    assert_eq!((shown.humidity, shown.pressure_pa), (Some(measured.humidity), Some(100_044)));
    assert_eq!((shown.battery_mv, shown.tx_power_dbm), (Some(2977), Some(4)));
    assert_eq!((shown.sequence, decoded.address), (Some(62_256), Some(tag().address)));
}

#[test]
fn a_download_gives_the_tags_memory_also_where_the_climate_is_below_zero() {
    let clock = after(1200);
    let (readings, coverage, interruptions) = downloaded(&clock, &[], DownloadOptions::default());
    assert_eq!((readings.len(), coverage, interruptions), (1200, Coverage::Whole, 0));
    assert_eq!(values(&readings), expected(clock.now()));
    assert!(readings.iter().any(|reading| reading.measurement.temperature < Some(MilliCelsius(-3000))));
}

#[test]
fn a_memory_that_has_wrapped_round_comes_out_of_order_and_is_put_in_order() {
    let clock = after(4321);
    let kept = tag().memory(clock.now()).len();
    assert_eq!(kept, 14 * 250 + 4321 % 250 + 1);
    let (readings, ..) = downloaded(&clock, &[], DownloadOptions::default());
    assert_eq!(values(&readings), expected(clock.now()));
}

#[test]
fn a_download_that_breaks_off_again_and_again_gives_the_same_memory() {
    for samples in [1200, 4321] {
        let clock = after(samples);
        let breaks = [500, 1, 0, 1700, 900];
        let (readings, coverage, interruptions) = downloaded(&clock, &breaks, DownloadOptions::default());
        assert_eq!((coverage, interruptions), (Coverage::Whole, 5));
        let times: Vec<_> = expected(clock.now()).iter().map(|(time, _)| *time).collect();
        assert_eq!(readings.iter().map(|reading| reading.time.0).collect::<Vec<_>>(), times);
        assert_eq!(values(&readings), expected(clock.now()));
    }
}

#[test]
fn a_download_since_the_last_stored_reading_gives_only_what_is_new() {
    let clock = after(1200);
    let from = Some(BOOT.plus_seconds(1100 * 300));
    let (readings, ..) = downloaded(&clock, &[90], DownloadOptions { from, ..DownloadOptions::default() });
    assert_eq!(values(&readings), expected(clock.now()).split_off(1099));
}

#[test]
fn a_logger_that_never_stays_connected_is_given_up_and_what_came_is_kept() {
    let clock = after(100);
    let radio = VirtualRadio::new([tag()], clock.clone()).breaking_off_after([100, 2, 2, 2, 2]);
    let device = VirtualRadio::<Jumping>::device(&tag());
    let (mut dialog, mut told) = (RuuviTag::new(), 0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let options = DownloadOptions::default();
    let download = download(&radio, &clock, &device, &mut dialog, options, |event| {
        if let DownloadEvent::Readings(batch) = event {
            told += batch.len();
        }
    });
    assert_eq!(runtime.block_on(download).unwrap_err().code(), "ble/disconnected");
    assert_eq!((told, dialog.readings().len()), (33, 33));
}

/// A tag that tells of itself, read by a person who means the one of this serial number.
fn read_as(serial: Option<&str>) -> (Result<usize, String>, Vec<DownloadEvent>) {
    let clock = after(10);
    let information = DeviceInformation {
        serial: Some("SN-0007".into()),
        firmware: Some("3.31.1".into()),
        battery_pct: Some(87),
        ..DeviceInformation::default()
    };
    let telling = Telling { logger: Arc::new(tag()), information };
    let radio = VirtualRadio::new([telling], clock.clone());
    let device = VirtualRadio::<Jumping>::device(&tag());
    let options = DownloadOptions { serial: serial.map(str::to_owned), ..DownloadOptions::default() };
    let (mut dialog, mut events) = (RuuviTag::new(), Vec::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let download = download(&radio, &clock, &device, &mut dialog, options, |event| events.push(event));
    let result = runtime.block_on(download);
    (result.map(|summary| summary.readings).map_err(|error| error.code().to_owned()), events)
}

#[test]
fn a_download_tells_the_loggers_serial_number_firmware_and_battery_once_and_after_its_log() {
    let (result, events) = read_as(None);
    assert_eq!(result, Ok(10));
    let told = |event: &DownloadEvent| matches!(event, DownloadEvent::Device(_));
    assert_eq!(events.iter().filter(|event| told(event)).count(), 1);
    let [.., DownloadEvent::Device(information)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(information.to_string(), "serial SN-0007, firmware 3.31.1, battery 87 %");
}

#[test]
fn a_logger_that_tells_another_serial_number_than_the_one_meant_is_not_read() {
    assert_eq!(read_as(Some("sn 0007")).0, Ok(10));
    let (result, events) = read_as(Some("SN-0008"));
    assert_eq!(result, Err("ble/another-logger".to_owned()));
    assert!(!events.iter().any(|event| matches!(event, DownloadEvent::Readings(_))));
}

#[test]
fn a_thermometer_without_a_log_gives_its_present_value_in_either_unit() {
    for (ambient, health) in [
        (Ambient::Shown, Some(Unit::Celsius)),
        (Ambient::Shown, None),
        (Ambient::NotKnown, Some(Unit::Celsius)),
        (Ambient::Absent, Some(Unit::Fahrenheit)),
    ] {
        let clock = after(10);
        let thermometer = VirtualThermometer { body: still(), ambient, health };
        let radio = VirtualRadio::new([thermometer.clone()], clock.clone());
        let device = VirtualRadio::<Jumping>::device(&thermometer);
        let mut dialog = crate::dialog::of_logger("environmental-sensing", "", &Default::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let options = DownloadOptions::default();
        let summary =
            runtime.block_on(download(&radio, &clock, &device, dialog.as_mut(), options, |_| {})).unwrap();
        assert_eq!((summary.readings, summary.coverage), (1, Coverage::NoLog));
        let [reading] = &dialog.readings()[..] else { panic!("{ambient:?}") };
        let near = |value: Option<MilliCelsius>| (value.unwrap().0 + 5000).abs() <= 30;
        assert!(near(reading.measurement.temperature), "{ambient:?} {reading:?}");
        let shown = thermometer.shows(clock.now());
        assert_eq!(reading.measurement.humidity, shown.humidity, "{ambient:?}");
    }
    let nothing = VirtualThermometer { body: still(), ambient: Ambient::NotKnown, health: None };
    let clock = after(10);
    let radio = VirtualRadio::new([nothing.clone()], clock.clone());
    let device = VirtualRadio::<Jumping>::device(&nothing);
    let mut dialog = crate::dialog::present::Present::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let options = DownloadOptions::default();
    let failed = runtime.block_on(download(&radio, &clock, &device, &mut dialog, options, |_| {}));
    assert_eq!(failed.unwrap_err().code(), "ble/no-present-value");
}

/// A body at five degrees below zero.
fn still() -> Body {
    Body {
        name: "Thermometer".into(),
        address: tag().address,
        booted: BOOT,
        interval_s: 60,
        capacity: 0,
        climate: Arc::new(|_| Climate {
            temperature: MilliCelsius(-5000),
            humidity: RelativeHumidity(453_400),
            pressure_pa: 100_044,
        }),
        seed: 7,
    }
}

#[test]
fn an_unknown_logger_is_named_and_a_scan_hears_the_known_one() {
    let clock = after(1);
    let radio = VirtualRadio::new([tag()], clock);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let nobody = crate::radio::DeviceId("virtual/nobody".into());
        assert_eq!(radio.connect(&nobody).await.unwrap_err().code(), "ble/not-heard");
        let mut hearing = radio.scan().await.unwrap();
        let first = hearing.next().await.unwrap().unwrap();
        let second = hearing.next().await.unwrap().unwrap();
        assert_eq!(first.device, VirtualRadio::<Jumping>::device(&tag()));
        assert_eq!(second.advert.time.unwrap().0 - first.advert.time.unwrap().0, 1285);
    });
}
