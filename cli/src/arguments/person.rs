//! `firn person`: people and their keys.

use super::RoleArgument;
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Person {
    /// Enrol a person, on an admin's device; with the accountability text accepted, make their key here
    Add(Enrol),
    /// Everybody
    List,
    /// One person, and whether they can sign here
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
    },
    /// From now on the person no longer signs; for good
    End {
        /// The id, a unique prefix of at least six characters, or the exact name
        person: String,
    },
    /// Make a person's key on this device, under the PIN of `--pin-file`
    Key {
        /// The id, a unique prefix of at least six characters, or the exact name
        person: String,
        /// The person has read the accountability text, which is printed first, and accepts it
        #[arg(long)]
        accept_accountability: bool,
    },
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
    /// on this device, under the PIN of `--pin-file`
    #[arg(long)]
    pub accept_accountability: bool,
}
