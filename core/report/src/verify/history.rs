//! Whether the entries stand in the histories that their logs' devices and witnesses signed, and whether any about the
//! shipment is left out (docs/format.md §8, §9).

use super::membership::{Trusted, short};
use super::{CheckId, Checks};
use crate::bundle::{Bundle, subject};
use crate::possible::{Dates, Timing};
use crate::print::text::counted;
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::checkpoint::Cosignature;
use firn_ledger::disclosure::{History, Indexed};
use firn_model::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// The disclosed entries of each log: leaves by place.
type Disclosed = BTreeMap<LogId, BTreeMap<u64, Hash>>;

/// Checks that every entry stands in its log's history, and tells until when they must have existed.
pub(super) fn check(bundle: &Bundle, trusted: &Trusted, checks: &mut Checks) {
    if bundle.histories.is_empty() {
        return;
    }
    let (disclosed, mut faults) = disclosed(bundle);
    let nothing = BTreeMap::new();
    for history in &bundle.histories {
        let entries = disclosed.get(&history.log()).unwrap_or(&nothing);
        faults.extend(fault(history, entries, trusted));
    }
    let shown: BTreeSet<LogId> = bundle.histories.iter().map(History::log).collect();
    let missing: Vec<&LogId> =
        disclosed.keys().filter(|log| !shown.contains(*log) && trusted.is_member(log)).collect();
    let count = disclosed.values().map(BTreeMap::len).sum();
    let proved = format!(
        "{} in the histories of {}, below heads that were signed. {}",
        counted(count, "entry stands", "entries stand"),
        counted(shown.len(), "log", "logs"),
        existed(bundle, trusted).told(trusted)
    );
    match missing[..] {
        [log, ..] if faults.is_empty() => checks.cannot(
            CheckId::History,
            format!(
                "The history of {} is not in the file: {}.",
                counted(missing.len(), "log", "logs"),
                short(log)
            ),
        ),
        _ => checks.settle(CheckId::History, &faults, proved),
    }
}

/// Every entry by log and place; two that differ in one place are told of.
fn disclosed(bundle: &Bundle) -> (Disclosed, Vec<String>) {
    let (mut disclosed, mut faults) = (Disclosed::new(), Vec::new());
    for record in bundle.disclosed() {
        let (log, place) = (record.entry.log(), record.entry.payload().sequence);
        let other = disclosed.entry(log).or_default().insert(place, record.entry.leaf());
        if other.is_some_and(|other| other != record.entry.leaf()) {
            faults.push(format!("Log {} has two entries in place {place}.", short(&log)));
        }
    }
    (disclosed, faults)
}

fn fault(history: &History, entries: &BTreeMap<u64, Hash>, trusted: &Trusted) -> Option<String> {
    let log = history.log();
    let told = |why: String| Some(format!("The history of log {}: {why}.", short(&log)));
    let Some(device) = trusted.admitted_key(&log) else { return told("nobody admitted its device".into()) };
    if let Err(error) = history.verify(device, |witness| trusted.key(witness)) {
        return told(error.to_string());
    }
    if entries.is_empty() {
        return told("no entry of it is in the file".into());
    }
    if !history.holds(entries) {
        return told("its signed heads are of other entries than these".into());
    }
    None
}

/// When the entries about the shipment must have existed, by the words of witnesses that can be true.
#[derive(Default)]
struct Existed {
    /// The latest of the entries' earliest times, in seconds, and whose clock says so.
    by: Option<(u64, LogId)>,
    /// How many were seen by clocks that cannot be right alone, by whose and how.
    mistimed: BTreeMap<(LogId, Timing), usize>,
    /// How many no other device has seen.
    unseen: usize,
}

fn existed(bundle: &Bundle, trusted: &Trusted) -> Existed {
    let histories: BTreeMap<LogId, &History> =
        bundle.histories.iter().map(|history| (history.log(), history)).collect();
    let (dates, mut existed) = (Dates::of(bundle), Existed::default());
    for record in bundle.records.iter().filter(|record| trusted.is_member(&record.entry.log())) {
        let (log, sequence) = (record.entry.log(), record.entry.payload().sequence);
        let timing = |word: &Cosignature| dates.judge(&log, sequence, word.time_s);
        let others = |word: &Cosignature| !trusted.same_device(&log, &word.witness);
        let Some(history) = histories.get(&log) else {
            existed.unseen = existed.unseen.saturating_add(1);
            continue;
        };
        let possible = history.seen_by(sequence, |word| others(word) && timing(word) == Timing::Possible);
        match (possible, history.seen_by(sequence, others)) {
            (Some(seen), _) => {
                existed.by = existed.by.max(Some((seen.time_s, seen.witness)));
            }
            (None, Some(word)) => {
                let count = existed.mistimed.entry((word.witness, timing(&word))).or_default();
                *count = count.saturating_add(1);
            }
            (None, None) => existed.unseen = existed.unseen.saturating_add(1),
        }
    }
    existed
}

impl Existed {
    fn told(&self, trusted: &Trusted) -> String {
        let by = self.by.map(|(seconds, witness)| {
            let at = instant(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000));
            let label = trusted.label(&witness);
            format!("Those about the shipment existed by {at} by the clock of {label}, which had seen the last of them")
        });
        if by.is_none() && self.mistimed.is_empty() {
            return "No other device has seen those about the shipment.".into();
        }
        let nothing = "Nothing here shows when those about the shipment existed".to_owned();
        let mistimed = self.mistimed.iter().map(|((witness, timing), count)| {
            let before = match timing {
                Timing::BeforeAnother => "the date of an entry that they follow",
                Timing::BeforeItself | Timing::Possible => "the entry's own date",
            };
            let were = if *count == 1 { "was" } else { "were" };
            let label = trusted.label(witness);
            format!("{count} of them {were} seen by {label}, whose clock then stood before {before}")
        });
        let unseen = (self.unseen > 0).then(|| format!("{} of them no other device has seen", self.unseen));
        let told: Vec<String> = [by.unwrap_or(nothing)].into_iter().chain(mistimed).chain(unseen).collect();
        told.join("; ") + "."
    }
}

/// RFC 3339, or that no calendar has it.
fn instant(milliseconds: i64) -> String {
    UtcMillis(milliseconds).to_rfc3339_if_any().unwrap_or_else(|| "a time outside the calendar".into())
}

/// What the indexes show of the shipment.
#[derive(Default)]
struct Whole {
    faults: Vec<String>,
    /// Logs that speak about the shipment and of which no index shows that.
    silent: Vec<LogId>,
    /// The earliest of the indexes of those that speak, in UTC milliseconds.
    until: Option<i64>,
    /// Entries about the shipment beyond their logs' indexes.
    beyond: usize,
    /// Logs that had no entry about the shipment by their indexes.
    without: usize,
    /// Logs that do not speak about it in the file, and of which nothing is shown.
    unshown: usize,
}

/// Checks that the file holds as many entries about the shipment as the indexes of the logs tell of.
pub(super) fn check_whole(bundle: &Bundle, trusted: &Trusted, checks: &mut Checks) {
    let id = CheckId::Completeness;
    if bundle.histories.is_empty() {
        let why = "One file cannot prove that no later entry, no other log and no revocation exists.";
        return checks.cannot(id, why);
    }
    if checks.has_failed(CheckId::History) {
        return checks
            .cannot(id, "The histories of the logs do not hold, and nothing follows from their indexes.");
    }
    let whole = whole(bundle, trusted);
    match (&whole.faults[..], &whole.silent[..], whole.until) {
        ([], [], Some(until)) => checks.proved(id, whole.told(until)),
        ([], [_, ..], _) => {
            let name = |log: &LogId| format!("{} (log {})", trusted.label(log), short(log));
            let names: Vec<String> = whole.silent.iter().map(name).collect();
            let why = format!(
                "No index of {} counts what the log tells of the shipment: {}.",
                counted(whole.silent.len(), "log", "logs"),
                names.join(", ")
            );
            checks.cannot(id, why);
        }
        ([], [], None) => checks.cannot(id, "No log tells of the shipment."),
        (faults, ..) => checks.settle(id, faults, String::new()),
    }
}

fn whole(bundle: &Bundle, trusted: &Trusted) -> Whole {
    let mut whole = Whole::default();
    let mut logs: BTreeSet<LogId> = bundle.disclosed().map(|record| record.entry.log()).collect();
    // What does not count needs no index.
    logs.retain(|log| trusted.is_member(log));
    let speaking: BTreeSet<LogId> = bundle.records.iter().map(|record| record.entry.log()).collect();
    for history in &bundle.histories {
        logs.remove(&history.log());
        whole.follow(history, bundle, trusted, speaking.contains(&history.log()));
    }
    for log in logs {
        whole.nothing_of(log, speaking.contains(&log));
    }
    whole
}

impl Whole {
    fn nothing_of(&mut self, log: LogId, speaks: bool) {
        if speaks {
            self.silent.push(log);
        } else {
            self.unshown = self.unshown.saturating_add(1);
        }
    }

    fn follow(&mut self, history: &History, bundle: &Bundle, trusted: &Trusted, speaks: bool) {
        let log = history.log();
        let Some(index) = &history.index else { return self.nothing_of(log, speaks) };
        let label = trusted.label(&log);
        let Some(shown) = index.shows(&subject(bundle.shipment)) else {
            return self.faults.push(format!("The index of {label}'s log shows nothing of the shipment."));
        };
        let payload = index.record.entry.payload();
        let (held, beyond) = held(bundle, &log, payload.sequence);
        if held.count != shown.count {
            let (counts, count) = (counted_entries(shown.count), held.count);
            self.faults.push(format!(
                "{label}'s log had {counts} about the shipment by {}, and the file holds {count} of them.",
                instant(payload.clocks.wall_ms)
            ));
        } else if held.last != shown.last {
            self.faults.push(format!("The last entry of {label}'s log about the shipment was another one."));
        } else if shown.count == 0 && speaks {
            self.silent.push(log);
        } else if speaks {
            let at = payload.clocks.wall_ms;
            self.until = Some(self.until.map_or(at, |until| until.min(at)));
            self.beyond = self.beyond.saturating_add(beyond);
        } else {
            self.without = self.without.saturating_add(1);
        }
    }

    fn told(&self, until: i64) -> String {
        let mut told = format!(
            "Nothing that the logs here tell of the shipment until {} is left out, by their own indexes.",
            instant(until)
        );
        if self.beyond > 0 {
            told += &format!(
                " {} here beyond them.",
                counted(self.beyond, "later entry stands", "later entries stand")
            );
        }
        if self.without > 0 {
            told += &format!(" {} had none.", counted(self.without, "further log", "further logs"));
        }
        if self.unshown > 0 {
            told +=
                &format!(" Of {} nothing is shown.", counted(self.unshown, "further log", "further logs"));
        }
        told
    }
}

fn counted_entries(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "entry", "entries")
}

/// The entries of a log about the shipment below a place, and how many there are from there on.
fn held(bundle: &Bundle, log: &LogId, below: u64) -> (Indexed, usize) {
    let of_log = bundle.records.iter().filter(|record| record.entry.log() == *log);
    let places: BTreeMap<u64, Hash> =
        of_log.map(|record| (record.entry.payload().sequence, record.entry.leaf())).collect();
    let covered = places.range(..below);
    let last = covered.clone().next_back().map(|(_, leaf)| *leaf);
    let count = covered.count();
    let beyond = places.len().saturating_sub(count);
    (Indexed { count: count as u64, last }, beyond)
}
