//! The edges of what can come in: no reading, one, ten million; the ends of the clock and of the scale;
//! several at one time and in any order. Each test's name is the answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_model::assess::{
    Assessment, Assessor, LiveAssessor, Reason, Sample, Span, Verdict, assess_series, kinetic_windows,
    merge_sources, near_limits,
};
use firn_model::profile::{Profile, builtin, preset};
use firn_model::time::{LocalInstant, UtcMillis};
use firn_model::units::{DecimalError, MilliCelsius};
use proptest::prelude::*;

fn refrigerator() -> &'static Profile {
    &preset("cdc-refrigerator").unwrap().profile
}

fn sample(time: &str, milli: i32) -> Sample {
    Sample { time: LocalInstant::parse(time).unwrap().at, value: MilliCelsius(milli) }
}

fn adds_up(assessment: &Assessment) -> bool {
    let numbers = assessment.statistics;
    let parts = [numbers.in_range, numbers.above, numbers.below, numbers.no_data];
    parts.iter().map(|part| u128::from(part.0)).sum::<u128>() == u128::from(numbers.span.0)
}

#[test]
fn what_is_no_finite_number_is_never_a_temperature() {
    for text in ["NaN", "nan", "inf", "-inf", "Infinity", "", " ", "1e400", "0x10", "∞", "٥"] {
        assert_eq!(MilliCelsius::parse(text), Err(DecimalError::Malformed), "{text:?}");
    }
    let long = "9".repeat(400);
    for text in ["1000.001", "-273.151", "99999999999999999999", long.as_str()] {
        assert_eq!(MilliCelsius::parse(text), Err(DecimalError::OutOfRange), "{text:?}");
    }
    for json in ["NaN", "1e400", "-1e400", "null", "\"5\"", "1e5"] {
        assert!(serde_json::from_str::<MilliCelsius>(json).is_err(), "{json}");
    }
}

#[test]
fn an_excursion_across_the_first_second_of_1970_and_across_the_end_of_32_bits_in_2106_lasts_its_minutes() {
    for [in_range, out, across, back] in [
        ["1969-12-31T23:50:00Z", "1969-12-31T23:55:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:05:00Z"],
        ["2106-02-07T06:20:00Z", "2106-02-07T06:25:00Z", "2106-02-07T06:30:00Z", "2106-02-07T06:35:00Z"],
    ] {
        let series = [sample(in_range, 5000), sample(out, 9000), sample(across, 9000), sample(back, 5000)];
        let assessment = assess_series(refrigerator(), &series, Some(300), Span::WHOLE);
        let [excursion] = assessment.excursions[..] else { panic!("one excursion") };
        assert_eq!((excursion.begin, excursion.end), (series[1].time, Some(series[3].time)));
        assert_eq!(excursion.duration.0, 600_000);
        assert_eq!(excursion.begin.to_rfc3339(), out);
        assert_eq!((assessment.gaps.len(), assessment.verdict), (0, Verdict::Excursion));
    }
}

#[test]
fn a_series_from_the_year_0_to_the_year_9999_is_one_gap_to_review() {
    let series = [sample("0000-01-01T00:00:00Z", 5000), sample("9999-12-31T23:59:59Z", 5000)];
    let assessment = assess_series(refrigerator(), &series, None, Span::WHOLE);
    assert_eq!((assessment.verdict, assessment.reasons.as_slice()), (Verdict::Review, &[Reason::Gap][..]));
    assert_eq!(assessment.statistics.no_data, assessment.statistics.span);
}

#[test]
fn no_reading_at_all_is_a_review_and_a_single_one_judges_its_instant_alone() {
    for preset in builtin() {
        let nothing = assess_series(&preset.profile, &[], None, Span::WHOLE);
        assert_eq!(nothing.verdict, Verdict::Review, "{}", preset.key);
        assert_eq!(nothing.reasons, [Reason::NoReadings], "{}", preset.key);
        assert_eq!((nothing.statistics.count, nothing.statistics.mkt), (0, None), "{}", preset.key);
    }
    let one =
        |milli| assess_series(refrigerator(), &[sample("2026-07-01T00:00:00Z", milli)], None, Span::WHOLE);
    assert_eq!((one(8000).verdict, one(8000).statistics.span.0), (Verdict::Ok, 0));
    assert_eq!((one(8001).verdict, one(8001).excursions[0].duration.0), (Verdict::Excursion, 0));
}

/// A compressor's swing, a warm afternoon each month, and one frost in the middle.
fn minute(number: i64) -> Sample {
    let swing = i32::try_from((number % 90 - 45).abs() * 3000 / 45).unwrap();
    let warm = if number % 43_200 < 120 { 4000 } else { 0 };
    let value = if number == 5_000_000 { -1 } else { 3000 + swing + warm };
    Sample { time: UtcMillis(number * 60_000), value: MilliCelsius(value) }
}

#[test]
fn ten_million_readings_are_streamed_through_the_rules_and_each_of_them_counts() {
    const READINGS: i64 = 10_000_000;
    let mut assessor = Assessor::new(refrigerator(), Some(60), Span::WHOLE);
    for number in 0..READINGS {
        assessor.push(minute(number)).unwrap();
    }
    let assessment = assessor.finish();
    assert_eq!(assessment.statistics.count, u64::try_from(READINGS).unwrap());
    assert_eq!(assessment.statistics.span.0, u64::try_from(READINGS - 1).unwrap() * 60_000);
    assert_eq!((assessment.verdict, assessment.gaps.len()), (Verdict::Excursion, 0));
    assert_eq!(assessment.reasons, [Reason::Freeze]);
    assert_eq!(assessment.statistics.min, Some(MilliCelsius(-1)), "the one frost among ten million");
    assert!(adds_up(&assessment));
}

/// Instants of which the ends of the clock are as likely as ordinary ones.
fn any_time() -> impl Strategy<Value = UtcMillis> {
    let ends = prop::sample::select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, 4_294_967_296_000, i64::MAX]);
    prop_oneof![ends, any::<i64>(), (0_i64..200).prop_map(|minute| minute * 60_000)].prop_map(UtcMillis)
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let ends = prop::sample::select(vec![i32::MIN, -273_150, -1, 0, 2000, 8000, 8001, 45_000, i32::MAX]);
    let value = prop_oneof![ends, any::<i32>(), 0_i32..30_000].prop_map(MilliCelsius);
    (any_time(), value).prop_map(|(time, value)| Sample { time, value })
}

proptest! {
    #[test]
    fn any_instants_any_values_any_interval_and_any_span_are_judged_and_add_up(
        series in prop::collection::vec(any_sample(), 0..40),
        interval_s in prop::option::of(prop_oneof![Just(0), Just(u32::MAX), 1_u32..1000]),
        from in prop::option::of(any_time()),
        to in prop::option::of(any_time()),
        key in prop::sample::select(builtin().iter().map(|preset| preset.key).collect::<Vec<_>>()),
        accuracy in any::<i32>(),
    ) {
        let profile = &preset(key).unwrap().profile;
        let span = Span { from, to };
        let assessment = assess_series(profile, &series, interval_s, span);
        prop_assert!(adds_up(&assessment));
        prop_assert!(assessment.statistics.mkt >= assessment.statistics.mean);
        let bytes = minicbor::to_vec(&assessment).unwrap();
        prop_assert_eq!(&minicbor::decode::<Assessment>(&bytes).unwrap(), &assessment);
        prop_assert!(serde_json::to_string(&assessment).is_ok());
        let near = near_limits(profile, &series, interval_s, span, MilliCelsius(accuracy));
        prop_assert!(near <= assessment.statistics.span);
        let windows = kinetic_windows(profile, &series, interval_s, span, &assessment.excursions);
        prop_assert!(windows.is_empty() || windows.len() == assessment.excursions.len());

        let mut live = LiveAssessor::new(profile, interval_s, span);
        let mut stored = Vec::new();
        for sample in &series {
            stored.push(*sample);
            live.push(*sample, |from| stored.iter().copied().filter(move |one| one.time >= from));
        }
        prop_assert_eq!(live.snapshot(), assessment);
    }

    #[test]
    fn any_three_sources_are_merged_and_lose_no_reading_of_the_best(
        log in prop::collection::vec(any_sample(), 0..20),
        import in prop::collection::vec(any_sample(), 0..20),
        advert in prop::collection::vec(any_sample(), 0..20),
        interval_s in any::<u32>(),
    ) {
        let merged = merge_sources(&log, &import, &advert, interval_s);
        for sample in &log {
            prop_assert!(merged.contains(sample));
        }
        for sample in merged.iter() {
            prop_assert!(log.contains(sample) || import.contains(sample) || advert.contains(sample));
        }
    }
}
