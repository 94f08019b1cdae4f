//! The log download of ELA Innovation's Blue loggers: the text command `LOG_DL`.
//!
//! Source: ELA's documentation of the connected mode and its Bluetooth-Python-Sample. `LOG_DL`, with the
//! password where one is set, goes to the Nordic UART Service; the answer is text over many notifications:
//! `Nb data to get`, a title such as `Temperature LOG:`, `DATA_START`, lines `0d0h0m30s:2712` (time since
//! the log began, and hundredths of a degree), `END_OF_DATA`. Lines of other titles are not documented and
//! not read. `LOG_RST` erases and `LOG_SET_CURR_DATE` sets a clock: neither is ever sent.
//!
//! No line has a check value, and where a notification is lost two lines may grow into one that looks like
//! a record. A line therefore counts once the next one follows it by the interval, or once a second answer
//! repeats it. The newest record is dated at the request and the others by their distance from it, once
//! both ends of the log have come: as many intervals apart as the announced number of lines. Until then no
//! reading is given, for its time would be a guess.

use super::engine::{Ask, Engine, Heard, Protocol, Recorded, Wanted};
use super::ruuvi::{NOTIFY, SERVICE, WRITE};
use super::series::{Grid, Record, Series};
use super::{Action, Coverage, DialogError, DialogOptions, Summary};
use crate::address::BluetoothUuid;
use firn_model::reading::{ClockQuality, Measurement};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use std::collections::BTreeMap;

/// The command that asks for the log in order of time.
pub const COMMAND: &str = "LOG_DL";
/// No line is longer; what is, is noise.
const LONGEST_LINE: usize = 160;
/// How often the whole log is asked for.
const MOST_ANSWERS: u8 = 4;
/// How many lines a log may have.
const MOST_LINES: usize = 100_000;

/// The download of one ELA logger's log.
pub type Ela = Engine<LogLines>;

/// A line as it came, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    seconds: i64,
    celsius: MilliCelsius,
    raw: Vec<u8>,
}

/// The lines of ELA's `LOG_DL`.
#[derive(Debug)]
pub struct LogLines {
    password: Option<String>,
    asked_at: UtcMillis,
    text: LineBuffer,
    titled: bool,
    begun: bool,
    count: Option<i64>,
    /// The line that waits for its successor.
    last: Option<Line>,
    step: Option<i64>,
    /// All lines that count, over all answers, by their time; and whether each stands in the log.
    lines: BTreeMap<i64, (Line, bool)>,
    /// The first and the last line that count in the answer under way.
    ends: Option<(i64, i64)>,
    placed: bool,
    resets: usize,
    /// Lines of this and of earlier answers that no successor has confirmed.
    doubtful: BTreeMap<i64, Vec<u8>>,
    doubtful_before: BTreeMap<i64, Vec<u8>>,
    answers: u8,
    ended: bool,
    complete: bool,
}

/// Text that arrives in pieces, cut into lines.
#[derive(Debug, Default)]
pub(super) struct LineBuffer {
    bytes: Vec<u8>,
}

impl LineBuffer {
    /// Takes a piece and gives the lines that it completes.
    pub(super) fn take(&mut self, piece: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        for byte in piece {
            match byte {
                b'\r' | b'\n' | 0 if self.bytes.is_empty() => {}
                b'\r' | b'\n' | 0 => lines.push(std::mem::take(&mut self.bytes)),
                byte if self.bytes.len() < LONGEST_LINE => self.bytes.push(*byte),
                _ => {}
            }
        }
        lines
    }

    /// Gives a last line that no line break follows.
    pub(super) fn take_last(&mut self, ending: &[u8]) -> Option<Vec<u8>> {
        self.bytes.ends_with(ending).then(|| std::mem::take(&mut self.bytes))
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }
}

/// The bytes of a command, with a password where there is one.
pub(super) fn command(name: &str, password: Option<&str>) -> Vec<u8> {
    match password {
        Some(password) => format!("{name} {password}").into_bytes(),
        None => name.as_bytes().to_vec(),
    }
}

/// Reads `1d2h3m4s:2712`; nothing more and nothing less.
pub(super) fn record_line(line: &[u8]) -> Option<(i64, MilliCelsius)> {
    let text = std::str::from_utf8(line).ok()?.trim();
    let (time, value) = text.split_once(':')?;
    let (days, time) = time.split_once('d')?;
    let (hours, time) = time.split_once('h')?;
    let (minutes, time) = time.split_once('m')?;
    let seconds = time.strip_suffix('s')?;
    let number = |text: &str, most: i64| -> Option<i64> {
        let plain = !text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|value| plain && *value <= most)
    };
    let since = number(days, 99_999)? * 86_400
        + number(hours, 23)? * 3600
        + number(minutes, 59)? * 60
        + number(seconds, 59)?;
    let digits = value.strip_prefix('-').unwrap_or(value);
    let hundredths = i32::try_from(number(digits, 15_000)?).ok()?;
    let hundredths = if digits.len() < value.len() { hundredths.saturating_neg() } else { hundredths };
    (hundredths >= -10_000).then(|| (since, MilliCelsius(hundredths.saturating_mul(10))))
}

impl Ela {
    /// A download that has not begun.
    pub fn new(options: &DialogOptions) -> Self {
        let lines = LogLines {
            password: options.password.clone(),
            asked_at: UtcMillis(0),
            text: LineBuffer::default(),
            titled: false,
            begun: false,
            count: None,
            last: None,
            step: None,
            lines: BTreeMap::new(),
            ends: None,
            placed: false,
            resets: 0,
            doubtful: BTreeMap::new(),
            doubtful_before: BTreeMap::new(),
            answers: 0,
            ended: false,
            complete: false,
        };
        Engine::over(lines, 0)
    }
}

impl LogLines {
    fn begin(&mut self, at: UtcMillis) {
        self.asked_at = at;
        self.break_off();
    }

    fn on_line(&mut self, log: &mut Series, line: Vec<u8>, at: UtcMillis) -> Option<Heard> {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.ends_with("END_OF_DATA") && self.begun {
            return Some(self.on_end(log, at));
        }
        if !self.begun {
            if let Some(count) = text.strip_prefix("Nb data to get") {
                self.count = count.trim_start_matches([' ', ':']).parse().ok();
            } else if text.ends_with("LOG:") || text.ends_with("LOG") {
                if text.trim_end_matches(':') != "Temperature LOG" {
                    return Some(Heard::Failed(DialogError::UnknownLogFormat));
                }
                self.titled = true;
            }
            self.begun = text == "DATA_START";
            return None;
        }
        match record_line(&line).filter(|_| self.titled) {
            Some((seconds, celsius)) => {
                self.on_record(Line { seconds, celsius, raw: line });
                None
            }
            None => {
                self.doubt();
                Some(Heard::Refused)
            }
        }
    }

    /// The line before has no successor that follows it by the interval.
    fn doubt(&mut self) {
        if let Some(last) = self.last.take() {
            self.doubtful.insert(last.seconds, last.raw);
        }
    }

    fn on_record(&mut self, line: Line) {
        let step = self.last.as_ref().map(|last| line.seconds.saturating_sub(last.seconds));
        if self.doubtful_before.get(&line.seconds) == Some(&line.raw) {
            // Two answers say the same.
            self.accept(line.clone());
        }
        match step.filter(|step| *step > 0) {
            Some(step) if self.step.is_none_or(|usual| usual == step) => {
                self.step = Some(step);
                if let Some(last) = self.last.replace(line) {
                    self.accept(last);
                }
            }
            _ => {
                self.doubt();
                self.last = Some(line);
            }
        }
    }

    fn accept(&mut self, line: Line) {
        let seconds = line.seconds;
        if self.lines.get(&seconds).is_some_and(|(known, _)| known.raw != line.raw) {
            // The same moment with another value: the log has begun anew since.
            self.lines.clear();
            self.placed = false;
            self.resets = self.resets.saturating_add(1);
        }
        let (first, last) = self.ends.unwrap_or((seconds, seconds));
        self.ends = Some((first.min(seconds), last.max(seconds)));
        if self.lines.len() < MOST_LINES {
            self.lines.entry(seconds).or_insert((line, false));
        }
    }

    /// The time of the newest record, once both ends of the log have come: as many lines as announced.
    fn newest(&self) -> Option<i64> {
        let (first, last) = (*self.lines.first_key_value()?.0, *self.lines.last_key_value()?.0);
        let (step, count) = (self.step.unwrap_or(1), self.count?);
        let spans = |(first, last): (i64, i64)| last.saturating_sub(first) == step.saturating_mul(count - 1);
        (spans((first, last)) || self.ends.is_some_and(spans)).then_some(last)
    }

    fn on_end(&mut self, log: &mut Series, at: UtcMillis) -> Heard {
        // The last line has no successor; it counts where it is the only one or as many came as announced.
        if let Some(last) = self.last.take() {
            let alone = self.count == Some(1) && self.lines.is_empty();
            if alone || self.step.is_some() { self.accept(last) } else { self.last = Some(last) }
        }
        if !self.placed
            && let Some(newest) = self.newest()
        {
            let base = UtcMillis(self.asked_at.0.saturating_sub(newest.saturating_mul(1000)));
            log.begin_at(Grid { base, step_ms: 1000 });
            self.placed = true;
        }
        for (line, stands) in self.lines.values_mut().filter(|(_, stands)| !stands && self.placed) {
            *stands = true;
            log.take(Record {
                place: line.seconds,
                time: UtcMillis(0),
                clock: ClockQuality::ComputedFromPhone,
                logger_time_ms: Some(line.seconds.saturating_mul(1000)),
                received: at,
                measurement: Measurement { temperature: Some(line.celsius), ..Measurement::default() },
                raw: line.raw.clone(),
            });
        }
        self.ended = true;
        Heard::End(Vec::new())
    }

    /// Whether as many lines came as the logger announced.
    fn all_came(&self) -> bool {
        let count = self.count.and_then(|count| usize::try_from(count).ok());
        count.is_some_and(|count| self.lines.len() >= count && (self.placed || count == 0))
    }
}

impl Protocol for LogLines {
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
        self.answers = self.answers.saturating_add(1);
        let bytes = command(COMMAND, self.password.as_deref());
        Ok(vec![Action::Write { service: SERVICE, characteristic: WRITE, bytes, with_response: false }].into())
    }

    fn hear(&mut self, log: &mut Series, _: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Heard {
        let mut heard = Heard::Data;
        let mut lines = self.text.take(bytes);
        lines.extend(self.text.take_last(b"END_OF_DATA"));
        for line in lines {
            match self.on_line(log, line, at) {
                Some(last @ (Heard::End(_) | Heard::Failed(_))) => return last,
                Some(other) => heard = other,
                None => {}
            }
        }
        heard
    }

    fn break_off(&mut self) {
        self.text.clear();
        self.doubt();
        let doubtful = std::mem::take(&mut self.doubtful);
        self.doubtful_before.extend(doubtful);
        (self.titled, self.begun, self.ended) = (false, false, false);
        (self.count, self.step, self.ends) = (None, None, None);
    }

    fn next(&mut self, _log: &Series) -> Option<Wanted> {
        self.complete |= self.ended && self.all_came();
        // Without a count another answer proves no more than this one.
        let worth = self.count.is_some() || !self.ended;
        (!self.complete && worth && self.answers < MOST_ANSWERS).then_some(Wanted::All)
    }

    fn proven(&self, _log: &Series) -> bool {
        self.complete
    }

    fn expected(&self, log: &Series) -> (i64, Option<(i64, i64)>) {
        (log.spacing().unwrap_or(1), None)
    }

    fn note(&self, summary: &mut Summary) {
        summary.resets = summary.resets.saturating_add(self.resets);
        if self.resets > 0 {
            summary.coverage = Coverage::Unproven;
        }
    }

    fn verdict(&self, log: &Series) -> Option<DialogError> {
        // Lines came, and no answer showed both ends of the log: nobody can tell their times.
        (log.known() == 0 && !self.lines.is_empty()).then_some(DialogError::Damaged)
    }

    fn total(&self) -> Option<usize> {
        self.count.and_then(|count| usize::try_from(count).ok())
    }

    fn is_request(bytes: &[u8]) -> bool {
        bytes.starts_with(COMMAND.as_bytes())
    }

    fn recorded(&mut self, _log: &mut Series, bytes: &[u8], at: UtcMillis) -> Option<Recorded> {
        bytes.starts_with(COMMAND.as_bytes()).then(|| {
            self.begin(at);
            Recorded { clock: None, from: UtcMillis(0) }
        })
    }
}

#[cfg(test)]
#[path = "ela/tests.rs"]
mod tests;
