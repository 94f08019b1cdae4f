//! The arguments of `firn sync`.

use clap::{ArgGroup, Args};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("way").required(true).multiple(true).args(["peer", "lan", "taken", "written"]))]
pub struct Sync {
    /// The peer: ID or ID@IP:PORT
    #[arg(conflicts_with_all = ["lan", "taken", "written"])]
    pub peer: Option<String>,
    /// Every device of the organisation that is found on the local network (`firn node --lan`)
    #[arg(long, conflicts_with_all = ["taken", "written"])]
    pub lan: bool,
    /// For how long to look for them
    #[arg(long, value_name = "SECONDS", default_value_t = 5, requires = "lan", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// Take in what another device wrote with --out: its file, or all such files of a folder
    #[arg(long = "in", value_name = "FILE|DIR")]
    pub taken: Option<PathBuf>,
    /// Then write what the other devices may lack, sealed for them: into a file, or this device's own in a folder
    #[arg(long = "out", value_name = "FILE|DIR")]
    pub written: Option<PathBuf>,
    /// Write for this device alone (its label, or the beginning of an id); may be repeated [default: all others]
    #[arg(long = "to", value_name = "DEVICE", requires = "written")]
    pub addressees: Vec<String>,
    /// Write all that is held here, also what they have signed that they hold
    #[arg(long, requires = "written")]
    pub whole: bool,
}
