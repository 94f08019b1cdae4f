//! Which statements about membership can count for anything: only these are shown to others (docs/format.md §9).

use std::collections::{BTreeMap, BTreeSet};

use super::{Bounds, Fold, Says, Statements};
use crate::bytes::{LogId, OrganisationId};
use crate::entry::Record;
use crate::error::LedgerError;
use crate::statement::{
    Admission, EntryReference, GENESIS, REVOKE, ROOT, Revocation, RootSays, RootStatement, UPHELD, Upheld,
};

/// Of entries about membership those that can count for something: every genesis, what the root signed, and what
/// admins' logs state.
///
/// Of what no longer counts, since the root ended its log before it or overruled it, there stays what somebody was
/// admitted by whose log is here, and what narrowed a log that is here for who held it: `reach` tells of each log
/// below which sequence that is. The members whose logs are here are the same with what is left as with all.
///
/// # Errors
/// [`LedgerError::Format`] for a body that cannot be read.
pub fn bearing(
    records: Vec<Record>,
    organisation: &OrganisationId,
    reach: &BTreeMap<LogId, u64>,
) -> Result<Vec<Record>, LedgerError> {
    let mut statements = Statements::default();
    records.iter().try_for_each(|record| statements.add(record))?;
    let fold = Fold::new(&statements, organisation);
    let (bounds, root) = (fold.bounds(), fold.said_once());
    let bears = |record: &Record| match record.entry.payload().kind {
        GENESIS => true,
        ROOT => root.contains(&reference_of(record)),
        _ => fold.bears(&bounds, record, reach),
    };
    Ok(records.into_iter().filter(bears).collect())
}

/// Where these statements say that logs end, whether or not they count: by log.
pub fn ends_said(records: &[Record]) -> BTreeMap<LogId, BTreeSet<u64>> {
    let mut ends: BTreeMap<LogId, BTreeSet<u64>> = BTreeMap::new();
    for record in records {
        let said = match record.entry.payload().kind {
            REVOKE => Revocation::decode(&record.body).ok().map(|one| (one.log, one.size)),
            UPHELD => Upheld::decode(&record.body).ok().map(|one| (one.head.log, one.head.size)),
            ROOT => match RootStatement::decode(&record.body).map(|root| root.says) {
                Ok(RootSays::Revokes(one)) => Some((one.log, one.size)),
                Ok(RootSays::Upholds(one)) => Some((one.head.log, one.head.size)),
                Ok(RootSays::Admits(_) | RootSays::Overrules(_)) | Err(_) => None,
            },
            _ => None,
        };
        if let Some((log, size)) = said {
            ends.entry(log).or_default().insert(size);
        }
    }
    ends
}

/// Where an entry stands in its log, and which it is.
type Place = (u64, EntryReference);

fn reference_of(record: &Record) -> EntryReference {
    EntryReference { log: record.entry.log(), leaf: record.entry.leaf() }
}

impl Fold<'_> {
    /// The root's statements; of one that a log carries again and again the first, the smallest reference, and those
    /// that a genesis names.
    fn said_once(&self) -> BTreeSet<EntryReference> {
        let mut carried: BTreeMap<(LogId, Vec<u8>), Vec<Place>> = BTreeMap::new();
        for (entry, statement) in &self.root {
            let sequence = self.statements.stated.get(entry).map_or(u64::MAX, |stated| stated.sequence);
            carried.entry((entry.log, statement.encode())).or_default().push((sequence, *entry));
        }
        let first = carried.values().filter_map(|again| again.iter().min());
        let smallest = carried.values().filter_map(|again| again.iter().map(|(_, entry)| entry).min());
        let named = self.geneses.values().filter_map(|genesis| match &genesis.admission {
            Admission::Enrolled(by) => Some(by),
            Admission::Root { .. } | Admission::Continues(_) => None,
        });
        let named = named.filter(|by| self.root.contains_key(by));
        first.map(|(_, entry)| entry).chain(smallest).chain(named).copied().collect()
    }

    fn bears(&self, bounds: &Bounds, record: &Record, reach: &BTreeMap<LogId, u64>) -> bool {
        let (entry, sequence) = (reference_of(record), record.entry.payload().sequence);
        if !self.admins.contains(&entry.log) || self.is_admins(bounds, &entry, sequence) {
            return self.admins.contains(&entry.log);
        }
        let was_held = || reach.get(&entry.log).is_some_and(|size| sequence < *size);
        match self.statements.stated.get(&entry).map(|stated| &stated.says) {
            Some(Says::Enrols(one)) => match self.geneses.get(&one.log).map(|genesis| &genesis.admission) {
                Some(Admission::Enrolled(by)) => *by == entry,
                Some(Admission::Continues(_)) => true,
                Some(Admission::Root { .. }) | None => false,
            },
            Some(Says::Revokes(one)) => was_held() && self.geneses.contains_key(&one.log),
            Some(Says::Upholds(one)) => was_held() && self.geneses.contains_key(&one.head.log),
            Some(Says::Root(_)) | None => was_held(),
        }
    }
}
