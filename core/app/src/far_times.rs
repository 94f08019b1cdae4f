//! Readings of a time that cannot be the shipment's: told where they are taken in, for a log says nothing of its clock.

use firn_model::reading::{Reading, Source};
use firn_model::time::UtcMillis;

/// How far from the pick-up a reading lies that is told of, in ms: a year.
const FAR_MS: u64 = 366 * 86_400_000;

/// How many readings of a file or a memory lie more than a year from the pick-up, and what a person should look at: of
/// those, else where all lie before it.
pub(crate) fn far_from(picked_up: UtcMillis, readings: &[Reading]) -> (usize, Option<String>) {
    let times = || readings.iter().filter(|one| one.source != Source::Advert).map(|one| one.time);
    let far = times().filter(|time| time.0.abs_diff(picked_up.0) > FAR_MS);
    let count = far.clone().count();
    let look = "look at how the file writes its times, at its zone, and at the logger's clock";
    if let Some((first, last)) = far.clone().min().zip(far.max()) {
        let all = times().count();
        let note = format!(
            "{count} of {all} readings lie more than a year from the shipment's pick-up at {picked_up}, the first at \
             {first}, the last at {last}: {look}"
        );
        return (count, Some(note));
    }
    let before = times().max().filter(|last| *last < picked_up);
    let note = |last| {
        format!(
            "none of the readings lies after the shipment's pick-up at {picked_up}, the last at {last}: they say nothing \
             of its time; {look}"
        )
    };
    (0, before.map(note))
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::reading::{ClockQuality, Measurement, Provenance};
    use firn_model::time::LocalInstant;

    fn told(times: &[&str], source: Source) -> (usize, Option<String>) {
        let at = |text: &str| LocalInstant::parse(text).unwrap().at;
        let reading = |time: &&str| Reading {
            time: at(time),
            clock: ClockQuality::LoggerOwn,
            logger_time_ms: None,
            received: at("2026-12-13T10:00:00Z"),
            source,
            provenance: Provenance::P0,
            measurement: Measurement::default(),
            raw: Vec::new(),
        };
        far_from(at("2026-12-13T08:00:00Z"), &times.iter().map(reading).collect::<Vec<_>>())
    }

    #[test]
    fn readings_of_another_year_are_counted_and_told_with_their_first_and_last() {
        let times = ["2013-12-26T08:05:00Z", "2013-12-26T08:15:00Z", "2026-12-13T08:05:00Z"];
        let (count, note) = told(&times, Source::Import);
        let note = note.unwrap();
        assert_eq!(count, 2);
        assert!(note.starts_with("2 of 3 readings") && note.contains("2013-12-26T08:15:00Z"), "{note}");
        assert_eq!(told(&["2028-01-01T00:00:00Z"], Source::Log).0, 1);
        assert_eq!(told(&times, Source::Advert), (0, None));
    }

    #[test]
    fn readings_that_all_lie_before_the_pick_up_are_told_and_some_that_do_are_not() {
        let (before, after) = ("2026-12-12T08:05:00Z", "2026-12-13T08:05:00Z");
        let (count, note) = told(&[before], Source::Import);
        assert!(count == 0 && note.unwrap().contains("the last at 2026-12-12T08:05:00Z"));
        assert_eq!(told(&[before, after], Source::Import), (0, None));
        assert_eq!(told(&[], Source::Import), (0, None));
    }
}
