//! Gathers one shipment's evidence from the store.

use crate::{AppError, read_model};
use firn_ledger::bytes::{Hash, LogId, OrganisationId};
use firn_ledger::entry::{Batch, Record};
use firn_ledger::fork::ForkProof;
use firn_ledger::membership::{Membership, Statements, bearing};
use firn_ledger::store::View;
use firn_model::id::Id;
use firn_model::profile::Profile;
use firn_model::record::{Body, Kind, Shipment};
use firn_model::shipment::OwnProfiles;
use firn_report::bundle::{
    Bundle, Earlier, earlier_shipments, gather_people, people_of, signed_entry, subject,
};
use firn_report::{earlier_by_evidence, ever_admitted};
use std::collections::{BTreeMap, BTreeSet};

/// The whole bundle of a shipment.
pub(crate) fn bundle(
    view: &mut View<'_>,
    organisation: &OrganisationId,
    shipment: Id,
) -> Result<Bundle, AppError> {
    let records = bundle_records(view, shipment)?;
    let earlier = earlier(view, shipment, &records)?;
    let all = records.iter().chain(earlier.iter().flat_map(|earlier| &earlier.records));
    let batches = batches_of(view, all)?;
    let people = read_model::people_records(view)?;
    let membership = read_model::membership(view, organisation)?;
    let loggers = read_model::organisation_records(view, told(&records, &earlier), None)?;
    let profiles = profiles(view, &membership, &people, &records)?;
    let reach = reach(told(&records, &earlier).chain(&loggers).chain(&profiles).chain(&people));
    let signed = || told(&records, &earlier).chain(&loggers).chain(&profiles);
    let statements = bearing(read_model::statements(view)?, organisation, &reach)?;
    let mut known = Statements::default();
    statements.iter().try_for_each(|record| known.add(record))?;
    // Of who assessed before a log was ended, what they held bears too.
    let belonging = [&known.fold(organisation), &ever_admitted(&statements, organisation)?];
    let people = people_of(people, signed(), belonging);
    let forks = forks(view, told(&records, &earlier).chain(&loggers).chain(&profiles).chain(&people))?;
    Ok(Bundle {
        organisation: *organisation,
        shipment,
        statements,
        loggers,
        records,
        earlier,
        batches,
        people,
        opened: Vec::new(),
        histories: Vec::new(),
        forks,
        profiles,
    })
}

/// The batches that entries name, each once, as far as they are held.
fn batches_of<'a>(
    view: &mut View<'_>,
    records: impl Iterator<Item = &'a Record>,
) -> Result<Vec<Batch>, AppError> {
    let addresses: BTreeSet<Hash> =
        records.flat_map(|record| record.entry.payload().batches.iter().copied()).collect();
    let mut batches = Vec::new();
    for address in &addresses {
        if let Some(bytes) = view.batch(address)? {
            batches.push(Batch::new(bytes).map_err(firn_ledger::error::LedgerError::from)?);
        }
    }
    Ok(batches)
}

/// What the organisation published under the names of a shipment's profiles, where one of these is not what counts
/// under its name and version.
fn profiles(
    view: &mut View<'_>,
    membership: &Membership,
    people: &[Record],
    records: &[Record],
) -> Result<Vec<Record>, AppError> {
    let mut published = read_model::profile_records(view)?;
    let people = gather_people(people, membership);
    let own = OwnProfiles::of(published.iter().map(|record| signed_entry(record, membership, &people)));
    let is_creation = |record: &&Record| record.entry.payload().kind == u64::from(Kind::Shipment.number());
    let created =
        records.iter().filter(is_creation).filter_map(|record| Shipment::from_bytes(&record.body).ok());
    let names: BTreeSet<String> =
        created.flat_map(|created| own.others_than(&created)).map(|other| other.name).collect();
    let is_of =
        |record: &Record| Profile::from_bytes(&record.body).is_ok_and(|one| names.contains(&one.name));
    published.retain(is_of);
    Ok(published)
}

/// The entries about shipments.
fn told<'a>(records: &'a [Record], earlier: &'a [Earlier]) -> impl Iterator<Item = &'a Record> {
    records.iter().chain(earlier.iter().flat_map(|earlier| &earlier.records))
}

/// How many entries of each log were held by who signed these: their own before, and those below the heads they name.
fn reach<'a>(records: impl Iterator<Item = &'a Record>) -> BTreeMap<LogId, u64> {
    let mut reach: BTreeMap<LogId, u64> = BTreeMap::new();
    for record in records {
        let payload = record.entry.payload();
        let heads = payload.heads.iter().map(|head| (head.log, head.size));
        for (log, size) in heads.chain([(record.entry.log(), payload.sequence)]) {
            let held = reach.entry(log).or_default();
            *held = size.max(*held);
        }
    }
    reach
}

/// The proofs of two histories of the logs in which these entries stand or that they name.
fn forks<'a>(
    view: &mut View<'_>,
    records: impl Iterator<Item = &'a Record>,
) -> Result<Vec<ForkProof>, AppError> {
    let mut forks = view.forks()?;
    if forks.is_empty() {
        return Ok(forks);
    }
    let mut named: BTreeSet<LogId> = BTreeSet::new();
    for record in records {
        named.insert(record.entry.log());
        named.extend(record.entry.payload().heads.iter().map(|head| head.log));
    }
    forks.retain(|proof| named.contains(&proof.log()));
    Ok(forks)
}

/// The earlier shipments that the lines of a shipment went through, as far as they are held, by id.
fn earlier(view: &mut View<'_>, shipment: Id, records: &[Record]) -> Result<Vec<Earlier>, AppError> {
    let mut found: BTreeMap<Id, Vec<Record>> = BTreeMap::new();
    let mut sought: Vec<Id> = earlier_shipments(records.iter()).into_iter().collect();
    sought.extend(taken_before(view, records)?);
    while let Some(next) = sought.pop() {
        if next == shipment || found.contains_key(&next) {
            continue;
        }
        let records = bundle_records(view, next)?;
        sought.extend(earlier_shipments(records.iter()));
        sought.extend(taken_before(view, &records)?);
        if !records.is_empty() {
            found.insert(next, records);
        }
    }
    Ok(found.into_iter().map(|(shipment, records)| Earlier { shipment, records }).collect())
}

/// Of the earlier shipments that evidence names which these entries say was taken in those of which evidence was taken
/// in as well. What one's own are called is nothing for others to tell.
fn taken_before(view: &mut View<'_>, records: &[Record]) -> Result<Vec<Id>, AppError> {
    let of_kind =
        |kind: Kind| move |record: &&Record| record.entry.payload().kind == u64::from(kind.number());
    let takings: Vec<&Record> = records.iter().filter(of_kind(Kind::Taken)).collect();
    if takings.is_empty() {
        return Ok(Vec::new());
    }
    let batches = batches_of(view, takings.iter().copied())?;
    let mut taken = Vec::new();
    for named in earlier_by_evidence(takings.into_iter(), &batches) {
        let records = bundle_records(view, named)?;
        if !records.iter().any(|record| of_kind(Kind::Shipment)(&record)) {
            taken.push(named);
        }
    }
    Ok(taken)
}

/// A shipment and the earlier ones that its lines went through, whether they are held or not.
pub(crate) fn with_earlier(view: &mut View<'_>, shipment: Id) -> Result<BTreeSet<Id>, AppError> {
    let records = bundle_records(view, shipment)?;
    let earlier = earlier(view, shipment, &records)?;
    Ok(earlier.into_iter().map(|earlier| earlier.shipment).chain([shipment]).collect())
}

/// The entries about a shipment.
pub(crate) fn bundle_records(view: &mut View<'_>, shipment: Id) -> Result<Vec<Record>, AppError> {
    let mut records = Vec::new();
    for (log, sequence) in view.by_subject(&subject(shipment))? {
        records.extend(view.entry(&log, sequence)?);
    }
    Ok(records)
}
