//! GS1 Digital Link URIs (GS1 Digital Link Standard: URI Syntax, 1.x), uncompressed.

use super::error::{Fault, ScanError};
use super::{Element, dictionary, value};

/// Whether GTINs without their leading zeros are taken, as version 1.0 of the standard allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShortGtins {
    /// A GTIN has 14 digits.
    #[default]
    Refused,
    /// GTIN-8, GTIN-12 and GTIN-13 are filled up with zeros.
    Filled,
}

/// Reads a Digital Link; parameters that are no identifiers are passed over.
///
/// # Errors
/// `gs1/uri`, `gs1/dl-structure`, `gs1/unknown-ai`, and those of a value.
pub(super) fn parse(text: &str, short: ShortGtins) -> Result<Vec<Element>, ScanError> {
    let path_and_query = without_host(text)?;
    let (path_and_query, _fragment) = path_and_query.split_once('#').unwrap_or((path_and_query, ""));
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let in_path = path_pairs(path)?;
    let in_query = query_pairs(query)?;
    let read = |(ai, text, place): (&str, &str, Place)| element(ai, text, place, short);
    let pairs = in_path.iter().map(|(ai, text)| (*ai, *text, Place::Path));
    let elements = pairs.chain(in_query.iter().map(|(ai, text)| (*ai, *text, Place::Query)));
    let elements = elements.map(read).collect::<Result<Vec<_>, _>>()?;
    let (keyed, attributes) = elements.split_at_checked(in_path.len()).unwrap_or((&elements, &[]));
    check_places(keyed, attributes)?;
    for element in &elements {
        if let Some(identifier) = dictionary::find(&element.ai) {
            value::check(&element.ai, identifier, &element.value)?;
        }
    }
    Ok(elements)
}

/// Where a value stands, which decides what a plus sign means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Query,
}

/// The text behind scheme and domain, beginning with a slash.
fn without_host(text: &str) -> Result<&str, ScanError> {
    let refused = |why: &str| ScanError::new(Fault::Uri, why);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    if !text.bytes().all(allowed) {
        return Err(refused("character that a URI may not contain"));
    }
    let rest = ["https://", "HTTPS://", "http://", "HTTP://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .ok_or_else(|| refused("not an http or https address (scheme in one case)"))?;
    let slash = rest.find('/').filter(|at| *at > 0).ok_or_else(|| refused("no domain or no path"))?;
    let (domain, path) = rest.split_at_checked(slash).unwrap_or((rest, ""));
    if domain.bytes().any(|byte| b"_~?#@!$&'()*+,;=%".contains(&byte)) {
        return Err(refused("character that a domain may not contain"));
    }
    Ok(path)
}

/// The pairs of the path from its last key on; what stands before it is the publisher's own.
fn path_pairs(path: &str) -> Result<Vec<(&str, &str)>, ScanError> {
    let mut backwards = path.rsplit('/');
    let mut pairs = Vec::new();
    let none = || ScanError::new(Fault::LinkStructure, "no primary key in the path");
    loop {
        let (Some(text), Some(ai)) = (backwards.next(), backwards.next()) else { return Err(none()) };
        let identifier = dictionary::find(ai).ok_or_else(none)?;
        pairs.push((ai, text));
        if identifier.is_key() {
            pairs.reverse();
            return Ok(pairs);
        }
    }
}

fn query_pairs(query: &str) -> Result<Vec<(&str, &str)>, ScanError> {
    let parameters = query.split('&').filter_map(|parameter| parameter.split_once('='));
    let numeric = parameters.filter(|(ai, _)| ai.bytes().all(|byte| byte.is_ascii_digit()) && !ai.is_empty());
    let mut pairs = Vec::new();
    for (ai, text) in numeric {
        if dictionary::find(ai).is_none() {
            let why = format!("no such application identifier in the query: {ai}");
            return Err(ScanError::new(Fault::UnknownIdentifier, why));
        }
        pairs.push((ai, text));
    }
    Ok(pairs)
}

/// Decodes one pair and checks what can be checked of it alone.
fn element(ai: &str, text: &str, place: Place, short: ShortGtins) -> Result<Element, ScanError> {
    if text.is_empty() {
        return Err(ScanError::new(Fault::Empty, format!("AI {ai} has no value")));
    }
    let bytes = decoded(text, place);
    if bytes.contains(&0) {
        return Err(ScanError::new(Fault::Character, format!("AI {ai} has an escaped zero byte")));
    }
    let outside =
        || ScanError::new(Fault::Character, format!("AI {ai} has a character outside its character set"));
    let mut value = String::from_utf8(bytes).map_err(|_| outside())?;
    if ai == "01" && short == ShortGtins::Filled && matches!(value.len(), 8 | 12 | 13) {
        value = format!("{value:0>14}");
    }
    if let Some(identifier) = dictionary::find(ai) {
        value::check_length(ai, identifier, &value)?;
    }
    Ok(Element { ai: ai.to_owned(), value })
}

/// Undoes percent escapes; a broken one stays as it is.
fn decoded(text: &str, place: Place) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, behind @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(nibble(*high) << 4 | nibble(*low));
                rest = behind;
            }
            (b'+', _) if place == Place::Query => bytes.push(b' '),
            _ => bytes.push(*byte),
        }
    }
    bytes
}

fn nibble(digit: u8) -> u8 {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or_default()
}

/// The sequences of identifiers that a path may begin with `key`, without it.
fn sequences(key: &str) -> &'static [Vec<&'static str>] {
    dictionary::find(key).and_then(|found| found.qualifiers.as_deref()).unwrap_or_default()
}

/// Whether `path`, a key and its qualifiers, keeps to one sequence of the key and to its order.
fn is_sequence(path: &[&str]) -> bool {
    let Some((key, qualifiers)) = path.split_first() else { return false };
    sequences(key).iter().any(|sequence| {
        let mut allowed = sequence.iter();
        qualifiers.iter().all(|qualifier| allowed.any(|one| one == qualifier))
    })
}

fn check_places(keyed: &[Element], attributes: &[Element]) -> Result<(), ScanError> {
    let refused = |why: String| Err(ScanError::new(Fault::LinkStructure, why));
    let path: Vec<&str> = keyed.iter().map(|element| element.ai.as_str()).collect();
    if !is_sequence(&path) {
        return refused("qualifiers do not belong to the key, or are in the wrong order".into());
    }
    let mut seen = path.clone();
    for Element { ai, .. } in attributes {
        if seen.contains(&ai.as_str()) {
            return refused(format!("AI {ai} comes twice"));
        }
        seen.push(ai);
        if !dictionary::find(ai).is_some_and(|identifier| identifier.attribute) {
            return refused(format!("AI {ai} may not stand in the query"));
        }
        let belongs = (1..=path.len()).any(|at| {
            let (before, after) = path.split_at_checked(at).unwrap_or((&path, &[]));
            is_sequence(&[before, &[ai.as_str()], after].concat())
        });
        if belongs {
            return refused(format!("AI {ai} belongs in the path, not in the query"));
        }
    }
    Ok(())
}

/// Prints elements as a link that begins with `stem`; none where there is no key, or where one of the others
/// may stand neither behind that key nor in the query. Elements that come twice are printed once.
pub(super) fn print(elements: &[Element], stem: &str) -> Option<String> {
    let is_key = |element: &&Element| dictionary::find(&element.ai).is_some_and(|found| found.is_key());
    let key = elements.iter().find(is_key)?;
    let find = |ai: &str| elements.iter().find(|element| element.ai == ai);
    let fitting = |sequence: &&Vec<&'static str>| sequence.iter().filter(|ai| find(ai).is_some()).count();
    let mut best: Option<&Vec<&'static str>> = None;
    for sequence in sequences(&key.ai) {
        if best.is_none_or(|other| fitting(&sequence) > fitting(&other)) {
            best = Some(sequence);
        }
    }
    let path: Vec<&Element> = std::iter::once(key).chain(best?.iter().filter_map(|ai| find(ai))).collect();
    let mut attributes: Vec<&Element> = Vec::new();
    for fixed in [true, false] {
        for element in elements {
            let known = path.iter().chain(&attributes).any(|other| other.ai == element.ai);
            let identifier = dictionary::find(&element.ai)?;
            if known || identifier.fixed != fixed {
                continue;
            }
            if !identifier.attribute {
                return None;
            }
            attributes.push(element);
        }
    }
    let mut link = stem.trim_end_matches('/').to_owned();
    path.iter().for_each(|element| link.push_str(&format!("/{}/{}", element.ai, escaped(&element.value))));
    for (number, element) in attributes.iter().enumerate() {
        let mark = if number == 0 { '?' } else { '&' };
        link.push_str(&format!("{mark}{}={}", element.ai, escaped(&element.value)));
    }
    Some(link)
}

/// Everything but unreserved characters as percent escapes (RFC 3986, section 2.3).
fn escaped(value: &str) -> String {
    let one = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(one).collect()
}
