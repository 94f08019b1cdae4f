//! What a logger reads that nobody placed, while others are placed, may only make it worse.

use super::*;
use crate::api::Counting::Counts;
use crate::shipment::line::LineJudgement;
use proptest::prelude::*;
use std::slice::from_ref;

const STRANGER: u8 = 9;

/// What loggers read.
type Values = Vec<(u8, [i32; 11])>;

/// As it stands without the readings of a stranger and with them.
fn judged(
    items: &[ItemLine],
    placements: &[Placement],
    values: &[(u8, [i32; 11])],
    stranger: [i32; 11],
) -> (Judgement, Judgement) {
    let mut held = Held::default();
    let without = held.story(items.to_vec(), placements.to_vec(), values);
    let values = [values, &[(STRANGER, stranger)]].concat();
    let with = held.story(items.to_vec(), placements.to_vec(), &values);
    (held.judge(&without), held.judge(&with))
}

/// Shipments in which a logger was lost, taken out, somewhere else, or there throughout.
fn shipments() -> Vec<(Vec<ItemLine>, Placement, Values)> {
    let until = |package: Option<&str>| Placement { to: Some(at(30)), ..place(1, package) };
    let from = |package: Option<&str>| Placement { from: Some(at(30)), ..place(1, package) };
    let read = vec![(1, [5_000; 11])];
    let (loose, in_box) = (vec![item()], vec![in_package(BOX)]);
    vec![
        (loose.clone(), place(1, None), vec![]),
        (in_box.clone(), place(1, Some(BOX)), vec![]),
        (in_box.clone(), until(Some(BOX)), read.clone()),
        (in_box.clone(), from(Some(BOX)), read.clone()),
        (loose.clone(), until(None), read.clone()),
        (loose.clone(), from(None), read.clone()),
        (in_box.clone(), place(1, Some(BOX)), read.clone()),
        (loose, place(1, None), read.clone()),
        (in_box, place(1, Some("other")), read.clone()),
        (vec![], until(None), read),
        (vec![], place(1, None), vec![]),
    ]
}

#[test]
fn the_cool_file_of_a_logger_that_nobody_placed_saves_no_line_and_fills_no_gap() {
    for (items, placement, values) in shipments() {
        let (without, with) = judged(&items, from_ref(&placement), &values, [5_000; 11]);
        assert_eq!((with.verdict, &with.reasons), (without.verdict, &without.reasons), "{placement:?}");
        let told = |judgement: &Judgement| -> Vec<(Verdict, Vec<Reason>)> {
            judgement.lines.iter().map(|line| (line.verdict, line.reasons.clone())).collect()
        };
        assert_eq!(told(&with), told(&without), "{placement:?}");
        assert_eq!((&with.freshness, &with.calibration), (&without.freshness, &without.calibration));
        let of_placed: Vec<_> =
            with.series.iter().filter(|one| one.logger != Id([STRANGER; 16])).cloned().collect();
        assert_eq!(of_placed, without.series);
    }
}

#[test]
fn the_heat_that_a_logger_read_which_nobody_placed_counts_beside_what_the_others_are_found_to_be() {
    for (items, placement, values) in shipments() {
        for stranger in [30_000, -20_000] {
            let (without, with) = judged(&items, from_ref(&placement), &values, [stranger; 11]);
            assert_eq!(with.verdict, Verdict::Excursion, "{placement:?}");
            assert!(without.reasons.iter().all(|reason| with.reasons.contains(reason)), "{with:?}");
            // Of a box that a logger is placed in throughout, it is heat of the shipment alone, as of any in no package.
            let is_apart = placement == place(1, Some(BOX));
            let lines = if is_apart { verdicts(&without) } else { vec![Verdict::Excursion; items.len()] };
            assert_eq!(verdicts(&with), lines, "{placement:?}");
        }
    }
}

#[test]
fn the_series_of_a_logger_that_nobody_placed_is_shown_and_its_readings_count() {
    let mut held = Held::default();
    let values = [(1, [5_000; 11]), (STRANGER, [30_000; 11])];
    let story = held.story(vec![item()], vec![place(1, None)], &values);
    let judgement = held.judge(&story);
    let detail = crate::shipment::detail(Id([8; 16]), &story, &judgement, &BTreeMap::new());
    let shown = judgement.series.iter().find(|one| one.logger == Id([STRANGER; 16])).unwrap();
    assert_eq!((shown.points.len(), shown.assessment.verdict), (11, Verdict::Excursion));
    assert_eq!(detail.count_of(shown, Counts), 11);
}

#[test]
fn nobody_relied_on_a_logger_that_nobody_placed_so_that_its_absence_is_no_gap() {
    for (stranger, verdict, reasons) in
        [(5_000, Verdict::Ok, &[][..]), (20_000, Verdict::Review, &[Reason::BudgetUsed])]
    {
        let mut held = Held::default();
        let line = ItemLine { profile: Some(with_budget()), ..item() };
        let mut story = held.story(vec![line], vec![place(1, None)], &[(1, [5_000; 11])]);
        story.sealed.push(held.seal(STRANGER, &[stranger, 5_000]));
        let judgement = held.judge(&story);
        let line = &judgement.lines[0];
        assert_eq!((line.verdict, &line.reasons[..]), (verdict, reasons));
        assert_eq!((judgement.verdict, &judgement.reasons[..]), (verdict, reasons));
        let shown = &judgement.series[1].assessment;
        assert_eq!((&shown.gaps[..], shown.reasons.as_slice()), (&[][..], reasons));
        let used: Vec<u64> = line.budgets.iter().map(|one| one.used_max.0 / 60_000).collect();
        assert_eq!(used, [if stranger > 8_000 { 10 } else { 0 }]);
    }
}

#[test]
fn of_a_budget_the_worst_of_all_counts_and_what_a_placed_logger_found_goes_on_in_one_that_nobody_placed() {
    let taken_out = Placement { to: Some(at(50)), ..place(1, None) };
    let line = ItemLine { profile: Some(with_budget()), ..item() };
    let used = |values: [i32; 11], stranger: [i32; 11]| {
        let (_, with) = judged(from_ref(&line), from_ref(&taken_out), &[(1, values)], stranger);
        let told = &with.lines[0].budgets[0];
        (told.used.0 / 60_000, told.used_max.0 / 60_000, with.lines[0].verdict)
    };
    let late = std::array::from_fn(|index| if index < 5 { 5_000 } else { 20_000 });
    assert_eq!(used([5_000; 11], [5_000; 11]), (0, 0, Verdict::Review), "the gap stays");
    assert_eq!(used([5_000; 11], warm(30)), (30, 30, Verdict::Review));
    assert_eq!(used(warm(30), warm(30)), (30, 30, Verdict::Review), "side by side no two add up");
    assert_eq!(used(warm(30), warm(20)), (30, 30, Verdict::Review));
    let (proven, most, verdict) = used(warm(30), late);
    assert_eq!((proven, most, verdict), (50, 50, Verdict::Review), "side by side");
}

#[test]
fn a_leg_that_only_a_logger_watched_which_nobody_placed_is_as_one_of_which_nothing_was_read() {
    for (stranger, verdict) in [(5_000, Verdict::Review), (30_000, Verdict::Excursion)] {
        let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
        let first = held.story(vec![after(&[])], vec![place(1, None)], &[(STRANGER, [stranger; 11])]);
        assert_eq!(verdicts(&held.judge(&first)), [verdict]);
        held.then(7, first);
        let last = held.story(vec![after(&[(7, 0)])], vec![place(2, None)], &[(2, [5_000; 11])]);
        let line = held.judge(&last).lines.remove(0);
        assert_eq!((line.verdict, line.budgets[0].known), (Verdict::Review, BudgetKnown::LegMissing));
        assert!(line.reasons.contains(&Reason::LegMissing));
        assert_eq!(line.reasons.contains(&Reason::LegNotReleased), verdict == Verdict::Excursion);
    }
}

#[test]
fn where_nothing_is_placed_every_logger_that_was_read_counts() {
    for (value, verdict) in [(5_000, Verdict::Ok), (30_000, Verdict::Excursion)] {
        let (_, with) = judged(&[in_package(BOX)], &[], &[], [value; 11]);
        assert_eq!((with.verdict, verdicts(&with)), (verdict, vec![verdict]));
        assert!(with.freshness.is_some());
    }
}

/// Readings of a logger at these minutes after the next shipment's pick-up.
fn seal_at(held: &mut Held, logger: u8, read: &BTreeMap<i64, i32>) -> Option<Sealed> {
    let values: Vec<i32> = read.values().copied().collect();
    let mut sealed = (!values.is_empty()).then(|| held.seal(logger, &values))?;
    let mut batch = held.batches.remove(&sealed.address)?;
    batch.times = read.keys().map(|minute| at(held.begin + minute)).collect();
    (sealed.readings.first, sealed.readings.last) = (batch.times[0], *batch.times.last().unwrap());
    sealed.address = Batch::address(&batch.to_bytes().unwrap());
    held.batches.insert(sealed.address, batch);
    Some(sealed)
}

type Read = BTreeMap<i64, i32>;

/// A leg: placements, what their loggers read, and what two read that nobody placed.
#[derive(Clone, Debug)]
struct Course {
    placements: Vec<Placement>,
    read: Vec<(u8, Read)>,
    strays: [Read; 2],
}

fn reads() -> impl Strategy<Value = Read> {
    let value = prop::sample::select(vec![-1_000, 5_000, 5_000, 8_200, 12_000, 20_000, 30_000]);
    let minute = prop::sample::select((-10_i64..=120).step_by(5).collect::<Vec<_>>());
    prop_oneof![
        prop::collection::btree_map(minute, value.clone(), 0..14),
        value.prop_map(|value| (0..=100).step_by(10).map(|minute| (minute, value)).collect()),
    ]
}

fn courses() -> impl Strategy<Value = Course> {
    let edge = || prop::option::of(prop::sample::select(vec![0_i64, 20, 33, 50, 70, 90]));
    let package = prop::sample::select(vec![None, Some(BOX), Some(PALLET), Some("other")]);
    let stay = (1_u8..4, package, edge(), edge()).prop_map(|(logger, package, one, other)| {
        let (from, to) = if one <= other { (one, other) } else { (other, one) };
        (logger, package, from, to.filter(|to| Some(*to) != from))
    });
    (prop::collection::vec(stay, 1..4), [reads(), reads(), reads()], [reads(), reads()]).prop_map(
        |(places, read, strays)| {
            let mut placements: Vec<Placement> = Vec::new();
            for (logger, package, from, to) in places {
                let new = Placement { from: from.map(at), to: to.map(at), ..place(logger, package) };
                if !crate::shipment::in_two_places(&[&placements[..], from_ref(&new)].concat()) {
                    placements.push(new);
                }
            }
            let placed = |logger: &u8| placements.iter().any(|one| one.logger == Id([*logger; 16]));
            let read = (1_u8..).zip(read).filter(|(logger, _)| placed(logger)).collect();
            Course { placements, read, strays }
        },
    )
}

fn story_of(held: &mut Held, line: ItemLine, course: &Course, strays: usize) -> Story {
    let shifted = |time: Option<UtcMillis>| time.map(|time| UtcMillis(time.0 + held.begin * MINUTE));
    let placements: Vec<Placement> = course
        .placements
        .iter()
        .map(|one| Placement { from: shifted(one.from), to: shifted(one.to), ..one.clone() })
        .collect();
    let mut story = held.story(vec![line, item()], placements, &[]);
    let strays = (STRANGER..).zip(&course.strays).take(strays);
    for (logger, read) in course.read.iter().map(|(logger, read)| (*logger, read)).chain(strays) {
        story.sealed.extend(seal_at(held, logger, read));
    }
    story
}

/// The goods over a leg and on from it, with the readings of so many strangers in each.
fn along_both(line: &ItemLine, [first, last]: &[Course; 2], strays: [usize; 2]) -> [Judgement; 2] {
    let mut held = Held { signed: STORIES_BEGIN, ..Held::default() };
    let leg = story_of(&mut held, line.clone(), first, strays[0]);
    let of_leg = held.judge(&leg);
    held.then(7, leg);
    let onward = ItemLine { package: line.package.clone(), ..after(&[(7, 0)]) };
    let story = story_of(&mut held, onward, last, strays[1]);
    [of_leg, held.judge(&story)]
}

/// What may be told no more once more was read.
#[derive(Clone, Copy)]
enum Lacks {
    Nothing,
    /// That a budget may be spent, where it is found to be.
    WhatMayBeSpent,
}

impl Lacks {
    /// The reasons that some lines had and have no more.
    fn others(self, (with, now): (&[Reason], &[LineJudgement]), without: &[Reason]) -> Vec<Reason> {
        let mut budgets = now.iter().flat_map(|line| &line.budgets);
        let is_spent = budgets.any(|one| one.spent_at.is_some());
        let may_lack = |reason: Reason| match self {
            Self::Nothing => false,
            Self::WhatMayBeSpent => is_spent && reason == Reason::GapWorstCase,
        };
        let lacks = |reason: &&Reason| !with.contains(reason) && !may_lack(**reason);
        without.iter().filter(lacks).copied().collect()
    }
}

fn is_no_better(with: &Judgement, without: &Judgement, lacks: Lacks) -> Result<(), TestCaseError> {
    prop_assert!(with.verdict >= without.verdict);
    prop_assert_eq!(lacks.others((&with.reasons, &with.lines), &without.reasons), vec![]);
    for (with, without) in with.lines.iter().zip(&without.lines) {
        prop_assert!(with.verdict >= without.verdict);
        let of_line = (with.reasons.as_slice(), from_ref(with));
        prop_assert_eq!(lacks.others(of_line, &without.reasons), vec![], "{:?} {:?}", with, without);
        prop_assert_eq!(&with.wanting, &without.wanting);
        for before in &without.budgets {
            let now = with.budgets.iter().find(|one| one.id == before.id).unwrap();
            prop_assert!(now.used >= before.used && now.used_max >= before.used_max, "{now:?} {before:?}");
            prop_assert!(now.used_before >= before.used_before && now.known == before.known);
            prop_assert!(before.spent_at.is_none_or(|spent| now.spent_at.is_some_and(|now| now <= spent)));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn readings_of_a_logger_that_nobody_placed_improve_nothing_and_take_no_reason_and_no_use_away(
        courses in [courses(), courses()],
        package in prop::sample::select(vec![None, Some(BOX), Some(PALLET)]),
        own in any::<bool>(),
    ) {
        let profile = own.then(with_budget);
        let line = ItemLine { package: package.map(str::to_owned), profile, ..item() };
        let none = along_both(&line, &courses, [0, 0]);
        let mut before = none.clone();
        for strays in [[1, 0], [1, 1], [2, 1], [2, 2]] {
            let with = along_both(&line, &courses, strays);
            is_no_better(&with[0], &none[0], Lacks::Nothing)?;
            for (with, without) in with.iter().zip(&before) {
                is_no_better(with, without, Lacks::WhatMayBeSpent)?;
            }
            before = with;
        }
    }
}
