//! Reports of many shapes: each is set, carries its seal, and verifies down to its pages.
//!
//! With `FIRN_PAGES=FOLDER` they are left there, to be looked at.
#![cfg(feature = "pdf")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{ANA, SARA, Scene, at, person, printing, released, sara, transport};
use firn_model::api::Stock;
use firn_model::assess::Verdict;
use firn_model::record::{
    Checklist, Coolant, Decision, Disposition, ItemLine, Observation, Observed, Person, Placement,
    Quarantined, Received, SealFound, Shipment, Started,
};
use firn_model::role::Role;
use firn_report::{Verification, pdf, verify};

/// Sets the report, leaves it where it is asked for, and verifies it.
fn page(name: &str, scene: &Scene) -> Verification {
    let report = pdf::write(&scene.bundle, &printing(scene), &scene.dock.key).unwrap();
    if let Some(folder) = std::env::var_os("FIRN_PAGES") {
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.pdf")), &report).unwrap();
    }
    let verification = verify(&report, None);
    assert!(verification.ok, "{verification:#?}");
    verification
}

/// The pharmacist, on the dock's phone.
fn with_ana(ana: &Person) -> Scene {
    let mut scene = Scene::new();
    scene.enrol(-38, ana);
    scene.bind(true, -36, ANA);
    scene.acting = Some(ANA);
    scene
}

fn release() -> Disposition {
    Disposition {
        decision: Decision::Release,
        reason: "In range throughout, seal whole, counted".into(),
        lines: None,
        assessment: None,
        open: None,
    }
}

#[test]
fn a_clean_dock_is_one_verdict_and_one_persons_release() {
    let mut scene = with_ana(&person(ANA, "Ana Lima", Some("Head pharmacist"), Role::Pharmacist));
    scene.create_under(0, "DN-4712", "Priorix", transport());
    scene.start(10);
    let samples: Vec<(i64, i32)> = (0..=120).map(|n| (n * 5, 4_000 + 17 * (n as i32 % 40))).collect();
    scene.seal(601, &samples);
    let checklist =
        Checklist { seal: SealFound::Intact, counts: vec![120, 40], expired: vec![], unread: vec![] };
    scene.dock(602, &Received { at: at(600), note: None, checklist: Some(checklist), reason: None });
    scene.assess(true, 603);
    scene.dock(604, &release());
    let verification = page("clean", &scene);
    assert_eq!((verification.verdict, verification.stock), (Some(Verdict::Ok), Some(Stock::Released)));
}

#[test]
fn an_excursion_is_looked_into_by_one_person_and_released_in_part_by_another() {
    let verification = page("released-in-part", &released(&sara()));
    assert_eq!(verification.stock, Some(Stock::ReleasedInPart));
}

#[test]
fn a_release_that_does_not_count_leaves_the_stock_barred() {
    let verification = page("untrained", &released(&Person { trained: None, ..sara() }));
    assert_eq!(verification.stock, Some(Stock::Quarantine));
    assert_eq!(verification.refused.len(), 1);
}

#[test]
fn names_titles_and_notes_in_arabic_stand_as_they_were_written() {
    let mut scene = with_ana(&person(
        ANA,
        "د. عبد الرحمن بن يوسف الهاشمي",
        Some("رئيس قسم الصيدلة في مستشفى المدينة المركزي"),
        Role::Pharmacist,
    ));
    scene.enrol(-35, &person(SARA, "مریم گل‌محمدی (Maryam)", Some("مسئول کیفیت – QA"), Role::Quality));
    scene.bind(true, -34, SARA);
    scene.create_under(0, "إرسالية ٤٧١١", "لقاح الحصبة والنكاف والحصبة الألمانية", transport());
    scene.start(10);
    scene.seal(30, &[(10, 5_000), (15, 5_100), (20, 5_000), (25, 5_050), (30, 5_000)]);
    let seen = Observation {
        observed: Observed::Coolant(Coolant::PartlyMelted),
        at: at(31),
        place: Some("الصندوق ٢".into()),
        note: Some("بقي نصف الثلج، ودرجة الحرارة 5.0 °C عند الفتح".into()),
        photo: None,
        reason: None,
    };
    scene.dock(31, &seen);
    scene.dock(
        32,
        &Received {
            at: at(30),
            note: Some("وصلت الشحنة سليمة، 160 عبوة".into()),
            checklist: None,
            reason: None,
        },
    );
    scene.assess(true, 33);
    scene.acting = Some(SARA);
    scene.dock(34, &Quarantined { reason: "در انتظار پاسخ سازنده".into() });
    let verification = page("arabic", &scene);
    assert_eq!((verification.verdict, verification.stock), (Some(Verdict::Ok), Some(Stock::Quarantine)));
}

#[test]
fn long_tables_go_on_over_many_pages() {
    let title = "Deputy head of pharmaceutical logistics and cold chain, northern region";
    let name = "Maximiliana-Konstantina Papadopoulou-Featherstonehaugh";
    let mut scene = with_ana(&person(ANA, name, Some(title), Role::Pharmacist));
    let item = |number: usize| ItemLine {
        product: format!("Vaccine of a rather long commercial name, presentation {number}, with diluent"),
        gtin: Some("05415062325681".into()),
        lot: Some(format!("LOT-{number:04}-ABCDEFGHIJKLMNOPQ")),
        expiry: Some("270331".into()),
        quantity: number as u32,
        label: None,
        legs: None,
        package: None,
        profile: None,
        serials: None,
    };
    let created = Shipment {
        reference: "A reference of free text that goes on for longer than one would think".into(),
        profile: transport(),
        from: Some("Central store".into()),
        to: Some("Ward 4".into()),
        items: (1..=40).map(item).collect(),
        packages: None,
    };
    scene.dock(0, &created);
    let placements = vec![Placement { logger: common::LOGGER, package: None, from: None, to: None }];
    scene.dock(1, &Started { at: at(0), placements, overrides: None, reason: None });
    // Out of range every half hour, each time too short for an alarm, and a hole every two hours.
    let samples: Vec<(i64, i32)> = (0..1_900_i64)
        .filter(|n| n % 24 > 3)
        .map(|n| (n * 5, if n % 6 == 5 { 8_100 + n as i32 } else { 5_000 }))
        .collect();
    for (index, part) in samples.chunks(40).enumerate() {
        let last = part.last().unwrap().0;
        scene.seal(last + 1, part);
        if index % 2 == 0 {
            scene.assess(false, last + 2);
        }
    }
    for n in 0..12 {
        let note =
            format!("Looked at box {n}. {}", "Nothing to be seen that was not there before. ".repeat(6));
        let seen = Observation {
            observed: Observed::Other,
            at: at(9_400 + n),
            place: None,
            note: Some(note),
            photo: None,
            reason: Some("written down on paper first".into()),
        };
        scene.dock(9_500 + n, &seen);
    }
    let reason = Some("l".repeat(300));
    scene.dock(9_600, &Received { at: at(9_500), note: Some("w".repeat(300)), checklist: None, reason });
    scene.assess(true, 9_601);
    let verification = page("long", &scene);
    assert_eq!((verification.verdict, verification.stock), (Some(Verdict::Review), Some(Stock::Quarantine)));
}
