//! The log download of Govee H5179: rows numbered by the logger's own minutes.
//!
//! Source: shuckc/govee_logger, `README.md`. A request on …2012 is `00 00 | first u32 | last u32`
//! (little-endian minutes since 1970); `00` begins the answer there and `02` ends it. Rows come on …2013:
//! `minute u32` and four of `i16 0.01 °C | u16 0.01 %`, each one minute before the one in front of it
//! (in the published trace only this order neither overlaps nor jumps); `FFFFFFFF` is none. The published
//! logger's clock was 2,661 minutes ahead, hence times are the logger's own and the offset of its newest
//! record is told. `33 10` would set the clock: it is never sent.

use super::engine::{Ask, Engine, Heard, Protocol, Recorded, Wanted};
use super::govee_h5075::{RECORDS, REQUESTS, SERVICE};
use super::series::{OVERLAP, Record, Series};
use super::{Action, DialogError, Summary};
use crate::address::BluetoothUuid;
use crate::bytes::Bytes;
use firn_model::reading::{ClockQuality, Measurement};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};

const MINUTE_MS: i64 = 60_000;
/// No clock that was set shows less: the first minute of 2020.
const SET_CLOCKS: i64 = 26_297_280;

/// The download of one Govee H5179's log.
pub type GoveeH5179 = Engine<Minutes>;

/// The bytes of Govee's dialog of absolute minutes.
#[derive(Debug, Default)]
pub struct Minutes {
    first: i64,
    /// What the request under way asks for, and those that were answered to their end.
    asking: (i64, i64),
    answered: Vec<(i64, i64)>,
    begun: bool,
    /// The logger has begun its answer.
    accepted: bool,
    ended: bool,
    offset_ms: Option<i64>,
}

impl GoveeH5179 {
    /// A download that has not begun.
    pub fn new() -> Self {
        Engine::over(Minutes::default(), 0)
    }
}

impl Default for GoveeH5179 {
    fn default() -> Self {
        Self::new()
    }
}

/// The request for the records from minute `first` to minute `last`.
pub(crate) fn request(first: u32, last: u32) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    bytes.extend_from_slice(&first.to_le_bytes());
    bytes.extend_from_slice(&last.to_le_bytes());
    bytes
}

fn measurement([c0, c1, h0, h1]: [u8; 4]) -> Option<Measurement> {
    let (celsius, humidity) = (i16::from_le_bytes([c0, c1]), u16::from_le_bytes([h0, h1]));
    ((-10_000..=15_000).contains(&celsius) && humidity <= 10_000).then(|| Measurement {
        temperature: Some(MilliCelsius(i32::from(celsius).saturating_mul(10))),
        humidity: Some(RelativeHumidity(u32::from(humidity).saturating_mul(100))),
        ..Measurement::default()
    })
}

impl Minutes {
    fn begin(&mut self, log: &mut Series, first: i64, last: i64) {
        if !std::mem::replace(&mut self.begun, true) {
            self.first = first;
        }
        self.asking = (first, last);
        (self.ended, self.accepted) = (false, false);
        log.begin(0..=0);
    }

    fn on_row(log: &mut Series, bytes: &[u8], at: UtcMillis) -> Heard {
        let mut bytes = Bytes(bytes);
        let Some(newest) = bytes.array().map(u32::from_le_bytes) else { return Heard::Refused };
        if bytes.0.len() != 16 {
            return Heard::Refused;
        }
        let (mut minute, mut refused) = (i64::from(newest), false);
        while let Some(raw) = bytes.array::<4>() {
            if let Some(measurement) = measurement(raw) {
                let time = UtcMillis(minute.saturating_mul(MINUTE_MS));
                let set = minute >= SET_CLOCKS;
                log.take(Record {
                    place: minute,
                    time,
                    clock: if set { ClockQuality::LoggerOwn } else { ClockQuality::NeverSet },
                    logger_time_ms: Some(time.0),
                    received: at,
                    measurement,
                    raw: raw.to_vec(),
                });
            } else {
                refused |= raw != [0xFF; 4];
            }
            minute = minute.saturating_sub(1);
        }
        if refused { Heard::Refused } else { Heard::Data }
    }

    /// Whether a hole has been asked for by name twice, and the logger had nothing.
    fn is_the_loggers_own(&self, hole: (i64, i64)) -> bool {
        let named = |(first, last): &&(i64, i64)| *first <= hole.0 && *last >= hole.1;
        self.answered.iter().skip(1).filter(named).count() > 1
    }

    /// The first stretch that may hold more: before the oldest, between records, behind the newest.
    fn doubtful(&self, log: &Series) -> Option<(i64, i64)> {
        let Some((lowest, highest)) = log.ends() else { return Some((self.first, i64::from(u32::MAX))) };
        let mut stretches = vec![(self.first, lowest.saturating_sub(1))];
        stretches.extend(log.holes(1, None));
        stretches.push((highest.saturating_add(1), i64::from(u32::MAX)));
        stretches.into_iter().find(|hole| hole.0 <= hole.1 && !self.is_the_loggers_own(*hole))
    }
}

impl Protocol for Minutes {
    const SERVICE: BluetoothUuid = SERVICE;
    const NOTIFY: &'static [BluetoothUuid] = &[REQUESTS, RECORDS];

    fn ask(
        &mut self,
        log: &mut Series,
        wanted: Wanted,
        from: Option<UtcMillis>,
        _now: UtcMillis,
    ) -> Result<Ask, DialogError> {
        let (first, last) = match wanted {
            Wanted::All => (from.map_or(0, |from| from.0 / MINUTE_MS), i64::from(u32::MAX)),
            // A row's number is that of its newest minute.
            Wanted::Places(low, high) => (low.saturating_sub(OVERLAP), high.saturating_add(OVERLAP)),
        };
        let minute = |value: i64| u32::try_from(value.max(0)).unwrap_or(u32::MAX);
        self.begin(log, first.max(0), last);
        let bytes = request(minute(first), minute(last));
        Ok(vec![Action::Write { service: SERVICE, characteristic: REQUESTS, bytes, with_response: true }]
            .into())
    }

    fn hear(&mut self, log: &mut Series, from: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Heard {
        match bytes {
            _ if from == RECORDS => Self::on_row(log, bytes, at),
            [0x00, ..] => {
                self.accepted = true;
                Heard::Data
            }
            // The end of an earlier answer, which came twice.
            [0x02, ..] if !self.accepted => Heard::Nothing,
            [0x02, ..] => {
                self.ended = true;
                self.answered.push(self.asking);
                if let Some((_, newest)) = log.ends() {
                    let newest = newest.saturating_mul(MINUTE_MS);
                    self.offset_ms.get_or_insert(at.0.saturating_sub(newest));
                }
                Heard::End(Vec::new())
            }
            _ => Heard::Nothing,
        }
    }

    fn next(&mut self, log: &Series) -> Option<Wanted> {
        if log.is_empty() {
            return (self.answered.len() < 2).then_some(Wanted::All);
        }
        self.doubtful(log).map(|(low, high)| Wanted::Places(low, high))
    }

    fn proven(&self, log: &Series) -> bool {
        self.ended && (log.is_empty() || self.doubtful(log).is_none())
    }

    fn expected(&self, _log: &Series) -> (i64, Option<(i64, i64)>) {
        (1, None)
    }

    fn note(&self, summary: &mut Summary) {
        summary.clock_offset_ms = self.offset_ms;
    }

    fn is_request(bytes: &[u8]) -> bool {
        bytes.len() == 10 && bytes.starts_with(&[0, 0])
    }

    fn recorded(&mut self, log: &mut Series, bytes: &[u8], _at: UtcMillis) -> Option<Recorded> {
        let [0, 0, f0, f1, f2, f3, l0, l1, l2, l3] = *bytes else { return None };
        let first = i64::from(u32::from_le_bytes([f0, f1, f2, f3]));
        self.begin(log, first, i64::from(u32::from_le_bytes([l0, l1, l2, l3])));
        Some(Recorded { clock: None, from: UtcMillis(first.saturating_mul(MINUTE_MS)) })
    }
}
