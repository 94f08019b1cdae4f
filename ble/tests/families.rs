//! Every family's fixtures, and the page that lists the families.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ble::{Keys, decode_line, families};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The fixtures of a family: one advert a line, with `says`, `source`, and what it must give: `format`
/// and `readings`, or `error`.
fn fixtures(family: &str) -> (PathBuf, Vec<String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/adverts").join(format!("{family}.jsonl"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (path, text.lines().map(str::to_owned).collect())
}

#[test]
fn every_fixture_gives_exactly_the_readings_or_the_refusal_it_states() {
    for family in families() {
        let (path, lines) = fixtures(family.name);
        for line in lines {
            let fixture: Value = serde_json::from_str(&line).unwrap();
            let answer = serde_json::to_value(decode_line(&line, &Keys::default())).unwrap();
            let place = format!("{}: {}: {answer}", path.display(), fixture["says"]);
            assert!(fixture["says"].is_string() && fixture["source"].is_string(), "{place}");
            if fixture["error"].is_string() {
                assert_eq!(answer["error"], fixture["error"], "{place}");
            } else {
                assert_eq!(answer["device"], fixture["device"].as_str().unwrap_or(family.name), "{place}");
                assert_eq!(answer["format"], fixture["format"], "{place}");
                assert_eq!(answer["readings"], fixture["readings"], "{place}");
            }
        }
    }
}

#[test]
fn every_format_of_every_family_has_a_fixture_and_every_family_one_below_zero_and_one_without_a_reading() {
    for family in families() {
        let (path, lines) = fixtures(family.name);
        let fixtures: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        for format in family.formats {
            assert!(fixtures.iter().any(|one| one["format"] == *format), "{}: {format}", path.display());
        }
        let cold = |one: &Value| {
            one["readings"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|r| r["temperature_mc"].as_i64() < Some(0) && r["temperature_mc"].is_i64())
        };
        assert!(fixtures.iter().any(cold), "{}: nothing below zero", path.display());
        assert!(fixtures.iter().any(|one| one["error"].is_string()), "{}: no refusal", path.display());
    }
}

#[test]
fn a_fixture_cut_anywhere_gives_no_temperature_that_the_whole_does_not() {
    for family in families() {
        for line in fixtures(family.name).1 {
            let fixture: Value = serde_json::from_str(&line).unwrap();
            let whole: Vec<Value> = temperatures(&line);
            for carrier in ["manufacturer_data", "service_data"] {
                for (key, hex) in fixture[carrier].as_object().into_iter().flatten() {
                    let hex = hex.as_str().unwrap();
                    for length in (0..hex.len()).step_by(2) {
                        let mut cut = fixture.clone();
                        cut[carrier][key] = Value::from(hex.get(..length).unwrap());
                        let cut = temperatures(&cut.to_string());
                        assert!(
                            cut.iter().all(|t| whole.contains(t)),
                            "{}: {length} of {hex}: {cut:?}",
                            family.name
                        );
                    }
                }
            }
        }
    }
}

fn temperatures(line: &str) -> Vec<Value> {
    let answer = serde_json::to_value(decode_line(line, &Keys::default())).unwrap();
    let readings = answer["readings"].as_array().cloned().unwrap_or_default();
    readings
        .iter()
        .map(|reading| reading["temperature_mc"].clone())
        .filter(|value| !value.is_null())
        .collect()
}

/// Rewritten by `FIRN_WRITE_DOCS=1 cargo test -p firn-ble --test families`.
#[test]
fn the_page_of_loggers_lists_every_family_as_the_registry_has_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/loggers.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- families -->\n", "<!-- /families -->");
    let (head, rest) = page.split_once(begin).unwrap();
    let (_, tail) = rest.split_once(end).unwrap();
    let written = format!("{head}{begin}{}{end}{tail}", firn_ble::families::table());
    if std::env::var_os("FIRN_WRITE_DOCS").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written, "run with FIRN_WRITE_DOCS=1");
}
