//! Taking readings into a shipment: sealed in batches, judged, signed.

use crate::append::{Appended, Happened, SignVerdict, standing};
use crate::far_times::far_from;
use crate::seal::{self, Known};
use crate::{App, AppError, Host, Identity};
use firn_ble::information::is_same_serial;
use firn_ledger::bytes::Hash;
use firn_ledger::store::View;
use firn_model::api::Phase;
use firn_model::id::Id;
use firn_model::profile::LONGEST_INTERVAL_S;
use firn_model::reading::{Reading, Source};
use firn_model::record::{
    Address, Batch, Body, ClockSet, Did, Download, Kind, Lateness, Logger, Readings, Session, SessionPart,
};
use firn_model::shipment::Placed;
use firn_model::time::UtcMillis;
use std::collections::BTreeSet;

/// Readings for a shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Which shipment.
    pub shipment: Id,
    /// The logger that they came from.
    pub logger: Logger,
    /// The readings, in any order.
    pub readings: Vec<Reading>,
    /// Where they came from, in words for an error.
    pub origin: String,
    /// The download that brought them had set the logger's clock before.
    pub clock_set: Option<ClockSet>,
    /// What the file that holds them says of the logger; nothing of a download.
    pub told: LoggerTold,
}

/// What a file says of the logger that wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggerTold {
    /// Its serial number.
    pub serial: Option<String>,
    /// Its logging interval in seconds.
    pub interval_s: Option<u32>,
}

impl LoggerTold {
    /// The interval that it says, where a logger may have it.
    fn possible_interval_s(&self) -> Option<u32> {
        self.interval_s.filter(|seconds| (1..=LONGEST_INTERVAL_S).contains(seconds))
    }

    /// The logger as its readings tell of it: those of a file bear the interval that the file says, or none, so that
    /// whoever judges them knows which it was; those of a download the enrolled one.
    fn logger_of(&self, logger: Logger, readings: &[Reading]) -> Logger {
        let is_file = readings.iter().any(|reading| reading.source == Source::Import);
        let interval_s = if is_file { self.possible_interval_s() } else { logger.interval_s };
        Logger { interval_s, ..logger }
    }

    /// That the file is not another logger's.
    fn is_of(&self, logger: &Logger, origin: &str) -> Result<(), AppError> {
        match (self.serial.as_deref(), serial_of(logger)) {
            (Some(told), Some(enrolled)) if !is_same_serial(told, enrolled) => Err(AppError::OtherLogger {
                origin: origin.to_owned(),
                told: told.to_owned(),
                label: logger.label.clone(),
                enrolled: enrolled.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// What a person has to know who enrolled the logger.
    fn notes(&self, logger: &Logger) -> Vec<String> {
        let unknown = self.serial.as_deref().filter(|_| serial_of(logger).is_none()).map(|told| {
            format!(
                "the file is of the logger with serial number {told}, and logger `{}` is enrolled without one: \
                 compare it with what is written on the case",
                logger.label
            )
        });
        let (own, enrolled) = (self.possible_interval_s(), logger.interval_s);
        let differs = own.zip(enrolled).filter(|(own, enrolled)| own != enrolled);
        let interval = differs.map(|(own, enrolled)| {
            format!(
                "the file says that it holds a reading every {own} s, and logger `{}` is enrolled with {enrolled} s: \
                 gaps are judged by what the file says",
                logger.label
            )
        });
        unknown.into_iter().chain(interval).collect()
    }
}

/// How many values batches hold.
fn count(batches: &[Batch]) -> usize {
    batches.iter().map(|batch| batch.times.len()).sum()
}

/// What to know of the readings of a logger that nobody placed, and what to do where it did travel.
fn placed_nowhere(logger: &Logger) -> String {
    format!(
        "logger `{}` is placed nowhere in this shipment, and others are: what it reads out of range counts, and it \
         fills no gap; where the file is one of theirs, take it in again with `--logger NAME`; loggers that travel are \
         placed at the pick-up (`firn shipment start --logger`)",
        logger.label
    )
}

/// The serial number that a logger is enrolled with.
fn serial_of(logger: &Logger) -> Option<&str> {
    logger.serial.as_deref().filter(|serial| !serial.trim().is_empty())
}

/// What became of readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingested {
    /// How many values were sealed, over all channels; zero where all were held already.
    pub sealed: usize,
    /// The entries that were signed, the verdict last where it changed.
    pub entries: Vec<Appended>,
    /// How many readings lie more than a year from the shipment's pick-up; zero before it.
    pub far: usize,
    /// How many readings are of a logger that nobody placed in the shipment, though others are: they fill no gap.
    pub unplaced: usize,
    /// Where what the file says of the logger is not what is known of it, or its times cannot be the shipment's.
    pub notes: Vec<String>,
}

impl<H: Host> App<H> {
    /// Seals those readings that the shipment does not hold yet, and signs the verdict where it changes. Those of a
    /// file that tells an interval are sealed again where they are held from files that tell none or a longer one.
    ///
    /// # Errors
    /// `app/no-readings` for none at all, `app/other-logger` for a file that names another serial number than the
    /// logger's, `app/out-of-order` for a shipment that was cancelled, and the ledger's.
    pub async fn ingest(&self, incoming: Incoming) -> Result<Ingested, AppError> {
        if incoming.readings.is_empty() {
            return Err(AppError::NoReadings(incoming.origin));
        }
        let Incoming { shipment, logger, readings, origin, clock_set, told } = incoming;
        told.is_of(&logger, &origin)?;
        let mut notes = told.notes(&logger);
        let story = self.story(shipment).await?;
        let (far, note) = story.picked_up().map(|at| far_from(at, &readings)).unwrap_or_default();
        notes.extend(note);
        let unplaced = if story.is_stray(logger.id) { readings.len() } else { 0 };
        notes.extend((unplaced > 0).then(|| placed_nowhere(&logger)));
        let (known, late) = self.known(shipment, logger.id, told.possible_interval_s()).await?;
        let own = told.logger_of(logger, &readings);
        let batches = seal::batches(&own, &readings, &known);
        if batches.is_empty() {
            return Ok(Ingested { sealed: 0, entries: Vec::new(), far, unplaced, notes });
        }
        let sealed = count(&batches);
        notes.extend(self.told_again(shipment, &told, sealed, (&own, &readings)).await?);
        let happened = batches
            .iter()
            .map(|batch| sealed_batch(shipment, batch, late, clock_set))
            .collect::<Result<_, _>>()?;
        let entries = self.sign(happened, SignVerdict::OnChange, |_| Ok(())).await?;
        Ok(Ingested { sealed, entries, far, unplaced, notes })
    }

    /// That readings which are held already are sealed again, for the interval that their file tells.
    async fn told_again(
        &self,
        shipment: Id,
        told: &LoggerTold,
        sealed: usize,
        (logger, readings): (&Logger, &[Reading]),
    ) -> Result<Option<String>, AppError> {
        let Some(interval_s) = told.possible_interval_s() else { return Ok(None) };
        let (held, _) = self.known(shipment, logger.id, None).await?;
        let again = sealed.saturating_sub(count(&seal::batches(logger, readings, &held)));
        let note = format!(
            "{again} values that were held already are sealed again: the file says that it holds a reading every \
             {interval_s} s, and the shortest interval of a logger's files judges its gaps"
        );
        Ok((again > 0).then_some(note))
    }

    /// The logger that is enrolled with a serial number; of several the one that is placed in the shipment. None
    /// where it cannot be told which.
    ///
    /// # Errors
    /// The store's.
    pub async fn logger_of_serial(&self, shipment: Id, serial: &str) -> Result<Option<Logger>, AppError> {
        let of_serial = |logger: &Logger| serial_of(logger).is_some_and(|own| is_same_serial(own, serial));
        let enrolled: Vec<Logger> = self.loggers().await?.into_iter().filter(of_serial).collect();
        let story = self.story(shipment).await?;
        let placements = story.started.iter().flat_map(|started| &started.says.placements);
        let placed: BTreeSet<Id> = placements.map(|placement| placement.logger).collect();
        let here: Vec<&Logger> = enrolled.iter().filter(|logger| placed.contains(&logger.id)).collect();
        Ok(match (&here[..], &enrolled[..]) {
            ([only], _) => Some((*only).clone()),
            ([], [only]) => Some(only.clone()),
            _ => None,
        })
    }

    /// Keeps what a logger sent, byte for byte, unless the same is kept already: none then.
    ///
    /// # Errors
    /// `model/malformed-session` for no bytes or too many, and the ledger's.
    pub async fn keep_session(
        &self,
        shipment: Id,
        logger: Id,
        bytes: &[u8],
    ) -> Result<Option<Session>, AppError> {
        let (session, parts) = Session::divide(logger, self.host.now().utc, bytes)?;
        if self.keeps(shipment, logger, session.digest).await? {
            return Ok(None);
        }
        let body = Download { logger, did: Did::KeptSession(session) };
        let parts = parts.iter().map(SessionPart::to_bytes).collect();
        let happened = Happened { batches: parts, ..Happened::new(Some(shipment), &body) };
        self.sign_download(shipment, happened).await?;
        Ok(Some(session))
    }

    /// Records that a logger's clock was set.
    pub(crate) async fn record_clock_set(
        &self,
        shipment: Id,
        logger: Id,
        set: ClockSet,
    ) -> Result<(), AppError> {
        let body = Download { logger, did: Did::SetClock(set) };
        self.sign_download(shipment, Happened::new(Some(shipment), &body)).await
    }

    async fn sign_download(&self, shipment: Id, happened: Happened) -> Result<(), AppError> {
        let identity = self.host.identity();
        let open = move |view: &mut View<'_>| lateness(view, &identity, shipment).map(drop);
        self.sign(vec![happened], SignVerdict::Never, open).await.map(drop)
    }

    async fn keeps(&self, shipment: Id, logger: Id, digest: Address) -> Result<bool, AppError> {
        let same = |placed: &Placed<Download>| match placed.says.did {
            Did::KeptSession(session) => placed.says.logger == logger && session.digest == digest,
            Did::SetClock(_) => false,
        };
        Ok(self.story(shipment).await?.downloads.iter().any(same))
    }

    /// What is sealed of a logger in a shipment, as [`sealed_samples`], and whether more would come late.
    pub(crate) async fn known(
        &self,
        shipment: Id,
        logger: Id,
        told_s: Option<u32>,
    ) -> Result<(Known, Option<Lateness>), AppError> {
        let identity = self.host.identity();
        self.host
            .with_store(move |store| {
                store.read(|view| {
                    let late = lateness(view, &identity, shipment)?;
                    Ok((sealed_samples(view, &identity, shipment, logger, told_s)?, late))
                })
            })
            .await
    }
}

/// Why what comes now comes late. What was measured is taken in after the receipt, after the record was closed,
/// and of a shipment that was cancelled as well: its goods may be under way all the same.
fn lateness(view: &mut View<'_>, identity: &Identity, shipment: Id) -> Result<Option<Lateness>, AppError> {
    match standing(view, identity, shipment)?.phase() {
        Phase::Received | Phase::Closed => Ok(Some(Lateness::RecordedLate)),
        Phase::Created | Phase::InTransit | Phase::Cancelled => Ok(None),
    }
}

/// The entry that brings a batch.
pub(crate) fn sealed_batch(
    shipment: Id,
    batch: &Batch,
    lateness: Option<Lateness>,
    clock_set: Option<ClockSet>,
) -> Result<Happened, AppError> {
    let time = |time: Option<&UtcMillis>| time.copied().unwrap_or_default();
    let body = Readings {
        logger: batch.logger,
        channel: batch.channel,
        source: batch.source,
        count: u32::try_from(batch.times.len()).unwrap_or(u32::MAX),
        first: time(batch.times.first()),
        last: time(batch.times.last()),
        lateness,
        clock_set,
    };
    Ok(Happened {
        kind: Kind::Readings.number(),
        shipment: Some(shipment),
        body: body.to_bytes(),
        batches: vec![batch.to_bytes()?],
    })
}

/// What a shipment holds of a logger, by the entries that count. For a file that tells an interval, in seconds, what
/// files brought counts only where one told it too, or a shorter one: else what it tells would be lost with it.
pub(crate) fn sealed_samples(
    view: &mut View<'_>,
    identity: &Identity,
    shipment: Id,
    logger: Id,
    told_s: Option<u32>,
) -> Result<Known, AppError> {
    let mut known = Known::new();
    for sealed in standing(view, identity, shipment)?.sealed {
        if sealed.readings.logger != logger {
            continue;
        }
        let Some(bytes) = view.batch(&Hash(sealed.address.0))? else { continue };
        let batch = Batch::from_bytes(&bytes)?;
        let is_told = told_s.is_none_or(|told| batch.interval_s.is_some_and(|own| (1..=told).contains(&own)));
        if batch.source == Source::Import && batch.channel.quantity.is_sampled() && !is_told {
            continue;
        }
        let samples = batch.times.iter().copied().zip(batch.values.iter().copied());
        known.entry((batch.channel, batch.source)).or_default().extend(samples);
    }
    Ok(known)
}
