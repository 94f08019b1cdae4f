//! A limit on something other than temperature, and its JSON.

use super::{AlarmMode, Bound, ProfileError};
use crate::reading::Quantity;
use crate::units::RelativeHumidity;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most that a limit may ask for: every counter, pressure and voltage of a logger lies below it.
const LARGEST: i32 = 10_000_000;

/// So much, or so long beyond such a limit, is out; it never bears on the verdict about temperatures.
///
/// In JSON it names its unit: `min_pct` and `max_pct` of humidity, `min_pa` and `max_pa` of pressure,
/// `max_count` of movement, `max_mg` of acceleration, `min_mv` and `min_pct` of a battery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
#[cbor(map)]
pub struct ConditionLimit {
    /// Of what; never temperature.
    #[n(1)]
    pub quantity: Quantity,
    /// The lowest value in limits, in the quantity's unit.
    #[n(2)]
    pub low: Option<i32>,
    /// The highest value in limits; of movement the most that may be counted from the first reading on.
    #[n(3)]
    pub high: Option<i32>,
    /// The time beyond the limits at which it is out, in seconds; 0: at the first reading beyond them.
    #[n(4)]
    pub allowance_s: u32,
    /// How the time beyond the limits adds up.
    #[n(5)]
    pub mode: AlarmMode,
}

impl ConditionLimit {
    /// How far a value lies beyond the limits, and on which side; absent in limits.
    pub fn beyond(&self, value: i32) -> Option<(Bound, u64)> {
        let over = |limit: i32| i64::from(value).abs_diff(i64::from(limit));
        match (self.low, self.high) {
            (_, Some(high)) if value > high => Some((Bound::Above, over(high))),
            (Some(low), _) if value < low => Some((Bound::Below, over(low))),
            _ => None,
        }
    }

    /// Finds the first thing wrong; `path` names the limit as in the JSON.
    fn check(&self, path: &str) -> Result<(), ProfileError> {
        let path = || path.to_owned();
        let (low, high) = match self.quantity {
            Quantity::Temperature => return Err(ProfileError::ConditionTemperature { path: path() }),
            Quantity::Humidity | Quantity::Pressure => (true, true),
            Quantity::Movement | Quantity::Acceleration => (false, true),
            Quantity::BatteryVoltage | Quantity::BatteryCharge => (true, false),
        };
        if (self.low.is_some() && !low) || (self.high.is_some() && !high) {
            return Err(ProfileError::ConditionSide { path: path(), quantity: self.quantity.name() });
        }
        if self.low.is_none() && self.high.is_none() {
            return Err(ProfileError::ConditionWithoutLimit { path: path() });
        }
        let largest = match self.quantity {
            Quantity::Humidity => 1_000_000,
            Quantity::BatteryCharge => 100,
            _ => LARGEST,
        };
        if [self.low, self.high].into_iter().flatten().any(|limit| !(0..=largest).contains(&limit)) {
            return Err(ProfileError::ConditionRange { path: path() });
        }
        if self.low.zip(self.high).is_some_and(|(low, high)| low > high) {
            return Err(ProfileError::ConditionReversed { path: path() });
        }
        let timed = low && high;
        if !timed && (self.allowance_s > 0 || self.mode != AlarmMode::Single) {
            return Err(ProfileError::ConditionAllowance { path: path(), quantity: self.quantity.name() });
        }
        Ok(())
    }
}

/// Finds the first thing wrong with a profile's limits on other things.
pub(super) fn check(conditions: &[ConditionLimit]) -> Result<(), ProfileError> {
    let mut seen = BTreeSet::new();
    for (index, limit) in conditions.iter().enumerate() {
        let path = format!("conditions[{index}]");
        limit.check(&path)?;
        if !seen.insert(limit.quantity) {
            return Err(ProfileError::ConditionTwice { path, quantity: limit.quantity.name() });
        }
    }
    Ok(())
}

/// A limit as JSON has it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    quantity: Option<Quantity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_pct: Option<RelativeHumidity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_pct: Option<RelativeHumidity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_pa: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_pa: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_count: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_mg: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_mv: Option<i32>,
    #[serde(default)]
    allowance_s: u32,
    #[serde(default, skip_serializing_if = "is_single")]
    mode: AlarmMode,
}

fn is_single(mode: &AlarmMode) -> bool {
    *mode == AlarmMode::Single
}

impl TryFrom<Written> for ConditionLimit {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let quantity = written.quantity.ok_or("missing field `quantity`")?;
        let Written { min_pct, max_pct, min_pa, max_pa, max_count, max_mg, min_mv, .. } = written;
        let percent = |value: Option<RelativeHumidity>, per_percent: u32| match value {
            None => Ok(None),
            Some(RelativeHumidity(value)) if value % per_percent == 0 => {
                i32::try_from(value / per_percent).map(Some).map_err(|_| "a percentage out of range")
            }
            Some(_) => Err("a battery's charge is given in whole percent"),
        };
        let (low, high) = match quantity {
            Quantity::Temperature => (None, None),
            Quantity::Humidity => (percent(min_pct, 1)?, percent(max_pct, 1)?),
            Quantity::Pressure => (min_pa, max_pa),
            Quantity::Movement => (None, max_count),
            Quantity::Acceleration => (None, max_mg),
            Quantity::BatteryVoltage => (min_mv, None),
            Quantity::BatteryCharge => (percent(min_pct, 10_000)?, None),
        };
        let given = [min_pct, max_pct].iter().flatten().count()
            + [min_pa, max_pa, max_count, max_mg, min_mv].iter().flatten().count();
        let taken = [low, high].iter().flatten().count();
        if given != taken && quantity != Quantity::Temperature {
            return Err(format!("a limit on {} is written as {}", quantity.name(), fields(quantity)));
        }
        Ok(Self { quantity, low, high, allowance_s: written.allowance_s, mode: written.mode })
    }
}

impl From<ConditionLimit> for Written {
    fn from(limit: ConditionLimit) -> Self {
        let ConditionLimit { quantity, low, high, allowance_s, mode } = limit;
        let percent = |value: Option<i32>, per_percent: u32| {
            value.map(|value| RelativeHumidity(u32::try_from(value).unwrap_or(0).saturating_mul(per_percent)))
        };
        let base = Self { quantity: Some(quantity), allowance_s, mode, ..Self::default() };
        match quantity {
            Quantity::Temperature => base,
            Quantity::Humidity => Self { min_pct: percent(low, 1), max_pct: percent(high, 1), ..base },
            Quantity::Pressure => Self { min_pa: low, max_pa: high, ..base },
            Quantity::Movement => Self { max_count: high, ..base },
            Quantity::Acceleration => Self { max_mg: high, ..base },
            Quantity::BatteryVoltage => Self { min_mv: low, ..base },
            Quantity::BatteryCharge => Self { min_pct: percent(low, 10_000), ..base },
        }
    }
}

/// The fields that a limit on a quantity is written with.
fn fields(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Temperature => "limits and alarms",
        Quantity::Humidity => "`min_pct` and `max_pct`",
        Quantity::Pressure => "`min_pa` and `max_pa`",
        Quantity::Movement => "`max_count`",
        Quantity::Acceleration => "`max_mg`",
        Quantity::BatteryVoltage => "`min_mv`",
        Quantity::BatteryCharge => "`min_pct`",
    }
}
