//! What is said on the command line of a logger's file.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Import {
    /// Berlinger Q-tag or Fridge-tag text; an export of the Ruuvi, Govee or ThermoPro app; any CSV
    pub file: PathBuf,
    /// Judge by this profile (the name of a built-in one or of one's own, or a file) [default: the device's own alarm setting]
    #[arg(long, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    #[command(flatten)]
    pub written: Written,
}

/// What a file does not say of itself.
#[derive(Debug, Args)]
pub struct Written {
    /// Where local times are read: a place such as Europe/Paris, an offset such as +01:00, or Z
    #[arg(long, value_name = "TZ", allow_hyphen_values = true)]
    pub zone: Option<String>,
    /// A CSV's column of the time, or, given twice, those of date and time of day
    #[arg(long, value_name = "COLUMN", requires = "temperature_column")]
    pub time_column: Vec<String>,
    /// A CSV's column of the temperature
    #[arg(long, value_name = "COLUMN", requires = "time_column")]
    pub temperature_column: Option<String>,
    /// A CSV's column of the relative humidity in percent
    #[arg(long, value_name = "COLUMN", requires = "temperature_column")]
    pub humidity_column: Option<String>,
    /// How its times are written, such as "%d.%m.%Y %H:%M" [default: told from the times]
    #[arg(long, value_name = "FORMAT")]
    pub time_format: Option<String>,
    /// The unit of its temperatures, which a file that says another contradicts [default: the one that it says, else c]
    #[arg(long, value_enum)]
    pub unit: Option<UnitArgument>,
    /// What stands between its cells [default: told from the header]
    #[arg(long, value_enum, requires = "temperature_column")]
    pub delimiter: Option<DelimiterArgument>,
    /// Its decimals stand behind a comma [default: a comma or a point, unless it stands between cells]
    #[arg(long, requires = "temperature_column")]
    pub decimal_comma: bool,
}

/// A unit of temperature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UnitArgument {
    /// Degrees Celsius
    C,
    /// Degrees Fahrenheit
    F,
    /// Kelvin
    K,
}

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DelimiterArgument {
    /// ,
    Comma,
    /// ;
    Semicolon,
    /// The tabulator
    Tab,
}
