//! Finding what a person named: by id, by a unique prefix, or by label.

use crate::AppError;
use firn_ledger::membership::Member;
use firn_model::api::{PartnerShown, ShipmentSummary};
use firn_model::gs1;
use firn_model::id::{Id, SHORTEST_PREFIX};
use firn_model::record::{Logger, Person, PersonStanding};

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

/// The device that `name` names by its label, or by a prefix of at least six digits of its log's or its
/// endpoint's id; of its logs one that is not revoked.
pub(crate) fn device<'a>(
    name: &str,
    members: impl Iterator<Item = &'a Member>,
) -> Result<&'a Member, AppError> {
    let prefix = |id: String| name.len() >= SHORTEST_PREFIX && id.starts_with(&name.to_ascii_lowercase());
    let named = |member: &&Member| {
        let enrolment = &member.enrolment;
        enrolment.label == name || prefix(enrolment.log.to_string()) || prefix(enrolment.endpoint.to_string())
    };
    let named: Vec<&Member> = members.filter(named).collect();
    let there = || named.iter().copied().filter(|member| member.cut.is_none());
    match there().next() {
        Some(_) => one("device", name, there()),
        None => one("device", name, named.iter().copied()),
    }
}

fn one<T>(what: &'static str, name: &str, mut found: impl Iterator<Item = T>) -> Result<T, AppError> {
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(AppError::NotFound { what, name: name.into() }),
        (Some(_), Some(_)) => Err(AppError::Ambiguous { what, name: name.into() }),
    }
}

/// The organisation that `name` names by its exact name, or by a prefix of at least six digits of its fingerprint.
pub(crate) fn partner<'a>(name: &str, partners: &'a [PartnerShown]) -> Result<&'a PartnerShown, AppError> {
    let digits: String = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-')).collect();
    let digits = digits.to_ascii_lowercase();
    let named = |partner: &&PartnerShown| {
        let prefix = digits.len() >= SHORTEST_PREFIX && partner.organisation.to_string().starts_with(&digits);
        partner.name == name || prefix
    };
    one("partner", name, partners.iter().filter(named))
}

/// The person whom `name` names by id, unique prefix or exact name; among those who share a name one who still
/// signs.
pub(crate) fn person<'a>(name: &str, people: &'a [Person]) -> Result<&'a Person, AppError> {
    let named = || people.iter().filter(|person| person.id.has_prefix(name) || person.name == name);
    let active = || named().filter(|person| person.standing == PersonStanding::Active);
    match active().next() {
        Some(_) => one("person", name, active()),
        None => one("person", name, named()),
    }
}
