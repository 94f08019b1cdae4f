//! Units of the formats into units of the model, refusing what no logger can measure.

use crate::decode::DecodeError;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// A temperature of `raw` steps of `step` thousandths of a degree.
///
/// # Errors
/// [`DecodeError::OutOfRange`] below −273.15 °C and above 1000 °C.
pub(super) fn celsius(
    format: &'static str,
    raw: impl Into<i64>,
    step: i64,
) -> Result<MilliCelsius, DecodeError> {
    MilliCelsius::from_wide(raw.into().saturating_mul(step))
        .map_err(|_| DecodeError::OutOfRange { format, quantity: "temperature" })
}

/// A temperature that is the fraction `numerator / denominator` of a degree, rounded half away from
/// zero to thousandths; a denominator of zero is out of range.
///
/// # Errors
/// As [`celsius`].
pub(super) fn celsius_fraction(
    format: &'static str,
    numerator: i64,
    denominator: i64,
) -> Result<MilliCelsius, DecodeError> {
    let out_of_range = DecodeError::OutOfRange { format, quantity: "temperature" };
    let milli = rounded(numerator.saturating_mul(1000), denominator).ok_or(out_of_range.clone())?;
    MilliCelsius::from_wide(milli).map_err(|_| out_of_range)
}

/// A humidity of `raw` steps of `step` ten-thousandths of a percent, up to 100 %.
///
/// # Errors
/// [`DecodeError::OutOfRange`] above 100 %.
pub(super) fn humidity(
    format: &'static str,
    raw: impl Into<u32>,
    step: u32,
) -> Result<RelativeHumidity, DecodeError> {
    match raw.into().checked_mul(step) {
        Some(value) if value <= 1_000_000 => Ok(RelativeHumidity(value)),
        _ => Err(DecodeError::OutOfRange { format, quantity: "humidity" }),
    }
}

/// A charge in percent; a number above 100 is no charge.
pub(super) fn percent(raw: u8) -> Option<u8> {
    (raw <= 100).then_some(raw)
}

/// `numerator / denominator`, rounded half away from zero.
pub(super) fn rounded(numerator: i64, denominator: i64) -> Option<i64> {
    let whole = numerator.checked_div(denominator)?;
    let rest = numerator.checked_rem(denominator)?.unsigned_abs();
    let up = rest >= denominator.unsigned_abs().saturating_sub(rest);
    let away = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
    if up && rest > 0 { whole.checked_add(away) } else { Some(whole) }
}

/// A number of IEEE 754 binary32, least significant byte first, in thousandths; none where it is no
/// number or larger than any reading.
pub(super) fn float_milli(bytes: [u8; 4]) -> Option<i64> {
    let bits = u32::from_le_bytes(bytes);
    let (exponent, fraction) = ((bits >> 23) & 0xFF, i64::from(bits & 0x7F_FFFF));
    if exponent > 0x96 {
        return None;
    }
    // Below the smallest normal number the leading one is not implied.
    let mantissa = if exponent == 0 { fraction } else { fraction | 0x80_0000 };
    let places = 0x96_u32.saturating_sub(exponent.max(1));
    let magnitude = match 1_i64.checked_shl(places) {
        Some(unit) if places < 62 => rounded(mantissa.saturating_mul(1000), unit)?,
        _ => 0,
    };
    Some(if bits >> 31 == 0 { magnitude } else { magnitude.saturating_neg() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_rounds_half_away_from_zero_on_both_sides_of_it() {
        let cases =
            [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (5, 3, 2), (-5, 3, -2), (0, 7, 0), (6, -4, -2)];
        for (numerator, denominator, expected) in cases {
            assert_eq!(rounded(numerator, denominator), Some(expected), "{numerator}/{denominator}");
        }
        assert_eq!(rounded(1, 0), None);
        assert_eq!(celsius_fraction("test", -1, 16), Ok(MilliCelsius(-63)));
    }

    #[test]
    fn a_float_becomes_thousandths_and_no_number_nothing() {
        for (value, milli) in [(23.8_f32, 23_800), (-0.05, -50), (0.0, 0), (1e-30, 0), (-41.9996, -42_000)] {
            assert_eq!(float_milli(value.to_le_bytes()), Some(milli), "{value}");
        }
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
            assert_eq!(float_milli(value.to_le_bytes()), None, "{value}");
        }
        assert_eq!(float_milli([1, 0, 0, 0]), Some(0));
    }

    #[test]
    fn what_no_logger_measures_is_refused() {
        assert_eq!(celsius("test", -18_760, 1), Ok(MilliCelsius(-18_760)));
        assert_eq!(celsius("test", i16::MIN, 10).unwrap_err().code(), "ble/out-of-range");
        assert_eq!(celsius("test", i64::MAX, i64::MAX).unwrap_err().code(), "ble/out-of-range");
        assert_eq!(humidity("test", 255_u32, 10_000).unwrap_err().code(), "ble/out-of-range");
        assert_eq!((percent(100), percent(101)), (Some(100), None));
    }
}
