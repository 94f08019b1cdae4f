//! A change of what an organisation keeps: who made it, when and why, and what stood before (21 CFR 11.10(e)).

use super::Device;
use crate::record::change_reason;
use crate::shipment::{Placed, SignedEntry, Signer};
use crate::time::UtcMillis;
use serde::{Deserialize, Serialize};

/// Who changed something, when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedBy {
    /// When, by the clock of the device.
    pub at: UtcMillis,
    /// The device on which it was signed.
    pub device: Device,
    /// The person who signed it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Signer>,
    /// Why, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ChangedBy {
    /// As an entry tells.
    pub fn of(entry: &SignedEntry) -> Self {
        let SignedEntry { at, device, person, kind, body, .. } = entry;
        Self { at: *at, device: device.clone(), person: person.clone(), reason: change_reason(*kind, body) }
    }
}

impl<T> From<&Placed<T>> for ChangedBy {
    fn from(placed: &Placed<T>) -> Self {
        let Placed { at, device, person, reason, .. } = placed;
        Self { at: *at, device: device.clone(), person: person.clone(), reason: reason.clone() }
    }
}

/// A change, with the values before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed<T> {
    /// Who, when and why.
    #[serde(flatten)]
    pub by: ChangedBy,
    /// False where it does not count, for what it speaks of had ended; absent where it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<bool>,
    /// What stood before; absent for what was new.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub before: Option<T>,
    /// What it says.
    pub after: T,
}

impl<T: Clone> Changed<T> {
    /// Each of these with the one before it, in their order.
    pub(crate) fn each(told: impl IntoIterator<Item = (ChangedBy, T)>) -> Vec<Self> {
        let mut changes: Vec<Self> = Vec::new();
        for (by, after) in told {
            let before = changes.last().map(|one| one.after.clone());
            changes.push(Self { by, counts: None, before, after });
        }
        changes
    }
}

/// A version of a profile of one's own, with who published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionPublished {
    /// The version.
    pub version: u32,
    /// Who, when and why.
    #[serde(flatten)]
    pub by: ChangedBy,
}
