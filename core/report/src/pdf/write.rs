//! Writes a sealed report.

use super::seal::{self, Seal};
use super::set::{Attached, set};
use super::structure::Structure;
use crate::bundle::Bundle;
use crate::error::ReportError;
use crate::print::{Printed, Printing, print};
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
    let printed = print(bundle, &assessed, Hash::of(&[&evidence]), printing)?;
    let csv = csv::write(&assessed.detail(bundle.shipment), printing.offset).into_bytes();
    pages(&printed, Attached { evidence, csv }, bundle, printing)
}

/// The pages of a worded report, with the evidence and the readings attached.
fn pages(
    printed: &Printed,
    attached: Attached,
    bundle: &Bundle,
    printing: &Printing,
) -> Result<(Vec<u8>, Range<usize>), ReportError> {
    let identity = format!("{}:{}", bundle.organisation, Hash::of(&[&attached.evidence]));
    let mut file = set(printed, attached, identity, (printing.created, printing.offset))?;
    let place = Structure::read(&file)?.attachment(seal::MEDIA_TYPE)?;
    if place.compressed || place.span.len() != seal::LENGTH {
        return Err(ReportError::Layout("the seal was not stored as it is".into()));
    }
    file.get_mut(place.span.clone()).unwrap_or_default().fill(0);
    Ok((file, place.span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::Block;
    use crate::scene::{printing, released, sara};
    use crate::verify::{CheckId, Status, Verification, verify};

    /// A report sealed by a member over the honest evidence, with one word of its signatures changed.
    fn forged(from: &str, to: &str) -> Vec<u8> {
        let scene = released(&sara());
        let (bundle, printing) = (&scene.bundle, printing(&scene));
        let evidence = evidence::write(bundle);
        let assessed = bundle.assess().unwrap();
        let mut printed = print(bundle, &assessed, Hash::of(&[&evidence]), &printing).unwrap();
        let signatures = printed.sections.iter_mut().find(|section| section.heading == "Signatures").unwrap();
        let mut changed = 0;
        for block in &mut signatures.blocks {
            let Block::Table(table) = block else { continue };
            for cell in table.rows.iter_mut().flatten().filter(|cell| *cell == from) {
                to.clone_into(cell);
                changed += 1;
            }
        }
        assert!(changed > 0, "{from} is printed");
        let csv = csv::write(&assessed.detail(bundle.shipment), printing.offset).into_bytes();
        let digest = Hash::of(&[&evidence]);
        let (mut file, span) = pages(&printed, Attached { evidence, csv }, bundle, &printing).unwrap();
        let seal = Seal {
            writer: seal::writer(),
            created: printing.created,
            offset: printing.offset,
            zone: printing.zone,
            log: printing.log,
            evidence: digest,
            report: Hash::of(&[&file]),
        };
        file[span].copy_from_slice(&seal.sign(&scene.dock.key).unwrap());
        file
    }

    fn status(verification: &Verification, id: CheckId) -> Status {
        verification.checks.iter().find(|check| check.id == id).unwrap().status
    }

    #[test]
    fn a_report_that_prints_another_signer_or_meaning_than_was_signed_fails_though_a_member_sealed_it() {
        let [name, mut meaning] =
            [("Ana Lima", "Eva Lima"), ("released in part", "released")].map(|(from, to)| forged(from, to));
        for file in [&name, &meaning] {
            let verification = verify(file, None);
            assert_eq!(status(&verification, CheckId::Seal), Status::Proved);
            assert_eq!(status(&verification, CheckId::Print), Status::Failed);
            assert!(!verification.ok);
        }
        // Nor does the seal of another report stand for these pages.
        let place = |file: &[u8]| Structure::read(file).unwrap().attachment(seal::MEDIA_TYPE).unwrap().span;
        let span = place(&meaning);
        meaning[span].copy_from_slice(&name[place(&name)]);
        assert_eq!(status(&verify(&meaning, None), CheckId::Seal), Status::Failed);
    }
}
