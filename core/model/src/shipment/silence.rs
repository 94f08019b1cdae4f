//! The time between two loggers of a leg of which no reading tells, and which of them answers for it.

use super::watch::{Stay, Watch};
use crate::assess::Span;
use crate::profile::Profile;
use crate::time::UtcMillis;

/// Lets a series beside a time of which no reading tells answer for it, and tells whether there is such a time that
/// would be a gap of one logger. `latest` ends a span that is open.
///
/// From the last reading before to the first after it is one, whatever part of it each logger was placed there. The
/// one before answers, unless its last reading is in range and the first after it is not: so the gap counts once,
/// and at its worst.
pub(super) fn answer_for_silence(
    watches: &mut [Watch<'_>],
    stay: Stay<'_>,
    latest: Option<UtcMillis>,
    profile: &Profile,
) -> bool {
    let Some(from) = stay.span.from else { return false };
    let mut interrupted = false;
    for (begin, end) in meetings(watches, from, stay.span.to.or(latest)) {
        let Some(silence) = Silence::between(watches, (begin, end), profile) else { continue };
        interrupted = true;
        let to = if silence.before_answers { silence.to } else { silence.from };
        for watch in watches.iter_mut() {
            if watch.span.to == Some(begin) && last_or(watch, begin) == silence.from {
                watch.span.to = Some(to);
            } else if watch.span.from == Some(end) && first_or(watch, end) == silence.to {
                watch.span.from = Some(to);
            }
        }
    }
    interrupted
}

/// A time between two readings that is longer than 1.5 intervals.
struct Silence {
    from: UtcMillis,
    to: UtcMillis,
    before_answers: bool,
}

impl Silence {
    /// The one around the time from the end of some series to the begin of others, where there is any.
    fn between(
        watches: &[Watch<'_>],
        (begin, end): (UtcMillis, UtcMillis),
        profile: &Profile,
    ) -> Option<Self> {
        let before: Vec<&Watch<'_>> = watches.iter().filter(|watch| watch.span.to == Some(begin)).collect();
        let after: Vec<&Watch<'_>> = watches.iter().filter(|watch| watch.span.from == Some(end)).collect();
        let longest = before.iter().chain(&after).map(|watch| watch.longest(profile)).max()?;
        let from = before.iter().map(|watch| last_or(watch, begin)).max().unwrap_or(begin);
        let to = after.iter().map(|watch| first_or(watch, end)).min().unwrap_or(end);
        let limits = profile.effective_limits();
        let is_out = |watches: &[&Watch<'_>], time: UtcMillis| {
            let mut read = watches.iter().flat_map(|watch| watch.counted());
            read.any(|one| one.time == time && (one.value < limits.min || limits.max < one.value))
        };
        let before_answers = !before.is_empty() && (is_out(&before, from) || !is_out(&after, to));
        if to.0.saturating_sub(from.0) <= i64::try_from(longest).unwrap_or(i64::MAX) {
            // The last reading holds until a first one that would else take the time before it at its worst.
            let holds = to > end && is_out(&after, to) && before.iter().any(|one| one.last_time().is_some());
            return holds.then_some(Self { from, to, before_answers: true });
        }
        Some(Self { from, to, before_answers })
    }
}

/// When a series that ends at `end` was read last; its end, where it never was.
fn last_or(watch: &Watch<'_>, end: UtcMillis) -> UtcMillis {
    watch.last_time().unwrap_or(end)
}

fn first_or(watch: &Watch<'_>, begin: UtcMillis) -> UtcMillis {
    watch.first_time().unwrap_or(begin)
}

/// Where all series before have ended and the next begin, from `from` to `to`: at one instant, or later.
fn meetings(watches: &[Watch<'_>], from: UtcMillis, to: Option<UtcMillis>) -> Vec<(UtcMillis, UtcMillis)> {
    let mut spans: Vec<Span> = watches.iter().map(|watch| watch.span).collect();
    spans.sort_by_key(|span| span.from);
    let (mut meetings, mut covered) = (Vec::new(), from);
    for (place, span) in spans.iter().enumerate() {
        let begin = span.from.unwrap_or(from);
        if begin > covered || (begin == covered && place > 0) {
            meetings.push((covered, begin));
        }
        let Some(end) = span.to else { return meetings };
        covered = covered.max(end);
    }
    if let (Some(to), false) = (to, spans.is_empty())
        && covered < to
    {
        meetings.push((covered, to));
    }
    meetings
}
