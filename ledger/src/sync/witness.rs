//! Witnesses and forks in a conversation: what each side has seen of every log, compared and passed on.

use std::collections::{BTreeSet, VecDeque};

use crate::bytes::{LogId, OrganisationId, PublicKey};
use crate::checkpoint::Checkpoint;
use crate::entry::Head;
use crate::error::{Fault, LedgerError, SyncError};
use crate::fork::{ForkProof, Histories};
use crate::seen::Seen;
use crate::statement::Admission;
use crate::tree::Tree;

use super::machine::Machine;
use super::message::{AWAITED, DECIDED, FROZEN, Held, Message, knows_fork};
use super::{Action, LogSource};

/// A log as it is held here, with the mark of what is known of its witnesses.
fn held(head: Head, source: &mut dyn LogSource) -> Result<Held, LedgerError> {
    let nothing = Head { size: 0, root: Tree::default().root(), ..head };
    Ok(match source.histories(&head.log)? {
        Histories::One => Held { head, mark: source.seen(&head.log)?.mark() },
        Histories::Two => Held { head: nothing, mark: FROZEN },
        Histories::Elsewhere(_) => Held { head: nothing, mark: AWAITED },
        Histories::Here(holds) => Held { head: holds, mark: DECIDED },
    })
}

/// Whether two heads of one log tell two histories, as far as it can be seen here.
pub(super) fn forked(ours: &Head, theirs: &Head, source: &mut dyn LogSource) -> Result<bool, LedgerError> {
    let root = source.root_at(&ours.log, theirs.size)?;
    Ok(root.is_some_and(|root| root != theirs.root))
}

impl Machine {
    /// The heads of the logs that are held here and are members', by all that is held now, by log id. A log that is
    /// nobody's, though the log that would admit it is held, is no business of a conversation: who holds it got it when
    /// it was somebody's.
    pub(super) fn heads(
        &mut self,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<Vec<Head>, LedgerError> {
        // Another conversation may have brought statements meanwhile.
        self.known = None;
        let (mut heads, own) = (source.frontier()?, self.own);
        self.membership(organisation, source)?;
        let Some((statements, membership)) = &self.known else { return Ok(heads) };
        let held: BTreeSet<LogId> = heads.iter().map(|head| head.log).collect();
        let admits = |log: &LogId| match statements.genesis(log).map(|genesis| genesis.admission.clone()) {
            Some(Admission::Enrolled(by)) => held.contains(&by.log),
            Some(Admission::Continues(continuation)) => held.contains(&continuation.head.log),
            Some(Admission::Root { .. }) | None => false,
        };
        heads.retain(|head| {
            own == Some(head.log) || membership.member(&head.log).is_some() || !admits(&head.log)
        });
        Ok(heads)
    }

    /// The same, with the marks of what is known of each log's witnesses.
    pub(super) fn frontier(
        &mut self,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<Vec<Held>, LedgerError> {
        self.heads(organisation, source)?.into_iter().map(|head| held(head, source)).collect()
    }

    /// What the peer is told of forks, before all else where it holds the log, and of witnesses, after the
    /// entries: the logs of the latter.
    pub(super) fn plan_words(
        &mut self,
        ours: &[Held],
        source: &mut dyn LogSource,
    ) -> Result<VecDeque<LogId>, LedgerError> {
        let mut words = VecDeque::new();
        for Held { head, mark } in ours {
            let theirs = self.theirs.get(&head.log).map(|held| held.mark);
            if theirs.is_some_and(|theirs| theirs == *mark || knows_fork(&theirs)) {
                continue;
            }
            match source.fork(&head.log)?.filter(|_| theirs.is_some()) {
                Some(proof) => self.send(&Message::Fork(proof.encode()))?,
                None => words.push_back(head.log),
            }
        }
        Ok(words)
    }

    /// The next log of whose witnesses the peer is told.
    pub(super) fn next_word(&mut self, source: &mut dyn LogSource) -> Result<Option<Message>, LedgerError> {
        while let Some(log) = self.outgoing.words.pop_front() {
            if let Some(proof) = source.fork(&log)? {
                return Ok(Some(Message::Fork(proof.encode())));
            }
            let seen = source.seen(&log)?;
            if !seen.is_empty() {
                return Ok(Some(Message::Seen(Box::new(seen))));
            }
        }
        Ok(None)
    }

    /// Takes in what the peer knows of a log's witnesses: what is verified and lies within what is held here.
    /// A head that its device signed and that is no head of what is held here is a fork.
    pub(super) fn take_seen(
        &mut self,
        mut seen: Seen,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<(), LedgerError> {
        let log = seen.log;
        let mark = seen.mark();
        let Some(device) = self.device(&log, organisation, source)? else { return Ok(()) };
        let membership = self.membership(organisation, source)?;
        // A witness whose enrolment is not here yet says nothing yet, and a device is no witness of its own.
        let witnesses = |one: &LogId| membership.member(one).is_some() && !membership.same_device(one, &log);
        seen.cosigned.retain(|witness, _| witnesses(witness));
        if let Err(fault) = seen.verify(&device, membership) {
            return self.refuse(log, fault.code());
        }
        if let Some(checkpoint) = seen.checkpoint {
            self.compare(checkpoint, source)?;
        }
        let mut fits = Vec::new();
        for head in seen.heads() {
            if source.root_at(&log, head.size)? == Some(head.root) {
                fits.push(head);
            }
        }
        seen.retain(|head| fits.contains(head));
        if let Some(held) = self.theirs.get_mut(&log) {
            held.mark = mark;
        }
        if !seen.is_empty() && source.fork(&log)?.is_none() {
            self.actions.push_back(Action::StoreSeen(Box::new(seen)));
        }
        Ok(())
    }

    /// Holds a head that its device signed against what is held here.
    fn compare(&mut self, theirs: Checkpoint, source: &mut dyn LogSource) -> Result<(), LedgerError> {
        let log = theirs.head.log;
        let Some(ours) = source.seen(&log)?.checkpoint else { return Ok(()) };
        if source.fork(&log)?.is_some() {
            return Ok(());
        }
        let larger = ours.head.size.max(theirs.head.size);
        // Only the history that the larger of the two is a head of can prove it.
        let held = source.root_at(&log, larger)?;
        let of_held = [ours, theirs].iter().any(|one| one.head.size == larger && held == Some(one.head.root));
        if !of_held || source.root_at(&log, theirs.head.size)? == Some(theirs.head.root) {
            return Ok(());
        }
        let leaves = source.leaves(&log, larger)?;
        let Some(proof) = ForkProof::between(ours, theirs, &leaves) else { return Ok(()) };
        self.send(&Message::Fork(proof.encode()))?;
        self.freeze(proof)
    }

    /// Takes in a proof that a log has two histories.
    pub(super) fn take_fork(
        &mut self,
        proof: &[u8],
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<(), LedgerError> {
        let proof = ForkProof::decode(proof)?;
        let log = proof.log();
        let Some(device) = self.device(&log, organisation, source)? else { return Ok(()) };
        if proof.check(&device).is_err() {
            return Err(SyncError::Protocol { what: "a proof of a fork that proves none" }.into());
        }
        if let Some(held) = self.theirs.get_mut(&log) {
            held.mark = FROZEN;
        }
        match source.fork(&log)? {
            Some(_) => Ok(()),
            None => self.freeze(proof),
        }
    }

    fn freeze(&mut self, proof: ForkProof) -> Result<(), LedgerError> {
        let log = proof.log();
        if self.summary.forked.contains(&log) {
            return Ok(());
        }
        self.summary.forked.push(log);
        self.actions.push_back(Action::StoreFork(Box::new(proof)));
        self.refuse(log, Fault::Fork.code())
    }

    /// The key of a log's device: as its genesis has it, or its enrolment.
    fn device(
        &mut self,
        log: &LogId,
        organisation: OrganisationId,
        source: &mut dyn LogSource,
    ) -> Result<Option<PublicKey>, LedgerError> {
        if let Some(state) = source.log(log)? {
            return Ok(Some(state.device));
        }
        let membership = self.membership(organisation, source)?;
        Ok(membership.member(log).map(|member| member.enrolment.device))
    }
}
