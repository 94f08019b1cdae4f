//! Which loggers count for an item line, and from when to when.

use super::judgement::span;
use super::story::Story;
use crate::assess::Span;
use crate::id::Id;
use crate::record::{ItemLine, Package, Placement};
use crate::time::UtcMillis;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A part of a shipment's span; what is absent is the shipment's own.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[cbor(map)]
pub struct Window {
    /// From.
    #[n(1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<UtcMillis>,
    /// To.
    #[n(2)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UtcMillis>,
}

impl Window {
    /// Whether it has neither begin nor end of its own.
    pub(crate) fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an instant lies before its end: there the logger is in the next package already.
    pub(super) fn holds(self, time: UtcMillis) -> bool {
        self.to.is_none_or(|to| time < to)
    }

    /// Whether a reading of that time is one of it.
    pub(crate) fn counts(self, time: UtcMillis) -> bool {
        self.from.is_none_or(|from| from <= time) && self.holds(time)
    }

    /// The parts of it that lie in none of the others; nothing of it, where it has no time of its own.
    pub(super) fn without(self, others: &[Self]) -> Vec<Self> {
        let cut = |parts: Vec<Self>, other: &Self| {
            let before =
                |part: &Self| Self { to: [part.to, other.from].into_iter().flatten().min(), ..*part };
            let after = |part: &Self| Self { from: part.from.max(other.to), ..*part };
            let left = |part: Self| {
                let before = other.from.map(|_| before(&part));
                [before, other.to.map(|_| after(&part))].into_iter().flatten().filter(|part| part.lasts())
            };
            parts.into_iter().flat_map(left).collect()
        };
        others.iter().fold(vec![self], cut)
    }

    /// Whether some of the span lies in it.
    pub(super) fn lasts_in(self, span: Span) -> bool {
        let Span { from, to } = self.within(span);
        Self { from, to }.lasts()
    }

    /// Whether a reading of the span can count in it, be it at the instant of the span's end alone.
    pub(super) fn meets(self, span: Span) -> bool {
        let Span { from, to } = self.within(span);
        from.is_none_or(|from| self.holds(from) && to.is_none_or(|to| from <= to))
    }

    fn lasts(&self) -> bool {
        self.from.is_none_or(|from| self.to.is_none_or(|to| from < to))
    }

    pub(crate) fn of(placement: &Placement) -> Self {
        Self { from: placement.from, to: placement.to }
    }

    /// The part of the span that lies in the window.
    pub fn within(self, span: Span) -> Span {
        let to = [self.to, span.to].into_iter().flatten().min();
        Span { from: self.from.max(span.from), to }
    }
}

/// What the pick-up says of a logger of the shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// It is placed, or nothing is: the goods are watched by it.
    Placed,
    /// Nobody placed it, though others are: what it reads may only make it worse, and watches nothing.
    Stray,
}

/// Whether a logger is in two places at once; the end of a placement is no part of it.
pub fn in_two_places(placements: &[Placement]) -> bool {
    let overlap = |one: &Placement, other: &Placement| {
        let before = |end: Option<UtcMillis>, begin: Option<UtcMillis>| {
            end.is_some_and(|end| begin.is_some_and(|begin| end <= begin))
        };
        one.logger == other.logger && !before(one.to, other.from) && !before(other.to, one.from)
    };
    let mut rest = placements;
    while let [first, others @ ..] = rest {
        if others.iter().any(|other| overlap(first, other)) {
            return true;
        }
        rest = others;
    }
    false
}

/// The loggers that count for a line, by the begin of their windows.
///
/// A line without a package is judged by every logger of the shipment. One in a package is judged, for each
/// stretch of time, by the nearest that were placed: those in it and in the packages inside; where there is
/// none, by those of the packages around it, one after another; at last by those in no package. One that nobody placed
/// is in none; whether the line was watched is asked of those that [`watching`] it alone.
pub(super) fn serving(story: &Story, line: &ItemLine) -> Vec<(Id, Window)> {
    let placements = placements(story);
    let of = |placement: &Placement| (placement.logger, Window::of(placement));
    let loose = || unplaced(story).map(|logger| (logger, Window::default()));
    let Some(package) = line.package.as_deref() else {
        let mut all: Vec<(Id, Window)> = placements.iter().map(of).chain(loose()).collect();
        all.sort_by_key(|(logger, window)| (*window, *logger));
        return all;
    };
    let (packages, whole) = (packages(story), span(story));
    let mut rings: Vec<Vec<(Id, Window)>> = vec![in_packages(placements, &inside(packages, package))];
    rings.extend(around(packages, package).map(|name| in_packages(placements, &BTreeSet::from([name]))));
    let unpacked = placements.iter().filter(|placement| placement.package.is_none());
    rings.push(unpacked.map(of).chain(loose()).collect());
    let mut serving: Vec<(Id, Window)> = Vec::new();
    for ring in rings {
        let nearer: Vec<Window> = serving.iter().map(|(_, window)| *window).collect();
        let left = |(logger, window): (Id, Window)| {
            let parts = window.without(&nearer).into_iter();
            parts.filter(move |part| *part == window || part.meets(whole)).map(move |part| (logger, part))
        };
        serving.extend(ring.into_iter().flat_map(left));
    }
    serving.sort_by_key(|(logger, window)| (*window, *logger));
    serving
}

/// Of the loggers that count for a line those by which it is watched.
pub(super) fn watching(story: &Story, line: &ItemLine) -> Vec<(Id, Window)> {
    let mut serving = serving(story, line);
    serving.retain(|(logger, _)| !story.is_stray(*logger));
    serving
}

/// What the pick-up says of a logger.
pub(super) fn presence(story: &Story, logger: Id) -> Presence {
    let placements = placements(story);
    let is_placed = placements.iter().any(|placement| placement.logger == logger);
    if is_placed || placements.is_empty() { Presence::Placed } else { Presence::Stray }
}

/// The windows by begin, those that touch or overlap as one.
pub(super) fn joined(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_unstable();
    let mut joined: Vec<Window> = Vec::new();
    for window in windows {
        let goes_on = |last: &Window| last.to.is_none_or(|to| window.from.is_none_or(|from| from <= to));
        match joined.last_mut().filter(|last| goes_on(last)) {
            Some(last) => last.to = last.to.zip(window.to).map(|(one, other)| one.max(other)),
            None => joined.push(window),
        }
    }
    joined
}

/// When a logger was placed anywhere; all the time, where nobody said.
pub(super) fn placed(story: &Story, logger: Id) -> Vec<Window> {
    let of_logger = placements(story).iter().filter(|placement| placement.logger == logger);
    let windows: Vec<Window> = of_logger.map(Window::of).collect();
    if windows.is_empty() { vec![Window::default()] } else { windows }
}

/// From the earliest to the latest of a logger's windows.
pub(super) fn hull(story: &Story, logger: Id) -> Window {
    let windows = || placements(story).iter().filter(|placement| placement.logger == logger);
    let from = windows().map(|placement| placement.from).min().flatten();
    let open = windows().any(|placement| placement.to.is_none());
    Window { from, to: windows().filter_map(|placement| placement.to).max().filter(|_| !open) }
}

fn placements(story: &Story) -> &[Placement] {
    story.started.as_ref().map(|started| started.says.placements.as_slice()).unwrap_or_default()
}

fn packages(story: &Story) -> &[Package] {
    story.created.as_ref().and_then(|created| created.says.packages.as_deref()).unwrap_or_default()
}

fn unplaced(story: &Story) -> impl Iterator<Item = Id> {
    let placed = |logger: &Id| placements(story).iter().any(|placement| placement.logger == *logger);
    story.loggers().into_iter().filter(move |logger| !placed(logger))
}

fn in_packages(placements: &[Placement], names: &BTreeSet<&str>) -> Vec<(Id, Window)> {
    let inside =
        |placement: &&Placement| placement.package.as_deref().is_some_and(|package| names.contains(package));
    let of = |placement: &Placement| (placement.logger, Window::of(placement));
    placements.iter().filter(inside).map(of).collect()
}

/// The package and all that lie in it, however deep.
fn inside<'a>(packages: &'a [Package], package: &'a str) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::from([package]);
    loop {
        let before = names.len();
        let within = |one: &&Package| one.inside.as_deref().is_some_and(|around| names.contains(around));
        let found: Vec<&str> = packages.iter().filter(within).map(|one| one.name.as_str()).collect();
        names.extend(found);
        if names.len() == before {
            return names;
        }
    }
}

/// The packages around one, the nearest first.
fn around<'a>(packages: &'a [Package], package: &'a str) -> impl Iterator<Item = &'a str> {
    let outer = |name: &&'a str| packages.iter().find(|one| one.name == **name)?.inside.as_deref();
    // Packages that lie in each other end nowhere: no chain is longer than there are packages.
    std::iter::successors(outer(&package), outer).take(packages.len())
}
