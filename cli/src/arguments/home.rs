//! `firn init` and `firn logger`: a home and its loggers.

use super::Calibrated;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Init {
    /// The organisation's name
    #[arg(long, default_value = "Unnamed organisation")]
    pub organisation: String,
    /// What this device is called
    #[arg(long, default_value = "This device")]
    pub device: String,
    /// A file whose first line is a passphrase of its own for the organisation's root key
    #[arg(long, value_name = "FILE")]
    pub root_passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum HomeCommand {
    /// Go on in a new log under a new key, where the home was restored, set back or cloned and must not go on in
    /// its old one. Sync with every peer first; afterwards an admin enrols the new log
    Continue,
}

#[derive(Debug, Subcommand)]
pub enum Logger {
    /// Enrol a logger
    Add {
        /// What is written on its case
        #[arg(long)]
        label: String,
        /// The family whose codec reads it, such as ruuvitag
        #[arg(long, default_value = "ruuvitag")]
        family: String,
        /// Its Bluetooth address
        #[arg(long)]
        address: Option<String>,
        /// Its serial number
        #[arg(long)]
        serial: Option<String>,
        /// Its logging interval in seconds
        #[arg(long, value_name = "SECONDS")]
        interval: Option<u32>,
        /// A file with the key that opens its adverts: one line of 32 hexadecimal digits
        #[arg(long, value_name = "FILE", requires = "address")]
        bind_key_file: Option<PathBuf>,
    },
    /// Enter the key of an enrolled logger on this device; anew after its battery was changed
    Key {
        /// The logger (id, unique prefix, label or serial)
        logger: String,
        /// A file with its key: one line of 32 hexadecimal digits
        #[arg(long, value_name = "FILE", required_unless_present = "forget")]
        bind_key_file: Option<PathBuf>,
        /// Forget its key; from then on its adverts count as merely heard
        #[arg(long, conflicts_with = "bind_key_file")]
        forget: bool,
    },
    /// Whether this device may set a logger's clock, which some hand over nothing without; shows it, or
    /// with a zone allows it once and for all downloads
    Clock {
        /// The logger (id, unique prefix, label or serial)
        logger: String,
        /// Allow it: where the logger stands, a place such as Europe/Paris or an offset such as +01:00
        #[arg(long, value_name = "TZ", allow_hyphen_values = true)]
        zone: Option<String>,
        /// Forget the leave; it is asked for again
        #[arg(long, conflicts_with = "zone")]
        forget: bool,
    },
    /// End a logger as lost, faulty or retired; it travels no more
    End {
        /// The logger (id, unique prefix, label or serial)
        logger: String,
        /// As what it ends
        #[arg(long = "ended", value_enum, value_name = "ENDING")]
        ending: EndingArgument,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Record a calibration with its certificate; lists what it puts in question
    Calibrated(Calibrated),
    /// One logger: its certificates, how they stand, and what they put in question
    Show {
        /// The logger (id, unique prefix, label or serial)
        logger: String,
    },
    /// Every enrolled logger
    List,
}

/// As what a logger ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EndingArgument {
    /// Nobody knows where it is
    Lost,
    /// It does not measure
    Faulty,
    /// It is taken out of service
    Retired,
}
