//! `firn person`: who signs, and the keys they sign with on this device.

use crate::arguments::{Enrol, Global, Key, Person as Command};
use crate::commands::peers::role_of;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::written::day;
use crate::{opened, words};
use firn_app::{App, Change, EnrolmentCode, Host, NewPerson, Pin};
use firn_host::LocalHost;
use firn_model::api::Changed;
use firn_model::id::Id;
use firn_model::people::ACCOUNTABILITY;
use firn_model::record::{ChangeReason, Person, PersonStanding};
use firn_model::time::UtcMillis;
use serde::Serialize;
use std::path::Path;

/// What the commands answer about one person.
#[derive(Serialize)]
struct Answer {
    ok: bool,
    #[serde(flatten)]
    person: Person,
    /// Whether they have a key on this device.
    key: bool,
    /// The code by which the person makes their keys, where one was just drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Until when nobody signs as them on this device.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_until: Option<UtcMillis>,
    /// Every change, with who made it, when and why, and what stood before; told by `show` alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Changed<Person>>,
}

/// Runs one of them.
pub fn run(output: &mut Output, global: &Global, command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Add(enrol) => add(output, global, enrol)?,
        Command::List => list(output, global)?,
        Command::Show { person } => {
            let app = opened::to_read(global)?;
            let person = opened::wait(app.person(person))??;
            let changes = opened::wait(app.person_changes(person.id))??;
            answer_with(output, &app, person, (None, changes))?;
        }
        Command::Train { person, trained, reason } => {
            let trained = day(trained)?;
            change(output, global, (person, reason), |_| Change::Trained(trained))?;
        }
        Command::Change { person, role: new, title, reason } => {
            change(output, global, (person, reason), |before| {
                let title = title.clone().or_else(|| before.title.clone());
                Change::Duty(new.map_or(before.role, role_of), title)
            })?
        }
        Command::End { person, reason } => {
            change(output, global, (person, reason), |_| Change::Ended)?;
        }
        Command::Key(wanted) => key(output, global, wanted)?,
        Command::Code { person } => {
            let app = opened::to_write(global)?;
            let person = opened::wait(app.person(person))??;
            let code = opened::wait(app.new_code(person.id))??;
            answer_with(output, &app, person, (Some(&code), Vec::new()))?;
        }
        Command::Pin { person, new_pin_file } => {
            let (app, _) = opened::by_device(global)?;
            let person = opened::wait(app.person(person))??;
            let (old, new) = (opened::pin(global)?, opened::changed_pin(new_pin_file.as_deref())?);
            opened::wait(app.change_pin(person.id, old, new))??;
            answer(output, &app, person)?;
        }
    }
    Ok(Exit::Success)
}

fn add(output: &mut Output, global: &Global, enrol: &Enrol) -> Result<(), Failure> {
    let name = enrol.name.trim();
    if name.is_empty() {
        return Err(Failure::new("cli/name", "the person has no name", "give the name that is printed"));
    }
    let new = NewPerson {
        id: enrol.id.as_deref().map(id).transpose()?,
        name: name.to_owned(),
        title: enrol.title.clone(),
        role: role_of(enrol.role),
        trained: enrol.trained.as_deref().map(day).transpose()?,
    };
    // Before anything is signed: a PIN that cannot be used enrols nobody.
    let pin = match enrol.accept_accountability {
        true => Some(accepted_pin(global, enrol.new_pin_file.as_deref())?),
        false => None,
    };
    let app = opened::to_write(global)?;
    let namesake = |one: &Person| one.name == new.name && one.standing == PersonStanding::Active;
    if let Some(other) = opened::wait(app.people())??.iter().find(|one| namesake(one)) {
        eprintln!("firn: {} is called `{}` as well: name each by the id", other.id, other.name);
    }
    let (person, code) = opened::wait(app.enrol_person(new))??;
    match pin {
        Some(pin) => opened::wait(app.make_person_key(person.id, pin, &code))??,
        None => eprintln!(
            "firn: no key yet; `firn person key {} --accept-accountability` makes it, with the code",
            person.id
        ),
    }
    answer_with(output, &app, person, (Some(&code), Vec::new()))
}

/// Withdraws a key, makes one, or both.
fn key(output: &mut Output, global: &Global, wanted: &Key) -> Result<(), Failure> {
    let reason = wanted.withdraw.as_ref().or(wanted.replace.as_ref());
    let makes = wanted.withdraw.is_none();
    if makes {
        accountability(wanted.accept_accountability)?;
    }
    let app = match reason {
        Some(_) => opened::to_write(global)?,
        None => opened::by_device(global)?.0,
    };
    let mut person = opened::wait(app.person(&wanted.person))??;
    // Before anything is signed: a PIN or a code that cannot be used withdraws nothing.
    let pin = match makes {
        true => Some(opened::new_pin(global, wanted.new_pin_file.as_deref())?),
        false => None,
    };
    let mut code = match makes && wanted.replace.is_none() {
        true => Some(opened::code(wanted.code_file.as_deref())?),
        false => None,
    };
    if let Some(reason) = reason {
        person = withdraw(&app, &person, wanted.device.as_deref(), reason)?;
    }
    if wanted.replace.is_some() {
        code = Some(opened::wait(app.new_code(person.id))??);
    }
    if let (Some(pin), Some(code)) = (pin, &code) {
        opened::wait(app.make_person_key(person.id, pin, code))??;
    }
    let code = code.as_ref().filter(|_| wanted.replace.is_some());
    answer_with(output, &app, person, (code, Vec::new()))
}

fn withdraw(
    app: &App<LocalHost>,
    person: &Person,
    device: Option<&str>,
    reason: &str,
) -> Result<Person, Failure> {
    let log = match device {
        Some(name) => opened::wait(app.device_with_key(person.id, name))??,
        None => app.host().identity().log,
    };
    let change = Change::KeyWithdrawn(log, reason.trim().to_owned());
    Ok(opened::wait(app.change_person(person.id, change, None))??)
}

fn accepted_pin(global: &Global, file: Option<&Path>) -> Result<Pin, Failure> {
    accountability(true)?;
    opened::new_pin(global, file)
}

/// Shows what is accepted; without acceptance there is no key (21 CFR 11.10(j)).
fn accountability(accepted: bool) -> Result<(), Failure> {
    eprint!("{ACCOUNTABILITY}");
    match accepted {
        true => Ok(()),
        false => Err(Failure::new(
            "cli/not-accepted",
            "the person has not accepted to be accountable for what is signed with the key",
            "let the person read the text above, and give --accept-accountability",
        )),
    }
}

fn change(
    output: &mut Output,
    global: &Global,
    (name, reason): (&str, &Option<String>),
    what: impl FnOnce(&Person) -> Change,
) -> Result<(), Failure> {
    let app = opened::to_write(global)?;
    let before = opened::wait(app.person(name))??;
    let reason = reason.as_deref().and_then(ChangeReason::parse);
    let person = opened::wait(app.change_person(before.id, what(&before), reason))??;
    answer(output, &app, person)
}

fn answer(output: &mut Output, app: &App<LocalHost>, person: Person) -> Result<(), Failure> {
    answer_with(output, app, person, (None, Vec::new()))
}

/// The answer with a code, which is printed this once, and with what was changed.
fn answer_with(
    output: &mut Output,
    app: &App<LocalHost>,
    person: Person,
    (code, changes): (Option<&EnrolmentCode>, Vec<Changed<Person>>),
) -> Result<(), Failure> {
    let key = opened::wait(app.has_person_key(person.id))??;
    let locked_until = opened::wait(app.signing_locked_until(person.id))??;
    let code = code.map(EnrolmentCode::text);
    let answer = Answer { ok: true, person, key, code, locked_until, changes };
    output.answer(&answer, || {
        let mut text = line(&answer.person);
        text.push_str(if answer.key { "  has a key here" } else { "  no key here" });
        if let Some(until) = answer.locked_until {
            text.push_str(&format!(", locked until {until}"));
        }
        if let Some(code) = &answer.code {
            text.push_str(&format!("\ncode for this person alone, to make keys with: {code}"));
        }
        words::change::people(&answer.changes).iter().for_each(|line| text.push_str(&format!("\n  {line}")));
        text
    })
}

fn list(output: &mut Output, global: &Global) -> Result<(), Failure> {
    let app = opened::to_read(global)?;
    let people = opened::wait(app.people())??;
    output.answer(&people, || match people.is_empty() {
        true => "nobody yet; enrol somebody with `firn person add NAME --role ROLE --trained DATE`".into(),
        false => people.iter().map(|person| line(person) + "\n").collect(),
    })
}

fn line(person: &Person) -> String {
    let title = person.title.as_ref().map(|title| format!(", {}", words::visible(title))).unwrap_or_default();
    let state = match (person.standing, person.trained) {
        (PersonStanding::Ended, _) => "ended".to_owned(),
        (PersonStanding::Active, None) => "not trained".to_owned(),
        (PersonStanding::Active, Some(trained)) => format!("trained {trained}"),
    };
    let name = words::visible(&person.name);
    format!("{}  {name}{title}  {}  {state}", person.id, words::role(person.role))
}

fn id(text: &str) -> Result<Id, Failure> {
    Id::parse(text).map_err(|_| {
        Failure::new(
            "cli/id",
            format!("`{text}` is no id"),
            "write 16 bytes in base32, as `firn person list` does",
        )
    })
}
