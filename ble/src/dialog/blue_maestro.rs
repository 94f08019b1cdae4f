//! The log download of Blue Maestro's older Tempo Discs: `*logall` over the Nordic UART Service.
//!
//! Source: BlueMaestro/IOS-Tempo-Utility-App-SDK, `TDUARTAllDataDownloader.m`. The answer begins with
//! 15 bytes that end in `3A`: log pointer, records, global count and record size (u16 big-endian each),
//! mode, alarm flag and two alarm limits. Then come the values, i16 big-endian in tenths, one quantity
//! after the other — temperature, humidity, dew point — each ended by `2C 2C`, the last also by `2E`.
//!
//! Nothing is numbered and no time is told, neither of a record nor of the interval, which the advert
//! tells and the caller passes in. The vendor's application dates the last value at the request and counts
//! back, and so does this. A quantity whose number of values is not the one announced is worth nothing,
//! for nobody can tell which is missing; the order is never proven. Newer discs (versions 41 to 43) use
//! other scales and are not read. Of all commands only `*logall` is sent: others erase or reconfigure.

use super::engine::{Ask, Engine, Heard, Protocol, Recorded, Wanted};
use super::ruuvi::{NOTIFY, SERVICE, WRITE};
use super::series::{Grid, Record, Series};
use super::{Action, DialogError, DialogOptions};
use crate::address::BluetoothUuid;
use firn_model::reading::{ClockQuality, Measurement};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};

/// The command that asks for the whole log.
pub const COMMAND: &[u8] = b"*logall";
/// Temperature, humidity and dew point.
const QUANTITIES: usize = 3;

/// The download of one Tempo Disc's log.
pub type BlueMaestro = Engine<Disc>;

/// The bytes of Blue Maestro's dialog.
#[derive(Debug)]
pub struct Disc {
    interval_s: Option<u32>,
    asked_at: UtcMillis,
    records: Option<usize>,
    /// The quantities that have come to their end, and the one under way.
    columns: Vec<Vec<[u8; 2]>>,
    under_way: Vec<[u8; 2]>,
    sound: bool,
}

impl BlueMaestro {
    /// A download that has not begun.
    pub fn new(options: &DialogOptions) -> Self {
        let disc = Disc {
            interval_s: options.interval_s,
            asked_at: UtcMillis(0),
            records: None,
            columns: Vec::new(),
            under_way: Vec::new(),
            sound: false,
        };
        Engine::over(disc, 0)
    }
}

impl Disc {
    fn begin(&mut self, at: UtcMillis) {
        self.asked_at = at;
        self.break_off();
    }

    fn on_header(&mut self, bytes: &[u8]) -> Option<Heard> {
        let [_, _, n0, n1, _, _, _, _, _, _, _, _, _, _, 0x3A] = *bytes else { return None };
        if self.records.is_some() {
            return None;
        }
        self.records = Some(usize::from(u16::from_be_bytes([n0, n1])));
        Some(Heard::Data)
    }

    fn on_values(&mut self, log: &mut Series, bytes: &[u8], at: UtcMillis) -> Heard {
        let Some(records) = self.records else { return Heard::Refused };
        let (pairs, rest) = bytes.as_chunks::<2>();
        for pair in pairs {
            match pair {
                [0x2C, 0x2C] => self.columns.push(std::mem::take(&mut self.under_way)),
                [0x2E, 0x2E] | [0x2E, 0x0A | 0x0D | 0] => return self.on_last(log, at),
                _ if self.under_way.len() >= records => {
                    self.columns.clear();
                    return self.on_last(log, at);
                }
                pair => self.under_way.push(*pair),
            }
            if self.columns.len() >= QUANTITIES {
                return self.on_last(log, at);
            }
        }
        if rest == [0x2E] { self.on_last(log, at) } else { Heard::Data }
    }

    /// All quantities are there: they make records where each has as many values as were announced.
    fn on_last(&mut self, log: &mut Series, at: UtcMillis) -> Heard {
        let mut columns = std::mem::take(&mut self.columns);
        let records = self.records.take().unwrap_or(0);
        let last = std::mem::take(&mut self.under_way);
        if !columns.is_empty() && !last.is_empty() {
            columns.push(last);
        }
        if columns.is_empty() || columns.iter().any(|column| column.len() != records) {
            return Heard::End(Vec::new());
        }
        self.sound = true;
        let clock = match self.interval_s.filter(|interval| *interval > 0) {
            Some(interval) => {
                let step_ms = i64::from(interval).saturating_mul(1000);
                let base = UtcMillis(self.asked_at.0.saturating_add(step_ms));
                log.begin_on(Grid { base, step_ms });
                ClockQuality::ComputedFromPhone
            }
            None => {
                log.begin(0..=0);
                ClockQuality::NeverSet
            }
        };
        let count = i64::try_from(records).unwrap_or(0);
        let column = |nth: usize| columns.get(nth).map_or(&[][..], Vec::as_slice);
        for (nth, place) in (count.saturating_neg()..0).enumerate() {
            let values = [0, 1, 2].map(|quantity| column(quantity).get(nth).copied());
            log.take(record(place, values, clock, at));
        }
        Heard::End(Vec::new())
    }
}

/// One record of up to three values; what cannot be is left out.
fn record(place: i64, values: [Option<[u8; 2]>; 3], clock: ClockQuality, at: UtcMillis) -> Record {
    let [temperature, humidity, dew_point] =
        values.map(|value| value.map(|bytes| i32::from(i16::from_be_bytes(bytes))));
    let celsius =
        |tenths: i32| (-1000..=1500).contains(&tenths).then(|| MilliCelsius(tenths.saturating_mul(100)));
    Record {
        place,
        time: UtcMillis(0),
        clock,
        logger_time_ms: None,
        received: at,
        measurement: Measurement {
            temperature: temperature.and_then(celsius),
            humidity: humidity
                .and_then(|tenths| u32::try_from(tenths).ok())
                .filter(|tenths| *tenths <= 1000)
                .map(|tenths| RelativeHumidity(tenths.saturating_mul(1000))),
            dew_point: dew_point.and_then(celsius),
            ..Measurement::default()
        },
        raw: values.into_iter().flatten().flatten().collect(),
    }
}

impl Protocol for Disc {
    const SERVICE: BluetoothUuid = SERVICE;
    const NOTIFY: &'static [BluetoothUuid] = &[NOTIFY];

    fn ask(
        &mut self,
        _log: &mut Series,
        _wanted: Wanted,
        _from: Option<UtcMillis>,
        now: UtcMillis,
    ) -> Result<Ask, DialogError> {
        self.begin(now);
        Ok(vec![Action::Write {
            service: SERVICE,
            characteristic: WRITE,
            bytes: COMMAND.to_vec(),
            with_response: true,
        }]
        .into())
    }

    fn hear(&mut self, log: &mut Series, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Heard {
        self.on_header(bytes).unwrap_or_else(|| self.on_values(log, bytes, at))
    }

    fn break_off(&mut self) {
        self.records = None;
        self.columns.clear();
        self.under_way.clear();
    }

    fn next(&mut self, _log: &Series) -> Option<Wanted> {
        (!self.sound).then_some(Wanted::All)
    }

    /// A disc that measures temperature alone may end after one quantity.
    fn ends_silently(&mut self, log: &mut Series, at: UtcMillis) -> bool {
        if self.columns.is_empty() || !self.under_way.is_empty() {
            return false;
        }
        self.on_last(log, at);
        self.sound
    }

    /// No record has a number.
    fn proven(&self, _log: &Series) -> bool {
        false
    }

    fn expected(&self, _log: &Series) -> (i64, Option<(i64, i64)>) {
        (1, None)
    }

    fn total(&self) -> Option<usize> {
        self.records
    }

    fn verdict(&self, _log: &Series) -> Option<DialogError> {
        (!self.sound).then_some(DialogError::Damaged)
    }

    fn is_request(bytes: &[u8]) -> bool {
        bytes == COMMAND || bytes == b"logall"
    }

    fn recorded(&mut self, _log: &mut Series, bytes: &[u8], at: UtcMillis) -> Option<Recorded> {
        (bytes == COMMAND || bytes == b"logall").then(|| {
            self.begin(at);
            Recorded { clock: None, from: UtcMillis(0) }
        })
    }
}
