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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{Block, Column, Listing, Section, print};
    use crate::scene::{Scene, printing};
    use firn_ledger::bytes::Hash;
    use typst::layout::{Frame, FrameItem};

    fn words(frame: &Frame, found: &mut String) {
        for (_, item) in frame.items() {
            match item {
                FrameItem::Group(group) => words(&group.frame, found),
                FrameItem::Text(text) => found.push_str(&text.text),
                _ => {}
            }
        }
    }

    /// What stands on each page of a report that holds this table alone.
    fn pages(listing: Listing) -> Vec<String> {
        let mut scene = Scene::new();
        scene.create(0, "DN-1", "Priorix");
        let assessed = scene.bundle.assess().unwrap();
        let printed = print(&scene.bundle, &assessed, Hash::of(&[b"evidence"]), &printing(&scene)).unwrap();
        let section = Section { heading: "Rows".into(), blocks: vec![Block::Table(listing)] };
        let printed = Printed { sections: vec![section], ..printed };
        let report = serde_json::to_value(&printed).unwrap().to_string().into_bytes();
        let files = [EVIDENCE_NAME, CSV_NAME, SEAL_NAME].map(|name| (name, b"-".to_vec()));
        let files = files.into_iter().chain([("/report.json", report)]).collect();
        let world = ReportWorld::new(TEMPLATE, files).unwrap();
        let document = typst::compile::<PagedDocument>(&world).output.unwrap();
        let told = |page: &typst_layout::Page| {
            let mut found = String::new();
            words(&page.frame, &mut found);
            found
        };
        document.pages().iter().map(told).collect()
    }

    #[test]
    fn a_row_of_a_table_stands_on_one_page_and_one_longer_than_a_page_loses_nothing() {
        let column = |name: &str, share| Column { name: name.into(), share, number: false };
        let columns = || vec![column("Line", 0), column("Words", 1), column("More", 9)];
        let row =
            |n: usize| vec![format!("<{n}>"), "one two three four five ".repeat(1 + n % 7), format!("({n})")];
        let told = pages(Listing { columns: columns(), rows: (0..60).map(row).collect(), none: "–" });
        assert!(told.len() > 3, "{}", told.len());
        for n in 0..60 {
            let of_number = told.iter().filter(|page| page.contains(&format!("<{n}>"))).count();
            assert_eq!(of_number, 1, "line {n}");
            // Nothing of it stands on another page: each page holds as many words as its rows have.
        }
        for page in &told {
            let rows = (0..60).filter(|n| page.contains(&format!("<{n}>")));
            let due: usize = rows.map(|n| 1 + n % 7).sum();
            assert_eq!(page.matches("three").count(), due, "{page}");
        }
        let long = vec!["<1>".to_owned(), "word ".repeat(3_000), "end".to_owned()];
        let told = pages(Listing { columns: columns(), rows: vec![long], none: "–" });
        assert_eq!(told.iter().map(|page| page.matches("word").count()).sum::<usize>(), 3_000);
    }
}
