//! One series out of the ways its samples came (a).

use super::{Sample, sorted};
use std::borrow::Cow;

/// Log samples win, imports fill where there is no log, adverts where neither has data.
///
/// A source has data between two of its samples that are at most 1.5 intervals apart, the same measure
/// that makes a gap; a sample of a lesser source counts only where the better ones leave a gap, before
/// their first or after their last sample, and never at the time of one of theirs. So filling never
/// opens a gap of its own at the seam. The samples may come in any order; the answer is sorted by time
/// unless there is one source alone.
pub fn merge_sources<'a>(
    log: &'a [Sample],
    import: &'a [Sample],
    advert: &'a [Sample],
    interval_s: u32,
) -> Cow<'a, [Sample]> {
    let longest = u64::from(interval_s) * 1500;
    fill(fill(Cow::Borrowed(log), import, longest), advert, longest)
}

/// `better`, with those of `lesser` that lie where it has no data; `longest` in milliseconds.
fn fill<'a>(better: Cow<'a, [Sample]>, lesser: &'a [Sample], longest: u64) -> Cow<'a, [Sample]> {
    if lesser.is_empty() {
        return better;
    }
    if better.is_empty() {
        return Cow::Borrowed(lesser);
    }
    let better = sorted(&better);
    let mut ahead = better.iter().copied().peekable();
    let mut before: Option<Sample> = None;
    let mut filled = Vec::with_capacity(better.len());
    for candidate in sorted(lesser).iter() {
        while let Some(next) = ahead.next_if(|next| next.time <= candidate.time) {
            filled.push(next);
            before = Some(next);
        }
        let covered = match (before, ahead.peek()) {
            (Some(before), _) if before.time == candidate.time => true,
            (Some(before), Some(after)) => after.time.0.abs_diff(before.time.0) <= longest,
            _ => false,
        };
        if !covered {
            filled.push(*candidate);
        }
    }
    filled.extend(ahead);
    Cow::Owned(filled)
}
