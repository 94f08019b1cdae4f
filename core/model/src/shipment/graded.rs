//! Where the readings of one series came from: as sealed, and as the logger's memory bears out.

use crate::api::Graded;
use crate::assess::Sample;
use crate::provenance::{HeardValue, continuous};
use crate::reading::{Provenance, Source};
use crate::record::Batch;
use crate::time::UtcMillis;
use crate::units::MilliCelsius;
use std::collections::BTreeMap;

/// How many readings, from when to when.
struct Extent {
    readings: u32,
    first: UtcMillis,
    last: UtcMillis,
}

/// The readings of one series by the way they came and by grade.
#[derive(Default)]
pub(super) struct Origins {
    extents: BTreeMap<(Source, Provenance), Extent>,
    /// Adverts sealed as merely heard, until they are compared with the log.
    heard: Vec<HeardValue>,
    /// The times and values of all others, until all batches are in.
    taken: BTreeMap<(Source, Provenance), Vec<(UtcMillis, i32)>>,
}

impl Origins {
    /// Takes in a batch under the grade that it was sealed with.
    pub fn take(&mut self, batch: &Batch) {
        if (batch.source, batch.provenance) == (Source::Advert, Provenance::P0) {
            let sequences = batch.sequences.iter().flatten().map(|sequence| Some(*sequence));
            let sequences = sequences.chain(std::iter::repeat(None));
            let values = batch.times.iter().zip(&batch.values).zip(sequences);
            self.heard.extend(values.map(|((time, value), sequence)| HeardValue {
                time: *time,
                value: MilliCelsius(*value),
                sequence,
            }));
            return;
        }
        let values = batch.times.iter().copied().zip(batch.values.iter().copied());
        self.taken.entry((batch.source, batch.provenance)).or_default().extend(values);
    }

    /// Grades what was heard, once all batches are in, by the memory that was downloaded.
    pub fn compare(&mut self, log: &[Sample], interval_s: u32) {
        let mut heard = std::mem::take(&mut self.heard);
        heard.sort_unstable();
        heard.dedup();
        for (one, goes_on) in heard.iter().zip(continuous(&heard, log, interval_s)) {
            let grade = if goes_on { Provenance::P1 } else { Provenance::P0 };
            self.note(Source::Advert, grade, one.time);
        }
        self.count();
    }

    /// Counts what was heard as it was sealed: there is no memory to compare it with.
    pub fn settle(&mut self) {
        for one in std::mem::take(&mut self.heard) {
            self.note(Source::Advert, Provenance::P0, one.time);
        }
        self.count();
    }

    /// Counts what was neither heard, nor twice the same.
    fn count(&mut self) {
        for ((source, grade), mut values) in std::mem::take(&mut self.taken) {
            values.sort_unstable();
            values.dedup();
            values.iter().for_each(|(time, _)| self.note(source, grade, *time));
        }
    }

    /// Whether nothing but the address says that these readings are of this logger.
    pub fn only_heard(&self) -> bool {
        self.extents.keys().all(|(_, grade)| *grade == Provenance::P0)
    }

    /// The same for a front end, in the order of sources and grades.
    pub fn told(&self) -> Vec<Graded> {
        let told = |((source, grade), extent): (&(Source, Provenance), &Extent)| Graded {
            source: *source,
            grade: *grade,
            readings: extent.readings,
            first: extent.first,
            last: extent.last,
            proves: grade.proves(*source).into(),
        };
        self.extents.iter().map(told).collect()
    }

    fn note(&mut self, source: Source, grade: Provenance, time: UtcMillis) {
        let extent =
            self.extents.entry((source, grade)).or_insert(Extent { readings: 0, first: time, last: time });
        extent.readings = extent.readings.saturating_add(1);
        extent.first = extent.first.min(time);
        extent.last = extent.last.max(time);
    }
}
