//! The evidence file: one shipment's bundle as deterministic CBOR (docs/firn.cddl, `evidence`).

use crate::bundle::{Bundle, Earlier};
use crate::error::ReportError;
use firn_ledger::bytes::{LogId, OrganisationId, Salt};
use firn_ledger::canonical::{self, Key, Problem, Reader, Writer};
use firn_ledger::disclosure::History;
use firn_ledger::entry::{Batch, Entry, Record};
use firn_ledger::fork::ForkProof;
use firn_model::id::Id;
use firn_model::vault::OpenedDocument;

/// What every evidence file says of itself first.
const NAME: &str = "firn evidence";

/// The version of the layout.
const VERSION: u64 = 1;

/// The largest evidence file that is read, in bytes: about 4 million readings.
pub const LARGEST: usize = 64 * 1024 * 1024;

/// The media type of an evidence file.
pub const MEDIA_TYPE: &str = "application/vnd.firn.evidence.v1+cbor";

/// Writes the bundle; the same bundle gives the same bytes, in whatever order its parts stand.
pub fn write(bundle: &Bundle) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.map(pairs(bundle));
    writer.uint(1).text(NAME);
    writer.uint(2).uint(VERSION);
    writer.uint(3).bytes(bundle.organisation.as_bytes());
    writer.uint(4).bytes(&bundle.shipment.0);
    for (key, records) in [(5, &bundle.statements), (6, &bundle.loggers), (7, &bundle.records)] {
        writer.uint(key);
        write_records(&mut writer, records);
    }
    writer.uint(8);
    let mut batches: Vec<&Batch> = bundle.batches.iter().collect();
    batches.sort_by_key(|batch| batch.address());
    batches.dedup_by_key(|batch| batch.address());
    writer.array(batches.len());
    for batch in batches {
        writer.bytes(batch.bytes());
    }
    if !bundle.people.is_empty() {
        writer.uint(9);
        write_records(&mut writer, &bundle.people);
    }
    write_earlier(&mut writer, &bundle.earlier);
    write_opened(&mut writer, &bundle.opened);
    write_histories(&mut writer, &bundle.histories);
    write_forks(&mut writer, &bundle.forks);
    if !bundle.profiles.is_empty() {
        writer.uint(14);
        write_records(&mut writer, &bundle.profiles);
    }
    writer.into_bytes()
}

/// Eight, one more with people, with earlier shipments, with opened documents, with histories, with forks, and with
/// profiles.
fn pairs(bundle: &Bundle) -> usize {
    let further = [
        !bundle.people.is_empty(),
        !bundle.earlier.is_empty(),
        !bundle.opened.is_empty(),
        !bundle.histories.is_empty(),
        !bundle.forks.is_empty(),
        !bundle.profiles.is_empty(),
    ];
    8 + further.into_iter().filter(|there| *there).count()
}

fn write_opened(writer: &mut Writer, opened: &[OpenedDocument]) {
    let mut sorted: Vec<&OpenedDocument> = opened.iter().collect();
    sorted.sort_by_key(|one| one.commitment());
    sorted.dedup_by_key(|one| one.commitment());
    if sorted.is_empty() {
        return;
    }
    writer.uint(11).array(sorted.len());
    for one in sorted {
        writer.raw(&one.to_bytes());
    }
}

fn write_histories(writer: &mut Writer, histories: &[History]) {
    let mut sorted: Vec<&History> = histories.iter().collect();
    sorted.sort_by_key(|history| history.log());
    sorted.dedup_by_key(|history| history.log());
    if sorted.is_empty() {
        return;
    }
    writer.uint(12).array(sorted.len());
    sorted.iter().for_each(|history| history.write(writer));
}

fn write_forks(writer: &mut Writer, forks: &[ForkProof]) {
    let mut sorted: Vec<&ForkProof> = forks.iter().collect();
    sorted.sort_by_key(|proof| proof.log());
    sorted.dedup_by_key(|proof| proof.log());
    if sorted.is_empty() {
        return;
    }
    writer.uint(13).array(sorted.len());
    for proof in sorted {
        writer.bytes(&proof.encode());
    }
}

fn write_earlier(writer: &mut Writer, earlier: &[Earlier]) {
    let mut sorted: Vec<&Earlier> = earlier.iter().collect();
    sorted.sort_by_key(|one| one.shipment);
    sorted.dedup_by_key(|one| one.shipment);
    if sorted.is_empty() {
        return;
    }
    writer.uint(10).array(sorted.len());
    for one in sorted {
        writer.array(2);
        writer.bytes(&one.shipment.0);
        write_records(writer, &one.records);
    }
}

fn write_records(writer: &mut Writer, records: &[Record]) {
    let mut sorted: Vec<&Record> = records.iter().collect();
    sorted.sort_by_key(|record| place(record));
    sorted.dedup_by_key(|record| place(record));
    writer.array(sorted.len());
    for record in sorted {
        writer.array(3);
        writer.bytes(record.entry.bytes()).bytes(record.salt.as_bytes()).bytes(&record.body);
    }
}

fn place(record: &Record) -> (LogId, u64) {
    (record.entry.log(), record.entry.payload().sequence)
}

/// Whether the bytes begin as an evidence file does, of whatever release: a later one may have more parts.
pub fn is_evidence(bytes: &[u8]) -> bool {
    (8..=23).any(|pairs| {
        let mut head = Writer::new();
        head.map(pairs).uint(1).text(NAME);
        bytes.starts_with(&head.into_bytes())
    })
}

/// Reads an evidence file. Its parts parse and stand in their order; nothing is verified yet.
///
/// # Errors
/// `report/evidence-too-large`, `report/malformed-evidence`, `report/preview`, `report/unknown-version`,
/// `report/unknown-part`.
pub fn read(bytes: &[u8]) -> Result<Bundle, ReportError> {
    if bytes.len() > LARGEST {
        return Err(ReportError::EvidenceTooLarge { bytes: bytes.len() });
    }
    canonical::check(bytes).map_err(malformed)?;
    let mut reader = Reader::new(bytes);
    let mut map = reader.map().map_err(malformed)?;
    expect(&mut reader, &mut map, 1)?;
    if reader.text().map_err(malformed)? != NAME {
        return Err(ReportError::MalformedEvidence("it does not say that it is Firn's evidence".into()));
    }
    expect(&mut reader, &mut map, 2)?;
    match reader.uint().map_err(malformed)? {
        VERSION => {}
        0 => return Err(ReportError::Preview),
        version => return Err(ReportError::UnknownVersion { version }),
    }
    expect(&mut reader, &mut map, 3)?;
    let organisation = OrganisationId(reader.fixed().map_err(malformed)?);
    expect(&mut reader, &mut map, 4)?;
    let shipment = Id(reader.fixed().map_err(malformed)?);
    let mut lists = [Vec::new(), Vec::new(), Vec::new()];
    for (key, list) in (5..).zip(&mut lists) {
        expect(&mut reader, &mut map, key)?;
        *list = read_records(&mut reader, key)?;
    }
    expect(&mut reader, &mut map, 8)?;
    let batches = read_batches(&mut reader)?;
    let Further { people, earlier, opened, histories, forks, profiles } =
        read_further(&mut reader, &mut map)?;
    reader.end().map_err(malformed)?;
    let [statements, loggers, records] = lists;
    Ok(Bundle {
        organisation,
        shipment,
        statements,
        loggers,
        records,
        earlier,
        batches,
        people,
        opened,
        histories,
        forks,
        profiles,
    })
}

fn expect(reader: &mut Reader<'_>, map: &mut canonical::Map, key: u64) -> Result<(), ReportError> {
    match reader.key(map).map_err(malformed)? {
        Some(Key::Uint(found)) if found == key => Ok(()),
        _ => Err(ReportError::MalformedEvidence(format!("key {key} is missing"))),
    }
}

/// What stands at the end where there is any.
#[derive(Default)]
struct Further {
    people: Vec<Record>,
    earlier: Vec<Earlier>,
    opened: Vec<OpenedDocument>,
    histories: Vec<History>,
    forks: Vec<ForkProof>,
    profiles: Vec<Record>,
}

fn read_further(reader: &mut Reader<'_>, map: &mut canonical::Map) -> Result<Further, ReportError> {
    let mut further = Further::default();
    while let Some(key) = reader.key(map).map_err(malformed)? {
        match key {
            Key::Uint(9) => further.people = read_some_records(reader, 9)?,
            Key::Uint(10) => further.earlier = read_earlier(reader)?,
            Key::Uint(11) => further.opened = read_opened(reader)?,
            Key::Uint(12) => further.histories = read_histories(reader)?,
            Key::Uint(13) => further.forks = read_forks(reader)?,
            Key::Uint(14) => further.profiles = read_some_records(reader, 14)?,
            Key::Uint(key) => return Err(ReportError::UnknownPart { key }),
            _ => return Err(ReportError::MalformedEvidence("a key that is no number".into())),
        }
    }
    Ok(further)
}

fn read_some_records(reader: &mut Reader<'_>, key: u64) -> Result<Vec<Record>, ReportError> {
    let records = read_records(reader, key)?;
    if records.is_empty() {
        return Err(ReportError::MalformedEvidence(format!("key {key} is empty")));
    }
    Ok(records)
}

fn read_histories(reader: &mut Reader<'_>) -> Result<Vec<History>, ReportError> {
    let count = reader.array().map_err(malformed)?;
    let mut histories: Vec<History> = Vec::new();
    for _ in 0..count {
        let history = History::read(reader).map_err(malformed)?;
        if histories.last().is_some_and(|before| before.log() >= history.log()) {
            let why = "histories out of order, or one of them twice";
            return Err(ReportError::MalformedEvidence(why.into()));
        }
        histories.push(history);
    }
    if histories.is_empty() {
        return Err(ReportError::MalformedEvidence("a list of histories without any".into()));
    }
    Ok(histories)
}

fn read_forks(reader: &mut Reader<'_>) -> Result<Vec<ForkProof>, ReportError> {
    let count = reader.array().map_err(malformed)?;
    let mut forks: Vec<ForkProof> = Vec::new();
    for _ in 0..count {
        let proof = ForkProof::decode(reader.bytes().map_err(malformed)?);
        let proof =
            proof.map_err(|_| ReportError::MalformedEvidence("a proof of a fork that is none".into()))?;
        if forks.last().is_some_and(|before| before.log() >= proof.log()) {
            let why = "proofs of forks out of order, or two of one log";
            return Err(ReportError::MalformedEvidence(why.into()));
        }
        forks.push(proof);
    }
    if forks.is_empty() {
        return Err(ReportError::MalformedEvidence("a list of proofs of forks without any".into()));
    }
    Ok(forks)
}

fn read_opened(reader: &mut Reader<'_>) -> Result<Vec<OpenedDocument>, ReportError> {
    let count = reader.array().map_err(malformed)?;
    let mut opened: Vec<OpenedDocument> = Vec::new();
    for _ in 0..count {
        reader.array_of(2).map_err(malformed)?;
        let salt = reader.fixed().map_err(malformed)?;
        let one = OpenedDocument { salt, document: reader.bytes().map_err(malformed)?.to_vec() };
        if opened.last().is_some_and(|before| before.commitment() >= one.commitment()) {
            let why = "opened documents out of order, or one of them twice";
            return Err(ReportError::MalformedEvidence(why.into()));
        }
        opened.push(one);
    }
    if opened.is_empty() {
        return Err(ReportError::MalformedEvidence("a list of opened documents without any".into()));
    }
    Ok(opened)
}

fn read_earlier(reader: &mut Reader<'_>) -> Result<Vec<Earlier>, ReportError> {
    let count = reader.array().map_err(malformed)?;
    let mut earlier: Vec<Earlier> = Vec::new();
    for _ in 0..count {
        reader.array_of(2).map_err(malformed)?;
        let shipment = Id(reader.fixed().map_err(malformed)?);
        if earlier.last().is_some_and(|before| before.shipment >= shipment) {
            let why = "earlier shipments out of order, or one of them twice";
            return Err(ReportError::MalformedEvidence(why.into()));
        }
        earlier.push(Earlier { shipment, records: read_records(reader, 10)? });
    }
    if earlier.is_empty() {
        return Err(ReportError::MalformedEvidence("a list of earlier shipments without any".into()));
    }
    Ok(earlier)
}

/// The entries of one list; what is wrong is told with the key of the list and the place in it, from 1.
fn read_records(reader: &mut Reader<'_>, key: u64) -> Result<Vec<Record>, ReportError> {
    let count = reader.array().map_err(malformed)?;
    let mut records: Vec<Record> = Vec::new();
    for place in 1..=count {
        reader.array_of(3).map_err(malformed)?;
        let entry = reader.bytes().map_err(malformed)?.to_vec();
        let salt = Salt(reader.fixed().map_err(malformed)?);
        let body = reader.bytes().map_err(malformed)?.to_vec();
        let fault =
            |why: &str| ReportError::MalformedEvidence(format!("entry {place} under key {key} {why}"));
        let entry = Entry::parse(entry).map_err(|error| fault(&format!("is none: {}", error.code())))?;
        let record = Record { entry, body, salt };
        if records.last().is_some_and(|before| self::place(before) >= self::place(&record)) {
            return Err(fault("is out of order, or stands twice"));
        }
        records.push(record);
    }
    Ok(records)
}

fn read_batches(reader: &mut Reader<'_>) -> Result<Vec<Batch>, ReportError> {
    let count = reader.array().map_err(malformed)?;
    let mut batches: Vec<Batch> = Vec::new();
    for _ in 0..count {
        let bytes = reader.bytes().map_err(malformed)?.to_vec();
        let batch = Batch::new(bytes)
            .map_err(|fault| ReportError::MalformedEvidence(format!("a batch is none: {}", fault.code())))?;
        if batches.last().is_some_and(|before| before.address() >= batch.address()) {
            return Err(ReportError::MalformedEvidence("batches out of order, or one of them twice".into()));
        }
        batches.push(batch);
    }
    Ok(batches)
}

fn malformed(problem: Problem) -> ReportError {
    ReportError::MalformedEvidence(format!("byte {}: {}", problem.offset, problem.reason))
}
