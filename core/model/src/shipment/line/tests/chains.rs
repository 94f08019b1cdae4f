//! One journey, cut into legs and placements of loggers that relieve each other, is judged as by one logger.

use super::*;
use proptest::prelude::*;

/// Minutes and temperatures.
type Read = Vec<(i64, i32)>;

/// Something of a journey: `from`, `to` and the loggers that relieve each other in it, each from and to.
type Part = (i64, i64, Vec<(i64, i64)>);

/// Half an hour from 8 to 25 °C, and as long from 0 to 2 °C.
fn two_budgets() -> Profile {
    let budget = |id: &str, from, to| Budget {
        id: id.into(),
        from: MilliCelsius(from),
        to: MilliCelsius(to),
        allowance_s: 3_600,
    };
    Profile { budgets: vec![budget("room", 8_000, 25_000), budget("cool", 0, 2_000)], ..cold() }
}

/// How the last of some legs stands, each read where its loggers were.
fn judged(parts: &[Part], read: &[(i64, i32)]) -> Judgement {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let mut last = None;
    for (number, (from, to, loggers)) in (1_u8..).zip(parts) {
        let before = last.map(|story| held.earlier.insert(Id([number - 1; 16]), story));
        let legs = before.map(|_| vec![(number - 1, 0)]).unwrap_or_default();
        let line = ItemLine { profile: Some(two_budgets()), ..after(&legs) };
        held.begin = *from;
        let own = |place: usize| number * 10 + u8::try_from(place).unwrap();
        let placed = |(place, (begin, end)): (usize, &(i64, i64))| {
            let (first, last) = (place == 0 && begin == from, place + 1 == loggers.len() && end == to);
            from_to(own(place), None, (!first).then_some(*begin), (!last).then_some(*end))
        };
        let mut story = held.story(vec![line], loggers.iter().enumerate().map(placed).collect(), &[]);
        story.received.as_mut().unwrap().says.at = at(*to);
        let whole_end = parts.last().unwrap().1;
        for (place, (begin, end)) in loggers.iter().enumerate() {
            let counts = |time: i64| *begin <= time && (time < *end || time == whole_end);
            let own_read: Read = read.iter().filter(|(time, _)| counts(*time)).copied().collect();
            if !own_read.is_empty() {
                story.sealed.push(seal_at(&mut held, own(place), &own_read));
            }
        }
        last = Some(story);
    }
    held.judge(&last.unwrap())
}

fn seal_at(held: &mut Held, logger: u8, read: &[(i64, i32)]) -> Sealed {
    let values: Vec<i32> = read.iter().map(|(_, value)| *value).collect();
    let Sealed { mut readings, address } = held.seal(logger, &values);
    let mut batch = held.batches.remove(&address).unwrap();
    batch.times = read.iter().map(|(time, _)| at(*time)).collect();
    (readings.first, readings.last) = (batch.times[0], batch.times[batch.times.len() - 1]);
    let address = Batch::address(&batch.to_bytes().unwrap());
    held.batches.insert(address, batch);
    Sealed { readings, address }
}

/// Of each budget what was used, what was at most, and when it was spent.
fn budgets(judgement: &Judgement) -> Vec<(u64, u64, Option<UtcMillis>)> {
    let told = |one: &LineBudget| (one.used.0 / 60_000, one.used_max.0 / 60_000, one.spent_at);
    judgement.lines[0].budgets.iter().map(told).collect()
}

/// Readings every ten minutes over `hours`, with some left out, but the first and the last.
fn readings() -> impl Strategy<Value = Read> {
    let value = prop_oneof![4 => Just(5_000), 2 => Just(12_000), 1 => Just(1_000)];
    let one = (value, prop::bool::weighted(0.65));
    prop::collection::vec(one, 25).prop_map(|all| {
        let last = all.len() - 1;
        let times = (0_i64..).map(|place| place * 10);
        let read = times.zip(all).enumerate();
        let kept = read.filter(|(place, (_, (_, kept)))| *kept || *place == 0 || *place == last);
        kept.map(|(_, (time, (value, _)))| (time, value)).collect()
    })
}

/// Places of cuts between 5 and 235, each with the minutes that the one before stays, or comes to an end, before.
fn cuts(most: usize) -> impl Strategy<Value = Vec<(i64, i64)>> {
    let pause = prop_oneof![3 => Just(0_i64), 1 => 1..40_i64];
    prop::collection::btree_map((1..47_i64).prop_map(|place| place * 5), pause, 0..=most)
        .prop_map(|cuts| cuts.into_iter().collect())
}

/// From 0 to 240, cut at these places, after a pause each.
fn cut(cuts: &[(i64, i64)], (from, to): (i64, i64)) -> Vec<(i64, i64)> {
    let mut parts = vec![(from, to)];
    for (place, pause) in cuts.iter().filter(|(place, _)| from < *place && *place < to) {
        let last = parts.last_mut().unwrap();
        last.1 = (place - pause).max(last.0 + 1).min(*place);
        parts.push((*place, to));
    }
    parts
}

/// What is read while somebody was there.
fn watched(parts: &[Part], read: &[(i64, i32)]) -> Read {
    let was_there = |time: i64| {
        let mut all = parts.iter().flat_map(|(.., loggers)| loggers);
        all.any(|(from, to)| *from <= time && (time < *to || time == 240))
    };
    read.iter().filter(|(time, _)| was_there(*time)).copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_journey_cut_into_legs_and_placements_uses_what_one_series_does(
        read in readings(), legs in cuts(3), relays in cuts(3),
    ) {
        let parts: Vec<Part> =
            cut(&legs, (0, 240)).into_iter().map(|(from, to)| (from, to, cut(&relays, (from, to)))).collect();
        let read = watched(&parts, &read);
        prop_assume!(each_was_read(&parts, &read));
        let whole = judged(&[(0, 240, vec![(0, 240)])], &read);
        let chain = judged(&parts, &read);
        // Where a leg's last reading holds to a first one that is out, that leg's own series takes the minutes from
        // its pick-up at their worst: no more than 1.5 intervals for each.
        let most = 15 * (parts.len() as u64 - 1);
        for (chain, whole) in budgets(&chain).into_iter().zip(budgets(&whole)) {
            prop_assert_eq!((chain.0, chain.2), (whole.0, whole.2));
            prop_assert!(whole.1 <= chain.1 && chain.1 <= whole.1 + most, "{} of {}", chain.1, whole.1);
        }
        prop_assert_eq!(chain.verdict == Verdict::Excursion, whole.verdict == Verdict::Excursion);
    }

    #[test]
    fn loggers_that_relieve_each_other_judge_as_one_does(read in readings(), relays in cuts(4)) {
        let parts = [(0, 240, cut(&relays, (0, 240)))];
        let read = watched(&parts, &read);
        prop_assume!(each_was_read(&parts, &read));
        let whole = judged(&[(0, 240, vec![(0, 240)])], &read);
        let chain = judged(&parts, &read);
        prop_assert_eq!(budgets(&chain), budgets(&whole));
        prop_assert_eq!(chain.verdict, whole.verdict);
    }
}

/// Whether every logger brought readings: who brought none asks for a review by itself.
fn each_was_read(parts: &[Part], read: &[(i64, i32)]) -> bool {
    let mut all = parts.iter().flat_map(|(.., loggers)| loggers);
    all.all(|(from, to)| read.iter().any(|(time, _)| from <= time && (time < to || (time, *to) == (to, 240))))
}

#[test]
fn hours_without_data_before_a_warm_reading_count_at_their_worst_wherever_legs_and_loggers_meet() {
    // Read at 0 and 30 to be fine, and at 120 to be warm: 90 minutes that nobody knows.
    let read = [(0, 5_000), (10, 5_000), (20, 5_000), (30, 5_000), (120, 12_000), (130, 5_000), (140, 5_000)];
    let whole = judged(&[(0, 240, vec![(0, 240)])], &read[..]);
    for meet in [31, 40, 100, 120] {
        let loggers = judged(&[(0, 240, vec![(0, meet), (meet, 240)])], &read);
        let legs = judged(&[(0, meet, vec![(0, meet)]), (meet, 240, vec![(meet, 240)])], &read);
        let apart = judged(&[(0, 31, vec![(0, 31)]), (meet, 240, vec![(meet, 240)])], &read);
        for chain in [loggers, legs, apart] {
            assert_eq!(budgets(&chain), budgets(&whole), "they meet at {meet}");
            assert!(chain.lines[0].reasons.contains(&Reason::GapWorstCase));
        }
    }
    assert_eq!(budgets(&whole)[0], (10, 100, None));
}

#[test]
fn half_of_a_spent_budget_is_not_forgotten_for_three_minutes_of_paper() {
    for received in [100, 103] {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let mut first = held.story(vec![after(&[])], vec![place(1, None)], &[(1, warm(60))]);
        first.received.as_mut().unwrap().says.at = at(received);
        held.then(7, first);
        let second = held.story(vec![after(&[])], vec![place(2, None)], &[(2, warm(60))]);
        held.then(8, second);
        let last = held.story(vec![after(&[(7, 0), (8, 0)])], vec![place(3, None)], &[(3, [5_000; 11])]);
        let judgement = held.judge(&last);
        let told = (budget(&judgement).used_before.0 / 60_000, budget(&judgement).known);
        assert_eq!(told, (120, BudgetKnown::Complete), "received at {received}");
        assert_eq!((judgement.verdict, budget(&judgement).spent_at), (Verdict::Excursion, Some(at(100))));
    }
}

#[test]
fn two_tours_of_parts_that_fit_into_their_leg_do_not_add_up_however_late_the_second_left() {
    for (whole, used) in [(2, 40), (1, 70)] {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let line = ItemLine { quantity: whole, ..after(&[]) };
        let first = held.story(vec![line], vec![place(1, None)], &[(1, [5_000; 11])]);
        held.then(7, first);
        for (number, minutes) in [(8, 30), (6, 40)] {
            let tour = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, warm(minutes))]);
            held.then(number, tour);
        }
        let begin = held.begin;
        assert_eq!(used_before(&mut held, begin, &[(8, 0), (6, 0)]), used, "of {whole}");
    }
}
