//! What the report tells beside the verdict: a profile looser than a label, and a logger without a certificate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{LOGGER, Scene, at, printing};
use firn_ledger::bytes::Hash;
use firn_model::gs1::{LabelLimit, LabelLimits};
use firn_model::profile::{Scale, preset};
use firn_model::record::{ItemLine, LoggerReason, Placement, Shipment, Started};
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
