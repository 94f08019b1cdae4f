//! What an export carries of earlier shipments: everything that the budgets of its lines go on from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_app::{App, Founding, Host, Incoming, LoggerTold, NewLogger, NewShipment, Start};
use firn_host::{KdfCost, LocalHost, Passphrase, Sealing};
use firn_model::assess::Reason;
use firn_model::id::Id;
use firn_model::profile::{Budget, Profile, preset};
use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
use firn_model::record::{ItemLine, Leg, Logger, Placement};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use firn_report::verify::{CheckId, Status};
use firn_report::{Verification, evidence, verify};
use std::sync::Arc;

const HOUR_S: i64 = 3600;

/// Up to 12 hours at 8 to 25 °C.
fn profile() -> Profile {
    let budget = Budget {
        id: "room".into(),
        from: MilliCelsius(8_000),
        to: MilliCelsius(25_000),
        allowance_s: 12 * 3600,
    };
    let profile = preset("cdc-refrigerator").unwrap().profile.clone();
    Profile { name: "CDC with a budget".into(), budgets: vec![budget], alarms: vec![], ..profile }
}

async fn home(folder: &std::path::Path) -> (App<LocalHost>, Logger) {
    let founding = Founding { organisation: "Nordvik".into(), device: "Dock".into() };
    let sealing =
        Sealing { passphrase: Passphrase::new("correct horse battery staple").unwrap(), cost: KdfCost::Low };
    let app = App::new(Arc::new(LocalHost::found(&folder.join("home"), &founding, &sealing).unwrap()));
    let new = NewLogger {
        family: "ruuvitag".into(),
        label: "Box 7".into(),
        address: None,
        serial: Some("7".into()),
        interval_s: Some(600),
    };
    let logger = app.enrol_logger(new).await.unwrap();
    (app, logger)
}

/// A shipment of one line that was in `before`, two hours at 15 °C from `since` on.
async fn leg(app: &App<LocalHost>, logger: &Logger, before: Option<Id>, since: UtcMillis) -> Id {
    let item = ItemLine {
        product: "Gardasil 9".into(),
        gtin: None,
        lot: Some("G7".into()),
        expiry: None,
        quantity: 10,
        label: None,
        legs: before.map(|shipment| vec![Leg { shipment, line: 0 }]),
        package: None,
        profile: None,
        serials: None,
    };
    let new = NewShipment {
        reference: "DN-1".into(),
        profile: profile(),
        from: None,
        to: None,
        items: vec![item],
        packages: Vec::new(),
    };
    let shipment = app.create_shipment(new).await.unwrap();
    let placements = vec![Placement { logger: logger.id, package: None, from: None, to: None }];
    app.start_shipment(Start {
        shipment,
        placements,
        at: Some(since),
        overrides: Vec::new(),
        reason: Some("recorded afterwards".into()),
    })
    .await
    .unwrap();
    let readings = (0..=12).map(|n| reading(since.plus_seconds(n * 600))).collect();
    let origin = "a test".into();
    app.ingest(Incoming {
        shipment,
        logger: logger.clone(),
        readings,
        origin,
        clock_set: None,
        told: LoggerTold::default(),
    })
    .await
    .unwrap();
    shipment
}

fn reading(time: UtcMillis) -> Reading {
    Reading {
        time,
        clock: ClockQuality::Phone,
        logger_time_ms: None,
        received: time,
        source: Source::Log,
        provenance: Provenance::P1,
        measurement: Measurement { temperature: Some(MilliCelsius(15_000)), ..Measurement::default() },
        raw: vec![1],
    }
}

fn legs(verification: &Verification) -> (Status, &str) {
    let check = verification.checks.iter().find(|check| check.id == CheckId::Legs).expect("it was checked");
    (check.status, &check.why)
}

#[tokio::test]
async fn an_export_carries_every_shipment_that_its_lines_went_through_and_proves_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let (app, logger) = home(folder.path()).await;
    let begin = app.host().now().utc.plus_seconds(-10 * HOUR_S);
    let first = leg(&app, &logger, None, begin).await;
    let other = leg(&app, &logger, None, begin).await;
    let second = leg(&app, &logger, Some(first), begin.plus_seconds(2 * HOUR_S)).await;
    let third = leg(&app, &logger, Some(second), begin.plus_seconds(4 * HOUR_S)).await;
    let exported = app.export(third).await.unwrap();
    let mut carried: Vec<Id> = exported.bundle.earlier.iter().map(|earlier| earlier.shipment).collect();
    carried.sort();
    let mut expected = vec![first, second];
    expected.sort();
    assert_eq!(carried, expected, "and not {other}, through which nothing of it went");
    let budget = &exported.detail.lines[0].budgets[0];
    assert_eq!((budget.used_before.0, budget.used.0), (4 * 3_600_000, 6 * 3_600_000));
    let verification = verify(&exported.evidence(), None);
    assert!(verification.ok, "{verification:#?}");
    assert_eq!(legs(&verification).0, Status::Proved);

    let mut alone = exported.bundle.clone();
    alone.earlier.retain(|earlier| earlier.shipment != first);
    // The proofs are of all its entries, and would miss the leg.
    alone.histories.clear();
    let kept: Vec<_> = alone.all_records().flat_map(|one| one.entry.payload().batches.clone()).collect();
    alone.batches.retain(|batch| kept.contains(&batch.address()));
    let verification = verify(&evidence::write(&alone), None);
    assert!(verification.ok, "{verification:#?}");
    let (status, why) = legs(&verification);
    assert_eq!(status, Status::Cannot);
    assert!(why.contains("at most 8 h left"), "{why}");
}

#[tokio::test]
async fn a_leg_that_this_home_never_held_is_named_and_what_is_left_is_known_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let (app, logger) = home(folder.path()).await;
    let begin = app.host().now().utc.plus_seconds(-10 * HOUR_S);
    let unknown = Id([9; 16]);
    let shipment = leg(&app, &logger, Some(unknown), begin).await;
    let exported = app.export(shipment).await.unwrap();
    assert!(exported.bundle.earlier.is_empty());
    assert!(exported.detail.summary.reasons.contains(&Reason::LegMissing));
    let verification = verify(&exported.evidence(), None);
    assert!(verification.ok, "{verification:#?}");
    let (status, why) = legs(&verification);
    assert_eq!(status, Status::Cannot);
    assert!(why.contains(&unknown.to_string()) && why.contains("at most 10 h left"), "{why}");
}
