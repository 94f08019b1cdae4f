//! An assessment as JSON (the design, §4): times with an offset, the alarms that fired beside all alarms.

use super::{
    AlarmState, Assessment, BudgetState, EndedBy, Excursion, Gap, MilliDegreeMinutes, Milliseconds, Reason,
    Statistics, Verdict,
};
use crate::profile::{AlarmMode, AlarmRule, Bound, Severity};
use crate::time::{LocalInstant, UtcMillis, UtcOffset};
use crate::units::MilliCelsius;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant that is printed with its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(pub LocalInstant);

/// [`Assessment`] in its documented JSON shape, fields in the documented order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each field is the one of the same name in Assessment")]
pub struct AssessmentView {
    pub rules: String,
    pub verdict: Verdict,
    pub reasons: Vec<Reason>,
    pub excursions: Vec<ExcursionView>,
    /// The alarms that fired; [`Self::alarm_states`] holds them all.
    pub alarms: Vec<FiredAlarm>,
    pub gaps: Vec<GapView>,
    pub statistics: StatisticsView,
    pub alarm_states: Vec<AlarmStateView>,
    pub budgets: Vec<BudgetView>,
}

/// [`Excursion`] in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each field is the one of the same name in Excursion")]
pub struct ExcursionView {
    pub bound: Bound,
    pub begin: Stamp,
    /// `null` while it is open.
    pub end: Option<Stamp>,
    pub ended_by: EndedBy,
    pub duration_s: Milliseconds,
    pub extreme_c: MilliCelsius,
    pub degree_minutes: MilliDegreeMinutes,
}

/// An alarm that fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiredAlarm {
    /// Its identifier in the profile.
    pub id: String,
    /// The reading at which it fired.
    pub triggered_at: Stamp,
}

/// [`Gap`] in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each field is the one of the same name in Gap")]
pub struct GapView {
    pub from: Stamp,
    pub to: Stamp,
    pub duration_s: Milliseconds,
}

/// [`Statistics`] in JSON, with their method in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatisticsView {
    /// The numbers.
    #[serde(flatten)]
    pub numbers: Statistics,
    /// [`Statistics::method`].
    pub method: String,
}

/// Whether an alarm fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmStatus {
    /// It did.
    Fired,
    /// It did not.
    NotFired,
}

/// [`AlarmState`] in JSON, its rule laid flat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each field is the one of the same name in AlarmState and AlarmRule")]
pub struct AlarmStateView {
    pub id: String,
    pub bound: Bound,
    pub limit_c: MilliCelsius,
    pub inclusive: bool,
    pub mode: AlarmMode,
    pub allowance_s: u32,
    pub severity: Severity,
    pub status: AlarmStatus,
    pub begin: Option<Stamp>,
    pub triggered_at: Option<Stamp>,
    pub end: Option<Stamp>,
    pub accumulated_s: Milliseconds,
    pub extreme_c: Option<MilliCelsius>,
}

/// [`BudgetState`] in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each field is the one of the same name in BudgetState")]
pub struct BudgetView {
    pub id: String,
    pub allowance_s: u32,
    pub used_s: Milliseconds,
    pub used_max_s: Milliseconds,
    pub spent_at: Option<Stamp>,
}

impl Assessment {
    /// The JSON shape, each time printed with the offset that `offset_at` knows for it.
    pub fn view(&self, offset_at: &dyn Fn(UtcMillis) -> UtcOffset) -> AssessmentView {
        let stamp = |at| Stamp(LocalInstant { at, offset: offset_at(at) });
        let fired = |alarm: &AlarmState| {
            alarm.triggered_at.map(|at| FiredAlarm { id: alarm.rule.id.clone(), triggered_at: stamp(at) })
        };
        AssessmentView {
            rules: self.rules.clone(),
            verdict: self.verdict,
            reasons: self.reasons.clone(),
            excursions: self
                .excursions
                .iter()
                .map(|excursion| ExcursionView::of(excursion, &stamp))
                .collect(),
            alarms: self.alarms.iter().filter_map(fired).collect(),
            gaps: self
                .gaps
                .iter()
                .map(|gap| GapView { from: stamp(gap.from), to: stamp(gap.to), duration_s: gap.duration() })
                .collect(),
            statistics: StatisticsView { numbers: self.statistics, method: self.statistics.method() },
            alarm_states: self.alarms.iter().map(|alarm| AlarmStateView::of(alarm, &stamp)).collect(),
            budgets: self.budgets.iter().map(|budget| BudgetView::of(budget, &stamp)).collect(),
        }
    }
}

impl ExcursionView {
    fn of(excursion: &Excursion, stamp: &dyn Fn(UtcMillis) -> Stamp) -> Self {
        Self {
            bound: excursion.bound,
            begin: stamp(excursion.begin),
            end: excursion.end.map(stamp),
            ended_by: excursion.ended_by,
            duration_s: excursion.duration,
            extreme_c: excursion.extreme,
            degree_minutes: excursion.degree_minutes,
        }
    }
}

impl AlarmStateView {
    fn of(alarm: &AlarmState, stamp: &dyn Fn(UtcMillis) -> Stamp) -> Self {
        let AlarmRule { id, bound, limit, mode, allowance_s, severity, inclusive } = alarm.rule.clone();
        Self {
            id,
            bound,
            limit_c: limit,
            inclusive,
            mode,
            allowance_s,
            severity,
            status: if alarm.triggered_at.is_some() { AlarmStatus::Fired } else { AlarmStatus::NotFired },
            begin: alarm.begin.map(stamp),
            triggered_at: alarm.triggered_at.map(stamp),
            end: alarm.end.map(stamp),
            accumulated_s: alarm.accumulated,
            extreme_c: alarm.extreme,
        }
    }
}

impl BudgetView {
    fn of(budget: &BudgetState, stamp: &dyn Fn(UtcMillis) -> Stamp) -> Self {
        Self {
            id: budget.id.clone(),
            allowance_s: budget.allowance_s,
            used_s: budget.used,
            used_max_s: budget.used_max,
            spent_at: budget.spent_at.map(stamp),
        }
    }
}

impl From<Assessment> for AssessmentView {
    fn from(assessment: Assessment) -> Self {
        assessment.view(&|_| UtcOffset(0))
    }
}

impl From<AssessmentView> for Assessment {
    fn from(view: AssessmentView) -> Self {
        Self {
            rules: view.rules,
            verdict: view.verdict,
            reasons: view.reasons,
            excursions: view.excursions.into_iter().map(Excursion::from).collect(),
            alarms: view.alarm_states.into_iter().map(AlarmState::from).collect(),
            budgets: view.budgets.into_iter().map(BudgetState::from).collect(),
            gaps: view.gaps.into_iter().map(|gap| Gap { from: gap.from.0.at, to: gap.to.0.at }).collect(),
            statistics: view.statistics.numbers,
        }
    }
}

impl From<ExcursionView> for Excursion {
    fn from(view: ExcursionView) -> Self {
        Self {
            bound: view.bound,
            begin: view.begin.0.at,
            end: view.end.map(|stamp| stamp.0.at),
            ended_by: view.ended_by,
            duration: view.duration_s,
            extreme: view.extreme_c,
            degree_minutes: view.degree_minutes,
        }
    }
}

impl From<AlarmStateView> for AlarmState {
    fn from(view: AlarmStateView) -> Self {
        Self {
            rule: AlarmRule {
                id: view.id,
                bound: view.bound,
                limit: view.limit_c,
                mode: view.mode,
                allowance_s: view.allowance_s,
                severity: view.severity,
                inclusive: view.inclusive,
            },
            begin: view.begin.map(|stamp| stamp.0.at),
            triggered_at: view.triggered_at.map(|stamp| stamp.0.at),
            end: view.end.map(|stamp| stamp.0.at),
            accumulated: view.accumulated_s,
            extreme: view.extreme_c,
        }
    }
}

impl From<BudgetView> for BudgetState {
    fn from(view: BudgetView) -> Self {
        Self {
            id: view.id,
            allowance_s: view.allowance_s,
            used: view.used_s,
            used_max: view.used_max_s,
            spent_at: view.spent_at.map(|stamp| stamp.0.at),
        }
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.at.to_rfc3339_at(self.0.offset))
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        LocalInstant::parse_printed(&text).map(Self).map_err(serde::de::Error::custom)
    }
}
