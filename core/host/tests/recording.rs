//! A home that listens: keys, counters, the journal, and what is sealed of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_app::{App, Founding, Host, NewLogger, NewShipment, Receipt, Recorder, Start};
use firn_ble::Address;
use firn_ble::keys::BindKey;
use firn_host::{KdfCost, LocalHost, Passphrase, Sealing};
use firn_model::assess::Reason;
use firn_model::id::Id;
use firn_model::profile::preset;
use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
use firn_model::record::{Logger, Placement};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use std::path::Path;
use std::sync::Arc;

const ADDRESS: Address = Address([0x54, 0x48, 0xE6, 0x8F, 0x80, 0xA5]);
const KEY: BindKey = BindKey([0x23; 16]);

fn sealing() -> Sealing {
    Sealing { passphrase: Passphrase::new("correct horse battery staple").unwrap(), cost: KdfCost::Low }
}

fn found(folder: &Path) -> App<LocalHost> {
    let founding = Founding { organisation: "Nordvik".into(), device: "Dock".into() };
    App::new(Arc::new(LocalHost::found(&folder.join("home"), &founding, &sealing()).unwrap()))
}

fn opened(folder: &Path) -> App<LocalHost> {
    App::new(Arc::new(LocalHost::open(&folder.join("home"), &sealing().passphrase).unwrap()))
}

async fn enrolled(app: &App<LocalHost>) -> Logger {
    let new = NewLogger {
        family: "bthome".into(),
        label: "Box 7".into(),
        address: Some(ADDRESS),
        serial: None,
        interval_s: None,
    };
    app.enrol_logger(new).await.unwrap()
}

/// A shipment under way since four minutes, with one logger; it asks for a reading in ten minutes.
async fn under_way(app: &App<LocalHost>, logger: &Logger) -> Id {
    let profile = preset("cdc-refrigerator").unwrap().profile.clone();
    let new = NewShipment {
        reference: "DN-1".into(),
        profile,
        from: None,
        to: None,
        items: Vec::new(),
        packages: Vec::new(),
    };
    let shipment = app.create_shipment(new).await.unwrap();
    let placements = vec![Placement { logger: logger.id, package: None, from: None, to: None }];
    let at = Some(app.host().now().utc.plus_seconds(-240));
    let start = Start { shipment, placements, at, overrides: Vec::new(), reason: None };
    app.start_shipment(start).await.unwrap();
    shipment
}

fn heard(at: UtcMillis, milli: i32) -> Reading {
    Reading {
        time: at,
        clock: ClockQuality::Phone,
        logger_time_ms: None,
        received: at,
        source: Source::Advert,
        provenance: Provenance::P0,
        measurement: Measurement { temperature: Some(MilliCelsius(milli)), ..Measurement::default() },
        raw: vec![1, 2, 3],
    }
}

async fn points(app: &App<LocalHost>, shipment: Id) -> Vec<i32> {
    let detail = app.shipment(shipment).await.unwrap();
    detail
        .series
        .first()
        .map(|series| series.points.iter().map(|point| point.value.0).collect())
        .unwrap_or_default()
}

#[tokio::test]
async fn the_key_of_a_logger_is_sealed_under_the_passphrase_and_stands_in_no_entry() {
    let folder = tempfile::tempdir().unwrap();
    let app = found(folder.path());
    let logger = enrolled(&app).await;
    app.shared_host().keep_logger_key(&logger, KEY, &sealing()).await.unwrap();
    assert_eq!(app.keys().await.unwrap().get(ADDRESS), Some(KEY));
    drop(app);
    let app = opened(folder.path());
    assert_eq!(app.keys().await.unwrap().get(ADDRESS), Some(KEY));
    let looking = LocalHost::open_to_read(&folder.path().join("home")).unwrap();
    assert_eq!(looking.logger_key(&logger.id), None, "not without the passphrase");
    for file in ["firn.db", "firn.db-wal", "keys/loggers"] {
        let bytes = std::fs::read(folder.path().join("home").join(file)).unwrap_or_default();
        assert!(!bytes.windows(16).any(|window| window == KEY.0), "{file}");
    }
}

#[tokio::test]
async fn a_logger_without_an_address_takes_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let app = found(folder.path());
    let logger = Logger { address: None, ..enrolled(&app).await };
    let refused = app.shared_host().keep_logger_key(&logger, KEY, &sealing()).await.unwrap_err();
    assert_eq!(refused.code(), "home/logger-without-address");
}

#[tokio::test]
async fn the_mark_of_a_replay_counter_survives_a_restart_and_the_rebuilding_of_the_lists() {
    let folder = tempfile::tempdir().unwrap();
    let app = found(folder.path());
    let logger = enrolled(&app).await;
    app.keep_counter(logger.id, 900).await.unwrap();
    app.keep_counter(logger.id, 7).await.unwrap();
    app.rebuild_lists().await.unwrap();
    drop(app);
    let app = opened(folder.path());
    let before = app.ear().await.unwrap();
    app.keep_counter(logger.id, 900).await.unwrap();
    assert_eq!(format!("{before:?}").matches("900").count(), 1, "the mark has not fallen to 7");
    app.shared_host().keep_logger_key(&logger, KEY, &sealing()).await.unwrap();
    let anew = format!("{:?}", app.ear().await.unwrap());
    assert!(!anew.contains("900"), "a key entered anew vouches for a changed battery: {anew}");
}

#[tokio::test]
async fn adverts_are_journalled_at_once_and_sealed_as_heard_at_a_clean_stop() {
    let folder = tempfile::tempdir().unwrap();
    let app = found(folder.path());
    let logger = enrolled(&app).await;
    let shipment = under_way(&app, &logger).await;
    let mut recorder = Recorder::begin(app.clone()).await.unwrap();
    let now = app.host().now().utc;
    let mut kept = 0;
    for (second, milli) in [(0, 5000), (1, 5000), (2, 8005), (3, 8005), (4, 5000)] {
        kept += recorder.hear(logger.id, &[heard(now.plus_seconds(second), milli)]).await.unwrap();
    }
    kept += recorder.hear(Id([9; 16]), &[heard(now, 5000)]).await.unwrap();
    assert_eq!(kept, 3, "the first and both changes of side");
    assert!(points(&app, shipment).await.is_empty(), "nothing is signed yet");
    assert_eq!(recorder.seal().await.unwrap(), 3);
    assert_eq!(points(&app, shipment).await, [5000, 8005, 5000]);
    assert_eq!(recorder.seal().await.unwrap(), 0);
    let detail = app.shipment(shipment).await.unwrap();
    let graded = &detail.series[0].provenance;
    assert_eq!((graded[0].source, graded[0].grade, graded[0].readings), (Source::Advert, Provenance::P0, 3));
    assert!(detail.summary.reasons.contains(&Reason::Provenance));
    assert!(!detail.summary.reasons.contains(&Reason::LateEntry));
}

#[tokio::test]
async fn what_a_crash_left_in_the_journal_is_sealed_first_and_marked_late() {
    let folder = tempfile::tempdir().unwrap();
    let app = found(folder.path());
    let logger = enrolled(&app).await;
    let shipment = under_way(&app, &logger).await;
    let now = app.host().now().utc;
    let mut recorder = Recorder::begin(app.clone()).await.unwrap();
    recorder.hear(logger.id, &[heard(now, 5000)]).await.unwrap();
    drop((recorder, app));
    let app = opened(folder.path());
    assert!(points(&app, shipment).await.is_empty());
    Recorder::begin(app.clone()).await.unwrap();
    assert_eq!(points(&app, shipment).await, [5000]);
    assert!(app.shipment(shipment).await.unwrap().summary.reasons.contains(&Reason::LateEntry));
}

#[tokio::test]
async fn the_receipt_seals_what_waits_in_the_journal_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let app = found(folder.path());
    let logger = enrolled(&app).await;
    let shipment = under_way(&app, &logger).await;
    let mut recorder = Recorder::begin(app.clone()).await.unwrap();
    recorder.hear(logger.id, &[heard(app.host().now().utc, 5000)]).await.unwrap();
    let receipt = Receipt { shipment, at: None, note: None, checklist: None, reason: None };
    app.receive_shipment(receipt).await.unwrap();
    assert_eq!(points(&app, shipment).await, [5000]);
    assert!(!app.shipment(shipment).await.unwrap().summary.reasons.contains(&Reason::LateEntry));
}
