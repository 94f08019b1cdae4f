//! What a front end asks for.

use super::{CustodyStep, FileContent, Secret};
use crate::id::Id;
use crate::record::{
    Advice, Certificate, Checklist, Decision, Ending, ExcursionRecord, Explained, ItemLine, LoggerReason,
    Observation, Package, Position, Review, SinglePersonRelease,
};
use crate::time::UtcMillis;
use crate::vault::PositionSetting;
use serde::{Deserialize, Serialize};

/// What a front end asks for; each is answered by one [`Response`](super::Response).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Request {
    /// All that the first screen shows; events then carry what changes.
    Subscribe,
    /// One shipment whole.
    Shipment {
        /// Its id or a unique prefix of at least six characters.
        shipment: String,
    },
    /// Founds this device's organisation, where there is none; what else founds one names it after the device.
    FoundOrganisation {
        /// What it is called; signed, and never changed.
        name: String,
    },
    /// A new shipment, judged by a profile of this name.
    CreateShipment {
        /// Delivery note, GSIN or free text.
        reference: String,
        /// The key of a built-in profile, or the name of one's own, of which the newest version counts.
        profile: String,
        /// Where it starts.
        from: Option<String>,
        /// Where it goes.
        to: Option<String>,
        /// What it holds.
        items: Vec<ItemLine>,
        /// Its packages, each before those inside it.
        #[serde(default)]
        packages: Vec<Package>,
    },
    /// Pick-up of a shipment with these loggers.
    StartShipment {
        /// Which shipment.
        shipment: Id,
        /// Which loggers travel in it.
        loggers: Vec<Id>,
        /// The loggers taken along without a valid certificate, each with the reason.
        #[serde(default)]
        overrides: Vec<LoggerReason>,
        /// When; absent: now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<UtcMillis>,
        /// Why it is recorded late, where it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Arrival of a shipment.
    ReceiveShipment {
        /// Which shipment.
        shipment: Id,
        /// What the receiver noted.
        note: Option<String>,
        /// What the receiver checked.
        #[serde(default)]
        checklist: Option<Checklist>,
        /// When; absent: now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<UtcMillis>,
        /// Why it is recorded late, where it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The decision that ends quarantine.
    DisposeShipment {
        /// Which shipment.
        shipment: Id,
        /// The decision.
        decision: Decision,
        /// Why.
        reason: String,
        /// The lines released, from 0; with a release in part alone.
        #[serde(default)]
        lines: Option<Vec<u32>>,
    },
    /// Holds the stock: DO NOT USE.
    QuarantineShipment {
        /// Which shipment.
        shipment: Id,
        /// Why.
        reason: String,
    },
    /// Explains the reasons of a review.
    AcknowledgeShipment {
        /// Which shipment.
        shipment: Id,
        /// Each reason once.
        reasons: Vec<Explained>,
    },
    /// Looks into an excursion.
    ReviewShipment {
        /// Which shipment.
        shipment: Id,
        /// The cause, the action, and what a manufacturer was asked.
        review: Review,
    },
    /// Records a manufacturer's answer to the question about these lots that is named, or that alone waits for one.
    RecordReply {
        /// Which shipment.
        shipment: Id,
        /// The lots.
        lots: Vec<String>,
        /// What may be done with them.
        advice: Advice,
        /// Its words.
        words: String,
        /// Whom the question was put to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        manufacturer: Option<String>,
        /// The manufacturer's case number of the question.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case_number: Option<String>,
    },
    /// Corrects when a shipment arrived; counts once a second person approves.
    MoveArrival {
        /// Which shipment.
        shipment: Id,
        /// The true arrival.
        at: UtcMillis,
        /// Why it was signed otherwise.
        reason: String,
    },
    /// Corrects when a shipment was picked up: an earlier time counts at once, a later one once a second person
    /// approves.
    MovePickUp {
        /// Which shipment.
        shipment: Id,
        /// The true time.
        at: UtcMillis,
        /// Why it was signed otherwise.
        reason: String,
        /// The device that signed the pick-up, by its label or a prefix of its log's id; absent where one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
    },
    /// Signs this device's next step of the hand-over: its holder offers, another device accepts, the giver
    /// confirms.
    HandOver {
        /// Which shipment.
        shipment: Id,
        /// The one that is meant; absent: whichever is this device's to take.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<CustodyStep>,
    },
    /// Agrees to the newest correction that waits for it.
    ApproveArrival {
        /// Which shipment.
        shipment: Id,
    },
    /// Agrees to the later pick-up that waits for it.
    ApprovePickUp {
        /// Which shipment.
        shipment: Id,
    },
    /// Adds to CDC's record of the excursion; what the readings tell is filled in.
    RecordExcursion {
        /// Which shipment.
        shipment: Id,
        /// What a person adds.
        record: ExcursionRecord,
    },
    /// What people have to do, the gravest first.
    Tasks,
    /// Records what a person saw.
    Observe {
        /// Which shipment.
        shipment: Id,
        /// What, when and where, with a photo's hash.
        observation: Observation,
    },
    /// Closes the record, or cancels what was never picked up.
    CloseShipment {
        /// Which shipment.
        shipment: Id,
        /// Why.
        reason: Option<String>,
    },
    /// A step of a shipment's life, with where it is signed; refused while recording positions is off.
    At {
        /// Where, as the phone tells it.
        position: Position,
        /// The step.
        step: Box<Request>,
    },
    /// Turns the recording of positions on this device on or off.
    RecordPositions {
        /// Which of the two.
        setting: PositionSetting,
    },
    /// What a manufacturer is asked with.
    QueryPacks {
        /// Which shipment.
        shipment: Id,
        /// For this manufacturer alone.
        manufacturer: Option<String>,
        /// For this lot alone.
        lot: Option<String>,
    },
    /// Ends a logger.
    EndLogger {
        /// Which logger.
        logger: Id,
        /// As what.
        ending: Ending,
        /// Why.
        reason: String,
    },
    /// One logger with its certificates, and what its calibration puts in question.
    Logger {
        /// Which: id, unique prefix, label or serial number.
        logger: String,
    },
    /// Records a calibration of a logger; answered as [`Request::Logger`] is.
    RecordCertificate {
        /// Which logger.
        logger: Id,
        /// The certificate.
        certificate: Certificate,
        /// What is added to each of its temperatures from now on, in milli-degrees; absent: as before.
        #[serde(default)]
        offset_mc: Option<i32>,
        /// Its largest permissible error in milli-degrees; absent: as before.
        #[serde(default)]
        accuracy_mc: Option<u32>,
        /// Why; asked for where the offset changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Sets whether one person alone may release after an excursion.
    SetPolicy {
        /// The rule.
        single_person_release: SinglePersonRelease,
        /// Why; asked for where another rule is in force.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Reads a logger's memory into a shipment; progress comes as events.
    Download {
        /// Which shipment.
        shipment: Id,
        /// Which logger, by its id in the organisation.
        logger: Id,
    },
    /// Reads a logger's own file into a shipment; answered with what of it was taken.
    ReadFile {
        /// Which shipment.
        shipment: Id,
        /// Which logger, by its id in the organisation.
        logger: Id,
        /// What the file is called, for what is said of it.
        name: String,
        /// Its bytes.
        content: FileContent,
        /// Where the logger's clock stood, for local times without an offset: a place of the IANA time zone
        /// database, or an offset such as `+01:00`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<String>,
    },
    /// Allows this device, once and until it is forgotten, to set a logger's clock to local time: the answer
    /// to the refusal `ble/clock-consent-needed`.
    AllowClockWrite {
        /// Which logger.
        logger: Id,
        /// Where it stands: a place of the IANA time zone database, or an offset such as `+01:00`.
        zone: String,
    },
    /// Enrols a logger heard nearby.
    EnrolLogger {
        /// The transmitter's name in [`Nearby`](super::Nearby).
        transmitter: String,
        /// What is written on its case.
        label: String,
    },
    /// Starts the story with virtual loggers.
    StartDemo,
    /// An invitation for another device.
    Invite {
        /// The new device's role.
        role: crate::role::Role,
    },
    /// What a person saw who compared the digits of the device that waits to join.
    Compared {
        /// The same, or others.
        outcome: super::ComparedDigits,
    },
    /// Joins the organisation of an invitation.
    Join {
        /// The invitation's text.
        invitation: String,
        /// What this device is called.
        label: String,
    },
    /// Syncs with one peer, or with every known one.
    Sync {
        /// The peer: its endpoint id, or id@address.
        peer: Option<String>,
    },
    /// Carries out another request with a person signing what people answer for.
    ///
    /// Person and PIN open the window's session; within it the PIN alone signs (21 CFR 11.200(a)(1)).
    Sign {
        /// Who signs: an id, a unique prefix, or the exact name; absent for who is signed in.
        person: Option<String>,
        /// The PIN.
        pin: Secret,
        /// What is signed; in JSON `signed`, as `request` names the kind.
        #[serde(rename = "signed")]
        request: Box<Request>,
    },
    /// Opens the window's session, signing nothing.
    SignIn {
        /// An id, a unique prefix, or the exact name.
        person: String,
        /// The PIN.
        pin: Secret,
    },
    /// Ends the window's session.
    Lock,
    /// Puts a person's key on this device under another PIN.
    ChangePin {
        /// Whose; absent for who is signed in.
        person: Option<String>,
        /// The PIN so far.
        old: Secret,
        /// The PIN from now on.
        new: Secret,
    },
    /// Makes a person's key on this device, who has read [`crate::people::ACCOUNTABILITY`] and accepts it.
    AcceptAccountability {
        /// An id, a unique prefix, or the exact name.
        person: String,
        /// The PIN that protects the key.
        pin: Secret,
        /// The code by which an admin enrolled the person.
        code: Secret,
    },
    /// Enrols a person, at an admin's device; answered with the code by which they make their keys.
    EnrolPerson {
        /// The name as it is printed with a signature.
        name: String,
        /// The title.
        #[serde(default)]
        title: Option<String>,
        /// What the person may do.
        role: crate::role::Role,
        /// When the person was trained; nobody signs without it.
        #[serde(default)]
        trained: Option<UtcMillis>,
    },
    /// Records when a person was trained, at an admin's device.
    RecordTraining {
        /// An id, a unique prefix, or the exact name.
        person: String,
        /// When.
        trained: UtcMillis,
    },
    /// A new code for a person, at an admin's device, in place of every earlier one.
    NewEnrolmentCode {
        /// An id, a unique prefix, or the exact name.
        person: String,
    },
    /// Withdraws a person's key, at an admin's device: its PIN was lost, or somebody else may know it. What it
    /// signed before stands, and on its device the person makes a new one.
    WithdrawKey {
        /// An id, a unique prefix, or the exact name.
        person: String,
        /// On which device, by its label or a unique prefix of its log's id; absent for this one.
        device: Option<String>,
        /// Why.
        reason: String,
    },
}

impl Request {
    /// Whether it is a step of a shipment's life: signed into its record, and at a position where these are kept.
    pub fn is_step(&self) -> bool {
        match self {
            Self::CreateShipment { .. }
            | Self::StartShipment { .. }
            | Self::ReceiveShipment { .. }
            | Self::DisposeShipment { .. }
            | Self::QuarantineShipment { .. }
            | Self::AcknowledgeShipment { .. }
            | Self::ReviewShipment { .. }
            | Self::RecordReply { .. }
            | Self::MoveArrival { .. }
            | Self::MovePickUp { .. }
            | Self::HandOver { .. }
            | Self::ApproveArrival { .. }
            | Self::ApprovePickUp { .. }
            | Self::RecordExcursion { .. }
            | Self::Observe { .. }
            | Self::CloseShipment { .. } => true,
            Self::Subscribe
            | Self::Shipment { .. }
            | Self::FoundOrganisation { .. }
            | Self::Tasks
            | Self::At { .. }
            | Self::RecordPositions { .. }
            | Self::QueryPacks { .. }
            | Self::EndLogger { .. }
            | Self::Logger { .. }
            | Self::RecordCertificate { .. }
            | Self::SetPolicy { .. }
            | Self::Download { .. }
            | Self::ReadFile { .. }
            | Self::AllowClockWrite { .. }
            | Self::EnrolLogger { .. }
            | Self::StartDemo
            | Self::Invite { .. }
            | Self::Compared { .. }
            | Self::Join { .. }
            | Self::Sync { .. }
            | Self::Sign { .. }
            | Self::SignIn { .. }
            | Self::Lock
            | Self::ChangePin { .. }
            | Self::AcceptAccountability { .. }
            | Self::EnrolPerson { .. }
            | Self::RecordTraining { .. }
            | Self::NewEnrolmentCode { .. }
            | Self::WithdrawKey { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_what_a_shipments_record_holds_and_nothing_that_only_reads_or_signs_it() {
        let step = Request::ApproveArrival { shipment: Id([1; 16]) };
        let signed = Request::Sign { person: None, pin: Secret::new("pin"), request: Box::new(step.clone()) };
        assert!(step.is_step());
        let download = Request::Download { shipment: Id([1; 16]), logger: Id([2; 16]) };
        assert!(!signed.is_step() && !download.is_step() && !Request::Lock.is_step());
    }

    #[test]
    fn a_file_and_the_name_of_an_organisation_have_a_stable_shape() {
        let found = Request::FoundOrganisation { name: "Nordvik Pharmacy".into() };
        let json = serde_json::to_value(&found).unwrap();
        assert_eq!(json, serde_json::json!({"request": "found-organisation", "name": "Nordvik Pharmacy"}));
        let read = Request::ReadFile {
            shipment: Id([0; 16]),
            logger: Id([0; 16]),
            name: "box7.csv".into(),
            content: FileContent(b"foob".to_vec()),
            zone: Some("Europe/Oslo".into()),
        };
        let json = serde_json::to_value(&read).unwrap();
        assert_eq!(
            (json["content"].as_str(), json["zone"].as_str()),
            (Some("Zm9vYg=="), Some("Europe/Oslo"))
        );
        assert_eq!(serde_json::from_value::<Request>(json).unwrap(), read);
    }
}
