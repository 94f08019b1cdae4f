//! Readings become batches: grouped by channel and way, without what is sealed already.

use firn_model::id::Id;
use firn_model::reading::{Channel, ClockQuality, Provenance, Quantity, Reading, Source};
use firn_model::record::{Batch, MOST_READINGS};
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
type Header = (Channel, Source, ClockQuality, Provenance);

/// Times and values that are sealed already, of one channel.
pub(crate) type Known = BTreeMap<Channel, Vec<(UtcMillis, i32)>>;

/// Batches of those readings that are not `known` yet.
///
/// A sample of a log counts as known where a sealed one of the same value lies within half an interval:
/// its time shifts with the clock of whoever downloads. Files and adverts are compared exactly.
pub(crate) fn batches(
    logger: Id,
    interval_s: Option<u32>,
    readings: &[Reading],
    known: &Known,
) -> Vec<Batch> {
    let mut groups: BTreeMap<Header, Vec<Cell<'_>>> = BTreeMap::new();
    for reading in readings {
        for (channel, value) in values(reading) {
            let header = (channel, reading.source, reading.clock, reading.provenance);
            groups.entry(header).or_default().push(Cell { reading, value });
        }
    }
    let mut batches = Vec::new();
    for (header, mut cells) in groups {
        let tolerance = tolerance_ms(header.1, interval_s);
        let sealed = Index::new(known.get(&header.0).map_or(&[], Vec::as_slice));
        cells.sort_by_key(|cell| (cell.reading.time, cell.value));
        cells.dedup_by_key(|cell| (cell.reading.time, cell.value));
        cells.retain(|cell| !sealed.holds(cell.reading.time, cell.value, tolerance));
        batches.extend(cells.chunks(MOST_READINGS).map(|cells| batch(logger, interval_s, header, cells)));
    }
    batches
}

fn tolerance_ms(source: Source, interval_s: Option<u32>) -> i64 {
    match (source, interval_s) {
        (Source::Log, Some(interval)) => (i64::from(interval) * 500).saturating_sub(1),
        (Source::Log, None) => JITTER_MS,
        (Source::Advert | Source::Import, _) => 0,
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
    let measured = &reading.measurement;
    let probe = measured.probe;
    let narrow = |value: u32| i32::try_from(value).ok();
    [
        (Quantity::Temperature, measured.temperature.map(|value| value.0)),
        (Quantity::Humidity, measured.humidity.and_then(|value| narrow(value.0))),
        (Quantity::Pressure, measured.pressure_pa.and_then(narrow)),
    ]
    .into_iter()
    .filter_map(move |(quantity, value)| Some((Channel { quantity, probe }, value?)))
}

fn batch(logger: Id, interval_s: Option<u32>, header: Header, cells: &[Cell<'_>]) -> Batch {
    let (channel, source, clock, provenance) = header;
    let column = |of: fn(&Reading) -> Option<i64>| -> Option<Vec<i64>> {
        cells.iter().map(|cell| of(cell.reading)).collect()
    };
    Batch {
        logger,
        channel,
        source,
        clock,
        provenance,
        received: cells.iter().map(|cell| cell.reading.received).max().unwrap_or_default(),
        interval_s,
        times: cells.iter().map(|cell| cell.reading.time).collect(),
        values: cells.iter().map(|cell| cell.value).collect(),
        logger_times: column(|reading| reading.logger_time_ms),
        sequences: cells.iter().map(|cell| cell.reading.measurement.sequence).collect(),
        raws: raws(channel, cells),
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
    use firn_model::reading::Measurement;
    use firn_model::units::{MilliCelsius, RelativeHumidity};

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
            known.entry(batch.channel).or_default().extend(cells);
        }
        known
    }

    #[test]
    fn each_quantity_is_a_batch_of_its_own_and_raw_bytes_stand_once() {
        let sealed = batches(Id([1; 16]), None, &[reading(0, 5000), reading(300, 5100)], &Known::new());
        assert_eq!(sealed.len(), 2);
        assert_eq!(sealed[0].channel.quantity, Quantity::Temperature);
        assert_eq!(sealed[0].values, [5000, 5100]);
        assert!(sealed[0].raws.is_some() && sealed[1].raws.is_none());
    }

    #[test]
    fn a_second_download_of_the_same_samples_seals_nothing_though_their_times_shift_by_a_second() {
        let first = batches(Id([1; 16]), Some(300), &[reading(0, 5000), reading(300, 5100)], &Known::new());
        let shifted = [reading(1, 5000), reading(299, 5100)];
        assert_eq!(batches(Id([1; 16]), Some(300), &shifted, &known(&first)), []);
        assert_eq!(batches(Id([1; 16]), None, &shifted, &known(&first)), []);
    }

    #[test]
    fn two_samples_of_the_same_value_an_interval_apart_are_both_sealed() {
        let sealed = batches(Id([1; 16]), Some(300), &[reading(0, 5000), reading(300, 5000)], &Known::new());
        assert_eq!(sealed[0].times.len(), 2);
    }

    #[test]
    fn more_readings_than_fit_make_more_batches() {
        let many: Vec<Reading> = (0..5000).map(|second| reading(second, 5000)).collect();
        let lengths: Vec<usize> = batches(Id([1; 16]), Some(1), &many, &Known::new())
            .iter()
            .map(|batch| batch.times.len())
            .collect();
        assert_eq!(lengths, [4096, 904, 4096, 904]);
    }
}
