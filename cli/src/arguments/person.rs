//! `firn person`: people and their keys.

use super::RoleArgument;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Person {
    /// Enrol a person, on an admin's device; with the accountability text accepted, make their key here
    Add(Enrol),
    /// Everybody
    List,
    /// One person, whether they can sign here, and every change with who made it, when and why
    Show {
        /// The id, a unique prefix of at least six characters, or the exact name
        person: String,
    },
    /// Record a training; nobody signs before theirs
    Train {
        /// The id, a unique prefix of at least six characters, or the exact name
        person: String,
        /// The day (YYYY-MM-DD) or the instant (RFC 3339)
        #[arg(long, value_name = "DATE")]
        trained: String,
        /// Why; it is kept with who changed it and when
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Give a person another role or title
    Change {
        /// The id, a unique prefix of at least six characters, or the exact name
        person: String,
        /// What they may do from now on [default: as before]
        #[arg(long, value_enum)]
        role: Option<RoleArgument>,
        /// The title [default: as before]
        #[arg(long)]
        title: Option<String>,
        /// Why; it is kept with who changed it and when
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// From now on the person no longer signs; for good
    End {
        /// The id, a unique prefix of at least six characters, or the exact name
        person: String,
        /// Why; it is kept with who changed it and when
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Make a person's key on this device, or withdraw one whose PIN is lost
    Key(Key),
    /// On an admin's device: a new code for a person, in place of every earlier one
    Code {
        /// The id, a unique prefix of at least six characters, or the exact name
        person: String,
    },
    /// Put a person's key on this device under another PIN: from that of `--pin-file` to that of
    /// `--new-pin-file`
    Pin {
        /// The id, a unique prefix of at least six characters, or the exact name
        person: String,
        /// A file whose first line is the new PIN [default: a prompt]
        #[arg(long, value_name = "FILE")]
        new_pin_file: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct Key {
    /// The id, a unique prefix of at least six characters, or the exact name
    pub person: String,
    /// The person has read the accountability text, which is printed first, and accepts it: makes their key
    /// on this device
    #[arg(long)]
    pub accept_accountability: bool,
    /// A file whose first line is the code that an admin gave to the person [default: a prompt]
    #[arg(long, value_name = "FILE")]
    pub code_file: Option<PathBuf>,
    /// On an admin's device: the person's key no longer counts, for this reason. What it signed before
    /// stands; on its own device the person makes a new one
    #[arg(long, value_name = "REASON", conflicts_with_all = ["accept_accountability", "replace"])]
    pub withdraw: Option<String>,
    /// The device whose key is withdrawn: its label, or a unique prefix of its log's id [default: this one]
    #[arg(long, value_name = "DEVICE", requires = "withdraw")]
    pub device: Option<String>,
    /// On an admin's device: withdraw the key here, for this reason, and make a new one
    #[arg(long, value_name = "REASON")]
    pub replace: Option<String>,
    /// A file whose first line is the PIN of the new key [default: that of `--pin-file`, unless somebody
    /// signs with `--as`]
    #[arg(long, value_name = "FILE")]
    pub new_pin_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Enrol {
    /// The name as it is printed with a signature
    pub name: String,
    /// What the person may do
    #[arg(long, value_enum)]
    pub role: RoleArgument,
    /// The title, such as "Head pharmacist"
    #[arg(long)]
    pub title: Option<String>,
    /// The day of the training (YYYY-MM-DD), or the instant (RFC 3339); nobody signs before it
    #[arg(long, value_name = "DATE")]
    pub trained: Option<String>,
    /// The id, where the organisation gives its own [default: a random one]
    #[arg(long)]
    pub id: Option<String>,
    /// The person has read the accountability text, which is printed first, and accepts it: makes their key
    /// on this device
    #[arg(long)]
    pub accept_accountability: bool,
    /// A file whose first line is the PIN of that key [default: that of `--pin-file`, unless somebody signs
    /// with `--as`]
    #[arg(long, value_name = "FILE")]
    pub new_pin_file: Option<PathBuf>,
}
