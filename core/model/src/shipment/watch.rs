//! One leg of an item line as its loggers watched it: which counted when, and what lies between them.

use super::gathered::Gathered;
use super::line::Series;
use super::placing::{Presence, Window, presence, serving};
use super::silence::answer_for_silence;
use super::story::Story;
use super::watched::{Found, Watched, furthest, most_of};
use crate::assess::{Assessment, Carried, Milliseconds, Sample, Span, assess_leg};
use crate::id::Id;
use crate::profile::Profile;
use crate::reading::Channel;
use crate::record::{ItemLine, LineSeries};
use crate::time::UtcMillis;
use std::borrow::Cow;

/// How long the goods were on a leg.
#[derive(Clone, Copy)]
pub(super) struct Stay<'a> {
    /// In which readings count.
    pub span: Span,
    /// When they went on, where that is later than the span's end.
    pub until: Option<UtcMillis>,
    /// Where they were read next.
    pub next: Next<'a>,
}

/// What follows the last reading of goods.
#[derive(Clone, Copy)]
pub(super) enum Next<'a> {
    /// They were read then.
    Read(&'a FirstReading),
    /// They went on and were read nowhere after it: from the last reading on nothing is known.
    Unread,
    /// The end of what is asked about, up to which the last reading holds as in one series.
    End,
}

/// One series while it counts for the line.
pub(super) struct Watch<'a> {
    logger: Id,
    channel: Channel,
    window: Window,
    presence: Presence,
    pub readings: Cow<'a, [Sample]>,
    interval_s: Option<u32>,
    /// What it is judged over: its window, and the time before or after in which none counted.
    pub span: Span,
    /// What was used of the budgets when it begins.
    carried: Vec<Carried>,
}

/// A series with its assessment.
type Judged<'a> = (Watch<'a>, Assessment);

/// Judges one leg of a line by the loggers that count for it there, over its stay.
///
/// A window goes on from the most that was used, when it begins, in any window that began before, so that
/// loggers one after another add up, however long both were there, and loggers side by side do not. One that nobody
/// placed goes on from those that were, and none from it: what it covers is no time of theirs.
pub(super) fn judge_leg(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &Series,
    carried: &[Carried],
    stay: Stay<'_>,
) -> Watched {
    let (watches, interrupted) = answering(story, line, profile, gathered, stay);
    let mut judged: Vec<Judged<'_>> = Vec::new();
    for mut watch in watches {
        watch.carried = carried_to(&watch, &judged.iter().collect::<Vec<_>>(), carried, profile);
        let assessment = watch.assess(profile, watch.span);
        judged.push((watch, assessment));
    }
    let strays = watches_of(story, line, profile, gathered, (stay.span, Presence::Stray));
    let strays = judge_strays(strays, &judged, carried, profile);
    let stray_after = furthest(carried, strays.iter().map(|(_, assessment)| assessment));
    let placed_after = after(&judged, carried, profile, stay);
    Watched {
        placed: Found { series: judged.into_iter().map(told).collect(), after: placed_after },
        stray: Found { series: strays.into_iter().map(told).collect(), after: stray_after },
        interrupted,
    }
}

/// Judges what loggers read that nobody placed: each goes on from the most that was used in what was placed, and in its
/// own windows before, and from no other of them.
fn judge_strays<'a>(
    watches: Vec<Watch<'a>>,
    placed: &[Judged<'a>],
    carried: &[Carried],
    profile: &Profile,
) -> Vec<Judged<'a>> {
    let placed: Vec<&Judged<'_>> = placed.iter().collect();
    let mut judged: Vec<Judged<'a>> = Vec::new();
    for mut watch in watches {
        let own = judged.iter().filter(|(one, _)| (one.logger, one.channel) == (watch.logger, watch.channel));
        let with_own: Vec<&Judged<'_>> = placed.iter().copied().chain(own).collect();
        let used = |before: &[&Judged<'_>]| carried_to(&watch, before, carried, profile);
        watch.carried = most_of(used(&placed), &used(&with_own));
        let assessment = watch.assess(profile, watch.span);
        judged.push((watch, assessment));
    }
    judged
}

/// What was used in series that were judged when the goods went on.
fn after(judged: &[Judged<'_>], carried: &[Carried], profile: &Profile, stay: Stay<'_>) -> Vec<Carried> {
    let Some(end) = stay.span.to.max(stay.until) else {
        return furthest(carried, judged.iter().map(|(_, assessment)| assessment));
    };
    let all: Vec<&Judged<'_>> = judged.iter().collect();
    used_at(&all, carried, profile, Moment { begin: end, until: end, next: stay.next })
}

fn told((watch, assessment): Judged<'_>) -> (LineSeries, Assessment) {
    let Watch { logger, channel, window, .. } = watch;
    (LineSeries { logger, channel, window, verdict: assessment.verdict }, assessment)
}

/// Where goods were read next, and how much of the time before it budgets take at their worst there.
pub(super) struct FirstReading {
    pub time: UtcMillis,
    /// What was read at that time.
    samples: Vec<Sample>,
    /// By budget, where it is any.
    taken: Vec<(String, Milliseconds)>,
}

/// How the goods went on from a leg.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    /// When they left it.
    pub until: Option<UtcMillis>,
    /// Up to when its time counts: to their next reading, where there is one.
    pub next: Option<UtcMillis>,
    /// What is known of that reading.
    pub read: Next<'a>,
}

impl<'a> Left<'a> {
    /// At `until`, up to where they were read `first` after it; where they never were, up to `end` if it is known.
    pub fn at(until: Option<UtcMillis>, first: Option<&'a FirstReading>, end: Option<UtcMillis>) -> Self {
        match first {
            Some(first) if Some(first.time) >= until => {
                Self { until, next: Some(first.time), read: Next::Read(first) }
            }
            // They were read elsewhere before they had left.
            Some(_) => Self { until, next: until, read: Next::End },
            None => Self { until, next: end.max(until), read: Next::Unread },
        }
    }
}

impl<'a> Next<'a> {
    /// That reading, where there is one.
    pub fn reading(self) -> Option<&'a FirstReading> {
        match self {
            Self::Read(first) => Some(first),
            Self::Unread | Self::End => None,
        }
    }
}

/// The moment about which is asked what was used.
#[derive(Clone, Copy)]
struct Moment<'a> {
    /// When another window, or the end, begins.
    begin: UtcMillis,
    /// Up to which time is counted.
    until: UtcMillis,
    /// What is read then.
    next: Next<'a>,
}

/// Each series by which a line is watched over a leg, as often as it comes to, and the time that it answers for.
pub(super) fn watched_spans(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &Series,
    stay: Stay<'_>,
) -> Vec<((Id, Channel), Span)> {
    let (watches, _) = answering(story, line, profile, gathered, stay);
    watches.iter().map(|watch| ((watch.logger, watch.channel), watch.span)).collect()
}

/// When a leg was read first by what watched it, where anything was.
pub(super) fn first_reading(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &Series,
    whole: Span,
) -> Option<FirstReading> {
    let (watches, _) =
        answering(story, line, profile, gathered, Stay { span: whole, until: None, next: Next::End });
    watches.iter().filter_map(|watch| watch.first(profile)).min_by_key(|first| first.time)
}

/// The series by which a line is watched over a leg, each with the time beside it in which none is placed where it
/// answers for that, and whether there is such a time.
fn answering<'a>(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &'a Series,
    stay: Stay<'_>,
) -> (Vec<Watch<'a>>, bool) {
    let mut watches = watches_of(story, line, profile, gathered, (stay.span, Presence::Placed));
    let latest = latest(story, gathered, profile);
    let interrupted = answer_for_silence(&mut watches, stay, latest, profile);
    (watches, interrupted)
}

/// The series that count for a line over a leg, of loggers that were placed, or of those that nobody placed: time in
/// which one of these read nothing says nothing.
fn watches_of<'a>(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &'a Series,
    (whole, asked): (Span, Presence),
) -> Vec<Watch<'a>> {
    let mut watches: Vec<Watch<'_>> = Vec::new();
    // Who came when the goods had left says nothing of them.
    let counting = serving(story, line).into_iter().filter(|(_, window)| window.meets(whole));
    for (logger, window) in counting.filter(|(logger, _)| presence(story, *logger) == asked) {
        let of_logger = gathered.iter().filter(|((of, _), _)| *of == logger);
        let watches_of = of_logger
            .map(|((_, channel), one)| watch(one, (logger, *channel), (window, asked), whole, profile));
        watches.extend(watches_of.filter(|watch| watch.says_something(profile)));
    }
    watches
}

fn watch<'a>(
    one: &'a Gathered,
    (logger, channel): (Id, Channel),
    (window, presence): (Window, Presence),
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
    let interval_s = Some(one.interval_or(profile.interval_s));
    Watch { logger, channel, window, presence, readings, interval_s, span, carried: Vec::new() }
}

/// What was used when a window begins: in those that had begun before, whether they have ended or not, up to its
/// first reading.
fn carried_to(
    watch: &Watch<'_>,
    judged: &[&Judged<'_>],
    carried: &[Carried],
    profile: &Profile,
) -> Vec<Carried> {
    let Some(begin) = watch.span.from.filter(|_| !carried.is_empty()) else { return carried.to_vec() };
    let before: Vec<&Judged<'_>> =
        judged.iter().copied().filter(|(other, _)| other.began_before(watch, begin)).collect();
    // Up to the first reading of all the leg before was asked.
    if !before.iter().any(|(other, _)| other.is_read()) {
        return carried.to_vec();
    }
    let first = watch.first(profile);
    let until = first.as_ref().map_or(begin, |first| first.time);
    let moment = Moment { begin, until, next: first.as_ref().map_or(Next::Unread, Next::Read) };
    let used = used_at(&before, carried, profile, moment);
    first.iter().fold(used, |used, first| first.without_own(used))
}

/// What was used at a moment in windows that had begun before.
///
/// The time between the last reading of the last of them to end and the next reading is one, as if one logger had
/// measured both: where it is no gap the last reading holds, else it counts at its worst if either is out.
fn used_at(
    before: &[&Judged<'_>],
    carried: &[Carried],
    profile: &Profile,
    moment: Moment<'_>,
) -> Vec<Carried> {
    let Moment { begin, until, next } = moment;
    let ended = |(other, _): &&Judged<'_>| other.span.to.map_or(begin, |to| to.min(begin));
    // Who read nothing watched nothing.
    let all_silent = !before.iter().any(|(other, _)| other.is_read());
    let watched = |(other, _): &&&Judged<'_>| all_silent || other.is_read();
    let covered = before.iter().filter(watched).map(ended).max();
    let relieved = |one: &Watch<'_>| before.iter().any(|(other, _)| one.is_relieved_by(other));
    let state = |one: &&Judged<'_>| match (&one.0, &one.1, one.0.span.to) {
        (_, assessment, Some(to)) if Some(to) < covered => assessment.clone(),
        (other, assessment, _) if !watched(&one) || relieved(other) || other.is_stray() => assessment.clone(),
        (other, ..) => other.read_next(profile, until, next),
    };
    let states: Vec<Assessment> = before.iter().map(state).collect();
    furthest(carried, states.iter())
}

/// The newest reading of any logger of the shipment that was placed.
fn latest(story: &Story, gathered: &Series, profile: &Profile) -> Option<UtcMillis> {
    let newest = |one: &Gathered| one.samples(profile.interval_s).iter().map(|sample| sample.time).max();
    let watched = gathered.iter().filter(|((logger, _), _)| !story.is_stray(*logger));
    watched.filter_map(|(_, one)| newest(one)).max()
}

impl FirstReading {
    /// What was used of a profile's budgets when it was read, of goods of which nothing was from a time on before it.
    pub fn used_since(&self, from: Option<UtcMillis>, profile: &Profile, none: &[Carried]) -> Vec<Carried> {
        let span = Span { from, to: Some(self.time) };
        furthest(none, [assess_leg(profile, &self.samples, None, span, none)].iter())
    }

    /// What was used before it of budgets that take some of the time before it at their worst by themselves.
    pub fn without_own(&self, mut used: Vec<Carried>) -> Vec<Carried> {
        for one in &mut used {
            let own = self.taken.iter().find(|(id, _)| *id == one.id).map_or(0, |(_, taken)| taken.0);
            one.used_max = Milliseconds(one.used_max.0.saturating_sub(own));
        }
        used
    }
}

impl Watch<'_> {
    fn assess(&self, profile: &Profile, span: Span) -> Assessment {
        let assessed = assess_leg(profile, &self.readings, self.interval_s, span, &self.carried);
        if self.is_stray() { assessed.of_readings_alone(&self.carried) } else { assessed }
    }

    fn is_stray(&self) -> bool {
        self.presence == Presence::Stray
    }

    /// Whether it had begun when another one did, at `begin`: of two that begin at one time, who was read before.
    fn began_before(&self, other: &Self, begin: UtcMillis) -> bool {
        let (last, first) = (self.last_time(), other.first_time());
        let read_before = || last.is_some_and(|last| first.is_some_and(|first| last < first));
        let at_once = self.span.from == Some(begin);
        self.span.from < Some(begin) || (at_once && read_before())
    }

    /// Whether another one came when it had ended, and was read after it.
    fn is_relieved_by(&self, other: &Self) -> bool {
        let came_after = self.span.to.is_some_and(|to| other.span.from >= Some(to));
        came_after && self.last_time().is_some_and(|last| other.first_time() > Some(last))
    }

    fn is_read(&self) -> bool {
        self.counted().next().is_some()
    }

    /// Its first reading.
    fn first(&self, profile: &Profile) -> Option<FirstReading> {
        let time = self.first_time()?;
        let samples = self.counted().filter(|sample| sample.time == time).copied().collect();
        let alone = Watch { carried: Vec::new(), readings: Cow::Borrowed(&self.readings), ..*self };
        let before = alone.assess(profile, Span { to: Some(time), ..self.span });
        let taken = before.budgets.into_iter().map(|state| (state.id, state.used_max));
        Some(FirstReading { time, samples, taken: taken.filter(|(_, taken)| taken.0 > 0).collect() })
    }

    /// The state at `until` of goods that were read there next, as one series with that reading; where they never
    /// were, the time from the last reading on proves nothing and may have been spent.
    fn read_next(&self, profile: &Profile, until: UtcMillis, next: Next<'_>) -> Assessment {
        if let (Next::Unread, Some(last)) = (next, self.last_time()) {
            let mut proven = self.assess(profile, Span { to: Some(last), ..self.span });
            let held = self.read_next(profile, until, Next::End);
            for (one, at_most) in proven.budgets.iter_mut().zip(held.budgets) {
                one.used_max = at_most.used_max;
            }
            return proven;
        }
        let span = Span { to: Some(until), ..self.span };
        let read_then = self.counted().any(|sample| sample.time >= until);
        let next = next.reading().filter(|next| next.time == until && !read_then);
        let next = next.into_iter().flat_map(|next| &next.samples);
        // What a logger measured once the goods had left it says nothing of them.
        let readings: Vec<Sample> = self.counted().chain(next).copied().collect();
        assess_leg(profile, &readings, self.interval_s, span, &self.carried)
    }

    /// Its readings that count.
    pub fn counted(&self) -> impl Iterator<Item = &Sample> {
        self.readings.iter().filter(|sample| self.span.contains(sample.time))
    }

    /// When it was read first.
    pub fn first_time(&self) -> Option<UtcMillis> {
        self.counted().map(|sample| sample.time).min()
    }

    /// When it was read last.
    pub fn last_time(&self) -> Option<UtcMillis> {
        self.counted().map(|sample| sample.time).max()
    }

    /// The longest time between two readings that is no gap, in milliseconds.
    pub fn longest(&self, profile: &Profile) -> u64 {
        let interval_s = self.interval_s.filter(|seconds| *seconds > 0).unwrap_or(profile.interval_s);
        u64::from(interval_s).saturating_mul(1500)
    }

    /// Whether it has a reading, or was placed and lasts so long that its want of readings says something.
    fn says_something(&self, profile: &Profile) -> bool {
        if self.is_stray() {
            return self.is_read();
        }
        let short = self.span.from.zip(self.span.to);
        let short =
            short.is_some_and(|(from, to)| to.0.saturating_sub(from.0) <= self.longest(profile) as i64);
        !self.readings.is_empty() || !short
    }
}
