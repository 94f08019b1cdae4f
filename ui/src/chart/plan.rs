//! What a chart draws and where, in pixels: a pure function of a series, its limits and a size.

use super::axis::{self, TimeTick};
use firn_model::api::{AssessedSeries, Point};
use firn_model::chart::{Window, decimate};
use firn_model::profile::{Bound, Limits};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;

/// Room for the labels of the axes, in pixels.
const LEFT: f64 = 44.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 30.0;

/// The narrowest a shaded stretch may be, so that a single reading out of range is seen.
const NARROWEST: f64 = 3.0;

/// The width that a label of the time axis needs.
const TIME_LABEL: f64 = 84.0;

/// The part of the picture that readings are drawn in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Area {
    pub(crate) fn width(self) -> f64 {
        (self.right - self.left).max(1.0)
    }

    pub(crate) fn height(self) -> f64 {
        (self.bottom - self.top).max(1.0)
    }
}

/// From time and temperature to pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub area: Area,
    window: Window,
    low: MilliCelsius,
    high: MilliCelsius,
}

impl Scale {
    pub(crate) fn x(&self, time: UtcMillis) -> f64 {
        let span = self.window.to.0.saturating_sub(self.window.from.0).max(1) as f64;
        let passed = time.0.saturating_sub(self.window.from.0) as f64;
        self.area.left + self.area.width() * (passed / span).clamp(0.0, 1.0)
    }

    pub(crate) fn y(&self, value: MilliCelsius) -> f64 {
        let span = f64::from(self.high.0.saturating_sub(self.low.0).max(1));
        let above = f64::from(value.0.saturating_sub(self.low.0));
        self.area.bottom - self.area.height() * (above / span).clamp(0.0, 1.0)
    }

    /// The reading nearest to a place on the picture.
    pub(crate) fn nearest(&self, points: &[Point], x: f64) -> Option<usize> {
        let after = points.partition_point(|point| self.x(point.time) < x);
        let distance = |index: &usize| points.get(*index).map(|point| (self.x(point.time) - x).abs());
        [after.checked_sub(1), Some(after)]
            .into_iter()
            .flatten()
            .filter(|index| *index < points.len())
            .min_by(|a, b| distance(a).partial_cmp(&distance(b)).unwrap_or(std::cmp::Ordering::Equal))
    }
}

/// A stretch of time on the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub x: f64,
    pub width: f64,
}

/// A stretch out of range: from the limit to the edge of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OutStretch {
    pub bound: Bound,
    pub stretch: Stretch,
    pub y: f64,
    pub height: f64,
}

/// Everything that a chart draws.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub scale: Scale,
    /// The band within the limits: its upper and lower edge.
    pub band: (f64, f64),
    /// The limits that are drawn, with where.
    pub limits: Vec<(f64, MilliCelsius)>,
    /// One line for each run of readings without a gap, as the points of an SVG polyline.
    pub lines: Vec<String>,
    /// Runs of a single reading.
    pub dots: Vec<(f64, f64)>,
    pub excursions: Vec<OutStretch>,
    pub gaps: Vec<Stretch>,
    pub times: Vec<(f64, TimeTick)>,
    pub values: Vec<(f64, MilliCelsius)>,
}

/// Plans the chart of a series in `width` × `height` pixels; local time is `offset_ms` east of UTC.
///
/// Absent where the series has no reading.
pub(crate) fn plan(
    series: &AssessedSeries,
    limits: Limits,
    (width, height): (f64, f64),
    offset_ms: i64,
) -> Option<Plan> {
    let window = window(series)?;
    let (low, high) = values(series, limits)?;
    let area = Area { left: LEFT, top: TOP, right: (width - RIGHT).max(LEFT + 1.0), bottom: height - BOTTOM };
    let scale = Scale { area, window, low, high };
    let columns = area.width() as u32;
    let runs = decimate(&series.points, window, columns, series.interval_s);
    let place = |point: &Point| (scale.x(point.time), scale.y(point.value));
    let most = (area.width() / TIME_LABEL) as usize;
    Some(Plan {
        band: (scale.y(limits.max), scale.y(limits.min)),
        limits: [limits.max, limits.min]
            .into_iter()
            .filter(|limit| (low..=high).contains(limit))
            .map(|limit| (scale.y(limit), limit))
            .collect(),
        lines: runs
            .iter()
            .filter(|run| run.points.len() > 1)
            .map(|run| polyline(&scale, &run.points))
            .collect(),
        dots: runs
            .iter()
            .filter(|run| run.points.len() == 1)
            .flat_map(|run| run.points.iter().map(place))
            .collect(),
        excursions: excursions(series, limits, &scale),
        gaps: series.assessment.gaps.iter().map(|gap| stretch(&scale, gap.from, gap.to)).collect(),
        times: axis::time_ticks(window.from, window.to, most, offset_ms)
            .into_iter()
            .map(|tick| (scale.x(tick.at), tick))
            .collect(),
        values: axis::value_ticks(low, high, 5).into_iter().map(|value| (scale.y(value), value)).collect(),
        scale,
    })
}

/// From the first to the last of readings and gaps.
fn window(series: &AssessedSeries) -> Option<Window> {
    let (first, last) = (series.points.first()?.time, series.points.last()?.time);
    let gaps = &series.assessment.gaps;
    let from = gaps.iter().map(|gap| gap.from).chain([first]).min()?;
    let to = gaps.iter().map(|gap| gap.to).chain([last]).max()?;
    Some(Window { from, to: to.max(from.plus_seconds(60)) })
}

/// From the lowest to the highest of readings and limits, with a margin; an absent limit does not count.
fn values(series: &AssessedSeries, limits: Limits) -> Option<(MilliCelsius, MilliCelsius)> {
    let bounds = [Some(limits.max), (!crate::wording::has_no_lower_limit(limits)).then_some(limits.min)];
    let shown = || series.points.iter().map(|point| point.value).chain(bounds.into_iter().flatten());
    let (low, high) = (shown().min()?, shown().max()?);
    let margin = (high.0.saturating_sub(low.0) / 10).max(500);
    Some((MilliCelsius(low.0.saturating_sub(margin)), MilliCelsius(high.0.saturating_add(margin))))
}

fn polyline(scale: &Scale, points: &[Point]) -> String {
    let places = points.iter().map(|point| format!("{:.1},{:.1}", scale.x(point.time), scale.y(point.value)));
    places.collect::<Vec<_>>().join(" ")
}

fn stretch(scale: &Scale, from: UtcMillis, to: UtcMillis) -> Stretch {
    let (x, end) = (scale.x(from), scale.x(to));
    Stretch { x: x.min(scale.area.right - NARROWEST), width: (end - x).max(NARROWEST) }
}

fn excursions(series: &AssessedSeries, limits: Limits, scale: &Scale) -> Vec<OutStretch> {
    let last = scale.window.to;
    let place = |bound: Bound, begin, end: Option<UtcMillis>| {
        let (y, bottom) = match bound {
            Bound::Above => (scale.area.top, scale.y(limits.max)),
            Bound::Below => (scale.y(limits.min), scale.area.bottom),
        };
        let stretch = stretch(scale, begin, end.unwrap_or(last));
        OutStretch { bound, stretch, y, height: (bottom - y).max(0.0) }
    };
    series.assessment.excursions.iter().map(|out| place(out.bound, out.begin, out.end)).collect()
}

#[cfg(test)]
mod tests;
