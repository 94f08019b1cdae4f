use proptest::prelude::*;

use super::*;
use crate::entry::Head;
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
        replaces: None,
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

#[test]
fn a_continuations_bytes_are_frozen_and_its_signature_fits_no_other_log_head_or_key() {
    let old = SecretKey::from_seed(&[9; 32]);
    let log = first().log();
    let continuation = Continuation::sign(&log, head(), &old).unwrap();
    let genesis = Genesis { admission: Admission::Continues(continuation), ..first() };
    insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&genesis.encode()));
    assert_eq!(Genesis::decode(&genesis.encode()).unwrap(), genesis);
    genesis.check().unwrap();
    continuation.verify(&log, &old.public_key()).unwrap();
    let other_head = Continuation { head: Head { size: 43, ..head() }, ..continuation };
    for (continuation, log, key) in [
        (continuation, LogId([7; 32]), old.public_key()),
        (continuation, log, root().public_key()),
        (other_head, log, old.public_key()),
    ] {
        assert!(continuation.verify(&log, &key).is_err());
    }
    let of = |head: Head| Genesis {
        admission: Admission::Continues(Continuation { head, ..continuation }),
        ..first()
    };
    assert_eq!(of(Head { size: 0, ..head() }).check(), Err(Fault::Genesis));
    assert_eq!(of(Head { log, ..head() }).check(), Err(Fault::Genesis));
}

fn head() -> Head {
    Head { log: LogId([5; 32]), size: 42, root: Hash([6; 32]) }
}

fn revocation() -> Revocation {
    let Head { log, size, root } = head();
    Revocation { log, size, root: Some(root), lost_ms: 1_793_491_200_000, reason: RevocationReason::Stolen }
}

fn card() -> PartnerCard {
    let gln = Some("4012345000009".to_owned());
    PartnerCard { name: "Nord Klinik".to_owned(), gln, root: root().public_key(), admin: Some(head()) }
}

fn root_statements() -> Vec<RootStatement> {
    let says = [
        RootSays::Admits(Enrolment { replaces: Some(LogId([5; 32])), ..enrolment("New phone") }),
        RootSays::Revokes(Revocation { size: 0, root: None, ..revocation() }),
        RootSays::Overrules(EntryReference { log: LogId([5; 32]), leaf: Hash([6; 32]) }),
        RootSays::Upholds(Upheld { head: head() }),
    ];
    (1..).zip(says).map(|(number, says)| RootStatement::sign(number, says, &root()).unwrap()).collect()
}

#[test]
fn revocations_partners_and_the_roots_words_have_these_bytes_for_ever() {
    let partner = Partner { card: card(), standing: PartnerStanding::Pinned };
    let mut all = vec![revocation().encode(), Upheld { head: head() }.encode(), partner.encode()];
    all.extend(root_statements().iter().map(RootStatement::encode));
    let hex: Vec<_> = all.iter().map(|bytes| data_encoding::HEXLOWER.encode(bytes)).collect();
    insta::assert_snapshot!(format!("{}\n{}", hex.join("\n"), card().text()));
}

#[test]
fn revocations_partners_and_the_roots_words_read_back_as_they_were_written() {
    assert_eq!(Revocation::decode(&revocation().encode()), Ok(revocation()));
    let upheld = Upheld { head: head() };
    assert_eq!(Upheld::decode(&upheld.encode()), Ok(upheld));
    let bare = PartnerCard { gln: None, admin: None, ..card() };
    for card in [card(), bare] {
        let partner = Partner { card: card.clone(), standing: PartnerStanding::Revoked };
        assert_eq!(Partner::decode(&partner.encode()), Ok(partner));
        let spaced = card.text().to_lowercase().replace(':', ": \n");
        assert_eq!(PartnerCard::from_text(&spaced), Ok(card));
    }
    for statement in root_statements() {
        assert_eq!(RootStatement::decode(&statement.encode()), Ok(statement));
    }
}

#[test]
fn a_card_of_the_preview_or_of_a_later_release_is_told_as_such() {
    let bytes =
        data_encoding::BASE32_NOPAD.decode(&card().text().as_bytes()["firn-partner:".len()..]).unwrap();
    let (content, _) = bytes.split_last_chunk::<4>().unwrap();
    let code = |version: u8| {
        let mut content = content.to_vec();
        assert_eq!(content[..3], [0xa5, 1, 1]);
        content[2] = version;
        let check = Hash::of(&[b"firn partner v1", &content]);
        let text = data_encoding::BASE32_NOPAD.encode(&[&content[..], &check.0[..4]].concat());
        PartnerCard::from_text(&format!("firn-partner:{text}")).unwrap_err().code()
    };
    assert_eq!([0, 2].map(code), ["ledger/preview", "ledger/newer-version"]);
}

#[test]
fn a_root_statement_speaks_for_its_own_organisation_number_and_words_alone() {
    let key = root().public_key();
    for statement in root_statements() {
        assert_eq!(statement.verify(&key), Ok(()));
        let renumbered = RootStatement { number: statement.number + 1, ..statement.clone() };
        assert_eq!(renumbered.verify(&key), Err(Fault::Signature));
        let other = SecretKey::from_seed(&[9; 32]).public_key();
        assert_eq!(statement.verify(&other), Err(Fault::Organisation));
    }
}

#[test]
fn what_the_root_signs_holds_no_key_that_is_unknown() {
    for statement in root_statements() {
        let mut more = statement.encode();
        more[0] += 1;
        more.extend([0x05, 0x00]);
        assert!(RootStatement::decode(&more).is_err());
    }
}

#[test]
fn a_card_that_was_mistyped_is_refused() {
    let text = card().text();
    for (place, letter) in text.char_indices().skip(13).step_by(7) {
        let other = if letter == 'A' { "B" } else { "A" };
        let mut mistyped = text.clone();
        mistyped.replace_range(place..=place, other);
        assert!(PartnerCard::from_text(&mistyped).is_err(), "{place}");
    }
    let weak = PartnerCard { root: PublicKey([0; 32]), ..card() };
    assert_eq!(PartnerCard::from_text(&weak.text()), Err(Fault::Key));
    for text in ["", "firn-partner:", "firn-invite:AAAA", "firn-partner:1", "\u{e9}irn-partner:"] {
        assert_eq!(PartnerCard::from_text(text), Err(Fault::Malformed), "{text}");
    }
}

#[test]
fn a_revocation_whose_root_does_not_fit_its_size_is_refused() {
    for odd in [Revocation { root: None, ..revocation() }, Revocation { size: 0, ..revocation() }] {
        assert!(Revocation::decode(&odd.encode()).is_err());
    }
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
    }
}
