//! What a download leaves in the record beside its readings, and that it seals no sample twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{ADDRESS, Ahead, enrolled, under_way};
use firn_app::radio::{Downloaded, Reach};
use firn_app::{App, AppError, Host, NewShipment};
use firn_ble::dialog::DialogOptions;
use firn_ble::radio::TokioClock;
use firn_ble::virtual_logger::ela::VirtualEla;
use firn_ble::virtual_logger::govee::VirtualGoveeH5075;
use firn_ble::virtual_logger::thermopro::VirtualThermoPro;
use firn_ble::virtual_logger::{Body, Climate, VirtualLogger, VirtualRadio};
use firn_model::api::{Occurrence, ShipmentDetail};
use firn_model::id::Id;
use firn_model::profile::preset;
use firn_model::reading::Provenance;
use firn_model::record::{Logger, SessionCheck};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn body(booted: UtcMillis, milli: fn(i64) -> i32) -> Body {
    Body {
        name: "virtual".into(),
        address: ADDRESS,
        booted,
        interval_s: 60,
        capacity: 28_800,
        climate: Arc::new(move |at| Climate {
            temperature: MilliCelsius(milli((at.0 - booted.0) / 60_000)),
            humidity: RelativeHumidity(450_000),
            pressure_pa: 101_325,
        }),
        seed: 7,
    }
}

/// Downloads at `at`; the clock goes on from there.
async fn download<L: VirtualLogger + 'static, H: Host>(
    app: &App<H>,
    shipment: Id,
    logger: &Logger,
    device: &Arc<L>,
    at: UtcMillis,
) -> Result<Downloaded, AppError> {
    let begun = tokio::time::Instant::now();
    let clock = TokioClock(move || UtcMillis(at.0 + i64::try_from(begun.elapsed().as_millis()).unwrap()));
    let radio = VirtualRadio::of([device.clone() as Arc<dyn VirtualLogger>], clock.clone());
    let reach = Reach {
        device: VirtualRadio::<TokioClock<fn() -> UtcMillis>>::device(device.as_ref()),
        logger: logger.clone(),
        options: DialogOptions::default(),
    };
    app.download(&radio, &clock, shipment, reach, |_, _| {}).await
}

fn told(detail: &ShipmentDetail) -> Vec<&Occurrence> {
    let told = detail.history.iter().inspect(|event| assert_eq!(event.refused, None, "{event:?}"));
    told.map(|event| &event.occurrence).collect()
}

#[tokio::test]
async fn a_clock_is_set_only_with_leave_which_is_asked_once_and_can_be_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let now = app.host().now().utc;
    let booted = now.plus_seconds(-7200);
    let shipment = under_way(&app, &logger, booted).await;
    let clock_set = AtomicBool::new(false);
    let device = Arc::new(VirtualThermoPro {
        body: body(booted, |minute| 5000 + (minute % 9) as i32 * 100),
        clock_set,
    });

    let refused = download(&app, shipment, &logger, &device, now).await.unwrap_err();
    assert_eq!(refused.code(), "ble/clock-consent-needed");
    let cause = refused.to_string();
    assert!(cause.contains("Box 7") && cause.contains("local time"), "{cause}");
    assert!(refused.next_step().contains("firn logger clock 'Box 7' --zone"), "{}", refused.next_step());
    assert!(!device.clock_set.load(Ordering::Relaxed), "nothing was sent");

    assert_eq!(
        app.allow_clock_write(logger.id, "Mars/Olympus").await.unwrap_err().code(),
        "file/zone-unknown"
    );
    app.allow_clock_write(logger.id, "+05:45").await.unwrap();
    app.rebuild_lists().await.unwrap();
    drop(app);
    let app = Ahead::opened(folder.path());
    assert_eq!(app.clock_leave(logger.id).await.unwrap().unwrap().zone, "+05:45");
    let done = download(&app, shipment, &logger, &device, now).await.unwrap();
    let set = done.clock_set.unwrap();
    assert_eq!((set.offset.0, set.before), (20_700, None));
    assert!((set.to.0 - now.0).abs() < 1000 && set.to.0 % 1000 == 0, "{set:?}");

    let detail = app.shipment(shipment).await.unwrap();
    let told = told(&detail);
    let at = told.iter().position(|one| matches!(one, Occurrence::ClockSet { .. })).unwrap();
    assert_eq!(told[at], &Occurrence::ClockSet { logger: logger.id, clock_set: set });
    let after: Vec<_> = told[at..].iter().filter(|one| matches!(one, Occurrence::Readings { .. })).collect();
    assert_eq!(after.len(), 2, "temperature and humidity");
    for readings in after {
        let Occurrence::Readings { clock_set, .. } = readings else { panic!("{readings:?}") };
        assert_eq!(*clock_set, Some(set), "the readings' own entry says it");
    }

    app.forget_clock_leave(logger.id).await.unwrap();
    let refused = download(&app, shipment, &logger, &device, now).await.unwrap_err();
    assert_eq!(refused.code(), "ble/clock-consent-needed");
}

#[tokio::test]
async fn a_clock_that_is_set_for_a_shipment_that_was_cancelled_is_told_in_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let now = app.host().now().utc;
    let new = NewShipment {
        reference: "DN-1".into(),
        profile: preset("cdc-refrigerator").unwrap().profile.clone(),
        from: None,
        to: None,
        items: Vec::new(),
        packages: Vec::new(),
    };
    let shipment = app.create_shipment(new).await.unwrap();
    app.cancel_shipment(shipment, "mistyped".into()).await.unwrap();
    app.allow_clock_write(logger.id, "Z").await.unwrap();
    let body = body(now.plus_seconds(-7200), |_| 5000);
    let device = Arc::new(VirtualThermoPro { body, clock_set: AtomicBool::new(false) });
    let done = download(&app, shipment, &logger, &device, now).await.unwrap();
    assert!(device.clock_set.load(Ordering::Relaxed));
    let detail = app.shipment(shipment).await.unwrap();
    let set = Occurrence::ClockSet { logger: logger.id, clock_set: done.clock_set.unwrap() };
    assert!(told(&detail).contains(&&set));
}

#[tokio::test]
async fn the_raw_session_of_an_en_12830_logger_is_kept_signed_and_its_readings_are_merely_heard() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "ela-en12830", Some(60)).await;
    let now = app.host().now().utc;
    let booted = now.plus_seconds(-3600);
    let shipment = under_way(&app, &logger, booted).await;
    let body = body(booted, |minute| 5000 + minute as i32 * 10);
    let device = Arc::new(VirtualEla { body, password: None, en12830: true });
    let done = download(&app, shipment, &logger, &device, now).await.unwrap();
    assert!(done.summary.not_checked);
    let session = done.session.unwrap();
    assert_eq!(session.check, SessionCheck::NotChecked);

    let again = download(&app, shipment, &logger, &device, now).await.unwrap();
    assert_eq!((again.sealed, again.session), (0, None), "the same session is kept once");
    let detail = app.shipment(shipment).await.unwrap();
    let kept: Vec<_> =
        told(&detail).into_iter().filter(|one| matches!(one, Occurrence::Session { .. })).collect();
    assert_eq!(kept, [&Occurrence::Session { logger: logger.id, session }]);
    assert!(detail.series[0].provenance.iter().all(|graded| graded.grade <= Provenance::P1), "{detail:?}");

    let evidence = app.export(shipment).await.unwrap().evidence();
    let text = b"---DOWNLOAD_START---\r\nFirmware version: 1.0.0";
    assert!(evidence.windows(text.len()).any(|window| window == text), "the evidence carries it");
}

async fn values(app: &App<Ahead>, shipment: Id) -> Vec<i32> {
    let detail = app.shipment(shipment).await.unwrap();
    detail.series[0].points.iter().map(|point| point.value.0).collect()
}

#[tokio::test]
async fn a_logger_that_counts_minutes_back_is_resumed_at_any_phase_without_a_sample_twice() {
    for interval in [None, Some(60)] {
        let folder = tempfile::tempdir().unwrap();
        let app = Ahead::found(folder.path());
        let logger = enrolled(&app, "govee", interval).await;
        let booted = UtcMillis(app.host().now().utc.0 / 60_000 * 60_000).plus_seconds(-86_400);
        let shipment = under_way(&app, &logger, booted).await;
        // Long stretches without a change: value and time alone do not tell the samples apart.
        let body = body(booted, |minute| 4000 + (minute / 45 % 7) as i32 * 200);
        let device = Arc::new(VirtualGoveeH5075 { body });
        // The age of the newest record as it is asked for: late, early, and in between.
        for (minute, phase_s) in [(300, 1), (320, 58), (321, 2), (322, 31), (400, 59), (401, 0), (700, 29)] {
            let at = booted.plus_seconds(minute * 60 + phase_s);
            download(&app, shipment, &logger, &device, at).await.unwrap();
            let truth: Vec<i32> =
                device.memory(at).iter().map(|truth| truth.measurement.temperature.unwrap().0).collect();
            assert_eq!(values(&app, shipment).await, truth, "minute {minute}, phase {phase_s}");
        }
    }
}
