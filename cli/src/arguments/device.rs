//! `firn device`: the organisation's devices.

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Device {
    /// Every other device, and when both last agreed
    List,
    /// Give this device a new key and a log that goes on from its old one; an admin then enrols it
    Rotate {
        /// On an admin's device, which enrols itself where the root's key lies: a file whose first line is the
        /// passphrase of the organisation's root [default: the home's]
        #[arg(long, value_name = "FILE")]
        root_passphrase_file: Option<PathBuf>,
    },
    /// Enrol the new log of a device that was rotated or restored, and end its old one
    Enrol {
        /// The device (label, or a prefix of at least six digits of its new log's id)
        device: String,
        /// For an admin's device: a file whose first line is the passphrase of the organisation's root
        /// [default: the home's]
        #[arg(long, value_name = "FILE")]
        root_passphrase_file: Option<PathBuf>,
    },
    /// Vouch for what a revoked device had signed beyond its end: it counts again; the device stays revoked
    Uphold {
        /// The device (label, or a prefix of at least six digits of its log's or endpoint's id)
        device: String,
        /// How many entries of its log count [default: all that are held here]
        #[arg(long, value_name = "ENTRIES")]
        size: Option<u64>,
        /// Which head of that size, where two histories have so many, by what its root begins with: `firn log show` names
        /// the heads that what was set aside leads to
        #[arg(long, value_name = "ROOT")]
        root: Option<String>,
        /// For an admin's device: a file whose first line is the passphrase of the organisation's root
        /// [default: the home's]
        #[arg(long, value_name = "FILE")]
        root_passphrase_file: Option<PathBuf>,
    },
    /// Revoke a device: what it signs from then on is disputed, and it syncs no more
    Revoke {
        /// The device (label, or a prefix of at least six digits of its log's or endpoint's id)
        device: String,
        /// Why
        #[arg(long, value_enum)]
        reason: RevocationArgument,
        /// When it was lost (RFC 3339): what others had seen before counts beyond `--size`, too [default: now]
        #[arg(long, value_name = "TIME")]
        lost: Option<String>,
        /// How many entries of its log hold [default: all that are held here]
        #[arg(long, value_name = "ENTRIES")]
        size: Option<u64>,
        /// For an admin's device: a file whose first line is the passphrase of the organisation's root
        /// [default: the home's]
        #[arg(long, value_name = "FILE")]
        root_passphrase_file: Option<PathBuf>,
    },
}

/// Why a device is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RevocationArgument {
    /// Nobody knows where it is
    Lost,
    /// Somebody took it
    Stolen,
    /// Another takes its place
    Rotated,
    /// It is no longer used here
    Left,
    /// It has two histories
    Forked,
}
