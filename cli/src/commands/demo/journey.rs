//! The journey that the demo tells: when, how warm, and which logger saw it; all of it from a seed.

use crate::failure::Failure;
use firn_ble::Address;
use firn_ble::virtual_logger::{Climate, VirtualRuuviTag};
use firn_model::profile::Profile;
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::sync::Arc;

/// How long the journey lasts, in seconds.
pub const LASTS_S: i64 = 8 * 3600;
/// Seconds between two records of the logger, as in real RuuviTags.
const INTERVAL_S: u32 = 300;

/// A refrigerated journey on which the box stands open for a while.
#[derive(Clone, Copy, Debug)]
pub struct Journey {
    /// What it is drawn from.
    pub seed: u64,
    /// The pick-up.
    pub start: UtcMillis,
    /// When the box is opened, in seconds from the start.
    opened_s: i64,
    /// How long it stands open, in seconds.
    open_s: i64,
    /// How warm it gets, in milli-°C.
    peak: i32,
}

impl Journey {
    /// The journey of a seed: opened after two to four hours, for 50 to 90 minutes, to 10 to 14 °C.
    pub fn new(seed: u64, start: UtcMillis) -> Self {
        let draw = |salt: u64, range: u64| i64::try_from(mixed(seed ^ salt) % range).unwrap_or(0);
        Self {
            seed,
            start,
            opened_s: 7200 + draw(1, 7200),
            open_s: 3000 + draw(2, 2400),
            peak: 10_000 + i32::try_from(draw(3, 4000)).unwrap_or(0),
        }
    }

    /// The end of the journey.
    pub fn arrival(&self) -> UtcMillis {
        self.start.plus_seconds(LASTS_S)
    }

    /// The virtual logger in the box; it was switched on an hour before the pick-up.
    pub fn tag(&self) -> VirtualRuuviTag {
        let [a, b, ..] = mixed(self.seed).to_be_bytes();
        let journey = *self;
        VirtualRuuviTag {
            name: "Ruuvi virtual".into(),
            address: Address([0xC0, 0xDE, 0x00, 0x00, a, b]),
            booted: self.start.plus_seconds(-3600),
            interval_s: INTERVAL_S,
            climate: Arc::new(move |at| journey.climate(at)),
            seed: self.seed,
            battery_mv: 2977,
        }
    }

    /// Five degrees, and a triangle up to the peak while the box stands open.
    fn climate(&self, at: UtcMillis) -> Climate {
        let into_s = (at.0 - self.start.0) / 1000 - self.opened_s;
        let half = (self.open_s / 2).max(1);
        let warmth = (half - (into_s - half).abs()).max(0);
        let rise = i64::from(self.peak - 5000) * warmth / half;
        Climate {
            temperature: MilliCelsius(5000 + i32::try_from(rise).unwrap_or(0)),
            humidity: RelativeHumidity(620_000),
            pressure_pa: 100_900,
        }
    }
}

/// The demo's profile: 2 to 8 °C, an alarm after half an hour above.
pub fn profile() -> Result<Profile, Failure> {
    Ok(Profile::from_json(
        r#"{"name":"Demo vaccine 2-8 °C","version":1,"limits":{"min_c":2.0,"max_c":8.0},"interval_s":300,
            "freeze":"sensitive","alarms":[
            {"id":"hot","bound":"above","limit_c":8.0,"mode":"cumulative","allowance_s":1800},
            {"id":"cold","bound":"below","limit_c":2.0,"mode":"single","allowance_s":0}]}"#,
    )?)
}

/// Spreads a seed over all its bits (the finaliser of SplitMix64).
fn mixed(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_tells_the_same_journey_and_another_seed_another() {
        let start = UtcMillis(1_790_000_000_000);
        let memory = |seed| Journey::new(seed, start).tag().memory(start.plus_seconds(LASTS_S));
        assert_eq!(memory(1), memory(1));
        assert_ne!(memory(1), memory(2));
    }

    #[test]
    fn every_seed_opens_the_box_long_enough_to_alarm_and_closes_it_before_the_arrival() {
        for seed in 0..500 {
            let journey = Journey::new(seed, UtcMillis(0));
            assert!(journey.opened_s + journey.open_s < LASTS_S - 3600, "{journey:?}");
            let above = |minute: &i64| journey.climate(UtcMillis(minute * 60_000)).temperature.0 > 8100;
            assert!((0..LASTS_S / 60).filter(above).count() > 0, "{journey:?}");
        }
    }
}
