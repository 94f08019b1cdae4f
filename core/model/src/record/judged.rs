//! Bodies about readings and verdicts.

use super::{ClockSet, EntryReference};
use crate::assess::{Assessment, Reason, Verdict};
use crate::id::Id;
use crate::profile::Profile;
use crate::reading::{Channel, Source};
use crate::time::UtcMillis;
use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A batch of readings is sealed (kind 22); its address stands in the entry.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Readings {
    /// Whose.
    #[n(1)]
    pub logger: Id,
    /// Of what.
    #[n(2)]
    pub channel: Channel,
    /// Which way they came.
    #[n(3)]
    pub source: Source,
    /// How many.
    #[n(4)]
    pub count: u32,
    /// The first one's time.
    #[n(5)]
    pub first: UtcMillis,
    /// The last one's time.
    #[n(6)]
    pub last: UtcMillis,
    /// Why they were sealed later than they should have been.
    #[n(7)]
    pub lateness: Option<Lateness>,
    /// The download that brought them had set the logger's clock before.
    #[n(8)]
    pub clock_set: Option<ClockSet>,
}

/// Why readings were sealed late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Lateness {
    /// The journal was found after a crash.
    #[n(1)]
    SealedAfterCrash,
    /// A person recorded them afterwards.
    #[n(2)]
    RecordedLate,
}

/// A signed verdict (kind 23) with all that is needed to compute it again.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AssessmentRecord {
    /// The version of the rules.
    #[n(1)]
    pub rules: String,
    /// The profile it was judged by.
    #[n(2)]
    pub profile: Profile,
    /// The worst verdict of its series.
    #[n(3)]
    pub verdict: Verdict,
    /// The reasons, in the order of the rules.
    #[n(4)]
    pub reasons: Vec<Reason>,
    /// One assessment for each series.
    #[n(5)]
    pub series: Vec<SeriesAssessment>,
    /// The batches it rests on, ascending.
    #[n(6)]
    pub batches: Vec<Address>,
    /// The assessment that it replaces.
    #[n(7)]
    pub replaces: Option<EntryReference>,
}

/// The SHA-256 of bytes, by which a batch is addressed; in JSON lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Address(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("not 64 hexadecimal digits in lower case"))
    }
}

/// The assessment of one logger's one channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SeriesAssessment {
    /// Which logger.
    #[n(0)]
    pub logger: Id,
    /// Which of its channels.
    #[n(1)]
    pub channel: Channel,
    /// How it stands.
    #[n(2)]
    pub assessment: Assessment,
}
