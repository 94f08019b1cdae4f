//! What else was measured on a shipment, by limits of its own: beside the verdict, never in it.

mod usage;

use super::gathered::{Gathered, sealed};
use super::judgement::{Grounds, span};
use super::placing::Window;
use super::story::Story;
use crate::api::{ConditionPoint, ConditionShown};
use crate::assess::Sample;
use crate::conditions::{
    ConditionAssessment, ConditionSample, ConditionSeries, Stretch, StretchEnd, ToldBefore, assess_stretches,
    counter_size,
};
use crate::id::Id;
use crate::reading::{Channel, Quantity};
use crate::record::{Batch, Logger, Shipment};
use std::collections::BTreeMap;
use usage::{Lines, Usage};

/// The channels other than temperature.
type Others = BTreeMap<(Id, Channel), Gathered>;

/// What the conditions of a shipment are judged from.
struct Matter<'a> {
    story: &'a Story,
    created: &'a Shipment,
    /// What is held of every channel.
    batches: Vec<&'a Batch>,
    loggers: &'a BTreeMap<Id, Logger>,
}

/// Every channel other than temperature by logger and channel, judged for each line by its own profile or the
/// shipment's, while the logger counts for it; equal judgements once.
///
/// Of a logger that counts for no line, or none at the time, the shipment's own profile decides. Where no logger of
/// a line measured a quantity that its profile limits, each of them is listed with no reading of it.
pub(super) fn conditions(
    story: &Story,
    created: &Shipment,
    grounds: &Grounds<'_>,
    loggers: &BTreeMap<Id, Logger>,
) -> Vec<ConditionShown> {
    let batches: Vec<&Batch> = sealed(story, grounds.batches).collect();
    let mut gathered: Others = BTreeMap::new();
    for batch in batches.iter().filter(|batch| batch.channel.quantity != Quantity::Temperature) {
        let enrolled = loggers.get(&batch.logger).and_then(|logger| logger.interval_s);
        gathered.entry((batch.logger, batch.channel)).or_default().take(batch, enrolled);
    }
    for one in gathered.values_mut() {
        one.settle();
        one.origins.settle();
    }
    let lines = Lines::of(story, created, &gathered);
    for key in lines.unmeasured() {
        gathered.entry(key).or_default();
    }
    let matter = Matter { story, created, batches, loggers };
    let shown = |(key, one): (&(Id, Channel), &Gathered)| -> Vec<ConditionShown> {
        lines.usages(*key, one).into_iter().map(|usage| matter.judged(*key, one, usage)).collect()
    };
    gathered.iter().flat_map(shown).collect()
}

impl Matter<'_> {
    fn judged(&self, (logger, channel): (Id, Channel), one: &Gathered, usage: Usage) -> ConditionShown {
        let known = self.loggers.get(&logger);
        let samples = samples(channel.quantity, one, usage.interval_s);
        let series = ConditionSeries {
            logger,
            channel,
            samples: &samples,
            interval_s: usage.interval_s,
            counter_size: counter_size(known.map_or("", |known| known.family.as_str())),
            aggregation: one.aggregation,
        };
        let stretches = self.stretches(logger, channel.quantity, &usage.windows);
        let judged = assess_stretches(&series, usage.limit.as_ref(), &stretches);
        let lines = Some(usage.lines).filter(|lines| lines.len() != self.created.items.len());
        ConditionShown {
            label: known.map_or_else(|| logger.to_string(), |known| known.label.clone()),
            points: samples.iter().map(|one| ConditionPoint { time: one.time, value: one.value }).collect(),
            provenance: one.origins.told(),
            assessment: ConditionAssessment { lines, ..judged },
        }
    }

    /// The parts of the windows from the pick-up to the receipt.
    fn stretches(&self, logger: Id, quantity: Quantity, windows: &[Window]) -> Vec<Stretch> {
        let whole = span(self.story);
        let stretch = |window: &Window| {
            let ends_later = |to| whole.to.is_some_and(|end| end < to);
            let arrives = window.to.is_none_or(ends_later);
            let end = if arrives { StretchEnd::Counts } else { StretchEnd::IsElsewhere };
            let stretch = Stretch { end, ..Stretch::of(window.within(whole)) };
            let holds = quantity.is_held() && self.was_read(logger, &stretch);
            Stretch { before: if holds { ToldBefore::Holds } else { ToldBefore::IsUnknown }, ..stretch }
        };
        windows.iter().filter(|window| window.meets(whole)).map(stretch).collect()
    }

    /// Whether anything was read of a logger in a stretch, be it that what holds had not changed.
    fn was_read(&self, logger: Id, stretch: &Stretch) -> bool {
        let mut of_logger = self.batches.iter().filter(|batch| batch.logger == logger);
        of_logger.any(|batch| batch.times.iter().any(|time| stretch.counts(*time)))
    }
}

/// What lasts between two readings comes from the best source at each time; of peaks, batteries and counters each
/// reading says something that no other does.
fn samples(quantity: Quantity, one: &Gathered, interval_s: u32) -> Vec<ConditionSample> {
    let samples = match quantity {
        Quantity::Humidity | Quantity::Pressure => one.samples(interval_s).into_owned(),
        _ => one.all_samples(),
    };
    let sample = |sample: &Sample| ConditionSample { time: sample.time, value: sample.value.0 };
    let mut samples: Vec<ConditionSample> = samples.iter().map(sample).collect();
    samples.sort_unstable();
    samples.dedup();
    samples
}
