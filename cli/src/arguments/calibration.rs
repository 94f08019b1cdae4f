//! `firn logger calibrated`: what a certificate of calibration says.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct Calibrated {
    /// The logger (id, unique prefix, label or serial)
    pub logger: String,
    /// The certificate's number
    #[arg(long, value_name = "NUMBER")]
    pub certificate: String,
    /// The laboratory
    #[arg(long)]
    pub laboratory: String,
    /// When it was calibrated: the day (YYYY-MM-DD) or the instant (RFC 3339)
    #[arg(long, value_name = "DATE")]
    pub date: String,
    /// From when on the certificate no longer holds
    #[arg(long, value_name = "DATE")]
    pub due: String,
    /// The expanded uncertainty (k = 2) in °C
    #[arg(long, value_name = "DEGREES")]
    pub uncertainty: Option<String>,
    /// A point that was compared: the reference temperature and the correction there (reference less
    /// reading), both in °C, such as 5.0,-0.1; may be repeated
    #[arg(long = "point", value_name = "REFERENCE,CORRECTION", allow_hyphen_values = true)]
    pub points: Vec<String>,
    /// How it was found before any adjustment; out: what was judged by it since the calibration before is in
    /// question
    #[arg(long, value_enum, default_value_t = FoundArgument::Within)]
    pub found: FoundArgument,
    /// What is added to each of its temperatures from now on, in °C [default: as before]
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    pub offset: Option<String>,
    /// Its largest permissible error in °C [default: as before]
    #[arg(long, value_name = "DEGREES")]
    pub accuracy: Option<String>,
    /// Why; asked for where the offset changes
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// How a logger was found at its calibration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FoundArgument {
    /// Within its permissible error
    Within,
    /// Outside
    Out,
}
