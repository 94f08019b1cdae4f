//! Whether a pick-up or a receipt is dated before what its signer held of the legs before it: one of two clocks is wrong.

use super::clocks::{Skew, has_clock, is_ahead_of, most, shows_clock};
use super::judgement::Grounds;
use super::story::{SignedEntry, Story, Told};
use crate::api::ClockDifference;
use crate::id::Id;
use crate::record::{ItemLine, Statement};
use std::collections::BTreeSet;

/// The clocks that differ by what the signers of the shipment's times held of a line's legs, directly or as a file of
/// another organisation told it; for each two logs where they differ most.
///
/// Who signed no time of the shipment but looked at it later, to decide say, dates nothing here.
pub(super) fn behind_legs(story: &Story, line: &ItemLine, grounds: &Grounds<'_>) -> Vec<ClockDifference> {
    let legs = legs_before(line, grounds);
    let skews = story.told.iter().filter(|told| gives_a_time(told)).flat_map(|told| {
        let of_leg = |leg: &Id| ahead_of(&told.entry, *leg, grounds);
        legs.iter().flat_map(of_leg).collect::<Vec<_>>()
    });
    most(skews)
}

fn gives_a_time(told: &Told) -> bool {
    shows_clock(told) && matches!(told.statement, Some(Statement::Started(_) | Statement::Received(_)))
}

/// What the signer of an entry held of a leg that is dated after it.
fn ahead_of<'a>(behind: &'a SignedEntry, leg: Id, grounds: &Grounds<'a>) -> Vec<Skew<'a>> {
    let Some(story) = grounds.earlier.get(&leg) else { return Vec::new() };
    let takings = grounds.foreign.get(&leg).map(|foreign| foreign.takings.as_slice()).unwrap_or_default();
    let is_held = |entry: &SignedEntry| {
        behind.holds(entry) || takings.iter().any(|taking| taking.lets_hold(behind, entry))
    };
    let told = story.told.iter().chain(takings.iter().map(|taking| &taking.told));
    let ahead =
        told.filter(|told| has_clock(told) && is_ahead_of(told.entry.at, behind.at) && is_held(&told.entry));
    ahead.map(|told| Skew { behind, ahead: &told.entry }).collect()
}

/// The shipments that a line went through, one after another, as far as they are held.
fn legs_before(line: &ItemLine, grounds: &Grounds<'_>) -> BTreeSet<Id> {
    let named = |line: &ItemLine| line.legs.iter().flatten().map(|leg| leg.shipment).collect::<Vec<_>>();
    let (mut found, mut next) = (BTreeSet::new(), named(line));
    while let Some(leg) = next.pop() {
        if let Some(story) = grounds.earlier.get(&leg).filter(|_| found.insert(leg)) {
            next.extend(story.created.iter().flat_map(|created| &created.says.items).flat_map(named));
        }
    }
    found
}
