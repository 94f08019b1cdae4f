//! Log downloads as state machines without I/O: notifications and time in, actions and readings out.
//!
//! A driver carries out the actions and feeds back what arrives: [`crate::replay()`] does so over a
//! recording. Nothing here reads a clock or waits. RuuviTag has a machine of its own; all other dialogs
//! are a `Protocol`, the bytes of one family, run by one `Engine`, which keeps order, holes, repetitions,
//! stalls and resumption in one place.

pub mod blue_maestro;
pub mod device;
pub mod ela;
pub mod ela_en12830;
pub(crate) mod engine;
pub mod govee_h5075;
pub mod govee_h5179;
pub mod present;
pub mod pvvx;
mod record;
pub mod ruuvi;
pub mod ruuvi_air;
pub mod sensirion;
mod series;
pub mod thermopro;

use crate::address::BluetoothUuid;
use crate::radio::Characteristic;
use firn_model::reading::{Measurement, Reading};
use firn_model::time::{UtcMillis, UtcOffset};

pub use device::DeviceName;
pub use firn_model::record::ClockSet;

/// The dialog for an enrolled logger: with its log where its kind is known, else, for a family that is read
/// by its adverts, with the value that it shows now. None for a family that is not known.
pub fn of_logger(family: &str, advertised: &str, options: &DialogOptions) -> Option<Box<dyn Dialog + Send>> {
    if let Some(device) = DeviceName::of_logger(family, advertised) {
        return Some(device.dialog_with(options));
    }
    let is_known = crate::families().any(|known| known.name == family);
    is_known.then(|| Box::new(present::Present::new()) as Box<dyn Dialog + Send>)
}

/// What a dialog asks its driver to do, or tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Subscribe to the notifications of a characteristic.
    Subscribe {
        /// The service that holds it.
        service: BluetoothUuid,
        /// The characteristic.
        characteristic: BluetoothUuid,
    },
    /// Read a characteristic; what it holds, or that it cannot be read, goes to [`Dialog::on_value`].
    Read {
        /// The service that holds it.
        service: BluetoothUuid,
        /// The characteristic.
        characteristic: BluetoothUuid,
    },
    /// Write to a characteristic.
    Write {
        /// The service that holds it.
        service: BluetoothUuid,
        /// The characteristic.
        characteristic: BluetoothUuid,
        /// The bytes.
        bytes: Vec<u8>,
        /// Whether the logger is to confirm the write.
        with_response: bool,
    },
    /// Further readings of the log, ascending by time within the batch; each is given exactly once.
    Readings(Vec<Reading>),
    /// A value measured now, told by the connected logger: no log record.
    Live(Measurement),
    /// What the logger sent, byte for byte, where its form is not public: to be kept, and not checked.
    Raw(Vec<u8>),
    /// The logger's clock was set, by the write before: told once, for the record.
    ClockSet(ClockSet),
    /// How far the download is.
    Progress(Progress),
    /// Close the connection and make another: this logger begins an answer only there.
    Reconnect,
    /// The log has been read; nothing follows.
    Finished(Summary),
    /// The download ended early; all that was received has been given as readings.
    Failed(DialogError),
}

/// How far a download is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Log records received.
    pub done: usize,
    /// Log records there are, where the logger says so.
    pub total: Option<usize>,
}

/// Whether the log was read from end to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coverage {
    /// All that the logger held from the requested time on.
    Whole,
    /// What arrived does not rule out a hole: the transfer broke off, or the logger numbers nothing.
    #[default]
    Unproven,
    /// There is no log: what was read is the value that the device shows now.
    NoLog,
}

/// Whether a logger's clock may be set, which some refuse their history without.
///
/// Setting a clock changes the logger: it is never done unless a person has allowed it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockWrite {
    /// It may not.
    #[default]
    Forbidden,
    /// It may be set to the phone's time, in local time with this offset.
    Allowed {
        /// Local time less UTC.
        offset: UtcOffset,
    },
}

/// What a dialog needs to know beyond the logger's own bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DialogOptions {
    /// Whether the logger's clock may be set.
    pub clock_write: ClockWrite,
    /// The logger's password, where it has one. It goes over the air in clear.
    pub password: Option<String>,
    /// The logging interval in seconds, where the log itself does not tell it.
    pub interval_s: Option<u32>,
}

/// The password stays out of every print.
impl std::fmt::Debug for DialogOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DialogOptions")
            .field("clock_write", &self.clock_write)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("interval_s", &self.interval_s)
            .finish()
    }
}

/// One request for records: the evidence for the times computed from the phone's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The phone's clock as it was sent to the logger.
    pub now: UtcMillis,
    /// The time from which records were asked for.
    pub from: UtcMillis,
}

/// What a finished download amounts to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Readings given.
    pub readings: usize,
    /// Readings among them that lack a value the logger records.
    pub incomplete: usize,
    /// Records received again and recognised.
    pub repeated: usize,
    /// Values and packets refused: malformed, out of range, or from the future.
    pub refused: usize,
    /// The usual spacing of the records in seconds, where there are at least two.
    pub interval_s: Option<u32>,
    /// Whether the log was read from end to end.
    pub coverage: Coverage,
    /// Every request that was sent.
    pub requests: Vec<Request>,
    /// Places in the log for which nothing came, though they were asked for again.
    pub missing: usize,
    /// Records that came again with other bytes; the first are kept.
    pub conflicts: usize,
    /// How often the log turned out to be another one than before: purged, or begun anew.
    pub resets: usize,
    /// How often the logger's clock, or the phone's, jumped between two records or two answers.
    pub clock_jumps: usize,
    /// How far the phone's clock was ahead of the logger's, in milliseconds, where it has one.
    pub clock_offset_ms: Option<i64>,
    /// Readings whose time nobody knows; they count from 1970 (clock quality never-set).
    pub untimed: usize,
    /// The clock was set during the download, and to what.
    pub clock_set: Option<ClockSet>,
    /// The logger sent a check value whose rule is not public: nothing was checked.
    pub not_checked: bool,
}

/// Why a download ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialogError {
    /// The logger stays connected and sends no records.
    #[error("the logger has sent no log records for {seconds} seconds")]
    Stalled {
        /// How long it was waited for.
        seconds: u32,
    },
    /// The logger gave up by its own time limit.
    #[error("the logger ended the transfer by its own time limit")]
    LoggerTimedOut,
    /// The logger wants to be unlocked first.
    #[error("the logger refuses to hand over its log")]
    LoggerUnauthorised,
    /// The logger reports an internal error.
    #[error("the logger reports an internal error")]
    LoggerFailed,
    /// The link was lost and not restored.
    #[error("the connection to the logger was lost")]
    Disconnected,
    /// The logger hands over its history only after its clock has been set, and nobody has allowed that.
    #[error("the logger hands over its log only after its clock has been set, which was not allowed")]
    ClockConsentNeeded,
    /// The logger answered with damaged data each time it was asked.
    #[error("the logger's answers arrived damaged each time")]
    Damaged,
    /// The logger holds no log.
    #[error("the logger says that it has no log")]
    NoLog,
    /// The device shows no temperature over a connection.
    #[error("the device has no log and shows no present temperature over a connection")]
    NoPresentValue,
    /// The log is of a kind that this dialog does not know.
    #[error("the logger's log has a format that is not known")]
    UnknownLogFormat,
}

impl DialogError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stalled { .. } => "ble/stalled",
            Self::LoggerTimedOut => "ble/logger-timed-out",
            Self::LoggerUnauthorised => "ble/logger-unauthorised",
            Self::LoggerFailed => "ble/logger-failed",
            Self::Disconnected => "ble/disconnected",
            Self::ClockConsentNeeded => "ble/clock-consent-needed",
            Self::Damaged => "ble/damaged",
            Self::NoLog => "ble/no-log",
            Self::NoPresentValue => "ble/no-present-value",
            Self::UnknownLogFormat => "ble/unknown-log-format",
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Stalled { .. } | Self::LoggerTimedOut | Self::Disconnected | Self::Damaged => {
                "Hold the logger nearer and download again; what was received is kept."
            }
            Self::LoggerUnauthorised => "Unlock the logger in its maker's app, then download again.",
            Self::ClockConsentNeeded => {
                "Allow it once for this logger: `firn logger clock LOGGER --zone TZ`, where it stands."
            }
            Self::NoLog => "Start the logger's recording in its maker's app; there is nothing to read yet.",
            Self::NoPresentValue => {
                "Check that it measures now, or listen to its adverts (`firn listen`), which may tell more."
            }
            Self::UnknownLogFormat => "Read this logger in its maker's app, and send us a recording of it.",
            Self::LoggerFailed => {
                "Restart the logger only after its log is safe; try the download once more."
            }
        }
    }
}

/// A log download.
///
/// The driver calls [`Dialog::start`] once the link is up, [`Dialog::resume`] after each further
/// connection, and carries out all actions in order. After `Finished` or `Failed` there are no more.
pub trait Dialog {
    /// Learns what the connected device offers, after each connection and before anything else.
    fn offered(&mut self, _offered: &[Characteristic]) {}
    /// Begins: asks for the records from `from` on, or for all.
    fn start(&mut self, now: UtcMillis, from: Option<UtcMillis>) -> Vec<Action>;
    /// Goes on over a new connection, keeping what was received over earlier ones.
    fn resume(&mut self, now: UtcMillis) -> Vec<Action>;
    /// Takes one notification.
    fn on_notification(&mut self, characteristic: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Action>;
    /// Takes the answer to [`Action::Read`]: the value, or none where the device refused it.
    fn on_value(
        &mut self,
        _characteristic: BluetoothUuid,
        _value: Option<&[u8]>,
        _at: UtcMillis,
    ) -> Vec<Action> {
        Vec::new()
    }
    /// Takes the passing of time.
    fn on_tick(&mut self, at: UtcMillis) -> Vec<Action>;
    /// When [`Dialog::on_tick`] has something to do at the latest, if ever.
    fn wake_at(&self) -> Option<UtcMillis>;
    /// Gives up for a reason of the driver's: gives the remaining readings, then `Failed`.
    fn abandon(&mut self, reason: DialogError) -> Vec<Action>;
    /// All log readings so far, ascending by time.
    fn readings(&self) -> Vec<Reading>;
    /// The phone's clock inside a recorded request; `None` if the bytes are no request for records.
    fn recorded_clock(&self, bytes: &[u8]) -> Option<UtcMillis>;
    /// Whether recorded bytes ask for records, with a clock inside or without.
    fn is_recorded_request(&self, bytes: &[u8]) -> bool {
        self.recorded_clock(bytes).is_some()
    }
    /// The local time, in milliseconds since 1970 without an offset, that recorded bytes set a clock to.
    fn recorded_clock_write(&self, _bytes: &[u8]) -> Option<i64> {
        None
    }
    /// Takes a recorded request in place of `start` or `resume`.
    fn on_recorded_write(&mut self, bytes: &[u8], at: UtcMillis);
}
