//! A batch of readings of one channel in columns, addressed by the SHA-256 of its bytes.

use super::judged::Address;
use crate::id::Id;
use crate::reading::{Aggregation, Channel, ClockQuality, Provenance, Quantity, Source};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use minicbor::{Decode, Encode};

/// The most readings that one batch holds.
pub const MOST_READINGS: usize = 4096;

/// The version of the layout.
const VERSION: u8 = 1;

/// Readings of one logger's one channel that came the same way, ascending by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Whose.
    pub logger: Id,
    /// Of what; it names the unit of the values.
    pub channel: Channel,
    /// Which way they came.
    pub source: Source,
    /// What their times rest on.
    pub clock: ClockQuality,
    /// What is known of their origin.
    pub provenance: Provenance,
    /// This device's clock when they arrived.
    pub received: UtcMillis,
    /// The logger's own interval in seconds: of imported readings the one that their file tells, of others the one that
    /// the logger was enrolled with.
    pub interval_s: Option<u32>,
    /// When each was measured, ascending; equal times are allowed.
    pub times: Vec<UtcMillis>,
    /// Each value in the unit of the channel's [`Quantity`].
    pub values: Vec<i32>,
    /// The logger's own time of each, in milliseconds of its epoch.
    pub logger_times: Option<Vec<i64>>,
    /// The logger's own sequence number of each.
    pub sequences: Option<Vec<u32>>,
    /// The logger's bytes of each.
    pub raws: Option<Vec<Vec<u8>>>,
    /// What each value is; absent: a sample.
    pub aggregation: Option<Aggregation>,
}

/// Why bytes are no batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The CBOR does not have the layout of a batch.
    #[error("not a batch: {0}")]
    Malformed(String),
    /// The layout is of a version that this release does not know.
    #[error("a batch of version {0}")]
    UnknownVersion(u8),
    /// No readings, more than 4096, or columns of different lengths.
    #[error("columns are empty, too long or of different lengths")]
    Columns,
    /// Times descend or leave the range of milliseconds.
    #[error("times are not ascending")]
    Times,
    /// A temperature below absolute zero or above 1000 °C, or something else that is negative.
    #[error("a value out of range")]
    Value,
}

impl BatchError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "model/malformed-batch"
    }
}

/// The layout on the wire.
#[derive(Encode, Decode)]
#[cbor(map)]
struct Columns {
    #[n(1)]
    version: u8,
    #[n(2)]
    logger: Id,
    #[n(3)]
    channel: Channel,
    #[n(4)]
    source: Source,
    #[n(5)]
    clock: ClockQuality,
    #[n(6)]
    provenance: Provenance,
    #[n(7)]
    received: UtcMillis,
    #[n(8)]
    interval_s: Option<u32>,
    #[n(9)]
    times: Vec<i64>,
    #[n(10)]
    values: Vec<i32>,
    #[n(11)]
    logger_times: Option<Vec<i64>>,
    #[n(12)]
    sequences: Option<Vec<u32>>,
    #[n(13)]
    raws: Option<Vec<minicbor::bytes::ByteVec>>,
    #[n(14)]
    aggregation: Option<Aggregation>,
}

impl Batch {
    /// The deterministic CBOR of the batch, after the checks that reading it makes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BatchError> {
        self.check()?;
        let times: Vec<i64> = self.times.iter().map(|time| time.0).collect();
        Ok(super::encode(&Columns {
            version: VERSION,
            logger: self.logger,
            channel: self.channel,
            source: self.source,
            clock: self.clock,
            provenance: self.provenance,
            received: self.received,
            interval_s: self.interval_s,
            times: differences(&times).ok_or(BatchError::Times)?,
            values: self.values.clone(),
            logger_times: match &self.logger_times {
                Some(times) => Some(differences(times).ok_or(BatchError::Times)?),
                None => None,
            },
            sequences: self.sequences.clone(),
            raws: self.raws.as_ref().map(|raws| raws.iter().map(|raw| raw.clone().into()).collect()),
            aggregation: self.aggregation,
        }))
    }

    /// Reads a batch and checks its columns.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BatchError> {
        let columns: Columns = super::decode(bytes).map_err(|error| BatchError::Malformed(error.0))?;
        if columns.version != VERSION {
            return Err(BatchError::UnknownVersion(columns.version));
        }
        let times = sums(&columns.times).ok_or(BatchError::Times)?;
        let batch = Self {
            logger: columns.logger,
            channel: columns.channel,
            source: columns.source,
            clock: columns.clock,
            provenance: columns.provenance,
            received: columns.received,
            interval_s: columns.interval_s,
            times: times.into_iter().map(UtcMillis).collect(),
            values: columns.values,
            logger_times: match columns.logger_times {
                Some(times) => Some(sums(&times).ok_or(BatchError::Times)?),
                None => None,
            },
            sequences: columns.sequences,
            raws: columns.raws.map(|raws| raws.into_iter().map(Into::into).collect()),
            aggregation: columns.aggregation,
        };
        batch.check()?;
        Ok(batch)
    }

    /// The address of a batch's bytes.
    pub fn address(bytes: &[u8]) -> Address {
        Address::of(bytes)
    }

    fn check(&self) -> Result<(), BatchError> {
        let count = self.times.len();
        let as_many = |length: Option<usize>| length.is_none_or(|length| length == count);
        if !(1..=MOST_READINGS).contains(&count)
            || self.values.len() != count
            || !as_many(self.logger_times.as_ref().map(Vec::len))
            || !as_many(self.sequences.as_ref().map(Vec::len))
            || !as_many(self.raws.as_ref().map(Vec::len))
        {
            return Err(BatchError::Columns);
        }
        if !self.times.is_sorted() {
            return Err(BatchError::Times);
        }
        let in_range = |value: &i32| match self.channel.quantity {
            Quantity::Temperature => MilliCelsius::from_wide(i64::from(*value)).is_ok(),
            _ => *value >= 0,
        };
        if self.values.iter().all(in_range) { Ok(()) } else { Err(BatchError::Value) }
    }
}

/// The first value, then each one's difference to the one before; `None` where a difference overflows.
fn differences(values: &[i64]) -> Option<Vec<i64>> {
    let mut before = 0_i64;
    values
        .iter()
        .map(|value| {
            let difference = value.checked_sub(before);
            before = *value;
            difference
        })
        .collect()
}

/// The inverse of [`differences`]; `None` where a sum overflows.
fn sums(differences: &[i64]) -> Option<Vec<i64>> {
    let mut sum = 0_i64;
    differences
        .iter()
        .map(|difference| {
            sum = sum.checked_add(*difference)?;
            Some(sum)
        })
        .collect()
}
