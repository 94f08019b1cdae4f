//! The log download of RuuviTag over the Nordic UART Service.
//!
//! Source: Ruuvi's documentation "Log read" and "Nordic UART Service". A request is
//! `3A 3A 11 | now | from` (both u32 seconds, big-endian). Each sample comes as three packets of eleven
//! bytes, `3A 30 10 | time | i32 0.01 °C`, `3A 31 10 | time | u32 0.01 %`, `3A 32 10 | time | u32 Pa`,
//! in no guaranteed order; `3A 3A 10` and eight bytes FF end the log. The tag has no clock: it counts
//! seconds since boot and adds the difference to `now` when it is asked, so that one sample may come
//! with times up to two seconds apart in two requests.

mod samples;

use super::{Action, Coverage, Dialog, DialogError, Progress, Request, Summary};
use crate::address::BluetoothUuid;
use crate::bytes::Bytes;
use crate::codec::ruuvi::format_5_body;
use firn_model::reading::Reading;
use firn_model::time::UtcMillis;
use samples::{Field, Samples};

/// The Nordic UART Service.
pub const SERVICE: BluetoothUuid = BluetoothUuid::from_u128(0x6e400001_b5a3_f393_e0a9_e50e24dcca9e);
/// The characteristic the phone writes to.
pub const WRITE: BluetoothUuid = BluetoothUuid::from_u128(0x6e400002_b5a3_f393_e0a9_e50e24dcca9e);
/// The characteristic the tag notifies on.
pub const NOTIFY: BluetoothUuid = BluetoothUuid::from_u128(0x6e400003_b5a3_f393_e0a9_e50e24dcca9e);

/// How long the dialog waits for records before it asks again, in seconds.
pub const STALL_S: u32 = 30;
/// How often it asks again without a new record before it gives up.
const MOST_STALLS: u8 = 3;
/// How often it asks again for records that seem to be missing.
const MOST_REPAIRS: u8 = 2;
/// How many complete records make a batch.
const BATCH: usize = 64;

/// Endpoint of all three environmental values in Ruuvi's message format.
const ENVIRONMENT: u8 = 0x3A;
/// Message type: read the log from a time on.
const READ_LOG: u8 = 0x11;
/// Message type: one logged value.
const LOG_VALUE: u8 = 0x10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Receiving,
    Ended,
}

/// The download of one RuuviTag's log.
#[derive(Debug)]
pub struct RuuviTag {
    phase: Phase,
    /// The first second that was asked for; zero is the whole log.
    from: u32,
    requests: Vec<Request>,
    samples: Samples,
    refused: usize,
    last_record: UtcMillis,
    stalls: u8,
    repairs_left: u8,
    /// Records still missing when the last repair began.
    missing_before: usize,
    resumed: bool,
    /// A request for everything since `from` has been answered to its end.
    proven: bool,
    /// The request under way asks for everything since `from`.
    asking_for_all: bool,
    /// An answer to everything since `from` left out what had come before: the log was purged, or a part
    /// of it written over.
    purged: bool,
}

impl Default for RuuviTag {
    fn default() -> Self {
        Self::new()
    }
}

impl RuuviTag {
    /// A download that has not begun.
    pub fn new() -> Self {
        Self {
            phase: Phase::Idle,
            from: 0,
            requests: Vec::new(),
            samples: Samples::default(),
            refused: 0,
            last_record: UtcMillis(0),
            stalls: 0,
            repairs_left: MOST_REPAIRS,
            missing_before: usize::MAX,
            resumed: false,
            proven: false,
            asking_for_all: false,
            purged: false,
        }
    }

    /// The bytes of a request; times outside 1970 to 2106 become the nearest that can be sent.
    fn request(now: UtcMillis, from: u32) -> Vec<u8> {
        let mut bytes = vec![ENVIRONMENT, ENVIRONMENT, READ_LOG];
        bytes.extend_from_slice(&seconds(now).to_be_bytes());
        bytes.extend_from_slice(&from.to_be_bytes());
        bytes
    }

    fn parse_request(bytes: &[u8]) -> Option<(u32, u32)> {
        let mut bytes = Bytes(bytes);
        let [ENVIRONMENT, 0x30..=0x32 | ENVIRONMENT, READ_LOG] = bytes.array()? else { return None };
        Some((bytes.u32_be()?, bytes.u32_be()?))
    }

    /// Notes a new request and what it means for the records to come.
    fn begin(&mut self, now: UtcMillis, from: u32, at: UtcMillis) {
        self.phase = Phase::Receiving;
        self.asking_for_all = from <= self.from;
        self.last_record = at;
        self.samples.begin_round();
        self.requests.push(Request { now, from: UtcMillis(i64::from(from).saturating_mul(1000)) });
    }

    fn ask(&mut self, now: UtcMillis, from: u32) -> Action {
        self.begin(now, from, now);
        Action::Write {
            service: SERVICE,
            characteristic: WRITE,
            bytes: Self::request(now, from),
            with_response: true,
        }
    }

    /// Takes one packet of the message format.
    fn on_packet(&mut self, packet: [u8; 11], at: UtcMillis) -> Vec<Action> {
        let [destination, source, kind, t0, t1, t2, t3, v0, v1, v2, v3] = packet;
        let (time, value) = ([t0, t1, t2, t3], [v0, v1, v2, v3]);
        if destination != ENVIRONMENT || self.phase != Phase::Receiving {
            return Vec::new();
        }
        match kind {
            LOG_VALUE if time == [0xFF; 4] && value == [0xFF; 4] && source == ENVIRONMENT => self.on_end(at),
            LOG_VALUE => self.on_value(source, u32::from_be_bytes(time), packet, at),
            0xF0 | 0xE0 => self.abandon(DialogError::LoggerTimedOut),
            0xEA => self.abandon(DialogError::LoggerUnauthorised),
            0xEE => self.abandon(DialogError::LoggerFailed),
            _ => self.refuse(),
        }
    }

    fn refuse(&mut self) -> Vec<Action> {
        self.refused = self.refused.saturating_add(1);
        Vec::new()
    }

    /// Takes one logged value; one from the future or outside its range is no value.
    fn on_value(&mut self, source: u8, time: u32, packet: [u8; 11], at: UtcMillis) -> Vec<Action> {
        let latest = self.requests.last().map_or(0, |request| seconds(request.now)).saturating_add(60);
        let Some(field) = Field::of_packet(source, packet).filter(|_| (1..=latest).contains(&time)) else {
            return self.refuse();
        };
        self.last_record = at;
        if self.samples.take(time, field, packet, at) {
            self.stalls = 0;
        }
        if self.samples.ready() < BATCH { Vec::new() } else { self.commit() }
    }

    /// Gives the complete records that have not been given yet.
    fn commit(&mut self) -> Vec<Action> {
        let batch = self.samples.give_complete();
        if batch.is_empty() {
            return Vec::new();
        }
        let done = self.samples.given();
        vec![Action::Readings(batch), Action::Progress(Progress { done, total: None })]
    }

    /// The end of one answer: asks again where records may be missing, or finishes.
    fn on_end(&mut self, at: UtcMillis) -> Vec<Action> {
        self.proven |= self.asking_for_all;
        self.samples.end_round();
        self.purged |= self.asking_for_all && self.samples.some_did_not_come_again();
        let mut actions = self.commit();
        match self.ask_again_from() {
            Some(from) => actions.push(self.ask(at, from)),
            None => {
                actions.extend(self.give_rest());
                actions.push(Action::Finished(self.summary()));
            }
        }
        actions
    }

    /// From where to ask again after an answer that came to its end.
    fn ask_again_from(&mut self) -> Option<u32> {
        if self.repairs_left == 0 {
            return None;
        }
        let (missing, earliest) = self.samples.missing();
        if !self.whole() {
            self.repairs_left = self.repairs_left.saturating_sub(1);
            self.missing_before = missing;
            return Some(self.from);
        }
        let earliest = earliest.filter(|_| missing < self.missing_before)?;
        self.repairs_left = self.repairs_left.saturating_sub(1);
        self.missing_before = missing;
        Some(earliest.max(self.from))
    }

    /// Whether nothing older can be missing: the log was read in one go, or joins what was known before.
    fn whole(&self) -> bool {
        self.proven || !self.resumed || self.samples.joins(self.from)
    }

    fn give_rest(&mut self) -> Vec<Action> {
        self.phase = Phase::Ended;
        self.samples.end_round();
        let rest = self.samples.give_all();
        if rest.is_empty() { Vec::new() } else { vec![Action::Readings(rest)] }
    }

    fn summary(&self) -> Summary {
        Summary {
            readings: self.samples.given(),
            incomplete: self.samples.incomplete(),
            repeated: self.samples.repeated(),
            refused: self.refused,
            interval_s: self.samples.interval(),
            coverage: if self.whole() && !self.purged { Coverage::Whole } else { Coverage::Unproven },
            requests: self.requests.clone(),
            ..Summary::default()
        }
    }

    fn ask_for_rest(&mut self, now: UtcMillis) -> Action {
        self.resumed = true;
        self.samples.end_round();
        let from = self.samples.last_received().unwrap_or(self.from).max(self.from);
        self.ask(now, from)
    }
}

impl Dialog for RuuviTag {
    fn start(&mut self, now: UtcMillis, from: Option<UtcMillis>) -> Vec<Action> {
        self.from = from.map_or(0, seconds);
        vec![Action::Subscribe { service: SERVICE, characteristic: NOTIFY }, self.ask(now, self.from)]
    }

    fn resume(&mut self, now: UtcMillis) -> Vec<Action> {
        if self.phase == Phase::Ended {
            return Vec::new();
        }
        vec![Action::Subscribe { service: SERVICE, characteristic: NOTIFY }, self.ask_for_rest(now)]
    }

    fn on_notification(&mut self, characteristic: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Action> {
        if characteristic != NOTIFY {
            return Vec::new();
        }
        if let Some(live) = <[u8; 18]>::try_from(bytes).ok().and_then(|head| format_5_body(&head)) {
            return vec![Action::Live(live)];
        }
        match <[u8; 11]>::try_from(bytes) {
            Ok(packet) => self.on_packet(packet, at),
            Err(_) => self.refuse(),
        }
    }

    fn on_tick(&mut self, at: UtcMillis) -> Vec<Action> {
        if self.wake_at().is_none_or(|due| at < due) {
            return Vec::new();
        }
        if self.stalls >= MOST_STALLS {
            let seconds = STALL_S.saturating_mul(u32::from(self.stalls).saturating_add(1));
            return self.abandon(DialogError::Stalled { seconds });
        }
        self.stalls = self.stalls.saturating_add(1);
        let mut actions = self.commit();
        actions.push(self.ask_for_rest(at));
        actions
    }

    fn wake_at(&self) -> Option<UtcMillis> {
        (self.phase == Phase::Receiving).then(|| self.last_record.plus_seconds(i64::from(STALL_S)))
    }

    fn abandon(&mut self, reason: DialogError) -> Vec<Action> {
        if self.phase == Phase::Ended {
            return Vec::new();
        }
        let mut actions = self.give_rest();
        actions.push(Action::Failed(reason));
        actions
    }

    fn readings(&self) -> Vec<Reading> {
        self.samples.readings()
    }

    fn recorded_clock(&self, bytes: &[u8]) -> Option<UtcMillis> {
        Self::parse_request(bytes).map(|(now, _)| UtcMillis(i64::from(now).saturating_mul(1000)))
    }

    fn on_recorded_write(&mut self, bytes: &[u8], at: UtcMillis) {
        let Some((now, from)) = Self::parse_request(bytes) else { return };
        if self.requests.is_empty() {
            self.from = from;
        } else {
            self.resumed = true;
            self.samples.end_round();
        }
        // A recording answers no further questions.
        self.repairs_left = 0;
        self.begin(UtcMillis(i64::from(now).saturating_mul(1000)), from, at);
    }
}

/// Whole seconds since 1970; times outside what 32 bits hold become the nearest that they do.
fn seconds(at: UtcMillis) -> u32 {
    u32::try_from(at.0.max(0) / 1000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
