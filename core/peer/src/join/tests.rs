use firn_ledger::bytes::OrganisationId;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::statement::Role;
use proptest::prelude::*;

use super::*;
use crate::address::PeerAddress;

const EXPIRES: i64 = 1_000_000;

fn endpoint(seed: u8) -> EndpointId {
    iroh::SecretKey::from_bytes(&[seed; 32]).public()
}

fn invitation(secret: u8) -> Invitation {
    Invitation {
        organisation: OrganisationId([1; 32]),
        inviter: PeerAddress { id: endpoint(1), sockets: vec![], relay: None },
        secret: InvitationSecret::new([secret; 32]),
        role: Role::Courier,
        expires: EXPIRES,
    }
}

fn known(secret: u8) -> KnownInvitation {
    KnownInvitation { secret: InvitationSecret::new([secret; 32]), expires: EXPIRES }
}

fn device() -> SecretKey {
    SecretKey::from_seed(&[3; 32])
}

fn courier() -> JoinRequest {
    JoinRequest {
        endpoint: PublicKey(*endpoint(2).as_bytes()),
        device: device().public_key(),
        log: LogId([4; 32]),
        label: "Courier's phone".into(),
    }
}

fn ask() -> (Joiner, Vec<u8>) {
    Joiner::new(&invitation(9), &courier(), &device()).unwrap()
}

#[test]
fn the_invited_device_is_admitted_with_the_bytes_that_the_home_gave() {
    let (joiner, message) = ask();
    let arrived = Arrived::parse(&message, &endpoint(2)).unwrap();
    assert_eq!(arrived.handle(), invitation(9).secret.handle());
    let proven = arrived.prove(&endpoint(1), known(9), EXPIRES - 1).unwrap();
    assert_eq!(proven.request(), &courier());
    assert_eq!(joiner.finish(&proven.admit(b"card and entry")), Ok(b"card and entry".to_vec()));
}

#[test]
fn the_messages_have_these_bytes_and_no_others() {
    let (_, message) = ask();
    let proven = Arrived::parse(&message, &endpoint(2)).unwrap().prove(&endpoint(1), known(9), 0).unwrap();
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    insta::assert_snapshot!(hex(&message), @"87015820fa154030ad0a9df53a2075520f3643e4f11163caa97d8bc69a3df18866daffc45820ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1582004040404040404040404040404040404040404040404040404040404040404046f436f757269657227732070686f6e655820621d40dcdb2b827c9595d36df7d3b10f6dca79c7152345a9f092aee3b08bb17e5840a55361e60db96649928269dab24afb5e24236fb81268e61161052ab9e079dcf271fec73f353f7a1424b0ec2e9873ae776fc321e851853d000bab7c5d3fe1d00c");
    insta::assert_snapshot!(hex(&proven.admit(b"card")), @"8401014463617264582069cdbf17e6db05fecf161ffef2b06022cd0087d2ad796967496e4c6af1aa0bb8");
    insta::assert_snapshot!(hex(&Refusal::Expired.message()), @"83010202");
    let (_, comparison) = proven.comparison(&Nonce([7; 16])).unwrap();
    insta::assert_snapshot!(hex(&comparison), @"8301035007070707070707070707070707070707");
}

#[test]
fn a_wrong_secret_another_endpoint_and_another_inviter_prove_nothing() {
    let (_, message) = ask();
    let arrived = || Arrived::parse(&message, &endpoint(2)).unwrap();
    assert_eq!(arrived().prove(&endpoint(1), known(8), 0).unwrap_err(), Refusal::Unknown);
    assert_eq!(arrived().prove(&endpoint(5), known(9), 0).unwrap_err(), Refusal::Unknown);
    let stolen = Arrived::parse(&message, &endpoint(6)).unwrap();
    assert_eq!(stolen.prove(&endpoint(1), known(9), 0).unwrap_err(), Refusal::Unknown);
}

#[test]
fn an_expired_invitation_is_called_so_only_to_one_who_holds_the_secret() {
    let (_, message) = ask();
    let arrived = || Arrived::parse(&message, &endpoint(2)).unwrap();
    assert_eq!(arrived().prove(&endpoint(1), known(9), EXPIRES).unwrap_err(), Refusal::Expired);
    assert_eq!(arrived().prove(&endpoint(1), known(8), EXPIRES).unwrap_err(), Refusal::Unknown);
}

#[test]
fn a_device_key_of_small_order_is_declined() {
    let request = JoinRequest { device: PublicKey([0; 32]), ..courier() };
    let (_, message) = Joiner::new(&invitation(9), &request, &device()).unwrap();
    let arrived = Arrived::parse(&message, &endpoint(2)).unwrap();
    assert_eq!(arrived.prove(&endpoint(1), known(9), 0).unwrap_err(), Refusal::Declined);
}

#[test]
fn every_changed_byte_of_a_request_is_noticed() {
    let (_, message) = ask();
    for place in 0..message.len() {
        let mut changed = message.clone();
        changed[place] ^= 1;
        // A changed handle names another invitation; here it is looked up all the same.
        let handle = 4..36;
        if let Ok(arrived) = Arrived::parse(&changed, &endpoint(2)) {
            let proven = arrived.prove(&endpoint(1), known(9), 0);
            assert_eq!(proven.is_ok(), handle.contains(&place), "at {place}");
        }
    }
}

#[test]
fn every_changed_byte_of_an_answer_is_noticed() {
    let (_, message) = ask();
    let proven = Arrived::parse(&message, &endpoint(2)).unwrap().prove(&endpoint(1), known(9), 0).unwrap();
    let answer = proven.admit(b"card and entry");
    for place in 0..answer.len() {
        let mut changed = answer.clone();
        changed[place] ^= 1;
        assert!(ask().0.finish(&changed).is_err(), "at {place}");
    }
}

#[test]
fn an_answer_to_another_request_is_forged() {
    let (_, message) =
        Joiner::new(&invitation(9), &JoinRequest { log: LogId([5; 32]), ..courier() }, &device()).unwrap();
    let proven = Arrived::parse(&message, &endpoint(2)).unwrap().prove(&endpoint(1), known(9), 0).unwrap();
    assert_eq!(ask().0.finish(&proven.admit(b"card")), Err(PeerError::AnswerForged));
}

#[test]
fn each_refusal_reaches_the_joiner_with_its_code() {
    for (refusal, code) in [
        (Refusal::Unknown, "peer/invitation-refused"),
        (Refusal::Expired, "peer/invitation-expired"),
        (Refusal::Used, "peer/invitation-used"),
        (Refusal::Declined, "peer/join-declined"),
        (Refusal::Failed, "peer/join-failed"),
        (Refusal::Different, "peer/digits-differ"),
    ] {
        assert_eq!(ask().0.finish(&refusal.message()).unwrap_err().code(), code);
    }
}

#[test]
fn a_label_is_short_and_printable() {
    for label in ["", "a\nb", &"x".repeat(MAX_LABEL + 1)] {
        let request = JoinRequest { label: label.into(), ..courier() };
        assert_eq!(Joiner::new(&invitation(9), &request, &device()).unwrap_err(), PeerError::LabelMalformed);
    }
    let request = JoinRequest { label: "é".repeat(MAX_LABEL), ..courier() };
    let (_, message) = Joiner::new(&invitation(9), &request, &device()).unwrap();
    assert!(message.len() <= MAX_REQUEST);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn hostile_bytes_are_refused_by_both_sides(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Arrived::parse(&bytes, &endpoint(2)).is_err());
        prop_assert!(ask().0.finish(&bytes).is_err());
        prop_assert_eq!(ask().0.digits(&bytes), None);
    }
}

#[test]
fn nobody_joins_with_a_device_key_that_they_do_not_hold() {
    let thief = SecretKey::from_seed(&[8; 32]);
    let (_, message) = Joiner::new(&invitation(9), &courier(), &thief).unwrap();
    let arrived = Arrived::parse(&message, &endpoint(2)).unwrap();
    assert_eq!(arrived.prove(&endpoint(1), known(9), 0).unwrap_err(), Refusal::Declined);
}

#[test]
fn the_digits_are_the_same_on_both_devices_and_others_for_other_random_bytes_or_another_request() {
    let (joiner, message) = ask();
    let proven = Arrived::parse(&message, &endpoint(2)).unwrap().prove(&endpoint(1), known(9), 0).unwrap();
    let (digits, comparison) = proven.comparison(&Nonce([7; 16])).unwrap();
    assert_eq!(comparison.len(), COMPARISON_LENGTH);
    assert_eq!(joiner.digits(&comparison), Some(digits));
    insta::assert_snapshot!(digits.to_string(), @"657 208");
    let (others, _) = proven.comparison(&Nonce([8; 16])).unwrap();
    assert_ne!(others, digits);
    let other = JoinRequest { label: "Another".into(), ..courier() };
    let (other, _) = Joiner::new(&invitation(9), &other, &device()).unwrap();
    assert_ne!(other.digits(&comparison), Some(digits));
    assert_eq!(joiner.digits(&proven.admit(b"card")), None);
    assert_eq!(joiner.digits(&Refusal::Used.message()), None);
}
