//! What measured: loggers, and their certificates of calibration.

use super::section::{column, fact, number, wide};
use super::{Block, Fact, Listing, Matter, Section, text, words};
use firn_model::api::EndedLogger;
use firn_model::id::Id;
use firn_model::record::{Certificate, Logger};
use firn_model::units::MilliCelsius;

const NONE: &str = "No logger travelled in it.";

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    vec![loggers(matter), calibration(matter)]
}

fn loggers(matter: &Matter<'_>) -> Section {
    let columns = vec![
        wide("Label", 4),
        wide("Family", 2),
        wide("Serial number", 3),
        column("Bluetooth address"),
        wide("Package", 4),
        number("Interval"),
    ];
    let rows = matter.detail.loggers.iter().map(|logger| logger_row(matter, logger)).collect();
    let listing = Listing { columns, rows, none: NONE };
    let mut blocks = vec![Block::Table(listing)];
    let ended = matter.detail.ended.iter();
    let ended: Vec<Fact> =
        ended.flat_map(|(id, ended)| ended.each().map(|ended| ended_as(matter, *id, ended))).collect();
    if !ended.is_empty() {
        blocks.push(Block::Facts { rows: ended });
    }
    Section::new("Loggers", blocks)
}

/// `Box 8 as lost, recorded 2026-11-29 10:20:00 UTC by Ana Lima: left in the van`.
fn ended_as(matter: &Matter<'_>, logger: Id, ended: &EndedLogger) -> Fact {
    let (label, at) = (matter.logger(logger), matter.instant(ended.at));
    let device = ended.device.as_ref();
    let by = device.map(|device| format!(" by {}", words::hand(ended.person.as_ref(), device)));
    let (by, how) = (by.unwrap_or_default(), ended.ending.words());
    fact("Ended", format!("{label} as {how}, recorded {at}{by}: {}", ended.reason))
}

fn logger_row(matter: &Matter<'_>, logger: &Logger) -> Vec<String> {
    let started = matter.assessed.story.started.as_ref();
    let placements = started.map(|started| started.says.placements.as_slice()).unwrap_or_default();
    let package = placements.iter().find(|placement| placement.logger == logger.id);
    let address = logger.address.map(|address| address.to_string());
    let dash = || "–".to_owned();
    vec![
        logger.label.clone(),
        logger.family.clone(),
        logger.serial.clone().unwrap_or_else(dash),
        address.unwrap_or_else(dash),
        package.and_then(|placement| placement.package.clone()).unwrap_or_else(dash),
        logger.interval_s.map_or_else(dash, |seconds| text::duration(u64::from(seconds) * 1000)),
    ]
}

/// The certificates as they were at the pick-up, and what was found of them since.
fn calibration(matter: &Matter<'_>) -> Section {
    let columns = vec![
        wide("Logger", 3),
        wide("Certificate", 3),
        wide("Laboratory", 3),
        column("Calibrated"),
        column("Due"),
        number("Accuracy"),
        number("Offset"),
        wide("Standing", 3),
    ];
    let rows = matter.detail.loggers.iter().map(|logger| calibration_row(matter, logger)).collect();
    let listing = Listing { columns, rows, none: NONE };
    Section::new("Calibration", vec![Block::Table(listing)])
}

fn calibration_row(matter: &Matter<'_>, logger: &Logger) -> Vec<String> {
    let certificate = logger.certificate.as_ref();
    let of = |value: fn(&Certificate) -> String| certificate.map_or_else(|| "–".into(), value);
    let degrees = |value: i32| text::celsius(MilliCelsius(value));
    let accuracy = logger.accuracy_mc.and_then(|accuracy| i32::try_from(accuracy).ok());
    vec![
        logger.label.clone(),
        of(|certificate| certificate.number.clone()),
        of(|certificate| certificate.laboratory.clone()),
        matter.local_or_dash(certificate.map(|certificate| certificate.calibrated)),
        matter.local_or_dash(certificate.map(|certificate| certificate.due)),
        accuracy.map_or_else(|| "–".into(), |accuracy| format!("±{}", degrees(accuracy))),
        logger.offset_mc.map_or_else(|| "–".into(), degrees),
        words::calibration(matter.detail.calibration.get(&logger.id).copied()).to_owned(),
    ]
}
