//! Conditions and observations in evidence, report and CSV.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Scene, at, printing};
use firn_ledger::bytes::Hash;
use firn_model::conditions::ConditionOutcome;
use firn_model::profile::{AlarmMode, ConditionLimit, Profile, preset};
use firn_model::reading::Quantity;
use firn_model::record::{
    Address, AssessmentRecord, FreezeIndicator, ItemLine, Observation, Observed, Received, Shipment,
};
use firn_model::time::UtcOffset;
use firn_model::units::MilliCelsius;
use firn_report::print::{Section, print};
use firn_report::verify::{CheckId, Status, to_record};
use firn_report::{Verification, csv, evidence, verify_with_photos};

const PHOTO: Address = Address([0xab; 32]);

/// Two to eight degrees, at most 60 % for ten minutes, at most five movements, a battery of at least 2.4 V.
fn limited() -> Profile {
    let limit = |quantity, low, high, allowance_s| ConditionLimit {
        quantity,
        low,
        high,
        allowance_s,
        mode: AlarmMode::Single,
    };
    let mut profile = preset("cdc-refrigerator").unwrap().profile.clone();
    profile.conditions = vec![
        limit(Quantity::Humidity, None, Some(600_000), 600),
        limit(Quantity::Movement, None, Some(5), 0),
        limit(Quantity::BatteryVoltage, Some(2400), None, 0),
    ];
    profile
}

/// An hour in range and wet, shaken, with a freeze indicator that somebody photographed.
fn wet() -> Scene {
    let mut scene = Scene::new();
    scene.create_under(0, "DN-4712", "Priorix", limited());
    scene.start(0);
    let every = |value: fn(i64) -> i32| -> Vec<(i64, i32)> { (0..13).map(|n| (n * 5, value(n))).collect() };
    scene.seal(61, &every(|n| 5000 + 10 * n as i32));
    scene.seal_of(Quantity::Humidity, 61, &every(|n| if (4..9).contains(&n) { 712_500 } else { 450_000 }));
    scene.seal_of(Quantity::Movement, 61, &[(0, 250), (10, 254), (30, 4)]);
    scene.seal_of(Quantity::BatteryVoltage, 61, &[(0, 2977)]);
    scene.assess(false, 62);
    let observation = Observation {
        observed: Observed::FreezeIndicator(FreezeIndicator::Activated),
        at: at(58),
        place: Some("Box 2".into()),
        note: None,
        photo: Some(PHOTO),
        reason: None,
    };
    scene.van(63, &observation);
    scene.dock(64, &Received { at: at(60), note: None, checklist: None, reason: None });
    scene.assess(true, 65);
    scene
}

fn verified(scene: &Scene, photos: &[Address]) -> Verification {
    verify_with_photos(&evidence::write(&scene.bundle), None, photos)
}

fn status(verification: &Verification, id: CheckId) -> Option<Status> {
    verification.checks.iter().find(|check| check.id == id).map(|check| check.status)
}

#[test]
fn conditions_are_computed_again_from_the_evidence_and_a_photo_is_known_by_its_hash() {
    let verification = verified(&wet(), &[PHOTO]);
    assert!(verification.ok, "{verification:#?}");
    assert_eq!(status(&verification, CheckId::Assessment), Some(Status::Proved));
    assert_eq!(status(&verification, CheckId::Conditions), Some(Status::Proved));
    assert_eq!(status(&verification, CheckId::Photos), Some(Status::Proved));
    let other = verified(&wet(), &[PHOTO, Address([1; 32])]);
    assert_eq!((other.ok, status(&other, CheckId::Photos)), (false, Some(Status::Failed)));
}

/// The scene with one more assessment, altered before it is signed.
fn with_altered(alter: impl Fn(&mut AssessmentRecord)) -> Scene {
    let mut scene = wet();
    let mut record = to_record(&scene.bundle.assess().unwrap()).unwrap();
    alter(&mut record);
    scene.dock(66, &record);
    scene
}

#[test]
fn conditions_that_were_signed_otherwise_fail_and_the_temperatures_stay_proved() {
    let lied = with_altered(|record| {
        for one in record.conditions.iter_mut().flat_map(|conditions| &mut conditions.assessments) {
            one.outcome = ConditionOutcome::Within;
            one.out_since = None;
        }
    });
    let verification = verified(&lied, &[]);
    assert!(!verification.ok);
    assert_eq!(status(&verification, CheckId::Conditions), Some(Status::Failed));
    assert_eq!(status(&verification, CheckId::Assessment), Some(Status::Proved));
}

#[test]
fn what_was_signed_before_there_were_conditions_or_by_later_rules_of_them_stays_proved_in_its_temperatures() {
    let silent = with_altered(|record| record.conditions = None);
    let verification = verified(&silent, &[]);
    assert!(verification.ok, "{verification:#?}");
    assert_eq!(status(&verification, CheckId::Assessment), Some(Status::Proved));
    let later = with_altered(|record| {
        record.conditions.iter_mut().for_each(|conditions| conditions.rules = "firn-conditions-9".into());
    });
    let verification = verified(&later, &[]);
    assert_eq!(status(&verification, CheckId::Conditions), Some(Status::Cannot));
    assert_eq!(status(&verification, CheckId::Assessment), Some(Status::Proved));
}

#[test]
fn the_report_tells_of_conditions_and_of_what_was_seen_beside_the_temperatures() {
    let scene = wet();
    let digest = Hash::of(&[&evidence::write(&scene.bundle)]);
    let assessed = scene.bundle.assess().unwrap();
    let printed = print(&scene.bundle, &assessed, digest, &printing(&scene)).unwrap();
    let wanted = ["Conditions", "Conditions out of limits", "Observations"];
    let told: Vec<&Section> =
        printed.sections.iter().filter(|section| wanted.contains(&section.heading.as_str())).collect();
    assert_eq!(told.len(), 3);
    insta::assert_json_snapshot!(told);
}

#[test]
fn every_reading_of_a_condition_is_a_line_of_the_csv_with_its_value_and_unit() {
    let scene = wet();
    let detail = scene.bundle.assess().unwrap().detail(scene.bundle.shipment);
    let table = csv::write(&detail, UtcOffset(0));
    let of = |channel: &str| table.lines().filter(|line| line.contains(channel)).count();
    let counts = [",temperature 0,", ",humidity 0,", ",movement 0,", ",battery voltage 0,"].map(of);
    assert_eq!(counts, [13, 13, 3, 1]);
    let out = table.lines().find(|line| line.contains("above out")).expect("where it went out");
    assert!(
        out.starts_with("2026-11-20T06:30:00Z,") && out.contains(",condition,") && out.contains(",71.25,%"),
        "{out}"
    );
}

/// An hour at 71.25 % of goods that may have 60 %, and of others that may have 90 %, beside the first.
fn apart() -> Scene {
    let up_to = |high| {
        let mut profile = limited();
        profile.conditions.truncate(1);
        profile.conditions.iter_mut().for_each(|limit| limit.high = Some(high));
        profile
    };
    let line = |product: &str, high| ItemLine {
        product: product.into(),
        gtin: None,
        lot: None,
        expiry: None,
        quantity: 1,
        package: None,
        serials: None,
        profile: Some(up_to(high)),
        legs: None,
        label: None,
    };
    let mut scene = Scene::new();
    let items = vec![line("Dry", 600_000), line("Moist", 900_000)];
    let (profile, reference) = (preset("cdc-refrigerator").unwrap().profile.clone(), "DN-4713".into());
    scene.dock(0, &Shipment { reference, profile, from: None, to: None, items, packages: None });
    scene.start(0);
    let every = |value: i32| -> Vec<(i64, i32)> { (0..13).map(|n| (n * 5, value)).collect() };
    scene.seal(61, &every(5000));
    scene.seal_of(Quantity::Humidity, 61, &every(712_500));
    scene.dock(64, &Received { at: at(60), note: None, checklist: None, reason: None });
    scene.assess(false, 65);
    scene
}

#[test]
fn each_limit_of_the_lines_is_printed_with_its_lines_and_a_reading_stays_one_line_of_the_csv() {
    let scene = apart();
    let verification = verified(&scene, &[]);
    assert_eq!(status(&verification, CheckId::Conditions), Some(Status::Proved), "{verification:#?}");
    let digest = Hash::of(&[&evidence::write(&scene.bundle)]);
    let assessed = scene.bundle.assess().unwrap();
    let printed = print(&scene.bundle, &assessed, digest, &printing(&scene)).unwrap();
    let of_limits = |section: &&Section| section.heading.starts_with("Conditions");
    let told = serde_json::to_string(&printed.sections.iter().filter(of_limits).collect::<Vec<_>>()).unwrap();
    for words in ["at most 60 %, for 10 min in one stretch (line 1)", "(line 2)", "humidity (line 1)"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("humidity (line 2)"), "{told}");
    let table = csv::write(&assessed.detail(scene.bundle.shipment), UtcOffset(0));
    let wet: Vec<&str> = table.lines().filter(|line| line.contains(",humidity 0,")).collect();
    assert_eq!(wet.len(), 13);
    assert!(wet.iter().all(|line| line.contains(",1:out 2:within,condition,")), "{wet:?}");
    assert!(wet[2].contains(",above out,") && wet[3].contains(",above,"), "{wet:?}");
}

#[test]
fn conditions_that_were_signed_without_lines_are_proved_by_the_rest_of_what_they_say() {
    let signed = |alter: &dyn Fn(&mut AssessmentRecord)| {
        let mut scene = apart();
        let mut record = to_record(&scene.bundle.assess().unwrap()).unwrap();
        alter(&mut record);
        scene.dock(66, &record);
        status(&verified(&scene, &[]), CheckId::Conditions)
    };
    let each = |record: &mut AssessmentRecord, lines: Option<Vec<u32>>| {
        let all = record.conditions.iter_mut().flat_map(|conditions| &mut conditions.assessments);
        all.for_each(|one| one.lines.clone_from(&lines));
    };
    assert_eq!(signed(&|record| each(record, None)), Some(Status::Proved));
    assert_eq!(signed(&|record| each(record, Some(vec![1]))), Some(Status::Failed));
}

#[test]
fn a_profile_that_another_one_counts_in_place_of_is_named_and_a_guard_band_stands_beside_its_alarm() {
    let profile = |max: i32| {
        let mut profile =
            Profile { name: "Own".into(), guard_band: MilliCelsius(500), ..common::transport() };
        profile.limits.max = MilliCelsius(max);
        profile.alarms.truncate(1);
        profile.alarms[0].limit = MilliCelsius(8000);
        profile.alarms[0].bound = firn_model::profile::Bound::Above;
        profile
    };
    let mut scene = Scene::new();
    scene.tell_of_loggers(-30, &profile(9000));
    scene.bundle.profiles.extend(scene.bundle.loggers.pop());
    scene.create_under(0, "DN-4712", "Priorix", profile(12_000));
    scene.start(10);
    scene.seal(61, &common::samples());
    scene.assess(true, 62);
    let assessed = scene.bundle.assess().unwrap();
    let printed = print(&scene.bundle, &assessed, Hash([7; 32]), &printing(&scene)).unwrap();
    let told = serde_json::to_string(printed.section("Profile").unwrap()).unwrap();
    assert!(told.contains("Own, version 1, is now the profile that Dock") && told.contains("9.0"), "{told}");
    let all = serde_json::to_string(&printed).unwrap();
    assert!(all.contains("above 8.0 °C, by the guard band 7.5 °C"), "the narrowed limit of the alarm");
    let again = evidence::read(&evidence::write(&scene.bundle)).unwrap();
    assert_eq!(again.assess().unwrap().detail(again.shipment), assessed.detail(again.shipment));
}
