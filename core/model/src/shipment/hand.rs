//! Whose hand signed: what "a second person" is measured by.

use super::story::{Placed, SignedEntry, Signer};
use crate::api::{Device, HandShown};

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
