//! `firn doctor`: what works on this machine, what does not, and what to do about it.

use crate::arguments::Global;
use crate::commands::radio;
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use firn_app::{App, LogEntry};
use firn_ble::keys::Keys;
use firn_ble::radio::{Clock, Radio};
use firn_host::{LocalHost, SystemClock};
use firn_model::time::{LocalInstant, UtcMillis};
use serde::Serialize;
use std::collections::BTreeSet;

/// The newest instant that every clock should be past: the day this release was written.
const NOT_BEFORE: &str = "2026-11-01T00:00:00Z";
/// By how much another device's clock may run ahead before an entry of the future is told of, in ms.
const AHEAD_MS: i64 = 60_000;

/// Everything that was looked at.
#[derive(Serialize)]
struct Diagnosis {
    ok: bool,
    checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Serialize)]
struct Check {
    id: &'static str,
    status: Status,
    /// What was found.
    what: String,
    /// What to do, where something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step: Option<String>,
    /// The code of the failure, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    /// In order.
    Works,
    /// Could not be looked at, or is not there and need not be.
    Unknown,
    /// Out of order.
    Fails,
}

impl Status {
    fn mark(self) -> &'static str {
        match self {
            Self::Works => "works  ",
            Self::Unknown => "unknown",
            Self::Fails => "FAILS  ",
        }
    }
}

impl Check {
    fn works(id: &'static str, what: impl Into<String>) -> Self {
        Self { id, status: Status::Works, what: what.into(), next_step: None, code: None }
    }

    fn unknown(id: &'static str, what: impl Into<String>, next_step: &str) -> Self {
        Self { id, status: Status::Unknown, what: what.into(), next_step: Some(next_step.into()), code: None }
    }

    fn fails(id: &'static str, failure: &Failure) -> Self {
        Self {
            id,
            status: Status::Fails,
            what: failure.cause.clone(),
            next_step: Some(failure.next_step.clone()),
            code: Some(failure.code.clone()),
        }
    }
}

/// Looks at radio, clock, home, keys and peers; exit status 1 where anything fails.
pub fn run(output: &mut Output, global: &Global, seconds: u64) -> Result<Exit, Failure> {
    let mut checks = opened::wait(radio_checks(seconds))?;
    let home = opened::to_read(global);
    let entries = match &home {
        Ok(app) => opened::wait(app.log_entries(None))?.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    checks.push(clock_check(SystemClock::new(firn_host::random_array()?).now().utc, &entries));
    checks.extend(home_checks(global, home)?);
    let diagnosis = Diagnosis { ok: checks.iter().all(|check| check.status != Status::Fails), checks };
    output.answer(&diagnosis, || diagnosis.checks.iter().map(line).collect())?;
    Ok(if diagnosis.ok { Exit::Success } else { Exit::Wanting })
}

fn line(check: &Check) -> String {
    let code = check.code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
    let next =
        check.next_step.as_ref().map(|next| format!("\n         {:10} -> {next}", "")).unwrap_or_default();
    format!("{}  {:10} {}{code}{next}\n", check.status.mark(), check.id, check.what)
}

/// The adapter, and what is heard within so many seconds.
async fn radio_checks(seconds: u64) -> Vec<Check> {
    let (bluetooth, clock) = match radio::open().await {
        Ok(opened) => opened,
        Err(failure) => return vec![Check::fails("adapter", &failure)],
    };
    let described = bluetooth.describe().await;
    let hearing = match bluetooth.scan().await {
        Ok(hearing) => hearing,
        Err(error) => return vec![Check::fails("adapter", &error.into())],
    };
    let name = described.unwrap_or_else(|_| "an adapter without a name".into());
    let mut checks = vec![Check::works("adapter", format!("{name}, switched on"))];
    checks.push(heard_check(hearing, &clock, seconds).await);
    checks
}

async fn heard_check(mut hearing: firn_ble::radio::Hearing, clock: &impl Clock, seconds: u64) -> Check {
    let (mut transmitters, mut loggers) = (BTreeSet::new(), BTreeSet::new());
    let mut end = std::pin::pin!(clock.sleep(seconds.saturating_mul(1000)));
    loop {
        let heard = tokio::select! {
            heard = hearing.next() => heard,
            () = &mut end => break,
        };
        match heard {
            Some(Ok(heard)) => {
                if firn_ble::decode(&heard.advert, &Keys::default()).is_ok() {
                    loggers.insert(heard.device.clone());
                }
                transmitters.insert(heard.device);
            }
            Some(Err(error)) => return Check::fails("loggers", &error.into()),
            None => break,
        }
    }
    let heard = format!("{} heard in {seconds} s, {} known as loggers", transmitters.len(), loggers.len());
    if loggers.is_empty() {
        let next_step = "Hold a logger near; some advertise once in ten seconds: `--seconds 30`.";
        return Check::unknown("loggers", heard, next_step);
    }
    Check::works("loggers", heard)
}

/// Whether the clock can be right: not before this release, not before what was signed last.
fn clock_check(now: UtcMillis, entries: &[LogEntry]) -> Check {
    let newest = entries.iter().map(|entry| entry.at).max();
    let earliest = LocalInstant::parse(NOT_BEFORE).map_or(UtcMillis(0), |instant| instant.at);
    let wrong = |what: String| Check {
        id: "clock",
        status: Status::Fails,
        what,
        next_step: Some("Set this device's clock, best by the network.".into()),
        code: Some("cli/clock-behind".into()),
    };
    match newest {
        _ if now < earliest => wrong(format!("{now} is before this release was written")),
        Some(newest) if newest.0 > now.0.saturating_add(AHEAD_MS) => {
            wrong(format!("{now} is before the newest entry, {newest}"))
        }
        _ => Check::works("clock", now.to_string()),
    }
}

/// The home, its logs, its keys and its peers.
fn home_checks(global: &Global, home: Result<App<LocalHost>, Failure>) -> Result<Vec<Check>, Failure> {
    let app = match home {
        Ok(app) => app,
        Err(failure) if failure.code == "home/missing" => {
            let next_step = "`firn init` founds an organisation, `firn join` joins one.";
            return Ok(vec![Check::unknown("home", "there is none yet", next_step)]);
        }
        Err(failure) => return Ok(vec![Check::fails("home", &failure)]),
    };
    let path = app.host().path().display().to_string();
    let mut checks = vec![match opened::wait(app.verify_logs(false))? {
        Ok(report) => match report.first_bad() {
            None => Check::works("home", format!("{path}, {} logs in order", report.logs.len())),
            Some(bad) => {
                let (cause, next_step) = match report.as_signed() {
                    true => ("says what the logs show to be false", bad.fault.next_step()),
                    false => (
                        "is not as it was signed",
                        "Keep the folder as it is; restore it from a backup or a peer.",
                    ),
                };
                let cause = format!("entry {} of log {} {cause}", bad.sequence, bad.log);
                Check::fails("home", &Failure::new(bad.fault.code(), cause, next_step))
            }
        },
        Err(error) => Check::fails("home", &error.into()),
    }];
    checks.push(keys_check(global));
    checks.push(match opened::wait(app.peers())? {
        Ok(peers) if peers.is_empty() => {
            Check::unknown("peers", "none enrolled", "`firn invite` invites one.")
        }
        Ok(peers) => {
            let met = peers.iter().filter(|peer| peer.synced.is_some()).count();
            Check::works("peers", format!("{} enrolled, {met} met", peers.len()))
        }
        Err(error) => Check::fails("peers", &error.into()),
    });
    Ok(checks)
}

/// Whether the passphrase opens the keys; nobody is asked for it.
fn keys_check(global: &Global) -> Check {
    if global.passphrase_file.is_none() {
        let next_step = "Name the passphrase's file (--passphrase-file) to have it tried.";
        return Check::unknown("keys", "sealed; not opened, for no passphrase was given", next_step);
    }
    match opened::to_write(global) {
        Ok(_) => Check::works("keys", "the passphrase opens them"),
        Err(failure) => Check::fails("keys", &failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::api::LogStanding;

    #[test]
    fn a_clock_before_this_release_or_before_the_newest_entry_is_told_of() {
        let at = |text: &str| LocalInstant::parse(text).unwrap().at;
        let entry = |time: &str| LogEntry {
            log: "00".into(),
            sequence: 0,
            leaf: "00".into(),
            at: at(time),
            kind: 1,
            what: "genesis".into(),
            shipment: None,
            person: None,
            standing: LogStanding::Enrolled,
            seen: Vec::new(),
            forked: None,
            history: None,
            leads_to: None,
            disputed: None,
        };
        let status = |now: &str, newest: &str| clock_check(at(now), &[entry(newest)]).status;
        assert!(status("1970-01-01T00:00:10Z", "1970-01-01T00:00:00Z") == Status::Fails);
        assert!(status("2026-12-01T00:00:00Z", "2026-12-01T00:02:00Z") == Status::Fails);
        assert!(status("2026-12-01T00:00:00Z", "2026-12-01T00:00:30Z") == Status::Works);
    }
}
