//! Writes a sealed report.

use super::seal::{self, Seal};
use super::set::{Attached, set};
use super::structure::Structure;
use crate::bundle::Bundle;
use crate::error::ReportError;
use crate::print::{Printing, print};
use crate::{csv, evidence};
use firn_ledger::bytes::Hash;
use firn_ledger::key::Signer;
use std::ops::Range;

/// Writes the report of a bundle as PDF/A-3, with the evidence, the readings and the seal attached.
///
/// The same bundle, `printing` and key give the same bytes.
///
/// # Errors
/// `report/no-shipment`, `report/layout-failed`, or the signer's own.
pub fn write(bundle: &Bundle, printing: &Printing, signer: &dyn Signer) -> Result<Vec<u8>, ReportError> {
    let evidence = evidence::write(bundle);
    let digest = Hash::of(&[&evidence]);
    let (mut file, span) = unsealed(bundle, evidence, printing)?;
    let seal = Seal {
        writer: seal::writer(),
        created: printing.created,
        offset: printing.offset,
        zone: printing.zone.clone(),
        log: printing.log,
        evidence: digest,
        report: Hash::of(&[&file]),
    };
    let bytes = seal.sign(signer)?;
    file.get_mut(span)
        .filter(|place| place.len() == bytes.len())
        .ok_or_else(|| ReportError::Layout("the seal has no place".into()))?
        .copy_from_slice(&bytes);
    Ok(file)
}

/// The report with the seal's bytes zeroed, and where they stand.
pub(crate) fn unsealed(
    bundle: &Bundle,
    evidence: Vec<u8>,
    printing: &Printing,
) -> Result<(Vec<u8>, Range<usize>), ReportError> {
    let assessed = bundle.assess()?;
    let digest = Hash::of(&[&evidence]);
    let printed = print(bundle, &assessed, digest, printing)?;
    let csv = csv::write(&assessed.detail(bundle.shipment), printing.offset).into_bytes();
    let attached = Attached { evidence, csv };
    let identity = format!("{}:{digest}", bundle.organisation);
    let mut file = set(&printed, attached, identity, (printing.created, printing.offset))?;
    let place = Structure::read(&file)?.attachment(seal::MEDIA_TYPE)?;
    if place.compressed || place.span.len() != seal::LENGTH {
        return Err(ReportError::Layout("the seal was not stored as it is".into()));
    }
    file.get_mut(place.span.clone()).unwrap_or_default().fill(0);
    Ok((file, place.span))
}
