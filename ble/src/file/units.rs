//! The unit that a column of temperatures names in its header.

use super::FileError;
use super::elsewhere::Elsewhere;
use super::table::TemperatureUnit;

/// Words for what measures, whose number an `f` may follow.
const MEASURED: [&str; 8] = ["ch", "channel", "probe", "sensor", "input", "value", "tc", "ext"];

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

/// What says the unit of a column's temperatures, but for the person.
pub(super) struct Said<'a> {
    /// The column's name, and its line.
    pub column: (u32, &'a str),
    /// What stands beside it.
    pub beside: Elsewhere,
}

/// The unit of a column that a person named: theirs and the file's, or degrees Celsius where neither says one.
///
/// # Errors
/// Where the file says another unit than the person does; where it says several, or perhaps °F, and the person none.
pub(super) fn agreed(said: &Said<'_>, given: Option<TemperatureUnit>) -> Result<TemperatureUnit, FileError> {
    let (line, name) = said.column;
    let (mut named, perhaps) = all_named(name);
    let further = said.beside.named.iter().filter(|unit| !named.contains(unit)).copied();
    named.extend(further.collect::<Vec<_>>());
    let doubtful = perhaps || said.beside.mentioned;
    let column = || name.to_owned();
    match (given, &named[..]) {
        (None, []) if doubtful => Err(FileError::UnitUnknown { line, column: column() }),
        (None, []) => Ok(TemperatureUnit::Celsius),
        (Some(given), []) => Ok(given),
        (None, [only]) => Ok(*only),
        (Some(given), named) if named.contains(&given) => Ok(given),
        (Some(_), _) => Err(FileError::UnitContradicted { line, column: column() }),
        (None, _) => Err(FileError::UnitUnknown { line, column: column() }),
    }
}

/// That a person says no other unit than a file that is known has.
///
/// # Errors
/// Where they do.
pub(super) fn not_contradicted(
    given: Option<TemperatureUnit>,
    of_file: TemperatureUnit,
    (line, column): (u32, &str),
) -> Result<(), FileError> {
    match given {
        Some(given) if given != of_file => {
            Err(FileError::UnitContradicted { line, column: column.to_owned() })
        }
        _ => Ok(()),
    }
}

/// The units that a name says anywhere, as in `Temp °F`, `temp_f`, `Fahrenheit`, and whether it may mean °F beside
/// that.
///
/// Of letters alone `c` and `f` say one in brackets, as the last word (`temperatureInF`), or right behind a word for a
/// temperature (`Temp F 1`, `TempF`); elsewhere, and with a number (`Temp F1`, `Ch1F`), an `f` may be the name of a
/// place.
pub(super) fn all_named(name: &str) -> (Vec<TemperatureUnit>, bool) {
    let name = in_small_letters(&by_words(name)).replace("° ", "°");
    let mut units = signs(&name);
    let words: Vec<&str> =
        name.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut perhaps = words.last() == Some(&"of");
    for (place, word) in words.iter().enumerate() {
        let is_last = place.saturating_add(1) == words.len();
        let before = place.checked_sub(1).and_then(|before| words.get(before));
        let after_temperature = before.is_some_and(|before| is_temperature(before));
        let unit = match (letter(word), glued(word)) {
            (Some(unit), _) if is_last || after_temperature => Some(unit),
            (_, glued) => glued,
        };
        units.extend(unit.filter(|unit| !units.contains(unit)));
        let is_measured = before.is_some_and(|before| is_temperature(before) || MEASURED.contains(before));
        let numbered = is_measured && word.trim_matches(|one: char| one.is_ascii_digit()) == "f";
        perhaps |= unit.is_none() && (*word == "f" || numbered || glued_otherwise(word));
    }
    (units, perhaps)
}

/// A name with its words apart: `temperatureInF`, `MaxF`.
fn by_words(name: &str) -> String {
    let mut apart = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_uppercase()
            && apart.chars().last().is_some_and(char::is_lowercase)
            && !apart.ends_with('o')
        {
            apart.push(' ');
        }
        apart.push(character);
    }
    apart
}

/// A text in small letters, with the sign of a degree where an `o` stands for it, as in `46.4 oF`.
pub(super) fn in_small_letters(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        let stands_alone = character == 'o' && !before.is_alphabetic();
        let is_degree = stands_alone && characters.peek().is_some_and(|next| matches!(next, 'F' | 'C'));
        written.push(if is_degree { '°' } else { character });
        before = character;
    }
    written.to_lowercase()
}

/// The units that a text in small letters names by their signs.
pub(super) fn signs(text: &str) -> Vec<TemperatureUnit> {
    let bracketed: String = text.chars().filter(|one| !one.is_whitespace()).collect();
    let units: [(&[&str], &[&str], TemperatureUnit); 3] = [
        (
            &["°c", "ºc", "˚c", "℃", "celsius", "degc", "deg c"],
            &["(c)", "[c]", "{c}"],
            TemperatureUnit::Celsius,
        ),
        (
            &["°f", "ºf", "˚f", "℉", "fahrenh", "farenh", "farhenh", "fahernh", "degf", "deg f"],
            &["(f)", "[f]", "{f}"],
            TemperatureUnit::Fahrenheit,
        ),
        (&["°k", "ºk", "kelvin"], &["(k)", "[k]", "{k}"], TemperatureUnit::Kelvin),
    ];
    let says = |(signs, letters, unit): (&[&str], &[&str], TemperatureUnit)| {
        let named = signs.iter().any(|sign| text.contains(sign));
        (named || letters.iter().any(|letter| bracketed.contains(letter))).then_some(unit)
    };
    units.into_iter().filter_map(says).collect()
}

pub(super) fn letter(word: &str) -> Option<TemperatureUnit> {
    match word {
        "c" => Some(TemperatureUnit::Celsius),
        "f" | "fahr" => Some(TemperatureUnit::Fahrenheit),
        _ => None,
    }
}

/// `temp`, `temperature`, `Temperatur`, `t`, `deg`.
pub(super) fn is_temperature(word: &str) -> bool {
    word.starts_with("temp") || ["t", "tmp", "deg", "degree", "degrees"].contains(&word)
}

/// The unit at the end of one word, as in `TempF`, `probeTempC`, `temp2f`.
fn glued(word: &str) -> Option<TemperatureUnit> {
    let (_, end) = word.rsplit_once("temp")?;
    let end = end.strip_prefix("erature").unwrap_or(end);
    let end = end.strip_prefix("in").unwrap_or(end);
    letter(end.trim_matches(|one: char| one.is_ascii_digit()))
}

/// Whether one word has an `f` where it may be the unit, as in `FTemp`, `Ch1F`, `t2f`.
fn glued_otherwise(word: &str) -> bool {
    let numbered =
        word.strip_suffix('f').map(|word| (word, word.trim_end_matches(|one: char| one.is_ascii_digit())));
    let is_numbered = numbered.is_some_and(|(word, name)| {
        (word != name || name == "t") && (is_temperature(name) || MEASURED.contains(&name))
    });
    is_numbered || word.starts_with("ftemp")
}

/// The unit that a text in small letters is.
pub(super) fn whole(text: &str) -> Option<TemperatureUnit> {
    match (letter(text), &signs(text)[..]) {
        (Some(unit), _) => Some(unit),
        (None, [only]) => Some(*only),
        (None, _) if text == "k" => Some(TemperatureUnit::Kelvin),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TemperatureUnit::{Celsius, Fahrenheit, Kelvin};

    fn agreed(line: u32, column: &str, given: Option<TemperatureUnit>) -> Result<TemperatureUnit, FileError> {
        super::agreed(&Said { column: (line, column), beside: Elsewhere::default() }, given)
    }

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
            ("Temp (F) Probe 1", Fahrenheit),
            ("Temperature [F] Fridge", Fahrenheit),
            ("T(F) max", Fahrenheit),
            ("Avg. Temp ( F ), Box 3", Fahrenheit),
            ("Temp_F_1", Fahrenheit),
            ("Temp F 1", Fahrenheit),
            ("TempF", Fahrenheit),
            ("TemperatureF", Fahrenheit),
            ("tempf_2", Fahrenheit),
            ("probeTemp1F", Fahrenheit),
            ("Temperatur F Kühlschrank", Fahrenheit),
            ("temperatureInF", Fahrenheit),
            ("tempinf", Fahrenheit),
            ("MaxF", Fahrenheit),
            ("Temp oF", Fahrenheit),
            ("Temp (oF) max", Fahrenheit),
            ("Temp ˚F", Fahrenheit),
            ("Temp Fahr.", Fahrenheit),
            ("Temp Farenheit", Fahrenheit),
            ("Temp oC", Celsius),
            ("Temp of fridge", Celsius),
            ("Fahrzeugtemperatur", Celsius),
            ("Ruuvi 884F", Celsius),
            ("TempoFlex", Celsius),
            ("Temp (°C)", Celsius),
            ("Temp (C) Freezer F1", Celsius),
            ("Temp [C] Freezer F 1", Celsius),
            ("temperature_c", Celsius),
            ("TempC Freezer", Celsius),
            ("Temp (K)", Kelvin),
            ("Temp (K) Probe 1", Kelvin),
            ("Temperatur", Celsius),
            ("fridge", Celsius),
            ("Temp Fridge", Celsius),
            ("TempFridge", Celsius),
            ("Freezer F1", Celsius),
            ("", Celsius),
        ] {
            assert_eq!(agreed(1, column, None), Ok(unit), "{column}");
            assert_eq!(agreed(1, column, Some(unit)), Ok(unit), "{column}");
        }
        assert_eq!(agreed(1, "Temp", Some(Fahrenheit)), Ok(Fahrenheit));
    }

    #[test]
    fn an_f_that_may_be_a_place_or_the_unit_is_asked_about() {
        for column in [
            "Freezer F 1",
            "F (max)",
            "Probe F min",
            "Temp F1",
            "Temp 1F",
            "F_Temp",
            "FTemp",
            "Ch1F",
            "Ch 1F",
            "T1F",
            "TF",
            "TEMP OF",
        ] {
            assert_eq!(agreed(1, column, None).unwrap_err().code(), "file/unit-unknown", "{column}");
            for unit in [Celsius, Fahrenheit] {
                assert_eq!(agreed(1, column, Some(unit)), Ok(unit), "{column}");
            }
        }
        assert_eq!(agreed(1, "Temp (C) F", None).unwrap_err().code(), "file/unit-unknown");
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
