//! Mean and mean kinetic temperature (f), in integers that add up to the same in any order.
//!
//! MKT = k / −ln(Σ w·e^(−k/T) / Σ w), T in kelvin, k = ΔH/R, w the time. e^(−k/T) runs over hundreds of
//! powers of ten, so it is kept as an integer in one of 48 buckets, each e^22 wide. An integer has at
//! least 30 bits: an error of the mean below 10⁻⁸ K.

use super::{MicroCelsius, Weighting};
use crate::profile::ActivationEnergy;

pub(super) const BUCKETS: usize = 48;
/// The width of a bucket, as a power of e: e^22 × 2^30 fits 62 bits.
const WIDTH: f64 = 22.0;
/// 2^30, the smallest integer that a rate is kept as.
const SCALE: f64 = 1_073_741_824.0;
/// Nano-degrees from 0 K to 0 °C.
const ICE_POINT_NANO: i64 = 273_150_000_000;
/// The coldest temperature that has a rate of its own, 1 K; below it the rate is that of 1 K.
const COLDEST: f64 = 1.0;
const MEMO: usize = 2048;

/// The temperature at one time, with its rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heat {
    /// The average of the values at that time, in nano-degrees Celsius, rounded.
    nano: i64,
    rate: Rate,
}

impl Heat {
    pub(super) fn bucket(&self) -> u8 {
        self.rate.bucket
    }
}

/// e^(−k/T) = `mantissa` / 2^30 / e^(22·(bucket + 1)).
#[derive(Clone, Copy, Debug)]
struct Rate {
    mantissa: u64,
    bucket: u8,
}

/// The rate at a value in milli-degrees.
#[derive(Clone, Copy, Debug)]
struct Known {
    value: i32,
    bucket: u8,
    mantissa: u64,
}

/// What the sums of a window change by where one pair leaves it and another arrives, for each unit of their weight.
#[derive(Clone, Copy, Default)]
pub(super) struct Change {
    nano: i64,
    mantissas: i64,
}

impl Change {
    /// Where one time leaves and another arrives, one of the two of each pair; none where not both rates lie in a bucket,
    /// as with one bucket alone they do.
    #[inline]
    pub(super) fn of<const B: usize>(leaving: &Heat, arriving: &Heat, bucket: u8) -> Option<Self> {
        if B > 1 && [leaving, arriving].iter().any(|heat| heat.rate.bucket != bucket) {
            return None;
        }
        // Each is less than 2^62.
        let mantissa = |heat: &Heat| heat.rate.mantissa.cast_signed();
        Some(Self { nano: arriving.nano - leaving.nano, mantissas: mantissa(arriving) - mantissa(leaving) })
    }

    /// Where both times of a pair do.
    #[inline]
    pub(super) fn and(self, other: Self) -> Self {
        Self { nano: self.nano + other.nano, mantissas: self.mantissas + other.mantissas }
    }
}

/// The sums of a window that goes on by changes of one weight in one bucket.
///
/// Each sum stands by itself, lest it be read as a whole right after it was written in parts.
pub(super) struct Changing<const B: usize> {
    /// What stays as it was: the weight and the other buckets.
    before: Means<B>,
    weight: i64,
    bucket: usize,
    nano: i128,
    /// The sum of the bucket.
    rates: u128,
}

impl<const B: usize> Changing<B> {
    /// From these sums on, in the bucket of a heat.
    #[inline]
    pub(super) fn of(before: Means<B>, weight: u64, heat: &Heat) -> Option<Self> {
        let bucket = usize::from(heat.rate.bucket);
        let rates = *before.rates.get(bucket)?;
        Some(Self { before, weight: weight.cast_signed(), bucket, nano: before.nano, rates })
    }

    #[inline]
    pub(super) fn go_on(&mut self, change: &Change) {
        let weighed = |change: i64| i128::from(self.weight) * i128::from(change);
        let (nano, rates) = (weighed(change.nano), weighed(change.mantissas));
        self.nano += nano;
        self.rates = self.rates.wrapping_add_signed(rates);
    }

    /// The mean of the rates, as of [`Self::means`], which have weight.
    #[inline]
    pub(super) fn mean_rate(&self, ladder: &Ladder) -> f64 {
        // Where there is one bucket its sum is at hand, and its factor is 1.
        let sum = if B == 1 { nearest(self.rates) } else { ladder.sum(&self.means().rates) };
        sum / self.before.weight as f64
    }

    #[inline]
    pub(super) fn means(&self) -> Means<B> {
        let rate = |bucket: usize| {
            let before = self.before.rates.get(bucket).copied().unwrap_or_default();
            if B == 1 || bucket == self.bucket { self.rates } else { before }
        };
        Means { weight: self.before.weight, nano: self.nano, rates: std::array::from_fn(rate) }
    }
}

/// Compares mean kinetic temperatures without a logarithm: by the mean of the rates, which rises with them.
#[derive(Debug)]
pub(super) struct Ladder {
    /// The lowest bucket with a rate, at which the sums of these heats begin.
    pub(super) first: usize,
    /// What the rates of each bucket from there on weigh beside those of the first.
    factors: Vec<f64>,
}

impl Ladder {
    /// Of means that these heats go into.
    pub(super) fn of<'h>(heats: impl Iterator<Item = &'h Heat>) -> Self {
        let bounds =
            |(first, last): (u8, u8), heat: &Heat| (first.min(heat.rate.bucket), last.max(heat.rate.bucket));
        let (first, last) = heats.fold((u8::MAX, 0), bounds);
        let first = usize::from(first);
        let factor = |bucket: usize| libm::exp(-WIDTH * bucket.saturating_sub(first) as f64);
        Self { first, factors: (first..=usize::from(last)).map(factor).collect() }
    }

    /// Counts the bucket of one of them from the first.
    pub(super) fn rebase(&self, heat: &mut Heat) {
        heat.rate.bucket = heat.rate.bucket.saturating_sub(self.first as u8);
    }

    /// How many buckets have a rate, from the first to the last.
    pub(super) fn buckets(&self) -> usize {
        self.factors.len()
    }

    /// The mean of the rates; none without weight.
    #[inline]
    pub(super) fn mean_rate<const B: usize>(&self, means: &Means<B>) -> Option<f64> {
        (means.weight > 0).then_some(self.sum(&means.rates) / means.weight as f64)
    }

    #[inline]
    fn sum<const B: usize>(&self, rates: &[u128; B]) -> f64 {
        rates.iter().zip(&self.factors).map(|(sum, factor)| nearest(*sum) * factor).sum()
    }
}

/// The two means of a series as it is read in order of time.
#[derive(Debug)]
pub(super) struct Kinetic {
    /// k = ΔH/R in kelvin.
    k: f64,
    /// Rates that are known already, each at its value's own slot; a copy does without.
    memo: Option<Box<[Known; MEMO]>>,
    weighted: Means<BUCKETS>,
    /// Every time alike; kept only until an interval has weight.
    plain: Means<BUCKETS>,
}

/// Sums over intervals or times, from which both means follow; of all buckets, or of those that a series needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Means<const B: usize = BUCKETS> {
    /// Of pairs, half of what their two times weigh.
    weight: u64,
    nano: i128,
    /// Sums of rates, one for each bucket.
    rates: [u128; B],
}

impl<const B: usize> Means<B> {
    pub(super) const EMPTY: Self = Self { weight: 0, nano: 0, rates: [0; B] };

    /// Adds two times with the same weight, at most 1.5 × 2^32 s in milliseconds; no sum overflows while
    /// the weights add up to a u64.
    #[inline]
    pub(super) fn add_pair(&mut self, weight: u64, one: &Heat, other: &Heat) {
        self.weight += weight;
        self.nano += i128::from(weight.cast_signed()) * i128::from(one.nano + other.nano);
        if one.rate.bucket == other.rate.bucket {
            self.add_rate(one.rate.bucket, weight, one.rate.mantissa + other.rate.mantissa);
        } else {
            self.add_rate(one.rate.bucket, weight, one.rate.mantissa);
            self.add_rate(other.rate.bucket, weight, other.rate.mantissa);
        }
    }

    /// Takes away what [`Self::add_pair`] has added: integers leave no trace.
    #[inline]
    pub(super) fn remove_pair(&mut self, weight: u64, one: &Heat, other: &Heat) {
        self.weight -= weight;
        self.nano -= i128::from(weight.cast_signed()) * i128::from(one.nano + other.nano);
        if one.rate.bucket == other.rate.bucket {
            self.remove_rate(one.rate.bucket, weight, one.rate.mantissa + other.rate.mantissa);
        } else {
            self.remove_rate(one.rate.bucket, weight, one.rate.mantissa);
            self.remove_rate(other.rate.bucket, weight, other.rate.mantissa);
        }
    }

    #[inline]
    fn remove_rate(&mut self, bucket: u8, weight: u64, mantissa: u64) {
        if let Some(sum) = self.rates.get_mut(usize::from(bucket)) {
            *sum -= u128::from(weight) * u128::from(mantissa);
        }
    }

    fn add(&mut self, heat: &Heat) {
        self.weight += 1;
        self.nano += i128::from(heat.nano);
        self.add_rate(heat.rate.bucket, 1, heat.rate.mantissa);
    }

    #[inline]
    fn add_rate(&mut self, bucket: u8, weight: u64, mantissa: u64) {
        self.add_rates(bucket, weight, u128::from(mantissa));
    }

    /// Adds rates of one bucket, summed up.
    #[inline]
    fn add_rates(&mut self, bucket: u8, weight: u64, mantissas: u128) {
        if let Some(sum) = self.rates.get_mut(usize::from(bucket)) {
            *sum += u128::from(weight) * mantissas;
        }
    }

    /// The mean; `times` is 2 where pairs were added, 1 where single times were.
    fn mean(&self, times: u64) -> Option<MicroCelsius> {
        let divisor = i128::from(self.weight) * i128::from(times) * 1000;
        if divisor == 0 {
            return None;
        }
        let half = if self.nano < 0 { -divisor / 2 } else { divisor / 2 };
        i64::try_from((self.nano + half) / divisor).ok().map(MicroCelsius)
    }

    /// The mean kinetic temperature, not rounded below the mean, which it cannot lie below; `first` is the bucket that
    /// the sums begin at.
    pub(super) fn kinetic_mean(&self, times: u64, k: f64, first: usize) -> Option<MicroCelsius> {
        let mean = self.mean(times)?;
        let mut filled = self.rates.iter().enumerate().filter(|(_, sum)| **sum != 0).peekable();
        let warmest = filled.peek().map(|(bucket, _)| *bucket)?;
        let sum: f64 =
            filled.map(|(bucket, sum)| *sum as f64 * libm::exp(-WIDTH * (bucket - warmest) as f64)).sum();
        let weight = self.weight as f64 * times as f64;
        let logarithm =
            libm::log(sum) - libm::log(weight) - libm::log(SCALE) - WIDTH * (warmest + first + 1) as f64;
        let kelvin = k / -logarithm;
        let micro = libm::round(kelvin * 1e6);
        Some(MicroCelsius(micro as i64 - ICE_POINT_NANO / 1000).max(mean))
    }
}

/// A copy answers the same and remembers no rates, which are forty times as long as the sums: it is taken
/// to look at a series, or to go back to, many of them for each.
impl Clone for Kinetic {
    fn clone(&self) -> Self {
        Self { k: self.k, memo: None, weighted: self.weighted, plain: self.plain }
    }
}

impl Kinetic {
    pub(super) fn new(energy: ActivationEnergy) -> Self {
        let k = energy.over_gas_constant();
        let Rate { mantissa, bucket } = rate(k, 0);
        let zero = Known { value: 0, bucket, mantissa };
        Self { k, memo: Some(Box::new([zero; MEMO])), weighted: Means::EMPTY, plain: Means::EMPTY }
    }

    /// k = ΔH/R in kelvin.
    pub(super) fn k(&self) -> f64 {
        self.k
    }

    /// The heat of a time at which one value was measured, in milli-degrees.
    #[inline]
    pub(super) fn heat_of(&mut self, value: i32) -> Heat {
        let nano = i64::from(value) * 1_000_000;
        // A series dwells near one temperature, so neighbouring values have slots of their own.
        let slot = value.cast_unsigned() as usize % MEMO;
        let Some(known) = self.memo.as_mut().and_then(|memo| memo.get_mut(slot)) else {
            return Heat { nano, rate: rate(self.k, nano) };
        };
        if known.value != value {
            let Rate { mantissa, bucket } = rate(self.k, nano);
            *known = Known { value, bucket, mantissa };
        }
        Heat { nano, rate: Rate { mantissa: known.mantissa, bucket: known.bucket } }
    }

    /// Whether there were intervals already, by which times are weighted.
    pub(super) fn has_intervals(&self) -> bool {
        self.weighted.weight > 0
    }

    /// The heat of a time at which `count` values were measured that add up to `sum` milli-degrees.
    pub(super) fn heat_of_average(&self, sum: i128, count: u64) -> Heat {
        let count = i128::from(count.max(1));
        let scaled = sum * 1_000_000;
        let half = if scaled < 0 { -count / 2 } else { count / 2 };
        let nano = i64::try_from((scaled + half) / count).unwrap_or_default();
        Heat { nano, rate: rate(self.k, nano) }
    }

    /// One more time.
    #[inline]
    pub(super) fn point(&mut self, heat: &Heat) {
        if self.weighted.weight == 0 {
            self.plain.add(heat);
        }
    }

    /// The interval between two times, without a gap, in milliseconds.
    #[inline]
    pub(super) fn interval(&mut self, weight: u64, before: &Heat, after: &Heat) {
        self.weighted.add_pair(weight, before, after);
    }

    /// Intervals that are equally long, in milliseconds, from the time of a heat on to one value after another; the last
    /// heat.
    pub(super) fn intervals(&mut self, weight: u64, first: Heat, values: impl Iterator<Item = i32>) -> Heat {
        let (mut last, mut count, mut nano) = (first, 0_u64, 0_i128);
        // Of the heats in the bucket of the last.
        let mut mantissas = 0_u128;
        let doubled = weight * 2;
        values.for_each(|value| {
            let heat = self.heat_of(value);
            if heat.rate.bucket != last.rate.bucket {
                self.weighted.add_rates(last.rate.bucket, doubled, std::mem::take(&mut mantissas));
            }
            nano += i128::from(heat.nano);
            mantissas += u128::from(heat.rate.mantissa);
            count += 1;
            last = heat;
        });
        self.weighted.add_rates(last.rate.bucket, doubled, mantissas);
        // Every time begins one interval and ends another; the first does not end one, nor does the last begin one.
        self.weighted.add_rates(first.rate.bucket, weight, u128::from(first.rate.mantissa));
        self.weighted.remove_rate(last.rate.bucket, weight, last.rate.mantissa);
        nano = 2 * nano + i128::from(first.nano) - i128::from(last.nano);
        self.weighted.nano += i128::from(weight.cast_signed()) * nano;
        self.weighted.weight += weight * count;
        last
    }

    /// How the means are weighted, the mean and the mean kinetic temperature.
    pub(super) fn means(&self) -> (Weighting, Option<MicroCelsius>, Option<MicroCelsius>) {
        let (weighting, means, times) = if self.weighted.weight > 0 {
            (Weighting::Trapezoid, &self.weighted, 2)
        } else {
            (Weighting::Plain, &self.plain, 1)
        };
        (weighting, means.mean(times), means.kinetic_mean(times, self.k, 0))
    }
}

/// The float nearest to a sum, as `as` gives it, which calls a function for 128 bits.
#[inline]
fn nearest(sum: u128) -> f64 {
    /// 2^48: with 53 bits above it and 48 below, either part is a float, and only their sum is rounded.
    const PART: u128 = 1 << 48;
    if sum >> 101 != 0 {
        return nearest_to_great(sum);
    }
    let (high, low) = ((sum / PART) as i64, (sum % PART) as i64);
    high as f64 * PART as f64 + low as f64
}

/// Apart, lest the cast be made of every sum and then dropped.
#[cold]
#[inline(never)]
fn nearest_to_great(sum: u128) -> f64 {
    sum as f64
}

/// The rate at a temperature in nano-degrees Celsius.
#[inline(never)]
fn rate(k: f64, nano: i64) -> Rate {
    let kelvin = ((nano + ICE_POINT_NANO) as f64 / 1e9).max(COLDEST);
    let exponent = k / kelvin;
    let bucket = libm::floor(exponent / WIDTH).min((BUCKETS - 1) as f64);
    let remainder = (WIDTH * (bucket + 1.0) - exponent).max(0.0);
    Rate { mantissa: libm::round(libm::exp(remainder) * SCALE) as u64, bucket: bucket as u8 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heat(nano: i64) -> Heat {
        Heat { nano, rate: rate(10_000.0, nano) }
    }

    proptest! {
        #[test]
        fn the_float_nearest_to_a_sum_is_the_one_that_a_cast_gives(bits in any::<u128>(), fewer in 0_u32..128, near in -3_i128..4) {
            let sum = bits >> fewer;
            // Halfway between two floats, and beside it.
            let half = (((sum | 1) << 1 | 1) << 47).wrapping_add_signed(near);
            for sum in [sum, half, half >> 20, sum & !0xffff_ffff, u128::MAX] {
                prop_assert_eq!(nearest(sum).to_bits(), (sum as f64).to_bits(), "{}", sum);
            }
        }

        #[test]
        fn sums_that_go_on_by_changes_are_those_of_the_pairs_that_are_left(
            degrees in prop::collection::vec(prop_oneof![7_000_000_000..9_000_000_000_i64, -90_000_000_000..80_000_000_000_i64], 6),
            weight in 1_u64..6_000_000,
        ) {
            let heats: Vec<Heat> = degrees.into_iter().map(heat).collect();
            let [a, b, c, d, e, f] = heats.as_slice() else { panic!() };
            let sums = |pairs: &[(&Heat, &Heat)]| {
                let mut means = Means::<BUCKETS>::EMPTY;
                pairs.iter().for_each(|(one, other)| means.add_pair(weight, one, other));
                means
            };
            let ladder = Ladder { first: 0, factors: vec![1.0; BUCKETS] };
            let mut changing = Changing::of(sums(&[(a, b), (c, d)]), weight, a).unwrap();
            let change = |leaving, arriving| Change::of::<BUCKETS>(leaving, arriving, a.rate.bucket);
            let change = change(a, e).zip(change(b, f)).map(|(one, other)| one.and(other));
            let alike = [b, e, f].iter().all(|one| one.rate.bucket == a.rate.bucket);
            prop_assert_eq!(change.is_some(), alike);
            if let Some(change) = change {
                changing.go_on(&change);
                let expected = sums(&[(c, d), (e, f)]);
                prop_assert_eq!(changing.means(), expected);
                prop_assert_eq!(Some(changing.mean_rate(&ladder)), ladder.mean_rate(&expected));
            }
        }
    }
}
