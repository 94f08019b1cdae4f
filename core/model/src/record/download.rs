//! What a download did or kept beside readings: a clock that was set, and a raw session with its parts.

use super::judged::Address;
use super::{Body, Kind, RecordError};
use crate::id::Id;
use crate::time::{UtcMillis, UtcOffset};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The most bytes of a session that one part holds.
pub const MOST_PART_BYTES: usize = 1_000_000;
/// The most parts of one session: an entry names no more batches.
const MOST_PARTS: usize = 64;
/// The version of a part's layout.
const VERSION: u8 = 1;

/// A logger's clock that was set during a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct ClockSet {
    /// When, by the clock of the device that set it.
    #[n(1)]
    pub at: UtcMillis,
    /// The instant that it was set to.
    #[n(2)]
    pub to: UtcMillis,
    /// The offset with which that instant was written as local time.
    #[n(3)]
    #[serde(rename = "offset_s")]
    pub offset: UtcOffset,
    /// What it showed before, read with the same offset, where the logger tells.
    #[n(4)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<UtcMillis>,
}

/// What a download did or kept beside readings (kind 34).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Of which logger.
    pub logger: Id,
    /// What it did.
    pub did: Did,
}

/// One thing that a download did or kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    /// It set the logger's clock.
    SetClock(ClockSet),
    /// It kept what the logger sent, byte for byte.
    KeptSession(Session),
}

/// A raw session as its entry tells of it; its bytes stand in the parts that the entry names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Session {
    /// The device's clock when it had arrived.
    #[n(1)]
    pub received: UtcMillis,
    /// Its length in bytes.
    #[n(2)]
    pub bytes: u64,
    /// The SHA-256 of its bytes put together; in JSON lower-case hexadecimal.
    #[n(3)]
    #[serde(rename = "sha256")]
    pub digest: Address,
    /// What its check value shows.
    #[n(4)]
    pub check: SessionCheck,
}

/// What the check value at a session's end shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum SessionCheck {
    /// Nothing: its rule is not public.
    #[n(1)]
    NotChecked,
}

/// One part of a raw session, addressed by the SHA-256 of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPart {
    /// Whose.
    pub logger: Id,
    /// As in the session.
    pub received: UtcMillis,
    /// Which part it is, from 0.
    pub place: u8,
    /// How many there are.
    pub parts: u8,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why bytes are no session, or no part of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The CBOR does not have the layout of a part.
    #[error("not a part of a session: {0}")]
    Malformed(String),
    /// The layout is of a version that this release does not know.
    #[error("a part of a session of version {0}")]
    UnknownVersion(u8),
    /// No bytes, or more than an entry can name.
    #[error("a session of {0} bytes cannot be kept")]
    Length(usize),
    /// The parts are not all of one session, each once.
    #[error("the parts are not those of one session")]
    Parts,
    /// Put together they are not what the entry says.
    #[error("the session is not the one that the entry tells of")]
    Other,
}

impl SessionError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "model/malformed-session"
    }
}

/// The body on the wire: exactly one of both.
#[derive(Encode, Decode)]
#[cbor(map)]
struct DownloadBody {
    #[n(1)]
    logger: Id,
    #[n(2)]
    clock_set: Option<ClockSet>,
    #[n(3)]
    session: Option<Session>,
}

impl Body for Download {
    const KIND: Kind = Kind::Download;

    fn to_bytes(&self) -> Vec<u8> {
        let (clock_set, session) = match self.did {
            Did::SetClock(set) => (Some(set), None),
            Did::KeptSession(session) => (None, Some(session)),
        };
        super::encode(&DownloadBody { logger: self.logger, clock_set, session })
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let body: DownloadBody = super::decode(bytes)?;
        let did = match (body.clock_set, body.session) {
            (Some(set), None) => Did::SetClock(set),
            (None, Some(session)) => Did::KeptSession(session),
            _ => return Err(RecordError("a download that tells of one thing alone is asked for".into())),
        };
        Ok(Self { logger: body.logger, did })
    }
}

/// A part on the wire.
#[derive(Encode, Decode)]
#[cbor(map)]
struct PartBody {
    #[n(1)]
    version: u8,
    #[n(2)]
    logger: Id,
    #[n(3)]
    received: UtcMillis,
    #[n(4)]
    place: Place,
    #[n(5)]
    bytes: minicbor::bytes::ByteVec,
}

#[derive(Encode, Decode)]
struct Place {
    #[n(0)]
    place: u8,
    #[n(1)]
    parts: u8,
}

impl SessionPart {
    /// The deterministic CBOR of the part.
    pub fn to_bytes(&self) -> Vec<u8> {
        super::encode(&PartBody {
            version: VERSION,
            logger: self.logger,
            received: self.received,
            place: Place { place: self.place, parts: self.parts },
            bytes: self.bytes.clone().into(),
        })
    }

    /// Reads a part.
    ///
    /// # Errors
    /// What is no part: another layout, no bytes, or more than [`MOST_PART_BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SessionError> {
        let body: PartBody = super::decode(bytes).map_err(|error| SessionError::Malformed(error.0))?;
        if body.version != VERSION {
            return Err(SessionError::UnknownVersion(body.version));
        }
        let Place { place, parts } = body.place;
        if !(1..=MOST_PARTS).contains(&usize::from(parts)) || place >= parts {
            return Err(SessionError::Parts);
        }
        if !(1..=MOST_PART_BYTES).contains(&body.bytes.len()) {
            return Err(SessionError::Length(body.bytes.len()));
        }
        Ok(Self { logger: body.logger, received: body.received, place, parts, bytes: body.bytes.into() })
    }
}

impl Session {
    /// A session with the parts that hold its bytes.
    ///
    /// # Errors
    /// [`SessionError::Length`] for none, or for more than 64 parts hold.
    pub fn divide(
        logger: Id,
        received: UtcMillis,
        bytes: &[u8],
    ) -> Result<(Self, Vec<SessionPart>), SessionError> {
        let chunks = bytes.chunks(MOST_PART_BYTES);
        let count =
            u8::try_from(chunks.len()).ok().filter(|count| (1..=MOST_PARTS).contains(&usize::from(*count)));
        let parts = count.ok_or(SessionError::Length(bytes.len()))?;
        let part = |(place, bytes): (u8, &[u8])| SessionPart {
            logger,
            received,
            place,
            parts,
            bytes: bytes.to_vec(),
        };
        Ok((Self::of(received, bytes), (0..parts).zip(chunks).map(part).collect()))
    }

    /// What an entry tells of a session of these bytes.
    pub fn of(received: UtcMillis, bytes: &[u8]) -> Self {
        Self {
            received,
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            digest: Address(Sha256::digest(bytes).into()),
            check: SessionCheck::NotChecked,
        }
    }

    /// The bytes of the session out of its parts, in whatever order these stand.
    ///
    /// # Errors
    /// Where a part is missing, comes twice or is of another session, and where the whole is not what the
    /// entry says.
    pub fn join(&self, logger: Id, mut parts: Vec<SessionPart>) -> Result<Vec<u8>, SessionError> {
        parts.sort_by_key(|part| part.place);
        let of_this = |(place, part): (usize, &SessionPart)| {
            part.logger == logger
                && part.received == self.received
                && usize::from(part.place) == place
                && usize::from(part.parts) == parts.len()
        };
        if parts.is_empty() || !parts.iter().enumerate().all(of_this) {
            return Err(SessionError::Parts);
        }
        let bytes = parts.into_iter().flat_map(|part| part.bytes).collect::<Vec<u8>>();
        if Self::of(self.received, &bytes) == *self { Ok(bytes) } else { Err(SessionError::Other) }
    }
}
