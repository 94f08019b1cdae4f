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

/// The logs of which a bundle proves that they have two histories, each with the heads that are known to be of the
/// one in the bundle.
#[derive(Default)]
pub(crate) struct Forked(BTreeMap<LogId, BTreeSet<Head>>);

impl Forked {
    /// The proofs must have been checked.
    pub(crate) fn of(bundle: &Bundle) -> Self {
        if bundle.forks.is_empty() {
            return Self::default();
        }
        let membership = bundle.membership().unwrap_or_default();
        let here = |log: LogId| {
            let shown = bundle.histories.iter().filter(|history: &&History| history.log() == log);
            let signed = shown.flat_map(|history| history.seen.heads());
            let cut = membership.member(&log).and_then(|member| member.cut);
            let decided = cut.map(|cut| Head { log, size: cut.upheld, root: cut.root });
            (log, signed.chain(decided).collect())
        };
        Self(bundle.forks.iter().map(ForkProof::log).map(here).collect())
    }

    /// Whether who signed an entry may have held another history of a log than the one in the bundle: the head of it
    /// that the entry names is none of those known to be of that one.
    pub(crate) fn may_differ(&self, record: &Record, log: &LogId) -> bool {
        let names_another = |here: &BTreeSet<Head>| {
            record.entry.payload().heads.iter().any(|head| head.log == *log && !here.contains(head))
        };
        record.entry.log() != *log && self.0.get(log).is_some_and(names_another)
    }

    /// Whether that is so of any log.
    pub(crate) fn rests_elsewhere(&self, record: &Record) -> bool {
        self.0.keys().any(|log| self.may_differ(record, log))
    }
}
