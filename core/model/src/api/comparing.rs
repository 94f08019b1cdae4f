//! The digits that two people compare before a device joins that may decide or administer.

use serde::{Deserialize, Serialize};

/// A device that waits until a person has compared what two screens show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparing {
    /// The six digits, `042 917`.
    pub digits: String,
    /// What the joining device is called.
    pub label: String,
    /// Which of the two this one is.
    pub side: ComparingSide,
}

/// Which of two devices that show digits this one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComparingSide {
    /// The one that invited: a person here says what they saw.
    Inviter,
    /// The one that joins.
    Joiner,
}

/// What a person saw who compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComparedDigits {
    /// The same digits: the device is enrolled.
    Same,
    /// Other digits: nobody is enrolled, and the invitation is void.
    Different,
}
