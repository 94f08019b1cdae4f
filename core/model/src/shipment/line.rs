//! Each item line judged by its own profile, with every logger that counts for it and every leg before.

use super::gathered::{Gathered, gather};
use super::judgement::{Grounds, span};
use super::leg;
use super::placing::serving;
use super::story::Story;
use crate::api::{ForeignLegShown, LegWarning};
use crate::assess::{Assessment, BudgetState, Carried, Milliseconds, Reason, Verdict, assess_leg};
use crate::id::Id;
use crate::profile::Profile;
use crate::reading::Channel;
use crate::record::{BudgetKnown, ItemLine, Leg, LineAssessment, LineBudget, LineSeries};
use std::collections::{BTreeMap, BTreeSet};

/// The longest chain of legs that is followed; what lies behind it counts as missing.
const LONGEST_CHAIN: usize = 64;

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
    /// Its earlier legs that are not of the same goods.
    pub(super) leg_warnings: Vec<LegWarning>,
    /// Its earlier legs in other organisations.
    pub(super) foreign_legs: Vec<ForeignLegShown>,
    /// Whether it has a profile or an earlier leg of its own, so that its assessments are not the shipment's.
    own: bool,
}

/// What was used before, and whether all of it is known.
struct Before {
    carried: Vec<Carried>,
    known: BudgetKnown,
}

/// Legs on the way to the one that is looked at, and those that have been counted.
#[derive(Default)]
struct Followed {
    open: Vec<Leg>,
    counted: BTreeSet<Leg>,
}

impl LineJudgement {
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
        }
    }
}

/// Judges every line of a shipment; `profile` is the shipment's.
pub(super) fn judge_lines(
    story: &Story,
    items: &[ItemLine],
    profile: &Profile,
    gathered: &Series,
    grounds: &Grounds<'_>,
) -> Vec<LineJudgement> {
    let judged = |(place, line): (u32, &ItemLine)| LineJudgement {
        leg_warnings: leg::warnings(place, line, grounds.earlier),
        foreign_legs: leg::foreign(line, grounds),
        ..judge_line(story, line, profile, gathered, grounds)
    };
    (0..).zip(items).map(judged).collect()
}

fn judge_line(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &Series,
    grounds: &Grounds<'_>,
) -> LineJudgement {
    let profile = line.profile.as_ref().unwrap_or(profile);
    let before = follow(line, profile, grounds, &mut Followed::default());
    let series = judge_leg(story, line, profile, gathered, &before.carried);
    let missing = (before.known == BudgetKnown::LegMissing).then_some(Reason::LegMissing);
    let measured = series.iter().any(|(_, assessment)| assessment.statistics.count > 0);
    let nothing = (!measured).then_some(Reason::NoReadings);
    let inherited = series.iter().flat_map(|(_, assessment)| assessment.reasons.iter().copied());
    let carried = before.carried.iter().any(|one| one.used_max.0 > 0).then_some(Reason::BudgetUsed);
    let spent_before = before.carried.iter().any(|one| one.spent_at.is_some());
    let from_unknown = line.legs.iter().flatten().any(|leg| grounds.is_unknown(leg.shipment));
    let unknown = from_unknown.then_some(Reason::PartnerUnknown);
    let reasons = Reason::in_order(inherited.chain(missing).chain(nothing).chain(carried).chain(unknown));
    let worst = series.iter().map(|(_, assessment)| assessment.verdict).max().unwrap_or_default();
    let worst = if spent_before { Verdict::Excursion } else { worst };
    let after = used(&before.carried, &series);
    let budget = |(one, state): (&Carried, &Carried)| LineBudget {
        id: state.id.clone(),
        allowance_s: allowance(profile, &state.id),
        used: state.used,
        used_max: state.used_max,
        used_before: one.used,
        spent_at: state.spent_at,
        known: before.known,
    };
    LineJudgement {
        verdict: worst.with(&reasons),
        reasons,
        budgets: before.carried.iter().zip(&after).map(budget).collect(),
        series,
        leg_warnings: Vec::new(),
        foreign_legs: Vec::new(),
        own: line.profile.is_some() || line.legs.is_some(),
    }
}

/// Judges one leg of a line by the loggers that count for it there.
///
/// A window goes on from the most that was used in any window that had ended when it begins, so that
/// loggers one after another add up and loggers side by side do not.
fn judge_leg(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &Series,
    carried: &[Carried],
) -> Vec<(LineSeries, Assessment)> {
    let whole = span(story);
    let mut judged: Vec<(LineSeries, Assessment)> = Vec::new();
    for (logger, window) in serving(story, line) {
        let ended: Vec<&Assessment> = judged
            .iter()
            .filter(|(other, _)| other.window.to.is_some_and(|to| window.from.is_some_and(|from| to <= from)))
            .map(|(_, assessment)| assessment)
            .collect();
        let carried = furthest(carried, &ended);
        for ((_, channel), one) in gathered.iter().filter(|((of, _), _)| *of == logger) {
            let samples = one.samples(profile.interval_s);
            let within = window.within(whole);
            let readings = window.readings(&samples);
            let assessment = assess_leg(profile, &readings, one.interval_s, within, &carried);
            let series = LineSeries { logger, channel: *channel, window, verdict: assessment.verdict };
            judged.push((series, assessment));
        }
    }
    judged
}

/// Of every budget the state that has used most.
fn furthest(carried: &[Carried], ended: &[&Assessment]) -> Vec<Carried> {
    let most = |before: &Carried| {
        let states = ended.iter().flat_map(|assessment| &assessment.budgets);
        states.filter(|state| state.id == before.id).fold(before.clone(), worse)
    };
    carried.iter().map(most).collect()
}

fn worse(most: Carried, state: &BudgetState) -> Carried {
    let spent_at = [most.spent_at, state.spent_at].into_iter().flatten().min();
    Carried {
        id: most.id,
        used: most.used.max(state.used),
        used_max: most.used_max.max(state.used_max),
        spent_at,
    }
}

fn used(carried: &[Carried], series: &[(LineSeries, Assessment)]) -> Vec<Carried> {
    let all: Vec<&Assessment> = series.iter().map(|(_, assessment)| assessment).collect();
    furthest(carried, &all)
}

/// What earlier legs used of the budgets of `profile`, the line's own now, by what travelled with them.
fn follow(line: &ItemLine, profile: &Profile, grounds: &Grounds<'_>, followed: &mut Followed) -> Before {
    let zero = Milliseconds(0);
    let unused = |id: &String| Carried { id: id.clone(), used: zero, used_max: zero, spent_at: None };
    let carried = profile.budgets.iter().map(|budget| unused(&budget.id)).collect();
    let mut before = Before { carried, known: BudgetKnown::Complete };
    if !profile.budgets.is_empty() {
        follow_legs(line, profile, grounds, followed, &mut before);
    }
    before
}

fn follow_legs(
    line: &ItemLine,
    profile: &Profile,
    grounds: &Grounds<'_>,
    followed: &mut Followed,
    before: &mut Before,
) {
    for leg in line.legs.iter().flatten() {
        let circular = followed.open.contains(leg) || followed.open.len() >= LONGEST_CHAIN;
        let held = grounds.earlier.get(&leg.shipment);
        let earlier = held.and_then(|story| Some((story, line_of(story, *leg)?)));
        let Some((story, earlier)) = earlier.filter(|_| !circular) else {
            before.known = BudgetKnown::LegMissing;
            continue;
        };
        if !followed.counted.insert(*leg) {
            continue;
        }
        followed.open.push(*leg);
        follow_legs(earlier, profile, grounds, followed, before);
        followed.open.pop();
        let loggers = grounds.loggers_of(leg.shipment, story);
        let gathered = gather(story, grounds.batches, &loggers, profile.interval_s);
        let series = judge_leg(story, earlier, profile, &gathered, &before.carried);
        if !series.iter().any(|(_, assessment)| assessment.statistics.count > 0) {
            before.known = BudgetKnown::LegMissing;
        }
        before.carried = used(&before.carried, &series);
    }
}

pub(super) fn line_of(story: &Story, leg: Leg) -> Option<&ItemLine> {
    story.created.as_ref()?.says.items.get(usize::try_from(leg.line).ok()?)
}

fn allowance(profile: &Profile, id: &str) -> u32 {
    let budget = profile.budgets.iter().find(|budget| budget.id == id);
    budget.map_or(0, |budget| budget.allowance_s)
}

#[cfg(test)]
mod tests;
