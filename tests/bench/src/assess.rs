//! The verdict on long series, sorted as a logger's memory is.
use crate::table::{Table, rate_of, time_of};
use firn_model::assess::{Sample, Span, assess_series};
use firn_model::profile::preset;
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
    table.at_least("assess, sorted readings", "readings", rate_of(samples.len(), run), 6e7);
}

/// A compressor's swing between 3 and 6 °C, and a warm afternoon once a month.
fn sample(minute: i64) -> Sample {
    let swing = (minute % 90 - 45).abs() * 3000 / 45;
    let warm = if minute % 43_200 < 120 { 4000 } else { 0 };
    Sample {
        time: UtcMillis(1_760_000_000_000 + minute * 60_000),
        value: MilliCelsius(3000 + (swing + warm) as i32),
    }
}
