//! What is heard is judged as it is heard: the same answer as the whole shipment's, and an alarm at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Ahead, enrolled};
use firn_app::{App, Host, Incoming, LoggerTold, NewShipment, Recorder, Start};
use firn_model::assess::{Assessment, Verdict};
use firn_model::id::Id;
use firn_model::profile::Profile;
use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
use firn_model::record::{Logger, Placement};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;

/// Ten minutes above 8 °C are allowed, and twenty in all between 8 and 25 °C for what has a budget.
const PROFILE: &str = r#"{"name":"Live","limits":{"min_c":2.0,"max_c":8.0},"interval_s":60,
    "alarms":[{"id":"hot","bound":"above","limit_c":8.0,"mode":"single","allowance_s":600},
              {"id":"cold","bound":"below","limit_c":2.0,"mode":"cumulative","allowance_s":1200}],
    "budgets":[{"id":"room","from_c":8.0,"to_c":9.0,"allowance_s":1200}],"freeze":"sensitive"}"#;

fn reading(source: Source, at: UtcMillis, milli: i32) -> Reading {
    Reading {
        time: at,
        clock: ClockQuality::Phone,
        logger_time_ms: None,
        received: at,
        source,
        provenance: Provenance::P0,
        measurement: Measurement { temperature: Some(MilliCelsius(milli)), ..Measurement::default() },
        raw: vec![1, 2, 3],
    }
}

/// A shipment by [`PROFILE`] that was picked up an hour ago.
async fn under_way(app: &App<Ahead>, logger: &Logger) -> (Id, UtcMillis) {
    let new = NewShipment {
        reference: "DN-1".into(),
        profile: Profile::from_json(PROFILE).unwrap(),
        from: None,
        to: None,
        items: Vec::new(),
        packages: Vec::new(),
    };
    let shipment = app.create_shipment(new).await.unwrap();
    let placements = vec![Placement { logger: logger.id, package: None, from: None, to: None }];
    let since = app.host().now().utc.plus_seconds(-3600);
    app.start_shipment(Start {
        shipment,
        placements,
        at: Some(since),
        overrides: Vec::new(),
        reason: Some("recorded afterwards".into()),
    })
    .await
    .unwrap();
    (shipment, since)
}

/// What the whole shipment's judgement says of the one series.
async fn whole(app: &App<Ahead>, shipment: Id) -> Assessment {
    app.shipment(shipment).await.unwrap().series[0].assessment.clone()
}

/// SplitMix64: the same steps for the same seed.
struct Steps(u64);

impl Steps {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn milli(&mut self) -> i32 {
        [-500, 1995, 2000, 5000, 5000, 6000, 8000, 8005, 8500, 12_000][self.below(10) as usize]
    }

    /// A minute of the journey, now and then one before it or one that came already.
    fn time(&mut self, since: UtcMillis) -> UtcMillis {
        since.plus_seconds(self.below(400) as i64 * 20 - 300)
    }
}

#[tokio::test]
async fn whatever_the_order_in_which_adverts_and_logs_arrive_live_and_whole_agree() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    for seed in 0..6 {
        let mut steps = Steps(seed);
        let interval_s = [None, Some(60), Some(300)][steps.below(3) as usize];
        let logger = enrolled_as(&app, seed, interval_s).await;
        let (shipment, since) = under_way(&app, &logger).await;
        let mut recorder = Recorder::begin(app.clone()).await.unwrap();
        for step in 0..80 {
            let (time, milli) = (steps.time(since), steps.milli());
            recorder.hear(logger.id, &[reading(Source::Advert, time, milli)]).await.unwrap();
            match steps.below(12) {
                0 => assert!(recorder.seal().await.unwrap() <= 80),
                1 => {
                    let from = steps.time(since);
                    let log = (0..steps.below(30) as i64)
                        .map(|minute| reading(Source::Log, from.plus_seconds(minute * 60), steps.milli()));
                    let readings: Vec<Reading> = log.collect();
                    if !readings.is_empty() {
                        let (logger, origin) = (logger.clone(), "a log".into());
                        let incoming = Incoming {
                            shipment,
                            logger,
                            readings,
                            origin,
                            clock_set: None,
                            told: LoggerTold::default(),
                        };
                        app.ingest(incoming).await.unwrap();
                    }
                    app.host().pass(31);
                    recorder.turn().await.unwrap();
                }
                _ => {}
            }
            if step % 20 == 19 {
                recorder.seal().await.unwrap();
                let live = recorder.assessment(shipment, logger.id, 0).unwrap();
                assert_eq!(live, whole(&app, shipment).await, "seed {seed}, step {step}");
            }
        }
        app.rebuild_lists().await.unwrap();
        recorder.seal().await.unwrap();
    }
}

async fn enrolled_as(app: &App<Ahead>, number: u64, interval_s: Option<u32>) -> Logger {
    let new = firn_app::NewLogger {
        family: "ruuvitag".into(),
        label: format!("Box {number}"),
        address: None,
        serial: Some(format!("{number}")),
        interval_s,
    };
    app.enrol_logger(new).await.unwrap()
}

#[tokio::test]
async fn a_recorder_that_begins_again_goes_on_from_what_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "ruuvitag", Some(60)).await;
    let (shipment, since) = under_way(&app, &logger).await;
    let hear = |minute: i64| reading(Source::Advert, since.plus_seconds(minute * 60), 8500);
    let mut recorder = Recorder::begin(app.clone()).await.unwrap();
    for minute in 0..5 {
        recorder.hear(logger.id, &[hear(minute)]).await.unwrap();
    }
    drop(recorder);
    let mut recorder = Recorder::begin(app.clone()).await.unwrap();
    recorder.hear(logger.id, &[hear(5)]).await.unwrap();
    assert_eq!(recorder.assessment(shipment, logger.id, 0).unwrap().statistics.count, 6);
    recorder.seal().await.unwrap();
    assert_eq!(recorder.assessment(shipment, logger.id, 0).unwrap(), whole(&app, shipment).await);
}

#[tokio::test]
async fn an_alarm_is_sealed_at_the_reading_that_fires_it_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "ruuvitag", Some(60)).await;
    let (shipment, since) = under_way(&app, &logger).await;
    let mut recorder = Recorder::begin(app.clone()).await.unwrap();
    let mut sealed = Vec::new();
    // 12 °C from minute 5 on; ten minutes of it are allowed. The clock stands, so that no patience runs out.
    for minute in 0..40 {
        let milli = if minute < 5 { 5000 } else { 12_000 };
        let at = since.plus_seconds(minute * 60);
        recorder.hear(logger.id, &[reading(Source::Advert, at, milli)]).await.unwrap();
        if recorder.turn().await.unwrap() > 0 {
            sealed.push(minute);
        }
    }
    assert_eq!(sealed, [15], "at the reading at which ten minutes are full, and not again");
    let signed = app.shipment(shipment).await.unwrap();
    assert_eq!(signed.summary.verdict, Verdict::Excursion);
    let fired = whole(&app, shipment).await.fired().map(|alarm| alarm.triggered_at).collect::<Vec<_>>();
    assert_eq!(fired, [Some(since.plus_seconds(15 * 60))]);
}

#[tokio::test]
async fn an_alarm_in_a_log_that_was_downloaded_meanwhile_is_no_second_alarm_of_what_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "ruuvitag", Some(60)).await;
    let (shipment, since) = under_way(&app, &logger).await;
    let mut recorder = Recorder::begin(app.clone()).await.unwrap();
    recorder.hear(logger.id, &[reading(Source::Advert, since.plus_seconds(3000), 5000)]).await.unwrap();
    let log = (0..30).map(|minute| reading(Source::Log, since.plus_seconds(minute * 60), 12_000));
    let readings = log.collect();
    let incoming = Incoming {
        shipment,
        logger: logger.clone(),
        readings,
        origin: "log".into(),
        clock_set: None,
        told: LoggerTold::default(),
    };
    app.ingest(incoming).await.unwrap();
    app.host().pass(31);
    recorder.turn().await.unwrap();
    recorder.seal().await.unwrap();
    let live = recorder.assessment(shipment, logger.id, 0).unwrap();
    assert_eq!(live, whole(&app, shipment).await);
    assert_eq!((live.verdict, live.fired().count()), (Verdict::Excursion, 1));
}

#[tokio::test]
async fn two_values_of_one_instant_are_both_kept_and_the_worse_one_decides() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "ruuvitag", Some(60)).await;
    let (shipment, since) = under_way(&app, &logger).await;
    let mut recorder = Recorder::begin(app.clone()).await.unwrap();
    let at = since.plus_seconds(60);
    for milli in [5000, 12_000, 5000] {
        recorder.hear(logger.id, &[reading(Source::Advert, at, milli)]).await.unwrap();
    }
    recorder.seal().await.unwrap();
    let judged = whole(&app, shipment).await;
    assert_eq!((judged.statistics.count, judged.statistics.max), (2, Some(MilliCelsius(12_000))));
    assert_eq!(recorder.assessment(shipment, logger.id, 0).unwrap(), judged);
}

#[tokio::test]
async fn a_battery_that_runs_low_changes_no_verdict_and_fires_no_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "ruuvitag", Some(60)).await;
    let (shipment, since) = under_way(&app, &logger).await;
    let mut recorder = Recorder::begin(app.clone()).await.unwrap();
    for minute in 0..20_u32 {
        let mut heard = reading(Source::Advert, since.plus_seconds(i64::from(minute) * 60), 5000);
        heard.measurement.battery_mv = Some(3000 - minute * 100);
        recorder.hear(logger.id, &[heard]).await.unwrap();
        assert_eq!(recorder.turn().await.unwrap(), 0, "nothing to seal in a hurry at {minute}");
    }
    recorder.seal().await.unwrap();
    let judged = whole(&app, shipment).await;
    assert_eq!((judged.verdict, judged.fired().count()), (Verdict::Ok, 0));
    assert_eq!(judged.statistics.count, 20);
}
