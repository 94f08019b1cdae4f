//! Devices with fixed keys that write logs in memory, by the ledger's own code.

use super::suite::received;
use firn_ledger::bytes::{Hash, Id, LogId, PublicKey, Salt};
use firn_ledger::chain::Received;
use firn_ledger::entry::{self, Clocks, EntryDraft, Head, InSubject, Position, Record, Signers};
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::statement::{
    Admission, ENROL, Enrolment, EntryReference, GENESIS, Genesis, Organisation, Role,
};
use firn_ledger::tree::Tree;
use std::collections::BTreeMap;

/// 2026-11-01T00:00:00Z.
pub const START_MS: i64 = 1_793_491_200_000;

/// The organisation's root key.
pub fn root() -> SecretKey {
    SecretKey::from_seed(&[0xa0; 32])
}

/// The organisation.
pub fn organisation() -> Organisation {
    Organisation::new(root().public_key(), "City Pharmacy".to_owned())
}

/// A device, and the log that it has written so far.
pub struct Device {
    /// Its key.
    pub key: SecretKey,
    /// Its number, of which key, random part and endpoint are made.
    pub number: u8,
    /// Its log.
    pub log: LogId,
    /// The entries.
    pub records: Vec<Record>,
    /// The batches that they bring, by address.
    pub batches: BTreeMap<Hash, Vec<u8>>,
    subjects: BTreeMap<Id, (u64, Hash)>,
}

/// What varies from entry to entry.
#[derive(Default)]
pub struct Note<'a> {
    /// What it is about.
    pub subject: Option<Id>,
    /// Heads of other logs.
    pub heads: Vec<Head>,
    /// The batches it brings.
    pub batches: Vec<Vec<u8>>,
    /// Who acts, and whether they sign.
    pub person: Option<(Id, Option<&'a SecretKey>)>,
    /// The clock, in milliseconds after the start.
    pub at: i64,
}

impl Device {
    /// A device that has written nothing, with a key of another number where that is asked for.
    pub fn new(number: u8, key: u8) -> Self {
        let key = SecretKey::from_seed(&[key; 32]);
        let log = LogId::of(&organisation().id, &key.public_key(), &[number; 16]);
        let (records, batches, subjects) = Default::default();
        Self { key, number, log, records, batches, subjects }
    }

    /// Its enrolment.
    pub fn enrolment(&self, role: Role) -> Enrolment {
        Enrolment {
            log: self.log,
            device: self.key.public_key(),
            endpoint: SecretKey::from_seed(&[self.number | 0x80; 32]).public_key(),
            role,
            label: format!("device {}", self.number),
            not_before_ms: START_MS,
            replaces: None,
        }
    }

    /// The genesis of the organisation's first device.
    pub fn first_genesis(&self) -> Genesis {
        let name = organisation().name;
        Genesis::of_first_device(name, &root(), [self.number; 16], self.enrolment(Role::Admin)).unwrap()
    }

    /// A genesis that names the entry which enrolled the device.
    pub fn genesis_by(&self, by: EntryReference) -> Genesis {
        self.genesis_with(Admission::Enrolled(by))
    }

    /// A genesis with any admission.
    pub fn genesis_with(&self, admission: Admission) -> Genesis {
        let (organisation, device) = (organisation(), self.key.public_key());
        Genesis { organisation, device, random: [self.number; 16], admission }
    }

    /// Signs the next entry.
    pub fn write(&mut self, kind: u64, body: Vec<u8>, note: Note<'_>) -> EntryReference {
        let sequence = self.records.len() as u64;
        let salt = Hash::of(&[&[self.number], &sequence.to_be_bytes()]);
        let draft = EntryDraft {
            kind,
            subject: note.subject,
            clocks: Clocks {
                wall_ms: START_MS + note.at,
                monotonic_ms: sequence * 60_000,
                boot: Id([self.number; 16]),
            },
            heads: note.heads,
            body,
            salt: Salt(salt.0),
            person: note.person.map(|(person, _)| person),
            batches: note.batches,
        };
        let person = note.person.and_then(|(_, key)| key).map(|key| key as &dyn Signer);
        let signers = Signers { device: &self.key, person };
        let (record, batches) = entry::sign(draft, &self.position(note.subject), signers).unwrap();
        self.batches.extend(batches.into_iter().map(|batch| (batch.address(), batch.bytes().to_vec())));
        let leaf = record.entry.leaf();
        if let Some(subject) = note.subject {
            let count = self.subjects.get(&subject).map_or(0, |(count, _)| *count);
            self.subjects.insert(subject, (count + 1, leaf));
        }
        self.records.push(record);
        EntryReference { log: self.log, leaf }
    }

    /// Where the next entry stands.
    pub fn position(&self, subject: Option<Id>) -> Position {
        let in_subject = subject.map(|subject| {
            let (sequence, previous) = match self.subjects.get(&subject) {
                Some((count, last)) => (*count, Some(*last)),
                None => (0, None),
            };
            InSubject { subject, sequence, previous }
        });
        let previous = self.records.last().map_or(Hash(self.log.0), |record| record.entry.leaf());
        Position { log: self.log, sequence: self.records.len() as u64, previous, in_subject }
    }

    /// The leaves of the entries.
    pub fn leaves(&self) -> Vec<Hash> {
        self.records.iter().map(|record| record.entry.leaf()).collect()
    }

    /// The log at a size.
    pub fn head(&self, size: u64) -> Head {
        let leaves = &self.leaves()[..usize::try_from(size).unwrap()];
        Head { log: self.log, size, root: Tree::over(leaves).root() }
    }

    /// The entries as they travel.
    pub fn received(&self) -> Vec<Received> {
        self.records.iter().map(received).collect()
    }
}

/// An admin's log and a courier's: the admin founds, enrols and writes about two subjects, brings batches, names
/// heads, and a person signs.
pub fn pharmacy() -> (Device, Device) {
    let (mut admin, mut courier) = (Device::new(1, 1), Device::new(2, 2));
    let person = SecretKey::from_seed(&[0x70; 32]);
    admin.write(GENESIS, admin.first_genesis().encode(), Note::default());
    let by = admin.write(ENROL, courier.enrolment(Role::Courier).encode(), Note { at: 1, ..Note::default() });
    courier.write(GENESIS, courier.genesis_by(by).encode(), Note { at: 2, ..Note::default() });
    courier.write(33, body("at the ramp"), Note { subject: Some(SHIPMENT), at: 3, ..Note::default() });
    courier.write(33, body("under way"), Note { subject: Some(SHIPMENT), at: 4, ..Note::default() });
    let about = |subject: Option<Id>, at: i64| Note { subject, at, ..Note::default() };
    admin.write(33, body("ready"), about(Some(SHIPMENT), 5));
    admin.write(22, body("readings"), Note { batches: vec![batch(1)], ..about(Some(UNIT), 6) });
    let seen = vec![courier.head(2)];
    let signed = Some((Id([7; 16]), Some(&person)));
    admin.write(27, body("received"), Note { heads: seen, person: signed, ..about(Some(SHIPMENT), 7) });
    admin.write(22, body("more"), Note { batches: vec![batch(2), batch(3)], ..about(None, -8) });
    admin.write(35, body("named"), Note { person: Some((Id([7; 16]), None)), ..about(Some(SHIPMENT), 9) });
    (admin, courier)
}

/// What most entries are about.
pub const SHIPMENT: Id = Id([0x51; 16]);
/// What one entry is about.
pub const UNIT: Id = Id([0x52; 16]);

/// A body.
pub fn body(text: &str) -> Vec<u8> {
    let mut writer = firn_ledger::canonical::Writer::new();
    writer.map(1).uint(1).text(text);
    writer.into_bytes()
}

/// A batch that is opaque to the ledger.
pub fn batch(number: u8) -> Vec<u8> {
    let mut writer = firn_ledger::canonical::Writer::new();
    writer.map(1).uint(13).bytes(&[number; 20]);
    writer.into_bytes()
}

/// A key of small order: the point (0, -1) (RFC 8032 §5.1).
pub fn weak_key() -> PublicKey {
    let mut key = [0xff; 32];
    (key[0], key[31]) = (0xec, 0x7f);
    PublicKey(key)
}
