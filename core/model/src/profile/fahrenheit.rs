//! A profile in degrees Fahrenheit: its JSON, and what its limits are in thousandths of a degree Celsius.
//!
//! Such a profile is compared in °F, to hundredths: 46.0 °F is in range of 36 to 46, though it is 7.778 °C
//! as a logger hands it over and 46 °F lies at 7.7̅ °C. Each limit becomes the milli-degree that divides
//! the same readings; from it the limit in hundredths of a °F follows again without loss.

use super::{
    ActivationEnergy, Adjuvant, AlarmMode, AlarmRule, Bound, Budget, ConditionLimit, Freeze, KineticRule,
    Limits, Profile, ProfileError, Programme, Scale, Severity,
};
use crate::units::{CentiFahrenheit, MilliCelsius};
use serde::{Deserialize, Serialize};

/// [`Profile`] in JSON with degrees Fahrenheit: `…_f` where the other has `…_c`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a profile: an object in braces")]
pub(super) struct Wire {
    #[serde(default)]
    name: String,
    #[serde(default = "super::wire::first_version")]
    version: u32,
    limits: LimitsWire,
    interval_s: u32,
    #[serde(default)]
    alarms: Vec<AlarmWire>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    budgets: Vec<BudgetWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    freeze: Option<Freeze>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mkt: Option<KineticWire>,
    /// A difference: 1.8 °F are 1 °C.
    #[serde(default, skip_serializing_if = "is_off")]
    guard_band_f: CentiFahrenheit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    programme: Option<Programme>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adjuvant: Option<Adjuvant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conditions: Option<Vec<ConditionLimit>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsWire {
    min_f: CentiFahrenheit,
    max_f: CentiFahrenheit,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlarmWire {
    id: String,
    bound: Bound,
    limit_f: CentiFahrenheit,
    mode: AlarmMode,
    allowance_s: u32,
    #[serde(default)]
    severity: Severity,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    inclusive: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BudgetWire {
    id: String,
    from_f: CentiFahrenheit,
    to_f: CentiFahrenheit,
    allowance_s: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KineticWire {
    #[serde(rename = "delta_h_kj_mol", default)]
    delta_h: ActivationEnergy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit_f: Option<CentiFahrenheit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    window_h: Option<u32>,
}

fn is_off(band: &CentiFahrenheit) -> bool {
    band.0 == 0
}

impl TryFrom<Wire> for Profile {
    type Error = ProfileError;

    fn try_from(wire: Wire) -> Result<Self, ProfileError> {
        let LimitsWire { min_f, max_f } = wire.limits;
        let profile = Self {
            name: wire.name,
            version: wire.version,
            limits: Limits { min: min_f.coldest_not_below(), max: max_f.warmest_not_above() },
            interval_s: wire.interval_s,
            alarms: wire.alarms.into_iter().map(AlarmRule::from).collect(),
            budgets: wire.budgets.into_iter().map(Budget::from).collect(),
            freeze: wire.freeze,
            mkt: wire.mkt.map(KineticRule::from),
            guard_band: wire.guard_band_f.as_difference(),
            scale: Scale::Fahrenheit,
            programme: wire.programme,
            adjuvant: wire.adjuvant,
            conditions: super::wire::listed(wire.conditions)?,
        };
        profile.check()?;
        Ok(profile)
    }
}

impl From<&Profile> for Wire {
    fn from(profile: &Profile) -> Self {
        let Limits { min, max } = profile.limits;
        Self {
            name: profile.name.clone(),
            version: profile.version,
            limits: LimitsWire { min_f: min.into(), max_f: max.into() },
            interval_s: profile.interval_s,
            alarms: profile.alarms.iter().cloned().map(AlarmWire::from).collect(),
            budgets: profile.budgets.iter().cloned().map(BudgetWire::from).collect(),
            freeze: profile.freeze,
            mkt: profile.mkt.map(KineticWire::from),
            guard_band_f: CentiFahrenheit::of_difference(profile.guard_band),
            programme: profile.programme,
            adjuvant: profile.adjuvant,
            conditions: (!profile.conditions.is_empty()).then(|| profile.conditions.clone()),
        }
    }
}

impl From<AlarmWire> for AlarmRule {
    fn from(wire: AlarmWire) -> Self {
        let AlarmWire { id, bound, limit_f, mode, allowance_s, severity, inclusive } = wire;
        // The milli-degree that has the same readings beyond it, or at and beyond it.
        let limit = match (bound, inclusive) {
            (Bound::Above, false) | (Bound::Below, true) => limit_f.warmest_not_above(),
            (Bound::Above, true) | (Bound::Below, false) => limit_f.coldest_not_below(),
        };
        Self { id, bound, limit, mode, allowance_s, severity, inclusive }
    }
}

impl From<AlarmRule> for AlarmWire {
    fn from(rule: AlarmRule) -> Self {
        let AlarmRule { id, bound, limit, mode, allowance_s, severity, inclusive } = rule;
        Self { id, bound, limit_f: limit.into(), mode, allowance_s, severity, inclusive }
    }
}

impl From<BudgetWire> for Budget {
    fn from(wire: BudgetWire) -> Self {
        let BudgetWire { id, from_f, to_f, allowance_s } = wire;
        Self { id, from: from_f.coldest_not_below(), to: to_f.warmest_not_above(), allowance_s }
    }
}

impl From<Budget> for BudgetWire {
    fn from(budget: Budget) -> Self {
        let Budget { id, from, to, allowance_s } = budget;
        Self { id, from_f: from.into(), to_f: to.into(), allowance_s }
    }
}

impl From<KineticWire> for KineticRule {
    fn from(wire: KineticWire) -> Self {
        let KineticWire { delta_h, limit_f, window_h } = wire;
        Self { delta_h, limit: limit_f.map(CentiFahrenheit::warmest_not_above), window_h }
    }
}

impl From<KineticRule> for KineticWire {
    fn from(rule: KineticRule) -> Self {
        let KineticRule { delta_h, limit, window_h } = rule;
        Self { delta_h, limit_f: limit.map(MilliCelsius::into), window_h }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::{Sample, Span, Verdict, assess_series};
    use crate::time::UtcMillis;
    use proptest::prelude::*;

    const REFRIGERATOR: &str = r#"{"name":"Refrigerator","version":2,"limits":{"min_f":36.0,"max_f":46.0},
        "interval_s":900,"alarms":[{"id":"hot","bound":"above","limit_f":46.0,"mode":"single","allowance_s":0}],
        "budgets":[{"id":"warm","from_f":46.0,"to_f":77.0,"allowance_s":3600}],"freeze":"sensitive",
        "mkt":{"delta_h_kj_mol":83.14472,"limit_f":46.4,"window_h":24},"guard_band_f":0.9}"#;

    fn fahrenheit(min: i32, max: i32) -> Profile {
        let decimal = |hundredths: i32| f64::from(hundredths) / 100.0;
        let (min_f, max_f) = (decimal(min), decimal(max));
        let json = format!(r#"{{"limits":{{"min_f":{min_f},"max_f":{max_f}}},"interval_s":900}}"#);
        Profile::from_json(&json).unwrap()
    }

    fn verdict(profile: &Profile, value: MilliCelsius) -> Verdict {
        assess_series(profile, &[Sample { time: UtcMillis(0), value }], None, Span::WHOLE).verdict
    }

    #[test]
    fn a_profile_in_fahrenheit_is_written_as_it_was_read() {
        let profile = Profile::from_json(REFRIGERATOR).unwrap();
        let given: serde_json::Value = serde_json::from_str(REFRIGERATOR).unwrap();
        let mut written = serde_json::to_value(&profile).unwrap();
        // The severity is written although it is the usual one.
        written["alarms"][0].as_object_mut().unwrap().remove("severity");
        assert_eq!(written, given);
        assert_eq!(
            serde_json::from_value::<Profile>(serde_json::to_value(&profile).unwrap()).unwrap(),
            profile
        );
        let bytes = minicbor::to_vec(&profile).unwrap();
        assert_eq!(minicbor::decode::<Profile>(&bytes).unwrap(), profile);
    }

    #[test]
    fn forty_six_degrees_fahrenheit_are_in_range_of_a_limit_of_forty_six() {
        let profile = fahrenheit(3600, 4600);
        let read = |text: &str| MilliCelsius::from_fahrenheit(text).unwrap();
        assert_eq!(read("46.0"), MilliCelsius(7778));
        assert_eq!(verdict(&profile, read("46.0")), Verdict::Ok);
        assert_eq!(verdict(&profile, read("46.01")), Verdict::Excursion);
        assert_eq!(verdict(&profile, read("36")), Verdict::Ok);
        assert_eq!(verdict(&profile, read("35.99")), Verdict::Excursion);
    }

    #[test]
    fn both_scales_in_one_profile_are_refused_with_the_place() {
        let mixed = r#"{"limits":{"min_f":36.0,"max_c":8.0},"interval_s":900}"#;
        let error = Profile::from_json(mixed).unwrap_err();
        assert!(error.to_string().starts_with("limits"), "{error}");
        let alarm = REFRIGERATOR.replace("\"limit_f\":46.0", "\"limit_c\":8.0");
        assert!(Profile::from_json(&alarm).unwrap_err().to_string().starts_with("alarms[0]"));
    }

    proptest! {
        #[test]
        fn a_reading_in_fahrenheit_is_in_range_where_its_own_number_is(
            limit in -10_000_i32..20_000, distance in -30_i32..30,
        ) {
            let (profile, reading) = (fahrenheit(-20_000, limit), CentiFahrenheit(limit + distance));
            let is_in = verdict(&profile, reading.nearest()) == Verdict::Ok;
            prop_assert_eq!(is_in, distance <= 0);
            let (profile, reading) = (fahrenheit(limit, 30_000), CentiFahrenheit(limit - distance));
            prop_assert_eq!(verdict(&profile, reading.nearest()) == Verdict::Ok, distance <= 0);
        }

        #[test]
        fn a_limit_in_fahrenheit_comes_back_from_either_side(hundredths in -40_000_i32..150_000) {
            let limit = CentiFahrenheit(hundredths);
            for milli in [limit.coldest_not_below(), limit.warmest_not_above(), limit.nearest()] {
                prop_assert_eq!(CentiFahrenheit::from(milli), limit);
            }
        }
    }
}
