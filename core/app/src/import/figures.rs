//! The numbers that a device tells of a trip and that its readings give: one shape for both.

use super::Judged;
use firn_ble::file::{AlarmEvent, LoggerFile};
use firn_model::assess::{AlarmState, MicroCelsius, Sample, Span, Stamp, Verdict, assess_series};
use firn_model::profile::{AlarmMode, AlarmRule, Profile};
use firn_model::time::{LocalInstant, UtcMillis};
use firn_model::units::MilliCelsius;
use serde::Serialize;

/// How often one alarm is told to have gone off; more often is no longer read by anyone.
const MOST_EVENTS: usize = 100;

/// What a device, or Firn, says of a whole trip.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// The lowest temperature.
    pub min_c: Option<MilliCelsius>,
    /// The highest temperature.
    pub max_c: Option<MilliCelsius>,
    /// The mean.
    pub mean_c: Option<MicroCelsius>,
    /// The mean kinetic temperature.
    pub mkt_c: Option<MicroCelsius>,
    /// Each time an alarm went off, by time.
    pub alarms: Vec<AlarmFigure>,
    /// The verdict that follows; absent without a profile or without numbers.
    pub verdict: Option<Verdict>,
}

/// One time that an alarm went off.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlarmFigure {
    /// The identifier of its rule in the profile.
    pub id: String,
    /// When it went off.
    pub triggered_at: Stamp,
    /// When the temperature went beyond the limit, where it is known.
    pub begin: Option<Stamp>,
    /// When it came back.
    pub end: Option<Stamp>,
    /// How long it was beyond the limit, where it is known.
    pub accumulated_s: Option<u64>,
    /// The temperature furthest beyond, where it is known.
    pub extreme_c: Option<MilliCelsius>,
}

impl Figures {
    /// The device's own. An alarm is an excursion; a number out of the limits without one is a review.
    pub(super) fn reported(file: &LoggerFile, profile: Option<&Profile>) -> Self {
        let micro = |value: MilliCelsius| MicroCelsius(i64::from(value.0).saturating_mul(1000));
        let reported = &file.reported;
        let verdict = |profile: &Profile| {
            let limits = profile.limits;
            let out = reported.min.is_some_and(|min| min < limits.min)
                || reported.max.is_some_and(|max| max > limits.max);
            match (reported.alarms.is_empty(), out) {
                (false, _) => Verdict::Excursion,
                (true, true) => Verdict::Review,
                (true, false) => Verdict::Ok,
            }
        };
        let mut alarms: Vec<AlarmFigure> = reported.alarms.iter().map(AlarmFigure::of_device).collect();
        alarms.sort_by_key(|alarm| alarm.triggered_at.0.at);
        Self {
            min_c: reported.min,
            max_c: reported.max,
            mean_c: reported.mean.map(micro),
            mkt_c: reported.mkt.map(micro),
            alarms,
            verdict: profile.filter(|_| reported.min.is_some()).map(verdict),
        }
    }

    /// From the readings.
    pub(super) fn recomputed(judged: &Judged<'_>, has_profile: bool) -> Self {
        let statistics = &judged.assessment.statistics;
        let mut alarms: Vec<AlarmFigure> =
            judged.profile.alarms.iter().flat_map(|rule| firings(judged, rule)).collect();
        alarms.sort_by_key(|alarm| alarm.triggered_at.0.at);
        Self {
            min_c: statistics.min,
            max_c: statistics.max,
            mean_c: statistics.mean,
            mkt_c: statistics.mkt,
            alarms,
            verdict: (has_profile && statistics.count > 0).then_some(judged.assessment.verdict),
        }
    }
}

impl AlarmFigure {
    fn of_device(event: &AlarmEvent) -> Self {
        let stamp = |instant: LocalInstant| Stamp(instant);
        Self {
            id: event.id.clone(),
            triggered_at: stamp(event.triggered_at),
            begin: event.begin.map(stamp),
            end: event.end.map(stamp),
            accumulated_s: event.accumulated_s.map(u64::from),
            extreme_c: event.extreme,
        }
    }

    fn of_state(judged: &Judged<'_>, state: &AlarmState) -> Option<Self> {
        Some(Self {
            id: state.rule.id.clone(),
            triggered_at: judged.stamp(state.triggered_at?),
            begin: state.begin.map(|at| judged.stamp(at)),
            end: state.end.map(|at| judged.stamp(at)),
            accumulated_s: Some(state.accumulated.0 / 1000),
            extreme_c: state.extreme,
        })
    }
}

/// Each stretch in which an alarm went off. The rules tell of the first alone, as a loggers' file does not:
/// so they are asked again for what comes after it.
fn firings(judged: &Judged<'_>, rule: &AlarmRule) -> Vec<AlarmFigure> {
    let alone = Profile { alarms: vec![rule.clone()], budgets: Vec::new(), ..judged.profile.clone() };
    let interval_s = Some(judged.assessment.statistics.interval_s);
    let mut figures = Vec::new();
    let mut rest: &[Sample] = &judged.samples;
    while figures.len() < MOST_EVENTS {
        let assessment = assess_series(&alone, rest, interval_s, Span::WHOLE);
        let Some(state) = assessment.alarms.first() else { break };
        let Some(figure) = AlarmFigure::of_state(judged, state) else { break };
        figures.push(figure);
        let (AlarmMode::Single, Some(UtcMillis(end))) = (rule.mode, state.end) else { break };
        rest = rest.get(rest.partition_point(|sample| sample.time.0 <= end)..).unwrap_or_default();
    }
    figures
}
