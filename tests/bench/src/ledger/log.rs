//! A log as a device writes it: a note of some sixty bytes in each entry, one in forty about the same shipment.

use firn_ledger::bytes::{Hash, Id, LogId, OrganisationId, PublicKey, Salt};
use firn_ledger::chain::Received;
use firn_ledger::entry::{Clocks, EntryDraft, InSubject, Position, Record, Signers, sign};
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::statement::{Enrolment, GENESIS, Genesis, Role};
use std::collections::BTreeMap;

/// 2026-11-01T00:00:00Z.
const START_MS: i64 = 1_793_491_200_000;
/// Entries about each shipment.
const OF_A_SHIPMENT: u64 = 40;

/// A device and the log that it writes.
pub struct Device {
    pub key: SecretKey,
    pub log: LogId,
}

impl Device {
    pub fn first() -> Self {
        let key = SecretKey::from_seed(&[2; 32]);
        let log = LogId::of(&organisation(), &key.public_key(), &[4; 16]);
        Self { key, log }
    }

    pub fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    pub fn signers(&self) -> Signers<'_> {
        Signers { device: &self.key, person: None }
    }

    /// What the entry at `n` says.
    pub fn draft(&self, n: u64) -> EntryDraft {
        let ms = i64::try_from(n).expect("a place") * 1000;
        EntryDraft {
            kind: if n == 0 { GENESIS } else { 33 },
            subject: (n > 0).then(|| shipment(n / OF_A_SHIPMENT)),
            clocks: Clocks { wall_ms: START_MS + ms, monotonic_ms: n * 1000, boot: Id([5; 16]) },
            heads: vec![],
            body: if n == 0 { self.genesis() } else { note(n) },
            salt: Salt(Hash::of(&[&n.to_be_bytes()]).0),
            person: None,
            batches: vec![],
        }
    }

    fn genesis(&self) -> Vec<u8> {
        let enrolment = Enrolment {
            log: self.log,
            device: self.public_key(),
            endpoint: SecretKey::from_seed(&[3; 32]).public_key(),
            role: Role::Admin,
            label: "Dispensary".to_owned(),
            not_before_ms: 0,
            replaces: None,
        };
        Genesis::of_first_device("City Pharmacy".to_owned(), &root(), [4; 16], enrolment)
            .expect("a genesis")
            .encode()
    }

    /// The log's first entries, in memory.
    pub fn write(&self, entries: u64) -> Vec<Record> {
        let (mut previous, mut subjects) = (Hash(self.log.0), BTreeMap::<Id, (u64, Hash)>::new());
        (0..entries)
            .map(|n| {
                let draft = self.draft(n);
                let in_subject = draft.subject.map(|subject| {
                    let before = subjects.get(&subject);
                    InSubject {
                        subject,
                        sequence: before.map_or(0, |(count, _)| *count),
                        previous: before.map(|(_, last)| *last),
                    }
                });
                let position = Position { log: self.log, sequence: n, previous, in_subject };
                let (record, _) = sign(draft, &position, self.signers()).expect("an entry");
                previous = record.entry.leaf();
                if let Some(place) = in_subject {
                    subjects.insert(place.subject, (place.sequence + 1, previous));
                }
                record
            })
            .collect()
    }
}

pub fn organisation() -> OrganisationId {
    OrganisationId::of(&root().public_key())
}

fn root() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

pub fn shipment(n: u64) -> Id {
    let Hash(hash) = Hash::of(&[b"shipment", &n.to_be_bytes()]);
    Id(*hash.first_chunk().expect("16 bytes"))
}

/// A map of one text of 60 bytes.
fn note(n: u64) -> Vec<u8> {
    let text = format!("{n:060}");
    [&[0xa1, 0x01, 0x78, 60], text.as_bytes()].concat()
}

pub fn received(record: &Record) -> Received {
    Received { bytes: record.entry.bytes().to_vec(), body: record.body.clone(), salt: record.salt }
}
