//! What the rules answer on fixed inputs, as text: the same program gives it natively and in wasm.
//!
//! A line is one profile over one series: the SHA-256 of the canonical assessment, and in plain numbers
//! what comes out of floating point on the way, so that a difference can be read.

use data_encoding::HEXLOWER;
use firn_model::assess::{
    KineticOutcome, MicroCelsius, Sample, Span, assess_series, kinetic_windows, near_limits,
};
use firn_model::profile::{ActivationEnergy, KineticRule, Profile, builtin};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How many readings each series has.
const READINGS: i64 = 2_000;

/// A series by its name: the temperature in milli-degrees at its centre, and how far it strays.
const SERIES: [(&str, i32, u32); 6] = [
    ("refrigerator", 5_000, 3_600),
    ("room", 23_000, 9_000),
    ("freezer", -20_000, 8_000),
    ("dry-ice", -78_500, 20_000),
    ("nitrogen", -196_000, 15_000),
    ("anything", 0, 273_000),
];

/// Activation energies in mJ/mol beside each profile's own: the smallest, an uneven and the largest.
const ENERGIES: [u32; 3] = [10_000_000, 119_003_217, 400_000_000];

/// Every built-in profile over every series, then a refrigerator with other activation energies.
pub fn answers() -> String {
    let mut text = String::new();
    let series = SERIES.map(|(name, centre, stray)| (name, series(centre, stray)));
    for preset in builtin() {
        for (name, samples) in &series {
            line(&mut text, preset.key, &preset.profile, name, samples);
        }
    }
    let Some(refrigerator) = builtin().first() else { return text };
    for energy in ENERGIES {
        let mkt = Some(KineticRule {
            delta_h: ActivationEnergy(energy),
            limit: Some(MilliCelsius(8000)),
            window_h: Some(24),
        });
        let profile = Profile { mkt, ..refrigerator.profile.clone() };
        for (name, samples) in &series {
            line(&mut text, &energy.to_string(), &profile, name, samples);
        }
    }
    text
}

fn line(text: &mut String, key: &str, profile: &Profile, name: &str, samples: &[Sample]) {
    let assessment = assess_series(profile, samples, Some(300), Span::WHOLE);
    let windows = kinetic_windows(profile, samples, Some(300), Span::WHOLE, &assessment.excursions);
    let warmest = windows.iter().filter_map(|window| match window.outcome {
        KineticOutcome::Measured { mkt, .. } => Some(mkt),
        KineticOutcome::Refused(_) => None,
    });
    let warmest: i64 = warmest.map(|MicroCelsius(mkt)| mkt).fold(0, i64::wrapping_add);
    let near = near_limits(profile, samples, Some(300), Span::WHOLE, MilliCelsius(500)).0;
    let mkt = assessment.statistics.mkt.map_or(0, |mkt| mkt.0);
    // Writing to memory cannot fail.
    let bytes = minicbor::to_vec(&assessment).unwrap_or_default();
    let hash = HEXLOWER.encode(&Sha256::digest(bytes));
    writeln!(text, "{key} {name} {hash} mkt={mkt} windows={}/{warmest} near={near}", windows.len())
        .unwrap_or_default();
}

/// Every five minutes or so, some twice, a few after a gap; the steps are those of SplitMix64.
fn series(centre: i32, stray: u32) -> Vec<Sample> {
    let mut state = u64::from(stray);
    let mut below = move |bound: u32| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(bound.max(1))).unwrap_or_default()
    };
    let mut time = 1_760_000_000_000_i64;
    let mut sample = |_| {
        time = time.saturating_add(match below(1000) {
            0..20 => 0,
            20 => 3_600_000,
            _ => 299_000_i64.saturating_add(i64::from(below(2000))),
        });
        let strayed = below(stray.saturating_mul(2)).cast_signed().saturating_sub(stray.cast_signed());
        Sample { time: UtcMillis(time), value: MilliCelsius(centre.saturating_add(strayed)) }
    };
    (0..READINGS).map(&mut sample).collect()
}
