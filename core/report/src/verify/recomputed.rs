//! A signed assessment, computed again from what its signer held.

use super::{legs, to_record};
use crate::admitted::narrows;
use crate::bundle::{Assessed, Bundle, Earlier};
use crate::foreign::Opened;
use crate::forked::Forked;
use firn_ledger::bytes::LogId;
use firn_ledger::entry::Record;
use firn_model::assess::RULES;
use firn_model::record::{
    AssessmentRecord, Body, BudgetKnown, EntryReference, LineAssessment, LineBudget, Statement,
};
use firn_model::shipment::{Story, Told};

/// How a signed assessment compares with the one that comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is the same, byte for byte.
    Same,
    /// It is the same but for what rests on earlier legs that are not in the file.
    LegMissing,
    /// It is another, and its signer held, or may have held, a history of a log with two that is not in the file.
    OtherHistory,
    /// It is another.
    Other,
    /// It was made by rules that this release does not know.
    UnknownRules,
}

/// A signed assessment that counts, and the one that comes out in its place.
pub(super) struct Recomputed<'a> {
    pub(super) told: &'a Told,
    pub(super) signed: &'a AssessmentRecord,
    /// What comes out, conditions included.
    pub(super) again: Option<AssessmentRecord>,
    pub(super) outcome: Outcome,
    /// Whether its signer may have held a history of a log with two that is not in the file.
    pub(super) elsewhere: bool,
}

/// Every signed assessment of a story that counts, each computed again.
pub(super) fn all<'a>(bundle: &Bundle, opened: &Opened, story: &'a Story) -> Vec<Recomputed<'a>> {
    let legs_lack = !legs::absent(bundle).is_empty();
    let forked = Forked::of(bundle);
    let counts = |told: &'a Told| match (&told.statement, told.refused) {
        (Some(Statement::Assessment(signed)), None) => Some((told, signed.as_ref())),
        _ => None,
    };
    let again = |(told, signed): (&'a Told, &'a AssessmentRecord)| {
        let by = |opened: &Opened| {
            let again =
                (signed.rules == RULES).then(|| as_held(bundle, opened, &told.entry.reference)).flatten();
            // The first files told of no lines: what they say must come out, and of lines they say nothing.
            again
                .map(|again| AssessmentRecord {
                    lines: again.lines.filter(|_| signed.lines.is_some()),
                    ..again
                })
                .map(|again| as_told(again, signed))
        };
        // Conditions are compared by themselves: what they are says nothing of the temperatures.
        let beside = |again: &Option<AssessmentRecord>| {
            let again = again.as_ref()?;
            Some(AssessmentRecord { conditions: signed.conditions.clone(), ..again.clone() })
        };
        let is_it = |again: &Option<AssessmentRecord>| {
            beside(again).is_some_and(|again| again.to_bytes() == told.entry.body)
        };
        let again = by(opened);
        // Earlier releases told no leg of whose evidence two files contradict each other.
        let before = opened.tells_several() && !is_it(&again);
        let before = before.then(|| by(&opened.without_contradicting())).filter(is_it);
        let again = before.unwrap_or(again);
        let beside = beside(&again);
        let elsewhere = found(bundle, &told.entry.reference).is_some_and(|one| forked.rests_elsewhere(one));
        let outcome = match &beside {
            _ if signed.rules != RULES => Outcome::UnknownRules,
            Some(again) if again.to_bytes() == told.entry.body => Outcome::Same,
            Some(again) if legs_lack && is_apart_from_legs(signed, again, story) => Outcome::LegMissing,
            _ if elsewhere => Outcome::OtherHistory,
            _ => Outcome::Other,
        };
        Recomputed { told, signed, again, outcome, elsewhere }
    };
    story.told.iter().filter_map(counts).map(again).collect()
}

/// The same without how barring legs stood, what was wanting of legs and which clocks they show to differ, for a line of
/// which the signer's release did not tell that.
fn as_told(mut again: AssessmentRecord, signed: &AssessmentRecord) -> AssessmentRecord {
    for line in again.lines.iter_mut().flatten() {
        let said = signed.lines.iter().flatten().find(|said| said.line == line.line);
        line.barring = line.barring.take().filter(|_| said.is_some_and(|said| said.barring.is_some()));
        line.wanting = line.wanting.take().filter(|_| said.is_some_and(|said| said.wanting.is_some()));
        line.clocks = line.clocks.take().filter(|_| said.is_some_and(|said| said.clocks.is_some()));
    }
    let legs = signed.lines.iter().flatten().flat_map(|line| line.barring.iter().flatten());
    let mut legs = legs.map(|leg| (leg.measured.is_some(), leg.said.is_some()));
    // One release signed how barring legs stood, and not what stood against them.
    if legs.any(|tells| tells == (false, false)) {
        for leg in again.lines.iter_mut().flatten().flat_map(|line| line.barring.iter_mut().flatten()) {
            (leg.measured, leg.said) = (None, None);
        }
    }
    for line in again.lines.iter_mut().flatten() {
        let said = signed.lines.iter().flatten().find(|said| said.line == line.line);
        let said = said.and_then(|said| said.barring.as_deref()).unwrap_or_default();
        for leg in line.barring.iter_mut().flatten() {
            let mut said = said.iter().filter(|said| (said.shipment, said.line) == (leg.shipment, leg.line));
            leg.clocks = leg.clocks.take().filter(|_| said.any(|said| said.clocks.is_some()));
        }
    }
    again
}

/// A signed assessment's entry, how it compares, and the bytes that come out in its place.
pub(crate) type ComesOut = (EntryReference, Outcome, Option<Vec<u8>>);

/// What comes out in place of every signed assessment of a bundle, its earlier shipments' among them.
pub(crate) fn comes_out(bundle: &Bundle, opened: &Opened, assessed: &Assessed) -> Vec<ComesOut> {
    let one = |one: Recomputed<'_>| {
        (one.told.entry.reference, one.outcome, one.again.map(|again| again.to_bytes()))
    };
    let mut all: Vec<ComesOut> = self::all(bundle, opened, &assessed.story).into_iter().map(one).collect();
    for earlier in &bundle.earlier {
        if let Some(story) = assessed.earlier.get(&earlier.shipment) {
            let told = self::all(&bundle.of_earlier(earlier), opened, story);
            all.extend(told.into_iter().map(one));
        }
    }
    all
}

impl Recomputed<'_> {
    pub(super) fn name(&self) -> String {
        format!("Assessment {} of {}", self.told.entry.sequence, self.told.entry.device.label)
    }
}

impl Bundle {
    /// The same evidence as one of its earlier shipments is told from.
    pub(crate) fn of_earlier(&self, earlier: &Earlier) -> Bundle {
        let this = Earlier { shipment: self.shipment, records: self.records.clone() };
        let others = self.earlier.iter().filter(|other| other.shipment != earlier.shipment).cloned();
        Bundle {
            shipment: earlier.shipment,
            records: earlier.records.clone(),
            earlier: others.chain([this]).collect(),
            ..self.clone()
        }
    }
}

/// The entry about the shipment that is meant.
fn found<'a>(bundle: &'a Bundle, reference: &EntryReference) -> Option<&'a Record> {
    let is_it =
        |record: &&Record| record.entry.log().0 == reference.log && record.entry.leaf().0 == reference.leaf;
    bundle.records.iter().find(is_it)
}

/// What comes out of what the signer of an assessment held: its own entries before it, and of the other logs
/// those below the heads that it names.
fn as_held(bundle: &Bundle, opened: &Opened, reference: &EntryReference) -> Option<AssessmentRecord> {
    let signed = found(bundle, reference)?;
    let (own, payload) = (signed.entry.log(), signed.entry.payload());
    let held = |log: &LogId, sequence: u64| {
        if *log == own {
            sequence < payload.sequence
        } else {
            payload.heads.iter().any(|head| head.log == *log && sequence < head.size)
        }
    };
    let mut then = bundle.clone();
    let was_held = |record: &Record| held(&record.entry.log(), record.entry.payload().sequence);
    then.statements.retain(|record| !narrows(record) || was_held(record));
    then.records.retain(was_held);
    then.loggers.retain(was_held);
    then.people.retain(was_held);
    for earlier in &mut then.earlier {
        earlier.records.retain(was_held);
    }
    then.assess_with(opened).ok().as_ref().and_then(to_record)
}

/// Whether both say the same of all that does not rest on a leg that is missing.
fn is_apart_from_legs(signed: &AssessmentRecord, again: &AssessmentRecord, story: &Story) -> bool {
    let lines = |record: &AssessmentRecord| record.lines.clone().unwrap_or_default();
    let (said, out) = (lines(signed), lines(again));
    let same = signed.profile == again.profile
        && signed.series == again.series
        && signed.batches == again.batches
        && signed.replaces == again.replaces
        && said.len() == out.len();
    let lacks =
        |out: &LineAssessment| lacks_leg(out) || (out.budgets.is_empty() && has_legs(story, out.line));
    same && out.iter().any(lacks)
        && said.iter().zip(&out).all(|(said, out)| said == out || (lacks(out) && goes_on(said, out)))
}

fn has_legs(story: &Story, line: u32) -> bool {
    let items = story.created.as_ref().map(|created| created.says.items.as_slice()).unwrap_or_default();
    usize::try_from(line).ok().and_then(|line| items.get(line)).is_some_and(|item| item.legs.is_some())
}

/// Whether an earlier leg of the line was not there.
pub(super) fn lacks_leg(line: &LineAssessment) -> bool {
    line.budgets.iter().any(|budget| budget.known == BudgetKnown::LegMissing)
}

/// Whether what was signed of a line may be what comes out together with a leg that is missing.
fn goes_on(said: &LineAssessment, out: &LineAssessment) -> bool {
    let of = |line: &LineAssessment| -> Vec<_> {
        line.series.iter().map(|one| (one.logger, one.channel, one.window)).collect()
    };
    said.line == out.line
        && of(said) == of(out)
        && out.budgets.iter().all(|out| said.budgets.iter().any(|said| may_follow(said, out)))
}

/// Whether a signed budget may be `out`, or what becomes of it with the legs that are missing in `out`: a leg
/// more only ever uses more.
pub(super) fn may_follow(said: &LineBudget, out: &LineBudget) -> bool {
    let more = said.used >= out.used && said.used_max >= out.used_max && said.used_before >= out.used_before;
    match out.known {
        BudgetKnown::Complete => said == out,
        BudgetKnown::LegMissing => (&said.id, said.allowance_s) == (&out.id, out.allowance_s) && more,
    }
}
