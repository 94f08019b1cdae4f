//! What a front end is told of what an organisation keeps: profiles, certificates, and labels beside them.

use super::{CalibrationStanding, Changed, Device, Stock};
use crate::assess::Verdict;
use crate::gs1::LabelLimit;
use crate::id::Id;
use crate::profile::{Bound, Limits, Preset, Profile};
use crate::record::{Certificate, Ending, Logger};
use crate::shipment::{Placed, SetAside, Signer};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A profile that a shipment can be judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownProfile {
    /// What it is asked for by: the key of a built-in one, the name of one's own.
    pub key: String,
    /// Whether the organisation wrote it.
    pub origin: ProfileOrigin,
    /// Where a built-in one's numbers come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What must be known before a built-in one is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What a built-in one is always shown with: [`crate::profile::CONFIRM_LABEL`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
    /// When this version of one's own was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<UtcMillis>,
    /// By whom: the printed name of the person, or the device's where no person signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Every version of one's own that is there, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<u32>,
    /// Versions of one's own that were published by whoever did not know of the one that counts, in the order of the
    /// story.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<ProfileSetAside>,
    /// The profile itself, in its newest version.
    pub profile: Profile,
}

/// A version of one's own profile that does not count: somebody else had published the same one, or the name's first one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileSetAside {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// When it was published, by the clock of the device that did.
    pub published: UtcMillis,
    /// By whom: the printed name of the person, or the device's where no person signed.
    pub by: String,
    /// The version by which somebody who knew both went on; absent while nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<u32>,
    /// What it says.
    pub profile: Profile,
}

impl From<&SetAside> for ProfileSetAside {
    fn from(one: &SetAside) -> Self {
        let SetAside { published, settled_by } = one;
        let profile = published.says.clone();
        Self {
            name: profile.name.clone(),
            version: profile.version,
            published: published.at,
            by: publisher(published),
            settled_by: *settled_by,
            profile,
        }
    }
}

/// The printed name of the person who published a profile, or the device's where no person signed.
fn publisher(published: &Placed<Profile>) -> String {
    let person = published.person.as_ref().map(|person| person.name.clone());
    person.unwrap_or_else(|| published.device.label.clone())
}

/// The profile that judges a shipment, or one of its lines, is not the one that counts under its name and version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherProfile {
    /// Always [`OtherProfile::CODE`].
    pub code: String,
    /// The line, from 0; absent where it is the shipment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The name of both.
    pub name: String,
    /// The version of both.
    pub version: u32,
    /// The limits of the one that judges.
    pub limits: Limits,
    /// The one that counts.
    pub counts: CountingProfile,
}

/// The profile that counts under a name and version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountingProfile {
    /// Its limits.
    pub limits: Limits,
    /// When it was published, by the clock of the device that did.
    pub published: UtcMillis,
    /// By whom.
    pub by: String,
}

impl OtherProfile {
    /// The stable code.
    pub const CODE: &'static str = "profile/another-counts";

    /// The one that judges beside the one that counts.
    pub fn new(line: Option<u32>, judges: &Profile, counts: &Placed<Profile>) -> Self {
        Self {
            code: Self::CODE.into(),
            line,
            name: judges.name.clone(),
            version: judges.version,
            limits: judges.limits,
            counts: CountingProfile {
                limits: counts.says.limits,
                published: counts.at,
                by: publisher(counts),
            },
        }
    }
}

impl fmt::Display for OtherProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, limits, counts, .. } = self;
        let CountingProfile { limits: others, published, by } = counts;
        let (judges, other) =
            (format!("{} to {} °C", limits.min, limits.max), format!("{} to {} °C", others.min, others.max));
        let more = if judges == other { "; they differ in other rules" } else { "" };
        write!(
            f,
            "judged by another profile than the one that now counts as {name} version {version}: here {judges}, that \
             one {other}, published {published} by {by}{more}"
        )
    }
}

/// Who wrote a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileOrigin {
    /// It comes with Firn.
    Preset,
    /// The organisation.
    Own,
}

impl From<&Preset> for KnownProfile {
    fn from(preset: &Preset) -> Self {
        Self {
            key: preset.key.into(),
            origin: ProfileOrigin::Preset,
            source: Some(preset.source.into()),
            note: Some(preset.note.into()),
            confirm: Some(preset.confirm.into()),
            published: None,
            by: None,
            versions: Vec::new(),
            set_aside: Vec::new(),
            profile: preset.profile.clone(),
        }
    }
}

impl KnownProfile {
    /// A version of one's own, with every version that there is, and what was set aside.
    pub fn own(published: &Placed<Profile>, versions: Vec<u32>, aside: &[&SetAside]) -> Self {
        Self {
            key: published.says.name.clone(),
            origin: ProfileOrigin::Own,
            source: None,
            note: None,
            confirm: None,
            published: Some(published.at),
            by: Some(publisher(published)),
            versions,
            set_aside: aside.iter().copied().map(ProfileSetAside::from).collect(),
            profile: published.says.clone(),
        }
    }
}

/// The profile that judges an item line allows more than the line's label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelWarning {
    /// Always [`LabelWarning::CODE`].
    pub code: String,
    /// The line, from 0.
    pub line: u32,
    /// On which side.
    pub bound: Bound,
    /// What the label says.
    pub label: LabelLimit,
    /// The profile's name and version.
    pub profile: String,
    /// How far its range reaches.
    pub profile_c: MilliCelsius,
}

impl LabelWarning {
    /// The stable code.
    pub const CODE: &'static str = "profile/looser-than-label";
}

impl fmt::Display for LabelWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (side, end) = match self.bound {
            Bound::Above => ("up to", "highest"),
            Bound::Below => ("down to", "lowest"),
        };
        let Self { profile, profile_c, label, .. } = self;
        write!(f, "the profile {profile} allows {side} {profile_c} °C; the label's {end} is {label}")
    }
}

/// An earlier leg that an item line names is not of the same goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegWarning {
    /// Always [`LegWarning::CODE`].
    pub code: String,
    /// The line, from 0.
    pub line: u32,
    /// The shipment of the leg.
    pub shipment: Id,
    /// Its line there, from 0.
    pub leg_line: u32,
    /// What differs.
    pub differs: Vec<LegDifference>,
}

/// What an item line does not have in common with an earlier leg of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LegDifference {
    /// Neither GTIN is known to both, and the products are called otherwise.
    Product,
    /// Another GTIN.
    Gtin,
    /// Another lot.
    Lot,
    /// Another expiry date.
    Expiry,
    /// More than the leg held, all lines that go on from it together.
    Quantity,
    /// It was judged by budgets that the line's profile does not have.
    Budget,
    /// It was rejected, is held, or was out of range and nobody released it.
    Stock,
}

impl LegWarning {
    /// The stable code.
    pub const CODE: &'static str = "shipment/leg-differs";
}

impl LegDifference {
    /// In English, after "an earlier leg is of".
    pub fn words(self) -> &'static str {
        match self {
            Self::Product => "another product",
            Self::Gtin => "another GTIN",
            Self::Lot => "another lot",
            Self::Expiry => "another expiry date",
            Self::Quantity => "a smaller quantity",
            Self::Budget => "a profile with other budgets",
            Self::Stock => "stock that was not released",
        }
    }
}

impl fmt::Display for LegWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let differs: Vec<&str> = self.differs.iter().map(|one| one.words()).collect();
        let line = self.leg_line.saturating_add(1);
        write!(f, "the earlier leg, line {line} of {}, is of {}", self.shipment, differs.join(" and "))
    }
}

/// A logger with its certificates, and what its calibration puts in question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggerDetail {
    /// The logger as it stands now.
    #[serde(flatten)]
    pub logger: Logger,
    /// Every certificate, by the time of calibration.
    pub certificates: Vec<Certificate>,
    /// How its calibration stands now; absent where the organisation keeps no certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationStanding>,
    /// What was measured by it before a calibration that found it out of tolerance, since the one before.
    pub in_question: Vec<InQuestion>,
    /// How it ended, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndedLogger>,
    /// All that was recorded of it, each with what stood before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Changed<Logger>>,
}

/// How a logger ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedLogger {
    /// As what.
    pub ending: Ending,
    /// Why.
    pub reason: String,
    /// When that was recorded.
    pub at: UtcMillis,
    /// Who signed it as a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Signer>,
    /// The device on which it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// How it had ended before that, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<EndedLogger>,
}

impl EndedLogger {
    /// Every ending, the first one first, and this one last.
    pub fn each(&self) -> impl Iterator<Item = &Self> {
        self.before.iter().chain([self])
    }
}

/// A shipment that was judged by a logger which a later calibration found out of tolerance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InQuestion {
    /// Which shipment.
    pub shipment: Id,
    /// Delivery note, GSIN or free text.
    pub reference: String,
    /// The number of the certificate that says so.
    pub certificate: String,
    /// From when on the logger travelled in it.
    pub from: UtcMillis,
    /// Until when; absent while it is under way.
    pub to: Option<UtcMillis>,
    /// The verdict as of now.
    pub verdict: Verdict,
    /// How its stock stands, once it was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<Stock>,
    /// The assessments that were signed of it.
    pub assessments: Vec<QuestionedAssessment>,
}

/// A signed assessment in question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionedAssessment {
    /// The log of its entry, in lower-case hexadecimal.
    pub log: String,
    /// Its place in that log.
    pub sequence: u64,
    /// When it was signed.
    pub at: UtcMillis,
    /// What it said.
    pub verdict: Verdict,
}
