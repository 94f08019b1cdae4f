//! The table of application identifiers: what each may hold, and what it goes with.

use super::linter::Linter;
use std::sync::LazyLock;

/// What one application identifier, or a range of them, may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identifier {
    /// The first of the range, two to four digits.
    first: &'static str,
    /// The last of the range, of as many digits.
    last: &'static str,
    /// Whether its length is predefined, so that no separator follows (GS1 General Specifications, 7.8.5).
    pub fixed: bool,
    /// Whether it may stand in the query of a Digital Link.
    pub attribute: bool,
    /// The parts of its value in their order; optional ones stand last.
    pub parts: Vec<Part>,
    /// Groups of which one must be there whole; empty where it stands alone.
    pub needs: Vec<Vec<&'static str>>,
    /// Identifiers that must not be there.
    pub excludes: Vec<&'static str>,
    /// Alternatives of qualifiers in their order, where it may begin the path of a Digital Link.
    pub qualifiers: Option<Vec<Vec<&'static str>>>,
    /// The data title, as printed beside a barcode.
    pub title: &'static str,
}

/// One part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Which characters it takes.
    pub alphabet: Alphabet,
    /// The fewest characters.
    pub shortest: usize,
    /// The most characters.
    pub longest: usize,
    /// Whether it may be missing.
    pub optional: bool,
    /// What is checked of it.
    pub linters: Vec<Linter>,
}

/// A set of characters (GS1 General Specifications, 7.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// The digits.
    Digits,
    /// GS1 AI encodable character set 82.
    Set82,
    /// GS1 AI encodable character set 39.
    Set39,
    /// URI-safe base64 (RFC 4648, section 5).
    Base64Url,
}

/// Character set 82, in the order of its check values (GS1 General Specifications, 7.11).
pub(super) const SET_82: &str =
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

impl Alphabet {
    /// Whether it holds `byte`.
    pub fn holds(self, byte: u8) -> bool {
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Set82 => SET_82.as_bytes().contains(&byte),
            Self::Set39 => {
                byte.is_ascii_digit() || byte.is_ascii_uppercase() || matches!(byte, b'#' | b'-' | b'/')
            }
            Self::Base64Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='),
        }
    }
}

impl Identifier {
    /// The fewest and the most characters of a value.
    pub fn lengths(&self) -> (usize, usize) {
        let shortest = self.parts.iter().filter(|part| !part.optional).map(|part| part.shortest).sum();
        (shortest, self.parts.iter().map(|part| part.longest).sum())
    }

    /// Whether a value proves by a check digit that it was read right.
    pub fn is_checked(&self) -> bool {
        self.parts.iter().flat_map(|part| &part.linters).any(|linter| *linter == Linter::CheckDigit)
    }

    /// Whether its value is a calendar date of fixed length.
    pub fn is_date(&self) -> bool {
        self.fixed && self.parts.iter().flat_map(|part| &part.linters).any(|linter| linter.is_date())
    }

    /// Whether the last part of its value may be of several lengths.
    pub fn is_variable(&self) -> bool {
        self.parts.last().is_some_and(|part| part.shortest < part.longest)
    }

    /// Whether it may begin the path of a Digital Link.
    pub fn is_key(&self) -> bool {
        self.qualifiers.is_some()
    }

    fn covers(&self, ai: &str) -> bool {
        ai.len() == self.first.len() && (self.first..=self.last).contains(&ai)
    }
}

/// The identifier that is written `ai`.
pub(super) fn find(ai: &str) -> Option<&'static Identifier> {
    TABLE.iter().find(|identifier| identifier.covers(ai))
}

/// The identifier that `text` begins with, how it is written, and the rest of the text.
pub(super) fn begin(text: &str) -> Option<(&str, &'static Identifier, &str)> {
    (2..=4).find_map(|length| {
        let (ai, rest) = text.split_at_checked(length)?;
        find(ai).map(|identifier| (ai, identifier, rest))
    })
}

/// Whether `pattern` of a table's row means `ai`; `n` stands for any digit.
pub(super) fn matches(pattern: &str, ai: &str) -> bool {
    pattern.len() == ai.len()
        && pattern.bytes().zip(ai.bytes()).all(|(pattern, digit)| pattern == b'n' || pattern == digit)
}

static TABLE: LazyLock<Vec<Identifier>> = LazyLock::new(|| rows().filter_map(identifier).collect());

fn rows() -> impl Iterator<Item = &'static str> {
    include_str!("identifiers.txt").lines().filter(|line| !line.starts_with('#'))
}

/// Reads one row of the table; a test holds that every row is read.
fn identifier(row: &'static str) -> Option<Identifier> {
    let mut columns = row.split('|').map(str::trim);
    let range = columns.next()?;
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let travels = columns.next()?;
    let parts = columns.next()?.split(' ').map(part).collect::<Option<_>>()?;
    let mut list = || columns.next().unwrap_or_default().split(',').filter(|one| !one.is_empty());
    let needs = list().map(|group| group.split('+').collect()).collect();
    let excludes = list().collect();
    let qualifiers = columns.next().unwrap_or_default().strip_prefix("key").map(alternatives);
    Some(Identifier {
        first,
        last,
        fixed: travels.contains("fixed"),
        attribute: travels.contains("attribute"),
        parts,
        needs,
        excludes,
        qualifiers,
        title: columns.next().unwrap_or_default(),
    })
}

fn alternatives(text: &'static str) -> Vec<Vec<&'static str>> {
    text.trim().split('/').map(|sequence| sequence.split(',').filter(|ai| !ai.is_empty()).collect()).collect()
}

fn part(text: &str) -> Option<Part> {
    let mut fields = text.split(':');
    let form = fields.next()?;
    let bare = form.trim_start_matches('[').trim_end_matches(']');
    let (letter, length) = bare.split_at_checked(1)?;
    let alphabet = match letter {
        "N" => Alphabet::Digits,
        "X" => Alphabet::Set82,
        "Y" => Alphabet::Set39,
        "Z" => Alphabet::Base64Url,
        _ => return None,
    };
    let (shortest, longest) = match length.strip_prefix("..") {
        Some(most) => (1, most.parse().ok()?),
        None => (length.parse().ok()?, length.parse().ok()?),
    };
    let linters = fields.map(Linter::of_name).collect::<Option<_>>()?;
    Some(Part { alphabet, shortest, longest, optional: form.starts_with('['), linters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read_and_no_identifier_begins_another() {
        assert_eq!(TABLE.len(), rows().count());
        assert_eq!(TABLE.len(), 224);
        for one in TABLE.iter() {
            for other in TABLE.iter().filter(|other| *other != one) {
                assert!(!other.first.starts_with(one.first), "{} and {}", one.first, other.first);
            }
        }
    }

    #[test]
    fn what_a_row_refers_to_is_in_the_table() {
        let known = |pattern: &str| find(&pattern.replace('n', "0")).is_some();
        for identifier in TABLE.iter() {
            let qualifiers = identifier.qualifiers.iter().flatten().flatten();
            let named = identifier.needs.iter().flatten().chain(&identifier.excludes).chain(qualifiers);
            for pattern in named {
                assert!(known(pattern), "{} names {pattern}", identifier.first);
            }
        }
    }

    #[test]
    fn an_identifier_is_found_by_its_whole_number_and_a_text_by_its_beginning() {
        assert_eq!(find("3103").map(|found| found.title), Some("NET WEIGHT (kg)"));
        assert_eq!(find("3106"), None);
        assert_eq!(find("31"), None);
        assert_eq!(begin("10ABC").map(|(ai, _, rest)| (ai, rest)), Some(("10", "ABC")));
        assert_eq!(begin("43310").map(|(ai, _, rest)| (ai, rest)), Some(("4331", "0")));
        assert!(begin("0").is_none() && begin("é1").is_none() && begin("").is_none());
    }

    #[test]
    fn predefined_lengths_are_those_of_the_general_specifications() {
        // Figure 7.8.5-2: the length of AI and value by the first two digits.
        let lengths = [
            ("00", 20),
            ("01", 16),
            ("02", 16),
            ("03", 16),
            ("11", 8),
            ("12", 8),
            ("13", 8),
            ("15", 8),
            ("16", 8),
            ("17", 8),
            ("20", 4),
            ("3103", 10),
            ("3202", 10),
            ("3301", 10),
            ("3400", 10),
            ("3500", 10),
            ("3600", 10),
            ("410", 16),
            ("417", 16),
        ];
        for (ai, length) in lengths {
            let identifier = find(ai).unwrap();
            assert!(identifier.fixed, "{ai}");
            assert_eq!(identifier.lengths(), (length - ai.len(), length - ai.len()), "{ai}");
        }
        let fixed = TABLE.iter().filter(|identifier| identifier.fixed);
        for identifier in fixed {
            let group = identifier.first.get(..2).unwrap();
            assert!(lengths.iter().any(|(ai, _)| ai.starts_with(group)), "{group}");
        }
    }

    /// One entry of the published dictionary in the columns of the own table.
    fn row_of(entry: &str) -> String {
        let (entry, title) = entry.split_once('#').unwrap_or((entry, ""));
        let mut words = entry.split_whitespace().peekable();
        let range = words.next().unwrap();
        let is_part = |word: &str| word.trim_start_matches('[').starts_with(['N', 'X', 'Y', 'Z']);
        let flags = words.next_if(|word| !is_part(word)).unwrap_or_default();
        let words: Vec<&str> = words.collect();
        let parts: Vec<String> =
            words.iter().filter(|word| is_part(word)).map(|word| word.replace(',', ":")).collect();
        let attribute =
            |name: &str| words.iter().find_map(|word| word.strip_prefix(name)).unwrap_or_default();
        let key = match words.iter().find(|word| word.starts_with("dlpkey")) {
            Some(word) => {
                let qualifiers = word.trim_start_matches("dlpkey").trim_start_matches('=');
                format!("key {qualifiers}").replace('|', "/")
            }
            None => String::new(),
        };
        let travels = [("fixed", '*'), ("attribute", '?')];
        let travels: Vec<&str> =
            travels.iter().filter(|(_, flag)| flags.contains(*flag)).map(|(word, _)| *word).collect();
        let columns = [
            range,
            &travels.join(" "),
            &parts.join(" "),
            attribute("req="),
            attribute("ex="),
            key.trim(),
            title.trim(),
        ];
        columns.join(" | ").trim_end().to_owned()
    }

    #[test]
    fn the_table_is_that_of_the_published_dictionary() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/gs1/gs1-syntax-dictionary.txt");
        let Ok(dictionary) = std::fs::read_to_string(path) else {
            eprintln!("skipped: the published dictionary is not beside this repository");
            return;
        };
        let entries = dictionary.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let published: Vec<String> = entries.map(row_of).collect();
        assert_eq!(published, rows().collect::<Vec<_>>());
    }
}
