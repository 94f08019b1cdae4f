//! Which elements belong together, and which never do (GS1 General Specifications, 4.13).

use super::error::{Fault, ScanError};
use super::{Element, Warning, WarningKind, dictionary};

/// Refuses elements of one identifier with different values: which of them holds cannot be known.
pub(super) fn refuse_repeats(elements: &[Element]) -> Result<(), ScanError> {
    let differs = |element: &&Element| {
        elements.iter().any(|other| other.ai == element.ai && other.value != element.value)
    };
    match elements.iter().find(differs) {
        None => Ok(()),
        Some(element) => {
            let why = format!("AI {} appears again with another value", element.ai);
            Err(ScanError { read: elements.to_vec(), ..ScanError::new(Fault::Repeat, why) })
        }
    }
}

/// What is missing beside the elements or does not go with them, each pair once.
///
/// The rules hold for all carriers of a package together, so that one scan alone can only warn.
pub(super) fn warnings(elements: &[Element]) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = Vec::new();
    for element in elements {
        let Some(identifier) = dictionary::find(&element.ai) else { continue };
        let others = || elements.iter().map(|other| other.ai.as_str()).filter(|ai| *ai != element.ai);
        let excluded =
            others().filter(|ai| identifier.excludes.iter().any(|one| dictionary::matches(one, ai)));
        for ai in excluded {
            let why = format!("AI {} and AI {ai} must not be on the same item", element.ai);
            warnings.push(Warning { kind: WarningKind::Excluded, ai: element.ai.clone(), why });
        }
        let there = |pattern: &&str| others().any(|ai| dictionary::matches(pattern, ai));
        let needs = &identifier.needs;
        if !needs.is_empty() && !needs.iter().any(|group| group.iter().all(&there)) {
            let groups: Vec<String> = needs.iter().map(|group| group.join("+")).collect();
            let why = format!("AI {} also needs one of: {}", element.ai, groups.join(","));
            warnings.push(Warning { kind: WarningKind::Missing, ai: element.ai.clone(), why });
        }
    }
    let mut told: Vec<Warning> = Vec::new();
    for warning in warnings {
        if !told.contains(&warning) {
            told.push(warning);
        }
    }
    told
}
