//! Logs with two histories: who may have held the one that is not in a file (docs/format.md §7, §9).

use crate::bundle::Bundle;
use firn_ledger::bytes::LogId;
use firn_ledger::disclosure::History;
use firn_ledger::entry::{Head, Record};
use firn_ledger::fork::ForkProof;
use std::collections::{BTreeMap, BTreeSet};

/// What is said of an assessment that does not come out for that reason.
pub(crate) const RESTS: &str =
    "may rest on a history that is not in the file, of a log that has two: it cannot be computed again.";

/// The logs of which a bundle proves that they have two histories.
#[derive(Default)]
pub(crate) struct Forked(BTreeMap<LogId, Parted>);

/// What is known of a log's two histories.
struct Parted {
    /// From this size on no head of the one is one of the other: the smaller of those that prove it.
    from: u64,
    /// The heads that are known to be of the one in the bundle.
    here: BTreeSet<Head>,
}

impl Forked {
    /// The proofs must have been checked.
    pub(crate) fn of(bundle: &Bundle) -> Self {
        if bundle.forks.is_empty() {
            return Self::default();
        }
        let membership = bundle.membership().unwrap_or_default();
        let parted = |proof: &ForkProof| {
            let log = proof.log();
            let shown = bundle.histories.iter().filter(|history: &&History| history.log() == log);
            let signed = shown.flat_map(|history| history.seen.heads());
            let cut = membership.member(&log).and_then(|member| member.cut);
            let decided = cut.map(|cut| Head { log, size: cut.upheld, root: cut.root });
            let [smaller, _] = proof.heads();
            (log, Parted { from: smaller.size, here: signed.chain(decided).collect() })
        };
        Self(bundle.forks.iter().map(parted).collect())
    }

    /// Whether who signed an entry may have held another history of a log than the one in the bundle: the head of it
    /// that the entry names lies where both are proven to have parted, and is none of those known to be of that one.
    /// What both may share excuses nothing: else whoever signs two histories afterwards would hide what was before.
    pub(crate) fn may_differ(&self, record: &Record, log: &LogId) -> bool {
        let names_another = |parted: &Parted| {
            let mut named = record.entry.payload().heads.iter().filter(|head| head.log == *log);
            named.any(|head| head.size >= parted.from && !parted.here.contains(head))
        };
        record.entry.log() != *log && self.0.get(log).is_some_and(names_another)
    }

    /// Whether that is so of any log.
    pub(crate) fn rests_elsewhere(&self, record: &Record) -> bool {
        self.0.keys().any(|log| self.may_differ(record, log))
    }
}
