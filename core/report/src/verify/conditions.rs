//! The signed conditions, computed again as the assessments that carry them are; and photos by their hash.

use super::recomputed::{Outcome, Recomputed};
use super::{CheckId, Checks};
use crate::bundle::Assessed;
use crate::forked;
use crate::print::text::counted;
use firn_model::conditions::{CONDITION_RULES, ConditionAssessment, Conditions};
use firn_model::record::Address;

/// How the conditions of signed assessments came out, one after another.
#[derive(Default)]
pub(super) struct Compared {
    faults: Vec<String>,
    same: u32,
    unsigned: u32,
    unknown: Option<String>,
    elsewhere: Option<String>,
}

/// The conditions as they are signed; absent where nothing else was measured or limited.
pub(super) fn signed(assessed: &Assessed) -> Option<Conditions> {
    let assessments: Vec<_> =
        assessed.judgement.conditions.iter().map(|shown| shown.assessment.clone()).collect();
    (!assessments.is_empty()).then(|| Conditions::new(assessments))
}

/// Compares what the assessments sign of conditions with what their readings give.
pub(super) fn check(recomputed: &[Recomputed<'_>], checks: &mut Checks) {
    let mut compared = Compared::default();
    recomputed.iter().filter(|one| one.outcome != Outcome::UnknownRules).for_each(|one| compared.take(one));
    compared.settle(checks);
}

/// Whether what was signed comes out. The first files told of no lines: what they say must come out, and of lines
/// they say nothing.
fn is_same(signed: &Conditions, again: &Conditions) -> bool {
    let tells_of_lines = signed.assessments.iter().any(|one| one.lines.is_some());
    let bare = |one: &ConditionAssessment| ConditionAssessment { lines: None, ..one.clone() };
    signed == again
        || (!tells_of_lines
            && signed.assessments.iter().eq(again.assessments.iter().map(bare).collect::<Vec<_>>().iter()))
}

impl Compared {
    fn take(&mut self, one: &Recomputed<'_>) {
        let again = one.again.as_ref().and_then(|again| again.conditions.as_ref());
        match (&one.signed.conditions, again) {
            (None, None) => {}
            (None, Some(_)) => self.unsigned = self.unsigned.saturating_add(1),
            (Some(signed), _) if signed.rules != CONDITION_RULES => self.unknown = Some(signed.rules.clone()),
            (Some(signed), Some(again)) if is_same(signed, again) => self.same = self.same.saturating_add(1),
            (Some(_), _) if one.elsewhere => self.elsewhere = Some(one.name()),
            (Some(_), _) => {
                self.faults
                    .push(format!("{} tells of other conditions than come out of its readings.", one.name()));
            }
        }
    }

    /// The check of all of them; none where no assessment has anything to do with conditions.
    fn settle(self, checks: &mut Checks) {
        let Self { faults, same, unsigned, unknown, elsewhere } = self;
        if let (true, Some(name)) = (faults.is_empty(), elsewhere) {
            return checks.cannot(CheckId::Conditions, format!("{name} {}", forked::RESTS));
        }
        match (faults.is_empty(), unknown, same, unsigned) {
            (true, None, 0, 0) => {}
            (true, Some(rules), ..) => {
                checks.cannot(CheckId::Conditions, format!("This release does not know the rules {rules}."));
            }
            (true, None, 0, _) => {
                checks.cannot(CheckId::Conditions, "The signed assessments say nothing of the conditions.");
            }
            _ => checks.settle(
                CheckId::Conditions,
                &faults,
                format!("Humidity, pressure, movement and batteries of {same} assessments, computed again."),
            ),
        }
    }
}

/// Whether each photo is one that an observation names by its hash.
pub(super) fn photos(assessed: Option<&Assessed>, photos: &[Address], checks: &mut Checks) {
    if photos.is_empty() {
        return;
    }
    let Some(assessed) = assessed else {
        checks.cannot(CheckId::Photos, "It rests on checks that failed.");
        return;
    };
    let named = |photo: &Address| {
        assessed.story.observations.iter().any(|observed| observed.says.photo == Some(*photo))
    };
    let faults: Vec<String> = (1_usize..)
        .zip(photos)
        .filter(|(_, photo)| !named(photo))
        .map(|(place, photo)| {
            let digest: String = photo.0.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("No observation names photo {place}, SHA-256 {digest}.")
        })
        .collect();
    let proved = format!(
        "{}, each named by the hash of its bytes in an observation.",
        counted(photos.len(), "photo", "photos")
    );
    checks.settle(CheckId::Photos, &faults, proved);
}
