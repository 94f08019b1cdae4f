//! Walks a log from its first entry: every link is checked, and the last signature vouches for all.

mod bare;
mod pending;

use std::collections::BTreeMap;

use crate::bytes::{Hash, Id, LogId, OrganisationId, PublicKey, Salt};
use crate::canonical;
use crate::entry::{Batch, Entry, Head, Record};
use crate::error::{BadEntry, Fault};
use crate::statement::{FIRST_OPAQUE_KIND, GENESIS, Genesis};
use crate::tree::Tree;
use pending::Pending;

pub use bare::{Growing, verify_bare};

/// Which signatures a walk verifies; backlinks carry the last one to every entry before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The last entry's.
    Head,
    /// The last entry's, those of the ledger's own kinds, and every person's: on receipt.
    Received,
    /// All.
    Every,
}

/// A log at one size: what is needed to check or to sign its next entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// The log.
    pub log: LogId,
    /// Who it is kept for.
    pub organisation: OrganisationId,
    /// The key that signs it.
    pub device: PublicKey,
    /// The last entry's leaf.
    pub last: Hash,
    /// The tree over all leaves.
    pub tree: Tree,
}

impl LogState {
    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Size and tree head.
    pub fn head(&self) -> Head {
        Head { log: self.log, size: self.size(), root: self.tree.root() }
    }
}

/// An entry as it came: from a file or from a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The entry's bytes.
    pub bytes: Vec<u8>,
    /// Its body.
    pub body: Vec<u8>,
    /// The body's salt.
    pub salt: Salt,
}

/// A walk along a log, entry by entry.
#[derive(Debug)]
pub struct Walk {
    log: LogId,
    depth: Depth,
    state: Option<LogState>,
    from_genesis: bool,
    last: Option<Last>,
    pending: Pending,
    subjects: BTreeMap<Id, (u64, Hash)>,
}

/// The entry that a walk has come to.
#[derive(Debug)]
struct Last {
    record: Record,
    /// Whether its own signature has been verified, or waits to be with others.
    verified: bool,
}

impl Walk {
    /// From the beginning of `log`.
    pub fn from_genesis(log: LogId, depth: Depth) -> Self {
        Self::new(log, None, depth)
    }

    /// On from a state that was verified before. Places within subjects that began earlier are then the
    /// caller's to check.
    pub fn resume(state: LogState, depth: Depth) -> Self {
        Self::new(state.log, Some(state), depth)
    }

    fn new(log: LogId, state: Option<LogState>, depth: Depth) -> Self {
        let (from_genesis, pending) = (state.is_none(), Pending::default());
        Self { log, depth, state, from_genesis, last: None, pending, subjects: BTreeMap::new() }
    }

    /// How many entries lie behind.
    pub fn size(&self) -> u64 {
        self.state.as_ref().map_or(0, LogState::size)
    }

    /// The tree head over the entries behind.
    pub fn root(&self) -> Option<Hash> {
        self.state.as_ref().map(|state| state.tree.root())
    }

    /// Checks the next entry and its body, and gives both.
    ///
    /// # Errors
    /// The first bad entry: this one, or an earlier one whose signature alone tells that it changed.
    pub fn push(&mut self, received: Received) -> Result<&Record, BadEntry> {
        let followed = self.follow(received);
        if followed.is_err() || self.pending.is_full() {
            self.pending.verify(self.log)?;
        }
        Ok(&self.last.insert(followed?).record)
    }

    fn follow(&mut self, received: Received) -> Result<Last, BadEntry> {
        let sequence = self.size();
        let log = self.log;
        let bad = |fault: Fault| BadEntry { log, sequence, fault };
        let entry = Entry::parse(received.bytes).map_err(bad)?;
        self.check_links(&entry)?;
        entry.check_body(&received.body, &received.salt).map_err(bad)?;
        if self.depth != Depth::Head {
            canonical::check(&received.body).map_err(|problem| bad(problem.into()))?;
        }
        let mut state = match self.state.take() {
            Some(state) => state,
            None => found(self.log, &entry, &received.body).map_err(bad)?,
        };
        let verified = self.verify(&state, &entry).map_err(bad)?;
        self.follow_subject(&entry).map_err(bad)?;
        state.last = entry.leaf();
        state.tree.push(entry.leaf());
        self.state = Some(state);
        let record = Record { entry, body: received.body, salt: received.salt };
        Ok(Last { record, verified })
    }

    /// Ends the walk: verifies the last signature, which vouches for every entry before it.
    ///
    /// # Errors
    /// The last entry, when its signature does not verify.
    pub fn finish(mut self) -> Result<Option<LogState>, BadEntry> {
        self.pending.verify(self.log)?;
        let sequence = self.size().saturating_sub(1);
        if let (Some(state), Some(Last { record, verified: false })) = (&self.state, &self.last) {
            record.entry.verify_signature(&state.device).map_err(|fault| BadEntry {
                log: self.log,
                sequence,
                fault,
            })?;
        }
        Ok(self.state)
    }

    fn check_links(&self, entry: &Entry) -> Result<(), BadEntry> {
        let sequence = self.size();
        let bad = |fault| Err(BadEntry { log: self.log, sequence, fault });
        let payload = entry.payload();
        if entry.log() != self.log {
            return bad(Fault::WrongLog);
        }
        if payload.sequence != sequence {
            return bad(Fault::Sequence);
        }
        let Some(state) = &self.state else {
            let founded = payload.previous == Hash(self.log.0) && payload.kind == GENESIS;
            return if founded { Ok(()) } else { bad(Fault::Genesis) };
        };
        if payload.kind == GENESIS {
            return bad(Fault::Genesis);
        }
        if payload.previous == state.last {
            return Ok(());
        }
        // One of the two entries changed; the earlier one is to blame if its own signature has gone.
        match &self.last {
            Some(Last { record, verified: false })
                if record.entry.verify_signature(&state.device).is_err() =>
            {
                let sequence = sequence.saturating_sub(1);
                Err(BadEntry { log: self.log, sequence, fault: Fault::Signature })
            }
            None if entry.verify_signature(&state.device).is_ok() => bad(Fault::Fork),
            _ => bad(Fault::Backlink),
        }
    }

    /// Verifies the signatures that the depth asks for, or lets them wait; true when the device's was among them.
    fn verify(&mut self, state: &LogState, entry: &Entry) -> Result<bool, Fault> {
        let own_kind = entry.payload().kind < FIRST_OPAQUE_KIND;
        let device = match self.depth {
            Depth::Every => {
                self.pending.push(entry, state.device);
                true
            }
            Depth::Received if own_kind => entry.verify_signature(&state.device).map(|()| true)?,
            Depth::Received | Depth::Head => false,
        };
        if self.depth != Depth::Head {
            entry.verify_person()?;
        }
        Ok(device)
    }

    fn follow_subject(&mut self, entry: &Entry) -> Result<(), Fault> {
        let Some(place) = &entry.payload().in_subject else { return Ok(()) };
        let next = (place.sequence.saturating_add(1), entry.leaf());
        let follows = match self.subjects.insert(place.subject, next) {
            Some((next, last)) => place.sequence == next && place.previous == Some(last),
            None => place.sequence == 0 || !self.from_genesis,
        };
        if follows { Ok(()) } else { Err(Fault::Subject) }
    }
}

/// The state before entry 0, from entry 0 itself: its body names the key, and the log's id seals both.
fn found(log: LogId, entry: &Entry, body: &[u8]) -> Result<LogState, Fault> {
    let genesis = Genesis::decode(body).map_err(|_| Fault::Genesis)?;
    genesis.check()?;
    if genesis.log() != log || entry.log() != log {
        return Err(Fault::Genesis);
    }
    let organisation = genesis.organisation.id;
    Ok(LogState { log, organisation, device: genesis.device, last: Hash(log.0), tree: Tree::default() })
}

/// Consecutive entries of one log that have been verified, with the batches they bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    start: u64,
    records: Vec<Record>,
    batches: Vec<Batch>,
    end: LogState,
    day: Option<u64>,
}

impl Run {
    /// Verifies entries that follow `state` (none: from entry 0), down to the last one's signature.
    /// Membership and batches are the caller's to check.
    ///
    /// # Errors
    /// The first bad entry; [`Fault::Fork`] for a validly signed entry that does not follow `state`;
    /// [`Fault::Malformed`] for no entries.
    pub fn verify(log: LogId, state: Option<LogState>, received: Vec<Received>) -> Result<Self, BadEntry> {
        let mut walk = match state {
            Some(state) => Walk::resume(state, Depth::Received),
            None => Walk::from_genesis(log, Depth::Received),
        };
        let start = walk.size();
        let nothing = BadEntry { log, sequence: start, fault: Fault::Malformed };
        let records =
            received.into_iter().map(|one| walk.push(one).cloned()).collect::<Result<Vec<_>, _>>()?;
        if records.is_empty() {
            return Err(nothing);
        }
        let end = walk.finish()?.ok_or(nothing)?;
        Ok(Self { start, records, batches: Vec::new(), end, day: None })
    }

    /// Adds batches, whose addresses the entries name.
    #[must_use]
    pub fn with_batches(mut self, batches: Vec<Batch>) -> Self {
        self.batches.extend(batches);
        self
    }

    /// Has its bytes counted as taken in on that day (days since 1970-01-01).
    #[must_use]
    pub fn on_day(self, day: u64) -> Self {
        Self { day: Some(day), ..self }
    }

    /// The day on which its bytes count.
    pub fn day(&self) -> Option<u64> {
        self.day
    }

    /// Bytes of its entries, bodies, salts and batches.
    pub fn bytes(&self) -> u64 {
        let of_record = |one: &Record| one.entry.bytes().len() + one.body.len() + one.salt.as_bytes().len();
        let records: usize = self.records.iter().map(of_record).sum();
        let batches: usize = self.batches.iter().map(|one| one.bytes().len()).sum();
        records.saturating_add(batches) as u64
    }

    /// The log.
    pub fn log(&self) -> LogId {
        self.end.log
    }

    /// The first entry's sequence.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The entries, at least one.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The batches that came with them.
    pub fn batches(&self) -> &[Batch] {
        &self.batches
    }

    /// The log after the last of them.
    pub fn end(&self) -> &LogState {
        &self.end
    }

    /// Takes it apart: entries, batches.
    pub fn into_parts(self) -> (Vec<Record>, Vec<Batch>) {
        (self.records, self.batches)
    }
}

#[cfg(test)]
mod tests;
