//! How a peer is named: `ID` or `ID@IP:PORT`, several sockets separated by commas.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use iroh::{EndpointAddr, EndpointId, TransportAddr};

use crate::error::PeerError;

/// The most sockets that one address names.
pub const MAX_SOCKETS: usize = 8;

/// A peer: the key of its endpoint and where it may be reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerAddress {
    /// The endpoint's ed25519 key; its text is 64 lower-case hexadecimal digits.
    pub id: EndpointId,
    /// Where it listens; may be empty. Only the first [`MAX_SOCKETS`] count.
    pub sockets: Vec<SocketAddr>,
}

impl PeerAddress {
    pub(crate) fn to_iroh(&self) -> EndpointAddr {
        let sockets = self.sockets.iter().take(MAX_SOCKETS);
        EndpointAddr::from_parts(self.id, sockets.map(|socket| TransportAddr::Ip(*socket)))
    }
}

impl FromStr for PeerAddress {
    type Err = PeerError;

    fn from_str(text: &str) -> Result<Self, PeerError> {
        let malformed = |why| PeerError::AddressMalformed { why };
        let (id, sockets) = match text.trim().split_once('@') {
            Some((id, sockets)) => (id, Some(sockets)),
            None => (text.trim(), None),
        };
        let id = id.parse().map_err(|_| malformed("the id is not 64 hexadecimal digits of a key"))?;
        let sockets: Vec<SocketAddr> = sockets
            .into_iter()
            .flat_map(|list| list.split(','))
            .map(|socket| socket.parse().map_err(|_| malformed("what follows the @ is no IP:PORT")))
            .collect::<Result<_, _>>()?;
        if sockets.len() > MAX_SOCKETS {
            return Err(malformed("more than 8 sockets"));
        }
        if sockets.iter().any(|socket| socket.port() == 0 || socket.ip().is_unspecified()) {
            return Err(malformed("a socket needs the address of one machine and a port other than 0"));
        }
        Ok(Self { id, sockets })
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        let separators = std::iter::once('@').chain(std::iter::repeat(','));
        self.sockets
            .iter()
            .zip(separators)
            .try_for_each(|(socket, separator)| write!(f, "{separator}{socket}"))
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
            let address = PeerAddress { id: id(), sockets };
            assert_eq!(address.to_string().parse(), Ok(address));
        }
    }

    #[test]
    fn the_text_is_the_key_in_hexadecimal_then_the_socket() {
        let address = PeerAddress { id: id(), sockets: vec!["127.0.0.1:5".parse().unwrap()] };
        assert_eq!(
            address.to_string(),
            "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c@127.0.0.1:5"
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
    }
}
