//! Readings in the shapes that several makers share, so that each codec states its layout only.

use super::Frame;
use super::value::{celsius, celsius_fraction, rounded};
use crate::address::Address;
use crate::decode::DecodeError;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// A payload of exactly `N` bytes.
///
/// # Errors
/// [`DecodeError::Truncated`] or [`DecodeError::WrongLength`].
pub(super) fn exactly<'a, const N: usize>(
    format: &'static str,
    payload: &'a [u8],
) -> Result<&'a [u8; N], DecodeError> {
    payload.try_into().map_err(|_| match payload.len() {
        have if have < N => DecodeError::Truncated { format, have },
        have => DecodeError::WrongLength { format, have },
    })
}

/// Accepts a payload that names `inside` as its sender, unless the advert came from another address.
///
/// # Errors
/// [`DecodeError::UnknownFormat`]: the bytes only look like this format.
pub(super) fn sent_by(frame: &Frame<'_>, inside: Address) -> Result<(), DecodeError> {
    match frame.advert.address {
        Some(sender) if sender != inside => Err(DecodeError::UnknownFormat),
        _ => Ok(()),
    }
}

/// Whether the advert's local name begins with `prefix`.
pub(super) fn is_named(frame: &Frame<'_>, prefix: &str) -> bool {
    frame.advert.name.as_deref().is_some_and(|name| name.starts_with(prefix))
}

/// Whether the advert does not come from an address that ends in `tail`; true where none is shown.
pub(super) fn may_end_in(frame: &Frame<'_>, tail: &[u8]) -> bool {
    frame.advert.address.is_none_or(|address| address.0.ends_with(tail))
}

/// A temperature in signed 8.8 fixed point; 0x8000 (−128 °C) is what the formats use for "none".
pub(super) fn fixed_point(format: &'static str, raw: i16) -> Result<Option<MilliCelsius>, DecodeError> {
    match raw {
        i16::MIN => Ok(None),
        raw => celsius_fraction(format, i64::from(raw), 256).map(Some),
    }
}

/// A temperature in hundredths of a degree; either end of the range is a sensor that does not answer.
pub(super) fn hundredths(format: &'static str, raw: i16) -> Result<Option<MilliCelsius>, DecodeError> {
    match raw {
        i16::MIN | i16::MAX => Ok(None),
        raw => celsius(format, raw, 10).map(Some),
    }
}

/// A humidity of `numerator / denominator` percent, up to 100 %.
pub(super) fn humidity_fraction(numerator: i64, denominator: i64) -> Option<RelativeHumidity> {
    let scaled = rounded(numerator.checked_mul(10_000)?, denominator)?;
    u32::try_from(scaled).ok().filter(|value| *value <= 1_000_000).map(RelativeHumidity)
}

/// −45 °C and 175 °C times the raw value of 16 bits: what Sensirion's SHT sensors answer.
pub(super) fn sht_temperature(format: &'static str, raw: u16) -> Result<MilliCelsius, DecodeError> {
    let numerator = 175_i64.saturating_mul(i64::from(raw)).saturating_sub(45 * 65_535);
    celsius_fraction(format, numerator, 65_535)
}

/// 100 % times the raw value of 16 bits.
pub(super) fn sht_humidity(raw: u16) -> Option<RelativeHumidity> {
    humidity_fraction(100_i64.saturating_mul(i64::from(raw)), 65_535)
}

/// A humidity in steps of hundredths of a percent, none above 100 %.
pub(super) fn humidity_hundredths(raw: u16) -> Option<RelativeHumidity> {
    (raw <= 10_000).then(|| RelativeHumidity(u32::from(raw).saturating_mul(100)))
}

/// A humidity in tenths of a percent, none above 100 %.
pub(super) fn humidity_tenths(raw: u16) -> Option<RelativeHumidity> {
    (raw <= 1000).then(|| RelativeHumidity(u32::from(raw).saturating_mul(1000)))
}

/// A humidity in whole percent, none above 100 %.
pub(super) fn humidity_percent(raw: u8) -> Option<RelativeHumidity> {
    (raw <= 100).then(|| RelativeHumidity(u32::from(raw).saturating_mul(10_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temperature_keeps_its_sign_and_has_a_mark_for_none() {
        assert_eq!(fixed_point("test", -64), Ok(Some(MilliCelsius(-250))));
        assert_eq!(fixed_point("test", i16::MIN), Ok(None));
        assert_eq!((hundredths("test", i16::MAX), hundredths("test", i16::MIN)), (Ok(None), Ok(None)));
        assert_eq!(hundredths("test", -1850), Ok(Some(MilliCelsius(-18_500))));
        assert_eq!(fixed_point("test", 6471), Ok(Some(MilliCelsius(25_277))));
    }

    #[test]
    fn a_humidity_above_100_percent_is_none() {
        assert_eq!(humidity_fraction(18_502, 256), Some(RelativeHumidity(722_734)));
        assert_eq!((humidity_fraction(-1, 256), humidity_fraction(101, 1)), (None, None));
        assert_eq!(
            (humidity_percent(255), humidity_tenths(1001), humidity_hundredths(10_001)),
            (None, None, None)
        );
        assert_eq!(sht_humidity(u16::MAX), Some(RelativeHumidity(1_000_000)));
        assert_eq!(sht_temperature("test", 0), Ok(MilliCelsius(-45_000)));
    }
}
