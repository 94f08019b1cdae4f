//! Whether both sides hold the same at the end, and what the peer holds then.

use std::collections::BTreeMap;

use crate::bytes::LogId;
use crate::entry::Head;
use crate::error::SyncError;
use crate::membership::MemberStanding;

use super::machine::Machine;
use super::message::{Held, fingerprint};

impl Machine {
    /// Whether both hold the same entries of the same members' logs. What is known of witnesses may differ by the
    /// last words, which nobody confirms.
    pub(super) fn agrees(&self, ours: &[Held]) -> bool {
        let refused = self.summary.refused.keys().chain(self.summary.refused_by_peer.keys());
        let nothing_refused = refused.into_iter().all(|log| self.is_one_too_many(log));
        let held = |held: &Held| {
            let theirs = self.theirs.get(&held.head.log).map_or(0, |one| one.head.size);
            let sent = self.summary.sent.get(&held.head.log).copied().unwrap_or_default();
            theirs.saturating_add(sent) >= held.head.size || self.is_one_too_many(&held.head.log)
        };
        let here = |log: &LogId| ours.iter().any(|one| one.head.log == *log);
        // A log that is nobody's is held by whom it came to when it was somebody's.
        let all_here = self.theirs.keys().all(|log| here(log) || !self.is_members(log));
        fingerprint(ours) == self.their_fingerprint || (nothing_refused && all_here && ours.iter().all(held))
    }

    /// Whether a log was refused as one more than may wait of one device. Which of them one holds hangs on which came
    /// first, so that nobody agrees or differs by them.
    fn is_one_too_many(&self, log: &LogId) -> bool {
        let refused = [&self.summary.refused, &self.summary.refused_by_peer];
        let enrolled = self.standing(log) == Some(MemberStanding::Enrolled);
        !enrolled
            && refused
                .iter()
                .any(|codes| codes.get(log).is_some_and(|one| one == SyncError::TooManyLogs.code()))
    }

    fn is_members(&self, log: &LogId) -> bool {
        self.standing(log).is_some()
    }

    fn standing(&self, log: &LogId) -> Option<MemberStanding> {
        let (_, membership) = self.known.as_ref()?;
        membership.member(log).map(|member| member.standing)
    }

    /// What the peer holds now: what it said, and what it was sent and did not refuse.
    pub(super) fn peer_heads(&self, ours: Vec<Head>) -> Vec<Head> {
        let refused = |head: &Head| self.summary.refused_by_peer.contains_key(&head.log);
        if self.summary.agreed {
            return ours.into_iter().filter(|head| !refused(head)).collect();
        }
        let mut heads: BTreeMap<LogId, Head> =
            self.theirs.iter().map(|(log, held)| (*log, held.head)).collect();
        let sent = |head: &Head| self.summary.sent.contains_key(&head.log) && !refused(head);
        heads.extend(ours.into_iter().filter(sent).map(|head| (head.log, head)));
        heads.into_values().collect()
    }
}
