//! The network endpoint: QUIC between keys, at addresses that are given and nowhere published.
//!
//! No relay of anybody else's, no DNS lookup of peers and no UPnP: the endpoint listens where it is told and dials
//! what it is told, is asked for at a relay only where its organisation runs one, and is on the local network
//! ([`crate::lan`]) only while somebody asks for it.

use std::fmt;
use std::net::SocketAddr;

use curve25519_dalek::montgomery::MontgomeryPoint;
use iroh::endpoint::{Connection, Incoming, PortmapperConfig, QuicTransportConfig, VarInt, presets};
use iroh::{EndpointId, NetReportConfig, RelayMode, SecretKey};
use sha2::{Digest, Sha512};
use std::time::Duration;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::address::{MAX_SOCKETS, PeerAddress, Relay};
use crate::error::PeerError;
use crate::limits::Limits;
use crate::wire;
use crate::{join, sync};

/// The seed of the endpoint's own ed25519 key (RFC 8032 §5.1.5), not the device's; wiped when dropped.
#[derive(Clone)]
pub struct EndpointSeed(Zeroizing<[u8; 32]>);

impl EndpointSeed {
    /// A seed of random bytes, which the caller draws and keeps.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The id that peers know the endpoint by.
    pub fn id(&self) -> EndpointId {
        self.key().public()
    }

    /// The endpoint's key as one of X25519 (RFC 7748), by which files are sealed for it.
    pub(crate) fn exchange_key(&self) -> [u8; 32] {
        MontgomeryPoint::mul_base_clamped(*self.exchange_secret()).0
    }

    /// The secret that is shared with whoever holds the other half.
    pub(crate) fn exchange(&self, theirs: &MontgomeryPoint) -> MontgomeryPoint {
        theirs.mul_clamped(*self.exchange_secret())
    }

    /// The scalar that RFC 8032 §5.1.5 makes of the seed, before it is clamped.
    fn exchange_secret(&self) -> Zeroizing<[u8; 32]> {
        let mut secret = Zeroizing::new([0; 32]);
        let hash = Zeroizing::new(Sha512::digest(self.0.as_slice()).to_vec());
        secret.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to = *from);
        secret
    }

    fn key(&self) -> SecretKey {
        SecretKey::from_bytes(&self.0)
    }
}

impl fmt::Debug for EndpointSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndpointSeed(of {})", self.id())
    }
}

/// An open endpoint. Clones are the same endpoint; close it before the last one goes.
#[derive(Debug, Clone)]
pub struct PeerEndpoint {
    pub(crate) iroh: iroh::Endpoint,
    pub(crate) limits: Limits,
    relay: Option<Relay>,
}

/// Where an endpoint can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// At most one socket for IPv4 and one for IPv6; port 0 takes a free one.
    pub sockets: Vec<SocketAddr>,
    /// The relay at which peers may ask for it, too.
    pub relay: Option<Relay>,
}

impl From<SocketAddr> for Listen {
    fn from(socket: SocketAddr) -> Self {
        Self { sockets: vec![socket], relay: None }
    }
}

/// How an endpoint stands with its relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relayed {
    /// It is asked for at none.
    NoRelay,
    /// Peers may ask for it there.
    Connected,
    /// The relay does not answer; it is tried again.
    Unreached,
}

impl PeerEndpoint {
    /// Opens the endpoint. A relay that is named in a peer's address can be dialled by every endpoint; without one
    /// of its own it tells no relay of itself before that.
    ///
    /// # Errors
    /// [`PeerError::ListenFailed`].
    pub async fn bind(seed: &EndpointSeed, listen: &Listen, limits: Limits) -> Result<Self, PeerError> {
        let failed = |cause: String| PeerError::ListenFailed { cause };
        if listen.sockets.is_empty() {
            return Err(failed("no address to listen on".into()));
        }
        let mut builder = iroh::Endpoint::builder(presets::Minimal)
            .secret_key(seed.key())
            .alpns(vec![sync::ALPN.to_vec(), join::ALPN.to_vec()])
            .relay_mode(RelayMode::custom(listen.relay.iter().map(|relay| relay.url().clone())))
            .portmapper_config(PortmapperConfig::Disabled)
            .net_report_config(reports(listen.relay.is_some()))
            .transport_config(transport())
            .clear_ip_transports();
        for socket in &listen.sockets {
            builder = builder.bind_addr(*socket).map_err(|error| failed(error.to_string()))?;
        }
        let iroh = builder.bind().await.map_err(|error| failed(wire::causes(&error)))?;
        Ok(Self { iroh, limits, relay: listen.relay.clone() })
    }

    /// The endpoint's id.
    pub fn id(&self) -> EndpointId {
        self.iroh.id()
    }

    /// How it stands with its relay once that has answered, or when `patience` has passed.
    pub async fn relayed(&self, patience: Duration) -> Relayed {
        if self.relay.is_none() {
            return Relayed::NoRelay;
        }
        match timeout(patience, self.iroh.online()).await {
            Ok(()) => Relayed::Connected,
            Err(_) => Relayed::Unreached,
        }
    }

    /// The sockets that it listens on, as the system numbers them; may be unspecified (0.0.0.0).
    pub fn listening(&self) -> Vec<SocketAddr> {
        self.iroh.bound_sockets()
    }

    /// The address to give to peers: at an unspecified socket, the machine's own addresses, loopback last
    /// and link-local IPv6 left out.
    pub fn address(&self) -> PeerAddress {
        let (mut sockets, unspecified): (Vec<_>, Vec<_>) =
            self.listening().into_iter().partition(|socket| !socket.ip().is_unspecified());
        if !unspecified.is_empty() {
            let ports: Vec<u16> = unspecified.iter().map(SocketAddr::port).collect();
            let known = self.iroh.addr();
            let local = known.ip_addrs().filter(|socket| ports.contains(&socket.port()) && usable(socket));
            sockets.extend(local);
            sockets.extend(unspecified.iter().map(loopback));
        }
        sockets.sort_by_key(|socket| (socket.ip().is_loopback(), *socket));
        sockets.dedup();
        sockets.truncate(MAX_SOCKETS);
        PeerAddress { id: self.id(), sockets, relay: self.relay.clone() }
    }

    /// Refuses new work, tells connected peers and waits until they know.
    pub async fn close(&self) {
        self.iroh.close().await;
    }

    pub(crate) async fn connect(&self, peer: &PeerAddress, alpn: &[u8]) -> Result<Connection, PeerError> {
        if !peer.is_somewhere() {
            return Err(PeerError::NoAddress);
        }
        match timeout(self.limits.connect, self.iroh.connect(peer.to_iroh(), alpn)).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(wire::connect_error(&error)),
            Err(_) => Err(PeerError::Unreachable { cause: "nobody answered in time".into() }),
        }
    }

    pub(crate) async fn handshake(&self, incoming: Incoming) -> Result<Connection, PeerError> {
        match timeout(self.limits.connect, incoming).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(PeerError::ConnectionLost { cause: wire::causes(&error) }),
            Err(_) => Err(PeerError::Timeout { during: "shaking hands" }),
        }
    }
}

/// Only with a relay of its own does an endpoint ask anybody anything by itself: whether that relay answers.
fn reports(relayed: bool) -> NetReportConfig {
    let mut reports = NetReportConfig::minimal();
    reports.https_probes = relayed;
    reports
}

fn usable(socket: &SocketAddr) -> bool {
    match socket.ip() {
        std::net::IpAddr::V4(_) => true,
        std::net::IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    }
}

fn loopback(unspecified: &SocketAddr) -> SocketAddr {
    match unspecified {
        SocketAddr::V4(socket) => (std::net::Ipv4Addr::LOCALHOST, socket.port()).into(),
        SocketAddr::V6(socket) => (std::net::Ipv6Addr::LOCALHOST, socket.port()).into(),
    }
}

/// One bidirectional stream, no other; what is on its way is bounded by the receive windows.
fn transport() -> QuicTransportConfig {
    QuicTransportConfig::builder()
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(1))
        .datagram_receive_buffer_size(None)
        .stream_receive_window(VarInt::from_u32(wire::WINDOW))
        .receive_window(VarInt::from_u32(wire::WINDOW))
        .send_window(u64::from(wire::WINDOW))
        .build()
}
