//! What a device remembers of the peers that it met, in no entry, and what it signs of their clocks.

use crate::append::{Happened, Pen};
use crate::joining::counts;
use crate::{App, AppError, Host, Identity, comparisons, met, read_model};
use firn_ledger::bytes::{LogId, PublicKey};
use firn_ledger::chain::Run;
use firn_ledger::entry::{Head, Record};
use firn_ledger::membership::Membership;
use firn_ledger::store::{Store, Transaction, View};
use firn_model::api::Synced;
use firn_model::record::{Body, ClockCompared, Entries};
use firn_model::shipment::{CLOCK_TOLERANCE_MS, is_comparison_due, shown_clock_difference_s};
use firn_model::time::UtcMillis;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// When this device last agreed with each peer, by the peer's log id.
const SYNCED: &str = "synced";
/// What came of a log, by its id, that may be dated back: looked at once all is here that came with it.
const CAME: &str = "came";
/// How often this device signed lately of a log's entries, by the log's id.
const NAMED: &str = "named";
/// So many bytes of what came are looked at, at a time.
const AT_ONCE: usize = 1 << 20;
/// What came of a log since then that is dated before it and not signed yet, by the log's id.
const DATED_BACK: &str = "dated-back";

/// What two devices showed each other when they met, beside what each holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// When they began to talk, by this device's clock.
    pub began: UtcMillis,
    /// How far the peer's clock was ahead, in milliseconds.
    pub ahead_ms: i64,
    /// Whether both held the same logs at the same heads at its end.
    pub agreed: bool,
}

impl Meeting {
    /// When they began to talk by the clock that was behind: no later time is put on what a right clock dates.
    fn earliest(&self) -> UtcMillis {
        UtcMillis(self.began.0.saturating_add(self.ahead_ms.min(0)))
    }
}

/// So many stretches of what came of a log are kept apart; of more the last are one, with what lies between.
const MOST_CAME: usize = 64;
/// So many stretches of a log that were dated back are kept and signed apart, as many within [`NAMED_MS`]; of more the
/// last are one, with what lies between. Whose clock fails more often has none that tells anything.
const MOST_NAMED: usize = 16;
/// Within so long, in milliseconds, this device signs of one log's entries [`MOST_NAMED`] times at most, as it signs of a
/// clock that stays wrong once in it: else a member would have all others sign as much as it signs itself.
const NAMED_MS: u64 = 12 * 3_600_000;

/// Consecutive entries that came of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Came {
    first: u64,
    last: u64,
    /// When, by this device's clock.
    at: UtcMillis,
}

impl Came {
    /// The same with one that came later.
    fn with(self, next: &Self) -> Self {
        Self { first: self.first.min(next.first), last: self.last.max(next.last), at: self.at.min(next.at) }
    }
}

/// How often this device signed lately of a log's entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Named {
    since: UtcMillis,
    times: usize,
}

/// Consecutive entries that were signed after their log was whole here, and are dated before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct DatedBack {
    first: u64,
    last: u64,
    /// By how much at most, in milliseconds.
    by_ms: i64,
    /// When their log was whole here.
    whole: UtcMillis,
}

impl DatedBack {
    /// Whether another one goes on from it.
    fn goes_on_in(&self, next: &Self) -> bool {
        self.last.checked_add(1) == Some(next.first) && self.whole == next.whole
    }

    /// The same with another one, and what lies between.
    fn with(self, next: &Self) -> Self {
        let whole = self.whole.min(next.whole);
        Self { first: self.first, last: next.last, by_ms: self.by_ms.max(next.by_ms), whole }
    }

    /// What is signed of it.
    fn compared(&self, log: &LogId) -> ClockCompared {
        let Self { first, last, .. } = *self;
        ClockCompared {
            peer: log.0,
            difference_ms: self.by_ms.saturating_neg(),
            dated_back: Some(Entries { first, last }),
        }
    }
}

/// What a record shows if its log was whole then, before it was signed.
fn dated_back(record: &Record, whole: UtcMillis) -> Option<DatedBack> {
    let wall_ms = record.entry.payload().clocks.wall_ms;
    let (sequence, by_ms) = (number(record), whole.0.saturating_sub(wall_ms));
    (by_ms > CLOCK_TOLERANCE_MS).then_some(DatedBack { first: sequence, last: sequence, by_ms, whole })
}

/// Adds one; those that follow each other are told as one, and the last of too many.
fn add(mut all: Vec<DatedBack>, next: DatedBack) -> Vec<DatedBack> {
    let is_full = all.len() >= MOST_NAMED;
    match all.last_mut().filter(|last| is_full || last.goes_on_in(&next)) {
        Some(last) => *last = last.with(&next),
        None => all.push(next),
    }
    all
}

/// Notes which of the entries that come may have been signed after their log was whole here and are dated before that,
/// so that they are held against it after the sync ([`App::note_synced`]): what says when a log was there may come after
/// the log.
///
/// # Errors
/// The store's.
pub(crate) fn note_came(
    transaction: &mut Transaction<'_>,
    run: &Run,
    now: UtcMillis,
) -> Result<(), AppError> {
    let (log, held) = (run.log(), transaction.log(&run.log()).map_or(0, |state| state.size()));
    let shown = met::last(transaction, &log)?;
    let goes_on = match run.records().first().filter(|_| run.start() == 0) {
        Some(first) => met::goes_on_from(&first.body)?,
        None => {
            transaction.entry(&log, 0)?.map(|first| met::goes_on_from(&first.body)).transpose()?.flatten()
        }
    };
    let may_be_dated_back = |record: &&Record| {
        let payload = record.entry.payload();
        let back = |shown: UtcMillis| shown.0.saturating_sub(payload.clocks.wall_ms) > CLOCK_TOLERANCE_MS;
        payload.sequence >= held && (goes_on.is_some() || shown.is_some_and(back))
    };
    let mut came = remembered::<Vec<Came>>(transaction, CAME, &log)?.unwrap_or_default();
    let before = came.clone();
    for record in run.records().iter().filter(may_be_dated_back) {
        let next = Came { first: number(record), last: number(record), at: now };
        let is_full = came.len() >= MOST_CAME;
        let goes_on = |one: &Came| one.last.checked_add(1) == Some(next.first) && one.at == now;
        match came.last_mut().filter(|one| is_full || goes_on(one)) {
            Some(one) => *one = one.with(&next),
            None => came.push(next),
        }
    }
    if came == before { Ok(()) } else { remember(transaction, CAME, &log, &came) }
}

/// The same of what was put in the place of another history's entries: `before` are the logs' heads until then. What
/// was noted of those entries is not said of these.
///
/// # Errors
/// The store's.
pub(crate) fn note_adopted(transaction: &mut Transaction<'_>, before: &[Head]) -> Result<(), AppError> {
    let (held, adopted) = (transaction.heads(), |head: &&Head| !before.contains(head));
    for Head { log, size, .. } in held.iter().filter(adopted) {
        let Some(old) = before.iter().find(|head| head.log == *log) else { continue };
        let aside = transaction.aside(log)?;
        let ends =
            aside.iter().filter_map(|one| Some((number(one.records.first()?), number(one.records.last()?))));
        let of_old = ends.filter(|(_, last)| last.saturating_add(1) >= old.size).map(|(first, _)| first);
        let first = of_old.min().unwrap_or(old.size);
        let mut dated_back = remembered::<Vec<DatedBack>>(transaction, DATED_BACK, log)?.unwrap_or_default();
        dated_back.retain(|one| one.last < first);
        remember(transaction, DATED_BACK, log, &dated_back)?;
        let mut came = remembered::<Vec<Came>>(transaction, CAME, log)?.unwrap_or_default();
        if let Some(last) = size.checked_sub(1).filter(|last| *last >= first) {
            came.push(Came { first, last, at: UtcMillis(i64::MAX) });
            remember(transaction, CAME, log, &came)?;
        }
    }
    Ok(())
}

/// Holds what has come against the meetings before it. Before another meeting is noted: what came before that was signed
/// before it.
fn judge_came(
    transaction: &mut Transaction<'_>,
    membership: &Membership,
    now: UtcMillis,
) -> Result<(), AppError> {
    for document in transaction.documents(CAME)? {
        transaction.remove_document(CAME, &document.key)?;
        let Ok(log) = document.key.as_slice().try_into().map(LogId) else { continue };
        let bounds = met::bounds(transaction, membership, &log)?;
        if bounds.is_empty() {
            continue;
        }
        let noted = remembered::<Vec<DatedBack>>(transaction, DATED_BACK, &log)?.unwrap_or_default();
        let mut all = noted.clone();
        // What a meeting that was still to come when an entry came said of it was said by clocks that were ahead.
        let dated = |record: &Record, at: UtcMillis| {
            dated_back(record, met::latest(&bounds, number(record), now.min(at))?)
        };
        each(transaction, &log, read(&document.value)?, |record, at| {
            all = dated(record, at).into_iter().fold(std::mem::take(&mut all), add);
        })?;
        if all != noted {
            remember(transaction, DATED_BACK, &log, &all)?;
        }
    }
    Ok(())
}

/// Every entry that came of a log, once, and when.
fn each(
    view: &View<'_>,
    log: &LogId,
    mut came: Vec<Came>,
    mut take: impl FnMut(&Record, UtcMillis),
) -> Result<(), AppError> {
    came.sort_by_key(|one| one.first);
    let mut next = 0;
    for Came { first, last, at } in came {
        next = first.max(next);
        while next <= last {
            let records = view.entries(log, next, AT_ONCE)?;
            let Some(end) = records.last().map(number) else { return Ok(()) };
            records.iter().filter(|one| number(one) <= last).for_each(|one| take(one, at));
            next = end.min(last).saturating_add(1);
        }
    }
    Ok(())
}

fn number(record: &Record) -> u64 {
    record.entry.payload().sequence
}

/// When this device last agreed with a peer.
pub(crate) fn synced(view: &mut View<'_>, peer: &LogId) -> Result<Option<Synced>, AppError> {
    remembered(view, SYNCED, peer)
}

impl<H: Host> App<H> {
    /// Notes that this device and the one behind `endpoint` have exchanged what they hold, and how they met, where
    /// they did: no carried file tells of that. Signed are a difference of their clocks of more than 5 min
    /// ([`is_comparison_due`]), and what has come of any log that is dated before its device showed that it had not
    /// been signed yet.
    ///
    /// # Errors
    /// The store's, and the ledger's.
    pub async fn note_synced(&self, endpoint: PublicKey, meeting: Option<Meeting>) -> Result<(), AppError> {
        self.note_exchanged(endpoint, meeting, BTreeSet::new()).await
    }

    /// The same where the peer was `sent` entries of these logs: it showed none of them.
    ///
    /// # Errors
    /// As [`App::note_synced`].
    pub async fn note_exchanged(
        &self,
        endpoint: PublicKey,
        meeting: Option<Meeting>,
        sent: BTreeSet<LogId>,
    ) -> Result<(), AppError> {
        let (own, now, pen) = (self.host.identity(), self.host.now().utc, self.pen_at_once());
        let noted = self.host.with_store(move |store| {
            store.write(|transaction| {
                let membership = read_model::membership(transaction, &own.organisation)?;
                judge_came(transaction, &membership, now)?;
                let Some(peer) = membership.by_endpoint(&endpoint).map(|member| member.enrolment.log) else {
                    return Ok(None);
                };
                note(transaction, &peer, meeting, now)?;
                let shown = shown_by(&membership, &endpoint, peer);
                if let Some(meeting) = meeting.filter(|one| one.agreed && !sent.contains(&shown)) {
                    met::note(transaction, &shown, meeting.earliest(), now)?;
                }
                if !counts(&membership, &own.log) {
                    return Ok(None);
                }
                let mut due = take_dated_back(transaction, &membership, now)?;
                due.extend(meeting_due(transaction, &own, &peer, meeting, now)?);
                if due.is_empty() { Ok(None) } else { sign(transaction, pen?, &due).map(Some) }
            })
        });
        // Large when something is signed: what waits for every sync need not hold it.
        let signed = Box::pin(noted).await?;
        Box::pin(self.judge_waiting()).await?;
        let Some(mut pen) = signed else { return Ok(()) };
        let index = move |store: &mut Store| store.write(|transaction| pen.follow_index(transaction));
        Box::pin(self.host.with_store(index)).await
    }
}

/// Remembers that this device met a peer, or has a file of it.
fn note(
    transaction: &mut Transaction<'_>,
    peer: &LogId,
    meeting: Option<Meeting>,
    now: UtcMillis,
) -> Result<(), AppError> {
    let entries = transaction.heads().iter().find(|head| head.log == *peer).map_or(0, |head| head.size);
    let clock_difference_s = match meeting {
        Some(meeting) => shown_clock_difference_s(meeting.ahead_ms),
        // A carried file tells nothing of its writer's clock now.
        None => synced(transaction, peer)?.and_then(|last| last.clock_difference_s),
    };
    remember(transaction, SYNCED, peer, &Synced { at: now, entries, clock_difference_s })
}

/// The log that the device behind an endpoint shows when it is met. Where one goes on in a log that nobody enrolled yet,
/// with the endpoint of before, nothing tells which of both it is: the enrolled one counts.
fn shown_by(membership: &Membership, endpoint: &PublicKey, peer: LogId) -> LogId {
    let mut there = membership.members().filter(|member| member.enrolment.endpoint == *endpoint);
    there.find(|member| counts(membership, &member.enrolment.log)).map_or(peer, |member| member.enrolment.log)
}

/// A difference of the clocks of this device and a peer, where that is to be signed.
fn meeting_due(
    view: &mut View<'_>,
    own: &Identity,
    peer: &LogId,
    meeting: Option<Meeting>,
    now: UtcMillis,
) -> Result<Option<ClockCompared>, AppError> {
    let Some(Meeting { ahead_ms: difference_ms, .. }) = meeting else { return Ok(None) };
    let due = is_comparison_due(last_comparison(view, &own.log, peer)?, difference_ms, now);
    Ok(due.then_some(ClockCompared { peer: peer.0, difference_ms, dated_back: None }))
}

/// What is to be signed of entries that were dated back, of logs whose members still count or not; noted no longer. What
/// is too much for one log now waits. What was noted of a meeting that is still to come was noted by clocks that were
/// ahead together.
fn take_dated_back(
    transaction: &mut Transaction<'_>,
    membership: &Membership,
    now: UtcMillis,
) -> Result<Vec<ClockCompared>, AppError> {
    let mut due = Vec::new();
    for document in transaction.documents(DATED_BACK)? {
        transaction.remove_document(DATED_BACK, &document.key)?;
        let log =
            document.key.as_slice().try_into().map(LogId).ok().filter(|log| membership.member(log).is_some());
        let Some(log) = log else { continue };
        let mut noted = read::<Vec<DatedBack>>(&document.value)?;
        noted.retain(|one| one.whole <= now);
        let lately = |named: &Named| named.since.0.abs_diff(now.0) < NAMED_MS;
        let named = remembered::<Named>(transaction, NAMED, &log)?.filter(lately);
        let Named { since, times } = named.unwrap_or(Named { since: now, times: 0 });
        let waiting = noted.split_off(noted.len().min(MOST_NAMED.saturating_sub(times)));
        if !noted.is_empty() {
            let named = Named { since, times: times.saturating_add(noted.len()) };
            remember(transaction, NAMED, &log, &named)?;
        }
        if !waiting.is_empty() {
            remember(transaction, DATED_BACK, &log, &waiting)?;
        }
        due.extend(noted.iter().map(|one| one.compared(&log)));
    }
    Ok(due)
}

fn sign(transaction: &mut Transaction<'_>, mut pen: Pen, due: &[ClockCompared]) -> Result<Pen, AppError> {
    for compared in due {
        pen.append(transaction, Happened::new(None, compared))?;
    }
    read_model::take_note(transaction, &pen.identity.organisation)?;
    Ok(pen)
}

/// What a device signed last of its own clock and a peer's when they met: how far that was ahead, in milliseconds, and
/// when.
fn last_comparison(
    view: &mut View<'_>,
    own: &LogId,
    peer: &LogId,
) -> Result<Option<(i64, UtcMillis)>, AppError> {
    let Some(last) = comparisons::last(view, own, peer)? else { return Ok(None) };
    let says = ClockCompared::from_bytes(&last.body).ok();
    Ok(says.map(|says| (says.difference_ms, UtcMillis(last.entry.payload().clocks.wall_ms))))
}

pub(crate) fn remembered<T: DeserializeOwned>(
    view: &mut View<'_>,
    collection: &str,
    log: &LogId,
) -> Result<Option<T>, AppError> {
    let json = view.document(collection, log.as_bytes())?;
    json.map(|json| read(&json)).transpose()
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, AppError> {
    serde_json::from_slice(json).map_err(|error| AppError::Record(error.to_string()))
}

pub(crate) fn remember<T: Serialize>(
    transaction: &mut Transaction<'_>,
    collection: &str,
    log: &LogId,
    what: &T,
) -> Result<(), AppError> {
    let json = serde_json::to_vec(what).map_err(|error| AppError::Record(error.to_string()))?;
    Ok(transaction.put_document(collection, log.as_bytes(), &json)?)
}
