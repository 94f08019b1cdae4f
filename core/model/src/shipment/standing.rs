//! How each item line's stock stands: by the decisions and holds that no later decision knew of.
//!
//! A decision ends what its signer held: holds, findings, decisions before it. Of two that did not know of
//! each other neither ends the other, and the stricter stands: a release never wins over a rejection, a hold
//! or a release in part that leaves the line out.

mod found;

use self::found::Found;
use super::story::{Held, SignedEntry, Story, Told};
use crate::authority::Refusal;
use crate::record::{Decision, Disposition, EntryReference, Statement};
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
pub(super) enum Said {
    Released,
    /// Others were released and this one was not.
    Withheld,
    Rejected,
}

/// A line, from 0, with what a decision says of it.
pub(super) type Line = (u32, Said);

/// What somebody did about stock.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// A decision, with what it says of each line that was open to its signer.
    Decided(Vec<(u32, Said)>),
    /// A hold of everything.
    Held,
    /// Something seen that asks for a review: it puts a release in question.
    Seen,
    /// What puts the release of these lines in question: a question to a manufacturer, say.
    Doubted(Vec<u32>),
    /// A finding about these lines.
    Found(Found),
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
            What::Doubted(lines) | What::Found(Found { lines, .. }) => {
                lines.is_empty() || lines.contains(&line)
            }
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
    let released = in_force(acts, line).filter(|act| act.says(line) == Some(Said::Released));
    let releases: Vec<EntryReference> = released.map(|act| act.reference).collect();
    let held = || in_force(acts, line).any(|act| act.holds(line) && !act.is_settled_by(&releases));
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
        let acts = known_to(&self.stock.acts, entry);
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
        self.releases_of(&self.stock.acts.iter().collect::<Vec<_>>())
    }

    /// The same as the signer of an entry knew them.
    pub(super) fn releases_to(&self, entry: &SignedEntry) -> Vec<EntryReference> {
        self.releases_of(&known_to(&self.stock.acts, entry))
    }

    fn releases_of(&self, acts: &[&Act]) -> Vec<EntryReference> {
        let mut releases = BTreeSet::new();
        for line in self.parts() {
            let released = in_force(acts, line).filter(|act| act.says(line) == Some(Said::Released));
            releases.extend(released.map(|act| act.reference));
        }
        let decisions = self.stock.decisions.iter().map(|one| one.reference);
        decisions.filter(|one| releases.contains(one)).collect()
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
        self.note(Act::new(entry, What::Held));
    }

    pub(super) fn note_seen(&mut self, entry: &SignedEntry) {
        self.note(Act::new(entry, What::Seen));
    }

    pub(super) fn note_doubted(&mut self, entry: &SignedEntry, lines: Vec<u32>) {
        self.note(Act::new(entry, What::Doubted(lines)));
    }

    pub(super) fn note_discarded(&mut self, entry: &SignedEntry, lines: Vec<u32>) {
        self.note(Act::new(entry, What::Discarded(lines)));
    }

    /// What a decision says of each line: of those that waited for one as its signer signed that they saw it.
    ///
    /// Where that was not asked yet, of those that its signer knew to be open, or, where one that it is about is open
    /// no longer, of all that no rejection which it knew of ended. A device signs no decision about what it knows to
    /// be settled ([`Self::decides_open`]). So its signer saw the settling act as one that did not count, or a hold
    /// as one that did: what was decided then stands beside it. What a rejection ended stays so.
    pub(super) fn decided_lines(
        &self,
        entry: &SignedEntry,
        says: &Disposition,
    ) -> Result<Vec<Line>, Refusal> {
        let open = says.open.clone().unwrap_or_else(|| self.open_to(entry));
        let known = self.all_lines();
        if says.lines.iter().chain(&says.open).flatten().any(|line| !known.contains(line)) {
            return Err(Refusal::UnknownName);
        }
        let named = named_by(says, &open)?;
        let not_rejected = self.not_rejected_to(entry);
        let about_open = !named.is_empty() && named.iter().all(|line| open.contains(line));
        let about: Vec<u32> = match (&says.open, about_open) {
            (Some(_), _) => open.into_iter().filter(|line| not_rejected.contains(line)).collect(),
            (None, true) => open,
            (None, false) => not_rejected,
        };
        let said = |line: u32| match says.decision {
            Decision::Reject => Said::Rejected,
            Decision::ReleaseInPart if !says.lines.iter().flatten().any(|one| *one == line) => Said::Withheld,
            Decision::Release | Decision::ReleaseInPart => Said::Released,
        };
        if about.is_empty() {
            Err(Refusal::Repeated)
        } else {
            Ok(about.into_iter().map(|line| (line, said(line))).collect())
        }
    }

    /// The lines that wait for a decision, from 0, by the signed acts; none of a shipment without lines.
    pub fn open_lines(&self) -> Vec<u32> {
        open(self.all_lines(), &self.stock.acts.iter().collect::<Vec<_>>())
    }

    /// Whether a decision to be signed now is about lines that wait for one.
    ///
    /// # Errors
    /// [`Refusal::Repeated`].
    pub(super) fn decides_open(&self, entry: &SignedEntry, says: &Disposition) -> Result<(), Refusal> {
        let open = self.open_to(entry);
        let known = self.all_lines();
        let mut named = says.lines.iter().chain(&says.open).flatten();
        let settled = named.any(|line| known.contains(line) && !open.contains(line));
        if settled || (says.lines.is_none() && open.is_empty()) { Err(Refusal::Repeated) } else { Ok(()) }
    }

    /// Notes a decision. What it left out for a hold that counts no longer, and its signer could not know that, it
    /// holds itself, unless it says which lines its signer saw open.
    pub(super) fn note_decision(&mut self, entry: &SignedEntry, says: &Disposition, lines: Vec<Line>) {
        let decided: Vec<u32> = lines.iter().map(|(line, _)| *line).collect();
        let mut doubted = self.open_or_held_to(entry);
        doubted.retain(|line| !decided.contains(line));
        self.note_known(entry);
        self.note(Act::new(entry, What::Decided(lines)));
        if says.decision != Decision::Release && says.open.is_none() && !doubted.is_empty() {
            self.note_doubted(entry, doubted);
        }
    }

    /// Notes a hold, or what puts a release in question, that does not count for a reason that others may not have
    /// known: only what they decided then is read by it.
    pub(super) fn note_void(&mut self, told: &Told) {
        let holds = matches!(
            told.statement,
            Some(
                Statement::Quarantined(_)
                    | Statement::Observation(_)
                    | Statement::Received(_)
                    | Statement::Finding(_)
                    | Statement::Review(_)
                    | Statement::Reply(_)
            )
        );
        if holds && told.refused.is_some() && told.may_have_counted() {
            self.stock.shown.push(Act::new(&told.entry, What::Held));
        }
    }

    /// A decision that what its signer did not know keeps from counting lets nothing go; what it left out or rejected
    /// it holds all the same, until somebody decides who knows of it.
    pub(super) fn note_withheld(&mut self, told: &Told) {
        use Refusal::{LinesBarred, NotSettled, OutOfOrder, SecondPersonNeeded};
        let (
            Some(LinesBarred | NotSettled | OutOfOrder | SecondPersonNeeded),
            Some(Statement::Disposition(says)),
        ) = (told.refused, &told.statement)
        else {
            return;
        };
        let entry = &told.entry;
        let lines = self.decided_lines(entry, says).unwrap_or_default().into_iter();
        let withheld: Vec<u32> =
            lines.filter(|(_, said)| *said != Said::Released).map(|(line, _)| line).collect();
        if !withheld.is_empty() {
            self.note_doubted(entry, withheld);
        }
    }

    fn note(&mut self, act: Act) {
        self.stock.shown.push(act.clone());
        self.stock.acts.push(act);
    }

    /// The parts that no rejection ended as far as the signer of an entry knew.
    fn not_rejected_to(&self, entry: &SignedEntry) -> Vec<u32> {
        let acts = known_to(&self.stock.acts, entry);
        let rejected = |line: &u32| standing(&acts, *line) == LineStanding::Rejected;
        self.parts().into_iter().filter(|line| !rejected(line)).collect()
    }

    /// The parts that waited for a decision as the signer of an entry may have seen them: held by whom it held.
    fn open_or_held_to(&self, entry: &SignedEntry) -> Vec<u32> {
        open(self.parts(), &known_to(&self.stock.shown, entry))
    }

    /// The parts that waited for a decision as far as the signer of an entry knew.
    fn open_to(&self, entry: &SignedEntry) -> Vec<u32> {
        open(self.parts(), &known_to(&self.stock.acts, entry))
    }
}

/// The lines that a decision names, of those that its signer saw open where it names none.
///
/// # Errors
/// [`Refusal::MalformedBody`] without a reason, for lines that are none of its own or not in order.
fn named_by(says: &Disposition, open: &[u32]) -> Result<Vec<u32>, Refusal> {
    let ascending = |lines: &[u32]| !lines.is_empty() && lines.is_sorted_by(|one, next| one < next);
    let says_open = says.open.as_deref();
    let fits = |line: &u32| says_open.is_none_or(|open| open.contains(line));
    if says.reason.trim().is_empty() || !says_open.is_none_or(ascending) {
        return Err(Refusal::MalformedBody);
    }
    match (says.decision, &says.lines) {
        (Decision::ReleaseInPart, Some(lines)) if ascending(lines) && lines.iter().all(fits) => {
            Ok(lines.clone())
        }
        (Decision::Release | Decision::Reject, None) => Ok(open.to_vec()),
        _ => Err(Refusal::MalformedBody),
    }
}

/// The acts that the signer of an entry held.
fn known_to<'a>(acts: &'a [Act], entry: &SignedEntry) -> Vec<&'a Act> {
    acts.iter().filter(|act| entry.knew(act.reference, act.sequence)).collect()
}

fn open(parts: Vec<u32>, acts: &[&Act]) -> Vec<u32> {
    let settled = |line| matches!(standing(acts, line), LineStanding::Released | LineStanding::Rejected);
    parts.into_iter().filter(|line| !settled(*line)).collect()
}
