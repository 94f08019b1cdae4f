//! A series judged while it arrives, in whatever order.

use super::{Assessment, Assessor, Sample, Span};
use crate::profile::Profile;
use crate::time::UtcMillis;

/// After how many new times the state is marked, to go back to when a late sample comes.
const MARK_EVERY: u32 = 32;

/// Judges a series as its samples arrive; the answer is that of [`super::assess_series`] at any moment.
///
/// It keeps no samples. A late one sends it back to a state before it, from which it reads on in what
/// the caller has stored, so that a sample costs about as much reading as it is late.
#[derive(Clone, Debug)]
pub struct LiveAssessor {
    span: Span,
    /// The state before any sample.
    empty: Assessor,
    latest: Assessor,
    marks: Vec<Mark>,
    times_since_mark: u32,
}

/// The state before any sample of that time.
#[derive(Clone, Debug)]
struct Mark {
    /// Which of all marks ever set, from one.
    number: u32,
    time: UtcMillis,
    state: Assessor,
}

impl LiveAssessor {
    /// Begins with no sample; `interval_s` is the logger's own interval, where it is known (0: unknown).
    pub fn new(profile: &Profile, interval_s: Option<u32>, span: Span) -> Self {
        let latest = Assessor::new(profile, interval_s, span);
        Self { span, empty: latest.clone(), latest, marks: Vec::new(), times_since_mark: 0 }
    }

    /// Takes the next sample to arrive.
    ///
    /// `stored_from` gives the series' stored samples from an instant on, that instant's and the new one
    /// among them, in any order. It is asked for nothing unless the sample is late.
    pub fn push<S>(&mut self, sample: Sample, stored_from: impl FnOnce(UtcMillis) -> S)
    where
        S: IntoIterator<Item = Sample>,
    {
        if !self.span.contains(sample.time) {
            return;
        }
        match self.latest.latest() {
            Some(latest) if sample.time < latest => self.reread(sample.time, stored_from),
            _ => self.take(sample),
        }
    }

    /// Takes in that stored samples came or went at `time` or after it, such as those of a downloaded log.
    ///
    /// `stored_from` is asked as in [`Self::push`], for the samples from [`Self::rereads_from`] on.
    pub fn reread<S>(&mut self, time: UtcMillis, stored_from: impl FnOnce(UtcMillis) -> S)
    where
        S: IntoIterator<Item = Sample>,
    {
        let from = self.go_back(time);
        let mut stored: Vec<Sample> = stored_from(from).into_iter().collect();
        stored.retain(|sample| sample.time >= from && self.span.contains(sample.time));
        stored.sort_unstable();
        stored.into_iter().for_each(|sample| self.take(sample));
    }

    /// The instant from which on it would read again, were a stored sample of `time` to come or go.
    pub fn rereads_from(&self, time: UtcMillis) -> UtcMillis {
        self.marks_before(time).last().map_or(UtcMillis(i64::MIN), |mark| mark.time)
    }

    /// The latest time of a sample in the span.
    pub fn latest(&self) -> Option<UtcMillis> {
        self.latest.latest()
    }

    /// The assessment of what came so far.
    pub fn snapshot(&self) -> Assessment {
        self.latest.snapshot()
    }

    fn marks_before(&self, time: UtcMillis) -> &[Mark] {
        let kept = self.marks.partition_point(|mark| mark.time <= time);
        self.marks.get(..kept).unwrap_or_default()
    }

    /// Takes up the newest state before `time`; the answer is the instant from which to read on.
    fn go_back(&mut self, time: UtcMillis) -> UtcMillis {
        self.marks.truncate(self.marks_before(time).len());
        self.times_since_mark = 0;
        let newest = self.marks.last().map(|mark| (mark.time, &mark.state));
        let (from, state) = newest.unwrap_or((UtcMillis(i64::MIN), &self.empty));
        self.latest = state.clone();
        from
    }

    /// Takes a sample that is not older than the latest.
    fn take(&mut self, sample: Sample) {
        if self.latest.latest().is_some_and(|latest| latest < sample.time) {
            self.times_since_mark = self.times_since_mark.saturating_add(1);
            if self.times_since_mark >= MARK_EVERY {
                self.mark(sample.time);
            }
        }
        self.latest.take(sample);
    }

    /// Marks the state before `time`. The older marks are, the further apart they are kept: at an age of
    /// `n` marks every `n`/2nd, rounded to a power of two, so that about two are left for each doubling.
    fn mark(&mut self, time: UtcMillis) {
        self.times_since_mark = 0;
        let number = self.marks.last().map_or(1, |mark| mark.number.saturating_add(1));
        self.marks.retain(|mark| {
            let age = number.saturating_sub(mark.number);
            let apart = (age / 2).checked_ilog2().map_or(1, |power| 1_u32 << power);
            mark.number.is_multiple_of(apart)
        });
        self.marks.push(Mark { number, time, state: self.latest.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::assess_series;
    use crate::profile::preset;
    use crate::units::MilliCelsius;
    use proptest::prelude::*;
    use std::cell::Cell;

    fn profile() -> Profile {
        preset("who-10-day-type-1").unwrap().profile.clone()
    }

    fn at(minute: i64, value: i32) -> Sample {
        Sample { time: UtcMillis(minute * 60_000), value: MilliCelsius(value) }
    }

    proptest! {
        #[test]
        fn a_live_series_is_judged_as_the_whole_one_whatever_the_order_of_arrival(
            readings in prop::collection::vec((0_i64..4000, -2000_i32..50_000), 1..400),
            from in prop::option::of(0_i64..2000),
        ) {
            let profile = profile();
            let span = Span { from: from.map(|minute| UtcMillis(minute * 60_000)), to: None };
            let mut live = LiveAssessor::new(&profile, Some(600), span);
            let mut stored: Vec<Sample> = Vec::new();
            for (minute, value) in readings {
                let sample = at(minute, value);
                stored.push(sample);
                live.push(sample, |from| stored.iter().copied().filter(move |one| one.time >= from));
            }
            prop_assert_eq!(live.snapshot(), assess_series(&profile, &stored, Some(600), span));
        }
    }

    #[test]
    fn a_late_sample_makes_it_read_again_from_shortly_before_and_no_more() {
        let profile = profile();
        let mut live = LiveAssessor::new(&profile, Some(60), Span::WHOLE);
        let mut stored: Vec<Sample> =
            (0..100_000).filter(|minute| *minute != 99_000).map(|m| at(m, 5000)).collect();
        stored.iter().for_each(|sample| live.push(*sample, |_| Vec::new()));
        stored.push(at(99_000, 9000));
        let read = Cell::new(0);
        live.push(at(99_000, 9000), |from| {
            let again: Vec<Sample> = stored.iter().copied().filter(|one| one.time >= from).collect();
            read.set(again.len());
            again
        });
        assert!((1000..2000).contains(&read.get()), "{}", read.get());
        assert!(live.marks.len() < 40, "{}", live.marks.len());
        assert_eq!(live.snapshot(), assess_series(&profile, &stored, Some(60), Span::WHOLE));
    }

    #[test]
    fn a_log_that_is_downloaded_meanwhile_is_read_from_its_begin_on() {
        let profile = profile();
        let mut live = LiveAssessor::new(&profile, Some(60), Span::WHOLE);
        let heard: Vec<Sample> = (0..500).map(|minute| at(minute, 5000)).collect();
        heard.iter().for_each(|sample| live.push(*sample, |_| Vec::new()));
        // From minute 300 on the log knows better, and goes on for longer.
        let log = (300..600).map(|minute| at(minute, 46_000));
        let stored: Vec<Sample> = heard.iter().copied().take(300).chain(log).collect();
        let from = live.rereads_from(at(300, 0).time);
        assert!((at(200, 0).time..=at(300, 0).time).contains(&from), "{from}");
        live.reread(at(300, 0).time, |asked| {
            assert_eq!(asked, from);
            stored.iter().copied().filter(move |one| one.time >= asked)
        });
        assert_eq!(live.latest(), Some(at(599, 0).time));
        assert_eq!(live.snapshot(), assess_series(&profile, &stored, Some(60), Span::WHOLE));
    }

    #[test]
    fn a_sample_outside_the_span_changes_nothing_and_asks_for_nothing() {
        let profile = profile();
        let span = Span { from: Some(UtcMillis(0)), to: Some(UtcMillis(600_000)) };
        let mut live = LiveAssessor::new(&profile, Some(600), span);
        live.push(at(5, 5000), |_| Vec::new());
        let before = live.snapshot();
        for minute in [-10, 60] {
            live.push(at(minute, 60_000), |_| -> Vec<Sample> { panic!("nothing to read") });
        }
        assert_eq!(live.snapshot(), before);
    }
}
