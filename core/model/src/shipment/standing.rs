//! How each item line's stock stands: by the decisions and holds that no later decision knew of.
//!
//! A decision ends what its signer held: holds, findings, decisions before it. Of two that did not know of
//! each other neither ends the other, and the stricter stands: a release never wins over a rejection, a hold
//! or a release in part that leaves the line out.

use super::story::{Held, SignedEntry, Story};
use crate::authority::Refusal;
use crate::record::{Decision, Disposition, EntryReference};
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
    /// A finding, or a question to a manufacturer, that puts the release of these lines in question.
    Doubted(Vec<u32>),
    /// A manufacturer's answer that these lines are to be discarded.
    Discarded(Vec<u32>),
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
            What::Doubted(lines) => lines.is_empty() || lines.contains(&line),
            What::Discarded(lines) => lines.contains(&line),
        }
    }

    /// Whether it keeps a line from use that nobody has decided about, too.
    fn holds_undecided(&self, line: u32) -> bool {
        matches!(self.what, What::Held | What::Discarded(_)) && self.holds(line)
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
    let held = || in_force(acts, line).any(|act| act.holds(line));
    let held_undecided = || in_force(acts, line).any(|act| act.holds_undecided(line));
    match (said(Said::Released), said(Said::Rejected)) {
        (true, true) => LineStanding::Conflict,
        (true, false) if said(Said::Withheld) => LineStanding::Conflict,
        (true, false) if held() => LineStanding::Held,
        (true, false) => LineStanding::Released,
        (false, true) => LineStanding::Rejected,
        (false, false) if held_undecided() => LineStanding::Held,
        (false, false) => LineStanding::Undecided,
    }
}

impl Story {
    /// The lines; one nameless part for a shipment without lines.
    pub(super) fn parts(&self) -> Vec<u32> {
        let lines = self.all_lines();
        if lines.is_empty() { vec![0] } else { lines }
    }

    pub(super) fn all_lines(&self) -> Vec<u32> {
        let count = self.created.as_ref().map_or(0, |created| created.says.items.len());
        (0..u32::try_from(count).unwrap_or(u32::MAX)).collect()
    }

    /// How a line stands by the signed acts about it, from 0; of a shipment without lines ask for line 0.
    pub(super) fn standing_by_acts(&self, line: u32) -> LineStanding {
        standing(&self.stock.acts.iter().collect::<Vec<_>>(), line)
    }

    /// Whether a decision stands about every line as far as the signer of an entry knew.
    pub(super) fn is_decided_to(&self, entry: &SignedEntry) -> bool {
        self.open_to(entry).is_empty()
    }

    /// The lines that decisions in force release, from 0, as the signer of an entry knew them.
    pub(super) fn released_to(&self, entry: &SignedEntry) -> Vec<u32> {
        let knew = |act: &&Act| entry.knew(act.reference, act.sequence);
        let acts: Vec<&Act> = self.stock.acts.iter().filter(knew).collect();
        let released = |line: &u32| in_force(&acts, *line).any(|act| act.says(*line) == Some(Said::Released));
        self.all_lines().into_iter().filter(released).collect()
    }

    /// The parts that a decision, in force still, released.
    pub(super) fn parts_released_by(&self, decision: EntryReference) -> Vec<u32> {
        let acts: Vec<&Act> = self.stock.acts.iter().collect();
        let by_it = |line: &u32| {
            let mut says = in_force(&acts, *line).filter(|act| act.reference == decision);
            says.any(|act| act.says(*line) == Some(Said::Released))
        };
        self.parts().into_iter().filter(by_it).collect()
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

    pub(super) fn note_doubted(&mut self, entry: &SignedEntry, lines: Vec<u32>) {
        self.stock.acts.push(Act::new(entry, What::Doubted(lines)));
    }

    pub(super) fn note_discarded(&mut self, entry: &SignedEntry, lines: Vec<u32>) {
        self.stock.acts.push(Act::new(entry, What::Discarded(lines)));
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
