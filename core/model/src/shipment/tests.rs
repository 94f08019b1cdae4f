//! Stories of shipments, told in any order.

use super::*;
use crate::api::{Device, Phase, Stock};
use crate::assess::{Reason, Verdict};
use crate::authority::Refusal;
use crate::id::Id;
use crate::profile::preset;
use crate::reading::{Channel, ClockQuality, Provenance, Quantity, Source};
use crate::record::*;
use crate::role::Role;
use crate::time::{UtcMillis, UtcOffset};
use proptest::prelude::*;
use std::collections::BTreeMap;

mod answers;
mod clocks;
mod compared;
mod concurrent;
mod conditions;
mod decisions;
mod excursion;
mod intervals;
mod late;
mod life;
mod moved;
mod taken;
mod tasks;

const LOGGER: Id = Id([7; 16]);
const MINUTE: i64 = 60_000;

fn device(number: u8, role: Role) -> Device {
    Device {
        log: format!("{number:02x}").repeat(32),
        label: format!("device {number}"),
        role: Some(role),
        ..Device::default()
    }
}

fn entry<B: Body>(log: u8, sequence: u64, minute: i64, role: Role, body: &B) -> SignedEntry {
    SignedEntry {
        reference: EntryReference {
            log: [log; 32],
            leaf: [log.wrapping_mul(31).wrapping_add(sequence as u8); 32],
        },
        sequence,
        at: UtcMillis(minute * MINUTE),
        kind: u64::from(B::KIND.number()),
        body: body.to_bytes(),
        batches: Vec::new(),
        heads: Vec::new(),
        device: device(log, role),
        person: None,
        beyond: None,
        person_refused: None,
    }
}

fn created() -> Shipment {
    Shipment {
        reference: "DN-1".into(),
        profile: preset("cdc-refrigerator").unwrap().profile.clone(),
        from: None,
        to: None,
        items: Vec::new(),
        packages: None,
    }
}

fn started(minute: i64) -> Started {
    let placements = vec![Placement { logger: LOGGER, package: None, from: None, to: None }];
    Started { at: UtcMillis(minute * MINUTE), placements, overrides: None, reason: None }
}

fn received(minute: i64) -> Received {
    Received { at: UtcMillis(minute * MINUTE), note: None, checklist: None, reason: None }
}

/// One batch with a reading every thirty minutes from the first one on.
fn readings(
    log: u8,
    sequence: u64,
    minute: i64,
    values: &[i32],
    provenance: Provenance,
) -> (SignedEntry, Batch) {
    let channel = Channel { quantity: Quantity::Temperature, probe: 0 };
    let times = (0_i64..).take(values.len()).map(|index| UtcMillis((minute + index * 30) * MINUTE));
    let batch = Batch {
        logger: LOGGER,
        channel,
        source: Source::Log,
        clock: ClockQuality::ComputedFromPhone,
        provenance,
        received: UtcMillis(10_000 * MINUTE),
        interval_s: None,
        times: times.collect(),
        values: values.to_vec(),
        logger_times: None,
        sequences: None,
        raws: None,
        aggregation: None,
    };
    let body = Readings {
        logger: LOGGER,
        channel,
        source: Source::Log,
        count: values.len() as u32,
        first: batch.times[0],
        last: *batch.times.last().unwrap(),
        lateness: None,
        clock_set: None,
    };
    let mut entry = entry(log, sequence, minute, Role::Courier, &body);
    // Sealed when the last of them was measured.
    entry.at = body.last;
    entry.batches = vec![Batch::address(&batch.to_bytes().unwrap())];
    (entry, batch)
}

fn judged(entries: Vec<SignedEntry>, batches: &[Batch]) -> (Story, Judgement) {
    let by_address = |batch: &Batch| (Batch::address(&batch.to_bytes().unwrap()), batch.clone());
    let batches = batches.iter().map(by_address).collect();
    let story = tell_with(entries, OrganisationStory::default(), &batches);
    let (fleet, earlier) = (Fleet::default(), BTreeMap::new());
    let judgement = judge(
        &story,
        &Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &BTreeMap::new() },
    );
    (story, judgement)
}

/// The same entry by somebody who held the first seven entries of these devices' logs.
fn knowing(mut entry: SignedEntry, logs: &[u8]) -> SignedEntry {
    entry.heads = logs.iter().map(|log| Held { log: [*log; 32], size: 7 }).collect();
    entry
}

/// The verdict on these entries as a device signs it that holds them.
fn signed_verdict(
    entries: &[SignedEntry],
    batches: &[Batch],
    (log, sequence, minute): (u8, u64, i64),
) -> SignedEntry {
    let record = record_of(&judged(entries.to_vec(), batches).1);
    knowing(entry(log, sequence, minute, Role::Pharmacist, &record), &[2])
}

/// A verdict as it is signed.
fn record_of(judgement: &Judgement) -> AssessmentRecord {
    let lines: Vec<LineAssessment> =
        (0..).zip(&judgement.lines).map(|(place, line)| line.to_record(place)).collect();
    AssessmentRecord {
        rules: crate::assess::RULES.into(),
        profile: created().profile,
        verdict: judgement.verdict,
        reasons: judgement.reasons.clone(),
        series: judgement.series.iter().map(|series| series.to_record()).collect(),
        batches: Vec::new(),
        replaces: None,
        lines: Some(lines).filter(|lines| !lines.is_empty()),
        conditions: None,
    }
}

/// The lines that wait for a decision and may not be released.
fn barred(entries: &[SignedEntry]) -> Vec<u32> {
    let story = tell(entries.to_vec());
    StockNow::of(&story, Verdict::Ok, &[]).bars(UtcMillis(i64::MIN)).into_iter().map(|bar| bar.line).collect()
}

/// Created and picked up by a pharmacist's device, measured and received by a courier's.
fn journey(values: &[i32], provenance: Provenance) -> (Vec<SignedEntry>, Batch) {
    let (sealed, batch) = readings(2, 0, 10, values, provenance);
    let until = 10 + 30 * (values.len() as i64 - 1);
    let entries = vec![
        entry(1, 1, 0, Role::Pharmacist, &created()),
        entry(1, 2, 5, Role::Pharmacist, &started(10)),
        sealed,
        entry(2, 1, until + 5, Role::Courier, &received(until)),
    ];
    (entries, batch)
}

#[test]
fn a_shipment_that_stayed_in_range_on_a_paired_logger_is_ok_and_awaits_release() {
    let (entries, batch) = journey(&[2000, 5000, 8000], Provenance::P3);
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!((judgement.verdict, judgement.reasons.as_slice()), (Verdict::Ok, &[][..]));
    assert_eq!(story.phase(), Phase::Received);
    assert_eq!(summary(Id([1; 16]), &story, &judgement).stock, Some(Stock::Received));
}

/// What a download left in the log of a courier's device.
fn downloaded(sequence: u64, did: Did) -> SignedEntry {
    entry(2, sequence, 80, Role::Courier, &Download { logger: LOGGER, did })
}

#[test]
fn a_clock_that_was_set_and_a_session_that_was_kept_are_told_and_change_no_verdict() {
    let set = ClockSet { at: UtcMillis(1), to: UtcMillis(0), offset: UtcOffset(3600), before: None };
    let session = Session::of(UtcMillis(1), b"---DOWNLOAD_START---");
    let (mut entries, batch) = journey(&[2000, 5000, 8000], Provenance::P3);
    let mut kept = downloaded(3, Did::KeptSession(session));
    kept.batches = vec![session.digest];
    entries.extend([downloaded(2, Did::SetClock(set)), kept]);
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(judgement.verdict, Verdict::Ok);
    assert_eq!(story.downloads.len(), 2);
    let history = detail(Id([1; 16]), &story, &judgement, &BTreeMap::new()).history;
    insta::assert_json_snapshot!(history.iter().map(|event| &event.occurrence).skip(3).collect::<Vec<_>>());
}

#[test]
fn a_session_without_its_parts_and_a_clock_with_some_do_not_count() {
    let set = ClockSet { at: UtcMillis(1), to: UtcMillis(0), offset: UtcOffset(0), before: None };
    let session = Session::of(UtcMillis(1), b"x");
    let mut with_parts = downloaded(1, Did::SetClock(set));
    with_parts.batches = vec![session.digest];
    let told = tell(vec![downloaded(0, Did::KeptSession(session)), with_parts]).told;
    assert!(told.iter().all(|told| told.refused == Some(Refusal::MalformedBody)), "{told:?}");
}

#[test]
fn receipt_out_of_range_puts_the_stock_in_quarantine_by_itself() {
    let (entries, batch) = journey(&[5000, 8005, 5000], Provenance::P3);
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(judgement.verdict, Verdict::Excursion);
    assert_eq!(summary(Id([1; 16]), &story, &judgement).stock, Some(Stock::Quarantine));
}

#[test]
fn what_was_only_heard_is_a_reason_to_look() {
    let (entries, batch) = journey(&[5000, 5000], Provenance::P0);
    let (_, judgement) = judged(entries, &[batch]);
    assert_eq!((judgement.verdict, judgement.reasons), (Verdict::Review, vec![Reason::Provenance]));
}

#[test]
fn a_placed_logger_without_readings_is_missing() {
    let entries =
        vec![entry(1, 1, 0, Role::Pharmacist, &created()), entry(1, 2, 5, Role::Pharmacist, &started(10))];
    let (_, judgement) = judged(entries, &[]);
    assert_eq!(judgement.reasons, [Reason::NoReadings, Reason::LoggerMissing]);
    assert_eq!(judgement.verdict, Verdict::Review);
}

#[test]
fn readings_before_the_pick_up_stay_visible_and_do_not_count() {
    let (sealed, batch) = readings(2, 0, 10, &[30_000, 5000, 5000], Provenance::P3);
    let entries = vec![
        entry(1, 1, 0, Role::Pharmacist, &created()),
        entry(1, 2, 40, Role::Pharmacist, &started(40)),
        sealed,
    ];
    let (_, judgement) = judged(entries, &[batch]);
    assert_eq!(judgement.verdict, Verdict::Ok);
    assert_eq!(judgement.series[0].points.len(), 3);
    assert_eq!(judgement.series[0].assessment.statistics.count, 2);
}

#[test]
fn a_couriers_disposition_is_shown_and_does_not_count() {
    let (mut entries, batch) = journey(&[5000, 9000], Provenance::P3);
    let release = Disposition {
        decision: Decision::Release,
        reason: "looks fine".into(),
        assessment: None,
        lines: None,
        open: None,
    };
    entries.push(entry(2, 2, 900, Role::Courier, &release));
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(story.told.last().unwrap().refused, Some(Refusal::RoleMayNotSign));
    assert_eq!(summary(Id([1; 16]), &story, &judgement).stock, Some(Stock::Quarantine));
}

#[test]
fn a_decision_before_the_receipt_is_out_of_order() {
    let release = Disposition {
        decision: Decision::Release,
        reason: "early".into(),
        assessment: None,
        lines: None,
        open: None,
    };
    let entries = vec![
        entry(1, 1, 0, Role::Pharmacist, &created()),
        entry(1, 2, 5, Role::Pharmacist, &started(10)),
        entry(1, 3, 6, Role::Pharmacist, &release),
    ];
    assert_eq!(tell(entries).told.last().unwrap().refused, Some(Refusal::OutOfOrder));
}

#[test]
fn custody_passes_at_the_acceptance_and_a_stranger_cannot_offer() {
    let nonce = [4; 16];
    let offered = |nonce| Offered {
        nonce,
        expires: UtcMillis(100 * MINUTE),
        last_reading: None,
        verdict: Verdict::Ok,
        partner: None,
    };
    let offer = entry(1, 3, 20, Role::Pharmacist, &offered(nonce));
    let accept = Accepted { offered: offer.reference, nonce, at: UtcMillis(25 * MINUTE) };
    let accepted = entry(2, 0, 25, Role::Courier, &accept);
    let confirmed = entry(1, 4, 30, Role::Pharmacist, &Confirmed { accepted: accepted.reference });
    let stolen = entry(3, 0, 22, Role::Courier, &offered([5; 16]));
    let mut entries = vec![
        entry(1, 1, 0, Role::Pharmacist, &created()),
        entry(1, 2, 5, Role::Pharmacist, &started(10)),
        offer,
        stolen,
    ];
    assert_eq!(tell(entries.clone()).custody.custodian, Some(device(1, Role::Pharmacist)));
    entries.push(accepted);
    let (story, judgement) = judged(entries.clone(), &[]);
    let steps = story.next_steps(&judgement);
    let confirm = steps.iter().find(|next| next.step == crate::api::Step::Confirm).unwrap();
    assert_eq!(confirm.roles, Role::ALL, "by whoever may sign it on the giver's device, whatever its role");
    entries.push(confirmed);
    let story = tell(entries);
    assert_eq!(story.custody.custodian, Some(device(2, Role::Courier)));
    assert_eq!(story.custody.open_offer(), None);
    assert_eq!(story.custody.unconfirmed().count(), 0);
    let refused: Vec<_> = story.told.iter().filter_map(|told| told.refused).collect();
    assert_eq!(refused, [Refusal::NotTheCustodian]);
}

#[test]
fn an_expired_offer_cannot_be_accepted() {
    let offered = Offered {
        nonce: [4; 16],
        expires: UtcMillis(21 * MINUTE),
        last_reading: None,
        verdict: Verdict::Ok,
        partner: None,
    };
    let offer = entry(1, 3, 20, Role::Pharmacist, &offered);
    let late = Accepted { offered: offer.reference, nonce: [4; 16], at: UtcMillis(25 * MINUTE) };
    let story = tell(vec![
        entry(1, 1, 0, Role::Pharmacist, &created()),
        entry(1, 2, 5, Role::Pharmacist, &started(10)),
        offer,
        entry(2, 0, 25, Role::Courier, &late),
    ]);
    assert_eq!(story.told.last().unwrap().refused, Some(Refusal::Expired));
    assert_eq!(story.custody.custodian, Some(device(1, Role::Pharmacist)));
}

#[test]
fn an_unknown_kind_is_shown_and_counts_for_nothing() {
    let mut odd = entry(1, 3, 20, Role::Pharmacist, &received(20));
    odd.kind = 4242;
    let story = tell(vec![entry(1, 1, 0, Role::Pharmacist, &created()), odd]);
    assert_eq!(story.told.len(), 2);
    assert_eq!((story.phase(), story.told[1].refused), (Phase::Created, None));
}

#[test]
fn what_a_front_end_is_told_of_a_shipment_has_a_stable_shape() {
    let (entries, batch) = journey(&[5000, 8005, 5000], Provenance::P3);
    let (story, judgement) = judged(entries, &[batch]);
    let detail = detail(Id([1; 16]), &story, &judgement, &BTreeMap::new());
    insta::assert_json_snapshot!(detail);
    let json = serde_json::to_string(&detail).unwrap();
    assert_eq!(serde_json::from_str::<crate::api::ShipmentDetail>(&json).unwrap(), detail);
}

#[test]
fn adverts_that_the_downloaded_log_bears_out_count_as_continuous_and_lift_the_doubt() {
    let (mut entries, log) = journey(&[5000, 5000, 5200, 5200], Provenance::P0);
    let (mut heard, mut adverts) = readings(2, 2, 15, &[5010, 5100, 5990], Provenance::P0);
    adverts.source = Source::Advert;
    adverts.sequences = Some(vec![7, 8, 9]);
    let Ok(Statement::Readings(mut says)) = Statement::parse(Kind::Readings, &heard.body) else { panic!() };
    says.source = Source::Advert;
    (heard.body, heard.batches) = (says.to_bytes(), vec![Batch::address(&adverts.to_bytes().unwrap())]);
    heard.at = UtcMillis(105 * MINUTE);
    entries.push(heard);
    let (_, judgement) = judged(entries, &[log, adverts]);
    let grades: Vec<_> =
        judgement.series[0].provenance.iter().map(|one| (one.source, one.grade, one.readings)).collect();
    let expected = [
        (Source::Advert, Provenance::P0, 1),
        (Source::Advert, Provenance::P1, 2),
        (Source::Log, Provenance::P0, 4),
    ];
    assert_eq!(grades, expected);
    assert_eq!((judgement.verdict, judgement.reasons), (Verdict::Ok, vec![]));
}

proptest! {
    #[test]
    fn the_story_does_not_depend_on_the_order_of_arrival(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle()) {
        let (mut entries, batch) = journey(&[5000, 8005, 5000], Provenance::P0);
        entries.push(entry(3, 0, 7, Role::Quality, &started(9)));
        entries.push(entry(1, 3, 200, Role::Pharmacist, &received(300)));
        let shuffled = order.iter().map(|index| entries[*index].clone()).collect();
        prop_assert_eq!(judged(shuffled, std::slice::from_ref(&batch)), judged(entries, &[batch]));
    }
}

#[test]
fn on_a_log_that_waits_to_be_enrolled_what_is_measured_counts_and_what_people_do_does_not() {
    use crate::api::LogStanding;
    let waiting = Device { standing: LogStanding::Provisional, ..device(1, Role::Admin) };
    for kind in Kind::ALL {
        use crate::permission::SignedBy;
        let measured = matches!(crate::permission::signed_by(kind), SignedBy::Device | SignedBy::Code);
        assert_eq!(waiting.waits_with(kind), !measured, "{kind:?}");
        assert!(!device(1, Role::Admin).waits_with(kind));
    }
    assert!(!waiting.vouches());
}

#[test]
fn logs_that_took_each_others_place_are_one_device() {
    let old = device(1, Role::Courier);
    let new = Device { first_log: Some(old.log.clone()), ..device(2, Role::Courier) };
    let newest = Device { first_log: Some(old.log.clone()), ..device(3, Role::Courier) };
    for (one, other) in [(&old, &new), (&new, &old), (&new, &newest), (&newest, &newest)] {
        assert!(one.is(other), "{one:?} {other:?}");
    }
    assert!(!new.is(&device(4, Role::Courier)) && !device(4, Role::Courier).is(&new));
}
