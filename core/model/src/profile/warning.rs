//! What a sound profile is still warned of.

use super::{AlarmRule, Bound, Budget, Profile, Severity};
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
    /// An alarm fires at readings that are in range.
    #[error("the alarm {place} of the list fires at readings that are within the limits")]
    InnerAlarm {
        /// Its place in the list, from one.
        place: usize,
    },
    /// A budget of no time is spent at once.
    #[error("the budget {place} of the list allows no time at all")]
    EmptyBudget {
        /// Its place in the list, from one.
        place: usize,
    },
    /// Two budgets are both charged for the same temperatures.
    #[error("the budgets {one} and {other} of the list overlap: both are charged for the same time")]
    OverlappingBudgets {
        /// The place of the first in the list, from one.
        one: usize,
        /// The place of the second.
        other: usize,
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
            Self::InnerAlarm { .. } => "profile/inner-alarm",
            Self::EmptyBudget { .. } => "profile/empty-budget",
            Self::OverlappingBudgets { .. } => "profile/overlapping-budgets",
            Self::LimitBelowFreezing => "profile/limit-below-freezing",
        }
    }
}

impl Profile {
    /// What to think over, in the order of the fields.
    pub fn warnings(&self) -> Vec<ProfileWarning> {
        let long = (self.interval_s > CDC_INTERVAL_S)
            .then_some(ProfileWarning::LongInterval { interval_s: self.interval_s });
        let inner = (1..).zip(&self.alarms).filter(|(_, alarm)| self.is_inner(alarm));
        let inner = inner.map(|(place, _)| ProfileWarning::InnerAlarm { place });
        let budgets = (1..).zip(&self.budgets).flat_map(|(place, budget)| self.warnings_of(place, budget));
        let freezing = (self.freeze == Some(super::Freeze::Sensitive) && self.limits.min.0 < 0)
            .then_some(ProfileWarning::LimitBelowFreezing);
        long.into_iter().chain(inner).chain(budgets).chain(freezing).collect()
    }

    /// Whether an alarm that decides fires at readings in range; a warning may come early.
    fn is_inner(&self, alarm: &AlarmRule) -> bool {
        let edge = i32::from(alarm.inclusive);
        let within = match alarm.bound {
            Bound::Above => alarm.limit.0.saturating_sub(edge) < self.limits.max.0,
            Bound::Below => alarm.limit.0.saturating_add(edge) > self.limits.min.0,
        };
        within && alarm.severity >= Severity::Alarm
    }

    fn warnings_of(&self, place: usize, budget: &Budget) -> Vec<ProfileWarning> {
        let idle = self.limits.min <= budget.from && budget.to <= self.limits.max;
        let idle = idle.then_some(ProfileWarning::IdleBudget { place });
        let empty = (budget.allowance_s == 0).then_some(ProfileWarning::EmptyBudget { place });
        let before = (1..).zip(&self.budgets).take(place.saturating_sub(1));
        let overlaps = before.filter(|(_, other)| {
            let meet = self.same_limit(other.to, budget.from) || self.same_limit(budget.to, other.from);
            !meet && other.from < budget.to && budget.from < other.to
        });
        let overlaps = overlaps.map(|(one, _)| ProfileWarning::OverlappingBudgets { one, other: place });
        idle.into_iter().chain(empty).chain(overlaps).collect()
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
    fn alarms_that_fire_in_range_and_budgets_of_no_time_or_over_each_other_are_told() {
        let warned = |alarms: &str, budgets: &str| -> Vec<&str> {
            let text = format!(
                r#"{{"limits":{{"min_c":2.0,"max_c":8.0}},"interval_s":600,"alarms":[{alarms}],"budgets":[{budgets}]}}"#
            );
            let profile = Profile::from_json(&text).unwrap();
            profile.warnings().into_iter().map(ProfileWarning::code).collect()
        };
        let alarm = |bound: &str, limit: f64, more: &str| {
            format!(
                r#"{{"id":"a","bound":"{bound}","limit_c":{limit:.1},"mode":"single","allowance_s":0{more}}}"#
            )
        };
        assert_eq!(warned(&alarm("above", 1.0, ""), ""), ["profile/inner-alarm"]);
        assert_eq!(warned(&alarm("below", 3.0, ""), ""), ["profile/inner-alarm"]);
        assert_eq!(warned(&alarm("above", 8.0, r#","inclusive":true"#), ""), ["profile/inner-alarm"]);
        for fine in [
            alarm("above", 8.0, ""),
            alarm("below", 2.0, ""),
            alarm("above", 7.0, r#","severity":"warning""#),
        ] {
            assert!(warned(&fine, "").is_empty(), "{fine}");
        }
        let band = |id: &str, from: f64, to: f64, allowance: u32| {
            format!(r#"{{"id":"{id}","from_c":{from:.1},"to_c":{to:.1},"allowance_s":{allowance}}}"#)
        };
        let (mild, warm, room) =
            (band("m", 8.0, 15.0, 9), band("w", 10.0, 25.0, 9), band("r", 15.0, 25.0, 0));
        assert_eq!(warned("", &format!("{mild},{warm}")), ["profile/overlapping-budgets"]);
        assert_eq!(
            warned("", &format!("{mild},{room}")),
            ["profile/empty-budget"],
            "they meet and overlap nowhere"
        );
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
