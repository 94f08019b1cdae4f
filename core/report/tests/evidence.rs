//! The evidence file: one layout, read strictly.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::journey;
use firn_model::id::Id;
use firn_model::vault::OpenedDocument;
use firn_report::bundle::Earlier;
use firn_report::evidence::{is_evidence, read, write};
use proptest::prelude::*;
use std::sync::LazyLock;

static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| write(&journey().bundle));

#[test]
fn the_same_bundle_gives_the_same_bytes_in_whatever_order_its_parts_stand() {
    let mut bundle = journey().bundle;
    bundle.records.reverse();
    bundle.statements.reverse();
    bundle.batches.reverse();
    bundle.batches.push(bundle.batches[0].clone());
    assert_eq!(write(&bundle), *WHOLE);
}

#[test]
fn an_evidence_file_comes_back_whole() {
    assert!(is_evidence(&WHOLE));
    let bundle = read(&WHOLE).unwrap();
    assert_eq!(write(&bundle), *WHOLE);
    let again = journey().bundle.assess().unwrap();
    assert_eq!(bundle.assess().unwrap().judgement, again.judgement);
}

#[test]
fn earlier_shipments_travel_in_the_evidence_and_come_back_whole() {
    let mut bundle = journey().bundle;
    let earlier = |number| Earlier { shipment: Id([number; 16]), records: bundle.records.clone() };
    bundle.earlier = vec![earlier(9), earlier(8)];
    let bytes = write(&bundle);
    assert!(is_evidence(&bytes));
    let again = read(&bytes).unwrap();
    let ids: Vec<Id> = again.earlier.iter().map(|earlier| earlier.shipment).collect();
    assert_eq!((write(&again), ids), (bytes, vec![Id([8; 16]), Id([9; 16])]));
}

#[test]
fn opened_documents_travel_in_the_evidence_in_one_order_and_come_back_whole() {
    let mut bundle = journey().bundle;
    let document = |salt| OpenedDocument { salt: [salt; 32], document: vec![0xa0] };
    bundle.opened = vec![document(1), document(2), document(1)];
    let bytes = write(&bundle);
    assert!(is_evidence(&bytes));
    let again = read(&bytes).unwrap();
    assert_eq!((again.opened.len(), write(&again)), (2, bytes));
    bundle.opened.reverse();
    assert_eq!(write(&bundle), write(&again));
}

#[test]
fn the_evidence_of_a_frozen_shipment_has_a_frozen_hash() {
    insta::assert_snapshot!(firn_ledger::bytes::Hash::of(&[&WHOLE]).to_string());
}

/// Written by `FIRN_WRITE_FIXTURES=1 cargo test -p firn-report --test evidence`; it tells of no people and no
/// earlier shipments, as all files did before keys 9 and 10.
#[test]
fn a_file_without_people_and_earlier_shipments_still_verifies() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/device-alone.firn");
    if std::env::var_os("FIRN_WRITE_FIXTURES").is_some() {
        std::fs::write(&path, &*WHOLE).unwrap();
    }
    let kept = std::fs::read(&path).unwrap();
    assert_eq!(kept[0], 0xa8, "a map of eight pairs");
    assert!(kept == *WHOLE, "the format changed: what was signed before must still be read");
    let verification = firn_report::verify(&kept, None);
    assert!(verification.ok, "{verification:#?}");
    assert_eq!(verification.verdict, Some(firn_model::assess::Verdict::Excursion));
}

/// Written by the preview, whose format v0 was never frozen.
#[test]
fn a_file_of_the_preview_is_told_as_one_and_neither_as_damaged_nor_as_changed() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/preview/evidence.firn");
    let bytes = std::fs::read(path).unwrap();
    assert!(is_evidence(&bytes));
    let error = read(&bytes).unwrap_err();
    assert_eq!((error.code(), error.is_of_another_version()), ("report/preview", true));
    let verification = firn_report::verify(&bytes, None);
    let why = verification.unreadable.unwrap();
    assert_eq!((verification.ok, why.code.as_str(), verification.checks.len()), (false, "report/preview", 1));
    assert!(verification.checks[0].why.contains("preview of Firn") && why.next_step.contains("preview"));
}

#[test]
fn a_part_that_a_later_release_adds_is_named_and_not_taken_for_damage() {
    let mut bytes = WHOLE.clone();
    assert_eq!(bytes[0], 0xa8, "a map of eight pairs");
    bytes[0] = 0xa9;
    bytes.extend([0x0f, 0x01]);
    assert!(is_evidence(&bytes));
    let error = read(&bytes).unwrap_err();
    assert_eq!((error.code(), error.is_of_another_version()), ("report/unknown-part", true));
}

#[test]
fn another_version_is_named_and_not_guessed_at() {
    let mut bytes = WHOLE.clone();
    // The map's head, key 1, the text of 13 bytes and its head, key 2: then the version.
    assert_eq!(bytes[17], 1);
    bytes[17] = 2;
    assert_eq!(read(&bytes).unwrap_err().code(), "report/unknown-version");
}

#[test]
fn every_truncation_is_refused() {
    for length in (0..WHOLE.len()).step_by(97) {
        assert_eq!(read(&WHOLE[..length]).unwrap_err().code(), "report/malformed-evidence", "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn a_changed_byte_is_refused_or_read_as_it_stands(at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let mut bytes = WHOLE.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(bundle) = read(&bytes) {
            prop_assert_eq!(write(&bundle), bytes);
        }
    }
}
