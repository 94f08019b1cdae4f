//! A device as history names it, how its log came to be a member's, and whose clock differs from another's.

use crate::permission::{SignedBy, signed_by};
use crate::record::Kind;
use crate::role::Role;
use crate::time::UtcMillis;
use serde::{Deserialize, Serialize};

/// A device as history names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its log id in lower-case hexadecimal.
    pub log: String,
    /// What it is called.
    pub label: String,
    /// Its role; absent for a device that nobody enrolled.
    pub role: Option<Role>,
    /// The first log of the same device, where this one took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_log: Option<String>,
    /// Whether its log was enrolled, or goes on from another by that one's key alone.
    #[serde(default, skip_serializing_if = "LogStanding::is_enrolled")]
    pub standing: LogStanding,
}

impl Device {
    /// Whether both are the same device, by the same log or by ones that took each other's place.
    pub fn is(&self, other: &Device) -> bool {
        self.is_log(other.first_log.as_ref().unwrap_or(&other.log)) || self.log == other.log
    }

    /// Whether that is the first log of this device.
    fn is_log(&self, log: &str) -> bool {
        self.first_log.as_ref().unwrap_or(&self.log) == log
    }

    /// Whether its word that it held an entry counts.
    pub fn vouches(&self) -> bool {
        self.role.is_some() && self.standing.is_enrolled()
    }

    /// Whether what it signs of this kind waits until its log is enrolled: all but what it measures, computes
    /// from that, and keys.
    pub fn waits_with(&self, kind: Kind) -> bool {
        let of_devices = matches!(signed_by(kind), SignedBy::Device | SignedBy::Code);
        self.standing == LogStanding::Provisional && !of_devices
    }
}

/// How a member's log came to be one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogStanding {
    /// The root or an admin enrolled it, or nobody did and it is no member's.
    #[default]
    Enrolled,
    /// It continues an enrolled log and waits for an admin: what is measured counts, what people do does not.
    Provisional,
    /// This device's own, which has joined and does not hold its enrolment yet: its first sync has to be taken up again.
    Joining,
    /// This device's own, which was revoked, or ended where the device went on in another log elsewhere: what is signed in it
    /// counts no more.
    Revoked,
}

impl LogStanding {
    /// Whether it is as usual.
    pub fn is_enrolled(&self) -> bool {
        *self == Self::Enrolled
    }
}

/// Two devices whose clocks differ: the one signed while it held what the other had dated later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockDifference {
    /// The device whose clock is behind the other's.
    pub behind: Device,
    /// When it signed, by its clock.
    pub behind_at: UtcMillis,
    /// The device whose clock is ahead.
    pub ahead: Device,
    /// The time of its entry that the other one held, by its clock.
    pub ahead_at: UtcMillis,
    /// By how much they differ at least, in seconds.
    pub difference_s: i64,
}
