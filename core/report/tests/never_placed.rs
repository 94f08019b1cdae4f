//! Readings of a logger that nobody placed: what an earlier release signed of them is told, and accused of nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{LOGGER, Scene};
use firn_model::assess::Verdict;
use firn_model::id::Id;
use firn_model::record::{Address, AssessmentRecord, Batch, Logger, Placement, Received, Started};
use firn_model::shipment::{Grounds, NeverPlaced, judge};
use firn_report::Assessed;
use firn_report::verify::{CheckId, Status, to_record};
use firn_report::{evidence, verify};
use std::collections::BTreeMap;

const LOST: Id = Id([0x11; 16]);

/// A shipment whose one logger was lost, with ten hours of another one's readings, all of them in range.
fn shipment() -> Scene {
    let mut scene = Scene::new();
    let lost = Logger {
        id: LOST,
        family: "file".into(),
        label: "Box 9".into(),
        address: None,
        serial: None,
        interval_s: Some(300),
        accuracy_mc: None,
        certificate: None,
        offset_mc: None,
    };
    scene.tell_of_loggers(0, &lost);
    scene.create(1, "DN-4711", "Priorix");
    let placements = vec![Placement { logger: LOST, package: None, from: None, to: None }];
    scene.dock(10, &Started { at: common::at(10), placements, overrides: None, reason: None });
    let cool: Vec<(i64, i32)> = (0..=121).map(|place| (place * 5, 5_000)).collect();
    scene.seal(604, &cool);
    scene.dock(605, &Received { at: common::at(600), note: None, checklist: None, reason: None });
    scene
}

/// What an earlier release signed of it.
fn signed_before(scene: &Scene) -> AssessmentRecord {
    let assessed = scene.bundle.assess().unwrap();
    let batches: BTreeMap<Address, Batch> = (scene.bundle.batches.iter())
        .map(|batch| (Address(batch.address().0), Batch::from_bytes(batch.bytes()).unwrap()))
        .collect();
    let mut story = assessed.story.clone();
    story.never_placed = NeverPlaced::CountsAsLoose;
    let (earlier, foreign) = (BTreeMap::new(), BTreeMap::new());
    let grounds = Grounds { batches: &batches, fleet: &assessed.fleet, earlier: &earlier, foreign: &foreign };
    let judgement = judge(&story, &grounds);
    to_record(&Assessed { judgement, ..assessed }).unwrap()
}

fn assessment(scene: &Scene) -> (Status, String, bool) {
    let verification = verify(&evidence::write(&scene.bundle), None);
    let check = verification.checks.iter().find(|check| check.id == CheckId::Assessment).unwrap();
    let fails = verification.checks.iter().any(|check| check.status == Status::Failed);
    (check.status, check.why.clone(), fails)
}

#[test]
fn what_counted_by_an_earlier_release_is_told_of_and_is_no_forgery() {
    let mut scene = shipment();
    let before = signed_before(&scene);
    let lines = |record: &AssessmentRecord| -> Vec<Verdict> {
        record.lines.iter().flatten().map(|line| line.verdict).collect()
    };
    let now = to_record(&scene.bundle.assess().unwrap()).unwrap();
    assert_eq!((lines(&before), lines(&now)), (vec![Verdict::Ok; 2], vec![Verdict::Review; 2]));
    assert!(before.series.iter().any(|series| series.logger == LOGGER));
    scene.dock(620, &before);
    let (status, told, fails) = assessment(&scene);
    assert_eq!((status, fails), (Status::Cannot, false), "{told}");
    assert!(told.contains("counts readings of a logger that nobody had placed"), "{told}");
}

#[test]
fn what_comes_out_by_today_s_rule_is_proved() {
    let mut scene = shipment();
    scene.assess(true, 620);
    let (status, told, fails) = assessment(&scene);
    assert_eq!((status, fails), (Status::Proved, false), "{told}");
}

#[test]
fn what_comes_out_by_neither_rule_fails() {
    let mut scene = shipment();
    let mut record = signed_before(&scene);
    record.reasons.clear();
    record.verdict = Verdict::Ok;
    scene.dock(620, &record);
    assert_eq!(assessment(&scene).0, Status::Failed);
}
