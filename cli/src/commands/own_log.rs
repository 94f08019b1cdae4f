//! `firn home continue`, `firn device rotate` and `firn device enrol`: a device that goes on in a new log.

use crate::arguments::{Global, HomeCommand};
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use firn_app::{App, AppError, Enrolled, Identity};
use firn_host::{HomeError, LocalHost, Sealing};
use firn_model::api::{LogBarred, LogStanding, Organisation};
use firn_model::role::Role;
use serde_json::json;
use std::path::Path;

pub fn home(output: &mut Output, global: &Global, command: &HomeCommand) -> Result<Exit, Failure> {
    match command {
        HomeCommand::Continue => {
            let (who, sealing) = before(global)?;
            if (who.standing, who.barred) == (LogStanding::Revoked, Some(LogBarred::Restored)) {
                firn_host::open_restored(&opened::folder(global)?)?;
                return opened_again(output, &who);
            }
            may_go_on(&who)?;
            if who.barred.is_none() {
                let why = "nothing keeps this home from going on in its log";
                let next = "go on as you are; `firn device rotate` gives the device a new key";
                return Err(Failure::new("cli/nothing-to-continue", why, next));
            }
            let identity = firn_host::continue_home(&opened::folder(global)?, &sealing)?;
            waits(output, &who, &identity)
        }
    }
}

/// Gives this device a new key; an admin's device with the root at hand enrols itself at once.
pub fn rotate(output: &mut Output, global: &Global, root: Option<&Path>) -> Result<Exit, Failure> {
    let (who, sealing) = before(global)?;
    may_go_on(&who)?;
    if let Some(why) = who.barred {
        return Err(AppError::LogBarred(why).into());
    }
    let path = opened::folder(global)?;
    // What does not open is told before anything is changed.
    let root = match who.role {
        Role::Admin => root_of(global, &path, &sealing, root)?,
        _ => None,
    };
    let identity = firn_host::continue_home(&path, &sealing)?;
    let Some(root) = root else { return waits(output, &who, &identity) };
    let app = App::new(std::sync::Arc::new(LocalHost::open(&path, &sealing.passphrase)?));
    app.host().open_root(&root)?;
    let enrolled = opened::wait(app.enrol_continued(&identity.log.to_string()))??;
    say(output, &enrolled)
}

/// Refuses where no new log would count: the device's own has ended, or its join is not finished.
fn may_go_on(who: &Organisation) -> Result<(), AppError> {
    match who.standing {
        LogStanding::Revoked => Err(AppError::DeviceRevoked),
        LogStanding::Joining => Err(AppError::JoinUnfinished(who.inviter.clone())),
        LogStanding::Enrolled | LogStanding::Provisional => Ok(()),
    }
}

/// The passphrase of the root, where its key lies in this home.
fn root_of(
    global: &Global,
    path: &Path,
    sealing: &Sealing,
    file: Option<&Path>,
) -> Result<Option<firn_host::Passphrase>, Failure> {
    let host = LocalHost::open(path, &sealing.passphrase)?;
    let passphrase = match file {
        None => sealing.passphrase.clone(),
        file => opened::passphrase_of_root(global, file)?,
    };
    match host.open_root(&passphrase) {
        Ok(()) => Ok(Some(passphrase)),
        Err(HomeError::RootAway) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Enrols the new log of a device that was rotated or restored.
pub fn enrol(
    output: &mut Output,
    global: &Global,
    device: &str,
    root: Option<&Path>,
) -> Result<Exit, Failure> {
    let app = opened::to_write(global)?;
    let enrol = async || app.enrol_continued(device).await;
    let enrolled = opened::wait(opened::with_root_if_needed(&app, global, root, enrol))??;
    say(output, &enrolled)
}

/// Who the home is before it goes on, and how its keys are sealed.
fn before(global: &Global) -> Result<(Organisation, Sealing), Failure> {
    let (app, sealing) = opened::by_device(global)?;
    Ok((opened::wait(app.organisation())??, sealing))
}

/// A restored home whose log has ended.
fn opened_again(output: &mut Output, who: &Organisation) -> Result<Exit, Failure> {
    let next = AppError::DeviceRevoked.next_step();
    let answer = json!({ "ok": true, "log": who.log, "standing": "revoked", "next_step": next });
    output.answer(&answer, || {
        format!("this log has ended, and nothing is added to it; its vault can be read again\n  next: {next}")
    })?;
    Ok(Exit::Success)
}

fn waits(output: &mut Output, who: &Organisation, identity: &Identity) -> Result<Exit, Failure> {
    let log = identity.log.to_string();
    let short: String = log.chars().take(12).collect();
    let next = format!(
        "sync with an admin's device, which then runs `firn device enrol {short}`, and does not revoke the old log \
         before that: a device that was revoked first is invited anew, in a new home"
    );
    let answer =
        json!({ "ok": true, "log": log, "from": who.log, "standing": "provisional", "next_step": next });
    output.answer(&answer, || {
        format!(
            "{} goes on in log {log}\nit is provisional: what is measured counts; what people sign counts once an \
             admin has enrolled it\n  next: {next}",
            who.device
        )
    })?;
    Ok(Exit::Success)
}

fn say(output: &mut Output, enrolled: &Enrolled) -> Result<Exit, Failure> {
    let Enrolled { enrolment, ended } = enrolled;
    let end =
        |end: &firn_ledger::statement::Revocation| json!({ "log": end.log.to_string(), "size": end.size });
    let answer = json!({
        "ok": true,
        "log": enrolment.log.to_string(),
        "device": enrolment.label,
        "standing": "enrolled",
        "ended": ended.iter().map(end).collect::<Vec<_>>(),
    });
    output.answer(&answer, || {
        let mut words = format!("{} is enrolled in log {}", enrolment.label, enrolment.log);
        for end in ended {
            words.push_str(&format!("\nlog {} ends at {} entries", end.log, end.size));
        }
        words
    })?;
    Ok(Exit::Success)
}
