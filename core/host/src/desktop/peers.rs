//! The desktop between its peers: it serves from its first invitation or sync on, until it is closed.

use super::Station;
use crate::local::into_app;
use crate::network::meeting;
use crate::{Compared, Comparison, HomeError, LocalHost, Network, invitation_for};
use firn_app::service::{Invited, Service, Site};
use firn_app::{App, AppError, Meeting};
use firn_ledger::bytes::PublicKey;
use firn_model::api::{ComparedDigits, Comparing, ComparingSide};
use firn_model::role::Role;
use firn_model::time::UtcMillis;
use firn_peer::EndpointId;
use firn_peer::address::PeerAddress;
use firn_peer::endpoint::PeerEndpoint;
use firn_peer::error::PeerError;
use firn_peer::event::PeerEvent;
use firn_peer::join::digits::Digits;
use firn_peer::qr::QrMatrix;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// For how long an invitation of the app stands, in minutes.
const INVITATION_MINUTES: u32 = 15;

/// What the network has to tell a window.
pub(super) enum News {
    /// A device synced with this one on its own account, and what both clocks showed.
    Met(EndpointId, Option<Meeting>),
    /// Digits wait to be compared, or no longer.
    Comparing,
}

/// Where news goes.
pub(super) type Tidings = mpsc::UnboundedSender<News>;

/// The digits that wait to be compared, and who is told that they do.
#[derive(Clone)]
struct Board {
    shown: Arc<std::sync::Mutex<Option<Comparing>>>,
    tidings: Tidings,
}

impl Board {
    fn show(&self, comparing: Option<Comparing>) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = comparing;
        // Nobody follows any more when the window has closed.
        self.tidings.send(News::Comparing).unwrap_or_default();
    }
}

/// The open endpoint and who serves it.
struct Serving {
    network: Arc<Network>,
    endpoint: PeerEndpoint,
    task: JoinHandle<()>,
}

/// What the desktop knows of its peers' whereabouts while it runs.
pub(super) struct Peers {
    serving: Mutex<Option<Serving>>,
    addresses: Mutex<BTreeMap<EndpointId, PeerAddress>>,
    board: Board,
}

impl Peers {
    pub fn new(tidings: Tidings) -> Self {
        let board = Board { shown: Arc::default(), tidings };
        Self { serving: Mutex::default(), addresses: Mutex::default(), board }
    }

    pub async fn invite(&self, app: &App<LocalHost>, role: Role) -> Result<Invited, HomeError> {
        let (network, endpoint) = self.serve(app).await?;
        let invitation = invitation_for(app, endpoint.address(), role, INVITATION_MINUTES).await?;
        network.invite(invitation.clone(), Comparison::Asked).await;
        self.board.show(None);
        Ok(Invited {
            text: invitation.to_string(),
            modules: QrMatrix::of(&invitation.qr_text())?.rows,
            expires: UtcMillis(invitation.expires),
        })
    }

    /// The device whose digits wait to be compared.
    pub fn comparing(&self) -> Option<Comparing> {
        self.board.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a person saw who compared.
    pub async fn compared(&self, outcome: ComparedDigits) {
        let compared = match outcome {
            ComparedDigits::Same => Compared::Same,
            ComparedDigits::Different => Compared::Different,
        };
        if let Some(serving) = self.serving.lock().await.as_ref() {
            serving.network.compared(compared).await;
        }
        self.board.show(None);
    }

    /// Shows the digits of this device while it joins; none when it has ended.
    pub fn show_own(&self, label: &str, digits: Option<Digits>) {
        self.board.show(digits.map(|digits| Comparing {
            digits: digits.to_string(),
            label: label.to_owned(),
            side: ComparingSide::Joiner,
        }));
    }

    /// The first sync of a device that has just joined.
    pub async fn first_sync(&self, app: &App<LocalHost>, inviter: &PeerAddress) -> Result<(), HomeError> {
        self.remember(inviter).await;
        let (network, endpoint) = self.serve(app).await?;
        network.sync(&endpoint, inviter).await?;
        Ok(())
    }

    /// Where the inviter was found, while the join is not finished: nobody else is known.
    async fn remember_inviter(&self, app: &App<LocalHost>) -> Result<(), HomeError> {
        let join = app.unfinished_join().await?;
        if let Some(inviter) = join.and_then(|join| join.invited) {
            let inviter: PeerAddress = inviter.address.parse()?;
            self.addresses.lock().await.entry(inviter.id).or_insert(inviter);
        }
        Ok(())
    }

    /// Syncs with `peer`, or with every peer whose address is known; the first failure is told.
    pub async fn sync(&self, app: &App<LocalHost>, peer: Option<&str>) -> Result<(), HomeError> {
        self.remember_inviter(app).await?;
        let peers = match peer {
            Some(peer) => vec![self.located(peer.parse()?).await],
            None => self.addresses.lock().await.values().cloned().collect(),
        };
        if peers.is_empty() {
            return Err(PeerError::NoAddress.into());
        }
        let (network, endpoint) = self.serve(app).await?;
        let mut outcome = Ok(());
        for peer in &peers {
            match network.sync(&endpoint, peer).await {
                Ok(_) => self.remember(peer).await,
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        outcome
    }

    pub async fn close(&self) {
        if let Some(serving) = self.serving.lock().await.take() {
            serving.endpoint.close().await;
            serving.task.abort();
        }
    }

    async fn serve(&self, app: &App<LocalHost>) -> Result<(Arc<Network>, PeerEndpoint), HomeError> {
        let mut serving = self.serving.lock().await;
        if let Some(open) = serving.as_ref() {
            return Ok((open.network.clone(), open.endpoint.clone()));
        }
        let network = Arc::new(Network::new(app.clone()));
        let endpoint = network.bind(any_socket()).await?;
        let (host, own, board) = (network.clone(), endpoint.clone(), self.board.clone());
        let tell = move |event| match event {
            PeerEvent::Synced { endpoint, report } => {
                // Nobody follows any more when the window has closed.
                board.tidings.send(News::Met(endpoint, meeting(&report))).unwrap_or_default();
            }
            PeerEvent::Comparing { request, digits } => board.show(Some(Comparing {
                digits: digits.to_string(),
                label: request.label,
                side: ComparingSide::Inviter,
            })),
            PeerEvent::Met { .. } | PeerEvent::Joined { .. } | PeerEvent::Ended { .. } => {}
        };
        let task = tokio::spawn(async move { host.serve(&own, tell, std::future::pending()).await });
        *serving = Some(Serving { network: network.clone(), endpoint: endpoint.clone(), task });
        Ok((network, endpoint))
    }

    async fn located(&self, peer: PeerAddress) -> PeerAddress {
        if !peer.is_somewhere() {
            return self.addresses.lock().await.get(&peer.id).cloned().unwrap_or(peer);
        }
        peer
    }

    async fn remember(&self, peer: &PeerAddress) {
        if peer.is_somewhere() {
            self.addresses.lock().await.insert(peer.id, peer.clone());
        }
    }
}

/// Every network of this machine, at a free port.
pub(super) fn any_socket() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))
}

/// Notes each sync that a peer began, and lets the front end look again.
pub(super) async fn follow(service: Arc<Service<Station>>, mut news: mpsc::UnboundedReceiver<News>) {
    while let Some(one) = news.recv().await {
        if let (News::Met(endpoint, met), Ok(Some(app))) = (one, service.site().app()) {
            // The memory of when both last agreed; what was exchanged is stored already.
            app.note_synced(PublicKey(*endpoint.as_bytes()), met).await.unwrap_or_default();
        }
        service.changed_by_peer().await;
    }
}

/// An error of the network as the app passes it on.
pub(super) fn refused(error: HomeError) -> AppError {
    into_app(error)
}
