//! Times with one value each, taken one after another: the same steps, of which the last two times are kept at hand.
//!
//! Where much happens, what was written of a time in parts and read back at once as a whole took longer than to
//! judge it.

use super::steady::CALM;
use super::{Assessor, Point, Sample};

impl Assessor {
    /// [`Self::take`] of samples, as long as each is of a later time than the one before; how many they are, and how
    /// many of the last of them were calm. With `calm` before and so many that a stretch may be taken at once it ends.
    pub(super) fn take_single(&mut self, samples: &[Sample], calm: u32) -> (usize, u32) {
        let (Some((last, heat)), Some(pending), None) = (self.last, self.pending, self.shared) else {
            return (0, calm);
        };
        let (Some(mut before), Some(mut latest)) = (last.single(), pending.single()) else {
            return (0, calm);
        };
        let (mut heat_before, mut taken, mut calm) = (heat, 0_usize, calm);
        for sample in samples {
            let (time, value) = (sample.time, sample.value);
            if calm >= CALM || time <= latest.time || !self.span.contains(time) {
                break;
            }
            let heat = self.kinetic.heat_of(latest.value.0);
            self.kinetic.point(&heat);
            self.pass_between((&Point::of(before), &heat_before), (&Point::of(latest), &heat));
            (before, heat_before, latest) = (latest, heat, *sample);
            self.count += 1;
            self.low = self.low.min(value);
            self.high = self.high.max(value);
            calm = if self.is_calm(value) { calm.saturating_add(1) } else { 0 };
            if !self.is_quiet(value, value) {
                // After the time before was judged, as where it is taken by itself.
                self.note(*sample);
            }
            taken = taken.saturating_add(1);
        }
        if taken > 0 {
            (self.last, self.pending) = (Some((Point::of(before), heat_before)), Some(Point::of(latest)));
        }
        (taken, calm)
    }
}
