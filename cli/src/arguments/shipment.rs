//! `firn shipment`, `firn ingest` and `firn export`: a shipment's life, its readings and its files.

use super::Written;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Shipment {
    /// Create a shipment
    New {
        /// Delivery note, GSIN (typed or scanned) or free text
        reference: String,
        /// A profile as JSON, or the name of a built-in one
        #[arg(long, value_name = "FILE", default_value = "cdc-refrigerator")]
        profile: PathBuf,
        /// Where it starts
        #[arg(long)]
        from: Option<String>,
        /// Where it goes
        #[arg(long)]
        to: Option<String>,
        /// An item line: `PRODUCT[,lot=L][,gtin=G][,expiry=YYMMDD][,quantity=N][,scan=TEXT]`, the scan last;
        /// may be repeated
        #[arg(long = "item", value_name = "ITEM")]
        items: Vec<String>,
    },
    /// Every shipment with its verdict
    List,
    /// One shipment whole
    Show {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
    },
    /// Pick-up: from here on readings count
    Start {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
        /// A logger that travels in it (id, unique prefix or label); may be repeated
        #[arg(long = "logger", value_name = "LOGGER")]
        loggers: Vec<String>,
        /// Which package a logger travels in: LOGGER=PACKAGE, an SSCC (typed or scanned) or free text; may be
        /// repeated
        #[arg(long = "package", value_name = "LOGGER=PACKAGE")]
        packages: Vec<String>,
        /// When it was picked up (RFC 3339) [default: now]
        #[arg(long, value_name = "T")]
        at: Option<String>,
    },
    /// Arrival: from here on readings no longer count
    Receive {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
        /// When it arrived (RFC 3339) [default: now]
        #[arg(long, value_name = "T")]
        at: Option<String>,
        /// What the receiver noted
        #[arg(long)]
        note: Option<String>,
    },
    /// This device's next step of a hand-over: offer it, accept the offer, or confirm the acceptance
    Handover {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
    },
    /// Decide about received stock; ends quarantine
    Dispose {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
        /// The decision
        #[arg(long, value_enum)]
        decision: DecisionArgument,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Close the record of a received shipment, or cancel one that was never picked up
    Close {
        /// Its id, or a unique prefix of at least six characters
        shipment: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
}

/// What is decided about stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DecisionArgument {
    /// All of it may be used
    Release,
    /// Part of it may be used
    ReleaseInPart,
    /// None of it may be used
    Reject,
}

#[derive(Debug, Args)]
pub struct Ingest {
    /// Its id, or a unique prefix of at least six characters
    pub shipment: String,
    /// Any file that `firn import` reads, or a recorded download as JSON lines
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The logger they came from (id, unique prefix or label) [default: one of the file's name]
    #[arg(long, value_name = "LOGGER")]
    pub logger: Option<String>,
    /// The family of a recorded download
    #[arg(long, value_name = "NAME", default_value = "ruuvitag")]
    pub device: String,
    #[command(flatten)]
    pub written: Written,
}

#[derive(Debug, Args)]
pub struct Export {
    /// Its id, or a unique prefix of at least six characters
    pub shipment: String,
    /// The report as PDF/A-3, sealed, with the evidence inside
    #[arg(long, value_name = "FILE")]
    pub pdf: Option<PathBuf>,
    /// The readings as CSV
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// The evidence file
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
}
