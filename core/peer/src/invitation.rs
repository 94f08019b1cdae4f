//! An invitation as text: what a new device needs to find and trust the one that enrols it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use firn_ledger::bytes::{Hash, OrganisationId, PublicKey};
use firn_ledger::canonical::{Problem, Reader, Writer};
use firn_ledger::statement::Role;
use iroh::EndpointId;
use zeroize::Zeroizing;

use crate::address::{MAX_SOCKETS, PeerAddress, Relay};
use crate::error::PeerError;

/// What every invitation begins with; upper and lower case are one.
pub const PREFIX: &str = "firn-invite:";
/// The most characters that are looked at.
pub const MAX_CHARACTERS: usize = 1024;
const VERSION: u64 = 1;
const CHECKSUM_LENGTH: usize = 4;
const CHECKSUM_DOMAIN: &[u8] = b"firn invitation v1";
/// The preview's, by which its invitations are told from damaged ones.
const PREVIEW_DOMAIN: &[u8] = b"firn invitation v0";
const HANDLE_DOMAIN: &[u8] = b"firn invitation handle v1";
const LOG_DOMAIN: &[u8] = b"firn join log v1";

/// 32 random bytes that only the two devices know; wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationSecret(Zeroizing<[u8; 32]>);

impl InvitationSecret {
    /// A secret of random bytes, which the caller draws.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The name under which the inviter keeps the invitation: SHA-256("firn invitation handle v1" ‖
    /// secret). It tells nothing of the secret.
    pub fn handle(&self) -> Hash {
        Hash::of(&[HANDLE_DOMAIN, self.as_bytes()])
    }
}

impl fmt::Debug for InvitationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationSecret(not shown)")
    }
}

/// An invitation; its text is the secret's carrier and must be shown to the invited person only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The organisation's fingerprint, against which the answer is checked.
    pub organisation: OrganisationId,
    /// The device that redeems it; at most [`MAX_SOCKETS`] sockets are carried.
    pub inviter: PeerAddress,
    /// What proves the invitation.
    pub secret: InvitationSecret,
    /// The role that the new device gets.
    pub role: Role,
    /// The first instant at which it is no longer valid, UTC milliseconds.
    pub expires: i64,
}

impl Invitation {
    /// Refuses an invitation whose time has passed.
    ///
    /// # Errors
    /// [`PeerError::InvitationExpired`] from [`Invitation::expires`] on; `now` in UTC milliseconds.
    pub fn check(&self, now: i64) -> Result<(), PeerError> {
        if now < self.expires { Ok(()) } else { Err(PeerError::InvitationExpired) }
    }

    /// The random part of the id of the log that a device founds by this invitation: the first 16 bytes of
    /// SHA-256("firn join log v1" ‖ secret ‖ endpoint ‖ device ‖ the invitation as its text holds it).
    ///
    /// So the log's id, which the request names and its proof covers, says what the joiner read: whoever made the
    /// invitation knows it again, and enrols nobody who was given another one.
    pub fn log_random(&self, endpoint: &PublicKey, device: &PublicKey) -> [u8; 16] {
        let content = Zeroizing::new(self.encode());
        let parts = [LOG_DOMAIN, self.secret.as_bytes(), endpoint.as_bytes(), device.as_bytes(), &content];
        Hash::of(&parts).0.first_chunk().copied().unwrap_or_default()
    }

    /// The text in upper case: a QR code packs it into two thirds of the room.
    pub fn qr_text(&self) -> String {
        self.to_string().to_ascii_uppercase()
    }

    fn encode(&self) -> Vec<u8> {
        let sockets: Vec<_> = self.inviter.sockets.iter().take(MAX_SOCKETS).collect();
        let mut writer = Writer::new();
        let relay = self.inviter.relay.as_ref().map(Relay::to_string);
        writer
            .array(7 + usize::from(relay.is_some()))
            .uint(VERSION)
            .bytes(self.organisation.as_bytes())
            .bytes(self.inviter.id.as_bytes());
        writer.array(sockets.len());
        for socket in sockets {
            writer.bytes(&socket_bytes(socket));
        }
        writer.bytes(self.secret.as_bytes()).uint(self.role.number()).int(self.expires);
        if let Some(relay) = relay {
            writer.text(&relay);
        }
        writer.into_bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, PeerError> {
        let mut reader = Reader::new(bytes);
        let items = reader.array().map_err(malformed)?;
        if !(7..=8).contains(&items) {
            return Err(PeerError::InvitationMalformed { why: "neither seven nor eight items" });
        }
        let version = reader.uint().map_err(malformed)?;
        if version != VERSION {
            return Err(PeerError::InvitationVersion { version });
        }
        let organisation = OrganisationId(reader.fixed().map_err(malformed)?);
        let id = EndpointId::from_bytes(&reader.fixed().map_err(malformed)?)
            .map_err(|_| PeerError::InvitationMalformed { why: "the inviter's id is no key" })?;
        let sockets = read_sockets(&mut reader)?;
        let secret = InvitationSecret::new(reader.fixed().map_err(malformed)?);
        let role = Role::from_number(reader.uint().map_err(malformed)?)
            .ok_or(PeerError::InvitationMalformed { why: "a role that is not known here" })?;
        let expires = reader.int().map_err(malformed)?;
        let relay = if items == 8 { Some(read_relay(&mut reader)?) } else { None };
        reader.end().map_err(malformed)?;
        Ok(Self { organisation, inviter: PeerAddress { id, sockets, relay }, secret, role, expires })
    }
}

fn malformed(problem: Problem) -> PeerError {
    PeerError::InvitationMalformed { why: problem.reason }
}

/// A relay is written as it prints and in no other way.
fn read_relay(reader: &mut Reader<'_>) -> Result<Relay, PeerError> {
    let text = reader.text().map_err(malformed)?;
    let relay: Relay = text.parse()?;
    if relay.to_string() != text {
        return Err(PeerError::InvitationMalformed { why: "a relay that is written in another way" });
    }
    Ok(relay)
}

fn read_sockets(reader: &mut Reader<'_>) -> Result<Vec<SocketAddr>, PeerError> {
    let count = reader.array().map_err(malformed)?;
    if count > MAX_SOCKETS as u64 {
        return Err(PeerError::InvitationMalformed { why: "more than 8 sockets" });
    }
    (0..count)
        .map(|_| {
            let bytes = reader.bytes().map_err(malformed)?;
            socket(bytes)
                .ok_or(PeerError::InvitationMalformed { why: "a socket that is neither IPv4 nor IPv6" })
        })
        .collect()
}

/// The address in network order, then the port (RFC 791, RFC 8200); a scope is local and stays behind.
fn socket_bytes(socket: &SocketAddr) -> Vec<u8> {
    let mut bytes = match socket.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    bytes.extend(socket.port().to_be_bytes());
    bytes
}

fn socket(bytes: &[u8]) -> Option<SocketAddr> {
    let (ip, port) = bytes.split_last_chunk::<2>()?;
    let ip = match ip.len() {
        4 => IpAddr::from(<[u8; 4]>::try_from(ip).ok()?),
        16 => IpAddr::from(<[u8; 16]>::try_from(ip).ok()?),
        _ => return None,
    };
    let port = u16::from_be_bytes(*port);
    (port != 0 && !ip.is_unspecified()).then(|| SocketAddr::new(ip, port))
}

fn checksum(domain: &[u8], bytes: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    let [a, b, c, d, ..] = Hash::of(&[domain, bytes]).0;
    [a, b, c, d]
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Zeroizing::new(self.encode());
        let checksum = checksum(CHECKSUM_DOMAIN, &bytes);
        bytes.extend(checksum);
        write!(f, "{PREFIX}{}", BASE32_NOPAD.encode(&bytes))
    }
}

impl FromStr for Invitation {
    type Err = PeerError;

    /// Reads an invitation from text that may have been typed, wrapped or changed in case on its way.
    fn from_str(text: &str) -> Result<Self, PeerError> {
        let malformed = |why| PeerError::InvitationMalformed { why };
        let text: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .take(MAX_CHARACTERS + 1)
            .collect();
        if text.len() > MAX_CHARACTERS {
            return Err(malformed("it is too long"));
        }
        let text = Zeroizing::new(text);
        let code = text
            .strip_prefix(PREFIX.to_ascii_uppercase().as_str())
            .ok_or_else(|| malformed("it does not begin with firn-invite:"))?;
        let bytes = BASE32_NOPAD
            .decode(code.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| malformed("a character is wrong or missing"))?;
        let (content, sum) =
            bytes.split_last_chunk().ok_or_else(|| malformed("a character is wrong or missing"))?;
        match checksum(CHECKSUM_DOMAIN, content) == *sum {
            true => Self::decode(content),
            false if checksum(PREVIEW_DOMAIN, content) == *sum => Err(PeerError::InvitationPreview),
            false => Err(malformed("its checksum does not fit: a character is wrong or missing")),
        }
    }
}

#[cfg(test)]
mod tests;
