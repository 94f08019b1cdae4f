//! The log download of Ruuvi Air over the Nordic UART Service: many records in one packet.
//!
//! Source: Ruuvi's firmware (`nus.c`, `ruuvi_endpoints.h`) and documentation "Log read". A request is
//! `3B 3B 21 | now u32 | from u32` (seconds, big-endian). Packets come as `3B 3B 20 | records | 26` and so
//! many records of 38 bytes, `time u32 | data format E1 without its address`; one with zero records ends
//! the answer. A packet may come in pieces where the connection carries short notifications only.
//!
//! The logger adds the difference of `now` to its own clock in whole seconds, the same for all records of
//! one answer, and offers no middle section: an answer that breaks off is asked for again as a whole. The
//! Air's E1 record counts measurements, not log records, so that a hole shows by its length alone, and a
//! loss at either end not at all: the log counts as whole once two answers have had the same ends.

use super::engine::{Ask, Engine, Heard, Protocol, Recorded, Wanted};
use super::ruuvi::{NOTIFY, SERVICE, WRITE};
use super::series::{Record, Series};
use super::{Action, DialogError};
use crate::address::BluetoothUuid;
use crate::bytes::Bytes;
use crate::codec::ruuvi::e1_record;
use firn_model::reading::ClockQuality;
use firn_model::time::UtcMillis;

const AIR: u8 = 0x3B;
const READ_LOG: u8 = 0x21;
const RECORDS: u8 = 0x20;
/// The length of one record.
const RECORD: usize = 38;
const HEAD: usize = 5;
/// By how many seconds the times of two answers may differ.
const SLACK: i64 = 2;
/// How often the log is asked for.
const MOST_ANSWERS: u8 = 5;

/// The download of one Ruuvi Air's log.
pub type RuuviAir = Engine<Packets>;

/// The bytes of Ruuvi Air's log.
#[derive(Debug, Default)]
pub struct Packets {
    latest: u32,
    /// A packet of which pieces are still to come.
    piece: Vec<u8>,
    refused: bool,
    answers: u8,
    missing_before: Option<usize>,
    /// The lowest and the highest second of the answer under way.
    reach: Option<(i64, i64)>,
    ended: bool,
    /// Answers that came to their end.
    ends: Vec<(i64, i64)>,
    whole: bool,
}

impl RuuviAir {
    /// A download that has not begun.
    pub fn new() -> Self {
        // A record's first four bytes are its computed time.
        Engine::over(Packets::default(), 4)
    }
}

impl Default for RuuviAir {
    fn default() -> Self {
        Self::new()
    }
}

fn seconds(at: UtcMillis) -> u32 {
    u32::try_from(at.0.max(0) / 1000).unwrap_or(u32::MAX)
}

/// The request for all records from `from` on.
pub(crate) fn request(now: UtcMillis, from: Option<UtcMillis>) -> Vec<u8> {
    let mut bytes = vec![AIR, AIR, READ_LOG];
    bytes.extend_from_slice(&seconds(now).to_be_bytes());
    bytes.extend_from_slice(&from.map_or(0, seconds).to_be_bytes());
    bytes
}

/// How long the packet is that begins with these bytes; none if they begin no packet.
fn length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [AIR, AIR, RECORDS, count, 38, ..] => Some(HEAD + usize::from(*count) * RECORD),
        _ => None,
    }
}

impl Packets {
    fn begin(&mut self, log: &mut Series, now: UtcMillis) {
        self.latest = seconds(now).saturating_add(60);
        self.piece.clear();
        (self.ended, self.refused, self.reach) = (false, false, None);
        log.begin(-SLACK..=SLACK);
    }

    fn on_packet(&mut self, log: &mut Series, packet: &[u8], at: UtcMillis) -> Heard {
        let (records, _) = packet.get(HEAD..).unwrap_or_default().as_chunks::<RECORD>();
        if records.is_empty() {
            self.ended = true;
            return Heard::End(Vec::new());
        }
        let mut refused = false;
        for raw in records {
            let mut bytes = Bytes(raw);
            let time = bytes.u32_be().filter(|time| (1..=self.latest).contains(time));
            if let Some(time) = time {
                let time = i64::from(time);
                let (low, high) = self.reach.unwrap_or((time, time));
                self.reach = Some((low.min(time), high.max(time)));
                if log.repeats(time, raw) {
                    continue;
                }
            }
            let measurement = bytes.array().and_then(|body| e1_record(&body));
            let Some((time, measurement)) = time.zip(measurement) else {
                refused = true;
                continue;
            };
            let time = i64::from(time);
            log.take(Record {
                place: time,
                time: UtcMillis(time.saturating_mul(1000)),
                clock: ClockQuality::ComputedFromPhone,
                logger_time_ms: Some(time.saturating_mul(1000)),
                received: at,
                measurement,
                raw: raw.to_vec(),
            });
        }
        self.refused |= refused;
        if refused { Heard::Refused } else { Heard::Data }
    }

    /// Whether two answers reached from the oldest record to the newest.
    fn agreed(&self, log: &Series) -> bool {
        let Some((lowest, highest)) = log.ends() else { return self.ends.len() > 1 };
        let added = log.spacing().unwrap_or(0).saturating_mul(2);
        let reaches = |(low, high): &&(i64, i64)| *low <= lowest && *high >= highest.saturating_sub(added);
        self.ends.iter().filter(reaches).count() > 1
    }

    /// How many records seem to be missing: a spacing of more than one and a half intervals is a hole.
    fn missing(log: &Series) -> usize {
        log.spacing().map_or(0, |step| log.holes(step, None).len())
    }
}

impl Protocol for Packets {
    const SERVICE: BluetoothUuid = SERVICE;
    const NOTIFY: &'static [BluetoothUuid] = &[NOTIFY];

    fn ask(
        &mut self,
        log: &mut Series,
        _wanted: Wanted,
        from: Option<UtcMillis>,
        now: UtcMillis,
    ) -> Result<Ask, DialogError> {
        self.begin(log, now);
        self.answers = self.answers.saturating_add(1);
        let bytes = request(now, from);
        Ok(vec![Action::Write { service: SERVICE, characteristic: WRITE, bytes, with_response: true }].into())
    }

    fn hear(&mut self, log: &mut Series, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Heard {
        if length(bytes) == Some(bytes.len()) {
            // A whole packet: what was begun before it never came to its end.
            let torn = !std::mem::take(&mut self.piece).is_empty();
            self.refused |= torn;
            return self.on_packet(log, bytes, at);
        }
        if self.piece.is_empty() && length(bytes).is_none() {
            return Heard::Nothing;
        }
        self.piece.extend_from_slice(bytes);
        let length = length(&self.piece).unwrap_or(0);
        match self.piece.len().cmp(&length) {
            std::cmp::Ordering::Less => Heard::Data,
            std::cmp::Ordering::Equal => {
                let packet = std::mem::take(&mut self.piece);
                self.on_packet(log, &packet, at)
            }
            std::cmp::Ordering::Greater => {
                self.piece.clear();
                self.refused = true;
                Heard::Refused
            }
        }
    }

    fn break_off(&mut self) {
        self.piece.clear();
        self.ended = false;
    }

    fn next(&mut self, log: &Series) -> Option<Wanted> {
        if std::mem::take(&mut self.ended) {
            let shift = log.shift().unwrap_or(0);
            let shifted = |(low, high): (i64, i64)| (low.saturating_add(shift), high.saturating_add(shift));
            self.ends.push(self.reach.map_or((0, 0), shifted));
            self.whole = self.agreed(log);
        }
        let missing = Self::missing(log).saturating_add(usize::from(self.refused));
        let fewer = self.missing_before.replace(missing).is_none_or(|before| missing < before);
        let open = !self.whole || (missing > 0 && fewer);
        (open && self.answers < MOST_ANSWERS).then_some(Wanted::All)
    }

    /// Two whole answers have had the same ends, but for what was added since, and these hold no hole.
    fn proven(&self, log: &Series) -> bool {
        self.whole && Self::missing(log) == 0
    }

    fn expected(&self, log: &Series) -> (i64, Option<(i64, i64)>) {
        (log.spacing().unwrap_or(1), None)
    }

    fn recorded_clock(&self, bytes: &[u8]) -> Option<UtcMillis> {
        let [AIR, AIR, READ_LOG, n0, n1, n2, n3, ..] = *bytes else { return None };
        Some(UtcMillis(i64::from(u32::from_be_bytes([n0, n1, n2, n3])).saturating_mul(1000)))
    }

    fn is_request(bytes: &[u8]) -> bool {
        bytes.starts_with(&[AIR, AIR, READ_LOG])
    }

    fn recorded(&mut self, log: &mut Series, bytes: &[u8], _at: UtcMillis) -> Option<Recorded> {
        let clock = self.recorded_clock(bytes)?;
        let from = bytes.get(7..).and_then(|rest| Bytes(rest).u32_be()).unwrap_or(0);
        self.begin(log, clock);
        Some(Recorded { clock: Some(clock), from: UtcMillis(i64::from(from).saturating_mul(1000)) })
    }
}
