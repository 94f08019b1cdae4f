//! The text of a file whatever its encoding, as numbered lines that keep their bytes.

use super::FileError;

/// The largest file that is read, in bytes: a reading a minute for more than a year, several times over.
pub const LARGEST_FILE: usize = 32 << 20;
/// The longest line, in bytes of UTF-8.
pub const LONGEST_LINE: usize = 8 << 10;
/// The most readings of one file.
pub const MOST_READINGS: usize = 1_000_000;

/// How the characters of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
    /// What is no UTF-8: the degree sign of older programs is the byte B0.
    Latin1,
}

/// A file as text.
#[derive(Clone, Debug)]
pub(super) struct Text<'a> {
    bytes: &'a [u8],
    encoding: Encoding,
    /// How long the byte order mark is.
    mark: usize,
    content: String,
}

/// One line, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// Counted from one.
    pub number: u32,
    pub text: &'t str,
    /// The line's own bytes, as they stand in the file.
    pub raw: &'t [u8],
}

impl<'a> Text<'a> {
    /// Reads the byte order mark, else UTF-8, else Latin-1.
    pub fn new(bytes: &'a [u8]) -> Result<Self, FileError> {
        if bytes.len() > LARGEST_FILE {
            return Err(FileError::TooLarge);
        }
        let (encoding, mark) = match bytes {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
            [0xFF, 0xFE, ..] => (Encoding::Utf16LittleEndian, 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16BigEndian, 2),
            _ if std::str::from_utf8(bytes).is_ok() => (Encoding::Utf8, 0),
            _ => (Encoding::Latin1, 0),
        };
        let body = bytes.get(mark..).unwrap_or_default();
        let content = match encoding {
            Encoding::Utf8 => String::from_utf8(body.to_vec())
                .map_err(|_| FileError::NotText { cause: "its mark says UTF-8, its bytes do not" })?,
            Encoding::Utf16LittleEndian => utf16(body, u16::from_le_bytes)?,
            Encoding::Utf16BigEndian => utf16(body, u16::from_be_bytes)?,
            Encoding::Latin1 => body.iter().copied().map(char::from).collect(),
        };
        if content.contains('\0') {
            return Err(FileError::NotText { cause: "it holds a zero byte" });
        }
        // It is as long as an LF in every encoding.
        let content = if ends_in_cr(&content) { content.replace('\r', "\n") } else { content };
        Ok(Self { bytes, encoding, mark, content })
    }

    /// The whole text, without a byte order mark.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// The lines that end in LF or CRLF, or in CR where no LF stands in the file but at its very end, each no longer than [`LONGEST_LINE`].
    pub fn lines(&self) -> Result<Vec<Line<'_>>, FileError> {
        let mut lines = Vec::new();
        let mut at = self.mark;
        let mut number = 0_u32;
        for whole in self.content.split_inclusive('\n') {
            number = number.saturating_add(1);
            let text = whole.strip_suffix('\n').unwrap_or(whole);
            let text = text.strip_suffix('\r').unwrap_or(text);
            if text.trim_end_matches('\r').contains('\r') {
                let cause = "a CR stands within it, and other lines of the file end in LF".into();
                return Err(FileError::Line { line: number, cause });
            }
            if text.len() > LONGEST_LINE {
                return Err(FileError::LineTooLong { line: number });
            }
            let end = at.saturating_add(self.encoded(text));
            lines.push(Line { number, text, raw: self.bytes.get(at..end).unwrap_or_default() });
            at = at.saturating_add(self.encoded(whole));
        }
        Ok(lines)
    }

    /// How many bytes of the file a part of its content takes.
    fn encoded(&self, part: &str) -> usize {
        match self.encoding {
            Encoding::Utf8 => part.len(),
            Encoding::Utf16LittleEndian | Encoding::Utf16BigEndian => {
                part.encode_utf16().count().saturating_mul(2)
            }
            Encoding::Latin1 => part.chars().count(),
        }
    }
}

/// Whether a CR alone ends the lines of a text, as older programs write them, an LF that an editor put at its very end
/// left out.
pub(super) fn ends_in_cr(text: &str) -> bool {
    let rest = text.strip_suffix('\n').unwrap_or(text);
    let within = rest.trim_end_matches('\r').contains('\r');
    !rest.contains('\n') && (within || rest.len() == text.len() && rest.contains('\r'))
}

fn utf16(body: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, FileError> {
    let broken = FileError::NotText { cause: "its mark says UTF-16, its bytes do not" };
    let (pairs, rest) = body.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(broken);
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<_, _>>().map_err(|_| broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(bytes: &[u8]) -> Vec<String> {
        let text = Text::new(bytes).unwrap();
        text.lines().unwrap().into_iter().map(|line| line.text.to_owned()).collect()
    }

    fn in_utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes_of).collect()
    }

    #[test]
    fn a_degree_sign_is_read_in_every_encoding_that_exports_come_in() {
        let expected = ["Temp (°C)", "5"];
        assert_eq!(texts("Temp (°C)\r\n5\r\n".as_bytes()), expected);
        assert_eq!(texts("\u{FEFF}Temp (°C)\n5".as_bytes()), expected);
        assert_eq!(texts(b"Temp (\xB0C)\n5\n"), expected);
        assert_eq!(texts(&in_utf16("Temp (°C)\r\n5\r\n", u16::to_le_bytes)), expected);
        assert_eq!(texts(&in_utf16("Temp (°C)\r\n5\r\n", u16::to_be_bytes)), expected);
    }

    #[test]
    fn a_picture_or_a_line_without_end_is_refused_with_a_code() {
        assert_eq!(Text::new(b"\x89PNG\0\0").unwrap_err().code(), "file/not-text");
        assert_eq!(Text::new(b"\xFF\xFEa").unwrap_err().code(), "file/not-text");
        let long = "x".repeat(LONGEST_LINE + 1);
        let text = format!("a\n{long}\n");
        let error = Text::new(text.as_bytes()).unwrap().lines().unwrap_err();
        assert_eq!(error, FileError::LineTooLong { line: 2 });
    }

    #[test]
    fn lines_that_end_in_cr_alone_are_lines_and_a_cr_within_one_is_refused() {
        let bytes = b"Temp (\xB0C)\r5\r6\r";
        let text = Text::new(bytes).unwrap();
        let lines = text.lines().unwrap();
        let told: Vec<_> = lines.iter().map(|line| (line.number, line.text, line.raw)).collect();
        assert_eq!(told, [(1, "Temp (°C)", &bytes[..9]), (2, "5", b"5"), (3, "6", b"6")]);
        assert_eq!(texts(&in_utf16("Temp\r5\r", u16::to_le_bytes)), ["Temp", "5"]);
        assert_eq!(texts(b"a\r\r\nb\r\n"), ["a\r", "b"], "as a copy in text mode leaves them");
        assert_eq!(texts(b"a\rb\rc\n"), ["a", "b", "c"], "as an editor leaves them that ends a file in LF");
        assert_eq!(
            (texts(b"a\rb\r\n"), texts(b"a\r\n")),
            (vec!["a".into(), "b".into(), String::new()], vec!["a".into()])
        );
        let mixed = Text::new(b"a\nb\rc\n").unwrap().lines().unwrap_err();
        assert_eq!((mixed.code(), mixed.to_string().contains("line 2")), ("file/malformed-line", true));
    }

    proptest! {
        #[test]
        fn a_line_keeps_its_own_bytes(parts in proptest::collection::vec("[a-z°😀;]{0,5}", 0..6)) {
            let whole = parts.join("\r\n");
            for bytes_of in [u16::to_le_bytes, u16::to_be_bytes] {
                let bytes = in_utf16(&whole, bytes_of);
                let text = Text::new(&bytes).unwrap();
                for line in text.lines().unwrap() {
                    let raw: Vec<u8> = line.text.encode_utf16().flat_map(bytes_of).collect();
                    prop_assert_eq!(line.raw, raw);
                }
            }
            let text = Text::new(whole.as_bytes()).unwrap();
            for line in text.lines().unwrap() {
                prop_assert_eq!(line.raw, line.text.as_bytes());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(text) = Text::new(&bytes) {
                drop(text.lines());
            }
        }
    }
}
