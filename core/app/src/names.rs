//! Finding what a person named: by id, by a unique prefix, or by label.

use crate::AppError;
use data_encoding::HEXLOWER;
use firn_ledger::bytes::LogId;
use firn_model::api::{Device, ShipmentSummary};
use firn_model::gs1;
use firn_model::id::{Id, SHORTEST_PREFIX};
use firn_model::record::{Logger, Person};

/// The shipment that `name` names by id or unique prefix; else by its reference, or by one of its packages.
pub(crate) fn shipment(name: &str, shipments: &[ShipmentSummary]) -> Result<Id, AppError> {
    if shipments.iter().any(|summary| summary.id.has_prefix(name)) {
        return by_id("shipment", name, shipments.iter().map(|summary| summary.id));
    }
    let [reference, package] = [gs1::reference(name), gs1::package(name)].map(Result::ok);
    let known = |summary: &&ShipmentSummary| {
        reference.as_ref().is_some_and(|reference| *reference == summary.reference)
            || package.as_ref().is_some_and(|package| summary.packages.contains(package))
    };
    one("shipment", name, shipments.iter().filter(known).map(|summary| summary.id))
}

/// The one of `ids` that `name` names.
pub(crate) fn by_id(what: &'static str, name: &str, ids: impl Iterator<Item = Id>) -> Result<Id, AppError> {
    one(what, name, ids.filter(|id| id.has_prefix(name)))
}

/// The logger that `name` names by id, unique prefix, label or serial number; never the nearest.
pub(crate) fn logger<'a>(name: &str, loggers: &'a [Logger]) -> Result<&'a Logger, AppError> {
    let named = |logger: &&Logger| {
        logger.id.has_prefix(name) || logger.label == name || logger.serial.as_deref() == Some(name)
    };
    one("logger", name, loggers.iter().filter(named))
}

fn one<T>(what: &'static str, name: &str, mut found: impl Iterator<Item = T>) -> Result<T, AppError> {
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(AppError::NotFound { what, name: name.into() }),
        (Some(_), Some(_)) => Err(AppError::Ambiguous { what, name: name.into() }),
    }
}

/// The person whom `name` names by id, unique prefix or exact name.
pub(crate) fn person<'a>(name: &str, people: &'a [Person]) -> Result<&'a Person, AppError> {
    one("person", name, people.iter().filter(|person| person.id.has_prefix(name) || person.name == name))
}

/// The log of the device that `name` names by its label or by a unique prefix of its log's id.
pub(crate) fn device(name: &str, devices: &[Device]) -> Result<LogId, AppError> {
    let wanted = name.to_ascii_lowercase();
    let is_prefix = |log: &str| wanted.len() >= SHORTEST_PREFIX && log.starts_with(&wanted);
    let named = devices.iter().filter(|device| device.label == name || is_prefix(&device.log));
    let device = one("device", name, named)?;
    let log = HEXLOWER.decode(device.log.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    log.map(LogId).ok_or_else(|| AppError::Record("the id of a log".into()))
}
