//! Between which temperatures a label wants what it stands on, exactly as it says so.

use super::meaning::hundredths;
use super::{Scan, Warning, WarningKind};
use crate::profile::Scale;
use crate::units::{CentiFahrenheit, MilliCelsius};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The limits of temperature on a label (GS1 General Specifications, AIs 4330 to 4333); one or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct LabelLimits {
    /// The lowest: AI 4333 in °C, else AI 4332 in °F.
    #[n(1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowest: Option<LabelLimit>,
    /// The highest: AI 4331 in °C, else AI 4330 in °F.
    #[n(2)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest: Option<LabelLimit>,
}

/// One of them, in the scale that it is printed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub struct LabelLimit {
    /// Its scale.
    #[n(0)]
    pub scale: Scale,
    /// Hundredths of a degree; six digits and a sign hold no more than ±9,999.99.
    #[n(1)]
    pub hundredths: i32,
}

impl LabelLimits {
    /// Those that a scan holds, if it holds any.
    pub fn of(scan: &Scan) -> Option<Self> {
        let limit =
            |ai: &str, scale| Some(LabelLimit { scale, hundredths: scan.value(ai).and_then(hundredths)? });
        let lowest = limit("4333", Scale::Celsius).or_else(|| limit("4332", Scale::Fahrenheit));
        let highest = limit("4331", Scale::Celsius).or_else(|| limit("4330", Scale::Fahrenheit));
        (lowest.is_some() || highest.is_some()).then_some(Self { lowest, highest })
    }

    /// That the highest lies below the lowest.
    pub(super) fn reversed(self) -> Option<Warning> {
        let (lowest, highest) = (self.lowest?, self.highest?);
        let ai = if highest.scale == Scale::Celsius { "4331" } else { "4330" };
        let why = format!("the label's highest temperature, {highest}, lies below its lowest, {lowest}");
        let warning = Warning { kind: WarningKind::LimitsReversed, ai: ai.into(), why };
        (highest.warmest(Scale::Celsius) < lowest.coldest(Scale::Celsius)).then_some(warning)
    }
}

impl LabelLimit {
    /// The warmest milli-degree Celsius that a profile in `scale` may allow under it.
    ///
    /// Between two scales the limits are compared to the hundredth of a °F, so that 8 °C and 46.4 °F are
    /// one limit.
    pub fn warmest(self, scale: Scale) -> MilliCelsius {
        match (self.scale, scale) {
            (Scale::Celsius, Scale::Celsius) => self.celsius(),
            (Scale::Celsius, Scale::Fahrenheit) => CentiFahrenheit::from(self.celsius()).warmest_not_above(),
            (Scale::Fahrenheit, _) => CentiFahrenheit(self.hundredths).warmest_not_above(),
        }
    }

    /// The coldest, likewise.
    pub fn coldest(self, scale: Scale) -> MilliCelsius {
        match (self.scale, scale) {
            (Scale::Celsius, Scale::Celsius) => self.celsius(),
            (Scale::Celsius, Scale::Fahrenheit) => CentiFahrenheit::from(self.celsius()).coldest_not_below(),
            (Scale::Fahrenheit, _) => CentiFahrenheit(self.hundredths).coldest_not_below(),
        }
    }

    fn celsius(self) -> MilliCelsius {
        MilliCelsius(self.hundredths.saturating_mul(10))
    }
}

/// As on the label: `8.00 °C`, `-13.00 °F`.
impl fmt::Display for LabelLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, magnitude) = (if self.hundredths < 0 { "-" } else { "" }, self.hundredths.unsigned_abs());
        let unit = match self.scale {
            Scale::Celsius => "°C",
            Scale::Fahrenheit => "°F",
        };
        write!(f, "{sign}{}.{:02} {unit}", magnitude / 100, magnitude % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gs1::read;

    #[test]
    fn a_label_whose_highest_lies_below_its_lowest_is_warned_of() {
        let warned = |text: &str| {
            let scan = read(&format!("(00)095212345432100010{text}")).unwrap();
            scan.warnings.iter().any(|warning| warning.kind == WarningKind::LimitsReversed)
        };
        assert!(warned("(4331)000800(4333)000900") && warned("(4330)003000(4332)003560"));
        assert!(!warned("(4331)000800(4333)000800") && !warned("(4331)000800(4333)000200"));
        assert!(!warned("(4331)000800"));
    }

    fn limits(text: &str) -> Option<LabelLimits> {
        LabelLimits::of(&read(&format!("(00)095212345432100010{text}")).unwrap())
    }

    #[test]
    fn a_label_keeps_its_scale_and_its_hundredths() {
        let printed = |text: &str| {
            let limits = limits(text)?;
            Some([limits.lowest, limits.highest].map(|one| one.map(|one| one.to_string())))
        };
        let both = |lowest: &str, highest: &str| Some([Some(lowest.to_owned()), Some(highest.to_owned())]);
        assert_eq!(printed("(4331)000800(4333)000200"), both("2.00 °C", "8.00 °C"));
        assert_eq!(printed("(4330)004640(4332)003560"), both("35.60 °F", "46.40 °F"));
        assert_eq!(printed("(4331)002500-(4332)001305-"), both("-13.05 °F", "-25.00 °C"));
        assert_eq!(printed("(4331)000005-"), Some([None, Some("-0.05 °C".to_owned())]));
        assert_eq!(printed(""), None);
    }

    #[test]
    fn one_limit_in_two_scales_is_one_limit() {
        let highest = |text: &str| limits(text).unwrap().highest.unwrap();
        let lowest = |text: &str| limits(text).unwrap().lowest.unwrap();
        let profile_f = CentiFahrenheit(4640).warmest_not_above();
        assert_eq!(highest("(4331)000800").warmest(Scale::Fahrenheit), profile_f);
        assert_eq!(highest("(4330)004640").warmest(Scale::Fahrenheit), profile_f);
        assert!(highest("(4330)004640").warmest(Scale::Celsius) >= MilliCelsius(8000));
        assert!(highest("(4330)004639").warmest(Scale::Celsius) < MilliCelsius(8000));
        let profile_f = CentiFahrenheit(3560).coldest_not_below();
        assert_eq!(lowest("(4333)000200").coldest(Scale::Fahrenheit), profile_f);
        assert!(lowest("(4332)003560").coldest(Scale::Celsius) <= MilliCelsius(2000));
        assert!(lowest("(4332)003561").coldest(Scale::Celsius) > MilliCelsius(2000));
    }
}
