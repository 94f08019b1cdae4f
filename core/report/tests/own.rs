//! What leaves the device of loggers and people: the shipment's own, and of others what it cannot be told without.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{ANA, CARL, LOGGER, SHIPMENT, Scene, at, journey, person};
use firn_ledger::entry::Record;
use firn_model::api::ShipmentDetail;
use firn_model::id::{DeviceAddress, Id};
use firn_model::record::{AsFound, Body, Certificate, Ending, Logger, LoggerEnded, SinglePersonRelease};
use firn_model::role::Role;
use firn_report::Bundle;
use firn_report::verify::{CheckId, Status};
use std::collections::BTreeSet;

fn told(bundle: &Bundle) -> (ShipmentDetail, Vec<(CheckId, Status)>) {
    let verified = firn_report::verify(&firn_report::evidence::write(bundle), None);
    let checks = verified.checks.iter().map(|check| (check.id, check.status)).collect();
    (bundle.assess().unwrap().detail(SHIPMENT), checks)
}

fn enrolled(record: &Record) -> Option<Logger> {
    let is_logger = record.entry.payload().kind == u64::from(Logger::KIND.number());
    is_logger.then(|| Logger::from_bytes(&record.body).unwrap())
}

fn about_logger(record: &Record) -> Option<Id> {
    let ended = || LoggerEnded::from_bytes(&record.body).ok().map(|ended| ended.logger);
    enrolled(record).map(|logger| logger.id).or_else(ended)
}

fn other(scene: &mut Scene, id: u8, certificate: Option<Certificate>) {
    let logger = scene.bundle.loggers.iter().find_map(enrolled).unwrap();
    let label = format!("Other {id}");
    let body =
        Logger { id: Id([id; 16]), label, address: Some(DeviceAddress([id; 6])), certificate, ..logger };
    scene.tell_of_loggers(1, &body);
}

fn certificate() -> Certificate {
    Certificate {
        number: "C-1".into(),
        laboratory: "Lab".into(),
        calibrated: at(-1000),
        due: at(100_000),
        uncertainty_mc: None,
        points: Vec::new(),
        as_found: AsFound::WithinTolerance,
    }
}

fn of_loggers(bundle: &Bundle) -> BTreeSet<Id> {
    bundle.loggers.iter().filter_map(about_logger).collect()
}

#[test]
fn a_logger_that_was_never_in_the_shipment_leaves_with_neither_its_enrolment_nor_its_end() {
    let mut scene = journey();
    other(&mut scene, 0x77, None);
    let ended = |id| LoggerEnded { logger: id, ending: Ending::Lost, reason: "stolen".into() };
    scene.tell_of_loggers(2, &ended(Id([0x77; 16])));
    scene.tell_of_loggers(3, &ended(LOGGER));
    let own = scene.bundle.clone().of_its_own().unwrap();
    assert_eq!(of_loggers(&scene.bundle), BTreeSet::from([LOGGER, Id([0x77; 16])]));
    assert_eq!(of_loggers(&own), BTreeSet::from([LOGGER]));
    let ends = own.loggers.iter().filter(|record| enrolled(record).is_none()).count();
    assert_eq!(ends, 1, "that its own logger ended is told");
    assert_eq!(told(&own), told(&scene.bundle));
}

#[test]
fn one_certificate_of_another_logger_stays_where_its_own_is_asked_for_one_because_of_it() {
    let mut scene = Scene::new();
    other(&mut scene, 0x77, Some(certificate()));
    other(&mut scene, 0x78, Some(certificate()));
    scene.create(5, "DN-1", "");
    scene.start(10);
    let own = scene.bundle.clone().of_its_own().unwrap();
    assert_eq!(of_loggers(&own), BTreeSet::from([LOGGER, Id([0x77; 16])]));
    assert_eq!(told(&own), told(&scene.bundle));
}

#[test]
fn who_signed_nothing_is_named_only_where_an_entry_counts_otherwise_without_them() {
    let mut scene = journey();
    scene.enrol(10_000, &person(ANA, "Zelda", Some("Secret"), Role::Pharmacist));
    assert_eq!(scene.bundle.clone().of_its_own().unwrap().people, Vec::new());

    let mut scene = Scene::new();
    scene.enrol(1, &person(ANA, "Zelda", Some("Secret"), Role::Pharmacist));
    scene.enrol(2, &person(CARL, "Yann", None, Role::Courier));
    scene.create(5, "DN-1", "");
    let own = scene.bundle.clone().of_its_own().unwrap();
    assert_eq!(own.people, Vec::new());
    scene.set_policy(6, SinglePersonRelease::Allowed);
    let own = scene.bundle.clone().of_its_own().unwrap();
    assert_eq!(told(&own), told(&scene.bundle), "a rule without a person's signature counts in neither");
    let named: Vec<Id> = own.people.iter().filter_map(firn_report::bundle::about_person).collect();
    assert_eq!(named, [ANA], "one is enough to say that a person was asked for");
}

#[test]
fn what_nobody_may_rule_leaves_with_no_shipment_however_often_it_was_signed() {
    let mut scene = journey();
    let clean = scene.bundle.clone().of_its_own().unwrap();
    for number in 0..20_u8 {
        let body = [&[0x58, 100][..], &[number; 100]].concat();
        let (record, _) = scene.van.sign(620, 42, None, body, vec![], vec![]);
        scene.bundle.loggers.push(record);
    }
    let own = scene.bundle.clone().of_its_own().unwrap();
    assert_eq!(own.loggers, clean.loggers);
    assert_eq!(told(&own), told(&clean));
}
