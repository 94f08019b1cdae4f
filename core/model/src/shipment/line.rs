//! Each item line judged by its own profile, with every logger that counts for it and every leg before.

use super::before::Before;
use super::behind::{behind_legs, leg_clocks};
use super::gathered::Gathered;
use super::journey::{Journey, Step, journey_of};
use super::judgement::{Grounds, span};
use super::leg;
use super::placing::placed;
use super::receipt::has_passed;
use super::story::Story;
use super::watch::{Next, Stay, first_reading, judge_leg};
use super::watched::{Found, Watched, most_of};
use crate::api::{ClockDifference, ForeignLegShown, LegWarning};
use crate::assess::{Assessment, Carried, Reason, Verdict};
use crate::id::Id;
use crate::profile::{Budget, Profile};
use crate::reading::Channel;
use crate::record::{BarringLeg, ItemLine, LineAssessment, LineBudget, LineSeries, Shipment, WantingLeg};
use crate::time::UtcMillis;
use std::collections::BTreeMap;

/// The series of a shipment by logger and channel.
pub(super) type Series = BTreeMap<(Id, Channel), Gathered>;

/// How an item line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineJudgement {
    /// The worst verdict of what counts for it.
    pub verdict: Verdict,
    /// The reasons that lie in its own readings and legs, in the order of the rules; those of the shipment,
    /// such as where its readings came from, hold for each of its lines.
    pub reasons: Vec<Reason>,
    /// What counts for it, by begin, logger and channel.
    pub series: Vec<(LineSeries, Assessment)>,
    /// Its budgets over all its legs.
    pub budgets: Vec<LineBudget>,
    /// Its own legs that are not released, as they stand.
    pub(super) barring: Vec<BarringLeg>,
    /// What is wanting of the legs before it.
    pub(super) wanting: Vec<WantingLeg>,
    /// Its earlier legs that are not of the same goods.
    pub(super) leg_warnings: Vec<LegWarning>,
    /// Its earlier legs in other organisations.
    pub(super) foreign_legs: Vec<ForeignLegShown>,
    /// The clocks that differ by what the signers of the shipment's times held of its legs.
    pub(super) behind_legs: Vec<ClockDifference>,
    /// The last days, as `YYMMDD`, that it has from its legs where it names none itself.
    pub(super) last_days: Vec<String>,
    /// Whether it has a profile or an earlier leg of its own, or a logger that was elsewhere too, so that its
    /// assessments are not the shipment's.
    pub(super) own: bool,
}

impl LineJudgement {
    /// Whether the last day that it has from its legs had ended, in UTC, at an instant.
    pub(super) fn has_expired_by_legs(&self, at: UtcMillis) -> bool {
        self.last_days.iter().any(|day| has_passed(day, at))
    }

    /// The same as a signed record carries it.
    pub fn to_record(&self, line: u32) -> LineAssessment {
        let assessments = || self.series.iter().map(|(_, assessment)| assessment.clone()).collect();
        LineAssessment {
            line,
            verdict: self.verdict,
            reasons: self.reasons.clone(),
            series: self.series.iter().map(|(series, _)| series.clone()).collect(),
            assessments: (self.own && !self.series.is_empty()).then(assessments),
            budgets: self.budgets.clone(),
            barring: (!self.barring.is_empty()).then(|| self.barring.clone()),
            wanting: (!self.wanting.is_empty()).then(|| self.wanting.clone()),
            clocks: Some(leg_clocks(self)).filter(|clocks| !clocks.is_empty()),
        }
    }
}

/// Judges every line of a shipment, each by its own profile or the shipment's; `before` says how earlier legs stand.
pub(super) fn judge_lines(
    story: &Story,
    created: &Shipment,
    gathered: &Series,
    grounds: &Grounds<'_>,
    before: &Before,
) -> Vec<LineJudgement> {
    let judged = |(place, line): (u32, &ItemLine)| {
        let profile = line.profile.as_ref().unwrap_or(&created.profile);
        let journey = journey_of(story, line, grounds, before, gathered);
        LineJudgement {
            leg_warnings: leg::warnings(place, line, &created.items, profile, grounds.earlier, &journey),
            foreign_legs: leg::foreign(line, grounds),
            last_days: leg::last_days_of(line, grounds.earlier),
            ..judge_line(story, line, (profile, gathered), &journey, grounds)
        }
    };
    (0..).zip(&created.items).map(judged).collect()
}

/// Goods that nobody listed: all that travels, whichever of its loggers measured it.
pub(super) fn unlisted() -> ItemLine {
    ItemLine {
        product: String::new(),
        gtin: None,
        lot: None,
        expiry: None,
        quantity: 0,
        package: None,
        serials: None,
        profile: None,
        legs: None,
        label: None,
    }
}

/// Judges a shipment of which no line is listed by all its loggers, as one line.
pub(super) fn judge_unlisted(
    story: &Story,
    created: &Shipment,
    gathered: &Series,
    grounds: &Grounds<'_>,
) -> LineJudgement {
    let line = unlisted();
    let journey = journey_of(story, &line, grounds, &Before::new(), gathered);
    judge_line(story, &line, (&created.profile, gathered), &journey, grounds)
}

fn judge_line(
    story: &Story,
    line: &ItemLine,
    (profile, gathered): (&Profile, &Series),
    journey: &Journey<'_>,
    grounds: &Grounds<'_>,
) -> LineJudgement {
    let (before, watched) = along(story, line, (profile, gathered), journey, grounds);
    let (after, interrupted) = (watched.after(), watched.interrupted);
    let inherited = foreign(story, line, (profile, gathered), journey, grounds);
    let inherited: Vec<LineBudget> = inherited.into_iter().map(|(_, told)| told).collect();
    let measured = watched.placed.series.iter().any(|(_, assessment)| assessment.statistics.count > 0);
    let used = after.iter().any(|one| one.used_max.0 > 0) || !inherited.is_empty();
    let is_hidden = |one: &Carried| {
        one.spent_at.is_none() && one.used_max.0 > u64::from(allowance(profile, &one.id)) * 1000
    };
    let hidden = watched.placed.after.iter().chain(&after).any(is_hidden);
    let series = watched.into_series();
    let moved = series.iter().any(|(one, _)| placed(story, one.logger) != [one.window]);
    let legs = || line.legs.iter().flatten();
    let unknown = legs().any(|leg| grounds.is_unknown(leg.shipment));
    let dated_ahead = legs().any(|leg| grounds.is_dated_ahead(leg.shipment));
    let behind_legs = behind_legs(story, line, grounds);
    let found = [
        (!journey.is_whole, Reason::LegMissing),
        (journey.barred, Reason::LegNotReleased),
        (!measured, Reason::NoReadings),
        (hidden, Reason::GapWorstCase),
        (used, Reason::BudgetUsed),
        (unknown, Reason::PartnerUnknown),
        (dated_ahead || !behind_legs.is_empty(), Reason::Clock),
    ];
    let found = found.into_iter().filter_map(|(holds, reason)| holds.then_some(reason));
    let of_series = series.iter().flat_map(|(_, assessment)| assessment.reasons.iter().copied());
    let reasons = Reason::in_order(of_series.chain(found));
    let worst = series.iter().map(|(_, assessment)| assessment.verdict).max().unwrap_or_default();
    let spent =
        after.iter().any(|one| one.spent_at.is_some()) || inherited.iter().any(|one| one.spent_at.is_some());
    let worst = if spent { Verdict::Excursion } else { worst };
    let budget = |(one, state): (&Carried, &Carried)| LineBudget {
        id: state.id.clone(),
        allowance_s: allowance(profile, &state.id),
        used: state.used,
        used_max: state.used_max,
        used_before: one.used,
        spent_at: state.spent_at,
        known: journey.known,
    };
    LineJudgement {
        verdict: worst.with(&reasons),
        reasons,
        budgets: before.iter().zip(&after).map(budget).chain(inherited).collect(),
        series,
        barring: journey.barring.clone(),
        wanting: journey.wanting.clone(),
        leg_warnings: Vec::new(),
        foreign_legs: Vec::new(),
        behind_legs,
        last_days: Vec::new(),
        own: line.profile.is_some() || line.legs.is_some() || interrupted || moved,
    }
}

/// What was used of a profile's budgets before a line's pick-up, and the line as its loggers watched it from then on.
/// Where nothing was read of it by what watched it, all its time is one without data after the legs before.
pub(super) fn along(
    story: &Story,
    line: &ItemLine,
    (profile, gathered): (&Profile, &Series),
    journey: &Journey<'_>,
    grounds: &Grounds<'_>,
) -> (Vec<Carried>, Watched) {
    let first = first_reading(story, line, profile, gathered, span(story));
    let before = journey.used(profile, grounds, first.as_ref(), None);
    let stay = Stay { span: span(story), until: None, next: Next::End };
    let watched = judge_leg(story, line, profile, gathered, &before, stay);
    if first.is_some() {
        return (before, watched);
    }
    let Watched { placed, stray, interrupted } = watched;
    let after = most_of(placed.after, &journey.used(profile, grounds, None, span(story).to));
    (before, Watched { placed: Found { after, ..placed }, stray, interrupted })
}

/// What is used of the budgets that earlier legs were judged by and the line's own profile does not have: they go
/// on as long as the goods do. Of those of one name the one that has least left is told.
pub(super) fn foreign(
    story: &Story,
    line: &ItemLine,
    (profile, gathered): (&Profile, &Series),
    journey: &Journey<'_>,
    grounds: &Grounds<'_>,
) -> Vec<(Budget, LineBudget)> {
    let mut budgets: Vec<(Budget, LineBudget)> = Vec::new();
    let mut judged: Vec<&Profile> = Vec::new();
    for of_leg in journey.steps.iter().filter_map(Step::profile) {
        let is_own = |budget: &Budget| journey.goes_on_in(profile, of_leg, budget);
        if of_leg.budgets.iter().all(is_own) || judged.contains(&of_leg) {
            continue;
        }
        judged.push(of_leg);
        let (before, watched) = along(story, line, (of_leg, gathered), journey, grounds);
        let after = watched.after();
        let states = of_leg.budgets.iter().zip(before.iter().zip(&after));
        for (budget, (before, after)) in states.filter(|(budget, _)| !is_own(budget)) {
            let told = LineBudget {
                id: format!("{} ({} v{})", budget.id, of_leg.name, of_leg.version),
                allowance_s: budget.allowance_s,
                used: after.used,
                used_max: after.used_max,
                used_before: before.used,
                spent_at: after.spent_at,
                known: journey.known,
            };
            tell_strictest(&mut budgets, (budget.clone(), told));
        }
    }
    budgets
}

/// Adds a budget of which something is used, in the place of one of its name that has more left.
fn tell_strictest(budgets: &mut Vec<(Budget, LineBudget)>, (budget, told): (Budget, LineBudget)) {
    match budgets.iter_mut().find(|(_, one)| one.id == told.id) {
        Some(known) if told.left() < known.1.left() => *known = (budget, told),
        Some(_) => {}
        None if told.used_max.0 > 0 => budgets.push((budget, told)),
        None => {}
    }
}

fn allowance(profile: &Profile, id: &str) -> u32 {
    let budget = profile.budgets.iter().find(|budget| budget.id == id);
    budget.map_or(0, |budget| budget.allowance_s)
}

#[cfg(test)]
mod tests;
