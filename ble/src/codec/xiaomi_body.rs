//! The body temperature that a Miaomiaoce T201 shows, from the two temperatures that it sends.
//!
//! Source: xiaomi-ble and ble_monitor, which fitted two exponential functions to what the maker's app
//! shows between 36.5 and 37.8 °C. Outside that range the functions say 36.4 °C of any cold box, so that
//! only results within it are given.

use crate::decode::DecodeError;
use firn_model::units::MilliCelsius;

/// The range of the fit, in thousandths of a degree.
const RANGE: std::ops::RangeInclusive<i32> = 36_500..=37_800;
/// What the functions are added to, in thousandths of a degree.
const BASE: i64 = 36_413;

/// `2^(start + step·x)` thousandths of a degree of `x` hundredths, both in units of 2⁻³².
struct Exponential {
    start: i64,
    step: i64,
}

/// 3.71934·10⁻¹¹·exp(0.69314·t).
const UPPER: Exponential = Exponential { start: -106_001_416_889, step: 42_949_228 };
/// 1.02801·10⁻⁸·exp(0.53871·t).
const LOWER: Exponential = Exponential { start: -71_166_689_728, step: 33_380_239 };

/// `ln(2)ⁿ/n!` in units of 2⁻³⁰, from the sixth to the zeroth.
const TAYLOR: [i64; 7] = [165_394, 1_431_680, 10_327_387, 59_597_083, 257_941_248, 744_261_118, 1 << 30];

/// The body temperature of two temperatures in hundredths of a degree.
pub(super) fn estimate(format: &'static str, first: i16, second: i16) -> Result<MilliCelsius, DecodeError> {
    let milli = UPPER.at(first).zip(LOWER.at(second));
    let milli = milli.map(|(upper, lower)| upper.saturating_sub(lower).saturating_add(BASE));
    milli
        .and_then(|milli| i32::try_from(milli).ok())
        .filter(|milli| RANGE.contains(milli))
        .map(MilliCelsius)
        .ok_or(DecodeError::OutOfRange { format, quantity: "temperature" })
}

impl Exponential {
    fn at(&self, hundredths: i16) -> Option<i64> {
        let exponent = self.start.checked_add(self.step.checked_mul(i64::from(hundredths))?)?;
        let (whole, fraction) = (exponent >> 32, (exponent & 0xFFFF_FFFF) >> 2);
        let mut mantissa = 0_i64;
        for coefficient in TAYLOR {
            mantissa = (mantissa.checked_mul(fraction)? >> 30).checked_add(coefficient)?;
        }
        match u32::try_from(whole) {
            Ok(whole @ 0..=20) => Some((mantissa << whole) >> 30),
            Ok(_) => None,
            Err(_) => Some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_pair_gives_the_published_temperature_and_a_cold_box_none() {
        assert_eq!(estimate("test", 3526, 3427), Ok(MilliCelsius(36_872)));
        for (first, second) in [(500, 500), (i16::MIN, i16::MAX), (i16::MAX, i16::MIN), (5000, 0)] {
            assert_eq!(estimate("test", first, second).unwrap_err().code(), "ble/out-of-range");
        }
    }
}
