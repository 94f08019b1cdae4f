//! `firn invite`, `join` and `sync`: one organisation on several devices.

use crate::arguments::{CompareArgument, Global, RoleArgument};
use crate::commands::home;
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use crate::words::counted;
use firn_app::{App, AppError, Unfinished};
use firn_host::{Compared, Comparison, HomeError, LocalHost, Network, PeerReport, invitation_for};
use firn_model::role::Role;
use firn_model::shipment::shown_clock_difference_s;
use firn_model::time::UtcMillis;
use firn_peer::address::PeerAddress;
use firn_peer::endpoint::{Listen, PeerEndpoint, Relayed};
use firn_peer::event::PeerEvent;
use firn_peer::invitation::Invitation;
use firn_peer::join::digits::Digits;
use firn_peer::qr::{Background, QrMatrix};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long an inviter goes on serving after the join, for the new device's first sync.
const FIRST_SYNC: Duration = Duration::from_secs(20);

/// The first line of `firn invite`.
#[derive(Serialize)]
struct Invited {
    ok: bool,
    invitation: String,
    expires: UtcMillis,
    listening: Vec<SocketAddr>,
}

/// What `firn invite` was asked for.
#[derive(Clone)]
pub struct Inviting {
    /// The new device's role.
    pub role: RoleArgument,
    /// Where to listen for it.
    pub listen: Listen,
    /// How long the invitation stands.
    pub minutes: u32,
    /// What is done with the digits; the default follows from where standard input comes from.
    pub compare: Option<CompareArgument>,
}

impl Inviting {
    fn comparison(&self) -> Comparison {
        match self.compare {
            Some(CompareArgument::Ask) => Comparison::Asked,
            Some(CompareArgument::Show) => Comparison::Shown,
            None if std::io::stdin().is_terminal() => Comparison::Asked,
            None => Comparison::Shown,
        }
    }
}

/// Where to listen, and at which relay to be asked for.
///
/// # Errors
/// `peer/relay-malformed`.
pub fn listen(socket: SocketAddr, relay: Option<&str>) -> Result<Listen, Failure> {
    Ok(Listen { sockets: vec![socket], relay: relay.map(str::parse).transpose()? })
}

/// How long a relay may take to answer before it is said that it does not.
const RELAY_PATIENCE: Duration = Duration::from_secs(10);

/// Waits for the relay, if there is one, and says so where it does not answer: peers nearby are served all the same.
pub async fn say_relayed(endpoint: &PeerEndpoint) {
    if endpoint.relayed(RELAY_PATIENCE).await == Relayed::Unreached {
        let relay = endpoint.address().relay.map(|relay| relay.to_string()).unwrap_or_default();
        eprintln!(
            "firn: {relay} does not answer; it is tried again, and peers that know an address are served"
        );
    }
}

/// Prints an invitation and serves until a device has joined and synced, or the time has passed.
pub fn invite(
    output: &mut Output,
    global: &Global,
    wanted: Inviting,
    root_passphrase: Option<&Path>,
) -> Result<Exit, Failure> {
    let Inviting { role, minutes, .. } = wanted;
    let app = opened::to_write(global)?;
    if role == RoleArgument::Admin {
        app.host().open_root(&opened::passphrase_of_root(global, root_passphrase)?)?;
    }
    opened::wait(async {
        let network = Arc::new(Network::new(app.clone()));
        let endpoint = network.bind(wanted.listen.clone()).await?;
        say_relayed(&endpoint).await;
        let invitation = invitation_for(&app, endpoint.address(), role_of(role), minutes).await?;
        network.invite(invitation.clone(), wanted.comparison()).await;
        print_invitation(output, &invitation, &endpoint)?;
        let (sender, mut events) = mpsc::unbounded_channel();
        // Events of an invitation that has ended have no listener.
        let tell = move |event| sender.send(event).unwrap_or_default();
        let (done, ended) = tokio::sync::oneshot::channel::<()>();
        let serving = network.clone().serve(&endpoint, tell, async { drop(ended.await) });
        let watching = async {
            let used = until_used(&network, &mut events, &wanted).await;
            drop(done);
            used
        };
        let ((), used) = tokio::join!(serving, watching);
        endpoint.close().await;
        say_how_it_ended(output, used?)
    })?
}

/// What became of an invitation.
enum Ended {
    /// The device of this label has joined.
    Joined { label: String, digits: Option<String> },
    /// A person saw other digits.
    Different,
    /// Its time has passed.
    Unused,
}

fn say_how_it_ended(output: &mut Output, ended: Ended) -> Result<Exit, Failure> {
    match ended {
        Ended::Joined { label, digits } => {
            let mut answer = serde_json::json!({ "ok": true, "joined": label });
            if let (Some(digits), Some(fields)) = (digits, answer.as_object_mut()) {
                fields.insert("digits".into(), digits.into());
            }
            output.answer(&answer, || format!("{label} has joined"))?;
            Ok(Exit::Success)
        }
        Ended::Different => {
            let answer = serde_json::json!({ "ok": false, "joined": null, "compared": "different" });
            output.answer(&answer, || {
                "the digits differ: nobody was enrolled, and the invitation is void. Somebody else may hold its text; \
                 make a new one and show it to the invited person alone"
                    .into()
            })?;
            Ok(Exit::Wanting)
        }
        Ended::Unused => {
            output.answer(&serde_json::json!({ "ok": false, "joined": null }), || {
                "the invitation has expired unused".into()
            })?;
            Ok(Exit::Wanting)
        }
    }
}

fn print_invitation(
    output: &mut Output,
    invitation: &Invitation,
    endpoint: &PeerEndpoint,
) -> Result<(), Failure> {
    let text = invitation.to_string();
    let picture = QrMatrix::of(&invitation.qr_text())?.to_terminal(Background::Dark);
    let expires = UtcMillis(invitation.expires);
    let invited = Invited { ok: true, invitation: text.clone(), expires, listening: endpoint.listening() };
    output.answer(&invited, || {
        format!("{text}\n\n{picture}\nOn the other device: firn join INVITATION (until {expires}; for its eyes only)")
    })?;
    output.flush()
}

/// Serves until a device has joined and synced, a person has seen other digits, or the time has passed.
async fn until_used(
    network: &Network,
    events: &mut mpsc::UnboundedReceiver<PeerEvent>,
    wanted: &Inviting,
) -> Result<Ended, Failure> {
    let (mut joined, mut shown): (Option<String>, Option<Digits>) = (None, None);
    let ended = |joined: Option<String>, shown: Option<Digits>| match joined {
        Some(label) => Ended::Joined { label, digits: shown.map(|digits| digits.compact()) },
        None => Ended::Unused,
    };
    let mut left = std::pin::pin!(tokio::time::sleep(Duration::from_secs(u64::from(wanted.minutes) * 60)));
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            () = &mut left => return Ok(ended(joined, shown)),
        };
        match event {
            // The same device may have come again.
            Some(PeerEvent::Comparing { digits, .. }) if shown == Some(digits) => {}
            Some(PeerEvent::Comparing { request, digits }) => {
                shown = Some(digits);
                eprintln!("firn: {} wants to join; its screen must show {digits}", request.label);
                if wanted.comparison() == Comparison::Shown {
                    continue;
                }
                let compared = tokio::select! {
                    compared = ask() => compared,
                    () = &mut left => return Ok(Ended::Unused),
                };
                network.compared(compared).await;
                if compared == Compared::Different {
                    return Ok(Ended::Different);
                }
            }
            Some(PeerEvent::Joined { request }) => {
                joined = Some(request.label);
                left.as_mut().reset(tokio::time::Instant::now() + FIRST_SYNC);
            }
            Some(PeerEvent::Synced { endpoint, report }) => {
                network.note_synced(&endpoint, &report).await?;
                if joined.is_some() {
                    return Ok(ended(joined, shown));
                }
            }
            Some(event) => tell(&event),
            None => return Ok(ended(joined, shown)),
        }
    }
}

/// What a person answers who compares; who says nothing has not seen the same.
///
/// A thread of its own reads, for a read of standard input cannot be given up.
async fn ask() -> Compared {
    eprintln!("firn: does it show the same? yes or no:");
    let (sender, answer) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let said = std::io::stdin().lines().map_while(Result::ok).find_map(|line| {
            match line.trim().to_ascii_lowercase().as_str() {
                "yes" | "y" => Some(Compared::Same),
                "no" | "n" => Some(Compared::Different),
                _ => None,
            }
        });
        // Nobody waits any more where the invitation has ended.
        sender.send(said.unwrap_or(Compared::Different)).unwrap_or_default();
    });
    answer.await.unwrap_or(Compared::Different)
}

/// What happened between peers, on stderr.
pub fn tell(event: &PeerEvent) {
    match event {
        PeerEvent::Met { endpoint } => eprintln!("firn: met {endpoint}"),
        PeerEvent::Comparing { request, digits } => eprintln!("firn: {} shows {digits}", request.label),
        PeerEvent::Joined { request } => eprintln!("firn: {} has joined", request.label),
        PeerEvent::Synced { endpoint, report } => {
            let report = PeerReport::from(report.clone());
            eprintln!(
                "firn: synced with {endpoint}: {} entries received, {} sent",
                report.received, report.sent
            );
        }
        PeerEvent::Ended { endpoint, error } => {
            let whom = endpoint.map_or_else(|| "somebody".to_owned(), |endpoint| endpoint.to_string());
            eprintln!("firn: the exchange with {whom} ended: {error} [{}]", error.code());
        }
    }
}

/// Joins an organisation, syncs with the inviter, and prints who this home is now.
pub fn join(output: &mut Output, global: &Global, invitation: &str, device: &str) -> Result<Exit, Failure> {
    let invitation: Invitation = invitation.parse()?;
    let path = opened::folder(global)?;
    if path.join("format").exists() && !is_unfinished(global) {
        return Err(firn_host::HomeError::Exists(path).into());
    }
    let sealing = opened::sealing(global)?;
    let listen = listen_towards(&invitation.inviter);
    let show = |digits| eprintln!("firn: the inviting device must show these digits, too: {digits}");
    let app = opened::wait(async {
        let host = LocalHost::join(&path, device, &sealing, &invitation, listen, &show).await?;
        let app = App::new(Arc::new(host));
        let network = Network::new(app.clone());
        let endpoint = network.bind(listen).await?;
        let synced = network.sync(&endpoint, &invitation.inviter).await;
        endpoint.close().await;
        match (synced, app.unfinished_join().await?) {
            (Err(error), Some(join)) => Err(cut(error, join)),
            (synced, _) => synced.map(|_| app).map_err(Failure::from),
        }
    })??;
    home::say_who(output, &app)
}

/// Whether the home here was joined and its first sync cut: the same invitation takes that up again.
fn is_unfinished(global: &Global) -> bool {
    let join = opened::to_read(global).and_then(|app| Ok(opened::wait(app.unfinished_join())??));
    join.is_ok_and(|join| join.is_some())
}

/// Why the first sync broke off, and that the device is enrolled all the same.
fn cut(error: HomeError, join: Unfinished) -> Failure {
    let (failure, join) = (Failure::from(error), AppError::from(join));
    let next_step = format!(
        "{}. This device is enrolled already; to go on, repeat the same `firn join` while the other device still invites, \
         or {}",
        failure.next_step,
        join.next_step()
    );
    Failure { next_step, ..failure }
}

/// Towards peers on this machine nothing leaves it.
fn listen_towards(peer: &PeerAddress) -> SocketAddr {
    let here = peer.relay.is_none()
        && !peer.sockets.is_empty()
        && peer.sockets.iter().all(|socket| socket.ip().is_loopback());
    SocketAddr::from((if here { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED }, 0))
}

/// What `firn sync` answers.
#[derive(Serialize)]
struct Synced<'a> {
    ok: bool,
    peer: String,
    received: u64,
    sent: u64,
    agreed: bool,
    refused: &'a [(String, String)],
    /// The logs with two histories that wait for a person to say which one holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<&'a str>,
    /// How far the peer's clock is ahead of this one's, where that is more than 60 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_difference_s: Option<i64>,
}

/// Exchanges logs with one peer; exit status 1 where either refused a log of the other.
pub fn sync(output: &mut Output, global: &Global, peer: &str) -> Result<Exit, Failure> {
    let peer: PeerAddress = peer.parse()?;
    let app = opened::to_write(global)?;
    let report = opened::wait(async {
        let network = Network::new(app);
        let endpoint = network.bind(listen_towards(&peer)).await?;
        let report = network.sync(&endpoint, &peer).await;
        endpoint.close().await;
        Ok::<_, Failure>(report?)
    })?
    .map_err(|failure| {
        if ["app/join-unfinished", "peer/not-a-member", "peer/revoked"].contains(&failure.code.as_ref()) {
            Failure { exit: Exit::Wanting, ..failure }
        } else {
            failure
        }
    })?;
    let synced = Synced::of(&peer, &report);
    output.answer(&synced, || synced.words())?;
    Ok(if synced.ok { Exit::Success } else { Exit::Wanting })
}

/// Why a log was not taken in, on a line of its own. Of one with two histories nothing is wrong with the sync: both may
/// hold the same branch, and it takes nothing more until a person says which one holds.
pub fn refused(log: &str, code: &str) -> String {
    match code == UNDECIDED {
        true => format!(
            "\nlog {log} has two histories and takes no more entries, here or there, until an admin says which one \
             holds: compare `firn log show`, then `firn device revoke` with --reason forked [{code}]"
        ),
        false => format!("\nlog {log} was refused [{code}]"),
    }
}

/// The code of a log with two histories of which nobody has said yet which one holds.
const UNDECIDED: &str = "ledger/fork";

/// The logs that wait for a person's decision, by this exchange or by what is held here.
pub fn undecided(report: &PeerReport) -> Vec<&str> {
    let refused = report.refused.iter().filter(|(_, code)| code == UNDECIDED).map(|(log, _)| log);
    let all: BTreeSet<&str> = refused.chain(&report.undecided).map(String::as_str).collect();
    all.into_iter().collect()
}

/// The same in words, of those that were not refused in this exchange and told so.
pub fn waiting(undecided: &[&str], told: &[(String, String)]) -> String {
    let is_told = |log: &str| told.iter().any(|(one, code)| one == log && code == UNDECIDED);
    undecided.iter().filter(|log| !is_told(log)).map(|log| refused(log, UNDECIDED)).collect()
}

impl<'a> Synced<'a> {
    fn of(peer: &PeerAddress, report: &'a PeerReport) -> Self {
        let PeerReport { received, sent, refused, agreed, clock_difference_ms, .. } = report;
        let (ok, peer) = (refused.is_empty(), peer.id.to_string());
        let clock_difference_s = clock_difference_ms.and_then(shown_clock_difference_s);
        let undecided = undecided(report);
        Self {
            ok,
            peer,
            received: *received,
            sent: *sent,
            agreed: *agreed,
            refused,
            undecided,
            clock_difference_s,
        }
    }

    fn words(&self) -> String {
        let (received, sent) = (counted(self.received, "entry", "entries"), self.sent);
        let mut words = format!("{received} received, {sent} sent");
        words.push_str(if self.agreed { "; both hold the same" } else { "; the logs still differ" });
        if let Some(seconds) = self.clock_difference_s {
            let side = if seconds > 0 { "ahead of" } else { "behind" };
            words.push_str(&format!(
                "\nits clock is {} s {side} this device's; check both: times are signed by them",
                seconds.unsigned_abs()
            ));
        }
        for (log, code) in self.refused {
            words.push_str(&refused(log, code));
        }
        words.push_str(&waiting(&self.undecided, self.refused));
        words
    }
}

/// Exchanges logs with every device of the organisation that is found on the local network; exit status 1 where
/// none is, or with one of them it did not work.
pub fn sync_around(output: &mut Output, global: &Global, wait: Duration) -> Result<Exit, Failure> {
    let app = opened::to_write(global)?;
    let met = opened::wait(async {
        let network = Network::new(app);
        let endpoint = network.bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))).await?;
        let mut met = Vec::new();
        for peer in network.look_around(&endpoint, wait).await? {
            let report = network.sync(&endpoint, &peer).await;
            met.push((peer, report.map_err(Failure::from)));
        }
        endpoint.close().await;
        Ok::<_, Failure>(met)
    })??;
    let each = |(peer, met): &'_ (PeerAddress, Result<PeerReport, Failure>)| match met {
        Ok(report) => (serde_json::to_value(Synced::of(peer, report)), Synced::of(peer, report).words()),
        Err(failure) => (serde_json::to_value(failure), format!("{} [{}]", failure.cause, failure.code)),
    };
    let each: Vec<_> = met.iter().map(each).collect();
    let worked = |(_, met): &(_, Result<PeerReport, Failure>)| {
        met.as_ref().is_ok_and(|report| report.refused.is_empty())
    };
    let ok = !met.is_empty() && met.iter().all(worked);
    let peers: Vec<_> = each.iter().filter_map(|(value, _)| value.as_ref().ok()).collect();
    output.answer(&serde_json::json!({ "ok": ok, "peers": peers }), || {
        let told = met.iter().zip(&each).map(|((peer, _), (_, words))| format!("{}: {words}", peer.id));
        match met.is_empty() {
            true => "no device of the organisation was found; on one of them run `firn node --lan`".into(),
            false => told.collect::<Vec<_>>().join("\n"),
        }
    })?;
    Ok(if ok { Exit::Success } else { Exit::Wanting })
}

/// The role that an argument names.
pub fn role_of(role: RoleArgument) -> Role {
    match role {
        RoleArgument::Courier => Role::Courier,
        RoleArgument::Pharmacist => Role::Pharmacist,
        RoleArgument::Quality => Role::Quality,
        RoleArgument::Admin => Role::Admin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_waits_for_a_decision_is_told_as_that_beside_an_agreement() {
        let refused = [("ad4ae9e1", "ledger/fork"), ("00aa", "sync/too-fast")];
        let refused = refused.map(|(log, code)| (log.to_owned(), code.to_owned()));
        let held = ["ad4ae9e1", "f842"].map(str::to_owned);
        let report =
            PeerReport { refused: refused.to_vec(), undecided: held.to_vec(), ..PeerReport::default() };
        let undecided = undecided(&report);
        assert_eq!(undecided, ["ad4ae9e1", "f842"]);
        let (ok, agreed, refused) = (false, true, &refused[..]);
        let peer = String::new();
        let synced =
            Synced { ok, peer, received: 0, sent: 0, agreed, refused, undecided, clock_difference_s: None };
        let words = synced.words();
        assert!(words.contains("; both hold the same\nlog ad4ae9e1 has two histories"), "{words}");
        assert!(words.contains("until an admin says which one holds"), "{words}");
        assert!(
            words.contains("\nlog 00aa was refused [sync/too-fast]\nlog f842 has two histories"),
            "{words}"
        );
        assert_eq!(words.matches("log ad4ae9e1").count(), 1, "told once");
    }
}
