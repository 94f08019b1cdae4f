//! Deterministic CBOR (RFC 8949 §4.2.1): one encoding for each value, and any other is refused.
//!
//! Shortest integers and lengths, definite lengths, map keys strictly ascending by their encoded
//! bytes, valid UTF-8, no floating point, no simple values but false, true and null, at most
//! [`MAX_DEPTH`] levels. Nothing here recurses, and nothing allocates by a length that it has only
//! been told.

mod reader;
mod writer;

pub use reader::{Key, Map, Reader};
pub use writer::Writer;

/// How deep arrays, maps and tags may nest.
pub const MAX_DEPTH: usize = 16;

/// Why bytes were refused, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct Problem {
    /// Whether the bytes are no deterministic CBOR, or are that but say something else than expected.
    pub kind: ProblemKind,
    /// Where the refused item begins.
    pub offset: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// The ways in which bytes can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// No deterministic CBOR.
    NotCanonical,
    /// Deterministic CBOR of another shape.
    Unexpected,
    /// The form of the preview, which was never frozen.
    Preview,
    /// The form of a later version.
    Newer,
}

/// Checks that `bytes` are exactly one item of deterministic CBOR.
///
/// # Errors
/// The first offence, with its place.
pub fn check(bytes: &[u8]) -> Result<(), Problem> {
    let end = item_end(bytes, 0, 0)?;
    if end == bytes.len() { Ok(()) } else { Err(not_canonical(end, "bytes after the item")) }
}

pub(crate) fn not_canonical(offset: usize, reason: &'static str) -> Problem {
    Problem { kind: ProblemKind::NotCanonical, offset, reason }
}

pub(crate) fn unexpected(offset: usize, reason: &'static str) -> Problem {
    Problem { kind: ProblemKind::Unexpected, offset, reason }
}

/// An item's first bytes: RFC 8949 §3.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub major: u8,
    pub value: u64,
    pub end: usize,
}

/// Reads the head at `offset` and refuses every head that has a shorter form.
#[inline]
pub(crate) fn head(bytes: &[u8], offset: usize) -> Result<Head, Problem> {
    let truncated = || not_canonical(offset, "the bytes end too early");
    let (first, rest) = bytes.get(offset..).and_then(<[u8]>::split_first).ok_or_else(truncated)?;
    let (major, information) = (first >> 5, first & 0x1f);
    if major == 7 {
        return match information {
            20..=22 => Ok(Head { major, value: u64::from(information), end: offset + 1 }),
            25..=27 => Err(not_canonical(offset, "a floating-point number")),
            _ => Err(not_canonical(offset, "a simple value other than false, true and null")),
        };
    }
    let (width, least, value) = match information {
        0..=23 => return Ok(Head { major, value: u64::from(information), end: offset + 1 }),
        24 => (1, 24, rest.first().map(|value| u64::from(*value))),
        25 => (2, 1 << 8, rest.first_chunk().map(|value| u64::from(u16::from_be_bytes(*value)))),
        26 => (4, 1 << 16, rest.first_chunk().map(|value| u64::from(u32::from_be_bytes(*value)))),
        27 => (8, 1 << 32, rest.first_chunk().map(|value| u64::from_be_bytes(*value))),
        _ => return Err(not_canonical(offset, "an indefinite length or a reserved form")),
    };
    let value = value.ok_or_else(truncated)?;
    if value < least {
        return Err(not_canonical(offset, "not the shortest form"));
    }
    Ok(Head { major, value, end: offset + 1 + width })
}

/// A container that is still open.
struct Level {
    left: u64,
    map: bool,
    at_key: bool,
    key_start: usize,
    previous: std::ops::Range<usize>,
}

/// Where the item at `start` ends, after checking all of it; so many arrays, maps and tags stand `around` it.
pub(crate) fn item_end(bytes: &[u8], start: usize, around: usize) -> Result<usize, Problem> {
    let mut levels: Vec<Level> = Vec::new();
    let mut offset = start;
    loop {
        if let Some(level) = levels.last_mut().filter(|level| level.map && level.at_key) {
            level.key_start = offset;
        }
        let head = head(bytes, offset)?;
        if let Some(level) = open(bytes, offset, &head)? {
            if levels.len().saturating_add(around) >= MAX_DEPTH {
                return Err(not_canonical(offset, "nested too deeply"));
            }
            levels.push(level);
            offset = head.end;
            continue;
        }
        offset = scalar_end(bytes, offset, &head)?;
        if close(bytes, &mut levels, offset)? {
            return Ok(offset);
        }
    }
}

/// The level that this head opens, if it holds other items.
fn open(bytes: &[u8], offset: usize, head: &Head) -> Result<Option<Level>, Problem> {
    let left = match head.major {
        4 => head.value,
        5 => head.value.checked_mul(2).ok_or(not_canonical(offset, "the bytes end too early"))?,
        6 => 1,
        _ => return Ok(None),
    };
    let remaining = bytes.len().saturating_sub(head.end);
    if usize::try_from(left).map_or(true, |left| left > remaining) {
        return Err(not_canonical(offset, "the bytes end too early"));
    }
    let level = Level { left, map: head.major == 5, at_key: true, key_start: 0, previous: 0..0 };
    Ok(if left == 0 { None } else { Some(level) })
}

fn scalar_end(bytes: &[u8], offset: usize, head: &Head) -> Result<usize, Problem> {
    if head.major != 2 && head.major != 3 {
        return Ok(head.end);
    }
    let content = content(bytes, offset, head)?;
    if head.major == 3 && std::str::from_utf8(content).is_err() {
        return Err(not_canonical(offset, "text that is not UTF-8"));
    }
    Ok(head.end + content.len())
}

/// The content of a byte or text string.
pub(crate) fn content<'a>(bytes: &'a [u8], offset: usize, head: &Head) -> Result<&'a [u8], Problem> {
    usize::try_from(head.value)
        .ok()
        .and_then(|length| head.end.checked_add(length))
        .and_then(|end| bytes.get(head.end..end))
        .ok_or(not_canonical(offset, "the bytes end too early"))
}

/// Counts a finished item into its containers; true when the outermost one is finished too.
fn close(bytes: &[u8], levels: &mut Vec<Level>, end: usize) -> Result<bool, Problem> {
    while let Some(level) = levels.last_mut() {
        if level.map {
            if level.at_key {
                ascending(bytes, &level.previous, &(level.key_start..end))?;
                level.previous = level.key_start..end;
            }
            level.at_key = !level.at_key;
        }
        level.left = level.left.saturating_sub(1);
        if level.left > 0 {
            return Ok(false);
        }
        levels.pop();
    }
    Ok(true)
}

/// Refuses a map key that does not sort after the one before it; an empty `previous` is none.
#[inline]
pub(crate) fn ascending(
    bytes: &[u8],
    previous: &std::ops::Range<usize>,
    key: &std::ops::Range<usize>,
) -> Result<(), Problem> {
    let follows = match (bytes.get(previous.clone()), bytes.get(key.clone())) {
        // Most keys are one byte.
        (Some([previous]), Some([key])) => previous < key,
        (previous, key) => previous < key,
    };
    if previous.is_empty() || follows {
        Ok(())
    } else {
        Err(not_canonical(key.start, "map keys that do not ascend"))
    }
}

#[cfg(test)]
mod tests;
