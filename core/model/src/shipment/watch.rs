//! One leg of an item line as its loggers watched it: which counted when, and what lies between them.

use super::gathered::Gathered;
use super::line::Series;
use super::placing::{Window, serving};
use super::story::Story;
use crate::assess::{Assessment, BudgetState, Carried, Sample, Span, assess_leg};
use crate::id::Id;
use crate::profile::Profile;
use crate::reading::Channel;
use crate::record::{ItemLine, LineSeries};
use crate::time::UtcMillis;
use std::borrow::Cow;

/// How long the goods were on a leg.
#[derive(Clone, Copy)]
pub(super) struct Stay {
    /// In which readings count.
    pub span: Span,
    /// When they went on, where that is later than the span's end.
    pub until: Option<UtcMillis>,
    /// What becomes of the time between two loggers, or between the last of them and the end.
    pub pauses: Pauses,
}

/// Whether time between loggers and between legs bears on budgets where it is no gap.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pauses {
    /// The last reading holds for 1.5 intervals, after that budgets take it at its worst.
    Counted,
    /// They are passed over, as in what was signed before they counted.
    PassedOver,
}

/// A leg with each series that counts for the line.
pub(super) struct Watched {
    /// By begin, logger and channel.
    pub series: Vec<(LineSeries, Assessment)>,
    /// Of every budget what was used when the goods went on.
    pub after: Vec<Carried>,
    /// Whether there is time in which no logger counted, which the series beside it tell as a gap.
    pub interrupted: bool,
}

/// One series while it counts for the line.
struct Watch<'a> {
    logger: Id,
    channel: Channel,
    window: Window,
    readings: Cow<'a, [Sample]>,
    interval_s: Option<u32>,
    /// What it is judged over: its window, and the time before or after in which none counted.
    span: Span,
    /// What was used of the budgets when it begins.
    carried: Vec<Carried>,
}

/// A series with its assessment.
type Judged<'a> = (Watch<'a>, Assessment);

/// Judges one leg of a line by the loggers that count for it there, over its stay.
///
/// A window goes on from the most that was used, when it begins, in any window that began before, so that
/// loggers one after another add up, however long both were there, and loggers side by side do not.
pub(super) fn judge_leg(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &Series,
    carried: &[Carried],
    stay: Stay,
) -> Watched {
    let whole = stay.span;
    let mut watches = watches_of(story, line, profile, gathered, whole);
    let interrupted = answer_for_holes(&mut watches, whole, latest(gathered, profile), profile);
    let mut judged: Vec<Judged<'_>> = Vec::new();
    for mut watch in watches {
        watch.carried = carried_to(&watch, &judged, carried, profile, stay.pauses);
        let assessment = watch.assess(profile, watch.span);
        judged.push((watch, assessment));
    }
    let end = whole.to.max(stay.until).filter(|_| stay.pauses == Pauses::Counted);
    let all: Vec<&Judged<'_>> = judged.iter().collect();
    let after = match end {
        Some(end) => used_at(&all, carried, profile, (end, end)),
        None => furthest(carried, judged.iter().map(|(_, assessment)| assessment)),
    };
    let told = |(watch, assessment): Judged<'_>| {
        let Watch { logger, channel, window, .. } = watch;
        (LineSeries { logger, channel, window, verdict: assessment.verdict }, assessment)
    };
    Watched { series: judged.into_iter().map(told).collect(), after, interrupted }
}

/// The first reading of a leg, and which budgets take the time before it at their worst there.
pub(super) struct FirstReading {
    pub time: UtcMillis,
    pub taken: Vec<String>,
}

/// When a leg was read first, where anything was.
pub(super) fn first_reading(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &Series,
    whole: Span,
) -> Option<FirstReading> {
    let watches = watches_of(story, line, profile, gathered, whole);
    let first = |watch: &Watch<'_>| watch.counted().map(|sample| sample.time).min();
    let (time, watch) =
        watches.iter().filter_map(|watch| Some((first(watch)?, watch))).min_by_key(|(time, _)| *time)?;
    let before = watch.assess(profile, Span { to: Some(time), ..watch.span });
    let taken = before.budgets.into_iter().filter(|state| state.used_max.0 > 0).map(|state| state.id);
    Some(FirstReading { time, taken: taken.collect() })
}

/// The series that count for a line over a leg.
fn watches_of<'a>(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &'a Series,
    whole: Span,
) -> Vec<Watch<'a>> {
    let mut watches: Vec<Watch<'_>> = Vec::new();
    // Who came when the goods had left says nothing of them.
    let counting = serving(story, line).into_iter().filter(|(_, window)| window.meets(whole));
    for (logger, window) in counting {
        let of_logger = gathered.iter().filter(|((of, _), _)| *of == logger);
        let watches_of =
            of_logger.map(|((_, channel), one)| watch(one, (logger, *channel), window, whole, profile));
        watches.extend(watches_of.filter(|watch| watch.says_something(profile)));
    }
    watches
}

fn watch<'a>(
    one: &'a Gathered,
    (logger, channel): (Id, Channel),
    window: Window,
    whole: Span,
    profile: &Profile,
) -> Watch<'a> {
    let span = window.within(whole);
    let samples = one.samples(profile.interval_s);
    let counts =
        |sample: &Sample| window.holds(sample.time) && span.from.is_none_or(|from| from <= sample.time);
    let readings = if samples.iter().all(counts) {
        samples
    } else {
        Cow::Owned(samples.iter().copied().filter(counts).collect())
    };
    Watch { logger, channel, window, readings, interval_s: one.interval_s, span, carried: Vec::new() }
}

/// What was used when a window begins: in those that had begun before, whether they have ended or not, up to its
/// first reading.
fn carried_to(
    watch: &Watch<'_>,
    judged: &[Judged<'_>],
    carried: &[Carried],
    profile: &Profile,
    pauses: Pauses,
) -> Vec<Carried> {
    let Some(begin) = watch.span.from.filter(|_| !carried.is_empty()) else { return carried.to_vec() };
    let before: Vec<&Judged<'_>> = judged.iter().filter(|(other, _)| other.span.from < Some(begin)).collect();
    let at_begin = used_at(&before, carried, profile, (begin, begin));
    let first = watch.counted().map(|sample| sample.time).min();
    let Some(first) = first.filter(|first| pauses == Pauses::Counted && *first > begin) else {
        return at_begin;
    };
    let mut most = used_at(&before, carried, profile, (begin, first));
    // Where its own first reading is out, it takes the time before that at its worst by itself.
    let own = watch.assess(profile, Span { from: Some(begin), to: Some(first) });
    for ((one, at_begin), own) in most.iter_mut().zip(at_begin).zip(own.budgets) {
        if own.used_max.0 > 0 {
            one.used_max = at_begin.used_max;
        }
    }
    most
}

/// What was used at `until` in windows that had begun before another, or the end, at `begin`.
///
/// Of what lies between the last of them to end and `until` its last reading tells.
fn used_at(
    before: &[&Judged<'_>],
    carried: &[Carried],
    profile: &Profile,
    (begin, until): (UtcMillis, UtcMillis),
) -> Vec<Carried> {
    let ended = |(other, _): &&&Judged<'_>| other.span.to.map_or(begin, |to| to.min(begin));
    let covered = before.iter().map(|one| ended(&one)).max();
    let state = |(other, assessment): &&Judged<'_>| match other.span.to {
        Some(to) if Some(to) < covered => assessment.clone(),
        Some(to) if to <= until => other.going_on(profile, to, until),
        _ => other.assess(profile, Span { to: Some(until), ..other.span }),
    };
    let states: Vec<Assessment> = before.iter().map(state).collect();
    furthest(carried, states.iter())
}

/// Of two states of the same budgets what was used most of each.
pub(super) fn most_of(mut most: Vec<Carried>, other: &[Carried]) -> Vec<Carried> {
    for (one, state) in most.iter_mut().zip(other) {
        worsen(one, state);
    }
    most
}

/// Of every budget the state that has used most.
fn furthest<'a>(carried: &[Carried], after: impl Iterator<Item = &'a Assessment>) -> Vec<Carried> {
    let mut most = carried.to_vec();
    for assessment in after {
        for one in &mut most {
            if let Some(state) = assessment.budgets.iter().find(|state| state.id == one.id) {
                let BudgetState { id, used, used_max, spent_at, .. } = state.clone();
                worsen(one, &Carried { id, used, used_max, spent_at });
            }
        }
    }
    most
}

fn worsen(most: &mut Carried, state: &Carried) {
    most.used = most.used.max(state.used);
    most.used_max = most.used_max.max(state.used_max);
    most.used_max = most.used_max.max(most.used);
    most.spent_at = [most.spent_at, state.spent_at].into_iter().flatten().min();
}

/// Lets the series beside a time in which no logger counted answer for it, and tells whether there is such a time.
///
/// The one before answers, unless its last reading is in range and the first after it is not: so the gap counts
/// once, and at its worst. `latest` ends a span that is open.
fn answer_for_holes(
    watches: &mut [Watch<'_>],
    whole: Span,
    latest: Option<UtcMillis>,
    profile: &Profile,
) -> bool {
    let Some(from) = whole.from else { return false };
    let (holes, limits) = (holes(watches, from, whole.to.or(latest)), profile.effective_limits());
    let mut interrupted = false;
    for (begin, end) in holes {
        let ends = |watch: &Watch<'_>| watch.span.to == Some(begin);
        let begins = |watch: &Watch<'_>| watch.span.from == Some(end);
        let beside = watches.iter().filter(|watch| ends(watch) || begins(watch));
        let longest = beside.map(|watch| watch.longest(profile)).max().unwrap_or_default();
        if end.0.abs_diff(begin.0) <= longest {
            continue;
        }
        interrupted = true;
        let is_out = |sample: Option<&Sample>| {
            sample.is_some_and(|sample| sample.value < limits.min || limits.max < sample.value)
        };
        let before: Vec<&Watch<'_>> = watches.iter().filter(|watch| ends(watch)).collect();
        let out_before = before.iter().any(|watch| is_out(watch.readings.last()));
        let out_after = watches.iter().any(|watch| begins(watch) && is_out(watch.readings.first()));
        let before_answers = !before.is_empty() && (out_before || !out_after);
        for watch in watches.iter_mut() {
            if before_answers && ends(watch) {
                watch.span.to = Some(end);
            } else if !before_answers && begins(watch) {
                watch.span.from = Some(begin);
            }
        }
    }
    interrupted
}

/// The times in which no series counts, from `from` to `to`.
fn holes(watches: &[Watch<'_>], from: UtcMillis, to: Option<UtcMillis>) -> Vec<(UtcMillis, UtcMillis)> {
    let mut spans: Vec<Span> = watches.iter().map(|watch| watch.span).collect();
    spans.sort_by_key(|span| span.from);
    let (mut holes, mut covered) = (Vec::new(), from);
    for span in &spans {
        let begin = span.from.unwrap_or(from);
        if begin > covered {
            holes.push((covered, begin));
        }
        let Some(end) = span.to else { return holes };
        covered = covered.max(end);
    }
    if let (Some(to), false) = (to, spans.is_empty())
        && covered < to
    {
        holes.push((covered, to));
    }
    holes
}

/// The newest reading of any logger of the shipment.
fn latest(gathered: &Series, profile: &Profile) -> Option<UtcMillis> {
    let newest = |one: &Gathered| one.samples(profile.interval_s).iter().map(|sample| sample.time).max();
    gathered.values().filter_map(newest).max()
}

impl Watch<'_> {
    fn assess(&self, profile: &Profile, span: Span) -> Assessment {
        assess_leg(profile, &self.readings, self.interval_s, span, &self.carried)
    }

    /// Its readings that count.
    fn counted(&self) -> impl Iterator<Item = &Sample> {
        self.readings.iter().filter(|sample| self.span.contains(sample.time))
    }

    /// The state at `until` of goods that nobody watched from `to` on, where it ends: what its last reading tells
    /// there goes on as if it had been read then, and for 1.5 intervals.
    fn going_on(&self, profile: &Profile, to: UtcMillis, until: UtcMillis) -> Assessment {
        let last = self.counted().map(|sample| sample.time).max();
        let holds = |last: &UtcMillis| to.0.abs_diff(last.0) <= self.longest(profile);
        let held = last.filter(holds);
        let mut readings: Vec<Sample> = self.counted().copied().collect();
        let there = self.counted().filter(|sample| Some(sample.time) == held);
        readings.extend(there.map(|sample| Sample { time: to, ..*sample }));
        let span = Span { to: Some(until), ..self.span };
        assess_leg(profile, &readings, self.interval_s, span, &self.carried)
    }

    /// The longest time between two readings that is no gap, in milliseconds.
    fn longest(&self, profile: &Profile) -> u64 {
        let interval_s = self.interval_s.filter(|seconds| *seconds > 0).unwrap_or(profile.interval_s);
        u64::from(interval_s).saturating_mul(1500)
    }

    /// Whether it has a reading, or lasts so long that its want of readings says something.
    fn says_something(&self, profile: &Profile) -> bool {
        let short = self.span.from.zip(self.span.to);
        let short =
            short.is_some_and(|(from, to)| to.0.saturating_sub(from.0) <= self.longest(profile) as i64);
        !self.readings.is_empty() || !short
    }
}
