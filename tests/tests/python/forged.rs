//! Entries that the ledger's code would never write, signed with the device's real key.

use super::world::{Device, Note, batch, body, organisation, root, weak_key};
use firn_ledger::bytes::{Hash, Id, LogId, Salt};
use firn_ledger::canonical::Writer;
use firn_ledger::chain::Received;
use firn_ledger::entry::commitment;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::statement::{Admission, Genesis, Role};
use std::collections::BTreeMap;

const CONTENT_TYPE: &str = "application/vnd.firn.entry.v1+cbor";

/// An item of CBOR.
fn item(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer);
    writer.into_bytes()
}

fn uint(value: u64) -> Vec<u8> {
    item(|writer| {
        writer.uint(value);
    })
}

fn bytes(value: &[u8]) -> Vec<u8> {
    item(|writer| {
        writer.bytes(value);
    })
}

fn array(items: &[Vec<u8>]) -> Vec<u8> {
    item(|writer| {
        writer.array(items.len());
        for one in items {
            writer.raw(one);
        }
    })
}

/// An entry in parts that can be changed before it is signed.
#[derive(Clone)]
struct Forgery {
    /// The payload's pairs, by the bytes of their keys.
    pairs: BTreeMap<Vec<u8>, Vec<u8>>,
    protected: Vec<u8>,
    unprotected: Vec<u8>,
    body: Vec<u8>,
    salt: Salt,
    person: Option<(u8, LogId)>,
    /// A head of CBOR other than that of a tagged array of four.
    head: Vec<u8>,
    signature: fn(Vec<u8>) -> Vec<u8>,
    seed: u8,
}

impl Forgery {
    /// The honest next entry of a device's log.
    fn next(device: &Device) -> Self {
        let position = device.position(Some(super::world::SHIPMENT));
        let place = position.in_subject.unwrap();
        let (body, salt) = (body("forged"), Salt([9; 32]));
        let pairs = [
            (1, uint(position.sequence)),
            (2, bytes(position.previous.as_bytes())),
            (3, uint(33)),
            (4, bytes(place.subject.as_bytes())),
            (5, uint(place.sequence)),
            (6, bytes(place.previous.unwrap().as_bytes())),
            (7, uint(super::world::START_MS.cast_unsigned())),
            (8, uint(0)),
            (9, bytes(&[1; 16])),
            (11, bytes(commitment(&salt, &body).as_bytes())),
            (12, uint(body.len() as u64)),
        ];
        Self {
            pairs: pairs.into_iter().map(|(key, value)| (uint(key), value)).collect(),
            protected: protected(&device.log, -8, CONTENT_TYPE),
            unprotected: vec![0xa0],
            body,
            salt,
            person: None,
            head: vec![0xd2, 0x84],
            signature: |signature| signature,
            seed: device.number,
        }
    }

    fn put(mut self, key: u64, value: Vec<u8>) -> Self {
        self.pairs.insert(uint(key), value);
        self
    }

    fn raw(mut self, key: Vec<u8>, value: Vec<u8>) -> Self {
        self.pairs.insert(key, value);
        self
    }

    fn without(mut self, keys: &[u64]) -> Self {
        for key in keys {
            self.pairs.remove(&uint(*key));
        }
        self
    }

    /// With another body, committed to as it should be.
    fn with_body(mut self, body: Vec<u8>) -> Self {
        self.pairs.insert(uint(11), bytes(commitment(&self.salt, &body).as_bytes()));
        self.pairs.insert(uint(12), uint(body.len() as u64));
        self.body = body;
        self
    }

    fn payload(&self) -> Vec<u8> {
        item(|writer| {
            writer.map(self.pairs.len());
            for (key, value) in &self.pairs {
                writer.raw(key).raw(value);
            }
        })
    }

    fn signed(mut self) -> Received {
        if let Some((seed, log)) = self.person {
            let key = SecretKey::from_seed(&[seed; 32]);
            let message = Hash::of(&[b"firn person v1", log.as_bytes(), &self.payload()]);
            let signature = key.sign(message.as_bytes()).unwrap();
            let pair = array(&[bytes(key.public_key().as_bytes()), bytes(signature.as_bytes())]);
            self.pairs.insert(uint(14), pair);
        }
        let payload = self.payload();
        let message = item(|writer| {
            writer.array(4).text("Signature1").bytes(&self.protected).bytes(b"").bytes(&payload);
        });
        let signature = SecretKey::from_seed(&[self.seed; 32]).sign(&message).unwrap();
        let signature = (self.signature)(bytes(signature.as_bytes()));
        let parts = [self.head, bytes(&self.protected), self.unprotected, bytes(&payload), signature];
        Received { bytes: parts.concat(), body: self.body, salt: self.salt }
    }
}

fn protected(log: &LogId, algorithm: i64, content_type: &str) -> Vec<u8> {
    item(|writer| {
        writer.map(3).uint(1).int(algorithm).uint(3).text(content_type).uint(4).bytes(log.as_bytes());
    })
}

/// Entries after the last of a log; some are honest.
pub fn next_entries(device: &Device) -> Vec<(&'static str, Received)> {
    let next = || Forgery::next(device);
    let mut cases = vec![("honest", next())];
    cases.extend(places(device, &next));
    cases.extend(subjects(&next));
    cases.extend(fields(device, &next));
    cases.extend(unknown(&next));
    cases.extend(envelopes(device, &next));
    cases.into_iter().map(|(name, forgery)| (name, forgery.signed())).collect()
}

type Cases = Vec<(&'static str, Forgery)>;

/// Rules 1 to 4.
fn places(device: &Device, next: &dyn Fn() -> Forgery) -> Cases {
    let sequence = device.records.len() as u64;
    vec![
        ("sequence too small", next().put(1, uint(sequence - 1))),
        ("sequence too large", next().put(1, uint(sequence + 1))),
        ("sequence beyond 40 bits", next().put(1, uint(1 << 40))),
        ("sequence 0", next().put(1, uint(0))),
        ("backlink to the one before the last", next().put(2, bytes(device.leaves()[3].as_bytes()))),
        ("backlink to the log's id", next().put(2, bytes(device.log.as_bytes()))),
        ("backlink of 31 bytes", next().put(2, bytes(&[0; 31]))),
        ("kind 1", next().put(3, uint(1))),
        ("kind 0", next().put(3, uint(0))),
        ("the largest kind", next().put(3, uint(u64::MAX))),
        (
            "a negative kind",
            next().put(
                3,
                item(|writer| {
                    writer.int(-1);
                }),
            ),
        ),
    ]
}

/// Rule 5.
fn subjects(next: &dyn Fn() -> Forgery) -> Cases {
    vec![
        ("no subject", next().without(&[4, 5, 6])),
        ("a subject without a place", next().without(&[5, 6])),
        ("a place without a subject", next().without(&[4])),
        ("a place within a subject that is too small", next().put(5, uint(1))),
        ("a place within a subject that is too large", next().put(5, uint(9))),
        ("no leaf within a subject", next().without(&[6])),
        ("another leaf within a subject", next().put(6, bytes(&[3; 32]))),
        ("a new subject", next().put(4, bytes(&[8; 16])).put(5, uint(0)).without(&[6])),
        ("a new subject with a leaf", next().put(4, bytes(&[8; 16])).put(5, uint(0))),
        ("a new subject that begins at 1", next().put(4, bytes(&[8; 16])).put(5, uint(1))),
        ("a subject of 15 bytes", next().put(4, bytes(&[8; 15]))),
    ]
}

/// Rules 6 and 7, heads, persons, and what must be there.
fn fields(device: &Device, next: &dyn Fn() -> Forgery) -> Cases {
    let head = |log: [u8; 32]| array(&[bytes(&log), uint(1), bytes(&[0; 32])]);
    let held = |numbers: &[u8]| -> Vec<u8> {
        array(&numbers.iter().map(|n| bytes(Hash::of(&[&batch(*n)]).as_bytes())).collect::<Vec<_>>())
    };
    let sorted = {
        let mut hashes: Vec<Hash> = [1, 2, 3].iter().map(|n| Hash::of(&[&batch(*n)])).collect();
        hashes.sort();
        hashes
    };
    let batches =
        |hashes: &[Hash]| array(&hashes.iter().map(|one| bytes(one.as_bytes())).collect::<Vec<_>>());
    let reversed: Vec<Hash> = sorted.iter().rev().copied().collect();
    let many: Vec<Hash> = (0..65_u8).map(|n| Hash([n; 32])).collect();
    let person = |log| Forgery { person: Some((0x71, log)), ..next().put(13, bytes(&[7; 16])) };
    let missing = [1, 2, 3, 7, 8, 9, 11, 12].map(|key| ("a field is missing", next().without(&[key])));
    let mut cases = missing.to_vec();
    cases.extend([
        (
            "a time before 1970",
            next().put(
                7,
                item(|writer| {
                    writer.int(-1);
                }),
            ),
        ),
        ("a time beyond 63 bits", next().put(7, uint(1 << 63))),
        (
            "a monotonic clock below 0",
            next().put(
                8,
                item(|writer| {
                    writer.int(-1);
                }),
            ),
        ),
        ("no heads", next().put(10, array(&[]))),
        ("heads that ascend", next().put(10, array(&[head([1; 32]), head([2; 32])]))),
        ("heads that descend", next().put(10, array(&[head([2; 32]), head([1; 32])]))),
        ("a head twice", next().put(10, array(&[head([1; 32]), head([1; 32])]))),
        ("a head of its own log", next().put(10, array(&[head(device.log.0)]))),
        ("a head of two parts", next().put(10, array(&[array(&[bytes(&[1; 32]), uint(1)])]))),
        ("another body's commitment", next().put(11, bytes(&[4; 32]))),
        ("another length of the body", next().put(12, uint(3))),
        ("a body that is longer than allowed", next().put(12, uint(524_289))),
        ("a body of no bytes", next().with_body(Vec::new())),
        ("a body that is not in the shortest form", next().with_body(vec![0x18, 0x01])),
        ("a body with something behind it", next().with_body(vec![0xa0, 0xa0])),
        ("a person who did not sign", next().put(13, bytes(&[7; 16]))),
        ("a person who signed", person(device.log)),
        ("a person who signed for another log", person(LogId([5; 32]))),
        ("a person's signature without the person", Forgery { person: Some((0x71, device.log)), ..next() }),
        ("a person's signature by a weak key", {
            let parts = [bytes(weak_key().as_bytes()), bytes(&[0; 64])];
            next().put(13, bytes(&[7; 16])).put(14, array(&parts))
        }),
        ("no batches", next().put(15, array(&[]))),
        ("a batch that is held", next().put(15, held(&[1]))),
        ("a batch that is not held", next().put(15, held(&[9]))),
        ("batches that ascend", next().put(15, batches(&sorted))),
        ("batches that descend", next().put(15, batches(&reversed))),
        ("a batch twice", next().put(15, batches(&[sorted[0], sorted[0]]))),
        ("65 batches", next().put(15, batches(&many))),
    ]);
    cases
}

/// What a later version may add, and what none may.
fn unknown(next: &dyn Fn() -> Forgery) -> Cases {
    let nested = |depth: usize| [vec![0x81; depth], vec![0x00]].concat();
    vec![
        ("an unknown key", next().put(16, uint(1))),
        (
            "an unknown key of text",
            next().raw(
                item(|writer| {
                    writer.text("x");
                }),
                nested(3),
            ),
        ),
        ("an unknown key of bytes", next().raw(bytes(b"x"), uint(0))),
        (
            "an unknown key below 0",
            next().raw(
                item(|writer| {
                    writer.int(-1);
                }),
                uint(0),
            ),
        ),
        (
            "an unknown tag",
            next().put(
                16,
                item(|writer| {
                    writer.tag(0).text("2026-11-29T10:00:00Z");
                }),
            ),
        ),
        (
            "a tag that nobody gave a meaning",
            next().put(
                16,
                item(|writer| {
                    writer.tag(70_000).uint(1);
                }),
            ),
        ),
        (
            "a big number in a tag",
            next().put(
                16,
                item(|writer| {
                    writer.tag(2).bytes(&[0]);
                }),
            ),
        ),
        ("nested 15 deep in the payload's map", next().put(16, nested(15))),
        ("nested 16 deep in the payload's map", next().put(16, nested(16))),
        ("a floating-point number", next().put(16, vec![0xf9, 0x00, 0x00])),
        ("undefined", next().put(16, vec![0xf7])),
        ("a simple value", next().put(16, vec![0xf0])),
        ("null", next().put(16, vec![0xf6])),
        ("true", next().put(16, vec![0xf5])),
        ("an integer in a longer form", next().put(16, vec![0x18, 0x17])),
        ("an indefinite length", next().put(16, vec![0x9f, 0xff])),
        ("a text that is not UTF-8", next().put(16, vec![0x61, 0xff])),
        ("a map whose keys descend", next().put(16, vec![0xa2, 0x02, 0x00, 0x01, 0x00])),
        ("a map with a key twice", next().put(16, vec![0xa2, 0x01, 0x00, 0x01, 0x00])),
        ("a payload whose keys descend", next().raw(vec![0x18, 0x01], uint(0))),
        ("a longer entry than allowed", next().put(16, bytes(&vec![0; 65_536]))),
    ]
}

/// COSE around the payload.
fn envelopes(device: &Device, next: &dyn Fn() -> Forgery) -> Cases {
    let with = |protected: Vec<u8>| Forgery { protected, ..next() };
    let log = &device.log;
    let more = item(|writer| {
        writer.map(4).uint(1).int(-8).uint(3).text(CONTENT_TYPE).uint(4).bytes(log.as_bytes());
        writer.uint(5).uint(0);
    });
    let less = item(|writer| {
        writer.map(2).uint(1).int(-8).uint(4).bytes(log.as_bytes());
    });
    vec![
        ("another algorithm", with(protected(log, -7, CONTENT_TYPE))),
        ("the preview's content type", with(protected(log, -8, "application/vnd.firn.entry.v0+cbor"))),
        ("a later content type", with(protected(log, -8, "application/vnd.firn.entry.v2+cbor"))),
        ("one more protected header", with(more)),
        ("one protected header less", with(less)),
        ("a protected header of nothing", with(Vec::new())),
        ("another log's kid", with(protected(&LogId([6; 32]), -8, CONTENT_TYPE))),
        ("an unprotected header", Forgery { unprotected: vec![0xa1, 0x01, 0x26], ..next() }),
        ("an unprotected header that is none", Forgery { unprotected: vec![0x80], ..next() }),
        ("no tag", Forgery { head: vec![0x84], ..next() }),
        ("another tag", Forgery { head: vec![0xd1, 0x84], ..next() }),
        ("the tag in a longer form", Forgery { head: vec![0xd8, 0x12, 0x84], ..next() }),
        (
            "an array of five",
            Forgery {
                head: vec![0xd2, 0x85],
                signature: |signature| [signature, vec![0x00]].concat(),
                ..next()
            },
        ),
        ("a signature of 63 bytes", Forgery { signature: |signature| bytes(&signature[2..65]), ..next() }),
        ("no signature", Forgery { signature: |_| vec![0x40], ..next() }),
        ("a signature in an array", Forgery { signature: |signature| array(&[signature]), ..next() }),
        ("another device's signature", Forgery { seed: 2, ..next() }),
    ]
}

/// First entries, each with the device whose log it would begin.
pub fn geneses() -> Vec<(&'static str, Device, Received)> {
    let device = || Device::new(4, 4);
    let honest = || device().first_genesis();
    let signed = |genesis: Genesis, device: &Device| {
        let mut first = Device::new(device.number, device.number);
        first.write(1, genesis.encode(), Note::default());
        first.received().remove(0)
    };
    let changed = |name, change: &dyn Fn(&mut Genesis)| {
        let mut genesis = honest();
        change(&mut genesis);
        (name, device(), signed(genesis, &device()))
    };
    let admitted = |name,
                    change: &dyn Fn(
        &mut firn_ledger::statement::Enrolment,
        &mut firn_ledger::bytes::Signature,
    )| {
        changed(name, &|genesis| {
            if let Admission::Root { enrolment, signature } = &mut genesis.admission {
                change(enrolment, signature);
            }
        })
    };
    let by_entry = Admission::Enrolled(firn_ledger::statement::EntryReference {
        log: LogId([1; 32]),
        leaf: Hash([2; 32]),
    });
    let mut cases = vec![
        changed("honest", &|_| {}),
        changed("by an enrolment", &|genesis| genesis.admission = by_entry.clone()),
        changed("another organisation's id", &|genesis| genesis.organisation.id.0[0] ^= 1),
        changed("another root key", &|genesis| genesis.organisation.root = device().key.public_key()),
        changed("a weak root key", &|genesis| genesis.organisation.root = weak_key()),
        changed("another device key", &|genesis| genesis.device = root().public_key()),
        changed("a weak device key", &|genesis| genesis.device = weak_key()),
        changed("another random part", &|genesis| genesis.random[0] ^= 1),
        changed("another name", &|genesis| genesis.organisation.name = "Another".to_owned()),
        admitted("an admission that the root did not sign", &|_, signature| signature.0[0] ^= 1),
        admitted("another device's admission", &|enrolment, _| enrolment.device = root().public_key()),
        admitted("another log's admission", &|enrolment, _| enrolment.log.0[0] ^= 1),
        admitted("an admission in another role than the root signed", &|enrolment, _| {
            enrolment.role = Role::Courier
        }),
        admitted("an admission with a weak endpoint", &|enrolment, signature| {
            enrolment.endpoint = weak_key();
            let message = [b"firn root admission v1".as_slice(), &enrolment.encode()].concat();
            *signature = root().sign(&message).unwrap();
        }),
    ];
    cases.extend(unusual(&device, &signed));
    cases
}

/// First entries whose body is no genesis of this release, or whose place is not the first.
fn unusual(
    device: &dyn Fn() -> Device,
    signed: &dyn Fn(Genesis, &Device) -> Received,
) -> Vec<(&'static str, Device, Received)> {
    let body_of = |body: Vec<u8>| {
        let mut first = device();
        first.write(1, body, Note::default());
        (device(), first.received().remove(0))
    };
    let mut more = device().first_genesis().encode();
    more[0] = 0xa5;
    more.extend([0x05, 0x00]);
    let (extended, smuggled) = (extended_admission(&device(), true), extended_admission(&device(), false));
    let mut other_kind = device();
    other_kind.write(33, body("no genesis"), Note::default());
    let mut later = device();
    later.write(1, device().first_genesis().encode(), Note::default());
    later.write(33, body("second"), Note { subject: Some(Id([1; 16])), ..Note::default() });
    let another = signed(Device::new(5, 5).first_genesis(), &Device::new(5, 5));
    let mut cases: Vec<(&'static str, Device, Received)> = [
        ("a body that is none", vec![0xa0]),
        ("a body with an unknown key", more),
        ("an admission with a key that the root signed too", extended),
        ("an admission with a key that the root did not sign", smuggled),
    ]
    .into_iter()
    .map(|(name, body)| {
        let (device, received) = body_of(body);
        (name, device, received)
    })
    .collect();
    cases.push(("another kind", device(), other_kind.received().remove(0)));
    cases.push(("a second entry", device(), later.received().remove(1)));
    cases.push(("another device's genesis", device(), another));
    assert_eq!(organisation().id, device().first_genesis().organisation.id);
    cases
}

/// A genesis whose root admission holds a key that this release does not know, under the root's signature or not.
fn extended_admission(device: &Device, covered: bool) -> Vec<u8> {
    let known = device.enrolment(Role::Admin).encode();
    let mut enrolment = device.enrolment(Role::Admin).encode();
    enrolment[0] = 0xa7;
    enrolment.extend([0x08, 0x00]);
    let signed = if covered { &enrolment } else { &known };
    let signature = root().sign(&[b"firn root admission v1".as_slice(), signed].concat()).unwrap();
    let organisation = organisation();
    item(|writer| {
        writer.map(4).uint(1).map(3).uint(1).bytes(organisation.id.as_bytes());
        writer.uint(2).bytes(organisation.root.as_bytes()).uint(3).text(&organisation.name);
        writer.uint(2).bytes(device.key.public_key().as_bytes()).uint(3).bytes(&[device.number; 16]);
        writer.uint(4).map(2).uint(1).raw(&enrolment).uint(2).bytes(signature.as_bytes());
    })
}
