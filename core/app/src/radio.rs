//! Hearing loggers, and reading one's memory into a shipment.

use crate::ingest::{Incoming, Ingested};
use crate::{App, AppError, Host};
use firn_ble::dialog::{Dialog, DialogOptions, Summary};
use firn_ble::keys::Keys;
use firn_ble::radio::{
    Clock, DeviceId, DownloadError, DownloadEvent, DownloadOptions, Heard, Radio, RadioError, download,
};
use firn_ble::replay::{DeviceName, ReplayError};
use firn_model::api::Refusal;
use firn_model::id::Id;
use firn_model::reading::{Quantity, Reading, Source};
use firn_model::record::Logger;
use firn_model::time::UtcMillis;
use tokio::sync::mpsc;

/// How many readings are sealed at once while a download runs: enough to keep batches few, few enough
/// that a broken download loses little.
const SEAL_AT: usize = 1000;

/// What a download into a shipment told in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// How many values were sealed, over all channels.
    pub sealed: usize,
    /// The dialog's own summary.
    pub summary: Summary,
}

/// A download from a logger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// How the radio names it.
    pub device: DeviceId,
    /// Whose memory it is.
    pub logger: Logger,
    /// What the logger does not tell of itself, and what a person has allowed.
    pub options: DialogOptions,
}

/// Whether an advert is of the logger: by its address, in the payload or of the transmitter, never by
/// its strength.
pub fn is_of(heard: &Heard, logger: &Logger, keys: &Keys) -> bool {
    let Some(wanted) = logger.address else {
        return heard.advert.name.as_deref() == Some(&logger.label);
    };
    let payload = firn_ble::decode(&heard.advert, keys).ok().and_then(|decoded| decoded.address);
    payload.or(heard.advert.address) == Some(wanted)
}

/// Listens until the logger is heard, for at most `patience_ms`.
///
/// # Errors
/// The radio's; `ble/not-heard` when the time has passed.
pub async fn find<R: Radio, C: Clock>(
    radio: &R,
    clock: &C,
    logger: &Logger,
    keys: &Keys,
    patience_ms: u64,
) -> Result<DeviceId, RadioError> {
    let mut hearing = radio.scan().await?;
    let mut patience = std::pin::pin!(clock.sleep(patience_ms));
    loop {
        let heard = tokio::select! {
            heard = hearing.next() => heard,
            () = &mut patience => None,
        };
        match heard {
            Some(Ok(heard)) if is_of(&heard, logger, keys) => return Ok(heard.device),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error),
            None => return Err(RadioError::UnknownDevice(DeviceId(logger.label.clone()))),
        }
    }
}

impl<H: Host> App<H> {
    /// Reads a logger's memory into a shipment, from its last sealed reading on, sealing as it comes.
    ///
    /// `progress` is told how many records have arrived, and of how many where the logger tells. A
    /// download that breaks off leaves what was sealed; the next one goes on from there.
    ///
    /// # Errors
    /// `ble/unknown-device` for a family without a log dialog, the radio's and the logger's, and those of
    /// [`App::ingest`].
    pub async fn download<R: Radio, C: Clock>(
        &self,
        radio: &R,
        clock: &C,
        shipment: Id,
        reach: Reach,
        mut progress: impl FnMut(usize, Option<usize>) + Send,
    ) -> Result<Downloaded, AppError> {
        let mut dialog = dialog_of(&reach.logger, &reach.options)?;
        let from = self.last_sealed(shipment, &reach.logger).await?;
        let options = DownloadOptions { from, ..DownloadOptions::default() };
        let (sender, receiver) = mpsc::unbounded_channel();
        let downloading = async {
            let tell = |event| match event {
                // The sealing side ends only with an error of its own, which is told below.
                DownloadEvent::Readings(readings) => sender.send(readings).unwrap_or_default(),
                DownloadEvent::Progress(reached) => progress(reached.done, reached.total),
                _ => {}
            };
            let result = download(radio, clock, &reach.device, dialog.as_mut(), options, tell).await;
            drop(sender);
            result
        };
        let (result, sealed) =
            tokio::join!(downloading, self.seal_as_it_comes(shipment, &reach.logger, receiver));
        let sealed = sealed?;
        match result {
            Ok(summary) => Ok(Downloaded { sealed, summary }),
            Err(error) => Err(AppError::from(error)),
        }
    }

    async fn seal_as_it_comes(
        &self,
        shipment: Id,
        logger: &Logger,
        mut receiver: mpsc::UnboundedReceiver<Vec<Reading>>,
    ) -> Result<usize, AppError> {
        let mut sealed = 0_usize;
        let mut waiting: Vec<Reading> = Vec::new();
        loop {
            let ended = match receiver.recv().await {
                Some(readings) => {
                    waiting.extend(readings);
                    false
                }
                None => true,
            };
            if waiting.len() >= SEAL_AT || (ended && !waiting.is_empty()) {
                let readings = std::mem::take(&mut waiting);
                let origin = logger.label.clone();
                let incoming = Incoming { shipment, logger: logger.clone(), readings, origin };
                let Ingested { sealed: more, .. } = self.ingest(incoming).await?;
                sealed = sealed.saturating_add(more);
            }
            if ended {
                return Ok(sealed);
            }
        }
    }

    /// Where a download goes on: one interval before the newest log reading that is sealed, never where
    /// the last attempt ended.
    async fn last_sealed(&self, shipment: Id, logger: &Logger) -> Result<Option<UtcMillis>, AppError> {
        let story = self.story(shipment).await?;
        let of_log = |sealed: &&firn_model::shipment::Sealed| {
            let readings = &sealed.readings;
            readings.logger == logger.id
                && readings.source == Source::Log
                && readings.channel.quantity == Quantity::Temperature
        };
        let newest = story.sealed.iter().filter(of_log).map(|sealed| sealed.readings.last).max();
        let interval = i64::from(logger.interval_s.unwrap_or(0));
        Ok(newest.map(|newest| newest.plus_seconds(interval.saturating_neg())))
    }
}

/// The dialog with a logger's memory, by its family and its label.
fn dialog_of(logger: &Logger, options: &DialogOptions) -> Result<Box<dyn Dialog + Send>, AppError> {
    let device = DeviceName::of_logger(&logger.family, &logger.label).ok_or_else(|| {
        let error = ReplayError::UnknownDevice { name: logger.family.clone() };
        refused(error.code(), error.to_string(), error.next_step())
    })?;
    let interval_s = options.interval_s.or(logger.interval_s);
    Ok(device.dialog_with(&DialogOptions { interval_s, ..options.clone() }))
}

fn refused(code: &str, cause: String, next_step: &str) -> AppError {
    AppError::Host(Refusal { code: code.into(), cause, next_step: next_step.into() })
}

impl From<DownloadError> for AppError {
    fn from(error: DownloadError) -> Self {
        refused(error.code(), error.to_string(), error.next_step())
    }
}

impl From<RadioError> for AppError {
    fn from(error: RadioError) -> Self {
        refused(error.code(), error.to_string(), error.next_step())
    }
}
