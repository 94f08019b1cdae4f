//! The readings as a spreadsheet takes them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{LOGGER, SARA, SHIPMENT, Scene, at, journey, person, printing, released, sara};
use firn_ledger::bytes::Hash;
use firn_model::api::ShipmentDetail;
use firn_model::profile::preset;
use firn_model::reading::Quantity;
use firn_model::record::{
    Checklist, ItemLine, Package, Person, Placement, Received, SealFound, Shipment, Started,
};
use firn_model::role::Role;
use firn_model::time::UtcOffset;
use firn_model::units::MilliCelsius;
use firn_report::csv::{COLUMNS, write};
use firn_report::print::print;

fn detail(scene: &Scene) -> ShipmentDetail {
    scene.bundle.assess().unwrap().detail(SHIPMENT)
}

/// The head and the lines of readings, which hold no quoted cell here.
fn rows(csv: &str) -> Vec<Vec<String>> {
    let rows: Vec<Vec<String>> =
        csv.split_terminator("\r\n").map(|line| line.split(',').map(str::to_owned).collect()).collect();
    rows.into_iter()
        .filter(|row| matches!(row.get(14).map(String::as_str), Some("row" | "reading")))
        .collect()
}

#[test]
fn a_line_holds_both_times_the_value_and_its_flags() {
    let csv = write(&detail(&journey()), UtcOffset(3600));
    let lines: Vec<&str> = csv.lines().collect();
    let chosen: Vec<&str> = [0, 1, 3, 41, 81, 115].into_iter().map(|n| lines[n]).collect();
    insta::assert_snapshot!(chosen.join("\n"));
}

#[test]
fn screen_csv_and_report_show_the_same_numbers() {
    let scene = journey();
    let detail = detail(&scene);
    let rows = rows(&write(&detail, UtcOffset(3600)));
    // One more says that the stock is in quarantine.
    assert!(rows.iter().all(|row| row.len() == COLUMNS.len() + 1));
    let points = &detail.series[0].points;
    let values: Vec<MilliCelsius> =
        rows[1..].iter().map(|row| MilliCelsius::parse(&row[2]).unwrap()).collect();
    assert_eq!(values, points.iter().map(|point| point.value).collect::<Vec<_>>());
    let counted = || rows[1..].iter().zip(&values).filter(|(row, _)| !row[3].contains("uncounted"));
    let numbers = &detail.series[0].assessment.statistics;
    assert_eq!(counted().map(|(_, value)| *value).min(), numbers.min);
    assert_eq!(counted().map(|(_, value)| *value).max(), numbers.max);
    assert_eq!(counted().count() as u64, numbers.count);

    let printed =
        print(&scene.bundle, &scene.bundle.assess().unwrap(), Hash([0; 32]), &printing(&scene)).unwrap();
    let readings =
        printed.sections.iter().find(|section| section.heading.starts_with("Readings of")).unwrap();
    let table = readings.tables().next().unwrap();
    let mut cells: Vec<(String, String)> = Vec::new();
    for pair in 0..4 {
        cells.extend(table.rows.iter().map(|row| (row[2 * pair].clone(), row[2 * pair + 1].clone())));
    }
    cells.retain(|(time, _)| !time.is_empty());
    let from_csv = rows[1..].iter().map(|row| {
        let time = row[1].replace('T', " ").replace("+01:00", "");
        (time, MilliCelsius::parse(&row[2]).unwrap())
    });
    for ((time, value), (csv_time, csv_value)) in cells.iter().zip(from_csv) {
        assert_eq!(*time, csv_time);
        assert_eq!(MilliCelsius::parse(value).unwrap(), csv_value);
    }
    assert_eq!(cells.len(), points.len());
    let chart = printed.sections.iter().flat_map(|section| section.charts()).next().unwrap();
    assert_eq!(chart.runs.iter().map(Vec::len).sum::<usize>(), points.len(), "so few readings are all drawn");
    assert_eq!(chart.gaps.len(), detail.series[0].assessment.gaps.len());
}

#[test]
fn a_formula_in_a_reference_is_disarmed_and_a_frost_stays_a_number() {
    let mut scene = Scene::new();
    scene.create(0, "=HYPERLINK(\"http://x\")", "Priorix");
    scene.start(0);
    scene.seal(20, &[(0, -500), (5, 5000)]);
    let csv = write(&detail(&scene), UtcOffset(0));
    let line = csv.lines().nth(1).unwrap();
    assert!(line.starts_with("2026-11-20T06:00:00Z,2026-11-20T06:00:00+00:00,-0.5,below,,"), "{line}");
    assert!(line.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{line}");
}

/// The cells of a line, quotes undone (RFC 4180).
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut rest = line.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' if quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells
}

#[test]
fn after_the_readings_stand_the_rule_and_every_entry_with_printed_name_title_time_and_meaning() {
    let scene = released(&sara());
    let csv = write(&detail(&scene), UtcOffset(3600));
    let lines: Vec<Vec<String>> = csv.split_terminator("\r\n").map(cells).collect();
    // The second line waits for a decision still.
    assert!(
        lines
            .iter()
            .skip(1)
            .all(|line| line.len() == COLUMNS.len() + 1 && line[COLUMNS.len()] == "quarantine of 2")
    );
    let signed = lines.iter().filter(|line| line[14] == "policy" || line[14] == "entry");
    let told: Vec<String> = signed
        .map(|line| [&line[..2], &line[9..10], &line[14..COLUMNS.len()]].concat().join(" | "))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn an_entry_that_does_not_count_stands_there_with_its_code_and_its_reason() {
    let untrained = Person { trained: None, ..sara() };
    let csv = write(&detail(&released(&untrained)), UtcOffset(3600));
    let last = cells(csv.split_terminator("\r\n").last().unwrap());
    assert_eq!((&*last[16], &*last[19]), ("سارة العلي", "released in part"));
    assert_eq!(last[22], "authority/person-not-trained: no training of the person was known");
}

#[test]
fn a_name_that_looks_like_a_formula_is_disarmed_in_every_column_of_text() {
    let name = "=cmd|' /C calc'!A0";
    let csv = write(&detail(&released(&person(SARA, name, Some("@title"), Role::Quality))), UtcOffset(0));
    for line in csv.split_terminator("\r\n").skip(1).map(cells) {
        for (cell, column) in line.iter().zip(COLUMNS) {
            let is_number = matches!(column, "temperature_c" | "measured_c" | "gap_before_s" | "entry");
            assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{column}: {cell}");
        }
    }
    assert!(csv.contains(&format!("'{name}")) && csv.contains("'@title"));
}

/// Two boxes that one logger was in, one after the other; the first came short, the second expired.
fn moved() -> Scene {
    let line = |product: &str, package: &str, expiry: &str| ItemLine {
        product: product.into(),
        gtin: None,
        lot: None,
        expiry: Some(expiry.into()),
        quantity: 5,
        package: Some(package.into()),
        serials: None,
        profile: None,
        legs: None,
        label: None,
    };
    let placed = |package: &str, from: Option<i64>, to: Option<i64>| Placement {
        logger: LOGGER,
        package: Some(package.into()),
        from: from.map(at),
        to: to.map(at),
    };
    let mut scene = Scene::new();
    let items = vec![line("MMR", "In1", "271231"), line("HPV", "In2", "261031")];
    let packages = ["In1", "In2"].map(|name| Package { name: name.into(), inside: None }).to_vec();
    let (profile, reference) = (preset("cdc-refrigerator").unwrap().profile.clone(), "DN-4714".into());
    scene.dock(0, &Shipment { reference, profile, from: None, to: None, items, packages: Some(packages) });
    let placements = vec![placed("In1", None, Some(30)), placed("In2", Some(40), None)];
    scene.dock(0, &Started { at: at(0), placements, overrides: None, reason: None });
    let every = |value: i32| -> Vec<(i64, i32)> { (0..15).map(|n| (n * 5, value)).collect() };
    scene.seal(71, &every(5000));
    scene.seal_of(Quantity::Humidity, 71, &every(500_000));
    let checklist =
        Checklist { seal: SealFound::Intact, counts: vec![4, 5], expired: Vec::new(), unread: Vec::new() };
    scene.dock(71, &Received { at: at(66), note: None, checklist: Some(checklist), reason: None });
    scene.assess(true, 73);
    scene
}

/// That of the readings of `moved` the two between its placements are marked so, those from `uncounted` on as not counted,
/// in temperatures and conditions alike.
fn assert_flags(csv: &str, uncounted: usize) {
    let mut expected = vec![String::new(); 15];
    expected[6..8].fill("uncounted unplaced".into());
    expected[uncounted..].fill("uncounted".into());
    for row in ["reading", "condition"] {
        let rows = csv.split_terminator("\r\n").map(cells).filter(|cells| cells[14] == row);
        assert_eq!(rows.map(|cells| cells[3].clone()).collect::<Vec<_>>(), expected, "{row}");
    }
}

#[test]
fn what_was_read_while_the_logger_was_placed_nowhere_is_marked_so_and_the_page_counts_it() {
    let scene = moved();
    let detail = detail(&scene);
    let csv = write(&detail, UtcOffset(0));
    assert_flags(&csv, 14);
    let assessed = scene.bundle.assess().unwrap();
    let printed = print(&scene.bundle, &assessed, Hash([0; 32]), &printing(&scene)).unwrap();
    let told = serde_json::to_string(&printed.sections).unwrap();
    for words in [
        "1 outside pick-up and receipt, 2 while the logger was placed nowhere",
        "Assessed as one series from 2026-11-20 07:00:00 until 2026-11-20 08:06:00, over every placement",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn what_was_read_after_another_organisation_had_taken_over_is_marked_in_temperatures_and_conditions_alike() {
    let mut detail = detail(&moved());
    detail.summary.received = None;
    detail.left = Some(at(50));
    detail.series[0].window.to = detail.left;
    let csv = write(&detail, UtcOffset(0));
    assert_flags(&csv, 11);
}

#[test]
fn each_line_on_the_page_has_what_was_found_of_it_at_the_receipt_among_its_reasons() {
    let scene = moved();
    let assessed = scene.bundle.assess().unwrap();
    let printed = print(&scene.bundle, &assessed, Hash([0; 32]), &printing(&scene)).unwrap();
    let lines = printed.sections.iter().find(|section| section.heading == "Item lines").unwrap();
    let reasons = lines.tables().next().unwrap().rows.iter().map(|row| row[6].as_str()).collect::<Vec<_>>();
    assert_eq!(reasons, ["gap, count", "gap, expired"]);
}
