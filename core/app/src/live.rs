//! The verdict on what is heard while it is heard, so that an alarm is known at its reading.
//!
//! Nothing here is signed or kept: the store holds the readings, and a shipment is judged from them when they
//! are sealed. That reads every entry and batch of it; here an advert that is newer than all before it reads
//! nothing, and a late one the window that it changes.

use crate::append::standing;
use crate::journal::heard_from;
use crate::{App, AppError, Host, Identity, read_model};
use firn_ledger::bytes::Hash;
use firn_ledger::store::View;
use firn_model::assess::{Assessment, LiveAssessor, Sample};
use firn_model::id::Id;
use firn_model::reading::{Channel, Quantity};
use firn_model::record::{Address, Batch};
use firn_model::shipment::{Course, SeriesGrounds, Story, samples_with_heard};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use std::collections::{BTreeMap, BTreeSet};

/// A series of temperatures: shipment, logger and probe.
pub(crate) type SeriesKey = (Id, Id, u8);

/// What is known of a logger that travels in a shipment under way.
#[derive(Debug)]
pub(crate) struct Travelling {
    /// By what its series are judged.
    pub course: Course,
    /// Of its sealed temperatures, the probe and the first time, by their batches' addresses.
    pub sealed: BTreeMap<Address, (u8, UtcMillis)>,
}

/// The series of shipments under way that were heard, each as it stands.
#[derive(Debug, Default)]
pub(crate) struct Live {
    series: BTreeMap<SeriesKey, Series>,
}

#[derive(Debug)]
struct Series {
    course: Course,
    /// One for each profile of the course.
    judged: Vec<LiveAssessor>,
    /// The alarms that have fired and the budgets that are spent, by the profile's place.
    decided: BTreeSet<(usize, String)>,
    /// The batches whose readings are taken in.
    sealed: BTreeSet<Address>,
}

impl Live {
    /// Takes in a value that was just journalled; tells whether an alarm fired or a budget was spent by it.
    pub async fn hear<H: Host>(
        &mut self,
        app: &App<H>,
        key: SeriesKey,
        sample: Sample,
        travelling: &Travelling,
    ) -> Result<bool, AppError> {
        match self.series.get_mut(&key).filter(|series| series.course == travelling.course) {
            Some(series) if series.is_newest(sample.time) => series.take(sample),
            Some(series) => series.reread(app, key, sample.time).await?,
            None => {
                let series = Series::begun(app, key, travelling, sample.time).await?;
                self.series.insert(key, series);
            }
        }
        Ok(self.series.get_mut(&key).is_some_and(Series::decides))
    }

    /// Takes in what was sealed since, such as a downloaded log, and lets go what is no longer under way or
    /// is judged otherwise by now; tells whether anything was decided by it.
    pub async fn follow<'a, H: Host>(
        &mut self,
        app: &App<H>,
        travelling: impl Fn(Id, Id) -> Option<&'a Travelling>,
    ) -> Result<bool, AppError> {
        self.series.retain(|(shipment, logger, _), series| {
            travelling(*shipment, *logger).is_some_and(|known| known.course == series.course)
        });
        let mut decided = false;
        for (key, series) in &mut self.series {
            let Some(known) = travelling(key.0, key.1) else { continue };
            if let Some(first) = series.note_sealed(key.2, known) {
                // A sample of a log covers the time back to the one before it.
                let from = UtcMillis(first.0.saturating_sub(series.course.longest_ms()));
                series.reread(app, *key, from).await?;
                decided |= series.decides();
            }
        }
        Ok(decided)
    }

    /// How a series stands by the shipment's own profile.
    pub fn assessment(&self, key: &SeriesKey) -> Option<Assessment> {
        Some(self.series.get(key)?.judged.first()?.snapshot())
    }
}

impl Series {
    /// The series as the store has it; what was decided before `since` is nothing new.
    async fn begun<H: Host>(
        app: &App<H>,
        key: SeriesKey,
        travelling: &Travelling,
        since: UtcMillis,
    ) -> Result<Self, AppError> {
        let course = travelling.course.clone();
        let of = |profile| LiveAssessor::new(profile, course.interval_s, course.span);
        let judged = course.profiles.iter().map(of).collect();
        let mut series = Self { course, judged, decided: BTreeSet::new(), sealed: BTreeSet::new() };
        series.note_sealed(key.2, travelling);
        let stored = app.stored(key, series.course.clone(), UtcMillis(i64::MIN)).await?;
        for (judged, stored) in series.judged.iter_mut().zip(&stored) {
            judged.reread(since, |_| stored.iter().copied().filter(|sample| sample.time < since));
        }
        series.decides();
        for (judged, stored) in series.judged.iter_mut().zip(&stored) {
            judged.reread(since, |from| stored.iter().copied().filter(move |sample| sample.time >= from));
        }
        Ok(series)
    }

    fn is_newest(&self, time: UtcMillis) -> bool {
        self.judged.iter().all(|judged| judged.latest().is_none_or(|latest| latest < time))
    }

    /// Takes a value that is newer than all before it: nothing better can stand in its place.
    fn take(&mut self, sample: Sample) {
        if !self.course.counts(sample.time) {
            return;
        }
        let value = sample.value.0.saturating_add(self.course.offset.unwrap_or_default());
        let sample = Sample { value: MilliCelsius(value), ..sample };
        self.judged.iter_mut().for_each(|judged| judged.push(sample, |_| None));
    }

    async fn reread<H: Host>(
        &mut self,
        app: &App<H>,
        key: SeriesKey,
        time: UtcMillis,
    ) -> Result<(), AppError> {
        let Some(from) = self.judged.iter().map(|judged| judged.rereads_from(time)).min() else {
            return Ok(());
        };
        let stored = app.stored(key, self.course.clone(), from).await?;
        for (judged, stored) in self.judged.iter_mut().zip(stored) {
            judged.reread(time, |_| stored);
        }
        Ok(())
    }

    /// Notes the batches of a probe that were sealed; tells the first time of those that are new.
    fn note_sealed(&mut self, probe: u8, travelling: &Travelling) -> Option<UtcMillis> {
        let of_probe = travelling.sealed.iter().filter(|(_, (of, _))| *of == probe);
        let new = of_probe.filter(|(address, _)| self.sealed.insert(**address));
        new.map(|(_, (_, first))| *first).min()
    }

    /// Whether an alarm or a budget has been decided that was not before.
    fn decides(&mut self) -> bool {
        let mut decided = BTreeSet::new();
        for (place, judged) in self.judged.iter().enumerate() {
            let assessment = judged.snapshot();
            let fired = assessment.fired().map(|alarm| alarm.rule.id.clone());
            let spent = assessment.budgets.iter().filter(|budget| budget.spent_at.is_some());
            let spent = spent.map(|budget| format!("budget {}", budget.id));
            decided.extend(fired.chain(spent).map(|id| (place, id)));
        }
        let is_new = !decided.is_subset(&self.decided);
        self.decided = decided;
        is_new
    }
}

impl<H: Host> App<H> {
    /// The stored samples of a series from about an instant on, sealed or journalled, as each profile of its
    /// course judges them.
    async fn stored(
        &self,
        key: SeriesKey,
        course: Course,
        from: UtcMillis,
    ) -> Result<Vec<Vec<Sample>>, AppError> {
        let identity = self.host.identity();
        self.host
            .with_store(move |store| store.read(|view| stored(view, &identity, key, &course, from)))
            .await
    }
}

fn stored(
    view: &mut View<'_>,
    identity: &Identity,
    key: SeriesKey,
    course: &Course,
    from: UtcMillis,
) -> Result<Vec<Vec<Sample>>, AppError> {
    let (shipment, logger, probe) = key;
    let channel = Channel { quantity: Quantity::Temperature, probe };
    // Whether a sample counts depends on better ones up to a gap before it, and theirs on others.
    let from = UtcMillis(from.0.saturating_sub(course.longest_ms().saturating_mul(2)));
    let story = standing(view, identity, shipment)?;
    let loggers = read_model::fleet(view, &identity.organisation)?.at_pick_up(&story);
    let batches = batches(view, &story, (logger, channel), from)?;
    let heard = heard_from(view, key, from)?;
    let grounds = SeriesGrounds { key: (logger, channel), batches: &batches, loggers: &loggers };
    let of = |profile: &firn_model::profile::Profile| {
        let mut samples = samples_with_heard(&story, grounds, &heard, profile.interval_s);
        samples.retain(|sample| course.counts(sample.time));
        samples
    };
    Ok(course.profiles.iter().map(of).collect())
}

/// The sealed batches of a series whose last reading is not before an instant.
fn batches(
    view: &mut View<'_>,
    story: &Story,
    key: (Id, Channel),
    from: UtcMillis,
) -> Result<BTreeMap<Address, Batch>, AppError> {
    let mut batches = BTreeMap::new();
    for sealed in &story.sealed {
        let says = &sealed.readings;
        if (says.logger, says.channel) == key
            && says.last >= from
            && let Some(bytes) = view.batch(&Hash(sealed.address.0))?
        {
            batches.insert(sealed.address, Batch::from_bytes(&bytes)?);
        }
    }
    Ok(batches)
}
