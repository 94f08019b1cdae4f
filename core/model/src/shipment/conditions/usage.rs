//! For which lines a logger's channel is judged, by which limit, and when.

use super::Others;
use crate::id::Id;
use crate::profile::{ConditionLimit, Profile};
use crate::reading::{Channel, Quantity};
use crate::record::Shipment;
use crate::shipment::gathered::Gathered;
use crate::shipment::judgement::span;
use crate::shipment::placing::{Window, joined, placed, serving};
use crate::shipment::story::Story;
use std::collections::{BTreeMap, BTreeSet};

/// One judgement of a channel.
pub(super) struct Usage {
    /// The lines that it is for, ascending from 0.
    pub lines: Vec<u32>,
    /// What is judged by.
    pub limit: Option<ConditionLimit>,
    /// The interval in seconds by which gaps are judged.
    pub interval_s: u32,
    /// When the logger counts, ascending.
    pub windows: Vec<Window>,
}

/// A line, by what it is judged, and when which logger counts for it.
struct Line<'a> {
    place: u32,
    profile: &'a Profile,
    windows: BTreeMap<Id, Vec<Window>>,
}

/// The lines of a shipment, and what was measured.
pub(super) struct Lines<'a> {
    story: &'a Story,
    created: &'a Shipment,
    lines: Vec<Line<'a>>,
    measured: BTreeSet<(Id, Quantity)>,
}

impl<'a> Lines<'a> {
    pub fn of(story: &'a Story, created: &'a Shipment, gathered: &Others) -> Self {
        let line = |(place, item)| {
            let item: &'a crate::record::ItemLine = item;
            let mut windows: BTreeMap<Id, Vec<Window>> = BTreeMap::new();
            for (logger, window) in serving(story, item) {
                windows.entry(logger).or_default().push(window);
            }
            let windows = windows.into_iter().map(|(logger, windows)| (logger, joined(windows))).collect();
            Line { place, profile: item.profile.as_ref().unwrap_or(&created.profile), windows }
        };
        let lines = (0..).zip(&created.items).map(line).collect();
        let measured = gathered.keys().map(|(logger, channel)| (*logger, channel.quantity)).collect();
        Self { story, created, lines, measured }
    }

    /// The channels that a profile limits and that no logger by which it is watched measured.
    pub fn unmeasured(&self) -> BTreeSet<(Id, Channel)> {
        let channel = |(logger, quantity): (Id, Quantity)| (logger, Channel { quantity, probe: 0 });
        if self.created.items.is_empty() {
            let is_measured =
                |quantity| self.measured.iter().any(|(logger, of)| *of == quantity && self.watches(*logger));
            let limited = self.created.profile.conditions.iter().map(|limit| limit.quantity);
            let placements = || self.story.started.iter().flat_map(|started| &started.says.placements);
            let all = |quantity| placements().map(move |placement| channel((placement.logger, quantity)));
            return limited.filter(|quantity| !is_measured(*quantity)).flat_map(all).collect();
        }
        let mut unmeasured = BTreeSet::new();
        for line in &self.lines {
            let limited = line.profile.conditions.iter().map(|limit| limit.quantity);
            for quantity in limited.filter(|quantity| self.lacks(line, *quantity)) {
                unmeasured.extend(self.watching(line).map(|logger| channel((logger, quantity))));
            }
        }
        unmeasured
    }

    /// Whether no logger by which a line is watched measured a quantity.
    fn lacks(&self, line: &Line<'_>, quantity: Quantity) -> bool {
        !self.watching(line).any(|logger| self.measured.contains(&(logger, quantity)))
    }

    fn watching<'b>(&self, line: &'b Line<'_>) -> impl Iterator<Item = Id> + use<'b, '_> {
        line.windows.keys().copied().filter(|logger| self.watches(*logger))
    }

    /// Whether a logger is one by which goods are watched: what one reads that nobody placed measures no limit.
    fn watches(&self, logger: Id) -> bool {
        !self.story.is_stray(logger)
    }

    /// What a channel is judged for, by the first line; without a limit all at once, by the shipment's interval where
    /// the logger's own is not known.
    pub fn usages(&self, (logger, channel): (Id, Channel), one: &Gathered) -> Vec<Usage> {
        let quantity = channel.quantity;
        let usage = |lines: Vec<u32>, profile: &Profile, windows: Vec<Window>| {
            let limit = profile.condition(quantity).copied();
            let judging = if limit.is_some() { profile } else { &self.created.profile };
            Usage { lines, limit, interval_s: one.interval_or(judging.interval_s), windows }
        };
        let is_measured = self.measured.contains(&(logger, quantity));
        let mut usages: Vec<Usage> = Vec::new();
        for line in &self.lines {
            let Some(windows) = line.windows.get(&logger) else { continue };
            let is_limited = line.profile.condition(quantity).is_some();
            if is_measured || (is_limited && self.lacks(line, quantity)) {
                add(&mut usages, usage(vec![line.place], line.profile, windows.clone()));
            }
        }
        let idle = self.idle(logger);
        if (is_measured || self.lines.is_empty()) && (!idle.is_empty() || usages.is_empty()) {
            let windows = if idle.is_empty() { joined(placed(self.story, logger)) } else { idle };
            add(&mut usages, usage(Vec::new(), &self.created.profile, windows));
        }
        usages.sort_by_key(|usage| usage.lines.first().copied().unwrap_or(u32::MAX));
        usages
    }

    /// When a logger is placed and counts for no line.
    fn idle(&self, logger: Id) -> Vec<Window> {
        let counts: Vec<Window> =
            self.lines.iter().filter_map(|line| line.windows.get(&logger)).flatten().copied().collect();
        let parts = placed(self.story, logger).into_iter().flat_map(|placed| placed.without(&counts));
        joined(parts.filter(|part| part.lasts_in(span(self.story))).collect())
    }
}

/// Adds a judgement, to an equal one where there is one; those without a limit are one.
fn add(usages: &mut Vec<Usage>, usage: Usage) {
    let same = |one: &&mut Usage| match usage.limit {
        None => one.limit.is_none(),
        Some(_) => {
            one.limit == usage.limit && one.interval_s == usage.interval_s && one.windows == usage.windows
        }
    };
    match usages.iter_mut().find(same) {
        Some(one) => {
            one.lines.extend(usage.lines);
            one.windows = joined([one.windows.as_slice(), usage.windows.as_slice()].concat());
        }
        None => usages.push(usage),
    }
}
