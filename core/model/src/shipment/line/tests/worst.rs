//! A leg whose evidence tells two histories: each is judged by itself, and the worst of both counts.

use super::*;

/// What goes on from shipment 7, as each of two told it: judged after either, and by the worst of both.
fn after_either(one: Told<'_>, other: Told<'_>) -> [Judgement; 4] {
    let judged = |told: Told<'_>| {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        if let Some((logger, values)) = told {
            let leg = held.story(vec![after(&[])], vec![place(logger, None)], &[(logger, *values)]);
            held.earlier.insert(Id([7; 16]), leg);
        }
        held.begin = 100;
        let next = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, warm(10))]);
        held.judge(&next)
    };
    let (one, other) = (judged(one), judged(other));
    let both = one.clone().or_worse(other.clone());
    let turned = other.clone().or_worse(one.clone());
    [one, other, both, turned]
}

/// A leg's logger and its readings; none where the leg is not told.
type Told<'a> = Option<(u8, &'a [i32; 11])>;

#[test]
fn of_two_histories_each_reason_counts_and_of_each_budget_the_larger_use() {
    let (warmer, hot) = (warm(30), std::array::from_fn(|index| if index == 1 { 30_000 } else { 5_000 }));
    let [one, other, both, turned] = after_either(Some((1, &warmer)), Some((1, &hot)));
    assert!(one.reasons.contains(&Reason::BudgetUsed) && !one.reasons.contains(&Reason::LegNotReleased));
    assert!(other.reasons.contains(&Reason::LegNotReleased), "it was out of range and nobody decided");
    let all = Reason::in_order(one.reasons.iter().chain(&other.reasons).copied());
    for judged in [both, turned] {
        assert_eq!((&judged.reasons, &judged.lines[0].reasons), (&all, &all));
        assert_eq!(judged.verdict, one.verdict.max(other.verdict));
        assert_eq!(budget(&judged).used.0, budget(&one).used.0.max(budget(&other).used.0));
        assert_eq!(judged.lines[0].to_record(0).barring, other.lines[0].to_record(0).barring);
    }
}

#[test]
fn a_budget_that_is_spent_by_one_history_alone_is_spent() {
    let (fine, long) = (warm(10), warm(70));
    let [one, _, both, turned] = after_either(Some((1, &fine)), Some((1, &long)));
    assert_eq!((one.verdict, budget(&one).spent_at), (Verdict::Review, None));
    for judged in [both, turned] {
        assert_eq!(judged.verdict, Verdict::Excursion);
        assert!(budget(&judged).spent_at.is_some());
        assert_eq!(judged.lines[0].series[0].0.verdict, Verdict::Excursion);
    }
}

#[test]
fn a_leg_that_one_history_does_not_tell_is_missing_and_what_the_other_tells_counts_all_the_same() {
    let warmer = warm(30);
    let [one, _, both, turned] = after_either(Some((1, &warmer)), None);
    for judged in [both, turned] {
        assert!(judged.reasons.contains(&Reason::LegMissing));
        assert_eq!(
            (budget(&judged).used, budget(&judged).known),
            (budget(&one).used, BudgetKnown::LegMissing)
        );
        let wanting = judged.lines[0].to_record(0).wanting.unwrap();
        assert_eq!((wanting.len(), &wanting[0].unread), (1, &None), "by one of them it is not held");
    }
}

#[test]
fn two_histories_that_bar_for_different_causes_bar_for_both() {
    let hot = std::array::from_fn(|index| if index == 1 { 30_000 } else { 5_000 });
    let cold = std::array::from_fn(|index| if index == 1 { -9_000 } else { 5_000 });
    let [one, other, both, turned] = after_either(Some((1, &hot)), Some((3, &cold)));
    let leg = |judged: &Judgement| judged.lines[0].to_record(0).barring.unwrap().remove(0);
    let (one, other) = (leg(&one), leg(&other));
    for judged in [both, turned] {
        let told = leg(&judged);
        assert!(one.reasons.iter().chain(&other.reasons).all(|reason| told.reasons.contains(reason)));
        let measured = told.measured.unwrap();
        let all = one.measured.iter().chain(&other.measured).flatten();
        assert!(all.into_iter().all(|series| measured.contains(series)));
    }
}
