//! Bracketed element strings, as they are printed beside a barcode: `(01)09521234543213(10)ABC`.

use super::Element;
use super::error::{Fault, ScanError};
use super::{dictionary, value};

/// What people type between what is printed.
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// Reads a bracketed element string; `\(` stands for an opening bracket inside a value.
///
/// White space behind a value is passed over, as people type what is printed: no character set of GS1 holds any
/// (General Specifications, 7.11), so that none can be meant. Inside a value it stays, and the value is refused.
///
/// # Errors
/// `gs1/structure`, `gs1/unknown-ai`, and those of a value.
pub(super) fn parse(text: &str) -> Result<Vec<Element>, ScanError> {
    let malformed = || ScanError::new(Fault::Structure, "not a well-formed bracketed element string");
    let mut elements = Vec::new();
    let mut rest = text.strip_prefix('(').ok_or_else(malformed)?;
    loop {
        let (ai, after) = rest.split_once(')').ok_or_else(malformed)?;
        if !matches!(ai.len(), 2..=4) || !ai.bytes().all(|byte| byte.is_ascii_digit()) {
            let why = "brackets do not hold a plausible AI of two to four digits";
            return Err(ScanError::new(Fault::Structure, why));
        }
        let (value, next) = unescape(after);
        let bare = value.trim_end_matches(SPACES);
        let value = if bare.is_empty() { value } else { bare.to_owned() };
        elements.push(checked(ai, value)?);
        match next {
            Some(next) => rest = next,
            None => return Ok(elements),
        }
    }
}

fn checked(ai: &str, value: String) -> Result<Element, ScanError> {
    let identifier = dictionary::find(ai).ok_or_else(|| {
        ScanError::new(Fault::UnknownIdentifier, format!("no such application identifier: {ai}"))
    })?;
    value::check_length(ai, identifier, &value)?;
    value::check(ai, identifier, &value)?;
    Ok(Element { ai: ai.to_owned(), value })
}

/// The value up to the next opening bracket, and what follows that.
fn unescape(text: &str) -> (String, Option<&str>) {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let Some((before, after)) = rest.split_once('(') else {
            value.push_str(rest);
            return (value, None);
        };
        match before.strip_suffix('\\') {
            Some(before) => {
                value.push_str(before);
                value.push('(');
                rest = after;
            }
            None => {
                value.push_str(before);
                return (value, Some(after));
            }
        }
    }
}

/// Prints elements so that [`parse`] reads the same.
pub(super) fn print(elements: &[Element]) -> String {
    elements.iter().map(Element::bracketed).collect()
}
