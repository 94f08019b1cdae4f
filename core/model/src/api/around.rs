//! What is around a front end: the organisation and its devices, what the radio hears, and whether it listens.

use super::{LogStanding, Refusal};
use crate::id::{DeviceAddress, Id};
use crate::reading::{Measurement, Provenance};
use crate::role::Role;
use crate::time::UtcMillis;
use serde::{Deserialize, Serialize};

/// Where the loggers of this app come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Real ones, over Bluetooth.
    Bluetooth,
    /// Virtual ones: a demonstration.
    Demo,
}

/// The organisation that this device belongs to, and itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// Its fingerprint: the organisation id in lower-case hexadecimal.
    pub fingerprint: String,
    /// What this device is called.
    pub device: String,
    /// This device's role.
    pub role: Role,
    /// This device's log id in lower-case hexadecimal.
    pub log: String,
    /// Whether that log was enrolled, goes on from another and waits for an admin, or is of a join that is not finished.
    #[serde(default, skip_serializing_if = "LogStanding::is_enrolled")]
    pub standing: LogStanding,
    /// Why nothing may be added to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<LogBarred>,
    /// The address of the device that invited this one, while the join is not finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inviter: Option<String>,
}

/// Why nothing may be added to a device's own log: a sequence number must never be used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogBarred {
    /// It ends before what its key store, or a peer, knows of it.
    Behind,
    /// A peer holds another history of it: two homes signed with one key.
    Forked,
    /// The home was restored from a backup.
    Restored,
}

/// A transmitter heard by the radio.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Nearby {
    /// How the radio names it: an address, or an opaque id where the system hides addresses.
    pub transmitter: String,
    /// The device address, in the payload or of the transmitter, where the system shows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<DeviceAddress>,
    /// The family of its advert, such as `ruuvitag`.
    pub family: String,
    /// The name it gives itself.
    pub name: Option<String>,
    /// The enrolled logger that it is, if it is one.
    pub logger: Option<Id>,
    /// Received signal strength in dBm; absent for a stale entry of the system's cache.
    pub rssi_dbm: Option<i16>,
    /// What it last said; empty where that was refused.
    pub measurement: Measurement,
    /// When it was last heard.
    pub heard: UtcMillis,
    /// What this advert shows of its origin.
    #[serde(default)]
    pub provenance: Provenance,
    /// Its counter is lower than one accepted before: its battery was changed, or an old advert is sent
    /// again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counter_fell: bool,
    /// Why the advert of an enrolled logger does not count, such as a plain one where a key is enrolled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
}

/// The answer to "is anybody watching?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Watching {
    /// Listening since then.
    Watching {
        /// Since when.
        since: UtcMillis,
    },
    /// Not listening since then, for this cause.
    NotWatching {
        /// Since when.
        since: UtcMillis,
        /// Why, and what to do.
        refusal: Refusal,
    },
}

/// Another device of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Its log id in lower-case hexadecimal.
    pub log: String,
    /// What it is called.
    pub label: String,
    /// Its role.
    pub role: Role,
    /// Its network endpoint's id.
    pub endpoint: String,
    /// When both last agreed, and on how many entries of its log.
    pub synced: Option<Synced>,
    /// When it was lost, where it was revoked: it syncs no more, and what it signed beyond its end is
    /// disputed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<UtcMillis>,
    /// Whether its log was enrolled, or goes on from another and waits for an admin.
    #[serde(default, skip_serializing_if = "LogStanding::is_enrolled")]
    pub standing: LogStanding,
}

/// The last agreement with a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// When.
    pub at: UtcMillis,
    /// How many entries of its log are held here.
    pub entries: u64,
    /// How far its clock was ahead then, in seconds, where that is more than 60; negative where it was behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_difference_s: Option<i64>,
}
