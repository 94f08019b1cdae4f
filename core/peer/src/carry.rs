//! Carrying: what a conversation would bring, written into a file for devices that are never met, and taken in
//! from one by the same machine (docs/format.md §14).
//!
//! Nothing here opens a file: it writes to a [`std::io::Write`] and reads from a [`std::io::Read`], which may
//! block. No more than a turn of the machine and a chunk is held.

mod header;
mod read;
mod write;
mod writer;

pub use header::Entropy;
pub use read::{Taken, take_in};
pub use write::{Addressee, Carried, Extent, Letter, addressees, write};
pub use writer::Writer;

use crate::chunks::ChunkError;

/// Why a carried file cannot be written or taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarryError {
    /// It is something else.
    #[error("the file was not written by `firn sync --out`")]
    NotOne,
    /// A preview wrote it, whose format was never frozen.
    #[error("a preview of Firn wrote the file, in format v0")]
    Preview,
    /// A newer release wrote it.
    #[error("a newer release of Firn wrote the file")]
    NewerVersion,
    /// No key of this device opens it.
    #[error("the file is sealed for other devices than this one, or its beginning is damaged")]
    NotForUs,
    /// Bytes have changed.
    #[error("the file is damaged")]
    Damaged,
    /// Its end is missing.
    #[error("the end of the file is missing or damaged")]
    Truncated,
    /// There is nobody to write for.
    #[error("no other device of the organisation is known here")]
    Nobody,
    /// There are more devices than a file can be sealed for.
    #[error("a file is sealed for at most 4,096 devices")]
    TooMany,
    /// Something else lies where it would be written.
    #[error("there is a file of that name already, and it is none that may be replaced")]
    Exists,
    /// It cannot be read or written.
    #[error("the file cannot be read or written: {what}")]
    Io {
        /// What the system said.
        what: String,
    },
    /// There is no room for it.
    #[error("there is no space left for the file")]
    Full,
}

impl CarryError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOne => "peer/file-not-one",
            Self::Preview => "peer/file-preview",
            Self::NewerVersion => "peer/file-newer-version",
            Self::NotForUs => "peer/file-not-for-this-device",
            Self::Damaged => "peer/file-damaged",
            Self::Truncated => "peer/file-truncated",
            Self::Nobody => "peer/file-nobody",
            Self::TooMany => "peer/file-too-many",
            Self::Exists => "peer/file-exists",
            Self::Io { .. } => "peer/file-io",
            Self::Full => "peer/file-full",
        }
    }

    /// What a person can do.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::NotOne => "check that it is the right file",
            Self::Preview => "keep it; only devices of that preview take it in",
            Self::NewerVersion => "update Firn on this device",
            Self::NotForUs => "have it written again by a device that knows this one",
            Self::Damaged | Self::Truncated => {
                "take another copy of it, or have it written again; what came before the damage is stored"
            }
            Self::Nobody => "invite a device first, or sync with the one that enrolled it",
            Self::TooMany => "name the devices that it is for with --to",
            Self::Exists => "name another file; only a carried file is replaced",
            Self::Io { .. } => "check the medium, the path and its permissions, then try again",
            Self::Full => "free some space on the medium and try again",
        }
    }
}

impl From<std::io::Error> for CarryError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io { what: error.to_string() },
        }
    }
}

impl From<ChunkError> for CarryError {
    fn from(error: ChunkError) -> Self {
        match error {
            ChunkError::Damaged => Self::Damaged,
            ChunkError::Truncated => Self::Truncated,
            ChunkError::Io(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests;
