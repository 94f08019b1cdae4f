//! What shows an outsider that a shipment's entries stand in their logs' histories, and that none is left out
//! (docs/format.md §8, §9).

use crate::AppError;
use firn_ledger::bytes::LogId;
use firn_ledger::disclosure::{History, ShownIndex};
use firn_ledger::seen::{Cosigned, Seen};
use firn_ledger::statement::GENESIS;
use firn_ledger::store::View;
use firn_report::Bundle;
use firn_report::bundle::subject;
use std::collections::{BTreeMap, BTreeSet};

/// How many witnesses' words on a log go into a file, and how many where it says nothing of the shipment: each head
/// takes a path of hashes of its own.
const MOST_WORDS: usize = 4;
const WORDS_OF_OTHERS: usize = 1;

/// The histories of all logs that speak in a bundle, by log; of a log with an entry that no signed head covers, none.
pub(crate) fn histories(view: &mut View<'_>, bundle: &Bundle) -> Result<Vec<History>, AppError> {
    let founded: BTreeSet<LogId> = bundle
        .statements
        .iter()
        .filter(|record| record.entry.payload().kind == GENESIS)
        .map(|record| record.entry.log())
        .collect();
    let speaking: BTreeSet<LogId> = bundle.records.iter().map(|record| record.entry.log()).collect();
    let mut histories = Vec::new();
    for (log, places) in places(bundle) {
        let mut seen = view.seen(&log)?;
        seen.cosigned.retain(|witness, _| founded.contains(witness));
        let most = if speaking.contains(&log) { MOST_WORDS } else { WORDS_OF_OTHERS };
        histories.extend(history(view, chosen(seen, most), &places, bundle)?);
    }
    Ok(histories)
}

/// Where the entries in a bundle stand.
fn places(bundle: &Bundle) -> BTreeMap<LogId, BTreeSet<u64>> {
    let mut places: BTreeMap<LogId, BTreeSet<u64>> = BTreeMap::new();
    for record in bundle.disclosed() {
        places.entry(record.entry.log()).or_default().insert(record.entry.payload().sequence);
    }
    places
}

/// The words that say the most: first those with none both earlier and of no smaller a head, of them the largest
/// head's and then the earliest.
fn chosen(mut seen: Seen, most: usize) -> Seen {
    let words: Vec<Cosigned> = seen.cosigned.values().copied().collect();
    let says_more = |other: &Cosigned, one: &Cosigned| {
        let size = other.head.size.cmp(&one.head.size);
        let time = one.cosignature.time_s.cmp(&other.cosignature.time_s);
        size.is_ge() && time.is_ge() && (size.is_gt() || time.is_gt())
    };
    let largest = words.iter().map(|one| one.head.size).max();
    let mut ranked: Vec<(bool, bool, u64, LogId)> = words
        .iter()
        .map(|one| {
            let outdone = words.iter().any(|other| says_more(other, one));
            let is_less = Some(one.head.size) != largest;
            (outdone, is_less, one.cosignature.time_s, one.cosignature.witness)
        })
        .collect();
    ranked.sort();
    ranked.truncate(most);
    seen.cosigned.retain(|witness, _| ranked.iter().any(|(.., kept)| kept == witness));
    seen
}

fn history(
    view: &mut View<'_>,
    seen: Seen,
    places: &BTreeSet<u64>,
    bundle: &Bundle,
) -> Result<Option<History>, AppError> {
    let Some(largest) = seen.heads().map(|head| head.size).max() else { return Ok(None) };
    let leaves = view.leaves(&seen.log, largest)?;
    let index = view.true_index(&seen.log, largest)?;
    let index =
        index.map(|(record, index)| ShownIndex { record, proof: index.prove(&subject(bundle.shipment)) });
    Ok(History::prove(seen, places, index, &leaves))
}
