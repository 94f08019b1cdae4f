//! What the report tells beside the verdict: a profile looser than a label, and a logger without a certificate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{LOGGER, Scene, at, printing, transport};
use firn_ledger::bytes::Hash;
use firn_model::gs1::{LabelLimit, LabelLimits};
use firn_model::profile::{AlarmMode, AlarmRule, Bound, Budget, Profile, Scale, Severity, preset};
use firn_model::record::{ItemLine, LoggerReason, Placement, Shipment, Started};
use firn_model::units::MilliCelsius;
use firn_report::evidence;
use firn_report::print::print;

#[test]
fn a_profile_looser_than_a_label_and_why_a_logger_travels_without_a_certificate_are_printed() {
    let mut scene = Scene::new();
    let highest = LabelLimit { scale: Scale::Fahrenheit, hundredths: 4500 };
    let item = ItemLine {
        product: "MMR".into(),
        gtin: None,
        lot: Some("A1".into()),
        expiry: None,
        quantity: 1,
        package: None,
        serials: None,
        profile: None,
        legs: None,
        label: Some(LabelLimits { lowest: None, highest: Some(highest) }),
    };
    let created = Shipment {
        reference: "DN-1".into(),
        profile: preset("cdc-refrigerator").unwrap().profile.clone(),
        from: None,
        to: None,
        items: vec![item],
        packages: None,
    };
    scene.dock(0, &created);
    let placements = vec![Placement { logger: LOGGER, package: None, from: None, to: None }];
    let overrides = vec![LoggerReason { logger: LOGGER, reason: "the new one is under way".into() }];
    scene.dock(1, &Started { at: at(1), placements, overrides: Some(overrides), reason: None });
    let digest = Hash::of(&[&evidence::write(&scene.bundle)]);
    let printed = print(&scene.bundle, &scene.bundle.assess().unwrap(), digest, &printing(&scene)).unwrap();
    let told = serde_json::to_string(&printed).unwrap();
    let looser =
        "Line 1: the profile CDC refrigerator v1 allows up to 8 °C; the label's highest is 45.00 °F.";
    assert!(told.contains(looser), "{told}");
    assert!(told.contains(" without a certificate that holds: the new one is under way"), "{told}");
}

#[test]
fn a_review_with_a_fired_alarm_never_says_that_none_fired() {
    let alarm = |severity| AlarmRule {
        id: "hot".into(),
        bound: Bound::Above,
        limit: MilliCelsius(8000),
        inclusive: false,
        mode: AlarmMode::Single,
        allowance_s: 600,
        severity,
    };
    let room =
        Budget { id: "room".into(), from: MilliCelsius(8000), to: MilliCelsius(25_000), allowance_s: 43_200 };
    for (severity, budgets) in [(Severity::Warning, vec![]), (Severity::Alarm, vec![room])] {
        let mut scene = Scene::new();
        let profile = Profile { alarms: vec![alarm(severity)], budgets, ..transport() };
        scene.create_under(0, "DN-1", "", profile);
        scene.start(1);
        scene.seal(80, &[(5, 5000), (10, 9000), (15, 9000), (20, 9000), (25, 9000), (30, 5000)]);
        let digest = Hash::of(&[&evidence::write(&scene.bundle)]);
        let printed =
            print(&scene.bundle, &scene.bundle.assess().unwrap(), digest, &printing(&scene)).unwrap();
        assert_eq!(printed.verdict.kind, "review");
        let told = serde_json::to_string(&printed).unwrap();
        assert!(told.contains("Alarm “hot” (above 8.0 °C, 10 min in one stretch) fired on"), "{told}");
        for untrue in ["No alarm fired", "without an alarm"] {
            assert!(!told.contains(untrue), "{severity:?}: {untrue}");
        }
        let sentence = "No alarm puts the goods out of range, but a person has to look at the reasons below.";
        assert_eq!(printed.verdict.sentence, sentence);
    }
}
