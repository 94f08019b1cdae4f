//! By what a logger's series are judged while they are still measured.

use super::gathered::gather;
use super::judgement::span;
use super::placing::{Window, hull, placed};
use super::story::Story;
use crate::assess::{Sample, Span};
use crate::id::Id;
use crate::profile::Profile;
use crate::reading::Channel;
use crate::record::{Address, Batch, Logger};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use std::collections::BTreeMap;

/// What is known of a logger's series before any of its readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// The shipment's profile, then those that its item lines have of their own, each once.
    pub profiles: Vec<Profile>,
    /// The logger's own interval in seconds, where it is known.
    pub interval_s: Option<u32>,
    /// The time that counts.
    pub span: Span,
    /// When the logger was placed anywhere: what it reads elsewhere counts for nothing.
    pub placed: Vec<Window>,
    /// What is added to each of its readings.
    pub offset: Option<i32>,
}

impl Course {
    /// Whether a reading of that time was measured where the logger was placed.
    pub fn counts(&self, time: UtcMillis) -> bool {
        self.placed.iter().any(|window| window.counts(time))
    }

    /// The longest time between two readings that is no gap by any of its profiles, in milliseconds.
    pub fn longest_ms(&self) -> i64 {
        let of_profile = self.profiles.iter().map(|profile| profile.interval_s).max();
        let interval_s = self.interval_s.filter(|seconds| *seconds > 0).or(of_profile);
        i64::from(interval_s.unwrap_or_default()).saturating_mul(1500)
    }
}

/// A series, its batches that are held and the organisation's loggers as they were at the pick-up.
#[derive(Clone, Copy, Debug)]
pub struct SeriesGrounds<'a> {
    /// The logger and the channel.
    pub key: (Id, Channel),
    /// The batches that are held, by address.
    pub batches: &'a BTreeMap<Address, Batch>,
    /// The loggers by id.
    pub loggers: &'a BTreeMap<Id, Logger>,
}

/// The course of a logger's series; none before the shipment was created.
pub fn course(story: &Story, logger: Id, loggers: &BTreeMap<Id, Logger>) -> Option<Course> {
    let created = &story.created.as_ref()?.says;
    let mut profiles = vec![created.profile.clone()];
    for profile in created.items.iter().filter_map(|item| item.profile.as_ref()) {
        if !profiles.contains(profile) {
            profiles.push(profile.clone());
        }
    }
    let known = loggers.get(&logger);
    Some(Course {
        profiles,
        interval_s: known.and_then(|known| known.interval_s),
        span: hull(story, logger).within(span(story)),
        placed: placed(story, logger),
        offset: known.and_then(|known| known.offset_mc).filter(|offset| *offset != 0),
    })
}

/// A series' samples as [`super::judge`] takes them, were `heard` sealed too: adverts that wait in no batch.
///
/// An advert that a batch holds already counts once. `interval_s` is the profile's.
pub fn samples_with_heard(
    story: &Story,
    grounds: SeriesGrounds<'_>,
    heard: &[Sample],
    interval_s: u32,
) -> Vec<Sample> {
    let mut one =
        gather(story, grounds.batches, grounds.loggers, interval_s).remove(&grounds.key).unwrap_or_default();
    let known = grounds.loggers.get(&grounds.key.0);
    one.enrolled_interval_s = known.and_then(|known| known.interval_s).filter(|seconds| *seconds > 0);
    let offset = known.and_then(|known| known.offset_mc).unwrap_or_default();
    let shifted = heard
        .iter()
        .map(|sample| Sample { value: MilliCelsius(sample.value.0.saturating_add(offset)), ..*sample });
    one.hear(shifted.collect());
    one.samples(interval_s).into_owned()
}
