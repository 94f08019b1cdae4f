//! Hostile bytes: no advert, line, notification or recording makes the decoders panic or invent a value.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ble::dialog::{Action, ClockWrite, Dialog, DialogError, DialogOptions, ruuvi};
use firn_ble::replay::DeviceName;
use firn_ble::{Address, Advert, BindKey, BluetoothUuid, Keys, decode, decode_line, replay};
use firn_model::time::{UtcMillis, UtcOffset};
use firn_model::units::ABSOLUTE_ZERO;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// Identifiers under which a codec looks.
const COMPANIES: [u16; 50] = [
    0x0000, 0x0001, 0x0010, 0x0011, 0x0014, 0x0015, 0x0018, 0x001B, 0x0030, 0x004C, 0x0499, 0x0969, 0x2449,
    0x8801, 0xEC88, 0x0059, 0x0077, 0x0100, 0x0133, 0x0194, 0x01AE, 0x026C, 0x05CD, 0x0639, 0x06D5, 0x06E8,
    0x0702, 0x0757, 0x075B, 0x089A, 0x094F, 0x2122, 0x2121, 0x5122, 0x6121, 0x9190, 0x9290, 0x9B90, 0x9CA0,
    0xAA55, 0xACC0, 0xFAEE, 0x8341, 0x9501, 0x4A4A, 0x8201, 0x1000, 0x0828, 0xF214, 0x03DA,
];
const UUIDS: [u16; 28] = [
    0x0000, 0x0D00, 0x181C, 0x181E, 0xFCD2, 0xFD3D, 0xFD50, 0xFDCD, 0xFE95, 0xFEAA, 0x181A, 0x2A6E, 0x2A6F,
    0x2A6D, 0xFFE1, 0xF525, 0xF51C, 0xAA20, 0xAA21, 0xAA22, 0x1809, 0x5242, 0x0318, 0x1803, 0x2A19, 0x180F,
    0x2A06, 0xFEAB,
];
/// Names by which a codec is chosen.
const NAMES: [&str; 28] = [
    "GVH5075_2762",
    "GVH5101_1234",
    "GVH5106_4E05",
    "GV5112AC3D",
    "GV5140303A",
    "B51782BC8",
    "GVH5055",
    "GVH5184_XXXX",
    "GVH5185_XXXX",
    "TP357 (2142)",
    "TP962R (0000)",
    "TP972S",
    "sps",
    "tps",
    "iBBQ",
    "ITH-21-B",
    "SensorPush HT.w 0CA1",
    "s",
    "ThermoBeacon",
    "WoSensorTHP",
    "é",
    "MOCREO",
    "P T EN 80906F",
    "RDL52832",
    "TPMS",
    "ECo",
    "T301",
    "x",
];
/// How payloads of a known format begin.
const BEGINNINGS: [&[u8]; 33] = [
    &[0x03],
    &[0x05],
    &[0x06],
    &[0xC5],
    &[0xE1],
    &[0x40],
    &[0x41],
    &[0x44],
    &[0x01, 0x01],
    &[0xEC, 0x00, 0x01, 0x01],
    &[0x2E, 0x01, 0x00, 0x01, 0x01, 0x64, 0x01],
    &[0x55, 0x00, 0x64, 0x03, 0x20],
    &[0x00, 0x00],
    &[0x50, 0x20, 0xAA, 0x01],
    &[0x58, 0x58, 0x5B, 0x05],
    &[0x08, 0x16],
    &[0x54, 0x00],
    &[0x69, 0x00],
    &[0x76, 0x00],
    &[0x00],
    &[0x01],
    &[0x02],
    &[0x04],
    &[0x11],
    &[0x12],
    &[0x16],
    &[0x20],
    &[0x21],
    &[0x2B],
    &[0x51],
    &[0xA1],
    &[0xA3],
    &[0xCA],
];

/// Beginnings that several families share an identifier by.
const LIKELY: [&[u8]; 3] = [
    &[
        0x02, 0x15, 0xA4, 0x95, 0xBB, 0x10, 0xC5, 0xB1, 0x4B, 0x44, 0xB5, 0x12, 0x13, 0x70, 0xF0, 0x2D, 0x74,
        0xDE, 0x80,
    ],
    &[0x20, 0x00, 0x0C, 0x1C, 0x80, 0x00],
    &[0xAB, 0x03, 0xFF, 0xFF],
];

fn company() -> impl Strategy<Value = u16> {
    prop_oneof![4 => proptest::sample::select(&COMPANIES[..]), 1 => any::<u16>()]
}

fn uuid() -> impl Strategy<Value = BluetoothUuid> {
    let known = proptest::sample::select(&UUIDS[..]);
    prop_oneof![4 => known.prop_map(BluetoothUuid::Short), 1 => any::<u128>().prop_map(BluetoothUuid::from_u128)]
}

fn name() -> impl Strategy<Value = Option<String>> {
    let known = proptest::sample::select(&NAMES[..]).prop_map(|name| Some(name.to_owned()));
    prop_oneof![4 => known, 1 => any::<Option<String>>()]
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    let beginning = proptest::sample::select(&BEGINNINGS[..]);
    prop_oneof![
        vec(any::<u8>(), 0..48),
        proptest::sample::select(&LIKELY[..]).prop_map(<[u8]>::to_vec),
        (beginning, vec(any::<u8>(), 0..48)).prop_map(|(beginning, rest)| [beginning, &rest].concat()),
    ]
}

fn packet() -> impl Strategy<Value = Vec<u8>> {
    let log =
        (0x30_u8..=0x32, 1_700_000_000_u32..1_700_000_100, any::<u32>()).prop_map(|(field, time, value)| {
            [&[0x3A, field, 0x10][..], &time.to_be_bytes(), &value.to_be_bytes()].concat()
        });
    let end = Just([&[0x3A, 0x3A, 0x10][..], &[0xFF; 8]].concat());
    prop_oneof![8 => log, 1 => end, 2 => vec(any::<u8>(), 0..24)]
}

/// Bytes that look like a packet of some log, or like nothing.
fn hostile() -> impl Strategy<Value = (usize, Vec<u8>)> {
    let heads = proptest::sample::select(vec![
        &[0x35][..],
        &[0x23],
        &[0x35, 0, 0],
        &[0x33, 0x01],
        &[0xEE, 0x01],
        &[0x00],
        &[0x02],
        &[0, 0, 0, 0, 5, 0],
        &[1, 0],
        &[0xCC, 0xCC, 0x01, 4, 0, 0, 0],
        &[0, 0, 0, 2, 0, 2, 0, 2, 1, 0, 0, 0, 0, 0, 0x3A],
        &[0x2C, 0x2C],
        b"Nb data to get : 3\r\nTemperature LOG:\r\nDATA_START\r\n",
        b"0d0h0m30s:2712\r\n0d0h1m0s:-12\r\n",
        b"END_OF_DATA\r\n",
        b"---DOWNLOAD_START---\r\n<DATA_START>\r\n",
        b"<DATA_END>\r\n---DOWNLOAD_END---\r\n",
        &[0x3B, 0x3B, 0x20, 1, 38],
        &[0x3B, 0x3B, 0x20, 0, 38],
    ]);
    let lengths =
        prop_oneof![3 => Just(0_usize), 1 => Just(10), 1 => Just(12), 2 => Just(18), 1 => 0..40_usize];
    (0..2_usize, heads, lengths, any::<[u8; 40]>())
        .prop_map(|(channel, head, length, rest)| (channel, [head, &rest[..length]].concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn no_advert_panics_and_no_temperature_lies_below_absolute_zero(
        manufacturer_data in btree_map(company(), payload(), 0..3),
        service_data in btree_map(uuid(), payload(), 0..3),
        address in any::<Option<[u8; 6]>>(),
        name in name(),
        keyed in any::<bool>(),
    ) {
        let address = address.map(Address);
        let advert = Advert { manufacturer_data, service_data, address, name, ..Advert::default() };
        let keys = Keys { fallback: keyed.then_some(BindKey([7; 16])), ..Keys::default() };
        if let Ok(decoded) = decode(&advert, &keys) {
            prop_assert!(!decoded.readings.is_empty());
            prop_assert!(decoded.readings.iter().filter_map(|m| m.temperature).all(|t| t >= ABSOLUTE_ZERO));
        }
    }

    #[test]
    fn no_line_of_text_panics(line in ".{0,200}") {
        let answer = serde_json::to_value(decode_line(&line, &Keys::default())).unwrap();
        prop_assert_eq!(&answer["ok"], &serde_json::Value::Bool(false));
    }

    #[test]
    fn no_notifications_panic_and_every_sample_is_given_once(packets in vec(packet(), 0..60), ticks in any::<bool>()) {
        let now = UtcMillis(1_700_000_200_000);
        let mut dialog = ruuvi::RuuviTag::new();
        let mut actions = dialog.start(now, None);
        for (step, packet) in packets.iter().enumerate() {
            let at = now.plus_seconds(step as i64 * 7);
            actions.extend(dialog.on_notification(ruuvi::NOTIFY, packet, at));
            if ticks {
                actions.extend(dialog.on_tick(at));
            }
        }
        actions.extend(dialog.abandon(firn_ble::dialog::DialogError::Disconnected));
        let mut given: Vec<_> = actions
            .into_iter()
            .filter_map(|action| if let Action::Readings(batch) = action { Some(batch) } else { None })
            .flatten()
            .map(|reading| (reading.time, reading.raw))
            .collect();
        let mut all: Vec<_> = dialog.readings().into_iter().map(|reading| (reading.time, reading.raw)).collect();
        given.sort();
        all.sort();
        prop_assert_eq!(given.len(), all.len());
        prop_assert!(given.iter().zip(&all).all(|(given, all)| given.0 == all.0));
    }

    #[test]
    fn no_dialog_panics_or_gives_a_reading_twice(
        nth in 0..DeviceName::ALL.len(),
        packets in vec(hostile(), 0..80),
        ticks in any::<bool>(),
    ) {
        let device = DeviceName::ALL[nth];
        let options = DialogOptions {
            clock_write: ClockWrite::Allowed { offset: UtcOffset(3600) },
            interval_s: Some(60),
            ..DialogOptions::default()
        };
        let now = UtcMillis(1_700_000_200_000);
        let mut dialog = device.dialog_with(&options);
        let mut actions = dialog.start(now, None);
        for (step, (channel, packet)) in packets.iter().enumerate() {
            let at = now.plus_seconds(step as i64 * 5);
            let characteristic = device.characteristics()[channel % device.characteristics().len()];
            actions.extend(dialog.on_notification(characteristic, packet, at));
            if ticks {
                actions.extend(dialog.on_tick(at));
            }
            if step % 31 == 30 {
                actions.extend(dialog.resume(at));
            }
        }
        actions.extend(dialog.abandon(DialogError::Disconnected));
        let batches = actions.iter().filter_map(|action| match action {
            Action::Readings(batch) => Some(batch.len()),
            _ => None,
        });
        prop_assert_eq!(batches.sum::<usize>(), dialog.readings().len());
        let temperatures = dialog.readings().into_iter().filter_map(|reading| reading.measurement.temperature);
        prop_assert!(temperatures.into_iter().all(|t| t >= ABSOLUTE_ZERO));
    }

    #[test]
    fn no_recording_panics(nth in 0..DeviceName::ALL.len(), lines in vec(".{0,80}", 0..5)) {
        let lines: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
        prop_assert!(replay(DeviceName::ALL[nth], lines.into_iter()).is_err());
    }
}
