//! Recording what is heard of shipments under way.

use crate::append::standing;
use crate::journal::Journalled;
use crate::live::{Live, Travelling};
use crate::{App, AppError, Host, read_model};
use firn_model::api::Phase;
use firn_model::assess::{Assessment, Sample};
use firn_model::id::Id;
use firn_model::profile::ConditionLimit;
use firn_model::reading::{Quantity, Reading};
use firn_model::record::{Address, Logger};
use firn_model::sampling::{Pace, Peaks, Sampler, Worth};
use firn_model::shipment::{Sealed, Story, course};
use firn_model::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// How long adverts wait in the journal, in seconds.
const SEALED_EVERY_S: i64 = 600;
/// How long they wait where one changed side of a limit: a value that swings about it must not fill the
/// log with entries.
const CHANGE_SEALED_AFTER_S: i64 = 60;
/// How often it is looked up which shipments are under way, in seconds.
const LOOKED_UP_EVERY_S: i64 = 30;

/// The loggers of shipments under way, by shipment and logger.
type Watched = BTreeMap<(Id, Id), Watch>;

/// How a logger of a shipment under way is recorded.
#[derive(Debug)]
struct Watch {
    /// How often.
    pace: Pace,
    /// Beyond it a shock is recorded, however short.
    shock: Option<ConditionLimit>,
    /// How it is judged meanwhile.
    travelling: Travelling,
}

/// What is recorded beside temperatures: readings that have none, the first of each quantity in its interval; and
/// of shocks each that is stronger than any before it in its interval.
#[derive(Debug, Default)]
struct Beside {
    paced: Sampler<(Id, Id, u8, Quantity)>,
    shocks: Peaks<(Id, Id, u8)>,
}

/// Journals adverts as they are heard, and seals them in time.
#[derive(Debug)]
pub struct Recorder<H> {
    app: App<H>,
    watched: Watched,
    sampler: Sampler<(Id, Id, u8)>,
    beside: Beside,
    live: Live,
    looked_up: UtcMillis,
    sealed: UtcMillis,
    /// A value changed side since the last sealing.
    changed: bool,
    /// An alarm fired, or a budget was spent, by what was heard since the last sealing.
    decided: bool,
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
            beside: Beside::default(),
            live: Live::default(),
            looked_up: now,
            sealed: now,
            changed: false,
            decided: false,
        })
    }

    /// How many loggers of shipments under way are recorded.
    pub fn watches(&self) -> usize {
        self.watched.len()
    }

    /// How a probe's series in a shipment under way stands by the shipment's profile, of all that is sealed or
    /// was heard; none before anything was heard of it.
    pub fn assessment(&self, shipment: Id, logger: Id, probe: u8) -> Option<Assessment> {
        self.live.assessment(&(shipment, logger, probe))
    }

    /// The shipments under way whose loggers are recorded.
    pub fn shipments(&self) -> impl Iterator<Item = Id> {
        let shipments: BTreeSet<Id> = self.watched.keys().map(|(shipment, _)| *shipment).collect();
        shipments.into_iter()
    }

    /// Journals those readings of an enrolled logger that are worth a record; tells how many.
    ///
    /// # Errors
    /// The store's, and those of [`App::seal_journal`].
    pub async fn hear(&mut self, logger: Id, readings: &[Reading]) -> Result<usize, AppError> {
        let session = self.app.host().session();
        let (mut worth, mut samples) = (Vec::new(), Vec::new());
        for ((shipment, _), watch) in self.watched.iter().filter(|((_, watched), _)| *watched == logger) {
            for reading in readings {
                let key = (*shipment, logger, reading.measurement.probe);
                let takes = self.beside.takes(key, reading, watch.pace, watch.shock);
                let told = reading.measurement.temperature.and_then(|value| {
                    Some((value, self.sampler.take(key, reading.time, value, watch.pace)?))
                });
                match told {
                    Some((value, why)) => {
                        self.changed |= why == Worth::ChangedSide;
                        worth.push(Journalled::new(*shipment, logger, session, reading));
                        samples.push((key, Sample { time: reading.time, value }));
                    }
                    // How often the goods are sampled depends on nothing else.
                    None if takes => {
                        let without = without_temperature(reading);
                        worth.push(Journalled::new(*shipment, logger, session, &without));
                    }
                    None => {}
                }
            }
        }
        let count = worth.len();
        if count > 0 {
            self.app.journal(worth).await?;
        }
        for (key, sample) in samples {
            let Some(watch) = self.watched.get(&(key.0, key.1)) else { continue };
            self.decided |= self.live.hear(&self.app, key, sample, &watch.travelling).await?;
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
            let watched = &self.watched;
            let travelling =
                |shipment, logger| watched.get(&(shipment, logger)).map(|watch| &watch.travelling);
            self.decided |= self.live.follow(&self.app, travelling).await?;
        }
        let patience = match (self.decided, self.changed) {
            // An alarm fires once in a series, so that this cannot fill the log.
            (true, _) => 0,
            (false, true) => CHANGE_SEALED_AFTER_S,
            (false, false) => SEALED_EVERY_S,
        };
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
        self.sealed = self.app.host().now().utc;
        (self.changed, self.decided) = (false, false);
        Ok(sealed)
    }
}

impl Beside {
    fn takes(
        &mut self,
        (shipment, logger, probe): (Id, Id, u8),
        reading: &Reading,
        pace: Pace,
        shock: Option<ConditionLimit>,
    ) -> bool {
        let mut takes = false;
        for (quantity, value) in reading.measurement.values() {
            if reading.measurement.temperature.is_none() {
                let key = (shipment, logger, probe, quantity);
                // A value in range, so that the interval alone decides.
                let paced = self.paced.take(key, reading.time, pace.limits.min, pace);
                takes |= paced.is_some();
            }
            if quantity == Quantity::Acceleration {
                let beyond = shock.and_then(|limit| limit.beyond(value)).map(|(_, by)| by);
                let key = (shipment, logger, probe);
                takes |= self.shocks.take(key, reading.time, beyond, pace.interval_s);
            }
        }
        takes
    }
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
                    let fleet = read_model::fleet(view, &identity.organisation)?;
                    let loggers: Vec<Logger> = fleet.now().into_values().collect();
                    let mut watched = Watched::new();
                    for summary in read_model::shipments(view, &identity.organisation)? {
                        if summary.phase != Phase::InTransit {
                            continue;
                        }
                        let story = standing(view, &identity, summary.id)?;
                        let Some(profile) = story.created.as_ref().map(|created| &created.says.profile)
                        else {
                            continue;
                        };
                        let (limits, at_pick_up) = (profile.effective_limits(), fleet.at_pick_up(&story));
                        for placement in story.started.iter().flat_map(|started| &started.says.placements) {
                            let interval_s = interval(profile.interval_s, &loggers, placement.logger);
                            let Some(course) = course(&story, placement.logger, &at_pick_up) else {
                                continue;
                            };
                            let sealed = sealed(&story, placement.logger);
                            let pace = Pace { interval_s, limits };
                            let travelling = Travelling { course, sealed };
                            let shock = profile.condition(Quantity::Acceleration).copied();
                            let watch = Watch { pace, shock, travelling };
                            watched.insert((summary.id, placement.logger), watch);
                        }
                    }
                    Ok(watched)
                })
            })
            .await
    }
}

/// Where the sealed temperatures of a logger begin, with their probes, by their batches' addresses.
fn sealed(story: &Story, logger: Id) -> BTreeMap<Address, (u8, UtcMillis)> {
    let of_logger = |sealed: &&Sealed| {
        sealed.readings.logger == logger && sealed.readings.channel.quantity == Quantity::Temperature
    };
    let begin = |sealed: &Sealed| (sealed.address, (sealed.readings.channel.probe, sealed.readings.first));
    story.sealed.iter().filter(of_logger).map(begin).collect()
}

/// The profile's interval, or the logger's own where that is shorter: gaps are judged by it.
fn interval(profile_s: u32, loggers: &[Logger], logger: Id) -> u32 {
    let own = loggers.iter().find(|known| known.id == logger).and_then(|known| known.interval_s);
    own.map_or(profile_s, |own| own.min(profile_s))
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::profile::{AlarmMode, Limits};
    use firn_model::reading::{ClockQuality, Measurement, Provenance, Source};
    use firn_model::units::MilliCelsius;

    fn reading(second: i64, measurement: Measurement) -> Reading {
        Reading {
            time: UtcMillis(second * 1000),
            clock: ClockQuality::Phone,
            logger_time_ms: None,
            received: UtcMillis(second * 1000),
            source: Source::Advert,
            provenance: Provenance::P0,
            measurement,
            raw: Vec::new(),
        }
    }

    /// The seconds of those readings that are kept beside temperatures.
    fn kept(readings: &[Reading]) -> Vec<i64> {
        let limits = Limits { min: MilliCelsius(2000), max: MilliCelsius(8000) };
        let shock = ConditionLimit {
            quantity: Quantity::Acceleration,
            low: None,
            high: Some(2000),
            allowance_s: 0,
            mode: AlarmMode::Single,
        };
        let pace = Pace { interval_s: 600, limits };
        let mut beside = Beside::default();
        let mut takes =
            |reading: &&Reading| beside.takes((Id([1; 16]), Id([2; 16]), 0), reading, pace, Some(shock));
        readings.iter().filter(|reading| takes(reading)).map(|reading| reading.time.0 / 1000).collect()
    }

    #[test]
    fn a_shock_between_two_samples_is_kept_and_a_stronger_one_after_it() {
        let shaken = |second, z| {
            let temperature = Some(MilliCelsius(5000));
            let acceleration_mg = Some([0, 0, z]);
            reading(second, Measurement { temperature, acceleration_mg, ..Measurement::default() })
        };
        assert_eq!(kept(&[shaken(1, 1000), shaken(2, 2500), shaken(3, 2400), shaken(4, 3000)]), [2, 4]);
    }

    #[test]
    fn of_adverts_without_a_temperature_the_first_of_each_quantity_in_its_interval_is_kept() {
        let moved = |second| reading(second, Measurement { movement: Some(3), ..Measurement::default() });
        let powered =
            |second| reading(second, Measurement { battery_mv: Some(2900), ..Measurement::default() });
        assert_eq!(kept(&[moved(1), powered(2), moved(3), powered(4), moved(601)]), [1, 2, 601]);
        let silent = reading(1, Measurement { sequence: Some(1), ..Measurement::default() });
        assert!(kept(&[silent]).is_empty());
    }
}
