//! Whether two reports say the same, however they are compressed.

use super::structure::{LENGTH, Object, Structure, find, is_compressed};
use crate::error::ReportError;

/// The most bytes that one compressed stream may become.
const LARGEST_STREAM: usize = 96 * 1024 * 1024;

impl<'a> Structure<'a> {
    /// Whether both files hold the same objects with the same content, however it is compressed.
    ///
    /// Left out is what follows from the compression alone: lengths, positions, and the hash of the file
    /// that serves as its instance id.
    pub(crate) fn says_the_same(&self, other: &Structure<'_>) -> Result<bool, ReportError> {
        if self.objects.len() != other.objects.len() {
            return Ok(false);
        }
        let (mine, theirs) = (self.instance_id(), other.instance_id());
        for (one, two) in self.objects.iter().zip(&other.objects) {
            let head = |object: &Object<'_>| without_length(object.head);
            if one.number != two.number || head(one) != head(two) {
                return Ok(false);
            }
            let content = (self.content_of(one)?, other.content_of(two)?);
            if content.0 != content.1 && content.0 != replaced(&content.1, theirs, mine) {
                return Ok(false);
            }
        }
        Ok(self.dictionary() == replaced(other.dictionary(), theirs, mine))
    }

    fn content_of(&self, object: &Object<'_>) -> Result<Vec<u8>, ReportError> {
        let Some(span) = &object.stream else { return Ok(Vec::new()) };
        self.plain(span, is_compressed(object.head), LARGEST_STREAM)
    }

    /// The trailer up to the position of the table.
    fn dictionary(&self) -> &'a [u8] {
        let end = find(self.trailer, b"startxref").unwrap_or(self.trailer.len());
        self.trailer.get(..end).unwrap_or_default()
    }

    /// The second of the trailer's ids (ISO 32000-1, 14.4).
    fn instance_id(&self) -> &'a [u8] {
        let Some(ids) = find(self.trailer, b"/ID").and_then(|at| self.trailer.get(at..)) else { return &[] };
        let id = |text: &'a [u8]| {
            let begin = text.iter().position(|byte| *byte == b'(')? + 1;
            let length = text.get(begin..)?.iter().position(|byte| *byte == b')')?;
            Some((text.get(begin..begin + length)?, text.get(begin + length..)?))
        };
        id(ids).and_then(|(_, rest)| id(rest)).map_or(&[], |(second, _)| second)
    }
}

fn without_length(head: &[u8]) -> Vec<u8> {
    let Some(at) = find(head, LENGTH) else { return head.to_vec() };
    let before = head.get(..at).unwrap_or_default();
    let after = head.get(at + LENGTH.len()..).unwrap_or_default();
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    [before, after.get(digits..).unwrap_or_default()].concat()
}

/// `content` with `from` replaced by `to`: equal to the other's only where that one has `to` in the very
/// same places.
fn replaced(content: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = (!from.is_empty()).then(|| find(rest, from)).flatten() {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        out.extend_from_slice(to);
        rest = rest.get(at + from.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}
