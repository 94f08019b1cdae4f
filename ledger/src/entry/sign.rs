//! Makes and signs an entry's bytes.

use crate::bytes::{Hash, LogId, Salt};
use crate::canonical::{self, Writer};
use crate::error::{Fault, LedgerError};
use crate::key::Signer;

use super::{
    Batch, CONTENT_TYPE, Entry, EntryDraft, Head, InSubject, MAX_BATCHES, MAX_BODY, MAX_SEQUENCE,
    PersonSignature, Record, commitment,
};

/// Where the next entry of a log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The log.
    pub log: LogId,
    /// The next number.
    pub sequence: u64,
    /// The leaf of the last entry; the log's id for the first.
    pub previous: Hash,
    /// The place within the draft's subject, if it has one.
    pub in_subject: Option<InSubject>,
}

/// Who signs.
#[derive(Clone, Copy)]
pub struct Signers<'a> {
    /// The device, always.
    pub device: &'a dyn Signer,
    /// The person as well, for hand-over, disposition and whatever else asks for it.
    pub person: Option<&'a dyn Signer>,
}

impl std::fmt::Debug for Signers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let person = self.person.map(Signer::public_key);
        f.debug_struct("Signers").field("device", &self.device.public_key()).field("person", &person).finish()
    }
}

/// Signs a draft for its place. The result is read back, so that what is signed can be read by everyone.
///
/// # Errors
/// [`Fault::NotCanonical`] or [`Fault::TooLarge`] for a body or a batch, [`Fault::Malformed`] for a draft
/// that the format does not allow, [`LedgerError::Signer`].
pub fn sign(
    draft: EntryDraft,
    position: &Position,
    signers: Signers<'_>,
) -> Result<(Record, Vec<Batch>), LedgerError> {
    if draft.body.len() > MAX_BODY || draft.batches.len() > MAX_BATCHES || position.sequence >= MAX_SEQUENCE {
        return Err(Fault::TooLarge.into());
    }
    canonical::check(&draft.body).map_err(LedgerError::format("body"))?;
    let EntryDraft { kind, clocks, heads, body, salt, person, batches, .. } = draft;
    let mut batches = batches.into_iter().map(Batch::new).collect::<Result<Vec<_>, _>>()?;
    batches.sort_by_key(Batch::address);
    batches.dedup();
    let fields = Fields { kind, clocks, heads, body: &body, salt: &salt, person, batches: &batches };
    let person_signature = match signers.person {
        None => None,
        Some(signer) => {
            let message = person_message(&position.log, &fields.encode(position, None));
            let signature = signer.sign(message.as_bytes())?;
            Some(PersonSignature { key: signer.public_key(), signature })
        }
    };
    let payload = fields.encode(position, person_signature.as_ref());
    let bytes = envelope(&position.log, &payload, signers.device)?;
    let entry = Entry::parse(bytes)?;
    if !signers.device.is_in_memory() {
        entry.verify_signature(&signers.device.public_key())?;
    }
    if signers.person.is_some_and(|person| !person.is_in_memory()) {
        entry.verify_person()?;
    }
    Ok((Record { entry, body, salt }, batches))
}

/// More bytes than a payload without heads and batches has, and than stand around one.
const ROOM: usize = 400;

struct Fields<'a> {
    kind: u64,
    clocks: super::Clocks,
    heads: Vec<Head>,
    body: &'a [u8],
    salt: &'a Salt,
    person: Option<crate::bytes::Id>,
    batches: &'a [Batch],
}

impl Fields<'_> {
    /// The payload's bytes: docs/firn.cddl, `payload`.
    fn encode(&self, position: &Position, person_signature: Option<&PersonSignature>) -> Vec<u8> {
        let subject = position.in_subject.as_ref();
        let subject_pairs = subject.map_or(0, |subject| 2 + usize::from(subject.previous.is_some()));
        let optional = [
            !self.heads.is_empty(),
            self.person.is_some(),
            person_signature.is_some(),
            !self.batches.is_empty(),
        ];
        let pairs = 8 + subject_pairs + optional.iter().filter(|present| **present).count();
        let mut writer = Writer::with_room(ROOM + self.heads.len() * 80 + self.batches.len() * 34);
        writer.map(pairs);
        writer.uint(1).uint(position.sequence);
        writer.uint(2).bytes(position.previous.as_bytes());
        writer.uint(3).uint(self.kind);
        if let Some(subject) = subject {
            writer.uint(4).bytes(subject.subject.as_bytes());
            writer.uint(5).uint(subject.sequence);
            if let Some(previous) = &subject.previous {
                writer.uint(6).bytes(previous.as_bytes());
            }
        }
        writer.uint(7).int(self.clocks.wall_ms);
        writer.uint(8).uint(self.clocks.monotonic_ms);
        writer.uint(9).bytes(self.clocks.boot.as_bytes());
        if !self.heads.is_empty() {
            write_heads(writer.uint(10), &self.heads);
        }
        writer.uint(11).bytes(commitment(self.salt, self.body).as_bytes());
        writer.uint(12).uint(self.body.len() as u64);
        if let Some(person) = &self.person {
            writer.uint(13).bytes(person.as_bytes());
        }
        if let Some(person) = person_signature {
            writer.uint(14).array(2).bytes(person.key.as_bytes()).bytes(person.signature.as_bytes());
        }
        if !self.batches.is_empty() {
            writer.uint(15).array(self.batches.len());
            for batch in self.batches {
                writer.bytes(batch.address().as_bytes());
            }
        }
        writer.into_bytes()
    }
}

/// An array of heads, as in payloads and sync messages.
pub(crate) fn write_heads(writer: &mut Writer, heads: &[Head]) {
    writer.array(heads.len());
    for head in heads {
        writer.array(3).bytes(head.log.as_bytes()).uint(head.size).bytes(head.root.as_bytes());
    }
}

fn envelope(log: &LogId, payload: &[u8], device: &dyn Signer) -> Result<Vec<u8>, LedgerError> {
    let mut protected = Writer::with_room(ROOM);
    protected.map(3).uint(1).int(-8).uint(3).text(CONTENT_TYPE).uint(4).bytes(log.as_bytes());
    let protected = protected.into_bytes();
    let signature = device.sign(&signature_structure(&protected, payload))?;
    let mut entry = Writer::with_room(ROOM + payload.len());
    entry.tag(18).array(4).bytes(&protected).map(0).bytes(payload).bytes(signature.as_bytes());
    Ok(entry.into_bytes())
}

/// What the device signs: Sig_structure of RFC 9052 §4.4 with empty external data.
pub(super) fn signature_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut writer = Writer::with_room(24 + protected.len() + payload.len());
    writer.array(4).text("Signature1").bytes(protected).bytes(b"").bytes(payload);
    writer.into_bytes()
}

/// What a person signs.
pub(super) fn person_message(log: &LogId, payload: &[u8]) -> Hash {
    Hash::of(&[b"firn person v1", log.as_bytes(), payload])
}

/// Bytes of the head of a map of so many pairs (RFC 8949 §3).
pub(super) fn head_length(pairs: usize) -> usize {
    match pairs {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        _ => 5,
    }
}
