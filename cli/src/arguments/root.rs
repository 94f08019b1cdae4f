//! `firn root`: the organisation's root key.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Root {
    /// Print a recovery sheet: three shares for three places, of which any two restore the root key
    Shares {
        /// A file whose first line is the passphrase of the organisation's root [default: the home's]
        #[arg(long, value_name = "FILE")]
        root_passphrase_file: Option<PathBuf>,
    },
    /// Restore the root key from two shares and seal it in this home under a new passphrase
    Restore {
        /// A share's six rows, as one text; without both they are read from standard input, each ended by an
        /// empty line
        #[arg(value_name = "SHARE", num_args = 0..=2)]
        shares: Vec<String>,
        /// A file whose first line is the root's new passphrase [default: the home's]
        #[arg(long, value_name = "FILE")]
        root_passphrase_file: Option<PathBuf>,
    },
}
