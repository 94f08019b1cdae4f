//! A profile: the limits, alarm rules and budgets a series of temperatures is judged by.
//!
//! Plain data. It is read from JSON or from the CBOR inside a signed record, and both ways go through
//! the same checks ([`Profile::check`]). The map keys of its CBOR are the numbers on the fields below
//! (`docs/firn.cddl` names it `profile`); it holds no floating-point number.

mod check;
mod condition;
mod energy;
mod error;
mod fahrenheit;
mod presets;
mod products;
mod warning;
mod wire;

pub use check::{
    COLDEST_MEASURED, LONGEST_ID, LONGEST_INTERVAL_S, LONGEST_NAME, MOST_RULES, WARMEST_MEASURED,
};
pub use condition::ConditionLimit;
pub use energy::{ActivationEnergy, LARGEST_ENERGY, SMALLEST_ENERGY, USUAL_ENERGY};
pub use error::ProfileError;
pub use presets::{CONFIRM_LABEL, Preset, built_in, built_in_alike, builtin, preset};
pub use warning::ProfileWarning;

use crate::units::{CentiFahrenheit, MilliCelsius};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a series of temperatures is judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name, for people; may be empty. CBOR key 1.
    pub name: String,
    /// Its version; a change of any number is a new version. CBOR key 2.
    pub version: u32,
    /// The range the goods should stay in. CBOR key 3.
    pub limits: Limits,
    /// The logging interval in seconds, where the logger does not know its own. CBOR key 4.
    pub interval_s: u32,
    /// The alarm rules. CBOR key 5.
    pub alarms: Vec<AlarmRule>,
    /// The stability budgets. CBOR key 6.
    pub budgets: Vec<Budget>,
    /// What freezing does to the goods; absent: not judged. CBOR key 7.
    pub freeze: Option<Freeze>,
    /// How mean kinetic temperature is computed and shown; absent: with [`USUAL_ENERGY`]. CBOR key 8.
    pub mkt: Option<KineticRule>,
    /// By how much every limit is narrowed, in milli-degrees, to allow for the logger's accuracy: limits
    /// become min + band and max − band, an `above` alarm's limit − band, a `below` alarm's limit + band.
    /// Zero: off. The freezing point is not moved. CBOR key 9.
    pub guard_band: MilliCelsius,
    /// The scale its limits are meant and written in. CBOR key 10, absent for Celsius.
    pub scale: Scale,
    /// The programme whose rules hold for the goods; absent: none is known. It sets tasks, never the
    /// verdict. CBOR key 11.
    pub programme: Option<Programme>,
    /// What the goods are adsorbed to; absent: not known. CBOR key 12.
    pub adjuvant: Option<Adjuvant>,
    /// Limits on what else is measured, each quantity at most once; never part of a verdict. CBOR key 13.
    pub conditions: Vec<ConditionLimit>,
}

/// A programme whose rules about what people do differ from others'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Programme {
    /// Maryland's Vaccines for Children programme.
    #[n(1)]
    MarylandVfc,
    /// The European Union's good distribution practice (2013/C 343/01).
    #[n(2)]
    EuGdp,
    /// The World Health Organization's immunization programme.
    #[n(3)]
    Who,
}

/// What a vaccine is adsorbed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Adjuvant {
    /// An aluminium salt, which clumps when it freezes: a shake test can show it (WHO).
    #[n(1)]
    Aluminium,
}

/// The scale of a profile's limits; readings are kept in milli-degrees Celsius all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Scale {
    /// Compared to the milli-degree; fields in JSON end in `_c`.
    #[default]
    #[n(1)]
    Celsius,
    /// Compared to hundredths of a degree Fahrenheit; fields in JSON end in `_f`.
    #[n(2)]
    Fahrenheit,
}

impl Scale {
    /// A temperature in °F, for a profile that compares so; a limit as the profile states it, to the hundredth.
    pub fn fahrenheit(self, value: MilliCelsius) -> Option<CentiFahrenheit> {
        match self {
            Self::Celsius => None,
            Self::Fahrenheit => Some(value.into()),
        }
    }
}

/// A range of temperatures; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields)]
#[cbor(map)]
pub struct Limits {
    /// The lowest temperature in range.
    #[n(1)]
    #[serde(rename = "min_c")]
    pub min: MilliCelsius,
    /// The highest temperature in range.
    #[n(2)]
    #[serde(rename = "max_c")]
    pub max: MilliCelsius,
}

/// A side of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Bound {
    /// Too warm.
    #[n(1)]
    Above,
    /// Too cold.
    #[n(2)]
    Below,
}

/// How the time beyond an alarm's limit adds up.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum AlarmMode {
    /// In one stretch: a sample that is not beyond the limit, or a gap, starts it again.
    #[default]
    #[n(1)]
    Single,
    /// Over the whole series.
    #[n(2)]
    Cumulative,
}

/// What an alarm means for the verdict.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Severity {
    /// A reason for review.
    #[n(1)]
    Warning,
    /// An excursion.
    #[default]
    #[n(2)]
    Alarm,
    /// An excursion, shown first.
    #[n(3)]
    Critical,
}

/// One alarm: so long beyond such a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields)]
#[cbor(map)]
pub struct AlarmRule {
    /// Its identifier, unique in the profile.
    #[n(1)]
    pub id: String,
    /// Which side of the limit is out.
    #[n(2)]
    pub bound: Bound,
    /// The limit, independent of the profile's own.
    #[n(3)]
    #[serde(rename = "limit_c")]
    pub limit: MilliCelsius,
    /// How the time adds up.
    #[n(4)]
    pub mode: AlarmMode,
    /// The time beyond the limit at which it fires, in seconds; 0: at the first reading beyond it.
    #[n(5)]
    pub allowance_s: u32,
    /// What it means for the verdict.
    #[n(6)]
    #[serde(default)]
    pub severity: Severity,
    /// The limit itself is out too: `above` means ≥ and `below` means ≤.
    #[n(7)]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inclusive: bool,
}

/// A time that goods may spend out of range within a band.
///
/// A temperature is in the band when it lies outside the profile's limits and from `from` to `to`, both
/// ends included: 8 to 25 beside limits of 2 to 8 begins just above 8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields)]
#[cbor(map)]
pub struct Budget {
    /// Its identifier, unique in the profile.
    #[n(1)]
    pub id: String,
    /// The lower end of the band.
    #[n(2)]
    #[serde(rename = "from_c")]
    pub from: MilliCelsius,
    /// The upper end of the band.
    #[n(3)]
    #[serde(rename = "to_c")]
    pub to: MilliCelsius,
    /// The total time allowed in the band, in seconds; more than this is spent.
    #[n(4)]
    pub allowance_s: u32,
}

/// What freezing does to the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Freeze {
    /// Any reading below 0.0 °C holds them.
    #[n(1)]
    Sensitive,
    /// Nothing.
    #[n(2)]
    Tolerant,
    /// They are stored frozen.
    #[n(3)]
    FrozenProduct,
}

/// How mean kinetic temperature is computed and what it is shown against; it never lowers a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields)]
#[cbor(map)]
pub struct KineticRule {
    /// The activation energy ΔH.
    #[n(1)]
    #[serde(rename = "delta_h_kj_mol", default)]
    pub delta_h: ActivationEnergy,
    /// The value it should not exceed.
    #[n(2)]
    #[serde(rename = "limit_c", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<MilliCelsius>,
    /// The window in hours: 24 for controlled cold, 720 for controlled room (USP <1079.2>).
    #[n(3)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_h: Option<u32>,
}

impl Profile {
    /// Reads a profile from its JSON (DESIGN §4); unknown fields are refused.
    ///
    /// Limits in degrees Fahrenheit are named `min_f`, `max_f`, `limit_f`, `from_f`, `to_f` and
    /// `guard_band_f`, all of them or none.
    pub fn from_json(text: &str) -> Result<Self, ProfileError> {
        // Some editors put a byte order mark in front.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().starts_with('[') {
            let cause =
                "a list, where a profile is one object in braces: { \"name\": …, \"limits\": … }".into();
            return Err(ProfileError::Field { path: "profile".into(), cause });
        }
        // What is no such object is left to the reader of degrees Celsius, which says where it errs.
        match serde_json::from_str(text).unwrap_or_default() {
            wire::Probe { limits: Some(wire::ProbedLimits { min_f: None, max_f: None }) | None } => {
                Self::try_from(read::<wire::Wire>(text)?)
            }
            _ => Self::try_from(read::<fahrenheit::Wire>(text)?),
        }
    }

    /// The range that readings are compared with: the limits narrowed by the guard band.
    pub fn effective_limits(&self) -> Limits {
        Limits {
            min: MilliCelsius(self.limits.min.0.saturating_add(self.guard_band.0)),
            max: MilliCelsius(self.limits.max.0.saturating_sub(self.guard_band.0)),
        }
    }

    /// Whether two values are one limit in the scale that the profile is compared in: in °F the value that is not
    /// above a limit and the one that is not below it are milli-degrees apart.
    pub(crate) fn same_limit(&self, one: MilliCelsius, other: MilliCelsius) -> bool {
        match self.scale {
            Scale::Celsius => one == other,
            Scale::Fahrenheit => CentiFahrenheit::from(one) == CentiFahrenheit::from(other),
        }
    }

    /// The limit on a quantity other than temperature.
    pub fn condition(&self, quantity: crate::reading::Quantity) -> Option<&ConditionLimit> {
        self.conditions.iter().find(|limit| limit.quantity == quantity)
    }

    /// The activation energy for mean kinetic temperature, the usual one where the profile names none.
    pub fn activation_energy(&self) -> ActivationEnergy {
        self.mkt.map_or(USUAL_ENERGY, |mkt| mkt.delta_h)
    }
}

impl Serialize for Profile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.scale {
            Scale::Celsius => wire::Wire::from(self.clone()).serialize(serializer),
            Scale::Fahrenheit => fahrenheit::Wire::from(self).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = serde_json::Value::deserialize(deserializer)?.to_string();
        Self::from_json(&text).map_err(serde::de::Error::custom)
    }
}

/// The whole text, or the field that is wrong.
fn read<W: serde::de::DeserializeOwned>(text: &str) -> Result<W, ProfileError> {
    let mut source = serde_json::Deserializer::from_str(text);
    let wire = serde_path_to_error::deserialize(&mut source).map_err(ProfileError::from_json)?;
    source.end().map_err(|error| ProfileError::Syntax { cause: error.to_string() })?;
    Ok(wire)
}

#[cfg(test)]
mod tests;
