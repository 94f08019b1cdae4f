//! Enrolling loggers and listing them.

use crate::append::{Happened, SignVerdict};
use crate::host::random_array;
use crate::{App, AppError, Host, names, read_model};
use firn_model::id::{DeviceAddress, Id};
use firn_model::profile::LONGEST_INTERVAL_S;
use firn_model::record::Logger;
use firn_model::shipment::Fleet;

/// A logger to be enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLogger {
    /// The family whose codec reads it.
    pub family: String,
    /// What is written on its case; unique among the organisation's loggers.
    pub label: String,
    /// Its Bluetooth address.
    pub address: Option<DeviceAddress>,
    /// Its serial number.
    pub serial: Option<String>,
    /// Its logging interval in seconds.
    pub interval_s: Option<u32>,
}

impl NewLogger {
    pub(crate) fn with_id(self, id: Id) -> Logger {
        let Self { family, label, address, serial, interval_s } = self;
        Logger {
            id,
            family,
            label,
            address,
            serial,
            interval_s,
            accuracy_mc: None,
            certificate: None,
            offset_mc: None,
        }
    }
}

impl<H: Host> App<H> {
    /// Enrols a logger.
    ///
    /// # Errors
    /// `app/time-impossible` for an interval of more than a day, by which no gap would ever show, `app/label-taken`, `app/role-may-not`, and the ledger's.
    pub async fn enrol_logger(&self, new: NewLogger) -> Result<Logger, AppError> {
        if new.interval_s.is_some_and(|interval_s| interval_s > LONGEST_INTERVAL_S) {
            return Err(AppError::TimeImpossible("a logging interval is given in seconds, at most a day's"));
        }
        let organisation = self.host.identity().organisation;
        let logger = new.with_id(Id(random_array(self.host())?));
        let label = logger.label.clone();
        self.sign(vec![Happened::new(None, &logger)], SignVerdict::Never, move |view| {
            let taken = read_model::loggers(view, &organisation)?.iter().any(|known| known.label == label);
            if taken { Err(AppError::LabelTaken(label)) } else { Ok(()) }
        })
        .await?;
        Ok(logger)
    }

    /// Every enrolled logger, by id.
    ///
    /// # Errors
    /// The store's.
    pub async fn loggers(&self) -> Result<Vec<Logger>, AppError> {
        let organisation = self.host.identity().organisation;
        self.host.with_store(move |store| store.read(|view| read_model::loggers(view, &organisation))).await
    }

    /// Every enrolled logger as it was recorded over time.
    pub(crate) async fn fleet(&self) -> Result<Fleet, AppError> {
        let organisation = self.host.identity().organisation;
        self.host.with_store(move |store| store.read(|view| read_model::fleet(view, &organisation))).await
    }

    /// The logger of this id, unique prefix, label or serial number.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, and the store's.
    pub async fn logger(&self, name: &str) -> Result<Logger, AppError> {
        let loggers = self.loggers().await?;
        names::logger(name, &loggers).cloned()
    }
}
