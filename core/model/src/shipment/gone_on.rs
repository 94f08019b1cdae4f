//! Whether goods had been received when they went on from a leg: by what the signers of the next pick-ups held.

use super::late::{CLOCK_TOLERANCE_MS, is_late};
use super::paths::Path;
use super::story::{Placed, SignedEntry, Story};
use crate::record::{Received, Started};

/// A pick-up, with its entry.
type PickUp<'a> = (&'a SignedEntry, &'a Started);

/// Of each leg, by its place in `stories`, whether somebody who picked up what goes on from it held that it had been
/// received. Of one that was never picked up itself it is asked of whoever picked up what goes on from there.
pub(super) fn received_before(
    stories: &[&Story],
    paths: &[Path],
    (ends, last): (&[usize], &Story),
) -> Vec<bool> {
    let mut next: Vec<Vec<PickUp<'_>>> = vec![Vec::new(); stories.len()];
    note(&mut next, ends, &last.pick_ups().collect::<Vec<_>>());
    for path in paths.iter().rev() {
        let Some((story, after)) = stories.get(path.node).zip(next.get(path.node)) else { continue };
        let own: Vec<PickUp<'_>> = story.pick_ups().collect();
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

impl Story {
    /// Whether it had been received before goods were picked up that go on from it: the signer of that pick-up held a
    /// receipt, whatever arrival counts. One that was recorded afterwards may hold what came after it, so that of it
    /// the times are asked that both give.
    fn was_received_for(&self, (entry, started): PickUp<'_>) -> bool {
        let before = |receipt: &Placed<Received>| {
            let Some(told) = self.told_as(receipt.reference).filter(|told| entry.holds(&told.entry)) else {
                return false;
            };
            let given = || self.by_compared(&told.entry, receipt.says.at, &|_| true, None).earliest;
            !is_late(started.at, entry.at) || given().0 <= started.at.0.saturating_add(CLOCK_TOLERANCE_MS)
        };
        self.receipts().any(before)
    }
}
