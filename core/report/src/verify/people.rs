//! Who signed: each person's signature by a key that was bound to that person.

use super::entries::name;
use super::{CheckId, Checks};
use crate::bundle::{Bundle, PEOPLE_KINDS, gather_people, signed_entry};
use firn_ledger::entry::Record;
use firn_model::authority::Refusal;
use std::collections::BTreeSet;

/// Checks them, where the file tells of people or an entry names one.
///
/// That a person had ended, was not trained or was missing, or that a key was withdrawn keeps the entry from counting, in the app as here;
/// it makes the file no less true.
pub(super) fn check(bundle: &Bundle, checks: &mut Checks) {
    let about = || bundle.all_records().chain(&bundle.loggers).chain(&bundle.profiles);
    let by_people = || about().filter(is_by_person);
    if bundle.people.is_empty() && by_people().next().is_none() {
        return;
    }
    let (Ok(membership), Ok(ever)) = (bundle.membership(), bundle.ever_admitted()) else {
        return checks.cannot(CheckId::People, "A statement about membership cannot be read.");
    };
    let people = gather_people(&bundle.people, &membership);
    let before = gather_people(&bundle.people, &ever);
    let mut faults = Vec::new();
    if bundle.people.iter().any(|record| !PEOPLE_KINDS.contains(&record.entry.payload().kind)) {
        faults.push("An entry among the people is about none.".to_owned());
    }
    let is_true =
        |refusal| matches!(refusal, Refusal::PersonEnded | Refusal::PersonNotTrained | Refusal::KeyWithdrawn);
    // Whoever was enrolled by what counts no more since a revocation signed all the same.
    let was_true = |record: &Record| signed_entry(record, &ever, &before).person_refused.is_none_or(is_true);
    let (mut signatures, mut persons, mut idle) = (0_usize, BTreeSet::new(), Vec::new());
    // What whoever is no member any more signed counts by nobody.
    let is_members = |record: &&Record| membership.member(&record.entry.log()).is_some();
    for record in by_people().filter(is_members) {
        let entry = signed_entry(record, &membership, &people);
        signatures = signatures.saturating_add(1);
        persons.extend(entry.person.map(|person| person.id));
        match entry.person_refused {
            None => {}
            Some(refusal) if is_true(refusal) || was_true(record) => {
                idle.push(format!(" {} does not count: {}.", name(record), refusal.code()));
            }
            Some(refusal) => faults.push(format!("{}: {}.", name(record), refusal.code())),
        }
    }
    let mut proved = format!(
        "{signatures} signatures of {} persons, each with a key that its device had bound.",
        persons.len()
    );
    proved.extend(idle);
    checks.settle(CheckId::People, &faults, proved);
}

fn is_by_person(record: &&Record) -> bool {
    record.entry.payload().person.is_some()
}
