//! `firn partner`: other organisations, and what passes between them.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Partner {
    /// This organisation's card, for another one to pin: its text, and a QR code
    Card {
        /// The organisation's Global Location Number, 13 digits
        #[arg(long)]
        gln: Option<String>,
    },
    /// Show what stands on a card; with the fingerprint that they told on another way, pin it as an admin
    Accept {
        /// The card's text
        card: String,
        /// The fingerprint, learned elsewhere; nothing is signed where the card's is another
        #[arg(long, value_name = "FINGERPRINT")]
        fingerprint: Option<String>,
    },
    /// Every organisation that was pinned, and whether it still is
    List,
    /// Know an organisation no longer, as an admin: what it signs is intact, organisation unknown
    Revoke {
        /// Its name, its fingerprint, or at least six digits that it begins with
        organisation: String,
    },
    /// Take in another organisation's evidence: what it hands over, or its receipt of what was handed to it
    Take {
        /// The evidence file
        file: PathBuf,
        /// Write this organisation's evidence of having taken it over, for them to take in
        #[arg(long, value_name = "FILE")]
        receipt: Option<PathBuf>,
    },
}
