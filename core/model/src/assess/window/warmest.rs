//! Which of the windows that follow each other is the warmest, while both ends of what is asked for go on.
//!
//! Each is looked at once as it comes and once as it grows old, with no comparison that decides what is done next:
//! where readings hover about a limit, nobody foresees which window outlives which.

use crate::assess::kinetic::Means;

/// The windows that begin at neighbouring places, the older ones before the newer ones.
pub(super) struct Windows<const B: usize> {
    /// The place of the first of the older ones.
    first: usize,
    older: Vec<Window<B>>,
    /// For each of the older ones, which is the warmest of it and those after it.
    warmest_from: Vec<usize>,
    newer: Vec<Window<B>>,
    /// For each of the newer ones, which is the warmest of those up to it.
    warmest_to: Vec<usize>,
    /// The warmest of the newer ones and its rate.
    warmest: (usize, f64),
}

/// A full window without a gap, or one that counts for nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<const B: usize> {
    /// The mean of its rates, which rises with its mean kinetic temperature.
    rate: f64,
    /// Its last place.
    pub(super) last: usize,
    pub(super) means: Means<B>,
}

impl<const B: usize> Window<B> {
    /// One that counts for nothing.
    pub(super) const NONE: Self = Self { rate: f64::NEG_INFINITY, last: 0, means: Means::EMPTY };

    /// One to a place; `rate` is the mean of its rates.
    #[inline]
    pub(super) fn to(last: usize, rate: f64, means: Means<B>) -> Self {
        Self { rate, last, means }
    }
}

impl<const B: usize> Windows<B> {
    const COLDEST: (usize, f64) = (0, f64::NEG_INFINITY);

    /// None yet; the next one begins at a place.
    pub(super) fn at(first: usize) -> Self {
        Self {
            first,
            older: Vec::new(),
            warmest_from: Vec::new(),
            newer: Vec::new(),
            warmest_to: Vec::new(),
            warmest: Self::COLDEST,
        }
    }

    /// The next ones, each of which begins a place after the one before.
    #[inline]
    pub(super) fn extend(&mut self, windows: impl Iterator<Item = Window<B>>) {
        self.newer.extend(windows);
        self.rank();
    }

    /// Tells which are the warmest, of those that came since it was called before.
    #[inline]
    fn rank(&mut self) {
        let (mut warmest, mut known) = self.warmest;
        let ranked = self.warmest_to.len();
        let windows = self.newer.get(ranked..).unwrap_or_default();
        self.warmest_to.extend(windows.iter().zip(ranked..).map(|(window, at)| {
            let warmer = window.rate > known;
            warmest = if warmer { at } else { warmest };
            known = if warmer { window.rate } else { known };
            warmest
        }));
        self.warmest = (warmest, known);
    }

    /// The warmest of those that begin from one place on and before another, of equally warm ones the earliest, and the
    /// place where it begins. Neither place is before that of an earlier call.
    #[inline]
    pub(super) fn warmest(&mut self, from: usize, before: usize) -> Option<(usize, &Window<B>)> {
        if from.saturating_sub(self.first) >= self.older.len() {
            self.grow_old(from, before);
        }
        let newest = self.first.saturating_add(self.older.len());
        let older = self.warmest_from.get(from.saturating_sub(self.first)).copied();
        let newer =
            before.checked_sub(newest.saturating_add(1)).and_then(|at| self.warmest_to.get(at)).copied();
        let older = older.and_then(|at| Some((self.first.saturating_add(at), self.older.get(at)?)));
        let newer = newer.and_then(|at| Some((newest.saturating_add(at), self.newer.get(at)?)));
        let warmest = match (older, newer) {
            (Some((_, one)), Some((_, other))) if other.rate > one.rate => newer,
            (older, newer) => older.or(newer),
        };
        warmest.filter(|(_, window)| window.rate > f64::NEG_INFINITY)
    }

    /// Those before a place become the older ones, of which none is asked for any more that begins before `from`.
    #[cold]
    #[inline(never)]
    fn grow_old(&mut self, from: usize, before: usize) {
        self.first = self.first.saturating_add(self.older.len());
        let count = before.saturating_sub(self.first).min(self.newer.len());
        std::mem::swap(&mut self.older, &mut self.newer);
        self.newer.clear();
        self.warmest_to.clear();
        self.warmest = Self::COLDEST;
        self.newer.extend(self.older.drain(count..));
        self.rank();
        self.warmest_from.clear();
        self.warmest_from.resize(count, 0);
        let (mut warmest, mut known) = Self::COLDEST;
        let left = from.saturating_sub(self.first);
        let (slots, windows) = (self.warmest_from.get_mut(left..), self.older.get(left..));
        let slots = slots.unwrap_or_default().iter_mut().zip(left..count);
        for ((slot, at), window) in slots.zip(windows.unwrap_or_default()).rev() {
            let warmer = window.rate >= known;
            warmest = if warmer { at } else { warmest };
            known = if warmer { window.rate } else { known };
            *slot = warmest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_warmest_is_the_earliest_of_the_warmest_in_range(
            rates in prop::collection::vec(prop_oneof![1 => Just(f64::NEG_INFINITY), 4 => (0..6).prop_map(f64::from)], 1..200),
            steps in prop::collection::vec((0_usize..9, 0_usize..9, 0_usize..20), 1..60),
            first in 0_usize..5,
        ) {
            let window = |(at, rate): (usize, &f64)| Window::to(at, *rate, Means::<1>::EMPTY);
            let mut windows = Windows::<1>::at(first);
            let (mut from, mut before, mut come) = (first, first, 0);
            for (leave, arrive, ahead) in steps {
                before = (before + arrive).min(first + rates.len());
                from = (from + leave).min(before);
                let until = (before - first + ahead).min(rates.len()).max(come);
                windows.extend(rates.iter().enumerate().skip(come).take(until - come).map(window));
                come = until;
                let asked = (from..before).filter(|at| rates[at - first] > f64::NEG_INFINITY);
                let naive = asked.reduce(|one, other| if rates[other - first] > rates[one - first] { other } else { one });
                let told = windows.warmest(from, before).map(|(at, window)| (at, window.last));
                prop_assert_eq!(told, naive.map(|at| (at, at - first)));
            }
        }
    }
}
