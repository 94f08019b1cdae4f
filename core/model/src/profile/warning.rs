//! What a sound profile is still warned of.

use super::Profile;
use serde::Serialize;

/// The longest logging interval in seconds that CDC asks of a vaccine logger (Vaccine Storage and
/// Handling Toolkit, digital data loggers: at least every 30 minutes).
const CDC_INTERVAL_S: u32 = 1800;

/// Something to think over before a profile is used; it is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub enum ProfileWarning {
    /// The logging interval is longer than a vaccine programme may accept.
    #[error("an interval of {interval_s} s is longer than the 30 minutes that CDC asks of a vaccine logger")]
    LongInterval {
        /// The interval.
        interval_s: u32,
    },
    /// A budget's band lies within the limits, where it has nothing to count.
    #[error("the budget {place} of the list covers nothing: its band lies within the limits")]
    IdleBudget {
        /// Its place in the list, from one.
        place: usize,
    },
    /// Goods that freezing damages may be colder than 0 °C by the limits.
    #[error("the lower limit lies below 0 °C, and the goods are said to be damaged by freezing")]
    LimitBelowFreezing,
}

impl ProfileWarning {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::LongInterval { .. } => "profile/long-interval",
            Self::IdleBudget { .. } => "profile/idle-budget",
            Self::LimitBelowFreezing => "profile/limit-below-freezing",
        }
    }
}

impl Profile {
    /// What to think over, in the order of the fields.
    pub fn warnings(&self) -> Vec<ProfileWarning> {
        let long = (self.interval_s > CDC_INTERVAL_S)
            .then_some(ProfileWarning::LongInterval { interval_s: self.interval_s });
        let idle = self.budgets.iter().enumerate().filter_map(|(index, budget)| {
            let within = self.limits.min <= budget.from && budget.to <= self.limits.max;
            within.then_some(ProfileWarning::IdleBudget { place: index.saturating_add(1) })
        });
        let freezing = (self.freeze == Some(super::Freeze::Sensitive) && self.limits.min.0 < 0)
            .then_some(ProfileWarning::LimitBelowFreezing);
        long.into_iter().chain(idle).chain(freezing).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::builtin;

    #[test]
    fn no_built_in_profile_is_warned_of() {
        for preset in builtin() {
            assert_eq!(preset.profile.warnings(), [], "{}", preset.key);
        }
    }

    #[test]
    fn an_hourly_interval_an_idle_budget_and_a_frosty_limit_are_told() {
        let profile = Profile::from_json(
            r#"{"limits":{"min_c":-1.0,"max_c":8.0},"interval_s":3600,"freeze":"sensitive",
                "budgets":[{"id":"a","from_c":8.0,"to_c":9.0,"allowance_s":1},
                           {"id":"b","from_c":2.0,"to_c":8.0,"allowance_s":1}]}"#,
        );
        let codes: Vec<_> = profile.unwrap().warnings().into_iter().map(ProfileWarning::code).collect();
        assert_eq!(codes, ["profile/long-interval", "profile/idle-budget", "profile/limit-below-freezing"]);
    }
}
