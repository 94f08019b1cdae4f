//! What can go wrong in writing and reading reports and evidence.

/// Why a report or an evidence file could not be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// The evidence file is larger than this release reads.
    #[error("the evidence file has {bytes} bytes, more than is read")]
    EvidenceTooLarge {
        /// Its length.
        bytes: usize,
    },
    /// The bytes are not an evidence file.
    #[error("not an evidence file: {0}")]
    MalformedEvidence(String),
    /// An evidence file or seal of the preview's version, which was never frozen.
    #[error("a preview of Firn wrote it, in format v0, which was never frozen")]
    Preview,
    /// An evidence file that holds a part that this release does not know.
    #[error("it holds a part with the key {key}, which is not known here")]
    UnknownPart {
        /// The key.
        key: u64,
    },
    /// An evidence file or seal of a version that this release does not know.
    #[error("written in version {version} of the format")]
    UnknownVersion {
        /// The version that it names.
        version: u64,
    },
    /// The PDF does not have the shape that Firn writes.
    #[error("not a report that Firn wrote: {0}")]
    MalformedPdf(String),
    /// The seal in the PDF cannot be read.
    #[error("the report's seal cannot be read: {0}")]
    MalformedSeal(String),
    /// The text is not an organisation's fingerprint.
    #[error("not a fingerprint of 64 hexadecimal digits")]
    Fingerprint,
    /// The file is neither of those that can be verified.
    #[error("neither an evidence file nor a PDF report")]
    UnknownFile,
    /// The layout of the report failed.
    #[error("the report could not be set: {0}")]
    Layout(String),
    /// The bundle's membership, or the signer, failed.
    #[error("{cause}")]
    Ledger {
        /// Its stable code.
        code: &'static str,
        /// What happened.
        cause: String,
        /// What to do next.
        next_step: &'static str,
    },
    /// There is nothing to report on: the shipment's creation is missing or does not count.
    #[error("the shipment's creation is not among its entries")]
    NoShipment,
}

impl ReportError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ReportError::EvidenceTooLarge { .. } => "report/evidence-too-large",
            ReportError::MalformedEvidence(_) => "report/malformed-evidence",
            ReportError::Preview => "report/preview",
            ReportError::UnknownPart { .. } => "report/unknown-part",
            ReportError::UnknownVersion { .. } => "report/unknown-version",
            ReportError::MalformedPdf(_) => "report/malformed-pdf",
            ReportError::MalformedSeal(_) => "report/malformed-seal",
            ReportError::Fingerprint => "report/malformed-fingerprint",
            ReportError::UnknownFile => "report/unknown-file",
            ReportError::Layout(_) => "report/layout-failed",
            ReportError::Ledger { code, .. } => code,
            ReportError::NoShipment => "report/no-shipment",
        }
    }

    /// Whether a preview or a later release wrote the file, so that nothing tells of damage.
    pub fn is_of_another_version(&self) -> bool {
        matches!(
            self,
            ReportError::Preview | ReportError::UnknownPart { .. } | ReportError::UnknownVersion { .. }
        )
    }

    /// What to do next.
    pub fn next_step(&self) -> &'static str {
        match self {
            ReportError::EvidenceTooLarge { .. } => "Ask the sender for the evidence of one shipment.",
            ReportError::MalformedEvidence(_)
            | ReportError::MalformedPdf(_)
            | ReportError::MalformedSeal(_) => {
                "Ask the sender for the file again; this copy is damaged or was changed."
            }
            ReportError::Preview => {
                "Keep it, and verify it with the preview that wrote it; records made with this release are of format v1."
            }
            ReportError::UnknownPart { .. } | ReportError::UnknownVersion { .. } => {
                "Verify it with a newer release of Firn."
            }
            ReportError::Fingerprint => "Copy the fingerprint from the organisation's own screen.",
            ReportError::UnknownFile => "Choose the PDF or the evidence file that Firn exported.",
            ReportError::Layout(_) => "Export the evidence file and the CSV, and report this fault.",
            ReportError::Ledger { next_step, .. } => next_step,
            ReportError::NoShipment => "Sync with the device that created the shipment, then export again.",
        }
    }
}

impl From<firn_ledger::error::LedgerError> for ReportError {
    fn from(error: firn_ledger::error::LedgerError) -> Self {
        ReportError::Ledger { code: error.code(), cause: error.to_string(), next_step: error.next_step() }
    }
}
