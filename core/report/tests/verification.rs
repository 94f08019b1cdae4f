//! What a stranger finds out from one evidence file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Scene, at, journey, printing};
use firn_ledger::bytes::Hash;
use firn_ledger::entry::{Batch, Entry, Record};
use firn_model::assess::Verdict;
use firn_model::record::{Body, ClockSet, Offered, SessionPart, Started};
use firn_report::verify::{CheckId, Issuer, Status};
use firn_report::{Bundle, Verification, evidence, parse_fingerprint, verify};
use proptest::prelude::*;
use std::sync::LazyLock;

static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| evidence::write(&journey().bundle));

fn status(verification: &Verification, id: CheckId) -> Status {
    verification.checks.iter().find(|check| check.id == id).expect("the check was made").status
}

fn verified(bundle: &Bundle) -> Verification {
    verify(&evidence::write(bundle), None)
}

fn fails(bundle: &Bundle, id: CheckId) {
    let verification = verified(bundle);
    assert!(!verification.ok);
    assert_eq!(status(&verification, id), Status::Failed, "{verification:#?}");
    assert_eq!(verification.verdict, None, "nothing is concluded from what failed");
}

#[test]
fn an_honest_evidence_file_is_proved_in_all_that_can_be() {
    let verification = verify(&WHOLE, None);
    insta::assert_json_snapshot!(verification);
}

#[test]
fn the_fingerprint_that_was_given_pins_the_issuer() {
    let organisation = journey().bundle.organisation;
    let text = organisation.to_string().to_uppercase();
    let spaced: Vec<&str> =
        text.as_bytes().chunks(8).map(|part| std::str::from_utf8(part).unwrap()).collect();
    let anchor = parse_fingerprint(&spaced.join(" ")).unwrap();
    assert_eq!(verify(&WHOLE, Some(&anchor)).issuer, Issuer::Pinned);
    assert!(verify(&WHOLE, Some(&anchor)).ok);
}

#[test]
fn another_organisations_file_fails_against_the_fingerprint() {
    let anchor = parse_fingerprint(&"ab".repeat(32)).unwrap();
    let verification = verify(&WHOLE, Some(&anchor));
    assert_eq!((verification.ok, verification.issuer), (false, Issuer::Unconfirmed));
    assert_eq!(status(&verification, CheckId::Organisation), Status::Failed);
    assert_eq!(parse_fingerprint("abc").unwrap_err().code(), "report/malformed-fingerprint");
}

#[test]
fn a_withheld_entry_leaves_a_hole() {
    let mut bundle = journey().bundle;
    bundle.records.remove(2);
    fails(&bundle, CheckId::Chain);
}

#[test]
fn a_withheld_tail_is_said_to_be_unprovable() {
    let mut bundle = journey().bundle;
    bundle.records.pop();
    let verification = verified(&bundle);
    assert!(verification.ok);
    assert_eq!(status(&verification, CheckId::Completeness), Status::Cannot);
}

#[test]
fn an_entry_that_another_one_names_and_that_was_cut_away_is_missed_by_its_name() {
    let mut bundle = journey().bundle;
    let offer = |record: &Record| Offered::from_bytes(&record.body).is_ok();
    let offer = bundle.records.iter().find(|record| offer(record)).unwrap();
    let (log, from) = (offer.entry.log(), offer.entry.payload().sequence);
    bundle.records.retain(|record| record.entry.log() != log || record.entry.payload().sequence < from);
    let verification = verified(&bundle);
    let chain = verification.checks.iter().find(|check| check.id == CheckId::Chain).unwrap();
    assert_eq!(chain.status, Status::Failed);
    assert!(chain.why.contains("names an offer that is not in the file"), "{}", chain.why);
}

#[test]
fn a_changed_body_is_found() {
    let mut bundle = journey().bundle;
    let started = bundle.records.iter_mut().find(|record| Started::from_bytes(&record.body).is_ok()).unwrap();
    let mut body = Started::from_bytes(&started.body).unwrap();
    body.at = at(240);
    started.body = body.to_bytes();
    fails(&bundle, CheckId::Bodies);
}

#[test]
fn a_missing_batch_and_a_foreign_one_are_found() {
    let mut bundle = journey().bundle;
    let batch = bundle.batches.pop().unwrap();
    fails(&bundle, CheckId::Batches);
    let mut bundle = Scene::new().bundle;
    bundle.batches.push(batch);
    fails(&bundle, CheckId::Batches);
}

/// A session of two parts after a clock was set, and readings of that download.
fn downloaded() -> Scene {
    let mut scene = Scene::new();
    scene.create(0, "DN-1", "Priorix");
    scene.start(0);
    scene.set_clock(19);
    scene.seal(20, &[(0, 5000), (5, 5000), (10, 5000)]);
    scene.keep_session(21, &[b"---DOWNLOAD_START---\r\n".to_vec(), vec![0; 1_000_000]].concat());
    scene
}

#[test]
fn a_raw_session_and_a_clock_that_was_set_are_checked_as_signed() {
    let bundle = downloaded().bundle;
    assert_eq!(bundle.batches.len(), 3);
    let read = evidence::read(&evidence::write(&bundle)).unwrap();
    let verification = verified(&read);
    assert!(verification.ok, "{verification:?}");
    let check = verification.checks.iter().find(|check| check.id == CheckId::Downloads).unwrap();
    assert_eq!(check.status, Status::Proved);
    insta::assert_snapshot!(check.why);
    let without = verified(&journey().bundle);
    assert!(without.checks.iter().all(|check| check.id != CheckId::Downloads), "there is nothing to check");
}

#[test]
fn a_part_of_a_session_that_is_missing_or_another_is_found() {
    let whole = downloaded().bundle;
    for index in 0..whole.batches.len() {
        let Ok(part) = SessionPart::from_bytes(whole.batches[index].bytes()) else { continue };
        let mut bundle = whole.clone();
        bundle.batches.remove(index);
        fails(&bundle, CheckId::Downloads);
        fails(&bundle, CheckId::Batches);
        let other = SessionPart { bytes: vec![1], ..part };
        bundle.batches.push(Batch::new(other.to_bytes()).unwrap());
        fails(&bundle, CheckId::Batches);
    }
}

#[test]
fn readings_that_tell_of_a_clock_nobody_says_was_set_are_found() {
    let mut scene = downloaded();
    let set = scene.clock_set.unwrap();
    scene.clock_set = Some(ClockSet { to: at(300), ..set });
    scene.seal(30, &[(15, 5000)]);
    fails(&scene.bundle, CheckId::Downloads);
}

#[test]
fn the_report_tells_what_a_download_did_to_a_clock_and_that_a_session_is_not_checked() {
    let scene = downloaded();
    let assessed = scene.bundle.assess().unwrap();
    let digest = Hash::of(&[b"evidence"]);
    let printed = firn_report::print::print(&scene.bundle, &assessed, digest, &printing(&scene)).unwrap();
    let time: Vec<_> = printed.section("Time").unwrap().facts().collect();
    let entries = printed.section("Every entry").unwrap().tables().next().unwrap();
    let history: Vec<&String> = entries.rows.iter().map(|row| &row[4]).collect();
    insta::assert_json_snapshot!((time, history));
}

#[test]
fn an_entry_by_a_device_that_nobody_enrolled_is_found() {
    let mut bundle = journey().bundle;
    bundle.statements.retain(|record| record.entry.payload().sequence == 0);
    fails(&bundle, CheckId::Membership);
}

#[test]
fn an_unenrolled_logger_is_found() {
    let mut bundle = journey().bundle;
    bundle.loggers.clear();
    fails(&bundle, CheckId::Loggers);
}

#[test]
fn a_verdict_signed_against_its_readings_is_found() {
    let mut scene = journey();
    let mut record = firn_report::verify::to_record(&scene.bundle.assess().unwrap()).unwrap();
    (record.verdict, record.reasons) = (Verdict::Ok, Vec::new());
    scene.dock(620, &record);
    let verification = verified(&scene.bundle);
    assert_eq!(status(&verification, CheckId::Assessment), Status::Failed);
    assert_eq!(verification.verdict, Some(Verdict::Excursion), "the readings say so all the same");
}

#[test]
fn readings_after_the_last_signed_verdict_are_told_of() {
    let mut scene = Scene::new();
    scene.create(0, "DN-1", "Priorix");
    scene.start(0);
    scene.seal(20, &[(0, 5000), (5, 5000), (10, 5000)]);
    scene.assess(false, 20);
    assert_eq!(status(&verified(&scene.bundle), CheckId::Verdict), Status::Proved);
    scene.seal(30, &[(15, 9000)]);
    let verification = verified(&scene.bundle);
    assert!(verification.ok);
    assert_eq!(status(&verification, CheckId::Verdict), Status::Cannot);
    assert_eq!(verification.verdict, Some(Verdict::Excursion));
}

#[test]
fn a_shipment_without_a_verdict_is_honestly_unproved() {
    let mut scene = Scene::new();
    scene.create(0, "DN-1", "Priorix");
    let verification = verified(&scene.bundle);
    assert!(verification.ok);
    assert_eq!(status(&verification, CheckId::Assessment), Status::Cannot);
}

#[test]
fn bytes_that_are_no_evidence_fail_the_format() {
    for bytes in [&b""[..], b"hello", b"%PDF-1.7\n", b"%PDF-1.7\n%x\nxref\n0 0\ntrailer\n", &WHOLE[..100]] {
        let verification = verify(bytes, None);
        assert!(!verification.ok);
        assert_eq!(verification.checks.len(), 1);
        assert_eq!(status(&verification, CheckId::Format), Status::Failed);
    }
}

#[test]
fn a_changed_signature_is_found() {
    let mut bundle = journey().bundle;
    for list in 0..2 {
        let records = if list == 0 { &mut bundle.records } else { &mut bundle.loggers };
        let mut bytes = records[0].entry.bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        records[0].entry = Entry::parse(bytes).unwrap();
    }
    fails(&bundle, CheckId::Signatures);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_byte_of_an_evidence_file_fails(at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let mut bytes = WHOLE.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let verification = verify(&bytes, Some(&journey().bundle.organisation));
        // The shipment's id in the head is no secret: entries about another one then do not fit it.
        prop_assert!(!verification.ok, "byte {}: {:?}", at, verification);
    }
}
