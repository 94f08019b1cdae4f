//! What the peer sends: verified chunk by chunk, and only then handed on.

use std::collections::VecDeque;

use crate::bytes::{Hash, LogId, OrganisationId};
use crate::canonical::Problem;
use crate::chain::{LogState, Received, Run};
use crate::entry::{Batch, named_batches};
use crate::error::{Fault, LedgerError, SyncError};
use crate::fork::Histories;
use crate::membership::{Added, Membership};

use super::machine::Machine;
use super::{Action, CHUNK_BATCHES, LogSource, Side};

/// What the next messages belong to.
#[derive(Debug)]
pub(super) enum Pending {
    /// No batches are expected.
    Nothing,
    /// A verified chunk, and the batches that are on their way: those of its first entries too that were held.
    Batches { kept: Kept, expected: VecDeque<Hash>, arrived: Vec<Batch> },
    /// The chunk was refused or is here already: its batches pass by.
    PassBy,
}

/// A verified run, and where it belongs.
#[derive(Debug)]
pub(super) enum Kept {
    /// At the end of its log.
    Log(Box<Run>),
    /// In the history that holds, of a log of which another is held here.
    Branch(Box<Run>),
}

impl Kept {
    fn run(&self) -> &Run {
        match self {
            Self::Log(run) | Self::Branch(run) => run,
        }
    }
}

impl Machine {
    pub(super) fn take_entries(
        &mut self,
        log: LogId,
        from: u64,
        entries: Vec<Received>,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<(), LedgerError> {
        if matches!(self.pending, Pending::Batches { .. }) {
            return Err(SyncError::Protocol { what: "entries before the batches" }.into());
        }
        self.pending = Pending::PassBy;
        if self.dropped.contains(&log) {
            return Ok(());
        }
        let histories = if self.unknown.contains(&log) { Histories::One } else { source.histories(&log)? };
        match histories {
            Histories::One => self.take_more(log, from, entries, organisation, source),
            Histories::Two => self.refuse(log, Fault::Fork.code()),
            Histories::Elsewhere(holds) => self.take_branch(holds, from, entries, organisation, source),
            Histories::Here(holds) if from.saturating_add(entries.len() as u64) <= holds.size => Ok(()),
            Histories::Here(_) => self.refuse(log, Fault::Fork.code()),
        }
    }

    fn take_more(
        &mut self,
        log: LogId,
        from: u64,
        mut entries: Vec<Received>,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<(), LedgerError> {
        let state = source.log(&log)?;
        let size = state.as_ref().map_or(0, LogState::size);
        let Some(held) = size.checked_sub(from) else {
            if self.side == Side::Reader {
                return self.refuse(log, SyncError::Hole.code());
            }
            return Err(SyncError::Protocol { what: "entries beyond a hole" }.into());
        };
        // Another conversation, or another file, may have brought the first of them.
        let held = usize::try_from(held).unwrap_or(usize::MAX).min(entries.len());
        let Ok(passing) = batches_of(entries.drain(..held)) else {
            return self.refuse(log, Fault::Malformed.code());
        };
        match entries.is_empty() {
            true => Ok(()),
            false => self.take_run(log, state, entries, passing, organisation, source),
        }
    }

    /// Takes entries that follow what is held, if they verify, are a member's and can be afforded.
    fn take_run(
        &mut self,
        log: LogId,
        state: Option<LogState>,
        entries: Vec<Received>,
        passing: VecDeque<Hash>,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<(), LedgerError> {
        let run = match Run::verify(log, state, entries) {
            Ok(run) => run,
            Err(bad) => return self.refuse(log, bad.fault.code()),
        };
        if let Err(code) = self.admit(&run, organisation, source)? {
            return self.refuse(log, code);
        }
        match self.afford(run, source)? {
            Ok(run) => self.expect(Kept::Log(Box::new(run)), passing),
            Err(error) => self.refuse(log, error.code()),
        }
    }

    /// Whether the log's device belongs to the organisation, by what is known and what the run states, and whether
    /// there is room for its log; else the code of the reason.
    fn admit(
        &mut self,
        run: &Run,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<Result<(), &'static str>, LedgerError> {
        if run.end().organisation != organisation {
            return Ok(Err(Fault::Organisation.code()));
        }
        let known = self.membership(organisation, source)?;
        if !run.records().iter().any(states) {
            return Ok(if is_member(known, run) { Ok(()) } else { Err(Fault::NotEnrolled.code()) });
        }
        let Some((mut statements, known)) = self.known.clone() else {
            return Ok(Err(Fault::NotEnrolled.code()));
        };
        let Ok(added) = statements.add_counting(run.records()) else {
            return Ok(Err(Fault::Malformed.code()));
        };
        let membership = if added == Added::Nothing { known } else { statements.fold(&organisation) };
        if !is_member(&membership, run) {
            return Ok(Err(Fault::NotEnrolled.code()));
        }
        if run.start() == 0 && !self.has_room(&run.log(), &membership, source)? {
            return Ok(Err(SyncError::TooManyLogs.code()));
        }
        self.read_again = added == Added::Admission;
        self.known = Some((statements, membership));
        Ok(Ok(()))
    }

    /// Who belongs to the organisation, by what is held and has been taken in.
    pub(super) fn membership(
        &mut self,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<&Membership, LedgerError> {
        if self.known.is_none() {
            let statements = source.statements()?;
            let membership = statements.fold(&organisation);
            self.known = Some((statements, membership));
        }
        self.known.as_ref().map(|(_, membership)| membership).ok_or_else(|| Fault::NotEnrolled.into())
    }

    /// Waits for the batches that a chunk brings: those that `passing` entries name, which are held, and then
    /// the run's. A run that has none to wait for is accepted at once.
    pub(super) fn expect(&mut self, kept: Kept, passing: VecDeque<Hash>) -> Result<(), LedgerError> {
        let run = kept.run();
        let mut expected = passing;
        for address in run.records().iter().flat_map(|record| &record.entry.payload().batches) {
            if !expected.contains(address) {
                expected.push_back(*address);
            }
        }
        if run.records().len() > 1 && expected.len() > CHUNK_BATCHES {
            return Err(SyncError::TooLarge.into());
        }
        if expected.is_empty() {
            self.accept(kept, Vec::new());
        } else {
            self.pending = Pending::Batches { kept, expected, arrived: Vec::new() };
        }
        Ok(())
    }

    pub(super) fn take_batch(&mut self, bytes: Vec<u8>) -> Result<(), LedgerError> {
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Nothing => Err(SyncError::Protocol { what: "a batch that nothing names" }.into()),
            Pending::PassBy => {
                self.pending = Pending::PassBy;
                Ok(())
            }
            Pending::Batches { kept, mut expected, mut arrived } => {
                let batch = Batch::new(bytes)?;
                if expected.pop_front() != Some(batch.address()) {
                    return Err(Fault::BatchMismatch.into());
                }
                arrived.push(batch);
                if expected.is_empty() {
                    self.accept(kept, arrived);
                } else {
                    self.pending = Pending::Batches { kept, expected, arrived };
                }
                Ok(())
            }
        }
    }

    /// Hands a run on, with those of the batches that it names.
    fn accept(&mut self, kept: Kept, mut batches: Vec<Batch>) {
        self.pending = Pending::Nothing;
        let run = kept.run();
        let names = |batch: &Batch| {
            run.records().iter().any(|record| record.entry.payload().batches.contains(&batch.address()))
        };
        batches.retain(names);
        *self.summary.stored.entry(run.log()).or_default() += run.records().len() as u64;
        self.nothing_new = 0;
        if std::mem::take(&mut self.read_again) {
            // What an admin's log stated before the root named it is in the store alone.
            self.known = None;
        }
        self.actions.push_back(match kept {
            Kept::Log(run) => Action::Store(Box::new(run.with_batches(batches))),
            Kept::Branch(run) => {
                // What it says of membership counts once the whole history has taken the other's place.
                self.known = None;
                Action::Stage(Box::new(run.with_batches(batches)))
            }
        });
    }
}

/// The batches that entries name, each once, in the order in which they follow the entries.
pub(super) fn batches_of(entries: impl Iterator<Item = Received>) -> Result<VecDeque<Hash>, Problem> {
    let mut batches = VecDeque::new();
    for entry in entries {
        for address in named_batches(&entry.bytes)? {
            if !batches.contains(&address) {
                batches.push_back(address);
            }
        }
    }
    Ok(batches)
}

fn states(record: &crate::entry::Record) -> bool {
    record.entry.payload().kind < crate::statement::FIRST_OPAQUE_KIND
}

pub(super) fn is_member(membership: &Membership, run: &Run) -> bool {
    membership.member(&run.log()).is_some_and(|member| member.enrolment.device == run.end().device)
}
