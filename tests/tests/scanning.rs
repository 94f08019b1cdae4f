//! Scans end to end: `firn gs1`, and shipments whose goods, packages and references come from a scanner.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, program, refusal};
use serde_json::{Value, json};
use std::process::{Command, Output};

/// A package of ours: SSCC, and what it holds.
const LABEL: &str = "]C100095212345432100010020952123454321337120\u{1D}10L7\u{1D}17271100";

fn gs1(arguments: &[&str]) -> Output {
    Command::new(program()).arg("gs1").args(arguments).output().unwrap()
}

#[test]
fn a_scan_is_answered_with_its_identifiers_and_a_bad_one_with_a_code_and_exit_status_two() {
    let read = gs1(&["]d201095212345432131727110010A1\u{1D}21S9"]);
    assert_eq!(read.status.code(), Some(0));
    let answer = json(&read);
    let wanted = json!([["01", "09521234543213"], ["17", "271100"], ["10", "A1"], ["21", "S9"]]);
    assert_eq!((&answer["ok"], &answer["ai"], &answer["warnings"]), (&json!(true), &wanted, &json!([])));
    assert_eq!(answer["meaning"], json!([{ "ai": "17", "kind": "date", "value": "2027-11-30" }]));
    let refused = gs1(&["]d20109521234543214"]);
    assert_eq!(refusal(&refused), "gs1/check-digit");
    assert!(json(&refused)["why"].as_str().unwrap().contains("AI 01"));
    let lost = gs1(&["--json", "]d2010952123454321310A117260930"]);
    assert_eq!(refusal(&lost), "gs1/ambiguous");
}

#[test]
fn every_line_of_a_file_is_answered_by_one_line_also_an_empty_one() {
    let home = TestHome::unmade();
    let file = home.file("scans.txt", "(01)09521234543213\r\n\n]C100095212345432100011\n(10)A1\n\u{FF}\n");
    let output = gs1(&["--file", file.to_str().unwrap()]);
    assert!(output.status.success());
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<&Value> =
        lines.iter().map(|line| if line["ok"] == true { &line["ok"] } else { &line["error"] }).collect();
    let wanted =
        [json!(true), json!("gs1/no-aim-id"), json!("gs1/check-digit"), json!(true), json!("gs1/no-aim-id")];
    assert_eq!(told, wanted.iter().collect::<Vec<_>>());
    assert_eq!(lines[3]["warnings"][0]["code"], "gs1/requisite");
    assert_eq!(refusal(&gs1(&["--json", "--file", "/nowhere/scans.txt"])), "cli/unreadable-file");
}

#[test]
fn an_ambiguous_text_says_so_beside_the_letter_of_the_standard_and_a_stray_separator_is_shown() {
    let refused = |text: &str| {
        let output = Command::new(program()).args(["gs1", text]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        json(&output)
    };
    let ambiguous = refused("]d2010952123454321310A117260930");
    assert_eq!((&ambiguous["error"], &ambiguous["ambiguous"]), (&json!("gs1/ambiguous"), &json!(true)));
    assert!(ambiguous["ai"].is_array(), "{ambiguous}");
    let stray = refused("]d2010952123454321310A1\u{1D}\u{1D}17260930");
    assert_eq!(stray["error"], "gs1/unknown-ai");
    assert!(stray["why"].as_str().unwrap().contains("`<GS>172`") && stray.get("ambiguous").is_none());
}

#[test]
fn a_shipment_of_scanned_goods_is_found_by_its_gsin_and_by_the_sscc_of_a_package() {
    let home = TestHome::found();
    let item = format!("MMR vaccine,scan={LABEL}");
    let new = ["shipment", "new", "]C140295212340000000426", "--item", &item];
    let shipment = home.answer(&new)["shipment"].as_str().unwrap().to_owned();
    home.answer(&["logger", "add", "--label", "Box 7"]);
    let package = format!("Box 7={LABEL}");
    home.answer(&["shipment", "start", "95212340000000426", "--package", &package]);
    for name in ["95212340000000426", "(402)95212340000000426", "095212345432100010", LABEL, &shipment] {
        let shown = home.answer(&["shipment", "show", name]);
        assert_eq!(shown["summary"]["id"], json!(shipment), "{name}");
        assert_eq!(shown["summary"]["packages"], json!(["095212345432100010"]));
        let goods = &shown["items"][0];
        let told = ["gtin", "lot", "expiry", "quantity"].map(|field| goods[field].clone());
        assert_eq!(told, [json!("09521234543213"), json!("L7"), json!("271100"), json!(120)]);
    }
    assert_eq!(home.refusal(&["shipment", "show", "(00)395212340000000427"]), "app/not-found");
}

#[test]
fn numbers_that_cannot_be_right_are_refused_before_anything_is_signed() {
    let home = TestHome::found();
    let with_item = |item: &str| home.refusal(&["shipment", "new", "DN-1", "--item", item]);
    assert_eq!(with_item("MMR,gtin=09521234543214"), "gs1/check-digit");
    assert_eq!(with_item("MMR,expiry=271301"), "gs1/date");
    assert_eq!(with_item("MMR,scan=]d2010952123454321310A117260930"), "gs1/ambiguous");
    assert_eq!(home.refusal(&["shipment", "new", "(402)95212340000000427"]), "gs1/check-digit");
    assert_eq!(home.answer(&["shipment", "list"]), json!([]));
    let shipment = home.shipment("DN-1", "cdc-refrigerator");
    home.answer(&["logger", "add", "--label", "Box 7"]);
    let packed = |package: &str| home.refusal(&["shipment", "start", &shipment, "--package", package]);
    assert_eq!(packed("Box 7=095212345432100011"), "gs1/check-digit");
    assert_eq!(packed("Box 7"), "cli/package");
}
