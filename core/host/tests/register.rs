//! What an organisation keeps beside shipments: its own profiles and its loggers' certificates, in the lists
//! and at the window.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Ahead, enrolled, under_way};
use firn_app::{App, Calibrated, Host};
use firn_host::{Desktop, LocalHost, Passphrase};
use firn_model::api::{CalibrationStanding, LoggerDetail, ProfileOrigin, Request, Response, Snapshot};
use firn_model::assess::Reason;
use firn_model::profile::{Profile, preset};
use firn_model::record::{AsFound, Certificate, ChangeReason};
use firn_model::time::UtcMillis;
use std::sync::Arc;

fn own(version: u32, max: &str) -> Profile {
    let limits = format!(r#""limits":{{"min_c":2.0,"max_c":{max}}}"#);
    Profile::from_json(&format!(r#"{{"name":"Own","version":{version},{limits},"interval_s":600}}"#)).unwrap()
}

fn certificate(number: &str, calibrated: UtcMillis, as_found: AsFound) -> Certificate {
    Certificate {
        number: number.into(),
        laboratory: "Metrolab".into(),
        calibrated,
        due: calibrated.plus_seconds(86_400 * 365),
        uncertainty_mc: None,
        points: Vec::new(),
        as_found,
    }
}

#[tokio::test]
async fn the_lists_of_profiles_and_certificates_are_rebuilt_from_entries_alone() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    app.add_profile(own(1, "8.0"), None).await.unwrap();
    app.add_profile(own(2, "7.0"), ChangeReason::parse("new label")).await.unwrap();
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let now = app.host().now().utc;
    let shipment = under_way(&app, &logger, now.plus_seconds(-7200)).await;
    for (number, ago, found) in
        [("C-1", 86_400, AsFound::WithinTolerance), ("C-2", 60, AsFound::OutOfTolerance)]
    {
        let certificate = certificate(number, now.plus_seconds(-ago), found);
        let calibrated = Calibrated {
            logger: logger.id,
            certificate,
            offset_mc: None,
            accuracy_mc: Some(500),
            reason: None,
        };
        app.record_certificate(calibrated).await.unwrap();
    }
    let before = (
        app.known_profiles().await.unwrap(),
        app.own_profiles().await.unwrap(),
        app.logger_detail(logger.id).await.unwrap(),
        app.shipments().await.unwrap(),
    );
    assert_eq!(before.1.versions("Own"), [1, 2]);
    assert_eq!(before.2.in_question.iter().map(|one| one.shipment).collect::<Vec<_>>(), [shipment]);
    assert!(before.3[0].reasons.contains(&Reason::Calibration));
    app.rebuild_lists().await.unwrap();
    let after = (
        app.known_profiles().await.unwrap(),
        app.own_profiles().await.unwrap(),
        app.logger_detail(logger.id).await.unwrap(),
        app.shipments().await.unwrap(),
    );
    assert_eq!(before, after);
}

async fn snapshot(desktop: &Desktop) -> Snapshot {
    match desktop.request(Request::Subscribe).await {
        Response::Snapshot(snapshot) => *snapshot,
        other => panic!("{other:?}"),
    }
}

async fn logger(desktop: &Desktop, request: Request) -> LoggerDetail {
    match desktop.request(request).await {
        Response::Logger(detail) => *detail,
        other => panic!("{other:?}"),
    }
}

fn new(profile: &str) -> Request {
    Request::CreateShipment {
        reference: "PO 4711".into(),
        profile: profile.into(),
        from: None,
        to: None,
        packages: Vec::new(),
        items: Vec::new(),
    }
}

/// What a person does at the command to the home of a desktop that is closed.
async fn at_the_command(data: &std::path::Path) {
    let passphrase = std::fs::read_to_string(data.join("passphrase")).unwrap();
    let passphrase = Passphrase::new(passphrase.lines().next().unwrap()).unwrap();
    let app = App::new(Arc::new(LocalHost::open(&data.join("home"), &passphrase).unwrap()));
    app.add_profile(own(4, "7.5"), ChangeReason::parse("new label")).await.unwrap();
    enrolled(&app, "ruuvitag", Some(300)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_told_of_every_profile_and_creates_shipments_by_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(folder.path()).unwrap();
    let known = snapshot(&desktop).await.profiles;
    assert!(known.iter().all(|one| one.origin == ProfileOrigin::Preset && one.source.is_some()));
    assert_eq!(known[0].key, "cdc-refrigerator");
    let refused = desktop.request(new("Own")).await;
    assert!(matches!(&refused, Response::Refused(why) if why.code == "app/not-found"), "{refused:?}");
    assert_eq!(snapshot(&desktop).await.organisation, None, "a name that nobody knows founds no home");
    assert!(matches!(desktop.request(new("cdc-refrigerator")).await, Response::Created { .. }));
    desktop.close().await;
    drop(desktop);

    at_the_command(folder.path()).await;
    let desktop = Desktop::open(folder.path()).unwrap();
    let known = snapshot(&desktop).await.profiles;
    let first = &known[0];
    assert_eq!((first.key.as_str(), first.origin, first.profile.version), ("Own", ProfileOrigin::Own, 4));
    let made = desktop.request(new("Own")).await;
    let Response::Created { id } = made else { panic!("{made:?}") };
    let Response::Shipment(shown) = desktop.request(Request::Shipment { shipment: id.to_string() }).await
    else {
        panic!("no shipment")
    };
    assert_eq!(shown.profile, Some(own(4, "7.5")));
    assert_ne!(shown.profile.as_ref(), preset("cdc-refrigerator").map(|preset| &preset.profile));
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_records_a_certificate_and_is_told_how_the_logger_stands() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(folder.path()).unwrap();
    desktop.request(new("cdc-refrigerator")).await;
    desktop.close().await;
    drop(desktop);
    at_the_command(folder.path()).await;

    let desktop = Desktop::open(folder.path()).unwrap();
    let enrolled = snapshot(&desktop).await.loggers[0].clone();
    let shown = logger(&desktop, Request::Logger { logger: "Box 7".into() }).await;
    assert_eq!((shown.logger, shown.calibration, shown.certificates.len()), (enrolled.clone(), None, 0));
    let request = Request::RecordCertificate {
        logger: enrolled.id,
        certificate: certificate("C-1", UtcMillis(1_767_225_600_000), AsFound::WithinTolerance),
        offset_mc: Some(-300),
        accuracy_mc: None,
        reason: Some("adjusted".into()),
    };
    let told = logger(&desktop, request.clone()).await;
    assert_eq!((told.logger.offset_mc, told.logger.accuracy_mc), (Some(-300), None));
    assert_eq!(told.calibration, Some(CalibrationStanding::Valid));
    assert_eq!(snapshot(&desktop).await.loggers, [told.logger]);
    let again = desktop.request(request).await;
    assert!(matches!(&again, Response::Refused(why) if why.code == "app/out-of-order"), "{again:?}");
    desktop.close().await;
}
