//! Fingerprints, chain heads, the QR code, and what is attached.

use super::section::{fact, number, wide};
use super::{AttachmentLine, Block, Listing, Matter, Section, text, words};
use crate::bundle::{Bundle, device};
use crate::evidence;
use crate::pdf::{CSV_NAME, EVIDENCE_NAME, SEAL_NAME, seal};
use firn_ledger::bytes::{Hash, LogId, OrganisationId};
use firn_ledger::statement::{GENESIS, Genesis};
use qrcode::{Color, EcLevel, QrCode};
use std::collections::BTreeMap;

/// The organisation's name by the first genesis that checks; empty where none does.
pub(super) fn organisation(bundle: &Bundle) -> String {
    let geneses = bundle.statements.iter().filter(|record| record.entry.payload().kind == GENESIS);
    geneses
        .filter_map(|record| Genesis::decode(&record.body).ok())
        .find(|genesis| genesis.organisation.id == bundle.organisation && genesis.check().is_ok())
        .map(|genesis| genesis.organisation.name)
        .unwrap_or_default()
}

/// Fingerprints and chain heads.
pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let printing = matter.printing;
    let membership = matter.bundle.membership().unwrap_or_default();
    let facts = vec![
        fact("Organisation", &matter.organisation),
        fact("Fingerprint", text::grouped_hex(&matter.bundle.organisation.0)),
        fact("Evidence SHA-256", text::grouped_hex(&matter.evidence.0)),
        fact("Sealed by", words::device(&device(printing.log, &membership))),
        fact("Log of the sealing device", text::grouped_hex(&printing.log.0)),
        fact("Written by", seal::writer()),
        fact("To check it", "firn verify FILE --organisation FINGERPRINT"),
    ];
    let code = Block::Code {
        facts,
        modules: code(&matter.bundle.organisation, &matter.evidence),
        alt: "QR code of the organisation's fingerprint and the evidence's SHA-256".into(),
    };
    let sentence = Block::Statement { text: words::SIGNATURE.into() };
    vec![Section::new("Chain and fingerprint", vec![code, Block::Table(heads(matter)), sentence])]
}

/// The last entry of each log about the shipment.
fn heads(matter: &Matter<'_>) -> Listing {
    let membership = matter.bundle.membership().unwrap_or_default();
    let mut logs: BTreeMap<LogId, (u64, u64, Hash)> = BTreeMap::new();
    for record in &matter.bundle.records {
        let sequence = record.entry.payload().sequence;
        let head = logs.entry(record.entry.log()).or_insert((0, sequence, record.entry.leaf()));
        head.0 += 1;
        if sequence > head.1 {
            (head.1, head.2) = (sequence, record.entry.leaf());
        }
    }
    let rows = logs.into_iter().map(|(log, (count, last, leaf))| {
        let device = words::device(&device(log, &membership));
        vec![device, count.to_string(), last.to_string(), text::grouped_hex(&leaf.0)]
    });
    Listing {
        columns: vec![
            wide("Device", 2),
            number("Entries"),
            number("Last no."),
            wide("Leaf of its last entry", 5),
        ],
        rows: rows.collect(),
        none: "There are no entries.",
    }
}

/// `FIRN:V1:<fingerprint>:<SHA-256 of the evidence>` in upper-case hexadecimal, which QR codes pack best.
fn code(organisation: &OrganisationId, evidence: &Hash) -> Vec<Vec<bool>> {
    let content = format!("FIRN:V1:{organisation}:{evidence}").to_uppercase();
    // 138 alphanumeric characters fit version 7 at level M (ISO/IEC 18004, table 7): it cannot fail.
    let Ok(code) = QrCode::with_error_correction_level(content, EcLevel::M) else { return Vec::new() };
    let colors = code.to_colors();
    colors.chunks(code.width()).map(|row| row.iter().map(|color| *color == Color::Dark).collect()).collect()
}

/// What is attached, in the order of the names' use.
pub(super) fn attachments() -> Vec<AttachmentLine> {
    vec![
        AttachmentLine {
            path: EVIDENCE_NAME,
            relationship: "source",
            mime_type: evidence::MEDIA_TYPE,
            description: "The signed entries and readings that this report is computed from",
        },
        AttachmentLine {
            path: CSV_NAME,
            relationship: "data",
            mime_type: crate::csv::MEDIA_TYPE,
            description: "The readings as comma-separated values",
        },
        AttachmentLine {
            path: SEAL_NAME,
            relationship: "supplement",
            mime_type: seal::MEDIA_TYPE,
            description: "The sealing device's signature over this file",
        },
    ]
}
