//! A shipment follows from its lines, and a series counts only while its logger was placed.

use super::*;
use crate::profile::{AlarmMode, AlarmRule, Bound, Severity};
use proptest::prelude::*;

/// Above 8 °C for an hour in all.
fn an_hour_above() -> Profile {
    let hot = AlarmRule {
        id: "hot".into(),
        bound: Bound::Above,
        limit: MilliCelsius(8_000),
        allowance_s: 3_600,
        mode: AlarmMode::Cumulative,
        severity: Severity::Alarm,
        inclusive: false,
    };
    Profile { alarms: vec![hot], budgets: Vec::new(), ..cold() }
}

/// A shipment by this profile.
fn by(profile: Profile, mut story: Story) -> Story {
    story.created.as_mut().unwrap().says.profile = profile;
    story
}

fn away() -> Vec<Placement> {
    vec![from_to(1, None, None, Some(30)), from_to(1, None, Some(70), None)]
}

/// This temperature from minute 30 to minute 60, else 5 °C.
fn elsewhere(value: i32) -> [i32; 11] {
    std::array::from_fn(|index| if (3..7).contains(&index) { value } else { 5_000 })
}

#[test]
fn what_a_logger_measured_while_it_was_elsewhere_is_a_gap_whether_lines_are_listed_or_not() {
    for items in [vec![item()], vec![]] {
        for value in [5_000, 20_000, -5_000] {
            let mut held = Held::default();
            let story = held.story(items.clone(), away(), &[(1, elsewhere(value))]);
            let judgement = held.judge(&story);
            let told = (judgement.verdict, &judgement.reasons[..]);
            assert_eq!(told, (Verdict::Review, &[Reason::Gap][..]), "{value} {}", items.len());
            let series = &judgement.series[0];
            assert_eq!((series.points.len(), series.assessment.statistics.count), (11, 7));
            assert_eq!(series.assessment.excursions, []);
        }
    }
}

#[test]
fn loggers_that_leave_time_between_them_leave_a_gap_also_where_no_line_is_listed() {
    for (next, reasons) in [(40, &[][..]), (60, &[Reason::Gap][..])] {
        for items in [vec![item()], vec![]] {
            let mut held = Held::default();
            let relay = vec![from_to(1, None, None, Some(40)), from_to(2, None, Some(next), None)];
            let story = held.story(items.clone(), relay, &[(1, [5_000; 11]), (2, [5_000; 11])]);
            let judgement = held.judge(&story);
            assert_eq!(judgement.reasons, reasons, "from {next}");
            let of_lines =
                judgement.lines.iter().flat_map(|line| &line.series).map(|(_, one)| one.gaps.len());
            let of_series = judgement.series.iter().map(|one| one.assessment.gaps.len());
            let signed: usize = if items.is_empty() { of_series.sum() } else { of_lines.sum() };
            assert_eq!(signed, reasons.len(), "and what is signed tells it");
        }
    }
    let mut held = Held::default();
    let late = held.story(vec![], vec![from_to(1, None, Some(40), None)], &[(1, [5_000; 11])]);
    assert_eq!(held.judge(&late).reasons, [Reason::Gap], "nor does one that came late");
    let relieved = [away(), vec![from_to(2, None, Some(30), Some(70))]].concat();
    let relieved = held.story(vec![], relieved, &[(1, elsewhere(20_000)), (2, [5_000; 11])]);
    assert_eq!(held.judge(&relieved).verdict, Verdict::Ok, "another one was there");
}

#[test]
fn a_shipment_is_judged_by_its_lines_whether_they_name_its_profile_or_not() {
    let hot = std::array::from_fn(|index| if (1..9).contains(&index) { 9_000 } else { 5_000 });
    let moved = vec![from_to(1, Some(BOX), None, Some(50)), from_to(1, Some("other"), Some(50), None)];
    let mut judged = Vec::new();
    for named in [None, Some(an_hour_above())] {
        let items = [BOX, "other"].map(|package| ItemLine { profile: named.clone(), ..in_package(package) });
        let mut held = Held::default();
        let story = by(an_hour_above(), held.story(items.to_vec(), moved.clone(), &[(1, hot)]));
        let judgement = held.judge(&story);
        assert_eq!(verdicts(&judgement), [Verdict::Review; 2], "40 minutes in each, of 60");
        let signed: Vec<_> = (0..).zip(&judgement.lines).map(|(place, line)| line.to_record(place)).collect();
        assert!(signed.iter().all(|line| line.assessments.is_some()), "it is signed what a line rests on");
        judged.push((judgement.verdict, judgement.reasons, signed));
    }
    assert_eq!(judged[0], judged[1]);
    assert_eq!(judged[0].0, Verdict::Review);
}

#[test]
fn what_was_measured_where_no_line_lay_counts_for_the_shipment_while_it_lay_there() {
    for (beside, verdict) in [(20_000, Verdict::Excursion), (5_000, Verdict::Ok)] {
        let mut held = Held::default();
        let moved = vec![from_to(1, Some("other"), None, Some(50)), from_to(1, Some(BOX), Some(50), None)];
        let values = std::array::from_fn(|index| if index < 5 { beside } else { 5_000 });
        let story = held.story(
            vec![in_package(BOX)],
            [moved, vec![from_to(2, Some(BOX), None, Some(50))]].concat(),
            &[(1, values), (2, [5_000; 11])],
        );
        let judgement = held.judge(&story);
        assert_eq!((judgement.verdict, verdicts(&judgement)), (verdict, vec![Verdict::Ok]));
        let mut held = Held::default();
        let places = vec![
            place(2, Some(BOX)),
            from_to(1, Some("other"), None, Some(30)),
            from_to(1, Some("other"), Some(70), None),
        ];
        let story = held.story(vec![in_package(BOX)], places, &[(1, elsewhere(beside)), (2, [5_000; 11])]);
        assert_eq!(
            (held.judge(&story).verdict, held.judge(&story).reasons),
            (Verdict::Review, vec![Reason::Gap])
        );
    }
}

#[test]
fn what_a_logger_measured_while_it_served_a_line_counts_by_the_lines_profile_alone() {
    let ice = ItemLine { profile: Some(frozen()), ..in_package(BOX) };
    for (then, verdict) in [(5_000, Verdict::Ok), (20_000, Verdict::Excursion)] {
        let mut held = Held::default();
        let values = std::array::from_fn(|index| if index < 5 { -20_000 } else { then });
        let places = vec![place(1, Some(PALLET)), from_to(2, Some(BOX), Some(50), None)];
        let story = held.story(vec![ice.clone()], places, &[(1, values), (2, [-20_000; 11])]);
        let judgement = held.judge(&story);
        assert_eq!((verdicts(&judgement), judgement.verdict), (vec![Verdict::Ok], verdict), "{then}");
    }
}

#[test]
fn a_logger_is_watched_as_it_is_judged() {
    let mut held = Held::default();
    let story = held.story(vec![], away(), &[]);
    let course = crate::shipment::course(&story, Id([1; 16]), &BTreeMap::new()).unwrap();
    let counted = [0, 29, 30, 69, 70, 100].map(|minute| course.counts(at(minute)));
    assert_eq!(counted, [true, true, false, false, true, true]);
}

/// Where a logger lies one after another: to which minute, and in which package; nowhere where there is none.
fn travels() -> impl Strategy<Value = Vec<(i64, Option<usize>)>> {
    prop::collection::vec((1..40_i64, prop::option::weighted(0.8, 0..3_usize)), 1..4)
}

fn placements(logger: u8, travels: &[(i64, Option<usize>)]) -> Vec<Placement> {
    let mut begin = 0;
    let mut placed = Vec::new();
    for (place, (lasts, package)) in travels.iter().enumerate() {
        let (from, to) = (begin, begin + lasts);
        begin = to;
        let (from, to) = ((from > 0).then_some(from), (place + 1 < travels.len()).then_some(to));
        let packages = [BOX, "other", PALLET];
        placed.extend(package.map(|package| from_to(logger, Some(packages[package]), from, to)));
    }
    placed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn who_names_the_profile_or_lists_the_one_line_changes_nothing(
        travels in (travels(), travels()),
        values in prop::collection::vec(prop_oneof![3 => Just(5_000), 2 => Just(9_000), 1 => Just(-1_000)], 22),
    ) {
        let placed = [placements(1, &travels.0), placements(2, &travels.1)].concat();
        let read = |logger: usize| std::array::from_fn(|index| values[logger * 11 + index]);
        let judged = |items: Vec<ItemLine>| {
            let mut held = Held::default();
            let loggers = [1_u8, 2].into_iter().filter(|one| placed.iter().any(|place| place.logger == Id([*one; 16])));
            let read: Vec<_> = loggers.map(|one| (one, read(usize::from(one) - 1))).collect();
            let story = by(an_hour_above(), held.story(items, placed.clone(), &read));
            let judgement = held.judge(&story);
            (judgement.verdict, judgement.reasons)
        };
        let lines = |named: Option<Profile>| {
            [BOX, "other"].map(|package| ItemLine { profile: named.clone(), ..in_package(package) }).to_vec()
        };
        prop_assert_eq!(judged(lines(None)), judged(lines(Some(an_hour_above()))));
        let named = ItemLine { profile: Some(an_hour_above()), ..item() };
        prop_assert_eq!(judged(vec![]), judged(vec![item()]));
        prop_assert_eq!(judged(vec![]), judged(vec![named]));
    }
}

#[test]
fn a_series_over_two_placements_tells_its_window_what_counts_for_nothing_and_that_lines_stand_by_their_parts()
{
    use crate::api::Counting::{Counts, Outside, Unplaced};
    // Above 8 °C for less than an hour in either box, for more in both.
    let mut held = Held::default();
    let boxes = vec![in_package(BOX), in_package("other")];
    let moved = vec![from_to(1, Some(BOX), None, Some(50)), from_to(1, Some("other"), Some(51), Some(90))];
    let story = by(an_hour_above(), held.story(boxes, moved.clone(), &[(1, [9_000; 11])]));
    let judgement = held.judge(&story);
    let detail = crate::shipment::detail(Id([9; 16]), &story, &judgement, &BTreeMap::new());
    let series = &detail.series[0];
    let lines: Vec<Verdict> = detail.lines.iter().map(|line| line.verdict).collect();
    assert_eq!((series.assessment.verdict, &lines[..]), (Verdict::Excursion, &[Verdict::Review; 2][..]));
    assert!(detail.counts_in_parts(series));
    assert_eq!((series.window.from, series.window.to), (Some(at(0)), Some(at(90))));
    assert_eq!(detail.placements, moved);
    let counts = |wanted| detail.count_of(series, wanted) as u64;
    // Minute 50 and from minute 90 on.
    assert_eq!([counts(Counts), counts(Unplaced), counts(Outside)], [8, 3, 0]);
    assert_eq!(counts(Counts), series.assessment.statistics.count);
    let early = detail.counting(series.logger, at(-1));
    assert_eq!((early, detail.counting(Id([8; 16]), at(50))), (Outside, Counts));
}

#[test]
fn a_series_of_a_logger_that_lay_in_one_place_is_not_said_to_count_in_parts() {
    let mut held = Held::default();
    let story = held.story(vec![item()], vec![place(1, None)], &[(1, [5_000; 11])]);
    let judgement = held.judge(&story);
    let detail = crate::shipment::detail(Id([9; 16]), &story, &judgement, &BTreeMap::new());
    assert!(!detail.counts_in_parts(&detail.series[0]));
    assert_eq!(detail.count_of(&detail.series[0], crate::api::Counting::Counts), 11);
}
