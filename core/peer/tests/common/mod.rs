//! Homes and endpoints for the scenarios: real QUIC on 127.0.0.1, every wait bounded.
#![allow(dead_code)]

pub mod organisation;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use firn_ledger::bytes::{Hash, OrganisationId, PublicKey};
use firn_ledger::error::{LedgerError, StoreError};
use firn_ledger::statement::Role;
use firn_peer::endpoint::{EndpointSeed, Listen, PeerEndpoint};
use firn_peer::event::PeerEvent;
use firn_peer::invitation::{Invitation, InvitationSecret};
use firn_peer::join::digits::Nonce;
use firn_peer::join::{Inviter, JoinRequest, KnownInvitation, Refusal};
use firn_peer::limits::Limits;
use firn_peer::sync::{SyncHome, SyncStore};
use iroh::endpoint::{Connection, presets};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The homes' clock.
pub const NOW: i64 = 1_794_000_000_000;

/// No step of a scenario takes longer than this.
pub async fn bounded<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work).await.expect("a step took longer than a minute")
}

pub fn seed(number: u8) -> EndpointSeed {
    EndpointSeed::new([number; 32])
}

fn loopback() -> Listen {
    SocketAddr::from(([127, 0, 0, 1], 0)).into()
}

pub async fn bind(number: u8, limits: Limits) -> PeerEndpoint {
    PeerEndpoint::bind(&seed(number), &loopback(), limits).await.unwrap()
}

/// The endpoint id of that number, as an enrolment names it.
pub fn key(number: u8) -> PublicKey {
    PublicKey(*seed(number).id().as_bytes())
}

pub fn invitation(inviter: &PeerEndpoint, secret: u8) -> Invitation {
    Invitation {
        organisation: OrganisationId([1; 32]),
        inviter: inviter.address(),
        secret: InvitationSecret::new([secret; 32]),
        role: Role::Courier,
        expires: NOW + 1,
    }
}

/// A connection below the protocol, with the endpoint that carries it.
pub async fn raw_connection(to: &PeerEndpoint, alpn: &[u8]) -> (iroh::Endpoint, Connection) {
    raw_connection_as(iroh::SecretKey::generate(), to, alpn).await
}

/// The same with a key, which may be a member's.
pub async fn raw_connection_as(
    key: iroh::SecretKey,
    to: &PeerEndpoint,
    alpn: &[u8],
) -> (iroh::Endpoint, Connection) {
    let address = to.address();
    let stranger = iroh::Endpoint::builder(presets::Minimal)
        .secret_key(key)
        .clear_ip_transports()
        .bind_addr("127.0.0.1:0")
        .unwrap()
        .bind()
        .await
        .unwrap();
    let sockets = address.sockets.iter().map(|socket| iroh::TransportAddr::Ip(*socket));
    let address = iroh::EndpointAddr::from_parts(address.id, sockets);
    let connection = stranger.connect(address, alpn).await.unwrap();
    (stranger, connection)
}

/// A home in memory that invites one device.
pub struct Home {
    secret: InvitationSecret,
    expires: i64,
    redeemed: Mutex<BTreeMap<Hash, (JoinRequest, Vec<u8>)>>,
    /// What the person says who compares digits; nobody compares where it is absent.
    compares: Option<Result<(), Refusal>>,
    is_inviting: bool,
}

impl Home {
    pub fn inviting(secret: u8, expires: i64) -> Self {
        Self {
            secret: InvitationSecret::new([secret; 32]),
            expires,
            redeemed: Mutex::default(),
            compares: None,
            is_inviting: true,
        }
    }

    /// A home that invites nobody now.
    pub fn inviting_nobody() -> Self {
        Self { is_inviting: false, ..Self::inviting(9, NOW + 1) }
    }

    /// The same with a person who has compared the digits.
    pub fn comparing(self, word: Result<(), Refusal>) -> Self {
        Self { compares: Some(word), ..self }
    }

    pub fn redeemed(&self) -> usize {
        self.redeemed.lock().unwrap().len()
    }
}

impl Inviter for Home {
    fn now(&self) -> i64 {
        NOW
    }

    async fn is_inviting(&self) -> bool {
        self.is_inviting
    }

    async fn invitation(&self, handle: Hash) -> Result<Option<KnownInvitation>, Refusal> {
        let known = KnownInvitation { secret: self.secret.clone(), expires: self.expires };
        Ok((handle == self.secret.handle()).then_some(known))
    }

    async fn comparison(&self, _handle: Hash, _request: &JoinRequest) -> Result<Option<Nonce>, Refusal> {
        Ok(self.compares.map(|_| Nonce([7; 16])))
    }

    async fn compared(&self, _handle: Hash) -> Result<(), Refusal> {
        self.compares.unwrap_or(Ok(()))
    }

    async fn redeem(&self, handle: Hash, request: JoinRequest) -> Result<Vec<u8>, Refusal> {
        let mut redeemed = self.redeemed.lock().unwrap();
        match redeemed.get(&handle) {
            Some((first, admission)) if *first == request => Ok(admission.clone()),
            Some(_) => Err(Refusal::Used),
            None => {
                let admission = format!("admitted {}", request.label).into_bytes();
                redeemed.insert(handle, (request, admission.clone()));
                Ok(admission)
            }
        }
    }
}

impl SyncHome for Home {
    fn organisation(&self) -> OrganisationId {
        OrganisationId([1; 32])
    }

    async fn on_store<T: Send + 'static>(
        &self,
        _work: impl FnOnce(&mut dyn SyncStore) -> T + Send + 'static,
    ) -> Result<T, LedgerError> {
        Err(LedgerError::Store(StoreError::Missing))
    }
}

/// A home whose service runs.
pub struct Served<H> {
    pub endpoint: PeerEndpoint,
    pub home: Arc<H>,
    events: Arc<Mutex<Vec<PeerEvent>>>,
    shutdown: oneshot::Sender<()>,
    service: JoinHandle<()>,
}

impl<H: Inviter + SyncHome> Served<H> {
    pub async fn start(number: u8, limits: Limits, home: H) -> Self {
        let (endpoint, home) = (bind(number, limits).await, Arc::new(home));
        let events: Arc<Mutex<Vec<PeerEvent>>> = Arc::default();
        let (shutdown, stopped) = oneshot::channel::<()>();
        let service = tokio::spawn({
            let (endpoint, home, events) = (endpoint.clone(), home.clone(), events.clone());
            let tell = move |event| events.lock().unwrap().push(event);
            async move {
                endpoint.serve(home, tell, async { stopped.await.unwrap_or_default() }).await;
            }
        });
        Self { endpoint, home, events, shutdown, service }
    }

    /// Ends the service and gives what it told.
    pub async fn stop(self) -> Vec<PeerEvent> {
        self.shutdown.send(()).unwrap();
        bounded(self.service).await.unwrap();
        std::mem::take(&mut *self.events.lock().unwrap())
    }
}
