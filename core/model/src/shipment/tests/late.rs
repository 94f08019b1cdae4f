//! Facts that were recorded late, or of a time that is still to come, and evidence that comes after a decision.

use super::*;
use std::collections::BTreeSet;

fn refusal_of(mut entries: Vec<SignedEntry>, last: SignedEntry) -> Option<Refusal> {
    let reference = last.reference;
    entries.push(last);
    tell(entries).told.iter().find(|told| told.entry.reference == reference).unwrap().refused
}

fn late(minute: i64, reason: &str) -> Received {
    Received { reason: Some(reason.into()), ..received(minute) }
}

/// An entry by somebody who held these.
pub(super) fn after(entries: &[SignedEntry], entry: SignedEntry) -> SignedEntry {
    let logs: BTreeSet<[u8; 32]> = entries.iter().map(|one| one.reference.log).collect();
    let size = |log| entries.iter().filter(|one| one.reference.log == log).map(|one| one.sequence + 1).max();
    let others = logs.into_iter().filter(|log| *log != entry.reference.log);
    let heads = others.filter_map(|log| Some(Held { log, size: size(log)? })).collect();
    SignedEntry { heads, ..entry }
}

/// Adds an entry by somebody who held all before it.
pub(super) fn push(entries: &mut Vec<SignedEntry>, entry: SignedEntry) {
    entries.push(after(entries, entry));
}

/// Picked up at minute 10 and measured until minute 130: too warm from minute 70 on.
fn under_way() -> (Vec<SignedEntry>, Batch) {
    let (sealed, batch) = readings(2, 0, 10, &[5000, 5000, 9000, 9000, 9000], Provenance::P3);
    let sealed = SignedEntry { at: UtcMillis(130 * MINUTE), ..sealed };
    let created = entry(1, 1, 0, Role::Pharmacist, &created());
    (vec![created, entry(1, 2, 10, Role::Pharmacist, &started(10)), sealed], batch)
}

#[test]
fn nothing_counts_that_is_still_to_come() {
    let made = vec![entry(1, 1, 0, Role::Pharmacist, &created())];
    let ahead = entry(1, 2, 4, Role::Pharmacist, &started(10));
    assert_eq!(refusal_of(made.clone(), ahead), Some(Refusal::StillToCome));
    let tolerated = entry(1, 2, 5, Role::Pharmacist, &started(10));
    assert_eq!(refusal_of(made, tolerated), None, "clocks differ by up to five minutes");
    let (mut entries, _) = under_way();
    let arrival = entry(1, 3, 140, Role::Pharmacist, &late(146, "it will be there"));
    assert_eq!(refusal_of(entries.clone(), arrival), Some(Refusal::StillToCome));
    let receipt = entry(1, 3, 140, Role::Pharmacist, &received(140));
    let moved =
        ArrivalMoved { received: receipt.reference, at: UtcMillis(200 * MINUTE), reason: "clock".into() };
    entries.push(receipt);
    let moved = entry(1, 4, 150, Role::Pharmacist, &moved);
    assert_eq!(refusal_of(entries, moved), Some(Refusal::StillToCome));
}

#[test]
fn what_is_recorded_late_says_why_and_is_flagged() {
    let (entries, batch) = journey(&[5000, 5000, 5000], Provenance::P3);
    let mut entries: Vec<SignedEntry> = entries.into_iter().take(3).collect();
    let silent = |minute: i64| entry(1, 3, minute + 10, Role::Pharmacist, &received(minute));
    let since = STORIES_BEGIN.0 / MINUTE;
    assert_eq!(refusal_of(entries.clone(), silent(since)), Some(Refusal::LateWithoutReason));
    entries.push(entry(1, 3, 90, Role::Pharmacist, &late(80, "the phone was flat")));
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(story.arrival(), Some(UtcMillis(80 * MINUTE)), "nothing that was known lies after it");
    assert_eq!((judgement.verdict, judgement.reasons), (Verdict::Review, vec![Reason::LateEntry]));
    let history = detail(Id([1; 16]), &story, &judge_nothing(&story), &BTreeMap::new()).history;
    let told = serde_json::to_value(&history.last().unwrap().occurrence).unwrap();
    assert_eq!(
        (&told["at"], &told["reason"]),
        (&"1970-01-01T01:20:00Z".into(), &"the phone was flat".into())
    );
}

fn judge_nothing(story: &Story) -> Judgement {
    let (batches, fleet, earlier) = (BTreeMap::new(), Fleet::default(), BTreeMap::new());
    judge(story, &Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &BTreeMap::new() })
}

#[test]
fn a_late_arrival_that_leaves_out_known_readings_counts_once_another_person_approves_it() {
    let (mut entries, batch) = under_way();
    push(&mut entries, entry(1, 3, 140, Role::Pharmacist, &late(60, "nobody had time")));
    let (story, judgement) = judged(entries.clone(), std::slice::from_ref(&batch));
    assert_eq!(story.arrival(), Some(UtcMillis(140 * MINUTE)), "the moment of the signature");
    assert_eq!(judgement.verdict, Verdict::Excursion);
    let approve =
        story.next_steps(&judgement).into_iter().find(|next| next.step == crate::api::Step::Approve);
    assert_eq!(approve.unwrap().except, ["device 1"]);

    let approves = Approved { approves: story.received.as_ref().unwrap().reference };
    let own = entry(1, 4, 150, Role::Pharmacist, &approves);
    assert_eq!(refusal_of(entries.clone(), own), Some(Refusal::SecondPersonNeeded));
    push(&mut entries, entry(3, 1, 150, Role::Quality, &approves));
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(story.arrival(), Some(UtcMillis(60 * MINUTE)));
    assert_eq!((judgement.verdict, judgement.reasons), (Verdict::Review, vec![Reason::LateEntry]));
    assert_eq!(story.arrival_corrections().len(), 1, "both assessments are printed");
}

#[test]
fn readings_that_the_receiver_did_not_know_make_no_late_arrival_wait() {
    let (mut entries, _) = under_way();
    entries.push(entry(1, 3, 140, Role::Pharmacist, &late(60, "nobody had time")));
    assert_eq!(tell(entries).arrival(), Some(UtcMillis(60 * MINUTE)));
}

#[test]
fn a_late_arrival_before_a_hand_over_waits_too_unless_the_whole_journey_was_recorded_afterwards() {
    let told = |picked_up: i64| {
        let offered = Offered {
            nonce: [4; 16],
            expires: UtcMillis(900 * MINUTE),
            last_reading: None,
            verdict: Verdict::Ok,
            partner: None,
        };
        let start = Started { reason: Some("afterwards".into()), ..started(10) };
        let entries = vec![
            entry(1, 1, 0, Role::Pharmacist, &created()),
            entry(1, 2, picked_up, Role::Pharmacist, &start),
            entry(1, 3, 100, Role::Pharmacist, &offered),
            entry(1, 4, 140, Role::Pharmacist, &late(60, "nobody had time")),
        ];
        tell(entries).arrival()
    };
    assert_eq!(told(10), Some(UtcMillis(140 * MINUTE)));
    assert_eq!(told(80), Some(UtcMillis(60 * MINUTE)));
}

#[test]
fn a_superseded_correction_is_no_longer_approved_and_next_names_the_newest_alone() {
    let (mut entries, batch) = under_way();
    let receipt = entry(1, 3, 140, Role::Pharmacist, &received(140));
    let moved = |sequence, minute: i64| {
        let moved = ArrivalMoved {
            received: receipt.reference,
            at: UtcMillis(minute * MINUTE),
            reason: "wrong clock".into(),
        };
        entry(1, sequence, 150, Role::Pharmacist, &moved)
    };
    let (first, second) = (moved(4, 60), moved(5, 70));
    let approves = |sequence, one: &SignedEntry| {
        let approval = entry(3, sequence, 160, Role::Quality, &Approved { approves: one.reference });
        SignedEntry { heads: vec![Held { log: [1; 32], size: 6 }], ..approval }
    };
    entries.extend([receipt.clone(), first.clone(), second.clone()]);
    assert_eq!(refusal_of(entries.clone(), approves(1, &first)), Some(Refusal::OutOfOrder));
    entries.push(approves(2, &second));
    assert_eq!(refusal_of(entries.clone(), approves(3, &first)), Some(Refusal::OutOfOrder));
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(story.arrival(), Some(UtcMillis(70 * MINUTE)));
    assert!(story.unapproved().is_none());
    assert!(!story.next_steps(&judgement).iter().any(|next| next.step == crate::api::Step::Approve));
}

fn assessed(excursions: &[i64]) -> AssessmentRecord {
    let (mut entries, _) = under_way();
    let values: Vec<i32> = excursions.iter().map(|value| *value as i32).collect();
    let (sealed, batch) = readings(2, 0, 10, &values, Provenance::P3);
    entries[2] = sealed;
    let (_, judgement) = judged(entries, &[batch]);
    AssessmentRecord {
        rules: crate::assess::RULES.into(),
        profile: created().profile,
        verdict: judgement.verdict,
        reasons: judgement.reasons.clone(),
        series: judgement.series.iter().map(|series| series.to_record()).collect(),
        batches: Vec::new(),
        replaces: None,
        lines: None,
        conditions: None,
    }
}

/// Received and, after a review, released by quality, all of it out of range before.
fn released() -> Vec<SignedEntry> {
    let (mut entries, _) = under_way();
    let review = Review { cause: "door".into(), action: None, asked: None };
    let release = Disposition {
        decision: Decision::Release,
        reason: "stable".into(),
        lines: None,
        assessment: None,
        open: None,
    };
    push(&mut entries, entry(1, 3, 140, Role::Pharmacist, &received(140)));
    push(&mut entries, entry(1, 4, 141, Role::Pharmacist, &assessed(&[5000, 5000, 9000, 9000, 9000])));
    push(&mut entries, entry(1, 5, 145, Role::Pharmacist, &review));
    push(&mut entries, entry(3, 1, 150, Role::Quality, &release));
    entries
}

#[test]
fn whatever_comes_after_a_release_and_is_signed_anew_makes_a_finding_due_and_worse_holds_the_stock() {
    let mut entries = released();
    let story = tell(entries.clone());
    assert_eq!(
        StockNow::of(&story, Verdict::Excursion, &[]).state(),
        Some(Stock::Released),
        "{:?}",
        story.told.last()
    );
    assert_eq!(story.finding_due(), None);
    let (found, _) = readings(2, 1, 41, &[39_000], Provenance::P3);
    push(&mut entries, SignedEntry { at: UtcMillis(160 * MINUTE), ..found });
    let newer = entry(2, 2, 161, Role::Courier, &assessed(&[5000, 39_000, 9000, 9000, 9000]));
    push(&mut entries, newer.clone());
    let story = tell(entries.clone());
    let due = story.finding_due().unwrap();
    assert_eq!((due.assessed.reference, due.by), (newer.reference, FoundBy::Readings));
    let finding = Finding {
        disposition: due.decision.reference,
        assessment: newer.reference,
        lines: Vec::new(),
        words: "39 °C".into(),
    };
    push(&mut entries, entry(1, 6, 170, Role::Pharmacist, &finding));
    let story = tell(entries);
    assert_eq!(story.finding_due(), None);
    assert_eq!(StockNow::of(&story, Verdict::Excursion, &[]).state(), Some(Stock::Quarantine));
}

#[test]
fn a_corrected_arrival_that_is_approved_after_a_release_makes_a_finding_due() {
    let mut entries = released();
    let received = entries[3].reference;
    let moved = ArrivalMoved { received, at: UtcMillis(120 * MINUTE), reason: "wrong clock".into() };
    let moved = entry(1, 6, 160, Role::Pharmacist, &moved);
    push(&mut entries, moved.clone());
    push(&mut entries, entry(3, 2, 165, Role::Quality, &Approved { approves: moved.reference }));
    assert_eq!(tell(entries.clone()).finding_due(), None, "nothing is signed of it yet");
    push(&mut entries, entry(3, 3, 166, Role::Quality, &assessed(&[5000, 5000, 9000, 9000])));
    assert_eq!(tell(entries).finding_due().unwrap().by, FoundBy::Arrival);
}

#[test]
fn readings_sealed_before_their_time_are_a_reason_to_look_at_the_clock() {
    let (mut entries, batch) = journey(&[5000, 5000, 5000], Provenance::P3);
    entries[2].at = UtcMillis(64 * MINUTE);
    let (_, judgement) = judged(entries.clone(), std::slice::from_ref(&batch));
    assert_eq!((judgement.verdict, judgement.reasons), (Verdict::Review, vec![Reason::Clock]));
    entries[2].at = UtcMillis(65 * MINUTE);
    assert_eq!(judged(entries, &[batch]).1.verdict, Verdict::Ok, "clocks differ by up to five minutes");
}
