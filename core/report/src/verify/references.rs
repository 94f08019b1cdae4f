//! What entries name by hash: each is in the file, so that nothing which another entry rests on was cut away.

use super::entries::name;
use crate::bundle::Bundle;
use firn_ledger::entry::Record;
use firn_model::record::{EntryReference, Kind, Statement};
use std::collections::BTreeSet;

/// An entry that another one names: the part that it plays there.
type Named = (&'static str, EntryReference);

/// The references of a file that lead to no entry of the same shipment, in words.
pub(super) fn faults(bundle: &Bundle) -> Vec<String> {
    let earlier = bundle.earlier.iter().map(|earlier| earlier.records.as_slice());
    [bundle.records.as_slice()].into_iter().chain(earlier).flat_map(missing).collect()
}

fn missing(records: &[Record]) -> Vec<String> {
    let held: BTreeSet<EntryReference> = records.iter().map(reference).collect();
    let of = |record: &Record| -> Vec<String> {
        let absent = named(record).into_iter().filter(|(_, named)| !held.contains(named));
        absent.map(|(what, _)| format!("{} names {what} that is not in the file.", name(record))).collect()
    };
    // A body that is not the signed one is told of by its own check.
    let is_whole = |record: &&Record| record.entry.check_body(&record.body, &record.salt).is_ok();
    records.iter().filter(is_whole).flat_map(of).collect()
}

fn reference(record: &Record) -> EntryReference {
    EntryReference { log: record.entry.log().0, leaf: record.entry.leaf().0 }
}

fn named(record: &Record) -> Vec<Named> {
    let kind = Kind::from_number(record.entry.payload().kind);
    match kind.and_then(|kind| Statement::parse(kind, &record.body).ok()) {
        Some(Statement::Accepted(says)) => vec![("an offer", says.offered)],
        Some(Statement::Confirmed(says)) => vec![("an acceptance", says.accepted)],
        Some(Statement::Assessment(says)) => {
            says.replaces.into_iter().map(|replaced| ("an earlier assessment", replaced)).collect()
        }
        Some(Statement::Disposition(says)) => {
            says.assessment.into_iter().map(|assessment| ("an assessment", assessment)).collect()
        }
        Some(Statement::Reply(says)) => vec![("a review", says.review)],
        Some(Statement::ArrivalMoved(says)) => vec![("a receipt", says.received)],
        Some(Statement::PickUpMoved(says)) => vec![("a pick-up", says.started)],
        Some(Statement::Approved(says)) => vec![("a correction", says.approves)],
        Some(Statement::Finding(says)) => {
            vec![("a decision", says.disposition), ("an assessment", says.assessment)]
        }
        Some(Statement::Position(says)) => vec![("a step", says.step)],
        _ => Vec::new(),
    }
}
