//! The built-in profiles: published ranges and alarm settings, each with its source.

use super::products::products;
use super::{
    AlarmMode, AlarmRule, Bound, Budget, Freeze, KineticRule, Limits, Profile, Programme, Scale, Severity,
    USUAL_ENERGY,
};
use crate::units::{ABSOLUTE_ZERO, MilliCelsius};
use crate::unseen::is_unseen;
use serde::Serialize;
use std::sync::LazyLock;

/// What every built-in profile is shown with.
pub const CONFIRM_LABEL: &str = "confirm the current label";

/// A built-in profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preset {
    /// What it is asked for by, such as `cdc-refrigerator`.
    pub key: &'static str,
    /// Where its numbers come from.
    pub source: &'static str,
    /// What must be known before it is used.
    pub note: &'static str,
    /// Always [`CONFIRM_LABEL`].
    pub confirm: &'static str,
    /// The profile itself.
    pub profile: Profile,
}

/// Every built-in profile, in the order to show them.
pub fn builtin() -> &'static [Preset] {
    static PRESETS: LazyLock<Vec<Preset>> =
        LazyLock::new(|| [cdc(), who(), maryland(), usp(), products()].concat());
    &PRESETS
}

/// The built-in profile of that key.
pub fn preset(key: &str) -> Option<&'static Preset> {
    builtin().iter().find(|preset| preset.key == key)
}

/// The built-in profile of that key or printed name.
pub fn built_in(name: &str) -> Option<&'static Preset> {
    builtin().iter().find(|preset| preset.key == name || preset.profile.name == name)
}

/// The built-in profile that a name is read as: whatever its letter case, its spacing, and what nobody sees in it.
pub fn built_in_alike(name: &str) -> Option<&'static Preset> {
    let read = as_read(name);
    let is_read_as = |of: &str| as_read(of) == read;
    builtin().iter().find(|preset| is_read_as(preset.key) || is_read_as(&preset.profile.name))
}

fn as_read(name: &str) -> String {
    let seen: String = name.chars().filter(|c| c.is_whitespace() || !is_invisible(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Unicode: what is ignored where it cannot be shown (`Default_Ignorable_Code_Point`), beside what turns lines.
fn is_invisible(c: char) -> bool {
    let is_ignored = matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    );
    is_unseen(c) || is_ignored
}

/// In seconds.
pub(super) const HOUR: u32 = 3600;

const CDC: &str = "CDC Vaccine Storage and Handling Toolkit: storage temperatures";
const WHO_30_DAY: &str = "WHO PQS E006: 30-day refrigerator logger, default alarm settings";
const WHO_10_DAY: &str = "WHO guidelines on the international packaging and shipping of vaccines: \
                          electronic shipping indicators";
const MARYLAND: &str = "Maryland Vaccines for Children programme: temperature excursions";
const USP: &str =
    "USP <659> Packaging and Storage Requirements; USP <1079.2> for the mean kinetic temperature";

fn cdc() -> Vec<Preset> {
    let preset = |key, name, limits, freeze| {
        let note = "Both ends are in range; any reading outside is an excursion.";
        let profile = Profile { freeze: Some(freeze), ..base(name, limits, 1800) };
        Preset { key, source: CDC, note, confirm: CONFIRM_LABEL, profile }
    };
    vec![
        preset("cdc-refrigerator", "CDC refrigerator", (2000, 8000), Freeze::Sensitive),
        preset("cdc-freezer", "CDC freezer", (-50_000, -15_000), Freeze::FrozenProduct),
        preset("cdc-ultra-cold", "CDC ultra-cold", (-90_000, -60_000), Freeze::FrozenProduct),
    ]
}

fn who() -> Vec<Preset> {
    let preset = |key, source, note, profile| Preset { key, source, note, confirm: CONFIRM_LABEL, profile };
    let cold = || AlarmRule { inclusive: true, ..alarm("cold", Bound::Below, -500, AlarmMode::Single, HOUR) };
    let hot_45 =
        || AlarmRule { inclusive: true, ..alarm("hot-45", Bound::Above, 45_000, AlarmMode::Single, HOUR) };
    let total = |id, limit, hours| AlarmRule {
        inclusive: true,
        ..alarm(id, Bound::Above, limit, AlarmMode::Cumulative, hours * HOUR)
    };
    let hot = alarm("hot", Bound::Above, 8000, AlarmMode::Single, 10 * HOUR);
    vec![
        preset(
            "who-30-day",
            WHO_30_DAY,
            "Readings out of range that fire no alarm need a review.",
            Profile {
                alarms: vec![hot, cold()],
                freeze: Some(Freeze::Sensitive),
                programme: Some(Programme::Who),
                ..base("WHO 30-day", (2000, 8000), 600)
            },
        ),
        preset(
            "who-10-day-type-1",
            WHO_10_DAY,
            "Type I: for vaccines that freezing damages.",
            Profile {
                alarms: vec![hot_45(), total("hot-30", 30_000, 10), cold()],
                freeze: Some(Freeze::Sensitive),
                programme: Some(Programme::Who),
                ..base("WHO 10-day type I", (2000, 8000), 600)
            },
        ),
        preset(
            "who-10-day-type-2",
            WHO_10_DAY,
            "Type II: for vaccines that freezing does not damage; no lower limit.",
            Profile {
                alarms: vec![hot_45(), total("hot-30", 30_000, 10), total("hot-10", 10_000, 20)],
                freeze: Some(Freeze::Tolerant),
                programme: Some(Programme::Who),
                ..base("WHO 10-day type II", (ABSOLUTE_ZERO.0, 8000), 600)
            },
        ),
    ]
}

fn maryland() -> Vec<Preset> {
    let note = "The programme totals the warm hour over 24 to 48 hours; here it is totalled over the whole \
                span. Up to 20 minutes with an explanation is its level 1.";
    let warm = alarm("warm-total", Bound::Above, 8000, AlarmMode::Cumulative, HOUR);
    let cold = alarm("cold", Bound::Below, 2000, AlarmMode::Single, HOUR);
    let freezing = AlarmRule {
        severity: Severity::Critical,
        inclusive: true,
        ..alarm("freezing", Bound::Below, 560, AlarmMode::Single, 0)
    };
    let profile = Profile {
        alarms: vec![warm, cold, freezing],
        freeze: Some(Freeze::Sensitive),
        programme: Some(Programme::MarylandVfc),
        ..base("Maryland VFC refrigerator", (2000, 8000), 1800)
    };
    vec![Preset { key: "maryland-vfc", source: MARYLAND, note, confirm: CONFIRM_LABEL, profile }]
}

fn usp() -> Vec<Preset> {
    let preset = |key, note, profile| Preset { key, source: USP, note, confirm: CONFIRM_LABEL, profile };
    let at_once = |id, bound, limit| alarm(id, bound, limit, AlarmMode::Single, 0);
    let kinetic = |limit, window_h| {
        Some(KineticRule {
            delta_h: USUAL_ENERGY,
            limit: Some(MilliCelsius(limit)),
            window_h: Some(window_h),
        })
    };
    let warm = |from, to| Budget {
        id: "warm".to_owned(),
        from: MilliCelsius(from),
        to: MilliCelsius(to),
        allowance_s: 24 * HOUR,
    };
    vec![
        preset(
            "usp-controlled-cold",
            "The mean kinetic temperature is shown; it never offsets an excursion.",
            Profile {
                alarms: vec![at_once("above-15", Bound::Above, 15_000)],
                budgets: vec![warm(8000, 15_000)],
                mkt: kinetic(8000, 24),
                ..base("USP controlled cold", (2000, 8000), 900)
            },
        ),
        preset(
            "usp-controlled-room",
            "Between 15 and 20, or 25 and 30, a person decides; to 40 for at most 24 hours.",
            Profile {
                alarms: vec![
                    at_once("above-40", Bound::Above, 40_000),
                    alarm("above-30", Bound::Above, 30_000, AlarmMode::Cumulative, 24 * HOUR),
                    at_once("below-15", Bound::Below, 15_000),
                ],
                mkt: kinetic(25_000, 720),
                ..base("USP controlled room temperature", (20_000, 25_000), 900)
            },
        ),
        preset(
            "usp-freezer",
            "Any reading outside is an excursion.",
            Profile { freeze: Some(Freeze::FrozenProduct), ..base("USP freezer", (-25_000, -10_000), 900) },
        ),
    ]
}

/// A profile with limits in milli-degrees and nothing else.
pub(super) fn base(name: &str, (min, max): (i32, i32), interval_s: u32) -> Profile {
    Profile {
        name: name.to_owned(),
        version: 1,
        limits: Limits { min: MilliCelsius(min), max: MilliCelsius(max) },
        interval_s,
        alarms: Vec::new(),
        budgets: Vec::new(),
        freeze: None,
        mkt: None,
        guard_band: MilliCelsius(0),
        scale: Scale::Celsius,
        programme: None,
        adjuvant: None,
        conditions: Vec::new(),
    }
}

fn alarm(id: &str, bound: Bound, limit: i32, mode: AlarmMode, allowance_s: u32) -> AlarmRule {
    AlarmRule {
        id: id.to_owned(),
        bound,
        limit: MilliCelsius(limit),
        mode,
        allowance_s,
        severity: Severity::Alarm,
        inclusive: false,
    }
}
