//! Words about what was changed: by whom, when and why, and what stood before.

use super::{role, visible};
use firn_model::api::{Changed, ChangedBy, VersionPublished};
use firn_model::record::{Logger, Person, PersonStanding, Policy, SinglePersonRelease};
use firn_model::units::MilliCelsius;

/// What one field says, beside its name; empty where it says nothing.
type Told = (&'static str, String);

/// Every change of a person, a line each.
pub fn people(changes: &[Changed<Person>]) -> Vec<String> {
    changes.iter().map(|change| line(change, person)).collect()
}

/// Every rule that was signed, a line each.
pub fn policies(changes: &[Changed<Policy>]) -> Vec<String> {
    changes.iter().map(|change| line(change, policy)).collect()
}

/// All that was recorded of a logger, a line each.
pub fn loggers(changes: &[Changed<Logger>]) -> Vec<String> {
    changes.iter().map(|change| line(change, logger)).collect()
}

/// `version 2 published 2026-… by Una Novak on Quality desk, because “…”`.
pub fn version(published: &VersionPublished) -> String {
    format!("version {} published {}{}", published.version, made(&published.by), because(&published.by))
}

/// Whether one person may release alone.
pub fn release(rule: SinglePersonRelease) -> &'static str {
    match rule {
        SinglePersonRelease::Allowed => "allowed",
        SinglePersonRelease::Refused => "refused",
    }
}

/// `2026-… by Adam Roy on Dock phone: role admin (before: courier), because “…”`.
fn line<T>(change: &Changed<T>, told: impl Fn(&T) -> Vec<Told>) -> String {
    let before = change.before.as_ref().map(&told);
    let was = |name: &str| {
        let fields = before.iter().flatten();
        fields.clone().find(|(field, _)| *field == name).map(|(_, value)| value.as_str())
    };
    let said = |(name, value): Told| match was(name) {
        Some(was) if was == value => None,
        Some(was) => Some(format!("{name} {} (before: {})", or_none(&value), or_none(was))),
        None => Some(value).filter(|value| !value.is_empty()).map(|value| format!("{name} {value}")),
    };
    let said: Vec<String> = told(&change.after).into_iter().filter_map(said).collect();
    let said = if said.is_empty() { "nothing that is shown here".to_owned() } else { said.join(", ") };
    let ended = change.counts.map_or("", |_| "; it does not count, for this had ended");
    format!("{}: {said}{}{ended}", made(&change.by), because(&change.by))
}

fn made(by: &ChangedBy) -> String {
    let device = visible(&by.device.label);
    match &by.person {
        Some(person) => format!("{} by {} on {device}", by.at, visible(&person.name)),
        None => format!("{} by {device}", by.at),
    }
}

fn because(by: &ChangedBy) -> String {
    by.reason.as_ref().map(|reason| format!(", because “{}”", visible(reason))).unwrap_or_default()
}

fn or_none(value: &str) -> &str {
    if value.is_empty() { "none" } else { value }
}

fn person(person: &Person) -> Vec<Told> {
    let standing = match person.standing {
        PersonStanding::Active => "signs",
        PersonStanding::Ended => "ended",
    };
    let code = person.enrolment_key.iter().flat_map(|key| key.iter().take(4));
    let withdrawn = person.withdrawn.iter().flatten().count();
    vec![
        ("name", visible(&person.name)),
        ("title", person.title.as_deref().map(visible).unwrap_or_default()),
        ("role", role(person.role).to_owned()),
        ("trained", person.trained.map(|at| at.to_string()).unwrap_or_default()),
        ("standing", standing.to_owned()),
        ("code", code.map(|byte| format!("{byte:02x}")).collect()),
        ("keys withdrawn", if withdrawn == 0 { String::new() } else { withdrawn.to_string() }),
    ]
}

fn policy(policy: &Policy) -> Vec<Told> {
    vec![("single-person release", release(policy.single_person_release).to_owned())]
}

fn logger(logger: &Logger) -> Vec<Told> {
    let degrees = |value: Option<i32>| value.map(|value| format!("{} °C", MilliCelsius(value)));
    let accuracy = logger.accuracy_mc.and_then(|value| i32::try_from(value).ok());
    let certificate = logger.certificate.as_ref().map(|one| visible(&one.number));
    vec![
        ("label", visible(&logger.label)),
        ("family", visible(&logger.family)),
        ("serial number", logger.serial.as_deref().map(visible).unwrap_or_default()),
        ("address", logger.address.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("interval", logger.interval_s.map(|seconds| format!("{seconds} s")).unwrap_or_default()),
        ("accuracy", degrees(accuracy).unwrap_or_default()),
        ("offset", degrees(logger.offset_mc).unwrap_or_default()),
        ("certificate", certificate.unwrap_or_default()),
    ]
}
