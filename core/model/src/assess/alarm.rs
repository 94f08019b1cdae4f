//! One alarm of the profile over a series (e), and what the gaps might hide from it (h).

use super::assessor::{Piece, Point};
use super::{AlarmState, Milliseconds};
use crate::profile::{AlarmMode, AlarmRule, Bound, Severity};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;

/// An alarm as the series is read in order of time.
#[derive(Clone, Debug)]
pub(super) struct Alarm {
    rule: AlarmRule,
    /// The value from which on a reading is beyond the limit: limit, guard band and inclusion in one.
    first_out: i64,
    allowance: u64,
    /// The stretch of readings beyond the limit that is going on; of a cumulative alarm, all of them.
    run: Option<Run>,
    /// Of a single alarm, the stretch to tell of: the one that fired, else the longest so far.
    told: Option<Run>,
    /// The accumulated time if the goods were beyond the limit in every gap beside such a reading.
    worst: u64,
    /// Whether that time, where it is now, would fire it.
    worst_fires: bool,
    /// Whether a reading there is covered by no budget.
    worst_uncovered: bool,
    /// Whether such a stretch that ended would have fired it.
    hidden: bool,
    /// When a reading beyond the limit that no budget covers was last taken.
    uncovered_at: Option<UtcMillis>,
    /// Whether a stretch that ended fired it with a reading that no budget covers.
    decided: bool,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    begin: UtcMillis,
    end: Option<UtcMillis>,
    triggered_at: Option<UtcMillis>,
    accumulated: u64,
    extreme: MilliCelsius,
    /// Whether it holds a reading that no budget covers.
    uncovered: bool,
}

impl Run {
    fn decides(&self) -> bool {
        self.uncovered && self.triggered_at.is_some()
    }
}

impl Alarm {
    pub(super) fn new(rule: &AlarmRule, guard_band: MilliCelsius) -> Self {
        let beyond = i64::from(!rule.inclusive) - i64::from(guard_band.0);
        let first_out = match rule.bound {
            Bound::Above => i64::from(rule.limit.0) + beyond,
            Bound::Below => i64::from(rule.limit.0) - beyond,
        };
        Self {
            rule: rule.clone(),
            first_out,
            allowance: u64::from(rule.allowance_s) * 1000,
            run: None,
            told: None,
            worst: 0,
            worst_fires: false,
            worst_uncovered: false,
            hidden: false,
            uncovered_at: None,
            decided: false,
        }
    }

    pub(super) fn bound(&self) -> Bound {
        self.rule.bound
    }

    /// The values that are not beyond the limit, both ends included.
    pub(super) fn quiet(&self) -> (i64, i64) {
        match self.rule.bound {
            Bound::Above => (i64::MIN, self.first_out - 1),
            Bound::Below => (self.first_out + 1, i64::MAX),
        }
    }

    fn is_out(&self, value: MilliCelsius) -> bool {
        match self.rule.bound {
            Bound::Above => i64::from(value.0) >= self.first_out,
            Bound::Below => i64::from(value.0) <= self.first_out,
        }
    }

    /// Of the values at one time, the one furthest towards the limit.
    fn value(&self, point: &Point) -> MilliCelsius {
        match self.rule.bound {
            Bound::Above => point.high,
            Bound::Below => point.low,
        }
    }

    /// Takes note of a reading that no budget covers.
    pub(super) fn note_uncovered(&mut self, time: UtcMillis, value: MilliCelsius) {
        if self.is_out(value) {
            self.uncovered_at = Some(time);
        }
    }

    fn is_uncovered(&self, point: &Point) -> bool {
        self.uncovered_at == Some(point.time)
    }

    pub(super) fn step(&mut self, piece: &Piece<'_>) {
        let before = piece.before.filter(|point| self.is_out(self.value(point)));
        let after = piece.after.filter(|point| self.is_out(self.value(point)));
        self.worst_uncovered |= after.is_some_and(|point| self.is_uncovered(point));
        if piece.proven {
            if let (Some(run), true) = (self.run.as_mut(), before.is_some()) {
                run.accumulated += piece.length;
                self.worst += piece.length;
            }
        } else {
            self.pass_gap(before, after, piece.length);
        }
        match (piece.after, after) {
            (_, Some(point)) => self.meet_out(point),
            (Some(point), None) => self.leave(point.time),
            (None, None) => {}
        }
    }

    /// Time without data: ends a single alarm's stretch, and counts in the worst case where it touches.
    fn pass_gap(&mut self, before: Option<&Point>, after: Option<&Point>, length: u64) {
        if let Some(point) = before {
            self.end_run(point.time);
        }
        if before.is_some() || after.is_some() {
            self.worst += length;
            self.worst_fires |= self.worst >= self.allowance;
        }
    }

    fn meet_out(&mut self, point: &Point) {
        let (value, uncovered) = (self.value(point), self.is_uncovered(point));
        let fresh = Run {
            begin: point.time,
            end: None,
            triggered_at: None,
            accumulated: 0,
            extreme: value,
            uncovered,
        };
        let run = self.run.get_or_insert(fresh);
        run.uncovered |= uncovered;
        run.end = None;
        run.extreme = match self.rule.bound {
            Bound::Above => run.extreme.max(value),
            Bound::Below => run.extreme.min(value),
        };
        if run.triggered_at.is_none() && run.accumulated >= self.allowance {
            run.triggered_at = Some(point.time);
        }
        self.worst_fires |= self.worst >= self.allowance;
    }

    /// A sample that is not beyond the limit.
    fn leave(&mut self, time: UtcMillis) {
        if self.run.is_some_and(|run| run.end.is_none()) {
            self.end_run(time);
        }
        if self.rule.mode == AlarmMode::Single {
            self.hidden |= self.worst_fires && self.worst_uncovered;
            (self.worst, self.worst_fires, self.worst_uncovered) = (0, false, false);
        }
    }

    fn end_run(&mut self, time: UtcMillis) {
        if let Some(run) = self.run.as_mut() {
            run.end = Some(time);
        }
        if self.rule.mode == AlarmMode::Single {
            self.decided |= self.run.is_some_and(|run| run.decides());
            self.told = better(self.told, self.run.take());
        }
    }

    fn final_run(&self) -> Option<Run> {
        better(self.told, self.run)
    }

    /// Whether a stretch fired it that budgets do not cover, and its severity makes that an excursion.
    pub(super) fn decides(&self) -> bool {
        self.rule.severity >= Severity::Alarm && self.has_fired_uncovered()
    }

    /// Whether it fired and is only a warning.
    pub(super) fn warns(&self) -> bool {
        self.rule.severity == Severity::Warning && self.has_fired()
    }

    /// Whether it did not fire where no budget covers, but might have, in the gaps.
    pub(super) fn might_have_fired(&self) -> bool {
        let hidden = self.hidden || (self.worst_fires && self.worst_uncovered);
        hidden && !self.has_fired_uncovered()
    }

    fn has_fired_uncovered(&self) -> bool {
        self.decided || self.run.is_some_and(|run| run.decides())
    }

    fn has_fired(&self) -> bool {
        self.final_run().is_some_and(|run| run.triggered_at.is_some())
    }

    pub(super) fn state(&self) -> AlarmState {
        let run = self.final_run();
        AlarmState {
            rule: self.rule.clone(),
            begin: run.map(|run| run.begin),
            triggered_at: run.and_then(|run| run.triggered_at),
            end: run.and_then(|run| run.end),
            accumulated: Milliseconds(run.map_or(0, |run| run.accumulated)),
            extreme: run.map(|run| run.extreme),
        }
    }
}

/// Of two stretches in order of time, the one that fired first, else the longer, else the earlier.
fn better(earlier: Option<Run>, later: Option<Run>) -> Option<Run> {
    match (earlier, later) {
        (Some(earlier), Some(later)) => {
            let rank = |run: &Run| (run.triggered_at.is_some(), run.accumulated);
            let keep = earlier.triggered_at.is_some() || rank(&earlier) >= rank(&later);
            Some(if keep { earlier } else { later })
        }
        (earlier, later) => earlier.or(later),
    }
}
