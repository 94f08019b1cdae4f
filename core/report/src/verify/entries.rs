//! The entries themselves: signatures, chain, bodies, batches, loggers.

use super::membership::{Trusted, short};
use super::{CheckId, Checks, references};
use crate::bundle::{Bundle, ORGANISATION_KINDS, enrolled_loggers, gather_people, signed_entry, subject};
use crate::print::text::counted;
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::canonical;
use firn_ledger::entry::Record;
use firn_ledger::membership::Membership;
use firn_ledger::statement::GENESIS;
use firn_model::id::Id;
use firn_model::record::{Batch, Body, EvidencePart, Kind, Readings, SessionPart};
use std::collections::{BTreeMap, BTreeSet};

/// Checks all that can be checked without understanding what happened.
pub(super) fn check(bundle: &Bundle, trusted: &Trusted, checks: &mut Checks) {
    let about = || bundle.all_records().chain(&bundle.loggers);
    let speaking = || about().chain(&bundle.people).chain(&bundle.profiles);
    let count = speaking().count();
    let signatures: Vec<String> = speaking().filter_map(|record| signature(record, trusted).err()).collect();
    checks.settle(
        CheckId::Signatures,
        &signatures,
        format!("{}, each by the device of its log.", counted(count, "entry", "entries")),
    );
    let mut chain = chain(bundle.shipment, &bundle.records);
    for earlier in &bundle.earlier {
        chain.extend(self::chain(earlier.shipment, &earlier.records));
    }
    chain.extend(backlinks(bundle));
    let missing = references::missing(bundle);
    chain.extend(missing.faults);
    match missing.elsewhere.first().filter(|_| chain.is_empty()) {
        Some(elsewhere) => checks.cannot(CheckId::Chain, elsewhere.clone()),
        None => {
            let proved = "The entries about the shipment follow each other without a hole.";
            checks.settle(CheckId::Chain, &chain, proved);
        }
    }
    let bodies: Vec<String> = speaking().filter_map(|record| body(record).err()).collect();
    checks.settle(
        CheckId::Bodies,
        &bodies,
        format!("{}, each the one that was signed.", counted(count, "body", "bodies")),
    );
    let batches = batches(bundle);
    let readings = counted(bundle.batches.len(), "batch", "batches")
        + ", each the one that was signed, and none missing.";
    checks.settle(CheckId::Batches, &batches, readings);
    let (loggers, idle) = loggers(bundle);
    let mut enrolled = "Every logger that has readings was enrolled.".to_owned();
    enrolled.extend(idle);
    checks.settle(CheckId::Loggers, &loggers, enrolled);
}

pub(super) fn name(record: &Record) -> String {
    format!("Entry {} of log {}", record.entry.payload().sequence, short(&record.entry.log()))
}

fn signature(record: &Record, trusted: &Trusted) -> Result<(), String> {
    let fault = |why: String| format!("{}: {why}.", name(record));
    let entry = &record.entry;
    let key = trusted.admitted_key(&entry.log()).ok_or_else(|| fault("nobody admitted its device".into()))?;
    entry.verify_signature(key).map_err(|error| fault(error.to_string()))?;
    entry.verify_person().map_err(|error| fault(error.to_string()))
}

fn body(record: &Record) -> Result<(), String> {
    let fault = |why: String| format!("{}: {why}.", name(record));
    record.entry.check_body(&record.body, &record.salt).map_err(|error| fault(error.to_string()))?;
    canonical::check(&record.body)
        .map_err(|problem| fault(format!("its body is not deterministic CBOR, {problem}")))
}

/// Within each log: subject sequences from 0 without holes, each naming the leaf before.
fn chain(shipment: Id, records: &[Record]) -> Vec<String> {
    let mut logs: BTreeMap<LogId, (u64, Option<Hash>, Option<u64>)> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut records: Vec<&Record> = records.iter().collect();
    records.sort_by_key(|record| (record.entry.log(), record.entry.payload().sequence));
    for record in records {
        let payload = record.entry.payload();
        let (next, leaf, last) = logs.entry(record.entry.log()).or_default();
        match &payload.in_subject {
            Some(place) if place.subject != subject(shipment) => {
                faults.push(format!("{} is about another shipment.", name(record)));
            }
            Some(place) if place.sequence == *next && place.previous == *leaf => {}
            Some(place) if place.sequence > *next => {
                faults.push(format!("{}: {} before it are missing.", name(record), place.sequence - *next));
            }
            Some(_) => faults.push(format!("{} does not follow the one before it.", name(record))),
            None => faults.push(format!("{} is about no shipment.", name(record))),
        }
        if last.is_some_and(|last| last >= payload.sequence) {
            faults.push(format!("{} stands twice in its log.", name(record)));
        }
        let sequence = payload.in_subject.as_ref().map_or(*next, |place| place.sequence);
        (*next, *leaf, *last) =
            (sequence.saturating_add(1), Some(record.entry.leaf()), Some(payload.sequence));
    }
    faults
}

/// Every entry whose backlink is not the leaf of the one before it, as far as the file shows that; a first one's is its
/// log's id, and it alone is a genesis. The indexes of the histories stand in their logs like others.
fn backlinks(bundle: &Bundle) -> Vec<String> {
    let leaves = shown_leaves(bundle);
    let is_false = |record: &&Record| {
        let (log, payload) = (record.entry.log(), record.entry.payload());
        let is_genesis = payload.kind == GENESIS;
        match payload.sequence.checked_sub(1) {
            None => !is_genesis || payload.previous != Hash(log.0),
            Some(before) => {
                let before = leaves.get(&(log, before)).into_iter().flatten();
                is_genesis || before.into_iter().any(|leaf| *leaf != payload.previous)
            }
        }
    };
    let told = |record: &Record| format!("{} does not follow the entry before it in its log.", name(record));
    shown(bundle).filter(is_false).map(told).collect()
}

/// Every entry of the file, those of the indexes too.
fn shown(bundle: &Bundle) -> impl Iterator<Item = &Record> {
    let indexes = bundle.histories.iter().filter_map(|history| history.index.as_ref());
    bundle.disclosed().chain(indexes.map(|index| &index.record))
}

/// The leaves that a file shows by log and place: those of its entries, and those among the nodes of a history that
/// holds.
fn shown_leaves(bundle: &Bundle) -> BTreeMap<(LogId, u64), BTreeSet<Hash>> {
    let mut leaves: BTreeMap<(LogId, u64), BTreeSet<Hash>> = BTreeMap::new();
    let mut disclosed: BTreeMap<LogId, BTreeMap<u64, Hash>> = BTreeMap::new();
    for record in bundle.disclosed() {
        let (log, place) = (record.entry.log(), record.entry.payload().sequence);
        disclosed.entry(log).or_default().insert(place, record.entry.leaf());
    }
    for record in shown(bundle) {
        let place = (record.entry.log(), record.entry.payload().sequence);
        leaves.entry(place).or_default().insert(record.entry.leaf());
    }
    for history in &bundle.histories {
        let beside = disclosed.get(&history.log()).and_then(|entries| history.leaves(entries));
        for (place, leaf) in beside.into_iter().flatten() {
            leaves.entry((history.log(), place)).or_default().insert(leaf);
        }
    }
    leaves
}

fn batches(bundle: &Bundle) -> Vec<String> {
    let held: BTreeMap<Hash, &[u8]> =
        bundle.batches.iter().map(|batch| (batch.address(), batch.bytes())).collect();
    let mut named = BTreeSet::new();
    let mut faults = Vec::new();
    for record in bundle.all_records() {
        for address in &record.entry.payload().batches {
            named.insert(*address);
            match held.get(address) {
                None => faults.push(format!("{} names a batch that is missing.", name(record))),
                Some(bytes) => faults.extend(batch(record, bytes).err()),
            }
        }
    }
    let unnamed = held.keys().filter(|address| !named.contains(address)).count();
    if unnamed > 0 {
        faults.push(format!("{unnamed} batches are named by no entry."));
    }
    faults
}

/// A batch is what its entry says of it; a session is looked at as a whole elsewhere.
fn batch(record: &Record, bytes: &[u8]) -> Result<(), String> {
    let fault = |why: String| format!("The batch of {}: {why}.", name(record).to_lowercase());
    let kind = record.entry.payload().kind;
    if kind != u64::from(Kind::Readings.number()) {
        let of = |other: Kind| kind == u64::from(other.number());
        let is_part = (of(Kind::Download) && SessionPart::from_bytes(bytes).is_ok())
            || (of(Kind::Taken) && EvidencePart::from_bytes(bytes).is_ok());
        return if is_part { Ok(()) } else { Err(fault("its entry is not about readings".into())) };
    }
    let batch = Batch::from_bytes(bytes).map_err(|error| fault(error.to_string()))?;
    let says = Readings::from_bytes(&record.body).map_err(|error| fault(error.to_string()))?;
    let agrees = says.logger == batch.logger
        && says.channel == batch.channel
        && says.source == batch.source
        && usize::try_from(says.count) == Ok(batch.times.len())
        && batch.times.first() == Some(&says.first)
        && batch.times.last() == Some(&says.last);
    if agrees { Ok(()) } else { Err(fault("the entry tells otherwise of it".into())) }
}

/// Whose readings, or whose session.
fn whose(bytes: &[u8]) -> Option<Id> {
    let batch = Batch::from_bytes(bytes).map(|batch| batch.logger).ok();
    batch.or_else(|| SessionPart::from_bytes(bytes).map(|part| part.logger).ok())
}

/// Loggers that nobody enrolled; and, in words, those that only entries have enrolled which count no more.
fn loggers(bundle: &Bundle) -> (Vec<String>, Vec<String>) {
    let (mut faults, mut idle) = (Vec::new(), Vec::new());
    if bundle.loggers.iter().any(|record| !ORGANISATION_KINDS.contains(&record.entry.payload().kind)) {
        faults.push("An entry among those about loggers and rules is about neither.".into());
    }
    let profile = u64::from(Kind::Profile.number());
    if bundle.profiles.iter().any(|record| record.entry.payload().kind != profile) {
        faults.push("An entry among the profiles is about none.".into());
    }
    let (Ok(now), Ok(ever)) = (bundle.membership(), bundle.ever_admitted()) else {
        faults.push("A statement about membership cannot be read.".into());
        return (faults, idle);
    };
    let enrolled_by = |membership: &Membership| {
        let people = gather_people(&bundle.people, membership);
        let told = bundle.loggers.iter().map(|record| signed_entry(record, membership, &people));
        enrolled_loggers(told)
    };
    let (enrolled, before) = (enrolled_by(&now), enrolled_by(&ever));
    let speaking: BTreeSet<Id> = bundle.batches.iter().filter_map(|batch| whose(batch.bytes())).collect();
    for logger in speaking.iter().filter(|logger| !enrolled.contains_key(logger)) {
        match before.contains_key(logger) {
            true => idle.push(format!(" What enrolled logger {logger} counts no more since a revocation.")),
            false => faults.push(format!("No entry that counts enrols logger {logger}.")),
        }
    }
    (faults, idle)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a broken test must stop")]

    use super::body;
    use firn_ledger::bytes::Salt;
    use firn_ledger::canonical::Writer;
    use firn_ledger::entry::{Entry, Record, commitment};

    /// An entry that commits to a body, whatever that is; nobody signed it.
    fn committed(body: &[u8]) -> Record {
        let (mut protected, mut payload, mut entry) = (Writer::new(), Writer::new(), Writer::new());
        protected
            .map(3)
            .uint(1)
            .int(-8)
            .uint(3)
            .text("application/vnd.firn.entry.v1+cbor")
            .uint(4)
            .bytes(&[1; 32]);
        payload
            .map(8)
            .uint(1)
            .uint(1)
            .uint(2)
            .bytes(&[2; 32])
            .uint(3)
            .uint(33)
            .uint(7)
            .int(0)
            .uint(8)
            .uint(0);
        payload.uint(9).bytes(&[3; 16]).uint(11).bytes(commitment(&Salt([4; 32]), body).as_bytes());
        payload.uint(12).uint(body.len() as u64);
        let (protected, payload) = (protected.into_bytes(), payload.into_bytes());
        entry.tag(18).array(4).bytes(&protected).map(0).bytes(&payload).bytes(&[0; 64]);
        let entry = Entry::parse(entry.into_bytes()).unwrap();
        Record { entry, body: body.to_vec(), salt: Salt([4; 32]) }
    }

    #[test]
    fn a_body_that_is_not_deterministic_cbor_fails_though_its_device_committed_to_it() {
        assert_eq!(body(&committed(&[0xa1, 0x01, 0x17])), Ok(()));
        for odd in [&[0xa1, 0x01, 0x18, 0x17][..], &[0xa0, 0xa0], &[]] {
            assert!(body(&committed(odd)).unwrap_err().contains("deterministic"));
        }
    }
}
