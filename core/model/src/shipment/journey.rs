//! What the goods of an item line went through before: its earlier legs, each up to the moment they left it.

use super::before::{self, Before, LONGEST_CHAIN};
use super::gathered::{Gathered, gather};
use super::judgement::{Grounds, span};
use super::late::REASONS_ASKED_SINCE;
use super::leg;
use super::placing::serving;
use super::story::Story;
use super::watch::{Watched, judge_leg, used_after};
use crate::assess::{Carried, Milliseconds, Reason, Span, Verdict};
use crate::id::Id;
use crate::profile::Profile;
use crate::record::{BudgetKnown, ItemLine, Leg};
use crate::time::UtcMillis;

/// The earlier legs of a line, each once and before those that go on from it.
pub(super) struct Journey<'a> {
    pub steps: Vec<Step<'a>>,
    /// Whether all of them are held, and were watched up to the moment the goods went on.
    pub known: BudgetKnown,
    /// Whether one of them was rejected, is held, or has something to decide and nobody released it.
    pub barred: bool,
    /// The line's own legs that are; absent where only what was signed is asked.
    pub barring: Option<Vec<Leg>>,
    /// Whether what happened between the legs is asked for. What was signed before this rule counts as it did, so
    /// that its assessments come out again.
    asked: bool,
}

/// One earlier leg.
pub(super) struct Step<'a> {
    pub leg: Leg,
    pub story: &'a Story,
    pub line: &'a ItemLine,
    /// When the goods left it, the last of them; absent where they have not gone on.
    until: Option<UtcMillis>,
}

/// The earlier legs of a line of a story.
pub(super) fn journey_of<'a>(
    story: &Story,
    line: &ItemLine,
    grounds: &Grounds<'a>,
    before: &Before,
) -> Journey<'a> {
    let asked = story.created.as_ref().is_some_and(|created| created.at >= REASONS_ASKED_SINCE);
    let (steps, known) = (Vec::new(), BudgetKnown::Complete);
    let mut journey = Journey { steps, known, barred: false, barring: None, asked };
    journey.follow(picked_up(story), line, grounds, &mut Vec::new());
    if asked {
        let own = journey.steps.iter().filter(|step| line.legs.iter().flatten().any(|leg| *leg == step.leg));
        let barring: Vec<Leg> =
            own.filter(|step| before::bars(step, before, grounds)).map(|step| step.leg).collect();
        journey.barred = !barring.is_empty();
        journey.barring = Some(barring);
    } else {
        journey.barred = leg::was_barred(line, grounds.earlier);
    }
    if !journey.steps.iter().all(|step| step.was_measured(grounds) && (!asked || step.is_watched(grounds))) {
        journey.known = BudgetKnown::LegMissing;
    }
    journey
}

/// The moment from which on a shipment's goods go their own way.
fn picked_up(story: &Story) -> Option<UtcMillis> {
    story.started.as_ref().map(|started| started.says.at)
}

/// Of every budget of a profile, nothing.
fn unused(profile: &Profile) -> Vec<Carried> {
    let zero = Milliseconds(0);
    let unused = |id: &String| Carried { id: id.clone(), used: zero, used_max: zero, spent_at: None };
    profile.budgets.iter().map(|budget| unused(&budget.id)).collect()
}

impl<'a> Journey<'a> {
    fn follow(
        &mut self,
        until: Option<UtcMillis>,
        line: &ItemLine,
        grounds: &Grounds<'a>,
        open: &mut Vec<Leg>,
    ) {
        for leg in line.legs.iter().flatten() {
            let circular = open.contains(leg) || open.len() >= LONGEST_CHAIN;
            let held = grounds.earlier.get(&leg.shipment);
            let earlier = held.and_then(|story| Some((story, leg::line_of(story, *leg)?)));
            let Some((story, earlier)) = earlier.filter(|_| !circular) else {
                self.known = BudgetKnown::LegMissing;
                continue;
            };
            if let Some(step) = self.steps.iter_mut().find(|step| step.leg == *leg) {
                step.until = step.until.zip(until).map(|(one, other)| one.max(other));
                continue;
            }
            open.push(*leg);
            self.follow(self.left_for(story, until), earlier, grounds, open);
            open.pop();
            self.steps.push(Step { leg: *leg, story, line: earlier, until });
        }
    }

    /// When goods left the legs before a leg: at its own pick-up, or when they left it where that came before, or
    /// where it was never picked up.
    fn left_for(&self, story: &Story, until: Option<UtcMillis>) -> Option<UtcMillis> {
        let own = picked_up(story);
        if self.asked { [own, until].into_iter().flatten().min() } else { own }
    }

    /// What was used of a profile's budgets when the last leg ended.
    pub fn used(&self, profile: &Profile, grounds: &Grounds<'_>) -> Vec<Carried> {
        let none = unused(profile);
        if none.is_empty() {
            return none;
        }
        self.steps.iter().fold(none, |carried, step| step.used(profile, grounds, &carried))
    }
}

impl<'a> Step<'a> {
    /// The profile that the line was judged by there.
    pub fn profile(&self) -> Option<&'a Profile> {
        leg::profile_of_leg(self.story, self.leg)
    }

    /// What was used of a profile's budgets when the goods left it.
    pub fn used(&self, profile: &Profile, grounds: &Grounds<'_>, carried: &[Carried]) -> Vec<Carried> {
        used_after(carried, &self.watched(profile, grounds, carried).series)
    }

    fn watched(&self, profile: &Profile, grounds: &Grounds<'_>, carried: &[Carried]) -> Watched {
        let loggers = grounds.loggers_of(self.leg.shipment, self.story);
        let gathered = gather(self.story, grounds.batches, &loggers, profile.interval_s);
        let last = gathered.values().flat_map(Gathered::all_samples).map(|sample| sample.time).max();
        let Span { from, to } = span(self.story);
        // A leg that is under way ends with its last reading, as long as that lies before the goods left it.
        let left = self.until.filter(|until| to.is_some() || last.is_some_and(|last| *until < last));
        let whole = Span { from, to: [to, left].into_iter().flatten().min() };
        judge_leg(self.story, self.line, profile, &gathered, carried, whole)
    }

    /// When the goods left it, where that was before its end.
    pub fn left_before_the_end(&self) -> Option<UtcMillis> {
        self.until.filter(|until| span(self.story).to.is_none_or(|to| *until < to))
    }

    /// The verdict and the reasons of its series up to the moment at which the goods left it, where that was before
    /// its end: what came after is not theirs. What its budgets had used before is told elsewhere.
    pub fn watched_until_left(&self, grounds: &Grounds<'_>) -> Option<(Verdict, Vec<Reason>)> {
        self.left_before_the_end()?;
        let profile = self.profile()?;
        let series = self.watched(profile, grounds, &unused(profile)).series;
        let verdict = series.iter().map(|(_, assessment)| assessment.verdict).max().unwrap_or_default();
        let reasons = series.iter().flat_map(|(_, assessment)| assessment.reasons.iter().copied());
        Some((verdict, reasons.collect()))
    }

    /// From the pick-up to the arrival, or to the moment at which the goods left it before.
    fn span(&self) -> Span {
        let Span { from, to } = span(self.story);
        Span { from, to: [to, self.until].into_iter().flatten().min() }
    }

    /// Whether anything at all was measured in it.
    fn was_measured(&self, grounds: &Grounds<'_>) -> bool {
        let gathered =
            gather(self.story, grounds.batches, &grounds.loggers_of(self.leg.shipment, self.story), 0);
        let whole = self.span();
        let serving = serving(self.story, self.line);
        let counts = |logger: Id, time: UtcMillis| {
            let mut windows = serving.iter().filter(|(of, _)| *of == logger);
            whole.contains(time) && windows.any(|(_, window)| window.within(whole).contains(time))
        };
        gathered
            .iter()
            .any(|((logger, _), one)| one.all_samples().iter().any(|sample| counts(*logger, sample.time)))
    }

    /// Whether every logger that counted for the line was read, and no more than 1.5 intervals went by between
    /// the arrival, or the last reading where the goods left before, and the moment at which they went on.
    fn is_watched(&self, grounds: &Grounds<'_>) -> bool {
        let Some(profile) = self.profile() else { return false };
        let loggers = grounds.loggers_of(self.leg.shipment, self.story);
        let gathered = gather(self.story, grounds.batches, &loggers, profile.interval_s);
        let whole = self.span();
        let last_of = |logger| {
            let of_logger = gathered.iter().filter(|((of, _), _)| *of == logger);
            let samples = of_logger.flat_map(|(_, one)| one.all_samples());
            samples.map(|sample| sample.time).filter(|time| whole.contains(*time)).max()
        };
        let counting =
            serving(self.story, self.line).into_iter().filter(|(_, window)| window.lasts_in(whole));
        let lasts: Vec<Option<UtcMillis>> = counting.map(|(logger, _)| last_of(logger)).collect();
        let Some(last) = lasts.iter().flatten().max().filter(|_| lasts.iter().all(Option::is_some)) else {
            return false;
        };
        let known_to = match self.story.arrival() {
            Some(arrival) if whole.to == Some(arrival) => arrival,
            _ => *last,
        };
        let interval_s = gathered.values().map(|one| one.interval_or(profile.interval_s)).max();
        let longest = i64::from(interval_s.unwrap_or(profile.interval_s)).saturating_mul(1500);
        self.until.is_none_or(|until| until.0.saturating_sub(known_to.0) <= longest)
    }
}
