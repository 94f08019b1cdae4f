//! What all log dialogs have in common: asking, waiting, asking again, resuming, giving in batches, ending.
//!
//! A [`Protocol`] knows the bytes of one family; the engine knows when to be patient and when not. The
//! stall timer runs on log data, never on the connection: a logger may stay connected and send nothing.

use super::series::Series;
use super::{Action, Coverage, Dialog, DialogError, Progress, Request, Summary};
use crate::address::BluetoothUuid;
use firn_model::reading::Reading;
use firn_model::time::UtcMillis;
use std::collections::VecDeque;
use std::fmt;

/// How long a dialog waits for records before it asks again, in seconds.
pub const STALL_S: u32 = 15;
/// How often it asks again without anything new before it gives up.
const MOST_STALLS: u8 = 3;
/// How often it asks again for records that are missing.
const MOST_REPAIRS: u8 = 8;
/// How many records make a batch.
const BATCH: usize = 64;

/// What is to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Everything since the requested time.
    All,
    /// What stands at these places of the series.
    Places(i64, i64),
}

/// What a protocol made of a notification.
#[derive(Debug)]
pub enum Heard {
    /// Nothing of the log.
    Nothing,
    /// Malformed, out of range or from the future.
    Refused,
    /// Part of the log, or of its frame.
    Data,
    /// Part of the log after which something is to be written.
    Then(Vec<Action>),
    /// The answer has come to its end; what is to be done before anything else.
    End(Vec<Action>),
    /// The logger refuses.
    Failed(DialogError),
}

/// A request: what is done at once, and what follows after so many milliseconds each.
#[derive(Debug, Default)]
pub struct Ask {
    pub now: Vec<Action>,
    pub later: Vec<(u32, Action)>,
}

impl From<Vec<Action>> for Ask {
    fn from(now: Vec<Action>) -> Self {
        Self { now, later: Vec::new() }
    }
}

/// A request as a recording holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The phone's clock inside it, where the logger is told the time.
    pub clock: Option<UtcMillis>,
    /// From when it asks; zero is everything.
    pub from: UtcMillis,
}

/// The bytes of one family of loggers.
pub trait Protocol: fmt::Debug + Send {
    /// The service that holds the log.
    const SERVICE: BluetoothUuid;
    /// Where the logger notifies.
    const NOTIFY: &'static [BluetoothUuid];
    /// What asks for `wanted`; notes in the log that an answer begins.
    fn ask(
        &mut self,
        log: &mut Series,
        wanted: Wanted,
        from: Option<UtcMillis>,
        now: UtcMillis,
    ) -> Result<Ask, DialogError>;
    /// Takes a notification.
    fn hear(&mut self, log: &mut Series, characteristic: BluetoothUuid, bytes: &[u8], at: UtcMillis)
    -> Heard;
    /// The connection is new, or the logger has fallen silent: what was half received is void.
    fn break_off(&mut self) {}
    /// The connection is new.
    fn resumed(&mut self) {}
    /// What is still to be asked for; none where all has come, or nothing more can come.
    fn next(&mut self, log: &Series) -> Option<Wanted>;
    /// Whether an answer that came to its end left nothing out.
    fn proven(&self, log: &Series) -> bool;
    /// The step and the ends of the places that there should be, for counting what is missing.
    fn expected(&self, log: &Series) -> (i64, Option<(i64, i64)>);
    /// How many records there are, where the logger says so.
    fn total(&self) -> Option<usize> {
        None
    }
    /// Whether a silent logger has said all there is, for logs without an end mark.
    fn ends_silently(&mut self, _log: &mut Series, _at: UtcMillis) -> bool {
        false
    }
    /// Adds what only the protocol knows.
    fn note(&self, _summary: &mut Summary) {}
    /// What of the logger's own bytes is to be kept when the download ends.
    fn document(&mut self) -> Option<Vec<u8>> {
        None
    }
    /// An error in place of a log that never arrived whole.
    fn verdict(&self, _log: &Series) -> Option<DialogError> {
        None
    }
    /// Whether recorded bytes ask for records.
    fn is_request(bytes: &[u8]) -> bool;
    /// Takes a recorded request; none if the bytes are none.
    fn recorded(&mut self, log: &mut Series, bytes: &[u8], at: UtcMillis) -> Option<Recorded>;
    /// The local time that recorded bytes set the logger's clock to, in milliseconds without an offset.
    fn recorded_clock_write(_bytes: &[u8]) -> Option<i64> {
        None
    }
    /// The phone's clock inside a recorded request, if it is one that holds it.
    fn recorded_clock(&self, _bytes: &[u8]) -> Option<UtcMillis> {
        None
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Receiving,
    Ended,
}

/// A download of one protocol's log.
#[derive(Debug)]
pub struct Engine<P> {
    protocol: P,
    log: Series,
    phase: Phase,
    from: Option<UtcMillis>,
    requests: Vec<Request>,
    refused: usize,
    last_data: UtcMillis,
    stalls: u8,
    repairs_left: u8,
    /// Writes that wait for their time.
    later: VecDeque<(UtcMillis, Action)>,
    from_recording: bool,
}

impl<P: Protocol> Engine<P> {
    /// A download that has not begun; `loose` bytes at a record's front are a computed time.
    pub fn over(protocol: P, loose: usize) -> Self {
        let log = Series::new(loose);
        Self {
            protocol,
            log,
            phase: Phase::Idle,
            from: None,
            requests: Vec::new(),
            refused: 0,
            last_data: UtcMillis(0),
            stalls: 0,
            repairs_left: MOST_REPAIRS,
            later: VecDeque::new(),
            from_recording: false,
        }
    }

    fn subscriptions() -> Vec<Action> {
        let subscribe = |to: &BluetoothUuid| Action::Subscribe { service: P::SERVICE, characteristic: *to };
        P::NOTIFY.iter().map(subscribe).collect()
    }

    /// Asks; a protocol that may not ask ends the download with its reason.
    fn ask(&mut self, wanted: Wanted, now: UtcMillis, mut before: Vec<Action>) -> Vec<Action> {
        self.log.settle();
        match self.protocol.ask(&mut self.log, wanted, self.from, now) {
            Err(reason) => self.abandon(reason),
            Ok(ask) => {
                self.phase = Phase::Receiving;
                self.last_data = now;
                let from = self.from.unwrap_or_default();
                self.requests.push(Request { now, from });
                let mut at = now;
                self.later.clear();
                for (wait_ms, action) in ask.later {
                    at = UtcMillis(at.0.saturating_add(i64::from(wait_ms)));
                    self.later.push_back((at, action));
                }
                before.extend(ask.now);
                before
            }
        }
    }

    fn ask_for_rest(&mut self, now: UtcMillis, before: Vec<Action>) -> Vec<Action> {
        self.protocol.break_off();
        self.log.settle();
        let wanted = self.protocol.next(&self.log).unwrap_or(Wanted::All);
        self.ask(wanted, now, before)
    }

    fn commit(&mut self) -> Vec<Action> {
        let batch = self.log.give();
        if batch.is_empty() {
            return Vec::new();
        }
        let progress = Progress { done: self.log.given(), total: self.protocol.total() };
        vec![Action::Readings(batch), Action::Progress(progress)]
    }

    fn on_end(&mut self, mut actions: Vec<Action>, at: UtcMillis) -> Vec<Action> {
        self.log.finish();
        actions.extend(self.commit());
        let wanted = self.protocol.next(&self.log);
        if let Some(wanted) = wanted.filter(|_| self.repairs_left > 0 && !self.from_recording) {
            self.repairs_left = self.repairs_left.saturating_sub(1);
            return self.ask(wanted, at, actions);
        }
        if let Some(reason) = self.protocol.verdict(&self.log) {
            actions.extend(self.abandon(reason));
            return actions;
        }
        self.phase = Phase::Ended;
        actions.extend(self.protocol.document().map(Action::Raw));
        actions.push(Action::Finished(self.summary()));
        actions
    }

    fn summary(&self) -> Summary {
        let log = &self.log;
        let (step, ends) = self.protocol.expected(log);
        let missing = log.missing(step, ends);
        let doubtful =
            log.guessed || log.resets > 0 || log.jumps > 0 || log.conflicts > 0 || log.overflow > 0;
        let whole = self.protocol.proven(log) && !doubtful;
        let mut summary = Summary {
            readings: log.given(),
            incomplete: log.empty_readings(),
            repeated: log.repeated,
            refused: self.refused.saturating_add(log.overflow),
            interval_s: log.interval_s(),
            coverage: if whole { Coverage::Whole } else { Coverage::Unproven },
            requests: self.requests.clone(),
            missing,
            conflicts: log.conflicts,
            resets: log.resets,
            clock_jumps: log.jumps,
            untimed: log.untimed(),
            ..Summary::default()
        };
        self.protocol.note(&mut summary);
        summary
    }

    fn on_heard(&mut self, heard: Heard, at: UtcMillis) -> Vec<Action> {
        match heard {
            Heard::Nothing => return Vec::new(),
            Heard::Refused => {
                self.refused = self.refused.saturating_add(1);
                return Vec::new();
            }
            Heard::Failed(reason) => return self.abandon(reason),
            Heard::End(actions) => return self.on_end(actions, at),
            Heard::Data => {}
            Heard::Then(mut actions) => {
                self.last_data = at;
                actions.extend(self.commit());
                return actions;
            }
        }
        self.last_data = at;
        if self.log.ready() == 0 {
            return Vec::new();
        }
        self.stalls = 0;
        if self.log.ready() < BATCH { Vec::new() } else { self.commit() }
    }

    fn due_writes(&mut self, at: UtcMillis) -> Vec<Action> {
        let mut actions = Vec::new();
        while self.later.front().is_some_and(|(due, _)| *due <= at) {
            actions.extend(self.later.pop_front().map(|(_, action)| action));
            self.last_data = at;
        }
        actions
    }

    fn stall_at(&self) -> UtcMillis {
        self.last_data.plus_seconds(i64::from(STALL_S))
    }

    fn on_stall(&mut self, at: UtcMillis) -> Vec<Action> {
        if self.protocol.ends_silently(&mut self.log, at) {
            return self.on_end(Vec::new(), at);
        }
        let mut actions = self.commit();
        if self.stalls >= MOST_STALLS {
            let seconds = STALL_S.saturating_mul(u32::from(self.stalls).saturating_add(1));
            actions.extend(self.abandon(DialogError::Stalled { seconds }));
            return actions;
        }
        self.stalls = self.stalls.saturating_add(1);
        self.ask_for_rest(at, actions)
    }
}

impl<P: Protocol> Dialog for Engine<P> {
    fn start(&mut self, now: UtcMillis, from: Option<UtcMillis>) -> Vec<Action> {
        self.from = from;
        self.ask(Wanted::All, now, Self::subscriptions())
    }

    fn resume(&mut self, now: UtcMillis) -> Vec<Action> {
        if self.phase == Phase::Ended {
            return Vec::new();
        }
        self.protocol.resumed();
        self.ask_for_rest(now, Self::subscriptions())
    }

    fn on_notification(&mut self, characteristic: BluetoothUuid, bytes: &[u8], at: UtcMillis) -> Vec<Action> {
        if self.phase != Phase::Receiving || !P::NOTIFY.contains(&characteristic) {
            return Vec::new();
        }
        let heard = self.protocol.hear(&mut self.log, characteristic, bytes, at);
        self.on_heard(heard, at)
    }

    fn on_tick(&mut self, at: UtcMillis) -> Vec<Action> {
        if self.phase != Phase::Receiving {
            return Vec::new();
        }
        let writes = self.due_writes(at);
        if !writes.is_empty() || !self.later.is_empty() || at < self.stall_at() {
            return writes;
        }
        self.on_stall(at)
    }

    fn wake_at(&self) -> Option<UtcMillis> {
        if self.phase != Phase::Receiving {
            return None;
        }
        Some(self.later.front().map_or(self.stall_at(), |(due, _)| *due))
    }

    fn abandon(&mut self, reason: DialogError) -> Vec<Action> {
        if self.phase == Phase::Ended {
            return Vec::new();
        }
        self.phase = Phase::Ended;
        self.log.settle();
        let mut actions: Vec<Action> = Vec::new();
        let rest = self.log.give();
        if !rest.is_empty() {
            actions.push(Action::Readings(rest));
        }
        actions.extend(self.protocol.document().map(Action::Raw));
        actions.push(Action::Failed(reason));
        actions
    }

    fn readings(&self) -> Vec<Reading> {
        self.log.readings()
    }

    fn recorded_clock(&self, bytes: &[u8]) -> Option<UtcMillis> {
        self.protocol.recorded_clock(bytes)
    }

    fn is_recorded_request(&self, bytes: &[u8]) -> bool {
        P::is_request(bytes)
    }

    fn recorded_clock_write(&self, bytes: &[u8]) -> Option<i64> {
        P::recorded_clock_write(bytes)
    }

    fn on_recorded_write(&mut self, bytes: &[u8], at: UtcMillis) {
        let Some(recorded) = self.protocol.recorded(&mut self.log, bytes, at) else { return };
        // A recording answers no further questions.
        self.from_recording = true;
        self.phase = Phase::Receiving;
        self.last_data = at;
        self.requests.push(Request { now: recorded.clock.unwrap_or(at), from: recorded.from });
    }
}
