//! CDC's record of an excursion on the report, and stock that must not be used in every output.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{SHIPMENT, Scene, at, journey, printing};
use firn_ledger::bytes::Hash;
use firn_model::api::Stock;
use firn_model::assess::Milliseconds;
use firn_model::record::{Decision, Disposition, ExcursionRecord};
use firn_model::time::UtcOffset;
use firn_model::units::MilliCelsius;
use firn_report::print::{Printed, Section, print};
use firn_report::{csv, evidence, verify};

fn printed(scene: &Scene) -> Printed {
    print(&scene.bundle, &scene.bundle.assess().unwrap(), Hash([0; 32]), &printing(scene)).unwrap()
}

fn section(printed: &Printed) -> Option<&Section> {
    printed.sections.iter().find(|section| section.heading == "Excursion record (CDC)")
}

fn begun() -> ExcursionRecord {
    ExcursionRecord {
        at: Some(at(200)),
        unit_min_c: Some(MilliCelsius(8_005)),
        unit_max_c: Some(MilliCelsius(9_505)),
        room_c: Some(MilliCelsius(21_500)),
        duration_s: Some(Milliseconds(3_300_000)),
        description: Some("The van's door stood open.".into()),
        ..ExcursionRecord::default()
    }
}

fn rest() -> ExcursionRecord {
    let text = |text: &str| Some(text.to_owned());
    ExcursionRecord {
        reporter: text("Ana Lund"),
        inventory: text("Priorix, 40"),
        other_items: text("none"),
        prior_problems: text("none"),
        ..ExcursionRecord::default()
    }
}

#[test]
fn the_report_prints_every_field_of_the_excursion_record_and_says_what_is_not_filled_in() {
    let mut scene = journey();
    let before = printed(&scene);
    let facts: Vec<_> = section(&before).unwrap().facts().collect();
    assert!(facts[0].value.starts_with("Incomplete: not begun."), "{facts:?}");
    scene.dock(610, &begun());
    let first = printed(&scene);
    insta::assert_json_snapshot!(section(&first).unwrap().facts().collect::<Vec<_>>());
    scene.dock(611, &rest());
    let second = printed(&scene);
    let facts: Vec<_> = section(&second).unwrap().facts().collect();
    assert_eq!(facts[0].value, "Complete: every field of the form is filled in.");
    assert!(facts.iter().all(|fact| fact.value != "not filled in"), "{facts:?}");
    let entries = second.sections.iter().find(|section| section.heading == "Every entry").unwrap();
    let history = &entries.tables().next().unwrap().rows;
    let told =
        history.iter().filter(|row| row.iter().any(|cell| cell.starts_with("Recorded of the excursion:")));
    assert_eq!(told.count(), 2, "{history:?}");
}

#[test]
fn report_csv_and_verification_of_stock_in_quarantine_say_do_not_use_and_of_decided_stock_do_not() {
    let mut scene = journey();
    let says = |scene: &Scene| {
        let detail = scene.bundle.assess().unwrap().detail(SHIPMENT);
        let csv = csv::write(&detail, UtcOffset(0));
        let verification = verify(&evidence::write(&scene.bundle), None);
        assert!(verification.ok);
        let banner = printed(scene).verdict;
        (
            (banner.stock.unwrap(), banner.barred),
            csv.lines().next().unwrap().ends_with(",DO NOT USE"),
            csv.lines().skip(1).all(|line| line.ends_with(",quarantine")),
            (verification.stock, verification.do_not_use),
        )
    };
    let held = (("DO NOT USE".to_owned(), true), true, true, (Some(Stock::Quarantine), true));
    assert_eq!(says(&scene), held);
    let reject = Disposition {
        decision: Decision::Reject,
        reason: "too warm".into(),
        lines: None,
        assessment: None,
        open: None,
    };
    scene.dock(620, &reject);
    let (banner, head, lines, verified) = says(&scene);
    assert_eq!((banner, head, lines), (("REJECTED".to_owned(), true), false, false));
    assert_eq!(verified, (Some(Stock::Rejected), false));
}
