//! What loggers found on a leg: those by which it was watched, and those that nobody placed though others were.

use crate::assess::{Assessment, BudgetState, Carried};
use crate::record::LineSeries;

/// A leg with each series that counts for the line.
pub(super) struct Watched {
    /// By the loggers that were placed.
    pub placed: Found,
    /// By those that nobody placed: beside the others, never in the place of any.
    pub stray: Found,
    /// Whether there is time in which no logger was placed, which the series beside it tell as a gap.
    pub interrupted: bool,
}

/// What some loggers found.
pub(super) struct Found {
    /// By begin, logger and channel.
    pub series: Vec<(LineSeries, Assessment)>,
    /// Of every budget what was used when the goods went on.
    pub after: Vec<Carried>,
}

impl Watched {
    /// Of every budget what was used when the goods went on, by whoever found most.
    pub fn after(&self) -> Vec<Carried> {
        most_of(self.placed.after.clone(), &self.stray.after)
    }

    /// The assessment of every series.
    pub fn assessments(&self) -> impl Iterator<Item = &Assessment> {
        self.placed.assessments().chain(self.stray.assessments())
    }

    /// Every series by begin, logger and channel.
    pub fn into_series(self) -> Vec<(LineSeries, Assessment)> {
        let mut series = self.placed.series;
        series.extend(self.stray.series);
        series.sort_by_key(|(one, _)| (one.window, one.logger, one.channel));
        series
    }
}

impl Found {
    /// The assessment of every series.
    pub fn assessments(&self) -> impl Iterator<Item = &Assessment> {
        self.series.iter().map(|(_, assessment)| assessment)
    }
}

/// Of two states of the same budgets what was used most of each.
pub(super) fn most_of(mut most: Vec<Carried>, other: &[Carried]) -> Vec<Carried> {
    for (one, state) in most.iter_mut().zip(other) {
        worsen(one, state);
    }
    most
}

/// Of every budget the state that has used most.
pub(super) fn furthest<'a>(carried: &[Carried], after: impl Iterator<Item = &'a Assessment>) -> Vec<Carried> {
    let mut most = carried.to_vec();
    for assessment in after {
        for one in &mut most {
            if let Some(state) = assessment.budgets.iter().find(|state| state.id == one.id) {
                let BudgetState { id, used, used_max, spent_at, .. } = state.clone();
                worsen(one, &Carried { id, used, used_max, spent_at });
            }
        }
    }
    most
}

fn worsen(most: &mut Carried, state: &Carried) {
    most.used = most.used.max(state.used);
    most.used_max = most.used_max.max(state.used_max);
    most.used_max = most.used_max.max(most.used);
    most.spent_at = [most.spent_at, state.spent_at].into_iter().flatten().min();
}
