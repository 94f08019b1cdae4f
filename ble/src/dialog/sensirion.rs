//! The log download of Sensirion's gadgets: the Data Logger Service, started by subscribing.
//!
//! Source: Sensirion/ble-services (`ble-services.yml`) and arduino-upt-ble-server. A subscription to 8004
//! starts the transfer of the whole log in packets of 20 bytes, little-endian: packet 0 is
//! `0 u16 | – | sample type u16 | interval ms u32 | age of the newest ms u32 | count u16`, the others
//! `number u16 | samples`, the oldest sample first. There is no end mark and no second start over one
//! connection. Older firmware tells the age in seconds; nothing tells it apart, so that times may be late
//! by one interval there. A write to 8001 clears the log: nothing is ever written to this service.
//!
//! An SHT43 logs an exponential average, and its log cannot be told from an SHT40's: the values of both
//! are marked as averages.

use super::engine::{Ask, Engine, Heard, Protocol, Recorded, Wanted};
use super::series::{Grid, Record, Series};
use super::{Action, DialogError};
use crate::address::BluetoothUuid;
use firn_model::reading::{ClockQuality, Measurement};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::collections::BTreeMap;

/// The Data Logger Service.
pub const SERVICE: BluetoothUuid = BluetoothUuid::from_u128(0x00008000_b38d_4985_720e_0f993a68ee41);
/// The characteristic that notifies the log.
pub const DATA: BluetoothUuid = BluetoothUuid::from_u128(0x00008004_b38d_4985_720e_0f993a68ee41);

/// Samples in one packet.
const SAMPLES: i64 = 4;
/// No logging interval is longer: a day.
const LONGEST_MS: u32 = 86_400_000;
/// Sample type of SHT3x: `i16` pair, humidity over 100 %.
const SHT3X: u16 = 3;
/// Sample type of SHT4x.
const SHT4X: u16 = 5;

/// The download of one Sensirion gadget's log.
pub type Sensirion = Engine<Gadget>;

/// What packet 0 says.
#[derive(Clone, Copy, Debug)]
struct Header {
    kind: u16,
    count: i64,
}

/// The bytes of the Data Logger Service.
#[derive(Debug, Default)]
pub struct Gadget {
    header: Option<Header>,
    /// Packets that came before packet 0.
    early: BTreeMap<u16, [u8; 18]>,
    packets: std::collections::BTreeSet<u16>,
    subscribed: bool,
    answers: u8,
    complete: bool,
    ends: Option<(i64, i64)>,
}

impl Sensirion {
    /// A download that has not begun.
    pub fn new() -> Self {
        Engine::over(Gadget::default(), 0)
    }
}

impl Default for Sensirion {
    fn default() -> Self {
        Self::new()
    }
}

/// `scaled × raw ÷ 65,535`, rounded.
fn share(scaled: i64, raw: u16) -> i64 {
    scaled.saturating_mul(i64::from(raw)).saturating_add(32_767) / 65_535
}

fn measurement(kind: u16, [t0, t1, h0, h1]: [u8; 4]) -> Option<Measurement> {
    let (celsius, humidity) = (u16::from_le_bytes([t0, t1]), u16::from_le_bytes([h0, h1]));
    // All bits set is no measurement of these sensors, whose scale ends at 130 °C.
    if celsius == u16::MAX {
        return None;
    }
    let humidity = match kind {
        SHT3X => share(1_000_000, humidity),
        _ => share(1_250_000, humidity).saturating_sub(60_000),
    };
    Some(Measurement {
        temperature: i32::try_from(share(175_000, celsius).saturating_sub(45_000)).ok().map(MilliCelsius),
        humidity: u32::try_from(humidity.clamp(0, 1_000_000)).ok().map(RelativeHumidity),
        aggregated: kind == SHT4X,
        ..Measurement::default()
    })
}

impl Gadget {
    fn on_header(&mut self, log: &mut Series, body: &[u8; 18], at: UtcMillis) -> Heard {
        let [_, _, k0, k1, i0, i1, i2, i3, a0, a1, a2, a3, c0, c1, ..] = *body;
        let kind = u16::from_le_bytes([k0, k1]);
        let (interval, age) = (u32::from_le_bytes([i0, i1, i2, i3]), u32::from_le_bytes([a0, a1, a2, a3]));
        if self.header.is_some() {
            return Heard::Data;
        }
        if ![SHT3X, SHT4X].contains(&kind) {
            return Heard::Failed(DialogError::UnknownLogFormat);
        }
        if interval == 0 || interval > LONGEST_MS {
            return Heard::Refused;
        }
        let step_ms = i64::from(interval);
        let newest = at.0.saturating_sub(i64::from(age));
        // The newest sample stands at place −1.
        log.begin_on(Grid { base: UtcMillis(newest.saturating_add(step_ms)), step_ms });
        let count = i64::from(u16::from_le_bytes([c0, c1]));
        self.header = Some(Header { kind, count });
        self.ends.get_or_insert((count.saturating_neg(), -1));
        for (number, samples) in std::mem::take(&mut self.early) {
            self.on_samples(log, number, &samples, at);
        }
        self.ended()
    }

    fn on_samples(&mut self, log: &mut Series, number: u16, samples: &[u8; 18], at: UtcMillis) {
        let Some(Header { kind, count }) = self.header else { return };
        let first = i64::from(number).saturating_sub(1).saturating_mul(SAMPLES);
        if first >= count {
            return;
        }
        self.packets.insert(number);
        let (samples, _) = samples.as_chunks::<4>();
        for (nth, raw) in (first..count).zip(samples) {
            let place = nth.saturating_sub(count);
            match measurement(kind, *raw) {
                None => log.take_nothing(place),
                Some(measurement) => {
                    log.take(Record {
                        place,
                        time: UtcMillis(0),
                        clock: ClockQuality::ComputedFromPhone,
                        logger_time_ms: None,
                        received: at,
                        measurement,
                        raw: raw.to_vec(),
                    });
                }
            }
        }
    }

    fn ended(&mut self) -> Heard {
        let Some(Header { count, .. }) = self.header else { return Heard::Data };
        let packets = count.saturating_add(SAMPLES).saturating_sub(1) / SAMPLES;
        if i64::try_from(self.packets.len()).unwrap_or(i64::MAX) < packets {
            return Heard::Data;
        }
        self.complete = true;
        Heard::End(Vec::new())
    }
}

impl Protocol for Gadget {
    const SERVICE: BluetoothUuid = SERVICE;
    const NOTIFY: &'static [BluetoothUuid] = &[DATA];

    fn ask(
        &mut self,
        _log: &mut Series,
        _wanted: Wanted,
        _from: Option<UtcMillis>,
        _now: UtcMillis,
    ) -> Result<Ask, DialogError> {
        self.answers = self.answers.saturating_add(1);
        // The subscription of a new connection is the request; over an old one there is no second.
        let again = std::mem::replace(&mut self.subscribed, true);
        Ok(if again { vec![Action::Reconnect].into() } else { Ask::default() })
    }

    fn hear(&mut self, log: &mut Series, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Heard {
        let Some((number, body)) = bytes.split_first_chunk::<2>() else { return Heard::Refused };
        let Ok(body) = <[u8; 18]>::try_from(body) else { return Heard::Refused };
        match (u16::from_le_bytes(*number), self.header) {
            (0, _) => self.on_header(log, &body, at),
            (number, None) => {
                self.early.insert(number, body);
                Heard::Data
            }
            (number, Some(_)) => {
                self.on_samples(log, number, &body, at);
                self.ended()
            }
        }
    }

    fn break_off(&mut self) {
        self.header = None;
        self.early.clear();
        self.packets.clear();
    }

    fn resumed(&mut self) {
        self.subscribed = false;
    }

    fn next(&mut self, log: &Series) -> Option<Wanted> {
        let missing = log.holes(1, self.ends).into_iter().next();
        if self.complete || (!log.is_empty() && missing.is_none()) { None } else { Some(Wanted::All) }
    }

    fn ends_silently(&mut self, log: &mut Series, _at: UtcMillis) -> bool {
        // Two answers together may hold what each alone lacks.
        log.settle();
        self.answers > 1 && !log.is_empty() && log.holes(1, self.ends).is_empty()
    }

    fn proven(&self, log: &Series) -> bool {
        self.complete || (!log.is_empty() && log.holes(1, self.ends).is_empty())
    }

    fn expected(&self, _log: &Series) -> (i64, Option<(i64, i64)>) {
        (1, self.ends)
    }

    fn total(&self) -> Option<usize> {
        usize::try_from(self.header?.count).ok()
    }

    fn is_request(bytes: &[u8]) -> bool {
        bytes.is_empty()
    }

    fn recorded(&mut self, _log: &mut Series, _bytes: &[u8], _at: UtcMillis) -> Option<Recorded> {
        Some(Recorded { clock: None, from: UtcMillis(0) })
    }
}
