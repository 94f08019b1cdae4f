//! Files of one organisation about one shipment of which some contradict each other: which are told together.

use crate::bundle::Bundle;
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::entry::Record;
use firn_ledger::error::LedgerError;
use firn_ledger::fork::ForkProof;
use firn_ledger::membership::{Membership, Statements};
use std::collections::{BTreeMap, BTreeSet};

/// How many histories of one partner's shipment are told, each by itself. Whoever holds a log's key can write any number.
pub const MOST_HISTORIES: usize = 4;

/// Some files in as few groups as tell all of them and contradict themselves in none; a file that contradicts no other
/// is in each group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histories {
    /// The places of the files in each group.
    pub groups: Vec<BTreeSet<usize>>,
    /// Whether there are more than [`MOST_HISTORIES`], which are left out: those of the files that come last.
    pub more: bool,
}

/// The histories that some files tell, in the order of the files.
///
/// # Errors
/// A genesis or enrolment that cannot be read.
pub(crate) fn histories(files: &[&Bundle]) -> Result<Histories, LedgerError> {
    let shown = files.iter().map(|file| Shown::of(file)).collect::<Result<Vec<_>, _>>()?;
    let mut found = Histories::default();
    for (place, file) in shown.iter().enumerate() {
        let mut beside = BTreeSet::new();
        for (other, before) in shown.iter().enumerate().take(place) {
            if !file.contradicts(before)? {
                beside.insert(other);
            }
        }
        found.add(place, &beside);
    }
    Ok(found)
}

impl Histories {
    /// Adds a file that goes with those `beside` it: the largest groups of files of which each goes with each.
    fn add(&mut self, place: usize, beside: &BTreeSet<usize>) {
        let joined = |group: &BTreeSet<usize>| group.iter().copied().chain([place]).collect::<BTreeSet<_>>();
        let (with, without): (Vec<_>, Vec<_>) =
            self.groups.iter().cloned().partition(|group| group.is_subset(beside));
        let parts = without.iter().map(|group| joined(&(group & beside)));
        let mut new: BTreeSet<BTreeSet<usize>> = with.iter().map(joined).chain(parts).collect();
        if self.groups.is_empty() {
            new.insert(BTreeSet::from([place]));
        }
        let within = |one: &BTreeSet<usize>| new.iter().any(|other| one != other && one.is_subset(other));
        let largest = new.iter().filter(|one| !within(one)).cloned();
        let mut groups: Vec<BTreeSet<usize>> = without.iter().cloned().chain(largest).collect();
        if groups.len() > MOST_HISTORIES {
            self.more = true;
            groups = with.iter().map(joined).chain(without).collect();
        }
        groups.sort();
        self.groups = groups;
    }
}

/// What a file shows of logs.
struct Shown<'a> {
    file: &'a Bundle,
    /// Its entries, by log and place.
    entries: BTreeMap<LogId, BTreeMap<u64, Hash>>,
    /// The logs of which it proves two histories.
    forked: BTreeSet<LogId>,
    membership: Membership,
}

impl<'a> Shown<'a> {
    fn of(file: &'a Bundle) -> Result<Self, LedgerError> {
        let mut entries: BTreeMap<LogId, BTreeMap<u64, Hash>> = BTreeMap::new();
        for record in file.disclosed() {
            let of_log = entries.entry(record.entry.log()).or_default();
            of_log.insert(record.entry.payload().sequence, record.entry.leaf());
        }
        let forked = file.forks.iter().map(ForkProof::log).collect();
        Ok(Self { file, entries, forked, membership: file.membership()? })
    }

    /// Whether two files tell two histories of one log: they show two entries at one place; or one of them proves that
    /// the log has two, and the other one's entries are not among its own, or do not count any more with what both know.
    fn contradicts(&self, other: &Self) -> Result<bool, LedgerError> {
        let is_shared = |log: &&LogId| other.entries.contains_key(*log);
        let forked: Vec<&LogId> = self.forked.union(&other.forked).filter(is_shared).collect();
        if self.entries.iter().any(|(log, entries)| differ(entries, other.entries.get(log))) {
            return Ok(true);
        }
        if forked.is_empty() {
            return Ok(false);
        }
        let both = membership_of(&[self.file, other.file])?;
        Ok(forked.into_iter().any(|log| {
            let end = end_of(&both, log);
            self.loses(log, end) || other.loses(log, end) || !self.goes_with(other, log)
        }))
    }

    /// Whether an entry of a log that counts in this file lies beyond an end.
    fn loses(&self, log: &LogId, end: u64) -> bool {
        let own = end_of(&self.membership, log);
        let mut entries = self.entries.get(log).into_iter().flatten();
        entries.any(|(sequence, _)| *sequence < own && *sequence >= end)
    }

    /// Whether of two files the one that knows more of a log with two histories shows all entries of it that the other
    /// one shows.
    fn goes_with(&self, other: &Self, log: &LogId) -> bool {
        let (one, two) = (self.entries.get(log), other.entries.get(log));
        let shows = |all: Option<&BTreeMap<u64, Hash>>, some: Option<&BTreeMap<u64, Hash>>| {
            some.into_iter().flatten().all(|(place, leaf)| all.and_then(|all| all.get(place)) == Some(leaf))
        };
        match self.knows_of(log).cmp(&other.knows_of(log)) {
            std::cmp::Ordering::Less => shows(two, one),
            std::cmp::Ordering::Greater => shows(one, two),
            std::cmp::Ordering::Equal => shows(one, two) || shows(two, one),
        }
    }

    /// Whether it tells a decision about a log, and whether it proves that it has two histories.
    fn knows_of(&self, log: &LogId) -> (bool, bool) {
        (end_of(&self.membership, log) < u64::MAX, self.forked.contains(log))
    }
}

/// Whether two files show two entries at one place of a log.
fn differ(one: &BTreeMap<u64, Hash>, other: Option<&BTreeMap<u64, Hash>>) -> bool {
    let Some(other) = other else { return false };
    one.iter().any(|(place, leaf)| other.get(place).is_some_and(|known| known != leaf))
}

/// How many entries of a log count; as many as there are where nobody ended it.
fn end_of(membership: &Membership, log: &LogId) -> u64 {
    membership.member(log).and_then(|member| member.cut).map_or(u64::MAX, |cut| cut.upheld)
}

fn membership_of(files: &[&Bundle]) -> Result<Membership, LedgerError> {
    let mut statements = Statements::default();
    let all = files.iter().flat_map(|file| &file.statements);
    all.into_iter().try_for_each(|record: &Record| statements.add(record))?;
    Ok(files.first().map(|file| statements.fold(&file.organisation)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, journey};
    use firn_ledger::checkpoint::Checkpoint;
    use firn_ledger::entry::Head;
    use firn_ledger::statement::{REVOKE, Revocation, RevocationReason};
    use firn_ledger::tree::Tree;

    fn told(files: usize, contradict: &[(usize, usize)]) -> Histories {
        let mut found = Histories::default();
        for place in 0..files {
            let beside = (0..place).filter(|other| !contradict.contains(&(*other, place)));
            found.add(place, &beside.collect());
        }
        found
    }

    fn groups(histories: &Histories) -> Vec<Vec<usize>> {
        histories.groups.iter().map(|group| group.iter().copied().collect()).collect()
    }

    #[test]
    fn files_that_contradict_none_are_told_in_every_history_and_those_that_do_in_one_each() {
        assert_eq!(groups(&told(3, &[])), [[0, 1, 2]]);
        assert_eq!(groups(&told(3, &[(1, 2)])), [[0, 1], [0, 2]]);
        assert_eq!(groups(&told(3, &[(0, 1)])), [[0, 2], [1, 2]]);
        assert_eq!(groups(&told(3, &[(0, 1), (0, 2)])), [vec![0], vec![1, 2]]);
        assert_eq!(groups(&told(4, &[(0, 1), (2, 3)])), [[0, 2], [0, 3], [1, 2], [1, 3]]);
        assert!(!told(4, &[(0, 1), (2, 3)]).more);
    }

    #[test]
    fn of_more_histories_than_are_told_those_that_came_first_are_and_that_there_are_more_is_said() {
        let all: Vec<(usize, usize)> = (0..6).flat_map(|two| (0..two).map(move |one| (one, two))).collect();
        let four = told(MOST_HISTORIES, &all);
        assert_eq!((groups(&four), four.more), (vec![vec![0], vec![1], vec![2], vec![3]], false));
        let five = told(5, &all);
        assert_eq!((groups(&five), five.more), (groups(&four), true));
        assert_eq!(
            groups(&told(6, &all[..10])),
            [[0, 5], [1, 5], [2, 5], [3, 5]],
            "the last one fits to all"
        );
    }

    /// Two histories of the van's log, which part at its last entry, and the proof.
    fn forked() -> (Scene, Scene, ForkProof) {
        let (mut one, mut two) = (journey(), journey());
        one.assess(false, 612);
        two.assess(false, 613);
        let signed = |scene: &Scene| Checkpoint::sign(scene.van.head(), &scene.van.key).unwrap();
        let proof = ForkProof::between(signed(&one), signed(&two), &two.van.leaves).unwrap();
        (one, two, proof)
    }

    /// The file of an organisation that decided where the van's log ends, with as many entries less of it as `fewer`.
    fn decided(mut scene: Scene, proof: ForkProof, fewer: u64) -> Bundle {
        let Head { log, size, .. } = scene.van.head();
        let size = size - fewer;
        let root = Some(Tree::over(&scene.van.leaves[..usize::try_from(size).unwrap()]).root());
        let lost_ms = crate::scene::at(620).0;
        let says = Revocation { log, size, root, lost_ms, reason: RevocationReason::Forked }.encode();
        let statement = scene.dock.sign(620, REVOKE, None, says, vec![], vec![]).0;
        let mut file = Bundle { forks: vec![proof], ..scene.bundle };
        file.statements.push(statement);
        file.records.retain(|record| record.entry.log() != log || record.entry.payload().sequence < size);
        file
    }

    fn contradict(one: &Bundle, other: &Bundle) -> bool {
        let found = [histories(&[one, other]).unwrap(), histories(&[other, one]).unwrap()];
        assert_eq!(found[0].groups.len(), found[1].groups.len());
        found[0].groups.len() > 1
    }

    #[test]
    fn two_entries_at_one_place_contradict_each_other_whether_anybody_proves_it_or_decided() {
        let (one, two, proof) = forked();
        let before = journey().bundle;
        assert!(contradict(&one.bundle, &two.bundle));
        assert!(!contradict(&before, &one.bundle), "no more than the beginning of both");
        let proven = Bundle { forks: vec![proof.clone()], ..two.bundle.clone() };
        assert!(contradict(&one.bundle, &proven));
        assert!(!contradict(&before, &proven));
        let decided = decided(two, proof, 0);
        assert!(contradict(&one.bundle, &decided));
        assert!(!contradict(&before, &decided) && !contradict(&proven, &decided));
    }

    #[test]
    fn a_decision_that_takes_away_what_another_file_told_contradicts_it_though_no_place_is_told_twice() {
        let (one, two, proof) = forked();
        let before = journey().bundle;
        let decided = decided(two, proof, 1);
        let last = one.bundle.records.last().unwrap().entry.leaf();
        assert!(decided.records.iter().all(|record| record.entry.leaf() != last));
        assert!(contradict(&one.bundle, &decided), "its last word would not count any more");
        assert!(!contradict(&before, &decided));
    }

    #[test]
    fn an_entry_of_a_log_with_two_histories_contradicts_a_file_that_knows_more_and_does_not_show_it() {
        let (one, two, proof) = forked();
        // The other history's last entry is about something else, so that the file does not show it.
        let mut decided = decided(two, proof.clone(), 0);
        let last = decided.records.iter().filter(|record| record.entry.log() == proof.log());
        let last = last.map(|record| record.entry.payload().sequence).max();
        let is_last = |record: &Record| {
            record.entry.log() == proof.log() && Some(record.entry.payload().sequence) == last
        };
        decided.records.retain(|record| !is_last(record));
        assert!(
            contradict(&one.bundle, &decided),
            "below the end that was decided, and on the other history"
        );
        assert!(!contradict(&journey().bundle, &decided));
    }

    #[test]
    fn without_a_log_with_two_histories_files_are_told_together_as_ever() {
        let all = journey();
        let ended = |scene: Scene| {
            let (one, two, proof) = forked();
            drop((one, two));
            Bundle { forks: Vec::new(), ..decided(scene, proof, 1) }
        };
        let told = all.bundle.clone();
        assert!(!contradict(&told, &ended(journey())), "a device that was lost before its last entry");
        let mut less = all.bundle;
        less.records.pop();
        assert!(!contradict(&told, &less));
    }
}
