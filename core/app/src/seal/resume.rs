//! Loggers whose times count back from the request: which of their samples are sealed already.
//!
//! Such a logger does not tell the age of its newest record. Two downloads give one sample times that lie up
//! to an interval apart, so that time and value alone cannot tell it from its neighbour. The newest sealed
//! sample is therefore looked for among the new ones by what comes before both: those after it are new.

use super::{Known, values};
use firn_model::reading::{Channel, Quantity, Reading, Source};
use firn_model::time::UtcMillis;
use std::collections::BTreeMap;

/// How many samples a download goes back at least, so that there is something to compare.
const OVERLAP: usize = 16;
/// How many it goes back at most in search of a change of value: a day of minutes.
const FURTHEST: usize = 1440;

/// One sample's values by channel.
type Row = BTreeMap<Channel, i32>;

fn sealed_rows(known: &Known) -> Vec<(UtcMillis, Row)> {
    let mut rows: BTreeMap<UtcMillis, Row> = BTreeMap::new();
    let of_log = |((channel, source), _): &(&(Channel, Source), _)| {
        *source == Source::Log && channel.quantity.is_sampled()
    };
    for ((channel, _), samples) in known.iter().filter(of_log) {
        for (time, value) in samples {
            rows.entry(*time).or_default().insert(*channel, *value);
        }
    }
    rows.into_iter().collect()
}

fn new_rows(readings: &[Reading]) -> Vec<(UtcMillis, Row)> {
    let mut rows: BTreeMap<UtcMillis, Row> = BTreeMap::new();
    for reading in readings.iter().filter(|reading| reading.source == Source::Log) {
        let sampled = values(reading).filter(|(channel, _)| channel.quantity.is_sampled());
        rows.entry(reading.time).or_default().extend(sampled);
    }
    rows.into_iter().collect()
}

/// Where such a download begins: far enough back that a change of value shows which sample is which.
pub(crate) fn from(known: &Known) -> Option<UtcMillis> {
    let rows = sealed_rows(known);
    let (_, newest) = rows.last()?;
    let compared = rows.iter().rev().take(FURTHEST).enumerate();
    let mut reached = None;
    for (count, (time, row)) in compared {
        reached = Some(*time);
        if count >= OVERLAP && row != newest {
            break;
        }
    }
    reached
}

/// The time of the sample among `readings` that is the newest sealed one; none where it is not among them.
///
/// Where the values leave two choices, because nothing changed for as long as both reach back, it is the
/// later one: then a sample equal to its neighbour may be left out, and none is sealed twice.
pub(crate) fn newest_sealed(readings: &[Reading], known: &Known, interval_ms: i64) -> Option<UtcMillis> {
    let (sealed, new) = (sealed_rows(known), new_rows(readings));
    let (newest, _) = sealed.last()?;
    let near = |time: &UtcMillis| time.0.saturating_sub(newest.0).abs() < interval_ms;
    let candidates = new.iter().enumerate().filter(|(_, (time, _))| near(time));
    let differing = |at: usize| {
        let before = new.iter().take(at.saturating_add(1)).rev().zip(sealed.iter().rev());
        before.filter(|((_, a), (_, b))| differ(a, b)).count()
    };
    let ranked = candidates.map(|(at, (time, _))| (differing(at), std::cmp::Reverse(*time)));
    ranked.min().map(|(_, time)| time.0)
}

/// Whether two samples say different things of a channel that both have.
fn differ(a: &Row, b: &Row) -> bool {
    a.iter().any(|(channel, value)| b.get(channel).is_some_and(|other| other != value))
}

/// The usual spacing of samples in milliseconds, where no interval is known.
pub(crate) fn spacing_ms(readings: &[Reading], known: &Known) -> Option<i64> {
    let of = |rows: Vec<(UtcMillis, Row)>| {
        let mut spacings: Vec<i64> = rows
            .iter()
            .skip(1)
            .zip(&rows)
            .map(|(later, earlier)| later.0.0.saturating_sub(earlier.0.0))
            .collect();
        let middle = spacings.len() / 2;
        spacings.sort_unstable();
        spacings.get(middle).copied()
    };
    of(new_rows(readings)).or_else(|| of(sealed_rows(known)))
}

/// The newest sealed temperature of a log.
pub(crate) fn newest_of_log(known: &Known) -> Option<UtcMillis> {
    let of_log = |((channel, source), _): &(&(Channel, Source), &Vec<(UtcMillis, i32)>)| {
        *source == Source::Log && channel.quantity == Quantity::Temperature
    };
    known.iter().filter(of_log).flat_map(|(_, samples)| samples.iter().map(|(time, _)| *time)).max()
}
