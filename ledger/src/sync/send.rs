//! What the peer lacks, chunk by chunk.

use std::collections::VecDeque;

use crate::bytes::{Hash, LogId, OrganisationId};
use crate::entry::Head;
use crate::error::{Fault, LedgerError, StoreError};
use crate::fork::Histories;

use super::machine::Machine;
use super::message::{Message, knows_fork};
use super::witness::forked;
use super::{CHUNK, CHUNK_BATCHES, LogSource, Stored};

/// What is left to send.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    ranges: VecDeque<Range>,
    /// Batches of the chunk that has just been sent.
    batches: VecDeque<Hash>,
    /// Logs of whose witnesses the peer is told, after all entries.
    pub words: VecDeque<LogId>,
}

/// Entries of one log.
#[derive(Debug)]
struct Range {
    log: LogId,
    next: u64,
    end: u64,
}

impl Outgoing {
    /// Sends no more of a log that the peer does not take.
    pub fn forget(&mut self, log: &LogId) {
        self.ranges.retain(|range| range.log != *log);
    }
}

impl Machine {
    /// Compares what is held here with what the peer holds: what to send, and which logs have forked. The
    /// initiator's last turn has words only.
    pub(super) fn plan(
        &mut self,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<(), LedgerError> {
        let ours = self.frontier(organisation, source)?;
        self.outgoing.words = self.plan_words(&ours, source)?;
        if self.had_turn {
            return Ok(());
        }
        let order = self.membership(organisation, source)?.in_order_of_admission();
        let place = |log: &LogId| order.iter().position(|one| one == log).unwrap_or(usize::MAX);
        let mut heads = self.heads(organisation, source)?;
        heads.sort_by_cached_key(|head| (place(&head.log), head.log));
        let mut decided = Vec::new();
        for head in heads {
            let theirs = self.theirs.get(&head.log).copied();
            let range = |next, end| Range { log: head.log, next, end };
            match (source.histories(&head.log)?, theirs) {
                (Histories::Here(holds), _) => decided.push(holds),
                (Histories::Elsewhere(_), _) | (Histories::Two, Some(_)) => {}
                (Histories::One | Histories::Two, None) => {
                    self.outgoing.ranges.push_back(range(0, head.size));
                }
                (Histories::One, Some(_)) if self.dropped.contains(&head.log) => {}
                (Histories::One, Some(theirs)) if forked(&head, &theirs.head, source)? => {
                    self.refuse(head.log, Fault::Fork.code())?;
                }
                (Histories::One, Some(theirs)) if knows_fork(&theirs.mark) => {}
                (Histories::One, Some(theirs)) if theirs.head.size < head.size => {
                    self.outgoing.ranges.push_back(range(theirs.head.size, head.size));
                }
                (Histories::One, Some(_)) => {}
            }
        }
        // Last, so that the decision is there before it.
        for holds in decided {
            self.plan_decided(holds, source)?;
        }
        Ok(())
    }

    /// Sends the history that holds of a log with two: what follows a head of it that the peer holds, or all.
    fn plan_decided(&mut self, holds: Head, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        let theirs = self.theirs.get(&holds.log).map(|held| held.head);
        let next = match theirs {
            Some(theirs) if source.root_at(&holds.log, theirs.size)? == Some(theirs.root) => theirs.size,
            _ => 0,
        };
        if next < holds.size && !self.dropped.contains(&holds.log) {
            self.outgoing.ranges.push_back(Range { log: holds.log, next, end: holds.size });
        }
        Ok(())
    }

    /// The next message of what is left; `None` at the end.
    pub(super) fn next_to_send(
        &mut self,
        source: &mut dyn LogSource,
    ) -> Result<Option<Message>, LedgerError> {
        if let Some(address) = self.outgoing.batches.pop_front() {
            let missing = || StoreError::Corrupt { what: "a batch is missing".to_owned() };
            return Ok(Some(Message::Batch(source.batch(&address)?.ok_or_else(missing)?)));
        }
        while let Some(range) = self.outgoing.ranges.front_mut() {
            if range.next >= range.end {
                self.outgoing.ranges.pop_front();
                continue;
            }
            let (log, from) = (range.log, range.next);
            let left = usize::try_from(range.end - range.next).unwrap_or(usize::MAX);
            let mut stored = source.entries(&log, from, CHUNK)?;
            stored.truncate(left);
            let batches = few_batches(&mut stored);
            if stored.is_empty() {
                return Err(StoreError::Corrupt { what: "an entry is missing".to_owned() }.into());
            }
            let count = stored.len() as u64;
            range.next = range.next.saturating_add(count);
            self.outgoing.batches = batches;
            *self.summary.sent.entry(log).or_default() += count;
            let entries = stored.into_iter().map(|one| one.received).collect();
            return Ok(Some(Message::Entries { log, from, entries }));
        }
        self.next_word(source)
    }
}

/// Shortens a chunk to what brings few batches, and lists these, each once.
fn few_batches(stored: &mut Vec<Stored>) -> VecDeque<Hash> {
    let mut batches: VecDeque<Hash> = VecDeque::new();
    let mut count = 0;
    for one in stored.iter() {
        let new: Vec<Hash> = one.batches.iter().filter(|one| !batches.contains(one)).copied().collect();
        if count > 0 && batches.len() + new.len() > CHUNK_BATCHES {
            break;
        }
        batches.extend(new);
        count += 1;
    }
    stored.truncate(count);
    batches
}
