//! The signed assessments, computed again from what their signer held.

use super::conditions::{self, Compared};
use super::{CheckId, Checks};
use crate::bundle::{Assessed, Bundle};
use firn_ledger::bytes::LogId;
use firn_ledger::entry::Record;
use firn_model::api::ShipmentDetail;
use firn_model::assess::{RULES, Verdict};
use firn_model::record::{
    Address, AssessmentRecord, Body, BudgetKnown, EntryReference, LineAssessment, Statement,
};
use firn_model::shipment::LineJudgement;
use std::collections::BTreeSet;

/// Recomputes every signed assessment and the verdict of all the evidence.
pub(super) fn check(bundle: &Bundle, photos: &[Address], checks: &mut Checks) -> Option<Verdict> {
    const AFTER: &str = "It rests on checks that failed.";
    let assessed = if checks.none_failed() { bundle.assess().ok() } else { None };
    let Some(assessed) = assessed else {
        checks.cannot(CheckId::Assessment, AFTER);
        checks.cannot(CheckId::Verdict, AFTER);
        conditions::photos(None, photos, checks);
        return None;
    };
    legs(&assessed, checks);
    assessments(bundle, &assessed, checks);
    verdict(bundle, &assessed, checks);
    conditions::photos(Some(&assessed), photos, checks);
    Some(assessed.judgement.verdict)
}

/// The verdict as a record that can be signed; `None` for a shipment whose creation is not in the bundle.
pub fn to_record(assessed: &Assessed) -> Option<AssessmentRecord> {
    let created = assessed.story.created.as_ref()?;
    let batches: BTreeSet<Address> = assessed.story.sealed.iter().map(|sealed| sealed.address).collect();
    Some(AssessmentRecord {
        rules: RULES.into(),
        profile: created.says.profile.clone(),
        verdict: assessed.judgement.verdict,
        reasons: assessed.judgement.reasons.clone(),
        series: assessed.judgement.series.iter().map(|series| series.to_record()).collect(),
        batches: batches.into_iter().collect(),
        lines: lines(assessed),
        conditions: conditions::signed(assessed),
        replaces: assessed.story.assessed.as_ref().map(|signed| signed.reference),
    })
}

/// Whether the legs before are here, so that what budgets have used is known.
fn legs(assessed: &Assessed, checks: &mut Checks) {
    let items = assessed.story.created.as_ref().map(|created| created.says.items.as_slice());
    let lines = items.unwrap_or_default().iter().zip(&assessed.judgement.lines);
    let with_legs = lines.filter(|(item, _)| item.legs.is_some());
    let lacking =
        |line: &LineJudgement| line.budgets.iter().any(|budget| budget.known == BudgetKnown::LegMissing);
    let lacking: Vec<bool> = with_legs.map(|(_, line)| lacking(line)).collect();
    let missing = lacking.iter().filter(|lacks| **lacks).count();
    match (lacking.len(), missing) {
        (0, _) => {}
        (count, 0) => checks.proved(
            CheckId::Legs,
            format!("The legs before of {count} lines are here, with entries and readings."),
        ),
        (_, missing) => checks.cannot(
            CheckId::Legs,
            format!("Of {missing} lines an earlier leg is not in the file: their budgets are known at most."),
        ),
    }
}

fn lines(assessed: &Assessed) -> Option<Vec<LineAssessment>> {
    let lines = (0_u32..).zip(&assessed.judgement.lines).map(|(place, line)| line.to_record(place));
    Some(lines.collect::<Vec<_>>()).filter(|lines| !lines.is_empty())
}

fn assessments(bundle: &Bundle, assessed: &Assessed, checks: &mut Checks) {
    let mut faults = Vec::new();
    let mut unknown = None;
    let mut count = 0;
    let mut compared = Compared::default();
    for told in &assessed.story.told {
        let (Some(Statement::Assessment(signed)), None) = (&told.statement, told.refused) else { continue };
        count += 1;
        if signed.rules != RULES {
            unknown = Some(signed.rules.clone());
        } else {
            let name = format!("{} of {}", told.entry.sequence, told.entry.device.label);
            let again = computed_again(bundle, &told.entry.reference);
            compared.take(&name, signed, again.as_ref());
            // Conditions are compared by themselves: what they are says nothing of the temperatures.
            let again =
                again.map(|again| AssessmentRecord { conditions: signed.conditions.clone(), ..again });
            if again.is_none_or(|again| again.to_bytes() != told.entry.body) {
                faults.push(format!("Assessment {name} does not come out of its readings."));
            }
        }
    }
    match (faults.is_empty(), unknown, count) {
        (true, Some(rules), _) => {
            checks.cannot(CheckId::Assessment, format!("This release does not know the rules {rules}."));
        }
        (true, None, 0) => checks.cannot(CheckId::Assessment, "No assessment has been signed."),
        _ => {
            let proved = format!("{count} signed assessments, each computed again byte for byte.");
            checks.settle(CheckId::Assessment, &faults, proved);
        }
    }
    compared.settle(checks);
}

/// Computes an assessment from what its signer held: its own entries before it, and of the other logs
/// those below the heads that it names.
fn computed_again(bundle: &Bundle, reference: &EntryReference) -> Option<AssessmentRecord> {
    let is_it =
        |record: &&Record| record.entry.log().0 == reference.log && record.entry.leaf().0 == reference.leaf;
    let signed = bundle.records.iter().find(is_it)?;
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
    then.records.retain(was_held);
    then.loggers.retain(was_held);
    then.people.retain(was_held);
    for earlier in &mut then.earlier {
        earlier.records.retain(was_held);
    }
    then.assess().ok().as_ref().and_then(to_record)
}

fn verdict(bundle: &Bundle, assessed: &Assessed, checks: &mut Checks) {
    let detail: ShipmentDetail = assessed.detail(bundle.shipment);
    let readings: u64 = detail.series.iter().map(|series| series.assessment.statistics.count).sum();
    let now = assessed.judgement.verdict;
    let word = match now {
        Verdict::Ok => "in range",
        Verdict::Review => "needs review",
        Verdict::Excursion => "out of range",
    };
    match &assessed.story.assessed {
        Some(signed) if signed.says.verdict == now => {
            checks
                .proved(CheckId::Verdict, format!("{word}, from {readings} readings that count, as signed."));
        }
        Some(_) => checks.cannot(
            CheckId::Verdict,
            format!("{word} by all the evidence; the newest signed verdict is older than the newest entry."),
        ),
        None => checks
            .cannot(CheckId::Verdict, format!("{word} by all the evidence; nobody has signed a verdict.")),
    }
}
