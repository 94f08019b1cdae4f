//! Counters and batteries: a value holds until the logger tells another, so that only changes are sealed.
//!
//! Of movement every change of the counter is kept. Of a battery all that is lower than the value kept before, and
//! what enters a higher step: the last value kept is then the last one told, within a step, and on the same side of
//! every limit that is a multiple of a step. One that none was told shortly before is kept too, so that what is read
//! later of the time before it changes nothing after it: whichever file is read first, the same is judged.

use super::{Cell, Header, Known, values};
use firn_model::reading::{Channel, Quantity, Reading, Source};
use firn_model::record::Logger;
use firn_model::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// A step of a battery's voltage, in millivolts: most of its flicker is less.
const STEP_MV: i32 = 50;
/// A step of its charge, in percent.
const STEP_PCT: i32 = 5;
/// The interval of a logger of which none is known, in seconds.
const USUAL_INTERVAL_S: u32 = 600;

/// Cells of all headers, as they are sealed.
type Groups<'a> = BTreeMap<Header, Vec<Cell<'a>>>;

/// Leaves of each held quantity what changed since the value kept before, under whatever header that was.
pub(super) fn retain_changes(logger: &Logger, readings: &[Reading], known: &Known, groups: &mut Groups<'_>) {
    let channels: BTreeSet<Channel> = groups.keys().map(|header| header.0).collect();
    for channel in channels.into_iter().filter(|channel| channel.quantity.is_held()) {
        let told = Told::of(channel, logger, readings, known);
        let kept = kept(channel, known, groups, &told);
        for (header, cells) in groups.iter_mut().filter(|(header, _)| header.0 == channel) {
            cells.retain(|cell| kept.contains(&(cell.reading.time, cell.value, *header)));
        }
    }
}

/// What of one channel is kept, by time.
fn kept(
    channel: Channel,
    known: &Known,
    groups: &Groups<'_>,
    told: &Told,
) -> BTreeSet<(UtcMillis, i32, Header)> {
    let of_channel = known.iter().filter(|((of, _), _)| *of == channel);
    let mut sealed: Vec<(UtcMillis, i32)> = of_channel.flat_map(|(_, samples)| samples).copied().collect();
    sealed.sort_unstable();
    let mut sealed = sealed.into_iter().peekable();
    let mut last = None;
    let cells = groups
        .iter()
        .filter(|(header, _)| header.0 == channel)
        .flat_map(|(header, cells)| cells.iter().map(|cell| (cell.reading.time, cell.value, *header)));
    let mut kept: BTreeSet<(UtcMillis, i32, Header)> = cells.collect();
    kept.retain(|(time, value, header)| {
        while let Some((_, sealed)) = sealed.next_if(|(of, _)| of <= time) {
            last = Some(sealed);
        }
        let is_kept = last.is_none_or(|last| is_change(channel.quantity, last, *value))
            || channel.quantity != Quantity::Movement && !told.shortly_before(header.1, *time);
        if is_kept {
            last = Some(*value);
        }
        is_kept
    });
    kept
}

fn is_change(quantity: Quantity, last: i32, value: i32) -> bool {
    let is_another = |step: i32| value < last || value.div_euclid(step) > last.div_euclid(step);
    match quantity {
        Quantity::BatteryVoltage => is_another(STEP_MV),
        Quantity::BatteryCharge => is_another(STEP_PCT),
        _ => value != last,
    }
}

/// When a channel was told, by the way it came.
struct Told {
    /// Of what is read now; of what is held the times of all that came the same way, for what was left out of it
    /// left no trace of its own.
    at: BTreeSet<(Source, UtcMillis)>,
    /// 1.5 intervals in milliseconds: what is longer is a gap.
    longest_ms: i64,
}

impl Told {
    fn of(channel: Channel, logger: &Logger, readings: &[Reading], known: &Known) -> Self {
        let tells = |reading: &&Reading| values(reading).any(|(of, _)| of == channel);
        let now = readings.iter().filter(tells).map(|reading| (reading.source, reading.time));
        let before = known
            .iter()
            .flat_map(|((_, source), samples)| samples.iter().map(move |(time, _)| (*source, *time)));
        let interval_s = logger.interval_s.filter(|seconds| *seconds > 0).unwrap_or(USUAL_INTERVAL_S);
        Self { at: now.chain(before).collect(), longest_ms: i64::from(interval_s).saturating_mul(1500) }
    }

    fn shortly_before(&self, source: Source, time: UtcMillis) -> bool {
        let from = UtcMillis(time.0.saturating_sub(self.longest_ms));
        self.at.range((source, from)..(source, time)).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::batches;
    use super::*;
    use firn_model::assess::Span;
    use firn_model::conditions::{ConditionOutcome, ConditionSample, ConditionSeries, assess_condition};
    use firn_model::id::Id;
    use firn_model::profile::{AlarmMode, ConditionLimit};
    use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
    use firn_model::record::Batch;
    use firn_model::units::MilliCelsius;

    fn logger() -> Logger {
        Logger {
            id: Id([1; 16]),
            family: "ruuvitag".into(),
            label: "Box 7".into(),
            address: None,
            serial: None,
            interval_s: Some(300),
            accuracy_mc: None,
            certificate: None,
            offset_mc: None,
        }
    }

    fn heard(minute: i64, movement: u32, battery_mv: u32) -> Reading {
        Reading {
            time: UtcMillis(minute * 60_000),
            clock: ClockQuality::Phone,
            logger_time_ms: None,
            received: UtcMillis(minute * 60_000),
            source: Source::Advert,
            provenance: Provenance::P0,
            measurement: Measurement {
                temperature: Some(MilliCelsius(5000)),
                movement: Some(movement),
                acceleration_mg: Some([30, -40, 1000]),
                battery_mv: Some(battery_mv),
                aggregated: minute == 0,
                ..Measurement::default()
            },
            raw: vec![5],
        }
    }

    fn of(batches: &[Batch], quantity: Quantity) -> Vec<(i64, i32)> {
        let of = batches.iter().filter(|batch| batch.channel.quantity == quantity);
        of.flat_map(|batch| batch.times.iter().map(|time| time.0 / 60_000).zip(batch.values.iter().copied()))
            .collect()
    }

    #[test]
    fn counters_and_batteries_are_sealed_where_they_change_and_everything_else_at_each_reading() {
        let readings = [
            heard(0, 3, 2980),
            heard(5, 3, 2985),
            heard(10, 4, 2979),
            heard(15, 4, 2990),
            heard(20, 3, 3200),
            heard(25, 3, 2990),
        ];
        let sealed = batches(&logger(), &readings, &Known::new());
        assert_eq!(of(&sealed, Quantity::Movement), [(0, 3), (10, 4), (20, 3)]);
        assert_eq!(of(&sealed, Quantity::BatteryVoltage), [(0, 2980), (10, 2979), (20, 3200), (25, 2990)]);
        assert_eq!(of(&sealed, Quantity::Temperature).len(), 6);
        assert_eq!(of(&sealed, Quantity::Acceleration)[0], (0, 1001));
    }

    #[test]
    fn what_is_sealed_already_is_what_a_change_is_told_from() {
        let first = batches(&logger(), &[heard(0, 3, 2980)], &Known::new());
        let mut known = Known::new();
        learn(&mut known, &first);
        let next = batches(&logger(), &[heard(5, 3, 2981), heard(10, 3, 2970)], &known);
        assert_eq!(of(&next, Quantity::Movement), []);
        assert_eq!(of(&next, Quantity::BatteryVoltage), [(10, 2970)]);
    }

    #[test]
    fn averages_are_sealed_apart_and_say_so() {
        let sealed = batches(&logger(), &[heard(0, 3, 2980), heard(5, 3, 2980)], &Known::new());
        let temperatures = sealed.iter().filter(|batch| batch.channel.quantity == Quantity::Temperature);
        let told: Vec<bool> = temperatures.map(|batch| batch.aggregation.is_some()).collect();
        assert_eq!(told, [false, true]);
    }

    fn learn(known: &mut Known, batches: &[Batch]) {
        for batch in batches {
            let cells = batch.times.iter().copied().zip(batch.values.iter().copied());
            known.entry((batch.channel, batch.source)).or_default().extend(cells);
        }
    }

    /// What is sealed of the battery where these are read one after another.
    fn sealed_of(reads: &[Vec<Reading>]) -> Vec<(i64, i32)> {
        let mut known = Known::new();
        for read in reads {
            let sealed = batches(&logger(), read, &known);
            learn(&mut known, &sealed);
        }
        of_battery(&known)
    }

    fn of_battery(known: &Known) -> Vec<(i64, i32)> {
        let battery = known.iter().filter(|((channel, _), _)| channel.quantity == Quantity::BatteryVoltage);
        let mut cells: Vec<(i64, i32)> = battery
            .flat_map(|(_, cells)| cells.iter().map(|(time, value)| (time.0 / 60_000, *value)))
            .collect();
        cells.sort_unstable();
        cells.dedup();
        cells
    }

    /// Values every five minutes from a minute on.
    fn row(from: i64, values: &[u32]) -> Vec<Reading> {
        (0..).zip(values).map(|(index, value)| heard(from + index * 5, 3, *value)).collect()
    }

    #[test]
    fn a_battery_that_recovered_is_not_low_any_more_and_one_that_is_told_after_a_silence_is_kept() {
        assert_eq!(sealed_of(&[row(0, &[2300, 2450, 2460, 2450])]), [(0, 2300), (5, 2450)]);
        assert_eq!(sealed_of(&[row(0, &[2398, 2399, 2401, 2449])]), [(0, 2398), (10, 2401)]);
        assert_eq!(sealed_of(&[row(0, &[2450; 2]), row(60, &[2450; 3])]), [(0, 2450), (60, 2450)]);
        let between_last = [row(0, &[2450; 2]), row(20, &[2450; 3]), row(10, &[2300; 2])];
        assert_eq!(sealed_of(&between_last), [(0, 2450), (10, 2300), (20, 2450)]);
    }

    #[test]
    fn what_changed_is_told_from_what_another_way_or_clock_gave_in_the_same_file() {
        let by_phone = row(0, &[2450, 2300]);
        let by_itself = row(10, &[2450; 2])
            .into_iter()
            .map(|reading| Reading { clock: ClockQuality::ComputedFromPhone, ..reading });
        let read: Vec<Reading> = by_phone.into_iter().chain(by_itself).collect();
        assert_eq!(sealed_of(&[read]), [(0, 2450), (5, 2300), (10, 2450)]);
    }

    /// Numbers that look random, the same in each run.
    struct Random(u64);

    impl Random {
        fn below(&mut self, most: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % most
        }

        fn index(&mut self, most: usize) -> usize {
            usize::try_from(self.below(u64::try_from(most).unwrap())).unwrap()
        }

        /// A battery that drops, recovers and flickers.
        fn series(&mut self) -> Vec<Reading> {
            let mut level = 2300 + self.below(300);
            let mut value = || {
                level = match self.below(8) {
                    0 => 2250 + self.below(400),
                    _ => (level + self.below(31)).saturating_sub(15),
                };
                u32::try_from(level).unwrap()
            };
            let values: Vec<u32> = (0..60).map(|_| value()).collect();
            row(0, &values)
        }

        /// The series in parts that overlap, or interlock, in any order; each reading is in one at least.
        fn parts(&mut self, series: &[Reading]) -> Vec<Vec<Reading>> {
            let count = 1 + self.index(5);
            let mut parts: Vec<Vec<Reading>> = Vec::new();
            let interlock = self.below(2) == 0;
            let mut cuts: Vec<usize> = (1..count).map(|_| self.index(series.len())).collect();
            cuts.extend([0, series.len()]);
            cuts.sort_unstable();
            if interlock {
                parts.resize(count, Vec::new());
                series.iter().for_each(|reading| parts[self.index(count)].push(reading.clone()));
            } else {
                for pair in cuts.windows(2) {
                    let to = (pair[1] + self.index(8)).min(series.len());
                    parts.push(series[pair[0].saturating_sub(self.index(8))..to].to_vec());
                }
            }
            for index in 0..parts.len() {
                let other = self.index(parts.len());
                parts.swap(index, other);
            }
            parts
        }
    }

    /// How a battery stands with a limit from a minute on.
    fn judged(values: &[(i64, i32)], low: i32, from: i64) -> (ConditionOutcome, i32) {
        let sample = |(minute, value): &(i64, i32)| ConditionSample {
            time: UtcMillis(minute * 60_000),
            value: *value,
        };
        let samples: Vec<ConditionSample> = values.iter().map(sample).collect();
        let quantity = Quantity::BatteryVoltage;
        let series = ConditionSeries {
            logger: Id([1; 16]),
            channel: Channel { quantity, probe: 0 },
            samples: &samples,
            interval_s: 300,
            counter_size: 0,
            aggregation: None,
        };
        let limit =
            ConditionLimit { quantity, low: Some(low), high: None, allowance_s: 0, mode: AlarmMode::Single };
        let span = Span { from: Some(UtcMillis(from * 60_000)), to: Some(UtcMillis(300 * 60_000)) };
        let told = assess_condition(&series, Some(&limit), span);
        (told.outcome, told.lowest.unwrap())
    }

    #[test]
    fn a_battery_is_judged_the_same_whichever_part_of_it_was_read_first_and_on_whichever_device() {
        let mut random = Random(7);
        for round in 0..600 {
            let series = random.series();
            let all: Vec<(i64, i32)> = series
                .iter()
                .map(|one| (one.time.0 / 60_000, i32::try_from(one.measurement.battery_mv.unwrap()).unwrap()))
                .collect();
            let mut devices = [Known::new(), Known::new()];
            for part in random.parts(&series) {
                let on = random.index(2);
                let sealed = batches(&logger(), &part, &devices[on]);
                learn(&mut devices[on], &sealed);
                if random.below(3) == 0 {
                    let (ours, theirs) = (devices[on].clone(), devices[1 - on].clone());
                    devices.iter_mut().for_each(|known| {
                        *known = ours.clone();
                        theirs.iter().for_each(|(key, cells)| known.entry(*key).or_default().extend(cells));
                    });
                }
            }
            let kept: Vec<(i64, i32)> = devices.iter().flat_map(of_battery).collect();
            for (low, from) in [(2400, 1), (2400, 150), (2350, 77), (2500, 203)] {
                let (true_outcome, true_lowest) = judged(&all, low, from);
                let (outcome, lowest) = judged(&kept, low, from);
                assert_eq!(
                    outcome, true_outcome,
                    "round {round}, limit {low} from {from}: {kept:?} of {all:?}"
                );
                assert!(
                    (true_lowest - STEP_MV + 1..=true_lowest).contains(&lowest),
                    "round {round}: {lowest}"
                );
            }
        }
    }
}
