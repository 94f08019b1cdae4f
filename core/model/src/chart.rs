//! Drawing a series: fewer points than readings, without losing an extreme or bridging a gap.

use crate::api::Point;
use crate::time::UtcMillis;

/// The stretch of time that a chart shows; readings outside it are not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its left edge.
    pub from: UtcMillis,
    /// Its right edge.
    pub to: UtcMillis,
}

/// Readings without a gap among them, drawn as one line; between two runs there is no data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Ascending in time; every one is a reading, none is invented.
    pub points: Vec<Point>,
}

/// Thins `points` (ascending in time) for a chart `columns` wide.
///
/// Of the readings of a run in one column the first, the lowest, the highest and the last stay: the
/// line through them covers the same columns as the line through all (M4 aggregation, Jugel et al.
/// 2014). A run ends where the next reading is more than 1.5 × `interval_s` away, as in the assessment
/// (`firn-assess-1`, rule c).
pub fn decimate(points: &[Point], window: Window, columns: u32, interval_s: u32) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut cell: Option<Cell> = None;
    for point in points.iter().filter(|point| window.holds(point.time)) {
        let column = window.column(point.time, columns);
        match &mut cell {
            Some(open) if is_gap(open.last, *point, interval_s) => {
                flush(&mut runs, cell.take());
                runs.push(Run { points: Vec::new() });
                cell = Some(Cell::new(column, *point));
            }
            Some(open) if open.column == column => open.take(*point),
            _ => {
                flush(&mut runs, cell.take());
                cell = Some(Cell::new(column, *point));
            }
        }
    }
    flush(&mut runs, cell);
    runs
}

fn is_gap(before: Point, after: Point, interval_s: u32) -> bool {
    let spacing = i128::from(after.time.0) - i128::from(before.time.0);
    spacing * 2 > i128::from(interval_s) * 3 * 1000
}

fn flush(runs: &mut Vec<Run>, cell: Option<Cell>) {
    let Some(cell) = cell else { return };
    match runs.last_mut() {
        Some(run) => cell.draw(&mut run.points),
        None => {
            let mut points = Vec::new();
            cell.draw(&mut points);
            runs.push(Run { points });
        }
    }
}

impl Window {
    fn holds(self, time: UtcMillis) -> bool {
        (self.from..=self.to).contains(&time)
    }

    /// In which of `columns` equal parts `time` lies, counted from zero.
    fn column(self, time: UtcMillis, columns: u32) -> u32 {
        let width = (i128::from(self.to.0) - i128::from(self.from.0)).max(1);
        let column = (i128::from(time.0) - i128::from(self.from.0)) * i128::from(columns) / width;
        u32::try_from(column).unwrap_or(0).min(columns.saturating_sub(1))
    }
}

/// What stays of the readings of one run in one column.
struct Cell {
    column: u32,
    first: Point,
    lowest: Point,
    highest: Point,
    last: Point,
}

impl Cell {
    fn new(column: u32, point: Point) -> Self {
        Self { column, first: point, lowest: point, highest: point, last: point }
    }

    fn take(&mut self, point: Point) {
        if point.value < self.lowest.value {
            self.lowest = point;
        }
        if point.value > self.highest.value {
            self.highest = point;
        }
        self.last = point;
    }

    fn draw(&self, line: &mut Vec<Point>) {
        let (early, late) = if self.lowest.time <= self.highest.time {
            (self.lowest, self.highest)
        } else {
            (self.highest, self.lowest)
        };
        for point in [self.first, early, late, self.last] {
            if line.last() != Some(&point) {
                line.push(point);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::MilliCelsius;
    use proptest::prelude::*;

    fn point(second: i64, value: i32) -> Point {
        Point { time: UtcMillis(second * 1000), value: MilliCelsius(value) }
    }

    fn window(to_s: i64) -> Window {
        Window { from: UtcMillis(0), to: UtcMillis(to_s * 1000) }
    }

    #[test]
    fn a_spike_of_one_reading_among_thousands_stays_visible() {
        let mut points: Vec<Point> = (0..10_000).map(|n| point(n * 60, 5000)).collect();
        points[4321].value = MilliCelsius(8005);
        let runs = decimate(&points, window(10_000 * 60), 100, 60);
        assert_eq!(runs.len(), 1);
        assert!(runs[0].points.contains(&point(4321 * 60, 8005)));
        assert!(runs[0].points.len() <= 400);
    }

    #[test]
    fn a_gap_is_never_bridged() {
        let points = [point(0, 5000), point(600, 5100), point(1501, 5200), point(2101, 5300)];
        let runs = decimate(&points, window(3000), 10, 600);
        let lines: Vec<_> = runs.iter().map(|run| run.points.as_slice()).collect();
        assert_eq!(lines, [&points[..2], &points[2..]]);
        // Exactly 1.5 intervals are no gap.
        let points = [point(0, 5000), point(900, 5100)];
        assert_eq!(decimate(&points, window(3000), 10, 600).len(), 1);
    }

    #[test]
    fn a_single_reading_and_none_at_all_are_drawn_as_such() {
        assert_eq!(decimate(&[], window(10), 10, 600), []);
        assert_eq!(decimate(&[point(5, 1)], window(10), 10, 600), [Run { points: vec![point(5, 1)] }]);
        assert_eq!(decimate(&[point(5, 1)], window(4), 10, 600), []);
    }

    proptest! {
        #[test]
        fn the_drawn_points_are_readings_and_keep_every_extreme(
            spacings in prop::collection::vec((0_i64..2000, -5000_i32..12_000), 1..400),
            columns in 0_u32..50,
        ) {
            let mut time = 0;
            let points: Vec<Point> = spacings
                .iter()
                .map(|(spacing, value)| {
                    time += spacing;
                    point(time, *value)
                })
                .collect();
            let runs = decimate(&points, window(time.max(1)), columns, 600);
            let drawn: Vec<Point> = runs.iter().flat_map(|run| run.points.clone()).collect();
            prop_assert!(drawn.iter().all(|drawn| points.contains(drawn)));
            prop_assert!(drawn.is_sorted_by_key(|point| point.time));
            prop_assert_eq!(drawn.iter().map(|p| p.value).max(), points.iter().map(|p| p.value).max());
            prop_assert_eq!(drawn.iter().map(|p| p.value).min(), points.iter().map(|p| p.value).min());
            prop_assert_eq!(drawn.first(), points.first());
            prop_assert_eq!(drawn.last(), points.last());
            let gaps = points.windows(2).filter(|pair| is_gap(pair[0], pair[1], 600)).count();
            prop_assert_eq!(runs.len(), gaps + 1);
        }
    }
}
