//! What an assessment says, as plain data with its canonical CBOR.
//!
//! The CBOR is a map with ascending integer keys, definite lengths and integers alone; what is absent is
//! left out. A verifier recomputes the assessment and compares the bytes.

use super::{AssessmentView, MicroCelsius, MilliDegreeMinutes, Milliseconds, Reason};
use crate::profile::{ActivationEnergy, AlarmRule, Bound};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// How a series stands, from best to worst.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Verdict {
    /// No reason to look.
    #[default]
    #[n(1)]
    Ok,
    /// A person has to decide.
    #[n(2)]
    Review,
    /// Out of range.
    #[n(3)]
    Excursion,
}

/// The assessment of one series; in JSON its [`AssessmentView`] with times in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(from = "AssessmentView", into = "AssessmentView")]
#[cbor(map)]
pub struct Assessment {
    /// The version of the rules, [`super::RULES`] for what is computed here.
    #[n(1)]
    pub rules: String,
    /// The verdict.
    #[n(2)]
    pub verdict: Verdict,
    /// Every reason once, in their order; also beside an excursion.
    #[n(3)]
    pub reasons: Vec<Reason>,
    /// The excursions by time.
    #[n(4)]
    pub excursions: Vec<Excursion>,
    /// Every alarm of the profile, in its order, fired or not.
    #[n(5)]
    pub alarms: Vec<AlarmState>,
    /// Every budget of the profile, in its order.
    #[n(6)]
    pub budgets: Vec<BudgetState>,
    /// The gaps longer than 1.5 intervals, by time.
    #[n(7)]
    pub gaps: Vec<Gap>,
    /// The numbers.
    #[n(8)]
    pub statistics: Statistics,
}

/// One stretch out of range on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Excursion {
    /// Which side.
    #[n(1)]
    pub bound: Bound,
    /// The first sample out of range.
    #[n(2)]
    pub begin: UtcMillis,
    /// The first sample in range or across, or the last one before a gap; absent while it is open.
    #[n(3)]
    pub end: Option<UtcMillis>,
    /// What ended it.
    #[n(4)]
    pub ended_by: EndedBy,
    /// The proven time from begin to end.
    #[n(5)]
    pub duration: Milliseconds,
    /// The sample furthest out.
    #[n(6)]
    pub extreme: MilliCelsius,
    /// The distance from the limit times the time it was held, never negative.
    #[n(7)]
    pub degree_minutes: MilliDegreeMinutes,
}

/// What ended an excursion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum EndedBy {
    /// A sample in range.
    #[n(1)]
    Reading,
    /// A gap.
    #[n(2)]
    Gap,
    /// A sample out of range on the other side.
    #[n(3)]
    Crossed,
    /// Nothing yet.
    #[n(4)]
    Open,
}

/// Where one alarm of the profile stands.
///
/// Of a `single` alarm the stretch that fired is told, or the longest one when none fired (the earliest
/// of equals); of a `cumulative` alarm everything from its first reading beyond the limit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AlarmState {
    /// The rule.
    #[n(1)]
    pub rule: AlarmRule,
    /// The first reading beyond the limit.
    #[n(2)]
    pub begin: Option<UtcMillis>,
    /// The reading at which it fired, for the first time.
    #[n(3)]
    pub triggered_at: Option<UtcMillis>,
    /// The first sample no longer beyond the limit, or the last one before a gap; absent while it lasts.
    #[n(4)]
    pub end: Option<UtcMillis>,
    /// The proven time beyond the limit.
    #[n(5)]
    pub accumulated: Milliseconds,
    /// The reading furthest beyond the limit.
    #[n(6)]
    pub extreme: Option<MilliCelsius>,
}

/// How much of one budget is used.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BudgetState {
    /// Its identifier in the profile.
    #[n(1)]
    pub id: String,
    /// The total time allowed, in seconds.
    #[n(2)]
    pub allowance_s: u32,
    /// The proven time in the band.
    #[n(3)]
    pub used: Milliseconds,
    /// The same with every gap beside a reading in the band.
    #[n(4)]
    pub used_max: Milliseconds,
    /// When the time used exceeded the allowance.
    #[n(5)]
    pub spent_at: Option<UtcMillis>,
}

/// What was used of one budget before a series begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The budget's identifier in the profile.
    pub id: String,
    /// The proven time.
    pub used: Milliseconds,
    /// The same with gaps.
    pub used_max: Milliseconds,
    /// When it was spent, if it was.
    pub spent_at: Option<UtcMillis>,
}

/// A time of which nothing is known, longer than 1.5 intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Gap {
    /// The last sample before it, or the begin of the span.
    #[n(1)]
    pub from: UtcMillis,
    /// The first sample after it, or the end of the span.
    #[n(2)]
    pub to: UtcMillis,
}

/// The numbers of a series; in JSON durations are seconds, named `…_s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Statistics {
    /// All readings that count, also several at one time.
    #[n(1)]
    pub count: u64,
    /// The lowest of them.
    #[n(2)]
    #[serde(rename = "min_c")]
    pub min: Option<MilliCelsius>,
    /// The highest of them.
    #[n(3)]
    #[serde(rename = "max_c")]
    pub max: Option<MilliCelsius>,
    /// The mean, weighted as `weighting` says.
    #[n(4)]
    #[serde(rename = "mean_c")]
    pub mean: Option<MicroCelsius>,
    /// The mean kinetic temperature, weighted alike.
    #[n(5)]
    #[serde(rename = "mkt_c")]
    pub mkt: Option<MicroCelsius>,
    /// Proven time in range.
    #[n(6)]
    #[serde(rename = "in_range_s")]
    pub in_range: Milliseconds,
    /// Proven time above the upper limit.
    #[n(7)]
    #[serde(rename = "above_s")]
    pub above: Milliseconds,
    /// Proven time below the lower limit.
    #[n(8)]
    #[serde(rename = "below_s")]
    pub below: Milliseconds,
    /// Time of which nothing is known. With the three before it, the span.
    #[n(9)]
    #[serde(rename = "no_data_s")]
    pub no_data: Milliseconds,
    /// `above` and all time without data beside a reading above (h).
    #[n(10)]
    #[serde(rename = "above_max_s")]
    pub above_max: Milliseconds,
    /// `below` and all time without data beside a reading below (h).
    #[n(11)]
    #[serde(rename = "below_max_s")]
    pub below_max: Milliseconds,
    /// The whole time that is judged.
    #[n(12)]
    #[serde(rename = "span_s")]
    pub span: Milliseconds,
    /// How the two means are weighted.
    #[n(13)]
    pub weighting: Weighting,
    /// The activation energy of the mean kinetic temperature.
    #[n(14)]
    #[serde(rename = "delta_h_kj_mol")]
    pub delta_h: ActivationEnergy,
    /// The interval by which gaps are judged, in seconds.
    #[n(15)]
    pub interval_s: u32,
}

/// How the means are weighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Weighting {
    /// By time: trapezoid over the intervals without a gap.
    #[n(1)]
    Trapezoid,
    /// Each time alike, for there is no interval without a gap.
    #[n(2)]
    Plain,
}

/// The assessment of several series together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipmentAssessment<K> {
    /// The worst verdict, raised to review where the caller's findings ask for it.
    pub verdict: Verdict,
    /// All reasons of all series and the caller's, each once, in their order.
    pub reasons: Vec<Reason>,
    /// Each series by itself, in the order given.
    pub series: Vec<(K, Assessment)>,
}

impl Verdict {
    /// The verdict once these reasons are known: any reason makes `ok` a review.
    pub fn with(self, reasons: &[Reason]) -> Self {
        if reasons.is_empty() { self } else { self.max(Self::Review) }
    }
}

impl Assessment {
    /// The alarms that fired, in the profile's order.
    pub fn fired(&self) -> impl Iterator<Item = &AlarmState> {
        self.alarms.iter().filter(|alarm| alarm.triggered_at.is_some())
    }

    /// The same of readings on which nobody relied, which began with `carried`: that nothing was read for a time is no
    /// gap, and takes nothing of a budget.
    pub(crate) fn of_readings_alone(mut self, carried: &[Carried]) -> Self {
        self.gaps.clear();
        self.reasons.retain(|reason| !matches!(reason, Reason::Gap | Reason::GapWorstCase));
        (self.statistics.above_max, self.statistics.below_max) =
            (self.statistics.above, self.statistics.below);
        for budget in &mut self.budgets {
            let before = carried.iter().find(|before| before.id == budget.id);
            let hidden = before.map_or(0, |before| before.used_max.0.saturating_sub(before.used.0));
            budget.used_max = Milliseconds(budget.used.0.saturating_add(hidden));
        }
        if self.verdict != Verdict::Excursion {
            self.verdict = Verdict::Ok.with(&self.reasons);
        }
        self
    }

    /// The same assessment with further findings of the caller among its reasons.
    pub fn with_reasons(mut self, findings: &[Reason]) -> Self {
        self.reasons = Reason::in_order(self.reasons.iter().chain(findings).copied());
        self.verdict = self.verdict.with(&self.reasons);
        self
    }
}

impl Gap {
    /// How long it lasts.
    pub fn duration(&self) -> Milliseconds {
        Milliseconds(self.to.0.abs_diff(self.from.0))
    }
}

impl Statistics {
    /// How the means were computed, in words for a report.
    pub fn method(&self) -> String {
        let energy = self.delta_h.kilojoules_per_mole();
        let weights = match self.weighting {
            Weighting::Trapezoid => "weighted by time, trapezoid over the intervals without a gap",
            Weighting::Plain => "unweighted, for there is no interval without a gap",
        };
        format!(
            "mean and MKT {weights}; values at the same time averaged; \
             MKT with ΔH {energy} kJ/mol and R 8.314472 J/(mol·K)"
        )
    }
}
