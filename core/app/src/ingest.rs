//! Taking readings into a shipment: sealed in batches, judged, signed.

use crate::append::{Appended, Happened, SignVerdict};
use crate::bundle::bundle_records;
use crate::seal::{self, Known};
use crate::{App, AppError, Host};
use firn_ledger::store::View;
use firn_model::api::Phase;
use firn_model::id::Id;
use firn_model::reading::Reading;
use firn_model::record::{Batch, Body, Kind, Lateness, Logger, Readings};
use firn_model::time::UtcMillis;

/// Readings for a shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Which shipment.
    pub shipment: Id,
    /// The logger that they came from.
    pub logger: Logger,
    /// The readings, in any order.
    pub readings: Vec<Reading>,
    /// Where they came from, in words for an error.
    pub origin: String,
}

/// What became of readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingested {
    /// How many values were sealed, over all channels; zero where all were held already.
    pub sealed: usize,
    /// The entries that were signed, the verdict last where it changed.
    pub entries: Vec<Appended>,
}

impl<H: Host> App<H> {
    /// Seals those readings that the shipment does not hold yet, and signs the verdict where it changes.
    ///
    /// # Errors
    /// `app/no-readings` for none at all, `app/out-of-order` once the record is closed, and the ledger's.
    pub async fn ingest(&self, incoming: Incoming) -> Result<Ingested, AppError> {
        if incoming.readings.is_empty() {
            return Err(AppError::NoReadings(incoming.origin));
        }
        let Incoming { shipment, logger, readings, .. } = incoming;
        let (known, late) = self.known(shipment, logger.id).await?;
        let batches = seal::batches(logger.id, logger.interval_s, &readings, &known);
        if batches.is_empty() {
            return Ok(Ingested { sealed: 0, entries: Vec::new() });
        }
        let sealed = batches.iter().map(|batch| batch.times.len()).sum();
        let happened =
            batches.iter().map(|batch| sealed_batch(shipment, batch, late)).collect::<Result<_, _>>()?;
        let entries = self.sign(happened, SignVerdict::OnChange, |_| Ok(())).await?;
        Ok(Ingested { sealed, entries })
    }

    /// What is sealed of a logger in a shipment, and whether more would come late.
    async fn known(&self, shipment: Id, logger: Id) -> Result<(Known, Option<Lateness>), AppError> {
        let identity = self.host.identity();
        self.host
            .with_store(move |store| {
                store.read(|view| {
                    let story = crate::append::standing(view, &identity, shipment)?;
                    let late = match story.phase() {
                        Phase::Closed | Phase::Cancelled => {
                            return Err(AppError::OutOfOrder("the shipment's record is closed"));
                        }
                        Phase::Received => Some(Lateness::RecordedLate),
                        Phase::Created | Phase::InTransit => None,
                    };
                    Ok((sealed_samples(view, shipment, logger)?, late))
                })
            })
            .await
    }
}

/// The entry that brings a batch.
pub(crate) fn sealed_batch(
    shipment: Id,
    batch: &Batch,
    lateness: Option<Lateness>,
) -> Result<Happened, AppError> {
    let time = |time: Option<&UtcMillis>| time.copied().unwrap_or_default();
    let body = Readings {
        logger: batch.logger,
        channel: batch.channel,
        source: batch.source,
        count: u32::try_from(batch.times.len()).unwrap_or(u32::MAX),
        first: time(batch.times.first()),
        last: time(batch.times.last()),
        lateness,
    };
    Ok(Happened {
        kind: Kind::Readings.number(),
        shipment: Some(shipment),
        body: body.to_bytes(),
        batches: vec![batch.to_bytes()?],
    })
}

/// What a shipment holds of a logger.
pub(crate) fn sealed_samples(view: &mut View<'_>, shipment: Id, logger: Id) -> Result<Known, AppError> {
    let mut known = Known::new();
    for record in bundle_records(view, shipment)? {
        for address in &record.entry.payload().batches {
            let Some(bytes) = view.batch(address)? else { continue };
            let batch = Batch::from_bytes(&bytes)?;
            if batch.logger == logger {
                let samples = batch.times.iter().copied().zip(batch.values.iter().copied());
                known.entry(batch.channel).or_default().extend(samples);
            }
        }
    }
    Ok(known)
}
