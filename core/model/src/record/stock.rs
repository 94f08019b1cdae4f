//! Bodies about stock: held, looked into, decided.

use super::EntryReference;
use crate::time::UtcMillis;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// What ends quarantine (kind 30).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Disposition {
    /// The decision.
    #[n(1)]
    pub decision: Decision,
    /// Why.
    #[n(2)]
    pub reason: String,
    /// The lines released, from 0, ascending; with [`Decision::ReleaseInPart`] alone.
    #[n(3)]
    pub lines: Option<Vec<u32>>,
    /// The signed assessment that it rests on.
    #[n(4)]
    pub assessment: Option<EntryReference>,
    /// The lines that waited for a decision as its signer saw them, from 0, ascending: it is about these alone. Absent
    /// of a shipment without lines, and where it was signed before this was asked.
    #[n(5)]
    pub open: Option<Vec<u32>>,
}

/// The decisions that end quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Decision {
    /// All of it may be used.
    #[n(1)]
    Release,
    /// Part of it may be used.
    #[n(2)]
    ReleaseInPart,
    /// None of it may be used.
    #[n(3)]
    Reject,
}

/// An excursion is looked into (kind 28).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Review {
    /// The cause.
    #[n(1)]
    pub cause: String,
    /// Corrective and preventive action.
    #[n(2)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// What the manufacturer was asked.
    #[n(3)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
}

/// A question to a manufacturer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Asked {
    /// The manufacturer.
    #[n(1)]
    pub manufacturer: String,
    /// Its case number, once there is one.
    #[n(2)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
    /// When it was asked.
    #[n(3)]
    pub asked: UtcMillis,
    /// Until when the answer is awaited.
    #[n(4)]
    pub due: UtcMillis,
    /// The lots that were asked about.
    #[n(5)]
    pub lots: Vec<String>,
}

/// What the manufacturer says of named lots (kind 38); of no other lot it says anything.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Reply {
    /// The review that asked.
    #[n(1)]
    pub review: EntryReference,
    /// The lots.
    #[n(2)]
    pub lots: Vec<String>,
    /// What may be done with them.
    #[n(3)]
    pub advice: Advice,
    /// Its words.
    #[n(4)]
    pub words: String,
}

/// What a manufacturer advises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Advice {
    /// They may be used; a person still decides.
    #[n(1)]
    MayBeUsed,
    /// They are to be discarded.
    #[n(2)]
    Discard,
}

/// The reasons of a review, each with a person's explanation (kind 29).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Acknowledged {
    /// Each reason once.
    #[n(1)]
    pub reasons: Vec<Explained>,
}

/// One reason, explained.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Explained {
    /// The reason.
    #[n(0)]
    pub reason: crate::assess::Reason,
    /// The explanation.
    #[n(1)]
    pub explanation: String,
}

/// The stock must not be used (kind 39); anybody may say so.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Quarantined {
    /// Why.
    #[n(1)]
    pub reason: String,
}

/// The shipment arrived at another time than was signed (kind 40); counts once it is approved.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ArrivalMoved {
    /// The receipt that it corrects.
    #[n(1)]
    pub received: EntryReference,
    /// The true arrival.
    #[n(2)]
    pub at: UtcMillis,
    /// Why it was signed otherwise.
    #[n(3)]
    pub reason: String,
}

/// The shipment was picked up at another time than was signed (kind 48): an earlier one counts at once, a later one
/// once it is approved.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PickUpMoved {
    /// The pick-up that it corrects.
    #[n(1)]
    pub started: EntryReference,
    /// The true time of it.
    #[n(2)]
    pub at: UtcMillis,
    /// Why it was signed otherwise.
    #[n(3)]
    pub reason: String,
}

/// A second person agrees (kind 41).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Approved {
    /// What is approved.
    #[n(1)]
    pub approves: EntryReference,
}

/// A rule of the organisation, signed by an admin (kind 42); the newest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Policy {
    /// Whether one person alone may release after an excursion.
    #[n(1)]
    pub single_person_release: SinglePersonRelease,
}

/// Whether one person alone may release after an excursion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum SinglePersonRelease {
    /// A second person is asked for.
    #[default]
    #[n(1)]
    Refused,
    /// One suffices; every record says so.
    #[n(2)]
    Allowed,
}

/// Readings were found after stock had been released (kind 43).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Finding {
    /// The decision that was taken without them.
    #[n(1)]
    pub disposition: EntryReference,
    /// The assessment with them.
    #[n(2)]
    pub assessment: EntryReference,
    /// The lines that had been released, from 0, ascending.
    #[n(3)]
    pub lines: Vec<u32>,
    /// What was found.
    #[n(4)]
    pub words: String,
}
