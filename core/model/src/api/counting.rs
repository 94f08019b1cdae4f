//! Which of the readings that are shown count for nothing, and where a series reads otherwise than its lines.

use super::{AssessedSeries, ShipmentDetail};
use crate::id::Id;
use crate::record::Placement;
use crate::shipment::Window;
use crate::time::UtcMillis;

/// Whether a reading counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// For a line, or for the shipment beside its lines.
    Counts,
    /// It lies outside pick-up and receipt, or after another organisation took the shipment over.
    Outside,
    /// It lies in between, but its logger was placed nowhere.
    Unplaced,
}

impl ShipmentDetail {
    /// Whether a reading of a logger counts.
    pub fn counting(&self, logger: Id, time: UtcMillis) -> Counting {
        let summary = &self.summary;
        let outside = summary.started.is_some_and(|started| time < started)
            || summary.received.or(self.left).is_some_and(|end| time > end);
        let mut placed = self.placements_of(logger).peekable();
        match (outside, placed.peek().is_none() || placed.any(|one| Window::of(one).counts(time))) {
            (true, _) => Counting::Outside,
            (false, true) => Counting::Counts,
            (false, false) => Counting::Unplaced,
        }
    }

    /// Whether a reading of a series counts.
    pub fn counting_in(&self, series: &AssessedSeries, time: UtcMillis) -> Counting {
        match self.counting(series.logger, time) {
            Counting::Counts if series.window.to.is_some_and(|to| time > to) => Counting::Outside,
            known => known,
        }
    }

    /// How many readings of a series stand so.
    pub fn count_of(&self, series: &AssessedSeries, wanted: Counting) -> usize {
        series.points.iter().filter(|point| self.counting_in(series, point.time) == wanted).count()
    }

    /// Whether lines and shipment may read otherwise than a series as one: its logger was placed for a part of the time
    /// alone, or the shipment stands better than it does.
    pub fn counts_in_parts(&self, series: &AssessedSeries) -> bool {
        let in_part = |placement: &Placement| placement.from.is_some() || placement.to.is_some();
        self.placements_of(series.logger).any(in_part) || series.assessment.verdict > self.summary.verdict
    }

    fn placements_of(&self, logger: Id) -> impl Iterator<Item = &Placement> {
        self.placements.iter().filter(move |placement| placement.logger == logger)
    }
}
