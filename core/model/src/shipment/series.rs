//! Each series over the placements of its logger, and what of it counts for the shipment beside its lines.

use super::gathered::Gathered;
use super::judgement::span;
use super::line::{LineJudgement, Series, unlisted};
use super::placing::{Window, hull, placed};
use super::story::Story;
use super::watch::{Next, Stay, watched_spans};
use crate::api::{AssessedSeries, Point};
use crate::assess::{self, Assessment, Sample, Span};
use crate::id::Id;
use crate::profile::Profile;
use crate::reading::Channel;
use crate::record::{Logger, Shipment};
use crate::time::UtcOffset;
use crate::units::MilliCelsius;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A logger and a channel.
type Key = (Id, Channel);

/// What all series of a shipment are assessed from.
#[derive(Clone, Copy)]
pub(super) struct Matter<'a> {
    pub story: &'a Story,
    pub created: &'a Shipment,
    pub gathered: &'a Series,
    pub loggers: &'a BTreeMap<Id, Logger>,
}

impl Matter<'_> {
    /// Every series over the placements of its logger, by the profile that judges it.
    pub fn series(&self, lines: &[LineJudgement]) -> Vec<AssessedSeries> {
        let unlisted = self.unlisted_spans();
        let shown = |key: &Key| {
            let line = self.own_line(lines, *key);
            let profile = line.and_then(|line| self.created.items.get(line)?.profile.as_ref());
            let over = hull(self.story, key.0).within(span(self.story));
            let over = unlisted.get(key).map_or(over, |silent| joined(over, *silent));
            let judged = self.assessed(*key, profile.unwrap_or(&self.created.profile), over);
            AssessedSeries { line: line.and_then(|line| u32::try_from(line).ok()), ..judged }
        };
        self.gathered.keys().map(shown).collect()
    }

    /// Where no line is listed, the time that each series answers for beside that of its placements.
    fn unlisted_spans(&self) -> BTreeMap<Key, Span> {
        if !self.created.items.is_empty() {
            return BTreeMap::new();
        }
        let stay = Stay { span: span(self.story), until: None, next: Next::End };
        let profile = &self.created.profile;
        let mut spans: BTreeMap<Key, Span> = BTreeMap::new();
        for (key, span) in watched_spans(self.story, &unlisted(), profile, self.gathered, stay) {
            let known = spans.get(&key).map_or(span, |known| joined(*known, span));
            spans.insert(key, known);
        }
        spans
    }

    /// What loggers measured where no line lay, by the shipment's profile: each stretch of time in which its logger was
    /// placed and served none.
    pub fn beside_lines(&self, lines: &[LineJudgement]) -> Vec<Assessment> {
        let profile = &self.created.profile;
        let assessed = |(key, one): (&Key, &Gathered)| {
            let stretches = self.idle_stretches(lines, *key);
            if stretches.is_empty() {
                return Vec::new();
            }
            let samples = one.samples(profile.interval_s);
            let interval_s = one.interval_or(profile.interval_s);
            let longest = i64::from(interval_s).saturating_mul(1500);
            let is_stray = self.story.is_stray(key.0);
            let assessed = |windows: Vec<Window>| {
                let over = all_of(&windows).within(span(self.story));
                let readings = within(&windows, &samples);
                let lasts = over.from.zip(over.to).map(|(from, to)| to.0.saturating_sub(from.0));
                let counted = readings.iter().any(|sample| over.contains(sample.time));
                let says_something = counted || (!is_stray && lasts.is_none_or(|lasts| lasts > longest));
                let assess = || assess::assess_series(profile, &readings, Some(interval_s), over);
                says_something.then(|| self.counted(*key, assess()))
            };
            stretches.into_iter().filter_map(assessed).collect::<Vec<_>>()
        };
        self.gathered.iter().flat_map(assessed).collect()
    }

    /// The time in the placements of a series' logger in which it serves no line, what lies together where it served
    /// none between either.
    fn idle_stretches(&self, lines: &[LineJudgement], key: Key) -> Vec<Vec<Window>> {
        let served = served(lines, key);
        let parts = placed(self.story, key.0).into_iter().flat_map(|window| window.without(&served));
        let mut parts: Vec<Window> = parts.filter(|part| part.lasts_in(span(self.story))).collect();
        parts.sort();
        let mut stretches: Vec<Vec<Window>> = Vec::new();
        for part in parts {
            let serves_between = |before: &Window| {
                served.iter().any(|one| before.to <= one.from && one.to.is_some() && one.to <= part.from)
            };
            match stretches.last_mut() {
                Some(stretch) if !stretch.last().is_some_and(serves_between) => stretch.push(part),
                _ => stretches.push(vec![part]),
            }
        }
        stretches
    }

    fn is_idle(&self, placed: Window, served: &[Window]) -> bool {
        placed.without(served).into_iter().any(|part| part.lasts_in(span(self.story)))
    }

    /// The line by whose own profile a series is judged: the first that it serves, unless it serves a line
    /// without a profile of its own, or none, or there is time in its placements in which it serves no line.
    fn own_line(&self, lines: &[LineJudgement], key: Key) -> Option<usize> {
        let windows = served(lines, key);
        if placed(self.story, key.0).into_iter().any(|window| self.is_idle(window, &windows)) {
            return None;
        }
        let served = lines.iter().zip(&self.created.items).enumerate().filter(|(_, (line, _))| {
            line.series.iter().any(|(series, _)| (series.logger, series.channel) == key)
        });
        let mut served: Vec<(usize, bool)> =
            served.map(|(index, (_, item))| (index, item.profile.is_some())).collect();
        served.sort_by_key(|(_, own)| *own);
        served.first().filter(|(_, own)| *own).map(|(index, _)| *index)
    }

    /// As much of an assessment as counts: of a logger that nobody placed, though others are, what it read alone.
    fn counted(&self, key: Key, assessment: Assessment) -> Assessment {
        if self.story.is_stray(key.0) { assessment.of_readings_alone(&[]) } else { assessment }
    }

    /// What was read where the logger was not placed is shown, and counts for nothing.
    fn assessed(&self, key: Key, profile: &Profile, over: Span) -> AssessedSeries {
        let (logger, channel) = key;
        let known = self.loggers.get(&logger);
        let one = self.gathered.get(&key);
        let interval_s = one.map(|one| one.interval_or(profile.interval_s));
        let samples = one.map(|one| one.samples(profile.interval_s)).unwrap_or_default();
        let readings = within(&placed(self.story, logger), &samples);
        let assessment = self.counted(key, assess::assess_series(profile, &readings, interval_s, over));
        let kinetic = assess::kinetic_windows(profile, &readings, interval_s, over, &assessment.excursions);
        let accuracy_mc = known.and_then(|known| known.accuracy_mc);
        let accuracy = accuracy_mc.and_then(|accuracy| i32::try_from(accuracy).ok()).map(MilliCelsius);
        let near = |accuracy| assess::near_limits(profile, &readings, interval_s, over, accuracy);
        let mut points: Vec<Point> =
            samples.iter().map(|sample| Point { time: sample.time, value: sample.value }).collect();
        points.sort_unstable_by_key(|point| (point.time, point.value));
        AssessedSeries {
            logger,
            channel,
            serial: known.and_then(|known| known.serial.clone()),
            label: known.map_or_else(|| logger.to_string(), |known| known.label.clone()),
            interval_s: interval_s.unwrap_or(profile.interval_s),
            line: None,
            window: Window { from: over.from, to: over.to },
            offset_mc: known.and_then(|known| known.offset_mc).filter(|offset| *offset != 0),
            accuracy_mc,
            near_limits: accuracy.map(near),
            kinetic: kinetic.iter().map(|window| window.view(&|_| UtcOffset(0))).collect(),
            points,
            provenance: one.map(|one| one.origins.told()).unwrap_or_default(),
            assessment,
        }
    }
}

/// When a series serves any line.
fn served(lines: &[LineJudgement], key: Key) -> Vec<Window> {
    let all = lines.iter().flat_map(|line| &line.series).map(|(series, _)| series);
    all.filter(|series| (series.logger, series.channel) == key).map(|series| series.window).collect()
}

/// From the earliest begin of some windows to the latest end.
fn all_of(windows: &[Window]) -> Window {
    let open = windows.iter().any(|window| window.to.is_none());
    let from = windows.iter().map(|window| window.from).min().flatten();
    Window { from, to: windows.iter().filter_map(|window| window.to).max().filter(|_| !open) }
}

/// The readings of some windows, the end of each no part of it.
fn within<'a>(windows: &[Window], samples: &'a [Sample]) -> Cow<'a, [Sample]> {
    let counts = |sample: &Sample| windows.iter().any(|window| window.counts(sample.time));
    if samples.iter().all(counts) {
        return Cow::Borrowed(samples);
    }
    Cow::Owned(samples.iter().copied().filter(counts).collect())
}

fn joined(one: Span, other: Span) -> Span {
    Span { from: one.from.min(other.from), to: one.to.zip(other.to).map(|(one, other)| one.max(other)) }
}
