//! The report as PDF/A-3 with tags (ISO 19005-3, level A), and its seal.

#[cfg(feature = "pdf")]
mod fonts;
#[cfg(feature = "pdf")]
mod same;
pub mod seal;
#[cfg(feature = "pdf")]
mod set;
mod structure;
#[cfg(feature = "pdf")]
mod world;
#[cfg(feature = "pdf")]
mod write;

pub(crate) use structure::{Attachment, Structure};
#[cfg(feature = "pdf")]
pub(crate) use write::unsealed;
#[cfg(feature = "pdf")]
pub use write::write;

/// The evidence file's name among the attachments.
pub const EVIDENCE_NAME: &str = "evidence.firn";
/// The readings' name among the attachments.
pub const CSV_NAME: &str = "readings.csv";
/// The seal's name among the attachments.
pub const SEAL_NAME: &str = "seal.cbor";
