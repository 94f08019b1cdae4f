//! The bodies of what Firn records, and their deterministic CBOR (docs/firn.cddl, kinds from 16).
//!
//! A body is one map with ascending integer keys; a kind's number is never reused. Unknown extra keys
//! are skipped, so that a body of a newer version stays readable; its bytes are kept by the ledger.

mod batch;
mod canonical;
mod change;
mod clock;
mod custody;
mod download;
mod excursion;
mod goods;
mod judged;
mod observed;
mod people;
mod position;
mod statement;
mod stock;
mod taken;

pub use batch::{Batch, BatchError, MOST_READINGS};
pub use change::{ChangeReason, Changing, change_reason};
pub use clock::{ClockCompared, Entries};
pub use custody::{Accepted, Checklist, Confirmed, LastReading, Offered, Received, SealFound};
pub use download::{
    ClockSet, Did, Download, MOST_PART_BYTES, Session, SessionCheck, SessionError, SessionPart,
};
pub use excursion::ExcursionField;
pub use goods::{
    AsFound, CalibrationPoint, Certificate, Closed, Closing, Ending, ItemLine, Leg, Logger, LoggerEnded,
    LoggerReason, Package, Placement, Shipment, Started,
};
pub use judged::{
    Address, AssessmentRecord, BarringLeg, BudgetKnown, Lateness, LegClocks, LegSeries, LegStood,
    LineAssessment, LineBudget, LineSeries, Readings, SeriesAssessment, WantingLeg,
};
pub use observed::{
    Coolant, ExcursionRecord, FreezeIndicator, Observation, Observed, Seal, VialMonitorStage,
};
pub use people::{Person, PersonKey, PersonStanding, SigningFailed, WithdrawnKey};
pub use position::{Located, Position, PositionError};
pub use statement::Statement;
pub use stock::{
    Acknowledged, Advice, Approved, ArrivalMoved, Asked, Decision, Disposition, Explained, Finding,
    PickUpMoved, Policy, Quarantined, Reply, Review, SinglePersonRelease,
};
pub use taken::{
    EvidencePart, Fingerprint, LogTold, MOST_TAKEN_BYTES, Recognition, Taken, TakenError, TakenUp,
};

use serde::{Deserialize, Serialize};

/// The bytes are not the body of this kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a body of this kind: {0}")]
pub struct RecordError(pub String);

impl RecordError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "model/malformed-record"
    }
}

/// The kinds of entry whose bodies are defined here, with their numbers in docs/firn.cddl.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u16)]
pub enum Kind {
    /// A logger is enrolled.
    Logger = 16,
    /// A profile is published.
    Profile = 17,
    /// A shipment is created.
    Shipment = 20,
    /// Pick-up: the shipment is under way, with its loggers in place.
    Started = 21,
    /// A batch of readings is sealed.
    Readings = 22,
    /// A verdict is signed.
    Assessment = 23,
    /// The giver offers custody.
    Offered = 24,
    /// The receiver takes custody.
    Accepted = 25,
    /// The giver confirms that custody passed.
    Confirmed = 26,
    /// The receipt signature.
    Received = 27,
    /// An excursion is looked into.
    Review = 28,
    /// The reasons of a review, explained.
    Acknowledged = 29,
    /// Quarantine is ended by a decision.
    Disposition = 30,
    /// The shipment is closed.
    Closed = 31,
    /// A logger ends as lost, faulty or retired.
    LoggerEnded = 32,
    /// A person saw something.
    Observation = 33,
    /// What a download did or kept beside readings.
    Download = 34,
    /// A person is enrolled, changed or ended.
    Person = 35,
    /// A person's key on this device.
    PersonKey = 36,
    /// A person's secret was given wrongly.
    SigningFailed = 37,
    /// What a manufacturer says of named lots.
    Reply = 38,
    /// Stock must not be used.
    Quarantined = 39,
    /// The arrival was at another time than signed.
    ArrivalMoved = 40,
    /// A second person agrees.
    Approved = 41,
    /// A rule of the organisation.
    Policy = 42,
    /// Readings were found after a release.
    Finding = 43,
    /// What CDC asks to be written down of an excursion.
    ExcursionRecord = 44,
    /// Where a step was signed.
    Position = 45,
    /// Another organisation's evidence about the shipment is taken in.
    Taken = 46,
    /// Two devices' clocks were compared.
    ClockCompared = 47,
    /// The pick-up was at another time than signed.
    PickUpMoved = 48,
}

impl Kind {
    /// Every kind defined here, ascending.
    pub const ALL: [Kind; 31] = [
        Kind::Logger,
        Kind::Profile,
        Kind::Shipment,
        Kind::Started,
        Kind::Readings,
        Kind::Assessment,
        Kind::Offered,
        Kind::Accepted,
        Kind::Confirmed,
        Kind::Received,
        Kind::Review,
        Kind::Acknowledged,
        Kind::Disposition,
        Kind::Closed,
        Kind::LoggerEnded,
        Kind::Observation,
        Kind::Download,
        Kind::Person,
        Kind::PersonKey,
        Kind::SigningFailed,
        Kind::Reply,
        Kind::Quarantined,
        Kind::ArrivalMoved,
        Kind::Approved,
        Kind::Policy,
        Kind::Finding,
        Kind::ExcursionRecord,
        Kind::Position,
        Kind::Taken,
        Kind::ClockCompared,
        Kind::PickUpMoved,
    ];

    /// The number in the entry.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// Its name in docs/firn.cddl.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Logger => "logger",
            Kind::Profile => "profile",
            Kind::Shipment => "shipment",
            Kind::Started => "started",
            Kind::Readings => "readings",
            Kind::Assessment => "assessment",
            Kind::Offered => "offered",
            Kind::Accepted => "accepted",
            Kind::Confirmed => "confirmed",
            Kind::Received => "received",
            Kind::Disposition => "disposition",
            Kind::Closed => "closed",
            Kind::LoggerEnded => "logger ended",
            Kind::Download => "download",
            Kind::Review => "review",
            Kind::Acknowledged => "acknowledged",
            Kind::Observation => "observation",
            Kind::Person => "person",
            Kind::PersonKey => "person's key",
            Kind::SigningFailed => "signing failed",
            Kind::Reply => "reply",
            Kind::Quarantined => "quarantined",
            Kind::ArrivalMoved => "arrival moved",
            Kind::Approved => "approved",
            Kind::Policy => "policy",
            Kind::Finding => "finding",
            Kind::ExcursionRecord => "excursion record",
            Kind::Position => "position",
            Kind::Taken => "taken",
            Kind::ClockCompared => "clock compared",
            Kind::PickUpMoved => "pick-up moved",
        }
    }

    /// The kind of a number, if it is one defined here.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| u64::from(kind.number()) == number)
    }
}

/// One entry of one log, named from another entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, minicbor::Encode, minicbor::Decode)]
pub struct EntryReference {
    /// The log's id.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub log: [u8; 32],
    /// The entry's leaf hash.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub leaf: [u8; 32],
}

/// A body and its kind; encoding it is deterministic.
pub trait Body: Sized {
    /// Which kind of entry carries it.
    const KIND: Kind;

    /// The deterministic CBOR of the body.
    fn to_bytes(&self) -> Vec<u8>;

    /// Reads a body; trailing bytes and missing keys are refused, unknown keys skipped.
    fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError>;
}

/// Encodes into memory, which cannot fail.
pub(crate) fn encode<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    match minicbor::encode(value, &mut bytes) {
        Ok(()) => bytes,
        Err(error) => match error.into_write() {
            Some(never) => match never {},
            // An `Encode` of this crate never reports an error of its own.
            None => bytes,
        },
    }
}

/// Decodes one item and nothing behind it.
pub(crate) fn decode<'b, T: minicbor::Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, RecordError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode().map_err(|error| RecordError(error.to_string()))?;
    if decoder.position() == bytes.len() {
        Ok(value)
    } else {
        Err(RecordError("bytes behind the end".into()))
    }
}

/// Declares which kind carries a body.
macro_rules! body {
    ($($type:ty => $kind:ident),+ $(,)?) => {$(
        impl Body for $type {
            const KIND: Kind = Kind::$kind;

            fn to_bytes(&self) -> Vec<u8> {
                encode(self)
            }

            fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
                decode(bytes)
            }
        }
    )+};
}

body! {
    Logger => Logger,
    crate::profile::Profile => Profile,
    Shipment => Shipment,
    Started => Started,
    Readings => Readings,
    AssessmentRecord => Assessment,
    Offered => Offered,
    Accepted => Accepted,
    Confirmed => Confirmed,
    Received => Received,
    Disposition => Disposition,
    Closed => Closed,
    LoggerEnded => LoggerEnded,
    Review => Review,
    Acknowledged => Acknowledged,
    Observation => Observation,
    Person => Person,
    PersonKey => PersonKey,
    SigningFailed => SigningFailed,
    Reply => Reply,
    Quarantined => Quarantined,
    ArrivalMoved => ArrivalMoved,
    Approved => Approved,
    Policy => Policy,
    Finding => Finding,
    ExcursionRecord => ExcursionRecord,
    Located => Position,
    ClockCompared => ClockCompared,
    PickUpMoved => PickUpMoved,
}

#[cfg(test)]
mod tests;
