//! `firn device`: who else belongs to the organisation, and who no longer does.

use crate::arguments::{Device, Global, RevocationArgument};
use crate::commands::own_log;
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use crate::words;
use crate::written::instant_if;
use firn_app::{Revoking, Upholding};
use firn_ledger::entry::Head;
use firn_ledger::statement::RevocationReason;
use firn_model::api::{LogStanding, Peer};
use firn_model::time::UtcMillis;
use serde_json::json;
use std::path::Path;

pub fn run(output: &mut Output, global: &Global, device: &Device) -> Result<Exit, Failure> {
    match device {
        Device::List => list(output, global),
        Device::Rotate { root_passphrase_file } => {
            own_log::rotate(output, global, root_passphrase_file.as_deref())
        }
        Device::Enrol { device, root_passphrase_file } => {
            own_log::enrol(output, global, device, root_passphrase_file.as_deref())
        }
        Device::Revoke { device, reason, lost, size, root_passphrase_file } => {
            let lost = instant_if(lost.as_deref())?;
            let reason = reason_of(*reason);
            let revoking = Revoking { device: device.clone(), size: *size, lost, reason };
            revoke(output, global, revoking, root_passphrase_file.as_deref())
        }
        Device::Uphold { device, size, root, root_passphrase_file } => {
            let upholding = Upholding { device: device.clone(), size: *size, root: root.clone() };
            uphold(output, global, upholding, root_passphrase_file.as_deref())
        }
    }
}

/// Every other device of the organisation.
fn list(output: &mut Output, global: &Global) -> Result<Exit, Failure> {
    let app = opened::to_read(global)?;
    let peers = opened::wait(app.peers())??;
    output.answer(&peers, || {
        let line = |peer: &Peer| {
            let synced =
                peer.synced.map_or_else(|| "never synced".into(), |synced| format!("synced {}", synced.at));
            let revoked = peer.revoked.map_or_else(String::new, |lost| format!("  REVOKED, lost {lost}"));
            let log: String = peer.log.chars().take(12).collect();
            let waits = match (peer.standing, peer.revoked) {
                (LogStanding::Provisional, None) => format!("  PROVISIONAL: `firn device enrol {log}`"),
                _ => String::new(),
            };
            let (label, role, endpoint) = (&peer.label, words::role(peer.role), &peer.endpoint);
            format!("{label}  {role}  {endpoint}  log {log}  {synced}{revoked}{waits}\n")
        };
        match peers.is_empty() {
            true => "no other devices yet; invite one with `firn invite`".into(),
            false => peers.iter().map(line).collect(),
        }
    })?;
    Ok(Exit::Success)
}

/// A revoked log has no successor that counts, whichever of the two words came first.
const AFTER_REVOKING: &str = "sync with every other device; this one never comes back in that home: where it is to \
                              work again, `firn invite` and join in a new one";

fn revoke(
    output: &mut Output,
    global: &Global,
    revoking: Revoking,
    root_passphrase: Option<&Path>,
) -> Result<Exit, Failure> {
    let app = opened::to_write(global)?;
    let state = async || app.revoke_device(revoking.clone()).await;
    let revoked = opened::wait(opened::with_root_if_needed(&app, global, root_passphrase, state))??;
    let lost = UtcMillis(revoked.lost_ms);
    let after = opened::wait(app.dated_after(revoked.log, revoked.size, lost))??;
    let answer = json!({
        "ok": true,
        "log": revoked.log.to_string(),
        "size": revoked.size,
        "root": revoked.root.map(|root| root.to_string()),
        "lost": lost,
        "dated_after": after.map(|(first, count)| json!({ "first": first, "entries": count })),
        "next_step": AFTER_REVOKING,
    });
    output.answer(&answer, || {
        let after = after.map(|(first, count)| {
            format!(
                "\n  {count} of them are dated after the loss and hold all the same: revoke it again with `--size {first}` \
                 if they are not its person's"
            )
        });
        let after = after.unwrap_or_default();
        format!("revoked: of log {} {}{after}\n  next: {AFTER_REVOKING}", revoked.log, what_holds(revoked.size))
    })?;
    Ok(Exit::Success)
}

fn uphold(
    output: &mut Output,
    global: &Global,
    upholding: Upholding,
    root_passphrase: Option<&Path>,
) -> Result<Exit, Failure> {
    let app = opened::to_write(global)?;
    let state = async || app.uphold_device(upholding.clone()).await;
    let upheld = opened::wait(opened::with_root_if_needed(&app, global, root_passphrase, state))??;
    let Head { log, size, root } = upheld.head;
    let answer = json!({ "ok": true, "log": log.to_string(), "size": size, "root": root.to_string() });
    output.answer(&answer, || {
        format!("upheld: of log {log} {}; what lies beyond stays disputed", first(size))
    })?;
    Ok(Exit::Success)
}

/// `3 entries hold; …`.
fn what_holds(size: u64) -> String {
    let hold = words::counted(size, "entry holds", "entries hold");
    format!("{hold}; what it signed beyond, or signs now, is disputed")
}

/// `the first entry counts`, `the first 3 entries count`.
fn first(size: u64) -> String {
    match size {
        1 => "the first entry counts".into(),
        size => format!("the first {size} entries count"),
    }
}

fn reason_of(reason: RevocationArgument) -> RevocationReason {
    match reason {
        RevocationArgument::Lost => RevocationReason::Lost,
        RevocationArgument::Stolen => RevocationReason::Stolen,
        RevocationArgument::Rotated => RevocationReason::Rotated,
        RevocationArgument::Left => RevocationReason::Left,
        RevocationArgument::Forked => RevocationReason::Forked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_is_told_as_one() {
        assert_eq!(
            (first(1), first(2)),
            ("the first entry counts".into(), "the first 2 entries count".into())
        );
        assert!(what_holds(1).starts_with("1 entry holds;") && what_holds(0).starts_with("0 entries hold;"));
    }
}
