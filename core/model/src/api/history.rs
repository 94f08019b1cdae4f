//! What happened to a shipment, entry by entry.

use super::{CustodyStep, Device, PartnerNamed, TakenCustody};
use crate::assess::{Reason, Verdict};
use crate::id::Id;
use crate::meaning::SignatureMeaning;
use crate::record::{
    Address, Advice, Checklist, ClockSet, Decision, ExcursionRecord, Explained, LoggerReason, Observation,
    Recognition, Review, Session,
};
use crate::shipment::Signer;
use crate::time::UtcMillis;
use crate::vault::{Commitment, PositionKnown};
use serde::{Deserialize, Serialize};

/// One signed entry about a shipment, in words of the design.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryEvent {
    /// When, by the signing device's clock.
    pub at: UtcMillis,
    /// Which device signed it.
    pub device: Device,
    /// Its place in that device's log.
    pub sequence: u64,
    /// What happened.
    pub occurrence: Occurrence,
    /// The person who signed it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Signer>,
    /// What that person said by signing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<SignatureMeaning>,
    /// Why the entry does not count, if it does not.
    pub refused: Option<String>,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Occurrence {
    /// Evidence of another organisation was taken in.
    Taken {
        /// Whose.
        partner: PartnerNamed,
        /// The SHA-256 of its bytes.
        evidence: Address,
        /// Whether that organisation was known then.
        recognition: Recognition,
        /// What it said of custody.
        custody: TakenCustody,
    },
    /// The shipment was created.
    Created,
    /// It was picked up.
    Started {
        /// How many loggers travel in it.
        loggers: u32,
        /// Those taken along without a valid certificate, each with the reason.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        overrides: Vec<LoggerReason>,
        /// When it was picked up, as whoever signed says.
        at: UtcMillis,
        /// Why it was recorded late, where it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Readings were sealed.
    Readings {
        /// Whose.
        logger: Id,
        /// How many.
        count: u32,
        /// From.
        first: UtcMillis,
        /// To.
        last: UtcMillis,
        /// The download that brought them had set the logger's clock before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clock_set: Option<ClockSet>,
    },
    /// A download set a logger's clock.
    ClockSet {
        /// Whose.
        logger: Id,
        /// To what, and when.
        clock_set: ClockSet,
    },
    /// What a logger sent in a form that is not public was kept, byte for byte.
    Session {
        /// Which logger.
        logger: Id,
        /// How long it is, and its hash.
        session: Session,
    },
    /// A verdict was signed.
    Assessed {
        /// The verdict.
        verdict: Verdict,
        /// Its reasons.
        reasons: Vec<Reason>,
    },
    /// A step of a hand-over.
    Custody {
        /// Which.
        step: CustodyStep,
    },
    /// It arrived.
    Received {
        /// What the receiver noted.
        note: Option<String>,
        /// What the receiver checked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checklist: Option<Checklist>,
        /// When it arrived, as whoever signed says.
        at: UtcMillis,
        /// Why it was recorded late, where it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Quarantine was ended.
    Disposition {
        /// The decision.
        decision: Decision,
        /// Why.
        reason: String,
        /// The lines released, from 0; with a release in part alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lines: Option<Vec<u32>>,
    },
    /// The stock was held.
    Quarantined {
        /// Why.
        reason: String,
    },
    /// An excursion was looked into.
    Reviewed {
        /// What was found, and what a manufacturer was asked.
        review: Review,
    },
    /// Reasons were explained.
    Acknowledged {
        /// Each with its explanation.
        reasons: Vec<Explained>,
    },
    /// A manufacturer answered.
    Replied {
        /// The lots that it answered for.
        lots: Vec<String>,
        /// What may be done with them.
        advice: Advice,
        /// Its words.
        words: String,
    },
    /// The arrival was corrected; it counts once a second person approves.
    ArrivalMoved {
        /// The true arrival.
        at: UtcMillis,
        /// Why it was signed otherwise.
        reason: String,
    },
    /// The pick-up was corrected; a later time counts once a second person approves.
    PickUpMoved {
        /// The true time of it.
        at: UtcMillis,
        /// Why it was signed otherwise.
        reason: String,
    },
    /// A second person approved the correction.
    Approved,
    /// A second person approved the correction of the pick-up.
    PickUpApproved,
    /// Readings were found after a release.
    Found {
        /// The lines that had been released, from 0.
        lines: Vec<u32>,
        /// What was found.
        words: String,
    },
    /// Part of CDC's record of an excursion was filled in.
    ExcursionRecorded {
        /// What was filled in.
        record: ExcursionRecord,
    },
    /// Somebody saw something.
    Observed {
        /// What, when and where, with a photo's hash.
        observation: Observation,
        /// It asks for a review.
        gives_cause: bool,
    },
    /// Its record was closed.
    Closed,
    /// Its record was closed because it never took place.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// The device recorded where the step before was signed.
    Position {
        /// What the entry holds in place of it.
        commitment: Commitment,
        /// What is known of it here.
        known: PositionKnown,
    },
    /// An entry of a kind that this release does not show.
    Other {
        /// The kind's number.
        kind: u64,
    },
}
