//! Bodies about what people see: indicators, coolant, seals, and CDC's record of an excursion.

use super::Address;
use crate::assess::Milliseconds;
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use minicbor::{Decode, Decoder, Encode, Encoder};
use serde::{Deserialize, Serialize};

/// Something that a person saw (kind 33).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Observation {
    /// What.
    #[n(1)]
    pub observed: Observed,
    /// When.
    #[n(2)]
    pub at: UtcMillis,
    /// On which package or unit.
    #[n(3)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// In the person's words.
    #[n(4)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The SHA-256 of a photo.
    #[n(5)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<Address>,
    /// Why it is recorded late, where it is.
    #[n(6)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What can be seen on goods and packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "state", rename_all = "kebab-case")]
pub enum Observed {
    /// A vaccine vial monitor at a stage from 1 to 4; from 3 on the vial is discarded (WHO).
    VialMonitor(VialMonitorStage),
    /// A freeze indicator.
    FreezeIndicator(FreezeIndicator),
    /// Ice packs or other coolant.
    Coolant(Coolant),
    /// A seal.
    Seal(Seal),
    /// Something else, told in the note.
    Other,
}

/// The stage of a vaccine vial monitor: the inner square beside the outer circle (WHO).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum VialMonitorStage {
    /// Lighter.
    One = 1,
    /// Still lighter.
    Two = 2,
    /// The same: the discard point.
    Three = 3,
    /// Darker.
    Four = 4,
}

/// A freeze indicator's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FreezeIndicator {
    /// It has not met frost.
    Intact = 1,
    /// It has.
    Activated = 2,
}

/// The coolant's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coolant {
    /// Frozen.
    Frozen = 1,
    /// Partly melted.
    PartlyMelted = 2,
    /// Melted.
    Melted = 3,
}

/// A seal's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seal {
    /// Whole.
    Intact = 1,
    /// Broken.
    Broken = 2,
}

impl TryFrom<u8> for VialMonitorStage {
    type Error = &'static str;

    fn try_from(stage: u8) -> Result<Self, Self::Error> {
        match stage {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            3 => Ok(Self::Three),
            4 => Ok(Self::Four),
            _ => Err("a vaccine vial monitor has stages from 1 to 4"),
        }
    }
}

impl From<VialMonitorStage> for u8 {
    fn from(stage: VialMonitorStage) -> Self {
        stage as u8
    }
}

impl Observed {
    /// What was seen, in English, as it stands inside a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::VialMonitor(VialMonitorStage::One) => "vaccine vial monitor at stage 1",
            Self::VialMonitor(VialMonitorStage::Two) => "vaccine vial monitor at stage 2",
            Self::VialMonitor(VialMonitorStage::Three) => {
                "vaccine vial monitor at stage 3, the discard point"
            }
            Self::VialMonitor(VialMonitorStage::Four) => {
                "vaccine vial monitor at stage 4, past the discard point"
            }
            Self::FreezeIndicator(FreezeIndicator::Intact) => "freeze indicator intact",
            Self::FreezeIndicator(FreezeIndicator::Activated) => {
                "freeze indicator activated: it has met frost"
            }
            Self::Coolant(Coolant::Frozen) => "coolant frozen",
            Self::Coolant(Coolant::PartlyMelted) => "coolant partly melted",
            Self::Coolant(Coolant::Melted) => "coolant melted",
            Self::Seal(Seal::Intact) => "seal whole",
            Self::Seal(Seal::Broken) => "seal broken",
            Self::Other => "something else",
        }
    }

    /// The two numbers that it is written as.
    fn numbers(self) -> (u8, u8) {
        match self {
            Self::VialMonitor(stage) => (1, stage as u8),
            Self::FreezeIndicator(state) => (2, state as u8),
            Self::Coolant(state) => (3, state as u8),
            Self::Seal(state) => (4, state as u8),
            Self::Other => (5, 0),
        }
    }

    fn from_numbers(what: u8, state: u8) -> Option<Self> {
        Some(match (what, state) {
            (1, stage) => Self::VialMonitor(stage.try_into().ok()?),
            (2, 1) => Self::FreezeIndicator(FreezeIndicator::Intact),
            (2, 2) => Self::FreezeIndicator(FreezeIndicator::Activated),
            (3, 1) => Self::Coolant(Coolant::Frozen),
            (3, 2) => Self::Coolant(Coolant::PartlyMelted),
            (3, 3) => Self::Coolant(Coolant::Melted),
            (4, 1) => Self::Seal(Seal::Intact),
            (4, 2) => Self::Seal(Seal::Broken),
            (5, 0) => Self::Other,
            _ => return None,
        })
    }
}

impl<C> Encode<C> for Observed {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        let (what, state) = self.numbers();
        encoder.array(2)?.u8(what)?.u8(state)?;
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Observed {
    fn decode(decoder: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let position = decoder.position();
        let malformed = || minicbor::decode::Error::message("nothing that can be observed").at(position);
        if decoder.array()? != Some(2) {
            return Err(malformed());
        }
        Self::from_numbers(decoder.u8()?, decoder.u8()?).ok_or_else(malformed)
    }
}

/// What CDC asks to be written down of an excursion (kind 44); what is not known is absent.
///
/// Source: CDC, Vaccine Storage and Handling Toolkit, "Temperature excursion or inappropriate storage".
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
#[serde(default)]
pub struct ExcursionRecord {
    /// Date and time of the event.
    #[n(1)]
    pub at: Option<UtcMillis>,
    /// The lowest temperature in the unit.
    #[n(2)]
    pub unit_min_c: Option<MilliCelsius>,
    /// The highest temperature in the unit.
    #[n(3)]
    pub unit_max_c: Option<MilliCelsius>,
    /// The temperature of the room.
    #[n(4)]
    pub room_c: Option<MilliCelsius>,
    /// Who completes the record.
    #[n(5)]
    pub reporter: Option<String>,
    /// What happened.
    #[n(6)]
    pub description: Option<String>,
    /// How long the vaccines may have been out of range.
    #[n(7)]
    pub duration_s: Option<Milliseconds>,
    /// The inventory that is affected.
    #[n(8)]
    pub inventory: Option<String>,
    /// What else was in the unit.
    #[n(9)]
    pub other_items: Option<String>,
    /// Problems with the unit before.
    #[n(10)]
    pub prior_problems: Option<String>,
}
