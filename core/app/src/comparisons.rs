//! Where the comparisons of clocks stand that can count, found by whose clocks they tell of.

use crate::{AppError, read_model};
use firn_ledger::bytes::LogId;
use firn_ledger::entry::Record;
use firn_ledger::membership::ends_said;
use firn_ledger::store::{Document, Transaction, View};
use firn_model::record::{Body, ClockCompared, Entries, Kind};
use firn_model::shipment::MOST_COMPARISONS;
use std::collections::{BTreeMap, BTreeSet};

/// A place in a log by whose clocks are compared there; the empty key says that none is missing.
pub(crate) const CLOCKS: &str = "clocks";
/// As many as count of those that were held, or of the others.
const MOST: u32 = MOST_COMPARISONS as u32;

/// What a key begins with; sequence numbers end it, so that keys are in the logs' order.
#[derive(Clone, Copy)]
enum By {
    /// Who signed it at a meeting, about whom.
    Pair = 1,
    /// Who signed it at a meeting; the value says about whom.
    Signer = 2,
    /// About whom somebody signed, and who did.
    About = 3,
    /// Whose entries were dated back, who signed so, and the last of these entries; the value is the first, and where
    /// that is signed.
    DatedBack = 4,
    /// Who signed any.
    Any = 5,
}

fn key(by: By, logs: &[LogId], number: Option<u64>) -> Vec<u8> {
    let logs = logs.iter().flat_map(|log| log.as_bytes().iter().copied());
    std::iter::once(by as u8).chain(logs).chain(number.into_iter().flat_map(u64::to_be_bytes)).collect()
}

fn numbers_in(key: &[u8]) -> Option<u64> {
    key.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))
}

fn last_log(key: &[u8]) -> Option<LogId> {
    key.last_chunk::<32>().copied().map(LogId)
}

/// What an entry says of clocks, if that can count.
fn says(record: &Record) -> Option<ClockCompared> {
    let payload = record.entry.payload();
    if !is_comparison(record) || payload.person.is_some() || payload.person_signature.is_some() {
        return None;
    }
    let says = ClockCompared::from_bytes(&record.body).ok()?;
    let held = payload.heads.iter().find(|head| head.log.0 == says.peer).map(|head| head.size);
    Some(says).filter(|says| says.may_count(&record.entry.log().0, held))
}

/// Whether an entry compares clocks.
pub(crate) fn is_comparison(record: &Record) -> bool {
    record.entry.payload().kind == u64::from(Kind::ClockCompared.number())
}

/// Notes where an entry stands that compares clocks; those of one log come in its order. Gives whose clocks.
pub(crate) fn note(
    transaction: &mut Transaction<'_>,
    record: &Record,
) -> Result<Option<[LogId; 2]>, AppError> {
    let Some(says) = says(record) else { return Ok(None) };
    let (signer, peer, sequence) = (record.entry.log(), LogId(says.peer), record.entry.payload().sequence);
    if let Some(Entries { first, last }) = says.dated_back {
        let of_it = |number| key(By::DatedBack, &[peer, signer], Some(number));
        let before = transaction.last_documents(CLOCKS, of_it(0)..=of_it(u64::MAX), 1)?;
        if before.first().and_then(|one| numbers_in(&one.key)).is_some_and(|before| before >= first) {
            return Ok(None);
        }
        let value = [first.to_be_bytes(), sequence.to_be_bytes()].concat();
        transaction.put_document(CLOCKS, &of_it(last), &value)?;
    } else {
        transaction.put_document(CLOCKS, &key(By::Pair, &[signer, peer], Some(sequence)), &[])?;
        transaction.put_document(CLOCKS, &key(By::Signer, &[signer], Some(sequence)), peer.as_bytes())?;
    }
    transaction.put_document(CLOCKS, &key(By::About, &[peer, signer], None), &[])?;
    transaction.put_document(CLOCKS, &key(By::Any, &[signer], None), &[])?;
    Ok(Some([signer, peer]))
}

/// Says that from here on none is missing.
pub(crate) fn begin(transaction: &mut Transaction<'_>) -> Result<(), AppError> {
    Ok(transaction.put_document(CLOCKS, &[], &[])?)
}

/// Whether none is missing: an earlier release kept them among the entries about loggers.
pub(crate) fn are_listed(view: &mut View<'_>) -> Result<bool, AppError> {
    Ok(view.document(CLOCKS, &[])?.is_some())
}

/// Who signed any.
pub(crate) fn signers(view: &mut View<'_>) -> Result<BTreeSet<LogId>, AppError> {
    let (from, to) = (key(By::Any, &[LogId([0; 32])], None), key(By::Any, &[LogId([255; 32])], None));
    let documents = view.first_documents(CLOCKS, from..=to, u32::MAX)?;
    Ok(documents.iter().filter_map(|document| last_log(&document.key)).collect())
}

/// What a device signed last of a peer when they met.
pub(crate) fn last(view: &mut View<'_>, own: &LogId, peer: &LogId) -> Result<Option<Record>, AppError> {
    if !are_listed(view)? {
        let mut unlisted = read_model::unlisted_comparisons(view)?.into_iter();
        let met =
            |one: &Record| says(one).is_some_and(|says| says.peer == peer.0 && says.dated_back.is_none());
        return Ok(unlisted.rfind(|one| one.entry.log() == *own && met(one)));
    }
    let of_it = |number| key(By::Pair, &[*own, *peer], Some(number));
    let last = view.last_documents(CLOCKS, of_it(0)..=of_it(u64::MAX), 1)?;
    match last.first().and_then(|one| numbers_in(&one.key)) {
        Some(sequence) => Ok(view.entry(own, sequence)?),
        None => Ok(None),
    }
}

/// The comparisons that can bear on what these entries tell, and on what `signing` would add to it, in the order of their
/// places: what [`MOST_COMPARISONS`] counts, for each entry and for one that holds everything, now and to whoever assessed
/// it before a log was ended at an earlier place. Which of them count is told by who belongs.
pub(crate) fn bearing_on<'a>(
    view: &mut View<'_>,
    told: impl Iterator<Item = &'a Record>,
    signing: Option<LogId>,
) -> Result<Vec<Record>, AppError> {
    if !are_listed(view)? {
        return read_model::unlisted_comparisons(view);
    }
    let mut speaking: BTreeMap<LogId, Vec<&Record>> = BTreeMap::new();
    for record in told {
        speaking.entry(record.entry.log()).or_default().push(record);
    }
    if let Some(own) = signing {
        speaking.entry(own).or_default();
    }
    let mut found = Found { view, ends: None, places: BTreeSet::new() };
    let logs: BTreeSet<LogId> = speaking.keys().copied().collect();
    for (log, entries) in &speaking {
        found.about(*log, entries, &logs)?;
    }
    let Found { view, places, .. } = found;
    let mut records = Vec::new();
    for (log, sequence) in places {
        records.extend(view.entry(&log, sequence)?);
    }
    Ok(records)
}

/// Places of comparisons that can bear.
struct Found<'a, 'v> {
    view: &'a mut View<'v>,
    /// Where anybody said that logs end, once it was asked for.
    ends: Option<BTreeMap<LogId, BTreeSet<u64>>>,
    places: BTreeSet<(LogId, u64)>,
}

impl Found<'_, '_> {
    /// Those that can bear on these entries of a log.
    fn about(&mut self, log: LogId, entries: &[&Record], speaking: &BTreeSet<LogId>) -> Result<(), AppError> {
        let own = entries.iter().map(|entry| entry.entry.payload().sequence).chain([u64::MAX]);
        let own: BTreeSet<u64> = own.collect();
        let about_it = self.about_it(log)?;
        let mut partners: BTreeSet<LogId> = speaking.union(&about_it).copied().collect();
        for document in self.windows(By::Signer, &[log], &own)? {
            partners.extend(document.value.as_slice().try_into().map(LogId));
        }
        for partner in partners.iter().filter(|partner| **partner != log) {
            self.take(log, *partner, &own)?;
            if about_it.contains(partner) {
                self.take(*partner, log, &held_of(partner, entries))?;
                self.take_dated_back(log, *partner, &own)?;
            }
        }
        Ok(())
    }

    /// Who signed about a log.
    fn about_it(&mut self, log: LogId) -> Result<BTreeSet<LogId>, AppError> {
        let by = |signer: u8| key(By::About, &[log, LogId([signer; 32])], None);
        let documents = self.view.first_documents(CLOCKS, by(0)..=by(255), u32::MAX)?;
        Ok(documents.iter().filter_map(|document| last_log(&document.key)).collect())
    }

    /// Those of one device about another, where so many of its entries were held.
    fn take(&mut self, signer: LogId, peer: LogId, held: &BTreeSet<u64>) -> Result<(), AppError> {
        let documents = self.windows(By::Pair, &[signer, peer], held)?;
        let places = documents.iter().filter_map(|one| Some((signer, numbers_in(&one.key)?)));
        self.places.extend(places);
        Ok(())
    }

    /// Those of one device that name these entries of another as dated back.
    fn take_dated_back(
        &mut self,
        log: LogId,
        signer: LogId,
        entries: &BTreeSet<u64>,
    ) -> Result<(), AppError> {
        let of_it = |number| key(By::DatedBack, &[log, signer], Some(number));
        for entry in entries {
            let naming = self.view.first_documents(CLOCKS, of_it(*entry)..=of_it(u64::MAX), 1)?;
            let value = naming.first().map(|one| one.value.as_slice());
            let named = value.and_then(|value| Some((*value.first_chunk::<8>()?, numbers_in(value)?)));
            let named = named.filter(|(first, _)| u64::from_be_bytes(*first) <= *entry);
            self.places.extend(named.map(|(_, place)| (signer, place)));
        }
        Ok(())
    }

    /// The last so many of those that were held, and the first so many of the others, for each so many entries that were
    /// held: of all, and of those below each place where anybody said that the log ends. Who assessed before that was
    /// known counted them without it.
    fn windows(&mut self, by: By, logs: &[LogId], held: &BTreeSet<u64>) -> Result<Vec<Document>, AppError> {
        let of_it = |number| key(by, logs, Some(number));
        let few = MOST.saturating_mul(2);
        let mut documents =
            self.view.first_documents(CLOCKS, of_it(0)..=of_it(u64::MAX), few.saturating_add(1))?;
        if documents.len() <= few as usize {
            return Ok(documents);
        }
        documents.clear();
        let ends = self.ends_of(logs.first())?;
        let below = |held: &u64| ends.iter().map(|end| *end.min(held)).collect::<Vec<u64>>();
        let held: BTreeSet<u64> = held.iter().flat_map(|held| [vec![*held], below(held)].concat()).collect();
        for held in held {
            if let Some(before) = held.checked_sub(1) {
                documents.extend(self.view.last_documents(CLOCKS, of_it(0)..=of_it(before), MOST)?);
            }
            documents.extend(self.view.first_documents(CLOCKS, of_it(held)..=of_it(u64::MAX), MOST)?);
        }
        Ok(documents)
    }

    /// Where anybody said that a log ends.
    fn ends_of(&mut self, log: Option<&LogId>) -> Result<BTreeSet<u64>, AppError> {
        let ends = match self.ends.take() {
            Some(ends) => ends,
            None => ends_said(&read_model::statements(self.view)?),
        };
        let of_it = log.and_then(|log| ends.get(log)).cloned().unwrap_or_default();
        self.ends = Some(ends);
        Ok(of_it)
    }
}

/// How many entries of a log the signers of these held, each; and all, as who signs now.
fn held_of(log: &LogId, entries: &[&Record]) -> BTreeSet<u64> {
    let held = entries.iter().map(|entry| {
        let heads = &entry.entry.payload().heads;
        heads.iter().find(|head| head.log == *log).map_or(0, |head| head.size)
    });
    held.chain([u64::MAX]).collect()
}
