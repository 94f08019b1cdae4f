//! Devices join by invitation over real endpoints on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::sync::{Arc, Mutex};

use common::{Home, NOW, Served, bind, bounded, invitation, raw_connection, raw_connection_as};
use firn_ledger::bytes::LogId;
use firn_ledger::key::{SecretKey, Signer};
use firn_peer::endpoint::PeerEndpoint;
use firn_peer::error::PeerError;
use firn_peer::event::PeerEvent;
use firn_peer::invitation::{Invitation, InvitationSecret};
use firn_peer::join::digits::Digits;
use firn_peer::join::{self, Refusal};
use firn_peer::limits::Limits;

fn device() -> SecretKey {
    SecretKey::from_seed(&[33; 32])
}

async fn ask(joiner: &PeerEndpoint, invitation: &Invitation) -> Result<Vec<u8>, PeerError> {
    ask_showing(joiner, invitation, &|digits| panic!("nobody compares {digits}")).await
}

async fn ask_showing(
    joiner: &PeerEndpoint,
    invitation: &Invitation,
    show: &(dyn Fn(Digits) + Send + Sync),
) -> Result<Vec<u8>, PeerError> {
    bounded(joiner.join(invitation, &device(), LogId([4; 32]), "Courier's phone", show)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_device_joins_once_and_may_repeat_a_lost_answer() {
    let served = Served::start(1, Limits::default(), Home::inviting(9, NOW + 1)).await;
    let (joiner, other) = (bind(2, Limits::default()).await, bind(3, Limits::default()).await);
    let invitation = invitation(&served.endpoint, 9);

    let admission = ask(&joiner, &invitation).await.unwrap();
    assert_eq!(admission, b"admitted Courier's phone");
    assert_eq!(ask(&joiner, &invitation).await.unwrap(), admission);
    assert_eq!(ask(&other, &invitation).await.unwrap_err().code(), "peer/invitation-used");

    let events = served.stop().await;
    let joined: Vec<_> = events.iter().filter(|event| matches!(event, PeerEvent::Joined { .. })).collect();
    let PeerEvent::Joined { request } = joined[0] else { panic!() };
    assert_eq!(request.endpoint.as_bytes(), joiner.id().as_bytes());
    assert_eq!((request.device, request.label.as_str()), (device().public_key(), "Courier's phone"));
    assert!(events.iter().any(|event| matches!(
        event,
        PeerEvent::Ended { endpoint: Some(id), error: PeerError::InvitationUsed } if *id == other.id()
    )));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_refused_on_both_sides_and_enrols_nobody() {
    let served = Served::start(1, Limits::default(), Home::inviting(9, NOW + 1)).await;
    let joiner = bind(2, Limits::default()).await;
    let mut wrong = invitation(&served.endpoint, 9);
    wrong.secret = InvitationSecret::new([8; 32]);

    assert_eq!(ask(&joiner, &wrong).await.unwrap_err().code(), "peer/invitation-refused");
    assert_eq!(served.home.redeemed(), 0);
    let events = served.stop().await;
    assert!(
        events
            .iter()
            .any(|event| matches!(event, PeerEvent::Ended { error: PeerError::InvitationRefused, .. }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inviters_clock_ends_an_invitation() {
    let served = Served::start(1, Limits::default(), Home::inviting(9, NOW)).await;
    let joiner = bind(2, Limits::default()).await;
    let error = ask(&joiner, &invitation(&served.endpoint, 9)).await.unwrap_err();
    assert_eq!(error.code(), "peer/invitation-expired");
    assert_eq!(served.home.redeemed(), 0);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_devices_that_redeem_at_once_one_is_enrolled() {
    let served = Served::start(1, Limits::default(), Home::inviting(9, NOW + 1)).await;
    let (one, two) = (bind(2, Limits::default()).await, bind(3, Limits::default()).await);
    let invitation = invitation(&served.endpoint, 9);
    let (first, second) = tokio::join!(ask(&one, &invitation), ask(&two, &invitation));
    let lost: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert_eq!(lost, [PeerError::InvitationUsed]);
    assert_eq!(served.home.redeemed(), 1);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_gets_no_answer_and_a_coded_end() {
    let served = Served::start(1, Limits::default(), Home::inviting(9, NOW + 1)).await;
    for garbage in [&b""[..], b"\xff\xff\xff", &[0x86; 1024], &[0x5a; 100_000]] {
        let (_stranger, connection) = bounded(raw_connection(&served.endpoint, join::ALPN)).await;
        let (mut send, mut receive) = bounded(connection.open_bi()).await.unwrap();
        // The listener may hang up before all of it is written.
        let written = bounded(send.write_all(garbage)).await;
        assert!(written.is_ok() || garbage.len() > join::MAX_REQUEST);
        send.finish().ok();
        assert!(bounded(receive.read_to_end(10)).await.is_err(), "{} bytes were answered", garbage.len());
        let reason = bounded(connection.closed()).await.to_string();
        assert!(reason.contains('2'), "{reason}");
    }
    let events = served.stop().await;
    let refused = events.iter().filter(
        |event| matches!(event, PeerEvent::Ended { error, .. } if error.code() == "peer/message-malformed"),
    );
    assert_eq!(refused.count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_device_is_sent_away() {
    let limits = Limits { request: std::time::Duration::from_millis(200), ..Limits::default() };
    let served = Served::start(1, limits, Home::inviting(9, NOW + 1)).await;
    let (_stranger, connection) = bounded(raw_connection(&served.endpoint, join::ALPN)).await;
    bounded(connection.closed()).await;
    let events = served.stop().await;
    assert!(
        events.iter().any(|event| matches!(event, PeerEvent::Ended { error: PeerError::Timeout { .. }, .. }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_not_there_is_unreachable() {
    let absent = bind(1, Limits::default()).await;
    let invitation = invitation(&absent, 9);
    absent.close().await;
    drop(absent);
    let limits = Limits { connect: std::time::Duration::from_millis(300), ..Limits::default() };
    let error = ask(&bind(2, limits).await, &invitation).await.unwrap_err();
    assert_eq!(error.code(), "peer/unreachable");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_at_the_inviters_address_learns_nothing() {
    let impostor = Served::start(5, Limits::default(), Home::inviting(9, NOW + 1)).await;
    let mut invitation = invitation(&impostor.endpoint, 9);
    invitation.inviter.id = common::seed(1).id();
    let limits = Limits { connect: std::time::Duration::from_secs(2), ..Limits::default() };
    let error = ask(&bind(2, limits).await, &invitation).await.unwrap_err();
    assert_eq!(error.code(), "peer/unreachable");
    assert_eq!(impostor.home.redeemed(), 0);
    impostor.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_its_places_a_service_is_busy() {
    let limits = Limits { joins: 1, ..Limits::default() };
    let served = Served::start(1, limits, Home::inviting(9, NOW + 1)).await;
    let (_stranger, holder) = bounded(raw_connection(&served.endpoint, join::ALPN)).await;
    let joiner = bind(2, Limits::default()).await;
    let invitation = invitation(&served.endpoint, 9);
    assert_eq!(ask(&joiner, &invitation).await.unwrap_err().code(), "peer/busy");
    holder.close(0u32.into(), b"");
    let admitted = bounded(async {
        loop {
            match ask(&joiner, &invitation).await {
                Err(PeerError::Busy { .. }) => tokio::task::yield_now().await,
                other => return other,
            }
        }
    });
    assert!(admitted.await.is_ok());
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_to_join_where_nobody_is_invited_is_sent_away_before_a_byte_is_read() {
    let served = Served::start(1, Limits::default(), Home::inviting_nobody()).await;
    let (_stranger, connection) = bounded(raw_connection(&served.endpoint, join::ALPN)).await;
    bounded(connection.closed()).await;
    let joiner = bind(2, Limits::default()).await;
    let refused = ask(&joiner, &invitation(&served.endpoint, 9)).await.unwrap_err();
    assert_eq!(refused.code(), "peer/invitation-refused");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_endpoint_that_takes_more_than_its_places_is_told_and_the_others_are_served() {
    let limits = Limits { connections_per_peer: 1, ..Limits::default() };
    let served = Served::start(1, limits, Home::inviting(9, NOW + 1)).await;
    let key = || iroh::SecretKey::from_bytes(&[77; 32]);
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(bounded(raw_connection_as(key(), &served.endpoint, join::ALPN)).await);
    }
    for (_, connection) in &held[1..] {
        bounded(connection.closed()).await;
    }
    let joiner = bind(2, Limits::default()).await;
    let invitation = invitation(&served.endpoint, 9);
    assert!(bounded(ask(&joiner, &invitation)).await.is_ok(), "somebody else comes in meanwhile");
    let events = served.stop().await;
    let busy = |event: &&PeerEvent| matches!(event, PeerEvent::Ended { error: PeerError::Busy { .. }, .. });
    assert_eq!(events.iter().filter(busy).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_too_often_is_told_how_long_to_wait() {
    let limits = Limits { attempts_per_minute: 1, ..Limits::default() };
    let served = Served::start(1, limits, Home::inviting(9, NOW + 1)).await;
    let joiner = bind(2, Limits::default()).await;
    let invitation = invitation(&served.endpoint, 9);
    assert!(ask(&joiner, &invitation).await.is_ok());
    let busy = ask(&joiner, &invitation).await.unwrap_err();
    let PeerError::Busy { wait_s: Some(wait) } = busy else { panic!("{busy}") };
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(busy.to_string().ends_with(&format!("in again in {wait} s")), "{busy}");
    assert_eq!((busy.code(), busy.next_step()), ("peer/busy", "wait that long, and try again"));
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_ends_cuts_what_outlives_its_grace() {
    let limits = Limits { grace: std::time::Duration::from_millis(50), ..Limits::default() };
    let served = Served::start(1, limits, Home::inviting(9, NOW + 1)).await;
    let (_stranger, connection) = bounded(raw_connection(&served.endpoint, join::ALPN)).await;
    let (endpoint, home) = (served.endpoint.clone(), Arc::clone(&served.home));
    let events = served.stop().await;
    assert!(
        events.iter().any(|event| matches!(event, PeerEvent::Ended { error: PeerError::ShuttingDown, .. }))
    );
    bounded(connection.closed()).await;
    assert_eq!(home.redeemed(), 0);
    bounded(endpoint.close()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_devices_show_the_same_digits_before_one_is_enrolled() {
    let home = Home::inviting(9, NOW + 1).comparing(Ok(()));
    let served = Served::start(1, Limits::default(), home).await;
    let joiner = bind(2, Limits::default()).await;
    let shown = Mutex::new(Vec::new());
    let show = |digits: Digits| shown.lock().unwrap().push(digits);

    let admission = ask_showing(&joiner, &invitation(&served.endpoint, 9), &show).await.unwrap();
    assert_eq!(admission, b"admitted Courier's phone");
    let events = served.stop().await;
    let told = events.iter().position(|event| matches!(event, PeerEvent::Comparing { .. })).unwrap();
    let PeerEvent::Comparing { digits, .. } = &events[told] else { panic!() };
    assert_eq!(*shown.lock().unwrap(), [*digits]);
    assert!(events[told..].iter().any(|event| matches!(event, PeerEvent::Joined { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_digits_differ_is_not_enrolled() {
    let home = Home::inviting(9, NOW + 1).comparing(Err(Refusal::Different));
    let served = Served::start(1, Limits::default(), home).await;
    let joiner = bind(2, Limits::default()).await;
    let error = ask_showing(&joiner, &invitation(&served.endpoint, 9), &|_| ()).await.unwrap_err();
    assert_eq!(error.code(), "peer/digits-differ");
    assert_eq!(served.home.redeemed(), 0);
    served.stop().await;
}
