//! What a device remembers of the peers that it met, in no entry, and what it signs of their clocks.

use crate::append::{Happened, Pen};
use crate::joining::counts;
use crate::{App, AppError, Host, Identity, comparisons, met, read_model};
use firn_ledger::bytes::{LogId, PublicKey};
use firn_ledger::chain::Run;
use firn_ledger::entry::{Head, Record};
use firn_ledger::membership::Membership;
use firn_ledger::store::{Transaction, View};
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

/// Consecutive entries that came of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Came {
    first: u64,
    last: u64,
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
    /// The same with another one, where that goes on from it.
    fn with(self, next: &Self) -> Option<Self> {
        let goes_on = self.last.checked_add(1) == Some(next.first) && self.whole == next.whole;
        goes_on.then_some(Self { last: next.last, by_ms: self.by_ms.max(next.by_ms), ..self })
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

/// Adds one; those that follow each other are told as one.
fn add(mut all: Vec<DatedBack>, next: DatedBack) -> Vec<DatedBack> {
    match all.last().and_then(|last| last.with(&next)) {
        Some(both) => {
            all.pop();
            all.push(both);
        }
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
pub(crate) fn note_came(transaction: &mut Transaction<'_>, run: &Run) -> Result<(), AppError> {
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
        let sequence = number(record);
        match came.last_mut().filter(|one| one.last.checked_add(1) == Some(sequence)) {
            Some(one) => one.last = sequence,
            None => came.push(Came { first: sequence, last: sequence }),
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
            came.push(Came { first, last });
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
        let dated = |record: &Record| dated_back(record, met::latest(&bounds, number(record), now)?);
        each(transaction, &log, read(&document.value)?, |record| {
            all = dated(record).into_iter().fold(std::mem::take(&mut all), add);
        })?;
        if all != noted {
            remember(transaction, DATED_BACK, &log, &all)?;
        }
    }
    Ok(())
}

/// Every entry that came of a log, once.
fn each(
    view: &View<'_>,
    log: &LogId,
    mut came: Vec<Came>,
    mut take: impl FnMut(&Record),
) -> Result<(), AppError> {
    came.sort_by_key(|one| one.first);
    let mut next = 0;
    for Came { first, last } in came {
        next = first.max(next);
        while next <= last {
            let records = view.entries(log, next, AT_ONCE)?;
            let Some(end) = records.last().map(number) else { return Ok(()) };
            records.iter().filter(|one| number(one) <= last).for_each(&mut take);
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
        let (own, now, pen) = (self.host.identity(), self.host.now().utc, self.pen());
        let noted = self.host.with_store(move |store| {
            store.write(|transaction| {
                let membership = read_model::membership(transaction, &own.organisation)?;
                judge_came(transaction, &membership, now)?;
                let Some(peer) = membership.by_endpoint(&endpoint).map(|member| member.enrolment.log) else {
                    return Ok(());
                };
                note(transaction, &peer, meeting, now)?;
                let shown = shown_by(&membership, &endpoint, peer);
                if let Some(meeting) = meeting.filter(|one| one.agreed && !sent.contains(&shown)) {
                    met::note(transaction, &shown, meeting.earliest(), now)?;
                }
                if !counts(&membership, &own.log) {
                    return Ok(());
                }
                let mut due = take_dated_back(transaction, &membership, now)?;
                due.extend(meeting_due(transaction, &own, &peer, meeting, now)?);
                if due.is_empty() {
                    return Ok(());
                }
                sign(transaction, &mut pen?, &due)
            })
        });
        // Large when something is signed: what waits for every sync need not hold it.
        Box::pin(noted).await?;
        Box::pin(self.judge_waiting()).await
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

/// What is to be signed of entries that were dated back, of logs whose members still count or not; noted no longer.
/// What was noted of a meeting that is still to come was noted by clocks that were ahead together.
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
        let noted = read::<Vec<DatedBack>>(&document.value)?;
        due.extend(noted.iter().filter(|one| one.whole <= now).map(|one| one.compared(&log)));
    }
    Ok(due)
}

fn sign(transaction: &mut Transaction<'_>, pen: &mut Pen, due: &[ClockCompared]) -> Result<(), AppError> {
    let mut records = Vec::new();
    for compared in due {
        records.push(pen.append(transaction, Happened::new(None, compared))?);
    }
    pen.follow(transaction, &records)
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
