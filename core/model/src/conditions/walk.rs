//! Time in and out of limits as `firn-assess-1` counts it, on any integer.

use super::{ConditionAssessment, ConditionExcursion, ConditionSample};
use crate::assess::{EndedBy, Milliseconds, Span};
use crate::profile::{AlarmMode, Bound, ConditionLimit};
use crate::reading::Quantity;
use crate::time::UtcMillis;

/// How long a value says anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lasting {
    /// Until the next, at most 1.5 intervals.
    Sampled,
    /// At its own instant alone.
    Moment,
    /// Until the next, however late.
    Held,
}

/// One channel as it is read in order of time.
pub(super) struct Walk<'a> {
    lasting: Lasting,
    /// 1.5 intervals in milliseconds: what is longer is a gap.
    longest: u64,
    limit: Option<&'a ConditionLimit>,
    excursions: Vec<ConditionExcursion>,
    open: Option<ConditionExcursion>,
    /// The last reading beyond the limit.
    last_out: UtcMillis,
    /// Proven time towards the allowance, in milliseconds.
    accumulated: u64,
    out_since: Option<UtcMillis>,
    out: u64,
    no_data: u64,
}

impl<'a> Walk<'a> {
    pub fn new(quantity: Quantity, interval_s: u32, limit: Option<&'a ConditionLimit>) -> Self {
        let lasting = match quantity {
            Quantity::Acceleration => Lasting::Moment,
            held if held.is_held() => Lasting::Held,
            _ => Lasting::Sampled,
        };
        Self {
            lasting,
            longest: u64::from(interval_s).saturating_mul(1500),
            limit,
            excursions: Vec::new(),
            open: None,
            last_out: UtcMillis(0),
            accumulated: 0,
            out_since: None,
            out: 0,
            no_data: 0,
        }
    }

    /// Reads one stretch after another, each with the samples that count in it, ascending by time.
    pub fn over(
        mut self,
        stretches: &[(Span, Vec<ConditionSample>)],
        empty: ConditionAssessment,
    ) -> ConditionAssessment {
        stretches.iter().for_each(|(span, samples)| self.through(*span, samples));
        ConditionAssessment {
            excursions: self.excursions,
            out_since: self.out_since,
            out: Milliseconds(self.out),
            no_data: Milliseconds(self.no_data),
            ..empty
        }
    }

    fn through(&mut self, span: Span, samples: &[ConditionSample]) {
        let mut before: Option<UtcMillis> = None;
        for same in samples.chunk_by(|a, b| a.time == b.time) {
            let Some(deciding) = self.deciding(same) else { continue };
            match before {
                Some(before) => self.pass(before, deciding.time),
                None => self.unknown(span.from, Some(deciding.time)),
            }
            self.meet(deciding);
            before = Some(deciding.time);
        }
        match (before, span.to) {
            (Some(before), Some(to)) if to > before => self.pass(before, to),
            (None, to) => self.unknown(span.from, to),
            _ => {}
        }
        if let Some(open) = self.open.take() {
            self.end(open, None, EndedBy::Open);
        }
        if self.mode() == AlarmMode::Single {
            self.accumulated = 0;
        }
    }

    /// Of several values at one time the one furthest out, of equals the lowest.
    fn deciding(&self, same: &[ConditionSample]) -> Option<ConditionSample> {
        let beyond = |sample: &ConditionSample| {
            self.limit.and_then(|limit| limit.beyond(sample.value)).map(|(_, distance)| distance)
        };
        same.iter().copied().max_by_key(|sample| (beyond(sample), std::cmp::Reverse(sample.value)))
    }

    fn unknown(&mut self, from: Option<UtcMillis>, to: Option<UtcMillis>) {
        if let (Some(from), Some(to)) = (from, to)
            && to > from
        {
            self.no_data = self.no_data.saturating_add(to.0.abs_diff(from.0));
        }
    }

    /// The time from a reading to the next, or to the end of the span.
    fn pass(&mut self, before: UtcMillis, to: UtcMillis) {
        let length = to.0.abs_diff(before.0);
        let is_gap = self.lasting != Lasting::Held && length > self.longest;
        if is_gap {
            self.no_data = self.no_data.saturating_add(length);
            if self.mode() == AlarmMode::Single {
                self.accumulated = 0;
            }
            if let Some(open) = self.open.take() {
                self.end(open, Some(before), EndedBy::Gap);
            }
        } else if let Some(open) = &mut self.open
            && self.lasting != Lasting::Moment
        {
            open.duration.0 = open.duration.0.saturating_add(length);
            self.out = self.out.saturating_add(length);
            self.accumulated = self.accumulated.saturating_add(length);
        }
    }

    fn meet(&mut self, sample: ConditionSample) {
        let side = self.limit.and_then(|limit| limit.beyond(sample.value)).map(|(bound, _)| bound);
        if let Some(open) = self.open.take() {
            self.go_on(open, sample, side);
        }
        let (Some(bound), Some(limit)) = (side, self.limit) else { return };
        self.last_out = sample.time;
        if self.accumulated >= u64::from(limit.allowance_s).saturating_mul(1000) {
            self.out_since.get_or_insert(sample.time);
        }
        self.open.get_or_insert(ConditionExcursion {
            bound,
            begin: sample.time,
            end: None,
            ended_by: EndedBy::Open,
            duration: Milliseconds(0),
            extreme: sample.value,
        });
    }

    /// An excursion meets the next reading: it goes on, or ends.
    fn go_on(&mut self, mut open: ConditionExcursion, sample: ConditionSample, side: Option<Bound>) {
        if side == Some(open.bound) {
            open.extreme = further(open.bound, open.extreme, sample.value);
            self.open = Some(open);
            return;
        }
        let ended_by = if side.is_some() { EndedBy::Crossed } else { EndedBy::Reading };
        let end = if self.lasting == Lasting::Moment { self.last_out } else { sample.time };
        self.end(open, Some(end), ended_by);
        if self.mode() == AlarmMode::Single {
            self.accumulated = 0;
        }
    }

    fn mode(&self) -> AlarmMode {
        self.limit.map_or(AlarmMode::Single, |limit| limit.mode)
    }

    fn end(&mut self, open: ConditionExcursion, end: Option<UtcMillis>, ended_by: EndedBy) {
        self.excursions.push(ConditionExcursion { end, ended_by, ..open });
    }
}

fn further(bound: Bound, one: i32, other: i32) -> i32 {
    match bound {
        Bound::Above => one.max(other),
        Bound::Below => one.min(other),
    }
}
