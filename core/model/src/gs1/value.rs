//! Whether a value is what its application identifier holds.

use super::dictionary::{Alphabet, Identifier, Part};
use super::error::{Fault, ScanError};

/// Checks the length of `value` as a whole, as it can be known where its ends are.
pub(super) fn check_length(ai: &str, identifier: &Identifier, value: &str) -> Result<(), ScanError> {
    let (shortest, longest) = identifier.lengths();
    let count = value.chars().count();
    let wrong = match count {
        _ if count < shortest => "too short",
        _ if count > longest => "too long",
        _ => return Ok(()),
    };
    Err(ScanError::new(Fault::Length, format!("value of AI {ai} is {wrong}")))
}

/// Checks every part of `value` in its order.
pub(super) fn check(ai: &str, identifier: &Identifier, value: &str) -> Result<(), ScanError> {
    if value.is_empty() {
        return Err(ScanError::new(Fault::Empty, format!("AI {ai} has no value")));
    }
    let mut rest = value;
    for part in &identifier.parts {
        if rest.is_empty() && part.optional {
            break;
        }
        let (text, after) = split(rest, part.longest);
        check_part(ai, part, text)?;
        rest = after;
    }
    match rest {
        "" => Ok(()),
        _ => Err(ScanError::new(Fault::Length, format!("value of AI {ai} is too long"))),
    }
}

/// The first `count` characters of `text`, or all of it, and what follows.
pub(super) fn split(text: &str, count: usize) -> (&str, &str) {
    let end = text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn check_part(ai: &str, part: &Part, text: &str) -> Result<(), ScanError> {
    if text.chars().count() < part.shortest {
        return Err(ScanError::new(Fault::Length, format!("value of AI {ai} has a wrong length")));
    }
    if !text.bytes().all(|byte| part.alphabet.holds(byte)) {
        let wrong = match part.alphabet {
            Alphabet::Digits => "something other than a digit where digits belong",
            _ => "a character outside its character set",
        };
        return Err(ScanError::new(Fault::Character, format!("AI {ai} has {wrong}")));
    }
    if part.alphabet == Alphabet::Base64Url && !is_padded(text) {
        return Err(ScanError::new(Fault::Format, format!("AI {ai}: its base64 padding is wrong")));
    }
    part.linters.iter().try_for_each(|linter| {
        linter.check(text).map_err(|(fault, wrong)| ScanError::new(fault, format!("AI {ai}: {wrong}")))
    })
}

/// Padding is optional; where there is any, it stands at the end and fills up to three characters.
fn is_padded(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    let pads = text.len() - bare.len();
    !bare.contains('=') && (pads == 0 || (pads <= 2 && text.len().is_multiple_of(3)))
}

#[cfg(test)]
mod tests {
    use super::super::dictionary::find;
    use super::*;

    fn fault(ai: &str, value: &str) -> Option<Fault> {
        check(ai, find(ai).unwrap(), value).err().map(|error| error.fault)
    }

    #[test]
    fn a_value_is_judged_part_by_part() {
        assert_eq!(fault("253", "9521234543213"), None);
        assert_eq!(fault("253", "9521234543213ABC"), None);
        assert_eq!(fault("253", "952123454321"), Some(Fault::Length));
        assert_eq!(fault("253", "9521234543214"), Some(Fault::CheckDigit));
        assert_eq!(fault("8008", "26093023"), None);
        assert_eq!(fault("8008", "260930235"), Some(Fault::Length));
        assert_eq!(fault("8008", "2609302359"), None);
        assert_eq!(fault("8008", "260930235961"), Some(Fault::Time));
        assert_eq!(fault("7040", "1ABC"), None);
        assert_eq!(fault("7040", "1AB+"), Some(Fault::Format));
        assert_eq!(fault("8010", "9521ab"), Some(Fault::Character));
        assert_eq!(fault("10", "Größe"), Some(Fault::Character));
        assert_eq!(fault("10", ""), Some(Fault::Empty));
    }

    #[test]
    fn base64_is_padded_to_three_or_not_at_all() {
        for (value, good) in
            [("DIGSIG", true), ("12=", true), ("1==", true), ("123=", false), ("1=2", false), ("===", false)]
        {
            assert_eq!(fault("8030", value).is_none(), good, "{value}");
        }
    }
}
