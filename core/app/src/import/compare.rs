//! Where the device's numbers and the recomputed ones differ, and what in the file explains it.

use super::reach::{self, End, Means};
use super::{AlarmFigure, DayView, Figures, Judged};
use firn_ble::file::LoggerFile;
use firn_model::assess::{MicroCelsius, Sample, Stamp, Statistics, Verdict};
use firn_model::profile::AlarmRule;
use firn_model::time::UtcMillis;
use firn_model::units::{Decimal, MilliCelsius};
use serde::Serialize;

/// A tenth of a degree in millionths: what the devices show.
const TENTH: i64 = 100_000;
const NO_SAMPLES: &str = "the file holds no samples to compute it from";
const UNEXPLAINED: &str = "nothing in the file explains it";

/// One number that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Which one, such as `mkt_c` or `alarm 5 triggered_at`.
    pub what: String,
    /// By the device.
    pub reported: Shown,
    /// From the readings.
    pub recomputed: Shown,
    /// What explains it.
    pub why: String,
}

/// A value of either side.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Shown {
    /// A temperature.
    Celsius(MicroCelsius),
    /// A time.
    Time(Stamp),
    /// A length of time in seconds.
    Seconds(u64),
    /// A verdict.
    Verdict(Verdict),
    /// There is none.
    Nothing,
}

/// All differences: of the numbers, of each alarm, then of days by more than a tenth of a degree.
pub(super) fn differences(
    judged: &Judged<'_>,
    reported: &Figures,
    recomputed: &Figures,
    days: &[DayView],
) -> Vec<Difference> {
    let of_trip = &judged.file.reported;
    let logged = Logged {
        judged,
        samples: &judged.samples,
        told: [reported.min_c, reported.max_c],
        at: [of_trip.min_at, of_trip.max_at].map(|at| at.map(|at| at.at)),
    };
    let numbers = [
        ("min_c", reported.min_c.map(micro), recomputed.min_c.map(micro), Value::Extreme(End::Lowest)),
        ("max_c", reported.max_c.map(micro), recomputed.max_c.map(micro), Value::Extreme(End::Highest)),
        ("mean_c", reported.mean_c, recomputed.mean_c, Value::Mean(|numbers| numbers.mean)),
        ("mkt_c", reported.mkt_c, recomputed.mkt_c, Value::Mean(|numbers| numbers.mkt)),
    ];
    let numbers = numbers.into_iter();
    let mut all: Vec<Difference> =
        numbers.filter_map(|(what, a, b, value)| logged.of_value(what, a, b, value)).collect();
    all.extend(of_alarms(judged, &reported.alarms, &recomputed.alarms, days));
    all.extend(of_verdict(reported, recomputed));
    let of_days = days.iter().zip(&judged.file.days);
    all.extend(of_days.flat_map(|(view, day)| of_day(judged, view, judged.of_day(day).unwrap_or_default())));
    all
}

/// That the device knows more than it logs.
pub(super) fn cadence(file: &LoggerFile) -> Option<String> {
    let (measures, logs) = (file.measures_every_s?, file.interval_s?);
    (measures < logs)
        .then(|| format!("the device measures every {} and logs every {}", span(measures), span(logs)))
}

fn span(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (1, 0) => "minute".to_owned(),
        (minutes, 0) => format!("{minutes} minutes"),
        _ => format!("{seconds} s"),
    }
}

/// Of what kind a number is, and for a mean which one.
#[derive(Clone, Copy)]
enum Value {
    Extreme(End),
    Mean(fn(&Statistics) -> Option<MicroCelsius>),
}

/// The samples of a time, and the device's own extremes of it, the lowest first.
struct Logged<'j, 'f> {
    judged: &'j Judged<'f>,
    samples: &'j [Sample],
    told: [Option<MilliCelsius>; 2],
    at: [Option<UtcMillis>; 2],
}

fn micro(value: MilliCelsius) -> MicroCelsius {
    MicroCelsius(i64::from(value.0).saturating_mul(1000))
}

/// What the device told, or a sample: whole thousandths.
fn milli(value: MicroCelsius) -> MilliCelsius {
    MilliCelsius(i32::try_from(value.0 / 1000).unwrap_or(if value.0 < 0 { i32::MIN } else { i32::MAX }))
}

fn shown(value: Option<MicroCelsius>) -> Shown {
    value.map_or(Shown::Nothing, Shown::Celsius)
}

impl Logged<'_, '_> {
    /// A number that the device does not tell is no difference.
    fn of_value(
        &self,
        what: &str,
        reported: Option<MicroCelsius>,
        recomputed: Option<MicroCelsius>,
        value: Value,
    ) -> Option<Difference> {
        let told = reported?;
        if recomputed == reported {
            return None;
        }
        let why = match recomputed {
            None => NO_SAMPLES.to_owned(),
            Some(computed) => {
                let reasons: Vec<String> =
                    tenths(told, computed).into_iter().chain(self.between(told, computed, value)).collect();
                if reasons.is_empty() { UNEXPLAINED.to_owned() } else { reasons.join("; ") }
            }
        };
        let what = what.to_owned();
        Some(Difference { what, reported: shown(reported), recomputed: shown(recomputed), why })
    }

    fn at(&self, end: End) -> Option<UtcMillis> {
        let [lowest, highest] = self.at;
        match end {
            End::Lowest => lowest,
            End::Highest => highest,
        }
    }

    /// What the measurements between the samples explain, as far as they can.
    fn between(&self, told: MicroCelsius, computed: MicroCelsius, value: Value) -> Option<String> {
        let cadence = cadence(self.judged.file)?;
        match value {
            Value::Extreme(end) => {
                reach::of_extreme(self.samples, end, (milli(told), self.at(end)), milli(computed))
                    .then(|| format!("{cadence}: an extreme may lie between two logged samples"))
            }
            Value::Mean(which) => Means::of(self.judged, self.samples, self.told)
                .explain(told, which)
                .then(|| format!("{cadence}: it takes the mean over samples that the file does not hold")),
        }
    }
}

/// That the device shows tenths, where that is the difference.
fn tenths(told: MicroCelsius, computed: MicroCelsius) -> Option<String> {
    let decimal = Decimal { mantissa: computed.0, scale: 6 };
    let half = if computed.0 < 0 { -TENTH / 2 } else { TENTH / 2 };
    match () {
        () if (computed.0.saturating_add(half)) / TENTH * TENTH == told.0 => {
            Some(format!("the device shows tenths of a degree, to which {decimal} rounds"))
        }
        () if computed.0 / TENTH * TENTH == told.0 => {
            Some(format!("the device shows tenths of a degree and cuts {decimal} off"))
        }
        () => None,
    }
}

fn of_verdict(reported: &Figures, recomputed: &Figures) -> Option<Difference> {
    let (told, computed) = (reported.verdict?, recomputed.verdict?);
    (told != computed).then(|| Difference {
        what: "verdict".to_owned(),
        reported: Shown::Verdict(told),
        recomputed: Shown::Verdict(computed),
        why:
            "the verdicts follow from the differences above, or from gaps, of which the device tells nothing"
                .to_owned(),
    })
}

fn of_alarms(
    judged: &Judged<'_>,
    reported: &[AlarmFigure],
    recomputed: &[AlarmFigure],
    days: &[DayView],
) -> Vec<Difference> {
    let reach = u64::from(judged.assessment.statistics.interval_s).saturating_mul(1000);
    let mut left: Vec<&AlarmFigure> = recomputed.iter().collect();
    let mut found = Vec::new();
    for told in reported {
        let distance = |other: &&AlarmFigure| other.triggered_at.0.at.0.abs_diff(told.triggered_at.0.at.0);
        let nearest = left
            .iter()
            .enumerate()
            .filter(|(_, other)| other.id == told.id && distance(other) <= reach)
            .min_by_key(|(_, other)| distance(other))
            .map(|(place, _)| place);
        match nearest {
            Some(place) => found.extend(of_pair(judged, told, left.remove(place))),
            None => found.push(missed(judged, told)),
        }
    }
    found.extend(left.into_iter().map(|computed| unreported(judged, computed, days)));
    found
}

/// An alarm that both know.
fn of_pair(judged: &Judged<'_>, told: &AlarmFigure, computed: &AlarmFigure) -> Vec<Difference> {
    let cadence = cadence(judged.file).unwrap_or_else(|| "the device tells whole minutes".to_owned());
    let why = |what: &str| format!("{cadence}: {what}");
    let if_so = |is_so: bool, what: &str| if is_so { why(what) } else { UNEXPLAINED.to_owned() };
    let rule = judged.profile.alarms.iter().find(|rule| rule.id == told.id);
    let named = |what: &str| format!("alarm {} {what}", told.id);
    let mut found = Vec::new();
    if told.triggered_at.0.at != computed.triggered_at.0.at {
        found.push(Difference {
            what: named("triggered_at"),
            reported: Shown::Time(told.triggered_at),
            recomputed: Shown::Time(computed.triggered_at),
            why: why("from the file it can go off at a logged sample only, no more than one interval apart"),
        });
    }
    if let (Some(a), Some(b)) = (told.accumulated_s, computed.accumulated_s)
        && a != b
        && told.begin.is_some()
    {
        found.push(Difference {
            what: named("accumulated_s"),
            reported: Shown::Seconds(a),
            recomputed: Shown::Seconds(b),
            why: if_so(
                rule.is_some_and(|rule| reach::of_time(judged, rule, a, b)),
                "the file shows begin and end of each stretch to one interval only",
            ),
        });
    }
    if let (Some(a), Some(b)) = (told.extreme_c, computed.extreme_c)
        && a != b
    {
        found.push(Difference {
            what: named("extreme_c"),
            reported: shown(Some(micro(a))),
            recomputed: shown(Some(micro(b))),
            why: if_so(
                rule.is_some_and(|rule| {
                    reach::of_extreme(&judged.samples, End::beyond(rule.bound), (a, None), b)
                }),
                "the extreme lies between two logged samples, or after the last",
            ),
        });
    }
    found
}

/// An alarm that the readings do not show.
fn missed(judged: &Judged<'_>, told: &AlarmFigure) -> Difference {
    let rule = judged.profile.alarms.iter().find(|rule| rule.id == told.id);
    let why = match (judged.samples.is_empty(), rule, cadence(judged.file)) {
        (true, ..) => NO_SAMPLES.to_owned(),
        (_, Some(rule), Some(cadence)) if is_close(judged, told, rule) => format!(
            "{cadence}: the stretch outlasted the {} allowed by less than one interval, and no logged sample \
             beyond the limit stands after that",
            span(rule.allowance_s)
        ),
        _ => UNEXPLAINED.to_owned(),
    };
    Difference {
        what: format!("alarm {} triggered_at", told.id),
        reported: Shown::Time(told.triggered_at),
        recomputed: Shown::Nothing,
        why,
    }
}

/// Whether it lasted no more than one interval longer than is allowed: too short to be sure of.
fn is_close(judged: &Judged<'_>, alarm: &AlarmFigure, rule: &AlarmRule) -> bool {
    let interval = u64::from(judged.assessment.statistics.interval_s);
    let allowed = u64::from(rule.allowance_s).saturating_add(interval);
    alarm.accumulated_s.is_some_and(|seconds| seconds <= allowed)
}

/// An alarm that the device does not tell.
fn unreported(judged: &Judged<'_>, computed: &AlarmFigure, days: &[DayView]) -> Difference {
    let date = computed.triggered_at.0.at.to_rfc3339_at(computed.triggered_at.0.offset);
    let told_that_day = days
        .iter()
        .filter(|day| date.starts_with(&day.date))
        .any(|day| day.alarms.iter().any(|alarm| alarm.id == computed.id && alarm.triggered_at.is_some()));
    let rule = judged.profile.alarms.iter().find(|rule| rule.id == computed.id);
    let why = match (told_that_day, rule, cadence(judged.file)) {
        (true, ..) => {
            "the device tells one time a day for each alarm: the first, or midnight where it lasts".to_owned()
        }
        (_, Some(rule), Some(cadence)) if is_close(judged, computed, rule) => format!(
            "{cadence}: the stretch outlasted the {} allowed by no more than one interval, and a minute in \
             range between two logged samples starts the device's count again",
            span(rule.allowance_s)
        ),
        _ => UNEXPLAINED.to_owned(),
    };
    Difference {
        what: format!("alarm {} triggered_at", computed.id),
        reported: Shown::Nothing,
        recomputed: Shown::Time(computed.triggered_at),
        why,
    }
}

/// A day's numbers that are more than a tenth of a degree apart.
fn of_day(judged: &Judged<'_>, day: &DayView, samples: &[Sample]) -> Vec<Difference> {
    let Some(computed) = &day.recomputed else { return Vec::new() };
    let at = [day.min_at, day.max_at].map(|at| at.map(|at| at.0.at));
    let logged = Logged { judged, samples, told: [day.min_c, day.max_c], at };
    let extreme = |value: Option<MilliCelsius>| value.map(micro);
    let numbers = [
        ("min_c", extreme(day.min_c), extreme(computed.min_c), Value::Extreme(End::Lowest)),
        ("max_c", extreme(day.max_c), extreme(computed.max_c), Value::Extreme(End::Highest)),
        ("mean_c", extreme(day.mean_c), computed.mean_c, Value::Mean(|numbers| numbers.mean)),
    ];
    let apart = |a: Option<MicroCelsius>, b: Option<MicroCelsius>| {
        a.zip(b).is_some_and(|(a, b)| a.0.abs_diff(b.0) > TENTH.unsigned_abs())
    };
    numbers
        .into_iter()
        .filter(|(_, a, b, _)| apart(*a, *b))
        .filter_map(|(what, a, b, value)| logged.of_value(&format!("{} {what}", day.date), a, b, value))
        .collect()
}
