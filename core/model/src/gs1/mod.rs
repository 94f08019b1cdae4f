//! GS1: what a scanner reads off a package, as application identifiers and their values.
//!
//! Sources: GS1 General Specifications (element strings, 7.8; check digits, 7.9; dates, 7.12; associations,
//! 4.13), the GS1 Barcode Syntax Dictionary (the table), GS1 Digital Link Standard: URI Syntax 1.x.
//! A text that can be read in two ways is refused, never guessed at.

mod association;
mod bracketed;
mod carrier;
mod check;
mod codes;
mod coupon;
mod date;
mod dictionary;
mod digital_link;
mod element;
mod error;
mod field;
mod key;
mod label;
mod linter;
mod meaning;
mod value;

#[cfg(test)]
mod tests;

pub use date::{CalendarDate, century, expiry_date};
pub use digital_link::ShortGtins;
pub use error::{Fault, ScanError};
pub use field::{Goods, lot, package, reference, scanned};
pub use key::{Expiry, Gln, Gsin, Gtin, Lot, Sscc};
pub use label::{LabelLimit, LabelLimits};
pub use meaning::{Meaning, MeaningKind};

use carrier::Carrier;
use serde::{Serialize, Serializer};

/// One application identifier and its value, both as they stand in the barcode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Two to four digits.
    pub ai: String,
    /// One to ninety characters.
    pub value: String,
}

impl Element {
    /// As it is printed beside a barcode, an opening bracket in the value behind a backslash.
    pub fn bracketed(&self) -> String {
        format!("({}){}", self.ai, self.value.replace('(', "\\("))
    }

    /// The data title of its identifier, such as `BATCH/LOT`.
    pub fn title(&self) -> &'static str {
        dictionary::find(&self.ai).map(|identifier| identifier.title).unwrap_or_default()
    }
}

/// In JSON an element is the pair `["01","09521234543213"]`.
impl Serialize for Element {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.ai, &self.value).serialize(serializer)
    }
}

/// What a person should know about a text that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Of which kind.
    #[serde(rename = "code")]
    pub kind: WarningKind,
    /// The identifier that it is about.
    pub ai: String,
    /// What is so, in words.
    pub why: String,
}

/// Kinds of warnings; in JSON each is its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum WarningKind {
    /// Another element should be there too, perhaps in another barcode of the package.
    #[serde(rename = "gs1/requisite")]
    Missing,
    /// Two elements never belong to one item.
    #[serde(rename = "gs1/mutex")]
    Excluded,
    /// The highest temperature of the label lies below its lowest.
    #[serde(rename = "gs1/limits-reversed")]
    LimitsReversed,
    /// No symbology identifier came in front; a check digit shows that the text is GS1 data.
    #[serde(rename = "gs1/no-aim-id")]
    NoSymbologyIdentifier,
}

/// What a text held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scan {
    /// The elements in the order of the text.
    #[serde(rename = "ai")]
    pub elements: Vec<Element>,
    /// What should be known about them.
    pub warnings: Vec<Warning>,
    /// The text of a carrier that holds no GS1 data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plain: Option<String>,
}

impl Scan {
    /// The value of an identifier, where it is there.
    pub fn value(&self, ai: &str) -> Option<&str> {
        self.elements.iter().find(|element| element.ai == ai).map(|element| element.value.as_str())
    }

    /// The elements as they are printed beside a barcode.
    pub fn bracketed(&self) -> String {
        bracketed::print(&self.elements)
    }

    /// The elements as a Digital Link that begins with `stem`; none where they cannot be one.
    pub fn digital_link(&self, stem: &str) -> Option<String> {
        digital_link::print(&self.elements, stem)
    }
}

/// The most characters that any carrier of GS1 data holds: the digits of the largest QR code (ISO/IEC 18004).
pub const LONGEST_SCAN: usize = 7_089;

/// Reads a scanned, typed or linked text: an element string with or without its symbology identifier, a
/// bracketed element string or a Digital Link.
///
/// # Errors
/// Those of [`Fault`]; a text that reads in two ways is `gs1/ambiguous`.
pub fn read(text: &str) -> Result<Scan, ScanError> {
    read_with(text, ShortGtins::Refused)
}

/// Like [`read`], with a word on GTINs in Digital Links that have lost their leading zeros.
///
/// # Errors
/// As for [`read`].
pub fn read_with(text: &str, short: ShortGtins) -> Result<Scan, ScanError> {
    if text.chars().nth(LONGEST_SCAN).is_some() {
        let why = format!("longer than the {LONGEST_SCAN} characters that the largest barcode holds");
        return Err(ScanError::new(Fault::Length, why));
    }
    // Some scanners are set to send a space or tab in front.
    let as_sent = text.trim_start_matches([' ', '\t']).trim_end_matches(['\r', '\n', '\t']);
    let normalised = carrier::normalised(as_sent);
    let text = normalised.as_str();
    if text.starts_with(']') {
        return behind_identifier(text, as_sent, short);
    }
    if text.starts_with('(') {
        return judged(bracketed::parse(as_sent)?);
    }
    if is_link(as_sent) {
        return judged(digital_link::parse(as_sent, short)?);
    }
    carrier::refuse_foreign_keys(text)?;
    bare(text)
}

/// Whether a text begins like a URI: a scheme, a colon and two slashes.
fn is_link(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

/// Reads a text with a symbology identifier; `as_sent` is the same before separators were put in.
fn behind_identifier(text: &str, as_sent: &str, short: ShortGtins) -> Result<Scan, ScanError> {
    let (carrier, data) = carrier::split(text)?;
    match carrier {
        Carrier::Elements => {
            element::refuse_second_announcement(data)?;
            element_string(data).and_then(judged)
        }
        Carrier::Gtin(digits) => gtin_carrier(data, digits),
        Carrier::Text => {
            let (_, data) = value::split(as_sent, 3);
            let link = ["https://", "HTTPS://", "http://", "HTTP://"].iter().any(|one| data.starts_with(one));
            if link {
                return judged(digital_link::parse(data, short)?);
            }
            Ok(Scan { plain: Some(data.to_owned()), ..Scan::default() })
        }
    }
}

fn element_string(data: &str) -> Result<Vec<Element>, ScanError> {
    if data.is_empty() {
        return Err(ScanError::new(Fault::Empty, "carrier says GS1 data but there is none"));
    }
    if data.contains('^') {
        return Err(ScanError::new(Fault::Character, "caret is not allowed in GS1 data"));
    }
    let elements = element::parse(data)?;
    element::refuse_ambiguous(data, &elements)?;
    Ok(elements)
}

/// EAN, UPC or ITF-14: a GTIN, and what the 2D part of a composite symbol adds.
fn gtin_carrier(data: &str, digits: usize) -> Result<Scan, ScanError> {
    let (primary, rest) = value::split(data, digits);
    if primary.chars().count() < digits {
        return Err(ScanError::new(Fault::Length, "too few digits for this EAN/UPC carrier"));
    }
    let more = rest.strip_prefix('|').unwrap_or(rest);
    if !more.is_empty() && !more.starts_with(carrier::COMPOSITE) || more.is_empty() && !rest.is_empty() {
        return Err(ScanError::new(Fault::Length, "too many digits for this EAN/UPC carrier"));
    }
    if !primary.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ScanError::new(Fault::Character, "something other than digits in an EAN/UPC carrier"));
    }
    if !check::digit_holds(primary) {
        return Err(ScanError::new(Fault::CheckDigit, "EAN/UPC check digit is wrong"));
    }
    let mut elements = vec![Element { ai: "01".to_owned(), value: format!("{primary:0>14}") }];
    if let Some(composite) = more.strip_prefix(carrier::COMPOSITE) {
        elements.extend(element_string(composite)?);
    }
    judged(elements)
}

/// Reads a text that nothing announces: it counts where a separator in front or a check digit proves it.
fn bare(text: &str) -> Result<Scan, ScanError> {
    let (data, announced) = match text.strip_prefix(element::SEPARATOR) {
        Some(data) => (data.to_owned(), true),
        // The notation of GS1's own tools for FNC1.
        None => match text.strip_prefix('^') {
            Some(data) => (data.replace('^', "\u{1D}"), true),
            None => (text.to_owned(), false),
        },
    };
    if announced {
        return element_string(&data).and_then(judged);
    }
    if !data.starts_with(|c: char| c.is_ascii_digit()) {
        let why = match data.as_str() {
            "" => "the text is empty: no symbology identifier in front, and nothing behind it",
            _ => "no symbology identifier in front, and the text begins with no application identifier",
        };
        let fault = if data.contains('(') || data.starts_with('[') {
            Fault::Structure
        } else {
            Fault::NoSymbologyIdentifier
        };
        return Err(ScanError::new(fault, why));
    }
    unannounced(&data)
}

fn unannounced(data: &str) -> Result<Scan, ScanError> {
    let elements = element_string(data).map_err(|error| blamed(data, error))?;
    let Some(proof) = elements.iter().find(|element| is_checked(element)) else {
        let why = "no symbology identifier in front, and no check digit shows that this is GS1 data";
        return Err(ScanError::new(Fault::NoSymbologyIdentifier, why));
    };
    let why = format!("no symbology identifier in front; the check digit of AI {} shows GS1 data", proof.ai);
    let warning = Warning { kind: WarningKind::NoSymbologyIdentifier, ai: proof.ai.clone(), why };
    let mut scan = judged(elements)?;
    scan.warnings.push(warning);
    Ok(scan)
}

fn is_checked(element: &Element) -> bool {
    dictionary::find(&element.ai).is_some_and(dictionary::Identifier::is_checked)
}

/// What to say of an unannounced text: its own fault if it plainly is an element string, else that it is none.
fn blamed(data: &str, error: ScanError) -> ScanError {
    let plainly = data.contains(element::SEPARATOR) || element::first(data).is_ok();
    if plainly || matches!(error.fault, Fault::CheckDigit | Fault::Date) {
        return error;
    }
    let digits = data.bytes().all(|byte| byte.is_ascii_digit());
    if digits && matches!(data.len(), 8 | 12 | 13 | 14 | 18) && check::digit_holds(data) {
        let why = "a number alone: it may be a GTIN, a GLN, an SSCC or none of them";
        return ScanError::new(Fault::NoSymbologyIdentifier, why);
    }
    ScanError::new(Fault::Structure, "not an element string, a bracketed one or a Digital Link")
}

/// Elements with what is to be said about how they go together.
fn judged(elements: Vec<Element>) -> Result<Scan, ScanError> {
    association::refuse_repeats(&elements)?;
    let warnings = association::warnings(&elements);
    let mut scan = Scan { elements, warnings, plain: None };
    scan.warnings.extend(LabelLimits::of(&scan).and_then(LabelLimits::reversed));
    Ok(scan)
}
