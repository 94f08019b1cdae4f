//! Conditions by their rules, their frozen bytes, and that they count time as temperatures do.

use super::*;
use crate::assess::{Sample, assess_series};
use crate::profile::{AlarmMode, AlarmRule, Limits, Profile, Severity, preset};
use crate::units::MilliCelsius;
use data_encoding::HEXLOWER;
use proptest::prelude::*;

const LOGGER: Id = Id([7; 16]);
const MINUTE: i64 = 60_000;

fn limit(quantity: Quantity, low: Option<i32>, high: Option<i32>, allowance_s: u32) -> ConditionLimit {
    ConditionLimit { quantity, low, high, allowance_s, mode: AlarmMode::Single }
}

/// Values at these minutes, with an interval of ten.
fn judged(limit: ConditionLimit, values: &[(i64, i32)], span: (i64, i64)) -> ConditionAssessment {
    let samples = samples(values);
    let series = ConditionSeries {
        logger: LOGGER,
        channel: Channel { quantity: limit.quantity, probe: 0 },
        samples: &samples,
        interval_s: 600,
        counter_size: counter_size("ruuvitag"),
        aggregation: None,
    };
    assess_condition(&series, Some(&limit), span_of(span))
}

fn samples(values: &[(i64, i32)]) -> Vec<ConditionSample> {
    let sample = |(minute, value): &(i64, i32)| ConditionSample { time: at(*minute), value: *value };
    values.iter().map(sample).collect()
}

fn at(minute: i64) -> UtcMillis {
    UtcMillis(minute * MINUTE)
}

fn span_of((from, to): (i64, i64)) -> Span {
    Span { from: Some(at(from)), to: Some(at(to)) }
}

const WET: [(i64, i32); 6] =
    [(0, 500_000), (10, 610_000), (20, 655_000), (30, 600_000), (60, 620_000), (70, 550_000)];

#[test]
fn humidity_is_out_once_it_was_beyond_its_limit_for_the_allowance_and_a_gap_ends_what_lasted() {
    let within = judged(limit(Quantity::Humidity, None, Some(600_000), 3600), &WET, (0, 75));
    assert_eq!(within.outcome, ConditionOutcome::Within);
    assert_eq!((within.lowest, within.highest, within.count), (Some(500_000), Some(655_000), 6));
    let told: Vec<_> = within.excursions.iter().map(|one| (one.begin, one.end, one.ended_by)).collect();
    assert_eq!(told, [(at(10), Some(at(30)), EndedBy::Reading), (at(60), Some(at(70)), EndedBy::Reading)]);
    assert_eq!((within.out, within.no_data), (Milliseconds(1_800_000), Milliseconds(1_800_000)));
    let out = judged(limit(Quantity::Humidity, None, Some(600_000), 600), &WET, (0, 75));
    assert_eq!((out.outcome, out.out_since), (ConditionOutcome::Out, Some(at(20))));
}

#[test]
fn what_has_no_limit_or_no_reading_that_counts_is_not_judged() {
    let humid = limit(Quantity::Humidity, None, Some(600_000), 0);
    assert_eq!(judged(humid, &WET, (100, 200)).outcome, ConditionOutcome::NotJudged);
    let samples = samples(&WET);
    let series = ConditionSeries {
        logger: LOGGER,
        channel: Channel { quantity: Quantity::Humidity, probe: 0 },
        samples: &samples,
        interval_s: 600,
        counter_size: 0,
        aggregation: None,
    };
    let free = assess_condition(&series, None, Span::WHOLE);
    assert_eq!((free.outcome, free.highest), (ConditionOutcome::NotJudged, Some(655_000)));
    let other = limit(Quantity::Pressure, Some(90_000), None, 0);
    assert_eq!(assess_condition(&series, Some(&other), Span::WHOLE).limit, None);
}

#[test]
fn a_shock_is_a_peak_beyond_its_limit_and_none_lasts() {
    let values = [(0, 1000), (3, 2600), (4, 3100), (10, 1010), (20, 998)];
    let shaken = judged(limit(Quantity::Acceleration, None, Some(2000), 0), &values, (0, 20));
    assert_eq!((shaken.outcome, shaken.out_since), (ConditionOutcome::Out, Some(at(3))));
    let [peak] = shaken.excursions[..] else { panic!("one stretch of peaks: {shaken:?}") };
    assert_eq!((peak.begin, peak.end, peak.extreme), (at(3), Some(at(4)), 3100));
    assert_eq!((peak.duration, shaken.out), (Milliseconds(0), Milliseconds(0)));
}

#[test]
fn a_battery_below_its_limit_is_out_and_no_silence_between_two_values_is_a_gap() {
    let values = [(0, 2980), (500, 2410), (900, 2390)];
    let low = judged(limit(Quantity::BatteryVoltage, Some(2400), None, 0), &values, (0, 1000));
    assert_eq!((low.outcome, low.lowest, low.no_data), (ConditionOutcome::Out, Some(2390), Milliseconds(0)));
    assert_eq!(low.out_since, Some(at(900)));
}

#[test]
fn movements_are_counted_over_the_end_of_the_counter_and_out_when_they_exceed_the_limit() {
    let values = [(0, 250), (10, 254), (20, 3), (30, 3), (40, 9)];
    let shaken = judged(limit(Quantity::Movement, None, Some(10), 0), &values, (0, 40));
    assert_eq!((shaken.movements, shaken.outcome), (Some(14), ConditionOutcome::Out));
    assert_eq!((shaken.out_since, shaken.excursions[0].extreme), (Some(at(40)), 14));
    assert_eq!((shaken.lowest, shaken.highest), (None, None), "a counter has no extremes");
    let still = judged(limit(Quantity::Movement, None, Some(14), 0), &values, (0, 40));
    assert_eq!(still.outcome, ConditionOutcome::Within);
}

#[test]
fn a_late_value_of_a_counter_counts_nothing_and_one_that_began_anew_counts_from_zero() {
    let counted = |values: &[(i64, i32)]| movements(&samples(values), 255, 900_000);
    assert_eq!(counted(&[(0, 5), (10, 6), (11, 5), (20, 6), (30, 7)]), [0, 1, 1, 1, 2], "two phones");
    assert_eq!(counted(&[(0, 2), (1, 254), (2, 2), (10, 3)]), [0, 0, 0, 1], "late, and over the end");
    assert_eq!(counted(&[(0, 100), (10, 0), (20, 1)]), [0, 0, 1], "a new battery");
    assert_eq!(counted(&[(0, 0), (10, 200)]), [0, 200], "a leap");
    assert_eq!(counted(&[]), Vec::<u64>::new());
    assert_eq!((counter_size("ruuvitag"), counter_size("teltonika-eye")), (255, 32_768));
}

#[test]
fn the_bytes_of_a_condition_assessment_are_frozen() {
    let humid = judged(limit(Quantity::Humidity, None, Some(600_000), 600), &WET[..3], (0, 30));
    let bytes = minicbor::to_vec(Conditions::new(vec![humid.clone()])).unwrap();
    assert_eq!(minicbor::decode::<Conditions>(&bytes).unwrap(), Conditions::new(vec![humid.clone()]));
    insta::assert_snapshot!("conditions_cbor", HEXLOWER.encode(&bytes));
    insta::assert_json_snapshot!("condition_json", humid);
}

#[test]
fn the_bytes_of_conditions_of_some_lines_alone_are_frozen() {
    let humid = judged(limit(Quantity::Humidity, None, Some(600_000), 600), &WET[..3], (0, 30));
    let of_lines = |lines: Vec<u32>| ConditionAssessment { lines: Some(lines), ..humid.clone() };
    let told = Conditions::new(vec![of_lines(vec![0, 2]), of_lines(Vec::new())]);
    let bytes = minicbor::to_vec(&told).unwrap();
    assert_eq!(minicbor::decode::<Conditions>(&bytes).unwrap(), told);
    insta::assert_snapshot!("conditions_of_lines_cbor", HEXLOWER.encode(&bytes));
}

#[test]
fn what_is_out_for_one_line_is_another_matter_than_what_is_out_for_its_neighbour() {
    let humid = limit(Quantity::Humidity, None, Some(600_000), 0);
    let (out, within) = (judged(humid, &WET, (0, 75)), judged(humid, &WET[..1], (0, 75)));
    let told = |first: &ConditionAssessment, second: &ConditionAssessment| {
        let of =
            |one: &ConditionAssessment, line| ConditionAssessment { lines: Some(vec![line]), ..one.clone() };
        Conditions::new(vec![of(first, 0), of(second, 1)])
    };
    let (first, second) = (told(&out, &within), told(&within, &out));
    assert_ne!(first.out().collect::<Vec<_>>(), second.out().collect::<Vec<_>>());
}

#[test]
fn what_a_counter_had_last_told_at_the_begin_is_what_its_movements_are_counted_from() {
    let most = limit(Quantity::Movement, None, Some(20), 0);
    let ran_before = judged(most, &[(-10, 0), (10, 30)], (0, 60));
    assert_eq!((ran_before.movements, ran_before.outcome), (Some(30), ConditionOutcome::Out));
    assert_eq!((ran_before.out_since, ran_before.count), (Some(at(10)), 2));
    let at_the_begin = judged(most, &[(-10, 0), (0, 25), (10, 30)], (0, 60));
    assert_eq!((at_the_begin.movements, at_the_begin.count), (Some(5), 2));
    let over_the_end = judged(most, &[(-500, 200), (-10, 250), (-9, 249), (5, 3)], (0, 60));
    assert_eq!(over_the_end.movements, Some(8), "249 came late by another phone");
    let still = judged(most, &[(-10, 7), (70, 60)], (0, 60));
    assert_eq!(
        (still.movements, still.outcome),
        (Some(0), ConditionOutcome::Within),
        "60 came after the end"
    );
    assert_eq!(judged(most, &[(10, 5), (20, 9)], (0, 60)).movements, Some(4), "nothing is known from before");
}

#[test]
fn a_battery_holds_at_the_begin_what_it_last_told() {
    let low = limit(Quantity::BatteryVoltage, Some(2400), None, 0);
    let told = judged(low, &[(-30, 2900), (-10, 2300)], (0, 60));
    assert_eq!((told.outcome, told.lowest, told.highest), (ConditionOutcome::Out, Some(2300), Some(2300)));
    assert_eq!((told.out_since, told.count, told.out), (Some(at(0)), 1, Milliseconds(3_600_000)));
    let changed = judged(low, &[(-10, 2300), (0, 2900)], (0, 60));
    assert_eq!((changed.outcome, changed.count), (ConditionOutcome::Within, 1));
}

/// Values of a quantity over two stretches: minutes 0 to 30, and 60 to 90; in each the logger was read.
fn in_two(limit: ConditionLimit, values: &[(i64, i32)]) -> ConditionAssessment {
    let samples = samples(values);
    let series = ConditionSeries {
        logger: LOGGER,
        channel: Channel { quantity: limit.quantity, probe: 0 },
        samples: &samples,
        interval_s: 600,
        counter_size: counter_size("ruuvitag"),
        aggregation: None,
    };
    let stretch = |span| Stretch { end: StretchEnd::IsElsewhere, ..Stretch::of(span_of(span)) };
    assess_stretches(&series, Some(&limit), &[stretch((0, 30)), stretch((60, 90))])
}

#[test]
fn what_was_measured_between_two_stretches_is_of_no_account_and_an_allowance_in_all_adds_up() {
    let values = [(0, 70), (10, 70), (20, 40), (30, 90), (40, 90), (60, 70), (70, 70), (80, 40), (90, 90)];
    let single = limit(Quantity::Humidity, None, Some(60), 1200);
    let told = in_two(single, &values);
    assert_eq!((told.outcome, told.highest, told.count), (ConditionOutcome::Within, Some(70), 6));
    assert_eq!((told.out, told.no_data), (Milliseconds(2_400_000), Milliseconds(0)));
    let in_all = in_two(ConditionLimit { mode: AlarmMode::Cumulative, ..single }, &values);
    assert_eq!((in_all.outcome, in_all.out_since), (ConditionOutcome::Out, Some(at(60))));
}

#[test]
fn a_counter_counts_in_its_stretches_what_it_told_until_their_ends() {
    let most = limit(Quantity::Movement, None, Some(20), 0);
    let told = in_two(most, &[(-10, 5), (10, 8), (30, 10), (45, 50), (70, 51), (100, 60)]);
    assert_eq!((told.movements, told.count), (Some(5 + 1), 4));
}

/// A profile whose temperature limits and one cumulative or single alarm a side are those of a condition.
fn as_temperature(limit: ConditionLimit) -> Profile {
    let (min, max) = (MilliCelsius(limit.low.unwrap()), MilliCelsius(limit.high.unwrap()));
    let alarm = |id: &str, bound, limit_c| AlarmRule {
        id: id.into(),
        bound,
        limit: limit_c,
        mode: AlarmMode::Single,
        allowance_s: limit.allowance_s,
        severity: Severity::Alarm,
        inclusive: false,
    };
    Profile {
        limits: Limits { min, max },
        interval_s: 600,
        alarms: vec![alarm("above", Bound::Above, max), alarm("below", Bound::Below, min)],
        ..preset("cdc-refrigerator").unwrap().profile.clone()
    }
}

proptest! {
    #[test]
    fn humidity_counts_time_and_excursions_as_temperature_does(
        mut values in prop::collection::vec((0_i64..300, 0_i32..12_000), 0..40),
        allowance_s in prop::sample::select(vec![0_u32, 600, 1800]),
        span in (0_i64..100, 200_i64..400),
    ) {
        let humid = limit(Quantity::Humidity, Some(2000), Some(8000), allowance_s);
        let ours = judged(humid, &values, span);
        values.sort_unstable();
        let samples: Vec<Sample> = values
            .iter()
            .map(|(minute, value)| Sample { time: at(*minute), value: MilliCelsius(*value) })
            .collect();
        let theirs = assess_series(&as_temperature(humid), &samples, None, span_of(span));
        let excursions: Vec<ConditionExcursion> = theirs
            .excursions
            .iter()
            .map(|one| ConditionExcursion {
                bound: one.bound,
                begin: one.begin,
                end: one.end,
                ended_by: one.ended_by,
                duration: one.duration,
                extreme: one.extreme.0,
            })
            .collect();
        prop_assert_eq!(&ours.excursions, &excursions);
        prop_assert_eq!(ours.count, theirs.statistics.count);
        prop_assert_eq!(ours.lowest, theirs.statistics.min.map(|value| value.0));
        prop_assert_eq!(ours.highest, theirs.statistics.max.map(|value| value.0));
        prop_assert_eq!(ours.out.0, theirs.statistics.above.0 + theirs.statistics.below.0);
        prop_assert_eq!(ours.no_data, theirs.statistics.no_data);
        if values.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            let fired = theirs.fired().filter_map(|alarm| alarm.triggered_at).min();
            prop_assert_eq!(ours.out_since, fired);
        }
    }

    #[test]
    fn the_order_of_arrival_changes_nothing(
        values in prop::collection::vec((0_i64..200, 0_i32..300), 0..30),
        seed in any::<u64>(),
    ) {
        let mut shuffled = values.clone();
        let count = shuffled.len().max(1);
        for index in 0..shuffled.len() {
            shuffled.swap(index, (seed as usize).wrapping_mul(index + 7) % count);
        }
        for quantity in [
            limit(Quantity::Humidity, None, Some(100), 600),
            limit(Quantity::Acceleration, None, Some(100), 0),
            limit(Quantity::Movement, None, Some(100), 0),
            limit(Quantity::BatteryVoltage, Some(100), None, 0),
        ] {
            prop_assert_eq!(judged(quantity, &values, (0, 200)), judged(quantity, &shuffled, (0, 200)));
        }
    }
}
