//! The one order in which the entries of several logs are told.

use super::story::SignedEntry;
use std::collections::BTreeMap;

/// Merges the logs: of those whose next entry's signer had seen nothing that is still untold, the one
/// whose next entry is oldest by its device's clock speaks next; equal clocks are decided by the log ids.
///
/// Heads that contradict each other, which no honest device signs, are overruled by the clocks.
pub(super) fn in_order(entries: Vec<SignedEntry>) -> Vec<SignedEntry> {
    let count = entries.len();
    let mut logs: BTreeMap<[u8; 32], Vec<SignedEntry>> = BTreeMap::new();
    for entry in entries {
        logs.entry(entry.reference.log).or_default().push(entry);
    }
    for log in logs.values_mut() {
        // Descending, so that the next entry is the last element.
        log.sort_by_key(|entry| std::cmp::Reverse(entry.sequence));
        log.dedup_by_key(|entry| entry.sequence);
    }
    let mut ordered = Vec::with_capacity(count);
    while let Some(next) = next(&logs).and_then(|log| logs.get_mut(&log)?.pop()) {
        ordered.push(next);
    }
    ordered
}

fn next(logs: &BTreeMap<[u8; 32], Vec<SignedEntry>>) -> Option<[u8; 32]> {
    let waiting = || logs.iter().filter_map(|(log, left)| Some((left.last()?, *log)));
    let oldest = |(entry, log): (&SignedEntry, [u8; 32])| (entry.at, log);
    let free = waiting().filter(|(entry, _)| !follows_untold(entry, logs)).map(oldest).min();
    free.or_else(|| waiting().map(oldest).min()).map(|(_, log)| log)
}

/// Whether its signer held an entry that is still untold.
fn follows_untold(entry: &SignedEntry, logs: &BTreeMap<[u8; 32], Vec<SignedEntry>>) -> bool {
    entry.heads.iter().filter(|held| held.log != entry.reference.log).any(|held| {
        let next = logs.get(&held.log).and_then(|left| left.last());
        next.is_some_and(|untold| untold.sequence < held.size)
    })
}
