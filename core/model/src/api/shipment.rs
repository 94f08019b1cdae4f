//! What a front end is told about shipments.

use super::{
    ClockDifference, ConditionShown, Device, EndedLogger, ExcursionShown, ForeignLegShown, HandOverShown,
    HistoryEvent, LabelWarning, LegWarning, NextStep, OtherProfile, PartnerNamed, PolicyShown, TimeProposed,
};
use crate::assess::{Assessment, KineticWindowView, Milliseconds, Reason, Verdict};
use crate::id::Id;
use crate::profile::Profile;
use crate::reading::{Channel, Provenance, Source};
use crate::record::{ItemLine, LineBudget, LineSeries, Logger, Package, Placement, SeriesAssessment};
use crate::shipment::Window;
use crate::task::DecisionTaken;
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A shipment in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShipmentSummary {
    /// Its id.
    pub id: Id,
    /// Delivery note, GSIN or free text.
    pub reference: String,
    /// Where it starts.
    pub from: Option<String>,
    /// Where it goes.
    pub to: Option<String>,
    /// How far it is.
    pub phase: Phase,
    /// How its stock stands, once it was received.
    pub stock: Option<Stock>,
    /// Stock of it is in quarantine: DO NOT USE.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub do_not_use: bool,
    /// The lines of which that is said, from 0, where it is not said of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub do_not_use_lines: Vec<u32>,
    /// The verdict as of now.
    pub verdict: Verdict,
    /// Why it is not `ok`.
    pub reasons: Vec<Reason>,
    /// The name of its profile.
    pub profile: String,
    /// The newest reading and when it grows stale.
    pub freshness: Option<Freshness>,
    /// How many loggers travel in it.
    pub loggers: u32,
    /// Its packages, those of its lines and those that loggers travel in: SSCCs, or free text.
    #[serde(default)]
    pub packages: Vec<String>,
    /// When it was created.
    pub created: UtcMillis,
    /// When it was picked up: from then on readings count.
    pub started: Option<UtcMillis>,
    /// When it arrived.
    pub received: Option<UtcMillis>,
}

/// How far a shipment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Created, not yet picked up.
    Created,
    /// Picked up, not yet received.
    InTransit,
    /// Received.
    Received,
    /// Its record is closed.
    Closed,
    /// It never took place.
    Cancelled,
}

/// How the stock of a received shipment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stock {
    /// Received with the verdict `ok`, not yet released.
    Received,
    /// DO NOT USE.
    Quarantine,
    /// A person released all of it.
    Released,
    /// A person released part of it.
    ReleasedInPart,
    /// A person rejected it.
    Rejected,
}

/// The newest reading of a shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// When it was measured.
    pub time: UtcMillis,
    /// How warm it was, in degrees Celsius.
    pub temperature_c: MilliCelsius,
    /// From this instant on it is older than 1.5 logging intervals.
    pub stale_from: UtcMillis,
}

/// One shipment whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShipmentDetail {
    /// What the list shows.
    pub summary: ShipmentSummary,
    /// The profile it is judged by; absent while its creation has not arrived here.
    pub profile: Option<Profile>,
    /// Its profiles that are not the ones that count under their name and version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_profiles: Vec<OtherProfile>,
    /// What it holds.
    pub items: Vec<ItemLine>,
    /// How each of them stands, in the same order.
    #[serde(default)]
    pub lines: Vec<JudgedLine>,
    /// The loggers that travel in it.
    pub loggers: Vec<Logger>,
    /// Where they lie, and from when to when, by the pick-up; of one that is not among them nobody said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub placements: Vec<Placement>,
    /// Those of its loggers that ended as lost, faulty or retired, before or after.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ended: BTreeMap<Id, EndedLogger>,
    /// How their calibration stood from the pick-up to the receipt, where the organisation kept certificates.
    #[serde(default)]
    pub calibration: BTreeMap<Id, CalibrationStanding>,
    /// Every series that is judged, with its points.
    pub series: Vec<AssessedSeries>,
    /// What else was measured, on the same time line, by limits of its own; no part of the verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<ConditionShown>,
    /// When it was picked up by the clock that signed that, where readings count from another time on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_signed: Option<UtcMillis>,
    /// When it arrived by the clock that signed that, where that clock was behind what its device held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_signed: Option<UtcMillis>,
    /// The later pick-up that waits for a second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pick_up_proposed: Option<TimeProposed>,
    /// The clocks that its entries show to differ by more than five minutes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clock_differences: Vec<ClockDifference>,
    /// What happened, in order.
    pub history: Vec<HistoryEvent>,
    /// Who has it.
    pub custodian: Option<Device>,
    /// The other organisation that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_partner: Option<PartnerNamed>,
    /// When that took it over: what is read later counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<UtcMillis>,
    /// Its packages, each before those inside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// Every hand-over, with what one side alone has signed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hand_overs: Vec<HandOverShown>,
    /// The receipt was signed by a device that nobody had handed the shipment to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub received_one_sided: bool,
    /// The rule on releasing alone, where an admin has signed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyShown>,
    /// Decisions that did not know of each other and differ, until somebody who knows them decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<ConflictShown>,
    /// What may be done next, and by whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<NextStep>,
    /// CDC's record of the excursion, where one was begun or the verdict asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excursion_record: Option<ExcursionShown>,
}

/// Decisions that did not know of each other and differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictShown {
    /// The lines about which they differ, from 0; none for a shipment without lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u32>,
    /// The decisions, in the order of the story.
    pub decisions: Vec<DecisionTaken>,
}

/// How an item line stands by its own profile, or the shipment's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgedLine {
    /// The worst verdict of what counts for it.
    pub verdict: Verdict,
    /// Why, as far as its own readings and legs tell; the shipment's other reasons hold for it too.
    pub reasons: Vec<Reason>,
    /// What was found of this very line at the receipt, in the order of the rules: `count`, `expired`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Reason>,
    /// How its stock stands, once the shipment was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<Stock>,
    /// The name and version of the profile that it is judged by.
    pub profile: String,
    /// Its stability budgets over all its legs.
    pub budgets: Vec<LineBudget>,
    /// What counts for it.
    pub series: Vec<JudgedLineSeries>,
    /// Where its profile allows more than its label.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<LabelWarning>,
    /// Its earlier legs that are not of the same goods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leg_warnings: Vec<LegWarning>,
    /// Its earlier legs in other organisations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_legs: Vec<ForeignLegShown>,
}

/// A series as it counts for a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgedLineSeries {
    /// Which, from when to when, with its verdict.
    #[serde(flatten)]
    pub series: LineSeries,
    /// Its assessment by the line's profile.
    pub assessment: Assessment,
}

/// How a logger's calibration stood over a shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalibrationStanding {
    /// A certificate held throughout.
    Valid,
    /// Its certificate ceased to hold before the end.
    Expired,
    /// No certificate was in force.
    Missing,
    /// The calibration after found it out of tolerance.
    FoundOut,
}

/// One series with its assessment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssessedSeries {
    /// Which logger.
    pub logger: Id,
    /// Which of its channels.
    pub channel: Channel,
    /// What is written on the logger.
    pub label: String,
    /// The logging interval that gaps are judged by, in seconds.
    pub interval_s: u32,
    /// The place of the item line by whose own profile it is judged; absent: by the shipment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The time that it is assessed over as one series: from the first to the last placement of its logger within the
    /// shipment's span; an end that is absent is the first or the last reading.
    #[serde(default, skip_serializing_if = "Window::is_whole")]
    pub window: Window,
    /// What was added to each value as measured, in milli-degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_mc: Option<i32>,
    /// The logger's largest permissible error in milli-degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_mc: Option<u32>,
    /// The proven time within that error of a limit: information that changes no verdict.
    #[serde(default, rename = "near_limits_s", skip_serializing_if = "Option::is_none")]
    pub near_limits: Option<Milliseconds>,
    /// Mean kinetic temperature around each excursion, where the profile has a limit for it: information.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinetic: Vec<KineticWindowView>,
    /// Every reading that counts or is shown, ascending.
    pub points: Vec<Point>,
    /// The logger's serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// What is known of where its readings came from, those that a better source covers included.
    #[serde(default)]
    pub provenance: Vec<Graded>,
    /// The assessment.
    pub assessment: Assessment,
}

/// Readings of a series that came the same way and are of one grade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graded {
    /// Which way they came.
    pub source: Source,
    /// Their grade.
    pub grade: Provenance,
    /// How many.
    pub readings: u32,
    /// The first one's time.
    pub first: UtcMillis,
    /// The last one's time.
    pub last: UtcMillis,
    /// What the grade proves, in English.
    pub proves: String,
}

impl AssessedSeries {
    /// The assessment as a signed record carries it.
    pub fn to_record(&self) -> SeriesAssessment {
        SeriesAssessment { logger: self.logger, channel: self.channel, assessment: self.assessment.clone() }
    }
}

/// One reading on a chart: instant and temperature, in JSON as `[unix milliseconds, milli-°C]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub time: UtcMillis,
    /// How warm.
    pub value: MilliCelsius,
}

impl Serialize for Point {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.time.0, self.value.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (time, value) = <(i64, i32)>::deserialize(deserializer)?;
        Ok(Self { time: UtcMillis(time), value: MilliCelsius(value) })
    }
}
