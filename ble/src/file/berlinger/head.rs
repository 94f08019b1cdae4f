//! The nested `key: value` lines of a Berlinger file, each with the path of the keys above it.

use super::super::FileError;
use super::super::text::Line;
use std::collections::BTreeMap;

/// The most lines of a head; a report of a year of days has fewer.
const MOST_LINES: usize = 20_000;
/// The deepest nesting that is kept apart.
const DEEPEST: usize = 8;
/// What the summary of a day takes up.
const DAY_KEYS: [&str; 10] =
    ["Date", "Min T", "TS Min T", "Max T", "TS Max T", "Avrg T", "t Acc", "TS A", "t AccST", "Events"];

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The keys from the outermost on, with slashes between them.
    pub path: String,
    pub value: String,
    /// Where, counted from one; statements of one line belong together.
    pub line: u32,
}

/// All statements of a file, and the rows of its tables by section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub entries: Vec<Entry>,
    /// The section and the place among the lines.
    pub tables: Vec<(String, usize)>,
}

impl Entry {
    /// The last key of the path.
    pub fn key(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub fn malformed(&self, why: &str) -> FileError {
        let value: String = self.value.chars().take(64).collect();
        FileError::Line { line: self.line, cause: format!("{}: `{value}` {why}", self.key()) }
    }
}

impl Head {
    pub fn read(lines: &[Line<'_>]) -> Result<Self, FileError> {
        let mut head = Self::default();
        let mut above: Vec<(usize, String)> = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            if line.text.trim().is_empty() {
                continue;
            }
            if line.text.starts_with('\t') {
                let section = above.first().map(|(_, key)| key.clone()).unwrap_or_default();
                head.tables.push((section, index));
                continue;
            }
            if head.entries.len() >= MOST_LINES {
                let cause = format!("more than {MOST_LINES} statements before it");
                return Err(FileError::Line { line: line.number, cause });
            }
            let depth = line.text.bytes().take_while(|byte| *byte == b' ').count();
            above.retain(|(other, _)| *other < depth);
            head.take(line, &above)?;
            if let (Some(entry), true) = (line.text.trim().split(':').next(), above.len() < DEEPEST) {
                above.push((depth, entry.to_owned()));
            }
        }
        Ok(head)
    }

    /// The first statement of that path.
    pub fn find(&self, path: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.path == path)
    }

    /// What has no place of its own elsewhere, so that nothing of the head is lost.
    pub fn settings(&self) -> BTreeMap<String, String> {
        let has_its_place = |entry: &Entry| {
            let of_a_day = entry.path.strip_prefix("Hist/").is_some_and(|rest| rest.contains('/'));
            entry.path.starts_with("Res/Alarm/")
                || ["Sig", "Sig Cert"].contains(&entry.path.as_str())
                || (of_a_day && DAY_KEYS.contains(&entry.key()))
                || (entry.key() == "C A" && entry.value == "0")
        };
        let entries = self.entries.iter().filter(|e| !e.value.is_empty() && !has_its_place(e));
        entries.map(|entry| (entry.path.clone(), entry.value.clone())).collect()
    }

    /// The statements of one line: `Type: 2, T AL: 8.0, t AL: 30`. What people wrote is left whole.
    fn take(&mut self, line: &Line<'_>, above: &[(usize, String)]) -> Result<(), FileError> {
        let text = line.text.trim();
        let parts: Vec<&str> = match text.starts_with("User String") {
            true => vec![text],
            false => text.split(", ").collect(),
        };
        let parent: String = above.iter().map(|(_, key)| format!("{key}/")).collect();
        for part in parts {
            match (part.split_once(':'), self.entries.last_mut()) {
                (Some((key, value)), _) => self.entries.push(Entry {
                    path: format!("{parent}{}", key.trim()),
                    // `TS E:,` has no value and a comma that the split leaves at it.
                    value: value.trim().trim_end_matches(',').to_owned(),
                    line: line.number,
                }),
                (None, Some(before)) if before.line == line.number => {
                    before.value.push_str(", ");
                    before.value.push_str(part);
                }
                (None, _) => {
                    return Err(FileError::Line {
                        line: line.number,
                        cause: "neither `key: value` nor a row".into(),
                    });
                }
            }
        }
        Ok(())
    }
}
