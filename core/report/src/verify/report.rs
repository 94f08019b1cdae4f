//! The report around the evidence: its seal, and whether it prints what the evidence says.

use super::membership::Trusted;
use super::{CheckId, Checks};
use crate::bundle::Bundle;
use crate::error::ReportError;
use crate::evidence;
use crate::pdf::seal::{self, Sealed};
use crate::pdf::{Attachment, Structure};
use firn_ledger::bytes::Hash;

/// A report's seal, where it stands, and the hash of the evidence that was found.
pub(super) struct SealedReport {
    sealed: Sealed,
    place: Attachment,
    evidence: Hash,
}

/// Finds evidence and seal in a report.
pub(super) fn open(file: &[u8], checks: &mut Checks) -> Option<(Bundle, Option<SealedReport>)> {
    match find(file) {
        Ok((bundle, sealed)) => {
            checks.proved(CheckId::Format, "A report with its evidence in deterministic CBOR and its seal.");
            Some((bundle, Some(sealed)))
        }
        Err(error) => {
            checks.unreadable(&error);
            None
        }
    }
}

fn find(file: &[u8]) -> Result<(Bundle, SealedReport), ReportError> {
    let structure = Structure::read(file)?;
    let place = structure.attachment(seal::MEDIA_TYPE).map_err(|error| {
        let of_preview = structure.attachment(seal::PREVIEW_MEDIA_TYPE).is_ok();
        if of_preview { ReportError::Preview } else { error }
    })?;
    if place.compressed {
        return Err(ReportError::MalformedSeal("it is compressed".into()));
    }
    let sealed = Sealed::read(file.get(place.span.clone()).unwrap_or_default())?;
    let attached = structure.attachment(evidence::MEDIA_TYPE)?;
    let content = structure.content(&attached, evidence::LARGEST)?;
    let bundle = evidence::read(&content)?;
    Ok((bundle, SealedReport { sealed, place, evidence: Hash::of(&[&content]) }))
}

/// Checks the seal and the print.
pub(super) fn check(
    file: &[u8],
    report: &SealedReport,
    bundle: &Bundle,
    trusted: &Trusted,
    checks: &mut Checks,
) {
    let mut zeroed = file.to_vec();
    if let Some(place) = zeroed.get_mut(report.place.span.clone()) {
        place.fill(0);
    }
    let seal = &report.sealed.seal;
    let mut faults = Vec::new();
    if seal.evidence != report.evidence {
        faults.push("It signs other evidence than is attached.".to_owned());
    }
    if seal.report != Hash::of(&[&zeroed]) {
        faults.push("The report was changed after it was sealed.".to_owned());
    }
    match trusted.key(&seal.log) {
        Some(key) if report.sealed.is_signed_by(key) => {}
        Some(_) => faults.push("Its signature is not by the device that it names.".to_owned()),
        None => faults.push("Nobody admitted the device that it names.".to_owned()),
    }
    let sealed =
        format!("Sealed by {} at {}.", trusted.label(&seal.log), seal.created.to_rfc3339_at(seal.offset));
    checks.settle(CheckId::Seal, &faults, sealed);
    if checks.none_failed() {
        print(&zeroed, report, bundle, checks);
    } else {
        checks.cannot(CheckId::Print, "It rests on checks that failed.");
    }
}

/// Sets the report anew from its evidence and compares.
#[cfg(feature = "pdf")]
fn print(zeroed: &[u8], report: &SealedReport, bundle: &Bundle, checks: &mut Checks) {
    let seal = &report.sealed.seal;
    let printing = crate::Printing {
        created: seal.created,
        offset: seal.offset,
        zone: seal.zone.clone(),
        log: seal.log,
    };
    let again = crate::pdf::unsealed(bundle, evidence::write(bundle), &printing);
    let same = again.and_then(|(again, _)| {
        Ok(again == zeroed || Structure::read(&again)?.says_the_same(&Structure::read(zeroed)?)?)
    });
    match same {
        Ok(true) => checks.proved(CheckId::Print, "Set anew from its evidence, every page is the same."),
        Ok(false) if seal.writer == seal::writer() => {
            checks.failed(CheckId::Print, "Set anew from its evidence, the report says something else.");
        }
        Ok(false) => checks.cannot(
            CheckId::Print,
            format!("{} wrote it; this is {}, whose pages differ.", seal.writer, seal::writer()),
        ),
        Err(error) => checks.cannot(CheckId::Print, format!("It could not be set anew: {error}.")),
    }
}

#[cfg(not(feature = "pdf"))]
fn print(_: &[u8], _: &SealedReport, _: &Bundle, checks: &mut Checks) {
    checks.cannot(
        CheckId::Print,
        "This build of Firn does not set reports; its seal and evidence are checked.",
    );
}
