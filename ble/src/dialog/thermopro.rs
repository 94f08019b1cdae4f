//! The log download of ThermoPro TP357S: one frame of minutes, the newest first.
//!
//! Source: the Python package pytp357s 0.2.0 and public notes that confirm the frame. The logger answers
//! nothing before `A5 | yy mm dd hh mm ss weekday | sum` has set its clock to local time. Then come
//! `CCCC0201000001046666`, `CCCC04000000046666` and
//! `CCCC | 01 09 00 00 00 | yy mm dd hh mm ss | count u16 LE | sum | 6666`, a fifth of a second apart. The
//! answer is one frame over many notifications, `CCCC 01 | length u24 LE | 00 | records | sum | 6666`,
//! where the length counts from the 00 to the last record; a record is `i16 LE 0.1 °C | u8 %`, `FF FF FF`
//! being none. Records have no number and no time: the frame is taken whole or not at all, and the order
//! of its parts is not proven. The older TP357 speaks otherwise.

use super::engine::{Ask, Engine, Heard, Protocol, Recorded, Wanted};
use super::series::{Grid, Record, Series};
use super::{Action, ClockSet, ClockWrite, DialogError, DialogOptions, Summary};
use crate::address::BluetoothUuid;
use firn_model::reading::{ClockQuality, Measurement};
use firn_model::time::{LocalInstant, UtcMillis};
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// The service of Telink's serial characteristics.
pub const SERVICE: BluetoothUuid = BluetoothUuid::from_u128(0x00010203_0405_0607_0809_0a0b0c0d1910);
/// The characteristic that is written to.
pub const WRITE: BluetoothUuid = BluetoothUuid::from_u128(0x00010203_0405_0607_0809_0a0b0c0d2b11);
/// The characteristic that notifies.
pub const NOTIFY: BluetoothUuid = BluetoothUuid::from_u128(0x00010203_0405_0607_0809_0a0b0c0d2b10);

const MINUTE_MS: i64 = 60_000;
/// What a frame has around its records: mark, type, length, 00, sum, mark.
const FRAME: usize = 10;

/// The download of one ThermoPro TP357S's log.
pub type ThermoPro = Engine<Frame>;

/// The bytes of ThermoPro's dialog.
#[derive(Debug)]
pub struct Frame {
    clock_write: ClockWrite,
    clock_set: Option<ClockSet>,
    asked_at: UtcMillis,
    buffer: Vec<u8>,
    records: usize,
    sound: bool,
}

impl ThermoPro {
    /// A download that has not begun; it fails without leave to set the clock.
    pub fn new(options: &DialogOptions) -> Self {
        let frame = Frame {
            clock_write: options.clock_write,
            clock_set: None,
            asked_at: UtcMillis(0),
            buffer: Vec::new(),
            records: 0,
            sound: false,
        };
        Engine::over(frame, 0)
    }
}

/// The low byte of the sum of all bytes.
pub(crate) fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte))
}

/// Year of the century, month, day, hour, minute, second, and the weekday from Monday = 1.
///
/// Days become dates by the civil calendar's rules (years of 365.2425 days that begin in March).
pub(crate) fn calendar(local_ms: i64) -> ([u8; 6], u8) {
    let seconds = local_ms.div_euclid(1000);
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096).div_euclid(365);
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era.saturating_mul(400).saturating_add(year_of_era) + i64::from(month <= 2);
    let byte = |value: i64| u8::try_from(value).unwrap_or(0);
    let date = [
        byte(year.rem_euclid(100)),
        byte(month),
        byte(day),
        byte(of_day / 3600),
        byte(of_day % 3600 / 60),
        byte(of_day % 60),
    ];
    (date, byte(days.saturating_add(3).rem_euclid(7) + 1))
}

/// The inverse of [`calendar`] in this century; none for what is no date and time.
fn local_ms([year, month, day, hour, minute, second]: [u8; 6]) -> Option<i64> {
    let text = format!("20{year:02}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
    LocalInstant::parse(&text).ok().map(|instant| instant.at.0)
}

fn write(bytes: Vec<u8>) -> Action {
    Action::Write { service: SERVICE, characteristic: WRITE, bytes, with_response: false }
}

/// The bytes that set the clock.
pub(crate) fn set_clock(local_ms: i64) -> Vec<u8> {
    let (date, weekday) = calendar(local_ms);
    let mut bytes = vec![0xA5];
    bytes.extend_from_slice(&date);
    bytes.push(weekday);
    bytes.push(sum(&bytes));
    bytes
}

/// The bytes that ask for the newest `count` records.
pub(crate) fn request(local_ms: i64, count: u16) -> Vec<u8> {
    let mut body = vec![0x01, 0x09, 0, 0, 0];
    body.extend_from_slice(&calendar(local_ms).0);
    body.extend_from_slice(&count.to_le_bytes());
    body.push(sum(&body));
    [&[0xCC, 0xCC][..], &body, &[0x66, 0x66]].concat()
}

impl Frame {
    fn begin(&mut self, at: UtcMillis) {
        self.asked_at = at;
        self.buffer.clear();
    }

    /// The length of the frame that the buffer begins with; none for one that is no log frame.
    fn length(&self) -> Option<usize> {
        match self.buffer.as_slice() {
            [0xCC, 0xCC, 0x01, l0, l1, l2, ..] => {
                let length = usize::try_from(u32::from_le_bytes([*l0, *l1, *l2, 0])).ok()?;
                let whole = length % 3 == 1 && length <= 3 * usize::from(u16::MAX) + 1;
                whole.then(|| length.saturating_add(FRAME).saturating_sub(1))
            }
            [0xCC, 0xCC, 0x01, ..] | [0xCC, 0xCC] | [0xCC] => Some(FRAME),
            _ => None,
        }
    }

    fn on_frame(&mut self, log: &mut Series, at: UtcMillis) -> Heard {
        let frame = std::mem::take(&mut self.buffer);
        let Some((inner, [check, 0x66, 0x66])) = frame.get(2..).and_then(|rest| rest.split_last_chunk::<3>())
        else {
            return Heard::End(Vec::new());
        };
        let records = inner.get(5..).filter(|_| sum(inner) == *check);
        let Some((records, [])) = records.map(<[u8]>::as_chunks::<3>) else {
            return Heard::End(Vec::new());
        };
        self.sound = true;
        self.records = records.len();
        let base = UtcMillis(self.asked_at.0.saturating_add(MINUTE_MS));
        log.begin_on(Grid { base, step_ms: MINUTE_MS });
        for (raw, place) in records.iter().zip((i64::MIN..=-1).rev()) {
            let [c0, c1, humidity] = *raw;
            let tenths = i32::from(i16::from_le_bytes([c0, c1]));
            if *raw == [0xFF; 3] || humidity > 100 || tenths.abs() > 1000 {
                log.take_nothing(place);
                continue;
            }
            log.take(Record {
                place,
                time: UtcMillis(0),
                clock: ClockQuality::ComputedFromPhone,
                logger_time_ms: None,
                received: at,
                measurement: Measurement {
                    temperature: Some(MilliCelsius(tenths.saturating_mul(100))),
                    humidity: Some(RelativeHumidity(u32::from(humidity).saturating_mul(10_000))),
                    ..Measurement::default()
                },
                raw: raw.to_vec(),
            });
        }
        Heard::End(Vec::new())
    }
}

impl Protocol for Frame {
    const SERVICE: BluetoothUuid = SERVICE;
    const NOTIFY: &'static [BluetoothUuid] = &[NOTIFY];

    fn ask(
        &mut self,
        _log: &mut Series,
        _wanted: Wanted,
        from: Option<UtcMillis>,
        now: UtcMillis,
    ) -> Result<Ask, DialogError> {
        let ClockWrite::Allowed { offset } = self.clock_write else {
            return Err(DialogError::ClockConsentNeeded);
        };
        self.begin(now);
        let local = now.plus_seconds(i64::from(offset.0)).0;
        let minutes = from.map(|from| now.0.saturating_sub(from.0).max(0) / MINUTE_MS + 2);
        let count = minutes.and_then(|minutes| u16::try_from(minutes).ok()).unwrap_or(u16::MAX);
        let open = [0xCC, 0xCC, 0x02, 0x01, 0, 0, 0x01, 0x04, 0x66, 0x66];
        let close = [0xCC, 0xCC, 0x04, 0, 0, 0, 0x04, 0x66, 0x66];
        let mut at_once = vec![write(set_clock(local))];
        if self.clock_set.is_none() {
            let to = UtcMillis(now.0.div_euclid(1000).saturating_mul(1000));
            // What it showed before, this logger does not tell.
            let set = ClockSet { at: now, to, offset, before: None };
            at_once.push(Action::ClockSet(set));
            self.clock_set = Some(set);
        }
        Ok(Ask {
            now: at_once,
            later: vec![
                (1000, write(open.to_vec())),
                (200, write(close.to_vec())),
                (200, write(request(local, count))),
            ],
        })
    }

    fn hear(&mut self, log: &mut Series, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Heard {
        if self.buffer.is_empty() && !bytes.starts_with(&[0xCC, 0xCC, 0x01]) {
            return Heard::Nothing;
        }
        self.buffer.extend_from_slice(bytes);
        let Some(length) = self.length() else {
            self.buffer.clear();
            return Heard::Refused;
        };
        match self.buffer.len().cmp(&length) {
            std::cmp::Ordering::Less => Heard::Data,
            std::cmp::Ordering::Equal => self.on_frame(log, at),
            std::cmp::Ordering::Greater => {
                self.buffer.clear();
                Heard::End(Vec::new())
            }
        }
    }

    fn break_off(&mut self) {
        self.buffer.clear();
    }

    fn next(&mut self, _log: &Series) -> Option<Wanted> {
        (!self.sound).then_some(Wanted::All)
    }

    /// Neither the order of the frame's parts nor the time of any record is told.
    fn proven(&self, _log: &Series) -> bool {
        false
    }

    fn expected(&self, _log: &Series) -> (i64, Option<(i64, i64)>) {
        (1, None)
    }

    fn total(&self) -> Option<usize> {
        Some(self.records)
    }

    fn note(&self, summary: &mut Summary) {
        summary.clock_set = self.clock_set;
    }

    fn verdict(&self, _log: &Series) -> Option<DialogError> {
        (!self.sound).then_some(DialogError::Damaged)
    }

    fn recorded_clock_write(bytes: &[u8]) -> Option<i64> {
        let [0xA5, date @ .., _, check] = bytes else { return None };
        let date: [u8; 6] = date.try_into().ok()?;
        local_ms(date).filter(|_| sum(bytes) == check.wrapping_mul(2))
    }

    fn is_request(bytes: &[u8]) -> bool {
        bytes.starts_with(&[0xCC, 0xCC, 0x01, 0x09])
    }

    fn recorded(&mut self, _log: &mut Series, bytes: &[u8], at: UtcMillis) -> Option<Recorded> {
        let from = UtcMillis(0);
        match bytes {
            [0xCC, 0xCC, 0x01, 0x09, ..] => {
                self.begin(at);
                Some(Recorded { clock: None, from })
            }
            [0xA5, ..] => {
                self.begin(at);
                Some(Recorded { clock: None, from })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_knows_leap_years_and_weekdays() {
        assert_eq!(calendar(0), ([70, 1, 1, 0, 0, 0], 4));
        assert_eq!(calendar(951_782_400_000), ([0, 2, 29, 0, 0, 0], 2));
        assert_eq!(calendar(1_784_319_342_000), ([26, 7, 17, 20, 15, 42], 5));
    }

    #[test]
    fn a_recorded_setting_of_the_clock_is_read_back_and_other_bytes_are_none() {
        let set = set_clock(1_784_319_342_000);
        assert_eq!(Frame::recorded_clock_write(&set), Some(1_784_319_342_000));
        assert_eq!(Frame::recorded_clock_write(&request(0, 7)), None);
        let mut damaged = set;
        damaged[3] ^= 1;
        assert_eq!(Frame::recorded_clock_write(&damaged), None);
    }
}
