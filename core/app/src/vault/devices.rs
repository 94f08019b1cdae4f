//! Whose device wrote a log, also where the log is nobody's: that of a copy of a home that stays out.

use crate::{AppError, Identity, read_model};
use firn_ledger::bytes::LogId;
use firn_ledger::membership::Membership;
use firn_ledger::statement::{Admission, Genesis};
use firn_ledger::store::View;
use std::collections::{BTreeMap, BTreeSet};

/// The devices of the organisation, and what the logs that are nobody's go on from.
///
/// Two copies of a home go on in a log each, and an admin enrols one. The other copy keeps what both recorded
/// before; the device is one by the geneses, which membership does not tell of a log that is no member's.
pub(super) struct Devices {
    pub membership: Membership,
    goes_on_from: BTreeMap<LogId, LogId>,
    /// The logs that this home wrote, one after the other.
    own: BTreeSet<LogId>,
}

impl Devices {
    pub(super) fn read(view: &mut View<'_>, identity: &Identity) -> Result<Self, AppError> {
        let membership = read_model::membership(view, &identity.organisation)?;
        let mut goes_on_from = BTreeMap::new();
        for log in view.heads().into_iter().map(|head| head.log) {
            if membership.member(&log).is_none()
                && let Some(old) = before(view, &log)?
            {
                goes_on_from.insert(log, old);
            }
        }
        let (mut own, mut next) = (BTreeSet::new(), Some(identity.log));
        while let Some(log) = next.filter(|log| own.insert(*log)) {
            next = before(view, &log)?;
        }
        Ok(Self { membership, goes_on_from, own })
    }

    /// The first log of the device that wrote `log`.
    pub(super) fn first_log(&self, log: &LogId) -> LogId {
        let (mut first, mut passed) = (*log, BTreeSet::new());
        while let Some(old) = self.goes_on_from.get(&first).filter(|old| passed.insert(**old)) {
            first = *old;
        }
        self.membership.first_log(&first)
    }

    /// Whether this home wrote the log.
    pub(super) fn is_of_this_home(&self, log: &LogId) -> bool {
        self.own.contains(log)
    }
}

/// The log that `log` goes on from, by the word of the old key.
fn before(view: &mut View<'_>, log: &LogId) -> Result<Option<LogId>, AppError> {
    let Some(genesis) = genesis_of(view, log)? else { return Ok(None) };
    let Admission::Continues(continuation) = genesis.admission else { return Ok(None) };
    let old = continuation.head.log;
    let Some(founded) = genesis_of(view, &old)? else { return Ok(None) };
    Ok(continuation.verify(log, &founded.device).is_ok().then_some(old))
}

fn genesis_of(view: &mut View<'_>, log: &LogId) -> Result<Option<Genesis>, AppError> {
    Ok(view.entry(log, 0)?.map(|first| Genesis::decode(&first.body)).transpose()?)
}
