//! Fridge-tag 2 and 2 L: a summary of each day, newest first.

use super::super::FileError;
use super::super::logger_file::{AlarmEvent, Day, DayAlarm, FileFormat, LoggerFile, Reported};
use super::head::{Entry, Head};
use super::{Clock, local, minutes};
use firn_model::profile::{AlarmMode, AlarmRule, Bound, Severity};
use firn_model::time::LocalInstant;
use firn_model::units::MilliCelsius;
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;

/// Fills in what is a Fridge-tag's own.
pub(super) fn fill(file: &mut LoggerFile, head: &Head, clock: &Clock) -> Result<(), FileError> {
    file.format = FileFormat::FridgeTag;
    file.alarms = alarms(head, clock)?;
    file.days = days(head, clock)?;
    let lowest = file.days.iter().filter_map(|day| day.min).min_by_key(|(value, _)| *value);
    let highest = file.days.iter().filter_map(|day| day.max).max_by_key(|(value, _)| *value);
    file.reported = Reported {
        min: lowest.map(|(value, _)| value),
        min_at: lowest.and_then(|(_, at)| at),
        max: highest.map(|(value, _)| value),
        max_at: highest.and_then(|(_, at)| at),
        mean: None,
        mkt: None,
        alarms: events(&file.days),
    };
    Ok(())
}

/// Alarm 0 is the lower one, 1 the upper. Both count in one stretch: a real Fridge-tag 2 L with 60 minutes
/// gave none on a day with 147 minutes above in pieces.
fn alarms(head: &Head, clock: &Clock) -> Result<Vec<AlarmRule>, FileError> {
    let mut alarms = Vec::new();
    for (id, bound) in [("0", Bound::Below), ("1", Bound::Above)] {
        let Some(limit) = head.find(&format!("Conf/Alarm/{id}/T AL")) else { continue };
        let Some(limit) = clock.temperature(limit)? else { continue };
        let allowance_s = minutes(head.find(&format!("Conf/Alarm/{id}/t AL")))?.unwrap_or(0);
        let (mode, severity) = (AlarmMode::Single, Severity::Alarm);
        alarms.push(AlarmRule {
            id: id.to_owned(),
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

fn days(head: &Head, clock: &Clock) -> Result<Vec<Day>, FileError> {
    let mut groups: BTreeMap<&str, BTreeMap<&str, &Entry>> = BTreeMap::new();
    for entry in &head.entries {
        let in_day = entry.path.strip_prefix("Hist/").and_then(|rest| rest.split_once('/'));
        if let Some((number, key)) = in_day {
            groups.entry(number).or_default().insert(key, entry);
        }
    }
    let mut days: Vec<Day> =
        groups.values().map(|values| Summary { values, clock }.day()).collect::<Result<_, _>>()?;
    days.sort_by_key(|day| day.wall_ms);
    Ok(days)
}

/// The statements about one day, by the path below its number.
struct Summary<'a> {
    values: &'a BTreeMap<&'a str, &'a Entry>,
    clock: &'a Clock,
}

impl Summary<'_> {
    fn day(&self) -> Result<Day, FileError> {
        let Some(date) = self.values.get("Date").copied() else {
            let line = self.values.values().map(|entry| entry.line).min().unwrap_or(0);
            return Err(FileError::Line { line, cause: "a day without its date".into() });
        };
        let begin = local(date.line, &format!("{} 00:00", date.value))?.wall_ms();
        Ok(Day {
            date: date.value.clone(),
            wall_ms: (begin, begin.saturating_add(DAY_MS)),
            min: self.extreme(date, "Min T", "TS Min T")?,
            max: self.extreme(date, "Max T", "TS Max T")?,
            mean: self.temperature("Avrg T")?,
            alarms: ["0", "1"]
                .iter()
                .filter_map(|id| self.alarm(date, id).transpose())
                .collect::<Result<_, _>>()?,
            sensor_timeout_s: minutes(self.values.get("Int Sensor timeout/t AccST").copied())?.unwrap_or(0),
            events: self.values.get("Events").and_then(|entry| entry.value.parse().ok()).unwrap_or(0),
        })
    }

    fn temperature(&self, key: &str) -> Result<Option<MilliCelsius>, FileError> {
        self.values.get(key).map_or(Ok(None), |entry| self.clock.temperature(entry))
    }

    /// A time of that day.
    fn time(&self, date: &Entry, key: &str) -> Result<Option<LocalInstant>, FileError> {
        let Some(entry) = self.values.get(key).filter(|entry| !is_no_time(&entry.value)) else {
            return Ok(None);
        };
        let local = local(entry.line, &format!("{} {}", date.value, entry.value))?;
        self.clock.zone.place_one(entry.line, local).map(Some)
    }

    fn extreme(
        &self,
        date: &Entry,
        value: &str,
        time: &str,
    ) -> Result<Option<(MilliCelsius, Option<LocalInstant>)>, FileError> {
        let Some(value) = self.temperature(value)? else { return Ok(None) };
        Ok(Some((value, self.time(date, time)?)))
    }

    fn alarm(&self, date: &Entry, id: &str) -> Result<Option<DayAlarm>, FileError> {
        let Some(time) = self.values.get(format!("Alarm/{id}/t Acc").as_str()) else { return Ok(None) };
        Ok(Some(DayAlarm {
            id: id.to_owned(),
            accumulated_s: minutes(Some(time))?.unwrap_or(0),
            triggered_at: self.time(date, &format!("Alarm/{id}/TS A"))?,
        }))
    }
}

/// `--:--` stands where nothing happened.
fn is_no_time(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_digit())
}

/// The alarms that went off: one that lasts over midnight is told again at 00:00 and is the same.
fn events(days: &[Day]) -> Vec<AlarmEvent> {
    let mut events: Vec<AlarmEvent> = Vec::new();
    for id in ["0", "1"] {
        let mut lasting: Option<(i64, usize)> = None;
        for day in days {
            let Some(alarm) = day.alarms.iter().find(|alarm| alarm.id == id) else { continue };
            let Some(triggered_at) = alarm.triggered_at else { continue };
            let (begin, end) = day.wall_ms;
            let wall =
                triggered_at.at.0.saturating_add(i64::from(triggered_at.offset.0).saturating_mul(1000));
            match lasting.filter(|(until, _)| *until == begin && wall == begin) {
                Some((_, place)) => {
                    let event = events.get_mut(place);
                    let total = event.and_then(|event| event.accumulated_s.as_mut());
                    total.into_iter().for_each(|total| *total = total.saturating_add(alarm.accumulated_s));
                    lasting = Some((end, place));
                }
                None => {
                    lasting = Some((end, events.len()));
                    events.push(AlarmEvent {
                        id: id.to_owned(),
                        triggered_at,
                        begin: None,
                        end: None,
                        accumulated_s: Some(alarm.accumulated_s),
                        extreme: None,
                    });
                }
            }
        }
    }
    events.sort_by_key(|event| event.triggered_at.at);
    events
}
