//! Clocks that devices compared when they synced.

use super::late::{self, push};
use super::*;
use crate::api::ClockDifference;

const SINCE: i64 = STORIES_BEGIN.0 / MINUTE;
const DAY: i64 = 24 * 60;
const OFFICE: u8 = 1;
const DOCK: u8 = 2;
const VAN: u8 = 3;

fn at(log: u8, sequence: u64, minute: i64, body: &impl Body) -> SignedEntry {
    entry(log, sequence, SINCE + minute, Role::Pharmacist, body)
}

/// A comparison that `log` signed, of minutes that `peer` was ahead.
fn compared(log: u8, sequence: u64, minute: i64, peer: u8, minutes: i64) -> SignedEntry {
    at(
        log,
        sequence,
        minute,
        &ClockCompared { peer: [peer; 32], difference_ms: minutes * MINUTE, dated_back: None },
    )
}

/// Created by the office at 0, picked up by the dock at two days, received by the office an hour later.
fn shipment() -> Vec<SignedEntry> {
    let mut entries = vec![at(OFFICE, 10, 0, &created())];
    push(&mut entries, at(DOCK, 10, 2 * DAY, &started(SINCE + 2 * DAY)));
    push(&mut entries, at(OFFICE, 20, 2 * DAY + 60, &received(SINCE + 2 * DAY + 60)));
    entries
}

fn told(entries: &[SignedEntry], compared: &[SignedEntry]) -> (Story, Judgement) {
    let story = tell_within(entries.to_vec(), tell_organisation(compared.to_vec()));
    let (batches, fleet, earlier) = (BTreeMap::new(), Fleet::default(), BTreeMap::new());
    let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &BTreeMap::new() };
    let judgement = judge(&story, &grounds);
    (story, judgement)
}

fn asks(compared: &[SignedEntry]) -> bool {
    told(&shipment(), compared).1.reasons.contains(&Reason::Clock)
}

#[test]
fn a_difference_is_shown_above_a_minute_and_signed_above_five_once_until_it_changes_or_ends() {
    assert_eq!([60_000, -60_000].map(shown_clock_difference_s), [None, None]);
    assert_eq!([61_500, -61_500].map(shown_clock_difference_s), [Some(61), Some(-61)]);
    let due = |last: Option<i64>, minutes: i64, seconds: i64, later: i64| {
        let before = last.map(|minutes| (minutes * MINUTE, UtcMillis(0)));
        is_comparison_due(before, minutes * MINUTE + seconds * 1000, UtcMillis(later * MINUTE))
    };
    assert!(!due(None, 5, 0, 1) && !due(None, -5, 0, 1));
    assert!(due(None, 5, 1, 1) && due(None, -5, -1, 1));
    assert!(!due(Some(20), 20, 60, 1) && due(Some(20), 20, 61, 1) && due(Some(20), -20, 0, 1));
    assert!(due(Some(20), 2, 0, 1), "it ends");
    assert!(!due(Some(2), 1, 0, 1) && due(Some(2), 6, 0, 1), "once");
    assert!(!due(Some(20), 20, 0, DAY / 2) && due(Some(20), 20, 0, DAY / 2 + 1), "it stays");
}

#[test]
fn a_comparison_bears_on_the_times_that_either_device_signed_within_a_day_of_a_meeting() {
    assert!(!asks(&[]));
    for minutes in [20, -20] {
        let before = DAY / 2;
        assert!(
            asks(&[compared(DOCK, 1, before, OFFICE, minutes)]),
            "a day before, and half of one unsigned"
        );
        assert!(asks(&[compared(OFFICE, 21, 3 * DAY + 60, DOCK, minutes)]), "a day after the receipt");
    }
    assert!(asks(&[compared(VAN, 1, 2 * DAY, DOCK, 20)]), "by a third device about one of them");
    assert!(!asks(&[compared(DOCK, 1, DAY / 2 - 1, VAN, 20)]), "longer ago");
    assert!(!asks(&[compared(OFFICE, 21, 3 * DAY + 61, VAN, 20)]), "longer afterwards");
    assert!(!asks(&[compared(VAN, 1, 2 * DAY, 4, 20)]), "of other devices");
    assert!(!asks(&[compared(DOCK, 1, 2 * DAY, OFFICE, 5)]), "within what clocks may differ");
    let shown = told(&shipment(), &[compared(DOCK, 1, 2 * DAY, OFFICE, 20)]).0.clock_differences();
    let [one] = &shown[..] else { panic!("one") };
    assert_eq!((&*one.behind.label, &*one.ahead.label, one.difference_s), ("device 2", "device 1", 1200));
}

#[test]
fn a_comparison_that_ended_before_a_time_was_signed_bears_on_it_no_more() {
    let wrong = compared(DOCK, 1, 2 * DAY - 60, OFFICE, 20);
    assert!(asks(std::slice::from_ref(&wrong)));
    let dock_alone = |ending: SignedEntry| {
        // The receipt is of the van's device, which compared nothing.
        let mut entries = shipment();
        entries.truncate(2);
        push(&mut entries, at(VAN, 1, 2 * DAY + 60, &received(SINCE + 2 * DAY + 60)));
        told(&entries, &[wrong.clone(), ending]).1.reasons.contains(&Reason::Clock)
    };
    assert!(!dock_alone(compared(DOCK, 2, 2 * DAY - 30, OFFICE, 1)));
    assert!(dock_alone(compared(DOCK, 2, 2 * DAY - 30, OFFICE, 20)), "it goes on");
    assert!(dock_alone(compared(DOCK, 2, 2 * DAY - 30, VAN, 1)), "of another device");
    assert!(dock_alone(compared(DOCK, 11, 2 * DAY + 30, OFFICE, 1)), "after the time was signed");
}

#[test]
fn a_comparison_is_explained_once_and_asked_about_again_where_it_comes_later_or_is_worse() {
    let first = compared(DOCK, 1, 2 * DAY, OFFICE, 20);
    let mut entries = shipment();
    let record = record_of(&told(&entries, std::slice::from_ref(&first)).1);
    push(&mut entries, at(OFFICE, 21, 2 * DAY + 61, &record));
    entries.last_mut().unwrap().heads.iter_mut().for_each(|head| head.size = 11);
    let explanation = "the dock's tablet was slow".to_owned();
    let explained = Acknowledged { reasons: vec![Explained { reason: Reason::Clock, explanation }] };
    push(&mut entries, at(OFFICE, 22, 2 * DAY + 62, &explained));
    let open = |compared: &[SignedEntry]| {
        let (story, judgement) = told(&entries, compared);
        story.unexplained(&judgement).contains(&Reason::Clock)
    };
    assert!(!open(std::slice::from_ref(&first)));
    let later = |minutes: i64, peer: u8| vec![first.clone(), compared(DOCK, 12, 2 * DAY + 90, peer, minutes)];
    assert!(!open(&later(22, OFFICE)), "no further off");
    assert!(open(&later(26, OFFICE)), "further off");
    assert!(!open(&later(20, VAN)), "the same clock, beside another device");
    assert!(open(&later(-20, VAN)), "another clock");
}

/// What both devices sign that met when the office's clock said `minute`, and the van's so much more.
fn met(entries: &mut Vec<SignedEntry>, sequence: u64, minute: i64, ahead: i64) {
    let both = [
        compared(OFFICE, sequence, minute, VAN, ahead),
        compared(VAN, sequence, minute + ahead, OFFICE, -ahead),
    ];
    let both: Vec<SignedEntry> = both.into_iter().map(|one| late::after(entries, one)).collect();
    entries.extend(both);
}

/// Whether the pick-up of a shipment that the office signs alone, at a minute, asks about its clock.
fn asks_of_the_office(compared: &[SignedEntry], minute: i64) -> bool {
    let mut entries: Vec<SignedEntry> = compared.to_vec();
    push(&mut entries, at(OFFICE, 10, minute, &created()));
    push(&mut entries, at(OFFICE, 11, minute, &started(SINCE + minute)));
    told(&entries.split_off(compared.len()), compared).1.reasons.contains(&Reason::Clock)
}

#[test]
fn a_clock_that_was_ahead_and_was_set_right_asks_nothing_of_what_others_sign_then() {
    for ahead in [20, 120, -20] {
        let mut compared = Vec::new();
        met(&mut compared, 1, 0, ahead);
        assert!(asks_of_the_office(&compared, 10), "{ahead}");
        met(&mut compared, 2, 5, 0);
        // The office has not heard yet what the van signed of the second time.
        compared.pop();
        assert!(!asks_of_the_office(&compared, 10), "{ahead}");
        met(&mut compared, 3, 30, ahead);
        assert!(asks_of_the_office(&compared, 40), "it is wrong again {ahead}");
    }
}

#[test]
fn of_comparisons_that_did_not_know_of_each_other_one_ends_the_other_where_both_clocks_say_so() {
    let over = |minute: i64| compared(OFFICE, 1, minute, VAN, 1);
    let wrong = |minute: i64| compared(VAN, 1, minute, OFFICE, -20);
    assert!(!asks_of_the_office(&[over(61), wrong(60)], 90));
    assert!(asks_of_the_office(&[over(41), wrong(60)], 90), "by the office's clock alone");
    assert!(asks_of_the_office(&[over(39), wrong(60)], 90));
}

#[test]
fn a_clock_that_is_wrong_before_and_after_is_not_forgotten_in_between() {
    for gap in [37 * 60, 60 * DAY] {
        let before = compared(VAN, 1, 0, OFFICE, -20);
        let after = |sequence: u64, minutes: i64| compared(VAN, sequence, 2 * gap, OFFICE, minutes);
        // The van picks up in the middle; nobody else compared anything.
        let mut entries = vec![at(DOCK, 1, 0, &created())];
        push(&mut entries, at(VAN, 10, gap, &started(SINCE + gap)));
        let asks = |compared: &[SignedEntry]| told(&entries, compared).1.reasons.contains(&Reason::Clock);
        assert!(asks(&[before.clone(), after(20, -20)]), "{gap}");
        assert!(!asks(&[after(20, -20)]), "before, nothing is known {gap}");
        assert!(!asks(&[before.clone(), after(20, 0)]), "it was over {gap}");
        let right = compared(VAN, 11, gap + gap / 2, OFFICE, 0);
        assert!(
            !asks(&[before.clone(), right, compared(VAN, 20, 4 * gap, OFFICE, -20)]),
            "over between {gap}"
        );
        let by_office = |sequence: u64, minute: i64| compared(OFFICE, sequence, minute, VAN, 20);
        assert!(asks(&[by_office(1, 0), by_office(2, 2 * gap)]), "as the other device signed it {gap}");
        assert!(!asks(&[by_office(1, gap + 3000), by_office(2, 3 * gap + 6000)]), "both afterwards {gap}");
    }
}

#[test]
fn who_explained_before_the_second_comparison_was_known_is_asked_again_by_what_it_tells_of_the_time_between()
{
    let gap = 3 * DAY;
    let compared = [compared(VAN, 1, 0, OFFICE, -20), compared(VAN, 20, 2 * gap, OFFICE, -20)];
    let mut entries = vec![at(DOCK, 1, 0, &created())];
    push(&mut entries, at(VAN, 10, gap, &started(SINCE + gap)));
    push(&mut entries, at(DOCK, 2, gap + 60, &received(SINCE + gap + 60)));
    let record = record_of(&told(&entries, &compared).1);
    let explanation = Explained { reason: Reason::Clock, explanation: "something else".into() };
    let explained = |heard: u64| {
        let mut entries = entries.clone();
        for (sequence, body) in [
            (3, at(DOCK, 3, 2 * gap, &record)),
            (4, { at(DOCK, 4, 2 * gap, &Acknowledged { reasons: vec![explanation.clone()] }) }),
        ] {
            let heads = vec![Held { log: [VAN; 32], size: heard }];
            entries.push(SignedEntry { sequence, heads, ..body });
        }
        let (story, judgement) = told(&entries, &compared);
        story.unexplained(&judgement).contains(&Reason::Clock)
    };
    assert!(explained(11), "the pick-up alone");
    assert!(!explained(21));
}

/// From when to when readings of the shipment count, as minutes after its pick-up.
fn span(entries: &[SignedEntry], compared: &[SignedEntry]) -> [Option<i64>; 2] {
    let story = told(entries, compared).0;
    let minutes = |at: UtcMillis| at.0 / MINUTE - SINCE - 2 * DAY;
    [story.picked_up(), story.arrival()].map(|at| at.map(minutes))
}

#[test]
fn readings_count_by_the_stricter_of_two_compared_clocks_that_gave_the_shipment_its_times() {
    let dock_ahead = |minutes: i64| [compared(DOCK, 1, 2 * DAY - 60, OFFICE, -minutes)];
    assert_eq!(span(&shipment(), &[]), [Some(0), Some(60)]);
    // The dock was ahead of the office: it picked up earlier than it says, and the office received later.
    assert_eq!(span(&shipment(), &dock_ahead(25)), [Some(-25), Some(85)]);
    assert_eq!(span(&shipment(), &[compared(OFFICE, 11, 2 * DAY + 70, DOCK, 25)]), [Some(-25), Some(85)]);
    // The other way round each clock is the milder one of its own time.
    assert_eq!(span(&shipment(), &dock_ahead(-25)), [Some(0), Some(60)]);
    assert_eq!(span(&shipment(), &dock_ahead(5)), [Some(0), Some(60)], "within what clocks may differ");
    let story = told(&shipment(), &dock_ahead(25)).0;
    let signed = [story.pick_up_otherwise_signed(), story.receipt_otherwise_signed()];
    assert_eq!(signed, [0, 60].map(|minute| Some(UtcMillis((SINCE + 2 * DAY + minute) * MINUTE))));
}

#[test]
fn a_clock_that_gave_the_shipment_no_time_moves_none() {
    let by_van = [compared(VAN, 1, 2 * DAY - 60, DOCK, 25), compared(VAN, 2, 2 * DAY, OFFICE, -25)];
    assert!(asks(&by_van), "one of the clocks is wrong, and it may be the dock's");
    assert_eq!(span(&shipment(), &by_van), [Some(0), Some(60)]);
    let mut read_by_van = shipment();
    push(&mut read_by_van, readings(VAN, 10, SINCE + 2 * DAY + 20, &[50, 50], Provenance::P0).0);
    assert_eq!(span(&read_by_van, &by_van), [Some(-25), Some(85)], "readings are dated by who took them");
}

#[test]
fn a_time_that_a_person_gave_rests_on_no_compared_clock_and_a_correction_stands_for_the_signed_one() {
    let ahead = [compared(DOCK, 1, 2 * DAY - 60, OFFICE, -25)];
    let late = Started { reason: Some("the phone was flat".into()), ..started(SINCE + 2 * DAY - 30) };
    let mut entries = shipment();
    entries[1].body = late.to_bytes();
    assert_eq!(span(&entries, &ahead)[0], Some(-30));
    let mut entries = shipment();
    let moved = PickUpMoved {
        started: entries[1].reference,
        at: UtcMillis((SINCE + 2 * DAY) * MINUTE),
        reason: "the office's clock was wrong".into(),
    };
    push(&mut entries, at(OFFICE, 21, 2 * DAY + 70, &moved));
    let approves = entries.last().unwrap().reference;
    assert_eq!(span(&entries, &ahead)[0], Some(-25), "it waits for a second person");
    push(&mut entries, at(VAN, 1, 2 * DAY + 80, &Approved { approves }));
    assert_eq!(span(&entries, &ahead)[0], Some(0));
}

#[test]
fn two_clocks_are_shown_once_where_entries_and_a_comparison_tell_of_them_alike() {
    let mut entries = shipment();
    // The office holds the pick-up, which the dock signed twenty minutes later by its own clock.
    entries[2] = at(OFFICE, 20, 2 * DAY - 20, &received(SINCE + 2 * DAY - 20));
    let entries =
        vec![entries[0].clone(), entries[1].clone(), late::after(&entries[..2], entries[2].clone())];
    let by_entries = told(&entries, &[]).0.clock_differences();
    assert_eq!(by_entries.iter().map(|one| one.difference_s).collect::<Vec<_>>(), [1200]);
    for (minutes, shown) in [(25, vec![1500]), (10, vec![1200]), (-25, vec![1500, 1200])] {
        let differences =
            told(&entries, &[compared(OFFICE, 11, 2 * DAY, DOCK, minutes)]).0.clock_differences();
        let mut seconds: Vec<i64> = differences.iter().map(|one| one.difference_s).collect();
        seconds.sort_unstable_by(|one, other| other.cmp(one));
        assert_eq!(seconds, shown, "{minutes}");
    }
}

#[test]
fn the_same_difference_measured_again_moves_no_time_that_was_signed_by_and_a_greater_one_does() {
    let first = compared(DOCK, 1, 2 * DAY - 60, OFFICE, -25);
    let again = |milliseconds: i64| {
        let body =
            ClockCompared { peer: [DOCK; 32], difference_ms: 25 * MINUTE + milliseconds, dated_back: None };
        vec![at(OFFICE, 30, 2 * DAY + 720, &body), first.clone()]
    };
    let mut entries = shipment();
    // The receipt knows of the first alone.
    entries[2].heads = vec![Held { log: [DOCK; 32], size: 11 }];
    for milliseconds in [12, -12, 3000, 5 * MINUTE] {
        assert_eq!(span(&entries, &again(milliseconds)), [Some(-25), Some(85)], "{milliseconds}");
    }
    assert_eq!(span(&entries, &again(6 * MINUTE)), [Some(-31), Some(91)]);
}

#[test]
fn of_one_meeting_the_comparison_counts_that_the_receiver_held_whatever_is_heard_of_later() {
    let both = [compared(OFFICE, 11, 2 * DAY, DOCK, 25), {
        let body = ClockCompared { peer: [OFFICE; 32], difference_ms: -25 * MINUTE - 21, dated_back: None };
        at(DOCK, 11, 2 * DAY + 25, &body)
    }];
    // The receipt holds the office's own alone.
    let mut entries = shipment();
    entries[2].heads = vec![Held { log: [DOCK; 32], size: 11 }];
    let before = span(&entries, &both[..1]);
    // The dock signs more, holding its own, and the office hears of that after the release.
    let (sealed, _) = readings(DOCK, 12, SINCE + 2 * DAY + 26, &[50], Provenance::P0);
    entries.insert(2, SignedEntry { heads: Vec::new(), ..sealed });
    let ms = |at: Option<UtcMillis>| at.map(|at| at.0);
    let story = told(&entries, &both).0;
    let moved = [story.picked_up(), story.arrival()];
    assert_eq!(before, [Some(-25), Some(85)]);
    assert_eq!(moved.map(ms), before.map(|minute| minute.map(|minute| (SINCE + 2 * DAY + minute) * MINUTE)));
}

#[test]
fn a_late_receipt_that_waits_counts_up_to_its_signature_by_the_faster_clock() {
    let ahead = [compared(DOCK, 1, 2 * DAY - 60, OFFICE, -25)];
    let (sealed, _) = readings(DOCK, 11, SINCE + 2 * DAY + 30, &[50, 50], Provenance::P0);
    let mut entries = shipment();
    entries.truncate(2);
    push(&mut entries, sealed);
    let late = Received { reason: Some("busy".into()), ..received(SINCE + 2 * DAY + 20) };
    push(&mut entries, at(OFFICE, 20, 2 * DAY + 60, &late));
    assert_eq!(span(&entries, &[])[1], Some(60), "it leaves out readings, and waits");
    assert_eq!(span(&entries, &ahead)[1], Some(85));
}

#[test]
fn a_receipt_is_taken_where_only_the_pick_ups_clock_puts_it_too_early() {
    let ahead = [compared(DOCK, 1, 2 * DAY - 60, OFFICE, -25)];
    let refused = |compared: &[SignedEntry]| {
        let mut entries = shipment();
        entries[2] = late::after(&entries[..2], at(OFFICE, 20, 2 * DAY - 4, &received(SINCE + 2 * DAY - 20)));
        entries[2].body =
            Received { reason: Some("busy".into()), ..received(SINCE + 2 * DAY - 20) }.to_bytes();
        let story = told(&entries, compared).0;
        story.told.iter().find_map(|one| one.refused)
    };
    assert_eq!(refused(&[]), Some(Refusal::OutOfOrder));
    assert_eq!(refused(&ahead), None);
    let picked_up = told(&shipment()[..2], &ahead).0;
    let (arrival, now) =
        (UtcMillis((SINCE + 2 * DAY - 20) * MINUTE), UtcMillis((SINCE + 2 * DAY - 4) * MINUTE));
    assert!(!picked_up.would_arrive_too_early(arrival, Looking { log: [OFFICE; 32], at: now }));
    assert!(picked_up.would_arrive_too_early(arrival, Looking { log: [VAN; 32], at: now }), "another clock");
}

/// Custody that the dock offers at a minute after the pick-up, and the office takes at another one.
fn handed_over(entries: &mut Vec<SignedEntry>, offered_at: i64, accepted_at: i64) {
    let expires = UtcMillis((SINCE + 2 * DAY + offered_at + 60) * MINUTE);
    let offered =
        Offered { nonce: [4; 16], expires, last_reading: None, verdict: Verdict::Ok, partner: None };
    push(entries, at(DOCK, 11, 2 * DAY + offered_at, &offered));
    let accepted = Accepted {
        offered: entries.last().unwrap().reference,
        nonce: [4; 16],
        at: UtcMillis((SINCE + 2 * DAY + accepted_at) * MINUTE),
    };
    push(entries, at(OFFICE, 19, 2 * DAY + accepted_at, &accepted));
}

/// Whether a receipt that the office records late, of an arrival some minutes after the pick-up, waits for a second
/// person.
fn waits(mut entries: Vec<SignedEntry>, arrival: i64, compared: &[SignedEntry]) -> bool {
    let late = Received { reason: Some("busy".into()), ..received(SINCE + 2 * DAY + arrival) };
    push(&mut entries, at(OFFICE, 20, 2 * DAY + 100, &late));
    let story = told(&entries, compared).0;
    assert!(story.told.iter().all(|one| one.refused.is_none()), "{:?}", story.told);
    story.unapproved().is_some()
}

#[test]
fn an_arrival_before_a_hand_over_waits_by_the_stricter_of_two_clocks() {
    let mut entries = shipment();
    entries.truncate(2);
    handed_over(&mut entries, 20, 50);
    assert!(!waits(entries.clone(), 60, &[]), "it is after the hand-over");
    let behind = |minutes: i64| [compared(DOCK, 1, 2 * DAY - 60, OFFICE, minutes)];
    assert!(waits(entries.clone(), 40, &behind(-25)), "it is before the taking, whatever the giver's clock");
    let mut offered = shipment();
    offered.truncate(2);
    handed_over(&mut offered, 20, 30);
    offered.truncate(3);
    assert!(!waits(offered.clone(), 30, &[]));
    assert!(waits(offered, 30, &behind(25)), "by the office's clock it was offered 15 minutes later");
}

#[test]
fn a_pick_up_that_a_clock_ahead_recorded_late_does_not_pass_for_a_journey_recorded_afterwards() {
    let recorded = |minute: i64| {
        let mut entries = shipment();
        entries.truncate(1);
        let started = Started { reason: Some("the phone was flat".into()), ..started(SINCE + 2 * DAY) };
        push(&mut entries, at(DOCK, 10, 2 * DAY + minute, &started));
        handed_over(&mut entries, minute + 1, 70);
        entries
    };
    assert!(waits(recorded(30), 60, &[]), "picked up before, taken over after it");
    assert!(!waits(recorded(65), 60, &[]), "all of it recorded afterwards");
    let ahead = [compared(DOCK, 1, 2 * DAY - 60, OFFICE, -60)];
    assert!(waits(recorded(65), 60, &ahead));
}

#[test]
fn a_hand_over_is_in_time_by_either_of_two_compared_clocks() {
    let mut entries = shipment();
    entries.truncate(2);
    handed_over(&mut entries, 0, 90);
    let refused = |compared: &[SignedEntry]| told(&entries, compared).0.told[3].refused;
    let stands = |compared: &[SignedEntry]| {
        let looking = Looking { log: [OFFICE; 32], at: UtcMillis((SINCE + 2 * DAY + 90) * MINUTE) };
        told(&entries[..3], compared).0.has_offer_for(looking)
    };
    for minutes in [60, 20] {
        let compared = [compared(DOCK, 1, 2 * DAY - 60, OFFICE, minutes)];
        assert_eq!(stands(&compared), refused(&compared).is_none(), "a device offers what counts: {minutes}");
    }
    assert!(!stands(&[]));
    assert_eq!(refused(&[]), Some(Refusal::Expired));
    assert_eq!(refused(&[compared(DOCK, 1, 2 * DAY - 60, OFFICE, 60)]), None, "the giver's clock was behind");
    assert_eq!(refused(&[compared(DOCK, 1, 2 * DAY - 60, OFFICE, 20)]), Some(Refusal::Expired));
}

/// An entry whose signer held so many of another log.
fn holding(mut entry: SignedEntry, log: u8, size: u64) -> SignedEntry {
    entry.heads.push(Held { log: [log; 32], size });
    entry
}

/// The office says of the dock's entries that they were dated back by so many minutes.
fn dated_back(sequence: u64, minutes: i64, first: u64, last: u64) -> SignedEntry {
    let dated_back = Some(Entries { first, last });
    let body = ClockCompared { peer: [DOCK; 32], difference_ms: -minutes * MINUTE, dated_back };
    holding(at(OFFICE, sequence, 30 * DAY, &body), DOCK, 100)
}

#[test]
fn an_entry_that_was_dated_back_asks_about_the_clock_however_long_ago_that_was_and_no_other_does() {
    let of = |numbers: [(u64, u64); 1]| numbers.map(|(first, last)| dated_back(40, 6, first, last));
    assert!(asks(&of([(10, 10)])));
    assert!(asks(&of([(3, 12)])));
    assert!(!asks(&of([(3, 9)])), "entries before it");
    assert!(!asks(&of([(11, 90)])), "entries after it");
    let of_the_office = ClockCompared {
        peer: [OFFICE; 32],
        difference_ms: -6 * MINUTE,
        dated_back: Some(Entries { first: 10, last: 10 }),
    };
    let by_the_van = holding(at(VAN, 4, 30 * DAY, &of_the_office), OFFICE, 11);
    assert!(asks(&[by_the_van]), "any step, by whoever held the log whole");
    let difference = &told(&shipment(), &of([(10, 10)])).0.clock_differences()[0];
    assert_eq!((difference.difference_s, difference.behind.log.as_str()), (360, "02".repeat(32).as_str()));
}

#[test]
fn a_meeting_that_shows_no_difference_takes_back_nothing_that_was_dated_back() {
    let over = compared(OFFICE, 41, 30 * DAY, DOCK, 0);
    assert!(asks(&[dated_back(40, 6, 10, 10), over]));
    let wrong = [
        compared(OFFICE, 11, 0, DOCK, 25),
        dated_back(12, 6, 90, 91),
        compared(OFFICE, 13, 4 * DAY, DOCK, 25),
    ];
    assert!(asks(&wrong), "nor does it come between two meetings");
}

#[test]
fn what_is_said_of_entries_that_its_signer_did_not_hold_or_against_their_dates_counts_for_nothing() {
    let says = |minutes: i64, first: u64, last: u64, held: Option<u64>, at_minute: i64| {
        let dated_back = Some(Entries { first, last });
        let body = ClockCompared { peer: [DOCK; 32], difference_ms: minutes * MINUTE, dated_back };
        let entry = at(OFFICE, 40, at_minute, &body);
        asks(&[held.map_or(entry.clone(), |held| holding(entry, DOCK, held))])
    };
    let signed = 2 * DAY;
    assert!(says(-6, 10, 10, Some(11), signed + 6));
    assert!(!says(-6, 10, 10, Some(10), signed + 6), "beyond the head that it names");
    assert!(!says(-6, 0, u64::MAX, Some(11), signed + 6), "and beyond any");
    assert!(!says(-6, 10, 10, None, signed + 6), "it names no head of that log");
    assert!(!says(-6, 10, 9, Some(11), signed + 6), "no entries");
    assert!(!says(-5, 10, 10, Some(11), signed + 6), "by no more than clocks may differ");
    assert!(!says(6, 10, 10, Some(11), signed + 6), "ahead");
    assert!(!says(-6, 10, 10, Some(11), signed + 5), "the entry was not dated before that");
}

#[test]
fn an_entry_was_dated_back_by_no_more_than_the_time_until_somebody_said_so() {
    let says = ClockCompared {
        peer: [DOCK; 32],
        difference_ms: i64::MIN,
        dated_back: Some(Entries { first: 0, last: 10 }),
    };
    let story = told(&shipment(), &[holding(at(OFFICE, 40, 2 * DAY + 90, &says), DOCK, 11)]).0;
    assert_eq!(story.clock_differences()[0].difference_s, 90 * 60);
}

#[test]
fn a_device_compares_itself_with_others_only() {
    assert!(!asks(&[compared(DOCK, 11, 2 * DAY, DOCK, 25)]));
}

/// What the story tells of clocks.
fn clocks_told(compared: &[SignedEntry]) -> (bool, Vec<ClockDifference>) {
    let (story, judgement) = told(&shipment(), compared);
    (judgement.reasons.contains(&Reason::Clock), story.clock_differences())
}

#[test]
fn of_what_one_device_says_of_another_again_and_again_the_first_and_the_last_that_was_held_count() {
    let said = |from: u64, count: u64| {
        (0..count)
            .map(move |one| compared(OFFICE, from + one, 2 * DAY, DOCK, 20 + i64::try_from(one).unwrap()))
    };
    let honest: Vec<SignedEntry> = said(21, 16).collect();
    let flood: Vec<SignedEntry> = said(21, 2000).collect();
    assert_eq!(clocks_told(&flood).1[0].difference_s, 35 * 60, "the sixteenth after what the dock held");
    assert_eq!(clocks_told(&flood), clocks_told(&honest));
    let mut turned = flood.clone();
    turned.reverse();
    assert_eq!(clocks_told(&turned), clocks_told(&honest), "in whatever order they come");
}

#[test]
fn what_an_honest_device_said_is_not_drowned_by_what_another_says_and_not_by_its_own_peer() {
    let honest = compared(OFFICE, 21, 2 * DAY, DOCK, 25);
    let differs = |one: &ClockDifference| one.difference_s == 25 * 60;
    for (by, of) in [(DOCK, OFFICE), (DOCK, VAN), (VAN, DOCK), (VAN, OFFICE)] {
        let mut said: Vec<SignedEntry> = (0..500).map(|one| compared(by, 30 + one, 2 * DAY, of, 7)).collect();
        said.push(honest.clone());
        let (asks, told) = clocks_told(&said);
        assert!(asks && told.iter().any(differs), "{by} of {of}: {told:?}");
    }
}

#[test]
fn entries_that_one_device_named_as_dated_back_it_names_once() {
    let once = dated_back(40, 6, 8, 12);
    let again: Vec<SignedEntry> = (0..500).map(|one| dated_back(41 + one, 60, 10, 10)).collect();
    let all = || again.iter().cloned().chain([once.clone()]).collect::<Vec<_>>();
    assert_eq!(clocks_told(&all()), clocks_told(std::slice::from_ref(&once)));
    let dated_back = Some(Entries { first: 10, last: 10 });
    let body = ClockCompared { peer: [DOCK; 32], difference_ms: -60 * MINUTE, dated_back };
    let by_another = holding(at(VAN, 3, 30 * DAY, &body), DOCK, 11);
    assert_eq!(clocks_told(&[once, by_another]).1.len(), 2, "another device may");
}
