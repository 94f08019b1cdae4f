//! What a scanner sends around the data: symbology identifiers, separators as keys, line ends.

use super::element::SEPARATOR;
use super::error::{Fault, ScanError};

/// What a symbology identifier says about the data behind it (ISO/IEC 15424; GS1 General Specifications, 5.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    /// An element string.
    Elements,
    /// Any text; a Digital Link if it is one.
    Text,
    /// A GTIN of so many digits.
    Gtin(usize),
}

/// Every identifier of a carrier of GS1 data.
const CARRIERS: [(&str, Carrier); 11] = [
    ("]C1", Carrier::Elements),
    ("]e0", Carrier::Elements),
    ("]d2", Carrier::Elements),
    ("]Q3", Carrier::Elements),
    ("]J1", Carrier::Elements),
    ("]d1", Carrier::Text),
    ("]Q1", Carrier::Text),
    ("]J0", Carrier::Text),
    ("]E0", Carrier::Gtin(13)),
    ("]E4", Carrier::Gtin(8)),
    ("]I1", Carrier::Gtin(14)),
];

/// The identifier of the second message of a composite symbol.
pub(super) const COMPOSITE: &str = "]e0";

/// The carrier that `text` names in front, and its data.
///
/// # Errors
/// `gs1/no-aim-id` for less than an identifier, `gs1/unknown-aim-id` for that of another carrier.
pub(super) fn split(text: &str) -> Result<(Carrier, &str), ScanError> {
    let (identifier, data) = super::value::split(text, 3);
    if identifier.chars().count() < 3 {
        return Err(ScanError::new(Fault::NoSymbologyIdentifier, "no symbology identifier in front"));
    }
    if let Some((_, carrier)) = CARRIERS.iter().find(|(one, _)| *one == identifier) {
        return Ok((*carrier, data));
    }
    let swapped = CARRIERS.iter().any(|(one, _)| one.eq_ignore_ascii_case(identifier));
    let lock = if swapped { "; letters came in the other case, as with Caps Lock on" } else { "" };
    let why = format!("symbology identifier is not one that carries GS1 data here{lock}");
    Err(ScanError::new(Fault::UnknownSymbologyIdentifier, why))
}

/// How keyboard wedges write a separator that no key types. Only `<GS>` and the like could be data: they
/// count where the text has no other separator.
const SUBSTITUTES: [&str; 17] = [
    "^]", "\u{241D}", "\u{2194}", "{GS}", "[GS]", "{FNC1}", "[FNC1]", "{F8}", "[F8]", "\\x1D", "\\x1d",
    "\\u001D", "\\u001d", "\\F", "<GS>", "<FNC1>", "<F8>",
];

/// `text` without the line end or tab that a scanner adds, and with separators as separators.
pub(super) fn normalised(text: &str) -> String {
    let text = text.trim_end_matches(['\r', '\n', '\t']);
    let mut text = text.to_owned();
    for substitute in SUBSTITUTES {
        if text.contains(SEPARATOR) {
            break;
        }
        text = text.replace(substitute, "\u{1D}");
    }
    text
}

/// Refuses a text that a scanner typed for the keys of another country.
///
/// # Errors
/// `gs1/keyboard-layout`.
pub(super) fn refuse_foreign_keys(text: &str) -> Result<(), ScanError> {
    /// What the keys of the digits 0 to 9 give unshifted on a French keyboard.
    const FRENCH_DIGITS: &str = "à&é\"'(-è_ç";
    let german = text.strip_prefix('+').is_some_and(|rest| {
        CARRIERS
            .iter()
            .any(|(identifier, _)| identifier.strip_prefix(']').is_some_and(|id| rest.starts_with(id)))
    });
    let french = |c: char| FRENCH_DIGITS.contains(c) && c != '(';
    let begins = text.chars().take(2).filter(|c| french(*c)).count() == 2;
    let named = text.strip_prefix('$').is_some_and(|rest| rest.chars().nth(1).is_some_and(french));
    if !german && !begins && !named {
        return Ok(());
    }
    let keyboard = if german { "German" } else { "French" };
    let why = format!(
        "the scanner types for another keyboard than this device has: it reads as if on a {keyboard} one"
    );
    Err(ScanError::new(Fault::KeyboardLayout, why))
}
