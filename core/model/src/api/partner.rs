//! What a front end is told about other organisations.

use crate::api::ClockDifference;
use crate::id::Id;
use crate::record::{Fingerprint, Recognition};
use crate::time::UtcMillis;
use serde::{Deserialize, Serialize};

/// Another organisation by its fingerprint, with its name where an admin pinned it here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerNamed {
    /// Its fingerprint.
    pub organisation: Fingerprint,
    /// Its name; absent where it is not known, or no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl PartnerNamed {
    /// One whose name is not known.
    pub fn unnamed(organisation: Fingerprint) -> Self {
        Self { organisation, name: None }
    }

    /// The name and the beginning of the fingerprint, or the fingerprint whole.
    pub fn words(&self) -> String {
        let fingerprint = self.organisation.to_string();
        match &self.name {
            Some(name) => format!("{name} ({})", fingerprint.get(..8).unwrap_or_default()),
            None => fingerprint,
        }
    }
}

/// Another organisation as the admins of one's own left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerShown {
    /// Its fingerprint.
    pub organisation: Fingerprint,
    /// Its name.
    pub name: String,
    /// Its Global Location Number, where its card has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gln: Option<String>,
    /// Whether it is still known.
    pub standing: PartnerKnown,
    /// Since when, by the clock of the admin's device.
    pub since: UtcMillis,
}

/// Whether another organisation is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartnerKnown {
    /// It is.
    Pinned,
    /// It was.
    Revoked,
}

/// What taking evidence in said of custody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakenCustody {
    /// Nothing: no offer stood.
    None,
    /// The goods were taken over from the other organisation.
    Taken,
    /// The other organisation took the goods over.
    Given,
}

/// An earlier leg of a line in another organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignLegShown {
    /// The shipment there.
    pub shipment: Id,
    /// The line of it, from 0.
    pub leg_line: u32,
    /// Whose it is.
    pub partner: PartnerNamed,
    /// Whether that organisation was known when its evidence was taken.
    pub recognition: Recognition,
    /// By how much what it signed was dated after its evidence was taken, where that is more than 60 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_difference: Option<ClockDifference>,
    /// How many histories its evidence tells that contradict each other, each of which counts; absent where all of it is
    /// one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histories: Option<u32>,
}
