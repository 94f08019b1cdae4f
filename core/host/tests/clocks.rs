//! Clocks that differ from a peer's: shown, signed once, and a reason to look.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Ahead, enrolled, under_way};
use firn_app::{App, Host, NewDevice};
use firn_ledger::bytes::{LogId, PublicKey};
use firn_ledger::key::{SecretKey, Signer};
use firn_model::assess::Reason;
use firn_model::id::Id;
use firn_model::role::Role;

const MINUTE_MS: i64 = 60_000;
const PEER: PublicKey = PublicKey([9; 32]);

/// A home with one more device in its organisation.
async fn with_peer(folder: &std::path::Path) -> App<Ahead> {
    let app = Ahead::found(folder);
    let device = SecretKey::from_seed(&[5; 32]).public_key();
    let (label, log) = ("Van phone".to_owned(), LogId([6; 32]));
    let new = NewDevice { log, device, endpoint: PEER, label, role: Role::Courier };
    app.enrol_device(new).await.unwrap();
    app
}

async fn entries(app: &App<Ahead>) -> usize {
    app.log_entries(None).await.unwrap().len()
}

async fn shown(app: &App<Ahead>) -> Option<i64> {
    app.peers().await.unwrap()[0].synced.unwrap().clock_difference_s
}

async fn reasons(app: &App<Ahead>, shipment: Id) -> Vec<Reason> {
    app.shipment(shipment).await.unwrap().summary.reasons
}

#[tokio::test]
async fn a_difference_is_shown_signed_once_while_it_lasts_and_once_when_it_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_peer(folder.path()).await;
    let before = entries(&app).await;
    let expected = [
        (Some(60_000), None, 0),
        (Some(-61_000), Some(-61), 0),
        // What came in a file says nothing of a clock.
        (None, Some(-61), 0),
        (Some(20 * MINUTE_MS), Some(1200), 1),
        (Some(20 * MINUTE_MS + 30_000), Some(1230), 1),
        (Some(-20 * MINUTE_MS), Some(-1200), 2),
        (Some(0), None, 3),
        (Some(0), None, 3),
    ];
    for (difference_ms, told, signed) in expected {
        app.note_synced(PEER, difference_ms).await.unwrap();
        assert_eq!(shown(&app).await, told, "{difference_ms:?}");
        assert_eq!(entries(&app).await, before + signed, "{difference_ms:?}");
    }
    app.note_synced(PublicKey([8; 32]), Some(20 * MINUTE_MS)).await.unwrap();
    assert_eq!(entries(&app).await, before + 3, "nobody's endpoint");
}

#[tokio::test]
async fn a_shipment_signed_near_to_a_difference_asks_about_the_clock_until_that_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_peer(folder.path()).await;
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let shipment = under_way(&app, &logger, app.host().now().utc.plus_seconds(-7200)).await;
    assert!(!reasons(&app, shipment).await.contains(&Reason::Clock));
    app.note_synced(PEER, Some(20 * MINUTE_MS)).await.unwrap();
    assert!(reasons(&app, shipment).await.contains(&Reason::Clock));
    let listed = app.shipments().await.unwrap();
    assert!(listed[0].reasons.contains(&Reason::Clock), "the list follows");
    app.rebuild_lists().await.unwrap();
    assert_eq!(app.shipments().await.unwrap(), listed);

    let detail = app.shipment(shipment).await.unwrap();
    assert_eq!(detail.clock_differences[0].difference_s, 1200);
    assert_eq!(detail.clock_differences[0].behind.label, "Dock");

    app.note_synced(PEER, Some(0)).await.unwrap();
    assert!(reasons(&app, shipment).await.contains(&Reason::Clock), "it was wrong when that was signed");
    app.host().pass(3600);
    let next = under_way(&app, &logger, app.host().now().utc.plus_seconds(-600)).await;
    assert!(!reasons(&app, next).await.contains(&Reason::Clock), "it was over before");
}
