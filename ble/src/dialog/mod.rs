//! Log downloads as state machines without I/O: notifications and time in, actions and readings out.
//!
//! A driver carries out the actions and feeds back what arrives: [`crate::replay()`] does so over a
//! recording. Nothing here reads a clock or waits.

pub mod ruuvi;

use crate::address::BluetoothUuid;
use firn_model::reading::{Measurement, Reading};
use firn_model::time::UtcMillis;

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
    /// How far the download is.
    Progress(Progress),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All that the logger held from the requested time on.
    Whole,
    /// The transfer broke off and was resumed, and the order of the records does not rule out a hole.
    Unproven,
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Stalled { .. } | Self::LoggerTimedOut | Self::Disconnected => {
                "Hold the logger nearer and download again; what was received is kept."
            }
            Self::LoggerUnauthorised => "Unlock the logger in its maker's app, then download again.",
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
    /// Begins: asks for the records from `from` on, or for all.
    fn start(&mut self, now: UtcMillis, from: Option<UtcMillis>) -> Vec<Action>;
    /// Goes on over a new connection, keeping what was received over earlier ones.
    fn resume(&mut self, now: UtcMillis) -> Vec<Action>;
    /// Takes one notification.
    fn on_notification(&mut self, characteristic: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Action>;
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
    /// Takes a recorded request in place of `start` or `resume`.
    fn on_recorded_write(&mut self, bytes: &[u8], at: UtcMillis);
}
