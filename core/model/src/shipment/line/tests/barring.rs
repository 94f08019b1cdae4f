//! Legs that bar what goes on from them, and legs that are missing.

use super::*;
use crate::shipment::BarCause;

#[test]
fn goods_that_left_a_leg_before_its_own_pick_up_inherit_what_came_before_it_up_to_that_moment() {
    // Warm with the grandparent from 0 to 100; the leg is picked up at 60, and the goods left it at 30 or at 90.
    for (left, recorded, inherited) in [(30, true, 30), (30, false, 30), (90, true, 90)] {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, [20_000; 11])]);
        held.earlier.insert(Id([7; 16]), first);
        held.begin = 60;
        let mut leg = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, [20_000; 11])]);
        leg.started = leg.started.filter(|_| recorded);
        held.earlier.insert(Id([8; 16]), leg);
        held.begin = left;
        let child = held.story(vec![after(&[(8, 0)])], vec![place(3, None)], &[(3, [5_000; 11])]);
        let judgement = held.judge(&child);
        assert_eq!(budget(&judgement).used_before.0 / 60_000, inherited, "left at {left}");
    }
}

/// A shipment's line that goes on from the first line of shipment 7, by a profile without budgets.
fn going_on(profile: Profile) -> ItemLine {
    ItemLine { profile: Some(profile), ..after(&[(7, 0)]) }
}

fn asked() -> Held {
    Held { signed: STORIES_BEGIN, ..Held::default() }
}

#[test]
fn what_goes_on_from_a_line_that_froze_is_held_until_somebody_decides_about_that_line() {
    let who = || preset("who-30-day").unwrap().profile.clone();
    let line = || ItemLine { profile: Some(who()), ..item() };
    let boxed = |package| ItemLine { profile: Some(who()), ..in_package(package) };
    let cold = |frozen: i32| std::array::from_fn(|index| if index == 1 { frozen } else { 5_000 });
    for (signed, frozen, wanted) in
        [(STORIES_BEGIN, -400, vec![Reason::LegNotReleased]), (STORIES_BEGIN, 5_000, vec![])]
    {
        let mut held = Held { signed, ..Held::default() };
        let first = held.story(vec![line()], vec![place(1, None)], &[(1, cold(frozen))]);
        assert_eq!(held.judge(&first).lines[0].reasons.contains(&Reason::Freeze), frozen < 0);
        held.then(7, first);
        let next = held.story(vec![going_on(who())], vec![place(2, None)], &[(2, [5_000; 11])]);
        let judgement = held.judge(&next);
        assert_eq!(judgement.lines[0].reasons, wanted, "{frozen}");
        let warned = judgement.lines[0]
            .leg_warnings
            .iter()
            .any(|one| one.differs.contains(&crate::api::LegDifference::Stock));
        assert_eq!(warned, !wanted.is_empty());
        // And of what goes on from there, as long as nobody has decided.
        held.then(8, next);
        let last = ItemLine { profile: Some(who()), ..after(&[(8, 0)]) };
        let last = held.story(vec![last], vec![place(3, None)], &[(3, [5_000; 11])]);
        assert_eq!(held.judge(&last).lines[0].reasons, wanted, "{frozen}");
    }
    // Of two boxes the one that froze bars what goes on from it alone.
    let mut held = asked();
    let placements = vec![place(1, Some(BOX)), place(2, Some("other"))];
    let values = [(1, cold(5_000)), (2, cold(-400))];
    let first = held.story(vec![boxed(BOX), boxed("other")], placements, &values);
    held.then(7, first);
    let from = |line: u32| ItemLine { profile: Some(who()), ..after(&[(7, line)]) };
    let next = held.story(vec![from(0), from(1)], vec![place(3, None)], &[(3, [5_000; 11])]);
    let judgement = held.judge(&next);
    let reasons: Vec<_> = judgement.lines.iter().map(|line| line.reasons.clone()).collect();
    assert_eq!(reasons, [vec![], vec![Reason::LegNotReleased]]);
}

#[test]
fn a_leg_that_was_out_of_range_at_the_very_hand_over_alone_bars_what_goes_on_until_it_is_released() {
    let out_at = |place: usize| std::array::from_fn(|index| if index == place { 20_000 } else { 5_000 });
    let barred = (vec![Reason::LegNotReleased], 0);
    let used = |minutes| (vec![Reason::BudgetUsed], minutes);
    for (out, pause, allowance_s, wanted) in [
        (10, 0, 3_600, barred.clone()),
        (10, 0, 0, barred.clone()),
        (10, 1, 3_600, used(1)),
        (9, 0, 3_600, used(10)),
        (11, 0, 3_600, (vec![], 0)),
    ] {
        let mut held = asked();
        let mut profile = with_budget();
        profile.budgets[0].allowance_s = allowance_s;
        let line = |legs| ItemLine { profile: Some(profile.clone()), ..after(legs) };
        let first = held.story(vec![line(&[])], vec![place(1, None)], &[(1, out_at(out))]);
        held.then(7, first);
        held.begin += pause;
        let next = held.story(vec![line(&[(7, 0)])], vec![place(2, None)], &[(2, [5_000; 11])]);
        let judgement = held.judge(&next);
        let told = (judgement.lines[0].reasons.clone(), budget(&judgement).used.0 / 60_000);
        assert_eq!(told, wanted, "{out} {pause} {allowance_s}");
        // Under another profile the leg is asked by its own.
        let next = held.story(vec![going_on(cold())], vec![place(2, None)], &[(2, [5_000; 11])]);
        assert_eq!(held.judge(&next).lines[0].reasons, wanted.0, "{out} {pause}");
        // And what goes on from there, as long as nobody has decided.
        if wanted == barred {
            held.then(8, next);
            let last = held.story(vec![line(&[(8, 0)])], vec![place(3, None)], &[(3, [5_000; 11])]);
            assert_eq!(held.judge(&last).lines[0].reasons, barred.0);
        }
    }
}

#[test]
fn a_leg_whose_paper_alone_waits_lets_goods_go_on_and_what_somebody_saw_of_them_does_not() {
    use crate::record::{FreezeIndicator, Observation, Observed};
    let mut held = asked();
    let mut first = held.story(
        vec![ItemLine { profile: Some(cold()), ..item() }],
        vec![place(1, None)],
        &[(1, [5_000; 11])],
    );
    held.batches.values_mut().for_each(|batch| batch.provenance = Provenance::P0);
    first.sealed[0].readings.lateness = Some(crate::record::Lateness::RecordedLate);
    assert_eq!(held.judge(&first).reasons, [Reason::Provenance, Reason::LateEntry]);
    let seen = |minute| {
        let observed = Observed::FreezeIndicator(FreezeIndicator::Activated);
        let seen =
            Observation { observed, note: None, photo: None, place: None, at: at(minute), reason: None };
        placed(minute, seen)
    };
    held.then(7, first.clone());
    held.begin = 50;
    let next = held.story(vec![going_on(cold())], vec![place(2, None)], &[(2, [5_000; 11])]);
    let mut with = |observations| {
        held.earlier.insert(Id([7; 16]), Story { observations, ..first.clone() });
        held.judge(&next).lines[0].reasons.clone()
    };
    assert_eq!(with(Vec::new()), []);
    assert_eq!(with(vec![seen(40)]), [Reason::LegNotReleased]);
    assert_eq!(with(vec![seen(60)]), [], "the goods had gone on");
}

#[test]
fn a_leg_under_way_that_was_out_of_range_when_goods_left_it_bars_them_and_not_by_what_came_after() {
    let late = std::array::from_fn(|index| if index < 7 { 5_000 } else { 20_000 });
    for (values, under_way, wanted) in [
        (warm(20), true, vec![Reason::LegNotReleased]),
        (warm(20), false, vec![Reason::LegNotReleased]),
        (late, true, vec![]),
        (late, false, vec![]),
    ] {
        let mut held = asked();
        let whole = vec![ItemLine { profile: Some(cold()), ..item() }];
        let mut first = held.story(whole, vec![place(1, None)], &[(1, values)]);
        first.received = first.received.filter(|_| !under_way);
        assert_eq!(held.judge(&first).verdict, Verdict::Excursion);
        held.earlier.insert(Id([7; 16]), first);
        held.begin = 50;
        let part = held.story(vec![going_on(cold())], vec![place(2, None)], &[(2, [5_000; 11])]);
        assert_eq!(held.judge(&part).lines[0].reasons, wanted, "{values:?} {under_way}");
    }
}

#[test]
fn a_leg_that_is_missing_unread_or_after_which_nobody_watched_asks_for_a_review_under_any_profile() {
    for (signed, pause, read, missing) in
        [(STORIES_BEGIN, 15, true, false), (STORIES_BEGIN, 16, true, true), (STORIES_BEGIN, 0, false, true)]
    {
        let mut held = Held { signed, ..Held::default() };
        let loggers = if read { vec![place(1, None)] } else { vec![place(1, None), place(3, None)] };
        let first =
            held.story(vec![ItemLine { profile: Some(cold()), ..item() }], loggers, &[(1, [5_000; 11])]);
        held.then(7, first);
        held.begin += pause;
        let next = held.story(vec![going_on(cold())], vec![place(2, None)], &[(2, [5_000; 11])]);
        let judgement = held.judge(&next);
        let wanted = if missing { vec![Reason::LegMissing] } else { vec![] };
        assert_eq!(judgement.lines[0].reasons, wanted, "{pause} minutes, read: {read}");
        assert_eq!(judgement.lines[0].verdict == Verdict::Review, missing);
    }
    let mut held = asked();
    let unknown = ItemLine { profile: Some(cold()), ..after(&[(9, 0)]) };
    let story = held.story(vec![unknown], vec![place(1, None)], &[(1, [5_000; 11])]);
    assert_eq!(held.judge(&story).lines[0].reasons, [Reason::LegMissing], "not held here");
}

#[test]
fn goods_that_were_found_expired_or_whose_date_had_passed_are_held_in_what_goes_on_from_them() {
    use crate::record::{Checklist, SealFound};
    let dated = |expiry: Option<&str>| ItemLine {
        expiry: expiry.map(str::to_owned),
        profile: Some(cold()),
        ..item()
    };
    // All of this happens on 1970-01-01.
    for (found, of_leg, of_line, wanted) in [
        (vec![0], None, None, vec![Reason::LegNotReleased]),
        (vec![0], Some("700630"), Some("700630"), vec![Reason::LegNotReleased]),
        (vec![1], None, None, vec![]),
        (vec![], Some("691231"), None, vec![Reason::LegNotReleased]),
        (vec![], Some("691231"), Some("691231"), vec![Reason::LegNotReleased]),
        (vec![], Some("700101"), None, vec![]),
    ] {
        let mut held = asked();
        let lines = vec![dated(of_leg), dated(None)];
        let mut first = held.story(lines, vec![place(1, None)], &[(1, [5_000; 11])]);
        let (seal, counts, unread) = (SealFound::Intact, Vec::new(), Vec::new());
        let checklist = Checklist { seal, counts, unread, expired: found.clone() };
        first.received.as_mut().unwrap().says.checklist = Some(checklist);
        held.then(7, first);
        let line = ItemLine { expiry: of_line.map(str::to_owned), ..going_on(cold()) };
        let next = held.story(vec![line], vec![place(2, None)], &[(2, [5_000; 11])]);
        assert_eq!(held.judge(&next).lines[0].reasons, wanted, "{found:?} {of_leg:?} {of_line:?}");
        held.then(8, next);
        let last = ItemLine { profile: Some(cold()), ..after(&[(8, 0)]) };
        let last = held.story(vec![last], vec![place(3, None)], &[(3, [5_000; 11])]);
        assert_eq!(held.judge(&last).lines[0].reasons, wanted, "and in what goes on from there");
    }
}

#[test]
fn a_date_that_passed_on_the_way_counts_for_a_line_that_names_none() {
    const DAY: i64 = 24 * 60;
    for (of_line, wanted) in [(None, vec![Reason::LegNotReleased]), (Some("700630"), vec![])] {
        let mut held = Held { begin: DAY - 150, ..asked() };
        let dated = ItemLine { expiry: Some("700101".into()), profile: Some(cold()), ..item() };
        let first = held.story(vec![dated], vec![place(1, None)], &[(1, [5_000; 11])]);
        held.then(7, first);
        let line = ItemLine { expiry: of_line.map(str::to_owned), ..going_on(cold()) };
        let next = held.story(vec![line], vec![place(2, None)], &[(2, [5_000; 11])]);
        let judgement = held.judge(&next);
        assert_eq!(judgement.lines[0].reasons, wanted, "{of_line:?}");
        assert_eq!(judgement.reasons.contains(&Reason::Expired), of_line.is_none(), "and it is told so");
    }
}

#[test]
fn a_line_that_names_no_date_is_not_released_after_its_legs_last_day() {
    const DAY: i64 = 24 * 60;
    for (of_line, barred_from) in [(None, DAY), (Some("700102"), 2 * DAY)] {
        let mut held = asked();
        let dated = ItemLine { expiry: Some("700101".into()), profile: Some(cold()), ..item() };
        let first = held.story(vec![dated], vec![place(1, None)], &[(1, [5_000; 11])]);
        held.then(7, first);
        let second = held.story(vec![going_on(cold())], vec![place(2, None)], &[(2, [5_000; 11])]);
        held.then(8, second);
        let line = ItemLine { expiry: of_line.map(str::to_owned), profile: Some(cold()), ..after(&[(8, 0)]) };
        let last = held.story(vec![line], vec![place(3, None)], &[(3, [5_000; 11])]);
        let judgement = held.judge(&last);
        assert_eq!(judgement.lines[0].reasons, [], "it arrived in time");
        for minute in [DAY - 1, DAY, 2 * DAY] {
            let barred = minute >= barred_from;
            let bars = last.stock_now(&judgement).bars(at(minute));
            assert_eq!(bars.iter().any(|bar| bar.cause == BarCause::Expired), barred, "{of_line:?} {minute}");
        }
    }
}

#[test]
fn a_line_with_another_date_than_its_leg_has_is_told() {
    use crate::api::LegDifference::Expiry;
    for (of_line, told) in
        [(None, false), (Some("700630"), false), (Some("700600"), false), (Some("700701"), true)]
    {
        let mut held = asked();
        let dated = ItemLine { expiry: Some("700630".into()), profile: Some(cold()), ..item() };
        let first = held.story(vec![dated], vec![place(1, None)], &[(1, [5_000; 11])]);
        held.then(7, first);
        let second = held.story(vec![going_on(cold())], vec![place(2, None)], &[(2, [5_000; 11])]);
        held.then(8, second);
        let line = ItemLine { expiry: of_line.map(str::to_owned), profile: Some(cold()), ..after(&[(8, 0)]) };
        let last = held.story(vec![line], vec![place(3, None)], &[(3, [5_000; 11])]);
        let warned = held.judge(&last).lines[0].leg_warnings.iter().any(|one| one.differs.contains(&Expiry));
        assert_eq!(warned, told, "{of_line:?}");
    }
}

#[test]
fn each_leg_is_held_against_the_next_on_its_way_however_many_of_them_a_line_names() {
    for (pause, missing) in [(0, false), (15, false), (16, true)] {
        for named in [&[(7, 0), (8, 0)][..], &[(8, 0), (7, 0)], &[(8, 0)]] {
            for chained in [true, false] {
                let mut held = asked();
                let own = |legs: &[(u8, u32)]| ItemLine { profile: Some(cold()), ..after(legs) };
                let first = held.story(vec![own(&[])], vec![place(1, None)], &[(1, [5_000; 11])]);
                held.then(7, first);
                held.begin += pause;
                let before: &[(u8, u32)] = if chained { &[(7, 0)] } else { &[] };
                let second = held.story(vec![own(before)], vec![place(2, None)], &[(2, [5_000; 11])]);
                held.then(8, second);
                let last = held.story(vec![own(named)], vec![place(3, None)], &[(3, [5_000; 11])]);
                let asked_of_both = chained || named.len() == 2;
                let wanted = if missing && asked_of_both { vec![Reason::LegMissing] } else { vec![] };
                assert_eq!(held.judge(&last).lines[0].reasons, wanted, "{pause} min, {named:?}, {chained}");
            }
        }
    }
}
