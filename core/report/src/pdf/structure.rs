//! The bones of a PDF as Firn writes it: its objects in the order of the file.
//!
//! This is no reader of PDF in general. It walks the file from its first byte to its last and refuses
//! whatever stands elsewhere than where pdf-writer puts it, so that there is nothing it does not see.

use crate::error::ReportError;
use std::ops::Range;

/// The largest report that is read, in bytes.
pub(crate) const LARGEST: usize = 128 * 1024 * 1024;

/// The objects of a report.
#[derive(Clone, Debug)]
pub(crate) struct Structure<'a> {
    file: &'a [u8],
    pub(super) objects: Vec<Object<'a>>,
    #[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "compared by the release that sets reports"))]
    pub(super) trailer: &'a [u8],
}

/// One object: its number, where it begins, what stands before its stream, and the stream.
#[derive(Clone, Debug)]
pub(super) struct Object<'a> {
    pub(super) number: u32,
    begin: usize,
    pub(super) head: &'a [u8],
    pub(super) stream: Option<Range<usize>>,
}

/// An attachment's stored bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attachment {
    /// Where its stream stands in the file.
    pub(crate) span: Range<usize>,
    /// Whether the stream is compressed.
    pub(crate) compressed: bool,
}

impl<'a> Structure<'a> {
    /// Walks the file.
    pub(crate) fn read(file: &'a [u8]) -> Result<Self, ReportError> {
        if file.len() > LARGEST {
            return Err(malformed("larger than is read"));
        }
        let mut walk = Walk { file, at: 0 };
        walk.expect(b"%PDF-1.7\n", "no header of PDF 1.7")?;
        walk.line()?;
        let mut objects = Vec::new();
        loop {
            walk.blank();
            if walk.take(b"xref\n") {
                break;
            }
            objects.push(walk.object()?);
        }
        let xref = walk.at - b"xref\n".len();
        let rest = file.get(walk.at..).unwrap_or_default();
        let trailer =
            find(rest, b"trailer\n").and_then(|at| rest.get(at..)).ok_or_else(|| malformed("no trailer"))?;
        let table = rest.get(..rest.len() - trailer.len()).unwrap_or_default();
        let structure = Self { file, objects, trailer };
        structure.check_table(table)?;
        let end = format!("startxref\n{xref}\n%%EOF");
        if !trailer.trim_ascii_end().ends_with(end.as_bytes()) {
            return Err(malformed("it does not end as it should"));
        }
        Ok(structure)
    }

    /// The one attachment of a media type.
    pub(crate) fn attachment(&self, media_type: &str) -> Result<Attachment, ReportError> {
        let subtype = format!("/Subtype/{}", media_type.replace('/', "#2F"));
        let is_it = |object: &&Object<'_>| {
            let head = compact(object.head);
            find(&head, b"/Type/EmbeddedFile").is_some() && find(&head, subtype.as_bytes()).is_some()
        };
        let mut found = self.objects.iter().filter(is_it);
        let (Some(object), None) = (found.next(), found.next()) else {
            return Err(ReportError::MalformedPdf(format!("not exactly one attachment of {media_type}")));
        };
        let span = object.stream.clone().ok_or_else(|| malformed("an attachment without a stream"))?;
        Ok(Attachment { span, compressed: is_compressed(object.head) })
    }

    /// The content of an attachment, of at most `limit` bytes.
    pub(crate) fn content(&self, attachment: &Attachment, limit: usize) -> Result<Vec<u8>, ReportError> {
        self.plain(&attachment.span, attachment.compressed, limit)
    }

    /// A stream's bytes, expanded where they are compressed.
    pub(super) fn plain(
        &self,
        span: &Range<usize>,
        compressed: bool,
        limit: usize,
    ) -> Result<Vec<u8>, ReportError> {
        let stored = self.file.get(span.clone()).unwrap_or_default();
        if compressed { inflate(stored, limit) } else { Ok(stored.to_vec()) }
    }

    /// Every object of the table stands where the table says, and there is no other.
    fn check_table(&self, table: &[u8]) -> Result<(), ReportError> {
        let text = std::str::from_utf8(table).map_err(|_| malformed("its table is no text"))?;
        let mut lines = text.lines();
        let count =
            lines.next().and_then(|line| line.strip_prefix("0 ")).and_then(|count| count.parse::<u32>().ok());
        let count = count.ok_or_else(|| malformed("its table does not begin at 0"))?;
        let mut used = 0;
        for number in 0..count {
            let line = lines.next().ok_or_else(|| malformed("its table ends too early"))?;
            let (Some(position), Some(kind)) = (line.get(..10), line.get(17..18)) else {
                return Err(malformed("a line of its table"));
            };
            if kind != "n" {
                continue;
            }
            used += 1;
            let position = position.parse::<usize>().map_err(|_| malformed("a line of its table"))?;
            let found = self.objects.binary_search_by_key(&position, |object| object.begin).ok();
            let object = found.and_then(|found| self.objects.get(found));
            if object.is_none_or(|object| object.number != number) {
                return Err(malformed("its table points elsewhere"));
            }
        }
        if used == self.objects.len() && lines.next().is_none() {
            Ok(())
        } else {
            Err(malformed("its table is not that of its objects"))
        }
    }
}

/// A place in the file, read from the front.
struct Walk<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn rest(&self) -> &'a [u8] {
        self.file.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, text: &[u8]) -> bool {
        let here = self.rest().starts_with(text);
        if here {
            self.at += text.len();
        }
        here
    }

    fn expect(&mut self, text: &[u8], why: &str) -> Result<(), ReportError> {
        if self.take(text) { Ok(()) } else { Err(malformed(why)) }
    }

    fn blank(&mut self) {
        while self.take(b"\n") {}
    }

    /// The bytes up to the next newline, which is passed.
    fn line(&mut self) -> Result<&'a [u8], ReportError> {
        self.until(b"\n").ok_or_else(|| malformed("it ends too early"))
    }

    fn until(&mut self, text: &[u8]) -> Option<&'a [u8]> {
        let rest = self.rest();
        let length = find(rest, text)?;
        self.at += length + text.len();
        rest.get(..length)
    }

    fn object(&mut self) -> Result<Object<'a>, ReportError> {
        let begin = self.at;
        let line = std::str::from_utf8(self.line()?).unwrap_or_default();
        let number = line.strip_suffix(" 0 obj").and_then(|number| number.parse().ok());
        let number = number.ok_or_else(|| malformed("something that is no object"))?;
        let rest = self.rest();
        let end = find(rest, b"\nendobj\n").ok_or_else(|| malformed("an object without an end"))?;
        let stream = find(rest.get(..end).unwrap_or_default(), b"\nstream\n");
        let head = rest.get(..stream.unwrap_or(end)).unwrap_or_default();
        let Some(stream) = stream else {
            self.at += end + b"\nendobj\n".len();
            return Ok(Object { number, begin, head, stream: None });
        };
        let from = self.at + stream + b"\nstream\n".len();
        let length = length(head).ok_or_else(|| malformed("a stream without a length"))?;
        let to = from.checked_add(length).filter(|to| *to <= self.file.len());
        let to = to.ok_or_else(|| malformed("a stream that is too short"))?;
        self.at = to;
        self.expect(b"\nendstream\nendobj\n", "a stream without an end")?;
        Ok(Object { number, begin, head, stream: Some(from..to) })
    }
}

/// The value of a stream's `/Length`.
fn length(head: &[u8]) -> Option<usize> {
    let digits = head.get(find(head, LENGTH)? + LENGTH.len()..)?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
}

pub(super) const LENGTH: &[u8] = b"/Length ";

pub(super) fn is_compressed(head: &[u8]) -> bool {
    find(&compact(head), b"/Filter/FlateDecode").is_some()
}

/// Without blanks, which pdf-writer sets or leaves out before names.
fn compact(head: &[u8]) -> Vec<u8> {
    head.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}

pub(super) fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, part)
}

fn inflate(stored: &[u8], limit: usize) -> Result<Vec<u8>, ReportError> {
    miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(stored, limit)
        .map_err(|_| malformed("a stream that cannot be expanded"))
}

fn malformed(why: &str) -> ReportError {
    ReportError::MalformedPdf(why.into())
}
