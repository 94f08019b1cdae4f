//! Bodies about loggers and shipments: enrolled, created, picked up, decided, closed.

use crate::id::{DeviceAddress, Id};
use crate::profile::Profile;
use crate::time::UtcMillis;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A logger as the organisation knows it (kind 16).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Logger {
    /// The organisation's own id of it.
    #[n(1)]
    pub id: Id,
    /// The family whose codec reads it, such as `ruuvitag`.
    #[n(2)]
    pub family: String,
    /// What is written on its case; a person chooses a logger by this or by its serial number.
    #[n(3)]
    pub label: String,
    /// Its Bluetooth address, most significant byte first.
    #[n(4)]
    pub address: Option<DeviceAddress>,
    /// Its serial number.
    #[n(5)]
    pub serial: Option<String>,
    /// Its logging interval in seconds.
    #[n(6)]
    pub interval_s: Option<u32>,
}

/// A shipment as created (kind 20).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Shipment {
    /// Delivery note, GSIN (GS1 AI 402) or free text.
    #[n(1)]
    pub reference: String,
    /// The profile as it stood; later versions do not touch this shipment.
    #[n(2)]
    pub profile: Profile,
    /// Where it starts.
    #[n(3)]
    pub from: Option<String>,
    /// Where it goes.
    #[n(4)]
    pub to: Option<String>,
    /// What it holds.
    #[n(5)]
    pub items: Vec<ItemLine>,
}

/// One product of a shipment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct ItemLine {
    /// The product's name.
    #[n(1)]
    pub product: String,
    /// Global Trade Item Number (GS1 AI 01).
    #[n(2)]
    pub gtin: Option<String>,
    /// Lot (GS1 AI 10).
    #[n(3)]
    pub lot: Option<String>,
    /// Expiry as YYMMDD (GS1 AI 17).
    #[n(4)]
    pub expiry: Option<String>,
    /// How many.
    #[n(5)]
    pub quantity: u32,
}

/// The pick-up signature (kind 21): from here on readings count.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Started {
    /// When the shipment was picked up.
    #[n(1)]
    pub at: UtcMillis,
    /// Which loggers travel in it.
    #[n(2)]
    pub placements: Vec<Placement>,
}

/// A logger's place in a shipment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Placement {
    /// Which logger.
    #[n(1)]
    pub logger: Id,
    /// In which package: an SSCC (GS1 AI 00) or free text.
    #[n(2)]
    pub package: Option<String>,
}

/// What ends quarantine (kind 30).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Disposition {
    /// The decision.
    #[n(1)]
    pub decision: Decision,
    /// Why.
    #[n(2)]
    pub reason: String,
}

/// The decisions that end quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Decision {
    /// All of it may be used.
    #[n(1)]
    Release,
    /// Part of it may be used.
    #[n(2)]
    ReleaseInPart,
    /// None of it may be used.
    #[n(3)]
    Reject,
}

/// The end of a shipment's record (kind 31).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Closed {
    /// How it ended.
    #[n(1)]
    pub closing: Closing,
    /// Why, where it was cancelled.
    #[n(2)]
    pub reason: Option<String>,
}

/// How a shipment's record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Closing {
    /// It was received and is done with.
    #[n(1)]
    Ended,
    /// It never took place.
    #[n(2)]
    Cancelled,
}

/// A logger ends (kind 32).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LoggerEnded {
    /// Which logger.
    #[n(1)]
    pub logger: Id,
    /// As what.
    #[n(2)]
    pub ending: Ending,
    /// Why.
    #[n(3)]
    pub reason: String,
}

/// As what a logger ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Ending {
    /// Nobody knows where it is.
    #[n(1)]
    Lost,
    /// It does not measure.
    #[n(2)]
    Faulty,
    /// It is taken out of service.
    #[n(3)]
    Retired,
}
