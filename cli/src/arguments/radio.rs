//! `firn download`: which loggers, into which shipment, and what they may be told.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Download {
    /// An enrolled logger (id, unique prefix, label or serial), or a Bluetooth address; of several, four
    /// are read at a time
    #[arg(value_name = "LOGGER", required_unless_present = "all")]
    pub loggers: Vec<String>,
    /// Every logger that travels in the shipment
    #[arg(long, requires = "shipment", conflicts_with = "loggers")]
    pub all: bool,
    /// Seal the readings into this shipment [default: print them, one JSON object a line]
    #[arg(long, value_name = "SHIPMENT")]
    pub shipment: Option<String>,
    /// The logger's family, where it is named by address; `environmental-sensing` for any thermometer
    /// with the Bluetooth SIG's services
    #[arg(long, value_name = "NAME", default_value = "ruuvitag")]
    pub device: String,
    /// How long to listen for the logger
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub patience: u64,
    /// Let the logger's clock be set to local time, where it hands over nothing before that; remembered for
    /// an enrolled logger, as `firn logger clock` does
    #[arg(long, requires = "zone")]
    pub allow_clock_write: bool,
    /// Where the logger stands: a place such as Europe/Paris, or an offset such as +01:00
    #[arg(long, value_name = "TZ", allow_hyphen_values = true)]
    pub zone: Option<String>,
    /// A file whose first line is the logger's password; it goes over the air in clear
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}
