//! One entry of a log: a COSE_Sign1 (RFC 9052 §4.2) over deterministic CBOR, its body beside it.

mod parse;
mod sign;

use crate::bytes::{Hash, Id, LogId, PublicKey, Salt, Signature};
use crate::error::Fault;
use crate::key::Signed;
use crate::{canonical, tree};

pub(crate) use parse::{link, named_batches};
pub use sign::{Position, Signers, sign};

/// The content type in every entry's protected header: v1, whose bytes never change their meaning (docs/format.md).
pub const CONTENT_TYPE: &str = "application/vnd.firn.entry.v1+cbor";
/// The most bytes of an entry.
pub const MAX_ENTRY: usize = 64 * 1024;
/// The most bytes of a body.
pub const MAX_BODY: usize = 512 * 1024;
/// The most bytes of a batch: with its message it fits in a frame.
pub const MAX_BATCH: usize = 1024 * 1024 - 1024;
/// The most batches that one entry brings.
pub const MAX_BATCHES: usize = 64;
/// Sequence numbers stay below this (2⁴⁰), so that a log's number and they share one SQLite key.
pub const MAX_SEQUENCE: u64 = 1 << 40;

/// The clocks of the device at the moment of signing, as the caller read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// UTC, milliseconds since 1970-01-01T00:00:00Z.
    pub wall_ms: i64,
    /// Milliseconds since the boot.
    pub monotonic_ms: u64,
    /// The boot.
    pub boot: Id,
}

/// A log at one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Head {
    /// The log.
    pub log: LogId,
    /// Number of its entries.
    pub size: u64,
    /// RFC 6962 tree head over their leaves.
    pub root: Hash,
}

/// An entry's place among those of its log that share its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InSubject {
    /// The shipment, unit or session.
    pub subject: Id,
    /// From 0, without holes.
    pub sequence: u64,
    /// The leaf of the one before; none at 0.
    pub previous: Option<Hash>,
}

/// A person's own signature under an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonSignature {
    /// The person's key on this device.
    pub key: PublicKey,
    /// Over SHA-256("firn person v1" ‖ log id ‖ payload without key 14).
    pub signature: Signature,
}

/// What an entry says; its keys are those of `payload` in docs/firn.cddl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Place in the log, from 0.
    pub sequence: u64,
    /// The leaf of the entry before; the log's id at 0.
    pub previous: Hash,
    /// 1 to 15 belong to the ledger ([`crate::statement`]), the others are opaque to it.
    pub kind: u64,
    /// What it is about, if anything.
    pub in_subject: Option<InSubject>,
    /// When.
    pub clocks: Clocks,
    /// Heads of other logs that the device held, ascending by log.
    pub heads: Vec<Head>,
    /// SHA-256("body/v1" 00 ‖ salt ‖ body).
    pub commitment: Hash,
    /// Bytes of the body.
    pub body_length: u64,
    /// Who acted.
    pub person: Option<Id>,
    /// That person's own signature.
    pub person_signature: Option<PersonSignature>,
    /// Addresses of the batches that the entry brings, ascending.
    pub batches: Vec<Hash>,
}

/// An entry: its bytes as they were signed, and what they say. Not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    bytes: Vec<u8>,
    leaf: Hash,
    log: LogId,
    payload: Payload,
    signature: Signature,
    spans: Spans,
}

/// Where the signed parts stand in an entry's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Spans {
    protected: std::ops::Range<usize>,
    payload: std::ops::Range<usize>,
    /// Key 14 and its value, within the payload.
    person_signature: std::ops::Range<usize>,
    /// Pairs in the payload's map.
    pairs: usize,
}

/// What a caller wants signed; its place in the log comes with [`Position`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryDraft {
    /// See [`Payload::kind`].
    pub kind: u64,
    /// The shipment, unit or session, if any.
    pub subject: Option<Id>,
    /// Now.
    pub clocks: Clocks,
    /// Heads of other logs held now, ascending by log.
    pub heads: Vec<Head>,
    /// Deterministic CBOR.
    pub body: Vec<u8>,
    /// 32 fresh random bytes.
    pub salt: Salt,
    /// Who acts.
    pub person: Option<Id>,
    /// The batches it brings: deterministic CBOR each, in any order.
    pub batches: Vec<Vec<u8>>,
}

/// An entry with its body and salt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The entry.
    pub entry: Entry,
    /// Its body.
    pub body: Vec<u8>,
    /// The body's salt.
    pub salt: Salt,
}

/// A batch and its address, which is the SHA-256 of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    address: Hash,
    bytes: Vec<u8>,
}

impl Batch {
    /// A batch of these bytes.
    ///
    /// # Errors
    /// [`Fault::TooLarge`], [`Fault::NotCanonical`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, Fault> {
        if bytes.len() > MAX_BATCH {
            return Err(Fault::TooLarge);
        }
        canonical::check(&bytes)?;
        Ok(Self { address: Hash::of(&[&bytes]), bytes })
    }

    /// SHA-256 of the bytes.
    pub fn address(&self) -> Hash {
        self.address
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// SHA-256("body/v1" 00 ‖ salt ‖ body): what an entry says of its body.
pub fn commitment(salt: &Salt, body: &[u8]) -> Hash {
    Hash::of(&[b"body/v1\0", salt.as_bytes(), body])
}

impl Entry {
    /// Reads an entry; the bytes are kept as they are.
    ///
    /// # Errors
    /// [`Fault::TooLarge`], [`Fault::NotCanonical`], [`Fault::Malformed`].
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Fault> {
        if bytes.len() > MAX_ENTRY {
            return Err(Fault::TooLarge);
        }
        let (log, payload, signature, spans) = parse::entry(&bytes)?;
        Ok(Self { leaf: tree::leaf(&bytes), bytes, log, payload, signature, spans })
    }

    /// The bytes as they were signed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256(00 ‖ bytes).
    pub fn leaf(&self) -> Hash {
        self.leaf
    }

    /// The log it was signed for (the protected header's kid).
    pub fn log(&self) -> LogId {
        self.log
    }

    /// What it says.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The device's signature.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// Verifies the device's signature strictly.
    ///
    /// # Errors
    /// [`Fault::Signature`], [`Fault::Key`].
    pub fn verify_signature(&self, device: &PublicKey) -> Result<(), Fault> {
        let signed = self.signed();
        device.verify(&signed.message, &signed.signature)
    }

    /// What the device signed, and its signature.
    pub fn signed(&self) -> Signed {
        let part = |span: &std::ops::Range<usize>| self.bytes.get(span.clone()).unwrap_or_default();
        let message = sign::signature_structure(part(&self.spans.protected), part(&self.spans.payload));
        Signed { message, signature: self.signature }
    }

    /// Verifies the person's signature, if there is one. Whether the key is that person's is the reader's
    /// question.
    ///
    /// # Errors
    /// [`Fault::PersonSignature`].
    pub fn verify_person(&self) -> Result<(), Fault> {
        let Some(person) = &self.payload.person_signature else { return Ok(()) };
        let bytes = |from: usize, to: usize| self.bytes.get(from..to).unwrap_or_default();
        let (payload, gap) = (&self.spans.payload, &self.spans.person_signature);
        let mut unsigned = canonical::Writer::new();
        unsigned.map(self.spans.pairs.saturating_sub(1));
        let map_head = payload.start + sign::head_length(self.spans.pairs);
        unsigned.raw(bytes(map_head, gap.start)).raw(bytes(gap.end, payload.end));
        let message = sign::person_message(&self.log, &unsigned.into_bytes());
        person.key.verify(message.as_bytes(), &person.signature).map_err(|_| Fault::PersonSignature)
    }

    /// Whether these are the body and salt that were signed.
    ///
    /// # Errors
    /// [`Fault::BodyMismatch`].
    pub fn check_body(&self, body: &[u8], salt: &Salt) -> Result<(), Fault> {
        let same = body.len() as u64 == self.payload.body_length
            && commitment(salt, body) == self.payload.commitment;
        if same { Ok(()) } else { Err(Fault::BodyMismatch) }
    }
}

#[cfg(test)]
mod tests;
