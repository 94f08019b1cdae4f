//! One stability budget of the profile over a series.

use super::assessor::Piece;
use super::{BudgetState, Carried, Milliseconds, excursion};
use crate::profile::{Budget, Limits};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;

/// Whether a budget judges this value: in its band and outside the limits.
pub(super) fn covers(budget: &Budget, limits: &Limits, value: MilliCelsius) -> bool {
    (budget.from..=budget.to).contains(&value) && excursion::side(limits, value).is_some()
}

/// A budget as the series is read in order of time.
#[derive(Clone, Debug)]
pub(super) struct Spending {
    budget: Budget,
    limits: Limits,
    allowance: u64,
    used: u64,
    worst: u64,
    spent_at: Option<UtcMillis>,
}

impl Spending {
    /// Begins with what was used before, which `carried` names by the budget's identifier.
    pub(super) fn new(budget: &Budget, limits: Limits, carried: &[Carried]) -> Self {
        let allowance = u64::from(budget.allowance_s) * 1000;
        let before = carried.iter().find(|before| before.id == budget.id);
        let (used, worst, spent_at) =
            before.map_or((0, 0, None), |before| (before.used.0, before.used_max.0, before.spent_at));
        Self { budget: budget.clone(), limits, allowance, used, worst, spent_at }
    }

    /// Whether it judges this value.
    pub(super) fn covers(&self, value: MilliCelsius) -> bool {
        covers(&self.budget, &self.limits, value)
    }

    /// Whether any time was or might have been spent in the band.
    pub(super) fn is_used(&self) -> bool {
        self.worst > 0
    }

    pub(super) fn step(&mut self, piece: &Piece<'_>) {
        let in_band = |value| covers(&self.budget, &self.limits, value);
        let before = piece.before.filter(|point| in_band(point.deciding));
        if !piece.proven {
            if before.is_some() || piece.after.is_some_and(|point| in_band(point.deciding)) {
                self.worst = self.worst.saturating_add(piece.length);
            }
        } else if let Some(point) = before {
            let left = self.allowance.saturating_sub(self.used);
            if self.spent_at.is_none() && piece.length > left {
                self.spent_at = Some(UtcMillis(point.time.0.saturating_add_unsigned(left)));
            }
            self.used = self.used.saturating_add(piece.length);
            self.worst = self.worst.saturating_add(piece.length);
        }
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
