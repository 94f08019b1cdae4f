//! An organisation with fixed keys, for every test of this crate.
#![allow(dead_code)]

use firn_ledger::bytes::{Id, LogId, OrganisationId, PublicKey, Salt};
use firn_ledger::canonical::Writer;
use firn_ledger::entry::{Clocks, EntryDraft, Record, Signers};
use firn_ledger::error::LedgerError;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::statement::{
    Admission, ENROL, Enrolment, EntryReference, GENESIS, Genesis, Organisation, Role,
};
use firn_ledger::store::{Store, Transaction};

/// 2026-11-01T00:00:00Z.
pub const START_MS: i64 = 1_793_491_200_000;

pub fn root() -> SecretKey {
    SecretKey::from_seed(&[0xa0; 32])
}

pub fn organisation() -> Organisation {
    Organisation::new(root().public_key(), "City Pharmacy".to_owned())
}

pub fn endpoint(number: u8) -> PublicKey {
    SecretKey::from_seed(&[number | 0x80; 32]).public_key()
}

/// A device with its key and the log that it will write.
pub struct Device {
    pub key: SecretKey,
    pub number: u8,
    pub log: LogId,
    clock: std::cell::Cell<u64>,
}

impl Device {
    pub fn new(number: u8) -> Self {
        let key = SecretKey::from_seed(&[number; 32]);
        let log = LogId::of(&organisation().id, &key.public_key(), &[number; 16]);
        Self { key, number, log, clock: std::cell::Cell::new(0) }
    }

    pub fn enrolment(&self, role: Role) -> Enrolment {
        Enrolment {
            log: self.log,
            device: self.key.public_key(),
            endpoint: endpoint(self.number),
            role,
            label: format!("device {}", self.number),
            not_before_ms: START_MS,
            replaces: None,
        }
    }

    pub fn first_genesis(&self) -> Genesis {
        let name = organisation().name;
        Genesis::of_first_device(name, &root(), [self.number; 16], self.enrolment(Role::Admin)).unwrap()
    }

    pub fn genesis_by(&self, by: &Record) -> Genesis {
        let by = EntryReference { log: by.entry.log(), leaf: by.entry.leaf() };
        Genesis {
            organisation: organisation(),
            device: self.key.public_key(),
            random: [self.number; 16],
            admission: Admission::Enrolled(by),
        }
    }

    pub fn draft(&self, kind: u64, body: Vec<u8>) -> EntryDraft {
        let tick = self.clock.get();
        self.clock.set(tick + 1);
        let salt = firn_ledger::bytes::Hash::of(&[&[self.number], &tick.to_be_bytes()]);
        EntryDraft {
            kind,
            subject: None,
            clocks: Clocks {
                wall_ms: START_MS + i64::try_from(tick).unwrap() * 60_000,
                monotonic_ms: tick * 60_000,
                boot: Id([self.number; 16]),
            },
            heads: Vec::new(),
            body,
            salt: Salt(salt.0),
            person: None,
            batches: Vec::new(),
        }
    }

    pub fn signers(&self) -> Signers<'_> {
        Signers { device: &self.key, person: None }
    }

    pub fn append(&self, t: &mut Transaction<'_>, draft: EntryDraft) -> Result<Record, LedgerError> {
        t.append(self.log, draft, self.signers())
    }

    pub fn found_first(&self, store: &mut Store) -> Record {
        let draft = self.draft(GENESIS, self.first_genesis().encode());
        store.write(|t| self.append(t, draft)).unwrap()
    }

    pub fn enrol(&self, store: &mut Store, other: &Device, role: Role) -> Record {
        let draft = self.draft(ENROL, other.enrolment(role).encode());
        store.write(|t| self.append(t, draft)).unwrap()
    }

    pub fn found_by(&self, store: &mut Store, by: &Record) -> Record {
        let draft = self.draft(GENESIS, self.genesis_by(by).encode());
        store.write(|t| self.append(t, draft)).unwrap()
    }

    pub fn note(&self, store: &mut Store, subject: Option<Id>, text: &str, batches: Vec<Vec<u8>>) -> Record {
        let draft = EntryDraft { subject, batches, ..self.draft(33, body(text)) };
        store.write(|t| self.append(t, draft)).unwrap()
    }
}

pub fn organisation_id() -> OrganisationId {
    organisation().id
}

pub fn body(text: &str) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.map(1).uint(1).text(text);
    writer.into_bytes()
}

pub fn batch(seed: u8, length: usize) -> Vec<u8> {
    let content: Vec<u8> =
        (0..length).map(|n| firn_ledger::bytes::Hash::of(&[&[seed], &n.to_be_bytes()]).0[0]).collect();
    let mut writer = Writer::new();
    writer.map(1).uint(13).bytes(&content);
    writer.into_bytes()
}
