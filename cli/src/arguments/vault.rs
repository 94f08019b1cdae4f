//! `firn vault` and `firn position`: personal data that can be erased.

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum Vault {
    /// Every subject: a person or a device, how many documents are kept here, recorded anywhere, and erased
    List,
    /// Erase all documents of a subject for good, here at once and on other devices when they sync
    Erase {
        /// A subject's id, a unique prefix of at least six characters, or the exact name of a person or device
        subject: String,
        /// On which ground (GDPR Article 17(1))
        #[arg(long, value_enum, default_value_t = GroundArgument::ConsentWithdrawn)]
        ground: GroundArgument,
        /// The printed name of a person as well; refused as long as a record that they signed must be kept
        #[arg(long)]
        name: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum PositionCommand {
    /// Take positions with the steps from now on: `firn shipment … --position`
    On,
    /// Refuse them; what was recorded stays until it is erased
    Off,
    /// Whether they are taken
    Show,
}

/// The grounds of GDPR Article 17(1)(a) to (e).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GroundArgument {
    /// It is no longer needed
    NotNeeded,
    /// The person withdrew the consent
    ConsentWithdrawn,
    /// The person objected
    Objected,
    /// It was processed unlawfully
    Unlawful,
    /// A law asks for it
    Obligation,
}
