//! What an endpoint says of itself, and whom it listens to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{bind, bounded, seed};
use firn_peer::address::PeerAddress;
use firn_peer::endpoint::{Listen, PeerEndpoint};
use firn_peer::limits::Limits;

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_known_by_its_key_and_listens_where_it_was_told() {
    let endpoint = bind(7, Limits::default()).await;
    assert_eq!(endpoint.id(), seed(7).id());
    let address = endpoint.address();
    assert_eq!(address.sockets, endpoint.listening());
    assert!(address.sockets[0].ip().is_loopback() && address.sockets[0].port() != 0);
    assert_eq!(address.to_string().parse::<PeerAddress>(), Ok(address));
    bounded(endpoint.close()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_refused_with_a_code() {
    let taken = bind(7, Limits::default()).await;
    let there = Listen { sockets: taken.listening(), relay: None };
    let second = PeerEndpoint::bind(&seed(8), &there, Limits::default()).await;
    assert_eq!(second.unwrap_err().code(), "peer/listen-failed");
    let nowhere = Listen { sockets: vec![], relay: None };
    assert_eq!(
        PeerEndpoint::bind(&seed(8), &nowhere, Limits::default()).await.unwrap_err().code(),
        "peer/listen-failed"
    );
}

#[test]
fn a_seed_does_not_print_itself() {
    let shown = format!("{:?}", seed(7));
    assert!(!shown.contains("7, 7") && !shown.contains("0707"), "{shown}");
}
