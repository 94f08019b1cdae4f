//! Counters and batteries: a value holds until the logger tells another, so that only changes are sealed.
//!
//! Of movement every change of the counter is kept. Of a battery the first value, each new lowest one, and a rise
//! that tells of a new battery: a voltage that flickers by some millivolts would else fill the log.

use super::{Cell, Known};
use firn_model::reading::{Channel, Quantity};
use firn_model::time::UtcMillis;

/// A rise by so many millivolts tells of a new battery: a lithium cell recovers by less when it warms up.
const RISE_MV: i32 = 200;
/// A rise by so many percent does.
const RISE_PCT: i32 = 20;

/// Leaves of a held quantity what changed since the one kept before; `cells` ascend by time.
pub(super) fn retain_changes(channel: Channel, known: &Known, cells: &mut Vec<Cell<'_>>) {
    if !channel.quantity.is_held() {
        return;
    }
    let of_channel = known.iter().filter(|((of, _), _)| *of == channel);
    let mut sealed: Vec<(UtcMillis, i32)> = of_channel.flat_map(|(_, samples)| samples).copied().collect();
    sealed.sort_unstable();
    let mut sealed = sealed.into_iter().peekable();
    let mut last = None;
    cells.retain(|cell| {
        while let Some((_, value)) = sealed.next_if(|(time, _)| *time <= cell.reading.time) {
            last = Some(value);
        }
        let keeps = last.is_none_or(|last| is_change(channel.quantity, last, cell.value));
        if keeps {
            last = Some(cell.value);
        }
        keeps
    });
}

fn is_change(quantity: Quantity, last: i32, value: i32) -> bool {
    let rise = |by: i32| value < last || value.saturating_sub(last) >= by;
    match quantity {
        Quantity::BatteryVoltage => rise(RISE_MV),
        Quantity::BatteryCharge => rise(RISE_PCT),
        _ => value != last,
    }
}

#[cfg(test)]
mod tests {
    use super::super::batches;
    use super::*;
    use firn_model::id::Id;
    use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
    use firn_model::record::{Batch, Logger};
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
        for batch in &first {
            let cells = batch.times.iter().copied().zip(batch.values.iter().copied());
            known.entry((batch.channel, batch.source)).or_default().extend(cells);
        }
        let next = batches(&logger(), &[heard(10, 3, 2981), heard(20, 3, 2970)], &known);
        assert_eq!(of(&next, Quantity::Movement), []);
        assert_eq!(of(&next, Quantity::BatteryVoltage), [(20, 2970)]);
    }

    #[test]
    fn averages_are_sealed_apart_and_say_so() {
        let sealed = batches(&logger(), &[heard(0, 3, 2980), heard(5, 3, 2980)], &Known::new());
        let temperatures = sealed.iter().filter(|batch| batch.channel.quantity == Quantity::Temperature);
        let told: Vec<bool> = temperatures.map(|batch| batch.aggregation.is_some()).collect();
        assert_eq!(told, [false, true]);
    }
}
