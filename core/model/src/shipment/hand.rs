//! Whose hand signed: what "a second person" is measured by.

use super::story::{Placed, SignedEntry, Signer, Told};
use crate::api::{Device, HandShown};
use crate::authority::Refusal;
use crate::record::Statement;

/// A person on a device, or somebody unknown on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// On which device.
    pub device: Device,
    /// Who.
    pub person: Option<Signer>,
}

impl Hand {
    /// The hand that made a statement.
    pub fn of<T>(placed: &Placed<T>) -> Self {
        Self { device: placed.device.clone(), person: placed.person.clone() }
    }

    /// The hand that signed an entry.
    pub fn signing(entry: &SignedEntry) -> Self {
        Self { device: entry.device.clone(), person: entry.person.clone() }
    }

    /// Whether both may be the same person: they are, or share a device on which one did not sign.
    ///
    /// So nobody becomes a second person by leaving the own signature away.
    pub fn may_be(&self, other: &Hand) -> bool {
        self.shown().may_be(&other.shown())
    }

    /// The same by ids.
    pub fn shown(&self) -> HandShown {
        HandShown {
            person: self.person.as_ref().map(|person| person.id),
            device: self.device.first_log.as_ref().unwrap_or(&self.device.log).clone(),
        }
    }

    /// The printed name, or what the device is called.
    pub fn name(&self) -> &str {
        self.person.as_ref().map_or(&self.device.label, |person| &person.name)
    }
}

/// The entry, without its body, where it says that its signer picked up, handed over, took over, received or
/// looked into the shipment. Whether the story lets it count does not matter; only that its signature does.
pub(super) fn part_taken(told: &Told) -> Option<SignedEntry> {
    let signed = matches!(told.refused, None | Some(Refusal::RoleMayNotSign | Refusal::PersonMissing));
    let takes_part = matches!(
        told.statement,
        Some(
            Statement::Started(_)
                | Statement::Offered(_)
                | Statement::Accepted(_)
                | Statement::Received(_)
                | Statement::Review(_)
        )
    );
    (signed && takes_part).then(|| SignedEntry {
        body: Vec::new(),
        batches: Vec::new(),
        ..told.entry.clone()
    })
}
