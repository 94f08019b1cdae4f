//! What makes a profile sound.

use super::energy::{LARGEST_ENERGY, SMALLEST_ENERGY};
use super::{KineticRule, Profile, ProfileError};
use crate::units::{ABSOLUTE_ZERO, MilliCelsius};
use std::collections::BTreeSet;

/// The longest logging interval: one day, in seconds.
pub const LONGEST_INTERVAL_S: u32 = 86_400;
/// The longest name, in bytes.
pub const LONGEST_NAME: usize = 200;
/// The longest identifier of an alarm or a budget, in bytes.
pub const LONGEST_ID: usize = 64;
/// The most alarms, and the most budgets, in one profile.
pub const MOST_RULES: usize = 64;

/// The coldest that a limit or a unit is taken for: SensorPush tells temperatures from −200 °C on, the coldest of all
/// loggers that Firn reads, and liquid nitrogen boils at −195.8 °C.
pub const COLDEST_MEASURED: MilliCelsius = MilliCelsius(-200_000);
/// The warmest likewise: no goods that these rules judge are kept or carried above 200 °C.
pub const WARMEST_MEASURED: MilliCelsius = MilliCelsius(200_000);

impl Profile {
    /// Finds the first thing wrong, in the order of the fields; reading JSON and CBOR ends with it.
    pub fn check(&self) -> Result<(), ProfileError> {
        if self.name.len() > LONGEST_NAME || self.name.chars().any(char::is_control) {
            return Err(ProfileError::Name);
        }
        if self.version == 0 {
            return Err(ProfileError::Version);
        }
        temperature("limits.min_c", self.limits.min)?;
        temperature("limits.max_c", self.limits.max)?;
        if self.limits.min > self.limits.max {
            return Err(ProfileError::LimitsReversed);
        }
        if !(1..=LONGEST_INTERVAL_S).contains(&self.interval_s) {
            return Err(ProfileError::Interval { interval_s: self.interval_s });
        }
        self.check_alarms()?;
        self.check_budgets()?;
        self.mkt.as_ref().map_or(Ok(()), check_kinetic)?;
        let narrowed = self.effective_limits();
        if self.guard_band.0 < 0 || narrowed.min > narrowed.max {
            return Err(ProfileError::GuardBand);
        }
        super::condition::check(&self.conditions)
    }

    /// Whether a logger could measure the limits and alarms, beyond being sound: asked of what people write, while
    /// what was signed is read as it is. A lower limit of absolute zero is none.
    ///
    /// # Errors
    /// [`ProfileError::Unmeasured`] beyond [`COLDEST_MEASURED`] and [`WARMEST_MEASURED`].
    pub fn check_measured(&self) -> Result<(), ProfileError> {
        if self.limits.min != ABSOLUTE_ZERO {
            measured("limits.min_c", self.limits.min)?;
        }
        measured("limits.max_c", self.limits.max)?;
        let mut alarms = self.alarms.iter().enumerate();
        alarms.try_for_each(|(index, alarm)| measured(&format!("alarms[{index}].limit_c"), alarm.limit))
    }

    fn check_alarms(&self) -> Result<(), ProfileError> {
        unique("alarms", self.alarms.iter().map(|alarm| alarm.id.as_str()))?;
        for (index, alarm) in self.alarms.iter().enumerate() {
            temperature(&format!("alarms[{index}].limit_c"), alarm.limit)?;
        }
        Ok(())
    }

    fn check_budgets(&self) -> Result<(), ProfileError> {
        unique("budgets", self.budgets.iter().map(|budget| budget.id.as_str()))?;
        for (index, budget) in self.budgets.iter().enumerate() {
            temperature(&format!("budgets[{index}].from_c"), budget.from)?;
            temperature(&format!("budgets[{index}].to_c"), budget.to)?;
            if budget.from >= budget.to {
                return Err(ProfileError::BandReversed { path: format!("budgets[{index}]") });
            }
        }
        Ok(())
    }
}

fn check_kinetic(rule: &KineticRule) -> Result<(), ProfileError> {
    if !(SMALLEST_ENERGY..=LARGEST_ENERGY).contains(&rule.delta_h) {
        return Err(ProfileError::ActivationEnergy);
    }
    match (rule.limit, rule.window_h) {
        (None, None) => Ok(()),
        (Some(limit), Some(24 | 720)) => temperature("mkt.limit_c", limit),
        (Some(_), Some(window_h)) => Err(ProfileError::Window { window_h }),
        _ => Err(ProfileError::HalfKineticLimit),
    }
}

fn temperature(path: &str, value: MilliCelsius) -> Result<(), ProfileError> {
    if (ABSOLUTE_ZERO.0..=1_000_000).contains(&value.0) {
        Ok(())
    } else {
        Err(ProfileError::Temperature { path: path.to_owned(), value_mc: value.0 })
    }
}

fn measured(path: &str, value: MilliCelsius) -> Result<(), ProfileError> {
    if (COLDEST_MEASURED..=WARMEST_MEASURED).contains(&value) {
        Ok(())
    } else {
        Err(ProfileError::Unmeasured { path: path.to_owned(), value_mc: value.0 })
    }
}

fn unique<'a>(list: &str, ids: impl ExactSizeIterator<Item = &'a str>) -> Result<(), ProfileError> {
    if ids.len() > MOST_RULES {
        return Err(ProfileError::TooMany { path: list.to_owned() });
    }
    let mut seen = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        let path = format!("{list}[{index}].id");
        if id.is_empty() || id.len() > LONGEST_ID || id.chars().any(char::is_control) {
            return Err(ProfileError::Identifier { path });
        }
        if !seen.insert(id) {
            return Err(ProfileError::DuplicateIdentifier { path, id: id.to_owned() });
        }
    }
    Ok(())
}
