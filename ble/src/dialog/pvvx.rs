//! The log download of Xiaomi and other thermometers with pvvx firmware: command 0x35.
//!
//! Source: pvvx/ATC_MiThermometer, `cmd_parser.c`, `ble.c` and `logger.c`. A request is
//! `35 | last u16 | before u16` (little-endian): the records from index `before` + 1 to `last`, index 1
//! being the newest as the request arrives. Each comes as `35 | index u16 | time u32 | i16 0.01 °C |
//! u16 0.01 % | u16 mV`; `35 00 00` ends the answer and says nothing of how many there are, so the end
//! counts once three answers have shown it. `35 00 00` written stops an answer; `23` asks for the clock.
//! `36 12 34` would erase the log and `23` with four bytes set the clock: neither is ever sent.
//!
//! Values are averages over the logging step. The clock runs on an RC oscillator, starts at 1970 until it
//! is set, and after a loss of power goes on five seconds after the last record, silently late.

use super::engine::{Ask, Engine, Heard, Protocol, Recorded, Wanted};
use super::series::{OVERLAP, Record, Series};
use super::{Action, DialogError, Summary};
use crate::address::BluetoothUuid;
use crate::bytes::Bytes;
use firn_model::reading::{ClockQuality, Measurement};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// The service of pvvx firmware's commands.
pub const SERVICE: BluetoothUuid = BluetoothUuid::Short(0x1F10);
/// The characteristic that is written to and notifies.
pub const COMMANDS: BluetoothUuid = BluetoothUuid::Short(0x1F1F);

const READ_LOG: u8 = 0x35;
const READ_CLOCK: u8 = 0x23;
/// The time of a record that was written before the clock was ever set.
const NEVER_SET: u32 = 0xFFFF_FFFE;
/// No clock that was set shows less: the first second of 2020.
const SET_CLOCKS: u32 = 1_577_836_800;
/// A clock that is off by more is not taken at its word.
const TRUSTED_MS: u64 = 60_000;
/// How many answers must have the same end before it counts.
const ANSWERS_TO_SHOW: u8 = 3;
/// How many records can have been added between two requests, for each second: one in ten seconds.
const SECONDS_A_RECORD: i64 = 10;

/// The download of one pvvx thermometer's log.
pub type Pvvx = Engine<Commands>;

/// The bytes of pvvx firmware's commands.
#[derive(Debug, Default)]
pub struct Commands {
    from: Option<UtcMillis>,
    clock_asked: bool,
    /// The phone's clock less the logger's in milliseconds, once the logger has told it.
    offset_ms: Option<i64>,
    offset_jumps: usize,
    after_clock: Option<Wanted>,
    asked_at: Option<UtcMillis>,
    /// Index and logger time of the record before, within one answer.
    before: Option<(u16, u32)>,
    spacing: u32,
    /// A jump of the clock lies between the newest record and those that come now.
    jumped: bool,
    jumps: usize,
    /// The lowest place of the answer under way.
    low: Option<i64>,
    ended: bool,
    /// Where the answers before had their end, and how many of them.
    bottom: Option<i64>,
    shown: u8,
    confirmed: bool,
}

impl Pvvx {
    /// A download that has not begun.
    pub fn new() -> Self {
        Engine::over(Commands::default(), 0)
    }
}

impl Default for Pvvx {
    fn default() -> Self {
        Self::new()
    }
}

fn write(bytes: Vec<u8>) -> Action {
    Action::Write { service: SERVICE, characteristic: COMMANDS, bytes, with_response: false }
}

impl Commands {
    /// How many records may have been added since the first request.
    fn added_at_most(&self, now: UtcMillis) -> i64 {
        let first = self.asked_at.unwrap_or(now);
        (now.0.saturating_sub(first.0).max(0) / 1000 / SECONDS_A_RECORD).saturating_add(2).min(4096)
    }

    /// The request for records, and the answer that now begins.
    fn request(&mut self, log: &mut Series, wanted: Wanted, now: UtcMillis) -> Action {
        let added = self.added_at_most(now);
        let (last, before) = match wanted {
            Wanted::All => (i64::from(u16::MAX), 0),
            Wanted::Places(low, high) => (
                low.saturating_neg().saturating_add(OVERLAP).saturating_add(added),
                high.saturating_neg().saturating_sub(OVERLAP).saturating_sub(1),
            ),
        };
        let index = |value: i64| u16::try_from(value.max(0)).unwrap_or(u16::MAX);
        let mut bytes = vec![READ_LOG];
        bytes.extend_from_slice(&index(last).to_le_bytes());
        bytes.extend_from_slice(&index(before).to_le_bytes());
        self.begin(log, now);
        write(bytes)
    }

    fn begin(&mut self, log: &mut Series, now: UtcMillis) {
        let added = self.added_at_most(now);
        self.asked_at.get_or_insert(now);
        (self.before, self.low, self.ended) = (None, None, false);
        log.begin(0..=added);
    }

    fn on_clock(&mut self, log: &mut Series, bytes: &[u8], at: UtcMillis) -> Heard {
        let Some(time) = Bytes(bytes).array().map(u32::from_le_bytes) else { return Heard::Refused };
        let offset = at.0.saturating_sub(i64::from(time).saturating_mul(1000));
        match self.offset_ms {
            None => self.offset_ms = Some(offset),
            Some(before) if before.abs_diff(offset) > TRUSTED_MS => {
                self.offset_jumps = self.offset_jumps.saturating_add(1);
            }
            Some(_) => {}
        }
        match self.after_clock.take() {
            Some(wanted) => Heard::Then(vec![self.request(log, wanted, at)]),
            None => Heard::Nothing,
        }
    }

    /// Notes a jump of the clock between this record and the one after it.
    fn judge_clock(&mut self, index: u16, time: u32) {
        if let Some((newer, newer_time)) =
            self.before.filter(|(newer, _)| newer.checked_add(1) == Some(index))
        {
            let spacing = newer_time.saturating_sub(time);
            let set_back = time > newer_time && newer > 0;
            // After a loss of power the clock goes on five seconds after the last record.
            let restarted = spacing <= 6 && self.spacing >= 20;
            let began = newer_time >= SET_CLOCKS && time < SET_CLOCKS;
            if set_back || restarted || began {
                self.jumped = true;
                self.jumps = self.jumps.saturating_add(1);
            } else {
                self.spacing = spacing;
            }
        }
        self.before = Some((index, time));
    }

    /// The time of a record and what it rests on.
    fn time(&self, logger: u32) -> (UtcMillis, ClockQuality) {
        let own = UtcMillis(i64::from(logger).saturating_mul(1000));
        let off = self.offset_ms.filter(|offset| offset.unsigned_abs() > TRUSTED_MS);
        match off {
            _ if logger == NEVER_SET => (UtcMillis(0), ClockQuality::NeverSet),
            Some(offset) if !self.jumped => {
                (UtcMillis(own.0.saturating_add(offset)), ClockQuality::ComputedFromPhone)
            }
            _ if logger < SET_CLOCKS => (own, ClockQuality::NeverSet),
            _ => (own, ClockQuality::LoggerOwn),
        }
    }

    fn on_record(&mut self, log: &mut Series, bytes: &[u8], at: UtcMillis) -> Heard {
        let Ok([i0, i1, raw @ ..]) = <[u8; 12]>::try_from(bytes) else { return Heard::Refused };
        let [t0, t1, t2, t3, c0, c1, h0, h1, v0, v1] = raw;
        let (index, logger) = (u16::from_le_bytes([i0, i1]), u32::from_le_bytes([t0, t1, t2, t3]));
        let (celsius, humidity) = (i16::from_le_bytes([c0, c1]), u16::from_le_bytes([h0, h1]));
        if index == 0 || !(-10_000..=15_000).contains(&celsius) || humidity > 10_000 {
            return Heard::Refused;
        }
        self.judge_clock(index, logger);
        let (time, clock) = self.time(logger);
        if clock != ClockQuality::NeverSet && self.from.is_some_and(|from| time < from) {
            // Older ones are stored already: stop the logger.
            self.confirmed = true;
            self.ended = true;
            return Heard::End(vec![write(vec![READ_LOG, 0, 0])]);
        }
        let place = i64::from(index).saturating_neg();
        self.low = Some(self.low.map_or(place, |low| low.min(place)));
        log.take(Record {
            place,
            time,
            clock,
            logger_time_ms: (logger != NEVER_SET).then(|| i64::from(logger).saturating_mul(1000)),
            received: at,
            measurement: Measurement {
                temperature: Some(MilliCelsius(i32::from(celsius).saturating_mul(10))),
                humidity: Some(RelativeHumidity(u32::from(humidity).saturating_mul(100))),
                battery_mv: Some(u32::from(u16::from_le_bytes([v0, v1]))),
                aggregated: true,
                ..Measurement::default()
            },
            raw: raw.to_vec(),
        });
        Heard::Data
    }
}

impl Protocol for Commands {
    const SERVICE: BluetoothUuid = SERVICE;
    const NOTIFY: &'static [BluetoothUuid] = &[COMMANDS];

    fn ask(
        &mut self,
        log: &mut Series,
        wanted: Wanted,
        from: Option<UtcMillis>,
        now: UtcMillis,
    ) -> Result<Ask, DialogError> {
        self.from = from;
        // A logger that does not tell its clock the first time is asked for its records without it.
        if self.offset_ms.is_none() && !self.clock_asked {
            self.clock_asked = true;
            self.after_clock = Some(wanted);
            self.begin(log, now);
            return Ok(vec![write(vec![READ_CLOCK])].into());
        }
        self.after_clock = None;
        Ok(vec![self.request(log, wanted, now)].into())
    }

    fn hear(&mut self, log: &mut Series, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Heard {
        match bytes {
            [READ_CLOCK, clock @ ..] => self.on_clock(log, clock, at),
            [READ_LOG, ..] if self.after_clock.is_some() || self.ended => Heard::Nothing,
            [READ_LOG, 0, 0] => {
                self.ended = true;
                Heard::End(Vec::new())
            }
            [READ_LOG, record @ ..] => self.on_record(log, record, at),
            _ => Heard::Nothing,
        }
    }

    fn break_off(&mut self) {
        (self.before, self.ended) = (None, false);
        self.clock_asked = self.offset_ms.is_some() || self.after_clock.is_some();
    }

    fn next(&mut self, log: &Series) -> Option<Wanted> {
        let Some((lowest, _)) = log.ends() else {
            self.confirmed |= self.ended && self.bottom.replace(0) == Some(0);
            return (!self.confirmed).then_some(Wanted::All);
        };
        if std::mem::take(&mut self.ended) {
            let reached = self.low.zip(log.shift()).map(|(low, shift)| low.saturating_add(shift));
            if self.bottom.replace(lowest) != Some(lowest) {
                self.shown = 0;
            }
            self.shown = self.shown.saturating_add(u8::from(reached == Some(lowest)));
            self.confirmed |= self.shown >= ANSWERS_TO_SHOW;
        }
        if let Some((low, high)) = log.holes(1, Some((lowest, -1))).pop() {
            return Some(Wanted::Places(low, high));
        }
        // Down to the oldest: more than there can be.
        (!self.confirmed).then_some(Wanted::Places(-i64::from(u16::MAX), lowest.saturating_sub(1)))
    }

    fn proven(&self, log: &Series) -> bool {
        let (step, ends) = self.expected(log);
        self.confirmed && log.missing(step, ends) == 0
    }

    fn expected(&self, log: &Series) -> (i64, Option<(i64, i64)>) {
        (1, log.ends().map(|(lowest, _)| (lowest, -1)))
    }

    fn note(&self, summary: &mut Summary) {
        summary.clock_offset_ms = self.offset_ms;
        summary.clock_jumps =
            summary.clock_jumps.saturating_add(self.jumps).saturating_add(self.offset_jumps);
    }

    fn is_request(bytes: &[u8]) -> bool {
        matches!(bytes, [READ_LOG, l0, l1, ..] if [l0, l1] != [&0, &0])
    }

    fn recorded(&mut self, log: &mut Series, bytes: &[u8], at: UtcMillis) -> Option<Recorded> {
        match bytes {
            [READ_LOG, l0, l1, ..] if [l0, l1] != [&0, &0] => self.begin(log, at),
            [READ_CLOCK] => self.clock_asked = true,
            _ => return None,
        }
        Some(Recorded { clock: None, from: UtcMillis(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialog::Dialog;

    #[test]
    fn records_older_than_a_loss_of_power_keep_the_loggers_own_time() {
        let now = UtcMillis(1_760_000_000_000);
        let mut dialog = Pvvx::new();
        dialog.start(now, None);
        // The clock is an hour late: it stood still while there was no power.
        let clock = [&[0x23][..], &1_759_996_400_u32.to_le_bytes(), &[0; 4]].concat();
        dialog.on_notification(COMMANDS, &clock, now);
        for (index, time) in
            [(1_u8, 1_759_996_205_u32), (2, 1_759_995_605), (3, 1_759_995_600), (4, 1_759_995_000)]
        {
            let record =
                [&[0x35, index, 0][..], &time.to_le_bytes(), &[0xF4, 1, 0x88, 0x13, 0x54, 0x0B]].concat();
            dialog.on_notification(COMMANDS, &record, now);
        }
        dialog.abandon(DialogError::Disconnected);
        let clocks: Vec<_> = dialog.readings().iter().map(|r| (r.time.0 / 1000, r.clock)).collect();
        let (own, computed) = (ClockQuality::LoggerOwn, ClockQuality::ComputedFromPhone);
        let expected = [
            (1_759_995_000, own),
            (1_759_995_600, own),
            (1_759_999_205, computed),
            (1_759_999_805, computed),
        ];
        assert_eq!(clocks, expected);
    }
}
