//! What a logger measured other than temperature, against limits of its own: rules `firn-conditions-1`.
//!
//! A pure function of the limit, the samples and the span, whatever the order of arrival, beside the verdict on
//! temperatures and never part of it. What the rules say:
//! - Humidity and pressure are samples: time counts as that of `firn-assess-1` does, with gaps longer than 1.5
//!   intervals, excursions that end as excursions of temperature do, and an allowance as an alarm has it.
//! - Acceleration is known at moments alone: each peak beyond the limit is out, none lasts.
//! - A battery's value holds until the logger tells another, so that nothing between two is a gap; the last one
//!   told before a stretch holds at its begin.
//! - Movement is the logger's own counter. What is judged is how much was counted from what it had last told at the
//!   begin, else from the first reading that counts, to the last, whatever its width ([`counter_size`]).
//! - Over several stretches an allowance in all adds up, one in a single stretch does not.

mod counted;
mod stretch;
mod walk;

pub use counted::{counter_size, movements};
pub use stretch::{Stretch, StretchEnd, ToldBefore};

use crate::assess::{EndedBy, Milliseconds, Span};
use crate::id::Id;
use crate::profile::{Bound, ConditionLimit};
use crate::reading::{Aggregation, Channel, Quantity};
use crate::time::UtcMillis;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use walk::Walk;

/// The version of the rules here; what is signed names it.
pub const CONDITION_RULES: &str = "firn-conditions-1";

/// One value at one instant, in the unit of its quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConditionSample {
    /// When.
    pub time: UtcMillis,
    /// How much.
    pub value: i32,
}

/// How a condition stands; no verdict on goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum ConditionOutcome {
    /// Within its limits, or beyond them for less than the allowance.
    #[n(1)]
    Within,
    /// Out of its limits.
    #[n(2)]
    Out,
    /// There is no limit, or no reading that counts.
    #[n(3)]
    NotJudged,
}

/// All conditions of a shipment, as they are signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Conditions {
    /// The version of the rules, [`CONDITION_RULES`] for what is computed here.
    #[n(1)]
    pub rules: String,
    /// Each by logger, channel and the first of the lines that it is for.
    #[n(2)]
    pub assessments: Vec<ConditionAssessment>,
}

/// How one logger's one channel stands; values are in the unit of its quantity.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct ConditionAssessment {
    /// Which logger.
    #[n(1)]
    pub logger: Id,
    /// Which of its channels.
    #[n(2)]
    pub channel: Channel,
    /// How it stands.
    #[n(3)]
    pub outcome: ConditionOutcome,
    /// What it is judged by.
    #[n(4)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<ConditionLimit>,
    /// How many readings count; what holds at a begin is one.
    #[n(5)]
    pub count: u64,
    /// The lowest of them; none of a counter.
    #[n(6)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowest: Option<i32>,
    /// The highest of them; none of a counter.
    #[n(7)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest: Option<i32>,
    /// How many movements were counted from what was last told at the begin, else from the first reading that
    /// counts, to the last.
    #[n(8)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movements: Option<u64>,
    /// The stretches out of limits, by time.
    #[n(9)]
    pub excursions: Vec<ConditionExcursion>,
    /// The reading at which it was out, or the begin where what was told before is.
    #[n(10)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_since: Option<UtcMillis>,
    /// The proven time out of limits.
    #[n(11)]
    #[serde(rename = "out_s")]
    pub out: Milliseconds,
    /// The time of which nothing is known.
    #[n(12)]
    #[serde(rename = "no_data_s")]
    pub no_data: Milliseconds,
    /// The interval in seconds by which gaps are judged.
    #[n(13)]
    pub interval_s: u32,
    /// Some of its values are no samples.
    #[n(14)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation: Option<Aggregation>,
    /// The item lines that it is for, ascending from 0, where it is not for all of them; none of them where the
    /// logger serves none.
    #[n(15)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<u32>>,
}

/// One stretch out of limits on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct ConditionExcursion {
    /// Which side.
    #[n(1)]
    pub bound: Bound,
    /// The first reading out of limits.
    #[n(2)]
    pub begin: UtcMillis,
    /// The first reading in limits or across, or the last one before a gap; of a peak the last one beyond the
    /// limit; absent while it is open.
    #[n(3)]
    pub end: Option<UtcMillis>,
    /// What ended it.
    #[n(4)]
    pub ended_by: EndedBy,
    /// The proven time from begin to end; zero of peaks and counters.
    #[n(5)]
    #[serde(rename = "duration_s")]
    pub duration: Milliseconds,
    /// The reading furthest out; of movement how much was counted in all.
    #[n(6)]
    pub extreme: i32,
}

/// What one channel is judged from.
#[derive(Clone, Copy, Debug)]
pub struct ConditionSeries<'a> {
    /// Whose.
    pub logger: Id,
    /// Of what.
    pub channel: Channel,
    /// The samples, in any order.
    pub samples: &'a [ConditionSample],
    /// The interval in seconds by which gaps are judged.
    pub interval_s: u32,
    /// What the logger's counter counts up to, plus one ([`counter_size`]).
    pub counter_size: u64,
    /// What some of its values are.
    pub aggregation: Option<Aggregation>,
}

impl Conditions {
    /// What is computed by the rules of this release.
    pub fn new(assessments: Vec<ConditionAssessment>) -> Self {
        Self { rules: CONDITION_RULES.into(), assessments }
    }

    /// The channels that are out of their limits, with the lines that they are for where it is not for all.
    pub fn out(&self) -> impl Iterator<Item = (Id, Channel, Option<Vec<u32>>)> {
        let out = self.assessments.iter().filter(|one| one.outcome == ConditionOutcome::Out);
        out.map(|one| (one.logger, one.channel, one.lines.clone()))
    }
}

/// Judges one channel over a span; what holds, from what was last told before it.
pub fn assess_condition(
    series: &ConditionSeries<'_>,
    limit: Option<&ConditionLimit>,
    span: Span,
) -> ConditionAssessment {
    assess_stretches(series, limit, &[Stretch::of(span)])
}

/// Judges one channel over several stretches that ascend and do not overlap.
pub fn assess_stretches(
    series: &ConditionSeries<'_>,
    limit: Option<&ConditionLimit>,
    stretches: &[Stretch],
) -> ConditionAssessment {
    let quantity = series.channel.quantity;
    let limit = limit.filter(|limit| limit.quantity == quantity);
    let sorted = sorted(series.samples);
    let counted: Vec<(Span, Vec<ConditionSample>)> =
        stretches.iter().map(|one| (one.span, one.samples(quantity, &sorted))).collect();
    let plain = plain(series, limit, &counted);
    let judged = match quantity {
        Quantity::Movement => counted::judge(plain, (&sorted, stretches), series, limit),
        quantity => Walk::new(quantity, series.interval_s, limit).over(&counted, plain),
    };
    let outcome = match (judged.limit, judged.count, judged.out_since) {
        (None, ..) | (_, 0, _) => ConditionOutcome::NotJudged,
        (_, _, Some(_)) => ConditionOutcome::Out,
        (_, _, None) => ConditionOutcome::Within,
    };
    ConditionAssessment { outcome, ..judged }
}

/// What is known without counting time: how many values, and which are the furthest apart.
fn plain(
    series: &ConditionSeries<'_>,
    limit: Option<&ConditionLimit>,
    counted: &[(Span, Vec<ConditionSample>)],
) -> ConditionAssessment {
    let is_counter = series.channel.quantity == Quantity::Movement;
    let all = || counted.iter().flat_map(|(_, samples)| samples);
    let values = || all().map(|sample| sample.value).filter(|_| !is_counter);
    ConditionAssessment {
        logger: series.logger,
        channel: series.channel,
        outcome: ConditionOutcome::NotJudged,
        limit: limit.copied(),
        count: all().count().try_into().unwrap_or(u64::MAX),
        lowest: values().min(),
        highest: values().max(),
        movements: None,
        excursions: Vec::new(),
        out_since: None,
        out: Milliseconds(0),
        no_data: Milliseconds(0),
        interval_s: series.interval_s,
        aggregation: series.aggregation,
        lines: None,
    }
}

fn sorted(samples: &[ConditionSample]) -> Cow<'_, [ConditionSample]> {
    if samples.is_sorted() {
        return Cow::Borrowed(samples);
    }
    let mut copy = samples.to_vec();
    copy.sort_unstable();
    Cow::Owned(copy)
}

#[cfg(test)]
mod tests;
