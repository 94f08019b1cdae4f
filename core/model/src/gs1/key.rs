//! Keys and attributes of goods as types: GTIN, SSCC, GSIN, GLN, lot, expiry.

use super::dictionary::Alphabet;
use super::error::{Fault, ScanError};
use super::{CalendarDate, Scan, century, check, date};
use std::fmt;

/// A key of digits with a check digit at its end.
macro_rules! key {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $ai:literal, $($length:literal)|+, $width:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Reads its digits alone.
            ///
            /// # Errors
            /// `gs1/charset`, `gs1/length`, and `gs1/check-digit`, which names the right digit.
            pub fn parse(text: &str) -> Result<Self, ScanError> {
                checked($kind, text, &[$($length),+]).map(|()| Self(format!("{text:0>width$}", width = $width)))
            }

            /// Reads what a person typed or scanned into a field for it: the digits alone, or any GS1 text
            /// that holds one.
            ///
            /// # Errors
            /// As for [`Self::parse`] and [`super::read`]; `gs1/requisite` is no error here.
            pub fn typed(text: &str) -> Result<Self, ScanError> {
                let text = text.trim();
                let alone = text.bytes().all(|byte| byte.is_ascii_digit());
                if alone && [$($length),+].contains(&text.len()) {
                    return Self::parse(text);
                }
                match super::read(text) {
                    Ok(scan) => Self::of(&scan).ok_or_else(|| absent($kind)),
                    // A number that is nothing else was meant as this key.
                    Err(_) if alone => Self::parse(text),
                    Err(error) => Err(error),
                }
            }

            /// The one that a scan holds.
            pub fn of(scan: &Scan) -> Option<Self> {
                scan.value($ai).map(|value| Self(value.to_owned()))
            }

            /// Its digits, filled up with zeros.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

key!(
    /// Global Trade Item Number (AI 01): a product in a size of packing; 8, 12, 13 or 14 digits, kept as 14.
    Gtin, "GTIN", "01", 8 | 12 | 13 | 14, 14
);
key!(
    /// Serial Shipping Container Code (AI 00): one package, 18 digits.
    Sscc, "SSCC", "00", 18, 18
);
key!(
    /// Global Shipment Identification Number (AI 402): what travels together, 17 digits.
    Gsin, "GSIN", "402", 17, 17
);
key!(
    /// Global Location Number (AI 414): a place, 13 digits.
    Gln, "GLN", "414", 13, 13
);

pub(super) fn absent(kind: &str) -> ScanError {
    ScanError::new(Fault::Structure, format!("the text holds no {kind}"))
}

fn checked(kind: &str, text: &str, lengths: &[usize]) -> Result<(), ScanError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ScanError::new(Fault::Character, format!("something other than digits in a {kind}")));
    }
    if !lengths.contains(&text.len()) {
        let allowed: Vec<String> = lengths.iter().map(usize::to_string).collect();
        let why = format!("{} digits, {kind} has {}", text.len(), allowed.join(", "));
        return Err(ScanError::new(Fault::Length, why));
    }
    let digits = text.len().checked_sub(1).and_then(|at| text.split_at_checked(at));
    match digits.and_then(|(digits, _)| check::digit(digits)) {
        Some(right) if text.as_bytes().last() != Some(&right) => {
            let why = format!("last digit of the {kind} should be {}", char::from(right));
            Err(ScanError::new(Fault::CheckDigit, why))
        }
        _ => Ok(()),
    }
}

/// A lot or batch (AI 10): 1 to 20 characters of set 82, kept as they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lot(String);

/// The longest lot.
pub(super) const LONGEST_LOT: usize = 20;

impl Lot {
    /// Reads its characters alone.
    ///
    /// # Errors
    /// `gs1/empty`, `gs1/length`, `gs1/charset`.
    pub fn parse(text: &str) -> Result<Self, ScanError> {
        let refused = |fault, why: &str| Err(ScanError::new(fault, why));
        match text.chars().count() {
            0 => refused(Fault::Empty, "a lot has at least one character"),
            count if count > LONGEST_LOT => refused(Fault::Length, "a lot has at most 20 characters"),
            _ if !text.bytes().all(|byte| Alphabet::Set82.holds(byte)) => {
                refused(Fault::Character, "a lot has letters, digits and simple signs alone")
            }
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The one that a scan holds.
    pub fn of(scan: &Scan) -> Option<Self> {
        scan.value("10").map(|value| Self(value.to_owned()))
    }

    /// Its characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An expiry date (AI 17) as `YYMMDD`; a day of 00 means the last one of the month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry(String);

impl Expiry {
    /// Reads `YYMMDD`.
    ///
    /// # Errors
    /// `gs1/length`, `gs1/charset`, `gs1/date`.
    pub fn parse(text: &str) -> Result<Self, ScanError> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ScanError::new(Fault::Character, "an expiry date is of digits: YYMMDD"));
        }
        if text.len() != 6 {
            return Err(ScanError::new(Fault::Length, "an expiry date has six digits: YYMMDD"));
        }
        date::is_month_or_day(text)
            .map(|()| Self(text.to_owned()))
            .map_err(|(fault, wrong)| ScanError::new(fault, format!("the expiry date {text}: {wrong}")))
    }

    /// Reads what a person typed or scanned into a field for it.
    ///
    /// # Errors
    /// As for [`Self::parse`] and [`super::read`].
    pub fn typed(text: &str) -> Result<Self, ScanError> {
        let text = text.trim();
        if text.len() == 6 {
            return Self::parse(text);
        }
        match super::read(text) {
            Ok(scan) => Self::of(&scan).ok_or_else(|| absent("expiry date")),
            Err(error) if text.starts_with([']', '(']) => Err(error),
            Err(_) => Self::parse(text),
        }
    }

    /// The one that a scan holds.
    pub fn of(scan: &Scan) -> Option<Self> {
        scan.value("17").map(|value| Self(value.to_owned()))
    }

    /// Its six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last day on which it holds, as seen in `this_year`.
    pub fn last_day(&self, this_year: u16) -> Option<CalendarDate> {
        last_day(&self.0, this_year)
    }
}

/// The date of `YYMMDD` as seen in `this_year`; a day of 00 is the last one of the month.
pub(super) fn last_day(text: &str, this_year: u16) -> Option<CalendarDate> {
    let (two_digits, month, day) = date::split(text)?;
    let year = century(two_digits, this_year);
    let last = date::days(year, month)?;
    Some(CalendarDate { year, month, day: if day == 0 { last } else { day } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault<T>(read: Result<T, ScanError>) -> Option<Fault> {
        read.err().map(|error| error.fault)
    }

    #[test]
    fn a_key_has_its_length_and_its_check_digit_and_says_which_digit_is_right() {
        for gtin in ["2112233789657", "416000336108", "02345680", "09521234543213", "99999999999997"] {
            assert_eq!(Gtin::parse(gtin).unwrap().as_str().len(), 14);
        }
        assert_eq!(Gtin::parse("02345680").unwrap().as_str(), "00000002345680");
        let wrong = Gtin::parse("2112233789658").unwrap_err();
        assert_eq!(
            (wrong.fault, wrong.why.as_str()),
            (Fault::CheckDigit, "last digit of the GTIN should be 7")
        );
        assert!(Sscc::parse("395212340000000427").is_ok() && Gln::parse("0614141000005").is_ok());
        assert_eq!(fault(Sscc::parse("06141411234567890")), Some(Fault::Length));
        assert_eq!(fault(Gln::parse("95212345432IO")), Some(Fault::Character));
    }

    #[test]
    fn a_field_takes_the_number_alone_or_any_scan_that_holds_it() {
        let label = "]C1000952123454321000104331000800\u{1D}4333000200\u{1D}02095212345432133712\u{1D}10L7";
        assert_eq!(Sscc::typed(label).unwrap().as_str(), "095212345432100010");
        let pack = "(01)09521234543213(17)270200(10)A1";
        assert_eq!(Gtin::typed(pack).unwrap().as_str(), "09521234543213");
        assert_eq!(Expiry::typed(pack).unwrap().as_str(), "270200");
        assert_eq!(Gtin::typed(" 9521234543213 ").unwrap().as_str(), "09521234543213");
        assert_eq!(fault(Gtin::typed("(00)095212345432100010")), Some(Fault::Structure));
        assert_eq!(fault(Gtin::typed("]d20109521234543214")), Some(Fault::CheckDigit));
        assert_eq!(fault(Gtin::typed("952123454321")), Some(Fault::CheckDigit));
        assert_eq!(fault(Lot::parse("")), Some(Fault::Empty));
    }

    #[test]
    fn an_expiry_without_a_day_holds_to_the_end_of_its_month() {
        let last = |text: &str| Expiry::parse(text).unwrap().last_day(2026).unwrap().to_string();
        assert_eq!(last("270200"), "2027-02-28");
        assert_eq!(last("280200"), "2028-02-29");
        assert_eq!(last("271130"), "2027-11-30");
        assert_eq!(last("991231"), "1999-12-31");
        assert_eq!(fault(Expiry::parse("271301")), Some(Fault::Date));
        assert_eq!(fault(Expiry::parse("2711")), Some(Fault::Length));
    }
}
