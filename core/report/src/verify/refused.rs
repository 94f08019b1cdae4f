//! The entries of a file that do not count.

use super::RefusedEntry;
use crate::bundle::{Assessed, Bundle, gather_people, signed_entry};
use data_encoding::HEXLOWER;
use firn_model::authority::{Refusal, Standing, judge_signed};
use firn_model::people::standing_of;
use firn_model::record::Kind;
use firn_model::shipment::SignedEntry;

/// Those about loggers and rules, then those about the shipment in the order of its story.
pub(super) fn all(bundle: &Bundle, assessed: &Assessed) -> Vec<RefusedEntry> {
    let membership = bundle.membership().unwrap_or_default();
    let people = gather_people(&bundle.people, &membership);
    let organisation = bundle.loggers.iter().map(|record| signed_entry(record, &membership, &people));
    let mut refused: Vec<RefusedEntry> =
        organisation.filter_map(|entry| Some(one(&entry, unauthorised(&entry)?))).collect();
    let told = assessed.story.told.iter();
    refused.extend(told.filter_map(|told| Some(one(&told.entry, told.refused?))));
    refused
}

/// Why its signer may not speak, of an entry about no shipment.
fn unauthorised(entry: &SignedEntry) -> Option<Refusal> {
    let kind = Kind::from_number(entry.kind)?;
    match judge_signed(entry.device.role, standing_of(entry), kind) {
        Standing::Valid if entry.device.waits_with(kind) => Some(Refusal::Provisional),
        Standing::Valid => None,
        Standing::Refused(refusal) => Some(refusal),
    }
}

fn one(entry: &SignedEntry, refusal: Refusal) -> RefusedEntry {
    RefusedEntry {
        log: HEXLOWER.encode(&entry.reference.log),
        sequence: entry.sequence,
        kind: entry.kind,
        code: refusal.code().to_owned(),
    }
}
