//! The history that holds of a log with two, where the other one is held: it comes from its first entry on, and is
//! kept beside the log until all of it is here (docs/format.md §7).

use crate::bytes::{Hash, LogId, OrganisationId};
use crate::chain::{LogState, Received, Run};
use crate::entry::Head;
use crate::error::{Fault, LedgerError, SyncError};
use crate::tree::{self, Tree};

use super::LogSource;
use super::machine::Machine;
use super::receive::{Kept, batches_of, is_member};

/// The part of a history that has been gone through.
#[derive(Debug, Clone)]
pub(super) struct Walked {
    log: LogId,
    last: Hash,
    tree: Tree,
}

impl Walked {
    fn nothing(log: LogId) -> Self {
        Self { log, last: Hash(log.0), tree: Tree::default() }
    }

    fn size(&self) -> u64 {
        self.tree.size()
    }

    fn push(&mut self, leaf: Hash) {
        self.last = leaf;
        self.tree.push(leaf);
    }

    /// The log as far as it has been gone through; `held` is what is held of it.
    fn state(&self, held: LogState) -> Option<LogState> {
        (self.size() > 0).then(|| LogState { last: self.last, tree: self.tree.clone(), ..held })
    }

    /// Goes through what is here already up to an entry; false where less is here.
    fn reach(&mut self, size: u64, source: &mut dyn LogSource) -> Result<bool, LedgerError> {
        while self.size() < size {
            let Some(leaf) = source.branch_leaf(&self.log, self.size())? else { return Ok(false) };
            self.push(leaf);
        }
        Ok(self.size() == size)
    }
}

impl Machine {
    /// Takes entries of the history whose head is `holds`: what is not held or staged yet.
    pub(super) fn take_branch(
        &mut self,
        holds: Head,
        from: u64,
        mut entries: Vec<Received>,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<(), LedgerError> {
        let log = holds.log;
        let Some(held) = source.log(&log)? else { return Ok(()) };
        let walked = self.branch.take().filter(|walked| walked.log == log);
        let mut walked = walked.unwrap_or_else(|| Walked::nothing(log));
        // From another place than where it went on is asked for only once.
        if !(walked.size() == from || (walked.size() == 0 && walked.reach(from, source)?)) {
            return self.refuse(log, SyncError::Hole.code());
        }
        entries.truncate(usize::try_from(holds.size.saturating_sub(from)).unwrap_or(usize::MAX));
        let mut same = 0;
        for one in &entries {
            let leaf = tree::leaf(&one.bytes);
            if source.branch_leaf(&log, walked.size())? != Some(leaf) {
                break;
            }
            walked.push(leaf);
            same += 1;
        }
        let Ok(passing) = batches_of(entries.drain(..same)) else {
            return self.refuse(log, Fault::Malformed.code());
        };
        if entries.is_empty() {
            self.branch = Some(walked);
            return Ok(());
        }
        let run = match Run::verify(log, walked.state(held), entries) {
            Ok(run) => run,
            Err(bad) => return self.refuse(log, bad.fault.code()),
        };
        let end = run.end();
        let other = end.size() == holds.size && end.head() != holds;
        self.branch = Some(Walked { log, last: end.last, tree: end.tree.clone() });
        if other || !is_member(self.membership(organisation, source)?, &run) {
            return self.refuse(log, Fault::Fork.code());
        }
        match self.afford(run, source)? {
            Ok(run) => self.expect(Kept::Branch(Box::new(run)), passing),
            Err(error) => self.refuse(log, error.code()),
        }
    }
}
