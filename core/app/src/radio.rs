//! Hearing loggers, and reading one's memory into a shipment.

use crate::ingest::{Incoming, LoggerTold};
use crate::seal::Known;
use crate::seeking::seek;
use crate::{App, AppError, Host, seal};
use firn_ble::DeviceInformation;
use firn_ble::dialog::{Dialog, DialogOptions, Summary};
use firn_ble::keys::Keys;
use firn_ble::radio::{
    Clock, DeviceId, DownloadError, DownloadEvent, DownloadOptions, Heard, Radio, RadioError, download,
};
use firn_ble::replay::ReplayError;
use firn_model::api::Refusal;
use firn_model::id::Id;
use firn_model::reading::Reading;
use firn_model::record::{ClockSet, Logger, Session};
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
    /// The logger's clock was set: that is signed, and its readings say so.
    pub clock_set: Option<ClockSet>,
    /// The raw session that was kept and signed; none where there is none, or where it was kept before.
    pub session: Option<Session>,
    /// What the device told of itself.
    pub device: DeviceInformation,
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

/// Whether the transmitter of an advert is the logger, so that connecting it reads this logger's memory;
/// never by its strength.
///
/// Where the system tells the transmitter's address, that alone decides: a gateway may repeat the payload of
/// another. Elsewhere (macOS, iOS) the address in the payload does; without an enrolled one the name.
pub fn is_of(heard: &Heard, logger: &Logger, keys: &Keys) -> bool {
    let Some(wanted) = logger.address else {
        return heard.advert.name.as_deref() == Some(&logger.label);
    };
    let payload = || firn_ble::decode(&heard.advert, keys).ok().and_then(|decoded| decoded.address);
    heard.advert.address.or_else(payload) == Some(wanted)
}

/// Listens until the logger is heard, for at most `patience_ms`.
///
/// # Errors
/// The radio's; `ble/not-heard` when the time has passed, and `ble/same-name` where a logger is enrolled
/// without an address and several devices have its name.
pub async fn find<R: Radio, C: Clock>(
    radio: &R,
    clock: &C,
    logger: &Logger,
    keys: &Keys,
    patience_ms: u64,
) -> Result<DeviceId, RadioError> {
    let mut found = Err(RadioError::UnknownDevice(DeviceId(logger.label.clone())));
    seek(radio, clock, vec![logger.clone()], (keys, patience_ms), |_, result| found = result).await;
    found
}

/// The serial number by which a logger is known again, where its name is all that it was found by.
pub fn serial_meant(logger: &Logger) -> Option<String> {
    logger.serial.clone().filter(|_| logger.address.is_none())
}

impl<H: Host> App<H> {
    /// Reads a logger's memory into a shipment, from its last sealed reading on, sealing as it comes; of one
    /// without a log the value that it shows now.
    ///
    /// `progress` is told how many records have arrived, and of how many where the logger tells. A
    /// download that breaks off leaves what was sealed; the next one goes on from there.
    ///
    /// # Errors
    /// `ble/clock-consent-needed`, `ble/unknown-device` for a family that is not known, the radio's and the
    /// logger's, and those of [`App::ingest`].
    pub async fn download<R: Radio, C: Clock>(
        &self,
        radio: &R,
        clock: &C,
        shipment: Id,
        reach: Reach,
        mut progress: impl FnMut(usize, Option<usize>) + Send,
    ) -> Result<Downloaded, AppError> {
        let options = self.with_leave(&reach.logger, reach.options).await?;
        let mut dialog = dialog_of(&reach.logger, &options)?;
        // A closed record could not say that a clock was set: nothing is sent to the logger then.
        let (known, _) = self.known(shipment, reach.logger.id, None).await?;
        let options = DownloadOptions {
            from: resume_from(&reach.logger, &known),
            serial: serial_meant(&reach.logger),
            ..DownloadOptions::default()
        };
        let mut device = DeviceInformation::default();
        let (sender, receiver) = mpsc::unbounded_channel();
        let downloading = async {
            let tell = |event| {
                let came = match event {
                    DownloadEvent::Readings(readings) => Came::Readings(readings),
                    DownloadEvent::ClockSet(set) => Came::ClockSet(set),
                    DownloadEvent::Raw(session) => Came::Session(session),
                    DownloadEvent::Progress(reached) => return progress(reached.done, reached.total),
                    DownloadEvent::Device(told) => {
                        device = told;
                        return;
                    }
                    _ => return,
                };
                // The sealing side ends only with an error of its own, which is told below.
                sender.send(came).unwrap_or_default();
            };
            let result = download(radio, clock, &reach.device, dialog.as_mut(), options, tell).await;
            drop(sender);
            result
        };
        let incoming = Sealing::new(self, shipment, &reach.logger);
        let (result, sealed) = tokio::join!(downloading, incoming.seal_as_it_comes(receiver));
        let Sealing { sealed, clock_set, session, .. } = sealed?;
        let summary = result?;
        Ok(Downloaded { sealed, summary, clock_set, session, device })
    }
}

/// What a running download brings to be recorded.
enum Came {
    Readings(Vec<Reading>),
    ClockSet(ClockSet),
    Session(Vec<u8>),
}

/// The recording side of a running download.
struct Sealing<'a, H> {
    app: &'a App<H>,
    shipment: Id,
    logger: &'a Logger,
    waiting: Vec<Reading>,
    sealed: usize,
    clock_set: Option<ClockSet>,
    session: Option<Session>,
}

impl<'a, H: Host> Sealing<'a, H> {
    fn new(app: &'a App<H>, shipment: Id, logger: &'a Logger) -> Self {
        Self { app, shipment, logger, waiting: Vec::new(), sealed: 0, clock_set: None, session: None }
    }

    async fn seal_as_it_comes(
        mut self,
        mut receiver: mpsc::UnboundedReceiver<Came>,
    ) -> Result<Self, AppError> {
        while let Some(came) = receiver.recv().await {
            match came {
                Came::Readings(readings) => {
                    self.waiting.extend(readings);
                    if self.waiting.len() >= SEAL_AT {
                        self.seal().await?;
                    }
                }
                Came::ClockSet(set) => {
                    self.seal().await?;
                    self.app.record_clock_set(self.shipment, self.logger.id, set).await?;
                    self.clock_set = Some(set);
                }
                Came::Session(bytes) => {
                    self.session = self.app.keep_session(self.shipment, self.logger.id, &bytes).await?;
                }
            }
        }
        self.seal().await?;
        Ok(self)
    }

    async fn seal(&mut self) -> Result<(), AppError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let incoming = Incoming {
            shipment: self.shipment,
            logger: self.logger.clone(),
            readings: std::mem::take(&mut self.waiting),
            origin: self.logger.label.clone(),
            clock_set: self.clock_set,
            told: LoggerTold::default(),
        };
        self.sealed = self.sealed.saturating_add(self.app.ingest(incoming).await?.sealed);
        Ok(())
    }
}

/// Where a download goes on: one interval before the newest log reading that is sealed, never where the last
/// attempt ended; further back where the logger's times count back from the request.
fn resume_from(logger: &Logger, known: &Known) -> Option<UtcMillis> {
    if seal::counts_back(logger) {
        return seal::resume::from(known);
    }
    let interval = i64::from(logger.interval_s.unwrap_or(0));
    Some(seal::resume::newest_of_log(known)?.plus_seconds(interval.saturating_neg()))
}

/// The dialog with a logger's memory, or for its present value, by its family and its label.
///
/// # Errors
/// `ble/unknown-device` for a family that is not known.
pub fn dialog_of(logger: &Logger, options: &DialogOptions) -> Result<Box<dyn Dialog + Send>, ReplayError> {
    let interval_s = options.interval_s.or(logger.interval_s);
    let options = DialogOptions { interval_s, ..options.clone() };
    firn_ble::dialog::of_logger(&logger.family, &logger.label, &options)
        .ok_or_else(|| ReplayError::UnknownDevice { name: logger.family.clone() })
}

fn refused(code: &str, cause: String, next_step: &str) -> AppError {
    AppError::Host(Refusal { code: code.into(), cause, next_step: next_step.into() })
}

impl From<DownloadError> for AppError {
    fn from(error: DownloadError) -> Self {
        refused(error.code(), error.to_string(), error.next_step())
    }
}

impl From<ReplayError> for AppError {
    fn from(error: ReplayError) -> Self {
        refused(error.code(), error.to_string(), error.next_step())
    }
}

impl From<RadioError> for AppError {
    fn from(error: RadioError) -> Self {
        refused(error.code(), error.to_string(), error.next_step())
    }
}
