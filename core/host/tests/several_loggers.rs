//! Several loggers read at once over one virtual radio, into one shipment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_app::{AT_ONCE, App, Founding, NewLogger, NewShipment, Several, Start};
use firn_ble::dialog::DialogOptions;
use firn_ble::radio::{
    Characteristic, Clock, DeviceId, Hearing, Link, LinkEvent, Radio, RadioError, RadioState,
};
use firn_ble::virtual_logger::radio::VirtualLink;
use firn_ble::virtual_logger::{Climate, VirtualRadio, VirtualRuuviTag};
use firn_ble::{Address, BluetoothUuid};
use firn_host::{KdfCost, LocalHost, Passphrase, Sealing, SystemClock};
use firn_model::id::Id;
use firn_model::profile::preset;
use firn_model::record::{Logger, Placement};
use firn_model::time::UtcMillis;
use firn_model::units::{MilliCelsius, RelativeHumidity};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A radio of virtual loggers, one of which breaks off: once among its records, then before the first.
struct Unsteady<C> {
    radio: VirtualRadio<C>,
    unsteady: Option<DeviceId>,
    links: Arc<Links>,
}

/// How many links are open now, and how many were at most.
#[derive(Default)]
struct Links {
    open: AtomicUsize,
    most: AtomicUsize,
    /// How often the unsteady one was connected.
    unsteady: AtomicUsize,
}

struct UnsteadyLink<C> {
    link: VirtualLink<C>,
    left: usize,
    links: Arc<Links>,
}

impl<C> Drop for UnsteadyLink<C> {
    fn drop(&mut self) {
        self.links.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<C: Clock> Radio for Unsteady<C> {
    type Link = UnsteadyLink<C>;

    async fn state(&self) -> Result<RadioState, RadioError> {
        self.radio.state().await
    }

    async fn scan(&self) -> Result<Hearing, RadioError> {
        self.radio.scan().await
    }

    async fn connect(&self, device: &DeviceId) -> Result<UnsteadyLink<C>, RadioError> {
        let left = match self.unsteady.as_ref() == Some(device) {
            true if self.links.unsteady.fetch_add(1, Ordering::SeqCst) == 0 => 60,
            true => 1,
            false => usize::MAX,
        };
        let link = self.radio.connect(device).await?;
        let open = self.links.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.links.most.fetch_max(open, Ordering::SeqCst);
        Ok(UnsteadyLink { link, left, links: self.links.clone() })
    }
}

impl<C: Clock> Link for UnsteadyLink<C> {
    fn characteristics(&self) -> Vec<Characteristic> {
        self.link.characteristics()
    }

    async fn read(&mut self, service: BluetoothUuid, one: BluetoothUuid) -> Result<Vec<u8>, RadioError> {
        self.link.read(service, one).await
    }

    async fn subscribe(&mut self, service: BluetoothUuid, one: BluetoothUuid) -> Result<(), RadioError> {
        self.link.subscribe(service, one).await
    }

    async fn write(
        &mut self,
        service: BluetoothUuid,
        one: BluetoothUuid,
        bytes: &[u8],
        with_response: bool,
    ) -> Result<(), RadioError> {
        self.link.write(service, one, bytes, with_response).await
    }

    async fn next(&mut self) -> LinkEvent {
        if self.left == 0 {
            return LinkEvent::Lost(RadioError::Disconnected);
        }
        self.left -= 1;
        // Notifications take their time, as in the air.
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.link.next().await
    }

    async fn disconnect(self) -> Result<(), RadioError> {
        Ok(())
    }
}

fn tag(number: u8, now: UtcMillis) -> VirtualRuuviTag {
    VirtualRuuviTag {
        name: format!("Ruuvi {number}"),
        address: Address([0xCB, 0xB8, 0x33, 0x4C, 0x88, number]),
        booted: now.plus_seconds(-100 * 300 - 17),
        interval_s: 300,
        climate: Arc::new(|_| Climate {
            temperature: MilliCelsius(5000),
            humidity: RelativeHumidity(453_400),
            pressure_pa: 100_044,
        }),
        seed: u64::from(number),
        battery_mv: 2977,
    }
}

struct Dock {
    app: App<LocalHost>,
    shipment: Id,
    loggers: Vec<Logger>,
    _folder: tempfile::TempDir,
}

/// A shipment with a logger for each tag.
async fn dock(tags: &[VirtualRuuviTag], now: UtcMillis) -> Dock {
    let folder = tempfile::tempdir().unwrap();
    let sealing = Sealing { passphrase: Passphrase::new("p").unwrap(), cost: KdfCost::Low };
    let founding = Founding { organisation: "Nordvik".into(), device: "Dock".into() };
    let host = LocalHost::found(&folder.path().join("home"), &founding, &sealing).unwrap();
    let app = App::new(Arc::new(host));
    let mut loggers = Vec::new();
    for tag in tags {
        let new = NewLogger {
            family: "ruuvitag".into(),
            label: tag.name.clone(),
            address: Some(tag.address),
            serial: None,
            interval_s: Some(300),
        };
        loggers.push(app.enrol_logger(new).await.unwrap());
    }
    let profile = preset("cdc-refrigerator").unwrap().profile.clone();
    let new = NewShipment {
        reference: "DN-4".into(),
        profile,
        from: None,
        to: None,
        items: Vec::new(),
        packages: Vec::new(),
    };
    let shipment = app.create_shipment(new).await.unwrap();
    let placements = loggers
        .iter()
        .map(|logger| Placement { logger: logger.id, package: None, from: None, to: None })
        .collect();
    let at = Some(now.plus_seconds(-100_000));
    app.start_shipment(Start {
        shipment,
        placements,
        at,
        overrides: Vec::new(),
        reason: Some("recorded afterwards".into()),
    })
    .await
    .unwrap();
    Dock { app, shipment, loggers, _folder: folder }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_loggers_are_read_at_once_and_one_that_breaks_off_stops_no_other() {
    let clock = SystemClock::new([1; 16]);
    let now = clock.now().utc;
    let tags: Vec<VirtualRuuviTag> = (1..=4).map(|number| tag(number, now)).collect();
    let dock = dock(&tags, now).await;
    let radio = VirtualRadio::new(tags.clone(), clock.clone());
    let unsteady = Some(VirtualRadio::<SystemClock>::device(&tags[2]));
    let radio = Unsteady { radio, unsteady, links: Arc::default() };
    let several = Several {
        shipment: dock.shipment,
        loggers: dock.loggers.clone(),
        patience_ms: 5000,
        options: DialogOptions::default(),
    };
    let reached: Mutex<BTreeMap<String, usize>> = Mutex::default();
    let progress = |logger: &Logger, done: usize, _: Option<usize>| {
        reached.lock().unwrap().insert(logger.label.clone(), done);
    };
    let mut told = Vec::new();
    let outcomes = dock
        .app
        .download_all((&radio, &clock), several, progress, |outcome| told.push(outcome.logger.label.clone()))
        .await
        .unwrap();
    assert_eq!((outcomes.len(), told.len()), (4, 4));
    for outcome in &outcomes {
        match (outcome.logger.label.as_str(), &outcome.result) {
            ("Ruuvi 3", Err(error)) => assert_eq!(error.code(), "ble/disconnected"),
            (label, Ok(done)) if label != "Ruuvi 3" => assert_eq!(done.summary.readings, 100, "{label}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(radio.links.most.load(Ordering::SeqCst), 4);
    assert!(reached.lock().unwrap().len() >= 3, "each tells its own progress");
    let detail = dock.app.shipment(dock.shipment).await.unwrap();
    let whole = detail.series.iter().filter(|series| series.points.len() == 100).count();
    assert_eq!(whole, 3, "those of the others are whole");
    assert_eq!(detail.series.len(), 4, "what was read before it broke off is sealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_four_wait_their_turn_and_one_that_is_not_heard_is_told() {
    let clock = SystemClock::new([1; 16]);
    let now = clock.now().utc;
    let tags: Vec<VirtualRuuviTag> = (1..=7).map(|number| tag(number, now)).collect();
    let dock = dock(&tags, now).await;
    let in_reach = tags.iter().take(6).cloned();
    let radio =
        Unsteady { radio: VirtualRadio::new(in_reach, clock.clone()), unsteady: None, links: Arc::default() };
    let mut loggers = dock.loggers.clone();
    loggers.push(dock.loggers[0].clone());
    let several =
        Several { shipment: dock.shipment, loggers, patience_ms: 1500, options: DialogOptions::default() };
    let outcomes = dock.app.download_all((&radio, &clock), several, |_, _, _| {}, |_| {}).await.unwrap();
    assert_eq!(outcomes.len(), 7, "a logger named twice is read once");
    let failed: Vec<(String, String)> = outcomes
        .iter()
        .filter_map(|outcome| {
            Some((outcome.logger.label.clone(), outcome.result.as_ref().err()?.code().to_owned()))
        })
        .collect();
    assert_eq!(failed, [("Ruuvi 7".to_owned(), "ble/not-heard".to_owned())]);
    assert_eq!(radio.links.most.load(Ordering::SeqCst), AT_ONCE);
}
