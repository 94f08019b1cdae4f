//! Mean kinetic temperature over the window that holds an excursion: information that lowers no verdict.
//!
//! USP <1079.2> allows a window of 24 hours for controlled cold and of 30 days for controlled room
//! temperature, and only one that contains the excursion. Of all such windows the warmest is told.

use super::kinetic::{Heat, Kinetic, Means};
use super::{Excursion, MicroCelsius, Sample, Span, Stamp, known_interval, sorted};
use crate::profile::{Bound, KineticRule, Profile};
use crate::time::{LocalInstant, UtcMillis, UtcOffset};
use crate::units::MilliCelsius;
use serde::{Deserialize, Serialize};

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
/// `samples`, `interval_s` and `span` are those that the excursions were found by.
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
    let points = Points::of(profile, samples, interval_s, reach(excursions, length, span));
    let told = |excursion: &Excursion| {
        let outcome = points.warmest(excursion, length);
        let outcome = outcome.unwrap_or_else(KineticOutcome::Refused);
        KineticWindow { excursion: excursion.begin, window_h, limit, outcome }
    };
    excursions.iter().map(told).collect()
}

/// The part of the span that windows around the warm excursions can reach: what lies further off is not
/// looked at. Without a warm excursion it holds nothing.
fn reach(excursions: &[Excursion], length: u64, span: Span) -> Span {
    let warm = || excursions.iter().filter(|excursion| excursion.bound == Bound::Above);
    let Some(first) = warm().map(|excursion| excursion.begin).min() else {
        return Span { from: Some(UtcMillis(i64::MAX)), to: Some(UtcMillis(i64::MIN)) };
    };
    let from = UtcMillis(first.0.saturating_sub_unsigned(length));
    // An excursion that is open lasts to the last sample.
    let ends: Option<Vec<UtcMillis>> = warm().map(|excursion| excursion.end).collect();
    let last = ends.and_then(|ends| ends.into_iter().max());
    let to = last.map(|last| UtcMillis(last.0.saturating_add_unsigned(length)));
    Span { from: Some(from).max(span.from), to: [to, span.to].into_iter().flatten().min() }
}

/// A series by its times, with what they add to a mean.
struct Points {
    kinetic: Kinetic,
    heats: Vec<(UtcMillis, Heat)>,
    /// The logging interval in milliseconds.
    interval: u64,
}

/// Neighbouring times from `first` on, their intervals added up.
struct Sliding<'a> {
    points: &'a Points,
    means: Means,
    first: usize,
    last: usize,
    gaps: usize,
}

impl Points {
    fn of(profile: &Profile, samples: &[Sample], interval_s: Option<u32>, span: Span) -> Self {
        let mut kinetic = Kinetic::new(profile.activation_energy());
        let samples = sorted(samples);
        let counted: Vec<Sample> =
            samples.iter().filter(|sample| span.contains(sample.time)).copied().collect();
        let heat = |same: &[Sample]| {
            let [first, rest @ ..] = same else { return None };
            let heat = match rest {
                [] => kinetic.heat_of(first.value.0),
                _ => {
                    let sum = same.iter().map(|sample| i128::from(sample.value.0)).sum();
                    kinetic.heat_of_average(sum, same.len() as u64)
                }
            };
            Some((first.time, heat))
        };
        let heats = counted.chunk_by(|one, other| one.time == other.time).filter_map(heat).collect();
        let interval_s = known_interval(interval_s).unwrap_or(profile.interval_s);
        Self { kinetic, heats, interval: u64::from(interval_s).saturating_mul(1000) }
    }

    fn warmest(&self, excursion: &Excursion, length: u64) -> Result<KineticOutcome, KineticRefusal> {
        if excursion.bound == Bound::Below {
            return Err(KineticRefusal::Cold);
        }
        let last = self.heats.last().ok_or(KineticRefusal::TooFewReadings)?.0;
        let (begin, end) = (excursion.begin, excursion.end.unwrap_or(last));
        if end.0.abs_diff(begin.0) > length {
            return Err(KineticRefusal::LongerThanWindow);
        }
        let earliest = UtcMillis(end.0.saturating_sub_unsigned(length));
        let mut window = Sliding::from(self, self.heats.partition_point(|(time, _)| *time < earliest));
        let mut warmest: Option<(MicroCelsius, UtcMillis, UtcMillis)> = None;
        let mut refused = KineticRefusal::TooFewReadings;
        while let Some(from) = window.begin().filter(|from| *from <= begin) {
            let to = window.reach(UtcMillis(from.0.saturating_add_unsigned(length)));
            // A window is full when it is short of its length by less than a logging interval.
            let full = to >= end && length.saturating_sub(to.0.abs_diff(from.0)) < self.interval;
            match window.means.kinetic_mean(2, self.kinetic.k()) {
                _ if !full => {}
                _ if window.gaps > 0 => refused = KineticRefusal::Gap,
                Some(mkt) if warmest.is_none_or(|(known, ..)| mkt > known) => warmest = Some((mkt, from, to)),
                _ => {}
            }
            window.leave_first();
        }
        let (mkt, from, to) = warmest.ok_or(refused)?;
        Ok(KineticOutcome::Measured { from, to, mkt })
    }

    /// The interval from one time to the next: its ends, its length, and whether it is data.
    fn interval(&self, place: usize) -> Option<(&Heat, &Heat, u64, bool)> {
        let [(from, before), (to, after)] = self.heats.get(place..place.saturating_add(2))? else {
            return None;
        };
        let length = to.0.abs_diff(from.0);
        Some((before, after, length, length.saturating_mul(2) <= self.interval.saturating_mul(3)))
    }
}

impl<'a> Sliding<'a> {
    fn from(points: &'a Points, first: usize) -> Self {
        Self { points, means: Means::EMPTY, first, last: first, gaps: 0 }
    }

    fn begin(&self) -> Option<UtcMillis> {
        self.points.heats.get(self.first).map(|(time, _)| *time)
    }

    /// Goes on to the last time that is not after `to`, and tells it.
    fn reach(&mut self, to: UtcMillis) -> UtcMillis {
        while self.points.heats.get(self.last.saturating_add(1)).is_some_and(|(time, _)| *time <= to) {
            match self.points.interval(self.last) {
                Some((before, after, length, true)) => self.means.add_pair(length, before, after),
                _ => self.gaps = self.gaps.saturating_add(1),
            }
            self.last = self.last.saturating_add(1);
        }
        self.points.heats.get(self.last).map_or(to, |(time, _)| *time)
    }

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
