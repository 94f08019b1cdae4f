//! The stretches of time over which a condition is judged, and what holds at their begin.

use super::ConditionSample;
use crate::assess::Span;
use crate::reading::Quantity;
use crate::time::UtcMillis;

/// Whether a reading at the last instant of a stretch counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StretchEnd {
    /// It does: the goods arrive there.
    Counts,
    /// It does not: there the logger is elsewhere already.
    IsElsewhere,
}

/// What a counter or a battery told before a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldBefore {
    /// It holds at the begin.
    Holds,
    /// Nothing was read of the logger in the stretch, so that nothing says that it does.
    IsUnknown,
}

/// A stretch of time that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From when to when.
    pub span: Span,
    /// What its last instant is.
    pub end: StretchEnd,
    /// What is known from before.
    pub before: ToldBefore,
}

impl Stretch {
    /// All of a span, and what was told before it.
    pub fn of(span: Span) -> Self {
        Self { span, end: StretchEnd::Counts, before: ToldBefore::Holds }
    }

    /// Whether a reading at an instant counts.
    pub fn counts(&self, time: UtcMillis) -> bool {
        self.span.contains(time) && (self.end == StretchEnd::Counts || self.span.to != Some(time))
    }

    /// The samples that count, ascending as `sorted` does; of what holds, first the last value told before, as one
    /// at the begin.
    pub(super) fn samples(&self, quantity: Quantity, sorted: &[ConditionSample]) -> Vec<ConditionSample> {
        let held = self.held_from(sorted).filter(|_| quantity.is_held());
        let held = held.into_iter().flat_map(|(from, last)| {
            let same = sorted.iter().filter(move |sample| sample.time == last);
            same.map(move |sample| ConditionSample { time: from, value: sample.value })
        });
        held.chain(sorted.iter().copied().filter(|sample| self.counts(sample.time))).collect()
    }

    /// The begin, where no reading stands, and the time of the last one before it.
    fn held_from(&self, sorted: &[ConditionSample]) -> Option<(UtcMillis, UtcMillis)> {
        let from = self.span.from.filter(|from| self.before == ToldBefore::Holds && self.counts(*from))?;
        let last = sorted.iter().take_while(|sample| sample.time <= from).last()?.time;
        (last < from).then_some((from, last))
    }
}
