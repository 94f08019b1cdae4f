//! An extra: the adverts of a larger collection kept beside the repository, where it is present.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ble::replay::DeviceName;
use firn_ble::{Keys, decode_line, replay};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The collection's folder, or a word on standard error that the test is skipped.
fn collection() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/ble");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: the collection of published adverts is not beside this repository");
    None
}

fn lines(folder: &Path, prefix: &str) -> Vec<(String, Value)> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with(prefix));
    files.sort();
    let texts = files.iter().map(|path| std::fs::read_to_string(path).unwrap());
    texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .map(|line| (line.clone(), serde_json::from_str(&line).unwrap()))
        .collect()
}

/// The published name of a value, the field that holds it, the factor between them and the tolerance.
/// A number before the field is that of a probe; without one the first reading is meant.
const FIELDS: [(&str, &str, f64, f64); 30] = [
    ("temperature_c", "temperature_mc", 1e-3, 0.006),
    ("humidity_pct", "humidity_pct", 1.0, 0.006),
    ("pressure_pa", "pressure_pa", 1.0, 0.5),
    ("dew_point_c", "dew_point_mc", 1e-3, 0.006),
    ("battery_mv", "battery_mv", 1.0, 0.5),
    ("battery_pct", "battery_pct", 1.0, 0.0),
    ("co2_ppm", "co2_ppm", 1.0, 0.0),
    ("sequence", "sequence", 1.0, 0.0),
    ("movement", "movement", 1.0, 0.0),
    ("tx_power_dbm", "tx_power_dbm", 1.0, 0.0),
    ("temperature_1", "temperature_mc", 1e-3, 0.006),
    ("temperature_2", "1/temperature_mc", 1e-3, 0.006),
    ("temperature_3", "2/temperature_mc", 1e-3, 0.006),
    ("humidity_2", "1/humidity_pct", 1.0, 0.006),
    ("temperature_probe_1", "0/temperature_mc", 1e-3, 0.006),
    ("temperature_probe_2", "1/temperature_mc", 1e-3, 0.006),
    ("temperature_probe_3", "2/temperature_mc", 1e-3, 0.006),
    ("temperature_probe_4", "3/temperature_mc", 1e-3, 0.006),
    ("temperature_probe_5", "4/temperature_mc", 1e-3, 0.006),
    ("temperature_probe_6", "5/temperature_mc", 1e-3, 0.006),
    ("tempc1", "0/temperature_mc", 1e-3, 0.006),
    ("tempc2", "1/temperature_mc", 1e-3, 0.006),
    ("tempc3", "2/temperature_mc", 1e-3, 0.006),
    ("tempc4", "3/temperature_mc", 1e-3, 0.006),
    ("tempc5", "4/temperature_mc", 1e-3, 0.006),
    ("tempc6", "5/temperature_mc", 1e-3, 0.006),
    ("humidity_probe_1", "0/humidity_pct", 1.0, 0.006),
    ("tempc2_dp", "dew_point_mc", 1e-3, 0.006),
    ("uptime", "uptime_s", 1.0, 0.0),
    ("measurementPeriodSeconds", "interval_s", 1.0, 0.0),
];

fn reported(answer: &Value, field: &str) -> Option<f64> {
    let Some((probe, field)) = field.split_once('/') else {
        return answer["readings"][0].get(field)?.as_f64();
    };
    let probe: u64 = probe.parse().unwrap();
    let readings = answer["readings"].as_array()?;
    readings.iter().find(|reading| reading["probe"].as_u64().unwrap_or(0) == probe)?.get(field)?.as_f64()
}

/// A value that the published decoders computed or invented, and that Firn therefore does not give.
type NotMeasured = fn(&Value, &str) -> bool;

fn check(prefix: &str, supported: impl Fn(&Value) -> bool, not_measured: NotMeasured) -> usize {
    let Some(folder) = collection() else { return 0 };
    let mut compared = 0;
    for (line, vector) in lines(&folder, prefix) {
        if !supported(&vector) {
            continue;
        }
        let answer = serde_json::to_value(decode_line(&line, &Keys::default())).unwrap();
        if vector["fresh_expect"].as_object().is_some_and(|values| values.is_empty()) {
            assert_eq!(answer["ok"], false, "{line}\n{answer}");
        }
        let expected = if vector["stateful"] == true { &vector["fresh_expect"] } else { &vector["expect"] };
        for (name, field, factor, tolerance) in FIELDS {
            let Some(published) = expected[name].as_f64() else { continue };
            if not_measured(&vector, name) {
                continue;
            }
            // One of the sources cuts at hundredths where the others round.
            let cut = vector["source"].as_str().is_some_and(|source| source.starts_with("theengs"));
            let tolerance = if cut && tolerance == 0.006 { 0.01 } else { tolerance };
            let got = reported(&answer, field).unwrap_or_else(|| panic!("{name} absent: {line}\n{answer}"));
            assert!((got * factor - published).abs() <= tolerance, "{name}: {got} for {published}: {line}");
            compared += 1;
        }
        let has = |name: &str| name.starts_with("temp") && expected[name].is_number();
        // Of one source the name alone says that a temperature is inside.
        let named = vector["device"].as_str().is_some_and(|device| device.contains("TEMPERATURE"));
        if !named && !expected.as_object().is_some_and(|values| values.keys().any(|name| has(name))) {
            let temperature =
                answer["readings"].as_array().into_iter().flatten().any(|r| r["temperature_mc"].is_number());
            assert!(!temperature, "a temperature where none was published: {line}\n{answer}");
        }
        for name in vector["expect_null"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            for (_, field, ..) in FIELDS.iter().filter(|(known, ..)| *known == name) {
                assert_eq!(reported(&answer, field), None, "{name} must be absent: {line}");
            }
        }
    }
    compared
}

/// Carbon dioxide in formats of which only what a cold chain asks for is read.
fn air_quality(_: &Value, name: &str) -> bool {
    name == "co2_ppm"
}

#[test]
fn every_published_ruuvi_advert_gives_the_published_values() {
    let compared = check("adv-ruuvi", |_| true, air_quality);
    assert!(collection().is_none() || compared > 60, "{compared}");
}

#[test]
fn every_published_bthome_advert_gives_the_published_values() {
    let compared = check("adv-bthome", |_| true, air_quality);
    assert!(collection().is_none() || compared > 35, "{compared}");
}

/// Published values that no advert says, or that are said otherwise, by the device and the field.
fn is_disputed(vector: &Value, field: &str) -> bool {
    match (vector["device"].as_str().unwrap_or_default(), field) {
        // −128 °C is what a tag without a thermometer sends.
        ("TG-BT5-IN", "temperature_c") => true,
        // In other units than pascals.
        ("TPMS" | "HolyIOT BLE tracker", "pressure_pa") => true,
        // Decoders disagree on the voltage, and the charge is worked out of it.
        ("SmartDry cloth dryer", "battery_mv" | "battery_pct") => true,
        // Worked out of the charge, which alone the encrypted format has.
        ("ATC", "battery_mv") => vector["bindkey"].is_string(),
        // Worked out by exponentials of two temperatures.
        ("Air Mentor Pro 2", "humidity_pct") => true,
        // The advert has two frames of one company, of which the line holds the second only.
        ("Blue Puck T", "temperature_c") => vector["manufacturer_data"]["0757"] == "f10d",
        _ => false,
    }
}

/// Files whose every line is of a family that is read.
const FILES: [&str; 17] = [
    "adv-aranet",
    "adv-bluemaestro",
    "adv-efento",
    "adv-ela",
    "adv-jaalee",
    "adv-kkm",
    "adv-mikrotik",
    "adv-minew",
    "adv-mocreo",
    "adv-mopeka",
    "adv-oria",
    "adv-other",
    "adv-pvvx-atc",
    "adv-reelyactive",
    "adv-relsib",
    "adv-sensirion",
    "adv-teltonika",
];

#[test]
fn every_published_advert_of_the_smaller_families_gives_the_published_values() {
    let compared: usize = FILES.iter().map(|file| check(file, |_| true, is_disputed)).sum();
    assert!(collection().is_none() || compared > 270, "{compared}");
}

#[test]
fn no_advert_published_as_measuring_something_else_gives_a_temperature() {
    let Some(folder) = collection() else { return };
    for (line, vector) in lines(&folder, "adv-nontemp") {
        if vector["expect"]
            .as_object()
            .is_some_and(|values| values.keys().any(|key| key.contains("temperature")))
        {
            continue;
        }
        let answer = serde_json::to_value(decode_line(&line, &Keys::default())).unwrap();
        let readings = answer["readings"].as_array().cloned().unwrap_or_default();
        assert!(readings.iter().all(|reading| reading["temperature_mc"].is_null()), "{line}\n{answer}");
    }
}

#[test]
fn every_published_govee_advert_gives_the_published_values() {
    let compared = check(
        "adv-govee",
        |_| true,
        |vector, name| {
            // Without a probe the public decoders say 0 °C; and the air around the meat is the second probe.
            name.starts_with("temperature_probe") && vector["expect"][name] == 0.0
                || name == "temperature_c" && vector["device"] == "H5191"
        },
    );
    assert!(collection().is_none() || compared > 110, "{compared}");
}

#[test]
fn every_published_inkbird_advert_gives_the_published_values() {
    let compared = check(
        "adv-inkbird",
        |_| true,
        |vector, name| {
            // Without a probe one public decoder says 0 °C where the advert has −1.0 °C.
            vector["device"] == "iBBQ-6" && vector["expect"][name] == 0.0
        },
    );
    assert!(collection().is_none() || compared > 80, "{compared}");
}

#[test]
fn every_published_qingping_advert_gives_the_published_values() {
    // The door and motion sensors of the other file are no thermometers.
    let compared = check("adv-qingping.jsonl", |_| true, |_, _| false);
    assert!(collection().is_none() || compared > 60, "{compared}");
}

#[test]
fn every_published_sensorpush_advert_gives_the_published_values() {
    let compared = check("adv-sensorpush", |_| true, |_, _| false);
    assert!(collection().is_none() || compared > 9, "{compared}");
}

#[test]
fn every_published_switchbot_advert_gives_the_published_values() {
    let meters =
        |vector: &Value| vector["expect"].get("temperature_c").is_some() || vector["device"] == "W340001X";
    let compared = check("adv-switchbot", meters, |_, _| false);
    assert!(collection().is_none() || compared > 18, "{compared}");
}

#[test]
fn every_published_thermobeacon_advert_gives_the_published_values() {
    // The charge is computed from the voltage, and the voltage published in hundredths of a volt.
    let compared = check("adv-thermobeacon", |_| true, |_, name| name.starts_with("battery"));
    let as_other = |vector: &Value| vector["device"] == "WS02/WS08";
    let compared = compared + check("adv-other", as_other, |_, _| false);
    assert!(collection().is_none() || compared > 8, "{compared}");
}

#[test]
fn every_published_thermopro_advert_gives_the_published_values() {
    let compared = check("adv-thermopro", |_| true, |_, _| false);
    assert!(collection().is_none() || compared > 14, "{compared}");
}

#[test]
fn every_published_xiaomi_advert_gives_the_published_values() {
    // One published decoder computes a voltage from the charge, and numbers adverts without a reading.
    let thermometers = |vector: &Value| vector["expect"].get("pressure_present_duration").is_none();
    let compared = check("adv-xiaomi.jsonl", thermometers, |_, name| name == "battery_mv");
    assert!(collection().is_none() || compared > 40, "{compared}");
    let compared =
        check("adv-xiaomi-nontemp", |_| true, |_, name| name == "battery_mv" || name == "sequence");
    assert!(collection().is_none() || compared > 6, "{compared}");
}

#[test]
fn no_advert_published_as_holding_no_measurement_gives_a_temperature() {
    let Some(folder) = collection() else { return };
    let lines = lines(&folder, "negative");
    assert!(lines.len() > 50);
    for (line, _) in lines {
        let answer = serde_json::to_value(decode_line(&line, &Keys::default())).unwrap();
        assert_eq!(answer["ok"], false, "{line}\n{answer}");
    }
}

#[test]
fn the_recorded_download_of_the_collection_gives_its_1023_readings() {
    let Some(folder) = collection() else { return };
    let text = std::fs::read_to_string(folder.join("logdl-ruuvitag-transcript.jsonl")).unwrap();
    assert_eq!(replay(DeviceName::RuuviTag, text.lines()).unwrap().len(), 1023);
}
