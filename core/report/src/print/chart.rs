//! A chart in fractions of its width and height: what is drawn where, and at which ticks.

use super::text;
use firn_model::api::Point;
use firn_model::chart::{Window, decimate};
use firn_model::time::{UtcMillis, UtcOffset};
use firn_model::units::MilliCelsius;
use serde::Serialize;

/// How many columns a printed chart tells apart: 142 mm at about 180 a inch.
const COLUMNS: u32 = 1000;

/// The most steps along the time axis.
const MOST_TIMES: i64 = 8;

/// Steps of the time axis in seconds: minutes, hours, days, weeks.
const TIME_STEPS: [i64; 18] = [
    1, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
    2_419_200, 31_536_000,
];

/// What a chart is drawn from.
pub(super) struct Drawing<'a> {
    pub(super) points: &'a [Point],
    pub(super) interval_s: u32,
    /// The span that counts, where it is known.
    pub(super) counted: (Option<UtcMillis>, Option<UtcMillis>),
    /// Limits with their wording; true for the upper one.
    pub(super) limits: Vec<(MilliCelsius, bool, String)>,
    /// From, to, and whether above.
    pub(super) excursions: Vec<(UtcMillis, UtcMillis, bool)>,
    pub(super) gaps: Vec<(UtcMillis, UtcMillis)>,
    pub(super) triggers: Vec<(UtcMillis, String)>,
    pub(super) marks: Vec<(UtcMillis, String)>,
    pub(super) offset: UtcOffset,
}

/// A chart; all positions are fractions from the left and from the bottom.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chart {
    /// Lines through the readings, each an unbroken stretch.
    pub runs: Vec<Vec<(f64, f64)>>,
    /// Limits across the chart.
    pub limits: Vec<Level>,
    /// Stretches out of range.
    pub excursions: Vec<Stretch>,
    /// Stretches without data.
    pub gaps: Vec<Stretch>,
    /// Stretches that do not count.
    pub uncounted: Vec<Stretch>,
    /// Where alarms fired.
    pub triggers: Vec<Tick>,
    /// Pick-up and receipt.
    pub marks: Vec<Tick>,
    /// The axis of temperatures, in °C.
    pub values: Vec<Tick>,
    /// The axis of local time.
    pub times: Vec<Tick>,
}

/// A horizontal line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Level {
    /// Its height.
    pub at: f64,
    /// Whether too warm lies beyond it.
    pub above: bool,
    /// Its wording.
    pub label: String,
}

/// A vertical band.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stretch {
    /// Its left edge.
    pub from: f64,
    /// Its right edge.
    pub to: f64,
    /// Whether it is too warm; false also where that is no question.
    pub above: bool,
}

/// A labelled place on an axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tick {
    /// Where.
    pub at: f64,
    /// Its wording.
    pub label: String,
}

/// Draws; `None` where there is no reading.
pub(super) fn chart(drawing: &Drawing<'_>) -> Option<Chart> {
    let (first, last) = (drawing.points.first()?.time, drawing.points.last()?.time);
    let known = |at: Option<UtcMillis>| at.into_iter();
    let from = known(drawing.counted.0).chain([first]).min()?;
    let to = known(drawing.counted.1).chain([last]).max()?.max(UtcMillis(from.0.saturating_add(1000)));
    let frame = Frame { window: Window { from, to }, values: value_range(drawing)? };
    let stretch = |from, to, above| Stretch { from: frame.x(from), to: frame.x(to), above };
    let runs = decimate(drawing.points, frame.window, COLUMNS, drawing.interval_s);
    let uncounted = known(drawing.counted.0)
        .map(|start| (from, start))
        .chain(known(drawing.counted.1).map(|end| (end, to)))
        .filter(|(from, to)| from < to);
    let tick = |(at, label): &(UtcMillis, String)| Tick { at: frame.x(*at), label: label.clone() };
    Some(Chart {
        runs: runs.iter().map(|run| run.points.iter().map(|point| frame.place(*point)).collect()).collect(),
        limits: drawing
            .limits
            .iter()
            .map(|(limit, above, label)| Level { at: frame.y(*limit), above: *above, label: label.clone() })
            .collect(),
        excursions: drawing.excursions.iter().map(|(from, to, above)| stretch(*from, *to, *above)).collect(),
        gaps: drawing.gaps.iter().map(|(from, to)| stretch(*from, *to, false)).collect(),
        uncounted: uncounted.map(|(from, to)| stretch(from, to, false)).collect(),
        triggers: drawing.triggers.iter().map(tick).collect(),
        marks: drawing.marks.iter().map(tick).collect(),
        values: value_ticks(&frame),
        times: time_ticks(&frame, drawing.offset),
    })
}

/// The rectangle of time and temperature that a chart shows.
struct Frame {
    window: Window,
    values: (i64, i64),
}

impl Frame {
    fn x(&self, at: UtcMillis) -> f64 {
        fraction(at.0.saturating_sub(self.window.from.0), self.window.to.0.saturating_sub(self.window.from.0))
    }

    fn y(&self, value: MilliCelsius) -> f64 {
        fraction(
            i64::from(value.0).saturating_sub(self.values.0),
            self.values.1.saturating_sub(self.values.0),
        )
    }

    fn place(&self, point: Point) -> (f64, f64) {
        (self.x(point.time), self.y(point.value))
    }
}

/// Part of whole in millionths, held between 0 and 1.
fn fraction(part: i64, whole: i64) -> f64 {
    let millionths = i128::from(part) * 1_000_000 / i128::from(whole.max(1));
    millionths.clamp(0, 1_000_000) as f64 / 1e6
}

/// From the lowest to the highest of readings and limits, widened by a tenth and at least half a degree.
fn value_range(drawing: &Drawing<'_>) -> Option<(i64, i64)> {
    let readings = drawing.points.iter().map(|point| i64::from(point.value.0));
    let limits = drawing.limits.iter().map(|(limit, _, _)| i64::from(limit.0));
    let all = readings.chain(limits);
    let (low, high) = (all.clone().min()?, all.max()?);
    let margin = ((high - low) / 10).max(500);
    Some((low - margin, high + margin))
}

fn value_ticks(frame: &Frame) -> Vec<Tick> {
    let (low, high) = frame.values;
    let step = [200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000]
        .into_iter()
        .find(|step| (high - low) / step <= 8)
        .unwrap_or(200_000);
    ticks(low, high, step)
        .filter_map(|value| i32::try_from(value).ok())
        .map(|value| Tick { at: frame.y(MilliCelsius(value)), label: text::degrees(MilliCelsius(value)) })
        .collect()
}

/// Ticks on round local times; the date stands at the first and wherever it changes.
fn time_ticks(frame: &Frame, offset: UtcOffset) -> Vec<Tick> {
    let shift = i64::from(offset.0);
    let (from, to) =
        (frame.window.from.0.div_euclid(1000) + shift, frame.window.to.0.div_euclid(1000) + shift);
    let step = TIME_STEPS.into_iter().find(|step| (to - from) / step <= MOST_TIMES).unwrap_or(315_360_000);
    let mut date = String::new();
    ticks(from, to, step)
        .map(|local| {
            let at = UtcMillis((local - shift).saturating_mul(1000));
            let text = text::local(at, offset);
            let (day, time) = text.split_once(' ').unwrap_or((&text, ""));
            let time = if step < 60 { time } else { time.get(..5).unwrap_or(time) };
            let label = if day == date { time.to_owned() } else { format!("{time} {day}") };
            date = day.to_owned();
            Tick { at: frame.x(at), label }
        })
        .collect()
}

/// The multiples of `step` from `low` to `high`.
fn ticks(low: i64, high: i64, step: i64) -> impl Iterator<Item = i64> {
    let first = low.div_euclid(step).saturating_add(i64::from(low.rem_euclid(step) != 0));
    (first..=high.div_euclid(step)).take(100).map(move |count| count.saturating_mul(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(points: &[Point]) -> Drawing<'_> {
        Drawing {
            points,
            interval_s: 600,
            counted: (None, None),
            limits: vec![(MilliCelsius(2000), false, "2".into()), (MilliCelsius(8000), true, "8".into())],
            excursions: Vec::new(),
            gaps: Vec::new(),
            triggers: Vec::new(),
            marks: Vec::new(),
            offset: UtcOffset(3600),
        }
    }

    fn point(second: i64, value: i32) -> Point {
        Point { time: UtcMillis(second * 1000), value: MilliCelsius(value) }
    }

    #[test]
    fn without_a_reading_there_is_no_chart() {
        assert_eq!(chart(&drawing(&[])), None);
    }

    #[test]
    fn one_reading_is_a_dot_and_both_limits_are_in_the_picture() {
        let chart = chart(&drawing(&[point(0, 5000)])).unwrap();
        assert_eq!(chart.runs.len(), 1);
        assert_eq!(chart.runs[0].len(), 1);
        assert!(chart.limits.iter().all(|limit| limit.at > 0.0 && limit.at < 1.0));
    }

    #[test]
    fn the_time_axis_stands_on_round_local_times_and_names_each_day_once() {
        let points: Vec<Point> = (0..=144).map(|n| point(n * 600, 5000)).collect();
        let labels: Vec<String> =
            chart(&drawing(&points)).unwrap().times.into_iter().map(|tick| tick.label).collect();
        assert_eq!(
            labels,
            ["03:00 1970-01-01", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00 1970-01-02"]
        );
    }

    #[test]
    fn what_lies_outside_the_counted_span_is_shown_and_marked() {
        let points = [point(0, 5000), point(600, 5000), point(1200, 5000)];
        let mut drawing = drawing(&points);
        drawing.counted = (Some(UtcMillis(600_000)), Some(UtcMillis(1_200_000)));
        let chart = chart(&drawing).unwrap();
        assert_eq!(chart.uncounted, [Stretch { from: 0.0, to: 0.5, above: false }]);
        assert_eq!(chart.runs[0].len(), 3);
    }
}
