//! Corrections of the pick-up: an earlier time at once, a later one by a second person, whatever the clocks say.

use super::late::push;
use super::*;

/// Minutes from here on are asked for.
const SINCE: i64 = STORIES_BEGIN.0 / MINUTE;

fn at(log: u8, sequence: u64, minute: i64, body: &impl Body) -> SignedEntry {
    entry(log, sequence, SINCE + minute, Role::Pharmacist, body)
}

fn minute(minute: i64) -> Option<UtcMillis> {
    Some(UtcMillis((SINCE + minute) * MINUTE))
}

fn moved(of: &SignedEntry, minute: i64) -> PickUpMoved {
    let at = UtcMillis((SINCE + minute) * MINUTE);
    PickUpMoved { started: of.reference, at, reason: "the phone was ahead".into() }
}

fn approves(of: &SignedEntry) -> Approved {
    Approved { approves: of.reference }
}

/// Created by device 1, picked up by device 2 at minute 30 by its clock, warm until minute 60, received by device 1 at
/// minute 160.
fn received_after() -> (Vec<SignedEntry>, Batch) {
    let mut entries = vec![at(1, 1, 0, &created())];
    push(&mut entries, at(2, 1, 30, &started(SINCE + 30)));
    let (sealed, batch) = readings(2, 2, SINCE, &[9000, 5000, 5000, 5000, 5000, 5000], Provenance::P3);
    push(&mut entries, sealed);
    push(&mut entries, at(1, 2, 160, &received(SINCE + 160)));
    (entries, batch)
}

fn pushed(entries: &mut Vec<SignedEntry>, entry: SignedEntry) -> SignedEntry {
    push(entries, entry);
    entries.last().unwrap().clone()
}

fn refusal_of(entries: &[SignedEntry], last: SignedEntry) -> Option<Refusal> {
    let mut entries = entries.to_vec();
    let last = pushed(&mut entries, last);
    tell(entries).told.iter().find(|told| told.entry.reference == last.reference).unwrap().refused
}

fn picked_up(entries: &[SignedEntry]) -> Option<UtcMillis> {
    tell(entries.to_vec()).picked_up()
}

fn steps(entries: &[SignedEntry], batch: &Batch) -> Vec<crate::api::Step> {
    let (story, judgement) = judged(entries.to_vec(), std::slice::from_ref(batch));
    story.next_steps(&judgement).into_iter().map(|next| next.step).collect()
}

#[test]
fn an_earlier_pick_up_counts_at_once_with_all_that_was_measured_since() {
    let (mut entries, batch) = received_after();
    let before = judged(entries.clone(), std::slice::from_ref(&batch));
    assert_eq!(before.1.verdict, Verdict::Ok);
    assert!(steps(&entries, &batch).contains(&crate::api::Step::MovePickUp));
    let start = entries[1].clone();
    push(&mut entries, at(1, 3, 170, &moved(&start, 0)));
    let (story, judgement) = judged(entries, &[batch]);
    assert_eq!(story.picked_up(), minute(0));
    assert_eq!(story.pick_up_otherwise_signed(), minute(30), "the time as signed stays beside it");
    assert_eq!(judgement.verdict, Verdict::Excursion, "warm before the time that was signed");
    assert!(story.unapproved_pick_up().is_none());
    let [correction] = &story.pick_up_corrections()[..] else { panic!("one correction") };
    assert_eq!((Some(correction.at), &correction.approved_by), (minute(0), &None));
}

#[test]
fn a_later_pick_up_counts_once_somebody_approves_who_neither_proposed_it_nor_carried() {
    let (mut entries, batch) = received_after();
    let start = entries[1].clone();
    let proposed = pushed(&mut entries, at(1, 3, 170, &moved(&start, 60)));
    let story = tell(entries.clone());
    assert_eq!(story.picked_up(), minute(30));
    assert_eq!(story.unapproved_pick_up().map(|one| one.reference), Some(proposed.reference));
    assert!(story.pick_up_corrections().is_empty(), "it moved nothing yet");
    assert!(steps(&entries, &batch).contains(&crate::api::Step::ApprovePickUp));
    for involved in [(1, 4), (2, 3)] {
        let own = at(involved.0, involved.1, 180, &approves(&proposed));
        assert_eq!(refusal_of(&entries, own), Some(Refusal::SecondPersonNeeded), "device {}", involved.0);
    }
    let (story, judgement) = judged(entries.clone(), std::slice::from_ref(&batch));
    let approve = story.next_steps(&judgement);
    let approve = approve.iter().find(|next| next.step == crate::api::Step::ApprovePickUp).unwrap();
    assert_eq!(approve.except, ["device 1", "device 2"]);
    let agreed = pushed(&mut entries, at(3, 1, 180, &approves(&proposed)));
    let story = tell(entries.clone());
    assert_eq!((story.picked_up(), story.unapproved_pick_up()), (minute(60), None));
    let [correction] = &story.pick_up_corrections()[..] else { panic!("one correction") };
    assert_eq!(correction.approved_by.as_ref().unwrap().name(), "device 3");
    assert_eq!(correction.since, agreed.reference);
    assert!(!steps(&entries, &batch).contains(&crate::api::Step::ApprovePickUp));
    assert_eq!(refusal_of(&entries, at(3, 2, 190, &approves(&proposed))), Some(Refusal::Repeated));
}

#[test]
fn a_correction_names_a_pick_up_that_counts_says_why_and_is_not_after_the_arrival_or_still_to_come() {
    let (entries, _) = received_after();
    let start = entries[1].clone();
    let refused = |says: PickUpMoved| refusal_of(&entries, at(1, 3, 170, &says));
    assert_eq!(refused(moved(&start, 160)), None);
    assert_eq!(refused(moved(&start, 161)), Some(Refusal::OutOfOrder));
    assert_eq!(refused(moved(&entries[3], 20)), Some(Refusal::OutOfOrder), "a receipt is no pick-up");
    let silent = PickUpMoved { reason: " ".into(), ..moved(&start, 20) };
    assert_eq!(refused(silent), Some(Refusal::MalformedBody));
    let under_way = at(2, 3, 150, &moved(&start, 156));
    assert_eq!(refusal_of(&entries[..3], under_way), Some(Refusal::StillToCome));
}

#[test]
fn of_corrections_that_did_not_know_of_each_other_the_earliest_stands_whichever_clock_is_ahead() {
    for (one_at, other_at) in [(170, 175), (175, 170)] {
        let (base, _) = received_after();
        let start = base[1].clone();
        let (mut one, mut other) = (base.clone(), base.clone());
        let later = pushed(&mut one, at(4, 1, one_at, &moved(&start, 60)));
        push(&mut one, at(5, 1, one_at + 1, &approves(&later)));
        let earlier = pushed(&mut other, at(6, 1, other_at, &moved(&start, 10)));
        assert_eq!((picked_up(&one), picked_up(&other)), (minute(60), minute(10)));
        let mut both = [&one[..], &[earlier]].concat();
        assert_eq!(picked_up(&both), minute(10), "approved or not");
        let mut turned = both.clone();
        turned.reverse();
        assert_eq!(tell(turned), tell(both.clone()));
        // Who knows of both may correct further, with a second person who does.
        let known = pushed(&mut both, at(4, 2, 180, &moved(&start, 20)));
        assert_eq!(picked_up(&both), minute(10));
        push(&mut both, at(3, 1, 190, &approves(&known)));
        assert_eq!(picked_up(&both), minute(20));
    }
}

#[test]
fn a_second_earlier_correction_supersedes_a_later_one_that_waits() {
    let (mut entries, _) = received_after();
    let start = entries[1].clone();
    let waits = pushed(&mut entries, at(1, 3, 170, &moved(&start, 60)));
    push(&mut entries, at(4, 1, 171, &moved(&start, 20)));
    let story = tell(entries.clone());
    assert_eq!((story.picked_up(), story.unapproved_pick_up()), (minute(20), None));
    assert_eq!(refusal_of(&entries, at(3, 1, 180, &approves(&waits))), Some(Refusal::OutOfOrder));
}

#[test]
fn of_several_pick_ups_a_correction_moves_the_one_that_it_names() {
    let mut entries = vec![at(1, 1, 0, &created())];
    let mut other = entries.clone();
    push(&mut entries, at(2, 1, 30, &started(SINCE + 30)));
    push(&mut other, at(3, 1, 40, &started(SINCE + 40)));
    entries.push(other[1].clone());
    let (first, second) = (entries[1].clone(), entries[2].clone());
    assert_eq!(picked_up(&entries), minute(30));
    push(&mut entries, at(1, 2, 60, &moved(&second, 35)));
    assert_eq!(picked_up(&entries), minute(30), "the other one is earlier");
    let proposed = pushed(&mut entries, at(1, 3, 61, &moved(&first, 50)));
    push(&mut entries, at(4, 1, 62, &approves(&proposed)));
    let story = tell(entries);
    assert_eq!(story.picked_up(), minute(35));
    assert_eq!(story.pick_up_corrections().len(), 1, "the one that moved what counts");
    assert_eq!(story.pick_up_named(Some("device 3")), Ok(second.reference));
    assert_eq!(story.pick_up_named(None).unwrap_err().len(), 2);
    assert!(story.pick_up_named(Some("device 9")).unwrap_err().is_empty());
}

#[test]
fn an_approved_pick_up_after_an_arrival_that_nobody_knew_of_leaves_the_signed_time() {
    let (entries, _) = received_after();
    let (under_way, receipt) = (entries[..3].to_vec(), &entries[3]);
    let start = entries[1].clone();
    let mut office = under_way.clone();
    let proposed = pushed(&mut office, at(4, 1, 200, &moved(&start, 190)));
    push(&mut office, at(5, 1, 201, &approves(&proposed)));
    assert_eq!(picked_up(&office), minute(190));
    office.push(receipt.clone());
    assert_eq!(picked_up(&office), minute(30));
}

#[test]
fn a_person_gives_the_time_where_a_clock_that_was_ahead_left_it_to_the_first_reading() {
    let mut entries = vec![at(1, 1, 0, &created())];
    let start = pushed(&mut entries, at(2, 1, 130, &started(SINCE + 130)));
    push(&mut entries, at(1, 2, 75, &received(SINCE + 75)));
    assert_eq!(picked_up(&entries), minute(0), "what its signer held of others");
    let proposed = pushed(&mut entries, at(1, 3, 80, &moved(&start, 60)));
    assert_eq!(picked_up(&entries), minute(0), "later than that, so that fewer readings would count");
    push(&mut entries, at(3, 1, 140, &approves(&proposed)));
    let story = tell(entries);
    assert_eq!(story.picked_up(), minute(60));
    assert!(story.has_differing_clocks(), "the clocks differ all the same, and somebody explains it");
}

#[test]
fn a_pick_up_that_is_corrected_after_a_release_holds_the_stock_where_that_is_worse_and_makes_a_finding_due() {
    let (mut entries, batch) = received_after();
    let start = entries[1].clone();
    let verdict =
        |entries: &[SignedEntry]| record_of(&judged(entries.to_vec(), std::slice::from_ref(&batch)).1);
    let signed = verdict(&entries);
    push(&mut entries, at(1, 3, 161, &signed));
    let release = Disposition {
        decision: Decision::Release,
        reason: "in range".into(),
        lines: None,
        assessment: None,
        open: None,
    };
    push(&mut entries, at(3, 1, 165, &release));
    let stock = |entries: &[SignedEntry]| {
        let (story, judgement) = judged(entries.to_vec(), std::slice::from_ref(&batch));
        (story.stock_now(&judgement).state(), story.finding_due().map(|due| due.by))
    };
    assert_eq!(stock(&entries), (Some(Stock::Released), None));
    let mut waiting = entries.clone();
    push(&mut waiting, at(1, 4, 170, &moved(&start, 40)));
    let signed = verdict(&waiting);
    push(&mut waiting, at(1, 5, 171, &signed));
    assert_eq!(stock(&waiting), (Some(Stock::Released), None), "one person alone changes nothing");
    push(&mut entries, at(1, 4, 170, &moved(&start, 0)));
    assert_eq!(stock(&entries).0, Some(Stock::Quarantine), "wherever it is known");
    let signed = verdict(&entries);
    push(&mut entries, at(1, 5, 171, &signed));
    assert_eq!(stock(&entries), (Some(Stock::Quarantine), Some(FoundBy::PickUpMoved)));
}
