//! The verdict on a series of temperatures, by the rules `firn-assess-1`.
//!
//! A pure function of the profile, the samples and the span: the same bits on every platform and
//! whatever the order of arrival. The letters (a) to (h) are those of the rules in the design, §3.2.
//!
//! Beyond the text of the rules, `firn-assess-1` fixes:
//! - The span includes both its ends. Between its begin and the first sample nothing is known; after the
//!   last sample that sample's state holds for at most 1.5 intervals, else to the span's end nothing is
//!   known. Such time is listed as a gap when longer than 1.5 intervals. A reading before the span has
//!   no part in it.
//! - Of two values at one time that are equally far outside, the colder decides, for freezing cannot be
//!   undone. An `above` alarm looks at the warmest value of a time, a `below` alarm at the coldest.
//! - An open excursion and an alarm's accumulated time include the time that the last sample's state
//!   holds after it; no alarm fires there, for there is no reading.
//! - A temperature in a budget's band is judged by the budget: it is no reading on a bound without an
//!   alarm, and a stretch of only such readings that reaches an alarm does not set the verdict, nor is it asked
//!   what the gaps beside it hide. A budget is spent at
//!   the instant its time exceeds the allowance; spent is an excursion, any use a reason for review.
//!   Where two bands meet, the edge belongs to the one nearer the limits and is charged once; a band that
//!   begins at a limit reaches to that limit as a guard band narrows it.
//! - Worst case counts any time without data beside an out-of-range reading, listed as a gap or not.

mod accuracy;
mod alarm;
mod assessor;
mod budget;
mod excursion;
mod kinetic;
mod live;
mod merge;
mod outcome;
mod quantity;
mod reason;
mod view;
mod window;

pub use accuracy::near_limits;
pub use assessor::{Assessor, OutOfOrder};
pub(crate) use budget::is_charged_alike;
pub use live::LiveAssessor;
pub use merge::merge_sources;
pub use outcome::{
    AlarmState, Assessment, BudgetState, Carried, EndedBy, Excursion, Gap, ShipmentAssessment, Statistics,
    Verdict, Weighting,
};
pub use quantity::{MicroCelsius, MilliDegreeMinutes, Milliseconds};
pub use reason::Reason;
pub use view::{
    AlarmStateView, AlarmStatus, AssessmentView, BudgetView, ExcursionView, FiredAlarm, GapView, Stamp,
    StatisticsView,
};

pub use window::{
    KineticOutcome, KineticOutcomeView, KineticRefusal, KineticWindow, KineticWindowView, kinetic_windows,
};

use crate::profile::Profile;
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use std::borrow::Cow;

/// The version of the rules here; a signed assessment names it, and a verifier keeps every one.
pub const RULES: &str = "firn-assess-1";

/// One temperature at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sample {
    /// When.
    pub time: UtcMillis,
    /// How warm.
    pub value: MilliCelsius,
}

/// The time that is judged; an end that is not given is the first or the last sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Its begin, itself in the span.
    pub from: Option<UtcMillis>,
    /// Its end, itself in the span. A span that ends before it begins holds no reading and no time.
    pub to: Option<UtcMillis>,
}

/// The span ends before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the span ends at {to}, before it begins at {from}")]
pub struct SpanReversed {
    /// Its begin.
    pub from: UtcMillis,
    /// Its end.
    pub to: UtcMillis,
}

/// The samples of one logger's one channel, by the way they came.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a, K> {
    /// Which logger and channel; opaque here.
    pub key: K,
    /// The logger's own interval in seconds, where it is known; 0 counts as unknown.
    pub interval_s: Option<u32>,
    /// From the logger's memory.
    pub log: &'a [Sample],
    /// From a file.
    pub import: &'a [Sample],
    /// Heard in adverts.
    pub advert: &'a [Sample],
}

impl Span {
    /// From the first sample to the last.
    pub const WHOLE: Self = Self { from: None, to: None };

    /// A span whose end does not lie before its begin.
    pub fn new(from: Option<UtcMillis>, to: Option<UtcMillis>) -> Result<Self, SpanReversed> {
        match (from, to) {
            (Some(from), Some(to)) if to < from => Err(SpanReversed { from, to }),
            _ => Ok(Self { from, to }),
        }
    }

    /// Whether a reading at that time counts.
    pub fn contains(&self, time: UtcMillis) -> bool {
        self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time <= to)
    }
}

impl SpanReversed {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "assess/span-reversed"
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        "Give a begin that is not after the end."
    }
}

/// Judges one series, its samples in any order.
///
/// `interval_s` is the logger's own interval in seconds, where it is known; else the profile's holds.
/// Sorted samples are read once and not copied; memory then grows with excursions and gaps alone.
pub fn assess_series(
    profile: &Profile,
    samples: &[Sample],
    interval_s: Option<u32>,
    span: Span,
) -> Assessment {
    assess_leg(profile, samples, interval_s, span, &[])
}

/// As [`assess_series`], of goods that have used some of the profile's budgets before.
///
/// Any use, also an earlier one, is [`Reason::BudgetUsed`]; a budget that was spent before stays spent at
/// that instant.
pub fn assess_leg(
    profile: &Profile,
    samples: &[Sample],
    interval_s: Option<u32>,
    span: Span,
    carried: &[Carried],
) -> Assessment {
    let empty = || Assessor::carrying(profile, interval_s, span, carried);
    let mut assessor = empty();
    // Mostly they are sorted, which is seen on the way.
    if !assessor.take_all(samples).is_empty() {
        assessor = empty();
        assessor.take_all(&sorted(samples));
    }
    assessor.finish()
}

/// Judges every series of a package, line or shipment: the worst of them, never an average (a).
///
/// `findings` are the caller's own reasons (provenance, calibration, …); each asks for a review. No
/// series at all is [`Reason::NoReadings`].
pub fn assess<K: Clone>(
    profile: &Profile,
    series: &[Series<'_, K>],
    span: Span,
    findings: &[Reason],
) -> ShipmentAssessment<K> {
    let judged: Vec<(K, Assessment)> = series
        .iter()
        .map(|one| {
            let interval_s = known_interval(one.interval_s);
            let merged =
                merge_sources(one.log, one.import, one.advert, interval_s.unwrap_or(profile.interval_s));
            (one.key.clone(), assess_series(profile, &merged, interval_s, span))
        })
        .collect();
    let nothing = judged.is_empty().then_some(Reason::NoReadings);
    let inherited = judged.iter().flat_map(|(_, assessment)| assessment.reasons.iter().copied());
    let reasons = Reason::in_order(inherited.chain(findings.iter().copied()).chain(nothing));
    let worst = judged.iter().map(|(_, assessment)| assessment.verdict).max().unwrap_or(Verdict::Ok);
    ShipmentAssessment { verdict: worst.with(&reasons), reasons, series: judged }
}

fn known_interval(interval_s: Option<u32>) -> Option<u32> {
    interval_s.filter(|seconds| *seconds > 0)
}

/// The samples by time; copied only when they are not so already.
fn sorted(samples: &[Sample]) -> Cow<'_, [Sample]> {
    if samples.is_sorted_by_key(|sample| sample.time) {
        return Cow::Borrowed(samples);
    }
    let mut copy = samples.to_vec();
    copy.sort_unstable();
    Cow::Owned(copy)
}

#[cfg(test)]
mod tests;
