//! Q-tag CLm doc: the results of one trip, its alarms, and the activation energy of its MKT.

use super::super::FileError;
use super::super::logger_file::{AlarmEvent, FileFormat, LoggerFile, Reported};
use super::head::{Entry, Head};
use super::{Clock, minutes};
use firn_model::profile::{ActivationEnergy, AlarmMode, AlarmRule, Bound, MOST_RULES, Severity};
use firn_model::units::parse_scaled;
use std::collections::BTreeMap;

/// Fills in what is a Q-tag's own.
pub(super) fn fill(file: &mut LoggerFile, head: &Head, clock: &Clock) -> Result<(), FileError> {
    file.format = FileFormat::QTag;
    file.alarms = alarms(head, clock)?;
    file.delta_h = head.find("Conf/MKT Energy").map(energy).transpose()?;
    let temperature = |path: &str| head.find(path).map(|entry| clock.temperature(entry)).transpose();
    // The rest of the file stands without these two.
    let time = |path: &str| head.find(path).and_then(|entry| clock.instant(entry).ok().flatten());
    file.reported = Reported {
        min: temperature("Res/Min T")?.flatten(),
        min_at: time("Res/TS Min T"),
        max: temperature("Res/Max T")?.flatten(),
        max_at: time("Res/TS Max T"),
        mean: temperature("Res/Avrg T")?.flatten(),
        mkt: temperature("Res/MKT")?.flatten(),
        alarms: events(head, clock)?,
    };
    Ok(())
}

fn energy(entry: &Entry) -> Result<ActivationEnergy, FileError> {
    let scaled = parse_scaled(&entry.value, 6).ok().and_then(|scaled| u32::try_from(scaled).ok());
    scaled.map(ActivationEnergy).ok_or_else(|| entry.malformed("is no energy in kJ/mol"))
}

/// The alarms that are on. Types: 1 and 2 in one stretch, below and above; 3 and 4 in total, below and
/// above. The file of a real Q-tag bears it out: each alarm went off after its time by that reading.
fn alarms(head: &Head, clock: &Clock) -> Result<Vec<AlarmRule>, FileError> {
    let mut alarms = Vec::new();
    for entry in head.entries.iter().filter(|entry| entry.key() == "Type") {
        let number = entry.path.strip_prefix("Conf/Alarm/").and_then(|rest| rest.strip_suffix("/Type"));
        let Some(number) = number else { continue };
        let (bound, mode) = match entry.value.as_str() {
            "0" => continue,
            "1" => (Bound::Below, AlarmMode::Single),
            "2" => (Bound::Above, AlarmMode::Single),
            "3" => (Bound::Below, AlarmMode::Cumulative),
            "4" => (Bound::Above, AlarmMode::Cumulative),
            _ => return Err(entry.malformed("is no type of alarm that is known")),
        };
        if alarms.len() >= MOST_RULES {
            return Err(entry.malformed("is one alarm more than a profile holds"));
        }
        let find = |key: &str| head.find(&format!("Conf/Alarm/{number}/{key}"));
        let limit = find("T AL").map(|limit| clock.temperature(limit)).transpose()?.flatten();
        let allowance_s = minutes(find("t AL"))?;
        let (Some(limit), Some(allowance_s)) = (limit, allowance_s) else {
            return Err(entry.malformed("has no limit or no time"));
        };
        let severity = Severity::Alarm;
        alarms.push(AlarmRule {
            id: number.to_owned(),
            bound,
            limit,
            mode,
            allowance_s,
            severity,
            inclusive: false,
        });
    }
    Ok(alarms)
}

/// The alarms that went off: one line each.
fn events(head: &Head, clock: &Clock) -> Result<Vec<AlarmEvent>, FileError> {
    let mut lines: BTreeMap<u32, (&str, BTreeMap<&str, &Entry>)> = BTreeMap::new();
    for entry in &head.entries {
        let Some((number, key)) = entry.path.strip_prefix("Res/Alarm/").and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        lines.entry(entry.line).or_insert_with(|| (number, BTreeMap::new())).1.insert(key, entry);
    }
    let mut events = Vec::new();
    for (number, values) in lines.into_values() {
        let instant = |key: &str| values.get(key).map(|entry| clock.instant(entry)).transpose();
        let Some(triggered_at) = instant("TS A")?.flatten() else { continue };
        events.push(AlarmEvent {
            id: number.to_owned(),
            triggered_at,
            begin: instant("TS S")?.flatten(),
            end: instant("TS E")?.flatten(),
            accumulated_s: minutes(values.get("t A").copied())?,
            extreme: values.get("T M").map(|entry| clock.temperature(entry)).transpose()?.flatten(),
        });
    }
    Ok(events)
}
