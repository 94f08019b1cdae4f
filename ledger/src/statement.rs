//! The ledger's own kinds of entries and the bodies that it reads; genesis, enrolment and erasure are here.

mod continuation;
mod partner;
mod revocation;
mod root;

pub use continuation::Continuation;
pub use partner::{Partner, PartnerCard, PartnerStanding};
pub use revocation::{Revocation, RevocationReason, Upheld};
pub use root::{RootSays, RootStatement};

use crate::bytes::{Hash, Id, LogId, OrganisationId, PublicKey, Signature};
use crate::canonical::{Key, Problem, Reader, Writer};
use crate::error::{Fault, LedgerError};
use crate::key::Signer;

/// Kinds below this belong to the ledger; from it on they are opaque.
pub const FIRST_OPAQUE_KIND: u64 = 16;
/// The first entry of every log.
pub const GENESIS: u64 = 1;
/// An admin enrols a device.
pub const ENROL: u64 = 2;
/// An admin or the root revokes a log.
pub const REVOKE: u64 = 3;
/// How many entries each shipment has.
pub const INDEX: u64 = 4;
/// Proof of two histories under one name.
pub const FORK: u64 = 5;
/// A key of the vault has been erased.
pub const ERASURE: u64 = 6;
/// Another organisation is pinned.
pub const PARTNER: u64 = 7;
/// The organisation's root speaks.
pub const ROOT: u64 = 8;
/// What lies beyond a log's end counts again.
pub const UPHELD: u64 = 9;

/// What a device's holder may do; the rules are model's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Carries.
    Courier,
    /// Receives and dispenses.
    Pharmacist,
    /// Investigates and decides.
    Quality,
    /// Enrols.
    Admin,
}

impl Role {
    /// The number in docs/firn.cddl.
    pub fn number(self) -> u64 {
        match self {
            Self::Courier => 1,
            Self::Pharmacist => 2,
            Self::Quality => 3,
            Self::Admin => 4,
        }
    }

    /// The role of a number.
    pub fn from_number(number: u64) -> Option<Self> {
        [Self::Courier, Self::Pharmacist, Self::Quality, Self::Admin]
            .into_iter()
            .find(|role| role.number() == number)
    }
}

/// Who the log is kept for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// SHA-256("firn organisation v1" ‖ root key).
    pub id: OrganisationId,
    /// The key that admits the first device.
    pub root: PublicKey,
    /// Its name.
    pub name: String,
}

/// A device's admission to the organisation: the body of kind 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The device's log.
    pub log: LogId,
    /// The device's key.
    pub device: PublicKey,
    /// Its network endpoint's key.
    pub endpoint: PublicKey,
    /// What its holder may do.
    pub role: Role,
    /// What people call it.
    pub label: String,
    /// From when, milliseconds since 1970-01-01T00:00:00Z.
    pub not_before_ms: i64,
    /// The log whose place it takes.
    pub replaces: Option<LogId>,
}

/// A subject's documents of the vault are gone, on this ground: the body of kind 6.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Whose documents.
    pub subject: Id,
    /// What stood for those that are known, ascending.
    pub commitments: Vec<Hash>,
    /// On which ground: 1 to 5, Regulation (EU) 2016/679 Article 17(1)(a) to (e).
    pub ground: u64,
    /// When, milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

/// Why a log may exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The organisation's first device: the root key signed its enrolment.
    Root {
        /// What was signed.
        enrolment: Enrolment,
        /// Over "firn root admission v1" ‖ the enrolment's bytes.
        signature: Signature,
    },
    /// Every other: the entry that enrolled it.
    Enrolled(EntryReference),
    /// A log that takes another's place, by the old key's word; an admin's enrolment may follow.
    Continues(Continuation),
}

/// An entry of some log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryReference {
    /// The log.
    pub log: LogId,
    /// The entry's leaf.
    pub leaf: Hash,
}

/// What founds a log: the body of kind 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    /// Who it is kept for.
    pub organisation: Organisation,
    /// The device's key.
    pub device: PublicKey,
    /// The random part of the log's id.
    pub random: [u8; 16],
    /// Why it may exist.
    pub admission: Admission,
}

impl Organisation {
    /// The organisation that `root` speaks for.
    pub fn new(root: PublicKey, name: String) -> Self {
        Self { id: OrganisationId::of(&root), root, name }
    }

    fn write(&self, writer: &mut Writer) {
        writer.map(3).uint(1).bytes(self.id.as_bytes()).uint(2).bytes(self.root.as_bytes());
        writer.uint(3).text(&self.name);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut id, mut root, mut name) = (None, None, None);
        pairs(reader, |key, reader| {
            match key {
                1 => id = Some(OrganisationId(reader.fixed()?)),
                2 => root = Some(PublicKey(reader.fixed()?)),
                3 => name = Some(reader.text()?.to_owned()),
                _ => drop(reader.skip()?),
            }
            Ok(())
        })?;
        match (id, root, name) {
            (Some(id), Some(root), Some(name)) => Ok(Self { id, root, name }),
            _ => Err(reader.refuse("an organisation without id, key or name")),
        }
    }
}

impl Enrolment {
    /// Its deterministic CBOR: the body of an entry of kind [`ENROL`].
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(if self.replaces.is_some() { 7 } else { 6 });
        writer.uint(1).bytes(self.log.as_bytes()).uint(2).bytes(self.device.as_bytes());
        writer.uint(3).bytes(self.endpoint.as_bytes()).uint(4).uint(self.role.number());
        writer.uint(5).text(&self.label).uint(6).int(self.not_before_ms);
        if let Some(replaces) = &self.replaces {
            writer.uint(7).bytes(replaces.as_bytes());
        }
        writer.into_bytes()
    }

    /// Reads the body of an entry of kind [`ENROL`].
    ///
    /// # Errors
    /// [`LedgerError::Format`].
    pub fn decode(body: &[u8]) -> Result<Self, LedgerError> {
        let mut reader = Reader::new(body);
        let read = |reader: &mut Reader<'_>| {
            let enrolment = Self::read(reader)?;
            reader.end().map(|()| enrolment)
        };
        read(&mut reader).map_err(LedgerError::format("enrolment"))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut log, mut device, mut endpoint) = (None, None, None);
        let (mut role, mut label, mut not_before_ms, mut replaces) = (None, None, None, None);
        pairs(reader, |key, reader| {
            match key {
                1 => log = Some(LogId(reader.fixed()?)),
                2 => device = Some(PublicKey(reader.fixed()?)),
                3 => endpoint = Some(PublicKey(reader.fixed()?)),
                4 => role = Role::from_number(reader.uint()?),
                5 => label = Some(reader.text()?.to_owned()),
                6 => not_before_ms = Some(reader.int()?),
                7 => replaces = Some(LogId(reader.fixed()?)),
                _ => drop(reader.skip()?),
            }
            Ok(())
        })?;
        match (log, device, endpoint, role, label, not_before_ms) {
            (Some(log), Some(device), Some(endpoint), Some(role), Some(label), Some(not_before_ms)) => {
                Ok(Self { log, device, endpoint, role, label, not_before_ms, replaces })
            }
            _ => Err(reader.refuse("an enrolment with a field missing or an unknown role")),
        }
    }
}

impl Erasure {
    /// Its deterministic CBOR: the body of an entry of kind [`ERASURE`].
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(4).uint(1).bytes(self.subject.as_bytes()).uint(2).array(self.commitments.len());
        for commitment in &self.commitments {
            writer.bytes(commitment.as_bytes());
        }
        writer.uint(3).uint(self.ground).uint(4).int(self.at_ms);
        writer.into_bytes()
    }

    /// Reads the body of an entry of kind [`ERASURE`].
    ///
    /// # Errors
    /// [`LedgerError::Format`].
    pub fn decode(body: &[u8]) -> Result<Self, LedgerError> {
        Self::read(&mut Reader::new(body)).map_err(LedgerError::format("erasure"))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut subject, mut commitments, mut ground, mut at_ms) = (None, None, None, None);
        pairs(reader, |key, reader| {
            match key {
                1 => subject = Some(Id(reader.fixed()?)),
                2 => commitments = Some(read_commitments(reader)?),
                3 => ground = Some(reader.uint()?).filter(|ground| (1..=5).contains(ground)),
                4 => at_ms = Some(reader.int()?),
                _ => drop(reader.skip()?),
            }
            Ok(())
        })?;
        reader.end()?;
        match (subject, commitments, ground, at_ms) {
            (Some(subject), Some(commitments), Some(ground), Some(at_ms)) => {
                Ok(Self { subject, commitments, ground, at_ms })
            }
            _ => Err(reader.refuse("an erasure with a field missing or an unknown ground")),
        }
    }
}

/// Ascending, none twice.
fn read_commitments(reader: &mut Reader<'_>) -> Result<Vec<Hash>, Problem> {
    let mut commitments: Vec<Hash> = Vec::new();
    for _ in 0..reader.array()? {
        let next = Hash(reader.fixed()?);
        if commitments.last().is_some_and(|before| *before >= next) {
            return Err(reader.refuse("commitments out of order"));
        }
        commitments.push(next);
    }
    Ok(commitments)
}

impl Genesis {
    /// The genesis of an organisation's first device; the root key signs its enrolment.
    ///
    /// # Errors
    /// [`Fault::Key`] for keys that may not be enrolled, [`LedgerError::Signer`].
    pub fn of_first_device(
        name: String,
        root: &dyn Signer,
        random: [u8; 16],
        enrolment: Enrolment,
    ) -> Result<Self, LedgerError> {
        let signature = root.sign(&admission_message(&enrolment))?;
        let organisation = Organisation::new(root.public_key(), name);
        let device = enrolment.device;
        let admission = Admission::Root { enrolment, signature };
        let genesis = Self { organisation, device, random, admission };
        genesis.check()?;
        Ok(genesis)
    }

    /// The id of the log that this founds.
    pub fn log(&self) -> LogId {
        LogId::of(&self.organisation.id, &self.device, &self.random)
    }

    /// Checks what the genesis can show by itself: keys, ids and the root's signature.
    ///
    /// # Errors
    /// [`Fault::Key`], [`Fault::Organisation`], [`Fault::Genesis`].
    pub fn check(&self) -> Result<(), Fault> {
        self.device.check()?;
        self.organisation.root.check()?;
        if OrganisationId::of(&self.organisation.root) != self.organisation.id {
            return Err(Fault::Organisation);
        }
        let (enrolment, signature) = match &self.admission {
            Admission::Root { enrolment, signature } => (enrolment, signature),
            Admission::Enrolled(_) => return Ok(()),
            // Its signature is by a key that stands in another genesis.
            Admission::Continues(old) if old.head.size > 0 && old.head.log != self.log() => return Ok(()),
            Admission::Continues(_) => return Err(Fault::Genesis),
        };
        if enrolment.log != self.log() || enrolment.device != self.device {
            return Err(Fault::Genesis);
        }
        enrolment.endpoint.check()?;
        let verified = self.organisation.root.verify(&admission_message(enrolment), signature);
        verified.map_err(|_| Fault::Genesis)
    }

    /// Its deterministic CBOR: the body of an entry of kind [`GENESIS`].
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(4);
        self.organisation.write(writer.uint(1));
        writer.uint(2).bytes(self.device.as_bytes()).uint(3).bytes(&self.random).uint(4);
        match &self.admission {
            Admission::Root { enrolment, signature } => {
                writer.map(2).uint(1).raw(&enrolment.encode()).uint(2).bytes(signature.as_bytes());
            }
            Admission::Enrolled(by) => {
                writer.array(2).bytes(by.log.as_bytes()).bytes(by.leaf.as_bytes());
            }
            Admission::Continues(continuation) => continuation.write(&mut writer),
        }
        writer.into_bytes()
    }

    /// Reads the body of an entry of kind [`GENESIS`].
    ///
    /// # Errors
    /// [`LedgerError::Format`].
    pub fn decode(body: &[u8]) -> Result<Self, LedgerError> {
        Self::read(&mut Reader::new(body)).map_err(LedgerError::format("genesis"))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut organisation, mut device, mut random, mut admission) = (None, None, None, None);
        pairs(reader, |key, reader| {
            match key {
                1 => organisation = Some(Organisation::read(reader)?),
                2 => device = Some(PublicKey(reader.fixed()?)),
                3 => random = Some(reader.fixed()?),
                4 => admission = Some(read_admission(reader)?),
                _ => drop(reader.skip()?),
            }
            Ok(())
        })?;
        reader.end()?;
        match (organisation, device, random, admission) {
            (Some(organisation), Some(device), Some(random), Some(admission)) => {
                Ok(Self { organisation, device, random, admission })
            }
            _ => Err(reader.refuse("a genesis with a field missing")),
        }
    }
}

fn read_admission(reader: &mut Reader<'_>) -> Result<Admission, Problem> {
    if reader.at_array() {
        reader.array_of(2)?;
        let (log, leaf) = (LogId(reader.fixed()?), Hash(reader.fixed()?));
        return Ok(Admission::Enrolled(EntryReference { log, leaf }));
    }
    let (mut enrolment, mut head, mut signature) = (None, None, None);
    pairs(reader, |key, reader| {
        match key {
            1 if reader.at_array() => head = Some(continuation::read_head(reader)?),
            1 => enrolment = Some(read_signed_enrolment(reader)?),
            2 => signature = Some(Signature(reader.fixed()?)),
            _ => drop(reader.skip()?),
        }
        Ok(())
    })?;
    match (enrolment, head, signature) {
        (Some(enrolment), _, Some(signature)) => Ok(Admission::Root { enrolment, signature }),
        (None, Some(head), Some(signature)) => Ok(Admission::Continues(Continuation { head, signature })),
        _ => Err(reader.refuse("an admission without enrolment, head or signature")),
    }
}

/// An enrolment that the root signed: its bytes say nothing that this release does not know.
fn read_signed_enrolment(reader: &mut Reader<'_>) -> Result<Enrolment, Problem> {
    let came = reader.clone().skip()?;
    let enrolment = Enrolment::read(reader)?;
    if enrolment.encode() == came {
        Ok(enrolment)
    } else {
        Err(reader.refuse("an unknown key that the root signed"))
    }
}

/// What the root key signs.
fn admission_message(enrolment: &Enrolment) -> Vec<u8> {
    [b"firn root admission v1".as_slice(), &enrolment.encode()].concat()
}

/// Reads a map, giving each unsigned key to `field` and passing over the others.
fn pairs<'a>(
    reader: &mut Reader<'a>,
    mut field: impl FnMut(u64, &mut Reader<'a>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut map = reader.map()?;
    while let Some(key) = reader.key(&mut map)? {
        match key {
            Key::Uint(key) => field(key, reader)?,
            Key::Other => drop(reader.skip()?),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
