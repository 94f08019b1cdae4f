//! Joining by invitation (`firn/join/1`) as a state machine: bytes in, bytes out.
//!
//! Each side sends one message and ends its stream. The joiner proves that it holds the secret over
//! both endpoints' ids and all that it asks for, and signs that proof with the device key that it wants
//! enrolled; the inviter proves that it holds the secret over its answer. Until the
//! joiner's proof has been checked nothing of the organisation is told: an unknown invitation and a
//! wrong secret get the same words. Where two people compare digits before a device is enrolled
//! ([`digits`]), the inviter's random bytes for them go before its answer. The bytes are in docs/firn.cddl,
//! section "peer messages".

use firn_ledger::bytes::{Hash, LogId, PublicKey, Signature};
use firn_ledger::canonical::{Problem, Reader, Writer};
use firn_ledger::key::Signer;
use hmac::{Hmac, KeyInit, Mac};
use iroh::EndpointId;
use sha2::Sha256;

use crate::error::PeerError;
use crate::invitation::{Invitation, InvitationSecret};
use digits::{DIGITS_DOMAIN, Digits, Nonce};

/// The protocol's name in the TLS handshake (RFC 7301).
pub const ALPN: &[u8] = b"firn/join/1";
/// The most bytes of a request.
pub const MAX_REQUEST: usize = 1024;
/// The most bytes of an answer.
pub const MAX_ANSWER: usize = 256 * 1024;
/// The most characters of a device's label.
pub const MAX_LABEL: usize = 64;
/// The bytes of the message that asks two people to compare digits.
pub const COMPARISON_LENGTH: usize = 20;
const VERSION: u64 = 1;
const REQUEST_DOMAIN: &[u8] = b"firn join request v1";
const ANSWER_DOMAIN: &[u8] = b"firn join answer v1";
const DEVICE_DOMAIN: &[u8] = b"firn join device v1";
const ADMITTED: u64 = 1;
const REFUSED: u64 = 2;
const COMPARE: u64 = 3;

/// The device that asks to be enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// The key of its network endpoint, as the connection proved it.
    pub endpoint: PublicKey,
    /// The key that will sign its log.
    pub device: PublicKey,
    /// The log that it will write.
    pub log: LogId,
    /// What people call it: 1 to [`MAX_LABEL`] characters, no control characters.
    pub label: String,
}

/// What the inviter's home knows of an invitation, until it expires, used or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownInvitation {
    /// The secret that was given away.
    pub secret: InvitationSecret,
    /// The first instant at which it is no longer valid, UTC milliseconds.
    pub expires: i64,
}

/// Why the inviter says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No such invitation, or the proof does not hold: a stranger cannot tell which.
    Unknown,
    /// Its time has passed.
    Expired,
    /// Another request has redeemed it.
    Used,
    /// The inviter will not enrol this device.
    Declined,
    /// The inviter could not write.
    Failed,
    /// A person saw other digits on the two devices, or did not answer in time.
    Different,
}

/// The home that gave the invitation away. It answers from its store.
pub trait Inviter: Send + Sync + 'static {
    /// The clock, UTC milliseconds.
    fn now(&self) -> i64;

    /// Whether any invitation is known: where none is, nobody who wants to join is heard.
    fn is_inviting(&self) -> impl Future<Output = bool> + Send;

    /// The invitation under `handle` ([`InvitationSecret::handle`]), used or not.
    fn invitation(
        &self,
        handle: Hash,
    ) -> impl Future<Output = Result<Option<KnownInvitation>, Refusal>> + Send;

    /// The random bytes of the digits that two people compare before this device is enrolled; none where its role
    /// asks for no comparison. The first request binds the invitation: the same again gets the same bytes, another
    /// one [`Refusal::Used`].
    fn comparison(
        &self,
        handle: Hash,
        request: &JoinRequest,
    ) -> impl Future<Output = Result<Option<Nonce>, Refusal>> + Send;

    /// Waits for the person who compares; [`Refusal::Different`] where the digits differ, which voids the
    /// invitation.
    fn compared(&self, handle: Hash) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Enrols the device and marks the invitation as used, in one transaction. The bytes are passed to
    /// the joiner as they are (≤ [`MAX_ANSWER`] − 64). The same request again gets the same bytes, for
    /// the first answer may have been lost; another request gets [`Refusal::Used`].
    fn redeem(
        &self,
        handle: Hash,
        request: JoinRequest,
    ) -> impl Future<Output = Result<Vec<u8>, Refusal>> + Send;
}

impl Refusal {
    fn number(self) -> u64 {
        match self {
            Self::Unknown => 1,
            Self::Expired => 2,
            Self::Used => 3,
            Self::Declined => 4,
            Self::Failed => 5,
            Self::Different => 6,
        }
    }

    fn from_number(number: u64) -> Option<Self> {
        [Self::Unknown, Self::Expired, Self::Used, Self::Declined, Self::Failed, Self::Different]
            .into_iter()
            .find(|refusal| refusal.number() == number)
    }

    /// The message that tells the joiner.
    pub fn message(self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(3).uint(VERSION).uint(REFUSED).uint(self.number());
        writer.into_bytes()
    }
}

impl From<Refusal> for PeerError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => Self::InvitationRefused,
            Refusal::Expired => Self::InvitationExpired,
            Refusal::Used => Self::InvitationUsed,
            Refusal::Declined => Self::JoinDeclined,
            Refusal::Failed => Self::JoinFailed,
            Refusal::Different => Self::DigitsDiffer,
        }
    }
}

fn malformed(problem: Problem) -> PeerError {
    PeerError::MessageMalformed { why: problem.reason }
}

fn check_label(label: &str) -> Result<(), PeerError> {
    let length = label.chars().take(MAX_LABEL + 1).count();
    let fits = (1..=MAX_LABEL).contains(&length) && !label.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(PeerError::LabelMalformed) }
}

/// HMAC-SHA-256 (RFC 2104) under the invitation's secret over the parts; all but the last have fixed
/// lengths, so that no two lists of parts give the same bytes.
fn mac(secret: &InvitationSecret, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac)
}

fn request_mac(
    secret: &InvitationSecret,
    inviter: &EndpointId,
    request: &JoinRequest,
) -> Option<Hmac<Sha256>> {
    let JoinRequest { endpoint, device, log, label } = request;
    let keys = [inviter.as_bytes(), endpoint.as_bytes(), device.as_bytes(), log.as_bytes()];
    let [inviter, joiner, device, log] = keys;
    mac(secret, &[REQUEST_DOMAIN, inviter, joiner, device, log, label.as_bytes()])
}

/// The joiner, who has sent its request and waits for the answer.
#[derive(Debug)]
pub struct Joiner {
    secret: InvitationSecret,
    proof: [u8; 32],
}

impl Joiner {
    /// The machine and the message to send.
    ///
    /// # Errors
    /// [`PeerError::LabelMalformed`]; [`PeerError::JoinFailed`] when the key store refuses.
    pub fn new(
        invitation: &Invitation,
        request: &JoinRequest,
        device: &dyn Signer,
    ) -> Result<(Self, Vec<u8>), PeerError> {
        check_label(&request.label)?;
        let secret = invitation.secret.clone();
        let mac = request_mac(&secret, &invitation.inviter.id, request).ok_or(PeerError::AnswerForged)?;
        let proof: [u8; 32] = mac.finalize().into_bytes().into();
        let signature = device.sign(&signed(&proof)).map_err(|_| PeerError::JoinFailed)?;
        let mut writer = Writer::new();
        writer.array(7).uint(VERSION).bytes(secret.handle().as_bytes());
        writer.bytes(request.device.as_bytes()).bytes(request.log.as_bytes());
        writer.text(&request.label).bytes(&proof).bytes(signature.as_bytes());
        Ok((Self { secret, proof }, writer.into_bytes()))
    }

    /// The digits to show, where what begins the inviter's stream is the message that asks two people to compare.
    pub fn digits(&self, beginning: &[u8]) -> Option<Digits> {
        let mut reader = Reader::new(beginning);
        reader.array_of(3).ok()?;
        version(&mut reader).ok()?;
        if reader.uint().ok()? != COMPARE {
            return None;
        }
        let nonce = Nonce(reader.fixed().ok()?);
        reader.end().ok()?;
        digits(&self.secret, &self.proof, &nonce)
    }

    /// Reads the answer: the bytes that the inviter's home gave.
    ///
    /// # Errors
    /// [`PeerError::AnswerForged`] when the secret did not make it, [`PeerError::MessageMalformed`], or
    /// the inviter's refusal.
    pub fn finish(self, answer: &[u8]) -> Result<Vec<u8>, PeerError> {
        let mut reader = Reader::new(answer);
        let length = reader.array().map_err(malformed)?;
        version(&mut reader)?;
        match (length, reader.uint().map_err(malformed)?) {
            (4, ADMITTED) => {
                let admission = reader.bytes().map_err(malformed)?;
                let proof: [u8; 32] = reader.fixed().map_err(malformed)?;
                reader.end().map_err(malformed)?;
                mac(&self.secret, &[ANSWER_DOMAIN, &self.proof, admission])
                    .filter(|mac| mac.clone().verify_slice(&proof).is_ok())
                    .map(|_| admission.to_vec())
                    .ok_or(PeerError::AnswerForged)
            }
            (3, REFUSED) => {
                let number = reader.uint().map_err(malformed)?;
                reader.end().map_err(malformed)?;
                Err(Refusal::from_number(number).map_or(PeerError::JoinDeclined, PeerError::from))
            }
            _ => Err(PeerError::MessageMalformed { why: "no answer to a request to join" }),
        }
    }
}

fn digits(secret: &InvitationSecret, proof: &[u8; 32], nonce: &Nonce) -> Option<Digits> {
    let mac = mac(secret, &[DIGITS_DOMAIN, proof, &nonce.0])?;
    Some(Digits::of(&mac.finalize().into_bytes().into()))
}

/// What the device key signs: that its holder made this proof.
fn signed(proof: &[u8; 32]) -> Vec<u8> {
    [DEVICE_DOMAIN, proof].concat()
}

fn version(reader: &mut Reader<'_>) -> Result<(), PeerError> {
    match reader.uint().map_err(malformed)? {
        VERSION => Ok(()),
        _ => Err(PeerError::MessageMalformed { why: "a version that is not known here" }),
    }
}

/// A request that has arrived and proves nothing yet.
#[derive(Debug)]
pub struct Arrived {
    handle: Hash,
    request: JoinRequest,
    proof: [u8; 32],
    signature: Signature,
}

impl Arrived {
    /// Reads a request that came from the endpoint `joiner`.
    ///
    /// # Errors
    /// [`PeerError::MessageMalformed`] or [`PeerError::LabelMalformed`].
    pub fn parse(message: &[u8], joiner: &EndpointId) -> Result<Self, PeerError> {
        let mut reader = Reader::new(message);
        reader.array_of(7).map_err(malformed)?;
        version(&mut reader)?;
        let handle = Hash(reader.fixed().map_err(malformed)?);
        let device = PublicKey(reader.fixed().map_err(malformed)?);
        let log = LogId(reader.fixed().map_err(malformed)?);
        let label = reader.text().map_err(malformed)?.to_owned();
        let proof = reader.fixed().map_err(malformed)?;
        let signature = Signature(reader.fixed().map_err(malformed)?);
        reader.end().map_err(malformed)?;
        check_label(&label)?;
        let endpoint = PublicKey(*joiner.as_bytes());
        Ok(Self { handle, request: JoinRequest { endpoint, device, log, label }, proof, signature })
    }

    /// The invitation that it names.
    pub fn handle(&self) -> Hash {
        self.handle
    }

    /// Checks the proof, then the time. `inviter` is this endpoint; `now` in UTC milliseconds.
    ///
    /// # Errors
    /// [`Refusal::Unknown`] unless the secret made the proof, then [`Refusal::Expired`], then
    /// [`Refusal::Declined`] for a device key that may not be enrolled or that the joiner does not hold.
    pub fn prove(self, inviter: &EndpointId, known: KnownInvitation, now: i64) -> Result<Proven, Refusal> {
        let mac = request_mac(&known.secret, inviter, &self.request).ok_or(Refusal::Unknown)?;
        mac.verify_slice(&self.proof).map_err(|_| Refusal::Unknown)?;
        if now >= known.expires {
            return Err(Refusal::Expired);
        }
        self.request.device.check().map_err(|_| Refusal::Declined)?;
        let holds = self.request.device.verify(&signed(&self.proof), &self.signature);
        holds.map_err(|_| Refusal::Declined)?;
        Ok(Proven { secret: known.secret, request: self.request, proof: self.proof })
    }
}

/// A request whose sender holds the secret.
#[derive(Debug)]
pub struct Proven {
    secret: InvitationSecret,
    request: JoinRequest,
    proof: [u8; 32],
}

impl Proven {
    /// What is asked for.
    pub fn request(&self) -> &JoinRequest {
        &self.request
    }

    /// The digits that two people compare, and the message by which the joiner shows the same:
    /// [`COMPARISON_LENGTH`] bytes.
    pub fn comparison(&self, nonce: &Nonce) -> Option<(Digits, Vec<u8>)> {
        let mut writer = Writer::new();
        writer.array(3).uint(VERSION).uint(COMPARE).bytes(&nonce.0);
        Some((digits(&self.secret, &self.proof, nonce)?, writer.into_bytes()))
    }

    /// The message that admits the device.
    pub fn admit(&self, admission: &[u8]) -> Vec<u8> {
        let Some(mac) = mac(&self.secret, &[ANSWER_DOMAIN, &self.proof, admission]) else {
            return Refusal::Failed.message();
        };
        let mut writer = Writer::new();
        writer.array(4).uint(VERSION).uint(ADMITTED).bytes(admission).bytes(&mac.finalize().into_bytes());
        writer.into_bytes()
    }
}

pub mod digits;
mod exchange;

#[cfg(test)]
mod tests;
