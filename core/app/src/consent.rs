//! The leave that a person gave on this device to set a logger's clock: asked once, remembered, revocable.
//!
//! It stands in documents of this device's store beside `counters` (ARCHITECTURE.md, decision 16): a leave
//! of this home, that no peer inherits. That a clock was set is signed; see `model::record::ClockSet`.

use crate::{App, AppError, Host};
use firn_ble::dialog::{ClockWrite, DialogOptions};
use firn_ble::file::Zone;
use firn_ble::replay::DeviceName;
use firn_ledger::store::{Transaction, View};
use firn_model::api::Refusal;
use firn_model::id::Id;
use firn_model::record::Logger;
use firn_model::time::UtcMillis;
use serde::{Deserialize, Serialize};

/// Leaves as JSON, by logger id.
const CLOCK_LEAVES: &str = "clock-leaves";

/// A person's leave to set one logger's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockLeave {
    /// Where the logger stands: a place of the IANA database, or an offset. Its clock is set to local time.
    pub zone: String,
    /// When the leave was given, by this device's clock.
    pub given: UtcMillis,
}

fn leave(view: &mut View<'_>, logger: Id) -> Result<Option<ClockLeave>, AppError> {
    let found = view.documents(CLOCK_LEAVES)?.into_iter().find(|document| document.key == logger.0);
    let read =
        |json: Vec<u8>| serde_json::from_slice(&json).map_err(|error| AppError::Record(error.to_string()));
    found.map(|document| read(document.value)).transpose()
}

impl<H: Host> App<H> {
    /// Remembers that a logger's clock may be set, to the local time of `zone`.
    ///
    /// # Errors
    /// `file/zone-unknown`, and the store's.
    pub async fn allow_clock_write(&self, logger: Id, zone: &str) -> Result<ClockLeave, AppError> {
        let leave = ClockLeave { zone: parsed(zone)?.name(), given: self.host.now().utc };
        let json = serde_json::to_vec(&leave).map_err(|error| AppError::Record(error.to_string()))?;
        let keep = move |transaction: &mut Transaction<'_>| {
            Ok(transaction.put_document(CLOCK_LEAVES, &logger.0, &json)?)
        };
        self.host.with_store(move |store| store.write(keep)).await?;
        Ok(leave)
    }

    /// Forgets the leave to set a logger's clock; it is asked for again.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_clock_leave(&self, logger: Id) -> Result<(), AppError> {
        let forget = move |transaction: &mut Transaction<'_>| {
            Ok(transaction.remove_document(CLOCK_LEAVES, &logger.0)?)
        };
        self.host.with_store(move |store| store.write(forget)).await
    }

    /// The leave to set a logger's clock, where a person gave one on this device.
    ///
    /// # Errors
    /// The store's.
    pub async fn clock_leave(&self, logger: Id) -> Result<Option<ClockLeave>, AppError> {
        self.host.with_store(move |store| store.read(|view| leave(view, logger))).await
    }

    /// The options of a dialog with a logger, with the leave that is remembered.
    ///
    /// # Errors
    /// `ble/clock-consent-needed` where the logger hands over nothing before its clock is set and nobody has
    /// allowed that: best asked before the logger is looked for.
    pub async fn with_leave(
        &self,
        logger: &Logger,
        options: DialogOptions,
    ) -> Result<DialogOptions, AppError> {
        let device = DeviceName::of_logger(&logger.family, &logger.label);
        if !device.is_some_and(DeviceName::needs_clock_write) || options.clock_write != ClockWrite::Forbidden
        {
            return Ok(options);
        }
        let now = self.host.now().utc;
        let leave = self.clock_leave(logger.id).await?.ok_or_else(|| needed(logger, now))?;
        let clock_write = ClockWrite::Allowed { offset: parsed(&leave.zone)?.offset_at(now) };
        Ok(DialogOptions { clock_write, ..options })
    }
}

fn parsed(zone: &str) -> Result<Zone, AppError> {
    Zone::parse(zone).map_err(|error| {
        AppError::Host(Refusal {
            code: error.code().into(),
            cause: error.to_string(),
            next_step: error.next_step().into(),
        })
    })
}

/// What would be set, and how it is allowed once.
fn needed(logger: &Logger, now: UtcMillis) -> AppError {
    let Logger { label, .. } = logger;
    let to = UtcMillis(now.0.div_euclid(1000).saturating_mul(1000));
    AppError::Host(Refusal {
        code: firn_ble::dialog::DialogError::ClockConsentNeeded.code().into(),
        cause: format!(
            "{label} hands over its log only after its clock has been set, which nobody has allowed: it would \
             be set to this device's time, now {to}, written as the local time of the place where it stands; \
             nothing else of it would change, and that it was set would be signed"
        ),
        next_step: format!(
            "allow it once for this logger: firn logger clock '{label}' --zone Europe/Paris (its place, or \
             +01:00); --forget takes it back"
        ),
    })
}
