//! The entries of a file that do not count.

use super::RefusedEntry;
use crate::bundle::{Assessed, Bundle, gather_people, signed_entry};
use data_encoding::HEXLOWER;
use firn_model::authority::Refusal;
use firn_model::shipment::{SignedEntry, Told, judged};

/// Those about loggers and rules, then those about the shipment in the order of its story.
pub(super) fn all(bundle: &Bundle, assessed: &Assessed) -> Vec<RefusedEntry> {
    let membership = bundle.membership().unwrap_or_default();
    let people = gather_people(&bundle.people, &membership);
    let organisation = bundle.loggers.iter().map(|record| signed_entry(record, &membership, &people));
    let judged: Vec<Told> = organisation.map(judged).collect();
    let told = judged.iter().chain(&assessed.story.told);
    told.filter_map(|told| Some(one(&told.entry, told.refused?))).collect()
}

fn one(entry: &SignedEntry, refusal: Refusal) -> RefusedEntry {
    RefusedEntry {
        log: HEXLOWER.encode(&entry.reference.log),
        sequence: entry.sequence,
        kind: entry.kind,
        code: refusal.code().to_owned(),
    }
}
