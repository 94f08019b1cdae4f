//! Bodies about loggers and shipments: enrolled, created, picked up, decided, closed.

use crate::gs1::LabelLimits;
use crate::id::{DeviceAddress, Id};
use crate::profile::Profile;
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
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
    /// Its largest permissible error in milli-degrees.
    #[n(7)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_mc: Option<u32>,
    /// Its certificate of calibration.
    #[n(8)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// What is added to each of its temperatures before it is judged, in milli-degrees; what it measured
    /// is kept and shown.
    #[n(9)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_mc: Option<i32>,
}

/// A certificate of calibration (ISO/IEC 17025 §7.8.4).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Certificate {
    /// Its number.
    #[n(1)]
    pub number: String,
    /// The laboratory.
    #[n(2)]
    pub laboratory: String,
    /// When the logger was calibrated.
    #[n(3)]
    pub calibrated: UtcMillis,
    /// From this instant on it no longer holds.
    #[n(4)]
    pub due: UtcMillis,
    /// The expanded uncertainty (k = 2) in milli-degrees.
    #[n(5)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty_mc: Option<u32>,
    /// The points that were compared.
    #[n(6)]
    #[serde(default)]
    pub points: Vec<CalibrationPoint>,
    /// How the logger was found before any adjustment.
    #[n(7)]
    pub as_found: AsFound,
}

/// A point of calibration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct CalibrationPoint {
    /// The reference temperature.
    #[n(0)]
    #[serde(rename = "reference_c")]
    pub reference: MilliCelsius,
    /// The correction there: reference less reading, in milli-degrees.
    #[n(1)]
    pub correction_mc: i32,
}

/// How a logger was found at its calibration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum AsFound {
    /// Within its permissible error.
    #[n(1)]
    WithinTolerance,
    /// Outside: what was judged by it since the calibration before is in question.
    #[n(2)]
    OutOfTolerance,
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
    /// Its packages, each before those inside it; absent where it has none.
    #[n(6)]
    pub packages: Option<Vec<Package>>,
}

/// A package of a shipment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Package {
    /// Its name, unique in the shipment: an SSCC (GS1 AI 00) or free text.
    #[n(1)]
    pub name: String,
    /// The name of the package around it.
    #[n(2)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<String>,
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
    /// The package it lies in, by its name.
    #[n(6)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Serial numbers (GS1 AI 21).
    #[n(7)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serials: Option<Vec<String>>,
    /// Its own profile, where the shipment's does not hold for it.
    #[n(8)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Where it was before, the earliest first: its budgets go on from there.
    #[n(9)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legs: Option<Vec<Leg>>,
    /// What its label says of temperature, as it was scanned (GS1 AIs 4330 to 4333).
    #[n(10)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<LabelLimits>,
}

/// A line of an earlier shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
pub struct Leg {
    /// The shipment.
    #[n(0)]
    pub shipment: Id,
    /// The place of the line in it, from 0.
    #[n(1)]
    pub line: u32,
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
    /// The loggers taken along without a valid certificate, each with the reason.
    #[n(3)]
    pub overrides: Option<Vec<LoggerReason>>,
    /// Why it is recorded late, where it is.
    #[n(4)]
    pub reason: Option<String>,
}

/// Something said of one logger.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct LoggerReason {
    /// Which.
    #[n(0)]
    pub logger: Id,
    /// Why.
    #[n(1)]
    pub reason: String,
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
    /// From when; absent: from the pick-up.
    #[n(3)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<UtcMillis>,
    /// Until when; absent: to the receipt.
    #[n(4)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UtcMillis>,
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

impl Ending {
    /// In English, after "ended as".
    pub fn words(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Faulty => "faulty",
            Self::Retired => "retired",
        }
    }
}
