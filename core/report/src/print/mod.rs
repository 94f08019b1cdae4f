//! What a report says, in words and in the order of the page; the layout only sets it.
//!
//! Each section has a file of its own with a function `sections`, and its place in `SECTIONS`.

mod chain;
mod chart;
mod conditions;
mod corrected;
mod custody;
mod decisions;
mod direction;
mod entries;
mod excursion;
mod lines;
mod loggers;
mod profile;
mod readings;
mod reasons;
mod section;
mod series;
mod shipment;
mod signatures;
pub mod text;
mod time;
mod words;

pub use chart::{Chart, Level, Stretch, Tick};
pub(crate) use entries::happened;
pub use section::{Block, Column, Fact, Listing, Section};
pub(crate) use series::profile_of;

use crate::bundle::{Assessed, Bundle};
use crate::error::ReportError;
use firn_ledger::bytes::{Hash, LogId};
use firn_model::api::ShipmentDetail;
use firn_model::id::Id;
use firn_model::time::{UtcMillis, UtcOffset};
use serde::Serialize;

/// The sections in the order of the page; each gives as many as there is something to say for, or none.
///
/// The order is that in which an inspector reads: what it is about, what measured it and by which rules, the
/// numbers, who had it, what was written and decided, who signed, what proves it, and the raw data.
const SECTIONS: [fn(&Matter<'_>) -> Vec<Section>; 15] = [
    reasons::sections,
    shipment::sections,
    lines::sections,
    loggers::sections,
    profile::sections,
    time::sections,
    series::sections,
    conditions::sections,
    custody::sections,
    decisions::sections,
    excursion::sections,
    signatures::sections,
    chain::sections,
    entries::sections,
    readings::sections,
];

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
    /// All that follows, in the order of the page.
    pub sections: Vec<Section>,
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
    pub stock: Option<String>,
    /// Whether stock of it must not be used; every page then says so.
    pub barred: bool,
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
    let mut printed = Printed {
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
        sections: SECTIONS.iter().flat_map(|sections| sections(&matter)).collect(),
        attachments: chain::attachments(),
    };
    direction::isolate(&mut printed, names(&matter));
    Ok(printed)
}

/// What people wrote that may stand in a sentence: names, reasons, notes; wherever they are told.
fn names(matter: &Matter<'_>) -> Vec<String> {
    let detail = matter.detail;
    let mut names = vec![matter.organisation.clone(), detail.summary.reference.clone()];
    names.extend(detail.loggers.iter().map(|logger| logger.label.clone()));
    names.extend(detail.packages.iter().map(|package| package.name.clone()));
    let others = detail.other_profiles.iter();
    names.extend(others.flat_map(|one| [one.name.clone(), one.counts.by.clone()]));
    let items = detail.items.iter();
    names.extend(items.flat_map(|item| [Some(item.product.clone()), item.lot.clone()]).flatten());
    let events = detail.history.iter().filter(|event| direction::turns(&format!("{event:?}")));
    names.extend(events.flat_map(|event| written(&serde_json::to_value(event).unwrap_or_default())));
    names
}

/// Every text in a value.
fn written(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Array(values) => values.iter().flat_map(written).collect(),
        serde_json::Value::Object(fields) => fields.values().flat_map(written).collect(),
        _ => Vec::new(),
    }
}

impl Printed {
    /// The first section of this heading.
    pub fn section(&self, heading: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.heading == heading)
    }
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

    fn logger(&self, id: Id) -> String {
        logger(self.detail, id)
    }
}

/// What is written on a logger, or its id where it is not enrolled.
fn logger(detail: &ShipmentDetail, id: Id) -> String {
    let found = detail.loggers.iter().find(|logger| logger.id == id);
    found.map_or_else(|| format!("logger {id}"), |logger| logger.label.clone())
}
