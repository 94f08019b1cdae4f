//! The time between loggers and between legs.

use super::*;

/// Minutes used and used at most, of a shipment that these watched at these constant temperatures.
fn minutes_of(relay: &[(Counted, i32)]) -> (u64, u64) {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let placements = relay.iter().map(|((logger, from, to), _)| from_to(*logger, None, *from, *to)).collect();
    let values: Vec<_> = relay.iter().map(|((logger, ..), value)| (*logger, [*value; 11])).collect();
    let story = held.story(vec![after(&[])], placements, &values);
    minutes(&held.judge(&story))
}

/// Minutes used and used at most.
fn minutes(judgement: &Judgement) -> (u64, u64) {
    let told = budget(judgement);
    (told.used.0 / 60_000, told.used_max.0 / 60_000)
}

#[test]
fn time_between_two_loggers_counts_from_the_last_reading_to_the_next_as_if_one_had_measured_both() {
    let (warm, fine) = (20_000, 5_000);
    let relay = |to, from, before, after| {
        minutes_of(&[((1, None, Some(to)), before), ((2, Some(from), None), after)])
    };
    for (to, from) in [(50, 50), (45, 50), (45, 46), (41, 50)] {
        assert_eq!(relay(to, from, warm, warm), (100, 100), "10 minutes from 40 to 50: {to} {from}");
        assert_eq!(relay(to, from, warm, fine), (50, 50));
        assert_eq!(
            relay(to, from, fine, warm),
            (50, 50),
            "what was in range stays so until the next reading"
        );
    }
    for (to, from) in [(45, 60), (50, 51), (41, 60), (50, 60)] {
        assert_eq!(relay(to, from, warm, warm), (80, 100), "20 minutes from 40 to 60: {to} {from}");
        assert_eq!(relay(to, from, warm, fine), (40, 60));
        assert_eq!(relay(to, from, fine, warm), (40, 60), "nobody knows what was before a first reading");
    }
    assert_eq!(relay(40, 55, fine, warm), (40, 70), "30 minutes from 30 to 60");
    let cut_short = minutes_of(&[((1, None, Some(50)), warm), ((2, Some(64), Some(90)), fine)]);
    assert_eq!(cut_short, (40, 70), "30 minutes to the next reading, for which no reading holds");
    assert_eq!(minutes_of(&[((1, None, Some(91)), warm)]), (100, 100), "and to the arrival");
    assert_eq!(minutes_of(&[((1, None, Some(90)), warm)]), (80, 100));
    let beside = [((1, None, Some(50)), warm), ((2, None, None), fine), ((3, Some(60), None), fine)];
    assert_eq!(minutes_of(&beside), (50, 50), "another one was there");
}

#[test]
fn a_budget_that_may_be_spent_or_is_spent_between_two_loggers_is_told() {
    for (interval, verdict, reasons) in [
        (600, Verdict::Excursion, &[Reason::BudgetUsed][..]),
        (300, Verdict::Review, &[Reason::Gap, Reason::GapWorstCase, Reason::BudgetUsed][..]),
    ] {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let relay = vec![from_to(1, None, None, Some(61)), from_to(2, None, Some(70), None)];
        let story = held.story(vec![after(&[])], relay, &[(1, [20_000; 11]), (2, [5_000; 11])]);
        held.batches.values_mut().for_each(|batch| batch.interval_s = Some(interval));
        let judgement = held.judge(&story);
        assert_eq!((judgement.lines[0].verdict, &judgement.lines[0].reasons[..]), (verdict, reasons));
    }
}

#[test]
fn time_between_two_legs_counts_by_the_last_reading_before() {
    for (pause, used, most) in [(14, 114, 114), (15, 115, 115), (16, 100, 116)] {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, [20_000; 11])]);
        held.then(7, first);
        held.begin += pause;
        let next = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, [5_000; 11])]);
        let judgement = held.judge(&next);
        let told = budget(&judgement);
        assert_eq!((told.used_before.0 / 60_000, told.used_max.0 / 60_000), (used, most), "{pause} minutes");
    }
}

#[test]
fn a_leg_of_which_nothing_was_read_is_time_without_data_from_the_reading_before_to_the_next_one() {
    for (value, read, after_it, most) in [
        (20_000, false, 5_000, 200),
        (5_000, false, 5_000, 0),
        (5_000, false, 20_000, 100),
        (20_000, true, 5_000, 100),
    ] {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, [value; 11])]);
        held.then(7, first);
        let seen = if read { vec![(2, [5_000; 11])] } else { vec![] };
        let unread = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &seen);
        held.then(8, unread);
        let last = held.story(vec![after(&[(8, 0)])], vec![place(3, None)], &[(3, [after_it; 11])]);
        let judgement = held.judge(&last);
        let own = if after_it > 8_000 { 100 } else { 0 };
        assert_eq!(budget(&judgement).used_max.0 / 60_000, most + own, "{value} {read} {after_it}");
        assert_eq!(budget(&judgement).known == BudgetKnown::LegMissing, !read);
    }
}

#[test]
fn the_last_reading_of_a_leg_holds_until_the_next_leg_was_read_and_counts_once() {
    for (value, used, most) in [(5_000, 110, 110), (20_000, 200, 200)] {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, [20_000; 11])]);
        held.then(7, first);
        let late = vec![from_to(2, None, Some(105), None)];
        let mut next = held.story(vec![after(&[(7, 0)])], late, &[(2, [value; 11])]);
        assert_eq!(minutes(&held.judge(&next)), (used, most), "read at 110, {value}");
        next.received.as_mut().unwrap().says.at = at(200);
        held.then(8, next);
        let last = held.story(vec![after(&[(8, 0)])], vec![place(3, None)], &[(3, [5_000; 11])]);
        assert_eq!(minutes(&held.judge(&last)), (used, most), "an earlier leg alike");
    }
}
