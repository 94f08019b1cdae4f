//! The session of ELA Innovation's EN 12830 loggers: `READ_DATA`, kept as it came and not checked.
//!
//! Source: ELA's documentation of the connected mode. `READ_DATA`, with the password, is answered by
//! `---DOWNLOAD_START---`, a head (firmware, MAC address, name, unit, start date), `<DATA_START>`, lines,
//! `<DATA_END>`, a CRC16 and `---DOWNLOAD_END---`; or by `READ_DATA: LOG not started!`. The polynomial and
//! the form of the lines are not public. The whole text is therefore kept; lines in the form of `LOG_DL`
//! become readings, others readings without values, none is said to be checked, and none is more than
//! heard. Times stand on the start date in the head. `DATALOGGER_STOP` and `DATALOGGER_START` end a
//! session or begin one: neither is ever sent.

use super::ela::{LineBuffer, command, record_line};
use super::engine::{Ask, Engine, Heard, Protocol, Recorded, Wanted};
use super::ruuvi::{NOTIFY, SERVICE, WRITE};
use super::series::{Record, Series};
use super::{Action, DialogError, DialogOptions, Summary};
use crate::address::BluetoothUuid;
use firn_model::reading::{ClockQuality, Measurement};
use firn_model::time::{LocalInstant, UtcMillis};

/// The command that asks for the session.
pub const COMMAND: &str = "READ_DATA";
/// A session is not longer than this many bytes.
const LONGEST_SESSION: usize = 4 << 20;

/// The download of one EN 12830 session.
pub type ElaEn12830 = Engine<Session>;

/// The text of one session.
#[derive(Debug)]
pub struct Session {
    password: Option<String>,
    document: Vec<u8>,
    text: LineBuffer,
    started: Option<UtcMillis>,
    lines: Vec<Vec<u8>>,
    in_data: bool,
    data_ended: bool,
    whole: bool,
}

impl ElaEn12830 {
    /// A download that has not begun.
    pub fn new(options: &DialogOptions) -> Self {
        let session = Session {
            password: options.password.clone(),
            document: Vec::new(),
            text: LineBuffer::default(),
            started: None,
            lines: Vec::new(),
            in_data: false,
            data_ended: false,
            whole: false,
        };
        Engine::over(session, 0)
    }
}

/// Reads `22/11/2026 09:30:00 +01:00` out of a line of the head.
fn start_date(line: &str) -> Option<UtcMillis> {
    let mut words = line.split([' ', '\t']).rev().filter(|word| !word.is_empty());
    let (zone, time, date) = (words.next()?, words.next()?, words.next()?);
    let mut parts = date.trim_start_matches(|c: char| !c.is_ascii_digit()).split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    LocalInstant::parse(&format!("{year}-{month}-{day}T{time}{zone}")).ok().map(|instant| instant.at)
}

impl Session {
    fn on_line(&mut self, log: &mut Series, line: Vec<u8>, at: UtcMillis) -> Option<Heard> {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.ends_with("LOG not started!") {
            return Some(Heard::Failed(DialogError::NoLog));
        }
        match text {
            "---DOWNLOAD_START---" => self.forget(),
            "<DATA_START>" => self.in_data = true,
            "<DATA_END>" => (self.in_data, self.data_ended) = (false, true),
            "---DOWNLOAD_END---" if self.data_ended => return Some(self.on_end(log, at)),
            _ if self.in_data => self.lines.push(line),
            head => {
                let date = head.to_ascii_lowercase().starts_with("start date").then(|| start_date(head));
                self.started = date.flatten().or(self.started);
            }
        }
        None
    }

    fn on_end(&mut self, log: &mut Series, at: UtcMillis) -> Heard {
        self.whole = true;
        log.begin(0..=0);
        for (place, line) in (0_i64..).zip(std::mem::take(&mut self.lines)) {
            let read = record_line(&line);
            let since = read.map(|(seconds, _)| seconds.saturating_mul(1000));
            let time = self.started.zip(since).map(|(start, since)| start.0.saturating_add(since));
            let clock = if time.is_some() { ClockQuality::LoggerOwn } else { ClockQuality::NeverSet };
            log.take(Record {
                place,
                time: UtcMillis(time.or(since).unwrap_or(0)),
                clock,
                logger_time_ms: since,
                received: at,
                measurement: Measurement {
                    temperature: read.map(|(_, celsius)| celsius),
                    ..Measurement::default()
                },
                raw: line,
            });
        }
        Heard::End(Vec::new())
    }

    fn forget(&mut self) {
        self.lines.clear();
        (self.in_data, self.data_ended, self.started) = (false, false, None);
    }
}

impl Protocol for Session {
    const SERVICE: BluetoothUuid = SERVICE;
    const NOTIFY: &'static [BluetoothUuid] = &[NOTIFY];

    fn ask(
        &mut self,
        _log: &mut Series,
        _wanted: Wanted,
        _from: Option<UtcMillis>,
        _now: UtcMillis,
    ) -> Result<Ask, DialogError> {
        self.break_off();
        let bytes = command(COMMAND, self.password.as_deref());
        Ok(vec![Action::Write { service: SERVICE, characteristic: WRITE, bytes, with_response: false }]
            .into())
    }

    fn hear(&mut self, log: &mut Series, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Heard {
        if self.document.len().saturating_add(bytes.len()) > LONGEST_SESSION {
            return Heard::Failed(DialogError::Damaged);
        }
        self.document.extend_from_slice(bytes);
        let mut lines = self.text.take(bytes);
        lines.extend(self.text.take_last(b"---DOWNLOAD_END---"));
        for line in lines {
            if let Some(heard) = self.on_line(log, line, at) {
                return heard;
            }
        }
        Heard::Data
    }

    fn break_off(&mut self) {
        self.document.clear();
        self.text.clear();
        self.forget();
    }

    fn next(&mut self, _log: &Series) -> Option<Wanted> {
        (!self.whole).then_some(Wanted::All)
    }

    /// The check value is there, and its rule is not public.
    fn proven(&self, _log: &Series) -> bool {
        false
    }

    fn expected(&self, _log: &Series) -> (i64, Option<(i64, i64)>) {
        (1, None)
    }

    fn note(&self, summary: &mut Summary) {
        summary.not_checked = true;
    }

    fn document(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.document)).filter(|document| !document.is_empty())
    }

    fn is_request(bytes: &[u8]) -> bool {
        bytes.starts_with(COMMAND.as_bytes())
    }

    fn recorded(&mut self, _log: &mut Series, bytes: &[u8], _at: UtcMillis) -> Option<Recorded> {
        bytes.starts_with(COMMAND.as_bytes()).then(|| {
            self.break_off();
            Recorded { clock: None, from: UtcMillis(0) }
        })
    }
}
