//! What a front end is told of a shipment's life: what comes next, hand-overs, and questions to manufacturers.

use super::{Device, PartnerNamed};
use crate::assess::{Excursion, Milliseconds, Reason};
use crate::id::Id;
use crate::record::{BudgetKnown, ExcursionField, ExcursionRecord, SinglePersonRelease};
use crate::role::Role;
use crate::shipment::Signer;
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use serde::{Deserialize, Serialize};

/// Something that may be done next about a shipment, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// What.
    pub step: Step,
    /// The roles that may sign it.
    pub roles: Vec<Role>,
    /// Who may not, by printed name or device: it takes a second person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// The same by their ids: two people may have one name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except_hands: Vec<HandShown>,
    /// The reasons that wait for an explanation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The loggers that wait to be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loggers: Vec<Id>,
    /// The lots that wait for an answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<String>,
    /// Whom the question was put to that waits for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// The manufacturer's case number of that question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
    /// The lines that may not be released, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barred: Vec<u32>,
    /// The lines that the step is about, from 0: those that wait for the decision and are not barred from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u32>,
    /// Whose turn it is, where it is not any device's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
}

/// Whose hand signed, by ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandShown {
    /// The person; absent where nobody signed beside the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Id>,
    /// The device's log, in lower-case hexadecimal.
    pub device: String,
}

impl HandShown {
    /// Whether both may be the same person: they are, or share a device on which one did not sign.
    pub fn may_be(&self, other: &Self) -> bool {
        match (self.person, other.person) {
            (Some(one), Some(other)) => one == other,
            _ => self.device == other.device,
        }
    }
}

/// The device that a step of a hand-over waits for: its holder offers, another accepts, the giver confirms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// This device alone.
    Of(Device),
    /// Any but this device.
    OtherThan(Device),
}

impl Turn {
    /// Whether it is the turn of the device with this log.
    pub fn is_of(&self, log: &str) -> bool {
        match self {
            Self::Of(device) => device.log == log,
            Self::OtherThan(device) => device.log != log,
        }
    }
}

/// The steps of a shipment's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Sign the pick-up.
    Start,
    /// Cancel a shipment that never took place.
    Cancel,
    /// Offer custody.
    Offer,
    /// Accept the offer.
    Accept,
    /// Confirm the acceptance.
    Confirm,
    /// Sign the receipt.
    Receive,
    /// Read the loggers that were placed.
    Read,
    /// Explain every reason.
    Acknowledge,
    /// Look into the excursion.
    Review,
    /// Record what a manufacturer was asked about lots that may have frozen: a review that names them.
    Ask,
    /// Record a manufacturer's answer.
    Reply,
    /// Correct the arrival, which a second person approves.
    MoveArrival,
    /// Correct the pick-up: an earlier time counts at once, a later one once a second person approves.
    MovePickUp,
    /// Agree to a corrected arrival.
    Approve,
    /// Agree to a later pick-up.
    ApprovePickUp,
    /// Release all that waits for it.
    Release,
    /// Release some lines, for others are barred.
    ReleaseInPart,
    /// Reject.
    Reject,
    /// Hold the stock.
    Quarantine,
    /// Record what readings found later say of released stock.
    Find,
    /// Close the record.
    Close,
}

/// Another time than was signed, which a second person has to agree to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeProposed {
    /// The time.
    pub at: UtcMillis,
    /// Why another one was signed.
    pub reason: String,
}

/// The steps of a hand-over; custody passes at `accepted`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CustodyStep {
    /// The giver offered it.
    Offered,
    /// The receiver took it.
    Accepted,
    /// The giver confirmed.
    Confirmed,
}

/// A hand-over as it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOverShown {
    /// The giver.
    pub from: Device,
    /// The receiver, once it accepted.
    pub to: Option<Device>,
    /// The other organisation that it was offered to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_partner: Option<PartnerNamed>,
    /// When it was offered.
    pub offered: UtcMillis,
    /// When it was accepted, by the receiver's clock; custody passed then.
    pub accepted: Option<UtcMillis>,
    /// When the giver confirmed.
    pub confirmed: Option<UtcMillis>,
    /// Only one side has signed.
    pub one_sided: bool,
}

/// The rule under which stock is decided about, where an admin has signed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyShown {
    /// Whether one person alone may release after an excursion.
    pub single_person_release: SinglePersonRelease,
    /// Since when.
    pub since: UtcMillis,
    /// The admin who signed it as a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Signer>,
    /// The device on which it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// Why it was changed, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// CDC's record of an excursion as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcursionShown {
    /// Every field of the form is filled in.
    pub complete: bool,
    /// The fields that are not, in the order of the form.
    pub missing: Vec<ExcursionField>,
    /// All that was recorded; of each field the newest.
    pub record: ExcursionRecord,
    /// What the readings tell now; where a recorded field differs, a person wrote it so or readings came
    /// later.
    pub readings_tell: ExcursionRecord,
    /// The lines of the inventory that the readings tell of, from 0: for words in another language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inventory_lines: Vec<u32>,
    /// When something was last recorded.
    pub last: Option<UtcMillis>,
}

/// What a manufacturer is told of one lot, and nothing of anybody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryPack {
    /// The manufacturer, where one was asked or is named.
    pub manufacturer: Option<String>,
    /// Its case number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
    /// Until when its answer is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<UtcMillis>,
    /// The lot.
    pub lot: String,
    /// The rules by which times were counted.
    pub rules: String,
    /// From the pick-up.
    pub from: Option<UtcMillis>,
    /// To the arrival.
    pub to: Option<UtcMillis>,
    /// Its lines.
    pub lines: Vec<QueriedLine>,
}

/// A line of the lot with what its loggers measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueriedLine {
    /// The product.
    pub product: String,
    /// Its Global Trade Item Number.
    pub gtin: Option<String>,
    /// Its expiry as YYMMDD.
    pub expiry: Option<String>,
    /// How many.
    pub quantity: u32,
    /// The profile that it is judged by.
    pub profile: String,
    /// Whether every shipment that its goods went through is known and was read; absent where it goes on from none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<BudgetKnown>,
    /// The coldest that was measured in any series.
    #[serde(default)]
    pub min_c: Option<MilliCelsius>,
    /// The warmest.
    #[serde(default)]
    pub max_c: Option<MilliCelsius>,
    /// The time in each band over all that the goods went through, as the line's budgets count it: one leg after
    /// another, of loggers and legs side by side the worst; a budget of an earlier leg's profile by that one's name.
    #[serde(default)]
    pub bands: Vec<Band>,
    /// Each series that speaks for it, those of earlier legs first.
    pub series: Vec<QueriedSeries>,
}

/// An earlier shipment's line that goods went through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueriedLeg {
    /// Which shipment.
    pub shipment: Id,
    /// What it is called there.
    pub reference: String,
    /// The place of its line, from 0.
    pub line: u32,
}

/// What one logger measured beside a lot, while it counted for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueriedSeries {
    /// In which earlier shipment; absent for this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<QueriedLeg>,
    /// Since when it counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<UtcMillis>,
    /// Until when: it, or the goods, went on then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UtcMillis>,
    /// Which logger.
    pub logger: Id,
    /// What is written on it.
    #[serde(default)]
    pub label: String,
    /// Its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Its logging interval in seconds.
    pub interval_s: u32,
    /// How many readings count.
    pub readings: u64,
    /// The coldest.
    pub min_c: Option<MilliCelsius>,
    /// The warmest.
    pub max_c: Option<MilliCelsius>,
    /// Time of which nothing is known.
    pub no_data_s: Milliseconds,
    /// The time in each band.
    pub bands: Vec<Band>,
    /// Each stretch out of range.
    pub excursions: Vec<Stretch>,
}

/// The time that was spent in a band of temperatures outside the limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// `above`, `below`, `frozen` (below 0.0 °C), or the id of a budget of the profile.
    pub id: String,
    /// Its lower end, itself in the band; absent where there is none.
    pub from_c: Option<MilliCelsius>,
    /// Its upper end, itself in the band; absent where there is none.
    pub to_c: Option<MilliCelsius>,
    /// The proven time.
    pub proven_s: Milliseconds,
    /// That and all time without data beside a reading in the band.
    pub worst_case_s: Milliseconds,
}

/// One stretch out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its first reading.
    pub begin: UtcMillis,
    /// Its end; absent while it is open.
    pub end: Option<UtcMillis>,
    /// The reading furthest out.
    pub extreme_c: MilliCelsius,
}

impl From<&Excursion> for Stretch {
    fn from(excursion: &Excursion) -> Self {
        Self { begin: excursion.begin, end: excursion.end, extreme_c: excursion.extreme }
    }
}
