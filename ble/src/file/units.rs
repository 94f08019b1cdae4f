//! The unit that a column of temperatures names in its header.

use super::FileError;
use super::table::TemperatureUnit;

/// The unit of `Temperature_Fahrenheit`, `Temperature (°C)`, `temperature(℃)`.
pub(super) fn unit_of(name: &str) -> Option<TemperatureUnit> {
    let name = name.to_lowercase();
    if name.contains("celsius") {
        return Some(TemperatureUnit::Celsius);
    }
    if name.contains("fahrenheit") {
        return Some(TemperatureUnit::Fahrenheit);
    }
    unit_in_brackets(&name)
}

/// The unit at the end of a name in small letters.
pub(super) fn unit_in_brackets(name: &str) -> Option<TemperatureUnit> {
    let unit = name.strip_suffix(')')?.rsplit('(').next()?;
    match unit.trim() {
        "°c" | "℃" | "c" => Some(TemperatureUnit::Celsius),
        "°f" | "℉" | "f" => Some(TemperatureUnit::Fahrenheit),
        "k" => Some(TemperatureUnit::Kelvin),
        _ => None,
    }
}

/// The unit of a column that a person named: theirs and the header's, or degrees Celsius where neither says one.
///
/// # Errors
/// Where the header says another unit than the person does, or several and the person none.
pub(super) fn agreed(
    line: u32,
    column: &str,
    given: Option<TemperatureUnit>,
) -> Result<TemperatureUnit, FileError> {
    let named = all_named(column);
    let column = || column.to_owned();
    match (given, &named[..]) {
        (None, []) => Ok(TemperatureUnit::Celsius),
        (Some(given), []) => Ok(given),
        (None, [only]) => Ok(*only),
        (Some(given), named) if named.contains(&given) => Ok(given),
        (Some(_), _) => Err(FileError::UnitContradicted { line, column: column() }),
        (None, _) => Err(FileError::UnitUnknown { line, column: column() }),
    }
}

/// The units that a name says anywhere, as in `Temp °F`, `temp_f`, `Fahrenheit`; of single letters `c` and `f` alone,
/// and only as its last word.
fn all_named(name: &str) -> Vec<TemperatureUnit> {
    let name = name.to_lowercase().replace("° ", "°");
    let last = name.split(|character: char| !character.is_alphanumeric()).rfind(|word| !word.is_empty());
    let says = |signs: &[&str], word: &str| {
        signs.iter().any(|sign| name.contains(sign)) || (!word.is_empty() && last == Some(word))
    };
    let units = [
        (says(&["°c", "ºc", "℃", "celsius", "degc", "deg c"], "c"), TemperatureUnit::Celsius),
        (says(&["°f", "ºf", "℉", "fahrenheit", "degf", "deg f"], "f"), TemperatureUnit::Fahrenheit),
        (says(&["°k", "ºk", "(k)", "[k]", "kelvin"], ""), TemperatureUnit::Kelvin),
    ];
    units.into_iter().filter_map(|(named, unit)| named.then_some(unit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use TemperatureUnit::{Celsius, Fahrenheit, Kelvin};

    #[test]
    fn a_column_that_a_person_names_is_in_the_unit_that_it_says() {
        for (column, unit) in [
            ("Temperature (°F)", Fahrenheit),
            ("Temp °F", Fahrenheit),
            ("Temp ° F", Fahrenheit),
            ("T [℉]", Fahrenheit),
            ("temp_f", Fahrenheit),
            ("F", Fahrenheit),
            ("Temperature_Fahrenheit (probe 1)", Fahrenheit),
            ("Deg F, fridge", Fahrenheit),
            ("Temp (°C)", Celsius),
            ("temperature_c", Celsius),
            ("Temp (K)", Kelvin),
            ("Temperatur", Celsius),
            ("fridge", Celsius),
            ("Freezer F1", Celsius),
            ("", Celsius),
        ] {
            assert_eq!(agreed(1, column, None), Ok(unit), "{column}");
            assert_eq!(agreed(1, column, Some(unit)), Ok(unit), "{column}");
        }
        assert_eq!(agreed(1, "Temp", Some(Fahrenheit)), Ok(Fahrenheit));
    }

    #[test]
    fn a_person_who_says_another_unit_than_the_header_is_asked() {
        let code = |column: &str, given| agreed(7, column, given).unwrap_err().code();
        for (column, given) in [("Temp (°F)", Celsius), ("Temp (°C)", Fahrenheit), ("temp_f", Kelvin)] {
            assert_eq!(code(column, Some(given)), "file/unit-contradicted", "{column}");
        }
        assert_eq!(code("Temp (°C/°F)", None), "file/unit-unknown");
        assert_eq!(agreed(1, "Temp (°C/°F)", Some(Fahrenheit)), Ok(Fahrenheit));
    }
}
