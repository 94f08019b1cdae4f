//! What a front end is told of conditions other than temperature.

use super::Graded;
use crate::conditions::ConditionAssessment;
use crate::time::UtcMillis;
use serde::{Deserialize, Serialize};

/// One logger's one channel other than temperature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConditionShown {
    /// What is written on the logger.
    pub label: String,
    /// Every reading that counts or is shown, ascending, in the unit of its quantity.
    pub points: Vec<ConditionPoint>,
    /// What is known of where its readings came from.
    #[serde(default)]
    pub provenance: Vec<Graded>,
    /// How it stands.
    pub assessment: ConditionAssessment,
}

/// One value on a chart, in JSON as `[unix milliseconds, value in the unit of its quantity]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionPoint {
    /// When.
    pub time: UtcMillis,
    /// How much.
    pub value: i32,
}

impl Serialize for ConditionPoint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.time.0, self.value).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ConditionPoint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (time, value) = <(i64, i32)>::deserialize(deserializer)?;
        Ok(Self { time: UtcMillis(time), value })
    }
}
