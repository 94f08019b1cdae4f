use proptest::prelude::*;

use super::*;

fn dock_phone() -> Invitation {
    Invitation {
        organisation: OrganisationId([0x11; 32]),
        inviter: PeerAddress {
            id: iroh::SecretKey::from_bytes(&[7; 32]).public(),
            sockets: vec!["192.168.4.1:4711".parse().unwrap(), "[2001:db8::1]:9".parse().unwrap()],
            relay: None,
        },
        secret: InvitationSecret::new([0x5a; 32]),
        role: Role::Courier,
        expires: 1_794_000_000_000,
    }
}

#[test]
fn an_invitation_has_these_bytes_and_no_others() {
    insta::assert_snapshot!(dock_phone().to_string(), @"firn-invite:Q4AVQIARCEIRCEIRCEIRCEIRCEIRCEIRCEIRCEIRCEIRCEIRCEIRCEIRCFMCB2SKNRR6FHCSBK7PKUD3CMXML6MVI53K5PV6POJEEHXKNEKENURMQJDMBKAEAEJGOURAAEG3QAAAAAAAAAAAAAAAAAABAAEVQIC2LJNFUWS2LJNFUWS2LJNFUWS2LJNFUWS2LJNFUWS2LJNFUWS2LIARWAAAAGQ3FO4UABV2JIQ5");
}

#[test]
fn the_log_of_who_joins_tells_what_they_read() {
    let [endpoint, device] = [PublicKey([3; 32]), PublicKey([4; 32])];
    let random = |invitation: &Invitation| invitation.log_random(&endpoint, &device);
    let hex = data_encoding::HEXLOWER.encode(&random(&dock_phone()));
    insta::assert_snapshot!(hex, @"43a316cc2d0a97651ec5fc283705a215");
    // As its text is read it is the same.
    assert_eq!(random(&dock_phone().to_string().parse().unwrap()), random(&dock_phone()));
    let organisation = Invitation { organisation: OrganisationId([0x12; 32]), ..dock_phone() };
    let role = Invitation { role: Role::Admin, ..dock_phone() };
    let expires = Invitation { expires: dock_phone().expires + 1, ..dock_phone() };
    for changed in [organisation, role, expires] {
        assert_ne!(random(&changed), random(&dock_phone()), "{changed:?}");
    }
    assert_ne!(dock_phone().log_random(&device, &endpoint), random(&dock_phone()));
}

#[test]
fn an_invitation_survives_wrapping_and_a_change_of_case() {
    let invitation = dock_phone();
    let text = invitation.to_string();
    let wrapped: String = text.chars().flat_map(|c| [c, '\n']).collect();
    for text in
        [text.to_lowercase(), text.to_uppercase(), wrapped, format!("  {text}\r\n"), invitation.qr_text()]
    {
        assert_eq!(text.parse(), Ok(invitation.clone()));
    }
}

#[test]
fn one_wrong_character_is_noticed() {
    let text = dock_phone().to_string();
    for place in PREFIX.len()..text.len() {
        let mut wrong = text.clone().into_bytes();
        wrong[place] = if wrong[place] == b'A' { b'B' } else { b'A' };
        let error = String::from_utf8(wrong).unwrap().parse::<Invitation>().unwrap_err();
        assert_eq!(error.code(), "peer/invitation-malformed", "at {place}");
    }
}

#[test]
fn every_shorter_text_is_refused() {
    let text = dock_phone().to_string();
    for length in 0..text.len() {
        assert_eq!(
            text.get(..length).unwrap().parse::<Invitation>().unwrap_err().code(),
            "peer/invitation-malformed"
        );
    }
}

#[test]
fn a_later_version_is_named_as_such() {
    let mut bytes = dock_phone().encode();
    bytes[1] = 2;
    let sum = checksum(CHECKSUM_DOMAIN, &bytes);
    bytes.extend(sum);
    let text = format!("{PREFIX}{}", BASE32_NOPAD.encode(&bytes));
    assert_eq!(text.parse::<Invitation>(), Err(PeerError::InvitationVersion { version: 2 }));
}

#[test]
fn an_invitation_of_the_preview_is_named_as_such() {
    let mut bytes = dock_phone().encode();
    bytes[1] = 0;
    let sum = checksum(b"firn invitation v0", &bytes);
    bytes.extend(sum);
    let text = format!("{PREFIX}{}", BASE32_NOPAD.encode(&bytes));
    let refused = text.parse::<Invitation>().unwrap_err();
    assert_eq!(refused.code(), "peer/invitation-preview");
    assert!(refused.next_step().contains("new invitation"));
}

#[test]
fn an_invitation_ends_at_its_expiry() {
    let invitation = dock_phone();
    assert_eq!(invitation.check(invitation.expires - 1), Ok(()));
    assert_eq!(invitation.check(invitation.expires), Err(PeerError::InvitationExpired));
}

#[test]
fn the_secret_is_not_printed() {
    let shown = format!("{:?}", dock_phone());
    assert!(!shown.contains("90, 90") && !shown.contains("5a5a"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_invitation_reads_as_it_prints(
        secret: [u8; 32],
        organisation: [u8; 32],
        expires: i64,
        role in 1u64..=4,
        sockets in proptest::collection::vec((any::<std::net::Ipv6Addr>(), 1u16..), 0..=MAX_SOCKETS),
        relayed: bool,
    ) {
        let invitation = Invitation {
            organisation: OrganisationId(organisation),
            inviter: PeerAddress {
                id: iroh::SecretKey::from_bytes(&secret).public(),
                sockets: sockets.into_iter().map(SocketAddr::from).collect(),
                relay: relayed.then(|| "https://relay.example:8443".parse().unwrap()),
            },
            secret: InvitationSecret::new(secret),
            role: Role::from_number(role).unwrap(),
            expires,
        };
        prop_assert_eq!(invitation.to_string().parse(), Ok(invitation));
    }

    #[test]
    fn hostile_text_is_refused_and_never_more(text in "(?i:firn-invite:)?[A-Z2-7]{0,600}") {
        prop_assert!(text.parse::<Invitation>().is_err());
    }

    #[test]
    fn hostile_bytes_with_a_right_checksum_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let sum = checksum(CHECKSUM_DOMAIN, &bytes);
        let text = format!("{PREFIX}{}", BASE32_NOPAD.encode(&[&bytes[..], &sum].concat()));
        if let Ok(invitation) = text.parse::<Invitation>() {
            prop_assert_eq!(invitation.encode(), bytes);
        }
    }
}
