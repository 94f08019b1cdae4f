//! The comparisons of clocks of an organisation, found by the entries on which they may bear.

use super::organisation::Compared;
use super::story::{SignedEntry, knew};
use crate::api::Device;
use crate::record::EntryReference;
use std::collections::{BTreeMap, BTreeSet};

/// How many comparisons of one device about another count for one entry: of those that its signer held the last so many,
/// and of the others the first so many. What one device says of a clock cannot be made more by saying it often.
pub const MOST_COMPARISONS: usize = 16;

type Log = [u8; 32];

/// Comparisons that count, in the order of their logs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Comparisons {
    /// Those of a meeting, by who signed them.
    met: BTreeMap<Log, Vec<Compared>>,
    /// Where those of one device about another stand among its own.
    of_pair: BTreeMap<(Log, Log), Vec<usize>>,
    /// Whom each log compared itself with, and who compared themselves with it.
    partners: BTreeMap<Log, BTreeSet<Log>>,
    /// Those that say that entries were dated back, by whose entries and who signed it; each names later ones.
    dated_back: BTreeMap<Log, BTreeMap<Log, Vec<Compared>>>,
}

impl Comparisons {
    /// Takes in those of all logs, in whatever order. One that names entries as dated back counts where it names later
    /// ones than those before it of the same device about the same one.
    pub fn of(mut all: Vec<Compared>) -> Self {
        let mut comparisons = Self::default();
        all.sort_by_key(|one| (one.entry.reference.log, one.entry.sequence));
        all.dedup_by_key(|one| (one.entry.reference.log, one.entry.sequence));
        for one in all {
            let (signer, peer) = (one.entry.reference.log, one.peer);
            if let Some(entries) = one.dated_back {
                let of_it = comparisons.dated_back.entry(peer).or_default().entry(signer).or_default();
                let last = of_it.last().and_then(|before| before.dated_back).map(|before| before.last);
                if last.is_none_or(|last| last < entries.first) {
                    of_it.push(one);
                }
                continue;
            }
            let of_signer = comparisons.met.entry(signer).or_default();
            comparisons.of_pair.entry((signer, peer)).or_default().push(of_signer.len());
            of_signer.push(one);
            for (log, partner) in [(signer, peer), (peer, signer)] {
                comparisons.partners.entry(log).or_default().insert(partner);
            }
        }
        comparisons
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.met.is_empty() && self.dated_back.is_empty()
    }

    /// The device of a log that signed any of them.
    pub fn device(&self, log: &Log) -> Option<&Device> {
        let met = self.met.get(log).and_then(|all| all.first());
        let dated_back = || self.dated_back.values().find_map(|by| by.get(log)?.first());
        met.or_else(dated_back).map(|one| &one.entry.device)
    }

    /// Those of meetings that count for an entry: of its log and those that speak in the shipment, those that compared
    /// themselves with it, and those with which it compared itself when that was near in its log. For each of these what
    /// its device signed of them and what they signed of it, in the order of the log.
    pub fn about(&self, on: &SignedEntry, speaking: &BTreeSet<Log>) -> Vec<[Vec<&Compared>; 2]> {
        let log = on.reference.log;
        let Some(partners) = self.partners.get(&log) else { return Vec::new() };
        let all = self.met.get(&log).map(Vec::as_slice).unwrap_or_default();
        let near = window(all, |one| is_held(on, one)).iter().map(|one| one.peer).collect::<BTreeSet<Log>>();
        let counts = |other: &&Log| {
            speaking.contains(*other) || near.contains(*other) || self.of_pair.contains_key(&(**other, log))
        };
        let both = |other: &Log| [(log, *other), (*other, log)].map(|pair| self.run(on, pair));
        partners.iter().filter(counts).map(both).collect()
    }

    /// Those of one device about another that count for an entry.
    fn run(&self, on: &SignedEntry, pair: (Log, Log)) -> Vec<&Compared> {
        let of_signer = self.met.get(&pair.0).map(Vec::as_slice).unwrap_or_default();
        let places = self.of_pair.get(&pair).map(Vec::as_slice).unwrap_or_default();
        let held = |place: &usize| of_signer.get(*place).is_some_and(|one| is_held(on, one));
        window(places, held).iter().filter_map(|place| of_signer.get(*place)).collect()
    }

    /// Those that name an entry as dated back, one of each device at most.
    pub fn naming(&self, on: &SignedEntry) -> Vec<&Compared> {
        let by = self.dated_back.get(&on.reference.log).into_iter().flat_map(BTreeMap::values);
        let naming = by.filter_map(|of_it| {
            let place =
                of_it.partition_point(|one| one.dated_back.is_some_and(|entries| entries.last < on.sequence));
            of_it.get(place).filter(|one| one.dated_back.is_some_and(|named| named.contain(on.sequence)))
        });
        naming.collect()
    }
}

fn is_held(on: &SignedEntry, one: &Compared) -> bool {
    let EntryReference { log, .. } = on.reference;
    knew(log, on.sequence, &on.heads, one.entry.reference, one.entry.sequence)
}

/// The last of those that were held, and the first of the others.
fn window<T>(in_order: &[T], is_held: impl Fn(&T) -> bool) -> &[T] {
    let held = in_order.partition_point(is_held);
    let until = held.saturating_add(MOST_COMPARISONS).min(in_order.len());
    in_order.get(held.saturating_sub(MOST_COMPARISONS)..until).unwrap_or_default()
}
