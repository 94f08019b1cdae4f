//! Clocks that devices compared when they synced.

use super::late::push;
use super::*;

const SINCE: i64 = REASONS_ASKED_SINCE.0 / MINUTE;
const DAY: i64 = 24 * 60;
const OFFICE: u8 = 1;
const DOCK: u8 = 2;
const VAN: u8 = 3;

fn at(log: u8, sequence: u64, minute: i64, body: &impl Body) -> SignedEntry {
    entry(log, sequence, SINCE + minute, Role::Pharmacist, body)
}

/// A comparison that `log` signed, of minutes that `peer` was ahead.
fn compared(log: u8, sequence: u64, minute: i64, peer: u8, minutes: i64) -> SignedEntry {
    at(log, sequence, minute, &ClockCompared { peer: [peer; 32], difference_ms: minutes * MINUTE })
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
fn a_comparison_bears_on_the_times_that_either_device_signed_within_a_day() {
    assert!(!asks(&[]));
    for minutes in [20, -20] {
        assert!(asks(&[compared(DOCK, 1, DAY, OFFICE, minutes)]), "a day before");
        assert!(asks(&[compared(OFFICE, 21, 3 * DAY + 60, DOCK, minutes)]), "a day after the receipt");
    }
    assert!(asks(&[compared(VAN, 1, 2 * DAY, DOCK, 20)]), "by a third device about one of them");
    assert!(!asks(&[compared(DOCK, 1, DAY - 1, VAN, 20)]), "longer ago");
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
    assert!(open(&later(20, VAN)), "beside another device");
}
