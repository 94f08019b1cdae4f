//! What is kept when answers overlap, shift, contradict each other or begin anew.

use super::*;
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;

fn record(place: i64, value: i32) -> Record {
    Record {
        place,
        time: UtcMillis(place * 60_000),
        clock: ClockQuality::ComputedFromPhone,
        logger_time_ms: None,
        received: UtcMillis(0),
        measurement: Measurement { temperature: Some(MilliCelsius(value)), ..Measurement::default() },
        raw: value.to_be_bytes().to_vec(),
    }
}

fn filled(places: std::ops::Range<i64>) -> Series {
    let mut series = Series::default();
    series.begin(0..=0);
    for place in places {
        series.take(record(place, place as i32 * 7 % 1000));
    }
    series
}

#[test]
fn a_later_answer_that_counts_from_a_newer_record_is_put_where_it_belongs() {
    let mut series = filled(-100..0);
    series.begin(0..=50);
    for place in -110..0_i64 {
        series.take(record(place - 3, (place * 7 % 1000) as i32));
    }
    series.finish();
    assert_eq!((series.shift(), series.ends(), series.repeated), (Some(3), Some((-110, -1)), 100));
    assert_eq!((series.give().len(), series.give().len(), series.guessed), (110, 0, false));
}

#[test]
fn equal_values_that_could_stand_at_several_places_are_marked() {
    let mut series = Series::default();
    series.begin(0..=0);
    (0..40).for_each(|place| assert!(series.take(record(place, 5))));
    series.begin(0..=3);
    (0..40).for_each(|place| assert!(series.take(record(place, 5))));
    series.finish();
    assert!(series.guessed);
}

#[test]
fn an_answer_that_agrees_nowhere_is_another_log_and_both_are_kept() {
    let mut series = filled(0..50);
    series.begin(0..=2);
    (0..40).for_each(|place| {
        series.take(record(place, 100_000 + place as i32));
    });
    series.finish();
    assert_eq!((series.resets, series.readings().len(), series.give().len()), (1, 90, 90));
}

#[test]
fn an_answer_that_agrees_far_off_shows_a_jump_of_a_clock() {
    let mut series = filled(0..50);
    series.begin(0..=2);
    (20..60).for_each(|place| {
        series.take(record(place + 4000, place as i32 * 7 % 1000));
    });
    series.finish();
    assert_eq!((series.jumps, series.resets, series.readings().len()), (1, 0, 60));
}

#[test]
fn a_record_that_comes_again_with_other_bytes_does_not_replace_the_first() {
    let mut series = filled(0..3);
    series.take(record(1, 999));
    assert_eq!((series.conflicts, series.readings()[1].measurement.temperature), (1, Some(MilliCelsius(7))));
}

#[test]
fn holes_are_found_between_records_and_at_both_ends() {
    let mut series = filled(0..3);
    series.take(record(6, 1));
    series.take_nothing(8);
    assert_eq!(series.holes(1, None), [(3, 5), (7, 7)]);
    assert_eq!(series.holes(1, Some((-2, 9))), [(-2, -1), (3, 5), (7, 7), (9, 9)]);
    assert_eq!((series.missing(1, Some((-2, 9))), series.spacing()), (7, Some(1)));
    assert_eq!(Series::default().holes(1, Some((1, 4))), [(1, 4)]);
}

#[test]
fn no_logger_can_fill_the_memory() {
    let mut series = filled(0..MOST_RECORDS as i64 + 5);
    assert_eq!((series.overflow, series.give().len()), (5, MOST_RECORDS));
}
