//! Which elements belong together, and which never do (GS1 General Specifications, 4.13).

use super::error::{Fault, ScanError};
use super::{Element, Warning, WarningKind, dictionary};
use std::collections::{BTreeMap, BTreeSet};

/// Refuses elements of one identifier with different values: which of them holds cannot be known.
pub(super) fn refuse_repeats(elements: &[Element]) -> Result<(), ScanError> {
    let (mut values, mut differing) = (BTreeMap::new(), BTreeSet::new());
    for element in elements {
        if *values.entry(&element.ai).or_insert(&element.value) != &element.value {
            differing.insert(&element.ai);
        }
    }
    match elements.iter().find(|element| differing.contains(&element.ai)) {
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
    // What comes twice is told once, and there are only so many identifiers.
    let mut seen = BTreeSet::new();
    let once: Vec<&Element> = elements.iter().filter(|element| seen.insert(&element.ai)).collect();
    for element in &once {
        let Some(identifier) = dictionary::find(&element.ai) else { continue };
        let others = || once.iter().map(|other| other.ai.as_str()).filter(|ai| *ai != element.ai);
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
    warnings
}
