use proptest::prelude::*;

use super::*;
use crate::key::SecretKey;

fn root() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn enrolment(label: &str) -> Enrolment {
    let device = SecretKey::from_seed(&[2; 32]).public_key();
    Enrolment {
        log: LogId::of(&OrganisationId::of(&root().public_key()), &device, &[4; 16]),
        device,
        endpoint: SecretKey::from_seed(&[3; 32]).public_key(),
        role: Role::Admin,
        label: label.to_owned(),
        not_before_ms: 1_793_491_200_000,
    }
}

fn first() -> Genesis {
    let name = "City Pharmacy".to_owned();
    Genesis::of_first_device(name, &root(), [4; 16], enrolment("Dispensary")).unwrap()
}

fn later() -> Genesis {
    let by = EntryReference { log: LogId([5; 32]), leaf: Hash([6; 32]) };
    Genesis { admission: Admission::Enrolled(by), ..first() }
}

#[test]
fn the_ledgers_own_bodies_have_these_bytes_for_ever() {
    let hex = |bytes: Vec<u8>| data_encoding::HEXLOWER.encode(&bytes);
    let all = [enrolment("Dock phone").encode(), first().encode(), later().encode()].map(hex);
    insta::assert_snapshot!(all.join("\n"));
}

fn erasure() -> Erasure {
    let commitments = vec![Hash([1; 32]), Hash([2; 32])];
    Erasure { subject: Id([7; 16]), commitments, ground: 2, at_ms: 1_793_491_200_000 }
}

#[test]
fn an_erasures_bytes_are_frozen_and_read_back() {
    let bytes = erasure().encode();
    let expected = format!(
        "a40150{}02825820{}5820{}0302041b000001a19467e800",
        "07".repeat(16),
        "01".repeat(32),
        "02".repeat(32)
    );
    assert_eq!(data_encoding::HEXLOWER.encode(&bytes), expected);
    assert_eq!(Erasure::decode(&bytes), Ok(erasure()));
}

#[test]
fn an_erasure_with_commitments_out_of_order_or_without_a_known_ground_is_refused() {
    let disordered = Erasure { commitments: vec![Hash([2; 32]), Hash([1; 32])], ..erasure() };
    let twice = Erasure { commitments: vec![Hash([2; 32]), Hash([2; 32])], ..erasure() };
    for bad in [disordered, twice, Erasure { ground: 6, ..erasure() }, Erasure { ground: 0, ..erasure() }] {
        assert_eq!(Erasure::decode(&bad.encode()).unwrap_err().code(), "ledger/malformed");
    }
}

#[test]
fn bodies_read_back_as_they_were_written() {
    let one = enrolment("Dock phone");
    assert_eq!(Enrolment::decode(&one.encode()), Ok(one));
    for genesis in [first(), later()] {
        assert_eq!(Genesis::decode(&genesis.encode()), Ok(genesis.clone()));
        assert_eq!(genesis.check(), Ok(()));
    }
}

#[test]
fn a_genesis_that_the_root_did_not_sign_founds_nothing() {
    let mut other = first();
    if let Admission::Root { enrolment, .. } = &mut other.admission {
        enrolment.label.push('!');
    }
    assert_eq!(other.check(), Err(Fault::Genesis));
    let moved = Genesis { random: [7; 16], ..first() };
    assert_eq!(moved.check(), Err(Fault::Genesis));
}

#[test]
fn an_organisations_id_is_its_root_keys() {
    let mut other = later();
    other.organisation.id = OrganisationId([0; 32]);
    assert_eq!(other.check(), Err(Fault::Organisation));
}

#[test]
fn a_weak_key_is_neither_device_root_nor_endpoint() {
    let weak = PublicKey([0; 32]);
    assert_eq!(Genesis { device: weak, ..later() }.check(), Err(Fault::Key));
    let mut root_key = later();
    root_key.organisation.root = weak;
    assert_eq!(root_key.check(), Err(Fault::Key));
    let endpoint = Enrolment { endpoint: weak, ..enrolment("x") };
    let refused = Genesis::of_first_device(String::new(), &root(), [4; 16], endpoint).unwrap_err();
    assert_eq!(refused.code(), "ledger/key");
}

#[test]
fn an_unknown_role_is_refused() {
    let mut body = enrolment("x").encode();
    let at = body.len() - 15;
    assert_eq!(body[at..at + 2], [4, 4], "key 4, admin");
    body[at + 1] = 5;
    assert_eq!(Enrolment::decode(&body).unwrap_err().code(), "ledger/malformed");
}

proptest! {
    #[test]
    fn hostile_bodies_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Genesis::decode(&bytes).is_err());
        prop_assert!(Enrolment::decode(&bytes).is_err());
        prop_assert!(Erasure::decode(&bytes).is_err());
    }
}
