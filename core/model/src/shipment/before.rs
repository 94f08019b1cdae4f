//! How the shipments stand by all that is held that goods went through before, and which of them bar what goes on.

use super::against;
use super::behind::clocks_against;
use super::fleet::Fleet;
use super::journey::Step;
use super::judgement::{Grounds, Judgement, judge_after};
use super::leg;
use super::line::LineJudgement;
use super::receipt::has_passed;
use super::standing::LineStanding;
use super::story::{Sealed, Story};
use super::watch::Left;
use crate::api::CalibrationStanding::FoundOut;
use crate::assess::{Reason, Verdict};
use crate::id::Id;
use crate::record::{BarringLeg, ItemLine, Leg, LegStood};
use crate::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// The longest chain of shipments that is followed.
pub(super) const LONGEST_CHAIN: usize = 64;

/// The reasons of a shipment that put goods in question which have left it.
const IN_NO_NUMBER: [Reason; 2] = [Reason::Observation, Reason::CustodyConflict];

/// The shipments before one, each as the evidence gives it now.
pub(super) type Before = BTreeMap<Id, Stood>;

/// An earlier shipment as it stands now, whether or not anything was signed of it.
pub(super) struct Stood {
    judgement: Judgement,
    standings: BTreeMap<u32, LineStanding>,
}

/// Every shipment before a story, judged once and after those that went before it.
pub(super) fn before(story: &Story, grounds: &Grounds<'_>) -> Before {
    let (mut before, mut seen) = (Before::new(), BTreeSet::new());
    follow(story, grounds, &mut seen, LONGEST_CHAIN, &mut before);
    before
}

fn follow(story: &Story, grounds: &Grounds<'_>, seen: &mut BTreeSet<Id>, depth: usize, before: &mut Before) {
    let lines = story.created.iter().flat_map(|created| &created.says.items);
    for shipment in lines.flat_map(|line| line.legs.iter().flatten()).map(|leg| leg.shipment) {
        let Some(earlier) = grounds.earlier.get(&shipment).filter(|_| depth > 0 && seen.insert(shipment))
        else {
            continue;
        };
        follow(earlier, grounds, seen, depth.saturating_sub(1), before);
        let fleet: &Fleet = grounds.foreign.get(&shipment).map_or(grounds.fleet, |foreign| &foreign.fleet);
        let judgement = judge_after(earlier, &Grounds { fleet, ..*grounds }, before);
        let stock = earlier.stock_now(&judgement);
        let standings = earlier.parts().into_iter().map(|line| (line, stock.standing(line))).collect();
        before.insert(shipment, Stood { judgement, standings });
    }
}

/// Whether a leg bars what goes on from it: its stock is rejected, held or put in question by the evidence as of now,
/// or nobody has decided about it and it may not be released or there is something of its own to decide, under way
/// or not.
pub(super) fn bars(step: &Step<'_>, before: &Before, grounds: &Grounds<'_>, left: Left<'_>) -> bool {
    let line = step.leg.line;
    let Some(stood) = before.get(&step.leg.shipment) else { return leg::bars(step.story, line) };
    match stood.standings.get(&line) {
        Some(LineStanding::Rejected | LineStanding::Held | LineStanding::Conflict) => true,
        Some(LineStanding::Released) => false,
        Some(LineStanding::Undecided) | None => {
            let may_not_be_released =
                || step.story.bars(UtcMillis(i64::MIN)).iter().any(|bar| bar.line == line);
            step.story.disposition.is_some()
                || may_not_be_released()
                || stood.is_in_doubt(step, grounds)
                || step.was_out_for_no_time(grounds, left)
        }
    }
}

/// How a leg that bars stands: what people said of it and what is known of it now.
pub(super) fn barring(step: &Step<'_>, before: &Before, grounds: &Grounds<'_>) -> BarringLeg {
    let Leg { shipment, line } = step.leg;
    let stood = before.get(&shipment);
    let standing = stood.and_then(|stood| stood.standings.get(&line)).copied();
    let may_be_released = !step.story.bars(UtcMillis(i64::MIN)).iter().any(|bar| bar.line == line);
    let judged = stood.and_then(|stood| stood.judgement.lines.get(usize::try_from(line).ok()?));
    let legs = judged.map(|line| line.barring.as_slice()).unwrap_or_default();
    let of_line = step.may_have_been_out(grounds).or_else(|| step.watched_until_left(grounds));
    let of_line = of_line.or_else(|| judged.map(|line| (line.verdict, line.reasons.clone())));
    let (verdict, reasons) = of_line.unwrap_or_default();
    let of_shipment = stood.map(|stood| stood.judgement.reasons.as_slice()).unwrap_or_default();
    let beside = of_shipment.iter().copied().filter(|reason| IN_NO_NUMBER.contains(reason));
    BarringLeg {
        shipment,
        line,
        stood: match standing {
            Some(LineStanding::Rejected) => LegStood::Rejected,
            _ if !may_be_released => LegStood::NotReleasable,
            Some(LineStanding::Held | LineStanding::Conflict) => LegStood::Held,
            Some(LineStanding::Released) => LegStood::Released,
            Some(LineStanding::Undecided) | None => LegStood::Undecided,
        },
        verdict,
        reasons: Reason::in_order(reasons.into_iter().chain(beside)),
        measured: Some(against::measured(step, grounds, legs)),
        said: Some(against::said(step, legs)),
        clocks: judged.map(clocks_against).filter(|clocks| !clocks.is_empty()),
    }
}

/// Whether a line that names no date goes on from a leg whose last day had ended when the line arrived.
pub(super) fn has_expired(of: Leg, line: &ItemLine, story: &Story, grounds: &Grounds<'_>) -> bool {
    let arrival = story.arrival().filter(|_| line.expiry.is_none());
    arrival
        .is_some_and(|arrival| leg::last_days(of, grounds.earlier).iter().any(|day| has_passed(day, arrival)))
}

impl Stood {
    /// Whether the line, up to the moment the goods left it, was out of range or asks for a decision by itself, or
    /// something beside the readings puts the goods in question.
    ///
    /// That its readings are unsigned or were recorded late is for its own paper: goods go on before that is decided.
    fn is_in_doubt(&self, step: &Step<'_>, grounds: &Grounds<'_>) -> bool {
        let place = usize::try_from(step.leg.line).ok();
        let line = place.and_then(|place| self.judgement.lines.get(place));
        let read = |sealed: &Sealed| grounds.batches.contains_key(&sealed.address);
        let all_read = step.story.sealed.iter().all(read);
        let by_line = line.is_some_and(|line| match step.watched_until_left(grounds) {
            Some((verdict, reasons)) => asks(verdict, &reasons) || asks(Verdict::Ok, &by_legs(line)),
            None => asks(line.verdict, &line.reasons),
        });
        let may_have_been_out = || step.may_have_been_out(grounds).is_some();
        by_line
            || may_have_been_out()
            || self.is_seen(step)
            || (!all_read && leg::bars(step.story, step.leg.line))
    }

    /// Whether somebody saw a cause, the logger was found out of tolerance, or two have the goods.
    fn is_seen(&self, step: &Step<'_>) -> bool {
        let left_on_the_way = step.left_on_the_way();
        let reasons = &self.judgement.reasons;
        against::seen(step).next().is_some()
            || (left_on_the_way.is_none() && reasons.contains(&Reason::Observation))
            || reasons.contains(&Reason::CustodyConflict)
            || self.judgement.calibration.values().any(|stood| *stood == FoundOut)
    }
}

/// Whether a line's verdict asks for a decision that is not asked again of whoever goes on from it: what was used of
/// a budget, where it is any, and what is not known, each later line is told by itself.
fn asks(verdict: Verdict, reasons: &[Reason]) -> bool {
    let goes_on =
        |reason: &Reason| matches!(reason, Reason::BudgetUsed | Reason::LegMissing | Reason::NoReadings);
    verdict == Verdict::Excursion || !reasons.iter().all(goes_on)
}

/// The reasons of a line that lie in its legs.
fn by_legs(line: &LineJudgement) -> Vec<Reason> {
    let of_legs =
        |reason: &Reason| matches!(reason, Reason::LegNotReleased | Reason::PartnerUnknown | Reason::Clock);
    line.reasons.iter().copied().filter(of_legs).collect()
}
