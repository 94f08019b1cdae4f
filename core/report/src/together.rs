//! Several files of one organisation about one shipment, told as one: what any of them holds counts.

use crate::apart::{Histories, histories};
use crate::bundle::{Bundle, Earlier};
use crate::foreign;
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::entry::Record;
use firn_ledger::fork::ForkProof;
use firn_model::shipment::Story;
use std::collections::{BTreeMap, BTreeSet};

/// Evidence of another organisation beside what was taken of it before.
#[derive(Clone, Debug)]
pub struct Beside {
    /// What it tells together with what does not contradict it: several where some of that contradicts itself.
    pub with_it: Vec<Bundle>,
    /// What is told without it, because it contradicts it.
    pub without_it: Vec<Bundle>,
    /// What is new of it.
    pub news: News,
}

/// Why evidence cannot stand beside what was taken before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradicts {
    /// What is here does not hold any more.
    NotHeld,
    /// It tells one history more of a log than are told.
    TooOften,
}

/// What a file tells beside what is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Something that is not here.
    New,
    /// All that it tells is here, and nothing more is.
    Same,
    /// All that it tells is here, and more.
    Older,
}

impl Bundle {
    /// Evidence of another organisation together with what was taken of it before; `here` is the story of that
    /// shipment in this bundle. Files that contradict each other are told each by itself.
    ///
    /// # Errors
    /// Where what is here does not hold any more, and where there would be more than
    /// [`crate::MOST_HISTORIES`] histories.
    pub fn beside(&self, here: &Story, theirs: &Bundle) -> Result<Beside, Contradicts> {
        let taken = here.told_by_partner();
        let before = taken
            .iter()
            .map(|one| foreign::bundle_of(self, theirs.shipment, &one.placed.says, &one.parts).ok());
        let before: Vec<Bundle> = before.collect::<Option<_>>().ok_or(Contradicts::NotHeld)?;
        let files: Vec<&Bundle> = before.iter().chain([theirs]).collect();
        let Histories { groups, more } = histories(&files).map_err(|_| Contradicts::NotHeld)?;
        if more {
            return Err(Contradicts::TooOften);
        }
        let (with_it, without_it): (Vec<_>, Vec<_>) =
            groups.iter().partition(|group| group.contains(&before.len()));
        let told = |groups: Vec<_>| groups.into_iter().filter_map(|group| together(&files, group)).collect();
        let (with_it, without_it) = (told(with_it), told(without_it));
        let held: BTreeSet<Place> = before.iter().flat_map(Bundle::disclosed).map(place).collect();
        let told: BTreeSet<Place> = theirs.disclosed().map(place).collect();
        let news = match (told.is_subset(&held), held.is_subset(&told)) {
            (false, _) => News::New,
            (true, true) => News::Same,
            (true, false) => News::Older,
        };
        Ok(Beside { with_it, without_it, news })
    }

    /// This evidence and other files of the same organisation about the same shipment, each entry once. Their
    /// histories are left out: each file is verified by itself. Nothing where two entries stand at one place.
    pub(crate) fn together_with(&self, others: &[&Bundle]) -> Option<Bundle> {
        let mut all = Bundle { opened: Vec::new(), histories: Vec::new(), ..self.clone() };
        for other in others {
            add(&mut all.statements, &other.statements);
            add(&mut all.loggers, &other.loggers);
            add(&mut all.records, &other.records);
            add(&mut all.people, &other.people);
            add(&mut all.profiles, &other.profiles);
            for earlier in &other.earlier {
                match all.earlier.iter_mut().find(|one| one.shipment == earlier.shipment) {
                    Some(one) => add(&mut one.records, &earlier.records),
                    None => all.earlier.push(Earlier::clone(earlier)),
                }
            }
            let forked: BTreeSet<LogId> = all.forks.iter().map(ForkProof::log).collect();
            all.forks.extend(other.forks.iter().filter(|proof| !forked.contains(&proof.log())).cloned());
            let held: BTreeSet<Hash> = all.batches.iter().map(|batch| batch.address()).collect();
            let new = other.batches.iter().filter(|batch| !held.contains(&batch.address()));
            all.batches.extend(new.cloned());
        }
        let mut places: BTreeMap<(LogId, u64), Hash> = BTreeMap::new();
        let is_one = |record: &Record| {
            let (log, sequence, leaf) = place(record);
            *places.entry((log, sequence)).or_insert(leaf) == leaf
        };
        let is_one = all.disclosed().all(is_one);
        is_one.then_some(all)
    }
}

/// Some of these files told as one; nothing where two entries stand at one place.
pub(crate) fn together(files: &[&Bundle], group: &BTreeSet<usize>) -> Option<Bundle> {
    let mut group = group.iter().filter_map(|place| files.get(*place).copied());
    let (first, others) = (group.next()?, group.collect::<Vec<_>>());
    if others.is_empty() { Some(first.clone()) } else { first.together_with(&others) }
}

type Place = (LogId, u64, Hash);

fn place(record: &Record) -> Place {
    (record.entry.log(), record.entry.payload().sequence, record.entry.leaf())
}

fn add(records: &mut Vec<Record>, others: &[Record]) {
    let held: BTreeSet<Place> = records.iter().map(place).collect();
    records.extend(others.iter().filter(|other| !held.contains(&place(other))).cloned());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, journey};

    #[test]
    fn files_of_which_neither_holds_the_other_are_told_together_and_two_histories_of_one_log_never() {
        let all = journey().bundle;
        let without = |place: usize| {
            let mut file = all.clone();
            file.records.remove(place);
            file
        };
        let (one, other) = (without(all.records.len() - 1), without(2));
        let places = |file: &Bundle| file.disclosed().map(place).collect::<BTreeSet<Place>>();
        let wanted = all.assess().unwrap().judgement;
        for (first, second) in [(&one, &other), (&other, &one)] {
            let told = first.together_with(&[second]).unwrap();
            assert_eq!(places(&told), places(&all));
            assert_eq!(told.assess().unwrap().judgement, wanted);
        }
        let created = |reference: &str| {
            let mut scene = Scene::new();
            scene.create(1, reference, "");
            scene.bundle
        };
        assert!(created("DN-1").together_with(&[&created("DN-1")]).is_some());
        assert!(created("DN-1").together_with(&[&created("DN-2")]).is_none());
    }
}
