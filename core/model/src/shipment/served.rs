//! How long each logger counted for an item line, and when it was read last while it did.

use super::gathered::Gathered;
use super::line::Series;
use super::placing::{Window, watching};
use super::story::Story;
use crate::assess::Span;
use crate::id::Id;
use crate::profile::Profile;
use crate::record::ItemLine;
use crate::time::UtcMillis;
use std::collections::BTreeMap;

/// A logger while it counted for a line.
pub(super) struct Served {
    /// Which.
    pub logger: Id,
    /// Its last reading that counts for the line.
    pub last: Option<UtcMillis>,
    /// When it counted last.
    pub end: UtcMillis,
    /// The longest time between two of its readings that is no gap, in milliseconds.
    pub longest: i64,
    /// Whether no reading tells of the line where one should.
    pub is_unread: bool,
}

/// Every logger by which a line was watched for some of a time.
pub(super) fn served(
    story: &Story,
    line: &ItemLine,
    profile: &Profile,
    gathered: &Series,
    whole: Span,
) -> Vec<Served> {
    let mut windows: BTreeMap<Id, Vec<Window>> = BTreeMap::new();
    for (logger, window) in watching(story, line).into_iter().filter(|(_, window)| window.lasts_in(whole)) {
        windows.entry(logger).or_default().push(window);
    }
    let served = |(logger, windows): (Id, Vec<Window>)| {
        let series = gathered.iter().filter(|((of, _), _)| *of == logger).map(|(_, one)| one);
        served_by((logger, &series.collect::<Vec<_>>()), &windows, profile, whole)
    };
    windows.into_iter().map(served).collect()
}

fn served_by(
    (logger, series): (Id, &[&Gathered]),
    windows: &[Window],
    profile: &Profile,
    whole: Span,
) -> Served {
    let samples = series.iter().flat_map(|one| one.all_samples()).map(|sample| sample.time);
    let times: Vec<UtcMillis> = samples.filter(|time| whole.contains(*time)).collect();
    let counts = |time: &UtcMillis| {
        windows.iter().any(|window| window.holds(*time) && window.within(whole).contains(*time))
    };
    let last = times.iter().copied().filter(counts).max();
    let spans = || windows.iter().map(|window| window.within(whole));
    let end = spans().map(|span| span.to.unwrap_or(UtcMillis(i64::MAX))).max();
    let lasts = spans().map(|Span { from, to }| from.zip(to).map(|(from, to)| to.0.saturating_sub(from.0)));
    let interval_s = series.iter().map(|one| one.interval_or(profile.interval_s)).max();
    let longest = i64::from(interval_s.unwrap_or(profile.interval_s)).saturating_mul(1500);
    // Of one that passed through for less time than it takes to measure twice nothing is wanting.
    let short = lasts.sum::<Option<i64>>().is_some_and(|lasts| lasts <= longest);
    let is_unread = last.is_none() && (times.is_empty() || !short);
    Served { logger, last, end: end.unwrap_or(UtcMillis(i64::MAX)), longest, is_unread }
}
