//! The app's surface, declared once: what a front end may ask, what it is told, and what it is sent.
//!
//! The shell, the loopback host of the tests and the `firn` command speak the same JSON. A front end
//! draws these values and decides nothing: verdicts, reasons and freshness are computed before.

mod around;
mod changed;
mod codes;
mod comparing;
mod conditions;
mod counting;
mod device;
mod file;
mod history;
mod life;
mod partner;
mod register;
mod request;
mod session;
mod shipment;

pub use around::{LogBarred, Nearby, Organisation, Origin, Peer, Synced, Watching};
pub use changed::{Changed, ChangedBy, VersionPublished};
pub use codes::CODES;
pub use comparing::{ComparedDigits, Comparing, ComparingSide};
pub use conditions::{ConditionPoint, ConditionShown};
pub use counting::Counting;
pub use device::{ClockDifference, Device, LogStanding};
pub use file::{FileContent, FileTaken};
pub use history::{HistoryEvent, Occurrence};
pub use life::{
    Band, CustodyStep, ExcursionShown, HandOverShown, HandShown, NextStep, PolicyShown, QueriedLeg,
    QueriedLine, QueriedSeries, QueryPack, Step, Stretch, TimeProposed, Turn,
};
pub use partner::{ForeignLegShown, PartnerKnown, PartnerNamed, PartnerShown, TakenCustody};
pub use register::{
    CountingProfile, EndedLogger, InQuestion, KnownProfile, LabelWarning, LegDifference, LegWarning,
    LoggerDetail, OtherProfile, ProfileOrigin, ProfileSetAside, QuestionedAssessment,
};
pub use request::Request;
pub use session::{PersonShown, Secret, SessionShown};
pub use shipment::{
    AssessedSeries, CalibrationStanding, ConflictShown, Freshness, Graded, JudgedLine, JudgedLineSeries,
    Phase, Point, ShipmentDetail, ShipmentSummary, Stock,
};

use crate::id::Id;
use crate::record::{Ending, Logger};
use crate::task::QueuedTask;
use crate::time::UtcMillis;
use crate::vault::PositionSetting;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Response {
    /// The answer to `subscribe`.
    Snapshot(Box<Snapshot>),
    /// One shipment.
    Shipment(Box<ShipmentDetail>),
    /// A shipment or logger was made.
    Created {
        /// Its id.
        id: Id,
    },
    /// The code by which a person makes their keys: told once, to be handed to them alone.
    EnrolmentCode {
        /// Whose.
        person: Id,
        /// The code, as it is printed.
        code: Secret,
    },
    /// One logger.
    Logger(Box<LoggerDetail>),
    /// What a manufacturer is asked with, a pack for each lot.
    QueryPacks {
        /// The packs.
        packs: Vec<QueryPack>,
    },
    /// What of a logger's file was taken.
    FileTaken(FileTaken),
    /// What people have to do, the gravest first.
    Tasks {
        /// Each with its urgency now.
        tasks: Vec<QueuedTask>,
    },
    /// It is done; what changed comes as events.
    Done,
    /// An invitation.
    Invitation {
        /// Its text, also the content of the QR code.
        text: String,
        /// The QR code as rows of modules, true for dark.
        modules: Vec<Vec<bool>>,
        /// When it expires.
        expires: UtcMillis,
    },
    /// It could not be done.
    Refused(Refusal),
}

/// Why something could not be done; a front end words it by its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable code `room/what-happened`.
    pub code: String,
    /// What happened.
    pub cause: String,
    /// What to do next.
    pub next_step: String,
}

/// What changed, with the revision it leads to.
///
/// A front end that receives a revision other than its own plus one subscribes again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// One more than that of the event before.
    pub revision: u64,
    /// What changed.
    pub change: Change,
}

/// What an [`Event`] carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Change {
    /// A shipment is new or different.
    Shipment(Box<ShipmentSummary>),
    /// A logger was enrolled or ended.
    Logger(Logger),
    /// A transmitter was heard.
    Nearby(Nearby),
    /// Watching started, stopped or changed its cause.
    Watching(Watching),
    /// A peer was met or lost.
    Peer(Peer),
    /// How far a download is.
    Progress {
        /// Which logger.
        logger: Id,
        /// How many records have arrived.
        done: u32,
        /// How many there are, where the logger tells.
        total: Option<u32>,
    },
    /// A signing session began, goes on longer, or ended: by a lock, by time, or as the person no longer
    /// signs as before.
    Session {
        /// The session; absent where it ended.
        session: Option<SessionShown>,
    },
    /// The organisation's people, their keys here or their locks changed.
    People {
        /// Everybody, by id.
        people: Vec<PersonShown>,
    },
}

/// All that the first screen shows, at one revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The revision that the next event follows.
    pub revision: u64,
    /// This device's organisation, once there is one.
    pub organisation: Option<Organisation>,
    /// Whether the loggers are virtual ones of the demo.
    pub origin: Origin,
    /// Every shipment, the newest first.
    pub shipments: Vec<ShipmentSummary>,
    /// Every enrolled logger.
    pub loggers: Vec<Logger>,
    /// Every transmitter heard lately.
    pub nearby: Vec<Nearby>,
    /// Whether this device is listening.
    pub watching: Watching,
    /// Every known peer.
    pub peers: Vec<Peer>,
    /// Every profile that a shipment can be judged by: the organisation's own, then the built-in ones.
    #[serde(default)]
    pub profiles: Vec<KnownProfile>,
    /// Who is signed in at this window.
    #[serde(default)]
    pub session: Option<SessionShown>,
    /// Everybody who was ever enrolled, by id.
    #[serde(default)]
    pub people: Vec<PersonShown>,
    /// Whether anybody was: from then on what people answer for is refused without a person's signature.
    #[serde(default)]
    pub signing_needed: bool,
    /// The rule on releasing alone, where an admin has signed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyShown>,
    /// The loggers that have ended, each as what: none of them travels any more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub endings: BTreeMap<Id, Ending>,
    /// Whether this device records where steps are signed.
    #[serde(default)]
    pub positions: PositionSetting,
    /// Every organisation that an admin pinned or revoked, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partners: Vec<PartnerShown>,
    /// The device whose digits a person is to compare before it joins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparing: Option<Comparing>,
}
