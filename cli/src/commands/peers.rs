//! `firn invite`, `join` and `sync`: one organisation on several devices.

use crate::arguments::{Global, RoleArgument};
use crate::commands::home;
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use crate::words::counted;
use firn_app::App;
use firn_host::{LocalHost, Network, PeerReport, invitation_for};
use firn_model::role::Role;
use firn_model::time::UtcMillis;
use firn_peer::address::PeerAddress;
use firn_peer::endpoint::PeerEndpoint;
use firn_peer::event::PeerEvent;
use firn_peer::invitation::Invitation;
use firn_peer::qr::{Background, QrMatrix};
use serde::Serialize;
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

/// Prints an invitation and serves until a device has joined and synced, or the time has passed.
pub fn invite(
    output: &mut Output,
    global: &Global,
    role: RoleArgument,
    listen: SocketAddr,
    minutes: u32,
    root_passphrase: Option<&Path>,
) -> Result<Exit, Failure> {
    let app = opened::to_write(global)?;
    if role == RoleArgument::Admin {
        app.host().open_root(&opened::passphrase_of_root(global, root_passphrase)?)?;
    }
    opened::wait(async {
        let network = Arc::new(Network::new(app.clone()));
        let endpoint = network.bind(listen).await?;
        let invitation = invitation_for(&app, endpoint.address(), role_of(role), minutes).await?;
        network.invite(invitation.clone()).await;
        print_invitation(output, &invitation, &endpoint)?;
        let (sender, mut events) = mpsc::unbounded_channel();
        // Events of an invitation that has ended have no listener.
        let tell = move |event| sender.send(event).unwrap_or_default();
        let (done, ended) = tokio::sync::oneshot::channel::<()>();
        let serving = network.clone().serve(&endpoint, tell, async { drop(ended.await) });
        let watching = async {
            let used = until_used(&network, &mut events, minutes).await;
            drop(done);
            used
        };
        let ((), used) = tokio::join!(serving, watching);
        endpoint.close().await;
        match used? {
            Some(label) => {
                output.answer(&serde_json::json!({ "ok": true, "joined": label }), || {
                    format!("{label} has joined")
                })?;
                Ok(Exit::Success)
            }
            None => {
                output.answer(&serde_json::json!({ "ok": false, "joined": null }), || {
                    "the invitation has expired unused".into()
                })?;
                Ok(Exit::Wanting)
            }
        }
    })?
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

/// The label of the device that joined; none when the time has passed without one.
async fn until_used(
    network: &Network,
    events: &mut mpsc::UnboundedReceiver<PeerEvent>,
    minutes: u32,
) -> Result<Option<String>, Failure> {
    let mut joined: Option<String> = None;
    let mut left = std::pin::pin!(tokio::time::sleep(Duration::from_secs(u64::from(minutes) * 60)));
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            () = &mut left => return Ok(joined),
        };
        match event {
            Some(PeerEvent::Joined { request }) => {
                joined = Some(request.label);
                left.as_mut().reset(tokio::time::Instant::now() + FIRST_SYNC);
            }
            Some(PeerEvent::Synced { endpoint, .. }) => {
                network.note_synced(&endpoint).await?;
                if joined.is_some() {
                    return Ok(joined);
                }
            }
            Some(event) => tell(&event),
            None => return Ok(joined),
        }
    }
}

/// What happened between peers, on stderr.
pub fn tell(event: &PeerEvent) {
    match event {
        PeerEvent::Met { endpoint } => eprintln!("firn: met {endpoint}"),
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
    if path.join("format").exists() {
        return Err(firn_host::HomeError::Exists(path).into());
    }
    let sealing = opened::sealing(global)?;
    let listen = listen_towards(&invitation.inviter);
    let app = opened::wait(async {
        let host = LocalHost::join(&path, device, &sealing, &invitation, listen).await?;
        let app = App::new(Arc::new(host));
        let network = Network::new(app.clone()).trusting(&invitation.inviter.id);
        let endpoint = network.bind(listen).await?;
        let synced = network.sync(&endpoint, &invitation.inviter).await;
        endpoint.close().await;
        synced?;
        Ok::<_, Failure>(app)
    })??;
    home::say_who(output, &app)
}

/// Towards peers on this machine nothing leaves it.
fn listen_towards(peer: &PeerAddress) -> SocketAddr {
    let here = !peer.sockets.is_empty() && peer.sockets.iter().all(|socket| socket.ip().is_loopback());
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
        if ["peer/not-a-member", "peer/revoked"].contains(&failure.code.as_ref()) {
            Failure { exit: Exit::Wanting, ..failure }
        } else {
            failure
        }
    })?;
    let PeerReport { received, sent, refused, agreed } = &report;
    let synced = Synced {
        ok: refused.is_empty(),
        peer: peer.id.to_string(),
        received: *received,
        sent: *sent,
        agreed: *agreed,
        refused,
    };
    output.answer(&synced, || {
        let mut words = format!("{} received, {sent} sent", counted(*received, "entry", "entries"));
        words.push_str(if *agreed { "; both hold the same" } else { "; the logs still differ" });
        for (log, code) in refused {
            words.push_str(&format!("\nlog {log} was refused [{code}]"));
        }
        words
    })?;
    Ok(if refused.is_empty() { Exit::Success } else { Exit::Wanting })
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
