//! What values mean: dates with their century, temperatures, weights and measures with their units.

use super::key::last_day;
use super::{Element, Scan};
use crate::units::MilliCelsius;
use serde::Serialize;

/// What one element's value means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// Of which identifier.
    pub ai: String,
    /// What kind of quantity.
    pub kind: MeaningKind,
    /// The value: a date as `2027-11-30`, with a time as `2027-11-30T09:30`, a number as a decimal.
    pub value: String,
    /// Its unit in UCUM, for a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
}

/// Kinds of quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeaningKind {
    /// A calendar date.
    Date,
    /// A calendar date and a time of day, both local.
    DateTime,
    /// A limit of temperature.
    Temperature,
    /// A mass.
    Mass,
    /// A length.
    Length,
    /// An area.
    Area,
    /// A volume.
    Volume,
}

/// Measures by the first three digits of their identifier; the fourth counts the decimals
/// (GS1 General Specifications, 3.6).
const MEASURES: [(&str, MeaningKind, &str); 52] = {
    use MeaningKind::{Area, Length, Mass, Volume};
    [
        ("310", Mass, "kg"),
        ("311", Length, "m"),
        ("312", Length, "m"),
        ("313", Length, "m"),
        ("314", Area, "m2"),
        ("315", Volume, "L"),
        ("316", Volume, "m3"),
        ("320", Mass, "[lb_av]"),
        ("321", Length, "[in_i]"),
        ("322", Length, "[ft_i]"),
        ("323", Length, "[yd_i]"),
        ("324", Length, "[in_i]"),
        ("325", Length, "[ft_i]"),
        ("326", Length, "[yd_i]"),
        ("327", Length, "[in_i]"),
        ("328", Length, "[ft_i]"),
        ("329", Length, "[yd_i]"),
        ("330", Mass, "kg"),
        ("331", Length, "m"),
        ("332", Length, "m"),
        ("333", Length, "m"),
        ("334", Area, "m2"),
        ("335", Volume, "L"),
        ("336", Volume, "m3"),
        ("340", Mass, "[lb_av]"),
        ("341", Length, "[in_i]"),
        ("342", Length, "[ft_i]"),
        ("343", Length, "[yd_i]"),
        ("344", Length, "[in_i]"),
        ("345", Length, "[ft_i]"),
        ("346", Length, "[yd_i]"),
        ("347", Length, "[in_i]"),
        ("348", Length, "[ft_i]"),
        ("349", Length, "[yd_i]"),
        ("350", Area, "[sin_i]"),
        ("351", Area, "[sft_i]"),
        ("352", Area, "[syd_i]"),
        ("353", Area, "[sin_i]"),
        ("354", Area, "[sft_i]"),
        ("355", Area, "[syd_i]"),
        ("356", Mass, "[oz_tr]"),
        ("357", Mass, "[oz_av]"),
        ("360", Volume, "[qt_us]"),
        ("361", Volume, "[gal_us]"),
        ("362", Volume, "[qt_us]"),
        ("363", Volume, "[gal_us]"),
        ("364", Volume, "[cin_i]"),
        ("365", Volume, "[cft_i]"),
        ("366", Volume, "[cyd_i]"),
        ("367", Volume, "[cin_i]"),
        ("368", Volume, "[cft_i]"),
        ("369", Volume, "[cyd_i]"),
    ]
};

impl Scan {
    /// What the dates, temperatures and measures of the scan mean, as seen in `this_year`.
    pub fn meanings(&self, this_year: u16) -> Vec<Meaning> {
        self.elements.iter().filter_map(|element| meaning(element, this_year)).collect()
    }

    /// The highest temperature that the label allows (AI 4331 in °C, AI 4330 in °F, rounded to 0.001 °C).
    pub fn highest_temperature(&self) -> Option<MilliCelsius> {
        self.celsius("4331").or_else(|| self.fahrenheit("4330"))
    }

    /// The lowest temperature that the label allows (AI 4333 in °C, AI 4332 in °F, rounded to 0.001 °C).
    pub fn lowest_temperature(&self) -> Option<MilliCelsius> {
        self.celsius("4333").or_else(|| self.fahrenheit("4332"))
    }

    fn celsius(&self, ai: &str) -> Option<MilliCelsius> {
        hundredths(self.value(ai)?)?.checked_mul(10).map(MilliCelsius)
    }

    fn fahrenheit(&self, ai: &str) -> Option<MilliCelsius> {
        // (hundredths − 32.00 °F) × 5/9 of a hundredth, in thousandths: × 50/9, half away from zero.
        let scaled = hundredths(self.value(ai)?)?.checked_sub(3200)?.checked_mul(50)?;
        let half = if scaled < 0 { -4 } else { 4 };
        scaled.checked_add(half).map(|scaled| MilliCelsius(scaled / 9))
    }
}

/// Hundredths of a degree: six digits, and a minus sign behind them for what is below zero.
pub(super) fn hundredths(value: &str) -> Option<i32> {
    match value.strip_suffix('-') {
        Some(digits) => digits.parse::<i32>().ok().map(|value| -value),
        None => value.parse().ok(),
    }
}

fn meaning(element: &Element, this_year: u16) -> Option<Meaning> {
    let Element { ai, value } = element;
    let told = |kind, value: String, unit| Some(Meaning { ai: ai.clone(), kind, value, unit });
    match ai.as_str() {
        "11" | "12" | "13" | "15" | "16" | "17" | "4326" | "7006" => {
            told(MeaningKind::Date, last_day(value, this_year)?.to_string(), None)
        }
        "4324" | "4325" | "7003" => {
            let (date, time) = value.split_at_checked(6)?;
            let (hour, minute) = time.split_at_checked(2)?;
            let date = last_day(date, this_year)?;
            told(MeaningKind::DateTime, format!("{date}T{hour}:{minute}"), None)
        }
        "4330" | "4332" => told(MeaningKind::Temperature, degrees(value)?, Some("[degF]")),
        "4331" | "4333" => told(MeaningKind::Temperature, degrees(value)?, Some("Cel")),
        _ => measure(ai, value),
    }
}

fn degrees(value: &str) -> Option<String> {
    let hundredths = hundredths(value)?;
    let (sign, magnitude) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
    Some(format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100))
}

fn measure(ai: &str, value: &str) -> Option<Meaning> {
    let (group, decimals) = ai.split_at_checked(3)?;
    let (_, kind, unit) = MEASURES.iter().find(|(one, _, _)| *one == group)?;
    let decimals: usize = decimals.parse().ok()?;
    let (whole, fraction) = value.split_at_checked(value.len().checked_sub(decimals)?)?;
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(Meaning {
        ai: ai.to_owned(),
        kind: *kind,
        value: format!("{whole}{point}{fraction}"),
        unit: Some(unit),
    })
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn label_temperatures_are_thousandths_of_a_degree_celsius_whatever_their_unit() {
        let label = |text: &str| {
            let scan = read(text).unwrap();
            let limits = [scan.lowest_temperature(), scan.highest_temperature()];
            limits.map(|limit| limit.map(|limit| limit.0))
        };
        let sscc = "(00)095212345432100010";
        assert_eq!(label(&format!("{sscc}(4331)000800(4333)000200")), [Some(2000), Some(8000)]);
        assert_eq!(label(&format!("{sscc}(4331)002500-(4333)008000-")), [Some(-80_000), Some(-25_000)]);
        assert_eq!(label(&format!("{sscc}(4330)004640(4332)003560")), [Some(2000), Some(8000)]);
        assert_eq!(label(&format!("{sscc}(4330)000001-(4332)003201")), [Some(6), Some(-17_783)]);
        assert_eq!(label(sscc), [None, None]);
    }

    #[test]
    fn weights_and_measures_have_as_many_decimals_as_their_identifier_says() {
        let value = |text: &str| {
            let scan = read(&format!("(01)09521234543213{text}")).unwrap();
            scan.meanings(2026).into_iter().map(|meaning| (meaning.value, meaning.unit)).collect::<Vec<_>>()
        };
        assert_eq!(value("(3103)001250"), [("1.250".to_owned(), Some("kg"))]);
        assert_eq!(value("(3100)000007"), [("7".to_owned(), Some("kg"))]);
        assert_eq!(value("(3155)000007"), [("0.00007".to_owned(), Some("L"))]);
        assert_eq!(value("(10)A1"), []);
    }
}
