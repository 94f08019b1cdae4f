//! How long the log of each device was when that showed it itself, and before when no later entry was signed.

use crate::meeting::{remember, remembered};
use crate::{AppError, naming};
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::entry::Head;
use firn_ledger::membership::Membership;
use firn_ledger::statement::{Admission, Continuation, Genesis};
use firn_ledger::store::{Transaction, View};
use firn_model::shipment::CLOCK_TOLERANCE_MS;
use firn_model::time::UtcMillis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What was shown of a log by its own device, by the log's id.
const MET: &str = "met";
/// As many meetings are remembered of one log.
const MOST: usize = 16;

/// A log as its own device showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Met {
    /// How many entries it had.
    entries: u64,
    /// The tree's head over them: of another history nothing was shown.
    root: [u8; 32],
    /// When, by the clock of the two that was behind.
    at: UtcMillis,
    device: Device,
}

/// Whether a log's device may have gone on in another one when it showed the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Device {
    /// No log that goes on from it was here.
    Here,
    /// One was, so that another device goes on beside this one, and the meeting says nothing of that.
    Beside,
}

/// No entry of a log from this number on was signed before then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    from: u64,
    at: UtcMillis,
}

/// Until when an entry of this number was not signed, as far as that has come by this device's own clock.
pub(crate) fn latest(bounds: &[Bound], sequence: u64, now: UtcMillis) -> Option<UtcMillis> {
    let counts = bounds.iter().filter(|one| one.from <= sequence && one.at <= now);
    counts.map(|one| one.at).max()
}

/// Remembers that a log was whole here as its own device showed it. What was known stays: an earlier time for no
/// fewer entries tells nothing. Only what was noted for a time that is still to come was noted by a wrong clock.
pub(crate) fn note(
    transaction: &mut Transaction<'_>,
    log: &LogId,
    at: UtcMillis,
    now: UtcMillis,
) -> Result<(), AppError> {
    let Some(head) = transaction.heads().into_iter().find(|head| head.log == *log) else { return Ok(()) };
    let mut all = shown(transaction, log)?;
    all.retain(|one| one.at.0.saturating_sub(now.0) <= CLOCK_TOLERANCE_MS);
    let mut is_known = false;
    for one in all.iter().filter(|one| one.entries <= head.size && one.at >= at) {
        is_known |= one.is_of(transaction, log)?;
    }
    if !is_known {
        let device = device(transaction, log)?;
        all.push(Met { entries: head.size, root: head.root.0, at, device });
        all.sort_by_key(|one| one.at);
    }
    thin(&mut all);
    remember(transaction, MET, log, &all)
}

/// Forgets, of too many, the one after which the next one before it tells most nearly as much; never the first or the
/// last.
fn thin(all: &mut Vec<Met>) {
    while all.len() > MOST {
        let since =
            all.iter().zip(all.iter().skip(1)).map(|(before, one)| one.at.0.saturating_sub(before.at.0));
        let inner = since.take(all.len().saturating_sub(2)).enumerate();
        let Some((before, _)) = inner.min_by_key(|(_, since)| *since) else { return };
        all.remove(before.saturating_add(1));
    }
}

/// Whether a log is held that goes on from this one.
fn device(view: &mut View<'_>, log: &LogId) -> Result<Device, AppError> {
    let statements = view.statements()?;
    let goes_on = |head: &Head| match statements.genesis(&head.log).map(|genesis| &genesis.admission) {
        Some(Admission::Continues(from)) => from.head.log == *log,
        _ => false,
    };
    Ok(if view.heads().iter().any(goes_on) { Device::Beside } else { Device::Here })
}

impl Met {
    /// Whether what is held is the history that was shown.
    fn is_of(&self, view: &View<'_>, log: &LogId) -> Result<bool, AppError> {
        Ok(view.root_at(log, self.entries)? == Some(Hash(self.root)))
    }
}

fn shown(view: &mut View<'_>, log: &LogId) -> Result<Vec<Met>, AppError> {
    Ok(remembered(view, MET, log)?.unwrap_or_default())
}

/// The latest time at which a log's own device showed it, whichever of its histories.
pub(crate) fn last(view: &mut View<'_>, log: &LogId) -> Result<Option<UtcMillis>, AppError> {
    Ok(shown(view, log)?.iter().map(|one| one.at).max())
}

/// What a log goes on from, if it does.
pub(crate) fn goes_on_from(first: &[u8]) -> Result<Option<Continuation>, AppError> {
    Ok(match Genesis::decode(first)?.admission {
        Admission::Continues(from) => Some(from),
        Admission::Root { .. } | Admission::Enrolled(_) => None,
    })
}

/// What is known of when a log's entries were not signed yet: by what its device showed of it; and by what that showed
/// of the logs from which it goes on, one from another, before anybody is known to have seen the one that goes on: all
/// of that one was signed after that. Where the old one may have been shown by a device that went on beside it, nothing.
pub(crate) fn bounds(
    view: &mut View<'_>,
    membership: &Membership,
    log: &LogId,
) -> Result<Vec<Bound>, AppError> {
    let mut bounds = Vec::new();
    for one in shown(view, log)? {
        if one.is_of(view, log)? {
            bounds.push(Bound { from: one.entries, at: one.at });
        }
    }
    let (mut later, mut passed, mut there) = (*log, BTreeSet::from([*log]), None);
    while let Some(first) = view.entry(&later, 0)? {
        let Some(from) = goes_on_from(&first.body)?.filter(|from| passed.insert(from.head.log)) else {
            break;
        };
        let mut before = before(view, &from.head)?;
        there = earlier(there, naming::admitted(view, membership, &later)?);
        before.retain(|at| there.is_none_or(|there| *at < there));
        if let Some(last) = before.iter().max().copied() {
            let named = naming::named(view, membership, &later, first.entry.payload().clocks.wall_ms, last)?;
            there = earlier(there, named);
        }
        before.retain(|at| there.is_none_or(|there| *at < there));
        bounds.extend(before.into_iter().map(|at| Bound { from: 0, at }));
        later = from.head.log;
    }
    Ok(bounds)
}

fn earlier(one: Option<UtcMillis>, other: Option<UtcMillis>) -> Option<UtcMillis> {
    one.into_iter().chain(other).min()
}

/// When a log was shown with no more entries than it had where another one goes on from it.
fn before(view: &mut View<'_>, end: &Head) -> Result<Vec<UtcMillis>, AppError> {
    // A head beyond what is held says nothing else; a device may keep its last entries to itself.
    if view.root_at(&end.log, end.size)?.is_some_and(|root| root != end.root) {
        return Ok(Vec::new());
    }
    let mut before = Vec::new();
    for one in shown(view, &end.log)? {
        let counts = one.device == Device::Here && one.entries <= end.size;
        if counts && one.is_of(view, &end.log)? {
            before.push(one.at);
        }
    }
    Ok(before)
}
