//! A series by its times, with what they add to a mean.

use crate::assess::kinetic::{Change, Heat, Kinetic, Ladder};
use crate::assess::{Sample, Span, known_interval};
use crate::profile::Profile;
use crate::time::UtcMillis;

pub(super) struct Points<'a> {
    pub(super) kinetic: Kinetic,
    pub(super) ladder: Ladder,
    heats: Heats<'a>,
    /// The logging interval in milliseconds.
    pub(super) interval: u64,
}

/// What is to be known of samples before any is looked at for itself.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Whether each is of a later time than the one before.
    pub(super) rises: bool,
    least: i32,
    most: i32,
}

impl Shape {
    /// Of no samples there is none.
    pub(super) fn of(samples: &[Sample]) -> Option<Self> {
        let first = samples.first()?;
        let (mut least, mut most, mut rises) = (first.value.0, first.value.0, true);
        for [one, other] in samples.array_windows() {
            (least, most) = (least.min(other.value.0), most.max(other.value.0));
            rises &= one.time < other.time;
        }
        Some(Self { rises, least, most })
    }
}

/// What was measured at each time.
enum Heats<'a> {
    /// One value at each: nothing is kept for a time, only for a value.
    OfValues { samples: &'a [Sample], least: i32, heats: Vec<Heat> },
    /// Several values at some, or values that differ too much.
    OfTimes(Vec<(UtcMillis, Heat)>),
}

impl<'a> Points<'a> {
    /// Of those sorted samples that lie in a span.
    pub(super) fn of(
        profile: &Profile,
        (samples, shape): (&'a [Sample], Option<Shape>),
        interval_s: Option<u32>,
        span: Span,
    ) -> Self {
        let mut kinetic = Kinetic::new(profile.activation_energy());
        let from = samples.partition_point(|sample| span.from.is_some_and(|from| sample.time < from));
        let to = samples.partition_point(|sample| span.to.is_none_or(|to| sample.time <= to));
        let counted = samples.get(from..to.max(from)).unwrap_or_default();
        let shape = if counted.len() == samples.len() { shape } else { Shape::of(counted) };
        let mut heats = match shape.and_then(|shape| of_values(counted, shape, &mut kinetic)) {
            Some(heats) => heats,
            None => Heats::OfTimes(of_times(counted, &mut kinetic)),
        };
        let ladder = match &mut heats {
            Heats::OfValues { heats, .. } => {
                let ladder = Ladder::of(heats.iter());
                heats.iter_mut().for_each(|heat| ladder.rebase(heat));
                ladder
            }
            Heats::OfTimes(heats) => {
                let ladder = Ladder::of(heats.iter().map(|(_, heat)| heat));
                heats.iter_mut().for_each(|(_, heat)| ladder.rebase(heat));
                ladder
            }
        };
        let interval_s = known_interval(interval_s).unwrap_or(profile.interval_s);
        Self { kinetic, ladder, heats, interval: u64::from(interval_s).saturating_mul(1000) }
    }

    #[inline]
    pub(super) fn time(&self, place: usize) -> Option<UtcMillis> {
        match &self.heats {
            Heats::OfValues { samples, .. } => samples.get(place).map(|sample| sample.time),
            Heats::OfTimes(heats) => heats.get(place).map(|(time, _)| *time),
        }
    }

    /// The latest time.
    pub(super) fn last(&self) -> Option<UtcMillis> {
        let count = match &self.heats {
            Heats::OfValues { samples, .. } => samples.len(),
            Heats::OfTimes(heats) => heats.len(),
        };
        self.time(count.checked_sub(1)?)
    }

    #[inline]
    fn heat(&self, place: usize) -> Option<&Heat> {
        match &self.heats {
            Heats::OfValues { samples, least, heats } => heats.get(slot(samples.get(place)?, *least)),
            Heats::OfTimes(heats) => heats.get(place).map(|(_, heat)| heat),
        }
    }

    /// The first place whose time is not before an instant; none where it lies before `from`.
    ///
    /// `told` is where it is as long as readings keep to their interval; else each place on the way is looked at.
    #[inline]
    pub(super) fn not_before(&self, from: usize, told: usize, instant: UtcMillis) -> Option<usize> {
        // No two times are the same, and mostly what is looked for is the time of a reading.
        if told >= from && self.time(told) == Some(instant) {
            return Some(told);
        }
        let is_before = |place: usize| self.time(place).is_some_and(|time| time < instant);
        if from > 0 && !is_before(from.saturating_sub(1)) {
            return None;
        }
        if told > from && is_before(told.saturating_sub(1)) && !is_before(told) {
            return Some(told);
        }
        let mut place = from;
        while is_before(place) {
            place = place.saturating_add(1);
        }
        Some(place)
    }

    /// Where an instant lies by the logging interval, counted from a place; the place itself where that is too far.
    #[inline]
    pub(super) fn told(&self, from: usize, instant: UtcMillis) -> usize {
        let ahead = self.time(from).map_or(0, |time| instant.0.saturating_sub(time.0));
        match (u32::try_from(ahead), u32::try_from(self.interval)) {
            (Ok(ahead), Ok(interval @ 1..)) => from.saturating_add(ahead.div_ceil(interval) as usize),
            _ => from,
        }
    }

    /// The interval from one time to the next: its ends, its length, and whether it is data.
    #[inline]
    pub(super) fn interval(&self, place: usize) -> Option<(&Heat, &Heat, u64, bool)> {
        self.between(place, self.time(place)?, self.time(place.saturating_add(1))?)
    }

    /// How a window of a length goes on from a first and a last place, by up to so many places, while readings leave it
    /// and arrive at one interval: what its sums change by at each, the interval in milliseconds, and the heat that
    /// leaves first. The window holds more than one reading, and not the next one.
    #[inline(never)]
    pub(super) fn changes<const B: usize>(
        &self,
        (first, last): (usize, usize),
        length: u64,
        most: usize,
        changes: &mut Vec<Change>,
    ) -> Option<(u64, &Heat)> {
        let Heats::OfValues { samples, least, heats } = &self.heats else { return None };
        let (leaving, arriving) = (samples.get(first..)?, samples.get(last..)?);
        // Samples are sorted.
        let apart = |one: &Sample, other: &Sample| other.time.0.wrapping_sub(one.time.0).cast_unsigned();
        let weight = self.interval(first).and_then(|(.., weight, is_data)| is_data.then_some(weight))?;
        let heat_of = |sample: &Sample| heats.get(slot(sample, *least));
        let heat = heat_of(leaving.first()?)?;
        let change = |leaving: &Sample, arriving: &Sample| {
            Change::of::<B>(heat_of(leaving)?, heat_of(arriving)?, heat.bucket())
        };
        let mut before = change(leaving.first()?, arriving.first()?)?;
        let steps = leaving.array_windows::<2>().zip(arriving.array_windows::<3>()).take(most);
        let steady = steps.take_while(|([one, first], [other, last, next])| {
            let kept = apart(one, first) == weight && apart(other, last) == weight;
            kept && apart(first, next) > length
        });
        // Times first and heats then: two short loops take less time than one.
        changes.resize(steady.count(), Change::default());
        let steps = leaving.get(1..)?.iter().zip(arriving.get(1..)?);
        let mut kept = 0;
        for (slot, (first, last)) in changes.iter_mut().zip(steps) {
            let Some(after) = change(first, last) else { break };
            *slot = before.and(after);
            before = after;
            kept += 1;
        }
        changes.truncate(kept);
        Some((weight, heat))
    }

    /// The same of the times at a place and the next one.
    #[inline]
    pub(super) fn between(
        &self,
        place: usize,
        before: UtcMillis,
        after: UtcMillis,
    ) -> Option<(&Heat, &Heat, u64, bool)> {
        let next = place.saturating_add(1);
        let length = after.0.abs_diff(before.0);
        let is_data = length.saturating_mul(2) <= self.interval.saturating_mul(3);
        Some((self.heat(place)?, self.heat(next)?, length, is_data))
    }
}

/// With so many samples for each value it takes less time to keep a heat for every value than to look for those that
/// were measured.
const MANY: usize = 64;

/// Where the heat of a sample's value stands, where the least value has the first place.
#[inline]
fn slot(sample: &Sample, least: i32) -> usize {
    sample.value.0.wrapping_sub(least).cast_unsigned() as usize
}

/// One heat for each value; none where several were measured at one time, or where there are more values than samples.
fn of_values<'a>(samples: &'a [Sample], shape: Shape, kinetic: &mut Kinetic) -> Option<Heats<'a>> {
    let Shape { rises, least, most } = shape;
    let width = most.abs_diff(least) as usize;
    if width >= samples.len() || !rises {
        return None;
    }
    if width < samples.len() / MANY {
        let heats = (least..=most).map(|value| kinetic.heat_of(value)).collect();
        return Some(Heats::OfValues { samples, least, heats });
    }
    let mut heats = vec![None; width.saturating_add(1)];
    for sample in samples {
        if let Some(heat @ None) = heats.get_mut(slot(sample, least)) {
            *heat = Some(kinetic.heat_of(sample.value.0));
        }
    }
    // A value that was not measured is not asked for either.
    let other = kinetic.heat_of(least);
    let heats = heats.into_iter().map(|heat| heat.unwrap_or(other)).collect();
    Some(Heats::OfValues { samples, least, heats })
}

/// One heat for each time, several values averaged.
fn of_times(samples: &[Sample], kinetic: &mut Kinetic) -> Vec<(UtcMillis, Heat)> {
    let heat = |same: &[Sample]| {
        let [first, rest @ ..] = same else { return None };
        let heat = match rest {
            [] => kinetic.heat_of(first.value.0),
            _ => {
                let sum = same.iter().map(|sample| i128::from(sample.value.0)).sum();
                kinetic.heat_of_average(sum, same.len() as u64)
            }
        };
        Some((first.time, heat))
    };
    let mut heats = Vec::with_capacity(samples.len());
    heats.extend(samples.chunk_by(|one, other| one.time == other.time).filter_map(heat));
    heats
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::preset;
    use crate::units::MilliCelsius;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_heat_kept_for_a_value_is_the_one_kept_for_each_time(
            base in -272_000..60_000_i32,
            values in prop::collection::vec(0..20_i32, 30..60),
        ) {
            let profile = &preset("usp-controlled-cold").unwrap().profile;
            let at = |(minute, value): (i64, &i32)| {
                Sample { time: UtcMillis(minute * 60_000), value: MilliCelsius(base + value) }
            };
            let samples: Vec<Sample> = (0..).zip(&values).map(at).collect();
            let points = Points::of(profile, (&samples, Shape::of(&samples)), None, Span::WHOLE);
            let by_value = matches!(points.heats, Heats::OfValues { .. });
            prop_assert!(by_value);
            let mut by_time = of_times(&samples, &mut Kinetic::new(profile.activation_energy()));
            let ladder = Ladder::of(by_time.iter().map(|(_, heat)| heat));
            by_time.iter_mut().for_each(|(_, heat)| ladder.rebase(heat));
            for (place, (time, heat)) in by_time.iter().enumerate() {
                prop_assert_eq!(points.time(place), Some(*time));
                prop_assert_eq!(format!("{:?}", points.heat(place)), format!("{:?}", Some(heat)));
            }
            prop_assert_eq!((points.ladder.first, points.ladder.buckets()), (ladder.first, ladder.buckets()));
            prop_assert_eq!(points.last(), samples.last().map(|sample| sample.time));
        }
    }
}
