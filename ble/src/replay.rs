//! Recorded log downloads, run through the same dialogs as live ones.
//!
//! A recording is one JSON object a line, in order: `dir` (`write` or `notify`), `hex`, and optionally
//! `char` (the characteristic) and `t` (the time: RFC 3339, or the time of day `12:18:01.942`).

use crate::address::BluetoothUuid;
use crate::dialog::{Action, Dialog, DialogError, ruuvi};
use data_encoding::HEXLOWER_PERMISSIVE;
use firn_model::reading::Reading;
use firn_model::time::{LocalInstant, UtcMillis};
use serde::Deserialize;
use std::fmt;
use std::str::FromStr;

/// A family of loggers whose log dialog is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceName {
    /// RuuviTag.
    RuuviTag,
}

impl DeviceName {
    /// All families.
    pub const ALL: [Self; 1] = [Self::RuuviTag];

    /// The stable name, as `firn decode` prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RuuviTag => "ruuvitag",
        }
    }

    /// The family whose log this is, as [`crate::families()`] names it.
    pub fn family(self) -> &'static str {
        match self {
            Self::RuuviTag => "ruuvitag",
        }
    }

    /// A download that has not begun.
    pub fn dialog(self) -> Box<dyn Dialog + Send> {
        match self {
            Self::RuuviTag => Box::new(ruuvi::RuuviTag::new()),
        }
    }

    /// The characteristic on which the log arrives.
    fn notifies_on(self) -> BluetoothUuid {
        match self {
            Self::RuuviTag => ruuvi::NOTIFY,
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeviceName {
    type Err = ReplayError;
    fn from_str(text: &str) -> Result<Self, ReplayError> {
        let known = Self::ALL.into_iter().find(|name| name.as_str() == text);
        known.ok_or_else(|| ReplayError::UnknownDevice { name: text.to_owned() })
    }
}

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
}

/// Runs the dialog of `device` over a recording and gives its readings, ascending by time.
///
/// The phone's clock is that of the recorded request; `received` follows it by the recording's own times
/// where it has any. Empty lines do not count.
pub fn replay<'a>(
    device: DeviceName,
    lines: impl Iterator<Item = &'a str>,
) -> Result<Vec<Reading>, ReplayError> {
    let numbered = lines.enumerate().filter(|(_, line)| !line.trim().is_empty());
    let events: Vec<Event> = numbered
        .map(|(index, line)| event(device, index.saturating_add(1), line))
        .collect::<Result<_, _>>()?;
    let mut dialog = device.dialog();
    let clocks = events.iter().filter(|event| event.direction == Direction::Write);
    let (clock, at_ms) = clocks
        .filter_map(|event| Some((dialog.recorded_clock(&event.bytes)?, event.clock_ms)))
        .next()
        .ok_or(ReplayError::NoRequest)?;
    for event in &events {
        let elapsed = event.clock_ms.zip(at_ms).map_or(0, |(now, then)| now.saturating_sub(then));
        let at = UtcMillis(clock.0.saturating_add(elapsed));
        if event.direction == Direction::Write {
            dialog.on_recorded_write(&event.bytes, at);
            continue;
        }
        for action in dialog.on_notification(event.characteristic, &event.bytes, at) {
            match action {
                Action::Finished(_) => return Ok(dialog.readings()),
                Action::Failed(cause) => {
                    return Err(ReplayError::Dialog { line: event.line, cause, readings: dialog.readings() });
                }
                _ => {}
            }
        }
    }
    dialog.abandon(DialogError::Disconnected);
    Err(ReplayError::Unfinished { readings: dialog.readings() })
}

fn event(device: DeviceName, line: usize, text: &str) -> Result<Event, ReplayError> {
    let wrong = |why: String| ReplayError::Line { line, why };
    let read: Line = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let bytes = HEXLOWER_PERMISSIVE.decode(read.hex.as_bytes()).map_err(|error| wrong(error.to_string()))?;
    let characteristic = match read.characteristic {
        Some(text) => BluetoothUuid::parse(&text).map_err(|error| wrong(format!("{text:?} is {error}")))?,
        None => device.notifies_on(),
    };
    let clock_ms = read
        .t
        .map(|text| clock_ms(&text).ok_or_else(|| wrong(format!("{text:?} is no time"))))
        .transpose()?;
    Ok(Event { line, direction: read.dir, characteristic, bytes, clock_ms })
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
