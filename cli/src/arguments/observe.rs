//! `firn observe`: what a person saw.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Observe {
    /// The shipment: its id, or a unique prefix of at least six characters
    pub shipment: String,
    /// What was looked at
    #[arg(value_enum)]
    pub what: WhatArgument,
    /// How it was: vvm 1-4, freeze-indicator intact|activated, coolant frozen|partly-melted|melted,
    /// seal intact|broken; nothing with other
    pub state: Option<String>,
    /// In words; with other it says what
    #[arg(long)]
    pub note: Option<String>,
    /// On which package: its name, or an SSCC (typed or scanned)
    #[arg(long)]
    pub package: Option<String>,
    /// A photo: its SHA-256 is signed, the file itself stays where it is
    #[arg(long, value_name = "FILE")]
    pub photo: Option<PathBuf>,
    /// When it was seen (RFC 3339) [default: now]
    #[arg(long, value_name = "T")]
    pub at: Option<String>,
    /// Why it is recorded only now, where it was seen more than 5 minutes ago
    #[arg(long, requires = "at")]
    pub reason: Option<String>,
}

/// What can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhatArgument {
    /// A vaccine vial monitor
    Vvm,
    /// A freeze indicator
    FreezeIndicator,
    /// Ice packs or other coolant
    Coolant,
    /// A seal
    Seal,
    /// Something else, told in the note
    Other,
}
