//! Element strings: identifiers and values in one run, with separators behind values of variable length.

use super::dictionary::{self, Identifier};
use super::error::{Fault, ScanError};
use super::value;
use super::{Element, association};

/// What a reader sends for FNC1 behind a value (ISO/IEC 646, group separator).
pub(super) const SEPARATOR: char = '\u{1D}';

/// Reads a whole element string.
///
/// # Errors
/// `gs1/unknown-ai`, and those of a value.
pub(super) fn parse(text: &str) -> Result<Vec<Element>, ScanError> {
    let mut elements = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (element, after) = first(rest)?;
        elements.push(element);
        rest = after;
    }
    Ok(elements)
}

/// Refuses a separator right behind a symbology identifier, as GS1's own reader does, and says where it comes from.
pub(super) fn refuse_second_announcement(text: &str) -> Result<(), ScanError> {
    if !text.starts_with(SEPARATOR) {
        return Ok(());
    }
    let why = "no application identifier follows the symbology identifier, but a separator `<GS>`: the scanner \
               seems to send the FNC1 that leads the barcode as well; set it to send FNC1 between values only, or \
               no symbology identifier";
    Err(ScanError::new(Fault::UnknownIdentifier, why))
}

/// The first element of `text`, and what follows it and its separator.
pub(super) fn first(text: &str) -> Result<(Element, &str), ScanError> {
    let Some((ai, identifier, rest)) = dictionary::begin(text) else {
        let shown = |c: char| match c {
            SEPARATOR => "<GS>".to_owned(),
            c if c.is_control() => format!("<{:02X}>", u32::from(c)),
            c => c.to_string(),
        };
        let here: String = text.chars().take(4).map(shown).collect();
        let why = format!("text at this place does not begin with a known application identifier: `{here}`");
        return Err(ScanError::new(Fault::UnknownIdentifier, why));
    };
    let (run, after) = rest.split_once(SEPARATOR).unwrap_or((rest, ""));
    let (text, after) = if identifier.fixed { fixed(rest, run, identifier) } else { (run, after) };
    if identifier.fixed {
        value::check_length(ai, identifier, text)
            .map_err(|_| ScanError::new(Fault::Length, format!("value of AI {ai} has a wrong length")))?;
    }
    value::check(ai, identifier, text)?;
    Ok((Element { ai: ai.to_owned(), value: text.to_owned() }, after))
}

/// A value of predefined length; a separator behind it is not needed and passed over.
fn fixed<'a>(rest: &'a str, run: &'a str, identifier: &Identifier) -> (&'a str, &'a str) {
    let (text, _) = value::split(run, identifier.lengths().1);
    let after = rest.strip_prefix(text).unwrap_or_default();
    (text, after.strip_prefix(SEPARATOR).unwrap_or(after))
}

/// Refuses a text in which separators may have been lost: its last value is of variable length, nothing in
/// the text separates anything, and the end of that value reads as further elements that prove themselves
/// by a check digit or a date and go with the others at least as well.
pub(super) fn refuse_ambiguous(text: &str, elements: &[Element]) -> Result<(), ScanError> {
    if text.contains(SEPARATOR) {
        return Ok(());
    }
    let Some((last, before)) = elements.split_last() else { return Ok(()) };
    let Some(identifier) = dictionary::find(&last.ai).filter(|found| may_run_on(found)) else {
        return Ok(());
    };
    let told = association::warnings(elements).len();
    let other = last.value.char_indices().skip(1).find_map(|(at, _)| {
        let (value, rest) = last.value.split_at_checked(at)?;
        value::check(&last.ai, identifier, value).ok()?;
        let more = parse(rest).ok().filter(|more| more.iter().any(proves_itself))?;
        let shorter = Element { ai: last.ai.clone(), value: value.to_owned() };
        let all = [before, &[shorter], &more].concat();
        let fits = association::refuse_repeats(&all).is_ok() && association::warnings(&all).len() <= told;
        fits.then_some((value, more))
    });
    let Some((value, more)) = other else { return Ok(()) };
    let more: String = more.iter().map(Element::bracketed).collect();
    let why = format!(
        "AI {} holds `{}`, or `{value}` with a lost separator and {more} behind it; scan again",
        last.ai, last.value
    );
    Err(ScanError { read: elements.to_vec(), ..ScanError::new(Fault::Ambiguous, why) })
}

fn may_run_on(identifier: &Identifier) -> bool {
    let linters = identifier.parts.iter().flat_map(|part| &part.linters);
    identifier.is_variable() && !linters.into_iter().any(|linter| linter.is_coupon())
}

/// Whether chance seldom makes such an element: it has a check digit, or is a date of fixed length.
pub(super) fn proves_itself(element: &Element) -> bool {
    dictionary::find(&element.ai).is_some_and(|found| found.is_checked() || found.is_date())
}
