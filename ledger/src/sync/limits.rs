//! What a hostile member can make this device store, hold and do: docs/threat-model.md, "What a member can cost".
//!
//! The bounds of one message stand where it is read: [`super::frame::MAX_FRAME`], [`crate::entry::MAX_ENTRY`],
//! [`crate::entry::MAX_BODY`], [`crate::entry::MAX_BATCH`], [`crate::entry::MAX_BATCHES`].

use std::collections::BTreeSet;

use crate::bytes::LogId;
use crate::chain::Run;
use crate::error::{LedgerError, SyncError};
use crate::membership::{MemberStanding, Membership};

use super::LogSource;
use super::machine::Machine;

/// The most logs that are held: so many fit one frontier.
pub const MAX_LOGS: usize = 8192;
/// The most logs of one device that nobody has enrolled: a key alone can found any number of them.
pub const MAX_PROVISIONAL: usize = 8;
/// How many bytes a peer may send of which nothing is new, before the conversation ends.
pub const MAX_NOTHING_NEW: u64 = 64 * 1024 * 1024;
/// How many bytes of one log are taken in on one day, unless a home says otherwise: entries, bodies and batches.
pub const LOG_BYTES_A_DAY: u64 = 1024 * 1024 * 1024;

/// What may be taken in today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Today: days since 1970-01-01 by this device's own clock.
    pub day: u64,
    /// Of one log, in bytes; the chunk that goes beyond it is the last one.
    pub log_bytes: u64,
}

impl Quota {
    /// The usual one, at a time in seconds since 1970-01-01T00:00:00Z.
    pub fn at(seconds: u64) -> Self {
        Self { day: seconds / 86_400, log_bytes: LOG_BYTES_A_DAY }
    }
}

/// How much of a log was taken in on the day when it last was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// The day.
    pub day: u64,
    /// Bytes of entries, bodies and batches.
    pub bytes: u64,
}

impl Machine {
    /// Takes in no more than this of each log. Without it nothing is counted.
    #[must_use]
    pub fn within(mut self, quota: Quota) -> Self {
        self.quota = Some(quota);
        self
    }

    /// Whether a run may be taken in by what its log has cost already, and marks it with the day.
    pub(super) fn afford(
        &self,
        run: Run,
        source: &mut dyn LogSource,
    ) -> Result<Result<Run, SyncError>, LedgerError> {
        let Some(quota) = self.quota else { return Ok(Ok(run)) };
        let used = source.used(&run.log())?;
        let spent = used.day == quota.day && used.bytes >= quota.log_bytes;
        Ok(if spent { Err(SyncError::TooFast) } else { Ok(run.on_day(quota.day)) })
    }

    /// Whether there is room for one more log, which would be `log`.
    pub(super) fn has_room(
        &self,
        log: &LogId,
        membership: &Membership,
        source: &mut dyn LogSource,
    ) -> Result<bool, LedgerError> {
        let held: BTreeSet<LogId> = source.frontier()?.into_iter().map(|head| head.log).collect();
        if held.len() >= MAX_LOGS {
            return Ok(false);
        }
        let waits = |log: &LogId| {
            membership.member(log).is_some_and(|member| member.standing == MemberStanding::Provisional)
        };
        let first = membership.first_log(log);
        let same = held.iter().filter(|one| waits(one) && membership.first_log(one) == first).count();
        Ok(!waits(log) || same < MAX_PROVISIONAL)
    }

    /// Counts what has arrived; what is new begins the count anew.
    pub(super) fn count(&mut self, bytes: usize) -> Result<(), LedgerError> {
        self.nothing_new = self.nothing_new.saturating_add(bytes as u64);
        // A file has an end, and may be taken in twice.
        let endless = self.side != super::Side::Reader && self.nothing_new > MAX_NOTHING_NEW;
        if endless { Err(SyncError::NothingNew.into()) } else { Ok(()) }
    }
}
