//! Which ended exchanges a node tells of: strangers begin as many as they like, and a journal has an end.

use firn_model::time::UtcMillis;

/// How many are told of in one [`STRETCH_MS`]; those of a day's work are far fewer.
const TOLD: u64 = 20;
/// A minute, in milliseconds.
const STRETCH_MS: u64 = 60_000;

/// How many exchanges ended in this stretch.
#[derive(Debug, Default)]
pub struct Telling {
    began: Option<UtcMillis>,
    ended: u64,
}

/// What is told of an exchange that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whether it is told itself.
    pub itself: bool,
    /// How many of the stretch before it were not.
    pub untold_before: u64,
}

impl Telling {
    /// Counts an exchange that ended `now`; a clock that was set begins another stretch.
    pub fn of(&mut self, now: UtcMillis) -> Told {
        let goes_on = self.began.is_some_and(|began| began.0.abs_diff(now.0) < STRETCH_MS);
        let untold_before = if goes_on { 0 } else { self.untold() };
        if !goes_on {
            *self = Self { began: Some(now), ended: 0 };
        }
        self.ended = self.ended.saturating_add(1);
        Told { itself: self.ended <= TOLD, untold_before }
    }

    /// How many of this stretch were not told themselves: whoever stops tells of these too.
    pub fn untold(&self) -> u64 {
        self.ended.saturating_sub(TOLD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_strangers_leaves_twenty_lines_a_minute_and_their_number() {
        let mut telling = Telling::default();
        let flood = |telling: &mut Telling, from: i64| -> Vec<Told> {
            (0..3000).map(|count| telling.of(UtcMillis(from + count * 10))).collect()
        };
        let first = flood(&mut telling, 0);
        assert_eq!(first.iter().filter(|told| told.itself).count(), 20);
        assert!(first.iter().all(|told| told.untold_before == 0), "nothing was before");
        let second = flood(&mut telling, 60_000);
        assert_eq!(second.iter().filter(|told| told.itself).count(), 20);
        let untold: Vec<u64> = second.iter().map(|told| told.untold_before).filter(|one| *one > 0).collect();
        assert_eq!(untold, [2980], "their number is told once");
        assert_eq!(telling.untold(), 2980, "and that of the last minute when the node stops");
    }

    #[test]
    fn exchanges_of_a_days_work_are_all_told_and_a_clock_set_back_silences_none() {
        let mut telling = Telling::default();
        let times = (0..100).map(|count| count * 10_000).chain((0..15).map(|count| count - 5_000_000));
        let all = Told { itself: true, untold_before: 0 };
        assert!(times.map(|at| telling.of(UtcMillis(at))).all(|told| told == all));
    }
}
