//! Goods that went through several shipments: their budgets come out of what travelled with them, or are known
//! at most.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Scene, at, printing, transport};
use firn_ledger::bytes::Hash;
use firn_model::assess::{Milliseconds, Reason, Verdict};
use firn_model::id::Id;
use firn_model::profile::{Budget, Profile};
use firn_model::record::{
    AssessmentRecord, Body, BudgetKnown, ItemLine, Leg, LineBudget, Placement, Shipment, Started,
};
use firn_model::units::MilliCelsius;
use firn_report::verify::{CheckId, Status, to_record};
use firn_report::{Bundle, Verification, evidence, verify};
use std::path::Path;

const FIRST: Id = common::SHIPMENT;
const SECOND: Id = Id([0x52; 16]);
const THIRD: Id = Id([0x53; 16]);

/// Up to 12 hours at 8 to 25 °C, and no alarm.
fn profile() -> Profile {
    let budget = Budget {
        id: "room".into(),
        from: MilliCelsius(8_000),
        to: MilliCelsius(25_000),
        allowance_s: 12 * 3600,
    };
    Profile {
        name: "Stable at room temperature".into(),
        alarms: vec![],
        budgets: vec![budget],
        ..transport()
    }
}

/// Creates the next shipment, with one line that was in `before`, and takes it `hours` through a warm van.
fn leg(scene: &mut Scene, minute: i64, before: Option<Id>, hours: i64) {
    let item = ItemLine {
        product: "Gardasil 9".into(),
        gtin: None,
        lot: Some("G7".into()),
        expiry: None,
        quantity: 10,
        label: None,
        legs: before.map(|shipment| vec![Leg { shipment, line: 0 }]),
        package: None,
        profile: None,
        serials: None,
    };
    let created = Shipment {
        reference: format!("DN-{minute}"),
        profile: profile(),
        from: None,
        to: None,
        items: vec![item],
        packages: None,
    };
    scene.dock(minute, &created);
    let placements = vec![Placement { logger: common::LOGGER, package: None, from: None, to: None }];
    scene.dock(minute, &Started { at: at(minute), placements, overrides: None, reason: None });
    let samples: Vec<(i64, i32)> = (0..=hours * 12).map(|n| (minute + n * 5, 15_000)).collect();
    scene.seal(minute + hours * 60, &samples);
    scene.assess(true, minute + hours * 60 + 1);
}

/// Two hours in a first shipment, three in a second.
fn two_legs() -> Scene {
    let mut scene = Scene::new();
    leg(&mut scene, 0, None, 2);
    scene.go_on_as(SECOND);
    leg(&mut scene, 120, Some(FIRST), 3);
    scene
}

fn verified(bundle: &Bundle) -> Verification {
    verify(&evidence::write(bundle), None)
}

fn check(verification: &Verification, id: CheckId) -> (Status, &str) {
    let check = verification.checks.iter().find(|check| check.id == id).expect("the check was made");
    (check.status, &check.why)
}

fn budget(bundle: &Bundle) -> LineBudget {
    bundle.assess().unwrap().judgement.lines[0].budgets[0].clone()
}

fn hours(hours: u64) -> Milliseconds {
    Milliseconds(hours * 3_600_000)
}

/// The same without an earlier shipment, and without the readings that came with it.
fn without(bundle: &Bundle, shipment: Id) -> Bundle {
    let mut bundle = bundle.clone();
    bundle.earlier.retain(|earlier| earlier.shipment != shipment);
    let named: Vec<Hash> =
        bundle.all_records().flat_map(|record| record.entry.payload().batches.clone()).collect();
    bundle.batches.retain(|batch| named.contains(&batch.address()));
    bundle
}

#[test]
fn budgets_go_on_from_the_leg_that_travelled_with_the_goods_and_are_proved() {
    let scene = two_legs();
    let budget = budget(&scene.bundle);
    assert_eq!((budget.used_before, budget.used, budget.left()), (hours(2), hours(5), hours(7)));
    let verification = verified(&scene.bundle);
    assert!(verification.ok, "{verification:#?}");
    assert_eq!(verification.verdict, Some(Verdict::Review));
    let (status, why) = check(&verification, CheckId::Legs);
    assert_eq!(status, Status::Proved);
    assert_eq!(why, "The legs before of 1 line are here, and the budgets come out of them again.");
}

#[test]
fn without_the_leg_the_budget_is_known_at_most_and_nothing_is_accused() {
    let bundle = without(&two_legs().bundle, FIRST);
    let verification = verified(&bundle);
    assert!(verification.ok, "{verification:#?}");
    let (status, why) = check(&verification, CheckId::Legs);
    assert_eq!(status, Status::Cannot);
    assert!(
        why.ends_with(
            "Line 1, budget “room”: at most 9 h left, for a leg is missing or was not watched throughout."
        ),
        "{why}"
    );
    assert!(why.contains(&format!("Shipment {FIRST}, an earlier leg, is not in the file.")), "{why}");
    assert_eq!(check(&verification, CheckId::Assessment).0, Status::Cannot);
    let reasons = bundle.assess().unwrap().judgement.reasons;
    assert!(reasons.contains(&Reason::LegMissing), "{reasons:?}");
}

/// A verdict about the second shipment with another budget than comes out.
fn lying(scene: &mut Scene, change: impl FnOnce(&mut LineBudget)) {
    let mut record: AssessmentRecord = to_record(&scene.bundle.assess().unwrap()).unwrap();
    change(&mut record.lines.as_mut().unwrap()[0].budgets[0]);
    scene.dock(390, &record);
}

#[test]
fn a_leg_that_contradicts_the_budget_that_was_signed_fails_and_names_the_assessment() {
    let mut scene = two_legs();
    lying(&mut scene, |budget| (budget.used_before, budget.used) = (hours(0), hours(3)));
    let verification = verified(&scene.bundle);
    let (status, why) = check(&verification, CheckId::Legs);
    assert_eq!((verification.ok, status), (false, Status::Failed));
    assert!(
        why.ends_with(
            "of Dock phone, line 1, budget “room”: 3 h used, 0 s of it by earlier legs was signed, and 5 h used, 2 h \
             of it by earlier legs comes out."
        ),
        "{why}"
    );
}

#[test]
fn a_missing_leg_hides_no_lie_about_what_this_leg_used_itself() {
    let mut scene = two_legs();
    lying(&mut scene, |budget| {
        (budget.used_before, budget.used, budget.used_max) = (hours(2), hours(2), hours(2));
    });
    let verification = verified(&without(&scene.bundle, FIRST));
    assert_eq!(check(&verification, CheckId::Legs).0, Status::Failed);
    assert_eq!(check(&verification, CheckId::Assessment).0, Status::Failed);
}

#[test]
fn a_missing_leg_hides_no_lie_about_anything_else() {
    let mut scene = two_legs();
    let mut record = to_record(&scene.bundle.assess().unwrap()).unwrap();
    record.series[0].assessment.statistics.count += 1;
    scene.dock(390, &record);
    let verification = verified(&without(&scene.bundle, FIRST));
    assert_eq!(check(&verification, CheckId::Assessment).0, Status::Failed);
}

#[test]
fn a_verdict_about_an_earlier_leg_that_does_not_come_out_of_its_readings_fails() {
    let mut scene = Scene::new();
    leg(&mut scene, 0, None, 2);
    let mut record = to_record(&scene.bundle.assess().unwrap()).unwrap();
    (record.verdict, record.reasons) = (Verdict::Ok, vec![]);
    scene.dock(130, &record);
    scene.go_on_as(SECOND);
    leg(&mut scene, 120, Some(FIRST), 3);
    let verification = verified(&scene.bundle);
    let (status, why) = check(&verification, CheckId::Legs);
    assert_eq!(status, Status::Failed);
    assert!(why.contains(&format!("in earlier shipment {FIRST} does not come out of its readings")), "{why}");
}

#[test]
fn a_changed_reading_of_an_earlier_leg_fails() {
    let mut bundle = two_legs().bundle;
    let mut record = bundle.earlier[0].records.clone();
    record.remove(1);
    bundle.earlier[0].records = record;
    assert_eq!(check(&verified(&bundle), CheckId::Chain).0, Status::Failed);
}

#[test]
fn of_a_chain_of_legs_each_one_is_asked_for() {
    let mut scene = two_legs();
    scene.go_on_as(THIRD);
    leg(&mut scene, 300, Some(SECOND), 4);
    let whole = verified(&scene.bundle);
    assert_eq!((whole.ok, check(&whole, CheckId::Legs).0), (true, Status::Proved), "{whole:#?}");
    assert_eq!(budget(&scene.bundle).used, hours(9));
    let bundle = without(&scene.bundle, FIRST);
    assert_eq!((budget(&bundle).used, budget(&bundle).known), (hours(7), BudgetKnown::LegMissing));
    let verification = verified(&bundle);
    assert!(verification.ok, "{verification:#?}");
    let (status, why) = check(&verification, CheckId::Legs);
    assert_eq!(status, Status::Cannot);
    assert!(why.contains(&FIRST.to_string()) && why.contains("at most 5 h left"), "{why}");
}

#[test]
fn a_leg_of_goods_without_budgets_is_told_as_missing_all_the_same() {
    let mut scene = two_legs();
    let created = Shipment::from_bytes(&scene.bundle.records[0].body).unwrap();
    scene.bundle.earlier.clear();
    scene.bundle.batches.clear();
    scene.bundle.records.clear();
    scene.go_on_as(THIRD);
    scene.bundle.earlier.clear();
    scene.dock(700, &Shipment { profile: transport(), ..created });
    let verification = verified(&scene.bundle);
    let (status, why) = check(&verification, CheckId::Legs);
    assert_eq!(status, Status::Cannot, "{why}");
    assert_eq!(why, format!("Shipment {FIRST}, an earlier leg, is not in the file."));
}

#[test]
fn the_report_prints_what_is_left_at_most() {
    let scene = two_legs();
    let printed = |bundle: &Bundle| {
        let assessed = bundle.assess().unwrap();
        let printed = firn_report::print::print(bundle, &assessed, Hash([0; 32]), &printing(&scene)).unwrap();
        printed.section("Stability budgets of the lines").unwrap().tables().next().unwrap().rows[0].clone()
    };
    assert_eq!(printed(&scene.bundle), ["1", "room", "12 h", "5 h", "2 h", "5 h", "7 h", "–"]);
    let missing = printed(&without(&scene.bundle, FIRST));
    assert_eq!(missing[6], "at most 9 h, a leg is missing or was not watched");
}

/// Written by `FIRN_WRITE_FIXTURES=1 cargo test -p firn-report --test legs`.
#[test]
fn a_file_with_earlier_legs_has_had_these_bytes_since_it_was_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/legs.firn");
    let bytes = evidence::write(&two_legs().bundle);
    if std::env::var_os("FIRN_WRITE_FIXTURES").is_some() {
        std::fs::write(&path, &bytes).unwrap();
    }
    let kept = std::fs::read(&path).unwrap();
    insta::assert_snapshot!(Hash::of(&[&kept]).to_string());
    assert!(kept == bytes, "the format changed: what was signed before must still be read");
    let verification = verify(&kept, None);
    assert_eq!((verification.ok, check(&verification, CheckId::Legs).0), (true, Status::Proved));
}
