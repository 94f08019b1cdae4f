//! Which loggers count for an item line, and from when to when.

use super::story::Story;
use crate::assess::{Sample, Span};
use crate::id::Id;
use crate::record::{ItemLine, Package, Placement};
use crate::time::UtcMillis;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
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
    /// Whether an instant lies before its end: there the logger is in the next package already.
    pub(super) fn holds(self, time: UtcMillis) -> bool {
        self.to.is_none_or(|to| time < to)
    }

    /// The readings before its end.
    pub(super) fn readings(self, samples: &[Sample]) -> Cow<'_, [Sample]> {
        let inside = |sample: &Sample| self.holds(sample.time);
        if samples.iter().all(inside) {
            return Cow::Borrowed(samples);
        }
        Cow::Owned(samples.iter().copied().filter(inside).collect())
    }

    fn of(placement: &Placement) -> Self {
        Self { from: placement.from, to: placement.to }
    }

    /// The part of the span that lies in the window.
    pub fn within(self, span: Span) -> Span {
        let to = [self.to, span.to].into_iter().flatten().min();
        Span { from: self.from.max(span.from), to }
    }
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
/// A line without a package is judged by every logger of the shipment. One in a package by those in it and
/// in the packages inside; where there are none, by those of the nearest package around it that has some of
/// its own; where none of these has, by those in no package.
pub(super) fn serving(story: &Story, line: &ItemLine) -> Vec<(Id, Window)> {
    let placements = placements(story);
    let packages = packages(story);
    let chosen: Vec<&Placement> = match line.package.as_deref() {
        None => placements.iter().collect(),
        Some(package) => {
            let inside = inside(packages, package);
            let own = in_packages(placements, &inside);
            if own.is_empty() { around(placements, packages, package) } else { own }
        }
    };
    let loose = chosen.iter().all(|placement| placement.package.is_none()) || line.package.is_none();
    let mut serving: Vec<(Id, Window)> =
        chosen.into_iter().map(|placement| (placement.logger, Window::of(placement))).collect();
    if loose {
        serving.extend(unplaced(story).map(|logger| (logger, Window::default())));
    }
    serving.sort_by_key(|(logger, window)| (*window, *logger));
    serving
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

fn in_packages<'a>(placements: &'a [Placement], names: &BTreeSet<&str>) -> Vec<&'a Placement> {
    let inside =
        |placement: &&Placement| placement.package.as_deref().is_some_and(|package| names.contains(package));
    placements.iter().filter(inside).collect()
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

/// The loggers of the nearest package around that has some of its own, or those in no package.
fn around<'a>(placements: &'a [Placement], packages: &[Package], package: &str) -> Vec<&'a Placement> {
    let mut name = package;
    // Packages that lie in each other end nowhere: no chain is longer than there are packages.
    for _ in packages {
        let known = packages.iter().find(|one| one.name == name);
        let Some(outer) = known.and_then(|one| one.inside.as_deref()) else { break };
        let own = in_packages(placements, &BTreeSet::from([outer]));
        if !own.is_empty() {
            return own;
        }
        name = outer;
    }
    placements.iter().filter(|placement| placement.package.is_none()).collect()
}
