//! What an assessment counts in: integers inside, decimal numbers in JSON.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time in milliseconds; in JSON a number of seconds, with a fraction only where there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Milliseconds(#[n(0)] pub u64);

/// A temperature in millionths of a degree Celsius, of a computed mean; in JSON degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct MicroCelsius(#[n(0)] pub i64);

/// Degrees beyond a limit times minutes, in thousandths of a °C·min; in JSON °C·min.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct MilliDegreeMinutes(#[n(0)] pub u64);

impl Milliseconds {
    /// From whole seconds; saturates.
    pub fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// What is left once `other` is taken away, never below zero.
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Serialize for Milliseconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(1000) {
            serializer.serialize_u64(self.0 / 1000)
        } else {
            serializer.serialize_f64(self.0 as f64 / 1e3)
        }
    }
}

impl Serialize for MicroCelsius {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 1e6)
    }
}

impl Serialize for MilliDegreeMinutes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 1e3)
    }
}

impl<'de> Deserialize<'de> for Milliseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scaled(deserializer, 1e3, 0.0).map(|value| Self(value as u64))
    }
}

impl<'de> Deserialize<'de> for MicroCelsius {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scaled(deserializer, 1e6, -1e15).map(|value| Self(value as i64))
    }
}

impl<'de> Deserialize<'de> for MilliDegreeMinutes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scaled(deserializer, 1e3, 0.0).map(|value| Self(value as u64))
    }
}

/// A finite number times `scale`, rounded, not below `least` and within what an f64 counts in ones.
fn scaled<'de, D: Deserializer<'de>>(deserializer: D, scale: f64, least: f64) -> Result<f64, D::Error> {
    let value = (f64::deserialize(deserializer)? * scale).round();
    if (least..=2e19).contains(&value) {
        Ok(value)
    } else {
        Err(serde::de::Error::custom("number out of range"))
    }
}
