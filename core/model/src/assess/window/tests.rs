use super::*;
use crate::assess::assess_series;
use proptest::prelude::*;

const HOUR: i64 = 3_600_000;
const COLD_CHAIN: &str = r#"{"limits":{"min_c":2.0,"max_c":8.0},"interval_s":600,
    "mkt":{"limit_c":8.0,"window_h":24}}"#;

fn profile() -> Profile {
    Profile::from_json(COLD_CHAIN).unwrap()
}

/// A reading every ten minutes from the hour `from` to the hour `to`, both counted.
fn series(from: i64, to: i64, degrees: impl Fn(i64) -> i32) -> Vec<Sample> {
    let times = (from * 6..=to * 6).map(|ten| ten * 600_000);
    times.map(|time| Sample { time: UtcMillis(time), value: MilliCelsius(degrees(time)) }).collect()
}

fn windows(samples: &[Sample]) -> Vec<KineticWindow> {
    let profile = profile();
    let assessment = assess_series(&profile, samples, None, Span::WHOLE);
    kinetic_windows(&profile, samples, None, Span::WHOLE, &assessment.excursions)
}

fn refusal(samples: &[Sample]) -> KineticRefusal {
    match windows(samples).first().map(|window| window.outcome) {
        Some(KineticOutcome::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn measured(window: &KineticWindow) -> (UtcMillis, UtcMillis, MicroCelsius) {
    match window.outcome {
        KineticOutcome::Measured { from, to, mkt } => (from, to, mkt),
        other => panic!("{other:?}"),
    }
}

/// The mean kinetic temperature of the samples from `from` to `to`, by the assessment.
fn mkt_between(samples: &[Sample], from: UtcMillis, to: UtcMillis) -> MicroCelsius {
    let span = Span { from: Some(from), to: Some(to) };
    assess_series(&profile(), samples, None, span).statistics.mkt.unwrap()
}

#[test]
fn the_warmest_day_that_holds_the_excursion_is_told() {
    // Two warm hours in the morning, and a mild evening before them.
    let samples = series(0, 72, |time| match time / HOUR {
        30..32 => 20_000,
        20..24 => 7_900,
        _ => 4_000,
    });
    let found = windows(&samples);
    let [window] = found.as_slice() else { panic!("{found:?}") };
    let (from, to, mkt) = measured(window);
    assert_eq!(to.0 - from.0, 24 * HOUR);
    assert!(from <= UtcMillis(20 * HOUR) && UtcMillis(32 * HOUR) <= to, "{from} {to}");
    assert_eq!(mkt, mkt_between(&samples, from, to));
    assert_eq!(window.exceeds(), Some(mkt.0 > 8_000_000));
}

#[test]
fn a_short_warm_spell_need_not_exceed_the_limit_and_a_hot_one_does() {
    let spell = |degrees| {
        let samples = series(0, 48, move |time| if time / HOUR == 24 { degrees } else { 4_000 });
        windows(&samples)[0].exceeds()
    };
    assert_eq!(spell(9_000), Some(false));
    assert_eq!(spell(45_000), Some(true));
}

#[test]
fn without_a_limit_in_the_profile_no_window_is_told() {
    let profile = Profile { mkt: None, ..profile() };
    let samples = series(0, 48, |time| if time / HOUR == 24 { 9_000 } else { 4_000 });
    let assessment = assess_series(&profile, &samples, None, Span::WHOLE);
    assert_eq!(assessment.excursions.len(), 1);
    assert_eq!(kinetic_windows(&profile, &samples, None, Span::WHOLE, &assessment.excursions), []);
}

#[test]
fn cold_is_never_offset() {
    assert_eq!(
        refusal(&series(0, 48, |time| if time / HOUR == 24 { 1_000 } else { 4_000 })),
        KineticRefusal::Cold
    );
}

#[test]
fn an_excursion_longer_than_the_window_and_a_record_shorter_than_it_are_refused() {
    let long = series(0, 72, |time| if (10..40).contains(&(time / HOUR)) { 9_000 } else { 4_000 });
    assert_eq!(refusal(&long), KineticRefusal::LongerThanWindow);
    let short = series(0, 20, |time| if time / HOUR == 10 { 9_000 } else { 4_000 });
    assert_eq!(refusal(&short), KineticRefusal::TooFewReadings);
}

#[test]
fn a_gap_in_every_window_is_refused_and_one_beside_a_window_is_not() {
    let samples = |gaps: &[i64]| {
        let mut samples = series(0, 72, |time| if time / HOUR == 36 { 9_000 } else { 4_000 });
        samples.retain(|sample| !gaps.contains(&(sample.time.0 / HOUR)));
        samples
    };
    assert_eq!(refusal(&samples(&[34, 39])), KineticRefusal::Gap);
    let (from, _, _) = measured(&windows(&samples(&[21]))[0]);
    assert!(from >= UtcMillis(22 * HOUR), "{from}");
}

#[test]
fn a_window_is_written_with_its_number_or_with_the_reason_for_none() {
    let warm = series(0, 48, |time| if time / HOUR == 24 { 9_000 } else { 4_000 });
    let cold = series(0, 48, |time| if time / HOUR == 24 { 1_000 } else { 4_000 });
    let views: Vec<_> = [warm, cold]
        .iter()
        .flat_map(|samples| windows(samples))
        .map(|one| one.view(&|_| UtcOffset(7200)))
        .collect();
    insta::assert_json_snapshot!(views);
}

proptest! {
    #[test]
    fn the_told_window_is_the_warmest_of_all_that_hold_the_excursion(
        degrees in prop::collection::vec(3_000_i32..7_900, 300),
        warm in 100_usize..160,
    ) {
        let value = |place: usize, degrees: i32| if (warm..warm + 12).contains(&place) { 15_000 } else { degrees };
        let samples: Vec<Sample> = degrees
            .iter()
            .enumerate()
            .map(|(place, degrees)| Sample {
                time: UtcMillis(place as i64 * 600_000),
                value: MilliCelsius(value(place, *degrees)),
            })
            .collect();
        let found = windows(&samples);
        prop_assert_eq!(found.len(), 1);
        let (from, to, mkt) = measured(&found[0]);
        prop_assert_eq!(mkt, mkt_between(&samples, from, to));
        let (first, last) = (samples[warm].time, samples[warm + 12].time);
        for start in samples.iter().map(|sample| sample.time) {
            let end = UtcMillis(start.0 + 24 * HOUR);
            if start <= first && last <= end && end <= samples[299].time {
                prop_assert!(mkt_between(&samples, start, end) <= mkt);
            }
        }
    }
}

/// A reading every half an hour, or a gap: a day has few enough of them to look at each window for itself.
fn hovering(steps: &[(i64, i32)]) -> Vec<Sample> {
    let mut minute = 0;
    let sample = |(step, degrees): &(i64, i32)| {
        minute += step * 30;
        Sample { time: UtcMillis(minute * 60_000), value: MilliCelsius(*degrees) }
    };
    steps.iter().map(sample).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn one_pass_tells_of_each_excursion_the_window_that_a_search_of_its_own_finds(
        mut steps in prop::collection::vec((prop::sample::select(vec![1_i64, 1, 1, 1, 1, 1, 1, 1, 2, 40]), 7_800_i32..8_200), 200),
        few_values in any::<bool>(),
        shuffled in any::<bool>(),
    ) {
        if few_values {
            steps.iter_mut().for_each(|(_, value)| *value = 7_900 + *value % 180);
        }
        let profile = Profile { interval_s: 1800, ..profile() };
        let samples = hovering(&steps);
        let mut excursions = assess_series(&profile, &samples, None, Span::WHOLE).excursions;
        if shuffled {
            excursions.reverse();
        }
        let told = kinetic_windows(&profile, &samples, None, Span::WHOLE, &excursions);
        prop_assert_eq!(told.len(), excursions.len());
        for (excursion, window) in excursions.iter().zip(&told) {
            prop_assert_eq!(window.outcome, naive(&profile, &samples, excursion), "{:?}", excursion);
        }
    }
}

proptest! {
    #[test]
    fn a_reading_that_comes_late_changes_neither_the_assessment_nor_a_window(
        steps in prop::collection::vec((prop::sample::select(vec![1_i64, 1, 1, 1, 1, 1, 1, 1, 2, 40]), 7_800_i32..8_200), 200),
        (due, late) in (0_usize..200, 0_usize..200),
    ) {
        let profile = Profile { interval_s: 1800, ..profile() };
        let samples = hovering(&steps);
        let mut unsorted = samples.clone();
        let moved = unsorted.remove(due);
        unsorted.insert(late, moved);
        let judged = |samples: &[Sample]| {
            let assessment = assess_series(&profile, samples, None, Span::WHOLE);
            let windows = kinetic_windows(&profile, samples, None, Span::WHOLE, &assessment.excursions);
            (assessment, windows)
        };
        prop_assert_eq!(judged(&unsorted), judged(&samples));
    }
}

/// Every window of 24 hours looked at for itself, its mean kinetic temperature taken from an assessment of it.
fn naive(profile: &Profile, samples: &[Sample], excursion: &Excursion) -> KineticOutcome {
    if excursion.bound == Bound::Below {
        return KineticOutcome::Refused(KineticRefusal::Cold);
    }
    let (length, last) = (24 * HOUR, samples[samples.len() - 1].time);
    let end = excursion.end.unwrap_or(last);
    if end.0 - excursion.begin.0 > length {
        return KineticOutcome::Refused(KineticRefusal::LongerThanWindow);
    }
    let points = Points::of(profile, (samples, Shape::of(samples)), None, Span::WHOLE);
    let mut warmest: Option<(f64, UtcMillis, UtcMillis, MicroCelsius)> = None;
    let mut refused = KineticRefusal::TooFewReadings;
    for (place, first) in samples.iter().enumerate().filter(|(_, first)| first.time <= excursion.begin) {
        let mut window = Sliding::<BUCKETS>::from(&points, place);
        let short = window.reach(length as u64).unwrap();
        let to = samples[window.last].time;
        if to < end || first.time.0 + length < end.0 || short >= 1_800_000 {
            continue;
        }
        if window.gaps > 0 {
            refused = KineticRefusal::Gap;
            continue;
        }
        let rate = points.ladder.mean_rate(&window.means).unwrap();
        if warmest.is_none_or(|(known, ..)| rate > known) {
            let span = Span { from: Some(first.time), to: Some(to) };
            let mkt = assess_series(profile, samples, None, span).statistics.mkt.unwrap();
            warmest = Some((rate, first.time, to, mkt));
        }
    }
    match warmest {
        Some((_, from, to, mkt)) => KineticOutcome::Measured { from, to, mkt },
        None => KineticOutcome::Refused(refused),
    }
}
