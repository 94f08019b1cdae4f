//! Adverts sealed as time passes, and the recording behind the desktop's window.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{ADDRESS, Ahead, enrolled, under_way};
use firn_app::service::{Invited, Service, Site, Tell};
use firn_app::{App, AppError, Host, Recorder};
use firn_ble::Advert;
use firn_ble::radio::{DeviceId, Heard};
use firn_ble::virtual_logger::{Climate, VirtualRuuviTag};
use firn_model::api::{Change, ComparedDigits, Comparing, Origin, Refusal, Watching};
use firn_model::assess::{Reason, Verdict};
use firn_model::id::Id;
use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
use firn_model::record::Logger;
use firn_model::role::Role;
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex};

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

async fn points(app: &App<Ahead>, shipment: Id) -> Vec<i32> {
    let detail = app.shipment(shipment).await.unwrap();
    let series = detail.series.first();
    series.map(|series| series.points.iter().map(|point| point.value.0).collect()).unwrap_or_default()
}

async fn recording(folder: &std::path::Path) -> (App<Ahead>, Logger, Id, Recorder<Ahead>) {
    let app = Ahead::found(folder);
    let logger = enrolled(&app, "ruuvitag", Some(300)).await;
    let shipment = under_way(&app, &logger, app.host().now().utc.plus_seconds(-240)).await;
    let recorder = Recorder::begin(app.clone()).await.unwrap();
    (app, logger, shipment, recorder)
}

#[tokio::test]
async fn adverts_wait_ten_minutes_and_are_sealed_in_the_turn_after() {
    let folder = tempfile::tempdir().unwrap();
    let (app, logger, shipment, mut recorder) = recording(folder.path()).await;
    recorder.hear(logger.id, &[heard(app.host().now().utc, 5000)]).await.unwrap();
    for _ in 0..5 {
        app.host().pass(119);
        assert_eq!(recorder.turn().await.unwrap(), 0, "not before ten minutes");
    }
    assert!(points(&app, shipment).await.is_empty());
    app.host().pass(6);
    assert_eq!(recorder.turn().await.unwrap(), 1);
    assert_eq!(points(&app, shipment).await, [5000]);
    assert!(!app.shipment(shipment).await.unwrap().summary.reasons.contains(&Reason::LateEntry));
    recorder.hear(logger.id, &[heard(app.host().now().utc, 5100)]).await.unwrap();
    app.host().pass(590);
    assert_eq!(recorder.turn().await.unwrap(), 0, "the ten minutes begin anew with each sealing");
    app.host().pass(11);
    assert_eq!(recorder.turn().await.unwrap(), 1);
}

#[tokio::test]
async fn a_value_that_changed_side_of_a_limit_is_sealed_after_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let (app, logger, shipment, mut recorder) = recording(folder.path()).await;
    let now = app.host().now().utc;
    recorder.hear(logger.id, &[heard(now, 5000), heard(now.plus_seconds(2), 8500)]).await.unwrap();
    app.host().pass(58);
    assert_eq!(recorder.turn().await.unwrap(), 0);
    app.host().pass(3);
    assert_eq!(recorder.turn().await.unwrap(), 2);
    assert_eq!(points(&app, shipment).await, [5000, 8500]);
    recorder.hear(logger.id, &[heard(now.plus_seconds(400), 8600)]).await.unwrap();
    app.host().pass(61);
    assert_eq!(recorder.turn().await.unwrap(), 0, "nothing changed side since");
}

#[tokio::test]
async fn a_shipment_that_is_picked_up_while_listening_is_recorded_within_half_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "ruuvitag", Some(300)).await;
    let mut recorder = Recorder::begin(app.clone()).await.unwrap();
    let shipment = under_way(&app, &logger, app.host().now().utc).await;
    assert_eq!(recorder.hear(logger.id, &[heard(app.host().now().utc, 5000)]).await.unwrap(), 0);
    app.host().pass(31);
    recorder.turn().await.unwrap();
    assert_eq!(recorder.hear(logger.id, &[heard(app.host().now().utc, 5000)]).await.unwrap(), 1);
    recorder.seal().await.unwrap();
    assert_eq!(points(&app, shipment).await, [5000]);
}

/// The desktop's side of the service, over a home whose clock can be put forward.
struct Desk {
    app: App<Ahead>,
    /// The home cannot be opened just now.
    shut: AtomicBool,
    demo: AtomicBool,
}

fn refusal() -> Refusal {
    Refusal { code: "home/in-use".into(), cause: "in use".into(), next_step: "close it".into() }
}

impl Site for Desk {
    type Host = Ahead;

    fn now(&self) -> UtcMillis {
        self.app.host().now().utc
    }

    fn origin(&self) -> Origin {
        if self.demo.load(Ordering::SeqCst) { Origin::Demo } else { Origin::Bluetooth }
    }

    fn app(&self) -> Result<Option<App<Ahead>>, AppError> {
        match self.shut.load(Ordering::SeqCst) {
            true => Err(AppError::Host(refusal())),
            false => Ok(Some(self.app.clone())),
        }
    }

    async fn app_or_found(&self) -> Result<App<Ahead>, AppError> {
        Ok(self.app.clone())
    }

    async fn found(&self, _: String) -> Result<(), AppError> {
        Err(AppError::Host(refusal()))
    }

    async fn download(&self, _: Id, _: Logger, _: Tell) -> Result<(), AppError> {
        Err(AppError::Host(refusal()))
    }

    async fn start_demo(&self) -> Result<(), AppError> {
        Err(AppError::Host(refusal()))
    }

    async fn invite(&self, _: Role) -> Result<Invited, AppError> {
        Err(AppError::Host(refusal()))
    }

    fn comparing(&self) -> Option<Comparing> {
        None
    }

    async fn compared(&self, _: ComparedDigits) -> Result<(), AppError> {
        Err(AppError::Host(refusal()))
    }

    async fn join(&self, _: String, _: String) -> Result<(), AppError> {
        Err(AppError::Host(refusal()))
    }

    async fn sync(&self, _: Option<String>) -> Result<(), AppError> {
        Err(AppError::Host(refusal()))
    }
}

/// A tag whose adverts say how warm it is made.
struct Tag {
    milli: Arc<AtomicI32>,
    tag: VirtualRuuviTag,
}

impl Tag {
    fn new(booted: UtcMillis) -> Self {
        let milli = Arc::new(AtomicI32::new(5000));
        let shown = milli.clone();
        let climate = move |_| Climate {
            temperature: MilliCelsius(shown.load(Ordering::SeqCst)),
            humidity: RelativeHumidity(450_000),
            pressure_pa: 101_325,
        };
        let tag = VirtualRuuviTag {
            name: "Ruuvi 884F".into(),
            address: ADDRESS,
            booted,
            interval_s: 300,
            climate: Arc::new(climate),
            seed: 3,
            battery_mv: 2977,
        };
        Self { milli, tag }
    }

    fn heard(&self, at: UtcMillis, milli: i32) -> Heard {
        self.milli.store(milli, Ordering::SeqCst);
        let advert: Advert = self.tag.advert(at);
        Heard { device: DeviceId("CB:B8:33:4C:88:4F".into()), rssi_dbm: Some(-60), advert }
    }
}

async fn desk(folder: &std::path::Path) -> (Service<Desk>, App<Ahead>, Id, Tag) {
    let app = Ahead::found(folder);
    let logger = enrolled(&app, "ruuvitag", Some(300)).await;
    let now = app.host().now().utc;
    let shipment = under_way(&app, &logger, now.plus_seconds(-3600)).await;
    let desk = Desk { app: app.clone(), shut: AtomicBool::new(false), demo: AtomicBool::new(false) };
    let service = Service::new(Arc::new(desk), Watching::Watching { since: now });
    // The window's first question reads which loggers are enrolled.
    service.request(firn_model::api::Request::Subscribe).await;
    (service, app, shipment, Tag::new(now.plus_seconds(-9000)))
}

async fn watching(service: &Service<Desk>) -> Watching {
    match service.request(firn_model::api::Request::Subscribe).await {
        firn_model::api::Response::Snapshot(snapshot) => snapshot.watching,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_the_window_hears_of_a_shipment_under_way_is_sealed_every_ten_minutes_and_when_it_closes() {
    let folder = tempfile::tempdir().unwrap();
    let (service, app, shipment, tag) = desk(folder.path()).await;
    service.heard(&tag.heard(app.host().now().utc, 5000)).await;
    service.seal_when_due().await;
    assert_eq!(points(&app, shipment).await.len(), 0, "journalled, not yet signed");
    app.host().pass(601);
    service.seal_when_due().await;
    assert_eq!(points(&app, shipment).await.len(), 1);
    service.heard(&tag.heard(app.host().now().utc, 6000)).await;
    service.stop_recording().await.unwrap();
    assert_eq!(points(&app, shipment).await.len(), 2);
    let detail = app.shipment(shipment).await.unwrap();
    assert_eq!(
        (detail.series[0].provenance[0].source, detail.series[0].provenance[0].grade),
        (Source::Advert, Provenance::P0)
    );
}

#[tokio::test]
async fn the_window_is_told_how_a_shipment_stands_once_what_it_heard_is_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let (service, app, shipment, tag) = desk(folder.path()).await;
    let verdicts = Arc::new(Mutex::new(Vec::new()));
    let told = verdicts.clone();
    service.listen(Box::new(move |event| {
        if let Change::Shipment(summary) = event.change {
            told.lock().unwrap().push((summary.id, summary.verdict));
        }
    }));
    service.heard(&tag.heard(app.host().now().utc, 12_000)).await;
    service.seal_when_due().await;
    assert_eq!(*verdicts.lock().unwrap(), [], "nothing is sealed yet");
    app.host().pass(61);
    service.seal_when_due().await;
    assert_eq!(*verdicts.lock().unwrap(), [(shipment, Verdict::Excursion)]);
}

#[tokio::test]
async fn a_window_that_cannot_record_says_that_it_is_not_watching_until_it_can_again() {
    let folder = tempfile::tempdir().unwrap();
    let (service, app, shipment, tag) = desk(folder.path()).await;
    service.site().shut.store(true, Ordering::SeqCst);
    service.heard(&tag.heard(app.host().now().utc, 5000)).await;
    service.site().shut.store(false, Ordering::SeqCst);
    let Watching::NotWatching { refusal: why, .. } = watching(&service).await else { panic!("it watches") };
    assert_eq!(why.code, "home/in-use");
    app.host().pass(301);
    service.heard(&tag.heard(app.host().now().utc, 5000)).await;
    assert!(matches!(watching(&service).await, Watching::Watching { .. }));
    service.stop_recording().await.unwrap();
    assert_eq!(points(&app, shipment).await.len(), 1);
}

#[tokio::test]
async fn the_demonstration_and_strangers_are_heard_and_not_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let (service, app, shipment, tag) = desk(folder.path()).await;
    service.site().demo.store(true, Ordering::SeqCst);
    service.heard(&tag.heard(app.host().now().utc, 5000)).await;
    service.site().demo.store(false, Ordering::SeqCst);
    let mut stranger = Tag::new(app.host().now().utc.plus_seconds(-9000));
    stranger.tag.address = firn_ble::Address([0xCB, 0xB8, 0x33, 0x4C, 0x88, 0x50]);
    service.heard(&stranger.heard(app.host().now().utc, 5000)).await;
    service.stop_recording().await.unwrap();
    assert!(points(&app, shipment).await.is_empty());
}
