//! Finding peers on the local network: mDNS (RFC 6762), for as long as somebody asked for it.
//!
//! A device that may be found tells everybody on the network its endpoint's id, its addresses and that it runs
//! Firn: not its name, its organisation or who else belongs to it. One that only looks tells nothing of itself.

use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt;
use iroh::EndpointId;
use iroh::address_lookup::AddrFilter;
use iroh_mdns_address_lookup::{DiscoveryEvent, MdnsAddressLookup};
use tokio::time::{Instant, timeout_at};

use crate::address::{MAX_SOCKETS, PeerAddress};
use crate::endpoint::PeerEndpoint;
use crate::error::PeerError;
use crate::wire;

/// The service that is asked for: `_firn._udp.local`.
const SERVICE: &str = "firn";
/// The most devices of which one search tells: anybody on the network can make some up.
pub const MAX_HEARD: usize = 256;

/// What this endpoint does on the local network, until it is dropped.
#[derive(Debug)]
pub struct Lan {
    lookup: MdnsAddressLookup,
}

/// Whether others may find this endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It tells its id and addresses.
    Told,
    /// It only looks for others.
    Untold,
}

impl PeerEndpoint {
    /// Goes onto the local network, to be found or to look for others.
    ///
    /// # Errors
    /// `peer/no-local-network` where this machine has none, or the system refuses.
    pub fn on_lan(&self, presence: Presence) -> Result<Lan, PeerError> {
        let none = |cause: String| PeerError::NoLocalNetwork { cause };
        let lookup = MdnsAddressLookup::builder()
            .service_name(SERVICE)
            .advertise(presence == Presence::Told)
            .addr_filter(AddrFilter::ip_only())
            .build(self.id())
            .map_err(|error| none(wire::causes(&error)))?;
        let services = self.iroh.address_lookup().map_err(|error| none(wire::causes(&error)))?;
        services.add(lookup.clone());
        Ok(Lan { lookup })
    }
}

impl Lan {
    /// The devices that are heard within `wait`, by their ids; anybody may have told of them.
    pub async fn heard(&self, wait: Duration) -> Vec<PeerAddress> {
        let until = Instant::now() + wait;
        let mut events = self.lookup.subscribe().await;
        let mut heard: std::collections::BTreeMap<EndpointId, PeerAddress> = Default::default();
        // The time is up, or the search has ended.
        while let Ok(Some(event)) = timeout_at(until, events.next()).await {
            let DiscoveryEvent::Discovered { endpoint_info, .. } = event else { continue };
            let sockets: Vec<SocketAddr> = endpoint_info.data.ip_addrs().copied().take(MAX_SOCKETS).collect();
            let id = endpoint_info.endpoint_id;
            if !sockets.is_empty() && (heard.len() < MAX_HEARD || heard.contains_key(&id)) {
                heard.insert(id, PeerAddress { id, sockets, relay: None });
            }
        }
        heard.into_values().collect()
    }
}
