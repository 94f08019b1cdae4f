//! Evidence of other organisations that was taken in: the one that was signed, and intact itself.

use super::entries::name;
use super::{Anchor, CheckId, Checks, Status, Verification, verify_deep};
use crate::bundle::Bundle;
use crate::print::text::counted;
use crate::{evidence, foreign};
use firn_ledger::bytes::OrganisationId;
use firn_ledger::canonical;
use firn_ledger::entry::Record;
use firn_model::id::Id;
use firn_model::record::{Address, Body, EntryReference, Kind, LogTold, Statement, Taken};

/// Checks it, where any was taken in; `deep` is how many organisations more are followed.
pub(super) fn check(bundle: &Bundle, anchor: Anchor<'_>, deep: u8, checks: &mut Checks) {
    let of_this = bundle.records.iter().map(|record| (bundle.shipment, record));
    let before =
        bundle.earlier.iter().flat_map(|one| one.records.iter().map(|record| (one.shipment, record)));
    let is_taken =
        |(_, record): &(Id, &Record)| record.entry.payload().kind == u64::from(Kind::Taken.number());
    let taken: Vec<(Id, &Record)> = of_this.chain(before).filter(is_taken).collect();
    if taken.is_empty() {
        return;
    }
    let Some(deeper) = deep.checked_sub(1) else {
        return checks.cannot(CheckId::Partners, "It goes through more organisations than are followed.");
    };
    let (mut faults, mut told, mut open) = (Vec::new(), Vec::new(), false);
    for (shipment, record) in &taken {
        match one(bundle, *shipment, record, deeper) {
            Ok(verification) => {
                let is_open =
                    |check: &super::Check| check.id == CheckId::Partners && check.status == Status::Cannot;
                open = open || verification.checks.iter().any(is_open);
                told.push(known_as(anchor, &verification.fingerprint));
            }
            Err(why) => faults.push(format!("{}: {why}.", name(record))),
        }
    }
    if open && faults.is_empty() {
        return checks.cannot(CheckId::Partners, "It goes through more organisations than are followed.");
    }
    told.sort();
    told.dedup();
    let pieces = counted(taken.len(), "piece of evidence", "pieces of evidence");
    let proved = format!("{pieces} of other organisations, intact: {}.", told.join(", "));
    checks.settle(CheckId::Partners, &faults, proved);
}

/// An organisation by the name under which it is known, or by its fingerprint.
fn known_as(anchor: Anchor<'_>, fingerprint: &str) -> String {
    let known = match anchor {
        Anchor::Known(known) => known.iter().find(|(id, _)| id.to_string() == fingerprint),
        Anchor::Nobody | Anchor::Only(_) => None,
    };
    let short = fingerprint.get(..8).unwrap_or_default();
    known.map_or_else(|| fingerprint.to_owned(), |(_, name)| format!("{name} ({short})"))
}

fn one(bundle: &Bundle, shipment: Id, record: &Record, deeper: u8) -> Result<Verification, String> {
    canonical::check(&record.body).map_err(|problem| problem.to_string())?;
    let says = Taken::from_bytes(&record.body).map_err(|error| error.to_string())?;
    let parts: Vec<Address> =
        record.entry.payload().batches.iter().map(|address| Address(address.0)).collect();
    let bytes = foreign::bytes_of(bundle, &says, &parts)?;
    let anchor = OrganisationId(says.organisation.0);
    let verification = verify_deep(&bytes, Anchor::Only(&anchor), &[], deeper);
    if let Some(failed) = verification.checks.iter().find(|check| check.status == Status::Failed) {
        return Err(format!(
            "the evidence that it names does not hold: {}",
            failed.why.trim_end_matches('.')
        ));
    }
    if verification.shipment != Some(shipment) {
        return Err("the evidence that it names is about another shipment".into());
    }
    if anchor == bundle.organisation {
        return Err("the evidence that it names is by no other organisation".into());
    }
    if let Some(acceptance) = says.acceptance {
        receipt(bundle, &says, acceptance, &bytes)?;
    }
    Ok(verification)
}

/// A receipt: the other organisation's entry is in its evidence, counts there, and takes up the offer that is here.
fn receipt(bundle: &Bundle, says: &Taken, acceptance: EntryReference, bytes: &[u8]) -> Result<(), String> {
    let theirs = evidence::read(bytes).map_err(|error| error.to_string())?;
    let assessed = theirs.assess().map_err(|error| error.to_string())?;
    let counts = assessed.story.told.iter().any(|told| {
        let takes_up = matches!(
            &told.statement,
            Some(Statement::Taken(theirs)) if theirs.acceptance.is_none()
                && theirs.taken_up == says.taken_up
                && theirs.organisation.0 == bundle.organisation.0
        );
        takes_up && told.refused.is_none() && told.entry.reference == acceptance
    });
    let told = theirs.told_to(acceptance, &bundle.organisation);
    let is_told = |one: &LogTold| told.iter().any(|held| held.log == one.log && one.size <= held.size);
    if !says.told.iter().flatten().all(is_told) {
        return Err("the receipt holds less of the giver's logs than is said of it".into());
    }
    let offered = says.taken_up.map(|taken_up| taken_up.offered);
    let is_here = bundle.records.iter().any(|record| {
        let here = EntryReference { log: record.entry.log().0, leaf: record.entry.leaf().0 };
        offered == Some(here)
    });
    match (counts, is_here) {
        (true, true) => Ok(()),
        (false, _) => Err("no entry that counts in the receipt takes the shipment over so".into()),
        (_, false) => Err("the offer that it takes up is not in the file".into()),
    }
}
