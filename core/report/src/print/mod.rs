//! What a report says, in words and in the order of the page; the layout only sets it.

mod chain;
mod chart;
mod conditions;
mod head;
mod life;
mod lines;
mod readings;
mod series;
pub mod text;
mod words;

pub use chart::{Chart, Level, Stretch, Tick};
pub(crate) use series::profile_of;

use crate::bundle::{Assessed, Bundle};
use crate::error::ReportError;
use firn_ledger::bytes::{Hash, LogId};
use firn_model::api::ShipmentDetail;
use firn_model::time::{UtcMillis, UtcOffset};
use serde::Serialize;

/// When, where and by whom a report is written; with the evidence it fixes every byte of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printing {
    /// Now.
    pub created: UtcMillis,
    /// The offset that times are printed in.
    pub offset: UtcOffset,
    /// The name of that time zone, such as `Europe/Lisbon`; at most 64 bytes.
    pub zone: String,
    /// The log of the device that seals it.
    pub log: LogId,
}

/// A report, worded.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Printed {
    /// The language of the words (BCP 47).
    pub lang: String,
    /// The title.
    pub title: String,
    /// The organisation.
    pub author: String,
    /// What the document is about, for its metadata.
    pub description: String,
    /// The line below the title.
    pub subtitle: String,
    /// The head of every page after the first.
    pub running: String,
    /// The foot of every page.
    pub footer: String,
    /// `Page` of "Page x of y".
    pub page_word: String,
    /// `of` of "Page x of y".
    pub of_word: String,
    /// The verdict.
    pub verdict: Banner,
    /// Why.
    pub reasons: Reasons,
    /// Shipment, loggers, profile and time.
    pub sections: Vec<Section>,
    /// Every series.
    pub series: Vec<SeriesPage>,
    /// Custody and history.
    pub history: History,
    /// Fingerprints and chain heads.
    pub chain: ChainPage,
    /// The readings, or where they are.
    pub readings: Vec<Part>,
    /// What is attached.
    pub attachments: Vec<AttachmentLine>,
}

/// The verdict in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Banner {
    /// `ok`, `review` or `excursion`: which shape is drawn.
    pub kind: &'static str,
    /// The verdict.
    pub words: &'static str,
    /// What it means.
    pub sentence: &'static str,
    /// How the stock stands, once received.
    pub stock: Option<&'static str>,
    /// Whether the stock must not be used.
    pub barred: bool,
}

/// Why the verdict is what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reasons {
    /// Its heading.
    pub heading: &'static str,
    /// One sentence for each.
    pub rows: Vec<String>,
    /// The sentence for none.
    pub none: &'static str,
}

/// A heading with facts and at most one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its heading.
    pub heading: &'static str,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// Its table.
    pub listing: Option<Listing>,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// What it is worth.
    pub value: String,
}

/// A table.
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

/// A heading with a table and a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its heading.
    pub heading: String,
    /// Its table.
    pub listing: Option<Listing>,
    /// What stands below it.
    pub note: Option<String>,
}

/// One series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesPage {
    /// Which logger and channel.
    pub heading: String,
    /// Its own verdict and what it is judged by.
    pub subtitle: String,
    /// Its chart, where there are readings.
    pub chart: Option<Chart>,
    /// The chart in words, for those who do not see it.
    pub alt: String,
    /// How to read the chart.
    pub legend: &'static str,
    /// Statistics, excursions, alarms, budgets, gaps.
    pub parts: Vec<Part>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct History {
    /// Its heading.
    pub heading: &'static str,
    /// Every entry.
    pub listing: Listing,
    /// What the times mean.
    pub note: String,
}

/// Fingerprints and chain heads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ChainPage {
    /// Its heading.
    pub heading: &'static str,
    /// Fingerprint, evidence, device, release.
    pub facts: Vec<Fact>,
    /// The QR code, true for dark.
    pub code: Vec<Vec<bool>>,
    /// The QR code in words.
    pub code_alt: String,
    /// The last entry of each log.
    pub listing: Listing,
    /// What a signature proves.
    pub sentence: &'static str,
}

/// One attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AttachmentLine {
    /// Its name.
    pub path: &'static str,
    /// How it relates to the document (ISO 32000-2, 7.11.3).
    pub relationship: &'static str,
    /// Its media type.
    pub mime_type: &'static str,
    /// What it is.
    pub description: &'static str,
}

/// What the parts of a report are worded from.
struct Matter<'a> {
    bundle: &'a Bundle,
    assessed: &'a Assessed,
    detail: &'a ShipmentDetail,
    evidence: Hash,
    organisation: String,
    printing: &'a Printing,
}

/// Words a report of the bundle.
///
/// `evidence` is the SHA-256 of the evidence file that goes with it.
///
/// # Errors
/// `report/no-shipment` without the entry that created the shipment.
pub fn print(
    bundle: &Bundle,
    assessed: &Assessed,
    evidence: Hash,
    printing: &Printing,
) -> Result<Printed, ReportError> {
    let detail = assessed.detail(bundle.shipment);
    if detail.profile.is_none() {
        return Err(ReportError::NoShipment);
    }
    let organisation = chain::organisation(bundle);
    let matter = Matter { bundle, assessed, detail: &detail, evidence, organisation, printing };
    let reference = &detail.summary.reference;
    let written = text::instant(printing.created, printing.offset);
    Ok(Printed {
        lang: "en".into(),
        title: "Temperature report".into(),
        author: matter.organisation.clone(),
        description: format!("Temperatures, verdict and custody of shipment {reference}"),
        subtitle: format!("Shipment {reference} · {} · written {written}", matter.organisation),
        running: format!("Temperature report · shipment {reference}"),
        footer: format!("Evidence SHA-256 {}", text::grouped_hex(evidence.0.get(..16).unwrap_or_default())),
        page_word: "Page".into(),
        of_word: "of".into(),
        verdict: words::banner(&detail.summary),
        reasons: head::reasons(&matter),
        sections: head::sections(&matter),
        series: detail.series.iter().map(|series| series::page(&matter, series)).collect(),
        history: head::history(&matter),
        chain: chain::page(&matter),
        readings: readings::parts(&matter),
        attachments: chain::attachments(),
    })
}

impl Matter<'_> {
    fn instant(&self, at: UtcMillis) -> String {
        text::instant(at, self.printing.offset)
    }

    fn local(&self, at: UtcMillis) -> String {
        text::local(at, self.printing.offset)
    }

    fn local_or_dash(&self, at: Option<UtcMillis>) -> String {
        at.map_or_else(|| "–".into(), |at| self.local(at))
    }
}

/// A column of known width, one of people's text with its share of the width, and one of numbers.
fn column(name: &str) -> Column {
    Column { name: name.into(), share: 0, number: false }
}

fn wide(name: &str, share: u8) -> Column {
    Column { name: name.into(), share, number: false }
}

fn number(name: &str) -> Column {
    Column { name: name.into(), share: 0, number: true }
}

fn fact(name: &'static str, value: impl Into<String>) -> Fact {
    Fact { name, value: value.into() }
}
