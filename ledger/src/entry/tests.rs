use proptest::prelude::*;

use super::*;
use crate::canonical::Writer;
use crate::key::{SecretKey, Signer};

fn device() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn person() -> SecretKey {
    SecretKey::from_seed(&[2; 32])
}

const LOG: LogId = LogId([3; 32]);

fn draft() -> EntryDraft {
    EntryDraft {
        kind: 24,
        subject: Some(Id([4; 16])),
        clocks: Clocks { wall_ms: 1_793_491_200_000, monotonic_ms: 61_000, boot: Id([5; 16]) },
        heads: vec![Head { log: LogId([6; 32]), size: 7, root: Hash([8; 32]) }],
        body: vec![0xa1, 0x01, 0x18, 0x2a],
        salt: Salt([9; 32]),
        person: Some(Id([10; 16])),
        batches: vec![vec![0xa1, 0x01, 0x02], vec![0xa1, 0x01, 0x01]],
    }
}

fn position() -> Position {
    let in_subject = InSubject { subject: Id([4; 16]), sequence: 2, previous: Some(Hash([11; 32])) };
    Position { log: LOG, sequence: 12, previous: Hash([13; 32]), in_subject: Some(in_subject) }
}

fn signed() -> Record {
    let (device, person) = (device(), person());
    sign(draft(), &position(), Signers { device: &device, person: Some(&person) }).unwrap().0
}

#[test]
fn an_entry_has_these_bytes_for_ever() {
    let plain = EntryDraft { subject: None, heads: vec![], person: None, batches: vec![], ..draft() };
    let device = device();
    let position = Position { in_subject: None, ..position() };
    let (plain, _) = sign(plain, &position, Signers { device: &device, person: None }).unwrap();
    let hex = |record: &Record| data_encoding::HEXLOWER.encode(record.entry.bytes());
    insta::assert_snapshot!(format!("{}\n{}", hex(&plain), hex(&signed())));
}

#[test]
fn an_entry_says_what_was_drafted() {
    let record = signed();
    let payload = record.entry.payload();
    assert_eq!(record.entry.log(), LOG);
    assert_eq!((payload.sequence, payload.kind), (12, 24));
    assert_eq!(payload.in_subject, position().in_subject);
    assert_eq!(payload.clocks, draft().clocks);
    assert_eq!(payload.heads, draft().heads);
    assert_eq!(payload.person_signature.unwrap().key, person().public_key());
    assert_eq!(payload.batches.len(), 2);
    assert!(payload.batches[0] < payload.batches[1]);
    assert_eq!(record.entry.check_body(&record.body, &record.salt), Ok(()));
    assert_eq!(record.entry.verify_signature(&device().public_key()), Ok(()));
    assert_eq!(record.entry.verify_person(), Ok(()));
}

#[test]
fn another_body_or_salt_is_not_the_one_that_was_signed() {
    let record = signed();
    assert_eq!(record.entry.check_body(&[0xa0], &record.salt), Err(Fault::BodyMismatch));
    assert_eq!(record.entry.check_body(&record.body, &Salt([0; 32])), Err(Fault::BodyMismatch));
}

#[test]
fn a_persons_signature_fits_no_other_entry() {
    let (device, person) = (device(), person());
    let signers = Signers { device: &device, person: Some(&person) };
    let one = signed();
    let elsewhere = Position { log: LogId([14; 32]), ..position() };
    let (other, _) = sign(draft(), &elsewhere, signers).unwrap();
    // The same payload but for the signature, in another log.
    let ours = one.entry.payload().person_signature.unwrap().signature;
    let theirs = other.entry.payload().person_signature.unwrap().signature;
    let bytes = other.entry.bytes();
    let at = bytes.windows(64).position(|window| window == theirs.0).unwrap();
    let forged = [&bytes[..at], &ours.0, &bytes[at + 64..]].concat();
    let forged = Entry::parse(forged).unwrap();
    assert_eq!(forged.verify_person(), Err(Fault::PersonSignature));
}

#[test]
fn a_key_that_is_not_known_is_kept_and_passed_on() {
    // The payload of an entry from a later version: key 99 and a text key at the end.
    let record = signed();
    let payload = &record.entry.bytes()[record.entry.spans.payload.clone()];
    let mut more = Writer::new();
    more.map(record.entry.spans.pairs + 2).raw(&payload[1..]).uint(99).text("new").text("x").int(-1);
    let more = more.into_bytes();
    let protected = &record.entry.bytes()[record.entry.spans.protected.clone()];
    let signature = device().sign(&sign::signature_structure(protected, &more)).unwrap();
    let mut bytes = Writer::new();
    bytes.tag(18).array(4).bytes(protected).map(0).bytes(&more).bytes(signature.as_bytes());
    let bytes = bytes.into_bytes();
    let entry = Entry::parse(bytes.clone()).unwrap();
    assert_eq!(entry.bytes(), bytes);
    assert_eq!(entry.payload(), record.entry.payload());
    assert_eq!(entry.verify_signature(&device().public_key()), Ok(()));
    // The person signed less than what stands there now.
    assert_eq!(entry.verify_person(), Err(Fault::PersonSignature));
}

#[test]
fn an_entry_of_the_preview_or_of_a_later_format_is_told_as_such_and_not_as_damaged() {
    let record = signed();
    let bytes = record.entry.bytes();
    let at = bytes.windows(8).position(|window| window == b"entry.v1").unwrap() + 7;
    let code = |version: u8| {
        let mut other = bytes.to_vec();
        other[at] = version;
        Entry::parse(other).unwrap_err().code()
    };
    assert_eq!([b'0', b'2', b'x'].map(code), ["ledger/preview", "ledger/newer-version", "ledger/malformed"]);
}

#[test]
fn a_draft_that_the_format_does_not_allow_is_not_signed() {
    let device = device();
    let refused = |draft: EntryDraft, position: Position| {
        let signers = Signers { device: &device, person: None };
        sign(draft, &position, signers).unwrap_err().code()
    };
    let not_canonical = EntryDraft { body: vec![0x18, 0x01], ..draft() };
    assert_eq!(refused(not_canonical, position()), "ledger/not-canonical");
    let no_cbor = EntryDraft { batches: vec![vec![]], ..draft() };
    assert_eq!(refused(no_cbor, position()), "ledger/not-canonical");
    let head = Head { log: LOG, size: 1, root: Hash([0; 32]) };
    let own_head = EntryDraft { heads: vec![head], ..draft() };
    assert_eq!(refused(own_head, position()), "ledger/malformed");
    let unordered = EntryDraft { heads: [draft().heads, draft().heads].concat(), ..draft() };
    assert_eq!(refused(unordered, position()), "ledger/malformed");
    let long = EntryDraft { body: vec![0; MAX_BODY + 1], ..draft() };
    assert_eq!(refused(long, position()), "ledger/too-large");
    let late = Position { sequence: MAX_SEQUENCE, ..position() };
    assert_eq!(refused(draft(), late), "ledger/too-large");
}

/// The payload's pairs.
fn pairs(record: &Record) -> Vec<(u64, &[u8])> {
    let payload = &record.entry.bytes()[record.entry.spans.payload.clone()];
    let mut reader = crate::canonical::Reader::new(payload);
    let mut map = reader.map().unwrap();
    let mut pairs = Vec::new();
    while let Some(crate::canonical::Key::Uint(key)) = reader.key(&mut map).unwrap() {
        pairs.push((key, reader.skip().unwrap()));
    }
    pairs
}

/// An entry with other pairs in its payload, signed by nobody.
fn parsed(record: &Record, pairs: &[(u64, &[u8])]) -> Result<(), Fault> {
    let mut payload = Writer::new();
    payload.map(pairs.len());
    for (key, value) in pairs {
        payload.uint(*key).raw(value);
    }
    let mut bytes = Writer::new();
    let protected = &record.entry.bytes()[record.entry.spans.protected.clone()];
    bytes.tag(18).array(4).bytes(protected).map(0).bytes(&payload.into_bytes()).bytes(&[0; 64]);
    Entry::parse(bytes.into_bytes()).map(|_| ())
}

#[test]
fn an_unknown_key_holds_what_nests_no_deeper_than_16_in_the_whole_payload() {
    let record = signed();
    let nested = |depth: usize| [vec![0x81; depth], vec![0x00]].concat();
    let with = |value: &[u8]| parsed(&record, &[&pairs(&record)[..], &[(16, value)]].concat());
    assert_eq!(with(&nested(15)), Ok(()));
    assert_eq!(with(&nested(16)), Err(Fault::NotCanonical));
}

#[test]
fn an_entry_that_tells_of_a_longer_body_than_the_format_allows_is_malformed() {
    let record = signed();
    let told = |length: usize| {
        let mut value = Writer::new();
        value.uint(length as u64);
        let value = value.into_bytes();
        let pairs = pairs(&record);
        let pairs = pairs.iter().map(|(key, old)| (*key, if *key == 12 { &value[..] } else { *old }));
        parsed(&record, &pairs.collect::<Vec<_>>())
    };
    assert_eq!(told(MAX_BODY), Ok(()));
    assert_eq!(told(MAX_BODY + 1), Err(Fault::Malformed));
}

#[test]
fn a_missing_or_lonely_field_is_malformed() {
    // Every payload of one pair less is refused, but for those that may be absent.
    let record = signed();
    for absent in 1..=15 {
        let pairs: Vec<_> = pairs(&record).into_iter().filter(|(key, _)| *key != absent).collect();
        let parsed = parsed(&record, &pairs);
        let optional = [10, 14, 15].contains(&absent);
        assert_eq!(parsed, if optional { Ok(()) } else { Err(Fault::Malformed) }, "{absent}");
    }
}

proptest! {
    #[test]
    fn no_changed_byte_of_an_entry_verifies(at in any::<prop::sample::Index>(), mask in 1u8..) {
        let record = signed();
        let mut bytes = record.entry.bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= mask;
        if let Ok(entry) = Entry::parse(bytes) {
            prop_assert_eq!(entry.verify_signature(&device().public_key()), Err(Fault::Signature));
        }
    }

    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Entry::parse(bytes).is_err());
    }
}
