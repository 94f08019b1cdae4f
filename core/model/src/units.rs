//! Physical quantities as scaled integers, and their exact reading and printing as decimals.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A temperature in thousandths of a degree Celsius.
///
/// Limits and readings are compared in this unit and never rounded before they are compared.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct MilliCelsius(#[n(0)] pub i32);

/// Absolute zero, −273.15 °C: no temperature lies below it.
pub const ABSOLUTE_ZERO: MilliCelsius = MilliCelsius(-273_150);

/// A temperature in hundredths of a degree Fahrenheit; in JSON degrees Fahrenheit.
///
/// The unit that limits given in °F are compared in: a logger of ±0.5 °C and a file that rounds to
/// milli-degrees Celsius both tell hundredths of a °F apart, and thousandths neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CentiFahrenheit(pub i32);

/// Relative humidity in ten-thousandths of a percent; loggers may report more than 100 % when faulty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelativeHumidity(pub u32);

/// A decimal number as `mantissa × 10^-scale`, written without an exponent and without trailing zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All digits, as one signed integer.
    pub mantissa: i64,
    /// How many of the digits stand behind the point.
    pub scale: u32,
}

/// Why a text is not a decimal number in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// The text is empty or holds something other than a sign, digits and one point.
    #[error("not a decimal number")]
    Malformed,
    /// The number does not fit the unit it is read into.
    #[error("out of range")]
    OutOfRange,
    /// The number has more digits than are kept.
    #[error("finer than a thousandth of a degree")]
    TooFine,
}

/// Reads `text` as an integer count of `10^-scale`; further digits round half away from zero.
///
/// Accepts an optional sign, digits and at most one point (`8`, `-0.5`, `+8.005`); no exponent, no
/// thousands separator, no comma, so that a column in another convention is refused, not misread.
pub fn parse_scaled(text: &str, scale: u32) -> Result<i64, DecimalError> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..)),
        Some(b'+') => (false, text.get(1..)),
        _ => (false, Some(text)),
    };
    let digits = digits.ok_or(DecimalError::Malformed)?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
        return Err(DecimalError::Malformed);
    }
    let mut value: i64 = 0;
    let mut push = |digit: u8| -> Result<(), DecimalError> {
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(i64::from(digit)))
            .ok_or(DecimalError::OutOfRange)?;
        Ok(())
    };
    whole.bytes().try_for_each(|byte| push(byte - b'0'))?;
    let mut fraction = fraction.bytes();
    for _ in 0..scale {
        push(fraction.next().map_or(0, |byte| byte - b'0'))?;
    }
    if fraction.next().is_some_and(|byte| byte >= b'5') {
        value = value.checked_add(1).ok_or(DecimalError::OutOfRange)?;
    }
    Ok(if negative { -value } else { value })
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.checked_pow(self.scale).unwrap_or(u64::MAX);
        let magnitude = self.mantissa.unsigned_abs();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let fraction = format!("{:0width$}", magnitude % unit, width = self.scale as usize);
        let fraction = fraction.trim_end_matches('0');
        if self.scale == 0 || fraction.is_empty() {
            write!(f, "{sign}{}", magnitude / unit)
        } else {
            write!(f, "{sign}{}.{fraction}", magnitude / unit)
        }
    }
}

/// Whether a decimal has a digit behind its third decimal that is not zero.
pub fn is_finer_than_a_thousandth(text: &str) -> bool {
    let decimals = text.trim().split_once('.').map_or("", |(_, decimals)| decimals);
    decimals.bytes().skip(3).any(|digit| digit != b'0')
}

/// Whole thousandths of `numerator / denominator` thousandths (the denominator is positive): to the nearest,
/// half away from zero, but never onto a hundredth that the value does not have.
///
/// A value a hair beyond 8.00 becomes 8.001 and one a hair below 2.00 becomes 1.999, so that no limit of at
/// most two decimals takes a reading for in range that lies outside, or the other way round.
fn settled(numerator: i128, denominator: i128) -> Option<i64> {
    let low = numerator.checked_div_euclid(denominator)?;
    let rest = numerator.checked_rem_euclid(denominator)?;
    let high = low.checked_add(1)?;
    let is_nearer_high = (rest * 2, numerator >= 0) >= (denominator, true);
    let whole = match rest {
        0 => low,
        _ if low.rem_euclid(10) == 0 => high,
        _ if high.rem_euclid(10) == 0 => low,
        _ if rest * 2 > denominator || is_nearer_high => high,
        _ => low,
    };
    i64::try_from(whole).ok()
}

/// How finely a reading is read before it is settled to thousandths: billionths of a degree.
const READ_DIGITS: u32 = 9;

/// Reads a decimal in tenths of billionths: to billionths, and one tenth further out where any digit behind
/// them is not zero, so that nothing is taken onto a limit however many digits it has.
fn parse_fine(text: &str) -> Result<i128, DecimalError> {
    parse_scaled(text, READ_DIGITS)?;
    let kept = text.find('.').map_or(text.len(), |point| point.saturating_add(1 + READ_DIGITS as usize));
    let (kept, rest) = text.split_at_checked(kept).unwrap_or((text, ""));
    let billionths = i128::from(parse_scaled(kept, READ_DIGITS)?);
    let further = i128::from(rest.bytes().any(|digit| digit != b'0'));
    let further = if text.starts_with('-') { -further } else { further };
    Ok(billionths.saturating_mul(10).saturating_add(further))
}

impl MilliCelsius {
    /// Reads degrees Celsius (`8`, `-0.5`, `8.005`) exactly.
    ///
    /// Temperatures below absolute zero or above 1000 °C are refused: no logger measures them. So is a fourth
    /// decimal that is not zero.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        match Self::from_wide(parse_scaled(text, 3)?) {
            Ok(_) if is_finer_than_a_thousandth(text) => Err(DecimalError::TooFine),
            temperature => temperature,
        }
    }

    /// Reads a reading in degrees Celsius; one that is finer than a thousandth is never taken onto a
    /// hundredth that it does not have, so that no limit takes it for in range.
    pub fn measured(text: &str) -> Result<Self, DecimalError> {
        Self::from_wide(settled(parse_fine(text)?, 10_000_000).ok_or(DecimalError::OutOfRange)?)
    }

    /// As [`Self::measured`], of a reading in degrees Fahrenheit.
    pub fn measured_in_fahrenheit(text: &str) -> Result<Self, DecimalError> {
        // °C = (°F − 32) · 5/9.
        let fine = parse_fine(text)?.saturating_sub(320_000_000_000);
        let settled = settled(fine.saturating_mul(5), 90_000_000).ok_or(DecimalError::OutOfRange)?;
        Self::from_wide(settled)
    }

    /// As [`Self::measured`], of a reading in kelvin.
    pub fn measured_in_kelvin(text: &str) -> Result<Self, DecimalError> {
        let fine = parse_fine(text)?.saturating_sub(2_731_500_000_000);
        Self::from_wide(settled(fine, 10_000_000).ok_or(DecimalError::OutOfRange)?)
    }

    /// A temperature from a wider integer of milli-degrees, refused outside −273.15 to 1000 °C.
    pub fn from_wide(value: i64) -> Result<Self, DecimalError> {
        match i32::try_from(value) {
            Ok(value) if (ABSOLUTE_ZERO.0..=1_000_000).contains(&value) => Ok(Self(value)),
            _ => Err(DecimalError::OutOfRange),
        }
    }
}

impl MilliCelsius {
    /// Reads degrees Fahrenheit (`46.0`), rounded to the nearest milli-degree Celsius.
    pub fn from_fahrenheit(text: &str) -> Result<Self, DecimalError> {
        // °C = (°F − 32) · 5/9, in thousandths; rounded half away from zero.
        let scaled = i128::from(parse_scaled(text, 3)?).saturating_sub(32_000).saturating_mul(5);
        let rounded = scaled.saturating_mul(2).saturating_add(9 * scaled.signum()) / 18;
        Self::from_wide(i64::try_from(rounded).map_err(|_| DecimalError::OutOfRange)?)
    }
}

/// Fifty times a temperature in hundredths of a °F is nine times it in milli-degrees Celsius and this.
const FIFTY_ZERO: i64 = 160_000;

impl CentiFahrenheit {
    /// The warmest milli-degree Celsius that is not above, when rounded to hundredths of a °F (half up).
    pub fn warmest_not_above(self) -> MilliCelsius {
        let nine = i64::from(self.0).saturating_mul(50).saturating_add(24 - FIFTY_ZERO);
        milli_celsius(nine.div_euclid(9))
    }

    /// The coldest milli-degree Celsius that is not below, when rounded to hundredths of a °F (half up).
    pub fn coldest_not_below(self) -> MilliCelsius {
        let nine = i64::from(self.0).saturating_mul(50).saturating_sub(25 + FIFTY_ZERO);
        milli_celsius(nine.saturating_add(8).div_euclid(9))
    }

    /// The nearest milli-degree Celsius.
    pub fn nearest(self) -> MilliCelsius {
        let nine = i64::from(self.0).saturating_mul(50).saturating_sub(FIFTY_ZERO);
        milli_celsius(nine.saturating_add(4).div_euclid(9))
    }

    /// As a difference of temperatures, to the nearest milli-degree: 1.8 °F are 1 °C.
    pub fn as_difference(self) -> MilliCelsius {
        milli_celsius(i64::from(self.0).saturating_mul(50).saturating_add(4).div_euclid(9))
    }

    /// A difference of temperatures, to the nearest hundredth of a °F.
    pub fn of_difference(difference: MilliCelsius) -> Self {
        Self(narrow(i64::from(difference.0).saturating_mul(9).saturating_add(25).div_euclid(50)))
    }
}

/// To the nearest hundredth of a °F, half up.
impl From<MilliCelsius> for CentiFahrenheit {
    fn from(milli: MilliCelsius) -> Self {
        let fifty = i64::from(milli.0).saturating_mul(9).saturating_add(FIFTY_ZERO);
        Self(narrow(fifty.saturating_add(25).div_euclid(50)))
    }
}

/// Saturates; [`crate::profile::Profile::check`] refuses what no logger measures.
fn milli_celsius(value: i64) -> MilliCelsius {
    MilliCelsius(narrow(value))
}

fn narrow(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX })
}

impl Serialize for CentiFahrenheit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 1e2)
    }
}

impl<'de> Deserialize<'de> for CentiFahrenheit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hundredths = f64::deserialize(deserializer)? * 1e2;
        // Between −459.67 and 1832 °F; a third decimal would be lost, and is refused.
        if (hundredths - hundredths.round()).abs() > 1e-6 || !(-45_967.0..=183_200.0).contains(&hundredths) {
            return Err(serde::de::Error::custom(
                "not degrees Fahrenheit with at most two decimals, from -459.67 to 1832",
            ));
        }
        Ok(Self(hundredths.round() as i32))
    }
}

/// Degrees Celsius without trailing zeros: `8`, `-0.5`, `8.005`.
impl fmt::Display for MilliCelsius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal { mantissa: i64::from(self.0), scale: 3 }.fmt(f)
    }
}

/// Degrees with at least one decimal: `46.0`, `-57.99`.
impl fmt::Display for CentiFahrenheit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Decimal { mantissa: i64::from(self.0), scale: 2 }.to_string();
        let tail = if text.contains('.') { "" } else { ".0" };
        write!(f, "{text}{tail}")
    }
}

/// Why a number is no temperature, with what is allowed.
const NO_TEMPERATURE: &str = "not degrees Celsius with at most three decimals, from -273.15 to 1000";

/// In JSON a temperature is a number of degrees Celsius (`8.005`).
impl Serialize for MilliCelsius {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 1e3)
    }
}

impl<'de> Deserialize<'de> for MilliCelsius {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let degrees = f64::deserialize(deserializer)?;
        let milli = (degrees * 1e3).round();
        // A fourth decimal would be lost, and is refused; a double holds six of any temperature.
        if !milli.is_finite() || milli.abs() > 1e9 || (degrees * 1e3 - milli).abs() > 1e-6 {
            return Err(serde::de::Error::custom(NO_TEMPERATURE));
        }
        Self::from_wide(milli as i64).map_err(|_| serde::de::Error::custom(NO_TEMPERATURE))
    }
}

/// In JSON a humidity is a number of percent (`53.49`).
impl Serialize for RelativeHumidity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 1e4)
    }
}

impl<'de> Deserialize<'de> for RelativeHumidity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scaled = (f64::deserialize(deserializer)? * 1e4).round();
        if (0.0..=f64::from(u32::MAX)).contains(&scaled) {
            Ok(Self(scaled as u32))
        } else {
            Err(serde::de::Error::custom("humidity out of range"))
        }
    }
}

/// Writes milli-degrees as the integer they are, for fields whose name ends in `_mc`.
pub mod integer_milli_celsius {
    use super::MilliCelsius;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Serialises an optional temperature as an integer of milli-degrees Celsius.
    pub fn serialize<S: Serializer>(value: &Option<MilliCelsius>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_i32(value.0),
            None => serializer.serialize_none(),
        }
    }

    /// Reads an optional integer of milli-degrees Celsius.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MilliCelsius>, D::Error> {
        Ok(Option::<i32>::deserialize(deserializer)?.map(MilliCelsius))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_decimal_is_read_exactly_to_the_milli_degree() {
        for (text, milli) in
            [("8", 8000), ("8.0", 8000), ("8.005", 8005), ("-0.5", -500), ("+2", 2000), ("8.0050000", 8005)]
        {
            assert_eq!(MilliCelsius::parse(text), Ok(MilliCelsius(milli)), "{text}");
        }
    }

    #[test]
    fn a_limit_finer_than_a_thousandth_of_a_degree_is_refused() {
        for text in ["8.0005", "-0.0004", "2.0001", "8.00049"] {
            assert_eq!(MilliCelsius::parse(text), Err(DecimalError::TooFine), "{text}");
            assert!(serde_json::from_str::<MilliCelsius>(text).is_err(), "{text}");
        }
        assert_eq!(serde_json::from_str::<MilliCelsius>("8.005000").unwrap(), MilliCelsius(8005));
    }

    #[test]
    fn a_reading_finer_than_a_thousandth_is_never_taken_onto_a_hundredth_that_it_does_not_have() {
        for (text, milli) in [
            ("8.0004", 8001),
            ("7.9996", 7999),
            ("1.9996", 1999),
            ("2.0001", 2001),
            ("-0.0004", -1),
            ("-14.9996", -14_999),
            ("21.9375", 21_938),
            ("-8.0055", -8006),
            ("5.300000190734863", 5301),
            ("8", 8000),
            ("8.0000000004", 8001),
            ("1.9999999999", 1999),
            ("8.00000000000000000000000000000000001", 8001),
            ("-0.0000000001", -1),
            ("-14.9999999999", -14_999),
            ("7.9999999999", 7999),
            ("8.000000000000", 8000),
        ] {
            assert_eq!(MilliCelsius::measured(text), Ok(MilliCelsius(milli)), "{text}");
        }
        assert_eq!(MilliCelsius::measured_in_fahrenheit("46.4"), Ok(MilliCelsius(8000)));
        assert_eq!(MilliCelsius::measured_in_fahrenheit("46.4004"), Ok(MilliCelsius(8001)));
        assert_eq!(MilliCelsius::measured_in_fahrenheit("35.5996"), Ok(MilliCelsius(1999)));
        assert_eq!(MilliCelsius::measured_in_kelvin("281.15"), Ok(MilliCelsius(8000)));
        assert_eq!(MilliCelsius::measured_in_kelvin("281.1501"), Ok(MilliCelsius(8001)));
        assert_eq!(MilliCelsius::measured_in_fahrenheit("46.4000000004"), Ok(MilliCelsius(8001)));
        assert_eq!(MilliCelsius::measured_in_kelvin("281.1500000000001"), Ok(MilliCelsius(8001)));
        assert_eq!(MilliCelsius::measured("8.0000000000x"), Err(DecimalError::Malformed));
    }

    #[test]
    fn another_convention_is_refused_and_not_misread() {
        for text in ["", "-", ".", "8,0", "1e3", "8.", ".5", "--8", "8 ", "NaN", "−8"] {
            assert_eq!(MilliCelsius::parse(text), Err(DecimalError::Malformed), "{text:?}");
        }
        assert_eq!(MilliCelsius::parse("-273.151"), Err(DecimalError::OutOfRange));
        assert_eq!(MilliCelsius::parse("99999999999999999999"), Err(DecimalError::OutOfRange));
    }

    #[test]
    fn a_temperature_prints_the_digits_that_decided() {
        assert_eq!(MilliCelsius(8005).to_string(), "8.005");
        assert_eq!(MilliCelsius(-500).to_string(), "-0.5");
        assert_eq!(MilliCelsius(8000).to_string(), "8");
    }

    proptest! {
        #[test]
        fn no_limit_of_two_decimals_takes_a_finer_reading_for_another_side(
            hundredths in -5_000_i64..5_000,
            billionths in -60_000_000_i64..60_000_000,
        ) {
            let fine = hundredths * 10_000_000 + billionths;
            let text = Decimal { mantissa: fine, scale: 9 }.to_string();
            let read = i64::from(MilliCelsius::measured(&text).unwrap().0);
            prop_assert_eq!(read.cmp(&(hundredths * 10)), fine.cmp(&(hundredths * 10_000_000)));
            prop_assert!((read * 1_000_000 - fine).abs() < 1_000_000);
        }

        #[test]
        fn printing_and_reading_a_temperature_agree(value in -273_150_i32..=1_000_000) {
            let text = MilliCelsius(value).to_string();
            prop_assert_eq!(MilliCelsius::parse(&text), Ok(MilliCelsius(value)));
            let json = serde_json::to_string(&MilliCelsius(value)).unwrap();
            prop_assert_eq!(serde_json::from_str::<MilliCelsius>(&json).unwrap(), MilliCelsius(value));
        }
    }
}
