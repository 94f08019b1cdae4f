//! How a peer is named: `ID` or `ID@IP:PORT`, several sockets and one relay's URL separated by commas.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use iroh::{EndpointAddr, EndpointId, RelayUrl, TransportAddr};

use crate::error::PeerError;

/// The most sockets that one address names.
pub const MAX_SOCKETS: usize = 8;
/// The longest URL of a relay, in bytes.
pub const MAX_RELAY: usize = 255;

/// A relay that an organisation runs for itself: it passes on what two endpoints encrypted for each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relay(RelayUrl);

impl Relay {
    pub(crate) fn url(&self) -> &RelayUrl {
        &self.0
    }
}

impl FromStr for Relay {
    type Err = PeerError;

    /// Reads `https://HOST[:PORT]`, or `http://` where somebody accepts that the network sees who asks for whom.
    fn from_str(text: &str) -> Result<Self, PeerError> {
        let malformed = |why| PeerError::RelayMalformed { why };
        if text.len() > MAX_RELAY {
            return Err(malformed("it is longer than 255 bytes"));
        }
        if !is_relay(text) || text.contains(|c: char| c == ',' || c.is_whitespace() || c.is_control()) {
            return Err(malformed("it does not begin with https:// or http://, or holds a comma or a space"));
        }
        let url: RelayUrl = text.parse().map_err(|_| malformed("it is no URL"))?;
        if url.host_str().is_none_or(str::is_empty) || !url.username().is_empty() || url.password().is_some()
        {
            return Err(malformed("it needs a host, and no user or password"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(malformed("nothing follows the host and its port"));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn is_relay(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// A peer: the key of its endpoint and where it may be reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerAddress {
    /// The endpoint's ed25519 key; its text is 64 lower-case hexadecimal digits.
    pub id: EndpointId,
    /// Where it listens; may be empty. Only the first [`MAX_SOCKETS`] count.
    pub sockets: Vec<SocketAddr>,
    /// The relay at which it can be asked for.
    pub relay: Option<Relay>,
}

impl PeerAddress {
    /// Whether it tells where the peer is at all.
    pub fn is_somewhere(&self) -> bool {
        !self.sockets.is_empty() || self.relay.is_some()
    }

    pub(crate) fn to_iroh(&self) -> EndpointAddr {
        let sockets = self.sockets.iter().take(MAX_SOCKETS).map(|socket| TransportAddr::Ip(*socket));
        let relay = self.relay.iter().map(|relay| TransportAddr::Relay(relay.url().clone()));
        EndpointAddr::from_parts(self.id, sockets.chain(relay))
    }
}

impl FromStr for PeerAddress {
    type Err = PeerError;

    fn from_str(text: &str) -> Result<Self, PeerError> {
        let malformed = |why| PeerError::AddressMalformed { why };
        let (id, places) = match text.trim().split_once('@') {
            Some((id, places)) => (id, Some(places)),
            None => (text.trim(), None),
        };
        let id = id.parse().map_err(|_| malformed("the id is not 64 hexadecimal digits of a key"))?;
        let places = places.into_iter().flat_map(|list| list.split(','));
        let (relays, sockets): (Vec<_>, Vec<_>) = places.partition(|place| is_relay(place));
        let relay = match relays.as_slice() {
            [] => None,
            [one] => Some(one.parse()?),
            _ => return Err(malformed("more than one relay")),
        };
        let sockets: Vec<SocketAddr> = sockets
            .into_iter()
            .map(|socket| socket.parse().map_err(|_| malformed("what follows the @ is no IP:PORT")))
            .collect::<Result<_, _>>()?;
        if sockets.len() > MAX_SOCKETS {
            return Err(malformed("more than 8 sockets"));
        }
        if sockets.iter().any(|socket| socket.port() == 0 || socket.ip().is_unspecified()) {
            return Err(malformed("a socket needs the address of one machine and a port other than 0"));
        }
        Ok(Self { id, sockets, relay })
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        let separators = std::iter::once('@').chain(std::iter::repeat(','));
        let sockets = self.sockets.iter().map(SocketAddr::to_string);
        let places = sockets.chain(self.relay.iter().map(Relay::to_string));
        places.zip(separators).try_for_each(|(place, separator)| write!(f, "{separator}{place}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> EndpointId {
        iroh::SecretKey::from_bytes(&[7; 32]).public()
    }

    #[test]
    fn an_address_reads_as_it_prints() {
        for sockets in [vec![], vec!["10.0.0.7:4711"], vec!["[fe80::1]:9", "192.168.4.1:65535"]] {
            let sockets: Vec<SocketAddr> = sockets.into_iter().map(|s| s.parse().unwrap()).collect();
            for relay in [None, Some("https://relay.example".parse().unwrap())] {
                let address = PeerAddress { id: id(), sockets: sockets.clone(), relay };
                assert_eq!(address.to_string().parse(), Ok(address));
            }
        }
    }

    #[test]
    fn the_text_is_the_key_in_hexadecimal_then_the_socket() {
        let address = PeerAddress {
            id: id(),
            sockets: vec!["127.0.0.1:5".parse().unwrap()],
            relay: Some("http://10.0.0.1:3340/".parse().unwrap()),
        };
        assert_eq!(
            address.to_string(),
            "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c@127.0.0.1:5,http://10.0.0.1:3340"
        );
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_code() {
        let id = id();
        let not_a_point = "02".repeat(32);
        let crowded = format!("{id}@{}", ["10.0.0.1:1"; 9].join(","));
        for text in
            ["", "@", "@10.0.0.1:1", "ea4a", &not_a_point, &format!("{id}@"), &format!("{id}@10.0.0.1")]
        {
            assert_eq!(text.parse::<PeerAddress>().unwrap_err().code(), "peer/address-malformed", "{text}");
        }
        for text in [crowded, format!("{id}@0.0.0.0:1"), format!("{id}@10.0.0.1:0"), format!("{id}@a@b")] {
            assert_eq!(text.parse::<PeerAddress>().unwrap_err().code(), "peer/address-malformed", "{text}");
        }
        let twice = format!("{id}@https://a.example,https://b.example");
        assert_eq!(twice.parse::<PeerAddress>().unwrap_err().code(), "peer/address-malformed");
    }

    #[test]
    fn what_is_no_relay_is_refused_with_a_code() {
        let long = format!("https://{}.example", "a".repeat(MAX_RELAY));
        for text in [
            "",
            "relay.example",
            "ftp://relay.example",
            "https://",
            "https:// relay.example",
            "https://u:p@relay.example",
            "https://relay.example/path",
            "https://relay.example?a=b",
            "https://relay.example,10.0.0.1:1",
            &long,
        ] {
            assert_eq!(text.parse::<Relay>().unwrap_err().code(), "peer/relay-malformed", "{text}");
        }
    }
}
