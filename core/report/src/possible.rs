//! From when on a witness can have seen an entry, by the dates of it and of what it follows (docs/format.md §9).

use crate::bundle::Bundle;
use firn_ledger::bytes::LogId;
use firn_ledger::entry::{self, Payload};
use firn_model::shipment::CLOCK_TOLERANCE_MS;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A log and a place in it.
type Place = (LogId, u64);

/// What a witness' time says of when an entry was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timing {
    /// It can have seen the entry then, as far as clocks differ.
    Possible,
    /// Its clock stood before the entry's own date.
    BeforeItself,
    /// Its clock stood before the date of an entry that this one follows.
    BeforeAnother,
}

/// The dates that disclosed entries bear, and the latest among those that each follows.
#[derive(Debug)]
pub struct Dates {
    /// UTC milliseconds: its own, and the latest of it and all that it follows.
    dates: BTreeMap<Place, (i64, i64)>,
}

impl Dates {
    /// Of all entries in a bundle. An entry follows those before it in its log, those below the heads that it names,
    /// and what these follow.
    pub fn of(bundle: &Bundle) -> Self {
        let placed = |entry: &'_ entry::Entry| (entry.log(), entry.payload().sequence);
        let shown = bundle.disclosed().map(|record| &record.entry);
        let entries: BTreeMap<Place, &Payload> =
            shown.map(|entry| (placed(entry), entry.payload())).collect();
        let last_below = |log: LogId, size: u64| entries.range((log, 0)..(log, size)).next_back();
        let mut above: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        for (place, payload) in &entries {
            let named = payload.heads.iter().map(|head| (head.log, head.size));
            for (log, size) in named.chain([*place]) {
                if let Some((beneath, _)) = last_below(log, size) {
                    above.entry(*beneath).or_default().push(*place);
                }
            }
        }
        let mut by_date: Vec<(Place, i64)> =
            entries.iter().map(|(place, payload)| (*place, payload.clocks.wall_ms)).collect();
        by_date.sort_by_key(|(_, date)| Reverse(*date));
        let mut latest: BTreeMap<Place, i64> = BTreeMap::new();
        for (place, date) in &by_date {
            let mut waiting = vec![*place];
            while let Some(next) = waiting.pop() {
                if let Entry::Vacant(unknown) = latest.entry(next) {
                    unknown.insert(*date);
                    waiting.extend(above.get(&next).into_iter().flatten());
                }
            }
        }
        let both = |(place, own): (Place, i64)| (place, (own, latest.get(&place).copied().unwrap_or(own)));
        Self { dates: by_date.into_iter().map(both).collect() }
    }

    /// What the time of a word over a head above this entry says, in seconds since 1970; an entry that is not here
    /// has no date to hold it against.
    pub fn judge(&self, log: &LogId, sequence: u64, time_s: u64) -> Timing {
        let Some((own, latest)) = self.dates.get(&(*log, sequence)) else { return Timing::Possible };
        let at = i64::try_from(time_s).unwrap_or(i64::MAX).saturating_mul(1000);
        let before = |date: &i64| at < date.saturating_sub(CLOCK_TOLERANCE_MS);
        match (before(own), before(latest)) {
            (true, _) => Timing::BeforeItself,
            (false, true) => Timing::BeforeAnother,
            (false, false) => Timing::Possible,
        }
    }

    /// How many of the entries of a log that are here, from the first on, were there at that time as far as a word over
    /// a head of this size can say: it saw them, and its time is possible.
    pub fn reach(&self, log: &LogId, size: u64, time_s: u64) -> usize {
        let below = self.dates.range((*log, 0)..(*log, size));
        below.filter(|((_, sequence), _)| self.judge(log, *sequence, time_s) == Timing::Possible).count()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a broken test must stop")]

    use super::*;
    use crate::scene::{at, journey};

    fn seconds(minute: i64) -> u64 {
        u64::try_from(at(minute).0 / 1000).unwrap()
    }

    #[test]
    fn a_word_may_be_five_minutes_behind_an_entrys_own_date_and_no_more() {
        let scene = journey();
        let last = scene.bundle.records.last().unwrap().entry.payload().sequence;
        let dates = Dates::of(&scene.bundle);
        let judged = |minute: i64, more: u64| dates.judge(&scene.dock.log, last, seconds(minute) + more);
        assert_eq!(judged(604, 0), Timing::Possible);
        assert_eq!(judged(603, 59), Timing::BeforeItself);
        assert_eq!(
            dates.judge(&scene.dock.log, 999, 0),
            Timing::Possible,
            "of what is not here nothing is known"
        );
    }

    #[test]
    fn an_entry_that_is_dated_back_is_held_against_what_it_follows_at_every_remove() {
        let mut scene = journey();
        let (shipment, head) = (scene.bundle.shipment, scene.dock.head());
        let record = scene.van.sign(-2000, 33, Some(shipment), vec![0xa0], vec![], vec![head]).0;
        let van = (record.entry.log(), record.entry.payload().sequence);
        scene.bundle.records.push(record);
        let head = scene.van.head();
        let record = scene.dock.sign(-2000, 33, Some(shipment), vec![0xa0], vec![], vec![head]).0;
        let dock = (record.entry.log(), record.entry.payload().sequence);
        scene.bundle.records.push(record);
        let dates = Dates::of(&scene.bundle);
        for (log, sequence) in [van, dock] {
            assert_eq!(dates.judge(&log, sequence, seconds(-2100)), Timing::BeforeItself);
            assert_eq!(dates.judge(&log, sequence, seconds(600)), Timing::BeforeAnother);
            assert_eq!(dates.judge(&log, sequence, seconds(604)), Timing::Possible);
        }
        let (all, early) = (u64::MAX, dates.reach(&dock.0, u64::MAX, seconds(100)));
        assert!(0 < early && early < dates.reach(&dock.0, all, seconds(604)));
        assert_eq!(dates.reach(&dock.0, all, 5), 0);
        assert_eq!(dates.reach(&dock.0, 2, seconds(700)), 2, "a head above two entries saw no more");
    }

    #[test]
    fn heads_that_lead_round_in_a_circle_end() {
        let mut scene = journey();
        let shipment = scene.bundle.shipment;
        let mut of_van = scene.van.head();
        of_van.size = 99;
        let one = scene.dock.sign(900, 33, Some(shipment), vec![0xa0], vec![], vec![of_van]).0;
        let two = scene.van.sign(800, 33, Some(shipment), vec![0xa0], vec![], vec![scene.dock.head()]).0;
        let place = |one: &entry::Record| (one.entry.log(), one.entry.payload().sequence);
        let places = [place(&one), place(&two)];
        scene.bundle.records.extend([one, two]);
        let dates = Dates::of(&scene.bundle);
        let judged = places.map(|(log, sequence)| dates.judge(&log, sequence, seconds(890)));
        assert_eq!(judged, [Timing::BeforeItself, Timing::BeforeAnother]);
    }
}
