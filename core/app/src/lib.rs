//! The use cases of Firn against a host of ports.
//!
//! An [`App`] holds no state of its own: the store, the clock, the keys and randomness are the host's.
//! Each step of a shipment's life is one signed entry, appended together with the lists that change by it.
#![forbid(unsafe_code)]

mod append;
mod arriving;
mod bundle;
mod calibration;
mod comparisons;
mod consent;
mod counters;
mod custody;
mod disclosing;
mod enrolment_code;
mod error;
mod excursion;
mod export;
mod far_times;
mod hearing;
mod held;
mod host;
pub mod import;
mod indexing;
mod ingest;
mod joining;
mod journal;
mod legs;
mod lists;
mod live;
mod logger_file;
mod loggers;
mod logs;
mod meeting;
mod met;
mod name_kept;
mod names;
mod naming;
mod observing;
mod organisation;
mod own_log;
mod partners;
mod people;
mod policy;
mod profiles;
mod question;
pub mod radio;
mod read_model;
mod recorder;
mod revoking;
mod seal;
mod seeking;
pub mod service;
pub mod session;
mod settings;
mod several;
mod shipments;
mod signing;
mod stock;
mod taking;
mod tasks;
mod unfinished;
mod unreleased;
mod vault;
mod waiting;

pub use append::Appended;
pub use arriving::{stage, take_fork, take_in};
pub use calibration::Calibrated;
pub use consent::ClockLeave;
pub use counters::Counters;
pub use enrolment_code::EnrolmentCode;
pub use error::AppError;
pub use export::Exported;
pub use hearing::{Ear, Noted};
pub use host::{DeviceKey, Host, Identity, Moment, PersonKeyFile};
pub use ingest::{Incoming, Ingested, LoggerTold};
pub use joining::{Admission, JoiningKeys, NewDevice, join, log_id};
pub use lists::ListFault;
pub use logger_file::LoggerFile;
pub use loggers::NewLogger;
pub use logs::{EntryHistory, LedgerStanding, LogEntry, SeenBy};
pub use meeting::Meeting;
pub use name_kept::NameKept;
pub use organisation::{Founding, FoundingKeys, found};
pub use own_log::{Continuing, Enrolled, bar, continue_log, is_restored, open_restored};
pub use partners::{CardRead, PartnerSaid};
pub use people::{Change, NewPerson};
pub use profiles::{NotOwnName, check_name, check_own_name};
pub use question::QuestionFault;
pub use recorder::Recorder;
pub use revoking::{Revoking, Upholding};
pub use several::{AT_ONCE, Outcome, Several};
pub use shipments::{NewShipment, Receipt, Start};
pub use signing::{Acting, LOCK_S, Pin, SHORTEST_PIN, TRIES};
pub use stock::{Answer, Disposing, PickUpCorrected};
pub use taking::{HandedOver, TookIn};
pub use unfinished::{Invited, Unfinished, note_invited, unfinished};
pub use unreleased::Unsettled;
pub use vault::{Erased, InVault, Owed, Vault, VaultSubject, settle, settle_beside_a_writer};

use std::sync::Arc;

/// The use cases against one host.
#[derive(Debug)]
pub struct App<H> {
    host: Arc<H>,
    /// The person who signs as well.
    acting: Option<Acting>,
    /// Where the steps are signed.
    position: Option<firn_model::record::Position>,
}

impl<H> Clone for App<H> {
    fn clone(&self) -> Self {
        Self { host: self.host.clone(), acting: self.acting.clone(), position: self.position }
    }
}

impl<H: Host> App<H> {
    /// The use cases against `host`.
    pub fn new(host: Arc<H>) -> Self {
        Self { host, acting: None, position: None }
    }

    /// The host.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// The host, to be shared.
    pub fn shared_host(&self) -> &Arc<H> {
        &self.host
    }
}
