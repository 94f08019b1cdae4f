//! The lists that front ends read: documents derived from entries, written with them, never the truth.

use crate::AppError;
use crate::bundle::bundle;
use crate::comparisons::{self, CLOCKS};
use crate::waiting::{self, Touched, WAITING};
use firn_ledger::bytes::{LogId, OrganisationId};
use firn_ledger::entry::Record;
use firn_ledger::membership::Membership;
use firn_ledger::statement::{ERASURE, INDEX, PARTNER};
use firn_ledger::store::{Transaction, View};
use firn_model::api::ShipmentSummary;
use firn_model::id::Id;
use firn_model::people::People;
use firn_model::record::{Kind, Logger};
use firn_model::shipment::{self, Fleet, OrganisationStory, OwnProfiles};
use firn_model::task::{self, Task};
use firn_report::bundle::{
    Bundle, ORGANISATION_KINDS, PEOPLE_KINDS, about_person, earlier_shipments, gather_people,
    organisation_story, signed_entry,
};
use firn_report::earlier_by_evidence;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) use crate::legs::{beside, later, with_later};

/// Summaries as JSON, by shipment id.
const SHIPMENTS: &str = "shipments";
/// Where entries about loggers and rules stand: keys are log id and sequence, values are empty.
const LOGGERS: &str = "loggers";
/// Where entries about people and their keys stand, likewise.
const PEOPLE: &str = "people";
/// Where entries about the organisation's own profiles stand, likewise.
const PROFILES: &str = "profiles";
/// How many entries of each log the lists have followed, by log id.
const FOLLOWED: &str = "followed";
/// Where entries about evidence of other organisations stand, likewise.
const TAKEN: &str = "taken";
/// Where entries about positions stand, as those about people.
const POSITIONS: &str = "positions";
/// Which shipments go on from which: keys are the earlier id and the later one, values are empty.
pub(crate) const LEGS: &str = "legs";
/// What people have to do about each shipment as JSON, by shipment id; how urgent it is follows when it is read.
const TASKS: &str = "tasks";
/// Who signed about which shipments: keys are the person's id and the shipment's, values are empty; the empty key
/// says that none is missing.
const SIGNERS: &str = "signers";
/// Every collection that the entries alone give.
pub(crate) const COLLECTIONS: [&str; 12] =
    [SHIPMENTS, LOGGERS, PEOPLE, PROFILES, FOLLOWED, LEGS, TASKS, POSITIONS, TAKEN, SIGNERS, CLOCKS, WAITING];
/// How many bytes of entries are in memory while lists are made anew.
const AT_ONCE: usize = 1 << 20;

/// Brings the lists up to date with entries just stored in the same transaction.
pub(crate) fn follow(
    transaction: &mut Transaction<'_>,
    organisation: &OrganisationId,
    records: &[Record],
) -> Result<(), AppError> {
    let touched = note(transaction, organisation, records)?;
    waiting::judge_all(transaction, organisation)?;
    for shipment in touched.shipments(transaction)? {
        summarise(transaction, organisation, shipment)?;
    }
    Ok(())
}

/// Notes where entries stand that were just stored; gives the shipments that they bear on.
fn note(
    transaction: &mut Transaction<'_>,
    organisation: &OrganisationId,
    records: &[Record],
) -> Result<Touched, AppError> {
    list_comparisons(transaction)?;
    let first = transaction.documents(FOLLOWED)?.is_empty();
    note_signers(transaction, records, first)?;
    let touched = touched_by_people(transaction, records)?;
    let speaking = note_places(transaction, records)?;
    let all = touched.is_none() || waiting::bear_on_all(transaction, organisation, records)?;
    let shipments = subjects(records).into_iter().chain(touched.into_iter().flatten()).collect();
    Ok(Touched { all, shipments, speaking })
}

/// Notes where entries stand that are looked for by their kind, how far each log was followed, and which shipment goes on
/// from which. Gives the logs whose clocks were compared.
fn note_places(transaction: &mut Transaction<'_>, records: &[Record]) -> Result<BTreeSet<LogId>, AppError> {
    let mut compared = BTreeSet::new();
    for record in records {
        // A log that is not held tells of no shipment.
        let logs = comparisons::note(transaction, record)?.into_iter().flatten();
        compared.extend(logs.filter(|log| transaction.log(log).is_some()));
        let later = record.entry.payload().in_subject.map(|within| within.subject.0);
        for earlier in earlier_shipments(std::iter::once(record)) {
            let key = later.map(|later| [earlier.0, later].concat());
            key.map_or(Ok(()), |key| transaction.put_document(LEGS, &key, &[]))?;
        }
        let (log, next) = (record.entry.log(), record.entry.payload().sequence.saturating_add(1));
        transaction.put_document(FOLLOWED, log.as_bytes(), &next.to_be_bytes())?;
    }
    let of = |kind: Kind| vec![u64::from(kind.number())];
    let comparison = u64::from(Kind::ClockCompared.number());
    let about_loggers = ORGANISATION_KINDS.into_iter().filter(|kind| *kind != comparison);
    let lists = [
        (LOGGERS, about_loggers.collect()),
        (PEOPLE, PEOPLE_KINDS.to_vec()),
        (PROFILES, of(Kind::Profile)),
        (POSITIONS, of(Kind::Position)),
        (TAKEN, of(Kind::Taken)),
    ];
    for (list, kinds) in lists {
        for record in records.iter().filter(|record| kinds.contains(&record.entry.payload().kind)) {
            transaction.put_document(list, &place(record), &[])?;
        }
    }
    Ok(compared)
}

/// Moves the places of comparisons of clocks out of the list in which an earlier release kept them, where it did.
fn list_comparisons(transaction: &mut Transaction<'_>) -> Result<(), AppError> {
    if comparisons::are_listed(transaction)? {
        return Ok(());
    }
    for record in unlisted_comparisons(transaction)? {
        comparisons::note(transaction, &record)?;
        transaction.remove_document(LOGGERS, &place(&record))?;
    }
    comparisons::begin(transaction)
}

/// The comparisons of clocks where they are kept in no list of their own yet.
pub(crate) fn unlisted_comparisons(view: &mut View<'_>) -> Result<Vec<Record>, AppError> {
    let records = records_at(view, LOGGERS)?;
    Ok(records.into_iter().filter(comparisons::is_comparison).collect())
}

/// Notes who signed about which shipments; from the first entry on, or none would be known of earlier ones.
fn note_signers(transaction: &mut Transaction<'_>, records: &[Record], first: bool) -> Result<(), AppError> {
    if first {
        transaction.put_document(SIGNERS, &[], &[])?;
    }
    for record in records {
        let payload = record.entry.payload();
        if let (Some(person), Some(within)) = (payload.person, payload.in_subject.as_ref()) {
            transaction.put_document(SIGNERS, &[person.0, within.subject.0].concat(), &[])?;
        }
    }
    Ok(())
}

/// The shipments that new entries about people bear on: those that these people signed. None where it may be every
/// one: where the lists do not tell, where such a person signed for loggers or rules, and where a log enrols its
/// first person, for from there on a person is asked for.
fn touched_by_people(view: &mut View<'_>, records: &[Record]) -> Result<Option<BTreeSet<Id>>, AppError> {
    let people = records.iter().filter(|record| PEOPLE_KINDS.contains(&record.entry.payload().kind));
    let people: Vec<&Record> = people.collect();
    let ids: BTreeSet<Id> = people.iter().filter_map(|record| about_person(record)).collect();
    if people.is_empty() {
        return Ok(Some(BTreeSet::new()));
    }
    let enrols = |record: &Record| record.entry.payload().kind == u64::from(Kind::Person.number());
    let before = people_records(view)?;
    let enrolled: BTreeSet<LogId> =
        before.iter().filter(|one| enrols(one)).map(|one| one.entry.log()).collect();
    let is_first = people.iter().any(|one| enrols(one) && !enrolled.contains(&one.entry.log()));
    let by_them = |record: &Record| record.entry.payload().person.is_some_and(|one| ids.contains(&Id(one.0)));
    let signs_for_all = logger_records(view)?.iter().any(by_them);
    if is_first || signs_for_all || view.document(SIGNERS, &[])?.is_none() {
        return Ok(None);
    }
    let mut shipments = BTreeSet::new();
    for document in view.documents(SIGNERS)? {
        let key = document.key.split_first_chunk::<16>();
        let signed = key.filter(|(person, _)| ids.contains(&Id(**person)));
        shipments.extend(signed.and_then(|(_, shipment)| Some(Id(shipment.try_into().ok()?))));
    }
    Ok(Some(shipments))
}

/// Makes every list anew from the entries alone.
pub(crate) fn rebuild(
    transaction: &mut Transaction<'_>,
    organisation: &OrganisationId,
) -> Result<(), AppError> {
    for collection in COLLECTIONS {
        transaction.replace_documents(collection, Vec::new())?;
    }
    note_signers(transaction, &[], true)?;
    comparisons::begin(transaction)?;
    let mut shipments = BTreeSet::new();
    for head in transaction.heads() {
        let mut next = 0;
        while next < head.size {
            let records = transaction.entries(&head.log, next, AT_ONCE)?;
            next = next.saturating_add(records.len().max(1) as u64);
            note_signers(transaction, &records, false)?;
            note_places(transaction, &records)?;
            shipments.extend(subjects(&records));
        }
    }
    shipments.into_iter().try_for_each(|shipment| summarise(transaction, organisation, shipment))
}

/// Judges what waits, as the lists would be once it is.
pub(crate) fn settle(
    transaction: &mut Transaction<'_>,
    organisation: &OrganisationId,
) -> Result<(), AppError> {
    list_comparisons(transaction)?;
    waiting::judge_all(transaction, organisation)
}

/// Notes every entry that the lists have not followed yet, as those that came from a peer; the shipments on which they
/// bear wait to be judged ([`crate::App::judge_waiting`]).
pub(crate) fn take_note(
    transaction: &mut Transaction<'_>,
    organisation: &OrganisationId,
) -> Result<(), AppError> {
    let records = unfollowed(transaction)?;
    note(transaction, organisation, &records)?.wait(transaction)
}

/// Follows every entry that the lists have not followed yet.
pub(crate) fn catch_up(
    transaction: &mut Transaction<'_>,
    organisation: &OrganisationId,
) -> Result<(), AppError> {
    let records = unfollowed(transaction)?;
    follow(transaction, organisation, &records)
}

fn unfollowed(view: &mut View<'_>) -> Result<Vec<Record>, AppError> {
    let mut records = Vec::new();
    for head in view.heads() {
        let followed = view.document(FOLLOWED, head.log.as_bytes())?;
        let next = followed.and_then(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?))).unwrap_or(0);
        if next < head.size {
            records.extend(view.entries(&head.log, next, usize::MAX)?);
        }
    }
    Ok(records)
}

fn subjects(records: &[Record]) -> BTreeSet<Id> {
    let about = |record: &Record| record.entry.payload().in_subject.map(|within| Id(within.subject.0));
    records.iter().filter_map(about).collect()
}

/// Every shipment that was ever judged.
pub(crate) fn every_shipment(view: &mut View<'_>) -> Result<BTreeSet<Id>, AppError> {
    let documents = view.documents(SHIPMENTS)?;
    Ok(documents.iter().filter_map(|document| Some(Id(document.key.as_slice().try_into().ok()?))).collect())
}

/// Judges a shipment and writes what the lists say of it.
pub(crate) fn summarise(
    transaction: &mut Transaction<'_>,
    organisation: &OrganisationId,
    id: Id,
) -> Result<(), AppError> {
    let bundle = bundle(transaction, organisation, id)?;
    let named = earlier_by_evidence(bundle.all_records(), &bundle.batches);
    for earlier in earlier_shipments(bundle.all_records()).union(&named) {
        transaction.put_document(LEGS, &[earlier.0, id.0].concat(), &[])?;
    }
    let Some((summary, tasks)) = judged(&bundle)? else { return Ok(()) };
    let json = serde_json::to_vec(&summary).map_err(|error| AppError::Record(error.to_string()))?;
    transaction.put_document(SHIPMENTS, &id.0, &json)?;
    let json = serde_json::to_vec(&tasks).map_err(|error| AppError::Record(error.to_string()))?;
    Ok(transaction.put_document(TASKS, &id.0, &json)?)
}

/// What the lists say of a shipment. One of another organisation is a leg of one's own, and in no list.
fn judged(bundle: &Bundle) -> Result<Option<(ShipmentSummary, Vec<Task>)>, AppError> {
    let (id, assessed) = (bundle.shipment, bundle.assess()?);
    let is_own = |kind: Option<Kind>| kind.is_some_and(|kind| kind != Kind::Taken);
    let is_shipment = assessed.story.told.iter().any(|told| is_own(Kind::from_number(told.entry.kind)));
    Ok(is_shipment.then(|| {
        let summary = shipment::summary(id, &assessed.story, &assessed.judgement);
        (summary, task::of_shipment(id, &assessed.story, &assessed.judgement))
    }))
}

/// What the lists are about to say of the shipments that wait.
fn waiting_judged(
    view: &mut View<'_>,
    organisation: &OrganisationId,
) -> Result<BTreeMap<Id, (ShipmentSummary, Vec<Task>)>, AppError> {
    let mut all = BTreeMap::new();
    for shipment in waiting::shipments(view)? {
        all.extend(judged(&bundle(view, organisation, shipment)?)?.map(|judged| (shipment, judged)));
    }
    Ok(all)
}

/// What people have to do about every shipment, profile, logger and person.
pub(crate) fn tasks(view: &mut View<'_>, organisation: &OrganisationId) -> Result<Vec<Task>, AppError> {
    let mut tasks = task::of_profiles(&own_profiles(view, organisation)?);
    let waiting = waiting_judged(view, organisation)?;
    tasks.extend(waiting.values().flat_map(|(_, tasks)| tasks.iter().cloned()));
    for shipment in every_shipment(view)?.into_iter().filter(|one| !waiting.contains_key(one)) {
        match view.document(TASKS, &shipment.0)? {
            Some(json) => {
                let listed: Vec<Task> =
                    serde_json::from_slice(&json).map_err(|error| AppError::Record(error.to_string()))?;
                tasks.extend(listed);
            }
            // Listed by a release that knew no tasks.
            None => tasks
                .extend(judged(&bundle(view, organisation, shipment)?)?.into_iter().flat_map(|one| one.1)),
        }
    }
    let membership = membership(view, organisation)?;
    let people = people(view, organisation)?;
    let records = logger_records(view)?;
    let fleet = Fleet::of(records.iter().map(|record| signed_entry(record, &membership, &people)));
    tasks.extend(task::of_loggers(&fleet, &organisation_story(&records, &membership, &people)));
    tasks.extend(task::of_people(&people));
    Ok(tasks)
}

/// A place in a log as a document's key: log id and sequence, so that keys are in the logs' order.
fn place(record: &Record) -> Vec<u8> {
    let entry = &record.entry;
    [entry.log().as_bytes(), &entry.payload().sequence.to_be_bytes()].concat()
}

/// The kinds of the ledger's own that say nothing about membership, and are no business of who gets evidence: how many
/// entries there are, what was erased from vaults, and whom the organisation knows.
const BESIDE_MEMBERSHIP: [u64; 3] = [INDEX, ERASURE, PARTNER];

/// The entries about membership that can count.
pub(crate) fn statements(view: &mut View<'_>) -> Result<Vec<Record>, AppError> {
    let mut records = view.counting_records()?;
    records.retain(|one| !BESIDE_MEMBERSHIP.contains(&one.entry.payload().kind));
    Ok(records)
}

/// The entries about loggers and rules.
pub(crate) fn logger_records(view: &mut View<'_>) -> Result<Vec<Record>, AppError> {
    let mut records = records_at(view, LOGGERS)?;
    records.retain(|record| !comparisons::is_comparison(record));
    Ok(records)
}

/// The entries about loggers and rules, and of the comparisons of clocks those that can bear on what these entries tell and
/// on what `signing` would add to it, in the order of the logs.
pub(crate) fn organisation_records<'a>(
    view: &mut View<'_>,
    told: impl Iterator<Item = &'a Record>,
    signing: Option<LogId>,
) -> Result<Vec<Record>, AppError> {
    let mut records = logger_records(view)?;
    records.extend(comparisons::bearing_on(view, told, signing)?);
    records.sort_by_key(place);
    Ok(records)
}

/// The entries about people and their keys.
pub(crate) fn people_records(view: &mut View<'_>) -> Result<Vec<Record>, AppError> {
    records_at(view, PEOPLE)
}

/// The entries about positions.
pub(crate) fn position_records(view: &mut View<'_>) -> Result<Vec<Record>, AppError> {
    records_at(view, POSITIONS)
}

/// The shipments of which evidence of another organisation was taken in.
pub(crate) fn taken(view: &mut View<'_>) -> Result<BTreeSet<Id>, AppError> {
    Ok(subjects(&records_at(view, TAKEN)?))
}

/// Who the organisation's people are.
pub(crate) fn people(view: &mut View<'_>, organisation: &OrganisationId) -> Result<People, AppError> {
    let records = people_records(view)?;
    match records.is_empty() {
        true => Ok(People::default()),
        false => Ok(gather_people(&records, &membership(view, organisation)?)),
    }
}

/// The entries whose places are the keys of this collection.
fn records_at(view: &mut View<'_>, collection: &str) -> Result<Vec<Record>, AppError> {
    let mut records = Vec::new();
    for document in view.documents(collection)? {
        let place = document
            .key
            .split_first_chunk::<32>()
            .and_then(|(log, sequence)| Some((LogId(*log), u64::from_be_bytes(sequence.try_into().ok()?))));
        let (log, sequence) = place.ok_or_else(|| AppError::Record("the place of an entry".into()))?;
        records.extend(view.entry(&log, sequence)?);
    }
    Ok(records)
}

/// The logs in which loggers were enrolled or calibrated, rules given, or clocks compared.
pub(crate) fn logs_about_loggers(view: &mut View<'_>) -> Result<BTreeSet<LogId>, AppError> {
    let mut logs = logs_of(view, LOGGERS)?;
    logs.extend(comparisons::signers(view)?);
    Ok(logs)
}

/// The logs that say more of who belongs to the organisation than who they are themselves: enrolments, revocations.
pub(crate) fn logs_about_membership(view: &mut View<'_>) -> Result<BTreeSet<LogId>, AppError> {
    Ok(view.logs_with(|kind| kind != INDEX)?)
}

/// The logs in which profiles were published.
pub(crate) fn logs_about_profiles(view: &mut View<'_>) -> Result<BTreeSet<LogId>, AppError> {
    logs_of(view, PROFILES)
}

fn logs_of(view: &mut View<'_>, collection: &str) -> Result<BTreeSet<LogId>, AppError> {
    let documents = view.documents(collection)?;
    let log = |key: &[u8]| key.first_chunk::<32>().copied().map(LogId);
    Ok(documents.iter().filter_map(|document| log(&document.key)).collect())
}

/// Who belongs to the organisation.
pub(crate) fn membership(view: &mut View<'_>, organisation: &OrganisationId) -> Result<Membership, AppError> {
    Ok(view.membership(organisation)?)
}

/// Every enrolled logger, by id.
pub(crate) fn loggers(view: &mut View<'_>, organisation: &OrganisationId) -> Result<Vec<Logger>, AppError> {
    Ok(fleet(view, organisation)?.now().into_values().collect())
}

/// Every enrolled logger as it was recorded over time.
pub(crate) fn fleet(view: &mut View<'_>, organisation: &OrganisationId) -> Result<Fleet, AppError> {
    let membership = membership(view, organisation)?;
    let people = people(view, organisation)?;
    let records = logger_records(view)?;
    Ok(Fleet::of(records.iter().map(|record| signed_entry(record, &membership, &people))))
}

/// The entries that published profiles.
pub(crate) fn profile_records(view: &mut View<'_>) -> Result<Vec<Record>, AppError> {
    records_at(view, PROFILES)
}

/// The organisation's own profiles.
pub(crate) fn own_profiles(
    view: &mut View<'_>,
    organisation: &OrganisationId,
) -> Result<OwnProfiles, AppError> {
    let records = profile_records(view)?;
    let membership = membership(view, organisation)?;
    let people = people(view, organisation)?;
    Ok(OwnProfiles::of(records.iter().map(|record| signed_entry(record, &membership, &people))))
}

/// The organisation's rules and ended loggers.
pub(crate) fn organisation(
    view: &mut View<'_>,
    organisation: &OrganisationId,
) -> Result<OrganisationStory, AppError> {
    let membership = membership(view, organisation)?;
    let people = people(view, organisation)?;
    Ok(organisation_story(&logger_records(view)?, &membership, &people))
}

/// Every shipment's summary, the newest first.
pub(crate) fn shipments(
    view: &mut View<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<ShipmentSummary>, AppError> {
    let waiting = waiting_judged(view, organisation)?;
    let mut summaries = Vec::new();
    for document in view.documents(SHIPMENTS)? {
        let summary: ShipmentSummary =
            serde_json::from_slice(&document.value).map_err(|error| AppError::Record(error.to_string()))?;
        summaries.extend(Some(summary).filter(|summary| !waiting.contains_key(&summary.id)));
    }
    summaries.extend(waiting.into_values().map(|(summary, _)| summary));
    summaries.sort_by_key(|summary| std::cmp::Reverse((summary.created, summary.id)));
    Ok(summaries)
}

/// A shipment's summary.
pub(crate) fn summary(
    view: &mut View<'_>,
    organisation: &OrganisationId,
    shipment: Id,
) -> Result<Option<ShipmentSummary>, AppError> {
    if waiting::shipments(view)?.contains(&shipment) {
        return Ok(judged(&bundle(view, organisation, shipment)?)?.map(|(summary, _)| summary));
    }
    let Some(json) = view.document(SHIPMENTS, &shipment.0)? else { return Ok(None) };
    serde_json::from_slice(&json).map(Some).map_err(|error| AppError::Record(error.to_string()))
}
