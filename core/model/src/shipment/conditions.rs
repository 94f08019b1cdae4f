//! What else was measured on a shipment, by limits of its own: beside the verdict, never in it.

use super::gathered::{Gathered, sealed};
use super::judgement::{Grounds, span};
use super::placing::hull;
use super::story::Story;
use crate::api::{AssessedSeries, ConditionPoint, ConditionShown};
use crate::assess::Sample;
use crate::conditions::{ConditionSample, ConditionSeries, assess_condition, counter_size};
use crate::id::Id;
use crate::profile::Profile;
use crate::reading::{Channel, Quantity};
use crate::record::{ItemLine, Logger, Shipment};
use std::collections::BTreeMap;

/// Every channel other than temperature by logger and channel, judged by the profile that judges the
/// temperatures of its logger, from the pick-up to the receipt.
///
/// Where no logger measured a quantity that the shipment's profile limits, every logger that was placed is
/// listed with no reading of it.
pub(super) fn conditions(
    story: &Story,
    created: &Shipment,
    series: &[AssessedSeries],
    grounds: &Grounds<'_>,
    loggers: &BTreeMap<Id, Logger>,
) -> Vec<ConditionShown> {
    let mut gathered: BTreeMap<(Id, Channel), Gathered> = BTreeMap::new();
    let others = sealed(story, grounds.batches);
    for batch in others.filter(|batch| batch.channel.quantity != Quantity::Temperature) {
        let enrolled = loggers.get(&batch.logger).and_then(|logger| logger.interval_s);
        gathered.entry((batch.logger, batch.channel)).or_default().take(batch, enrolled);
    }
    for one in gathered.values_mut() {
        one.origins.settle();
    }
    add_unmeasured(story, created, &mut gathered);
    let shown = |(key, one): (&(Id, Channel), &Gathered)| {
        let profile = profile_of(key.0, created, series);
        judged(story, *key, one, profile, loggers.get(&key.0))
    };
    gathered.iter().map(shown).collect()
}

fn add_unmeasured(story: &Story, created: &Shipment, gathered: &mut BTreeMap<(Id, Channel), Gathered>) {
    for limit in &created.profile.conditions {
        if gathered.keys().any(|(_, channel)| channel.quantity == limit.quantity) {
            continue;
        }
        let channel = Channel { quantity: limit.quantity, probe: 0 };
        for placement in story.started.iter().flat_map(|started| &started.says.placements) {
            gathered.entry((placement.logger, channel)).or_default();
        }
    }
}

/// The profile by which the temperatures of a logger are judged.
fn profile_of<'a>(logger: Id, created: &'a Shipment, series: &[AssessedSeries]) -> &'a Profile {
    let line = series.iter().find(|one| one.logger == logger).and_then(|one| one.line);
    let line = line.and_then(|line| created.items.get(usize::try_from(line).ok()?));
    let own = line.and_then(|line: &ItemLine| line.profile.as_ref());
    own.unwrap_or(&created.profile)
}

fn judged(
    story: &Story,
    (logger, channel): (Id, Channel),
    one: &Gathered,
    profile: &Profile,
    known: Option<&Logger>,
) -> ConditionShown {
    // What lasts between two readings comes from the best source at each time; of peaks, batteries and counters
    // each reading says something that no other does.
    let samples = match channel.quantity {
        Quantity::Humidity | Quantity::Pressure => one.samples(profile.interval_s).into_owned(),
        _ => one.all_samples(),
    };
    let sample = |sample: &Sample| ConditionSample { time: sample.time, value: sample.value.0 };
    let mut samples: Vec<ConditionSample> = samples.iter().map(sample).collect();
    samples.sort_unstable();
    samples.dedup();
    let placed = hull(story, logger);
    let counted: Vec<ConditionSample> =
        samples.iter().copied().filter(|sample| placed.holds(sample.time)).collect();
    let series = ConditionSeries {
        logger,
        channel,
        samples: &counted,
        interval_s: one.interval_or(profile.interval_s),
        counter_size: counter_size(known.map_or("", |known| known.family.as_str())),
        aggregation: one.aggregation,
    };
    let window = placed.within(span(story));
    let assessment = assess_condition(&series, profile.condition(channel.quantity), window);
    ConditionShown {
        label: known.map_or_else(|| logger.to_string(), |known| known.label.clone()),
        points: samples.iter().map(|one| ConditionPoint { time: one.time, value: one.value }).collect(),
        provenance: one.origins.told(),
        assessment,
    }
}
