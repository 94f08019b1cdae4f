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
    let by_people = || bundle.records.iter().chain(&bundle.loggers).filter(is_by_person);
    if bundle.people.is_empty() && by_people().next().is_none() {
        return;
    }
    let Ok(membership) = bundle.membership() else {
        return checks.cannot(CheckId::People, "A statement about membership cannot be read.");
    };
    let people = gather_people(&bundle.people, &membership);
    let mut faults = Vec::new();
    if bundle.people.iter().any(|record| !PEOPLE_KINDS.contains(&record.entry.payload().kind)) {
        faults.push("An entry among the people is about none.".to_owned());
    }
    let (mut signatures, mut persons, mut idle) = (0_usize, BTreeSet::new(), 0_usize);
    for record in by_people() {
        let entry = signed_entry(record, &membership, &people);
        signatures = signatures.saturating_add(1);
        persons.extend(entry.person.map(|person| person.id));
        match entry.person_refused {
            None => {}
            Some(Refusal::PersonEnded | Refusal::PersonNotTrained | Refusal::KeyWithdrawn) => {
                idle = idle.saturating_add(1)
            }
            Some(refusal) => faults.push(format!("{}: {}.", name(record), refusal.code())),
        }
    }
    let mut proved = format!(
        "{signatures} signatures of {} persons, each with a key that its device had bound.",
        persons.len()
    );
    if idle > 0 {
        proved.push_str(&format!(
            " {idle} of them do not count: the person had ended or was not trained, or the key was withdrawn."
        ));
    }
    checks.settle(CheckId::People, &faults, proved);
}

fn is_by_person(record: &&Record) -> bool {
    record.entry.payload().person.is_some()
}
