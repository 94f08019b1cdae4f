//! Reads an entry's bytes, and refuses all that `entry` in docs/firn.cddl does not describe.

use std::ops::Range;

use crate::bytes::{Hash, Id, LogId, PublicKey, Signature};
use crate::canonical::{Key, Problem, ProblemKind, Reader, unexpected};

use super::{
    CONTENT_TYPE, Clocks, Head, InSubject, MAX_BATCHES, MAX_BODY, MAX_SEQUENCE, Payload, PersonSignature,
    Spans,
};

/// What a chain asks of an entry.
pub(crate) struct Link<'a> {
    pub log: &'a [u8; 32],
    pub sequence: u64,
    pub previous: &'a [u8; 32],
    pub kind: u64,
}

/// What stands around the payload, and where.
struct Envelope<'a> {
    log: &'a [u8; 32],
    payload: &'a [u8],
    signature: &'a [u8; 64],
    protected_end: usize,
    protected_length: usize,
    payload_end: usize,
}

pub(super) fn entry(bytes: &[u8]) -> Result<(LogId, Payload, Signature, Spans), Problem> {
    let envelope = envelope(bytes)?;
    let mut fields = Fields::default();
    fields.read(envelope.payload)?;
    let log = LogId(*envelope.log);
    let start = envelope.payload_end - envelope.payload.len();
    let gap = &fields.person_signature_at;
    let spans = Spans {
        protected: envelope.protected_end - envelope.protected_length..envelope.protected_end,
        payload: start..envelope.payload_end,
        person_signature: if gap.is_empty() { 0..0 } else { start + gap.start..start + gap.end },
        pairs: fields.pairs,
    };
    Ok((log, fields.payload(envelope.log)?, Signature(*envelope.signature), spans))
}

/// The chain's part alone, after the same checks.
pub(crate) fn link(bytes: &[u8]) -> Result<Link<'_>, Problem> {
    let envelope = envelope(bytes)?;
    let mut fields = Fields::default();
    fields.read(envelope.payload)?;
    fields.check(envelope.log)?;
    Ok(Link {
        log: envelope.log,
        sequence: fields.required(fields.sequence)?,
        previous: fields.required(fields.previous)?,
        kind: fields.required(fields.kind)?,
    })
}

/// The batches that it names, after the same checks.
pub(crate) fn named_batches(bytes: &[u8]) -> Result<Vec<Hash>, Problem> {
    let envelope = envelope(bytes)?;
    let mut fields = Fields::default();
    fields.read(envelope.payload)?;
    fields.check(envelope.log)?;
    Ok(fields.batches)
}

#[inline]
fn envelope(bytes: &[u8]) -> Result<Envelope<'_>, Problem> {
    let mut reader = Reader::new(bytes);
    if reader.tag()? != 18 {
        return Err(reader.refuse("no COSE_Sign1"));
    }
    reader.array_of(4)?;
    let protected = reader.bytes()?;
    let protected_end = reader.offset();
    if !reader.passes(&[0xa0]) {
        reader.skip()?;
        return Err(reader.refuse("an unprotected header"));
    }
    let payload = reader.bytes()?;
    let payload_end = reader.offset();
    let signature = reader.fixed_ref()?;
    reader.end()?;
    let log = protected_header(protected)?;
    Ok(Envelope { log, payload, signature, protected_end, protected_length: protected.len(), payload_end })
}

/// The one way in which the header is written, up to the log's id: a map of algorithm, content type and kid.
const HEADER: &[u8] = b"\xa3\x01\x27\x03\x78\x22application/vnd.firn.entry.v1+cbor\x04\x58\x20";

#[inline]
fn protected_header(bytes: &[u8]) -> Result<&[u8; 32], Problem> {
    match bytes.strip_prefix(HEADER).map(TryFrom::try_from) {
        Some(Ok(log)) => Ok(log),
        _ => other_header(bytes),
    }
}

/// Why a header is not the one that is written.
#[cold]
fn other_header(bytes: &[u8]) -> Result<&[u8; 32], Problem> {
    let mut reader = Reader::new(bytes);
    let mut map = reader.map()?;
    let mut expect = |reader: &mut Reader<'_>, key| match reader.key(&mut map)? {
        Some(Key::Uint(found)) if found == key => Ok(()),
        _ => Err(reader.refuse("another protected header")),
    };
    expect(&mut reader, 1)?;
    if reader.int()? != -8 {
        return Err(reader.refuse("another algorithm than EdDSA"));
    }
    expect(&mut reader, 3)?;
    let content_type = reader.text()?;
    if content_type != CONTENT_TYPE {
        let refused = reader.refuse("another content type");
        return Err(Problem { kind: kind_of(content_type), ..refused });
    }
    expect(&mut reader, 4)?;
    let log = reader.fixed_ref()?;
    match reader.key(&mut map)? {
        None => reader.end().map(|()| log),
        Some(_) => Err(reader.refuse("another protected header")),
    }
}

/// What another content type tells of who wrote the entry.
fn kind_of(content_type: &str) -> ProblemKind {
    let version = content_type.strip_prefix("application/vnd.firn.entry.v");
    match version.and_then(|rest| rest.strip_suffix("+cbor")?.parse::<u32>().ok()) {
        Some(0) => ProblemKind::Preview,
        Some(_) => ProblemKind::Newer,
        None => ProblemKind::Unexpected,
    }
}

/// The payload's fields as they come, where they stand.
#[derive(Default)]
struct Fields<'a> {
    end: usize,
    sequence: Option<u64>,
    previous: Option<&'a [u8; 32]>,
    kind: Option<u64>,
    subject: Option<&'a [u8; 16]>,
    subject_sequence: Option<u64>,
    subject_previous: Option<&'a [u8; 32]>,
    wall_ms: Option<i64>,
    monotonic_ms: Option<u64>,
    boot: Option<&'a [u8; 16]>,
    heads: Vec<Head>,
    commitment: Option<&'a [u8; 32]>,
    body_length: Option<u64>,
    person: Option<&'a [u8; 16]>,
    person_signature: Option<(&'a [u8; 32], &'a [u8; 64])>,
    /// Key and value of the person's signature, within the payload.
    person_signature_at: Range<usize>,
    batches: Vec<Hash>,
    /// Pairs in the map.
    pairs: usize,
}

impl<'a> Fields<'a> {
    /// Reads a payload into fields of which there are none yet.
    #[inline]
    fn read(&mut self, bytes: &'a [u8]) -> Result<(), Problem> {
        self.end = bytes.len();
        let mut reader = Reader::new(bytes);
        let mut map = reader.map()?;
        loop {
            let start = reader.offset();
            let Some(key) = reader.key(&mut map)? else { break };
            self.pairs += 1;
            self.take(key, &mut reader)?;
            if key == Key::Uint(14) {
                self.person_signature_at = start..reader.offset();
            }
        }
        reader.end()
    }

    #[inline]
    fn take(&mut self, key: Key, reader: &mut Reader<'a>) -> Result<(), Problem> {
        let Key::Uint(key) = key else { return reader.skip_within(1).map(|_| ()) };
        match key {
            1 => self.sequence = Some(reader.uint()?),
            2 => self.previous = Some(reader.fixed_ref()?),
            3 => self.kind = Some(reader.uint()?),
            4 => self.subject = Some(reader.fixed_ref()?),
            5 => self.subject_sequence = Some(reader.uint()?),
            6 => self.subject_previous = Some(reader.fixed_ref()?),
            7 => self.wall_ms = Some(reader.int()?),
            8 => self.monotonic_ms = Some(reader.uint()?),
            9 => self.boot = Some(reader.fixed_ref()?),
            10 => self.heads = heads(reader, 1)?,
            11 => self.commitment = Some(reader.fixed_ref()?),
            12 => self.body_length = Some(reader.uint()?),
            13 => self.person = Some(reader.fixed_ref()?),
            14 => self.person_signature = Some(person_signature(reader)?),
            15 => self.batches = batches(reader)?,
            _ => drop(reader.skip_within(1)?),
        }
        Ok(())
    }

    fn problem(&self) -> Problem {
        unexpected(self.end, "fields that are missing or do not go together")
    }

    fn required<T>(&self, field: Option<T>) -> Result<T, Problem> {
        field.ok_or_else(|| self.problem())
    }

    /// Whether all that must be there is there, within its bounds, and goes together.
    #[inline]
    fn check(&self, log: &[u8; 32]) -> Result<(), Problem> {
        let subject = match (self.subject, self.subject_sequence, self.subject_previous) {
            (None, None, None) | (Some(_), Some(0), None) => true,
            (Some(_), Some(sequence), Some(_)) => sequence > 0,
            _ => false,
        };
        let signed_by_somebody = self.person_signature.is_none() || self.person.is_some();
        let bounded = self.sequence.is_some_and(|sequence| sequence < MAX_SEQUENCE)
            && self.body_length.is_some_and(|length| length <= MAX_BODY as u64);
        let whole = self.previous.is_some()
            && self.kind.is_some()
            && self.wall_ms.is_some()
            && self.monotonic_ms.is_some()
            && self.boot.is_some()
            && self.commitment.is_some();
        let of_others = self.heads.iter().all(|head| head.log.0 != *log);
        let holds = subject && signed_by_somebody && bounded && whole && of_others;
        if holds { Ok(()) } else { Err(self.problem()) }
    }

    fn payload(self, log: &[u8; 32]) -> Result<Payload, Problem> {
        self.check(log)?;
        let in_subject = self.subject.map(|subject| InSubject {
            subject: Id(*subject),
            sequence: self.subject_sequence.unwrap_or_default(),
            previous: self.subject_previous.copied().map(Hash),
        });
        let clocks = Clocks {
            wall_ms: self.required(self.wall_ms)?,
            monotonic_ms: self.required(self.monotonic_ms)?,
            boot: Id(*self.required(self.boot)?),
        };
        let person_signature = self.person_signature.map(|(key, signature)| PersonSignature {
            key: PublicKey(*key),
            signature: Signature(*signature),
        });
        Ok(Payload {
            sequence: self.required(self.sequence)?,
            previous: Hash(*self.required(self.previous)?),
            kind: self.required(self.kind)?,
            in_subject,
            clocks,
            commitment: Hash(*self.required(self.commitment)?),
            body_length: self.required(self.body_length)?,
            person: self.person.copied().map(Id),
            person_signature,
            heads: self.heads,
            batches: self.batches,
        })
    }
}

/// An ascending array of at least `least` heads.
pub(crate) fn heads(reader: &mut Reader<'_>, least: u64) -> Result<Vec<Head>, Problem> {
    let problem = reader.refuse("heads that do not ascend");
    let count = reader.array()?;
    let mut heads: Vec<Head> = Vec::new();
    for _ in 0..count {
        reader.array_of(3)?;
        let head = Head { log: LogId(reader.fixed()?), size: reader.uint()?, root: Hash(reader.fixed()?) };
        if heads.last().is_some_and(|last| last.log >= head.log) {
            return Err(problem);
        }
        heads.push(head);
    }
    if count < least { Err(problem) } else { Ok(heads) }
}

/// Key and signature.
fn person_signature<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8; 32], &'a [u8; 64]), Problem> {
    reader.array_of(2)?;
    Ok((reader.fixed_ref()?, reader.fixed_ref()?))
}

fn batches(reader: &mut Reader<'_>) -> Result<Vec<Hash>, Problem> {
    let problem = reader.refuse("batches that do not ascend, none or too many");
    let count = reader.array()?;
    if count == 0 || count > MAX_BATCHES as u64 {
        return Err(problem);
    }
    let mut batches: Vec<Hash> = Vec::new();
    for _ in 0..count {
        let address = Hash(reader.fixed()?);
        if batches.last().is_some_and(|last| *last >= address) {
            return Err(problem);
        }
        batches.push(address);
    }
    Ok(batches)
}
