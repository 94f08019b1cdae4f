//! The machine: bytes in, actions out; whose turn it is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::bytes::{Hash, LogId, OrganisationId};
use crate::error::{Fault, LedgerError, SyncError};
use crate::membership::{Membership, Statements};

use super::branch::Walked;
use super::frame::Decoder;
use super::limits::Quota;
use super::message::{AWAITED, Held, Message, fingerprint};
use super::receive::Pending;
use super::send::Outgoing;
use super::{Action, LogSource, Side, Summary, VERSIONS};

/// Logs whose refusal is remembered; a peer that offers more bad ones is cut off.
const MAX_REFUSED: usize = 4096;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The initiator, or the writer, has not said hello; what it holds is signed first.
    Begin,
    /// It says hello.
    Greet,
    /// Waiting for the peer's hello.
    AwaitHello,
    /// The responder answers the hello, having signed what it holds.
    Answer,
    /// The peer sends what is lacking here.
    Receiving,
    /// What the peer lacks is about to be found, everything that it sent being stored.
    Planning,
    /// What the peer lacks is being sent.
    Sending,
    /// The responder waits for the initiator's last words.
    AwaitEnd,
    /// The reader has taken all in and signed what it holds now.
    Closing,
    /// Both are done.
    Done,
    /// It has ended in an error.
    Failed,
}

/// One conversation with one peer. Ask [`Machine::poll`] until it has nothing to say, then give it bytes
/// by [`Machine::receive`], and so on until [`Action::Done`] or an error.
#[derive(Debug)]
pub struct Machine {
    pub(super) side: Side,
    organisation: OrganisationId,
    phase: Phase,
    decoder: Decoder,
    pub(super) actions: VecDeque<Action>,
    failure: Option<LedgerError>,
    /// Whether the initiator has had its first turn.
    pub(super) had_turn: bool,
    /// What this side said hello with.
    our_fingerprint: Hash,
    pub(super) their_fingerprint: Hash,
    pub(super) theirs: BTreeMap<LogId, Held>,
    /// Logs that were not held when the conversation began.
    pub(super) unknown: BTreeSet<LogId>,
    pub(super) known: Option<(Statements, Membership)>,
    /// Whether what is known has to be read anew once the run that waits is stored.
    pub(super) read_again: bool,
    /// This device's own log, which it speaks of whatever others say of it.
    pub(super) own: Option<LogId>,
    pub(super) pending: Pending,
    pub(super) outgoing: Outgoing,
    /// Logs of which nothing more is taken in this conversation.
    pub(super) dropped: BTreeSet<LogId>,
    pub(super) quota: Option<Quota>,
    /// How far a history that holds has come in this conversation, of a log of which another is held.
    pub(super) branch: Option<Walked>,
    /// Bytes that have arrived since something was new.
    pub(super) nothing_new: u64,
    pub(super) summary: Summary,
}

impl Machine {
    /// A conversation about the logs of `organisation`.
    pub fn new(side: Side, organisation: OrganisationId) -> Self {
        let phase = match side {
            Side::Initiator | Side::Writer => Phase::Begin,
            Side::Responder | Side::Reader => Phase::AwaitHello,
        };
        Self {
            side,
            organisation,
            phase,
            decoder: Decoder::default(),
            actions: VecDeque::new(),
            failure: None,
            had_turn: false,
            our_fingerprint: Hash([0; 32]),
            their_fingerprint: Hash([0; 32]),
            theirs: BTreeMap::new(),
            unknown: BTreeSet::new(),
            known: None,
            read_again: false,
            own: None,
            pending: Pending::Nothing,
            outgoing: Outgoing::default(),
            dropped: BTreeSet::new(),
            quota: None,
            branch: None,
            nothing_new: 0,
            summary: Summary::default(),
        }
    }

    /// Speaks of this log, this device's own, whether it is a member's or not: one that stays out is told so.
    #[must_use]
    pub fn of(mut self, own: LogId) -> Self {
        self.own = Some(own);
        self
    }

    /// Takes what has arrived from the peer: at most a frame's worth at a time, then [`Machine::poll`].
    pub fn receive(&mut self, bytes: &[u8]) {
        if self.phase != Phase::Failed {
            self.decoder.push(bytes);
        }
    }

    /// What to do next; `None`: wait for bytes from the peer, or, after [`Action::Done`], nothing.
    ///
    /// # Errors
    /// [`SyncError`] when the conversation cannot go on: the peer has been told if it could be. Errors of
    /// the storage. What has been stored stays.
    pub fn poll(&mut self, source: &mut dyn LogSource) -> Result<Option<Action>, LedgerError> {
        loop {
            if let Some(action) = self.actions.pop_front() {
                return Ok(Some(action));
            }
            if let Some(failure) = self.failure.clone() {
                return Err(failure);
            }
            match self.step(source) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => self.fail(error),
            }
        }
    }

    /// Does one thing; false when there is nothing to do.
    fn step(&mut self, source: &mut dyn LogSource) -> Result<bool, LedgerError> {
        match self.phase {
            Phase::Begin => self.sign_then(Phase::Greet),
            Phase::Greet => self.greet(source)?,
            Phase::Answer => self.answer(source)?,
            Phase::Planning => {
                self.plan(self.organisation, source)?;
                self.phase = Phase::Sending;
            }
            Phase::Closing => self.finish(source)?,
            Phase::Done | Phase::Failed => return Ok(false),
            Phase::Sending | Phase::AwaitHello | Phase::Receiving | Phase::AwaitEnd => {
                let Some(content) = self.decoder.next_frame()? else {
                    let sends = self.phase == Phase::Sending;
                    if sends {
                        self.send_more(source)?;
                    }
                    return Ok(sends);
                };
                let (length, message) = (content.len(), Message::decode(content));
                self.count(length)?;
                self.take(message?, source)?;
            }
        }
        Ok(true)
    }

    fn sign_then(&mut self, next: Phase) {
        self.actions.push_back(Action::Witness);
        self.phase = next;
    }

    fn greet(&mut self, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        let ours = self.frontier(self.organisation, source)?;
        let (versions, organisation, fingerprint) =
            (VERSIONS.to_vec(), self.organisation, fingerprint(&ours));
        let writes = self.side == Side::Writer;
        self.phase = if writes { Phase::Planning } else { Phase::AwaitHello };
        let frontier = writes.then_some(ours);
        self.our_fingerprint = fingerprint;
        self.send(&Message::Hello { versions, organisation, fingerprint, frontier })
    }

    /// The responder's answer: that both hold the same, or hello with what it holds.
    fn answer(&mut self, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        let ours = self.frontier(self.organisation, source)?;
        let (versions, organisation, fingerprint) =
            (VERSIONS.to_vec(), self.organisation, fingerprint(&ours));
        if fingerprint == self.their_fingerprint {
            self.send(&Message::Same)?;
            return self.finish(source);
        }
        self.phase = Phase::Receiving;
        self.send(&Message::Hello { versions, organisation, fingerprint, frontier: Some(ours) })
    }

    fn take(&mut self, message: Message, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        match (self.phase, message) {
            (_, Message::Abort { code }) => Err(SyncError::Refused { code }.into()),
            (Phase::AwaitHello, Message::Hello { versions, organisation, fingerprint, frontier }) => {
                self.greeted(&versions, organisation, fingerprint)?;
                self.heard_hello(frontier, source)
            }
            (Phase::AwaitHello, Message::Same) if self.side == Side::Initiator => {
                self.their_fingerprint = self.our_fingerprint;
                self.finish(source)
            }
            (Phase::Receiving, Message::Frontier(frontier)) if self.theirs.is_empty() => {
                self.learn(frontier, source)
            }
            (Phase::Receiving, Message::Entries { log, from, entries }) => {
                self.take_entries(log, from, entries, self.organisation, source)
            }
            (Phase::Receiving, Message::Batch(bytes)) => self.take_batch(bytes),
            (Phase::Receiving | Phase::AwaitEnd, Message::Seen(seen)) => {
                self.take_seen(*seen, self.organisation, source)
            }
            (Phase::Receiving | Phase::AwaitEnd, Message::Fork(proof)) => {
                self.take_fork(&proof, self.organisation, source)
            }
            (Phase::Receiving | Phase::Sending | Phase::AwaitEnd, Message::Refused { log, code }) => {
                self.refused_by_peer(log, code, source)
            }
            (Phase::Receiving, Message::End { fingerprint }) => self.peer_ended(fingerprint),
            (Phase::AwaitEnd, Message::End { fingerprint }) => {
                self.their_fingerprint = fingerprint;
                self.finish(source)
            }
            _ => Err(SyncError::Protocol { what: "a message out of turn" }.into()),
        }
    }

    fn greeted(
        &mut self,
        versions: &[u64],
        organisation: OrganisationId,
        fingerprint: Hash,
    ) -> Result<(), LedgerError> {
        if !versions.iter().any(|version| VERSIONS.contains(version)) {
            return Err(SyncError::Version.into());
        }
        if organisation != self.organisation {
            return Err(SyncError::Organisation.into());
        }
        self.their_fingerprint = fingerprint;
        Ok(())
    }

    fn heard_hello(
        &mut self,
        frontier: Option<Vec<Held>>,
        source: &mut dyn LogSource,
    ) -> Result<(), LedgerError> {
        match (self.side, frontier) {
            (Side::Responder, None) => {
                self.sign_then(Phase::Answer);
                Ok(())
            }
            (Side::Initiator, Some(theirs)) => {
                let ours = self.frontier(self.organisation, source)?;
                self.learn(theirs, source)?;
                self.phase = Phase::Planning;
                self.send(&Message::Frontier(ours))
            }
            (Side::Reader, Some(theirs)) => {
                self.learn(theirs, source)?;
                self.phase = Phase::Receiving;
                Ok(())
            }
            _ => Err(SyncError::Protocol { what: "a message out of turn" }.into()),
        }
    }

    /// Notes what the peer holds, and what is not held here.
    fn learn(&mut self, frontier: Vec<Held>, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        for held in frontier {
            if source.log(&held.head.log)?.is_none() {
                self.unknown.insert(held.head.log);
            }
            self.theirs.insert(held.head.log, held);
        }
        Ok(())
    }

    fn send_more(&mut self, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        if let Some(message) = self.next_to_send(source)? {
            return self.send(&message);
        }
        let fingerprint = fingerprint(&self.frontier(self.organisation, source)?);
        self.send(&Message::End { fingerprint })?;
        match (self.side, std::mem::replace(&mut self.had_turn, true)) {
            (Side::Initiator, false) => self.phase = Phase::Receiving,
            (Side::Initiator, true) => self.finish(source)?,
            (Side::Writer, _) => self.finish(source)?,
            (Side::Responder | Side::Reader, _) => self.phase = Phase::AwaitEnd,
        }
        Ok(())
    }

    /// The peer has sent all that it had: this side signs what it holds now and has its turn.
    fn peer_ended(&mut self, fingerprint: Hash) -> Result<(), LedgerError> {
        if matches!(self.pending, Pending::Batches { .. }) {
            return Err(SyncError::Protocol { what: "an end before the batches" }.into());
        }
        self.their_fingerprint = fingerprint;
        self.sign_then(if self.side == Side::Reader { Phase::Closing } else { Phase::Planning });
        Ok(())
    }

    fn finish(&mut self, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        let ours = self.frontier(self.organisation, source)?;
        self.note_awaited(&ours);
        self.summary.agreed = self.agrees(&ours);
        let heads = self.heads(self.organisation, source)?;
        self.summary.peer = self.peer_heads(heads);
        self.phase = Phase::Done;
        self.actions.push_back(Action::Done(Box::new(std::mem::take(&mut self.summary))));
        Ok(())
    }

    /// A log whose history that holds is still to come is none that both agree on.
    fn note_awaited(&mut self, ours: &[Held]) {
        for held in ours.iter().filter(|held| held.mark == AWAITED) {
            self.summary
                .refused
                .entry(held.head.log)
                .or_insert_with(|| Fault::HistoryAwaited.code().to_owned());
        }
    }

    /// Remembers that a log is refused, once, and tells the peer.
    pub(super) fn refuse(&mut self, log: LogId, code: &str) -> Result<(), LedgerError> {
        if !self.dropped.insert(log) {
            return Ok(());
        }
        if self.dropped.len() > MAX_REFUSED {
            return Err(SyncError::TooLarge.into());
        }
        self.summary.refused.insert(log, code.to_owned());
        self.send(&Message::Refused { log, code: code.to_owned() })
    }

    fn refused_by_peer(
        &mut self,
        log: LogId,
        code: String,
        source: &mut dyn LogSource,
    ) -> Result<(), LedgerError> {
        if source.log(&log)?.is_some() {
            self.outgoing.forget(&log);
            self.summary.refused_by_peer.insert(log, code);
        }
        Ok(())
    }

    pub(super) fn send(&mut self, message: &Message) -> Result<(), LedgerError> {
        self.actions.push_back(Action::Send(message.frame()?));
        Ok(())
    }

    fn fail(&mut self, error: LedgerError) {
        let told = matches!(&error, LedgerError::Sync(SyncError::Refused { .. }));
        if !told {
            let abort = Message::Abort { code: error.code().to_owned() };
            self.actions.extend(abort.frame().ok().map(Action::Send));
        }
        self.phase = Phase::Failed;
        self.failure = Some(error);
    }
}
