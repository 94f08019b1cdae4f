//! The log download of Govee H5072, H5075 and their kin: minutes back from the request.
//!
//! Source: Heckie75/govee-h5075-thermo-hygrometer, `API.md`. A request on …2012 is 20 bytes:
//! `33 01 | from u16 | to u16 | 0 … | xor` (big-endian minutes back, 28,800 at most). The logger accepts
//! it with `33 01`, sends on …2013 packets of `minutes back u16` and six values of 24 bits from there
//! towards now (`FFFFFF`: none), and ends on …2012 with `EE 01 | packets sent u16 | 0 … | xor`. A value is
//! sign (bit 23), and temperature in 0.1 °C times 1,000 plus humidity in 0.1 %. There is no clock and no
//! other time. `33 10` would set a clock and `33 03` and others reconfigure: never sent.

use super::engine::{Ask, Engine, Heard, Protocol, Recorded, Wanted};
use super::series::{Grid, OVERLAP, Record, Series};
use super::{Action, DialogError};
use crate::address::BluetoothUuid;
use crate::bytes::Bytes;
use firn_model::reading::{ClockQuality, Measurement};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::collections::BTreeSet;

/// The service of Govee's thermometers.
pub const SERVICE: BluetoothUuid = BluetoothUuid::from_u128(0x494e5445_4c4c_495f_524f_434b535f4857);
/// The characteristic that takes requests and tells when an answer begins and ends.
pub const REQUESTS: BluetoothUuid = BluetoothUuid::from_u128(0x494e5445_4c4c_495f_524f_434b535f2012);
/// The characteristic that notifies the records.
pub const RECORDS: BluetoothUuid = BluetoothUuid::from_u128(0x494e5445_4c4c_495f_524f_434b535f2013);

/// How many minutes the logger holds: 20 days.
const MOST_MINUTES: i64 = 28_800;
const MINUTE_MS: i64 = 60_000;

/// The download of one Govee H5075's log.
pub type GoveeH5075 = Engine<MinutesBack>;

/// The bytes of Govee's minutes-back dialog.
#[derive(Debug, Default)]
pub struct MinutesBack {
    /// The oldest and the newest place that the first request asked for.
    asked: Option<(i64, i64)>,
    /// The first packet of each row that came in this answer.
    packets: BTreeSet<u16>,
    /// All packets that the logger says it sent have come, in an answer to the whole.
    complete: bool,
    whole_asked: bool,
    /// Places that were asked for and for which the logger sent nothing, in a complete answer.
    empty: Vec<(i64, i64)>,
    /// The places that the request under way asks for, and its minutes back.
    round: (i64, i64),
    newest: i64,
    oldest: i64,
    accepted: bool,
    grid: Option<Grid>,
}

impl GoveeH5075 {
    /// A download that has not begun.
    pub fn new() -> Self {
        Engine::over(MinutesBack::default(), 0)
    }
}

impl Default for GoveeH5075 {
    fn default() -> Self {
        Self::new()
    }
}

/// The exclusive or of all bytes, which ends each of Govee's frames of 20 bytes.
pub(crate) fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

/// The request for the records from `from` to `to` minutes back.
pub(crate) fn request(from: u16, to: u16) -> Vec<u8> {
    let mut bytes = vec![0x33, 0x01];
    bytes.extend_from_slice(&from.to_be_bytes());
    bytes.extend_from_slice(&to.to_be_bytes());
    bytes.resize(19, 0);
    bytes.push(xor(&bytes));
    bytes
}

/// The value of 24 bits; none for the sentinels and what cannot be.
fn value([a, b, c]: [u8; 3]) -> Option<Measurement> {
    let bits = u32::from_be_bytes([0, a, b, c]);
    let magnitude = bits & 0x7F_FFFF;
    let tenths = i32::try_from(magnitude / 1000).ok().filter(|tenths| *tenths <= 1000)?;
    let milli = tenths.saturating_mul(if bits & 0x80_0000 == 0 { 100 } else { -100 });
    Some(Measurement {
        temperature: Some(MilliCelsius(milli)),
        humidity: Some(RelativeHumidity((magnitude % 1000).saturating_mul(1000))),
        ..Measurement::default()
    })
}

impl MinutesBack {
    fn begin(&mut self, log: &mut Series, from: u16, to: u16, now: UtcMillis) {
        let grid = Grid { base: now, step_ms: MINUTE_MS };
        self.packets.clear();
        log.begin_on(grid);
        let first = *self.grid.get_or_insert(grid);
        let ahead = now.0.saturating_sub(first.base.0).saturating_add(MINUTE_MS / 2).div_euclid(MINUTE_MS);
        (self.newest, self.oldest, self.accepted) = (i64::from(to), i64::from(from), false);
        self.round = (ahead.saturating_sub(i64::from(from)), ahead.saturating_sub(i64::from(to)));
        self.asked.get_or_insert(self.round);
        self.whole_asked = self.asked.is_some_and(|(low, high)| self.round.0 <= low && self.round.1 >= high);
    }

    fn on_row(&mut self, log: &mut Series, bytes: &[u8], at: UtcMillis) -> Heard {
        let mut bytes = Bytes(bytes);
        let Some(first) = bytes.array().map(u16::from_be_bytes) else { return Heard::Refused };
        if i64::from(first) > MOST_MINUTES || bytes.0.len() != 18 {
            return Heard::Refused;
        }
        // A row of an earlier answer tells nothing of whether this one is complete.
        if (self.newest..=self.oldest).contains(&i64::from(first)) {
            self.packets.insert(first);
        }
        let mut refused = false;
        let mut back = i64::from(first);
        while let Some(raw) = bytes.array::<3>() {
            let place = back.saturating_neg();
            match value(raw) {
                _ if back < 0 => {}
                // Beyond the range that was asked for it only fills the row.
                None if raw == [0xFF; 3] && back < self.newest => {}
                None if raw == [0xFF; 3] => log.take_nothing(place),
                None => {
                    refused = true;
                    log.take_nothing(place);
                }
                Some(measurement) => {
                    log.take(Record {
                        place,
                        time: UtcMillis(0),
                        clock: ClockQuality::ComputedFromPhone,
                        logger_time_ms: Some(place.saturating_mul(MINUTE_MS)),
                        received: at,
                        measurement,
                        raw: raw.to_vec(),
                    });
                }
            }
            back = back.saturating_sub(1);
        }
        if refused { Heard::Refused } else { Heard::Data }
    }

    fn on_control(&mut self, bytes: &[u8]) -> Heard {
        let sound = bytes.len() == 20 && xor(bytes) == 0;
        match bytes {
            // The end of an earlier answer, which came twice.
            [0xEE, 0x01, ..] if sound && !self.accepted && self.packets.is_empty() => Heard::Nothing,
            [0xEE, 0x01, high, low, ..] if sound => {
                let sent = usize::from(u16::from_be_bytes([*high, *low]));
                if self.packets.len() >= sent {
                    self.empty.push(self.round);
                    self.complete |= self.whole_asked;
                }
                Heard::End(Vec::new())
            }
            [0x33, 0x01, ..] if sound => {
                self.accepted = true;
                Heard::Data
            }
            [0x33 | 0xEE, 0x01, ..] => Heard::Refused,
            _ => Heard::Nothing,
        }
    }

    /// The holes that no complete answer has shown to be the logger's own.
    fn open_holes(&self, log: &Series) -> Vec<(i64, i64)> {
        let mut holes = log.holes(1, self.asked);
        for (low, high) in &self.empty {
            holes.retain(|hole| hole.0 < *low || hole.1 > *high);
        }
        holes
    }
}

impl Protocol for MinutesBack {
    const SERVICE: BluetoothUuid = SERVICE;
    const NOTIFY: &'static [BluetoothUuid] = &[REQUESTS, RECORDS];

    fn ask(
        &mut self,
        log: &mut Series,
        wanted: Wanted,
        from: Option<UtcMillis>,
        now: UtcMillis,
    ) -> Result<Ask, DialogError> {
        let since = |from: UtcMillis| now.0.saturating_sub(from.0).max(0) / MINUTE_MS;
        let ahead = self.grid.map_or(0, |first| {
            now.0.saturating_sub(first.base.0).saturating_add(MINUTE_MS / 2).div_euclid(MINUTE_MS)
        });
        let (oldest, newest) = match wanted {
            Wanted::All => (from.map_or(MOST_MINUTES, |from| since(from).saturating_add(2)), 0),
            Wanted::Places(low, high) => (
                ahead.saturating_sub(low).saturating_add(OVERLAP),
                ahead.saturating_sub(high).saturating_sub(OVERLAP),
            ),
        };
        let minutes = |value: i64| u16::try_from(value.clamp(0, MOST_MINUTES)).unwrap_or(0);
        let (from, to) = (minutes(oldest), minutes(newest));
        self.begin(log, from, to, now);
        let bytes = request(from, to);
        Ok(vec![Action::Write { service: SERVICE, characteristic: REQUESTS, bytes, with_response: true }]
            .into())
    }

    fn hear(&mut self, log: &mut Series, from: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Heard {
        if from == RECORDS { self.on_row(log, bytes, at) } else { self.on_control(bytes) }
    }

    fn next(&mut self, log: &Series) -> Option<Wanted> {
        if self.complete || (log.is_empty() && self.packets.is_empty() && !self.empty.is_empty()) {
            return None;
        }
        if log.is_empty() {
            return Some(Wanted::All);
        }
        self.open_holes(log).first().map(|(low, high)| Wanted::Places(*low, *high))
    }

    fn proven(&self, log: &Series) -> bool {
        self.complete || (!self.empty.is_empty() && self.open_holes(log).is_empty())
    }

    fn expected(&self, log: &Series) -> (i64, Option<(i64, i64)>) {
        // What lies before the logger's first record is no hole.
        (1, log.ends().or(self.asked.filter(|_| !self.complete)).filter(|_| !log.is_empty()))
    }

    fn is_request(bytes: &[u8]) -> bool {
        bytes.starts_with(&[0x33, 0x01]) && bytes.len() == 20
    }

    fn recorded(&mut self, log: &mut Series, bytes: &[u8], at: UtcMillis) -> Option<Recorded> {
        // A recording may hold a request with another check byte than the sum.
        let [0x33, 0x01, f0, f1, t0, t1, ..] = bytes else { return None };
        let (from, to) = (u16::from_be_bytes([*f0, *f1]), u16::from_be_bytes([*t0, *t1]));
        self.begin(log, from, to, at);
        let since = UtcMillis(at.0.saturating_sub(i64::from(from).saturating_mul(MINUTE_MS)));
        Some(Recorded { clock: None, from: since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_below_zero_is_below_zero_and_a_sentinel_is_none() {
        let read = |bytes| value(bytes).map(|m| (m.temperature.map(|t| t.0), m.humidity.map(|h| h.0)));
        assert_eq!(read([0x03, 0x71, 0xE7]), Some((Some(22_500), Some(767_000))));
        assert_eq!(read([0x81, 0x1D, 0x3D]), Some((Some(-7300), Some(21_000))));
        assert_eq!((read([0xFF; 3]), read([0x7F, 0xFF, 0xFF])), (None, None));
    }
}
