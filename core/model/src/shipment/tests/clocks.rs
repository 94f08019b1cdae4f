//! Clocks that differ, as entries show them that hold what was dated later.

use super::late::push;
use super::*;

/// Minutes from here on are asked for.
const SINCE: i64 = STORIES_BEGIN.0 / MINUTE;

fn at(log: u8, sequence: u64, minute: i64, body: &impl Body) -> SignedEntry {
    entry(log, sequence, SINCE + minute, Role::Pharmacist, body)
}

fn picked_up(minute: i64) -> Started {
    started(SINCE + minute)
}

fn arrived(minute: i64) -> Received {
    received(SINCE + minute)
}

fn explained(text: &str) -> Acknowledged {
    let explanation = text.to_owned();
    Acknowledged { reasons: vec![Explained { reason: Reason::Clock, explanation }] }
}

/// Created by the office, picked up by the dock, which measures until minute 130: too warm from minute 100 on.
fn under_way(values: &[i32]) -> (Vec<SignedEntry>, Batch) {
    let mut entries = vec![at(1, 1, 0, &created())];
    push(&mut entries, at(2, 1, 10, &picked_up(10)));
    let (sealed, batch) = readings(2, 2, SINCE + 10, values, Provenance::P3);
    push(&mut entries, sealed);
    (entries, batch)
}

fn reasons(entries: &[SignedEntry], batch: &Batch) -> Vec<Reason> {
    judged(entries.to_vec(), std::slice::from_ref(batch)).1.reasons
}

#[test]
fn an_entry_that_holds_one_dated_more_than_five_minutes_later_shows_a_wrong_clock() {
    let note = Quarantined { reason: "a dent".into() };
    let shown = |minute: i64, held: bool| {
        let (mut entries, batch) = under_way(&[5000; 5]);
        match held {
            true => push(&mut entries, at(1, 2, minute, &note)),
            false => entries.push(at(1, 2, minute, &note)),
        }
        reasons(&entries, &batch).contains(&Reason::Clock)
    };
    assert!(!shown(125, true), "clocks differ by up to five minutes");
    assert!(shown(124, true));
    assert!(!shown(124, false), "who did not hold it may have signed before");

    let (mut entries, batch) = under_way(&[5000; 5]);
    push(&mut entries, at(1, 2, 110, &note));
    push(&mut entries, at(1, 3, 115, &note));
    let (story, _) = judged(entries, std::slice::from_ref(&batch));
    let [difference] = &story.clock_differences()[..] else { panic!("two devices, one difference") };
    assert_eq!((&*difference.behind.label, &*difference.ahead.label), ("device 1", "device 2"));
    assert_eq!(difference.difference_s, 20 * 60, "the most that is shown");
    assert_eq!(difference.ahead_at, UtcMillis((SINCE + 130) * MINUTE));
}

#[test]
fn an_assessment_puts_no_clock_in_question_that_it_would_have_to_tell_of_itself() {
    let (mut entries, batch) = under_way(&[5000; 5]);
    let record = record_of(&judged(entries.clone(), std::slice::from_ref(&batch)).1);
    push(&mut entries, at(1, 2, 110, &record));
    assert!(!reasons(&entries, &batch).contains(&Reason::Clock));
}

#[test]
fn a_receipt_by_a_slow_clock_leaves_out_no_reading_that_its_signer_held() {
    let (mut entries, batch) = under_way(&[5000, 5000, 5000, 9000, 9000]);
    let (story, _) = {
        let mut blind = entries.clone();
        blind.push(at(1, 2, 80, &arrived(80)));
        judged(blind, std::slice::from_ref(&batch))
    };
    assert_eq!(story.arrival(), Some(UtcMillis((SINCE + 80) * MINUTE)), "what comes from elsewhere later");
    push(&mut entries, at(1, 2, 80, &arrived(80)));
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(story.arrival(), Some(UtcMillis((SINCE + 130) * MINUTE)));
    assert_eq!(judgement.verdict, Verdict::Excursion);
    assert!(judgement.reasons.contains(&Reason::Clock));
    assert_eq!(story.received.unwrap().says.at, UtcMillis((SINCE + 80) * MINUTE), "as it was signed");
}

#[test]
fn a_pick_up_by_a_fast_clock_blocks_no_receipt_and_swallows_no_reading() {
    let mut entries = vec![at(1, 1, 0, &created())];
    push(&mut entries, at(2, 1, 130, &picked_up(130)));
    let (sealed, batch) = readings(1, 2, SINCE + 10, &[9000, 9000, 5000], Provenance::P3);
    let refused = |entries: &[SignedEntry]| tell(entries.to_vec()).told.last().unwrap().refused;

    let mut near = entries.clone();
    push(&mut near, at(1, 2, 125, &arrived(125)));
    assert_eq!(refused(&near), Some(Refusal::OutOfOrder), "clocks differ by up to five minutes");

    let now = UtcMillis((SINCE + 75) * MINUTE);
    assert!(!tell(entries.clone()).would_arrive_too_early(now, Looking { log: [1; 32], at: now }));
    push(&mut entries, sealed);
    let given = Received { reason: Some("the phone was wrong".into()), ..arrived(60) };
    let mut late = entries.clone();
    push(&mut late, at(1, 3, 75, &given));
    assert_eq!(refused(&late), None, "a time that a person gives");
    push(&mut entries, at(1, 3, 75, &arrived(75)));
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(story.picked_up(), Some(UtcMillis(SINCE * MINUTE)), "after the office had created it");
    assert_eq!(judgement.verdict, Verdict::Excursion, "warm before the time that the pick-up gives");
    assert!(judgement.reasons.contains(&Reason::Clock));
    assert_eq!(story.started.unwrap().says.at, UtcMillis((SINCE + 130) * MINUTE), "as it was signed");
}

#[test]
fn a_pick_up_whose_time_a_person_gave_rests_on_no_clock() {
    let mut entries = vec![at(1, 1, 0, &created())];
    let given = Started { reason: Some("from the book".into()), ..picked_up(10) };
    push(&mut entries, at(2, 1, 130, &given));
    push(&mut entries, at(1, 2, 75, &arrived(75)));
    assert_eq!(tell(entries).picked_up(), Some(UtcMillis((SINCE + 10) * MINUTE)));
}

#[test]
fn a_wrong_clock_is_explained_once_and_asked_about_again_where_it_is_worse_or_another() {
    let (mut entries, batch) = under_way(&[5000; 5]);
    let open = |entries: &[SignedEntry]| {
        let (story, judgement) = judged(entries.to_vec(), std::slice::from_ref(&batch));
        story.unexplained(&judgement).contains(&Reason::Clock)
    };
    let note = |text: &str| Quarantined { reason: text.into() };
    push(&mut entries, at(1, 2, 110, &note("twenty minutes")));
    assert!(open(&entries));
    let record = record_of(&judged(entries.clone(), std::slice::from_ref(&batch)).1);
    push(&mut entries, at(1, 3, 111, &record));
    push(&mut entries, at(1, 4, 112, &explained("the office computer is slow")));
    assert!(!open(&entries), "by the clock that it speaks of itself");
    push(&mut entries, at(2, 3, 140, &note("honest")));
    push(&mut entries, at(1, 5, 116, &note("no more than five minutes further")));
    assert!(!open(&entries));
    let mut another = entries.clone();
    push(&mut another, at(3, 1, 118, &note("another device is slow, too")));
    assert!(!open(&another), "by no more, from the same clock that may be ahead");
    push(&mut another, at(3, 2, 141, &note("honest")));
    push(&mut another, at(4, 1, 130, &note("slow beside a third")));
    assert!(open(&another), "two devices of which nobody knew");
    push(&mut entries, at(1, 6, 114, &note("further behind")));
    assert!(open(&entries));
}
