//! Mean kinetic temperature over the window that holds an excursion: information that lowers no verdict.
//!
//! USP <1079.2> allows a window of 24 hours for controlled cold and of 30 days for controlled room
//! temperature, and only one that contains the excursion. Of all such windows the warmest is told.

mod points;
mod warmest;

use super::kinetic::{BUCKETS, Change, Changing, Means};
use super::{Excursion, MicroCelsius, Sample, Span, Stamp, sorted};
use crate::profile::{Bound, KineticRule, Profile};
use crate::time::{LocalInstant, UtcMillis, UtcOffset};
use crate::units::MilliCelsius;
use points::{Points, Shape};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use warmest::{Window, Windows};

/// What mean kinetic temperature says of one excursion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KineticWindow {
    /// When the excursion began.
    pub excursion: UtcMillis,
    /// The length of the window in hours, as the profile has it.
    pub window_h: u32,
    /// The value it is shown against.
    pub limit: MilliCelsius,
    /// The number, or why there is none.
    pub outcome: KineticOutcome,
}

/// A mean kinetic temperature, or why it says nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KineticOutcome {
    /// The warmest window that holds the whole excursion.
    Measured {
        /// Its first sample.
        from: UtcMillis,
        /// Its last sample.
        to: UtcMillis,
        /// Its mean kinetic temperature.
        mkt: MicroCelsius,
    },
    /// There is none to be told.
    Refused(KineticRefusal),
}

/// Why mean kinetic temperature says nothing about an excursion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KineticRefusal {
    /// The excursion was to the cold.
    #[error("mean kinetic temperature never offsets cold or freezing")]
    Cold,
    /// The excursion is longer than the window.
    #[error("no window holds the whole excursion, which is longer")]
    LongerThanWindow,
    /// There is no window's length of readings around the excursion.
    #[error("the readings around the excursion do not fill a window")]
    TooFewReadings,
    /// In every window around the excursion there is time without data.
    #[error("in every window that holds the excursion there is time without data")]
    Gap,
}

impl KineticRefusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cold => "mkt/cold",
            Self::LongerThanWindow => "mkt/longer-than-window",
            Self::TooFewReadings => "mkt/too-few-readings",
            Self::Gap => "mkt/gap",
        }
    }
}

impl KineticWindow {
    /// Whether the value lies above the limit; absent where there is none.
    pub fn exceeds(&self) -> Option<bool> {
        match self.outcome {
            KineticOutcome::Measured { mkt, .. } => {
                Some(mkt.0 > i64::from(self.limit.0).saturating_mul(1000))
            }
            KineticOutcome::Refused(_) => None,
        }
    }
}

/// One window for each excursion, in their order; none where the profile has no limit for it.
///
/// `samples`, `interval_s` and `span` are those that the excursions were found by. Of windows that are equally
/// warm the earliest is told. Excursions that go on in time are told in one pass over the readings.
pub fn kinetic_windows(
    profile: &Profile,
    samples: &[Sample],
    interval_s: Option<u32>,
    span: Span,
    excursions: &[Excursion],
) -> Vec<KineticWindow> {
    let Some(KineticRule { limit: Some(limit), window_h: Some(window_h), .. }) = profile.mkt else {
        return Vec::new();
    };
    let length = u64::from(window_h).saturating_mul(3_600_000);
    let shape = Shape::of(samples);
    let samples =
        if shape.is_some_and(|shape| shape.rises) { Cow::Borrowed(samples) } else { sorted(samples) };
    let points =
        Points::of(profile, (&samples, shape), interval_s, reach(excursions, length, span, &samples));
    // What vaccines are kept at lies in one bucket or two; sums of few of them are quicker.
    match points.ladder.buckets() {
        ..=ONE => told(&mut Sweep::<ONE>::new(&points, length), excursions, (limit, window_h)),
        FEW => told(&mut Sweep::<FEW>::new(&points, length), excursions, (limit, window_h)),
        _ => told(&mut Sweep::<BUCKETS>::new(&points, length), excursions, (limit, window_h)),
    }
}

/// So many buckets that means are summed over, where no more are needed.
const ONE: usize = 1;
const FEW: usize = 2;
/// So many windows are looked at beyond what an excursion asks for: many at once take less time.
const AHEAD: usize = 256;

fn told<const B: usize>(
    sweep: &mut Sweep<'_, B>,
    excursions: &[Excursion],
    (limit, window_h): (MilliCelsius, u32),
) -> Vec<KineticWindow> {
    let told = |excursion: &Excursion| {
        let outcome = sweep.warmest(excursion);
        let outcome = outcome.unwrap_or_else(KineticOutcome::Refused);
        KineticWindow { excursion: excursion.begin, window_h, limit, outcome }
    };
    excursions.iter().map(told).collect()
}

/// The part of the span that windows around the warm excursions can reach: what lies further off is not
/// looked at. Without a warm excursion it holds nothing.
fn reach(excursions: &[Excursion], length: u64, span: Span, samples: &[Sample]) -> Span {
    // Mostly the first and the last reach all there is, and what lies between them need not be asked.
    if let (Some(begin), Some(end)) = (excursions.first(), excursions.last()) {
        let reached = reach_of([begin, end].into_iter(), length, span);
        if [samples.first(), samples.last()].iter().flatten().all(|sample| reached.contains(sample.time)) {
            return reached;
        }
    }
    reach_of(excursions.iter(), length, span)
}

fn reach_of<'e>(excursions: impl Iterator<Item = &'e Excursion>, length: u64, span: Span) -> Span {
    let warm = excursions.filter(|excursion| excursion.bound == Bound::Above);
    // An excursion that is open lasts to the last sample.
    let bounds = warm.map(|excursion| (excursion.begin, excursion.end));
    let Some((first, last)) = bounds.reduce(|(first, last), (begin, end)| {
        (first.min(begin), last.zip(end).map(|(one, other)| one.max(other)))
    }) else {
        return Span { from: Some(UtcMillis(i64::MAX)), to: Some(UtcMillis(i64::MIN)) };
    };
    let from = UtcMillis(first.0.saturating_sub_unsigned(length));
    let to = last.map(|last| UtcMillis(last.0.saturating_add_unsigned(length)));
    Span { from: Some(from).max(span.from), to: [to, span.to].into_iter().flatten().min() }
}

/// The warmest window around one excursion after another.
///
/// Both ends of a window only go on in time, so each window is looked at once.
struct Sweep<'a, const B: usize> {
    points: &'a Points<'a>,
    /// The length of a window in milliseconds.
    length: u64,
    /// The window that is looked at next.
    lead: Sliding<'a, B>,
    /// The windows before it.
    windows: Windows<B>,
    /// The newest window that is full and holds time without data.
    gap: Option<usize>,
    /// The place of the first time that is not before the excursion's end, of the first window that reaches it,
    /// and of the first time after the excursion's begin.
    end: usize,
    reaching: usize,
    after: usize,
    /// The place that others are counted from by the logging interval. It stays while that holds: a place that is told
    /// from the one before waits for it.
    known: usize,
    /// What windows that are looked at together change by.
    changes: Vec<Change>,
    /// What was measured last.
    measured: Option<Measured<B>>,
}

/// A window that was the warmest, by its first place, with its first and last time and its mean kinetic temperature.
struct Measured<const B: usize> {
    first: usize,
    means: Means<B>,
    told: (UtcMillis, UtcMillis, MicroCelsius),
}

/// Neighbouring times from `first` on, their intervals added up.
struct Sliding<'a, const B: usize> {
    points: &'a Points<'a>,
    means: Means<B>,
    first: usize,
    last: usize,
    gaps: usize,
}

impl<'a, const B: usize> Sweep<'a, B> {
    fn new(points: &'a Points<'a>, length: u64) -> Self {
        Self {
            points,
            length,
            lead: Sliding::from(points, 0),
            windows: Windows::at(0),
            gap: None,
            end: 0,
            reaching: 0,
            after: 0,
            known: 0,
            changes: Vec::new(),
            measured: None,
        }
    }

    fn warmest(&mut self, excursion: &Excursion) -> Result<KineticOutcome, KineticRefusal> {
        if excursion.bound == Bound::Below {
            return Err(KineticRefusal::Cold);
        }
        let begin = excursion.begin;
        let end = excursion.end.or_else(|| self.points.last()).ok_or(KineticRefusal::TooFewReadings)?;
        if end.0.abs_diff(begin.0) > self.length {
            return Err(KineticRefusal::LongerThanWindow);
        }
        self.look_at_windows(begin, end).ok_or(KineticRefusal::TooFewReadings)?;
        let gap = self.gap.is_some_and(|gap| gap >= self.reaching);
        let refused = if gap { KineticRefusal::Gap } else { KineticRefusal::TooFewReadings };
        let (from, to, mkt) = self.measure().ok_or(refused)?;
        Ok(KineticOutcome::Measured { from, to, mkt })
    }

    /// Looks at every window that holds an excursion and was not looked at before; none where no reading reaches its
    /// end.
    fn look_at_windows(&mut self, begin: UtcMillis, end: UtcMillis) -> Option<()> {
        let gone = match self.go_on(begin, end) {
            Some(gone) => gone,
            None => {
                *self = Self::new(self.points, self.length);
                self.go_on(begin, end)?
            }
        };
        let earliest = UtcMillis(self.points.time(self.end)?.0.saturating_sub_unsigned(self.length));
        self.reaching =
            self.points.not_before(self.reaching, self.reaching.saturating_add(gone), earliest)?;
        if self.lead.first < self.reaching {
            self.lead.go_to(self.reaching);
            self.windows = Windows::at(self.reaching);
        }
        while self.lead.first < self.after {
            self.look_at_next();
        }
        Some(())
    }

    /// Goes on to the places of an excursion, by how many to that of its end; none where it does not go on from the one
    /// before.
    #[inline]
    fn go_on(&mut self, begin: UtcMillis, end: UtcMillis) -> Option<usize> {
        let (points, ended) = (self.points, self.end);
        let told = points.told(self.known, end);
        self.end = points.not_before(ended, told, end)?;
        let first = points.not_before(self.after.saturating_sub(1), points.told(self.known, begin), begin)?;
        let after = first.saturating_add(usize::from(points.time(first) == Some(begin)));
        if after < self.after {
            return None;
        }
        self.after = after;
        if self.end != told {
            self.known = self.end;
        }
        Some(self.end.saturating_sub(ended))
    }

    /// Looks at the next window, and at those after it in which nothing changes but the values.
    fn look_at_next(&mut self) {
        let Self { points, lead, windows, .. } = self;
        // A window is full when it is short of its length by less than a logging interval.
        let full = lead.reach(self.length).is_some_and(|short| short < points.interval);
        if let Some(rate) = points.ladder.mean_rate(&lead.means).filter(|_| full && lead.gaps == 0) {
            windows.extend(std::iter::once(Window::to(lead.last, rate, lead.means)));
            let most = self.after.saturating_sub(lead.first).saturating_add(AHEAD);
            lead.slide(self.length, most, &mut self.changes, windows);
        } else {
            windows.extend(std::iter::once(Window::NONE));
            if full && lead.gaps > 0 {
                self.gap = Some(lead.first);
            }
        }
        lead.leave_first();
    }

    /// The warmest of the windows: its first and last time and its mean kinetic temperature.
    fn measure(&mut self) -> Option<(UtcMillis, UtcMillis, MicroCelsius)> {
        let (first, window) = self.windows.warmest(self.reaching, self.after)?;
        let mkt = match &self.measured {
            Some(known) if known.first == first => return Some(known.told),
            Some(known) if known.means == window.means => known.told.2,
            _ => window.means.kinetic_mean(2, self.points.kinetic.k(), self.points.ladder.first)?,
        };
        let told = (self.points.time(first)?, self.points.time(window.last)?, mkt);
        self.measured = Some(Measured { first, means: window.means, told });
        Some(told)
    }
}

impl<'a, const B: usize> Sliding<'a, B> {
    fn from(points: &'a Points<'a>, first: usize) -> Self {
        Self { points, means: Means::EMPTY, first, last: first, gaps: 0 }
    }

    fn begin(&self) -> Option<UtcMillis> {
        self.points.time(self.first)
    }

    /// Goes to the window that begins at a place.
    fn go_to(&mut self, first: usize) {
        if first < self.first || first > self.last {
            *self = Self::from(self.points, first);
        }
        while self.first < first {
            self.leave_first();
        }
    }

    /// Goes on to the last time that is no more than `length` after the first, and tells by how much it is less.
    fn reach(&mut self, length: u64) -> Option<u64> {
        let begin = self.begin()?;
        let to = UtcMillis(begin.0.saturating_add_unsigned(length));
        let mut last = self.points.time(self.last)?;
        while let Some(next) = self.points.time(self.last.saturating_add(1)).filter(|time| *time <= to) {
            match self.points.between(self.last, last, next) {
                Some((before, after, length, true)) => self.means.add_pair(length, before, after),
                _ => self.gaps = self.gaps.saturating_add(1),
            }
            self.last = self.last.saturating_add(1);
            last = next;
        }
        Some(length.saturating_sub(last.0.abs_diff(begin.0)))
    }

    /// Goes on by up to so many places while one interval leaves and one as long arrives, to windows as full.
    #[inline(never)]
    fn slide(&mut self, length: u64, most: usize, changes: &mut Vec<Change>, windows: &mut Windows<B>) {
        let points = self.points;
        let changed = points.changes::<B>((self.first, self.last), length, most, changes);
        let Some((weight, heat)) = changed else { return };
        let Some(mut sums) = Changing::of(self.means, weight, heat) else { return };
        let mut last = self.last;
        windows.extend(changes.iter().map(|change| {
            sums.go_on(change);
            last += 1;
            Window::to(last, sums.mean_rate(&points.ladder), sums.means())
        }));
        self.first = self.first.saturating_add(changes.len());
        (self.means, self.last) = (sums.means(), last);
    }

    #[inline(always)]
    fn leave_first(&mut self) {
        if self.first < self.last {
            match self.points.interval(self.first) {
                Some((before, after, length, true)) => self.means.remove_pair(length, before, after),
                _ => self.gaps = self.gaps.saturating_sub(1),
            }
        }
        self.first = self.first.saturating_add(1);
        self.last = self.last.max(self.first);
    }
}

/// [`KineticWindow`] in JSON, each time with the offset that is known for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KineticWindowView {
    /// When the excursion began.
    pub excursion: Stamp,
    /// The length of the window in hours.
    pub window_h: u32,
    /// The value it is shown against.
    pub limit_c: MilliCelsius,
    /// The number, or why there is none.
    #[serde(flatten)]
    pub outcome: KineticOutcomeView,
}

/// [`KineticOutcome`] in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "each field is the one of the same name in KineticOutcome")]
pub enum KineticOutcomeView {
    /// A number.
    Measured { from: Stamp, to: Stamp, mkt_c: MicroCelsius, exceeds: bool },
    /// None: the stable code and the cause.
    Refused { refused: String, why: String },
}

impl KineticWindow {
    /// The JSON shape.
    pub fn view(&self, offset_at: &dyn Fn(UtcMillis) -> UtcOffset) -> KineticWindowView {
        let stamp = |at| Stamp(LocalInstant { at, offset: offset_at(at) });
        let outcome = match self.outcome {
            KineticOutcome::Measured { from, to, mkt } => KineticOutcomeView::Measured {
                from: stamp(from),
                to: stamp(to),
                mkt_c: mkt,
                exceeds: self.exceeds().unwrap_or_default(),
            },
            KineticOutcome::Refused(refusal) => {
                KineticOutcomeView::Refused { refused: refusal.code().to_owned(), why: refusal.to_string() }
            }
        };
        KineticWindowView {
            excursion: stamp(self.excursion),
            window_h: self.window_h,
            limit_c: self.limit,
            outcome,
        }
    }
}

#[cfg(test)]
mod tests;
