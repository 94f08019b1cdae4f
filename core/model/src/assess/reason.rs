//! Why a person has to look.

use minicbor::{Decode, Decoder, Encode, Encoder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A reason for review (g), in the order in which reasons are listed.
///
/// In JSON and in CBOR it is its text, such as `gap-worst-case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Nothing was measured.
    NoReadings,
    /// For longer than 1.5 intervals nothing is known.
    Gap,
    /// If the goods were out of range throughout the gaps, an alarm would have fired.
    GapWorstCase,
    /// A reading out of range, and no alarm of its side fired.
    OutWithoutAlarm,
    /// A warning fired.
    Warning,
    /// A reading below 0.0 °C, for goods that freezing damages.
    Freeze,
    /// Time was spent in a budget's band.
    BudgetUsed,
    /// An earlier leg of a line's journey is not held here or was not watched to its end, so that its budgets are
    /// known at most.
    LegMissing,
    /// An earlier leg of a line was rejected, is held, or was out of range and nobody released it.
    LegNotReleased,
    /// Only unauthenticated adverts, or an unsigned file.
    Provenance,
    /// A calibration certificate is missing, expired or was found out of tolerance.
    Calibration,
    /// Clocks disagree by more than five minutes.
    Clock,
    /// A logger that was placed has not been read.
    LoggerMissing,
    /// The other organisation is not pinned.
    PartnerUnknown,
    /// Something was recorded later than it happened.
    LateEntry,
    /// The membership has not been refreshed for too long.
    MembershipStale,
    /// A person or an indicator reports something, or the seal was broken at the receipt.
    Observation,
    /// The receiver counted another quantity than the delivery note's.
    Count,
    /// A line's last day had ended when it arrived, or the receiver found it expired or too near to it.
    Expired,
    /// Another organisation took the shipment over, and somebody received it here without knowing of that.
    CustodyConflict,
}

impl Reason {
    /// Every reason, in order.
    pub const ALL: [Self; 20] = [
        Self::NoReadings,
        Self::Gap,
        Self::GapWorstCase,
        Self::OutWithoutAlarm,
        Self::Warning,
        Self::Freeze,
        Self::BudgetUsed,
        Self::LegMissing,
        Self::LegNotReleased,
        Self::Provenance,
        Self::Calibration,
        Self::Clock,
        Self::LoggerMissing,
        Self::PartnerUnknown,
        Self::LateEntry,
        Self::MembershipStale,
        Self::Observation,
        Self::Count,
        Self::Expired,
        Self::CustodyConflict,
    ];

    /// The stable text.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoReadings => "no-readings",
            Self::Gap => "gap",
            Self::GapWorstCase => "gap-worst-case",
            Self::OutWithoutAlarm => "out-without-alarm",
            Self::Warning => "warning",
            Self::Freeze => "freeze",
            Self::BudgetUsed => "budget-used",
            Self::LegMissing => "leg-missing",
            Self::LegNotReleased => "leg-not-released",
            Self::Provenance => "provenance",
            Self::Calibration => "calibration",
            Self::Clock => "clock",
            Self::LoggerMissing => "logger-missing",
            Self::PartnerUnknown => "partner-unknown",
            Self::LateEntry => "late-entry",
            Self::MembershipStale => "membership-stale",
            Self::Observation => "observation",
            Self::Count => "count",
            Self::Expired => "expired",
            Self::CustodyConflict => "custody-conflict",
        }
    }

    /// Each reason once, in their order.
    pub fn in_order(reasons: impl IntoIterator<Item = Self>) -> Vec<Self> {
        reasons.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The reason of a text.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

impl<C> Encode<C> for Reason {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encoder.str(self.code())?;
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Reason {
    fn decode(decoder: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let position = decoder.position();
        Self::from_code(decoder.str()?)
            .ok_or_else(|| minicbor::decode::Error::message("not a reason").at(position))
    }
}
