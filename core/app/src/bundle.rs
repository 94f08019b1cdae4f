//! Gathers one shipment's evidence from the store.

use crate::{AppError, read_model};
use firn_ledger::bytes::{Hash, OrganisationId};
use firn_ledger::entry::{Batch, Record};
use firn_ledger::store::View;
use firn_model::id::Id;
use firn_report::bundle::{Bundle, subject};
use std::collections::BTreeSet;

/// The whole bundle of a shipment.
pub(crate) fn bundle(
    view: &mut View<'_>,
    organisation: &OrganisationId,
    shipment: Id,
) -> Result<Bundle, AppError> {
    let records = bundle_records(view, shipment)?;
    let addresses: BTreeSet<Hash> =
        records.iter().flat_map(|record| record.entry.payload().batches.iter().copied()).collect();
    let mut batches = Vec::new();
    for address in &addresses {
        if let Some(bytes) = view.batch(address)? {
            batches.push(Batch::new(bytes).map_err(firn_ledger::error::LedgerError::from)?);
        }
    }
    let loggers = read_model::logger_records(view)?;
    let membership = read_model::membership(view, organisation)?;
    let people = read_model::people_records(view)?;
    let people = firn_report::bundle::people_of(people, records.iter().chain(&loggers), &membership);
    let statements = read_model::statements(view)?;
    Ok(Bundle { organisation: *organisation, shipment, statements, loggers, records, batches, people })
}

/// The entries about a shipment.
pub(crate) fn bundle_records(view: &mut View<'_>, shipment: Id) -> Result<Vec<Record>, AppError> {
    let mut records = Vec::new();
    for (log, sequence) in view.by_subject(&subject(shipment))? {
        records.extend(view.entry(&log, sequence)?);
    }
    Ok(records)
}
