//! Verifies an evidence file or a report by itself, with no home and no network.

mod assessment;
mod conditions;
mod downloads;
mod entries;
mod forks;
mod history;
mod legs;
mod membership;
mod partners;
mod people;
mod positions;
mod recomputed;
mod references;
mod refused;
mod report;

pub use assessment::to_record;
pub(crate) use recomputed::{ComesOut, comes_out};

use crate::bundle::{Assessed, Bundle};
use crate::error::ReportError;
use crate::evidence;
use crate::foreign::DEEPEST;
use firn_ledger::bytes::OrganisationId;
use firn_model::api::Stock;
use firn_model::assess::Verdict;
use firn_model::id::Id;
use firn_model::record::Address;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was checked and how it came out (DESIGN §4, `firn verify`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// No check failed.
    pub ok: bool,
    /// Whether the organisation is the one that was asked for.
    pub issuer: Issuer,
    /// The issuer's name, where it is known by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_name: Option<String>,
    /// The organisation's fingerprint by the file: its id in lower-case hexadecimal; empty where the file
    /// could not be read.
    pub fingerprint: String,
    /// Which shipment the file is about.
    pub shipment: Option<Id>,
    /// The verdict recomputed from the readings, where all before it is proved.
    pub verdict: Option<Verdict>,
    /// How the stock stands by the entries that count, likewise; absent before the receipt.
    #[serde(default)]
    pub stock: Option<Stock>,
    /// Stock of it is in quarantine: DO NOT USE.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub do_not_use: bool,
    /// The lines of which that is said, from 0, where it is not said of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub do_not_use_lines: Vec<u32>,
    /// The entries that the file holds and that do not count, in the order of the story, likewise.
    #[serde(default)]
    pub refused: Vec<RefusedEntry>,
    /// Why the file could not be read, where it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Unreadable>,
    /// Every check, in the order they were made.
    pub checks: Vec<Check>,
}

/// Why a file could not be read; its check `format` says the same in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The stable code, such as `report/preview` for a file of format v0.
    pub code: String,
    /// What to do next.
    pub next_step: String,
}

/// An entry that is signed and stored, and does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedEntry {
    /// Its log, in lower-case hexadecimal.
    pub log: String,
    /// Its place there.
    pub sequence: u64,
    /// What it is about, by its kind's number.
    pub kind: u64,
    /// Why it does not count.
    pub code: String,
}

/// Whether the issuer was confirmed by an anchor from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Issuer {
    /// The file's organisation is the one whose fingerprint was given, or one that is known.
    Pinned,
    /// Nobody said who the issuer should be, or it is another one.
    Unconfirmed,
}

/// What is known, from elsewhere, of who the issuer may be.
#[derive(Clone, Copy, Debug)]
pub enum Anchor<'a> {
    /// Nothing.
    Nobody,
    /// It should be this one; another's file fails.
    Only(&'a OrganisationId),
    /// It may be one of these, by their names; another's stays unconfirmed.
    Known(&'a BTreeMap<OrganisationId, String>),
}

impl Anchor<'_> {
    /// The name under which an organisation is known, empty where it is known by its fingerprint alone.
    fn recognise(&self, organisation: &OrganisationId) -> Option<&str> {
        match self {
            Anchor::Nobody => None,
            Anchor::Only(only) => (*only == organisation).then_some(""),
            Anchor::Known(known) => known.get(organisation).map(String::as_str),
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was checked.
    pub id: CheckId,
    /// How it came out.
    pub status: Status,
    /// Why, in a sentence.
    pub why: String,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckId {
    /// The file reads as what it says it is.
    Format,
    /// The organisation's id is the hash of its root key, and the one asked for.
    Organisation,
    /// Every device that speaks was admitted by the root or by an admin's device.
    Membership,
    /// Every entry was signed by the device whose log it stands in.
    Signatures,
    /// The entries of each log about the shipment follow each other without a hole, and those that other entries
    /// name by hash are there.
    Chain,
    /// Every body is the one that was signed.
    Bodies,
    /// Every batch of readings is the one that was signed, and none is missing.
    Batches,
    /// Every logger that speaks was enrolled.
    Loggers,
    /// Every person's signature is by a key that its device had bound to a person whom an admin enrolled;
    /// checked where people are told of.
    People,
    /// Raw sessions are those that were signed, and every clock that readings say was set was signed for;
    /// checked where a download did or kept anything.
    Downloads,
    /// The positions in the file are those that the entries commit to; checked where any was recorded.
    Positions,
    /// Every entry stands in the history of its log, below a head that its device or a witness signed; checked where
    /// the file holds histories.
    History,
    /// Evidence of other organisations in the file is the one that was signed, and intact itself; checked where
    /// any was taken in.
    Partners,
    /// The earlier legs that budgets go on from are in the file, and what was signed of budgets comes out of
    /// them; checked where a line names any.
    Legs,
    /// Every signed assessment comes out of the readings again, byte for byte.
    Assessment,
    /// Every signed assessment's conditions come out of the readings again; checked where something other than
    /// temperature was measured or limited.
    Conditions,
    /// The photos given are those that observations name; checked where photos are given.
    Photos,
    /// The newest signed verdict is that of all the evidence.
    Verdict,
    /// The seal signs this very report.
    Seal,
    /// The report prints what the evidence says.
    Print,
    /// No entry about the shipment is left out, as far as the indexes of the logs reach.
    Completeness,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It holds.
    Proved,
    /// It does not hold.
    Failed,
    /// It cannot be told from this file or by this release.
    Cannot,
}

/// Reads a fingerprint: 64 hexadecimal digits in either case, with blanks, colons or hyphens between them.
///
/// # Errors
/// `report/malformed-fingerprint`.
pub fn parse_fingerprint(text: &str) -> Result<OrganisationId, ReportError> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-')).collect();
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
    let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(OrganisationId).ok_or(ReportError::Fingerprint)
}

/// Verifies an evidence file or a report.
///
/// `anchor` is the organisation that the file should come from, learned elsewhere; without it the issuer
/// stays unconfirmed. Any bytes may be given: what is no such file fails the check `format`.
pub fn verify(bytes: &[u8], anchor: Option<&OrganisationId>) -> Verification {
    verify_with_photos(bytes, anchor, &[])
}

/// As [`verify`], and whether photos with these hashes are named by observations in the file.
pub fn verify_with_photos(bytes: &[u8], anchor: Option<&OrganisationId>, photos: &[Address]) -> Verification {
    verify_by(bytes, anchor.map_or(Anchor::Nobody, Anchor::Only), photos)
}

/// As [`verify_with_photos`], by whatever is known of who the issuer may be.
pub fn verify_by(bytes: &[u8], anchor: Anchor<'_>, photos: &[Address]) -> Verification {
    verify_deep(bytes, anchor, photos, DEEPEST)
}

/// The same; evidence of other organisations inside is followed `deep` organisations far.
fn verify_deep(bytes: &[u8], anchor: Anchor<'_>, photos: &[Address], deep: u8) -> Verification {
    let mut checks = Checks::default();
    let bundle = if bytes.starts_with(b"%PDF-") {
        report::open(bytes, &mut checks)
    } else {
        read(bytes, &mut checks).map(|bundle| (bundle, None))
    };
    let Some((bundle, sealed)) = bundle else {
        return checks.verification(None, anchor, None);
    };
    let trusted = membership::check(&bundle, anchor, &mut checks);
    entries::check(&bundle, &trusted, &mut checks);
    people::check(&bundle, &mut checks);
    downloads::check(&bundle, &mut checks);
    positions::check(&bundle, &mut checks);
    history::check(&bundle, &trusted, &mut checks);
    partners::check(&bundle, anchor, deep, &mut checks);
    let assessed = assessment::check(&bundle, photos, &mut checks);
    if let Some(sealed) = sealed {
        report::check(bytes, &sealed, &bundle, &trusted, &mut checks);
    }
    history::check_whole(&bundle, &trusted, &mut checks);
    checks.verification(Some(&bundle), anchor, assessed.as_ref())
}

/// Whether a bundle's entries hold: membership, signatures, chain, bodies, batches, loggers and people. Nothing is
/// computed again.
pub(crate) fn stands(bundle: &Bundle) -> bool {
    let mut checks = Checks::default();
    let trusted = membership::check(bundle, Anchor::Nobody, &mut checks);
    entries::check(bundle, &trusted, &mut checks);
    people::check(bundle, &mut checks);
    checks.none_failed()
}

fn read(bytes: &[u8], checks: &mut Checks) -> Option<Bundle> {
    let read = if evidence::is_evidence(bytes) || bytes.is_empty() {
        evidence::read(bytes)
    } else {
        Err(ReportError::UnknownFile)
    };
    match read {
        Ok(bundle) => {
            checks.proved(CheckId::Format, "An evidence file in deterministic CBOR.");
            Some(bundle)
        }
        Err(error) => {
            checks.unreadable(&error);
            None
        }
    }
}

/// Checks in the making.
#[derive(Default)]
struct Checks {
    all: Vec<Check>,
    unreadable: Option<Unreadable>,
}

impl Checks {
    fn proved(&mut self, id: CheckId, why: impl Into<String>) {
        self.all.push(Check { id, status: Status::Proved, why: why.into() });
    }

    fn failed(&mut self, id: CheckId, why: impl Into<String>) {
        self.all.push(Check { id, status: Status::Failed, why: why.into() });
    }

    fn cannot(&mut self, id: CheckId, why: impl Into<String>) {
        self.all.push(Check { id, status: Status::Cannot, why: why.into() });
    }

    fn unreadable(&mut self, error: &ReportError) {
        self.failed(CheckId::Format, error.to_string());
        self.unreadable =
            Some(Unreadable { code: error.code().to_owned(), next_step: error.next_step().to_owned() });
    }

    /// Proved where there is no fault, else failed with the first of them.
    fn settle(&mut self, id: CheckId, faults: &[String], proved: impl Into<String>) {
        match faults {
            [] => self.proved(id, proved),
            [only] => self.failed(id, only.clone()),
            [first, rest @ ..] => self.failed(id, format!("{first} (and {} more)", rest.len())),
        }
    }

    fn has_failed(&self, id: CheckId) -> bool {
        self.all.iter().any(|check| check.id == id && check.status == Status::Failed)
    }

    fn none_failed(&self) -> bool {
        self.all.iter().all(|check| check.status != Status::Failed)
    }

    fn verification(
        self,
        bundle: Option<&Bundle>,
        anchor: Anchor<'_>,
        assessed: Option<&Assessed>,
    ) -> Verification {
        let summary = bundle.zip(assessed).map(|(bundle, assessed)| {
            firn_model::shipment::summary(bundle.shipment, &assessed.story, &assessed.judgement)
        });
        let stock = summary.as_ref().and_then(|summary| summary.stock);
        let name = bundle.and_then(|bundle| anchor.recognise(&bundle.organisation));
        Verification {
            ok: self.none_failed(),
            issuer: if name.is_some() { Issuer::Pinned } else { Issuer::Unconfirmed },
            issuer_name: name.filter(|name| !name.is_empty()).map(str::to_owned),
            fingerprint: bundle.map(|bundle| bundle.organisation.to_string()).unwrap_or_default(),
            shipment: bundle.map(|bundle| bundle.shipment),
            verdict: assessed.map(|assessed| assessed.judgement.verdict),
            stock,
            do_not_use: summary.as_ref().is_some_and(|summary| summary.do_not_use),
            do_not_use_lines: summary.map(|summary| summary.do_not_use_lines).unwrap_or_default(),
            refused: bundle
                .zip(assessed)
                .map(|(bundle, assessed)| refused::all(bundle, assessed))
                .unwrap_or_default(),
            unreadable: self.unreadable,
            checks: self.all,
        }
    }
}
