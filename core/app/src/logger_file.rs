//! A logger's own file into a shipment: its readings sealed, and what of it was not taken told.

use crate::{App, AppError, Host, Incoming, Ingested, LoggerTold};
use firn_ble::file::{Options, Zone, read};
use firn_model::api::FileTaken;
use firn_model::id::Id;
use firn_model::record::Logger;

/// A file as a person chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggerFile {
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where the logger's clock stood, for local times without an offset: a place of the IANA time zone
    /// database, or an offset.
    pub zone: Option<String>,
}

impl<H: Host> App<H> {
    /// Reads a file and takes its readings into a shipment, as [`App::ingest`] takes them.
    ///
    /// # Errors
    /// `file/…` for one that cannot be read without guessing, and those of [`App::ingest`].
    pub async fn ingest_file(
        &self,
        shipment: Id,
        logger: Logger,
        file: LoggerFile,
    ) -> Result<FileTaken, AppError> {
        let zone = file.zone.as_deref().map(Zone::parse).transpose()?;
        let now = self.host.now().utc;
        let given = read(&file.bytes, &Options { zone, now: Some(now), ..Options::default() })?;
        if given.is_only_days() {
            return Err(AppError::OnlyDays(file.name));
        }
        let readings = given.readings(now);
        let count = readings.len();
        let told = LoggerTold { serial: given.device.serial.clone(), interval_s: given.interval_s };
        let incoming = Incoming { shipment, logger, readings, origin: file.name, clock_set: None, told };
        let Ingested { sealed, notes, .. } = self.ingest(incoming).await?;
        let wide = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Ok(FileTaken {
            readings: wide(count),
            sealed: wide(sealed),
            skipped: given.skipped.iter().map(|skipped| skipped.line).collect(),
            notes: given.reservations().into_iter().chain(notes).collect(),
        })
    }
}
