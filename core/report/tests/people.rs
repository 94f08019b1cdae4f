//! What people sign: printed with name, title, time and meaning, and worth nothing in another place or of
//! somebody who may not sign (21 CFR 11.10(a), 11.50, 11.70).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod common;

use common::{
    ANA, CARL, SARA, Scene, at, journey, looked_into, person, person_key, printing, released, samples, sara,
    transport,
};
use firn_ledger::bytes::Hash;
use firn_ledger::canonical::Writer as Cbor;
use firn_ledger::entry::{Entry, Record};
use firn_ledger::key::{SecretKey, Signer};
use firn_model::api::Stock;
use firn_model::assess::Verdict;
use firn_model::record::{
    Approved, ArrivalMoved, Body, Disposition, Finding, Person, PersonStanding, PickUpMoved, Received,
    SinglePersonRelease,
};
use firn_model::role::Role;
use firn_report::print::{Printed, print};
use firn_report::verify::{CheckId, Status};
use firn_report::{Bundle, Verification, evidence, verify};
use std::path::Path;

fn verified(bundle: &Bundle) -> Verification {
    verify(&evidence::write(bundle), None)
}

fn check(verification: &Verification, id: CheckId) -> (Status, &str) {
    let check = verification.checks.iter().find(|check| check.id == id).expect("the check was made");
    (check.status, &check.why)
}

fn printed(scene: &Scene) -> Printed {
    let assessed = scene.bundle.assess().unwrap();
    print(&scene.bundle, &assessed, Hash([0; 32]), &printing(scene)).unwrap()
}

/// The rows of a section's only table.
fn rows(printed: &Printed, heading: &str) -> Vec<Vec<String>> {
    printed.section(heading).unwrap().tables().next().unwrap().rows.clone()
}

fn name(record: &Record) -> String {
    let log = record.entry.log().to_string();
    format!("Entry {} of log {}", record.entry.payload().sequence, &log[..8])
}

/// The entry's bytes with another person's signature in its place, signed by its device once more.
fn with_signature_of(record: &Record, other: &Record, device: &SecretKey) -> Entry {
    let signature = |record: &Record| record.entry.payload().person_signature.unwrap().signature;
    let bytes = record.entry.bytes();
    let place = |part: &[u8]| bytes.windows(part.len()).position(|window| window == part).unwrap();
    let at = place(&signature(record).0);
    let mut bytes = bytes.to_vec();
    bytes[at..at + 64].copy_from_slice(&signature(other).0);
    signed_anew(&bytes, device)
}

/// A COSE_Sign1 with the device's signature over what stands in it now (RFC 9052 §4.4).
fn signed_anew(bytes: &[u8], device: &SecretKey) -> Entry {
    let mut reader = firn_ledger::canonical::Reader::new(bytes);
    reader.tag().unwrap();
    reader.array_of(4).unwrap();
    let protected = reader.bytes().unwrap();
    reader.skip().unwrap();
    let payload = reader.bytes().unwrap();
    let mut message = Cbor::new();
    message.array(4).text("Signature1").bytes(protected).bytes(b"").bytes(payload);
    let signature = device.sign(&message.into_bytes()).unwrap();
    let mut entry = Cbor::new();
    entry.tag(18).array(4).bytes(protected).map(0).bytes(payload).bytes(signature.as_bytes());
    Entry::parse(entry.into_bytes()).unwrap()
}

fn by_person(bundle: &Bundle) -> Vec<usize> {
    let signed = |(_, record): &(usize, &Record)| record.entry.payload().person_signature.is_some();
    bundle.records.iter().enumerate().filter(signed).map(|(index, _)| index).collect()
}

#[test]
fn a_release_in_part_by_a_second_person_is_proved_with_every_signature() {
    let verification = verified(&released(&sara()).bundle);
    assert_eq!((verification.ok, verification.stock), (true, Some(Stock::ReleasedInPart)));
    assert_eq!(verification.refused, []);
    insta::assert_json_snapshot!(verification.checks);
}

#[test]
fn the_report_shows_name_title_time_with_offset_and_meaning_of_each_signature() {
    let printed = printed(&released(&sara()));
    insta::assert_json_snapshot!(rows(&printed, "Signatures"));
    let decisions = printed.section("Notes, explanations and decisions").unwrap();
    let facts: Vec<_> = decisions.facts().collect();
    insta::assert_json_snapshot!((facts, rows(&printed, "Notes, explanations and decisions")));
}

#[test]
fn the_sections_stand_in_the_order_in_which_an_inspector_reads() {
    let printed = printed(&released(&sara()));
    let headings: Vec<&str> = printed.sections.iter().map(|section| section.heading.as_str()).collect();
    let expected = [
        "Reasons",
        "Shipment",
        "Item lines",
        "Loggers",
        "Calibration",
        "Profile",
        "Time",
        "Ruuvi 12 · temperature",
        "Observations",
        "Custody",
        "Notes, explanations and decisions",
        "Excursion record (CDC)",
        "Signatures",
        "Chain and fingerprint",
        "Every entry",
        "Readings of Ruuvi 12 · temperature",
    ];
    assert_eq!(headings, expected);
}

#[test]
fn where_nobody_signed_the_device_is_named_and_the_rule_stands_there_all_the_same() {
    let printed = printed(&journey());
    for row in rows(&printed, "Signatures") {
        assert_eq!(row[1], "no person signed", "{row:?}");
        assert!(row[4].ends_with("phone (admin)") || row[4].ends_with("phone (courier)"), "{row:?}");
    }
    let decisions = printed.section("Notes, explanations and decisions").unwrap();
    let rule = decisions.facts().find(|fact| fact.name == "Single-person release").unwrap();
    assert!(rule.value.starts_with("Refused, for no admin has signed another rule"), "{}", rule.value);
}

#[test]
fn stock_in_quarantine_is_barred_on_the_page_line_by_line_until_somebody_decides_about_it() {
    let stands = |scene: &Scene| {
        let printed = printed(scene);
        let lines = rows(&printed, "Item lines").iter().map(|row| row[5].clone()).collect::<Vec<_>>();
        (printed.verdict.stock.unwrap(), printed.verdict.barred, lines)
    };
    let told =
        |stock: &str, barred, lines: [&str; 2]| (stock.to_owned(), barred, lines.map(str::to_owned).to_vec());
    assert_eq!(stands(&looked_into(&sara())), told("DO NOT USE", true, ["DO NOT USE", "DO NOT USE"]));
    let mut scene = released(&sara());
    let part = "Released in part, DO NOT USE line 2";
    assert_eq!(stands(&scene), told(part, true, ["Released", "DO NOT USE"]));
    let verification = verified(&scene.bundle);
    assert_eq!((verification.do_not_use, verification.do_not_use_lines), (true, vec![1]));
    let decision = firn_model::record::Decision::Reject;
    scene.dock(
        670,
        &Disposition {
            decision,
            reason: "nobody answered".into(),
            lines: None,
            assessment: None,
            open: None,
        },
    );
    assert_eq!(stands(&scene), told("Released in part", false, ["Released", "REJECTED"]));
    assert!(!verified(&scene.bundle).do_not_use);
}

#[test]
fn a_decision_that_does_not_count_stands_among_the_notes_with_its_reason() {
    let mut scene = looked_into(&sara());
    scene.acting = Some(ANA);
    scene.release_in_part(660);
    let notes = rows(&printed(&scene), "Notes, explanations and decisions").to_vec();
    let last = notes.last().unwrap();
    assert!(last[2].starts_with("Does not count (authority/second-person-needed: "), "{last:?}");
    assert!(last[2].ends_with("The manufacturer's answer covers lot EL1484 alone"), "{last:?}");
}

#[test]
fn what_was_counted_stands_beside_what_was_expected() {
    let printed = printed(&looked_into(&sara()));
    let items = rows(&printed, "Shipment");
    let told: Vec<(&str, &str)> = items.iter().map(|row| (row[4].as_str(), row[5].as_str())).collect();
    assert_eq!(told, [("120", "120"), ("40", "40")]);
}

#[test]
fn an_admins_rule_is_printed_with_the_admins_name() {
    let mut scene = looked_into(&sara());
    scene.acting = Some(common::ADAM);
    scene.set_policy(655, SinglePersonRelease::Allowed);
    // One who looked into it may decide alone under this rule.
    scene.acting = Some(ANA);
    scene.release_in_part(660);
    let printed = printed(&scene);
    assert_eq!(printed.verdict.stock.as_deref(), Some("Released in part, DO NOT USE line 2"));
    let decisions = printed.section("Notes, explanations and decisions").unwrap();
    let rule = decisions.facts().find(|fact| fact.name == "Single-person release").unwrap();
    assert_eq!(
        rule.value,
        "Allowed: one person alone may release after an excursion; signed by Adam Roy (admin) at \
         2026-11-20 17:55:00 +01:00."
    );
}

#[test]
fn an_arrival_that_was_moved_prints_both_assessments_and_both_people() {
    let mut scene = looked_into(&sara());
    let received = scene.bundle.records.iter().find(|record| {
        Received::from_bytes(&record.body).is_ok()
            && record.entry.payload().kind == u64::from(Received::KIND.number())
    });
    let received = received.unwrap();
    let received =
        firn_model::record::EntryReference { log: received.entry.log().0, leaf: received.entry.leaf().0 };
    let moved =
        scene.dock(655, &ArrivalMoved { received, at: at(190), reason: "the clock ran ahead".into() });
    scene.acting = Some(SARA);
    scene.dock(656, &Approved { approves: moved });
    scene.assess(true, 657);
    let printed = printed(&scene);
    let decisions = printed.section("Notes, explanations and decisions").unwrap();
    let corrected = decisions.facts().find(|fact| fact.name == "Arrival corrected").unwrap();
    assert_eq!(
        corrected.value,
        "From 2026-11-20 17:00:00 +01:00 to 2026-11-20 10:10:00 +01:00 by Ana Lima (pharmacist), approved by \
         \u{2068}سارة العلي\u{2069} (quality): the clock ran ahead"
    );
    let assessments = &decisions.tables().nth(1).unwrap().rows;
    assert_eq!((&*assessments[0][1], &*assessments[1][1]), ("Out of range", "In range"));
    assert!(verified(&scene.bundle).ok);

    // A second correction stands below the first, and the first signed arrival stays what it was.
    scene.acting = Some(ANA);
    let again =
        scene.dock(665, &ArrivalMoved { received, at: at(300), reason: "the driver's note says so".into() });
    scene.acting = Some(SARA);
    scene.dock(666, &Approved { approves: again });
    scene.assess(true, 667);
    let printed = self::printed(&scene);
    let decisions = printed.section("Notes, explanations and decisions").unwrap();
    let corrected: Vec<_> = decisions.facts().filter(|fact| fact.name == "Arrival corrected").collect();
    assert_eq!(corrected.len(), 2);
    assert!(corrected[1].value.starts_with("From 2026-11-20 10:10:00 +01:00 to 2026-11-20 12:00:00 +01:00"));
    let assessments = &decisions.tables().nth(1).unwrap().rows;
    let verdicts: Vec<&str> = assessments.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(verdicts, ["Out of range", "In range", "Out of range"]);
    assert!(verified(&scene.bundle).ok);
}

#[test]
fn a_finding_after_a_release_is_printed_and_bars_the_stock_again() {
    let mut scene = looked_into(&sara());
    scene.acting = Some(SARA);
    let disposition = scene.release_in_part(660);
    scene.acting = None;
    scene.seal(700, &[(400, -1_000), (405, -1_500)]);
    scene.assess(true, 701);
    let assessment = scene.bundle.records.last().unwrap();
    let assessment =
        firn_model::record::EntryReference { log: assessment.entry.log().0, leaf: assessment.entry.leaf().0 };
    scene.dock(
        702,
        &Finding { disposition, assessment, lines: vec![0], words: "frost in the second file".into() },
    );
    let printed = printed(&scene);
    let notes = rows(&printed, "Notes, explanations and decisions");
    let last = notes.last().unwrap();
    assert_eq!(
        (&*last[1], &*last[2]),
        ("Dock phone (admin)", "Finding after the release of line 1: frost in the second file")
    );
}

#[test]
fn a_persons_signature_on_another_record_fails_and_names_the_record() {
    let scene = released(&sara());
    let signed = by_person(&scene.bundle);
    assert!(signed.len() > 8);
    let key = |record: &Record| {
        if record.entry.log() == scene.dock.log { &scene.dock.key } else { &scene.van.key }
    };
    let mut tried = 0;
    for (one, other) in signed.iter().zip(signed.iter().skip(1)) {
        let mut bundle = scene.bundle.clone();
        let (from, onto) = (&scene.bundle.records[*one], &scene.bundle.records[*other]);
        if from.entry.payload().person_signature.unwrap().key
            != onto.entry.payload().person_signature.unwrap().key
        {
            continue;
        }
        // Even where the device plays along and signs what it changed.
        bundle.records[*other].entry = with_signature_of(onto, from, key(onto));
        let verification = verified(&bundle);
        let (status, why) = check(&verification, CheckId::Signatures);
        assert_eq!((verification.ok, status), (false, Status::Failed));
        assert!(why.contains(&name(onto)), "{why}");
        assert_eq!((verification.verdict, verification.stock), (None, None));
        tried += 1;
    }
    assert!(tried >= 4, "{tried}");
}

#[test]
fn an_entry_that_names_another_person_than_its_key_is_bound_to_fails_and_names_the_record() {
    let mut scene = looked_into(&sara());
    // The dock's phone signs as Sara with the key of Ana.
    let kind = u64::from(Disposition::KIND.number());
    let body = Disposition {
        decision: firn_model::record::Decision::Reject,
        reason: "not by her".into(),
        lines: None,
        assessment: None,
        open: None,
    };
    let heads = vec![scene.van.head()];
    let by = Some((SARA, person_key(true, ANA)));
    let (record, _) =
        scene.dock.sign_by(660, kind, Some(common::SHIPMENT), body.to_bytes(), vec![], heads, by);
    let expected = name(&record);
    scene.bundle.records.push(record);
    let verification = verified(&scene.bundle);
    let (status, why) = check(&verification, CheckId::People);
    assert_eq!((verification.ok, status), (false, Status::Failed));
    assert_eq!(why, format!("{expected}: authority/key-not-of-the-person."));
}

/// One bit of each byte of each entry about a person, of its salt and of its body, in the file as it is stored.
#[test]
fn any_changed_byte_of_an_entry_about_a_person_fails_and_is_named() {
    let bundle = released(&sara()).bundle;
    let whole = evidence::write(&bundle);
    for record in &bundle.people {
        let place = |part: &[u8]| whole.windows(part.len()).position(|window| window == part).unwrap();
        let begin = place(record.entry.bytes());
        let end = begin + record.entry.bytes().len();
        let body =
            end + whole[end..].windows(record.body.len()).position(|part| part == record.body).unwrap();
        let mut structure = 0;
        for at in begin..body + record.body.len() {
            let mut file = whole.clone();
            file[at] ^= 1;
            let verification = verify(&file, None);
            assert!(!verification.ok, "byte {at}");
            let entry = Entry::parse(file[begin..end].to_vec());
            let changed =
                entry.map_or_else(|_| name(record), |entry| name(&Record { entry, ..record.clone() }));
            let failed = verification.checks.iter().filter(|check| check.status == Status::Failed);
            let faults: Vec<&str> = failed.map(|check| check.why.as_str()).collect();
            let named = |why: &&str| {
                why.contains(&name(record)) || why.contains(&changed) || why.contains("under key 9")
            };
            // What is no CBOR any more has no records: the byte is named.
            structure += usize::from(faults[0].contains(": byte "));
            assert!(faults.iter().any(named) || faults[0].contains(": byte "), "byte {at}: {faults:?}");
        }
        assert!(structure < 40, "{structure} bytes hold the structure of the file");
    }
}

/// The decision by whoever `decide` says, on a shipment that waits for it.
fn decided(sara: &Person, decide: impl FnOnce(&mut Scene)) -> Scene {
    let mut scene = looked_into(sara);
    scene.acting = Some(SARA);
    decide(&mut scene);
    scene.release_in_part(660);
    scene
}

/// The decision is shown as not counting with this code, everywhere, and nothing is released.
fn does_not_count(scene: &Scene, code: &str) {
    let verification = verified(&scene.bundle);
    assert_eq!((verification.ok, verification.stock), (true, Some(Stock::Quarantine)), "{verification:#?}");
    let refused: Vec<(u64, &str)> =
        verification.refused.iter().map(|one| (one.kind, one.code.as_str())).collect();
    assert_eq!(refused, [(u64::from(Disposition::KIND.number()), code)]);
    let printed = printed(scene);
    assert_eq!((printed.verdict.stock.as_deref(), printed.verdict.barred), (Some("DO NOT USE"), true));
    let signatures = rows(&printed, "Signatures");
    let last = signatures.last().unwrap();
    assert!(last[5].starts_with("Does not count: ") && last[5].ends_with(&format!("({code})")), "{last:?}");
    let entries = rows(&printed, "Every entry");
    assert!(entries.last().unwrap()[4].starts_with(&format!("Does not count ({code}: ")), "{entries:?}");
    let notes = rows(&printed, "Notes, explanations and decisions");
    assert!(notes.iter().all(|row| !row[2].starts_with("Released")), "what does not count decides nothing");
}

#[test]
fn an_untrained_person_releases_nothing() {
    let untrained = Person { trained: None, ..sara() };
    let scene = decided(&untrained, |_| {});
    does_not_count(&scene, "authority/person-not-trained");
    let verification = verified(&scene.bundle);
    let (status, why) = check(&verification, CheckId::People);
    assert_eq!(status, Status::Proved);
    assert!(why.ends_with("does not count: authority/person-not-trained."), "{why}");
    let later = Person { trained: Some(at(661)), ..sara() };
    does_not_count(&decided(&later, |_| {}), "authority/person-not-trained");
}

#[test]
fn a_person_who_has_ended_releases_nothing() {
    let ended = Person { standing: PersonStanding::Ended, ..sara() };
    does_not_count(&decided(&sara(), |scene| scene.enrol(655, &ended)), "authority/person-ended");
}

#[test]
fn a_person_in_a_role_that_may_not_releases_nothing_though_the_device_is_an_admins() {
    let scene = decided(&sara(), |scene| scene.acting = Some(CARL));
    does_not_count(&scene, "authority/role-may-not-sign");
}

#[test]
fn a_device_alone_releases_nothing_once_it_knows_of_people() {
    let scene = decided(&sara(), |scene| scene.acting = None);
    does_not_count(&scene, "authority/person-missing");
}

#[test]
fn who_looked_into_the_excursion_is_no_second_person() {
    let scene = decided(&sara(), |scene| scene.acting = Some(ANA));
    does_not_count(&scene, "authority/second-person-needed");
}

#[test]
fn a_receipt_that_does_not_count_ends_no_journey_and_the_verdict_follows() {
    let received_by = |trained| {
        let mut scene = Scene::new();
        scene.enrol(-38, &person(ANA, "Ana Lima", None, Role::Pharmacist));
        scene.enrol(-37, &Person { trained, ..sara() });
        scene.bind(true, -36, ANA);
        scene.bind(true, -36, SARA);
        scene.acting = Some(ANA);
        scene.create_under(0, "DN-1", "Priorix", transport());
        scene.start(0);
        let mut values: Vec<(i64, i32)> = samples()[..12].to_vec();
        values.extend((12..24).map(|n| (n * 5, 9_000)));
        scene.acting = Some(SARA);
        scene.dock(59, &Received { at: at(55), note: None, checklist: None, reason: None });
        scene.seal(130, &values);
        scene.assess(true, 132);
        verified(&scene.bundle)
    };
    let (counts, refused) = (received_by(Some(at(-500))), received_by(None));
    assert_eq!((counts.ok, counts.verdict, counts.stock), (true, Some(Verdict::Ok), Some(Stock::Received)));
    // In the courier's hands still: what was measured in the store counts as the journey's.
    assert_eq!((refused.ok, refused.verdict, refused.stock), (true, Some(Verdict::Excursion), None));
    assert_eq!(refused.refused[0].code, "authority/person-not-trained");
}

#[test]
fn a_rule_signed_by_a_person_who_is_no_admin_is_told_as_refused_and_changes_nothing() {
    let mut scene = looked_into(&sara());
    scene.acting = Some(ANA);
    scene.set_policy(655, SinglePersonRelease::Allowed);
    scene.release_in_part(660);
    let verification = verified(&scene.bundle);
    assert_eq!((verification.ok, verification.stock), (true, Some(Stock::Quarantine)));
    let codes: Vec<&str> = verification.refused.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["authority/role-may-not-sign", "authority/second-person-needed"]);
}

/// Written by `FIRN_WRITE_FIXTURES=1 cargo test -p firn-report --test people`.
#[test]
fn a_file_that_tells_of_people_has_had_these_bytes_since_it_was_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/people.firn");
    let bytes = evidence::write(&released(&sara()).bundle);
    if std::env::var_os("FIRN_WRITE_FIXTURES").is_some() {
        std::fs::write(&path, &bytes).unwrap();
    }
    let kept = std::fs::read(&path).unwrap();
    insta::assert_snapshot!(Hash::of(&[&kept]).to_string());
    assert!(kept == bytes, "the format changed: what was signed before must still be read");
    let verification = verify(&kept, None);
    assert_eq!((verification.ok, verification.stock), (true, Some(Stock::ReleasedInPart)));
    let (status, why) = check(&verification, CheckId::People);
    assert_eq!(status, Status::Proved);
    assert!(why.starts_with("12 signatures of 4 persons"), "{why}");
}

#[test]
fn a_pick_up_that_was_moved_prints_both_assessments_and_the_one_that_waits() {
    let mut scene = looked_into(&sara());
    let started =
        scene.bundle.records.iter().find(|record| {
            record.entry.payload().kind == u64::from(firn_model::record::Started::KIND.number())
        });
    let started = started.unwrap();
    let started =
        firn_model::record::EntryReference { log: started.entry.log().0, leaf: started.entry.leaf().0 };
    let moved = |minute, reason: &str| PickUpMoved { started, at: at(minute), reason: reason.into() };
    scene.dock(655, &moved(-20, "the phone was ahead"));
    scene.assess(true, 656);
    scene.dock(657, &moved(5, "it was not"));
    let printed = printed(&scene);
    let decisions = printed.section("Notes, explanations and decisions").unwrap();
    let fact = |name: &str| decisions.facts().find(|fact| fact.name == name).unwrap().value.clone();
    let corrected = fact("Pick-up corrected");
    assert!(corrected.ends_with("by Ana Lima (pharmacist): the phone was ahead"), "{corrected}");
    let waits = fact("Pick-up not approved");
    assert!(waits.ends_with("waits for a second person and does not count: it was not"), "{waits}");
    let assessments = &decisions.tables().nth(1).unwrap().rows;
    let names: Vec<&str> = assessments.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names.len(), 2);
    assert!(names[1].starts_with("From the pick-up corrected to"), "{names:?}");
    assert!(assessments.iter().all(|row| row[1] != "not signed"), "{assessments:?}");
    let shipment = printed.section("Shipment").unwrap();
    assert!(shipment.facts().any(|fact| fact.name == "Picked up, as signed"));
    assert!(verified(&scene.bundle).ok);
}
