//! Where steps were signed: opened positions are those that the entries commit to.

use super::entries::name;
use super::{CheckId, Checks};
use crate::bundle::Bundle;
use firn_model::record::{Body, Kind, Located};
use firn_model::vault::{Commitment, PositionDocument};
use std::collections::BTreeSet;

/// Checks them, where a position was recorded or a document is in the file.
pub(super) fn check(bundle: &Bundle, checks: &mut Checks) {
    let (mut faults, mut recorded) = (Vec::new(), BTreeSet::new());
    let number = u64::from(Kind::Position.number());
    for record in bundle.records.iter().filter(|record| record.entry.payload().kind == number) {
        match Located::from_bytes(&record.body) {
            Ok(located) => {
                recorded.insert(located.commitment);
            }
            Err(error) => faults.push(format!("{}: {error}.", name(record))),
        }
    }
    if recorded.is_empty() && bundle.opened.is_empty() && faults.is_empty() {
        return;
    }
    let mut opened: BTreeSet<Commitment> = BTreeSet::new();
    for document in &bundle.opened {
        let commitment = document.commitment();
        if !recorded.contains(&commitment) {
            faults.push("A document of the vault is in the file that no entry commits to.".into());
        } else if let Err(error) = PositionDocument::from_bytes(&document.document) {
            faults.push(format!("A document of the vault in the file is no position: {error}."));
        }
        opened.insert(commitment);
    }
    let sealed = recorded.difference(&opened).count();
    if sealed > 0 && faults.is_empty() {
        let open = opened.len();
        checks.cannot(
            CheckId::Positions,
            format!(
                "Positions not in the file: {sealed}; opened: {open}, each the one that its entry commits to."
            ),
        );
    } else {
        let proved = format!("Opened positions: {}, each the one that its entry commits to.", opened.len());
        checks.settle(CheckId::Positions, &faults, proved);
    }
}
