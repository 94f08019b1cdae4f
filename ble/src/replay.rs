//! Recorded log downloads, run through the same dialogs as live ones.
//!
//! A recording is one JSON object a line, in order: `dir` (`write` or `notify`), `hex`, and optionally
//! `char` (the characteristic, or its end behind `…`) and `t` (the time: RFC 3339, or the time of day
//! `12:18:01.942`). Where neither a request nor `t` tells the date, times count from 1970 and say so by
//! their clock quality.

use crate::address::BluetoothUuid;
use crate::dialog::engine::STALL_S;
use crate::dialog::{Action, Dialog, DialogError, DialogOptions};
use data_encoding::HEXLOWER_PERMISSIVE;
use firn_model::reading::{ClockQuality, Reading};
use firn_model::time::{LocalInstant, UtcMillis};
use serde::Deserialize;

pub use crate::dialog::DeviceName;

/// Why a recording gives no whole log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// There is no log dialog of this name.
    #[error("no log download is known for {name:?}; known are: {}", known_devices())]
    UnknownDevice {
        /// The name that was asked for.
        name: String,
    },
    /// A line has another form.
    #[error("line {line}: {why}")]
    Line {
        /// Counted from one.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The recording holds no request for records.
    #[error("the recording holds no request for log records")]
    NoRequest,
    /// The recording ends before the log does.
    #[error("the recording ends before the log does, after {} readings", readings.len())]
    Unfinished {
        /// What it held.
        readings: Vec<Reading>,
    },
    /// The logger ended the download with an error.
    #[error("line {line}: {cause}, after {} readings", readings.len())]
    Dialog {
        /// Counted from one.
        line: usize,
        /// The dialog's error.
        cause: DialogError,
        /// What was received until then.
        readings: Vec<Reading>,
    },
}

fn known_devices() -> String {
    DeviceName::ALL.map(DeviceName::as_str).join(", ")
}

impl ReplayError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownDevice { .. } => "ble/unknown-device",
            Self::Line { .. } => "ble/bad-recording",
            Self::NoRequest => "ble/no-request",
            Self::Unfinished { .. } => "ble/unfinished",
            Self::Dialog { cause, .. } => cause.code(),
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::UnknownDevice { .. } => "Name one of the known devices.",
            Self::Line { .. } => "Correct the line: it needs dir (write or notify) and hex.",
            Self::NoRequest => "Record the download from its first write on.",
            Self::Unfinished { .. } => "Record the download to its end; the readings so far are kept.",
            Self::Dialog { cause, .. } => cause.next_step(),
        }
    }

    /// The readings received before the error.
    pub fn kept(&self) -> &[Reading] {
        match self {
            Self::Unfinished { readings } | Self::Dialog { readings, .. } => readings,
            _ => &[],
        }
    }
}

#[derive(Deserialize)]
struct Line {
    dir: Direction,
    hex: String,
    #[serde(rename = "char")]
    characteristic: Option<String>,
    t: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Write,
    Notify,
}

struct Event {
    line: usize,
    direction: Direction,
    characteristic: BluetoothUuid,
    bytes: Vec<u8>,
    /// Milliseconds on the recording's own clock.
    clock_ms: Option<i64>,
    /// That clock has a date.
    dated: bool,
}

/// What a recorded download holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Its readings, ascending by time.
    pub readings: Vec<Reading>,
    /// What the logger sent, byte for byte, where its form is not public.
    pub session: Option<Vec<u8>>,
    /// The local time that the logger's clock was set to, as milliseconds since 1970 without an offset: a
    /// recording does not tell the offset.
    pub clock_set_to: Option<i64>,
}

/// Runs the dialog of `device` over a recording and gives its readings, ascending by time.
///
/// The phone's clock is that of the recorded request; `received` follows it by the recording's own times
/// where it has any. Empty lines do not count.
pub fn replay<'a>(
    device: DeviceName,
    lines: impl Iterator<Item = &'a str>,
) -> Result<Vec<Reading>, ReplayError> {
    replay_with(device, &DialogOptions::default(), lines).map(|replayed| replayed.readings)
}

/// The same with all that the recording holds, and with what the log itself does not tell.
pub fn replay_with<'a>(
    device: DeviceName,
    options: &DialogOptions,
    lines: impl Iterator<Item = &'a str>,
) -> Result<Replayed, ReplayError> {
    let numbered = lines.enumerate().filter(|(_, line)| !line.trim().is_empty());
    let events: Vec<Event> = numbered
        .map(|(index, line)| event(device, index.saturating_add(1), line))
        .collect::<Result<_, _>>()?;
    let mut dialog = device.dialog_with(options);
    let start = Start::of(device, dialog.as_ref(), &events).ok_or(ReplayError::NoRequest)?;
    let mut replayed = Replayed::default();
    let ended = run(device, dialog.as_mut(), &start, &events, &mut replayed);
    let readings = start.dated(dialog.readings());
    match ended {
        Ended::Finished => Ok(Replayed { readings, ..replayed }),
        Ended::Failed { line, cause } => Err(ReplayError::Dialog { line, cause, readings }),
        Ended::CutOff => Err(ReplayError::Unfinished { readings }),
    }
}

/// The phone's clock at one moment of the recording.
struct Start {
    clock: UtcMillis,
    at_ms: Option<i64>,
    /// The date is known, not only the time of day or nothing.
    dated: bool,
}

impl Start {
    /// The clock inside the first request that holds one; else the recording's own time of it.
    fn of(device: DeviceName, dialog: &dyn Dialog, events: &[Event]) -> Option<Self> {
        let mut writes = events.iter().filter(|event| event.direction == Direction::Write);
        if let Some((clock, event)) =
            writes.clone().find_map(|event| Some((dialog.recorded_clock(&event.bytes)?, event)))
        {
            return Some(Self { clock, at_ms: event.clock_ms, dated: true });
        }
        let request = writes.find(|event| dialog.is_recorded_request(&event.bytes));
        let event = request.or_else(|| events.first().filter(|_| device.starts_by_subscribing()))?;
        let clock = UtcMillis(event.clock_ms.unwrap_or(0));
        Some(Self { clock, at_ms: event.clock_ms, dated: event.dated })
    }

    fn at(&self, event: &Event) -> UtcMillis {
        let elapsed = event.clock_ms.zip(self.at_ms).map_or(0, |(now, then)| now.saturating_sub(then));
        UtcMillis(self.clock.0.saturating_add(elapsed))
    }

    /// Times computed from a clock without a date are nobody's.
    fn dated(&self, mut readings: Vec<Reading>) -> Vec<Reading> {
        let computed = readings.iter_mut().filter(|reading| reading.clock == ClockQuality::ComputedFromPhone);
        for reading in computed.filter(|_| !self.dated) {
            reading.clock = ClockQuality::NeverSet;
        }
        readings
    }
}

enum Ended {
    Finished,
    Failed { line: usize, cause: DialogError },
    CutOff,
}

fn run(
    device: DeviceName,
    dialog: &mut dyn Dialog,
    start: &Start,
    events: &[Event],
    replayed: &mut Replayed,
) -> Ended {
    if device.starts_by_subscribing() {
        dialog.on_recorded_write(&[], start.clock);
    }
    let mut at = start.clock;
    for event in events {
        at = start.at(event);
        if event.direction == Direction::Write {
            replayed.clock_set_to = replayed.clock_set_to.or(dialog.recorded_clock_write(&event.bytes));
            dialog.on_recorded_write(&event.bytes, at);
            continue;
        }
        for action in dialog.on_notification(event.characteristic, &event.bytes, at) {
            match action {
                Action::Raw(session) => replayed.session = Some(session),
                Action::Finished(_) => return Ended::Finished,
                Action::Failed(cause) => return Ended::Failed { line: event.line, cause },
                _ => {}
            }
        }
    }
    // A log without an end mark ends by silence.
    let silence = dialog.on_tick(at.plus_seconds(i64::from(STALL_S)));
    if silence.iter().any(|action| matches!(action, Action::Finished(_))) {
        return Ended::Finished;
    }
    dialog.abandon(DialogError::Disconnected);
    Ended::CutOff
}

fn event(device: DeviceName, line: usize, text: &str) -> Result<Event, ReplayError> {
    let wrong = |why: String| ReplayError::Line { line, why };
    let read: Line = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let bytes = HEXLOWER_PERMISSIVE.decode(read.hex.as_bytes()).map_err(|error| wrong(error.to_string()))?;
    let characteristic = match read.characteristic {
        Some(text) => characteristic(device, &text).map_err(|why| wrong(format!("{text:?} is {why}")))?,
        None => device.notifies_on(),
    };
    let dated = read.t.as_deref().is_some_and(|text| LocalInstant::parse(text).is_ok());
    let clock_ms = read
        .t
        .map(|text| clock_ms(&text).ok_or_else(|| wrong(format!("{text:?} is no time"))))
        .transpose()?;
    Ok(Event { line, direction: read.dir, characteristic, bytes, clock_ms, dated })
}

/// A characteristic by its UUID, or by the end of one of the device's own behind `…`.
fn characteristic(device: DeviceName, text: &str) -> Result<BluetoothUuid, String> {
    match text.strip_prefix('…') {
        Some(end) => device
            .characteristics()
            .iter()
            .find(|uuid| !end.is_empty() && uuid.to_string().ends_with(&end.to_ascii_lowercase()))
            .copied()
            .ok_or_else(|| "the end of no characteristic of the device".to_owned()),
        None => BluetoothUuid::parse(text).map_err(|error| error.to_string()),
    }
}

/// Milliseconds of RFC 3339 since 1970, or of a time of day since midnight.
fn clock_ms(text: &str) -> Option<i64> {
    if let Ok(instant) = LocalInstant::parse(text) {
        return Some(instant.at.0);
    }
    LocalInstant::parse(&format!("1970-01-01T{text}Z")).ok().map(|instant| instant.at.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    #[test]
    fn an_unknown_device_is_refused_with_the_names_that_are_known() {
        let error = DeviceName::from_str("thermologger").unwrap_err();
        assert_eq!(error.code(), "ble/unknown-device");
        assert!(error.to_string().contains("ruuvitag"), "{error}");
    }

    #[test]
    fn a_bad_line_of_a_recording_is_named() {
        for bad in [r#"{"dir":"write"}"#, r#"{"dir":"up","hex":""}"#, r#"{"dir":"write","hex":"3"}"#, "x"] {
            let lines = [r#"{"dir":"notify","hex":"05"}"#, "", bad];
            let error = replay(DeviceName::RuuviTag, lines.into_iter()).unwrap_err();
            assert!(matches!(error, ReplayError::Line { line: 3, .. }), "{bad}: {error}");
        }
    }

    #[test]
    fn a_recording_cut_short_keeps_what_it_held() {
        let lines = [
            r#"{"dir":"write","hex":"3a3a115dc14c5600000000","t":"12:18:00.000"}"#,
            r#"{"dir":"notify","hex":"3a30105dc13462fffff8ac","t":"12:18:01.942"}"#,
        ];
        let error = replay(DeviceName::RuuviTag, lines.into_iter()).unwrap_err();
        assert_eq!(error.code(), "ble/unfinished");
        let [reading] = error.kept() else { panic!("{error}") };
        assert_eq!(reading.measurement.temperature.unwrap().0, -18_760);
        assert_eq!(reading.received.0, 1_572_949_078_000 + 1942);
        assert_eq!(replay(DeviceName::RuuviTag, std::iter::empty()), Err(ReplayError::NoRequest));
    }
}
