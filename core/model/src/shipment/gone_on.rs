//! Whether goods had been received when they went on from a leg: by what the signers of the next pick-ups held, else by
//! the clocks of both.

use super::late::{CLOCK_TOLERANCE_MS, is_late};
use super::paths::Path;
use super::story::{Placed, SignedEntry, Story};
use crate::record::{Received, Started};
use crate::time::UtcMillis;

/// A pick-up, with its entry and the story that tells of it.
#[derive(Clone, Copy)]
struct PickUp<'a> {
    story: &'a Story,
    entry: &'a SignedEntry,
    says: &'a Started,
}

/// Of each leg, by its place in `stories`, whether it may have been received when somebody picked up what goes on from it. Of one that was never picked up itself it is asked of whoever picked up what goes on from there.
pub(super) fn received_before(
    stories: &[&Story],
    paths: &[Path],
    (ends, last): (&[usize], &Story),
) -> Vec<bool> {
    let mut next: Vec<Vec<PickUp<'_>>> = vec![Vec::new(); stories.len()];
    note(&mut next, ends, &pick_ups(last));
    for path in paths.iter().rev() {
        let Some((story, after)) = stories.get(path.node).zip(next.get(path.node)) else { continue };
        let own = pick_ups(story);
        let by = if own.is_empty() { after.clone() } else { own };
        note(&mut next, &path.after, &by);
    }
    let received =
        |(story, next): (&&Story, &Vec<PickUp<'_>>)| next.iter().any(|one| story.was_received_for(*one));
    stories.iter().zip(&next).map(received).collect()
}

fn note<'a>(next: &mut [Vec<PickUp<'a>>], legs: &[usize], pick_ups: &[PickUp<'a>]) {
    for leg in legs {
        if let Some(known) = next.get_mut(*leg) {
            known.extend_from_slice(pick_ups);
        }
    }
}

fn pick_ups(story: &Story) -> Vec<PickUp<'_>> {
    story.pick_ups().map(|(entry, says)| PickUp { story, entry, says }).collect()
}

impl PickUp<'_> {
    /// The latest that it can have been: as a person gave it, else by its clock or one that this was compared with,
    /// that of a log among them.
    fn latest(&self, log: [u8; 32]) -> UtcMillis {
        let given = self.says.at;
        let latest = match is_late(given, self.entry.at) {
            true => given,
            false => self.story.by_compared(self.entry, given, &|_| true, Some(log)).latest,
        };
        self.story.corrected_pick_up_known(self.entry.reference, latest, &|_| true)
    }

    /// Whether a receipt can have been before it, as far as two signatures of one hand-over may differ, by the clock of
    /// one or of the other; `corrected` is the arrival that a person gave in its place.
    fn may_follow(&self, receipt: &Placed<Received>, of: &Story, corrected: Option<UtcMillis>) -> bool {
        let given = corrected.unwrap_or(receipt.says.at);
        let earliest = corrected.unwrap_or_else(|| of.earliest_receipt(receipt, self.entry.reference.log));
        let is_before = |received: UtcMillis, picked_up: UtcMillis| {
            received.0 <= picked_up.0.saturating_add(CLOCK_TOLERANCE_MS)
        };
        is_before(earliest, self.says.at) || is_before(given, self.latest(receipt.reference.log))
    }
}

impl Story {
    /// Whether it may have been received before goods were picked up that go on from it: the signer of that pick-up
    /// held a receipt, whatever arrival counts, or a receipt can have been before it. One that was recorded afterwards
    /// may hold what came after it, so that of it the times alone are asked.
    fn was_received_for(&self, pick_up: PickUp<'_>) -> bool {
        let corrected = self.corrected_arrival().map(|moved| moved.says.at);
        let is_held = |receipt: &Placed<Received>| {
            let told = self.told_as(receipt.reference);
            told.is_some_and(|told| pick_up.entry.holds(&told.entry))
        };
        let in_time = !is_late(pick_up.says.at, pick_up.entry.at);
        self.receipts().any(|receipt| match is_held(receipt) {
            true => in_time || pick_up.may_follow(receipt, self, None),
            false => pick_up.may_follow(receipt, self, corrected),
        })
    }

    /// The earliest that a receipt can have been: as a person gave it, else by its clock or one that this was compared
    /// with, that of a log among them.
    fn earliest_receipt(&self, receipt: &Placed<Received>, log: [u8; 32]) -> UtcMillis {
        let given = receipt.says.at;
        match self.told_as(receipt.reference) {
            Some(told) if !is_late(given, receipt.at) => {
                self.by_compared(&told.entry, given, &|_| true, Some(log)).earliest
            }
            _ => given,
        }
    }
}
