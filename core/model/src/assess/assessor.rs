//! The rules as a machine that is fed samples in order of time.
//!
//! It keeps excursions, gaps and one state for each alarm and budget, never the samples.

mod point;
mod single;
mod steady;

use super::alarm::Alarm;
use super::budget::Spending;
use super::excursion::{Excursions, excess, side};
use super::kinetic::{Heat, Kinetic};
use super::{Assessment, Carried, Gap, Milliseconds, RULES, Reason, Sample, Span, Statistics, Verdict};
use crate::profile::{ActivationEnergy, Bound, Freeze, Limits, Profile};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
pub(super) use point::{Piece, Point};

/// Judges a series while it is measured: feed it in order of time, look at any moment.
///
/// It gives the same answer as [`super::assess_series`] on the same samples.
#[derive(Clone, Debug)]
pub struct Assessor {
    limits: Limits,
    freeze: Option<Freeze>,
    delta_h: ActivationEnergy,
    interval_s: u32,
    /// 1.5 intervals in milliseconds: what is longer is a gap.
    longest: u64,
    span: Span,
    /// The values, both ends included, about which there is nothing to note.
    quiet: (i32, i32),
    /// Those about which there is nothing to note but what limits and budgets say.
    calm: (i32, i32),
    /// The latest time, at which there may be more values.
    pending: Option<Point>,
    /// How many values there are at the latest time and their sum, once there are several.
    shared: Option<(u64, i128)>,
    last: Option<(Point, Heat)>,
    first: Option<UtcMillis>,
    count: u64,
    low: MilliCelsius,
    high: MilliCelsius,
    time: Times,
    noted: Noted,
    kinetic: Kinetic,
    excursions: Excursions,
    alarms: Vec<Alarm>,
    budgets: Vec<Spending>,
    gaps: Vec<Gap>,
}

/// The sample is older than one before it: assess the whole series again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sample of {time} comes after one of {latest}")]
pub struct OutOfOrder {
    /// The sample's time.
    pub time: UtcMillis,
    /// The latest time before it.
    pub latest: UtcMillis,
}

/// Totals in milliseconds; together never longer than the span, which fits.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    in_range: u64,
    above: u64,
    below: u64,
    no_data: u64,
    /// Of `no_data`, what touches a sample above.
    beside_above: u64,
    /// Of `no_data`, what touches a sample below.
    beside_below: u64,
}

/// What single readings give reason for.
#[derive(Clone, Copy, Debug, Default)]
struct Noted {
    /// Above the upper limit and in no budget's band.
    above: bool,
    /// Below the lower limit and in no budget's band.
    below: bool,
    /// In a budget's band.
    budget: bool,
    /// Below 0.0 °C, of goods that freezing damages.
    frozen: bool,
}

impl Assessor {
    /// Begins with no sample; `interval_s` is the logger's own interval, where it is known (0: unknown).
    pub fn new(profile: &Profile, interval_s: Option<u32>, span: Span) -> Self {
        Self::carrying(profile, interval_s, span, &[])
    }

    /// As [`Self::new`], with what was used of the profile's budgets before.
    pub fn carrying(profile: &Profile, interval_s: Option<u32>, span: Span, carried: &[Carried]) -> Self {
        let limits = profile.effective_limits();
        let interval_s = super::known_interval(interval_s).unwrap_or(profile.interval_s);
        let alarms: Vec<_> = profile.alarms.iter().map(|rule| Alarm::new(rule, profile.guard_band)).collect();
        Self {
            limits,
            freeze: profile.freeze,
            delta_h: profile.activation_energy(),
            interval_s,
            longest: u64::from(interval_s) * 1500,
            span,
            quiet: quiet_values(profile, Some(&limits), &alarms),
            calm: quiet_values(profile, None, &alarms),
            pending: None,
            shared: None,
            last: None,
            first: None,
            count: 0,
            low: MilliCelsius(i32::MAX),
            high: MilliCelsius(i32::MIN),
            time: Times::default(),
            noted: Noted::default(),
            kinetic: Kinetic::new(profile.activation_energy()),
            excursions: Excursions::default(),
            alarms,
            budgets: profile.budgets.iter().map(|budget| Spending::new(budget, profile, carried)).collect(),
            gaps: Vec::new(),
        }
    }

    /// Takes the next sample; one outside the span is left out, one at the latest time joins it.
    pub fn push(&mut self, sample: Sample) -> Result<(), OutOfOrder> {
        match self.pending {
            Some(point) if sample.time < point.time => {
                Err(OutOfOrder { time: sample.time, latest: point.time })
            }
            _ => {
                self.take(sample);
                Ok(())
            }
        }
    }

    /// [`Self::push`] for a caller that has sorted its samples.
    #[inline]
    pub(super) fn take(&mut self, sample: Sample) {
        if !self.span.contains(sample.time) {
            return;
        }
        let value = sample.value;
        self.count += 1;
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        let point = Point::of(sample);
        match self.pending {
            Some(pending) if pending.time == sample.time => self.join(pending, value),
            Some(pending) => {
                self.fold(&pending);
                self.pending = Some(point);
            }
            None => self.pending = Some(point),
        }
        // After the time before was folded: an alarm asks of each time for itself what no budget covers.
        if !self.is_quiet(value, value) {
            self.note(sample);
        }
    }

    /// The latest time in the span, at which there may be more samples.
    pub(super) fn latest(&self) -> Option<UtcMillis> {
        self.pending.map(|point| point.time)
    }

    /// The assessment of what came so far.
    pub fn snapshot(&self) -> Assessment {
        self.clone().finish()
    }

    /// The assessment of the whole series.
    pub fn finish(mut self) -> Assessment {
        if let Some(point) = self.pending.take() {
            self.fold(&point);
        }
        let whole = self.close();
        let reasons = self.reasons();
        let (weighting, mean, mkt) = self.kinetic.means();
        let measured = self.count > 0;
        let statistics = Statistics {
            count: self.count,
            min: measured.then_some(self.low),
            max: measured.then_some(self.high),
            mean,
            mkt,
            in_range: Milliseconds(self.time.in_range),
            above: Milliseconds(self.time.above),
            below: Milliseconds(self.time.below),
            no_data: Milliseconds(self.time.no_data),
            above_max: Milliseconds(self.time.above + self.time.beside_above),
            below_max: Milliseconds(self.time.below + self.time.beside_below),
            span: Milliseconds(whole),
            weighting,
            delta_h: self.delta_h,
            interval_s: self.interval_s,
        };
        Assessment {
            rules: RULES.to_owned(),
            verdict: if self.is_excursion() { Verdict::Excursion } else { Verdict::Ok.with(&reasons) },
            reasons,
            excursions: self.excursions.finish(),
            alarms: self.alarms.iter().map(Alarm::state).collect(),
            budgets: self.budgets.iter().map(Spending::state).collect(),
            gaps: self.gaps,
            statistics,
        }
    }

    #[inline]
    fn is_quiet(&self, low: MilliCelsius, high: MilliCelsius) -> bool {
        self.quiet.0 <= low.0 && high.0 <= self.quiet.1
    }

    #[inline]
    fn is_calm(&self, value: MilliCelsius) -> bool {
        self.calm.0 <= value.0 && value.0 <= self.calm.1
    }

    /// One more value at the latest time.
    #[cold]
    fn join(&mut self, point: Point, value: MilliCelsius) {
        let Point { time, low, high, deciding } = point;
        let (count, sum) = self.shared.unwrap_or((1, i128::from(deciding.0)));
        self.shared = Some((count + 1, sum + i128::from(value.0)));
        let further = excess(&self.limits, value).cmp(&excess(&self.limits, deciding));
        let colder = further.is_eq() && value < deciding;
        let deciding = if further.is_gt() || colder { value } else { deciding };
        self.pending = Some(Point { time, low: low.min(value), high: high.max(value), deciding });
    }

    /// Takes note of a reading that is in some way beyond a limit.
    fn note(&mut self, Sample { time, value }: Sample) {
        self.noted.frozen |= value.0 < 0 && self.freeze == Some(Freeze::Sensitive);
        if self.budgets.iter().any(|budget| budget.covers(value)) {
            self.noted.budget = true;
            return;
        }
        match side(&self.limits, value) {
            Some(Bound::Above) => self.noted.above = true,
            Some(Bound::Below) => self.noted.below = true,
            None => {}
        }
        self.alarms.iter_mut().for_each(|alarm| alarm.note_uncovered(time, value));
    }

    /// A time is complete: judges what lies between it and the one before.
    #[inline]
    fn fold(&mut self, point: &Point) {
        let heat = match self.shared.take() {
            None => self.kinetic.heat_of(point.deciding.0),
            Some((count, sum)) => self.kinetic.heat_of_average(sum, count),
        };
        self.kinetic.point(&heat);
        match self.last.replace((*point, heat)) {
            None => self.fold_first(point),
            Some((before, heat_before)) => self.pass_between((&before, &heat_before), (point, &heat)),
        }
    }

    /// Judges what lies between a time and the next.
    #[inline]
    fn pass_between(&mut self, (before, heat_before): (&Point, &Heat), (point, heat): (&Point, &Heat)) {
        let length = point.time.0.abs_diff(before.time.0);
        let proven = length <= self.longest;
        if proven {
            self.kinetic.interval(length, heat_before, heat);
        }
        if proven && self.is_quiet(before.low, before.high) && self.is_quiet(point.low, point.high) {
            self.time.in_range += length;
        } else {
            self.pass(&Piece { before: Some(before), after: Some(point), length, proven });
        }
    }

    fn fold_first(&mut self, point: &Point) {
        self.first = Some(point.time);
        let length = self.span.from.map_or(0, |from| point.time.0.abs_diff(from.0));
        self.pass(&Piece { before: None, after: Some(point), length, proven: false });
    }

    fn pass(&mut self, piece: &Piece<'_>) {
        self.count_time(piece);
        self.excursions.step(&self.limits, piece);
        self.alarms.iter_mut().for_each(|alarm| alarm.step(piece));
        self.budgets.iter_mut().for_each(|budget| budget.step(piece));
    }

    fn count_time(&mut self, piece: &Piece<'_>) {
        let side_of = |point: Option<&Point>| point.and_then(|point| side(&self.limits, point.deciding));
        let (before, after) = (side_of(piece.before), side_of(piece.after));
        if piece.proven {
            match before {
                None => self.time.in_range += piece.length,
                Some(Bound::Above) => self.time.above += piece.length,
                Some(Bound::Below) => self.time.below += piece.length,
            }
            return;
        }
        self.time.no_data += piece.length;
        for (bound, beside) in
            [(Bound::Above, &mut self.time.beside_above), (Bound::Below, &mut self.time.beside_below)]
        {
            if before == Some(bound) || after == Some(bound) {
                *beside += piece.length;
            }
        }
        let from = piece.before.map(|point| point.time).or(self.span.from);
        let to = piece.after.map(|point| point.time).or(self.span.to);
        if let (Some(from), Some(to), true) = (from, to, piece.length > self.longest) {
            self.gaps.push(Gap { from, to });
        }
    }

    /// Judges what lies after the last sample, and tells the length of the span in milliseconds.
    fn close(&mut self) -> u64 {
        let Span { from, to } = self.span;
        let begin = from.or(self.first);
        let last = self.last.map(|(point, _)| point);
        let end = to.or(last.map(|point| point.time));
        let (Some(begin), Some(end)) = (begin, end) else { return 0 };
        if end < begin {
            return 0;
        }
        let length = end.0.abs_diff(last.map_or(begin, |point| point.time).0);
        if length > 0 {
            let proven = last.is_some() && length <= self.longest;
            self.pass(&Piece { before: last.as_ref(), after: None, length, proven });
        }
        end.0.abs_diff(begin.0)
    }

    fn is_excursion(&self) -> bool {
        self.alarms.iter().any(Alarm::decides)
            || self.budgets.iter().any(Spending::is_spent)
            || (self.noted.above && !self.has_alarm(Bound::Above))
            || (self.noted.below && !self.has_alarm(Bound::Below))
    }

    fn has_alarm(&self, bound: Bound) -> bool {
        self.alarms.iter().any(|alarm| alarm.bound() == bound)
    }

    /// Whether readings were out on that side, which has alarms, and none of them fired (g).
    fn is_out_without_alarm(&self, bound: Bound) -> bool {
        let out = match bound {
            Bound::Above => self.noted.above,
            Bound::Below => self.noted.below,
        };
        let fired = self.alarms.iter().any(|alarm| alarm.bound() == bound && alarm.decides());
        out && self.has_alarm(bound) && !fired
    }

    fn reasons(&self) -> Vec<Reason> {
        let hidden = self.alarms.iter().any(Alarm::might_have_fired)
            || self.budgets.iter().any(Spending::might_be_spent);
        let out = self.is_out_without_alarm(Bound::Above) || self.is_out_without_alarm(Bound::Below);
        let candidates = [
            (self.count == 0, Reason::NoReadings),
            (!self.gaps.is_empty(), Reason::Gap),
            (hidden, Reason::GapWorstCase),
            (out, Reason::OutWithoutAlarm),
            (self.alarms.iter().any(Alarm::warns), Reason::Warning),
            (self.noted.frozen, Reason::Freeze),
            (self.noted.budget || self.budgets.iter().any(Spending::is_used), Reason::BudgetUsed),
        ];
        Reason::in_order(candidates.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)))
    }
}

/// The values in range of every alarm and of limits, and not below 0.0 °C where that matters.
fn quiet_values(profile: &Profile, limits: Option<&Limits>, alarms: &[Alarm]) -> (i32, i32) {
    let freezing = if profile.freeze == Some(Freeze::Sensitive) { 0 } else { i32::MIN };
    let own = (i64::from(freezing), i64::from(i32::MAX));
    let (low, high) = alarms
        .iter()
        .map(Alarm::quiet)
        .chain(limits.map(|limits| (i64::from(limits.min.0), i64::from(limits.max.0))))
        .chain([own])
        .fold((i64::MIN, i64::MAX), |(low, high), (from, to)| (low.max(from), high.min(to)));
    match (i32::try_from(low), i32::try_from(high)) {
        (Ok(low), Ok(high)) => (low, high),
        // No value is quiet when the rules leave no range between them.
        _ => (i32::MAX, i32::MIN),
    }
}
