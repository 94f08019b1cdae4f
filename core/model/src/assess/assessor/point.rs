//! One time of a series, and what lies between two of them.

use crate::assess::Sample;
use crate::time::UtcMillis;
use crate::units::MilliCelsius;

/// One time with the values that decide there (b).
#[derive(Clone, Copy, Debug)]
pub(in crate::assess) struct Point {
    pub(in crate::assess) time: UtcMillis,
    /// The coldest value.
    pub(in crate::assess) low: MilliCelsius,
    /// The warmest value.
    pub(in crate::assess) high: MilliCelsius,
    /// The value furthest outside the limits, or nearest to one.
    pub(in crate::assess) deciding: MilliCelsius,
}

/// A part of the span between two neighbouring samples, or between one and an end of the span (c).
pub(in crate::assess) struct Piece<'a> {
    pub(in crate::assess) before: Option<&'a Point>,
    pub(in crate::assess) after: Option<&'a Point>,
    /// In milliseconds.
    pub(in crate::assess) length: u64,
    /// The state of the sample before holds throughout; else nothing is known.
    pub(in crate::assess) proven: bool,
}

impl Point {
    /// Of a time at which one value was measured.
    #[inline]
    pub(super) fn of(Sample { time, value }: Sample) -> Self {
        Self { time, low: value, high: value, deciding: value }
    }

    /// Its one value, where it has one.
    pub(super) fn single(&self) -> Option<Sample> {
        (self.low == self.high).then_some(Sample { time: self.time, value: self.deciding })
    }
}
