//! The journey that the story tells: when, how warm, and which logger saw it; all of it from a seed.

use firn_ble::Address;
use firn_ble::virtual_logger::{Climate, VirtualRuuviTag};
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
    /// How much warmer that makes it, in milli-degrees.
    rise: i32,
}

impl Journey {
    /// The journey of a seed: opened after two to four hours, for 80 to 120 minutes, which warms it by seven
    /// to ten degrees.
    pub fn new(seed: u64, start: UtcMillis) -> Self {
        let draw = |salt: u64, range: u64| i64::try_from(mixed(seed ^ salt) % range).unwrap_or(0);
        Self {
            seed,
            start,
            opened_s: 7200 + draw(1, 7200),
            open_s: 4800 + draw(2, 2400),
            rise: 7000 + i32::try_from(draw(3, 3000)).unwrap_or(0),
        }
    }

    /// The same journey on which nobody opens the box.
    pub fn kept_shut(self) -> Self {
        Self { rise: 0, ..self }
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

    /// The compressor's swing of an hour and a half, and a triangle while the box stands open.
    fn climate(&self, at: UtcMillis) -> Climate {
        let since_s = (at.0 - self.start.0) / 1000;
        let half = (self.open_s / 2).max(1);
        let warmth = (half - (since_s - self.opened_s - half).abs()).max(0);
        let rise = i64::from(self.rise) * warmth / half;
        Climate {
            temperature: MilliCelsius(swing(since_s).saturating_add(i32::try_from(rise).unwrap_or(0))),
            humidity: RelativeHumidity(620_000),
            pressure_pa: 100_900,
        }
    }
}

/// A cold box in order: 4.2 to 5.7 °C, in milli-°C.
fn swing(seconds: i64) -> i32 {
    let phase = i32::try_from(seconds.rem_euclid(5400)).unwrap_or(0);
    4200 + (if phase < 2700 { phase } else { 5400 - phase }) * 1500 / 2700
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
            let interval_s = i64::from(INTERVAL_S);
            let above =
                |number: &i64| journey.climate(UtcMillis(number * interval_s * 1000)).temperature.0 > 8100;
            // Half an hour above is reached at the seventh record that is out.
            assert!((0..LASTS_S / interval_s).filter(above).count() >= 7, "{journey:?}");
            let shut = journey.kept_shut();
            let in_range = |at| (2000..=8000).contains(&shut.climate(UtcMillis(at * 60_000)).temperature.0);
            assert!((0..LASTS_S / 60).all(in_range), "{shut:?}");
        }
    }
}
