use super::*;
use crate::profile::{Bound, preset};
use crate::time::{LocalInstant, UtcOffset};
use proptest::prelude::*;

/// Refrigerator, every ten minutes, no alarm: any reading out is an excursion.
const PLAIN: &str = r#"{"limits":{"min_c":2.0,"max_c":8.0},"interval_s":600}"#;

fn profile(json: &str) -> Profile {
    Profile::from_json(json).unwrap()
}

fn with_alarm(alarm: &str) -> Profile {
    profile(&format!(r#"{{"limits":{{"min_c":2.0,"max_c":8.0}},"interval_s":600,"alarms":[{alarm}]}}"#))
}

const HOT_HALF_HOUR: &str =
    r#"{"id":"hot","bound":"above","limit_c":8.0,"mode":"single","allowance_s":1800}"#;
const HOT_TOTAL: &str =
    r#"{"id":"hot","bound":"above","limit_c":8.0,"mode":"cumulative","allowance_s":1800}"#;

/// Minutes from the begin of 2026-07-01 (UTC), with degrees.
fn samples(readings: &[(i64, f64)]) -> Vec<Sample> {
    readings
        .iter()
        .map(|(minute, degrees)| Sample {
            time: minute_of_day(*minute),
            value: MilliCelsius((degrees * 1000.0).round() as i32),
        })
        .collect()
}

fn minute_of_day(minute: i64) -> UtcMillis {
    LocalInstant::parse("2026-07-01T00:00:00Z").unwrap().at.plus_seconds(minute * 60)
}

fn at(text: &str) -> UtcMillis {
    LocalInstant::parse(text).unwrap().at
}

fn judge(profile: &Profile, readings: &[(i64, f64)]) -> Assessment {
    assess_series(profile, &samples(readings), None, Span::WHOLE)
}

fn minutes(length: Milliseconds) -> f64 {
    length.0 as f64 / 60_000.0
}

fn adds_up(assessment: &Assessment) -> bool {
    let Statistics { in_range, above, below, no_data, span, .. } = assessment.statistics;
    in_range.0 + above.0 + below.0 + no_data.0 == span.0
}

#[test]
fn exactly_eight_degrees_and_exactly_two_are_in_range() {
    let assessment = judge(&profile(PLAIN), &[(0, 8.0), (10, 2.0), (20, 8.0)]);
    assert_eq!(assessment.verdict, Verdict::Ok);
    assert_eq!(assessment.reasons, []);
    assert_eq!(minutes(assessment.statistics.in_range), 20.0);
}

#[test]
fn five_thousandths_beyond_a_limit_are_out() {
    let profile = profile(PLAIN);
    for (value, bound) in [(8.005, Bound::Above), (1.995, Bound::Below)] {
        let assessment = judge(&profile, &[(0, 5.0), (10, value), (20, 5.0)]);
        assert_eq!(assessment.verdict, Verdict::Excursion);
        assert_eq!(assessment.excursions[0].bound, bound);
        assert_eq!(assessment.excursions[0].extreme, MilliCelsius((value * 1e3_f64).round() as i32));
    }
}

#[test]
fn an_inclusive_alarm_fires_at_its_limit_and_another_does_not() {
    let alarm = r#"{"id":"cold","bound":"below","limit_c":-0.5,"mode":"single","allowance_s":0"#;
    let readings = [(0, 5.0), (10, -0.5), (20, 5.0)];
    let inclusive = judge(&with_alarm(&format!(r#"{alarm},"inclusive":true}}"#)), &readings);
    assert_eq!(inclusive.fired().count(), 1);
    let exclusive = judge(&with_alarm(&format!("{alarm}}}")), &readings);
    assert_eq!((exclusive.fired().count(), exclusive.verdict), (0, Verdict::Review));
}

#[test]
fn an_excursion_runs_from_the_first_sample_out_to_the_first_sample_in() {
    // The Q-tag's published example: out at 12:16, in again at 14:41, every minute.
    let mut profile = profile(PLAIN);
    profile.interval_s = 60;
    let readings: Vec<(i64, f64)> = (12 * 60..15 * 60)
        .map(|minute| (minute, if (736..881).contains(&minute) { 9.1 } else { 7.9 }))
        .collect();
    let assessment = judge(&profile, &readings);
    let [excursion] = assessment.excursions[..] else { panic!("one excursion") };
    assert_eq!(excursion.begin, at("2026-07-01T12:16:00Z"));
    assert_eq!(excursion.end, Some(at("2026-07-01T14:41:00Z")));
    assert_eq!((excursion.ended_by, minutes(excursion.duration)), (EndedBy::Reading, 145.0));
    assert_eq!(excursion.degree_minutes, MilliDegreeMinutes(145 * 1100));
}

#[test]
fn a_gap_between_two_hot_readings_is_not_hot_time() {
    let assessment = judge(&profile(PLAIN), &[(0, 9.0), (10, 9.5), (100, 9.2), (110, 5.0)]);
    assert_eq!(minutes(assessment.statistics.above), 20.0);
    assert_eq!(minutes(assessment.statistics.no_data), 90.0);
    assert_eq!(minutes(assessment.statistics.above_max), 110.0);
    assert_eq!(assessment.gaps, [Gap { from: minute_of_day(10), to: minute_of_day(100) }]);
    assert_eq!(assessment.reasons, [Reason::Gap]);
    let [first, second] = assessment.excursions[..] else { panic!("two excursions") };
    assert_eq!(
        (first.ended_by, first.end, minutes(first.duration)),
        (EndedBy::Gap, Some(minute_of_day(10)), 10.0)
    );
    assert_eq!((second.begin, second.ended_by), (minute_of_day(100), EndedBy::Reading));
    assert!(adds_up(&assessment));
}

#[test]
fn one_and_a_half_intervals_are_data_and_a_millisecond_more_is_none() {
    let profile = profile(PLAIN);
    let mut series = samples(&[(0, 5.0), (15, 5.0)]);
    let assessment = assess_series(&profile, &series, None, Span::WHOLE);
    assert_eq!((assessment.gaps.len(), minutes(assessment.statistics.in_range)), (0, 15.0));
    series[1].time.0 += 1;
    let assessment = assess_series(&profile, &series, None, Span::WHOLE);
    assert_eq!((assessment.gaps.len(), assessment.statistics.in_range.0), (1, 0));
    assert_eq!(assessment.statistics.no_data.0, 900_001);
}

#[test]
fn the_loggers_own_interval_decides_what_a_gap_is_where_it_is_known() {
    let series = samples(&[(0, 5.0), (20, 5.0)]);
    let profile = profile(PLAIN);
    assert_eq!(assess_series(&profile, &series, Some(900), Span::WHOLE).gaps, []);
    assert_eq!(assess_series(&profile, &series, Some(0), Span::WHOLE).gaps.len(), 1, "0 is unknown");
}

#[test]
fn an_excursion_is_not_split_at_midnight() {
    let assessment = judge(&profile(PLAIN), &[(1430, 9.0), (1440, 9.0), (1450, 9.0), (1460, 5.0)]);
    assert_eq!(assessment.excursions.len(), 1);
    assert_eq!(minutes(assessment.excursions[0].duration), 30.0);
}

#[test]
fn a_lost_sensor_leaves_the_excursion_open_until_its_last_sample_alone() {
    let series = samples(&[(0, 5.0), (10, 9.0), (20, 9.5)]);
    let open = assess_series(&profile(PLAIN), &series, None, Span::WHOLE);
    let [excursion] = open.excursions[..] else { panic!("one excursion") };
    assert_eq!((excursion.end, excursion.ended_by, minutes(excursion.duration)), (None, EndedBy::Open, 10.0));
    // A day later still nothing: that day is a gap, and no excursion.
    let span = Span::new(None, Some(minute_of_day(20 + 1440))).unwrap();
    let lost = assess_series(&profile(PLAIN), &series, None, span);
    let [excursion] = lost.excursions[..] else { panic!("one excursion") };
    assert_eq!((excursion.end, excursion.ended_by), (Some(minute_of_day(20)), EndedBy::Gap));
    assert_eq!(minutes(lost.statistics.no_data), 1440.0);
    assert_eq!(minutes(lost.statistics.above_max), 1450.0);
}

#[test]
fn every_excursion_tells_its_extreme_and_both_sides_count_degree_minutes_upwards() {
    let assessment = judge(&profile(PLAIN), &[(0, 9.0), (10, 10.5), (20, 1.0), (30, -1.5), (40, 5.0)]);
    let [hot, cold] = assessment.excursions[..] else { panic!("two excursions") };
    assert_eq!(
        (hot.bound, hot.ended_by, hot.extreme),
        (Bound::Above, EndedBy::Crossed, MilliCelsius(10_500))
    );
    assert_eq!(
        (cold.bound, cold.ended_by, cold.extreme),
        (Bound::Below, EndedBy::Reading, MilliCelsius(-1500))
    );
    assert_eq!(hot.end, Some(cold.begin));
    assert_eq!(hot.degree_minutes, MilliDegreeMinutes(35_000));
    assert_eq!(cold.degree_minutes, MilliDegreeMinutes(45_000));
}

#[test]
fn an_alarm_fires_at_the_first_hot_reading_that_has_used_the_allowance() {
    let profile = with_alarm(HOT_HALF_HOUR);
    let fires = judge(&profile, &[(0, 9.0), (10, 9.0), (20, 9.0), (30, 9.0), (40, 5.0)]);
    assert_eq!(fires.alarms[0].triggered_at, Some(minute_of_day(30)));
    assert_eq!((fires.verdict, fires.reasons.as_slice()), (Verdict::Excursion, [].as_slice()));
    let state = &fires.alarms[0];
    assert_eq!((state.begin, state.end), (Some(minute_of_day(0)), Some(minute_of_day(40))));
    assert_eq!((minutes(state.accumulated), state.extreme), (40.0, Some(MilliCelsius(9000))));
}

#[test]
fn the_first_reading_in_range_cannot_fire_an_alarm() {
    let assessment = judge(&with_alarm(HOT_HALF_HOUR), &[(0, 9.0), (10, 9.0), (20, 9.0), (30, 5.0)]);
    assert_eq!(assessment.alarms[0].triggered_at, None);
    assert_eq!(minutes(assessment.alarms[0].accumulated), 30.0);
    assert_eq!(
        (assessment.verdict, assessment.reasons.as_slice()),
        (Verdict::Review, [Reason::OutWithoutAlarm].as_slice())
    );
}

#[test]
fn an_alarm_without_allowance_fires_at_the_first_hot_reading() {
    let profile = with_alarm(r#"{"id":"hot","bound":"above","limit_c":8.0,"mode":"single","allowance_s":0}"#);
    let assessment = judge(&profile, &[(0, 5.0), (10, 8.001), (20, 5.0)]);
    assert_eq!(assessment.alarms[0].triggered_at, Some(minute_of_day(10)));
}

#[test]
fn a_cool_reading_restarts_a_single_alarm_and_not_a_cumulative_one() {
    let readings = [(0, 9.0), (10, 9.0), (20, 5.0), (30, 9.0), (40, 9.0), (50, 5.0)];
    assert_eq!(judge(&with_alarm(HOT_HALF_HOUR), &readings).fired().count(), 0);
    let cumulative = judge(&with_alarm(HOT_TOTAL), &readings);
    assert_eq!(cumulative.alarms[0].triggered_at, Some(minute_of_day(40)), "20 minutes before, 10 after");
    assert_eq!(minutes(cumulative.alarms[0].accumulated), 40.0);
}

#[test]
fn a_gap_restarts_a_single_alarm_and_its_time_never_adds_up() {
    let readings = [(0, 9.0), (10, 9.0), (20, 9.0), (60, 9.0), (70, 9.0)];
    let single = judge(&with_alarm(HOT_HALF_HOUR), &readings);
    assert_eq!(single.alarms[0].triggered_at, None);
    assert_eq!(single.reasons, [Reason::Gap, Reason::GapWorstCase, Reason::OutWithoutAlarm]);
    let cumulative = judge(&with_alarm(HOT_TOTAL), &readings);
    assert_eq!(cumulative.alarms[0].triggered_at, Some(minute_of_day(70)), "20 before and 10 after the gap");
}

#[test]
fn a_gap_that_could_not_have_fired_an_alarm_is_only_a_gap() {
    let short = judge(&with_alarm(HOT_HALF_HOUR), &[(0, 9.0), (16, 5.0), (26, 5.0)]);
    assert_eq!(short.reasons, [Reason::Gap, Reason::OutWithoutAlarm]);
    let cool = judge(&with_alarm(HOT_HALF_HOUR), &[(0, 5.0), (600, 5.0)]);
    assert_eq!(cool.reasons, [Reason::Gap]);
    assert_eq!(cool.statistics.above_max.0, 0);
    let before_hot = judge(&with_alarm(HOT_HALF_HOUR), &[(0, 5.0), (30, 9.0), (40, 5.0)]);
    assert_eq!(before_hot.reasons, [Reason::Gap, Reason::GapWorstCase, Reason::OutWithoutAlarm]);
}

#[test]
fn an_alarms_limit_is_its_own() {
    let profile = preset("who-10-day-type-1").unwrap().profile.clone();
    let warm = judge(&profile, &[(0, 29.9), (10, 29.9), (20, 5.0)]);
    assert_eq!(
        (warm.verdict, warm.reasons.as_slice()),
        (Verdict::Review, [Reason::OutWithoutAlarm].as_slice())
    );
    let hour: Vec<(i64, f64)> = (0..=6).map(|step| (step * 10, 45.0)).collect();
    let hot = judge(&profile, &hour);
    assert_eq!(hot.fired().map(|alarm| alarm.rule.id.as_str()).collect::<Vec<_>>(), ["hot-45"]);
    assert_eq!(hot.alarms[0].triggered_at, Some(minute_of_day(60)));
}

#[test]
fn a_warning_asks_for_review_and_an_alarm_of_the_other_side_does_not_excuse() {
    let profile = with_alarm(
        r#"{"id":"warm","bound":"above","limit_c":7.0,"mode":"single","allowance_s":0,"severity":"warning"}"#,
    );
    let warm = judge(&profile, &[(0, 7.5), (10, 5.0)]);
    assert_eq!((warm.verdict, warm.reasons.as_slice()), (Verdict::Review, [Reason::Warning].as_slice()));
    let hot = judge(&profile, &[(0, 8.5), (10, 5.0)]);
    assert_eq!(hot.reasons, [Reason::OutWithoutAlarm, Reason::Warning]);
    let cold = judge(&profile, &[(0, 1.9), (10, 5.0)]);
    assert_eq!(cold.verdict, Verdict::Excursion, "the lower bound has no alarm");
}

#[test]
fn a_reading_below_zero_holds_goods_that_freezing_damages_and_no_others() {
    let mut profile =
        with_alarm(r#"{"id":"cold","bound":"below","limit_c":-5.0,"mode":"single","allowance_s":0}"#);
    profile.limits.min = MilliCelsius(-2000);
    assert_eq!(judge(&profile, &[(0, -0.001), (10, 5.0)]).verdict, Verdict::Ok);
    profile.freeze = Some(crate::profile::Freeze::Sensitive);
    assert_eq!(judge(&profile, &[(0, -0.001), (10, 5.0)]).reasons, [Reason::Freeze]);
    assert_eq!(judge(&profile, &[(0, 0.0), (10, 5.0)]).verdict, Verdict::Ok);
    profile.freeze = Some(crate::profile::Freeze::Tolerant);
    assert_eq!(judge(&profile, &[(0, -0.001), (10, 5.0)]).verdict, Verdict::Ok);
}

const BUDGET: &str = r#"{"limits":{"min_c":2.0,"max_c":8.0},"interval_s":600,
    "alarms":[{"id":"hot","bound":"above","limit_c":8.0,"mode":"single","allowance_s":600}],
    "budgets":[{"id":"room","from_c":8.0,"to_c":25.0,"allowance_s":1800}]}"#;

#[test]
fn time_in_a_budget_is_a_reason_for_review_and_an_alarm_inside_it_does_not_decide() {
    let assessment = judge(&profile(BUDGET), &[(0, 25.0), (10, 20.0), (20, 9.0), (30, 8.0)]);
    assert_eq!(assessment.fired().count(), 1, "the alarm is still told");
    assert_eq!(
        (assessment.verdict, assessment.reasons.as_slice()),
        (Verdict::Review, [Reason::BudgetUsed].as_slice())
    );
    assert_eq!((minutes(assessment.budgets[0].used), assessment.budgets[0].spent_at), (30.0, None));
}

#[test]
fn a_spent_budget_is_an_excursion_at_that_minute() {
    let assessment = judge(&profile(BUDGET), &[(0, 20.0), (10, 20.0), (20, 5.0), (30, 20.0), (44, 5.0)]);
    assert_eq!(assessment.verdict, Verdict::Excursion);
    assert_eq!(assessment.budgets[0].spent_at, Some(minute_of_day(40)));
    let gap = judge(&profile(BUDGET), &[(0, 20.0), (10, 20.0), (40, 5.0)]);
    assert_eq!(gap.reasons, [Reason::Gap, Reason::GapWorstCase, Reason::BudgetUsed]);
    assert_eq!(minutes(gap.budgets[0].used_max), 40.0);
}

#[test]
fn a_reading_beyond_every_budget_is_judged_by_limits_and_alarms() {
    let assessment = judge(&profile(BUDGET), &[(0, 20.0), (10, 25.1), (20, 5.0)]);
    assert_eq!((assessment.verdict, assessment.fired().count()), (Verdict::Excursion, 1));
}

/// An hour above 8 °C fires; a day from 8 to 15 °C is allowed.
const MILD: &str = r#"{"limits":{"min_c":2.0,"max_c":8.0},"interval_s":600,
    "alarms":[{"id":"hot","bound":"above","limit_c":8.0,"mode":"single","allowance_s":3600}],
    "budgets":[{"id":"mild","from_c":8.0,"to_c":15.0,"allowance_s":86400}]}"#;

#[test]
fn an_alarm_that_fired_inside_a_band_alone_does_not_decide_whatever_another_stretch_did() {
    let at = |from: i64, to: i64, degrees: f64| (from..=to).step_by(10).map(move |minute| (minute, degrees));
    let mild_then_brief: Vec<_> = at(0, 120, 10.0)
        .chain(at(130, 180, 5.0))
        .chain(at(190, 190, 16.0))
        .chain(at(200, 240, 5.0))
        .collect();
    let assessment = judge(&profile(MILD), &mild_then_brief);
    assert_eq!(assessment.reasons, [Reason::OutWithoutAlarm, Reason::BudgetUsed]);
    assert_eq!(assessment.verdict, Verdict::Review);
    assert_eq!(assessment.alarms[0].triggered_at, Some(minute_of_day(60)), "it is told all the same");
    let hot_for_an_hour: Vec<_> =
        at(0, 120, 10.0).chain(at(130, 180, 5.0)).chain(at(190, 260, 16.0)).collect();
    assert_eq!(judge(&profile(MILD), &hot_for_an_hour).verdict, Verdict::Excursion);
    let within_one_stretch: Vec<_> = at(0, 120, 10.0).chain(at(130, 130, 16.0)).collect();
    assert_eq!(judge(&profile(MILD), &within_one_stretch).verdict, Verdict::Excursion);
}

#[test]
fn what_a_gap_hides_from_an_alarm_is_asked_of_stretches_that_no_budget_covers_and_of_each_of_them() {
    let in_band = judge(&profile(MILD), &[(0, 10.0), (120, 5.0)]);
    assert_eq!(in_band.reasons, [Reason::Gap, Reason::BudgetUsed], "two of its twenty-four hours at most");
    let fired_in_band: Vec<_> = (0..=12).map(|ten| (ten * 10, 10.0)).collect();
    let then_hot = [fired_in_band, vec![(130, 5.0), (140, 16.0), (260, 5.0)]].concat();
    let assessment = judge(&profile(MILD), &then_hot);
    assert!(assessment.reasons.contains(&Reason::GapWorstCase), "{:?}", assessment.reasons);
}

#[test]
fn where_two_bands_meet_in_fahrenheit_the_edge_is_charged_to_the_one_nearer_the_limits() {
    let profile = profile(
        r#"{"limits":{"min_f":-58.0,"max_f":5.0},"interval_s":600,"budgets":[
            {"id":"refrigerator","from_f":36.0,"to_f":46.0,"allowance_s":5184000},
            {"id":"room","from_f":46.0,"to_f":77.0,"allowance_s":43200}]}"#,
    );
    let used = |fahrenheit: &str| -> Vec<f64> {
        let value = MilliCelsius::from_fahrenheit(fahrenheit).unwrap();
        let held = [0, 10].map(|minute| Sample { time: minute_of_day(minute), value });
        let assessment = assess_series(&profile, &held, None, Span::WHOLE);
        assessment.budgets.iter().map(|budget| minutes(budget.used)).collect()
    };
    assert_eq!([used("45.99"), used("46.0"), used("46.01")], [[10.0, 0.0], [10.0, 0.0], [0.0, 10.0]]);
}

const TWO_BANDS: &str = r#"{"limits":{"min_c":-50.0,"max_c":-15.0},"interval_s":600,"budgets":[
    {"id":"refrigerated","from_c":2.0,"to_c":8.0,"allowance_s":7200},
    {"id":"room","from_c":8.0,"to_c":25.0,"allowance_s":3600}]}"#;

#[test]
fn where_two_bands_meet_the_edge_is_charged_once_to_the_one_nearer_the_limits() {
    let used = |degrees: f64| -> Vec<f64> {
        let assessment = judge(&profile(TWO_BANDS), &[(0, degrees), (10, degrees)]);
        assessment.budgets.iter().map(|budget| minutes(budget.used)).collect()
    };
    assert_eq!(used(8.0), [10.0, 0.0]);
    assert_eq!((used(7.999), used(8.001)), (vec![10.0, 0.0], vec![0.0, 10.0]));
    let cold = r#"{"limits":{"min_c":2.0,"max_c":8.0},"interval_s":600,"budgets":[
        {"id":"colder","from_c":-10.0,"to_c":-2.0,"allowance_s":600},
        {"id":"cold","from_c":-2.0,"to_c":2.0,"allowance_s":3600}]}"#;
    let edge = judge(&profile(cold), &[(0, -2.0), (10, -2.0)]);
    assert_eq!(edge.budgets.iter().map(|budget| minutes(budget.used)).collect::<Vec<_>>(), [0.0, 10.0]);
}

#[test]
fn a_band_that_begins_at_the_limit_reaches_down_to_the_limit_that_a_guard_band_narrows() {
    let mut guarded = profile(BUDGET);
    guarded.alarms.clear();
    guarded.guard_band = MilliCelsius(500);
    for degrees in [7.501, 7.6, 8.0, 9.0] {
        let assessment = judge(&guarded, &[(0, degrees), (10, degrees)]);
        assert_eq!((assessment.verdict, minutes(assessment.budgets[0].used)), (Verdict::Review, 10.0));
    }
    assert_eq!(judge(&guarded, &[(0, 7.5), (10, 7.5)]).verdict, Verdict::Ok);
}

#[test]
fn a_guard_band_narrows_limits_and_alarms() {
    let mut profile =
        with_alarm(r#"{"id":"hot","bound":"above","limit_c":8.0,"mode":"single","allowance_s":0}"#);
    profile.guard_band = MilliCelsius(500);
    assert_eq!(judge(&profile, &[(0, 7.5), (10, 2.5)]).verdict, Verdict::Ok);
    assert_eq!(judge(&profile, &[(0, 7.501), (10, 5.0)]).fired().count(), 1);
    assert_eq!(judge(&profile, &[(0, 2.499), (10, 5.0)]).excursions[0].bound, Bound::Below);
}

#[test]
fn readings_outside_the_span_do_not_count_and_its_ends_do() {
    let readings = samples(&[(-5, 20.0), (0, 5.0), (10, 5.0), (20, 5.0), (21, 20.0)]);
    let span = Span::new(Some(minute_of_day(0)), Some(minute_of_day(20))).unwrap();
    let assessment = assess_series(&profile(PLAIN), &readings, None, span);
    assert_eq!((assessment.verdict, assessment.statistics.count), (Verdict::Ok, 3));
    assert_eq!(minutes(assessment.statistics.span), 20.0);
}

#[test]
fn nothing_is_known_before_the_first_sample_of_a_span() {
    let readings = samples(&[(-5, 5.0), (4, 9.0), (14, 5.0)]);
    let span = Span::new(Some(minute_of_day(0)), Some(minute_of_day(20))).unwrap();
    let assessment = assess_series(&profile(PLAIN), &readings, None, span);
    assert_eq!(assessment.gaps, [], "four minutes are no gap");
    assert_eq!(minutes(assessment.statistics.no_data), 4.0);
    assert_eq!(minutes(assessment.statistics.in_range), 6.0, "the last sample's state holds to the end");
    assert_eq!(minutes(assessment.statistics.above_max), 14.0);
    assert!(adds_up(&assessment));
}

#[test]
fn a_span_without_readings_is_a_gap_to_review() {
    let span = Span::new(Some(minute_of_day(0)), Some(minute_of_day(60))).unwrap();
    let assessment = assess_series(&profile(PLAIN), &[], None, span);
    assert_eq!(assessment.verdict, Verdict::Review);
    assert_eq!(assessment.reasons, [Reason::NoReadings, Reason::Gap]);
    assert_eq!(minutes(assessment.statistics.no_data), 60.0);
    let nothing = assess_series(&profile(PLAIN), &[], None, Span::WHOLE);
    assert_eq!(
        (nothing.verdict, nothing.reasons.as_slice()),
        (Verdict::Review, [Reason::NoReadings].as_slice())
    );
    assert_eq!((nothing.statistics.mean, nothing.statistics.span.0), (None, 0));
}

#[test]
fn a_span_that_ends_before_it_begins_is_refused_and_holds_nothing() {
    let (from, to) = (Some(minute_of_day(1)), Some(minute_of_day(0)));
    assert_eq!(Span::new(from, to).unwrap_err().code(), "assess/span-reversed");
    let assessment = assess_series(&profile(PLAIN), &samples(&[(0, 5.0), (1, 5.0)]), None, Span { from, to });
    assert_eq!((assessment.statistics.count, assessment.statistics.span.0), (0, 0));
}

#[test]
fn a_single_reading_has_no_duration_and_its_own_mean() {
    let assessment = judge(&profile(PLAIN), &[(0, 5.125)]);
    assert_eq!((assessment.verdict, assessment.statistics.span.0), (Verdict::Ok, 0));
    assert_eq!(assessment.statistics.mean, Some(MicroCelsius(5_125_000)));
    assert_eq!(assessment.statistics.mkt, Some(MicroCelsius(5_125_000)));
    assert_eq!(assessment.statistics.weighting, Weighting::Plain);
}

#[test]
fn of_two_values_at_one_time_the_one_further_out_decides_and_their_average_is_the_mean() {
    let assessment = judge(&profile(PLAIN), &[(0, 5.0), (0, 9.0), (10, 9.0), (10, 5.0), (20, 7.0)]);
    assert_eq!(minutes(assessment.statistics.above), 20.0);
    assert_eq!(assessment.statistics.mean, Some(MicroCelsius(7_000_000)));
    assert_eq!(assessment.statistics.count, 5);
    let tie = judge(&profile(PLAIN), &[(0, 9.0), (0, 1.0), (10, 5.0)]);
    assert_eq!(tie.excursions[0].bound, Bound::Below, "freezing cannot be undone");
}

#[test]
fn the_published_example_of_mean_kinetic_temperature_comes_out() {
    // USP <1079.2>: 24 °C for 16 h, 26 for 5 h, 28 for 3 h, 21 for 24 h.
    let mut series = Vec::new();
    let mut begin = at("2026-07-01T00:00:00Z");
    for (degrees, hours) in [(24, 16), (26, 5), (28, 3), (21, 24)] {
        let value = MilliCelsius(degrees * 1000);
        let end = begin.plus_seconds(hours * 3600);
        series.push(Sample { time: UtcMillis(begin.0 + 1), value });
        series.push(Sample { time: end, value });
        begin = end;
    }
    let profile = preset("usp-controlled-room").unwrap().profile.clone();
    let statistics = assess_series(&profile, &series, Some(86_400), Span::WHOLE).statistics;
    let (mean, mkt) = (statistics.mean.unwrap().0, statistics.mkt.unwrap().0);
    assert!((mean - 22_958_333).abs() <= 1, "{mean}");
    assert_eq!((mkt + 5_000) / 10_000, 2323, "{mkt}");
}

#[test]
fn a_gap_has_no_weight_in_the_means() {
    let statistics =
        judge(&profile(PLAIN), &[(0, 4.0), (10, 4.0), (500, 8.0), (510, 8.0), (520, 8.0)]).statistics;
    assert_eq!(statistics.mean, Some(MicroCelsius(6_666_667)));
    assert!(statistics.mkt > statistics.mean);
}

#[test]
fn the_means_hold_from_liquid_nitrogen_to_an_oven() {
    let mut profile = profile(PLAIN);
    for (energy, cold) in [(83_144_720, -196.0), (400_000_000, -80.0), (10_000_000, -196.0)] {
        profile.mkt = Some(crate::profile::KineticRule {
            delta_h: crate::profile::ActivationEnergy(energy),
            limit: None,
            window_h: None,
        });
        for value in [cold, -20.0, 0.0, 40.0, 200.0] {
            let statistics = judge(&profile, &[(0, value), (10, value)]).statistics;
            assert_eq!(statistics.mean, statistics.mkt, "constant at {value}");
        }
        let statistics = judge(&profile, &[(0, cold), (10, cold), (11, 40.0), (20, 40.0)]).statistics;
        assert!(statistics.mkt.unwrap().0 > statistics.mean.unwrap().0 + 1_000_000);
        assert!(statistics.mkt.unwrap() <= MicroCelsius(40_000_000));
    }
}

#[test]
fn the_ends_of_the_clock_and_of_the_scale_have_defined_answers() {
    let value = MilliCelsius;
    let series = [
        Sample { time: UtcMillis(i64::MIN), value: value(i32::MIN) },
        Sample { time: UtcMillis(0), value: value(i32::MAX) },
        Sample { time: UtcMillis(4_291_747_200_000), value: value(5000) },
        Sample { time: UtcMillis(i64::MAX), value: value(i32::MAX) },
    ];
    let assessment = assess_series(&profile(BUDGET), &series, Some(u32::MAX), Span::WHOLE);
    assert_eq!(assessment.statistics.span.0, u64::MAX);
    assert!(adds_up(&assessment));
    assert_eq!(minicbor::decode::<Assessment>(&minicbor::to_vec(&assessment).unwrap()).unwrap(), assessment);
}

fn series<'a>(log: &'a [Sample], import: &'a [Sample], advert: &'a [Sample]) -> Series<'a, &'static str> {
    Series { key: "fridge", interval_s: None, log, import, advert }
}

#[test]
fn the_log_wins_imports_fill_its_gaps_and_adverts_fill_what_is_left() {
    let log = samples(&[(0, 5.0), (10, 5.0), (50, 5.0)]);
    let import = samples(&[(5, 20.0), (10, 20.0), (20, 6.0), (30, 6.0)]);
    let advert = samples(&[(-10, 7.0), (15, 30.0), (40, 7.0), (45, 7.0), (55, 7.0)]);
    let merged = merge_sources(&log, &import, &advert, 600);
    let expected = samples(&[
        (-10, 7.0),
        (0, 5.0),
        (10, 5.0),
        (20, 6.0),
        (30, 6.0),
        (40, 7.0),
        (45, 7.0),
        (50, 5.0),
        (55, 7.0),
    ]);
    assert_eq!(merged.as_ref(), expected);
    let mut shuffled = import.clone();
    shuffled.reverse();
    assert_eq!(merge_sources(&log, &shuffled, &advert, 600), merged);
    assert_eq!(merge_sources(&[], &[], &advert, 600).as_ref(), advert);
}

#[test]
fn the_worst_series_is_the_verdict_and_each_stays_visible() {
    let fine = samples(&[(0, 5.0), (10, 5.0)]);
    let hot = samples(&[(0, 5.0), (10, 9.0)]);
    let judged =
        assess(&profile(PLAIN), &[series(&fine, &[], &[]), series(&[], &[], &hot)], Span::WHOLE, &[]);
    assert_eq!(judged.verdict, Verdict::Excursion);
    let verdicts: Vec<_> = judged.series.iter().map(|(_, one)| one.verdict).collect();
    assert_eq!(verdicts, [Verdict::Ok, Verdict::Excursion]);
}

#[test]
fn a_finding_raises_ok_to_review_and_reasons_keep_their_order() {
    let fine = samples(&[(0, 5.0), (10, 5.0), (30, 5.0)]);
    let findings = [Reason::LoggerMissing, Reason::Provenance, Reason::Provenance];
    let judged = assess(&profile(PLAIN), &[series(&fine, &[], &[])], Span::WHOLE, &findings);
    assert_eq!(judged.verdict, Verdict::Review);
    assert_eq!(judged.reasons, [Reason::Gap, Reason::Provenance, Reason::LoggerMissing]);
    let none = assess::<()>(&profile(PLAIN), &[], Span::WHOLE, &[]);
    assert_eq!((none.verdict, none.reasons.as_slice()), (Verdict::Review, [Reason::NoReadings].as_slice()));
}

#[test]
fn every_reason_is_listed_in_its_order_and_reads_back() {
    assert!(Reason::ALL.is_sorted());
    for reason in Reason::ALL {
        assert_eq!(Reason::from_code(reason.code()), Some(reason));
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        assert_eq!(minicbor::decode::<Reason>(&minicbor::to_vec(reason).unwrap()).unwrap(), reason);
    }
    assert!(minicbor::decode::<Reason>(&minicbor::to_vec("fine").unwrap()).is_err());
}

/// Everything at once: two excursions, a gap, an open end, a budget, fired and silent alarms.
fn eventful() -> Assessment {
    let profile = profile(
        r#"{"name":"Eventful","limits":{"min_c":2.0,"max_c":8.0},"interval_s":600,
        "alarms":[{"id":"hot","bound":"above","limit_c":8.0,"mode":"single","allowance_s":1200,"severity":"critical"},
                  {"id":"cold","bound":"below","limit_c":2.0,"mode":"cumulative","allowance_s":3600}],
        "budgets":[{"id":"room","from_c":8.0,"to_c":9.0,"allowance_s":43200}],"freeze":"sensitive"}"#,
    );
    let mut readings = samples(&[
        (0, 5.0),
        (10, 9.0),
        (20, 9.5),
        (30, 9.25),
        (40, 7.0),
        (50, 1.5),
        (90, -0.5),
        (100, -0.25),
    ]);
    readings[4].time.0 += 1500;
    assess_series(&profile, &readings, None, Span { from: None, to: Some(minute_of_day(105)) })
}

#[test]
fn an_assessment_is_printed_in_its_documented_shape_and_the_readings_offset() {
    let view = eventful().view(&|time| UtcOffset(if time < minute_of_day(60) { 7200 } else { 3600 }));
    insta::assert_json_snapshot!("eventful_assessment", view);
    insta::assert_json_snapshot!("empty_assessment", assess_series(&profile(PLAIN), &[], None, Span::WHOLE));
}

#[test]
fn an_assessment_reads_back_from_its_json_unchanged() {
    let assessment = eventful();
    let text = serde_json::to_string(&assessment).unwrap();
    assert_eq!(serde_json::from_str::<Assessment>(&text).unwrap(), assessment);
}

#[test]
fn the_bytes_of_a_signed_assessment_never_change() {
    let bytes = minicbor::to_vec(eventful()).unwrap();
    insta::assert_snapshot!("eventful_assessment_bytes", data_encoding::HEXLOWER.encode(&bytes));
    assert_eq!(minicbor::decode::<Assessment>(&bytes).unwrap(), eventful());
}

fn any_readings() -> impl Strategy<Value = Vec<(i64, f64)>> {
    let value = prop::sample::select(vec![-1.0, 1.995, 2.0, 5.0, 6.2, 8.0, 8.005, 12.0]);
    prop::collection::vec((0_i64..400, value), 0..60)
}

proptest! {
    #[test]
    fn any_order_of_arrival_gives_the_same_assessment(readings in any_readings(), seed in any::<u64>()) {
        let profile = profile(BUDGET);
        let mut series = samples(&readings);
        let first = assess_series(&profile, &series, None, Span::WHOLE);
        let mut state = seed;
        for index in (1..series.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            series.swap(index, (state >> 33) as usize % (index + 1));
        }
        prop_assert_eq!(assess_series(&profile, &series, None, Span::WHOLE), first);
    }

    #[test]
    fn the_states_add_up_to_the_span_and_the_excursions_to_their_states(readings in any_readings()) {
        let assessment = judge(&with_alarm(HOT_TOTAL), &readings);
        prop_assert!(adds_up(&assessment));
        for (bound, total) in
            [(Bound::Above, assessment.statistics.above), (Bound::Below, assessment.statistics.below)]
        {
            let sum: u64 =
                assessment.excursions.iter().filter(|one| one.bound == bound).map(|one| one.duration.0).sum();
            prop_assert_eq!(sum, total.0);
        }
        let statistics = assessment.statistics;
        prop_assert!(statistics.above_max.0 - statistics.above.0 <= statistics.no_data.0);
        prop_assert!(statistics.mkt >= statistics.mean);
    }

    #[test]
    fn live_assessment_agrees_with_the_whole_at_every_sample(mut readings in any_readings()) {
        readings.sort_by_key(|(minute, _)| *minute);
        let profile = profile(BUDGET);
        let series = samples(&readings);
        let mut live = Assessor::new(&profile, None, Span::WHOLE);
        for (index, sample) in series.iter().enumerate() {
            live.push(*sample).unwrap();
            let batch = assess_series(&profile, &series[..=index], None, Span::WHOLE);
            prop_assert_eq!(live.snapshot(), batch);
        }
        if let Some(last) = series.last() {
            let older = Sample { time: UtcMillis(last.time.0 - 1), ..*last };
            prop_assert_eq!(live.push(older), Err(OutOfOrder { time: older.time, latest: last.time }));
        }
    }

    #[test]
    fn repeated_readings_change_the_count_and_nothing_else(readings in any_readings()) {
        let profile = profile(BUDGET);
        // One value a time: an average over a repeated one of several would move.
        let once: std::collections::BTreeMap<i64, f64> = readings.into_iter().collect();
        let once: Vec<_> = once.into_iter().collect();
        let mut twice = judge(&profile, &[once.clone(), once.clone()].concat());
        twice.statistics.count /= 2;
        prop_assert_eq!(twice, judge(&profile, &once));
    }

    #[test]
    fn hotter_is_never_judged_milder_and_time_out_of_range_is_charged_once(
        guard_band in 0..1500_i32,
        mut edges in prop::collection::vec(8001..26_000_i32, 1..4),
        mut allowances in prop::collection::vec(0..120_u32, 4),
        minutes in 1..120_i64,
        (cooler, warmer) in (2000..27_000_i32, 2000..27_000_i32),
    ) {
        edges.push(8000);
        edges.sort_unstable();
        edges.dedup();
        allowances.sort_unstable_by_key(|allowance| std::cmp::Reverse(*allowance));
        let band = |(index, (edge, allowance)): (usize, (&[i32], &u32))| crate::profile::Budget {
            id: format!("{index}"),
            from: MilliCelsius(edge[0]),
            to: MilliCelsius(edge[1]),
            allowance_s: allowance * 60,
        };
        let budgets = edges.windows(2).zip(&allowances).enumerate().map(band).collect();
        let rules = Profile { budgets, guard_band: MilliCelsius(guard_band), ..profile(PLAIN) };
        let judged = |value: i32| {
            let at = |minute| Sample { time: minute_of_day(minute), value: MilliCelsius(value) };
            let held: Vec<Sample> = (0..=minutes).map(at).collect();
            assess_series(&rules, &held, Some(60), Span::WHOLE)
        };
        let (cooler, warmer) = (cooler.min(warmer), cooler.max(warmer));
        prop_assume!(cooler >= rules.effective_limits().min.0);
        let (mild, hot) = (judged(cooler), judged(warmer));
        prop_assert!(mild.verdict <= hot.verdict, "{cooler} is {:?}, {warmer} {:?}", mild.verdict, hot.verdict);
        for (value, one) in [(cooler, mild), (warmer, hot)] {
            let charged: u64 = one.budgets.iter().map(|budget| budget.used.0).sum();
            let covered = value <= *edges.last().unwrap_or(&0);
            prop_assert_eq!(charged, if covered { one.statistics.above.0 } else { 0 });
        }
    }
}
