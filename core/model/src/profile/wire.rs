//! A profile as it is written, before it is checked: one shape for CBOR and for JSON in degrees Celsius.

use super::{
    Adjuvant, AlarmRule, Budget, ConditionLimit, Freeze, KineticRule, Limits, Profile, ProfileError,
    Programme, Scale,
};
use crate::units::MilliCelsius;
use minicbor::{Decode, Decoder, Encode, Encoder};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// The fields of [`Profile`], unchecked.
#[derive(Clone, Serialize, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields, expecting = "a profile: an object in braces")]
#[cbor(map)]
pub(super) struct Wire {
    #[n(1)]
    #[serde(default)]
    name: String,
    #[n(2)]
    #[serde(default = "first_version")]
    version: u32,
    #[n(3)]
    limits: Limits,
    #[n(4)]
    interval_s: u32,
    #[n(5)]
    #[serde(default)]
    alarms: Vec<AlarmRule>,
    #[n(6)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    budgets: Vec<Budget>,
    #[n(7)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    freeze: Option<Freeze>,
    #[n(8)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mkt: Option<KineticRule>,
    #[n(9)]
    #[serde(rename = "guard_band_c", default, skip_serializing_if = "is_off")]
    guard_band: MilliCelsius,
    #[n(10)]
    #[serde(skip)]
    scale: Option<Scale>,
    #[n(11)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    programme: Option<Programme>,
    #[n(12)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adjuvant: Option<Adjuvant>,
    #[n(13)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conditions: Option<Vec<ConditionLimit>>,
}

/// What tells in which scale the limits are given.
#[derive(Default, Deserialize)]
pub(super) struct Probe {
    #[serde(default)]
    pub(super) limits: Option<ProbedLimits>,
}

#[derive(Default, Deserialize)]
pub(super) struct ProbedLimits {
    pub(super) min_f: Option<IgnoredAny>,
    pub(super) max_f: Option<IgnoredAny>,
}

pub(super) fn first_version() -> u32 {
    1
}

/// A list that is there has something in it, so that a profile has one encoding.
pub(super) fn listed(conditions: Option<Vec<ConditionLimit>>) -> Result<Vec<ConditionLimit>, ProfileError> {
    match conditions {
        Some(none) if none.is_empty() => Err(ProfileError::ConditionsEmpty),
        some => Ok(some.unwrap_or_default()),
    }
}

fn is_off(band: &MilliCelsius) -> bool {
    band.0 == 0
}

impl TryFrom<Wire> for Profile {
    type Error = ProfileError;

    fn try_from(wire: Wire) -> Result<Self, ProfileError> {
        let Wire { name, version, limits, interval_s, alarms, budgets, freeze, mkt, .. } = wire;
        let Wire { guard_band, scale, programme, adjuvant, conditions, .. } = wire;
        if scale == Some(Scale::Celsius) {
            return Err(ProfileError::ScaleWritten);
        }
        let scale = scale.unwrap_or_default();
        let conditions = listed(conditions)?;
        let profile = Self {
            name,
            version,
            limits,
            interval_s,
            alarms,
            budgets,
            freeze,
            mkt,
            guard_band,
            scale,
            programme,
            adjuvant,
            conditions,
        };
        profile.check()?;
        Ok(profile)
    }
}

impl From<Profile> for Wire {
    fn from(profile: Profile) -> Self {
        let Profile { name, version, limits, interval_s, alarms, budgets, freeze, mkt, .. } = profile;
        let Profile { guard_band, scale, programme, adjuvant, conditions, .. } = profile;
        Self {
            name,
            version,
            limits,
            interval_s,
            alarms,
            budgets,
            freeze,
            mkt,
            guard_band,
            scale: (scale != Scale::Celsius).then_some(scale),
            programme,
            adjuvant,
            conditions: (!conditions.is_empty()).then_some(conditions),
        }
    }
}

impl<C> Encode<C> for Profile {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        Wire::from(self.clone()).encode(encoder, context)
    }
}

impl<'b, C> Decode<'b, C> for Profile {
    fn decode(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::try_from(Wire::decode(decoder, context)?).map_err(minicbor::decode::Error::message)
    }
}
