//! Which clocks are wrong by the legs before a line: whether a pick-up or a receipt is dated before what its signer held
//! of them, and what a verdict tells of that.

use super::clocks::{Skew, has_clock, is_ahead_of, most, shows_clock};
use super::judgement::Grounds;
use super::late::{CLOCK_TOLERANCE_MS, is_still_to_come};
use super::line::LineJudgement;
use super::story::{SignedEntry, Story, Told};
use crate::api::{ClockDifference, Device};
use crate::assess::Milliseconds;
use crate::id::Id;
use crate::record::{ItemLine, LegClocks, Statement};
use data_encoding::HEXLOWER;
use std::collections::{BTreeMap, BTreeSet};

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

/// The clocks by which a line has the reason `clock` of its own, as a signed verdict tells them: of each two logs where
/// they differ most.
pub(super) fn leg_clocks(line: &LineJudgement) -> Vec<LegClocks> {
    let of_partners = line.foreign_legs.iter().filter_map(|leg| leg.clock_difference.as_ref());
    let of_partners = of_partners.filter(|one| is_still_to_come(one.ahead_at, one.behind_at));
    most_of(of_partners.chain(&line.behind_legs).filter_map(|one| {
        let (behind, ahead) = log_of(&one.behind).zip(log_of(&one.ahead))?;
        let difference = Milliseconds(one.ahead_at.0.saturating_sub(one.behind_at.0).unsigned_abs());
        Some(LegClocks { behind, ahead, difference })
    }))
}

/// The same of a leg that bars what goes on from it, with the clocks of the legs that bar it.
pub(super) fn clocks_against(line: &LineJudgement) -> Vec<LegClocks> {
    let of_legs = line.barring.iter().flat_map(|leg| leg.clocks.iter().flatten().copied());
    most_of(leg_clocks(line).into_iter().chain(of_legs))
}

/// Of each two logs the clocks where they differ most, ascending.
pub(super) fn most_of(clocks: impl Iterator<Item = LegClocks>) -> Vec<LegClocks> {
    let mut most: BTreeMap<([u8; 32], [u8; 32]), Milliseconds> = BTreeMap::new();
    for one in clocks {
        let known = most.entry((one.behind, one.ahead)).or_default();
        *known = (*known).max(one.difference);
    }
    let told = |((behind, ahead), difference)| LegClocks { behind, ahead, difference };
    most.into_iter().map(told).collect()
}

fn log_of(device: &Device) -> Option<[u8; 32]> {
    HEXLOWER.decode(device.log.as_bytes()).ok()?.try_into().ok()
}

/// Whether two clocks were to be expected to differ by what was told of others: of the one that was behind there, or of
/// the one that was ahead, and by no more than clocks may differ further.
pub(super) fn is_expected(now: &LegClocks, then: &[LegClocks]) -> bool {
    let tolerance = CLOCK_TOLERANCE_MS.unsigned_abs();
    then.iter().any(|then| {
        (now.behind == then.behind || now.ahead == then.ahead)
            && now.difference.0 <= then.difference.0.saturating_add(tolerance)
    })
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
    ahead.map(|told| Skew::of(behind, &told.entry)).collect()
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
