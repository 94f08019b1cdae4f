//! How much a logger's own counter counted.

use super::{ConditionAssessment, ConditionExcursion, ConditionSample, ConditionSeries, Stretch, ToldBefore};
use crate::assess::{EndedBy, Milliseconds};
use crate::profile::{Bound, ConditionLimit};
use crate::time::UtcMillis;

/// What a family's counter of movements counts up to before it begins anew, plus one.
///
/// RuuviTag: 0 to 254 (data format 5, where 255 says "not available"). ELA Blue and Teltonika EYE: 15 bits, the
/// sixteenth tells of the moment. Any other: 32 bits, which none fills.
pub fn counter_size(family: &str) -> u64 {
    match family {
        "ruuvitag" => 255,
        "ela" | "teltonika-eye" => 1 << 15,
        _ => 1 << 32,
    }
}

/// How much was counted up to each sample, the first being zero; the samples ascend by time.
///
/// A value that is less than half the counter's size ahead of the one reached goes on from it, over the end where
/// it has to. One that is behind is a late one, and counts nothing, where within `window_ms` after it the counter
/// goes on from what was reached; else the counter began anew, or leapt by more than half its size.
pub fn movements(samples: &[ConditionSample], size: u64, window_ms: u64) -> Vec<u64> {
    let value = |sample: &ConditionSample| u64::from(sample.value.unsigned_abs());
    let ahead = |from: u64, to: u64| {
        let (from, to) = (from.checked_rem(size).unwrap_or(from), to.checked_rem(size).unwrap_or(to));
        if to >= from { to.saturating_sub(from) } else { to.saturating_add(size).saturating_sub(from) }
    };
    let goes_on = |from: u64, to: u64| ahead(from, to) < size / 2;
    let mut reached = samples.first().map(value).unwrap_or_default();
    let mut total = 0_u64;
    let mut counted = Vec::with_capacity(samples.len());
    for (index, sample) in samples.iter().enumerate() {
        let now = value(sample);
        let mut later = samples.iter().skip(index.saturating_add(1));
        let near = |later: &&ConditionSample| later.time.0.abs_diff(sample.time.0) <= window_ms;
        if goes_on(reached, now) {
            total = total.saturating_add(ahead(reached, now));
            reached = now;
        } else if !later.by_ref().take_while(near).any(|later| goes_on(reached, value(later))) {
            total = total.saturating_add(if now > reached { now.saturating_sub(reached) } else { now });
            reached = now;
        }
        counted.push(total);
    }
    counted
}

/// Judges how much was counted in all stretches; `samples` ascend by time, those before a stretch included.
pub(super) fn judge(
    empty: ConditionAssessment,
    (samples, stretches): (&[ConditionSample], &[Stretch]),
    series: &ConditionSeries<'_>,
    limit: Option<&ConditionLimit>,
) -> ConditionAssessment {
    let window_ms = u64::from(series.interval_s).saturating_mul(1500);
    let counted = counts(samples, stretches, series.counter_size, window_ms);
    let total = counted.last().map(|(_, count)| *count);
    let most = limit.and_then(|limit| u64::try_from(limit.high?).ok());
    let crossed = counted.iter().find(|(_, count)| most.is_some_and(|most| *count > most));
    let out_since: Option<UtcMillis> = crossed.map(|(time, _)| *time);
    let excursion = |begin| ConditionExcursion {
        bound: Bound::Above,
        begin,
        end: None,
        ended_by: EndedBy::Open,
        duration: Milliseconds(0),
        extreme: i32::try_from(total.unwrap_or_default()).unwrap_or(i32::MAX),
    };
    ConditionAssessment {
        movements: total,
        excursions: out_since.map(excursion).into_iter().collect(),
        out_since,
        ..empty
    }
}

/// How much was counted in the stretches up to each sample in them, and to the begin where a value holds there.
///
/// What a counter tells at the end of a stretch was counted in it, whatever the logger is in then.
fn counts(
    samples: &[ConditionSample],
    stretches: &[Stretch],
    size: u64,
    window_ms: u64,
) -> Vec<(UtcMillis, u64)> {
    let end = stretches.last().and_then(|last| last.span.to);
    let known: Vec<ConditionSample> =
        samples.iter().copied().take_while(|sample| end.is_none_or(|end| sample.time <= end)).collect();
    let reached: Vec<(UtcMillis, u64)> =
        known.iter().map(|sample| sample.time).zip(movements(&known, size, window_ms)).collect();
    let mut counted: Vec<(UtcMillis, u64)> = Vec::new();
    for stretch in stretches {
        let before = counted.last().map_or(0, |(_, count)| *count);
        let from = stretch.span.from.filter(|from| stretch.span.contains(*from));
        let held = from.filter(|_| stretch.before == ToldBefore::Holds).and_then(|from| {
            let last = reached.iter().take_while(|(time, _)| *time <= from).last()?;
            Some((from, last.1))
        });
        let within = reached.iter().copied().filter(|(time, _)| stretch.span.contains(*time));
        let told: Vec<(UtcMillis, u64)> = held.into_iter().chain(within).collect();
        let base = told.first().map_or(0, |(_, count)| *count);
        let since = |count: u64| before.saturating_add(count.saturating_sub(base));
        counted.extend(told.into_iter().map(|(time, count)| (time, since(count))));
    }
    counted
}
