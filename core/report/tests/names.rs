//! What the report makes of names that run from right to left, and of profiles in degrees Fahrenheit.
#![cfg(feature = "pdf")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{ANA, SARA, Scene, at, person, printing, transport};
use firn_ledger::bytes::Hash;
use firn_model::profile::Profile;
use firn_model::record::{
    Acknowledged, Checklist, Explained, Observation, Observed, Quarantined, Received, SealFound,
};
use firn_model::role::Role;
use firn_report::print::{Printed, print};
use firn_report::{evidence, pdf, verify};
use serde_json::Value;

const LOGGER: &str = "مسجل الحرارة رقم ٧";

fn printed(scene: &Scene) -> Printed {
    let digest = Hash::of(&[&evidence::write(&scene.bundle)]);
    print(&scene.bundle, &scene.bundle.assess().unwrap(), digest, &printing(scene)).unwrap()
}

/// A cold shipment on which people wrote wherever they can.
fn written_in_arabic() -> Scene {
    let mut scene = Scene::with_logger(LOGGER);
    scene.enrol(-38, &person(ANA, "د. عبد الرحمن الهاشمي", Some("رئيس الصيدلة"), Role::Pharmacist));
    scene.bind(true, -36, ANA);
    scene.enrol(-35, &person(SARA, "مریم گل‌محمدی (Maryam)", None, Role::Quality));
    scene.bind(true, -34, SARA);
    scene.acting = Some(ANA);
    scene.create_under(0, "إرسالية 4711", "لقاح الحصبة 7", transport());
    scene.start(10);
    scene.seal(30, &[(10, 5_000), (15, -1_000), (20, 5_000), (25, 5_050), (30, 5_000)]);
    let note = Some("بقي نصف الثلج، ودرجة الحرارة 5.0 °C عند الفتح".to_owned());
    let place = Some("الصندوق 2".into());
    let (observed, photo, reason) = (Observed::Other, None, None);
    scene.dock(31, &Observation { observed, at: at(31), place, note, photo, reason });
    let checklist =
        Checklist { seal: SealFound::Broken, counts: vec![120, 39], expired: vec![], unread: vec![] };
    let note = Some("وصلت الشحنة، 160 عبوة".into());
    scene.dock(32, &Received { at: at(30), note, checklist: Some(checklist), reason: None });
    scene.assess(true, 33);
    let reasons = scene.bundle.assess().unwrap().judgement.reasons;
    let explain = |reason| Explained { reason, explanation: "تم الفحص في 3 دقائق".into() };
    scene.dock(34, &Acknowledged { reasons: reasons.into_iter().map(explain).collect() });
    scene.acting = Some(SARA);
    scene.dock(35, &Quarantined { reason: "در انتظار پاسخ سازنده -1.0".into() });
    scene
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[test]
fn a_name_that_runs_from_right_to_left_turns_no_number_or_word_beside_it() {
    let scene = written_in_arabic();
    let printed = printed(&scene);
    let mut found = vec![printed.subtitle.clone(), printed.running.clone()];
    texts(&serde_json::to_value(&printed.sections).unwrap(), &mut found);
    let mut told = 0;
    for text in &found {
        let mut depth = 0;
        for c in text.chars() {
            match c {
                '\u{2068}' => depth += 1,
                '\u{2069}' => depth -= 1,
                '\u{0600}'..='\u{06FF}' => {
                    assert_eq!(depth, 1, "{text}");
                    told += 1;
                }
                _ => {}
            }
        }
        assert_eq!(depth, 0, "{text}");
    }
    assert!(told > 300, "{told}");
    let all = found.join("\n");
    for line in [
        format!("\u{2068}{LOGGER}\u{2069}, -1.0 to 5.05 °C"),
        format!("Sealed 5 readings of \u{2068}{LOGGER}\u{2069}, 2026"),
        "\u{2068}در انتظار پاسخ سازنده -1.0\u{2069}".to_owned(),
        "\u{2068}مریم گل‌محمدی (Maryam)\u{2069}".to_owned(),
    ] {
        assert!(all.contains(&line), "{line:?} in {all}");
    }
    let report = pdf::write(&scene.bundle, &printing(&scene), &scene.dock.key).unwrap();
    if let Some(folder) = std::env::var_os("FIRN_PAGES") {
        std::fs::write(std::path::Path::new(&folder).join("names.pdf"), &report).unwrap();
    }
    assert!(verify(&report, None).ok);
}

#[test]
fn a_profile_in_degrees_fahrenheit_is_printed_in_them_beside_degrees_celsius() {
    let profile = Profile::from_json(
        r#"{"name":"Fridge F","version":1,"limits":{"min_f":36,"max_f":46},"interval_s":300,
            "alarms":[{"id":"hot","bound":"above","limit_f":46,"mode":"single","allowance_s":0}],
            "budgets":[{"id":"room","from_f":46,"to_f":77,"allowance_s":43200}]}"#,
    )
    .unwrap();
    let mut scene = Scene::new();
    scene.create_under(0, "DN-F", "Priorix", profile);
    scene.start(10);
    scene.seal(21, &[(10, 5_000), (15, 26_000), (20, 5_000)]);
    scene.dock(22, &Received { at: at(20), note: None, checklist: None, reason: None });
    scene.assess(true, 23);
    let printed = printed(&scene);
    let mut found = Vec::new();
    texts(&serde_json::to_value(&printed.sections).unwrap(), &mut found);
    let all = found.join("\n");
    for line in [
        "36.0 °F (2.22 °C) to 46.0 °F (7.78 °C), both in range",
        "room: 46.0 °F (7.775 °C) to 77.0 °F (25.002 °C) where out of the limits",
        "above 46.0 °F (7.78 °C)",
        "78.8 °F (26.0 °C)",
    ] {
        assert!(all.contains(line), "{line:?} in {all}");
    }
    let report = pdf::write(&scene.bundle, &printing(&scene), &scene.dock.key).unwrap();
    if let Some(folder) = std::env::var_os("FIRN_PAGES") {
        std::fs::write(std::path::Path::new(&folder).join("fahrenheit.pdf"), &report).unwrap();
    }
    assert!(verify(&report, None).ok);
}
