//! A body read as what its kind says.

use super::canonical::is_canonical;
use super::{
    Accepted, Acknowledged, Approved, ArrivalMoved, AssessmentRecord, Body, ClockCompared, Closed, Confirmed,
    Disposition, Download, ExcursionRecord, Finding, Kind, Located, Logger, LoggerEnded, Observation,
    Offered, Person, PersonKey, PickUpMoved, Policy, Quarantined, Readings, Received, RecordError, Reply,
    Review, Shipment, SigningFailed, Started, Taken,
};
use crate::profile::Profile;

/// What an entry of a kind from 16 says.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant is the body of the kind of its name")]
pub enum Statement {
    Logger(Logger),
    Profile(Profile),
    Shipment(Shipment),
    Started(Started),
    Readings(Readings),
    Assessment(Box<AssessmentRecord>),
    Offered(Offered),
    Accepted(Accepted),
    Confirmed(Confirmed),
    Received(Received),
    Disposition(Disposition),
    Closed(Closed),
    LoggerEnded(LoggerEnded),
    Download(Download),
    Review(Review),
    Acknowledged(Acknowledged),
    Observation(Observation),
    Person(Person),
    PersonKey(PersonKey),
    SigningFailed(SigningFailed),
    Reply(Reply),
    Quarantined(Quarantined),
    ArrivalMoved(ArrivalMoved),
    Approved(Approved),
    Policy(Policy),
    Finding(Finding),
    ExcursionRecord(ExcursionRecord),
    Position(Located),
    Taken(Taken),
    ClockCompared(ClockCompared),
    PickUpMoved(PickUpMoved),
}

impl Statement {
    /// Reads the body of a kind, which is deterministic CBOR; trailing bytes and missing keys are refused, unknown
    /// keys skipped.
    pub fn parse(kind: Kind, body: &[u8]) -> Result<Self, RecordError> {
        if !is_canonical(body) {
            return Err(RecordError("not deterministic CBOR".into()));
        }
        Ok(match kind {
            Kind::Logger => Self::Logger(Body::from_bytes(body)?),
            Kind::Profile => Self::Profile(Body::from_bytes(body)?),
            Kind::Shipment => Self::Shipment(Body::from_bytes(body)?),
            Kind::Started => Self::Started(Body::from_bytes(body)?),
            Kind::Readings => Self::Readings(Body::from_bytes(body)?),
            Kind::Assessment => Self::Assessment(Box::new(Body::from_bytes(body)?)),
            Kind::Offered => Self::Offered(Body::from_bytes(body)?),
            Kind::Accepted => Self::Accepted(Body::from_bytes(body)?),
            Kind::Confirmed => Self::Confirmed(Body::from_bytes(body)?),
            Kind::Received => Self::Received(Body::from_bytes(body)?),
            Kind::Disposition => Self::Disposition(Body::from_bytes(body)?),
            Kind::Closed => Self::Closed(Body::from_bytes(body)?),
            Kind::LoggerEnded => Self::LoggerEnded(Body::from_bytes(body)?),
            Kind::Review => Self::Review(Body::from_bytes(body)?),
            Kind::Acknowledged => Self::Acknowledged(Body::from_bytes(body)?),
            Kind::Observation => Self::Observation(Body::from_bytes(body)?),
            Kind::Person => Self::Person(Body::from_bytes(body)?),
            Kind::PersonKey => Self::PersonKey(Body::from_bytes(body)?),
            Kind::SigningFailed => Self::SigningFailed(Body::from_bytes(body)?),
            Kind::Reply => Self::Reply(Body::from_bytes(body)?),
            Kind::Quarantined => Self::Quarantined(Body::from_bytes(body)?),
            Kind::ArrivalMoved => Self::ArrivalMoved(Body::from_bytes(body)?),
            Kind::Approved => Self::Approved(Body::from_bytes(body)?),
            Kind::Policy => Self::Policy(Body::from_bytes(body)?),
            Kind::Finding => Self::Finding(Body::from_bytes(body)?),
            Kind::ExcursionRecord => Self::ExcursionRecord(Body::from_bytes(body)?),
            Kind::Position => Self::Position(Body::from_bytes(body)?),
            Kind::Taken => Self::Taken(Body::from_bytes(body)?),
            Kind::ClockCompared => Self::ClockCompared(Body::from_bytes(body)?),
            Kind::PickUpMoved => Self::PickUpMoved(Body::from_bytes(body)?),
            Kind::Download => Self::Download(Body::from_bytes(body)?),
        })
    }
}
