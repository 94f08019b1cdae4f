//! Two homes with SQLite stores sync over real endpoints on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::time::Duration;

use common::organisation::{Device, organisation};
use common::{Served, bind, bounded, invitation, raw_connection, raw_connection_as, seed};
use firn_ledger::bytes::OrganisationId;
use firn_ledger::error::{LedgerError, SyncError};
use firn_ledger::sync::frame::{Decoder, encode};
use firn_ledger::sync::message::{Message, fingerprint};
use firn_peer::error::{PeerError, Whose};
use firn_peer::event::PeerEvent;
use firn_peer::limits::Limits;
use firn_peer::{join, sync};

/// The pharmacy (1) has enrolled the courier (2), who trusts it by invitation.
fn pharmacy_and_courier() -> (Device, Device) {
    let pharmacy = Device::new(1).found();
    let courier = Device::new(2).trusting(1);
    pharmacy.enrol(&courier);
    (pharmacy, courier)
}

fn code_of(event: &PeerEvent) -> &'static str {
    if let PeerEvent::Ended { error, .. } = event { error.code() } else { "" }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_homes_agree_after_one_sync_and_have_nothing_to_say_after_it() {
    let (pharmacy, courier) = pharmacy_and_courier();
    pharmacy.observe("from the dock", 1000);
    courier.observe("from the road", 2000);
    let served = Served::start(1, Limits::default(), pharmacy).await;
    let endpoint = bind(2, Limits::default()).await;
    let peer = served.endpoint.address();

    let first = bounded(endpoint.sync(&peer, &courier)).await.unwrap();
    assert!(first.summary.agreed);
    assert_eq!(first.summary.stored.values().sum::<u64>(), 3);
    assert_eq!(first.summary.sent.values().sum::<u64>(), 2);
    assert_eq!(courier.heads(), served.home.heads());
    assert_eq!(courier.heads().len(), 2);

    let second = bounded(endpoint.sync(&peer, &courier)).await.unwrap();
    assert!(second.summary.agreed && second.summary.stored.is_empty() && second.summary.sent.is_empty());
    assert!(second.bytes_sent + second.bytes_received <= 100, "{second:?}");

    let events = served.stop().await;
    let reports: Vec<_> = events
        .iter()
        .filter_map(|event| {
            if let PeerEvent::Synced { endpoint, report } = event { Some((endpoint, report)) } else { None }
        })
        .collect();
    assert_eq!(reports.len(), 2);
    assert_eq!(reports[0].0, &endpoint.id());
    assert_eq!(
        (reports[0].1.bytes_sent, reports[0].1.bytes_received),
        (first.bytes_received, first.bytes_sent)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_beyond_every_window_cross_both_ways() {
    let (pharmacy, courier) = pharmacy_and_courier();
    for number in 0..8 {
        pharmacy.observe(&format!("dock {number}"), 900_000);
        courier.observe(&format!("road {number}"), 900_000);
    }
    let served = Served::start(1, Limits::default(), pharmacy).await;
    let endpoint = bind(2, Limits::default()).await;
    let report = bounded(endpoint.sync(&served.endpoint.address(), &courier)).await.unwrap();
    assert!(report.summary.agreed);
    assert!(report.bytes_sent > 7_200_000 && report.bytes_received > 7_200_000);
    assert_eq!(courier.heads(), served.home.heads());
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_sent_away_and_told_nothing() {
    let (pharmacy, _) = pharmacy_and_courier();
    let served = Served::start(1, Limits::default(), pharmacy).await;
    let stranger = Device::new(3).trusting(1);
    let endpoint = bind(3, Limits::default()).await;
    let error = bounded(endpoint.sync(&served.endpoint.address(), &stranger)).await.unwrap_err();
    assert_eq!(error, PeerError::NotAMember { whose: Whose::Ours });
    assert!(stranger.heads().is_empty());

    let (_raw, connection) = bounded(raw_connection(&served.endpoint, sync::ALPN)).await;
    let told = async {
        let (mut send, mut receive) = connection.open_bi().await.ok()?;
        send.write_all(b"hello?").await.ok()?;
        receive.read_to_end(1).await.ok()
    };
    assert_eq!(bounded(told).await, None);

    let events = served.stop().await;
    let refused = events.iter().filter(|event| code_of(event) == "peer/not-a-member");
    assert_eq!(refused.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_joins_takes_no_place_of_a_member() {
    let (pharmacy, courier) = pharmacy_and_courier();
    let limits = Limits { connections: 1, joins: 2, ..Limits::default() };
    let served = Served::start(1, limits, pharmacy.inviting(9)).await;
    let mut strangers = Vec::new();
    for _ in 0..4 {
        strangers.push(bounded(raw_connection(&served.endpoint, join::ALPN)).await);
    }
    let endpoint = bind(2, Limits::default()).await;
    let report = bounded(endpoint.sync(&served.endpoint.address(), &courier)).await;
    assert!(report.is_ok(), "{report:?}");
    let events = served.stop().await;
    let busy = events.iter().filter(|event| code_of(event) == "peer/busy");
    assert_eq!(busy.count(), 2, "two strangers wait for their places");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_dials_nobody_whom_it_does_not_know() {
    let (pharmacy, courier) = pharmacy_and_courier();
    let served = Served::start(4, Limits::default(), pharmacy).await;
    let endpoint = bind(2, Limits::default()).await;
    let error = bounded(endpoint.sync(&served.endpoint.address(), &courier)).await.unwrap_err();
    assert_eq!(error, PeerError::NotAMember { whose: Whose::Theirs });
    assert!(served.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_organisations_refuse_each_other_by_name_of_the_reason() {
    let (pharmacy, _) = pharmacy_and_courier();
    let served = Served::start(1, Limits::default(), pharmacy).await;
    let elsewhere = Device::of(2, OrganisationId([9; 32])).trusting(1);
    let endpoint = bind(2, Limits::default()).await;
    let error = bounded(endpoint.sync(&served.endpoint.address(), &elsewhere)).await.unwrap_err();
    let refused = SyncError::Refused { code: "sync/organisation".into() };
    assert_eq!(error, PeerError::Ledger(LedgerError::Sync(refused)));
    let events = served.stop().await;
    assert!(events.iter().any(|event| code_of(event) == "sync/organisation"));
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_from_a_member_ends_in_a_code_and_stores_nothing() {
    let (pharmacy, _) = pharmacy_and_courier();
    let served = Served::start(1, Limits::default(), pharmacy).await;
    let before = served.home.heads();
    let out_of_turn = encode(&Message::End { fingerprint: fingerprint(&[]) }.encode()).unwrap();
    let hostile = encode(&[0x84, 0x00, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).unwrap();
    for (garbage, code) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], "sync/too-large"),
        (&[0xff; 100_000], "sync/too-large"),
        (&hostile, "sync/protocol"),
        (&out_of_turn, "sync/protocol"),
    ] {
        let member = iroh::SecretKey::from_bytes(&[2; 32]);
        assert_eq!(member.public(), seed(2).id());
        let (_raw, connection) = bounded(raw_connection_as(member, &served.endpoint, sync::ALPN)).await;
        let (mut send, mut receive) = bounded(connection.open_bi()).await.unwrap();
        // The listener may hang up before all of it is written.
        let written = bounded(send.write_all(garbage)).await;
        assert!(written.is_ok() || garbage.len() > 1000);
        let answer = bounded(receive.read_to_end(1000)).await.unwrap();
        let mut decoder = Decoder::default();
        decoder.push(&answer);
        let told = Message::decode(decoder.next_frame().unwrap().unwrap()).unwrap();
        assert_eq!(told, Message::Abort { code: code.into() });
        bounded(connection.closed()).await;
    }
    assert_eq!(served.home.heads(), before);
    let events = served.stop().await;
    let codes: Vec<_> = events.iter().map(code_of).filter(|code| !code.is_empty()).collect();
    assert_eq!(codes, ["sync/too-large", "sync/too-large", "sync/protocol", "sync/protocol"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_says_nothing_is_sent_away() {
    let (pharmacy, _) = pharmacy_and_courier();
    let limits = Limits { idle: Duration::from_millis(300), ..Limits::default() };
    let served = Served::start(1, limits, pharmacy).await;
    let member = iroh::SecretKey::from_bytes(&[2; 32]);
    let (_raw, connection) = bounded(raw_connection_as(member, &served.endpoint, sync::ALPN)).await;
    bounded(connection.closed()).await;
    let events = served.stop().await;
    assert!(events.iter().any(|event| code_of(event) == "peer/timeout"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_lets_its_bytes_drip_is_sent_away_and_holds_up_nobody() {
    let (pharmacy, courier) = pharmacy_and_courier();
    let limits = Limits { pace: Duration::from_secs(1), ..Limits::default() };
    let served = Served::start(1, limits, pharmacy).await;
    let van = iroh::SecretKey::from_bytes(&[2; 32]);
    let (_raw, connection) = bounded(raw_connection_as(van, &served.endpoint, sync::ALPN)).await;
    let (mut send, _receive) = bounded(connection.open_bi()).await.unwrap();
    let (versions, fingerprint) = (vec![1], fingerprint(&[]));
    let hello = Message::Hello { versions, organisation: organisation(), fingerprint, frontier: None };
    let hello = encode(&hello.encode()).unwrap();
    let dripping = async {
        for byte in hello.chunks(1) {
            tokio::time::sleep(Duration::from_millis(200)).await;
            if send.write_all(byte).await.is_err() {
                return;
            }
        }
        panic!("every byte of it was taken");
    };
    let endpoint = bind(2, Limits::default()).await;
    let peer = served.endpoint.address();
    let honest = async { endpoint.sync(&peer, &courier).await.unwrap().summary.agreed };
    let ((), agreed) = bounded(async { tokio::join!(dripping, honest) }).await;
    assert!(agreed);
    let events = served.stop().await;
    assert!(events.iter().any(|event| code_of(event) == "peer/timeout"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_hears_while_it_sends_that_a_log_is_refused_and_stops_sending_it() {
    let (pharmacy, courier) = (Device::new(1).found().taking(1_000_000), Device::new(2).trusting(1));
    pharmacy.enrol(&courier);
    for number in 0..60 {
        courier.observe(&format!("flood {number}"), 900_000);
    }
    let served = Served::start(1, Limits::default(), pharmacy).await;
    let endpoint = bind(2, Limits::default()).await;
    let report = bounded(endpoint.sync(&served.endpoint.address(), &courier)).await.unwrap();
    assert_eq!(report.summary.refused_by_peer[&courier.log()], "sync/too-fast");
    assert!(report.bytes_sent < 27_000_000, "{} bytes of 54 million", report.bytes_sent);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_devices_agree_through_the_one_that_enrolled_them() {
    let (pharmacy, courier) = pharmacy_and_courier();
    let van = Device::new(3).trusting(1);
    pharmacy.enrol(&van);
    van.observe("in the van", 10);
    courier.observe("on foot", 10);
    let served = Served::start(1, Limits::default(), pharmacy).await;
    let (on_foot, in_van) = (bind(2, Limits::default()).await, bind(3, Limits::default()).await);
    let peer = served.endpoint.address();
    let (one, two) =
        bounded(async { tokio::join!(on_foot.sync(&peer, &courier), in_van.sync(&peer, &van)) }).await;
    one.unwrap();
    two.unwrap();
    bounded(on_foot.sync(&peer, &courier)).await.unwrap();
    bounded(in_van.sync(&peer, &van)).await.unwrap();
    assert_eq!(courier.heads(), van.heads());
    assert_eq!(courier.heads().len(), 3);
    served.stop().await;

    // By now each knows the other: no invitation is needed.
    let met = Served::start(3, Limits::default(), van).await;
    let report = bounded(on_foot.sync(&met.endpoint.address(), &courier)).await.unwrap();
    assert!(report.summary.agreed);
    met.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_stops_reading_is_sent_away_and_holds_up_nobody() {
    let (pharmacy, courier) = pharmacy_and_courier();
    let van = Device::new(3).trusting(1);
    pharmacy.enrol(&van);
    for number in 0..8 {
        pharmacy.observe(&format!("dock {number}"), 900_000);
    }
    let limits = Limits { idle: Duration::from_secs(4), ..Limits::default() };
    let served = Served::start(1, limits, pharmacy).await;
    let member = iroh::SecretKey::from_bytes(&[3; 32]);
    let (_raw, connection) = bounded(raw_connection_as(member, &served.endpoint, sync::ALPN)).await;
    let (mut send, _unread) = bounded(connection.open_bi()).await.unwrap();
    let (versions, fingerprint) = (vec![1], fingerprint(&[]));
    let hello = Message::Hello { versions, organisation: organisation(), fingerprint, frontier: None };
    for message in [hello, Message::Frontier(vec![]), Message::End { fingerprint }] {
        bounded(send.write_all(&encode(&message.encode()).unwrap())).await.unwrap();
    }

    let endpoint = bind(2, Limits::default()).await;
    assert!(bounded(endpoint.sync(&served.endpoint.address(), &courier)).await.unwrap().summary.agreed);
    bounded(connection.closed()).await;
    let events = served.stop().await;
    assert!(events.iter().any(|event| code_of(event) == "peer/timeout"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_joins_by_invitation_founds_its_log_and_syncs() {
    let served = Served::start(1, Limits::default(), Device::new(1).found().inviting(9)).await;
    let (joiner, newcomer) = (bind(2, Limits::default()).await, Device::new(2).trusting(1));
    let mut invitation = invitation(&served.endpoint, 9);
    invitation.organisation = organisation();
    let log = newcomer.log();
    let admission =
        bounded(joiner.join(&invitation, newcomer.key(), log, "Courier's phone", &|_| ())).await.unwrap();
    let repeated =
        bounded(joiner.join(&invitation, newcomer.key(), log, "Courier's phone", &|_| ())).await.unwrap();
    assert_eq!(repeated, admission);

    newcomer.found_by(&admission);
    let report = bounded(joiner.sync(&served.endpoint.address(), &newcomer)).await.unwrap();
    assert!(report.summary.agreed);
    assert_eq!(served.home.heads().len(), 2);
    served.stop().await;
}

/// What each side saw of the other's clock in two syncs, the second without anything to say: the courier's, then the
/// pharmacy's.
async fn compared(pharmacy: Device, courier: Device) -> (Vec<Option<i64>>, Vec<Option<i64>>) {
    let served = Served::start(1, Limits::default(), pharmacy).await;
    let endpoint = bind(2, Limits::default()).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let report = bounded(endpoint.sync(&served.endpoint.address(), &courier)).await.unwrap();
        assert!(report.summary.agreed);
        seen.push(report.clock_difference_ms);
    }
    let mut answered = Vec::new();
    for event in served.stop().await {
        if let PeerEvent::Synced { report, .. } = event {
            answered.push(report.clock_difference_ms);
        }
    }
    (seen, answered)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_devices_learn_how_far_the_clocks_differ_whether_or_not_there_is_anything_to_say() {
    let (pharmacy, courier) = pharmacy_and_courier();
    let (seen, answered) = compared(pharmacy.at(1_000_000), courier.at(400_000)).await;
    assert_eq!(seen, [Some(600_000); 2]);
    assert_eq!(answered, [Some(-600_000); 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_tells_no_clock_syncs_as_ever_and_nothing_is_compared() {
    let (pharmacy, courier) = pharmacy_and_courier();
    assert_eq!(compared(pharmacy, courier.at(400_000)).await, (vec![None; 2], vec![None; 2]));
    let (pharmacy, courier) = pharmacy_and_courier();
    assert_eq!(compared(pharmacy.at(1_000_000), courier).await, (vec![None; 2], vec![None; 2]));
}
