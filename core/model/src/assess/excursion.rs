//! Excursions as they begin and end (d).

use super::assessor::Piece;
use super::{EndedBy, Excursion, MilliDegreeMinutes, Milliseconds, Sample};
use crate::profile::{Bound, Limits};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;

/// The side of the limits a value lies on; absent in range.
#[inline]
pub(super) fn side(limits: &Limits, value: MilliCelsius) -> Option<Bound> {
    if value > limits.max {
        Some(Bound::Above)
    } else if value < limits.min {
        Some(Bound::Below)
    } else {
        None
    }
}

/// How far a value lies outside the limits, in milli-degrees; negative in range.
#[inline]
pub(super) fn excess(limits: &Limits, value: MilliCelsius) -> i64 {
    let value = i64::from(value.0);
    (value - i64::from(limits.max.0)).max(i64::from(limits.min.0) - value)
}

/// The excursions of a series as it is read in order of time.
#[derive(Clone, Debug, Default)]
pub(super) struct Excursions {
    ended: Vec<Excursion>,
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    bound: Bound,
    begin: UtcMillis,
    extreme: MilliCelsius,
    duration: u64,
    /// Milli-degrees times milliseconds.
    area: u128,
}

impl Open {
    fn at(bound: Bound, begin: UtcMillis, extreme: MilliCelsius) -> Self {
        Self { bound, begin, extreme, duration: 0, area: 0 }
    }

    fn end(&self, end: Option<UtcMillis>, ended_by: EndedBy) -> Excursion {
        // 60,000 ms a minute, rounded half up; dividing 128 bits takes ten times as long as dividing 64.
        let half_up = self.area + 30_000;
        let minutes = match u64::try_from(half_up) {
            Ok(half_up) => half_up / 60_000,
            Err(_) => u64::try_from(half_up / 60_000).unwrap_or(u64::MAX),
        };
        Excursion {
            bound: self.bound,
            begin: self.begin,
            end,
            ended_by,
            duration: Milliseconds(self.duration),
            extreme: self.extreme,
            degree_minutes: MilliDegreeMinutes(minutes),
        }
    }

    fn reach(&mut self, value: MilliCelsius) {
        self.extreme = match self.bound {
            Bound::Above => self.extreme.max(value),
            Bound::Below => self.extreme.min(value),
        };
    }
}

impl Excursions {
    pub(super) fn step(&mut self, limits: &Limits, piece: &Piece<'_>) {
        if let (Some(open), Some(before)) = (self.open.as_mut(), piece.before) {
            if piece.proven {
                open.duration += piece.length;
                open.area +=
                    u128::from(excess(limits, before.deciding).unsigned_abs()) * u128::from(piece.length);
            } else {
                self.ended.push(open.end(Some(before.time), EndedBy::Gap));
                self.open = None;
            }
        }
        if let Some(after) = piece.after {
            self.meet(side(limits, after.deciding), after.time, after.deciding);
        }
    }

    /// [`Self::step`] through the intervals between times with one value each, all data and equally long in milliseconds.
    pub(super) fn step_evenly(
        &mut self,
        limits: &Limits,
        mut times: impl Iterator<Item = Sample>,
        length: u64,
    ) {
        let Some(Sample { value: mut before, .. }) = times.next() else { return };
        times.for_each(|Sample { time, value }| {
            if let Some(open) = self.open.as_mut() {
                open.duration += length;
                open.area += u128::from(excess(limits, before).unsigned_abs()) * u128::from(length);
            }
            self.meet(side(limits, value), time, value);
            before = value;
        });
    }

    #[inline]
    fn meet(&mut self, side: Option<Bound>, time: UtcMillis, value: MilliCelsius) {
        match (self.open.as_mut(), side) {
            (Some(open), Some(bound)) if open.bound == bound => open.reach(value),
            (None, None) => {}
            (open, side) => {
                let ended_by = if side.is_some() { EndedBy::Crossed } else { EndedBy::Reading };
                self.ended.extend(open.map(|open| open.end(Some(time), ended_by)));
                self.open = side.map(|bound| Open::at(bound, time, value));
            }
        }
    }

    pub(super) fn finish(mut self) -> Vec<Excursion> {
        self.ended.extend(self.open.iter().map(|open| open.end(None, EndedBy::Open)));
        self.ended
    }
}
