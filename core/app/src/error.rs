//! What can go wrong in a use case, each with a stable code and a next step.

mod device;
mod refused;

pub use device::DeviceStep;
pub(crate) use refused::would_not_count;

use crate::profiles::NotOwnName;
use crate::question::QuestionFault;
use crate::unreleased::{Unsettled, after_bars, barred};
use firn_ledger::error::LedgerError;
use firn_model::api::{LogBarred, Refusal};
use firn_model::authority;
use firn_model::profile::ProfileError;
use firn_model::shipment::LineBar;
use firn_model::units::MilliCelsius;
use refused::{after_refusal, refused_code};

/// Why a use case did not happen; nothing of it was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// No shipment, logger, log or device has this name.
    #[error("no {what} is called `{name}`")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// The name given.
        name: String,
    },
    /// Several have it.
    #[error("`{name}` names more than one {what}")]
    Ambiguous {
        /// What was looked for.
        what: &'static str,
        /// The name given.
        name: String,
    },
    /// A step of a shipment's life comes before what it needs, or after what ends it.
    #[error("{0}")]
    OutOfOrder(&'static str),
    /// What an admin says of a device does not fit what is held of it.
    #[error(transparent)]
    Device(#[from] DeviceStep),
    /// A shipment without a reference.
    #[error("the shipment has no reference")]
    ReferenceMissing,
    /// Two of the things given cannot both be so.
    #[error("{0}")]
    Contradiction(&'static str),
    /// The time cannot be: it is still to come, is past, or does not fit another.
    #[error("{0}")]
    TimeImpossible(&'static str),
    /// What somebody gives was measured nowhere.
    #[error("{what} cannot be {degrees} °C: {bounds}")]
    TemperatureImpossible {
        /// Of what.
        what: &'static str,
        /// The value given.
        degrees: MilliCelsius,
        /// What it lies within, and why.
        bounds: &'static str,
    },
    /// A profile has a limit that no logger measures.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The step would not count.
    #[error("{}", would_not_count(*.0))]
    Refused(authority::Refusal),
    /// Among the lines that were to be released are some that may not be.
    #[error("{}", barred(.0))]
    LinesBarred(Vec<LineBar>),
    /// Something has to be settled before the release.
    #[error("{0}")]
    NotSettled(Unsettled),
    /// A question to a manufacturer names no lot of the shipment, or may be any of several.
    #[error("{0}")]
    Question(QuestionFault),
    /// Of a shipment something is named that it does not hold.
    #[error("the shipment has no {what} called `{name}`")]
    NotInShipment {
        /// What was looked for.
        what: &'static str,
        /// The name given.
        name: String,
    },
    /// Something that has to be told is not.
    #[error("{0}")]
    Incomplete(&'static str),
    /// Something that stands would be changed, and nobody says why.
    #[error("it changes {0}, and no reason is given")]
    ReasonNeeded(&'static str),
    /// A logger's certificate does not hold at the pick-up, and nobody says why it travels all the same: which logger
    /// that is, and which certificate.
    #[error("{0}")]
    CertificateExpired(String),
    /// The name cannot be that of one's own profile.
    #[error(transparent)]
    ProfileName(#[from] NotOwnName),
    /// The version does not follow the newest one of that name.
    #[error("`{name}` stands at version {newest} here: the next one is {next}, and this is {version}")]
    ProfileVersion {
        /// The profile's name.
        name: String,
        /// The version given.
        version: u32,
        /// The newest that is there.
        newest: u32,
        /// The one that comes next.
        next: u32,
    },
    /// The file or download holds nothing that is not stored already.
    #[error("{0} holds no readings that can be stored")]
    NoReadings(String),
    /// The file holds the device's own summary of each day, and no samples.
    #[error("{0} holds a summary of each day and no samples: there is nothing in it to store and to judge")]
    OnlyDays(String),
    /// The file names another serial number than the logger that it is to be read in for.
    #[error("{origin} is of the logger with serial number {told}, and `{label}` is enrolled with {enrolled}")]
    OtherLogger {
        /// The file.
        origin: String,
        /// The serial number in it.
        told: String,
        /// The logger that was named.
        label: String,
        /// Its serial number.
        enrolled: String,
    },
    /// Another logger has this label.
    #[error("another logger is labelled `{0}`")]
    LabelTaken(String),
    /// The role may not do it: the person's, or the device's where no person signs.
    #[error("this role may not do this")]
    RoleMayNot,
    /// This device's log was revoked: what it signs no longer counts.
    #[error("this device was revoked; what it signs no longer counts")]
    DeviceRevoked,
    /// This device has joined and does not hold its own enrolment yet; where it was invited, if it remembers.
    #[error("this device's join is not finished: its first sync with {} was cut off, and it does not hold its own enrolment yet", .0.as_deref().unwrap_or("the device that invited it"))]
    JoinUnfinished(Option<String>),
    /// Nothing may be added to this device's own log.
    #[error("{}", barred_because(*.0))]
    LogBarred(LogBarred),
    /// This device goes on in a log that nobody has enrolled.
    #[error(
        "this device goes on in a new log, and what people sign in it counts once an admin has enrolled it"
    )]
    LogProvisional,
    /// Only the organisation's root may do it, and its key is not open here.
    #[error("only the organisation's root may do this, and its key is not open on this device")]
    RootNeeded,
    /// A person must sign this as well.
    #[error("a person must sign this")]
    PersonNeeded,
    /// The person's signature would not count.
    #[error("the signature would not count ({})", .0.code())]
    Unauthorised(firn_model::authority::Refusal),
    /// The PIN is wrong.
    #[error("the PIN is wrong; {} before signing as this person is locked", more_tries(*.left))]
    PinWrong {
        /// How many are left.
        left: u32,
    },
    /// The PIN was wrong too often.
    #[error("signing as this person is locked on this device until {0}")]
    SigningLocked(firn_model::time::UtcMillis),
    /// The PIN is too short to be one.
    #[error("the PIN has fewer than {shortest} characters", shortest = crate::SHORTEST_PIN)]
    PinTooShort,
    /// This device holds no key of the person.
    #[error("this device holds no key of this person")]
    NoPersonKey,
    /// A device with this key belongs to the organisation already.
    #[error("a device with this key belongs to the organisation already")]
    DeviceKnown,
    /// What was typed is not the person's enrolment code.
    #[error("this is not the code by which an admin enrolled the person")]
    EnrolmentCode,
    /// This device holds a key of the person already.
    #[error("this device holds a key of this person already")]
    PersonKeyExists,
    /// The id belongs, or belonged, to somebody.
    #[error("this id was given to somebody before")]
    PersonIdTaken,
    /// Nobody is signed in, or no longer.
    #[error("nobody is signed in")]
    SignInNeeded,
    /// A position came with a step, and recording positions is off.
    #[error("recording positions is off on this device")]
    PositionOff,
    /// The text is no card of another organisation.
    #[error("this is no card of an organisation: {0}")]
    PartnerCard(&'static str),
    /// The card is another organisation's than was meant.
    #[error("the card is of organisation {card}, and {given} was given")]
    PartnerFingerprint {
        /// The fingerprint of the card.
        card: String,
        /// The one that was given.
        given: String,
    },
    /// It is one's own organisation.
    #[error("this is this home's own organisation")]
    PartnerOwn,
    /// The partner was revoked.
    #[error("the partner {0} was revoked")]
    PartnerRevoked(String),
    /// More evidence than passes between organisations.
    #[error("evidence of {bytes} bytes is too large for another organisation: at most {most}")]
    PartnerTooLarge {
        /// How large it is.
        bytes: usize,
        /// The most that may be handed over, or taken in.
        most: usize,
    },
    /// The other organisation's evidence does not hold.
    #[error("the evidence does not hold: {0}")]
    PartnerEvidence(String),
    /// It is about a shipment that this organisation does not take from that one.
    #[error("{0}")]
    PartnerShipment(&'static str),
    /// A printed name stays.
    #[error("the printed name stays: {0}")]
    NameKept(crate::NameKept),
    /// A record that was stored cannot be read by this version.
    #[error("a stored record cannot be read: {0}")]
    Record(String),
    /// A batch that cannot be sealed.
    #[error(transparent)]
    Batch(#[from] firn_model::record::BatchError),
    /// A session that cannot be kept.
    #[error(transparent)]
    Session(#[from] firn_model::record::SessionError),
    /// A report could not be made.
    #[error(transparent)]
    Report(#[from] firn_report::ReportError),
    /// A GS1 number or scan that cannot be taken.
    #[error(transparent)]
    Scan(#[from] firn_model::gs1::ScanError),
    /// A logger's file that cannot be read without guessing.
    #[error(transparent)]
    File(#[from] firn_ble::file::FileError),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The host refused: its clock, store, keys or radio.
    #[error("{}", .0.cause)]
    Host(Refusal),
}

impl AppError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            AppError::NotFound { .. } => "app/not-found",
            AppError::Ambiguous { .. } => "app/ambiguous",
            AppError::Question(fault) => fault.code(),
            AppError::LinesBarred(_) => "app/lines-barred",
            AppError::NotSettled(_) => "app/not-settled",
            AppError::OutOfOrder(_) | AppError::Device(_) => "app/out-of-order",
            AppError::ReferenceMissing => "app/reference-missing",
            AppError::Contradiction(_) => "app/contradiction",
            AppError::TimeImpossible(_) => "app/time-impossible",
            AppError::TemperatureImpossible { .. } => "app/temperature-impossible",
            AppError::Profile(error) => error.code(),
            AppError::Refused(refusal) => refused_code(*refusal),
            AppError::NotInShipment { .. } => "app/unknown-name",
            AppError::Incomplete(_) => "app/incomplete",
            AppError::ReasonNeeded(_) => "app/reason-needed",
            AppError::CertificateExpired(_) => "app/certificate-expired",
            AppError::ProfileName(_) => "profile/name-not-own",
            AppError::ProfileVersion { .. } => "profile/version-not-next",
            AppError::NoReadings(_) | AppError::OnlyDays(_) => "app/no-readings",
            AppError::OtherLogger { .. } => "app/other-logger",
            AppError::LabelTaken(_) => "app/label-taken",
            AppError::RoleMayNot => "app/role-may-not",
            AppError::DeviceRevoked => "app/device-revoked",
            AppError::JoinUnfinished(_) => "app/join-unfinished",
            AppError::LogBarred(LogBarred::Behind) => "app/log-behind",
            AppError::LogBarred(LogBarred::Forked) => "app/log-forked",
            AppError::LogBarred(LogBarred::Restored) => "app/log-restored",
            AppError::LogProvisional => "app/log-provisional",
            AppError::RootNeeded => "app/root-needed",
            AppError::PersonNeeded => "app/person-needed",
            AppError::Unauthorised(refusal) => refusal.code(),
            AppError::PinWrong { .. } => "app/pin-wrong",
            AppError::SigningLocked(_) => "app/signing-locked",
            AppError::PinTooShort => "app/pin-too-short",
            AppError::NoPersonKey => "app/no-person-key",
            AppError::DeviceKnown => "app/device-known",
            AppError::EnrolmentCode => "app/enrolment-code",
            AppError::PersonKeyExists => "app/person-key-exists",
            AppError::PersonIdTaken => "app/person-id-taken",
            AppError::SignInNeeded => "app/sign-in-needed",
            AppError::PositionOff => "app/position-off",
            AppError::PartnerCard(_) => "app/partner-card",
            AppError::PartnerFingerprint { .. } => "app/partner-fingerprint",
            AppError::PartnerOwn => "app/partner-own",
            AppError::PartnerRevoked(_) => "app/partner-revoked",
            AppError::PartnerTooLarge { .. } => "app/partner-too-large",
            AppError::PartnerEvidence(_) => "app/partner-evidence",
            AppError::PartnerShipment(_) => "app/partner-shipment",
            AppError::NameKept(_) => "app/name-kept",
            AppError::Record(_) => "app/record",
            AppError::Batch(error) => error.code(),
            AppError::Session(error) => error.code(),
            AppError::Report(error) => error.code(),
            AppError::Scan(error) => error.code(),
            AppError::File(error) => error.code(),
            AppError::Ledger(error) => error.code(),
            AppError::Host(refusal) => &refusal.code,
        }
    }

    /// What a person can do about it.
    pub fn next_step(&self) -> &str {
        match self {
            AppError::NotFound { what: "lot" | "manufacturer", .. } => {
                "show the shipment: its lots, and who was asked about them, stand there"
            }
            AppError::NotFound { .. } => {
                "list them and name one by its id or a unique prefix of six characters"
            }
            AppError::Ambiguous { what, .. } => after_ambiguous(what),
            AppError::Question(fault) => fault.next_step(),
            AppError::LinesBarred(bars) => after_bars(bars),
            AppError::NotSettled(_) => after_refusal(authority::Refusal::NotSettled),
            AppError::Device(step) => step.next_step(),
            AppError::OutOfOrder(_) => "show the shipment to see what has happened so far",
            AppError::ReferenceMissing => {
                "give the number of its delivery note, its GSIN, or words that people know it by"
            }
            AppError::Contradiction(_) => "look at both values again; nothing was changed",
            AppError::TimeImpossible(_) => "give the right time; nothing was changed",
            AppError::TemperatureImpossible { .. } => {
                "give it in degrees Celsius as it was read; nothing was changed"
            }
            AppError::Profile(error) => error.next_step(),
            AppError::Refused(refusal) => after_refusal(*refusal),
            AppError::ReasonNeeded(_) => "say why: `--reason`; it is kept with who changed it and when",
            AppError::CertificateExpired(_) => {
                "take a logger whose certificate holds, or sign why this one travels: `--override LOGGER=REASON`"
            }
            AppError::NotInShipment { .. } => {
                "name what it holds, as it is written there; of packages that lie in each other the outer one comes first"
            }
            AppError::Incomplete(_) => after_refusal(authority::Refusal::MalformedBody),
            AppError::ProfileName(why) => why.next_step(),
            AppError::ProfileVersion { .. } => {
                "write that number as \"version\" into the file; older versions stay readable"
            }
            AppError::NoReadings(_) => "check that it is the right file or logger; nothing was changed",
            AppError::OnlyDays(_) => {
                "where the days that `firn import` shows are out of range hold the stock: `firn shipment quarantine`"
            }
            AppError::OtherLogger { .. } => {
                "read it in for the logger with that serial number, or take this logger's own file; nothing was changed"
            }
            AppError::LabelTaken(_) => "give the new logger a label of its own; people choose loggers by it",
            AppError::RoleMayNot => "ask a person with the right role, or an admin",
            AppError::DeviceRevoked => {
                "ask an admin for an invitation and join with it in a new home; what this one holds stays, and can be \
                 shown and exported"
            }
            AppError::JoinUnfinished(Some(_)) => {
                "run `firn node` on the device that invited this one, then here `firn sync` with the address that it \
                 prints; or carry a file from it: `firn sync --out` there, `firn sync --in` here"
            }
            AppError::JoinUnfinished(None) => {
                "carry a file from the device that invited this one: `firn sync --out` there, `firn sync --in` here"
            }
            AppError::LogBarred(_) => {
                "sync with every peer, then go on in a new log: `firn home continue`; nothing that is stored is lost"
            }
            AppError::LogProvisional => {
                "sync with an admin's device, and let them run `firn device enrol`; measuring goes on meanwhile"
            }
            AppError::RootNeeded => {
                "do it with `firn` on the device that holds the root's key: `--root-passphrase-file`"
            }
            AppError::PersonNeeded => "sign as a person: `--as PERSON` with the PIN",
            AppError::Unauthorised(_) => "ask an admin to look at this person: `firn person show`",
            AppError::PinWrong { .. } => "give the PIN again with care; nothing was signed",
            AppError::SigningLocked(_) => "wait until then; an admin sees in the log that this happened",
            AppError::PinTooShort => "choose a longer one that nobody guesses",
            AppError::NoPersonKey => {
                "make one here, with the code from an admin: `firn person key PERSON --accept-accountability --code-file FILE`"
            }
            AppError::DeviceKnown => {
                "make a new home on the other device, which draws a key of its own, and join again"
            }
            AppError::EnrolmentCode => {
                "type it as it was printed. A code that an admin has just printed on another device counts once this one \
                 has heard of it: `firn sync`. Where it is lost, an admin prints a new one: `firn person code PERSON`"
            }
            AppError::PersonKeyExists => {
                "sign with the key that is there; where its PIN is lost, an admin withdraws it first"
            }
            AppError::PersonIdTaken => "enrol the person under an id of their own; ids are never given anew",
            AppError::SignInNeeded => "sign in with your name and PIN",
            AppError::PositionOff => {
                "sign without a position, or turn it on with `firn position on` if whoever carries agrees"
            }
            AppError::PartnerCard(_) => "ask them for it anew: `firn partner card`; nothing was signed",
            AppError::PartnerFingerprint { .. } => {
                "ask them for their fingerprint on another way, such as by telephone; nothing was signed"
            }
            AppError::PartnerOwn => "take what another organisation gave you",
            AppError::PartnerRevoked(_) => {
                "an admin pins it again, once its fingerprint was compared: `firn partner accept`"
            }
            AppError::PartnerTooLarge { .. } => {
                "goods not yet under way go in several shipments; for others print the report and send it with \
                 them: who takes them over starts a shipment whose leg is missing, and `firn shipment show` names \
                 whose entries are so many"
            }
            AppError::PartnerEvidence(_) => {
                "ask them for the file again, and tell them what failed; nothing was signed"
            }
            AppError::PartnerShipment(_) => "look at the file with `firn verify`; nothing was signed",
            AppError::NameKept(crate::NameKept::Until(_)) => {
                "ask again after that day; positions, contact data and notes can go at once: `firn vault erase`"
            }
            AppError::NameKept(crate::NameKept::WithRecords) => {
                "delete the home where nothing in it has to be kept any longer"
            }
            AppError::Record(_) => "run `firn log verify --deep`, and update Firn if the record is newer",
            AppError::Batch(_) | AppError::Session(_) => "keep the file and report it; nothing was changed",
            AppError::Report(error) => error.next_step(),
            AppError::Scan(error) => error.next_step(),
            AppError::File(error) => error.next_step(),
            AppError::Ledger(error) => error.next_step(),
            AppError::Host(refusal) => &refusal.next_step,
        }
    }

    /// The same as data for a front end.
    pub fn refusal(&self) -> Refusal {
        Refusal { code: self.code().into(), cause: self.to_string(), next_step: self.next_step().into() }
    }
}

fn barred_because(why: LogBarred) -> &'static str {
    match why {
        LogBarred::Behind => {
            "this home holds less of its own log than was signed: it was set back, and numbers would be used twice"
        }
        LogBarred::Forked => "another home signs with this home's key: its log has two histories",
        LogBarred::Restored => "this home was restored from a backup, and must not go on in its old log",
    }
}

fn more_tries(left: u32) -> String {
    if left == 1 { "1 more try".into() } else { format!("{left} more tries") }
}

fn after_ambiguous(what: &str) -> &'static str {
    match what {
        "device" => "name it by six or more characters of its log's id: `firn device list`",
        "pick-up" => "name the device that signed the one meant: `--device LABEL`",
        _ => "give more characters of the id, or list them and give an id",
    }
}
