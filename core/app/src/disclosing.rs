//! What shows an outsider that a shipment's entries stand in their logs' histories, and that none is left out
//! (docs/format.md §8, §9).

use crate::AppError;
use firn_ledger::bytes::LogId;
use firn_ledger::disclosure::{History, ShownIndex};
use firn_ledger::seen::{Cosigned, Seen};
use firn_ledger::statement::GENESIS;
use firn_ledger::store::View;
use firn_report::bundle::subject;
use firn_report::{Bundle, Dates};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many witnesses' words on a log go into a file, and how many where it says nothing of the shipment: each head
/// takes a path of hashes of its own.
const MOST_WORDS: usize = 4;
const WORDS_OF_OTHERS: usize = 1;

/// The histories of all logs that speak in a bundle, by log; of a log with an entry that no signed head covers, none.
pub(crate) fn histories(view: &mut View<'_>, bundle: &Bundle) -> Result<Vec<History>, AppError> {
    let membership = bundle.membership()?;
    let members: BTreeSet<LogId> = bundle
        .statements
        .iter()
        .filter(|record| record.entry.payload().kind == GENESIS)
        .map(|record| record.entry.log())
        .filter(|log| membership.member(log).is_some())
        .collect();
    let speaking: BTreeSet<LogId> = bundle.records.iter().map(|record| record.entry.log()).collect();
    let dates = Dates::of(bundle);
    let mut histories = Vec::new();
    // Neither words nor histories of who is no member are asked for, nor would they hold.
    for (log, places) in places(bundle).into_iter().filter(|(log, _)| members.contains(log)) {
        let mut seen = view.seen(&log)?;
        seen.cosigned.retain(|witness, _| members.contains(witness));
        let by_itself = |(one, _): &(LogId, Cosigned)| membership.same_device(one, &log);
        let (own, others) = std::mem::take(&mut seen.cosigned).into_iter().partition(by_itself);
        seen.cosigned = others;
        let most = if speaking.contains(&log) { MOST_WORDS } else { WORDS_OF_OTHERS };
        let reach = |one: &Cosigned| dates.reach(&log, one.head.size, one.cosignature.time_s);
        histories.extend(history(view, with_own(chosen(seen, most, reach), &own), &places, bundle)?);
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

/// The words that say the most: first those with none that is as early, of no smaller a head and true of as many of the
/// entries shown (`reach`); of them those true of the most entries, then the largest head's, then the earliest.
fn chosen(mut seen: Seen, most: usize, reach: impl Fn(&Cosigned) -> usize) -> Seen {
    let words: Vec<(Cosigned, usize)> = seen.cosigned.values().map(|one| (*one, reach(one))).collect();
    let says_more = |(other, others): &(Cosigned, usize), (one, ones): &(Cosigned, usize)| {
        let size = other.head.size.cmp(&one.head.size);
        let time = one.cosignature.time_s.cmp(&other.cosignature.time_s);
        let reach = others.cmp(ones);
        [size, time, reach].iter().all(|by| by.is_ge()) && [size, time, reach].iter().any(|by| by.is_gt())
    };
    let largest = words.iter().map(|(one, _)| one.head.size).max();
    let furthest = words.iter().map(|(_, reach)| *reach).max();
    let mut ranked: Vec<(bool, bool, bool, u64, LogId)> = words
        .iter()
        .map(|word @ (one, reach)| {
            let outdone = words.iter().any(|other| says_more(other, word));
            let (is_short, is_less) = (Some(*reach) != furthest, Some(one.head.size) != largest);
            (outdone, is_short, is_less, one.cosignature.time_s, one.cosignature.witness)
        })
        .collect();
    ranked.sort();
    ranked.truncate(most);
    seen.cosigned.retain(|witness, _| ranked.iter().any(|(.., kept)| kept == witness));
    seen
}

/// With the largest word of another log of the same device where nobody else has signed as much: what a device signed
/// under its old key stands below no other head before the next sync. It shows nobody else's eyes.
fn with_own(mut seen: Seen, own: &BTreeMap<LogId, Cosigned>) -> Seen {
    let largest = seen.heads().map(|head| head.size).max();
    let word = own.iter().max_by_key(|(_, one)| (one.head.size, Reverse(one.cosignature.time_s)));
    seen.cosigned.extend(word.filter(|(_, one)| Some(one.head.size) > largest));
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

#[cfg(test)]
mod tests {
    use super::*;
    use firn_ledger::bytes::{Hash, Signature};
    use firn_ledger::checkpoint::Cosignature;
    use firn_ledger::entry::Head;

    const LOG: LogId = LogId([9; 32]);

    /// Words by witness, size of the head and time.
    fn seen(words: &[(u8, u64, u64)]) -> Seen {
        let word = |&(witness, size, time_s): &(u8, u64, u64)| {
            let (witness, head) = (LogId([witness; 32]), Head { log: LOG, size, root: Hash([0; 32]) });
            (
                witness,
                Cosigned {
                    head,
                    cosignature: Cosignature { witness, time_s, signature: Signature([0; 64]) },
                },
            )
        };
        Seen { cosigned: words.iter().map(word).collect(), ..Seen::nothing(LOG) }
    }

    /// Which witnesses' words go along, where five entries are shown and none can have been seen before 1000.
    fn kept(words: &[(u8, u64, u64)], most: usize) -> Vec<u8> {
        let reach =
            |one: &Cosigned| if one.cosignature.time_s < 1000 { 0 } else { one.head.size.min(5) as usize };
        let chosen = chosen(seen(words), most, reach);
        chosen.cosigned.keys().filter_map(|witness| witness.0.first().copied()).collect()
    }

    #[test]
    fn a_word_that_cannot_be_true_takes_the_place_of_no_possible_one() {
        assert_eq!(kept(&[(1, 5, 2000), (2, 5, 5)], 1), [1]);
        assert_eq!(kept(&[(1, 5, 2000), (2, 9, 5), (3, 8, 6), (4, 7, 7), (5, 6, 8)], 4), [1, 2, 3, 4]);
        assert_eq!(kept(&[(1, 5, 6), (2, 5, 5)], 1), [2], "where there is no other it says who saw it");
    }

    #[test]
    fn a_word_of_the_same_device_goes_along_where_nobody_else_has_signed_as_much() {
        let own = |size| seen(&[(7, size, 5), (8, 1, 5)]).cosigned;
        let witnesses = |size| with_own(seen(&[(1, 5, 2000)]), &own(size)).cosigned.into_keys();
        assert_eq!(witnesses(5).collect::<Vec<_>>(), [LogId([1; 32])]);
        assert_eq!(witnesses(6).collect::<Vec<_>>(), [LogId([1; 32]), LogId([7; 32])]);
    }

    #[test]
    fn of_possible_words_the_largest_and_earliest_go_along() {
        assert_eq!(kept(&[(1, 5, 3000), (2, 5, 2000), (3, 4, 2500)], 2), [1, 2]);
        assert_eq!(kept(&[(1, 5, 3000), (2, 4, 2000)], 4), [1, 2]);
    }
}
