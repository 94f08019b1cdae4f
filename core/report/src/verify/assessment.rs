//! The signed assessments, computed again from what their signer held.

use super::conditions;
use super::recomputed::{Outcome, Recomputed, all};
use super::{CheckId, Checks, legs};
use crate::bundle::{Assessed, Bundle};
use crate::foreign::{DEEPEST, Opened};
use crate::forked;
use firn_model::api::ShipmentDetail;
use firn_model::assess::{RULES, Verdict};
use firn_model::record::{Address, AssessmentRecord, LineAssessment};
use std::collections::BTreeSet;

/// Recomputes every signed assessment and the verdict of all the evidence, and looks for the photos; gives what
/// comes out where nothing that it rests on failed.
pub(super) fn check(bundle: &Bundle, photos: &[Address], checks: &mut Checks) -> Option<Assessed> {
    const AFTER: &str = "It rests on checks that failed.";
    let opened = Opened::of(bundle, DEEPEST);
    let assessed = if checks.none_failed() { bundle.assess_with(&opened).ok() } else { None };
    let Some(assessed) = assessed else {
        checks.cannot(CheckId::Assessment, AFTER);
        conditions::photos(None, photos, checks);
        checks.cannot(CheckId::Verdict, AFTER);
        return None;
    };
    let recomputed = all(bundle, &opened, &assessed.story);
    legs::check(bundle, &opened, &assessed, &recomputed, checks);
    assessments(&recomputed, checks);
    conditions::check(&recomputed, checks);
    conditions::photos(Some(&assessed), photos, checks);
    verdict(bundle, &assessed, checks);
    Some(assessed)
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

fn lines(assessed: &Assessed) -> Option<Vec<LineAssessment>> {
    let lines = (0_u32..).zip(&assessed.judgement.lines).map(|(place, line)| line.to_record(place));
    Some(lines.collect::<Vec<_>>()).filter(|lines| !lines.is_empty())
}

fn assessments(recomputed: &[Recomputed<'_>], checks: &mut Checks) {
    let id = CheckId::Assessment;
    let of = |outcome| recomputed.iter().filter(move |one| one.outcome == outcome);
    let faults: Vec<String> =
        of(Outcome::Other).map(|one| format!("{} does not come out of its readings.", one.name())).collect();
    let (unknown, resting) = (of(Outcome::UnknownRules).next(), of(Outcome::LegMissing).next());
    let elsewhere = of(Outcome::OtherHistory).next();
    match (faults.is_empty(), unknown, resting.or(elsewhere)) {
        (true, Some(one), _) => {
            checks.cannot(id, format!("This release does not know the rules {}.", one.signed.rules));
        }
        (true, None, Some(one)) if resting.is_none() => {
            checks.cannot(id, format!("{} {}", one.name(), forked::RESTS));
        }
        (true, None, Some(one)) => {
            checks.cannot(id, format!("{} rests on an earlier leg that is not in the file.", one.name()));
        }
        (true, None, None) if recomputed.is_empty() => checks.cannot(id, "No assessment has been signed."),
        _ => {
            let proved =
                format!("{} signed assessments, each computed again byte for byte.", recomputed.len());
            checks.settle(id, &faults, proved);
        }
    }
}

fn verdict(bundle: &Bundle, assessed: &Assessed, checks: &mut Checks) {
    let detail: ShipmentDetail = assessed.detail(bundle.shipment);
    let readings: u64 = detail.series.iter().map(|series| series.assessment.statistics.count).sum();
    let readings = match readings {
        1 => "1 reading".to_owned(),
        many => format!("{many} readings"),
    };
    let now = assessed.judgement.verdict;
    let word = match now {
        Verdict::Ok => "in range",
        Verdict::Review => "needs review",
        Verdict::Excursion => "out of range",
    };
    match &assessed.story.assessed {
        Some(signed) if signed.says.verdict == now => {
            checks.proved(CheckId::Verdict, format!("{word}, from {readings} that count, as signed."));
        }
        Some(_) => checks.cannot(
            CheckId::Verdict,
            format!("{word} by all the evidence; the newest signed verdict is older than the newest entry."),
        ),
        None => checks
            .cannot(CheckId::Verdict, format!("{word} by all the evidence; nobody has signed a verdict.")),
    }
}
