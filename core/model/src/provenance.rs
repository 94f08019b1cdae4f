//! What each grade of provenance proves, and which adverts continue what the logger's memory says.

use crate::assess::Sample;
use crate::reading::{Provenance, Source};
use crate::time::UtcMillis;
use crate::units::MilliCelsius;

/// How far an advert may lie outside the two log records around it, in milli-°C: the coarsest step in
/// which a supported family advertises (0.1 °C).
const AGREES_WITHIN: i32 = 100;

impl Provenance {
    /// The grade of a reading that came this way, as a person reads it.
    pub fn name(self, source: Source) -> &'static str {
        match (self, source) {
            (Self::P0, Source::Import) => "P0 unproven file",
            (Self::P0, Source::Advert | Source::Log) => "P0 heard",
            (Self::P1, _) => "P1 continuous",
            (Self::P2, _) => "P2 keyed",
            (Self::P3, _) => "P3 paired link",
        }
    }

    /// What a reading of this grade that came this way proves, and no more than that.
    pub fn proves(self, source: Source) -> &'static str {
        match (self, source) {
            (Self::P0, Source::Import) => {
                "This device was given a file that says so; nobody vouches for the file."
            }
            (Self::P0, Source::Advert | Source::Log) => {
                "At that time this device received these bytes from a transmitter using that address; \
                 anyone near can imitate both."
            }
            (Self::P1, _) => {
                "Heard, with a counter that goes on without a break, and in agreement with the memory \
                 downloaded from the logger."
            }
            (Self::P2, _) => {
                "Authenticated with the logger's key, and fresh: it came from someone who holds the key."
            }
            (Self::P3, _) => "Read over a link that the operating system had paired and encrypted.",
        }
    }
}

/// One value as it was heard, with the logger's own counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeardValue {
    /// When.
    pub time: UtcMillis,
    /// How warm.
    pub value: MilliCelsius,
    /// The logger's counter of measurements or packets, where it sends one.
    pub sequence: Option<u32>,
}

/// Which of the values heard, ascending by time, continue the logger's downloaded memory (P1).
///
/// One does where a log record stands at most 1.5 intervals before and another at most as long after it,
/// its value lies between theirs or at most 0.1 °C outside, and its counter goes on from the value heard
/// before or leads on to the one after. A counter that falls is taken for one that ran over only from the
/// upper half of its width into the lower; the width is the least of 8, 16, 24 and 32 bits that holds all
/// of them. An imitator who also answers the download passes, too: this is a hint, and no proof.
pub fn continuous(heard: &[HeardValue], log: &[Sample], interval_s: u32) -> Vec<bool> {
    let mut log = log.to_vec();
    log.sort_by_key(|sample| (sample.time, sample.value));
    let half = half_width(heard);
    let leads_on = |from: &HeardValue, to: &HeardValue| match (from.sequence, to.sequence) {
        (Some(from), Some(to)) => to > from || (from >= half && to < half),
        _ => false,
    };
    let steps: Vec<bool> =
        heard.iter().zip(heard.iter().skip(1)).map(|(from, to)| leads_on(from, to)).collect();
    let before = std::iter::once(false).chain(steps.iter().copied());
    let after = steps.iter().copied().chain(std::iter::once(false));
    let sides = before.zip(after).map(|(before, after)| before || after);
    heard.iter().zip(sides).map(|(one, goes_on)| goes_on && agrees(one, &log, interval_s)).collect()
}

/// Half of what the counter can count to.
fn half_width(heard: &[HeardValue]) -> u32 {
    match heard.iter().filter_map(|one| one.sequence).max().unwrap_or(0) {
        0..=0xFF => 0x80,
        0x100..=0xFFFF => 0x8000,
        0x1_0000..=0xFF_FFFF => 0x80_0000,
        _ => 0x8000_0000,
    }
}

/// Whether a value fits between the log records around it; `log` ascends.
fn agrees(one: &HeardValue, log: &[Sample], interval_s: u32) -> bool {
    let longest = u64::from(interval_s).saturating_mul(1500);
    let (earlier, later) = log.split_at(log.partition_point(|sample| sample.time <= one.time));
    let (Some(before), Some(after)) = (earlier.last(), later.first()) else { return false };
    let near = |sample: &Sample| sample.time.0.abs_diff(one.time.0) <= longest;
    let lowest = before.value.0.min(after.value.0).saturating_sub(AGREES_WITHIN);
    let highest = before.value.0.max(after.value.0).saturating_add(AGREES_WITHIN);
    near(before) && near(after) && (lowest..=highest).contains(&one.value.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(values: &[(i64, i32)]) -> Vec<Sample> {
        let sample = |(seconds, value): &(i64, i32)| Sample {
            time: UtcMillis(seconds * 1000),
            value: MilliCelsius(*value),
        };
        values.iter().map(sample).collect()
    }

    fn heard(values: &[(i64, i32, u32)]) -> Vec<HeardValue> {
        let one = |(seconds, value, sequence): &(i64, i32, u32)| HeardValue {
            time: UtcMillis(seconds * 1000),
            value: MilliCelsius(*value),
            sequence: Some(*sequence),
        };
        values.iter().map(one).collect()
    }

    const LOG: [(i64, i32); 4] = [(0, 5000), (300, 5000), (600, 5400), (900, 5400)];

    #[test]
    fn adverts_that_agree_with_the_log_and_count_on_are_continuous() {
        let adverts = heard(&[(100, 5010, 70), (400, 5300, 300), (700, 5400, 530)]);
        assert_eq!(continuous(&adverts, &log(&LOG), 300), [true, true, true]);
    }

    #[test]
    fn an_advert_of_another_temperature_than_the_log_stays_merely_heard() {
        let adverts = heard(&[(100, 5101, 70), (400, 5500, 300), (700, 5501, 530)]);
        assert_eq!(continuous(&adverts, &log(&LOG), 300), [false, true, false]);
    }

    #[test]
    fn an_advert_without_log_records_on_both_sides_stays_merely_heard() {
        let adverts = heard(&[(-10, 5000, 1), (100, 5000, 70), (950, 5400, 700)]);
        assert_eq!(continuous(&adverts, &log(&LOG), 300), [false, true, false]);
        assert_eq!(continuous(&adverts, &log(&[(0, 5000), (600, 5000)]), 300), [false, false, false]);
        assert_eq!(continuous(&adverts, &[], 300), [false, false, false]);
    }

    #[test]
    fn a_counter_that_falls_breaks_the_continuity_where_it_did_not_run_over() {
        let anew = heard(&[(10, 5000, 900), (20, 5000, 910), (30, 5000, 3), (40, 5000, 11)]);
        assert_eq!(continuous(&anew, &log(&LOG), 300), [true; 4], "each side goes on by itself");
        let alone = heard(&[(10, 5000, 900), (20, 5000, 3), (30, 5000, 2)]);
        assert_eq!(continuous(&alone, &log(&LOG), 300), [false, false, false]);
        let over = heard(&[(10, 5000, 65_500), (20, 5000, 3)]);
        assert_eq!(continuous(&over, &log(&LOG), 300), [true, true]);
    }

    #[test]
    fn a_logger_without_a_counter_is_never_continuous() {
        let mut adverts = heard(&[(100, 5000, 0), (200, 5000, 0)]);
        adverts.iter_mut().for_each(|one| one.sequence = None);
        assert_eq!(continuous(&adverts, &log(&LOG), 300), [false, false]);
    }

    #[test]
    fn every_grade_says_what_it_proves_and_none_promises_that_the_goods_were_cold() {
        for grade in [Provenance::P0, Provenance::P1, Provenance::P2, Provenance::P3] {
            for source in [Source::Advert, Source::Log, Source::Import] {
                let said = format!("{} {}", grade.name(source), grade.proves(source)).to_lowercase();
                assert!(!said.contains("safe") && !said.contains("usable"), "{said}");
            }
        }
        assert!(!Provenance::P0.proves(Source::Import).contains("transmitter"), "a file is not heard");
    }
}
