//! A join that is cut at any place, and taken up again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{received, sealing};
use firn_app::{App, AppError, Founding, Host, NewLogger};
use firn_host::{Comparison, HomeError, LocalHost, Network, invitation_for};
use firn_ledger::bytes::PublicKey;
use firn_ledger::chain::Run;
use firn_model::api::LogStanding;
use firn_model::role::Role;
use firn_peer::address::PeerAddress;
use firn_peer::endpoint::PeerEndpoint;
use firn_peer::invitation::Invitation;
use firn_peer::sync::{PeerStanding, SyncHome};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinHandle;

const LOOPBACK: &str = "127.0.0.1:0";

fn here() -> SocketAddr {
    LOOPBACK.parse().unwrap()
}

/// An organisation's first device, which serves peers.
struct Inviter {
    app: App<LocalHost>,
    network: Arc<Network>,
    endpoint: PeerEndpoint,
    task: JoinHandle<()>,
}

impl Inviter {
    async fn found(path: &Path) -> Self {
        let founding = Founding { organisation: "Nordvik".into(), device: "Dock".into() };
        let app = App::new(Arc::new(LocalHost::found(path, &founding, &sealing()).unwrap()));
        let network = Arc::new(Network::new(app.clone()));
        let endpoint = network.bind(here()).await.unwrap();
        let (serving, own) = (network.clone(), endpoint.clone());
        let task = tokio::spawn(async move { serving.serve(&own, |_| (), std::future::pending()).await });
        Self { app, network, endpoint, task }
    }

    async fn invite(&self) -> Invitation {
        let invitation = invitation_for(&self.app, self.endpoint.address(), Role::Courier, 5).await.unwrap();
        self.network.invite(invitation.clone(), Comparison::Shown).await;
        invitation
    }

    /// How many other devices it has enrolled.
    async fn enrolled(&self) -> usize {
        self.app.peers().await.unwrap().len()
    }
}

impl Drop for Inviter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn join(path: &Path, invitation: &Invitation) -> Result<App<LocalHost>, HomeError> {
    join_as("Van phone", path, invitation).await
}

async fn join_as(label: &str, path: &Path, invitation: &Invitation) -> Result<App<LocalHost>, HomeError> {
    let host = LocalHost::join(path, label, &sealing(), invitation, here(), &|_| ()).await?;
    Ok(App::new(Arc::new(host)))
}

async fn sync(app: &App<LocalHost>, peer: &PeerAddress) -> Result<(), HomeError> {
    let network = Network::new(app.clone());
    let endpoint = network.bind(here()).await.unwrap();
    let report = network.sync(&endpoint, peer).await;
    endpoint.close().await;
    report.map(drop)
}

async fn standing(app: &App<LocalHost>) -> LogStanding {
    app.organisation().await.unwrap().standing
}

/// What `firn log verify --deep` checks.
async fn whole(app: &App<LocalHost>) {
    let report = app.verify_logs(true).await.unwrap();
    assert!(report.ok(), "{report:?}");
    let faults = app.list_faults().await.unwrap();
    assert!(faults.is_empty(), "{faults:?}");
}

fn reopened(path: &Path) -> App<LocalHost> {
    App::new(Arc::new(LocalHost::open(path, &sealing().passphrase).unwrap()))
}

fn logger() -> NewLogger {
    let (family, label) = ("file".into(), "TAG 1".into());
    NewLogger { family, label, address: None, serial: None, interval_s: Some(60) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_that_was_cut_before_its_first_sync_goes_on_with_its_inviter_whoever_dials() {
    let folder = tempfile::tempdir().unwrap();
    let inviter = Inviter::found(&folder.path().join("dock")).await;
    for dials in ["joiner", "inviter"] {
        let path = folder.path().join(dials);
        drop(join(&path, &inviter.invite().await).await.unwrap());
        let app = reopened(&path);
        let own = app.organisation().await.unwrap();
        assert_eq!(
            (own.standing, own.role, own.device.as_str()),
            (LogStanding::Joining, Role::Courier, "Van phone")
        );
        assert_eq!(own.inviter, Some(inviter.endpoint.address().to_string()));
        assert_eq!(app.enrol_logger(logger()).await.unwrap_err().code(), "app/join-unfinished");
        whole(&app).await;
        match dials {
            "joiner" => sync(&app, &inviter.endpoint.address()).await.unwrap(),
            _ => {
                let network = Arc::new(Network::new(app.clone()));
                let endpoint = network.bind(here()).await.unwrap();
                let (serving, own) = (network.clone(), endpoint.clone());
                let task =
                    tokio::spawn(async move { serving.serve(&own, |_| (), std::future::pending()).await });
                sync(&inviter.app, &endpoint.address()).await.unwrap();
                task.abort();
                endpoint.close().await;
            }
        }
        assert_eq!(
            (standing(&app).await, app.unfinished_join().await.unwrap()),
            (LogStanding::Enrolled, None)
        );
        whole(&app).await;
    }
    assert_eq!(inviter.enrolled().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_join_is_finished_nobody_but_the_inviters_own_endpoint_is_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let inviter = Inviter::found(&folder.path().join("dock")).await;
    let stranger = Inviter::found(&folder.path().join("stranger")).await;
    let app = join(&folder.path().join("van"), &inviter.invite().await).await.unwrap();
    let network = Network::new(app.clone());
    let key = |endpoint: &PeerEndpoint| PublicKey(*endpoint.id().as_bytes());
    assert_eq!(network.standing(key(&inviter.endpoint)).await.unwrap(), PeerStanding::Member);
    assert_eq!(network.standing(key(&stranger.endpoint)).await.unwrap(), PeerStanding::Unknown);
    let refused = sync(&app, &stranger.endpoint.address()).await.unwrap_err();
    assert_eq!(refused.code(), "app/join-unfinished");
    // Another endpoint at the inviter's address is not the inviter.
    let at = PeerAddress { id: inviter.endpoint.id(), ..stranger.endpoint.address() };
    assert_eq!(sync(&app, &at).await.unwrap_err().code(), "peer/unreachable");
    assert_eq!(standing(&app).await, LogStanding::Joining);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_that_was_cut_after_the_first_entries_came_is_not_finished_until_its_own_enrolment_did() {
    let folder = tempfile::tempdir().unwrap();
    let inviter = Inviter::found(&folder.path().join("dock")).await;
    let app = join(&folder.path().join("van"), &inviter.invite().await).await.unwrap();
    let log = inviter.app.host().identity().log;
    let read = move |store: &mut firn_ledger::store::Store| {
        store.read(|view| Ok::<_, AppError>(view.entries(&log, 0, 1)?))
    };
    let first = inviter.app.host().with_store(read).await.unwrap();
    let (own, now) = (app.host().identity(), app.host().now().utc);
    let run = Run::verify(log, None, received(first)).unwrap();
    app.host().with_store(move |store| firn_app::take_in(store, &own, run, now)).await.unwrap();
    assert_eq!(app.peers().await.unwrap().len(), 1);
    assert_eq!(standing(&app).await, LogStanding::Joining);
    assert_eq!(app.enrol_logger(logger()).await.unwrap_err().code(), "app/join-unfinished");
    whole(&app).await;
    sync(&app, &inviter.endpoint.address()).await.unwrap();
    assert_eq!(standing(&app).await, LogStanding::Enrolled);
}

/// Takes a home back to where a join may have been cut.
fn cut(path: &Path, at: &str) {
    let gone = |names: &[&str]| names.iter().for_each(|name| drop(std::fs::remove_file(path.join(name))));
    let store = ["firn.db", "firn.db-wal", "firn.db-shm"];
    gone(&["vault.db", "vault.db-wal", "vault.db-shm", "keys/high-water"]);
    if at == "mark" {
        return;
    }
    gone(&["format"]);
    if at != "identity" {
        gone(&["keys/identity"]);
    }
    match at {
        "answer" => gone(&store),
        "empty store" => {
            gone(&store);
            std::fs::write(path.join("firn.db"), "").unwrap();
        }
        _ => {}
    }
}

fn begun(path: &Path, invitation: &Invitation) {
    std::fs::write(path.join("joining"), format!("made {}\n", invitation.secret.handle())).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_invitation_takes_a_join_up_again_wherever_it_was_cut_and_enrols_nobody_twice() {
    let folder = tempfile::tempdir().unwrap();
    let inviter = Inviter::found(&folder.path().join("dock")).await;
    for (number, at) in ["mark", "identity", "log", "empty store", "answer"].into_iter().enumerate() {
        let path = folder.path().join(at);
        let invitation = inviter.invite().await;
        drop(join(&path, &invitation).await.unwrap());
        cut(&path, at);
        if at != "mark" {
            begun(&path, &invitation);
            let missing = LocalHost::open_to_read(&path).unwrap_err();
            assert_eq!(missing.code(), "home/join-begun", "{at}");
        }
        let app = join(&path, &invitation).await.unwrap_or_else(|error| panic!("{at}: {error}"));
        assert!(!path.join("joining").exists());
        sync(&app, &inviter.endpoint.address()).await.unwrap();
        assert_eq!(standing(&app).await, LogStanding::Enrolled, "{at}");
        assert_eq!(inviter.enrolled().await, number + 1, "{at}");
        whole(&app).await;
        drop(app);
        assert_eq!(join(&path, &invitation).await.unwrap_err().code(), "home/exists", "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_a_power_cut_left_half_written_are_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let inviter = Inviter::found(&folder.path().join("dock")).await;
    for left in ["", "{\"firn_sealed\":"] {
        let path: PathBuf = folder.path().join(format!("van{}", left.len()));
        let invitation = inviter.invite().await;
        std::fs::create_dir_all(path.join("keys")).unwrap();
        std::fs::write(path.join("keys/device"), left).unwrap();
        begun(&path, &invitation);
        let app = join(&path, &invitation).await.unwrap();
        assert_eq!(standing(&app).await, LogStanding::Joining);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_invitation_begins_anew_before_there_is_a_home_and_is_refused_with_a_way_on_after() {
    let folder = tempfile::tempdir().unwrap();
    let inviter = Inviter::found(&folder.path().join("dock")).await;
    let path = folder.path().join("van");
    let first = inviter.invite().await;
    drop(join(&path, &first).await.unwrap());
    let second = inviter.invite().await;
    let refused = join(&path, &second).await.unwrap_err();
    assert_eq!(refused.code(), "app/join-unfinished");
    assert!(refused.to_string().contains(&inviter.endpoint.id().to_string()), "{refused}");
    assert!(refused.next_step().contains("firn sync"), "{}", refused.next_step());
    cut(&path, "answer");
    begun(&path, &first);
    let app = join(&path, &second).await.unwrap();
    sync(&app, &inviter.endpoint.address()).await.unwrap();
    // The first key was enrolled and never comes: an admin revokes it.
    assert_eq!((standing(&app).await, inviter.enrolled().await), (LogStanding::Enrolled, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_without_an_answer_keeps_what_it_takes_to_ask_again_and_a_refused_one_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let inviter = Inviter::found(&folder.path().join("dock")).await;
    let path = folder.path().join("van");
    let invitation = inviter.invite().await;
    drop(join(&path, &invitation).await.unwrap());
    cut(&path, "answer");
    begun(&path, &invitation);
    let nobody = PeerAddress { sockets: vec!["127.0.0.1:9".parse().unwrap()], ..invitation.inviter.clone() };
    let unanswered = Invitation { inviter: nobody, ..invitation.clone() };
    let other = folder.path().join("other");
    let (again, first) = tokio::join!(join(&path, &unanswered), join(&other, &unanswered));
    assert_eq!(again.unwrap_err().code(), "peer/unreachable");
    assert!(path.join("keys/device").exists());
    // Nobody had been asked: the place is as it was.
    assert_eq!(first.unwrap_err().code(), "peer/unreachable");
    assert!(!other.exists());
    // A newer invitation has voided it.
    inviter.invite().await;
    assert_eq!(join(&path, &invitation).await.unwrap_err().code(), "peer/invitation-refused");
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_that_is_repeated_under_another_name_keeps_what_it_takes_to_repeat_it_under_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let inviter = Inviter::found(&folder.path().join("dock")).await;
    let path = folder.path().join("van");
    let invitation = inviter.invite().await;
    drop(join(&path, &invitation).await.unwrap());
    cut(&path, "answer");
    begun(&path, &invitation);
    let refused = join_as("Other phone", &path, &invitation).await.unwrap_err();
    assert_eq!(refused.code(), "peer/invitation-used");
    let app = join(&path, &invitation).await.unwrap();
    sync(&app, &inviter.endpoint.address()).await.unwrap();
    assert_eq!((standing(&app).await, inviter.enrolled().await), (LogStanding::Enrolled, 1));
}
