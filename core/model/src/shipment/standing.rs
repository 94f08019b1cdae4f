//! How each item line's stock stands: by the decisions and holds that no later decision knew of.
//!
//! A decision ends what its signer held: holds, findings, decisions before it. Of two that did not know of
//! each other neither ends the other, and the stricter stands: a release never wins over a rejection, a hold
//! or a release in part that leaves the line out.

use super::story::{Held, SignedEntry, Story};
use crate::api::Stock;
use crate::assess::Verdict;
use crate::authority::Refusal;
use crate::record::{Closing, Decision, Disposition, EntryReference};
use std::collections::BTreeSet;

/// How a line stands by what people have decided and seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineStanding {
    /// Nobody has decided about it.
    Undecided,
    /// A person released it.
    Released,
    /// A person rejected it.
    Rejected,
    /// Somebody held it, or something was found, after the decision.
    Held,
    /// Two decisions that did not know of each other differ about it.
    Conflict,
}

/// What a decision says of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Released,
    /// Others were released and this one was not.
    Withheld,
    Rejected,
}

/// What somebody did about stock.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// A decision, with what it says of each line that was open to its signer.
    Decided(Vec<(u32, Said)>),
    /// A hold of everything.
    Held,
    /// Something seen that asks for a review: it puts a release in question.
    Seen,
    /// A finding that puts the release of these lines in question.
    Found(Vec<u32>),
}

/// One act with what its signer held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Act {
    reference: EntryReference,
    sequence: u64,
    heads: Vec<Held>,
    what: What,
}

/// Two or more decisions that did not know of each other and differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The decisions, in the order of the story.
    pub decisions: Vec<EntryReference>,
    /// The lines about which they differ, from 0; none for a shipment without lines.
    pub lines: Vec<u32>,
}

impl Act {
    fn new(entry: &SignedEntry, what: What) -> Self {
        Self { reference: entry.reference, sequence: entry.sequence, heads: entry.heads.clone(), what }
    }

    fn knew(&self, other: &Self) -> bool {
        super::story::knew(self.reference.log, self.sequence, &self.heads, other.reference, other.sequence)
    }

    fn says(&self, line: u32) -> Option<Said> {
        match &self.what {
            What::Decided(says) => says.iter().find(|(of, _)| *of == line).map(|(_, said)| *said),
            _ => None,
        }
    }

    /// Whether it keeps a line from use that somebody released.
    fn holds(&self, line: u32) -> bool {
        match &self.what {
            What::Decided(_) => false,
            What::Held | What::Seen => true,
            What::Found(lines) => lines.is_empty() || lines.contains(&line),
        }
    }
}

/// The acts about a line that no decision about it, told later, knew of.
fn in_force<'a>(acts: &'a [&'a Act], line: u32) -> impl Iterator<Item = &'a Act> {
    let ended = move |place: usize, act: &Act| {
        let mut later = acts.iter().skip(place.saturating_add(1));
        later.any(|later| later.says(line).is_some() && later.knew(act))
    };
    acts.iter().copied().enumerate().filter(move |(place, act)| !ended(*place, act)).map(|(_, act)| act)
}

fn standing(acts: &[&Act], line: u32) -> LineStanding {
    let says: Vec<Said> = in_force(acts, line).filter_map(|act| act.says(line)).collect();
    let said = |what| says.contains(&what);
    let held = |seen: bool| {
        in_force(acts, line).any(|act| act.holds(line) && (seen || matches!(act.what, What::Held)))
    };
    match (said(Said::Released), said(Said::Rejected)) {
        (true, true) => LineStanding::Conflict,
        (true, false) if said(Said::Withheld) => LineStanding::Conflict,
        (true, false) if held(true) => LineStanding::Held,
        (true, false) => LineStanding::Released,
        (false, true) => LineStanding::Rejected,
        (false, false) if held(false) => LineStanding::Held,
        (false, false) => LineStanding::Undecided,
    }
}

impl Story {
    /// The lines; one nameless part for a shipment without lines.
    fn parts(&self) -> Vec<u32> {
        let lines = self.all_lines();
        if lines.is_empty() { vec![0] } else { lines }
    }

    pub(super) fn all_lines(&self) -> Vec<u32> {
        let count = self.created.as_ref().map_or(0, |created| created.says.items.len());
        (0..u32::try_from(count).unwrap_or(u32::MAX)).collect()
    }

    /// How a line stands, from 0; of a shipment without lines ask for line 0.
    pub fn line_standing(&self, line: u32) -> LineStanding {
        standing(&self.stock.acts.iter().collect::<Vec<_>>(), line)
    }

    /// How a line's stock stands, with `verdict` as all the evidence gives it now: as the whole shipment's
    /// until somebody decides; what a decision left out stays in quarantine.
    pub fn line_stock(&self, line: u32, verdict: Verdict) -> Option<Stock> {
        if self.closing == Some(Closing::Cancelled) {
            return None;
        }
        let begun = self.received.is_some() && self.disposition.is_none();
        match self.line_standing(line) {
            LineStanding::Released => Some(Stock::Released),
            LineStanding::Rejected => Some(Stock::Rejected),
            LineStanding::Held | LineStanding::Conflict => Some(Stock::Quarantine),
            LineStanding::Undecided if self.disposition.is_some() => Some(Stock::Quarantine),
            LineStanding::Undecided if begun && verdict == Verdict::Ok => Some(Stock::Received),
            LineStanding::Undecided if begun => Some(Stock::Quarantine),
            LineStanding::Undecided => None,
        }
    }

    /// How the stock stands as a whole: one word for all lines, or released in part.
    ///
    /// A receipt with a verdict other than `ok` is quarantine by itself; so is a hold by anybody, until a
    /// decision that knew of it.
    pub fn stock_state(&self, verdict: Verdict) -> Option<Stock> {
        let mut states: Vec<Stock> = Vec::new();
        for line in self.parts() {
            states.extend(self.line_stock(line, verdict).filter(|stock| !states.contains(stock)));
        }
        match states[..] {
            [] => None,
            [only] => Some(only),
            _ if states.contains(&Stock::Released) => Some(Stock::ReleasedInPart),
            _ => Some(Stock::Quarantine),
        }
    }

    /// The lines that must not be used, from 0, where that is not said of all: those in quarantine.
    pub fn lines_not_to_use(&self, verdict: Verdict) -> Vec<u32> {
        let held = |line: &u32| self.line_stock(*line, verdict) == Some(Stock::Quarantine);
        self.all_lines().into_iter().filter(held).collect()
    }

    /// Whether any of the stock is in quarantine: DO NOT USE.
    pub fn do_not_use(&self, verdict: Verdict) -> bool {
        self.parts().into_iter().any(|line| self.line_stock(line, verdict) == Some(Stock::Quarantine))
    }

    /// Whether a decision stands about every line that nothing has put in question since.
    pub fn decided(&self) -> bool {
        self.open_parts().is_empty()
    }

    /// The parts that wait for a decision.
    fn open_parts(&self) -> Vec<u32> {
        open(self.parts(), &self.stock.acts.iter().collect::<Vec<_>>())
    }

    /// The lines that wait for a decision, from 0.
    pub fn open_lines(&self) -> Vec<u32> {
        let open = self.open_parts();
        self.all_lines().into_iter().filter(|line| open.contains(line)).collect()
    }

    /// Whether a hold would keep from use what nothing keeps from it now: not what was rejected or is held.
    pub(super) fn can_be_held(&self) -> bool {
        let free = [LineStanding::Undecided, LineStanding::Released];
        self.parts().into_iter().any(|line| free.contains(&self.line_standing(line)))
    }

    /// The lines that decisions in force released, from 0, held again or not.
    pub fn released_lines(&self) -> Vec<u32> {
        let acts: Vec<&Act> = self.stock.acts.iter().collect();
        let released = |line: &u32| in_force(&acts, *line).any(|act| act.says(*line) == Some(Said::Released));
        self.all_lines().into_iter().filter(released).collect()
    }

    /// The decisions in force that released something, in the order of the story.
    pub(super) fn releases(&self) -> Vec<EntryReference> {
        let acts: Vec<&Act> = self.stock.acts.iter().collect();
        let mut releases = BTreeSet::new();
        for line in self.parts() {
            let released = in_force(&acts, line).filter(|act| act.says(line) == Some(Said::Released));
            releases.extend(released.map(|act| act.reference));
        }
        self.stock.acts.iter().map(|act| act.reference).filter(|one| releases.contains(one)).collect()
    }

    /// The decisions that did not know of each other and differ, with the lines.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let acts: Vec<&Act> = self.stock.acts.iter().collect();
        let mut conflicts: Vec<Conflict> = Vec::new();
        for line in self.parts() {
            if standing(&acts, line) != LineStanding::Conflict {
                continue;
            }
            let decided = in_force(&acts, line).filter(|act| act.says(line).is_some());
            let decisions: Vec<EntryReference> = decided.map(|act| act.reference).collect();
            let lines = if self.all_lines().is_empty() { Vec::new() } else { vec![line] };
            match conflicts.iter_mut().find(|one| one.decisions == decisions) {
                Some(one) => one.lines.extend(lines),
                None => conflicts.push(Conflict { decisions, lines }),
            }
        }
        conflicts
    }

    pub(super) fn note_hold(&mut self, entry: &SignedEntry) {
        self.stock.acts.push(Act::new(entry, What::Held));
    }

    pub(super) fn note_seen(&mut self, entry: &SignedEntry) {
        self.stock.acts.push(Act::new(entry, What::Seen));
    }

    pub(super) fn note_found(&mut self, entry: &SignedEntry, lines: Vec<u32>) {
        self.stock.acts.push(Act::new(entry, What::Found(lines)));
    }

    /// The lines that a decision releases or rejects, of those that its signer knew to be open.
    pub(super) fn decided_lines(&self, entry: &SignedEntry, says: &Disposition) -> Result<Vec<u32>, Refusal> {
        let open = self.open_to(entry);
        let known = self.all_lines();
        match (says.decision, &says.lines) {
            _ if says.reason.trim().is_empty() => Err(Refusal::MalformedBody),
            (Decision::ReleaseInPart, Some(lines))
                if !lines.is_empty() && lines.is_sorted_by(|one, next| one < next) =>
            {
                match lines {
                    _ if lines.iter().any(|line| !known.contains(line)) => Err(Refusal::UnknownName),
                    _ if lines.iter().any(|line| !open.contains(line)) => Err(Refusal::Repeated),
                    _ => Ok(lines.clone()),
                }
            }
            (Decision::Release | Decision::Reject, None) if open.is_empty() => Err(Refusal::Repeated),
            (Decision::Release | Decision::Reject, None) => Ok(open),
            _ => Err(Refusal::MalformedBody),
        }
    }

    pub(super) fn note_decision(&mut self, entry: &SignedEntry, says: &Disposition, lines: &[u32]) {
        let said = |line: u32| match says.decision {
            Decision::Reject => Said::Rejected,
            _ if lines.contains(&line) => Said::Released,
            _ => Said::Withheld,
        };
        let decided = self.open_to(entry).into_iter().map(|line| (line, said(line))).collect();
        self.stock.acts.push(Act::new(entry, What::Decided(decided)));
    }

    /// The parts that waited for a decision as far as the signer of an entry knew.
    fn open_to(&self, entry: &SignedEntry) -> Vec<u32> {
        let knew = |act: &&Act| entry.knew(act.reference, act.sequence);
        open(self.parts(), &self.stock.acts.iter().filter(knew).collect::<Vec<_>>())
    }
}

fn open(parts: Vec<u32>, acts: &[&Act]) -> Vec<u32> {
    let settled = |line| matches!(standing(acts, line), LineStanding::Released | LineStanding::Rejected);
    parts.into_iter().filter(|line| !settled(*line)).collect()
}
