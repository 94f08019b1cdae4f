//! What stands against a leg that bars what goes on from it: what was measured there, and what people said of it.

use super::answers::Barred;
use super::journey::Step;
use super::judgement::{Grounds, gives_cause};
use super::story::Placed;
use crate::assess::{Assessment, Milliseconds};
use crate::id::Id;
use crate::record::{BarringLeg, Decision, EntryReference, LegSeries, LineSeries, Observation};
use std::collections::BTreeSet;

/// The series of a leg that were out of range or have gaps, up to the moment the goods left it, or may have
/// left it where they were out of range by then, and those of the legs that bar it.
pub(super) fn measured(step: &Step<'_>, grounds: &Grounds<'_>, legs: &[BarringLeg]) -> Vec<LegSeries> {
    let until = step.may_have_been_out(grounds).and(step.happened.until).or(step.until);
    let series =
        step.profile().map(|profile| step.measured_until(until, profile, grounds).1).unwrap_or_default();
    let told = |(series, assessment): (LineSeries, Assessment)| {
        let gaps = assessment.gaps.iter().fold(0_u64, |sum, gap| sum.saturating_add(gap.duration().0));
        let LineSeries { logger, channel, .. } = series;
        let (shipment, excursions) = (step.leg.shipment, assessment.excursions);
        LegSeries { shipment, logger, channel, excursions, gaps: Milliseconds(gaps) }
    };
    let tells = |one: &LegSeries| !one.excursions.is_empty() || one.gaps.0 > 0;
    let mut measured: Vec<LegSeries> = series.into_iter().map(told).filter(tells).collect();
    for one in legs.iter().flat_map(|leg| leg.measured.iter().flatten()) {
        if !measured.contains(one) {
            measured.push(one.clone());
        }
    }
    measured
}

/// The entries by which people put a leg in question: what they saw there until the goods left it or found at its
/// arrival, a calibration that found a logger out of tolerance, holds, rejections, and every
/// question about its lot that waits for an answer, and every answer that it is to be discarded; and
/// those by which the legs were put in question that bar it.
pub(super) fn said(step: &Step<'_>, legs: &[BarringLeg]) -> Vec<EntryReference> {
    let story = step.story;
    let arrived = || story.receipts().filter(|_| step.left_on_the_way().is_none());
    let found = arrived().filter(|one| !story.found_by(&one.says).is_empty()).map(|one| one.reference);
    let held = story.stock.quarantined.iter().map(|one| one.reference);
    let asked = step.line.lot.as_deref().map(|lot| story.all_barred(lot, &|_| true)).unwrap_or_default();
    let asked = asked.into_iter().map(|barred| match barred {
        Barred::Unanswered(review) => review.reference,
        Barred::Discard(reply) => reply.reference,
    });
    let rejected = story.stock.decisions.iter().filter(|one| one.says.decision == Decision::Reject);
    let rejected = rejected.map(|one| one.reference);
    let seen = seen(step).map(|one| one.reference);
    let from = story.started.as_ref().map(|started| started.says.at);
    let found_out = from.into_iter().flat_map(|from| {
        let of = move |logger: &Id| story.found_out(*logger, from, &|_| true);
        story.loggers().iter().flat_map(of).map(|entry| entry.reference).collect::<Vec<_>>()
    });
    let before = legs.iter().flat_map(|leg| leg.said.iter().flatten()).copied();
    let said: BTreeSet<EntryReference> =
        seen.chain(found).chain(found_out).chain(held).chain(rejected).chain(asked).chain(before).collect();
    said.into_iter().collect()
}

/// What somebody saw that gives cause to look, up to the moment the goods left, or by any clock before they were picked
/// up that went on.
pub(super) fn seen<'a>(step: &Step<'a>) -> impl Iterator<Item = &'a Placed<Observation>> {
    let left_on_the_way = step.left_on_the_way();
    let before = move |one: &Placed<Observation>| {
        left_on_the_way.is_none_or(|left| one.says.at <= left) || step.happened.seen.contains(&one.reference)
    };
    step.story.observations.iter().filter(move |one| gives_cause(one.says.observed) && before(one))
}
