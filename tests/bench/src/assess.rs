//! The verdict on long series, sorted as a logger's memory is, beside what does less and what is plainer.
use crate::table::{Table, rate_of, time_of};
use firn_model::assess::{Sample, Span, assess_series, kinetic_windows};
use firn_model::profile::{Profile, preset};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use std::hint::black_box;
use std::time::Duration;

/// A year of minutes.
const YEAR: i64 = 525_600;

pub fn measure(table: &mut Table) {
    let profile = &preset("cdc-refrigerator").expect("a built-in profile").profile;
    let samples: Vec<Sample> = (0..YEAR).map(sample).collect();
    let mut run = || drop(black_box(assess_series(profile, black_box(&samples), Some(60), Span::WHOLE)));
    table.at_most("assess, a year of minutes, MKT included", time_of(&mut run), Duration::from_millis(20));
    let hovering: Vec<Sample> = (0..YEAR).map(hovering).collect();
    let controlled = &preset("usp-controlled-cold").expect("a built-in profile").profile;
    let with_windows = || {
        let assessment = assess_series(controlled, black_box(&hovering), Some(60), Span::WHOLE);
        let excursions = &assessment.excursions;
        black_box(kinetic_windows(controlled, &hovering, Some(60), Span::WHOLE, excursions));
    };
    let most = Duration::from_millis(20);
    table.at_most(
        "assess, a year at the limit, a window of MKT for each excursion",
        time_of(with_windows),
        most,
    );
    let rate = rate_of(samples.len(), run);
    table.at_least("assess, sorted readings", "readings", rate, 6e7);

    let portable = rate_of(samples.len(), || {
        black_box(with_an_exp_each(profile, black_box(&samples), libm::exp));
    });
    table.against("assess, sorted readings", "readings", rate, "a loop with libm's exp for each", portable);
    let native = rate_of(samples.len(), || {
        black_box(with_an_exp_each(profile, black_box(&samples), f64::exp));
    });
    table.beside("assess, sorted readings", "readings", rate, "a loop with this platform's own exp", native);
    let without = rate_of(samples.len(), || {
        black_box(without_means(profile, black_box(&samples)));
    });
    table.beside("assess, sorted readings", "readings", rate, "a loop without MKT, alarms and gaps", without);

    let mut shuffled = samples.clone();
    shuffled.reverse();
    let run = || drop(black_box(assess_series(profile, black_box(&shuffled), Some(60), Span::WHOLE)));
    table.beside("assess, readings in reverse", "readings", rate_of(shuffled.len(), run), "sorted", rate);
}

/// A compressor's swing between 3 and 6 °C, and a warm afternoon once a month.
pub fn sample(minute: i64) -> Sample {
    let swing = (minute % 90 - 45).abs() * 3000 / 45;
    let warm = if minute % 43_200 < 120 { 4000 } else { 0 };
    Sample {
        time: UtcMillis(1_760_000_000_000 + minute * 60_000),
        value: MilliCelsius(3000 + (swing + warm) as i32),
    }
}

/// Between 7.7 and 8.3 °C, up and down by itself: an excursion every few minutes.
fn hovering(minute: i64) -> Sample {
    let step =
        (minute.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33) % 300;
    Sample { value: MilliCelsius(8000 + step as i32), ..sample(minute) }
}

/// Minimum, maximum and the time out of range: the least that any assessment does.
fn without_means(profile: &Profile, samples: &[Sample]) -> (i32, i32, u64) {
    let limits = profile.effective_limits();
    let (mut low, mut high, mut out) = (i32::MAX, i32::MIN, 0);
    for pair in samples.windows(2) {
        let [before, after] = pair else { continue };
        low = low.min(before.value.0);
        high = high.max(before.value.0);
        if before.value > limits.max || before.value < limits.min {
            out += after.time.0.abs_diff(before.time.0);
        }
    }
    (low, high, out)
}

/// The same with the mean kinetic temperature as the formula is written: an exp for each reading, added up in
/// floating point, so that the last bits depend on the order, and with a platform's own exp on the platform.
fn with_an_exp_each(
    profile: &Profile,
    samples: &[Sample],
    exp: impl Fn(f64) -> f64,
) -> ((i32, i32, u64), f64) {
    let k = 10_000.0;
    let rate = |sample: &Sample| exp(-k / (f64::from(sample.value.0) / 1e3 + 273.15));
    let (mut sum, mut weight) = (0.0, 0.0);
    let mut before = samples.first().map(|first| (first.time, rate(first)));
    for sample in samples.iter().skip(1) {
        let after = rate(sample);
        if let Some((time, rate)) = before {
            let length = sample.time.0.abs_diff(time.0) as f64;
            sum += length * (rate + after) / 2.0;
            weight += length;
        }
        before = Some((sample.time, after));
    }
    (without_means(profile, samples), k / -(sum / weight).ln() - 273.15)
}
