//! The report as a file that can be checked without trusting who sent it.
#![cfg(feature = "pdf")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Scene, journey, printing};
use firn_ledger::bytes::Hash;
use firn_report::print::{Block, print};
use firn_report::verify::{CheckId, Status};
use firn_report::{Verification, evidence, pdf, verify};
use proptest::prelude::*;
use std::sync::LazyLock;

static REPORT: LazyLock<Vec<u8>> = LazyLock::new(|| report(&journey()));

fn report(scene: &Scene) -> Vec<u8> {
    pdf::write(&scene.bundle, &printing(scene), &scene.dock.key).unwrap()
}

fn status(verification: &Verification, id: CheckId) -> Option<Status> {
    verification.checks.iter().find(|check| check.id == id).map(|check| check.status)
}

fn find(bytes: &[u8], part: &[u8]) -> Vec<usize> {
    bytes.windows(part.len()).enumerate().filter(|(_, window)| *window == part).map(|(at, _)| at).collect()
}

#[test]
fn a_sealed_report_is_proved_down_to_its_pages() {
    let verification = verify(&REPORT, None);
    insta::assert_json_snapshot!(verification);
}

#[test]
fn the_same_shipment_printed_again_has_the_same_bytes() {
    assert!(report(&journey()) == *REPORT);
}

#[test]
fn the_report_is_an_archival_pdf_with_tags_and_three_attachments() {
    for mark in [
        &b"%PDF-1.7\n"[..],
        b"<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>",
        b"/MarkInfo",
        b"/StructTreeRoot",
        b"(evidence.firn)",
        b"(readings.csv)",
        b"(seal.cbor)",
    ] {
        assert!(!find(&REPORT, mark).is_empty(), "{}", String::from_utf8_lossy(mark));
    }
    assert_eq!(find(&REPORT, b"/Type/EmbeddedFile").len() + find(&REPORT, b"/Type /EmbeddedFile").len(), 3);
}

#[test]
fn what_the_report_says_is_worded_once_and_kept() {
    let scene = journey();
    let digest = Hash::of(&[&evidence::write(&scene.bundle)]);
    let mut printed =
        print(&scene.bundle, &scene.bundle.assess().unwrap(), digest, &printing(&scene)).unwrap();
    // Geometry and the code's modules are tested by themselves; the platform is that of the machine.
    for block in printed.sections.iter_mut().flat_map(|section| &mut section.blocks) {
        match block {
            Block::Chart { chart, .. } => chart.runs.clear(),
            Block::Numbers(readings) => readings.rows.truncate(2),
            Block::Code { facts, modules, .. } => {
                modules.clear();
                facts.retain(|fact| fact.name != "Written by");
            }
            _ => {}
        }
    }
    insta::assert_json_snapshot!(printed);
}

#[test]
fn a_changed_word_and_a_changed_seal_are_found() {
    let seal = find(&REPORT, b"firn pdf seal")[0];
    let changed = |at: usize| {
        let mut bytes = REPORT.clone();
        bytes[at] ^= 0x20;
        verify(&bytes, None)
    };
    assert!(!changed(seal + 120).ok, "a byte of the seal");
    let page = find(&REPORT, b"Temperature report")[0];
    let verification = changed(page);
    assert_eq!(status(&verification, CheckId::Seal), Some(Status::Failed));
    assert_eq!(status(&verification, CheckId::Print), Some(Status::Cannot));
}

#[test]
fn a_report_of_the_preview_is_told_as_one_and_neither_as_damaged_nor_as_changed() {
    let mut file = REPORT.clone();
    for kind in [&b"vnd.firn.seal.v1"[..], b"vnd.firn.evidence.v1"] {
        for at in find(&REPORT, kind) {
            file[at + kind.len() - 1] = b'0';
        }
    }
    let why = verify(&file, None).unreadable.unwrap();
    assert_eq!(why.code, "report/preview");
    // A later one's seal has its own type, and a version of its own.
    let seal = find(&REPORT, b"firn pdf seal")[0];
    let mut later = REPORT.clone();
    later[seal + 14] = 2;
    assert_eq!(verify(&later, None).unreadable.unwrap().code, "report/unknown-version");
}

#[test]
fn a_report_sealed_by_a_stranger_fails() {
    let scene = journey();
    let stranger = firn_ledger::key::SecretKey::from_seed(&[99; 32]);
    let report = pdf::write(&scene.bundle, &printing(&scene), &stranger).unwrap();
    assert_eq!(status(&verify(&report, None), CheckId::Seal), Some(Status::Failed));
}

#[test]
fn a_member_who_seals_other_words_than_the_evidence_gives_is_found() {
    let scene = journey();
    let mut file = report(&scene);
    let seal = find(&file, b"firn pdf seal")[0] - 3;
    let place = seal..seal + pdf::seal::LENGTH;
    let honest = pdf::seal::Sealed::read(&file[place.clone()]).unwrap().seal;
    let words = find(&file, b"Temperature report")[0];
    file[words..words + 11].copy_from_slice(b"Temperament");
    file[place.clone()].fill(0);
    let resealed = pdf::seal::Seal { report: Hash::of(&[&file]), ..honest.clone() };
    file[place.clone()].copy_from_slice(&resealed.sign(&scene.dock.key).unwrap());
    let verification = verify(&file, None);
    assert_eq!(status(&verification, CheckId::Seal), Some(Status::Proved));
    assert_eq!(status(&verification, CheckId::Print), Some(Status::Failed));

    // A release that prints otherwise is not accused of it.
    file[place.clone()].fill(0);
    let older = pdf::seal::Seal { writer: "firn-report 0.0.1 layout 0 x86_64-linux".into(), ..resealed };
    file[place].copy_from_slice(&older.sign(&scene.dock.key).unwrap());
    let verification = verify(&file, None);
    assert_eq!(status(&verification, CheckId::Print), Some(Status::Cannot));
}

#[test]
fn text_from_people_is_data_in_the_report() {
    let mut scene = Scene::new();
    let long = "L".repeat(120);
    scene.create(0, "#panic() *b* $x$ \u{202E}evil \u{1F9CA}", &format!("مصل & <b>\\#</b> {long}"));
    let report = report(&scene);
    assert!(verify(&report, None).ok);
}

#[test]
fn a_shipment_that_is_not_known_has_no_report() {
    let scene = Scene::new();
    let error = pdf::write(&scene.bundle, &printing(&scene), &scene.dock.key).unwrap_err();
    assert_eq!(error.code(), "report/no-shipment");
}

#[test]
fn thousands_of_readings_are_drawn_without_losing_the_spike() {
    let mut scene = Scene::new();
    scene.create(0, "DN-2", "Priorix");
    scene.start(0);
    let samples: Vec<(i64, i32)> =
        (0..4_000).map(|n| (n * 5, if n == 1_777 { 8_001 } else { 5_000 })).collect();
    scene.seal(20_001, &samples);
    scene.assess(false, 20_002);
    let printed =
        print(&scene.bundle, &scene.bundle.assess().unwrap(), Hash([0; 32]), &printing(&scene)).unwrap();
    let chart = printed.sections.iter().flat_map(|section| section.charts()).next().unwrap();
    let limit = chart.limits.iter().find(|limit| limit.above).unwrap().at;
    assert!(chart.runs[0].len() < 4_000);
    assert!(chart.runs[0].iter().any(|(_, height)| *height > limit));
    let readings =
        printed.sections.iter().find(|section| section.heading.starts_with("Readings of")).unwrap();
    assert_eq!(readings.tables().count(), 0, "so many readings stand in the attached file");
    assert!(verify(&report(&scene), None).ok);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_pdf_never_panics(
        cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut bytes = REPORT.clone();
        bytes.truncate(cut.index(bytes.len()) + 1);
        let at = at.index(bytes.len());
        bytes.splice(at..at, noise.iter().copied());
        let verification = verify(&bytes, None);
        prop_assert!(!verification.ok || bytes == *REPORT);
    }
}
