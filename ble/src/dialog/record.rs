//! One record of an answer, and the grid on which the times of a logger without a clock lie.

use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
use firn_model::time::UtcMillis;

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place within the answer, ascending with time.
    pub place: i64,
    /// Its time; on a grid the place decides instead.
    pub time: UtcMillis,
    pub clock: ClockQuality,
    pub logger_time_ms: Option<i64>,
    pub received: UtcMillis,
    pub measurement: Measurement,
    pub raw: Vec<u8>,
}

impl Record {
    pub fn into_reading(self, time: UtcMillis) -> Reading {
        Reading {
            time,
            clock: self.clock,
            logger_time_ms: self.logger_time_ms,
            received: self.received,
            source: Source::Log,
            provenance: Provenance::P0,
            measurement: self.measurement,
            raw: self.raw,
        }
    }
}

/// Times that follow from places: `base + place × step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub base: UtcMillis,
    pub step_ms: i64,
}

impl Grid {
    pub fn time(self, place: i64) -> UtcMillis {
        UtcMillis(self.base.0.saturating_add(place.saturating_mul(self.step_ms)))
    }

    /// By how many places another grid lies later than this one, rounded.
    pub fn ahead(self, other: Self) -> i64 {
        let step = self.step_ms.max(1);
        other.base.0.saturating_sub(self.base.0).saturating_add(step / 2).div_euclid(step)
    }
}

/// The median spacing of ascending places.
pub fn median(places: impl Iterator<Item = i64> + Clone) -> Option<i64> {
    let pairs = places.clone().skip(1).zip(places);
    let mut spacings: Vec<i64> = pairs.map(|(later, earlier)| later.saturating_sub(earlier)).collect();
    let middle = spacings.len() / 2;
    if spacings.is_empty() {
        return None;
    }
    Some(*spacings.select_nth_unstable(middle).1)
}

/// Whether two records are one, but for a computed time at their front.
pub fn agree(a: &[u8], b: &[u8], loose: usize) -> bool {
    a.get(loose..) == b.get(loose..)
}
