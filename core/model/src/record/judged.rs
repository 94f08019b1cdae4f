//! Bodies about readings and verdicts.

use super::{ClockSet, EntryReference, Leg};
use crate::assess::{Assessment, Excursion, Milliseconds, Reason, Verdict};
use crate::conditions::Conditions;
use crate::id::Id;
use crate::profile::Profile;
use crate::reading::{Channel, Source};
use crate::shipment::Window;
use crate::time::UtcMillis;
use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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
    /// Every item line, in the order of the shipment; absent where it has none.
    #[n(8)]
    pub lines: Option<Vec<LineAssessment>>,
    /// What else was measured, by its own limits; no part of verdict, reasons, series or lines.
    #[n(9)]
    pub conditions: Option<Conditions>,
}

/// How an item line stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LineAssessment {
    /// Its place, from 0.
    #[n(1)]
    pub line: u32,
    /// The worst verdict of what counts for it.
    #[n(2)]
    pub verdict: Verdict,
    /// The reasons in its own readings and legs, in the order of the rules.
    #[n(3)]
    pub reasons: Vec<Reason>,
    /// What counts for it, by begin, logger and channel.
    #[n(4)]
    pub series: Vec<LineSeries>,
    /// One for each of the series, where the line has a profile or an earlier leg of its own, or its loggers counted
    /// for it otherwise than in all their placements.
    #[n(5)]
    pub assessments: Option<Vec<Assessment>>,
    /// Its budgets over all its legs.
    #[n(6)]
    pub budgets: Vec<LineBudget>,
    /// Its own legs that are not released, in its order; absent where there are none, and in what earlier releases
    /// signed.
    #[n(7)]
    pub barring: Option<Vec<BarringLeg>>,
    /// What is wanting of the legs before it; absent where nothing is, and in what earlier releases signed.
    #[n(8)]
    pub wanting: Option<Vec<WantingLeg>>,
    /// The clocks by which it has the reason `clock` of its own, by what is held of its legs, ascending; absent where
    /// there are none, and in what earlier releases signed.
    #[n(9)]
    pub clocks: Option<Vec<LegClocks>>,
}

/// Two clocks that differ by what is held of a line's legs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct LegClocks {
    /// The log of the device whose clock is behind the other one's.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub behind: [u8; 32],
    /// The log of the device whose clock is ahead.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub ahead: [u8; 32],
    /// By how much at least, where most is shown.
    #[n(3)]
    pub difference: Milliseconds,
}

/// An earlier leg that is not held, or that was not watched throughout.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct WantingLeg {
    /// Its shipment.
    #[n(1)]
    pub shipment: Id,
    /// The line there, from 0.
    #[n(2)]
    pub line: u32,
    /// The loggers that counted for the line and were not read, ascending; absent where it is not held.
    #[n(3)]
    pub unread: Option<Vec<Id>>,
    /// How long nobody watched the goods up to when they went on: since its pick-up where nothing was read, else since
    /// its arrival or last reading; absent where that is no longer than readings lie apart, or not known.
    #[n(4)]
    pub unwatched: Option<Milliseconds>,
    /// The legs that stand between it and the line, whichever way the goods came.
    #[n(5)]
    pub after: Vec<Leg>,
}

/// An earlier leg that bars what goes on from it, as it stood.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BarringLeg {
    /// Its shipment.
    #[n(1)]
    pub shipment: Id,
    /// The line there, from 0.
    #[n(2)]
    pub line: u32,
    /// How its stock stood.
    #[n(3)]
    pub stood: LegStood,
    /// The verdict of its line.
    #[n(4)]
    pub verdict: Verdict,
    /// The reasons of its line and of its shipment, in the order of the rules.
    #[n(5)]
    pub reasons: Vec<Reason>,
    /// Its series, and those of the legs that bar it, that were out of range or have gaps, up to the moment the goods
    /// left each; absent in what earlier releases signed.
    #[n(6)]
    pub measured: Option<Vec<LegSeries>>,
    /// The entries by which people put it, or the legs that bar it, in question, ascending; absent in what earlier
    /// releases signed.
    #[n(7)]
    pub said: Option<Vec<EntryReference>>,
    /// The clocks that differ by what was held of the legs before it, there and in those that bar it, ascending; absent
    /// where there are none, and in what earlier releases signed.
    #[n(8)]
    pub clocks: Option<Vec<LegClocks>>,
}

/// What a series of a leg tells against it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LegSeries {
    /// In which shipment.
    #[n(1)]
    pub shipment: Id,
    /// Which logger.
    #[n(2)]
    pub logger: Id,
    /// Which of its channels.
    #[n(3)]
    pub channel: Channel,
    /// When it was out of range, by time.
    #[n(4)]
    pub excursions: Vec<Excursion>,
    /// How long nothing was read of it, all gaps together.
    #[n(5)]
    pub gaps: Milliseconds,
}

/// How the stock of a leg stands that bars, the worse the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum LegStood {
    /// It was released, and its date ended before the goods arrived.
    #[n(1)]
    Released,
    /// Nobody has decided.
    #[n(2)]
    Undecided,
    /// It is held, or was decided in two ways.
    #[n(3)]
    Held,
    /// It may not be released any more: the maker said discard, or its date has ended.
    #[n(4)]
    NotReleasable,
    /// It was rejected.
    #[n(5)]
    Rejected,
}

/// A series as it counts for a line.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct LineSeries {
    /// Which logger.
    #[n(0)]
    pub logger: Id,
    /// Which of its channels.
    #[n(1)]
    pub channel: Channel,
    /// From when to when.
    #[n(2)]
    pub window: Window,
    /// How it stands by the line's profile.
    #[n(3)]
    pub verdict: Verdict,
}

/// How much of a line's budget is used, earlier legs included.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct LineBudget {
    /// Its identifier in the profile.
    #[n(1)]
    pub id: String,
    /// The total time allowed, in seconds.
    #[n(2)]
    pub allowance_s: u32,
    /// The proven time in the band.
    #[n(3)]
    #[serde(rename = "used_s")]
    pub used: Milliseconds,
    /// The same with every gap beside a reading in the band.
    #[n(4)]
    #[serde(rename = "used_max_s")]
    pub used_max: Milliseconds,
    /// Of the proven time, what earlier legs used.
    #[n(5)]
    #[serde(rename = "used_before_s")]
    pub used_before: Milliseconds,
    /// When the time used exceeded the allowance.
    #[n(6)]
    pub spent_at: Option<UtcMillis>,
    /// Whether every leg is known.
    #[n(7)]
    pub known: BudgetKnown,
}

/// Whether every leg of a line is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum BudgetKnown {
    /// All of them.
    #[n(1)]
    Complete,
    /// Of an earlier leg not all readings are held, or it was not watched until the goods went on, or nothing was read
    /// of the last one: at most so much is left.
    #[n(2)]
    LegMissing,
}

impl LineBudget {
    /// What is left of it; where a leg is missing, at most so much.
    pub fn left(&self) -> Milliseconds {
        Milliseconds::from_seconds(u64::from(self.allowance_s)).less(self.used)
    }
}

/// The SHA-256 of bytes, by which a batch is addressed; in JSON lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Address(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

impl Address {
    /// The address of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

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
