//! Sets a report with typst.

use super::seal::{PLACEHOLDER_SEED, placeholder};
use super::world::ReportWorld;
use super::{CSV_NAME, EVIDENCE_NAME, SEAL_NAME, fonts};
use crate::error::ReportError;
use crate::print::Printed;
use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use firn_model::time::{UtcMillis, UtcOffset};
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

const TEMPLATE: &str = include_str!("report.typ");

/// What is attached beside the seal.
pub(super) struct Attached {
    /// The evidence file.
    pub(super) evidence: Vec<u8>,
    /// The readings.
    pub(super) csv: Vec<u8>,
}

/// Sets a report with its attachments and the seal's placeholder; the same input gives the same bytes.
///
/// `identity` names the document across its copies; `created` and `offset` are its date.
pub(super) fn set(
    printed: &Printed,
    attached: Attached,
    identity: String,
    (created, offset): (UtcMillis, UtcOffset),
) -> Result<Vec<u8>, ReportError> {
    let mut report = serde_json::to_value(printed).map_err(|error| ReportError::Layout(error.to_string()))?;
    fonts::printable(&mut report);
    let files = vec![
        ("/report.json", report.to_string().into_bytes()),
        (EVIDENCE_NAME, attached.evidence),
        (CSV_NAME, attached.csv),
        (SEAL_NAME, placeholder(PLACEHOLDER_SEED).to_vec()),
    ];
    let world = ReportWorld::new(TEMPLATE, files).map_err(|error| ReportError::Layout(error.to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(identity),
        creator: Smart::Custom(Some("Firn".into())),
        timestamp: timestamp(created, offset),
        page_ranges: None,
        standards: PdfStandards::new(&[PdfStandard::A_3a])
            .map_err(|error| ReportError::Layout(error.message().to_string()))?,
        tagged: true,
        pretty: false,
    };
    let bytes = typst::compile::<PagedDocument>(&world)
        .output
        .and_then(|document| typst_pdf::pdf(&document, &options))
        .map_err(|problems| ReportError::Layout(wording(&problems)));
    // typst remembers every layout for the next one; no two reports share theirs.
    typst::comemo::evict(0);
    bytes
}

fn wording(problems: &[typst::diag::SourceDiagnostic]) -> String {
    problems.iter().map(|problem| problem.message.to_string()).collect::<Vec<_>>().join("; ")
}

fn timestamp(created: UtcMillis, offset: UtcOffset) -> Option<Timestamp> {
    let zone = FixedOffset::east_opt(offset.0)?;
    let local = DateTime::from_timestamp_millis(created.0)?.with_timezone(&zone);
    let small = |number: u32| u8::try_from(number).ok();
    let datetime = Datetime::from_ymd_hms(
        local.year(),
        small(local.month())?,
        small(local.day())?,
        small(local.hour())?,
        small(local.minute())?,
        small(local.second())?,
    )?;
    Timestamp::new_local(datetime, offset.0 / 60)
}
