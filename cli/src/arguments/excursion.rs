//! `firn shipment excursion-record`: the fields of CDC's form.

use clap::Args;
use firn_model::units::MilliCelsius;

#[derive(Debug, Args)]
pub struct Excursion {
    /// Its id, a unique prefix of six characters, its reference or GSIN, or a package (SSCC)
    pub shipment: String,
    /// When it happened (RFC 3339) [default: the first reading out of range]
    #[arg(long, value_name = "T")]
    pub at: Option<String>,
    /// The lowest temperature in the unit in °C [default: by the readings]
    #[arg(long, value_name = "DEGREES", value_parser = degrees, allow_hyphen_values = true)]
    pub lowest_c: Option<MilliCelsius>,
    /// The highest temperature in the unit in °C [default: by the readings]
    #[arg(long, value_name = "DEGREES", value_parser = degrees, allow_hyphen_values = true)]
    pub highest_c: Option<MilliCelsius>,
    /// The temperature of the room in °C
    #[arg(long, value_name = "DEGREES", value_parser = degrees, allow_hyphen_values = true)]
    pub room_c: Option<MilliCelsius>,
    /// Who completes the record [default: who signs]
    #[arg(long, value_name = "NAME")]
    pub reporter: Option<String>,
    /// What happened
    #[arg(long, value_name = "TEXT")]
    pub what: Option<String>,
    /// How many minutes the goods may have been out of range [default: by the readings]
    #[arg(long, value_name = "MINUTES")]
    pub minutes: Option<u32>,
    /// The inventory that is affected [default: the item lines]
    #[arg(long, value_name = "TEXT")]
    pub inventory: Option<String>,
    /// What else was in the unit
    #[arg(long, value_name = "TEXT")]
    pub other_items: Option<String>,
    /// Problems with the unit before
    #[arg(long, value_name = "TEXT")]
    pub before: Option<String>,
}

fn degrees(text: &str) -> Result<MilliCelsius, String> {
    MilliCelsius::parse(text).map_err(|_| "not degrees Celsius, such as 21.5".to_owned())
}
