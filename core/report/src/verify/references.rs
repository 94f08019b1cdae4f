//! What entries name by hash: each is in the file, so that nothing which another entry rests on was cut away.

use super::entries::name;
use super::membership::short;
use crate::bundle::Bundle;
use crate::forked::Forked;
use firn_ledger::bytes::LogId;
use firn_ledger::entry::Record;
use firn_model::record::{EntryReference, Kind, Statement};
use std::collections::BTreeSet;

/// An entry that another one names: the part that it plays there.
type Named = (&'static str, EntryReference);

/// References that lead to no entry of the same shipment, in words.
#[derive(Default)]
pub(super) struct Missing {
    /// Those to entries that are left out.
    pub faults: Vec<String>,
    /// Those into a history of a log with two that is not the one in the file.
    pub elsewhere: Vec<String>,
}

/// The references of a file that lead to no entry of the same shipment.
pub(super) fn missing(bundle: &Bundle) -> Missing {
    let (forked, mut missing) = (Forked::of(bundle), Missing::default());
    missing.look(&bundle.records, &forked);
    bundle.earlier.iter().for_each(|earlier| missing.look(&earlier.records, &forked));
    missing
}

impl Missing {
    fn look(&mut self, records: &[Record], forked: &Forked) {
        let held: BTreeSet<EntryReference> = records.iter().map(reference).collect();
        // A body that is not the signed one is told of by its own check.
        let is_whole = |record: &&Record| record.entry.check_body(&record.body, &record.salt).is_ok();
        for record in records.iter().filter(is_whole) {
            for (what, named) in named(record).into_iter().filter(|(_, named)| !held.contains(named)) {
                let (name, log) = (name(record), LogId(named.log));
                if forked.may_differ(record, &log) {
                    self.elsewhere.push(format!(
                        "{name} names {what} that is not in the file: log {} has two histories, and whoever signed \
                         it may have held the other one.",
                        short(&log)
                    ));
                } else {
                    self.faults.push(format!("{name} names {what} that is not in the file."));
                }
            }
        }
    }
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
