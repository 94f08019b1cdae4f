//! One stability budget of the profile over a series.

use super::assessor::Piece;
use super::{BudgetState, Carried, Milliseconds, Sample, excursion};
use crate::profile::{Budget, Limits, Profile};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;

/// The values that a budget judges where they are outside the limits, both ends included.
///
/// Where two bands meet, the edge belongs to the one nearer the limits and is charged once. Where no other
/// band meets it, a band that begins within a guard band reaches to the narrowed limit, so that the mildest
/// warmth is not the one that no budget covers.
fn band(budget: &Budget, profile: &Profile) -> (MilliCelsius, MilliCelsius) {
    let (limits, narrowed) = (profile.limits, profile.effective_limits());
    let Budget { mut from, mut to, .. } = *budget;
    let others = || profile.budgets.iter().filter(|other| other.id != budget.id);
    let ends_at =
        |edge: MilliCelsius| others().map(|other| other.to).find(|to| profile.same_limit(*to, edge));
    let begins_at =
        |edge: MilliCelsius| others().map(|other| other.from).find(|from| profile.same_limit(*from, edge));
    if from > narrowed.max {
        if let Some(edge) = ends_at(from) {
            from = MilliCelsius(edge.0.saturating_add(1));
        } else if from <= limits.max {
            from = narrowed.max;
        }
    }
    if to < narrowed.min {
        if let Some(edge) = begins_at(to) {
            to = MilliCelsius(edge.0.saturating_sub(1));
        } else if to >= limits.min {
            to = narrowed.min;
        }
    }
    (from, to)
}

/// Whether a budget that both profiles have is charged alike under both: it covers the same values, and as long a
/// time between two readings is known.
pub(crate) fn is_charged_alike(budget: &Budget, one: &Profile, other: &Profile) -> bool {
    one.effective_limits() == other.effective_limits()
        && band(budget, one) == band(budget, other)
        && one.interval_s == other.interval_s
}

/// A budget as the series is read in order of time.
#[derive(Clone, Debug)]
pub(super) struct Spending {
    budget: Budget,
    from: MilliCelsius,
    to: MilliCelsius,
    limits: Limits,
    allowance: u64,
    used: u64,
    worst: u64,
    spent_at: Option<UtcMillis>,
}

impl Spending {
    /// Begins with what was used before, which `carried` names by the budget's identifier.
    pub(super) fn new(budget: &Budget, profile: &Profile, carried: &[Carried]) -> Self {
        let (from, to) = band(budget, profile);
        let limits = profile.effective_limits();
        let allowance = u64::from(budget.allowance_s) * 1000;
        let before = carried.iter().find(|before| before.id == budget.id);
        let (used, worst, spent_at) =
            before.map_or((0, 0, None), |before| (before.used.0, before.used_max.0, before.spent_at));
        Self { budget: budget.clone(), from, to, limits, allowance, used, worst, spent_at }
    }

    /// Whether it judges this value: in its band and outside the limits.
    pub(super) fn covers(&self, value: MilliCelsius) -> bool {
        (self.from..=self.to).contains(&value) && excursion::side(&self.limits, value).is_some()
    }

    /// Whether any time was or might have been spent in the band.
    pub(super) fn is_used(&self) -> bool {
        self.worst > 0
    }

    pub(super) fn step(&mut self, piece: &Piece<'_>) {
        let before = piece.before.filter(|point| self.covers(point.deciding));
        if !piece.proven {
            if before.is_some() || piece.after.is_some_and(|point| self.covers(point.deciding)) {
                self.worst = self.worst.saturating_add(piece.length);
            }
        } else if let Some(point) = before {
            self.spend(point.time, piece.length);
        }
    }

    /// [`Self::step`] through intervals that are data and equally long in milliseconds, by the samples at their begins.
    pub(super) fn step_evenly<S: Iterator<Item = Sample>>(&mut self, begins: impl Fn() -> S, length: u64) {
        let covered = begins().filter(|sample| self.covers(sample.value)).count() as u64;
        let time = covered.saturating_mul(length);
        if self.spent_at.is_some() || time <= self.allowance.saturating_sub(self.used) {
            self.used = self.used.saturating_add(time);
            self.worst = self.worst.saturating_add(time);
            return;
        }
        for Sample { time, value } in begins() {
            if self.covers(value) {
                self.spend(time, length);
            }
        }
    }

    /// Time from an instant on, in milliseconds, in the band.
    fn spend(&mut self, from: UtcMillis, length: u64) {
        let left = self.allowance.saturating_sub(self.used);
        if self.spent_at.is_none() && length > left {
            self.spent_at = Some(UtcMillis(from.0.saturating_add_unsigned(left)));
        }
        self.used = self.used.saturating_add(length);
        self.worst = self.worst.saturating_add(length);
    }

    pub(super) fn is_spent(&self) -> bool {
        self.spent_at.is_some()
    }

    /// Whether it is not spent but might be, in the gaps.
    pub(super) fn might_be_spent(&self) -> bool {
        !self.is_spent() && self.worst > self.allowance
    }

    pub(super) fn state(&self) -> BudgetState {
        BudgetState {
            id: self.budget.id.clone(),
            allowance_s: self.budget.allowance_s,
            used: Milliseconds(self.used),
            used_max: Milliseconds(self.worst),
            spent_at: self.spent_at,
        }
    }
}
