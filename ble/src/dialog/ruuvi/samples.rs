//! The samples of a RuuviTag's log as they arrive: joined by time, recognised when they come again.

use crate::bytes::Bytes;
use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::collections::BTreeMap;

/// One logged value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Temperature(MilliCelsius),
    Humidity(RelativeHumidity),
    Pressure(u32),
}

impl Field {
    /// The value of a packet, if it lies within what the tag can advertise (data format 5).
    ///
    /// A humidity above 100 % is the vendor's sign of a faulty sensor and is refused in a log.
    pub(super) fn of_packet(source: u8, packet: [u8; 11]) -> Option<Self> {
        let mut bytes = Bytes(&packet);
        let _header_and_time: [u8; 7] = bytes.array()?;
        let value = bytes.u32_be()?;
        match source {
            0x30 => {
                let hundredths = value.cast_signed();
                (-16_383..=16_383)
                    .contains(&hundredths)
                    .then(|| Self::Temperature(MilliCelsius(hundredths.saturating_mul(10))))
            }
            0x31 => (value <= 10_000).then(|| Self::Humidity(RelativeHumidity(value.saturating_mul(100)))),
            0x32 => (50_000..=115_534).contains(&value).then_some(Self::Pressure(value)),
            _ => None,
        }
    }
}

/// Up to three packets of one sample.
#[derive(Clone, Debug, Default)]
struct Sample {
    temperature: Option<(MilliCelsius, [u8; 11])>,
    humidity: Option<(RelativeHumidity, [u8; 11])>,
    pressure: Option<(u32, [u8; 11])>,
    received: UtcMillis,
    /// The last request that brought it.
    seen_in: u32,
    given: bool,
}

impl Sample {
    fn is_complete(&self) -> bool {
        self.temperature.is_some() && self.humidity.is_some() && self.pressure.is_some()
    }

    /// Takes a value into an empty place; false if the place is taken.
    fn take(&mut self, field: Field, packet: [u8; 11]) -> bool {
        fn put<T>(place: &mut Option<(T, [u8; 11])>, value: T, packet: [u8; 11]) -> bool {
            let empty = place.is_none();
            if empty {
                *place = Some((value, packet));
            }
            empty
        }
        match field {
            Field::Temperature(value) => put(&mut self.temperature, value, packet),
            Field::Humidity(value) => put(&mut self.humidity, value, packet),
            Field::Pressure(value) => put(&mut self.pressure, value, packet),
        }
    }

    /// Whether both may be one sample: no value that both have differs.
    fn agrees_with(&self, other: &Self) -> bool {
        fn agree<T: PartialEq>(a: &Option<(T, [u8; 11])>, b: &Option<(T, [u8; 11])>) -> bool {
            a.as_ref().zip(b.as_ref()).is_none_or(|((a, _), (b, _))| a == b)
        }
        agree(&self.temperature, &other.temperature)
            && agree(&self.humidity, &other.humidity)
            && agree(&self.pressure, &other.pressure)
    }

    /// Fills empty places from another packet set of the same sample.
    fn fill_from(&mut self, other: &Self) {
        self.temperature = self.temperature.or(other.temperature);
        self.humidity = self.humidity.or(other.humidity);
        self.pressure = self.pressure.or(other.pressure);
    }

    fn reading(&self, time: u32) -> Reading {
        let time = i64::from(time).saturating_mul(1000);
        let packets = [
            self.temperature.map(|(_, packet)| packet),
            self.humidity.map(|(_, packet)| packet),
            self.pressure.map(|(_, packet)| packet),
        ];
        Reading {
            time: UtcMillis(time),
            clock: ClockQuality::ComputedFromPhone,
            logger_time_ms: Some(time),
            received: self.received,
            source: Source::Log,
            provenance: Provenance::P0,
            measurement: Measurement {
                temperature: self.temperature.map(|(value, _)| value),
                humidity: self.humidity.map(|(value, _)| value),
                pressure_pa: self.pressure.map(|(value, _)| value),
                ..Measurement::default()
            },
            raw: packets.into_iter().flatten().flatten().collect(),
        }
    }
}

/// A log's samples over all requests.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// Samples by the time they came with; the second number tells several of one second apart.
    kept: BTreeMap<(u32, u32), Sample>,
    /// Samples of the request under way that still lack a value.
    open: BTreeMap<u32, Vec<Sample>>,
    round: u32,
    /// By how many seconds a sample's time may differ between two requests.
    slack: u32,
    ready: usize,
    given: usize,
    repeated: usize,
    /// The first sample that came at all.
    first_received: Option<u32>,
    last_received: Option<u32>,
    /// The sample before, within the request under way.
    before: Option<u32>,
    out_of_order: bool,
}

impl Samples {
    /// A new request: its samples may repeat earlier ones, at slightly other times.
    ///
    /// Both clocks count whole seconds and the request takes its time to arrive: two seconds at most, and
    /// always less than half of the interval, so that a neighbour is never taken for a repetition.
    pub(super) fn begin_round(&mut self) {
        self.round = self.round.saturating_add(1);
        self.before = None;
        self.slack = self.interval().map_or(0, |interval| (interval.saturating_sub(1) / 2).min(2));
    }

    /// The request is over: samples that lack a value are kept as they are.
    pub(super) fn end_round(&mut self) {
        for (time, samples) in std::mem::take(&mut self.open) {
            for sample in samples {
                self.keep(time, sample);
            }
        }
    }

    /// Takes one value; true if it completed a sample that was not known.
    pub(super) fn take(&mut self, time: u32, field: Field, packet: [u8; 11], at: UtcMillis) -> bool {
        self.first_received.get_or_insert(time);
        self.out_of_order |= self.before.replace(time).is_some_and(|before| time < before);
        self.last_received = Some(self.last_received.map_or(time, |last| last.max(time)));
        let waiting = self.open.entry(time).or_default();
        let place = waiting.iter_mut().position(|sample| sample.take(field, packet));
        let complete = match place {
            Some(place) if waiting.get(place).is_some_and(Sample::is_complete) => waiting.swap_remove(place),
            Some(_) => return false,
            None => {
                let mut sample = Sample { received: at, ..Sample::default() };
                sample.take(field, packet);
                waiting.push(sample);
                return false;
            }
        };
        if waiting.is_empty() {
            self.open.remove(&time);
        }
        self.keep(time, complete)
    }

    /// Keeps a sample, unless it is one that is known; true if it is new and complete.
    fn keep(&mut self, time: u32, mut sample: Sample) -> bool {
        let round = self.round;
        let nearest_first =
            (0..=self.slack).flat_map(|apart| [time.checked_sub(apart), time.checked_add(apart)]);
        for near in nearest_first.flatten() {
            for known in self.kept.range_mut((near, 0)..=(near, u32::MAX)).map(|(_, known)| known) {
                // One answer of the tag counts from one base: only another answer may be off.
                let taken = known.seen_in == round && near != time;
                if taken || !known.agrees_with(&sample) {
                    continue;
                }
                let was_complete = known.is_complete();
                known.seen_in = round;
                known.fill_from(&sample);
                self.repeated = self.repeated.saturating_add(1);
                let completed = known.is_complete() && !was_complete;
                if completed && !known.given {
                    self.ready = self.ready.saturating_add(1);
                }
                return completed;
            }
        }
        sample.seen_in = round;
        let complete = sample.is_complete();
        self.ready = self.ready.saturating_add(usize::from(complete));
        let number = self.kept.range((time, 0)..=(time, u32::MAX)).count();
        self.kept.insert((time, u32::try_from(number).unwrap_or(u32::MAX)), sample);
        complete
    }

    /// How many complete samples wait to be given.
    pub(super) fn ready(&self) -> usize {
        self.ready
    }

    /// Gives the complete samples that have not been given.
    pub(super) fn give_complete(&mut self) -> Vec<Reading> {
        self.give(Sample::is_complete)
    }

    /// Gives all samples that have not been given.
    pub(super) fn give_all(&mut self) -> Vec<Reading> {
        self.give(|_| true)
    }

    fn give(&mut self, ripe: impl Fn(&Sample) -> bool) -> Vec<Reading> {
        let waiting = self.kept.iter_mut().filter(|(_, sample)| !sample.given && ripe(sample));
        let batch: Vec<Reading> = waiting
            .map(|((time, _), sample)| {
                sample.given = true;
                sample.reading(*time)
            })
            .collect();
        self.ready = 0;
        self.given = self.given.saturating_add(batch.len());
        batch
    }

    /// How many samples have been given.
    pub(super) fn given(&self) -> usize {
        self.given
    }

    /// How many values or samples came again.
    pub(super) fn repeated(&self) -> usize {
        self.repeated
    }

    /// How many samples lack a value.
    pub(super) fn incomplete(&self) -> usize {
        self.kept.values().filter(|sample| !sample.is_complete()).count()
    }

    /// The latest time that came.
    pub(super) fn last_received(&self) -> Option<u32> {
        self.last_received
    }

    /// Whether the answer under way left out a sample that had come before.
    pub(super) fn some_did_not_come_again(&self) -> bool {
        self.kept.values().any(|sample| sample.seen_in < self.round)
    }

    /// All samples by time.
    pub(super) fn readings(&self) -> Vec<Reading> {
        self.kept.iter().map(|((time, _), sample)| sample.reading(*time)).collect()
    }

    /// The median spacing of the samples in seconds.
    pub(super) fn interval(&self) -> Option<u32> {
        let times = self.kept.keys().map(|(time, _)| *time);
        let mut spacings: Vec<u32> =
            times.clone().skip(1).zip(times).map(|(later, earlier)| later.saturating_sub(earlier)).collect();
        spacings.sort_unstable();
        spacings.get(spacings.len() / 2).copied()
    }

    /// How many samples seem to be missing or lack a value, and the time from which to ask again.
    ///
    /// A spacing of more than one and a half intervals is a hole; so is a sample without all its values.
    pub(super) fn missing(&self) -> (usize, Option<u32>) {
        let Some(interval) = self.interval().filter(|interval| *interval > 0) else { return (0, None) };
        let (mut missing, mut earliest, mut before) = (0_usize, None, None::<u32>);
        for ((time, _), sample) in &self.kept {
            let spacing = before.map_or(0, |before| time.saturating_sub(before));
            let hole = spacing > interval.saturating_add(interval / 2);
            if hole || !sample.is_complete() {
                missing = missing.saturating_add(1);
                earliest = earliest.or(Some(before.unwrap_or(*time).saturating_sub(1)));
            }
            before = Some(*time);
        }
        (missing, earliest)
    }

    /// Whether the records came in order of time and the first of them joins `from`.
    ///
    /// A tag whose memory has wrapped round may send its newest records first; only a first record right
    /// after a known time shows that none older is still to come.
    pub(super) fn joins(&self, from: u32) -> bool {
        let reach = self.interval().unwrap_or(0).saturating_mul(2);
        !self.out_of_order
            && from > 0
            && self.first_received.is_some_and(|first| first <= from.saturating_add(reach))
    }
}
