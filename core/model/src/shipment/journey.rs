//! What the goods of an item line went through before: its earlier legs, each up to the moment they left it.

use super::before::{self, Before, LONGEST_CHAIN};
use super::gathered::gather;
use super::gone_on::{Happened, happened_before};
use super::judgement::{Grounds, span};
use super::late::CLOCK_TOLERANCE_MS;
use super::leg;
use super::line::Series;
use super::paths::{Last, Node, Path, latest, note, paths, together};
use super::placing::watching;
use super::story::Story;
use super::wanting::wanting;
use super::watch::{FirstReading, Left, Next, Stay, first_reading, judge_leg};
use super::watched::{Watched, most_of};
use crate::assess::{Assessment, Carried, Milliseconds, Reason, Span, Verdict};
use crate::id::Id;
use crate::profile::{Budget, Profile};
use crate::record::{BarringLeg, BudgetKnown, ItemLine, Leg, LineSeries, WantingLeg};
use crate::time::UtcMillis;

/// The earlier legs of a line, each once and before those that go on from it.
pub(super) struct Journey<'a> {
    pub steps: Vec<Step<'a>>,
    /// Each of them after those that it goes on from.
    paths: Vec<Path>,
    /// Those from which the line itself goes on.
    ends: Vec<usize>,
    /// Those of which nothing was read.
    unread: Vec<usize>,
    /// Of those the ones before which nothing was read either, as is known.
    silent: Vec<usize>,
    /// When the goods went on from them.
    until: Option<UtcMillis>,
    /// Whether all of them are held, and were watched up to the moment the goods went on.
    pub is_whole: bool,
    /// The same, and whether anything was read of the line itself where it has arrived.
    pub known: BudgetKnown,
    /// Whether one of them was rejected, is held, or has something to decide and nobody released it.
    pub barred: bool,
    /// The line's own legs that are, as they stand.
    pub barring: Vec<BarringLeg>,
    /// Those that are not held.
    absent: Vec<Leg>,
    /// What is wanting of any of them.
    pub wanting: Vec<WantingLeg>,
}

/// One earlier leg.
pub(super) struct Step<'a> {
    pub leg: Leg,
    pub story: &'a Story,
    pub line: &'a ItemLine,
    /// When the goods went on from it to the next leg of their way, the last of them; absent where they have not.
    pub until: Option<UtcMillis>,
    /// What may have happened there when they went on from it.
    pub happened: Happened,
}

/// The earlier legs of a line of a story.
pub(super) fn journey_of<'a>(
    story: &Story,
    line: &ItemLine,
    grounds: &Grounds<'a>,
    before: &Before,
    gathered: &Series,
) -> Journey<'a> {
    let mut journey = Journey::until(picked_up(story));
    let until = journey.until;
    journey.follow(until, line, grounds, &mut Vec::new());
    journey.go(story, line, grounds);
    let own = journey.steps.iter().filter(|step| line.legs.iter().flatten().any(|leg| *leg == step.leg));
    let first = first_of(story, line, gathered);
    let last = Left::at(until, first.as_ref(), span(story).to);
    let bars = |step: &&Step<'_>| {
        let left = if step.until == until { last } else { Left::at(step.until, None, None) };
        before::bars(step, before, grounds, left) || before::has_expired(step.leg, line, story, grounds)
    };
    let barring = own.filter(bars).map(|step| before::barring(step, before, grounds)).collect::<Vec<_>>();
    journey.barred = !barring.is_empty();
    journey.barring = barring;
    journey.find_unread(grounds);
    journey.wanting = wanting(line, &journey.steps, &journey.absent, grounds);
    journey.is_whole &= journey.unread.is_empty() && journey.wanting.is_empty();
    let unread = line.legs.is_some() && first.is_none() && span(story).to.is_some();
    if !journey.is_whole || unread {
        journey.known = BudgetKnown::LegMissing;
    }
    journey
}

/// The moment from which on a shipment's goods go their own way.
fn picked_up(story: &Story) -> Option<UtcMillis> {
    // What counts for the one shipment by the stricter clock does not count for the one before as well.
    [story.pick_up_given(), story.picked_up()].into_iter().flatten().min()
}

/// Where the goods of a line were read first in its own shipment.
fn first_of(story: &Story, line: &ItemLine, gathered: &Series) -> Option<FirstReading> {
    let created = story.created.as_ref()?;
    let profile = line.profile.as_ref().unwrap_or(&created.says.profile);
    first_reading(story, line, profile, gathered, span(story))
}

/// Of every budget of a profile, nothing.
fn unused(profile: &Profile) -> Vec<Carried> {
    let zero = Milliseconds(0);
    let unused = |id: &String| Carried { id: id.clone(), used: zero, used_max: zero, spent_at: None };
    profile.budgets.iter().map(|budget| unused(&budget.id)).collect()
}

impl<'a> Journey<'a> {
    fn until(until: Option<UtcMillis>) -> Self {
        let (steps, paths, barring) = (Vec::new(), Vec::new(), Vec::new());
        let (ends, unread, silent) = (Vec::new(), Vec::new(), Vec::new());
        let (is_whole, known, barred) = (true, BudgetKnown::Complete, false);
        let (absent, wanting) = (Vec::new(), Vec::new());
        Self { steps, paths, ends, unread, silent, until, is_whole, known, barred, barring, absent, wanting }
    }

    /// Finds the legs of which nothing was read, and those before which nothing was read either: of none where a leg is
    /// not held, which may have been read up to then.
    fn find_unread(&mut self, grounds: &Grounds<'_>) {
        let steps = self.steps.iter().enumerate();
        self.unread = steps.filter(|(_, step)| !step.was_measured(grounds)).map(|(place, _)| place).collect();
        for Path { node, after } in self.paths.iter().filter(|_| self.is_whole) {
            if self.unread.contains(node) && after.iter().all(|one| self.silent.contains(one)) {
                self.silent.push(*node);
            }
        }
    }

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
                self.is_whole = false;
                self.absent.push(*leg);
                continue;
            };
            if let Some(step) = self.steps.iter_mut().find(|step| step.leg == *leg) {
                step.until = step.until.zip(until).map(|(one, other)| one.max(other));
                continue;
            }
            open.push(*leg);
            self.follow(self.left_for(story, until), earlier, grounds, open);
            open.pop();
            self.steps.push(Step { leg: *leg, story, line: earlier, until, happened: Happened::default() });
        }
    }

    /// Finds the ways that the goods may have come, and when they went on from each leg to the next on its way.
    fn go(&mut self, story: &Story, line: &ItemLine, grounds: &Grounds<'_>) {
        let nodes: Vec<Node<'_>> = self.steps.iter().map(Step::node).collect();
        let legs = line.legs.as_deref().unwrap_or_default();
        let (paths, ends) = paths(&nodes, Last { legs, together: together(story, line) });
        let mut gone_on: Vec<Vec<Option<UtcMillis>>> = vec![Vec::new(); self.steps.len()];
        note(&mut gone_on, &ends, self.until);
        for path in paths.iter().rev() {
            let Some((step, moments)) = self.steps.get(path.node).zip(gone_on.get(path.node)) else {
                continue;
            };
            let left = self.left_for(step.story, latest(moments, step.until));
            note(&mut gone_on, &path.after, left);
        }
        let legs = self.steps.iter().map(|step| (step.story, grounds.foreign.get(&step.leg.shipment)));
        let happened = happened_before(&legs.collect::<Vec<_>>(), &paths, (&ends, story));
        for (step, (moments, happened)) in self.steps.iter_mut().zip(gone_on.iter().zip(happened)) {
            step.until = latest(moments, step.until);
            step.happened = happened;
        }
        (self.paths, self.ends) = (paths, ends);
    }

    /// When goods left the legs before a leg: at its own pick-up, or when they left it where that came before, or
    /// where it was never picked up.
    fn left_for(&self, story: &Story, until: Option<UtcMillis>) -> Option<UtcMillis> {
        let own = picked_up(story);
        [own, until].into_iter().flatten().min()
    }

    /// Whether a leg's budget goes on as one of the line's own profile, so that it need not be told by the leg's.
    pub fn goes_on_in(&self, profile: &Profile, of_leg: &Profile, budget: &Budget) -> bool {
        leg::has_budget(profile, of_leg, budget)
    }

    /// What was used of a profile's budgets when the last leg ended and its line was read `first`; where that never
    /// was, up to `end` if it is given.
    pub fn used(
        &self,
        profile: &Profile,
        grounds: &Grounds<'_>,
        first: Option<&FirstReading>,
        end: Option<UtcMillis>,
    ) -> Vec<Carried> {
        let none = unused(profile);
        let left = Left::at(self.until, first, end);
        if none.is_empty() { none } else { self.most_used(none, profile, grounds, left) }
    }

    /// The most that was used on any way that the goods may have come: what went side by side does not add up.
    fn most_used(
        &self,
        none: Vec<Carried>,
        profile: &Profile,
        grounds: &Grounds<'_>,
        left: Left<'_>,
    ) -> Vec<Carried> {
        let mut carried: Vec<Vec<Carried>> = vec![none.clone(); self.steps.len()];
        for path in &self.paths {
            let Some(step) = self.steps.get(path.node) else { continue };
            let until = self.left_for(step.story, step.until);
            let first = step.first_reading(profile, grounds);
            let left = Left::at(until, first.as_ref(), None);
            let before = self.entered(&path.after, &carried, &none, (profile, grounds), left);
            if let Some(place) = carried.get_mut(path.node) {
                *place = before;
            }
        }
        self.entered(&self.ends, &carried, &none, (profile, grounds), left)
    }

    /// Some of the steps, and those before one of which nothing was read: its time is time without data, from their
    /// last reading to the next one.
    fn through_unread(&self, places: &[usize]) -> Vec<usize> {
        let (mut sought, mut all) = (places.to_vec(), Vec::new());
        while let Some(place) = sought.pop() {
            if !all.contains(&place) {
                all.push(place);
                let path = self.paths.iter().find(|path| path.node == place && self.unread.contains(&place));
                sought.extend(path.iter().flat_map(|path| &path.after));
            }
        }
        all
    }

    /// The most that was used in any of some legs, `carried` before each, up to where the goods were read next after
    /// they had left them. Where nothing was read before, the time is one without data from the first pick-up on.
    fn entered(
        &self,
        places: &[usize],
        carried: &[Vec<Carried>],
        none: &[Carried],
        (profile, grounds): (&Profile, &Grounds<'_>),
        left: Left<'_>,
    ) -> Vec<Carried> {
        let mut most = none.to_vec();
        let places = self.through_unread(places);
        for place in &places {
            let Some((step, before)) = self.steps.get(*place).zip(carried.get(*place)) else { continue };
            most = most_of(most, &step.used(profile, grounds, before, left));
            if let Some(first) = left.read.reading().filter(|_| self.silent.contains(place)) {
                most = most_of(most, &first.used_since(step.span().from, profile, none));
            }
        }
        left.read
            .reading()
            .filter(|_| !places.is_empty())
            .map_or(most.clone(), |first| first.without_own(most))
    }
}

impl<'a> Step<'a> {
    fn node(&self) -> Node<'_> {
        let before = self.line.legs.as_deref().unwrap_or_default();
        let together = together(self.story, self.line);
        Node { leg: self.leg, before, quantity: self.line.quantity, together, span: self.span() }
    }

    /// The profile that the line was judged by there.
    pub fn profile(&self) -> Option<&'a Profile> {
        leg::profile_of_leg(self.story, self.leg)
    }

    fn first_reading(&self, profile: &Profile, grounds: &Grounds<'_>) -> Option<FirstReading> {
        let loggers = grounds.loggers_of(self.leg.shipment, self.story);
        let gathered = gather(self.story, grounds.batches, &loggers, profile.interval_s);
        first_reading(self.story, self.line, profile, &gathered, self.span())
    }

    /// What was used of a profile's budgets when the goods left it, `until` then, and were read next, at `next`.
    fn used(
        &self,
        profile: &Profile,
        grounds: &Grounds<'_>,
        carried: &[Carried],
        left: Left<'_>,
    ) -> Vec<Carried> {
        self.watched(profile, grounds, carried, left).after()
    }

    fn watched(
        &self,
        profile: &Profile,
        grounds: &Grounds<'_>,
        carried: &[Carried],
        Left { until, next, read }: Left<'_>,
    ) -> Watched {
        let loggers = grounds.loggers_of(self.leg.shipment, self.story);
        let gathered = gather(self.story, grounds.batches, &loggers, profile.interval_s);
        let span = self.stay(until);
        let stay = Stay { span, until: next, next: read };
        judge_leg(self.story, self.line, profile, &gathered, carried, stay)
    }

    /// How long the goods were in it that went on at `until`.
    fn stay(&self, until: Option<UtcMillis>) -> Span {
        let Span { from, to } = span(self.story);
        // Of a leg under way the last reading holds up to the moment the goods left, as in one that was received.
        Span { from, to: [to, until].into_iter().flatten().min() }
    }

    /// Its series, each by itself and up to the moment at which the goods left it, with the time they were in it.
    pub fn measured(
        &self,
        profile: &Profile,
        grounds: &Grounds<'_>,
    ) -> (Span, Vec<(LineSeries, Assessment)>) {
        self.measured_until(self.until, profile, grounds)
    }

    /// The same up to another moment.
    pub fn measured_until(
        &self,
        until: Option<UtcMillis>,
        profile: &Profile,
        grounds: &Grounds<'_>,
    ) -> (Span, Vec<(LineSeries, Assessment)>) {
        let loggers = grounds.loggers_of(self.leg.shipment, self.story);
        let gathered = gather(self.story, grounds.batches, &loggers, profile.interval_s);
        let span = self.stay(until);
        let stay = Stay { span, until, next: Next::End };
        (span, judge_leg(self.story, self.line, profile, &gathered, &[], stay).into_series())
    }

    /// When the goods left it, where that was before its end by more than two signatures of one hand-over differ.
    fn left_before_the_end(&self) -> Option<UtcMillis> {
        self.until.filter(|until| span(self.story).to.is_none_or(|to| is_before(*until, to)))
    }

    /// The same of goods that left it on the way: they cannot have been received, by any receipt, whichever clock is
    /// right. What counts for the readings by the later of two receipts, a clock or a correction takes nothing away of
    /// what was found when they came.
    pub fn left_on_the_way(&self) -> Option<UtcMillis> {
        self.left_before_the_end().filter(|_| !self.happened.was_received)
    }

    /// The verdict and the reasons of its series up to the moment at which the goods left it, where that was before
    /// its end: what came after is not theirs. What its budgets had used before is told elsewhere.
    pub fn watched_until_left(&self, grounds: &Grounds<'_>) -> Option<(Verdict, Vec<Reason>)> {
        self.watched_until(self.left_before_the_end()?, grounds)
    }

    /// The same up to the latest that they may have been in it, by any clock, where that puts them in question: a time
    /// without data up to then does not.
    pub fn may_have_been_out(&self, grounds: &Grounds<'_>) -> Option<(Verdict, Vec<Reason>)> {
        let left = self.left_before_the_end()?;
        let latest = self.happened.until.filter(|latest| *latest > left)?;
        let (verdict, mut reasons) = self.watched_until(latest, grounds)?;
        reasons.retain(|reason| !matches!(reason, Reason::Gap | Reason::GapWorstCase));
        let is_out = |reason| matches!(reason, Reason::OutWithoutAlarm | Reason::Warning | Reason::Freeze);
        (verdict == Verdict::Excursion || reasons.iter().copied().any(is_out)).then_some((verdict, reasons))
    }

    fn watched_until(&self, until: UtcMillis, grounds: &Grounds<'_>) -> Option<(Verdict, Vec<Reason>)> {
        let profile = self.profile()?;
        let left = Left { until: Some(until), next: Some(until), read: Next::End };
        let watched = self.watched(profile, grounds, &unused(profile), left);
        let verdict = watched.assessments().map(|assessment| assessment.verdict).max().unwrap_or_default();
        let reasons = watched.assessments().flat_map(|assessment| assessment.reasons.iter().copied());
        Some((verdict, reasons.collect()))
    }

    /// Whether it was out of range within its budgets and nothing of that goes on, because the goods left it and were
    /// read next at the very moment: who goes on from it is told of no use.
    pub fn was_out_for_no_time(&self, grounds: &Grounds<'_>, left: Left<'_>) -> bool {
        let Some(profile) = self.profile() else { return false };
        let watched = self.watched(profile, grounds, &unused(profile), left);
        let is_out = |one: &Assessment| one.reasons.contains(&Reason::BudgetUsed);
        // What one that nobody placed takes of a budget tells nothing of what another one found.
        let for_no_time = |one: &Assessment| is_out(one) && one.budgets.iter().all(|one| one.used_max.0 == 0);
        let was_out =
            watched.placed.assessments().any(is_out) || watched.stray.assessments().any(for_no_time);
        was_out && watched.placed.after.iter().all(|one| one.used_max.0 == 0)
    }

    /// From the pick-up to the arrival, or to the moment at which the goods left it before.
    pub fn span(&self) -> Span {
        let Span { from, to } = span(self.story);
        Span { from, to: [to, self.until].into_iter().flatten().min() }
    }

    /// Whether anything at all was measured in it by what watched it.
    fn was_measured(&self, grounds: &Grounds<'_>) -> bool {
        let gathered =
            gather(self.story, grounds.batches, &grounds.loggers_of(self.leg.shipment, self.story), 0);
        let whole = self.span();
        let watching = watching(self.story, self.line);
        let counts = |logger: Id, time: UtcMillis| {
            let mut windows = watching.iter().filter(|(of, _)| *of == logger);
            whole.contains(time) && windows.any(|(_, window)| window.within(whole).contains(time))
        };
        gathered
            .iter()
            .any(|((logger, _), one)| one.all_samples().iter().any(|sample| counts(*logger, sample.time)))
    }
}

/// Whether an instant lies before another one by more than two signatures of one hand-over differ.
fn is_before(earlier: UtcMillis, later: UtcMillis) -> bool {
    earlier.0.saturating_add(CLOCK_TOLERANCE_MS) < later.0
}
