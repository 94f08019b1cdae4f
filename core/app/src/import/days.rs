//! The device's summary of each day beside what the samples of that day give.

use super::Judged;
use firn_ble::file::Day;
use firn_model::assess::{MicroCelsius, Sample, Span, Stamp, Verdict, assess_series};
use firn_model::profile::{AlarmMode, Limits, Profile};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use serde::Serialize;

/// One day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayView {
    /// Its date.
    pub date: String,
    /// The lowest temperature.
    pub min_c: Option<MilliCelsius>,
    /// When it was lowest.
    pub min_at: Option<Stamp>,
    /// The highest temperature.
    pub max_c: Option<MilliCelsius>,
    /// When it was highest.
    pub max_at: Option<Stamp>,
    /// The mean.
    pub mean_c: Option<MilliCelsius>,
    /// Each alarm of the device on this day.
    pub alarms: Vec<DayAlarmView>,
    /// How long the sensor could not be read.
    pub sensor_timeout_s: u32,
    /// How many events the device counted.
    pub events: u32,
    /// What the device's numbers say by the limits of the profile; absent without one.
    pub verdict: Option<Verdict>,
    /// The same numbers from the samples; absent where the file holds none of that day.
    pub recomputed: Option<RecomputedDay>,
}

/// One alarm on one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayAlarmView {
    /// The identifier of its rule.
    pub id: String,
    /// How long the day was beyond its limit.
    pub accumulated_s: u64,
    /// When it went off, or the day's begin where it lasted.
    pub triggered_at: Option<Stamp>,
}

/// What the samples of a day give.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecomputedDay {
    /// How many there are.
    pub count: u64,
    /// The lowest.
    pub min_c: Option<MilliCelsius>,
    /// The highest.
    pub max_c: Option<MilliCelsius>,
    /// The mean.
    pub mean_c: Option<MicroCelsius>,
    /// How long the day was beyond the limit of each alarm.
    pub alarms: Vec<DayAlarmView>,
}

/// Every day, oldest first.
pub(super) fn views(judged: &Judged<'_>, has_profile: bool) -> Vec<DayView> {
    // Of a day the total is told, also of an alarm that counts one stretch at a time.
    let mut totals = judged.profile.clone();
    totals.alarms.iter_mut().for_each(|alarm| alarm.mode = AlarmMode::Cumulative);
    let limits = has_profile.then_some(judged.profile.limits);
    judged.file.days.iter().map(|day| view(judged, day, &totals, limits)).collect()
}

fn view(judged: &Judged<'_>, day: &Day, totals: &Profile, limits: Option<Limits>) -> DayView {
    let alarm = |alarm: &firn_ble::file::DayAlarm| DayAlarmView {
        id: alarm.id.clone(),
        accumulated_s: alarm.accumulated_s.into(),
        triggered_at: alarm.triggered_at.map(Stamp),
    };
    DayView {
        date: day.date.clone(),
        min_c: day.min.map(|(value, _)| value),
        min_at: day.min.and_then(|(_, at)| at).map(Stamp),
        max_c: day.max.map(|(value, _)| value),
        max_at: day.max.and_then(|(_, at)| at).map(Stamp),
        mean_c: day.mean,
        alarms: day.alarms.iter().map(alarm).collect(),
        sensor_timeout_s: day.sensor_timeout_s,
        events: day.events,
        verdict: limits.map(|limits| verdict(day, limits)),
        recomputed: recomputed(judged, day, totals),
    }
}

/// The summary judged as what the device reports; a day without a number is a reason for review.
fn verdict(day: &Day, limits: Limits) -> Verdict {
    let out = day.min.is_none_or(|(value, _)| value < limits.min)
        || day.max.is_none_or(|(value, _)| value > limits.max)
        || day.sensor_timeout_s > 0;
    match (day.alarms.iter().any(|alarm| alarm.triggered_at.is_some()), out) {
        (true, _) => Verdict::Excursion,
        (false, true) => Verdict::Review,
        (false, false) => Verdict::Ok,
    }
}

fn recomputed(judged: &Judged<'_>, day: &Day, totals: &Profile) -> Option<RecomputedDay> {
    let (begin, end) = (judged.instant(day.wall_ms.0), judged.instant(day.wall_ms.1));
    let samples = judged.of_day(day).filter(|some| !some.is_empty())?;
    let span = Span { from: Some(begin), to: Some(UtcMillis(end.0.saturating_sub(1))) };
    let interval_s = Some(judged.assessment.statistics.interval_s);
    let assessment = assess_series(totals, samples, interval_s, span);
    let alarms = assessment.alarms.iter().map(|state| DayAlarmView {
        id: state.rule.id.clone(),
        accumulated_s: state.accumulated.0.div_ceil(1000),
        triggered_at: None,
    });
    Some(RecomputedDay {
        count: assessment.statistics.count,
        min_c: assessment.statistics.min,
        max_c: assessment.statistics.max,
        mean_c: assessment.statistics.mean,
        alarms: alarms.collect(),
    })
}

impl Judged<'_> {
    /// The samples of a day.
    pub(super) fn of_day(&self, day: &Day) -> Option<&[Sample]> {
        let (begin, end) = (self.instant(day.wall_ms.0), self.instant(day.wall_ms.1));
        let place = |at: UtcMillis| self.samples.partition_point(|sample| sample.time < at);
        self.samples.get(place(begin)..place(end))
    }

    /// The instant at which the clock on the wall shows a midnight. Where the clocks change just then,
    /// the hour between counts to the day before: a day's sums are shown, never judged.
    fn instant(&self, wall_ms: i64) -> UtcMillis {
        let minus = |offset: i32| UtcMillis(wall_ms.saturating_sub(i64::from(offset).saturating_mul(1000)));
        let near = self.offsets.at(UtcMillis(wall_ms)).0;
        minus(self.offsets.at(minus(near)).0)
    }
}
