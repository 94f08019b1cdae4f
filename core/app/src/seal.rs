//! Readings become batches: grouped by channel and way, without what is sealed already.

mod held;
pub(crate) mod resume;

use firn_ble::replay::DeviceName;
use firn_model::reading::{Aggregation, Channel, ClockQuality, Provenance, Quantity, Reading, Source};
use firn_model::record::{Batch, Logger, MOST_READINGS};
use firn_model::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// How far the times of one sample may differ between two downloads where the interval is not known, in
/// milliseconds: a RuuviTag counts back from the phone's clock in whole seconds at each download.
const JITTER_MS: i64 = 1500;

/// What one column of a batch takes of a reading.
struct Cell<'a> {
    reading: &'a Reading,
    value: i32,
}

/// Readings that share a batch's header.
type Header = (Channel, Source, ClockQuality, Provenance, Option<Aggregation>);

/// Times and values that are sealed already, of one channel and by the way they came: a sample that was
/// heard does not stand for the same one in the log, whose agreement is evidence of its own.
pub(crate) type Known = BTreeMap<(Channel, Source), Vec<(UtcMillis, i32)>>;

/// Batches of those readings that are not `known` yet.
///
/// A sample of a log counts as known where a sealed one of the same value lies within half an interval:
/// its time shifts with the clock of whoever downloads; [`resume`] tells of logs whose times shift further.
/// Files and adverts are compared exactly. Of counters and batteries only what [`held`] keeps is sealed.
pub(crate) fn batches(logger: &Logger, readings: &[Reading], known: &Known) -> Vec<Batch> {
    let matching = Matching::of(logger, readings, known);
    let mut groups: BTreeMap<Header, Vec<Cell<'_>>> = BTreeMap::new();
    for reading in readings {
        for (channel, value) in values(reading) {
            let aggregation = reading.measurement.aggregated.then_some(Aggregation::Average);
            let aggregation = aggregation.filter(|_| channel.quantity.is_sampled());
            let header = (channel, reading.source, reading.clock, reading.provenance, aggregation);
            groups.entry(header).or_default().push(Cell { reading, value });
        }
    }
    for (header, cells) in &mut groups {
        let sealed = Index::new(known.get(&(header.0, header.1)).map_or(&[], Vec::as_slice));
        cells.sort_by_key(|cell| (cell.reading.time, cell.value));
        cells.dedup_by_key(|cell| (cell.reading.time, cell.value));
        cells.retain(|cell| !matching.is_known(header.1, &sealed, cell));
    }
    held::retain_changes(logger, readings, known, &mut groups);
    let mut batches = Vec::new();
    for (header, cells) in groups {
        batches.extend(cells.chunks(MOST_READINGS).map(|cells| batch(logger, header, cells)));
    }
    batches
}

/// Whether the times of a logger's log count back from the request.
pub(crate) fn counts_back(logger: &Logger) -> bool {
    DeviceName::of_logger(&logger.family, &logger.label).is_some_and(DeviceName::counts_back_from_request)
}

/// How the samples of a log are found among sealed ones.
struct Matching {
    /// How far their times may lie apart, in milliseconds.
    tolerance: i64,
    /// From here on nothing is sealed, though a sealed sample of the same value may be near.
    new_after: Option<UtcMillis>,
}

impl Matching {
    fn of(logger: &Logger, readings: &[Reading], known: &Known) -> Self {
        let interval = logger.interval_s.map(|seconds| i64::from(seconds).saturating_mul(1000));
        if !counts_back(logger) {
            let tolerance = interval.map_or(JITTER_MS, |interval| (interval / 2).saturating_sub(1));
            return Self { tolerance, new_after: None };
        }
        let interval = interval.or_else(|| resume::spacing_ms(readings, known)).unwrap_or(JITTER_MS);
        let new_after = resume::newest_sealed(readings, known, interval);
        Self { tolerance: interval.saturating_sub(1), new_after }
    }

    fn is_known(&self, source: Source, sealed: &Index, cell: &Cell<'_>) -> bool {
        let time = cell.reading.time;
        match source {
            Source::Log if self.new_after.is_some_and(|after| time > after) => false,
            Source::Log => sealed.holds(time, cell.value, self.tolerance),
            Source::Advert | Source::Import => sealed.holds(time, cell.value, 0),
        }
    }
}

/// Sealed samples by value, to look one up near a time.
struct Index(BTreeSet<(i32, UtcMillis)>);

impl Index {
    fn new(known: &[(UtcMillis, i32)]) -> Self {
        Self(known.iter().map(|(time, value)| (*value, *time)).collect())
    }

    fn holds(&self, time: UtcMillis, value: i32, tolerance: i64) -> bool {
        let from = UtcMillis(time.0.saturating_sub(tolerance));
        let to = UtcMillis(time.0.saturating_add(tolerance));
        self.0.range((value, from)..=(value, to)).next().is_some()
    }
}

/// The channels of a reading with their values in the channels' units.
fn values(reading: &Reading) -> impl Iterator<Item = (Channel, i32)> {
    let probe = reading.measurement.probe;
    reading.measurement.values().map(move |(quantity, value)| (Channel { quantity, probe }, value))
}

fn batch(logger: &Logger, header: Header, cells: &[Cell<'_>]) -> Batch {
    let (channel, source, clock, provenance, aggregation) = header;
    let column = |of: fn(&Reading) -> Option<i64>| -> Option<Vec<i64>> {
        cells.iter().map(|cell| of(cell.reading)).collect()
    };
    Batch {
        logger: logger.id,
        channel,
        source,
        clock,
        provenance,
        received: cells.iter().map(|cell| cell.reading.received).max().unwrap_or_default(),
        interval_s: logger.interval_s,
        times: cells.iter().map(|cell| cell.reading.time).collect(),
        values: cells.iter().map(|cell| cell.value).collect(),
        logger_times: column(|reading| reading.logger_time_ms),
        sequences: cells.iter().map(|cell| cell.reading.measurement.sequence).collect(),
        raws: raws(channel, cells),
        aggregation,
    }
}

/// The logger's bytes stand once, beside the temperatures.
fn raws(channel: Channel, cells: &[Cell<'_>]) -> Option<Vec<Vec<u8>>> {
    let has_bytes = cells.iter().any(|cell| !cell.reading.raw.is_empty());
    (channel.quantity == Quantity::Temperature && has_bytes)
        .then(|| cells.iter().map(|cell| cell.reading.raw.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::id::Id;
    use firn_model::reading::Measurement;
    use firn_model::units::{MilliCelsius, RelativeHumidity};

    fn logger(family: &str, interval_s: Option<u32>) -> Logger {
        Logger {
            id: Id([1; 16]),
            family: family.into(),
            label: "Box 7".into(),
            address: None,
            serial: None,
            interval_s,
            accuracy_mc: None,
            certificate: None,
            offset_mc: None,
        }
    }

    fn reading(seconds: i64, milli: i32) -> Reading {
        Reading {
            time: UtcMillis(seconds * 1000),
            clock: ClockQuality::ComputedFromPhone,
            logger_time_ms: Some(seconds * 1000),
            received: UtcMillis(9_000_000),
            source: Source::Log,
            provenance: Provenance::P0,
            measurement: Measurement {
                temperature: Some(MilliCelsius(milli)),
                humidity: Some(RelativeHumidity(450_000)),
                ..Measurement::default()
            },
            raw: vec![1, 2, 3],
        }
    }

    fn known(batches: &[Batch]) -> Known {
        let mut known = Known::new();
        for batch in batches {
            let cells = batch.times.iter().copied().zip(batch.values.iter().copied());
            known.entry((batch.channel, batch.source)).or_default().extend(cells);
        }
        known
    }

    #[test]
    fn each_quantity_is_a_batch_of_its_own_and_raw_bytes_stand_once() {
        let sealed =
            batches(&logger("ruuvitag", None), &[reading(0, 5000), reading(300, 5100)], &Known::new());
        assert_eq!(sealed.len(), 2);
        assert_eq!(sealed[0].channel.quantity, Quantity::Temperature);
        assert_eq!(sealed[0].values, [5000, 5100]);
        assert!(sealed[0].raws.is_some() && sealed[1].raws.is_none());
    }

    #[test]
    fn a_second_download_of_the_same_samples_seals_nothing_though_their_times_shift_by_a_second() {
        let first =
            batches(&logger("ruuvitag", Some(300)), &[reading(0, 5000), reading(300, 5100)], &Known::new());
        let shifted = [reading(1, 5000), reading(299, 5100)];
        assert_eq!(batches(&logger("ruuvitag", Some(300)), &shifted, &known(&first)), []);
        assert_eq!(batches(&logger("ruuvitag", None), &shifted, &known(&first)), []);
    }

    #[test]
    fn two_samples_of_the_same_value_an_interval_apart_are_both_sealed() {
        let sealed =
            batches(&logger("ruuvitag", Some(300)), &[reading(0, 5000), reading(300, 5000)], &Known::new());
        assert_eq!(sealed[0].times.len(), 2);
    }

    /// Samples a minute apart as one download of a logger gives them that counts back from its request.
    fn minutes(phase_s: i64, numbers: std::ops::Range<i64>, value: fn(i64) -> i32) -> Vec<Reading> {
        numbers.map(|number| reading(number * 60 + phase_s, value(number))).collect()
    }

    #[test]
    fn a_sample_is_sealed_once_whatever_the_phase_of_the_second_download() {
        let value = |number: i64| i32::try_from(number * 37 % 11).unwrap() * 100;
        for interval in [None, Some(60)] {
            let govee = logger("govee", interval);
            for (first, second) in (0..60).flat_map(|first| (0..60).map(move |second| (first, second))) {
                let sealed = batches(&govee, &minutes(first, 0..50, value), &Known::new());
                let again = batches(&govee, &minutes(second, 30..70, value), &known(&sealed));
                let values: Vec<i32> = (50..70).map(value).collect();
                assert_eq!(again[0].values, values, "phases {first} and {second}");
            }
        }
    }

    #[test]
    fn where_nothing_ever_changes_no_sample_is_sealed_twice_and_at_most_one_is_left_out() {
        let govee = logger("govee", Some(60));
        for (first, second) in (0..60).flat_map(|first| (0..60).map(move |second| (first, second))) {
            let sealed = batches(&govee, &minutes(first, 0..50, |_| 5000), &Known::new());
            let again = batches(&govee, &minutes(second, 30..70, |_| 5000), &known(&sealed));
            let expected = if second < first { 19 } else { 20 };
            assert_eq!(again[0].values.len(), expected, "phases {first} and {second}");
        }
    }

    #[test]
    fn a_download_goes_back_to_a_change_of_value_and_at_least_some_samples() {
        let govee = logger("govee", Some(60));
        let from = |value: fn(i64) -> i32| {
            let sealed = batches(&govee, &minutes(0, 0..3000, value), &Known::new());
            resume::from(&known(&sealed)).unwrap().0 / 60_000
        };
        assert_eq!(from(|number| i32::try_from(number).unwrap()), 2999 - 16);
        assert_eq!(from(|number| if number < 2500 { 4000 } else { 5000 }), 2499);
        assert_eq!(from(|_| 5000), 3000 - 1440);
        assert_eq!(resume::from(&Known::new()), None);
    }

    #[test]
    fn a_sample_that_was_heard_does_not_keep_that_of_the_log_out() {
        let heard = Reading { source: Source::Advert, ..reading(0, 5000) };
        let ruuvi = logger("ruuvitag", Some(300));
        let sealed = batches(&ruuvi, &[heard], &Known::new());
        assert_eq!(batches(&ruuvi, &[reading(1, 5000)], &known(&sealed))[0].source, Source::Log);
    }

    #[test]
    fn more_readings_than_fit_make_more_batches() {
        let many: Vec<Reading> = (0..5000).map(|second| reading(second, 5000)).collect();
        let lengths: Vec<usize> = batches(&logger("ruuvitag", Some(1)), &many, &Known::new())
            .iter()
            .map(|batch| batch.times.len())
            .collect();
        assert_eq!(lengths, [4096, 904, 4096, 904]);
    }
}
