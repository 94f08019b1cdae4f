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

/// Legs of 100 minutes one after another, each watched at a constant temperature or not at all; the last is judged.
fn legs_of(values: &[Option<i32>], has_logger: bool) -> (Held, Story) {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let mut story = Story::default();
    for (number, value) in (1_u8..).zip(values) {
        let line = || ItemLine { lot: Some("A1".into()), ..after(&[]) };
        let before: Vec<(u8, u32)> = if number > 1 { vec![(number - 1, 0)] } else { Vec::new() };
        let line = ItemLine { legs: after(&before).legs, ..line() };
        let placed = if value.is_some() || has_logger { vec![place(number, None)] } else { Vec::new() };
        let seen: Vec<_> = value.iter().map(|value| (number, [*value; 11])).collect();
        story = held.story(vec![line], placed, &seen);
        held.then(number, story.clone());
    }
    held.earlier.remove(&Id([values.len() as u8; 16]));
    (held, story)
}

#[test]
fn an_hour_of_which_nothing_was_read_is_time_without_data_also_first_or_last_as_in_one_shipment() {
    let (warm, fine) = (Some(20_000), Some(5_000));
    for (values, used, most) in [
        (&[warm, None][..], 100, 200),
        (&[fine, None], 0, 0),
        (&[warm, None, None], 100, 300),
        (&[None, warm], 100, 200),
        (&[None, fine], 0, 0),
        (&[None, None, warm], 100, 300),
        (&[None, None], 0, 0),
        (&[fine, None, warm], 100, 200),
        (&[None, warm, None], 100, 300),
        (&[None, warm, None, fine], 100, 300),
    ] {
        for has_logger in [true, false] {
            let (held, story) = legs_of(values, has_logger);
            let judgement = held.judge(&story);
            let line = &judgement.lines[0];
            assert_eq!(minutes(&judgement), (used, most), "{values:?} {has_logger}");
            assert_eq!(budget(&judgement).known, BudgetKnown::LegMissing, "{values:?}");
            assert_eq!(line.reasons.contains(&Reason::GapWorstCase), used <= 60 && most > 60);
            assert_eq!(line.reasons.contains(&Reason::NoReadings), values.last() == Some(&None));
            let by_legs = values[..values.len() - 1].contains(&None);
            assert_eq!(line.reasons.contains(&Reason::LegMissing), by_legs, "{values:?}");
            let told = &held.packs(&story)[0].lines[0];
            let room = told.bands.iter().find(|band| band.id == "room").unwrap();
            let above = &told.bands[0];
            for band in [room, above] {
                let told = (band.proven_s.0 / 60_000, band.worst_case_s.0 / 60_000);
                assert_eq!(told, (used, most), "{values:?} {}", band.id);
            }
            assert_eq!(told.known, Some(BudgetKnown::LegMissing));
        }
    }
}

#[test]
fn where_a_leg_is_not_held_that_may_have_been_read_no_more_is_charged_than_with_it() {
    let (mut held, story) = legs_of(&[Some(5_000), None, Some(20_000)], true);
    assert_eq!(minutes(&held.judge(&story)), (100, 200));
    held.earlier.remove(&Id([1; 16]));
    assert_eq!(minutes(&held.judge(&story)), (100, 100));
    assert!(held.judge(&story).lines[0].reasons.contains(&Reason::LegMissing), "at most so much is left");
}

#[test]
fn under_another_profile_the_legs_budgets_go_on_through_time_of_which_nothing_was_read() {
    for (values, used, most) in
        [(&[Some(20_000), None][..], 100, 200), (&[None, Some(20_000), None], 100, 300)]
    {
        let (held, mut story) = legs_of(values, true);
        story.created.as_mut().unwrap().says.items[0].profile = Some(cold());
        let judgement = held.judge(&story);
        assert_eq!(
            (budget(&judgement).id.as_str(), minutes(&judgement)),
            ("room (CDC refrigerator v1)", (used, most))
        );
        assert_eq!(budget(&judgement).known, BudgetKnown::LegMissing);
    }
}

#[test]
fn a_budget_that_may_be_spent_where_nothing_was_read_is_a_reason_to_explain() {
    let mut cool = [5_000; 11];
    cool[10] = 20_000;
    for unread_first in [false, true] {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let cool = if unread_first { warm(10) } else { cool };
        let seen = [vec![], vec![(1, cool)]];
        let [first, last] = if unread_first { [0, 1] } else { [1, 0] };
        let first = held.story(vec![after(&[])], vec![place(1, None)], &seen[first]);
        held.then(7, first);
        let last = held.story(vec![after(&[(7, 0)])], vec![place(1, None)], &seen[last]);
        let judgement = held.judge(&last);
        let used = if unread_first { 10 } else { 0 };
        assert_eq!(minutes(&judgement), (used, used + 100), "at the very hand-over, out of range");
        assert!(judgement.lines[0].reasons.contains(&Reason::GapWorstCase));
        assert!(!judgement.lines[0].reasons.contains(&Reason::LegNotReleased), "what was used goes on");
        let under_way = Story { received: None, ..last };
        assert_eq!(minutes(&held.judge(&under_way)).1, if unread_first { 110 } else { 0 });
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

#[test]
fn the_last_reading_of_a_leg_proves_no_time_up_to_a_pick_up_after_which_nothing_was_read() {
    let end_warm = std::array::from_fn(|index| if index < 5 { 5_000 } else { 20_000 });
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, end_warm)]);
    held.then(7, first);
    held.begin = 114;
    let unread = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[]);
    let judgement = held.judge(&unread);
    assert_eq!((minutes(&judgement), budget(&judgement).used_before.0 / 60_000), ((50, 164), 50));
    assert_eq!((judgement.lines[0].verdict, budget(&judgement).spent_at), (Verdict::Review, None));
    assert!(judgement.lines[0].reasons.contains(&Reason::GapWorstCase));
    let under_way = Story { received: None, ..unread.clone() };
    assert_eq!(minutes(&held.judge(&under_way)), (50, 64), "so far");
    held.then(8, unread);
    let last = held.story(vec![after(&[(8, 0)])], vec![place(3, None)], &[(3, [5_000; 11])]);
    let judgement = held.judge(&last);
    assert_eq!((minutes(&judgement), budget(&judgement).spent_at), ((50, 164), None), "two legs on");
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let relay = vec![from_to(1, None, None, Some(114)), from_to(2, None, Some(114), None)];
    let mut whole = held.story(vec![after(&[])], relay, &[(1, end_warm), (2, [5_000; 11])]);
    whole.received.as_mut().unwrap().says.at = at(214);
    assert_eq!(minutes(&held.judge(&whole)), (50, 164), "a logger that was read elsewhere alone is none");
}

#[test]
fn whether_a_leg_was_watched_is_asked_of_the_loggers_that_served_the_line_while_they_did() {
    let known = |placements: Vec<Placement>, slow: &[u8], next: i64| {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let placed = |logger: &u8| placements.iter().any(|one| one.logger == Id([*logger; 16]));
        let read: Vec<_> = [1, 2].into_iter().filter(placed).map(|logger| (logger, [5_000; 11])).collect();
        let boxed = ItemLine { package: Some(BOX.into()), ..after(&[]) };
        let first = held.story(vec![boxed], placements, &read);
        let of_slow = |batch: &&mut Batch| slow.iter().any(|logger| batch.logger == Id([*logger; 16]));
        held.batches.values_mut().filter(of_slow).for_each(|batch| batch.interval_s = Some(3_600));
        held.then(7, first);
        held.begin = next;
        let last = held.story(vec![after(&[(7, 0)])], vec![place(3, None)], &[(3, [5_000; 11])]);
        budget(&held.judge(&last)).known
    };
    let in_box = |logger, from, to| from_to(logger, Some(BOX), from, to);
    let beside = vec![place(1, Some(BOX)), place(2, Some("other"))];
    assert_eq!(known(beside.clone(), &[2], 160), BudgetKnown::LegMissing, "a slow one lay elsewhere");
    assert_eq!(known(beside.clone(), &[1], 160), BudgetKnown::Complete, "its own is slow");
    assert_eq!(known(beside, &[], 115), BudgetKnown::Complete);
    let relieved = vec![in_box(1, None, Some(30)), in_box(2, Some(30), None)];
    assert_eq!(known(relieved, &[1], 160), BudgetKnown::LegMissing, "a slow one had gone");
    let moved = |to| vec![in_box(1, None, Some(to)), from_to(1, Some("other"), Some(to), None)];
    assert_eq!(known(moved(30), &[], 60), BudgetKnown::LegMissing, "it went on elsewhere");
    assert_eq!(known(moved(55), &[], 60), BudgetKnown::Complete);
    let passing = vec![place(1, Some(BOX)), in_box(2, Some(41), Some(44))];
    assert_eq!(
        known(passing, &[], 115),
        BudgetKnown::Complete,
        "in less time than it takes to measure twice"
    );
}
