//! The log download of ELA Innovation's Blue loggers: the text command `LOG_DL`.
//!
//! Source: ELA's documentation of the connected mode and its Bluetooth-Python-Sample. `LOG_DL`, with the
//! password where one is set, goes to the Nordic UART Service; the answer is text over many notifications:
//! `Nb data to get`, a title such as `Temperature LOG:`, `DATA_START`, lines `0d0h0m30s:2712` (time since
//! the log began, and hundredths of a degree), `END_OF_DATA`. Lines of other titles are not documented and
//! not read. `LOG_RST` erases and `LOG_SET_CURR_DATE` sets a clock: neither is ever sent.
//!
//! No line has a check value, and where a notification is lost two lines may grow into one that looks like
//! a record. The log is therefore read twice, and a line counts once two answers have brought it with its successor. The
//! newest record is dated at the request and the others by their distance from it, once both ends of the
//! log have come: as many intervals apart as the announced number of lines. Until then no reading is given,
//! for its time would be a guess.

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
/// How many answers are read at most.
const MOST_ANSWERS: u8 = 6;
/// How many lines a log may have.
const MOST_LINES: usize = 100_000;

/// The download of one ELA logger's log.
pub type Ela = Engine<LogLines>;

/// The value of a line and the line as it came.
type Line = (MilliCelsius, Vec<u8>);

/// The lines of ELA's `LOG_DL`.
#[derive(Debug, Default)]
pub struct LogLines {
    password: Option<String>,
    asked_at: UtcMillis,
    text: LineBuffer,
    titled: bool,
    begun: bool,
    count: Option<usize>,
    /// The lines of the answer under way, and of all answers before, by their seconds.
    round: BTreeMap<i64, Line>,
    before: BTreeMap<i64, Line>,
    /// The second of the line before, and how many seconds follow each line until the next.
    last: Option<i64>,
    gaps: BTreeMap<i64, i64>,
    /// The newest second of the answers before.
    newest_before: Option<i64>,
    /// Lines that two answers have brought, and whether each stands in the log.
    agreed: BTreeMap<i64, (Line, bool)>,
    placed: bool,
    begun_anew: bool,
    answers: u8,
    ended: bool,
    complete: bool,
    /// A recording holds one answer: its lines count without a second.
    recorded: bool,
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
        let lines = LogLines { password: options.password.clone(), ..LogLines::default() };
        Engine::over(lines, 0)
    }
}

impl LogLines {
    fn begin(&mut self, at: UtcMillis) {
        self.asked_at = at;
        self.break_off();
    }

    fn on_line(&mut self, log: &mut Series, line: Vec<u8>, at: UtcMillis) -> Option<Heard> {
        if self.begun && line.first().is_some_and(u8::is_ascii_digit) {
            return self.on_record(line);
        }
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
        self.on_record(line)
    }

    fn on_record(&mut self, line: Vec<u8>) -> Option<Heard> {
        let Some((seconds, celsius)) = record_line(&line).filter(|_| self.titled) else {
            self.last = None;
            return Some(Heard::Refused);
        };
        if let Some(last) = self.last.replace(seconds) {
            self.gaps.insert(last, seconds.saturating_sub(last));
        }
        if self.round.len() < MOST_LINES {
            self.round.entry(seconds).or_insert((celsius, line));
        }
        None
    }

    /// What two answers have brought counts.
    fn agree(&mut self) {
        let (mut round, gaps) = (std::mem::take(&mut self.round), std::mem::take(&mut self.gaps));
        let step = gaps.values().copied().filter(|gap| *gap > 0).min();
        let last = self.last.take();
        // A line that was cut short is followed by one that is not the next.
        let followed = |second: &i64| gaps.get(second).copied() == step || Some(*second) == last;
        round.retain(|second, _| followed(second));
        for (seconds, line) in &round {
            if !self.recorded && self.before.get(seconds) != Some(line) {
                continue;
            }
            self.agreed.entry(*seconds).or_insert_with(|| (line.clone(), false));
        }
        if self.before.is_empty() {
            self.before = round;
        } else if self.before.len() < MOST_LINES {
            self.before.extend(round);
        }
    }

    /// Nearly all of what both this answer and those before hold differs.
    fn contradicts(&self) -> bool {
        let both = self.round.iter().filter_map(|(second, line)| Some(self.before.get(second)? == line));
        let (same, all) = both.fold((0_usize, 0_usize), |(same, all), is| (same + usize::from(is), all + 1));
        // A few garbled lines are no other log.
        all >= 4 && same <= all / 4
    }

    /// The newest record is older than one before, or most have other values: the log has begun anew since.
    fn forget(&mut self, log: &mut Series) {
        if log.known() > 0 {
            log.close();
        }
        self.begun_anew = true;
        self.agreed.clear();
        self.before.clear();
        self.newest_before = None;
        self.placed = false;
    }

    /// The second of the newest record, where this answer shows both ends of the log.
    fn newest(&self) -> Option<i64> {
        let (first, last) = (*self.round.first_key_value()?.0, *self.round.last_key_value()?.0);
        let steps = self.round.keys().skip(1).zip(self.round.keys()).map(|(later, earlier)| later - earlier);
        let steps_there = i64::try_from(self.count?.saturating_sub(1)).ok()?;
        let whole = last.saturating_sub(first) == steps.min().unwrap_or(0).saturating_mul(steps_there);
        (whole || self.recorded).then_some(last)
    }

    fn on_end(&mut self, log: &mut Series, at: UtcMillis) -> Heard {
        let newest = self.newest();
        let known = self.agreed.last_key_value().map(|(second, _)| *second).max(self.newest_before);
        if (newest.is_some() && newest < known) || self.contradicts() {
            self.forget(log);
        }
        let came = self.round.len();
        let repeatable: Vec<i64> =
            self.round.keys().copied().filter(|second| Some(*second) <= self.newest_before).collect();
        self.newest_before = self.newest_before.max(newest);
        self.agree();
        if let Some(newest) = newest {
            if !self.placed {
                let base = UtcMillis(self.asked_at.0.saturating_sub(newest.saturating_mul(1000)));
                log.begin_at(Grid { base, step_ms: 1000 });
                self.placed = true;
            }
            // Only an answer with both its ends shows that it is of the same log as those before.
            self.place(log, at);
        }
        let all_agreed = repeatable.iter().all(|second| self.agreed.contains_key(second));
        let second_answer = self.answers > 0 && (!repeatable.is_empty() || came == 0);
        self.complete |= self.count == Some(came) && all_agreed && (second_answer || self.recorded);
        self.answers = self.answers.saturating_add(1);
        self.ended = true;
        Heard::End(Vec::new())
    }

    fn place(&mut self, log: &mut Series, at: UtcMillis) {
        for (seconds, ((celsius, raw), stands)) in &mut self.agreed {
            if std::mem::replace(stands, self.placed) || !self.placed {
                continue;
            }
            log.take(Record {
                place: *seconds,
                time: UtcMillis(0),
                clock: ClockQuality::ComputedFromPhone,
                logger_time_ms: Some(seconds.saturating_mul(1000)),
                received: at,
                measurement: Measurement { temperature: Some(*celsius), ..Measurement::default() },
                raw: raw.clone(),
            });
        }
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
        let bytes = command(COMMAND, self.password.as_deref());
        Ok(vec![Action::Write { service: SERVICE, characteristic: WRITE, bytes, with_response: false }]
            .into())
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
        // What an answer that broke off brought counts as brought once.
        self.agree();
        (self.titled, self.begun, self.ended, self.count) = (false, false, false, None);
    }

    fn next(&mut self, _log: &Series) -> Option<Wanted> {
        (!self.complete && self.answers < MOST_ANSWERS).then_some(Wanted::All)
    }

    fn proven(&self, _log: &Series) -> bool {
        self.complete
    }

    fn expected(&self, log: &Series) -> (i64, Option<(i64, i64)>) {
        (log.spacing().unwrap_or(1), None)
    }

    fn note(&self, summary: &mut Summary) {
        if self.begun_anew {
            summary.resets = summary.resets.max(1);
            summary.coverage = Coverage::Unproven;
        }
    }

    fn verdict(&self, log: &Series) -> Option<DialogError> {
        // Lines came, and no two answers agreed, or none showed both ends of the log.
        (log.known() == 0 && !self.before.is_empty()).then_some(DialogError::Damaged)
    }

    fn total(&self) -> Option<usize> {
        self.count
    }

    fn is_request(bytes: &[u8]) -> bool {
        bytes.starts_with(COMMAND.as_bytes())
    }

    fn recorded(&mut self, _log: &mut Series, bytes: &[u8], at: UtcMillis) -> Option<Recorded> {
        bytes.starts_with(COMMAND.as_bytes()).then(|| {
            self.recorded = true;
            self.begin(at);
            Recorded { clock: None, from: UtcMillis(0) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_documented_or_not_at_all() {
        let read = |line: &str| record_line(line.as_bytes()).map(|(seconds, celsius)| (seconds, celsius.0));
        assert_eq!(read("0d0h0m30s:2712"), Some((30, 27_120)));
        assert_eq!(read("2d3h4m5s:-12"), Some((183_845, -120)));
        for bad in
            ["", "0d0h0m30s:", "0d0h0m30s:27.12", "0d0h0m30s:2712:45", "0d0h61m0s:1", "0d0h0m30s:99999", "x"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
