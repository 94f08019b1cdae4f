//! Recording what is heard of shipments under way.

use crate::append::standing;
use crate::journal::Journalled;
use crate::{App, AppError, Host, read_model};
use firn_model::api::Phase;
use firn_model::id::Id;
use firn_model::profile::ConditionLimit;
use firn_model::reading::Quantity;
use firn_model::reading::Reading;
use firn_model::record::Logger;
use firn_model::sampling::{Pace, Peaks, Sampler, Worth};
use firn_model::time::UtcMillis;
use std::collections::BTreeMap;

/// How long adverts wait in the journal, in seconds.
const SEALED_EVERY_S: i64 = 600;
/// How long they wait where one changed side of a limit: a value that swings about it must not fill the
/// log with entries.
const CHANGE_SEALED_AFTER_S: i64 = 60;
/// How often it is looked up which shipments are under way, in seconds.
const LOOKED_UP_EVERY_S: i64 = 30;

/// How the loggers of shipments under way are sampled, by shipment and logger.
type Watched = BTreeMap<(Id, Id), Watch>;

/// How one logger is sampled.
#[derive(Clone, Debug)]
struct Watch {
    pace: Pace,
    conditions: Vec<ConditionLimit>,
}

/// Journals adverts as they are heard, and seals them in time.
#[derive(Debug)]
pub struct Recorder<H> {
    app: App<H>,
    watched: Watched,
    sampler: Sampler<(Id, Id, u8)>,
    peaks: Peaks<(Id, Id, u8, Quantity)>,
    looked_up: UtcMillis,
    sealed: UtcMillis,
    /// A value changed side since the last sealing.
    changed: bool,
}

impl<H: Host> Recorder<H> {
    /// Begins to record, after what a crash left in the journal was sealed.
    ///
    /// # Errors
    /// Those of [`App::seal_journal`].
    pub async fn begin(app: App<H>) -> Result<Self, AppError> {
        app.seal_journal(None).await?;
        let (watched, now) = (app.watched().await?, app.host().now().utc);
        Ok(Self {
            app,
            watched,
            sampler: Sampler::default(),
            peaks: Peaks::default(),
            looked_up: now,
            sealed: now,
            changed: false,
        })
    }

    /// How many loggers of shipments under way are recorded.
    pub fn watches(&self) -> usize {
        self.watched.len()
    }

    /// Journals those readings of an enrolled logger that are worth a record; tells how many.
    ///
    /// # Errors
    /// The store's, and those of [`App::seal_journal`].
    pub async fn hear(&mut self, logger: Id, readings: &[Reading]) -> Result<usize, AppError> {
        let session = self.app.host().session();
        let mut worth = Vec::new();
        for ((shipment, _), watch) in self.watched.iter().filter(|((_, watched), _)| *watched == logger) {
            for reading in readings {
                let key = (*shipment, logger, reading.measurement.probe);
                let peak = is_peak(&mut self.peaks, key, reading, watch);
                let temperature = reading.measurement.temperature;
                let why =
                    temperature.and_then(|value| self.sampler.take(key, reading.time, value, watch.pace));
                self.changed |= why == Some(Worth::ChangedSide);
                match (why, peak) {
                    (Some(_), _) => worth.push(Journalled::new(*shipment, logger, session, reading)),
                    // How often the goods are sampled depends on nothing else.
                    (None, true) => {
                        let beside = without_temperature(reading);
                        worth.push(Journalled::new(*shipment, logger, session, &beside));
                    }
                    (None, false) => {}
                }
            }
        }
        let count = worth.len();
        if count > 0 {
            self.app.journal(worth).await?;
        }
        Ok(count)
    }

    /// Seals what has waited long enough, and looks up what is under way; to be called every few seconds.
    ///
    /// # Errors
    /// The store's, and those of [`App::seal_journal`].
    pub async fn turn(&mut self) -> Result<usize, AppError> {
        let now = self.app.host().now().utc;
        if is_due(self.looked_up, LOOKED_UP_EVERY_S, now) {
            self.watched = self.app.watched().await?;
            self.looked_up = now;
        }
        let patience = if self.changed { CHANGE_SEALED_AFTER_S } else { SEALED_EVERY_S };
        match is_due(self.sealed, patience, now) {
            true => self.seal().await,
            false => Ok(0),
        }
    }

    /// Seals all that is journalled: at a clean stop.
    ///
    /// # Errors
    /// Those of [`App::seal_journal`].
    pub async fn seal(&mut self) -> Result<usize, AppError> {
        let sealed = self.app.seal_journal(None).await?;
        (self.sealed, self.changed) = (self.app.host().now().utc, false);
        Ok(sealed)
    }
}

/// Whether a reading lies further beyond the limit of some condition than any before it in its interval.
fn is_peak(
    peaks: &mut Peaks<(Id, Id, u8, Quantity)>,
    (shipment, logger, probe): (Id, Id, u8),
    reading: &Reading,
    watch: &Watch,
) -> bool {
    let mut peak = false;
    for (quantity, value) in reading.measurement.values() {
        let Some(limit) = watch.conditions.iter().find(|limit| limit.quantity == quantity) else { continue };
        let beyond = if quantity == Quantity::Movement { None } else { limit.beyond(value) };
        let key = (shipment, logger, probe, quantity);
        peak |= peaks.take(key, reading.time, beyond.map(|(_, by)| by), watch.pace.interval_s);
    }
    peak
}

fn without_temperature(reading: &Reading) -> Reading {
    let mut beside = reading.clone();
    beside.measurement.temperature = None;
    beside
}

/// Whether so many seconds have passed; a clock that was put back makes it so, too.
fn is_due(since: UtcMillis, seconds: i64, now: UtcMillis) -> bool {
    now < since || now >= since.plus_seconds(seconds)
}

impl<H: Host> App<H> {
    /// The loggers that travel in shipments under way.
    async fn watched(&self) -> Result<Watched, AppError> {
        let identity = self.host.identity();
        self.host
            .with_store(move |store| {
                store.read(|view| {
                    let loggers = read_model::loggers(view, &identity.organisation)?;
                    let mut watched = Watched::new();
                    for summary in read_model::shipments(view)? {
                        if summary.phase != Phase::InTransit {
                            continue;
                        }
                        let story = standing(view, &identity, summary.id)?;
                        let Some(profile) = story.created.as_ref().map(|created| &created.says.profile)
                        else {
                            continue;
                        };
                        let limits = profile.effective_limits();
                        for placement in story.started.iter().flat_map(|started| &started.says.placements) {
                            let interval_s = interval(profile.interval_s, &loggers, placement.logger);
                            let pace = Pace { interval_s, limits };
                            let watch = Watch { pace, conditions: profile.conditions.clone() };
                            watched.insert((summary.id, placement.logger), watch);
                        }
                    }
                    Ok(watched)
                })
            })
            .await
    }
}

/// The profile's interval, or the logger's own where that is shorter: gaps are judged by it.
fn interval(profile_s: u32, loggers: &[Logger], logger: Id) -> u32 {
    let own = loggers.iter().find(|known| known.id == logger).and_then(|known| known.interval_s);
    own.map_or(profile_s, |own| own.min(profile_s))
}
