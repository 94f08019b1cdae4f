//! The history that holds of a log with two, where the other one is held: it comes from its first entry on, and is
//! kept beside the log until all of it is here (docs/format.md §7).

use crate::bytes::{Hash, OrganisationId};
use crate::chain::{LogState, Received, Run};
use crate::entry::Head;
use crate::error::{Fault, LedgerError, SyncError};
use crate::tree::{self, Tree};

use super::LogSource;
use super::machine::Machine;
use super::receive::{Kept, batches_of, is_member};

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
        let Some(state) = source.log(&log)? else { return Ok(()) };
        let leaves = leaves(&holds, source)?;
        let known = usize::try_from(from).ok().and_then(|from| leaves.get(from..));
        let Some(known) = known else { return self.refuse(log, SyncError::Hole.code()) };
        entries.truncate(usize::try_from(holds.size.saturating_sub(from)).unwrap_or(usize::MAX));
        let same =
            entries.iter().zip(known).take_while(|(one, leaf)| tree::leaf(&one.bytes) == **leaf).count();
        let Ok(passing) = batches_of(entries.drain(..same)) else {
            return self.refuse(log, Fault::Malformed.code());
        };
        if entries.is_empty() {
            return Ok(());
        }
        let shared = leaves.len().saturating_sub(known.len()).saturating_add(same);
        let before = leaves.get(..shared).unwrap_or(&leaves);
        let state = before.last().map(|last| LogState { last: *last, tree: Tree::over(before), ..state });
        let run = match Run::verify(log, state, entries) {
            Ok(run) => run,
            Err(bad) => return self.refuse(log, bad.fault.code()),
        };
        let other = run.end().size() == holds.size && run.end().head() != holds;
        if other || !is_member(self.membership(organisation, source)?, &run) {
            return self.refuse(log, Fault::Fork.code());
        }
        match self.afford(run, source)? {
            Ok(run) => self.expect(Kept::Branch(Box::new(run)), passing),
            Err(error) => self.refuse(log, error.code()),
        }
    }
}

/// The leaves of what is staged with what is held before it, or of what is held.
fn leaves(holds: &Head, source: &mut dyn LogSource) -> Result<Vec<Hash>, LedgerError> {
    match source.staged(&holds.log)? {
        Some((start, staged)) => {
            let mut leaves = source.leaves(&holds.log, start)?;
            leaves.extend(staged);
            Ok(leaves)
        }
        None => source.leaves(&holds.log, u64::MAX),
    }
}
