//! The samples of a shipment's series, gathered from its batches.

use super::graded::Origins;
use super::story::Story;
use crate::assess::{Sample, merge_sources};
use crate::id::Id;
use crate::reading::{Aggregation, Channel, ClockQuality, Quantity, Source};
use crate::record::{Address, Batch, Logger};
use crate::units::MilliCelsius;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// One series' samples by the way they came, with what is known of them.
#[derive(Default)]
pub(super) struct Gathered {
    log: Vec<Sample>,
    import: Vec<Sample>,
    advert: Vec<Sample>,
    /// The interval that the logger was enrolled with, in seconds.
    pub enrolled_interval_s: Option<u32>,
    /// The shortest that a batch tells.
    told_interval_s: Option<u32>,
    /// The readings of files that tell an interval.
    told: Vec<Sample>,
    /// The readings of a memory or of files that tell none.
    untold: Vec<Sample>,
    /// Where the readings came from.
    pub origins: Origins,
    /// Whether some were timed by a clock that nobody had set.
    pub clock_never_set: bool,
    /// What some of the values are, where they are no samples.
    pub aggregation: Option<Aggregation>,
}

/// The temperatures of a story's batches that are held, by logger and channel; each logger's offset is added.
pub(super) fn gather(
    story: &Story,
    batches: &BTreeMap<Address, Batch>,
    loggers: &BTreeMap<Id, Logger>,
    interval_s: u32,
) -> BTreeMap<(Id, Channel), Gathered> {
    let mut gathered: BTreeMap<(Id, Channel), Gathered> = BTreeMap::new();
    for batch in sealed(story, batches).filter(|batch| batch.channel.quantity == Quantity::Temperature) {
        let enrolled = loggers.get(&batch.logger).and_then(|logger| logger.interval_s);
        gathered.entry((batch.logger, batch.channel)).or_default().take(batch, enrolled);
    }
    for ((logger, _), one) in &mut gathered {
        one.settle();
        // What was heard is compared with the memory as both were measured.
        one.origins.compare(&one.log, one.interval_or(interval_s));
        if let Some(offset) = loggers.get(logger).and_then(|logger| logger.offset_mc) {
            one.shift(offset);
        }
    }
    gathered
}

/// The batches of a story that are held and are what their entries say of them.
pub(super) fn sealed<'a>(
    story: &'a Story,
    batches: &'a BTreeMap<Address, Batch>,
) -> impl Iterator<Item = &'a Batch> {
    story.sealed.iter().filter_map(|sealed| {
        let (batch, says) = (batches.get(&sealed.address)?, &sealed.readings);
        let agrees = (says.logger, says.channel, says.source) == (batch.logger, batch.channel, batch.source);
        agrees.then_some(batch)
    })
}

impl Gathered {
    /// Takes in the readings of one batch.
    pub fn take(&mut self, batch: &Batch, enrolled_interval_s: Option<u32>) {
        let told = batch.interval_s.filter(|seconds| *seconds > 0);
        let samples = batch.times.iter().zip(&batch.values);
        let samples = samples.map(|(time, value)| Sample { time: *time, value: MilliCelsius(*value) });
        match (batch.source, told) {
            (Source::Import, Some(_)) => self.told.extend(samples.clone()),
            (Source::Import | Source::Log, None) => self.untold.extend(samples.clone()),
            (Source::Log, Some(_)) | (Source::Advert, _) => {}
        }
        match batch.source {
            Source::Log => self.log.extend(samples),
            Source::Import => self.import.extend(samples),
            Source::Advert => self.advert.extend(samples),
        }
        self.told_interval_s = self.told_interval_s.into_iter().chain(told).min();
        self.enrolled_interval_s = enrolled_interval_s.filter(|seconds| *seconds > 0);
        self.origins.take(batch);
        self.clock_never_set |= batch.clock == ClockQuality::NeverSet;
        self.aggregation = self.aggregation.or(batch.aggregation);
    }

    /// Once all batches are in: what came twice counts once, and a reading that a file with an interval holds has
    /// that one, whichever file came first.
    pub fn settle(&mut self) {
        for samples in [&mut self.log, &mut self.import] {
            samples.sort_unstable();
            samples.dedup();
        }
        let told: BTreeSet<Sample> = std::mem::take(&mut self.told).into_iter().collect();
        self.untold.retain(|sample| !told.contains(sample));
    }

    fn shift(&mut self, offset_mc: i32) {
        for sample in self.log.iter_mut().chain(&mut self.import).chain(&mut self.advert) {
            sample.value = MilliCelsius(sample.value.0.saturating_add(offset_mc));
        }
    }

    /// Adds adverts that no batch holds; one that is gathered already counts once.
    pub fn hear(&mut self, mut heard: BTreeSet<Sample>) {
        for known in &self.advert {
            heard.remove(known);
        }
        self.advert.extend(heard);
    }

    /// Whether some came from a file.
    pub fn is_imported(&self) -> bool {
        !self.import.is_empty()
    }

    /// The interval by which gaps are judged, in seconds: of those that stand for some of its readings the shortest,
    /// by which the most is a gap, whoever read which file first. For readings of a memory or a file that tells none
    /// that is the enrolled one, else the profile's.
    pub fn interval_or(&self, profile_s: u32) -> u32 {
        let enrolled_or_profile = self.enrolled_interval_s.unwrap_or(profile_s);
        match self.told_interval_s {
            Some(told) if self.untold.is_empty() => told,
            Some(told) => told.min(enrolled_or_profile),
            None => enrolled_or_profile,
        }
    }

    /// Every sample, whichever way it came.
    pub fn all_samples(&self) -> Vec<Sample> {
        [&self.log, &self.import, &self.advert].into_iter().flatten().copied().collect()
    }

    /// The samples of the best source at each time.
    pub fn samples(&self, profile_s: u32) -> Cow<'_, [Sample]> {
        merge_sources(&self.log, &self.import, &self.advert, self.interval_or(profile_s))
    }
}
