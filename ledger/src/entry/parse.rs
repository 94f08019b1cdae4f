//! Reads an entry's bytes, and refuses all that `entry` in docs/firn.cddl does not describe.

use crate::bytes::{Hash, Id, LogId, PublicKey, Signature};
use crate::canonical::{Key, Problem, Reader};

use super::{
    CONTENT_TYPE, Clocks, Head, InSubject, MAX_BATCHES, MAX_BODY, MAX_SEQUENCE, Payload, PersonSignature,
    Spans,
};

type Parts = (LogId, Payload, Signature, Spans);

pub(super) fn entry(bytes: &[u8]) -> Result<Parts, Problem> {
    let mut reader = Reader::new(bytes);
    if reader.tag()? != 18 {
        return Err(reader.refuse("no COSE_Sign1"));
    }
    reader.array_of(4)?;
    let protected = reader.bytes()?;
    let protected_end = reader.offset();
    if reader.skip()? != [0xa0] {
        return Err(reader.refuse("an unprotected header"));
    }
    let payload = reader.bytes()?;
    let payload_end = reader.offset();
    let signature = Signature(reader.fixed()?);
    reader.end()?;
    let mut spans = Spans {
        protected: protected_end - protected.len()..protected_end,
        payload: payload_end - payload.len()..payload_end,
        ..Spans::default()
    };
    let log = protected_header(protected)?;
    let payload = self::payload(payload, &log, &mut spans)?;
    Ok((log, payload, signature, spans))
}

/// The header is written in one way only, so that a log's entries all begin alike.
fn protected_header(bytes: &[u8]) -> Result<LogId, Problem> {
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
    if reader.text()? != CONTENT_TYPE {
        return Err(reader.refuse("another content type"));
    }
    expect(&mut reader, 4)?;
    let log = LogId(reader.fixed()?);
    match reader.key(&mut map)? {
        None => reader.end().map(|()| log),
        Some(_) => Err(reader.refuse("another protected header")),
    }
}

/// The payload's fields as they come.
#[derive(Default)]
struct Fields {
    sequence: Option<u64>,
    previous: Option<Hash>,
    kind: Option<u64>,
    subject: Option<Id>,
    subject_sequence: Option<u64>,
    subject_previous: Option<Hash>,
    wall_ms: Option<i64>,
    monotonic_ms: Option<u64>,
    boot: Option<Id>,
    heads: Vec<Head>,
    commitment: Option<Hash>,
    body_length: Option<u64>,
    person: Option<Id>,
    person_signature: Option<PersonSignature>,
    batches: Vec<Hash>,
}

fn payload(bytes: &[u8], log: &LogId, spans: &mut Spans) -> Result<Payload, Problem> {
    let mut reader = Reader::new(bytes);
    let mut map = reader.map()?;
    let mut fields = Fields::default();
    loop {
        let start = reader.offset();
        let Some(key) = reader.key(&mut map)? else { break };
        spans.pairs += 1;
        field(&mut fields, key, &mut reader)?;
        if key == Key::Uint(14) {
            spans.person_signature = spans.payload.start + start..spans.payload.start + reader.offset();
        }
    }
    reader.end()?;
    assemble(fields, log).ok_or(reader.refuse("fields that are missing or do not go together"))
}

fn field(fields: &mut Fields, key: Key, reader: &mut Reader<'_>) -> Result<(), Problem> {
    let Key::Uint(key) = key else { return reader.skip_within(1).map(|_| ()) };
    match key {
        1 => fields.sequence = Some(reader.uint()?),
        2 => fields.previous = Some(Hash(reader.fixed()?)),
        3 => fields.kind = Some(reader.uint()?),
        4 => fields.subject = Some(Id(reader.fixed()?)),
        5 => fields.subject_sequence = Some(reader.uint()?),
        6 => fields.subject_previous = Some(Hash(reader.fixed()?)),
        7 => fields.wall_ms = Some(reader.int()?),
        8 => fields.monotonic_ms = Some(reader.uint()?),
        9 => fields.boot = Some(Id(reader.fixed()?)),
        10 => fields.heads = heads(reader, 1)?,
        11 => fields.commitment = Some(Hash(reader.fixed()?)),
        12 => fields.body_length = Some(reader.uint()?),
        13 => fields.person = Some(Id(reader.fixed()?)),
        14 => fields.person_signature = Some(person_signature(reader)?),
        15 => fields.batches = batches(reader)?,
        _ => drop(reader.skip_within(1)?),
    }
    Ok(())
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

fn person_signature(reader: &mut Reader<'_>) -> Result<PersonSignature, Problem> {
    reader.array_of(2)?;
    Ok(PersonSignature { key: PublicKey(reader.fixed()?), signature: Signature(reader.fixed()?) })
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

fn assemble(fields: Fields, log: &LogId) -> Option<Payload> {
    let in_subject = match (fields.subject, fields.subject_sequence, fields.subject_previous) {
        (None, None, None) => None,
        (Some(subject), Some(0), None) => Some(InSubject { subject, sequence: 0, previous: None }),
        (Some(subject), Some(sequence), Some(previous)) if sequence > 0 => {
            Some(InSubject { subject, sequence, previous: Some(previous) })
        }
        _ => return None,
    };
    if fields.person_signature.is_some() && fields.person.is_none() {
        return None;
    }
    if fields.heads.iter().any(|head| head.log == *log) {
        return None;
    }
    Some(Payload {
        sequence: fields.sequence.filter(|sequence| *sequence < MAX_SEQUENCE)?,
        previous: fields.previous?,
        kind: fields.kind?,
        in_subject,
        clocks: Clocks { wall_ms: fields.wall_ms?, monotonic_ms: fields.monotonic_ms?, boot: fields.boot? },
        heads: fields.heads,
        commitment: fields.commitment?,
        body_length: fields.body_length.filter(|length| *length <= MAX_BODY as u64)?,
        person: fields.person,
        person_signature: fields.person_signature,
        batches: fields.batches,
    })
}
