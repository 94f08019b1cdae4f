//! GS1 texts and keys with what they must give: the project's fixtures, and the published ones beside them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_model::gs1::{Fault, Gln, Gtin, Scan, ScanError, ShortGtins, Sscc, read, read_with};
use serde_json::{Value, json};
use std::path::Path;

/// The year in which the fixtures tell what dates mean.
const THIS_YEAR: u16 = 2026;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a fixture")).collect()
}

fn elements(scan: &Scan) -> Value {
    serde_json::to_value(&scan.elements).unwrap()
}

fn short(fixture: &Value) -> ShortGtins {
    if fixture["short_gtins"] == true { ShortGtins::Filled } else { ShortGtins::Refused }
}

#[test]
fn every_fixture_is_read_or_refused_as_it_says() {
    let fixtures = lines(include_str!("../fixtures/gs1/scans.jsonl"));
    assert!(fixtures.len() >= 298, "{} fixtures", fixtures.len());
    for fixture in fixtures {
        let text = fixture["text"].as_str().unwrap();
        match read_with(text, short(&fixture)) {
            Ok(scan) => holds(&fixture, &scan),
            Err(error) => refused(&fixture, &error),
        }
    }
}

fn holds(fixture: &Value, scan: &Scan) {
    assert_eq!(fixture["ai"], elements(scan), "{fixture}");
    let warned: Vec<Value> = scan.warnings.iter().map(|one| json!(one.kind)).collect();
    match &fixture["warns"] {
        Value::Null => assert!(warned.is_empty(), "{fixture}: {warned:?}"),
        code => assert!(warned.contains(code), "{fixture}: {warned:?}"),
    }
    assert_eq!(fixture["plain"].as_str(), scan.plain.as_deref(), "{fixture}");
    if let Some(fnc1) = fixture["fnc1"].as_str() {
        // Without a separator in the middle it may be ambiguous; then the text with brackets is the way out.
        match read(fnc1) {
            Ok(same) => assert_eq!(same.elements, scan.elements, "{fixture}"),
            Err(error) => assert_eq!(error.code(), "gs1/ambiguous", "{fixture}"),
        }
    }
    if let Some(meaning) = fixture["meaning"].as_array() {
        let told = serde_json::to_value(scan.meanings(THIS_YEAR)).unwrap();
        assert!(meaning.iter().all(|one| told.as_array().unwrap().contains(one)), "{fixture}: {told}");
    }
    if let Some(stem) = fixture["stem"].as_str() {
        assert_eq!(fixture["link"].as_str(), scan.digital_link(stem).as_deref(), "{fixture}");
    }
}

fn refused(fixture: &Value, error: &ScanError) {
    let codes = fixture["error"].as_array().unwrap_or_else(|| panic!("{fixture}: {error}"));
    assert!(codes.contains(&json!(error.code())), "{fixture}: {} {error}", error.code());
    if let Some(wanted) = fixture["read"].as_array() {
        assert_eq!(wanted, serde_json::to_value(&error.read).unwrap().as_array().unwrap(), "{fixture}");
    }
}

#[test]
fn every_key_has_the_check_digit_that_it_should_have() {
    for fixture in lines(include_str!("../fixtures/gs1/keys.jsonl")) {
        let checked = key(fixture["key"].as_str().unwrap(), fixture["number"].as_str().unwrap());
        let code = checked.as_ref().err().map(ScanError::code);
        assert_eq!(fixture["error"].as_str(), code, "{fixture}");
        if let (Some(right), Err(error)) = (fixture["right"].as_str(), checked) {
            assert!(error.why.ends_with(&format!("should be {right}")), "{fixture}: {error}");
        }
    }
}

fn key(kind: &str, number: &str) -> Result<(), ScanError> {
    match kind {
        "SSCC" => Sscc::parse(number).map(drop),
        "GLN" => Gln::parse(number).map(drop),
        _ => Gtin::parse(number).map(drop),
    }
}

/// A file that is published beside the project; `None`, and said so, where it is not there.
fn published(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/gs1").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: {name} is not beside this repository");
    }
    text
}

#[test]
fn the_published_texts_are_read_as_expected() {
    let Some(text) = published("scan-vectors.jsonl") else { return };
    for case in lines(&text) {
        let expected = &case["expect"];
        if let Some(number) = case["checkdigit"].as_str() {
            let checked = key(case["type"].as_str().unwrap(), number);
            assert_eq!(expected["ok"], checked.is_ok(), "{case}");
            continue;
        }
        let text = ["scan", "bracketed", "uri"].iter().find_map(|form| case[form].as_str()).unwrap();
        let short =
            short(&case["options"].clone().as_object().map_or(Value::Null, |_| json!({"short_gtins": true})));
        let association = ["requisite", "mutex"].iter().any(|class| expected["class"] == *class);
        match read_with(text, short) {
            // Associations warn, for the rest may stand in another barcode of the package.
            Ok(scan) if expected["ok"] == true || association => {
                assert_eq!(expected["ai"], elements(&scan), "{case}")
            }
            // With or without its symbology identifier, says the command's contract.
            Ok(scan) => assert!(expected["class"] == "no-aim-id" && !scan.warnings.is_empty(), "{case}"),
            Err(error) if expected["ambiguous"] == true => {
                assert_eq!(error.code(), "gs1/ambiguous", "{case}")
            }
            Err(error) => {
                let alternatives = expected["class_alt"].as_array().into_iter().flatten();
                let mut codes = alternatives.chain([&expected["class"]]).filter_map(Value::as_str);
                assert!(
                    codes.any(|class| error.code() == format!("gs1/{class}")),
                    "{case}: {}",
                    error.code()
                );
            }
        }
    }
}

#[test]
fn the_documentation_names_every_refusal() {
    let page = include_str!("../../../docs/scanning.md");
    let rows: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("| `gs1/")).collect();
    for fault in Fault::ALL {
        let name = fault.code().trim_start_matches("gs1/");
        assert!(rows.iter().any(|row| row.starts_with(&format!("{name}`"))), "{}", fault.code());
    }
    assert_eq!(rows.len(), Fault::ALL.len());
}
