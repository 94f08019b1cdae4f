//! Suites of vectors as the second reader takes them: JSON with bytes in hexadecimal, a line for each case.

use data_encoding::HEXLOWER;
use firn_ledger::chain::Received;
use firn_ledger::entry::Record;
use serde_json::{Value, json};
use std::path::Path;

/// Cases for one of the reader's functions.
pub struct Suite {
    /// The file's name.
    pub name: &'static str,
    /// Which of the reader's functions takes them.
    pub reader: &'static str,
    /// What all cases share.
    pub shared: Vec<(&'static str, Value)>,
    /// Entries with salt and body, which cases name by their places.
    pub records: Vec<Value>,
    /// The cases; each has a `name`, and in `says` what the ledger's code says of it.
    pub cases: Vec<Value>,
}

impl Suite {
    /// A suite without cases.
    pub fn new(name: &'static str, reader: &'static str) -> Self {
        Self { name, reader, shared: Vec::new(), records: Vec::new(), cases: Vec::new() }
    }

    /// Adds an entry, and gives its place.
    pub fn record(&mut self, received: &Received) -> usize {
        let parts = [&received.bytes[..], &received.salt.0, &received.body].map(hex);
        let record = json!(parts);
        self.records.iter().position(|one| *one == record).unwrap_or_else(|| {
            self.records.push(record);
            self.records.len() - 1
        })
    }

    /// The file's text.
    fn text(&self) -> String {
        let lines = |items: &[Value]| items.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n");
        let mut text = format!("{{\"reader\":\"{}\",\n", self.reader);
        for (key, value) in &self.shared {
            text.push_str(&format!("\"{key}\":{value},\n"));
        }
        if !self.records.is_empty() {
            text.push_str(&format!("\"records\":[\n{}\n],\n", lines(&self.records)));
        }
        text.push_str(&format!("\"cases\":[\n{}\n]}}\n", lines(&self.cases)));
        text
    }

    /// Writes it into a folder.
    pub fn write(&self, folder: &Path) {
        std::fs::write(folder.join(format!("{}.json", self.name)), self.text()).unwrap();
    }

    /// Compares it with what was frozen; `FIRN_WRITE_VECTORS=1` freezes it anew.
    pub fn compare(&self, folder: &Path) {
        if std::env::var_os("FIRN_WRITE_VECTORS").is_some() {
            self.write(folder);
        }
        let frozen = std::fs::read_to_string(folder.join(format!("{}.json", self.name))).unwrap_or_default();
        let text = self.text();
        let differs = frozen.lines().zip(text.lines()).find(|(frozen, made)| frozen != made);
        assert!(frozen == text, "{}: the ledger no longer makes these bytes: {differs:?}", self.name);
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

/// An entry as it travels.
pub fn received(record: &Record) -> Received {
    Received { bytes: record.entry.bytes().to_vec(), body: record.body.clone(), salt: record.salt }
}

/// The bytes with one bit of one of them flipped, counted from the end where the place is negative.
pub fn flipped(bytes: &[u8], place: isize, bit: u8) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let place = if place < 0 { bytes.len().checked_add_signed(place) } else { usize::try_from(place).ok() };
    changed[place.unwrap()] ^= 1 << bit;
    changed
}
