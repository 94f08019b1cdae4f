//! What a file says of the unit of its temperatures outside of their column's name.

use super::table::{TemperatureUnit, cells, is_no_reading};
use super::text::Line;
use super::units::{all_named, in_small_letters, is_temperature, letter, signs, whole};

/// Words for a unit, in small letters.
const UNITS: [&str; 14] = [
    "unit",
    "units",
    "einheit",
    "einheiten",
    "unidad",
    "unidade",
    "unité",
    "unità",
    "uom",
    "scale",
    "skala",
    "escala",
    "échelle",
    "scala",
];
/// Words that may stand beside one, and name no place.
const BESIDE_UNITS: [&str; 13] = [
    "of",
    "de",
    "du",
    "the",
    "measure",
    "measurement",
    "medida",
    "mesure",
    "reading",
    "readings",
    "value",
    "values",
    "display",
];

/// Words for the system of units that °F belongs to.
const IMPERIAL: [&str; 4] = ["imperial", "customary", "us", "usa"];

/// What the rest of a file says of the unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Elsewhere {
    /// The units that a line above the header or a column of units names.
    pub named: Vec<TemperatureUnit>,
    /// Another unit than °C stands somewhere, and nothing says that it is the readings'.
    pub mentioned: bool,
    /// The places of the columns that name a unit.
    pub columns: Vec<usize>,
    /// Which of the lines above the header name one.
    pub lines: Vec<usize>,
}

impl Elsewhere {
    /// What the lines above a header and the columns beside the temperatures say of the unit.
    pub fn of(
        lines: &[Line<'_>],
        header: usize,
        (names, delimiter): (&[String], char),
        temperature: &str,
    ) -> Self {
        let mut said = above(lines.iter().take(header).map(|line| line.text));
        let mut columns: Vec<Column<'_>> = names.iter().map(|name| Column::new(name)).collect();
        for line in lines.iter().skip(header.saturating_add(1)) {
            let row = cells(line, delimiter).unwrap_or_default();
            columns.iter_mut().zip(&row).for_each(|(column, cell)| column.take(cell));
        }
        let beside: Vec<(usize, &Column<'_>)> =
            columns.iter().enumerate().filter(|(_, column)| column.name != temperature).collect();
        said.take_columns(&beside);
        said.mentioned &= said.named.is_empty();
        said
    }

    fn take_columns(&mut self, columns: &[(usize, &Column<'_>)]) {
        let named = columns.iter().filter(|(_, column)| names_units(column.name) && !column.units.is_empty());
        let others = || columns.iter().filter(|(_, column)| !names_units(column.name));
        let whole: Vec<&(usize, &Column<'_>)> = others().filter(|(_, column)| column.is_of_units()).collect();
        let is_only = !others().any(|(_, column)| column.is_of_temperatures());
        let by_cells = match whole[..] {
            [only] if is_only => Some(*only),
            _ => None,
        };
        for (place, column) in named.copied().chain(by_cells) {
            self.columns.push(place);
            let further = column.units.iter().filter(|unit| !self.named.contains(unit));
            self.named.extend(further.copied().collect::<Vec<_>>());
        }
        let names: Vec<&str> = columns.iter().map(|(_, column)| column.name).collect();
        self.mentioned |= others().any(|(_, column)| {
            column.mentioned || column.may_be_fahrenheit() || names_fahrenheit(column.name, &names)
        });
    }
}

/// A column beside the temperatures.
struct Column<'n> {
    name: &'n str,
    /// The units that its cells are, each once.
    units: Vec<TemperatureUnit>,
    /// Some of its cells are none, and not empty either.
    others: bool,
    /// All units are single letters.
    letters: bool,
    /// A cell with another unit than °C in it.
    mentioned: bool,
    /// Some of its cells are numbers.
    numbers: bool,
}

impl<'n> Column<'n> {
    fn new(name: &'n str) -> Self {
        Self { name, units: Vec::new(), others: false, letters: true, mentioned: false, numbers: false }
    }

    fn take(&mut self, cell: &str) {
        if is_no_reading(cell) {
            return;
        }
        // As nearly every cell is; no need to look for words in it.
        if cell.is_ascii() && !cell.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            self.numbers = true;
            self.others = true;
            return;
        }
        let cell = in_small_letters(cell);
        match as_unit(&cell) {
            Some(unit) => {
                self.letters &= cell.chars().count() == 1;
                if !self.units.contains(&unit) {
                    self.units.push(unit);
                }
            }
            None => self.others = true,
        }
        self.mentioned |= mentions_another(&cell) || cell.starts_with("imperial");
    }

    /// Whether every cell says a unit, in more than a letter that may mean something else (false, failed, closed).
    fn is_of_units(&self) -> bool {
        !self.units.is_empty() && !self.others && !self.letters
    }

    /// Whether every cell is a letter that may be another unit than °C.
    fn may_be_fahrenheit(&self) -> bool {
        let another = self.units.iter().any(|unit| *unit != TemperatureUnit::Celsius);
        another && !self.others
    }

    fn is_of_temperatures(&self) -> bool {
        let name = self.name.to_lowercase();
        self.numbers
            && (name.split(|one: char| !one.is_alphanumeric()).any(is_temperature)
                || !signs(&name).is_empty())
    }
}

/// What lines above a header say of the unit.
pub(super) fn above<'t>(lines: impl Iterator<Item = &'t str>) -> Elsewhere {
    let mut said = Elsewhere::default();
    for (place, line) in lines.enumerate() {
        let line = in_small_letters(line);
        let cell = |text: &str| text.trim_matches(|one: char| one == '"' || one.is_whitespace()).to_owned();
        let parts = line.trim_end_matches([',', ';', '\t', ' ']).rsplit_once([':', '=', ',', ';', '\t']);
        let of_unit = match parts {
            Some((name, value)) if names_units(&cell(name)) || is_temperature_alone(&cell(name)) => {
                as_unit(&cell(value))
            }
            _ => None,
        };
        let signs = signs(&line);
        let named = match of_unit {
            Some(unit) => vec![unit],
            None if line.contains("unit") && !signs.is_empty() => signs,
            None => {
                said.mentioned |= mentions_another(&line) || says_imperial(&line);
                continue;
            }
        };
        said.lines.extend((!named.is_empty()).then_some(place));
        said.named.extend(named);
    }
    said.mentioned &= said.named.is_empty();
    said
}

/// Whether a text in small letters has another unit than °C in it, by its sign or as in `46.4F` and `46.4 f`.
fn mentions_another(text: &str) -> bool {
    let another = signs(text).iter().any(|unit| *unit != TemperatureUnit::Celsius);
    let part =
        |one: char| one.is_whitespace() || matches!(one, ',' | ';' | '=' | '"' | '(' | ')' | '<' | '>');
    let mut before = "";
    let is_value = |word| {
        let number = match word {
            "f" => Some(before),
            // Of `above:46.4f`; an address such as `c4:7c:8d` has more of them.
            _ => word.strip_suffix('f').filter(|word| word.matches(':').count() < 2),
        };
        before = word;
        number.and_then(|number| number.rsplit(':').next()).is_some_and(is_degrees)
    };
    another || text.split(part).filter(|word| !word.is_empty()).any(is_value)
}

/// Whether a word is a number that may be of degrees, and not the `884` of a device's name.
fn is_degrees(word: &str) -> bool {
    let digits = word.trim_start_matches(['-', '+', '−']);
    let whole = digits.split('.').next().and_then(|whole| whole.parse::<u16>().ok());
    whole.is_some_and(|whole| whole <= 250) && digits.chars().all(|one| one.is_ascii_digit() || one == '.')
}

/// Whether a line in small letters says `Units: Imperial`, `Unit system: US`.
fn says_imperial(line: &str) -> bool {
    let words = || line.split(|one: char| !one.is_alphanumeric());
    let is_of_units = words().any(|word| UNITS.contains(&word) || word == "system");
    is_of_units && words().any(|word| IMPERIAL.contains(&word))
}

/// Whether a column's name says °F, or may: the sixth of places that are called by letters does not.
fn names_fahrenheit(name: &str, names: &[&str]) -> bool {
    let (units, perhaps) = all_named(name);
    let is_place = name.strip_suffix(['F', 'f']).is_some_and(|place| {
        ["D", "E", "G", "d", "e", "g"]
            .iter()
            .any(|letter| names.contains(&format!("{place}{letter}").as_str()))
    });
    !is_place && (perhaps || units.contains(&TemperatureUnit::Fahrenheit))
}

/// The unit that a text in small letters is, and no value in it.
fn as_unit(text: &str) -> Option<TemperatureUnit> {
    whole(text).filter(|_| !text.chars().any(|one| one.is_ascii_digit()))
}

/// Whether a name in any letters is that of units of temperature: `Unit`, `Temperature unit`, `UoM`, `Temp Scale`,
/// `Unit of measure`, `C/F`. One that names something else beside (`Fridge unit`, `Unit ID`) may be a place's.
fn names_units(name: &str) -> bool {
    let name = name.to_lowercase();
    let words: Vec<&str> =
        name.split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_unit = |word: &&str| UNITS.contains(word);
    let letters = || ["c", "f"].iter().all(|letter| words.contains(letter));
    let known = |word: &&str| {
        is_unit(word) || is_temperature(word) || letter(word).is_some() || BESIDE_UNITS.contains(word)
    };
    let is_of_units = words.iter().any(is_unit) || letters();
    (is_of_units && words.iter().all(known))
        || (name.contains("temp") && ["unit", "einheit", "unidad"].iter().any(|word| name.contains(word)))
}

/// Whether a name is that of a temperature and nothing else.
fn is_temperature_alone(name: &str) -> bool {
    !name.is_empty() && name.split_whitespace().all(|word| is_temperature(word.trim_end_matches('.')))
}

#[cfg(test)]
mod tests {
    use super::super::units::{Said, agreed};
    use super::*;
    use TemperatureUnit::{Celsius, Fahrenheit};

    #[test]
    fn lines_above_the_header_say_the_unit_or_leave_it_in_doubt() {
        let above = |lines: &[&str]| {
            let said = super::above(lines.iter().copied());
            (said.named, said.mentioned, said.lines)
        };
        let named = |unit| (vec![unit], false, vec![0]);
        for line in [
            "Temperature unit: °F",
            "Unit=F",
            "\"Temp. Units\",\"Fahrenheit\"",
            "Units;F;;",
            "Unit F (°F)",
            "Temperature Scale: F",
            "Temperature: F",
            "Temp.;Fahrenheit",
            "Scale,F",
        ] {
            assert_eq!(above(&[line]), named(Fahrenheit), "{line}");
        }
        assert_eq!(above(&["Unit: C"]), named(Celsius));
        for line in [
            "Alarm above: 46.4 °F",
            "Temperature: 46.4 °F",
            "High Alarm: 46.4F, Low Alarm: 35.6F",
            "High Alarm:46.4F",
            "High Alarm;46 F;",
            "Limit: -4 oF",
            "Units: Imperial",
            "Unit system: US customary",
            "Measuring system;imperial",
        ] {
            assert_eq!(above(&[line]), (vec![], true, vec![]), "{line}");
        }
        assert_eq!(above(&["Alarm above: 46.4 °F", "Unit: C"]), (vec![Celsius], false, vec![1]));
        for line in [
            "Unit ID: F",
            "Alarm above: 8 °C",
            "Device: Fridge F",
            "Address: C4:7C:8D:6A:3E:7F",
            "MAC 3E7F",
            "Imperial College Hospital",
            "United Hospitals, USA",
            "Device: Ruuvi 884F",
            "Units: Metric",
            "",
        ] {
            assert_eq!(above(&[line]), (vec![], false, vec![]), "{line}");
        }
        let said = |named: &[TemperatureUnit], mentioned| {
            let beside = Elsewhere { named: named.to_vec(), mentioned, ..Elsewhere::default() };
            agreed(&Said { column: (9, "Temp"), beside }, None)
        };
        assert_eq!(said(&[Fahrenheit], false), Ok(Fahrenheit));
        assert_eq!(said(&[], true).unwrap_err().code(), "file/unit-unknown");
        assert_eq!(said(&[Fahrenheit, Celsius], false).unwrap_err().code(), "file/unit-unknown");
    }

    fn unit(name: &str, rows: &[[&str; 2]]) -> Result<TemperatureUnit, &'static str> {
        let names = ["Time", "Temp", name].map(str::to_owned);
        let lines: Vec<String> = rows
            .iter()
            .map(|[temperature, beside]| format!("2026-03-01T01:00:00Z,{temperature},{beside}"))
            .collect();
        let header = names.join(",");
        let texts = std::iter::once(&header).chain(&lines);
        let lines: Vec<Line<'_>> =
            (1..).zip(texts).map(|(number, text)| Line { number, text, raw: &[] }).collect();
        let beside = Elsewhere::of(&lines, 0, (&names, ','), "Temp");
        agreed(&Said { column: (1, "Temp"), beside }, None).map_err(|error| error.code())
    }

    #[test]
    fn a_column_of_units_says_the_unit_whatever_it_is_called_or_it_is_asked_for() {
        let unknown = Err("file/unit-unknown");
        for name in [
            "Unit",
            "UoM",
            "Scale",
            "Temp Scale",
            "Measurement Unit",
            "Unit of measure",
            "Reading Unit",
            "C/F",
            "Temperature unit",
            "°C/°F",
        ] {
            for cell in ["F", "°F", "degF", "Fahrenheit"] {
                assert_eq!(
                    unit(name, &[["40.1", cell], ["41", ""], ["42", cell]]),
                    Ok(Fahrenheit),
                    "{name} {cell}"
                );
            }
            assert_eq!(unit(name, &[["4.1", "C"], ["4.2", "C"]]), Ok(Celsius), "{name}");
            assert_eq!(unit(name, &[["4.1", "C"], ["40.2", "F"]]), unknown, "{name}");
        }
        // Elsewhere a letter alone may be a place, or mean false.
        for name in ["Fridge Unit", "Alarm", "Notes", ""] {
            assert_eq!(unit(name, &[["40.1", "°F"], ["41", "Fahrenheit"]]), Ok(Fahrenheit), "{name}");
            assert_eq!(unit(name, &[["40.1", "F"], ["41", "F"]]), unknown, "{name}");
            assert_eq!(unit(name, &[["40.1", "F"], ["41", "T"]]), Ok(Celsius), "{name}");
            assert_eq!(unit(name, &[["40.1", "set to 41 °F"], ["41", ""]]), unknown, "{name}");
            assert_eq!(unit(name, &[["4.1", "C"], ["4.2", "8 °C"]]), Ok(Celsius), "{name}");
        }
        for cell in ["46F", "46.4 oF", "Imperial"] {
            assert_eq!(unit("Limit", &[["40.1", cell], ["41", ""]]), unknown, "{cell}");
        }
        assert_eq!(unit("Temp 2", &[["4.1", "39 °F"], ["4.2", "39 F"]]), unknown);
    }
    #[test]
    fn a_fahrenheit_in_the_name_of_a_column_beside_the_readings_is_asked_about() {
        let rows = [["4.4", "4.5"], ["4.4", ""]];
        for name in [
            "Temp max (°F)",
            "High Alarm(°F)",
            "High Alarm (F)",
            "High Alarm F",
            "TempF",
            "FTemp",
            "Dew point oF",
            "Setpoint Fahrenheit",
        ] {
            assert_eq!(unit(name, &rows), Err("file/unit-unknown"), "{name}");
        }
        for name in ["Temp max (°C)", "Temp max", "Fridge", "Humidity (%)", "C/F", "Freezer F1"] {
            assert_eq!(unit(name, &rows), Ok(Celsius), "{name}");
        }
        let names = ["Fridge A", "Fridge B", "Fridge E", "Fridge F"].map(str::to_owned);
        let said = |names: &[String]| Elsewhere::of(&[], 0, (names, ','), "Fridge A").mentioned;
        assert!(!said(&names) && said(&[names[0].clone(), names[3].clone()]), "the sixth fridge");
    }
}
