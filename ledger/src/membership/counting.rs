//! What of a log's statements can count at all, so that no more is held in memory or folded (docs/format.md §6.3).
//!
//! Of a log whose device is no admin's that is its genesis and what the root says in it: whatever else it states is
//! nobody's word. The fold of what can count is the fold of everything.

use std::collections::{BTreeMap, BTreeSet};

use crate::bytes::{LogId, OrganisationId};
use crate::entry::Record;
use crate::error::LedgerError;
use crate::statement::{RootSays, RootStatement};

use super::{Fold, Says, Statements};

/// How often one log may repeat one statement of the root; what is beyond is passed over.
pub(crate) const MAX_REPEATED: usize = 16;

/// What a run of entries brought to what can count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// Nothing.
    Nothing,
    /// Something of its own log.
    Own,
    /// An admission by the root: a log that is held may be an admin's now, with all that it stated before.
    Admission,
}

impl Statements {
    /// The logs of admins' devices, by what the root says alone.
    pub(crate) fn admins(&self) -> BTreeSet<LogId> {
        let organisations: BTreeSet<OrganisationId> =
            self.geneses.values().map(|genesis| genesis.organisation.id).collect();
        organisations.iter().flat_map(|one| Fold::of_root(self, one).admins).collect()
    }

    /// Adds what of these entries of one log can count.
    ///
    /// # Errors
    /// [`LedgerError::Format`] for a body that cannot be read, whether it counts or not.
    pub(crate) fn add_counting(&mut self, records: &[Record]) -> Result<Added, LedgerError> {
        let mut all = Self::default();
        records.iter().try_for_each(|record| all.add(record))?;
        let mut added = if all.geneses.is_empty() { Added::Nothing } else { Added::Own };
        self.geneses.append(&mut all.geneses);
        let (said, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
            all.stated.into_iter().partition(|(_, stated)| matches!(stated.says, Says::Root(_)));
        for (entry, stated) in said {
            let Says::Root(root) = &stated.says else { continue };
            if !self.is_roots(root) || self.repeated(&entry.log, root) >= MAX_REPEATED {
                continue;
            }
            match root.says {
                RootSays::Admits(_) => added = Added::Admission,
                _ if added == Added::Nothing => added = Added::Own,
                _ => {}
            }
            self.stated.insert(entry, stated);
        }
        let admins = if others.is_empty() && all.pins.is_empty() { BTreeSet::new() } else { self.admins() };
        let before = self.stated.len().saturating_add(self.pins.len());
        self.stated.extend(others.into_iter().filter(|(entry, _)| admins.contains(&entry.log)));
        self.pins.extend(all.pins.into_iter().filter(|(entry, _)| admins.contains(&entry.log)));
        let grown = self.stated.len().saturating_add(self.pins.len()) > before;
        Ok(if grown && added == Added::Nothing { Added::Own } else { added })
    }

    /// Whether the root of the organisation that it names signed it.
    fn is_roots(&self, root: &RootStatement) -> bool {
        let ours = self.geneses.values().find(|genesis| genesis.organisation.id == root.organisation);
        ours.is_some_and(|genesis| root.verify(&genesis.organisation.root).is_ok())
    }

    /// How often a log says it already.
    fn repeated(&self, log: &LogId, root: &RootStatement) -> usize {
        let same = |says: &Says| matches!(says, Says::Root(one) if one == root);
        self.stated.iter().filter(|(entry, stated)| entry.log == *log && same(&stated.says)).count()
    }
}
