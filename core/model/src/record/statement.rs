//! A body read as what its kind says.

use super::{
    Accepted, AssessmentRecord, Body, Closed, Confirmed, Disposition, Download, Kind, Logger, LoggerEnded,
    Offered, Readings, Received, RecordError, Shipment, Started,
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
}

impl Statement {
    /// Reads the body of a kind.
    pub fn parse(kind: Kind, body: &[u8]) -> Result<Self, RecordError> {
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
            Kind::Download => Self::Download(Body::from_bytes(body)?),
        })
    }
}
