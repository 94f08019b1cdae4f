//! The machine: bytes in, actions out; whose turn it is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::bytes::{LogId, OrganisationId};
use crate::entry::Head;
use crate::error::{LedgerError, SyncError};
use crate::membership::{Membership, Statements};

use super::frame::{Decoder, encode};
use super::message::Message;
use super::receive::Pending;
use super::send::Outgoing;
use super::{Action, LogSource, Side, Summary, VERSIONS};

/// Logs whose refusal is remembered; a peer that offers more bad ones is cut off.
const MAX_REFUSED: usize = 4096;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The initiator has not said hello.
    Begin,
    /// Waiting for the peer's hello.
    AwaitHello,
    /// The peer sends what is lacking here.
    Receiving,
    /// What the peer lacks is being sent.
    Sending,
    /// The initiator waits for the responder's last word.
    AwaitEnd,
    /// Both are done.
    Done,
    /// It has ended in an error.
    Failed,
}

/// One conversation with one peer. Ask [`Machine::poll`] until it has nothing to say, then give it bytes
/// by [`Machine::receive`], and so on until [`Action::Done`] or an error.
#[derive(Debug)]
pub struct Machine {
    side: Side,
    organisation: OrganisationId,
    phase: Phase,
    decoder: Decoder,
    actions: VecDeque<Action>,
    failure: Option<LedgerError>,
    pub(super) theirs: BTreeMap<LogId, Head>,
    pub(super) known: Option<(Statements, Membership)>,
    pub(super) pending: Pending,
    pub(super) outgoing: Outgoing,
    /// Logs of which nothing more is taken in this conversation.
    pub(super) dropped: BTreeSet<LogId>,
    pub(super) summary: Summary,
}

impl Machine {
    /// A conversation about the logs of `organisation`.
    pub fn new(side: Side, organisation: OrganisationId) -> Self {
        let phase = match side {
            Side::Initiator => Phase::Begin,
            Side::Responder => Phase::AwaitHello,
        };
        Self {
            side,
            organisation,
            phase,
            decoder: Decoder::default(),
            actions: VecDeque::new(),
            failure: None,
            theirs: BTreeMap::new(),
            known: None,
            pending: Pending::Nothing,
            outgoing: Outgoing::default(),
            dropped: BTreeSet::new(),
            summary: Summary::default(),
        }
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
        if self.phase == Phase::Begin {
            self.hello(source)?;
            self.phase = Phase::AwaitHello;
            return Ok(true);
        }
        if self.phase != Phase::Done
            && self.phase != Phase::Failed
            && let Some(content) = self.decoder.next_frame()?
        {
            self.take(Message::decode(&content)?, source)?;
            return Ok(true);
        }
        if self.phase == Phase::Sending {
            self.send_more(source)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn hello(&mut self, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        let (versions, organisation) = (VERSIONS.to_vec(), self.organisation);
        let frontier = source.frontier()?;
        self.send(&Message::Hello { versions, organisation, frontier })
    }

    fn take(&mut self, message: Message, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        match (self.phase, message) {
            (_, Message::Abort { code }) => Err(SyncError::Refused { code }.into()),
            (Phase::AwaitHello, Message::Hello { versions, organisation, frontier }) => {
                self.greeted(&versions, organisation, frontier, source)
            }
            (Phase::Receiving, Message::Entries { log, from, entries }) => {
                self.take_entries(log, from, entries, self.organisation, source)
            }
            (Phase::Receiving, Message::Batch(bytes)) => self.take_batch(bytes),
            (Phase::Receiving | Phase::Sending | Phase::AwaitEnd, Message::Refused { log, code }) => {
                self.refused_by_peer(log, code, source)
            }
            (Phase::Receiving, Message::End { frontier }) => self.peer_ended(frontier, source),
            (Phase::AwaitEnd, Message::End { frontier }) => {
                self.theirs = by_log(frontier);
                self.finish(source)
            }
            _ => Err(SyncError::Protocol { what: "a message out of turn" }.into()),
        }
    }

    fn greeted(
        &mut self,
        versions: &[u64],
        organisation: OrganisationId,
        frontier: Vec<Head>,
        source: &mut dyn LogSource,
    ) -> Result<(), LedgerError> {
        if !versions.iter().any(|version| VERSIONS.contains(version)) {
            return Err(SyncError::Version.into());
        }
        if organisation != self.organisation {
            return Err(SyncError::Organisation.into());
        }
        self.theirs = by_log(frontier);
        match self.side {
            Side::Initiator => self.phase = Phase::Receiving,
            Side::Responder => {
                self.hello(source)?;
                self.begin_sending(source)?;
            }
        }
        Ok(())
    }

    fn begin_sending(&mut self, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        self.plan(self.organisation, source)?;
        self.phase = Phase::Sending;
        Ok(())
    }

    fn send_more(&mut self, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        if let Some(message) = self.next_to_send(source)? {
            return self.send(&message);
        }
        let frontier = source.frontier()?;
        self.send(&Message::End { frontier })?;
        self.phase = match self.side {
            Side::Initiator => Phase::AwaitEnd,
            Side::Responder => Phase::Receiving,
        };
        Ok(())
    }

    /// The peer has sent all that it had: the initiator's turn, or the responder's last word.
    fn peer_ended(&mut self, frontier: Vec<Head>, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        if matches!(self.pending, Pending::Batches { .. }) {
            return Err(SyncError::Protocol { what: "an end before the batches" }.into());
        }
        self.theirs = by_log(frontier);
        match self.side {
            Side::Initiator => self.begin_sending(source),
            Side::Responder => {
                let frontier = source.frontier()?;
                self.send(&Message::End { frontier })?;
                self.finish(source)
            }
        }
    }

    fn finish(&mut self, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        let ours = source.frontier()?;
        self.summary.peer = self.theirs.values().copied().collect();
        self.summary.agreed = ours == self.summary.peer;
        self.phase = Phase::Done;
        self.actions.push_back(Action::Done(Box::new(std::mem::take(&mut self.summary))));
        Ok(())
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

    fn send(&mut self, message: &Message) -> Result<(), LedgerError> {
        self.actions.push_back(Action::Send(encode(&message.encode())?));
        Ok(())
    }

    pub(super) fn store(&mut self, run: crate::chain::Run) {
        self.actions.push_back(Action::Store(Box::new(run)));
    }

    fn fail(&mut self, error: LedgerError) {
        let told = matches!(&error, LedgerError::Sync(SyncError::Refused { .. }));
        if !told {
            let abort = Message::Abort { code: error.code().to_owned() }.encode();
            self.actions.extend(encode(&abort).ok().map(Action::Send));
        }
        self.phase = Phase::Failed;
        self.failure = Some(error);
    }
}

fn by_log(frontier: Vec<Head>) -> BTreeMap<LogId, Head> {
    frontier.into_iter().map(|head| (head.log, head)).collect()
}
