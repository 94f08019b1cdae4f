//! `firn profile`: built-in profiles, and the organisation's own.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Profile {
    /// The organisation's own profiles, where there is a home, and the built-in ones with their sources
    List,
    /// One profile as JSON
    #[command(disable_version_flag = true)]
    Show {
        /// The name of one's own, or the key of a built-in one
        name: String,
        /// Which version [default: the newest]
        #[arg(long, value_name = "N")]
        version: Option<u32>,
    },
    /// Check a profile's JSON and say precisely what is wrong
    Check {
        /// The file
        file: PathBuf,
    },
    /// Publish a profile of one's own: a new name, or the next version of one that is there. Shipments keep
    /// the version that they were created with
    Add {
        /// The profile as JSON
        file: PathBuf,
        /// Why; asked for with the next version of a name that is there
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// One profile as JSON for a file: what is added from it is exported with the same bytes
    #[command(disable_version_flag = true)]
    Export {
        /// The name of one's own, or the key of a built-in one
        name: String,
        /// Which version [default: the newest]
        #[arg(long, value_name = "N")]
        version: Option<u32>,
    },
}
