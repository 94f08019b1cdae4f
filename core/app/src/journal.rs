//! Adverts of shipments under way: journalled unsigned at once, sealed in batches later.
//!
//! The journal is a collection of documents of this device's store, written before anything is told. It
//! is no list: nothing else holds what it holds, until a batch does. What an earlier opening of the home
//! left in it was cut off by a crash, and is sealed as such.

use crate::append::{Pen, SignVerdict, standing};
use crate::ingest::{sealed_batch, sealed_samples};
use crate::live::SeriesKey;
use crate::{App, AppError, Host, Identity, read_model, seal};
use data_encoding::HEXLOWER;
use firn_ledger::store::{Document, Transaction, View};
use firn_model::api::Phase;
use firn_model::assess::Sample;
use firn_model::id::Id;
use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
use firn_model::record::Lateness;
use firn_model::time::UtcMillis;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Adverts as JSON, by shipment, logger, time and probe.
const JOURNAL: &str = "journal";

/// One advert worth a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Journalled {
    pub shipment: Id,
    pub logger: Id,
    /// The opening of the home in which it was heard.
    pub session: Id,
    pub time: UtcMillis,
    pub provenance: Provenance,
    pub measurement: Measurement,
    /// The advert's bytes in lower-case hexadecimal.
    pub raw: String,
}

impl Journalled {
    pub fn new(shipment: Id, logger: Id, session: Id, reading: &Reading) -> Self {
        Self {
            shipment,
            logger,
            session,
            time: reading.time,
            provenance: reading.provenance,
            measurement: reading.measurement.clone(),
            raw: HEXLOWER.encode(&reading.raw),
        }
    }

    /// Two values of one probe at one time both stand: the worse one decides.
    fn key(&self) -> Vec<u8> {
        let (time, probe) = (ascending(self.time), self.measurement.probe);
        let value = self.measurement.temperature.map(|value| value.0.to_be_bytes());
        [&self.shipment.0[..], &self.logger.0, &time, &[probe], value.as_ref().map_or(&[], |value| value)]
            .concat()
    }

    fn reading(&self) -> Result<Reading, AppError> {
        let raw = HEXLOWER.decode(self.raw.as_bytes());
        Ok(Reading {
            time: self.time,
            clock: ClockQuality::Phone,
            logger_time_ms: None,
            received: self.time,
            source: Source::Advert,
            provenance: self.provenance,
            measurement: self.measurement.clone(),
            raw: raw.map_err(|error| AppError::Record(error.to_string()))?,
        })
    }
}

/// A time as bytes in the order of time: the sign is turned.
fn ascending(time: UtcMillis) -> [u8; 8] {
    (time.0.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// The temperatures that wait in the journal of a series, from an instant on.
pub(crate) fn heard_from(
    view: &mut View<'_>,
    (shipment, logger, probe): SeriesKey,
    from: UtcMillis,
) -> Result<Vec<Sample>, AppError> {
    let begin = [&shipment.0[..], &logger.0].concat();
    let mut samples = Vec::new();
    for document in view.documents(JOURNAL)? {
        let Some(rest) = document.key.strip_prefix(begin.as_slice()) else { continue };
        if rest.get(..8).is_none_or(|time| time < &ascending(from)[..]) {
            continue;
        }
        let one: Journalled =
            serde_json::from_slice(&document.value).map_err(|error| AppError::Record(error.to_string()))?;
        let value = one.measurement.temperature.filter(|_| one.measurement.probe == probe);
        samples.extend(value.map(|value| Sample { time: one.time, value }));
    }
    Ok(samples)
}

/// What is sealed together: one logger's adverts in one shipment, those after a crash apart.
type Group = (Id, Id, bool);

fn journalled(view: &mut View<'_>, only: Option<Id>) -> Result<Vec<(Document, Journalled)>, AppError> {
    let mut found = Vec::new();
    for document in view.documents(JOURNAL)? {
        let one: Journalled =
            serde_json::from_slice(&document.value).map_err(|error| AppError::Record(error.to_string()))?;
        if only.is_none_or(|shipment| shipment == one.shipment) {
            found.push((document, one));
        }
    }
    Ok(found)
}

impl<H: Host> App<H> {
    /// Writes adverts into the journal.
    pub(crate) async fn journal(&self, heard: Vec<Journalled>) -> Result<(), AppError> {
        self.host
            .with_store(move |store| {
                store.write(|transaction| {
                    for one in &heard {
                        let json =
                            serde_json::to_vec(one).map_err(|error| AppError::Record(error.to_string()))?;
                        transaction.put_document(JOURNAL, &one.key(), &json)?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Seals what the journal holds, of one shipment or of all; tells how many adverts.
    ///
    /// # Errors
    /// `app/role-may-not`, and the ledger's; then the journal stays as it is.
    pub async fn seal_journal(&self, only: Option<Id>) -> Result<usize, AppError> {
        let held = self.host.with_store(move |store| store.read(|view| journalled(view, only))).await?;
        if held.is_empty() {
            return Ok(0);
        }
        let (mut pen, session) = (self.pen().await?, self.host.session());
        self.host
            .with_store(move |store| store.write(|transaction| pen.seal_journal(transaction, session, only)))
            .await
    }
}

impl Pen {
    fn seal_journal(
        &mut self,
        transaction: &mut Transaction<'_>,
        session: Id,
        only: Option<Id>,
    ) -> Result<usize, AppError> {
        let mut groups: BTreeMap<Group, Vec<(Document, Journalled)>> = BTreeMap::new();
        for (document, one) in journalled(transaction, only)? {
            let group = (one.shipment, one.logger, one.session != session);
            groups.entry(group).or_default().push((document, one));
        }
        let (mut sealed, mut records, mut shipments) = (0_usize, Vec::new(), BTreeSet::new());
        for ((shipment, logger, is_after_crash), held) in groups {
            // A shipment that never took place takes in nothing; what was heard stays in the journal.
            let Some(phase) = open_phase(transaction, &self.identity, shipment)? else { continue };
            let late = lateness(phase, is_after_crash);
            let readings: Vec<Reading> =
                held.iter().map(|(_, one)| one.reading()).collect::<Result<_, _>>()?;
            let known = sealed_samples(transaction, &self.identity, shipment, logger, None)?;
            let loggers = read_model::loggers(transaction, &self.identity.organisation)?;
            let Some(logger) = loggers.iter().find(|known| known.id == logger) else { continue };
            for batch in seal::batches(logger, &readings, &known) {
                let happened = sealed_batch(shipment, &batch, late, None)?;
                self.permit(transaction, std::slice::from_ref(&happened))?;
                records.push(self.append(transaction, happened)?);
            }
            for (document, _) in &held {
                transaction.remove_document(JOURNAL, &document.key)?;
            }
            sealed = sealed.saturating_add(held.len());
            shipments.insert(shipment);
        }
        for shipment in &shipments {
            records.extend(self.sign_verdict(transaction, *shipment, SignVerdict::OnChange)?);
            records.extend(self.sign_finding(transaction, *shipment)?);
        }
        records.extend(self.sign_later(transaction, &shipments)?);
        self.follow(transaction, &records)?;
        Ok(sealed)
    }
}

fn open_phase(view: &mut View<'_>, identity: &Identity, shipment: Id) -> Result<Option<Phase>, AppError> {
    let phase = standing(view, identity, shipment)?.phase();
    Ok((phase != Phase::Cancelled).then_some(phase))
}

fn lateness(phase: Phase, is_after_crash: bool) -> Option<Lateness> {
    match (is_after_crash, phase) {
        (true, _) => Some(Lateness::SealedAfterCrash),
        (false, Phase::Received | Phase::Closed) => Some(Lateness::RecordedLate),
        (false, _) => None,
    }
}
