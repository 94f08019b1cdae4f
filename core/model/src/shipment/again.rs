//! Readings that were taken in again by a device that did not know of them: they tell nothing that others did not.

use super::late::is_still_to_come;
use super::story::{SignedEntry, Story, Told};
use crate::id::Id;
use crate::reading::{Channel, Source};
use crate::record::{Address, Batch, Body, EntryReference, Kind, Readings, Statement};
use crate::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// How far the times of one sample of a log may lie apart where its interval is not known, in milliseconds.
const JITTER_MS: i64 = 1500;

/// Of the readings that an entry brought which ones another brought as well.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Again(BTreeMap<EntryReference, BTreeMap<EntryReference, Vec<bool>>>);

/// Readings as an entry says that it brings them.
#[derive(Clone, Copy)]
struct Brought {
    reference: EntryReference,
    address: Address,
    first: UtcMillis,
    last: UtcMillis,
}

/// The batches that may hold the same readings, by what entries say of them: those of one logger and channel that
/// were read, and not heard, on several logs, and overlap in time.
pub fn read_again(entries: &[SignedEntry]) -> BTreeSet<Address> {
    pairs(entries).into_iter().map(|(one, _)| one.address).collect()
}

impl Again {
    /// Compares the batches that may hold the same readings, as far as they are held.
    pub fn of(entries: &[SignedEntry], batches: &BTreeMap<Address, Batch>) -> Self {
        let mut again = Self::default();
        for (one, other) in pairs(entries) {
            let held = batches.get(&one.address).zip(batches.get(&other.address));
            if let Some(same) = held.and_then(|(one, other)| same_in(one, other)) {
                again.0.entry(one.reference).or_default().insert(other.reference, same);
            }
        }
        again
    }
}

/// Every two entries that may bring the same readings, in both orders.
fn pairs(entries: &[SignedEntry]) -> Vec<(Brought, Brought)> {
    let mut brought: BTreeMap<(Id, Channel, Source), Vec<Brought>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.kind == u64::from(Kind::Readings.number())) {
        let ([address], Ok(says)) = (&entry.batches[..], Readings::from_bytes(&entry.body)) else { continue };
        if says.source != Source::Advert {
            let Readings { first, last, .. } = says;
            let one = Brought { reference: entry.reference, address: *address, first, last };
            brought.entry((says.logger, says.channel, says.source)).or_default().push(one);
        }
    }
    let meets = |one: &Brought, other: &Brought| {
        one.reference.log != other.reference.log && one.first <= other.last && other.first <= one.last
    };
    let others = |all: &[Brought], one: &Brought| -> Vec<(Brought, Brought)> {
        all.iter().filter(|other| meets(one, other)).map(|other| (*one, *other)).collect()
    };
    brought.values().flat_map(|all| all.iter().flat_map(|one| others(all, one))).collect()
}

/// Which readings of a batch another holds that came the same way: of the same value at the same time, which of a log
/// shifts with the clock of whoever downloads it, as for a device that reads it again.
fn same_in(one: &Batch, other: &Batch) -> Option<Vec<bool>> {
    let way = |batch: &Batch| {
        let Batch { logger, channel, source, clock, provenance, interval_s, aggregation, .. } = batch;
        (*logger, *channel, *source, *clock, *provenance, *interval_s, *aggregation)
    };
    if way(one) != way(other) {
        return None;
    }
    let half = |seconds: u32| (i64::from(seconds).saturating_mul(500)).saturating_sub(1).max(0);
    let tolerance = match one.source {
        Source::Log => one.interval_s.map_or(JITTER_MS, half),
        Source::Advert | Source::Import => 0,
    };
    let held: BTreeSet<(i32, UtcMillis)> =
        other.values.iter().copied().zip(other.times.iter().copied()).collect();
    let holds = |(time, value): (&UtcMillis, &i32)| {
        let from = UtcMillis(time.0.saturating_sub(tolerance));
        let to = UtcMillis(time.0.saturating_add(tolerance));
        held.range((*value, from)..=(*value, to)).next().is_some()
    };
    Some(one.times.iter().zip(&one.values).map(holds).collect())
}

impl Story {
    /// Whether an entry brings readings, and none that its signer's clock had not come to, beyond what the signer of
    /// another knew of that clock, or that they did not hold by the same way.
    pub(super) fn adds_nothing(&self, told: &Told, to: &SignedEntry) -> bool {
        let Some(Statement::Readings(readings)) = &told.statement else { return false };
        let Some(others) = self.again.0.get(&told.entry.reference) else { return false };
        let counts = |reference: &EntryReference| {
            self.told_as(*reference).is_some_and(|other| other.refused.is_none() && to.holds(&other.entry))
        };
        let held: Vec<&Vec<bool>> =
            others.iter().filter(|(reference, _)| counts(reference)).map(|(_, same)| same).collect();
        let is_held = |place: usize| held.iter().any(|same| same.get(place).is_some_and(|same| *same));
        let count = others.values().map(Vec::len).max().unwrap_or_default();
        readings.clock_set.is_none()
            && !is_still_to_come(readings.last, self.expected_at(&told.entry, to))
            && count > 0
            && (0..count).all(is_held)
    }

    /// When an entry was signed, by the clocks that its own one was behind by what the signer of another held.
    fn expected_at(&self, entry: &SignedEntry, to: &SignedEntry) -> UtcMillis {
        let ahead = self.compared_ahead_ms(entry, &|one| to.holds(one), None);
        UtcMillis(entry.at.0.saturating_sub(ahead.into_iter().min().unwrap_or_default().min(0)))
    }
}
