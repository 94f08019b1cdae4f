//! Why a scanned text is refused: a stable code, the cause and the next step.

use super::Element;

/// What is wrong with a scanned text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing says or proves that the text is GS1 data.
    NoSymbologyIdentifier,
    /// The symbology identifier is none of a carrier of GS1 data.
    UnknownSymbologyIdentifier,
    /// A carrier or a value is empty.
    Empty,
    /// The text has the form of no element string, bracketed text or link.
    Structure,
    /// No application identifier begins here.
    UnknownIdentifier,
    /// A value is too short or too long.
    Length,
    /// A value holds a character that it must not.
    Character,
    /// A check digit or a check pair is wrong.
    CheckDigit,
    /// A date does not exist.
    Date,
    /// A time of day does not exist.
    Time,
    /// A value breaks another rule of its identifier.
    Format,
    /// An identifier comes twice with different values.
    Repeat,
    /// The text is no URI that a Digital Link may be.
    Uri,
    /// The keys, qualifiers and attributes of a Digital Link are not where they belong.
    LinkStructure,
    /// The text can be read in more than one way.
    Ambiguous,
    /// The scanner types for another keyboard than this device has.
    KeyboardLayout,
}

impl Fault {
    /// Every fault, in the order of the documentation.
    pub const ALL: [Self; 16] = [
        Self::NoSymbologyIdentifier,
        Self::UnknownSymbologyIdentifier,
        Self::Empty,
        Self::Structure,
        Self::UnknownIdentifier,
        Self::Length,
        Self::Character,
        Self::CheckDigit,
        Self::Date,
        Self::Time,
        Self::Format,
        Self::Repeat,
        Self::Uri,
        Self::LinkStructure,
        Self::Ambiguous,
        Self::KeyboardLayout,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoSymbologyIdentifier => "gs1/no-aim-id",
            Self::UnknownSymbologyIdentifier => "gs1/unknown-aim-id",
            Self::Empty => "gs1/empty",
            Self::Structure => "gs1/structure",
            Self::UnknownIdentifier => "gs1/unknown-ai",
            Self::Length => "gs1/length",
            Self::Character => "gs1/charset",
            Self::CheckDigit => "gs1/check-digit",
            Self::Date => "gs1/date",
            Self::Time => "gs1/time",
            Self::Format => "gs1/format",
            Self::Repeat => "gs1/repeat",
            Self::Uri => "gs1/uri",
            Self::LinkStructure => "gs1/dl-structure",
            Self::Ambiguous => "gs1/ambiguous",
            Self::KeyboardLayout => "gs1/keyboard-layout",
        }
    }

    /// What to do about it.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::NoSymbologyIdentifier => {
                "Set the scanner to send AIM symbology identifiers and scan again, or type the text with \
                 brackets, such as (01)09521234543213."
            }
            Self::UnknownSymbologyIdentifier => {
                "Scan the GS1 barcode of the package: GS1-128, DataBar, DataMatrix, QR code, EAN or UPC."
            }
            Self::Empty | Self::Structure | Self::UnknownIdentifier => {
                "Scan again; if it happens again, type what is printed beside the barcode, with its brackets."
            }
            Self::Length | Self::Character | Self::Format => {
                "Scan again; if it happens again, check that the scanner sends FNC1 as the group separator \
                 (GS), or type what is printed beside the barcode, with its brackets."
            }
            Self::CheckDigit => "Scan again, or compare each digit with what is printed beside the barcode.",
            Self::Date | Self::Time => {
                "Compare with the date on the package; if the barcode says this, tell the supplier."
            }
            Self::Repeat => "Scan one package at a time.",
            Self::Uri | Self::LinkStructure => {
                "Scan again; a GS1 Digital Link has a key such as /01/ and its number in the path, uncompressed."
            }
            Self::Ambiguous => {
                "Scan again with a scanner that sends FNC1 as the group separator (GS), or type what is printed \
                 beside the barcode, with its brackets."
            }
            Self::KeyboardLayout => {
                "Set the scanner's keyboard language to that of this device and scan again."
            }
        }
    }
}

/// Why a scanned text gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct ScanError {
    /// What is wrong.
    pub fault: Fault,
    /// Where, and how.
    pub why: String,
    /// What the letter of the standard reads, where the fault lies in how that fits together; else empty.
    pub read: Vec<Element>,
}

impl ScanError {
    /// A refusal.
    pub(super) fn new(fault: Fault, why: impl Into<String>) -> Self {
        Self { fault, why: why.into(), read: Vec::new() }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.fault.code()
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        self.fault.next_step()
    }
}
