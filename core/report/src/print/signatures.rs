//! Who signed what: printed name, date and time with offset, and meaning of each signature (21 CFR 11.50).

use super::section::{column, note, wide};
use super::{Block, Listing, Matter, Section, entries, words};
use firn_model::api::{Device, EndedLogger, HistoryEvent};
use firn_model::authority::Refusal;
use firn_model::meaning::{SignatureMeaning, meaning};
use firn_model::record::Policy;
use firn_model::shipment::{Placed, Signer, Told};
use firn_model::time::UtcMillis;

/// What a signature is and is not.
const BELOW: &str = "A person signs with a key of their own, opened by id and secret on the device that is named; the \
    time is that device's. Where no person signed, the device did alone. Readings and computed verdicts are signed by \
    devices and stand below among the entries.";

pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let columns = vec![
        column("Date and time"),
        wide("Printed name", 4),
        wide("Title and role", 4),
        wide("Meaning", 4),
        wide("On device", 4),
        wide("Standing", 5),
    ];
    let policy = matter.assessed.story.policy();
    let rows = policy.map(|policy| of_policy(matter, policy)).into_iter();
    let ended = matter.detail.ended.values().flat_map(EndedLogger::each);
    let rows = rows.chain(ended.filter_map(|ended| of_ended(matter, ended)));
    let rows = rows.chain(entries::told(matter).filter_map(|(told, event)| of_entry(matter, told, event)));
    let listing = Listing { columns, rows: rows.collect(), none: "Nothing has been signed." };
    vec![Section::new("Signatures", vec![Block::Table(listing), note(BELOW)])]
}

fn of_policy(matter: &Matter<'_>, policy: &Placed<Policy>) -> Vec<String> {
    let meaning = Some(SignatureMeaning::SetPolicy);
    row(matter, policy.at, policy.person.as_ref(), &policy.device, meaning, None)
}

fn of_ended(matter: &Matter<'_>, ended: &EndedLogger) -> Option<Vec<String>> {
    let meaning = Some(SignatureMeaning::EndedLogger);
    let device = ended.device.as_ref()?;
    Some(row(matter, ended.at, ended.person.as_ref(), device, meaning, None))
}

/// A step that people sign, or anything else that a person is named in.
fn of_entry(matter: &Matter<'_>, told: &Told, event: &HistoryEvent) -> Option<Vec<String>> {
    let meaning = told.statement.as_ref().and_then(meaning);
    let is_signed = meaning.is_some() || event.person.is_some();
    is_signed.then(|| row(matter, event.at, event.person.as_ref(), &event.device, meaning, told.refused))
}

fn row(
    matter: &Matter<'_>,
    at: UtcMillis,
    person: Option<&Signer>,
    device: &Device,
    meaning: Option<SignatureMeaning>,
    refused: Option<Refusal>,
) -> Vec<String> {
    let (name, title) = match person {
        Some(person) => (person.name.clone(), words::title(person)),
        None => ("no person signed".into(), "–".into()),
    };
    let standing = match refused {
        None => "counts".into(),
        Some(refusal) => format!("Does not count: {} ({})", refusal.words(), refusal.code()),
    };
    let meaning = meaning.map_or_else(|| "–".to_owned(), |meaning| meaning.words().to_owned());
    vec![matter.instant(at), name, title, meaning, words::device(device), standing]
}
