//! What the layout can draw: sections of blocks, each of one of a few shapes.

use super::Chart;
use serde::Serialize;

/// A heading with what stands below it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// What stands below, in order.
    pub blocks: Vec<Block>,
}

/// One thing on the page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "shape", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Block {
    /// A heading within the section.
    Heading {
        /// Its words.
        text: String,
    },
    /// A line in grey that stays with what follows.
    Subtitle {
        /// Its words.
        text: String,
    },
    /// Small print below a table or chart.
    Note {
        /// Its words.
        text: String,
    },
    /// A paragraph that is set apart.
    Statement {
        /// Its words.
        text: String,
    },
    /// Sentences, one below the other.
    Sentences {
        /// Each of them.
        rows: Vec<String>,
        /// The sentence for none.
        none: &'static str,
    },
    /// Names with values.
    Facts {
        /// Each of them.
        rows: Vec<Fact>,
    },
    /// A table.
    Table(Listing),
    /// A table of many numbers, set small.
    Numbers(Listing),
    /// A chart.
    Chart {
        /// Where everything stands.
        chart: Chart,
        /// The chart in words, for those who do not see it.
        alt: String,
    },
    /// A QR code with facts beside it.
    Code {
        /// The facts.
        facts: Vec<Fact>,
        /// Its modules, row by row, true for dark.
        modules: Vec<Vec<bool>>,
        /// The code in words.
        alt: String,
    },
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// What it is worth.
    pub value: String,
}

/// The columns and rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as long as there are columns.
    pub rows: Vec<Vec<String>>,
    /// What stands instead of a table without rows.
    pub none: &'static str,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its head.
    pub name: String,
    /// Its share of the width that is left; zero for content of known width.
    pub share: u8,
    /// Whether it is aligned as numbers are.
    pub number: bool,
}

impl Section {
    pub(super) fn new(heading: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self { heading: heading.into(), blocks }
    }

    /// Its facts, whichever block they stand in.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.blocks.iter().flat_map(|block| match block {
            Block::Facts { rows } | Block::Code { facts: rows, .. } => rows.as_slice(),
            _ => &[],
        })
    }

    /// Its tables, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Listing> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(listing) | Block::Numbers(listing) => Some(listing),
            _ => None,
        })
    }

    /// Its charts, in order.
    pub fn charts(&self) -> impl Iterator<Item = &Chart> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Chart { chart, .. } => Some(chart),
            _ => None,
        })
    }
}

/// A column of content of known width.
pub(super) fn column(name: &str) -> Column {
    Column { name: name.into(), share: 0, number: false }
}

/// A column of people's text, with its share of the width.
pub(super) fn wide(name: &str, share: u8) -> Column {
    Column { name: name.into(), share, number: false }
}

/// A column of numbers.
pub(super) fn number(name: &str) -> Column {
    Column { name: name.into(), share: 0, number: true }
}

pub(super) fn fact(name: &'static str, value: impl Into<String>) -> Fact {
    Fact { name, value: value.into() }
}

pub(super) fn heading(text: impl Into<String>) -> Block {
    Block::Heading { text: text.into() }
}

pub(super) fn note(text: impl Into<String>) -> Block {
    Block::Note { text: text.into() }
}
